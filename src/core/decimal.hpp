// Decimal numbers as they come and go: a mantissa with a scale, and the server's base-10000 digits.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "amount.hpp"
#include "result.hpp"

namespace partner_bonus {

// units * 10^-scale with 0 <= scale <= 18.
struct Decimal {
    int128 units{};
    int scale{};
};

// The value of `digits` in base 10000, the first of which stands for 10000^weight. Exact, with the smallest scale.
Result<Decimal> decimal_from_base10000(std::span<const std::int16_t> digits, int weight, bool negative) noexcept;

// The same, faster, for the numbers that most are: up to four digits, at any address, the last of which stands for the units or
// for one of the four groups behind the point. False when the number is not of that kind.
inline bool narrow_from_base10000(const void *digits, std::size_t count, int weight, bool negative, Decimal &decimal) noexcept
{
    constexpr std::size_t most = 4;
    if (count == 0) {
        decimal = {};
        return true;
    }
    const int fraction_groups = static_cast<int>(count) - 1 - weight;
    if (count > most || fraction_groups < 0 || fraction_groups > static_cast<int>(most)) return false;
    const auto *at = static_cast<const char *>(digits);
    std::int64_t units = 0;
    std::int16_t digit;
    for (std::size_t i = 1; i < count; ++i, at += sizeof(digit)) {
        __builtin_memcpy(&digit, at, sizeof(digit));
        units = units * 10000 + digit;
    }
    __builtin_memcpy(&digit, at, sizeof(digit));
    const int dropped = fraction_groups > 0 ? trailing_zeros_of_digit(digit) : 0;
    units = units * static_cast<std::int64_t>(power_of_ten(4 - dropped)) + drop_zeros_of_digit(digit, dropped);
    decimal.units = negative ? -units : units;
    decimal.scale = 4 * fraction_groups - dropped;
    return true;
}

// The same for sums of exact products: a count of 10^-exact_scale units, within +-10^40.
Result<Int256> exact_from_base10000(std::span<const std::int16_t> digits, int weight, bool negative) noexcept;

// The same value with more decimals.
Result<int128> to_scale(Decimal decimal, int scale) noexcept;
inline Result<Amount> to_amount(Decimal decimal) noexcept { return to_scale(decimal, amount_scale); }

// A rate of a schedule: at most 12 decimals, within +-1000.
Result<Rate> to_rate(Decimal decimal) noexcept;
// What is wrong with a rate, when this is wrong with it as an amount.
Errc rate_error(Errc amount_error) noexcept;

// A number in base 10000 with the smallest scale that shows it whole.
struct Base10000 {
    std::array<std::int16_t, 24> digits;
    int count;   // digits used, none leading or trailing zero
    int weight;  // of the first digit
    int scale;   // decimals
    bool negative;
};

// value * 10^-scale, 0 <= scale <= 32.
Base10000 to_base10000(Int256 value, int scale) noexcept;

// The same for magnitudes up to this, as most are: 64 bits hold them with a last group of four digits that is full.
inline constexpr std::uint64_t narrow_magnitude_max = 18'446'744'073'709'551;
struct Base10000Form {
    int count;
    int weight;
    int scale;
};
// Writes the digits of a magnitude above 0 to any address.
inline Base10000Form write_base10000(std::uint64_t value, int scale, void *to) noexcept
{
    const int padding = (4 - (scale & 3)) & 3;  // decimals that fill the last group
    value *= static_cast<std::uint64_t>(power_of_ten(padding));
    int groups_below_point = (scale + padding) >> 2;
    std::uint64_t above = value;
    std::int16_t digit = take_base10000_digit(above);
    for (; digit == 0; digit = take_base10000_digit(above), --groups_below_point) value = above;
    const int count = 1 + (value >= 1'0000) + (value >= 1'0000'0000) + (value >= 1'0000'0000'0000) + (value >= 1'0000'0000'0000'0000);
    const int last_digit_zeros = trailing_zeros_of_digit(digit);
    for (auto *at = static_cast<char *>(to) + (count - 1) * static_cast<int>(sizeof(digit));; at -= sizeof(digit), digit = take_base10000_digit(above)) {
        __builtin_memcpy(at, &digit, sizeof(digit));
        if (at == to) break;
    }
    return {count, count - 1 - groups_below_point, std::max(4 * groups_below_point - last_digit_zeros, 0)};
}

}  // namespace partner_bonus
