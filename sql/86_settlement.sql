-- Settlement: payments, accounts that balance, what is due and since when, advance invoices, thresholds.
\set SHOW_CONTEXT never
\set VERBOSITY default
SET client_min_messages = warning;
SET datestyle = 'ISO, YMD';
SET timezone = 'UTC';
SELECT bonus.create_ledger('settlement');
SET search_path = settlement, bonus, public;
INSERT INTO program (program_id, name) VALUES ('international', 'International edition');
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap) VALUES ('international', 'USD', '[2020-01-01,)', 0.20, 0.15, 0.35);
INSERT INTO partner (partner_id, billing_account_id, name, country) VALUES ('p', 'p-own', 'Partner', 'DE'), ('q', 'q-own', 'Other partner', NULL), ('r', 'r-own', 'Third partner', NULL),
    ('s', 's-own', 'Fourth partner', NULL);
INSERT INTO partner_program (partner_id, program_id, validity) SELECT partner_id, 'international', '[2020-01-01,)' FROM partner;
INSERT INTO partner_status (partner_id, status, validity) SELECT partner_id, 'active', '[2020-01-01,)' FROM partner;
INSERT INTO subaccount (account_id, name) VALUES ('a', 'Customer A'), ('b', 'Customer B'), ('c', 'Customer C'), ('d', 'Customer D');
INSERT INTO subaccount_link (partner_id, account_id, validity) VALUES ('p', 'a', '[2020-01-01,)'), ('q', 'b', '[2020-01-01,)'), ('r', 'c', '[2020-01-01,)'), ('s', 'd', '[2020-01-01,)');
INSERT INTO vat_rate (country, currency, validity, rate, included) VALUES ('DE', 'USD', '[2020-01-01,)', 0.10, false);
INSERT INTO settlement_terms (partner_id, currency, validity, mode, due_days) VALUES ('p', 'USD', '[2020-01-01,)', 'postpayment', 30);
\set head 'billing_account_id,service_id,sku_id,date,currency,cost,credit,monetary_grant_credit'
UPDATE setting SET value = 'ignore' WHERE name LIKE 'close\_%';
-- days relative to the issue, because documents are issued today
CREATE VIEW due AS
SELECT month_label, status, number, invoice_total, previous_debt AS debt, unapplied_payments AS paid, deductions, amount_due, due_on - issued_on AS days FROM invoice_due;
CREATE VIEW entry AS
SELECT m.place AS movement, e.account, e.amount, e.partner_id,
       CASE WHEN e.document_id IS NOT NULL THEN 'document' WHEN e.payment_id IS NOT NULL THEN 'payment' ELSE 'rebate' END AS of
FROM account_entry e
JOIN (SELECT movement_id, row_number() OVER (ORDER BY movement_id) AS place FROM account_entry GROUP BY movement_id) m USING (movement_id);

-- Two months: 1000 less 20 % is 800, with VAT 880; 500: 400, with VAT 440
SELECT loaded FROM load_csv('p', 'partner-export', :'head' || E'\na,compute,cpu,2025-01-05,USD,1000.00,0,0\na,compute,cpu,2025-02-05,USD,500.00,0,0\n');
SELECT * FROM partner_balance;
SELECT * FROM due ORDER BY 1;
SELECT partner_id, currency, first_month, before_bonus, after_bonus, balance, debt_before_bonus, debt_after_bonus FROM live_debt;
-- a payment before anything is billed stays on the balance, and is taken off what is due
SELECT kind, amount, received_on, recorded_by = session_user AS by_me FROM record_payment('p', 'USD', 100, 'bank-1', '2025-01-20');
SELECT * FROM partner_balance;
SELECT * FROM due ORDER BY 1;
CALL close_month('2025-01-01', '{p}');
SELECT * FROM due ORDER BY 1;
SELECT * FROM entry ORDER BY 1, 2;
SELECT kind, number, billing_month, amount, open_amount, state, days_overdue, bucket, due_on - today() AS days_left FROM open_item;
-- too little: it is previous debt of the next; 780 - 300 = 480
SELECT payment_id FROM record_payment('p', 'USD', 300.00, 'bank-2');
SELECT * FROM due ORDER BY 1;
CALL close_month('2025-02-01', '{p}');
SELECT * FROM due ORDER BY 1;
SELECT number, amount, open_amount FROM open_item ORDER BY number;
-- the oldest is paid first; too much stays on the balance: 480 + 440 - 1000 = -80
SELECT payment_id FROM record_payment('p', 'USD', 500, 'bank-3');
SELECT number, amount, open_amount FROM open_item ORDER BY number;
SELECT payment_id FROM record_payment('p', 'USD', 500, 'bank-4');
SELECT number, amount, open_amount FROM open_item ORDER BY number;
SELECT * FROM partner_balance;
-- closing again books nothing again
CALL close_month('2025-02-01', '{p}');
SELECT book_document(document_id) FROM document;
SELECT count(*) AS entries, count(DISTINCT movement_id) AS movements, sum(amount) AS total FROM account_entry;
-- as of days: of January only the first payment was there
SELECT * FROM partner_balance('p', '2025-01-19');
SELECT * FROM partner_balance('p', '2025-01-20');
SELECT * FROM partner_balance('p', today());
-- a credit note of the second document: 440 more on the balance, which is refunded in part
SELECT credit_note(document_id, 'Wrong customer') > 0 AS credited FROM document WHERE billing_month = '2025-02-01';
SELECT * FROM partner_balance;
SELECT * FROM open_item;
SELECT kind, amount, reason FROM record_refund('p', 'USD', 500.00, 'bank-5', 'Wish of the partner');
SELECT * FROM partner_balance;
-- a payment that bounced: 320 less the 20 on account are open again
SELECT amount FROM record_refund('p', 'USD', 320, 'bank-6', 'Payment bank-2 bounced');
SELECT balance, debt FROM partner_balance;
SELECT number, amount, open_amount FROM open_item;
SELECT * FROM settlement_violation;

-- The same again is the same; what differs is refused, and changes nothing
CREATE FUNCTION pg_temp.all_rows() RETURNS text LANGUAGE sql AS
$$ SELECT format('%s payments, %s entries, %s demands', (SELECT count(*) FROM payment), (SELECT count(*) FROM account_entry), (SELECT count(*) FROM demand)) $$;
SELECT pg_temp.all_rows() AS before \gset
SELECT payment_id = (SELECT payment_id FROM payment WHERE external_id = 'bank-1') AS same FROM record_payment('p', 'USD', 100.00, 'bank-1');
SELECT payment_id = (SELECT payment_id FROM payment WHERE external_id = 'bank-1') AS same FROM record_payment('p', 'USD', 100, 'bank-1', '2025-01-20');
SELECT record_payment('p', 'USD', 101, 'bank-1');
SELECT record_payment('p', 'USD', 100, 'bank-1', '2025-01-21');
SELECT record_refund('p', 'USD', 100, 'bank-1', 'Mistaken');
SELECT record_payment('p', 'EUR', 100, 'bank-9');
SELECT record_payment('p', 'XXX', 100, 'bank-9');
SELECT record_payment('p', NULL, 100, 'bank-9');
SELECT record_payment('p', 'USD', NULL, 'bank-9');
SELECT record_payment('p', 'USD', 0, 'bank-9');
SELECT record_payment('p', 'USD', -5, 'bank-9');
SELECT record_payment('p', 'USD', 'NaN', 'bank-9');
SELECT record_payment('p', 'USD', 'Infinity', 'bank-9');
SELECT record_payment('p', 'USD', 10.001, 'bank-9');
SELECT record_payment('p', 'USD', 100, NULL);
SELECT record_payment('p', 'USD', 100, '');
\set VERBOSITY terse
SELECT record_payment('p', 'USD', 100, 'bank-9', 'infinity');
SELECT record_payment('p', 'USD', 100, 'bank-9', today() + 1);
\set VERBOSITY default
SELECT record_payment('nobody', 'USD', 100, 'bank-9');
SELECT record_payment(NULL, 'USD', 100, 'bank-9');
SELECT record_refund('p', 'USD', 100, 'bank-9', '');
SELECT record_refund('p', 'USD', 100000, 'bank-9', 'Too much');
SELECT partner_balance('nobody', today());
SELECT partner_balance('p', NULL);
SELECT book_document(4711);
BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ;
SELECT record_payment('p', 'USD', 100, 'bank-9');
ROLLBACK;
UPDATE payment SET amount = 1;
DELETE FROM account_entry;
TRUNCATE document_due;
-- entries that do not balance are refused when the transaction ends
BEGIN;
INSERT INTO payment (partner_id, currency, kind, amount, external_id, received_on, recorded_at) VALUES ('p', 'USD', 'payment', 5, 'forged', '2025-01-01', now()) RETURNING payment_id > 0 AS forged;
SELECT book_movement('p', 'USD', '2025-01-01', '{cash,receivable}', '{5,-4}', payment_id => (SELECT payment_id FROM payment WHERE external_id = 'forged'));
SELECT invariant, detail FROM settlement_violation ORDER BY 1;
COMMIT;
SELECT pg_temp.all_rows() = :'before' AS nothing_changed;

-- Ageing: items and how long they are overdue, by due days of the terms
CREATE FUNCTION pg_temp.overdue(days integer) RETURNS TABLE (state text, days_overdue integer, bucket text, suspension boolean)
LANGUAGE plpgsql AS $$
BEGIN
    -- what is known does not change, but for the day: the document is older by so many days
    ALTER TABLE document_due DISABLE TRIGGER refuse_edit;
    UPDATE document_due SET issued_on = today() - 30 - days, due_on = today() - days;
    ALTER TABLE document_due ENABLE TRIGGER refuse_edit;
    RETURN QUERY SELECT o.state, o.days_overdue, o.bucket, EXISTS (SELECT FROM suspension_due s WHERE s.partner_id = o.partner_id) FROM open_item o;
END
$$;
BEGIN;
SELECT d.days, o.* FROM (VALUES (-1), (0), (1), (30), (31), (60), (61), (90), (91)) d (days) CROSS JOIN LATERAL pg_temp.overdue(d.days) o ORDER BY 1;
UPDATE setting SET value = '14,7' WHERE name = 'ageing_days';
UPDATE setting SET value = '7' WHERE name = 'suspension_days';
SELECT d.days, o.* FROM (VALUES (7), (8), (14), (15)) d (days) CROSS JOIN LATERAL pg_temp.overdue(d.days) o ORDER BY 1;
SELECT partner_id, currency, bucket, items, open_amount, today() - due_since AS since FROM ageing;
SELECT partner_id, currency, overdue, today() - due_on AS since, days_overdue FROM suspension_due;
ROLLBACK;
\set VERBOSITY terse
UPDATE setting SET value = 'soon' WHERE name = 'ageing_days';
\set VERBOSITY default
-- without terms the setting's days hold
SELECT due_days_of('p', 'USD', '2025-01-01') AS terms, due_days_of('q', 'USD', '2025-01-01') AS setting;

-- Advance payment: an advance invoice books nothing; money comes; the month's invoice takes its place
INSERT INTO settlement_terms (partner_id, currency, validity, mode) VALUES ('q', 'USD', '[2020-01-01,)', 'advance');
SELECT request_advance_invoice('p', 'USD', 100);
SELECT request_advance_invoice('r', 'USD', 100);
SELECT request_advance_invoice('q', 'USD', 0);
SELECT request_advance_invoice('q', 'EUR', 10);
SELECT kind, label, amount, month = billing_month(today()) AS this_month, due_on - issued_on AS days FROM request_advance_invoice('q', 'USD', 1000);
SELECT label, state, open_amount FROM demand_state;
SELECT kind, number, open_amount, state FROM open_item WHERE partner_id = 'q';
SELECT * FROM partner_balance WHERE partner_id = 'q';
SELECT amount FROM record_payment('q', 'USD', 400, 'q-1');
SELECT label, state, open_amount FROM demand_state;
SELECT amount FROM record_payment('q', 'USD', 600, 'q-2');
SELECT label, state, open_amount FROM demand_state;
-- two more: each is for money beyond what was there
SELECT label, on_account FROM request_advance_invoice('q', 'USD', 500);
SELECT label, on_account FROM request_advance_invoice('q', 'USD', 200);
SELECT amount FROM record_payment('q', 'USD', 600, 'q-3');
SELECT label, state, open_amount FROM demand_state ORDER BY 1;
-- an invoice of an earlier month takes 250: of 1700 that are demanded on account, 1350 are there
SELECT loaded FROM load_csv('q', 'partner-export', :'head' || E'\nb,compute,cpu,2025-03-05,USD,312.50,0,0\n');
CALL close_month('2025-03-01', '{q}');
SELECT * FROM due WHERE month_label = '2025-03';
SELECT label, state, open_amount FROM demand_state ORDER BY 1;
SELECT balance FROM partner_balance WHERE partner_id = 'q';
-- it takes what was there before a demand first: 300 - 250 are left of that, and the 1000 pay the demand
INSERT INTO settlement_terms (partner_id, currency, validity, mode) VALUES ('s', 'USD', '[2020-01-01,)', 'advance');
SELECT amount FROM record_payment('s', 'USD', 300, 's-1');
SELECT label, on_account FROM request_advance_invoice('s', 'USD', 1000);
SELECT amount FROM record_payment('s', 'USD', 999, 's-2');
SELECT loaded FROM load_csv('s', 'partner-export', :'head' || E'\nd,compute,cpu,2025-03-05,USD,312.50,0,0\n');
CALL close_month('2025-03-01', '{s}');
SELECT label, state, open_amount FROM demand_state WHERE partner_id = 's';
SELECT amount FROM record_payment('s', 'USD', 1, 's-3');
SELECT label, state, open_amount FROM demand_state WHERE partner_id = 's';

-- Thresholds: r may owe 100. After the bonus 80 is below it, with 20 more it is exactly 100, one cent more crosses it
INSERT INTO settlement_terms (partner_id, currency, validity, mode, threshold, due_days) VALUES ('r', 'USD', '[2020-01-01,)', 'postpayment', 100, 5);
SELECT loaded FROM load_csv('r', 'partner-export', :'head' || E'\nc,compute,cpu,2025-03-05,USD,100.00,0,0\n');
SELECT label FROM check_thresholds();
SELECT loaded FROM load_csv('r', 'partner-export', :'head' || E'\nc,compute,cpu,2025-03-06,USD,25.00,0,0\n');
SELECT debt_after_bonus FROM live_debt WHERE partner_id = 'r';
SELECT label FROM check_thresholds('{r}');
SELECT loaded FROM load_csv('r', 'partner-export', :'head' || E'\nc,compute,cpu,2025-03-07,USD,0.01,0,0\n');
SELECT label, kind, month, amount, debt, threshold, due_on - issued_on AS days FROM check_thresholds('{r}');
-- one demand per crossing
SELECT loaded FROM load_csv('r', 'partner-export', :'head' || E'\nc,compute,cpu,2025-03-08,USD,500.00,0,0\n');
SELECT label FROM check_thresholds('{r}');
SELECT debt_after_bonus FROM live_debt WHERE partner_id = 'r';
-- below it and above it again: another, which takes the place of the first. 500.01 - 450 = 50.01, then + 80 = 130.01
SELECT amount FROM record_payment('r', 'USD', 50, 'r-1');
SELECT label, state, open_amount FROM demand_state WHERE partner_id = 'r';
SELECT amount FROM record_payment('r', 'USD', 400, 'r-2');
SELECT label, state, open_amount FROM demand_state WHERE partner_id = 'r';
SELECT label FROM check_thresholds('{r}');
SELECT loaded FROM load_csv('r', 'partner-export', :'head' || E'\nc,compute,cpu,2025-04-08,USD,100.00,0,0\n');
SELECT label, month, amount, debt FROM check_thresholds('{r}');
SELECT direction, debt, threshold, demand_id IS NOT NULL AS demanded FROM threshold_crossing ORDER BY seen_at;
-- it is for new money: what was on account already does not pay it
SELECT label, month, state, open_amount FROM demand_state WHERE partner_id = 'r' ORDER BY 1;
-- the invoice of its month takes its place; what is on it is not demanded again: the invoice of March is 500.01, of which 450 are paid
CALL close_month('2025-03-01', '{r}');
SELECT label, month, state, open_amount FROM demand_state WHERE partner_id = 'r' ORDER BY 1;
SELECT kind, number, amount, open_amount FROM open_item WHERE partner_id = 'r';
SELECT label, month, amount, debt FROM check_thresholds('{r}');
SELECT label FROM check_thresholds('{r}');
-- not while a grant is left, or a balance: 1000 more than all that is consumed
BEGIN;
INSERT INTO grant_balance (partner_id, account_id, currency, validity, amount) VALUES ('r', 'c', 'USD', '[2025-01-01,)', 0.01);
SELECT loaded FROM load_csv('r', 'partner-export', :'head' || E'\nc,compute,cpu,2025-05-08,USD,1000.00,0,0\n');
SELECT amount FROM record_payment('r', 'USD', 80, 'r-3');
SELECT label, state FROM demand_state WHERE partner_id = 'r' ORDER BY 1;
SELECT amount FROM record_payment('r', 'USD', 50.01, 'r-4');
SELECT label, state FROM demand_state WHERE partner_id = 'r' ORDER BY 1;
SELECT debt_after_bonus FROM live_debt WHERE partner_id = 'r';
SELECT label FROM check_thresholds('{r}');
UPDATE grant_balance SET amount = 0 WHERE partner_id = 'r';
SAVEPOINT without_grant;
SELECT amount FROM record_payment('r', 'USD', 1000, 'r-5');
SELECT label FROM check_thresholds('{r}');
ROLLBACK TO without_grant;
-- measured before the bonus
UPDATE settlement_terms SET measured = 'before bonus', threshold = 900 WHERE partner_id = 'r';
SELECT label, amount, debt FROM check_thresholds('{r}');
ROLLBACK;
SELECT check_thresholds('{nobody}');
SELECT count(*) AS problems FROM verify();
-- each invariant is watched: tampered with behind the triggers, one after the other
BEGIN;
SET LOCAL session_replication_role = replica;
CREATE FUNCTION pg_temp.found(tampering text) RETURNS TABLE (invariant text, subject text, detail text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE tampering;
    RETURN QUERY SELECT v.invariant, v.subject, v.detail FROM settlement_violation v ORDER BY 1, 2;
    RAISE EXCEPTION USING ERRCODE = 'P0004';
EXCEPTION WHEN assert_failure THEN
    RETURN;
END
$$;
SELECT min(document_id) AS first FROM document \gset
SELECT * FROM pg_temp.found(format('DELETE FROM account_entry WHERE document_id = %s', :first));
SELECT * FROM pg_temp.found(format('UPDATE account_entry SET partner_id = ''q'' WHERE document_id = %s', :first));
SELECT * FROM pg_temp.found(format('UPDATE account_entry SET currency = ''EUR'' WHERE document_id = %s AND account = ''vat''', :first));
SELECT * FROM pg_temp.found('UPDATE account_entry SET booked_on = booked_on - 1 WHERE payment_id = 1');
SELECT * FROM pg_temp.found(format('UPDATE document_due SET amount_due = amount_due + 1 WHERE document_id = %s', :first));
SELECT * FROM pg_temp.found(format('DELETE FROM document_due WHERE document_id = %s', :first));
SELECT * FROM pg_temp.found('UPDATE demand SET number = 7 WHERE label = ''TD-r-2''');
SELECT * FROM pg_temp.found('DELETE FROM demand WHERE label = ''TD-r-3''; UPDATE billing_period SET closed_at = NULL WHERE partner_id = ''r''');
ROLLBACK;

-- Terms are rules: versions, overlaps, references
INSERT INTO settlement_terms (partner_id, currency, validity, mode) VALUES ('r', 'USD', '[2026-01-01,)', 'advance');
INSERT INTO settlement_terms (partner_id, currency, validity, mode) VALUES ('nobody', 'USD', '[2026-01-01,)', 'advance');
\set VERBOSITY terse
INSERT INTO settlement_terms (partner_id, currency, validity, mode, threshold) VALUES ('q', 'EUR', '[2026-01-01,)', 'advance', -1);
INSERT INTO settlement_terms (partner_id, currency, validity, mode, threshold) VALUES ('q', 'EUR', '[2026-01-01,)', 'advance', 'NaN');
\set VERBOSITY default
INSERT INTO grant_balance (partner_id, account_id, currency, validity, amount) VALUES ('q', 'unknown', 'USD', '[2026-01-01,)', 5);
INSERT INTO grant_balance (partner_id, currency, validity, amount) VALUES ('q', 'USD', '[2026-01-01,)', 5), ('q', 'USD', '[2026-02-01,)', 5);
DELETE FROM partner WHERE partner_id = 'q';

DROP SCHEMA settlement CASCADE;
