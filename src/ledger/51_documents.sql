-- Documents: what was issued. Written once, by close_month and credit_note, and never changed; a line has its operands beside its
-- result, so that it can be recomputed from itself. Names are not kept: the catalogue has all its versions, and documents show
-- those of the moment they were issued.

CREATE TABLE document (
    document_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    partner_id      text COLLATE "C" NOT NULL,
    sequence        integer NOT NULL CHECK (sequence > 0),
    kind            text NOT NULL CHECK (kind IN ('invoice', 'credit note', 'statement')),
    billing_month   date NOT NULL CHECK (billing_month = billing_month(billing_month)),
    currency        text COLLATE "C" NOT NULL REFERENCES currency,
    credits         bigint REFERENCES document,
    reason          text,
    country         text COLLATE "C",
    offer_reference text,
    rounding_scale  integer NOT NULL,
    rounding_mode   text NOT NULL,
    gross           numeric NOT NULL,
    grant_credit    numeric NOT NULL,
    other_credit    numeric NOT NULL,
    base            numeric NOT NULL,
    eligible_base   numeric NOT NULL,
    basic_bonus     numeric NOT NULL,
    deal_bonus      numeric NOT NULL,
    customers_total numeric NOT NULL,
    own_total       numeric NOT NULL,
    document_total  numeric NOT NULL,
    taxable_total   numeric NOT NULL,
    vat_total       numeric NOT NULL,
    invoice_total   numeric NOT NULL,
    line_count      integer NOT NULL,
    issued_at       timestamptz NOT NULL,
    UNIQUE (partner_id, sequence),
    CHECK ((kind = 'credit note') = (credits IS NOT NULL)),
    CHECK (base = gross + grant_credit + other_credit),
    CHECK (customers_total = base - basic_bonus - deal_bonus),
    CHECK (document_total = customers_total + own_total),
    CHECK (invoice_total = taxable_total + vat_total)
);
CREATE UNIQUE INDEX document_once ON document (partner_id, billing_month, currency) WHERE kind <> 'credit note';
CREATE INDEX ON document (billing_month, partner_id);
CREATE INDEX ON document (credits) WHERE credits IS NOT NULL;
COMMENT ON TABLE document IS 'Issued documents: one per partner, month and currency, of which service report, payment invoice and regular invoice are views, and credit notes. Appended to, never changed. A month in which base and bonus of every line are 0 has a statement instead.';
COMMENT ON COLUMN document.document_id IS 'Identity of the document in this ledger; people go by document_number.';
COMMENT ON COLUMN document.partner_id IS 'The partner.';
COMMENT ON COLUMN document.sequence IS 'Counts the partner''s documents, from 1, without gaps: the chain of document_seal.';
COMMENT ON COLUMN document.kind IS 'invoice; credit note; statement: nothing to pay, and no lines.';
COMMENT ON COLUMN document.billing_month IS 'First day of its month.';
COMMENT ON COLUMN document.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN document.credits IS 'Of a credit note: the invoice it takes back, wholly or in part.';
COMMENT ON COLUMN document.reason IS 'Of a credit note: why.';
COMMENT ON COLUMN document.country IS 'The partner''s country when it was issued; NULL: outside the scope of VAT.';
COMMENT ON COLUMN document.offer_reference IS 'The provider''s offer that the terms of the month''s last day come from.';
COMMENT ON COLUMN document.rounding_scale IS 'Decimals that are printed.';
COMMENT ON COLUMN document.rounding_mode IS 'How the two sums of each block were rounded.';
COMMENT ON COLUMN document.gross IS 'Customers: printed cost before credits.';
COMMENT ON COLUMN document.grant_credit IS 'Customers: printed grant credit.';
COMMENT ON COLUMN document.other_credit IS 'Customers: printed other credits.';
COMMENT ON COLUMN document.base IS 'gross + grant_credit + other_credit.';
COMMENT ON COLUMN document.eligible_base IS 'The part of the base that earns bonus; exact, not rounded.';
COMMENT ON COLUMN document.basic_bonus IS 'Printed basic bonus.';
COMMENT ON COLUMN document.deal_bonus IS 'Printed deal bonus.';
COMMENT ON COLUMN document.customers_total IS 'base - basic_bonus - deal_bonus.';
COMMENT ON COLUMN document.own_total IS 'Own consumption, printed.';
COMMENT ON COLUMN document.document_total IS 'customers_total + own_total: what the blocks'' payable adds up to.';
COMMENT ON COLUMN document.taxable_total IS 'The same without VAT.';
COMMENT ON COLUMN document.vat_total IS 'VAT: the sum of the blocks''.';
COMMENT ON COLUMN document.invoice_total IS 'taxable_total + vat_total: what is to be paid for this document.';
COMMENT ON COLUMN document.line_count IS 'How many lines it has.';
COMMENT ON COLUMN document.issued_at IS 'When it was issued; it shows what was known then.';

CREATE TABLE document_block (
    document_id  bigint NOT NULL REFERENCES document,
    section      text NOT NULL CHECK (section IN ('customers', 'own')),
    vat_category text COLLATE "C" NOT NULL,
    vat_rate     numeric NOT NULL,
    vat_included boolean NOT NULL,
    base         numeric NOT NULL,
    bonus        numeric NOT NULL,
    payable      numeric NOT NULL,
    taxable      numeric NOT NULL,
    vat          numeric NOT NULL,
    PRIMARY KEY (document_id, section, vat_category, vat_rate, vat_included),
    CHECK (payable = base - bonus),
    CHECK (taxable = CASE WHEN vat_included THEN payable - vat ELSE payable END)
);
COMMENT ON TABLE document_block IS 'Blocks of a document: what was rounded, and taxed, as one. Amounts are printed.';
COMMENT ON COLUMN document_block.document_id IS 'The document.';
COMMENT ON COLUMN document_block.section IS 'customers or own.';
COMMENT ON COLUMN document_block.vat_category IS 'EN 16931 code.';
COMMENT ON COLUMN document_block.vat_rate IS 'A fraction.';
COMMENT ON COLUMN document_block.vat_included IS 'Whether amounts include it.';
COMMENT ON COLUMN document_block.base IS 'Exact base of its lines, rounded.';
COMMENT ON COLUMN document_block.bonus IS 'Exact bonus of its lines, rounded.';
COMMENT ON COLUMN document_block.payable IS 'base - bonus.';
COMMENT ON COLUMN document_block.taxable IS 'payable without VAT.';
COMMENT ON COLUMN document_block.vat IS 'VAT, rounded once: payable x rate, or payable x rate / (1 + rate) where amounts include it.';

CREATE TABLE document_line (
    document_id        bigint NOT NULL,
    line_number        integer NOT NULL,
    kind               text NOT NULL CHECK (kind IN ('usage', 'volume tiers', 'correction')),
    section            text NOT NULL,
    vat_category       text COLLATE "C" NOT NULL,
    vat_rate           numeric NOT NULL,
    vat_included       boolean NOT NULL,
    usage_month        date NOT NULL,
    account_id         text COLLATE "C",
    service_id         text COLLATE "C",
    sku_id             text COLLATE "C",
    charge_category    text COLLATE "C",
    corrects_month     date,
    correction         integer,
    credits_line       integer,
    reasons            text NOT NULL,
    consumption        consumption NOT NULL,
    basic_schedule     rate_schedule NOT NULL,
    deal_schedule      rate_schedule NOT NULL,
    eligible_days      datemultirange NOT NULL,
    exact_cost         numeric NOT NULL,
    exact_grant_credit numeric NOT NULL,
    exact_other_credit numeric NOT NULL,
    eligible_base      numeric NOT NULL,
    exact_basic_bonus  numeric NOT NULL,
    exact_deal_bonus   numeric NOT NULL,
    gross              numeric NOT NULL,
    grant_credit       numeric NOT NULL,
    other_credit       numeric NOT NULL,
    basic_bonus        numeric NOT NULL,
    deal_bonus         numeric NOT NULL,
    taxable            numeric NOT NULL,
    PRIMARY KEY (document_id, line_number)
);
COMMENT ON TABLE document_line IS 'Lines of documents: operands, exact amounts, and what is printed of them.';
COMMENT ON COLUMN document_line.document_id IS 'The document.';
COMMENT ON COLUMN document_line.line_number IS 'From 1, in the order of section, VAT, account, service, SKU, charge category, month of the usage.';
COMMENT ON COLUMN document_line.kind IS 'usage; volume tiers: what graduated tiers give less, of the whole month; correction: only a bonus, for usage billed before.';
COMMENT ON COLUMN document_line.section IS 'customers or own.';
COMMENT ON COLUMN document_line.vat_category IS 'EN 16931 code of its VAT.';
COMMENT ON COLUMN document_line.vat_rate IS 'A fraction.';
COMMENT ON COLUMN document_line.vat_included IS 'Whether amounts include it.';
COMMENT ON COLUMN document_line.usage_month IS 'First day of the month of the usage: before the document''s for late usage and corrections.';
COMMENT ON COLUMN document_line.account_id IS 'Billing account.';
COMMENT ON COLUMN document_line.service_id IS 'Service.';
COMMENT ON COLUMN document_line.sku_id IS 'SKU.';
COMMENT ON COLUMN document_line.charge_category IS 'Usage, Purchase, Adjustment or Credit.';
COMMENT ON COLUMN document_line.corrects_month IS 'Of a correction: the month whose document it corrects.';
COMMENT ON COLUMN document_line.correction IS 'Of a correction: its number, as in the table correction.';
COMMENT ON COLUMN document_line.credits_line IS 'Of a line of a credit note: the line of the invoice that it takes back.';
COMMENT ON COLUMN document_line.reasons IS 'Reasons that occur on its days.';
COMMENT ON COLUMN document_line.consumption IS 'First operand: cost, grant credit and other credits, day by day.';
COMMENT ON COLUMN document_line.basic_schedule IS 'Second operand: the basic rate of its days.';
COMMENT ON COLUMN document_line.deal_schedule IS 'Third operand: what deals add.';
COMMENT ON COLUMN document_line.eligible_days IS 'Days that earn bonus.';
COMMENT ON COLUMN document_line.exact_cost IS 'cost(consumption); 0 for a correction.';
COMMENT ON COLUMN document_line.exact_grant_credit IS 'grant_credit(consumption); 0 for a correction.';
COMMENT ON COLUMN document_line.exact_other_credit IS 'other_credit(consumption); 0 for a correction.';
COMMENT ON COLUMN document_line.eligible_base IS 'base(consumption * eligible_days); exact.';
COMMENT ON COLUMN document_line.exact_basic_bonus IS 'discount(consumption, basic_schedule); of volume tiers the adjustment, whose operands are in frozen_volume.';
COMMENT ON COLUMN document_line.exact_deal_bonus IS 'discount(consumption, deal_schedule).';
COMMENT ON COLUMN document_line.gross IS 'Printed cost: floor or ceiling of exact_cost, as the other leaves of theirs.';
COMMENT ON COLUMN document_line.grant_credit IS 'Printed grant credit.';
COMMENT ON COLUMN document_line.other_credit IS 'Printed other credits.';
COMMENT ON COLUMN document_line.basic_bonus IS 'Printed basic bonus.';
COMMENT ON COLUMN document_line.deal_bonus IS 'Printed deal bonus.';
COMMENT ON COLUMN document_line.taxable IS 'What it comes to without VAT, printed.';

CREATE TABLE document_number (
    document_id bigint NOT NULL REFERENCES document,
    partner_id  text COLLATE "C" NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('service report', 'payment invoice', 'regular invoice', 'credit note')),
    number      integer NOT NULL CHECK (number > 0),
    label       text NOT NULL,
    PRIMARY KEY (document_id, kind),
    UNIQUE (partner_id, kind, number),
    UNIQUE (kind, label)
);
COMMENT ON TABLE document_number IS 'Numbers of documents: without gaps per partner and kind.';
COMMENT ON COLUMN document_number.document_id IS 'The document.';
COMMENT ON COLUMN document_number.partner_id IS 'The partner.';
COMMENT ON COLUMN document_number.kind IS 'service report, payment invoice, regular invoice or credit note.';
COMMENT ON COLUMN document_number.number IS 'From 1, without gaps.';
COMMENT ON COLUMN document_number.label IS 'As printed: the setting number_template, filled in when it was issued.';

CREATE TABLE document_seal (
    document_id     bigint PRIMARY KEY REFERENCES document,
    previous_digest bytea NOT NULL,
    digest          bytea NOT NULL UNIQUE
);
COMMENT ON TABLE document_seal IS 'Digests over documents, each over the one before it of the same partner: what was issued cannot be changed unnoticed.';
COMMENT ON COLUMN document_seal.document_id IS 'The document.';
COMMENT ON COLUMN document_seal.previous_digest IS 'Digest of the partner''s document before; empty for the first.';
COMMENT ON COLUMN document_seal.digest IS 'document_digest(document_id): sha256 over all that is printed, and the operands.';

CREATE TABLE month_seal (
    month     date NOT NULL CHECK (month = billing_month(month)),
    sealed_at timestamptz NOT NULL,
    documents bigint NOT NULL,
    digest    bytea NOT NULL,
    PRIMARY KEY (month, documents)
);
COMMENT ON TABLE month_seal IS 'A digest over all documents of a month, each time that closing it has ended with more of them.';
COMMENT ON COLUMN month_seal.month IS 'First day of the month.';
COMMENT ON COLUMN month_seal.sealed_at IS 'When.';
COMMENT ON COLUMN month_seal.documents IS 'How many documents the month had.';
COMMENT ON COLUMN month_seal.digest IS 'month_digest(month, sealed_at).';

DO $do$
DECLARE
    issued text;
BEGIN
    FOREACH issued IN ARRAY '{document,document_block,document_line,document_number,document_seal,month_seal}'::text[] LOOP
        EXECUTE format('CREATE TRIGGER refuse_edit BEFORE UPDATE OR DELETE OR TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit()', issued);
    END LOOP;
END
$do$;

-- Lines come by the thousand, all of one document: that it is there is asked once a statement. A foreign key would ask for every line,
-- which took a sixth of the time of a close. Documents are never deleted, so nothing need be asked later.
CREATE FUNCTION require_document_of_lines() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
DECLARE
    unknown bigint;
BEGIN
    SELECT a.document_id INTO unknown
    FROM (SELECT DISTINCT n.document_id FROM added n) a
    WHERE NOT EXISTS (SELECT FROM document d WHERE d.document_id = a.document_id)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'line of no document' USING ERRCODE = 'foreign_key_violation',
            DETAIL = format('There is no document with document_id = %s.', unknown), HINT = 'Documents are written by close_month and credit_note, whole.';
    END IF;
    RETURN NULL;
END
$function$;
COMMENT ON FUNCTION require_document_of_lines() IS 'Refuses lines of documents that are not there (23503).';
CREATE TRIGGER require_document AFTER INSERT ON document_line REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION require_document_of_lines();

-- Canonical texts are arrays of JSON: no name, value or order of it can be taken for another. Nothing in them depends on a clock, a
-- user, an identity of this ledger or a setting of the session.
CREATE FUNCTION line_digest(line document_line) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
RETURN sha256(convert_to(array_to_json(ARRAY[
    line.line_number::text, line.kind, line.section, line.vat_category, trim_scale(line.vat_rate)::text, line.vat_included::text,
    to_char(line.usage_month, 'YYYY-MM'), line.account_id, line.service_id, line.sku_id, line.charge_category, to_char(line.corrects_month, 'YYYY-MM'),
    line.correction::text, line.credits_line::text, line.reasons,
    line.consumption::text, line.basic_schedule::text, line.deal_schedule::text, (rate_schedule('(,)', 1) * line.eligible_days)::text,
    trim_scale(line.exact_cost)::text, trim_scale(line.exact_grant_credit)::text, trim_scale(line.exact_other_credit)::text,
    trim_scale(line.eligible_base)::text, trim_scale(line.exact_basic_bonus)::text, trim_scale(line.exact_deal_bonus)::text, line.gross::text,
    line.grant_credit::text, line.other_credit::text, line.basic_bonus::text, line.deal_bonus::text, line.taxable::text])::text, 'UTF8'));
COMMENT ON FUNCTION line_digest(document_line) IS 'sha256 over the canonical text of a line of a document: a JSON array of its columns as strings (null where there is none, no spaces between them), days as ISO dates, exact amounts with the fewest decimals, printed ones as printed.';

-- In PL/pgSQL, so that it is planned once a session.
CREATE FUNCTION document_digest(document_id bigint) RETURNS bytea
LANGUAGE plpgsql STABLE SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
BEGIN
    RETURN (SELECT sha256(coalesce(b.previous_digest, '') || h.head || k.blocks || l.lines)
        FROM (SELECT s.digest AS previous_digest FROM document d
              LEFT JOIN document p ON p.partner_id = d.partner_id AND p.sequence = d.sequence - 1
              LEFT JOIN document_seal s ON s.document_id = p.document_id
              WHERE d.document_id = document_digest.document_id) b
        CROSS JOIN (SELECT sha256(convert_to(jsonb_build_array(
                               'partner_bonus document 1', d.partner_id, d.sequence, d.kind, to_char(d.billing_month, 'YYYY-MM'), d.currency, c.sequence, d.reason,
                               d.country, d.offer_reference, d.rounding_scale, d.rounding_mode, d.gross, d.grant_credit, d.other_credit, d.base,
                               trim_scale(d.eligible_base), d.basic_bonus, d.deal_bonus, d.customers_total, d.own_total, d.document_total,
                               d.taxable_total, d.vat_total, d.invoice_total, d.line_count,
                               (SELECT jsonb_agg(jsonb_build_array(n.kind, n.number, n.label) ORDER BY n.kind) FROM document_number n
                                WHERE n.document_id = d.document_id))::text, 'UTF8')) AS head
                    FROM document d
                    LEFT JOIN document c ON c.document_id = d.credits
                    WHERE d.document_id = document_digest.document_id) h
        CROSS JOIN (SELECT sha256(convert_to(coalesce(jsonb_agg(jsonb_build_array(
                               x.section, x.vat_category, trim_scale(x.vat_rate), x.vat_included, x.base, x.bonus, x.payable, x.taxable, x.vat)
                               ORDER BY x.section, x.vat_category, x.vat_rate, x.vat_included)::text, ''), 'UTF8')) AS blocks
                    FROM document_block x
                    WHERE x.document_id = document_digest.document_id) k
        CROSS JOIN (SELECT coalesce(string_agg(line_digest(x), '' ORDER BY x.line_number), '') AS lines
                    FROM document_line x
                    WHERE x.document_id = document_digest.document_id) l);
END
$function$;
COMMENT ON FUNCTION document_digest(bigint) IS 'The digest of a document, computed anew: sha256 over the digest of the partner''s document before it, the head, the blocks and the lines (doc/documents.md). NULL for an unknown document.';

CREATE FUNCTION month_digest(month date, moment timestamptz DEFAULT 'infinity') RETURNS bytea
LANGUAGE sql STABLE SET search_path FROM CURRENT
BEGIN ATOMIC
    SELECT sha256(coalesce(string_agg(s.digest, '' ORDER BY d.partner_id, d.sequence), ''))
    FROM document d
    JOIN document_seal s ON s.document_id = d.document_id
    WHERE d.billing_month = billing_month(month_digest.month) AND d.issued_at <= month_digest.moment;
END;
COMMENT ON FUNCTION month_digest(date, timestamptz) IS 'sha256 over the digests of all documents of a month that were issued up to a moment, in the order of partners.';

CREATE FUNCTION require_document(document_id bigint) RETURNS document
LANGUAGE plpgsql STABLE SET search_path FROM CURRENT
AS $function$
DECLARE
    found document;
BEGIN
    SELECT d.* INTO found FROM document d WHERE d.document_id = require_document.document_id;
    IF found.document_id IS NULL THEN
        RAISE EXCEPTION 'unknown document' USING ERRCODE = 'undefined_object',
            DETAIL = format('There is no document with document_id = %s.', coalesce(document_id::text, 'NULL')), HINT = 'The table document lists them; document_number has their numbers.';
    END IF;
    RETURN found;
END
$function$;
COMMENT ON FUNCTION require_document(bigint) IS 'A document, or an error (42704).';

-- What is wrong with lines of documents, each recomputed from itself alone.
CREATE VIEW line_violation WITH (security_invoker = true) AS
SELECT l.document_id, l.line_number, w.problem, w.expected, w.found
FROM document_line l
JOIN document d ON d.document_id = l.document_id
CROSS JOIN LATERAL (VALUES
    ('exact cost', CASE l.kind WHEN 'correction' THEN 0 ELSE cost(l.consumption) END, l.exact_cost),
    ('exact grant credit', CASE l.kind WHEN 'correction' THEN 0 ELSE grant_credit(l.consumption) END, l.exact_grant_credit),
    ('exact other credit', CASE l.kind WHEN 'correction' THEN 0 ELSE other_credit(l.consumption) END, l.exact_other_credit),
    ('eligible base', base(l.consumption * l.eligible_days), l.eligible_base),
    ('exact basic bonus', CASE WHEN l.account_id IS NULL THEN l.exact_basic_bonus ELSE discount(l.consumption, l.basic_schedule) END, l.exact_basic_bonus),
    ('exact deal bonus', discount(l.consumption, l.deal_schedule), l.exact_deal_bonus),
    ('printed cost of exact', CASE WHEN abs(l.gross - l.exact_cost) < 10::numeric ^ -d.rounding_scale THEN l.gross ELSE l.exact_cost END, l.gross),
    ('printed grant credit of exact', CASE WHEN abs(l.grant_credit - l.exact_grant_credit) < 10::numeric ^ -d.rounding_scale THEN l.grant_credit ELSE l.exact_grant_credit END, l.grant_credit),
    ('printed other credit of exact', CASE WHEN abs(l.other_credit - l.exact_other_credit) < 10::numeric ^ -d.rounding_scale THEN l.other_credit ELSE l.exact_other_credit END, l.other_credit),
    ('printed basic bonus of exact', CASE WHEN abs(l.basic_bonus - l.exact_basic_bonus) < 10::numeric ^ -d.rounding_scale THEN l.basic_bonus ELSE l.exact_basic_bonus END, l.basic_bonus),
    ('printed deal bonus of exact', CASE WHEN abs(l.deal_bonus - l.exact_deal_bonus) < 10::numeric ^ -d.rounding_scale THEN l.deal_bonus ELSE l.exact_deal_bonus END, l.deal_bonus)
) w (problem, expected, found)
WHERE w.expected IS DISTINCT FROM w.found;
COMMENT ON VIEW line_violation IS 'Lines of documents that do not follow from their own operands: none when all is sound.';
COMMENT ON COLUMN line_violation.document_id IS 'The document.';
COMMENT ON COLUMN line_violation.line_number IS 'The line.';
COMMENT ON COLUMN line_violation.problem IS 'Which figure.';
COMMENT ON COLUMN line_violation.expected IS 'What the operands come to.';
COMMENT ON COLUMN line_violation.found IS 'What the line says.';

-- What is wrong with documents as a whole.
CREATE VIEW document_violation WITH (security_invoker = true) AS
WITH line AS (
    SELECT l.document_id, count(*) AS line_count, min(l.line_number) AS first_line, max(l.line_number) AS last_line,
           sum(l.gross) FILTER (WHERE l.section = 'customers') AS gross, sum(l.grant_credit) FILTER (WHERE l.section = 'customers') AS grant_credit,
           sum(l.other_credit) FILTER (WHERE l.section = 'customers') AS other_credit, sum(l.basic_bonus) AS basic_bonus, sum(l.deal_bonus) AS deal_bonus,
           sum(l.eligible_base) AS eligible_base,
           sum(l.gross + l.grant_credit + l.other_credit - l.basic_bonus - l.deal_bonus) AS document_total, sum(l.taxable) AS taxable_total
    FROM document_line l
    GROUP BY l.document_id
), block AS (
    SELECT b.document_id, sum(b.payable) AS document_total, sum(b.payable) FILTER (WHERE b.section = 'customers') AS customers_total,
           sum(b.payable) FILTER (WHERE b.section = 'own') AS own_total, sum(b.taxable) AS taxable_total, sum(b.vat) AS vat_total
    FROM document_block b
    GROUP BY b.document_id
), block_line AS (
    SELECT b.*, d.rounding_scale, d.rounding_mode, d.kind,
           coalesce((SELECT c.line_count FROM document c WHERE c.document_id = d.credits), 0) AS credited_lines,
           l.exact_base, l.exact_bonus, l.payable AS lines_payable, l.taxable AS lines_taxable
    FROM document_block b
    JOIN document d USING (document_id)
    LEFT JOIN (SELECT l.document_id, l.section, l.vat_category, l.vat_rate, l.vat_included,
                      sum(l.exact_cost + l.exact_grant_credit + l.exact_other_credit) AS exact_base, sum(l.exact_basic_bonus + l.exact_deal_bonus) AS exact_bonus,
                      sum(l.gross + l.grant_credit + l.other_credit - l.basic_bonus - l.deal_bonus) AS payable, sum(l.taxable) AS taxable
               FROM document_line l
               GROUP BY l.document_id, l.section, l.vat_category, l.vat_rate, l.vat_included) l
        USING (document_id, section, vat_category, vat_rate, vat_included)
)
SELECT 'document line' AS invariant, format('document %s line %s', v.document_id, v.line_number) AS subject,
       format('%s: %s, its operands give %s', v.problem, v.found, v.expected) AS detail
FROM line_violation v
UNION ALL
SELECT 'line of no document', 'document ' || l.document_id, format('%s lines', count(*))
FROM document_line l
WHERE NOT EXISTS (SELECT FROM document d WHERE d.document_id = l.document_id)
GROUP BY l.document_id
UNION ALL
SELECT 'document total', 'document ' || d.document_id, format('%s: %s, its lines and blocks give %s', w.problem, w.found, w.expected)
FROM document d
LEFT JOIN line l USING (document_id)
LEFT JOIN block b USING (document_id)
CROSS JOIN LATERAL (VALUES
    ('lines', d.line_count::numeric, coalesce(l.line_count, 0)), ('last line', d.line_count, coalesce(l.last_line, 0)),
    ('first line', least(d.line_count, 1), coalesce(l.first_line, 0)),
    ('gross', d.gross, coalesce(l.gross, 0)), ('grant credit', d.grant_credit, coalesce(l.grant_credit, 0)),
    ('other credit', d.other_credit, coalesce(l.other_credit, 0)), ('basic bonus', d.basic_bonus, coalesce(l.basic_bonus, 0)),
    ('deal bonus', d.deal_bonus, coalesce(l.deal_bonus, 0)), ('eligible base', d.eligible_base, coalesce(l.eligible_base, 0)),
    ('document total of lines', d.document_total, coalesce(l.document_total, 0)),
    ('customers'' total', d.customers_total, coalesce(b.customers_total, 0)), ('own total', d.own_total, coalesce(b.own_total, 0)),
    -- EN 16931: BR-CO-10 and -13 (lines without VAT), -14 (VAT), -15 (with VAT)
    ('BR-CO-10 and BR-CO-13', d.taxable_total, coalesce(l.taxable_total, 0)), ('taxable total of blocks', d.taxable_total, coalesce(b.taxable_total, 0)),
    ('BR-CO-14', d.vat_total, coalesce(b.vat_total, 0)), ('BR-CO-15', d.invoice_total, d.taxable_total + d.vat_total)
) w (problem, found, expected)
WHERE w.expected <> w.found
UNION ALL
SELECT 'document block', format('document %s %s %s %s', b.document_id, b.section, b.vat_category, b.vat_rate),
       format('%s: %s, should be %s', w.problem, w.found, w.expected)
FROM block_line b
CROSS JOIN LATERAL (VALUES
    ('base', b.base, CASE b.kind WHEN 'invoice' THEN round_amount(b.exact_base, b.rounding_scale, b.rounding_mode) ELSE b.base END),
    ('bonus', b.bonus, CASE b.kind WHEN 'invoice' THEN round_amount(b.exact_bonus, b.rounding_scale, b.rounding_mode) ELSE b.bonus END),
    ('lines', b.payable, b.lines_payable), ('taxable of lines', b.taxable, b.lines_taxable),
    ('VAT', b.vat, CASE b.kind WHEN 'invoice' THEN vat_amount(b.payable, b.vat_rate, b.vat_included, b.rounding_scale, b.rounding_mode) ELSE b.vat END),
    -- BR-CO-17 has a tolerance, for amounts that include VAT: the one rounding, of VAT, is off by less than a minor unit, and taxable by
    -- as much; on credit notes, for each line of what they credit
    ('BR-CO-17', CASE WHEN abs(b.vat - b.taxable * b.vat_rate) <= 10::numeric ^ -b.rounding_scale * (1 + b.vat_rate) * (1 + b.credited_lines) THEN b.vat ELSE b.taxable * b.vat_rate END, b.vat)
) w (problem, found, expected)
WHERE w.found IS DISTINCT FROM w.expected
UNION ALL
SELECT 'document digest', 'document ' || d.document_id, format('sealed as %s, now %s', s.digest, document_digest(d.document_id))
FROM document d
LEFT JOIN document_seal s USING (document_id)
WHERE s.digest IS DISTINCT FROM document_digest(d.document_id)
UNION ALL
SELECT 'month seal', to_char(m.month, 'YYYY-MM'), format('sealed as %s, now %s', m.digest, month_digest(m.month, m.sealed_at))
FROM month_seal m
WHERE m.digest <> month_digest(m.month, m.sealed_at)
UNION ALL
SELECT 'gap in numbers', n.partner_id || ' ' || n.kind, format('%s numbers up to %s', n.numbers, n.last)
FROM (SELECT partner_id, kind, count(*) AS numbers, max(number) AS last FROM document_number GROUP BY partner_id, kind) n
WHERE n.numbers <> n.last
UNION ALL
SELECT 'gap in numbers', d.partner_id || ' documents', format('%s documents up to %s', d.documents, d.last)
FROM (SELECT partner_id, count(*) AS documents, max(sequence) AS last FROM document GROUP BY partner_id) d
WHERE d.documents <> d.last
UNION ALL
-- each line is credited once, as it was printed; of a document that is credited in all its lines nothing is left
SELECT 'credit above document', format('document %s line %s', c.credits, c.credits_line),
       format('%s times, %s of a line of %s', c.notes, c.payable, o.gross + o.grant_credit + o.other_credit - o.basic_bonus - o.deal_bonus)
FROM (SELECT d.credits, l.credits_line, count(*) AS notes,
             sum(l.gross + l.grant_credit + l.other_credit - l.basic_bonus - l.deal_bonus) AS payable
      FROM document d
      JOIN document_line l USING (document_id)
      WHERE d.credits IS NOT NULL
      GROUP BY d.credits, l.credits_line) c
LEFT JOIN document_line o ON o.document_id = c.credits AND o.line_number = c.credits_line
WHERE c.notes > 1 OR (c.payable = o.basic_bonus + o.deal_bonus - o.gross - o.grant_credit - o.other_credit) IS NOT TRUE
UNION ALL
SELECT 'credit above document', 'document ' || d.document_id, format('credit notes of %s for all of a document of %s', c.invoice_total, d.invoice_total)
FROM (SELECT credits, sum(invoice_total) AS invoice_total, sum(line_count) AS line_count FROM document WHERE credits IS NOT NULL GROUP BY credits) c
JOIN document d ON d.document_id = c.credits AND d.line_count = c.line_count
WHERE c.invoice_total <> -d.invoice_total
UNION ALL
-- the bonus of all usage that was billed, as rules are now: issued, or in a correction that waits for its document
SELECT 'billed bonus', concat_ws(' ', partner_id, to_char(usage_month, 'YYYY-MM'), currency), format('billed %s, by the rules %s', i.bonus, n.bonus)
FROM (SELECT b.partner_id, b.usage_month, b.currency, sum(b.bonus) AS bonus
      FROM (SELECT d.partner_id, l.usage_month, d.currency, l.exact_basic_bonus + l.exact_deal_bonus AS bonus
            FROM document d
            JOIN document_line l USING (document_id)
            WHERE d.kind = 'invoice'
            UNION ALL
            SELECT c.partner_id, c.usage_month, c.currency, c.basic_bonus + c.deal_bonus
            FROM correction_line c
            LEFT JOIN billing_period p ON p.partner_id = c.partner_id AND p.month = c.billing_month
            WHERE p.closed_at IS NULL) b
      GROUP BY b.partner_id, b.usage_month, b.currency) i
FULL JOIN (SELECT l.partner_id, l.usage_month, l.currency, sum(l.bonus) AS bonus
           FROM bonus_line l
           JOIN billing_period p ON p.partner_id = l.partner_id AND p.month = l.billing_month AND p.closed_at IS NOT NULL
           WHERE l.kind <> 'correction'
           GROUP BY l.partner_id, l.usage_month, l.currency) n USING (partner_id, usage_month, currency)
WHERE coalesce(i.bonus, 0) <> coalesce(n.bonus, 0)
UNION ALL
-- what was billed, and what the versions of usage say of it
SELECT 'billed usage', concat_ws(' ', partner_id, to_char(billing_month, 'YYYY-MM'), currency), format('documents %s, usage %s', d.cost, u.cost)
FROM (SELECT d.partner_id, d.billing_month, d.currency, sum(l.exact_cost + l.exact_grant_credit + l.exact_other_credit) AS cost
      FROM document d
      LEFT JOIN document_line l USING (document_id)
      WHERE d.kind <> 'credit note'
      GROUP BY d.partner_id, d.billing_month, d.currency) d
FULL JOIN (SELECT t.partner_id, t.billing_month, t.currency, sum(base(t.consumption)) AS cost
           FROM consumption_total t
           JOIN billing_period p ON p.partner_id = t.partner_id AND p.month = t.billing_month AND p.closed_at IS NOT NULL
           WHERE t.charge_category <> 'Tax'
           GROUP BY t.partner_id, t.billing_month, t.currency) u USING (partner_id, billing_month, currency)
WHERE coalesce(d.cost, 0) <> coalesce(u.cost, 0);
COMMENT ON VIEW document_violation IS 'Broken invariants of issued documents; none when all is sound.';
COMMENT ON COLUMN document_violation.invariant IS 'What should be true.';
COMMENT ON COLUMN document_violation.subject IS 'The document or line at fault.';
COMMENT ON COLUMN document_violation.detail IS 'The figures.';

CREATE FUNCTION verify_document(document_id bigint) RETURNS TABLE (invariant text, subject text, detail text)
LANGUAGE plpgsql STABLE SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
BEGIN
    PERFORM require_document(verify_document.document_id);
    RETURN QUERY
    SELECT 'document line', format('line %s', v.line_number), format('%s: %s, its operands give %s', v.problem, v.found, v.expected)
    FROM line_violation v
    WHERE v.document_id = verify_document.document_id
    UNION ALL
    SELECT 'document digest', 'document ' || s.document_id, format('sealed as %s, now %s', s.digest, document_digest(s.document_id))
    FROM document_seal s
    WHERE s.document_id = verify_document.document_id AND s.digest <> document_digest(s.document_id);
END
$function$;
COMMENT ON FUNCTION verify_document(bigint) IS 'Recomputes every line of a document from its own operands, and its digest: one row for each figure that differs, none when it is sound. 42704 for an unknown document.';
