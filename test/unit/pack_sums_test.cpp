#include "core/pack_sums.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace partner_bonus::test {
namespace {

// What the rests of credits add up to may be beyond the range, alone or with more decimals.
TEST(PackSums, say_when_the_range_does_not_suffice)
{
    const std::vector<int128> rests{int128_max - 1, 1, 1};
    PackColumns columns;
    columns.lines = rests.size();
    auto &rest = columns.numbers[pack_number::credit_rest];
    rest.given = PackColumns::Given::always;
    rest.units = std::span<const int128>(rests);
    KeyScales scales = key_scales(columns);
    EXPECT_EQ(sum_up(columns, scales, 0, 2).other_credit, int128_max);
    EXPECT_EQ(sum_up(columns, scales, 0, 2).lines, 2U);
    EXPECT_EQ(sum_up(columns, scales, 0, 3), KeySums{});
    scales.other_credit = 1;
    EXPECT_EQ(sum_up(columns, scales, 1, 3).other_credit, 20);
    EXPECT_EQ(sum_up(columns, scales, 0, 1), KeySums{});
    EXPECT_EQ(sum_up(columns, scales, 0, 3), KeySums{});
}

}  // namespace
}  // namespace partner_bonus::test
