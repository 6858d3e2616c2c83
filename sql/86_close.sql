-- Closing months, what comes after, and what is taken back. Figures are worked out beside the statements that show them.
SET client_min_messages = warning;
SET datestyle = 'ISO, YMD';
SET timezone = 'UTC';
\set VERBOSITY default
\set SHOW_CONTEXT never
SELECT bonus.create_ledger('closing');
SET search_path = closing, bonus, public;
INSERT INTO program (program_id, name) VALUES ('international', 'International edition'), ('grad', 'Graduated');
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap, offer_reference) VALUES ('international', 'USD', '[2026-01-01,)', 0.20, 0.15, 0.35, 'offer 7');
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap, volume_rule) VALUES ('grad', 'USD', '[2026-01-01,)', 0.10, 0.15, 0.35, 'graduated');
INSERT INTO program_tier (program_terms_id, from_volume, rate) SELECT program_terms_id, 100, 0.2 FROM program_terms WHERE program_id = 'grad';
INSERT INTO service (service_id, name) VALUES ('compute', 'Compute Cloud'), ('postgresql', 'Managed PostgreSQL'), ('marketplace', 'Cloud Marketplace');
INSERT INTO exclusion (program_id, service_id, validity) VALUES ('international', 'marketplace', '[2026-01-01,)');
INSERT INTO partner (partner_id, billing_account_id, name, country) VALUES ('partner', 'partner-account', 'Partner, Inc.', NULL), ('g', 'g-account', 'Grad', 'RS'),
    ('idle', 'idle-account', 'Idle', NULL), ('granted', 'granted-account', 'Granted', NULL);
INSERT INTO partner_program (partner_id, program_id, validity) SELECT partner_id, CASE partner_id WHEN 'g' THEN 'grad' ELSE 'international' END, '[2026-01-01,)' FROM partner;
INSERT INTO partner_status (partner_id, status, validity) SELECT partner_id, 'active', '[2026-09-01,)' FROM partner;
INSERT INTO subaccount (account_id, name) VALUES ('a', 'Customer A'), ('b', 'Customer B'), ('c', 'Customer C'), ('d', 'Customer D');
INSERT INTO subaccount_link (partner_id, account_id, validity) VALUES ('partner', 'a', '[2026-01-01,)'), ('partner', 'b', '[2026-01-01,)'), ('g', 'c', '[2026-01-01,)'), ('granted', 'd', '[2026-01-01,)');
INSERT INTO deal (link_id, rate, validity) SELECT link_id, 0.15, '[2026-06-01,2027-06-01)' FROM subaccount_link WHERE account_id = 'b';
\set head 'billing_account_id,service_id,sku_id,date,currency,cost,credit,monetary_grant_credit'
SELECT loaded FROM load_csv('partner', 'partner-export', :'head' || '
a,compute,cpu,2026-09-05,USD,100.00,-30.00,-20.00
b,postgresql,cpu,2026-09-06,USD,250.50,-50.10,0
a,marketplace,image,2026-09-07,USD,40.00,0,0
partner-account,compute,cpu,2026-09-08,USD,60.00,0,0
');
SELECT loaded FROM load_csv('g', 'partner-export', :'head' || '
c,compute,cpu,2026-09-05,USD,300.015,0,0
c,compute,cpu,2026-09-25,USD,100.015,0,0
');
-- a grant pays for everything
SELECT loaded FROM load_csv('granted', 'partner-export', :'head' || '
d,compute,cpu,2026-09-05,USD,75,-75,-75
');

-- What stands in the way
SELECT partner_id, currency, customers_total, own_total, vat_total, invoice_total, problems FROM preview_close('2026-09-15');
SELECT rejected FROM load_csv('idle', 'partner-export', :'head' || '
x,compute,cpu,2026-09-05,USD,x,0,0
', file_name => 'broken.csv');
CALL close_month('2026-09-15');
SELECT partner_id, state, documents, sqlstate, problem, regexp_replace(detail, 'load \d+', 'load N') AS detail, hint FROM close_progress ORDER BY partner_id;
SELECT reason FROM waive_rejects((SELECT batch_id FROM load_batch WHERE file_name = 'broken.csv'), 'the provider says it is a test');
INSERT INTO vat_rate (country, currency, validity, rate, included) VALUES ('RS', 'USD', '[2026-01-01,2026-09-11)', 0.18, true), ('RS', 'USD', '[2026-09-11,)', 0.2, false);
CALL close_month('2026-09-15');
SELECT partner_id, state, documents, problem FROM close_progress ORDER BY partner_id;
-- Again: the same documents
CREATE TEMP TABLE before AS SELECT digest FROM document_seal;
CALL close_month('2026-09-01');
SELECT count(*) FROM (TABLE before EXCEPT SELECT digest FROM document_seal) x;
SELECT partner_id, month, closed_at IS NOT NULL AS closed FROM billing_period ORDER BY 1, 2;

-- The worked example of the rules; granted: nothing to pay, so no document but a statement; g: 300.015 of days when 18 % VAT were
-- included: base 300.02, bonus at 20 % 60.003 = 60.00, payable 240.02, VAT 240.02 * 18 / 118 = 36.61; 100.015 of days when 20 % came on
-- top, and what graduated tiers give less, 100 * 10 %: base 100.02, bonus 20.003 - 10 = 10.00, payable 90.02, VAT 18.00.
SELECT partner_id, kind, number, gross, grant_credit AS grant, other_credit AS other, base, eligible_base, basic_bonus AS basic, deal_bonus AS deal,
       customers_total, own_total, document_total, taxable_total AS taxable, vat_total AS vat, invoice_total, line_count, offer_reference
FROM document d LEFT JOIN LATERAL (SELECT string_agg(label, ' ' ORDER BY kind) AS number FROM document_number n WHERE n.document_id = d.document_id) n ON true
ORDER BY partner_id;
SELECT d.partner_id, b.section, b.vat_category, b.vat_rate, b.vat_included, b.base, b.bonus, b.payable, b.taxable, b.vat
FROM document_block b JOIN document d USING (document_id) ORDER BY d.partner_id, b.section, b.vat_rate;
SELECT partner_id, number, status, account_id, service_id, kind, gross, bonus, payable, vat_rate, taxable, reasons FROM service_report
WHERE billing_month = '2026-09-01' ORDER BY partner_id, account_id, service_id, vat_rate;
SELECT partner_id, number, status, service_name, gross, bonus, payable, vat_rate, taxable, customers_total, document_total FROM regular_invoice
WHERE billing_month = '2026-09-01' ORDER BY partner_id, section, service_id, vat_rate;
SELECT account_id, account_name, service_name, gross, grant_credit, other_credit, base FROM invoice_statement WHERE partner_id = 'partner' ORDER BY account_id, service_id;
SELECT currency, volume, rate, adjustment FROM frozen_volume WHERE partner_id = 'g';
SELECT month, documents FROM month_seal;
SELECT * FROM verify();

-- Issued is issued
UPDATE document SET gross = 1;
DELETE FROM document_line;
TRUNCATE document_line;
UPDATE document_seal SET digest = '';
-- What closing refuses
\set VERBOSITY terse
CALL close_month('2099-01-15');
CALL close_month(NULL);
\set VERBOSITY default
CALL close_month('2026-10-01', '{partner,nobody}');
BEGIN;
CALL close_month('2026-10-01');
ROLLBACK;
BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ;
SELECT close_partner('partner', '2026-10-01');
ROLLBACK;
-- the same through a template of one's own
UPDATE setting SET value = '{number}' WHERE name = 'number_template';
UPDATE setting SET value = '{partner}{kind}{number}{day}' WHERE name = 'number_template';
BEGIN;
UPDATE setting SET value = '{year}/{month}/{kind}-{partner}-{number:6}' WHERE name = 'number_template';
SELECT number_label('regular invoice', 'a{kind}', '2026-09-01', 42), number_label('credit note', 'p', '2026-09-01', 12345678);
ROLLBACK;

-- Late usage: 400 more on 25 September at the rate that was frozen, whatever the volume is now; 50.015 in October at 10 %. They are one
-- block: base 450.015 = 450.02, bonus 80 + 5.0015 = 85.00, payable 365.02, VAT 73.00.
CREATE TEMP TABLE september AS SELECT d.*, document_digest(d.document_id) AS digest FROM document d;
SELECT loaded FROM load_csv('g', 'partner-export', :'head' || '
c,compute,cpu,2026-09-05,USD,300.015,0,0
c,compute,cpu,2026-09-25,USD,500.015,0,0
c,compute,cpu,2026-10-25,USD,50.015,0,0
');
SELECT usage_day, outcome, billed_in FROM load_day WHERE partner_id = 'g' ORDER BY batch_id, usage_day;
SELECT billing_month, usage_month, status, gross, bonus, payable, taxable FROM service_report WHERE partner_id = 'g' AND billing_month = '2026-10-01' ORDER BY usage_month;
CALL close_month('2026-10-15');
SELECT partner_id, state, documents, problem FROM close_progress WHERE month = '2026-10-01' ORDER BY partner_id;
SELECT gross, basic_bonus, document_total, vat_total, invoice_total FROM document WHERE partner_id = 'g' AND billing_month = '2026-10-01';
SELECT count(*) AS changed FROM (SELECT s.* FROM september s EXCEPT SELECT d.*, document_digest(d.document_id) FROM document d) x;
SELECT * FROM verify();
-- Months that are over without a close are closed with the later ones: nothing is stamped into the past
BEGIN;
SELECT lock_open_month('g', '2026-03-05');
ROLLBACK;

-- Rules that change backwards
UPDATE program_terms SET base_rate = 0.25 WHERE program_id = 'international';
BEGIN;
SELECT start_correction();
UPDATE program_terms SET base_rate = 0.25 WHERE program_id = 'international';
COMMIT;
BEGIN;
SELECT start_correction('{g}');
UPDATE program_tier SET rate = 0.3;
SELECT * FROM correction_due ORDER BY 1, 2;
-- September's volume is 800.03 now, at 30 %: 80.003 more on its lines, but 20 less instead of 10 less for the lower tier: 70.003.
-- October's is 50.015, at 10 % as before.
SELECT * FROM correct_month('2026-09-01', 'the tiers were wrong');
SELECT * FROM correct_month('2026-10-01', 'the tiers were wrong');
COMMIT;
-- A's 70 at 5 points more; B's 200.40 at 5 points more, but the cap of 35 takes them off the deal
BEGIN;
SELECT start_correction();
UPDATE program_terms SET base_rate = 0.25 WHERE program_id = 'international';
SELECT * FROM correct_month('2026-09-01', 'the offer says 25 %');
SELECT * FROM correct_month('2026-10-01', 'the offer says 25 %');
COMMIT;
SELECT * FROM correct_month('2026-09-01', 'once more');
SELECT partner_id, billing_month, status, kind, usage_month, corrects_month, account_id, gross, basic_bonus, deal_bonus, payable, vat_rate FROM service_report
WHERE billing_month = '2026-11-01' ORDER BY partner_id, account_id, vat_rate, corrects_month;
SELECT correction, usage_month, billing_month, reason FROM correction ORDER BY partner_id;
SELECT * FROM rerate('2026-09-01');
SELECT * FROM rerate('2026-10-01');
SELECT * FROM verify();
SELECT correct_month('2026-09-01', '');
SELECT correct_month('2026-09-01', 'x', '{nobody}');

-- Credit notes: lines, then what is left of them; never twice
SELECT document_id AS invoice FROM document WHERE partner_id = 'partner' \gset
SELECT document_id AS taxed FROM document WHERE partner_id = 'g' AND billing_month = '2026-09-01' \gset
SELECT credit_note(:invoice, 'wrong address', '{1}') AS note \gset
SELECT credit_note(:invoice, 'wrong address', '{}');
\set VERBOSITY terse
SELECT credit_note(:invoice, 'wrong address', '{1,2}');
SELECT credit_note(:note, 'of a credit note');
\set VERBOSITY default
SELECT credit_note(:invoice, '');
SELECT credit_note(-1, 'no such document');
SELECT credit_note(:invoice, 'wrong address') > :note AS credited;
\set VERBOSITY terse
SELECT credit_note(:invoice, 'wrong address');
\set VERBOSITY default
SELECT credit_note(:taxed, 'wrong rate', '{2}') > :note AS credited;
SELECT credit_note(:taxed, 'wrong rate') > :note AS credited;
SELECT d.partner_id, d.kind, d.sequence, n.label, d.gross, d.basic_bonus, d.deal_bonus, d.document_total, d.vat_total, d.invoice_total, d.line_count
FROM document d LEFT JOIN document_number n ON n.document_id = d.document_id AND n.kind = 'credit note' ORDER BY d.partner_id, d.sequence;
SELECT partner_id, sum(invoice_total) FROM document WHERE billing_month = '2026-09-01' GROUP BY partner_id ORDER BY partner_id;
SELECT * FROM verify();
SELECT * FROM verify_document(:taxed);

-- A changed figure is noticed
BEGIN;
ALTER TABLE document_line DISABLE TRIGGER refuse_edit;
UPDATE document_line SET exact_basic_bonus = exact_basic_bonus + 0.001 WHERE document_id = :invoice AND line_number = 1;
SELECT invariant, regexp_replace(detail, '\\x\w+', 'X', 'g') AS detail FROM verify_document(:invoice);
ROLLBACK;
-- Lines belong to a document; where the check was circumvented, verify() says so
INSERT INTO document_line SELECT (jsonb_populate_record(l, '{"document_id": 99999}')).* FROM document_line l WHERE document_id = :invoice;
\echo :LAST_ERROR_SQLSTATE
BEGIN;
ALTER TABLE document_line DISABLE TRIGGER require_document;
INSERT INTO document_line SELECT (jsonb_populate_record(l, '{"document_id": 99999}')).* FROM document_line l WHERE document_id = :invoice AND line_number = 1;
SELECT * FROM verify() WHERE subject = 'document 99999';
ROLLBACK;
-- What is sealed does not depend on the session
SET timezone = 'Asia/Tokyo';
SET datestyle = 'German';
SET extra_float_digits = 0;
SELECT count(*) AS changed FROM document_seal s WHERE s.digest <> document_digest(s.document_id);
RESET timezone;
RESET datestyle;
SELECT * FROM bonus.verify_ledger('closing');
DROP SCHEMA closing CASCADE;
