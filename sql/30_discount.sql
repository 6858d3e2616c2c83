-- discount and explain: the inner product of what was consumed and the rate of each day.
SET datestyle = 'ISO, YMD';
SET search_path = bonus, public;

-- 70.00 at 20 % and 200.40 at 35 %
SELECT discount(consumption('2026-10-05', 100, -20, -10), rate_schedule('(,)', 0.2)) AS a,
       discount(consumption('2026-10-05', 250.50, 0, -50.10), rate_schedule('(,)', 0.2) + rate_schedule('[2026-06-01,2027-06-01)', 0.15)) AS b;
-- the rate of each day, and of no other: 70 * 0.2 on the 14th, 5.5 * 0.35 on the 15th
SELECT discount('{2026-06-14: 100/-20/-10, 2026-06-15: 5.5/0/0, 2026-07-01: 1000/0/0}', '{[2026-05-01,2026-06-15): 0.2, [2026-06-15,2026-07-01): 0.35}') AS bonus,
       70 * 0.2 + 5.5 * 0.35 AS by_hand;
SELECT * FROM explain('{2026-04-30: 1/0/0, 2026-06-13: 60/-20/0, 2026-06-14: 40/0/-10, 2026-06-15: 5.5/0/0, 2026-07-01: 1000/0/0}',
                      '{[2026-05-01,2026-06-15): 0.2, [2026-06-15,2026-07-01): 0.35}');
SELECT * FROM explain('{2026-10-05: 1/0/0}', '{}');
SELECT * FROM explain('{}', '{(,): 0.2}');
SELECT discount('{}', '{(,): 0.2}') AS nothing, discount('{2026-10-05: 1/0/0}', '{}') AS no_rate, discount(NULL, '{}') AS null, discount('{}', NULL) AS null,
       discount('{2026-10-05: 7/-7/0}', '{(,): 0.2}') AS base_of_zero;
SELECT discount('{2026-10-05: -30/0/0}', '{(,): 0.2}') AS a_refund, discount('{2026-10-05: 0/5/0}', '{(,): 0.2}') AS a_grant_taken_back,
       discount('{2026-10-05: 1/0/0}', '{(,): -0.2}') AS a_negative_rate;

-- Exact to the last digit: 30 decimals, and as large as values can be
SELECT discount('{2026-10-05: 0.000000000000000001/0/0}', '{(,): 0.000000000001}') = 1E-30 AS smallest,
       discount('{2026-10-05: 0.123456789012345678/0/0}', '{(,): 0.123456789012}') = 0.123456789012345678 * 0.123456789012 AS exact;
SELECT discount(c, s) = 3 * 366 * 1000 * 170141183460469231731.687303715884105727 AS largest, discount(c, s - s - s) = -discount(c, s) AS and_its_negative
FROM (SELECT rollup(consumption(date '2024-01-01' + i, m, m, m))
      FROM generate_series(0, 365) i, (VALUES (170141183460469231731.687303715884105727)) v (m)) c (c),
     rate_schedule('(,)', 1000) s (s);

-- The same by plain SQL: every line times the rate of its day
CREATE TEMP TABLE line AS
SELECT n, n % 20 AS account, date '2026-01-01' + n * 7 % 365 AS day, ((n * 7919) % 100003 - 20000) * 10::numeric ^ -(n % 19) AS cost,
       CASE WHEN n % 5 = 0 THEN -((n * 104729) % 1009) * 10::numeric ^ -(n % 7) ELSE 0 END AS grant_credit,
       CASE WHEN n % 3 = 0 THEN -((n * 31) % 97) * 10::numeric ^ -(n % 12) ELSE 0 END AS other_credit
FROM generate_series(1, 5000) n;
CREATE TEMP TABLE term AS
SELECT n, n % 20 AS account, daterange(date '2026-01-01' + n * 13 % 300, date '2026-01-01' + n * 13 % 300 + n % 60) AS days,
       ((n * 7919) % 1001) * 10::numeric ^ -(3 + n % 9) AS rate
FROM generate_series(1, 400) n;
CREATE TEMP TABLE account AS
SELECT account, consumption, schedule
FROM (SELECT account, consumption_agg(day, cost, grant_credit, other_credit) AS consumption FROM line GROUP BY account) c
JOIN (SELECT account, rate_schedule_agg(days, rate) AS schedule FROM term GROUP BY account) s USING (account);
SELECT count(*) AS accounts, bool_and(discount(consumption, schedule) = r.bonus) AS as_plain_sql, bool_and(e.bonus = r.bonus) AS explained,
       bool_and(e.rows_without_days = 0) AS no_empty_row, bool_and(e.base = base(consumption)) AS whole_base
FROM account
JOIN (SELECT line.account, sum((cost + grant_credit + other_credit) * rate) AS bonus
      FROM line JOIN term ON term.account = line.account AND term.days @> line.day GROUP BY line.account) r USING (account)
CROSS JOIN LATERAL (SELECT sum(e.bonus) AS bonus, sum(e.base) AS base, count(*) FILTER (WHERE isempty(e.days)) AS rows_without_days
                    FROM explain(consumption, schedule) e WHERE e.bonus = e.base * e.rate AND e.base = e.cost + e.grant_credit + e.other_credit) e;

-- Bilinear
SELECT count(*) AS pairs,
       bool_and(discount(a.consumption + b.consumption, a.schedule) = discount(a.consumption, a.schedule) + discount(b.consumption, a.schedule)) AS in_consumption,
       bool_and(discount(a.consumption, a.schedule + b.schedule) = discount(a.consumption, a.schedule) + discount(a.consumption, b.schedule)) AS in_schedule,
       bool_and(discount(a.consumption * d, b.schedule) = discount(a.consumption, b.schedule * d)) AS days_of_either
FROM account a, account b, (VALUES ('{[2026-03-03,2026-03-05),[2026-04-11,2026-06-12),[2026-10-30,)}'::datemultirange)) v (d);
