-- What the ledger refuses, one statement after the other: SQLSTATE, what is wrong (DETAIL), what helps (HINT); nothing changes.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET datestyle = 'ISO, YMD';
SET timezone = 'UTC';
SELECT bonus.create_ledger('bad_rules');
SET search_path = bad_rules, bonus, public;
\getenv root PG_ABS_SRCDIR
\set usage_rows :root '/test/lib/usage_rows.sql'
\set ECHO none
\i :usage_rows
\set ECHO all

-- Partner p follows a program without notice, partner q one with 30 days, partner n none. Customers a, b and d are p's, c is q's, e is nobody's.
INSERT INTO program (program_id, name) VALUES ('international', 'International edition'), ('russian', 'Russian edition');
INSERT INTO program_period (program_id, validity, notice_days) VALUES ('russian', '[2026-01-01,)', 30);
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap) VALUES
    ('international', 'USD', '[2026-01-01,)', 0.20, 0.15, 0.35), ('international', 'KZT', '[2026-01-01,)', 0.20, 0.10, 0.35),
    ('russian', 'RUB', '[2026-01-01,)', 0.10, 0.15, 0.25);
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap, volume_rule) VALUES
    ('russian', 'KZT', '[2026-01-01,2026-03-01)', 0.10, 0.15, 0.25, 'slab'), ('russian', 'KZT', '[2026-03-01,)', 0.10, 0.15, 0.25, 'slab');
INSERT INTO program_tier (program_terms_id, from_volume, rate) SELECT program_terms_id, 1000, 0.12 FROM program_terms WHERE volume_rule = 'slab';
INSERT INTO service (service_id, name) VALUES ('s', 'Service'), ('s2', 'Service 2');
INSERT INTO sku (sku_id, service_id, name) VALUES ('k', 's', 'SKU');
INSERT INTO partner (partner_id, billing_account_id, name) VALUES ('p', 'p-account', 'Partner'), ('q', 'q-account', 'Other partner'), ('n', 'n-account', 'New partner');
INSERT INTO partner_program (partner_id, program_id, validity) VALUES ('p', 'international', '[2026-01-01,)'), ('q', 'russian', '[2026-01-01,)');
INSERT INTO partner_status (partner_id, status, validity) VALUES ('p', 'applied', '[2025-12-01,2026-01-01)'), ('p', 'active', '[2026-01-01,)'), ('q', 'active', '[2026-01-01,)');
INSERT INTO subaccount (account_id, name) SELECT a, 'Customer ' || a FROM unnest('{a,b,c,d,e}'::text[]) a;
INSERT INTO subaccount_status (account_id, status, validity) SELECT account_id, 'active', '[2026-01-01,)' FROM subaccount;
INSERT INTO subaccount_link (partner_id, account_id, validity) VALUES ('p', 'a', '[2026-01-01,)'), ('p', 'b', '[2026-01-01,)'), ('q', 'c', '[2026-01-01,)'), ('p', 'd', '[2026-01-01,)');
INSERT INTO exclusion (program_id, service_id, validity) VALUES ('international', 's', '[2026-01-01,)');
INSERT INTO usage_row (partner_id, source, usage_day, account_id, service_id, sku_id, currency, charge_category, cost, credit, monetary_grant_credit)
VALUES ('p', 'test', '2026-02-10', 'a', 's2', 'k', 'USD', 'Usage', 100, 0, 0);

-- Every row of every table but for those of the audit's own
CREATE FUNCTION pg_temp.rows() RETURNS text LANGUAGE plpgsql AS $function$
DECLARE
    name   text;
    found  text;
    result text := '';
BEGIN
    FOR name IN SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'bad_rules'::regnamespace AND c.relkind = 'r' ORDER BY c.relname COLLATE "C" LOOP
        EXECUTE format('SELECT count(*) || '' '' || md5(coalesce(string_agg(r::text, E''\n'' ORDER BY r::text COLLATE "C"), '''')) FROM %I r', name) INTO found;
        result := concat_ws(', ', nullif(result, ''), name || ' ' || found);
    END LOOP;
    RETURN result;
END
$function$;
-- The current deal with a customer
CREATE FUNCTION pg_temp.deal(customer text) RETURNS bigint LANGUAGE sql STABLE
AS 'SELECT deal_id FROM bad_rules.deal d WHERE d.customer = $1 AND superseded_at = ''infinity''';
-- and of the presale request on a subject
CREATE FUNCTION pg_temp.presale(subject text) RETURNS bigint LANGUAGE sql STABLE
AS 'SELECT presale_request_id FROM bad_rules.presale_request r WHERE r.subject = $1 AND superseded_at = ''infinity''';

-- Ids that nobody knows: functions
SELECT pg_temp.rows() AS before \gset
SELECT apply_partner('nobody', '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
SELECT activate_partner('nobody', '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
SELECT suspend_partner('nobody', '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
SELECT revoke_partner('nobody', '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
SELECT give_notice('nobody', '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
SELECT set_partner_status(NULL, 'active', '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
SELECT set_partner_status('p', 'retired', '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
SELECT set_partner_status('p', NULL, '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
SELECT follow_program('nobody', 'international', '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
SELECT follow_program('p', 'french', '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY terse
SELECT follow_program('p', NULL, '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY default
SELECT link_subaccount('nobody', 'e', '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
SELECT link_subaccount('p', 'nobody', '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY terse
SELECT link_subaccount('p', NULL, '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY default
SELECT move_subaccount('a', 'nobody', '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
SELECT move_subaccount('a', NULL, '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
SELECT move_subaccount('nobody', 'p', '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
SELECT set_subaccount_status('nobody', 'active', '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
SELECT set_subaccount_status('a', 'retired', '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY terse
SELECT create_subaccount('', 'Nameless', '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
SELECT create_subaccount('f', NULL, '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY default
SELECT submit_deal('nobody', 'Customer', 0.1, on_day => '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
SELECT approve_deal(4711, '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
SELECT approve_deal(NULL, '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
SELECT reject_deal(4711, '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
SELECT activate_deal(4711, 'a', '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
SELECT end_deal(4711, '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
SELECT submit_presale('nobody', 'Customer', 'Sizing', '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
SELECT assign_presale(4711, 'Ann', '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
SELECT answer_presale(4711, 'Yes', '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
SELECT close_presale(4711, '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
SELECT pg_temp.rows() = :'before' AS nothing_changed;

-- Ids that nobody knows: tables
SELECT pg_temp.rows() AS before \gset
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap) VALUES ('french', 'EUR', '(,)', 0.2, 0.15, 0.35);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO program_tier (program_terms_id, from_volume, rate) VALUES (4711, 1000, 0.1);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO program_period (program_id, validity) VALUES ('french', '(,)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO holiday (program_id, day) VALUES ('french', '2026-05-01');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO exclusion (program_id, service_id, validity) VALUES ('french', 's2', '(,)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO exclusion (program_id, service_id, validity) VALUES ('international', 'unknown', '(,)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO exclusion (program_id, sku_id, validity) VALUES ('international', 'unknown', '(,)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO exclusion (program_id, account_id, validity) VALUES ('international', 'unknown', '(,)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO exclusion (program_id, account_id, service_id, validity) VALUES ('international', 'a', 'unknown', '(,)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO exclusion (program_id, account_id, sku_id, validity) VALUES ('international', 'a', 'unknown', '(,)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO exclusion (program_id, account_id, charge_category, validity) VALUES ('international', 'unknown', 'Usage', '(,)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO partner_program (partner_id, program_id, validity) VALUES ('nobody', 'international', '(,)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO partner_program (partner_id, program_id, validity) VALUES ('n', 'french', '(,)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO partner_status (partner_id, status, validity) VALUES ('nobody', 'active', '(,)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO subaccount_status (account_id, status, validity) VALUES ('nobody', 'active', '(,)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO subaccount_link (partner_id, account_id, validity) VALUES ('nobody', 'e', '(,)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO subaccount_link (partner_id, account_id, validity) VALUES ('p', 'nobody', '(,)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO deal (partner_id, rate, submitted_on) VALUES ('nobody', 0.1, '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO deal (link_id, rate, validity) VALUES (4711, 0.1, '(,)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO presale_request (partner_id, customer, subject, submitted_on) VALUES ('nobody', 'Customer', 'Sizing', '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO sku (sku_id, service_id, name) VALUES ('k2', 'unknown', 'SKU 2');
\echo :LAST_ERROR_SQLSTATE
-- and by an edit
UPDATE partner_program SET program_id = 'french' WHERE partner_id = 'p';
\echo :LAST_ERROR_SQLSTATE
UPDATE exclusion SET service_id = 'unknown';
\echo :LAST_ERROR_SQLSTATE
UPDATE sku SET service_id = 'unknown';
\echo :LAST_ERROR_SQLSTATE
SELECT pg_temp.rows() = :'before' AS nothing_changed;

-- No day, or one that never comes: functions
\o /dev/null
SELECT submit_presale('p', 'Customer', 'Sizing', '2026-06-01');
\o
SELECT pg_temp.rows() AS before \gset
SELECT set_partner_status('p', 'suspended', NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT apply_partner('n', NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT activate_partner('n', NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT suspend_partner('p', NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT revoke_partner('p', NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT give_notice('p', NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT follow_program('n', 'russian', NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT set_subaccount_status('a', 'suspended', NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT create_subaccount('f', 'Customer f', NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT link_subaccount('p', 'e', NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT unlink_subaccount('a', NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT move_subaccount('a', 'q', NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT submit_deal('p', 'Customer', 0.1, on_day => NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT approve_deal(1, NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT reject_deal(1, NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT activate_deal(1, 'a', NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT end_deal(1, NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT submit_presale('p', 'Customer', 'Sizing', NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT set_partner_status('p', 'suspended', 'infinity');
\echo :LAST_ERROR_SQLSTATE
SELECT apply_partner('n', 'infinity');
\echo :LAST_ERROR_SQLSTATE
SELECT activate_partner('n', 'infinity');
\echo :LAST_ERROR_SQLSTATE
SELECT suspend_partner('p', 'infinity');
\echo :LAST_ERROR_SQLSTATE
SELECT revoke_partner('p', 'infinity');
\echo :LAST_ERROR_SQLSTATE
SELECT give_notice('p', 'infinity');
\echo :LAST_ERROR_SQLSTATE
SELECT follow_program('n', 'russian', 'infinity');
\echo :LAST_ERROR_SQLSTATE
SELECT set_subaccount_status('a', 'suspended', 'infinity');
\echo :LAST_ERROR_SQLSTATE
SELECT create_subaccount('f', 'Customer f', 'infinity');
\echo :LAST_ERROR_SQLSTATE
SELECT link_subaccount('p', 'e', 'infinity');
\echo :LAST_ERROR_SQLSTATE
SELECT unlink_subaccount('a', 'infinity');
\echo :LAST_ERROR_SQLSTATE
SELECT move_subaccount('a', 'q', 'infinity');
\echo :LAST_ERROR_SQLSTATE
SELECT submit_deal('p', 'Customer', 0.1, on_day => 'infinity');
\echo :LAST_ERROR_SQLSTATE
SELECT approve_deal(1, 'infinity');
\echo :LAST_ERROR_SQLSTATE
SELECT reject_deal(1, 'infinity');
\echo :LAST_ERROR_SQLSTATE
SELECT activate_deal(1, 'a', 'infinity');
\echo :LAST_ERROR_SQLSTATE
SELECT end_deal(1, 'infinity');
\echo :LAST_ERROR_SQLSTATE
SELECT submit_presale('p', 'Customer', 'Sizing', 'infinity');
\echo :LAST_ERROR_SQLSTATE
SELECT suspend_partner('p', '-infinity');
\echo :LAST_ERROR_SQLSTATE
SELECT give_notice('p', '2026-06-01', 'infinity');
\echo :LAST_ERROR_SQLSTATE
SELECT assign_presale(pg_temp.presale('Sizing'), 'Ann', NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT answer_presale(pg_temp.presale('Sizing'), 'Yes', 'infinity');
\echo :LAST_ERROR_SQLSTATE
SELECT close_presale(pg_temp.presale('Sizing'), NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT pg_temp.rows() = :'before' AS nothing_changed;

-- No day, or one that never comes: tables
SELECT pg_temp.rows() AS before \gset
\set VERBOSITY terse
INSERT INTO holiday (program_id, day) VALUES ('international', 'infinity');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO holiday (program_id, day) VALUES ('international', NULL);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO partner_status (partner_id, status, validity, notice_on) VALUES ('n', 'quit', '[2026-06-01,)', 'infinity');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO deal (partner_id, rate, submitted_on) VALUES ('p', 0.1, 'infinity');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO deal (partner_id, rate, submitted_on, approved_on) VALUES ('p', 0.1, '2026-06-01', 'infinity');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO deal (partner_id, rate, submitted_on, rejected_on) VALUES ('p', 0.1, '2026-06-01', 'infinity');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO deal (partner_id, rate, submitted_on, approved_on, ended_on) VALUES ('p', 0.1, '2026-06-01', '2026-06-01', 'infinity');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO presale_request (partner_id, customer, subject, submitted_on) VALUES ('p', 'Customer', 'Migration', 'infinity');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO presale_request (partner_id, customer, subject, submitted_on) VALUES ('p', 'Customer', 'Migration', NULL);
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY default
INSERT INTO billing_period (partner_id, month) VALUES ('p', 'infinity');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY terse
INSERT INTO billing_period (partner_id, month) VALUES ('p', '2026-06-02');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY default
SELECT pg_temp.rows() = :'before' AS nothing_changed;

-- Ranges
SELECT pg_temp.rows() AS before \gset
-- ranges that end before they start
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap) VALUES ('international', 'EUR', '[2026-06-02,2026-06-01)', 0.2, 0.15, 0.35);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO program_period (program_id, validity) VALUES ('international', '[2026-06-02,2026-06-01)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO exclusion (program_id, service_id, validity) VALUES ('international', 's2', '[2026-06-02,2026-06-01)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO partner_program (partner_id, program_id, validity) VALUES ('n', 'russian', '[2026-06-02,2026-06-01)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO partner_status (partner_id, status, validity) VALUES ('n', 'active', '[2026-06-02,2026-06-01)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO subaccount_status (account_id, status, validity) VALUES ('e', 'active', '[2026-06-02,2026-06-01)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO subaccount_link (partner_id, account_id, validity) VALUES ('p', 'e', '[2026-06-02,2026-06-01)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO deal (link_id, rate, validity) VALUES (1, 0.1, '[2026-06-02,2026-06-01)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO deal (partner_id, rate, kind, submitted_on, contract) VALUES ('p', 0.1, 'tender', '2026-06-01', '[2026-06-02,2026-06-01)');
\echo :LAST_ERROR_SQLSTATE
UPDATE partner_status SET validity = '[2026-06-02,2026-06-01)' WHERE partner_id = 'q';
\echo :LAST_ERROR_SQLSTATE
-- ranges that have no day
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap) VALUES ('international', 'EUR', '[2026-06-01,2026-06-01)', 0.2, 0.15, 0.35);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO program_period (program_id, validity) VALUES ('international', '[2026-06-01,2026-06-01)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO exclusion (program_id, service_id, validity) VALUES ('international', 's2', '[2026-06-01,2026-06-01)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO partner_program (partner_id, program_id, validity) VALUES ('n', 'russian', '[2026-06-01,2026-06-01)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO partner_status (partner_id, status, validity) VALUES ('n', 'active', '[2026-06-01,2026-06-01)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO subaccount_status (account_id, status, validity) VALUES ('e', 'active', '[2026-06-01,2026-06-01)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO subaccount_link (partner_id, account_id, validity) VALUES ('p', 'e', '[2026-06-01,2026-06-01)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO deal (link_id, rate, validity) VALUES (1, 0.1, '[2026-06-01,2026-06-01)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO deal (partner_id, rate, kind, submitted_on, contract) VALUES ('p', 0.1, 'tender', '2026-06-01', '[2026-06-01,2026-06-01)');
\echo :LAST_ERROR_SQLSTATE
UPDATE partner_status SET validity = '[2026-06-01,2026-06-01)' WHERE partner_id = 'q';
\echo :LAST_ERROR_SQLSTATE
-- ranges that reach beyond the calendar
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap) VALUES ('international', 'EUR', '[2026-06-01,10000-06-01)', 0.2, 0.15, 0.35);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO program_period (program_id, validity) VALUES ('international', '[2026-06-01,10000-06-01)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO exclusion (program_id, service_id, validity) VALUES ('international', 's2', '[2026-06-01,10000-06-01)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO partner_program (partner_id, program_id, validity) VALUES ('n', 'russian', '[2026-06-01,10000-06-01)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO partner_status (partner_id, status, validity) VALUES ('n', 'active', '[2026-06-01,10000-06-01)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO subaccount_status (account_id, status, validity) VALUES ('e', 'active', '[2026-06-01,10000-06-01)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO subaccount_link (partner_id, account_id, validity) VALUES ('p', 'e', '[2026-06-01,10000-06-01)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO deal (link_id, rate, validity) VALUES (1, 0.1, '[2026-06-01,10000-06-01)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO deal (partner_id, rate, kind, submitted_on, contract) VALUES ('p', 0.1, 'tender', '2026-06-01', '[2026-06-01,10000-06-01)');
\echo :LAST_ERROR_SQLSTATE
UPDATE partner_status SET validity = '[2026-06-01,10000-06-01)' WHERE partner_id = 'q';
\echo :LAST_ERROR_SQLSTATE
SELECT pg_temp.rows() = :'before' AS nothing_changed;

-- Exclusions: one thing each, and never two contrary answers
SELECT pg_temp.rows() AS before \gset
\set VERBOSITY terse
INSERT INTO exclusion (program_id, validity) VALUES ('international', '(,)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO exclusion (program_id, service_id, sku_id, validity) VALUES ('international', 's', 'k', '(,)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO exclusion (program_id, service_id, charge_category, validity) VALUES ('international', 's', 'Usage', '(,)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO exclusion (program_id, sku_id, charge_category, validity) VALUES ('international', 'k', 'Usage', '(,)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO exclusion (program_id, account_id, service_id, sku_id, validity) VALUES ('international', 'a', 's', 'k', '(,)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO exclusion (program_id, account_id, sku_id, charge_category, validity) VALUES ('international', 'a', 'k', 'Usage', '(,)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO exclusion (program_id, charge_category, validity) VALUES ('international', 'Tax', '(,)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO exclusion (program_id, service_id, effect, validity) VALUES ('international', 's2', 'perhaps', '(,)');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY default
INSERT INTO exclusion (program_id, service_id, validity) VALUES ('international', '', '(,)');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY terse
UPDATE exclusion SET sku_id = 'k';
\echo :LAST_ERROR_SQLSTATE
UPDATE exclusion SET service_id = NULL;
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY default
-- of the same rank on the same days, for each rank
INSERT INTO exclusion (program_id, service_id, effect, validity) VALUES ('international', 's', 'include', '[2026-06-01,2026-06-02)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO exclusion (program_id, service_id, effect, validity) VALUES ('international', 's2', 'exclude', '[2026-06-01,2026-06-02)'), ('international', 's2', 'include', '[2026-06-01,2026-06-02)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO exclusion (program_id, sku_id, effect, validity) VALUES ('international', 'k', 'exclude', '[2026-06-01,)'), ('international', 'k', 'include', '(,2026-06-02)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO exclusion (program_id, charge_category, effect, validity) VALUES ('international', 'Usage', 'exclude', '[2026-06-01,)'), ('international', 'Usage', 'include', '(,2026-06-02)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO exclusion (program_id, account_id, effect, validity) VALUES ('international', 'a', 'exclude', '[2026-06-01,)'), ('international', 'a', 'include', '(,2026-06-02)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO exclusion (program_id, account_id, charge_category, effect, validity) VALUES ('international', 'a', 'Usage', 'exclude', '[2026-06-01,)'), ('international', 'a', 'Usage', 'include', '(,2026-06-02)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO exclusion (program_id, account_id, service_id, effect, validity) VALUES ('international', 'a', 's', 'exclude', '[2026-06-01,)'), ('international', 'a', 's', 'include', '(,2026-06-02)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO exclusion (program_id, account_id, sku_id, effect, validity) VALUES ('international', 'a', 'k', 'exclude', '[2026-06-01,)'), ('international', 'a', 'k', 'include', '(,2026-06-02)');
\echo :LAST_ERROR_SQLSTATE
-- the same twice is refused too; what differs in rank, day, account or program is not
INSERT INTO exclusion (program_id, service_id, validity) VALUES ('international', 's', '[2026-06-01,)');
\echo :LAST_ERROR_SQLSTATE
BEGIN;
INSERT INTO exclusion (program_id, account_id, service_id, sku_id, charge_category, effect, validity) VALUES
    ('international', 'a', 's', NULL, NULL, 'include', '[2026-01-01,)'), ('international', 'b', 's', NULL, NULL, 'exclude', '[2026-01-01,)'),
    ('international', 'a', NULL, NULL, NULL, 'include', '[2026-01-01,)'), ('international', NULL, NULL, 'k', NULL, 'include', '[2026-01-01,)'),
    ('international', NULL, NULL, NULL, 'Usage', 'include', '[2026-01-01,)'), ('russian', NULL, 's', NULL, NULL, 'include', '[2026-01-01,)'),
    ('international', NULL, 's', NULL, NULL, 'include', '(,2026-01-01)');
ROLLBACK;
SELECT pg_temp.rows() = :'before' AS nothing_changed;

-- Rates and tiers
SELECT pg_temp.rows() AS before \gset
INSERT INTO program_tier (program_terms_id, from_volume, rate) VALUES (4, 2000, 1.000001);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO program_tier (program_terms_id, from_volume, rate) VALUES (4, 2000, 15);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO program_tier (program_terms_id, from_volume, rate) VALUES (4, 2000, -0.1);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO program_tier (program_terms_id, from_volume, rate) VALUES (4, 2000, 0.1234567);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO program_tier (program_terms_id, from_volume, rate) VALUES (4, 2000, 'NaN');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY terse
INSERT INTO program_tier (program_terms_id, from_volume, rate) VALUES (4, 2000, NULL);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO program_tier (program_terms_id, from_volume, rate) VALUES (4, 0, 0.1);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO program_tier (program_terms_id, from_volume, rate) VALUES (4, -1, 0.1);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO program_tier (program_terms_id, from_volume, rate) VALUES (4, 'NaN', 0.1);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO program_tier (program_terms_id, from_volume, rate) VALUES (4, 'Infinity', 0.1);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO program_tier (program_terms_id, from_volume, rate) VALUES (4, NULL, 0.1);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO program_tier (program_terms_id, from_volume, rate) VALUES (4, 1e18 + 1, 0.1);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO program_tier (program_terms_id, from_volume, rate) VALUES (4, 1e-19, 0.1);
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY default
INSERT INTO program_tier (program_terms_id, from_volume, rate) VALUES (4, 1000.00, 0.1);
\echo :LAST_ERROR_SQLSTATE
UPDATE program_tier SET rate = 12;
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY terse
UPDATE program_tier SET from_volume = 0;
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY default
DELETE FROM program_terms WHERE volume_rule IS NOT NULL;
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY terse
UPDATE program_terms SET volume_rule = 'steep' WHERE program_terms_id = 4;
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY default
UPDATE program_terms SET base_rate = 20;
\echo :LAST_ERROR_SQLSTATE
UPDATE program_terms SET deal_cap = 1.5;
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY terse
UPDATE program_terms SET total_cap = NULL;
\echo :LAST_ERROR_SQLSTATE
UPDATE program_terms SET minimum_payout = -1;
\echo :LAST_ERROR_SQLSTATE
UPDATE program_terms SET deal_target = 'NaN';
\echo :LAST_ERROR_SQLSTATE
UPDATE program_terms SET rounding_scale = 19;
\echo :LAST_ERROR_SQLSTATE
UPDATE program_period SET notice_days = -1;
\echo :LAST_ERROR_SQLSTATE
UPDATE program_period SET activation_days = NULL;
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY default
SELECT pg_temp.rows() = :'before' AS nothing_changed;

-- Links: one partner a day
SELECT pg_temp.rows() AS before \gset
SELECT link_subaccount('q', 'a', '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO subaccount_link (partner_id, account_id, validity) VALUES ('q', 'a', '[2026-06-01,)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO subaccount_link (partner_id, account_id, validity) VALUES ('p', 'e', '[2026-06-01,)'), ('q', 'e', '(,2026-06-02)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO partner_program (partner_id, program_id, validity) VALUES ('p', 'russian', '[2026-06-01,)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO partner_status (partner_id, status, validity) VALUES ('p', 'suspended', '[2026-06-01,)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO subaccount_status (account_id, status, validity) VALUES ('a', 'suspended', '[2026-06-01,)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO program_period (program_id, validity) VALUES ('russian', '[2026-06-01,)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap) VALUES ('international', 'USD', '[2026-06-01,)', 0.2, 0.15, 0.35);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO partner (partner_id, billing_account_id, name) VALUES ('r', 'p-account', 'The account of another');
\echo :LAST_ERROR_SQLSTATE
UPDATE partner SET billing_account_id = 'q-account' WHERE partner_id = 'p';
\echo :LAST_ERROR_SQLSTATE
SELECT pg_temp.rows() = :'before' AS nothing_changed;

-- Notice that is too short: 30 days under the Russian edition, none under the international one or without a program
SELECT pg_temp.rows() AS before \gset
SELECT give_notice('q', '2026-06-01', '2026-06-30');
\echo :LAST_ERROR_SQLSTATE
SELECT give_notice('q', '2026-06-01', '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
SELECT give_notice('q', '2026-06-01', '2026-05-01');
\echo :LAST_ERROR_SQLSTATE
SELECT give_notice('p', '2026-06-02', '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
BEGIN;
SELECT status, validity, notice_on FROM give_notice('q', '2026-06-01', '2026-07-01');
SELECT status, validity, notice_on FROM give_notice('p', '2026-06-01', '2026-06-01');
ROLLBACK;
SELECT pg_temp.rows() = :'before' AS nothing_changed;

-- Deals: rates above the cap of the terms, in whatever currency it is widest
UPDATE program_terms SET validity = '[2026-01-01,2026-08-01)' WHERE program_id = 'international' AND currency = 'USD';
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap) VALUES ('international', 'USD', '[2026-08-01,)', 0.20, 0.05, 0.35);
\o /dev/null
SELECT submit_deal('p', 'submitted', 0.15, on_day => '2026-06-01');
SELECT approve_deal(deal_id, '2026-06-10') FROM submit_deal('p', 'approved', 0.15, on_day => '2026-06-01');
SELECT reject_deal(deal_id, '2026-06-10', 'not a new customer') FROM submit_deal('p', 'rejected', 0.15, on_day => '2026-06-01');
SELECT approve_deal(deal_id, '2026-06-10') FROM submit_deal('p', 'active', 0.15, on_day => '2026-06-01');
SELECT activate_deal(pg_temp.deal('active'), 'a', '2026-06-20', '2026-12-01');
SELECT approve_deal(deal_id, '2026-06-10') FROM submit_deal('p', 'ended', 0.15, on_day => '2026-06-01');
SELECT activate_deal(pg_temp.deal('ended'), 'd', '2026-06-20');
SELECT end_deal(pg_temp.deal('ended'), '2026-07-01', 'customer left');
SELECT approve_deal(deal_id, '2026-06-10') FROM submit_deal('p', 'tender', 0.15, 'tender', contract => '[2026-07-01,2026-08-01)', on_day => '2026-06-01');
SELECT submit_deal('p', 'tender', 0.15, 'tender', contract => '[2026-09-01,2026-10-01)', on_day => '2026-06-01');
\o
SELECT pg_temp.rows() AS before \gset
SELECT submit_deal('p', 'Customer', 0.150001, on_day => '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
SELECT submit_deal('p', 'Customer', 15, on_day => '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
SELECT submit_deal('p', 'Customer', 'NaN', on_day => '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
SELECT submit_deal('p', 'Customer', -0.01, on_day => '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
SELECT submit_deal('p', 'Customer', 0.1234567, on_day => '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY terse
SELECT submit_deal('p', 'Customer', NULL, on_day => '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY default
SELECT submit_deal('n', 'Customer', 1.5, on_day => '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
SELECT approve_deal(pg_temp.deal('submitted'), '2026-06-02', 0.150001);
\echo :LAST_ERROR_SQLSTATE
SELECT approve_deal(pg_temp.deal('submitted'), '2026-06-02', -1);
\echo :LAST_ERROR_SQLSTATE
-- what was asked for when the terms allowed it, and is decided when they do not
SELECT approve_deal(pg_temp.deal('submitted'), '2026-08-01');
\echo :LAST_ERROR_SQLSTATE
-- nobody is asked for, or in a wrong way
SELECT submit_deal('p', NULL, 0.1, on_day => '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
SELECT submit_deal('p', '', 0.1, on_day => '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
SELECT submit_deal('p', 'Customer', 0.1, 'tender', on_day => '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY terse
SELECT submit_deal('p', 'Customer', 0.1, kind => 'auction', on_day => '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
SELECT submit_deal('p', 'Customer', 0.1, monthly_target => 100, on_day => '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
SELECT submit_deal('p', 'Customer', 0.1, monthly_target => -1, currency => 'USD', on_day => '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY default
SELECT submit_deal('p', 'Customer', 0.1, monthly_target => 100, currency => 'XXX', on_day => '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
SELECT submit_deal('p', 'submitted', 0.10, on_day => '2026-06-02');
\echo :LAST_ERROR_SQLSTATE
SELECT submit_deal('p', 'tender', 0.15, 'tender', contract => '[2026-07-01,2026-12-01)', on_day => '2026-06-02');
\echo :LAST_ERROR_SQLSTATE
SELECT pg_temp.rows() = :'before' AS nothing_changed;

-- Deals: every step that cannot follow
SELECT pg_temp.rows() AS before \gset
-- submitted
SELECT activate_deal(pg_temp.deal('submitted'), 'a', '2026-06-20');
\echo :LAST_ERROR_SQLSTATE
SELECT end_deal(pg_temp.deal('submitted'), '2026-06-20');
\echo :LAST_ERROR_SQLSTATE
SELECT approve_deal(pg_temp.deal('submitted'), '2026-05-31');
\echo :LAST_ERROR_SQLSTATE
SELECT reject_deal(pg_temp.deal('submitted'), '2026-05-31');
\echo :LAST_ERROR_SQLSTATE
-- approved; 60 days later is 2026-08-09
SELECT reject_deal(pg_temp.deal('approved'), '2026-06-20');
\echo :LAST_ERROR_SQLSTATE
SELECT approve_deal(pg_temp.deal('approved'), '2026-06-20', 0.10);
\echo :LAST_ERROR_SQLSTATE
SELECT activate_deal(pg_temp.deal('approved'), 'b', '2026-08-10');
\echo :LAST_ERROR_SQLSTATE
SELECT activate_deal(pg_temp.deal('approved'), 'b', '2026-06-09');
\echo :LAST_ERROR_SQLSTATE
SELECT activate_deal(pg_temp.deal('approved'), 'c', '2026-06-20');
\echo :LAST_ERROR_SQLSTATE
SELECT activate_deal(pg_temp.deal('approved'), 'e', '2026-06-20');
\echo :LAST_ERROR_SQLSTATE
SELECT activate_deal(pg_temp.deal('approved'), 'nobody', '2026-06-20');
\echo :LAST_ERROR_SQLSTATE
SELECT activate_deal(pg_temp.deal('approved'), NULL, '2026-06-20');
\echo :LAST_ERROR_SQLSTATE
SELECT activate_deal(pg_temp.deal('approved'), 'b', '2026-06-20', '2026-06-20');
\echo :LAST_ERROR_SQLSTATE
SELECT activate_deal(pg_temp.deal('approved'), 'b', '2026-06-20', '2026-06-19');
\echo :LAST_ERROR_SQLSTATE
SELECT activate_deal(pg_temp.deal('approved'), 'a', '2026-07-01');
\echo :LAST_ERROR_SQLSTATE
SELECT activate_deal(pg_temp.deal('approved'), 'a', '2026-06-19', '2026-06-21');
\echo :LAST_ERROR_SQLSTATE
-- rejected
SELECT approve_deal(pg_temp.deal('rejected'), '2026-06-20');
\echo :LAST_ERROR_SQLSTATE
SELECT activate_deal(pg_temp.deal('rejected'), 'b', '2026-06-20');
\echo :LAST_ERROR_SQLSTATE
SELECT end_deal(pg_temp.deal('rejected'), '2026-06-20');
\echo :LAST_ERROR_SQLSTATE
-- active
SELECT approve_deal(pg_temp.deal('active'), '2026-06-20', 0.10);
\echo :LAST_ERROR_SQLSTATE
SELECT reject_deal(pg_temp.deal('active'), '2026-06-20');
\echo :LAST_ERROR_SQLSTATE
SELECT activate_deal(pg_temp.deal('active'), 'a', '2026-06-21', '2026-12-01');
\echo :LAST_ERROR_SQLSTATE
SELECT activate_deal(pg_temp.deal('active'), 'a', '2026-06-20', '2026-11-30');
\echo :LAST_ERROR_SQLSTATE
SELECT activate_deal(pg_temp.deal('active'), 'b', '2026-06-20');
\echo :LAST_ERROR_SQLSTATE
-- ended
SELECT approve_deal(pg_temp.deal('ended'), '2026-07-02');
\echo :LAST_ERROR_SQLSTATE
SELECT reject_deal(pg_temp.deal('ended'), '2026-07-02');
\echo :LAST_ERROR_SQLSTATE
SELECT activate_deal(pg_temp.deal('ended'), 'b', '2026-07-02');
\echo :LAST_ERROR_SQLSTATE
-- a tender, before its contract and after it
SELECT activate_deal((SELECT min(deal_id) FROM deal WHERE customer = 'tender'), 'b', '2026-06-20', '2026-06-30');
\echo :LAST_ERROR_SQLSTATE
SELECT activate_deal((SELECT min(deal_id) FROM deal WHERE customer = 'tender'), 'b', '2026-08-01');
\echo :LAST_ERROR_SQLSTATE
-- the same again is no error and no change
SELECT approved_on FROM approve_deal(pg_temp.deal('approved'), '2026-06-20');
SELECT approved_on FROM approve_deal(pg_temp.deal('approved'), '2026-06-20', 0.15);
SELECT rejected_on, reason FROM reject_deal(pg_temp.deal('rejected'), '2026-06-20', 'again');
SELECT validity FROM activate_deal(pg_temp.deal('active'), 'a', '2026-06-20', '2026-12-01');
SELECT ended_on, reason FROM end_deal(pg_temp.deal('ended'), '2026-07-02', 'again');
SELECT ended_on, validity FROM end_deal(pg_temp.deal('active'), '2026-12-01', 'over by then');
SELECT submitted_on FROM submit_deal('p', 'submitted', 0.15, on_day => '2026-06-02');
-- the last day of the term, the first day of approval, within the contract
BEGIN;
SELECT validity FROM activate_deal(pg_temp.deal('approved'), 'b', '2026-08-09');
ROLLBACK;
BEGIN;
SELECT validity FROM activate_deal(pg_temp.deal('approved'), 'b', '2026-06-10');
ROLLBACK;
BEGIN;
SELECT validity FROM activate_deal((SELECT min(deal_id) FROM deal WHERE customer = 'tender'), 'b', '2026-06-20');
ROLLBACK;
BEGIN;
SELECT validity FROM activate_deal((SELECT min(deal_id) FROM deal WHERE customer = 'tender'), 'b', '2026-07-10', '2027-01-01');
ROLLBACK;
SELECT pg_temp.rows() = :'before' AS nothing_changed;

-- Deals: rows that cannot be
SELECT pg_temp.rows() AS before \gset
\set VERBOSITY terse
INSERT INTO deal (partner_id, rate) VALUES ('p', 0.1);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO deal (partner_id, rate, approved_on) VALUES ('p', 0.1, '2026-06-10');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO deal (partner_id, rate, submitted_on, approved_on, rejected_on) VALUES ('p', 0.1, '2026-06-01', '2026-06-10', '2026-06-10');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO deal (partner_id, rate, submitted_on, approved_on) VALUES ('p', 0.1, '2026-06-01', '2026-05-31');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO deal (partner_id, rate, submitted_on, rejected_on) VALUES ('p', 0.1, '2026-06-01', '2026-05-31');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO deal (partner_id, rate, submitted_on, link_id) VALUES ('p', 0.1, '2026-06-01', 2);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO deal (partner_id, rate, submitted_on, validity) VALUES ('p', 0.1, '2026-06-01', '[2026-06-01,)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO deal (partner_id, rate, submitted_on, rejected_on, link_id, validity) VALUES ('p', 0.1, '2026-06-01', '2026-06-02', 2, '[2026-06-01,)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO deal (rate, link_id, validity, ended_on) VALUES (0.1, 2, '[2026-06-01,2026-06-11)', '2026-06-10');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY default
BEGIN;
\set VERBOSITY terse
INSERT INTO deal (rate, link_id, validity, ended_on) VALUES (0.1, 2, '[2026-06-01,)', '2026-06-10');
\set VERBOSITY default
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
\set VERBOSITY terse
INSERT INTO deal (rate, link_id, validity, kind) VALUES (0.1, 2, '[2026-06-01,2026-07-01)', 'tender');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO deal (rate, link_id, validity, kind, contract) VALUES (0.1, 2, '[2026-06-01,2026-07-01)', 'tender', '[2026-06-02,2026-07-01)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO deal (rate, link_id, validity, kind, contract) VALUES (0.1, 2, '[2026-06-01,2026-07-01)', 'tender', '[2026-06-01,2026-06-30)');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY default
INSERT INTO deal (rate, link_id, validity) VALUES (1.1, 2, '[2026-06-01,2026-07-01)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO deal (partner_id, rate, link_id, validity) VALUES ('q', 0.1, 2, '[2026-06-01,2026-07-01)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO deal (rate, link_id, validity) VALUES (0.1, 1, '[2026-11-30,)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO deal (rate, link_id, validity) VALUES (0.1, 2, '[2026-06-01,)'), (0.1, 2, '(,2026-06-02)');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY terse
UPDATE deal SET validity = '[2026-06-20,2026-12-01)' WHERE customer = 'ended';
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY default
DELETE FROM subaccount_link WHERE account_id = 'a';
\echo :LAST_ERROR_SQLSTATE
SELECT pg_temp.rows() = :'before' AS nothing_changed;

-- Presale requests
\o /dev/null
SELECT close_presale(presale_request_id, '2026-06-05') FROM submit_presale('p', 'Customer', 'Closed', '2026-06-01');
SELECT assign_presale(presale_request_id, 'Ann', '2026-06-02') FROM submit_presale('p', 'Customer', 'Answered', '2026-06-01');
SELECT answer_presale(pg_temp.presale('Answered'), 'Yes', '2026-06-03');
\o
SELECT pg_temp.rows() AS before \gset
\set VERBOSITY terse
SELECT submit_presale('p', NULL, 'Sizing', '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
SELECT submit_presale('p', '', 'Sizing', '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
SELECT submit_presale('p', 'Customer', NULL, '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
SELECT submit_presale('p', 'Customer', '', '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
SELECT assign_presale(pg_temp.presale('Sizing'), 'Ann', '2026-05-31');
\echo :LAST_ERROR_SQLSTATE
SELECT assign_presale(pg_temp.presale('Answered'), NULL, '2026-06-03');
\echo :LAST_ERROR_SQLSTATE
SELECT answer_presale(pg_temp.presale('Sizing'), 'Yes', '2026-05-31');
\echo :LAST_ERROR_SQLSTATE
SELECT answer_presale(pg_temp.presale('Answered'), NULL, '2026-06-03');
\echo :LAST_ERROR_SQLSTATE
SELECT close_presale(pg_temp.presale('Sizing'), '2026-05-31');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY default
SELECT assign_presale(pg_temp.presale('Closed'), 'Ann', '2026-06-06');
\echo :LAST_ERROR_SQLSTATE
SELECT answer_presale(pg_temp.presale('Closed'), 'Yes', '2026-06-06');
\echo :LAST_ERROR_SQLSTATE
SELECT assign_presale(NULL, 'Ann', '2026-06-06');
\echo :LAST_ERROR_SQLSTATE
SELECT close_presale(NULL, '2026-06-06');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY terse
INSERT INTO presale_request (partner_id, customer, subject, submitted_on, assigned_to) VALUES ('p', 'Customer', 'Sizing', '2026-06-01', 'Ann');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO presale_request (partner_id, customer, subject, submitted_on, assigned_on) VALUES ('p', 'Customer', 'Sizing', '2026-06-01', '2026-06-02');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO presale_request (partner_id, customer, subject, submitted_on, answer) VALUES ('p', 'Customer', 'Sizing', '2026-06-01', 'Yes');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO presale_request (partner_id, customer, subject, submitted_on, answered_on) VALUES ('p', 'Customer', 'Sizing', '2026-06-01', '2026-06-02');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY default
-- the same again is no error and no change
SELECT presale_request_id, submitted_on FROM submit_presale('p', 'Customer', 'Sizing', '2026-06-09');
SELECT closed_on FROM close_presale(pg_temp.presale('Closed'), '2026-06-09');
SELECT assigned_to, assigned_on FROM assign_presale(pg_temp.presale('Answered'), 'Ann', '2026-06-09');
SELECT answer, answered_on FROM answer_presale(pg_temp.presale('Answered'), 'Yes', '2026-06-09');
SELECT pg_temp.rows() = :'before' AS nothing_changed;

-- Closed months, inside: p has closed January and February, q and z February; each table by each statement
DELETE FROM deal WHERE customer IN ('ended', 'active');
INSERT INTO deal (deal_id, customer, rate, link_id, validity, description) OVERRIDING SYSTEM VALUE VALUES (100, 'held', 0.10, 1, '[2026-01-01,)', 'taken over');
INSERT INTO exclusion (program_id, account_id, validity) VALUES ('russian', 'c', '[2026-01-01,2026-02-01)');
INSERT INTO partner (partner_id, billing_account_id, name) VALUES ('z', 'z-account', 'Partner with closed months and nothing else');
INSERT INTO billing_period (partner_id, month, closed_at) VALUES
    ('p', '2026-01-01', '2026-02-03'), ('p', '2026-02-01', '2026-03-03'), ('p', '2026-03-01', NULL), ('q', '2026-02-01', '2026-03-03'), ('z', '2026-02-01', '2026-03-03');
SELECT pg_temp.rows() AS before \gset
-- program_terms
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap) VALUES ('international', 'EUR', '[2026-02-28,)', 0.2, 0.15, 0.35);
\echo :LAST_ERROR_SQLSTATE
UPDATE program_terms SET base_rate = 0.19 WHERE program_id = 'international' AND currency = 'USD' AND validity @> date '2026-02-28';
\echo :LAST_ERROR_SQLSTATE
UPDATE program_terms SET deal_cap = 0.14 WHERE program_id = 'international' AND currency = 'USD' AND validity @> date '2026-02-28';
\echo :LAST_ERROR_SQLSTATE
UPDATE program_terms SET total_cap = 0.34 WHERE program_id = 'international' AND currency = 'USD' AND validity @> date '2026-02-28';
\echo :LAST_ERROR_SQLSTATE
UPDATE program_terms SET combination = 'compound' WHERE program_id = 'international' AND currency = 'USD' AND validity @> date '2026-02-28';
\echo :LAST_ERROR_SQLSTATE
UPDATE program_terms SET volume_rule = 'slab' WHERE program_id = 'international' AND currency = 'USD' AND validity @> date '2026-02-28';
\echo :LAST_ERROR_SQLSTATE
UPDATE program_terms SET rounding_mode = 'half even' WHERE program_id = 'international' AND currency = 'USD' AND validity @> date '2026-02-28';
\echo :LAST_ERROR_SQLSTATE
UPDATE program_terms SET rounding_scale = 0 WHERE program_id = 'international' AND currency = 'USD' AND validity @> date '2026-02-28';
\echo :LAST_ERROR_SQLSTATE
UPDATE program_terms SET currency = 'EUR' WHERE program_id = 'international' AND currency = 'USD' AND validity @> date '2026-02-28';
\echo :LAST_ERROR_SQLSTATE
UPDATE program_terms SET program_id = 'russian' WHERE program_id = 'international' AND currency = 'USD' AND validity @> date '2026-02-28';
\echo :LAST_ERROR_SQLSTATE
UPDATE program_terms SET validity = '[2026-01-01,2026-02-28)' WHERE program_id = 'international' AND currency = 'USD' AND validity @> date '2026-02-28';
\echo :LAST_ERROR_SQLSTATE
UPDATE program_terms SET validity = '[2026-01-02,2026-08-01)' WHERE program_id = 'international' AND currency = 'USD' AND validity @> date '2026-02-28';
\echo :LAST_ERROR_SQLSTATE
DELETE FROM program_terms WHERE program_id = 'international' AND currency = 'KZT';
\echo :LAST_ERROR_SQLSTATE
-- program_tier
INSERT INTO program_tier (program_terms_id, from_volume, rate) VALUES (4, 2000, 0.14);
\echo :LAST_ERROR_SQLSTATE
UPDATE program_tier SET rate = 0.11 WHERE program_terms_id = 4;
\echo :LAST_ERROR_SQLSTATE
UPDATE program_tier SET from_volume = 999 WHERE program_terms_id = 4;
\echo :LAST_ERROR_SQLSTATE
UPDATE program_tier SET program_terms_id = 5, from_volume = 999 WHERE program_terms_id = 4;
\echo :LAST_ERROR_SQLSTATE
DELETE FROM program_tier WHERE program_terms_id = 4;
\echo :LAST_ERROR_SQLSTATE
-- exclusion
INSERT INTO exclusion (program_id, service_id, validity) VALUES ('international', 's2', '[2026-02-28,)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO exclusion (program_id, sku_id, validity) VALUES ('international', 'k', '(,2026-01-02)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO exclusion (program_id, charge_category, validity) VALUES ('international', 'Usage', '(,)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO exclusion (program_id, account_id, validity) VALUES ('international', 'a', '[2026-02-01,2026-02-02)');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO exclusion (program_id, account_id, service_id, validity) VALUES ('international', 'b', 's2', '[2026-02-01,2026-02-02)');
\echo :LAST_ERROR_SQLSTATE
UPDATE exclusion SET effect = 'include' WHERE service_id = 's';
\echo :LAST_ERROR_SQLSTATE
UPDATE exclusion SET service_id = 's2' WHERE service_id = 's';
\echo :LAST_ERROR_SQLSTATE
UPDATE exclusion SET account_id = 'a' WHERE service_id = 's';
\echo :LAST_ERROR_SQLSTATE
UPDATE exclusion SET validity = '[2026-02-01,)' WHERE service_id = 's';
\echo :LAST_ERROR_SQLSTATE
DELETE FROM exclusion WHERE service_id = 's';
\echo :LAST_ERROR_SQLSTATE
-- partner
UPDATE partner SET billing_account_id = 'p-account-2' WHERE partner_id = 'p';
\echo :LAST_ERROR_SQLSTATE
DELETE FROM partner WHERE partner_id = 'z';
\echo :LAST_ERROR_SQLSTATE
-- partner_program
INSERT INTO partner_program (partner_id, program_id, validity) VALUES ('p', 'russian', '(,2026-01-01)'), ('z', 'russian', '[2026-02-01,)');
\echo :LAST_ERROR_SQLSTATE
UPDATE partner_program SET program_id = 'russian' WHERE partner_id = 'p';
\echo :LAST_ERROR_SQLSTATE
UPDATE partner_program SET validity = '[2026-02-15,)' WHERE partner_id = 'p';
\echo :LAST_ERROR_SQLSTATE
DELETE FROM partner_program WHERE partner_id = 'p';
\echo :LAST_ERROR_SQLSTATE
SELECT follow_program('p', 'russian', '2026-02-28');
\echo :LAST_ERROR_SQLSTATE
-- partner_status
INSERT INTO partner_status (partner_id, status, validity) VALUES ('z', 'active', '[2026-02-28,)');
\echo :LAST_ERROR_SQLSTATE
UPDATE partner_status SET status = 'suspended' WHERE partner_id = 'q';
\echo :LAST_ERROR_SQLSTATE
UPDATE partner_status SET validity = '[2026-01-01,2026-02-28)' WHERE partner_id = 'p' AND status = 'active';
\echo :LAST_ERROR_SQLSTATE
DELETE FROM partner_status WHERE partner_id = 'p' AND status = 'active';
\echo :LAST_ERROR_SQLSTATE
SELECT suspend_partner('p', '2026-02-28', 'late payment');
\echo :LAST_ERROR_SQLSTATE
SELECT revoke_partner('p', '2026-02-28', 'breach', '7.2');
\echo :LAST_ERROR_SQLSTATE
SELECT give_notice('p', '2026-02-28');
\echo :LAST_ERROR_SQLSTATE
-- subaccount_link
INSERT INTO subaccount_link (partner_id, account_id, validity) VALUES ('p', 'e', '[2026-02-28,)');
\echo :LAST_ERROR_SQLSTATE
UPDATE subaccount_link SET validity = '[2026-01-02,)' WHERE account_id = 'd';
\echo :LAST_ERROR_SQLSTATE
UPDATE subaccount_link SET account_id = 'e' WHERE account_id = 'd';
\echo :LAST_ERROR_SQLSTATE
UPDATE subaccount_link SET partner_id = 'q' WHERE account_id = 'd';
\echo :LAST_ERROR_SQLSTATE
DELETE FROM subaccount_link WHERE account_id = 'd';
\echo :LAST_ERROR_SQLSTATE
SELECT link_subaccount('p', 'e', '2026-02-28');
\echo :LAST_ERROR_SQLSTATE
SELECT unlink_subaccount('d', '2026-02-28');
\echo :LAST_ERROR_SQLSTATE
SELECT move_subaccount('d', 'q', '2026-02-28');
\echo :LAST_ERROR_SQLSTATE
SELECT move_subaccount('d', 'n', '2026-02-28');
\echo :LAST_ERROR_SQLSTATE
SELECT move_subaccount('c', 'p', '2026-01-31');
\echo :LAST_ERROR_SQLSTATE
SELECT set_subaccount_status('d', 'inactive', '2026-02-28');
\echo :LAST_ERROR_SQLSTATE
-- deal
INSERT INTO deal (rate, link_id, validity) VALUES (0.1, 2, '[2026-02-28,)');
\echo :LAST_ERROR_SQLSTATE
UPDATE deal SET rate = 0.11 WHERE deal_id = 100;
\echo :LAST_ERROR_SQLSTATE
UPDATE deal SET validity = '[2026-01-01,2026-02-28)' WHERE deal_id = 100;
\echo :LAST_ERROR_SQLSTATE
UPDATE deal SET link_id = 2 WHERE deal_id = 100;
\echo :LAST_ERROR_SQLSTATE
DELETE FROM deal WHERE deal_id = 100;
\echo :LAST_ERROR_SQLSTATE
SELECT end_deal(100, '2026-02-28');
\echo :LAST_ERROR_SQLSTATE
SELECT pg_temp.rows() = :'before' AS nothing_changed;

-- Closed months, after: allowed, and so is what no bonus depends on
SELECT pg_temp.rows() AS before \gset
BEGIN;
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap) VALUES ('international', 'EUR', '[2026-03-01,)', 0.2, 0.15, 0.35);
UPDATE program_terms SET validity = '[2026-01-01,2026-03-01)' WHERE program_id = 'international' AND currency = 'USD' AND validity @> date '2026-02-28';
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap) VALUES ('international', 'USD', '[2026-03-01,2026-08-01)', 0.1, 0.15, 0.35);
UPDATE program_terms SET base_rate = base_rate, offer_reference = 'version 2', minimum_payout = 100, deal_target = 500 WHERE program_id = 'international';
INSERT INTO program_tier (program_terms_id, from_volume, rate) VALUES (5, 2000, 0.14);
UPDATE program_tier SET rate = 0.13 WHERE program_terms_id = 5 AND from_volume = 1000;
DELETE FROM program_tier WHERE program_terms_id = 5;
INSERT INTO exclusion (program_id, service_id, validity) VALUES ('international', 's2', '[2026-03-01,)');
UPDATE exclusion SET validity = '[2026-01-01,2026-03-01)', reason = 'shorter' WHERE service_id = 's';
UPDATE partner SET name = 'Partner, Inc.' WHERE partner_id = 'p';
UPDATE partner SET billing_account_id = 'n-account-2' WHERE partner_id = 'n';
SELECT validity FROM follow_program('p', 'russian', '2026-03-01');
SELECT validity FROM suspend_partner('p', '2026-03-01', 'late payment');
UPDATE partner_status SET reason = 'paid late', clause = '7.1', notice_on = '2026-03-01' WHERE partner_id = 'p';
SELECT validity FROM link_subaccount('p', 'e', '2026-03-01');
SELECT validity FROM unlink_subaccount('d', '2026-03-01');
SELECT validity FROM move_subaccount('b', 'q', '2026-03-01');
SELECT validity FROM set_subaccount_status('a', 'suspended', '2026-02-10');
UPDATE deal SET description = 'known', customer = 'Customer a', reason = 'none', contract = '[2026-01-01,)', submitted_on = '2025-12-01', approved_on = '2025-12-02' WHERE deal_id = 100;
SELECT validity FROM end_deal(100, '2026-03-01');
SELECT customer FROM submit_deal('p', 'another', 0.1, on_day => '2026-02-10');
UPDATE service SET name = 'Service 1' WHERE service_id = 's';
UPDATE subaccount SET name = 'Customer A' WHERE account_id = 'a';
INSERT INTO holiday (program_id, day) VALUES ('international', '2026-02-23');
INSERT INTO program_period (program_id, validity, notice_days) VALUES ('international', '(,)', 60);
ROLLBACK;
-- what a deal's customer is to consume changes no bonus either
BEGIN;
UPDATE deal SET monthly_target = 100, currency = 'USD' WHERE deal_id = 100;
ROLLBACK;
-- what concerns others: n has closed nothing, nobody follows another program, c has always been q's, q's January is open, and December 2025 too
BEGIN;
SELECT status FROM activate_partner('n', '2026-01-10');
SELECT program_id FROM follow_program('n', 'international', '2026-01-10');
SELECT partner_id FROM link_subaccount('n', 'e', '2026-01-10');
INSERT INTO program (program_id, name) VALUES ('french', 'French edition');
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap) VALUES ('french', 'USD', '(,)', 0.2, 0.15, 0.35);
INSERT INTO exclusion (program_id, account_id, validity) VALUES ('international', 'c', '(,)');
INSERT INTO exclusion (program_id, service_id, validity) VALUES ('international', 's2', '(,2026-01-01)');
INSERT INTO exclusion (program_id, service_id, validity) VALUES ('russian', 's2', '(,2026-02-01)');
UPDATE partner_status SET validity = '[2025-12-15,2026-01-01)' WHERE partner_id = 'p' AND status = 'applied';
ROLLBACK;
-- an account is excluded on days on which it is another partner's
BEGIN;
SELECT partner_id, validity FROM move_subaccount('d', 'n', '2026-03-01');
INSERT INTO billing_period (partner_id, month, closed_at) VALUES ('p', '2026-04-01', '2026-05-03');
INSERT INTO exclusion (program_id, account_id, validity) VALUES ('international', 'd', '[2026-04-01,)');
ROLLBACK;
-- and a month that is open again
BEGIN;
UPDATE billing_period SET closed_at = NULL WHERE partner_id = 'p' AND month = '2026-02-01';
SELECT validity FROM suspend_partner('p', '2026-02-28');
ROLLBACK;
SELECT pg_temp.rows() = :'before' AS nothing_changed;

-- Closed months of several partners are all told
INSERT INTO partner_program (partner_id, program_id, validity) VALUES ('n', 'international', '[2026-01-15,)');
INSERT INTO billing_period (partner_id, month, closed_at) VALUES ('n', '2026-02-01', '2026-04-03');
SELECT pg_temp.rows() AS before \gset
UPDATE program_terms SET base_rate = 0.19 WHERE program_id = 'international' AND currency = 'USD';
\echo :LAST_ERROR_SQLSTATE
UPDATE program SET program_id = 'intl' WHERE program_id = 'international';
\echo :LAST_ERROR_SQLSTATE
SELECT move_subaccount('a', 'q', '2026-02-01');
\echo :LAST_ERROR_SQLSTATE
SELECT pg_temp.rows() = :'before' AS nothing_changed;

-- Versions and the audit: nothing is emptied, nothing edited
INSERT INTO exclusion (program_id, sku_id, validity) VALUES ('russian', 'k', '[2026-06-01,)');
SELECT pg_temp.rows() AS before \gset
TRUNCATE program;
\echo :LAST_ERROR_SQLSTATE
TRUNCATE program_terms;
\echo :LAST_ERROR_SQLSTATE
TRUNCATE program_tier;
\echo :LAST_ERROR_SQLSTATE
TRUNCATE program_period;
\echo :LAST_ERROR_SQLSTATE
TRUNCATE holiday;
\echo :LAST_ERROR_SQLSTATE
TRUNCATE exclusion;
\echo :LAST_ERROR_SQLSTATE
TRUNCATE partner;
\echo :LAST_ERROR_SQLSTATE
TRUNCATE partner_program;
\echo :LAST_ERROR_SQLSTATE
TRUNCATE partner_status;
\echo :LAST_ERROR_SQLSTATE
TRUNCATE subaccount;
\echo :LAST_ERROR_SQLSTATE
TRUNCATE subaccount_status;
\echo :LAST_ERROR_SQLSTATE
TRUNCATE subaccount_link;
\echo :LAST_ERROR_SQLSTATE
TRUNCATE deal;
\echo :LAST_ERROR_SQLSTATE
TRUNCATE presale_request;
\echo :LAST_ERROR_SQLSTATE
TRUNCATE service;
\echo :LAST_ERROR_SQLSTATE
TRUNCATE sku;
\echo :LAST_ERROR_SQLSTATE
TRUNCATE rule_change;
\echo :LAST_ERROR_SQLSTATE
UPDATE rule_change SET reason = 'none';
\echo :LAST_ERROR_SQLSTATE
UPDATE rule_change SET reason = 'none' WHERE FALSE;
\echo :LAST_ERROR_SQLSTATE
DELETE FROM rule_change;
\echo :LAST_ERROR_SQLSTATE
DELETE FROM rule_change WHERE rule_change_id = 1;
\echo :LAST_ERROR_SQLSTATE
INSERT INTO partner_status (partner_id, status, validity, superseded_at) VALUES ('n', 'active', '[2026-06-01,)', '2026-07-01');
\echo :LAST_ERROR_SQLSTATE
-- what others refer to
DELETE FROM program WHERE program_id = 'international';
\echo :LAST_ERROR_SQLSTATE
DELETE FROM partner WHERE partner_id = 'n';
\echo :LAST_ERROR_SQLSTATE
UPDATE partner SET partner_id = 'm' WHERE partner_id = 'q';
\echo :LAST_ERROR_SQLSTATE
DELETE FROM subaccount WHERE account_id = 'c';
\echo :LAST_ERROR_SQLSTATE
DELETE FROM service WHERE service_id = 's';
\echo :LAST_ERROR_SQLSTATE
DELETE FROM sku WHERE sku_id = 'k';
\echo :LAST_ERROR_SQLSTATE
SELECT pg_temp.rows() = :'before' AS nothing_changed;

-- Older snapshots see too little
SELECT pg_temp.rows() AS before \gset
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT suspend_partner('p', '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT give_notice('p', '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT follow_program('p', 'russian', '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT set_subaccount_status('b', 'suspended', '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT create_subaccount('f', 'F', '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT link_subaccount('p', 'e', '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT unlink_subaccount('b', '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT move_subaccount('b', 'q', '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT submit_deal('p', 'Customer', 0.1, on_day => '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT approve_deal(pg_temp.deal('submitted'), '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT reject_deal(pg_temp.deal('submitted'), '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT activate_deal(pg_temp.deal('approved'), 'b', '2026-06-20');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT end_deal(100, '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT submit_presale('p', 'Customer', 'Migration', '2026-06-01');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT assign_presale(pg_temp.presale('Sizing'), 'Ann', '2026-06-02');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT answer_presale(pg_temp.presale('Sizing'), 'Yes', '2026-06-02');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT close_presale(pg_temp.presale('Sizing'), '2026-06-02');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
SELECT pg_temp.rows() = :'before' AS nothing_changed;
