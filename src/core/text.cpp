#include "text.hpp"

#include <algorithm>
#include <array>

namespace partner_bonus {

namespace {

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_space(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }
constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// substr throws for a start beyond the end; the core has no exceptions and never asks for that.
constexpr std::string_view slice(std::string_view text, std::size_t from, std::size_t to) noexcept
{
    return {text.data() + from, to - from};
}

bool names_no_number(std::string_view text) noexcept
{
    constexpr std::array<std::string_view, 3> names{"nan", "infinity", "inf"};
    if (!text.empty() && (text.front() == '+' || text.front() == '-')) text.remove_prefix(1);
    return std::any_of(names.begin(), names.end(), [text](std::string_view name) {
        return std::equal(text.begin(), text.end(), name.begin(), name.end(), [](char a, char b) { return lower(a) == b; });
    });
}

// The exponent after an E: sign and digits. Clamped, since nothing beyond a few dozen is an amount.
bool parse_exponent(std::string_view text, int &exponent) noexcept
{
    bool negative = false;
    if (!text.empty() && (text.front() == '+' || text.front() == '-')) {
        negative = text.front() == '-';
        text.remove_prefix(1);
    }
    if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit)) return false;
    int value = 0;
    for (const char c : text) value = std::min(value * 10 + (c - '0'), 100'000);
    exponent = negative ? -value : value;
    return true;
}

}  // namespace

Result<Decimal> parse_decimal(std::string_view text) noexcept
{
    if (names_no_number(text)) return Error{Errc::amount_not_finite, text};
    std::string_view rest = text;
    bool negative = false;
    if (!rest.empty() && (rest.front() == '+' || rest.front() == '-')) {
        negative = rest.front() == '-';
        rest.remove_prefix(1);
    }

    int exponent = 0;
    const std::size_t e = rest.find_first_of("eE");
    if (e != std::string_view::npos && !parse_exponent(slice(rest, e + 1, rest.size()), exponent))
        return Error{Errc::amount_malformed, text};
    const std::string_view mantissa = slice(rest, 0, std::min(e, rest.size()));
    const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
    const auto is_digit_or_point = [&](const char &c) { return is_digit(c) || &c == mantissa.data() + point; };
    if (!std::all_of(mantissa.begin(), mantissa.end(), is_digit_or_point) ||
        !std::any_of(mantissa.begin(), mantissa.end(), is_digit))
        return Error{Errc::amount_malformed, text};

    const std::size_t last = mantissa.find_last_of("123456789");
    if (last == std::string_view::npos) return Decimal{};
    if (mantissa.size() > 10'000) return Error{Errc::amount_out_of_range, text};
    const int decimals = static_cast<int>(last) - static_cast<int>(point) + (last < point ? 1 : 0) - exponent;
    if (decimals > amount_scale) return Error{Errc::amount_too_many_decimals, text};

    Decimal result{0, std::max(decimals, 0)};
    for (const char c : slice(mantissa, 0, last + 1)) {
        if (c != '.' && (!try_multiply(result.units, 10, result.units) || !try_add(result.units, c - '0', result.units)))
            return Error{Errc::amount_out_of_range, text};
    }
    if (decimals < -20 || !try_multiply(result.units, power_of_ten(std::max(-decimals, 0)), result.units) || !to_amount(result))
        return Error{Errc::amount_out_of_range, text};
    if (negative) result.units = -result.units;
    return result;
}

Result<Amount> parse_amount(std::string_view text) noexcept
{
    PARTNER_BONUS_TRY(decimal, parse_decimal(text));
    return to_amount(decimal);
}

Result<Rate> parse_rate(std::string_view text) noexcept
{
    const auto decimal = parse_decimal(text);
    if (!decimal) return Error{rate_error(decimal.error().code), text};
    const auto rate = to_rate(*decimal);
    if (!rate) return Error{rate.error().code, text};
    return rate;
}

Result<Day> parse_day(std::string_view text) noexcept
{
    const auto number = [text](std::size_t from, std::size_t to) {
        int value = 0;
        for (const char c : slice(text, from, to)) value = value * 10 + (c - '0');
        return value;
    };
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return Error{Errc::day_malformed, text};
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i != 4 && i != 7 && !is_digit(text[i])) return Error{Errc::day_malformed, text};
    }
    const CivilDate date{number(0, 4), number(5, 7), number(8, 10)};
    if (date.year == 0) return Error{Errc::day_out_of_range, text};
    if (date.month < 1 || date.month > 12 || date.day < 1 || date.day > 31) return Error{Errc::day_malformed, text};
    const Day day = day_from_civil(date);
    if (date.day > 28 && civil_from_day(day).day != date.day) return Error{Errc::day_malformed, text};  // no such day in that month
    return day;
}

void TextReader::skip_spaces() noexcept
{
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
}

bool TextReader::take(char expected) noexcept
{
    skip_spaces();
    if (at_ == text_.size() || text_[at_] != expected) return false;
    ++at_;
    return true;
}

std::string_view TextReader::take_until(std::string_view terminators) noexcept
{
    skip_spaces();
    const std::size_t end = std::min(text_.find_first_of(terminators, at_), text_.size());
    std::string_view token = slice(text_, at_, end);
    at_ = end;
    while (!token.empty() && is_space(token.back())) token.remove_suffix(1);
    return token;
}

bool TextReader::at_end() noexcept
{
    skip_spaces();
    return at_ == text_.size();
}

Error TextReader::stopped(Errc code) const noexcept
{
    return {code, slice(text_, at_, text_.size()), static_cast<std::int64_t>(at_) + 1};
}

void TextWriter::put(std::string_view text) noexcept { at_ = std::copy(text.begin(), text.end(), at_); }

void TextWriter::day(Day day) noexcept
{
    const CivilDate date = civil_from_day(day);
    const auto padded = [this](int value, std::ptrdiff_t width) {
        std::array<char, 39> digits;
        char *first = write_digits(static_cast<uint128>(value), digits.end());
        while (digits.end() - first < width) *--first = '0';
        put({first, digits.end()});
    };
    padded(date.year, 4);
    put('-');
    padded(date.month, 2);
    put('-');
    padded(date.day, 2);
}

void TextWriter::decimal(int128 units, int scale) noexcept
{
    if (units < 0) put('-');
    const int zeros = trailing_zeros(units, scale);
    const auto kept = static_cast<std::size_t>(scale - zeros);
    std::array<char, 39> buffer;
    char *first = write_digits(magnitude(drop_zeros(units, zeros)), buffer.end());
    while (static_cast<std::size_t>(buffer.end() - first) <= kept) *--first = '0';  // at least one digit before the point
    const std::string_view digits(first, buffer.end());
    put(slice(digits, 0, digits.size() - kept));
    if (kept == 0) return;
    put('.');
    put(slice(digits, digits.size() - kept, digits.size()));
}

}  // namespace partner_bonus
