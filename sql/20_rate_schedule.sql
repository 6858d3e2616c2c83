-- rate_schedule: values, arithmetic, aggregates, comparison, what is refused.
SET datestyle = 'ISO, YMD';
SET search_path = bonus, public;

-- Text: canonical whatever was written
SELECT '{}'::rate_schedule, ' { } '::rate_schedule, '{(,): 0}'::rate_schedule AS zero_is_nothing;
SELECT '{[2026-05-01,2026-06-15): 0.2, [2026-06-15,): 0.35}'::rate_schedule;
SELECT '{ [2026-06-15, ) : 3.5e-1, (2026-04-30,2026-06-14]:0.200 }'::rate_schedule AS same;
SELECT '{[2026-05-01,2026-06-01): 0.2, [2026-06-01,2026-07-01): 0.2}'::rate_schedule AS equal_neighbours_merge;
SELECT '{[2026-05-01,2026-06-01): 0.2, [2026-06-01,2026-07-01): 0, [2026-07-01,2026-08-01): 0.2}'::rate_schedule AS zero_between_stays;
SELECT '{(,2026-05-01): -0.1, [2026-05-01,): 1000}'::rate_schedule AS any_sign_any_size;
SELECT '{[0001-01-01,9999-12-31]: 0.2}'::rate_schedule AS the_whole_calendar_is_unbounded;
SET datestyle = 'German, DMY';
SELECT '{[2026-05-01,2026-06-15): 0.2}'::rate_schedule AS whatever_the_datestyle;
SET datestyle = 'ISO, YMD';

-- One rate
SELECT rate_schedule('[2026-05-01,2026-06-15)', 0.2), rate_schedule('(,)', 0.123456789012), rate_schedule('empty', 0.2), rate_schedule('[2026-05-01,)', 0);
SELECT rate_schedule('[2026-05-01,infinity)', 0.2), rate_schedule('[-infinity,2026-05-01]', 0.2), rate_schedule(NULL, 0.2), rate_schedule('(,)', NULL);

-- Malformed text
SELECT '{[2026-05-01,2026-06-15) 0.2}'::rate_schedule;
\echo :LAST_ERROR_SQLSTATE
SELECT '{2026-05-01: 0.2}'::rate_schedule;
\echo :LAST_ERROR_SQLSTATE
SELECT '{[2026-05-01: 0.2}'::rate_schedule;
\echo :LAST_ERROR_SQLSTATE
SELECT '{(,): 0.2} {}'::rate_schedule;
\echo :LAST_ERROR_SQLSTATE
SELECT '{[2026-05-01,2026-05-01): 0.2}'::rate_schedule;
\echo :LAST_ERROR_SQLSTATE
SELECT '{[2026-05-02,2026-05-01): 0.2}'::rate_schedule;
\echo :LAST_ERROR_SQLSTATE
SELECT '{[2026-05-01,2026-06-15): 0.2, [2026-06-14,): 0.35}'::rate_schedule;
\echo :LAST_ERROR_SQLSTATE
SELECT '{[2026-05-01,2026-06-31): 0.2}'::rate_schedule;
\echo :LAST_ERROR_SQLSTATE
SELECT '{[0000-01-01,2026-06-30): 0.2}'::rate_schedule;
\echo :LAST_ERROR_SQLSTATE
SELECT '{(,): 20%}'::rate_schedule;
\echo :LAST_ERROR_SQLSTATE
SELECT '{(,): NaN}'::rate_schedule;
\echo :LAST_ERROR_SQLSTATE
SELECT '{(,): Infinity}'::rate_schedule;
\echo :LAST_ERROR_SQLSTATE
SELECT '{(,): 0.0000000000001}'::rate_schedule;
\echo :LAST_ERROR_SQLSTATE
SELECT '{(,): 1000.000000000001}'::rate_schedule;
\echo :LAST_ERROR_SQLSTATE
SELECT ''::rate_schedule;
\echo :LAST_ERROR_SQLSTATE
SELECT '{(,): 0.2'::rate_schedule;
\echo :LAST_ERROR_SQLSTATE
SELECT '{(,): }'::rate_schedule;
\echo :LAST_ERROR_SQLSTATE
SELECT '{(,): 1E30}'::rate_schedule;
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY default

-- Rates and days out of range
SELECT rate_schedule('(,)', 1000), rate_schedule('(,)', -1000);
SELECT rate_schedule('(,)', 1000.000000000001);
\echo :LAST_ERROR_SQLSTATE
SELECT rate_schedule('(,)', -1E30);
\echo :LAST_ERROR_SQLSTATE
SELECT rate_schedule('(,)', 0.0000000000001);
\echo :LAST_ERROR_SQLSTATE
SELECT rate_schedule('[0001-12-31 BC,2026-01-01)', 0.2);
\echo :LAST_ERROR_SQLSTATE
SELECT rate_schedule('[2026-01-01,10000-01-02)', 0.2);
\echo :LAST_ERROR_SQLSTATE
SELECT rate_schedule('(,0001-01-01)', 0.2);
\echo :LAST_ERROR_SQLSTATE
SELECT rate_schedule('[2026-01-01,10000-01-01)', 0.2), rate_schedule('(,0001-01-02)', 0.2), rate_schedule('[9999-12-31,)', 0.2);
SELECT rate_at('{(,): 0.2}'::rate_schedule, '10000-01-01');
\echo :LAST_ERROR_SQLSTATE
SELECT rate_at('{(,): 0.2}'::rate_schedule, 'infinity');
\echo :LAST_ERROR_SQLSTATE
SELECT '{(,): 600}'::rate_schedule + '{[2026-05-01,): 400}' AS the_limit_is_reached;
SELECT '{(,): 600}'::rate_schedule + '{[2026-05-01,): 400.000000000001}';
\echo :LAST_ERROR_SQLSTATE
SELECT '{(,2026-05-01): -600}'::rate_schedule - '{(,): 400.000000000001}';
\echo :LAST_ERROR_SQLSTATE

-- Aggregates
SELECT rate_schedule_agg(days, rate) AS overlaps_add
FROM (VALUES ('[2026-05-01,)'::daterange, 0.2), ('[2026-06-15,2026-07-01)', 0.15), ('empty', 0.7), ('[2026-05-01,2026-05-02)', 0)) v (days, rate);
SELECT rate_schedule_agg('(,)', 0.2) FILTER (WHERE false) AS no_rows, rate_schedule_agg('empty', 0.2) AS no_days, rollup(NULL::rate_schedule) AS only_nulls;
SELECT rollup(s) FROM (VALUES ('{[2026-05-01,): 0.2}'::rate_schedule), (NULL), ('{[2026-06-15,): 0.15}'), ('{(,): 0.01}')) v (s);
SELECT rate_schedule_agg('(,)', 1), rate_schedule_agg('(,)', 0.000000000001), rate_schedule_agg('(,)', 0);
SELECT rate_schedule_agg('(,)', 1.000000000001);
\echo :LAST_ERROR_SQLSTATE
SELECT rate_schedule_agg('(,)', -0.000000000001);
\echo :LAST_ERROR_SQLSTATE
SELECT rate_schedule_agg('empty', 20);
\echo :LAST_ERROR_SQLSTATE
SELECT rate_schedule_agg('(,)', 'NaN');
\echo :LAST_ERROR_SQLSTATE
SELECT rate_schedule_agg('(,)', 'Infinity');
\echo :LAST_ERROR_SQLSTATE
SELECT rate_schedule_agg('(,)', NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT rate_schedule_agg(NULL, 0.2);
\echo :LAST_ERROR_SQLSTATE
SELECT rate_schedule_agg('[2026-01-01,10000-06-01)', 0.2);
\echo :LAST_ERROR_SQLSTATE
SELECT rate_schedule_agg('[2026-05-01,)', 1) FROM generate_series(1, 1000);
SELECT rate_schedule_agg('[2026-05-01,)', 1) FROM generate_series(1, 1001);
\echo :LAST_ERROR_SQLSTATE

-- 2,000 terms of 40 programs, to hold against plain sums, day by day
CREATE TEMP TABLE term AS
SELECT n, n % 40 AS program, daterange(date '2026-01-01' + n * 13 % 300, date '2026-01-01' + n * 13 % 300 + n % 60) AS days,
       ((n * 7919) % 1001) * 10::numeric ^ -(3 + n % 9) AS rate
FROM generate_series(1, 2000) n;
ANALYZE term;
CREATE TEMP TABLE schedule AS SELECT program, rate_schedule_agg(days, rate) AS schedule FROM term GROUP BY program;
SELECT count(*) AS program_days, bool_and(rate_at(schedule, day) = coalesce(rate, 0)) AS as_plain_sums
FROM schedule
CROSS JOIN LATERAL (SELECT date '2025-12-30' + i AS day FROM generate_series(0, 370) i) d
LEFT JOIN LATERAL (SELECT sum(t.rate) AS rate FROM term t WHERE t.program = schedule.program AND t.days @> d.day) t ON true;
SELECT count(DISTINCT rate_schedule_send(s)) AS different
FROM (SELECT rate_schedule_agg(days, rate ORDER BY n) FROM term
      UNION ALL SELECT rate_schedule_agg(days, rate ORDER BY n DESC) FROM term
      UNION ALL SELECT rate_schedule_agg(days, rate ORDER BY rate) FROM term
      UNION ALL SELECT rollup(schedule) FROM schedule
      UNION ALL SELECT rollup(s) FROM (SELECT rate_schedule_agg(days, rate) FROM term GROUP BY n % 7) v (s)
      UNION ALL SELECT rollup(rate_schedule(d.days, d.rate)) FROM schedule CROSS JOIN LATERAL segments(schedule) d
      UNION ALL SELECT rollup(schedule::text::rate_schedule) FROM schedule) v (s);
SELECT count(*), bool_and(rate_schedule_send(moving) = rate_schedule_send(anew)) AS as_if_anew
FROM (SELECT rate_schedule_agg(days, rate) OVER (ORDER BY n ROWS BETWEEN 9 PRECEDING AND 2 PRECEDING) AS moving,
             (SELECT rate_schedule_agg(t.days, t.rate) FROM term t WHERE t.n BETWEEN term.n - 9 AND term.n - 2) AS anew
      FROM term WHERE n <= 300) v
WHERE moving IS NOT NULL OR anew IS NOT NULL;
SELECT n, rollup(s) OVER (ORDER BY n ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS sum_of_two
FROM (VALUES (1, NULL::rate_schedule), (2, '{[2026-05-01,): 0.2}'), (3, '{[2026-06-01,): -0.2}'), (4, '{[2026-06-01,): 0.2}'), (5, NULL), (6, NULL)) v (n, s);

-- Arithmetic
SELECT s + t AS plus, s - t AS minus, s - s AS nothing, s + '{}' = s AS plus_nothing, s + NULL IS NULL AS plus_null
FROM (VALUES ('{[2026-05-01,): 0.2}'::rate_schedule, '{[2026-06-15,2026-07-01): 0.15}'::rate_schedule)) v (s, t);
SELECT bool_and(a.schedule + b.schedule = b.schedule + a.schedule) AS commutes,
       bool_and(a.schedule + b.schedule - b.schedule = a.schedule) AS minus_undoes_plus,
       bool_and((a.schedule + b.schedule) + c.schedule = a.schedule + (b.schedule + c.schedule)) AS associates
FROM schedule a, schedule b, schedule c WHERE a.program < 10 AND b.program BETWEEN 10 AND 19 AND c.program BETWEEN 20 AND 29;
SELECT s * '{[2026-06-01,2026-07-01),[2026-08-01,)}' AS some_days, s * '{(,)}' = s AS always, s * '{}' AS never, s * '{[2026-01-01,2026-02-01)}' AS before
FROM (VALUES ('{[2026-05-01,2026-06-15): 0.2, [2026-06-15,): 0.35}'::rate_schedule)) v (s);
SELECT bool_and(schedule * d + schedule * ('{(,)}' - d) = schedule) AS the_parts_are_the_whole
FROM schedule, (VALUES ('{[2026-03-03,2026-03-05),[2026-04-11,2026-04-12),[2026-06-30,)}'::datemultirange)) v (d);
SELECT cap('{[2026-05-01,2026-06-15): 0.2, [2026-06-15,): 0.4}'::rate_schedule, 0.35) AS cut, cap('{(,): 0.2}'::rate_schedule, 0.2) AS not_cut, cap('{[2026-05-01,): 0.2}'::rate_schedule, -0.1) AS everywhere;
SELECT cap('{(,): 0.2}'::rate_schedule, 1000.5);
\echo :LAST_ERROR_SQLSTATE
-- 0.2 + 0.15 - 0.2 * 0.15 = 0.32
SELECT compound('{[2026-05-01,): 0.2}', '{[2026-06-15,2026-07-01): 0.15}'), compound('{(,): 0.123456}', '{(,): 0.654321}') AS twelve_decimals,
       0.123456 + 0.654321 - 0.123456 * 0.654321 AS by_numeric;
SELECT compound('{(,): 0.1234567}', '{(,): 0.654321}');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY default

-- Accessors
SELECT rate_at(s, '2026-04-30') AS before, rate_at(s, '2026-05-01') AS first, rate_at(s, '2026-06-14') AS last, rate_at(s, '2026-06-15') AS next,
       rate_at(s, '0001-01-01') AS ever, rate_at(s, '9999-12-31') AS always, rate_at(s, NULL) AS null
FROM (VALUES ('{[2026-05-01,2026-06-15): 0.2, [2026-06-15,): 0.35}'::rate_schedule)) v (s);
SELECT * FROM segments('{(,2026-05-01): 0.1, [2026-05-01,2026-06-15): 0.2, [2026-07-01,): -0.35}');
SELECT * FROM segments('{}');

-- Comparison: as values, in GROUP BY, DISTINCT, joins, hash partitions
SELECT a = b AS eq, a <> b AS ne, a < b AS lt, a <= b AS le, a > b AS gt, a >= b AS ge, rate_schedule_cmp(a, b),
       rate_schedule_hash(a) = rate_schedule_hash(b) AS same_hash
FROM (VALUES ('{[2026-05-01,2026-06-01): 0.2, [2026-06-01,): 0.2}'::rate_schedule, '{[2026-05-01,): 0.20}'::rate_schedule),
             ('{[2026-05-01,): 0.2}', '{[2026-05-01,): 0.3}'), ('{(,): 0.2}', '{[2026-05-01,): 0.2}'), ('{}', '{[2026-05-01,): -0.2}')) v (a, b);
SELECT rate_schedule_hash('{}'), rate_schedule_hash('{[2026-05-01,): 0.2}'), rate_schedule_hash_extended('{[2026-05-01,): 0.2}', 7);
CREATE TEMP TABLE twice AS SELECT program, schedule FROM schedule UNION ALL SELECT program + 1000, schedule + '{}' FROM schedule;
SET enable_sort = off;
SELECT count(*) FROM (SELECT schedule FROM twice GROUP BY schedule HAVING count(*) = 2) v;
SELECT count(*) FROM twice a JOIN twice b USING (schedule);
RESET enable_sort;
SET enable_hashagg = off;
SET enable_hashjoin = off;
SET enable_nestloop = off;
SELECT count(*) FROM (SELECT DISTINCT schedule FROM twice) v;
SELECT count(*) FROM twice a JOIN twice b USING (schedule);
RESET enable_hashagg;
RESET enable_hashjoin;
RESET enable_nestloop;
SELECT bool_and(schedule >= before) AS sorted FROM (SELECT schedule, lag(schedule) OVER (ORDER BY schedule) AS before FROM twice) v;
CREATE TEMP TABLE parted (program integer, schedule rate_schedule) PARTITION BY HASH (schedule);
CREATE TEMP TABLE parted_0 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TEMP TABLE parted_1 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO parted SELECT * FROM twice;
SELECT count(*) AS rows, count(DISTINCT tableoid) AS partitions, count(DISTINCT schedule) AS values,
       count(*) FILTER (WHERE schedule IN (SELECT p.schedule FROM parted p WHERE p.tableoid <> parted.tableoid)) AS on_both_sides
FROM parted;

-- A schedule of a thousand segments
SELECT s::text::rate_schedule = s AS same, (SELECT count(*) FROM segments(s)) AS segments, rate_at(s, date '2000-01-01' + 7 * 500) AS rate
FROM (SELECT rate_schedule_agg(daterange(date '2000-01-01' + 7 * n, date '2000-01-07' + 7 * n), n * 0.001) FROM generate_series(1, 1000) n) v (s);
