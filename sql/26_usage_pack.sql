-- usage_pack: lines into packs and out again, the same in any order, and what is no pack.
\set SHOW_CONTEXT never
SET datestyle = 'ISO, YMD';
SET search_path = bonus, public;
CREATE TEMP TABLE line AS
SELECT n, ROW('a' || n % 3, 'Account', 'c', 'C', 'f', 'F', 'r' || n, 's' || n % 2, 'Service', 'k' || n % 5, 'SKU', CASE n % 7 WHEN 0 THEN 'EUR' ELSE 'USD' END,
              CASE n % 4 WHEN 0 THEN 'Credit' ELSE 'Usage' END, n * 1.5, 'core*hour', n * 0.000000000000000007, -n, CASE n % 3 WHEN 0 THEN -1 END, 0, NULL, -n,
              CASE n % 2 WHEN 0 THEN n * 0.1 END, CASE n % 2 WHEN 0 THEN '{"label.env": "prod"}'::jsonb END, 'en', '2026-10-06T00:00:00Z', '2026-10-07T00:00:00Z')::usage_line AS l
FROM generate_series(1, 200) n;
SELECT usage_pack_agg(l) AS pack FROM line \gset

-- Nothing is lost, and the order of the lines does not matter
SELECT count(*) AS lines, line_count(:'pack') FROM lines(:'pack');
SELECT count(*) AS lost
FROM (SELECT (l).* FROM line
      EXCEPT ALL
      SELECT account_id, account_name, cloud_id, cloud_name, folder_id, folder_name, resource_id, service_id, service_name, sku_id, sku_name, currency, charge_category,
             pricing_quantity, pricing_unit, cost, credit, nullif(monetary_grant_credit, 0), volume_incentive_credit, cud_credit, misc_credit, reward, attributes, locale, updated_at, exported_at
      FROM lines(:'pack')) d;
SELECT usage_pack_agg(l ORDER BY n DESC) = :'pack' AS backwards, usage_pack_agg(l ORDER BY md5(n::text)) = :'pack' AS shuffled FROM line;
SELECT :'pack'::usage_pack::text::usage_pack = :'pack' AS text_and_back, usage_pack_agg(l) FILTER (WHERE n < 200) = :'pack' AS one_line_less FROM line;
-- lines ascend by key; one account alone has the same numbers
SELECT count(*) AS out_of_order
FROM (SELECT ROW(account_id, service_id, sku_id, currency, charge_category)::text COLLATE "C" AS key, lag(ROW(account_id, service_id, sku_id, currency, charge_category)::text COLLATE "C")
             OVER (ORDER BY line_number) AS before FROM lines(:'pack')) k WHERE key < before;
SELECT count(*) AS lines, count(*) FILTER (WHERE w.line_number IS NULL) AS not_in_the_whole
FROM lines(:'pack', 'a1') a LEFT JOIN lines(:'pack') w ON to_jsonb(w) = to_jsonb(a);
SELECT count(*) FROM lines(:'pack', 'nobody');
SELECT count(*) FROM lines(NULL);
-- NULL lines are skipped, no lines give NULL, and the empty pack is something else
SELECT usage_pack_agg(NULL::usage_line) IS NULL AS no_lines, line_count(usage_pack()) AS empty, (SELECT count(*) FROM lines(usage_pack())) AS lines_of_it;
-- amounts alone: NULL counts as 0
SELECT account_id, cost, credit, monetary_grant_credit, resource_id, reward, attributes FROM lines((SELECT usage_pack_agg('a', 's', 'k', 'USD', 'Usage', 1, NULL, NULL)));

-- Content: names, locale and times of the export are none; everything else is
WITH one AS (SELECT (l).* FROM line WHERE n = 6), changed AS (
    SELECT k, usage_pack_agg(jsonb_populate_record(NULL::usage_line, to_jsonb(one) || v)) AS pack
    FROM one, (VALUES ('same', '{}'::jsonb), ('account_name', '{"account_name": "x"}'), ('cloud_name', '{"cloud_name": "x"}'), ('folder_name', '{"folder_name": "x"}'),
                      ('service_name', '{"service_name": "x"}'), ('sku_name', '{"sku_name": "x"}'), ('locale', '{"locale": "x"}'), ('updated_at', '{"updated_at": "x"}'),
                      ('exported_at', '{"exported_at": "x"}'), ('cloud_id', '{"cloud_id": "x"}'), ('resource_id', '{"resource_id": "x"}'), ('cost', '{"cost": 1}'),
                      ('credit', '{"credit": 1}'), ('reward', '{"reward": null}'), ('attributes', '{"attributes": {"label.env": "test"}}'), ('pricing_quantity', '{"pricing_quantity": 1}'),
                      ('charge_category', '{"charge_category": "Tax"}'), ('currency', '{"currency": "RUB"}')) c (k, v)
    GROUP BY k)
SELECT string_agg(c.k, ' ' ORDER BY c.k) FILTER (WHERE c.pack = s.pack) AS equal,
       string_agg(c.k, ' ' ORDER BY c.k) FILTER (WHERE content_digest(c.pack) = content_digest(s.pack)) AS same_content
FROM changed c, changed s WHERE s.k = 'same';

-- What is no line
SELECT usage_pack_agg(NULL, 's', 'k', 'USD', 'Usage', 1, 0, 0);
\echo :LAST_ERROR_SQLSTATE
SELECT usage_pack_agg('a', 's', 'k', 'USD', 'Usage', NULL, 0, 0);
\echo :LAST_ERROR_SQLSTATE
SELECT usage_pack_agg('a', 's', 'k', 'USD', 'Usage', 1000000000000000000.000000000000000001, 0, 0);
\echo :LAST_ERROR_SQLSTATE
SELECT usage_pack_agg('a', 's', 'k', 'USD', 'Usage', 0.0000000000000000001, 0, 0);
\echo :LAST_ERROR_SQLSTATE
SELECT usage_pack_agg('a', 's', 'k', 'USD', 'Usage', 'infinity', 0, 0);
\echo :LAST_ERROR_SQLSTATE
SELECT usage_pack_agg('a', 's', 'k', 'USD', 'Usage', 1, 0, 0) FROM generate_series(1, 65537);
\echo :LAST_ERROR_SQLSTATE
SELECT line_count(usage_pack_agg('a', 's', 'k', 'USD', 'Usage', 1, 0, 0)) FROM generate_series(1, 65536);

-- What is no pack
SELECT ''::usage_pack;
\echo :LAST_ERROR_SQLSTATE
SELECT '%'::usage_pack;
\echo :LAST_ERROR_SQLSTATE
SELECT left(usage_pack()::text, 20)::usage_pack;
\echo :LAST_ERROR_SQLSTATE
SELECT (usage_pack()::text || 'AAAA')::usage_pack;
\echo :LAST_ERROR_SQLSTATE
-- every byte counts: each altered pack is refused
DO $$
DECLARE
    bytes   bytea := (SELECT usage_pack_send(usage_pack_agg('a' || n % 2, 's', 'k', 'USD', 'Usage', n, 0, 0)) FROM generate_series(1, 3) n);
    taken   integer := 0;
BEGIN
    FOR i IN 0 .. length(bytes) - 1 LOOP
        BEGIN
            PERFORM translate(encode(set_byte(bytes, i, get_byte(bytes, i) # 1), 'base64'), E'\n', '')::usage_pack;
            taken := taken + 1;
        EXCEPTION WHEN invalid_binary_representation THEN
            NULL;
        END;
    END LOOP;
    RAISE NOTICE '% altered packs were taken', taken;
END
$$;
