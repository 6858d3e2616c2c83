-- usage_pack: a day's usage lines as one value. usage_line: one of them as a row.

CREATE TYPE usage_pack;

CREATE OR REPLACE FUNCTION usage_pack_in(cstring) RETURNS usage_pack
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION usage_pack_out(usage_pack) RETURNS cstring
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 500 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION usage_pack_recv(internal) RETURNS usage_pack
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION usage_pack_send(usage_pack) RETURNS bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION usage_pack_in(cstring) IS 'text input of usage_pack';
COMMENT ON FUNCTION usage_pack_out(usage_pack) IS 'text output of usage_pack';
COMMENT ON FUNCTION usage_pack_recv(internal) IS 'binary input of usage_pack';
COMMENT ON FUNCTION usage_pack_send(usage_pack) IS 'binary output of usage_pack';

-- External: totals read the start of a pack without fetching the rest, which compression would not let them.
CREATE TYPE usage_pack (
    INPUT = usage_pack_in, OUTPUT = usage_pack_out, RECEIVE = usage_pack_recv, SEND = usage_pack_send,
    INTERNALLENGTH = variable, ALIGNMENT = int4, STORAGE = external
);
COMMENT ON TYPE usage_pack IS 'Usage lines of a day as one value, at most 65,536: a directory of keys (account, service, SKU, currency, charge category) with their exact sums, then the lines, column by column. The same lines in any order are the same bytes. Text is the binary form in base64; input accepts nothing that no lines have (22P03).';

CREATE TYPE usage_line AS (
    account_id text, account_name text, cloud_id text, cloud_name text, folder_id text, folder_name text, resource_id text, service_id text,
    service_name text, sku_id text, sku_name text, currency text, charge_category text, pricing_quantity numeric, pricing_unit text, cost numeric,
    credit numeric, monetary_grant_credit numeric, volume_incentive_credit numeric, cud_credit numeric, misc_credit numeric, reward numeric,
    attributes jsonb, locale text, updated_at text, exported_at text
);
COMMENT ON TYPE usage_line IS 'A usage line without its partner, source and day: the columns of a partner export. account_id, service_id, sku_id, currency, charge_category and cost are needed; a NULL credit counts as 0. attributes is an object of texts.';

CREATE OR REPLACE FUNCTION usage_pack() RETURNS usage_pack
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'usage_pack_empty';
COMMENT ON FUNCTION usage_pack() IS 'The pack of no lines: what a day has on which nothing was used.';

-- Lines into packs

CREATE OR REPLACE FUNCTION usage_pack_agg_line(internal, usage_line) RETURNS internal
    LANGUAGE c STABLE PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION usage_pack_agg_amounts(internal, text, text, text, text, text, numeric, numeric, numeric) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION usage_pack_agg_result(internal) RETURNS usage_pack
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION usage_pack_agg_line(internal, usage_line) IS 'transition of usage_pack_agg';
COMMENT ON FUNCTION usage_pack_agg_amounts(internal, text, text, text, text, text, numeric, numeric, numeric) IS 'transition of usage_pack_agg';
COMMENT ON FUNCTION usage_pack_agg_result(internal) IS 'final function of usage_pack_agg';

CREATE OR REPLACE AGGREGATE usage_pack_agg(line usage_line) (
    SFUNC = usage_pack_agg_line, STYPE = internal, SSPACE = 65536,
    FINALFUNC = usage_pack_agg_result, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = SAFE
);
CREATE OR REPLACE AGGREGATE usage_pack_agg(account_id text, service_id text, sku_id text, currency text, charge_category text,
                                           cost numeric, credit numeric, grant_credit numeric) (
    SFUNC = usage_pack_agg_amounts, STYPE = internal, SSPACE = 65536,
    FINALFUNC = usage_pack_agg_result, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = SAFE
);
COMMENT ON AGGREGATE usage_pack_agg(usage_line) IS 'Packs lines, in any order. NULL lines are skipped, no lines give NULL. Errors: a line without what every line has (22004), an amount beyond +-10^18 or with more than 18 decimals (22003), more lines than a pack holds (54000): then group by parts of the day, too.';
COMMENT ON AGGREGATE usage_pack_agg(text, text, text, text, text, numeric, numeric, numeric) IS 'Packs lines that have amounts alone: credit is all credits, normally negative, grant_credit the part of it that a grant paid for; NULL counts as 0. Otherwise as with whole lines.';

-- Packs into lines

CREATE OR REPLACE FUNCTION lines(pack usage_pack, account text DEFAULT NULL)
    RETURNS TABLE (
        line_number integer, account_id text, account_name text, cloud_id text, cloud_name text, folder_id text, folder_name text, resource_id text,
        service_id text, service_name text, sku_id text, sku_name text, currency text, charge_category text, pricing_quantity numeric,
        pricing_unit text, cost numeric, credit numeric, monetary_grant_credit numeric, volume_incentive_credit numeric, cud_credit numeric,
        misc_credit numeric, reward numeric, attributes jsonb, locale text, updated_at text, exported_at text)
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10000 ROWS 1000 AS 'MODULE_PATHNAME', 'usage_pack_lines';
COMMENT ON FUNCTION lines(usage_pack, text) IS 'The lines of a pack, or those of one account: the columns of usage_line behind the number of the line in the pack. Amounts exactly as they came in. NULL has no lines.';

CREATE OR REPLACE FUNCTION line_count(pack usage_pack) RETURNS integer
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'usage_pack_line_count';
COMMENT ON FUNCTION line_count(usage_pack) IS 'How many lines a pack has; does not fetch them.';

CREATE OR REPLACE FUNCTION totals(pack usage_pack)
    RETURNS TABLE (currency text, lines bigint, cost numeric, grant_credit numeric, other_credit numeric)
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 2 AS 'MODULE_PATHNAME', 'usage_pack_totals';
COMMENT ON FUNCTION totals(usage_pack) IS 'What the lines of a pack add up to in each of its currencies, all charge categories together; exact.';

CREATE OR REPLACE FUNCTION content_digest(pack usage_pack) RETURNS bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 500 AS 'MODULE_PATHNAME', 'usage_pack_content_digest';
COMMENT ON FUNCTION content_digest(usage_pack) IS 'SHA-256 of what is content: equal if and only if the lines are equal but for names, locale, updated_at and exported_at.';

CREATE OR REPLACE FUNCTION usage_pack_eq(usage_pack, usage_pack) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION usage_pack_eq(usage_pack, usage_pack) IS 'implementation of = operator';
CREATE OPERATOR = (LEFTARG = usage_pack, RIGHTARG = usage_pack, FUNCTION = usage_pack_eq, COMMUTATOR = =, RESTRICT = eqsel, JOIN = eqjoinsel);
COMMENT ON OPERATOR = (usage_pack, usage_pack) IS 'equal lines, remarks included';
