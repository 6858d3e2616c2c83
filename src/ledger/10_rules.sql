-- Rules: what was agreed, with the days on which it holds (validity) and the time for which it was on
-- record (recorded_at up to superseded_at). Rows are edited with plain INSERT, UPDATE and DELETE; the
-- trigger keep_versions turns every edit into a new version and keeps the old one.

CREATE TABLE currency (
    currency    text COLLATE "C" PRIMARY KEY CHECK (currency ~ '^[A-Z]{3}$'),
    minor_units smallint NOT NULL CHECK (minor_units BETWEEN 0 AND 4)
);
COMMENT ON TABLE currency IS 'Currencies the ledger accepts, and how many decimals their amounts are printed with (ISO 4217).';
COMMENT ON COLUMN currency.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN currency.minor_units IS 'Decimals of a printed amount: 2 means cents.';
INSERT INTO currency VALUES
    ('USD', 2), ('RUB', 2), ('KZT', 2), ('EUR', 2), ('GBP', 2), ('CHF', 2), ('CAD', 2), ('AUD', 2),
    ('TRY', 2), ('INR', 2), ('BRL', 2), ('CNY', 2), ('RSD', 2), ('UZS', 2), ('AMD', 2), ('JPY', 0), ('KRW', 0);

CREATE TABLE setting (
    name  text COLLATE "C" PRIMARY KEY CHECK (name IN ('utc_offset', 'max_rejects', 'notify', 'number_template', 'close_missing_days', 'close_rejects', 'close_unruled',
                                                            'close_reconciliation', 'due_days', 'suspension_days', 'ageing_days', 'provider_name')),
    value text NOT NULL,
    CHECK (name <> 'utc_offset' OR value ~ '^[+-](0[0-9]|1[0-4]):[0-5][0-9]$'),
    CHECK (name <> 'max_rejects' OR value ~ '^[0-9]{1,6}$'),
    CHECK (name <> 'notify' OR value IN ('on', 'off')),
    CHECK (name <> 'number_template' OR (value ~ '\{number(:[1-9])?\}' AND value ~ '\{partner\}' AND value ~ '\{kind\}'
                                         AND regexp_replace(value, '\{(number(:[1-9])?|partner|kind|year|month)\}', '', 'g') !~ '[{}]')),
    CHECK (name NOT LIKE 'close\_%' OR value IN ('ignore', 'warning', 'stop')),
    CHECK (name NOT IN ('due_days', 'suspension_days') OR value ~ '^[0-9]{1,3}$'),
    CHECK (name <> 'ageing_days' OR value ~ '^[1-9][0-9]{0,3}(,[1-9][0-9]{0,3})*$'),
    CHECK (name <> 'provider_name' OR value <> '')
);
COMMENT ON TABLE setting IS 'Settings of the ledger.';
COMMENT ON COLUMN setting.name IS 'utc_offset: the zone of reporting days, which today() uses. max_rejects: a file with more records that cannot be taken is refused. notify: whether loads and closes NOTIFY. number_template: how document numbers are printed. close_missing_days, close_rejects, close_unruled, close_reconciliation: what days without usage, rejected lines, services in no catalogue and differences from the provider''s figure do to closing a month. due_days: days to pay where settlement terms name none. suspension_days: suspension_due lists partners that are overdue by more days. ageing_days: how overdue items are grouped. provider_name: what the FOCUS export calls the provider.';
COMMENT ON COLUMN setting.value IS 'For utc_offset +03:00 or alike, for max_rejects a number, for notify on or off, for provider_name a text, for number_template a text with {kind}, {partner} and {number} (or {number:6} for six digits), maybe {year} and {month}; for the close_ settings ignore, warning or stop, for due_days and suspension_days a number, for ageing_days the last days of the buckets, ascending: 30,60,90.';
INSERT INTO setting VALUES ('utc_offset', '+03:00'), ('max_rejects', '1000'), ('notify', 'on'),
    ('number_template', '{kind}-{partner}-{number}'), ('close_missing_days', 'warning'), ('close_rejects', 'stop'), ('close_unruled', 'warning'),
    ('close_reconciliation', 'ignore'), ('due_days', '15'), ('suspension_days', '0'), ('ageing_days', '30,60,90'),
    ('provider_name', 'Provider');

CREATE TABLE program (
    program_id    text COLLATE "C" NOT NULL CHECK (program_id <> ''),
    name          text NOT NULL,
    recorded_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    superseded_at timestamptz NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (program_id, superseded_at)
);
COMMENT ON TABLE program IS 'Editions of the partner program. What an edition grants is in program_terms.';
COMMENT ON COLUMN program.program_id IS 'The edition, for example international.';
COMMENT ON COLUMN program.name IS 'Its name for people.';

CREATE TABLE program_terms (
    program_terms_id bigint GENERATED ALWAYS AS IDENTITY,
    program_id       text COLLATE "C" NOT NULL,
    currency         text COLLATE "C" NOT NULL REFERENCES currency,
    validity         daterange NOT NULL CHECK (require_validity(validity)),
    base_rate        numeric NOT NULL CHECK (require_rate(base_rate)),
    deal_cap         numeric NOT NULL CHECK (require_rate(deal_cap)),
    total_cap        numeric NOT NULL CHECK (require_rate(total_cap)),
    combination      text NOT NULL DEFAULT 'additive' CHECK (combination IN ('additive', 'compound')),
    volume_rule      text CHECK (volume_rule IN ('slab', 'graduated')),
    rounding_mode    text NOT NULL DEFAULT 'half away from zero' CHECK (require_rounding_mode(rounding_mode)),
    rounding_scale   smallint CHECK (rounding_scale BETWEEN 0 AND 18),
    minimum_payout   numeric CHECK (minimum_payout >= 0 AND minimum_payout < 'Infinity'),
    deal_target      numeric CHECK (deal_target >= 0 AND deal_target < 'Infinity'),
    offer_reference  text,
    recorded_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    superseded_at    timestamptz NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (program_terms_id, superseded_at),
    EXCLUDE USING gist (program_id WITH =, currency WITH =, validity WITH &&) WHERE (superseded_at = 'infinity')
);
COMMENT ON TABLE program_terms IS 'What a program grants in one currency, by day.';
COMMENT ON COLUMN program_terms.program_terms_id IS 'Identity of the rule; all its versions share it.';
COMMENT ON COLUMN program_terms.program_id IS 'The edition these terms belong to.';
COMMENT ON COLUMN program_terms.currency IS 'Usage in a currency without terms earns no bonus.';
COMMENT ON COLUMN program_terms.base_rate IS 'Basic bonus as a fraction of the base: 0.2 is 20 %. At most six decimals. Of terms with a volume rule: the rate below the first tier.';
COMMENT ON COLUMN program_terms.deal_cap IS 'Upper limit of what a registered deal adds, as a fraction: 0.15 is 15 points.';
COMMENT ON COLUMN program_terms.total_cap IS 'Upper limit of basic and deal bonus together; the deal part is cut first, then the basic part.';
COMMENT ON COLUMN program_terms.combination IS 'additive: base + deal; compound: base + deal - base * deal.';
COMMENT ON COLUMN program_terms.volume_rule IS 'NULL: base_rate holds whatever the volume. slab: the rate of the tier that the month''s eligible volume reaches holds for all of it; graduated: each tier''s rate holds for the volume within it. Tiers are in program_tier.';
COMMENT ON COLUMN program_terms.rounding_mode IS 'How the base and the bonus of a document block are rounded; see round_amount.';
COMMENT ON COLUMN program_terms.rounding_scale IS 'Decimals of printed amounts; NULL takes those of the currency.';
COMMENT ON COLUMN program_terms.minimum_payout IS 'Rebates are paid out from this amount on; NULL means any.';
COMMENT ON COLUMN program_terms.deal_target IS 'What a deal''s customer should at least consume in a month, unless the deal says otherwise. Missing it is reported (deal_performance); the rate is not cut.';
COMMENT ON COLUMN program_terms.offer_reference IS 'Version and address of the offer that states these terms.';

CREATE TABLE program_tier (
    program_tier_id  bigint GENERATED ALWAYS AS IDENTITY,
    program_terms_id bigint NOT NULL,
    from_volume      numeric NOT NULL CHECK (from_volume > 0 AND from_volume <= 1e18 AND scale(trim_scale(from_volume)) <= 18),
    rate             numeric NOT NULL CHECK (require_rate(rate)),
    recorded_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    superseded_at    timestamptz NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (program_tier_id, superseded_at),
    EXCLUDE USING gist (program_terms_id WITH =, from_volume WITH =) WHERE (superseded_at = 'infinity')
);
COMMENT ON TABLE program_tier IS 'Tiers of terms with a volume rule. Volume is the base that earns bonus, per partner, usage month and currency.';
COMMENT ON COLUMN program_tier.program_tier_id IS 'Identity of the rule; all its versions share it.';
COMMENT ON COLUMN program_tier.program_terms_id IS 'The terms.';
COMMENT ON COLUMN program_tier.from_volume IS 'Volume from which on the rate holds, in the currency of the terms; the boundary itself is in this tier.';
COMMENT ON COLUMN program_tier.rate IS 'Basic bonus as a fraction.';

CREATE TABLE program_period (
    program_period_id      bigint GENERATED ALWAYS AS IDENTITY,
    program_id             text COLLATE "C" NOT NULL,
    validity               daterange NOT NULL CHECK (require_validity(validity)),
    notice_days            integer NOT NULL DEFAULT 0 CHECK (notice_days BETWEEN 0 AND 3660),
    decision_business_days integer NOT NULL DEFAULT 20 CHECK (decision_business_days BETWEEN 0 AND 3660),
    activation_days        integer NOT NULL DEFAULT 60 CHECK (activation_days BETWEEN 0 AND 3660),
    answer_business_days   integer NOT NULL DEFAULT 3 CHECK (answer_business_days BETWEEN 0 AND 3660),
    recorded_at            timestamptz NOT NULL DEFAULT clock_timestamp(),
    superseded_at          timestamptz NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (program_period_id, superseded_at),
    EXCLUDE USING gist (program_id WITH =, validity WITH &&) WHERE (superseded_at = 'infinity')
);
COMMENT ON TABLE program_period IS 'Periods of a program, by day. Without a row its defaults hold: no notice, 20 business days, 60 days, 3 business days.';
COMMENT ON COLUMN program_period.program_period_id IS 'Identity of the rule; all its versions share it.';
COMMENT ON COLUMN program_period.program_id IS 'The edition.';
COMMENT ON COLUMN program_period.notice_days IS 'Calendar days between a partner''s notice and the day it has quit.';
COMMENT ON COLUMN program_period.decision_business_days IS 'Business days in which a submitted deal is to be decided.';
COMMENT ON COLUMN program_period.activation_days IS 'Calendar days after approval in which a deal must become active, or it lapses.';
COMMENT ON COLUMN program_period.answer_business_days IS 'Business days in which a presale request is to be answered.';

CREATE TABLE holiday (
    program_id    text COLLATE "C" NOT NULL,
    day           date NOT NULL CHECK (isfinite(day)),
    name          text,
    recorded_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    superseded_at timestamptz NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (program_id, day, superseded_at)
);
COMMENT ON TABLE holiday IS 'Days that are no business days besides Saturdays and Sundays, per program.';
COMMENT ON COLUMN holiday.program_id IS 'The edition.';
COMMENT ON COLUMN holiday.day IS 'The day.';
COMMENT ON COLUMN holiday.name IS 'Name for people.';

-- The first that matches decides: account + SKU, account + service, account + category, account, SKU, service, category.
CREATE FUNCTION exclusion_rank(account_id text, service_id text, sku_id text, charge_category text) RETURNS smallint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN num_nonnulls(service_id, sku_id, charge_category) > 1 THEN NULL::smallint
            WHEN account_id IS NOT NULL AND sku_id IS NOT NULL THEN 1::smallint
            WHEN account_id IS NOT NULL AND service_id IS NOT NULL THEN 2::smallint
            WHEN account_id IS NOT NULL AND charge_category IS NOT NULL THEN 3::smallint
            WHEN account_id IS NOT NULL THEN 4::smallint
            WHEN sku_id IS NOT NULL THEN 5::smallint
            WHEN service_id IS NOT NULL THEN 6::smallint
            WHEN charge_category IS NOT NULL THEN 7::smallint END;
COMMENT ON FUNCTION exclusion_rank(text, text, text, text) IS 'Rank of an exclusion that names these; of several that match a line the one with the lowest rank decides. NULL when they cannot stand together.';

CREATE TABLE exclusion (
    exclusion_id    bigint GENERATED ALWAYS AS IDENTITY,
    program_id      text COLLATE "C" NOT NULL,
    account_id      text COLLATE "C" CHECK (account_id <> ''),
    service_id      text COLLATE "C" CHECK (service_id <> ''),
    sku_id          text COLLATE "C" CHECK (sku_id <> ''),
    charge_category text COLLATE "C" CHECK (charge_category IN ('Usage', 'Purchase', 'Adjustment', 'Credit')),
    effect          text NOT NULL DEFAULT 'exclude' CHECK (effect IN ('exclude', 'include')),
    validity        daterange NOT NULL CHECK (require_validity(validity)),
    reason          text,
    recorded_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    superseded_at   timestamptz NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (exclusion_id, superseded_at),
    CONSTRAINT exclusion_names_one_thing CHECK (exclusion_rank(account_id, service_id, sku_id, charge_category) IS NOT NULL),
    EXCLUDE USING gist (program_id WITH =, (coalesce(account_id, '')) WITH =, (coalesce(service_id, '')) WITH =,
                        (coalesce(sku_id, '')) WITH =, (coalesce(charge_category, '')) WITH =, validity WITH &&)
        WHERE (superseded_at = 'infinity')
);
COMMENT ON TABLE exclusion IS 'What earns no bonus under a program, by day, and exceptions from that. Of several rows that match, the narrowest decides: account + SKU, account + service, account + category, account, SKU, service, category. Two rows for the same cannot hold on the same day, so nothing is ever decided twice.';
COMMENT ON COLUMN exclusion.exclusion_id IS 'Identity of the rule; all its versions share it.';
COMMENT ON COLUMN exclusion.program_id IS 'The edition whose list this is.';
COMMENT ON COLUMN exclusion.account_id IS 'A subaccount: alone, or with one of the three below. NULL means every account.';
COMMENT ON COLUMN exclusion.service_id IS 'A service (its id, not its translated name); at most one of service_id, sku_id and charge_category is given.';
COMMENT ON COLUMN exclusion.sku_id IS 'A SKU.';
COMMENT ON COLUMN exclusion.charge_category IS 'Usage, Purchase, Adjustment or Credit.';
COMMENT ON COLUMN exclusion.effect IS 'exclude: no bonus; include: bonus all the same, where a wider row excludes.';
COMMENT ON COLUMN exclusion.reason IS 'Where the exclusion comes from, for people.';

CREATE TABLE partner (
    partner_id         text COLLATE "C" NOT NULL CHECK (partner_id <> ''),
    billing_account_id text COLLATE "C" NOT NULL CHECK (billing_account_id <> ''),
    name               text NOT NULL,
    country            text COLLATE "C" CHECK (country ~ '^[A-Z]{2}$'),
    recorded_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    superseded_at      timestamptz NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (partner_id, superseded_at),
    EXCLUDE USING gist (billing_account_id WITH =) WHERE (superseded_at = 'infinity')
);
COMMENT ON TABLE partner IS 'Businesses that resell the provider''s services.';
COMMENT ON COLUMN partner.partner_id IS 'The partner, as every view and function names it.';
COMMENT ON COLUMN partner.billing_account_id IS 'The partner''s own billing account: its usage is own consumption and earns no bonus.';
COMMENT ON COLUMN partner.name IS 'Name for people.';
COMMENT ON COLUMN partner.country IS 'ISO 3166 code of the country whose VAT its documents carry; NULL: outside the scope of VAT.';

CREATE TABLE partner_program (
    partner_program_id bigint GENERATED ALWAYS AS IDENTITY,
    partner_id         text COLLATE "C" NOT NULL,
    program_id         text COLLATE "C" NOT NULL,
    validity           daterange NOT NULL CHECK (require_validity(validity)),
    recorded_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    superseded_at      timestamptz NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (partner_program_id, superseded_at),
    EXCLUDE USING gist (partner_id WITH =, validity WITH &&) WHERE (superseded_at = 'infinity')
);
COMMENT ON TABLE partner_program IS 'Which program a partner follows, by day; at most one a day.';
COMMENT ON COLUMN partner_program.partner_program_id IS 'Identity of the rule; all its versions share it.';
COMMENT ON COLUMN partner_program.partner_id IS 'The partner.';
COMMENT ON COLUMN partner_program.program_id IS 'The program it follows.';

CREATE TABLE partner_status (
    partner_status_id bigint GENERATED ALWAYS AS IDENTITY,
    partner_id        text COLLATE "C" NOT NULL,
    status            text NOT NULL CHECK (status IN ('applied', 'active', 'suspended', 'revoked', 'quit')),
    validity          daterange NOT NULL CHECK (require_validity(validity)),
    reason            text,
    clause            text,
    notice_on         date CHECK (isfinite(notice_on)),
    recorded_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    superseded_at     timestamptz NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (partner_status_id, superseded_at),
    EXCLUDE USING gist (partner_id WITH =, validity WITH &&) WHERE (superseded_at = 'infinity')
);
COMMENT ON TABLE partner_status IS 'A partner''s status by day. Usage of days on which it is not active is billed without bonus.';
COMMENT ON COLUMN partner_status.partner_status_id IS 'Identity of the rule; all its versions share it.';
COMMENT ON COLUMN partner_status.partner_id IS 'The partner.';
COMMENT ON COLUMN partner_status.status IS 'applied, active, suspended, revoked or quit; only active days earn bonus.';
COMMENT ON COLUMN partner_status.reason IS 'Why, for people.';
COMMENT ON COLUMN partner_status.clause IS 'Of a revocation: the clause of the agreement.';
COMMENT ON COLUMN partner_status.notice_on IS 'Of quitting: the day the partner gave notice.';

CREATE TABLE subaccount (
    account_id    text COLLATE "C" NOT NULL CHECK (account_id <> ''),
    name          text NOT NULL,
    recorded_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    superseded_at timestamptz NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (account_id, superseded_at)
);
COMMENT ON TABLE subaccount IS 'Customers of partners: additional billing accounts whose usage the partner is invoiced for.';
COMMENT ON COLUMN subaccount.account_id IS 'The provider''s billing account id of the customer.';
COMMENT ON COLUMN subaccount.name IS 'Name for people.';

CREATE TABLE subaccount_status (
    subaccount_status_id bigint GENERATED ALWAYS AS IDENTITY,
    account_id           text COLLATE "C" NOT NULL,
    status               text NOT NULL CHECK (status IN ('created', 'acceptance required', 'active', 'suspended', 'inactive')),
    validity             daterange NOT NULL CHECK (require_validity(validity)),
    reason               text,
    recorded_at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    superseded_at        timestamptz NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (subaccount_status_id, superseded_at),
    EXCLUDE USING gist (account_id WITH =, validity WITH &&) WHERE (superseded_at = 'infinity')
);
COMMENT ON TABLE subaccount_status IS 'A subaccount''s status by day, for people and portals. The bonus asks for the link alone.';
COMMENT ON COLUMN subaccount_status.subaccount_status_id IS 'Identity of the rule; all its versions share it.';
COMMENT ON COLUMN subaccount_status.account_id IS 'The subaccount.';
COMMENT ON COLUMN subaccount_status.status IS 'created, acceptance required, active, suspended or inactive.';
COMMENT ON COLUMN subaccount_status.reason IS 'Why, for people.';

CREATE TABLE subaccount_link (
    link_id       bigint GENERATED ALWAYS AS IDENTITY,
    partner_id    text COLLATE "C" NOT NULL,
    account_id    text COLLATE "C" NOT NULL,
    validity      daterange NOT NULL CHECK (require_validity(validity)),
    recorded_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    superseded_at timestamptz NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (link_id, superseded_at),
    EXCLUDE USING gist (account_id WITH =, validity WITH &&) WHERE (superseded_at = 'infinity')
);
COMMENT ON TABLE subaccount_link IS 'Which partner a subaccount belongs to, by day; at most one partner a day.';
COMMENT ON COLUMN subaccount_link.link_id IS 'Identity of the rule; all its versions share it. Deals belong to it.';
COMMENT ON COLUMN subaccount_link.partner_id IS 'The partner.';
COMMENT ON COLUMN subaccount_link.account_id IS 'The subaccount.';

-- One row from application to end. What counts for the bonus are link, rate and validity; the rest is how it came to them.
CREATE TABLE deal (
    deal_id        bigint GENERATED ALWAYS AS IDENTITY,
    partner_id     text COLLATE "C" NOT NULL,
    customer       text,
    kind           text NOT NULL DEFAULT 'new customer' CHECK (kind IN ('new customer', 'tender')),
    rate           numeric NOT NULL CHECK (require_rate(rate)),
    monthly_target numeric CHECK (monthly_target >= 0 AND monthly_target < 'Infinity'),
    currency       text COLLATE "C" REFERENCES currency,
    contract       daterange CHECK (require_validity(contract)),
    submitted_on   date CHECK (isfinite(submitted_on)),
    approved_on    date CHECK (isfinite(approved_on)),
    rejected_on    date CHECK (isfinite(rejected_on)),
    link_id        bigint,
    validity       daterange CHECK (require_validity(validity)),
    ended_on       date CHECK (isfinite(ended_on)),
    reason         text,
    description    text,
    recorded_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    superseded_at  timestamptz NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (deal_id, superseded_at),
    CONSTRAINT deal_is_active_on_a_link CHECK ((link_id IS NULL) = (validity IS NULL)),
    CONSTRAINT deal_is_decided_once CHECK (num_nonnulls(approved_on, rejected_on) <= 1 AND (rejected_on IS NULL OR link_id IS NULL)),
    CONSTRAINT deal_is_decided_after_it_is_submitted CHECK (coalesce(approved_on, rejected_on) >= submitted_on),
    CONSTRAINT deal_is_submitted_or_active CHECK (num_nonnulls(submitted_on, link_id) > 0),
    CONSTRAINT deal_ends_with_its_validity CHECK (ended_on IS NULL OR validity IS NULL OR (NOT upper_inf(validity) AND upper(validity) <= ended_on)),
    CONSTRAINT deal_target_has_a_currency CHECK (monthly_target IS NULL OR currency IS NOT NULL),
    CONSTRAINT deal_tender_lasts_for_its_contract CHECK (kind <> 'tender' OR validity IS NULL OR (contract IS NOT NULL AND validity <@ contract)),
    EXCLUDE USING gist (link_id WITH =, validity WITH &&) WHERE (superseded_at = 'infinity')
);
COMMENT ON TABLE deal IS 'Deals, from application to end; deal_state tells where each stands. A deal counts only on days of its link, so linking a customer again revives nothing.';
COMMENT ON COLUMN deal.deal_id IS 'Identity of the rule; all its versions share it.';
COMMENT ON COLUMN deal.partner_id IS 'The partner; that of the link, and filled in from it.';
COMMENT ON COLUMN deal.customer IS 'The customer as the application names it; it need not have an account yet.';
COMMENT ON COLUMN deal.kind IS 'new customer, or tender: for the days of the contract only.';
COMMENT ON COLUMN deal.rate IS 'What the deal adds to the basic rate, as a fraction: 0.15 is 15 points. The terms cap it (deal_cap, total_cap).';
COMMENT ON COLUMN deal.monthly_target IS 'What the customer is to consume in a month; NULL takes deal_target of the terms.';
COMMENT ON COLUMN deal.currency IS 'Currency of monthly_target, ISO 4217.';
COMMENT ON COLUMN deal.contract IS 'Of a tender: days of the contract.';
COMMENT ON COLUMN deal.submitted_on IS 'Day of the application; NULL for deals that were taken over as they stood.';
COMMENT ON COLUMN deal.approved_on IS 'Day of the approval.';
COMMENT ON COLUMN deal.rejected_on IS 'Day of the rejection.';
COMMENT ON COLUMN deal.link_id IS 'The link the deal belongs to, since it is active.';
COMMENT ON COLUMN deal.ended_on IS 'First day on which it no longer holds, if it was ended before its time.';
COMMENT ON COLUMN deal.reason IS 'Why it was rejected, or ended before its time.';
COMMENT ON COLUMN deal.description IS 'For people.';

CREATE TABLE presale_request (
    presale_request_id bigint GENERATED ALWAYS AS IDENTITY,
    partner_id         text COLLATE "C" NOT NULL,
    customer           text NOT NULL CHECK (customer <> ''),
    subject            text NOT NULL CHECK (subject <> ''),
    submitted_on       date NOT NULL CHECK (isfinite(submitted_on)),
    assigned_to        text,
    assigned_on        date CHECK (assigned_on >= submitted_on),
    answer             text,
    answered_on        date CHECK (answered_on >= submitted_on),
    closed_on          date CHECK (closed_on >= submitted_on),
    recorded_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    superseded_at      timestamptz NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (presale_request_id, superseded_at),
    CHECK ((assigned_to IS NULL) = (assigned_on IS NULL)),
    CHECK ((answer IS NULL) = (answered_on IS NULL))
);
COMMENT ON TABLE presale_request IS 'Requests of partners for help of the provider''s experts with a customer.';
COMMENT ON COLUMN presale_request.presale_request_id IS 'Identity of the request; all its versions share it.';
COMMENT ON COLUMN presale_request.partner_id IS 'The partner.';
COMMENT ON COLUMN presale_request.customer IS 'The customer, who need not have an account yet.';
COMMENT ON COLUMN presale_request.subject IS 'What the partner asks for.';
COMMENT ON COLUMN presale_request.submitted_on IS 'Day of the request; the term runs from it.';
COMMENT ON COLUMN presale_request.assigned_to IS 'The expert.';
COMMENT ON COLUMN presale_request.assigned_on IS 'Since when.';
COMMENT ON COLUMN presale_request.answer IS 'The answer.';
COMMENT ON COLUMN presale_request.answered_on IS 'Day of the answer.';
COMMENT ON COLUMN presale_request.closed_on IS 'Day on which it was closed, answered or not.';

CREATE TABLE vat_rate (
    vat_rate_id   bigint GENERATED ALWAYS AS IDENTITY,
    country       text COLLATE "C" NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
    currency      text COLLATE "C" NOT NULL REFERENCES currency,
    validity      daterange NOT NULL CHECK (require_validity(validity)),
    category      text COLLATE "C" NOT NULL DEFAULT 'S' CHECK (category IN ('S', 'Z', 'E', 'AE', 'K', 'G', 'O', 'L', 'M')),
    rate          numeric NOT NULL CHECK (require_rate(rate)),
    included      boolean NOT NULL,
    reason        text,
    recorded_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    superseded_at timestamptz NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (vat_rate_id, superseded_at),
    CONSTRAINT vat_is_charged_by_rates CHECK (rate = 0 OR category IN ('S', 'L', 'M')),
    EXCLUDE USING gist (country WITH =, currency WITH =, validity WITH &&) WHERE (superseded_at = 'infinity')
);
COMMENT ON TABLE vat_rate IS 'Value added tax on what partners of a country pay in a currency, by the day of the usage.';
COMMENT ON COLUMN vat_rate.vat_rate_id IS 'Identity of the rule.';
COMMENT ON COLUMN vat_rate.country IS 'ISO 3166 code of the partner''s country.';
COMMENT ON COLUMN vat_rate.currency IS 'Currency of the documents.';
COMMENT ON COLUMN vat_rate.validity IS 'Days of usage on which it holds.';
COMMENT ON COLUMN vat_rate.category IS 'EN 16931 code: S standard, Z zero, E exempt, AE reverse charge, K within the Community, G export, O outside the scope, L Canary Islands, M Ceuta and Melilla. Only S, L and M charge.';
COMMENT ON COLUMN vat_rate.rate IS 'A fraction: 0.2 is 20 %.';
COMMENT ON COLUMN vat_rate.included IS 'Whether amounts include the tax (it is taken out of them) or not (it is added).';
COMMENT ON COLUMN vat_rate.reason IS 'Why nothing is charged, as documents print it.';

CREATE TABLE service (
    service_id    text COLLATE "C" NOT NULL CHECK (service_id <> ''),
    name          text NOT NULL,
    recorded_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    superseded_at timestamptz NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (service_id, superseded_at)
);
COMMENT ON TABLE service IS 'Catalogue of services; names for documents. Usage of a service that is not here is rated all the same.';
COMMENT ON COLUMN service.service_id IS 'The provider''s id of the service.';
COMMENT ON COLUMN service.name IS 'Name for people.';

CREATE TABLE sku (
    sku_id        text COLLATE "C" NOT NULL CHECK (sku_id <> ''),
    service_id    text COLLATE "C" NOT NULL,
    name          text NOT NULL,
    recorded_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    superseded_at timestamptz NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (sku_id, superseded_at)
);
COMMENT ON TABLE sku IS 'Catalogue of SKUs (priced items of a service).';
COMMENT ON COLUMN sku.sku_id IS 'The provider''s id of the SKU.';
COMMENT ON COLUMN sku.service_id IS 'The service it belongs to.';
COMMENT ON COLUMN sku.name IS 'Name for people.';

CREATE INDEX ON program_terms (program_id, currency);
CREATE INDEX ON program_tier (program_terms_id);
CREATE INDEX ON program_period (program_id);
CREATE INDEX ON exclusion (program_id);
CREATE INDEX ON exclusion (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX ON partner_program (partner_id);
CREATE INDEX ON partner_program (program_id);
CREATE INDEX ON partner_status (partner_id);
CREATE INDEX ON subaccount_link (partner_id, account_id);
CREATE INDEX ON subaccount_link (account_id);
CREATE INDEX ON subaccount_status (account_id);
CREATE INDEX ON deal (link_id);
CREATE INDEX ON deal (partner_id);
CREATE INDEX ON presale_request (partner_id);
CREATE INDEX ON sku (service_id);
