// Checks of rule columns, with errors that say what to do; and the calendar of billing.
#include "../core/rate_schedule.hpp"
#include "../core/rounding.hpp"
#include "datum.hpp"
#include "fail.hpp"

namespace partner_bonus::pg {

namespace {

constexpr int rule_rate_decimals = 6;  // so that a compound rate b + d - b * d has no more than 12

}  // namespace

PG_FUNCTION(partner_bonus_require_rate)
{
    const Datum value = PG_GETARG_DATUM(0);
    const Rate rate = fraction_from_numeric(value);
    if (trailing_zeros(rate, rate_scale - rule_rate_decimals) < rate_scale - rule_rate_decimals)
        fail(Misuse::rule_rate_too_fine, DatumGetCString(DirectFunctionCall1(numeric_out, value)));
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
    RoundingMode mode;
    if (!rounding_mode_from_name(text_view(PG_GETARG_DATUM(0)), mode)) fail(Misuse::unknown_rounding_mode, TextDatumGetCString(PG_GETARG_DATUM(0)));
    PG_RETURN_BOOL(true);
}

PG_FUNCTION(partner_bonus_billing_month)
{
    const Day day = PG_GETARG_DATEADT(0);
    if (!in_calendar(day)) fail(Error{Errc::day_out_of_range, {}, day});
    PG_RETURN_DATEADT(first_of_month(day));
}

}  // namespace partner_bonus::pg
