// Dictionaries: ascending words as bytes, each without what it shares with the word before, lower-case ids packed five
// characters in 26 bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "memory.hpp"
#include "result.hpp"
#include "wire.hpp"

namespace partner_bonus {

// A word may be missing (null data): it sorts before all others, the empty word included.
using Words = std::span<const std::string_view>;

// Bytes of all words of one dictionary together, as long as they are.
inline constexpr std::size_t max_words_bytes = std::size_t{1} << 27;

constexpr bool word_less(std::string_view a, std::string_view b) noexcept
{
    if (a.data() == nullptr || b.data() == nullptr) return a.data() == nullptr && b.data() != nullptr;
    return a < b;
}

// Room enough for write_words.
std::size_t words_room(Words words) noexcept;
// `words` ascend without repetition.
void write_words(WireWriter &wire, Words words) noexcept;
// What write_words wrote, and nothing else: words ascend, are valid UTF-8 and hold no NUL, else binary_malformed. Takes their
// bytes off those that are left for dictionaries; when there are not so many it is binary_malformed, too.
Result<Words> read_words(WireReader &wire, std::size_t most, std::size_t &bytes_left, const Memory &memory) noexcept;
inline Result<Words> read_words(WireReader &wire, std::size_t most, const Memory &memory) noexcept
{
    std::size_t bytes_left = max_words_bytes;
    return read_words(wire, most, bytes_left, memory);
}

// Words are short: blocks that may overlap are compared faster than a call is made.
inline bool same_word(std::string_view a, std::string_view b) noexcept
{
    const std::size_t size = a.size();
    if (size != b.size()) return false;
    const auto differ = [&]<class Block>(Block x, std::size_t at) {
        Block y;
        __builtin_memcpy(&x, a.data() + at, sizeof(Block));
        __builtin_memcpy(&y, b.data() + at, sizeof(Block));
        return std::uint64_t{x ^ y};
    };
    constexpr std::uint64_t eight{};
    constexpr std::uint32_t four{};
    if (size > 32) return __builtin_memcmp(a.data(), b.data(), size) == 0;
    if (size >= 16) return (differ(eight, 0) | differ(eight, 8) | differ(eight, size - 16) | differ(eight, size - 8)) == 0;
    if (size >= 8) return (differ(eight, 0) | differ(eight, size - 8)) == 0;
    if (size >= 4) return (differ(four, 0) | differ(four, size - 4)) == 0;
    if (size == 0) return (a.data() == nullptr) == (b.data() == nullptr);
    return a[0] == b[0] && a[size >> 1] == b[size >> 1] && a[size - 1] == b[size - 1];
}

// Gives texts numbers, in the order in which they first come.
class WordTable {
   public:
    explicit WordTable(const Memory &memory) noexcept : memory_(memory) {}

    // The number of a text, which is copied when it is new. The last one comes again more often than any other.
    Result<std::uint32_t> number(std::string_view text) noexcept
    {
        if (count_ > 0 && same_word(last_word_, text)) return last_;
        return find(text);
    }
    Words words() const noexcept { return words_.first(count_); }
    std::size_t bytes() const noexcept { return bytes_; }

   private:
    Result<std::uint32_t> find(std::string_view text) noexcept;
    bool grow() noexcept;
    bool make_room(std::size_t bytes) noexcept;

    Memory memory_;
    std::span<std::string_view> words_;
    std::span<std::uint32_t> slots_;  // number + 1; 0 is free
    std::span<char> text_;
    std::size_t used_ = 0;  // of text_
    std::size_t count_ = 0;
    std::size_t bytes_ = 0;
    std::string_view last_word_;
    std::uint32_t last_ = 0;
};

bool is_utf8_text(std::string_view text) noexcept;  // valid UTF-8 without NUL

}  // namespace partner_bonus
