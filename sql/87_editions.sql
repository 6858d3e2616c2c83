-- The editions of src/editions: each is loaded and prices a small month; a second run is refused and changes nothing.
SET client_min_messages = warning;
SET datestyle = 'ISO, YMD';
\set SHOW_CONTEXT never
-- as text, so that no path is in what errors say
\getenv root PG_ABS_SRCDIR
\set international `cat :'root'/src/editions/international.sql`
\set russian `cat :'root'/src/editions/russian.sql`
\set volume_tiers `cat :'root'/src/editions/volume_tiers.sql`
SELECT bonus.create_ledger('editions');
SET search_path = editions, bonus, public;
:international
:russian
:volume_tiers

SELECT t.program_id, t.currency, t.validity, t.base_rate, t.deal_cap, t.total_cap, t.volume_rule, r.tiers, t.deal_target
FROM program_terms t LEFT JOIN terms_tiers r USING (program_terms_id) ORDER BY t.program_terms_id;
SELECT program_id, validity, notice_days, decision_business_days, activation_days, answer_business_days FROM program_period ORDER BY program_period_id;
SELECT program_id, service_id, effect, validity, reason FROM exclusion ORDER BY exclusion_id;
SELECT service_id, name FROM service ORDER BY service_id;

-- what is not known says so
SELECT count(*) AS without_placeholder FROM exclusion WHERE service_id NOT LIKE 'confirm:%';
SELECT count(*) AS not_flagged FROM exclusion WHERE program_id = 'international' AND reason NOT LIKE '%from the Russian edition, confirm';
SELECT count(*) AS not_labelled FROM program_terms WHERE volume_rule IS NOT NULL AND offer_reference <> 'example figures';

-- again: refused, and nothing has changed
SELECT md5(string_agg(r, ';' ORDER BY r COLLATE "C")) AS before
FROM (SELECT p::text FROM program p UNION ALL SELECT t::text FROM program_terms t UNION ALL SELECT x::text FROM exclusion x
      UNION ALL SELECT s::text FROM service s UNION ALL SELECT y::text FROM program_period y UNION ALL SELECT v::text FROM program_tier v) e (r) \gset
:international
:russian
:volume_tiers
SELECT md5(string_agg(r, ';' ORDER BY r COLLATE "C")) = :'before' AS nothing_changed
FROM (SELECT p::text FROM program p UNION ALL SELECT t::text FROM program_terms t UNION ALL SELECT x::text FROM exclusion x
      UNION ALL SELECT s::text FROM service s UNION ALL SELECT y::text FROM program_period y UNION ALL SELECT v::text FROM program_tier v) e (r);

-- A partner of each edition with the same small month: customer B has a deal of 15 points
INSERT INTO partner (partner_id, billing_account_id, name)
SELECT program_id, program_id || '-account', 'Partner of ' || program_id FROM program;
INSERT INTO partner_program (partner_id, program_id, validity) SELECT program_id, program_id, '[2026-01-01,)' FROM program;
INSERT INTO partner_status (partner_id, status, validity) SELECT partner_id, 'active', '[2026-01-01,)' FROM partner;
INSERT INTO subaccount (account_id, name)
SELECT partner_id || '-' || a, 'Customer ' || upper(a) FROM partner CROSS JOIN (VALUES ('a'), ('b')) c (a);
INSERT INTO subaccount_link (partner_id, account_id, validity)
SELECT partner_id, partner_id || '-' || a, '[2026-01-01,)' FROM partner CROSS JOIN (VALUES ('a'), ('b')) c (a);
INSERT INTO deal (link_id, rate, validity) SELECT link_id, 0.15, '[2026-06-01,)' FROM subaccount_link WHERE account_id LIKE '%-b';
-- the placeholder of Marketplace gives way to an id
INSERT INTO service (service_id, name) VALUES ('marketplace', 'Cloud Marketplace'), ('compute', 'Compute Cloud');
UPDATE exclusion SET service_id = 'marketplace', reason = 'Marketplace' WHERE service_id = 'confirm:marketplace';
DELETE FROM service WHERE service_id = 'confirm:marketplace';
SELECT p.partner_id, c.currency, l.loaded, l.rejected
FROM partner p
JOIN (VALUES ('international', 'USD'), ('russian', 'RUB'), ('volume_slab', 'RUB'), ('volume_graduated', 'RUB')) c (partner_id, currency) USING (partner_id)
CROSS JOIN LATERAL load_csv(p.partner_id, 'partner-export',
    replace(replace('billing_account_id,service_id,sku_id,date,currency,cost,credit,monetary_grant_credit
PARTNER-a,compute,cpu,2026-10-05,CURRENCY,400100.00,-100.00,-100.00
PARTNER-b,compute,cpu,2026-10-06,CURRENCY,200000.00,0,0
PARTNER-a,marketplace,image,2026-10-07,CURRENCY,40.00,0,0
PARTNER-account,compute,cpu,2026-10-08,CURRENCY,60.00,0,0
PARTNER-a,compute,cpu,2026-10-09,EUR,1.00,0,0
', 'PARTNER', p.partner_id), 'CURRENCY', c.currency)) l
ORDER BY p.partner_id;
SELECT partner_id, currency, account_id, service_id, base, basic_bonus, deal_bonus, reasons
FROM bonus_line ORDER BY partner_id, currency, account_id, service_id;
SELECT partner_id, currency, base, basic_bonus, deal_bonus, absolute_discount, customers_total, own_total FROM payment_invoice ORDER BY partner_id, currency;
SELECT * FROM verify();

DROP SCHEMA editions CASCADE;
