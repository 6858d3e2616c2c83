#include "formats.hpp"

#include <algorithm>
#include <array>

namespace partner_bonus {

namespace {

constexpr std::array<const FormatRules *, 4> all_rules{&partner_export_rules, &focus_rules, &cur_rules, &mapping_rules};  // as in Format

Error column_error(Errc code, std::string_view name, std::size_t place) noexcept
{
    return {code, name, static_cast<std::int64_t>(place) + 1};
}

// The header goes, its names stay.
Result<std::span<const std::string_view>> copy_names(std::span<const CsvField> header, const Memory &memory) noexcept
{
    std::size_t length = 0;
    for (const CsvField &field : header) length += field.text.size();
    const auto names = memory.array<std::string_view>(header.size());
    if (!names.data()) return Errc::out_of_memory;
    const auto text = memory.array<char>(length);
    if (!text.data()) return Errc::out_of_memory;
    char *end = text.data();
    std::transform(header.begin(), header.end(), names.begin(), [&end](const CsvField &field) {
        char *begin = end;
        end = std::copy(field.text.begin(), field.text.end(), begin);
        return std::string_view(begin, end);
    });
    return std::span<const std::string_view>(names);
}

bool contains(std::span<const std::string_view> ascending, std::string_view name) noexcept
{
    return std::binary_search(ascending.begin(), ascending.end(), name);
}

// Whether a column that fills no field is kept as an attribute.
Result<bool> keep_other(const FormatLayout &layout, std::size_t place, UnknownColumns unknown) noexcept
{
    const std::string_view name = layout.names[place];
    const FormatRules &rules = *layout.rules;
    if (layout.mapping && contains(layout.mapping->ignored, name)) return false;
    if (layout.mapping && contains(layout.mapping->attributes, name)) return true;
    const bool known = contains(rules.others, name) ||
                       std::any_of(rules.other_begins.begin(), rules.other_begins.end(),
                                   [name](std::string_view begin) { return name.starts_with(begin); });
    if (known || unknown == UnknownColumns::keep || (unknown == UnknownColumns::as_the_format_has_it && rules.keeps_unknown)) return true;
    return column_error(Errc::file_header_unknown_column, name, place);
}

// Finds the format's columns for the file's column at `place`; says whether the latter is kept as an attribute. A mapping may
// fill several fields from one column.
Result<bool> place_column(FormatLayout &layout, std::size_t place, UnknownColumns unknown) noexcept
{
    const std::string_view name = layout.names[place];
    bool known = false, taken = false, attribute = false;
    for (std::size_t column = 0; column < layout.columns.size(); ++column) {
        const ColumnRule &rule = layout.columns[column];
        if (rule.name.data() == nullptr || rule.name != name) continue;
        known = true;
        if (layout.place[column] != FormatLayout::absent || (rule.again && taken)) continue;
        layout.place[column] = static_cast<std::uint32_t>(place);
        taken = true;
        attribute = attribute || rule.attribute;
    }
    if (!known) return keep_other(layout, place, unknown);
    if (!taken) return column_error(Errc::file_header_repeated_column, name, place);
    return attribute || (layout.mapping && contains(layout.mapping->attributes, name));
}

// Two attributes of one name could not be told apart. Sorting keeps a header of a million columns cheap.
Status check_attribute_names(const FormatLayout &layout, const Memory &memory) noexcept
{
    const auto sorted = memory.array<std::uint32_t>(layout.attributes.size());
    if (!sorted.data()) return Errc::out_of_memory;
    const auto name = [&layout](std::uint32_t place) { return layout.names[place]; };
    std::copy(layout.attributes.begin(), layout.attributes.end(), sorted.begin());
    std::sort(sorted.begin(), sorted.end(), [&name](std::uint32_t a, std::uint32_t b) {
        const auto order = name(a) <=> name(b);
        return order != 0 ? order < 0 : a < b;
    });
    std::uint32_t repeated = FormatLayout::absent;
    for (std::size_t i = 1; i < sorted.size(); ++i) {
        if (name(sorted[i]) == name(sorted[i - 1])) repeated = std::min(repeated, sorted[i]);
    }
    if (repeated != FormatLayout::absent) return column_error(Errc::file_header_repeated_column, name(repeated), repeated);
    return Done{};
}

}  // namespace

Result<Format> format_from_name(std::string_view name) noexcept
{
    const auto named = [name](const FormatRules *rules) { return rules->name == name; };
    const auto *found = std::find_if(all_rules.begin(), all_rules.end(), named);
    if (found == all_rules.end()) return Error{Errc::file_format_unknown, name};
    return static_cast<Format>(found - all_rules.begin());
}

std::string_view format_name(Format format) noexcept { return all_rules[static_cast<std::size_t>(format)]->name; }

Result<Format> detect_format(const CsvRecord &header) noexcept
{
    if (header.fields.empty()) return Errc::file_empty;
    for (const Format format : {Format::partner_export, Format::focus, Format::cur}) {
        const auto columns = all_rules[static_cast<std::size_t>(format)]->columns;
        const auto is_there = [&header](const ColumnRule &column) {
            const auto named = [&column](const CsvField &field) { return field.text == column.name; };
            return !column.required || std::any_of(header.fields.begin(), header.fields.end(), named);
        };
        if (std::all_of(columns.begin(), columns.end(), is_there)) return format;
    }
    return Errc::file_format_undetected;
}

Result<FormatReader> FormatReader::open(const FormatOptions &options, const CsvRecord &header, const Memory &memory) noexcept
{
    const Format format = options.format;
    if (header.fields.empty()) return Errc::file_empty;
    if (format == Format::mapping && options.mapping == nullptr) return Errc::mapping_needed;
    FormatReader reader;
    FormatLayout &layout = reader.layout_;
    layout.rules = all_rules[static_cast<std::size_t>(format)];
    layout.columns = layout.rules->columns;
    layout.null_word = layout.rules->null_word;
    layout.currencies = options.currencies;
    if (format == Format::mapping) {
        layout.mapping = options.mapping;
        layout.columns = options.mapping->columns;
        layout.null_word = options.mapping->null_word;
        const std::string_view currency = options.mapping->currency();
        if (currency.data() && !layout.accepts_currency(currency)) return Error{Errc::line_currency_unknown, currency};
    }
    layout.place.fill(FormatLayout::absent);
    PARTNER_BONUS_TRY(names, copy_names(header.fields, memory));
    layout.names = names;

    const auto attributes = memory.array<std::uint32_t>(names.size());
    if (!attributes.data()) return Errc::out_of_memory;
    std::size_t count = 0;
    for (std::size_t place = 0; place < names.size(); ++place) {
        PARTNER_BONUS_TRY(is_attribute, place_column(layout, place, options.unknown_columns));
        if (is_attribute) attributes[count++] = static_cast<std::uint32_t>(place);
    }
    layout.attributes = attributes.first(count);
    const Status distinct = check_attribute_names(layout, memory);
    if (!distinct) return distinct.error();

    for (std::size_t column = 0; column < layout.columns.size(); ++column) {
        const ColumnRule &rule = layout.columns[column];
        if (rule.required && layout.place[column] == FormatLayout::absent)
            return Error{Errc::file_header_missing_column, rule.name};
    }
    reader.attributes_ = memory.array<Attribute>(count);
    if (!reader.attributes_.data()) return Errc::out_of_memory;
    return reader;
}

bool FormatReader::read(const CsvRecord &record, UsageLine &line, Reject &reject) const noexcept
{
    if (record.fields.size() != layout_.names.size()) {
        reject = {{Errc::line_field_count, {}, static_cast<std::int64_t>(record.fields.size())}, {}};
        return false;
    }
    line = {};
    LineFields fields(layout_, record.fields);
    layout_.rules->read(fields, line);
    if (fields.failed()) {
        reject = {fields.error(), fields.failed_column()};
        return false;
    }
    std::size_t count = 0;
    for (const std::uint32_t place : layout_.attributes) {
        const std::string_view value = layout_.value_of(record.fields[place]);
        if (value.data()) attributes_[count++] = {layout_.names[place], value};
    }
    line.attributes = attributes_.first(count);
    return true;
}

}  // namespace partner_bonus
