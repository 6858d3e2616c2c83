#include "core/day.hpp"

#include <gtest/gtest.h>

namespace partner_bonus::test {
namespace {

bool is_leap(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int days_in_month(int year, int month)
{
    constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);
}

TEST(Day, every_day_of_the_calendar_is_the_one_after_the_day_before)
{
    Day day = first_day;
    for (int year = 1; year <= 9999; ++year) {
        for (int month = 1; month <= 12; ++month) {
            const Day first = day;
            for (int of_month = 1; of_month <= days_in_month(year, month); ++of_month, ++day) {
                const CivilDate date = civil_from_day(day);
                ASSERT_EQ(date.year, year);
                ASSERT_EQ(date.month, month);
                ASSERT_EQ(date.day, of_month);
                ASSERT_EQ(day_from_civil({year, month, of_month}), day);
                ASSERT_EQ(first_of_month(day), first);
                ASSERT_TRUE(in_calendar(day));
            }
        }
    }
    EXPECT_EQ(day, last_day + 1);
}

TEST(Day, calendar_has_two_ends)
{
    EXPECT_FALSE(in_calendar(first_day - 1));
    EXPECT_TRUE(in_calendar(first_day));
    EXPECT_TRUE(in_calendar(last_day));
    EXPECT_FALSE(in_calendar(last_day + 1));
    EXPECT_FALSE(in_calendar(unbounded_before));
    EXPECT_FALSE(in_calendar(unbounded_after));
}

TEST(Day, counts_as_the_server_counts_dates)
{
    EXPECT_EQ(day_from_civil({2000, 1, 1}), 0);
    EXPECT_EQ(day_from_civil({2026, 10, 5}), 9774);
    EXPECT_EQ(day_from_civil({1970, 1, 1}), -10957);
}

}  // namespace
}  // namespace partner_bonus::test
