-- Printed figures: the two roundings of a document block, and the sharing out of what was rounded.

CREATE OR REPLACE FUNCTION round_amount(exact numeric, scale integer DEFAULT 2, mode text DEFAULT 'half away from zero')
    RETURNS numeric LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'partner_bonus_round_amount';
COMMENT ON FUNCTION round_amount(numeric, integer, text) IS 'An exact amount rounded to so many decimals. Modes: half away from zero, half even, half up (ties towards plus infinity), down (towards minus infinity), up (towards plus infinity), truncate (towards zero).';

CREATE OR REPLACE FUNCTION allocate(exact numeric, target numeric, scale integer DEFAULT 2)
    RETURNS numeric LANGUAGE c IMMUTABLE WINDOW PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'partner_bonus_allocate';
COMMENT ON FUNCTION allocate(numeric, numeric, integer) IS 'Window function: this row''s share of a printed target by largest remainder. Every share is the floor or the ceiling of its exact amount, and the shares of a partition add up to the target. ORDER BY a unique key: it breaks ties, the first row wins. A target that no rounding of the shares reaches is an error (22023); a NULL amount gets NULL.';

CREATE OR REPLACE FUNCTION allocate(exact numeric[], target numeric, scale integer DEFAULT 2)
    RETURNS numeric[] LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'partner_bonus_allocate_array';
COMMENT ON FUNCTION allocate(numeric[], numeric, integer) IS 'The same for the elements of an array; of equal remainders the first element wins.';

-- Division of numeric rounds by itself, to a scale of its own choice; div() is exact, so this rounds once.
CREATE OR REPLACE FUNCTION relative_discount(bonus numeric, base numeric) RETURNS numeric
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    -- every operand is numeric, so that these operators are found in pg_catalog before anything else fits
    RETURN CASE WHEN base <> 0::numeric THEN sign(bonus) * sign(base) * 0.000001::numeric
                                             * div(2000000::numeric * abs(bonus) + abs(base), 2::numeric * abs(base)) END;
COMMENT ON FUNCTION relative_discount(numeric, numeric) IS 'bonus / base as a fraction with six decimals (0.271070 is 27.1070 %), rounded once, half away from zero; NULL when the base is 0.';
