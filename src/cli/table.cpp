#include "table.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "text.hpp"

namespace pbonus {

namespace {

constexpr Oid bool_type = 16;
constexpr std::array<Oid, 3> integer_types{20, 21, 23};
constexpr std::array<Oid, 2> json_types{114, 3802};
constexpr Oid numeric_type = 1700;

template <std::size_t n>
bool contains(const std::array<Oid, n> &types, Oid type)
{
    return std::find(types.begin(), types.end(), type) != types.end();
}

// Characters, as far as UTF-8 tells: bytes that do not continue one.
std::size_t width_of(std::string_view text)
{
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

std::string json_value(const Rows &rows, int row, int column)
{
    if (rows.is_null(row, column)) return "null";
    const std::string text(rows.text(row, column));
    const Oid type = rows.type(column);
    if (type == bool_type) return text == "t" ? "true" : "false";
    return contains(integer_types, type) || contains(json_types, type) ? text : json_text(text);
}

}  // namespace

std::string figure_text(const std::string &name, const std::string &value)
{
    return "  " + name + std::string(12 - std::min<std::size_t>(11, name.size()), ' ') + value + '\n';
}

std::string table_text(const Rows &rows)
{
    std::vector<std::size_t> widths;
    for (int column = 0; column < rows.columns(); ++column) {
        std::size_t width = width_of(rows.name(column));
        for (int row = 0; row < rows.count(); ++row) width = std::max(width, width_of(rows.text(row, column)));
        widths.push_back(width);
    }
    std::string text;
    const auto add_line = [&](const auto &cell, const auto &right) {
        std::string line;
        for (int column = 0; column < rows.columns(); ++column) {
            const std::string_view value = cell(column);
            const std::string pad(widths[static_cast<std::size_t>(column)] - width_of(value), ' ');
            line += (column == 0 ? "" : "  ");
            line += right(column) ? pad + std::string(value) : std::string(value) + pad;
        }
        text += line.erase(line.find_last_not_of(' ') + 1) + '\n';
    };
    const auto is_number = [&rows](int column) {
        return contains(integer_types, rows.type(column)) || rows.type(column) == numeric_type;
    };
    add_line([&rows](int column) { return rows.name(column); }, is_number);
    for (int row = 0; row < rows.count(); ++row) add_line([&rows, row](int column) { return rows.text(row, column); }, is_number);
    return text;
}

std::string json_rows(const Rows &rows)
{
    std::string json = "[";
    for (int row = 0; row < rows.count(); ++row) {
        json += row == 0 ? "\n  {" : ",\n  {";
        for (int column = 0; column < rows.columns(); ++column)
            json += (column == 0 ? "" : ", ") + json_text(std::string(rows.name(column))) + ": " + json_value(rows, row, column);
        json += '}';
    }
    return json + (rows.count() == 0 ? "]" : "\n]");
}

void Answers::add(const std::string &name, const Rows &rows)
{
    if (json_)
        text_ += (text_.empty() ? "{" : ",\n ") + json_text(name) + ": " + json_rows(rows);
    else
        text_ += (text_.empty() ? "" : "\n") + name + ":\n" + (rows.count() == 0 ? "none\n" : table_text(rows));
}

void Answers::print() const { std::fputs((json_ ? text_ + "}\n" : text_).c_str(), stdout); }

}  // namespace pbonus
