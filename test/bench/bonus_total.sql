-- Lines by account and by class of SKUs, in one scan.
CREATE TEMPORARY VIEW total AS
SELECT l.account_id, k.class, consumption_agg(l.day, l.cost, l.grant_credit, l.other_credit) AS consumption
FROM line l
JOIN sku_class k USING (sku_id)
GROUP BY l.account_id, k.class;
