#include "decimal.hpp"

#include <algorithm>

namespace partner_bonus {

Result<Decimal> decimal_from_base10000(std::span<const std::int16_t> digits, int weight, bool negative) noexcept
{
    const int count = static_cast<int>(digits.size());
    if (count == 0) return Decimal{};
    if (weight > 5) return Errc::amount_out_of_range;  // 10^24 and more

    // The last digit's trailing zeros are no decimals.
    const int fraction_groups = std::max(count - 1 - weight, 0);
    const int dropped = fraction_groups > 0 ? trailing_zeros_of_digit(digits.back()) : 0;
    const int scale = 4 * fraction_groups - dropped;
    if (scale > amount_scale) return Errc::amount_too_many_decimals;
    const int last_digit = drop_zeros_of_digit(digits.back(), dropped);
    const int128 last_power = power_of_ten(4 - dropped);

    int128 units = 0;
    for (const std::int16_t digit : digits.first(digits.size() - 1)) {
        if (!try_multiply(units, 10000, units) || !try_add(units, digit, units)) return Errc::amount_out_of_range;
    }
    if (!try_multiply(units, last_power, units) || !try_add(units, last_digit, units)) return Errc::amount_out_of_range;
    if (weight >= count) units *= power_of_ten(4 * (weight + 1 - count));  // stays below 10^24: a number with such zeros is whole
    return Decimal{negative ? -units : units, scale};
}

Result<Int256> exact_from_base10000(std::span<const std::int16_t> digits, int weight, bool negative) noexcept
{
    if (digits.empty()) return Int256{};
    if (weight > 9) return Errc::amount_out_of_range;

    // In whole groups there are two decimals more than the exact scale has; the last digit must not use them.
    constexpr int fraction_groups = (exact_scale + 3) >> 2;
    constexpr int spare = 4 * fraction_groups - exact_scale;
    const int missing_groups = fraction_groups - (static_cast<int>(digits.size()) - 1 - weight);
    if (missing_groups < 0 || (missing_groups == 0 && trailing_zeros(digits.back(), spare) < spare))
        return Errc::amount_too_many_decimals;
    Int256 units;
    for (const std::int16_t digit : digits) {
        units = units * 10000;
        units += Int256(digit);
    }
    for (int i = 1; i < missing_groups; ++i) units = units * 10000;
    if (missing_groups > 0) {
        units = units * static_cast<std::int64_t>(power_of_ten(4 - spare));
    } else {
        units.divide_floor(static_cast<std::uint64_t>(power_of_ten(spare)));  // without remainder
    }
    return negative ? -units : units;
}

Result<int128> to_scale(Decimal decimal, int scale) noexcept
{
    int128 units;
    if (!try_multiply(decimal.units, power_of_ten(scale - decimal.scale), units)) return Errc::amount_out_of_range;
    return units;
}

Result<Rate> to_rate(Decimal decimal) noexcept
{
    if (decimal.scale > rate_scale) return Errc::rate_too_many_decimals;
    const int128 units = decimal.units * power_of_ten(rate_scale - decimal.scale);  // an amount's range leaves room for this
    if (units > rate_limit || units < -rate_limit) return Errc::rate_out_of_range;
    return static_cast<Rate>(units);
}

Errc rate_error(Errc amount_error) noexcept
{
    if (amount_error == Errc::amount_malformed) return Errc::rate_malformed;
    if (amount_error == Errc::amount_too_many_decimals) return Errc::rate_too_many_decimals;
    return Errc::rate_out_of_range;
}

namespace {

// Of groups of four digits, the least significant first.
Base10000 of_groups(std::span<const std::int16_t> reversed, int groups_below_point, bool negative) noexcept
{
    Base10000 result;
    result.negative = negative;
    auto count = static_cast<int>(reversed.size());
    int zeros = 0;
    while (count > 0 && reversed[static_cast<std::size_t>(count - 1)] == 0) --count;
    while (zeros < count && reversed[static_cast<std::size_t>(zeros)] == 0) ++zeros;
    result.count = count - zeros;
    result.weight = 0;
    result.scale = 0;
    if (count == 0) return result;

    result.weight = count - 1 - groups_below_point;
    std::reverse_copy(reversed.begin() + zeros, reversed.begin() + count, result.digits.begin());
    const int last_digit_zeros = trailing_zeros_of_digit(reversed[static_cast<std::size_t>(zeros)]);
    result.scale = std::max(4 * (groups_below_point - zeros) - last_digit_zeros, 0);
    return result;
}

}  // namespace

Base10000 to_base10000(Int256 value, int scale) noexcept
{
    const bool negative = value.negative();
    if (negative) value = -value;
    if (value.fits_int64() && !value.zero() && static_cast<std::uint64_t>(value.to_int64()) <= narrow_magnitude_max) {
        Base10000 result;
        const Base10000Form form = write_base10000(static_cast<std::uint64_t>(value.to_int64()), scale, result.digits.data());
        result.count = form.count;
        result.weight = form.weight;
        result.scale = form.scale;
        result.negative = negative;
        return result;
    }
    const int padding = (4 - (scale & 3)) & 3;  // decimals that fill the last group
    value = value * static_cast<std::int64_t>(power_of_ten(padding));
    std::array<std::int16_t, 24> reversed;
    std::size_t count = 0;
    while (!value.zero()) {  // four groups at a time
        std::uint64_t four = value.divide_floor(10'000'000'000'000'000u);
        for (int i = 0; i < 4; ++i) reversed[count++] = take_base10000_digit(four);
    }
    return of_groups(std::span(reversed).first(count), (scale + padding) >> 2, negative);
}

}  // namespace partner_bonus
