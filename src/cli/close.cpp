// pbonus close: the ledger's close_next, partner by partner, over several connections. Every call is a transaction of its own and
// names the ledger's schema, so that it works behind a pooler that gives each transaction another session.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <exception>
#include <mutex>
#include <thread>

#include "commands.hpp"
#include "database.hpp"
#include "interrupt.hpp"
#include "period.hpp"
#include "progress.hpp"
#include "table.hpp"
#include "text.hpp"

namespace pbonus {

namespace {

constexpr Oid text_type = 25;
constexpr Oid text_array_type = 1009;

struct ClosedPartner {
    std::string id;
    bool parked = false;
    std::int64_t documents = 0;
    Words trouble;  // of a parked one

    std::string line() const
    {
        if (!parked) return id + ": closed, " + counted(documents, "document");
        std::string text = id + ": parked: " + trouble.what;
        if (!trouble.detail.empty()) text += "\n  " + trouble.detail;
        if (!trouble.hint.empty()) text += "\n  " + trouble.hint;
        return text;
    }
    std::string json() const
    {
        std::string text = "{\"partner_id\": " + json_text(id) + ", \"state\": " + (parked ? "\"parked\"" : "\"closed\"") +
                           ", \"documents\": " + std::to_string(documents);
        if (parked)
            text += ", \"sqlstate\": " + json_text(trouble.sqlstate) + ", \"problem\": " + json_text(trouble.what) +
                    ", \"detail\": " + json_text(trouble.detail) + ", \"hint\": " + json_text(trouble.hint);
        return text + '}';
    }
};

ClosedPartner partner_of(const Rows &rows, int row)
{
    const auto text = [&](const char *column) { return std::string(rows.text(row, column)); };
    return {text("partner_id"),
            text("state") == "parked",
            rows.integer(row, "documents"),
            {text("problem"), text("detail"), text("hint"), text("sqlstate")}};
}

class Close {
   public:
    explicit Close(const CloseOptions &options) : options_(options), month_(first_day(options.month)), partners_(text_type)
    {
        for (const std::string &partner : options.partners) partners_.add(partner);
    }

    Exit run()
    {
        Connection connection(options_.ledger, SearchPath::as_it_is);
        schema_ = connection.quoted_name(options_.ledger) + '.';
        if (options_.preview) return preview(connection);
        const Rows asked = query(connection, "SELECT @ask_to_close($1::date, $2::text[]) AS waiting", month_and_partners());
        {
            CloseProgress progress(asked.integer(0, "waiting"), options_.json);
            progress_ = &progress;
            work();
        }
        // What this run has done is known in any case; what the month is like, when nothing came between.
        if (!interrupted() && !error_) {
            query(connection, "SELECT @seal_month($1::date)", month());
            take_all(query(connection,
                           "SELECT partner_id, state, documents, problem, detail, hint, sqlstate FROM @close_progress "
                           "WHERE month = $1::date AND state <> 'waiting' AND ($2::text[] IS NULL OR partner_id = ANY ($2)) "
                           "ORDER BY partner_id",
                           month_and_partners()));
        }
        std::fputs((options_.json ? json() : text()).c_str(), stdout);
        if (error_) std::rethrow_exception(error_);
        return exit();
    }

   private:
    static std::string first_day(const std::string &month)
    {
        const Period period = parse_period(month);
        if (month.size() != std::string_view("2026-10").size())
            throw Failure(Exit::usage, {'"' + month + "\" is no month", "", "Write it as 2026-10.", ""});
        return day_text(period.from);
    }

    // With the ledger's schema for @.
    Rows query(Connection &connection, std::string sql, const Parameters &parameters) const
    {
        for (std::size_t at = 0; (at = sql.find('@', at)) != std::string::npos; at += schema_.size()) sql.replace(at, 1, schema_);
        return connection.query(sql.c_str(), parameters);
    }

    Parameters month() const
    {
        Parameters parameters;
        parameters.text(month_);
        return parameters;
    }
    Parameters month_and_partners() const
    {
        Parameters parameters = month();
        options_.partners.empty() ? parameters.text(std::optional<std::string>())
                                  : parameters.binary(partners_.bytes(), text_array_type);
        return parameters;
    }

    Exit preview(Connection &connection) const
    {
        for (const std::string &partner : options_.partners) {
            Parameters parameters;
            parameters.text(partner);
            if (query(connection, "SELECT FROM @partner WHERE partner_id = $1 AND superseded_at = 'infinity'", parameters)
                    .count() == 0)
                refuse_unknown("partner \"" + partner + '"');
        }
        Answers answers(options_.json);
        answers.add("documents", query(connection,
                                       "SELECT partner_id, currency, customers_total, own_total, vat_total, invoice_total "
                                       "FROM @preview_close($1::date, $2::text[])",
                                       month_and_partners()));
        const Rows problems =
            query(connection,
                  "SELECT c.partner_id, p.severity, p.problem, p.detail, p.hint FROM @partners_to_close($1::date) c "
                  "CROSS JOIN LATERAL @preview_problem(c.partner_id, $1::date) p "
                  "WHERE ($2::text[] IS NULL OR c.partner_id = ANY ($2)) "
                  "AND @first_open_month(c.partner_id) <= $1::date ORDER BY c.partner_id, p.severity, p.problem",
                  month_and_partners());
        answers.add("problems", problems);
        answers.print();
        for (int i = 0; i < problems.count(); ++i) {
            if (problems.text(i, "severity") == "stop") return Exit::some_rejected;
        }
        return Exit::done;
    }

    void work()
    {
        std::vector<std::thread> others;
        for (unsigned i = 1; i < options_.jobs; ++i) others.emplace_back([this] { work_alone(); });
        work_alone();
        for (std::thread &other : others) other.join();
    }

    // One partner after the other, until none waits. Who fails ends the work of all.
    void work_alone() noexcept
    try {
        Connection connection(options_.ledger, SearchPath::as_it_is);
        while (!stop_ && !interrupted()) {
            const Rows closed = query(connection, "SELECT @close_next($1::date, $2::text[]) AS partner_id", month_and_partners());
            if (closed.is_null(0, 0)) return;
            const std::string partner(closed.text(0, 0));
            if (partner.empty()) continue;  // another session had the last one: perhaps there are more
            Parameters parameters = month_and_partners();
            parameters.text(partner);
            const Rows state =
                query(connection,
                      "SELECT c.*, (SELECT count(*) FROM @close_progress w WHERE w.month = c.month AND w.state = 'waiting' "
                      "AND ($2::text[] IS NULL OR w.partner_id = ANY ($2))) AS waiting "
                      "FROM @close_progress c WHERE c.month = $1::date AND c.partner_id = $3",
                      parameters);
            done(partner_of(state, 0), state.integer(0, "waiting"));
        }
    } catch (const Failure &failure) {
        if (failure.exit != Exit::interrupted) fail();
    } catch (...) {
        fail();
    }

    void fail()
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
        if (!error_) error_ = std::current_exception();
    }

    void done(ClosedPartner partner, std::int64_t waiting)
    {
        progress_->partner_done(partner.line(), partner.parked, waiting);
        const std::lock_guard lock(mutex_);
        closed_.push_back(std::move(partner));
    }

    void take_all(const Rows &rows)
    {
        closed_.clear();
        for (int i = 0; i < rows.count(); ++i) closed_.push_back(partner_of(rows, i));
    }

    std::int64_t parked() const
    {
        return std::count_if(closed_.begin(), closed_.end(), [](const ClosedPartner &partner) { return partner.parked; });
    }

    std::int64_t documents() const
    {
        std::int64_t sum = 0;
        for (const ClosedPartner &partner : closed_) sum += partner.documents;
        return sum;
    }

    double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

    Exit exit() const { return interrupted() ? Exit::interrupted : parked() > 0 ? Exit::some_rejected : Exit::done; }

    std::string text() const
    {
        const auto partners = static_cast<std::int64_t>(closed_.size());
        char time[32];
        std::snprintf(time, sizeof time, "%.1f s", seconds());
        std::string text = options_.month + ": " + counted(partners, "partner") + '\n' +
                           figure_text("closed", grouped(partners - parked())) + figure_text("parked", grouped(parked())) +
                           figure_text("documents", grouped(documents())) + figure_text("time", time);
        for (const ClosedPartner &partner : closed_) {
            if (partner.parked) text += partner.line() + '\n';
        }
        if (interrupted() || error_)
            text += "not finished: each partner is closed as a whole or not at all; run the same command again to go on\n";
        return text;
    }

    std::string json() const
    {
        std::string json = "{\"month\": " + json_text(options_.month) + ", \"partners\": [";
        for (std::size_t i = 0; i < closed_.size(); ++i) json += (i == 0 ? "\n  " : ",\n  ") + closed_[i].json();
        char time[48];
        std::snprintf(time, sizeof time, ", \"seconds\": %.3f", seconds());
        return json + "\n], \"closed\": " + std::to_string(static_cast<std::int64_t>(closed_.size()) - parked()) +
               ", \"parked\": " + std::to_string(parked()) + ", \"documents\": " + std::to_string(documents()) +
               ", \"finished\": " + (interrupted() || error_ ? "false" : "true") + time + "}\n";
    }

    const CloseOptions &options_;
    const std::string month_;
    BinaryArray partners_;
    std::string schema_;
    const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    CloseProgress *progress_ = nullptr;
    std::atomic<bool> stop_{false};
    std::mutex mutex_;
    std::vector<ClosedPartner> closed_;
    std::exception_ptr error_;
};

}  // namespace

Exit close(const CloseOptions &options) { return Close(options).run(); }

}  // namespace pbonus
