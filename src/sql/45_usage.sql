-- Files of usage as rows.

CREATE OR REPLACE FUNCTION read_usage(format text, content text, mapping text DEFAULT NULL)
    RETURNS TABLE (
        line_number bigint, problem_column text, problem_value text, problem text, usage_day date, account_id text,
        account_name text, cloud_id text, cloud_name text, folder_id text, folder_name text, resource_id text, service_id text,
        service_name text, sku_id text, sku_name text, currency text, charge_category text, pricing_quantity numeric,
        pricing_unit text, cost numeric, credit numeric, monetary_grant_credit numeric, volume_incentive_credit numeric,
        cud_credit numeric, misc_credit numeric, reward numeric, attributes text[], locale text, updated_at text,
        exported_at text)
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10000 ROWS 10000 AS 'MODULE_PATHNAME', 'partner_bonus_read_usage';
COMMENT ON FUNCTION read_usage(text, text, text) IS 'The records of a CSV file (format partner-export, focus, cur, or mapping with a mapping), one row each: a usage line, or what is wrong with the record (problem, with column and value). Amounts exactly as in the file. A file that cannot be read as a whole is an error (22P04): header, quotes, nothing in it. attributes has names and values by turns.';

CREATE OR REPLACE FUNCTION pack_usage(format text, content text, currencies text[], mapping text DEFAULT NULL)
    RETURNS TABLE (
        usage_day date, part integer, line_count integer, exported_at text, pack usage_pack, line_number bigint, problem_column text,
        problem_value text, problem text)
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10000 ROWS 40 AS 'MODULE_PATHNAME', 'partner_bonus_pack_usage';
COMMENT ON FUNCTION pack_usage(text, text, text[], text) IS 'A CSV file (format partner-export, focus, cur, or mapping with a mapping) as packs: a row for each pack, days ascending, parts of a day from 0 on, with the number of its lines and the latest exported_at among them; and a row for each record that cannot be taken (line_number, column, value, problem). Currencies that are not in the list are a problem of the line. Errors are those of read_usage.';
