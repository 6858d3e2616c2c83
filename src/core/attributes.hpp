// The attributes of a line as one text, to be kept and compared as a word: by name, each name and each value behind its
// length (4:team3:web).
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "memory.hpp"
#include "result.hpp"
#include "usage_line.hpp"

namespace partner_bonus {

// Null when there are none. `attributes` have distinct names, in any order; they are put in order.
Result<std::string_view> attributes_to_word(std::span<Attribute> attributes, std::span<char> &room, const Memory &memory) noexcept;

// How many attributes a word holds, -1 when it is none of ours. Writes as many as `out` has room for.
std::ptrdiff_t attributes_from_word(std::string_view word, std::span<Attribute> out) noexcept;

}  // namespace partner_bonus
