// What a format is made of. A new one is a file like focus.cpp, and an entry in formats.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "csv.hpp"
#include "result.hpp"
#include "usage_line.hpp"

namespace partner_bonus {

class LineFields;

struct ColumnRule {
    std::string_view name;
    bool required = false;   // a file without this column is refused
    bool attribute = false;  // kept as an attribute too, because the line's fields do not tell all of it
};

struct FormatRules {
    std::string_view name;
    std::span<const ColumnRule> columns;  // a name that stands here twice may stand in the header twice
    std::string_view attribute_prefix;    // other columns begin with this, and are kept as attributes
    std::string_view currency_column;
    std::string_view null_word;           // without quotes it means that there is no value; so does nothing at all
    void (*read)(LineFields &fields, UsageLine &line) noexcept;  // attributes are none of its business
};

inline constexpr std::size_t max_columns_of_format = 32;

// Where the columns of a format are in a file.
struct FormatLayout {
    static constexpr std::uint32_t absent = UINT32_MAX;

    // Null when the field stands for no value.
    std::string_view value_of(const CsvField &field) const noexcept;

    const FormatRules *rules{};
    std::array<std::uint32_t, max_columns_of_format> place{};  // of each column of the rules, or absent
    std::span<const std::string_view> names;                   // of the file's columns
    std::span<const std::uint32_t> attributes;                 // places of those columns that are kept as attributes
};

// The fields of a record by the columns of its format. The first thing that is wrong is remembered, and reading goes on with
// whatever value: so a format's read() is a plain list.
class LineFields {
   public:
    LineFields(const FormatLayout &layout, std::span<const CsvField> fields) noexcept : layout_(layout), fields_(fields) {}

    std::string_view text(std::size_t column) const noexcept;  // null when there is no value
    std::string_view required_text(std::size_t column) noexcept;
    Decimal amount(std::size_t column) noexcept;
    OptionalDecimal optional_amount(std::size_t column) noexcept;
    Day day(std::size_t column) noexcept;
    // The day on which a moment in UTC falls: a day alone, or a day and a time.
    Day day_in_utc(std::size_t column) noexcept;
    std::string_view currency(std::size_t column) noexcept;

    void fail(std::size_t column, Errc reason) noexcept;

    bool failed() const noexcept { return failed_; }
    const Error &error() const noexcept { return error_; }  // its subject is the field as it stands there
    std::string_view failed_column() const noexcept { return failed_column_; }

   private:
    template <class T>
    T or_fail(std::size_t column, const Result<T> &parsed) noexcept;

    const FormatLayout &layout_;
    std::span<const CsvField> fields_;
    bool failed_ = false;
    Error error_;
    std::string_view failed_column_;
};

extern const FormatRules partner_export_rules;
extern const FormatRules focus_rules;

}  // namespace partner_bonus
