-- The bonus of every account as one would write it first: each line is joined to the rules of its day.
CREATE TEMPORARY TABLE bonus_naive AS
SELECT l.account_id,
       sum((l.cost + l.grant_credit + l.other_credit)
           * least(t.base_rate + least(coalesce(d.rate, 0), t.deal_cap), t.total_cap)) AS bonus
FROM line l
JOIN link k ON k.account_id = l.account_id AND k.validity @> l.day
JOIN partner_status s ON s.partner_id = k.partner_id AND s.status = 'active' AND s.validity @> l.day
JOIN partner_program p ON p.partner_id = k.partner_id AND p.validity @> l.day
JOIN program_terms t ON t.program_id = p.program_id AND t.validity @> l.day
LEFT JOIN deal d ON d.link_id = k.link_id AND d.validity @> l.day
LEFT JOIN exclusion x ON x.sku_id = l.sku_id AND x.validity @> l.day
WHERE x.sku_id IS NULL
GROUP BY l.account_id;
