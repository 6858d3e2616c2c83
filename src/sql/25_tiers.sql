-- tiers: which rate a month's volume has.

CREATE TYPE tiers;

CREATE OR REPLACE FUNCTION tiers_in(cstring) RETURNS tiers
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION tiers_out(tiers) RETURNS cstring
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION tiers_recv(internal) RETURNS tiers
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION tiers_send(tiers) RETURNS bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tiers_in(cstring) IS 'text input of tiers';
COMMENT ON FUNCTION tiers_out(tiers) IS 'text output of tiers';
COMMENT ON FUNCTION tiers_recv(internal) IS 'binary input of tiers';
COMMENT ON FUNCTION tiers_send(tiers) IS 'binary output of tiers';

CREATE TYPE tiers (
    INPUT = tiers_in, OUTPUT = tiers_out, RECEIVE = tiers_recv, SEND = tiers_send,
    INTERNALLENGTH = variable, ALIGNMENT = int4, STORAGE = extended
);
COMMENT ON TYPE tiers IS 'Which rate a month''s volume has: a step function of volume. Volumes are amounts from 0 on, rates are fractions from 0 to 1 (0.1 is 10 %) with at most 12 decimals; at most 1,024 steps; a volume on a boundary is in the upper tier. Written {0: 0.1, 50000: 0.12, 200000: 0.15}; {} is the rate 0 everywhere.';

CREATE OR REPLACE FUNCTION tiers(from_volumes numeric[], rates numeric[])
    RETURNS tiers LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'tiers_make';
COMMENT ON FUNCTION tiers(numeric[], numeric[]) IS 'The rate of each tier and the volume it begins at, in any order; below the lowest volume the rate is 0. A volume below 0 or given twice and a rate that is not between 0 and 1 are errors (22023), and so are arrays of different lengths (22023) and NULL elements (22004).';

-- Arithmetic

CREATE OR REPLACE FUNCTION cap(tiers tiers, most numeric) RETURNS tiers
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'tiers_cap';
CREATE OR REPLACE FUNCTION graduated(tiers tiers, volume numeric) RETURNS numeric
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'tiers_graduated';
COMMENT ON FUNCTION cap(tiers, numeric) IS 'The rate of each tier, but never more than the limit, which is a rate from 0 to 1 (22023 otherwise).';
COMMENT ON FUNCTION graduated(tiers, numeric) IS 'The bonus of a volume whose every slice has the rate of its own tier: rate_at(tiers, volume) * volume - tier_offset(tiers, volume). Exact, not rounded, at most 30 decimals.';

-- Accessors

CREATE OR REPLACE FUNCTION rate_at(tiers tiers, volume numeric) RETURNS numeric
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'tiers_rate_at';
CREATE OR REPLACE FUNCTION tier_offset(tiers tiers, volume numeric) RETURNS numeric
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'tiers_offset_at';
CREATE OR REPLACE FUNCTION steps(tiers) RETURNS TABLE (from_volume numeric, to_volume numeric, rate numeric)
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 ROWS 4 AS 'MODULE_PATHNAME', 'tiers_steps';
COMMENT ON FUNCTION rate_at(tiers, numeric) IS 'The rate of the tier a volume is in, a fraction: the slab rate, and the marginal rate of a graduated program. A boundary belongs to the upper tier, a volume below 0 to the lowest.';
COMMENT ON FUNCTION tier_offset(tiers, numeric) IS 'What a graduated bonus is less than the volume at its marginal rate: sum over the tiers up to that of the volume of (rate - rate of the tier before) * volume it begins at. Exact, not rounded, at most 30 decimals.';
COMMENT ON FUNCTION steps(tiers) IS 'One row per tier, in order: the volume it begins at, the volume the next begins at (NULL for the last), its rate.';

-- Equality, order, hash

CREATE OR REPLACE FUNCTION tiers_eq(tiers, tiers) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION tiers_ne(tiers, tiers) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION tiers_lt(tiers, tiers) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION tiers_le(tiers, tiers) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION tiers_gt(tiers, tiers) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION tiers_ge(tiers, tiers) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION tiers_cmp(tiers, tiers) RETURNS integer
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION tiers_hash(tiers) RETURNS integer
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION tiers_hash_extended(tiers, bigint) RETURNS bigint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tiers_eq(tiers, tiers) IS 'implementation of = operator';
COMMENT ON FUNCTION tiers_ne(tiers, tiers) IS 'implementation of <> operator';
COMMENT ON FUNCTION tiers_lt(tiers, tiers) IS 'implementation of < operator';
COMMENT ON FUNCTION tiers_le(tiers, tiers) IS 'implementation of <= operator';
COMMENT ON FUNCTION tiers_gt(tiers, tiers) IS 'implementation of > operator';
COMMENT ON FUNCTION tiers_ge(tiers, tiers) IS 'implementation of >= operator';
COMMENT ON FUNCTION tiers_cmp(tiers, tiers) IS 'less, equal or greater';
COMMENT ON FUNCTION tiers_hash(tiers) IS 'hash; frozen, since partitions depend on it';
COMMENT ON FUNCTION tiers_hash_extended(tiers, bigint) IS 'hash with a seed; frozen, since partitions depend on it';

CREATE OPERATOR = (LEFTARG = tiers, RIGHTARG = tiers, FUNCTION = tiers_eq, COMMUTATOR = =, NEGATOR = <>,
    RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES);
CREATE OPERATOR <> (LEFTARG = tiers, RIGHTARG = tiers, FUNCTION = tiers_ne, COMMUTATOR = <>, NEGATOR = =,
    RESTRICT = neqsel, JOIN = neqjoinsel);
CREATE OPERATOR < (LEFTARG = tiers, RIGHTARG = tiers, FUNCTION = tiers_lt, COMMUTATOR = >, NEGATOR = >=,
    RESTRICT = scalarltsel, JOIN = scalarltjoinsel);
CREATE OPERATOR <= (LEFTARG = tiers, RIGHTARG = tiers, FUNCTION = tiers_le, COMMUTATOR = >=, NEGATOR = >,
    RESTRICT = scalarlesel, JOIN = scalarlejoinsel);
CREATE OPERATOR > (LEFTARG = tiers, RIGHTARG = tiers, FUNCTION = tiers_gt, COMMUTATOR = <, NEGATOR = <=,
    RESTRICT = scalargtsel, JOIN = scalargtjoinsel);
CREATE OPERATOR >= (LEFTARG = tiers, RIGHTARG = tiers, FUNCTION = tiers_ge, COMMUTATOR = <=, NEGATOR = <,
    RESTRICT = scalargesel, JOIN = scalargejoinsel);
COMMENT ON OPERATOR = (tiers, tiers) IS 'equal at every volume';
COMMENT ON OPERATOR <> (tiers, tiers) IS 'different at some volume';
COMMENT ON OPERATOR < (tiers, tiers) IS 'before in an order without meaning';
COMMENT ON OPERATOR <= (tiers, tiers) IS 'before in an order without meaning, or equal';
COMMENT ON OPERATOR > (tiers, tiers) IS 'after in an order without meaning';
COMMENT ON OPERATOR >= (tiers, tiers) IS 'after in an order without meaning, or equal';

CREATE OPERATOR CLASS tiers_ops DEFAULT FOR TYPE tiers USING btree AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
    FUNCTION 1 tiers_cmp(tiers, tiers);
CREATE OPERATOR CLASS tiers_ops DEFAULT FOR TYPE tiers USING hash AS
    OPERATOR 1 =,
    FUNCTION 1 tiers_hash(tiers), FUNCTION 2 tiers_hash_extended(tiers, bigint);
