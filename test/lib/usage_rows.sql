-- Usage written row by row, for tests: \i this file in a session whose search_path begins with a ledger, bonus. It makes a table
-- usage_row there. Rows that a statement inserts into it become packs of usage_day, and stay, so that whoever computes the
-- same otherwise reads raw rows. A row without recorded_at is recorded now; one with superseded_at was replaced before it
-- was billed. Works under session_replication_role = replica too.
CREATE TABLE usage_row (
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
    recorded_at             timestamptz,
    superseded_at           timestamptz NOT NULL DEFAULT 'infinity'
);

CREATE FUNCTION pack_usage_rows() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
DECLARE
    moment timestamptz := clock_timestamp();
BEGIN
    INSERT INTO usage_day (partner_id, source, usage_day, part, batch_id, line_count, digest, billed_in, reversed_in, recorded_at,
                           superseded_at, lines)
    SELECT d.partner_id, d.source, d.usage_day, d.part, d.batch_id, line_count(d.pack), content_digest(d.pack), d.month,
           CASE WHEN d.superseded_at <> 'infinity' THEN d.month END, d.recorded_at, d.superseded_at, d.pack
    FROM (SELECT p.*,
                 -- another part of a day of which there are lines already
                 coalesce((SELECT max(u.part) + 1 FROM usage_day u
                           WHERE u.partner_id = p.partner_id AND u.source = p.source AND u.usage_day = p.usage_day
                             AND u.superseded_at = p.superseded_at), 0) AS part,
                 -- months without a row are open, and stay without one
                 CASE WHEN EXISTS (SELECT FROM billing_period c
                                   WHERE c.partner_id = p.partner_id AND c.month = billing_month(p.usage_day) AND c.closed_at IS NOT NULL)
                      THEN lock_open_month(p.partner_id, p.usage_day) ELSE billing_month(p.usage_day) END AS month
          FROM (SELECT r.partner_id, r.source, r.usage_day, r.batch_id, coalesce(r.recorded_at, moment) AS recorded_at, r.superseded_at,
                       usage_pack_agg(ROW(r.account_id, r.account_name, r.cloud_id, r.cloud_name, r.folder_id, r.folder_name, r.resource_id,
                                          r.service_id, r.service_name, r.sku_id, r.sku_name, r.currency, r.charge_category,
                                          r.pricing_quantity, r.pricing_unit, r.cost, r.credit, r.monetary_grant_credit,
                                          r.volume_incentive_credit, r.cud_credit, r.misc_credit, r.reward, r.attributes, r.locale,
                                          r.updated_at, r.exported_at)::usage_line) AS pack
                FROM new_rows r
                GROUP BY r.partner_id, r.source, r.usage_day, r.batch_id, coalesce(r.recorded_at, moment), r.superseded_at) p) d;
    RETURN NULL;
END
$function$;

CREATE TRIGGER pack_rows AFTER INSERT ON usage_row REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION pack_usage_rows();
ALTER TABLE usage_row ENABLE ALWAYS TRIGGER pack_rows;
