#include "../core/consumption.hpp"

#include "agg.hpp"
#include "datum.hpp"
#include "fail.hpp"

namespace partner_bonus::pg {

namespace {

constexpr std::uint32_t first_capacity = 4;

struct Usage {
    Day day;
    Decimal cost;
    Decimal grant_credit;
    Decimal other_credit;
};

// A NULL amount counts as nothing; a NULL day cannot.
Usage usage_arguments(FunctionCallInfo fcinfo, int first)
{
    if (PG_ARGISNULL(first)) fail(Misuse::null_day);
    const auto amount = [fcinfo](int argument) {
        return PG_ARGISNULL(argument) ? Decimal{} : decimal_from_numeric(PG_GETARG_DATUM(argument));
    };
    return {PG_GETARG_DATEADT(first), amount(first + 1), amount(first + 2), amount(first + 3)};
}

ConsumptionState *new_state()
{
    const std::size_t bytes = ConsumptionState::bytes_for(first_capacity, false);
    return with_length(ConsumptionState::create(state_room(bytes), first_capacity, false), bytes);
}

ConsumptionState *add(ConsumptionState *state, const Usage &usage, bool subtract)
{
    for (;;) {
        const auto added = value_or_fail(state->add(usage.day, usage.cost, usage.grant_credit, usage.other_credit, subtract));
        if (added == ConsumptionState::Added::done) return state;
        const std::size_t bytes = state->bytes_grown(added);
        state = with_length(state->grow_into(state_room(bytes), added), bytes);
    }
}

ConsumptionState *add_value(ConsumptionState *state, Bytes value, bool subtract)
{
    ConsumptionReader reader(value);
    const int scale = reader.scale();
    for (DayAmounts entry; reader.next(entry);) {
        const Amounts &amounts = entry.amounts;
        state = add(state, {entry.day, {amounts.cost, scale}, {amounts.grant_credit, scale}, {amounts.other_credit, scale}}, subtract);
    }
    return state;
}

// The state in argument 0, made if there is none, and made workable if it came in stored form.
ConsumptionState *state_argument(FunctionCallInfo fcinfo)
{
    if (auto *state = working_state<ConsumptionState>(fcinfo, 0)) return state;
    ConsumptionState *state = new_state();
    return PG_ARGISNULL(0) ? state : add_value(state, value_bytes(PG_GETARG_DATUM(0)), false);
}

// A state leaves an aggregate as it is; a function called by hand gives a stored value.
Datum state_result(FunctionCallInfo fcinfo, ConsumptionState *state)
{
    if (AggCheckCallContext(fcinfo, nullptr)) return PointerGetDatum(state);
    return value_datum(value_or_fail(consumption_store(value_bytes(PointerGetDatum(state)), memory())));
}

Datum merge(FunctionCallInfo fcinfo, bool subtract)
{
    if (PG_ARGISNULL(1)) {
        if (PG_ARGISNULL(0)) PG_RETURN_NULL();
        PG_RETURN_DATUM(PG_GETARG_DATUM(0));
    }
    return state_result(fcinfo, add_value(state_argument(fcinfo), value_bytes(PG_GETARG_DATUM(1)), subtract));
}

Bytes argument(FunctionCallInfo fcinfo, int index) { return value_bytes(PG_GETARG_DATUM(index)); }

std::strong_ordering compare_arguments(FunctionCallInfo fcinfo)
{
    return consumption_compare(argument(fcinfo, 0), argument(fcinfo, 1));
}

}  // namespace

PG_FUNCTION(consumption_in)
{
    const auto value = consumption_from_text(PG_GETARG_CSTRING(0), memory());
    if (!value) return fail_input(fcinfo, value.error());
    return value_datum(*value);
}

PG_FUNCTION(consumption_out)
{
    PG_RETURN_CSTRING(cstring(value_or_fail(consumption_to_text(argument(fcinfo, 0), memory()))));
}

PG_FUNCTION(consumption_recv)
{
    return value_datum(value_or_fail(consumption_from_binary(message_bytes(fcinfo), memory())));
}

PG_FUNCTION(consumption_send)
{
    return value_datum(value_or_fail(consumption_store(argument(fcinfo, 0), memory())));
}

PG_FUNCTION(consumption_make)
{
    const ConsumptionState *state = add(new_state(), usage_arguments(fcinfo, 0), false);
    return value_datum(value_or_fail(consumption_store(value_bytes(PointerGetDatum(state)), memory())));
}

PG_FUNCTION(consumption_agg_add)
{
    const Usage usage = usage_arguments(fcinfo, 1);
    return state_result(fcinfo, add(state_argument(fcinfo), usage, false));
}

PG_FUNCTION(consumption_agg_take_off)
{
    const Usage usage = usage_arguments(fcinfo, 1);
    return state_result(fcinfo, add(state_argument(fcinfo), usage, true));
}

PG_FUNCTION(consumption_agg_merge) { return merge(fcinfo, false); }

PG_FUNCTION(consumption_agg_unmerge) { return merge(fcinfo, true); }

PG_FUNCTION(consumption_agg_result)
{
    if (PG_ARGISNULL(0)) PG_RETURN_NULL();
    return value_datum(value_or_fail(consumption_store(argument(fcinfo, 0), memory())));
}

PG_FUNCTION(consumption_plus)
{
    return value_datum(value_or_fail(consumption_add(argument(fcinfo, 0), argument(fcinfo, 1), memory())));
}

PG_FUNCTION(consumption_minus)
{
    return value_datum(value_or_fail(consumption_subtract(argument(fcinfo, 0), argument(fcinfo, 1), memory())));
}

PG_FUNCTION(consumption_on_days)
{
    const auto days = day_ranges_from_multirange(PG_GETARG_DATUM(1));
    return value_datum(value_or_fail(consumption_restrict(argument(fcinfo, 0), days, memory())));
}

PG_FUNCTION(consumption_cost) { return numeric_from(consumption_total(argument(fcinfo, 0)).cost, amount_scale); }

PG_FUNCTION(consumption_grant_credit) { return numeric_from(consumption_total(argument(fcinfo, 0)).grant_credit, amount_scale); }

PG_FUNCTION(consumption_other_credit) { return numeric_from(consumption_total(argument(fcinfo, 0)).other_credit, amount_scale); }

PG_FUNCTION(consumption_base) { return numeric_from(consumption_total(argument(fcinfo, 0)).base(), amount_scale); }

PG_FUNCTION(consumption_days)
{
    InitMaterializedSRF(fcinfo, 0);
    auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    ConsumptionReader reader(argument(fcinfo, 0));
    for (DayAmounts entry; reader.next(entry);) {
        CHECK_FOR_INTERRUPTS();
        Datum values[] = {DateADTGetDatum(entry.day), numeric_from(entry.amounts.cost, reader.scale()),
                          numeric_from(entry.amounts.grant_credit, reader.scale()), numeric_from(entry.amounts.other_credit, reader.scale())};
        bool nulls[] = {false, false, false, false};
        tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
    }
    return Datum{0};
}

PG_FUNCTION(consumption_cmp)
{
    const auto order = compare_arguments(fcinfo);
    PG_RETURN_INT32(order < 0 ? -1 : order > 0 ? 1 : 0);
}

PG_FUNCTION(consumption_eq) { PG_RETURN_BOOL(compare_arguments(fcinfo) == 0); }
PG_FUNCTION(consumption_ne) { PG_RETURN_BOOL(compare_arguments(fcinfo) != 0); }
PG_FUNCTION(consumption_lt) { PG_RETURN_BOOL(compare_arguments(fcinfo) < 0); }
PG_FUNCTION(consumption_le) { PG_RETURN_BOOL(compare_arguments(fcinfo) <= 0); }
PG_FUNCTION(consumption_gt) { PG_RETURN_BOOL(compare_arguments(fcinfo) > 0); }
PG_FUNCTION(consumption_ge) { PG_RETURN_BOOL(compare_arguments(fcinfo) >= 0); }

PG_FUNCTION(consumption_hash)
{
    PG_RETURN_UINT32(static_cast<std::uint32_t>(partner_bonus::consumption_hash(argument(fcinfo, 0), 0)));
}

PG_FUNCTION(consumption_hash_extended)
{
    const auto seed = static_cast<std::uint64_t>(PG_GETARG_INT64(1));
    PG_RETURN_UINT64(partner_bonus::consumption_hash(argument(fcinfo, 0), seed));
}

}  // namespace partner_bonus::pg
