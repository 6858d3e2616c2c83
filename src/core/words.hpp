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

// Gives texts numbers, in the order in which they first come.
class WordTable {
   public:
    explicit WordTable(const Memory &memory) noexcept : memory_(memory) {}

    // The number of a text, which is copied when it is new.
    Result<std::uint32_t> number(std::string_view text) noexcept;
    Words words() const noexcept { return words_.first(count_); }
    std::size_t bytes() const noexcept { return bytes_; }

   private:
    bool grow() noexcept;
    bool make_room(std::size_t bytes) noexcept;

    Memory memory_;
    std::span<std::string_view> words_;
    std::span<std::uint32_t> slots_;  // number + 1; 0 is free
    std::span<char> text_;
    std::size_t used_ = 0;  // of text_
    std::size_t count_ = 0;
    std::size_t bytes_ = 0;
    std::uint32_t last_ = 0;
};

bool is_utf8_text(std::string_view text) noexcept;  // valid UTF-8 without NUL

}  // namespace partner_bonus
