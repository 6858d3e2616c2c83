-- Ledgers: made, and checked, from the files of src/ledger.

CREATE OR REPLACE FUNCTION create_ledger(ledger text DEFAULT 'billing') RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    part record;
BEGIN
    IF ledger IS NULL OR ledger !~ '^[a-z_][a-z0-9_]{0,62}$' OR ledger ~ '^pg_' OR ledger = '@extschema@' THEN
        RAISE EXCEPTION 'invalid name of a ledger' USING ERRCODE = 'invalid_name',
            DETAIL = format('The name is %L.', ledger),
            HINT = 'A ledger is a schema of its own: use lower-case letters, digits and underscores.';
    END IF;
    -- One at a time: what is missing would be made twice.
    PERFORM pg_advisory_xact_lock('pg_extension'::regclass::integer, hashtext('@extschema@.create_ledger'));
    -- A schema of somebody else, or with anything in it, could put functions of its own in the way of the ledger's.
    IF EXISTS (SELECT FROM pg_namespace n WHERE n.nspname = ledger AND n.nspowner <> current_user::regrole) THEN
        RAISE EXCEPTION 'schema "%" belongs to another role', ledger USING ERRCODE = 'insufficient_privilege',
            DETAIL = 'Who owns the schema of a ledger can change what its functions do.',
            HINT = 'Choose a name that is free, or make the ledger as the owner of the schema.';
    END IF;
    IF EXISTS (SELECT FROM pg_depend d WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = to_regnamespace(quote_ident(ledger))) THEN
        RAISE EXCEPTION 'schema "%" is not empty', ledger USING ERRCODE = 'duplicate_schema',
            DETAIL = 'A ledger is made in a schema of its own.',
            HINT = format('Choose another name, or check an existing ledger with SELECT * FROM @extschema@.verify_ledger(%L).', ledger);
    END IF;
    IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'btree_gist') THEN
        EXECUTE format('CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA %I', CASE WHEN to_regnamespace('public') IS NULL THEN '@extschema@' ELSE 'public' END);
    END IF;
    EXECUTE format('CREATE SCHEMA IF NOT EXISTS %I', ledger);
    -- Objects are created in the first schema of the path; pg_catalog is searched before it all the same.
    PERFORM set_config('search_path', format('%I, @extschema@, pg_temp', ledger), true);
    FOR part IN SELECT source FROM @extschema@.ledger_source() WITH ORDINALITY ORDER BY ordinality LOOP
        -- procedures that commit can have no search path of their own: they name the ledger
        EXECUTE replace(part.source, '@ledger@', quote_ident(ledger));
    END LOOP;
    EXECUTE format('COMMENT ON SCHEMA %I IS %L', ledger, 'partner_bonus ledger, made by version ' || @extschema@.version());
    RETURN ledger;
END
$function$;
COMMENT ON FUNCTION create_ledger(text) IS 'Makes a ledger: a schema with rule tables, usage, totals and views, owned by the caller. 42P06 when the schema has something in it already, 42501 when it belongs to another role. Creates the extension btree_gist if it is missing.';

-- What is in a schema, as text in which the schema's name does not occur, nor the name of another: a schema may be called
-- like one of its own tables, and only when both names are gone from both definitions can these be compared.
CREATE OR REPLACE FUNCTION ledger_objects(ledger text, other text) RETURNS TABLE (object text, definition text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN QUERY
    WITH named (object, definition) AS (
        SELECT format('column %s.%s', c.relname, a.attname),
               concat_ws(' ', format_type(a.atttypid, a.atttypmod), co.collname, CASE WHEN a.attnotnull THEN 'not null' END,
                         nullif(a.attidentity, ''), nullif(a.attgenerated, ''), pg_get_expr(d.adbin, d.adrelid))
        FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_collation co ON co.oid = a.attcollation
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE c.relnamespace = ledger::regnamespace AND c.relkind IN ('r', 'p', 'v')
        UNION ALL
        SELECT format('view %s', c.relname), concat_ws(' ', c.reloptions::text, pg_get_viewdef(c.oid))
        FROM pg_class c WHERE c.relnamespace = ledger::regnamespace AND c.relkind = 'v'
        UNION ALL
        SELECT format('constraint %s on %s', k.conname, c.relname), pg_get_constraintdef(k.oid)
        FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid WHERE c.relnamespace = ledger::regnamespace
        UNION ALL
        SELECT format('index %s', c.relname), pg_get_indexdef(c.oid)
        FROM pg_class c WHERE c.relnamespace = ledger::regnamespace AND c.relkind IN ('i', 'I')
        UNION ALL
        SELECT format('trigger %s on %s', t.tgname, c.relname), concat_ws(' ', pg_get_triggerdef(t.oid), t.tgenabled)
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = ledger::regnamespace AND NOT t.tgisinternal
        UNION ALL
        SELECT format('function %s(%s)', p.proname, pg_get_function_identity_arguments(p.oid)), pg_get_functiondef(p.oid)
        FROM pg_proc p WHERE p.pronamespace = ledger::regnamespace AND p.prokind <> 'a'
    )
    -- arguments of functions may be rows of the ledger's tables
    SELECT regexp_replace(n.object, format('"?\m(%s|%s)\M"?\.', ledger, other), '', 'g'), regexp_replace(n.definition, format('"?\m(%s|%s)\M"?', ledger, other), 'LEDGER', 'g')
    FROM named n;
END
$function$;
COMMENT ON FUNCTION ledger_objects(text, text) IS 'Columns, views, constraints, indexes, triggers and functions of a ledger with their definitions, in which its name and another are replaced; verify_ledger compares them.';

CREATE OR REPLACE FUNCTION verify_ledger(ledger text DEFAULT 'billing') RETURNS TABLE (object text, problem text, expected text, found text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    fresh    text := format('ledger_check_%s', pg_backend_pid());
    as_made  jsonb;
    restored text;
    report   jsonb;
BEGIN
    IF to_regnamespace(quote_ident(ledger)) IS NULL THEN
        RAISE EXCEPTION 'unknown ledger' USING ERRCODE = 'undefined_object', DETAIL = format('There is no schema %L.', ledger),
            HINT = format('Make it with SELECT @extschema@.create_ledger(%L).', ledger);
    END IF;
    -- The reference is a ledger made now and rolled back at once: nothing to keep in step by hand.
    BEGIN
        PERFORM @extschema@.create_ledger(fresh);
        SELECT jsonb_object_agg(f.object, f.definition) INTO as_made FROM @extschema@.ledger_objects(fresh, verify_ledger.ledger) f;
        -- A dump writes views and functions as the server prints them, and names columns of a UNION that had no name; restored
        -- they print a little differently. So they are made once more from what is printed, and either form will do.
        FOR restored IN
            SELECT format('CREATE OR REPLACE VIEW %I.%I WITH (security_invoker = true) AS %s', fresh, c.relname, pg_get_viewdef(c.oid))
            FROM pg_class c WHERE c.relnamespace = fresh::regnamespace AND c.relkind = 'v'
            UNION ALL
            SELECT pg_get_functiondef(p.oid) FROM pg_proc p WHERE p.pronamespace = fresh::regnamespace AND p.prosqlbody IS NOT NULL
        LOOP
            EXECUTE restored;
        END LOOP;
        SELECT jsonb_agg(to_jsonb(d))
        INTO report
        FROM (SELECT coalesce(f.object, x.object) AS object,
                     CASE WHEN f.object IS NULL THEN 'unexpected' WHEN x.object IS NULL THEN 'missing' ELSE 'changed' END AS problem,
                     as_made ->> f.object AS expected, x.definition AS found
              FROM @extschema@.ledger_objects(fresh, verify_ledger.ledger) f
              FULL JOIN @extschema@.ledger_objects(verify_ledger.ledger, fresh) x USING (object)
              WHERE f.object IS NULL OR x.object IS NULL
                 OR (f.definition IS DISTINCT FROM x.definition AND as_made ->> f.object IS DISTINCT FROM x.definition)) d;
        RAISE EXCEPTION 'roll back' USING ERRCODE = 'PB000';
    EXCEPTION WHEN SQLSTATE 'PB000' THEN
        NULL;
    END;
    RETURN QUERY
    SELECT r.object, r.problem, r.expected, r.found
    FROM jsonb_to_recordset(coalesce(report, '[]')) AS r (object text, problem text, expected text, found text)
    WHERE r.problem <> 'unexpected'  -- what users add to their ledger is theirs
    ORDER BY r.object;
END
$function$;
COMMENT ON FUNCTION verify_ledger(text) IS 'Compares a ledger with what create_ledger makes: one row for each object that is missing or changed; none means sound. Objects that users added are theirs and not reported. Needs the right to create schemas; writes nothing.';

-- Everything here may be called by everybody: it computes on its arguments, or runs with the rights of its caller. Making a
-- ledger needs CREATE on the database as ever, reading one the rights on its tables.
GRANT USAGE ON SCHEMA @extschema@ TO PUBLIC;
