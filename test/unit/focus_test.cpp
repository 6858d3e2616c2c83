#include "core/formats.hpp"

#include <string>
#include <vector>

#include "usage_files.hpp"

namespace partner_bonus::test {
namespace {

TEST(Focus, fills_every_field_it_has)
{
    EXPECT_EQ(line_of(Format::focus, focus_line), focus_shown);
    Columns columns = focus_line;
    for (const auto &[name, value] : focus_line) {
        if (std::count(focus_required.begin(), focus_required.end(), name) == 0) columns = without(columns, name);
    }
    EXPECT_EQ(line_of(Format::focus, columns),
              (Shown{{"usage_day", "2024-09-30"}, {"cost", "12.5"}, {"credit", "0"}, {"monetary_grant_credit", "0"},
                     {"currency", "USD"}, {"charge_category", "Usage"}, {"account_id", "payer"}, {"service_id", "Queue"},
                     {"service_name", "Queue"}, {"sku_id", "-"}, {"@ChargePeriodStart", "2024-09-30T23:00:00Z"},
                     {"@BillingAccountId", "payer"}}));
}

TEST(Focus, tells_null_from_text)
{
    const auto line = [](const std::string &name, const std::string &value) {
        return line_of(Format::focus, with(focus_line, name, value));
    };
    for (const auto *null : {"NULL", "", "\"\""}) {
        EXPECT_FALSE(line("ResourceId", null).contains("resource_id"));
        EXPECT_FALSE(line("PricingQuantity", null).contains("pricing_quantity"));
        EXPECT_FALSE(line("Id", null).contains("@Id"));
    }
    EXPECT_EQ(line("ResourceId", "\"NULL\"").at("resource_id"), "NULL");
    EXPECT_EQ(line("ResourceId", "null").at("resource_id"), "null");
    EXPECT_EQ(line_of(Format::partner_export, with(partner_export_line, "resource_id", "NULL")).at("resource_id"), "NULL");
}

TEST(Focus, falls_back_on_the_billing_account)
{
    const auto line = [](const std::string &account, const std::string &name) {
        const Shown all = line_of(Format::focus, with(with(focus_line, "SubAccountId", account), "SubAccountName", name));
        return all.at("account_id") + ' ' + (all.contains("account_name") ? all.at("account_name") : "-");
    };
    EXPECT_EQ(line("NULL", "NULL"), "payer Payer");
    EXPECT_EQ(line("", "Sub"), "payer Sub");
    EXPECT_EQ(line("sub", "NULL"), "sub -");
    expect_reject(Format::focus, with(focus_line, "BillingAccountId", "NULL"), Errc::line_field_empty, "BillingAccountId",
                  "NULL");
}

TEST(Focus, falls_back_on_the_price_for_the_sku)
{
    const Columns without_sku = with(focus_line, "SkuId", "NULL");
    EXPECT_EQ(line_of(Format::focus, without_sku).at("sku_id"), "sku.price");
    EXPECT_EQ(line_of(Format::focus, with(without_sku, "SkuPriceId", "")).at("sku_id"), "-");
}

TEST(Focus, tells_charge_categories_in_any_case)
{
    const auto line = [](const std::string &category) {
        const Shown all = line_of(Format::focus, with(focus_line, "ChargeCategory", category));
        return all.at("charge_category") + ' ' + all.at("cost") + ' ' + all.at("credit") + ' ' + all.at("monetary_grant_credit");
    };
    EXPECT_EQ(line("Usage"), "Usage 12.5 0 0");
    EXPECT_EQ(line("purchase"), "Purchase 12.5 0 0");
    EXPECT_EQ(line("ADJUSTMENT"), "Adjustment 12.5 0 0");
    EXPECT_EQ(line("tAX"), "Tax 12.5 0 0");
    EXPECT_EQ(line("credit"), "Credit 0 12.5 0");
    for (const auto *value : {"Refund", "Usage ", "Usag", "Usagf", "[SAGE"})
        expect_reject(Format::focus, with(focus_line, "ChargeCategory", value), Errc::line_charge_category_unknown,
                      "ChargeCategory", value);
    expect_reject(Format::focus, with(focus_line, "ChargeCategory", ""), Errc::line_field_empty, "ChargeCategory", "");
}

TEST(Focus, takes_the_day_on_which_the_charge_period_starts_in_utc)
{
    const auto day = [](const std::string &start) {
        return line_of(Format::focus, with(focus_line, "ChargePeriodStart", start)).at("usage_day");
    };
    for (const auto *start : {"2024-09-30", "2024-09-30 23:59:59", "2024-09-30T00:00:00", "2024-09-30T19:00:00Z",
                              "2024-09-30T23:59:59.999999Z", "2024-09-30 09:10:11.5", "2024-09-30T23:00:00+00:00", "2024-09-30T23:59", "2024-09-30T23:59Z"})
        EXPECT_EQ(day(start), "2024-09-30") << start;

    const auto reject = [](const std::string &start, Errc reason) {
        expect_reject(Format::focus, with(focus_line, "ChargePeriodStart", start), reason, "ChargePeriodStart", start);
    };
    for (const auto *start : {"2024-09-30T23:00:00+03:00", "2024-09-30T23:00:00.5-08:00", "2024-09-30 23:00:00-00:00"})
        reject(start, Errc::line_time_not_utc);
    for (const auto *start :
         {"2024-09-30T", "2024-09-30T24:00:00Z", "2024-09-30T30:00:00Z", "2024-09-30T12:60:00Z", "2024-09-30T12:00:60Z",
          "2024-09-30T12:00:", "2024-09-30T12:0", "2024-09-30T1a:00:00", "2024-09-30T-1:00:00", "2024-09-30T12:00:00.Z", "2024-09-30T12:00:00.",
          "2024-09-30T12:00:00 UTC", "2024-09-30T12:00:00z", "2024-09-30T12:00:00+3:00", "2024-09-30T12:00:00*00:00",
          "2024-09-30x12:00:00", "2024-09-30 ", "2024-09-30Z"})
        reject(start, Errc::line_time_malformed);
    for (const auto *start : {"2024-09-31T12:00:00Z", "2024-9-30", "yesterday", "2024-09-3"}) reject(start, Errc::day_malformed);
    reject("0000-09-30T25:00:00", Errc::day_out_of_range);
    reject("", Errc::line_field_empty);
}

TEST(Focus, rejects_what_is_wrong)
{
    const auto reject = [](const std::string &column, const std::string &value, Errc reason) {
        expect_reject(Format::focus, with(focus_line, column, value), reason, column, value);
    };
    for (const auto &column : focus_required) reject(column, "NULL", Errc::line_field_empty);
    reject("BilledCost", "free", Errc::amount_malformed);
    reject("PricingQuantity", "1.5 GB", Errc::amount_malformed);
    reject("BillingCurrency", "Usd", Errc::line_currency_malformed);
}

// The expected sums were computed by Python's csv and decimal modules.
TEST(Focus, is_read_to_the_last_digit)
{
    const ReadFile file = read_usage(Format::focus, content("test/data/focus_sample_1.0.csv"));
    ASSERT_FALSE(file.error);
    EXPECT_EQ(file.lines.size(), 1000U);
    EXPECT_TRUE(file.rejects.empty());
    EXPECT_EQ(sums(file, "cost", {"charge_category"}),
              (Sums{{"Usage", "22.86192672899"}, {"Adjustment", "0.272"}, {"Credit", "0"}}));
    EXPECT_EQ(sums(file, "credit", {"charge_category"}), (Sums{{"Usage", "0"}, {"Adjustment", "0"}, {"Credit", "-2.6137"}}));
}

TEST(Focus, keeps_every_value_of_the_sample)
{
    const std::map<std::string, std::string> fields{{"SubAccountId", "account_id"}, {"SubAccountName", "account_name"},
        {"ServiceName", "service_id"}, {"SkuId", "sku_id"}, {"ResourceId", "resource_id"}, {"BillingCurrency", "currency"},
        {"ChargeCategory", "charge_category"}, {"PricingUnit", "pricing_unit"}, {"PricingQuantity", "pricing_quantity"},
        {"BilledCost", "cost"}};
    const std::string text = content("test/data/focus_sample_1.0.csv");
    const ReadFile file = read_usage(Format::focus, text);
    Arena arena;
    CsvReader csv(arena.memory());
    csv.feed(text);
    csv.finish();
    CsvRecord record;
    must(csv.next(record));
    std::vector<std::string> names;
    for (const CsvField &field : record.fields) names.emplace_back(field.text);
    for (const Shown &line : file.lines) {
        ASSERT_EQ(must(csv.next(record)), CsvReader::Step::record);
        for (std::size_t i = 0; i < names.size(); ++i) {
            const auto field = fields.find(names[i]);
            std::string name = field == fields.end() ? '@' + names[i] : field->second;
            if (name == "cost" && line.at("charge_category") == "Credit") name = "credit";
            std::string value(record.fields[i].text);
            if (value.empty() || (value == "NULL" && !record.fields[i].quoted)) {
                EXPECT_FALSE(line.contains(name)) << name;
                continue;
            }
            if (name == "cost" || name == "credit" || name == "pricing_quantity") value = shown(must(parse_decimal(value)));
            EXPECT_EQ(line.at(name), value) << name;
        }
    }
}

}  // namespace
}  // namespace partner_bonus::test
