-- Partners to close: each has 99 customers and its own account, 10 SKUs of 10 services, one of them excluded, a deal of every fifth
-- customer, VAT, and 10 days of usage with a line for each account and SKU: 1,000 lines on the document, 10,000 behind them.
SET client_min_messages = warning;
INSERT INTO program (program_id, name) VALUES ('international', 'International edition');
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap) VALUES ('international', 'USD', '[2026-01-01,)', 0.20, 0.15, 0.35);
INSERT INTO service (service_id, name) SELECT 'service-' || n, 'Service ' || n FROM generate_series(0, 9) n;
INSERT INTO sku (sku_id, service_id, name) SELECT 'sku-' || n, 'service-' || n, 'SKU ' || n FROM generate_series(0, 9) n;
INSERT INTO exclusion (program_id, service_id, validity) VALUES ('international', 'service-9', '[2026-01-01,)');
INSERT INTO vat_rate (country, currency, validity, rate, included) VALUES ('RS', 'USD', '[2026-01-01,)', 0.2, false);
INSERT INTO partner (partner_id, billing_account_id, name, country) SELECT 'partner-' || p, 'own-' || p, 'Partner ' || p, 'RS' FROM generate_series(1, :partners) p;
INSERT INTO partner_program (partner_id, program_id, validity) SELECT partner_id, 'international', '[2026-01-01,)' FROM partner;
INSERT INTO partner_status (partner_id, status, validity) SELECT partner_id, 'active', '[2026-01-01,)' FROM partner;
INSERT INTO subaccount (account_id, name) SELECT 'account-' || p || '-' || a, 'Customer ' || a FROM generate_series(1, :partners) p, generate_series(1, 99) a;
INSERT INTO subaccount_link (partner_id, account_id, validity)
SELECT 'partner-' || p, 'account-' || p || '-' || a, '[2026-01-01,)' FROM generate_series(1, :partners) p, generate_series(1, 99) a;
INSERT INTO deal (link_id, rate, validity) SELECT link_id, 0.1, '[2026-06-15,2027-06-15)' FROM subaccount_link WHERE link_id % 5 = 0 AND superseded_at = 'infinity';
INSERT INTO usage_day (partner_id, source, usage_day, lines)
SELECT 'partner-' || p, 'partner-export', date '2026-09-01' + d * 3,
       usage_pack_agg(CASE k / 10 WHEN 0 THEN 'own-' || p ELSE 'account-' || p || '-' || k / 10 END, 'service-' || k % 10, 'sku-' || k % 10, 'USD', 'Usage',
                      ((p * 31 + d) * 1000 + k) * 7919::bigint % 1000003 * 0.0000123457, CASE WHEN (k + d) % 10 = 0 THEN -0.0123 ELSE 0 END, 0)
FROM generate_series(1, :partners) p
CROSS JOIN generate_series(0, 9) d
CROSS JOIN generate_series(0, 999) k
GROUP BY p, d;
VACUUM ANALYZE;
