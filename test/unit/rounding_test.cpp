#include "core/rounding.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "core/amount.hpp"
#include "dice.hpp"
#include "naive.hpp"

namespace partner_bonus::test {
namespace {

constexpr std::array all_modes{RoundingMode::half_away_from_zero,
                               RoundingMode::half_even,
                               RoundingMode::half_up,
                               RoundingMode::down,
                               RoundingMode::up,
                               RoundingMode::truncate};

// Rounds the printed number: its sign, the digits that stay, the digits that go.
Whole round_naively(const Whole &value, int digits, RoundingMode mode)
{
    const auto [kept, cut] = value.cut(static_cast<std::size_t>(digits));
    const std::string half = digits == 0 ? "" : '5' + std::string(static_cast<std::size_t>(digits) - 1, '0');
    const bool exact = cut.find_first_not_of('0') == std::string::npos;
    const bool tie = !exact && cut == half;
    const bool more_than_half = cut > half;
    bool away = false;  // to the next number away from zero
    switch (mode) {
        case RoundingMode::half_away_from_zero: away = more_than_half || tie; break;
        case RoundingMode::half_even: away = more_than_half || (tie && kept.odd()); break;
        case RoundingMode::half_up: away = more_than_half || (tie && !value.negative()); break;
        case RoundingMode::down: away = !exact && value.negative(); break;
        case RoundingMode::up: away = !exact && !value.negative(); break;
        case RoundingMode::truncate: break;
    }
    if (!away) return kept;
    return value.negative() ? kept - 1 : kept + 1;
}

// A value of up to `bits` bits that likes to lie on or beside a tie of `digits` decimals.
Int256 random_value(Dice &dice, int digits)
{
    Int256 value = Int256(dice.wide(100)) * static_cast<std::int64_t>(power_of_ten(std::min(digits, 18)));
    value = value * static_cast<std::int64_t>(power_of_ten(std::max(digits - 18, 0)));
    switch (dice.below(4)) {
        case 0: value += Int256(dice.wide(120)); break;
        case 1: value += Int256(power_of_ten(digits) / 2); break;
        case 2: value += Int256(power_of_ten(digits) / 2 + dice.between(-1, 1)); break;
        default: break;
    }
    return dice.one_in(2) ? -value : value;
}

TEST(Rounding, table)
{
    struct Line {
        int tenths;
        std::array<int, 6> rounded;  // in the order of all_modes
    };
    // Drawn up by hand:    half away, half even, half up, down, up, truncate
    constexpr std::array<Line, 17> table{{
        {0, {0, 0, 0, 0, 0, 0}},
        {1, {0, 0, 0, 0, 1, 0}},
        {4, {0, 0, 0, 0, 1, 0}},
        {5, {1, 0, 1, 0, 1, 0}},
        {6, {1, 1, 1, 0, 1, 0}},
        {10, {1, 1, 1, 1, 1, 1}},
        {15, {2, 2, 2, 1, 2, 1}},
        {25, {3, 2, 3, 2, 3, 2}},
        {26, {3, 3, 3, 2, 3, 2}},
        {-1, {0, 0, 0, -1, 0, 0}},
        {-4, {0, 0, 0, -1, 0, 0}},
        {-5, {-1, 0, 0, -1, 0, 0}},
        {-6, {-1, -1, -1, -1, 0, 0}},
        {-10, {-1, -1, -1, -1, -1, -1}},
        {-15, {-2, -2, -1, -2, -1, -1}},
        {-25, {-3, -2, -2, -3, -2, -2}},
        {-26, {-3, -3, -3, -3, -2, -2}},
    }};
    for (const auto &[tenths, rounded] : table) {
        for (std::size_t i = 0; i < all_modes.size(); ++i)
            EXPECT_EQ(round_decimals(Int256(tenths), 1, all_modes[i]).to_int128(), rounded[i]) << tenths << " mode " << i;
    }
}

TEST(Rounding, worked_example_to_cents)
{
    const Int256 bonus = Int256(power_of_ten(exact_scale) / 1000) * 84'145;  // 84.145
    EXPECT_EQ(round_decimals(bonus, exact_scale - 2, RoundingMode::half_away_from_zero).to_int128(), 8415);
    EXPECT_EQ(round_decimals(bonus, exact_scale - 2, RoundingMode::half_even).to_int128(), 8414);
    EXPECT_EQ(round_decimals(-bonus, exact_scale - 2, RoundingMode::half_away_from_zero).to_int128(), -8415);
    EXPECT_EQ(round_decimals(-bonus, exact_scale - 2, RoundingMode::half_up).to_int128(), -8414);
}

TEST(Rounding, every_mode_is_the_naive_one)
{
    holds([](Seed seed) {
        Dice dice = seed.dice();
        const auto digits = static_cast<int>(dice.between(0, 36));
        const Int256 value = random_value(dice, digits);
        for (const RoundingMode mode : all_modes)
            RC_ASSERT(Whole(round_decimals(value, digits, mode)) == round_naively(Whole(value), digits, mode));
    });
}

TEST(Rounding, modes_mirror_each_other_in_zero)
{
    holds([](Seed seed) {
        Dice dice = seed.dice();
        const auto digits = static_cast<int>(dice.between(0, 36));
        const Int256 value = random_value(dice, digits);
        const auto mirrored = [&](RoundingMode mode) { return -round_decimals(-value, digits, mode); };
        for (const RoundingMode mode : {RoundingMode::half_away_from_zero, RoundingMode::half_even, RoundingMode::truncate})
            RC_ASSERT(round_decimals(value, digits, mode) == mirrored(mode));
        RC_ASSERT(round_decimals(value, digits, RoundingMode::down) == mirrored(RoundingMode::up));
    });
}

TEST(Rounding, no_digits_leave_the_value)
{
    for (const RoundingMode mode : all_modes) EXPECT_EQ(round_decimals(Int256(-7), 0, mode), Int256(-7));
}

TEST(Rounding, a_mode_that_is_none_still_gives_a_neighbour)
{
    const auto none = static_cast<RoundingMode>(99);
    EXPECT_EQ(round_decimals(Int256(16), 1, none).to_int128(), 2);
    EXPECT_EQ(round_decimals(Int256(14), 1, none).to_int128(), 1);
}

TEST(Rounding, floor_and_fraction_make_up_the_value)
{
    holds([](Seed seed) {
        Dice dice = seed.dice();
        const auto digits = static_cast<int>(dice.between(0, 36));
        const Int256 value = random_value(dice, digits);
        const auto [units, fraction] = floor_decimals(value, digits);
        RC_ASSERT(fraction < static_cast<uint128>(power_of_ten(digits)));
        const Whole sum = Whole(units) * ten_to_the(static_cast<std::size_t>(digits)) + Whole(static_cast<int128>(fraction));
        RC_ASSERT(sum == Whole(value));
    });
}

TEST(Rounding, modes_have_names)
{
    constexpr std::array<std::string_view, 6> names{"half away from zero", "half even", "half up", "down", "up", "truncate"};
    for (std::size_t i = 0; i < names.size(); ++i) {
        RoundingMode mode{};
        EXPECT_TRUE(rounding_mode_from_name(names[i], mode));
        EXPECT_EQ(mode, all_modes[i]) << names[i];
    }
    RoundingMode mode = RoundingMode::truncate;
    EXPECT_FALSE(rounding_mode_from_name("half", mode));
    EXPECT_FALSE(rounding_mode_from_name("", mode));
    EXPECT_EQ(mode, RoundingMode::truncate) << "left alone";
}

}  // namespace
}  // namespace partner_bonus::test
