// Ids of lower-case letters and digits, five characters in 26 bits; what is left over in as few as it needs.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "bits.hpp"

namespace partner_bonus {

inline constexpr std::size_t base36_group = 5;
inline constexpr std::array<unsigned, base36_group + 1> base36_bits{0, 6, 11, 16, 21, 26};  // of so many characters
inline constexpr std::array<std::uint32_t, base36_group + 1> base36_limits{1, 36, 1'296, 46'656, 1'679'616, 60'466'176};

inline constexpr std::uint8_t no_base36_digit = 0xff;
inline constexpr auto base36_digits = [] {
    std::array<std::uint8_t, 256> digits{};
    digits.fill(no_base36_digit);
    for (std::uint8_t i = 0; i < 10; ++i) digits[static_cast<std::size_t>('0' + i)] = i;
    for (std::uint8_t i = 0; i < 26; ++i) digits[static_cast<std::size_t>('a' + i)] = static_cast<std::uint8_t>(10 + i);
    return digits;
}();
constexpr std::uint8_t base36_digit(char c) noexcept { return base36_digits[static_cast<unsigned char>(c)]; }

constexpr bool is_base36(std::string_view text) noexcept
{
    unsigned seen = 0;
    for (const char c : text) seen |= base36_digit(c);
    return !text.empty() && seen < 64;  // digits have six bits
}

constexpr std::size_t base36_bytes(std::size_t characters) noexcept
{
    const std::size_t groups = characters / base36_group;
    return (groups * base36_bits[base36_group] + base36_bits[characters - groups * base36_group] + 7) / 8;
}

inline void write_base36(WireWriter &wire, std::string_view text) noexcept
{
    std::uint64_t bits = 0;
    unsigned count = 0;
    while (!text.empty()) {
        const std::size_t size = text.size() < base36_group ? text.size() : base36_group;
        std::uint32_t group = 0;
        for (const char c : std::string_view(text.data(), size)) group = group * 36 + base36_digit(c);
        text.remove_prefix(size);
        bits |= std::uint64_t{group} << count;
        for (count += base36_bits[size]; count >= 8; count -= 8, bits >>= 8) wire.byte(static_cast<std::uint8_t>(bits));
    }
    if (count > 0) wire.byte(static_cast<std::uint8_t>(bits));
}

// Two characters of each number below 36 * 36.
inline constexpr auto base36_pairs = [] {
    constexpr std::string_view digits = "0123456789abcdefghijklmnopqrstuvwxyz";
    std::array<std::array<char, 2>, base36_limits[2]> pairs{};
    for (std::size_t i = 0; i < pairs.size(); ++i) pairs[i] = {digits[i / 36], digits[i % 36]};
    return pairs;
}();

// `stored` has as many bytes as the characters take. False when a group stands for no characters, or a bit is left over.
inline bool read_base36(Bytes stored, std::span<char> text) noexcept
{
    BitReader bits(stored);
    for (; text.size() >= base36_group; text = text.subspan(base36_group)) {
        const auto group = static_cast<std::uint32_t>(bits.take(static_cast<int>(base36_bits[base36_group])));
        if (group >= base36_limits[base36_group]) return false;
        const std::uint32_t four = group / 36;
        __builtin_memcpy(&text[0], base36_pairs[four / base36_limits[2]].data(), 2);
        __builtin_memcpy(&text[2], base36_pairs[four % base36_limits[2]].data(), 2);
        text[4] = base36_pairs[group - four * 36][1];
    }
    auto group = static_cast<std::uint32_t>(bits.take(static_cast<int>(base36_bits[text.size()])));
    if (group >= base36_limits[text.size()]) return false;
    for (std::size_t i = text.size(); i-- > 0; group /= 36) text[i] = base36_pairs[group % 36][1];
    return bits.at_end();
}

}  // namespace partner_bonus
