-- Usage as it arrived: batches, the lines that were accepted, the lines that were not.

CREATE TABLE load_batch (
    batch_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    partner_id  text COLLATE "C" NOT NULL,
    source      text COLLATE "C" NOT NULL,
    format      text NOT NULL,
    file_name   text,
    sha256      bytea NOT NULL,
    lines       bigint NOT NULL,
    loaded      bigint NOT NULL,
    rejected    bigint NOT NULL,
    outcome     text NOT NULL CHECK (outcome IN ('loaded', 'unchanged')),
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK (lines = loaded + rejected)
);
COMMENT ON TABLE load_batch IS 'One row per load of a file: what was in it and what became of it.';
COMMENT ON COLUMN load_batch.batch_id IS 'Identity of the load.';
COMMENT ON COLUMN load_batch.partner_id IS 'The partner whose export this is.';
COMMENT ON COLUMN load_batch.source IS 'Where the lines come from; a file replaces the days it covers within its source only.';
COMMENT ON COLUMN load_batch.format IS 'partner-export or focus.';
COMMENT ON COLUMN load_batch.file_name IS 'As given by the caller.';
COMMENT ON COLUMN load_batch.sha256 IS 'Digest of the content (its UTF-8 bytes).';
COMMENT ON COLUMN load_batch.lines IS 'Records in the file, without the header.';
COMMENT ON COLUMN load_batch.loaded IS 'Records that became usage.';
COMMENT ON COLUMN load_batch.rejected IS 'Records that did not; they are in rejected_line.';
COMMENT ON COLUMN load_batch.outcome IS 'loaded, or unchanged when the same content is already there (then nothing was written but this row).';
COMMENT ON COLUMN load_batch.recorded_at IS 'When it was loaded.';

CREATE TABLE rejected_line (
    batch_id    bigint NOT NULL REFERENCES load_batch,
    line_number bigint NOT NULL,
    column_name text,
    value       text,
    reason      text NOT NULL,
    PRIMARY KEY (batch_id, line_number)
);
COMMENT ON TABLE rejected_line IS 'Records of a file that could not be taken, each with the first thing that is wrong with it.';
COMMENT ON COLUMN rejected_line.batch_id IS 'The load.';
COMMENT ON COLUMN rejected_line.line_number IS 'Line of the file on which the record starts; the header is line 1.';
COMMENT ON COLUMN rejected_line.column_name IS 'The column at fault; NULL when it is the whole record.';
COMMENT ON COLUMN rejected_line.value IS 'What stood there, as it stood there.';
COMMENT ON COLUMN rejected_line.reason IS 'What is wrong with it.';

CREATE TABLE usage_line (
    partner_id              text COLLATE "C" NOT NULL,
    source                  text COLLATE "C" NOT NULL,
    usage_day               date NOT NULL,
    batch_id                bigint,
    line_number             bigint,
    account_id              text COLLATE "C" NOT NULL,
    account_name            text,
    cloud_id                text COLLATE "C",
    cloud_name              text,
    folder_id               text COLLATE "C",
    folder_name             text,
    resource_id             text COLLATE "C",
    service_id              text COLLATE "C" NOT NULL,
    service_name            text,
    sku_id                  text COLLATE "C" NOT NULL,
    sku_name                text,
    currency                text COLLATE "C" NOT NULL REFERENCES currency,
    charge_category         text COLLATE "C" NOT NULL,
    pricing_quantity        numeric,
    pricing_unit            text,
    cost                    numeric NOT NULL,
    credit                  numeric NOT NULL,
    monetary_grant_credit   numeric NOT NULL,
    volume_incentive_credit numeric,
    cud_credit              numeric,
    misc_credit             numeric,
    reward                  numeric,
    attributes              jsonb,
    locale                  text,
    updated_at              text,
    exported_at             text,
    recorded_at             timestamptz NOT NULL DEFAULT clock_timestamp(),
    superseded_at           timestamptz NOT NULL DEFAULT 'infinity',
    -- what totals can add up: no NaN, no more than 18 decimals, room for many such lines
    CHECK (greatest(abs(cost), abs(credit), abs(monetary_grant_credit)) <= 1e18),
    CHECK (greatest(scale(trim_scale(cost)), scale(trim_scale(credit)), scale(trim_scale(monetary_grant_credit))) <= 18),
    CHECK (usage_day BETWEEN '0001-01-01' AND '9999-12-31')
);
CREATE INDEX ON usage_line (partner_id, usage_day);
CREATE INDEX ON usage_line (batch_id);
COMMENT ON TABLE usage_line IS 'Accepted usage lines, all versions. Read the view usage instead.';

CREATE VIEW usage WITH (security_invoker = true) AS
SELECT partner_id, source, usage_day, batch_id, line_number, account_id, account_name, cloud_id, cloud_name, folder_id,
       folder_name, resource_id, service_id, service_name, sku_id, sku_name, currency, charge_category, pricing_quantity,
       pricing_unit, cost, credit, monetary_grant_credit AS grant_credit, credit - monetary_grant_credit AS other_credit,
       volume_incentive_credit, cud_credit, misc_credit, reward, attributes, locale, updated_at, exported_at
FROM usage_line
WHERE is_known(recorded_at, superseded_at);
COMMENT ON VIEW usage IS 'Usage lines as rows, as known now (or at known_at()). Amounts are exact, in the line''s currency, not rounded.';
COMMENT ON COLUMN usage.partner_id IS 'The partner whose export the line came in.';
COMMENT ON COLUMN usage.source IS 'Where the line came from.';
COMMENT ON COLUMN usage.usage_day IS 'Day of the usage, as the export states it; terms of this day apply.';
COMMENT ON COLUMN usage.batch_id IS 'The load that brought the line; NULL for usage written by hand.';
COMMENT ON COLUMN usage.line_number IS 'Line of the file on which the record starts.';
COMMENT ON COLUMN usage.account_id IS 'Billing account that consumed: a subaccount or the partner itself.';
COMMENT ON COLUMN usage.account_name IS 'Its name in the export.';
COMMENT ON COLUMN usage.cloud_id IS 'Cloud of the usage.';
COMMENT ON COLUMN usage.cloud_name IS 'Its name.';
COMMENT ON COLUMN usage.folder_id IS 'Folder of the usage.';
COMMENT ON COLUMN usage.folder_name IS 'Its name.';
COMMENT ON COLUMN usage.resource_id IS 'Resource of the usage.';
COMMENT ON COLUMN usage.service_id IS 'Service that was used.';
COMMENT ON COLUMN usage.service_name IS 'Its name in the export.';
COMMENT ON COLUMN usage.sku_id IS 'SKU that was used.';
COMMENT ON COLUMN usage.sku_name IS 'Its name in the export.';
COMMENT ON COLUMN usage.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN usage.charge_category IS 'Usage, Purchase, Adjustment, Credit or Tax. Tax is kept but is no part of base and payable.';
COMMENT ON COLUMN usage.pricing_quantity IS 'Quantity in pricing_unit.';
COMMENT ON COLUMN usage.pricing_unit IS 'Unit of pricing_quantity.';
COMMENT ON COLUMN usage.cost IS 'Cost before credits.';
COMMENT ON COLUMN usage.credit IS 'All credits, normally negative, not included in cost.';
COMMENT ON COLUMN usage.grant_credit IS 'The part of credit that a grant paid for; earns no bonus. Any sign: refunds turn it round.';
COMMENT ON COLUMN usage.other_credit IS 'credit - grant_credit.';
COMMENT ON COLUMN usage.volume_incentive_credit IS 'The volume incentive part of credit, as exported.';
COMMENT ON COLUMN usage.cud_credit IS 'The committed use part of credit, as exported.';
COMMENT ON COLUMN usage.misc_credit IS 'The remaining part of credit, as exported.';
COMMENT ON COLUMN usage.reward IS 'The provider''s own bonus figure, as exported (either sign); NULL when not given.';
COMMENT ON COLUMN usage.attributes IS 'All further columns of the file that were not empty: labels, and what the format has beside the above.';
COMMENT ON COLUMN usage.locale IS 'As exported; no content.';
COMMENT ON COLUMN usage.updated_at IS 'As exported; no content.';
COMMENT ON COLUMN usage.exported_at IS 'As exported; no content.';

COMMENT ON COLUMN usage_line.monetary_grant_credit IS 'The part of credit that a grant paid for; grant_credit of the view usage.';
COMMENT ON COLUMN usage_line.recorded_at IS 'Since when this version of the line is on record; set by the load.';
COMMENT ON COLUMN usage_line.superseded_at IS 'Until when it was on record; infinity for current lines; set by the load that replaced it.';
-- The other columns are those of the view.
DO $do$
DECLARE
    described record;
BEGIN
    FOR described IN
        SELECT t.attname AS column_name, col_description(v.attrelid, v.attnum) AS words
        FROM pg_attribute v
        JOIN pg_attribute t ON t.attname = v.attname AND t.attrelid = 'usage_line'::regclass
        WHERE v.attrelid = 'usage'::regclass
    LOOP
        EXECUTE format('COMMENT ON COLUMN usage_line.%I IS %L', described.column_name, described.words);
    END LOOP;
END
$do$;
