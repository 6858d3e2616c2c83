#include "core/decimal.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "arena.hpp"
#include "dice.hpp"
#include "naive.hpp"

namespace partner_bonus::test {
namespace {

// A number as its printed digits with the point before the last `decimals` of them.
struct Printed {
    Whole digits;
    int decimals;
};

// The same number with the fewest decimals, at least none.
Printed shortest(Printed number)
{
    while (number.decimals > 0 && number.digits.cut(1).cut == "0") {
        number.digits = number.digits.cut(1).kept;
        --number.decimals;
    }
    if (number.decimals < 0) number = {number.digits * ten_to_the(static_cast<std::size_t>(-number.decimals)), 0};
    return number;
}

Printed value_of(const std::vector<std::int16_t> &groups, int weight, bool negative)
{
    std::string text = "0";
    for (const std::int16_t group : groups) text += std::to_string(10000 + group).substr(1);
    const Whole digits = Whole::from_text(text);
    return shortest({negative ? -digits : digits, 4 * (static_cast<int>(groups.size()) - 1 - weight)});
}

// Groups as the server stores them: none leading or trailing is zero.
std::vector<std::int16_t> random_groups(Dice &dice, std::size_t most)
{
    std::vector<std::int16_t> groups(dice.below(most + 1));
    for (std::int16_t &group : groups) {
        group = static_cast<std::int16_t>(dice.between(0, 9999));
        if (dice.one_in(4)) group = 0;
        if (dice.one_in(4)) group = static_cast<std::int16_t>(group / 1000 * 1000);
    }
    while (!groups.empty() && groups.back() == 0) groups.pop_back();
    while (!groups.empty() && groups.front() == 0) groups.erase(groups.begin());
    return groups;
}

TEST(Decimal, is_read_from_the_servers_digits)
{
    holds([](Seed seed) {
        Dice dice = seed.dice();
        const auto groups = random_groups(dice, dice.one_in(4) ? 12 : 5);
        const int weight = static_cast<int>(dice.between(-6, 7));
        const bool negative = dice.one_in(2);
        const Printed exact = value_of(groups, weight, negative);

        const auto result = decimal_from_base10000(groups, weight, negative);
        if (groups.empty()) {
            RC_ASSERT(result && result->units == 0 && result->scale == 0);
        } else if (weight > 5) {
            RC_ASSERT(!result && result.error().code == Errc::amount_out_of_range);
        } else if (exact.decimals > amount_scale) {
            RC_ASSERT(!result && result.error().code == Errc::amount_too_many_decimals);
        } else if (exact.digits > Whole(amount_max) || exact.digits < Whole(-amount_max)) {
            RC_ASSERT(!result && result.error().code == Errc::amount_out_of_range);
        } else {
            RC_ASSERT(static_cast<bool>(result));
            RC_ASSERT(Whole(result->units) == exact.digits);
            RC_ASSERT(result->scale == exact.decimals);
        }

        const int fraction_groups = static_cast<int>(groups.size()) - 1 - weight;
        const bool usual = groups.empty() || (groups.size() <= 4 && fraction_groups >= 0 && fraction_groups <= 4);
        Decimal narrow{77, 7};
        RC_ASSERT(narrow_from_base10000(groups.data(), groups.size(), weight, negative, narrow) == usual);
        RC_ASSERT(!usual || (narrow.units == result->units && narrow.scale == result->scale));
    });
}

TEST(Decimal, largest_amount_is_read_and_one_unit_more_is_not)
{
    const std::vector<std::int16_t> largest{1, 7014, 1183, 4604, 6923, 1731, 6873, 371, 5884, 1057, 2700};
    const auto read = decimal_from_base10000(largest, 5, false);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->units, amount_max);
    EXPECT_EQ(read->scale, 18);
    EXPECT_EQ(*to_amount(*read), amount_max);
    EXPECT_EQ(decimal_from_base10000(largest, 5, true)->units, -amount_max);

    auto above = largest;
    above.back() = 2800;
    EXPECT_EQ(error_of(decimal_from_base10000(above, 5, false)), Errc::amount_out_of_range);
    EXPECT_EQ(error_of(decimal_from_base10000(above, 5, true)), Errc::amount_out_of_range);
    above[5] += 1;
    EXPECT_EQ(error_of(decimal_from_base10000(above, 5, false)), Errc::amount_out_of_range);
}

TEST(Decimal, more_digits_than_128_bits_hold_are_refused)
{
    const std::vector<std::int16_t> nines(11, 9999);
    EXPECT_EQ(error_of(decimal_from_base10000(nines, 9, false)), Errc::amount_out_of_range);
    std::vector<std::int16_t> one_too_much{170, 1411, 8346, 469, 2317, 3168, 7303, 7158, 8410, 5728, 100};
    EXPECT_EQ(error_of(decimal_from_base10000(one_too_much, 5, false)), Errc::amount_out_of_range);
    std::fill(one_too_much.begin() + 1, one_too_much.end(), std::int16_t{9900});
    EXPECT_EQ(error_of(decimal_from_base10000(one_too_much, 5, false)), Errc::amount_out_of_range);
}

TEST(Decimal, smallest_amount_is_read_and_a_tenth_of_it_is_not)
{
    const std::vector<std::int16_t> smallest{100};
    const auto read = decimal_from_base10000(smallest, -5, false);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->units, 1);
    EXPECT_EQ(read->scale, 18);
    const std::vector<std::int16_t> smaller{10};
    EXPECT_EQ(error_of(decimal_from_base10000(smaller, -5, false)), Errc::amount_too_many_decimals);
    EXPECT_EQ(error_of(decimal_from_base10000(smaller, -32768, false)), Errc::amount_too_many_decimals);
}

TEST(Decimal, whole_numbers_beyond_amounts_are_read_up_to_the_servers_sixth_group)
{
    const std::vector<std::int16_t> one{1};
    const auto read = decimal_from_base10000(one, 5, false);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->units, power_of_ten(20));
    const std::vector<std::int16_t> most{9999};
    EXPECT_EQ(error_of(to_amount(must(decimal_from_base10000(most, 5, false)))), Errc::amount_out_of_range);
    EXPECT_EQ(error_of(decimal_from_base10000(one, 6, false)), Errc::amount_out_of_range);
}

TEST(Decimal, scales_up_exactly_or_not_at_all)
{
    holds([](Seed seed) {
        Dice dice = seed.dice();
        const auto scale = static_cast<int>(dice.between(0, 18));
        const Decimal decimal{dice.wide(127), scale};
        const auto more = static_cast<int>(dice.between(scale, 18));
        const Whole exact = Whole(decimal.units) * ten_to_the(static_cast<std::size_t>(more - scale));
        const auto result = to_scale(decimal, more);
        if (exact > Whole(amount_max) || exact < Whole(-amount_max)) {
            RC_ASSERT(!result && result.error().code == Errc::amount_out_of_range);
        } else {
            RC_ASSERT(result && Whole(*result) == exact);
        }
    });
}

TEST(Decimal, sums_of_products_are_read_from_the_servers_digits)
{
    holds([](Seed seed) {
        Dice dice = seed.dice();
        const auto groups = random_groups(dice, dice.one_in(4) ? 18 : 6);
        const int weight = static_cast<int>(dice.between(-9, 10));
        const bool negative = dice.one_in(2);
        const Printed exact = value_of(groups, weight, negative);

        const auto result = exact_from_base10000(groups, weight, negative);
        if (groups.empty()) {
            RC_ASSERT(result && result->zero());
        } else if (weight > 9) {
            RC_ASSERT(!result && result.error().code == Errc::amount_out_of_range);
        } else if (exact.decimals > exact_scale) {
            RC_ASSERT(!result && result.error().code == Errc::amount_too_many_decimals);
        } else {
            RC_ASSERT(result &&
                      Whole(*result) == exact.digits * ten_to_the(static_cast<std::size_t>(exact_scale - exact.decimals)));
        }
    });
}

TEST(Decimal, sums_of_products_have_thirty_decimals)
{
    const std::vector<std::int16_t> smallest{100}, smaller{10}, next{1200};
    EXPECT_EQ(must(exact_from_base10000(smallest, -8, false)), Int256(1));
    EXPECT_EQ(must(exact_from_base10000(next, -8, true)), Int256(-12));
    EXPECT_EQ(error_of(exact_from_base10000(smaller, -8, false)), Errc::amount_too_many_decimals);
    EXPECT_EQ(error_of(exact_from_base10000(smallest, -9, false)), Errc::amount_too_many_decimals);
    EXPECT_EQ(error_of(exact_from_base10000(smallest, 10, false)), Errc::amount_out_of_range);
    EXPECT_EQ(Whole(must(exact_from_base10000(smallest, 9, false))), ten_to_the(2 + 36 + 30));
}

// Also at the scales of an inner product, and far wider than an amount.
TEST(Decimal, is_written_as_the_servers_digits)
{
    holds([](Seed seed) {
        Dice dice = seed.dice();
        const auto scale = static_cast<int>(dice.between(0, 32));
        Int256 value = dice.wide(127);
        if (dice.one_in(2)) value = value * static_cast<std::int64_t>(dice.wide(63));
        if (dice.one_in(3)) value = value * static_cast<std::int64_t>(power_of_ten(static_cast<int>(dice.between(0, 8))));
        const auto [digits, count, weight, decimals, negative] = to_base10000(value, scale);

        RC_ASSERT(negative == value.negative());
        RC_ASSERT(count >= 0 && count <= 24);
        const std::vector<std::int16_t> groups(digits.begin(), digits.begin() + count);
        for (const std::int16_t group : groups) RC_ASSERT(group >= 0 && group <= 9999);
        if (count > 0) RC_ASSERT(groups.front() != 0 && groups.back() != 0);
        const Printed exact = shortest({Whole(value), scale});
        const Printed printed = value_of(groups, weight, negative);
        RC_ASSERT(printed.digits == exact.digits);
        RC_ASSERT(printed.decimals == exact.decimals);
        RC_ASSERT(decimals == exact.decimals);
    });
}

TEST(Decimal, zero_has_no_digits)
{
    const Base10000 zero = to_base10000(Int256(), 18);
    EXPECT_EQ(zero.count, 0);
    EXPECT_EQ(zero.weight, 0);
    EXPECT_EQ(zero.scale, 0);
    EXPECT_FALSE(zero.negative);
}

TEST(Decimal, amounts_go_to_the_server_and_return)
{
    holds([](Seed seed) {
        Dice dice = seed.dice();
        const Amount amount = dice.wide(127);
        const auto [digits, count, weight, scale, negative] = to_base10000(amount, amount_scale);
        const auto decimal = decimal_from_base10000({digits.data(), static_cast<std::size_t>(count)}, weight, negative);
        RC_ASSERT(decimal && decimal->scale == scale);
        const auto returned = to_amount(*decimal);
        RC_ASSERT(returned && *returned == amount);
    });
}

}  // namespace
}  // namespace partner_bonus::test
