#include "core/formats.hpp"

#include <string>
#include <vector>

#include "dice.hpp"
#include "usage_files.hpp"

namespace partner_bonus::test {
namespace {

TEST(Formats, are_known_by_name)
{
    EXPECT_EQ(must(format_from_name("partner-export")), Format::partner_export);
    EXPECT_EQ(must(format_from_name("focus")), Format::focus);
    EXPECT_EQ(must(format_from_name("cur")), Format::cur);
    EXPECT_EQ(must(format_from_name("mapping")), Format::mapping);
    for (const Format format : {Format::partner_export, Format::focus, Format::cur, Format::mapping})
        EXPECT_EQ(must(format_from_name(format_name(format))), format);
    const auto unknown = format_from_name("telegram");
    EXPECT_EQ(error_of(unknown), Errc::file_format_unknown);
    EXPECT_EQ(unknown.error().subject, "telegram");
}

TEST(Formats, refuse_an_empty_file)
{
    for (const Format format : {Format::partner_export, Format::focus}) {
        for (const auto *text : {"", "\n\r\n", "\xEF\xBB\xBF"}) {
            const ReadFile file = read_usage(format, text);
            ASSERT_TRUE(file.error);
            EXPECT_EQ(file.error->reason, Errc::file_empty);
        }
    }
}

TEST(Formats, refuse_a_header_without_a_required_column)
{
    for (const auto &name : partner_export_required)
        expect_refused(Format::partner_export, joined(without(partner_export_line, name), false),
                       Errc::file_header_missing_column, name, 0);
    for (const auto &name : focus_required)
        expect_refused(Format::focus, joined(without(focus_line, name), false), Errc::file_header_missing_column, name, 0);
    expect_refused(Format::focus, "billedcost", Errc::file_header_missing_column, "ChargePeriodStart", 0);
}

TEST(Formats, refuse_a_repeated_column)
{
    expect_refused(Format::partner_export, "cost,cost", Errc::file_header_repeated_column, "cost", 2);
    expect_refused(Format::partner_export, "billing_account_id,date,billing_account_id,billing_account_id",
                   Errc::file_header_repeated_column, "billing_account_id", 4);
    expect_refused(Format::partner_export, "label.b,label.a,label.b,label.a", Errc::file_header_repeated_column, "label.b", 3);
    expect_refused(Format::focus, "SkuId,BilledCost,SkuId", Errc::file_header_repeated_column, "SkuId", 3);
    expect_refused(Format::focus, "x,y,z,y,x", Errc::file_header_repeated_column, "y", 4);
    expect_refused(Format::focus, ",", Errc::file_header_repeated_column, "", 2);
}

TEST(Formats, keep_or_refuse_unknown_columns)
{
    const auto unknown_of = [](Format format, const Columns &columns, UnknownColumns unknown) {
        Arena arena;
        const ReadFile file = read_usage({.format = format, .unknown_columns = unknown}, file_of(columns), arena);
        if (file.error) return "refused " + file.error->value;
        return file.lines.at(0).contains("@colour") ? std::string("kept") : std::string("lost");
    };
    const Columns exported = with(partner_export_line, "colour", "red"), focus = with(without(focus_line, "Id"), "colour", "red"),
                  cur = with(cur_line, "colour", "red");
    EXPECT_EQ(unknown_of(Format::partner_export, exported, UnknownColumns::as_the_format_has_it), "refused colour");
    EXPECT_EQ(unknown_of(Format::partner_export, exported, UnknownColumns::keep), "kept");
    EXPECT_EQ(unknown_of(Format::partner_export, exported, UnknownColumns::refuse), "refused colour");
    EXPECT_EQ(unknown_of(Format::focus, focus, UnknownColumns::as_the_format_has_it), "kept");
    EXPECT_EQ(unknown_of(Format::focus, focus, UnknownColumns::refuse), "refused colour");
    EXPECT_EQ(unknown_of(Format::focus, with(focus, "colour", ""), UnknownColumns::keep), "lost") << "it has no value";
    EXPECT_EQ(unknown_of(Format::focus, with(without(focus, "colour"), "x_Colour", "red"), UnknownColumns::refuse), "lost");
    EXPECT_EQ(unknown_of(Format::cur, cur, UnknownColumns::as_the_format_has_it), "kept");
    EXPECT_EQ(unknown_of(Format::cur, cur, UnknownColumns::refuse), "refused colour");
}

TEST(Formats, take_the_currencies_they_are_given)
{
    const std::vector<std::string_view> currencies{"EUR", "KZT"};
    const auto reject_of = [&](Format format, const Columns &columns) {
        Arena arena;
        const ReadFile file = read_usage({.format = format, .currencies = currencies}, file_of(columns), arena);
        return file.rejects.empty() ? Refused{} : file.rejects.front();
    };
    EXPECT_EQ(reject_of(Format::partner_export, partner_export_line), (Refused{Errc::line_currency_unknown, "currency", "USD", 0, 2}));
    EXPECT_EQ(reject_of(Format::focus, focus_line), (Refused{Errc::line_currency_unknown, "BillingCurrency", "USD", 0, 2}));
    EXPECT_EQ(reject_of(Format::focus, with(focus_line, "BillingCurrency", "KZT")), Refused{});
}

TEST(Formats, are_known_by_their_headers)
{
    const auto detected = [](const Columns &columns) {
        Arena arena;
        CsvReader csv(arena.memory());
        const std::string header = joined(columns, false);
        csv.feed(header);
        CsvRecord record;
        must(csv.next(record));
        return detect_format(record);
    };
    EXPECT_EQ(must(detected(partner_export_line)), Format::partner_export);
    EXPECT_EQ(must(detected(focus_line)), Format::focus);
    EXPECT_EQ(must(detected(cur_line)), Format::cur);
    EXPECT_EQ(error_of(detected(without(partner_export_line, "cost"))), Errc::file_format_undetected);
    EXPECT_EQ(error_of(detect_format({})), Errc::file_empty);
}

TEST(Formats, say_when_memory_runs_out)
{
    const auto expect_words = [](Format format, const Columns &columns) {
        Arena arena;
        CsvReader csv(arena.memory());
        const std::string header = joined(columns, false);
        csv.feed(header);
        CsvRecord record;
        must(csv.next(record));
        expect_out_of_memory_at_every_request([&](const Memory &memory) { return FormatReader::open(format, record, memory); });
    };
    expect_words(Format::partner_export, partner_export_line);
    expect_words(Format::focus, focus_line);
}

// The order of the columns says nothing.
TEST(Formats, take_columns_in_any_order)
{
    holds([](Seed seed) {
        Dice dice = seed.dice();
        Columns export_columns = partner_export_line;
        Columns focus_columns = focus_line;
        dice.shuffle(export_columns);
        dice.shuffle(focus_columns);
        RC_ASSERT(line_of(Format::partner_export, export_columns) == partner_export_shown);
        RC_ASSERT(line_of(Format::focus, focus_columns) == focus_shown);
    });
}

// Amounts of files are read as all decimals are: the short ones among them in a faster way.
TEST(Formats, read_amounts_as_decimals)
{
    holds([](Seed seed) {
        Dice dice = seed.dice();
        const std::string_view characters = dice.one_in(2) ? "0123456789." : "0019.+-Ee x";
        std::string text = dice.one_in(3) ? "-" : "";
        for (auto length = dice.between(1, 24); length > 0; --length) text += characters[dice.below(characters.size())];
        const ReadFile file = read_usage(Format::partner_export, file_of(with(partner_export_line, "cost", text)));
        const auto expected = parse_decimal(text);
        if (expected && *to_amount(*expected) > power_of_ten(36)) {
            RC_ASSERT(file.rejects.size() == 1U);
            RC_ASSERT(file.rejects[0] == (Refused{Errc::line_amount_too_large, "cost", text, 0, 2}));
        } else if (expected && *to_amount(*expected) < -power_of_ten(36)) {
            RC_ASSERT(file.rejects.size() == 1U);
        } else if (expected) {
            RC_ASSERT(file.lines.size() == 1U);
            RC_ASSERT(file.lines[0].at("cost") == shown(*expected));
        } else {
            RC_ASSERT(file.rejects.size() == 1U);
            RC_ASSERT(file.rejects[0] == (Refused{expected.error().code, "cost", text, 0, 2}));
        }
    });
}

// Every record is a line or a reject, and a line has every value of its record.
TEST(Formats, lose_nothing)
{
    holds([](Seed seed) {
        Dice dice = seed.dice();
        const bool is_focus = dice.one_in(2);
        const Columns columns = is_focus ? focus_line : partner_export_line;
        const std::vector<std::string> odd_values{
            "", "NULL", "\"NULL\"", "1", "x", "2024-01-01", "Tax", "KZT", "-0.50", "\"a\nb\""};
        std::string text = joined(columns, false);
        std::vector<Columns> records(static_cast<std::size_t>(dice.between(0, 5)), columns);
        for (Columns &record : records) {
            for (auto changes = dice.between(0, 3); changes > 0; --changes)
                record[dice.below(record.size())].second = dice.of(odd_values);
            if (dice.one_in(10)) record.pop_back();
            text += joined(record, true);
        }
        const ReadFile file = read_usage(is_focus ? Format::focus : Format::partner_export, text);
        RC_ASSERT(file.lines.size() + file.rejects.size() == records.size());

        auto reject = file.rejects.begin();
        auto line = file.lines.begin();
        std::int64_t number = 2;
        for (const Columns &record : records) {
            if (reject != file.rejects.end() && reject->line == number) {
                ++reject;
            } else {
                const auto values = std::count_if(record.begin(), record.end(), [&](const auto &column) {
                    return !column.second.empty() && !(is_focus && column.second == "NULL");
                });
                RC_ASSERT(line->size() >= static_cast<std::size_t>(values));
                ++line;
            }
            for (const auto &column : record) number += std::count(column.second.begin(), column.second.end(), '\n');
            ++number;
        }
        RC_ASSERT(reject == file.rejects.end());
        RC_ASSERT(line == file.lines.end());
    });
}

}  // namespace
}  // namespace partner_bonus::test
