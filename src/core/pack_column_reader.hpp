// The columns of a pack: read, and refused in every form but the one that write_pack gives them.
#pragma once

#include <algorithm>
#include <cstdint>

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

// Takes what its words have off the bytes that are left for words.
Status read_text(WireReader &wire, std::size_t lines, PackColumns::Text &column, std::size_t &bytes_left, const Memory &memory) noexcept;
// `greatest` is the largest magnitude.
Status read_number(WireReader &wire, std::size_t lines, PackColumns::Number &column, Amount &greatest, const Memory &memory) noexcept;

}  // namespace partner_bonus
