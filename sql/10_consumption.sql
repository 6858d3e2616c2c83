-- consumption: values, arithmetic, aggregates, comparison, what is refused.
-- This file makes the extension in the test database; all others use it.
CREATE EXTENSION partner_bonus;
SET datestyle = 'ISO, YMD';
SET search_path = bonus, public;

-- Text: canonical whatever was written
SELECT '{}'::consumption, ' { } '::consumption;
SELECT '{2026-10-05: 100/-20/-10, 2026-10-06: 5.5/0/0}'::consumption;
SELECT '{2026-10-06:5.50/0/0,2026-10-05 : +1E2 / -2.0e+1 / -10.00}'::consumption AS same;
SELECT '{2026-10-05: 0/0/0, 2026-10-06: 0.000000000000000001/-0/0.0}'::consumption AS zero_days_go;
SELECT '{0001-01-01: 1/0/0, 2024-02-29: 0/1/0, 9999-12-31: 0/0/1}'::consumption;
SET datestyle = 'German, DMY';
SELECT '{2026-10-05: 1/0/0}'::consumption AS whatever_the_datestyle;
SET datestyle = 'ISO, YMD';

-- One day
SELECT consumption('2026-10-05', 100, -20, -10), consumption('2026-10-05', 5.50), consumption('2026-10-05', 0);
SELECT consumption('2026-10-05', NULL, -20) AS null_amount_is_0, consumption('2026-10-05', NULL, NULL, NULL) = '{}' AS nothing;
SELECT consumption('2026-10-05', 1.000000000000000000000) AS more_zeros_are_no_decimals;
SELECT consumption(NULL, 1);
\echo :LAST_ERROR_SQLSTATE

-- Malformed text
SELECT '2026-10-05: 1/0/0'::consumption;
\echo :LAST_ERROR_SQLSTATE
SELECT '{2026-10-05: 1/0}'::consumption;
\echo :LAST_ERROR_SQLSTATE
SELECT '{2026-10-05 1/0/0}'::consumption;
\echo :LAST_ERROR_SQLSTATE
SELECT '{2026-10-05: 1/0/0/0}'::consumption;
\echo :LAST_ERROR_SQLSTATE
SELECT '{2026-10-05: 1/0/0} and more'::consumption;
\echo :LAST_ERROR_SQLSTATE
SELECT '{2026-10-05: 1/0/0, 2026-10-05: 2/0/0}'::consumption;
\echo :LAST_ERROR_SQLSTATE
SELECT '{2026-10-05: one/0/0}'::consumption;
\echo :LAST_ERROR_SQLSTATE
SELECT '{2026-10-05: 1.2.3/0/0}'::consumption;
\echo :LAST_ERROR_SQLSTATE
SELECT '{2026-10-05: 1 2/0/0}'::consumption;
\echo :LAST_ERROR_SQLSTATE
SELECT '{2026-10-05: 0x10/0/0}'::consumption;
\echo :LAST_ERROR_SQLSTATE
SELECT '{2026-10-05: 1E/0/0}'::consumption;
\echo :LAST_ERROR_SQLSTATE
SELECT '{2026-10-05: NaN/0/0}'::consumption;
\echo :LAST_ERROR_SQLSTATE
SELECT '{2026-10-05: 0/-Infinity/0}'::consumption;
\echo :LAST_ERROR_SQLSTATE
SELECT '{2026-10-05: 0/0/1E-19}'::consumption;
\echo :LAST_ERROR_SQLSTATE

SELECT ''::consumption;
\echo :LAST_ERROR_SQLSTATE
SELECT '{2026-10-05: 1/0/0'::consumption;
\echo :LAST_ERROR_SQLSTATE
SELECT '{2026-10-05: 1/0/0,}'::consumption;
\echo :LAST_ERROR_SQLSTATE
SELECT '{2026-10-05: /0/0}'::consumption;
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY default

-- Days
SELECT '{2026-02-29: 1/0/0}'::consumption;
\echo :LAST_ERROR_SQLSTATE
SELECT '{2026-10-5: 1/0/0}'::consumption;
\echo :LAST_ERROR_SQLSTATE
SELECT '{05.10.2026: 1/0/0}'::consumption;
\echo :LAST_ERROR_SQLSTATE
SELECT '{0000-12-31: 1/0/0}'::consumption;
\echo :LAST_ERROR_SQLSTATE
SELECT '{10000-01-01: 1/0/0}'::consumption;
\echo :LAST_ERROR_SQLSTATE
SELECT consumption('0001-12-31 BC', 1);
\echo :LAST_ERROR_SQLSTATE
SELECT consumption('10000-01-01', 1);
\echo :LAST_ERROR_SQLSTATE
SELECT consumption('infinity', 1);
\echo :LAST_ERROR_SQLSTATE
SELECT consumption('0001-01-01', 1) + consumption('9999-12-31', 1) AS first_and_last_day;

-- Numbers that are no amounts
SELECT consumption('2026-10-05', 'NaN');
\echo :LAST_ERROR_SQLSTATE
SELECT consumption('2026-10-05', 0, 'Infinity');
\echo :LAST_ERROR_SQLSTATE
SELECT consumption('2026-10-05', 0, 0, '-Infinity');
\echo :LAST_ERROR_SQLSTATE
SELECT consumption('2026-10-05', 0.0000000000000000001);
\echo :LAST_ERROR_SQLSTATE

-- The range ends at 2^127 - 1 units of the 18th decimal, on both sides: a hair further is an error, never a wrap
SELECT 2::numeric ^ 127 - 1 = 170141183460469231731.687303715884105727 * 10::numeric ^ 18 AS is_the_boundary;
\set most 170141183460469231731.687303715884105727
\set hair 0.000000000000000001
SELECT '{2026-10-05: 170141183460469231731.687303715884105727/-170141183460469231731.687303715884105727/0}'::consumption
       = consumption('2026-10-05', :most, -:most) AS ok;
SELECT '{2026-10-05: 170141183460469231731.687303715884105728/0/0}'::consumption;
\echo :LAST_ERROR_SQLSTATE
SELECT '{2026-10-05: 0/-170141183460469231731.687303715884105728/0}'::consumption;
\echo :LAST_ERROR_SQLSTATE
SELECT consumption('2026-10-05', :most + :hair);
\echo :LAST_ERROR_SQLSTATE
SELECT consumption('2026-10-05', 0, 0, -:most - :hair);
\echo :LAST_ERROR_SQLSTATE
SELECT consumption('2026-10-05', 1E400);
\echo :LAST_ERROR_SQLSTATE
-- in sums
SELECT cost(consumption('2026-10-05', :most - :hair) + consumption('2026-10-05', :hair)) = :most AS ok;
SELECT consumption('2026-10-05', :most) + consumption('2026-10-05', :hair);
\echo :LAST_ERROR_SQLSTATE
SELECT consumption('2026-10-05', 0, -:most) - consumption('2026-10-05', 0, :hair);
\echo :LAST_ERROR_SQLSTATE
SELECT cost(consumption_agg('2026-10-05', c, 0, 0)) = :most AS ok FROM (VALUES (:most - :hair), (:hair)) v (c);
SELECT consumption_agg('2026-10-05', c, 0, 0) FROM (VALUES (:most), (:hair)) v (c);
\echo :LAST_ERROR_SQLSTATE
SELECT consumption_agg('2026-10-05', 0, 0, -c) FROM (VALUES (:most), (:hair)) v (c);
\echo :LAST_ERROR_SQLSTATE
SELECT rollup(c) FROM (VALUES (consumption('2026-10-05', :most)), (consumption('2026-10-05', :hair))) v (c);
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY default
-- sums over days are wider than any amount
SELECT cost(c) = 3 * :most, base(c) = 9 * :most, cost(c)
FROM (SELECT rollup(consumption(date '2026-10-05' + i, :most, :most, :most)) FROM generate_series(0, 2) i) v (c);

-- Aggregates
SELECT consumption_agg(d, c, g, o)
FROM (VALUES (date '2026-10-06', 1.5, 0, -0.25), ('2026-10-05', 2, -1, 0), ('2026-10-06', 2.5, NULL, 0.25)) v (d, c, g, o);
SELECT consumption_agg(NULL::date, 1, 0, 0) FILTER (WHERE false) AS no_rows, consumption_agg('2026-10-05', NULL, NULL, NULL) AS no_amounts,
       rollup(NULL::consumption) AS only_nulls;
SELECT rollup(c) FROM (VALUES ('{2026-10-05: 1/0/0}'::consumption), (NULL), ('{2026-10-05: 2/0/0, 2026-10-07: 1/0/0}')) v (c);
SELECT consumption_agg(NULL::date, 1, 0, 0);
\echo :LAST_ERROR_SQLSTATE
SELECT consumption_agg('2026-10-05', 'NaN', 0, 0);
\echo :LAST_ERROR_SQLSTATE
SELECT consumption_agg('2026-10-05', 1E-19, 0, 0);
\echo :LAST_ERROR_SQLSTATE
SELECT consumption_agg('10000-01-01', 1, 0, 0);
\echo :LAST_ERROR_SQLSTATE

-- 5,000 lines of 50 accounts, to hold against plain sums
CREATE TEMP TABLE line AS
SELECT n, n % 50 AS account, date '2026-10-01' + n * 7 % 31 AS day,
       ((n * 7919) % 100003 - 20000) * 10::numeric ^ -(n % 19) AS cost,
       CASE WHEN n % 5 = 0 THEN -((n * 104729) % 1009) * 10::numeric ^ -(n % 7) END AS grant_credit,
       CASE WHEN n % 3 = 0 THEN -((n * 31) % 97) * 10::numeric ^ -(n % 12) ELSE 0 END AS other_credit
FROM generate_series(1, 5000) n;
ANALYZE line;
CREATE TEMP TABLE total AS
SELECT account, consumption_agg(day, cost, grant_credit, other_credit) AS consumption FROM line GROUP BY account;
SELECT count(*) AS accounts,
       bool_and(cost(consumption) = t.cost AND bonus.grant_credit(consumption) = t.grant_credit
                AND bonus.other_credit(consumption) = t.other_credit
                AND base(consumption) = t.cost + t.grant_credit + t.other_credit) AS as_plain_sums
FROM total
JOIN (SELECT account, sum(cost) AS cost, sum(coalesce(grant_credit, 0)) AS grant_credit, sum(other_credit) AS other_credit
      FROM line GROUP BY account) t USING (account);
SELECT count(*) AS account_days, bool_and((d.cost, d.grant_credit, d.other_credit) = (t.cost, t.grant_credit, t.other_credit)) AS as_plain_sums
FROM (SELECT account, d.* FROM total CROSS JOIN LATERAL days(consumption) d) d
FULL JOIN (SELECT account, day, sum(cost) AS cost, sum(coalesce(grant_credit, 0)) AS grant_credit, sum(other_credit) AS other_credit
           FROM line GROUP BY account, day) t USING (account, day);
-- order and grouping leave no trace
SELECT count(DISTINCT consumption_send(c)) AS different
FROM (SELECT consumption_agg(day, cost, grant_credit, other_credit ORDER BY n) FROM line
      UNION ALL SELECT consumption_agg(day, cost, grant_credit, other_credit ORDER BY n DESC) FROM line
      UNION ALL SELECT consumption_agg(day, cost, grant_credit, other_credit ORDER BY cost) FROM line
      UNION ALL SELECT rollup(consumption) FROM total
      UNION ALL SELECT rollup(c) FROM (SELECT consumption_agg(day, cost, grant_credit, other_credit) FROM line GROUP BY n % 7) v (c)
      UNION ALL SELECT consumption_agg(d.day, d.cost, d.grant_credit, d.other_credit) FROM total CROSS JOIN LATERAL days(consumption) d
      UNION ALL SELECT consumption_agg(day, sum(cost), sum(grant_credit), sum(other_credit)) OVER () FROM line GROUP BY day
      UNION ALL SELECT rollup(consumption::text::consumption) FROM total) v (c);
-- moving frames take rows off again: exact, also when amounts grow wide, when a day comes and goes, when nothing is left
SELECT count(*), bool_and(consumption_send(moving) = consumption_send(anew)) AS as_if_anew
FROM (SELECT consumption_agg(day, cost, grant_credit, other_credit) OVER (ORDER BY n ROWS BETWEEN 9 PRECEDING AND 2 PRECEDING) AS moving,
             (SELECT consumption_agg(l.day, l.cost, l.grant_credit, l.other_credit) FROM line l WHERE l.n BETWEEN line.n - 9 AND line.n - 2) AS anew
      FROM line WHERE n <= 300) v
WHERE moving IS NOT NULL OR anew IS NOT NULL;
SELECT n, consumption_agg(day, cost, 0, 0) OVER (ORDER BY n ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS sum_of_two
FROM (VALUES (1, date '2026-10-05', 1), (2, '2026-10-05', 170141183460469231730), (3, '2026-10-06', 0.5), (4, '2026-10-06', -0.5)) v (n, day, cost);
SELECT n, rollup(c) OVER (ORDER BY n ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS sum_of_two,
       rollup(c) OVER (ORDER BY n ROWS BETWEEN 1 FOLLOWING AND 1 FOLLOWING) AS next
FROM (VALUES (1, '{2026-10-05: 1/0/0}'::consumption), (2, NULL), (3, NULL), (4, '{2026-10-05: -1/0/0}'), (5, '{2026-10-05: 1/0/0}')) v (n, c);

-- Arithmetic
SELECT c + d AS plus, c - d AS minus, c - c AS nothing, c + '{}' = c AS plus_nothing, c + NULL IS NULL AS plus_null
FROM (VALUES ('{2026-10-05: 100/-20/-10, 2026-10-06: 5.5/0/0}'::consumption, '{2026-10-06: -5.5/0/1, 2026-10-07: 1/0/0}'::consumption)) v (c, d);
SELECT bool_and(a.consumption + b.consumption = b.consumption + a.consumption) AS commutes,
       bool_and(a.consumption + b.consumption - b.consumption = a.consumption) AS minus_undoes_plus,
       bool_and((a.consumption + b.consumption) + c.consumption = a.consumption + (b.consumption + c.consumption)) AS associates
FROM total a, total b, total c WHERE a.account < 10 AND b.account BETWEEN 10 AND 19 AND c.account BETWEEN 20 AND 29;
SELECT c * '{[2026-10-05,2026-10-06)}' AS a_day, c * '{(,2026-10-06),[2026-10-07,)}' AS but_a_day, c * '{(,)}' = c AS always, c * '{}' AS never
FROM (VALUES ('{2026-10-05: 1/0/0, 2026-10-06: 2/0/0, 2026-10-07: 3/0/0}'::consumption)) v (c);
SELECT bool_and(consumption * d + consumption * ('{(,)}' - d) = consumption) AS the_parts_are_the_whole
FROM total, (VALUES ('{[2026-10-03,2026-10-05),[2026-10-11,2026-10-12),[2026-10-30,)}'::datemultirange)) v (d);
SELECT consumption('2026-10-05', 1) * datemultirange(daterange('-infinity', 'infinity')) AS infinite_bounds_are_none;

-- Accessors
SELECT cost(c), grant_credit(c), other_credit(c), base(c) FROM (VALUES ('{2026-10-05: 100/-20/-10, 2026-10-06: 5.5/0/0}'::consumption), ('{}'), (NULL)) v (c);
SELECT * FROM days('{2026-10-06: 5.5/0/0, 2026-10-05: 100/-20/-10}');
SELECT * FROM days('{}');

-- Comparison: as values, in GROUP BY, DISTINCT, joins, indexes, hash partitions
SELECT a = b AS eq, a <> b AS ne, a < b AS lt, a <= b AS le, a > b AS gt, a >= b AS ge, consumption_cmp(a, b),
       consumption_hash(a) = consumption_hash(b) AS same_hash
FROM (VALUES ('{2026-10-05: 1/0/0}'::consumption, '{2026-10-05: 1.0/0/0, 2026-10-06: 0/0/0}'::consumption),
             ('{2026-10-05: 1/0/0}', '{2026-10-05: 2/0/0}'), ('{2026-10-06: 1/0/0}', '{2026-10-05: 1/0/0}'), ('{}', '{2026-10-05: -1/0/0}')) v (a, b);
SELECT consumption_hash('{}'), consumption_hash('{2026-10-05: 1/0/0}'), consumption_hash_extended('{2026-10-05: 1/0/0}', 7);
CREATE TEMP TABLE twice AS SELECT account, consumption FROM total UNION ALL SELECT account + 1000, consumption + '{}' FROM total;
CREATE FUNCTION pg_temp.plan_of(query text) RETURNS text LANGUAGE plpgsql AS $function$
DECLARE line text; plan text := '';
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
        plan := concat_ws(' < ', nullif(plan, ''), substring(line FROM '(?:^|-> +)((?:Hash|Group)Aggregate|Hash Join|Merge Join|Sort|Unique|Index (?:Only )?Scan)'));
    END LOOP;
    RETURN plan;
END
$function$;
SET enable_sort = off;
SELECT pg_temp.plan_of('SELECT consumption FROM twice GROUP BY consumption');
SELECT count(*) FROM (SELECT consumption FROM twice GROUP BY consumption HAVING count(*) = 2) v;
SELECT pg_temp.plan_of('SELECT FROM twice a JOIN twice b USING (consumption)');
SELECT count(*) FROM twice a JOIN twice b USING (consumption);
RESET enable_sort;
SET enable_hashagg = off;
SET enable_hashjoin = off;
SET enable_nestloop = off;
SELECT pg_temp.plan_of('SELECT DISTINCT consumption FROM twice');
SELECT count(*) FROM (SELECT DISTINCT consumption FROM twice) v;
SELECT pg_temp.plan_of('SELECT FROM twice a JOIN twice b USING (consumption)');
SELECT count(*) FROM twice a JOIN twice b USING (consumption);
RESET enable_hashagg;
RESET enable_hashjoin;
RESET enable_nestloop;
SELECT bool_and(consumption >= before) AS sorted FROM (SELECT consumption, lag(consumption) OVER (ORDER BY consumption) AS before FROM twice) v;
CREATE INDEX twice_consumption ON twice (consumption);
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SELECT pg_temp.plan_of('SELECT account FROM twice WHERE consumption = ''{2026-10-05: 1/0/0}''');
SELECT account FROM twice WHERE consumption = (SELECT consumption FROM total WHERE account = 7) ORDER BY account;
RESET enable_seqscan;
RESET enable_bitmapscan;
CREATE TEMP TABLE parted (account integer, consumption consumption) PARTITION BY HASH (consumption);
CREATE TEMP TABLE parted_0 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TEMP TABLE parted_1 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO parted SELECT * FROM twice;
SELECT count(*) AS rows, count(DISTINCT tableoid) AS partitions, count(DISTINCT consumption) AS values,
       count(*) FILTER (WHERE consumption IN (SELECT p.consumption FROM parted p WHERE p.tableoid <> parted.tableoid)) AS on_both_sides
FROM parted;
SELECT account FROM parted WHERE consumption = (SELECT consumption FROM total WHERE account = 7) ORDER BY account;

-- Stored values of any size come back, compressed, out of line or short
CREATE TEMP TABLE large (c consumption);
INSERT INTO large SELECT consumption_agg(date '0001-01-01' + n, n * 0.000000000000000007, -n, 0) FROM generate_series(1, 100000) n;
INSERT INTO large VALUES ('{}'), ('{2026-10-05: 1/0/0}');
SELECT cost(c), base(c), (SELECT count(*) FROM days(c)) AS days FROM large ORDER BY days;
SELECT c::text::consumption = c AND md5(consumption_send(c)) = md5(consumption_send(c::text::consumption)) AS same FROM large;

-- A month takes little room: 31 days, a tenth of them with credits, ten decimals
SELECT octet_length(consumption_send(consumption_agg(date '2026-10-01' + n, 9876.0123456789 * n, CASE n % 10 WHEN 0 THEN -12.0123456789 END, 0))) <= 400 AS small
FROM generate_series(0, 30) n;
