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
