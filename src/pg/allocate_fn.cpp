#include "../core/allocate.hpp"

#include "../core/rounding.hpp"
#include "datum.hpp"
#include "fail.hpp"
#include "window.hpp"

namespace partner_bonus::pg {

namespace {

// A target as units of 10^-scale; it must be whole.
Int256 target_units(Datum target, int scale)
{
    const auto [units, fraction] = floor_decimals(exact_from_numeric(target), exact_scale - scale);
    if (fraction != 0) fail(Error{Errc::share_target_scale, DatumGetCString(DirectFunctionCall1(numeric_out, target)), scale});
    return units;
}

std::span<Share> new_shares(std::int64_t count)
{
    const auto shares = memory().array<Share>(static_cast<std::size_t>(count));
    if (!shares.data()) fail(Error{Errc::out_of_memory});
    return shares;
}

void share_out(std::span<Share> shares, Datum target, int scale)
{
    auto done = allocate(shares, target_units(target, scale), scale, memory());
    if (done) return;
    Error error = done.error();
    if (error.code == Errc::share_target) error.subject = DatumGetCString(DirectFunctionCall1(numeric_out, target));
    fail(error);
}

// What the first row of a partition works out for all of them.
struct Partition {
    bool ready;
    Datum *printed;  // 0 for rows whose exact amount is NULL
};

Datum required_argument_in_partition(WindowObject window, int argument, std::int64_t row)
{
    bool null;
    const Datum value = argument_in_partition(window, argument, row, &null);
    if (null) fail(Misuse::null_argument, argument == 1 ? "target" : "scale");
    return value;
}

void fill(Partition &partition, WindowObject window)
{
    const std::int64_t rows = WinGetPartitionRowCount(window);
    const Datum target = datumCopy(required_argument_in_partition(window, 1, 0), false, -1);
    const int scale = scale_from(required_argument_in_partition(window, 2, 0));
    const Int256 units = target_units(target, scale);
    const auto shares = new_shares(rows);
    auto *is_null = static_cast<bool *>(MemoryContextAllocHuge(CurrentMemoryContext, static_cast<Size>(rows)));
    for (std::int64_t row = 0; row < rows; ++row) {
        CHECK_FOR_INTERRUPTS();
        if (row > 0 && WinRowsArePeers(window, row - 1, row)) fail(Misuse::keys_repeat);
        if (!(target_units(required_argument_in_partition(window, 1, row), scale) == units) ||
            scale_from(required_argument_in_partition(window, 2, row)) != scale)
            fail(Misuse::target_varies);
        const Datum exact = argument_in_partition(window, 0, row, &is_null[row]);
        shares[static_cast<std::size_t>(row)].exact = is_null[row] ? Int256() : exact_from_numeric(exact);
    }
    share_out(shares, target, scale);

    const MemoryContext here = MemoryContextSwitchTo(GetMemoryChunkContext(&partition));
    partition.printed = answers_of(partition, rows);
    for (std::int64_t row = 0; row < rows; ++row)
        partition.printed[row] = is_null[row] ? Datum{0} : printed_numeric_from(shares[static_cast<std::size_t>(row)].printed, scale);
    MemoryContextSwitchTo(here);
    partition.ready = true;
}

}  // namespace

// allocate(exact, target, scale) as a window function.
PG_FUNCTION(partner_bonus_allocate)
{
    WindowObject window = PG_WINDOW_OBJECT();
    auto &partition = partition_of<Partition>(window);
    if (!partition.ready) fill(partition, window);
    const Datum printed = partition.printed[WinGetCurrentPosition(window)];
    if (printed == Datum{0}) PG_RETURN_NULL();
    return printed;
}

// allocate(exact[], target, scale): the same over the elements of an array.
PG_FUNCTION(partner_bonus_allocate_array)
{
    ArrayType *array = PG_GETARG_ARRAYTYPE_P(0);
    const int scale = scale_from(PG_GETARG_DATUM(2));
    Datum *elements;
    bool *nulls;
    int count;
    deconstruct_array(array, NUMERICOID, -1, false, TYPALIGN_INT, &elements, &nulls, &count);
    const auto shares = new_shares(count);
    for (int i = 0; i < count; ++i) shares[static_cast<std::size_t>(i)].exact = nulls[i] ? Int256() : exact_from_numeric(elements[i]);
    share_out(shares, PG_GETARG_DATUM(1), scale);
    for (int i = 0; i < count; ++i)
        if (!nulls[i]) elements[i] = printed_numeric_from(shares[static_cast<std::size_t>(i)].printed, scale);
    PG_RETURN_ARRAYTYPE_P(construct_md_array(elements, nulls, ARR_NDIM(array), ARR_DIMS(array), ARR_LBOUND(array), NUMERICOID, -1, false, TYPALIGN_INT));
}

PG_FUNCTION(partner_bonus_round_amount)
{
    const int scale = scale_from(PG_GETARG_DATUM(1));
    const RoundingMode mode = rounding_mode_from_text(PG_GETARG_DATUM(2));
    return printed_numeric_from(round_decimals(exact_from_numeric(PG_GETARG_DATUM(0)), exact_scale - scale, mode), scale);
}

}  // namespace partner_bonus::pg
