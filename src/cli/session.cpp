#include "session.hpp"

#include <algorithm>

namespace pbonus {

namespace {

constexpr Oid bigint_type = 20;
constexpr Oid text_type = 25;

constexpr int most_tries = 5;

const char *const load_packs = "load_packs";
const char *const call_of_load_packs =
    "SELECT batch_id, outcome FROM load_packs(partner_id => $1, source => $2, format => $3, file_name => $4, sha256 => $5, lines => $6, "
    "rejected => $7, days => $8, packs => $9, exported_at => $10, covers => $11, reject_lines => $12, reject_columns => $13, "
    "reject_values => $14, reject_reasons => $15, allow_older => $16)";

bool is_collision(const Failure &failure) { return failure.words.sqlstate == "40001" || failure.words.sqlstate == "40P01"; }

// When a file's days are sent in several calls, each covers its share.
std::optional<Period> covered(const std::optional<Period> &covers, const PackedFile &file, std::size_t index)
{
    std::optional<Period> period = covers;
    // A file with nothing but a header says by its name which day is empty now.
    if (const auto named = day_in_name(file.path); !period && file.lines == 0 && named) period = Period{*named, *named + 1};
    if (!period) return {};
    if (index > 0) period->from = file.days[index].first;
    if (index + 1 < file.days.size()) period->until = file.days[index + 1].first;
    return period;
}

struct Rejects {
    BinaryArray lines{bigint_type}, columns{text_type}, values{text_type}, reasons{text_type};

    explicit Rejects(const std::vector<RejectedLine> &rejects)
    {
        for (const RejectedLine &reject : rejects) {
            lines.add(reject.line);
            reject.column ? columns.add(*reject.column) : columns.add_null();
            reject.value ? values.add(*reject.value) : values.add_null();
            reasons.add(reject.reason);
        }
    }
};

}  // namespace

LedgerFacts ask_ledger(Connection &connection, const std::string &partner)
{
    LedgerFacts facts;
    Parameters parameters;
    parameters.text(partner);
    const Rows found = connection.query(
        "SELECT 'bonus.usage_pack'::regtype::oid::bigint AS pack, "
        "(SELECT value FROM setting WHERE name = 'max_rejects') AS max_rejects, "
        "EXISTS (SELECT FROM partner WHERE partner_id = $1 AND superseded_at = 'infinity') AS has_partner",
        parameters);
    if (found.text(0, "has_partner") != "t")
        throw Failure(Exit::refused, {"unknown partner", "There is no partner with partner_id = '" + partner + "'.",
                                      "Insert it into the table partner first, or correct the id. Nothing was changed.", "42704"});
    facts.rules.usage_pack = static_cast<Oid>(found.integer(0, "pack"));
    if (!found.text(0, "max_rejects").empty()) facts.rules.max_rejects = found.integer(0, "max_rejects");

    const Rows currencies = connection.query("SELECT currency FROM currency ORDER BY currency COLLATE \"C\"");
    for (int i = 0; i < currencies.count(); ++i) facts.rules.currencies.emplace_back(currencies.text(i, 0));

    const Rows accounts = connection.query(
        "SELECT other.account_id, min(other.partner_id) "
        "FROM (SELECT account_id, partner_id FROM subaccount_link WHERE superseded_at = 'infinity' "
        "      UNION ALL SELECT billing_account_id, partner_id FROM partner WHERE superseded_at = 'infinity') other "
        "GROUP BY other.account_id HAVING bool_and(other.partner_id <> $1)",
        parameters);
    for (int i = 0; i < accounts.count(); ++i) facts.foreign_accounts.emplace(accounts.text(i, 0), accounts.text(i, 1));
    return facts;
}

Session::Session(const Destination &destination, const LedgerFacts &facts)
    : destination_(destination), rules_(facts.rules), connection_(destination.ledger)
{
    // A plan for the values at hand would have copies of them in it, and they are megabytes.
    (void)connection_.query("SET plan_cache_mode = force_generic_plan");
    connection_.prepare(load_packs, call_of_load_packs);
}

void Session::store(const PackedFile &file, FileAccount &account)
{
    for (int tries = 1;; ++tries) {
        try {
            begin();
            send(file, account);
            commit();
            return;
        } catch (const Failure &failure) {
            roll_back();
            if (!is_collision(failure) || tries == most_tries) throw;
        }
    }
}

void Session::begin()
{
    sent_.clear();
    connection_.start_pipeline();
}

void Session::send(const PackedFile &file, FileAccount &account)
{
    account.batches.clear();
    const std::size_t calls = std::max<std::size_t>(file.days.size(), 1);  // without days: its rejects, and days that are empty now
    for (std::size_t i = 0; i < calls; ++i) {
        send_call(file, i);
        sent_.push_back(&account);
    }
}

void Session::send_call(const PackedFile &file, std::size_t index)
{
    const bool first = index == 0;
    const PackedDays none(rules_.usage_pack);
    const PackedDays &days = file.days.empty() ? none : file.days[index];
    const std::int64_t rejected = first ? file.rejected : 0;
    const Rejects rejects(first ? file.rejects : std::vector<RejectedLine>{});
    const std::optional<Period> period = covered(destination_.covers, file, index);
    const std::optional<std::string> covers = period ? std::optional(period->range()) : std::nullopt;
    const std::string format(partner_bonus::format_name(file.format));

    Parameters parameters;
    parameters.text(destination_.partner);
    parameters.text(destination_.source ? *destination_.source : format);
    parameters.text(format);
    parameters.text(file.path);
    parameters.binary({reinterpret_cast<const char *>(file.sha256.data()), file.sha256.size()});
    parameters.integer(days.lines + rejected);
    parameters.integer(rejected);
    parameters.binary(days.days.bytes());
    parameters.binary(days.packs.bytes());
    parameters.binary(days.exported_at.bytes());
    parameters.text(covers);
    parameters.binary(rejects.lines.bytes());
    parameters.binary(rejects.columns.bytes());
    parameters.binary(rejects.values.bytes());
    parameters.binary(rejects.reasons.bytes());
    parameters.boolean(destination_.allow_older);
    connection_.send(load_packs, parameters);
}

void Session::commit()
{
    connection_.sync();
    for (FileAccount *account : sent_) {
        const Rows batch = connection_.receive();
        account->batches.push_back(batch.integer(0, "batch_id"));
        const bool changed = batch.text(0, "outcome") != "unchanged";
        if (changed || account->batches.size() == 1) account->state = changed ? FileAccount::State::loaded : FileAccount::State::unchanged;
    }
    connection_.receive_sync();
    connection_.end_pipeline();
}

void Session::roll_back()
{
    connection_.end_pipeline();
    for (FileAccount *account : sent_) {
        account->batches.clear();
        account->state = FileAccount::State::not_reached;
    }
}

}  // namespace pbonus
