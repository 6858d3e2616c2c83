-- A ledger with two partners whose usage is the same: 1,000 subaccounts x 20 SKUs, five lines each. One has one flat rate; the
-- rules of the other change three times within the month: the base rate, an exclusion, a deal for every customer.
SET client_min_messages = warning;
SELECT create_ledger('bench_ledger');
SET search_path = bench_ledger, bonus, public;
INSERT INTO program (program_id, name) VALUES ('flat', 'Flat'), ('changing', 'Changing');
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap) VALUES
    ('flat', 'USD', '[2026-01-01,)', 0.20, 0.15, 0.35),
    ('changing', 'USD', '[2026-01-01,2026-10-10)', 0.20, 0.15, 0.35), ('changing', 'USD', '[2026-10-10,)', 0.22, 0.15, 0.35);
INSERT INTO service (service_id, name) SELECT 'service-' || n, 'Service' FROM generate_series(1, 20) n;
INSERT INTO partner (partner_id, billing_account_id, name) SELECT program_id, program_id || '-account', name FROM program;
INSERT INTO partner_program (partner_id, program_id, validity) SELECT partner_id, partner_id, '[2026-01-01,)' FROM partner;
INSERT INTO partner_status (partner_id, status, validity) SELECT partner_id, 'active', '[2026-01-01,)' FROM partner;
INSERT INTO subaccount (account_id, name) SELECT partner_id || n, 'Customer' FROM partner, generate_series(1, 1000) n;
INSERT INTO subaccount_link (partner_id, account_id, validity) SELECT partner_id, partner_id || n, '[2026-01-01,)' FROM partner, generate_series(1, 1000) n;
INSERT INTO exclusion (program_id, service_id, validity) SELECT 'changing', 'service-' || n, '[2026-10-15,)' FROM generate_series(1, 3) n;
INSERT INTO deal (link_id, rate, validity) SELECT link_id, 0.1, '[2026-10-20,)' FROM subaccount_link WHERE partner_id = 'changing';
INSERT INTO usage_day (partner_id, source, usage_day, lines)
SELECT u.partner_id, 'bench', u.day, usage_pack_agg(u.account_id, u.service_id, u.sku_id, 'USD', 'Usage', u.cost, 0, 0)
FROM (SELECT partner_id, date '2026-10-01' + (k * 7 + a) % 31 AS day, partner_id || a AS account_id, 'service-' || s AS service_id, 'sku-' || s AS sku_id,
             round((a * s * k % 977) / 13.0, 6) AS cost
      FROM partner, generate_series(1, 1000) a, generate_series(1, 20) s, generate_series(1, 5) k) u
GROUP BY u.partner_id, u.day;
ANALYZE;
