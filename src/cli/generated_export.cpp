#include "generated_export.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "core/amount.hpp"
#include "core/text.hpp"
#include "text.hpp"

namespace pbonus {

namespace core = partner_bonus;

namespace {

constexpr std::uint64_t skus_of_service = 4;
constexpr std::uint64_t lines_of_key = 5;  // about so many resources of a service has an account

// What ids are made for: each kind has its own.
enum Kind : std::uint64_t { of_account, of_cloud, of_folder, of_resource, of_service, of_sku };

constexpr std::array<std::pair<std::string_view, std::string_view>, 4> meters{{{"vCPU", "core*hour"}, {"RAM", "gbyte*hour"}, {"disk", "gbyte*hour"}, {"traffic", "gbyte"}}};
constexpr std::array<std::string_view, 3> environments{"prod", "test", "dev"};
constexpr std::array<std::string_view, 5> teams{"web", "data", "billing", "search", ""};
constexpr std::string_view generated = "generated";

void put_number(std::string &text, core::int128 units, int scale)
{
    std::array<char, core::TextWriter::decimal_room> room;
    core::TextWriter writer(room);
    writer.decimal(units, scale);
    text += writer.written();
}

std::string two_digits(std::uint64_t number) { return {static_cast<char>('0' + number / 10 % 10), static_cast<char>('0' + number % 10)}; }

std::string sql_text(const std::string &text)
{
    std::string quoted = "'";
    for (const char c : text) quoted += c == '\'' ? std::string("''") : std::string(1, c);
    return quoted + '\'';
}

}  // namespace

Dice Dice::with(std::uint64_t word) const
{
    Dice mixed(state_ ^ (word + 0x9e3779b97f4a7c15U) * 0xff51afd7ed558ccdU);
    mixed.next();
    return mixed;
}

// splitmix64
std::uint64_t Dice::next()
{
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

GeneratedExport::GeneratedExport(GeneratedShape shape) : shape_(std::move(shape)), dice_(shape_.seed)
{
    for (const char c : shape_.partner) dice_ = dice_.with(static_cast<unsigned char>(c));  // partners share no accounts
    for (std::uint64_t i = 0; i < std::max<std::uint64_t>(shape_.skus / skus_of_service, 1); ++i) {
        Service service{id(of_service, i), "Service " + two_digits(i) + " (generated)", {}};
        for (std::uint64_t j = 0; j < skus_of_service; ++j) {
            Dice dice = dice_.with(of_sku).with(i * skus_of_service + j);
            service.skus.push_back({id(of_sku, i * skus_of_service + j), service.name + ", " + std::string(meters[j].first),
                                    std::string(meters[j].second), static_cast<std::int64_t>(100 + dice.below(90'000))});
        }
        services_.push_back(std::move(service));
    }
    // Few lines are of few accounts, so that a key has several of them still.
    const std::uint64_t most = std::max<std::uint64_t>(shape_.lines_per_day / (skus_of_service * lines_of_key), 1);
    for (std::uint64_t i = 0; i < std::min<std::uint64_t>(shape_.accounts, most); ++i) {
        const std::string customer = "customer-" + std::to_string(i + 1);
        accounts_.push_back({id(of_account, i), "Customer " + std::to_string(i + 1) + ", Inc. (generated)", id(of_cloud, i), customer + " (generated)",
                             id(of_folder, i), customer + "-default (generated)"});
    }
    accounts_.front().name = "Partner " + shape_.partner + " (generated)";
    lines_per_account_ = (shape_.lines_per_day + accounts_.size() - 1) / accounts_.size();
    services_per_account_ = std::clamp<std::uint64_t>(lines_per_account_ / (skus_of_service * lines_of_key), 1, services_.size());
}

std::string GeneratedExport::id(std::uint64_t kind, std::uint64_t number) const
{
    static constexpr std::string_view digits = "0123456789abcdefghijklmnopqrstuv";
    static constexpr std::array<std::string_view, 6> starts{"dn2", "b1g", "b1f", "fhm", "dn2", "dn2"};
    Dice dice = dice_.with(kind).with(number);
    std::string text(starts[kind]);
    for (std::uint64_t bits = 0; text.size() < 20; bits >>= 5) {
        if (bits < 32) bits = dice.next() >> 3 | std::uint64_t{1} << 62;
        text += digits[bits & 31];
    }
    return text;
}

std::string GeneratedExport::file_name(core::Day day) const { return "generated_" + shape_.partner + '_' + day_text(day) + ".csv"; }

std::string GeneratedExport::header() const
{
    return "billing_account_id,billing_account_name,cloud_id,cloud_name,folder_id,folder_name,resource_id,service_id,service_name,sku_id,sku_name,"
           "date,currency,pricing_quantity,pricing_unit,cost,credit,monetary_grant_credit,volume_incentive_credit,cud_credit,misc_credit,reward,"
           "label.generated,label.user_labels.env,label.user_labels.team,locale,updated_at,exported_at\n";
}

void GeneratedExport::append_line(std::string &text, core::Day day, std::uint64_t index) const
{
    const std::uint64_t account_number = index / lines_per_account_, within = index % lines_per_account_;
    const std::uint64_t resource = within / skus_of_service;
    const Account &account = accounts_[account_number];
    const Service &service = services_[(account_number + resource % services_per_account_) % services_.size()];
    const Sku &sku = service.skus[within % skus_of_service];
    const std::uint64_t resource_number = account_number << 32 | resource;
    Dice of_the_resource = dice_.with(of_resource).with(resource_number);
    Dice dice = dice_.with(static_cast<std::uint64_t>(day)).with(index);

    // Thousandths of the unit: a resource has its size, and every day is a little different.
    const std::uint64_t size = 1'000 + of_the_resource.below(400'000);
    const auto quantity = static_cast<std::int64_t>(size * (800 + dice.below(400)) / 1000);
    const core::int128 cost = core::int128{quantity} * sku.price;  // 10^-9
    enum { grant, volume, cud, misc, kinds };
    std::array<core::int128, kinds> credits{};  // 10^-11
    if (dice.below(10) == 0) {
        static constexpr std::array<std::int64_t, 4> percents{5, 10, 25, 100};
        credits[dice.below(kinds)] = -cost * percents[dice.below(percents.size())];
    }
    const core::int128 credit = credits[grant] + credits[volume] + credits[cud] + credits[misc];
    const std::int64_t reward_percent = account_number == 0 ? 0 : 20;
    const std::string written = day_text(day), next_day = day_text(day + 1);

    const auto put = [&text](std::string_view value) {
        text += value;
        text += ',';
    };
    const auto put_quoted = [&text](std::string_view value) {
        text += '"';
        text += value;
        text += "\",";
    };
    const auto put_amount = [&text](core::int128 units, int scale) {
        put_number(text, units, scale);
        text += ',';
    };
    put(account.id);
    put_quoted(account.name);
    put(account.cloud_id);
    put(account.cloud_name);
    put(account.folder_id);
    put(account.folder_name);
    put(id(of_resource, resource_number));
    put(service.id);
    put(service.name);
    put(sku.id);
    put_quoted(sku.name);
    put(written);
    put(shape_.currency);
    put_amount(quantity, 3);
    put(sku.unit);
    put_amount(cost, 9);
    put_amount(credit, 11);
    for (const core::int128 part : credits) put_amount(part, 11);
    put_amount((cost * 100 + credit) * reward_percent, 13);
    put(generated);
    put(environments[of_the_resource.below(environments.size())]);
    put(teams[of_the_resource.below(teams.size())]);
    put("en");
    put(next_day + 'T' + two_digits(of_the_resource.below(4)) + ":15:00Z");
    text += next_day;
    text += "T04:00:00Z\n";
}

std::string GeneratedExport::rules() const
{
    const std::string partner = sql_text(shape_.partner), currency = sql_text(shape_.currency);
    std::string sql = "-- What a ledger has to know of the generated partner " + shape_.partner + ". The numbers are examples.\n"
                      "INSERT INTO program (program_id, name)\n    SELECT 'generated', 'Generated program' WHERE NOT EXISTS (SELECT FROM program WHERE program_id = 'generated');\n"
                      "INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap)\n    SELECT 'generated', " +
                      currency + ", '[2020-01-01,)', 0.20, 0.15, 0.35\n    WHERE NOT EXISTS (SELECT FROM program_terms WHERE program_id = 'generated' AND currency = " +
                      currency + ");\n"
                      "INSERT INTO partner (partner_id, billing_account_id, name)\n    VALUES (" + partner + ", " + sql_text(accounts_.front().id) + ", " +
                      sql_text(accounts_.front().name) + ");\n"
                      "INSERT INTO partner_program (partner_id, program_id, validity) VALUES (" + partner + ", 'generated', '[2020-01-01,)');\n"
                      "INSERT INTO partner_status (partner_id, status, validity) VALUES (" + partner + ", 'active', '[2020-01-01,)');\n";
    if (accounts_.size() == 1) return sql;
    std::string subaccounts, links;
    for (auto account = accounts_.begin() + 1; account != accounts_.end(); ++account) {
        subaccounts += (subaccounts.empty() ? "\n    (" : ",\n    (") + sql_text(account->id) + ", " + sql_text(account->name) + ')';
        links += (links.empty() ? "\n    (" : ",\n    (") + partner + ", " + sql_text(account->id) + ", '[2020-01-01,)')";
    }
    return sql + "INSERT INTO subaccount (account_id, name) VALUES" + subaccounts + ";\nINSERT INTO subaccount_link (partner_id, account_id, validity) VALUES" +
           links + ";\n";
}

}  // namespace pbonus
