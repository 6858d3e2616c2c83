-- Months that close with a later one, bases that cancel out, accounts that turn out to be the partner's own.
SET client_min_messages = warning;
SET datestyle = 'ISO, YMD';
\set VERBOSITY terse
\set SHOW_CONTEXT never
SELECT bonus.create_ledger('late');
SET search_path = late, bonus, public;
UPDATE setting SET value = 'ignore' WHERE name LIKE 'close\_%';
INSERT INTO program (program_id, name) VALUES ('grad', 'Graduated'), ('flat', 'Flat');
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap, volume_rule) VALUES
    ('grad', 'USD', '[2025-01-01,)', 0.10, 0.15, 0.35, 'graduated'), ('flat', 'USD', '[2025-01-01,2026-03-10)', 0.10, 0.15, 0.35, NULL),
    ('flat', 'USD', '[2026-03-10,)', 0.20, 0.15, 0.35, NULL);
INSERT INTO program_tier (program_terms_id, from_volume, rate) SELECT program_terms_id, 100, 0.2 FROM program_terms WHERE program_id = 'grad';
INSERT INTO partner (partner_id, billing_account_id, name) VALUES ('g', 'g-own', 'G'), ('f', 'f-own', 'F'), ('o', 'wrong', 'O');
INSERT INTO partner_program (partner_id, program_id, validity) SELECT partner_id, CASE partner_id WHEN 'g' THEN 'grad' ELSE 'flat' END, '[2025-01-01,)' FROM partner;
INSERT INTO partner_status (partner_id, status, validity) SELECT partner_id, 'active', '[2025-01-01,)' FROM partner;
INSERT INTO subaccount (account_id, name) VALUES ('c', 'C'), ('d', 'D'), ('e', 'E');
INSERT INTO subaccount_link (partner_id, account_id, validity) VALUES ('g', 'c', '[2025-01-01,)'), ('f', 'd', '[2025-01-01,)'), ('o', 'e', '[2025-01-01,)');
\set head 'billing_account_id,service_id,sku_id,date,currency,cost,credit,monetary_grant_credit'

-- February had no usage, and closed with March. Its late usage has the rate of an empty month, 10 %, however much comes: 9 and 9.
SELECT loaded FROM load_csv('g', 'partner-export', :'head' || E'\nc,s,k,2026-03-05,USD,50,0,0\n');
SELECT close_partner('g', '2026-03-01');
SELECT loaded FROM load_csv('g', 'partner-export', :'head' || E'\nc,s,k,2026-02-05,USD,90,0,0\n');
SELECT close_partner('g', '2026-04-01');
SELECT loaded FROM load_csv('g', 'partner-export', :'head' || E'\nc,s,k,2026-02-06,USD,90,0,0\n');
SELECT close_partner('g', '2026-05-01');
SELECT d.billing_month, l.usage_month, l.kind, l.exact_cost, l.exact_basic_bonus FROM document d JOIN document_line l USING (document_id) ORDER BY 1, 2;
-- and its rules are those of a closed month
INSERT INTO service (service_id, name) VALUES ('s', 'S');
INSERT INTO exclusion (program_id, service_id, validity) VALUES ('grad', 's', '[2026-02-01,2026-03-01)');
SELECT * FROM verify();

-- -50 at 10 % and 50 at 20 %: the base is 0, the bonus 5
SELECT loaded FROM load_csv('f', 'partner-export', :'head' || E'\nd,s,k,2026-03-05,USD,-50,0,0\nd,s,k,2026-03-15,USD,50,0,0\n');
SELECT close_partner('f', '2026-03-01');
SELECT kind, gross, basic_bonus, customers_total, own_total, invoice_total, line_count FROM document WHERE partner_id = 'f';
-- a credit note for a document below zero
SELECT credit_note(document_id, 'wrong') > 0 AS credited FROM document WHERE partner_id = 'f';
SELECT * FROM verify();

-- e was the partner's own: 5 of bonus are taken back
SELECT loaded FROM load_csv('o', 'partner-export', :'head' || E'\ne,s,k,2026-03-05,USD,50,0,0\n');
SELECT close_partner('o', '2026-03-01');
BEGIN;
SELECT start_correction('{o}');
DELETE FROM subaccount_link WHERE partner_id = 'o';
UPDATE partner SET billing_account_id = 'e' WHERE partner_id = 'o';
SELECT * FROM correct_month('2026-03-01', 'e is its own', '{o}');
COMMIT;
SELECT * FROM verify();
SELECT close_partner('o', '2026-04-01');
SELECT d.billing_month, l.kind, l.section, l.exact_cost, l.exact_basic_bonus FROM document d JOIN document_line l USING (document_id) WHERE d.partner_id = 'o' ORDER BY 1;
-- all of a graduated month is taken off again: the tiers' line stays, and is explained
SELECT loaded FROM load_csv('g', 'partner-export', :'head' || E'\nc,s,k,2026-06-05,USD,300,0,0\n');
SELECT close_partner('g', '2026-06-01');
SELECT loaded FROM load_csv('g', 'partner-export', :'head', covers => '[2026-06-05,2026-06-05]');
SELECT usage_month, volume, rate, adjustment FROM volume_explained WHERE partner_id = 'g' AND adjustment <> 0;
SELECT * FROM verify();
-- Late usage of July that a correction has put into its tiers (10 less), and that is gone before it is billed: what is left of the
-- month is the tiers' line, by both paths, until the next correction takes it back.
SELECT close_partner('g', '2026-07-01');
SELECT loaded FROM load_csv('g', 'partner-export', :'head' || E'\nc,s,k,2026-07-05,USD,300,0,0\n');
SELECT basic_bonus FROM correct_month('2026-07-01', 'tiers of late usage', '{g}');
SELECT loaded FROM load_csv('g', 'partner-export', :'head', covers => '[2026-07-05,2026-07-05]');
SELECT volume, rate, adjustment FROM volume_bonus WHERE partner_id = 'g' AND usage_month = '2026-07-01';
SELECT volume, rate, adjustment FROM volume_explained WHERE partner_id = 'g' AND usage_month = '2026-07-01';
SELECT billing_month, kind, bonus, corrects_month FROM bonus_line WHERE partner_id = 'g' AND usage_month = '2026-07-01' ORDER BY 1, 3;
SELECT * FROM verify();
SELECT basic_bonus FROM correct_month('2026-07-01', 'it is gone', '{g}');
SELECT billing_month, kind, bonus, corrects_month FROM bonus_line WHERE partner_id = 'g' AND usage_month = '2026-07-01' ORDER BY 1, 3;
SELECT * FROM verify();
DROP SCHEMA late CASCADE;
