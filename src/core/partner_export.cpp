// The provider's partner export: one line per day, resource and SKU; label columns as each partner has them.
#include "format_rules.hpp"

namespace partner_bonus {

namespace {

enum Column : std::size_t {
    billing_account_id,
    billing_account_id_again,
    billing_account_name,
    cloud_id,
    cloud_name,
    folder_id,
    folder_name,
    resource_id,
    service_id,
    service_name,
    sku_id,
    sku_name,
    date,
    currency,
    pricing_quantity,
    pricing_unit,
    cost,
    credit,
    monetary_grant_credit,
    volume_incentive_credit,
    cud_credit,
    misc_credit,
    reward,
    locale,
    updated_at,
    exported_at,
    charge_category,
    column_count,
};

constexpr std::array<ColumnRule, column_count> columns{{
    {.name = "billing_account_id", .required = true},
    {.name = "billing_account_id", .again = true},  // the documentation prints it twice
    {.name = "billing_account_name"},
    {.name = "cloud_id"},
    {.name = "cloud_name"},
    {.name = "folder_id"},
    {.name = "folder_name"},
    {.name = "resource_id"},
    {.name = "service_id", .required = true},
    {.name = "service_name"},
    {.name = "sku_id", .required = true},
    {.name = "sku_name"},
    {.name = "date", .required = true},
    {.name = "currency", .required = true},
    {.name = "pricing_quantity"},
    {.name = "pricing_unit"},
    {.name = "cost", .required = true},
    {.name = "credit", .required = true},
    {.name = "monetary_grant_credit", .required = true},
    {.name = "volume_incentive_credit"},
    {.name = "cud_credit"},
    {.name = "misc_credit"},
    {.name = "reward"},
    {.name = "locale"},
    {.name = "updated_at"},
    {.name = "exported_at"},
    {.name = "charge_category"},  // not the provider's: exports of lines that came in another format have it
}};
static_assert(column_count <= max_columns_of_format);

std::string_view account(LineFields &fields) noexcept
{
    const std::string_view again = fields.text(billing_account_id_again);
    if (!again.data()) return fields.required_text(billing_account_id);
    const std::string_view first = fields.text(billing_account_id);
    if (first.data() && first != again) fields.fail(billing_account_id_again, Errc::line_account_ambiguous);
    return again;
}

void read(LineFields &fields, UsageLine &line) noexcept
{
    line.account_id = account(fields);
    line.account_name = fields.text(billing_account_name);
    line.cloud_id = fields.text(cloud_id);
    line.cloud_name = fields.text(cloud_name);
    line.folder_id = fields.text(folder_id);
    line.folder_name = fields.text(folder_name);
    line.resource_id = fields.text(resource_id);
    line.service_id = fields.required_text(service_id);
    line.service_name = fields.text(service_name);
    line.sku_id = fields.required_text(sku_id);
    line.sku_name = fields.text(sku_name);
    line.usage_day = fields.day(date);
    line.currency = fields.currency(currency);
    line.charge_category = fields.text(charge_category).data() ? fields.charge_category(charge_category) : usage_category;
    line.pricing_quantity = fields.optional_amount(pricing_quantity);
    line.pricing_unit = fields.text(pricing_unit);
    line.cost = fields.amount(cost);
    line.credit = fields.amount(credit);
    line.monetary_grant_credit = fields.amount(monetary_grant_credit);
    line.volume_incentive_credit = fields.optional_amount(volume_incentive_credit);
    line.cud_credit = fields.optional_amount(cud_credit);
    line.misc_credit = fields.optional_amount(misc_credit);
    line.reward = fields.optional_amount(reward);
    line.locale = fields.text(locale);
    line.updated_at = fields.text(updated_at);
    line.exported_at = fields.text(exported_at);
}

constexpr std::array<std::string_view, 1> labels{"label."};

}  // namespace

constinit const FormatRules partner_export_rules{
    .name = "partner-export", .columns = columns, .others = {}, .other_begins = labels, .null_word = {}, .read = read};

}  // namespace partner_bonus
