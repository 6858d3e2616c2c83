#include "text.hpp"

#include <array>
#include <cstdio>

#include "core/text.hpp"

namespace pbonus {

std::string day_text(partner_bonus::Day day)
{
    std::array<char, partner_bonus::TextWriter::day_room> room;
    partner_bonus::TextWriter writer(room);
    writer.day(day);
    return std::string(writer.written());
}

std::string amount_text(partner_bonus::Amount amount)
{
    std::array<char, partner_bonus::TextWriter::decimal_room> room;
    partner_bonus::TextWriter writer(room);
    writer.decimal(amount, partner_bonus::amount_scale);
    return std::string(writer.written());
}

std::string grouped(std::int64_t number)
{
    std::string text = std::to_string(number);
    const std::size_t sign = number < 0 ? 1 : 0;
    for (std::size_t place = text.size(); place > sign + 3; text.insert(place, ",")) place -= 3;
    return text;
}

std::string bytes_text(std::uint64_t bytes)
{
    constexpr std::array<const char *, 5> units{"B", "kB", "MB", "GB", "TB"};
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    for (; value >= 1000 && unit + 1 < units.size(); ++unit) value /= 1000;
    std::array<char, 32> text;
    std::snprintf(text.data(), text.size(), unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
    return text.data();
}

std::string hex(const unsigned char *bytes, std::size_t count)
{
    constexpr const char *digits = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        text += digits[bytes[i] >> 4];
        text += digits[bytes[i] & 15];
    }
    return text;
}

std::string counted(std::int64_t number, const std::string &noun) { return grouped(number) + ' ' + noun + (number == 1 ? "" : "s"); }

std::string_view start_of(std::string_view text, std::size_t bytes)
{
    if (text.size() <= bytes) return text;
    while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0U) == 0x80U) --bytes;
    return text.substr(0, bytes);
}

std::string shortened(std::string_view text)
{
    constexpr std::size_t most_shown = 120;
    const std::string_view start = start_of(text, most_shown);
    return std::string(start) + (start.size() < text.size() ? "..." : "");
}

std::string json_text(const std::string &text)
{
    std::string json = "\"";
    for (const char c : text) {
        const auto code = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            json += '\\';
            json += c;
        } else if (c == '\n') {
            json += "\\n";
        } else if (c == '\t') {
            json += "\\t";
        } else if (code < 0x20) {
            std::array<char, 8> escape;
            std::snprintf(escape.data(), escape.size(), "\\u%04x", code);
            json += escape.data();
        } else {
            json += c;
        }
    }
    return json + '"';
}

}  // namespace pbonus
