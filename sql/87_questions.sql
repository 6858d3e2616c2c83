-- Questions: as of a moment, what if, why a line, why a month. The worked example, and a month after it.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET datestyle = 'ISO, YMD';
SET timezone = 'UTC';
SELECT bonus.create_ledger('questions');
SET search_path = questions, bonus, public;
\getenv root PG_ABS_SRCDIR
\set usage_rows :root '/test/lib/usage_rows.sql'
\set ECHO none
\i :usage_rows
\set ECHO all
INSERT INTO program (program_id, name) VALUES ('international', 'International edition'), ('old', 'Older edition');
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap, offer_reference) VALUES ('international', 'USD', '[2026-01-01,)', 0.20, 0.15, 0.35, 'offer 7');
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap, volume_rule) VALUES ('old', 'USD', '[2026-01-01,)', 0.10, 0.15, 0.25, 'graduated');
INSERT INTO program_tier (program_terms_id, from_volume, rate) VALUES (2, 100, 0.2), (2, 200, 0.3);
INSERT INTO service (service_id, name) VALUES ('marketplace', 'Cloud Marketplace'), ('compute', 'Compute Cloud'), ('postgresql', 'Managed PostgreSQL');
INSERT INTO exclusion (program_id, service_id, validity, reason) VALUES ('international', 'marketplace', '[2026-01-01,)', 'on the list');
INSERT INTO partner (partner_id, billing_account_id, name) VALUES ('p', 'p-account', 'Partner, Inc.');
INSERT INTO partner_program (partner_id, program_id, validity) VALUES ('p', 'international', '[2026-01-01,)');
INSERT INTO partner_status (partner_id, status, validity) VALUES ('p', 'active', '[2026-01-01,)');
INSERT INTO subaccount (account_id, name) VALUES ('a', 'Customer A'), ('b', 'Customer B');
INSERT INTO subaccount_link (partner_id, account_id, validity) VALUES ('p', 'a', '[2026-01-01,)'), ('p', 'b', '[2026-01-01,)');
INSERT INTO deal (link_id, rate, validity) SELECT link_id, 0.15, '[2026-06-01,2027-06-01)' FROM subaccount_link WHERE account_id = 'b';
INSERT INTO usage_row (partner_id, source, usage_day, account_id, service_id, sku_id, currency, charge_category, cost, credit, monetary_grant_credit) VALUES
    ('p', 'test', '2026-10-05', 'a', 'compute', 'cpu', 'USD', 'Usage', 100, -30, -20),
    ('p', 'test', '2026-10-06', 'b', 'postgresql', 'cpu', 'USD', 'Usage', 250.50, -50.10, 0),
    ('p', 'test', '2026-10-07', 'a', 'marketplace', 'image', 'USD', 'Usage', 40, 0, 0),
    ('p', 'test', '2026-10-08', 'p-account', 'compute', 'cpu', 'USD', 'Usage', 60, 0, 0);

-- What if: nothing is written, not even a transaction id
SELECT * FROM what_if('2026-10-01', '{"deal": [{"deal_id": 1, "rate": 0.1}]}');
SELECT * FROM what_if('2026-10-15', '{"deal": [{"deal_id": 1, "delete": true}]}', 'p') WHERE difference <> 0;
-- the money effect of a new exclusion, before it is saved
SELECT account_id, bonus, new_bonus, difference FROM what_if('2026-10-01', '{"exclusion": [{"program_id": "international", "service_id": "postgresql", "validity": "[2026-10-06,)"}]}') WHERE difference <> 0;
-- and of an inclusion of one customer's Marketplace: 40 x 0.2
SELECT account_id, difference FROM what_if('2026-10-01', '{"exclusion": [{"program_id": "international", "account_id": "a", "service_id": "marketplace", "effect": "include", "validity": "(,)"}]}') WHERE difference <> 0;
-- a whole program: V = 70 + 200.40 + 40 (it excludes nothing) = 310.40, rate 0.25 (0.3 is cut at the total cap), the deal adds nothing;
-- tiers 0.1 to 100, 0.2 to 200, 0.25: lines 310.40 x 0.25 = 77.60, less 0.1 x 100 + 0.05 x 200 = 20
SELECT account_id, bonus, new_bonus FROM what_if('2026-10-01', '{"partner_program": [{"partner_program_id": 1, "program_id": "old"}]}');
-- new rules that refer to each other: another link for a third customer, and a deal on it
SELECT account_id, new_bonus FROM what_if('2026-10-01', '{"subaccount": [{"account_id": "p-account", "name": "was its own"}], "partner": [{"partner_id": "p", "billing_account_id": "other"}],
    "subaccount_link": [{"link_id": -7, "partner_id": "p", "account_id": "p-account", "validity": "[2026-10-08,)"}], "deal": [{"link_id": -7, "rate": 0.05, "validity": "(,)"}]}') WHERE account_id = 'p-account';
SELECT absolute_discount, relative_discount, customers_total FROM what_if_view('{"program_terms": [{"program_terms_id": 1, "base_rate": 0.25}]}', NULL::payment_invoice);
SELECT absolute_discount FROM what_if_view('{}', NULL::payment_invoice);
BEGIN;
SELECT count(*) FROM what_if('2026-10-01', '{"deal": [{"deal_id": 1, "rate": 0.1}]}');
SELECT txid_current_if_assigned() IS NULL AS nothing_written, (SELECT count(*) FROM rule_change) AS changes;
COMMIT;
-- What a table would refuse, what_if refuses
SELECT * FROM what_if('2026-10-01', NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM what_if('2026-10-01', '{"deals": []}');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM what_if('2026-10-01', '{"deal": {"deal_id": 1}}');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM what_if('2026-10-01', '{"deal": [{"deal_id": 1, "rte": 0.1}]}');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM what_if('2026-10-01', '{"deal": [{"deal_id": 1, "recorded_at": "2026-01-01"}]}');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM what_if('2026-10-01', '{"deal": [{"deal_id": 1, "rate": 1.1}]}');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM what_if('2026-10-01', '{"deal": [{"deal_id": 1, "kind": "present"}]}');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM what_if('2026-10-01', '{"exclusion": [{"program_id": "international", "service_id": "marketplace", "effect": "include", "validity": "[2026-10-01,)"}]}');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM what_if('2026-10-01', '{"exclusion": [{"service_id": "marketplace", "validity": "[2026-10-01,)"}]}');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM what_if('2026-10-01', '{"exclusion": [{"program_id": "international", "service_id": "markteplace", "validity": "[2026-10-01,)"}]}');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM what_if_view('{}', NULL::text);
\echo :LAST_ERROR_SQLSTATE

-- As of: the rules of an earlier moment
SELECT clock_timestamp() AS before \gset
SELECT * FROM verify();
UPDATE deal SET rate = 0.05;
INSERT INTO exclusion (program_id, account_id, validity) VALUES ('international', 'a', '[2026-10-01,)');
SELECT account_id, service_id, bonus FROM bonus_line WHERE section = 'customers' ORDER BY 1, 2;
SELECT account_id, service_id, bonus FROM as_of(:'before', NULL::bonus_line) WHERE section = 'customers' ORDER BY 1, 2;
SELECT current_setting('bonus.known_at') AS afterwards;
BEGIN;
SELECT as_of(:'before') = :'before' AS "from here on";
SELECT absolute_discount FROM payment_invoice;
SELECT difference FROM what_if('2026-10-01', '{"deal": [{"deal_id": 1, "rate": 0.1}]}') WHERE account_id = 'b';
COMMIT;
SELECT absolute_discount FROM payment_invoice;
SELECT absolute_discount FROM as_of('infinity', NULL::payment_invoice);
SELECT absolute_discount FROM as_of('2001-01-01', NULL::payment_invoice);
SELECT as_of(NULL);
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY sqlstate
SELECT as_of(clock_timestamp() + interval '1 hour');
\set VERBOSITY default
SELECT * FROM as_of('2001-01-01', 1);
\echo :LAST_ERROR_SQLSTATE

-- Why: one line, step by step; another that is excluded; the partner's own; one that is not there
UPDATE exclusion SET validity = '[2026-10-07,)' WHERE account_id = 'a';
UPDATE deal SET rate = 0.30;
INSERT INTO usage_row (partner_id, source, usage_day, account_id, service_id, sku_id, currency, charge_category, cost, credit, monetary_grant_credit) VALUES
    ('p', 'test', '2026-10-20', 'b', 'postgresql', 'cpu', 'USD', 'Usage', 100, -10, -10), ('p', 'test', '2026-10-21', 'a', 'compute', 'cpu', 'USD', 'Usage', 9.99, 0, 0);
UPDATE partner_status SET validity = '[2026-01-01,2026-10-20)';
INSERT INTO partner_status (partner_id, status, validity) VALUES ('p', 'suspended', '[2026-10-20,2026-10-21)'), ('p', 'active', '[2026-10-21,)');
SELECT * FROM explain_line('p', '2026-10-31', 'b', 'postgresql', 'cpu');
SELECT * FROM explain_line('p', '2026-10-31', 'a', 'compute', 'cpu', 'USD');
SELECT step, what, rule_id, amount_out FROM explain_line('p', '2026-10-31', 'p-account', 'compute', 'cpu');
SELECT * FROM explain_line('p', '2026-10-31', 'nobody', 'compute', 'cpu');

-- Why November is not October. Day by day, October's amounts with November's put in their place one after the other:
--   volume     A buys 30 more on the 5th: 30 x 0.2
--   status     the 20th, on which the partner was suspended: 90 x (0.2 + 0.15)
--   exclusion  Marketplace on the 7th and A on the 21st are excluded no more: (40 + 9.99) x 0.2
--   grant      B's grant of 50 on the 6th is new: -50 x (0.2 + 0.15)
--   base rate  0.02 x (100 + 150.40 + 40 + 90 + 9.99)
--   deal       B's deal has ended: -0.15 x (150.40 + 90)
--   rounding   85.8858 is printed 85.89, 84.14 was exact
INSERT INTO usage_row (partner_id, source, usage_day, account_id, service_id, sku_id, currency, charge_category, cost, credit, monetary_grant_credit) VALUES
    ('p', 'test', '2026-11-05', 'a', 'compute', 'cpu', 'USD', 'Usage', 130, -30, -20),
    ('p', 'test', '2026-11-06', 'b', 'postgresql', 'cpu', 'USD', 'Usage', 250.50, -100.10, -50),
    ('p', 'test', '2026-11-07', 'a', 'marketplace', 'image', 'USD', 'Usage', 40, 0, 0),
    ('p', 'test', '2026-11-20', 'b', 'postgresql', 'cpu', 'USD', 'Usage', 100, -10, -10),
    ('p', 'test', '2026-11-21', 'a', 'compute', 'cpu', 'USD', 'Usage', 9.99, 0, 0);
UPDATE exclusion SET validity = daterange(lower(validity), '2026-11-01');
UPDATE deal SET validity = '[2026-06-01,2026-11-01)';
UPDATE program_terms SET validity = '[2026-01-01,2026-11-01)' WHERE program_terms_id = 1;
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap) VALUES ('international', 'USD', '[2026-11-01,)', 0.22, 0.15, 0.35);
SELECT * FROM explain_change('2026-10-01', '2026-11-01');
SELECT sum(amount) FILTER (WHERE what <> 'total') = sum(amount) FILTER (WHERE what = 'total') AS adds_up,
       sum(amount) FILTER (WHERE what = 'total') = (SELECT absolute_discount FROM payment_invoice WHERE billing_month = '2026-11-01')
                                                   - (SELECT absolute_discount FROM payment_invoice WHERE billing_month = '2026-10-01') AS is_the_difference
FROM explain_change('2026-10-01', '2026-11-01', 'p');
-- and back: the same steps the other way
SELECT sum(amount) FILTER (WHERE what = 'total') AS total FROM explain_change('2026-11-01', '2026-10-01');
SELECT count(*) AS rows FROM explain_change('2026-10-01', '2026-11-01', 'nobody');
-- the deal was registered above the cap on purpose
SELECT * FROM verify();
