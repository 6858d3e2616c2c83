// Checks of rule columns, with errors that say what to do; and the calendar of billing.
#include "../core/rate_schedule.hpp"
#include "datum.hpp"
#include "fail.hpp"

namespace partner_bonus::pg {

PG_FUNCTION(partner_bonus_require_rate)
{
    (void)millionths_from_numeric(PG_GETARG_DATUM(0));
    PG_RETURN_BOOL(true);
}

PG_FUNCTION(partner_bonus_require_validity)
{
    bool empty;
    const DayRange days = day_range_from(date_range_type(), PG_GETARG_RANGE_P(0), &empty);
    if (empty) fail(Misuse::validity_empty);
    (void)value_or_fail(schedule_range(days));
    PG_RETURN_BOOL(true);
}

PG_FUNCTION(partner_bonus_require_rounding_mode)
{
    (void)rounding_mode_from_text(PG_GETARG_DATUM(0));
    PG_RETURN_BOOL(true);
}

PG_FUNCTION(partner_bonus_billing_month)
{
    const Day day = PG_GETARG_DATEADT(0);
    if (!in_calendar(day)) fail(Error{Errc::day_out_of_range, {}, day});
    PG_RETURN_DATEADT(first_of_month(day));
}

}  // namespace partner_bonus::pg
