// FOCUS 1.0 to 1.3, the FinOps Foundation's open format of charges. What has no field in a usage line stays as an attribute, so no
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

// Of the versions up to 1.3, ascending. Columns of a provider's own begin with x_.
constexpr auto others = std::to_array<std::string_view>({
    "AllocatedMethodDetails", "AllocatedMethodId", "AllocatedResourceId", "AllocatedResourceName", "AllocatedTags",
    "AvailabilityZone", "BillingAccountType", "BillingPeriodEnd", "BillingPeriodStart", "CapacityReservationId",
    "CapacityReservationStatus", "ChargeClass", "ChargeDescription", "ChargeFrequency", "ChargePeriodEnd",
    "CommitmentDiscountCategory", "CommitmentDiscountId", "CommitmentDiscountName", "CommitmentDiscountQuantity",
    "CommitmentDiscountStatus", "CommitmentDiscountType", "CommitmentDiscountUnit", "ConsumedQuantity", "ConsumedUnit",
    "ContractApplied", "ContractedCost", "ContractedUnitPrice", "EffectiveCost", "HostProviderName", "InvoiceId",
    "InvoiceIssuerName", "ListCost", "ListUnitPrice", "PricingCategory", "PricingCurrency", "PricingCurrencyContractedUnitPrice",
    "PricingCurrencyEffectiveCost", "PricingCurrencyListUnitPrice", "ProviderName", "PublisherName", "RegionId", "RegionName",
    "ResourceName", "ResourceType", "ServiceCategory", "ServiceProviderName", "ServiceSubcategory", "SkuMeter",
    "SkuPriceDetails", "SubAccountType", "Tags"
});
static_assert(std::is_sorted(others.begin(), others.end()));
constexpr std::array<std::string_view, 1> own_columns{"x_"};

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
    line.charge_category = fields.charge_category(charge_category);
    line.pricing_quantity = fields.optional_amount(pricing_quantity);
    line.pricing_unit = fields.text(pricing_unit);
    const Decimal billed = fields.amount(billed_cost);
    (line.charge_category == credit_category ? line.credit : line.cost) = billed;
}

}  // namespace

constinit const FormatRules focus_rules{
    .name = "focus", .columns = columns, .others = others, .other_begins = own_columns, .keeps_unknown = true, .null_word = "NULL",
    .read = read};

}  // namespace partner_bonus
