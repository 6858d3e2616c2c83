-- The same columns per account as a daily series.
SELECT count(consumption)
FROM (SELECT account_id, consumption_agg(day, cost, grant_credit, other_credit) AS consumption
      FROM line
      GROUP BY account_id) s;
