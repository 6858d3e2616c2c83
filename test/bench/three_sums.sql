-- Three sums of numeric columns per account.
SELECT count(cost), count(grant_credit), count(other_credit)
FROM (SELECT account_id, sum(cost) AS cost, sum(grant_credit) AS grant_credit, sum(other_credit) AS other_credit
      FROM line
      GROUP BY account_id) s;
