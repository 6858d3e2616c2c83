// Money: a signed 128-bit count of 10^-18 units, at most about 1.7e20. Checked everywhere; there is no division.
#pragma once

#include "int128.hpp"

namespace partner_bonus {

inline constexpr int amount_scale = 18;  // decimals of an amount
inline constexpr int rate_scale = 12;    // decimals of a rate
inline constexpr int exact_scale = amount_scale + rate_scale;

using Amount = int128;
using Rate = std::int64_t;

inline constexpr Rate rate_one = 1'000'000'000'000;
inline constexpr Rate rate_limit = 1000 * rate_one;  // schedules may hold sums and differences of rates

// What is consumed on a day.
struct Amounts {
    Amount cost{};
    Amount grant_credit{};
    Amount other_credit{};

    constexpr bool zero() const noexcept { return (cost | grant_credit | other_credit) == 0; }
    constexpr auto operator<=>(const Amounts &) const noexcept = default;
};

// Amounts are symmetric: the one value without a negative counts as overflow.
inline constexpr Amount amount_max = int128_max;

[[nodiscard]] constexpr bool try_add(int128 a, int128 b, int128 &sum) noexcept
{
    return !__builtin_add_overflow(a, b, &sum) && sum != int128_min;
}
[[nodiscard]] constexpr bool try_subtract(int128 a, int128 b, int128 &difference) noexcept
{
    return !__builtin_sub_overflow(a, b, &difference) && difference != int128_min;
}
[[nodiscard]] constexpr bool try_multiply(int128 a, int128 b, int128 &product) noexcept
{
    return !__builtin_mul_overflow(a, b, &product) && product != int128_min;
}

}  // namespace partner_bonus
