// A mapping says what the columns of a CSV file mean, for files in none of the known formats. It is a text:
//
//     # what a line begins with a # is a comment
//     usage_day       = Usage Date
//     charge_category = "Usage"
//     attribute       = Region
//
// A field of the usage line, an equals sign, and the file's column, or a constant in double quotes.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "format_rules.hpp"
#include "memory.hpp"
#include "result.hpp"

namespace partner_bonus {

struct Mapping {
    // Null unless it is a constant.
    std::string_view currency() const noexcept;

    std::array<ColumnRule, max_columns_of_format> columns{};          // of each field
    std::array<std::string_view, max_columns_of_format> constants{};  // of each field, null where it has none
    std::span<const std::string_view> attributes;                     // further columns to be kept, ascending
    std::span<const std::string_view> ignored;                        // and not to be kept, ascending
    std::string_view null_word;
    DayForm day_form = iso_day_form;
};

inline constexpr std::size_t max_mapping_bytes = std::size_t{1} << 20;

// The mapping points into the text. Of an error `at` is the line and `subject` what stands there.
Result<Mapping> parse_mapping(std::string_view text, const Memory &memory) noexcept;

}  // namespace partner_bonus
