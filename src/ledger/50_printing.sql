-- Printing: the only place that rounds amounts. Per block (document, section and VAT) base and bonus are rounded once; every
-- smaller figure is a largest-remainder share of them, so every row and column foots.

CREATE VIEW vat_days WITH (security_invoker = true) AS
SELECT country, currency, category, rate, included, range_agg(validity) AS days
FROM vat_rate
WHERE is_known(recorded_at, superseded_at)
GROUP BY country, currency, category, rate, included
UNION ALL
SELECT country, currency, 'missing', 0, false, '{(,)}' - range_agg(validity)
FROM vat_rate
WHERE is_known(recorded_at, superseded_at)
GROUP BY country, currency;
COMMENT ON VIEW vat_days IS 'Per country and currency with VAT rates: the days of each rate, and those without any (category missing).';
COMMENT ON COLUMN vat_days.country IS 'ISO 3166 code.';
COMMENT ON COLUMN vat_days.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN vat_days.category IS 'EN 16931 code, or missing.';
COMMENT ON COLUMN vat_days.rate IS 'A fraction.';
COMMENT ON COLUMN vat_days.included IS 'Whether amounts include it.';
COMMENT ON COLUMN vat_days.days IS 'The days; may be empty.';

-- A line whose days have several rates of VAT becomes several.
CREATE VIEW taxed_line WITH (security_invoker = true) AS
SELECT b.partner_id, b.billing_month, b.usage_month, b.currency, b.section, v.vat_category, v.vat_rate, v.vat_included,
       b.account_id, b.service_id, b.sku_id, b.charge_category, b.kind, b.corrects_month, b.correction, b.reasons,
       m.consumption, b.basic_schedule * d.usage_days AS basic_schedule, b.deal_schedule * d.usage_days AS deal_schedule,
       b.eligible_days * d.usage_days AS eligible_days, m.cost, m.grant_credit, m.other_credit, m.eligible_base, m.basic_bonus, m.deal_bonus
FROM bonus_line b
LEFT JOIN partner p ON p.partner_id = b.partner_id AND is_known(p.recorded_at, p.superseded_at)
CROSS JOIN LATERAL (SELECT month_days(b.usage_month) AS days, month_days(b.usage_month)::datemultirange AS usage_days) d
LEFT JOIN vat_days r ON r.country = p.country AND r.currency = b.currency AND r.days && d.days
CROSS JOIN LATERAL (SELECT coalesce(r.category, CASE WHEN p.country IS NULL THEN 'O' ELSE 'missing' END) AS vat_category, coalesce(r.rate, 0) AS vat_rate,
                           coalesce(r.included, false) AS vat_included, coalesce(r.days @> d.days, true) AS is_whole) v
CROSS JOIN LATERAL (SELECT CASE WHEN v.is_whole THEN b.consumption ELSE b.consumption * r.days END AS consumption OFFSET 0) t
CROSS JOIN LATERAL (
    SELECT b.consumption, b.cost, b.grant_credit, b.other_credit, b.eligible_base, b.basic_bonus, b.deal_bonus
    WHERE v.is_whole OR (b.account_id IS NULL AND r.days @> upper(d.days) - 1)  -- the tiers' line, and its correction, is the month's: its last day tells
    UNION ALL
    SELECT t.consumption, CASE b.kind WHEN 'usage' THEN cost(t.consumption) ELSE 0 END, CASE b.kind WHEN 'usage' THEN grant_credit(t.consumption) ELSE 0 END,
           CASE b.kind WHEN 'usage' THEN other_credit(t.consumption) ELSE 0 END, base(t.consumption * b.eligible_days),
           discount(t.consumption, b.basic_schedule), discount(t.consumption, b.deal_schedule)
    WHERE NOT v.is_whole AND t.consumption <> '{}') m;
COMMENT ON VIEW taxed_line IS 'Lines with the VAT of their days: those of bonus_line, split where the rate of VAT changes within the month. Exact; rates and days are those of the usage month alone.';
COMMENT ON COLUMN taxed_line.partner_id IS 'The partner.';
COMMENT ON COLUMN taxed_line.billing_month IS 'First day of the document''s month.';
COMMENT ON COLUMN taxed_line.usage_month IS 'First day of the month of the usage.';
COMMENT ON COLUMN taxed_line.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN taxed_line.section IS 'customers or own.';
COMMENT ON COLUMN taxed_line.vat_category IS 'EN 16931 code; O for partners without a country; missing when the country has no rate on these days.';
COMMENT ON COLUMN taxed_line.vat_rate IS 'A fraction.';
COMMENT ON COLUMN taxed_line.vat_included IS 'Whether amounts include it.';
COMMENT ON COLUMN taxed_line.account_id IS 'Billing account; NULL for what volume tiers give less.';
COMMENT ON COLUMN taxed_line.service_id IS 'Service.';
COMMENT ON COLUMN taxed_line.sku_id IS 'SKU.';
COMMENT ON COLUMN taxed_line.charge_category IS 'Usage, Purchase, Adjustment or Credit.';
COMMENT ON COLUMN taxed_line.kind IS 'usage, volume tiers or correction.';
COMMENT ON COLUMN taxed_line.corrects_month IS 'Of a correction: the month whose document it corrects.';
COMMENT ON COLUMN taxed_line.correction IS 'Of a correction: its number.';
COMMENT ON COLUMN taxed_line.reasons IS 'As in bonus_line: of all the line''s days.';
COMMENT ON COLUMN taxed_line.consumption IS 'First operand.';
COMMENT ON COLUMN taxed_line.basic_schedule IS 'Second operand.';
COMMENT ON COLUMN taxed_line.deal_schedule IS 'Third operand.';
COMMENT ON COLUMN taxed_line.eligible_days IS 'Days that earn bonus.';
COMMENT ON COLUMN taxed_line.cost IS 'Cost before credits.';
COMMENT ON COLUMN taxed_line.grant_credit IS 'What grants paid for.';
COMMENT ON COLUMN taxed_line.other_credit IS 'Other credits.';
COMMENT ON COLUMN taxed_line.eligible_base IS 'Base of the days that earn bonus.';
COMMENT ON COLUMN taxed_line.basic_bonus IS 'discount(consumption, basic_schedule).';
COMMENT ON COLUMN taxed_line.deal_bonus IS 'discount(consumption, deal_schedule).';

-- How documents are rounded: by the terms of the last day of their month that has any.
CREATE VIEW rounding_terms WITH (security_invoker = true) AS
SELECT partner_id, currency,
       daterange(billing_month(first_day), least((billing_month(last_day) + interval '1 month')::date, billing_month(next_first_day))) AS months,
       rounding_scale, rounding_mode
FROM (SELECT t.partner_id, t.currency, t.rounding_scale, t.rounding_mode, nullif(lower(t.days), '-infinity') AS first_day,
             nullif(upper(t.days), 'infinity') - 1 AS last_day, lead(lower(t.days)) OVER (PARTITION BY t.partner_id, t.currency ORDER BY t.days) AS next_first_day
      FROM partner_terms t
      WHERE NOT isempty(t.days)) d;
COMMENT ON VIEW rounding_terms IS 'Per partner and currency: how documents of a month are rounded. A month in which terms change belongs to the later ones.';
COMMENT ON COLUMN rounding_terms.partner_id IS 'The partner.';
COMMENT ON COLUMN rounding_terms.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN rounding_terms.months IS 'The months, from the first day of the first; disjoint, may be empty.';
COMMENT ON COLUMN rounding_terms.rounding_scale IS 'Decimals that are printed; NULL: those of the currency.';
COMMENT ON COLUMN rounding_terms.rounding_mode IS 'How the two sums of a block are rounded.';

CREATE VIEW line_in_print WITH (security_invoker = true) AS
SELECT w.partner_id, w.billing_month, w.usage_month, w.currency, w.has_document, w.section, w.vat_category, w.vat_rate, w.vat_included, w.account_id,
       w.service_id, w.sku_id, w.charge_category, w.kind, w.corrects_month, w.correction, w.rounding_scale, w.rounding_mode,
       l.gross, l.grant_credit, l.other_credit, l.gross + l.grant_credit + l.other_credit AS base, l.basic_bonus, l.deal_bonus,
       l.basic_bonus + l.deal_bonus AS bonus, l.gross + l.grant_credit + l.other_credit - l.basic_bonus - l.deal_bonus AS payable, l.taxable,
       w.eligible_base, w.reasons, w.consumption, w.basic_schedule, w.deal_schedule, w.eligible_days,
       w.exact_cost, w.exact_grant_credit, w.exact_other_credit, w.exact_basic_bonus, w.exact_deal_bonus
FROM (SELECT b.partner_id, b.billing_month, b.usage_month, b.currency, b.section, b.vat_category, b.vat_rate, b.vat_included, b.account_id,
             b.service_id, b.sku_id, b.charge_category, b.kind, b.corrects_month, b.correction, r.rounding_scale, r.rounding_mode, b.cost AS exact_cost,
             b.grant_credit AS exact_grant_credit, b.other_credit AS exact_other_credit, b.basic_bonus AS exact_basic_bonus,
             b.deal_bonus AS exact_deal_bonus, b.eligible_base, b.reasons, b.consumption, b.basic_schedule, b.deal_schedule, b.eligible_days,
             bool_or(b.cost + b.grant_credit + b.other_credit <> 0 OR b.basic_bonus <> 0 OR b.deal_bonus <> 0)
                 OVER (PARTITION BY b.partner_id, b.billing_month, b.currency) AS has_document,
             printed_leaves(b.account_id, b.cost, b.grant_credit, b.other_credit, b.basic_bonus, b.deal_bonus, b.vat_rate, b.vat_included,
                            r.rounding_scale, r.rounding_mode)
                 OVER (PARTITION BY b.partner_id, b.billing_month, b.currency, b.section, b.vat_category, b.vat_rate, b.vat_included
                       ORDER BY b.account_id, b.service_id, b.sku_id, b.charge_category, b.usage_month, b.kind, b.corrects_month, b.correction,
                                b.consumption) AS leaves  -- lines that equal in all of this may change places
      FROM taxed_line b
      JOIN currency c ON c.currency = b.currency
      LEFT JOIN rounding_terms t ON t.partner_id = b.partner_id AND t.currency = b.currency AND t.months @> b.billing_month
      CROSS JOIN LATERAL (SELECT coalesce(t.rounding_scale, c.minor_units)::integer AS rounding_scale,
                                 coalesce(t.rounding_mode, 'half away from zero') AS rounding_mode) r) w
CROSS JOIN LATERAL (SELECT w.leaves[1] AS gross, w.leaves[2] AS grant_credit, w.leaves[3] AS other_credit, w.leaves[4] AS basic_bonus,
                           w.leaves[5] AS deal_bonus, w.leaves[6] AS taxable) l;
COMMENT ON VIEW line_in_print IS 'Lines as documents print them, rounded by the terms of the last day of the month that has terms (without any: half away from zero to the currency''s minor unit): five leaves (gross, grant credit, other credit, basic bonus, deal bonus), each the floor or ceiling of its exact value, shared out block (section and VAT), then subaccount, then line.';
COMMENT ON COLUMN line_in_print.has_document IS 'Whether its document is issued: not when base and bonus of every line are 0.';
COMMENT ON COLUMN line_in_print.partner_id IS 'The partner.';
COMMENT ON COLUMN line_in_print.billing_month IS 'First day of the document''s month.';
COMMENT ON COLUMN line_in_print.usage_month IS 'First day of the month of the usage.';
COMMENT ON COLUMN line_in_print.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN line_in_print.section IS 'customers or own.';
COMMENT ON COLUMN line_in_print.account_id IS 'Billing account.';
COMMENT ON COLUMN line_in_print.service_id IS 'Service.';
COMMENT ON COLUMN line_in_print.sku_id IS 'SKU.';
COMMENT ON COLUMN line_in_print.charge_category IS 'Usage, Purchase, Adjustment or Credit.';
COMMENT ON COLUMN line_in_print.gross IS 'Printed cost before credits.';
COMMENT ON COLUMN line_in_print.grant_credit IS 'Printed grant credit.';
COMMENT ON COLUMN line_in_print.other_credit IS 'Printed other credits.';
COMMENT ON COLUMN line_in_print.base IS 'gross + grant_credit + other_credit.';
COMMENT ON COLUMN line_in_print.basic_bonus IS 'Printed basic bonus.';
COMMENT ON COLUMN line_in_print.deal_bonus IS 'Printed deal bonus.';
COMMENT ON COLUMN line_in_print.bonus IS 'basic_bonus + deal_bonus.';
COMMENT ON COLUMN line_in_print.payable IS 'base - bonus.';
COMMENT ON COLUMN line_in_print.eligible_base IS 'The part of the line''s base that earns bonus; exact, not rounded.';

COMMENT ON COLUMN line_in_print.vat_category IS 'EN 16931 code of the line''s VAT.';
COMMENT ON COLUMN line_in_print.vat_rate IS 'Its rate, a fraction.';
COMMENT ON COLUMN line_in_print.vat_included IS 'Whether amounts include it.';
COMMENT ON COLUMN line_in_print.kind IS 'usage, volume tiers or correction.';
COMMENT ON COLUMN line_in_print.corrects_month IS 'Of a correction: the month whose document it corrects.';
COMMENT ON COLUMN line_in_print.correction IS 'Of a correction: its number.';
COMMENT ON COLUMN line_in_print.rounding_scale IS 'Decimals that are printed.';
COMMENT ON COLUMN line_in_print.rounding_mode IS 'How the two sums of a block are rounded.';
COMMENT ON COLUMN line_in_print.taxable IS 'payable without VAT: a share of the block''s; payable itself where amounts do not include VAT.';
COMMENT ON COLUMN line_in_print.reasons IS 'Reasons that occur on the line''s days.';
COMMENT ON COLUMN line_in_print.consumption IS 'First operand.';
COMMENT ON COLUMN line_in_print.basic_schedule IS 'Second operand.';
COMMENT ON COLUMN line_in_print.deal_schedule IS 'Third operand.';
COMMENT ON COLUMN line_in_print.eligible_days IS 'Days that earn bonus.';
COMMENT ON COLUMN line_in_print.exact_cost IS 'cost of the consumption, before rounding.';
COMMENT ON COLUMN line_in_print.exact_grant_credit IS 'Its grant credit, before rounding.';
COMMENT ON COLUMN line_in_print.exact_other_credit IS 'Its other credits, before rounding.';
COMMENT ON COLUMN line_in_print.exact_basic_bonus IS 'discount(consumption, basic_schedule), before rounding.';
COMMENT ON COLUMN line_in_print.exact_deal_bonus IS 'discount(consumption, deal_schedule), before rounding.';

CREATE VIEW printed_line WITH (security_invoker = true) AS
SELECT partner_id, billing_month, usage_month, currency, section, vat_category, vat_rate, vat_included, account_id, service_id, sku_id, charge_category,
       kind, corrects_month, correction, rounding_scale, rounding_mode, gross, grant_credit, other_credit, base, basic_bonus, deal_bonus, bonus, payable,
       taxable, eligible_base, reasons, consumption, basic_schedule, deal_schedule, eligible_days,
       exact_cost, exact_grant_credit, exact_other_credit, exact_basic_bonus, exact_deal_bonus
FROM line_in_print
WHERE has_document;
COMMENT ON VIEW printed_line IS 'Lines as documents print them: those of line_in_print but of months in which every base and bonus is 0, which have no document.';
COMMENT ON COLUMN printed_line.partner_id IS 'The partner.';
COMMENT ON COLUMN printed_line.billing_month IS 'First day of the document''s month.';
COMMENT ON COLUMN printed_line.usage_month IS 'First day of the month of the usage.';
COMMENT ON COLUMN printed_line.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN printed_line.section IS 'customers or own.';
COMMENT ON COLUMN printed_line.account_id IS 'Billing account.';
COMMENT ON COLUMN printed_line.service_id IS 'Service.';
COMMENT ON COLUMN printed_line.sku_id IS 'SKU.';
COMMENT ON COLUMN printed_line.charge_category IS 'Usage, Purchase, Adjustment or Credit.';
COMMENT ON COLUMN printed_line.gross IS 'Printed cost before credits.';
COMMENT ON COLUMN printed_line.grant_credit IS 'Printed grant credit.';
COMMENT ON COLUMN printed_line.other_credit IS 'Printed other credits.';
COMMENT ON COLUMN printed_line.base IS 'gross + grant_credit + other_credit.';
COMMENT ON COLUMN printed_line.basic_bonus IS 'Printed basic bonus.';
COMMENT ON COLUMN printed_line.deal_bonus IS 'Printed deal bonus.';
COMMENT ON COLUMN printed_line.bonus IS 'basic_bonus + deal_bonus.';
COMMENT ON COLUMN printed_line.payable IS 'base - bonus.';
COMMENT ON COLUMN printed_line.eligible_base IS 'The part of the line''s base that earns bonus; exact, not rounded.';

COMMENT ON COLUMN printed_line.vat_category IS 'EN 16931 code of the line''s VAT.';
COMMENT ON COLUMN printed_line.vat_rate IS 'Its rate, a fraction.';
COMMENT ON COLUMN printed_line.vat_included IS 'Whether amounts include it.';
COMMENT ON COLUMN printed_line.kind IS 'usage, volume tiers or correction.';
COMMENT ON COLUMN printed_line.corrects_month IS 'Of a correction: the month whose document it corrects.';
COMMENT ON COLUMN printed_line.correction IS 'Of a correction: its number.';
COMMENT ON COLUMN printed_line.rounding_scale IS 'Decimals that are printed.';
COMMENT ON COLUMN printed_line.rounding_mode IS 'How the two sums of a block are rounded.';
COMMENT ON COLUMN printed_line.taxable IS 'payable without VAT: a share of the block''s; payable itself where amounts do not include VAT.';
COMMENT ON COLUMN printed_line.reasons IS 'Reasons that occur on the line''s days.';
COMMENT ON COLUMN printed_line.consumption IS 'First operand.';
COMMENT ON COLUMN printed_line.basic_schedule IS 'Second operand.';
COMMENT ON COLUMN printed_line.deal_schedule IS 'Third operand.';
COMMENT ON COLUMN printed_line.eligible_days IS 'Days that earn bonus.';
COMMENT ON COLUMN printed_line.exact_cost IS 'cost of the consumption, before rounding.';
COMMENT ON COLUMN printed_line.exact_grant_credit IS 'Its grant credit, before rounding.';
COMMENT ON COLUMN printed_line.exact_other_credit IS 'Its other credits, before rounding.';
COMMENT ON COLUMN printed_line.exact_basic_bonus IS 'discount(consumption, basic_schedule), before rounding.';
COMMENT ON COLUMN printed_line.exact_deal_bonus IS 'discount(consumption, deal_schedule), before rounding.';
