-- The same by the idea of the extension: lines are aggregated first, by account and by class of SKUs, and rules joined later.
CREATE TEMPORARY TABLE bonus AS
WITH total AS (
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
