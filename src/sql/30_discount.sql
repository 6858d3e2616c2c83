-- The idea: a bonus is the inner product of what was consumed on each day and the rate of that day.

CREATE OR REPLACE FUNCTION discount(consumption, rate_schedule) RETURNS numeric
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'partner_bonus_discount';
COMMENT ON FUNCTION discount(consumption, rate_schedule) IS 'The bonus: base of each day times its rate, summed. Exact, not rounded, at most 30 decimals.';

CREATE OR REPLACE FUNCTION explain(consumption, rate_schedule)
    RETURNS TABLE (days daterange, cost numeric, grant_credit numeric, other_credit numeric, base numeric, rate numeric, bonus numeric)
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 30 ROWS 4 AS 'MODULE_PATHNAME', 'partner_bonus_explain';
COMMENT ON FUNCTION explain(consumption, rate_schedule) IS 'How a bonus comes about: one row per run of days with the same rate in which something was consumed. The bonuses of the rows add up to discount().';
