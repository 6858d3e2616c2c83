-- After the close: rules that change backwards, and documents that are taken back. What was issued stays; what it should have been
-- comes on a later document, or on a credit note.

CREATE TABLE correction_due (
    partner_id  text COLLATE "C" NOT NULL,
    usage_month date NOT NULL,
    PRIMARY KEY (partner_id, usage_month)
);
COMMENT ON TABLE correction_due IS 'Closed months that a transaction has changed rules of and not corrected yet; empty whenever a transaction ends.';
COMMENT ON COLUMN correction_due.partner_id IS 'The partner.';
COMMENT ON COLUMN correction_due.usage_month IS 'First day of the month.';

CREATE FUNCTION refuse_uncorrected() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $function$
DECLARE
    due text := (SELECT string_agg(format('%s %s', c.partner_id, to_char(c.usage_month, 'YYYY-MM')), ', ' ORDER BY c.partner_id, c.usage_month) FROM correction_due c);
BEGIN
    IF due IS NOT NULL THEN
        RAISE EXCEPTION 'closed months were changed and not corrected' USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = format('They are %s.', due),
            HINT = 'SELECT * FROM correct_month(month, reason) for each of these months, before the transaction ends. Nothing was changed.';
    END IF;
    RETURN NULL;
END
$function$;
COMMENT ON FUNCTION refuse_uncorrected() IS 'Trigger at the end of a transaction: refuses (55000) rules that changed closed months which it did not correct.';
REVOKE EXECUTE ON FUNCTION refuse_uncorrected() FROM PUBLIC;
CREATE CONSTRAINT TRIGGER refuse_uncorrected AFTER INSERT ON correction_due DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_uncorrected();

CREATE FUNCTION lock_partners(partners text[]) RETURNS void
LANGUAGE sql SET search_path FROM CURRENT
BEGIN ATOMIC
    SELECT count(*) FROM (SELECT FROM partner p
                          WHERE p.superseded_at = 'infinity' AND (lock_partners.partners IS NULL OR p.partner_id = ANY (lock_partners.partners))
                          ORDER BY p.partner_id
                          FOR UPDATE) l;
END;
COMMENT ON FUNCTION lock_partners(text[]) IS 'Locks partners (all, when none are named), in their order, until the transaction ends: nothing is loaded, ruled or paid for them meanwhile.';

CREATE FUNCTION start_correction(partners text[] DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
BEGIN
    PERFORM require_read_committed(), lock_partners(partners);
    PERFORM set_config('bonus.correcting', pg_current_xact_id()::text, true);
END
$function$;
COMMENT ON FUNCTION start_correction(text[]) IS 'Lets this transaction change rules of closed months, of the partners named or of all: it must then call correct_month for each month that a change touches, or it is refused when it ends. Locks these partners.';

-- The difference of what rules give now and what was billed, or is about to be, for usage of a month.
CREATE FUNCTION correct_partner(partner_id text, month date, reason text) RETURNS integer
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
DECLARE
    open_month date := lock_open_month(correct_partner.partner_id, month);
    moment     timestamptz := clock_timestamp();
    number     integer := (SELECT coalesce(max(c.correction), 0) + 1 FROM correction c WHERE c.partner_id = correct_partner.partner_id);
    lines      integer;
BEGIN
    UPDATE frozen_volume f SET superseded_at = moment
    WHERE f.partner_id = correct_partner.partner_id AND f.usage_month = correct_partner.month AND f.superseded_at = 'infinity';
    PERFORM freeze_volumes(correct_partner.partner_id, correct_partner.month, moment);

    WITH billed AS (
        SELECT d.billing_month, d.currency, l.section, l.account_id, l.service_id, l.sku_id, l.charge_category, rollup(l.consumption) AS consumption,
               -- parts of a line that rates of VAT have split carry the same rates
               (array_agg(l.basic_schedule))[1] AS basic_schedule, (array_agg(l.deal_schedule))[1] AS deal_schedule
        FROM document d
        JOIN document_line l ON l.document_id = d.document_id AND l.kind = 'usage' AND l.usage_month = correct_partner.month
        WHERE d.partner_id = correct_partner.partner_id AND d.kind = 'invoice'
        GROUP BY d.billing_month, d.currency, l.section, l.account_id, l.service_id, l.sku_id, l.charge_category
    ), corrected AS (
        SELECT c.corrects_month, c.currency, c.section, c.account_id, c.service_id, c.sku_id, c.charge_category,
               rollup(c.basic_schedule) AS basic_schedule, rollup(c.deal_schedule) AS deal_schedule
        FROM correction_line c
        WHERE c.partner_id = correct_partner.partner_id AND c.usage_month = correct_partner.month AND c.account_id IS NOT NULL
        GROUP BY c.corrects_month, c.currency, c.section, c.account_id, c.service_id, c.sku_id, c.charge_category
    ), difference AS (
        SELECT b.billing_month AS corrects_month, b.currency, b.section, b.account_id, b.service_id, b.sku_id, b.charge_category, b.consumption,
               o.basic_schedule * month_days(correct_partner.month)::datemultirange - b.basic_schedule - coalesce(c.basic_schedule, '{}') AS basic_schedule,
               o.deal_schedule * month_days(correct_partner.month)::datemultirange - b.deal_schedule - coalesce(c.deal_schedule, '{}') AS deal_schedule
        FROM billed b
        JOIN line_operands o ON o.partner_id = correct_partner.partner_id AND o.usage_month = correct_partner.month AND o.billing_month = b.billing_month
            -- whatever the section: an account may turn out to be the partner's own
            AND o.currency = b.currency AND o.account_id = b.account_id AND o.service_id = b.service_id AND o.sku_id = b.sku_id
            AND o.charge_category = b.charge_category
        LEFT JOIN corrected c ON c.corrects_month = b.billing_month AND c.currency = b.currency AND c.section = b.section AND c.account_id = b.account_id
            AND c.service_id = b.service_id AND c.sku_id = b.sku_id AND c.charge_category = b.charge_category
    ), line AS (
        SELECT x.*
        FROM (SELECT d.*, discount(d.consumption, d.basic_schedule) AS basic_bonus, discount(d.consumption, d.deal_schedule) AS deal_bonus
              FROM difference d) x
        WHERE x.basic_bonus <> 0 OR x.deal_bonus <> 0
        UNION ALL
        SELECT correct_partner.month, t.currency, 'customers', NULL, NULL, NULL, NULL, '{}', '{}', '{}', trim_scale(sum(t.amount)), 0
        FROM (SELECT f.currency, f.adjustment AS amount
              FROM frozen_volume f
              WHERE f.partner_id = correct_partner.partner_id AND f.usage_month = correct_partner.month AND f.superseded_at = 'infinity'
              UNION ALL
              SELECT d.currency, -l.exact_basic_bonus
              FROM document d
              JOIN document_line l ON l.document_id = d.document_id AND l.kind = 'volume tiers' AND l.usage_month = correct_partner.month
              WHERE d.partner_id = correct_partner.partner_id AND d.kind = 'invoice'
              UNION ALL
              SELECT c.currency, -c.basic_bonus
              FROM correction_line c
              WHERE c.partner_id = correct_partner.partner_id AND c.usage_month = correct_partner.month AND c.account_id IS NULL) t
        GROUP BY t.currency
        HAVING sum(t.amount) <> 0
    ), head AS (
        INSERT INTO correction (partner_id, correction, usage_month, billing_month, reason, recorded_at)
        SELECT correct_partner.partner_id, number, correct_partner.month, open_month, correct_partner.reason, moment
        WHERE EXISTS (SELECT FROM line)
    )
    INSERT INTO correction_line (partner_id, correction, line_number, usage_month, billing_month, currency, section, corrects_month, account_id, service_id,
                                 sku_id, charge_category, consumption, basic_schedule, deal_schedule, basic_bonus, deal_bonus, recorded_at)
    SELECT correct_partner.partner_id, number,
           row_number() OVER (ORDER BY l.currency, l.section, l.account_id, l.service_id, l.sku_id, l.charge_category, l.corrects_month),
           correct_partner.month, open_month, l.currency, l.section, l.corrects_month, l.account_id, l.service_id, l.sku_id, l.charge_category,
           l.consumption, l.basic_schedule, l.deal_schedule, l.basic_bonus, l.deal_bonus, moment
    FROM line l;
    GET DIAGNOSTICS lines = ROW_COUNT;
    DELETE FROM correction_due c WHERE c.partner_id = correct_partner.partner_id AND c.usage_month = correct_partner.month;
    RETURN CASE WHEN lines > 0 THEN number END;
END
$function$;
COMMENT ON FUNCTION correct_partner(text, date, text) IS 'Corrects a closed month of a partner that this transaction has locked; gives the number of the correction, NULL when nothing differs.';

CREATE FUNCTION correct_month(month date, reason text, partners text[] DEFAULT NULL)
RETURNS TABLE (partner_id text, correction integer, billing_month date, currency text, lines bigint, basic_bonus numeric, deal_bonus numeric)
LANGUAGE plpgsql SET search_path FROM CURRENT SET jit = off
AS $function$
#variable_conflict use_column
DECLARE
    first_day date := billing_month(month);
    chosen    text[];
    one       text;
    number    integer;
BEGIN
    PERFORM require_read_committed();
    IF first_day IS NULL THEN
        RAISE EXCEPTION 'a month is needed' USING ERRCODE = 'null_value_not_allowed', DETAIL = 'It is NULL.', HINT = 'Give a day of the month that is to be corrected.';
    END IF;
    PERFORM require_reason(correct_month.reason, 'Say why the month is corrected; it is kept in correction.');
    FOREACH one IN ARRAY coalesce(partners, '{}') LOOP
        PERFORM require_partner(one);
    END LOOP;
    -- whoever has usage in a month that is closed
    chosen := ARRAY(SELECT p.partner_id FROM billing_period p
                    WHERE p.month = first_day AND p.closed_at IS NOT NULL AND (partners IS NULL OR p.partner_id = ANY (partners)) ORDER BY p.partner_id);
    PERFORM lock_partners(chosen);
    FOREACH one IN ARRAY chosen LOOP
        number := correct_partner(one, first_day, correct_month.reason);
        RETURN QUERY
        SELECT l.partner_id, l.correction, l.billing_month, l.currency, count(*), sum(l.basic_bonus), sum(l.deal_bonus)
        FROM correction_line l
        WHERE l.partner_id = one AND l.correction = number
        GROUP BY l.partner_id, l.correction, l.billing_month, l.currency
        ORDER BY l.currency;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION correct_month(date, text, text[]) IS 'Bills, in each partner''s next open month, what rules that were changed for a closed month come to: the new bonus of its usage less that of all lines, issued or pending; a row per partner and currency that differs, none at a second run. Volumes are frozen anew. Call it in the transaction that has called start_correction and changed the rules. Errors: unknown partner (42704), no month or reason (22004).';

CREATE FUNCTION credit_note(document_id bigint, reason text, line_numbers integer[] DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
DECLARE
    invoice  document := require_document(credit_note.document_id);
    moment   timestamptz;
    note     bigint;
    refused  text;
    credited integer[];
BEGIN
    PERFORM require_read_committed(), lock_partners(ARRAY[invoice.partner_id]);
    IF invoice.kind <> 'invoice' THEN
        RAISE EXCEPTION 'only invoices can be credited' USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = format('Document %s is a %s.', invoice.document_id, invoice.kind),
            HINT = 'A credit note that is wrong is settled by a payment; a month is never reopened.';
    END IF;
    PERFORM require_reason(credit_note.reason, 'Say why; it is printed on the credit note.');
    credited := ARRAY(SELECT l.credits_line FROM document n JOIN document_line l ON l.document_id = n.document_id WHERE n.credits = invoice.document_id);
    SELECT string_agg(n::text, ', ' ORDER BY n) INTO refused
    FROM unnest(line_numbers) n
    WHERE n IS NULL OR n = ANY (credited) OR NOT EXISTS (SELECT FROM document_line l WHERE l.document_id = invoice.document_id AND l.line_number = n);
    IF refused IS NOT NULL OR cardinality(line_numbers) = 0 OR cardinality(credited) = invoice.line_count THEN
        RAISE EXCEPTION 'a credit note cannot be above its document' USING ERRCODE = 'object_not_in_prerequisite_state',
            DETAIL = CASE WHEN cardinality(credited) = invoice.line_count THEN format('All lines of document %s are credited already.', invoice.document_id)
                          ELSE format('Of document %s these lines are credited already, or are none: %s.', invoice.document_id, coalesce(refused, 'none was given')) END,
            HINT = 'Give numbers of lines that are not credited yet, or none: then all of these are credited.';
    END IF;
    moment := clock_timestamp();
    WITH chosen AS MATERIALIZED (
        SELECT l.*, row_number() OVER (ORDER BY l.line_number) AS place
        FROM document_line l
        WHERE l.document_id = invoice.document_id AND l.line_number <> ALL (credited) AND (line_numbers IS NULL OR l.line_number = ANY (line_numbers))
    ), block AS MATERIALIZED (
        SELECT b.section, b.vat_category, b.vat_rate, b.vat_included, c.base, c.bonus, c.base - c.bonus AS payable, c.taxable,
               CASE WHEN b.vat_included THEN c.base - c.bonus - c.taxable
                    -- the last lines of a block take what is left of its VAT
                    WHEN c.lines = (SELECT count(*) FROM document_line l
                                    WHERE l.document_id = b.document_id AND l.line_number <> ALL (credited) AND l.section = b.section AND l.vat_category = b.vat_category
                                      AND l.vat_rate = b.vat_rate AND l.vat_included = b.vat_included)
                    THEN b.vat + coalesce((SELECT sum(e.vat) FROM document n JOIN document_block e ON e.document_id = n.document_id
                                           WHERE n.credits = b.document_id AND e.section = b.section AND e.vat_category = b.vat_category AND e.vat_rate = b.vat_rate
                                             AND e.vat_included = b.vat_included), 0)
                    ELSE vat_amount(c.base - c.bonus, b.vat_rate, false, invoice.rounding_scale, invoice.rounding_mode) END AS vat
        FROM document_block b
        JOIN (SELECT l.section, l.vat_category, l.vat_rate, l.vat_included, count(*) AS lines, sum(l.gross + l.grant_credit + l.other_credit) AS base,
                     sum(l.basic_bonus + l.deal_bonus) AS bonus, sum(l.taxable) AS taxable
              FROM chosen l
              GROUP BY l.section, l.vat_category, l.vat_rate, l.vat_included) c USING (section, vat_category, vat_rate, vat_included)
        WHERE b.document_id = invoice.document_id
    ), head AS (
        INSERT INTO document (partner_id, sequence, kind, billing_month, currency, credits, reason, country, offer_reference, rounding_scale, rounding_mode,
                              gross, grant_credit, other_credit, base, eligible_base, basic_bonus, deal_bonus, customers_total, own_total,
                              document_total, taxable_total, vat_total, invoice_total, line_count, issued_at)
        SELECT invoice.partner_id, (SELECT max(d.sequence) + 1 FROM document d WHERE d.partner_id = invoice.partner_id), 'credit note', invoice.billing_month,
               invoice.currency, invoice.document_id, credit_note.reason, invoice.country, invoice.offer_reference, invoice.rounding_scale,
               invoice.rounding_mode, t.gross, t.grant_credit, t.other_credit, t.gross + t.grant_credit + t.other_credit, t.eligible_base, t.basic_bonus,
               t.deal_bonus, v.customers, v.own, v.customers + v.own, v.taxable, v.vat, v.taxable + v.vat, t.lines, moment
        FROM (SELECT count(*) AS lines, coalesce(-sum(l.gross) FILTER (WHERE l.section = 'customers'), 0) AS gross,
                     coalesce(-sum(l.grant_credit) FILTER (WHERE l.section = 'customers'), 0) AS grant_credit,
                     coalesce(-sum(l.other_credit) FILTER (WHERE l.section = 'customers'), 0) AS other_credit, -sum(l.eligible_base) AS eligible_base,
                     -sum(l.basic_bonus) AS basic_bonus, -sum(l.deal_bonus) AS deal_bonus
              FROM chosen l) t
        CROSS JOIN (SELECT coalesce(-sum(b.payable) FILTER (WHERE b.section = 'customers'), 0) AS customers,
                           coalesce(-sum(b.payable) FILTER (WHERE b.section = 'own'), 0) AS own, -sum(b.taxable) AS taxable, -sum(b.vat) AS vat
                    FROM block b) v
        RETURNING document_id
    ), body AS (
        INSERT INTO document_line (document_id, line_number, kind, section, vat_category, vat_rate, vat_included, usage_month, account_id, service_id, sku_id,
                                   charge_category, corrects_month, correction, credits_line, reasons, consumption, basic_schedule, deal_schedule,
                                   eligible_days, exact_cost, exact_grant_credit, exact_other_credit, eligible_base, exact_basic_bonus, exact_deal_bonus,
                                   gross, grant_credit, other_credit, basic_bonus, deal_bonus, taxable)
        SELECT h.document_id, l.place, l.kind, l.section, l.vat_category, l.vat_rate, l.vat_included, l.usage_month, l.account_id, l.service_id, l.sku_id,
               l.charge_category, l.corrects_month, l.correction, l.line_number, l.reasons, '{}' - l.consumption, l.basic_schedule, l.deal_schedule,
               l.eligible_days, -l.exact_cost, -l.exact_grant_credit, -l.exact_other_credit, -l.eligible_base, -l.exact_basic_bonus, -l.exact_deal_bonus,
               -l.gross, -l.grant_credit, -l.other_credit, -l.basic_bonus, -l.deal_bonus, -l.taxable
        FROM chosen l, head h
    ), blocks AS (
        INSERT INTO document_block (document_id, section, vat_category, vat_rate, vat_included, base, bonus, payable, taxable, vat)
        SELECT h.document_id, b.section, b.vat_category, b.vat_rate, b.vat_included, -b.base, -b.bonus, -b.payable, -b.taxable, -b.vat
        FROM block b, head h
    )
    SELECT h.document_id INTO note FROM head h;
    PERFORM number_documents(invoice.partner_id, '{credit note}', ARRAY[note]), seal_documents(ARRAY[note]);
    PERFORM book_document(note);
    PERFORM announce('credit note', invoice.partner_id, NULL, jsonb_build_object('document_id', note, 'credits', invoice.document_id));
    RETURN note;
END
$function$;
COMMENT ON FUNCTION credit_note(bigint, text, integer[]) IS 'Takes an issued invoice back, or some of its lines: a document with their printed leaves negated; gives its document_id. Each line can be credited once, so never more than the document. Errors: unknown document (42704), not an invoice, or lines that are credited or not there (55000).';

-- Every closed month once more, as it was known when it was closed.
CREATE FUNCTION rerate(month date, partners text[] DEFAULT NULL)
RETURNS TABLE (partner_id text, currency text, account_id text, service_id text, sku_id text, charge_category text, usage_month date, issued_bonus numeric,
               bonus numeric)
LANGUAGE plpgsql SET search_path FROM CURRENT SET bonus.known_at = 'infinity' SET jit = off
AS $function$
#variable_conflict use_column
DECLARE
    closed record;
BEGIN
    FOR closed IN
        SELECT p.partner_id, p.month, p.closed_at FROM billing_period p
        WHERE p.month = billing_month(rerate.month) AND p.closed_at IS NOT NULL AND (partners IS NULL OR p.partner_id = ANY (partners))
        ORDER BY p.partner_id
    LOOP
        PERFORM set_moment(closed.closed_at);
        RETURN QUERY
        SELECT closed.partner_id, coalesce(i.currency, n.currency), coalesce(i.account_id, n.account_id), coalesce(i.service_id, n.service_id),
               coalesce(i.sku_id, n.sku_id), coalesce(i.charge_category, n.charge_category), coalesce(i.usage_month, n.usage_month), i.bonus, n.bonus
        FROM (SELECT d.currency, l.section, l.vat_category, l.vat_rate, l.vat_included, l.account_id, l.service_id, l.sku_id, l.charge_category, l.usage_month, l.kind, l.corrects_month, l.correction,
                     l.exact_basic_bonus + l.exact_deal_bonus AS bonus, l.consumption, l.basic_bonus + l.deal_bonus AS printed_bonus, l.gross
              FROM document d
              JOIN document_line l ON l.document_id = d.document_id
              WHERE d.partner_id = closed.partner_id AND d.billing_month = closed.month AND d.kind = 'invoice') i
        FULL JOIN (SELECT l.currency, l.section, l.vat_category, l.vat_rate, l.vat_included, l.account_id, l.service_id, l.sku_id, l.charge_category, l.usage_month, l.kind, l.corrects_month,
                          l.correction, l.exact_basic_bonus + l.exact_deal_bonus AS bonus, l.consumption, l.bonus AS printed_bonus, l.gross
                   FROM printed_line l
                   WHERE l.partner_id = closed.partner_id AND l.billing_month = closed.month) n
            ON n.currency = i.currency AND n.section = i.section AND n.vat_category = i.vat_category AND n.vat_rate = i.vat_rate
               AND n.vat_included = i.vat_included AND n.account_id IS NOT DISTINCT FROM i.account_id
               AND n.service_id IS NOT DISTINCT FROM i.service_id AND n.sku_id IS NOT DISTINCT FROM i.sku_id
               AND n.charge_category IS NOT DISTINCT FROM i.charge_category AND n.usage_month = i.usage_month AND n.kind = i.kind
               AND n.corrects_month IS NOT DISTINCT FROM i.corrects_month AND n.correction IS NOT DISTINCT FROM i.correction
        WHERE (i.bonus, i.consumption, i.printed_bonus, i.gross) IS DISTINCT FROM (n.bonus, n.consumption, n.printed_bonus, n.gross);
    END LOOP;
END
$function$;
COMMENT ON FUNCTION rerate(date, text[]) IS 'Computes the documents of a closed month once more from usage and rules as they were known when it was closed, and gives the lines that differ: none, at any later time.';
