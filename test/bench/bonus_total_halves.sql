-- The same for two workers. A bonus of two series is the sum of their bonuses, exactly: each worker aggregates one half of the
-- month and takes its bonus, so that amounts go to the leader, and no series.
CREATE TEMPORARY VIEW total AS
SELECT l.account_id, k.class, consumption_agg(l.day, l.cost, l.grant_credit, l.other_credit) AS consumption
FROM line l
JOIN sku_class k USING (sku_id)
WHERE l.day < '2026-10-17'
GROUP BY l.account_id, k.class
UNION ALL
SELECT l.account_id, k.class, consumption_agg(l.day, l.cost, l.grant_credit, l.other_credit) AS consumption
FROM line l
JOIN sku_class k USING (sku_id)
WHERE l.day >= '2026-10-17'
GROUP BY l.account_id, k.class;
