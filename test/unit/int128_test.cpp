#include "core/int128.hpp"

#include <gtest/gtest.h>

#include <string>

#include "dice.hpp"
#include "naive.hpp"

namespace partner_bonus::test {
namespace {

using Limbs = std::array<std::uint64_t, 4>;

Int256 from_limbs(const Limbs &limbs) { return std::bit_cast<Int256>(limbs); }

// Below 2^bits, of either sign.
Int256 random_int256(Dice &dice, int bits)
{
    Limbs limbs{dice.next(), dice.next(), dice.next(), dice.next()};
    const auto length = static_cast<std::size_t>(dice.between(0, bits));
    for (std::size_t i = 0; i < 4; ++i) {
        if (i * 64 >= length) limbs[i] = 0;
        if (length > i * 64 && length < (i + 1) * 64) limbs[i] >>= (i + 1) * 64 - length;
    }
    const Int256 magnitude = from_limbs(limbs);
    return dice.one_in(2) ? -magnitude : magnitude;
}

TEST(Int128, powers_of_ten)
{
    std::string text = "1";
    for (int n = 0; n <= 38; ++n, text += '0') EXPECT_EQ(decimal_text(power_of_ten(n)), text);
}

TEST(Int128, magnitude_knows_the_number_without_a_negative)
{
    EXPECT_EQ(magnitude(0), uint128{0});
    EXPECT_EQ(magnitude(-7), uint128{7});
    EXPECT_EQ(magnitude(int128_max), static_cast<uint128>(int128_max));
    EXPECT_EQ(magnitude(int128_min), static_cast<uint128>(int128_max) + 1);
    EXPECT_EQ(decimal_text(int128_max), "170141183460469231731687303715884105727");
    EXPECT_EQ(decimal_text(int128_min), "-170141183460469231731687303715884105728");
}

TEST(Int128, fits_int64_up_to_both_ends)
{
    EXPECT_TRUE(fits_int64(INT64_MAX));
    EXPECT_TRUE(fits_int64(INT64_MIN));
    EXPECT_FALSE(fits_int64(int128{INT64_MAX} + 1));
    EXPECT_FALSE(fits_int64(int128{INT64_MIN} - 1));
}

TEST(Int128, trailing_zeros_of_zero_are_as_many_as_asked)
{
    EXPECT_EQ(trailing_zeros(0, 18), 18);
    EXPECT_EQ(trailing_zeros(0, 0), 0);
    EXPECT_EQ(drop_zeros(0, 18), 0);
}

TEST(Int128, trailing_zeros_and_digits_are_those_of_the_printed_number)
{
    holds([](Seed seed) {
        Dice dice = seed.dice();
        const auto zeros = static_cast<int>(dice.between(0, 20));
        const int128 x = dice.wide(126 - zeros * 10 / 3 - (zeros > 0 ? 1 : 0)) * power_of_ten(zeros);
        const auto limit = static_cast<int>(dice.between(0, 18));

        const std::string text = Whole(x).text();
        RC_ASSERT(decimal_text(x) == text);
        const std::size_t last = text.find_last_not_of('0');
        const int printed = x == 0 ? limit : std::min(limit, static_cast<int>(text.size() - 1 - last));
        RC_ASSERT(trailing_zeros(x, limit) == printed);
        RC_ASSERT(drop_zeros(x, printed) * power_of_ten(printed) == x);
    });
}

TEST(Int128, base10000_digits_are_taken_from_the_right)
{
    holds([](Seed seed) {
        Dice dice = seed.dice();
        const std::uint64_t before = dice.next() >> dice.between(0, 63);
        std::uint64_t x = before;
        const std::int16_t digit = take_base10000_digit(x);
        RC_ASSERT(x == before / 10000);
        RC_ASSERT(digit == static_cast<std::int16_t>(before % 10000));
    });
}

TEST(Int256, begins_as_zero)
{
    EXPECT_TRUE(Int256().zero());
    EXPECT_EQ(Int256(), Int256(0));
    EXPECT_EQ(Whole(Int256()).text(), "0");
}

TEST(Int256, widens_128_bits)
{
    for (const int128 x : {int128{0}, int128{1}, int128{-1}, int128_max, int128_min, int128{INT64_MIN}}) {
        EXPECT_EQ(Whole(Int256(x)), Whole(x));
        EXPECT_TRUE(Int256(x).fits_int128());
        EXPECT_EQ(Int256(x).to_int128(), x);
        EXPECT_EQ(Int256(x).negative(), x < 0);
        EXPECT_EQ(Int256(x).odd(), (x & 1) != 0);
        EXPECT_EQ(Int256(x).zero(), x == 0);
    }
}

TEST(Int256, fits_128_bits_up_to_both_ends)
{
    Int256 above = int128_max;
    above += 1;
    EXPECT_FALSE(above.fits_int128());
    Int256 below = int128_min;
    below -= 1;
    EXPECT_FALSE(below.fits_int128());
    below += 1;
    EXPECT_TRUE(below.fits_int128());
    EXPECT_FALSE(from_limbs({0, 0, 0, 1}).fits_int128());
}

TEST(Int256, fits_64_bits_up_to_both_ends)
{
    for (const std::int64_t x : {std::int64_t{0}, std::int64_t{-1}, INT64_MAX, INT64_MIN}) {
        EXPECT_TRUE(Int256(x).fits_int64());
        EXPECT_EQ(Int256(x).to_int64(), x);
    }
    EXPECT_FALSE(Int256(int128{INT64_MAX} + 1).fits_int64());
    EXPECT_FALSE(Int256(int128{INT64_MIN} - 1).fits_int64());
    EXPECT_FALSE(from_limbs({0, 0, 1, 0}).fits_int64());
}

TEST(WideSum, adds_up_what_fits_64_bits_and_what_does_not)
{
    holds([](Seed seed) {
        Dice dice = seed.dice();
        WideSum sum;
        Int256 expected;
        for (std::uint64_t left = dice.below(30); left > 0; --left) {
            const int128 x = dice.one_in(2) ? dice.wide(63) : dice.wide(127);
            sum += x;
            expected += Int256(x);
        }
        RC_ASSERT((sum.total() == expected));
    });
    WideSum ends;
    for (const int128 x : {int128{INT64_MAX}, int128{INT64_MIN}, int128_max, int128_min, int128{INT64_MAX}}) ends += x;
    EXPECT_EQ(Whole(ends.total()), Whole(int128{INT64_MAX} - 2));
}

TEST(Int256, sums_differences_and_opposites_are_those_of_schoolbook_arithmetic)
{
    holds([](Seed seed) {
        Dice dice = seed.dice();
        const Int256 a = random_int256(dice, 254);
        const Int256 b = random_int256(dice, 254);
        Int256 sum = a;
        sum += b;
        RC_ASSERT(Whole(sum) == Whole(a) + Whole(b));
        Int256 difference = a;
        difference -= b;
        RC_ASSERT(Whole(difference) == Whole(a) - Whole(b));
        RC_ASSERT(Whole(-a) == -Whole(a));
        RC_ASSERT(a.negative() == Whole(a).negative());
        RC_ASSERT(a.zero() == Whole(a).zero());
        RC_ASSERT(a.odd() == Whole(a).odd());
    });
}

TEST(Int256, products_are_those_of_schoolbook_arithmetic)
{
    holds([](Seed seed) {
        Dice dice = seed.dice();
        const Int256 a = random_int256(dice, 190);
        const auto factor = static_cast<std::int64_t>(dice.wide(63));
        RC_ASSERT(Whole(a * factor) == Whole(a) * Whole(factor));
    });
    EXPECT_EQ(Whole(Int256(int128_min) * INT64_MIN), Whole(int128_min) * Whole(INT64_MIN));
}

TEST(Int256, division_goes_towards_minus_infinity)
{
    holds([](Seed seed) {
        Dice dice = seed.dice();
        const Int256 dividend = random_int256(dice, 255);
        const std::uint64_t divisor = (dice.next() >> dice.between(0, 63)) | 1;
        Int256 quotient = dividend;
        const std::uint64_t remainder = quotient.divide_floor(divisor);
        RC_ASSERT(remainder < divisor);
        RC_ASSERT(Whole(quotient) * Whole(divisor) + Whole(remainder) == Whole(dividend));
    });
}

TEST(Int256, division_by_a_power_of_ten_drops_digits)
{
    holds([](Seed seed) {
        Dice dice = seed.dice();
        const Int256 dividend = random_int256(dice, 255);
        const auto digits = static_cast<int>(dice.between(0, 19));
        const auto divisor = static_cast<std::uint64_t>(power_of_ten(digits));
        Int256 quotient = dividend;
        const std::uint64_t remainder = quotient.divide_floor(divisor);
        const auto [kept, cut] = Whole(dividend).cut(static_cast<std::size_t>(digits));
        const bool down = Whole(dividend).negative() && cut.find_first_not_of('0') != std::string::npos;
        RC_ASSERT(Whole(quotient) == (down ? kept - 1 : kept));
        RC_ASSERT(Whole(quotient) * Whole(divisor) + Whole(remainder) == Whole(dividend));
    });
}

}  // namespace
}  // namespace partner_bonus::test
