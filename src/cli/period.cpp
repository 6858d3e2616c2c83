#include "period.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "failure.hpp"
#include "text.hpp"

namespace pbonus {

namespace core = partner_bonus;

namespace {

[[noreturn]] void refuse(const std::string &text)
{
    throw Failure(Exit::usage, {"\"" + text + "\" names no days", "",
                                "Write a month 2026-10, a day 2026-10-05, a range 2026-10-01..2026-10-05 or [2026-10-01,2026-10-06).", ""});
}

std::optional<core::Day> day_of(std::string_view text)
{
    const auto day = core::parse_day(text);
    return day ? std::optional(*day) : std::nullopt;
}

// "[a,b)" and "a..b" as two texts.
std::optional<std::pair<std::string, std::string>> bounds(const std::string &text, std::string_view before, std::string_view between,
                                                          std::string_view behind)
{
    const std::size_t middle = text.find(between);
    if (!text.starts_with(before) || !text.ends_with(behind) || middle == std::string::npos || middle < before.size()) return {};
    const std::size_t second = middle + between.size();
    return std::pair{text.substr(before.size(), middle - before.size()), text.substr(second, text.size() - behind.size() - second)};
}

}  // namespace

std::string Period::range() const { return '[' + day_text(from) + ',' + day_text(until) + ')'; }

Period parse_period(const std::string &text)
{
    if (const auto day = day_of(text)) return {*day, *day + 1};
    if (const auto month = day_of(text + "-01"); month && text.size() == 7) {
        constexpr int longest_month = 31;
        return {*month, core::first_of_month(*month + longest_month)};
    }
    const auto days = bounds(text, "", "..", "");
    const auto range = bounds(text, "[", ",", ")");
    if (!days && !range) refuse(text);
    const auto from = day_of((days ? days : range)->first), until = day_of((days ? days : range)->second);
    if (!from || !until) refuse(text);
    const Period period{*from, *until + (days ? 1 : 0)};
    if (period.from >= period.until) refuse(text);
    return period;
}

core::Day parse_day(const std::string &text)
{
    const auto day = day_of(text);
    if (!day) throw Failure(Exit::usage, {"\"" + text + "\" is no day", "", "Write it as 2026-10-05.", ""});
    return *day;
}

std::optional<core::Day> day_in_name(std::string_view path)
{
    const std::string name(path.substr(path.rfind('/') + 1));
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    std::optional<core::Day> found;
    for (std::size_t at = 0; at < name.size(); ++at) {
        if (at > 0 && is_digit(name[at - 1])) continue;
        for (const std::size_t length : {std::size_t{8}, std::size_t{10}}) {
            std::string text = name.substr(at, length);
            if (text.size() != length || (at + length < name.size() && is_digit(name[at + length]))) continue;
            if (length == 8 && !std::all_of(text.begin(), text.end(), is_digit)) continue;
            if (length == 8) text.insert(6, "-").insert(4, "-");
            const auto day = day_of(text);
            if (!day) continue;
            if (found && *found != *day) return {};
            found = day;
        }
    }
    return found;
}

}  // namespace pbonus
