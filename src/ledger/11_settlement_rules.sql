-- Rules of settlement: how a partner pays, what grants are left, and what it earns beside the bonus. No bonus depends on them,
-- so they may change for closed months too.

CREATE TABLE settlement_terms (
    settlement_terms_id bigint GENERATED ALWAYS AS IDENTITY,
    partner_id          text COLLATE "C" NOT NULL,
    currency            text COLLATE "C" NOT NULL REFERENCES currency,
    validity            daterange NOT NULL CHECK (require_validity(validity)),
    mode                text NOT NULL CHECK (mode IN ('advance', 'postpayment')),
    threshold           numeric CHECK (threshold >= 0 AND threshold < 'Infinity'),
    measured            text NOT NULL DEFAULT 'after bonus' CHECK (measured IN ('before bonus', 'after bonus')),
    due_days            integer CHECK (due_days BETWEEN 0 AND 3660),
    recorded_at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    superseded_at       timestamptz NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (settlement_terms_id, superseded_at),
    EXCLUDE USING gist (partner_id WITH =, currency WITH =, validity WITH &&) WHERE (superseded_at = 'infinity')
);
COMMENT ON TABLE settlement_terms IS 'How a partner settles what it owes in a currency, by day; whatever program it follows.';
COMMENT ON COLUMN settlement_terms.settlement_terms_id IS 'Identity of the rule; all its versions share it.';
COMMENT ON COLUMN settlement_terms.partner_id IS 'The partner.';
COMMENT ON COLUMN settlement_terms.currency IS 'ISO 4217 code; currencies are settled one by one.';
COMMENT ON COLUMN settlement_terms.mode IS 'advance: the partner pays before it consumes, and may ask for advance invoices; postpayment: on results.';
COMMENT ON COLUMN settlement_terms.threshold IS 'How far the balance may go below zero before a demand is issued within the month; NULL: no threshold.';
COMMENT ON COLUMN settlement_terms.measured IS 'Whether drafts count before or after the bonus when they are held against the threshold.';
COMMENT ON COLUMN settlement_terms.due_days IS 'Days from the issue of an invoice or demand to the last day for its payment; NULL takes the setting due_days.';

CREATE TABLE grant_balance (
    grant_balance_id bigint GENERATED ALWAYS AS IDENTITY,
    partner_id       text COLLATE "C" NOT NULL,
    account_id       text COLLATE "C" CHECK (account_id <> ''),
    currency         text COLLATE "C" NOT NULL REFERENCES currency,
    validity         daterange NOT NULL CHECK (require_validity(validity)),
    amount           numeric NOT NULL CHECK (amount >= 0 AND amount < 'Infinity'),
    recorded_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    superseded_at    timestamptz NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (grant_balance_id, superseded_at),
    EXCLUDE USING gist (partner_id WITH =, (coalesce(account_id, '')) WITH =, currency WITH =, validity WITH &&) WHERE (superseded_at = 'infinity')
);
COMMENT ON TABLE grant_balance IS 'What is left of grants, by day, as the provider tells it. While anything is left, no threshold is demanded.';
COMMENT ON COLUMN grant_balance.grant_balance_id IS 'Identity of the rule; all its versions share it.';
COMMENT ON COLUMN grant_balance.partner_id IS 'The partner.';
COMMENT ON COLUMN grant_balance.account_id IS 'The subaccount that has the grant; NULL: the partner itself.';
COMMENT ON COLUMN grant_balance.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN grant_balance.amount IS 'What is left on these days; 0 or more.';

CREATE TABLE commission_terms (
    commission_terms_id bigint GENERATED ALWAYS AS IDENTITY,
    program_id          text COLLATE "C" NOT NULL,
    currency            text COLLATE "C" NOT NULL REFERENCES currency,
    kind                text NOT NULL CHECK (kind IN ('project growth', 'specialization', 'referral')),
    validity            daterange NOT NULL CHECK (require_validity(validity)),
    rate                numeric NOT NULL CHECK (require_rate(rate)),
    monthly_cap         numeric CHECK (monthly_cap >= 0 AND monthly_cap < 'Infinity'),
    months              integer CHECK (months BETWEEN 1 AND 1200),
    recorded_at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    superseded_at       timestamptz NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (commission_terms_id, superseded_at),
    EXCLUDE USING gist (program_id WITH =, currency WITH =, kind WITH =, validity WITH &&) WHERE (superseded_at = 'infinity')
);
COMMENT ON TABLE commission_terms IS 'What a program gives as rebates, by day. Real rates and caps are not public; a ledger has none until somebody inserts them. From which amount on rebates are paid out, is minimum_payout of program_terms.';
COMMENT ON COLUMN commission_terms.commission_terms_id IS 'Identity of the rule; all its versions share it.';
COMMENT ON COLUMN commission_terms.program_id IS 'The edition.';
COMMENT ON COLUMN commission_terms.currency IS 'Usage in a currency without terms earns no rebate.';
COMMENT ON COLUMN commission_terms.kind IS 'project growth, specialization or referral.';
COMMENT ON COLUMN commission_terms.rate IS 'A fraction of the eligible base that documents bill: 0.05 is 5 %.';
COMMENT ON COLUMN commission_terms.monthly_cap IS 'Upper limit per customer and month of documents, in the currency; NULL: none.';
COMMENT ON COLUMN commission_terms.months IS 'For how many months, from the first day of a commission_right on, a customer earns it (12 for referrals); NULL: without end.';

CREATE TABLE commission_right (
    commission_right_id bigint GENERATED ALWAYS AS IDENTITY,
    partner_id          text COLLATE "C" NOT NULL,
    account_id          text COLLATE "C" NOT NULL CHECK (account_id <> ''),
    kind                text NOT NULL CHECK (kind IN ('project growth', 'specialization', 'referral')),
    validity            daterange NOT NULL CHECK (require_validity(validity)),
    reason              text,
    recorded_at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    superseded_at       timestamptz NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (commission_right_id, superseded_at),
    CONSTRAINT commission_right_begins CHECK (NOT lower_inf(validity)),
    EXCLUDE USING gist (partner_id WITH =, account_id WITH =, kind WITH =, validity WITH &&) WHERE (superseded_at = 'infinity')
);
COMMENT ON TABLE commission_right IS 'For which customers a partner earns which rebate, by day.';
COMMENT ON COLUMN commission_right.commission_right_id IS 'Identity of the rule; all its versions share it.';
COMMENT ON COLUMN commission_right.partner_id IS 'The partner.';
COMMENT ON COLUMN commission_right.account_id IS 'The customer.';
COMMENT ON COLUMN commission_right.kind IS 'project growth, specialization or referral.';
COMMENT ON COLUMN commission_right.reason IS 'Why, for people.';

CREATE INDEX ON settlement_terms (partner_id);
CREATE INDEX ON grant_balance (partner_id);
CREATE INDEX ON commission_terms (program_id);
CREATE INDEX ON commission_right (partner_id, account_id);
