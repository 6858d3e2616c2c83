-- Partners with 200 keys each (10 accounts with 20 SKUs), a line a key and day: as rows in bench.many, and in packs. Amounts have
-- ten decimals, a tenth of the lines a credit. And two partners with 400 keys, one with one line a key and day, one with fifty: both
-- with a credit on every key and day, so that there is as much to add up.
SET client_min_messages = warning;
INSERT INTO bench.many
SELECT 'partner-' || p, 'dn2' || a.id, 'Customer ' || k / 20 || ' (generated)', 'b1g' || a.id, 'customer-' || k / 20, 'b1f' || a.id, 'default',
       'fhm' || r.id, 'dn2' || s.service, 'Service ' || k % 20 / 4, 'dn2' || s.id, 'Service ' || k % 20 / 4 || ', SKU ' || k % 20,
       date '2026-10-01' + d, 'USD', n.number % 100000 / 1000.0, 'core*hour', n.cost, n.credit, CASE WHEN n.number % 20 = 0 THEN n.credit ELSE 0 END,
       CASE WHEN n.number % 20 = 10 THEN n.credit ELSE 0 END, 0, 0, round((n.cost + n.credit) * 0.2, 12), 'generated', 'prod', 'web', 'en',
       date '2026-10-02' + d + time '02:15' AT TIME ZONE 'UTC', date '2026-10-02' + d + time '04:00' AT TIME ZONE 'UTC'
FROM generate_series(1, :partners) p
CROSS JOIN generate_series(0, 30) d
CROSS JOIN generate_series(0, 199) k
CROSS JOIN LATERAL (SELECT substr(md5(p || ' account ' || k / 20), 1, 17) AS id) a
CROSS JOIN LATERAL (SELECT substr(md5('sku ' || k % 20), 1, 17) AS id, substr(md5('service ' || k % 20 / 4), 1, 17) AS service) s
CROSS JOIN LATERAL (SELECT substr(md5(p || ' resource ' || k), 1, 17) AS id) r
CROSS JOIN LATERAL (SELECT number, number % 1000003 * 0.0000123457 AS cost, CASE WHEN number % 10 = 0 THEN number % 1000003 * -0.0000012345 ELSE 0 END AS credit
                    FROM (SELECT ((p * 31 + d) * 200 + k) * 7919::bigint AS number) m) n;

INSERT INTO usage_day (partner_id, source, usage_day, lines)
SELECT partner_id, 'partner-export', date,
       usage_pack_agg(ROW(billing_account_id, billing_account_name, cloud_id, cloud_name, folder_id, folder_name, resource_id, service_id, service_name,
                          sku_id, sku_name, currency, 'Usage', pricing_quantity, pricing_unit, cost, credit, monetary_grant_credit,
                          volume_incentive_credit, cud_credit, misc_credit, reward,
                          jsonb_build_object('label.generated', label_generated, 'label.user_labels.env', label_env, 'label.user_labels.team', label_team),
                          locale, to_char(updated_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), to_char(exported_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))::usage_line)
FROM bench.many
GROUP BY partner_id, date;

INSERT INTO usage_day (partner_id, source, usage_day, lines)
SELECT 'lines-' || most, 'partner-export', date '2026-10-01' + d,
       usage_pack_agg('account-' || k / 20, 'service-' || k % 20 / 4, 'sku-' || k % 20, 'USD', 'Usage', ((d * 400 + k) * 50 + n) * 7919::bigint % 1000003 * 0.0000123457,
                      CASE WHEN n % 10 = 1 THEN -1.5 ELSE 0 END, 0)
FROM (VALUES (1), (50)) m (most)
CROSS JOIN generate_series(0, 30) d
CROSS JOIN generate_series(0, 399) k
CROSS JOIN LATERAL generate_series(1, most) n
GROUP BY most, d;
