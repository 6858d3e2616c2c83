-- Totals: what a GROUP BY leaves of the usage lines.

CREATE VIEW consumption_total WITH (security_invoker = true) AS
SELECT u.partner_id,
       billing_month(u.usage_day) AS billing_month,
       billing_month(u.usage_day) AS usage_month,
       u.currency,
       CASE WHEN u.account_id = p.billing_account_id THEN 'own' ELSE 'customers' END AS section,
       u.account_id, u.service_id, u.sku_id, u.charge_category,
       consumption_agg(u.usage_day, u.cost, u.grant_credit, u.other_credit) AS consumption
FROM usage u
LEFT JOIN partner p ON p.partner_id = u.partner_id AND is_known(p.recorded_at, p.superseded_at)
GROUP BY u.partner_id, billing_month(u.usage_day), u.currency, p.billing_account_id, u.account_id, u.service_id, u.sku_id,
         u.charge_category;
COMMENT ON VIEW consumption_total IS 'Consumption per partner, billing month, usage month, currency, section, account, service, SKU and charge category: the exact daily series behind every line.';
COMMENT ON COLUMN consumption_total.partner_id IS 'The partner.';
COMMENT ON COLUMN consumption_total.billing_month IS 'First day of the month whose documents carry this usage.';
COMMENT ON COLUMN consumption_total.usage_month IS 'First day of the month of the usage.';
COMMENT ON COLUMN consumption_total.currency IS 'ISO 4217 code; currencies never mix.';
COMMENT ON COLUMN consumption_total.section IS 'own: the partner''s own billing account; customers: all others.';
COMMENT ON COLUMN consumption_total.account_id IS 'Billing account that consumed.';
COMMENT ON COLUMN consumption_total.service_id IS 'Service.';
COMMENT ON COLUMN consumption_total.sku_id IS 'SKU.';
COMMENT ON COLUMN consumption_total.charge_category IS 'Usage, Purchase, Adjustment, Credit or Tax.';
COMMENT ON COLUMN consumption_total.consumption IS 'The daily series of cost, grant credit and other credits; exact.';
