#include "core/mapping.hpp"

#include <optional>
#include <string>
#include <vector>

#include "dice.hpp"
#include "usage_files.hpp"

namespace partner_bonus::test {
namespace {

const std::string smallest =
    "usage_day = Day\n"
    "account_id = Account\n"
    "service_id = Service\n"
    "currency = Currency\n"
    "cost = Cost\n";
const Columns smallest_line{{"Day", "2026-10-05"}, {"Account", "a"}, {"Service", "compute"}, {"Currency", "USD"}, {"Cost", "1.50"}};
const Shown smallest_shown{{"usage_day", "2026-10-05"}, {"account_id", "a"}, {"service_id", "compute"}, {"sku_id", "-"}, {"currency", "USD"},
                           {"charge_category", "Usage"}, {"cost", "1.5"}, {"credit", "0"}, {"monetary_grant_credit", "0"}, {"@Day", "2026-10-05"}};

ReadFile read_mapped(const std::string &mapping, const Columns &columns, FormatOptions options = {})
{
    Arena arena;
    const Mapping parsed = must(parse_mapping(mapping, arena));
    options.format = Format::mapping;
    options.mapping = &parsed;
    return read_usage(options, file_of(columns), arena);
}

Shown mapped(const std::string &mapping, const Columns &columns)
{
    const ReadFile file = read_mapped(mapping, columns);
    EXPECT_FALSE(file.error) << *file.error;
    EXPECT_TRUE(file.rejects.empty()) << file.rejects.front();
    return file.lines.empty() ? Shown{} : file.lines.front();
}

Refused rejected(const std::string &mapping, const Columns &columns)
{
    const ReadFile file = read_mapped(mapping, columns);
    EXPECT_FALSE(file.error) << *file.error;
    return file.rejects.empty() ? Refused{} : file.rejects.front();
}

TEST(Mapping, says_which_column_is_which_field)
{
    EXPECT_EQ(mapped(smallest, smallest_line), smallest_shown);
    EXPECT_EQ(mapped("\xEF\xBB\xBF# of our own\r\n\r\n  " + smallest + "   # the end", smallest_line), smallest_shown);
}

TEST(Mapping, fills_every_field)
{
    Columns columns;
    Shown expected;
    std::string mapping;
    for (const auto &[field, value] : partner_export_shown) {
        if (field.starts_with('@')) continue;
        columns.emplace_back("Column " + field, '"' + value + '"');
        for (std::size_t quote = 1; (quote = columns.back().second.find('"', quote)) + 1 < columns.back().second.size(); quote += 2)
            columns.back().second.insert(quote, "\"");
        mapping += field + " = Column " + field + '\n';
        expected[field] = value;
    }
    expected["@Column usage_day"] = expected.at("usage_day");
    expected["@Column charge_category"] = expected.at("charge_category");
    EXPECT_EQ(mapped(mapping, columns), expected);
}

TEST(Mapping, may_use_a_column_for_several_fields)
{
    const Shown line = mapped(smallest + "service_name = Service\nsku_id = Service\nupdated_at = Day\n", smallest_line);
    EXPECT_EQ(line.at("updated_at") + line.at("@Day"), "2026-10-052026-10-05");
    EXPECT_EQ(line.at("service_id") + line.at("service_name") + line.at("sku_id"), "computecomputecompute");
}

TEST(Mapping, has_constants)
{
    const std::string mapping =
        "usage_day = Day\naccount_id = \"our account\"\nservice_id = \"all\"\ncurrency = \"EUR\"\ncost = Cost\ncharge_category = \"tax\"\nlocale = \"en\"\n";
    const Columns columns{{"Day", "2026-10-05"}, {"Cost", "1"}};
    const Shown line = mapped(mapping, columns);
    EXPECT_EQ(line.at("account_id"), "our account");
    EXPECT_EQ(line.at("service_id"), "all");
    EXPECT_EQ(line.at("currency"), "EUR");
    EXPECT_EQ(line.at("charge_category"), "Tax");
    EXPECT_EQ(line.at("locale"), "en");
    const std::vector<std::string_view> currencies{"KZT", "USD"};
    const ReadFile file = read_mapped(mapping, columns, {.currencies = currencies});
    ASSERT_TRUE(file.error);
    EXPECT_EQ(*file.error, (Refused{Errc::line_currency_unknown, {}, "EUR", 0, 0}));
}

TEST(Mapping, keeps_or_ignores_other_columns)
{
    const Columns columns = with(with(with(smallest_line, "Kept", "1"), "Ignored", "2"), "Other", "3");
    const std::string mapping = smallest + "attribute = Kept\nattribute = Account\nignore = Ignored\nignore = absent\n";
    Shown expected = smallest_shown;
    expected["@Account"] = "a";
    expected["@Kept"] = "1";
    expected["@Other"] = "3";
    EXPECT_EQ(mapped(mapping, columns), expected);
    const ReadFile refused = read_mapped(mapping, columns, {.unknown_columns = UnknownColumns::refuse});
    ASSERT_TRUE(refused.error);
    EXPECT_EQ(*refused.error, (Refused{Errc::file_header_unknown_column, {}, "Other", 8, 0}));
    const ReadFile missing = read_mapped(mapping, without(columns, "Cost"));
    ASSERT_TRUE(missing.error);
    EXPECT_EQ(*missing.error, (Refused{Errc::file_header_missing_column, {}, "Cost", 0, 0}));
    const ReadFile twice = read_mapped(mapping, {{"Cost", "1"}, {"Cost", "1"}});
    ASSERT_TRUE(twice.error);
    EXPECT_EQ(*twice.error, (Refused{Errc::file_header_repeated_column, {}, "Cost", 2, 0}));
}

TEST(Mapping, has_a_form_of_days)
{
    const auto day = [](const std::string &form, const std::string &value) { return mapped(smallest + "day_form = " + form, with(smallest_line, "Day", value)).at("usage_day"); };
    EXPECT_EQ(day("DD.MM.YYYY", "05.10.2026"), "2026-10-05");
    EXPECT_EQ(day("MM/DD/YYYY", "10/05/2026"), "2026-10-05");
    EXPECT_EQ(day("YYYYMMDD", "20261005"), "2026-10-05");
    EXPECT_EQ(day("on DD of MM in YYYY", "on 05 of 10 in 2026"), "2026-10-05");
    EXPECT_EQ(day("DD.MM.YYYY", "05.10.2026 23:00"), "2026-10-05");
    EXPECT_EQ(mapped(smallest, with(smallest_line, "Day", "2026-10-05T23:00Z")).at("usage_day"), "2026-10-05");
    const auto reject = [](const std::string &form, const std::string &value) { return rejected(smallest + "day_form = " + form, with(smallest_line, "Day", value)); };
    EXPECT_EQ(reject("DD.MM.YYYY", "31.02.2026"), (Refused{Errc::day_malformed, "Day", "31.02.2026", 0, 2}));
    EXPECT_EQ(reject("DD.MM.YYYY", "05-10-2026"), (Refused{Errc::day_malformed, "Day", "05-10-2026", 0, 2}));
    EXPECT_EQ(reject("DD.MM.YYYY", "5.10.26"), (Refused{Errc::day_malformed, "Day", "5.10.26", 0, 2}));
    EXPECT_EQ(reject("DD.MM.YYYY", "05.10.2026 23:00+03:00"), (Refused{Errc::line_time_not_utc, "Day", "05.10.2026 23:00+03:00", 0, 2}));
}

TEST(Mapping, has_a_word_for_nothing)
{
    const Columns columns = with(smallest_line, "Resource", "none");
    EXPECT_EQ(mapped(smallest + "resource_id = Resource\n", columns).at("resource_id"), "none");
    EXPECT_FALSE(mapped(smallest + "resource_id = Resource\nnull = none\n", columns).contains("resource_id"));
}

TEST(Mapping, puts_credits_where_they_belong)
{
    const std::string mapping = smallest + "charge_category = Kind\n";
    const auto line = [](const Shown &all) { return all.at("charge_category") + ' ' + all.at("cost") + ' ' + all.at("credit"); };
    EXPECT_EQ(line(mapped(mapping, with(smallest_line, "Kind", "credit"))), "Credit 0 1.5");
    EXPECT_EQ(line(mapped(mapping, with(smallest_line, "Kind", "usage"))), "Usage 1.5 0");
    const Columns both = with(with(smallest_line, "Kind", "Credit"), "Credit", "-2");
    EXPECT_EQ(line(mapped(mapping + "credit = Credit\n", both)), "Credit 1.5 -2");
    EXPECT_EQ(line(mapped(mapping + "credit = Credit\n", with(both, "Credit", ""))), "Credit 1.5 0");
    EXPECT_EQ(rejected(mapping, with(smallest_line, "Kind", "gift")), (Refused{Errc::line_charge_category_unknown, "Kind", "gift", 0, 2}));
    EXPECT_EQ(rejected(mapping, with(smallest_line, "Kind", "")), (Refused{Errc::line_field_empty, "Kind", "", 0, 2}));
    EXPECT_EQ(mapped(smallest + "credit = C\nmonetary_grant_credit = G\n", with(with(smallest_line, "C", "-3"), "G", "-1")).at("monetary_grant_credit"), "-1");
    EXPECT_EQ(rejected(smallest + "credit = C\n", with(smallest_line, "C", "1E19")), (Refused{Errc::line_amount_too_large, "C", "1E19", 0, 2}));
}

TEST(Mapping, says_what_is_wrong_with_it)
{
    const auto error = [](const std::string &mapping) {
        Arena arena;
        const auto parsed = parse_mapping(mapping, arena);
        EXPECT_FALSE(parsed) << mapping;
        return parsed ? Refused{} : Refused{parsed.error().code, {}, std::string(parsed.error().subject), parsed.error().at, 0};
    };
    EXPECT_EQ(error("# nothing\n\nusage_day\n"), (Refused{Errc::mapping_entry_malformed, {}, "usage_day", 3, 0}));
    EXPECT_EQ(error("cost =  \r\n"), (Refused{Errc::mapping_entry_malformed, {}, "cost =", 1, 0}));
    EXPECT_EQ(error(" = Cost"), (Refused{Errc::mapping_entry_malformed, {}, "= Cost", 1, 0}));
    EXPECT_EQ(error("locale = \"en"), (Refused{Errc::mapping_entry_malformed, {}, "locale = \"en", 1, 0}));
    EXPECT_EQ(error("locale = \"\""), (Refused{Errc::mapping_entry_malformed, {}, "locale = \"\"", 1, 0}));
    EXPECT_EQ(error("price = Price"), (Refused{Errc::mapping_name_unknown, {}, "price", 1, 0}));
    EXPECT_EQ(error("cost = A\ncost = B"), (Refused{Errc::mapping_name_repeated, {}, "cost", 2, 0}));
    EXPECT_EQ(error("locale = \"en\"\nlocale = B"), (Refused{Errc::mapping_name_repeated, {}, "locale", 2, 0}));
    EXPECT_EQ(error("null = A\nnull = B"), (Refused{Errc::mapping_name_repeated, {}, "null", 2, 0}));
    EXPECT_EQ(error("day_form = YYYY-MM-DD\nday_form = YYYY-MM-DD"), (Refused{Errc::mapping_name_repeated, {}, "day_form", 2, 0}));
    for (const std::string form : {"YY-MM-DD", "YYYY-MM", "YYYY-M-DD", "YYYY-MM-DD DD", "YMYMYDYD", "DDD MM YYYY", "day"})
        EXPECT_EQ(error("day_form = " + form), (Refused{Errc::mapping_day_form, {}, form, 1, 0})) << form;
    for (const std::string entry : {"cost = \"1\"", "usage_day = \"2026-10-05\"", "reward = \"1\"", "credit = \"1\"", "monetary_grant_credit = \"1\"",
                                    "currency = \"usd\"", "charge_category = \"gift\""})
        EXPECT_EQ(error(entry), (Refused{Errc::mapping_constant_unusable, {}, entry.substr(entry.find('"')), 1, 0})) << entry;
    for (const std::string field : {"usage_day", "account_id", "service_id", "currency", "cost"}) {
        std::string mapping = smallest;
        mapping.insert(mapping.find(field), "# ");
        EXPECT_EQ(error(mapping), (Refused{Errc::mapping_field_missing, {}, field, 0, 0}));
    }
    EXPECT_EQ(error("cost = \xFF").reason, Errc::mapping_not_text);
    EXPECT_EQ(error(std::string(max_mapping_bytes + 1, '#')).reason, Errc::mapping_too_large);
}

TEST(Mapping, is_needed_for_its_format)
{
    const ReadFile file = read_usage(Format::mapping, file_of(smallest_line));
    ASSERT_TRUE(file.error);
    EXPECT_EQ(file.error->reason, Errc::mapping_needed);
}

TEST(Mapping, says_when_memory_runs_out)
{
    expect_out_of_memory_at_every_request([](const Memory &memory) { return parse_mapping(smallest, memory); });
}

// A mapping in which the names of two sides are put down in any order.
TEST(Mapping, may_be_in_any_order)
{
    holds([](Seed seed) {
        Dice dice = seed.dice();
        std::vector<std::string> entries{"usage_day = Day\n", "account_id = Account\n", "service_id = Service\n", "currency = Currency\n", "cost = Cost\n"};
        Columns columns = smallest_line;
        dice.shuffle(entries);
        dice.shuffle(columns);
        std::string mapping;
        for (const auto &entry : entries) mapping += entry;
        RC_ASSERT(mapped(mapping, columns) == smallest_shown);
    });
}

}  // namespace
}  // namespace partner_bonus::test
