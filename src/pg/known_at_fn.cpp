// The moment as of which the ledger's views answer: the setting bonus.known_at; infinity means as known now.
#include <cstring>

#include "fail.hpp"
#include "module.hpp"

namespace partner_bonus::pg {

namespace {

constinit char *known_at_setting = nullptr;

// The setting is text; what it means is worked out when it changes, not once a row.
constinit char known_at_text[64] = "";
constinit TimestampTz known_at_moment = 0;

}  // namespace

void define_known_at()
{
    DefineCustomStringVariable("bonus.known_at", "Moment as of which ledger views answer.",
                               "A timestamp with its time zone offset; infinity answers as known now.", &known_at_setting, "infinity",
                               PGC_USERSET, 0, nullptr, nullptr, nullptr);
}

PG_FUNCTION(partner_bonus_known_at)
{
    if (std::strcmp(known_at_setting, known_at_text) != 0) {
        if (std::strlen(known_at_setting) >= sizeof(known_at_text)) fail(Misuse::unknown_moment, known_at_setting);
        known_at_moment = DatumGetTimestampTz(
            DirectFunctionCall3(timestamptz_in, CStringGetDatum(known_at_setting), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
        strlcpy(known_at_text, known_at_setting, sizeof(known_at_text));
    }
    PG_RETURN_TIMESTAMPTZ(known_at_moment);
}

}  // namespace partner_bonus::pg
