-- The catalog: everything has a comment, functions are what they say, values survive COPY.
SET datestyle = 'ISO, YMD';
SET search_path = bonus, public;

-- Members of the extension without a comment
SELECT 'function' AS kind, p.oid::regprocedure::text AS object
FROM pg_proc p WHERE p.pronamespace = 'bonus'::regnamespace AND obj_description(p.oid, 'pg_proc') IS NULL
UNION ALL
SELECT 'type', t.oid::regtype::text
FROM pg_type t WHERE t.typnamespace = 'bonus'::regnamespace AND t.typelem = 0 AND obj_description(t.oid, 'pg_type') IS NULL
UNION ALL
SELECT 'operator', o.oid::regoperator::text
FROM pg_operator o WHERE o.oprnamespace = 'bonus'::regnamespace AND obj_description(o.oid, 'pg_operator') IS NULL
UNION ALL
SELECT 'extension', e.extname FROM pg_extension e WHERE e.extname = 'partner_bonus' AND obj_description(e.oid, 'pg_extension') IS NULL
ORDER BY 1, 2;
SELECT obj_description('pg_catalog.version()'::regprocedure, 'pg_proc') AS "what is not ours is left alone";
-- Objects of a ledger without a comment; constraints, indexes, triggers and row types speak for themselves
SELECT c.oid::regclass::text || coalesce('.' || a.attname, '') AS object
FROM pg_class c
LEFT JOIN LATERAL (SELECT attname, attnum FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped
                   UNION ALL SELECT NULL, 0) a ON true
WHERE c.relnamespace = 'billing'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
  AND coalesce(CASE WHEN a.attnum > 0 THEN col_description(c.oid, a.attnum) ELSE obj_description(c.oid, 'pg_class') END, '') = ''
UNION ALL
SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.pronamespace = 'billing'::regnamespace AND obj_description(p.oid, 'pg_proc') IS NULL
ORDER BY 1;
-- and how many there are, so that the lists above are not empty for want of objects
SELECT (SELECT count(*) > 60 FROM pg_proc WHERE pronamespace = 'bonus'::regnamespace) AS functions,
       (SELECT count(*) = 6 FROM pg_type WHERE typnamespace = 'bonus'::regnamespace AND typelem = 0) AS types,
       (SELECT count(*) = 26 FROM pg_operator WHERE oprnamespace = 'bonus'::regnamespace) AS operators,
       (SELECT count(*) > 300 FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.relnamespace = 'billing'::regnamespace AND c.relkind IN ('r', 'v') AND attnum > 0) AS columns;

-- Volatility, parallel safety, and who may call what. Everybody may call everything: types and their functions compute on
-- their arguments alone; create_ledger and verify_ledger run with the rights of their caller, who needs CREATE on the
-- database; ledger_objects and ledger_source show definitions and source. Only the triggers that
-- write the audit and that look at closed months, and what locks a month or a partner for a load, are SECURITY DEFINER, and nobody
-- else may call them.
SELECT p.proname AS "not immutable or not parallel safe", p.provolatile AS volatility, p.proparallel AS parallel
FROM pg_proc p
WHERE p.pronamespace = 'bonus'::regnamespace AND (p.provolatile <> 'i' OR p.proparallel <> 's') ORDER BY 1;
SELECT count(*) FILTER (WHERE NOT has_function_privilege('public', p.oid, 'EXECUTE')) AS not_for_everybody, count(*) FILTER (WHERE p.prosecdef) AS security_definer
FROM pg_proc p WHERE p.pronamespace IN ('bonus'::regnamespace, 'billing'::regnamespace);
SELECT has_schema_privilege('public', 'bonus', 'USAGE') AS bonus_for_everybody, has_schema_privilege('public', 'bonus', 'CREATE') AS creating_for_everybody,
       has_schema_privilege('public', 'billing', 'USAGE') AS billing_for_everybody;
SELECT c.oid::regclass AS "granted to somebody" FROM pg_class c WHERE c.relnamespace = 'billing'::regnamespace AND c.relacl IS NOT NULL;
-- Functions in SQL and PL/pgSQL without a pinned search path; those with a body that is bound when they are made need none. A procedure
-- that commits can have none: it names the schema of everything it calls, and uses no operators
SELECT p.oid::regprocedure AS "search path not pinned"
FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
WHERE p.pronamespace IN ('bonus'::regnamespace, 'billing'::regnamespace) AND l.lanname IN ('sql', 'plpgsql') AND p.prosqlbody IS NULL
  AND NOT EXISTS (SELECT FROM unnest(p.proconfig) c WHERE c LIKE 'search_path=%')
  AND NOT (p.prokind = 'p' AND p.prosrc ~ 'COMMIT' AND p.prosrc !~ '[-+*/<>=|&@](?<!:=)' AND regexp_replace(p.prosrc, 'billing\.\w+\(', '', 'g') !~ '\w\(');
-- Views run with the rights of who asks
SELECT c.oid::regclass AS "not security invoker" FROM pg_class c
WHERE c.relnamespace = 'billing'::regnamespace AND c.relkind = 'v' AND NOT coalesce('security_invoker=true' = ANY (c.reloptions), false);
-- Every rule table has its triggers; every reference is watched from both sides
SELECT c.relname AS rule_table, string_agg(t.tgname, ', ' ORDER BY t.tgname) AS triggers
FROM pg_class c LEFT JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal
WHERE c.relnamespace = 'billing'::regnamespace AND c.relkind = 'r' GROUP BY c.relname ORDER BY c.relname COLLATE "C";
-- Types, aggregates and operator classes as declared
SELECT t.typname, t.typlen, t.typstorage, t.typalign, t.typsend <> 0 AND t.typreceive <> 0 AS binary_too FROM pg_type t
WHERE t.typnamespace = 'bonus'::regnamespace AND t.typelem = 0 ORDER BY 1;
SELECT p.oid::regprocedure AS aggregate, a.aggcombinefn <> 0 AS parts_combine, a.aggminvtransfn <> 0 AS rows_leave_frames, a.aggtranstype::regtype AS state, p.proparallel AS parallel
FROM pg_aggregate a JOIN pg_proc p ON p.oid = a.aggfnoid WHERE p.pronamespace = 'bonus'::regnamespace ORDER BY p.oid::regprocedure::text COLLATE "C";
SELECT m.amname, c.opcname, c.opcintype::regtype, c.opcdefault, amvalidate(c.oid) FROM pg_opclass c JOIN pg_am m ON m.oid = c.opcmethod
WHERE c.opcnamespace = 'bonus'::regnamespace ORDER BY 1, 3::text;

-- All types through COPY, as text, CSV and binary
CREATE TEMP TABLE kept (n integer, consumption consumption, rate_schedule rate_schedule, tiers tiers, pack usage_pack, map consumption_map);
INSERT INTO kept VALUES (1, '{}', '{}', '{}'), (2, NULL, NULL, NULL),
    (3, '{2026-10-05: 100/-20/-10, 2026-10-06: 5.5/0/0}', '{[2026-05-01,2026-06-15): 0.2, [2026-06-15,): 0.35}', '{0: 0.1, 50000: 0.12, 200000: 0.15}'),
    (4, '{0001-01-01: 170141183460469231731.687303715884105727/0/0, 9999-12-31: 0/0/-0.000000000000000001}', '{(,0001-01-02): -1000, [9999-12-31,): 0.000000000001}',
     '{0.000000000000000001: 0.000000000001, 170141183460469231731.687303715884105727: 1}');
INSERT INTO kept SELECT 5, consumption_agg(date '2000-01-01' + n, n * 0.000000007, -n, 0), rate_schedule_agg(daterange(date '2000-01-01' + 7 * n, date '2000-01-06' + 7 * n), n * 0.0001),
    tiers(array_agg(n * 0.000000007) FILTER (WHERE n < 1024), array_agg(n * 0.0001) FILTER (WHERE n < 1024))
FROM generate_series(1, 5000) n;
UPDATE kept SET pack = usage_pack() WHERE n = 1;
UPDATE kept
SET pack = (SELECT usage_pack_agg('a' || l % 50, 's', 'k' || l % 7, 'USD', 'Usage', l * 0.000001, -l, CASE WHEN l % 3 = 0 THEN -0.5 END) FROM generate_series(1, 5000) l)
WHERE n = 5;
UPDATE kept SET map = (SELECT consumption_map_agg(k.pack, '2026-10-05', 1) FROM kept k WHERE k.n = 5) WHERE n = 5;
CREATE TEMP TABLE copied (way text, n integer, consumption consumption, rate_schedule rate_schedule, tiers tiers, pack usage_pack, map consumption_map);
SELECT format('COPY kept TO PROGRAM %L WITH (FORMAT %s)', 'cat >regress_kept', way) AS out, format('COPY copied (n, consumption, rate_schedule, tiers, pack, map) FROM PROGRAM %L WITH (FORMAT %s)', 'cat regress_kept', way) AS in_again,
       format('UPDATE copied SET way = %L WHERE way IS NULL', way) AS note
FROM unnest(ARRAY['text', 'csv', 'binary']) way \gexec
COPY (SELECT 1) TO PROGRAM 'cat >/dev/null; rm regress_kept';
SELECT way, count(*), bool_and(k.consumption IS NOT DISTINCT FROM c.consumption AND k.rate_schedule IS NOT DISTINCT FROM c.rate_schedule
                               AND k.tiers IS NOT DISTINCT FROM c.tiers
                               AND k.pack IS NOT DISTINCT FROM c.pack AND consumption_map_send(k.map) IS NOT DISTINCT FROM consumption_map_send(c.map)
                               AND usage_pack_send(k.pack) IS NOT DISTINCT FROM usage_pack_send(c.pack)
                               AND consumption_send(k.consumption) IS NOT DISTINCT FROM consumption_send(c.consumption)
                               AND rate_schedule_send(k.rate_schedule) IS NOT DISTINCT FROM rate_schedule_send(c.rate_schedule)
                               AND tiers_send(k.tiers) IS NOT DISTINCT FROM tiers_send(c.tiers)) AS same
FROM copied c JOIN kept k USING (n) GROUP BY way ORDER BY way;
