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

-- Our bonus against the provider's own figure. It is compared where it is given: on usage lines, by the month of the usage.
CREATE VIEW reconciliation_line WITH (security_invoker = true) AS
WITH line AS (
    SELECT u.partner_id, u.usage_month, u.currency, u.source, u.usage_day, u.line_number, u.account_id, u.service_id, u.sku_id, u.charge_category,
           u.base, u.base * (rate_at(o.basic_schedule, u.usage_day) + rate_at(o.deal_schedule, u.usage_day)) AS bonus, u.reward
    -- lines() in the SELECT list: the planner opens each pack once, and only of the partners asked for
    FROM (SELECT d.partner_id, d.source, d.usage_day, billing_month(d.usage_day) AS usage_month, d.part * 65536::bigint + (d.line).line_number AS line_number,
                 (d.line).account_id, (d.line).service_id, (d.line).sku_id, (d.line).currency, (d.line).charge_category,
                 (d.line).cost + (d.line).credit AS base, (d.line).reward
          FROM (SELECT v.partner_id, v.source, v.usage_day, v.part, lines(v.lines) AS line
                FROM usage_day v
                WHERE is_known(v.recorded_at, v.superseded_at)) d) u
    -- a correction has the rates of its usage, too
    JOIN (SELECT DISTINCT ON (partner_id, usage_month, currency, account_id, service_id, sku_id, charge_category)
                 partner_id, usage_month, currency, account_id, service_id, sku_id, charge_category, basic_schedule, deal_schedule
          FROM line_operands
          ORDER BY partner_id, usage_month, currency, account_id, service_id, sku_id, charge_category) o
        USING (partner_id, usage_month, currency, account_id, service_id, sku_id, charge_category)
), month AS (  -- which sign the provider gives its figure in, is not documented: that of most lines
    SELECT partner_id, usage_month, currency, CASE WHEN sum(sign(reward) * sign(coalesce(nullif(bonus, 0), base))) < 0 THEN -1 ELSE 1 END AS reward_sign,
           count(reward) > 0 AS rewarded
    FROM line
    GROUP BY partner_id, usage_month, currency
)
SELECT l.partner_id, l.usage_month, l.currency, l.source, l.usage_day, l.line_number, l.account_id, l.service_id, l.sku_id, l.charge_category,
       l.base, trim_scale(l.bonus) AS bonus, l.reward, d.normalized_reward, trim_scale(coalesce(d.normalized_reward, 0) - l.bonus) AS difference,
       CASE WHEN NOT m.rewarded THEN 'no reward given'
            WHEN coalesce(d.normalized_reward, 0) = l.bonus THEN 'equal'
            WHEN l.reward IS NULL THEN 'missing line'
            WHEN d.normalized_reward = -l.bonus THEN 'sign'
            WHEN abs(d.normalized_reward - l.bonus) <= 0.5 * 10::numeric ^ -c.minor_units THEN 'rounding'
            WHEN l.reward = 0 OR l.bonus = 0 THEN 'exclusion'
            WHEN r.partner_id IS NOT NULL THEN 'restated'
            ELSE 'rate' END AS reason
FROM line l
JOIN month m USING (partner_id, usage_month, currency)
JOIN currency c USING (currency)
CROSS JOIN LATERAL (SELECT m.reward_sign * l.reward AS normalized_reward) d
LEFT JOIN (SELECT DISTINCT partner_id, source, usage_day, currency, account_id, service_id, sku_id, charge_category FROM restatement) r
    USING (partner_id, source, usage_day, currency, account_id, service_id, sku_id, charge_category);
COMMENT ON VIEW reconciliation_line IS 'Per usage line: our exact bonus against the provider''s own figure (reward), with one reason for the difference. Tax is left out.';
COMMENT ON COLUMN reconciliation_line.partner_id IS 'The partner.';
COMMENT ON COLUMN reconciliation_line.usage_month IS 'First day of the month of the usage.';
COMMENT ON COLUMN reconciliation_line.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN reconciliation_line.source IS 'Where the line came from.';
COMMENT ON COLUMN reconciliation_line.usage_day IS 'Day of the usage.';
COMMENT ON COLUMN reconciliation_line.line_number IS 'Number of the line, as in the view usage.';
COMMENT ON COLUMN reconciliation_line.account_id IS 'Billing account.';
COMMENT ON COLUMN reconciliation_line.service_id IS 'Service.';
COMMENT ON COLUMN reconciliation_line.sku_id IS 'SKU.';
COMMENT ON COLUMN reconciliation_line.charge_category IS 'Charge category.';
COMMENT ON COLUMN reconciliation_line.base IS 'Cost plus all credits.';
COMMENT ON COLUMN reconciliation_line.bonus IS 'Our exact bonus: base times the rates of the day.';
COMMENT ON COLUMN reconciliation_line.reward IS 'The provider''s figure as exported; its sign is not documented, so either is taken.';
COMMENT ON COLUMN reconciliation_line.normalized_reward IS 'The same in our sign: turned round when most lines of the partner''s month and currency have the other one.';
COMMENT ON COLUMN reconciliation_line.difference IS 'normalized_reward - bonus, a missing reward counted as 0.';
COMMENT ON COLUMN reconciliation_line.reason IS 'equal; missing line (other lines of the month have a reward); sign (the opposite of our figure); rounding (within half a minor unit); exclusion (one side is 0); restated (a later load changed this account and SKU on this day); rate (all else); no reward given (in the whole month).';

CREATE VIEW reconciliation WITH (security_invoker = true) AS
SELECT r.partner_id, r.usage_month, r.currency, r.account_id, r.service_id, r.sku_id, r.charge_category, r.reason, sum(r.bonus) AS bonus,
       sum(r.reward) AS reward, sum(r.normalized_reward) AS normalized_reward, trim_scale(sum(r.difference)) AS difference, count(*) AS lines
FROM reconciliation_line r
GROUP BY r.partner_id, r.usage_month, r.currency, r.account_id, r.service_id, r.sku_id, r.charge_category, r.reason
UNION ALL
SELECT v.partner_id, v.usage_month, v.currency, NULL, NULL, NULL, NULL, 'volume tiers', sum(v.adjustment), NULL, NULL, -sum(v.adjustment), 0
FROM volume_bonus v
GROUP BY v.partner_id, v.usage_month, v.currency
HAVING sum(v.adjustment) <> 0;
COMMENT ON VIEW reconciliation IS 'Our bonus against the provider''s own figure, per line of the invoice and reason: the sum of reconciliation_line. Under graduated tiers, which no usage line shows, a partner''s month has one more row (volume tiers).';
COMMENT ON COLUMN reconciliation.partner_id IS 'The partner.';
COMMENT ON COLUMN reconciliation.usage_month IS 'First day of the month of the usage.';
COMMENT ON COLUMN reconciliation.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN reconciliation.account_id IS 'Billing account.';
COMMENT ON COLUMN reconciliation.service_id IS 'Service.';
COMMENT ON COLUMN reconciliation.sku_id IS 'SKU.';
COMMENT ON COLUMN reconciliation.charge_category IS 'Charge category.';
COMMENT ON COLUMN reconciliation.reason IS 'As in reconciliation_line, or volume tiers.';
COMMENT ON COLUMN reconciliation.bonus IS 'Our exact bonus.';
COMMENT ON COLUMN reconciliation.reward IS 'The provider''s figure as exported, summed.';
COMMENT ON COLUMN reconciliation.normalized_reward IS 'The same in our sign.';
COMMENT ON COLUMN reconciliation.difference IS 'normalized_reward - bonus, a missing reward counted as 0. All reasons together are the whole difference.';
COMMENT ON COLUMN reconciliation.lines IS 'Usage lines.';

CREATE VIEW reconciliation_month WITH (security_invoker = true) AS
SELECT partner_id, usage_month, currency, account_id, reason, sum(bonus) AS bonus, sum(reward) AS reward, sum(normalized_reward) AS normalized_reward,
       trim_scale(sum(difference)) AS difference, sum(lines)::bigint AS lines
FROM reconciliation
GROUP BY GROUPING SETS ((partner_id, usage_month, currency, reason), (partner_id, usage_month, currency, reason, account_id))
HAVING GROUPING(account_id) = 1 OR account_id IS NOT NULL;
COMMENT ON VIEW reconciliation_month IS 'The same per month (account_id NULL) and per account, by reason: what the difference to the provider''s figure comes from.';
COMMENT ON COLUMN reconciliation_month.partner_id IS 'The partner.';
COMMENT ON COLUMN reconciliation_month.usage_month IS 'First day of the month of the usage.';
COMMENT ON COLUMN reconciliation_month.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN reconciliation_month.account_id IS 'Billing account; NULL in the rows of the whole month.';
COMMENT ON COLUMN reconciliation_month.reason IS 'As in reconciliation.';
COMMENT ON COLUMN reconciliation_month.bonus IS 'Our exact bonus.';
COMMENT ON COLUMN reconciliation_month.reward IS 'The provider''s figure as exported, summed.';
COMMENT ON COLUMN reconciliation_month.normalized_reward IS 'The same in our sign.';
COMMENT ON COLUMN reconciliation_month.difference IS 'normalized_reward - bonus; the reasons of a month add up to its whole difference.';
COMMENT ON COLUMN reconciliation_month.lines IS 'Usage lines.';

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
