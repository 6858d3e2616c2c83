-- rate_schedule: which rate applied on which day.

CREATE TYPE rate_schedule;

CREATE OR REPLACE FUNCTION rate_schedule_in(cstring) RETURNS rate_schedule
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION rate_schedule_out(rate_schedule) RETURNS cstring
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION rate_schedule_recv(internal) RETURNS rate_schedule
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION rate_schedule_send(rate_schedule) RETURNS bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION rate_schedule_in(cstring) IS 'text input of rate_schedule';
COMMENT ON FUNCTION rate_schedule_out(rate_schedule) IS 'text output of rate_schedule';
COMMENT ON FUNCTION rate_schedule_recv(internal) IS 'binary input of rate_schedule';
COMMENT ON FUNCTION rate_schedule_send(rate_schedule) IS 'binary output of rate_schedule';

CREATE TYPE rate_schedule (
    INPUT = rate_schedule_in, OUTPUT = rate_schedule_out, RECEIVE = rate_schedule_recv, SEND = rate_schedule_send,
    INTERNALLENGTH = variable, ALIGNMENT = double, STORAGE = extended
);
COMMENT ON TYPE rate_schedule IS 'Which rate applied on which day: a step function, zero where nothing is said. Rates are fractions (0.2 is 20 %) with at most 12 decimals. Written {[2026-05-01,2026-06-15): 0.2, [2026-06-15,): 0.35}.';

CREATE OR REPLACE FUNCTION rate_schedule(days daterange, rate numeric)
    RETURNS rate_schedule LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'rate_schedule_make';
COMMENT ON FUNCTION rate_schedule(daterange, numeric) IS 'One rate on the days of a range, zero elsewhere. Rates lie within +-1000 and have at most 12 decimals (22003).';

-- Aggregation

CREATE OR REPLACE FUNCTION rate_schedule_agg_add(rate_schedule, days daterange, rate numeric)
    RETURNS rate_schedule LANGUAGE c IMMUTABLE PARALLEL SAFE COST 4 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION rate_schedule_agg_take_off(rate_schedule, days daterange, rate numeric)
    RETURNS rate_schedule LANGUAGE c IMMUTABLE PARALLEL SAFE COST 4 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION rate_schedule_agg_merge(rate_schedule, rate_schedule)
    RETURNS rate_schedule LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION rate_schedule_agg_unmerge(rate_schedule, rate_schedule)
    RETURNS rate_schedule LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION rate_schedule_agg_result(rate_schedule)
    RETURNS rate_schedule LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION rate_schedule_agg_add(rate_schedule, daterange, numeric) IS 'transition of rate_schedule_agg';
COMMENT ON FUNCTION rate_schedule_agg_take_off(rate_schedule, daterange, numeric) IS 'inverse transition of rate_schedule_agg';
COMMENT ON FUNCTION rate_schedule_agg_merge(rate_schedule, rate_schedule) IS 'transition of rollup(rate_schedule), and how parallel parts of rate_schedule_agg are put together';
COMMENT ON FUNCTION rate_schedule_agg_unmerge(rate_schedule, rate_schedule) IS 'inverse transition of rollup(rate_schedule)';
COMMENT ON FUNCTION rate_schedule_agg_result(rate_schedule) IS 'final function of rate_schedule_agg and rollup: the stored form of a working state';

CREATE OR REPLACE AGGREGATE rate_schedule_agg(days daterange, rate numeric) (
    SFUNC = rate_schedule_agg_add, STYPE = rate_schedule, SSPACE = 208, FINALFUNC = rate_schedule_agg_result,
    COMBINEFUNC = rate_schedule_agg_merge,
    MSFUNC = rate_schedule_agg_add, MINVFUNC = rate_schedule_agg_take_off, MSTYPE = rate_schedule, MSSPACE = 208,
    MFINALFUNC = rate_schedule_agg_result, PARALLEL = SAFE
);
COMMENT ON AGGREGATE rate_schedule_agg(daterange, numeric) IS 'The schedule of dated rates; where ranges overlap, rates add. A rate is a fraction from 0 to 1 (22023 otherwise); a NULL range or rate is an error (22004); an empty range adds nothing; no rows give NULL.';

CREATE OR REPLACE AGGREGATE rollup(rate_schedule) (
    SFUNC = rate_schedule_agg_merge, STYPE = rate_schedule, SSPACE = 208, FINALFUNC = rate_schedule_agg_result,
    COMBINEFUNC = rate_schedule_agg_merge,
    MSFUNC = rate_schedule_agg_merge, MINVFUNC = rate_schedule_agg_unmerge, MSTYPE = rate_schedule, MSSPACE = 208,
    MFINALFUNC = rate_schedule_agg_result, PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(rate_schedule) IS 'The sum of schedules, day by day; NULLs are skipped, no rows give NULL.';

-- Arithmetic

CREATE OR REPLACE FUNCTION rate_schedule_plus(rate_schedule, rate_schedule)
    RETURNS rate_schedule LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION rate_schedule_minus(rate_schedule, rate_schedule)
    RETURNS rate_schedule LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION rate_schedule_on_days(rate_schedule, datemultirange)
    RETURNS rate_schedule LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION rate_schedule_plus(rate_schedule, rate_schedule) IS 'implementation of + operator';
COMMENT ON FUNCTION rate_schedule_minus(rate_schedule, rate_schedule) IS 'implementation of - operator';
COMMENT ON FUNCTION rate_schedule_on_days(rate_schedule, datemultirange) IS 'implementation of * operator';

CREATE OPERATOR + (LEFTARG = rate_schedule, RIGHTARG = rate_schedule, FUNCTION = rate_schedule_plus, COMMUTATOR = +);
CREATE OPERATOR - (LEFTARG = rate_schedule, RIGHTARG = rate_schedule, FUNCTION = rate_schedule_minus);
CREATE OPERATOR * (LEFTARG = rate_schedule, RIGHTARG = datemultirange, FUNCTION = rate_schedule_on_days);
COMMENT ON OPERATOR + (rate_schedule, rate_schedule) IS 'sum of the rates of each day (base + deal); 22003 beyond +-1000';
COMMENT ON OPERATOR - (rate_schedule, rate_schedule) IS 'difference of the rates of each day; 22003 beyond +-1000';
COMMENT ON OPERATOR * (rate_schedule, datemultirange) IS 'the rate on the days in the multirange, zero on all others';

CREATE OR REPLACE FUNCTION compound(rate_schedule, rate_schedule) RETURNS rate_schedule
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'rate_schedule_compound';
CREATE OR REPLACE FUNCTION cap(schedule rate_schedule, most numeric) RETURNS rate_schedule
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'rate_schedule_cap';
COMMENT ON FUNCTION compound(rate_schedule, rate_schedule) IS 's + t - s * t for the rates of each day: a discount on what another discount left. 22003 where that has more than 12 decimals.';
COMMENT ON FUNCTION cap(rate_schedule, numeric) IS 'The rate of each day, but never more than the limit.';

-- Accessors

CREATE OR REPLACE FUNCTION rate_at(schedule rate_schedule, day date) RETURNS numeric
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'rate_schedule_rate_at';
CREATE OR REPLACE FUNCTION segments(rate_schedule) RETURNS TABLE (days daterange, rate numeric)
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 ROWS 4 AS 'MODULE_PATHNAME', 'rate_schedule_segments';
COMMENT ON FUNCTION rate_at(rate_schedule, date) IS 'The rate of a day: a fraction, 0 where the schedule says nothing.';
COMMENT ON FUNCTION segments(rate_schedule) IS 'One row per run of days with the same rate, in order; days without a rate are left out.';

-- Equality, order, hash

CREATE OR REPLACE FUNCTION rate_schedule_eq(rate_schedule, rate_schedule) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION rate_schedule_ne(rate_schedule, rate_schedule) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION rate_schedule_lt(rate_schedule, rate_schedule) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION rate_schedule_le(rate_schedule, rate_schedule) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION rate_schedule_gt(rate_schedule, rate_schedule) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION rate_schedule_ge(rate_schedule, rate_schedule) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION rate_schedule_cmp(rate_schedule, rate_schedule) RETURNS integer
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION rate_schedule_hash(rate_schedule) RETURNS integer
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION rate_schedule_hash_extended(rate_schedule, bigint) RETURNS bigint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION rate_schedule_eq(rate_schedule, rate_schedule) IS 'implementation of = operator';
COMMENT ON FUNCTION rate_schedule_ne(rate_schedule, rate_schedule) IS 'implementation of <> operator';
COMMENT ON FUNCTION rate_schedule_lt(rate_schedule, rate_schedule) IS 'implementation of < operator';
COMMENT ON FUNCTION rate_schedule_le(rate_schedule, rate_schedule) IS 'implementation of <= operator';
COMMENT ON FUNCTION rate_schedule_gt(rate_schedule, rate_schedule) IS 'implementation of > operator';
COMMENT ON FUNCTION rate_schedule_ge(rate_schedule, rate_schedule) IS 'implementation of >= operator';
COMMENT ON FUNCTION rate_schedule_cmp(rate_schedule, rate_schedule) IS 'less, equal or greater';
COMMENT ON FUNCTION rate_schedule_hash(rate_schedule) IS 'hash; frozen, since partitions depend on it';
COMMENT ON FUNCTION rate_schedule_hash_extended(rate_schedule, bigint) IS 'hash with a seed; frozen, since partitions depend on it';

CREATE OPERATOR = (LEFTARG = rate_schedule, RIGHTARG = rate_schedule, FUNCTION = rate_schedule_eq, COMMUTATOR = =, NEGATOR = <>,
    RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES);
CREATE OPERATOR <> (LEFTARG = rate_schedule, RIGHTARG = rate_schedule, FUNCTION = rate_schedule_ne, COMMUTATOR = <>, NEGATOR = =,
    RESTRICT = neqsel, JOIN = neqjoinsel);
CREATE OPERATOR < (LEFTARG = rate_schedule, RIGHTARG = rate_schedule, FUNCTION = rate_schedule_lt, COMMUTATOR = >, NEGATOR = >=,
    RESTRICT = scalarltsel, JOIN = scalarltjoinsel);
CREATE OPERATOR <= (LEFTARG = rate_schedule, RIGHTARG = rate_schedule, FUNCTION = rate_schedule_le, COMMUTATOR = >=, NEGATOR = >,
    RESTRICT = scalarlesel, JOIN = scalarlejoinsel);
CREATE OPERATOR > (LEFTARG = rate_schedule, RIGHTARG = rate_schedule, FUNCTION = rate_schedule_gt, COMMUTATOR = <, NEGATOR = <=,
    RESTRICT = scalargtsel, JOIN = scalargtjoinsel);
CREATE OPERATOR >= (LEFTARG = rate_schedule, RIGHTARG = rate_schedule, FUNCTION = rate_schedule_ge, COMMUTATOR = <=, NEGATOR = <,
    RESTRICT = scalargesel, JOIN = scalargejoinsel);
COMMENT ON OPERATOR = (rate_schedule, rate_schedule) IS 'equal on every day';
COMMENT ON OPERATOR <> (rate_schedule, rate_schedule) IS 'different on some day';
COMMENT ON OPERATOR < (rate_schedule, rate_schedule) IS 'before in an order without meaning';
COMMENT ON OPERATOR <= (rate_schedule, rate_schedule) IS 'before in an order without meaning, or equal';
COMMENT ON OPERATOR > (rate_schedule, rate_schedule) IS 'after in an order without meaning';
COMMENT ON OPERATOR >= (rate_schedule, rate_schedule) IS 'after in an order without meaning, or equal';

CREATE OPERATOR CLASS rate_schedule_ops DEFAULT FOR TYPE rate_schedule USING btree AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
    FUNCTION 1 rate_schedule_cmp(rate_schedule, rate_schedule);
CREATE OPERATOR CLASS rate_schedule_ops DEFAULT FOR TYPE rate_schedule USING hash AS
    OPERATOR 1 =,
    FUNCTION 1 rate_schedule_hash(rate_schedule), FUNCTION 2 rate_schedule_hash_extended(rate_schedule, bigint);
