-- What scripts/demo shows. Variables: data (the folder test/data), rules (demo_rules.sql).
\set ON_ERROR_STOP on
\pset pager off
\pset footer off
\pset null '-'
\pset linestyle ascii
\pset border 1
SET client_min_messages = warning;

\echo
\echo 'A bonus is the inner product of two functions of time: what was consumed on each day (consumption), and the rate'
\echo 'that applied on that day (rate_schedule). Both are values in SQL; everything below is plain views over them.'
\echo
\echo '== A ledger =='
\echo
\set ECHO queries
CREATE EXTENSION partner_bonus;
\o /dev/null
SELECT bonus.create_ledger('billing');
\o
\set ECHO none
ALTER DATABASE :DBNAME SET search_path = billing, bonus, public;
SET search_path = billing, bonus, public;
\i :rules
\echo
\echo 'The rules are rows (scripts/demo_rules.sql): a program of 20 %, one excluded service, two partners, a deal of 15 points.'
\echo
\echo '== Usage =='
\echo
\echo '-- test/data/generated_partner_export_2026-10.csv: one month in the format of a partner export, generated'
\echo 'SELECT lines, loaded, rejected FROM load_csv(''generated-partner'', ''partner-export'', :''content'');'
\set content `cat :'data'/generated_partner_export_2026-10.csv`
SELECT lines, loaded, rejected FROM load_csv('generated-partner', 'partner-export', :'content');
\echo '-- test/data/focus_sample_1.0.csv: 1,000 real charges, anonymised, in FOCUS 1.0 (FinOps Foundation, CC BY 4.0)'
\echo 'SELECT lines, loaded, rejected FROM load_csv(''sunbird'', ''focus'', :''content'');'
\set content `cat :'data'/focus_sample_1.0.csv`
SELECT lines, loaded, rejected FROM load_csv('sunbird', 'focus', :'content');
\unset content

-- The FOCUS sample's accounts become the partner's customers, but for the one at a third provider.
INSERT INTO subaccount (account_id, name)
SELECT account_id, max(account_name) FROM usage WHERE partner_id = 'sunbird' GROUP BY account_id;
INSERT INTO subaccount_link (partner_id, account_id, validity)
SELECT DISTINCT partner_id, account_id, daterange '[2024-01-01,)'
FROM usage
WHERE partner_id = 'sunbird' AND account_id NOT LIKE 'ocid%';
INSERT INTO service (service_id, name)
SELECT u.service_id, max(u.service_name)
FROM usage u
WHERE NOT EXISTS (SELECT FROM service s WHERE s.service_id = u.service_id)
GROUP BY u.service_id;
INSERT INTO sku (sku_id, service_id, name)
SELECT sku_id, max(service_id), max(coalesce(sku_name, sku_id)) FROM usage GROUP BY sku_id;

\set ECHO queries
SELECT partner_id, charge_category, count(*) AS lines, trim_scale(sum(cost)) AS cost, trim_scale(sum(credit)) AS credit
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
SELECT partner_id, left(account_id, 24) AS account, service_id, reason, trim_scale(sum(base)) AS base
FROM bonus_line_reason
WHERE reason <> 'eligible'
GROUP BY partner_id, account_id, service_id, reason
ORDER BY partner_id, account_id, service_id;
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

SELECT e.days, round(e.base, 2) AS base, e.rate, round(e.bonus, 2) AS bonus
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
SELECT reason, count(*) AS lines, trim_scale(sum(bonus)) AS bonus, trim_scale(sum(normalized_reward)) AS reward,
       trim_scale(sum(difference)) AS difference
FROM reconciliation
WHERE partner_id = 'generated-partner'
GROUP BY reason
ORDER BY reason;
\set ECHO none

\echo
\echo '== Which customers of the FOCUS sample earn the partner most? =='
\echo
\set ECHO queries
SELECT account_name, sum(base) AS base, sum(bonus) AS bonus
FROM service_report
WHERE partner_id = 'sunbird'
GROUP BY account_id, account_name
ORDER BY bonus DESC
LIMIT 4;
\set ECHO none

\echo
\echo '== What the partner portal shows =='
\echo
\set ECHO queries
SELECT partner_id, month_label AS month, absolute_discount, relative_discount, relative_discount_eligible
FROM portal_bonus
ORDER BY partner_id;
\set ECHO none
