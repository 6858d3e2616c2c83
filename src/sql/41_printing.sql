-- Documents in print: VAT, and the printed figures of all lines of a block at once.

CREATE OR REPLACE FUNCTION vat_amount(payable numeric, rate numeric, included boolean, scale integer, mode text)
    RETURNS numeric LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'partner_bonus_vat_amount';
COMMENT ON FUNCTION vat_amount(numeric, numeric, boolean, integer, text) IS 'VAT of a printed amount, rounded once to so many decimals: amount x rate, or amount x rate / (1 + rate) where the amount includes it. The rate is a fraction from 0 to 1 with at most six decimals (22023); modes are those of round_amount.';

CREATE OR REPLACE FUNCTION printed_leaves(account_id text, cost numeric, grant_credit numeric, other_credit numeric, basic_bonus numeric,
                                          deal_bonus numeric, vat_rate numeric, vat_included boolean, rounding_scale integer, rounding_mode text)
    RETURNS numeric[] LANGUAGE c IMMUTABLE WINDOW PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'partner_bonus_printed_leaves';
COMMENT ON FUNCTION printed_leaves(text, numeric, numeric, numeric, numeric, numeric, numeric, boolean, integer, text) IS 'Window function over the lines of a block (document, section and VAT): what a document prints of this line, as an array of gross, grant credit, other credit, basic bonus, deal bonus and taxable. Base and bonus of the block are rounded once and shared out by allocate: to the leaves, to the accounts, to their lines; taxable is payable where VAT is not included, else a share of the block''s payable less its VAT. PARTITION BY the block, ORDER BY account_id and then a unique key: of equal remainders the earlier line wins. Errors: amounts with more than 30 decimals or beyond 10^22 (22003), an argument other than account_id that is NULL (22004), VAT or rounding that vary in the block, lines of an account that do not follow each other (22023).';
