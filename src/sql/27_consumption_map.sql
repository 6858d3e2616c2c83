-- consumption_map: what usage packs add up to, key by key.

CREATE TYPE consumption_map;

CREATE OR REPLACE FUNCTION consumption_map_in(cstring) RETURNS consumption_map
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2000 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION consumption_map_out(consumption_map) RETURNS cstring
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 200 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION consumption_map_recv(internal) RETURNS consumption_map
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2000 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION consumption_map_send(consumption_map) RETURNS bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION consumption_map_in(cstring) IS 'text input of consumption_map: base64 of the binary form';
COMMENT ON FUNCTION consumption_map_out(consumption_map) IS 'text output of consumption_map: base64 of the binary form';
COMMENT ON FUNCTION consumption_map_recv(internal) IS 'binary input of consumption_map';
COMMENT ON FUNCTION consumption_map_send(consumption_map) IS 'binary output of consumption_map';

CREATE TYPE consumption_map (
    INPUT = consumption_map_in, OUTPUT = consumption_map_out, RECEIVE = consumption_map_recv, SEND = consumption_map_send,
    INTERNALLENGTH = variable, ALIGNMENT = int4, STORAGE = extended
);
COMMENT ON TYPE consumption_map IS 'What usage packs add up to: for each key (account, service, SKU, currency, charge category) its consumption, its number of lines and the sum of reward, all exact. Read with entries(). Its text is for copying, not for reading: base64 of the binary form.';

-- Aggregation

CREATE OR REPLACE FUNCTION consumption_map_agg_add(internal, pack usage_pack, day date, sign integer) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
CREATE OR REPLACE FUNCTION consumption_map_agg_result(internal) RETURNS consumption_map
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 5000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION consumption_map_agg_add(internal, usage_pack, date, integer) IS 'transition of consumption_map_agg';
COMMENT ON FUNCTION consumption_map_agg_result(internal) IS 'final function of consumption_map_agg';

CREATE OR REPLACE AGGREGATE consumption_map_agg(pack usage_pack, day date, sign integer) (
    SFUNC = consumption_map_agg_add, STYPE = internal, SSPACE = 100000, FINALFUNC = consumption_map_agg_result, PARALLEL = SAFE
);
COMMENT ON AGGREGATE consumption_map_agg(usage_pack, date, integer) IS 'What packs add up to: the lines of each pack, on its day, are added (sign 1) or taken off (sign -1). Reads the directory of a pack, not its lines. The order of the packs does not matter; a key of which nothing is left is left out. A NULL pack is skipped; with a pack, a NULL day or sign is an error (22004), and so is another sign (22023). A sum beyond +-1.7e20 is an error (22003), a pack that is damaged another (22P03). No rows give NULL. Group by partner: the planner does not know how large a map becomes (about 20 bytes for each key and day), and would hold all of them at once.';

-- Accessors

-- ROWS: below 200 the planner takes keys for few and repeated, and remembers what it computed of each instead of computing it.
CREATE OR REPLACE FUNCTION entries(consumption_map)
    RETURNS TABLE (account_id text, service_id text, sku_id text, currency text, charge_category text, consumption consumption, lines bigint, reward numeric)
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 200 AS 'MODULE_PATHNAME', 'consumption_map_entries';
COMMENT ON FUNCTION entries(consumption_map) IS 'One row per key, ascending in byte order: its consumption, the number of its lines (those added less those taken off), and the sum of reward, unrounded, in the currency of the key; NULL when no line had one. A column that the lines leave empty is NULL.';
