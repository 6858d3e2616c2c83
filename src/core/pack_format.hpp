// Marks and measures of the stored form of a pack that its writer and its readers share.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "wire.hpp"

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
inline constexpr unsigned key_is_rewarded = 16;
inline constexpr int key_mark_bits = 5;

// Bits of a code when there are so many words.
constexpr int code_bits(std::size_t words) noexcept { return words < 2 ? 0 : static_cast<int>(std::bit_width(words - 1)); }
constexpr std::size_t packed_bytes(std::size_t codes, int bits) noexcept { return (codes * static_cast<std::size_t>(bits) + 7) >> 3; }

// Numbers of a few bits each, the lowest bits first.
class BitWriter {
   public:
    explicit BitWriter(WireWriter &wire) noexcept : wire_(wire) {}

    void put(std::uint32_t value, int bits) noexcept
    {
        held_ |= std::uint64_t{value} << count_;
        for (count_ += bits; count_ >= 8; count_ -= 8, held_ >>= 8) wire_.byte(static_cast<std::uint8_t>(held_));
    }
    void finish() noexcept
    {
        if (count_ > 0) wire_.byte(static_cast<std::uint8_t>(held_));
    }

   private:
    WireWriter &wire_;
    std::uint64_t held_ = 0;
    int count_ = 0;
};

class BitReader {
   public:
    explicit BitReader(WireReader &wire) noexcept : wire_(wire) {}

    std::uint32_t take(int bits) noexcept
    {
        for (; count_ < bits; count_ += 8) held_ |= std::uint64_t{wire_.byte()} << count_;
        const auto value = static_cast<std::uint32_t>(held_ & ((std::uint64_t{1} << bits) - 1));
        held_ >>= bits;
        count_ -= bits;
        return value;
    }

   private:
    WireReader &wire_;
    std::uint64_t held_ = 0;
    int count_ = 0;
};

}  // namespace partner_bonus
