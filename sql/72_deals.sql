-- Deals and presale requests: every state, reached by days alone; targets; business days.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET datestyle = 'ISO, YMD';
SET timezone = 'UTC';
SELECT bonus.create_ledger('deals');
SET search_path = deals, bonus, public;
\getenv root PG_ABS_SRCDIR
\set usage_rows :root '/test/lib/usage_rows.sql'
\set ECHO none
\i :usage_rows
\set ECHO all
INSERT INTO program (program_id, name) VALUES ('international', 'International edition');
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap, deal_target) VALUES
    ('international', 'USD', '[2020-01-01,)', 0.20, 0.15, 0.35, 500), ('international', 'EUR', '[2020-01-01,)', 0.20, 0.10, 0.35, NULL);
INSERT INTO partner (partner_id, billing_account_id, name) VALUES ('p', 'p-account', 'Partner, Inc.'), ('q', 'q-account', 'Other partner');
INSERT INTO partner_program (partner_id, program_id, validity) VALUES ('p', 'international', '[2020-01-01,)');
INSERT INTO partner_status (partner_id, status, validity) VALUES ('p', 'active', '[2020-01-01,)');
INSERT INTO subaccount (account_id, name) SELECT a, 'Customer ' || a FROM unnest('{a,b,c,d}'::text[]) a;
INSERT INTO subaccount_link (partner_id, account_id, validity) SELECT CASE account_id WHEN 'd' THEN 'q' ELSE 'p' END, account_id, '[2020-01-01,)' FROM subaccount;

-- The reporting day begins three hours before the day of UTC does
SELECT today() = (now() AT TIME ZONE INTERVAL '3 hours')::date AS reporting_day;
-- Business days: 2026-10-02 is a Friday; a holiday on Monday the 5th
SELECT business_day_after('international', '2026-10-02', 0) AS d0, business_day_after('international', '2026-10-02', 1) AS d1,
       business_day_after('international', '2026-10-03', 1) AS from_saturday, business_day_after('international', '2026-10-02', 3) AS d3, business_day_after('international', '2026-10-02', 20) AS d20;
INSERT INTO holiday (program_id, day, name) VALUES ('international', '2026-10-05', 'A holiday'), ('international', '2026-10-10', 'A holiday on Saturday');
SELECT business_day_after('international', '2026-10-02', 1) AS d1, business_day_after('international', '2026-10-02', 20) AS d20, business_day_after('another', '2026-10-02', 1) AS another;

-- All states at once; days are relative to today
\o /dev/null
SELECT submit_deal('p', 'new', 0.15, on_day => today());
SELECT submit_deal('p', 'late', 0.15, on_day => today() - 40);
SELECT approve_deal(deal_id, today() - 20) FROM submit_deal('p', 'approved', 0.15, on_day => today() - 30);
SELECT approve_deal(deal_id, today() - 60) FROM submit_deal('p', 'last day', 0.15, on_day => today() - 70);
SELECT approve_deal(deal_id, today() - 61) FROM submit_deal('p', 'lapsed', 0.15, on_day => today() - 70);
SELECT reject_deal(deal_id, today() - 20, 'not a new customer') FROM submit_deal('p', 'rejected', 0.15, on_day => today() - 30);
SELECT approve_deal(deal_id, today() - 20) FROM submit_deal('p', 'active', 0.15, on_day => today() - 30);
SELECT activate_deal(deal_id, 'a', today() - 10) FROM deal WHERE customer = 'active';
SELECT approve_deal(deal_id, today() - 20) FROM submit_deal('p', 'tomorrow', 0.15, on_day => today() - 30);
SELECT activate_deal(deal_id, 'b', today() + 1) FROM deal WHERE customer = 'tomorrow' AND superseded_at = 'infinity';
SELECT approve_deal(deal_id, today() - 20) FROM submit_deal('p', 'tender', 0.15, 'tender', 1000, 'USD', daterange(today() - 15, today() + 5), today() - 30);
SELECT activate_deal(deal_id, 'c', today() - 18) FROM deal WHERE customer = 'tender' AND superseded_at = 'infinity';
SELECT end_deal(deal_id, today(), 'contract was cancelled') FROM deal WHERE customer = 'tender' AND superseded_at = 'infinity';
\o
SELECT customer, kind, state, overdue, decide_by - submitted_on >= 26 AS "20 business days", activate_by - approved_on AS activation, account_id,
       lower(days) - today() AS from_day, upper(days) - today() AS to_day, reason
FROM deal_state ORDER BY deal_id;
-- a link that is closed ends what it carried; another link revives nothing
SELECT account_id FROM unlink_subaccount('a', today() - 2);
SELECT account_id FROM link_subaccount('p', 'a', today());
SELECT customer, state, upper(days) - today() AS to_day FROM deal_state WHERE customer = 'active';
-- the same application is given back, another rate is another application
SELECT count(*) AS deals FROM deal WHERE superseded_at = 'infinity';
SELECT customer FROM submit_deal('p', 'new', 0.15);
SELECT count(*) AS deals FROM deal WHERE superseded_at = 'infinity';
\set VERBOSITY terse
SELECT submit_deal('p', 'new', 0.10);
\set VERBOSITY default
\echo :LAST_ERROR_SQLSTATE
-- approved at another rate than asked for
SELECT rate FROM approve_deal((SELECT deal_id FROM deal WHERE customer = 'new' AND superseded_at = 'infinity'), today(), 0.12);
SELECT rate FROM approve_deal((SELECT deal_id FROM deal WHERE customer = 'new' AND superseded_at = 'infinity'), today());

-- a deal that is ended twice ends at the earlier day; closing a link ends deals that have no day on it any more
SELECT (end_deal(deal_id, today() + 30, 'later')).ended_on - today() AS ended FROM deal WHERE customer = 'tomorrow' AND superseded_at = 'infinity';
SELECT (end_deal(deal_id, today() + 20, 'sooner')).ended_on - today() AS ended FROM deal WHERE customer = 'tomorrow' AND superseded_at = 'infinity';
SELECT (end_deal(deal_id, today() + 25, 'too late')).ended_on - today() AS ended FROM deal WHERE customer = 'tomorrow' AND superseded_at = 'infinity';
SELECT partner_id FROM unlink_subaccount('b', today());
SELECT customer, state, account_id, days, reason FROM deal_state WHERE customer = 'tomorrow';
SELECT partner_id FROM link_subaccount('p', 'b', today());
-- notice: applications are rejected at once, approved deals may still become active until the partner leaves
BEGIN;
INSERT INTO program_period (program_id, validity, notice_days) VALUES ('international', '(,)', 30);
SELECT status FROM give_notice('p', today());
SELECT customer, state FROM deal_state WHERE customer IN ('late', 'approved') ORDER BY 1;
SELECT upper((activate_deal(deal_id, 'b', today() + 1)).validity) - today() AS last_day FROM deal WHERE customer = 'approved' AND superseded_at = 'infinity';
SELECT (activate_deal(deal_id, 'b', today() + 1)).link_id IS NOT NULL AS again FROM deal WHERE customer = 'approved' AND superseded_at = 'infinity';
SELECT invariant, subject FROM verify() WHERE invariant <> 'deal above cap';
ROLLBACK;
-- a tender without a contract, and one that would not be active on any day
SELECT submit_deal('p', 'no contract', 0.1, 'tender');
\echo :LAST_ERROR_SQLSTATE

-- Targets: the deal's own in its currency, else the terms'. A month without usage is missed; what no target is set for is left open.
\o /dev/null
SELECT approve_deal(deal_id, '2026-01-05') FROM submit_deal('p', 'with target', 0.1, 'new customer', 300, 'USD', on_day => '2026-01-02');
SELECT activate_deal(deal_id, 'b', '2026-01-10', '2026-03-15') FROM deal WHERE customer = 'with target' AND superseded_at = 'infinity';
SELECT approve_deal(deal_id, '2026-01-05') FROM submit_deal('p', 'without', 0.1, on_day => '2026-01-02');
SELECT activate_deal(deal_id, 'c', '2026-01-10', '2026-02-15') FROM deal WHERE customer = 'without' AND superseded_at = 'infinity';
\o
INSERT INTO usage_row (partner_id, source, usage_day, account_id, service_id, sku_id, currency, charge_category, cost, credit, monetary_grant_credit) VALUES
    ('p', 't', '2026-01-09', 'b', 's', 'k', 'USD', 'Usage', 1000, 0, 0), ('p', 't', '2026-01-10', 'b', 's', 'k', 'USD', 'Usage', 299.99, -50, 0),
    ('p', 't', '2026-03-01', 'b', 's', 'k', 'USD', 'Usage', 300, 0, 0), ('p', 't', '2026-03-01', 'b', 's', 'k', 'EUR', 'Usage', 7, 0, 0),
    ('p', 't', '2026-02-01', 'c', 's', 'k', 'USD', 'Usage', 500, 0, -500), ('p', 't', '2026-02-01', 'c', 's', 'k', 'EUR', 'Usage', 5, 0, 0), ('p', 't', '2026-02-01', 'c', 's', 'k', 'USD', 'Tax', 95, 0, 0);
SELECT d.customer, p.account_id, p.month, p.currency, p.target, p.cost, p.base, p.reached
FROM deal_performance p JOIN deal d ON d.deal_id = p.deal_id AND d.superseded_at = 'infinity'
WHERE p.month < '2026-06-01' ORDER BY p.deal_id, p.month, p.currency;

-- Presale requests
SELECT presale_request_id FROM submit_presale('p', 'Customer', 'Sizing', today());
SELECT presale_request_id FROM submit_presale('p', 'Customer', 'Sizing', today());
SELECT presale_request_id FROM submit_presale('p', 'Customer', 'Migration', today() - 10);
SELECT assigned_to FROM assign_presale(2, 'Ann', today() - 9);
SELECT assigned_to, assigned_on - today() AS assigned FROM assign_presale(2, 'Ann', today());
SELECT presale_request_id, subject, state, assigned_to, overdue, answer_by = business_day_after('international', submitted_on, 3) AS in_three_business_days
FROM presale_open ORDER BY 1;
SELECT answer, answered_on - today() AS answered FROM answer_presale(2, 'In two steps', today() - 1);
SELECT answer, answered_on - today() AS answered FROM answer_presale(2, 'In three steps', today());
SELECT presale_request_id, subject, state, overdue FROM presale_open ORDER BY 1;
SELECT closed_on = today() AS closed FROM close_presale(2);
SELECT closed_on = today() AS closed FROM close_presale(2, today() + 3);
SELECT presale_request_id, subject, state FROM presale_open ORDER BY 1;

-- Services that no catalogue knows
SELECT * FROM unruled_service ORDER BY currency DESC;
INSERT INTO service (service_id, name) VALUES ('s', 'Service');
SELECT count(*) AS unruled FROM unruled_service;

-- Audit: who, when, what, why
BEGIN;
SET LOCAL bonus.reason = 'ticket 4711';
UPDATE deal SET description = 'found by sales' WHERE customer = 'without' AND superseded_at = 'infinity';
COMMIT;
DELETE FROM holiday WHERE day = '2026-10-10';
SELECT table_name, statement, old_row ->> 'description' AS before, new_row ->> 'description' AS after, coalesce(old_row, new_row) ->> 'name' AS name, reason,
       changed_by = session_user AND acting_as = session_user AS by_me, changed_at <= clock_timestamp() AS when_it_was
FROM rule_change ORDER BY rule_change_id DESC LIMIT 2;
SELECT count(*) = count(DISTINCT rule_change_id) AND count(*) > 40 AS all_there FROM rule_change;
UPDATE rule_change SET reason = 'none';
\echo :LAST_ERROR_SQLSTATE
TRUNCATE rule_change;
\echo :LAST_ERROR_SQLSTATE
-- a rate below the cap in one currency is above it in another: only a proof tells
SELECT invariant, subject FROM verify();
