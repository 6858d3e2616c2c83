-- What ledgers check their rules with, and the calendar and clock of billing.

CREATE OR REPLACE FUNCTION billing_month(day date) RETURNS date
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'partner_bonus_billing_month';
COMMENT ON FUNCTION billing_month(date) IS 'First day of the month of a day. Immutable, unlike date_trunc.';

CREATE OR REPLACE FUNCTION require_rate(rate numeric) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'partner_bonus_require_rate';
COMMENT ON FUNCTION require_rate(numeric) IS 'True for a rate of a rule, else an error that says why: a fraction from 0 to 1 (22023) with at most six decimals.';

CREATE OR REPLACE FUNCTION require_validity(validity daterange) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'partner_bonus_require_validity';
COMMENT ON FUNCTION require_validity(daterange) IS 'True for a validity with at least one day (22023) whose bounds lie within 0001-01-01 and 9999-12-31 or are left out (22008), else an error that says why.';

CREATE OR REPLACE FUNCTION require_rounding_mode(mode text) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'partner_bonus_require_rounding_mode';
COMMENT ON FUNCTION require_rounding_mode(text) IS 'True for the name of a rounding mode, else an error that lists them (22023).';

CREATE OR REPLACE FUNCTION known_at() RETURNS timestamptz
    LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'partner_bonus_known_at';
COMMENT ON FUNCTION known_at() IS 'The moment as of which ledger views answer: the setting bonus.known_at; infinity (the default) answers as known now.';

CREATE OR REPLACE FUNCTION export_moment(exported_at text) RETURNS timestamptz
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'partner_bonus_export_moment';
COMMENT ON FUNCTION export_moment(text) IS 'The moment that a line''s exported_at tells, like 2026-10-06T04:00:00Z; in UTC when it names no zone. NULL when it is no moment.';

CREATE OR REPLACE FUNCTION oldest_writer() RETURNS timestamptz
    LANGUAGE c VOLATILE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'partner_bonus_oldest_writer';
COMMENT ON FUNCTION oldest_writer() IS 'When the oldest transaction of another session began that is writing in this database (autovacuum does not count); infinity when there is none. What was known at a moment before that can no longer change. -infinity where the server does not track activities.';

CREATE OR REPLACE FUNCTION is_known(recorded_at timestamptz, superseded_at timestamptz) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN recorded_at <= known_at() AND (superseded_at > known_at() OR superseded_at = 'infinity');
COMMENT ON FUNCTION is_known(timestamptz, timestamptz) IS 'Whether a version of a row was on record at known_at(): from recorded_at up to, not including, superseded_at.';

CREATE OR REPLACE FUNCTION version() RETURNS text
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'partner_bonus_version';
-- pg_catalog has a function of that name, which is found first.
COMMENT ON FUNCTION @extschema@.version() IS 'Version of the loaded module.';
