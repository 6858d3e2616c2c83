#include "../core/rate_schedule.hpp"

#include "agg.hpp"
#include "datum.hpp"
#include "fail.hpp"

namespace partner_bonus::pg {

namespace {

constexpr std::uint32_t first_capacity = 8;

RateState *with_room_for(RateState *state, std::uint32_t changes)
{
    while (!state->make_room(changes)) {
        const std::size_t bytes = state->bytes_grown();
        state = with_length(state->grow_into(state_room(bytes)), bytes);
    }
    return state;
}

RateState *new_state()
{
    const std::size_t bytes = RateState::bytes_for(first_capacity);
    return with_length(RateState::create(state_room(bytes), first_capacity), bytes);
}

RateState *add(RateState *state, DayRange days, Rate rate)
{
    const DayRange range = value_or_fail(schedule_range(days));
    state = with_room_for(state, 2);
    state->add(range.from, rate);
    if (range.to != unbounded_after) state->add(range.to, -int128{rate});
    return state;
}

RateState *add_value(RateState *state, Bytes value, bool subtract)
{
    // A part of a parallel aggregation may be out of range where the whole is not.
    if (const RateState *part = RateState::in(value)) {
        for (const RateChange &change : std::span(part->changes(), part->count())) {
            state = with_room_for(state, 1);
            state->add(change.day, subtract ? -change.change : change.change);
        }
        return state;
    }
    Rate before = 0;
    for (const Step &step : value_or_fail(schedule_steps(value, memory()))) {
        const int128 change = int128{step.rate} - before;
        before = step.rate;
        if (change == 0) continue;
        state = with_room_for(state, 1);
        state->add(step.from, subtract ? -change : change);
    }
    return state;
}

// The state in argument 0, made if there is none, and made workable if it came in stored form.
RateState *state_argument(FunctionCallInfo fcinfo, bool in_aggregate)
{
    if (auto *state = working_state<RateState>(fcinfo, in_aggregate)) return state;
    RateState *state = new_state();
    return PG_ARGISNULL(0) ? state : add_value(state, value_bytes(PG_GETARG_DATUM(0)), false);
}

// A state leaves an aggregate as it is; a function called by hand gives a stored value.
Datum state_result(RateState *state, bool in_aggregate)
{
    if (in_aggregate) return PointerGetDatum(state);
    return value_datum(value_or_fail(schedule_store(value_bytes(PointerGetDatum(state)), memory())));
}

Rate fraction_argument(FunctionCallInfo fcinfo, int argument)
{
    if (PG_ARGISNULL(argument)) fail(Misuse::null_rate);
    return fraction_from_numeric(PG_GETARG_DATUM(argument));
}

Datum accumulate(FunctionCallInfo fcinfo, bool subtract)
{
    if (PG_ARGISNULL(1)) fail(Misuse::null_range);
    const Rate rate = fraction_argument(fcinfo, 2);
    bool empty;
    const DayRange days = day_range_from(date_range_type(), PG_GETARG_RANGE_P(1), &empty);
    const bool in_aggregate = AggCheckCallContext(fcinfo, nullptr) != 0;
    RateState *state = state_argument(fcinfo, in_aggregate);
    return state_result(empty ? state : add(state, days, subtract ? -rate : rate), in_aggregate);
}

Datum merge(FunctionCallInfo fcinfo, bool subtract)
{
    if (PG_ARGISNULL(1)) {
        if (PG_ARGISNULL(0)) PG_RETURN_NULL();
        PG_RETURN_DATUM(PG_GETARG_DATUM(0));
    }
    const bool in_aggregate = AggCheckCallContext(fcinfo, nullptr) != 0;
    return state_result(add_value(state_argument(fcinfo, in_aggregate), value_bytes(PG_GETARG_DATUM(1)), subtract), in_aggregate);
}

Bytes argument(FunctionCallInfo fcinfo, int index) { return value_bytes(PG_GETARG_DATUM(index)); }

std::span<const Step> steps_argument(FunctionCallInfo fcinfo, int index)
{
    return value_or_fail(schedule_steps(argument(fcinfo, index), memory()));
}

void free_steps(std::span<const Step> steps)
{
    static_assert(alignof(Step) <= Memory::host_alignment, "an array begins where its memory does");
    pfree(const_cast<Step *>(steps.data()));
}

std::uint64_t hash_argument(FunctionCallInfo fcinfo, std::uint64_t seed)
{
    const Bytes value = argument(fcinfo, 0);
    const auto steps = value_or_fail(schedule_steps(value, memory()));
    const std::uint64_t hash = schedule_hash(steps, seed);
    free_steps(steps);
    free_if_copy(PG_GETARG_DATUM(0), value);
    return hash;
}

std::strong_ordering compare_arguments(FunctionCallInfo fcinfo)
{
    const Bytes a = argument(fcinfo, 0);
    const Bytes b = argument(fcinfo, 1);
    const auto left = value_or_fail(schedule_steps(a, memory()));
    const auto right = value_or_fail(schedule_steps(b, memory()));
    const auto order = schedule_compare(left, right);
    free_steps(left);
    free_steps(right);
    free_if_copy(PG_GETARG_DATUM(0), a);
    free_if_copy(PG_GETARG_DATUM(1), b);
    return order;
}

}  // namespace

PG_FUNCTION(rate_schedule_in)
{
    const auto value = schedule_from_text(PG_GETARG_CSTRING(0), memory());
    if (!value) return fail_input(fcinfo, value.error());
    return value_datum(*value);
}

PG_FUNCTION(rate_schedule_out)
{
    PG_RETURN_CSTRING(cstring(value_or_fail(schedule_to_text(argument(fcinfo, 0), memory()))));
}

PG_FUNCTION(rate_schedule_recv)
{
    return value_datum(value_or_fail(schedule_from_binary(message_bytes(fcinfo), memory())));
}

PG_FUNCTION(rate_schedule_send) { return value_datum(value_or_fail(schedule_store(argument(fcinfo, 0), memory()))); }

PG_FUNCTION(rate_schedule_make)
{
    bool empty;
    const DayRange days = day_range_from(date_range_type(), PG_GETARG_RANGE_P(0), &empty);
    const Rate rate = empty ? 0 : rate_from_numeric(PG_GETARG_DATUM(1));
    return value_datum(value_or_fail(schedule_on(empty ? DayRange{unbounded_before, unbounded_after} : days, rate, memory())));
}

PG_FUNCTION(rate_schedule_agg_add) { return accumulate(fcinfo, false); }

PG_FUNCTION(rate_schedule_agg_take_off) { return accumulate(fcinfo, true); }

PG_FUNCTION(rate_schedule_agg_merge) { return merge(fcinfo, false); }

PG_FUNCTION(rate_schedule_agg_unmerge) { return merge(fcinfo, true); }

PG_FUNCTION(rate_schedule_agg_result)
{
    if (PG_ARGISNULL(0)) PG_RETURN_NULL();
    return value_datum(value_or_fail(schedule_store(argument(fcinfo, 0), memory())));
}

PG_FUNCTION(rate_schedule_plus)
{
    return value_datum(value_or_fail(schedule_add(argument(fcinfo, 0), argument(fcinfo, 1), memory())));
}

PG_FUNCTION(rate_schedule_minus)
{
    return value_datum(value_or_fail(schedule_subtract(argument(fcinfo, 0), argument(fcinfo, 1), memory())));
}

PG_FUNCTION(rate_schedule_compound)
{
    return value_datum(value_or_fail(schedule_compound(argument(fcinfo, 0), argument(fcinfo, 1), memory())));
}

PG_FUNCTION(rate_schedule_cap)
{
    return value_datum(value_or_fail(schedule_cap(argument(fcinfo, 0), rate_from_numeric(PG_GETARG_DATUM(1)), memory())));
}

PG_FUNCTION(rate_schedule_on_days)
{
    const auto days = day_ranges_from_multirange(PG_GETARG_DATUM(1));
    return value_datum(value_or_fail(schedule_restrict(argument(fcinfo, 0), days, memory())));
}

PG_FUNCTION(rate_schedule_rate_at)
{
    const Day day = PG_GETARG_DATEADT(1);
    if (!in_calendar(day)) fail(Error{Errc::day_out_of_range, {}, day});
    return numeric_from(Int256(rate_at(steps_argument(fcinfo, 0), day)), rate_scale);
}

PG_FUNCTION(rate_schedule_segments)
{
    InitMaterializedSRF(fcinfo, 0);
    auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    const auto steps = steps_argument(fcinfo, 0);
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (steps[i].rate == 0) continue;
        CHECK_FOR_INTERRUPTS();
        const Day to = i + 1 < steps.size() ? steps[i + 1].from : unbounded_after;
        Datum values[] = {date_range_from({steps[i].from, to}), numeric_from(Int256(steps[i].rate), rate_scale)};
        bool nulls[] = {false, false};
        tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
    }
    return Datum{0};
}

PG_FUNCTION(rate_schedule_cmp)
{
    const auto order = compare_arguments(fcinfo);
    PG_RETURN_INT32(order < 0 ? -1 : order > 0 ? 1 : 0);
}

PG_FUNCTION(rate_schedule_eq) { PG_RETURN_BOOL(compare_arguments(fcinfo) == 0); }
PG_FUNCTION(rate_schedule_ne) { PG_RETURN_BOOL(compare_arguments(fcinfo) != 0); }
PG_FUNCTION(rate_schedule_lt) { PG_RETURN_BOOL(compare_arguments(fcinfo) < 0); }
PG_FUNCTION(rate_schedule_le) { PG_RETURN_BOOL(compare_arguments(fcinfo) <= 0); }
PG_FUNCTION(rate_schedule_gt) { PG_RETURN_BOOL(compare_arguments(fcinfo) > 0); }
PG_FUNCTION(rate_schedule_ge) { PG_RETURN_BOOL(compare_arguments(fcinfo) >= 0); }

PG_FUNCTION(rate_schedule_hash)
{
    PG_RETURN_UINT32(static_cast<std::uint32_t>(hash_argument(fcinfo, 0)));
}

PG_FUNCTION(rate_schedule_hash_extended)
{
    PG_RETURN_UINT64(hash_argument(fcinfo, static_cast<std::uint64_t>(PG_GETARG_INT64(1))));
}

}  // namespace partner_bonus::pg
