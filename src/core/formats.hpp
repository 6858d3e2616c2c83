// Formats of usage files. Every record of a file becomes a usage line or a reject with its reason; none is passed over.
#pragma once

#include "csv.hpp"
#include "format_rules.hpp"
#include "memory.hpp"
#include "result.hpp"
#include "usage_line.hpp"

namespace partner_bonus {

enum class Format : std::uint8_t { partner_export, focus };

// partner-export, focus.
Result<Format> format_from_name(std::string_view name) noexcept;

// The first thing that is wrong with a record.
struct Reject {
    Error error;              // `subject` is the value as it stands there; with line_field_count, `at` is the number of fields
    std::string_view column;  // empty when it is the whole record
};

class FormatReader {
   public:
    // Checks the header before a line is read; a header without fields is that of an empty file. Of a column's error
    // `subject` is its name and `at` its place, counted from 1.
    static Result<FormatReader> open(Format format, const CsvRecord &header, const Memory &memory) noexcept;

    // Gives a line (true) or a reject (false), valid until the next call and no longer than the record.
    bool read(const CsvRecord &record, UsageLine &line, Reject &reject) const noexcept;

    // What the file calls the column of the currency.
    std::string_view currency_column() const noexcept { return layout_.rules->currency_column; }

   private:
    FormatLayout layout_;
    std::span<Attribute> attributes_;
};

}  // namespace partner_bonus
