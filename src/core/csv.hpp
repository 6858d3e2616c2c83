// Comma-separated values (RFC 4180): chunks of a file go in, records come out. Fields are copied only when they must be.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "memory.hpp"
#include "result.hpp"

namespace partner_bonus {

struct CsvField {
    std::string_view text;  // without the quotes around it, "" inside them read as "
    bool quoted{};
};

struct CsvRecord {
    std::span<const CsvField> fields;
    std::int64_t line{};  // of the file, on which the record starts; the first is 1
};

// Takes LF and CRLF, line ends inside quotes, a last line without an end, a byte order mark. Skips blank lines, so a file of
// one column quotes its empty values. A CR that no LF follows is text, unless it is the file's last byte.
//
// What RFC 4180 does not allow, and what is not UTF-8, is an error whose `at` is the line. After an error, and after done, next() repeats itself.
// How a file is cut into chunks makes no difference.
class CsvReader {
   public:
    // Bytes of a record before its line feed. The reader keeps no more of a file than one record.
    static constexpr std::size_t max_record_bytes = std::size_t{1} << 20;

    enum class Step : std::uint8_t {
        record,
        needs_more,  // feed() the next chunk, or finish()
        done,
    };

    explicit CsvReader(const Memory &memory) noexcept : memory_(memory) {}

    // To be called at first and when next() says needs_more; the chunk has to stay until next() says so again.
    void feed(std::string_view chunk) noexcept;
    // All chunks have been fed.
    void finish() noexcept { finished_ = true; }
    // The record is valid until the reader is called again.
    Result<Step> next(CsvRecord &record) noexcept;

   private:
    enum class Scan : std::uint8_t { record, blank_line, ran_out, failed };

    bool skip_byte_order_mark() noexcept;
    Scan scan() noexcept;
    bool take_quote(std::size_t place) noexcept;
    bool end_fields(std::uint64_t commas) noexcept;
    bool end_field(std::size_t end) noexcept;
    Scan end_record(std::size_t end, std::size_t next) noexcept;
    void start_record() noexcept;
    bool hold(std::string_view more) noexcept;
    bool make_room_for_fields() noexcept;
    bool unescape() noexcept;
    bool fail(Errc code, std::int64_t line) noexcept;
    bool fail_at_quote(std::size_t place) noexcept;

    Memory memory_;

    // What can be scanned: from the start of the record, in the caller's chunk or, if it began in an earlier one, in held_.
    const char *window_ = nullptr;
    std::size_t size_ = 0;
    std::string_view rest_;  // of the chunk, while the window is held_
    std::span<char> held_;

    // Where the scan is; places are counted from the start of the window.
    std::size_t at_ = 0;
    std::size_t field_ = 0;   // where the field starts, with its quote
    std::size_t closed_ = 0;  // behind the last closing quote
    std::size_t used_ = 0;    // by the record that was given
    bool quoted_ = false;
    bool in_quotes_ = false;
    bool escaped_ = false;  // "" in some field of the record
    bool plain_ = true;     // nothing but ASCII so far, so that it need not be checked to be text
    bool at_start_ = true;
    bool finished_ = false;

    std::span<CsvField> fields_;
    std::size_t count_ = 0;
    std::span<char> unescaped_;

    std::int64_t line_ = 1;
    std::int64_t record_line_ = 1;
    std::int64_t quote_line_ = 1;

    bool failed_ = false;
    Error failure_;
};

}  // namespace partner_bonus
