-- load_packs, undo_batch, adjust_usage, prune_versions: what becomes of versions, and what is refused.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET datestyle = 'ISO, YMD';
SET timezone = 'UTC';
SELECT bonus.create_ledger('packs');
SET search_path = packs, bonus, public;
INSERT INTO partner (partner_id, billing_account_id, name) VALUES ('p', 'p-account', 'Partner'), ('q', 'q-account', 'Other partner');
\set head 'billing_account_id,service_id,sku_id,date,currency,cost,credit,monetary_grant_credit,exported_at'
CREATE FUNCTION pg_temp.pack(VARIADIC costs numeric[]) RETURNS usage_pack LANGUAGE sql
RETURN (SELECT usage_pack_agg('a', 's', 'k', 'USD', 'Usage', c, 0, 0) FROM unnest(costs) c);
CREATE VIEW pg_temp.day AS
SELECT partner_id, source, usage_day, part, line_count AS lines, (SELECT sum(l.cost) FROM lines(d.lines) l) AS cost, to_char(billed_in, 'MM') AS billed, to_char(reversed_in, 'MM') AS reversed,
       superseded_at = 'infinity' AS current
FROM usage_day d;

-- Two parts of a day, and a covered day without lines; totals tell what was loaded
SELECT lines, loaded, rejected, totals, outcome FROM load_packs('p', 'f', 'mapping', NULL, NULL, 3, 0, '{2026-10-01,2026-10-01}', ARRAY[pg_temp.pack(1, 2), pg_temp.pack(3.50)], '{NULL,NULL}', '[2026-10-01,2026-10-03)');
SELECT * FROM pg_temp.day ORDER BY usage_day, part;
SELECT usage_day, line_number, cost FROM usage ORDER BY 1, 2;
SELECT usage_day, outcome, line_count, billed_in FROM load_day ORDER BY batch_id, usage_day;
-- covered days again without lines: unchanged; then with fewer parts
SELECT outcome FROM load_packs('p', 'f', 'mapping', NULL, NULL, 0, 0, '{}', '{}', '{}', '[2026-10-02,2026-10-03)');
SELECT outcome FROM load_packs('p', 'f', 'mapping', NULL, NULL, 1, 0, '{2026-10-01}', ARRAY[pg_temp.pack(3)], '{NULL}');
SELECT * FROM pg_temp.day WHERE usage_day = '2026-10-01' ORDER BY current, part;

-- Refused: nothing is loaded
SELECT count(*) AS batches FROM load_batch \gset
SELECT load_packs('p', 'f', 'mapping', NULL, NULL, 1, 0, NULL, '{}', '{}');
\echo :LAST_ERROR_SQLSTATE
SELECT load_packs('p', 'f', 'mapping', NULL, NULL, 1, 0, '{2026-10-01}', '{}', '{NULL}');
\echo :LAST_ERROR_SQLSTATE
SELECT load_packs('p', 'f', 'mapping', NULL, NULL, 1, 0, '{NULL}', ARRAY[pg_temp.pack(1)], '{NULL}');
\echo :LAST_ERROR_SQLSTATE
SELECT load_packs('nobody', 'f', 'mapping', NULL, NULL, 1, 0, '{2026-10-01}', ARRAY[pg_temp.pack(1)], '{NULL}');
\echo :LAST_ERROR_SQLSTATE
SELECT load_packs('p', 'f', 'mapping', NULL, NULL, 1, 0, '{2026-10-05}', ARRAY[pg_temp.pack(1)], '{NULL}', '[2026-10-01,2026-10-03)');
\echo :LAST_ERROR_SQLSTATE
SELECT load_packs('p', 'f', 'mapping', NULL, NULL, 0, 0, '{}', '{}', '{}', '[2026-10-01,)');
\echo :LAST_ERROR_SQLSTATE
SELECT load_packs('p', 'f', 'mapping', NULL, NULL, 0, 0, '{}', '{}', '{}', '[2026-01-01,2029-01-01)');
\echo :LAST_ERROR_SQLSTATE
SELECT load_packs('p', 'f', 'mapping', NULL, NULL, 1, 0, '{2026-10-05}', ARRAY[(SELECT usage_pack_agg('a', 's', 'k', 'XTS', 'Usage', 1, 0, 0))], '{NULL}');
\echo :LAST_ERROR_SQLSTATE
UPDATE setting SET value = '1' WHERE name = 'max_rejects';
SELECT load_csv('p', 'partner-export', :'head' || E'\na,s,k,2026-10-05,USD,x,0,0,\na,s,k,2026-10-05,USD,y,0,0,\na,s,k,2026-10-05,USD,1,0,0,\n');
\echo :LAST_ERROR_SQLSTATE
UPDATE setting SET value = '1000' WHERE name = 'max_rejects';
SELECT count(*) = :batches AS nothing_loaded FROM load_batch;

-- Older files: by the moment of export, with or without a zone; the same lines are no matter
SELECT outcome FROM load_csv('p', 'partner-export', :'head' || E'\nb,s,k,2026-10-10,USD,1,0,0,2026-10-11T06:00:00Z\n');
SELECT load_csv('p', 'partner-export', :'head' || E'\nb,s,k,2026-10-10,USD,2,0,0,2026-10-11T05:59:59\n');
\echo :LAST_ERROR_SQLSTATE
SELECT outcome FROM load_csv('p', 'partner-export', :'head' || E'\nb,s,k,2026-10-10,USD,1,0,0,2026-10-11T05:00:00Z\n');
SELECT outcome FROM load_csv('p', 'partner-export', :'head' || E'\nb,s,k,2026-10-10,USD,1,0,0,2026-10-12T06:00:00Z\n');
SELECT outcome FROM load_csv('p', 'partner-export', :'head' || E'\nb,s,k,2026-10-10,USD,2,0,0,2026-10-11T05:59:59\n', allow_older => true);
SELECT outcome FROM load_csv('p', 'partner-export', :'head' || E'\nb,s,k,2026-10-10,USD,3,0,0,not known\n');

-- Two sources: the same account, currency and day is refused; another of these is not, nor a source that complements
SELECT load_csv('p', 'partner-export', :'head' || E'\nb,s,k2,2026-10-10,USD,1,0,0,\n', 'g');
\echo :LAST_ERROR_SQLSTATE
SELECT outcome FROM load_csv('p', 'partner-export', :'head' || E'\nb,s,k,2026-10-11,USD,1,0,0,\nb,s,k,2026-10-10,EUR,1,0,0,\nc,s,k,2026-10-10,USD,1,0,0,\n', 'g');
UPDATE usage_source SET complementary = true WHERE source = 'g';
SELECT outcome FROM load_csv('p', 'partner-export', :'head' || E'\nb,s,k2,2026-10-10,USD,1,0,0,\n', 'g');
SELECT source, complementary FROM usage_source ORDER BY partner_id, source;

-- Undone: the lines of before, as a new version; once; not what was loaded again since; not what was billed
SELECT batch_id AS undone FROM load_packs('q', 'f', 'mapping', NULL, NULL, 2, 0, '{2026-10-01,2026-10-02}', ARRAY[pg_temp.pack(1), pg_temp.pack(2)], '{NULL,NULL}') \gset
SELECT outcome FROM load_packs('q', 'f', 'mapping', NULL, NULL, 1, 0, '{2026-10-02}', ARRAY[pg_temp.pack(20)], '{NULL}');
SELECT undo_batch(:undone, NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT undo_batch(NULL, 'x');
\echo :LAST_ERROR_SQLSTATE
SELECT format, lines, outcome, undoes = :undone AS undoes_it, reason FROM undo_batch(:undone, 'wrong partner');
SELECT usage_day, outcome, line_count FROM load_day WHERE batch_id = (SELECT max(batch_id) FROM load_batch) ORDER BY usage_day;
SELECT * FROM pg_temp.day WHERE partner_id = 'q' ORDER BY usage_day, current, cost NULLS FIRST;
\set VERBOSITY terse
SELECT undo_batch(:undone, 'again');
\set VERBOSITY default
SELECT batch_id AS billed FROM load_packs('q', 'f', 'mapping', NULL, NULL, 1, 0, '{2026-10-03}', ARRAY[pg_temp.pack(5)], '{NULL}') \gset
INSERT INTO billing_period VALUES ('q', '2026-10-01', now()) ON CONFLICT (partner_id, month) DO UPDATE SET closed_at = now();
SELECT undo_batch(:billed, 'too late');
\echo :LAST_ERROR_SQLSTATE
-- late usage: the next open month takes the old lines off and the new ones on
SELECT outcome FROM load_packs('q', 'f', 'mapping', NULL, NULL, 1, 0, '{2026-10-03}', ARRAY[pg_temp.pack(7)], '{NULL}');
SELECT * FROM pg_temp.day WHERE partner_id = 'q' AND usage_day = '2026-10-03' ORDER BY current;
SELECT billing_month, usage_month, cost(consumption), line_count FROM consumption_total WHERE partner_id = 'q' ORDER BY 1, 2;
SELECT usage_day, account_id, cost, line_count, to_char(billed_in, 'MM') AS billed FROM restatement WHERE partner_id = 'q' ORDER BY changed_at, usage_day;

-- By hand: a line with its reason, added to those of the day; the latest adjustment can be undone
SELECT lines, format, reason FROM adjust_usage('p', '2026-10-10', 'b', 's', 'k', 'USD', -1.5, 'ticket 17');
SELECT batch_id AS latest FROM adjust_usage('p', '2026-10-10', 'b', 's', 'k', 'USD', 0, 'ticket 18', 'Credit', -2, -0.5) \gset
SELECT cost, credit, grant_credit, charge_category, attributes FROM usage WHERE source = 'adjustment' ORDER BY line_number;
SELECT outcome FROM undo_batch(:latest, 'ticket 18 was wrong');
SELECT cost, attributes FROM usage WHERE source = 'adjustment';
SELECT adjust_usage('p', '2026-10-10', 'b', 's', 'k', 'USD', 1, '');
\echo :LAST_ERROR_SQLSTATE
SELECT adjust_usage('p', '2026-10-10', 'b', 's', 'k', 'XTS', 1, 'x');
\echo :LAST_ERROR_SQLSTATE
SELECT adjust_usage('p', '2026-10-10', 'b', 's', 'k', 'USD', 1, 'x', 'Refund');
\echo :LAST_ERROR_SQLSTATE
SELECT adjust_usage('nobody', '2026-10-10', 'b', 's', 'k', 'USD', 1, 'x');
\echo :LAST_ERROR_SQLSTATE
SELECT adjust_usage('p', 'infinity', 'b', 's', 'k', 'USD', 1, 'x');
\echo :LAST_ERROR_SQLSTATE
SELECT adjust_usage('p', '2026-10-10', NULL, 's', 'k', 'USD', 1, 'x');
\echo :LAST_ERROR_SQLSTATE

-- Versions are written once and closed once
\set VERBOSITY terse
UPDATE usage_day SET billed_in = '2026-12-01' WHERE partner_id = 'p' AND superseded_at = 'infinity';
\echo :LAST_ERROR_SQLSTATE
UPDATE usage_day SET superseded_at = 'infinity', reversed_in = NULL WHERE superseded_at <> 'infinity';
\echo :LAST_ERROR_SQLSTATE
DELETE FROM usage_day WHERE superseded_at = 'infinity';
\echo :LAST_ERROR_SQLSTATE
DELETE FROM usage_day WHERE reversed_in <> billed_in;
\echo :LAST_ERROR_SQLSTATE
TRUNCATE usage_day;
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY default
-- pruned: what was replaced on the day it was recorded, and never billed
SELECT prune_versions(NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) AS versions FROM usage_day \gset
SELECT prune_versions('-infinity'), prune_versions(now(), 'nobody');
SELECT prune_versions(clock_timestamp() - interval '1 hour') AS none_so_old;
SELECT count(*) = :versions AS all_there FROM usage_day;
SELECT count(*) AS problems FROM usage_violation;
DROP SCHEMA packs CASCADE;
