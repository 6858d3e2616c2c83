#include "format_rules.hpp"

#include <algorithm>
#include <array>

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
    constexpr std::size_t longest = 20;  // a point and 19 digits, which fit into 64 bits
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    if (text.ends_with('0') && text.find('.') != std::string_view::npos) text.remove_suffix(text.size() - 1 - text.find_last_not_of('0'));
    if (text.size() > longest) return false;
    std::uint64_t units = 0;
    std::size_t point = text.size();
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto digit = static_cast<unsigned char>(text[i] - '0');
        if (digit < 10) {
            units = units * 10 + digit;
        } else if (text[i] == '.' && point == text.size()) {
            point = i;
        } else {
            return false;
        }
    }
    const std::size_t points = point < text.size() ? 1 : 0;
    const std::size_t digits = text.size() - points;
    const auto decimals = static_cast<int>(digits - point);
    if (digits == 0 || digits > 19 || decimals > amount_scale) return false;
    result = {negative ? -int128{units} : int128{units}, decimals};
    return true;
}

Result<Decimal> parse_amount_of_file(std::string_view text) noexcept
{
    Decimal plain;
    return parse_plain_decimal(text, plain) ? plain : parse_decimal(text);
}

// What may stand behind a day: a time of day, perhaps with seconds and their fraction, and UTC or nothing as its zone.
Status check_time_in_utc(std::string_view time) noexcept
{
    constexpr std::string_view hours_and_minutes = "T00:00";
    constexpr std::string_view seconds = ":00";
    if (time.empty()) return Done{};
    if (!starts_like(time, hours_and_minutes) && !starts_like(time, " 00:00")) return Errc::line_time_malformed;
    const bool hour = time[1] < '2' || (time[1] == '2' && time[2] < '4');
    if (!hour || time[4] > '5') return Errc::line_time_malformed;
    time.remove_prefix(hours_and_minutes.size());
    if (starts_like(time, seconds)) {
        if (time[1] > '5') return Errc::line_time_malformed;
        time.remove_prefix(seconds.size());
        if (starts_like(time, ".0")) time.remove_prefix(std::min(time.find_first_not_of("0123456789", 1), time.size()));
    }
    if (time.empty() || time == "Z" || time == "+00:00") return Done{};
    const bool offset = time.size() == 6 && (starts_like(time, "+00:00") || starts_like(time, "-00:00"));
    return offset ? Errc::line_time_not_utc : Errc::line_time_malformed;
}

// The text starts with a day in that form.
Result<Day> day_at_start(std::string_view text, const DayForm &form) noexcept
{
    if (text.size() < form.pattern.size()) return Errc::day_malformed;
    constexpr std::string_view letters = "YMD";
    for (std::size_t i = 0; i < form.pattern.size(); ++i) {
        if (letters.find(form.pattern[i]) == std::string_view::npos && form.pattern[i] != text[i]) return Errc::day_malformed;
    }
    std::array<char, 10> iso{'0', '0', '0', '0', '-', '0', '0', '-', '0', '0'};
    std::copy_n(text.begin() + form.year, 4, iso.begin());
    std::copy_n(text.begin() + form.month, 2, iso.begin() + 5);
    std::copy_n(text.begin() + form.day, 2, iso.begin() + 8);
    return parse_day({iso.data(), iso.size()});
}

constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

bool is_currency_code(std::string_view text) noexcept
{
    return text.size() == 3 && std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

std::string_view charge_category_of(std::string_view written) noexcept
{
    constexpr std::array<std::string_view, 5> known{usage_category, "Purchase", "Adjustment", credit_category, "Tax"};
    const auto *found = std::find_if(known.begin(), known.end(), [written](std::string_view category) {
        return std::equal(written.begin(), written.end(), category.begin(), category.end(),
                          [](char a, char b) { return lower(a) == lower(b); });
    });
    return found == known.end() ? std::string_view() : *found;
}

bool FormatLayout::accepts_currency(std::string_view code) const noexcept
{
    return currencies.data() == nullptr || std::binary_search(currencies.begin(), currencies.end(), code);
}

template <class T>
T LineFields::or_fail(std::size_t column, const Result<T> &parsed) noexcept
{
    if (parsed) return *parsed;
    fail(column, parsed.error().code);
    return {};
}

Decimal LineFields::amount(std::size_t column) noexcept
{
    const Decimal amount = or_fail(column, parse_amount_of_file(required_text(column)));
    const bool narrow = fits_int64(amount.units);  // below 10^19
    if ((!narrow || amount.scale == 0) && magnitude(amount.units) > magnitude(power_of_ten(amount.scale + 18)))
        fail(column, Errc::line_amount_too_large);
    return amount;
}

OptionalDecimal LineFields::optional_amount(std::size_t column) noexcept
{
    const std::string_view value = text(column);
    if (!value.data()) return {};
    return {or_fail(column, parse_amount_of_file(value)), true};
}

Day LineFields::day(std::size_t column) noexcept { return or_fail(column, parse_day(required_text(column))); }

Day LineFields::day_in_utc(std::size_t column, const DayForm &form) noexcept
{
    std::string_view value = required_text(column);
    const Day day = or_fail(column, day_at_start(value, form));
    value.remove_prefix(std::min(value.size(), form.pattern.size()));
    or_fail(column, check_time_in_utc(value));
    return day;
}

std::string_view LineFields::currency(std::size_t column) noexcept
{
    const std::string_view value = required_text(column);
    if (!is_currency_code(value)) fail(column, Errc::line_currency_malformed);
    if (!layout_.accepts_currency(value)) fail(column, Errc::line_currency_unknown);
    return value;
}

std::string_view LineFields::charge_category(std::size_t column) noexcept
{
    const std::string_view category = charge_category_of(required_text(column));
    if (!category.data()) fail(column, Errc::line_charge_category_unknown);
    return category;
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
