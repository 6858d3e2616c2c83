-- Closing a month: one partner, one transaction. What is issued is what the drafts show at that moment, and stays.

CREATE TABLE close_progress (
    month       date NOT NULL CHECK (month = billing_month(month)),
    partner_id  text COLLATE "C" NOT NULL,
    state       text NOT NULL CHECK (state IN ('waiting', 'closed', 'parked')),
    documents   integer,
    sqlstate    text,
    problem     text,
    detail      text,
    hint        text,
    asked_at    timestamptz NOT NULL,
    finished_at timestamptz,
    duration    interval,
    PRIMARY KEY (month, partner_id)
);
CREATE INDEX ON close_progress (month, partner_id) WHERE state = 'waiting';
COMMENT ON TABLE close_progress IS 'How far the close of a month is: a row per partner that it was asked for.';
COMMENT ON COLUMN close_progress.month IS 'First day of the month.';
COMMENT ON COLUMN close_progress.partner_id IS 'The partner.';
COMMENT ON COLUMN close_progress.state IS 'waiting; closed; parked: not closed, and why. close_month takes parked ones up again.';
COMMENT ON COLUMN close_progress.documents IS 'How many documents were issued; 0 when there was nothing to bill.';
COMMENT ON COLUMN close_progress.sqlstate IS 'Of a parked partner: the class of the problem.';
COMMENT ON COLUMN close_progress.problem IS 'Of a parked partner: what is wrong.';
COMMENT ON COLUMN close_progress.detail IS 'Its details.';
COMMENT ON COLUMN close_progress.hint IS 'What to do.';
COMMENT ON COLUMN close_progress.asked_at IS 'When the close of this partner was last asked for.';
COMMENT ON COLUMN close_progress.finished_at IS 'When it ended.';
COMMENT ON COLUMN close_progress.duration IS 'How long it took.';

CREATE TABLE reject_waiver (
    batch_id  bigint PRIMARY KEY REFERENCES load_batch,
    reason    text NOT NULL CHECK (reason <> ''),
    waived_by text NOT NULL DEFAULT session_user,
    waived_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE reject_waiver IS 'Loads whose rejected lines need not be loaded any more: they do not keep a month from closing.';
COMMENT ON COLUMN reject_waiver.batch_id IS 'The load.';
COMMENT ON COLUMN reject_waiver.reason IS 'Why.';
COMMENT ON COLUMN reject_waiver.waived_by IS 'Who said so.';
COMMENT ON COLUMN reject_waiver.waived_at IS 'When.';

CREATE FUNCTION require_closable(month date) RETURNS date
LANGUAGE plpgsql STABLE SET search_path FROM CURRENT
AS $function$
DECLARE
    first_day date := billing_month(month);
BEGIN
    IF first_day IS NULL OR NOT isfinite(first_day) THEN
        RAISE EXCEPTION 'a month is needed' USING ERRCODE = 'null_value_not_allowed', DETAIL = format('It is %s.', coalesce(month::text, 'NULL')),
            HINT = 'Give a day of the month: CALL close_month(''2026-10-01'').';
    END IF;
    IF upper(month_days(first_day)) > today() THEN
        RAISE EXCEPTION 'the month is not over' USING ERRCODE = 'object_not_in_prerequisite_state',
            DETAIL = format('%s ends before %s; today is %s (setting utc_offset).', to_char(first_day, 'YYYY-MM'), upper(month_days(first_day)), today()),
            HINT = 'Close it when its last day is over; preview_close(month) shows what would be issued.';
    END IF;
    RETURN first_day;
END
$function$;
COMMENT ON FUNCTION require_closable(date) IS 'First day of a month that is over, or an error (22004, 55000).';

-- What stands in the way of closing a partner's month, or is worth a look before.
CREATE FUNCTION close_problem(partner_id text, month date) RETURNS TABLE (severity text, problem text, detail text, hint text)
LANGUAGE plpgsql STABLE SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
DECLARE
    days      daterange := month_days(month);
    missing   text;
    rejected  text;
    unruled   text;
    differing text;
    severities jsonb := (SELECT jsonb_object_agg(s.name, s.value) FROM setting s WHERE s.name LIKE 'close\_%');
BEGIN
    RETURN QUERY
    SELECT 'stop', 'an earlier month is open', format('%s has usage of %s that is not billed.', close_problem.partner_id, to_char(min(p.month), 'YYYY-MM')),
           'Months close in order: close that one first.'
    FROM billing_period p
    WHERE p.partner_id = close_problem.partner_id AND p.month < lower(days) AND p.closed_at IS NULL
    HAVING count(*) > 0;

    IF severities ->> 'close_missing_days' <> 'ignore' THEN
        -- between the first and the last day on which the partner was active, if it has any usage
        SELECT (range_agg(daterange(d.day, d.day, '[]')))::text INTO missing
        FROM (SELECT s.day::date AS day
              FROM generate_series(lower(days)::timestamp, (upper(days) - 1)::timestamp, interval '1 day') s (day)
              WHERE EXISTS (SELECT FROM partner_status a WHERE a.partner_id = close_problem.partner_id AND a.status = 'active'
                                                           AND a.validity @> s.day::date AND a.superseded_at = 'infinity')) d
        WHERE NOT EXISTS (SELECT FROM usage_day u WHERE u.partner_id = close_problem.partner_id AND u.usage_day = d.day AND u.superseded_at = 'infinity');
        IF missing IS NOT NULL THEN
            RETURN QUERY SELECT severities ->> 'close_missing_days', 'days without usage', format('Nothing was loaded for %s.', missing),
                'Load these days (a file without lines does, with covers), or let the setting close_missing_days be a warning.';
        END IF;
    END IF;

    IF severities ->> 'close_rejects' <> 'ignore' THEN
        SELECT string_agg(format('%s of load %s%s', b.rejected, b.batch_id, ' (' || b.file_name || ')'), ', ' ORDER BY b.batch_id) INTO rejected
        FROM load_batch b
        WHERE b.partner_id = close_problem.partner_id AND b.rejected > 0
          AND NOT EXISTS (SELECT FROM reject_waiver w WHERE w.batch_id = b.batch_id)
          AND NOT is_undone(b.batch_id)
          -- a day of the month that nothing came after, or no day at all and no later load of the file
          AND CASE WHEN EXISTS (SELECT FROM load_day l WHERE l.batch_id = b.batch_id)
                   THEN EXISTS (SELECT FROM load_day l
                                WHERE l.batch_id = b.batch_id AND l.usage_day <@ days
                                  AND NOT EXISTS (SELECT FROM load_day n
                                                  WHERE n.partner_id = l.partner_id AND n.source = l.source AND n.usage_day = l.usage_day AND n.batch_id > b.batch_id
                                                    AND NOT is_undone(n.batch_id)))
                   ELSE NOT EXISTS (SELECT FROM load_batch n WHERE n.partner_id = b.partner_id AND n.source = b.source AND n.file_name = b.file_name
                                                               AND n.batch_id > b.batch_id) END;
        IF rejected IS NOT NULL THEN
            RETURN QUERY SELECT severities ->> 'close_rejects', 'rejected lines', format('%s.', rejected),
                'rejected_line tells what is wrong: load the corrected files, or waive_rejects(batch_id, reason).';
        END IF;
    END IF;

    IF severities ->> 'close_unruled' <> 'ignore' THEN
        SELECT string_agg(DISTINCT t.service_id, ', ' ORDER BY t.service_id) INTO unruled
        FROM consumption_total t
        WHERE t.partner_id = close_problem.partner_id AND t.billing_month = lower(days)
          AND NOT EXISTS (SELECT FROM service s WHERE s.service_id = t.service_id AND s.superseded_at = 'infinity')
          AND NOT EXISTS (SELECT FROM sku k WHERE k.sku_id = t.sku_id AND k.superseded_at = 'infinity');
        IF unruled IS NOT NULL THEN
            RETURN QUERY SELECT severities ->> 'close_unruled', 'services in no catalogue', format('They earn bonus, and no exclusion can name them: %s.', unruled),
                'Insert them into service and sku, and exclude what earns no bonus; or let the setting close_unruled be a warning.';
        END IF;
    END IF;

    IF severities ->> 'close_reconciliation' <> 'ignore' THEN
        SELECT string_agg(format('%s %s (%s)', r.difference, r.currency, r.reason), ', ' ORDER BY r.currency, r.reason) INTO differing
        FROM reconciliation_month r
        WHERE r.partner_id = close_problem.partner_id AND r.usage_month = lower(days) AND r.account_id IS NULL AND r.difference <> 0 AND r.reason <> 'no reward given';
        IF differing IS NOT NULL THEN
            RETURN QUERY SELECT severities ->> 'close_reconciliation', 'the provider''s figure differs', format('%s.', differing),
                'reconciliation has the lines and reasons.';
        END IF;
    END IF;
END
$function$;
COMMENT ON FUNCTION close_problem(text, date) IS 'What stands in the way of closing a month of a partner (severity stop), or is worth a look (warning), as the settings close_... have it: days without usage, rejected lines, services in no catalogue, differences from the provider''s figure; and an earlier month that is open.';

CREATE FUNCTION waive_rejects(batch_id bigint, reason text) RETURNS reject_waiver
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
DECLARE
    waiver reject_waiver;
BEGIN
    IF NOT EXISTS (SELECT FROM load_batch b WHERE b.batch_id = waive_rejects.batch_id AND b.rejected > 0) THEN
        RAISE EXCEPTION 'no rejected lines' USING ERRCODE = 'undefined_object', DETAIL = format('Load %s has none, or is unknown.', coalesce(waive_rejects.batch_id::text, 'NULL')),
            HINT = 'load_batch lists the loads, and how many of their lines were rejected.';
    END IF;
    PERFORM require_reason(waive_rejects.reason, 'Say why these lines need not be loaded; it is kept in reject_waiver.');
    INSERT INTO reject_waiver (batch_id, reason) VALUES (waive_rejects.batch_id, waive_rejects.reason)
    ON CONFLICT (batch_id) DO NOTHING
    RETURNING * INTO waiver;
    IF waiver.batch_id IS NULL THEN
        SELECT w.* INTO waiver FROM reject_waiver w WHERE w.batch_id = waive_rejects.batch_id;
    END IF;
    RETURN waiver;
END
$function$;
COMMENT ON FUNCTION waive_rejects(bigint, text) IS 'Says that the rejected lines of a load need not be loaded: they keep no month from closing any more. Errors: no such load, or none rejected (42704).';

CREATE FUNCTION number_label(kind text, partner_id text, month date, number integer) RETURNS text
LANGUAGE plpgsql STABLE SET search_path FROM CURRENT
AS $function$
DECLARE
    template text := (SELECT s.value FROM setting s WHERE s.name = 'number_template');
    width    integer := coalesce((regexp_match(template, '\{number:([1-9])\}'))[1]::integer, 1);
    parts    jsonb := jsonb_build_object(
        'kind', CASE kind WHEN 'service report' THEN 'SR' WHEN 'payment invoice' THEN 'PI' WHEN 'regular invoice' THEN 'RI' WHEN 'credit note' THEN 'CN'
                          WHEN 'advance' THEN 'AI' WHEN 'threshold' THEN 'TD' END,
        'partner', partner_id, 'year', to_char(month, 'YYYY'), 'month', to_char(month, 'MM'),
        'number', CASE WHEN length(number::text) < width THEN lpad(number::text, width, '0') ELSE number::text END);
BEGIN
    -- piece by piece: what is filled in is not looked at again
    RETURN (SELECT string_agg(m.piece[1] || coalesce(parts ->> m.piece[2], ''), '' ORDER BY m.place)
            FROM regexp_matches(regexp_replace(template, '\{number:[1-9]\}', '{number}'), '([^{]*)(?:\{([a-z]+)\})?', 'g') WITH ORDINALITY m (piece, place));
END
$function$;
COMMENT ON FUNCTION number_label(text, text, date, integer) IS 'A document''s number as printed, by the setting number_template: {kind} (SR, PI, RI, CN; AI and TD for demands), {partner}, {year}, {month}, {number} or {number:6} for six digits.';

CREATE FUNCTION number_documents(partner_id text, kinds text[], document_ids bigint[]) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
BEGIN
    INSERT INTO document_number (document_id, partner_id, kind, number, label)
    SELECT n.document_id, n.partner_id, n.kind, n.number, number_label(n.kind, n.partner_id, n.billing_month, n.number)
    FROM (SELECT d.document_id, d.partner_id, d.billing_month, k.kind,
                 (coalesce((SELECT max(x.number) FROM document_number x WHERE x.partner_id = d.partner_id AND x.kind = k.kind), 0)
                  + row_number() OVER (PARTITION BY k.kind ORDER BY d.sequence))::integer AS number
          FROM document d
          CROSS JOIN unnest(number_documents.kinds) k (kind)
          WHERE d.document_id = ANY (number_documents.document_ids) AND d.partner_id = number_documents.partner_id) n;
END
$function$;
COMMENT ON FUNCTION number_documents(text, text[], bigint[]) IS 'Numbers documents of a partner without gaps, in the transaction that has locked the partner.';

CREATE FUNCTION seal_documents(document_ids bigint[]) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
DECLARE
    issued record;
BEGIN
    FOR issued IN
        SELECT d.document_id, d.partner_id, d.sequence FROM document d WHERE d.document_id = ANY (document_ids) ORDER BY d.partner_id, d.sequence
    LOOP
        INSERT INTO document_seal (document_id, previous_digest, digest)
        SELECT issued.document_id,
               coalesce((SELECT s.digest FROM document p JOIN document_seal s ON s.document_id = p.document_id
                         WHERE p.partner_id = issued.partner_id AND p.sequence = issued.sequence - 1), ''),
               document_digest(issued.document_id);
    END LOOP;
END
$function$;
COMMENT ON FUNCTION seal_documents(bigint[]) IS 'Seals documents that were just written, each over the one before it.';

CREATE FUNCTION freeze_volumes(partner_id text, month date, moment timestamptz) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
BEGIN
    -- most partners have no such terms: then what follows need not even be set up
    IF NOT EXISTS (SELECT FROM partner_terms t WHERE t.partner_id = freeze_volumes.partner_id AND t.volume_rule IS NOT NULL) THEN
        RETURN;
    END IF;
    INSERT INTO frozen_volume (partner_id, usage_month, currency, partner_program_id, program_terms_id, volume, volume_before, volume_of_days, rate,
                               adjustment, recorded_at)
    SELECT t.partner_id, freeze_volumes.month, t.currency, t.partner_program_id, t.program_terms_id, coalesce(v.volume, 0), coalesce(v.volume_before, 0),
           coalesce(v.volume_of_days, 0), coalesce(v.rate, rate_at(s.tiers, 0)), coalesce(v.adjustment, 0), freeze_volumes.moment
    FROM partner_terms t
    JOIN terms_tiers s ON s.program_terms_id = t.program_terms_id
    LEFT JOIN volume_bonus v ON v.partner_id = t.partner_id AND v.usage_month = freeze_volumes.month AND v.currency = t.currency
        AND v.partner_program_id = t.partner_program_id AND v.program_terms_id = t.program_terms_id
    WHERE t.partner_id = freeze_volumes.partner_id AND t.volume_rule IS NOT NULL AND t.days && month_days(freeze_volumes.month);
END
$function$;
COMMENT ON FUNCTION freeze_volumes(text, date, timestamptz) IS 'Keeps a partner''s volumes of a month as they are now.';

CREATE FUNCTION refuse_missing_vat(partner_id text, month date) RETURNS void
LANGUAGE plpgsql STABLE SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
DECLARE
    missing record;
BEGIN
    SELECT l.currency, p.country, l.usage_month INTO missing
    FROM taxed_line l
    JOIN partner p ON p.partner_id = l.partner_id AND p.superseded_at = 'infinity'
    WHERE l.partner_id = refuse_missing_vat.partner_id AND l.billing_month = refuse_missing_vat.month AND l.vat_category = 'missing'
    ORDER BY l.usage_month
    LIMIT 1;
    RAISE EXCEPTION 'a VAT rate is missing' USING ERRCODE = 'undefined_object',
        DETAIL = format('%s is in %s, and there is usage in %s on days of %s without a rate.', partner_id, missing.country, missing.currency, to_char(missing.usage_month, 'YYYY-MM')),
        HINT = 'Insert the rate, which may be 0, into vat_rate; or leave the partner''s country NULL when it is outside the scope of VAT.';
END
$function$;
COMMENT ON FUNCTION refuse_missing_vat(text, date) IS 'The error (42704) for a draft of which days have no rate of VAT.';

CREATE FUNCTION close_partner(partner_id text, month date) RETURNS integer
-- Statements are planned once a session: closing comes by the thousand. No two lines have the same operands: what is computed of
-- them need not be remembered.
LANGUAGE plpgsql SET search_path FROM CURRENT SET plan_cache_mode = force_generic_plan SET jit = off SET enable_memoize = off
AS $function$
#variable_conflict use_column
DECLARE
    first_day date := require_closable(month);
    last_day  date := upper(month_days(first_day)) - 1;
    moment    timestamptz;
    stop      record;
    issued    bigint[];
    invoices  bigint[];
    untaxed   boolean;
BEGIN
    PERFORM require_read_committed();
    -- Whoever writes usage, rules or payments of the partner holds this row in a weaker lock. What is known is read only behind it.
    PERFORM FROM partner p WHERE p.partner_id = close_partner.partner_id AND p.superseded_at = 'infinity' FOR UPDATE;
    PERFORM require_partner(close_partner.partner_id);
    PERFORM FROM billing_period p WHERE p.partner_id = close_partner.partner_id ORDER BY p.month FOR UPDATE;
    IF EXISTS (SELECT FROM billing_period p WHERE p.partner_id = close_partner.partner_id AND p.month >= first_day AND p.closed_at IS NOT NULL) THEN
        RETURN (SELECT count(*)::integer FROM document d WHERE d.partner_id = close_partner.partner_id AND d.billing_month = first_day AND d.kind <> 'credit note');
    END IF;
    SELECT p.* INTO stop FROM close_problem(close_partner.partner_id, first_day) p WHERE p.severity = 'stop' LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '%', stop.problem USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = stop.detail, HINT = stop.hint;
    END IF;

    moment := clock_timestamp();
    PERFORM freeze_volumes(close_partner.partner_id, first_day, moment);
    WITH line AS MATERIALIZED (
        -- numbered in the order in which they come out of line_in_print
        SELECT l.currency, l.has_document, l.section, l.vat_category, l.vat_rate, l.vat_included, l.account_id, l.service_id, l.sku_id, l.charge_category,
               l.usage_month, l.kind, l.corrects_month, l.correction, l.reasons, l.consumption, l.basic_schedule, l.deal_schedule, l.eligible_days,
               l.rounding_scale, l.rounding_mode, l.exact_cost, l.exact_grant_credit, l.exact_other_credit, l.eligible_base, l.exact_basic_bonus,
               l.exact_deal_bonus, l.gross, l.grant_credit, l.other_credit, l.basic_bonus, l.deal_bonus, l.taxable,
               row_number() OVER (PARTITION BY l.partner_id, l.billing_month, l.currency
                                  ORDER BY l.section, l.vat_category, l.vat_rate, l.vat_included, l.account_id, l.service_id, l.sku_id,
                                           l.charge_category, l.usage_month, l.kind, l.corrects_month, l.correction) AS line_number
        FROM line_in_print l
        WHERE l.partner_id = close_partner.partner_id AND l.billing_month = first_day
    ), block AS MATERIALIZED (
        SELECT b.*, p.base, p.bonus, p.base - p.bonus AS payable,
               vat_amount(p.base - p.bonus, b.vat_rate, b.vat_included, b.rounding_scale, b.rounding_mode) AS vat
        FROM (SELECT l.currency, l.has_document, l.section, l.vat_category, l.vat_rate, l.vat_included, max(l.rounding_scale) AS rounding_scale,
                     max(l.rounding_mode) AS rounding_mode, count(*) AS line_count, sum(l.gross) AS gross, sum(l.grant_credit) AS grant_credit,
                     sum(l.other_credit) AS other_credit, sum(l.eligible_base) AS eligible_base, sum(l.basic_bonus) AS basic_bonus,
                     sum(l.deal_bonus) AS deal_bonus, sum(l.taxable) AS taxable
              FROM line l
              GROUP BY l.currency, l.has_document, l.section, l.vat_category, l.vat_rate, l.vat_included) b
        CROSS JOIN LATERAL (SELECT b.gross + b.grant_credit + b.other_credit AS base, b.basic_bonus + b.deal_bonus AS bonus) p
    ), head AS (
        INSERT INTO document (partner_id, sequence, kind, billing_month, currency, country, offer_reference, rounding_scale, rounding_mode, gross,
                              grant_credit, other_credit, base, eligible_base, basic_bonus, deal_bonus, customers_total, own_total, document_total,
                              taxable_total, vat_total, invoice_total, line_count, issued_at)
        SELECT close_partner.partner_id, s.sequence + row_number() OVER (ORDER BY t.currency), CASE WHEN t.has_document THEN 'invoice' ELSE 'statement' END,
               first_day, t.currency, p.country, o.offer_reference, t.rounding_scale, t.rounding_mode, t.gross, t.grant_credit, t.other_credit, t.base,
               t.eligible_base, t.basic_bonus, t.deal_bonus, t.customers_total, t.own_total, t.customers_total + t.own_total, t.taxable_total, t.vat_total,
               t.taxable_total + t.vat_total, t.line_count, moment
        FROM (SELECT b.currency, b.has_document, max(b.rounding_scale) AS rounding_scale, max(b.rounding_mode) AS rounding_mode,
                     sum(b.gross * c.counts) AS gross, sum(b.grant_credit * c.counts) AS grant_credit, sum(b.other_credit * c.counts) AS other_credit,
                     sum(b.base * c.counts) AS base, sum(b.eligible_base * c.counts) AS eligible_base, sum(b.basic_bonus * c.counts) AS basic_bonus,
                     sum(b.deal_bonus * c.counts) AS deal_bonus, sum(b.payable * c.counts) AS customers_total,
                     sum(b.payable) - sum(b.payable * c.counts) AS own_total, sum(b.taxable) AS taxable_total,
                     coalesce(sum(b.vat) FILTER (WHERE b.has_document), 0) AS vat_total, coalesce(sum(b.line_count) FILTER (WHERE b.has_document), 0) AS line_count
              FROM block b
              -- a month without a document has a statement, without lines
              CROSS JOIN LATERAL (SELECT CASE WHEN b.section = 'customers' AND b.has_document THEN 1 ELSE 0 END AS counts) c
              GROUP BY b.currency, b.has_document) t
        CROSS JOIN (SELECT coalesce(max(d.sequence), 0) AS sequence FROM document d WHERE d.partner_id = close_partner.partner_id) s
        JOIN partner p ON p.partner_id = close_partner.partner_id AND p.superseded_at = 'infinity'
        LEFT JOIN LATERAL (SELECT r.offer_reference
                           FROM partner_terms m
                           JOIN program_terms r ON r.program_terms_id = m.program_terms_id AND r.superseded_at = 'infinity'
                           WHERE m.partner_id = close_partner.partner_id AND m.currency = t.currency AND m.days @> last_day) o ON true
        RETURNING document_id, currency, kind
    ), body AS (
        INSERT INTO document_line (document_id, line_number, kind, section, vat_category, vat_rate, vat_included, usage_month, account_id, service_id, sku_id,
                                   charge_category, corrects_month, correction, reasons, consumption, basic_schedule, deal_schedule, eligible_days,
                                   exact_cost, exact_grant_credit, exact_other_credit, eligible_base, exact_basic_bonus, exact_deal_bonus, gross,
                                   grant_credit, other_credit, basic_bonus, deal_bonus, taxable)
        -- a subquery: a join would be planned for few lines, and hash all of them
        SELECT (SELECT h.document_id FROM head h WHERE h.currency = l.currency), l.line_number,
               l.kind, l.section, l.vat_category, l.vat_rate, l.vat_included, l.usage_month, l.account_id, l.service_id, l.sku_id, l.charge_category,
               l.corrects_month, l.correction, l.reasons, l.consumption, l.basic_schedule, l.deal_schedule, l.eligible_days, l.exact_cost,
               l.exact_grant_credit, l.exact_other_credit, l.eligible_base, l.exact_basic_bonus, l.exact_deal_bonus, l.gross, l.grant_credit,
               l.other_credit, l.basic_bonus, l.deal_bonus, l.taxable
        FROM line l
        WHERE l.has_document
    ), blocks AS (
        INSERT INTO document_block (document_id, section, vat_category, vat_rate, vat_included, base, bonus, payable, taxable, vat)
        SELECT h.document_id, b.section, b.vat_category, b.vat_rate, b.vat_included, b.base, b.bonus, b.payable, b.taxable, b.vat
        FROM block b
        JOIN head h ON h.currency = b.currency
        WHERE b.has_document
    )
    SELECT coalesce(array_agg(h.document_id), '{}'), coalesce(array_agg(h.document_id) FILTER (WHERE h.kind = 'invoice'), '{}'),
           EXISTS (SELECT FROM block b WHERE b.has_document AND b.vat_category = 'missing')
    INTO issued, invoices, untaxed
    FROM head h;
    IF untaxed THEN
        PERFORM refuse_missing_vat(close_partner.partner_id, first_day);
    END IF;
    PERFORM number_documents(close_partner.partner_id, '{service report,payment invoice,regular invoice}', invoices), seal_documents(issued);
    PERFORM book_document(d.document_id) FROM unnest(invoices) d (document_id);
    INSERT INTO billing_period (partner_id, month, closed_at) VALUES (close_partner.partner_id, first_day, moment)
    ON CONFLICT (partner_id, month) DO UPDATE SET closed_at = moment;
    PERFORM announce('closed', close_partner.partner_id, NULL, jsonb_build_object('month', to_char(first_day, 'YYYY-MM'), 'documents', cardinality(issued)));
    RETURN cardinality(issued);
END
$function$;
COMMENT ON FUNCTION close_partner(text, date) IS 'Closes a month of a partner in this transaction: issues its documents (one per currency), numbers and seals them, freezes volumes; gives how many. Closed already: issues nothing. Errors: unknown partner or a rate of VAT that is missing (42704), a month that is not over, or a problem that stops it (55000, see close_problem); then nothing has changed.';

CREATE FUNCTION partners_to_close(month date) RETURNS TABLE (partner_id text)
LANGUAGE sql STABLE SET search_path FROM CURRENT
BEGIN ATOMIC
    SELECT p.partner_id
    FROM partner p
    WHERE p.superseded_at = 'infinity'
      AND (EXISTS (SELECT FROM billing_period b WHERE b.partner_id = p.partner_id AND b.month = billing_month(partners_to_close.month))
           OR EXISTS (SELECT FROM partner_status s WHERE s.partner_id = p.partner_id AND s.superseded_at = 'infinity' AND s.status <> 'applied'
                                                     AND s.validity && month_days(partners_to_close.month)));
END;
COMMENT ON FUNCTION partners_to_close(date) IS 'Partners that have usage in a month, or took part in the program in it.';

CREATE FUNCTION ask_to_close(month date, partners text[] DEFAULT NULL) RETURNS integer
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
DECLARE
    first_day date := require_closable(month);
    unknown   text;
    waiting   integer;
    asked     text[] := partners;
BEGIN
    PERFORM require_read_committed();
    SELECT string_agg(coalesce(quote_literal(w.partner_id), 'NULL'), ', ') INTO unknown
    FROM unnest(partners) w (partner_id)
    WHERE NOT EXISTS (SELECT FROM partner p WHERE p.partner_id = w.partner_id AND p.superseded_at = 'infinity');
    IF unknown IS NOT NULL THEN
        RAISE EXCEPTION 'unknown partner' USING ERRCODE = 'undefined_object', DETAIL = format('There is no partner with partner_id = %s.', unknown),
            HINT = 'Correct the ids, or leave them out: then all partners are closed. Nothing was closed.';
    END IF;
    IF partners IS NULL THEN
        asked := ARRAY(SELECT c.partner_id FROM partners_to_close(first_day) c);
    END IF;
    -- Rows of partners that another session is closing are left alone: there is no need to wait for it.
    INSERT INTO close_progress (month, partner_id, state, asked_at)
    SELECT first_day, w.partner_id, 'waiting', clock_timestamp()
    FROM (SELECT DISTINCT a.partner_id FROM unnest(asked) a (partner_id)) w
    ORDER BY w.partner_id
    ON CONFLICT (month, partner_id) DO NOTHING;
    UPDATE close_progress c
    SET state = 'waiting', asked_at = clock_timestamp()
    FROM (SELECT p.partner_id FROM close_progress p WHERE p.month = first_day AND p.state = 'parked' AND p.partner_id = ANY (asked)
          ORDER BY p.partner_id FOR UPDATE) k
    WHERE c.month = first_day AND c.partner_id = k.partner_id;
    SELECT count(*) INTO waiting FROM close_progress c WHERE c.month = first_day AND c.state = 'waiting' AND (partners IS NULL OR c.partner_id = ANY (partners));
    RETURN waiting;
END
$function$;
COMMENT ON FUNCTION ask_to_close(date, text[]) IS 'Puts partners (all that took part, when none are named) into close_progress, and parked ones back; gives how many are waiting. Errors: an unknown partner (42704), a month that is not over (55000).';

CREATE FUNCTION close_next(month date, partners text[] DEFAULT NULL) RETURNS text
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
DECLARE
    first_day date := billing_month(month);
    started   timestamptz := clock_timestamp();
    chosen    text;
    count     integer;
    code      text;
    message   text;
    details   text;
    advice    text;
    tries     integer := 0;
BEGIN
    -- Sessions side by side take different partners; when only those of others are left, wait for these.
    SELECT c.partner_id INTO chosen FROM close_progress c
    WHERE c.month = first_day AND c.state = 'waiting' AND (partners IS NULL OR c.partner_id = ANY (partners))
    ORDER BY c.partner_id LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        SELECT c.partner_id INTO chosen FROM close_progress c
        WHERE c.month = first_day AND c.state = 'waiting' AND (partners IS NULL OR c.partner_id = ANY (partners))
        ORDER BY c.partner_id LIMIT 1 FOR UPDATE;
        IF NOT FOUND THEN
            -- taken care of while we waited, or there are none
            RETURN CASE WHEN EXISTS (SELECT FROM close_progress c WHERE c.month = first_day AND c.state = 'waiting'
                                                                    AND (partners IS NULL OR c.partner_id = ANY (partners))) THEN '' END;
        END IF;
    END IF;
    LOOP
        BEGIN
            count := close_partner(chosen, first_day);
            UPDATE close_progress c
            SET state = 'closed', documents = count, sqlstate = NULL, problem = NULL, detail = NULL, hint = NULL, finished_at = clock_timestamp(),
                duration = clock_timestamp() - started
            WHERE c.month = first_day AND c.partner_id = chosen;
            RETURN chosen;
        EXCEPTION
            WHEN serialization_failure OR deadlock_detected THEN
                tries := tries + 1;
                IF tries = 5 THEN
                    RAISE;
                END IF;
            WHEN OTHERS THEN
                GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT, details = PG_EXCEPTION_DETAIL, advice = PG_EXCEPTION_HINT;
                UPDATE close_progress c
                SET state = 'parked', documents = NULL, sqlstate = code, problem = message, detail = nullif(details, ''), hint = nullif(advice, ''),
                    finished_at = clock_timestamp(), duration = clock_timestamp() - started
                WHERE c.month = first_day AND c.partner_id = chosen;
                PERFORM announce('parked', chosen, NULL, jsonb_build_object('month', to_char(first_day, 'YYYY-MM'), 'problem', message));
                RETURN chosen;
        END;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION close_next(date, text[]) IS 'Closes the next partner that waits in close_progress, or parks it with the reason; gives its id, '''' when another session has just done the last, NULL when none waits. One partner, one transaction: call it, commit, until it gives NULL.';

CREATE FUNCTION seal_month(month date) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
DECLARE
    first_day date := billing_month(month);
    moment    timestamptz;
    count     bigint;
BEGIN
    PERFORM require_read_committed();
    IF EXISTS (SELECT FROM close_progress c WHERE c.month = first_day AND c.state <> 'closed') THEN
        RETURN;
    END IF;
    -- Behind these locks every document that bears an earlier time is committed or gone: whoever issues one has locked its partner.
    PERFORM FROM partner p WHERE p.superseded_at = 'infinity' ORDER BY p.partner_id FOR KEY SHARE;
    moment := clock_timestamp();
    SELECT count(*) INTO count FROM document d WHERE d.billing_month = first_day AND d.issued_at <= moment;
    IF count > coalesce((SELECT max(s.documents) FROM month_seal s WHERE s.month = first_day), 0) THEN
        -- a session that seals the same documents at the same time comes second, and does nothing
        INSERT INTO month_seal (month, sealed_at, documents, digest) VALUES (first_day, moment, count, month_digest(first_day, moment))
        ON CONFLICT (month, documents) DO NOTHING;
    END IF;
END
$function$;
COMMENT ON FUNCTION seal_month(date) IS 'Seals a month of which no partner waits or is parked, when there are more documents than at the last time. Waits for transactions that close, correct or credit.';

-- Procedures that commit cannot have settings of their own: this one names the ledger, calls, commits, and does nothing else.
CREATE PROCEDURE close_month(month date, partners text[] DEFAULT NULL)
LANGUAGE plpgsql
AS $procedure$
DECLARE
    partner text;
BEGIN
    PERFORM @ledger@.ask_to_close(month, partners);
    COMMIT;
    LOOP
        partner := @ledger@.close_next(month, partners);
        COMMIT;
        EXIT WHEN partner IS NULL;
    END LOOP;
    PERFORM @ledger@.seal_month(month);
    COMMIT;
END
$procedure$;
COMMENT ON PROCEDURE close_month(date, text[]) IS 'Closes a month: of the partners named, or of all that took part. One partner, one transaction; from several sessions at once if one likes; again after whatever interruption, with the same documents. A partner that cannot be closed is parked: close_progress has the reason. Errors: an unknown partner (42704), a month that is not over (55000).';

CREATE FUNCTION preview_problem(partner_id text, month date) RETURNS TABLE (severity text, problem text, detail text, hint text)
LANGUAGE sql STABLE SET search_path FROM CURRENT
BEGIN ATOMIC
    SELECT p.severity, p.problem, p.detail, p.hint
    FROM close_problem(preview_problem.partner_id, preview_problem.month) p
    UNION ALL
    SELECT 'stop', 'a VAT rate is missing', format('%s %s of %s.', b.payable, b.currency, b.section),
           'Insert the rate, which may be 0, into vat_rate; or leave the partner''s country NULL when it is outside the scope of VAT.'
    FROM draft_block b
    WHERE b.partner_id = preview_problem.partner_id AND b.billing_month = billing_month(preview_problem.month) AND b.vat_category = 'missing';
END;
COMMENT ON FUNCTION preview_problem(text, date) IS 'What close_problem tells, and what only the drafts can: a rate of VAT that is missing.';

CREATE FUNCTION preview_close(month date, partners text[] DEFAULT NULL)
RETURNS TABLE (partner_id text, currency text, customers_total numeric, own_total numeric, vat_total numeric, invoice_total numeric, problems text)
LANGUAGE sql STABLE SET search_path FROM CURRENT
BEGIN ATOMIC
    SELECT c.partner_id, i.currency, i.customers_total, i.own_total, i.vat_total, i.invoice_total,
           (SELECT string_agg(format('%s: %s. %s', p.severity, p.problem, p.detail), ' ')
            FROM preview_problem(c.partner_id, preview_close.month) p)
    FROM partners_to_close(preview_close.month) c
    LEFT JOIN payment_invoice i ON i.partner_id = c.partner_id AND i.billing_month = billing_month(preview_close.month) AND i.status = 'draft'
    WHERE (preview_close.partners IS NULL OR c.partner_id = ANY (preview_close.partners))
      AND first_open_month(c.partner_id) <= billing_month(preview_close.month)
    ORDER BY c.partner_id, i.currency;
END;
COMMENT ON FUNCTION preview_close(date, text[]) IS 'What closing a month would issue, and what stands in the way: a row per partner that is not closed, and currency. Writes nothing.';
