-- Proofs: every invariant of verify(), broken on purpose. What keeps them is switched off first; a rollback mends it.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET datestyle = 'ISO, YMD';
SET timezone = 'UTC';
SELECT bonus.create_ledger('proofs');
SET search_path = proofs, bonus, public;
\getenv root PG_ABS_SRCDIR
\set usage_rows :root '/test/lib/usage_rows.sql'
\set ECHO none
\i :usage_rows
\set ECHO all
INSERT INTO program (program_id, name) VALUES ('international', 'International edition');
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap) VALUES ('international', 'USD', '[2026-01-01,)', 0.20, 0.15, 0.35);
INSERT INTO service (service_id, name) VALUES ('s', 'Service');
INSERT INTO sku (sku_id, service_id, name) VALUES ('k', 's', 'SKU');
INSERT INTO partner (partner_id, billing_account_id, name) VALUES ('p', 'p-account', 'Partner'), ('q', 'q-account', 'Other partner');
INSERT INTO partner_program (partner_id, program_id, validity) VALUES ('p', 'international', '[2026-01-01,)');
INSERT INTO partner_status (partner_id, status, validity) VALUES ('p', 'applied', '[2026-01-01,2026-02-01)'), ('p', 'active', '[2026-02-01,)');
INSERT INTO subaccount (account_id, name) VALUES ('a', 'Customer A'), ('b', 'Customer B');
INSERT INTO subaccount_link (partner_id, account_id, validity) VALUES ('p', 'a', '[2026-02-01,)'), ('p', 'b', '[2026-02-01,2026-12-01)');
INSERT INTO deal (link_id, rate, validity) SELECT link_id, 0.15, '[2026-06-01,2026-11-01)' FROM subaccount_link WHERE account_id = 'b';
INSERT INTO usage_row (partner_id, source, usage_day, account_id, service_id, sku_id, currency, charge_category, cost, credit, monetary_grant_credit) VALUES
    ('p', 'test', '2026-10-05', 'a', 's', 'k', 'USD', 'Usage', 100, -30, -20), ('p', 'test', '2026-10-06', 'b', 's', 'k', 'USD', 'Usage', 250.5, -50.1, 0),
    ('p', 'test', '2026-10-06', 'p-account', 's', 'k', 'USD', 'Usage', 60, 0, 0);
SELECT * FROM verify();

-- Rules. session_replication_role switches triggers off, dropped constraints come back with the rollback.
BEGIN;
SET LOCAL session_replication_role = replica;
ALTER TABLE partner_status DROP CONSTRAINT partner_status_partner_id_validity_excl;
INSERT INTO partner_status (partner_id, status, validity) VALUES ('p', 'active', '[2026-03-01,2026-04-01)');
SELECT invariant, subject, detail FROM verify() WHERE invariant <> 'audit';
ROLLBACK;
BEGIN;
UPDATE partner_status SET validity = '[2026-02-10,)' WHERE status = 'active';
SELECT * FROM verify();
ROLLBACK;
BEGIN;
UPDATE program_terms SET validity = '[2026-03-01,)';
SELECT * FROM verify();
ROLLBACK;
BEGIN;
SET LOCAL session_replication_role = replica;
UPDATE partner_status SET status = 'revoked' WHERE status = 'applied';
SELECT invariant, subject, detail FROM verify();
ROLLBACK;
BEGIN;
SET LOCAL session_replication_role = replica;
INSERT INTO partner_program (partner_id, program_id, validity) VALUES ('q', 'french', '[2026-01-01,)');
SELECT invariant, regexp_replace(detail, '\d{4}-.*', '...') AS detail FROM verify();
ROLLBACK;
-- a version that lasted no time, two versions at once, a version the audit has not seen
BEGIN;
SET LOCAL session_replication_role = replica;
INSERT INTO service (service_id, name, recorded_at, superseded_at) VALUES ('s', 'before', '2026-01-02', '2026-01-02');
SELECT * FROM verify();
ROLLBACK;
BEGIN;
SET LOCAL session_replication_role = replica;
INSERT INTO service (service_id, name, recorded_at, superseded_at) VALUES ('s', 'before', '2026-01-02', '2999-01-02');
SELECT invariant, subject FROM verify();
ROLLBACK;
BEGIN;
SET LOCAL session_replication_role = replica;
UPDATE service SET recorded_at = '2026-01-01';
SELECT * FROM verify();
ROLLBACK;
BEGIN;
ALTER TABLE program_terms DROP CONSTRAINT program_terms_base_rate_check;
UPDATE program_terms SET base_rate = 1.2, total_cap = 1;
SELECT * FROM rule_violation;
ROLLBACK;
BEGIN;
UPDATE program_terms SET volume_rule = 'slab';
INSERT INTO program_tier (program_terms_id, from_volume, rate) SELECT program_terms_id, 1000, 0.25 FROM program_terms WHERE superseded_at = 'infinity';
SELECT count(*) AS sound FROM verify();
UPDATE program_terms SET volume_rule = NULL;
SELECT invariant, detail ~ '^terms \d+ have no volume rule$' AS told FROM verify();
ROLLBACK;
BEGIN;
ALTER TABLE program_tier DROP CONSTRAINT program_tier_rate_check;
INSERT INTO program_tier (program_terms_id, from_volume, rate) SELECT program_terms_id, 1000, 1.5 FROM program_terms;
SELECT invariant, detail FROM rule_violation WHERE invariant = 'rate';
ROLLBACK;
BEGIN;
UPDATE deal SET rate = 0.16;
SELECT invariant, detail FROM verify();
ROLLBACK;
BEGIN;
SET LOCAL session_replication_role = replica;
UPDATE deal SET partner_id = 'q';
SELECT invariant, detail FROM verify();
ROLLBACK;
BEGIN;
UPDATE deal SET validity = '[2027-01-01,)';
SELECT invariant, detail FROM verify();
ROLLBACK;
BEGIN;
UPDATE deal SET submitted_on = '2026-05-01', approved_on = '2026-06-10';
SELECT invariant, detail FROM verify();
ROLLBACK;
BEGIN;
INSERT INTO subaccount (account_id, name) VALUES ('q-account', 'The other partner');
INSERT INTO subaccount_link (partner_id, account_id, validity) VALUES ('p', 'q-account', '[2026-01-01,)');
SELECT invariant, detail FROM verify();
ROLLBACK;
SELECT * FROM verify();

-- Figures: views are replaced by ones that are wrong
CREATE FUNCTION pg_temp.replace_view(name text, before text, after text) RETURNS text LANGUAGE plpgsql AS $function$
DECLARE
    source text := pg_get_viewdef(name::regclass);
BEGIN
    IF position(before IN source) = 0 THEN
        RAISE EXCEPTION '% is not in %', before, name;
    END IF;
    EXECUTE format('CREATE OR REPLACE VIEW %I AS %s', name, replace(source, before, after));
    RETURN name;
END
$function$;
BEGIN;
SELECT pg_temp.replace_view('bonus_line_reason', 'o.eligible_days', 'o.excluded_days');
SELECT * FROM verify();
ROLLBACK;
BEGIN;
SELECT pg_temp.replace_view('usage_explained', '(u.base * (r.basic_rate + r.deal_rate))', '(u.base * r.basic_rate)');
SELECT * FROM verify();
ROLLBACK;
BEGIN;
UPDATE program_terms SET volume_rule = 'graduated', base_rate = 0.1;
INSERT INTO program_tier (program_terms_id, from_volume, rate) SELECT program_terms_id, 100, 0.2 FROM program_terms WHERE superseded_at = 'infinity';
SELECT count(*) AS sound FROM verify();
SELECT pg_temp.replace_view('volume_explained', 'p.total_cap) AS rate', '0.15) AS rate');
SELECT * FROM verify() WHERE invariant = 'two paths' AND subject ~ 'tiers';
ROLLBACK;
BEGIN;
SELECT pg_temp.replace_view('service_report', 'l.payable,', 'l.payable + 1 AS payable,');
SELECT * FROM verify();
ROLLBACK;
BEGIN;
SELECT pg_temp.replace_view('printed_line', 'line_in_print.gross,', 'line_in_print.gross + 1 AS gross,');
SELECT * FROM verify();
ROLLBACK;
BEGIN;
SELECT pg_temp.replace_view('line_in_print', '((l.gross + l.grant_credit) + l.other_credit) AS base', '((l.gross + l.grant_credit) + l.other_credit + 1) AS base');
SELECT * FROM verify() WHERE invariant = 'printed document';
ROLLBACK;
SELECT * FROM verify();
