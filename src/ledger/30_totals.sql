-- Totals: what the directories of the packs add up to. No table, no trigger, no job.

CREATE VIEW consumption_total WITH (security_invoker = true) AS
SELECT m.partner_id, m.billing_month, m.usage_month, e.currency,
       CASE WHEN e.account_id = p.billing_account_id THEN 'own' ELSE 'customers' END AS section,
       e.account_id, e.service_id, e.sku_id, e.charge_category, e.consumption, e.lines AS line_count, e.reward
FROM (SELECT v.partner_id, v.billing_month, v.usage_month,
             -- in order, so that the planner groups by sorting: a hash table would hold the maps of all partners at once
             consumption_map_agg(v.lines, v.usage_day, v.sign ORDER BY v.usage_day) AS map
      FROM (SELECT d.partner_id, d.billed_in AS billing_month, billing_month(d.usage_day) AS usage_month, d.usage_day, d.lines, 1 AS sign
            FROM usage_day d
            WHERE d.recorded_at <= known_at() AND (is_known(d.recorded_at, d.superseded_at) OR d.reversed_in <> d.billed_in)
            UNION ALL
            -- what a closed month billed and a later one takes off
            SELECT d.partner_id, d.reversed_in, billing_month(d.usage_day), d.usage_day, d.lines, -1
            FROM usage_day d
            WHERE d.reversed_in <> d.billed_in AND d.recorded_at <= known_at() AND NOT is_known(d.recorded_at, d.superseded_at)) v
      GROUP BY v.partner_id, v.billing_month, v.usage_month) m
LEFT JOIN partner p ON p.partner_id = m.partner_id AND is_known(p.recorded_at, p.superseded_at)
CROSS JOIN LATERAL entries(m.map) e;
COMMENT ON VIEW consumption_total IS 'Consumption per partner, billing month, usage month, currency, section, account, service, SKU and charge category: the exact daily series behind every line. Late usage is there under the month that bills it, less what earlier months billed.';
COMMENT ON COLUMN consumption_total.partner_id IS 'The partner.';
COMMENT ON COLUMN consumption_total.billing_month IS 'First day of the month whose documents carry this usage.';
COMMENT ON COLUMN consumption_total.usage_month IS 'First day of the month of the usage.';
COMMENT ON COLUMN consumption_total.currency IS 'ISO 4217 code; currencies never mix.';
COMMENT ON COLUMN consumption_total.section IS 'own: the partner''s own billing account; customers: all others.';
COMMENT ON COLUMN consumption_total.account_id IS 'Billing account that consumed.';
COMMENT ON COLUMN consumption_total.service_id IS 'Service.';
COMMENT ON COLUMN consumption_total.sku_id IS 'SKU.';
COMMENT ON COLUMN consumption_total.charge_category IS 'Usage, Purchase, Adjustment, Credit or Tax.';
COMMENT ON COLUMN consumption_total.line_count IS 'Usage lines behind it: those added less those taken off.';
COMMENT ON COLUMN consumption_total.reward IS 'The provider''s own bonus figure for it; NULL when no line has one.';
COMMENT ON COLUMN consumption_total.consumption IS 'The daily series of cost, grant credit and other credits; exact.';
