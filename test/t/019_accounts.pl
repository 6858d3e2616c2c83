# Random payments, refunds, demands, rebates, credit notes and closes, in two currencies with and without VAT: after each step every
# movement balances, nothing is booked twice, open items add up to the debt, and no balance of rebates is below 0.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Ledger;
use Test::More;

my $steps = ($ENV{PARTNER_BONUS_BUDGET} // 'small') eq 'large' ? 5000 : 300;
my $seed = $ENV{PARTNER_BONUS_SEED} || 1 + int(rand(1_000_000));
diag("seed $seed");

psql(<<"SQL");
SET client_min_messages = warning;
\\o /dev/null
SELECT bonus.create_ledger('accounts');
SET search_path = accounts, bonus, public;
INSERT INTO program (program_id, name) VALUES ('p', 'Program');
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap) VALUES
    ('p', 'USD', '[2020-01-01,)', 0.2, 0.15, 0.35), ('p', 'EUR', '[2020-01-01,)', 0.1, 0.15, 0.35);
INSERT INTO commission_terms (program_id, currency, kind, validity, rate) VALUES
    ('p', 'USD', 'referral', '[2020-01-01,)', 0.03), ('p', 'EUR', 'referral', '[2020-01-01,)', 0.05);
INSERT INTO partner (partner_id, billing_account_id, name, country) SELECT 'p' || n, 'o' || n, 'Partner', CASE n WHEN 1 THEN 'DE' END FROM generate_series(1, 3) n;
INSERT INTO vat_rate (country, currency, validity, rate, included) VALUES ('DE', 'USD', '[2020-01-01,)', 0.19, false), ('DE', 'EUR', '[2020-01-01,)', 0.19, true);
INSERT INTO partner_program (partner_id, program_id, validity) SELECT partner_id, 'p', '[2020-01-01,)' FROM partner;
INSERT INTO partner_status (partner_id, status, validity) SELECT partner_id, 'active', '[2020-01-01,)' FROM partner;
INSERT INTO subaccount (account_id, name) SELECT 'a' || n, 'Customer' FROM generate_series(1, 3) n;
INSERT INTO subaccount_link (partner_id, account_id, validity) SELECT 'p' || n, 'a' || n, '[2020-01-01,)' FROM generate_series(1, 3) n;
INSERT INTO commission_right (partner_id, account_id, kind, validity) SELECT 'p' || n, 'a' || n, 'referral', '[2020-01-01,)' FROM generate_series(1, 3) n;
INSERT INTO settlement_terms (partner_id, currency, validity, mode, threshold)
SELECT partner_id, c, '[2020-01-01,)', CASE c WHEN 'USD' THEN 'postpayment' ELSE 'advance' END, 300 FROM partner, unnest('{USD,EUR}'::text[]) c;
UPDATE setting SET value = 'ignore' WHERE name LIKE 'close\\_%';
CREATE TABLE step (step integer, what text, refused text, wrong text);
SELECT setseed($seed / 1000000.0);
DO \$\$
DECLARE
    month   date := '2020-01-01';
    one     text;
    money   text;
    amount  numeric;
    what    text;
    refused text;
BEGIN
    FOR n IN 1 .. $steps LOOP
        one := 'p' || 1 + floor(random() * 3)::integer;
        money := (ARRAY['USD', 'EUR'])[1 + floor(random() * 2)::integer];
        amount := round((random() * 400)::numeric, 2) + 0.01;
        what := (ARRAY['load', 'load', 'load', 'payment', 'payment', 'refund', 'withdrawal', 'thresholds', 'advance', 'credit note', 'reversal', 'close'])[1 + floor(random() * 12)::integer];
        refused := NULL;
        BEGIN
            CASE what
            WHEN 'load' THEN
                PERFORM load_csv(one, 'partner-export', format(E'billing_account_id,service_id,sku_id,date,currency,cost,credit,monetary_grant_credit\\na%s,s,k,%s,%s,%s,0,0\\n',
                                 right(one, 1), month + floor(random() * 27)::integer, money, amount * CASE WHEN random() < 0.2 THEN -1 ELSE 1 END));
            WHEN 'payment' THEN PERFORM record_payment(one, money, amount, 'money ' || n);
            WHEN 'refund' THEN PERFORM record_refund(one, money, amount, 'money ' || n, 'test');
            WHEN 'withdrawal' THEN
                PERFORM withdraw_rebate(one, money, round(amount / 40, 2) + 0.01, (ARRAY['invoice deduction', 'bank account'])[1 + floor(random() * 2)::integer], 'rebate ' || n);
            WHEN 'thresholds' THEN PERFORM check_thresholds();
            WHEN 'advance' THEN PERFORM request_advance_invoice(one, 'EUR', amount);
            WHEN 'credit note' THEN
                PERFORM credit_note(d.document_id, 'test')
                FROM (SELECT document_id FROM document WHERE kind = 'invoice' AND invoice_total > 0 AND partner_id = one ORDER BY random() LIMIT 1) d WHERE random() < 0.3;
            WHEN 'reversal' THEN
                PERFORM reverse_accrual(a.accrual_id, 'test', CASE WHEN random() < 0.5 THEN round(amount / 100, 2) + 0.01 END)
                FROM (SELECT accrual_id FROM rebate_accrual WHERE reverses IS NULL AND partner_id = one ORDER BY random() LIMIT 1) a WHERE random() < 0.3;
            WHEN 'close' THEN
                PERFORM close_partner(p.partner_id, month) FROM partner p ORDER BY p.partner_id;
                PERFORM accrue_rebates(month);
                month := (month + interval '1 month')::date;
            END CASE;
            SET CONSTRAINTS ALL IMMEDIATE;
            SET CONSTRAINTS ALL DEFERRED;
        EXCEPTION WHEN object_not_in_prerequisite_state THEN
            GET STACKED DIAGNOSTICS refused = MESSAGE_TEXT;
        END;
        INSERT INTO step
        SELECT n, what, refused, string_agg(w.wrong, '; ')
        FROM (SELECT concat_ws(' ', v.invariant, v.subject, v.detail) AS wrong FROM settlement_violation v
              UNION ALL
              SELECT concat_ws(' ', v.invariant, v.subject, v.detail) FROM rebate_violation v
              UNION ALL
              SELECT concat_ws(' ', b.partner_id, b.currency, 'open', o.open_amount, 'debt', b.debt)
              FROM partner_balance b
              LEFT JOIN (SELECT partner_id, currency, sum(open_amount) AS open_amount FROM open_item WHERE kind = 'invoice' GROUP BY partner_id, currency) o USING (partner_id, currency)
              WHERE coalesce(o.open_amount, 0) <> b.debt
              UNION ALL
              SELECT concat_ws(' ', number, open_amount, 'of', o.amount) FROM open_item o WHERE NOT (open_amount > 0 AND open_amount <= o.amount)) w;
    END LOOP;
END
\$\$;
SQL
is(psql("SELECT step, what, wrong FROM accounts.step WHERE wrong IS NOT NULL ORDER BY step LIMIT 5"), '', "$steps steps: sound after each");
is(psql("SELECT DISTINCT refused FROM accounts.step WHERE refused NOT IN ('a refund cannot be above what was paid', 'the balance of rebates is lower',
    'a reversal cannot be above its accrual', 'a credit note cannot be above its document', 'the month is not over') ORDER BY 1"), '', 'what is refused is what should be');
is(psql('SELECT * FROM accounts.verify()'), '', 'the ledger is sound');
note(psql("SELECT what, count(*), count(refused) FROM accounts.step GROUP BY what ORDER BY what"));
psql('SET client_min_messages = warning; DROP SCHEMA accounts CASCADE');
done_testing();
