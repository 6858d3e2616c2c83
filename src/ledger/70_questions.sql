-- Questions: the same views, as they were known at a moment, and as they would be under other rules. Nothing is written.

CREATE FUNCTION require_settled(moment timestamptz) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT SET datestyle = 'ISO'
AS $function$
DECLARE
    began   timestamptz;
    pending text;
BEGIN
    IF moment IS NULL THEN
        RAISE EXCEPTION 'a moment is needed' USING ERRCODE = 'null_value_not_allowed', DETAIL = 'The moment is NULL.',
            HINT = 'Give a timestamp with time zone; infinity answers as known now.';
    END IF;
    IF moment = 'infinity' THEN
        RETURN;
    END IF;
    began := oldest_writer();
    IF moment > clock_timestamp() THEN
        pending := format('It is %s now.', clock_timestamp());
    ELSIF moment >= began THEN
        pending := format('A transaction that began at %s is still writing.', began);
    ELSIF EXISTS (SELECT FROM pg_prepared_xacts p WHERE p.database = current_database()) THEN
        pending := 'A prepared transaction is pending in this database.';
    ELSIF pg_is_in_recovery() AND (moment > pg_last_xact_replay_timestamp()
                                   OR pg_snapshot_xmin(pg_current_snapshot()) < pg_snapshot_xmax(pg_current_snapshot())) THEN
        pending := format('This server has replayed up to %s, and something was being written then.', pg_last_xact_replay_timestamp());
    ELSIF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted')
          AND (moment > transaction_timestamp() OR EXISTS (SELECT pg_snapshot_xip(pg_current_snapshot()))) THEN
        pending := 'When the snapshot of this transaction was taken, another was writing.';
    END IF;
    IF pending IS NOT NULL THEN
        RAISE EXCEPTION 'what was known at this moment may still change' USING ERRCODE = 'object_not_in_prerequisite_state',
            DETAIL = format('The moment is %s. %s', moment, pending),
            HINT = 'Ask for an earlier moment, or again when the writers have ended.';
    END IF;
END
$function$;
COMMENT ON FUNCTION require_settled(timestamptz) IS 'Refuses (55000) a moment of which the answer could still change: after now, or after the start of the oldest transaction that is writing.';

CREATE FUNCTION as_of(moment timestamptz) RETURNS timestamptz
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
BEGIN
    PERFORM require_settled(moment);
    PERFORM set_moment(moment);
    RETURN moment;
END
$function$;
COMMENT ON FUNCTION as_of(timestamptz) IS 'From here to the end of the transaction all views answer as known at the moment. 55000 when that could still change.';

CREATE FUNCTION set_moment(moment timestamptz) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT SET datestyle = 'ISO'
AS $function$
BEGIN
    PERFORM set_config('bonus.known_at', moment::text, true);
END
$function$;
COMMENT ON FUNCTION set_moment(timestamptz) IS 'Sets bonus.known_at for the transaction.';

CREATE FUNCTION as_of(moment timestamptz, example anyelement) RETURNS SETOF anyelement
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
DECLARE
    earlier text := current_setting('bonus.known_at', true);
BEGIN
    PERFORM require_settled(moment);
    PERFORM set_moment(moment);
    RETURN QUERY EXECUTE format('SELECT * FROM %s', require_view(pg_typeof(example)));
    PERFORM set_config('bonus.known_at', coalesce(earlier, 'infinity'), true);
END
$function$;
COMMENT ON FUNCTION as_of(timestamptz, anyelement) IS 'The rows of a view as known at a moment: SELECT * FROM as_of(''2026-11-01'', NULL::bonus_line). 55000 when that could still change.';

CREATE FUNCTION require_view(row_type regtype) RETURNS regclass
LANGUAGE plpgsql STABLE SET search_path FROM CURRENT
AS $function$
DECLARE
    result regclass;
BEGIN
    SELECT c.oid::regclass INTO result
    FROM pg_type t
    JOIN pg_class c ON c.oid = t.typrelid AND c.relkind IN ('v', 'r', 'p')
    WHERE t.oid = row_type;
    IF result IS NULL THEN
        RAISE EXCEPTION 'a row of a view is needed' USING ERRCODE = 'datatype_mismatch',
            DETAIL = format('The example is of type %s.', row_type),
            HINT = 'Name the view by a NULL row of it: NULL::bonus_line.';
    END IF;
    RETURN result;
END
$function$;
COMMENT ON FUNCTION require_view(regtype) IS 'The view or table whose rows have this type, or an error (42804).';

-- What-if. A change is given as rows of rule tables: {"deal": [{"deal_id": 7, "rate": 0.1}, {"deal_id": 8, "delete": true}],
-- "exclusion": [{"program_id": "international", "service_id": "s", "validity": "[2026-11-01,)"}]}. A row with the id of one
-- on record changes what it names in that, one without is new.
--
-- The answer is that of the views themselves: a query whose WITH list holds the changed rules under the names of their
-- tables, then, in the order in which they were made, the definitions of all views that read them.

CREATE FUNCTION rule_key(rule_table regclass) RETURNS text[]
LANGUAGE sql STABLE SET search_path FROM CURRENT
RETURN (SELECT array_agg(a.attname::text ORDER BY k.ordinality)
        FROM pg_index i
        CROSS JOIN LATERAL unnest(i.indkey::smallint[]) WITH ORDINALITY k (attnum, ordinality)
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
        WHERE i.indrelid = rule_table AND i.indisprimary AND a.attname <> 'superseded_at');
COMMENT ON FUNCTION rule_key(regclass) IS 'Columns that identify a rule, all of its versions together.';

CREATE FUNCTION changed_rules(rule_table regclass, parameter text) RETURNS text
LANGUAGE sql STABLE SET search_path FROM CURRENT
RETURN (
    WITH shape AS (
        SELECT (SELECT string_agg(format('%L, %s', a.attname, pg_get_expr(d.adbin, d.adrelid)), ', ')
                FROM pg_attribute a
                JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                WHERE a.attrelid = rule_table AND a.attname NOT IN ('recorded_at', 'superseded_at')) AS defaults,
               (SELECT string_agg(format('c.change ->> %1$L = r.%1$I::text', k), ' AND ') FROM unnest(rule_key(rule_table)) k) AS key_match,
               (SELECT string_agg(format('%L, -c.ordinality', a.attname), ', ')
                FROM pg_attribute a
                WHERE a.attrelid = rule_table AND a.attidentity <> '') AS new_id,
               (SELECT c.relname FROM pg_class c WHERE c.oid = rule_table) AS table_name
    )
    SELECT format($query$
        SELECT r.* FROM %1$s r
        WHERE is_known(r.recorded_at, r.superseded_at)
          AND NOT EXISTS (SELECT FROM jsonb_array_elements(%2$s -> %3$L) c (change) WHERE %4$s)
        UNION ALL
        SELECT n.*
        FROM jsonb_array_elements(%2$s -> %3$L) WITH ORDINALITY c (change, ordinality)
        LEFT JOIN %1$s r ON %4$s AND is_known(r.recorded_at, r.superseded_at)
        CROSS JOIN LATERAL jsonb_populate_record(NULL::%1$s, coalesce(to_jsonb(r), jsonb_build_object(%5$s)) || c.change
                                                 || '{"recorded_at": "-infinity", "superseded_at": "infinity"}') n
        WHERE NOT coalesce((c.change ->> 'delete')::boolean, false)$query$,
        rule_table, parameter, table_name, key_match, concat_ws(', ', new_id, defaults))
    FROM shape);
COMMENT ON FUNCTION changed_rules(regclass, text) IS 'A query for the rows of a rule table with the changes in a jsonb parameter applied.';

CREATE FUNCTION what_if_with(changes jsonb) RETURNS text
LANGUAGE sql STABLE SET search_path FROM CURRENT
RETURN (
    WITH RECURSIVE reader (relation) AS (
        (SELECT k.name::regclass::oid FROM jsonb_object_keys(changes) k (name)
         UNION
         SELECT 'month_volume'::regclass::oid)  -- what reads volumes_of() reads all that the volume depends on
        UNION
        SELECT r.ev_class
        FROM reader p
        JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = p.relation AND d.classid = 'pg_rewrite'::regclass
        JOIN pg_rewrite r ON r.oid = d.objid AND r.ev_class <> p.relation
    )
    SELECT 'WITH ' || string_agg(
        format('%I AS NOT MATERIALIZED (%s)', c.relname,
               CASE WHEN c.relkind = 'r' THEN changed_rules(c.oid, '$1')
                    WHEN c.relname = 'month_volume' THEN
                        'SELECT v.partner_id, v.usage_month, v.currency, v.eligible FROM eligible_volume v '
                        || 'JOIN (SELECT DISTINCT partner_id, currency FROM partner_terms WHERE volume_rule IS NOT NULL) p USING (partner_id, currency)'
                    ELSE rtrim(pg_get_viewdef(c.oid), ';') END),
        ', ' ORDER BY c.relkind, c.oid)
    FROM reader r
    JOIN pg_class c ON c.oid = r.relation
    WHERE c.relnamespace = (SELECT t.relnamespace FROM pg_class t WHERE t.oid = 'program_terms'::regclass));
COMMENT ON FUNCTION what_if_with(jsonb) IS 'The WITH list under which the ledger''s views answer with changed rules (parameter $1).';

CREATE FUNCTION require_changes(changes jsonb) RETURNS void
LANGUAGE plpgsql STABLE SET search_path FROM CURRENT
AS $function$
DECLARE
    rules   text;
    changed record;
    wrong   record;
    source  text;
    faulty  text;
BEGIN
    IF changes IS NULL OR jsonb_typeof(changes) <> 'object' THEN
        RAISE EXCEPTION 'changes are needed' USING ERRCODE = 'invalid_parameter_value',
            DETAIL = format('The changes are %s.', coalesce(changes::text, 'NULL')),
            HINT = 'Give an object of rule tables with arrays of rows: {"deal": [{"deal_id": 7, "rate": 0.1}]}.';
    END IF;
    SELECT string_agg(c.relname, ', ' ORDER BY c.relname) INTO rules
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE t.tgname = 'keep_versions' AND c.relnamespace = (SELECT n.relnamespace FROM pg_class n WHERE n.oid = 'program_terms'::regclass);
    FOR changed IN SELECT e.key AS table_name, e.value AS change_list FROM jsonb_each(changes) e LOOP
        IF changed.table_name <> ALL (string_to_array(rules, ', ')) OR jsonb_typeof(changed.change_list) <> 'array' THEN
            RAISE EXCEPTION 'not a list of rules' USING ERRCODE = 'invalid_parameter_value',
                DETAIL = format('The key is %L, its value %s.', changed.table_name, left(changed.change_list::text, 200)),
                HINT = format('Keys are rule tables, values arrays of rows. Rule tables: %s.', rules);
        END IF;
        SELECT k.name, c.change INTO wrong
        FROM jsonb_array_elements(changed.change_list) c (change)
        CROSS JOIN LATERAL jsonb_object_keys(c.change) k (name)
        WHERE k.name NOT IN ('delete')
          AND NOT EXISTS (SELECT FROM pg_attribute a
                          WHERE a.attrelid = changed.table_name::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attname = k.name
                            AND a.attname NOT IN ('recorded_at', 'superseded_at'))
        LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'unknown column of a rule' USING ERRCODE = 'undefined_column',
                DETAIL = format('%s has no column %I that can be given: %s.', changed.table_name, wrong.name, left(wrong.change::text, 200)),
                HINT = 'Name columns of the table, or "delete": true.';
        END IF;
        source := changed_rules(changed.table_name::regclass, '$1');
        EXECUTE format('SELECT c.change::text FROM jsonb_array_elements($1) c (change) WHERE (c.change ->> ''delete'')::boolean '
                       'AND NOT EXISTS (SELECT FROM %s r WHERE %s AND is_known(r.recorded_at, r.superseded_at)) LIMIT 1',
                       changed.table_name::regclass,
                       (SELECT string_agg(format('c.change ->> %1$L = r.%1$I::text', k), ' AND ') FROM unnest(rule_key(changed.table_name::regclass)) k))
        INTO faulty
        USING changed.change_list;
        IF faulty IS NOT NULL THEN
            RAISE EXCEPTION 'no such rule to delete' USING ERRCODE = 'undefined_object',
                DETAIL = format('%s has no row for %s.', changed.table_name, faulty),
                HINT = format('Give the id of a row on record: %s.', array_to_string(rule_key(changed.table_name::regclass), ', '));
        END IF;
        -- what the table itself would refuse
        FOR wrong IN
            SELECT k.conname AS name, pg_get_expr(k.conbin, k.conrelid) AS condition
            FROM pg_constraint k
            WHERE k.conrelid = changed.table_name::regclass AND k.contype = 'c'
            UNION ALL
            SELECT format('%s is not null', a.attname), format('%I IS NOT NULL', a.attname)
            FROM pg_attribute a
            WHERE a.attrelid = changed.table_name::regclass AND a.attnum > 0 AND a.attnotnull AND NOT a.attisdropped
              AND NOT (changed.table_name = 'deal' AND a.attname = 'partner_id')
        LOOP
            EXECUTE format('SELECT r::text FROM (%s) r WHERE recorded_at = ''-infinity'' AND NOT (%s) LIMIT 1', source, wrong.condition)
            INTO faulty
            USING changes;
            IF faulty IS NOT NULL THEN
                RAISE EXCEPTION 'the changed rule would be refused' USING ERRCODE = 'check_violation',
                    DETAIL = format('%s: %s fails for %s.', changed.table_name, wrong.name, faulty),
                    HINT = 'Give a row that the table would take.';
            END IF;
        END LOOP;
        FOR wrong IN
            SELECT k.conname AS name, string_agg(format('(%s) AS e%s', pg_get_indexdef(k.conindid, o.n, false), o.n), ', ') AS expressions,
                   string_agg(format('a.e%1$s OPERATOR(%2$I.%3$s) b.e%1$s', o.n, s.nspname, p.oprname), ' AND ') AS condition
            FROM pg_constraint k
            CROSS JOIN LATERAL (SELECT u.op, u.ordinality::integer AS n
                                FROM unnest(k.conexclop) WITH ORDINALITY u (op, ordinality)) o
            JOIN pg_operator p ON p.oid = o.op
            JOIN pg_namespace s ON s.oid = p.oprnamespace
            WHERE k.conrelid = changed.table_name::regclass AND k.contype = 'x'
            GROUP BY k.conname
        LOOP
            EXECUTE format('WITH r AS (SELECT row_number() OVER () AS place, %2$I AS id, to_jsonb(u) ->> ''validity'' AS validity, %3$s FROM (%1$s) u) '
                           'SELECT format(''%%s and %%s'', concat_ws('' for '', a.id, a.validity), concat_ws('' for '', b.id, b.validity)) '
                           'FROM r a JOIN r b ON %4$s AND a.place < b.place LIMIT 1',
                           source, (rule_key(changed.table_name::regclass))[1], wrong.expressions, wrong.condition)
            INTO faulty
            USING changes;
            IF faulty IS NOT NULL THEN
                RAISE EXCEPTION 'changed rules would exclude each other' USING ERRCODE = 'exclusion_violation',
                    DETAIL = format('%s would have %s, against %s.', changed.table_name, faulty, wrong.name),
                    HINT = 'Give days or names that no other rule has, or change that one too.';
            END IF;
        END LOOP;
        FOR wrong IN
            SELECT t.arguments[1] AS name, t.arguments[2] AS parent
            FROM (SELECT array_remove(string_to_array(encode(g.tgargs, 'escape'), '\000'), '') AS arguments
                  FROM pg_trigger g
                  JOIN pg_proc f ON f.oid = g.tgfoid AND f.proname = 'require_current'
                  WHERE g.tgrelid = changed.table_name::regclass) t
        LOOP
            EXECUTE format('SELECT r.%1$I::text FROM (%2$s) r WHERE r.recorded_at = ''-infinity'' AND r.%1$I IS NOT NULL '
                           'AND NOT EXISTS (SELECT FROM (%3$s) p WHERE p.%1$I = r.%1$I) LIMIT 1',
                           wrong.name, source, changed_rules(wrong.parent::regclass, '$1'))
            INTO faulty
            USING changes;
            IF faulty IS NOT NULL THEN
                RAISE EXCEPTION 'unknown %', replace(wrong.parent, '_', ' ') USING ERRCODE = 'undefined_object',
                    DETAIL = format('%s names %s = %L, which is neither on record nor among the changes.', changed.table_name, wrong.name, faulty),
                    HINT = 'Give it as a change too, or correct the id.';
            END IF;
        END LOOP;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION require_changes(jsonb) IS 'Refuses changes that name no rule table or column (22023, 42703), or that the tables would refuse (23514, 23P01, 42704).';

CREATE FUNCTION what_if_view(changes jsonb, example anyelement) RETURNS SETOF anyelement
LANGUAGE plpgsql STABLE SET search_path FROM CURRENT
AS $function$
DECLARE
    view_name name;
BEGIN
    PERFORM require_changes(changes);
    SELECT c.relname INTO view_name FROM pg_class c WHERE c.oid = require_view(pg_typeof(example));
    IF changes = '{}' THEN
        RETURN QUERY EXECUTE format('SELECT * FROM %I', view_name);
    ELSE
        RETURN QUERY EXECUTE format('%s SELECT * FROM %I', what_if_with(changes), view_name) USING changes;
    END IF;
END
$function$;
COMMENT ON FUNCTION what_if_view(jsonb, anyelement) IS 'The rows of a view of the ledger as they would be under changed rules: SELECT * FROM what_if_view(''{"deal": [{"deal_id": 7, "rate": 0.1}]}'', NULL::bonus_line). Writes nothing. Changes that the tables'' constraints, overlaps or references would refuse are refused; closed months and transitions of status are not asked for.';

CREATE FUNCTION what_if(month date, changes jsonb, for_partner text DEFAULT NULL)
RETURNS TABLE (partner_id text, account_id text, currency text, base numeric, bonus numeric, new_bonus numeric, difference numeric)
LANGUAGE plpgsql STABLE SET search_path FROM CURRENT
AS $function$
BEGIN
    PERFORM require_changes(what_if.changes);
    RETURN QUERY EXECUTE format($query$
        %s SELECT l.partner_id, l.account_id, l.currency, sum(l.base) FILTER (WHERE l.is_real), coalesce(sum(l.bonus) FILTER (WHERE l.is_real), 0),
                  coalesce(sum(l.bonus) FILTER (WHERE NOT l.is_real), 0),
                  trim_scale(coalesce(sum(l.bonus) FILTER (WHERE NOT l.is_real), 0) - coalesce(sum(l.bonus) FILTER (WHERE l.is_real), 0))
        FROM (SELECT true AS is_real, b.partner_id, b.account_id, b.currency, b.base, b.bonus
              FROM %I.bonus_line b
              WHERE b.billing_month = $2 AND ($3 IS NULL OR b.partner_id = $3)
              UNION ALL
              SELECT false, b.partner_id, b.account_id, b.currency, b.base, b.bonus
              FROM bonus_line b
              WHERE b.billing_month = $2 AND ($3 IS NULL OR b.partner_id = $3)) l
        GROUP BY l.partner_id, l.account_id, l.currency
        ORDER BY l.partner_id, l.currency, l.account_id$query$,
        CASE what_if.changes WHEN '{}' THEN '' ELSE what_if_with(what_if.changes) END,
        (SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = 'bonus_line'::regclass))
    USING what_if.changes, billing_month(what_if.month), what_if.for_partner;
END
$function$;
COMMENT ON FUNCTION what_if(date, jsonb, text) IS 'What a month''s bonus would be under changed rules, beside what it is: one row per partner, subaccount (NULL: the line of volume tiers) and currency; exact. Writes nothing.';
