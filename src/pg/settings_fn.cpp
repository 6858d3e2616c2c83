// Settings of a session: bonus.known_at, the moment as of which ledger views answer (infinity: as known now), bonus.reason, which
// the audit of rules keeps, and bonus.correcting, the transaction that may change rules of closed months.
#include <cstring>

#include "fail.hpp"
#include "module.hpp"

namespace partner_bonus::pg {

namespace {

constinit char *known_at_setting = nullptr;
constinit TimestampTz known_at_moment = DT_NOEND;
constinit char *reason_setting = nullptr;
constinit char *correcting_setting = nullptr;

bool parse_moment(const char *moment_text, TimestampTz *moment)
{
    char work[MAXDATELEN + MAXDATEFIELDS];
    char *fields[MAXDATEFIELDS];
    int field_types[MAXDATEFIELDS];
    int field_count;
    int type;
    int zone;
    struct pg_tm time;
    fsec_t fraction;
    if (std::strlen(moment_text) > MAXDATELEN) return false;
    if (ParseDateTime(moment_text, work, sizeof(work), fields, field_types, MAXDATEFIELDS, &field_count) != 0) return false;
    if (decode_date_time(fields, field_types, field_count, &type, &time, &fraction, &zone) != 0) return false;
    *moment = DT_NOEND;
    return type == DTK_LATE || (type == DTK_DATE && tm2timestamp(&time, fraction, &zone, moment) == 0);
}

// Takes what a timestamptz takes, and keeps it with its offset: a parallel worker may read it in another time zone.
bool check_known_at(char **setting, void **, GucSource)
{
    TimestampTz moment;
    if (!parse_moment(*setting, &moment)) {
        reject_moment(*setting);
        return false;
    }
    return replace_setting(setting, moment == DT_NOEND ? "infinity" : timestamptz_to_str(moment));
}

void assign_known_at(const char *setting, void *) { (void)parse_moment(setting, &known_at_moment); }

}  // namespace

void define_settings()
{
    // What was set before the module was loaded would fall back to the default with no more than a warning.
    const char *earlier = GetConfigOption("bonus.known_at", true, false);
    TimestampTz moment;
    if (earlier != nullptr && !parse_moment(earlier, &moment)) fail(Misuse::unknown_moment, earlier);
    DefineCustomStringVariable("bonus.known_at", "Moment as of which ledger views answer.",
                               "A timestamp with its time zone offset; infinity answers as known now.", &known_at_setting, "infinity",
                               PGC_USERSET, 0, check_known_at, assign_known_at, nullptr);
    DefineCustomStringVariable("bonus.reason", "Why rules are being changed; kept with every change.", nullptr, &reason_setting, "", PGC_USERSET,
                               0, nullptr, nullptr, nullptr);
    DefineCustomStringVariable("bonus.correcting", "Transaction that may change rules of closed months; set by start_correction().", nullptr,
                               &correcting_setting, "", PGC_USERSET, GUC_NO_SHOW_ALL | GUC_NOT_IN_SAMPLE, nullptr, nullptr, nullptr);
    MarkGUCPrefixReserved("bonus");
}

PG_FUNCTION(partner_bonus_known_at) { PG_RETURN_TIMESTAMPTZ(known_at_moment); }

// A time without a zone is in UTC. What does not begin with a year is refused: words like now would be another moment each time.
PG_FUNCTION(partner_bonus_export_moment)
{
    const char *exported_at = TextDatumGetCString(PG_GETARG_DATUM(0));
    constexpr std::size_t day_length = 10;  // YYYY-MM-DD
    const bool dated = std::strspn(exported_at, "0123456789") == 4 && exported_at[4] == '-' && std::strlen(exported_at) > day_length;
    if (!dated) PG_RETURN_NULL();
    if (std::strpbrk(exported_at + day_length, "+-Zz") == nullptr) exported_at = psprintf("%sZ", exported_at);
    TimestampTz moment;
    if (!parse_moment(exported_at, &moment)) PG_RETURN_NULL();
    PG_RETURN_TIMESTAMPTZ(moment);
}

// When the oldest transaction began that is writing in this database right now, other than the caller's: what it writes may
// carry any moment since then. Infinity when nobody writes.
PG_FUNCTION(partner_bonus_oldest_writer)
{
    TimestampTz oldest = DT_NOEND;
    pgstat_clear_backend_activity_snapshot();
    const int backends = pgstat_fetch_stat_numbackends();
    for (int i = 1; i <= backends; ++i) {
        const LocalPgBackendStatus *backend = backend_status(i);
        if (backend == nullptr || backend->backendStatus.st_databaseid != MyDatabaseId) continue;
        // autovacuum writes statistics, and no row of a ledger
        if (backend->backendStatus.st_backendType == B_AUTOVAC_WORKER) continue;
        if (!TransactionIdIsValid(backend->backend_xid) || backend->backendStatus.st_procpid == MyProcPid) continue;
        // nobody's start is known where track_activities is off
        const TimestampTz began = backend->backendStatus.st_xact_start_timestamp;
        oldest = Min(oldest, began == 0 ? DT_NOBEGIN : began);
    }
    PG_RETURN_TIMESTAMPTZ(oldest);
}

}  // namespace partner_bonus::pg
