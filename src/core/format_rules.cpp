#include "format_rules.hpp"

#include <algorithm>

#include "text.hpp"

namespace partner_bonus {

namespace {

// Whether the text starts like the pattern, in which 0 stands for any digit.
bool starts_like(std::string_view text, std::string_view pattern) noexcept
{
    const auto alike = [](char expected, char c) { return expected == '0' ? c >= '0' && c <= '9' : c == expected; };
    return text.size() >= pattern.size() && std::equal(pattern.begin(), pattern.end(), text.begin(), alike);
}

// Most amounts are short and plain, and files are full of them: one pass over these, and nothing else is understood.
bool parse_plain_decimal(std::string_view text, Decimal &result) noexcept
{
    constexpr std::size_t longest = 21;  // a sign, a point and 19 digits, which fit into 64 bits
    if (text.empty() || text.size() > longest) return false;
    const bool negative = text.front() == '-';
    std::uint64_t units = 0, units_kept = 0;  // kept: without the zeros at the end of the decimals
    int digits = 0, decimals = 0, decimals_kept = 0;
    bool point = false;
    if (negative) text.remove_prefix(1);
    for (const char c : text) {
        const auto digit = static_cast<unsigned char>(c - '0');
        if (digit < 10) {
            units = units * 10 + digit;
            ++digits;
            decimals += point;
            if (digit != 0 || !point) {
                units_kept = units;
                decimals_kept = decimals;
            }
        } else if (c == '.' && !point) {
            point = true;
        } else {
            return false;
        }
    }
    if (digits == 0 || digits > 19 || decimals_kept > amount_scale) return false;
    result = {negative ? -int128{units_kept} : int128{units_kept}, decimals_kept};
    return true;
}

Result<Decimal> parse_amount_of_file(std::string_view text) noexcept
{
    Decimal plain;
    return parse_plain_decimal(text, plain) ? plain : parse_decimal(text);
}

// What may stand behind a day: a time of day, perhaps with a fraction, and UTC or nothing as its zone.
Status check_time_in_utc(std::string_view time) noexcept
{
    constexpr std::string_view time_of_day = "T00:00:00";
    if (time.empty()) return Done{};
    if (!starts_like(time, time_of_day) && !starts_like(time, " 00:00:00")) return Errc::line_time_malformed;
    const bool hour = time[1] < '2' || (time[1] == '2' && time[2] < '4');
    if (!hour || time[4] > '5' || time[7] > '5') return Errc::line_time_malformed;
    time.remove_prefix(time_of_day.size());
    if (starts_like(time, ".0")) time.remove_prefix(std::min(time.find_first_not_of("0123456789", 1), time.size()));
    if (time.empty() || time == "Z" || time == "+00:00") return Done{};
    const bool offset = time.size() == 6 && (starts_like(time, "+00:00") || starts_like(time, "-00:00"));
    return offset ? Errc::line_time_not_utc : Errc::line_time_malformed;
}

}  // namespace

std::string_view FormatLayout::value_of(const CsvField &field) const noexcept
{
    const bool none = field.text.empty() || (!field.quoted && field.text == rules->null_word);
    return none ? std::string_view() : field.text;
}

std::string_view LineFields::text(std::size_t column) const noexcept
{
    const std::uint32_t place = layout_.place[column];
    return place == FormatLayout::absent ? std::string_view() : layout_.value_of(fields_[place]);
}

std::string_view LineFields::required_text(std::size_t column) noexcept
{
    const std::string_view value = text(column);
    if (!value.data()) fail(column, Errc::line_field_empty);
    return value;
}

template <class T>
T LineFields::or_fail(std::size_t column, const Result<T> &parsed) noexcept
{
    if (parsed) return *parsed;
    fail(column, parsed.error().code);
    return {};
}

Decimal LineFields::amount(std::size_t column) noexcept { return or_fail(column, parse_amount_of_file(required_text(column))); }

OptionalDecimal LineFields::optional_amount(std::size_t column) noexcept
{
    const std::string_view value = text(column);
    if (!value.data()) return {};
    return {or_fail(column, parse_amount_of_file(value)), true};
}

Day LineFields::day(std::size_t column) noexcept { return or_fail(column, parse_day(required_text(column))); }

Day LineFields::day_in_utc(std::size_t column) noexcept
{
    std::string_view value = required_text(column);
    const std::size_t day_length = std::min<std::size_t>(value.size(), 10);  // YYYY-MM-DD
    const Day day = or_fail(column, parse_day({value.data(), day_length}));
    value.remove_prefix(day_length);
    or_fail(column, check_time_in_utc(value));
    return day;
}

std::string_view LineFields::currency(std::size_t column) noexcept
{
    const std::string_view value = required_text(column);
    const bool code = value.size() == 3 && std::all_of(value.begin(), value.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
    if (!code) fail(column, Errc::line_currency_malformed);
    return value;
}

// Only the first counts.
void LineFields::fail(std::size_t column, Errc reason) noexcept
{
    if (failed_) return;
    failed_ = true;
    const std::uint32_t place = layout_.place[column];
    failed_column_ = layout_.names[place];
    error_ = {reason, fields_[place].text};
}

}  // namespace partner_bonus
