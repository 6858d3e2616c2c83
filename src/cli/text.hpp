// Values as text, for people and for the server.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/amount.hpp"
#include "core/day.hpp"

namespace pbonus {

std::string day_text(partner_bonus::Day day);
std::string amount_text(partner_bonus::Amount amount);
std::string grouped(std::int64_t number);  // 1,234,567
std::string bytes_text(std::uint64_t bytes);
std::string hex(const unsigned char *bytes, std::size_t count);
// "1 file", "2 files"
std::string counted(std::int64_t number, const std::string &noun);

// A text of UTF-8 in double quotes, as JSON has it.
std::string json_text(const std::string &text);

// At most so many bytes of its beginning, and no part of a character.
std::string_view start_of(std::string_view text, std::size_t bytes);
// As a message repeats a piece of the input.
std::string shortened(std::string_view text);

}  // namespace pbonus
