#include "../core/consumption.hpp"

#include "agg.hpp"
#include "datum.hpp"
#include "fail.hpp"

namespace partner_bonus::pg {

namespace {

constexpr std::uint32_t first_capacity = 8;

struct Usage {
    Day day;
    Decimal cost;
    Decimal grant_credit;
    Decimal other_credit;
};

// A NULL amount counts as nothing; a NULL day cannot.
Day day_argument(FunctionCallInfo fcinfo, int argument)
{
    if (PG_ARGISNULL(argument)) fail(Misuse::null_day);
    return PG_GETARG_DATEADT(argument);
}

Decimal amount_argument(FunctionCallInfo fcinfo, int argument)
{
    return PG_ARGISNULL(argument) ? Decimal{} : decimal_from_numeric(PG_GETARG_DATUM(argument));
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
    const ConsumptionState *whole = ConsumptionState::in(value);
    if (whole != nullptr && state->add_alike(*whole, subtract)) return state;
    ConsumptionReader reader(value);
    const int scale = reader.scale();
    for (DayAmounts entry; reader.next(entry);) {
        const Amounts &amounts = entry.amounts;
        state = add(state, {entry.day, {amounts.cost, scale}, {amounts.grant_credit, scale}, {amounts.other_credit, scale}}, subtract);
    }
    return state;
}

// The state in argument 0, made if there is none, and made workable if it came in stored form.
ConsumptionState *workable(FunctionCallInfo fcinfo, ConsumptionState *state)
{
    if (state != nullptr) return state;
    state = new_state();
    return PG_ARGISNULL(0) ? state : add_value(state, value_bytes(PG_GETARG_DATUM(0)), false);
}

// A state leaves an aggregate as it is; a function called by hand gives a stored value.
Datum state_result(ConsumptionState *state, bool in_aggregate)
{
    if (in_aggregate) return PointerGetDatum(state);
    return value_datum(value_or_fail(consumption_store(value_bytes(PointerGetDatum(state)), memory())));
}

// The shape of the state that was used last; states of one aggregation are mostly alike.
constinit ConsumptionState::Shape usual_shape{};

// Most of an aggregate's time is spent waiting for the memory of its states. So it is asked for before it is needed, and
// amounts are decoded while it comes.
Datum accumulate(FunctionCallInfo fcinfo, bool subtract)
{
    const Day day = day_argument(fcinfo, 1);
    if (!PG_ARGISNULL(0)) ConsumptionState::prefetch(PG_GETARG_POINTER(0), usual_shape, day);
    const bool in_aggregate = AggCheckCallContext(fcinfo, nullptr) != 0;
    const Usage usage{day, amount_argument(fcinfo, 2), amount_argument(fcinfo, 3), amount_argument(fcinfo, 4)};
    ConsumptionState *state = add(workable(fcinfo, working_state<ConsumptionState>(fcinfo, in_aggregate)), usage, subtract);
    usual_shape = state->shape();
    return state_result(state, in_aggregate);
}

Datum merge(FunctionCallInfo fcinfo, bool subtract)
{
    if (PG_ARGISNULL(1)) {
        if (PG_ARGISNULL(0)) PG_RETURN_NULL();
        PG_RETURN_DATUM(PG_GETARG_DATUM(0));
    }
    const bool in_aggregate = AggCheckCallContext(fcinfo, nullptr) != 0;
    // The first part of a parallel aggregation is the state to begin with: the executor keeps a copy of it.
    if (in_aggregate && PG_ARGISNULL(0) && !subtract && is_state<ConsumptionState>(PG_GETARG_POINTER(1))) PG_RETURN_DATUM(PG_GETARG_DATUM(1));
    ConsumptionState *state = workable(fcinfo, working_state<ConsumptionState>(fcinfo, in_aggregate));
    return state_result(add_value(state, value_bytes(PG_GETARG_DATUM(1)), subtract), in_aggregate);
}

Bytes argument(FunctionCallInfo fcinfo, int index) { return value_bytes(PG_GETARG_DATUM(index)); }

std::strong_ordering compare_arguments(FunctionCallInfo fcinfo)
{
    const Bytes a = argument(fcinfo, 0);
    const Bytes b = argument(fcinfo, 1);
    const auto order = consumption_compare(a, b);
    free_if_copy(PG_GETARG_DATUM(0), a);
    free_if_copy(PG_GETARG_DATUM(1), b);
    return order;
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
    const ConsumptionState *state = add(new_state(), {day_argument(fcinfo, 0), amount_argument(fcinfo, 1), amount_argument(fcinfo, 2), amount_argument(fcinfo, 3)}, false);
    return value_datum(value_or_fail(consumption_store(value_bytes(PointerGetDatum(state)), memory())));
}

PG_FUNCTION(consumption_agg_add) { return accumulate(fcinfo, false); }

PG_FUNCTION(consumption_agg_take_off) { return accumulate(fcinfo, true); }

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

PG_FUNCTION(consumption_has_days)
{
    if (DatumGetMultirangeTypeP(PG_GETARG_DATUM(1))->rangeCount == 0) PG_RETURN_BOOL(false);
    const auto days = day_ranges_from_multirange(PG_GETARG_DATUM(1));
    PG_RETURN_BOOL(partner_bonus::consumption_has_days(argument(fcinfo, 0), days));
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
