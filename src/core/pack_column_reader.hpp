// The columns of a pack: read, and refused in every form but the one that write_pack gives them.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "bits.hpp"
#include "pack_format.hpp"
#include "usage_pack.hpp"

namespace partner_bonus {

// Each word has to be used, or the same lines could be written with more words.
class Used {
   public:
    // Codes of so many bits may be marked, whether there is a word or not.
    static Result<Used> of(std::size_t words, const Memory &memory) noexcept
    {
        Used used;
        used.words_ = words;
        used.marks_ = memory.array<std::uint8_t>(std::size_t{1} << code_bits(words));
        if (!used.marks_.data()) return Errc::out_of_memory;
        std::fill(used.marks_.begin(), used.marks_.end(), std::uint8_t{0});
        return used;
    }
    void mark(std::uint32_t code) noexcept { marks_[code] = 1; }
    // Each word, and nothing else.
    bool all() const noexcept
    {
        const auto end = marks_.begin() + static_cast<std::ptrdiff_t>(words_);
        return std::find(marks_.begin(), end, 0) == end && std::find(end, marks_.end(), 1) == marks_.end();
    }

   private:
    std::size_t words_ = 0;
    std::span<std::uint8_t> marks_;
};

// Which lines of a column have a unit that is written: all, or those of a bit.
struct UnitMarks {
    bool given_marked = false;
    bool zeros_marked = false;
    BitReader given{Bytes{}};     // of each line
    BitReader not_zero{Bytes{}};  // of each given line
};

// What the units that are written are like.
struct UnitTraits {
    uint128 most = 0;  // magnitude
    std::size_t zeros = 0;
};

// Takes the marks of lines that have the number; false without memory.
bool given_lines(BitReader marks, std::size_t lines, PackColumns::Number &column, const Memory &memory) noexcept;
// With 64 bits each, if they fit.
Status read_units(WireReader &wire, std::size_t lines, const UnitMarks &marks, PackColumns::Number &column, UnitTraits &traits, const Memory &memory) noexcept;
// The largest magnitude as an amount; false when it is none.
bool greatest_amount(const UnitTraits &traits, int scale, Amount &greatest) noexcept;

// Takes what its words have off the bytes that are left for words.
Status read_text(WireReader &wire, std::size_t lines, PackColumns::Text &column, std::size_t &bytes_left, const Memory &memory) noexcept;
// `greatest` is the largest magnitude.
Status read_number(WireReader &wire, std::size_t lines, PackColumns::Number &column, Amount &greatest, const Memory &memory) noexcept;

// Whether columns that have been read can be those of lines; `greatest` has the largest magnitude of each number.
bool are_lines(const PackColumns &columns, std::span<const Amount, pack_number::count> greatest) noexcept;

// Reads the columns that are not the key's: each is handed over with the wire at its start.
template <class ReadText, class ReadNumber>
Status read_columns(const PackParts &parts, PackColumns &columns, ReadText read_text, ReadNumber read_number) noexcept
{
    std::array<Amount, pack_number::count> greatest{};
    WireReader content(parts.content);
    WireReader remarks(parts.remarks);
    for (std::size_t column = pack_text::key_end; column < pack_text::count; ++column) {
        if (column == pack_text::content_end) {
            for (std::size_t number = 0; number < pack_number::count; ++number) {
                const Status read = read_number(content, columns.numbers[number], greatest[number]);
                if (!read) return read.error();
            }
        }
        const Status read = read_text(column < pack_text::content_end ? content : remarks, columns.texts[column]);
        if (!read) return read.error();
    }
    if (content.left() > 0 || remarks.left() > 0 || !are_lines(columns, greatest)) return Errc::binary_malformed;
    return Done{};
}

}  // namespace partner_bonus
