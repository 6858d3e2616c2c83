// Formats of usage files. Every record of a file becomes a usage line or a reject with its reason; none is passed over.
#pragma once

#include "csv.hpp"
#include "format_rules.hpp"
#include "mapping.hpp"
#include "memory.hpp"
#include "result.hpp"
#include "usage_line.hpp"

namespace partner_bonus {

enum class Format : std::uint8_t { partner_export, focus, cur, mapping };

// partner-export, focus, cur, mapping.
Result<Format> format_from_name(std::string_view name) noexcept;
std::string_view format_name(Format format) noexcept;

// The first format whose required columns are all there. A mapping has to be asked for.
Result<Format> detect_format(const CsvRecord &header) noexcept;

// What becomes of columns that the format does not know.
enum class UnknownColumns : std::uint8_t {
    as_the_format_has_it,  // the partner export has none, the others keep them
    keep,                  // as attributes
    refuse,                // with the file
};

struct FormatOptions {
    Format format{};
    const Mapping *mapping = nullptr;  // for the format mapping
    UnknownColumns unknown_columns = UnknownColumns::as_the_format_has_it;
    std::span<const std::string_view> currencies = {};  // that are taken, ascending; null: any
};

// The first thing that is wrong with a record.
struct Reject {
    Error error;              // `subject` is the value as it stands there; with line_field_count, `at` is the number of fields
    std::string_view column;  // empty when it is the whole record
};

class FormatReader {
   public:
    // Checks the header before a line is read; a header without fields is that of an empty file. Of a column's error
    // `subject` is its name and `at` its place, counted from 1.
    static Result<FormatReader> open(const FormatOptions &options, const CsvRecord &header, const Memory &memory) noexcept;
    static Result<FormatReader> open(Format format, const CsvRecord &header, const Memory &memory) noexcept
    {
        return open(FormatOptions{.format = format}, header, memory);
    }

    // Gives a line (true) or a reject (false), valid until the next call and no longer than the record.
    bool read(const CsvRecord &record, UsageLine &line, Reject &reject) const noexcept;

   private:
    FormatLayout layout_;
    std::span<Attribute> attributes_;
};

}  // namespace partner_bonus
