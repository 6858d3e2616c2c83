-- The same by the idea of the extension: aggregate first, join rules later. Lines are grouped by account and by class
-- of SKUs with equal exclusion history; the rules are laid over each other once per account, not once per line.
-- All of this is measured, the small table of classes too.
-- (Not a temporary one: workers cannot read those.)
DROP TABLE IF EXISTS sku_class;
CREATE UNLOGGED TABLE sku_class AS
SELECT sku_id, dense_rank() OVER (ORDER BY excluded_days)::integer AS class, excluded_days
FROM (SELECT sku_id, coalesce(range_agg(x.validity), '{}') AS excluded_days
      FROM sku
      LEFT JOIN exclusion x USING (sku_id)
      GROUP BY sku_id) e;
ANALYZE sku_class;

CREATE TEMPORARY TABLE bonus AS
WITH rule AS (
    SELECT k.account_id, k.link_id, k.validity * s.validity * p.validity * t.validity AS days, t.base_rate, t.deal_cap, t.total_cap
    FROM link k
    JOIN partner_status s ON s.partner_id = k.partner_id AND s.status = 'active'
    JOIN partner_program p ON p.partner_id = k.partner_id
    JOIN program_terms t ON t.program_id = p.program_id
), account_rate AS (
    SELECT account_id, b.schedule + coalesce(d.schedule, '{}') AS schedule
    FROM (SELECT account_id, rate_schedule_agg(days, least(base_rate, total_cap)) AS schedule
          FROM rule
          GROUP BY account_id) b
    LEFT JOIN (SELECT account_id,
                      rate_schedule_agg(days * validity,
                                        least(base_rate + least(rate, deal_cap), total_cap) - least(base_rate, total_cap)) AS schedule
               FROM rule
               JOIN deal USING (link_id)
               GROUP BY account_id) d USING (account_id)
), total AS (
    SELECT l.account_id, k.class, consumption_agg(l.day, l.cost, l.grant_credit, l.other_credit) AS consumption
    FROM line l
    JOIN sku_class k USING (sku_id)
    GROUP BY l.account_id, k.class
)
SELECT t.account_id, sum(discount(t.consumption, r.schedule * c.included_days)) AS bonus
FROM total t
JOIN account_rate r USING (account_id)
JOIN (SELECT DISTINCT class, '{(,)}' - excluded_days AS included_days FROM sku_class) c USING (class)
GROUP BY t.account_id;
