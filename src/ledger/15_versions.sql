-- Versions: every edit of a rule keeps what was there before. The trigger turns UPDATE and DELETE into "the old version is
-- superseded now"; the row that stays is the new version. So a rule can be asked as of any moment, and nothing is lost.

-- Checks that look at other rows see what was committed before they got their locks; an older snapshot would not.
CREATE FUNCTION require_read_committed() RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
BEGIN
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION 'a ledger is written in READ COMMITTED transactions' USING ERRCODE = 'invalid_transaction_state',
            DETAIL = format('This transaction is %s.', upper(current_setting('transaction_isolation'))),
            HINT = 'Write in a transaction of its own: BEGIN TRANSACTION ISOLATION LEVEL READ COMMITTED. Reading is possible in any.';
    END IF;
END
$function$;
COMMENT ON FUNCTION require_read_committed() IS 'Refuses (25000) to write rules or usage in a transaction that keeps an old snapshot.';

CREATE FUNCTION keep_versions() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
DECLARE
    moment  timestamptz := clock_timestamp();
    version record;
BEGIN
    PERFORM require_read_committed();
    IF TG_OP = 'INSERT' THEN
        IF NEW.superseded_at <> 'infinity' THEN
            IF pg_trigger_depth() = 1 THEN
                RAISE EXCEPTION 'versions are kept by the ledger' USING ERRCODE = 'object_not_in_prerequisite_state',
                    DETAIL = format('A row of %I was to be written as superseded at %s.', TG_TABLE_NAME, NEW.superseded_at),
                    HINT = 'Leave recorded_at and superseded_at out; they are set when a row is written, changed or deleted.';
            END IF;
            RETURN NEW;  -- the old version, written by the branch below
        END IF;
        NEW.recorded_at := moment;
        RETURN NEW;
    END IF;

    IF OLD.superseded_at <> 'infinity' THEN
        RETURN NULL;  -- the past is passed over: an edit by id means the current version
    END IF;
    moment := greatest(moment, OLD.recorded_at + interval '1 microsecond');
    version := OLD;
    version.superseded_at := moment;
    EXECUTE format('INSERT INTO %I.%I OVERRIDING SYSTEM VALUE SELECT ($1).*', TG_TABLE_SCHEMA, TG_TABLE_NAME) USING version;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    NEW.recorded_at := moment;
    NEW.superseded_at := 'infinity';
    RETURN NEW;
END
$function$;
COMMENT ON FUNCTION keep_versions() IS 'Trigger of every rule table: keeps the old version of a row that is changed or deleted. UPDATE and DELETE pass over superseded versions; 55000 when one is to be inserted.';

-- The constraints refuse overlaps under any concurrency; this says first, and in words, what overlaps with what.
CREATE FUNCTION refuse_overlap() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
DECLARE
    key_match text;
    existing  daterange;
BEGIN
    IF NEW.superseded_at <> 'infinity' THEN
        RETURN NEW;
    END IF;
    SELECT string_agg(format(CASE WHEN to_jsonb(NEW) ->> key_column IS NULL THEN 'r.%1$I IS NULL' ELSE 'r.%1$I = ($1).%1$I' END,
                             key_column), ' AND ')
    INTO key_match
    FROM unnest(TG_ARGV) AS key_column;
    EXECUTE format('SELECT r.validity FROM %I.%I r WHERE %s AND r.validity && ($1).validity AND r.superseded_at = ''infinity'' AND NOT (r.ctid = $2) LIMIT 1',
                   TG_TABLE_SCHEMA, TG_TABLE_NAME, key_match)
    INTO existing
    USING NEW, CASE TG_OP WHEN 'UPDATE' THEN OLD.ctid ELSE '(4294967295,0)' END;
    IF existing IS NOT NULL THEN
        RAISE EXCEPTION 'validity overlaps an existing rule' USING ERRCODE = 'exclusion_violation',
            DETAIL = format('%s has a row for %s with validity %s, which overlaps %s.', TG_TABLE_NAME,
                            (SELECT string_agg(format('%s = %s', key_column, coalesce(to_jsonb(NEW) ->> key_column, 'NULL')), ', ')
                             FROM unnest(TG_ARGV) AS key_column),
                            existing, NEW.validity),
            HINT = 'End the existing row first (UPDATE ... SET validity), or give days that it does not cover.';
    END IF;
    RETURN NEW;
END
$function$;
COMMENT ON FUNCTION refuse_overlap() IS 'Trigger: refuses (23P01) a validity that overlaps another rule with the same key; its arguments are the key columns.';

-- Versions share one table, so a foreign key cannot point at "the current version of": this checks instead.
CREATE FUNCTION require_current() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
DECLARE
    value text := to_jsonb(NEW) ->> TG_ARGV[0];
    found boolean;
BEGIN
    IF NEW.superseded_at <> 'infinity' OR value IS NULL THEN
        RETURN NEW;
    END IF;
    -- The lock is that of a foreign key: what is referred to cannot go away before this transaction ends.
    EXECUTE format('SELECT true FROM %1$I.%2$I r WHERE r.%3$I = ($1).%3$I AND r.superseded_at = ''infinity'' FOR KEY SHARE',
                   TG_TABLE_SCHEMA, TG_ARGV[1], TG_ARGV[0])
    INTO found
    USING NEW;
    IF found IS NULL THEN
        RAISE EXCEPTION 'unknown %', replace(TG_ARGV[1], '_', ' ') USING ERRCODE = 'undefined_object',
            DETAIL = format('There is no %s with %s = %L.', TG_ARGV[1], TG_ARGV[0], value),
            HINT = format('Insert it into %I.%I first, or correct the id.', TG_TABLE_SCHEMA, TG_ARGV[1]);
    END IF;
    RETURN NEW;
END
$function$;
COMMENT ON FUNCTION require_current() IS 'Trigger: refuses (42704) a reference to what is not on record; its arguments are the column and the table it refers to.';

-- Rows that others refer to stay.
CREATE FUNCTION refuse_orphans() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
DECLARE
    value text := to_jsonb(OLD) ->> TG_ARGV[0];
    child text;
    found boolean;
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) ->> TG_ARGV[0] = value THEN
        RETURN NEW;
    END IF;
    FOREACH child IN ARRAY TG_ARGV[1:] LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %1$I.%2$I r WHERE r.%3$I = ($1).%3$I AND r.superseded_at = ''infinity'')',
                       TG_TABLE_SCHEMA, child, TG_ARGV[0])
        INTO found
        USING OLD;
        IF found THEN
            RAISE EXCEPTION '% is still in use', replace(TG_TABLE_NAME, '_', ' ') USING ERRCODE = 'dependent_objects_still_exist',
                DETAIL = format('%s has rows with %s = %L.', child, TG_ARGV[0], value),
                HINT = format('Delete or end these rows of %I.%I first.', TG_TABLE_SCHEMA, child);
        END IF;
    END LOOP;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$function$;
COMMENT ON FUNCTION refuse_orphans() IS 'Trigger: refuses (2BP01) to delete or rename what current rows of other tables refer to; its arguments are the column and these tables.';

CREATE FUNCTION refuse_truncate() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
BEGIN
    RAISE EXCEPTION 'versions are kept by the ledger' USING ERRCODE = 'object_not_in_prerequisite_state',
        DETAIL = format('TRUNCATE would lose all versions of %I.', TG_TABLE_NAME),
        HINT = 'Use DELETE: it keeps the past and ends the present.';
END
$function$;
COMMENT ON FUNCTION refuse_truncate() IS 'Trigger: rule tables are not truncated (55000).';

DO $do$
DECLARE
    rule record;
BEGIN
    FOR rule IN
        SELECT * FROM (VALUES
            ('program',           '{}'::text[],                                                    '{}'::text[]),
            ('program_terms',     '{program_id,currency}',                                         '{program_id,program}'),
            ('program_tier',      '{}',                                                            '{program_terms_id,program_terms}'),
            ('program_period',    '{program_id}',                                                  '{program_id,program}'),
            ('holiday',           '{}',                                                            '{program_id,program}'),
            ('exclusion',         '{program_id,account_id,service_id,sku_id,charge_category}',
             '{program_id,program,account_id,subaccount,service_id,service,sku_id,sku}'),
            ('partner',           '{}',                                                            '{}'),
            ('partner_program',   '{partner_id}',                                                  '{partner_id,partner,program_id,program}'),
            ('partner_status',    '{partner_id}',                                                  '{partner_id,partner}'),
            ('subaccount',        '{}',                                                            '{}'),
            ('subaccount_status', '{account_id}',                                                  '{account_id,subaccount}'),
            ('subaccount_link',   '{account_id}',                                                  '{partner_id,partner,account_id,subaccount}'),
            ('deal',              '{link_id}',                                                     '{partner_id,partner,link_id,subaccount_link}'),
            ('presale_request',   '{}',                                                            '{partner_id,partner}'),
            ('vat_rate',          '{country,currency}',                                            '{}'),
            ('settlement_terms',  '{partner_id,currency}',                                         '{partner_id,partner}'),
            ('grant_balance',     '{partner_id,account_id,currency}',                              '{partner_id,partner,account_id,subaccount}'),
            ('commission_terms',  '{program_id,currency,kind}',                                    '{program_id,program}'),
            ('commission_right',  '{partner_id,account_id,kind}',                                  '{partner_id,partner,account_id,subaccount}'),
            ('service',           '{}',                                                            '{}'),
            ('sku',               '{}',                                                            '{service_id,service}')
        ) r (table_name, overlap_key, parents)
    LOOP
        EXECUTE format('CREATE TRIGGER keep_versions BEFORE INSERT OR UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION keep_versions()', rule.table_name);
        EXECUTE format('CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()', rule.table_name);
        IF cardinality(rule.overlap_key) > 0 THEN
            EXECUTE format('CREATE TRIGGER refuse_overlap BEFORE INSERT OR UPDATE ON %I FOR EACH ROW EXECUTE FUNCTION refuse_overlap(%s)',
                           rule.table_name, (SELECT string_agg(quote_literal(c), ', ') FROM unnest(rule.overlap_key) c));
        END IF;
        FOR i IN 1 .. cardinality(rule.parents) BY 2 LOOP
            EXECUTE format('CREATE TRIGGER require_%2$s BEFORE INSERT OR UPDATE ON %1$I FOR EACH ROW EXECUTE FUNCTION require_current(%3$L, %2$L)',
                           rule.table_name, rule.parents[i + 1], rule.parents[i]);
        END LOOP;
        EXECUTE format('COMMENT ON COLUMN %I.recorded_at IS %L', rule.table_name, 'Since when this version is on record; set by the ledger.');
        EXECUTE format('COMMENT ON COLUMN %I.superseded_at IS %L', rule.table_name, 'Until when it was on record; infinity for the current version; set by the ledger.');
    END LOOP;
    FOR rule IN
        SELECT * FROM (VALUES
            ('program',         '''program_id'', ''program_terms'', ''program_period'', ''holiday'', ''exclusion'', ''partner_program'', ''commission_terms'''),
            ('program_terms',   '''program_terms_id'', ''program_tier'''),
            ('partner',         '''partner_id'', ''partner_program'', ''partner_status'', ''subaccount_link'', ''deal'', ''presale_request'', ''usage_day'', ''settlement_terms'', ''grant_balance'',
             ''commission_right'''),
            ('subaccount',      '''account_id'', ''subaccount_status'', ''subaccount_link'', ''exclusion'', ''grant_balance'', ''commission_right'''),
            ('subaccount_link', '''link_id'', ''deal'''),
            ('service',         '''service_id'', ''sku'', ''exclusion'''),
            ('sku',             '''sku_id'', ''exclusion''')
        ) r (table_name, arguments)
    LOOP
        EXECUTE format('CREATE TRIGGER refuse_orphans BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION refuse_orphans(%s)',
                       rule.table_name, rule.arguments);
    END LOOP;
    FOR rule IN
        SELECT table_name FROM information_schema.columns WHERE table_schema = current_schema() AND column_name = 'validity'
    LOOP
        EXECUTE format('COMMENT ON COLUMN %I.validity IS %L', rule.table_name, 'Days on which the rule holds.');
    END LOOP;
END
$do$;
