-- Deals and presale requests: from the application on. States are computed from days on record, so no job has to run for
-- them to be right.

CREATE FUNCTION fill_partner() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
DECLARE
    owner text;
BEGIN
    IF NEW.superseded_at <> 'infinity' OR NEW.link_id IS NULL THEN
        RETURN NEW;
    END IF;
    SELECT l.partner_id INTO owner FROM subaccount_link l WHERE l.link_id = NEW.link_id AND l.superseded_at = 'infinity';
    IF NEW.partner_id <> owner THEN
        RAISE EXCEPTION 'the link belongs to another partner' USING ERRCODE = 'check_violation',
            DETAIL = format('Link %s is one of %s, the deal one of %s.', NEW.link_id, owner, NEW.partner_id),
            HINT = 'A deal is made active on a link of its own partner.';
    END IF;
    NEW.partner_id := owner;
    RETURN NEW;
END
$function$;
COMMENT ON FUNCTION fill_partner() IS 'Trigger: the partner of a deal is that of its link.';
CREATE TRIGGER fill_partner BEFORE INSERT OR UPDATE ON deal FOR EACH ROW EXECUTE FUNCTION fill_partner();

CREATE FUNCTION business_day_after(program_id text, day date, days integer) RETURNS date
LANGUAGE sql STABLE SET search_path FROM CURRENT
BEGIN ATOMIC
    SELECT CASE WHEN business_day_after.days = 0 THEN business_day_after.day ELSE
        (SELECT d.day
         FROM (SELECT business_day_after.day + n AS day
               -- every week has five, but for holidays
               FROM generate_series(1, (business_day_after.days / 5 + 1) * 7
                                       + (SELECT count(DISTINCT h.day)::integer FROM holiday h
                                          WHERE h.program_id = business_day_after.program_id AND h.day > business_day_after.day)) n) d
         WHERE extract(isodow FROM d.day) < 6
           AND NOT EXISTS (SELECT FROM holiday h WHERE h.program_id = business_day_after.program_id AND h.day = d.day
                                                   AND is_known(h.recorded_at, h.superseded_at))
         ORDER BY d.day
         OFFSET business_day_after.days - 1
         LIMIT 1) END;
END;
COMMENT ON FUNCTION business_day_after(text, date, integer) IS 'The n-th business day after a day: Saturdays, Sundays and the program''s holidays are none.';

CREATE VIEW deal_state WITH (security_invoker = true) AS
SELECT d.deal_id, d.partner_id, d.customer, d.kind, d.rate, l.account_id,
       CASE WHEN d.rejected_on <= t.today THEN 'rejected'
            WHEN d.ended_on <= t.today OR upper(h.days) <= t.today OR isempty(h.days) THEN 'ended'
            WHEN h.days @> t.today THEN 'active'
            WHEN d.approved_on > t.today OR (d.approved_on IS NULL AND h.days IS NULL) THEN 'submitted'
            WHEN h.days IS NOT NULL THEN 'approved'
            WHEN p.activate_by < t.today THEN 'lapsed'
            ELSE 'approved' END AS state,
       d.submitted_on, p.decide_by, d.approved_on, d.rejected_on, p.activate_by, h.days, d.ended_on, d.reason,
       coalesce(least(d.approved_on, d.rejected_on) > t.today, num_nonnulls(d.approved_on, d.rejected_on) = 0)
       AND h.days IS NULL AND p.decide_by < t.today AS overdue
FROM deal d
CROSS JOIN (SELECT today() AS today OFFSET 0) t
LEFT JOIN subaccount_link l ON l.link_id = d.link_id AND is_known(l.recorded_at, l.superseded_at)
CROSS JOIN LATERAL (SELECT d.validity * l.validity AS days) h
CROSS JOIN LATERAL (SELECT business_day_after(y.program_id, d.submitted_on, y.decision_business_days) AS decide_by,
                           d.approved_on + (periods_of(d.partner_id, d.approved_on)).activation_days AS activate_by
                    FROM periods_of(d.partner_id, d.submitted_on) y) p
WHERE is_known(d.recorded_at, d.superseded_at);
COMMENT ON VIEW deal_state IS 'Where each deal stands today (or at known_at()).';
COMMENT ON COLUMN deal_state.deal_id IS 'The deal.';
COMMENT ON COLUMN deal_state.partner_id IS 'The partner.';
COMMENT ON COLUMN deal_state.customer IS 'The customer as the application names it.';
COMMENT ON COLUMN deal_state.kind IS 'new customer or tender.';
COMMENT ON COLUMN deal_state.rate IS 'What it adds to the basic rate, a fraction.';
COMMENT ON COLUMN deal_state.account_id IS 'The subaccount, since it is active.';
COMMENT ON COLUMN deal_state.state IS 'submitted, approved, rejected, lapsed (not active in time after its approval), active or ended.';
COMMENT ON COLUMN deal_state.submitted_on IS 'Day of the application.';
COMMENT ON COLUMN deal_state.decide_by IS 'Last day for the decision, in business days of the program.';
COMMENT ON COLUMN deal_state.approved_on IS 'Day of the approval.';
COMMENT ON COLUMN deal_state.rejected_on IS 'Day of the rejection.';
COMMENT ON COLUMN deal_state.activate_by IS 'Last day on which it can become active.';
COMMENT ON COLUMN deal_state.days IS 'Days on which it counts: its validity on days of its link.';
COMMENT ON COLUMN deal_state.ended_on IS 'First day on which it no longer holds, if it was ended before its time.';
COMMENT ON COLUMN deal_state.reason IS 'Why it was rejected or ended.';
COMMENT ON COLUMN deal_state.overdue IS 'The decision is late.';

CREATE FUNCTION take_deal(deal_id bigint) RETURNS deal
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
DECLARE
    result deal;
BEGIN
    PERFORM require_read_committed();
    SELECT d.* INTO result FROM deal d WHERE d.deal_id = take_deal.deal_id AND d.superseded_at = 'infinity' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'unknown deal' USING ERRCODE = 'undefined_object',
            DETAIL = format('There is no deal with deal_id = %s.', coalesce(take_deal.deal_id::text, 'NULL')),
            HINT = 'Deals are listed by the view deal_state.';
    END IF;
    RETURN result;
END
$function$;
COMMENT ON FUNCTION take_deal(bigint) IS 'The current version of a deal, locked for a change; 42704 for an unknown one.';

CREATE FUNCTION refuse_deal_state(deal deal, wanted text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path FROM CURRENT
AS $function$
DECLARE
    state text := CASE WHEN deal.rejected_on IS NOT NULL THEN format('was rejected on %s', deal.rejected_on)
                       WHEN deal.ended_on IS NOT NULL THEN format('was ended on %s', deal.ended_on)
                       WHEN deal.link_id IS NOT NULL THEN format('is active for %s', deal.validity)
                       WHEN deal.approved_on IS NOT NULL THEN format('was approved on %s', deal.approved_on)
                       ELSE format('was submitted on %s', deal.submitted_on) END;
BEGIN
    RAISE EXCEPTION 'illegal transition of a deal' USING ERRCODE = 'check_violation',
        DETAIL = format('Deal %s %s and cannot be %s.', deal.deal_id, state, wanted),
        HINT = 'A deal is submitted, approved or rejected, made active within its term, and ended; for another try submit a new one.';
END
$function$;
COMMENT ON FUNCTION refuse_deal_state(deal, text) IS 'Raises 23514: a deal in this state cannot become that.';

CREATE FUNCTION require_deal_rate(partner_id text, rate numeric, on_day date) RETURNS void
LANGUAGE plpgsql STABLE SET search_path FROM CURRENT
AS $function$
DECLARE
    most numeric;
BEGIN
    SELECT max(t.deal_cap) INTO most
    FROM partner_program pp
    JOIN program_terms t ON t.program_id = pp.program_id AND t.validity @> on_day AND t.superseded_at = 'infinity'
    WHERE pp.partner_id = require_deal_rate.partner_id AND pp.validity @> on_day AND pp.superseded_at = 'infinity';
    IF rate > most THEN
        RAISE EXCEPTION 'deal rate is above the cap' USING ERRCODE = 'numeric_value_out_of_range',
            DETAIL = format('The rate is %s; the terms of %s allow %s on %s.', trim_scale(rate), require_deal_rate.partner_id, trim_scale(most), on_day),
            HINT = 'Give a rate up to the cap, as a fraction: 0.15 is 15 points.';
    END IF;
END
$function$;
COMMENT ON FUNCTION require_deal_rate(text, numeric, date) IS 'Refuses (22003) a deal rate above what the partner''s terms of the day allow in any currency.';

CREATE FUNCTION submit_deal(partner_id text, customer text, rate numeric, kind text DEFAULT 'new customer', monthly_target numeric DEFAULT NULL,
                            currency text DEFAULT NULL, contract daterange DEFAULT NULL, on_day date DEFAULT today(), description text DEFAULT NULL)
RETURNS deal
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
DECLARE
    result deal;
BEGIN
    PERFORM require_day(on_day), lock_partner(submit_deal.partner_id);
    PERFORM require_deal_rate(submit_deal.partner_id, submit_deal.rate, on_day);
    IF submit_deal.kind = 'tender' AND submit_deal.contract IS NULL THEN
        RAISE EXCEPTION 'a tender needs its contract' USING ERRCODE = 'null_value_not_allowed',
            DETAIL = 'The contract is NULL.', HINT = 'Give the days of the contract; the deal lasts no longer.';
    END IF;
    IF coalesce(submit_deal.customer, '') = '' THEN
        RAISE EXCEPTION 'a customer is needed' USING ERRCODE = 'null_value_not_allowed',
            DETAIL = 'The customer is NULL or empty.', HINT = 'Name the customer the deal is to be registered for.';
    END IF;
    SELECT d.* INTO result
    FROM deal d
    WHERE d.partner_id = submit_deal.partner_id AND d.customer = submit_deal.customer AND d.kind = submit_deal.kind
      AND d.superseded_at = 'infinity' AND d.link_id IS NULL AND num_nonnulls(d.approved_on, d.rejected_on, d.ended_on) = 0
    ORDER BY d.deal_id
    LIMIT 1;
    IF FOUND THEN
        IF (result.rate, result.contract, result.monthly_target, result.currency)
           IS DISTINCT FROM (submit_deal.rate, coalesce(submit_deal.contract, result.contract),
                             coalesce(submit_deal.monthly_target, result.monthly_target), coalesce(submit_deal.currency, result.currency)) THEN
            RAISE EXCEPTION 'an application for this customer is pending' USING ERRCODE = 'unique_violation',
                DETAIL = format('Deal %s for %s was submitted on %s with rate %s.', result.deal_id, result.customer, result.submitted_on,
                                trim_scale(result.rate)),
                HINT = 'Decide it first with approve_deal or reject_deal.';
        END IF;
        RETURN result;
    END IF;
    INSERT INTO deal (partner_id, customer, rate, kind, monthly_target, currency, contract, submitted_on, description)
    VALUES (submit_deal.partner_id, submit_deal.customer, submit_deal.rate, submit_deal.kind, submit_deal.monthly_target,
            submit_deal.currency, submit_deal.contract, on_day, submit_deal.description)
    RETURNING * INTO result;
    RETURN result;
END
$function$;
COMMENT ON FUNCTION submit_deal(text, text, numeric, text, numeric, text, daterange, date, text) IS 'The partner applies for a deal with a customer, who need not have an account yet. A pending application for the same customer and kind is given back. 22003 for a rate above the cap of the terms.';

CREATE FUNCTION approve_deal(deal_id bigint, on_day date DEFAULT today(), rate numeric DEFAULT NULL) RETURNS deal
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
DECLARE
    result deal;
BEGIN
    PERFORM require_day(on_day);
    result := take_deal(approve_deal.deal_id);
    IF result.approved_on IS NOT NULL AND result.ended_on IS NULL AND coalesce(approve_deal.rate, result.rate) = result.rate THEN
        RETURN result;
    END IF;
    IF num_nonnulls(result.approved_on, result.rejected_on, result.ended_on, result.link_id) > 0 OR on_day < result.submitted_on THEN
        PERFORM refuse_deal_state(result, format('approved on %s', on_day));
    END IF;
    PERFORM require_deal_rate(result.partner_id, coalesce(approve_deal.rate, result.rate), on_day);
    UPDATE deal d SET approved_on = on_day, rate = coalesce(approve_deal.rate, d.rate)
    WHERE d.deal_id = result.deal_id
    RETURNING * INTO result;
    RETURN result;
END
$function$;
COMMENT ON FUNCTION approve_deal(bigint, date, numeric) IS 'Approves a submitted deal, perhaps at another rate. It counts since activate_deal; the program''s activation term runs from this day.';

CREATE FUNCTION reject_deal(deal_id bigint, on_day date DEFAULT today(), reason text DEFAULT NULL) RETURNS deal
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
DECLARE
    result deal;
BEGIN
    PERFORM require_day(on_day);
    result := take_deal(reject_deal.deal_id);
    IF result.rejected_on IS NOT NULL THEN
        RETURN result;
    END IF;
    IF num_nonnulls(result.approved_on, result.ended_on, result.link_id) > 0 OR on_day < result.submitted_on THEN
        PERFORM refuse_deal_state(result, format('rejected on %s', on_day));
    END IF;
    UPDATE deal d SET rejected_on = on_day, reason = reject_deal.reason WHERE d.deal_id = result.deal_id RETURNING * INTO result;
    RETURN result;
END
$function$;
COMMENT ON FUNCTION reject_deal(bigint, date, text) IS 'Rejects a submitted deal.';

CREATE FUNCTION activate_deal(deal_id bigint, account_id text, from_day date DEFAULT today(), until date DEFAULT NULL) RETURNS deal
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
DECLARE
    result deal;
    link   subaccount_link;
    days   daterange;
    last   date;
BEGIN
    PERFORM require_day(from_day);
    result := take_deal(activate_deal.deal_id);
    days := daterange(from_day, activate_deal.until) * daterange(NULL, result.ended_on)
            * CASE result.kind WHEN 'tender' THEN result.contract ELSE '(,)' END;
    SELECT l.* INTO link
    FROM subaccount_link l
    WHERE l.account_id = activate_deal.account_id AND l.partner_id = result.partner_id AND l.validity @> from_day
      AND l.superseded_at = 'infinity';
    IF result.link_id = link.link_id AND result.validity = days THEN
        RETURN result;
    END IF;
    IF result.approved_on IS NULL OR num_nonnulls(result.rejected_on, result.link_id) > 0 OR result.ended_on <= from_day THEN
        PERFORM refuse_deal_state(result, 'active');
    END IF;
    IF isempty(days) THEN
        RAISE EXCEPTION 'the deal would be active on no day' USING ERRCODE = 'check_violation',
            DETAIL = format('From %s up to %s; contract %s.', from_day, coalesce(activate_deal.until::text, 'no end'), coalesce(result.contract::text, 'none')),
            HINT = 'Give a day before the end, for a tender within its contract.';
    END IF;
    IF link.link_id IS NULL THEN
        RAISE EXCEPTION 'the subaccount is not linked to the deal''s partner' USING ERRCODE = 'undefined_object',
            DETAIL = format('%s has no link to %s on %s.', coalesce(activate_deal.account_id, 'NULL'), result.partner_id, from_day),
            HINT = 'Link it first: link_subaccount(partner_id, account_id, from_day).';
    END IF;
    last := result.approved_on + (periods_of(result.partner_id, result.approved_on)).activation_days;
    IF from_day > last OR from_day < result.approved_on THEN
        RAISE EXCEPTION 'the deal cannot be active from this day on' USING ERRCODE = 'check_violation',
            DETAIL = format('It was approved on %s and must become active by %s, not on %s.', result.approved_on, last, from_day),
            HINT = 'A lapsed deal is submitted again.';
    END IF;
    UPDATE deal d
    SET link_id = link.link_id, validity = days
    WHERE d.deal_id = result.deal_id
    RETURNING * INTO result;
    RETURN result;
END
$function$;
COMMENT ON FUNCTION activate_deal(bigint, text, date, date) IS 'An approved deal counts from a day on, for a customer linked to the partner, up to `until` (not including it; NULL: as long as the link), a tender within its contract only. 23514 when its activation term is over.';

-- A deal that is ended before its first day was never active.
CREATE FUNCTION detach_deal(deal_id bigint, on_day date, reason text) RETURNS deal
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
DECLARE
    result deal;
BEGIN
    UPDATE deal d
    SET link_id = NULL, validity = NULL, ended_on = detach_deal.on_day, reason = detach_deal.reason,
        submitted_on = coalesce(d.submitted_on, detach_deal.on_day)  -- what was taken over without an application has no other date
    WHERE d.deal_id = detach_deal.deal_id
    RETURNING * INTO result;
    RETURN result;
END
$function$;
COMMENT ON FUNCTION detach_deal(bigint, date, text) IS 'Ends a deal that has not counted on any day.';

CREATE FUNCTION end_deal(deal_id bigint, on_day date DEFAULT today(), reason text DEFAULT NULL) RETURNS deal
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
DECLARE
    result deal;
BEGIN
    PERFORM require_day(on_day);
    result := take_deal(end_deal.deal_id);
    IF result.ended_on <= on_day OR upper(result.validity) <= on_day THEN
        RETURN result;
    END IF;
    IF result.rejected_on IS NOT NULL OR (result.approved_on IS NULL AND result.link_id IS NULL)
       OR on_day < coalesce(result.approved_on, result.submitted_on) THEN
        PERFORM refuse_deal_state(result, format('ended on %s', on_day));
    END IF;
    IF lower(result.validity) >= on_day THEN
        RETURN detach_deal(result.deal_id, on_day, end_deal.reason);
    END IF;
    UPDATE deal d
    SET ended_on = on_day, reason = end_deal.reason, validity = d.validity * daterange(NULL, on_day)
    WHERE d.deal_id = result.deal_id
    RETURNING * INTO result;
    RETURN result;
END
$function$;
COMMENT ON FUNCTION end_deal(bigint, date, text) IS 'The deal no longer counts from a day on; nothing happens when it has ended by then already.';

CREATE VIEW presale_open WITH (security_invoker = true) AS
SELECT r.presale_request_id, r.partner_id, r.customer, r.subject,
       CASE WHEN r.answered_on IS NOT NULL THEN 'answered' WHEN r.assigned_on IS NOT NULL THEN 'assigned' ELSE 'submitted' END AS state,
       r.submitted_on, r.assigned_to, r.answered_on, y.answer_by, r.answered_on IS NULL AND y.answer_by < today() AS overdue
FROM presale_request r
CROSS JOIN LATERAL (SELECT business_day_after(p.program_id, r.submitted_on, p.answer_business_days) AS answer_by
                    FROM periods_of(r.partner_id, r.submitted_on) p) y
WHERE r.closed_on IS NULL AND is_known(r.recorded_at, r.superseded_at);
COMMENT ON VIEW presale_open IS 'Presale requests that are not closed, and whether their answer is late.';
COMMENT ON COLUMN presale_open.presale_request_id IS 'The request.';
COMMENT ON COLUMN presale_open.partner_id IS 'The partner.';
COMMENT ON COLUMN presale_open.customer IS 'The customer.';
COMMENT ON COLUMN presale_open.subject IS 'What the partner asks for.';
COMMENT ON COLUMN presale_open.state IS 'submitted, assigned or answered.';
COMMENT ON COLUMN presale_open.submitted_on IS 'Day of the request.';
COMMENT ON COLUMN presale_open.assigned_to IS 'The expert.';
COMMENT ON COLUMN presale_open.answered_on IS 'Day of the answer.';
COMMENT ON COLUMN presale_open.answer_by IS 'Last day for the answer, in business days of the program.';
COMMENT ON COLUMN presale_open.overdue IS 'The answer is late.';

CREATE FUNCTION submit_presale(partner_id text, customer text, subject text, on_day date DEFAULT today()) RETURNS presale_request
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
DECLARE
    result presale_request;
BEGIN
    PERFORM require_day(on_day), lock_partner(submit_presale.partner_id);
    SELECT r.* INTO result
    FROM presale_request r
    WHERE r.partner_id = submit_presale.partner_id AND r.customer = submit_presale.customer AND r.subject = submit_presale.subject
      AND r.closed_on IS NULL AND r.superseded_at = 'infinity'
    ORDER BY r.presale_request_id
    LIMIT 1;
    IF NOT FOUND THEN
        INSERT INTO presale_request (partner_id, customer, subject, submitted_on)
        VALUES (submit_presale.partner_id, submit_presale.customer, submit_presale.subject, on_day)
        RETURNING * INTO result;
    END IF;
    RETURN result;
END
$function$;
COMMENT ON FUNCTION submit_presale(text, text, text, date) IS 'The partner asks the provider''s experts for help with a customer. The same request, while it is open, is given back.';

CREATE FUNCTION take_presale(presale_request_id bigint) RETURNS presale_request
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
DECLARE
    result presale_request;
BEGIN
    PERFORM require_read_committed();
    SELECT r.* INTO result
    FROM presale_request r
    WHERE r.presale_request_id = take_presale.presale_request_id AND r.superseded_at = 'infinity'
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'unknown presale request' USING ERRCODE = 'undefined_object',
            DETAIL = format('There is no presale request with presale_request_id = %s.', coalesce(take_presale.presale_request_id::text, 'NULL')),
            HINT = 'Open requests are listed by the view presale_open.';
    END IF;
    IF result.closed_on IS NOT NULL THEN
        RAISE EXCEPTION 'the presale request is closed' USING ERRCODE = 'check_violation',
            DETAIL = format('Request %s was closed on %s.', result.presale_request_id, result.closed_on), HINT = 'Submit a new one.';
    END IF;
    RETURN result;
END
$function$;
COMMENT ON FUNCTION take_presale(bigint) IS 'An open presale request, locked for a change; 42704 for an unknown one, 23514 for a closed one.';

CREATE FUNCTION assign_presale(presale_request_id bigint, assigned_to text, on_day date DEFAULT today()) RETURNS presale_request
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
DECLARE
    result presale_request := take_presale(assign_presale.presale_request_id);
BEGIN
    IF result.assigned_to IS DISTINCT FROM assign_presale.assigned_to THEN
        UPDATE presale_request r SET assigned_to = assign_presale.assigned_to, assigned_on = require_day(on_day)
        WHERE r.presale_request_id = result.presale_request_id
        RETURNING * INTO result;
    END IF;
    RETURN result;
END
$function$;
COMMENT ON FUNCTION assign_presale(bigint, text, date) IS 'Gives an open presale request to an expert.';

CREATE FUNCTION answer_presale(presale_request_id bigint, answer text, on_day date DEFAULT today()) RETURNS presale_request
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
DECLARE
    result presale_request := take_presale(answer_presale.presale_request_id);
BEGIN
    IF result.answer IS DISTINCT FROM answer_presale.answer THEN
        -- the first answer counts for the term
        UPDATE presale_request r SET answer = answer_presale.answer, answered_on = coalesce(r.answered_on, require_day(on_day))
        WHERE r.presale_request_id = result.presale_request_id
        RETURNING * INTO result;
    END IF;
    RETURN result;
END
$function$;
COMMENT ON FUNCTION answer_presale(bigint, text, date) IS 'Answers an open presale request; a second answer keeps the day of the first.';

CREATE FUNCTION close_presale(presale_request_id bigint, on_day date DEFAULT today()) RETURNS presale_request
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
DECLARE
    result presale_request;
BEGIN
    SELECT r.* INTO result
    FROM presale_request r
    WHERE r.presale_request_id = close_presale.presale_request_id AND r.superseded_at = 'infinity' AND r.closed_on IS NOT NULL;
    IF NOT FOUND THEN
        result := take_presale(close_presale.presale_request_id);
        UPDATE presale_request r SET closed_on = require_day(on_day) WHERE r.presale_request_id = result.presale_request_id
        RETURNING * INTO result;
    END IF;
    RETURN result;
END
$function$;
COMMENT ON FUNCTION close_presale(bigint, date) IS 'Closes a presale request, answered or not.';
