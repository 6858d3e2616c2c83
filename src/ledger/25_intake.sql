-- Intake: a file's content goes in, its lines become usage, what cannot be taken is kept with the reason.

CREATE FUNCTION load_csv(partner_id text, format text, content text, source text DEFAULT NULL, file_name text DEFAULT NULL)
RETURNS load_batch
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
DECLARE
    batch   load_batch;
    origin  text := coalesce(load_csv.source, load_csv.format);
    digest  bytea := sha256(convert_to(load_csv.content, 'UTF8'));
    moment  timestamptz;
BEGIN
    IF load_csv.format IS NULL OR load_csv.content IS NULL THEN
        RAISE EXCEPTION 'format and content are needed' USING ERRCODE = 'null_value_not_allowed',
            DETAIL = format('%s is NULL.', CASE WHEN load_csv.format IS NULL THEN 'format' ELSE 'content' END),
            HINT = 'Give the format (partner-export or focus) and what the file holds. Nothing was loaded.';
    END IF;
    PERFORM require_read_committed();
    -- Loads of one partner go one after the other.
    PERFORM FROM partner p WHERE p.partner_id = load_csv.partner_id AND p.superseded_at = 'infinity' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'unknown partner' USING ERRCODE = 'undefined_object',
            DETAIL = format('There is no partner with partner_id = %L.', load_csv.partner_id),
            HINT = 'Insert it into the table partner first, or correct the id. Nothing was loaded.';
    END IF;
    moment := clock_timestamp();

    SELECT b.* INTO batch
    FROM load_batch b
    WHERE b.partner_id = load_csv.partner_id AND b.source = origin AND b.format = load_csv.format AND b.sha256 = digest
      AND b.outcome = 'loaded'
      AND b.loaded = (SELECT count(*) FROM usage_line u WHERE u.batch_id = b.batch_id AND u.superseded_at = 'infinity')
      -- lines of a currency that the ledger did not know then, and does now, are another answer
      AND NOT EXISTS (SELECT FROM rejected_line r JOIN currency c ON c.currency = r.value
                      WHERE r.batch_id = b.batch_id AND r.reason = 'currency is not in the table currency')
    ORDER BY b.batch_id DESC
    LIMIT 1;
    IF FOUND THEN
        INSERT INTO load_batch (partner_id, source, format, file_name, sha256, lines, loaded, rejected, outcome, recorded_at)
        VALUES (batch.partner_id, batch.source, batch.format, load_csv.file_name, digest, batch.lines, batch.loaded, batch.rejected,
                'unchanged', moment)
        RETURNING * INTO batch;
        RETURN batch;
    END IF;

    WITH record AS MATERIALIZED (
        SELECT r.line_number, coalesce(r.problem_column, k.problem_column) AS problem_column,
               coalesce(r.problem_value, k.problem_value) AS problem_value, coalesce(r.problem, k.problem) AS problem, r.usage_day,
               r.account_id, r.account_name, r.cloud_id, r.cloud_name, r.folder_id, r.folder_name, r.resource_id, r.service_id,
               r.service_name, r.sku_id, r.sku_name, r.currency, r.charge_category, r.pricing_quantity, r.pricing_unit, r.cost,
               r.credit, r.monetary_grant_credit, r.volume_incentive_credit, r.cud_credit, r.misc_credit, r.reward, r.attributes,
               r.locale, r.updated_at, r.exported_at
        FROM read_usage(load_csv.format, load_csv.content) r
        LEFT JOIN currency c ON c.currency = r.currency
        -- what only the ledger can tell of a line that reads well
        LEFT JOIN LATERAL (SELECT v.problem_column, v.problem_value, v.problem
                           FROM (VALUES (c.currency IS NULL, CASE load_csv.format WHEN 'focus' THEN 'BillingCurrency' ELSE 'currency' END,
                                         r.currency, 'currency is not in the table currency'),
                                        (greatest(abs(r.cost), abs(r.credit), abs(r.monetary_grant_credit)) > 1e18,
                                         CASE load_csv.format WHEN 'focus' THEN 'BilledCost' END,
                                         greatest(abs(r.cost), abs(r.credit), abs(r.monetary_grant_credit))::text,
                                         'amount is beyond +-10^18')) v (applies, problem_column, problem_value, problem)
                           WHERE v.applies
                           LIMIT 1) k ON r.problem IS NULL
    ), new_batch AS (
        INSERT INTO load_batch (partner_id, source, format, file_name, sha256, lines, loaded, rejected, outcome, recorded_at)
        SELECT load_csv.partner_id, origin, load_csv.format, load_csv.file_name, digest, count(*),
               count(*) FILTER (WHERE problem IS NULL), count(*) FILTER (WHERE problem IS NOT NULL), 'loaded', moment
        FROM record
        RETURNING *
    ), new_reject AS (
        INSERT INTO rejected_line (batch_id, line_number, column_name, value, reason)
        SELECT b.batch_id, r.line_number, r.problem_column, r.problem_value, r.problem
        FROM record r
        CROSS JOIN new_batch b
        WHERE r.problem IS NOT NULL
    ), replaced AS (
        UPDATE usage_line u
        SET superseded_at = moment
        WHERE u.partner_id = load_csv.partner_id AND u.source = origin AND u.superseded_at = 'infinity'
          AND u.usage_day IN (SELECT r.usage_day FROM record r WHERE r.problem IS NULL)
    ), new_line AS (
        INSERT INTO usage_line (partner_id, source, usage_day, batch_id, line_number, account_id, account_name, cloud_id, cloud_name,
                                folder_id, folder_name, resource_id, service_id, service_name, sku_id, sku_name, currency,
                                charge_category, pricing_quantity, pricing_unit, cost, credit, monetary_grant_credit,
                                volume_incentive_credit, cud_credit, misc_credit, reward, attributes, locale, updated_at, exported_at,
                                recorded_at)
        SELECT load_csv.partner_id, origin, r.usage_day, b.batch_id, r.line_number, r.account_id, r.account_name, r.cloud_id,
               r.cloud_name, r.folder_id, r.folder_name, r.resource_id, r.service_id, r.service_name, r.sku_id, r.sku_name, r.currency,
               r.charge_category, r.pricing_quantity, r.pricing_unit, r.cost, r.credit, r.monetary_grant_credit,
               r.volume_incentive_credit, r.cud_credit, r.misc_credit, r.reward, jsonb_object(r.attributes), r.locale, r.updated_at,
               r.exported_at, moment
        FROM record r
        CROSS JOIN new_batch b
        WHERE r.problem IS NULL
    )
    SELECT b.* INTO STRICT batch FROM new_batch b;
    RETURN batch;
END
$function$;
COMMENT ON FUNCTION load_csv(text, text, text, text, text) IS 'Loads a CSV file given as its content (format partner-export or focus): gives the load_batch row. Days in the file replace earlier lines of the same partner, source and day; records that cannot be taken go to rejected_line. The same content again changes nothing (outcome unchanged). Errors: unknown partner (42704), unknown format (22023), a file that cannot be read as a whole (22P04); then nothing is loaded.';
