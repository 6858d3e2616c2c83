// Usage files made of a few columns, and what is read from them.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "arena.hpp"
#include "core/formats.hpp"
#include "core/text.hpp"

namespace partner_bonus::test {

// What a line has, by the names of its fields and attributes.
using Shown = std::map<std::string, std::string>;

inline std::string shown(const Decimal &decimal)
{
    std::array<char, TextWriter::decimal_room> room;
    TextWriter writer(room);
    writer.decimal(decimal.units, decimal.scale);
    return std::string(writer.written());
}

inline Shown shown(const UsageLine &line)
{
    std::array<char, TextWriter::day_room> room;
    TextWriter writer(room);
    writer.day(line.usage_day);
    Shown all{{"usage_day", std::string(writer.written())},
              {"cost", shown(line.cost)},
              {"credit", shown(line.credit)},
              {"monetary_grant_credit", shown(line.monetary_grant_credit)}};
    const std::pair<const char *, std::string_view> texts[] = {
        {"account_id", line.account_id}, {"account_name", line.account_name}, {"cloud_id", line.cloud_id},
        {"cloud_name", line.cloud_name}, {"folder_id", line.folder_id}, {"folder_name", line.folder_name},
        {"resource_id", line.resource_id}, {"service_id", line.service_id}, {"service_name", line.service_name},
        {"sku_id", line.sku_id}, {"sku_name", line.sku_name}, {"currency", line.currency},
        {"charge_category", line.charge_category}, {"pricing_unit", line.pricing_unit}, {"locale", line.locale},
        {"updated_at", line.updated_at}, {"exported_at", line.exported_at}};
    for (const auto &[name, text] : texts) {
        EXPECT_EQ(text.data() == nullptr, text.empty()) << name;
        if (text.data()) all[name] = text;
    }
    const std::pair<const char *, const OptionalDecimal &> numbers[] = {{"pricing_quantity", line.pricing_quantity},
                                                                        {"volume_incentive_credit", line.volume_incentive_credit},
                                                                        {"cud_credit", line.cud_credit},
                                                                        {"misc_credit", line.misc_credit},
                                                                        {"reward", line.reward}};
    for (const auto &[name, number] : numbers) {
        if (number.given) all[name] = shown(number.value);
    }
    for (const Attribute &attribute : line.attributes) {
        EXPECT_FALSE(attribute.value.empty()) << attribute.name;
        all['@' + std::string(attribute.name)] = attribute.value;
    }
    return all;
}

struct Refused {
    Errc reason{};
    std::string column;
    std::string value;
    std::int64_t at = 0;  // of the error
    std::int64_t line = 0;

    bool operator==(const Refused &) const = default;
};

inline std::ostream &operator<<(std::ostream &out, const Refused &refused)
{
    return out << "reason " << static_cast<int>(refused.reason) << ", column [" << refused.column << "], value [" << refused.value
               << "], at " << refused.at << ", line " << refused.line;
}

// A file, read to its end.
struct ReadFile {
    std::optional<Refused> error;  // the value is the error's subject
    std::vector<Shown> lines;
    std::vector<Refused> rejects;
};

inline ReadFile read_usage(const FormatOptions &options, std::string_view text, const Memory &memory)
{
    ReadFile file;
    CsvReader csv(memory);
    csv.feed(text);
    csv.finish();
    CsvRecord record;
    must(csv.next(record));
    const auto reader = FormatReader::open(options, record, memory);
    if (!reader) {
        const Error &error = reader.error();
        file.error = {error.code, {}, std::string(error.subject), error.at, 0};
        return file;
    }
    while (must(csv.next(record)) == CsvReader::Step::record) {
        UsageLine line;
        Reject reject;
        if (reader->read(record, line, reject)) {
            file.lines.push_back(shown(line));
        } else {
            const Error &error = reject.error;
            file.rejects.push_back({error.code, std::string(reject.column), std::string(error.subject), error.at, record.line});
        }
    }
    return file;
}

inline ReadFile read_usage(Format format, std::string_view text)
{
    Arena arena;
    return read_usage({.format = format}, text, arena);
}

// Columns with a value each, from which files are made.
using Columns = std::vector<std::pair<std::string, std::string>>;

inline std::string joined(const Columns &columns, bool values)
{
    std::string text;
    for (const auto &[name, value] : columns) text += (values ? value : name) + ',';
    text.back() = '\n';
    return text;
}

inline std::string file_of(const Columns &columns) { return joined(columns, false) + joined(columns, true); }

inline Columns with(Columns columns, const std::string &name, const std::string &value)
{
    for (auto &column : columns) {
        if (column.first == name) {
            column.second = value;
            return columns;
        }
    }
    columns.emplace_back(name, value);
    return columns;
}

inline Columns without(Columns columns, const std::string &name)
{
    std::erase_if(columns, [&](const auto &column) { return column.first == name; });
    return columns;
}

inline Shown line_of(Format format, const Columns &columns)
{
    const ReadFile file = read_usage(format, file_of(columns));
    EXPECT_FALSE(file.error) << *file.error;
    EXPECT_TRUE(file.rejects.empty()) << file.rejects.front();
    return file.lines.empty() ? Shown{} : file.lines.front();
}

inline void expect_reject(Format format, const Columns &columns, Errc reason, const std::string &column, const std::string &value)
{
    const ReadFile file = read_usage(format, file_of(columns));
    ASSERT_FALSE(file.error) << *file.error;
    ASSERT_EQ(file.rejects.size(), 1U) << column << " [" << value << ']';
    EXPECT_EQ(file.rejects.front(), (Refused{reason, column, value, 0, 2}));
    EXPECT_TRUE(file.lines.empty());
}

inline void expect_refused(Format format, const std::string &header, Errc reason, const std::string &subject, std::int64_t at)
{
    const ReadFile file = read_usage(format, header + "\n");
    ASSERT_TRUE(file.error) << header;
    EXPECT_EQ(*file.error, (Refused{reason, {}, subject, at, 0})) << header;
}

inline std::string content(const std::string &path)
{
    std::ifstream file(path, std::ios::binary);
    EXPECT_TRUE(file) << path;
    return {std::istreambuf_iterator<char>(file), {}};
}

// Sums of a number over all lines, by the values of some fields.
using Sums = std::map<std::string, std::string>;

inline Sums sums(const ReadFile &file, const std::string &number, const std::vector<std::string> &by)
{
    std::map<std::string, int128> totals;
    for (const Shown &line : file.lines) {
        std::string key;
        for (const auto &field : by) key += (key.empty() ? "" : " ") + line.at(field);
        totals[key] += must(parse_amount(line.at(number)));
    }
    Sums result;
    for (const auto &[key, total] : totals) result[key] = shown(Decimal{total, amount_scale});
    return result;
}

inline const Columns partner_export_line{
    {"billing_account_id", "acc-1"}, {"billing_account_name", "\"Customer, Inc.\""}, {"cloud_id", "cloud-1"},
    {"cloud_name", "prod"}, {"folder_id", "folder-1"}, {"folder_name", "web"}, {"resource_id", "vm-1"},
    {"service_id", "compute"}, {"service_name", "Compute Cloud"}, {"sku_id", "cpu"}, {"sku_name", "\"vCPU \"\"100%\"\"\""},
    {"date", "2026-10-05"}, {"currency", "USD"}, {"pricing_quantity", "24.000"}, {"pricing_unit", "core*hour"},
    {"cost", "1.100000000000000001"}, {"credit", "-1E-1"}, {"monetary_grant_credit", "0"},
    {"volume_incentive_credit", "-0.1"}, {"cud_credit", "0.0"}, {"misc_credit", "+2"}, {"reward", "-0.2"},
    {"label.user_labels.env", "prod"}, {"label.user_labels.team", ""}, {"locale", "en"},
    {"updated_at", "2026-10-06T01:00:00Z"}, {"exported_at", "2026-10-06T02:00:00Z"}};
inline const std::vector<std::string> partner_export_required{"billing_account_id", "service_id", "sku_id", "date", "currency",
                                                       "cost", "credit", "monetary_grant_credit"};
inline const Shown partner_export_shown{
    {"account_id", "acc-1"}, {"account_name", "Customer, Inc."}, {"cloud_id", "cloud-1"}, {"cloud_name", "prod"},
    {"folder_id", "folder-1"}, {"folder_name", "web"}, {"resource_id", "vm-1"}, {"service_id", "compute"},
    {"service_name", "Compute Cloud"}, {"sku_id", "cpu"}, {"sku_name", "vCPU \"100%\""}, {"usage_day", "2026-10-05"},
    {"currency", "USD"}, {"charge_category", "Usage"}, {"pricing_quantity", "24"}, {"pricing_unit", "core*hour"},
    {"cost", "1.100000000000000001"}, {"credit", "-0.1"}, {"monetary_grant_credit", "0"}, {"volume_incentive_credit", "-0.1"},
    {"cud_credit", "0"}, {"misc_credit", "2"}, {"reward", "-0.2"}, {"@label.user_labels.env", "prod"}, {"locale", "en"},
    {"updated_at", "2026-10-06T01:00:00Z"}, {"exported_at", "2026-10-06T02:00:00Z"}};

inline const Columns focus_line{
    {"ChargePeriodStart", "2024-09-30T23:00:00Z"}, {"BilledCost", "12.50"}, {"BillingCurrency", "USD"},
    {"ChargeCategory", "Usage"}, {"BillingAccountId", "payer"}, {"BillingAccountName", "Payer"}, {"SubAccountId", "sub"},
    {"SubAccountName", "\"Sub\""}, {"ServiceName", "Queue"}, {"SkuId", "sku"}, {"SkuPriceId", "sku.price"},
    {"ResourceId", "arn:1"}, {"PricingQuantity", "2.5"}, {"PricingUnit", "GB"}, {"Id", "7"}, {"RegionId", "NULL"},
    {"ChargeDescription", "\"NULL\""}, {"Tags", "\"{\"\"a\"\": \"\"b\"\"}\""}};
inline const std::vector<std::string> focus_required{"ChargePeriodStart", "BilledCost", "BillingCurrency", "ChargeCategory",
                                              "BillingAccountId", "ServiceName"};
inline const Shown focus_shown{
    {"usage_day", "2024-09-30"}, {"cost", "12.5"}, {"credit", "0"}, {"monetary_grant_credit", "0"}, {"currency", "USD"},
    {"charge_category", "Usage"}, {"account_id", "sub"}, {"account_name", "Sub"}, {"service_id", "Queue"},
    {"service_name", "Queue"}, {"sku_id", "sku"}, {"resource_id", "arn:1"}, {"pricing_quantity", "2.5"}, {"pricing_unit", "GB"},
    {"@ChargePeriodStart", "2024-09-30T23:00:00Z"}, {"@BillingAccountId", "payer"}, {"@BillingAccountName", "Payer"},
    {"@SkuPriceId", "sku.price"}, {"@Id", "7"}, {"@ChargeDescription", "NULL"}, {"@Tags", "{\"a\": \"b\"}"}};

inline const Columns cur_line{
    {"identity/LineItemId", "id-1"}, {"bill/PayerAccountId", "payer"}, {"lineItem/UsageAccountId", "account"},
    {"lineItem/UsageAccountName", "Account"}, {"lineItem/LineItemType", "Usage"}, {"lineItem/UsageStartDate", "2023-11-04T23:00:00.000Z"},
    {"lineItem/ProductCode", "AmazonS3"}, {"product/ProductName", "Simple Storage"}, {"product/sku", "56GR"},
    {"lineItem/UsageType", "CAN1-Requests"}, {"lineItem/ResourceId", "arn:1"}, {"lineItem/UsageAmount", "2.0"},
    {"pricing/unit", "Requests"}, {"lineItem/CurrencyCode", "USD"}, {"lineItem/UnblendedCost", "5.2E-9"}};
inline const std::vector<std::string> cur_required{"lineItem/UsageAccountId", "lineItem/LineItemType", "lineItem/UsageStartDate",
    "lineItem/ProductCode", "lineItem/UsageType", "lineItem/CurrencyCode", "lineItem/UnblendedCost"};
inline const Shown cur_shown{
    {"usage_day", "2023-11-04"}, {"cost", "0.0000000052"}, {"credit", "0"}, {"monetary_grant_credit", "0"}, {"currency", "USD"},
    {"charge_category", "Usage"}, {"account_id", "account"}, {"account_name", "Account"}, {"service_id", "AmazonS3"},
    {"service_name", "Simple Storage"}, {"sku_id", "56GR"}, {"resource_id", "arn:1"}, {"pricing_quantity", "2"}, {"pricing_unit", "Requests"},
    {"@identity/LineItemId", "id-1"}, {"@bill/PayerAccountId", "payer"}, {"@lineItem/LineItemType", "Usage"},
    {"@lineItem/UsageStartDate", "2023-11-04T23:00:00.000Z"}, {"@lineItem/UsageType", "CAN1-Requests"}};

}  // namespace partner_bonus::test
