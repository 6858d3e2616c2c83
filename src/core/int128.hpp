// Wide integers: checked 128-bit arithmetic for amounts, and 256 bits in which inner products cannot overflow.
#pragma once

#include <array>
#include <cstdint>

namespace partner_bonus {

__extension__ typedef __int128 int128;
__extension__ typedef unsigned __int128 uint128;

inline constexpr int128 int128_max = static_cast<int128>(~uint128{0} >> 1);
inline constexpr int128 int128_min = -int128_max - 1;

inline constexpr auto powers_of_ten = [] {
    std::array<int128, 39> powers{};
    int128 power = 1;
    for (auto &entry : powers) {
        entry = power;
        if (&entry != &powers.back()) power *= 10;
    }
    return powers;
}();

// 10^n for 0 <= n <= 38.
constexpr int128 power_of_ten(int n) noexcept { return powers_of_ten[static_cast<std::size_t>(n)]; }

constexpr uint128 magnitude(int128 x) noexcept { return x < 0 ? uint128{0} - static_cast<uint128>(x) : static_cast<uint128>(x); }

constexpr bool fits_int64(int128 x) noexcept { return static_cast<std::int64_t>(x) == x; }

// How many of the lowest decimal digits of x are zero, at most `limit` (at most 18).
constexpr int trailing_zeros(int128 x, int limit) noexcept
{
    if (fits_int64(x)) {
        const auto narrow = static_cast<std::int64_t>(x);
        while (narrow % static_cast<std::int64_t>(power_of_ten(limit)) != 0) --limit;
    } else {
        while (x % power_of_ten(limit) != 0) --limit;
    }
    return limit;
}

// x / 10^digits for an x that has that many trailing zeros.
constexpr int128 drop_zeros(int128 x, int digits) noexcept
{
    if (digits == 0) return x;
    if (fits_int64(x)) return static_cast<std::int64_t>(x) / static_cast<std::int64_t>(power_of_ten(digits));
    return x / power_of_ten(digits);
}

// The same two for one base-10000 digit, of which all numbers that come from the server are made.
constexpr int trailing_zeros_of_digit(int digit) noexcept
{
    return digit % 10 != 0 ? 0 : digit % 100 != 0 ? 1 : digit % 1000 != 0 ? 2 : 3;
}

constexpr int drop_zeros_of_digit(int digit, int digits) noexcept
{
    return digits == 0 ? digit : digits == 1 ? digit / 10 : digits == 2 ? digit / 100 : digit / 1000;
}

// Writes the decimal digits of x so that they end before `end`; gives where they begin. At most 39 characters.
constexpr char *write_digits(uint128 x, char *end) noexcept
{
    do {
        *--end = static_cast<char>('0' + static_cast<int>(x % 10));
        x /= 10;
    } while (x != 0);
    return end;
}

// Takes the lowest base-10000 digit off x.
constexpr std::int16_t take_base10000_digit(std::uint64_t &x) noexcept
{
    const std::uint64_t rest = x / 10000;
    const auto digit = static_cast<std::int16_t>(x - rest * 10000);
    x = rest;
    return digit;
}

// Two's complement, least significant limb first. Sums of 2^22 products of a 130-bit and a 64-bit number stay far below
// 2^255, so addition and multiplication do not report overflow.
class Int256 {
   public:
    constexpr Int256() noexcept = default;
    constexpr Int256(int128 x) noexcept
        : limb_{static_cast<std::uint64_t>(x), static_cast<std::uint64_t>(x >> 64), sign_limb(x < 0), sign_limb(x < 0)}
    {
    }

    constexpr bool negative() const noexcept { return (limb_[3] >> 63) != 0; }
    constexpr bool odd() const noexcept { return (limb_[0] & 1) != 0; }
    constexpr bool zero() const noexcept { return (limb_[0] | limb_[1] | limb_[2] | limb_[3]) == 0; }

    constexpr Int256 &operator+=(const Int256 &other) noexcept
    {
        std::uint64_t carry = 0;
        for (std::size_t i = 0; i < 4; ++i) {
            const uint128 sum = uint128{limb_[i]} + other.limb_[i] + carry;
            limb_[i] = static_cast<std::uint64_t>(sum);
            carry = static_cast<std::uint64_t>(sum >> 64);
        }
        return *this;
    }

    constexpr Int256 operator-() const noexcept
    {
        Int256 result = *this;
        for (auto &limb : result.limb_) limb = ~limb;
        return result += Int256(1);
    }

    constexpr Int256 &operator-=(const Int256 &other) noexcept { return *this += -other; }

    constexpr Int256 operator*(std::int64_t factor) const noexcept
    {
        const bool negate = negative() != (factor < 0);
        Int256 result = absolute();
        const std::uint64_t by = static_cast<std::uint64_t>(magnitude(factor));
        std::uint64_t carry = 0;
        for (auto &limb : result.limb_) {
            const uint128 product = uint128{limb} * by + carry;
            limb = static_cast<std::uint64_t>(product);
            carry = static_cast<std::uint64_t>(product >> 64);
        }
        return negate ? -result : result;
    }

    // Divides in place towards minus infinity by a positive divisor; gives the remainder, 0 <= remainder < divisor.
    constexpr std::uint64_t divide_floor(std::uint64_t divisor) noexcept
    {
        const bool was_negative = negative();
        if (was_negative) *this = absolute();
        uint128 remainder = 0;
        for (std::size_t i = 4; i-- > 0;) {
            const uint128 part = (remainder << 64) | limb_[i];
            const uint128 quotient = part / divisor;
            limb_[i] = static_cast<std::uint64_t>(quotient);
            remainder = part - quotient * divisor;
        }
        if (was_negative) {
            *this = -*this;
            if (remainder != 0) {
                *this -= Int256(1);
                remainder = divisor - remainder;
            }
        }
        return static_cast<std::uint64_t>(remainder);
    }

    constexpr bool fits_int128() const noexcept
    {
        const std::uint64_t extension = sign_limb((limb_[1] >> 63) != 0);
        return limb_[2] == extension && limb_[3] == extension;
    }
    constexpr bool fits_int64() const noexcept { return fits_int128() && partner_bonus::fits_int64(to_int128()); }
    constexpr int128 to_int128() const noexcept { return static_cast<int128>((uint128{limb_[1]} << 64) | limb_[0]); }
    constexpr std::int64_t to_int64() const noexcept { return static_cast<std::int64_t>(limb_[0]); }

    constexpr bool operator==(const Int256 &) const noexcept = default;

   private:
    static constexpr std::uint64_t sign_limb(bool negative) noexcept { return negative ? ~std::uint64_t{0} : 0; }
    constexpr Int256 absolute() const noexcept { return negative() ? -*this : *this; }

    std::array<std::uint64_t, 4> limb_{};
};

// Adds up to 2^62 numbers: those of 64 bits, as most are, in 128.
class WideSum {
   public:
    constexpr WideSum &operator+=(int128 x) noexcept
    {
        if (fits_int64(x)) {
            narrow_ += x;
        } else {
            wide_ += x;
        }
        return *this;
    }
    constexpr Int256 total() const noexcept
    {
        Int256 sum = wide_;
        return sum += narrow_;
    }

   private:
    int128 narrow_ = 0;
    Int256 wide_;
};

}  // namespace partner_bonus
