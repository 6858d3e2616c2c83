-- Months: closed is closed. What a closed month was billed by is not changed behind its back.

CREATE TABLE billing_period (
    partner_id text COLLATE "C" NOT NULL,
    month      date NOT NULL CHECK (month = billing_month(month)),
    closed_at  timestamptz,
    PRIMARY KEY (partner_id, month)
);
COMMENT ON TABLE billing_period IS 'Months of a partner. A month without a row is open.';
COMMENT ON COLUMN billing_period.partner_id IS 'The partner.';
COMMENT ON COLUMN billing_period.month IS 'First day of the month.';
COMMENT ON COLUMN billing_period.closed_at IS 'When its documents were issued; NULL while it is open.';

CREATE FUNCTION month_days(month date) RETURNS daterange
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN daterange(billing_month(month), (billing_month(month) + interval '1 month')::date);
COMMENT ON FUNCTION month_days(date) IS 'The days of the month of a day.';

CREATE FUNCTION reporting_day(moment timestamptz) RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
RETURN (moment AT TIME ZONE (SELECT value::interval FROM setting WHERE name = 'utc_offset'))::date;
COMMENT ON FUNCTION reporting_day(timestamptz) IS 'The reporting day of a moment, in the zone of the setting utc_offset.';

CREATE FUNCTION today() RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT
RETURN reporting_day(CASE WHEN isfinite(known_at()) THEN known_at() ELSE now() END);
COMMENT ON FUNCTION today() IS 'The reporting day it is now (or at known_at()), in the zone of the setting utc_offset.';

-- Months close in order, so what is not after the last closed one is closed, whether it has a row or not.
CREATE FUNCTION first_open_month(partner_id text) RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE COST 10 SET search_path FROM CURRENT
BEGIN ATOMIC
    SELECT coalesce((max(p.month) + interval '1 month')::date, '-infinity')
    FROM billing_period p
    WHERE p.partner_id = first_open_month.partner_id AND p.closed_at <= known_at();
END;
COMMENT ON FUNCTION first_open_month(text) IS 'The month after the last closed one of a partner (as known at known_at()), -infinity when none is closed: months before it have their documents.';

-- With the rights of the ledger's owner: who may write usage need not be able to lock, or to reopen, months.
CREATE FUNCTION lock_open_month(partner_id text, day date) RETURNS date
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
DECLARE
    open_month date := billing_month(day);
    closed_at  timestamptz;
BEGIN
    -- who closes a month of the partner waits for this transaction, or this one for the close
    PERFORM FROM partner p WHERE p.partner_id = lock_open_month.partner_id AND p.superseded_at = 'infinity' FOR SHARE;
    open_month := greatest(open_month, (SELECT (max(p.month) + interval '1 month')::date FROM billing_period p
                                        WHERE p.partner_id = lock_open_month.partner_id AND p.closed_at IS NOT NULL));
    IF open_month > billing_month(day) THEN
        -- a month without usage closed with a later one: from now on it has some, and its volumes are frozen as they were
        INSERT INTO billing_period (partner_id, month, closed_at) VALUES (lock_open_month.partner_id, billing_month(day), clock_timestamp())
        ON CONFLICT DO NOTHING;
        IF FOUND THEN
            PERFORM freeze_volumes(lock_open_month.partner_id, billing_month(day), clock_timestamp());
        END IF;
    END IF;
    LOOP
        SELECT p.closed_at INTO closed_at
        FROM billing_period p
        WHERE p.partner_id = lock_open_month.partner_id AND p.month = open_month
        FOR SHARE;
        IF NOT FOUND THEN
            INSERT INTO billing_period (partner_id, month) VALUES (lock_open_month.partner_id, open_month) ON CONFLICT DO NOTHING;
        ELSIF closed_at IS NULL THEN
            RETURN open_month;
        ELSE
            open_month := (open_month + interval '1 month')::date;
        END IF;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION lock_open_month(text, date) IS 'The earliest open month of a partner that is not before the month of a day, which stays open until the transaction ends: closing it waits. A month of the day that closed with a later one, without usage of its own, is closed here for itself.';
REVOKE EXECUTE ON FUNCTION lock_open_month(text, date) FROM PUBLIC;

-- On which days a rule says something else than before. Columns that people read and no bonus depends on do not count.
CREATE FUNCTION changed_days(before jsonb, after jsonb) RETURNS datemultirange
LANGUAGE sql IMMUTABLE SET search_path FROM CURRENT
RETURN (WITH version AS (
            SELECT coalesce(datemultirange((before ->> 'validity')::daterange), '{}') AS days_before,
                   coalesce(datemultirange((after ->> 'validity')::daterange), '{}') AS days_after,
                   -- the currency of a deal is that of its target
                   CASE WHEN coalesce(before, after) ? 'deal_id' THEN '{currency}'::text[] ELSE '{}' END
                   || '{validity,recorded_at,superseded_at,name,reason,clause,notice_on,description,customer,kind,contract,monthly_target,submitted_on,approved_on,rejected_on,ended_on,offer_reference,minimum_payout,deal_target}'::text[] AS aside)
        SELECT CASE WHEN before - aside = after - aside
                    THEN (days_before - days_after) + (days_after - days_before)
                    ELSE days_before + days_after END
        FROM version);
COMMENT ON FUNCTION changed_days(jsonb, jsonb) IS 'Days on which two versions of a rule (NULL: none) differ in what they do to a bonus.';

-- Which partners a change of a rule concerns, and on which days.
CREATE FUNCTION concerned_partners(table_name text, rule jsonb, days datemultirange)
RETURNS TABLE (partner_id text, partner_days datemultirange)
LANGUAGE sql STABLE SET search_path FROM CURRENT
BEGIN ATOMIC
    SELECT concerned_partners.rule ->> 'partner_id' AS partner_id, concerned_partners.days AS partner_days
    WHERE concerned_partners.table_name IN ('partner_program', 'partner_status', 'subaccount_link')
    UNION ALL
    SELECT concerned_partners.rule ->> 'partner_id' AS partner_id, '{(,)}'::datemultirange AS partner_days
    WHERE concerned_partners.table_name = 'partner'
    UNION ALL
    SELECT l.partner_id, concerned_partners.days * l.validity::datemultirange AS partner_days
    FROM subaccount_link l
    WHERE concerned_partners.table_name = 'deal' AND l.link_id = (concerned_partners.rule ->> 'link_id')::bigint
      AND l.superseded_at = 'infinity'
    UNION ALL
    SELECT pp.partner_id, concerned_partners.days * pp.validity::datemultirange AS partner_days
    FROM partner_program pp
    WHERE concerned_partners.table_name IN ('program_terms', 'exclusion') AND pp.program_id = concerned_partners.rule ->> 'program_id'
      AND pp.superseded_at = 'infinity'
      AND concerned_partners.rule ->> 'account_id' IS NULL
    UNION ALL
    -- an exclusion that names an account concerns whom it belongs to
    SELECT pp.partner_id, concerned_partners.days * (pp.validity * l.validity)::datemultirange AS partner_days
    FROM subaccount_link l
    JOIN partner_program pp ON pp.partner_id = l.partner_id AND pp.program_id = concerned_partners.rule ->> 'program_id'
        AND pp.superseded_at = 'infinity'
    WHERE concerned_partners.table_name = 'exclusion' AND l.account_id = concerned_partners.rule ->> 'account_id'
      AND l.superseded_at = 'infinity'
    UNION ALL
    SELECT pp.partner_id, (t.validity * pp.validity)::datemultirange AS partner_days
    FROM program_terms t
    JOIN partner_program pp ON pp.program_id = t.program_id AND pp.superseded_at = 'infinity'
    WHERE concerned_partners.table_name = 'program_tier' AND t.program_terms_id = (concerned_partners.rule ->> 'program_terms_id')::bigint
      AND t.superseded_at = 'infinity'
    UNION ALL
    SELECT p.partner_id, concerned_partners.days AS partner_days
    FROM partner p
    WHERE concerned_partners.table_name = 'vat_rate' AND p.country = concerned_partners.rule ->> 'country' AND p.superseded_at = 'infinity';
END;
COMMENT ON FUNCTION concerned_partners(text, jsonb, datemultirange) IS 'Partners whose bonus a rule (a row of a rule table) touches, of the days given, and on which of them.';

-- With the rights of the ledger's owner: who may write rules need not be able to lock, or to reopen, months.
CREATE FUNCTION refuse_closed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $function$
DECLARE
    before jsonb;
    after  jsonb;
    days   datemultirange;
    closed text;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        before := to_jsonb(OLD);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        IF NEW.superseded_at <> 'infinity' THEN
            RETURN NULL;  -- an old version, kept
        END IF;
        after := to_jsonb(NEW);
    END IF;
    days := CASE WHEN TG_TABLE_NAME IN ('partner', 'program_tier') THEN '{(,)}' ELSE changed_days(before, after) END;
    IF TG_TABLE_NAME = 'partner' AND (before IS NULL OR before ->> 'billing_account_id' = after ->> 'billing_account_id') THEN
        RETURN NULL;
    END IF;
    -- Who closes a month waits for this transaction, or this one for the close.
    PERFORM FROM partner p
    WHERE p.partner_id IN (SELECT c.partner_id FROM unnest(ARRAY[before, after]) r (rule)
                           CROSS JOIN LATERAL concerned_partners(TG_TABLE_NAME, r.rule, days) c)
      AND p.superseded_at = 'infinity'
    ORDER BY p.partner_id
    FOR KEY SHARE;
    PERFORM FROM billing_period p
    WHERE p.partner_id IN (SELECT c.partner_id FROM unnest(ARRAY[before, after]) r (rule)
                           CROSS JOIN LATERAL concerned_partners(TG_TABLE_NAME, r.rule, days) c)
    ORDER BY p.partner_id, p.month
    FOR SHARE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    SELECT string_agg(format('%s %s', c.partner_id, c.months), ', ' ORDER BY c.partner_id)
    INTO closed
    FROM (SELECT p.partner_id, string_agg(DISTINCT to_char(p.month, 'YYYY-MM'), ' ' ORDER BY to_char(p.month, 'YYYY-MM')) AS months
          FROM unnest(ARRAY[before, after]) r (rule)
          CROSS JOIN LATERAL concerned_partners(TG_TABLE_NAME, r.rule, days) c
          JOIN billing_period p ON p.partner_id = c.partner_id AND p.closed_at IS NOT NULL AND c.partner_days && month_days(p.month)
          GROUP BY p.partner_id) c;
    IF closed IS NOT NULL AND current_setting('bonus.correcting', true) = pg_current_xact_id()::text THEN
        INSERT INTO correction_due (partner_id, usage_month)
        SELECT DISTINCT p.partner_id, p.month
        FROM unnest(ARRAY[before, after]) r (rule)
        CROSS JOIN LATERAL concerned_partners(TG_TABLE_NAME, r.rule, days) c
        JOIN billing_period p ON p.partner_id = c.partner_id AND p.closed_at IS NOT NULL AND c.partner_days && month_days(p.month)
        ORDER BY p.partner_id, p.month
        ON CONFLICT DO NOTHING;
        RETURN NULL;
    END IF;
    IF closed IS NOT NULL THEN
        RAISE EXCEPTION 'the rule would change closed months' USING ERRCODE = 'object_not_in_prerequisite_state',
            DETAIL = format('%s: closed for %s.', TG_TABLE_NAME, closed),
            HINT = 'Let the change begin after the closed months, or correct them, in one transaction: SELECT start_correction(), the change, SELECT * FROM correct_month(month, reason).';
    END IF;
    RETURN NULL;
END
$function$;
COMMENT ON FUNCTION refuse_closed() IS 'Trigger: refuses (55000) a change of a rule that touches closed months of some partner; the error lists them.';
REVOKE EXECUTE ON FUNCTION refuse_closed() FROM PUBLIC;

DO $do$
DECLARE
    rule text;
BEGIN
    FOREACH rule IN ARRAY '{program_terms,program_tier,exclusion,partner,partner_program,partner_status,subaccount_link,deal,vat_rate}'::text[] LOOP
        EXECUTE format('CREATE TRIGGER refuse_closed AFTER INSERT OR UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION refuse_closed()', rule);
    END LOOP;
END
$do$;
