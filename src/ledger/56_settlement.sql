-- Settlement: what partners owe and pay, in double entry. Documents and payments are booked once, in movements that add up to
-- nothing; balances are sums of entries. What is due of them is in 58_due.sql, rebates are in 57_commissions.sql.

CREATE TABLE payment (
    payment_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    partner_id  text COLLATE "C" NOT NULL,
    currency    text COLLATE "C" NOT NULL REFERENCES currency,
    kind        text NOT NULL CHECK (kind IN ('payment', 'refund')),
    amount      numeric NOT NULL CHECK (amount > 0 AND amount < 'Infinity'),
    external_id text COLLATE "C" NOT NULL CHECK (external_id <> ''),
    received_on date NOT NULL CHECK (isfinite(received_on)),
    reason      text,
    recorded_at timestamptz NOT NULL,
    recorded_by text NOT NULL DEFAULT session_user,
    UNIQUE (partner_id, external_id),
    CHECK ((kind = 'refund') = (reason IS NOT NULL))
);
COMMENT ON TABLE payment IS 'Money that came from partners, or went back to them. Written by record_payment and record_refund, never changed.';
COMMENT ON COLUMN payment.payment_id IS 'Identity of the payment.';
COMMENT ON COLUMN payment.partner_id IS 'The partner.';
COMMENT ON COLUMN payment.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN payment.kind IS 'payment, or refund: money that went back.';
COMMENT ON COLUMN payment.amount IS 'The amount, above 0 for both kinds.';
COMMENT ON COLUMN payment.external_id IS 'The bank''s or payment system''s id: one payment per partner and id.';
COMMENT ON COLUMN payment.received_on IS 'Day on which the money came, or went.';
COMMENT ON COLUMN payment.reason IS 'Of a refund: why.';
COMMENT ON COLUMN payment.recorded_at IS 'When it was recorded.';
COMMENT ON COLUMN payment.recorded_by IS 'Who recorded it (session_user).';

CREATE SEQUENCE movement_number;
COMMENT ON SEQUENCE movement_number IS 'Gives account_entry.movement_id.';

CREATE TABLE account_entry (
    movement_id   bigint NOT NULL,
    account       text NOT NULL CHECK (account IN ('receivable', 'cash', 'revenue', 'vat', 'commission', 'rebate')),
    partner_id    text COLLATE "C" NOT NULL,
    currency      text COLLATE "C" NOT NULL REFERENCES currency,
    amount        numeric NOT NULL CHECK (amount <> 0 AND amount > '-Infinity' AND amount < 'Infinity'),
    booked_on     date NOT NULL CHECK (isfinite(booked_on)),
    document_id   bigint REFERENCES document,
    payment_id    bigint REFERENCES payment,
    accrual_id    bigint,
    withdrawal_id bigint,
    recorded_at   timestamptz NOT NULL,
    PRIMARY KEY (movement_id, account),
    UNIQUE (document_id, account),
    UNIQUE (payment_id, account),
    UNIQUE (accrual_id, account),
    UNIQUE (withdrawal_id, account),
    CHECK (num_nonnulls(document_id, payment_id, accrual_id, withdrawal_id) = 1)
);
CREATE INDEX ON account_entry (partner_id, currency, account);
COMMENT ON TABLE account_entry IS 'Entries in double entry: those of a movement are of one partner and currency and add up to 0, which is checked when the transaction ends. Appended to, never changed.';
COMMENT ON COLUMN account_entry.movement_id IS 'Entries of one movement share it.';
COMMENT ON COLUMN account_entry.account IS 'receivable: what the partner owes; cash: money; revenue and vat: what documents bill; commission: what rebates cost; rebate: what is owed to the partner as rebates.';
COMMENT ON COLUMN account_entry.partner_id IS 'The partner.';
COMMENT ON COLUMN account_entry.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN account_entry.amount IS 'Debit above 0, credit below.';
COMMENT ON COLUMN account_entry.booked_on IS 'Day from which on it counts: of the document''s issue, of the payment, of the withdrawal.';
COMMENT ON COLUMN account_entry.document_id IS 'The invoice or credit note that was booked, or';
COMMENT ON COLUMN account_entry.payment_id IS 'the payment or refund, or';
COMMENT ON COLUMN account_entry.accrual_id IS 'the accrual of a rebate, or';
COMMENT ON COLUMN account_entry.withdrawal_id IS 'the withdrawal of rebates.';
COMMENT ON COLUMN account_entry.recorded_at IS 'When it was booked.';

CREATE FUNCTION refuse_unbalanced() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
DECLARE
    total numeric;
    whose bigint;
BEGIN
    SELECT sum(e.amount), count(DISTINCT (e.partner_id, e.currency)) INTO total, whose FROM account_entry e WHERE e.movement_id = NEW.movement_id;
    IF total <> 0 OR whose > 1 THEN
        RAISE EXCEPTION 'a movement does not balance' USING ERRCODE = 'check_violation',
            DETAIL = format('The entries of movement %s add up to %s, of %s partners or currencies.', NEW.movement_id, total, whose),
            HINT = 'Entries are written by book_movement: debits above 0, credits below, of one partner and currency. Nothing was changed.';
    END IF;
    RETURN NULL;
END
$function$;
COMMENT ON FUNCTION refuse_unbalanced() IS 'Trigger at the end of a transaction: refuses (23514) movements whose entries do not add up to 0, or are not of one partner and currency.';
CREATE CONSTRAINT TRIGGER refuse_unbalanced AFTER INSERT ON account_entry DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_unbalanced();

CREATE TABLE document_due (
    document_id        bigint PRIMARY KEY REFERENCES document,
    issued_on          date NOT NULL,
    due_on             date NOT NULL CHECK (due_on >= issued_on),
    previous_debt      numeric NOT NULL CHECK (previous_debt >= 0),
    unapplied_payments numeric NOT NULL CHECK (unapplied_payments >= 0),
    deductions         numeric NOT NULL CHECK (deductions >= 0),
    amount_due         numeric NOT NULL CHECK (amount_due >= 0)
);
COMMENT ON TABLE document_due IS 'What was to be paid, and until when, as each invoice said when it was issued. Never changed; what is left of it now is in open_item.';
COMMENT ON COLUMN document_due.document_id IS 'The invoice.';
COMMENT ON COLUMN document_due.issued_on IS 'Day of its issue, in the zone of the setting utc_offset.';
COMMENT ON COLUMN document_due.due_on IS 'Last day for its payment: issued_on plus the due days of the partner''s terms, else of the setting.';
COMMENT ON COLUMN document_due.previous_debt IS 'What was owed before it.';
COMMENT ON COLUMN document_due.unapplied_payments IS 'What was paid, or credited, beyond what was owed before it.';
COMMENT ON COLUMN document_due.deductions IS 'Rebates withdrawn as invoice deductions since the invoice before.';
COMMENT ON COLUMN document_due.amount_due IS 'invoice_total + previous_debt - unapplied_payments - deductions, or 0 when that is less; what is left over stays on the balance.';

DO $do$
DECLARE
    booked text;
BEGIN
    FOREACH booked IN ARRAY '{payment,account_entry,document_due}'::text[] LOOP
        EXECUTE format('CREATE TRIGGER refuse_edit BEFORE UPDATE OR DELETE OR TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit()', booked);
    END LOOP;
END
$do$;

CREATE FUNCTION book_movement(partner_id text, currency text, booked_on date, accounts text[], amounts numeric[], document_id bigint DEFAULT NULL,
                              payment_id bigint DEFAULT NULL, accrual_id bigint DEFAULT NULL, withdrawal_id bigint DEFAULT NULL)
RETURNS void
LANGUAGE sql SET search_path FROM CURRENT
BEGIN ATOMIC
    INSERT INTO account_entry (movement_id, account, partner_id, currency, amount, booked_on, document_id, payment_id, accrual_id, withdrawal_id, recorded_at)
    SELECT m.movement_id, e.account, book_movement.partner_id, book_movement.currency, e.amount, book_movement.booked_on, book_movement.document_id,
           book_movement.payment_id, book_movement.accrual_id, book_movement.withdrawal_id, m.moment
    FROM (SELECT nextval('movement_number') AS movement_id, clock_timestamp() AS moment) m
    CROSS JOIN unnest(book_movement.accounts, book_movement.amounts) e (account, amount)
    WHERE e.amount <> 0;
END;
COMMENT ON FUNCTION book_movement(text, text, date, text[], numeric[], bigint, bigint, bigint, bigint) IS 'Books a movement: an entry per account whose amount is not 0, for what was issued, paid, accrued or withdrawn. The caller has locked the partner.';

CREATE VIEW partner_balance WITH (security_invoker = true) AS
SELECT partner_id, currency, -sum(amount) AS balance, greatest(sum(amount), 0) AS debt
FROM account_entry
WHERE account = 'receivable' AND recorded_at <= known_at()
GROUP BY partner_id, currency;
COMMENT ON VIEW partner_balance IS 'Where each partner stands in each currency: the sum of its entries on receivable, with the partner''s sign.';
COMMENT ON COLUMN partner_balance.partner_id IS 'The partner.';
COMMENT ON COLUMN partner_balance.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN partner_balance.balance IS 'Above 0: what the partner has on account; below: what it owes on issued documents. Drafts are not in it (live_debt).';
COMMENT ON COLUMN partner_balance.debt IS 'What it owes; 0 when it has something on account.';

CREATE FUNCTION partner_balance(partner_id text, day date) RETURNS TABLE (currency text, balance numeric, debt numeric)
LANGUAGE plpgsql STABLE SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
BEGIN
    PERFORM require_partner(partner_balance.partner_id);
    IF partner_balance.day IS NULL THEN
        RAISE EXCEPTION 'a day is needed' USING ERRCODE = 'null_value_not_allowed', DETAIL = 'The day is NULL.',
            HINT = 'Give the day at whose end the balance is asked for; the view partner_balance has that of now.';
    END IF;
    RETURN QUERY
    SELECT e.currency, -sum(e.amount), greatest(sum(e.amount), 0)
    FROM account_entry e
    WHERE e.partner_id = partner_balance.partner_id AND e.account = 'receivable' AND e.booked_on <= partner_balance.day AND e.recorded_at <= known_at()
    GROUP BY e.currency
    ORDER BY e.currency;
END
$function$;
COMMENT ON FUNCTION partner_balance(text, date) IS 'The balance of a partner at the end of a day, per currency, of what was booked on it or before; columns as in the view. Errors: unknown partner (42704), no day (22004).';

CREATE FUNCTION due_days_of(partner_id text, currency text, day date) RETURNS integer
LANGUAGE sql STABLE SET search_path FROM CURRENT
BEGIN ATOMIC
    SELECT coalesce((SELECT t.due_days FROM settlement_terms t
                     WHERE t.partner_id = due_days_of.partner_id AND t.currency = due_days_of.currency AND t.validity @> due_days_of.day
                       AND is_known(t.recorded_at, t.superseded_at)),
                    (SELECT s.value::integer FROM setting s WHERE s.name = 'due_days'));
END;
COMMENT ON FUNCTION due_days_of(text, text, date) IS 'How many days a partner has to pay what is issued on a day: of its settlement terms, else of the setting due_days.';

CREATE VIEW undeducted WITH (security_invoker = true) AS
SELECT partner_id, currency, sum(amount) AS deductions
FROM (SELECT e.partner_id, e.currency, -e.amount AS amount
      FROM account_entry e
      WHERE e.account = 'receivable' AND e.withdrawal_id IS NOT NULL AND e.recorded_at <= known_at()
      UNION ALL
      SELECT d.partner_id, d.currency, -t.deductions
      FROM document d
      -- one by one: from the partner's documents, also while the planner takes new tables for empty
      CROSS JOIN LATERAL (SELECT t.deductions FROM document_due t WHERE t.document_id = d.document_id OFFSET 0) t
      WHERE d.kind = 'invoice' AND d.issued_at <= known_at()) w
GROUP BY partner_id, currency;
COMMENT ON VIEW undeducted IS 'Rebates withdrawn as invoice deductions that no invoice has shown yet: the next one does.';
COMMENT ON COLUMN undeducted.partner_id IS 'The partner.';
COMMENT ON COLUMN undeducted.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN undeducted.deductions IS 'The sum; 0 when all are on invoices.';

CREATE FUNCTION book_document(document_id bigint) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
DECLARE
    issued     document := require_document(book_document.document_id);
    issued_on  date := reporting_day(issued.issued_at);
    owed       numeric;
    deductions numeric;
BEGIN
    PERFORM lock_partner(issued.partner_id);
    IF issued.kind = 'statement' OR EXISTS (SELECT FROM account_entry e WHERE e.document_id = issued.document_id)
       OR EXISTS (SELECT FROM document_due t WHERE t.document_id = issued.document_id) THEN
        RETURN;
    END IF;
    IF issued.kind = 'invoice' THEN
        deductions := coalesce((SELECT u.deductions FROM undeducted u WHERE u.partner_id = issued.partner_id AND u.currency = issued.currency), 0);
        owed := deductions - coalesce((SELECT b.balance FROM partner_balance b WHERE b.partner_id = issued.partner_id AND b.currency = issued.currency), 0);
        INSERT INTO document_due (document_id, issued_on, due_on, previous_debt, unapplied_payments, deductions, amount_due)
        VALUES (issued.document_id, issued_on, issued_on + due_days_of(issued.partner_id, issued.currency, issued_on), greatest(owed, 0), greatest(-owed, 0),
                deductions, greatest(issued.invoice_total + owed - deductions, 0));
    END IF;
    PERFORM book_movement(issued.partner_id, issued.currency, issued_on, '{receivable,revenue,vat}',
                          ARRAY[issued.invoice_total, -issued.taxable_total, -issued.vat_total], document_id => issued.document_id);
END
$function$;
COMMENT ON FUNCTION book_document(bigint) IS 'Books an invoice or credit note, and keeps what is due with an invoice. close_partner and credit_note call it; a document that is booked already stays as it is. 42704 for an unknown document.';

CREATE FUNCTION require_amount(partner_id text, currency text, amount numeric) RETURNS void
LANGUAGE plpgsql STABLE SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
DECLARE
    decimals integer;
BEGIN
    IF require_amount.currency IS NULL OR require_amount.amount IS NULL THEN
        RAISE EXCEPTION 'an amount and its currency are needed' USING ERRCODE = 'null_value_not_allowed',
            DETAIL = format('They are %s %s.', coalesce(require_amount.amount::text, 'NULL'), coalesce(require_amount.currency, 'NULL')), HINT = 'Give both.';
    END IF;
    IF NOT EXISTS (SELECT FROM settlement_terms t WHERE t.partner_id = require_amount.partner_id AND t.currency = require_amount.currency AND t.superseded_at = 'infinity')
       AND NOT EXISTS (SELECT FROM partner_terms t WHERE t.partner_id = require_amount.partner_id AND t.currency = require_amount.currency)
       AND NOT EXISTS (SELECT FROM document d WHERE d.partner_id = require_amount.partner_id AND d.currency = require_amount.currency) THEN
        RAISE EXCEPTION 'wrong currency' USING ERRCODE = 'invalid_parameter_value',
            DETAIL = format('%s has neither terms nor documents in %s.', require_amount.partner_id, require_amount.currency),
            HINT = 'Give the currency in which the partner is billed, or insert settlement_terms for this one. Nothing was changed.';
    END IF;
    IF NOT (require_amount.amount > 0 AND require_amount.amount < 1e18) THEN
        RAISE EXCEPTION 'the amount is not above 0 and below 1e18' USING ERRCODE = 'invalid_parameter_value', DETAIL = format('It is %s %s.', require_amount.amount, require_amount.currency),
            HINT = 'Amounts have no sign here: money that goes back is recorded by record_refund, rebates are taken back by reverse_accrual. Nothing was changed.';
    END IF;
    decimals := greatest((SELECT c.minor_units FROM currency c WHERE c.currency = require_amount.currency),
                         (SELECT max(d.rounding_scale) FROM document d WHERE d.partner_id = require_amount.partner_id AND d.currency = require_amount.currency));
    IF scale(trim_scale(require_amount.amount)) > decimals THEN
        RAISE EXCEPTION 'the amount has too many decimals' USING ERRCODE = 'invalid_parameter_value', DETAIL = format('It is %s; %s has %s.', require_amount.amount, require_amount.currency, decimals),
            HINT = 'Give an amount that can be paid. Nothing was changed.';
    END IF;
END
$function$;
COMMENT ON FUNCTION require_amount(text, text, numeric) IS 'Refuses amounts that a partner cannot pay or be paid: NULL (22004), not above 0, too large or with more decimals than the currency and the partner''s documents have, or in a currency in which it has neither terms nor documents (22023).';

CREATE FUNCTION require_reference(external_id text) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path FROM CURRENT
AS $function$
BEGIN
    IF coalesce(external_id, '') = '' THEN
        RAISE EXCEPTION 'an external id is needed' USING ERRCODE = 'null_value_not_allowed', DETAIL = format('It is %s.', coalesce(quote_literal(external_id), 'NULL')),
            HINT = 'Give an id that stays the same when the call is repeated, as the bank''s: so that nothing is recorded twice.';
    END IF;
    RETURN external_id;
END
$function$;
COMMENT ON FUNCTION require_reference(text) IS 'The external id of a payment or withdrawal, or an error (22004) when it is NULL or empty.';

CREATE FUNCTION book_payment(partner_id text, currency text, kind text, amount numeric, external_id text, received_on date, reason text) RETURNS payment
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
DECLARE
    found payment;
    paid  numeric;
BEGIN
    PERFORM lock_partner(book_payment.partner_id), require_reference(book_payment.external_id),
            require_amount(book_payment.partner_id, book_payment.currency, book_payment.amount);
    IF book_payment.received_on > today() OR NOT isfinite(book_payment.received_on) THEN
        RAISE EXCEPTION 'the day lies ahead' USING ERRCODE = 'invalid_parameter_value', DETAIL = format('It is %s; today is %s.', book_payment.received_on, today()),
            HINT = 'Record money when it has moved. Nothing was changed.';
    END IF;
    SELECT p.* INTO found FROM payment p WHERE p.partner_id = book_payment.partner_id AND p.external_id = book_payment.external_id;
    IF found.payment_id IS NOT NULL THEN
        IF (found.currency, found.kind, found.amount, found.received_on)
           IS DISTINCT FROM (book_payment.currency, book_payment.kind, book_payment.amount, coalesce(book_payment.received_on, found.received_on)) THEN
            RAISE EXCEPTION 'another payment has this id' USING ERRCODE = 'unique_violation',
                DETAIL = format('%L of %s is a %s of %s %s on %s.', found.external_id, found.partner_id, found.kind, found.amount, found.currency, found.received_on),
                HINT = 'Give the payment''s own id; the same payment again must be the same in all. Nothing was changed.';
        END IF;
        RETURN found;
    END IF;
    IF book_payment.kind = 'refund' THEN
        -- what came in or was credited, and has not gone back
        paid := coalesce((SELECT -sum(e.amount) FROM account_entry e
                          LEFT JOIN document d ON d.document_id = coalesce((SELECT i.credits FROM document i WHERE i.document_id = e.document_id), e.document_id)
                          WHERE e.partner_id = book_payment.partner_id AND e.currency = book_payment.currency AND e.account = 'receivable'
                            AND (d.document_id IS NULL OR d.invoice_total < 0)), 0);
        IF book_payment.amount > paid THEN
            RAISE EXCEPTION 'a refund cannot be above what was paid' USING ERRCODE = 'object_not_in_prerequisite_state',
                DETAIL = format('It is %s; %s %s of what %s paid or was credited is left.', book_payment.amount, paid, book_payment.currency, book_payment.partner_id),
                HINT = 'What was never paid is taken back by a credit note. Nothing was changed.';
        END IF;
    END IF;
    INSERT INTO payment (partner_id, currency, kind, amount, external_id, received_on, reason, recorded_at)
    VALUES (book_payment.partner_id, book_payment.currency, book_payment.kind, book_payment.amount, book_payment.external_id,
            coalesce(book_payment.received_on, today()), book_payment.reason, clock_timestamp())
    RETURNING * INTO found;
    PERFORM book_movement(found.partner_id, found.currency, found.received_on, '{cash,receivable}',
                          CASE found.kind WHEN 'payment' THEN ARRAY[found.amount, -found.amount] ELSE ARRAY[-found.amount, found.amount] END,
                          payment_id => found.payment_id);
    RETURN found;
END
$function$;
COMMENT ON FUNCTION book_payment(text, text, text, numeric, text, date, text) IS 'Records and books a payment or refund; record_payment and record_refund are its two names.';

CREATE FUNCTION record_payment(partner_id text, currency text, amount numeric, external_id text, received_on date DEFAULT NULL) RETURNS payment
LANGUAGE sql SET search_path FROM CURRENT
BEGIN ATOMIC
    SELECT (p).* FROM book_payment(record_payment.partner_id, record_payment.currency, 'payment', record_payment.amount, record_payment.external_id,
                                   record_payment.received_on, NULL) p;
END;
COMMENT ON FUNCTION record_payment(text, text, numeric, text, date) IS 'Records money that a partner paid, today or on the day given, and gives the payment. The same again is the same payment. Errors: unknown partner (42704), wrong currency, an amount not above 0 or a day ahead (22023), NULL (22004), the id has another amount, currency or day (23505).';

CREATE FUNCTION record_refund(partner_id text, currency text, amount numeric, external_id text, reason text, paid_on date DEFAULT NULL) RETURNS payment
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
BEGIN
    PERFORM require_reason(reason, 'Say why money goes back; it is kept in payment.');
    RETURN book_payment(partner_id, currency, 'refund', amount, external_id, paid_on, reason);
END
$function$;
COMMENT ON FUNCTION record_refund(text, text, numeric, text, text, date) IS 'Records money that went back to a partner, or a payment that bounced: the balance goes down. Errors as of record_payment; more than was paid or credited (55000), no reason (22004).';
