-- What is due: open items and their age, demands on account, and thresholds. Demands are papers beside the accounts: they book
-- nothing, and the invoice of their month takes their place.

CREATE TABLE demand (
    demand_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    partner_id text COLLATE "C" NOT NULL,
    currency   text COLLATE "C" NOT NULL REFERENCES currency,
    kind       text NOT NULL CHECK (kind IN ('advance', 'threshold')),
    month      date NOT NULL CHECK (month = billing_month(month)),
    number     integer NOT NULL CHECK (number > 0),
    label      text NOT NULL,
    amount     numeric NOT NULL CHECK (amount > 0 AND amount < 'Infinity'),
    debt       numeric,
    threshold  numeric,
    on_account numeric NOT NULL CHECK (on_account >= 0),
    issued_on  date NOT NULL,
    due_on     date NOT NULL CHECK (due_on >= issued_on),
    issued_at  timestamptz NOT NULL,
    UNIQUE (partner_id, kind, number),
    UNIQUE (kind, label),
    CHECK ((kind = 'threshold') = (debt IS NOT NULL)),
    CHECK ((kind = 'threshold') = (threshold IS NOT NULL))
);
COMMENT ON TABLE demand IS 'Demands on account: advance invoices, and demands because a threshold was crossed. They bill nothing and show no bonus; the invoice of their month supersedes them. Never changed; demand_state tells where each stands.';
COMMENT ON COLUMN demand.demand_id IS 'Identity of the demand.';
COMMENT ON COLUMN demand.partner_id IS 'The partner.';
COMMENT ON COLUMN demand.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN demand.kind IS 'advance or threshold.';
COMMENT ON COLUMN demand.month IS 'First day of the month whose close supersedes it.';
COMMENT ON COLUMN demand.number IS 'From 1, without gaps per partner and kind.';
COMMENT ON COLUMN demand.label IS 'As printed: the setting number_template with kind AI or TD, filled in when it was issued.';
COMMENT ON COLUMN demand.amount IS 'What is demanded.';
COMMENT ON COLUMN demand.debt IS 'Of a threshold: the debt that crossed it; what is on invoices of it is not demanded again.';
COMMENT ON COLUMN demand.threshold IS 'Of a threshold: how far the balance may go below zero.';
COMMENT ON COLUMN demand.on_account IS 'What the partner had on account when it was issued: the demand is for as much more.';
COMMENT ON COLUMN demand.issued_on IS 'Day of its issue.';
COMMENT ON COLUMN demand.due_on IS 'Last day for its payment.';
COMMENT ON COLUMN demand.issued_at IS 'When it was issued.';

CREATE TABLE threshold_crossing (
    partner_id text COLLATE "C" NOT NULL,
    currency   text COLLATE "C" NOT NULL REFERENCES currency,
    seen_at    timestamptz NOT NULL,
    direction  text NOT NULL CHECK (direction IN ('above', 'below')),
    debt       numeric NOT NULL,
    threshold  numeric NOT NULL,
    demand_id  bigint REFERENCES demand,
    PRIMARY KEY (partner_id, currency, seen_at),
    CHECK ((direction = 'above') = (demand_id IS NOT NULL))
);
COMMENT ON TABLE threshold_crossing IS 'When check_thresholds saw a debt above its threshold, and demanded it, and when it was below again.';
COMMENT ON COLUMN threshold_crossing.partner_id IS 'The partner.';
COMMENT ON COLUMN threshold_crossing.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN threshold_crossing.seen_at IS 'When.';
COMMENT ON COLUMN threshold_crossing.direction IS 'above or below.';
COMMENT ON COLUMN threshold_crossing.debt IS 'The debt, as live_debt had it.';
COMMENT ON COLUMN threshold_crossing.threshold IS 'The threshold.';
COMMENT ON COLUMN threshold_crossing.demand_id IS 'The demand, when it was above.';

CREATE TRIGGER refuse_edit BEFORE UPDATE OR DELETE OR TRUNCATE ON demand FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit();
CREATE TRIGGER refuse_edit BEFORE UPDATE OR DELETE OR TRUNCATE ON threshold_crossing FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit();

CREATE VIEW live_demand WITH (security_invoker = true) AS
SELECT d.demand_id, d.partner_id, d.currency, d.kind, d.month, d.label, d.amount, d.on_account, d.issued_on, d.due_on, d.issued_at
FROM demand d
WHERE d.issued_at <= known_at() AND d.month >= first_open_month(d.partner_id)
  AND NOT EXISTS (SELECT FROM demand n WHERE n.partner_id = d.partner_id AND n.currency = d.currency AND n.kind = 'threshold' AND n.demand_id > d.demand_id
                                         AND n.issued_at <= known_at());
COMMENT ON VIEW live_demand IS 'Demands that nothing has superseded: neither the close of their month nor a later demand because of a threshold, which is for the whole debt.';
COMMENT ON COLUMN live_demand.demand_id IS 'The demand.';
COMMENT ON COLUMN live_demand.partner_id IS 'The partner.';
COMMENT ON COLUMN live_demand.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN live_demand.kind IS 'advance or threshold.';
COMMENT ON COLUMN live_demand.month IS 'First day of the month whose close supersedes it.';
COMMENT ON COLUMN live_demand.label IS 'Its number as printed.';
COMMENT ON COLUMN live_demand.amount IS 'What it demands.';
COMMENT ON COLUMN live_demand.on_account IS 'What the partner had on account then.';
COMMENT ON COLUMN live_demand.issued_on IS 'Day of its issue.';
COMMENT ON COLUMN live_demand.due_on IS 'Last day for its payment.';
COMMENT ON COLUMN live_demand.issued_at IS 'When it was issued.';

-- Payments, deductions and credits pay invoices, the oldest first. A demand is paid by what is on account beyond what was there when
-- it was issued and has not gone to invoices, or back, since.
CREATE VIEW open_item WITH (security_invoker = true) AS
WITH invoice AS (
    SELECT d.partner_id, d.currency, d.document_id, n.label AS number, d.billing_month, t.issued_on, t.due_on, i.amount,
           -- what of it and of those before it is not covered: the debt, less all invoices after it
           -coalesce(sum(i.amount) OVER (PARTITION BY d.partner_id, d.currency ORDER BY d.sequence DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)
           - coalesce(b.balance, 0) AS uncovered
    FROM document d
    JOIN document_due t ON t.document_id = d.document_id
    JOIN document_number n ON n.document_id = d.document_id AND n.kind = 'payment invoice'
    CROSS JOIN LATERAL (SELECT d.invoice_total + coalesce(sum(k.invoice_total), 0) AS amount
                        FROM document k
                        WHERE k.credits = d.document_id AND k.issued_at <= known_at()) i
    LEFT JOIN partner_balance b ON b.partner_id = d.partner_id AND b.currency = d.currency
    WHERE d.issued_at <= known_at() AND i.amount > 0
), demanded AS (
    SELECT d.*, greatest(d.on_account - coalesce((SELECT sum(e.amount) FROM account_entry e
                                                  WHERE e.partner_id = d.partner_id AND e.currency = d.currency AND e.account = 'receivable' AND e.amount > 0
                                                    AND e.recorded_at > d.issued_at AND e.recorded_at <= known_at()), 0), 0) AS still_there,
           sum(d.amount) OVER (PARTITION BY d.partner_id, d.currency ORDER BY d.demand_id) AS up_to_it
    FROM live_demand d
), item AS (
    SELECT partner_id, currency, 'invoice' AS kind, document_id, NULL::bigint AS demand_id, number, billing_month, issued_on, due_on, amount, uncovered
    FROM invoice
    UNION ALL
    SELECT d.partner_id, d.currency, d.kind, NULL, d.demand_id, d.label, d.month, d.issued_on, d.due_on, d.amount,
           d.up_to_it + max(d.still_there - d.up_to_it + d.amount) OVER (PARTITION BY d.partner_id, d.currency ORDER BY d.demand_id)
           - greatest(coalesce(b.balance, 0), 0)
    FROM demanded d
    LEFT JOIN partner_balance b ON b.partner_id = d.partner_id AND b.currency = d.currency
), ageing AS (
    SELECT array_agg(a.days ORDER BY a.days) AS bounds
    FROM setting s
    CROSS JOIN LATERAL unnest(string_to_array(s.value, ',')::integer[]) a (days)
    WHERE s.name = 'ageing_days'
)
SELECT i.partner_id, i.currency, i.kind, i.number, i.billing_month, i.issued_on, i.due_on, i.amount, least(i.amount, i.uncovered) AS open_amount,
       CASE WHEN o.days_overdue > 0 THEN 'overdue' ELSE 'due' END AS state, o.days_overdue,
       CASE WHEN o.days_overdue = 0 THEN 'not overdue'
            ELSE coalesce((SELECT format('%s-%s', coalesce(a.bounds[n - 1], 0) + 1, a.bounds[n]) FROM generate_subscripts(a.bounds, 1) n
                           WHERE o.days_overdue <= a.bounds[n] ORDER BY n LIMIT 1),
                          format('over %s', a.bounds[cardinality(a.bounds)])) END AS bucket,
       i.document_id, i.demand_id
FROM item i
CROSS JOIN (SELECT today() AS today OFFSET 0) t
CROSS JOIN LATERAL (SELECT greatest(t.today - i.due_on, 0) AS days_overdue) o
CROSS JOIN ageing a
WHERE i.uncovered > 0;
COMMENT ON VIEW open_item IS 'What partners have still to pay today (or at known_at()): invoices less their credit notes, the oldest paid first, and demands that hold. The invoices'' open amounts of a partner and currency add up to its debt.';
COMMENT ON COLUMN open_item.partner_id IS 'The partner.';
COMMENT ON COLUMN open_item.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN open_item.kind IS 'invoice, advance or threshold.';
COMMENT ON COLUMN open_item.number IS 'Number of the payment invoice, or of the demand.';
COMMENT ON COLUMN open_item.billing_month IS 'First day of its month.';
COMMENT ON COLUMN open_item.issued_on IS 'Day of its issue.';
COMMENT ON COLUMN open_item.due_on IS 'Last day for its payment.';
COMMENT ON COLUMN open_item.amount IS 'What it is for, less credit notes.';
COMMENT ON COLUMN open_item.open_amount IS 'What of it is not paid.';
COMMENT ON COLUMN open_item.state IS 'due, or overdue: due_on is over.';
COMMENT ON COLUMN open_item.days_overdue IS 'Days since due_on; 0 while it is not overdue.';
COMMENT ON COLUMN open_item.bucket IS 'not overdue, or the bucket of days overdue by the setting ageing_days: 1-30, 31-60, 61-90, over 90.';
COMMENT ON COLUMN open_item.document_id IS 'The invoice, or';
COMMENT ON COLUMN open_item.demand_id IS 'the demand.';

CREATE VIEW ageing WITH (security_invoker = true) AS
SELECT partner_id, currency, bucket, count(*) AS items, sum(open_amount) AS open_amount, min(due_on) AS due_since
FROM open_item
GROUP BY partner_id, currency, bucket;
COMMENT ON VIEW ageing IS 'Open items by how long they are overdue.';
COMMENT ON COLUMN ageing.partner_id IS 'The partner.';
COMMENT ON COLUMN ageing.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN ageing.bucket IS 'As in open_item.';
COMMENT ON COLUMN ageing.items IS 'How many items.';
COMMENT ON COLUMN ageing.open_amount IS 'What of them is not paid.';
COMMENT ON COLUMN ageing.due_since IS 'The earliest day on which one of them is, or was, due.';

CREATE VIEW demand_state WITH (security_invoker = true) AS
SELECT d.demand_id, d.partner_id, d.currency, d.kind, d.label, d.month, d.amount, d.issued_on, d.due_on,
       CASE WHEN l.demand_id IS NULL THEN 'superseded' ELSE coalesce(o.state, 'paid') END AS state, coalesce(o.open_amount, 0) AS open_amount
FROM demand d
LEFT JOIN live_demand l ON l.demand_id = d.demand_id AND l.partner_id = d.partner_id
LEFT JOIN open_item o ON o.demand_id = d.demand_id AND o.partner_id = d.partner_id
WHERE d.issued_at <= known_at();
COMMENT ON VIEW demand_state IS 'Where each demand stands today.';
COMMENT ON COLUMN demand_state.demand_id IS 'The demand.';
COMMENT ON COLUMN demand_state.partner_id IS 'The partner.';
COMMENT ON COLUMN demand_state.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN demand_state.kind IS 'advance or threshold.';
COMMENT ON COLUMN demand_state.label IS 'Its number as printed.';
COMMENT ON COLUMN demand_state.month IS 'First day of the month whose close supersedes it.';
COMMENT ON COLUMN demand_state.amount IS 'What was demanded.';
COMMENT ON COLUMN demand_state.issued_on IS 'Day of its issue.';
COMMENT ON COLUMN demand_state.due_on IS 'Last day for its payment.';
COMMENT ON COLUMN demand_state.state IS 'due, overdue, paid, or superseded: by the close of its month, or by a later demand because of a threshold.';
COMMENT ON COLUMN demand_state.open_amount IS 'What of it is not paid; 0 when it is superseded.';

CREATE VIEW suspension_due WITH (security_invoker = true) AS
SELECT o.partner_id, o.currency, sum(o.open_amount) AS overdue, min(o.due_on) AS due_on, max(o.days_overdue) AS days_overdue
FROM open_item o
WHERE o.days_overdue > (SELECT s.value::integer FROM setting s WHERE s.name = 'suspension_days')
GROUP BY o.partner_id, o.currency;
COMMENT ON VIEW suspension_due IS 'Partners that are overdue by more days than the setting suspension_days. A report: nothing suspends a partner but suspend_partner().';
COMMENT ON COLUMN suspension_due.partner_id IS 'The partner.';
COMMENT ON COLUMN suspension_due.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN suspension_due.overdue IS 'What is overdue by that much.';
COMMENT ON COLUMN suspension_due.due_on IS 'When the oldest of it was due.';
COMMENT ON COLUMN suspension_due.days_overdue IS 'How many days ago that was.';

CREATE VIEW invoice_due WITH (security_invoker = true) AS
SELECT d.partner_id, d.billing_month, to_char(d.billing_month, 'YYYY-MM') AS month_label, d.currency, 'issued' AS status, n.label AS number, d.invoice_total,
       t.previous_debt, t.unapplied_payments, t.deductions, t.amount_due, t.issued_on, t.due_on
FROM document d
JOIN document_due t ON t.document_id = d.document_id
JOIN document_number n ON n.document_id = d.document_id AND n.kind = 'payment invoice'
WHERE d.issued_at <= known_at()
UNION ALL
SELECT i.partner_id, i.billing_month, i.month_label, i.currency, i.status, i.number, i.invoice_total, greatest(i.owed, 0), greatest(-i.owed, 0), i.deductions,
       greatest(i.invoice_total + i.owed - i.deductions, 0), NULL, NULL
FROM (SELECT p.*, coalesce(sum(p.invoice_total) OVER earlier, 0) - coalesce(b.balance, 0) + w.deductions AS owed, w.deductions
      FROM (SELECT p.*, row_number() OVER (PARTITION BY p.partner_id, p.currency ORDER BY p.billing_month) AS place
            FROM payment_invoice p
            WHERE p.status = 'draft') p
      LEFT JOIN partner_balance b ON b.partner_id = p.partner_id AND b.currency = p.currency
      LEFT JOIN undeducted u ON u.partner_id = p.partner_id AND u.currency = p.currency
      -- the first of them shows the deductions
      CROSS JOIN LATERAL (SELECT CASE p.place WHEN 1 THEN coalesce(u.deductions, 0) ELSE 0 END AS deductions) w
      WINDOW earlier AS (PARTITION BY p.partner_id, p.currency ORDER BY p.billing_month ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) i;
COMMENT ON VIEW invoice_due IS 'What is to be paid with each invoice: as issued, and for drafts as it would be if they were issued now, in order.';
COMMENT ON COLUMN invoice_due.partner_id IS 'The partner.';
COMMENT ON COLUMN invoice_due.billing_month IS 'First day of the document''s month.';
COMMENT ON COLUMN invoice_due.month_label IS 'The month as text (YYYY-MM), for tools that shift dates between time zones.';
COMMENT ON COLUMN invoice_due.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN invoice_due.status IS 'draft or issued.';
COMMENT ON COLUMN invoice_due.number IS 'Number of the payment invoice; NULL for a draft.';
COMMENT ON COLUMN invoice_due.invoice_total IS 'What the document bills, VAT included.';
COMMENT ON COLUMN invoice_due.previous_debt IS 'What is owed on earlier documents.';
COMMENT ON COLUMN invoice_due.unapplied_payments IS 'What was paid, or credited, beyond that.';
COMMENT ON COLUMN invoice_due.deductions IS 'Rebates withdrawn as invoice deductions since the invoice before.';
COMMENT ON COLUMN invoice_due.amount_due IS 'invoice_total + previous_debt - unapplied_payments - deductions, or 0 when that is less.';
COMMENT ON COLUMN invoice_due.issued_on IS 'Day of its issue; NULL for a draft.';
COMMENT ON COLUMN invoice_due.due_on IS 'Last day for its payment; NULL for a draft.';

-- The debt of now: what is issued and not paid, and what is consumed and not issued.
CREATE VIEW live_debt WITH (security_invoker = true) AS
SELECT partner_id, currency, d.first_month, coalesce(d.before_bonus, 0) AS before_bonus, coalesce(d.after_bonus, 0) AS after_bonus,
       coalesce(b.balance, 0) AS balance, coalesce(d.before_bonus, 0) - coalesce(b.balance, 0) AS debt_before_bonus,
       coalesce(d.after_bonus, 0) - coalesce(b.balance, 0) AS debt_after_bonus
FROM (SELECT k.partner_id, k.currency, min(k.billing_month) AS first_month, sum(k.taxable + k.vat) AS after_bonus,
             sum(CASE WHEN k.vat_included THEN k.base ELSE k.base + k.vat_before_bonus END) AS before_bonus
      FROM draft_block k
      GROUP BY k.partner_id, k.currency) d
FULL JOIN partner_balance b USING (partner_id, currency);
COMMENT ON VIEW live_debt IS 'What partners owe if everything consumed so far were billed now: drafts of all open months, VAT included, less the balance. A threshold is held against it.';
COMMENT ON COLUMN live_debt.partner_id IS 'The partner.';
COMMENT ON COLUMN live_debt.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN live_debt.first_month IS 'First day of the earliest month with a draft; NULL without any.';
COMMENT ON COLUMN live_debt.before_bonus IS 'Drafts without the bonus.';
COMMENT ON COLUMN live_debt.after_bonus IS 'Drafts as they are.';
COMMENT ON COLUMN live_debt.balance IS 'The balance of issued documents and payments.';
COMMENT ON COLUMN live_debt.debt_before_bonus IS 'before_bonus - balance; below 0 while something of the balance remains.';
COMMENT ON COLUMN live_debt.debt_after_bonus IS 'after_bonus - balance, likewise.';

CREATE FUNCTION issue_demand(partner_id text, currency text, kind text, month date, amount numeric, debt numeric, threshold numeric) RETURNS demand
LANGUAGE sql SET search_path FROM CURRENT
BEGIN ATOMIC
    INSERT INTO demand (partner_id, currency, kind, month, number, label, amount, debt, threshold, on_account, issued_on, due_on, issued_at)
    SELECT issue_demand.partner_id, issue_demand.currency, issue_demand.kind, issue_demand.month, n.number,
           number_label(issue_demand.kind, issue_demand.partner_id, issue_demand.month, n.number), issue_demand.amount, issue_demand.debt,
           issue_demand.threshold,
           greatest(coalesce((SELECT b.balance FROM partner_balance b WHERE b.partner_id = issue_demand.partner_id AND b.currency = issue_demand.currency), 0), 0),
           n.today, n.today + due_days_of(issue_demand.partner_id, issue_demand.currency, n.today), clock_timestamp()
    FROM (SELECT coalesce(max(d.number), 0) + 1 AS number, today() AS today
          FROM demand d
          WHERE d.partner_id = issue_demand.partner_id AND d.kind = issue_demand.kind) n
    RETURNING *;
END;
COMMENT ON FUNCTION issue_demand(text, text, text, date, numeric, numeric, numeric) IS 'Writes and numbers a demand. The caller has locked the partner.';

CREATE FUNCTION request_advance_invoice(partner_id text, currency text, amount numeric) RETURNS demand
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
DECLARE
    mode text;
BEGIN
    PERFORM lock_partner(request_advance_invoice.partner_id),
            require_amount(request_advance_invoice.partner_id, request_advance_invoice.currency, request_advance_invoice.amount);
    SELECT t.mode INTO mode FROM settlement_terms t
    WHERE t.partner_id = request_advance_invoice.partner_id AND t.currency = request_advance_invoice.currency AND t.validity @> today()
      AND t.superseded_at = 'infinity';
    IF mode IS DISTINCT FROM 'advance' THEN
        RAISE EXCEPTION 'the partner does not pay in advance' USING ERRCODE = 'object_not_in_prerequisite_state',
            DETAIL = format('Today''s terms of %s in %s: %s.', request_advance_invoice.partner_id, request_advance_invoice.currency, coalesce(mode, 'none')),
            HINT = 'Insert settlement_terms with mode advance, or record what it pays without an invoice. Nothing was changed.';
    END IF;
    RETURN issue_demand(request_advance_invoice.partner_id, request_advance_invoice.currency, 'advance', billing_month(today()),
                        request_advance_invoice.amount, NULL, NULL);
END
$function$;
COMMENT ON FUNCTION request_advance_invoice(text, text, numeric) IS 'Issues an advance invoice for this month: a demand on account of so much. Errors: unknown partner (42704), an amount or currency as record_payment refuses them (22004, 22023), a partner whose terms are not advance payment (55000).';

CREATE FUNCTION check_thresholds(partners text[] DEFAULT NULL) RETURNS SETOF demand
LANGUAGE plpgsql SET search_path FROM CURRENT SET jit = off
AS $function$
#variable_conflict use_column
DECLARE
    one     text;
    terms   record;
    latest  record;
    amount  numeric;
    issued  demand;
BEGIN
    FOR one IN
        SELECT p.partner_id FROM unnest(partners) p (partner_id)
        UNION
        SELECT t.partner_id FROM settlement_terms t
        WHERE partners IS NULL AND t.threshold IS NOT NULL AND t.validity @> today() AND t.superseded_at = 'infinity'
        ORDER BY 1
    LOOP
        PERFORM lock_partner(one);
        FOR terms IN
            SELECT t.currency, t.threshold, d.first_month, CASE t.measured WHEN 'before bonus' THEN d.before_bonus ELSE d.after_bonus END AS drafts,
                   CASE t.measured WHEN 'before bonus' THEN d.debt_before_bonus ELSE d.debt_after_bonus END AS debt
            FROM settlement_terms t
            JOIN live_debt d ON d.partner_id = one AND d.currency = t.currency
            WHERE t.partner_id = one AND t.threshold IS NOT NULL AND t.validity @> today() AND t.superseded_at = 'infinity'
            ORDER BY t.currency
        LOOP
            SELECT c.direction, s.state IN ('superseded', 'paid') AS settled INTO latest
            FROM threshold_crossing c
            LEFT JOIN demand_state s ON s.demand_id = c.demand_id AND s.partner_id = one
            WHERE c.partner_id = one AND c.currency = terms.currency
            ORDER BY c.seen_at DESC
            LIMIT 1;
            IF terms.debt <= terms.threshold THEN
                IF latest.direction = 'above' THEN
                    INSERT INTO threshold_crossing (partner_id, currency, seen_at, direction, debt, threshold)
                    VALUES (one, terms.currency, clock_timestamp(), 'below', terms.debt, terms.threshold);
                END IF;
                CONTINUE;
            END IF;
            amount := least(terms.debt, terms.drafts);  -- what is on invoices, is due with them
            CONTINUE WHEN amount <= 0 OR (latest.direction = 'above' AND NOT latest.settled)
                OR EXISTS (SELECT FROM grant_balance g
                           WHERE g.partner_id = one AND g.currency = terms.currency AND g.amount > 0 AND g.validity @> today() AND g.superseded_at = 'infinity');
            issued := issue_demand(one, terms.currency, 'threshold', terms.first_month, amount, terms.debt, terms.threshold);
            INSERT INTO threshold_crossing (partner_id, currency, seen_at, direction, debt, threshold, demand_id)
            VALUES (one, terms.currency, clock_timestamp(), 'above', terms.debt, terms.threshold, issued.demand_id);
            PERFORM announce('threshold', one, NULL, jsonb_build_object('currency', terms.currency, 'debt', terms.debt, 'threshold', terms.threshold,
                                                                         'amount', amount, 'number', issued.label));
            RETURN NEXT issued;
        END LOOP;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION check_thresholds(text[]) IS 'Holds the live debt of partners (of all, when none are named) against their thresholds, and issues and gives a demand for each that is crossed: one per crossing; another only when the debt was seen at or below the threshold meanwhile, or the demand is paid or superseded. None while a grant is left, or while the balance covers what is consumed. For jobs, and after loads. 42704 for an unknown partner.';

CREATE VIEW settlement_violation WITH (security_invoker = true) AS
SELECT 'movement balances' AS invariant, 'movement ' || e.movement_id AS subject, format('its entries add up to %s, of %s partners or currencies', sum(e.amount), count(DISTINCT (e.partner_id, e.currency))) AS detail
FROM account_entry e
GROUP BY e.movement_id
HAVING sum(e.amount) <> 0 OR count(DISTINCT (e.partner_id, e.currency)) > 1
UNION ALL
SELECT 'document booked once', 'document ' || d.document_id,
       format('receivable %s for %s, revenue %s for %s, VAT %s for %s, entries of others %s', b.receivable, d.invoice_total, b.revenue, -d.taxable_total, b.vat,
              -d.vat_total, b.foreign_entries)
FROM document d
CROSS JOIN LATERAL (SELECT coalesce(sum(e.amount) FILTER (WHERE e.account = 'receivable'), 0) AS receivable,
                           coalesce(sum(e.amount) FILTER (WHERE e.account = 'revenue'), 0) AS revenue,
                           coalesce(sum(e.amount) FILTER (WHERE e.account = 'vat'), 0) AS vat,
                           count(*) FILTER (WHERE (e.partner_id, e.currency) <> (d.partner_id, d.currency)) AS foreign_entries
                    FROM account_entry e
                    WHERE e.document_id = d.document_id) b
WHERE (b.receivable, b.revenue, b.vat, b.foreign_entries)
      <> (CASE d.kind WHEN 'statement' THEN 0 ELSE d.invoice_total END, CASE d.kind WHEN 'statement' THEN 0 ELSE -d.taxable_total END,
          CASE d.kind WHEN 'statement' THEN 0 ELSE -d.vat_total END, 0)
UNION ALL
SELECT 'payment booked once', 'payment ' || p.payment_id, format('cash %s for a %s of %s', b.cash, p.kind, p.amount)
FROM payment p
CROSS JOIN LATERAL (SELECT coalesce(sum(e.amount) FILTER (WHERE e.account = 'cash' AND (e.partner_id, e.currency, e.booked_on) = (p.partner_id, p.currency, p.received_on)), 0) AS cash,
                           coalesce(sum(e.amount) FILTER (WHERE e.account = 'receivable'), 0) AS receivable
                    FROM account_entry e
                    WHERE e.payment_id = p.payment_id) b
WHERE (b.cash, b.receivable) <> (CASE p.kind WHEN 'payment' THEN p.amount ELSE -p.amount END, CASE p.kind WHEN 'payment' THEN -p.amount ELSE p.amount END)
UNION ALL
SELECT 'balance', concat_ws(' ', partner_id, currency), format('entries %s, documents and payments %s', e.amount, x.amount)
FROM (SELECT partner_id, currency, sum(amount) AS amount FROM account_entry WHERE account = 'receivable' AND withdrawal_id IS NULL GROUP BY partner_id, currency) e
FULL JOIN (SELECT w.partner_id, w.currency, sum(w.amount) AS amount
           FROM (SELECT partner_id, currency, invoice_total AS amount FROM document WHERE kind <> 'statement'
                 UNION ALL
                 SELECT partner_id, currency, CASE kind WHEN 'payment' THEN -amount ELSE amount END FROM payment) w
           GROUP BY w.partner_id, w.currency) x USING (partner_id, currency)
WHERE coalesce(e.amount, 0) <> coalesce(x.amount, 0)
UNION ALL
SELECT 'amount due', 'document ' || d.document_id,
       CASE WHEN t.document_id IS NULL THEN 'nothing is kept of what was due'
            ELSE format('%s, for %s + %s - %s - %s', t.amount_due, d.invoice_total, t.previous_debt, t.unapplied_payments, t.deductions) END
FROM document d
LEFT JOIN document_due t ON t.document_id = d.document_id
WHERE (d.kind = 'invoice') <> (t.document_id IS NOT NULL)
   OR t.amount_due <> greatest(d.invoice_total + t.previous_debt - t.unapplied_payments - t.deductions, 0)
UNION ALL
SELECT 'demand beside an invoice', 'demand ' || o.demand_id, format('%s is still due beside document %s of its month', o.number, d.document_id)
FROM open_item o
JOIN document d ON d.partner_id = o.partner_id AND d.currency = o.currency AND d.billing_month = o.billing_month AND d.kind <> 'credit note'
WHERE o.demand_id IS NOT NULL
UNION ALL
SELECT 'gap in numbers', n.partner_id || ' ' || n.kind, format('%s numbers up to %s', n.numbers, n.last)
FROM (SELECT partner_id, kind, count(*) AS numbers, max(number) AS last FROM demand GROUP BY partner_id, kind) n
WHERE n.numbers <> n.last;
COMMENT ON VIEW settlement_violation IS 'Broken invariants of accounts, payments and demands; none when all is sound.';
COMMENT ON COLUMN settlement_violation.invariant IS 'What should be true.';
COMMENT ON COLUMN settlement_violation.subject IS 'The movement, document, payment or demand at fault.';
COMMENT ON COLUMN settlement_violation.detail IS 'The figures.';
