// Marks and measures of the stored form of a pack that its writer and its readers share.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

#include "bits.hpp"

namespace partner_bonus {

inline constexpr std::size_t pack_preamble = 1 + 8;  // version and checksum

// Codes of a column, whichever takes fewer bytes.
inline constexpr std::uint8_t codes_packed = 0;
inline constexpr std::uint8_t codes_in_runs = 1;

// Of a column of numbers, beside how often they are given (two bits).
inline constexpr unsigned given_mask = 3;
inline constexpr unsigned zeros_marked = 4;  // a bit for each given number: whether it is not 0
inline constexpr unsigned zeros_only = 8;

// Of a key in the directory: which of the four sums follow, and whether some line has a reward.
inline constexpr unsigned key_sums_mask = 15;
inline constexpr unsigned key_is_rewarded = 16;
inline constexpr int key_mark_bits = 5;

// Bits of a code when there are so many words.
constexpr int code_bits(std::size_t words) noexcept { return words < 2 ? 0 : static_cast<int>(std::bit_width(words - 1)); }
constexpr std::size_t packed_bytes(std::size_t codes, int bits) noexcept { return (codes * static_cast<std::size_t>(bits) + 7) >> 3; }

// Length of the run of equal codes that begins at `from`.
inline std::size_t run_length(std::span<const std::uint32_t> codes, std::size_t from) noexcept
{
    std::size_t to = from + 1;
    while (to < codes.size() && codes[to] == codes[from]) ++to;
    return to - from;
}

inline bool shorter_in_runs(std::span<const std::uint32_t> codes, std::size_t bytes_packed) noexcept
{
    std::size_t bytes = 0;
    for (std::size_t at = 0; at < codes.size() && bytes < bytes_packed;) {
        const std::size_t length = run_length(codes, at);
        bytes += varint_bytes(length) + varint_bytes(codes[at]);
        at += length;
    }
    return bytes < bytes_packed;
}

// Whether so many zeros among the given numbers of a column are worth a mark for each number.
constexpr bool marks_zeros(std::size_t given, std::size_t not_zero) noexcept { return not_zero > 0 && (given - not_zero) * 4 > given; }

}  // namespace partner_bonus
