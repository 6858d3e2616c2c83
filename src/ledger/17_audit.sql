-- Audit: who changed which rule, when, how and why. Written by triggers, appended to and never changed.

CREATE TABLE rule_change (
    rule_change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    table_name     text NOT NULL,
    statement      text NOT NULL CHECK (statement IN ('INSERT', 'UPDATE', 'DELETE')),
    old_row        jsonb,
    new_row        jsonb,
    reason         text,
    changed_by     text NOT NULL,
    acting_as      text NOT NULL,
    changed_at     timestamptz NOT NULL,
    transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id()
);
CREATE INDEX ON rule_change (table_name, changed_at);
COMMENT ON TABLE rule_change IS 'Every change of a rule, appended by the rule tables'' triggers. Rows are never changed or deleted.';
COMMENT ON COLUMN rule_change.rule_change_id IS 'Identity of the change, ascending.';
COMMENT ON COLUMN rule_change.table_name IS 'The rule table.';
COMMENT ON COLUMN rule_change.statement IS 'INSERT, UPDATE or DELETE.';
COMMENT ON COLUMN rule_change.old_row IS 'The row before; NULL for INSERT.';
COMMENT ON COLUMN rule_change.new_row IS 'The row after; NULL for DELETE.';
COMMENT ON COLUMN rule_change.reason IS 'The setting bonus.reason at that moment: SET LOCAL bonus.reason = ''...''. NULL when not given.';
COMMENT ON COLUMN rule_change.changed_by IS 'Role that logged in (session_user).';
COMMENT ON COLUMN rule_change.acting_as IS 'Role whose rights were used (SET ROLE), else the same.';
COMMENT ON COLUMN rule_change.changed_at IS 'The moment: recorded_at of the new version, superseded_at of a deleted one.';
COMMENT ON COLUMN rule_change.transaction_id IS 'Changes of one transaction share it.';

-- With the rights of the ledger's owner, so that nobody else needs the right to write the audit.
CREATE FUNCTION record_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $function$
DECLARE
    role text := current_setting('role');
BEGIN
    IF TG_OP <> 'DELETE' AND NEW.superseded_at <> 'infinity' THEN
        RETURN NULL;  -- an old version, kept
    END IF;
    INSERT INTO rule_change (table_name, statement, old_row, new_row, reason, changed_by, acting_as, changed_at)
    VALUES (TG_TABLE_NAME, TG_OP, CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END, CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END,
            nullif(current_setting('bonus.reason', true), ''), session_user,
            CASE role WHEN 'none' THEN session_user ELSE role END,
            CASE TG_OP WHEN 'DELETE' THEN clock_timestamp() ELSE NEW.recorded_at END);
    RETURN NULL;
END
$function$;
COMMENT ON FUNCTION record_change() IS 'Trigger of every rule table: appends to rule_change.';
REVOKE EXECUTE ON FUNCTION record_change() FROM PUBLIC;

CREATE FUNCTION refuse_edit() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
BEGIN
    RAISE EXCEPTION '% is only appended to', replace(TG_TABLE_NAME, '_', ' ') USING ERRCODE = 'object_not_in_prerequisite_state',
        DETAIL = format('%s of %I was refused.', TG_OP, TG_TABLE_NAME),
        HINT = 'Nothing can be taken back here; a mistake is mended by what is appended next.';
END
$function$;
COMMENT ON FUNCTION refuse_edit() IS 'Trigger: refuses (55000) UPDATE, DELETE and TRUNCATE, to the owner too.';
CREATE TRIGGER refuse_edit BEFORE UPDATE OR DELETE OR TRUNCATE ON rule_change FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit();

DO $do$
DECLARE
    rule name;
BEGIN
    FOR rule IN
        SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        WHERE t.tgname = 'keep_versions' AND c.relnamespace = current_schema()::regnamespace
        ORDER BY c.relname
    LOOP
        EXECUTE format('CREATE TRIGGER record_change AFTER INSERT OR UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION record_change()', rule);
    END LOOP;
END
$do$;
