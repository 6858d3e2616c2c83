#include "../core/printing.hpp"

#include <algorithm>
#include <array>

#include "datum.hpp"
#include "fail.hpp"
#include "window.hpp"

namespace partner_bonus::pg {

namespace {

// The arguments of printed_leaves; the leaves follow the account in the order of the core.
enum Argument : int { account_argument, first_leaf_argument, rate_argument = first_leaf_argument + leaf_count, included_argument, scale_argument, mode_argument };
constexpr std::array<const char *, 10> argument_names{"account_id",  "cost",     "grant_credit", "other_credit",   "basic_bonus",
                                                     "deal_bonus", "vat_rate", "vat_included", "rounding_scale", "rounding_mode"};

struct Partition {
    bool ready;
    Datum *printed;
};

struct Block {
    Vat vat;
    Rounding rounding;
};

Datum required_argument(WindowObject window, int argument, std::int64_t row)
{
    bool null;
    const Datum value = argument_in_partition(window, argument, row, &null);
    if (null) fail(Misuse::null_in_block, argument_names[static_cast<std::size_t>(argument)]);
    return value;
}

Block block_of(WindowObject window, std::int64_t row)
{
    Block block;
    block.vat.millionths = millionths_from_numeric(required_argument(window, rate_argument, row));
    block.vat.included = DatumGetBool(required_argument(window, included_argument, row));
    block.rounding.scale = scale_from(required_argument(window, scale_argument, row));
    block.rounding.mode = rounding_mode_from_text(required_argument(window, mode_argument, row));
    return block;
}

void require_same(const Block &a, const Block &b)
{
    if (a.vat.millionths != b.vat.millionths) fail(Misuse::block_varies, argument_names[rate_argument]);
    if (a.vat.included != b.vat.included) fail(Misuse::block_varies, argument_names[included_argument]);
    if (a.rounding.scale != b.rounding.scale) fail(Misuse::block_varies, argument_names[scale_argument]);
    if (a.rounding.mode != b.rounding.mode) fail(Misuse::block_varies, argument_names[mode_argument]);
}

// The accounts in the order of their lines. NULL is one of them.
class Accounts {
   public:
    explicit Accounts(std::int64_t most)
        : names_(static_cast<std::string_view *>(MemoryContextAllocHuge(CurrentMemoryContext, static_cast<Size>(most) * sizeof(std::string_view))))
    {
    }

    // Whether a row starts an account; the text is copied, since rows move on.
    bool starts(Datum text, bool null)
    {
        const std::string_view name = null ? std::string_view() : text_view(text);
        if (count_ > 0 && same(names_[count_ - 1], name)) return false;
        names_[count_++] = null ? name : std::string_view(cstring(name), name.size());
        return true;
    }

    void require_once_each()
    {
        const auto less = [](std::string_view a, std::string_view b) { return a.data() == nullptr ? b.data() != nullptr : b.data() != nullptr && a < b; };
        std::sort(names_, names_ + count_, less);
        const std::string_view *twice = std::adjacent_find(names_, names_ + count_, same);
        if (twice != names_ + count_) fail(Misuse::account_scattered, twice->data());
    }

   private:
    static bool same(std::string_view a, std::string_view b) { return (a.data() == nullptr) == (b.data() == nullptr) && a == b; }

    std::string_view *names_;
    std::size_t count_ = 0;
};

[[noreturn]] void fail_print(Error error, WindowObject window)
{
    if (error.code == Errc::leaf_out_of_range) {
        constexpr auto leaves = static_cast<std::int64_t>(leaf_count);
        const Datum amount = required_argument(window, first_leaf_argument + static_cast<int>(error.at % leaves), error.at / leaves);
        error.subject = DatumGetCString(DirectFunctionCall1(numeric_out, amount));
    }
    fail(error);
}

Datum array_from(const PrintedLine &line, int scale)
{
    std::array<Datum, leaf_count + 1> values;
    for (std::size_t leaf = 0; leaf < leaf_count; ++leaf) values[leaf] = printed_numeric_from(line.printed[leaf], scale);
    values[leaf_count] = printed_numeric_from(line.taxable, scale);
    return PointerGetDatum(construct_array(values.data(), static_cast<int>(values.size()), NUMERICOID, -1, false, TYPALIGN_INT));
}

void fill(Partition &partition, WindowObject window)
{
    const std::int64_t rows = WinGetPartitionRowCount(window);
    const auto lines = memory().array<PrintedLine>(static_cast<std::size_t>(rows));
    if (!lines.data()) fail(Error{Errc::out_of_memory});
    const Block block = block_of(window, 0);
    Accounts accounts(rows);
    for (std::int64_t row = 0; row < rows; ++row) {
        CHECK_FOR_INTERRUPTS();
        require_same(block, block_of(window, row));
        PrintedLine &line = lines[static_cast<std::size_t>(row)];
        bool null;
        const Datum account = argument_in_partition(window, account_argument, row, &null);
        line.starts_account = accounts.starts(account, null);
        for (std::size_t leaf = 0; leaf < leaf_count; ++leaf)
            line.exact[leaf] = exact_from_numeric(required_argument(window, first_leaf_argument + static_cast<int>(leaf), row));
    }
    accounts.require_once_each();
    const Status done = print_block(lines, block.vat, block.rounding, memory());
    if (!done) fail_print(done.error(), window);

    partition.printed = answers_of(partition, rows);
    for (std::int64_t row = 0; row < rows; ++row) {
        const Datum array = array_from(lines[static_cast<std::size_t>(row)], block.rounding.scale);
        const MemoryContext here = MemoryContextSwitchTo(GetMemoryChunkContext(&partition));
        partition.printed[row] = datumCopy(array, false, -1);
        MemoryContextSwitchTo(here);
    }
    partition.ready = true;
}

}  // namespace

// printed_leaves(account_id, leaves..., vat_rate, vat_included, rounding_scale, rounding_mode)
PG_FUNCTION(partner_bonus_printed_leaves)
{
    WindowObject window = PG_WINDOW_OBJECT();
    auto &partition = partition_of<Partition>(window);
    if (!partition.ready) fill(partition, window);
    return partition.printed[WinGetCurrentPosition(window)];
}

PG_FUNCTION(partner_bonus_vat_amount)
{
    const Vat vat{millionths_from_numeric(PG_GETARG_DATUM(1)), PG_GETARG_BOOL(2)};
    const Rounding rounding{scale_from(PG_GETARG_DATUM(3)), rounding_mode_from_text(PG_GETARG_DATUM(4))};
    return printed_numeric_from(vat_amount(exact_from_numeric(PG_GETARG_DATUM(0)), vat, rounding), rounding.scale);
}

}  // namespace partner_bonus::pg
