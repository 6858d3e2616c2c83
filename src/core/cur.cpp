// AWS Cost and Usage Report, with names like lineItem/UsageStartDate. The usage day is the day in UTC on which the usage
// starts; what has no field in a usage line stays as an attribute, so no column of a file is lost.
#include <algorithm>

#include "format_rules.hpp"

namespace partner_bonus {

namespace {

enum Column : std::size_t {
    usage_account_id,
    usage_account_name,
    line_item_type,
    usage_start_date,
    product_code,
    product_name,
    sku,
    usage_type,
    resource_id,
    usage_amount,
    unit,
    currency_code,
    unblended_cost,
    column_count,
};

constexpr std::array<ColumnRule, column_count> columns{{
    {.name = "lineItem/UsageAccountId", .required = true},
    {.name = "lineItem/UsageAccountName"},
    {.name = "lineItem/LineItemType", .required = true, .attribute = true},
    {.name = "lineItem/UsageStartDate", .required = true, .attribute = true},
    {.name = "lineItem/ProductCode", .required = true},
    {.name = "product/ProductName"},
    {.name = "product/sku"},
    {.name = "lineItem/UsageType", .required = true, .attribute = true},
    {.name = "lineItem/ResourceId"},
    {.name = "lineItem/UsageAmount"},
    {.name = "pricing/unit"},
    {.name = "lineItem/CurrencyCode", .required = true},
    {.name = "lineItem/UnblendedCost", .required = true},
}};
static_assert(column_count <= max_columns_of_format);

// A report has as many columns as the account's services, tags and cost categories ask for.
constexpr auto groups = std::to_array<std::string_view>({"identity/", "bill/", "lineItem/", "product/", "pricing/", "reservation/",
                                                         "savingsPlan/", "discount/", "splitLineItem/", "resourceTags/",
                                                         "costCategory/"});

struct LineItemType {
    std::string_view name;
    std::string_view category;
};

// What covers usage, and what a savings plan takes back of it, is usage; refunds and discounts change what was charged.
constexpr auto line_item_types = std::to_array<LineItemType>({
    {"Usage", usage_category},
    {"DiscountedUsage", usage_category},
    {"SavingsPlanCoveredUsage", usage_category},
    {"SavingsPlanNegation", usage_category},
    {"Fee", "Purchase"},
    {"RIFee", "Purchase"},
    {"SavingsPlanRecurringFee", "Purchase"},
    {"SavingsPlanUpfrontFee", "Purchase"},
    {"Tax", "Tax"},
    {"Credit", credit_category},
    {"Refund", "Adjustment"},
    {"Discount", "Adjustment"},
    {"BundledDiscount", "Adjustment"},
    {"EdpDiscount", "Adjustment"},
    {"PrivateRateDiscount", "Adjustment"},
    {"RiVolumeDiscount", "Adjustment"},
    {"SppDiscount", "Adjustment"},
});

std::string_view category(LineFields &fields) noexcept
{
    const std::string_view type = fields.required_text(line_item_type);
    const auto *found = std::find_if(line_item_types.begin(), line_item_types.end(), [type](const LineItemType &known) { return known.name == type; });
    if (found != line_item_types.end()) return found->category;
    fields.fail(line_item_type, Errc::line_charge_category_unknown);
    return {};
}

void read(LineFields &fields, UsageLine &line) noexcept
{
    line.usage_day = fields.day_in_utc(usage_start_date);
    line.account_id = fields.required_text(usage_account_id);
    line.account_name = fields.text(usage_account_name);
    line.resource_id = fields.text(resource_id);
    line.service_id = fields.required_text(product_code);
    line.service_name = fields.text(product_name);
    line.sku_id = fields.text(sku);
    if (!line.sku_id.data()) line.sku_id = fields.text(usage_type);
    if (!line.sku_id.data()) line.sku_id = no_sku;
    line.currency = fields.currency(currency_code);
    line.charge_category = category(fields);
    line.pricing_quantity = fields.optional_amount(usage_amount);
    line.pricing_unit = fields.text(unit);
    const Decimal cost = fields.amount(unblended_cost);
    (line.charge_category == credit_category ? line.credit : line.cost) = cost;
}

}  // namespace

constinit const FormatRules cur_rules{
    .name = "cur", .columns = columns, .others = {}, .other_begins = groups, .keeps_unknown = true, .null_word = {}, .read = read};

}  // namespace partner_bonus
