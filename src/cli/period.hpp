// Days as the command line names them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/day.hpp"

namespace pbonus {

// From the first day until before the end.
struct Period {
    partner_bonus::Day from{};
    partner_bonus::Day until{};

    std::string range() const;  // as a daterange
};

// 2026-10, 2026-10-05, 2026-10-01..2026-10-05 (both included) or [2026-10-01,2026-10-06). Throws a Failure for other texts.
Period parse_period(const std::string &text);
partner_bonus::Day parse_day(const std::string &text);

// The only day that stands in the name of a file, as 2026-10-05 or 20261005.
std::optional<partner_bonus::Day> day_in_name(std::string_view path);

}  // namespace pbonus
