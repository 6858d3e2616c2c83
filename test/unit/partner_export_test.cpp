#include "core/formats.hpp"

#include <string>
#include <vector>

#include "usage_files.hpp"

namespace partner_bonus::test {
namespace {

TEST(PartnerExport, fills_every_field)
{
    EXPECT_EQ(line_of(Format::partner_export, partner_export_line), partner_export_shown);
}

TEST(PartnerExport, has_no_columns_but_those_documented)
{
    expect_refused(Format::partner_export, "cost,costs", Errc::file_header_unknown_column, "costs", 2);
    expect_refused(Format::partner_export, "cost,labels.env", Errc::file_header_unknown_column, "labels.env", 2);
    expect_refused(Format::partner_export, "cost,", Errc::file_header_unknown_column, "", 2);
    expect_refused(Format::partner_export, "\"cost \"", Errc::file_header_unknown_column, "cost ", 1);
    expect_refused(Format::partner_export, joined(focus_line, false), Errc::file_header_unknown_column, "ChargePeriodStart", 1);
}

TEST(PartnerExport, needs_the_required_columns_only)
{
    Columns columns = partner_export_line;
    Shown expected = partner_export_shown;
    for (const auto &[name, value] : partner_export_line) {
        if (std::count(partner_export_required.begin(), partner_export_required.end(), name) != 0) continue;
        std::string field = name.starts_with("label.") ? '@' + name : name;
        if (name == "billing_account_name") field = "account_name";
        expected.erase(field);
        EXPECT_EQ(line_of(Format::partner_export, with(columns, name, "")), expected) << name;
        EXPECT_EQ(line_of(Format::partner_export, with(columns, name, "\"\"")), expected) << name;
        columns = without(columns, name);
        EXPECT_EQ(line_of(Format::partner_export, columns), expected) << name;
    }
    EXPECT_EQ(columns.size(), partner_export_required.size());
}

TEST(PartnerExport, takes_the_account_from_either_of_its_columns)
{
    const auto file = [](const std::string &first, const std::string &second) {
        Columns columns = with(partner_export_line, "billing_account_id", first);
        columns.emplace_back("billing_account_id", second);
        return columns;
    };
    EXPECT_EQ(line_of(Format::partner_export, file("acc-1", "acc-1")), partner_export_shown);
    EXPECT_EQ(line_of(Format::partner_export, file("acc-1", "")), partner_export_shown);
    EXPECT_EQ(line_of(Format::partner_export, file("", "acc-1")), partner_export_shown);
    expect_reject(Format::partner_export, file("", ""), Errc::line_field_empty, "billing_account_id", "");
    expect_reject(Format::partner_export, file("acc-1", "acc-2"), Errc::line_account_ambiguous, "billing_account_id", "acc-2");
}

TEST(PartnerExport, rejects_what_is_wrong)
{
    const auto reject = [](const std::string &column, const std::string &value, Errc reason) {
        expect_reject(Format::partner_export, with(partner_export_line, column, value), reason, column, value);
    };
    for (const auto &column : partner_export_required) reject(column, "", Errc::line_field_empty);
    for (const auto *column : {"cost", "credit", "monetary_grant_credit", "pricing_quantity", "volume_incentive_credit",
                               "cud_credit", "misc_credit", "reward"}) {
        reject(column, "1.0000000000000000001", Errc::amount_too_many_decimals);
        reject(column, "1E-19", Errc::amount_too_many_decimals);
        reject(column, ".1234567890123456789", Errc::amount_too_many_decimals);
        reject(column, "170141183460469231731.7", Errc::amount_out_of_range);
        reject(column, "170141183460469231732", Errc::amount_out_of_range);
        reject(column, "NaN", Errc::amount_not_finite);
        reject(column, "-Infinity", Errc::amount_not_finite);
        for (const auto *value : {"1 ", "1.2.3", "-", ".", "--1", "0x1", "1e", "$1", "1_0"})
            reject(column, value, Errc::amount_malformed);
    }
    for (const auto *value : {"2026-02-29", "2026-13-01", "01.10.2026", "2026-10-1", "2026-10-01T00:00:00Z", " 2026-10-01"})
        reject("date", value, Errc::day_malformed);
    reject("cost", "12345678901234567890", Errc::line_amount_too_large);  // of 20 digits
    reject("date", "0000-01-01", Errc::day_out_of_range);
    for (const auto *value : {"usd", "US", "USDT", "U$D", "R U"}) reject("currency", value, Errc::line_currency_malformed);
}

TEST(PartnerExport, rejects_records_of_another_length)
{
    const ReadFile file =
        read_usage(Format::partner_export, joined(partner_export_line, false) + "a,b\n" + joined(partner_export_line, true) +
                                               std::string(partner_export_line.size(), ',') + "\n");
    EXPECT_EQ(file.lines, std::vector{partner_export_shown});
    EXPECT_EQ(file.rejects, (std::vector<Refused>{
                                {Errc::line_field_count, {}, {}, 2, 2},
                                {Errc::line_field_count, {}, {}, static_cast<std::int64_t>(partner_export_line.size()) + 1, 4}}));
}

TEST(PartnerExport, tells_the_first_thing_that_is_wrong)
{
    const Columns columns = with(with(partner_export_line, "currency", "usd"), "cost", "x");
    expect_reject(Format::partner_export, columns, Errc::line_currency_malformed, "currency", "usd");
    expect_reject(Format::partner_export, with(columns, "service_id", ""), Errc::line_field_empty, "service_id", "");
}

TEST(PartnerExport, is_read_to_the_last_digit)
{
    const ReadFile file = read_usage(Format::partner_export, content("test/data/generated_partner_export_2026-10.csv"));
    ASSERT_FALSE(file.error);
    EXPECT_EQ(file.lines.size(), 466U);
    EXPECT_TRUE(file.rejects.empty());
    const std::string compute_a = "generated-customer-a generated-compute",
                      market_a = "generated-customer-a generated-marketplace",
                      postgresql_b = "generated-customer-b generated-postgresql", own = "generated-partner generated-compute";
    const std::vector<std::string> key{"account_id", "service_id"};
    EXPECT_EQ(sums(file, "cost", key), (Sums{{compute_a, "100"}, {market_a, "40"}, {postgresql_b, "250.5"}, {own, "60"}}));
    EXPECT_EQ(sums(file, "credit", key), (Sums{{compute_a, "-30"}, {market_a, "0"}, {postgresql_b, "-50.1"}, {own, "0"}}));
    EXPECT_EQ(sums(file, "monetary_grant_credit", key),
              (Sums{{compute_a, "-20"}, {market_a, "0"}, {postgresql_b, "0"}, {own, "0"}}));
    EXPECT_EQ(sums(file, "reward", key), (Sums{{compute_a, "14"}, {market_a, "0"}, {postgresql_b, "70.14"}, {own, "0"}}));
}

// Exports of our own have the category of lines that came in another format.
TEST(PartnerExport, may_have_a_charge_category)
{
    const auto category = [](const std::string &value) {
        return line_of(Format::partner_export, with(partner_export_line, "charge_category", value)).at("charge_category");
    };
    EXPECT_EQ(category("tax"), "Tax");
    EXPECT_EQ(category(""), "Usage");
    expect_reject(Format::partner_export, with(partner_export_line, "charge_category", "gift"), Errc::line_charge_category_unknown, "charge_category",
                  "gift");
}

}  // namespace
}  // namespace partner_bonus::test
