// FOCUS 1.0, the FinOps Foundation's open format of charges. What has no field in a usage line stays as an attribute, so no
// column of a file is lost; the usage day is the day in UTC on which the charge period starts.
#include <algorithm>

#include "format_rules.hpp"

namespace partner_bonus {

namespace {

enum Column : std::size_t {
    charge_period_start,
    billed_cost,
    billing_currency,
    charge_category,
    billing_account_id,
    billing_account_name,
    sub_account_id,
    sub_account_name,
    service_name,
    sku_id,
    sku_price_id,
    resource_id,
    pricing_quantity,
    pricing_unit,
    column_count,
};

constexpr std::array<ColumnRule, column_count> columns{{
    {.name = "ChargePeriodStart", .required = true, .attribute = true},
    {.name = "BilledCost", .required = true},
    {.name = "BillingCurrency", .required = true},
    {.name = "ChargeCategory", .required = true},
    {.name = "BillingAccountId", .required = true, .attribute = true},
    {.name = "BillingAccountName", .attribute = true},
    {.name = "SubAccountId"},
    {.name = "SubAccountName"},
    {.name = "ServiceName", .required = true},
    {.name = "SkuId"},
    {.name = "SkuPriceId", .attribute = true},
    {.name = "ResourceId"},
    {.name = "PricingQuantity"},
    {.name = "PricingUnit"},
}};
static_assert(column_count <= max_columns_of_format);

constexpr std::string_view credit_category = "Credit";
constexpr std::array<std::string_view, 5> charge_categories{"Usage", "Purchase", "Adjustment", credit_category, "Tax"};
constexpr std::string_view no_sku = "-";  // a tax or an adjustment may have none

constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// The category as FOCUS spells it; files have it in any case.
std::string_view category(LineFields &fields) noexcept
{
    const std::string_view written = fields.required_text(charge_category);
    const auto *found = std::find_if(charge_categories.begin(), charge_categories.end(), [written](std::string_view known) {
        return std::equal(written.begin(), written.end(), known.begin(), known.end(),
                          [](char a, char b) { return lower(a) == lower(b); });
    });
    if (found != charge_categories.end()) return *found;
    fields.fail(charge_category, Errc::line_charge_category_unknown);
    return {};
}

void read(LineFields &fields, UsageLine &line) noexcept
{
    line.usage_day = fields.day_in_utc(charge_period_start);

    const std::string_view billing_account = fields.required_text(billing_account_id);
    const std::string_view sub_account = fields.text(sub_account_id);
    const std::string_view account_name = fields.text(sub_account_name);
    const bool own = !sub_account.data();
    line.account_id = own ? billing_account : sub_account;
    line.account_name = own && !account_name.data() ? fields.text(billing_account_name) : account_name;

    line.resource_id = fields.text(resource_id);
    line.service_id = line.service_name = fields.required_text(service_name);  // FOCUS has no id of services
    line.sku_id = fields.text(sku_id);
    if (!line.sku_id.data()) line.sku_id = fields.text(sku_price_id);
    if (!line.sku_id.data()) line.sku_id = no_sku;

    line.currency = fields.currency(billing_currency);
    line.charge_category = category(fields);
    line.pricing_quantity = fields.optional_amount(pricing_quantity);
    line.pricing_unit = fields.text(pricing_unit);
    const Decimal billed = fields.amount(billed_cost);
    (line.charge_category == credit_category ? line.credit : line.cost) = billed;
}

}  // namespace

constinit const FormatRules focus_rules{
    .name = "focus", .columns = columns, .attribute_prefix = {}, .currency_column = "BillingCurrency", .null_word = "NULL", .read = read};

}  // namespace partner_bonus
