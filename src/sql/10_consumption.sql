-- consumption: an exact daily series of (cost, grant credit, other credits).

CREATE TYPE consumption;

CREATE OR REPLACE FUNCTION consumption_in(cstring) RETURNS consumption
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION consumption_out(consumption) RETURNS cstring
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION consumption_recv(internal) RETURNS consumption
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION consumption_send(consumption) RETURNS bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION consumption_in(cstring) IS 'text input of consumption';
COMMENT ON FUNCTION consumption_out(consumption) IS 'text output of consumption';
COMMENT ON FUNCTION consumption_recv(internal) IS 'binary input of consumption';
COMMENT ON FUNCTION consumption_send(consumption) IS 'binary output of consumption';

CREATE TYPE consumption (
    INPUT = consumption_in, OUTPUT = consumption_out, RECEIVE = consumption_recv, SEND = consumption_send,
    INTERNALLENGTH = variable, ALIGNMENT = double, STORAGE = extended
);
COMMENT ON TYPE consumption IS 'What was consumed on each day: cost, grant credit and other credits, exact to 18 decimals. Written {2026-10-05: 100/-20/-10, 2026-10-06: 5.5/0/0}. Carries no currency: what it belongs to does.';

CREATE OR REPLACE FUNCTION consumption(day date, cost numeric, grant_credit numeric DEFAULT 0, other_credit numeric DEFAULT 0)
    RETURNS consumption LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'consumption_make';
COMMENT ON FUNCTION consumption(date, numeric, numeric, numeric) IS 'The consumption of one day. NULL amounts count as 0; a NULL day is an error (22004). Amounts have at most 18 decimals (22003); days lie between 0001-01-01 and 9999-12-31 (22008).';

-- Aggregation

CREATE OR REPLACE FUNCTION consumption_agg_add(consumption, day date, cost numeric, grant_credit numeric, other_credit numeric)
    RETURNS consumption LANGUAGE c IMMUTABLE PARALLEL SAFE COST 4 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION consumption_agg_take_off(consumption, day date, cost numeric, grant_credit numeric, other_credit numeric)
    RETURNS consumption LANGUAGE c IMMUTABLE PARALLEL SAFE COST 4 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION consumption_agg_merge(consumption, consumption)
    RETURNS consumption LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION consumption_agg_unmerge(consumption, consumption)
    RETURNS consumption LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION consumption_agg_result(consumption)
    RETURNS consumption LANGUAGE c IMMUTABLE PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION consumption_agg_add(consumption, date, numeric, numeric, numeric) IS 'transition of consumption_agg';
COMMENT ON FUNCTION consumption_agg_take_off(consumption, date, numeric, numeric, numeric) IS 'inverse transition of consumption_agg';
COMMENT ON FUNCTION consumption_agg_merge(consumption, consumption) IS 'transition of rollup(consumption), and how parallel parts of consumption_agg are put together';
COMMENT ON FUNCTION consumption_agg_unmerge(consumption, consumption) IS 'inverse transition of rollup(consumption)';
COMMENT ON FUNCTION consumption_agg_result(consumption) IS 'final function of consumption_agg and rollup: the stored form of a working state';

CREATE OR REPLACE AGGREGATE consumption_agg(day date, cost numeric, grant_credit numeric, other_credit numeric) (
    SFUNC = consumption_agg_add, STYPE = consumption, SSPACE = 600, FINALFUNC = consumption_agg_result,
    COMBINEFUNC = consumption_agg_merge,
    MSFUNC = consumption_agg_add, MINVFUNC = consumption_agg_take_off, MSTYPE = consumption, MSSPACE = 600,
    MFINALFUNC = consumption_agg_result, PARALLEL = SAFE
);
COMMENT ON AGGREGATE consumption_agg(date, numeric, numeric, numeric) IS 'The consumption of usage lines: what a GROUP BY leaves of them. Exact in any order, grouping and number of workers; NULL amounts count as 0, a NULL day is an error (22004), no rows give NULL. A sum beyond +-1.7e20 is an error (22003).';

CREATE OR REPLACE AGGREGATE rollup(consumption) (
    SFUNC = consumption_agg_merge, STYPE = consumption, SSPACE = 600, FINALFUNC = consumption_agg_result,
    COMBINEFUNC = consumption_agg_merge,
    MSFUNC = consumption_agg_merge, MINVFUNC = consumption_agg_unmerge, MSTYPE = consumption, MSSPACE = 600,
    MFINALFUNC = consumption_agg_result, PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(consumption) IS 'The sum of consumptions, day by day; NULLs are skipped, no rows give NULL.';

-- Arithmetic

CREATE OR REPLACE FUNCTION consumption_plus(consumption, consumption)
    RETURNS consumption LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION consumption_minus(consumption, consumption)
    RETURNS consumption LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION consumption_on_days(consumption, datemultirange)
    RETURNS consumption LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION consumption_has_days(consumption, datemultirange)
    RETURNS boolean LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION consumption_has_days(consumption, datemultirange) IS 'implementation of && operator';
COMMENT ON FUNCTION consumption_plus(consumption, consumption) IS 'implementation of + operator';
COMMENT ON FUNCTION consumption_minus(consumption, consumption) IS 'implementation of - operator';
COMMENT ON FUNCTION consumption_on_days(consumption, datemultirange) IS 'implementation of * operator';

CREATE OPERATOR + (LEFTARG = consumption, RIGHTARG = consumption, FUNCTION = consumption_plus, COMMUTATOR = +);
CREATE OPERATOR - (LEFTARG = consumption, RIGHTARG = consumption, FUNCTION = consumption_minus);
CREATE OPERATOR * (LEFTARG = consumption, RIGHTARG = datemultirange, FUNCTION = consumption_on_days);
CREATE OPERATOR && (LEFTARG = consumption, RIGHTARG = datemultirange, FUNCTION = consumption_has_days, RESTRICT = contsel, JOIN = contjoinsel);
COMMENT ON OPERATOR && (consumption, datemultirange) IS 'is there usage on a day of the multirange? consumption * days is not {}';
COMMENT ON OPERATOR + (consumption, consumption) IS 'sum, day by day; 22003 beyond the range of amounts';
COMMENT ON OPERATOR - (consumption, consumption) IS 'difference, day by day';
COMMENT ON OPERATOR * (consumption, datemultirange) IS 'only the days in the multirange';

-- Accessors

CREATE OR REPLACE FUNCTION cost(consumption) RETURNS numeric
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'consumption_cost';
CREATE OR REPLACE FUNCTION grant_credit(consumption) RETURNS numeric
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'consumption_grant_credit';
CREATE OR REPLACE FUNCTION other_credit(consumption) RETURNS numeric
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'consumption_other_credit';
CREATE OR REPLACE FUNCTION base(consumption) RETURNS numeric
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'consumption_base';
CREATE OR REPLACE FUNCTION days(consumption)
    RETURNS TABLE (day date, cost numeric, grant_credit numeric, other_credit numeric)
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 ROWS 31 AS 'MODULE_PATHNAME', 'consumption_days';
COMMENT ON FUNCTION cost(consumption) IS 'Sum of cost over all days, exact.';
COMMENT ON FUNCTION grant_credit(consumption) IS 'Sum of grant credits over all days, exact; normally negative.';
COMMENT ON FUNCTION other_credit(consumption) IS 'Sum of other credits over all days, exact; normally negative.';
COMMENT ON FUNCTION base(consumption) IS 'cost + grant_credit + other_credit: what a bonus is computed from, exact.';
COMMENT ON FUNCTION days(consumption) IS 'One row per day on which anything is not zero, in order; exact amounts.';

-- Equality, order, hash

CREATE OR REPLACE FUNCTION consumption_eq(consumption, consumption) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION consumption_ne(consumption, consumption) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION consumption_lt(consumption, consumption) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION consumption_le(consumption, consumption) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION consumption_gt(consumption, consumption) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION consumption_ge(consumption, consumption) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION consumption_cmp(consumption, consumption) RETURNS integer
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION consumption_hash(consumption) RETURNS integer
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION consumption_hash_extended(consumption, bigint) RETURNS bigint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION consumption_eq(consumption, consumption) IS 'implementation of = operator';
COMMENT ON FUNCTION consumption_ne(consumption, consumption) IS 'implementation of <> operator';
COMMENT ON FUNCTION consumption_lt(consumption, consumption) IS 'implementation of < operator';
COMMENT ON FUNCTION consumption_le(consumption, consumption) IS 'implementation of <= operator';
COMMENT ON FUNCTION consumption_gt(consumption, consumption) IS 'implementation of > operator';
COMMENT ON FUNCTION consumption_ge(consumption, consumption) IS 'implementation of >= operator';
COMMENT ON FUNCTION consumption_cmp(consumption, consumption) IS 'less, equal or greater';
COMMENT ON FUNCTION consumption_hash(consumption) IS 'hash; frozen, since partitions depend on it';
COMMENT ON FUNCTION consumption_hash_extended(consumption, bigint) IS 'hash with a seed; frozen, since partitions depend on it';

CREATE OPERATOR = (LEFTARG = consumption, RIGHTARG = consumption, FUNCTION = consumption_eq, COMMUTATOR = =, NEGATOR = <>,
    RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES);
CREATE OPERATOR <> (LEFTARG = consumption, RIGHTARG = consumption, FUNCTION = consumption_ne, COMMUTATOR = <>, NEGATOR = =,
    RESTRICT = neqsel, JOIN = neqjoinsel);
CREATE OPERATOR < (LEFTARG = consumption, RIGHTARG = consumption, FUNCTION = consumption_lt, COMMUTATOR = >, NEGATOR = >=,
    RESTRICT = scalarltsel, JOIN = scalarltjoinsel);
CREATE OPERATOR <= (LEFTARG = consumption, RIGHTARG = consumption, FUNCTION = consumption_le, COMMUTATOR = >=, NEGATOR = >,
    RESTRICT = scalarlesel, JOIN = scalarlejoinsel);
CREATE OPERATOR > (LEFTARG = consumption, RIGHTARG = consumption, FUNCTION = consumption_gt, COMMUTATOR = <, NEGATOR = <=,
    RESTRICT = scalargtsel, JOIN = scalargtjoinsel);
CREATE OPERATOR >= (LEFTARG = consumption, RIGHTARG = consumption, FUNCTION = consumption_ge, COMMUTATOR = <=, NEGATOR = <,
    RESTRICT = scalargesel, JOIN = scalargejoinsel);
COMMENT ON OPERATOR = (consumption, consumption) IS 'equal on every day';
COMMENT ON OPERATOR <> (consumption, consumption) IS 'different on some day';
COMMENT ON OPERATOR < (consumption, consumption) IS 'before in an order without meaning';
COMMENT ON OPERATOR <= (consumption, consumption) IS 'before in an order without meaning, or equal';
COMMENT ON OPERATOR > (consumption, consumption) IS 'after in an order without meaning';
COMMENT ON OPERATOR >= (consumption, consumption) IS 'after in an order without meaning, or equal';

CREATE OPERATOR CLASS consumption_ops DEFAULT FOR TYPE consumption USING btree AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
    FUNCTION 1 consumption_cmp(consumption, consumption);
CREATE OPERATOR CLASS consumption_ops DEFAULT FOR TYPE consumption USING hash AS
    OPERATOR 1 =,
    FUNCTION 1 consumption_hash(consumption), FUNCTION 2 consumption_hash_extended(consumption, bigint);
