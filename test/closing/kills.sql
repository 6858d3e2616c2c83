-- 200 partners whose March is to be closed: two currencies, VAT that is included and not, deals, an exclusion, tiers. Every fifth has
-- issued documents of February, then late usage and a payment; of some of these February's rules were corrected.
SELECT bonus.create_ledger('killed');
SET search_path = killed, bonus, public;
UPDATE setting SET value = 'ignore' WHERE name LIKE 'close\_%';
INSERT INTO program (program_id, name) VALUES ('flat', 'Flat'), ('graduated', 'Graduated');
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap)
SELECT 'flat', c, '[2026-01-01,)', 0.2, 0.15, 0.35 FROM unnest('{USD,KZT}'::text[]) c;
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap, volume_rule)
SELECT 'graduated', c, '[2026-01-01,)', 0.1, 0.15, 0.35, 'graduated' FROM unnest('{USD,KZT}'::text[]) c;
INSERT INTO program_tier (program_terms_id, from_volume, rate) SELECT program_terms_id, 100, 0.2 FROM program_terms WHERE volume_rule IS NOT NULL;
INSERT INTO service (service_id, name) VALUES ('compute', 'Compute'), ('marketplace', 'Marketplace');
INSERT INTO exclusion (program_id, service_id, validity) VALUES ('flat', 'marketplace', '[2026-01-01,)');
INSERT INTO vat_rate (country, currency, validity, rate, included)
SELECT v.country, c, '(,)', v.rate, v.included FROM (VALUES ('RS', 0.2, false), ('KZ', 0.12, true)) v (country, rate, included), unnest('{USD,KZT}'::text[]) c;

CREATE TEMPORARY TABLE made AS SELECT n, 'p' || to_char(n, 'FM000') AS partner_id, 'own-' || n AS own, n % 5 = 0 AS old FROM generate_series(1, 200) n;
INSERT INTO partner (partner_id, billing_account_id, name, country) SELECT partner_id, own, 'Partner ' || n, ('{RS,KZ,NULL}'::text[])[1 + n % 3] FROM made;
INSERT INTO partner_program (partner_id, program_id, validity) SELECT partner_id, CASE n % 10 WHEN 0 THEN 'graduated' ELSE 'flat' END, '[2026-01-01,)' FROM made;
INSERT INTO partner_status (partner_id, status, validity) SELECT partner_id, 'active', daterange(CASE WHEN old THEN date '2026-02-01' ELSE '2026-03-01' END, NULL) FROM made;
INSERT INTO subaccount (account_id, name) SELECT 'a-' || n, 'Customer ' || n FROM made;
INSERT INTO subaccount_link (partner_id, account_id, validity) SELECT partner_id, 'a-' || n, '[2026-01-01,)' FROM made;
INSERT INTO deal (link_id, rate, validity)
SELECT l.link_id, 0.1, '[2026-02-10,2027-02-10)' FROM subaccount_link l JOIN made m USING (partner_id) WHERE m.n % 4 = 0 AND l.superseded_at = 'infinity';

-- The amounts of a day differ by partner, account and times.
CREATE FUNCTION pg_temp.use(days date[], only_old boolean, times integer) RETURNS void LANGUAGE sql AS $function$
    INSERT INTO killed.usage_day (partner_id, source, usage_day, lines)
    SELECT m.partner_id, 'partner-export', d, bonus.usage_pack_agg(l.account_id, l.service_id, l.sku_id, l.currency, 'Usage', l.cost, -trunc(l.cost / 7, 2), 0)
    FROM pg_temp.made m
    CROSS JOIN unnest(days) d
    CROSS JOIN LATERAL (VALUES ('a-' || m.n, 'compute', 'cpu', 'USD', times * (m.n * 7919 % 1009) * 0.317), ('a-' || m.n, 'marketplace', 'image', 'USD', times * 12.345),
                               (m.own, 'compute', 'cpu', 'USD', times * 3.21 + m.n), ('a-' || m.n, 'compute', 'cpu', 'KZT', times * (m.n * 31 % 97) * 10.055 + 1))
        l (account_id, service_id, sku_id, currency, cost)
    WHERE m.old OR NOT only_old
    GROUP BY m.partner_id, d
$function$;
SELECT pg_temp.use('{2026-02-05,2026-02-12}', true, 1);
CALL close_month('2026-02-01');
SELECT pg_temp.use('{2026-02-20}', true, 2);
SELECT record_payment(partner_id, 'USD', 10 + n, 'bank-' || n, '2026-03-10') FROM made WHERE old;
BEGIN;
SELECT start_correction();
UPDATE deal SET rate = 0.15 WHERE partner_id IN (SELECT partner_id FROM made WHERE n % 40 = 0);
SELECT count(*) FROM correct_month('2026-02-01', 'the deal was of 15 points');
COMMIT;
SELECT pg_temp.use('{2026-03-02,2026-03-15,2026-03-31}', false, 3);
DROP FUNCTION pg_temp.use;
DROP TABLE made;
VACUUM ANALYZE;
