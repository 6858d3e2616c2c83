#include "core/formats.hpp"

#include <string>

#include "usage_files.hpp"

namespace partner_bonus::test {
namespace {

TEST(Cur, fills_every_field_it_has)
{
    EXPECT_EQ(line_of(Format::cur, cur_line), cur_shown);
    for (const auto &name : cur_required)
        expect_refused(Format::cur, joined(without(cur_line, name), false), Errc::file_header_missing_column, name, 0);
}

TEST(Cur, falls_back_on_the_usage_type_for_the_sku)
{
    const Columns without_sku = with(cur_line, "product/sku", "");
    EXPECT_EQ(line_of(Format::cur, without_sku).at("sku_id"), "CAN1-Requests");
    EXPECT_EQ(line_of(Format::cur, with(without_sku, "lineItem/UsageType", "")).at("sku_id"), "-");
}

TEST(Cur, tells_charge_categories_by_line_item_types)
{
    const auto line = [](const std::string &type) {
        const Shown all = line_of(Format::cur, with(cur_line, "lineItem/LineItemType", type));
        return all.at("charge_category") + ' ' + all.at("cost") + ' ' + all.at("credit");
    };
    EXPECT_EQ(line("Usage"), "Usage 0.0000000052 0");
    EXPECT_EQ(line("SavingsPlanNegation"), "Usage 0.0000000052 0");
    EXPECT_EQ(line("RIFee"), "Purchase 0.0000000052 0");
    EXPECT_EQ(line("Tax"), "Tax 0.0000000052 0");
    EXPECT_EQ(line("Refund"), "Adjustment 0.0000000052 0");
    EXPECT_EQ(line("Credit"), "Credit 0 0.0000000052");
    expect_reject(Format::cur, with(cur_line, "lineItem/LineItemType", "usage"), Errc::line_charge_category_unknown, "lineItem/LineItemType", "usage");
    expect_reject(Format::cur, with(cur_line, "lineItem/LineItemType", ""), Errc::line_field_empty, "lineItem/LineItemType", "");
}

TEST(Cur, rejects_what_is_wrong)
{
    expect_reject(Format::cur, with(cur_line, "lineItem/UsageStartDate", "2023-11-04T23:00:00+03:00"), Errc::line_time_not_utc,
                  "lineItem/UsageStartDate", "2023-11-04T23:00:00+03:00");
    expect_reject(Format::cur, with(cur_line, "lineItem/UnblendedCost", "free"), Errc::amount_malformed, "lineItem/UnblendedCost", "free");
}

}  // namespace
}  // namespace partner_bonus::test
