// pbonus status, show and verify: questions to the ledger whose answers are rows.
#include <cstdio>
#include <utility>

#include "commands.hpp"
#include "database.hpp"
#include "period.hpp"
#include "table.hpp"
#include "text.hpp"

namespace pbonus {

namespace {

// What is missing are the days between the first and the last that a source has told of.
const char *const status_sql = R"(
    SELECT p.partner_id, b.batches, b.last_load, d.sources, d.first_day, d.last_day, d.days, d.missing, b.rejected
    FROM partner p
    LEFT JOIN LATERAL (
        SELECT count(*) AS batches, max(recorded_at) AS last_load, sum(rejected)::bigint AS rejected
        FROM load_batch b WHERE b.partner_id = p.partner_id) b ON true
    LEFT JOIN LATERAL (
        SELECT string_agg(s.source, ', ' ORDER BY s.source) AS sources, min(s.first_day) AS first_day, max(s.last_day) AS last_day,
               sum(s.days)::bigint AS days, sum(s.last_day - s.first_day + 1 - s.days)::bigint AS missing
        FROM (SELECT source, min(usage_day) AS first_day, max(usage_day) AS last_day, count(DISTINCT usage_day) AS days
              FROM usage_day u WHERE u.partner_id = p.partner_id AND u.superseded_at = 'infinity' GROUP BY source) s) d ON true
    WHERE p.superseded_at = 'infinity' AND ($1::text IS NULL OR p.partner_id = $1)
    ORDER BY p.partner_id)";

const char *const missing_sql = R"(
    SELECT u.source, day::date AS usage_day
    FROM (SELECT source, min(usage_day) AS first_day, max(usage_day) AS last_day
          FROM usage_day WHERE partner_id = $1 AND superseded_at = 'infinity' GROUP BY source) u
    CROSS JOIN LATERAL generate_series(u.first_day::timestamp, u.last_day::timestamp, interval '1 day') day
    WHERE NOT EXISTS (SELECT FROM usage_day d WHERE d.partner_id = $1 AND d.source = u.source AND d.usage_day = day::date
                                                AND d.superseded_at = 'infinity')
    ORDER BY 1, 2
    LIMIT 100)";

const char *const batches_sql = R"(
    SELECT batch_id, recorded_at, source, format, file_name, outcome, lines, loaded, rejected, totals
    FROM load_batch WHERE partner_id = $1 ORDER BY batch_id DESC LIMIT 20)";

const char *const batch_sql = R"(
    SELECT batch_id, partner_id, source, format, file_name, encode(sha256, 'hex') AS sha256, lines, loaded, rejected, totals, outcome, undoes,
           reason, duration, recorded_at
    FROM load_batch WHERE batch_id = $1)";
const char *const batch_days_sql = "SELECT usage_day, outcome, line_count, exported_at, billed_in FROM load_day WHERE batch_id = $1 ORDER BY usage_day";
const char *const batch_rejects_sql =
    "SELECT line_number, column_name, value, reason FROM rejected_line WHERE batch_id = $1 ORDER BY line_number";

const char *const versions_sql = R"(
    SELECT source, recorded_at, superseded_at, batch_id, sum(line_count)::bigint AS lines, billed_in, reversed_in
    FROM usage_day WHERE partner_id = $1 AND usage_day = $2::date
    GROUP BY source, recorded_at, superseded_at, batch_id, billed_in, reversed_in
    ORDER BY source, recorded_at)";
const char *const day_totals_sql = R"(
    SELECT source, currency, section_lines AS lines, trim_scale(cost) AS cost, trim_scale(grant_credit) AS grant_credit,
           trim_scale(other_credit) AS other_credit
    FROM (SELECT source, currency, count(*) AS section_lines, sum(cost) AS cost, sum(grant_credit) AS grant_credit, sum(other_credit) AS other_credit
          FROM usage WHERE partner_id = $1 AND usage_day = $2::date GROUP BY source, currency) s
    ORDER BY source, currency)";

}  // namespace

Exit status(const StatusOptions &options)
{
    Connection connection(options.ledger);
    if (options.partner) require_partner(connection, *options.partner);
    Parameters parameters;
    parameters.text(options.partner);
    const Rows partners = connection.query(status_sql, parameters);
    Answers answers(options.json);
    answers.add("partners", partners);
    if (options.partner) {
        answers.add("missing days", connection.query(missing_sql, parameters));
        answers.add("last batches", connection.query(batches_sql, parameters));
    }
    answers.print();
    return Exit::done;
}

Exit show(const ShowOptions &options)
{
    Connection connection(options.ledger);
    Answers answers(options.json);
    Parameters parameters;
    if (options.batch) {
        parameters.integer(*options.batch);
        const Rows batch = connection.query(batch_sql, parameters);
        if (batch.count() == 0) refuse_unknown("batch " + std::to_string(*options.batch));
        answers.add("batch", batch);
        answers.add("days", connection.query(batch_days_sql, parameters));
        answers.add("rejected lines", connection.query(batch_rejects_sql, parameters));
    } else {
        const std::string day = day_text(parse_day(*options.day));
        require_partner(connection, *options.partner);
        parameters.text(*options.partner);
        parameters.text(day);
        answers.add("versions of " + day, connection.query(versions_sql, parameters));
        answers.add("current lines", connection.query(day_totals_sql, parameters));
    }
    answers.print();
    return Exit::done;
}

Exit verify(const LedgerOptions &options)
{
    Connection connection(options.ledger);
    const Rows found = connection.query("SELECT * FROM verify()");
    const bool sound = found.count() == 0;
    if (options.json)
        std::fputs((json_rows(found) + '\n').c_str(), stdout);
    else
        std::fputs(sound ? "sound: no invariant is broken\n" : table_text(found).c_str(), stdout);
    return sound ? Exit::done : Exit::some_rejected;
}

}  // namespace pbonus
