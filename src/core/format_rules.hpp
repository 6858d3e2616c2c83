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
struct Mapping;

struct ColumnRule {
    std::string_view name;   // null where a mapping has no column for the field
    bool required = false;   // a file without this column is refused
    bool attribute = false;  // kept as an attribute too, because the line's fields do not tell all of it
    bool again = false;      // the second column of this name: the first has a rule of its own
};

struct FormatRules {
    std::string_view name;
    std::span<const ColumnRule> columns;             // that fill fields of the line
    std::span<const std::string_view> others;        // further columns that the format has, ascending: kept as attributes
    std::span<const std::string_view> other_begins;  // and what the names of more of them begin with
    bool keeps_unknown = false;                      // columns that it does not have are kept as well, unless told otherwise
    std::string_view null_word;                      // without quotes it means that there is no value; so does nothing at all
    void (*read)(LineFields &fields, UsageLine &line) noexcept;  // attributes are none of its business
};

inline constexpr std::size_t max_columns_of_format = 32;

// Where the columns of a format are in a file.
struct FormatLayout {
    static constexpr std::uint32_t absent = UINT32_MAX;

    // Null when the field stands for no value.
    std::string_view value_of(const CsvField &field) const noexcept
    {
        const bool none = field.text.empty() || (!field.quoted && field.text == null_word);
        return none ? std::string_view() : field.text;
    }

    bool accepts_currency(std::string_view code) const noexcept;

    const FormatRules *rules{};
    const Mapping *mapping{};             // of the format mapping
    std::span<const ColumnRule> columns;  // of the rules, or of the mapping
    std::string_view null_word;
    std::span<const std::string_view> currencies;  // that are taken, ascending; null: any
    std::array<std::uint32_t, max_columns_of_format> place{};  // of each of the columns, or absent
    std::span<const std::string_view> names;                   // of the file's columns
    std::span<const std::uint32_t> attributes;                 // places of those columns that are kept as attributes
};

// A day as text: the pattern has YYYY, MM and DD once each.
struct DayForm {
    std::string_view pattern;
    std::size_t year{};  // where these stand in the pattern
    std::size_t month{};
    std::size_t day{};
};

inline constexpr DayForm iso_day_form{"YYYY-MM-DD", 0, 5, 8};

// The category as FOCUS spells it, in whatever case it is written; null when there is no such category.
std::string_view charge_category_of(std::string_view written) noexcept;
inline constexpr std::string_view usage_category = "Usage";
inline constexpr std::string_view credit_category = "Credit";
inline constexpr std::string_view no_sku = "-";  // a tax or an adjustment may have none

// The fields of a record by the columns of its format. The first thing that is wrong is remembered, and reading goes on with
// whatever value: so a format's read() is a plain list.
class LineFields {
   public:
    LineFields(const FormatLayout &layout, std::span<const CsvField> fields) noexcept : layout_(layout), fields_(fields) {}

    std::string_view text(std::size_t column) const noexcept  // null when there is no value
    {
        const std::uint32_t place = layout_.place[column];
        return place == FormatLayout::absent ? std::string_view() : layout_.value_of(fields_[place]);
    }
    std::string_view required_text(std::size_t column) noexcept
    {
        const std::string_view value = text(column);
        if (!value.data()) fail(column, Errc::line_field_empty);
        return value;
    }
    // Within +-10^18, so that many of them can be added up.
    Decimal amount(std::size_t column) noexcept;
    OptionalDecimal optional_amount(std::size_t column) noexcept;
    Day day(std::size_t column) noexcept;
    // The day on which a moment in UTC falls: a day alone, or a day and a time.
    Day day_in_utc(std::size_t column, const DayForm &form = iso_day_form) noexcept;
    std::string_view currency(std::size_t column) noexcept;
    std::string_view charge_category(std::size_t column) noexcept;

    void fail(std::size_t column, Errc reason) noexcept;

    const Mapping &mapping() const noexcept { return *layout_.mapping; }
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

bool is_currency_code(std::string_view text) noexcept;  // three capital letters

extern const FormatRules partner_export_rules;
extern const FormatRules focus_rules;
extern const FormatRules cur_rules;
extern const FormatRules mapping_rules;

}  // namespace partner_bonus
