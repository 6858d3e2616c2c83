-- Commissions: rebates accrue from issued documents, are withdrawn, and reversed; the balance is never below 0.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET datestyle = 'ISO, YMD';
SET timezone = 'UTC';
SELECT bonus.create_ledger('commissions');
SET search_path = commissions, bonus, public;
INSERT INTO program (program_id, name) VALUES ('international', 'International edition');
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap, minimum_payout) VALUES ('international', 'USD', '[2020-01-01,)', 0.20, 0.15, 0.35, 20);
INSERT INTO partner (partner_id, billing_account_id, name) VALUES ('p', 'p-own', 'Partner'), ('q', 'q-own', 'Other partner');
INSERT INTO partner_program (partner_id, program_id, validity) SELECT partner_id, 'international', '[2020-01-01,)' FROM partner;
INSERT INTO partner_status (partner_id, status, validity) SELECT partner_id, 'active', '[2020-01-01,)' FROM partner;
INSERT INTO subaccount (account_id, name) VALUES ('a', 'Customer A'), ('b', 'Customer B'), ('c', 'Customer C');
INSERT INTO subaccount_link (partner_id, account_id, validity) VALUES ('p', 'a', '[2020-01-01,)'), ('p', 'b', '[2020-01-01,)'), ('q', 'c', '[2020-01-01,)');
INSERT INTO service (service_id, name) VALUES ('compute', 'Compute Cloud'), ('marketplace', 'Marketplace');
INSERT INTO sku (sku_id, service_id, name) VALUES ('cpu', 'compute', 'Processor');
INSERT INTO exclusion (program_id, service_id, validity) VALUES ('international', 'marketplace', '[2020-01-01,)');
-- b has a deal for ten days of January
INSERT INTO deal (link_id, rate, validity) SELECT link_id, 0.10, '[2025-01-11,2025-01-21)' FROM subaccount_link WHERE account_id = 'b';
UPDATE setting SET value = 'ignore' WHERE name LIKE 'close\_%';
\set head 'billing_account_id,service_id,sku_id,date,currency,cost,credit,monetary_grant_credit'
-- Made-up rates. Referrals: for two months, at most 30 per customer and month; of the other kinds the rate changes within January.
INSERT INTO commission_terms (program_id, currency, kind, validity, rate, monthly_cap, months) VALUES
    ('international', 'USD', 'referral', '[2020-01-01,)', 0.05, 30, 2),
    ('international', 'USD', 'specialization', '[2020-01-01,2025-01-16)', 0.01, NULL, NULL), ('international', 'USD', 'specialization', '[2025-01-16,)', 0.03, NULL, NULL);
INSERT INTO commission_right (partner_id, account_id, kind, validity) VALUES ('p', 'a', 'referral', '[2025-01-10,)'), ('p', 'b', 'specialization', '[2025-01-01,)');
SELECT * FROM rebate_days ORDER BY account_id, days;

-- January: a has 100 before its right, 400 after, of which a grant paid 50 and Marketplace is 40: 310 x 5 % = 15.50.
-- b has 100.10 at 1 % and 200.20 at 3 %: 1.001 + 6.006 = 7.007, rounded once
SELECT loaded FROM load_csv('p', 'partner-export', :'head' || '
a,compute,cpu,2025-01-09,USD,100.00,0,0
a,compute,cpu,2025-01-10,USD,360.00,-50.00,-50.00
a,marketplace,image,2025-01-10,USD,40.00,0,0
b,compute,cpu,2025-01-15,USD,100.10,0,0
b,compute,cpu,2025-01-16,USD,200.20,0,0
b,compute,cpu,2025-01-21,USD,0,0,0
p-own,compute,cpu,2025-01-21,USD,1000,0,0
');
SELECT accrue_rebates('2025-01-01', '{p}');
CALL close_month('2025-01-01');
SELECT month, kind, account_id, base, exact_amount, monthly_cap, amount FROM rebate_due ORDER BY account_id;
SELECT month, kind, account_id, base, exact_amount, monthly_cap, amount FROM accrue_rebates('2025-01-01');
SELECT count(*) AS again FROM accrue_rebates('2025-01-01');
SELECT count(*) AS again FROM accrue_rebates('2025-01-31', '{q,p}');
SELECT * FROM rebate_balance;
SELECT account, amount FROM account_entry WHERE accrual_id IS NOT NULL ORDER BY movement_id, account;
SELECT balance, minimum_payout, available FROM portal_rebate_balance;
-- February: 1000 x 5 % is cut to 30; b's refunds outweigh its consumption, so it earns nothing. March: two months of a are over on the 10th: 200 x 5 %
SELECT loaded FROM load_csv('p', 'partner-export', :'head' || '
a,compute,cpu,2025-02-09,USD,1000.00,0,0
b,compute,cpu,2025-02-15,USD,100.10,0,0
b,compute,cpu,2025-02-16,USD,-200.20,0,0
a,compute,cpu,2025-03-09,USD,200.00,0,0
a,compute,cpu,2025-03-10,USD,500.00,0,0
');
CALL close_month('2025-02-01', '{p}');
CALL close_month('2025-03-01', '{p}');
SELECT month, kind, account_id, base, exact_amount, monthly_cap, amount FROM accrue_rebates('2025-02-01', '{p}');
SELECT month, kind, account_id, base, exact_amount, monthly_cap, amount FROM accrue_rebates('2025-03-01', '{p}');
SELECT * FROM rebate_balance;

-- Deal by deal: b's deal held on the 15th and 16th; its rebate of January is in the row without a deal, because the deal was over on the 31st
SELECT month_label, account_id, deal_id IS NOT NULL AS deal, basic_bonus, deal_bonus, rebate, commission FROM commission WHERE month = '2025-01-01' ORDER BY 2, 3;
-- its bonuses are those of the documents
SELECT c.month, c.basic_bonus = d.basic_bonus AS basic, c.deal_bonus = d.deal_bonus AS deal, c.rebate
FROM (SELECT month, sum(basic_bonus) AS basic_bonus, sum(deal_bonus) AS deal_bonus, sum(rebate) AS rebate FROM commission GROUP BY month) c
JOIN (SELECT d.billing_month AS month, sum(l.exact_basic_bonus) AS basic_bonus, sum(l.exact_deal_bonus) AS deal_bonus
      FROM document d JOIN document_line l USING (document_id) GROUP BY d.billing_month) d USING (month)
ORDER BY 1;

-- Withdrawals: 62.51 accrued. A deduction lowers what is owed, and shows on the next invoice
SELECT loaded FROM load_csv('p', 'partner-export', :'head' || E'\na,compute,cpu,2025-04-01,USD,100.00,0,0\n');
SELECT balance FROM partner_balance;
SELECT amount, way, withdrawn_on = today() AS today FROM withdraw_rebate('p', 'USD', 20, 'invoice deduction', 'w-1');
SELECT balance FROM partner_balance;
SELECT * FROM undeducted;
SELECT invoice_total, previous_debt, deductions, amount_due FROM invoice_due WHERE billing_month = '2025-04-01';
CALL close_month('2025-04-01', '{p}');
SELECT status, invoice_total, previous_debt, unapplied_payments AS paid, deductions, amount_due FROM invoice_due WHERE billing_month = '2025-04-01';
SELECT * FROM undeducted;
SELECT amount, way FROM withdraw_rebate('p', 'USD', 22.51, 'bank account', 'w-2');
SELECT * FROM rebate_balance;
SELECT account, amount FROM account_entry WHERE withdrawal_id IS NOT NULL ORDER BY movement_id, account;
-- the same again is the same
CREATE FUNCTION pg_temp.all_rows() RETURNS text LANGUAGE sql AS
$$ SELECT format('%s accruals, %s withdrawals, %s entries', (SELECT count(*) FROM rebate_accrual), (SELECT count(*) FROM rebate_withdrawal), (SELECT count(*) FROM account_entry)) $$;
SELECT pg_temp.all_rows() AS before \gset
SELECT amount FROM withdraw_rebate('p', 'USD', 20.00, 'invoice deduction', 'w-1');
SELECT withdraw_rebate('p', 'USD', 21, 'invoice deduction', 'w-1');
SELECT withdraw_rebate('p', 'USD', 20, 'bank account', 'w-1');
SELECT withdraw_rebate('p', 'USD', 20.01, 'bank account', 'w-3');
SELECT withdraw_rebate('p', 'USD', 19.99, 'bank account', 'w-3');
SELECT withdraw_rebate('p', 'USD', 20, 'cash', 'w-3');
SELECT withdraw_rebate('p', 'USD', 20, NULL, 'w-3');
SELECT withdraw_rebate('p', 'USD', 20, 'bank account', NULL);
SELECT withdraw_rebate('p', 'USD', NULL, 'bank account', 'w-3');
SELECT withdraw_rebate('p', 'USD', 0, 'bank account', 'w-3');
SELECT withdraw_rebate('p', 'EUR', 20, 'bank account', 'w-3');
SELECT withdraw_rebate('q', 'USD', 20, 'bank account', 'w-3');
SELECT withdraw_rebate('nobody', 'USD', 20, 'bank account', 'w-3');
SELECT accrue_rebates('2025-05-01', '{p}');
SELECT accrue_rebates(NULL);
SELECT accrue_rebates('2025-01-01', '{nobody}');
UPDATE rebate_accrual SET amount = 1;
TRUNCATE rebate_withdrawal, account_entry;
SELECT pg_temp.all_rows() = :'before' AS nothing_changed;

-- Reversals: of February's 30, 12 and then the rest, which the balance of 20 - 12 does not cover any more
SELECT accrual_id AS february FROM rebate_accrual WHERE month = '2025-02-01' \gset
SELECT amount, reverses = :february AS of_february, reason FROM reverse_accrual(:february, 'The customer left', 12);
SELECT reverse_accrual(:february, 'The customer left', 18.01);
SELECT reverse_accrual(:february, 'The customer left');
SELECT reverse_accrual(:february, '');
SELECT reverse_accrual(:february, 'Nothing', 0);
SELECT reverse_accrual((SELECT accrual_id FROM rebate_accrual WHERE reverses IS NOT NULL), 'Of a reversal');
SELECT reverse_accrual(NULL, 'Of nothing');
SELECT amount FROM reverse_accrual(:february, 'The customer left', 8);
SELECT * FROM rebate_balance;
SELECT balance, available FROM portal_rebate_balance;
SELECT account_id, rebate, commission FROM commission WHERE month = '2025-02-01' ORDER BY 1;
-- a credit note before rebates accrue is taken off
SELECT loaded FROM load_csv('q', 'partner-export', :'head' || E'\nc,compute,cpu,2025-01-05,USD,100.00,0,0\n');
CALL close_month('2025-02-01', '{q}');
INSERT INTO commission_right (partner_id, account_id, kind, validity) VALUES ('q', 'c', 'referral', '[2025-01-01,)');
SELECT partner_id, month, amount FROM rebate_due WHERE partner_id = 'q';
SELECT credit_note(document_id, 'Wrong') > 0 AS credited FROM document WHERE partner_id = 'q';
SELECT partner_id, month, amount FROM rebate_due WHERE partner_id = 'q';
SELECT month_label, account_id, basic_bonus, commission FROM commission WHERE partner_id = 'q';
SELECT * FROM rebate_violation;
SELECT count(*) AS problems FROM verify();
-- each invariant is watched: tampered with behind the triggers, one after the other
BEGIN;
SET LOCAL session_replication_role = replica;
CREATE FUNCTION pg_temp.found(tampering text) RETURNS TABLE (invariant text, subject text, detail text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE tampering;
    RETURN QUERY SELECT v.invariant, v.subject, v.detail FROM rebate_violation v ORDER BY 1, 2;
    RAISE EXCEPTION USING ERRCODE = 'P0004';
EXCEPTION WHEN assert_failure THEN
    RETURN;
END
$$;
SELECT * FROM pg_temp.found('UPDATE rebate_withdrawal SET amount = 30 WHERE external_id = ''w-2''');
SELECT * FROM pg_temp.found('DELETE FROM account_entry WHERE accrual_id = 1');
SELECT * FROM pg_temp.found('UPDATE account_entry SET account = ''receivable'' WHERE account = ''cash'' AND withdrawal_id = 2');
SELECT * FROM pg_temp.found('UPDATE rebate_accrual SET amount = -25 WHERE amount = -12; UPDATE account_entry SET amount = sign(amount) * 25 WHERE abs(amount) = 12');
SELECT * FROM pg_temp.found('UPDATE rebate_accrual SET monthly_cap = 10 WHERE accrual_id = 1');
ROLLBACK;
-- rights and terms are rules: versions, overlaps, references
INSERT INTO commission_right (partner_id, account_id, kind, validity) VALUES ('q', 'c', 'referral', '[2026-01-01,)');
INSERT INTO commission_right (partner_id, account_id, kind, validity) VALUES ('q', 'unknown', 'referral', '[2026-01-01,)');
INSERT INTO commission_terms (program_id, currency, kind, validity, rate) VALUES ('international', 'USD', 'referral', '[2026-01-01,)', 0.01);
INSERT INTO commission_terms (program_id, currency, kind, validity, rate) VALUES ('unknown', 'USD', 'referral', '[2026-01-01,)', 0.01);
\set VERBOSITY terse
INSERT INTO commission_right (partner_id, account_id, kind, validity) VALUES ('q', 'c', 'project growth', '(,)');
INSERT INTO commission_terms (program_id, currency, kind, validity, rate) VALUES ('international', 'USD', 'project growth', '[2026-01-01,)', 1.01);
INSERT INTO commission_terms (program_id, currency, kind, validity, rate) VALUES ('international', 'USD', 'bonus', '[2026-01-01,)', 0.01);

DROP SCHEMA commissions CASCADE;
