-- FOCUS 1.2: what issued documents and credit notes are in the open format of charges. Each invoice's rows add up to what is to be paid.
SET client_min_messages = warning;
SET datestyle = 'ISO, YMD';
SET timezone = 'Asia/Tokyo';  -- makes no difference
SELECT bonus.create_ledger('focus');
SET search_path = focus, bonus, public;
\getenv root PG_ABS_SRCDIR
\set usage_rows :root '/test/lib/usage_rows.sql'
\set ECHO none
\i :usage_rows
\set ECHO all
UPDATE setting SET value = 'Cloud Provider' WHERE name = 'provider_name';
\set VERBOSITY sqlstate
UPDATE setting SET value = '' WHERE name = 'provider_name';  -- no name at all is refused
\set VERBOSITY default
INSERT INTO vat_rate (country, currency, category, rate, included, validity) VALUES
    ('RU', 'RUB', 'S', 0.20, true, '[2026-01-01,)'), ('DE', 'USD', 'S', 0.19, false, '[2026-01-01,)');
INSERT INTO program (program_id, name) VALUES ('international', 'International edition'), ('tiers', 'By volume');
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap) VALUES
    ('international', 'USD', '[2026-01-01,)', 0.20, 0.15, 0.35), ('international', 'RUB', '[2026-01-01,)', 0.20, 0.15, 0.35);
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap, volume_rule) VALUES ('tiers', 'USD', '[2026-01-01,)', 0.1, 0.15, 0.35, 'graduated');
INSERT INTO program_tier (program_terms_id, from_volume, rate) SELECT program_terms_id, 200, 0.2 FROM program_terms WHERE program_id = 'tiers';
INSERT INTO service (service_id, name) VALUES ('compute', 'Compute Cloud'), ('postgresql', 'Managed PostgreSQL'), ('marketplace', 'Cloud Marketplace');
INSERT INTO sku (sku_id, service_id, name) VALUES ('cpu', 'compute', 'Processor');
INSERT INTO exclusion (program_id, service_id, validity) VALUES ('international', 'marketplace', '[2026-01-01,)');
INSERT INTO partner (partner_id, billing_account_id, name, country) VALUES
    ('acme', 'acme-account', 'Acme Resellers', NULL), ('de', 'de-account', 'Berlin', 'DE'), ('ru', 'ru-account', 'Moscow', 'RU'), ('tiers', 'tiers-account', 'Tiers', NULL);
INSERT INTO partner_program (partner_id, program_id, validity)
SELECT partner_id, CASE partner_id WHEN 'tiers' THEN 'tiers' ELSE 'international' END, '[2026-01-01,)' FROM partner;
INSERT INTO partner_status (partner_id, status, validity) SELECT partner_id, 'active', '[2026-01-01,)' FROM partner;
INSERT INTO subaccount (account_id, name) SELECT a, 'Customer ' || upper(a) FROM unnest(ARRAY['a', 'b', 'c', 'd', 'g1', 'g2']) a;
INSERT INTO subaccount_link (partner_id, account_id, validity) VALUES
    ('acme', 'a', '[2026-01-01,)'), ('acme', 'b', '[2026-01-01,)'), ('de', 'd', '[2026-01-01,)'), ('ru', 'c', '[2026-01-01,)'),
    ('tiers', 'g1', '[2026-01-01,)'), ('tiers', 'g2', '[2026-01-01,)');
INSERT INTO deal (link_id, rate, validity) SELECT link_id, 0.15, '[2026-06-01,2027-06-01)' FROM subaccount_link WHERE account_id = 'b';
SELECT count(*) AS before_the_close FROM focus_charge;

-- August: DOMAIN's worked example; prices with VAT; prices without VAT, a purchase and a credit; graduated tiers
INSERT INTO usage_row (partner_id, source, usage_day, account_id, service_id, sku_id, currency, charge_category, cost, credit, monetary_grant_credit) VALUES
    ('acme', 's', '2026-08-05', 'a', 'compute', 'cpu', 'USD', 'Usage', 100.00, -30.00, -20.00),
    ('acme', 's', '2026-08-06', 'b', 'postgresql', 'hour', 'USD', 'Usage', 250.50, -50.10, 0),
    ('acme', 's', '2026-08-07', 'a', 'marketplace', 'image', 'USD', 'Usage', 40.00, 0, 0),
    ('acme', 's', '2026-08-08', 'acme-account', 'compute', 'cpu', 'USD', 'Usage', 60.00, 0, 0),
    ('de', 's', '2026-08-31', 'd', 'compute', 'cpu', 'USD', 'Usage', 10.00, 0, 0),
    ('de', 's', '2026-08-01', 'd', 'compute', 'reserve', 'USD', 'Purchase', 3.00, 0, 0),
    ('de', 's', '2026-08-01', 'd', 'compute', 'cpu', 'USD', 'Credit', 0, -1.00, 0),
    ('ru', 's', '2026-08-05', 'c', 'compute', 'cpu', 'RUB', 'Usage', 100.00, -10.00, -10.00),
    ('ru', 's', '2026-08-05', 'c', 'compute', 'disk', 'RUB', 'Usage', 50.05, 0, 0),
    ('ru', 's', '2026-08-05', 'ru-account', 'compute', 'cpu', 'RUB', 'Usage', 1.00, 0, 0),
    ('tiers', 's', '2026-08-03', 'g1', 'compute', 'cpu', 'USD', 'Usage', 250.50, 0, 0),
    ('tiers', 's', '2026-08-04', 'g2', 'postgresql', 'hour', 'USD', 'Usage', 100.25, 0, 0);
CALL close_month('2026-08-01');
-- the example: 286.26
SELECT "x_LineNumber" AS line, "x_Leaf", "ChargeCategory", "ChargeFrequency", "ChargeDescription", "SubAccountId", "SubAccountName", "ServiceName", "SkuId", "BilledCost"
FROM focus_charge WHERE "InvoiceId" = 'RI-acme-1' ORDER BY 1, 2 DESC;
-- every column of one row
\x on
SELECT * FROM focus_charge WHERE "InvoiceId" = 'RI-acme-1' AND "x_LineNumber" = 1 AND "x_Leaf" = 'grant credit';
\x off
-- Prices with VAT. Customers: payable 72 + 40.04, VAT 112.04 / 6 = 18.67, so 93.37 without: lines 60 and 40.04 / 1.2 = 33.3667, which has
-- the cent that is left: 33.37. Leaves of line 1 are 83.33.., -8.33.., -15 of 60.00; of line 2 41.708.., -8.341.. of 33.37. Own: 1 / 6 = 0.17.
SELECT "x_Section", "x_LineNumber" AS line, "x_Leaf", "ChargeCategory", "ChargeDescription", "x_VatCategory" AS vat, "x_VatRate" AS rate, "BilledCost"
FROM focus_charge WHERE "InvoiceId" = 'RI-ru-1' ORDER BY 1, 2, 3 DESC;
-- Prices without VAT: 10 + 3 - 1 = 12, bonus 2.40, 9.60 and VAT of 1.824. Tiers: 350.75 less 70.15, and 20 given less
SELECT "InvoiceId", "x_LineNumber" AS line, "x_Leaf", "ChargeCategory", "ChargeFrequency", "ChargeDescription", "BilledCost"
FROM focus_charge WHERE "x_PartnerId" IN ('de', 'tiers') ORDER BY 1, 2, 3 DESC;

-- September: usage of August that comes late, and August's deal was of 10 points: 200.40 x 0.05 = 10.02 more is to be paid
INSERT INTO usage_row (partner_id, source, usage_day, account_id, service_id, sku_id, currency, charge_category, cost, credit, monetary_grant_credit) VALUES
    ('acme', 's', '2026-08-20', 'a', 'compute', 'cpu', 'USD', 'Usage', 10.00, 0, 0), ('acme', 's', '2026-09-20', 'a', 'compute', 'cpu', 'USD', 'Usage', 5.00, 0, 0),
    ('de', 's', '2026-08-20', 'd', 'compute', 'cpu', 'USD', 'Usage', 1.00, 0, 0);
BEGIN;
SELECT start_correction('{acme}');
UPDATE deal SET rate = 0.10;
SELECT * FROM correct_month('2026-08-01', 'the deal was of 10 points', '{acme}');
COMMIT;
-- names are those of the moment of issuing
UPDATE service SET name = 'Computers' WHERE service_id = 'compute';
UPDATE partner SET name = 'Acme, Inc.' WHERE partner_id = 'acme';
CALL close_month('2026-09-01');
-- VAT is a correction when all of its block is
SELECT "InvoiceId", "x_LineNumber" AS line, "x_Leaf", "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargePeriodStart" AT TIME ZONE 'UTC' AS charge_from,
       "ChargePeriodEnd" AT TIME ZONE 'UTC' AS charge_to, "BillingPeriodStart" AT TIME ZONE 'UTC' AS billing_from, "BilledCost"
FROM focus_charge WHERE "BillingPeriodStart" >= '2026-09-01 00:00+00' ORDER BY 1, 2, 3 DESC;
SELECT DISTINCT "InvoiceId", "BillingAccountId", "BillingAccountName", "ServiceName" FROM focus_charge WHERE "x_PartnerId" = 'acme' AND "x_ServiceId" = 'compute' ORDER BY 1;

-- Credit notes: a line of prices with VAT, and a whole document
SELECT credit_note(d.document_id, 'wrong account', '{1}') IS NOT NULL AS credited FROM document d JOIN document_number n USING (document_id) WHERE n.label = 'RI-ru-1';
SELECT credit_note(d.document_id, 'all of it') IS NOT NULL AS credited FROM document d JOIN document_number n USING (document_id) WHERE n.label = 'RI-de-1';
SELECT "InvoiceId", "x_DocumentKind", "x_CreditedInvoiceId", "x_LineNumber" AS line, "x_Leaf", "ChargeClass", "ChargeDescription", "BilledCost"
FROM focus_charge WHERE "InvoiceId" LIKE 'CN%' ORDER BY 1, 4, 5 DESC;
-- the rest of that document: then all of its rows are taken back, each
SELECT credit_note(d.document_id, 'the rest') IS NOT NULL AS credited FROM document d JOIN document_number n USING (document_id) WHERE n.label = 'RI-ru-1';
SELECT count(*) AS rows_left
FROM (SELECT "x_Section", "x_Leaf", "SkuId", sum("BilledCost") AS cost FROM focus_charge WHERE "x_PartnerId" = 'ru' GROUP BY 1, 2, 3) s WHERE cost <> 0;

-- What is to be paid
SELECT n.label, d.kind, d.invoice_total, sum(f."BilledCost") AS charges, count(f.*) AS rows, bool_and(f."ListCost" = f."BilledCost") AS list, bool_and(f."BillingCurrency" = d.currency) AS currency
FROM document d JOIN document_number n ON n.document_id = d.document_id AND n.kind IN ('regular invoice', 'credit note')
LEFT JOIN focus_charge f ON f."InvoiceId" = n.label
GROUP BY n.label, d.kind, d.invoice_total ORDER BY 1;
-- columns that FOCUS allows no NULL in
SELECT count(*) AS with_null FROM focus_charge f
WHERE num_nulls(f."BilledCost", f."BillingAccountId", f."BillingCurrency", f."BillingPeriodEnd", f."BillingPeriodStart", f."ChargeCategory", f."ChargePeriodEnd", f."ChargePeriodStart",
       f."ContractedCost", f."EffectiveCost", f."InvoiceIssuerName", f."ListCost", f."ProviderName", f."PublisherName", f."ServiceCategory", f."ServiceName",
       f."ChargeFrequency", f."ServiceSubcategory", f."InvoiceId") > 0;
SELECT * FROM focus_violation;
SELECT * FROM verify();

-- 600 lines of prices with VAT, of odd amounts and either sign: each invoice and its full credit note add up
INSERT INTO usage_row (partner_id, source, usage_day, account_id, service_id, sku_id, currency, charge_category, cost, credit, monetary_grant_credit)
SELECT 'ru', 'formula', date '2026-10-01' + n % 31, (ARRAY['c', 'ru-account'])[1 + n % 2], 'service-' || n % 5, 'sku-' || n % 60, 'RUB', 'Usage',
       ((n * 7919) % 10007 - 2000) * 10::numeric ^ -(2 + n % 4), g + CASE WHEN n % 3 = 0 THEN -((n * 31) % 97) * 10::numeric ^ -(2 + n % 4) ELSE 0 END, g
FROM generate_series(1, 600) n CROSS JOIN LATERAL (SELECT CASE WHEN n % 6 = 0 THEN -((n * 104729) % 1009) * 10::numeric ^ -(3 + n % 3) ELSE 0 END AS g) g;
CALL close_month('2026-10-01', '{ru}');
SELECT credit_note(d.document_id, 'all of it') IS NOT NULL AS credited FROM document d JOIN document_number n USING (document_id) WHERE n.label = 'RI-ru-2';
SELECT f."InvoiceId", count(*) > 100 AS many, sum(f."BilledCost") = d.invoice_total AS adds_up, bool_and(scale(f."BilledCost") <= 2) AS printed
FROM focus_charge f JOIN document_number n ON n.label = f."InvoiceId" JOIN document d ON d.document_id = n.document_id
WHERE f."x_PartnerId" = 'ru' AND d.billing_month = '2026-10-01' GROUP BY f."InvoiceId", d.invoice_total ORDER BY 1;
-- each row of a line is a rounding of its share
SELECT count(*) > 100 AS many, max(abs(f."BilledCost" - a.amount / 1.2)) < 0.01 AS floor_or_ceiling
FROM focus_charge f JOIN document_number n ON n.label = f."InvoiceId" JOIN document_line l ON l.document_id = n.document_id AND l.line_number = f."x_LineNumber"
CROSS JOIN LATERAL (SELECT CASE f."x_Leaf" WHEN 'usage' THEN l.gross WHEN 'grant credit' THEN l.grant_credit WHEN 'other credit' THEN l.other_credit
                                           WHEN 'basic bonus' THEN -l.basic_bonus ELSE -l.deal_bonus END AS amount) a
WHERE n.label IN ('RI-ru-2', 'CN-ru-3');
SELECT * FROM focus_violation;

-- A line that somebody has changed: own consumption of 60, now 61
ALTER TABLE document_line DISABLE TRIGGER refuse_edit;
UPDATE document_line l SET gross = l.gross + 1 FROM document_number n WHERE n.label = 'RI-acme-1' AND l.document_id = n.document_id AND l.line_number = 4;
SELECT * FROM focus_violation;
SELECT invariant, count(*) FROM verify() GROUP BY invariant ORDER BY invariant;

DROP SCHEMA focus CASCADE;
