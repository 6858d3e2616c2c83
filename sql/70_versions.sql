-- Rules: every edit keeps what was there before; overlaps, orphans, unknown ids and forged versions are refused.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET datestyle = 'ISO, YMD';
SET timezone = 'UTC';
SELECT bonus.create_ledger('versions');
SET search_path = versions, bonus, public;

INSERT INTO program (program_id, name) VALUES ('international', 'International edition'), ('russian', 'Russian edition');
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap) VALUES
    ('international', 'USD', '[2026-01-01,)', 0.20, 0.15, 0.35), ('russian', 'RUB', '[2026-01-01,)', 0.10, 0.15, 0.25);
INSERT INTO partner (partner_id, billing_account_id, name) VALUES ('p', 'p-account', 'Partner'), ('q', 'q-account', 'Other partner');
INSERT INTO partner_program (partner_id, program_id, validity) VALUES ('p', 'international', '[2026-01-01,2027-01-01)');
INSERT INTO partner_status (partner_id, status, validity) VALUES ('p', 'active', '[2026-01-01,)');
INSERT INTO subaccount (account_id, name) VALUES ('a', 'Customer A'), ('b', 'Customer B');
INSERT INTO subaccount_link (partner_id, account_id, validity) VALUES ('p', 'a', '[2026-01-01,)'), ('p', 'b', '[2026-05-18,2026-12-01)');
INSERT INTO deal (link_id, rate, validity) SELECT link_id, 0.15, '[2026-06-01,2027-06-01)' FROM subaccount_link WHERE account_id = 'b';
INSERT INTO service (service_id, name) VALUES ('s', 'Service'), ('s2', 'Other service');
INSERT INTO sku (sku_id, service_id, name) VALUES ('k', 's', 'SKU'), ('s2', 's', 'SKU that is called like a service');
INSERT INTO exclusion (program_id, service_id, validity) VALUES ('international', 's2', '[2026-01-01,)');


-- Rows of every rule table, as current/all; refused statements must not change them
CREATE FUNCTION pg_temp.rules() RETURNS text LANGUAGE plpgsql AS $function$
DECLARE
    rule   record;
    counts text;
    result text := '';
BEGIN
    FOR rule IN SELECT c.oid::regclass AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'superseded_at'
                WHERE c.relnamespace = 'versions'::regnamespace AND c.relkind = 'r' AND c.relname <> 'usage_day' ORDER BY c.relname COLLATE "C" LOOP
        EXECUTE format('SELECT count(*) FILTER (WHERE superseded_at = ''infinity'') || ''/'' || count(*) FROM %s', rule.name) INTO counts;
        result := concat_ws(', ', nullif(result, ''), rule.name || ' ' || counts);
    END LOOP;
    RETURN result;
END
$function$;
SELECT pg_temp.rules() AS before \gset
\echo :before

-- An edit keeps the old version, a deletion too; what stays is the row itself
UPDATE deal SET rate = 0.10;
UPDATE deal SET validity = '[2026-06-01,2026-12-01)', description = 'shorter';
SELECT rate, validity, description, superseded_at = 'infinity' AS current,
       recorded_at = lag(superseded_at) OVER (ORDER BY recorded_at) AS follows_at_once, recorded_at < superseded_at AS ordered,
       count(*) OVER (PARTITION BY deal_id) AS versions
FROM deal ORDER BY recorded_at;
DELETE FROM exclusion;
SELECT service_id, superseded_at = 'infinity' AS current FROM exclusion;
INSERT INTO exclusion (program_id, service_id, validity) VALUES ('international', 's2', '[2026-01-01,)');
SELECT count(*) AS versions, count(DISTINCT exclusion_id) AS rules FROM exclusion;
-- twice in one transaction: every version has its own moment
BEGIN;
UPDATE partner SET name = 'Partner, Inc.' WHERE partner_id = 'p';
UPDATE partner SET name = 'Partner, Ltd.' WHERE partner_id = 'p';
COMMIT;
SELECT name, recorded_at < superseded_at AS ordered, recorded_at = lag(superseded_at) OVER (ORDER BY recorded_at) AS follows_at_once
FROM partner WHERE partner_id = 'p' ORDER BY recorded_at;
-- several rows by one statement
UPDATE subaccount SET name = upper(name);
SELECT account_id, array_agg(name ORDER BY recorded_at) AS names FROM subaccount GROUP BY account_id ORDER BY account_id;

-- The past can be asked: views answer as of bonus.known_at
SELECT rate, lower(days) AS from_day FROM deal_rate CROSS JOIN LATERAL segments(deal_schedule) s (days, rate);
SELECT min(recorded_at)::text AS first, (min(superseded_at) - interval '1 microsecond')::text AS before_edit, min(superseded_at)::text AS at_edit,
       (min(recorded_at) - interval '1 microsecond')::text AS before_all
FROM deal \gset
SET bonus.known_at = :'first';
SELECT deal_schedule FROM deal_rate;
SET bonus.known_at = :'before_edit';
SELECT deal_schedule FROM deal_rate;
SET bonus.known_at = :'at_edit';
SELECT deal_schedule FROM deal_rate;
SET bonus.known_at = :'before_all';
SELECT deal_schedule FROM deal_rate;
SELECT basic_schedule FROM partner_rate;
RESET bonus.known_at;
SELECT deal_schedule FROM deal_rate;

SELECT pg_temp.rules() AS before \gset
\echo :before

-- Versions cannot be forged or lost
INSERT INTO deal (link_id, rate, validity, superseded_at) SELECT link_id, 0.15, '[2027-06-01,2027-07-01)', '2020-01-01' FROM subaccount_link WHERE account_id = 'b';
\echo :LAST_ERROR_SQLSTATE
TRUNCATE deal;
\echo :LAST_ERROR_SQLSTATE
TRUNCATE program, program_terms, partner CASCADE;
\echo :LAST_ERROR_SQLSTATE
UPDATE deal SET deal_id = 7;
\echo :LAST_ERROR_SQLSTATE
SELECT pg_temp.rules() = :'before' AS nothing_changed;
-- superseded versions are passed over
WITH edited AS (UPDATE deal SET rate = 0.05 WHERE superseded_at <> 'infinity' RETURNING 1) SELECT count(*) AS edited FROM edited;
WITH deleted AS (DELETE FROM deal WHERE superseded_at <> 'infinity' RETURNING 1) SELECT count(*) AS deleted FROM deleted;
SELECT pg_temp.rules() = :'before' AS nothing_changed;
-- a moment given by hand is not taken
BEGIN;
INSERT INTO service (service_id, name, recorded_at) VALUES ('s3', 'Service 3', '2020-01-01');
UPDATE service SET recorded_at = '2020-01-01', superseded_at = '2030-01-01' WHERE service_id = 's3';
SELECT count(*) AS versions, bool_and(recorded_at > '2026-01-01') AS by_the_clock, count(*) FILTER (WHERE superseded_at = 'infinity') AS current
FROM service WHERE service_id = 's3';
ROLLBACK;

-- Overlaps, on every table with a validity
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap) VALUES ('international', 'USD', '[2026-06-01,2026-07-01)', 0.3, 0.15, 0.35);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO exclusion (program_id, service_id, validity) VALUES ('international', 's2', '(,2026-01-02)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO partner_program (partner_id, program_id, validity) VALUES ('p', 'russian', '[2026-12-31,)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO partner_status (partner_id, status, validity) VALUES ('p', 'suspended', '[2026-03-01,2026-04-01)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO subaccount_link (partner_id, account_id, validity) VALUES ('q', 'b', '[2026-11-30,)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO deal (link_id, rate, validity) SELECT link_id, 0.05, '[2026-11-30,2027-01-01)' FROM subaccount_link WHERE account_id = 'b';
\echo :LAST_ERROR_SQLSTATE
-- by an edit, within one statement, and where the constraint alone sees it
UPDATE partner_program SET validity = validity WHERE partner_id = 'p';
INSERT INTO partner_program (partner_id, program_id, validity) VALUES ('p', 'russian', '[2027-01-01,)');
UPDATE partner_program SET validity = '[2026-01-01,2027-01-02)' WHERE program_id = 'international';
\echo :LAST_ERROR_SQLSTATE
INSERT INTO partner_program (partner_id, program_id, validity) VALUES ('q', 'russian', '[2026-01-01,2026-02-01)'), ('q', 'russian', '[2026-01-31,2026-03-01)');
\echo :LAST_ERROR_SQLSTATE
DELETE FROM partner_program WHERE program_id = 'russian';
ALTER TABLE partner_program DISABLE TRIGGER refuse_overlap;
INSERT INTO partner_program (partner_id, program_id, validity) VALUES ('p', 'russian', '[2026-12-31,)');
\echo :LAST_ERROR_SQLSTATE
ALTER TABLE partner_program ENABLE TRIGGER refuse_overlap;
-- one of each, where there is no validity
INSERT INTO program (program_id, name) VALUES ('international', 'again');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO partner (partner_id, billing_account_id, name) VALUES ('p', 'p2-account', 'again');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO partner (partner_id, billing_account_id, name) VALUES ('p2', 'p-account', 'same account');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO subaccount (account_id, name) VALUES ('a', 'again');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO service (service_id, name) VALUES ('s', 'again');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO sku (sku_id, service_id, name) VALUES ('k', 's', 'again');
\echo :LAST_ERROR_SQLSTATE
-- what touches does not overlap; a service and a SKU are different exclusions; another program too
BEGIN;
INSERT INTO partner_program (partner_id, program_id, validity) VALUES ('p', 'russian', '[2027-01-01,)');
INSERT INTO subaccount_link (partner_id, account_id, validity) VALUES ('q', 'b', '[2026-12-01,)');
INSERT INTO exclusion (program_id, sku_id, validity) VALUES ('international', 's2', '[2026-01-01,)');
INSERT INTO exclusion (program_id, service_id, validity) VALUES ('russian', 's2', '[2026-01-01,)');
ROLLBACK;

-- Ids that nobody knows
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap) VALUES ('french', 'USD', '(,)', 0.2, 0.15, 0.35);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap) VALUES ('international', 'XXX', '(,)', 0.2, 0.15, 0.35);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO exclusion (program_id, service_id, validity) VALUES ('international', 's9', '(,)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO exclusion (program_id, sku_id, validity) VALUES ('international', 'k9', '(,)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO exclusion (program_id, account_id, validity) VALUES ('international', 'nobody', '(,)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO partner_program (partner_id, program_id, validity) VALUES ('nobody', 'international', '(,)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO partner_program (partner_id, program_id, validity) VALUES ('q', 'french', '(,)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO partner_status (partner_id, status, validity) VALUES ('nobody', 'active', '(,)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO subaccount_link (partner_id, account_id, validity) VALUES ('nobody', 'a', '(,2025-01-01)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO subaccount_link (partner_id, account_id, validity) VALUES ('p', 'nobody', '(,2025-01-01)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO deal (link_id, rate, validity) VALUES (4711, 0.15, '(,)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO sku (sku_id, service_id, name) VALUES ('k2', 'unknown', 'SKU');
\echo :LAST_ERROR_SQLSTATE

-- Values that rules cannot have
INSERT INTO deal (link_id, rate, validity) SELECT link_id, -0.000001, '(,2026-01-01)' FROM subaccount_link WHERE account_id = 'b';
\echo :LAST_ERROR_SQLSTATE
INSERT INTO deal (link_id, rate, validity) SELECT link_id, 15, '(,2026-01-01)' FROM subaccount_link WHERE account_id = 'b';
\echo :LAST_ERROR_SQLSTATE
INSERT INTO deal (link_id, rate, validity) SELECT link_id, 'NaN', '(,2026-01-01)' FROM subaccount_link WHERE account_id = 'b';
\echo :LAST_ERROR_SQLSTATE
INSERT INTO deal (link_id, rate, validity) SELECT link_id, 'Infinity', '(,2026-01-01)' FROM subaccount_link WHERE account_id = 'b';
\echo :LAST_ERROR_SQLSTATE
INSERT INTO deal (link_id, rate, validity) SELECT link_id, 0.1234567, '(,2026-01-01)' FROM subaccount_link WHERE account_id = 'b';
\echo :LAST_ERROR_SQLSTATE
INSERT INTO deal (link_id, rate, validity) SELECT link_id, 0.1, 'empty' FROM subaccount_link WHERE account_id = 'b';
\echo :LAST_ERROR_SQLSTATE
INSERT INTO deal (link_id, rate, validity) SELECT link_id, 0.1, '[2027-01-01,10000-06-01)' FROM subaccount_link WHERE account_id = 'b';
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY sqlstate
INSERT INTO deal (link_id, rate, validity) SELECT link_id, 0.1, NULL FROM subaccount_link WHERE account_id = 'b';
INSERT INTO deal (link_id, rate, validity) SELECT link_id, NULL, '(,2026-01-01)' FROM subaccount_link WHERE account_id = 'b';
UPDATE program_terms SET base_rate = 20;
UPDATE program_terms SET deal_cap = 1.1;
UPDATE program_terms SET total_cap = -1;
UPDATE program_terms SET combination = 'maximum';
UPDATE program_terms SET rounding_mode = 'bankers';
UPDATE program_terms SET rounding_scale = 19;
UPDATE partner_status SET status = 'retired';
UPDATE partner SET partner_id = '' WHERE partner_id = 'q';
INSERT INTO exclusion (program_id, validity) VALUES ('international', '(,)');
INSERT INTO exclusion (program_id, service_id, sku_id, validity) VALUES ('international', 's', 'k', '(,)');
INSERT INTO currency VALUES ('usd', 2);
INSERT INTO currency VALUES ('XTS', 5);
\set VERBOSITY default

-- What others refer to stays, and keeps its name
DELETE FROM program WHERE program_id = 'international';
\echo :LAST_ERROR_SQLSTATE
DELETE FROM partner WHERE partner_id = 'p';
\echo :LAST_ERROR_SQLSTATE
UPDATE partner SET partner_id = 'p2' WHERE partner_id = 'p';
\echo :LAST_ERROR_SQLSTATE
DELETE FROM subaccount WHERE account_id = 'a';
\echo :LAST_ERROR_SQLSTATE
DELETE FROM subaccount_link WHERE account_id = 'b';
\echo :LAST_ERROR_SQLSTATE
DELETE FROM service WHERE service_id = 's';
\echo :LAST_ERROR_SQLSTATE
DELETE FROM currency WHERE currency = 'USD';
\echo :LAST_ERROR_SQLSTATE
SELECT pg_temp.rules() AS after \gset
\echo :after

-- Children first, then it goes; and everything of it is still on record
DELETE FROM deal;
DELETE FROM subaccount_link;
DELETE FROM subaccount;
SELECT pg_temp.rules();
SET bonus.known_at = :'before_edit';
SELECT deal_schedule FROM deal_rate;
RESET bonus.known_at;
-- a customer that is linked again gets a new link, and its old deal stays with the old one
INSERT INTO subaccount (account_id, name) VALUES ('b', 'Customer B');
INSERT INTO subaccount_link (partner_id, account_id, validity) VALUES ('p', 'b', '[2026-05-18,)');
SELECT count(*) AS deals FROM deal_rate;
DROP SCHEMA versions CASCADE;
