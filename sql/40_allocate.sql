-- round_amount and allocate: how exact amounts become printed ones that add up.
SET search_path = bonus, public;

-- Every mode, around ties
SELECT m AS mode, round_amount(2.345, 2, m) AS "2.345", round_amount(2.355, 2, m) AS "2.355", round_amount(-2.345, 2, m) AS "-2.345",
       round_amount(2.3451, 2, m) AS "2.3451", round_amount(-2.3449, 2, m) AS "-2.3449", round_amount(2.34, 2, m) AS "2.34"
FROM unnest(ARRAY['half away from zero', 'half even', 'half up', 'down', 'up', 'truncate']) WITH ORDINALITY m (m, n)
ORDER BY n;
SELECT round_amount(84.135), round_amount(7), round_amount(-0.004), round_amount(1234.5, 0), round_amount(1.5, 18), round_amount(NULL);
-- half away from zero is what round(numeric) does
SELECT count(*), bool_and(round_amount(x, s) = round(x, s)) AS as_round
FROM (SELECT ((n * 7919) % 100003 - 50000) * 0.0005 AS x, n % 5 AS s FROM generate_series(1, 10000) n) v;
-- Published tables: java.math.RoundingMode (HALF_UP, HALF_EVEN, FLOOR, CEILING, DOWN there are half away from zero, half even,
-- down, up and truncate here); half up rounds as JavaScript's Math.round does. Then ties of cents. Written by hand.
CREATE TEMP TABLE published (exact numeric, scale integer, away numeric, even numeric, half_up numeric, down numeric, up numeric, truncated numeric);
INSERT INTO published VALUES
    ( 5.5, 0,  6,  6,  6,  5,  6,  5), ( 2.5, 0,  3,  2,  3,  2,  3,  2), ( 1.6, 0,  2,  2,  2,  1,  2,  1), ( 1.1, 0,  1,  1,  1,  1,  2,  1), ( 1.0, 0,  1,  1,  1,  1,  1,  1),
    (-1.0, 0, -1, -1, -1, -1, -1, -1), (-1.1, 0, -1, -1, -1, -2, -1, -1), (-1.6, 0, -2, -2, -2, -2, -1, -1), (-2.5, 0, -3, -2, -2, -3, -2, -2), (-5.5, 0, -6, -6, -5, -6, -5, -5),
    ( 0.5, 0,  1,  0,  1,  0,  1,  0), (-0.5, 0, -1,  0,  0, -1,  0,  0), ( 1.5, 0,  2,  2,  2,  1,  2,  1), (-1.5, 0, -2, -2, -1, -2, -1, -1),
    ( 0.005, 2,  0.01,  0.00,  0.01,  0.00,  0.01,  0.00), (-0.005, 2, -0.01,  0.00,  0.00, -0.01,  0.00,  0.00),
    ( 0.015, 2,  0.02,  0.02,  0.02,  0.01,  0.02,  0.01), (-0.015, 2, -0.02, -0.02, -0.01, -0.02, -0.01, -0.01),
    ( 0.025, 2,  0.03,  0.02,  0.03,  0.02,  0.03,  0.02), (-0.025, 2, -0.03, -0.02, -0.02, -0.03, -0.02, -0.02),
    ( 1.005, 2,  1.01,  1.00,  1.01,  1.00,  1.01,  1.00), (-1.005, 2, -1.01, -1.00, -1.00, -1.01, -1.00, -1.00),
    ( 0.0049999999999999999999, 2, 0, 0, 0, 0, 0.01, 0), (-0.0050000000000000000001, 2, -0.01, -0.01, -0.01, -0.01, 0, 0);
SELECT p.exact, m.mode, round_amount(p.exact, p.scale, m.mode) AS rounded, m.expected
FROM published p
CROSS JOIN LATERAL (VALUES ('half away from zero', p.away), ('half even', p.even), ('half up', p.half_up), ('down', p.down), ('up', p.up), ('truncate', p.truncated)) m (mode, expected)
WHERE round_amount(p.exact, p.scale, m.mode) <> m.expected;
-- three modes treat both signs alike; down is the mirror of up
SELECT count(*) AS tried, bool_and(round_amount(-x, s, m) = -round_amount(x, s, m)) FILTER (WHERE m IN ('half away from zero', 'half even', 'truncate')) AS symmetric,
       bool_and(round_amount(-x, s, 'up') = -round_amount(x, s, 'down')) AS mirrored
FROM (SELECT ((n * 7919) % 10007 - 5000) * 0.0005 AS x, n % 4 AS s FROM generate_series(1, 2000) n) v, unnest(ARRAY['half away from zero', 'half even', 'truncate']) m;

SELECT round_amount(0.0000000000000000000000000000001);
\echo :LAST_ERROR_SQLSTATE
SELECT round_amount('NaN');
\echo :LAST_ERROR_SQLSTATE
SELECT round_amount('Infinity');
\echo :LAST_ERROR_SQLSTATE
SELECT round_amount(1, 19);
\echo :LAST_ERROR_SQLSTATE
SELECT round_amount(1, -1);
\echo :LAST_ERROR_SQLSTATE
SELECT round_amount(1, 2, 'banker');
\echo :LAST_ERROR_SQLSTATE

-- Shares of a printed amount: floors 3.33, 3.33, 3.33 make 9.99; one more cent goes to the largest remainder, of equal
-- ones to the first
SELECT key, exact, allocate(exact, 10.00) OVER (ORDER BY key)
FROM (VALUES (1, 3.333333333333333333), (2, 3.333333333333333333), (3, 3.333333333333333334)) v (key, exact);
SELECT key, exact, allocate(exact, 6.67) OVER (ORDER BY key) AS cents, allocate(exact, 7, 0) OVER (ORDER BY key) AS units,
       allocate(exact, 6.67) OVER (ORDER BY key DESC) AS from_below
FROM (VALUES ('a', 2.225), ('b', 2.225), ('c', 2.22), ('d', 0), ('e', NULL)) v (key, exact);
-- negative shares: floors are further from zero
SELECT key, exact, allocate(exact, -3.33) OVER (ORDER BY key) FROM (VALUES (1, -1.111), (2, -1.112), (3, -1.107)) v (key, exact);
SELECT key, exact, allocate(exact, 0.00) OVER (ORDER BY key) FROM (VALUES (1, 0.005), (2, -0.005)) v (key, exact);
SELECT part, key, allocate(exact, target) OVER (PARTITION BY part ORDER BY key)
FROM (VALUES ('x', 1, 0.005, 0.01), ('x', 2, 0.005, 0.01), ('y', 1, 0.005, 0.00), ('y', 2, -0.005, 0.00), ('z', 1, 7, 7)) v (part, key, exact, target);
SELECT allocate(exact, 1) OVER (ORDER BY key) FROM (VALUES (1, 1)) v (key, exact) WHERE false;
SELECT allocate(NULL, 0) OVER () AS only_null;

-- The same over an array
SELECT allocate(ARRAY[3.335, 3.335, 3.33], 10.00), allocate(ARRAY[2.225, NULL, 2.225], 4.45), allocate('{}'::numeric[], 0),
       allocate('{{1.5,2.5},{3.5,4.5}}'::numeric[], 12, 0) AS two_dimensions, allocate(NULL::numeric[], 1) AS null;

-- 20,000 shares of 500 targets: they add up, each is floor or ceiling, whole cents stay, the larger remainder goes first,
-- and the array does the same as the window
CREATE TEMP TABLE share AS
SELECT n, n % 500 AS part, CASE n % 4 WHEN 0 THEN ((n * 7919) % 2003 - 900) * 0.01 ELSE ((n * 7919) % 1000003 - 400000) * 0.00001 END AS exact
FROM generate_series(1, 20000) n;
CREATE TEMP TABLE printed AS
SELECT part, n, exact, target, allocate(exact, target) OVER (PARTITION BY part ORDER BY n) AS share
FROM (SELECT *, round(sum(exact) OVER (PARTITION BY part), 2) AS target FROM share) v;
SELECT count(DISTINCT part) AS parts, bool_and(share IN (floor(exact * 100) / 100, ceil(exact * 100) / 100)) AS floor_or_ceiling FROM printed;
SELECT bool_and(added) AS add_up, bool_and(fair) AS larger_remainder_first
FROM (SELECT sum(share) = min(target) AS added,
             coalesce(min(exact * 100 - floor(exact * 100)) FILTER (WHERE share > exact) >= max(exact * 100 - floor(exact * 100)) FILTER (WHERE share < exact), true) AS fair
      FROM printed GROUP BY part) v;
SELECT bool_and(allocate(exacts, target) = shares) AS array_as_window
FROM (SELECT array_agg(exact ORDER BY n) AS exacts, min(target) AS target, array_agg(share ORDER BY n) AS shares FROM printed GROUP BY part) v;

-- Errors
SELECT allocate(exact, 10.02) OVER (ORDER BY key) FROM (VALUES (1, 3.335), (2, 3.335), (3, 3.33)) v (key, exact);
\echo :LAST_ERROR_SQLSTATE
SELECT allocate(exact, 9.98) OVER (ORDER BY key) FROM (VALUES (1, 3.335), (2, 3.335), (3, 3.33)) v (key, exact);
\echo :LAST_ERROR_SQLSTATE
SELECT allocate(exact, 10.001) OVER (ORDER BY key) FROM (VALUES (1, 3.335), (2, 3.335), (3, 3.33)) v (key, exact);
\echo :LAST_ERROR_SQLSTATE
SELECT allocate(exact, 10.00) OVER (ORDER BY key) FROM (VALUES (1, 3.335), (1, 3.335), (3, 3.33)) v (key, exact);
\echo :LAST_ERROR_SQLSTATE
SELECT allocate(exact, 10.00) OVER () FROM (VALUES (1, 3.335), (2, 3.335), (3, 3.33)) v (key, exact);
\echo :LAST_ERROR_SQLSTATE
SELECT allocate(exact, target) OVER (ORDER BY key) FROM (VALUES (1, 3.335, 10), (2, 3.335, 10.00), (3, 3.33, 10.01)) v (key, exact, target);
\echo :LAST_ERROR_SQLSTATE
SELECT allocate(exact, 10, scale) OVER (ORDER BY key) FROM (VALUES (1, 3.335, 2), (2, 6.665, 1)) v (key, exact, scale);
\echo :LAST_ERROR_SQLSTATE
SELECT allocate(exact, NULL) OVER (ORDER BY key) FROM (VALUES (1, 3.335)) v (key, exact);
\echo :LAST_ERROR_SQLSTATE
SELECT allocate(exact, 1, NULL) OVER (ORDER BY key) FROM (VALUES (1, 3.335)) v (key, exact);
\echo :LAST_ERROR_SQLSTATE
SELECT allocate(exact, 1, 19) OVER (ORDER BY key) FROM (VALUES (1, 3.335)) v (key, exact);
\echo :LAST_ERROR_SQLSTATE
SELECT allocate(exact, 'NaN') OVER (ORDER BY key) FROM (VALUES (1, 3.335)) v (key, exact);
\echo :LAST_ERROR_SQLSTATE
SELECT allocate(3.335, 3.33);
\echo :LAST_ERROR_SQLSTATE
SELECT allocate(ARRAY[1.5], 3, 0);
\echo :LAST_ERROR_SQLSTATE
SELECT allocate(ARRAY[NULL::numeric], 1);
\echo :LAST_ERROR_SQLSTATE

-- relative_discount: a fraction with six decimals, rounded once, half away from zero
SELECT relative_discount(84.14, 310.40), relative_discount(84.14, 270.40), relative_discount(0, 5), relative_discount(1, 0), relative_discount(NULL, 1),
       relative_discount(-84.14, -310.40), relative_discount(-1, 3), relative_discount(0.0000005, 1), relative_discount(-0.0000005, 1);
