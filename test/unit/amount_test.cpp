#include "core/amount.hpp"

#include <gtest/gtest.h>

#include "dice.hpp"
#include "naive.hpp"

namespace partner_bonus::test {
namespace {

// The same of all three: right where the exact result is within +-amount_max, refused elsewhere.
template <class Try, class Exact>
void check(int bits, Try attempt, Exact exact)
{
    holds([=](Seed seed) {
        Dice dice = seed.dice();
        const int128 a = dice.wide(bits);
        const int128 b = dice.wide(bits);
        const Whole expected = exact(Whole(a), Whole(b));
        const Whole limit(amount_max);
        int128 result = 0;
        const bool in_range = expected <= limit && expected >= -limit;
        RC_ASSERT(attempt(a, b, result) == in_range);
        if (in_range) RC_ASSERT(Whole(result) == expected);
    });
}

TEST(Amount, sums_are_exact_or_refused)
{
    check(127, try_add, [](const Whole &a, const Whole &b) { return a + b; });
}

TEST(Amount, differences_are_exact_or_refused)
{
    check(127, try_subtract, [](const Whole &a, const Whole &b) { return a - b; });
}

TEST(Amount, products_are_exact_or_refused)
{
    check(80, try_multiply, [](const Whole &a, const Whole &b) { return a * b; });
}

TEST(Amount, range_is_symmetric)
{
    int128 result;
    EXPECT_TRUE(try_add(amount_max - 1, 1, result));
    EXPECT_EQ(result, amount_max);
    EXPECT_FALSE(try_add(amount_max, 1, result));
    EXPECT_TRUE(try_add(-amount_max + 1, -1, result));
    EXPECT_EQ(result, -amount_max);
    EXPECT_FALSE(try_add(-amount_max, -1, result)) << "the number without a negative";
    EXPECT_FALSE(try_add(-amount_max, -2, result));
    EXPECT_FALSE(try_subtract(-amount_max, 1, result));
    EXPECT_FALSE(try_subtract(-amount_max, 2, result));
    EXPECT_TRUE(try_subtract(amount_max, amount_max, result));
    EXPECT_EQ(result, 0);
    EXPECT_TRUE(try_multiply(amount_max, -1, result));
    EXPECT_EQ(result, -amount_max);
    EXPECT_FALSE(try_multiply(power_of_ten(19) * 2, power_of_ten(19) * 2, result));
    EXPECT_FALSE(try_multiply(int128{1} << 126, -2, result)) << "the number without a negative";
}

TEST(Amount, zero_means_all_three)
{
    EXPECT_TRUE(Amounts{}.zero());
    EXPECT_FALSE((Amounts{1, 0, 0}.zero()));
    EXPECT_FALSE((Amounts{0, -1, 0}.zero()));
    EXPECT_FALSE((Amounts{0, 0, int128_min}.zero()));
}

TEST(Amount, amounts_order_by_cost_then_grant_credit_then_other_credit)
{
    EXPECT_LT((Amounts{1, 9, 9}), (Amounts{2, 0, 0}));
    EXPECT_LT((Amounts{1, -1, 9}), (Amounts{1, 0, 0}));
    EXPECT_LT((Amounts{1, 1, -amount_max}), (Amounts{1, 1, amount_max}));
    EXPECT_EQ((Amounts{1, 1, 1}), (Amounts{1, 1, 1}));
}

}  // namespace
}  // namespace partner_bonus::test
