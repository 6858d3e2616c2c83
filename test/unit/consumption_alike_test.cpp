// Whole states added at once: what add() would give day by day, or nothing at all.
#include <gtest/gtest.h>

#include "consumption_values.hpp"

namespace partner_bonus::test {
namespace {

// Two states whose memory the test can reach.
struct Parts {
    alignas(8) std::byte room[2][4096];
    ConsumptionState *state[2];

    Parts(bool first_wide, bool second_wide)
    {
        state[0] = ConsumptionState::create(room[0], 8, first_wide);
        state[1] = ConsumptionState::create(room[1], 16, second_wide);
    }
    void add(int part, Day day, std::int64_t units, int scale)
    {
        const auto added = state[part]->add(day, {units, scale}, {-units, scale}, {units, scale}, false);
        ASSERT_TRUE(added && *added == ConsumptionState::Added::done);
    }
    void expect(Day day, std::uint32_t index, Amounts amounts) const
    {
        EXPECT_EQ(state[0]->day(index), day);
        EXPECT_TRUE(state[0]->amounts(index) == amounts);
    }
};

TEST(ConsumptionAlike, AddsAndTakesOffWholeStates)
{
    Parts parts(false, false);
    for (int part = 0; part < 2; ++part) {
        parts.add(part, 9770, 15 + part, 1);
        parts.add(part, 9773, 20 + part, 1);
    }
    EXPECT_TRUE(parts.state[0]->add_alike(*parts.state[1], false));
    parts.expect(9770, 0, {31, -31, 31});
    parts.expect(9773, 1, {41, -41, 41});
    EXPECT_TRUE(parts.state[0]->add_alike(*parts.state[1], true));
    parts.expect(9770, 0, {15, -15, 15});
    parts.expect(9773, 1, {20, -20, 20});
}

TEST(ConsumptionAlike, LeavesUnlikeStatesAlone)
{
    const auto refused = [](bool first_wide, bool second_wide, Day second_day, int second_scale, int second_days) {
        Parts parts(first_wide, second_wide);
        parts.add(0, 9770, 5, 0);
        for (int i = 0; i < second_days; ++i) parts.add(1, second_day + i, 7, second_scale);
        EXPECT_FALSE(parts.state[0]->add_alike(*parts.state[1], false));
        const int128 five = first_wide ? 5 * power_of_ten(amount_scale) : int128{5};
        parts.expect(9770, 0, {five, -five, five});
    };
    refused(true, false, 9770, 0, 1);
    refused(false, true, 9770, 0, 1);
    refused(false, false, 9771, 0, 1);
    refused(false, false, 9770, 2, 1);
    refused(false, false, 9770, 0, 2);
}

TEST(ConsumptionAlike, LeavesSumsThatNeedWidthAlone)
{
    for (const bool subtract : {false, true}) {
        Parts parts(false, false);
        parts.add(0, 9770, 1, 0);
        parts.add(0, 9771, INT64_MAX, 0);
        parts.add(1, 9770, 1, 0);
        parts.add(1, 9771, subtract ? -INT64_MAX : INT64_MAX, 0);
        EXPECT_FALSE(parts.state[0]->add_alike(*parts.state[1], subtract));
        parts.expect(9770, 0, {1, -1, 1});
        parts.expect(9771, 1, {INT64_MAX, -INT64_MAX, INT64_MAX});
    }
}

}  // namespace
}  // namespace partner_bonus::test
