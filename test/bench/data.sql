-- One month of usage and the rules for it, in schema bench. Variables: lines, accounts, seed (0 to 1).
-- Rows lie in the order in which daily files would have brought them: by day, accounts and SKUs mixed.
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS bench CASCADE;
CREATE SCHEMA bench;
SET search_path = bench, bonus, public;
SELECT setseed(:seed);

CREATE TABLE line (
    day          date NOT NULL,
    account_id   integer NOT NULL,
    sku_id       integer NOT NULL,
    cost         numeric NOT NULL,
    grant_credit numeric NOT NULL,
    other_credit numeric NOT NULL
);
INSERT INTO line
SELECT date '2026-10-01' + (31 * (n - 1) / :lines)::integer, 1 + floor(random() * :accounts)::integer,
       1 + floor(300 * random() * random())::integer, a.cost,
       CASE WHEN random() < 0.02 THEN -round(a.cost * 0.4, 10) ELSE 0 END,
       CASE WHEN random() < 0.1 THEN -round(a.cost * 0.25, 10) ELSE 0 END
FROM generate_series(1, :lines::bigint) n
-- the reference to n makes it one amount per line
CROSS JOIN LATERAL (SELECT round((random() ^ 4 * 1000 + n * 0)::numeric, 10) AS cost OFFSET 0) a;

-- Two programs, whose base rate changes within the month; partners change program, are suspended and come back.
CREATE TABLE program_terms (program_id integer, validity daterange, base_rate numeric, deal_cap numeric, total_cap numeric);
INSERT INTO program_terms VALUES
    (1, '[2025-01-01,2026-10-12)', 0.20, 0.15, 0.35), (1, '[2026-10-12,)', 0.18, 0.15, 0.33),
    (2, '[2025-01-01,2026-10-20)', 0.10, 0.15, 0.25), (2, '[2026-10-20,)', 0.12, 0.15, 0.25);

CREATE TABLE partner AS SELECT n AS partner_id FROM generate_series(1, greatest(1, :accounts / 100)) n;
CREATE TABLE partner_program AS
SELECT partner_id, 1 + partner_id % 2 AS program_id,
       CASE partner_id % 10 WHEN 0 THEN daterange('2025-01-01', '2026-10-17') ELSE daterange('2025-01-01', NULL) END AS validity
FROM partner
UNION ALL
SELECT partner_id, 2 - partner_id % 2, daterange('2026-10-17', NULL) FROM partner WHERE partner_id % 10 = 0;
CREATE TABLE partner_status AS
SELECT partner_id, 'active' AS status,
       CASE partner_id % 20 WHEN 7 THEN daterange('2025-01-01', '2026-10-09') ELSE daterange('2025-01-01', NULL) END AS validity
FROM partner
UNION ALL
SELECT partner_id, 'suspended', daterange('2026-10-09', '2026-10-15') FROM partner WHERE partner_id % 20 = 7
UNION ALL
SELECT partner_id, 'active', daterange('2026-10-15', NULL) FROM partner WHERE partner_id % 20 = 7;

-- One customer in twenty moves to another partner within the month; a third have a deal for a part of it.
CREATE TABLE link AS
SELECT n AS link_id, n AS account_id, 1 + n % (SELECT count(*)::integer FROM partner) AS partner_id,
       CASE n % 20 WHEN 3 THEN daterange('2025-01-01', '2026-10-11') ELSE daterange('2025-01-01', NULL) END AS validity
FROM generate_series(1, :accounts) n
UNION ALL
SELECT n + :accounts, n, 1 + (n + 1) % (SELECT count(*)::integer FROM partner), daterange('2026-10-13', NULL)
FROM generate_series(1, :accounts) n
WHERE n % 20 = 3;
CREATE TABLE deal AS
SELECT link_id, (5 + link_id % 11) * 0.01 AS rate,
       daterange(date '2026-09-20' + link_id % 30, date '2026-10-20' + link_id % 30) AS validity
FROM link
WHERE link_id % 3 = 0;

-- Forty of 300 SKUs are excluded, with five different histories.
CREATE TABLE sku AS SELECT n AS sku_id FROM generate_series(1, 300) n;
CREATE TABLE exclusion AS
SELECT sku_id, CASE sku_id % 4 WHEN 0 THEN daterange('2025-01-01', NULL)
                               WHEN 1 THEN daterange('2026-10-10', NULL)
                               WHEN 2 THEN daterange('2025-01-01', '2026-10-20')
                               ELSE daterange('2026-10-05', '2026-10-08') END AS validity
FROM sku
WHERE sku_id % 15 IN (0, 1)
UNION ALL
SELECT sku_id, daterange('2026-10-25', '2026-10-28') FROM sku WHERE sku_id % 15 IN (0, 1) AND sku_id % 8 = 3;

-- What pg_column_size sees of one series: 31 days, amounts below 10^6 with 10 decimals, credits on a tenth of the days.
CREATE TABLE day_of_series AS
SELECT date '2026-10-01' + n AS day, round((1000000 * random())::numeric, 10) AS cost,
       CASE n % 10 WHEN 4 THEN -round((100000 * random())::numeric, 10) ELSE 0 END AS grant_credit,
       CASE n % 10 WHEN 4 THEN -round((100000 * random())::numeric, 10) ELSE 0 END AS other_credit
FROM generate_series(0, 30) n;

-- Who asks for a part of the month need not read the rest of it.
CREATE INDEX ON line USING brin (day);
ALTER TABLE line SET (parallel_workers = 2);
VACUUM ANALYZE line, program_terms, partner, partner_program, partner_status, link, deal, sku, exclusion;
