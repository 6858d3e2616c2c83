-- Participation: partners and their customers come, change and go. Functions for billing jobs: each takes a day, changes
-- what holds from that day on, and does nothing when that is so already. The tables can be written directly as well; the
-- triggers hold for both.

CREATE VIEW status_transition WITH (security_invoker = true) AS
SELECT *
FROM (VALUES
    ('partner',    'applied',             'active'),
    ('partner',    'applied',             'revoked'),
    ('partner',    'applied',             'quit'),
    ('partner',    'active',              'suspended'),
    ('partner',    'active',              'revoked'),
    ('partner',    'active',              'quit'),
    ('partner',    'suspended',           'active'),
    ('partner',    'suspended',           'revoked'),
    ('partner',    'suspended',           'quit'),
    ('partner',    'revoked',             'applied'),
    ('partner',    'quit',                'applied'),
    ('subaccount', 'created',             'acceptance required'),
    ('subaccount', 'created',             'active'),
    ('subaccount', 'created',             'inactive'),
    ('subaccount', 'acceptance required', 'active'),
    ('subaccount', 'acceptance required', 'inactive'),
    ('subaccount', 'active',              'suspended'),
    ('subaccount', 'active',              'inactive'),
    ('subaccount', 'suspended',           'active'),
    ('subaccount', 'suspended',           'inactive'),
    ('subaccount', 'inactive',            'active')
) t (subject, from_status, to_status);
COMMENT ON VIEW status_transition IS 'Which status may follow which on the next day. Before the first status, and after days without one, any may stand.';
COMMENT ON COLUMN status_transition.subject IS 'partner or subaccount.';
COMMENT ON COLUMN status_transition.from_status IS 'Status of a day.';
COMMENT ON COLUMN status_transition.to_status IS 'Another status that may hold on the day after.';

CREATE FUNCTION require_transition(subject text, name text, from_status text, to_status text, on_day date) RETURNS void
LANGUAGE plpgsql STABLE SET search_path FROM CURRENT
AS $function$
BEGIN
    IF require_transition.from_status = require_transition.to_status
       OR EXISTS (SELECT FROM status_transition t
                  WHERE t.subject = require_transition.subject AND t.from_status = require_transition.from_status
                    AND t.to_status = require_transition.to_status) THEN
        RETURN;
    END IF;
    RAISE EXCEPTION 'illegal transition of status' USING ERRCODE = 'check_violation',
        DETAIL = format('%s %s is %s on the day before %s and cannot be %s then.', subject, name, from_status, on_day, to_status),
        HINT = format('From %s: %s.', from_status,
                      (SELECT string_agg(t.to_status, ', ') FROM status_transition t
                       WHERE t.subject = require_transition.subject AND t.from_status = require_transition.from_status));
END
$function$;
COMMENT ON FUNCTION require_transition(text, text, text, text, date) IS 'Refuses (23514) a status that may not follow another.';

CREATE FUNCTION refuse_transition() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
DECLARE
    neighbour record;
    subject   text := split_part(TG_TABLE_NAME, '_', 1);
    name      text := to_jsonb(NEW) ->> TG_ARGV[0];
BEGIN
    IF NEW.superseded_at <> 'infinity' THEN
        RETURN NULL;
    END IF;
    FOR neighbour IN EXECUTE format('SELECT r.status, r.validity FROM %I.%I r WHERE r.%I = ($1).%3$I AND r.superseded_at = ''infinity'' AND r.validity -|- ($1).validity',
                                    TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_ARGV[0]) USING NEW LOOP
        IF neighbour.validity << NEW.validity THEN
            PERFORM require_transition(subject, name, neighbour.status, NEW.status, lower(NEW.validity));
        ELSE
            PERFORM require_transition(subject, name, NEW.status, neighbour.status, lower(neighbour.validity));
        END IF;
    END LOOP;
    RETURN NULL;
END
$function$;
COMMENT ON FUNCTION refuse_transition() IS 'Trigger: refuses (23514) a status that may not follow the one of the day before, or be followed by that of the day after.';
CREATE TRIGGER refuse_transition AFTER INSERT OR UPDATE ON partner_status FOR EACH ROW EXECUTE FUNCTION refuse_transition('partner_id');
CREATE TRIGGER refuse_transition AFTER INSERT OR UPDATE ON subaccount_status FOR EACH ROW EXECUTE FUNCTION refuse_transition('account_id');

CREATE FUNCTION require_day(on_day date) RETURNS date
LANGUAGE plpgsql IMMUTABLE SET search_path FROM CURRENT
AS $function$
BEGIN
    IF on_day IS NULL OR NOT isfinite(on_day) THEN
        RAISE EXCEPTION 'a day is needed' USING ERRCODE = 'null_value_not_allowed',
            DETAIL = format('The day is %s.', coalesce(on_day::text, 'NULL')), HINT = 'Give the first day on which the change holds.';
    END IF;
    RETURN on_day;
END
$function$;
COMMENT ON FUNCTION require_day(date) IS 'The day, or an error (22004) when it is NULL or infinite.';

-- Changes of one partner go one after the other, as loads do.
CREATE FUNCTION lock_partner(partner_id text) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
BEGIN
    PERFORM require_read_committed();
    PERFORM FROM partner p WHERE p.partner_id = lock_partner.partner_id AND p.superseded_at = 'infinity' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'unknown partner' USING ERRCODE = 'undefined_object',
            DETAIL = format('There is no partner with partner_id = %L.', lock_partner.partner_id),
            HINT = 'Insert it into the table partner first, or correct the id.';
    END IF;
END
$function$;
COMMENT ON FUNCTION lock_partner(text) IS 'Takes the lock under which a partner''s rules are changed by functions; 42704 for an unknown partner.';

CREATE FUNCTION set_partner_status(partner_id text, status text, on_day date, reason text DEFAULT NULL, clause text DEFAULT NULL,
                                   notice_on date DEFAULT NULL)
RETURNS partner_status
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
DECLARE
    held   partner_status;
    result partner_status;
    final  boolean := set_partner_status.status IN ('revoked', 'quit');
BEGIN
    PERFORM require_day(on_day), lock_partner(set_partner_status.partner_id);
    IF set_partner_status.status IS NULL THEN
        RAISE EXCEPTION 'a status is needed' USING ERRCODE = 'null_value_not_allowed', DETAIL = 'The status is NULL.',
            HINT = 'Statuses are applied, active, suspended, revoked and quit.';
    END IF;
    SELECT s.* INTO held
    FROM partner_status s
    WHERE s.partner_id = set_partner_status.partner_id AND s.validity @> on_day AND s.superseded_at = 'infinity';
    IF held.status = set_partner_status.status THEN
        RETURN held;
    END IF;
    IF lower(held.validity) < on_day OR lower_inf(held.validity) THEN
        PERFORM require_transition('partner', held.partner_id, held.status, set_partner_status.status, on_day);
    END IF;
    IF final THEN  -- whatever was to come does not
        DELETE FROM partner_status s
        WHERE s.partner_id = set_partner_status.partner_id AND s.validity >> daterange(on_day, on_day, '[]') AND s.superseded_at = 'infinity';
    END IF;
    IF lower(held.validity) = on_day THEN  -- held for no day: what counts is the day before, which the trigger looks at
        UPDATE partner_status s
        SET status = set_partner_status.status, reason = set_partner_status.reason, clause = set_partner_status.clause,
            notice_on = set_partner_status.notice_on, validity = daterange(on_day, CASE WHEN NOT final THEN upper(s.validity) END)
        WHERE s.partner_status_id = held.partner_status_id
        RETURNING * INTO result;
        RETURN result;
    END IF;
    UPDATE partner_status s
    SET validity = daterange(lower(held.validity), on_day)
    WHERE s.partner_status_id = held.partner_status_id;
    INSERT INTO partner_status (partner_id, status, validity, reason, clause, notice_on)
    SELECT set_partner_status.partner_id, set_partner_status.status,
           daterange(on_day, CASE WHEN final THEN NULL WHEN held.partner_status_id IS NULL THEN min(lower(s.validity)) ELSE upper(held.validity) END),
           set_partner_status.reason, set_partner_status.clause, set_partner_status.notice_on
    FROM partner_status s
    WHERE s.partner_id = set_partner_status.partner_id AND s.validity >> daterange(on_day, on_day, '[]') AND s.superseded_at = 'infinity'
    RETURNING * INTO result;
    RETURN result;
END
$function$;
COMMENT ON FUNCTION set_partner_status(text, text, date, text, text, date) IS 'Gives a partner a status from a day on, until the next one on record begins; revoked and quit end all that was to come. Nothing happens when it has it already. 23514 for a transition that is not allowed.';

CREATE FUNCTION apply_partner(partner_id text, on_day date DEFAULT today(), reason text DEFAULT NULL) RETURNS partner_status
LANGUAGE sql SET search_path FROM CURRENT
BEGIN ATOMIC
    SELECT * FROM set_partner_status(apply_partner.partner_id, 'applied', apply_partner.on_day, apply_partner.reason);
END;
COMMENT ON FUNCTION apply_partner(text, date, text) IS 'The partner has applied for the program, from this day on.';

CREATE FUNCTION activate_partner(partner_id text, on_day date DEFAULT today(), reason text DEFAULT NULL) RETURNS partner_status
LANGUAGE sql SET search_path FROM CURRENT
BEGIN ATOMIC
    SELECT * FROM set_partner_status(activate_partner.partner_id, 'active', activate_partner.on_day, activate_partner.reason);
END;
COMMENT ON FUNCTION activate_partner(text, date, text) IS 'The application is approved, or a suspension over: the partner earns bonus from this day on.';

CREATE FUNCTION suspend_partner(partner_id text, on_day date DEFAULT today(), reason text DEFAULT NULL) RETURNS partner_status
LANGUAGE sql SET search_path FROM CURRENT
BEGIN ATOMIC
    SELECT * FROM set_partner_status(suspend_partner.partner_id, 'suspended', suspend_partner.on_day, suspend_partner.reason);
END;
COMMENT ON FUNCTION suspend_partner(text, date, text) IS 'No bonus from this day on; usage is billed all the same, links and deals stay.';

-- A partner that leaves takes its deals along: those that hold end, those that were asked for are rejected.
CREATE FUNCTION end_deals_of(partner_id text, on_day date, reason text, reject_on date DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
BEGIN
    UPDATE deal d
    SET rejected_on = greatest(coalesce(end_deals_of.reject_on, on_day), d.submitted_on), reason = end_deals_of.reason
    WHERE d.partner_id = end_deals_of.partner_id AND d.superseded_at = 'infinity' AND d.link_id IS NULL
      AND num_nonnulls(d.approved_on, d.rejected_on, d.ended_on) = 0;
    PERFORM end_deal(d.deal_id, on_day, end_deals_of.reason)
    FROM deal d
    WHERE d.partner_id = end_deals_of.partner_id AND d.superseded_at = 'infinity' AND d.rejected_on IS NULL;
END
$function$;
COMMENT ON FUNCTION end_deals_of(text, date, text, date) IS 'Ends all deals of a partner on a day, and rejects its applications (on reject_on, or the same day).';

CREATE FUNCTION revoke_partner(partner_id text, on_day date DEFAULT today(), reason text DEFAULT NULL, clause text DEFAULT NULL)
RETURNS partner_status
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
DECLARE
    result partner_status;
BEGIN
    result := set_partner_status(revoke_partner.partner_id, 'revoked', on_day, revoke_partner.reason, revoke_partner.clause);
    PERFORM end_deals_of(revoke_partner.partner_id, on_day, coalesce('partner revoked: ' || revoke_partner.reason, 'partner revoked'));
    RETURN result;
END
$function$;
COMMENT ON FUNCTION revoke_partner(text, date, text, text) IS 'The provider ends the participation on this day: no bonus from then on, deals end, applications are rejected. Links stay until the customers are moved; their usage is billed without bonus.';

CREATE FUNCTION periods_of(partner_id text, on_day date) RETURNS program_period
LANGUAGE sql STABLE SET search_path FROM CURRENT
BEGIN ATOMIC
    SELECT coalesce(y.program_period_id, 0), pp.program_id, coalesce(y.validity, '(,)'), coalesce(y.notice_days, 0),
           coalesce(y.decision_business_days, 20), coalesce(y.activation_days, 60), coalesce(y.answer_business_days, 3),
           coalesce(y.recorded_at, '-infinity'), coalesce(y.superseded_at, 'infinity')
    FROM (SELECT) nothing
    LEFT JOIN partner_program pp ON pp.partner_id = periods_of.partner_id AND pp.validity @> periods_of.on_day
        AND is_known(pp.recorded_at, pp.superseded_at)
    LEFT JOIN program_period y ON y.program_id = pp.program_id AND y.validity @> periods_of.on_day
        AND is_known(y.recorded_at, y.superseded_at);
END;
COMMENT ON FUNCTION periods_of(text, date) IS 'The periods of the program a partner follows on a day; the defaults of program_period where it has none.';

CREATE FUNCTION give_notice(partner_id text, notice_on date DEFAULT today(), effective_on date DEFAULT NULL, reason text DEFAULT NULL)
RETURNS partner_status
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
DECLARE
    notice_days integer;
    quit_on     date;
    result      partner_status;
BEGIN
    PERFORM require_day(give_notice.notice_on);
    notice_days := (periods_of(give_notice.partner_id, give_notice.notice_on)).notice_days;
    quit_on := require_day(coalesce(give_notice.effective_on, give_notice.notice_on + notice_days));
    IF quit_on < give_notice.notice_on + notice_days THEN
        RAISE EXCEPTION 'notice is shorter than the program''s period' USING ERRCODE = 'invalid_parameter_value',
            DETAIL = format('Notice on %s, effective on %s; the period is %s days.', give_notice.notice_on, quit_on, notice_days),
            HINT = format('The earliest day is %s.', give_notice.notice_on + notice_days);
    END IF;
    result := set_partner_status(give_notice.partner_id, 'quit', quit_on, give_notice.reason, NULL, give_notice.notice_on);
    PERFORM end_deals_of(give_notice.partner_id, quit_on, coalesce('partner quit: ' || give_notice.reason, 'partner quit'),
                         give_notice.notice_on);
    RETURN result;
END
$function$;
COMMENT ON FUNCTION give_notice(text, date, date, text) IS 'The partner quits: from the effective day on (notice plus the program''s period, unless later) no bonus, and deals end; applications are rejected on the day of the notice. 22023 when the effective day is too early.';

CREATE FUNCTION follow_program(partner_id text, program_id text, from_day date DEFAULT today()) RETURNS partner_program
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
DECLARE
    held   partner_program;
    result partner_program;
BEGIN
    PERFORM require_day(from_day), lock_partner(follow_program.partner_id);
    SELECT p.* INTO held
    FROM partner_program p
    WHERE p.partner_id = follow_program.partner_id AND p.validity @> from_day AND p.superseded_at = 'infinity';
    IF held.program_id = follow_program.program_id THEN
        RETURN held;
    END IF;
    IF lower(held.validity) = from_day THEN
        UPDATE partner_program p SET program_id = follow_program.program_id
        WHERE p.partner_program_id = held.partner_program_id
        RETURNING * INTO result;
        RETURN result;
    END IF;
    UPDATE partner_program p SET validity = daterange(lower(held.validity), from_day)
    WHERE p.partner_program_id = held.partner_program_id;
    INSERT INTO partner_program (partner_id, program_id, validity)
    SELECT follow_program.partner_id, follow_program.program_id,
           daterange(from_day, CASE WHEN held.partner_program_id IS NULL THEN min(lower(p.validity)) ELSE upper(held.validity) END)
    FROM partner_program p
    WHERE p.partner_id = follow_program.partner_id AND p.validity >> daterange(from_day, from_day, '[]') AND p.superseded_at = 'infinity'
    RETURNING * INTO result;
    RETURN result;
END
$function$;
COMMENT ON FUNCTION follow_program(text, text, date) IS 'The partner follows a program from a day on, until the next one on record begins.';

CREATE FUNCTION set_subaccount_status(account_id text, status text, on_day date DEFAULT today(), reason text DEFAULT NULL)
RETURNS subaccount_status
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
DECLARE
    held   subaccount_status;
    result subaccount_status;
BEGIN
    PERFORM require_day(on_day), require_read_committed();
    PERFORM FROM subaccount a WHERE a.account_id = set_subaccount_status.account_id AND a.superseded_at = 'infinity' FOR NO KEY UPDATE;
    SELECT s.* INTO held
    FROM subaccount_status s
    WHERE s.account_id = set_subaccount_status.account_id AND s.validity @> on_day AND s.superseded_at = 'infinity';
    IF held.status = set_subaccount_status.status THEN
        RETURN held;
    END IF;
    IF held.subaccount_status_id IS NOT NULL THEN
        PERFORM require_transition('subaccount', held.account_id, held.status, set_subaccount_status.status, on_day);
    END IF;
    IF lower(held.validity) = on_day THEN
        UPDATE subaccount_status s SET status = set_subaccount_status.status, reason = set_subaccount_status.reason
        WHERE s.subaccount_status_id = held.subaccount_status_id
        RETURNING * INTO result;
    ELSE
        UPDATE subaccount_status s SET validity = daterange(lower(held.validity), on_day)
        WHERE s.subaccount_status_id = held.subaccount_status_id;
        INSERT INTO subaccount_status (account_id, status, validity, reason)
        SELECT set_subaccount_status.account_id, set_subaccount_status.status,
               daterange(on_day, CASE WHEN held.subaccount_status_id IS NULL THEN min(lower(s.validity)) ELSE upper(held.validity) END),
               set_subaccount_status.reason
        FROM subaccount_status s
        WHERE s.account_id = set_subaccount_status.account_id AND s.validity >> daterange(on_day, on_day, '[]')
          AND s.superseded_at = 'infinity'
        RETURNING * INTO result;
    END IF;
    IF result.status = 'inactive' THEN
        PERFORM unlink_subaccount(result.account_id, on_day);
    END IF;
    RETURN result;
END
$function$;
COMMENT ON FUNCTION set_subaccount_status(text, text, date, text) IS 'Gives a subaccount a status from a day on. inactive closes its link on that day. 23514 for a transition that is not allowed.';

CREATE FUNCTION create_subaccount(account_id text, name text, on_day date DEFAULT today()) RETURNS subaccount
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
DECLARE
    result subaccount;
BEGIN
    PERFORM require_day(on_day), require_read_committed();
    SELECT a.* INTO result FROM subaccount a WHERE a.account_id = create_subaccount.account_id AND a.superseded_at = 'infinity';
    IF NOT FOUND THEN
        INSERT INTO subaccount (account_id, name) VALUES (create_subaccount.account_id, create_subaccount.name) RETURNING * INTO result;
        INSERT INTO subaccount_status (account_id, status, validity) VALUES (result.account_id, 'created', daterange(on_day, NULL));
    END IF;
    RETURN result;
END
$function$;
COMMENT ON FUNCTION create_subaccount(text, text, date) IS 'Puts a customer on record with the status created; nothing happens when it is there already.';

CREATE FUNCTION link_subaccount(partner_id text, account_id text, from_day date DEFAULT today()) RETURNS subaccount_link
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
DECLARE
    held   subaccount_link;
    result subaccount_link;
BEGIN
    PERFORM require_day(from_day), lock_partner(link_subaccount.partner_id);
    SELECT l.* INTO held
    FROM subaccount_link l
    WHERE l.account_id = link_subaccount.account_id AND l.validity @> from_day AND l.superseded_at = 'infinity';
    IF held.partner_id = link_subaccount.partner_id THEN
        RETURN held;
    END IF;
    IF held.link_id IS NOT NULL THEN
        RAISE EXCEPTION 'the subaccount belongs to another partner' USING ERRCODE = 'exclusion_violation',
            DETAIL = format('%s is linked to %s for %s.', held.account_id, held.partner_id, held.validity),
            HINT = 'Use move_subaccount, or unlink it first.';
    END IF;
    INSERT INTO subaccount_link (partner_id, account_id, validity)
    SELECT link_subaccount.partner_id, link_subaccount.account_id, daterange(from_day, min(lower(l.validity)))
    FROM subaccount_link l
    WHERE l.account_id = link_subaccount.account_id AND l.validity >> daterange(from_day, from_day, '[]') AND l.superseded_at = 'infinity'
    RETURNING * INTO result;
    RETURN result;
END
$function$;
COMMENT ON FUNCTION link_subaccount(text, text, date) IS 'The customer belongs to the partner from a day on. 23P01 when it belongs to another.';

CREATE FUNCTION unlink_subaccount(account_id text, on_day date DEFAULT today()) RETURNS subaccount_link
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
DECLARE
    held subaccount_link;
BEGIN
    PERFORM require_day(on_day), require_read_committed();
    SELECT l.* INTO held
    FROM subaccount_link l
    WHERE l.account_id = unlink_subaccount.account_id AND l.validity @> on_day AND l.superseded_at = 'infinity';
    -- deals that are left without a day on the link never count
    PERFORM detach_deal(d.deal_id, on_day, 'link closed')
    FROM deal d
    WHERE d.link_id = held.link_id AND d.superseded_at = 'infinity' AND isempty(d.validity * held.validity * daterange(NULL, on_day));
    IF lower(held.validity) = on_day THEN
        DELETE FROM subaccount_link l WHERE l.link_id = held.link_id;
    ELSE
        UPDATE subaccount_link l SET validity = daterange(lower(held.validity), on_day) WHERE l.link_id = held.link_id
        RETURNING * INTO held;
    END IF;
    RETURN held;
END
$function$;
COMMENT ON FUNCTION unlink_subaccount(text, date) IS 'The customer belongs to no partner from a day on; deals of the link count no longer. Gives the link as it ended, or NULLs when there was none.';

CREATE FUNCTION move_subaccount(account_id text, to_partner_id text, on_day date DEFAULT today()) RETURNS subaccount_link
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
DECLARE
    held subaccount_link;
BEGIN
    PERFORM require_day(on_day);
    SELECT l.* INTO held
    FROM subaccount_link l
    WHERE l.account_id = move_subaccount.account_id AND l.validity @> on_day AND l.superseded_at = 'infinity';
    IF held.partner_id = to_partner_id THEN
        RETURN held;
    END IF;
    -- both partners, in the order of their ids
    PERFORM lock_partner(p) FROM (SELECT unnest(ARRAY[held.partner_id, to_partner_id]) AS p ORDER BY 1) o WHERE p IS NOT NULL;
    PERFORM unlink_subaccount(move_subaccount.account_id, on_day);
    RETURN link_subaccount(to_partner_id, move_subaccount.account_id, on_day);
END
$function$;
COMMENT ON FUNCTION move_subaccount(text, text, date) IS 'The customer moves to another partner on a day. Its deals stay behind with the old link.';
