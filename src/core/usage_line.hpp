// A usage line: what one record of a file says was consumed, whatever the file's format.
#pragma once

#include <span>
#include <string_view>

#include "day.hpp"
#include "decimal.hpp"

namespace partner_bonus {

// A number that a file may leave out.
struct OptionalDecimal {
    Decimal value{};
    bool given{};
};

// A column of the file that has no field of its own: a label, or what the format has beside the fields below.
struct Attribute {
    std::string_view name;
    std::string_view value;
};

// Texts are as the file has them and never empty: what it leaves out has null data. Numbers are exactly those of the file.
struct UsageLine {
    Day usage_day{};
    std::string_view account_id;
    std::string_view account_name;
    std::string_view cloud_id;
    std::string_view cloud_name;
    std::string_view folder_id;
    std::string_view folder_name;
    std::string_view resource_id;
    std::string_view service_id;
    std::string_view service_name;
    std::string_view sku_id;
    std::string_view sku_name;
    std::string_view currency;
    std::string_view charge_category;  // Usage, Purchase, Adjustment, Credit or Tax
    OptionalDecimal pricing_quantity;
    std::string_view pricing_unit;
    Decimal cost;
    Decimal credit;                 // not included in cost
    Decimal monetary_grant_credit;  // the part of credit that a grant paid
    OptionalDecimal volume_incentive_credit;
    OptionalDecimal cud_credit;
    OptionalDecimal misc_credit;
    OptionalDecimal reward;
    std::span<const Attribute> attributes;  // in the file's order, those without a value left out
    std::string_view locale;
    std::string_view updated_at;
    std::string_view exported_at;
};

}  // namespace partner_bonus
