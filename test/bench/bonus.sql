-- The bonus by the idea of the extension: lines are aggregated first, by account and by class of SKUs (view total), and rules
-- joined later.
CREATE TEMPORARY TABLE bonus AS
SELECT t.account_id, sum(discount(t.consumption, r.schedule * c.included_days)) AS bonus
FROM total t
JOIN account_rate r USING (account_id)
JOIN (SELECT DISTINCT class, '{(,)}' - excluded_days AS included_days FROM sku_class) c USING (class)
GROUP BY t.account_id;
