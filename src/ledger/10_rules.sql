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
    rounding_mode    text NOT NULL DEFAULT 'half away from zero' CHECK (require_rounding_mode(rounding_mode)),
    rounding_scale   smallint CHECK (rounding_scale BETWEEN 0 AND 18),
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
COMMENT ON COLUMN program_terms.base_rate IS 'Basic bonus as a fraction of the base: 0.2 is 20 %. At most six decimals.';
COMMENT ON COLUMN program_terms.deal_cap IS 'Upper limit of what a registered deal adds, as a fraction: 0.15 is 15 points.';
COMMENT ON COLUMN program_terms.total_cap IS 'Upper limit of basic and deal bonus together; the deal part is cut first, then the basic part.';
COMMENT ON COLUMN program_terms.combination IS 'additive: base + deal; compound: base + deal - base * deal.';
COMMENT ON COLUMN program_terms.rounding_mode IS 'How the base and the bonus of a document block are rounded; see round_amount.';
COMMENT ON COLUMN program_terms.rounding_scale IS 'Decimals of printed amounts; NULL takes those of the currency.';
COMMENT ON COLUMN program_terms.offer_reference IS 'Version and address of the offer that states these terms.';

CREATE TABLE exclusion (
    exclusion_id  bigint GENERATED ALWAYS AS IDENTITY,
    program_id    text COLLATE "C" NOT NULL,
    service_id    text COLLATE "C" CHECK (service_id <> ''),
    sku_id        text COLLATE "C" CHECK (sku_id <> ''),
    validity      daterange NOT NULL CHECK (require_validity(validity)),
    reason        text,
    recorded_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    superseded_at timestamptz NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (exclusion_id, superseded_at),
    CHECK (num_nonnulls(service_id, sku_id) = 1),
    EXCLUDE USING gist (program_id WITH =, (coalesce(service_id, '')) WITH =, (coalesce(sku_id, '')) WITH =, validity WITH &&)
        WHERE (superseded_at = 'infinity')
);
COMMENT ON TABLE exclusion IS 'Services and SKUs that earn no bonus under a program, by day.';
COMMENT ON COLUMN exclusion.exclusion_id IS 'Identity of the rule; all its versions share it.';
COMMENT ON COLUMN exclusion.program_id IS 'The edition whose list this is.';
COMMENT ON COLUMN exclusion.service_id IS 'Excluded service (its id, not its translated name); exactly one of service_id and sku_id is given.';
COMMENT ON COLUMN exclusion.sku_id IS 'Excluded SKU.';
COMMENT ON COLUMN exclusion.reason IS 'Where the exclusion comes from, for people.';

CREATE TABLE partner (
    partner_id         text COLLATE "C" NOT NULL CHECK (partner_id <> ''),
    billing_account_id text COLLATE "C" NOT NULL CHECK (billing_account_id <> ''),
    name               text NOT NULL,
    recorded_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    superseded_at      timestamptz NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (partner_id, superseded_at),
    EXCLUDE USING gist (billing_account_id WITH =) WHERE (superseded_at = 'infinity')
);
COMMENT ON TABLE partner IS 'Businesses that resell the provider''s services.';
COMMENT ON COLUMN partner.partner_id IS 'The partner, as every view and function names it.';
COMMENT ON COLUMN partner.billing_account_id IS 'The partner''s own billing account: its usage is own consumption and earns no bonus.';
COMMENT ON COLUMN partner.name IS 'Name for people.';

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
    recorded_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    superseded_at     timestamptz NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (partner_status_id, superseded_at),
    EXCLUDE USING gist (partner_id WITH =, validity WITH &&) WHERE (superseded_at = 'infinity')
);
COMMENT ON TABLE partner_status IS 'A partner''s status by day. Usage of days on which it is not active is billed without bonus.';
COMMENT ON COLUMN partner_status.partner_status_id IS 'Identity of the rule; all its versions share it.';
COMMENT ON COLUMN partner_status.partner_id IS 'The partner.';
COMMENT ON COLUMN partner_status.status IS 'applied, active, suspended, revoked or quit; only active days earn bonus.';
COMMENT ON COLUMN partner_status.reason IS 'Why, for people: for a revocation the clause of the agreement.';

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

CREATE TABLE deal (
    deal_id       bigint GENERATED ALWAYS AS IDENTITY,
    link_id       bigint NOT NULL,
    rate          numeric NOT NULL CHECK (require_rate(rate)),
    validity      daterange NOT NULL CHECK (require_validity(validity)),
    description   text,
    recorded_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    superseded_at timestamptz NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (deal_id, superseded_at),
    EXCLUDE USING gist (link_id WITH =, validity WITH &&) WHERE (superseded_at = 'infinity')
);
COMMENT ON TABLE deal IS 'Registered deals. A deal counts only on days of its link, so linking a customer again revives nothing.';
COMMENT ON COLUMN deal.deal_id IS 'Identity of the rule; all its versions share it.';
COMMENT ON COLUMN deal.link_id IS 'The link the deal belongs to.';
COMMENT ON COLUMN deal.rate IS 'What the deal adds to the basic rate, as a fraction: 0.15 is 15 points. The terms cap it (deal_cap, total_cap).';
COMMENT ON COLUMN deal.description IS 'For people.';

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
CREATE INDEX ON exclusion (program_id);
CREATE INDEX ON partner_program (partner_id);
CREATE INDEX ON partner_program (program_id);
CREATE INDEX ON partner_status (partner_id);
CREATE INDEX ON subaccount_link (partner_id, account_id);
CREATE INDEX ON subaccount_link (account_id);
CREATE INDEX ON deal (link_id);
CREATE INDEX ON sku (service_id);
