-- Intake: files go in, their days become versions of usage, what cannot be taken is kept with the reason.

-- What goes on is told to whoever LISTENs, when it is committed. Equal messages of a transaction are sent once.
CREATE FUNCTION announce(event text, partner_id text, batch_id bigint, figures jsonb) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
BEGIN
    -- the first schema of the path is the ledger's
    PERFORM pg_notify('partner_bonus', (jsonb_build_object('event', event, 'ledger', current_schema(), 'partner_id', partner_id,
                                                           'batch_id', batch_id) || figures)::text)
    FROM setting s
    WHERE s.name = 'notify' AND s.value = 'on';
END
$function$;
COMMENT ON FUNCTION announce(text, text, bigint, jsonb) IS 'NOTIFY partner_bonus with a JSON object: event, ledger, partner_id, batch_id and figures.';

-- Puts new parts in place of the current version of a unit (partner, source, day); false when it has these lines already.
CREATE FUNCTION replace_usage_day(partner_id text, source text, usage_day date, batch_id bigint, packs usage_pack[], billed_in date)
RETURNS boolean
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
DECLARE
    new_digests bytea[] := '{}';
    digests     bytea[];
    version     record;
    latest      timestamptz;
    moment      timestamptz;
    -- Packs are megabytes: to be left where they are in the array, and not be assigned to variables.
    first_pack  CONSTANT integer := coalesce(array_lower(packs, 1), 1);
    last_pack   CONSTANT integer := coalesce(array_upper(packs, 1), 0);
BEGIN
    FOR place IN first_pack .. last_pack LOOP
        new_digests := new_digests || content_digest(packs[place]);
    END LOOP;
    <<look_again>>
    LOOP
        digests := '{}';
        latest := NULL;
        FOR version IN
            SELECT u.digest, u.recorded_at
            FROM usage_day u
            WHERE u.partner_id = replace_usage_day.partner_id AND u.source = replace_usage_day.source
              AND u.usage_day = replace_usage_day.usage_day AND u.superseded_at = 'infinity'
            ORDER BY u.part
            FOR NO KEY UPDATE
        LOOP
            digests := digests || version.digest;
            latest := greatest(latest, version.recorded_at);
        END LOOP;
        IF digests = new_digests THEN
            RETURN false;
        END IF;
        moment := greatest(clock_timestamp(), latest + interval '1 microsecond');
        IF digests <> '{}' THEN
            UPDATE usage_day u
            SET superseded_at = moment, reversed_in = replace_usage_day.billed_in
            WHERE u.partner_id = replace_usage_day.partner_id AND u.source = replace_usage_day.source
              AND u.usage_day = replace_usage_day.usage_day AND u.superseded_at = 'infinity';
        END IF;
        FOR place IN first_pack .. last_pack LOOP
            INSERT INTO usage_day (partner_id, source, usage_day, part, batch_id, line_count, digest, lines, recorded_at, billed_in)
            VALUES (replace_usage_day.partner_id, replace_usage_day.source, replace_usage_day.usage_day, place - first_pack,
                    replace_usage_day.batch_id, line_count(packs[place]), new_digests[place - first_pack + 1], packs[place], moment,
                    replace_usage_day.billed_in)
            ON CONFLICT (partner_id, source, usage_day, part) WHERE superseded_at = 'infinity' DO NOTHING;
            -- Whoever wrote the first version of this day at the same time has won.
            CONTINUE look_again WHEN NOT FOUND;
        END LOOP;
        RETURN true;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION replace_usage_day(text, text, date, bigint, usage_pack[], date) IS 'Supersedes the current version of a partner''s, source''s day by the lines of these packs, in the transaction that has locked the month that bills it; true, or false when they are there already.';

-- Before anything else: with a second source that is not declared complementary, loads of the partner go one after the other.
CREATE FUNCTION lock_source(partner_id text, source text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
BEGIN
    IF lock_source.source = 'adjustment' THEN
        PERFORM FROM partner p WHERE p.partner_id = lock_source.partner_id AND p.superseded_at = 'infinity' FOR SHARE;
        INSERT INTO usage_source (partner_id, source, complementary) VALUES (lock_source.partner_id, 'adjustment', true) ON CONFLICT DO NOTHING;
        -- adjustments read the lines they add to: those of one partner go one after the other
        PERFORM FROM usage_source s WHERE s.partner_id = lock_source.partner_id AND s.source = 'adjustment' FOR NO KEY UPDATE;
        RETURN false;
    END IF;
    -- a source that is known, and complementary or without others that are not
    PERFORM FROM usage_source s
    WHERE s.partner_id = lock_source.partner_id AND s.source = lock_source.source
      AND (s.complementary OR NOT EXISTS (SELECT FROM usage_source o WHERE o.partner_id = s.partner_id AND o.source <> s.source AND NOT o.complementary));
    IF FOUND THEN
        PERFORM FROM partner p WHERE p.partner_id = lock_source.partner_id AND p.superseded_at = 'infinity' FOR SHARE;
    ELSE
        PERFORM FROM partner p WHERE p.partner_id = lock_source.partner_id AND p.superseded_at = 'infinity' FOR NO KEY UPDATE;
        INSERT INTO usage_source (partner_id, source) VALUES (lock_source.partner_id, lock_source.source) ON CONFLICT DO NOTHING;
    END IF;
    -- looked at again, behind the lock
    PERFORM FROM usage_source s
    WHERE s.partner_id = lock_source.partner_id AND s.source = lock_source.source
      AND (s.complementary OR NOT EXISTS (SELECT FROM usage_source o WHERE o.partner_id = s.partner_id AND o.source <> s.source AND NOT o.complementary));
    RETURN NOT FOUND;
END
$function$;
COMMENT ON FUNCTION lock_source(text, text) IS 'Notes a source of a partner''s usage and locks the partner until the transaction ends: shared, but alone while two sources could tell of the same usage. True when there are other sources to compare with.';
REVOKE EXECUTE ON FUNCTION lock_source(text, text) FROM PUBLIC;

CREATE FUNCTION require_one_source(partner_id text, source text, usage_day date, packs usage_pack[]) RETURNS void
LANGUAGE plpgsql STABLE SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
DECLARE
    twice record;
BEGIN
    SELECT o.source, n.account_id, n.currency INTO twice
    FROM (SELECT DISTINCT e.account_id, e.currency
          FROM (SELECT consumption_map_agg(p.pack, require_one_source.usage_day, 1) AS map FROM unnest(packs) p (pack)) m
          CROSS JOIN LATERAL entries(m.map) e) n
    JOIN (SELECT DISTINCT d.source, e.account_id, e.currency
          FROM (SELECT u.source, consumption_map_agg(u.lines, u.usage_day, 1) AS map
                FROM usage_day u
                JOIN usage_source s ON s.partner_id = u.partner_id AND s.source = u.source AND NOT s.complementary
                WHERE u.partner_id = require_one_source.partner_id AND u.usage_day = require_one_source.usage_day
                  AND u.source <> require_one_source.source AND u.superseded_at = 'infinity'
                GROUP BY u.source) d
          CROSS JOIN LATERAL entries(d.map) e) o USING (account_id, currency)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'two sources tell of the same usage' USING ERRCODE = 'unique_violation',
            DETAIL = format('Account %s has usage in %s on %s from source %s, too.', twice.account_id, twice.currency, usage_day, twice.source),
            HINT = format('Load a file again under the source of its first load; if both are right: INSERT INTO usage_source VALUES (%L, %L, true) ON CONFLICT (partner_id, source) DO UPDATE SET complementary = true. Nothing was loaded.', partner_id, source);
    END IF;
END
$function$;
COMMENT ON FUNCTION require_one_source(text, text, date, usage_pack[]) IS 'Refuses (23505) lines of an account, currency and day that another source of the partner has, too, unless that one is declared complementary.';

-- An undoing may be undone, too.
CREATE FUNCTION is_undone(batch_id bigint) RETURNS boolean
LANGUAGE sql STABLE SET search_path FROM CURRENT
RETURN (WITH RECURSIVE undoing AS (
            SELECT u.batch_id FROM load_batch u WHERE u.undoes = is_undone.batch_id
            UNION ALL
            SELECT u.batch_id FROM load_batch u JOIN undoing p ON u.undoes = p.batch_id)
        SELECT count(*) % 2 = 1 FROM undoing);
COMMENT ON FUNCTION is_undone(bigint) IS 'Whether a load is undone, and its undoing is not undone in turn.';

CREATE FUNCTION load_packs(partner_id text, source text, format text, file_name text, sha256 bytea, lines bigint, rejected bigint,
                           days date[], packs usage_pack[], exported_at text[], covers daterange DEFAULT NULL,
                           reject_lines bigint[] DEFAULT '{}', reject_columns text[] DEFAULT '{}', reject_values text[] DEFAULT '{}',
                           reject_reasons text[] DEFAULT '{}', allow_older boolean DEFAULT false)
RETURNS load_batch
-- Small files come by the thousand: their statements are planned once a session, and never compiled.
LANGUAGE plpgsql SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan SET jit = off
AS $function$
#variable_conflict use_column
DECLARE
    started   timestamptz := clock_timestamp();
    batch     load_batch;
    compare   boolean;
    most      bigint;
    day       date;
    place     integer;
    pack_missing boolean := false;
    day_packs usage_pack[];
    day_lines bigint;
    day_exported_at timestamptz;
    open_month date;
    month     date;
    changed   boolean;
    any_day   boolean := false;
    late_days bigint := 0;
    late_month date;
BEGIN
    PERFORM require_read_committed();
    IF num_nulls(partner_id, source, format, lines, rejected, days, packs, exported_at, allow_older) > 0 THEN
        RAISE EXCEPTION 'an argument of load_packs is NULL' USING ERRCODE = 'null_value_not_allowed',
            DETAIL = 'partner_id, source, format, lines, rejected, days, packs, exported_at and allow_older are needed.',
            HINT = 'Nothing was loaded.';
    END IF;
    -- num_nulls() would copy all of the packs
    FOR place IN coalesce(array_lower(packs, 1), 1) .. coalesce(array_upper(packs, 1), 0) LOOP
        pack_missing := pack_missing OR packs[place] IS NULL;
    END LOOP;
    IF array_dims(days) IS DISTINCT FROM array_dims(packs) OR array_dims(days) IS DISTINCT FROM array_dims(exported_at)
       OR array_position(days, NULL) IS NOT NULL OR pack_missing THEN
        RAISE EXCEPTION 'days and packs do not match' USING ERRCODE = 'invalid_parameter_value',
            DETAIL = format('There are %s days, %s packs and %s exported_at.', cardinality(days), cardinality(packs), cardinality(exported_at)),
            HINT = 'Give each pack its day and its latest exported_at (which may be NULL). Nothing was loaded.';
    END IF;
    IF rejected > 0 THEN
        SELECT s.value::bigint INTO most FROM setting s WHERE s.name = 'max_rejects';
        IF rejected > most THEN
            RAISE EXCEPTION 'too many records cannot be taken' USING ERRCODE = 'bad_copy_file_format',
                DETAIL = format('%s of %s records; the first is line %s: %s.', rejected, lines, coalesce(reject_lines[1]::text, 'unknown'),
                                concat_ws(', ', reject_reasons[1], reject_columns[1], reject_values[1])),
                HINT = format('Is this the right format? The setting max_rejects lets %s records of a file be rejected. Nothing was loaded.', most);
        END IF;
    END IF;
    PERFORM require_partner(load_packs.partner_id);
    IF covers IS NOT NULL THEN
        IF isempty(covers) OR lower_inf(covers) OR upper_inf(covers) OR upper(covers) - lower(covers) > 1000
           OR EXISTS (SELECT FROM unnest(days) d (day) WHERE NOT d.day <@ covers) THEN
            RAISE EXCEPTION 'a file does not cover these days' USING ERRCODE = 'invalid_parameter_value',
                DETAIL = format('It is said to cover %s, and has lines from %s to %s.', covers, (SELECT min(d) FROM unnest(days) d), (SELECT max(d) FROM unnest(days) d)),
                HINT = 'Give the first day and the day after the last, of at most 1000 days, or leave it out: then it covers the days of its lines. Nothing was loaded.';
        END IF;
        -- a day that the file leaves empty is as old as the file
        SELECT load_packs.days || array_agg(e.day), load_packs.packs || array_agg(usage_pack()), load_packs.exported_at || array_agg(f.moment)
        INTO days, packs, exported_at
        FROM (SELECT s.day::date FROM generate_series(lower(covers)::timestamp, (upper(covers) - 1)::timestamp, interval '1 day') s (day)) e
        CROSS JOIN (SELECT (SELECT m.moment FROM unnest(load_packs.exported_at) m (moment)
                            ORDER BY export_moment(m.moment) DESC NULLS LAST LIMIT 1) AS moment) f
        WHERE e.day <> ALL (load_packs.days);
    END IF;
    compare := lock_source(load_packs.partner_id, load_packs.source);
    INSERT INTO load_batch (partner_id, source, format, file_name, sha256, lines, loaded, rejected, totals, outcome, recorded_at)
    SELECT load_packs.partner_id, load_packs.source, load_packs.format, load_packs.file_name, load_packs.sha256, load_packs.lines,
           load_packs.lines - load_packs.rejected, load_packs.rejected,
           coalesce(jsonb_object_agg(e.currency, jsonb_build_object('cost', trim_scale(e.cost)::text, 'grant_credit', trim_scale(e.grant_credit)::text,
                                                                    'other_credit', trim_scale(e.other_credit)::text)), '{}'),
           'loaded', started
    FROM (SELECT t.currency, sum(t.cost) AS cost, sum(t.grant_credit) AS grant_credit, sum(t.other_credit) AS other_credit
          FROM generate_subscripts(packs, 1) i
          CROSS JOIN LATERAL totals(packs[i]) t
          GROUP BY t.currency) e
    RETURNING * INTO batch;
    IF load_packs.rejected > 0 THEN
        INSERT INTO rejected_line (batch_id, line_number, column_name, value, reason)
        SELECT batch.batch_id, r.line_number, r.column_name, r.value, r.reason
        FROM unnest(reject_lines, reject_columns, reject_values, reject_reasons) r (line_number, column_name, value, reason);
    END IF;

    FOR day IN
        SELECT DISTINCT d.day FROM unnest(days) d (day) ORDER BY d.day
    LOOP
        day_packs := '{}';
        day_lines := 0;
        day_exported_at := NULL;
        FOREACH place IN ARRAY array_positions(days, day) LOOP
            day_packs := day_packs || packs[place];
            day_lines := day_lines + line_count(packs[place]);
            day_exported_at := greatest(day_exported_at, export_moment(exported_at[place]));
        END LOOP;
        IF month IS DISTINCT FROM billing_month(day) THEN
            month := billing_month(day);
            open_month := lock_open_month(load_packs.partner_id, month);
        END IF;
        IF compare THEN
            PERFORM require_one_source(load_packs.partner_id, load_packs.source, day, day_packs);
        END IF;
        changed := replace_usage_day(load_packs.partner_id, load_packs.source, day, batch.batch_id, day_packs, open_month);
        -- As old as the latest that is not undone: the day is locked now, or has the same lines.
        IF changed AND NOT allow_older AND EXISTS (SELECT FROM load_day l
                                                   WHERE l.partner_id = load_packs.partner_id AND l.source = load_packs.source AND l.usage_day = day
                                                     AND l.exported_at > day_exported_at
                                                     AND NOT is_undone(l.batch_id)) THEN
            RAISE EXCEPTION 'the file is older than what was loaded' USING ERRCODE = 'object_not_in_prerequisite_state',
                DETAIL = format('Its lines of %s were exported at %s, before those that were loaded.', day, day_exported_at),
                HINT = 'If the older file is right, load it with allow_older. Nothing was loaded.';
        END IF;
        any_day := any_day OR changed;
        IF changed AND open_month > month THEN
            late_days := late_days + 1;
            late_month := open_month;
        END IF;
        INSERT INTO load_day (batch_id, usage_day, outcome, line_count, exported_at, billed_in, partner_id, source)
        VALUES (batch.batch_id, day, CASE WHEN changed THEN 'loaded' ELSE 'unchanged' END, day_lines, day_exported_at,
                CASE WHEN changed THEN open_month END, load_packs.partner_id, load_packs.source);
    END LOOP;

    UPDATE load_batch b
    SET outcome = CASE WHEN any_day THEN 'loaded' ELSE 'unchanged' END, duration = clock_timestamp() - started
    WHERE b.batch_id = batch.batch_id
    RETURNING * INTO batch;
    PERFORM announce('loaded', batch.partner_id, batch.batch_id,
                     jsonb_build_object('outcome', batch.outcome, 'lines', batch.lines, 'loaded', batch.loaded, 'rejected', batch.rejected));
    IF batch.rejected > 0 THEN
        PERFORM announce('rejected', batch.partner_id, batch.batch_id, jsonb_build_object('rejected', batch.rejected));
    END IF;
    IF late_days > 0 THEN
        PERFORM announce('late usage', batch.partner_id, batch.batch_id, jsonb_build_object('days', late_days, 'billed_in', to_char(late_month, 'YYYY-MM')));
    END IF;
    RETURN batch;
END
$function$;
COMMENT ON FUNCTION load_packs(text, text, text, text, bytea, bigint, bigint, date[], usage_pack[], text[], daterange, bigint[], text[], text[], text[], boolean) IS 'Loads what was read of a file: gives the load_batch row. days, packs and exported_at are parallel (the parts of a day follow each other); lines counts all records, rejected those that could not be taken, of which the reject arrays tell. Each day becomes a new version of (partner, source, day), or is left when it has these lines; covered days without lines become empty. One transaction: all of the file, or nothing. Errors: unknown partner (42704), a file older than what was loaded (55000), two sources for the same usage (23505), more rejects than max_rejects (22P04).';

CREATE FUNCTION load_csv(partner_id text, format text, content text, source text DEFAULT NULL, file_name text DEFAULT NULL,
                         covers daterange DEFAULT NULL, allow_older boolean DEFAULT false, mapping text DEFAULT NULL)
RETURNS load_batch
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
DECLARE
    file record;
    most bigint := (SELECT greatest(s.value::bigint, 1) FROM setting s WHERE s.name = 'max_rejects');  -- one is told when none is taken
BEGIN
    IF load_csv.format IS NULL OR load_csv.content IS NULL THEN
        RAISE EXCEPTION 'format and content are needed' USING ERRCODE = 'null_value_not_allowed',
            DETAIL = format('%s is NULL.', CASE WHEN load_csv.format IS NULL THEN 'format' ELSE 'content' END),
            HINT = 'Give the format (partner-export, focus, cur or mapping) and what the file holds. Nothing was loaded.';
    END IF;
    SELECT coalesce(sum(p.line_count), 0) AS loaded, count(*) FILTER (WHERE p.problem IS NOT NULL) AS rejected,
           coalesce(array_agg(p.usage_day ORDER BY p.usage_day, p.part) FILTER (WHERE p.problem IS NULL), '{}') AS days,
           coalesce(array_agg(p.pack ORDER BY p.usage_day, p.part) FILTER (WHERE p.problem IS NULL), '{}') AS packs,
           coalesce(array_agg(p.exported_at ORDER BY p.usage_day, p.part) FILTER (WHERE p.problem IS NULL), '{}') AS exported_at,
           coalesce(array_agg(p.line_number ORDER BY p.line_number) FILTER (WHERE p.is_kept), '{}') AS reject_lines,
           coalesce(array_agg(p.problem_column ORDER BY p.line_number) FILTER (WHERE p.is_kept), '{}') AS reject_columns,
           coalesce(array_agg(p.problem_value ORDER BY p.line_number) FILTER (WHERE p.is_kept), '{}') AS reject_values,
           coalesce(array_agg(p.problem ORDER BY p.line_number) FILTER (WHERE p.is_kept), '{}') AS reject_reasons
    INTO file
    FROM (SELECT u.*, u.problem IS NOT NULL AND (count(u.problem) OVER (ROWS UNBOUNDED PRECEDING) > most) IS NOT TRUE AS is_kept
          FROM pack_usage(load_csv.format, load_csv.content, ARRAY(SELECT c.currency FROM currency c), load_csv.mapping) u) p;
    RETURN load_packs(load_csv.partner_id, coalesce(load_csv.source, load_csv.format), load_csv.format, load_csv.file_name,
                      sha256(convert_to(load_csv.content, 'UTF8')), file.loaded + file.rejected, file.rejected, file.days, file.packs, file.exported_at,
                      load_csv.covers, file.reject_lines, file.reject_columns, file.reject_values, file.reject_reasons, load_csv.allow_older);
END
$function$;
COMMENT ON FUNCTION load_csv(text, text, text, text, text, daterange, boolean, text) IS 'Loads a CSV file given as its content (format partner-export, focus, cur, or mapping with the mapping that says what its columns mean): gives the load_batch row. Each day of the file becomes the current version of its partner, source and day, or is left when nothing changed; records that cannot be taken go to rejected_line. covers: days that become empty when the file has no lines of them. allow_older: takes a file that was exported before what is there. Errors: unknown partner (42704), unknown format (22023), a file that cannot be read as a whole (22P04), an older file (55000); then nothing is loaded.';

CREATE FUNCTION undo_batch(batch_id bigint, reason text) RETURNS load_batch
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
DECLARE
    started timestamptz := clock_timestamp();
    undone  load_batch;
    batch   load_batch;
    day     record;
    before  usage_pack[];
    compare boolean;
    latest  boolean;
    changed boolean;
BEGIN
    PERFORM require_read_committed();
    SELECT b.* INTO undone FROM load_batch b WHERE b.batch_id = undo_batch.batch_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'unknown load' USING ERRCODE = 'undefined_object', DETAIL = format('There is no load with batch_id = %s.', coalesce(undo_batch.batch_id::text, 'NULL')),
            HINT = 'load_batch lists the loads.';
    END IF;
    PERFORM require_reason(undo_batch.reason, 'Say why the load is undone; it is kept in load_batch.');
    compare := lock_source(undone.partner_id, undone.source);
    INSERT INTO load_batch (partner_id, source, format, file_name, sha256, lines, loaded, rejected, totals, outcome, undoes, reason, recorded_at)
    VALUES (undone.partner_id, undone.source, 'undo', undone.file_name, undone.sha256, 0, 0, 0, '{}', 'unchanged', undone.batch_id, undo_batch.reason, started)
    ON CONFLICT (undoes) DO NOTHING
    RETURNING * INTO batch;
    IF NOT FOUND THEN  -- somebody may just have done it
        RAISE EXCEPTION 'the load is undone already' USING ERRCODE = 'object_not_in_prerequisite_state',
            DETAIL = format('Load %s undid it.', (SELECT b.batch_id FROM load_batch b WHERE b.undoes = undone.batch_id)),
            HINT = 'To have its lines back, load the file again.';
    END IF;
    FOR day IN
        SELECT l.usage_day, l.billed_in FROM load_day l WHERE l.batch_id = undone.batch_id AND l.outcome = 'loaded' ORDER BY l.usage_day
    LOOP
        IF lock_open_month(undone.partner_id, day.billed_in) <> day.billed_in THEN
            RAISE EXCEPTION 'the load was billed' USING ERRCODE = 'object_not_in_prerequisite_state',
                DETAIL = format('Its lines of %s are in the documents of %s, which is closed.', day.usage_day, to_char(day.billed_in, 'YYYY-MM')),
                HINT = 'Load the right lines of these days: what they change is billed in the next open month. Nothing was undone.';
        END IF;
        PERFORM FROM usage_day u
        WHERE u.partner_id = undone.partner_id AND u.source = undone.source AND u.usage_day = day.usage_day AND u.superseded_at = 'infinity'
        FOR NO KEY UPDATE;
        SELECT bool_and(u.batch_id IS NOT DISTINCT FROM undone.batch_id) INTO latest
        FROM usage_day u
        WHERE u.partner_id = undone.partner_id AND u.source = undone.source AND u.usage_day = day.usage_day AND u.superseded_at = 'infinity';
        IF latest THEN
            SELECT coalesce(array_agg(p.lines ORDER BY p.part), ARRAY[usage_pack()]) INTO before
            FROM usage_day p
            WHERE p.partner_id = undone.partner_id AND p.source = undone.source AND p.usage_day = day.usage_day
              AND p.superseded_at = (SELECT max(u.recorded_at) FROM usage_day u
                                     WHERE u.partner_id = undone.partner_id AND u.source = undone.source AND u.usage_day = day.usage_day
                                       AND u.superseded_at = 'infinity');
            IF compare THEN
                PERFORM require_one_source(undone.partner_id, undone.source, day.usage_day, before);
            END IF;
            changed := replace_usage_day(undone.partner_id, undone.source, day.usage_day, batch.batch_id, before, day.billed_in);
        END IF;
        INSERT INTO load_day (batch_id, usage_day, outcome, line_count, billed_in, partner_id, source)
        SELECT batch.batch_id, day.usage_day, CASE WHEN NOT latest THEN 'left' WHEN changed THEN 'loaded' ELSE 'unchanged' END,
               coalesce(sum(line_count(b.pack)), 0), CASE WHEN latest AND changed THEN day.billed_in END, undone.partner_id, undone.source
        FROM unnest(CASE WHEN latest THEN before END) b (pack);
    END LOOP;
    UPDATE load_batch b
    SET duration = clock_timestamp() - started,
        outcome = CASE WHEN EXISTS (SELECT FROM load_day l WHERE l.batch_id = batch.batch_id AND l.outcome = 'loaded') THEN 'loaded' ELSE 'unchanged' END
    WHERE b.batch_id = batch.batch_id
    RETURNING * INTO batch;
    PERFORM announce('undone', batch.partner_id, batch.batch_id, jsonb_build_object('undoes', batch.undoes));
    RETURN batch;
END
$function$;
COMMENT ON FUNCTION undo_batch(bigint, text) IS 'Takes a load back while its months are open: each of its days gets the lines it had before as a new version. A day that was loaded again since is left, and load_day says so. Gives the load_batch row of the undoing. Errors: unknown load (42704), undone already or billed (55000).';

CREATE FUNCTION adjust_usage(partner_id text, usage_day date, account_id text, service_id text, sku_id text, currency text, cost numeric, reason text,
                             charge_category text DEFAULT 'Adjustment', credit numeric DEFAULT 0, grant_credit numeric DEFAULT 0)
RETURNS load_batch
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
DECLARE
    started    timestamptz := clock_timestamp();
    batch      load_batch;
    open_month date;
    pack       usage_pack;
BEGIN
    PERFORM require_read_committed(), require_day(adjust_usage.usage_day);
    PERFORM require_reason(adjust_usage.reason, 'Say why usage is adjusted; it is kept with the line.');
    IF adjust_usage.charge_category <> ALL ('{Usage,Purchase,Adjustment,Credit,Tax}'::text[]) THEN
        RAISE EXCEPTION 'unknown charge category' USING ERRCODE = 'invalid_parameter_value', DETAIL = format('It is %L.', adjust_usage.charge_category),
            HINT = 'Categories are Usage, Purchase, Adjustment, Credit and Tax.';
    END IF;
    IF NOT EXISTS (SELECT FROM currency c WHERE c.currency = adjust_usage.currency) THEN
        RAISE EXCEPTION 'currency is not in the table currency' USING ERRCODE = 'foreign_key_violation', DETAIL = format('It is %s.', coalesce(adjust_usage.currency, 'NULL')),
            HINT = 'Insert it into the table currency, or correct it.';
    END IF;
    PERFORM require_partner(adjust_usage.partner_id), lock_source(adjust_usage.partner_id, 'adjustment');
    open_month := lock_open_month(adjust_usage.partner_id, adjust_usage.usage_day);
    SELECT usage_pack_agg(ROW(l.account_id, l.account_name, l.cloud_id, l.cloud_name, l.folder_id, l.folder_name, l.resource_id, l.service_id,
                              l.service_name, l.sku_id, l.sku_name, l.currency, l.charge_category, l.pricing_quantity, l.pricing_unit, l.cost, l.credit,
                              l.monetary_grant_credit, l.volume_incentive_credit, l.cud_credit, l.misc_credit, l.reward, l.attributes, l.locale,
                              l.updated_at, l.exported_at)::usage_line)
    INTO pack
    FROM (SELECT k.*
          FROM usage_day d
          CROSS JOIN LATERAL lines(d.lines) k
          WHERE d.partner_id = adjust_usage.partner_id AND d.source = 'adjustment' AND d.usage_day = adjust_usage.usage_day AND d.superseded_at = 'infinity'
          UNION ALL
          SELECT n.* FROM jsonb_to_record(jsonb_build_object(
                     'account_id', adjust_usage.account_id, 'service_id', adjust_usage.service_id, 'sku_id', adjust_usage.sku_id,
                     'currency', adjust_usage.currency, 'charge_category', adjust_usage.charge_category, 'cost', adjust_usage.cost,
                     'credit', adjust_usage.credit, 'monetary_grant_credit', adjust_usage.grant_credit,
                     'attributes', jsonb_build_object('reason', adjust_usage.reason)))
                 AS n (line_number integer, account_id text, account_name text, cloud_id text, cloud_name text, folder_id text, folder_name text,
                       resource_id text, service_id text, service_name text, sku_id text, sku_name text, currency text, charge_category text,
                       pricing_quantity numeric, pricing_unit text, cost numeric, credit numeric, monetary_grant_credit numeric,
                       volume_incentive_credit numeric, cud_credit numeric, misc_credit numeric, reward numeric, attributes jsonb, locale text,
                       updated_at text, exported_at text)) l;
    INSERT INTO load_batch (partner_id, source, format, lines, loaded, rejected, totals, outcome, reason, recorded_at)
    VALUES (adjust_usage.partner_id, 'adjustment', 'adjustment', 1, 1, 0,
            jsonb_build_object(adjust_usage.currency, jsonb_build_object('cost', trim_scale(adjust_usage.cost)::text,
                'grant_credit', trim_scale(adjust_usage.grant_credit)::text, 'other_credit', trim_scale(adjust_usage.credit - adjust_usage.grant_credit)::text)),
            'loaded', adjust_usage.reason, started)
    RETURNING * INTO batch;
    PERFORM replace_usage_day(adjust_usage.partner_id, 'adjustment', adjust_usage.usage_day, batch.batch_id, ARRAY[pack], open_month);
    INSERT INTO load_day (batch_id, usage_day, outcome, line_count, billed_in, partner_id, source)
    VALUES (batch.batch_id, adjust_usage.usage_day, 'loaded', 1, open_month, adjust_usage.partner_id, 'adjustment');
    UPDATE load_batch b SET duration = clock_timestamp() - started WHERE b.batch_id = batch.batch_id RETURNING * INTO batch;
    PERFORM announce('adjusted', batch.partner_id, batch.batch_id, jsonb_build_object('usage_day', adjust_usage.usage_day));
    IF open_month > billing_month(adjust_usage.usage_day) THEN
        PERFORM announce('late usage', batch.partner_id, batch.batch_id, jsonb_build_object('days', 1, 'billed_in', to_char(open_month, 'YYYY-MM')));
    END IF;
    RETURN batch;
END
$function$;
COMMENT ON FUNCTION adjust_usage(text, date, text, text, text, text, numeric, text, text, numeric, numeric) IS 'Adds a usage line by hand, under the source adjustment, with a reason that stays with the line (attributes) and with the load_batch row it gives. cost and credits are in the currency given, credit normally negative, grant_credit the part of it that a grant paid for. For a closed month it is billed in the next open one. undo_batch takes the latest adjustment of a day back.';

CREATE FUNCTION prune_versions(before timestamptz, for_partner text DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
DECLARE
    pruned bigint;
BEGIN
    IF before IS NULL OR before > now() THEN
        RAISE EXCEPTION 'a moment in the past is needed' USING ERRCODE = 'invalid_parameter_value', DETAIL = format('It is %s.', coalesce(before::text, 'NULL')),
            HINT = 'Versions superseded before it, and never billed, are pruned; questions as of moments before it lose them.';
    END IF;
    -- the last version of each day of loading stays, and what undo_batch would bring back
    DELETE FROM usage_day d
    WHERE d.reversed_in = d.billed_in AND d.superseded_at < before AND (for_partner IS NULL OR d.partner_id = for_partner)
      AND EXISTS (SELECT FROM usage_day n
                  WHERE n.partner_id = d.partner_id AND n.source = d.source AND n.usage_day = d.usage_day AND n.recorded_at = d.superseded_at
                    AND n.superseded_at <> 'infinity'
                    AND (n.recorded_at AT TIME ZONE 'UTC')::date = (d.recorded_at AT TIME ZONE 'UTC')::date);
    GET DIAGNOSTICS pruned = ROW_COUNT;
    RETURN pruned;
END
$function$;
COMMENT ON FUNCTION prune_versions(timestamptz, text) IS 'Deletes versions of usage that were superseded before a moment, on the day (UTC) they were recorded, and never billed: of each such day the last version stays, and so does the one before the current, for undo_batch. Gives their number. Questions as of a moment at which one of them was current are no longer answered rightly, and restatement tells of the changes between what is left.';

CREATE VIEW restatement WITH (security_invoker = true) AS
SELECT c.partner_id, c.source, c.usage_day, e.currency, e.account_id, e.service_id, e.sku_id, e.charge_category,
       trim_scale(cost(e.consumption)) AS cost, trim_scale(grant_credit(e.consumption)) AS grant_credit,
       trim_scale(other_credit(e.consumption)) AS other_credit, e.lines AS line_count, c.changed_at,
       (c.changed_at AT TIME ZONE (SELECT s.value::interval FROM setting s WHERE s.name = 'utc_offset'))::date - c.usage_day AS days_after,
       c.batch_id, c.billed_in
FROM (SELECT v.partner_id, v.source, v.usage_day, v.changed_at, max(v.batch_id) FILTER (WHERE v.sign = 1) AS batch_id, max(v.billed_in) AS billed_in,
             consumption_map_agg(v.lines, v.usage_day, v.sign ORDER BY v.sign) AS map
      FROM (SELECT d.partner_id, d.source, d.usage_day, d.recorded_at AS changed_at, d.batch_id, d.billed_in, d.lines, 1 AS sign
            FROM usage_day d
            WHERE d.recorded_at <= known_at()
            UNION ALL
            -- the next version that was not pruned
            SELECT d.partner_id, d.source, d.usage_day, n.recorded_at, NULL, d.reversed_in, d.lines, -1
            FROM usage_day d
            CROSS JOIN LATERAL (SELECT min(u.recorded_at) AS recorded_at
                                FROM usage_day u
                                WHERE u.partner_id = d.partner_id AND u.source = d.source AND u.usage_day = d.usage_day
                                  AND u.recorded_at >= d.superseded_at AND u.recorded_at <= known_at()) n
            WHERE d.recorded_at <= known_at() AND NOT is_known(d.recorded_at, d.superseded_at) AND n.recorded_at IS NOT NULL) v
      GROUP BY v.partner_id, v.source, v.usage_day, v.changed_at
      HAVING bool_or(v.sign = -1)) c
CROSS JOIN LATERAL entries(c.map) e;
COMMENT ON VIEW restatement IS 'What later loads changed of usage that was there: one row per change of a day and account, service, SKU, currency and charge category. Amounts are new less old, exact.';
COMMENT ON COLUMN restatement.partner_id IS 'The partner.';
COMMENT ON COLUMN restatement.source IS 'Where the lines come from.';
COMMENT ON COLUMN restatement.usage_day IS 'The day of the usage.';
COMMENT ON COLUMN restatement.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN restatement.account_id IS 'Billing account that consumed.';
COMMENT ON COLUMN restatement.service_id IS 'Service.';
COMMENT ON COLUMN restatement.sku_id IS 'SKU.';
COMMENT ON COLUMN restatement.charge_category IS 'Usage, Purchase, Adjustment, Credit or Tax.';
COMMENT ON COLUMN restatement.cost IS 'How much the cost before credits changed.';
COMMENT ON COLUMN restatement.grant_credit IS 'How much the credit paid by grants changed.';
COMMENT ON COLUMN restatement.other_credit IS 'How much the other credits changed.';
COMMENT ON COLUMN restatement.line_count IS 'How many more lines there are.';
COMMENT ON COLUMN restatement.changed_at IS 'When it was loaded.';
COMMENT ON COLUMN restatement.days_after IS 'How many reporting days after the usage that was.';
COMMENT ON COLUMN restatement.batch_id IS 'The load that changed it.';
COMMENT ON COLUMN restatement.billed_in IS 'The month whose documents carry the change.';
