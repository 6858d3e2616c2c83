-- printed_leaves and vat_amount: what a document prints of a block, and that it is what allocate() says step by step.
SET search_path = bonus, public;

-- The worked example of the documentation (20 %; customer b has a deal of 15 points), amounts without VAT and with it. Every exact amount
-- is whole cents, so that it prints as it is; of 226.26 with 20 % in it 37.71 are VAT, and 188.55 - (46.66 + 33.33 + 108.55) is a cent for
-- the largest remainder: 56.00 / 1.2 = 46.666...
SELECT included, account, cost, printed_leaves(account, cost, grant_credit, other, basic, deal, 0.2, included, 2, 'half away from zero')
           OVER (PARTITION BY included ORDER BY account, service) AS leaves
FROM (VALUES ('a', 'compute', 100.00, -20.00, -10.00, 14.00, 0), ('a', 'marketplace', 40.00, 0, 0, 0, 0), ('b', 'postgresql', 250.50, 0, -50.10, 40.08, 30.06))
     line (account, service, cost, grant_credit, other, basic, deal)
CROSS JOIN (VALUES (false), (true)) v (included)
ORDER BY included, account, service;

-- Three lines of a third of a cent: base 1.005 rounds to 1.01. An account's share comes before its lines': 0.67 of a's exact 0.67 (no
-- remainder), b has the missing cent; within a, equal remainders go to the first line. NULL is an account, too.
SELECT account, line, printed_leaves(account, cost, 0, 0, 0, 0, 0, false, 2, 'half away from zero') OVER (ORDER BY account, line) AS leaves
FROM (VALUES ('a', 1, 0.335), ('a', 2, 0.335), ('b', 1, 0.335), (NULL, 1, 0)) line (account, line, cost);
-- The same in all modes: base is 1.005, bonus -0.0051.
SELECT mode, array_agg(leaves[1] ORDER BY line) AS gross, array_agg(leaves[4] ORDER BY line) AS basic, sum(leaves[1]) AS base, sum(leaves[4]) AS bonus
FROM (SELECT mode, line, printed_leaves('a', 0.335, 0, 0, -0.0017, 0, 0, false, 2, mode) OVER (PARTITION BY mode ORDER BY line) AS leaves
      FROM generate_series(1, 3) line
      CROSS JOIN unnest('{half away from zero,half even,half up,down,up,truncate}'::text[]) mode) p
GROUP BY mode ORDER BY mode;
-- Yen have no decimals, other terms print four; a partition of one line
SELECT printed_leaves('a', 100.5, 0, -0.25, 20.1, 0, 0.1, false, 0, 'half away from zero') OVER () AS yen,
       printed_leaves('a', 100.5, 0, -0.25, 20.12345, 0, 0.1, false, 4, 'half even') OVER () AS four;
SELECT printed_leaves('a', 1, 0, 0, 0, 0, 0, false, 2, 'up') OVER () FROM generate_series(1, 0);

-- VAT: of 10.00 with 20 % in it 1.666..., of 0.03 a tie
SELECT mode, vat_amount(10, 0.2, true, 2, mode) AS "10", vat_amount(-10, 0.2, true, 2, mode) AS "-10", vat_amount(0.03, 0.2, true, 2, mode) AS "0.03",
       vat_amount(-0.03, 0.2, true, 2, mode) AS "-0.03", vat_amount(0.25, 0.1, false, 2, mode) AS "0.25 without"
FROM unnest('{half away from zero,half even,half up,down,up,truncate}'::text[]) mode ORDER BY mode;
SELECT vat_amount(100, 0, true, 2, 'up'), vat_amount(100, 1, true, 2, 'up'), vat_amount(1000, 0.1, false, 0, 'down'), vat_amount(NULL, 0.1, false, 0, 'down');
-- against numeric's own division, which has 18 decimals and more
SELECT count(*), count(*) FILTER (WHERE vat_amount(payable, rate, included, scale, mode)
                                        <> round_amount(CASE WHEN included THEN round(payable * rate, 18) / (1 + rate) ELSE payable * rate END, scale, mode)) AS differences
FROM (SELECT ((n * 7919) % 1000003 - 300000) * (10::numeric ^ -scale) AS payable, scale, (ARRAY[0, 0.2, 0.18, 0.055, 0.123457])[n % 5 + 1] AS rate,
             n % 2 = 0 AS included, (ARRAY['half away from zero', 'half even', 'half up', 'down', 'up', 'truncate'])[n % 6 + 1] AS mode
      FROM generate_series(1, 20000) n
      CROSS JOIN LATERAL (SELECT (ARRAY[0, 2, 4])[n % 3 + 1] AS scale) s) v;

-- The procedure in plain SQL: a dozen windows of allocate(), one for each step. Random blocks: amounts of both signs, many ties and
-- zeros, up to 30 decimals, accounts with one line and with many, every mode, VAT in amounts and beside them.
CREATE TEMP TABLE line AS
SELECT block, n, CASE WHEN (h / 3) % 11 > 0 THEN 'account-' || (h / 3) % 11 END AS account,
       CASE (h / 7) % 5 WHEN 0 THEN 0 WHEN 1 THEN ((h / 11) % 7 - 3) * 0.005 ELSE ((h / 13) % 2000003 - 700000) * 0.00001234567 END AS cost,
       CASE (h / 17) % 4 WHEN 0 THEN ((h / 19) % 1003 - 900) * 0.0001 ELSE 0 END AS grant_credit,
       CASE (h / 23) % 3 WHEN 0 THEN ((h / 29) % 103 - 90) * 0.0005 ELSE 0 END AS other_credit,
       CASE (h / 31) % 4 WHEN 0 THEN 0 WHEN 1 THEN ((h / 37) % 13 - 6) * 0.0025 ELSE ((h / 41) % 200003 - 50000) * 0.000012345678901234567890123457 END AS basic_bonus,
       CASE (h / 43) % 3 WHEN 0 THEN ((h / 47) % 203 - 60) * 0.00123 ELSE 0 END AS deal_bonus,
       (ARRAY[0, 0.2, 0.18, 0.055, 0.123457])[block % 5 + 1] AS vat_rate, block % 7 < 4 AS vat_included, (ARRAY[2, 0, 4, 2, 3, 18, 2])[block / 6 % 7 + 1] AS scale,
       (ARRAY['half away from zero', 'half even', 'half up', 'down', 'up', 'truncate'])[block % 6 + 1] AS mode
FROM generate_series(1, 420) block
CROSS JOIN LATERAL generate_series(1, 1 + block * block % 61) n
CROSS JOIN LATERAL (SELECT hashint8extended(block * 1000 + n, 1) & 1152921504606846975 AS h) r;

CREATE TEMP VIEW stepwise AS
WITH summed AS (
    SELECT l.*, row_number() OVER (account ORDER BY n) AS line_number,
           sum(cost) OVER account AS sum_gross, sum(grant_credit) OVER account AS sum_grant, sum(other_credit) OVER account AS sum_other,
           sum(basic_bonus) OVER account AS sum_basic, sum(deal_bonus) OVER account AS sum_deal,
           sum(cost) OVER whole AS block_gross, sum(grant_credit) OVER whole AS block_grant, sum(other_credit) OVER whole AS block_other,
           sum(basic_bonus) OVER whole AS block_basic, sum(deal_bonus) OVER whole AS block_deal
    FROM line l
    WINDOW whole AS (PARTITION BY block), account AS (PARTITION BY block, account)
), split AS (
    SELECT s.*, allocate(ARRAY[block_gross, block_grant, block_other], round_amount(block_gross + block_grant + block_other, scale, mode), scale) AS base_leaf,
           allocate(ARRAY[block_basic, block_deal], round_amount(block_basic + block_deal, scale, mode), scale) AS bonus_leaf
    FROM summed s
), account_share AS (
    -- an account's exact sum stands on its first line, zero on the others: a zero leaf stays zero
    SELECT s.*, allocate(CASE WHEN line_number = 1 THEN sum_gross ELSE 0 END, base_leaf[1], scale) OVER whole AS first_gross,
           allocate(CASE WHEN line_number = 1 THEN sum_grant ELSE 0 END, base_leaf[2], scale) OVER whole AS first_grant,
           allocate(CASE WHEN line_number = 1 THEN sum_other ELSE 0 END, base_leaf[3], scale) OVER whole AS first_other,
           allocate(CASE WHEN line_number = 1 THEN sum_basic ELSE 0 END, bonus_leaf[1], scale) OVER whole AS first_basic,
           allocate(CASE WHEN line_number = 1 THEN sum_deal ELSE 0 END, bonus_leaf[2], scale) OVER whole AS first_deal
    FROM split s
    WINDOW whole AS (PARTITION BY block ORDER BY account, line_number)
), account_target AS (
    SELECT s.*, sum(first_gross) OVER account AS account_gross, sum(first_grant) OVER account AS account_grant, sum(first_other) OVER account AS account_other,
           sum(first_basic) OVER account AS account_basic, sum(first_deal) OVER account AS account_deal
    FROM account_share s
    WINDOW account AS (PARTITION BY block, account)
), printed AS (
    SELECT s.*, allocate(cost, account_gross, scale) OVER account AS gross, allocate(grant_credit, account_grant, scale) OVER account AS granted,
           allocate(other_credit, account_other, scale) OVER account AS other, allocate(basic_bonus, account_basic, scale) OVER account AS basic,
           allocate(deal_bonus, account_deal, scale) OVER account AS deal
    FROM account_target s
    WINDOW account AS (PARTITION BY block, account ORDER BY line_number)
), payable AS (
    SELECT p.*, gross + granted + other - basic - deal AS payable, sum(gross + granted + other - basic - deal) OVER (PARTITION BY block) AS block_payable
    FROM printed p
)
SELECT p.*, allocate(CASE WHEN vat_included THEN div(d.thirty_decimals - mod(mod(d.thirty_decimals, 1 + vat_rate) + 1 + vat_rate, 1 + vat_rate), 1 + vat_rate) * 1e-30
                          ELSE payable END,
                     block_payable - CASE WHEN vat_included THEN vat_amount(block_payable, vat_rate, true, scale, mode) ELSE 0 END, scale)
            OVER (PARTITION BY block ORDER BY account, line_number) AS taxable
FROM payable p
CROSS JOIN LATERAL (SELECT payable * 1e30 AS thirty_decimals) d;

CREATE TEMP TABLE compared AS
SELECT s.*, printed_leaves(account, cost, grant_credit, other_credit, basic_bonus, deal_bonus, vat_rate, vat_included, scale, mode)
                OVER (PARTITION BY block ORDER BY account, n) AS leaves
FROM stepwise s;
SELECT count(DISTINCT block) AS blocks, count(*) AS lines, count(*) FILTER (WHERE account IS NULL) > 100 AS some_without_account,
       count(*) FILTER (WHERE payable < 0) > 1000 AS many_negative,
       count(*) FILTER (WHERE leaves IS DISTINCT FROM ARRAY[gross, granted, other, basic, deal, taxable]) AS differences,
       count(*) FILTER (WHERE leaves::text <> ARRAY[gross, granted, other, basic, deal, taxable]::text) AS differences_in_text
FROM compared;
-- The order in which rows arrive changes nothing.
SELECT count(*) AS differences
FROM compared c
JOIN (SELECT block, n, printed_leaves(account, cost, grant_credit, other_credit, basic_bonus, deal_bonus, vat_rate, vat_included, scale, mode)
                           OVER (PARTITION BY block ORDER BY account, n) AS leaves
      FROM (SELECT * FROM line ORDER BY md5(block::text || n) OFFSET 0) shuffled) s USING (block, n)
WHERE c.leaves <> s.leaves;

-- Errors
SELECT printed_leaves('a', cost, 0, 0, 0, 0, 0, false, 2, 'up') OVER () FROM (VALUES (1), (NULL)) line (cost);
\echo :LAST_ERROR_SQLSTATE
SELECT printed_leaves('a', 1, 0, 0, 0, 0, 0, false, NULL, 'up') OVER ();
\echo :LAST_ERROR_SQLSTATE
SELECT printed_leaves('a', 1, 0, 0, 0, 0, rate, false, 2, 'up') OVER () FROM (VALUES (0), (0.2)) line (rate);
\echo :LAST_ERROR_SQLSTATE
SELECT printed_leaves('a', 1, 0, 0, 0, 0, 0, included, 2, 'up') OVER () FROM (VALUES (true), (false)) line (included);
\echo :LAST_ERROR_SQLSTATE
SELECT printed_leaves('a', 1, 0, 0, 0, 0, 0, false, scale, 'up') OVER () FROM (VALUES (2), (3)) line (scale);
\echo :LAST_ERROR_SQLSTATE
SELECT printed_leaves('a', 1, 0, 0, 0, 0, 0, false, 2, mode) OVER () FROM (VALUES ('up'), ('down')) line (mode);
\echo :LAST_ERROR_SQLSTATE
SELECT printed_leaves(account, 1, 0, 0, 0, 0, 0, false, 2, 'up') OVER (ORDER BY n) FROM (VALUES (1, 'a'), (2, 'b'), (3, 'a')) line (n, account);
\echo :LAST_ERROR_SQLSTATE
SELECT printed_leaves(account, 1, 0, 0, 0, 0, 0, false, 2, 'up') OVER (ORDER BY n) FROM (VALUES (1, NULL), (2, 'b'), (3, NULL)) line (n, account);
\echo :LAST_ERROR_SQLSTATE
SELECT printed_leaves('a', 1, 0, 0, 0, 0, 0, false, 19, 'up') OVER ();
\echo :LAST_ERROR_SQLSTATE
SELECT printed_leaves('a', 1, 0, 0, 0, 0, 0, false, 2, 'upwards') OVER ();
\echo :LAST_ERROR_SQLSTATE
SELECT printed_leaves('a', 1, 0, 0, 0, 0, 0.1234567, false, 2, 'up') OVER ();
\echo :LAST_ERROR_SQLSTATE
SELECT printed_leaves('a', 1, 0, 0, 0, 0, -0.1, false, 2, 'up') OVER ();
\echo :LAST_ERROR_SQLSTATE
SELECT printed_leaves('a', 1, 0, 'NaN', 0, 0, 0, false, 2, 'up') OVER ();
\echo :LAST_ERROR_SQLSTATE
SELECT printed_leaves('a', 1, 0, 0, 0, -200000000000000000000000, 0, false, 2, 'up') OVER ();
\echo :LAST_ERROR_SQLSTATE
SELECT printed_leaves('a', 1, 0, 0, 0, 0, 0, false, 2, 'up');
\echo :LAST_ERROR_SQLSTATE
SELECT vat_amount(1, 0.1234567, true, 2, 'up');
\echo :LAST_ERROR_SQLSTATE
