-- Lines: which rate applied, to what, and why; the worked example and a month in which every rule changes.
SET client_min_messages = warning;
SET datestyle = 'ISO, YMD';
SET timezone = 'UTC';
SELECT bonus.create_ledger('lines');
SET search_path = lines, bonus, public;
INSERT INTO program (program_id, name) VALUES ('international', 'International edition');
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap) VALUES ('international', 'USD', '[2026-01-01,)', 0.20, 0.15, 0.35);
INSERT INTO service (service_id, name) VALUES ('marketplace', 'Cloud Marketplace'), ('compute', 'Compute Cloud');
INSERT INTO sku (sku_id, service_id, name) VALUES ('cpu', 'compute', 'Processor');
INSERT INTO exclusion (program_id, service_id, validity, reason) VALUES ('international', 'marketplace', '[2026-01-01,)', 'Cloud Marketplace');
INSERT INTO partner (partner_id, billing_account_id, name) VALUES ('partner', 'partner-account', 'Partner, Inc.');
INSERT INTO partner_program (partner_id, program_id, validity) VALUES ('partner', 'international', '[2026-01-01,)');
INSERT INTO partner_status (partner_id, status, validity) VALUES ('partner', 'active', '[2026-01-01,)');
INSERT INTO subaccount (account_id, name) VALUES ('a', 'Customer A'), ('b', 'Customer B');
INSERT INTO subaccount_link (partner_id, account_id, validity) VALUES ('partner', 'a', '[2026-01-01,)'), ('partner', 'b', '[2026-01-01,)');
INSERT INTO deal (link_id, rate, validity) SELECT link_id, 0.15, '[2026-06-01,2027-06-01)' FROM subaccount_link WHERE account_id = 'b';

-- The worked example: 20 %, customer B has a deal of 15 points, Marketplace is excluded, the last line is the partner's own
SELECT lines, loaded, rejected FROM load_csv('partner', 'partner-export', 'billing_account_id,service_id,sku_id,date,currency,cost,credit,monetary_grant_credit,reward
a,compute,cpu,2026-10-05,USD,100.00,-30.00,-20.00,14.00
b,postgresql,cpu,2026-10-06,USD,250.50,-50.10,0,-70.14
a,marketplace,image,2026-10-07,USD,40.00,0,0,0
partner-account,compute,cpu,2026-10-08,USD,60.00,0,0,
');
SELECT section, account_id, service_id, cost, grant_credit AS grant, other_credit AS other, base, eligible_base AS eligible, basic_bonus AS basic,
       deal_bonus AS deal, bonus, payable, relative_discount AS relative, reasons
FROM bonus_line ORDER BY section, account_id, service_id;
-- 14.00 + 70.14 + 0; 84.14 / 310.40; 84.14 / 270.40
SELECT section, sum(cost) AS cost, sum(base) AS base, sum(bonus) AS bonus, sum(payable) AS payable, sum(bonus) / nullif(sum(base), 0) AS relative,
       sum(bonus) / nullif(sum(eligible_base), 0) AS relative_to_eligible
FROM bonus_line GROUP BY section ORDER BY section;
SELECT account_id, service_id, reason_rank AS rank, reason, cost, base FROM bonus_line_reason ORDER BY account_id, service_id;
SELECT account_id, service_id, section, basic_schedule, deal_schedule, eligible_days, excluded_days, own_days FROM effective_rate ORDER BY account_id, service_id;
SELECT account_id, usage_day, base, reason, basic_rate, deal_rate, bonus, num_nonnulls(link_id, partner_status_id, partner_program_id, program_terms_id) AS rules,
       exclusion_id IS NOT NULL AS excluded, deal_id IS NOT NULL AS with_deal
FROM usage_explained ORDER BY usage_day;
SELECT account_id, service_id, bonus, reward, normalized_reward, difference, reason FROM reconciliation ORDER BY account_id, service_id;
SELECT t.account_id, t.service_id, t.consumption, billing_month, usage_month FROM consumption_total t ORDER BY account_id, service_id;

-- A month of 1.00 a day, in which every rule begins or ends:
-- linked from the 3rd to the 27th; active from the 5th to the 24th, then suspended; program from the 7th; SKU excluded on the 10th and 11th;
-- 20 % up to the 14th, then 10 % with at most 25 % in all; deal of 15 points on the 20th to 22nd, capped at 10.
-- Not linked: 1, 2, 28, 29, 30. Not active: 3, 4, 25, 26, 27. No terms: 5, 6. Excluded: 10, 11. Eligible: 7-9 and 12-24, sixteen days.
-- Basic bonus: 7-9 and 12-14 at 0.20 = 1.20, and 15-24 at 0.10 = 1.00. Deal bonus: three days at 0.10 = 0.30.
INSERT INTO program (program_id, name) VALUES ('moving', 'Terms that move');
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap) VALUES
    ('moving', 'USD', '[2026-01-01,2026-11-15)', 0.20, 0.15, 0.35), ('moving', 'USD', '[2026-11-15,)', 0.10, 0.10, 0.25);
INSERT INTO exclusion (program_id, sku_id, validity) VALUES ('moving', 'cpu', '[2026-11-10,2026-11-12)');
INSERT INTO partner (partner_id, billing_account_id, name) VALUES ('mover', 'mover-account', 'Mover');
INSERT INTO partner_program (partner_id, program_id, validity) VALUES ('mover', 'moving', '[2026-11-07,)');
INSERT INTO partner_status (partner_id, status, validity) VALUES ('mover', 'applied', '(,2026-11-05)'), ('mover', 'active', '[2026-11-05,2026-11-25)'), ('mover', 'suspended', '[2026-11-25,)');
INSERT INTO subaccount (account_id, name) VALUES ('c', 'Customer C');
INSERT INTO subaccount_link (partner_id, account_id, validity) VALUES ('mover', 'c', '[2026-11-03,2026-11-28)');
INSERT INTO deal (link_id, rate, validity) SELECT link_id, 0.15, '[2026-11-20,2026-11-23)' FROM subaccount_link WHERE account_id = 'c';
SELECT loaded FROM load_csv('mover', 'partner-export', E'billing_account_id,service_id,sku_id,date,currency,cost,credit,monetary_grant_credit\n'
    || (SELECT string_agg(format(E'c,compute,cpu,2026-11-%s,USD,1,0,0\n', to_char(n, 'FM00')), '') FROM generate_series(1, 30) n));
SELECT cost, base, eligible_base, basic_bonus, deal_bonus, bonus, payable, relative_discount, reasons FROM bonus_line WHERE partner_id = 'mover';
SELECT reason_rank AS rank, reason, base, days
FROM bonus_line_reason
JOIN (SELECT reason, count(*) AS days FROM usage_explained WHERE partner_id = 'mover' GROUP BY reason) e USING (reason)
WHERE partner_id = 'mover' ORDER BY reason_rank;
SELECT e.* FROM bonus_line CROSS JOIN LATERAL explain(consumption, basic_schedule + deal_schedule) e WHERE partner_id = 'mover';
\x on
SELECT basic_schedule, deal_schedule, eligible_days, excluded_days, no_terms_days, inactive_days, not_linked_days, own_days FROM effective_rate WHERE partner_id = 'mover';
\x off

-- How base and deal combine: (base, deal rate, deal cap, total cap) -> (basic, deal)
--   additive 20 + 15 under 35: 0.20, 0.15          capped deal 20 + min(15, 10) under 35: 0.20, 0.10
--   additive 30 + 15 under 35: 0.30, 0.05          base above the total cap, 40 + 15 under 35: 0.35, 0
--   compound 20 + 15 - 3 = 32 under 35: 0.20, 0.12 compound under 30: 0.20, 0.10
INSERT INTO program (program_id, name) SELECT 'p' || n, '' FROM generate_series(1, 6) n;
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap, combination) VALUES
    ('p1', 'USD', '(,)', 0.20, 0.15, 0.35, 'additive'), ('p2', 'USD', '(,)', 0.20, 0.10, 0.35, 'additive'), ('p3', 'USD', '(,)', 0.30, 0.15, 0.35, 'additive'),
    ('p4', 'USD', '(,)', 0.40, 0.15, 0.35, 'additive'), ('p5', 'USD', '(,)', 0.20, 0.15, 0.35, 'compound'), ('p6', 'USD', '(,)', 0.20, 0.15, 0.30, 'compound');
INSERT INTO partner (partner_id, billing_account_id, name) SELECT 'p' || n, 'p-account-' || n, '' FROM generate_series(1, 6) n;
INSERT INTO partner_program (partner_id, program_id, validity) SELECT 'p' || n, 'p' || n, '(,)' FROM generate_series(1, 6) n;
INSERT INTO partner_status (partner_id, status, validity) SELECT 'p' || n, 'active', '(,)' FROM generate_series(1, 6) n;
INSERT INTO subaccount (account_id, name) SELECT 'customer-' || n, '' FROM generate_series(1, 6) n;
INSERT INTO subaccount_link (partner_id, account_id, validity) SELECT 'p' || n, 'customer-' || n, '(,)' FROM generate_series(1, 6) n;
INSERT INTO deal (link_id, rate, validity) SELECT link_id, 0.15, '(,)' FROM subaccount_link WHERE partner_id ~ '^p[1-6]$';
SELECT count(l.*) FROM generate_series(1, 6) n CROSS JOIN LATERAL load_csv('p' || n, 'partner-export', format(E'billing_account_id,service_id,sku_id,date,currency,cost,credit,monetary_grant_credit
customer-%1$s,compute,cpu,2026-10-05,USD,1000,0,0\ncustomer-%1$s,compute,cpu,2026-10-05,EUR,1000,0,0\nsomebody,compute,cpu,2026-10-05,USD,1000,0,0\ncustomer-%1$s,compute,refund,2026-10-06,USD,-10,2,5\n', n)) l;
SELECT partner_id, basic_schedule, deal_schedule, basic_bonus, deal_bonus FROM bonus_line WHERE partner_id ~ '^p[1-6]$' AND cost = 1000 AND currency = 'USD' AND account_id <> 'somebody' ORDER BY 1;
-- without terms in its currency, or without a link, usage earns nothing; a refund takes bonus back at the rate of its day
SELECT account_id, sku_id, currency, cost, grant_credit, other_credit, base, bonus, payable, reasons FROM bonus_line WHERE partner_id = 'p1' ORDER BY base DESC, account_id, currency;

-- Both roads agree to the last digit, and every base has its reasons
SELECT count(*) AS lines, bool_and(l.bonus = e.bonus AND l.base = e.base AND l.basic_bonus = e.basic AND l.deal_bonus = e.deal) AS as_usage_explained,
       bool_and(l.base = r.base AND l.cost = r.cost AND l.eligible_base = r.eligible_base) AS as_reasons
FROM bonus_line l
JOIN (SELECT partner_id, currency, account_id, service_id, sku_id, billing_month(usage_day) AS billing_month, sum(bonus) AS bonus, sum(base) AS base,
             sum(base * basic_rate) AS basic, sum(base * deal_rate) AS deal
      FROM usage_explained GROUP BY 1, 2, 3, 4, 5, 6) e USING (partner_id, currency, account_id, service_id, sku_id, billing_month)
JOIN (SELECT partner_id, currency, account_id, service_id, sku_id, billing_month, sum(base) AS base, sum(cost) AS cost,
             coalesce(sum(base) FILTER (WHERE reason = 'eligible'), 0) AS eligible_base
      FROM bonus_line_reason GROUP BY 1, 2, 3, 4, 5, 6) r USING (partner_id, currency, account_id, service_id, sku_id, billing_month);
SELECT (SELECT count(*) FROM bonus_line) AS lines, (SELECT count(*) FROM effective_rate) AS rates;

-- What if, and what was known: the same expression with another schedule
SELECT discount(consumption, basic_schedule + deal_schedule) AS as_agreed, discount(consumption, basic_schedule + '{(,): 0.10}') AS ten_points
FROM bonus_line WHERE account_id = 'b';
SELECT clock_timestamp()::text AS before_it \gset
UPDATE deal SET rate = 0.05 WHERE link_id = (SELECT link_id FROM subaccount_link WHERE account_id = 'b');
SELECT bonus FROM bonus_line WHERE account_id = 'b';
SET bonus.known_at = :'before_it';
SELECT bonus FROM bonus_line WHERE account_id = 'b';
RESET bonus.known_at;
DROP SCHEMA lines CASCADE;
