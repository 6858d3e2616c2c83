-- consumption_map: what packs add up to, in any order, added and taken off; stored and sent; what is refused.
SET search_path = bonus, public;
SET datestyle = 'ISO, YMD';

-- A pack of lines given as account, SKU, cost, credit, grant credit, reward
CREATE FUNCTION pg_temp.packed(VARIADIC rows text[]) RETURNS usage_pack LANGUAGE sql AS $function$
    SELECT usage_pack_agg(jsonb_populate_record(NULL::usage_line, jsonb_strip_nulls(jsonb_build_object(
        'account_id', f[1], 'service_id', 'svc', 'sku_id', f[2], 'currency', 'RUB', 'charge_category', 'Usage', 'cost', f[3],
        'credit', coalesce(f[4], '0'), 'monetary_grant_credit', coalesce(f[5], '0'), 'reward', f[6]))))
    FROM unnest(rows) r, string_to_array(r, ' ') f
$function$;
CREATE TEMP TABLE day_pack AS
SELECT n, day, sign, pack FROM (VALUES
    (1, date '2026-10-01', 1, pg_temp.packed('acc1 sku1 10.50 -3 -1', 'acc1 sku1 2', 'acc2 sku1 7 0 0 1.40')),
    (2, '2026-10-02', 1, pg_temp.packed('acc2 sku1 3 0 0 0.60', 'acc1 sku2 0.000000000000000001')),
    (3, '2026-10-03', 1, pg_temp.packed('acc3 sku1 5')),
    (4, '2026-10-03', -1, pg_temp.packed('acc3 sku1 5'))) v (n, day, sign, pack);
CREATE TEMP TABLE map AS SELECT consumption_map_agg(pack, day, sign) AS map FROM day_pack;

-- One row per key, ascending; acc3 was added and taken off
SELECT e.* FROM map, entries(map) e;
-- in any order of the packs, the same bytes
SELECT count(DISTINCT map::text) AS different
FROM (SELECT consumption_map_agg(pack, day, sign ORDER BY n) AS map FROM day_pack
      UNION ALL SELECT consumption_map_agg(pack, day, sign ORDER BY n DESC) FROM day_pack
      UNION ALL SELECT consumption_map_agg(pack, day, sign ORDER BY n % 2, n DESC) FROM day_pack
      UNION ALL SELECT map FROM map) v;
-- taken off alone: numbers of lines are negative
SELECT account_id, consumption, lines, reward FROM (SELECT consumption_map_agg(pack, day, -1) AS map FROM day_pack WHERE n = 2) m, entries(map);
-- a reward is NULL only when no line had one
SELECT account_id, consumption, lines, reward
FROM (SELECT consumption_map_agg(pack, date '2026-10-01', sign) AS map
      FROM (VALUES (1, pg_temp.packed('acc1 sku1 1', 'acc2 sku1 1 0 0 0', 'acc3 sku1 1 0 0 0.5')), (1, pg_temp.packed('acc3 sku1 1')),
                   (-1, pg_temp.packed('acc3 sku1 1 0 0 0.5'))) v (sign, pack)) m, entries(map);

-- NULL
SELECT consumption_map_agg(pack, day, sign) IS NULL AS no_rows FROM day_pack WHERE n > 4;
SELECT consumption_map_agg(NULL, NULL, NULL) IS NULL AS no_packs, consumption_map_agg(pack, day, sign) FILTER (WHERE n < 0) IS NULL AS no_rows,
       consumption_map_agg(CASE WHEN n = 3 THEN pack END, day, sign)::text = consumption_map_agg(pack, day, sign) FILTER (WHERE n = 3)::text AS skipped
FROM day_pack;
SELECT consumption_map_agg(usage_pack(), date '2026-10-01', 1) AS of_an_empty_pack, count(e.*) FROM (SELECT consumption_map_agg(usage_pack(), date '2026-10-01', 1) AS map) m LEFT JOIN entries(map) e ON true;
SELECT count(*) FROM entries(NULL);
SELECT consumption_map_agg(pack, NULL, 1) FROM day_pack;
\echo :LAST_ERROR_SQLSTATE
SELECT consumption_map_agg(pack, day, NULL) FROM day_pack;
\echo :LAST_ERROR_SQLSTATE
SELECT consumption_map_agg(pack, day, 0) FROM day_pack;
\echo :LAST_ERROR_SQLSTATE
SELECT consumption_map_agg(pack, 'infinity', 1) FROM day_pack;
\echo :LAST_ERROR_SQLSTATE
SELECT consumption_map_agg(pack, '10000-01-01', 1) FROM day_pack;
\echo :LAST_ERROR_SQLSTATE

-- Beyond the range of amounts: on a day, and of reward
SELECT consumption_map_agg(pack, date '2026-10-01' + n, 1)
FROM (SELECT pg_temp.packed(VARIADIC array_fill('acc1 sku1 1000000000000000000'::text, ARRAY[100])) AS pack, 0 AS n FROM generate_series(1, 2)) v;
\echo :LAST_ERROR_SQLSTATE
SELECT consumption_map_agg(pack, date '2026-10-01' + n, 1)
FROM (SELECT pg_temp.packed('acc1 sku1 1 0 0 150000000000000000000') AS pack, n FROM generate_series(1, 2) n) v;
\echo :LAST_ERROR_SQLSTATE

-- Text and binary
SELECT map::text::consumption_map::text = map::text AS as_text, replace(encode(consumption_map_send(map), 'base64'), E'\n', '') = map::text AS of_the_binary_form FROM map;
COPY (SELECT map FROM map) TO '/dev/null' WITH (FORMAT binary);
SELECT 'not base64!'::consumption_map;
\echo :LAST_ERROR_SQLSTATE
SELECT ''::consumption_map;
\echo :LAST_ERROR_SQLSTATE
SELECT 'AgAA'::consumption_map AS a_later_version;
\echo :LAST_ERROR_SQLSTATE
SELECT 'AQAAAAAAAAA='::consumption_map AS a_byte_too_many;
\echo :LAST_ERROR_SQLSTATE
CREATE TEMP TABLE stored (map consumption_map);
INSERT INTO stored SELECT map FROM map;
SELECT count(*) AS keys, sum(lines) AS lines FROM stored, entries(map);

-- 60 days of a few hundred keys, kept outside of the row: only directories are read, by pieces, those longer
-- than the one before in two steps; also where packs are compressed
CREATE TEMP TABLE month AS
SELECT day, (SELECT usage_pack_agg('acc' || k % 7, 'svc' || k % 3, 'sku' || k, CASE k % 2 WHEN 0 THEN 'RUB' ELSE 'USD' END, 'Usage', k * 1.01 + n * day_number * 0.0001,
                                         CASE k % 5 WHEN 0 THEN -0.5 * k END, CASE k % 10 WHEN 0 THEN -0.25 * k END)
                   FROM generate_series(1, 20 + day_number % 31 * 5) k, generate_series(1, 3 + day_number % 2 * 20) n) AS pack
FROM generate_series(0, 59) day_number, LATERAL (SELECT date '2026-10-01' + day_number AS day) d;
SELECT count(*) AS days, count(*) FILTER (WHERE pg_column_size(pack) > 2500) AS outside FROM month;
CREATE TEMP TABLE by_packs AS SELECT e.* FROM (SELECT consumption_map_agg(pack, day, 1) AS map FROM month) m, entries(map) e;
CREATE TEMP TABLE by_lines AS
SELECT account_id, service_id, sku_id, currency, charge_category,
       consumption_agg(day, cost, coalesce(monetary_grant_credit, 0), coalesce(credit, 0) - coalesce(monetary_grant_credit, 0)) AS consumption, count(*) AS lines, sum(reward) AS reward
FROM month, lines(pack) GROUP BY 1, 2, 3, 4, 5;
SELECT count(*) AS keys, bool_and(p.consumption = l.consumption AND p.lines = l.lines AND p.reward IS NOT DISTINCT FROM l.reward) AS equal
FROM by_packs p FULL JOIN by_lines l USING (account_id, service_id, sku_id, currency, charge_category);
CREATE TEMP TABLE compressed (day date, pack usage_pack);
ALTER TABLE compressed ALTER pack SET STORAGE extended;
INSERT INTO compressed
SELECT date '2026-10-01' + n, usage_pack_agg('acc', 'svc', 'sku' || k, 'RUB', 'Usage', 1, 0, 0) FROM generate_series(1, 2) n, generate_series(1, 5000 / n) k GROUP BY n;
SELECT bool_and(pg_column_size(pack) < octet_length(usage_pack_send(pack)) / 2) AS compressed FROM compressed;
SELECT consumption, count(*), sum(lines) AS lines FROM (SELECT consumption_map_agg(pack, day, 1) AS map FROM compressed) m, entries(map) GROUP BY consumption ORDER BY 2;
-- grouped, and as a window
SELECT count(DISTINCT month) AS months, sum(lines) = (SELECT sum(lines) FROM by_lines) AS all_lines
FROM (SELECT date_trunc('month', day) AS month, consumption_map_agg(pack, day, 1) AS map FROM month GROUP BY 1) m, entries(map);
SELECT n, (SELECT string_agg(account_id || ' ' || lines, ', ') FROM entries(map)) AS lines_so_far
FROM (SELECT n, consumption_map_agg(pack, day, sign) OVER (ORDER BY n) AS map FROM day_pack) m ORDER BY n;
