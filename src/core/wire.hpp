// The only place that knows byte order: values as bytes. Numbers are little-endian groups of seven bits.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

#include "int128.hpp"

namespace partner_bonus {

using Bytes = std::span<const std::byte>;

inline bool same_bytes(Bytes a, Bytes b) noexcept
{
    return a.size() == b.size() && (a.empty() || __builtin_memcmp(a.data(), b.data(), a.size()) == 0);
}

inline constexpr std::size_t varint_max_bytes = 19;  // 128 bits in groups of seven

constexpr std::uint64_t zigzag64(std::int64_t x) noexcept { return (static_cast<std::uint64_t>(x) << 1) ^ static_cast<std::uint64_t>(x >> 63); }
constexpr uint128 zigzag(int128 x) noexcept { return (static_cast<uint128>(x) << 1) ^ static_cast<uint128>(x >> 127); }
constexpr std::int64_t unzigzag64(std::uint64_t x) noexcept { return static_cast<std::int64_t>((x >> 1) ^ (std::uint64_t{0} - (x & 1))); }
constexpr int128 unzigzag(uint128 x) noexcept { return static_cast<int128>((x >> 1) ^ (uint128{0} - (x & 1))); }

// Bytes that a varint takes: seven bits each.
constexpr std::size_t varint_bytes(uint128 value) noexcept
{
    const auto high = static_cast<std::uint64_t>(value >> 64);
    const auto bits = static_cast<std::size_t>(high != 0 ? 64 + std::bit_width(high) : std::bit_width(static_cast<std::uint64_t>(value) | 1));
    return ((bits + 6) * 147) >> 10;  // (bits + 6) / 7, as there are not more than 128
}

// As it is in memory, or the other way round.
constexpr std::uint64_t little_endian(std::uint64_t x) noexcept
{
    return std::endian::native == std::endian::little ? x : __builtin_bswap64(x);
}

// The eight bytes from a place on as one number, as if zeros stood behind the last. `at` is at most the number of bytes.
inline std::uint64_t word_at(Bytes bytes, std::size_t at) noexcept
{
    std::uint64_t word = 0;
    if (bytes.size() - at >= sizeof(word)) {
        __builtin_memcpy(&word, bytes.data() + at, sizeof(word));
        return little_endian(word);
    }
    for (unsigned shift = 0; at < bytes.size(); ++at, shift += 8) word |= std::to_integer<std::uint64_t>(bytes[at]) << shift;
    return word;
}

class WireWriter {
   public:
    explicit WireWriter(std::span<std::byte> room) noexcept : begin_(room.data()), at_(room.data()) {}

    void byte(std::uint8_t value) noexcept { *at_++ = std::byte{value}; }
    void varint(uint128 value) noexcept
    {
        while (value >= 0x80) {
            byte(static_cast<std::uint8_t>(static_cast<std::uint8_t>(value) | 0x80));
            value >>= 7;
        }
        byte(static_cast<std::uint8_t>(value));
    }
    void varint64(std::uint64_t value) noexcept
    {
        while (value >= 0x80) {
            byte(static_cast<std::uint8_t>(value | 0x80));
            value >>= 7;
        }
        byte(static_cast<std::uint8_t>(value));
    }
    // The same, faster, where eight bytes may be written though the number takes fewer.
    void roomy_varint64(std::uint64_t value) noexcept
    {
        const auto bits = static_cast<unsigned>(std::bit_width(value));
        if (bits > 56) {
            varint64(value);
            return;
        }
        // Seven bits into each byte: halves first, then halves of halves.
        value = (value & 0x000000000fffffff) | (value & 0x00fffffff0000000) << 4;
        value = (value & 0x00003fff00003fff) | (value & 0x0fffc0000fffc000) << 2;
        value = (value & 0x007f007f007f007f) | (value & 0x3f803f803f803f80) << 1;
        const unsigned last = bits == 0 ? 0 : ((bits - 1) * 37) >> 8;  // of the bytes that count: (bits - 1) / 7
        const std::uint64_t continued = 0x8080808080808080 & ((std::uint64_t{1} << (8 * last)) - 1);
        value = little_endian(value | continued);
        __builtin_memcpy(at_, &value, sizeof(value));
        at_ += last + 1;
    }
    void signed_varint(int128 value) noexcept
    {
        const uint128 bits = zigzag(value);
        static_cast<std::uint64_t>(bits) == bits ? varint64(static_cast<std::uint64_t>(bits)) : varint(bits);
    }
    void fixed64(std::uint64_t value) noexcept
    {
        for (int i = 0; i < 8; ++i, value >>= 8) byte(static_cast<std::uint8_t>(value));
    }
    void bytes(Bytes value) noexcept
    {
        if (!value.empty()) __builtin_memcpy(at_, value.data(), value.size());
        at_ += value.size();
    }

    Bytes written() const noexcept { return {begin_, static_cast<std::size_t>(at_ - begin_)}; }

   private:
    std::byte *begin_;
    std::byte *at_;
};

// Never reads past the end: there it reads zeros and remembers that it ran out.
class WireReader {
   public:
    explicit WireReader(Bytes bytes) noexcept : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

    std::uint8_t byte() noexcept
    {
        if (at_ == end_) {
            ran_out_ = true;
            return 0;
        }
        return std::to_integer<std::uint8_t>(*at_++);
    }
    uint128 varint() noexcept
    {
        if (left() >= sizeof(std::uint64_t)) {
            const std::uint64_t block = peek64();
            if ((block & 0x80) == 0) {
                ++at_;
                return block & 0x7f;
            }
            // The bit that ends a number is the one that its last byte lacks.
            const std::uint64_t ends = ~block & 0x8080808080808080;
            if (ends != 0) {
                at_ += (std::countr_zero(ends) + 1) >> 3;
                return joined_groups(block & (ends ^ (ends - 1)));
            }
        }
        return long_varint();
    }
    // Refuses, as if it had run out, what a writer would have written with fewer bytes.
    uint128 shortest_varint() noexcept
    {
        const std::byte *const from = at_;
        if (at_ != end_ && *at_ < std::byte{0x80}) return byte();
        const uint128 value = varint();
        refuse_longer(from);
        return value;
    }
    // So many of them, each handed to `take`. False when one is refused, or does not fit.
    template <class Unsigned, class Take>
    bool shortest_varints(int count, Take take) noexcept
    {
        const std::byte *at = at_;
        bool longer = false;
        for (; count > 0; --count) {
            if (end_ - at >= 8) [[likely]] {
                const std::uint64_t block = word_at({at, 8}, 0);
                const std::uint64_t ends = ~block & 0x8080808080808080;
                if (ends != 0) [[likely]] {
                    const int bytes = (std::countr_zero(ends) + 1) >> 3;
                    at += bytes;
                    longer |= bytes > 1 && at[-1] == std::byte{0};
                    take(Unsigned{joined_groups(block & (ends ^ (ends - 1)))});
                    continue;
                }
            }
            at_ = at;
            const uint128 value = long_varint();
            refuse_longer(at);
            at = at_;
            if (static_cast<Unsigned>(value) != value) return false;
            take(static_cast<Unsigned>(value));
        }
        at_ = at;
        ran_out_ |= longer;
        return !ran_out_;
    }
    int128 signed_varint() noexcept
    {
        const uint128 bits = varint();
        const auto narrow = static_cast<std::uint64_t>(bits);
        return narrow == bits ? int128{unzigzag64(narrow)} : unzigzag(bits);
    }
    std::uint64_t fixed64() noexcept
    {
        std::uint64_t value = 0;
        for (int shift = 0; shift < 64; shift += 8) value |= std::uint64_t{byte()} << shift;
        return value;
    }
    // The same when eight bytes are left.
    std::uint64_t fixed64_within() noexcept
    {
        const std::uint64_t value = peek64();
        at_ += 8;
        return value;
    }
    // The next bytes, or as many as there are.
    Bytes bytes(uint128 count) noexcept
    {
        const Bytes taken(at_, count > left() ? left() : static_cast<std::size_t>(count));
        if (count > left()) ran_out_ = true;
        at_ += taken.size();
        return taken;
    }
    bool skip(std::size_t count) noexcept { return bytes(count).size() == count && !ran_out_; }
    // Past so many varints: eight bytes at a time, in which as many numbers end.
    bool skip_varints(std::size_t count) noexcept
    {
        while (count >= sizeof(std::uint64_t) && left() >= sizeof(std::uint64_t)) {
            const std::uint64_t ends = (~peek64() & 0x8080808080808080) >> 7;
            count -= (ends * 0x0101010101010101) >> 56;
            at_ += sizeof(std::uint64_t);
        }
        for (; count > 0; --count) (void)varint();
        return !ran_out_;
    }

    std::size_t left() const noexcept { return static_cast<std::size_t>(end_ - at_); }
    bool ran_out() const noexcept { return ran_out_; }

   private:
    // Byte by byte: near the end, and where eight bytes are not enough.
    uint128 long_varint() noexcept
    {
        std::uint64_t low = byte();
        if (low < 0x80) return low;
        low &= 0x7f;
        int shift = 7;
        for (; shift < 63; shift += 7) {  // nine bytes fit into 64 bits
            const std::uint64_t group = byte();
            low |= (group & 0x7f) << shift;
            if (group < 0x80) return low;
        }
        uint128 value = low;
        for (; shift < 126; shift += 7) {
            const std::uint64_t group = byte();
            value |= uint128{group & 0x7f} << shift;
            if (group < 0x80) return value;
        }
        const std::uint64_t highest = byte();
        if (highest < 4) return value | uint128{highest} << shift;  // two bits are left
        ran_out_ = true;  // longer than any number
        return 0;
    }
    // The last of several bytes has something to tell.
    void refuse_longer(const std::byte *from) noexcept
    {
        if (at_ - from > 1 && at_[-1] == std::byte{0}) ran_out_ = true;
    }
    // Eight groups of seven bits, one in each byte, side by side: pairs first, then pairs of pairs.
    static constexpr std::uint64_t joined_groups(std::uint64_t x) noexcept
    {
        x &= 0x7f7f7f7f7f7f7f7f;
        x = (x & 0x007f007f007f007f) | (x & 0x7f007f007f007f00) >> 1;
        x = (x & 0x00003fff00003fff) | (x & 0x3fff00003fff0000) >> 2;
        return (x & 0x000000000fffffff) | (x & 0x0fffffff00000000) >> 4;
    }
    std::uint64_t peek64() const noexcept
    {
        std::uint64_t value;
        __builtin_memcpy(&value, at_, sizeof(value));
        return little_endian(value);
    }

    const std::byte *at_;
    const std::byte *end_;
    bool ran_out_ = false;
};

}  // namespace partner_bonus
