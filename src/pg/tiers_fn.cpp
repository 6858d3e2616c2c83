#include "../core/tiers.hpp"

#include "datum.hpp"
#include "fail.hpp"

namespace partner_bonus::pg {

namespace {

struct Elements {
    Datum *values;
    int count;
};

// The elements of an array of numbers; `name` is the argument's.
Elements elements_argument(FunctionCallInfo fcinfo, int argument, const char *name)
{
    ArrayType *array = PG_GETARG_ARRAYTYPE_P(argument);
    if (ARR_NDIM(array) > 1) fail(Misuse::array_of_arrays, name);
    if (array_contains_nulls(array)) fail(Misuse::null_element, name);
    Elements elements;
    deconstruct_array(array, NUMERICOID, -1, false, TYPALIGN_INT, &elements.values, nullptr, &elements.count);
    return elements;
}

Bytes argument(FunctionCallInfo fcinfo, int index) { return value_bytes(PG_GETARG_DATUM(index)); }

TierTerms terms_argument(FunctionCallInfo fcinfo) { return tiers_at(argument(fcinfo, 0), amount_from_numeric(PG_GETARG_DATUM(1))); }

std::uint64_t hash_argument(FunctionCallInfo fcinfo, std::uint64_t seed)
{
    const Bytes value = argument(fcinfo, 0);
    const std::uint64_t hash = tiers_hash(value, seed);
    free_if_copy(PG_GETARG_DATUM(0), value);
    return hash;
}

std::strong_ordering compare_arguments(FunctionCallInfo fcinfo)
{
    const Bytes a = argument(fcinfo, 0);
    const Bytes b = argument(fcinfo, 1);
    const auto order = tiers_compare(a, b);
    free_if_copy(PG_GETARG_DATUM(0), a);
    free_if_copy(PG_GETARG_DATUM(1), b);
    return order;
}

}  // namespace

PG_FUNCTION(tiers_in)
{
    const auto value = tiers_from_text(PG_GETARG_CSTRING(0), memory());
    if (!value) return fail_input(fcinfo, value.error());
    return value_datum(*value);
}

PG_FUNCTION(tiers_out) { PG_RETURN_CSTRING(cstring(value_or_fail(tiers_to_text(argument(fcinfo, 0), memory())))); }

PG_FUNCTION(tiers_recv) { return value_datum(value_or_fail(tiers_from_binary(message_bytes(fcinfo), memory()))); }

PG_FUNCTION(tiers_send) { return value_datum(argument(fcinfo, 0)); }

PG_FUNCTION(tiers_make)
{
    const Elements volumes = elements_argument(fcinfo, 0, "from_volumes");
    const Elements rates = elements_argument(fcinfo, 1, "rates");
    if (volumes.count != rates.count) fail(Misuse::lengths_differ, psprintf("%d and %d", volumes.count, rates.count));
    const auto tiers = value_or_fail(tiers_room(static_cast<std::size_t>(volumes.count), memory()));
    for (int i = 0; i < volumes.count; ++i)
        tiers[static_cast<std::size_t>(i)] = {amount_from_numeric(volumes.values[i]), fraction_from_numeric(rates.values[i])};
    const auto value = partner_bonus::tiers_make(tiers, memory());
    if (value) return value_datum(*value);
    Error error = value.error();
    if (error.code == Errc::volume_negative || error.code == Errc::volume_repeated) {
        const Datum volume = numeric_from(Int256(tiers[static_cast<std::size_t>(error.at)].from), amount_scale);
        error.subject = DatumGetCString(DirectFunctionCall1(numeric_out, volume));
    }
    fail(error);
}

PG_FUNCTION(tiers_cap)
{
    return value_datum(value_or_fail(partner_bonus::tiers_cap(argument(fcinfo, 0), fraction_from_numeric(PG_GETARG_DATUM(1)), memory())));
}

PG_FUNCTION(tiers_rate_at) { return numeric_from(Int256(terms_argument(fcinfo).rate), rate_scale); }

PG_FUNCTION(tiers_offset_at) { return numeric_from(terms_argument(fcinfo).offset, exact_scale); }

PG_FUNCTION(tiers_graduated)
{
    return numeric_from(partner_bonus::tiers_graduated(argument(fcinfo, 0), amount_from_numeric(PG_GETARG_DATUM(1))), exact_scale);
}

PG_FUNCTION(tiers_steps)
{
    InitMaterializedSRF(fcinfo, 0);
    auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    TiersReader reader(argument(fcinfo, 0));
    for (Tier tier; reader.next(tier);) {
        CHECK_FOR_INTERRUPTS();
        const bool last = reader.left() == 0;
        Datum values[] = {numeric_from(Int256(tier.from), amount_scale),
                          last ? Datum{0} : numeric_from(Int256(reader.ahead().from), amount_scale),
                          numeric_from(Int256(tier.rate), rate_scale)};
        bool nulls[] = {false, last, false};
        tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
    }
    return Datum{0};
}

PG_FUNCTION(tiers_cmp)
{
    const auto order = compare_arguments(fcinfo);
    PG_RETURN_INT32(order < 0 ? -1 : order > 0 ? 1 : 0);
}

PG_FUNCTION(tiers_eq) { PG_RETURN_BOOL(compare_arguments(fcinfo) == 0); }
PG_FUNCTION(tiers_ne) { PG_RETURN_BOOL(compare_arguments(fcinfo) != 0); }
PG_FUNCTION(tiers_lt) { PG_RETURN_BOOL(compare_arguments(fcinfo) < 0); }
PG_FUNCTION(tiers_le) { PG_RETURN_BOOL(compare_arguments(fcinfo) <= 0); }
PG_FUNCTION(tiers_gt) { PG_RETURN_BOOL(compare_arguments(fcinfo) > 0); }
PG_FUNCTION(tiers_ge) { PG_RETURN_BOOL(compare_arguments(fcinfo) >= 0); }

PG_FUNCTION(tiers_hash) { PG_RETURN_UINT32(static_cast<std::uint32_t>(hash_argument(fcinfo, 0))); }

PG_FUNCTION(tiers_hash_extended)
{
    PG_RETURN_UINT64(hash_argument(fcinfo, static_cast<std::uint64_t>(PG_GETARG_INT64(1))));
}

}  // namespace partner_bonus::pg
