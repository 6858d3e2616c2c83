-- Lines: the rules laid over each other, then joined to the totals. Aggregate first, join rules later. What it comes to is
-- the view bonus_line: discount(consumption, schedule), line by line.
--
-- Rules are joined by their ids alone: ranges that do not meet have an empty intersection, which adds nothing to an
-- aggregate, while the planner takes a condition on ranges for far more selective than it is.

-- What the terms give a partner, before anything about an account is known.
CREATE VIEW partner_rate WITH (security_invoker = true) AS
SELECT pp.partner_id, t.currency,
       range_agg(pp.validity * t.validity) AS terms_days,
       rate_schedule_agg(pp.validity * t.validity, least(t.base_rate, t.total_cap)) AS basic_schedule
FROM partner_program pp
JOIN program_terms t ON t.program_id = pp.program_id AND is_known(t.recorded_at, t.superseded_at)
WHERE is_known(pp.recorded_at, pp.superseded_at)
GROUP BY pp.partner_id, t.currency;
COMMENT ON VIEW partner_rate IS 'Per partner and currency: the days with terms, and the basic rate of the terms.';
COMMENT ON COLUMN partner_rate.partner_id IS 'The partner.';
COMMENT ON COLUMN partner_rate.currency IS 'Currency of the terms.';
COMMENT ON COLUMN partner_rate.terms_days IS 'Days on which the partner follows a program that has terms in this currency.';
COMMENT ON COLUMN partner_rate.basic_schedule IS 'Base rate of the terms, cut at their total cap.';

-- Services and SKUs a partner's programs exclude.
CREATE VIEW partner_exclusion WITH (security_invoker = true) AS
SELECT pp.partner_id, x.service_id, x.sku_id, range_agg(x.validity * pp.validity) AS excluded_days
FROM partner_program pp
JOIN exclusion x ON x.program_id = pp.program_id AND is_known(x.recorded_at, x.superseded_at)
WHERE is_known(pp.recorded_at, pp.superseded_at)
GROUP BY pp.partner_id, x.service_id, x.sku_id;
COMMENT ON VIEW partner_exclusion IS 'Per partner: days on which the program it follows excludes a service or a SKU.';
COMMENT ON COLUMN partner_exclusion.partner_id IS 'The partner.';
COMMENT ON COLUMN partner_exclusion.service_id IS 'Excluded service, or NULL.';
COMMENT ON COLUMN partner_exclusion.sku_id IS 'Excluded SKU, or NULL.';
COMMENT ON COLUMN partner_exclusion.excluded_days IS 'The days.';

-- What deals add, per account: least(base + least(deal rate, deal cap), total cap) - basic, for each pair of deal and terms.
CREATE VIEW deal_rate WITH (security_invoker = true) AS
SELECT l.partner_id, l.account_id, t.currency,
       rate_schedule_agg(d.validity * l.validity * pp.validity * t.validity,
                         least(t.base_rate + least(d.rate, t.deal_cap)
                               - CASE t.combination WHEN 'compound' THEN t.base_rate * least(d.rate, t.deal_cap) ELSE 0 END,
                               t.total_cap)
                         - least(t.base_rate, t.total_cap)) AS deal_schedule
FROM deal d
JOIN subaccount_link l ON l.link_id = d.link_id AND is_known(l.recorded_at, l.superseded_at)
JOIN partner_program pp ON pp.partner_id = l.partner_id AND is_known(pp.recorded_at, pp.superseded_at)
JOIN program_terms t ON t.program_id = pp.program_id AND is_known(t.recorded_at, t.superseded_at)
WHERE is_known(d.recorded_at, d.superseded_at)
GROUP BY l.partner_id, l.account_id, t.currency;
COMMENT ON VIEW deal_rate IS 'Per partner, account and currency: what registered deals add to the basic rate, after both caps.';
COMMENT ON COLUMN deal_rate.partner_id IS 'The partner.';
COMMENT ON COLUMN deal_rate.account_id IS 'The subaccount.';
COMMENT ON COLUMN deal_rate.currency IS 'Currency of the terms.';
COMMENT ON COLUMN deal_rate.deal_schedule IS 'The deal''s part of the rate, by day; only on days of the deal''s link.';

CREATE VIEW account_days WITH (security_invoker = true) AS
SELECT l.partner_id, l.account_id, '{(,)}' - l.linked_days AS not_linked_days,
       l.linked_days - coalesce(s.active_days, '{}') AS inactive_days,
       l.linked_days * coalesce(s.active_days, '{}') AS active_days
FROM (SELECT partner_id, account_id, range_agg(validity) AS linked_days
      FROM subaccount_link
      WHERE is_known(recorded_at, superseded_at)
      GROUP BY partner_id, account_id) l
LEFT JOIN (SELECT partner_id, range_agg(validity) AS active_days
           FROM partner_status
           WHERE status = 'active' AND is_known(recorded_at, superseded_at)
           GROUP BY partner_id) s USING (partner_id);
COMMENT ON VIEW account_days IS 'Per partner and subaccount: every day is in one of three sets.';
COMMENT ON COLUMN account_days.partner_id IS 'The partner.';
COMMENT ON COLUMN account_days.account_id IS 'The subaccount.';
COMMENT ON COLUMN account_days.not_linked_days IS 'Days on which the account is not linked to the partner.';
COMMENT ON COLUMN account_days.inactive_days IS 'Linked days on which the partner is not active.';
COMMENT ON COLUMN account_days.active_days IS 'Linked days on which the partner is active.';

CREATE VIEW account_rate WITH (security_invoker = true) AS
SELECT a.partner_id, a.account_id, r.currency,
       a.active_days - r.terms_days AS no_terms_days,
       a.active_days * r.terms_days AS bonus_days,
       r.basic_schedule * a.active_days AS basic_schedule,
       coalesce(d.deal_schedule * a.active_days, '{}') AS deal_schedule
FROM account_days a
JOIN partner_rate r USING (partner_id)
LEFT JOIN deal_rate d USING (partner_id, account_id, currency);
COMMENT ON VIEW account_rate IS 'Per partner, subaccount and currency: the rates before exclusions.';
COMMENT ON COLUMN account_rate.partner_id IS 'The partner.';
COMMENT ON COLUMN account_rate.account_id IS 'The subaccount.';
COMMENT ON COLUMN account_rate.currency IS 'Currency of the terms.';
COMMENT ON COLUMN account_rate.no_terms_days IS 'Linked, active days without terms in this currency.';
COMMENT ON COLUMN account_rate.bonus_days IS 'Days on which usage earns bonus unless it is excluded.';
COMMENT ON COLUMN account_rate.basic_schedule IS 'Basic rate on bonus_days.';
COMMENT ON COLUMN account_rate.deal_schedule IS 'Deal rate on bonus_days.';

-- One row per line: the operands of its bonus, and the days of each reason. Own consumption has none of the latter.
CREATE VIEW line_operands WITH (security_invoker = true) AS
SELECT t.partner_id, t.billing_month, t.usage_month, t.currency, t.section, t.account_id, t.service_id, t.sku_id,
       t.charge_category, t.consumption,
       CASE WHEN t.section = 'own' OR r.basic_schedule IS NULL THEN '{}'
            WHEN x.excluded_days IS NULL THEN r.basic_schedule
            ELSE r.basic_schedule * (r.bonus_days - x.excluded_days) END AS basic_schedule,
       CASE WHEN t.section = 'own' OR r.deal_schedule IS NULL THEN '{}'
            WHEN x.excluded_days IS NULL THEN r.deal_schedule
            ELSE r.deal_schedule * (r.bonus_days - x.excluded_days) END AS deal_schedule,
       CASE WHEN t.section = 'own' THEN '{(,)}' ELSE '{}' END::datemultirange AS own_days,
       CASE WHEN t.section = 'own' THEN '{}' ELSE coalesce(a.not_linked_days, '{(,)}') END AS not_linked_days,
       CASE WHEN t.section = 'own' THEN '{}' ELSE coalesce(a.inactive_days, '{}') END AS inactive_days,
       CASE WHEN t.section = 'own' THEN '{}' ELSE coalesce(r.no_terms_days, a.active_days, '{}') END AS no_terms_days,
       CASE WHEN t.section = 'own' OR x.excluded_days IS NULL THEN '{}'
            ELSE coalesce(r.bonus_days * x.excluded_days, '{}') END AS excluded_days,
       CASE WHEN t.section = 'own' OR r.bonus_days IS NULL THEN '{}'
            WHEN x.excluded_days IS NULL THEN r.bonus_days
            ELSE r.bonus_days - x.excluded_days END AS eligible_days
FROM consumption_total t
LEFT JOIN account_days a ON a.partner_id = t.partner_id AND a.account_id = t.account_id
LEFT JOIN account_rate r ON r.partner_id = t.partner_id AND r.account_id = t.account_id AND r.currency = t.currency
LEFT JOIN partner_exclusion xs ON xs.partner_id = t.partner_id AND xs.service_id = t.service_id
LEFT JOIN partner_exclusion xk ON xk.partner_id = t.partner_id AND xk.sku_id = t.sku_id
CROSS JOIN LATERAL (SELECT coalesce(xs.excluded_days + xk.excluded_days, xs.excluded_days, xk.excluded_days) AS excluded_days) x
WHERE t.charge_category <> 'Tax';
COMMENT ON VIEW line_operands IS 'Per line: consumption, basic schedule, deal schedule, and the days of each reason (disjoint; together all days). Tax is no line.';
COMMENT ON COLUMN line_operands.partner_id IS 'The partner.';
COMMENT ON COLUMN line_operands.billing_month IS 'First day of the month whose documents carry the line.';
COMMENT ON COLUMN line_operands.usage_month IS 'First day of the month of the usage.';
COMMENT ON COLUMN line_operands.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN line_operands.section IS 'customers or own.';
COMMENT ON COLUMN line_operands.account_id IS 'Billing account that consumed.';
COMMENT ON COLUMN line_operands.service_id IS 'Service.';
COMMENT ON COLUMN line_operands.sku_id IS 'SKU.';
COMMENT ON COLUMN line_operands.charge_category IS 'Usage, Purchase, Adjustment or Credit.';
COMMENT ON COLUMN line_operands.consumption IS 'First operand: the daily series.';
COMMENT ON COLUMN line_operands.basic_schedule IS 'Second operand: the basic rate by day; zero on days without bonus.';
COMMENT ON COLUMN line_operands.deal_schedule IS 'Third operand: the deal''s part of the rate by day; zero on days without bonus.';
COMMENT ON COLUMN line_operands.own_days IS 'Days whose reason is own consumption: all or none.';
COMMENT ON COLUMN line_operands.not_linked_days IS 'Days whose reason is not linked.';
COMMENT ON COLUMN line_operands.inactive_days IS 'Days whose reason is partner not active.';
COMMENT ON COLUMN line_operands.no_terms_days IS 'Days whose reason is no terms.';
COMMENT ON COLUMN line_operands.excluded_days IS 'Days whose reason is excluded.';
COMMENT ON COLUMN line_operands.eligible_days IS 'Days that earn bonus.';

CREATE VIEW effective_rate WITH (security_invoker = true) AS
SELECT DISTINCT partner_id, account_id, service_id, sku_id, charge_category, currency, section, basic_schedule, deal_schedule,
       eligible_days, excluded_days, no_terms_days, inactive_days, not_linked_days, own_days
FROM line_operands;
COMMENT ON VIEW effective_rate IS 'Which rate applies to what is used, by day, and why days are without bonus: one row per partner, account, service, SKU, charge category and currency seen in usage.';
COMMENT ON COLUMN effective_rate.partner_id IS 'The partner.';
COMMENT ON COLUMN effective_rate.account_id IS 'Billing account.';
COMMENT ON COLUMN effective_rate.service_id IS 'Service.';
COMMENT ON COLUMN effective_rate.sku_id IS 'SKU.';
COMMENT ON COLUMN effective_rate.charge_category IS 'Charge category.';
COMMENT ON COLUMN effective_rate.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN effective_rate.section IS 'customers or own.';
COMMENT ON COLUMN effective_rate.basic_schedule IS 'The basic rate by day.';
COMMENT ON COLUMN effective_rate.deal_schedule IS 'The deal''s part of the rate by day.';
COMMENT ON COLUMN effective_rate.eligible_days IS 'Days that earn bonus.';
COMMENT ON COLUMN effective_rate.excluded_days IS 'Days without bonus: the service or SKU is excluded.';
COMMENT ON COLUMN effective_rate.no_terms_days IS 'Days without bonus: no terms in this currency.';
COMMENT ON COLUMN effective_rate.inactive_days IS 'Days without bonus: the partner is not active.';
COMMENT ON COLUMN effective_rate.not_linked_days IS 'Days without bonus: the account is not linked to the partner.';
COMMENT ON COLUMN effective_rate.own_days IS 'Days without bonus: own consumption.';

CREATE VIEW bonus_line_reason WITH (security_invoker = true) AS
SELECT o.partner_id, o.billing_month, o.usage_month, o.currency, o.section, o.account_id, o.service_id, o.sku_id,
       o.charge_category, w.reason_rank, w.reason, cost(p.part) AS cost, base(p.part) AS base
FROM line_operands o
CROSS JOIN LATERAL (VALUES (1, 'own consumption', o.own_days), (2, 'not linked', o.not_linked_days),
                           (3, 'partner not active', o.inactive_days), (4, 'no terms', o.no_terms_days),
                           (5, 'excluded', o.excluded_days), (6, 'eligible', o.eligible_days)) w (reason_rank, reason, reason_days)
CROSS JOIN LATERAL (SELECT o.consumption * w.reason_days AS part) p
WHERE p.part <> '{}';
COMMENT ON VIEW bonus_line_reason IS 'One row per line and reason that occurs on its days: how much of its base it covers. Exact; the rows of a line add up to it.';
COMMENT ON COLUMN bonus_line_reason.partner_id IS 'The partner.';
COMMENT ON COLUMN bonus_line_reason.billing_month IS 'First day of the month whose documents carry the line.';
COMMENT ON COLUMN bonus_line_reason.usage_month IS 'First day of the month of the usage.';
COMMENT ON COLUMN bonus_line_reason.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN bonus_line_reason.section IS 'customers or own.';
COMMENT ON COLUMN bonus_line_reason.account_id IS 'Billing account that consumed.';
COMMENT ON COLUMN bonus_line_reason.service_id IS 'Service.';
COMMENT ON COLUMN bonus_line_reason.sku_id IS 'SKU.';
COMMENT ON COLUMN bonus_line_reason.charge_category IS 'Usage, Purchase, Adjustment or Credit.';
COMMENT ON COLUMN bonus_line_reason.reason_rank IS 'Order in which reasons are tried: the first that applies to a day is its reason.';
COMMENT ON COLUMN bonus_line_reason.reason IS 'own consumption, not linked, partner not active, no terms, excluded, or eligible.';
COMMENT ON COLUMN bonus_line_reason.cost IS 'Cost of the days with this reason.';
COMMENT ON COLUMN bonus_line_reason.base IS 'Base of the days with this reason: cost + grant_credit + other_credit.';

CREATE VIEW bonus_line WITH (security_invoker = true) AS
SELECT o.partner_id, o.billing_month, o.usage_month, o.currency, o.section, o.account_id, o.service_id, o.sku_id,
       o.charge_category, cost(o.consumption) AS cost, grant_credit(o.consumption) AS grant_credit,
       other_credit(o.consumption) AS other_credit, m.base, base(o.consumption * o.eligible_days) AS eligible_base, m.basic_bonus,
       m.deal_bonus, m.basic_bonus + m.deal_bonus AS bonus, m.base - (m.basic_bonus + m.deal_bonus) AS payable,
       relative_discount(m.basic_bonus + m.deal_bonus, m.base) AS relative_discount,
       concat_ws(', ', CASE WHEN o.consumption * o.own_days <> '{}' THEN 'own consumption' END,
                       CASE WHEN o.consumption * o.not_linked_days <> '{}' THEN 'not linked' END,
                       CASE WHEN o.consumption * o.inactive_days <> '{}' THEN 'partner not active' END,
                       CASE WHEN o.consumption * o.no_terms_days <> '{}' THEN 'no terms' END,
                       CASE WHEN o.consumption * o.excluded_days <> '{}' THEN 'excluded' END,
                       CASE WHEN o.consumption * o.eligible_days <> '{}' THEN 'eligible' END) AS reasons,
       o.consumption, o.basic_schedule, o.deal_schedule
FROM line_operands o
CROSS JOIN LATERAL (SELECT base(o.consumption) AS base, discount(o.consumption, o.basic_schedule) AS basic_bonus,
                           discount(o.consumption, o.deal_schedule) AS deal_bonus
                    OFFSET 0) m;
COMMENT ON VIEW bonus_line IS 'The invoice before rounding: one row per line, live. Amounts are exact, in the line''s currency; only document views round.';
COMMENT ON COLUMN bonus_line.partner_id IS 'The partner.';
COMMENT ON COLUMN bonus_line.billing_month IS 'First day of the month whose documents carry the line.';
COMMENT ON COLUMN bonus_line.usage_month IS 'First day of the month of the usage.';
COMMENT ON COLUMN bonus_line.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN bonus_line.section IS 'customers or own.';
COMMENT ON COLUMN bonus_line.account_id IS 'Billing account that consumed.';
COMMENT ON COLUMN bonus_line.service_id IS 'Service.';
COMMENT ON COLUMN bonus_line.sku_id IS 'SKU.';
COMMENT ON COLUMN bonus_line.charge_category IS 'Usage, Purchase, Adjustment or Credit.';
COMMENT ON COLUMN bonus_line.cost IS 'Cost before credits.';
COMMENT ON COLUMN bonus_line.grant_credit IS 'What grants paid for; normally negative.';
COMMENT ON COLUMN bonus_line.other_credit IS 'Other credits; normally negative.';
COMMENT ON COLUMN bonus_line.base IS 'cost + grant_credit + other_credit.';
COMMENT ON COLUMN bonus_line.eligible_base IS 'Base of the days that earn bonus.';
COMMENT ON COLUMN bonus_line.basic_bonus IS 'discount(consumption, basic_schedule).';
COMMENT ON COLUMN bonus_line.deal_bonus IS 'discount(consumption, deal_schedule).';
COMMENT ON COLUMN bonus_line.bonus IS 'basic_bonus + deal_bonus.';
COMMENT ON COLUMN bonus_line.payable IS 'base - bonus.';
COMMENT ON COLUMN bonus_line.relative_discount IS 'bonus / base as a fraction with six decimals, rounded half away from zero; NULL when the base is 0.';
COMMENT ON COLUMN bonus_line.reasons IS 'Reasons that occur on the line''s days, in the order they are tried; amounts are in bonus_line_reason.';
COMMENT ON COLUMN bonus_line.consumption IS 'First operand of the line.';
COMMENT ON COLUMN bonus_line.basic_schedule IS 'Second operand of the line.';
COMMENT ON COLUMN bonus_line.deal_schedule IS 'Third operand of the line.';

-- The same answer by another road: every usage line joined to the rules of its day, in plain SQL, without the extension's types.
CREATE VIEW usage_explained WITH (security_invoker = true) AS
SELECT u.partner_id, u.usage_day, u.batch_id, u.line_number, u.account_id, u.service_id, u.sku_id, u.charge_category, u.currency,
       CASE WHEN u.account_id = p.billing_account_id THEN 'own' ELSE 'customers' END AS section,
       u.cost, u.grant_credit, u.other_credit, u.cost + u.grant_credit + u.other_credit AS base, w.reason,
       l.link_id, s.partner_status_id, pp.partner_program_id, t.program_terms_id, x.exclusion_id, d.deal_id,
       r.basic_rate, r.deal_rate, (u.cost + u.grant_credit + u.other_credit) * (r.basic_rate + r.deal_rate) AS bonus
FROM usage u
LEFT JOIN partner p ON p.partner_id = u.partner_id AND is_known(p.recorded_at, p.superseded_at)
LEFT JOIN subaccount_link l ON l.partner_id = u.partner_id AND l.account_id = u.account_id AND l.validity @> u.usage_day
    AND is_known(l.recorded_at, l.superseded_at)
LEFT JOIN partner_status s ON s.partner_id = u.partner_id AND s.status = 'active' AND s.validity @> u.usage_day
    AND is_known(s.recorded_at, s.superseded_at)
LEFT JOIN partner_program pp ON pp.partner_id = u.partner_id AND pp.validity @> u.usage_day
    AND is_known(pp.recorded_at, pp.superseded_at)
LEFT JOIN program_terms t ON t.program_id = pp.program_id AND t.currency = u.currency AND t.validity @> u.usage_day
    AND is_known(t.recorded_at, t.superseded_at)
LEFT JOIN LATERAL (SELECT e.exclusion_id
                   FROM exclusion e
                   WHERE e.program_id = pp.program_id AND (e.sku_id = u.sku_id OR e.service_id = u.service_id)
                     AND e.validity @> u.usage_day AND is_known(e.recorded_at, e.superseded_at)
                   ORDER BY e.sku_id IS NULL
                   LIMIT 1) x ON true
LEFT JOIN deal d ON d.link_id = l.link_id AND d.validity @> u.usage_day AND is_known(d.recorded_at, d.superseded_at)
CROSS JOIN LATERAL (SELECT CASE WHEN u.account_id = p.billing_account_id THEN 'own consumption'
                                WHEN l.link_id IS NULL THEN 'not linked'
                                WHEN s.partner_status_id IS NULL THEN 'partner not active'
                                WHEN t.program_terms_id IS NULL THEN 'no terms'
                                WHEN x.exclusion_id IS NOT NULL THEN 'excluded'
                                ELSE 'eligible' END AS reason) w
CROSS JOIN LATERAL (SELECT least(t.base_rate, t.total_cap) AS basic,
                           least(t.base_rate + least(d.rate, t.deal_cap)
                                 - CASE t.combination WHEN 'compound' THEN t.base_rate * least(d.rate, t.deal_cap) ELSE 0 END,
                                 t.total_cap) AS total) c
CROSS JOIN LATERAL (SELECT CASE w.reason WHEN 'eligible' THEN c.basic ELSE 0 END AS basic_rate,
                           CASE WHEN w.reason = 'eligible' AND d.deal_id IS NOT NULL THEN c.total - c.basic ELSE 0 END AS deal_rate) r
WHERE u.charge_category <> 'Tax';
COMMENT ON VIEW usage_explained IS 'Per usage line: its reason, the rules that decided it, its rates and its exact bonus, computed relationally. Sums equal bonus_line to the last digit.';
COMMENT ON COLUMN usage_explained.partner_id IS 'The partner.';
COMMENT ON COLUMN usage_explained.usage_day IS 'Day of the usage.';
COMMENT ON COLUMN usage_explained.batch_id IS 'The load that brought the line.';
COMMENT ON COLUMN usage_explained.line_number IS 'Line of the file.';
COMMENT ON COLUMN usage_explained.account_id IS 'Billing account that consumed.';
COMMENT ON COLUMN usage_explained.service_id IS 'Service.';
COMMENT ON COLUMN usage_explained.sku_id IS 'SKU.';
COMMENT ON COLUMN usage_explained.charge_category IS 'Usage, Purchase, Adjustment or Credit.';
COMMENT ON COLUMN usage_explained.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN usage_explained.section IS 'customers or own.';
COMMENT ON COLUMN usage_explained.cost IS 'Cost before credits.';
COMMENT ON COLUMN usage_explained.grant_credit IS 'What a grant paid for.';
COMMENT ON COLUMN usage_explained.other_credit IS 'Other credits.';
COMMENT ON COLUMN usage_explained.base IS 'cost + grant_credit + other_credit.';
COMMENT ON COLUMN usage_explained.reason IS 'The one reason of the line''s day.';
COMMENT ON COLUMN usage_explained.link_id IS 'The link of the day, or NULL.';
COMMENT ON COLUMN usage_explained.partner_status_id IS 'The active status of the day, or NULL.';
COMMENT ON COLUMN usage_explained.partner_program_id IS 'The partner''s program of the day, or NULL.';
COMMENT ON COLUMN usage_explained.program_terms_id IS 'The terms of the day, or NULL.';
COMMENT ON COLUMN usage_explained.exclusion_id IS 'The exclusion that applies (a SKU''s before a service''s), or NULL.';
COMMENT ON COLUMN usage_explained.deal_id IS 'The deal of the day, or NULL.';
COMMENT ON COLUMN usage_explained.basic_rate IS 'Basic rate that applied, after the cap; 0 without bonus.';
COMMENT ON COLUMN usage_explained.deal_rate IS 'The deal''s part that applied, after the caps; 0 without bonus.';
COMMENT ON COLUMN usage_explained.bonus IS 'base * (basic_rate + deal_rate), exact.';
