-- What a close leaves behind for the lines that come after it: the volumes and rates that stay as they were, and the
-- corrections that are waiting for the next document. Written by 53_close.sql and 54_corrections.sql.

CREATE TABLE frozen_volume (
    partner_id         text COLLATE "C" NOT NULL,
    usage_month        date NOT NULL CHECK (usage_month = billing_month(usage_month)),
    currency           text COLLATE "C" NOT NULL,
    partner_program_id bigint NOT NULL,
    program_terms_id   bigint NOT NULL,
    volume             numeric NOT NULL,
    volume_before      numeric NOT NULL,
    volume_of_days     numeric NOT NULL,
    rate               numeric NOT NULL,
    adjustment         numeric NOT NULL,
    recorded_at        timestamptz NOT NULL,
    superseded_at      timestamptz NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (partner_id, usage_month, currency, partner_program_id, program_terms_id, superseded_at)
);
COMMENT ON TABLE frozen_volume IS 'Under volume tiers: what a month''s volume was when it closed. Late usage takes the rate of then and moves nobody into another tier; correct_month freezes anew.';
COMMENT ON COLUMN frozen_volume.partner_id IS 'The partner.';
COMMENT ON COLUMN frozen_volume.usage_month IS 'First day of the month.';
COMMENT ON COLUMN frozen_volume.currency IS 'Currency of the volume.';
COMMENT ON COLUMN frozen_volume.partner_program_id IS 'The rule by which the partner followed the program.';
COMMENT ON COLUMN frozen_volume.program_terms_id IS 'The terms.';
COMMENT ON COLUMN frozen_volume.volume IS 'The month''s eligible base.';
COMMENT ON COLUMN frozen_volume.volume_before IS 'The part of it before the first day of the terms.';
COMMENT ON COLUMN frozen_volume.volume_of_days IS 'The part of it on days of the terms.';
COMMENT ON COLUMN frozen_volume.rate IS 'The rate that the month''s lines carry.';
COMMENT ON COLUMN frozen_volume.adjustment IS 'What graduated tiers give less than that, exact; 0 under slab tiers.';
COMMENT ON COLUMN frozen_volume.recorded_at IS 'When the month was closed, or corrected.';
COMMENT ON COLUMN frozen_volume.superseded_at IS 'When it was corrected; infinity for what holds.';

CREATE TABLE correction (
    partner_id    text COLLATE "C" NOT NULL,
    correction    integer NOT NULL,
    usage_month   date NOT NULL CHECK (usage_month = billing_month(usage_month)),
    billing_month date NOT NULL CHECK (billing_month = billing_month(billing_month) AND billing_month > usage_month),
    reason        text NOT NULL CHECK (reason <> ''),
    recorded_at   timestamptz NOT NULL,
    PRIMARY KEY (partner_id, correction)
);
COMMENT ON TABLE correction IS 'Corrections of closed months by correct_month: what changed rules come to, on the document of a later month.';
COMMENT ON COLUMN correction.partner_id IS 'The partner.';
COMMENT ON COLUMN correction.correction IS 'Counts the partner''s corrections, from 1.';
COMMENT ON COLUMN correction.usage_month IS 'First day of the month that was corrected.';
COMMENT ON COLUMN correction.billing_month IS 'First day of the month whose documents carry the correction.';
COMMENT ON COLUMN correction.reason IS 'Why, as given.';
COMMENT ON COLUMN correction.recorded_at IS 'When.';

CREATE TABLE correction_line (
    partner_id      text COLLATE "C" NOT NULL,
    correction      integer NOT NULL,
    line_number     integer NOT NULL,
    usage_month     date NOT NULL,
    billing_month   date NOT NULL,
    currency        text COLLATE "C" NOT NULL,
    section         text NOT NULL,
    corrects_month  date NOT NULL,
    account_id      text COLLATE "C",
    service_id      text COLLATE "C",
    sku_id          text COLLATE "C",
    charge_category text COLLATE "C",
    consumption     consumption NOT NULL,
    basic_schedule  rate_schedule NOT NULL,
    deal_schedule   rate_schedule NOT NULL,
    basic_bonus     numeric NOT NULL,
    deal_bonus      numeric NOT NULL,
    recorded_at     timestamptz NOT NULL,
    PRIMARY KEY (partner_id, correction, line_number),
    FOREIGN KEY (partner_id, correction) REFERENCES correction
);
CREATE INDEX ON correction_line (partner_id, billing_month);
COMMENT ON TABLE correction_line IS 'One row per issued line whose bonus a correction changes: its consumption, and the difference of the rates.';
COMMENT ON COLUMN correction_line.partner_id IS 'The partner.';
COMMENT ON COLUMN correction_line.correction IS 'The correction.';
COMMENT ON COLUMN correction_line.line_number IS 'Counts its lines.';
COMMENT ON COLUMN correction_line.usage_month IS 'First day of the month of the usage.';
COMMENT ON COLUMN correction_line.billing_month IS 'First day of the month whose documents carry it.';
COMMENT ON COLUMN correction_line.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN correction_line.section IS 'customers or own.';
COMMENT ON COLUMN correction_line.corrects_month IS 'First day of the month whose document has the line that is corrected.';
COMMENT ON COLUMN correction_line.account_id IS 'Billing account; NULL for what volume tiers give less.';
COMMENT ON COLUMN correction_line.service_id IS 'Service.';
COMMENT ON COLUMN correction_line.sku_id IS 'SKU.';
COMMENT ON COLUMN correction_line.charge_category IS 'Usage, Purchase, Adjustment or Credit.';
COMMENT ON COLUMN correction_line.consumption IS 'First operand: what the corrected line was for.';
COMMENT ON COLUMN correction_line.basic_schedule IS 'Second operand: the new basic rate less the one that was billed.';
COMMENT ON COLUMN correction_line.deal_schedule IS 'Third operand: the same of the deal''s rate.';
COMMENT ON COLUMN correction_line.basic_bonus IS 'discount(consumption, basic_schedule), or the new less the billed adjustment of volume tiers; exact.';
COMMENT ON COLUMN correction_line.deal_bonus IS 'discount(consumption, deal_schedule), exact.';
COMMENT ON COLUMN correction_line.recorded_at IS 'When.';

CREATE TRIGGER refuse_edit BEFORE UPDATE OR DELETE OR TRUNCATE ON correction FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit();
CREATE TRIGGER refuse_edit BEFORE UPDATE OR DELETE OR TRUNCATE ON correction_line FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit();
