// Numbers of a few bits each, side by side, the lowest bits first.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "wire.hpp"

namespace partner_bonus {

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

// Whoever reads knows that there are as many bytes as the numbers take.
class BitReader {
   public:
    explicit BitReader(Bytes bytes) noexcept : bytes_(bytes) {}

    // At most 57 bits.
    std::uint64_t take(int bits) noexcept
    {
        const std::uint64_t word = word_at(bytes_, at_ >> 3) >> (at_ & 7);
        at_ += static_cast<std::size_t>(bits);
        return word & ((std::uint64_t{1} << bits) - 1);
    }
    // As many of them as `numbers` has room for, several from each word; at most 16 bits each.
    void take(std::span<std::uint32_t> numbers, int bits) noexcept
    {
        const std::size_t at_once = bits > 8 ? 3 : 7;
        const std::uint64_t mask = (std::uint64_t{1} << bits) - 1;
        while (!numbers.empty()) {
            std::uint64_t word = word_at(bytes_, at_ >> 3) >> (at_ & 7);
            const auto now = numbers.first(std::min(numbers.size(), at_once));
            for (std::uint32_t &number : now) {
                number = static_cast<std::uint32_t>(word & mask);
                word >>= bits;
            }
            at_ += now.size() * static_cast<std::size_t>(bits);
            numbers = numbers.subspan(now.size());
        }
    }
    // At most 64 bits.
    std::uint64_t take_many(int bits) noexcept
    {
        const int low = bits < 32 ? bits : 32;
        const std::uint64_t first = take(low);
        return first | take(bits - low) << 32;
    }
    void skip(std::size_t bits) noexcept { at_ += bits; }
    // Whether what is left of the last byte is nothing.
    bool at_end() noexcept { return (at_ & 7) == 0 || take(8 - static_cast<int>(at_ & 7)) == 0; }

   private:
    Bytes bytes_;
    std::size_t at_ = 0;
};

}  // namespace partner_bonus
