-- rounding_terms: by the terms of the last day of the month that has any. The view tells it in months; here the definition is asked for
-- every month by itself.
SET client_min_messages = warning;
SET datestyle = 'ISO, YMD';
SELECT bonus.create_ledger('rounding');
SET search_path = rounding, bonus, public;
INSERT INTO program (program_id, name) SELECT 'program-' || n, 'Program ' || n FROM generate_series(1, 4) n;
-- terms one after the other, with and without a gap, of a day and of years; the last for ever, the first since ever
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap, rounding_scale, rounding_mode)
SELECT 'program-' || p, c, validity, 0.2, 0.15, 0.35, scale, mode
FROM generate_series(1, 4) p
CROSS JOIN unnest('{USD,JPY}'::text[]) c
CROSS JOIN (VALUES (daterange(NULL, '2026-01-10'), 0, 'up'), ('[2026-01-10,2026-01-31)', 1, 'down'), ('[2026-01-31,2026-02-01)', NULL, 'half even'),
                   ('[2026-03-05,2026-03-20)', 3, 'truncate'), ('[2026-03-25,2026-03-26)', 4, 'half up'), ('[2026-05-01,2026-06-01)', 5, 'up'),
                   ('[2026-06-01,2027-02-15)', 6, 'down'), ('[2027-02-20,)', 7, 'half even')) t (validity, scale, mode)
WHERE (p + length(mode) + coalesce(scale, 0)) % 4 > 0 AND NOT (c = 'JPY' AND scale = 5);
INSERT INTO partner (partner_id, billing_account_id, name) SELECT 'partner-' || n, 'own-' || n, 'Partner ' || n FROM generate_series(1, 4) n;
INSERT INTO partner_program (partner_id, program_id, validity) VALUES
    ('partner-1', 'program-1', '[2025-01-01,)'), ('partner-2', 'program-1', '[2025-11-05,2026-01-12)'), ('partner-2', 'program-2', '[2026-01-12,2026-03-22)'),
    ('partner-2', 'program-3', '[2026-03-22,2026-05-02)'), ('partner-2', 'program-4', '[2026-05-02,2026-05-31)'), ('partner-2', 'program-2', '[2026-07-15,infinity)'),
    ('partner-3', 'program-4', '(,2026-06-02)'), ('partner-3', 'program-3', '[2026-06-30,2026-07-01)'), ('partner-4', 'program-2', '(,)');

CREATE TEMP VIEW defined AS
SELECT p.partner_id, c.currency, m.month::date AS month, t.rounding_scale, t.rounding_mode
FROM partner p
CROSS JOIN unnest('{USD,JPY}'::text[]) c (currency)
CROSS JOIN generate_series(timestamp '2024-12-01', timestamp '2028-01-01', interval '1 month') m (month)
CROSS JOIN LATERAL (SELECT t.rounding_scale, t.rounding_mode
                    FROM partner_program pp
                    JOIN program_terms t ON t.program_id = pp.program_id AND t.superseded_at = 'infinity'
                    CROSS JOIN LATERAL (SELECT pp.validity * t.validity * month_days(m.month::date) AS days) d
                    WHERE pp.partner_id = p.partner_id AND pp.superseded_at = 'infinity' AND t.currency = c.currency AND NOT isempty(d.days)
                    ORDER BY upper(d.days) DESC
                    LIMIT 1) t;
SELECT count(*) > 150 AS many, count(DISTINCT rounding_mode) AS modes FROM defined;
SELECT count(*) AS differences
FROM defined d
FULL JOIN (SELECT r.*, m.month::date AS month
           FROM rounding_terms r
           JOIN generate_series(timestamp '2024-12-01', timestamp '2028-01-01', interval '1 month') m (month) ON r.months @> m.month::date) r
    USING (partner_id, currency, month)
WHERE (d.rounding_scale, d.rounding_mode) IS DISTINCT FROM (r.rounding_scale, r.rounding_mode) OR d.partner_id IS NULL OR r.partner_id IS NULL;
SELECT months, rounding_scale, rounding_mode FROM rounding_terms WHERE partner_id = 'partner-2' AND currency = 'USD' ORDER BY months;
DROP SCHEMA rounding CASCADE;
