-- What ledgers check their rules with, and the calendar and clock of billing.
SET datestyle = 'ISO, YMD';
SET timezone = 'UTC';
SET search_path = bonus, public;

-- version() alone is the server's
SELECT bonus.version() = (SELECT extversion FROM pg_extension WHERE extname = 'partner_bonus') AS version_of_the_control_file;

SELECT billing_month('2026-10-05'), billing_month('2026-10-01'), billing_month('2024-02-29'), billing_month('0001-01-31'), billing_month('9999-12-31'), billing_month(NULL);
SELECT bool_and(billing_month(d) = date_trunc('month', d::timestamp)::date) AS as_date_trunc FROM (SELECT date '1890-01-01' + n FROM generate_series(0, 100000) n) v (d);
SELECT billing_month('infinity');
\echo :LAST_ERROR_SQLSTATE
SELECT billing_month('10000-01-01');
\echo :LAST_ERROR_SQLSTATE
SELECT billing_month('0001-12-31 BC');
\echo :LAST_ERROR_SQLSTATE

SELECT require_rate(0), require_rate(1), require_rate(0.123456), require_rate(0.2000000000000000), require_rate(NULL);
SELECT require_rate(-0.000001);
\echo :LAST_ERROR_SQLSTATE
SELECT require_rate(1.000001);
\echo :LAST_ERROR_SQLSTATE
SELECT require_rate(20);
\echo :LAST_ERROR_SQLSTATE
SELECT require_rate(0.1234567);
\echo :LAST_ERROR_SQLSTATE
SELECT require_rate('NaN');
\echo :LAST_ERROR_SQLSTATE
SELECT require_rate('Infinity');
\echo :LAST_ERROR_SQLSTATE

SELECT require_validity('[2026-05-01,)'), require_validity('(,)'), require_validity('[0001-01-01,9999-12-31]'), require_validity('[2026-05-01,infinity)'), require_validity(NULL);
SELECT require_validity('empty');
\echo :LAST_ERROR_SQLSTATE
SELECT require_validity('[2026-05-01,2026-05-01)');
\echo :LAST_ERROR_SQLSTATE
SELECT require_validity('[0001-12-31 BC,)');
\echo :LAST_ERROR_SQLSTATE
SELECT require_validity('[2026-05-01,10000-01-02)');
\echo :LAST_ERROR_SQLSTATE

SELECT bool_and(require_rounding_mode(m)) FROM unnest(ARRAY['half away from zero', 'half even', 'half up', 'down', 'up', 'truncate', NULL]) m;
SELECT require_rounding_mode('Half Up');
\echo :LAST_ERROR_SQLSTATE

-- The moment as of which ledgers answer
SELECT known_at(), is_known('2026-01-01Z', 'infinity') AS current, is_known('2026-01-01Z', '2026-02-01Z') AS superseded;
SET bonus.known_at = '2026-01-15 12:00:00+03';
SELECT known_at(), is_known('2026-01-15 09:00:00Z', 'infinity') AS from_then_on, is_known('2026-01-01Z', '2026-01-15 09:00:00Z') AS up_to_then,
       is_known('2026-01-01Z', '2026-01-15 09:00:00.000001Z') AS a_moment_later, is_known('2026-01-15 09:00:00.000001Z', 'infinity') AS not_yet;
SET bonus.known_at = 'infinity';
SELECT known_at();
SET bonus.known_at = 'yesterday or so';
\echo :LAST_ERROR_SQLSTATE
SELECT known_at();
RESET bonus.known_at;
SELECT known_at();
