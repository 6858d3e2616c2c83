#include "core/csv.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "arena.hpp"
#include "dice.hpp"

namespace partner_bonus::test {
namespace {

using Step = CsvReader::Step;

struct Cell {
    std::string text;
    bool quoted = false;

    bool operator==(const Cell &) const = default;
};

struct Record {
    std::vector<Cell> cells;
    std::int64_t line = 0;

    bool operator==(const Record &) const = default;
};

std::ostream &operator<<(std::ostream &out, const Cell &cell)
{
    return out << (cell.quoted ? "quoted [" : "[") << cell.text << ']';
}

std::ostream &operator<<(std::ostream &out, const Record &record)
{
    out << "line " << record.line << ':';
    for (const Cell &cell : record.cells) out << ' ' << cell;
    return out;
}

struct File {
    std::vector<Record> records;
    std::optional<Error> error;
};

// How many bytes the next chunk has.
using Cut = std::function<std::size_t()>;

Cut pieces_of(std::size_t bytes)
{
    return [bytes] { return bytes; };
}

// When the reader is told that there are no more chunks.
enum class Finish { with_the_last_chunk, when_asked };

// Each chunk lies by itself and is gone as soon as the reader asks for the next one.
File read(std::string_view text, const Cut &cut, const Memory &memory, Finish finish = Finish::when_asked)
{
    File file;
    CsvReader reader(memory);
    CsvRecord record;
    std::unique_ptr<char[]> chunk;
    for (;;) {
        const auto step = reader.next(record);
        if (!step) {
            file.error = step.error();
            EXPECT_TRUE(record.fields.empty());
            const auto again = reader.next(record);
            EXPECT_TRUE(!again && again.error().code == step.error().code && again.error().at == step.error().at);
            return file;
        }
        switch (*step) {
            case Step::needs_more: {
                if (text.empty()) {
                    reader.finish();
                    break;
                }
                const std::size_t size = std::min(cut(), text.size());
                auto next = std::make_unique<char[]>(size);
                std::copy_n(text.begin(), size, next.get());
                reader.feed({next.get(), size});
                chunk = std::move(next);
                text.remove_prefix(size);
                if (text.empty() && finish == Finish::with_the_last_chunk) reader.finish();
                break;
            }
            case Step::record:
                file.records.push_back({{}, record.line});
                for (const CsvField &field : record.fields)
                    file.records.back().cells.push_back({std::string(field.text), field.quoted});
                break;
            case Step::done:
                EXPECT_EQ(must(reader.next(record)), Step::done);
                return file;
        }
    }
}

File read(std::string_view text, const Cut &cut, Finish finish = Finish::when_asked)
{
    Arena arena;
    return read(text, cut, arena, finish);
}

void expect_same(const File &a, const File &b, const std::string &which)
{
    EXPECT_EQ(a.records, b.records) << which;
    ASSERT_EQ(a.error.has_value(), b.error.has_value()) << which;
    if (!a.error) return;
    EXPECT_EQ(a.error->code, b.error->code) << which;
    EXPECT_EQ(a.error->at, b.error->at) << which;
}

// The same whatever the chunks are.
File read(std::string_view text)
{
    const File whole = read(text, pieces_of(text.size() + 1));
    expect_same(read(text, pieces_of(text.size() + 1), Finish::with_the_last_chunk), whole, "in one piece");
    for (const std::size_t bytes : {1U, 2U, 3U, 7U, 64U, 100U}) {
        expect_same(read(text, pieces_of(bytes)), whole, "in pieces of " + std::to_string(bytes));
        expect_same(read(text, pieces_of(bytes), Finish::with_the_last_chunk), whole, "the same, told of the last");
    }
    return whole;
}

std::vector<Record> records_of(std::string_view text)
{
    const File file = read(text);
    EXPECT_FALSE(file.error) << "error " << static_cast<int>(file.error->code) << " in line " << file.error->at;
    return file.records;
}

void expect_error(std::string_view text, Errc code, std::int64_t line, std::size_t records_before = 0)
{
    const File file = read(text);
    ASSERT_TRUE(file.error) << text;
    EXPECT_EQ(file.error->code, code) << text;
    EXPECT_EQ(file.error->at, line) << text;
    EXPECT_EQ(file.records.size(), records_before) << text;
}

TEST(Csv, splits_lines_into_fields)
{
    EXPECT_EQ(records_of("a,b,c\n1,,3\n"), (std::vector<Record>{{{{"a"}, {"b"}, {"c"}}, 1}, {{{"1"}, {""}, {"3"}}, 2}}));
    EXPECT_EQ(records_of(",\n,,"), (std::vector<Record>{{{{""}, {""}}, 1}, {{{""}, {""}, {""}}, 2}}));
    EXPECT_EQ(records_of(" a ,\tb"), (std::vector<Record>{{{{" a "}, {"\tb"}}, 1}}));
}

TEST(Csv, takes_either_line_end_and_none_at_the_end)
{
    const std::vector<Record> expected{{{{"a"}, {"b"}}, 1}, {{{"1"}, {"2"}}, 2}};
    EXPECT_EQ(records_of("a,b\n1,2\n"), expected);
    EXPECT_EQ(records_of("a,b\r\n1,2\r\n"), expected);
    EXPECT_EQ(records_of("a,b\n1,2"), expected);
    EXPECT_EQ(records_of("a,b\r\n1,2"), expected);
    EXPECT_EQ(records_of("a,b\r\n1,2\r"), expected);
}

TEST(Csv, keeps_a_carriage_return_that_ends_no_line)
{
    EXPECT_EQ(records_of("a\rb,c\r\r\n\rd,\r,e\n"),
              (std::vector<Record>{{{{"a\rb"}, {"c\r"}}, 1}, {{{"\rd"}, {"\r"}, {"e"}}, 2}}));
    EXPECT_EQ(records_of("\"a\rb\",\"\r\"\r\n"), (std::vector<Record>{{{{"a\rb", true}, {"\r", true}}, 1}}));
}

TEST(Csv, reads_quoted_fields)
{
    EXPECT_EQ(records_of("\"a,b\",\"\",\"say \"\"so\"\"\",\"\"\"\"\n"),
              (std::vector<Record>{{{{"a,b", true}, {"", true}, {"say \"so\"", true}, {"\"", true}}, 1}}));
    EXPECT_EQ(records_of("\"NULL\",NULL\r\n\"x\""),
              (std::vector<Record>{{{{"NULL", true}, {"NULL"}}, 1}, {{{"x", true}}, 2}}));
    EXPECT_EQ(records_of("plain,\"a\"\"b\",\"c\"\n"), (std::vector<Record>{{{{"plain"}, {"a\"b", true}, {"c", true}}, 1}}));
}

TEST(Csv, counts_the_lines_inside_quotes)
{
    EXPECT_EQ(records_of("a\n\"1\n2\r\n3\",x\nb\n"),
              (std::vector<Record>{{{{"a"}}, 1}, {{{"1\n2\r\n3", true}, {"x"}}, 2}, {{{"b"}}, 5}}));
}

TEST(Csv, skips_blank_lines)
{
    EXPECT_EQ(records_of("\n\r\na\n\n\r\n\nb\n\n"), (std::vector<Record>{{{{"a"}}, 3}, {{{"b"}}, 7}}));
    EXPECT_EQ(records_of("a\n\"\"\n"), (std::vector<Record>{{{{"a"}}, 1}, {{{"", true}}, 2}}));
    EXPECT_EQ(records_of(""), std::vector<Record>{});
    EXPECT_EQ(records_of("\r"), std::vector<Record>{});
    EXPECT_EQ(records_of("\n\n"), std::vector<Record>{});
}

TEST(Csv, skips_a_byte_order_mark_at_the_start_only)
{
    EXPECT_EQ(records_of("\xEF\xBB\xBF"), std::vector<Record>{});
    EXPECT_EQ(records_of("\xEF\xBB\xBF\n"), std::vector<Record>{});
    EXPECT_EQ(records_of("\xEF\xBB\xBF\"a\",b\n\xEF\xBB\xBF" "c\n"),
              (std::vector<Record>{{{{"a", true}, {"b"}}, 1}, {{{"\xEF\xBB\xBF" "c"}}, 2}}));
    EXPECT_EQ(records_of("\xEF\xBB\xBF\xEF\xBB\xBF" "a"), (std::vector<Record>{{{{"\xEF\xBB\xBF" "a"}}, 1}}));
}

TEST(Csv, refuses_what_is_not_text)
{
    const auto line_of = [](const std::string &text) {
        const File file = read(text, pieces_of(7));
        EXPECT_TRUE(file.error) << text;
        EXPECT_EQ(file.error->code, Errc::file_not_text);
        return file.error->at;
    };
    EXPECT_EQ(line_of("\xEF\xBB"), 1);
    EXPECT_EQ(line_of("\xEF\xBB" "a"), 1);
    EXPECT_EQ(line_of(std::string("a\nb,\0\n", 7)), 2);
    EXPECT_EQ(line_of("a\n\n\"b\n\xFF\"\n"), 3) << "the line on which the record starts";
    EXPECT_EQ(line_of(std::string(100, 'x') + "\n" + std::string(100, 'y') + "\xC3"), 2);
    EXPECT_EQ(line_of(std::string("\xFF\xFE" "a\0,\0b\0\n\0", 10)), 1) << "UTF-16";
    EXPECT_EQ(records_of("\xC3\xA9\nb"), (std::vector<Record>{{{{"\xC3\xA9"}}, 1}, {{{"b"}}, 2}}));
}

TEST(Csv, refuses_a_quote_that_is_not_closed)
{
    expect_error("a,\"b", Errc::file_quote_unterminated, 1);
    expect_error("a\nb,\"c\n\nd\n", Errc::file_quote_unterminated, 2, 1);
    expect_error("a\n\"x\ny\",\"c\"\"\nd", Errc::file_quote_unterminated, 3, 1);
    expect_error("\"", Errc::file_quote_unterminated, 1);
}

TEST(Csv, refuses_a_quote_where_none_may_be)
{
    expect_error("a\nb\"c\n", Errc::file_quote_misplaced, 2, 1);
    expect_error("ab\"", Errc::file_quote_misplaced, 1);
    expect_error("\"a\"b,c\n", Errc::file_quote_misplaced, 1);
    expect_error("\"a\"b\"\n", Errc::file_quote_misplaced, 1);
    expect_error("\"a\nb\"c\nd\n", Errc::file_quote_misplaced, 2);
    expect_error("\"a\" ,b", Errc::file_quote_misplaced, 1);
    expect_error("\"a\"\rb", Errc::file_quote_misplaced, 1);
    expect_error("a\n\"b\"c", Errc::file_quote_misplaced, 2, 1);
}

TEST(Csv, refuses_a_record_that_is_too_long)
{
    constexpr std::size_t limit = CsvReader::max_record_bytes;
    const std::vector<std::size_t> pieces{limit / 3, 4096, limit, limit + 1, 10 * limit};
    const auto expect_too_long = [&](const std::string &text, std::int64_t line) {
        for (const std::size_t bytes : pieces) {
            const File file = read(text, pieces_of(bytes));
            ASSERT_TRUE(file.error) << bytes;
            EXPECT_EQ(file.error->code, Errc::file_record_too_long) << bytes;
            EXPECT_EQ(file.error->at, line) << bytes;
            EXPECT_EQ(file.records.size(), static_cast<std::size_t>(line - 1)) << bytes;
        }
    };
    const std::string longest(limit, 'x');
    for (const std::size_t bytes : pieces) {
        const std::vector<Record> expected{{{{"a"}}, 1}, {{{longest}}, 2}, {{{"b"}}, 3}, {{{longest}}, 4}};
        EXPECT_EQ(read("a\n" + longest + "\nb\n" + longest, pieces_of(bytes)).records, expected) << bytes;
    }
    expect_too_long(longest + "x", 1);
    expect_too_long("a\n" + longest + "\r\n", 2);
    expect_too_long("a\nb\n\"" + longest + "\n\n", 3);              // a quote that is never closed
    expect_too_long("a\n\"b\"c" + longest + "\"\n", 2);             // text behind a quote
    expect_too_long("a\n\"b\"c" + longest + ",\n", 2);
    expect_too_long("a\n" + longest + "x\",\n", 2);                 // a quote inside a field
    expect_too_long("a\n\"b\"c" + std::string(limit - 4, 'x') + "\r\n", 2);
    expect_too_long("a\n" + longest + longest + longest + "\nb\n", 2);
}

TEST(Csv, points_into_the_chunk_where_it_can)
{
    Arena arena;
    CsvReader reader(arena.memory());
    CsvRecord record;
    const std::string_view chunk = "a,\"b\",\"c\"\"d\"\nx";
    reader.feed(chunk);
    ASSERT_EQ(must(reader.next(record)), Step::record);
    EXPECT_EQ(record.fields[0].text.data(), chunk.data());
    EXPECT_EQ(record.fields[1].text.data(), chunk.data() + 3);
    EXPECT_EQ(record.fields[2].text, "c\"d");
    EXPECT_EQ(must(reader.next(record)), Step::needs_more);
    reader.feed("");
    EXPECT_EQ(must(reader.next(record)), Step::needs_more);
    const std::string_view rest = "y\nz\n";
    reader.feed(rest);
    ASSERT_EQ(must(reader.next(record)), Step::record);
    EXPECT_EQ(record.fields[0].text, "xy");
    ASSERT_EQ(must(reader.next(record)), Step::record);
    EXPECT_EQ(record.fields[0].text.data(), rest.data() + 2);
}

TEST(Csv, keeps_its_memory_small)
{
    // Room is made for the first records and then used again.
    std::string text;
    for (int i = 0; i < 10'000; ++i) text += "1,\"2\"\"3\",4\n";
    Arena arena;
    EXPECT_EQ(read(text, pieces_of(50), arena).records.size(), 10'000U);
    EXPECT_LE(arena.requests(), 3U);
}

TEST(Csv, makes_no_room_for_the_fields_of_a_record_that_is_too_long)
{
    Arena arena(20);
    const File file = read(std::string(30 * CsvReader::max_record_bytes, ','), pieces_of(SIZE_MAX), arena);
    ASSERT_TRUE(file.error);
    EXPECT_EQ(file.error->code, Errc::file_record_too_long);
}

TEST(Csv, says_when_memory_runs_out)
{
    const std::string wide(300, ',');
    const std::string text = "a,\"b\"\"c\"\n" + wide + "\n\"" + std::string(10'000, '"') + "\"\n";
    for (const std::string &table : {text, std::string("alone\n")})
        expect_out_of_memory_at_every_request([&](const Memory &memory) -> Status {
            const File file = read(table, pieces_of(1000), memory);
            if (file.error) return *file.error;
            return Done{};
        });
}

// A table as someone writes it who quotes what must be quoted, and some more.
struct Row {
    std::vector<Cell> cells;

    static void draw(Dice &dice, int size, Series<Row> &rows)
    {
        const std::vector<std::string> pieces{
            "a", "b", "0", ",", "\"", "\n", "\r", "\r\n", " ", "\xEF\xBB\xBF", "\xC3\xA9"};
        const auto columns = dice.between(1, 5);
        for (auto row = dice.between(0, 1 + size / 20); row > 0; --row) {
            Row &drawn = rows.emplace_back();
            for (auto column = columns; column > 0; --column) {
                Cell &cell = drawn.cells.emplace_back();
                for (auto length = dice.one_in(10) ? dice.between(50, 150) : dice.between(0, 4); length > 0; --length)
                    cell.text += dice.of(pieces);
                cell.quoted = dice.one_in(4) || cell.text.find_first_of(",\"\r\n") != std::string::npos;
            }
            if (columns == 1 && drawn.cells[0].text.empty()) drawn.cells[0].quoted = true;  // else a blank line
        }
    }
};

std::ostream &operator<<(std::ostream &out, const Row &row)
{
    for (const Cell &cell : row.cells) out << cell << ' ';
    return out;
}

TEST(Csv, what_was_written_is_read)
{
    holds([](const Series<Row> &rows, Seed seed) {
        Dice dice = seed.dice();
        std::string text;
        std::int64_t line = 1;
        std::vector<Record> expected;
        const auto end_line = [&] {
            text += dice.one_in(2) ? "\r\n" : "\n";
            ++line;
        };
        const bool marked =
            dice.one_in(2) || (!rows.empty() && !rows[0].cells[0].quoted && rows[0].cells[0].text.starts_with('\xEF'));
        if (marked) text = "\xEF\xBB\xBF";
        for (const Row &row : rows) {
            if (!expected.empty()) end_line();
            while (dice.one_in(5)) end_line();
            expected.push_back({row.cells, line});
            for (const Cell &cell : row.cells) {
                if (&cell != row.cells.data()) text += ',';
                if (cell.quoted) text += '"';
                for (const char c : cell.text) {
                    text += c;
                    if (c == '"') text += c;
                    if (c == '\n') ++line;
                }
                if (cell.quoted) text += '"';
            }
        }
        if (dice.one_in(2)) end_line();

        const auto longest = dice.of(std::vector<std::int64_t>{1, 3, 20, 200, 10'000});
        const auto finish = dice.one_in(2) ? Finish::when_asked : Finish::with_the_last_chunk;
        const File file = read(text, [&] { return static_cast<std::size_t>(dice.between(0, longest)); }, finish);
        RC_ASSERT(!file.error);
        RC_ASSERT(file.records == expected);
    });
}

// Whatever the bytes are, chunks make no difference.
TEST(Csv, chunks_make_no_difference)
{
    holds([](Seed seed) {
        Dice dice = seed.dice();
        const std::string_view bytes("\xEF\xBB\xBF,,\"\"\"\n\n\rab\0", 15);
        std::string text;
        for (auto length = dice.between(0, 100); length > 0; --length) text += bytes[dice.below(bytes.size() - (dice.one_in(20) ? 0 : 1))];
        const File whole = read(text, pieces_of(text.size() + 1));
        const auto finish = dice.one_in(2) ? Finish::when_asked : Finish::with_the_last_chunk;
        const File pieces = read(text, [&] { return static_cast<std::size_t>(dice.between(0, 30)); }, finish);
        RC_ASSERT(whole.records == pieces.records);
        RC_ASSERT(whole.error.has_value() == pieces.error.has_value());
        if (whole.error) {
            RC_ASSERT(whole.error->code == pieces.error->code);
            RC_ASSERT(whole.error->at == pieces.error->at);
        }
    });
}

}  // namespace
}  // namespace partner_bonus::test
