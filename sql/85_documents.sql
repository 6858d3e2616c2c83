-- Documents: what is printed, rounded twice per block and shared out so that every row and column adds up.
SET client_min_messages = warning;
SET datestyle = 'ISO, YMD';
SET timezone = 'UTC';
SELECT bonus.create_ledger('documents');
SET search_path = documents, bonus, public;
\getenv root PG_ABS_SRCDIR
\set usage_rows :root '/test/lib/usage_rows.sql'
\set ECHO none
\i :usage_rows
\set ECHO all
INSERT INTO program (program_id, name) VALUES ('international', 'International edition'), ('floor', 'Rounds down'), ('fine', 'Prints four decimals');
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap, rounding_mode, rounding_scale) VALUES
    ('international', 'USD', '[2026-01-01,)', 0.20, 0.15, 0.35, 'half away from zero', NULL),
    ('international', 'JPY', '[2026-01-01,)', 0.20, 0.15, 0.35, 'half away from zero', NULL),
    ('floor', 'USD', '[2026-01-01,2026-10-15)', 0.20, 0.15, 0.35, 'half away from zero', NULL), ('floor', 'USD', '[2026-10-15,)', 0.20, 0.15, 0.35, 'down', NULL),
    ('fine', 'USD', '[2026-01-01,)', 0.20, 0.15, 0.35, 'half even', 4);
INSERT INTO service (service_id, name) VALUES ('compute', 'Compute Cloud'), ('postgresql', 'Managed PostgreSQL'), ('marketplace', 'Cloud Marketplace');
INSERT INTO exclusion (program_id, service_id, validity) VALUES ('international', 'marketplace', '[2026-01-01,)');
INSERT INTO partner (partner_id, billing_account_id, name) VALUES ('partner', 'partner-account', 'Partner, Inc.'), ('floor', 'floor-account', 'Floor'), ('fine', 'fine-account', 'Fine');
INSERT INTO partner_program (partner_id, program_id, validity) VALUES ('partner', 'international', '[2026-01-01,)'), ('floor', 'floor', '[2026-01-01,)'), ('fine', 'fine', '[2026-01-01,)');
INSERT INTO partner_status (partner_id, status, validity) SELECT partner_id, 'active', '[2026-01-01,)' FROM partner;
INSERT INTO subaccount (account_id, name) SELECT a, 'Customer ' || upper(a) FROM unnest(ARRAY['a', 'b', 'c', 'd', 'e']) a;
INSERT INTO subaccount_link (partner_id, account_id, validity) VALUES
    ('partner', 'a', '[2026-01-01,)'), ('partner', 'b', '[2026-01-01,)'), ('partner', 'c', '[2026-01-01,)'), ('floor', 'd', '[2026-01-01,)'), ('fine', 'e', '[2026-01-01,)');
INSERT INTO deal (link_id, rate, validity) SELECT link_id, 0.15, '[2026-06-01,2027-06-01)' FROM subaccount_link WHERE account_id = 'b';
INSERT INTO sku (sku_id, service_id, name) VALUES ('cpu', 'compute', 'Processor');
\set head 'billing_account_id,service_id,sku_id,date,currency,cost,credit,monetary_grant_credit'

-- The worked example
SELECT loaded FROM load_csv('partner', 'partner-export', :'head' || '
a,compute,cpu,2026-10-05,USD,100.00,-30.00,-20.00
b,postgresql,cpu,2026-10-06,USD,250.50,-50.10,0
a,marketplace,image,2026-10-07,USD,40.00,0,0
partner-account,compute,cpu,2026-10-08,USD,60.00,0,0
');
\x on
SELECT * FROM payment_invoice;
SELECT * FROM portal_bonus;
\x off
SELECT section, account_id, account_name, service_id, service_name, sku_id, sku_name, gross, grant_credit AS grant, other_credit AS other, base,
       basic_bonus AS basic, deal_bonus AS deal, bonus, payable, customers_total
FROM service_report ORDER BY section, account_id, service_id;
SELECT section, service_id, service_name, gross, grant_credit AS grant, other_credit AS other, base, bonus, payable, customers_total, document_total
FROM regular_invoice ORDER BY section, service_id;

-- Eleven lines that rounding one by one would not add up, in two currencies, with own consumption
SELECT loaded FROM load_csv('partner', 'partner-export', :'head' || '
a,compute,cpu,2026-11-01,USD,0.105,-0.003,-0.001
a,compute,disk,2026-11-02,USD,0.2049,0,0
a,compute,net,2026-11-03,USD,10.3333,-1.1111,-1.1111
b,compute,cpu,2026-11-01,USD,7.7777,-0.0055,0
b,compute,disk,2026-11-02,USD,0.005,0,0
c,compute,cpu,2026-11-05,USD,0.005,0,0
c,compute,disk,2026-11-05,USD,-0.005,0,0
c,marketplace,image,2026-11-06,USD,3.3333,0,0
partner-account,compute,cpu,2026-11-07,USD,1.005,-0.001,0
a,compute,cpu,2026-11-01,JPY,100.5,0,0
b,compute,cpu,2026-11-01,JPY,33.4,0,0
', 'november');
SELECT currency, section, account_id, service_id, sku_id, gross, grant_credit AS grant, other_credit AS other, base, basic_bonus AS basic, deal_bonus AS deal, bonus, payable
FROM printed_line WHERE billing_month = '2026-11-01' ORDER BY currency, section, account_id, service_id, sku_id;
SELECT currency, gross, grant_credit AS grant, other_credit AS other, base, basic_bonus AS basic, deal_bonus AS deal, absolute_discount AS bonus, relative_discount AS relative,
       customers_total, own_total, document_total
FROM payment_invoice WHERE billing_month = '2026-11-01' ORDER BY currency;

-- The rounding mode and scale are those of the terms of the month's last day that has terms
SELECT loaded FROM load_csv('floor', 'partner-export', :'head' || E'\nd,compute,cpu,2026-10-01,USD,1.006,0,0\nd,compute,cpu,2026-09-01,USD,1.006,0,0\n');
SELECT loaded FROM load_csv('fine', 'partner-export', :'head' || E'\ne,compute,cpu,2026-10-01,USD,1.00005,0,0\n');
SELECT loaded FROM load_csv('fine', 'partner-export', :'head' || E'\ne,compute,cpu,2026-09-01,EUR,1.005,0,0\n', 'without terms');
SELECT partner_id, billing_month, currency, base, absolute_discount, document_total FROM payment_invoice WHERE partner_id <> 'partner' ORDER BY partner_id, billing_month;

-- The price of it: payable is base - bonus as printed; here 0.8040 rounds to 0.80, and 1.01 - 0.20 is 0.81
SELECT loaded FROM load_csv('partner', 'partner-export', :'head' || E'\na,compute,cpu,2026-12-01,USD,1.005,0,0\n', 'december');
SELECT p.base, p.absolute_discount, p.customers_total, round(b.payable, 2) AS exact_payable_rounded
FROM payment_invoice p JOIN bonus_line b USING (partner_id, billing_month, currency) WHERE billing_month = '2026-12-01';

-- A month in which every base is 0 has no document; one with own consumption alone has one without a relative discount
SELECT loaded FROM load_csv('partner', 'partner-export', :'head' || E'\na,compute,cpu,2027-01-05,USD,5,-5,-5\npartner-account,compute,cpu,2027-02-05,USD,5,0,0\n', '2027');
SELECT month_label, base, absolute_discount, relative_discount, customers_total, own_total, document_total FROM payment_invoice WHERE billing_month >= '2027-01-01';
SELECT (SELECT count(*) FROM bonus_line WHERE billing_month = '2027-01-01') AS lines, (SELECT count(*) FROM service_report WHERE billing_month = '2027-01-01') AS printed;

-- 1,200 more lines of 12 months, to be held against the rules of rounding
INSERT INTO usage_row (partner_id, source, usage_day, account_id, service_id, sku_id, currency, charge_category, cost, credit, monetary_grant_credit)
SELECT 'partner', 'formula', date '2028-01-01' + n * 7 % 366, (ARRAY['a', 'b', 'c', 'partner-account'])[1 + n % 4], 'service-' || n % 5, 'sku-' || n % 7, 'USD', 'Usage',
       ((n * 7919) % 100003 - 20000) * 10::numeric ^ -(3 + n % 5), g + CASE WHEN n % 3 = 0 THEN -((n * 31) % 97) * 10::numeric ^ -(2 + n % 5) ELSE 0 END, g
FROM generate_series(1, 1200) n CROSS JOIN LATERAL (SELECT CASE WHEN n % 6 = 0 THEN -((n * 104729) % 1009) * 10::numeric ^ -(3 + n % 4) ELSE 0 END AS g) g;
-- blocks: base and bonus are rounded once
SELECT count(*) AS blocks, bool_and(p.base = round(b.base, 2)) AS base_rounded_once, bool_and(p.bonus = round(b.bonus, 2)) AS bonus_rounded_once,
       max(abs(p.payable - round(b.payable, 2))) AS most_off_in_payable
FROM (SELECT partner_id, billing_month, currency, section, sum(base) AS base, sum(bonus) AS bonus, sum(payable) AS payable FROM printed_line GROUP BY 1, 2, 3, 4) p
JOIN (SELECT partner_id, billing_month, currency, section, sum(base) AS base, sum(bonus) AS bonus, sum(payable) AS payable FROM bonus_line GROUP BY 1, 2, 3, 4) b
    USING (partner_id, billing_month, currency, section)
WHERE currency = 'USD' AND partner_id = 'partner';
-- leaves: each is the floor or the ceiling of its exact value; rows add up
SELECT count(*) AS lines, bool_and(p.gross - b.cost > -0.01 AND p.gross - b.cost < 0.01 AND p.grant_credit - b.grant_credit > -0.01 AND p.grant_credit - b.grant_credit < 0.01
                                   AND p.other_credit - b.other_credit > -0.01 AND p.other_credit - b.other_credit < 0.01
                                   AND p.basic_bonus - b.basic_bonus > -0.01 AND p.basic_bonus - b.basic_bonus < 0.01
                                   AND p.deal_bonus - b.deal_bonus > -0.01 AND p.deal_bonus - b.deal_bonus < 0.01) AS floor_or_ceiling,
       bool_and((b.cost <> 0 OR p.gross = 0) AND (b.grant_credit <> 0 OR p.grant_credit = 0) AND (b.deal_bonus <> 0 OR p.deal_bonus = 0)) AS zero_stays_zero,
       bool_and(p.base = p.gross + p.grant_credit + p.other_credit AND p.bonus = p.basic_bonus + p.deal_bonus AND p.payable = p.base - p.bonus) AS rows_add_up
FROM printed_line p
JOIN bonus_line b USING (partner_id, billing_month, usage_month, currency, section, account_id, service_id, sku_id, charge_category)
WHERE currency = 'USD' AND partner_id = 'partner';
-- subaccounts: floor or ceiling of their sums too
SELECT count(*) AS accounts, bool_and(abs(p.gross - b.gross) < 0.01 AND abs(p.basic_bonus - b.basic_bonus) < 0.01 AND abs(p.deal_bonus - b.deal_bonus) < 0.01
                                      AND abs(p.grant_credit - b.grant_credit) < 0.01 AND abs(p.other_credit - b.other_credit) < 0.01) AS floor_or_ceiling
FROM (SELECT billing_month, section, account_id, sum(gross) AS gross, sum(grant_credit) AS grant_credit, sum(other_credit) AS other_credit,
             sum(basic_bonus) AS basic_bonus, sum(deal_bonus) AS deal_bonus
      FROM printed_line WHERE partner_id = 'partner' AND currency = 'USD' GROUP BY 1, 2, 3) p
JOIN (SELECT billing_month, section, account_id, sum(cost) AS gross, sum(grant_credit) AS grant_credit, sum(other_credit) AS other_credit,
             sum(basic_bonus) AS basic_bonus, sum(deal_bonus) AS deal_bonus
      FROM bonus_line WHERE partner_id = 'partner' AND currency = 'USD' GROUP BY 1, 2, 3) b USING (billing_month, section, account_id);
-- the three documents say the same
SELECT count(*) AS documents,
       bool_and(i.customers_total = s.customers_total AND i.customers_total = r.customers_total AND s.customers_payable = i.customers_total AND r.customers_payable = i.customers_total) AS customers_total,
       bool_and(i.document_total = s.payable AND i.document_total = r.payable AND i.document_total = r.document_total AND i.document_total = i.customers_total + i.own_total) AS document_total,
       bool_and(i.absolute_discount = s.bonus AND i.absolute_discount = r.bonus AND i.customers_total = i.base - i.absolute_discount) AS discount,
       bool_and(i.relative_discount IS NOT DISTINCT FROM round(i.absolute_discount / nullif(i.base, 0), 6)) AS relative
FROM payment_invoice i
JOIN (SELECT partner_id, billing_month, currency, max(customers_total) AS customers_total, sum(payable) AS payable, sum(bonus) AS bonus,
             coalesce(sum(payable) FILTER (WHERE section = 'customers'), 0) AS customers_payable
      FROM service_report GROUP BY 1, 2, 3) s USING (partner_id, billing_month, currency)
JOIN (SELECT partner_id, billing_month, currency, max(customers_total) AS customers_total, max(document_total) AS document_total, sum(payable) AS payable, sum(bonus) AS bonus,
             coalesce(sum(payable) FILTER (WHERE section = 'customers'), 0) AS customers_payable
      FROM regular_invoice GROUP BY 1, 2, 3) r USING (partner_id, billing_month, currency);
-- Graduated tiers: the line without an account is printed like a subaccount's. Volume 250.50 + 100.25: tiers 0.1 to 200, then 0.2;
-- lines 350.75 x 0.2 = 70.15, less 0.1 x 200 = 20: 50.15
INSERT INTO program (program_id, name) VALUES ('tiers', 'By volume');
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap, volume_rule) VALUES ('tiers', 'USD', '[2026-01-01,)', 0.1, 0.15, 0.35, 'graduated');
INSERT INTO program_tier (program_terms_id, from_volume, rate) SELECT program_terms_id, 200, 0.2 FROM program_terms WHERE program_id = 'tiers';
INSERT INTO partner (partner_id, billing_account_id, name) VALUES ('graduated', 'graduated-account', 'Graduated');
INSERT INTO partner_program (partner_id, program_id, validity) VALUES ('graduated', 'tiers', '[2026-01-01,)');
INSERT INTO partner_status (partner_id, status, validity) VALUES ('graduated', 'active', '[2026-01-01,)');
INSERT INTO subaccount (account_id, name) VALUES ('g1', 'Customer G1'), ('g2', 'Customer G2');
INSERT INTO subaccount_link (partner_id, account_id, validity) VALUES ('graduated', 'g1', '[2026-01-01,)'), ('graduated', 'g2', '[2026-01-01,)');
INSERT INTO usage_row (partner_id, source, usage_day, account_id, service_id, sku_id, currency, charge_category, cost, credit, monetary_grant_credit) VALUES
    ('graduated', 't', '2026-10-03', 'g1', 'compute', 'cpu', 'USD', 'Usage', 250.50, 0, 0), ('graduated', 't', '2026-10-04', 'g2', 'postgresql', 'k', 'USD', 'Usage', 100.25, 0, 0);
SELECT account_name, service_name, base, basic_bonus, payable, customers_total FROM service_report WHERE partner_id = 'graduated' ORDER BY account_id;
SELECT service_name, base, bonus, payable, document_total FROM regular_invoice WHERE partner_id = 'graduated' ORDER BY service_id;
SELECT base, eligible_base, absolute_discount, relative_discount, document_total FROM payment_invoice WHERE partner_id = 'graduated';
SELECT * FROM explain_line('graduated', '2026-10-01', NULL, NULL, NULL);
SELECT count(*) AS problems FROM verify();

DROP SCHEMA documents CASCADE;
