-- Commissions: what partners earn beside the invoice. Rebates accrue on a balance, from what documents have billed, and are
-- withdrawn as a deduction from invoices or to a bank account. The balance is never below 0.

CREATE TABLE rebate_accrual (
    accrual_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    partner_id   text COLLATE "C" NOT NULL,
    month        date NOT NULL CHECK (month = billing_month(month)),
    kind         text NOT NULL CHECK (kind IN ('project growth', 'specialization', 'referral')),
    account_id   text COLLATE "C" NOT NULL,
    currency     text COLLATE "C" NOT NULL REFERENCES currency,
    base         numeric NOT NULL,
    exact_amount numeric NOT NULL,
    monthly_cap  numeric,
    amount       numeric NOT NULL CHECK (amount <> 0 AND amount > '-Infinity' AND amount < 'Infinity'),
    reverses     bigint REFERENCES rebate_accrual,
    reason       text,
    accrued_at   timestamptz NOT NULL,
    CHECK ((reverses IS NULL) = (amount > 0)),
    CHECK ((reverses IS NULL) = (reason IS NULL))
);
CREATE UNIQUE INDEX rebate_accrual_once ON rebate_accrual (partner_id, month, kind, account_id, currency) WHERE reverses IS NULL;
CREATE INDEX ON rebate_accrual (reverses) WHERE reverses IS NOT NULL;
COMMENT ON TABLE rebate_accrual IS 'Rebates that partners earned, and what of them was taken back. Written by accrue_rebates and reverse_accrual, never changed.';
COMMENT ON COLUMN rebate_accrual.accrual_id IS 'Identity of the accrual.';
COMMENT ON COLUMN rebate_accrual.partner_id IS 'The partner.';
COMMENT ON COLUMN rebate_accrual.month IS 'First day of the month of the documents.';
COMMENT ON COLUMN rebate_accrual.kind IS 'project growth, specialization or referral.';
COMMENT ON COLUMN rebate_accrual.account_id IS 'The customer.';
COMMENT ON COLUMN rebate_accrual.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN rebate_accrual.base IS 'Eligible base of the days that earned it; exact. 0 for a reversal.';
COMMENT ON COLUMN rebate_accrual.exact_amount IS 'Base times the rates of its days; exact, before the cap. For a reversal the amount.';
COMMENT ON COLUMN rebate_accrual.monthly_cap IS 'The cap it was held to; NULL: none.';
COMMENT ON COLUMN rebate_accrual.amount IS 'What accrued: rounded as the document is, at most the cap. Below 0 for a reversal.';
COMMENT ON COLUMN rebate_accrual.reverses IS 'Of a reversal: the accrual it takes back, wholly or in part.';
COMMENT ON COLUMN rebate_accrual.reason IS 'Of a reversal: why.';
COMMENT ON COLUMN rebate_accrual.accrued_at IS 'When it was booked.';

CREATE TABLE rebate_withdrawal (
    withdrawal_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    partner_id    text COLLATE "C" NOT NULL,
    currency      text COLLATE "C" NOT NULL REFERENCES currency,
    amount        numeric NOT NULL CHECK (amount > 0 AND amount < 'Infinity'),
    way           text NOT NULL CHECK (way IN ('invoice deduction', 'bank account')),
    external_id   text COLLATE "C" NOT NULL CHECK (external_id <> ''),
    withdrawn_on  date NOT NULL,
    withdrawn_at  timestamptz NOT NULL,
    UNIQUE (partner_id, external_id)
);
COMMENT ON TABLE rebate_withdrawal IS 'Rebates that partners withdrew. Written by withdraw_rebate, never changed.';
COMMENT ON COLUMN rebate_withdrawal.withdrawal_id IS 'Identity of the withdrawal.';
COMMENT ON COLUMN rebate_withdrawal.partner_id IS 'The partner.';
COMMENT ON COLUMN rebate_withdrawal.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN rebate_withdrawal.amount IS 'How much, above 0.';
COMMENT ON COLUMN rebate_withdrawal.way IS 'invoice deduction: less to pay with the next invoice; or bank account.';
COMMENT ON COLUMN rebate_withdrawal.external_id IS 'The id of the request: one withdrawal per partner and id.';
COMMENT ON COLUMN rebate_withdrawal.withdrawn_on IS 'Day on which it was booked.';
COMMENT ON COLUMN rebate_withdrawal.withdrawn_at IS 'When it was booked.';

CREATE TRIGGER refuse_edit BEFORE UPDATE OR DELETE OR TRUNCATE ON rebate_accrual FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit();
CREATE TRIGGER refuse_edit BEFORE UPDATE OR DELETE OR TRUNCATE ON rebate_withdrawal FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit();
ALTER TABLE account_entry ADD FOREIGN KEY (accrual_id) REFERENCES rebate_accrual, ADD FOREIGN KEY (withdrawal_id) REFERENCES rebate_withdrawal;

CREATE VIEW rebate_balance WITH (security_invoker = true) AS
SELECT partner_id, currency, sum(accrued) AS accrued, sum(reversed) AS reversed, sum(deducted) AS deducted, sum(paid_out) AS paid_out,
       sum(accrued - reversed - deducted - paid_out) AS balance
FROM (SELECT a.partner_id, a.currency, greatest(a.amount, 0) AS accrued, greatest(-a.amount, 0) AS reversed, 0 AS deducted, 0 AS paid_out
      FROM rebate_accrual a
      WHERE a.accrued_at <= known_at()
      UNION ALL
      SELECT w.partner_id, w.currency, 0, 0, CASE w.way WHEN 'invoice deduction' THEN w.amount ELSE 0 END, CASE w.way WHEN 'bank account' THEN w.amount ELSE 0 END
      FROM rebate_withdrawal w
      WHERE w.withdrawn_at <= known_at()) m
GROUP BY partner_id, currency;
COMMENT ON VIEW rebate_balance IS 'Rebates of each partner and currency: what accrued, and what is left of it.';
COMMENT ON COLUMN rebate_balance.partner_id IS 'The partner.';
COMMENT ON COLUMN rebate_balance.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN rebate_balance.accrued IS 'What accrued.';
COMMENT ON COLUMN rebate_balance.reversed IS 'What of it was taken back.';
COMMENT ON COLUMN rebate_balance.deducted IS 'What was withdrawn as invoice deductions.';
COMMENT ON COLUMN rebate_balance.paid_out IS 'What was withdrawn to bank accounts.';
COMMENT ON COLUMN rebate_balance.balance IS 'What is left; never below 0.';

CREATE VIEW rebate_days WITH (security_invoker = true) AS
SELECT r.partner_id, r.account_id, r.kind, t.currency, t.rate, t.monthly_cap, d.days
FROM commission_right r
JOIN partner_program p ON p.partner_id = r.partner_id AND is_known(p.recorded_at, p.superseded_at)
JOIN commission_terms t ON t.program_id = p.program_id AND t.kind = r.kind AND is_known(t.recorded_at, t.superseded_at)
CROSS JOIN LATERAL (SELECT r.validity * p.validity * t.validity
                           * daterange(NULL, (lower(r.validity) + t.months * interval '1 month')::date) AS days) d
WHERE is_known(r.recorded_at, r.superseded_at) AND NOT isempty(d.days);
COMMENT ON VIEW rebate_days IS 'On which days a customer''s consumption earns its partner which rebate: days of the right, of the program that the partner follows, of its terms, and of their months.';
COMMENT ON COLUMN rebate_days.partner_id IS 'The partner.';
COMMENT ON COLUMN rebate_days.account_id IS 'The customer.';
COMMENT ON COLUMN rebate_days.kind IS 'project growth, specialization or referral.';
COMMENT ON COLUMN rebate_days.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN rebate_days.rate IS 'A fraction.';
COMMENT ON COLUMN rebate_days.monthly_cap IS 'Upper limit per customer and month; NULL: none.';
COMMENT ON COLUMN rebate_days.days IS 'The days.';

-- What a month's documents come to, credit notes taken off; by the days of the usage, as the bonus is.
CREATE VIEW rebate_due WITH (security_invoker = true) AS
SELECT partner_id, billing_month AS month, kind, account_id, currency, base, exact_amount, monthly_cap,
       least(round_amount(exact_amount, rounding_scale, rounding_mode), trunc(monthly_cap, rounding_scale)) AS amount
FROM (SELECT d.partner_id, d.billing_month, r.kind, l.account_id, d.currency, sum(b.base) AS base, trim_scale(sum(b.base * r.rate)) AS exact_amount,
             -- the cap of the latest days
             (array_agg(r.monthly_cap ORDER BY r.days DESC))[1] AS monthly_cap, max(d.rounding_scale) AS rounding_scale, max(d.rounding_mode) AS rounding_mode
      FROM document d
      JOIN document_line l ON l.document_id = d.document_id AND l.kind = 'usage' AND l.section = 'customers'
      JOIN rebate_days r ON r.partner_id = d.partner_id AND r.account_id = l.account_id AND r.currency = d.currency AND r.days && month_days(l.usage_month)
      CROSS JOIN LATERAL (SELECT base(l.consumption * (l.eligible_days * r.days::datemultirange)) AS base) b
      WHERE d.issued_at <= known_at()
      GROUP BY d.partner_id, d.billing_month, r.kind, l.account_id, d.currency) m
WHERE least(round_amount(exact_amount, rounding_scale, rounding_mode), trunc(monthly_cap, rounding_scale)) > 0;
COMMENT ON VIEW rebate_due IS 'What rebates come to by issued documents and the terms of the days of their usage: a row per partner, month of documents, kind, customer and currency with something above 0. A month in which refunds outweigh consumption earns nothing.';
COMMENT ON COLUMN rebate_due.partner_id IS 'The partner.';
COMMENT ON COLUMN rebate_due.month IS 'First day of the month of the documents; late usage counts in the month that bills it.';
COMMENT ON COLUMN rebate_due.kind IS 'project growth, specialization or referral.';
COMMENT ON COLUMN rebate_due.account_id IS 'The customer.';
COMMENT ON COLUMN rebate_due.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN rebate_due.base IS 'Eligible base (of days that earn bonus) on days that earn the rebate; exact.';
COMMENT ON COLUMN rebate_due.exact_amount IS 'The same times the rates of its days; exact.';
COMMENT ON COLUMN rebate_due.monthly_cap IS 'The cap of the latest days; NULL: none.';
COMMENT ON COLUMN rebate_due.amount IS 'exact_amount, rounded once as the document is, at most the cap.';

CREATE FUNCTION accrue_rebates(month date, partners text[] DEFAULT NULL) RETURNS SETOF rebate_accrual
LANGUAGE plpgsql SET search_path FROM CURRENT SET jit = off
AS $function$
#variable_conflict use_column
DECLARE
    first_day date := require_closable(month);
    one       text;
    accrued   rebate_accrual;
BEGIN
    FOR one IN
        SELECT p.partner_id FROM unnest(partners) p (partner_id)
        UNION
        SELECT p.partner_id FROM billing_period p WHERE partners IS NULL AND p.month = first_day AND p.closed_at IS NOT NULL
        ORDER BY 1
    LOOP
        PERFORM lock_partner(one);
        IF first_day >= first_open_month(one) THEN
            RAISE EXCEPTION 'the month is not closed' USING ERRCODE = 'object_not_in_prerequisite_state',
                DETAIL = format('%s has no documents of %s yet.', one, to_char(first_day, 'YYYY-MM')), HINT = 'Rebates accrue from issued documents: close the month first. Nothing was changed.';
        END IF;
        FOR accrued IN
            INSERT INTO rebate_accrual (partner_id, month, kind, account_id, currency, base, exact_amount, monthly_cap, amount, accrued_at)
            SELECT d.partner_id, d.month, d.kind, d.account_id, d.currency, d.base, d.exact_amount, d.monthly_cap, d.amount, clock_timestamp()
            FROM rebate_due d
            WHERE d.partner_id = one AND d.month = first_day
              AND NOT EXISTS (SELECT FROM rebate_accrual a WHERE a.partner_id = d.partner_id AND a.month = d.month AND a.kind = d.kind AND a.account_id = d.account_id
                                                             AND a.currency = d.currency AND a.reverses IS NULL)
            ORDER BY d.kind, d.account_id, d.currency
            RETURNING *
        LOOP
            PERFORM book_movement(accrued.partner_id, accrued.currency, reporting_day(accrued.accrued_at), '{commission,rebate}',
                                  ARRAY[accrued.amount, -accrued.amount], accrual_id => accrued.accrual_id);
            RETURN NEXT accrued;
        END LOOP;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION accrue_rebates(date, text[]) IS 'Accrues the rebates of a closed month (rebate_due), of the partners named or of all that have closed it, and gives what it accrued: once per partner, month, kind, customer and currency, so nothing at a second run. Errors: unknown partner (42704), a month that is not over, or that a partner has not closed (55000), no month (22004).';

CREATE FUNCTION require_rebates(partner_id text, currency text, amount numeric) RETURNS void
LANGUAGE plpgsql STABLE SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
DECLARE
    balance numeric := coalesce((SELECT b.balance FROM rebate_balance b WHERE b.partner_id = require_rebates.partner_id AND b.currency = require_rebates.currency), 0);
BEGIN
    IF require_rebates.amount > balance THEN
        RAISE EXCEPTION 'the balance of rebates is lower' USING ERRCODE = 'object_not_in_prerequisite_state',
            DETAIL = format('%s has %s %s, and %s was asked for.', require_rebates.partner_id, balance, require_rebates.currency, require_rebates.amount),
            HINT = 'rebate_balance has what is left. Nothing was changed.';
    END IF;
END
$function$;
COMMENT ON FUNCTION require_rebates(text, text, numeric) IS 'Refuses (55000) to take more from a partner''s rebates than are left.';

CREATE FUNCTION withdraw_rebate(partner_id text, currency text, amount numeric, way text, external_id text) RETURNS rebate_withdrawal
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
DECLARE
    found   rebate_withdrawal;
    minimum numeric;
BEGIN
    PERFORM lock_partner(withdraw_rebate.partner_id), require_reference(withdraw_rebate.external_id),
            require_amount(withdraw_rebate.partner_id, withdraw_rebate.currency, withdraw_rebate.amount);
    IF withdraw_rebate.way IS NULL OR withdraw_rebate.way NOT IN ('invoice deduction', 'bank account') THEN
        RAISE EXCEPTION 'unknown way of withdrawal' USING ERRCODE = 'invalid_parameter_value', DETAIL = format('It is %s.', coalesce(quote_literal(withdraw_rebate.way), 'NULL')),
            HINT = 'Ways are invoice deduction and bank account. Nothing was changed.';
    END IF;
    SELECT w.* INTO found FROM rebate_withdrawal w WHERE w.partner_id = withdraw_rebate.partner_id AND w.external_id = withdraw_rebate.external_id;
    IF found.withdrawal_id IS NOT NULL THEN
        IF (found.currency, found.amount, found.way) <> (withdraw_rebate.currency, withdraw_rebate.amount, withdraw_rebate.way) THEN
            RAISE EXCEPTION 'another withdrawal has this id' USING ERRCODE = 'unique_violation',
                DETAIL = format('%L of %s is one of %s %s, %s.', found.external_id, found.partner_id, found.amount, found.currency, found.way),
                HINT = 'Give each withdrawal its own id; the same again must be the same in all. Nothing was changed.';
        END IF;
        RETURN found;
    END IF;
    SELECT t.minimum_payout INTO minimum
    FROM partner_program p
    JOIN program_terms t ON t.program_id = p.program_id AND t.currency = withdraw_rebate.currency AND t.validity @> today() AND t.superseded_at = 'infinity'
    WHERE p.partner_id = withdraw_rebate.partner_id AND p.validity @> today() AND p.superseded_at = 'infinity';
    IF withdraw_rebate.amount < minimum THEN
        RAISE EXCEPTION 'the amount is below the minimum' USING ERRCODE = 'object_not_in_prerequisite_state',
            DETAIL = format('It is %s; rebates are paid out from %s %s on.', withdraw_rebate.amount, minimum, withdraw_rebate.currency),
            HINT = 'Wait until more has accrued; the minimum is minimum_payout of program_terms. Nothing was changed.';
    END IF;
    PERFORM require_rebates(withdraw_rebate.partner_id, withdraw_rebate.currency, withdraw_rebate.amount);
    INSERT INTO rebate_withdrawal (partner_id, currency, amount, way, external_id, withdrawn_on, withdrawn_at)
    VALUES (withdraw_rebate.partner_id, withdraw_rebate.currency, withdraw_rebate.amount, withdraw_rebate.way, withdraw_rebate.external_id, today(), clock_timestamp())
    RETURNING * INTO found;
    PERFORM book_movement(found.partner_id, found.currency, found.withdrawn_on,
                          ARRAY['rebate', CASE found.way WHEN 'bank account' THEN 'cash' ELSE 'receivable' END], ARRAY[found.amount, -found.amount],
                          withdrawal_id => found.withdrawal_id);
    RETURN found;
END
$function$;
COMMENT ON FUNCTION withdraw_rebate(text, text, numeric, text, text) IS 'Withdraws rebates: as invoice deduction, which lowers what is owed and shows on the next invoice, or to the bank account. The same again is the same withdrawal. Errors: unknown partner (42704), an amount, currency or way that is none (22023), NULL (22004), above the balance or below the minimum (55000), the id has another withdrawal (23505).';

CREATE FUNCTION reverse_accrual(accrual_id bigint, reason text, amount numeric DEFAULT NULL) RETURNS rebate_accrual
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
DECLARE
    accrued  rebate_accrual;
    left_of  numeric;
    reversed rebate_accrual;
BEGIN
    SELECT a.* INTO accrued FROM rebate_accrual a WHERE a.accrual_id = reverse_accrual.accrual_id AND a.reverses IS NULL;
    IF accrued.accrual_id IS NULL THEN
        RAISE EXCEPTION 'unknown accrual' USING ERRCODE = 'undefined_object', DETAIL = format('There is no accrual with accrual_id = %s.', coalesce(reverse_accrual.accrual_id::text, 'NULL')),
            HINT = 'rebate_accrual lists them; a reversal cannot be reversed.';
    END IF;
    PERFORM lock_partner(accrued.partner_id);
    PERFORM require_reason(reverse_accrual.reason, 'Say why it is taken back; it is kept in rebate_accrual.');
    left_of := accrued.amount + coalesce((SELECT sum(a.amount) FROM rebate_accrual a WHERE a.reverses = accrued.accrual_id), 0);
    IF coalesce(reverse_accrual.amount, left_of) > left_of OR left_of = 0 THEN
        RAISE EXCEPTION 'a reversal cannot be above its accrual' USING ERRCODE = 'object_not_in_prerequisite_state',
            DETAIL = format('%s of accrual %s is not taken back yet.', left_of, accrued.accrual_id), HINT = 'Give at most that, or leave the amount out. Nothing was changed.';
    END IF;
    PERFORM require_amount(accrued.partner_id, accrued.currency, coalesce(reverse_accrual.amount, left_of)),
            require_rebates(accrued.partner_id, accrued.currency, coalesce(reverse_accrual.amount, left_of));
    INSERT INTO rebate_accrual (partner_id, month, kind, account_id, currency, base, exact_amount, amount, reverses, reason, accrued_at)
    SELECT accrued.partner_id, accrued.month, accrued.kind, accrued.account_id, accrued.currency, 0, -a.amount, -a.amount, accrued.accrual_id,
           reverse_accrual.reason, clock_timestamp()
    FROM (SELECT coalesce(reverse_accrual.amount, left_of) AS amount) a
    RETURNING * INTO reversed;
    PERFORM book_movement(reversed.partner_id, reversed.currency, reporting_day(reversed.accrued_at), '{commission,rebate}',
                          ARRAY[reversed.amount, -reversed.amount], accrual_id => reversed.accrual_id);
    RETURN reversed;
END
$function$;
COMMENT ON FUNCTION reverse_accrual(bigint, text, numeric) IS 'Takes an accrued rebate back, or a part of it, and gives the reversal. Errors: unknown accrual (42704), no reason (22004), more than is left of the accrual, or of the partner''s balance (55000).';

-- What a partner earned, deal by deal. Lines are taken apart by the days of the deals: exact, so that parts add up to documents.
CREATE VIEW commission WITH (security_invoker = true) AS
WITH deal_days AS NOT MATERIALIZED (
    SELECT l.partner_id, l.account_id, d.deal_id, (d.validity * l.validity) AS days
    FROM deal d
    JOIN subaccount_link l ON l.link_id = d.link_id AND is_known(l.recorded_at, l.superseded_at)
    WHERE is_known(d.recorded_at, d.superseded_at) AND d.validity && l.validity
), line AS NOT MATERIALIZED (
    SELECT d.partner_id, d.billing_month, d.currency, l.account_id, l.usage_month, l.consumption, l.basic_schedule, l.deal_schedule,
           l.exact_basic_bonus, l.exact_deal_bonus,
           (SELECT range_agg(x.days) FROM deal_days x
            WHERE x.partner_id = d.partner_id AND x.account_id = l.account_id AND x.days && month_days(l.usage_month)) AS days_of_deals
    FROM document d
    JOIN document_line l ON l.document_id = d.document_id AND l.section = 'customers'
    WHERE d.issued_at <= known_at()
), part AS (
    SELECT partner_id, billing_month, currency, account_id, NULL::bigint AS deal_id, exact_basic_bonus AS basic_bonus, exact_deal_bonus AS deal_bonus, 0 AS rebate
    FROM line
    WHERE days_of_deals IS NULL
    UNION ALL
    SELECT l.partner_id, l.billing_month, l.currency, l.account_id, x.deal_id, discount(p.consumption, l.basic_schedule), discount(p.consumption, l.deal_schedule), 0
    FROM line l
    JOIN deal_days x ON x.partner_id = l.partner_id AND x.account_id = l.account_id AND x.days && month_days(l.usage_month)
    CROSS JOIN LATERAL (SELECT l.consumption * x.days::datemultirange AS consumption) p
    UNION ALL
    SELECT l.partner_id, l.billing_month, l.currency, l.account_id, NULL, discount(p.consumption, l.basic_schedule), discount(p.consumption, l.deal_schedule), 0
    FROM line l
    CROSS JOIN LATERAL (SELECT l.consumption * ('{(,)}' - l.days_of_deals) AS consumption) p
    WHERE p.consumption <> '{}'
    UNION ALL
    -- a rebate is of the deal that held on the last day of its month
    SELECT a.partner_id, a.month, a.currency, a.account_id, x.deal_id, 0, 0, a.amount
    FROM rebate_accrual a
    LEFT JOIN deal_days x ON x.partner_id = a.partner_id AND x.account_id = a.account_id AND x.days @> (upper(month_days(a.month)) - 1)
    WHERE a.accrued_at <= known_at()
)
SELECT partner_id, billing_month AS month, to_char(billing_month, 'YYYY-MM') AS month_label, currency, account_id, deal_id,
       trim_scale(sum(basic_bonus)) AS basic_bonus, trim_scale(sum(deal_bonus)) AS deal_bonus, sum(rebate) AS rebate,
       trim_scale(sum(basic_bonus + deal_bonus + rebate)) AS commission
FROM part
GROUP BY partner_id, billing_month, currency, account_id, deal_id;
COMMENT ON VIEW commission IS 'What partners earned by issued documents: a row per month, customer and deal (and one for days without a deal). Credit notes are taken off. Exact; its bonuses add up to those of the documents'' lines.';
COMMENT ON COLUMN commission.partner_id IS 'The partner.';
COMMENT ON COLUMN commission.month IS 'First day of the month of the documents.';
COMMENT ON COLUMN commission.month_label IS 'The month as text (YYYY-MM), for tools that shift dates between time zones.';
COMMENT ON COLUMN commission.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN commission.account_id IS 'The customer; NULL for what volume tiers give less.';
COMMENT ON COLUMN commission.deal_id IS 'The deal; NULL for days without one.';
COMMENT ON COLUMN commission.basic_bonus IS 'Basic bonus, exact.';
COMMENT ON COLUMN commission.deal_bonus IS 'What the deal added, exact.';
COMMENT ON COLUMN commission.rebate IS 'Rebates that accrued, less reversals.';
COMMENT ON COLUMN commission.commission IS 'All three.';

CREATE VIEW portal_rebate_balance WITH (security_invoker = true) AS
SELECT b.partner_id, b.currency, b.accrued - b.reversed AS earned, b.deducted, b.paid_out, b.balance, m.minimum_payout,
       CASE WHEN b.balance >= coalesce(m.minimum_payout, 0) THEN b.balance ELSE 0 END AS available
FROM rebate_balance b
CROSS JOIN (SELECT today() AS today OFFSET 0) t
LEFT JOIN LATERAL (SELECT r.minimum_payout
                   FROM partner_program p
                   JOIN program_terms r ON r.program_id = p.program_id AND r.currency = b.currency AND r.validity @> t.today AND is_known(r.recorded_at, r.superseded_at)
                   WHERE p.partner_id = b.partner_id AND p.validity @> t.today AND is_known(p.recorded_at, p.superseded_at)) m ON true;
COMMENT ON VIEW portal_rebate_balance IS 'The partner portal''s figures on rebates.';
COMMENT ON COLUMN portal_rebate_balance.partner_id IS 'The partner.';
COMMENT ON COLUMN portal_rebate_balance.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN portal_rebate_balance.earned IS 'What accrued and was not taken back.';
COMMENT ON COLUMN portal_rebate_balance.deducted IS 'What was withdrawn as invoice deductions.';
COMMENT ON COLUMN portal_rebate_balance.paid_out IS 'What was withdrawn to bank accounts.';
COMMENT ON COLUMN portal_rebate_balance.balance IS 'What is left.';
COMMENT ON COLUMN portal_rebate_balance.minimum_payout IS 'From which amount on rebates are paid out today; NULL: any.';
COMMENT ON COLUMN portal_rebate_balance.available IS 'What can be withdrawn today: the balance, or 0 while it is below the minimum.';

CREATE VIEW rebate_violation WITH (security_invoker = true) AS
SELECT 'rebate balance' AS invariant, concat_ws(' ', partner_id, currency) AS subject, format('balance %s, entries %s', b.balance, -e.amount) AS detail
FROM rebate_balance b
FULL JOIN (SELECT partner_id, currency, sum(amount) AS amount FROM account_entry WHERE account = 'rebate' GROUP BY partner_id, currency) e USING (partner_id, currency)
WHERE coalesce(b.balance, 0) <> coalesce(-e.amount, 0) OR b.balance < 0
UNION ALL
SELECT 'accrual booked once', 'accrual ' || a.accrual_id, format('commission %s for %s', b.amount, a.amount)
FROM rebate_accrual a
CROSS JOIN LATERAL (SELECT coalesce(sum(e.amount), 0) AS amount FROM account_entry e WHERE e.accrual_id = a.accrual_id AND e.account = 'commission') b
WHERE b.amount <> a.amount
UNION ALL
SELECT 'withdrawal booked once', 'withdrawal ' || w.withdrawal_id, format('%s for %s by %s', b.amount, w.amount, w.way)
FROM rebate_withdrawal w
CROSS JOIN LATERAL (SELECT coalesce(-sum(e.amount), 0) AS amount FROM account_entry e
                    WHERE e.withdrawal_id = w.withdrawal_id AND e.account = CASE w.way WHEN 'bank account' THEN 'cash' ELSE 'receivable' END) b
WHERE b.amount <> w.amount
UNION ALL
SELECT 'reversal above accrual', 'accrual ' || a.accrual_id, format('%s of %s', -r.amount, a.amount)
FROM rebate_accrual a
JOIN (SELECT reverses, sum(amount) AS amount FROM rebate_accrual WHERE reverses IS NOT NULL GROUP BY reverses) r ON r.reverses = a.accrual_id
WHERE -r.amount > a.amount
UNION ALL
SELECT 'accrual above cap', 'accrual ' || accrual_id, format('%s, cap %s', amount, monthly_cap)
FROM rebate_accrual
WHERE amount > monthly_cap;
COMMENT ON VIEW rebate_violation IS 'Broken invariants of rebates; none when all is sound.';
COMMENT ON COLUMN rebate_violation.invariant IS 'What should be true.';
COMMENT ON COLUMN rebate_violation.subject IS 'The balance, accrual or withdrawal at fault.';
COMMENT ON COLUMN rebate_violation.detail IS 'The figures.';
