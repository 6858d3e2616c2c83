// What transition functions share. `in_aggregate` is what AggCheckCallContext said. A state is a value of the aggregate's own type in its working form: flat, changed in
// place, and when it must grow, built anew in the current context; the executor copies that and frees the old one.
#pragma once

#include "datum.hpp"
#include "fail.hpp"
#include "pg.hpp"

namespace partner_bonus::pg {

// Whether a value is in working form, as it came from the executor.
template <class State>
bool is_state(const void *value)
{
    const auto *whole = static_cast<const struct varlena *>(value);
    return !VARATT_IS_EXTENDED(whole) && VARSIZE(whole) > VARHDRSZ && static_cast<std::uint8_t>(*VARDATA(whole)) == State::working_form;
}

// The working state in argument 0, or null when it is NULL or not (yet) in working form. Only an aggregate may change what
// it finds here; a function called by hand gets a copy.
template <class State>
State *working_state(FunctionCallInfo fcinfo, bool in_aggregate)
{
    if (PG_ARGISNULL(0)) return nullptr;
    // An aggregate keeps its states whole, as they were returned to it.
    auto *value = reinterpret_cast<struct varlena *>(PG_GETARG_POINTER(0));
    if (!in_aggregate) value = PG_DETOAST_DATUM_COPY(PointerGetDatum(value));
    return is_state<State>(value) ? reinterpret_cast<State *>(value) : nullptr;
}

inline void *state_room(std::size_t bytes)
{
    if (!AllocSizeIsValid(bytes)) fail(Error{Errc::value_too_large, {}, static_cast<std::int64_t>(bytes)});
    return palloc(bytes);
}

// Gives a state its length: the whole block, so that its capacity is inside.
template <class State>
State *with_length(State *state, std::size_t bytes)
{
    SET_VARSIZE(state, bytes);
    return state;
}

}  // namespace partner_bonus::pg
