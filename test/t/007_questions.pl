# As of a moment: after 1,000 random edits of rules the answer as of each of 50 earlier moments is the one given then.
# What if: for 200 random changes of rules the predicted bonus is the one after saving, and asking writes nothing; what
# saving refuses, asking refuses.
use strict;
use warnings;
use FindBin qw($Bin);
use lib "$Bin/lib";
use Ledger;
use Test::More;

my $edits = $ENV{PARTNER_BONUS_EDITS} || 1000;
my $changes = $ENV{PARTNER_BONUS_CHANGES} || 200;
my $seed = $ENV{PARTNER_BONUS_SEED} || 1 + int(rand(1_000_000));
diag("seed $seed");
my $prelude = "SET client_min_messages = warning; SET search_path = answers, bonus, public;\n";

psql(<<"END");
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS answers CASCADE;
\\o /dev/null
SELECT bonus.create_ledger('answers');
SET search_path = answers, bonus, public;
\\i $root/test/lib/usage_rows.sql
SELECT setseed($seed / 1000000.0);
INSERT INTO program (program_id, name) SELECT 'e' || n, 'Edition ' || n FROM generate_series(1, 3) n;
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap, volume_rule)
SELECT 'e' || n, 'USD', v, 0.1 * n, 0.15, 0.35, CASE n WHEN 2 THEN 'slab' WHEN 3 THEN 'graduated' END
FROM generate_series(1, 3) n, (VALUES ('[2026-01-01,2026-10-15)'::daterange), ('[2026-10-15,)')) v (v);
INSERT INTO program_tier (program_terms_id, from_volume, rate)
SELECT program_terms_id, v * 500, least(1, base_rate + v * 0.03) FROM program_terms, generate_series(1, 3) v WHERE volume_rule IS NOT NULL;
INSERT INTO service (service_id, name) SELECT 's' || n, 'Service ' || n FROM generate_series(1, 4) n;
INSERT INTO sku (sku_id, service_id, name) SELECT 'k' || n, 's' || (1 + n % 4), 'SKU ' || n FROM generate_series(1, 8) n;
INSERT INTO partner (partner_id, billing_account_id, name) SELECT 'p' || n, 'own' || n, 'Partner ' || n FROM generate_series(1, 3) n;
INSERT INTO partner_program (partner_id, program_id, validity) SELECT 'p' || n, 'e' || n, '[2026-01-01,)' FROM generate_series(1, 3) n;
INSERT INTO partner_status (partner_id, status, validity) SELECT 'p' || n, 'active', '[2026-01-01,)' FROM generate_series(1, 3) n;
INSERT INTO subaccount (account_id, name) SELECT 'a' || n, 'Customer ' || n FROM generate_series(1, 9) n;
INSERT INTO subaccount_link (partner_id, account_id, validity) SELECT 'p' || (1 + n % 3), 'a' || n, '[2026-01-01,)' FROM generate_series(1, 9) n;
INSERT INTO deal (link_id, rate, validity) SELECT link_id, 0.05, '[2026-09-20,2026-10-20)' FROM subaccount_link WHERE link_id % 2 = 0;
INSERT INTO exclusion (program_id, service_id, validity) VALUES ('e1', 's1', '(,)'), ('e3', 's2', '[2026-10-10,)');
INSERT INTO usage_row (partner_id, source, usage_day, account_id, service_id, sku_id, currency, charge_category, cost, credit, monetary_grant_credit)
SELECT 'p' || (1 + n % 3), 'test', date '2026-10-01' + floor(random() * 31)::integer, CASE WHEN n % 20 = 0 THEN 'own' || (1 + n % 3) ELSE 'a' || (1 + floor(random() * 9)) END,
       's' || (1 + n % 4), 'k' || (1 + floor(random() * 8)), 'USD', CASE n % 9 WHEN 0 THEN 'Purchase' WHEN 1 THEN 'Credit' ELSE 'Usage' END,
       round((random() * 100 - 5)::numeric, 4), 0, 0
FROM generate_series(1, 400) n;

-- A random change of rules, as what_if takes it: of one table, now and then of two.
CREATE SCHEMA IF NOT EXISTS answers_test;
CREATE OR REPLACE FUNCTION answers_test.days() RETURNS text LANGUAGE sql VOLATILE
RETURN daterange(date '2026-10-01' + floor(random() * 20)::integer - 5, CASE WHEN random() < 0.6 THEN date '2026-10-16' + floor(random() * 20)::integer END)::text;
CREATE OR REPLACE FUNCTION answers_test.rate(most numeric) RETURNS numeric LANGUAGE sql VOLATILE RETURN round((random() * most::float8)::numeric, 3);
CREATE OR REPLACE FUNCTION answers_test.change() RETURNS jsonb LANGUAGE plpgsql VOLATILE SET search_path = answers, bonus, public AS \$\$
DECLARE
    result jsonb;
BEGIN
    EXECUTE (ARRAY[
        \$q\$SELECT jsonb_build_object('program_terms', jsonb_build_array(jsonb_build_object('program_terms_id', program_terms_id, 'base_rate', answers_test.rate(0.4),
               'total_cap', answers_test.rate(0.5)))) FROM program_terms WHERE superseded_at = 'infinity'\$q\$,
        \$q\$SELECT jsonb_build_object('program_terms', jsonb_build_array(jsonb_build_object('program_terms_id', program_terms_id, 'deal_cap', answers_test.rate(0.2),
               'combination', CASE WHEN random() < 0.5 THEN 'compound' ELSE 'additive' END, 'volume_rule', (ARRAY[NULL, 'slab', 'graduated'])[1 + floor(random() * 3)]))) FROM program_terms WHERE superseded_at = 'infinity'\$q\$,
        \$q\$SELECT jsonb_build_object('program_terms', jsonb_build_array(jsonb_build_object('program_terms_id', program_terms_id, 'validity', answers_test.days()))) FROM program_terms WHERE superseded_at = 'infinity'\$q\$,
        \$q\$SELECT jsonb_build_object('program_tier', jsonb_build_array(jsonb_build_object('program_tier_id', program_tier_id, 'rate', answers_test.rate(0.4), 'from_volume', answers_test.rate(2000) + 1))) FROM program_tier WHERE superseded_at = 'infinity'\$q\$,
        \$q\$SELECT jsonb_build_object('program_tier', jsonb_build_array(jsonb_build_object('program_tier_id', program_tier_id, 'delete', true))) FROM program_tier WHERE superseded_at = 'infinity'\$q\$,
        \$q\$SELECT jsonb_build_object('exclusion', jsonb_build_array(jsonb_strip_nulls(jsonb_build_object('program_id', program_id, 'validity', answers_test.days(),
               'effect', CASE WHEN random() < 0.4 THEN 'include' ELSE 'exclude' END, 'account_id', CASE WHEN r.n IN (0, 1, 2, 3) THEN 'a' || (1 + floor(random() * 9)) END,
               'service_id', CASE WHEN r.n IN (1, 4) THEN 's' || (1 + floor(random() * 4)) END, 'sku_id', CASE WHEN r.n IN (2, 5) THEN 'k' || (1 + floor(random() * 8)) END,
               'charge_category', CASE WHEN r.n IN (3, 6) THEN (ARRAY['Usage', 'Purchase', 'Credit'])[1 + floor(random() * 3)] END))))
             FROM program, (SELECT floor(random() * 7)::integer AS n OFFSET 0) r\$q\$,
        \$q\$SELECT jsonb_build_object('exclusion', jsonb_build_array(jsonb_build_object('exclusion_id', exclusion_id, 'delete', true))) FROM exclusion WHERE superseded_at = 'infinity'\$q\$,
        \$q\$SELECT jsonb_build_object('exclusion', jsonb_build_array(jsonb_build_object('exclusion_id', exclusion_id, 'effect', CASE effect WHEN 'include' THEN 'exclude' ELSE 'include' END, 'validity', answers_test.days()))) FROM exclusion WHERE superseded_at = 'infinity'\$q\$,
        \$q\$SELECT jsonb_build_object('partner_program', jsonb_build_array(jsonb_build_object('partner_program_id', partner_program_id, 'program_id', 'e' || (1 + floor(random() * 3))))) FROM partner_program WHERE superseded_at = 'infinity'\$q\$,
        \$q\$SELECT jsonb_build_object('partner_program', jsonb_build_array(jsonb_build_object('partner_program_id', partner_program_id, 'validity', '[2026-01-01,' || d || ')'),
                                                                       jsonb_build_object('partner_id', partner_id, 'program_id', 'e' || (1 + floor(random() * 3)), 'validity', '[' || d || ',)')))
             FROM partner_program, (SELECT date '2026-10-02' + floor(random() * 28)::integer AS d OFFSET 0) d WHERE upper_inf(validity) AND superseded_at = 'infinity'\$q\$,
        \$q\$SELECT jsonb_build_object('partner_status', jsonb_build_array(jsonb_build_object('partner_status_id', partner_status_id, 'validity', answers_test.days()))) FROM partner_status WHERE superseded_at = 'infinity'\$q\$,
        \$q\$SELECT jsonb_build_object('partner_status', jsonb_build_array(jsonb_build_object('partner_status_id', partner_status_id, 'status', (ARRAY['active', 'suspended', 'revoked'])[1 + floor(random() * 3)]))) FROM partner_status WHERE superseded_at = 'infinity'\$q\$,
        \$q\$SELECT jsonb_build_object('subaccount_link', jsonb_build_array(jsonb_build_object('link_id', link_id, 'validity', answers_test.days()))) FROM subaccount_link WHERE superseded_at = 'infinity'\$q\$,
        \$q\$SELECT jsonb_build_object('subaccount_link', jsonb_build_array(jsonb_build_object('link_id', 1000000 + floor(random() * 1000000), 'account_id', account_id, 'partner_id', 'p' || (1 + floor(random() * 3)), 'validity', answers_test.days())),
                                       'deal', jsonb_build_array(jsonb_build_object('link_id', link_id, 'rate', answers_test.rate(0.2), 'validity', '[2026-12-01,)'))) FROM subaccount_link WHERE superseded_at = 'infinity'\$q\$,
        \$q\$SELECT jsonb_build_object('deal', jsonb_build_array(jsonb_build_object('deal_id', deal_id, 'rate', answers_test.rate(0.3), 'validity', answers_test.days()))) FROM deal WHERE superseded_at = 'infinity'\$q\$,
        \$q\$SELECT jsonb_build_object('deal', jsonb_build_array(jsonb_build_object('link_id', link_id, 'rate', answers_test.rate(0.3), 'validity', answers_test.days()))) FROM subaccount_link WHERE superseded_at = 'infinity'\$q\$,
        \$q\$SELECT jsonb_build_object('deal', jsonb_build_array(jsonb_build_object('deal_id', deal_id, 'delete', true))) FROM deal WHERE superseded_at = 'infinity'\$q\$,
        \$q\$SELECT jsonb_build_object('partner', jsonb_build_array(jsonb_build_object('partner_id', partner_id, 'billing_account_id', 'a' || (1 + floor(random() * 9))))) FROM partner WHERE random() < 0.3 AND superseded_at = 'infinity'\$q\$
    ])[1 + floor(random() * 18)] || ' ORDER BY random() LIMIT 1' INTO result;
    RETURN result;
END \$\$;
-- The same change, saved.
CREATE OR REPLACE FUNCTION answers_test.save(change jsonb) RETURNS void LANGUAGE plpgsql SET search_path = answers, bonus, public AS \$\$
DECLARE
    rule record;
    names text;
    key_match text;
    touched integer;
BEGIN
    FOR rule IN SELECT t.key AS table_name, r.value AS change FROM jsonb_each(save.change) WITH ORDINALITY t, jsonb_array_elements(t.value) r ORDER BY t.ordinality DESC LOOP
        SELECT string_agg(format('%I', k), ', ') INTO names FROM jsonb_object_keys(rule.change) k WHERE k <> 'delete';
        SELECT string_agg(format('r.%1\$I::text = (\$1 ->> %1\$L)', k), ' AND ') INTO key_match FROM unnest(rule_key(rule.table_name::regclass)) k;
        IF (rule.change ->> 'delete')::boolean THEN
            EXECUTE format('DELETE FROM %I r WHERE %s', rule.table_name, key_match) USING rule.change;
        ELSE
            EXECUTE format('UPDATE %1\$I r SET (%2\$s) = (SELECT %2\$s FROM jsonb_populate_record(NULL::%1\$I, \$1)) WHERE %3\$s', rule.table_name,
                           (SELECT string_agg(format('%I', k), ', ') FROM jsonb_object_keys(rule.change) k WHERE k <> ALL (rule_key(rule.table_name::regclass))), key_match)
            USING rule.change;
            GET DIAGNOSTICS touched = ROW_COUNT;
            IF touched = 0 THEN
                EXECUTE format('INSERT INTO %1\$I (%2\$s) OVERRIDING SYSTEM VALUE SELECT %2\$s FROM jsonb_populate_record(NULL::%1\$I, \$1)', rule.table_name, names) USING rule.change;
            END IF;
        END IF;
    END LOOP;
END \$\$;
CREATE OR REPLACE FUNCTION answers_test.answer() RETURNS text LANGUAGE sql VOLATILE SET search_path = answers, bonus, public
RETURN (SELECT md5(string_agg(a.line, E'\\n' ORDER BY a.line COLLATE "C")) FROM (
    SELECT b::text AS line FROM bonus_line b UNION ALL SELECT r::text FROM bonus_line_reason r UNION ALL SELECT p::text FROM printed_line p
    UNION ALL SELECT i::text FROM payment_invoice i UNION ALL SELECT e::text FROM usage_explained e) a);
CREATE OR REPLACE FUNCTION answers_test.rows_written() RETURNS text LANGUAGE plpgsql VOLATILE SET search_path = answers, bonus, public AS \$\$
DECLARE
    relation text;
    number bigint;
    result text := '';
BEGIN
    FOR relation IN SELECT c.oid::regclass::text FROM pg_class c WHERE c.relnamespace = 'answers'::regnamespace AND c.relkind = 'r' ORDER BY 1 LOOP
        EXECUTE 'SELECT count(*) FROM ' || relation INTO number;
        result := result || relation || '=' || number || ' ';
    END LOOP;
    RETURN result;
END \$\$;
END

# --- what if
my $whatif = psql($prelude . <<"END");
DO \$do\$
DECLARE
    accepted integer := 0;
    refused integer := 0;
    tried integer := 0;
    moving integer := 0;
    change jsonb;
    predicted jsonb;
    real jsonb;
    saved jsonb;
    predicted_state text;
    saved_state text;
    before text;
    problem text := '';
BEGIN
    PERFORM setseed($seed / 3000000.0);
    COMMIT;
    WHILE accepted < $changes AND tried < 20 * $changes AND problem = '' LOOP
        tried := tried + 1;
        change := answers_test.change();
        CONTINUE WHEN change IS NULL;
        before := answers_test.rows_written();
        predicted_state := '00000';
        BEGIN
            SELECT jsonb_object_agg(concat_ws(' ', w.partner_id, w.account_id, w.currency), w.new_bonus), jsonb_object_agg(concat_ws(' ', w.partner_id, w.account_id, w.currency), w.bonus)
            INTO predicted, real FROM what_if('2026-10-01', change) w;
        EXCEPTION WHEN OTHERS THEN
            predicted_state := SQLSTATE;
        END;
        IF before <> answers_test.rows_written() THEN
            problem := problem || format('rows written by asking %s; ', change);
        END IF;
        IF predicted_state = '00000' AND txid_current_if_assigned() IS NOT NULL THEN
            problem := problem || format('a transaction id for asking %s; ', change);
        END IF;
        COMMIT;
        saved_state := '00000';
        BEGIN
            PERFORM answers_test.save(change);
            SELECT jsonb_object_agg(k, b) INTO saved
            FROM (SELECT concat_ws(' ', partner_id, account_id, currency) AS k, trim_scale(sum(bonus)) AS b FROM bonus_line WHERE billing_month = '2026-10-01' GROUP BY 1) s;
        EXCEPTION WHEN OTHERS THEN
            saved_state := SQLSTATE;
        END;
        ROLLBACK;
        IF predicted_state = '00000' AND saved_state = '00000' THEN
            accepted := accepted + 1;
            -- a line that is gone is a line of 0
            SELECT coalesce(jsonb_object_agg(p.key, trim_scale(p.value::text::numeric)), '{}') INTO predicted FROM jsonb_each(predicted) p WHERE p.value::text::numeric <> 0;
            SELECT coalesce(jsonb_object_agg(p.key, trim_scale(p.value::text::numeric)), '{}') INTO saved FROM jsonb_each(saved) p WHERE p.value::text::numeric <> 0;
            SELECT coalesce(jsonb_object_agg(p.key, trim_scale(p.value::text::numeric)), '{}') INTO real FROM jsonb_each(real) p WHERE p.value::text::numeric <> 0;
            moving := moving + (saved <> real)::integer;
            IF predicted <> saved THEN
                problem := problem || format('%s: predicted %s, saved %s; ', change, predicted, saved);
            END IF;
        ELSE
            refused := refused + 1;
            -- what the sequence of statuses refuses is not asked here, nor that something is still in use
            IF predicted_state = '00000' AND saved_state NOT IN ('2BP01') AND NOT (saved_state = '23514' AND change ? 'partner_status')
               OR saved_state = '00000' THEN
                problem := problem || format('%s: asking %s, saving %s; ', change, predicted_state, saved_state);
            END IF;
        END IF;
    END LOOP;
    PERFORM set_config('answers.result', format('accepted %s, refused %s, moving %s, problems: %s', accepted, refused, moving, problem), false);
END \$do\$;
SELECT current_setting('answers.result');
END
my ($accepted, $refused, $moving, $problems) = $whatif =~ /accepted (\d+), refused (\d+), moving (\d+), problems: (.*)/s;
diag("what_if: $accepted changes, $refused refused, $moving of the former move a bonus");
is($accepted, $changes, "$changes changes");
cmp_ok($moving, '>=', $changes / 4, 'a good part of which moves the bonus');
is($problems =~ s/\s+$//r, '', 'predicted is saved, and asking writes nothing');

# --- as of
my $asof = psql($prelude . <<"END");
CREATE TABLE answers_test.moment (moment timestamptz, answer text);
SELECT max(rule_change_id) AS first FROM rule_change \\gset
DO \$do\$
DECLARE
    saved integer := 0;
    tried integer := 0;
    change jsonb;
BEGIN
    PERFORM setseed($seed / 2000000.0);
    WHILE saved < $edits LOOP
        tried := tried + 1;
        EXIT WHEN tried > 20 * $edits;
        BEGIN
            change := answers_test.change();
            IF change IS NOT NULL THEN
                PERFORM answers_test.save(change);
                saved := saved + 1;
            END IF;
        EXCEPTION WHEN integrity_constraint_violation OR dependent_objects_still_exist OR invalid_parameter_value OR undefined_object OR datetime_field_overflow THEN
            NULL;
        END;
        COMMIT;
        IF change IS NOT NULL AND saved % greatest($edits / 50, 1) = 0 AND (SELECT count(*) FROM answers_test.moment) < saved / greatest($edits / 50, 1) THEN
            INSERT INTO answers_test.moment VALUES (clock_timestamp(), answers_test.answer());
            COMMIT;
        END IF;
    END LOOP;
END \$do\$;
SELECT 'edits', count(*) FROM rule_change WHERE rule_change_id > :first;
SELECT 'moments', count(*), count(DISTINCT answer) FROM answers_test.moment;
DO \$do\$
DECLARE
    asked record;
BEGIN
    CREATE TEMP TABLE wrong (moment timestamptz);
    FOR asked IN SELECT * FROM answers_test.moment LOOP
        PERFORM as_of(asked.moment);
        IF answers_test.answer() IS DISTINCT FROM asked.answer THEN
            INSERT INTO wrong VALUES (asked.moment);
        END IF;
    END LOOP;
    PERFORM set_config('bonus.known_at', 'infinity', true);
END \$do\$;
SELECT 'wrong', count(*) FROM wrong;
SELECT 'violations', count(*) FROM verify() WHERE invariant NOT IN ('gap', 'active partner without terms', 'deal above cap', 'deal outside its link', 'tiers without a volume rule', 'own account as subaccount');
END
my ($edited) = $asof =~ /^edits\|(\d+)$/m;
cmp_ok($edited, '>=', $edits, "at least $edits edits are on record");
my ($moments, $distinct) = $asof =~ /^moments\|(\d+)\|(\d+)$/m;
is($moments, 50, '50 moments');
cmp_ok($distinct, '>=', 30, 'whose answers differ');
like($asof, qr/^wrong\|0$/m, 'the answer as of every moment is the one given then');
like($asof, qr/^violations\|0$/m, 'verify() finds no line or version at fault');

done_testing();
