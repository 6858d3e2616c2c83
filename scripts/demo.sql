-- What scripts/demo shows. Variables: data (the folder test/data), rules (demo_rules.sql).
\set ON_ERROR_STOP on
\pset footer off
\pset null '-'
\pset linestyle ascii
\pset border 1
SET client_min_messages = warning;

\echo '== A ledger =='
\echo
\echo 'CREATE EXTENSION partner_bonus;'
\echo 'SELECT bonus.create_ledger(''billing'');'
CREATE EXTENSION partner_bonus;
\o /dev/null
SELECT bonus.create_ledger('billing');
\o
ALTER DATABASE :DBNAME SET search_path = billing, bonus, public;
SET search_path = billing, bonus, public;

\echo
\echo 'The rules are rows, inserted by scripts/demo_rules.sql: a program of 20 %, one excluded service, two partners, a deal.'
\i :rules
\echo
\echo '== Usage =='
\echo
\set content `cat :'data'/generated_partner_export_2026-10.csv`
\echo 'SELECT load_csv(''generated-partner'', ''partner-export'', :''content'');   -- test/data/generated_partner_export_2026-10.csv'
SELECT load_csv('generated-partner', 'partner-export', :'content', file_name => 'generated_partner_export_2026-10.csv') AS batch;
\set content `cat :'data'/focus_sample_1.0.csv`
\echo 'SELECT load_csv(''sunbird'', ''focus'', :''content'');   -- test/data/focus_sample_1.0.csv, real charges, CC BY 4.0'
SELECT load_csv('sunbird', 'focus', :'content', file_name => 'focus_sample_1.0.csv') AS batch;
\unset content

-- The FOCUS sample's accounts become the partner's customers, but for the one at a third provider.
INSERT INTO subaccount (account_id, name)
SELECT account_id, max(account_name) FROM usage WHERE partner_id = 'sunbird' GROUP BY account_id;
INSERT INTO subaccount_link (partner_id, account_id, validity)
SELECT DISTINCT partner_id, account_id, daterange '[2024-01-01,)'
FROM usage
WHERE partner_id = 'sunbird' AND account_id NOT LIKE 'ocid%';
INSERT INTO service (service_id, name) SELECT service_id, max(service_name) FROM usage GROUP BY service_id;
INSERT INTO sku (sku_id, service_id, name)
SELECT sku_id, max(service_id), max(coalesce(sku_name, sku_id)) FROM usage GROUP BY sku_id;

\set ECHO queries
SELECT file_name, lines, loaded, rejected, outcome FROM load_batch ORDER BY batch_id;

SELECT partner_id, charge_category, count(*) AS lines, sum(cost) AS cost, sum(credit) AS credit
FROM usage
GROUP BY partner_id, charge_category
ORDER BY 1, 2;
\set ECHO none

\echo
\echo '== The invoices =='
\echo
\set ECHO queries
SELECT partner_id, month_label AS month, currency, base, absolute_discount AS bonus, round(100 * relative_discount, 4) AS percent,
       customers_total, own_total, document_total
FROM payment_invoice
ORDER BY partner_id;

SELECT section, service_name, gross, grant_credit, other_credit, base, bonus, payable
FROM regular_invoice
WHERE partner_id = 'generated-partner'
ORDER BY section, service_name;

SELECT section, account_id, sku_name, gross, base, basic_bonus AS basic, deal_bonus AS deal, payable
FROM service_report
WHERE partner_id = 'generated-partner'
ORDER BY section, account_id, sku_name;
\set ECHO none

\echo
\echo '== Which lines earned no bonus, and why? =='
\echo
\set ECHO queries
SELECT partner_id, account_id, service_id, reason, sum(base) AS base
FROM bonus_line_reason
WHERE reason <> 'eligible'
GROUP BY partner_id, account_id, service_id, reason
ORDER BY 1, 2, 3;
\set ECHO none

\echo
\echo '== What did customer A''s month look like, day by day? The grant is used up on the eighth day. =='
\echo
\set ECHO queries
SELECT d.*
FROM (SELECT rollup(consumption) AS consumption
      FROM consumption_total
      WHERE account_id = 'generated-customer-a' AND service_id = 'generated-compute') t
CROSS JOIN LATERAL days(t.consumption) d
WHERE d.day BETWEEN '2026-10-06' AND '2026-10-11';
\set ECHO none

\echo
\echo '== What if customer B''s deal were 10 points? The same expression, another schedule. =='
\echo
\set ECHO queries
SELECT round(sum(discount(consumption, basic_schedule + deal_schedule)), 2) AS as_agreed,
       round(sum(discount(consumption, basic_schedule + '{[2026-06-01,2027-06-01): 0.10}')), 2) AS ten_points,
       round(sum(discount(consumption, basic_schedule)), 2) AS without_deal
FROM bonus_line
WHERE account_id = 'generated-customer-b';
\set ECHO none

\echo
\echo '== And if it had ended on 15 October? Rules are rows: change one, look, roll back. =='
\echo
\set ECHO queries
BEGIN;
UPDATE deal SET validity = '[2026-06-01,2026-10-16)';

SELECT e.from_day, e.to_day, e.days, round(e.base, 2) AS base, e.rate, round(e.bonus, 2) AS bonus
FROM bonus_line
CROSS JOIN LATERAL explain(consumption, basic_schedule + deal_schedule) e
WHERE account_id = 'generated-customer-b' AND sku_id = 'generated-postgresql-cpu';

SELECT base, absolute_discount, relative_discount, document_total FROM payment_invoice WHERE partner_id = 'generated-partner';
ROLLBACK;
\set ECHO none

\echo
\echo '== Do we agree with the provider''s own figure (reward)? =='
\echo
\set ECHO queries
SELECT reason, count(*) AS lines, sum(bonus) AS bonus, sum(normalized_reward) AS reward, sum(difference) AS difference
FROM reconciliation
WHERE partner_id = 'generated-partner'
GROUP BY reason
ORDER BY reason;
\set ECHO none

\echo
\echo '== What the partner portal shows =='
\echo
\set ECHO queries
SELECT partner_id, month_label AS month, absolute_discount, relative_discount, relative_discount_eligible
FROM portal_bonus
ORDER BY partner_id;
\set ECHO none
