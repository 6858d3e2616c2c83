-- tiers: values, slab and graduated, cap, comparison, what is refused.
SET search_path = bonus, public;

-- Text: canonical whatever was written
SELECT '{}'::tiers, ' { } '::tiers, '{0: 0}'::tiers AS zero_is_nothing, '{5: 0, 7: 0}'::tiers AS nor_are_zeros;
SELECT '{0: 0.1, 50000: 0.12, 200000: 0.15}'::tiers;
SELECT '{ 0:.1,5E4 : 0.120 , 200000.00: +15e-2 }'::tiers AS same;
SELECT '{0: 0.1, 10: 0.1, 20: 0.2, 30: 0.2}'::tiers AS equal_neighbours_merge;
SELECT '{50000: 0.12}'::tiers AS nothing_below_the_lowest, '{0: 0.1, 5: 0, 7: 0.1}'::tiers AS zero_between_stays, '{0: 1, 5: 0}'::tiers AS down_too;
SELECT '{0.000000000000000001: 0.000000000001, 170141183460469231731.687303715884105727: 1}'::tiers AS least_and_most;

-- Made from arrays
SELECT tiers(ARRAY[0, 50000, 200000], ARRAY[0.10, 0.12, 0.15]) AS sorted, tiers(ARRAY[200000, 0, 50000], ARRAY[0.15, 0.10, 0.12]) AS in_any_order,
       tiers('[-3:-1]={1.50,0.50,2}', '{0.2,0.2,0}') AS canonical, tiers('{}', '{}') AS nothing;
SELECT tiers(NULL, '{0.1}'), tiers('{0}', NULL);
SELECT count(DISTINCT tiers_send(t)) AS different, bool_and(t = '{0: 0.3, 1: 0.2, 2.5: 0.1}') AS as_written
FROM (VALUES (ARRAY[0, 1, 2.5], ARRAY[0.3, 0.2, 0.1]), (ARRAY[0, 2.5, 1], ARRAY[0.3, 0.1, 0.2]), (ARRAY[1, 0, 2.5], ARRAY[0.2, 0.3, 0.1]),
             (ARRAY[1, 2.5, 0], ARRAY[0.2, 0.1, 0.3]), (ARRAY[2.5, 0, 1], ARRAY[0.1, 0.3, 0.2]), (ARRAY[2.5, 1, 0], ARRAY[0.1, 0.2, 0.3])) v (volumes, rates),
     tiers(volumes, rates) t;

-- Malformed text
SELECT '{0 0.1}'::tiers;
\echo :LAST_ERROR_SQLSTATE
SELECT '0: 0.1'::tiers;
\echo :LAST_ERROR_SQLSTATE
SELECT '{0: 0.1} {}'::tiers;
\echo :LAST_ERROR_SQLSTATE
SELECT '{0: 0.1'::tiers;
\echo :LAST_ERROR_SQLSTATE
SELECT '{0: }'::tiers;
\echo :LAST_ERROR_SQLSTATE
SELECT ''::tiers;
\echo :LAST_ERROR_SQLSTATE
SELECT '{0: 0.1, 50000: 0.12, 50000.0: 0.15}'::tiers;
\echo :LAST_ERROR_SQLSTATE
SELECT '{0: 0.1, 200000: 0.15, 50000: 0.12}'::tiers;
\echo :LAST_ERROR_SQLSTATE
SELECT '{-1: 0.1}'::tiers;
\echo :LAST_ERROR_SQLSTATE
SELECT '{0: 10%}'::tiers;
\echo :LAST_ERROR_SQLSTATE
SELECT '{0: 10}'::tiers;
\echo :LAST_ERROR_SQLSTATE
SELECT '{0: -0.1}'::tiers;
\echo :LAST_ERROR_SQLSTATE
SELECT '{0: 1001}'::tiers;
\echo :LAST_ERROR_SQLSTATE
SELECT '{0: NaN}'::tiers;
\echo :LAST_ERROR_SQLSTATE
SELECT '{0: 0.0000000000001}'::tiers;
\echo :LAST_ERROR_SQLSTATE
SELECT '{NaN: 0.1}'::tiers;
\echo :LAST_ERROR_SQLSTATE
SELECT '{0.0000000000000000001: 0.1}'::tiers;
\echo :LAST_ERROR_SQLSTATE
SELECT '{170141183460469231731.687303715884105728: 0.1}'::tiers;
\echo :LAST_ERROR_SQLSTATE

-- Arrays that are none
SELECT tiers('{0,50000}', '{0.1}');
\echo :LAST_ERROR_SQLSTATE
SELECT tiers('{0,NULL}', '{0.1,0.12}');
\echo :LAST_ERROR_SQLSTATE
SELECT tiers('{0,50000}', '{0.1,NULL}');
\echo :LAST_ERROR_SQLSTATE
SELECT tiers('{{0,50000}}', '{{0.1,0.12}}');
\echo :LAST_ERROR_SQLSTATE
SELECT tiers('{0,50000}', '{{0.1,0.12}}');
\echo :LAST_ERROR_SQLSTATE
SELECT tiers('{50000,0,50000.00}', '{0.12,0.1,0.12}');
\echo :LAST_ERROR_SQLSTATE
SELECT tiers('{0,-0.50}', '{0.1,0.12}');
\echo :LAST_ERROR_SQLSTATE
SELECT tiers('{0,50000}', '{0.1,1.2}');
\echo :LAST_ERROR_SQLSTATE
SELECT tiers('{0}', '{-0.1}');
\echo :LAST_ERROR_SQLSTATE
SELECT tiers('{0}', '{NaN}');
\echo :LAST_ERROR_SQLSTATE
SELECT tiers('{0}', '{0.0000000000001}');
\echo :LAST_ERROR_SQLSTATE
SELECT tiers('{Infinity}', '{0.1}');
\echo :LAST_ERROR_SQLSTATE
SELECT tiers('{170141183460469231731.687303715884105728}', '{0.1}');
\echo :LAST_ERROR_SQLSTATE

-- At most 1,024 steps, the one at 0 included
SELECT count(*) AS steps, max(from_volume) AS last FROM (SELECT tiers(array_agg(n), array_agg(n % 2 * 0.1)) FROM generate_series(1, 1023) n) v (t), steps(t);
SELECT tiers(array_agg(n), array_agg(n % 2 * 0.1)) FROM generate_series(1, 1024) n;
\echo :LAST_ERROR_SQLSTATE
SELECT tiers(array_agg(n), array_agg(n % 2 * 0.1)) FROM generate_series(0, 1024) n;
\echo :LAST_ERROR_SQLSTATE
SELECT format('{%s}', string_agg(n || ': 0.1', ', '))::tiers FROM generate_series(0, 99999) n;
\echo :LAST_ERROR_SQLSTATE

-- Slab and graduated: 10 % of the first 50,000, 12 % of the next 150,000, 15 % of the rest
SELECT volume, rate_at(t, volume), rate_at(t, volume) * volume AS slab, tier_offset(t, volume), graduated(t, volume)
FROM (VALUES ('{0: 0.1, 50000: 0.12, 200000: 0.15}'::tiers)) v (t),
     unnest(ARRAY[-100, 0, 0.01, 49999.99, 50000, 50000.01, 199999.999999999999999999, 200000, 1000000]) volume;
SELECT volume, rate_at(t, volume), tier_offset(t, volume), graduated(t, volume)
FROM (VALUES ('{100: 0.5, 200: 0.25}'::tiers)) v (t), unnest(ARRAY[-100, 0, 99, 100, 150, 200, 400]) volume;
SELECT rate_at('{}'::tiers, 100), tier_offset('{}', 100), graduated('{}', 100), rate_at('{}'::tiers, NULL) IS NULL AND graduated(NULL, 1) IS NULL AND tier_offset('{}', NULL) IS NULL AS nulls;
-- all 30 decimals, and the largest there are
SELECT tier_offset('{0.000000000000000001: 0.000000000001}', 1), graduated('{0.000000000000000001: 0.000000000001}', 1);
SELECT graduated('{0: 1}', most), graduated('{0: 1}', -most), tier_offset(tiers(ARRAY[most], '{1}'), most), graduated(tiers(ARRAY[most], '{1}'), most)
FROM (VALUES (170141183460469231731.687303715884105727)) v (most);
SELECT rate_at('{0: 0.1}'::tiers, 'NaN');
\echo :LAST_ERROR_SQLSTATE
SELECT graduated('{0: 0.1}', 170141183460469231731.687303715884105728);
\echo :LAST_ERROR_SQLSTATE
SELECT tier_offset('{0: 0.1}', 0.0000000000000000001);
\echo :LAST_ERROR_SQLSTATE

-- 200 programs, to hold against plain sums over the slices of a volume
CREATE TEMP TABLE program AS
SELECT program, array_agg(n * n * 997.003 % 100000 ORDER BY n * 7919 % 101) AS volumes, array_agg(n * 31 % 101 * 0.00990099 ORDER BY n * 7919 % 101) AS rates
FROM generate_series(1, 200) program, LATERAL generate_series(program, program + program % 7) n
GROUP BY program;
CREATE TEMP TABLE ladder AS SELECT program, tiers(volumes, rates) AS tiers FROM program;
CREATE TEMP TABLE volume AS SELECT i * i * 37.0000001 AS volume FROM generate_series(0, 60) i;
SELECT count(*), bool_and(graduated(tiers, volume) = by_slices) AS as_slices, bool_and(graduated(tiers, volume) = rate_at(tiers, volume) * volume - tier_offset(tiers, volume)) AS as_defined,
       bool_and(rate_at(tiers, volume) = slab) AS as_plain_lookup
FROM ladder JOIN program USING (program) CROSS JOIN volume
CROSS JOIN LATERAL (SELECT coalesce(sum(rate * (least(volume, coalesce(next, volume)) - start)), 0) AS by_slices, coalesce((array_agg(rate ORDER BY start DESC))[1], 0) AS slab
                    FROM (SELECT start, rate, lead(start) OVER (ORDER BY start) AS next FROM unnest(volumes, rates) u (start, rate)) s WHERE start <= volume) v;
SELECT bool_and(graduated(tiers, from_volume) = (rate_at(tiers, from_volume - 1e-18) * from_volume - tier_offset(tiers, from_volume - 1e-18))) AS continuous
FROM ladder CROSS JOIN LATERAL steps(tiers) WHERE from_volume > 0;

-- Cap
SELECT cap('{0: 0.1, 50000: 0.12, 200000: 0.15}'::tiers, 0.12) AS cut, cap('{0: 0.1, 50000: 0.12}'::tiers, 0.12) AS not_cut, cap('{0: 0.1, 5: 0.2}'::tiers, 0) AS nothing_left,
       cap('{0: 0.1, 5: 0.3, 7: 0.2}'::tiers, 0.2) AS joined;
SELECT bool_and(rate_at(cap(tiers, 0.5), volume) = least(rate_at(tiers, volume), 0.5)) AS lesser_rate, bool_and(cap(cap(tiers, 0.5), 0.3) = cap(tiers, 0.3)) AS twice, bool_and(cap(tiers, 1) = tiers) AS by_one
FROM ladder CROSS JOIN volume;
SELECT cap('{0: 0.1}'::tiers, 1.5);
\echo :LAST_ERROR_SQLSTATE
SELECT cap('{0: 0.1}'::tiers, -0.1);
\echo :LAST_ERROR_SQLSTATE

-- Steps
SELECT * FROM steps('{0: 0.1, 50000: 0.12, 200000: 0.15}');
SELECT * FROM steps('{50000: 0.12}');
SELECT * FROM steps('{}');
SELECT bool_and(tiers((SELECT array_agg(from_volume) FROM steps(tiers)), (SELECT array_agg(rate) FROM steps(tiers))) = tiers) AS steps_make_it FROM ladder;

-- Names shared with rate_schedule: a bare literal may need its type
SELECT rate_at('{0: 0.1}', 100) AS a_volume, rate_at('{(,): 0.2}', date '2026-05-01') AS a_day;
SELECT cap('{0: 0.1}', 0.05);
\echo :LAST_ERROR_SQLSTATE

-- Comparison: as values, in GROUP BY, DISTINCT, joins, hash partitions
SELECT a = b AS eq, a <> b AS ne, a < b AS lt, a <= b AS le, a > b AS gt, a >= b AS ge, tiers_cmp(a, b), tiers_hash(a) = tiers_hash(b) AS same_hash
FROM (VALUES ('{0: 0.1, 5: 0.1}'::tiers, '{0: 0.10}'::tiers), ('{0: 0.1}', '{0: 0.2}'), ('{5: 0.1}', '{0: 0.1}'), ('{0: 0.1}', '{}'), ('{0: 0.1, 5: 0.2}', '{0: 0.1, 6: 0.2}')) v (a, b);
SELECT tiers_hash('{}'), tiers_hash('{0: 0.1, 50000: 0.12, 200000: 0.15}'), tiers_hash_extended('{0: 0.1, 50000: 0.12, 200000: 0.15}', 7);
CREATE TEMP TABLE twice AS SELECT program, tiers FROM ladder UNION ALL SELECT program + 1000, tiers::text::tiers FROM ladder;
SELECT count(DISTINCT tiers::text) AS texts, count(*) AS rows FROM twice;
SET enable_sort = off;
SELECT count(*) FROM (SELECT tiers FROM twice GROUP BY tiers) v;
SELECT count(*) FROM twice a JOIN twice b USING (tiers);
RESET enable_sort;
SET enable_hashagg = off;
SET enable_hashjoin = off;
SET enable_nestloop = off;
SELECT count(*) FROM (SELECT DISTINCT tiers FROM twice) v;
SELECT count(*) FROM twice a JOIN twice b USING (tiers);
RESET enable_hashagg;
RESET enable_hashjoin;
RESET enable_nestloop;
SELECT bool_and(tiers >= before) AS sorted FROM (SELECT tiers, lag(tiers) OVER (ORDER BY tiers) AS before FROM twice) v;
CREATE TEMP TABLE indexed AS SELECT * FROM twice;
CREATE INDEX ON indexed (tiers);
SET enable_seqscan = off;
SELECT count(*) AS found FROM indexed WHERE tiers = (SELECT tiers FROM ladder WHERE program = 20);
RESET enable_seqscan;
CREATE TEMP TABLE parted (program integer, tiers tiers) PARTITION BY HASH (tiers);
CREATE TEMP TABLE parted_0 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TEMP TABLE parted_1 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO parted SELECT * FROM twice;
SELECT count(*) AS rows, count(DISTINCT tableoid) AS partitions, count(DISTINCT tiers) AS values,
       count(*) FILTER (WHERE tiers IN (SELECT p.tiers FROM parted p WHERE p.tableoid <> parted.tableoid)) AS on_both_sides
FROM parted;

-- Tiers of a thousand steps
CREATE TEMP TABLE large AS SELECT tiers(array_agg(n * 1.000001), array_agg(n * 0.00097)) AS tiers FROM generate_series(1, 1000) n;
SELECT tiers::text::tiers = tiers AS same, (SELECT count(*) FROM steps(tiers)) AS steps, rate_at(tiers, 500.5), tier_offset(tiers, 1e6), graduated(tiers, 1e6) FROM large;
