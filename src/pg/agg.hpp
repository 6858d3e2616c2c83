// What transition functions share. A state is a value of the aggregate's own type in its working form: flat, changed in
// place, and when it must grow, built anew in the current context; the executor copies that and frees the old one.
#pragma once

#include "datum.hpp"
#include "fail.hpp"
#include "pg.hpp"

namespace partner_bonus::pg {

// The working state in argument `argument`, or null when it is NULL or not (yet) in working form. Only an aggregate may
// change what it finds here; a function called by hand gets a copy.
template <class State>
State *working_state(FunctionCallInfo fcinfo, int argument)
{
    if (PG_ARGISNULL(argument)) return nullptr;
    auto *value = reinterpret_cast<struct varlena *>(PG_DETOAST_DATUM(PG_GETARG_DATUM(argument)));
    if (VARSIZE(value) < VARHDRSZ + 1 || static_cast<std::uint8_t>(*VARDATA(value)) != State::working_form) return nullptr;
    if (!AggCheckCallContext(fcinfo, nullptr)) value = reinterpret_cast<struct varlena *>(PG_DETOAST_DATUM_COPY(PointerGetDatum(value)));
    return reinterpret_cast<State *>(value);
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
