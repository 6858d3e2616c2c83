-- What rules say, laid over each other once per account and once per class of SKUs with equal exclusion history instead of once
-- per line. Both tables are small, and making them is measured, too. (Not temporary ones: workers cannot read those.)
DROP TABLE IF EXISTS sku_class, account_rate;
CREATE UNLOGGED TABLE sku_class AS
SELECT sku_id, dense_rank() OVER (ORDER BY excluded_days)::integer AS class, excluded_days
FROM (SELECT sku_id, coalesce(range_agg(x.validity), '{}') AS excluded_days
      FROM sku
      LEFT JOIN exclusion x USING (sku_id)
      GROUP BY sku_id) e;

CREATE UNLOGGED TABLE account_rate AS
WITH rule AS NOT MATERIALIZED (
    SELECT k.account_id, k.link_id, k.validity * s.validity * p.validity * t.validity AS days, t.base_rate, t.deal_cap, t.total_cap
    FROM link k
    JOIN partner_status s ON s.partner_id = k.partner_id AND s.status = 'active'
    JOIN partner_program p ON p.partner_id = k.partner_id
    JOIN program_terms t ON t.program_id = p.program_id
)
SELECT account_id, rate_schedule_agg(days, rate) AS schedule
FROM (SELECT account_id, days, least(base_rate, total_cap) AS rate
      FROM rule
      UNION ALL
      SELECT account_id, days * validity, least(base_rate + least(rate, deal_cap), total_cap) - least(base_rate, total_cap)
      FROM rule
      JOIN deal USING (link_id)) r
GROUP BY account_id;
ANALYZE sku_class, account_rate (account_id);
