// Days are counted from 2000-01-01, as the server counts dates. The calendar runs from 0001-01-01 to 9999-12-31.
#pragma once

#include <cstdint>

namespace partner_bonus {

using Day = std::int32_t;

inline constexpr Day first_day = -730119;           // 0001-01-01
inline constexpr Day last_day = 2921939;            // 9999-12-31
inline constexpr Day unbounded_before = INT32_MIN;  // start of a range without lower bound
inline constexpr Day unbounded_after = INT32_MAX;   // end of a range without upper bound

constexpr bool in_calendar(Day day) noexcept { return day >= first_day && day <= last_day; }

struct CivilDate {
    int year;
    int month;
    int day;
};

// Proleptic Gregorian calendar by eras of 400 years that start on March 1st.
constexpr CivilDate civil_from_day(Day day) noexcept
{
    const int shifted = day + 730425;  // days since 0000-03-01; positive for every day of the calendar
    const int era = shifted / 146097;
    const int day_of_era = shifted % 146097;
    const int year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int month_from_march = (5 * day_of_year + 2) / 153;
    const int month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    return {era * 400 + year_of_era + (month <= 2 ? 1 : 0), month, day_of_year - (153 * month_from_march + 2) / 5 + 1};
}

constexpr Day day_from_civil(CivilDate date) noexcept
{
    const int year = date.month <= 2 ? date.year - 1 : date.year;
    const int era = year / 400;
    const int year_of_era = year % 400;
    const int month_from_march = date.month > 2 ? date.month - 3 : date.month + 9;
    const int day_of_year = (153 * month_from_march + 2) / 5 + date.day - 1;
    const int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 730425;
}

constexpr Day first_of_month(Day day) noexcept { return day - civil_from_day(day).day + 1; }

static_assert(civil_from_day(0).year == 2000 && civil_from_day(0).month == 1 && civil_from_day(0).day == 1);
static_assert(day_from_civil({1, 1, 1}) == first_day && day_from_civil({9999, 12, 31}) == last_day);

}  // namespace partner_bonus
