-- Portal and assurance: what partners look at, and our figures against the provider's.

CREATE VIEW portal_bonus WITH (security_invoker = true) AS
SELECT partner_id, billing_month, month_label, currency, status, base, eligible_base, absolute_discount, relative_discount,
       relative_discount_eligible
FROM payment_invoice;
COMMENT ON VIEW portal_bonus IS 'The partner portal''s figures: absolute and relative discount per reporting month.';
COMMENT ON COLUMN portal_bonus.partner_id IS 'The partner.';
COMMENT ON COLUMN portal_bonus.billing_month IS 'First day of the document''s month.';
COMMENT ON COLUMN portal_bonus.month_label IS 'The month as text (YYYY-MM), for tools that shift dates between time zones.';
COMMENT ON COLUMN portal_bonus.currency IS 'The document''s currency, ISO 4217.';
COMMENT ON COLUMN portal_bonus.status IS 'draft until the month is closed.';
COMMENT ON COLUMN portal_bonus.base IS 'The customers'' base: cost less credits, printed.';
COMMENT ON COLUMN portal_bonus.eligible_base IS 'The part of it that earns bonus, exact.';
COMMENT ON COLUMN portal_bonus.absolute_discount IS 'Printed bonus.';
COMMENT ON COLUMN portal_bonus.relative_discount IS 'absolute_discount / base, a fraction with six decimals; NULL when the base is 0.';
COMMENT ON COLUMN portal_bonus.relative_discount_eligible IS 'absolute_discount / eligible_base, likewise.';

CREATE VIEW reconciliation WITH (security_invoker = true) AS
SELECT partner_id, billing_month, currency, account_id, service_id, sku_id, charge_category, bonus, reward, normalized_reward,
       normalized_reward - bonus AS difference,
       CASE WHEN reward IS NULL THEN 'no reward given'
            WHEN normalized_reward = bonus THEN 'equal'
            WHEN abs(normalized_reward - bonus) <= tolerance THEN 'rounding'
            WHEN reward = 0 OR bonus = 0 THEN 'exclusion'
            ELSE 'rate' END AS reason
FROM (SELECT b.partner_id, b.billing_month, b.currency, b.account_id, b.service_id, b.sku_id, b.charge_category, b.bonus, u.reward,
             abs(u.reward) * CASE WHEN coalesce(nullif(b.bonus, 0), b.base) < 0 THEN -1 ELSE 1 END AS normalized_reward,
             0.5 * 10::numeric ^ -c.minor_units * u.rewarded_lines AS tolerance
      FROM bonus_line b
      JOIN currency c USING (currency)
      JOIN (SELECT partner_id, billing_month(usage_day) AS usage_month, currency, account_id, service_id, sku_id, charge_category,
                   sum(reward) AS reward, count(reward) AS rewarded_lines
            FROM usage
            GROUP BY 1, 2, 3, 4, 5, 6, 7) u
          USING (partner_id, usage_month, currency, account_id, service_id, sku_id, charge_category)) d;
COMMENT ON VIEW reconciliation IS 'Our bonus against the provider''s own figure (reward), per line.';
COMMENT ON COLUMN reconciliation.partner_id IS 'The partner.';
COMMENT ON COLUMN reconciliation.billing_month IS 'First day of the document''s month.';
COMMENT ON COLUMN reconciliation.currency IS 'The document''s currency, ISO 4217.';
COMMENT ON COLUMN reconciliation.account_id IS 'Billing account.';
COMMENT ON COLUMN reconciliation.service_id IS 'Service.';
COMMENT ON COLUMN reconciliation.sku_id IS 'SKU.';
COMMENT ON COLUMN reconciliation.charge_category IS 'Charge category.';
COMMENT ON COLUMN reconciliation.bonus IS 'Our exact bonus.';
COMMENT ON COLUMN reconciliation.reward IS 'The provider''s figure as exported, summed; its sign is not documented, so either is taken.';
COMMENT ON COLUMN reconciliation.normalized_reward IS 'The same with the sign of our bonus (of the base where our bonus is 0).';
COMMENT ON COLUMN reconciliation.difference IS 'normalized_reward - bonus.';
COMMENT ON COLUMN reconciliation.reason IS 'equal; rounding (at most half a minor unit for each usage line that had a reward); exclusion (one side is 0); rate; or no reward given.';

CREATE VIEW usage_remark WITH (security_invoker = true) AS
SELECT u.partner_id, u.usage_day, u.batch_id, u.line_number, u.account_id, u.service_id, u.sku_id, w.remark, w.detail
FROM usage u
CROSS JOIN LATERAL (SELECT u.grant_credit + coalesce(u.volume_incentive_credit, 0) + coalesce(u.cud_credit, 0)
                           + coalesce(u.misc_credit, 0) AS parts) p
CROSS JOIN LATERAL (VALUES
    (num_nonnulls(u.volume_incentive_credit, u.cud_credit, u.misc_credit) > 0 AND p.parts <> u.credit, 'credit parts do not add up',
     format('parts %s, credit %s', p.parts, u.credit)),
    (sign(u.cost) * sign(u.cost + u.credit) < 0, 'base and cost have opposite signs', format('cost %s, base %s', u.cost, u.cost + u.credit)),
    (u.charge_category = 'Tax', 'tax is no part of base and payable', format('cost %s', u.cost))
) w (applies, remark, detail)
WHERE w.applies;
COMMENT ON VIEW usage_remark IS 'Usage lines that were taken as they are but deserve a look; nothing is corrected or clamped.';
COMMENT ON COLUMN usage_remark.partner_id IS 'The partner.';
COMMENT ON COLUMN usage_remark.usage_day IS 'Day of the usage.';
COMMENT ON COLUMN usage_remark.batch_id IS 'The load that brought the line.';
COMMENT ON COLUMN usage_remark.line_number IS 'Line of the file.';
COMMENT ON COLUMN usage_remark.account_id IS 'Billing account that consumed.';
COMMENT ON COLUMN usage_remark.service_id IS 'Service.';
COMMENT ON COLUMN usage_remark.sku_id IS 'SKU.';
COMMENT ON COLUMN usage_remark.remark IS 'What is remarkable; where the parts of a credit do not add up to it, the credit counts.';
COMMENT ON COLUMN usage_remark.detail IS 'The figures.';

CREATE VIEW deal_performance WITH (security_invoker = true) AS
SELECT d.deal_id, d.partner_id, l.account_id, m.month, c.currency, coalesce(d.monthly_target, t.deal_target) AS target,
       coalesce(u.cost, 0) AS cost, coalesce(u.base, 0) AS base,
       coalesce(u.cost, 0) >= coalesce(d.monthly_target, t.deal_target) AS reached
FROM deal d
JOIN subaccount_link l ON l.link_id = d.link_id AND is_known(l.recorded_at, l.superseded_at)
CROSS JOIN LATERAL (SELECT d.validity * l.validity * daterange(NULL, today(), '(]') AS days) h
CROSS JOIN LATERAL (SELECT s.month::date AS month
                    FROM generate_series(billing_month(lower(h.days))::timestamp, (upper(h.days) - 1)::timestamp, interval '1 month') s (month)) m
-- the month's last day of the deal tells the terms, and so the currencies, by which it is measured
LEFT JOIN LATERAL (SELECT t.currency, t.deal_target
                   FROM partner_terms p
                   JOIN program_terms t ON t.program_terms_id = p.program_terms_id AND is_known(t.recorded_at, t.superseded_at)
                   WHERE p.partner_id = d.partner_id AND p.days @> upper(h.days * month_days(m.month)) - 1
                     AND t.currency = coalesce(d.currency, t.currency)) t ON true
CROSS JOIN LATERAL (SELECT coalesce(d.currency, t.currency) AS currency) c
LEFT JOIN LATERAL (SELECT sum(cost(k.part)) AS cost, sum(base(k.part)) AS base
                   FROM consumption_total o
                   CROSS JOIN LATERAL (SELECT o.consumption * datemultirange(h.days) AS part OFFSET 0) k
                   WHERE o.partner_id = d.partner_id AND o.account_id = l.account_id AND o.usage_month = m.month
                     AND o.currency = c.currency AND o.charge_category <> 'Tax') u ON true
WHERE is_known(d.recorded_at, d.superseded_at) AND NOT isempty(h.days);
COMMENT ON VIEW deal_performance IS 'Per deal and month up to today: what its customer was to consume and what it did, on days of the deal. A missed target is reported; the rate is not cut.';
COMMENT ON COLUMN deal_performance.deal_id IS 'The deal.';
COMMENT ON COLUMN deal_performance.partner_id IS 'The partner.';
COMMENT ON COLUMN deal_performance.account_id IS 'The customer.';
COMMENT ON COLUMN deal_performance.month IS 'First day of the month.';
COMMENT ON COLUMN deal_performance.currency IS 'Currency of the target and of the usage that counts.';
COMMENT ON COLUMN deal_performance.target IS 'monthly_target of the deal, else deal_target of the terms; NULL when neither says.';
COMMENT ON COLUMN deal_performance.cost IS 'Cost before credits on days of the deal; exact.';
COMMENT ON COLUMN deal_performance.base IS 'The same after credits.';
COMMENT ON COLUMN deal_performance.reached IS 'cost is at least the target; NULL without a target.';

CREATE VIEW unruled_service WITH (security_invoker = true) AS
SELECT u.partner_id, u.service_id, max(u.service_name) AS service_name, u.currency, min(u.usage_day) AS first_day,
       max(u.usage_day) AS last_day, count(*) AS lines, sum(u.cost + u.credit) AS base
FROM usage u
WHERE NOT EXISTS (SELECT FROM service s WHERE s.service_id = u.service_id AND is_known(s.recorded_at, s.superseded_at))
  AND NOT EXISTS (SELECT FROM sku k WHERE k.sku_id = u.sku_id AND is_known(k.recorded_at, k.superseded_at))
GROUP BY u.partner_id, u.service_id, u.currency;
COMMENT ON VIEW unruled_service IS 'Services that occur in usage but in no catalogue, so that no exclusion can name them: they earn bonus. Worth a look before a month is closed.';
COMMENT ON COLUMN unruled_service.partner_id IS 'The partner.';
COMMENT ON COLUMN unruled_service.service_id IS 'The service as the export names it.';
COMMENT ON COLUMN unruled_service.service_name IS 'Its name in the export.';
COMMENT ON COLUMN unruled_service.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN unruled_service.first_day IS 'First day of its usage.';
COMMENT ON COLUMN unruled_service.last_day IS 'Last day of its usage.';
COMMENT ON COLUMN unruled_service.lines IS 'Usage lines.';
COMMENT ON COLUMN unruled_service.base IS 'Their base, exact.';
