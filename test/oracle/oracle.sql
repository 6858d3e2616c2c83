-- An independent oracle for the partner bonus: plain SQL, plain numeric, the ledger's tables only.
--
--   psql -v ledger=ledger -v oracle=oracle -f test/oracle/oracle.sql
--   CALL oracle.refresh();          -- recomputes everything from the tables as they are now
--   SELECT ... FROM oracle.line | oracle.reason | oracle.volume | oracle.printed_line | oracle.document
--
-- It shares no code with src/: no function, type or operator of the extension, no view of the ledger. The
-- road is another one too: every usage day is one row, each rule is joined to that row, a graduated bonus is
-- r V - c of the band that V is in, and what a document prints is worked out in whole units (amount * 10^scale)
-- with floor() and row_number(). Nothing is divided.
-- Only rows with superseded_at = 'infinity' count. In this step billing_month = usage_month.
--
-- The results are tables that refresh() fills, since four views would each repeat the whole computation.
-- It works inside a transaction, sees what the transaction sees, and fails rather than guesses: when two
-- rules decide the same day, when a currency or rounding mode is unknown, when its own sums do not foot.

CREATE SCHEMA :"oracle";

-- One row per line and day on which it has usage.
CREATE UNLOGGED TABLE :"oracle".day_amount (
    day_no          bigint GENERATED ALWAYS AS IDENTITY,
    partner_id      text COLLATE "C" NOT NULL,
    usage_month     date NOT NULL,
    usage_day       date NOT NULL,
    currency        text COLLATE "C" NOT NULL,
    account_id      text COLLATE "C" NOT NULL,
    service_id      text COLLATE "C" NOT NULL,
    sku_id          text COLLATE "C" NOT NULL,
    charge_category text COLLATE "C" NOT NULL,
    cost            numeric NOT NULL,
    grant_credit    numeric NOT NULL,
    other_credit    numeric NOT NULL
);

-- The exclusions of each of these days that match the line, ranked: account + SKU 1, account + service 2, account +
-- category 3, account 4, SKU 5, service 6, category 7.
CREATE UNLOGGED TABLE :"oracle".day_exclusion (
    day_no bigint NOT NULL,
    rank   int NOT NULL,
    effect text NOT NULL
);

-- The same days with the rules that hold on them and the first reason that applies. deal is the registered rate, cut at
-- the deal cap, and 0 without a deal.
CREATE UNLOGGED TABLE :"oracle".day_ruled (
    LIKE :"oracle".day_amount,
    section          text COLLATE "C" NOT NULL,
    reason           text COLLATE "C" NOT NULL,
    base             numeric NOT NULL,
    program_terms_id bigint,
    volume_rule      text,
    base_rate        numeric,
    total_cap        numeric,
    combination      text,
    deal             numeric
);

-- What is eligible, per day and per month.
CREATE UNLOGGED TABLE :"oracle".day_volume (
    partner_id  text COLLATE "C" NOT NULL,
    usage_month date NOT NULL,
    currency    text COLLATE "C" NOT NULL,
    usage_day   date NOT NULL,
    base        numeric NOT NULL
);
CREATE UNLOGGED TABLE :"oracle".month_volume (
    partner_id  text COLLATE "C" NOT NULL,
    usage_month date NOT NULL,
    currency    text COLLATE "C" NOT NULL,
    base        numeric NOT NULL
);

-- Terms with a volume rule as bands of volume from low on and below high, without gaps. In a band of rate r a graduated
-- bonus is r V - c, where c = sum over the bands up to this of (rate - rate of the band below) * low.
CREATE UNLOGGED TABLE :"oracle".band (
    program_terms_id bigint NOT NULL,
    low              numeric NOT NULL,
    high             numeric NOT NULL,
    r                numeric NOT NULL,
    c                numeric NOT NULL
);

-- Graduated terms of a month, what lies below and on their days, and what they earn beside rate * volume_of_days.
CREATE UNLOGGED TABLE :"oracle".volume (
    partner_id         text COLLATE "C" NOT NULL,
    usage_month        date NOT NULL,
    currency           text COLLATE "C" NOT NULL,
    partner_program_id bigint NOT NULL,
    program_terms_id   bigint NOT NULL,
    volume             numeric NOT NULL,
    volume_before      numeric NOT NULL,
    volume_of_days     numeric NOT NULL,
    rate               numeric NOT NULL,
    adjustment         numeric NOT NULL
);

-- The days, decided.
CREATE UNLOGGED TABLE :"oracle".day_decided (
    LIKE :"oracle".day_amount,
    section    text COLLATE "C" NOT NULL,
    reason     text COLLATE "C" NOT NULL,
    base       numeric NOT NULL,
    basic_rate numeric NOT NULL,
    deal_rate  numeric NOT NULL
);

-- Exact. The three numbers follow the key's order: block = document and section, account, line. The line of graduated
-- terms has no account, service, SKU and category, and comes last in its block.
CREATE UNLOGGED TABLE :"oracle".line (
    block_no        bigint NOT NULL,
    account_no      bigint NOT NULL,
    line_no         bigint NOT NULL,
    partner_id      text COLLATE "C" NOT NULL,
    billing_month   date NOT NULL,
    usage_month     date NOT NULL,
    currency        text COLLATE "C" NOT NULL,
    section         text COLLATE "C" NOT NULL,
    account_id      text COLLATE "C",
    service_id      text COLLATE "C",
    sku_id          text COLLATE "C",
    charge_category text COLLATE "C",
    cost            numeric NOT NULL,
    grant_credit    numeric NOT NULL,
    other_credit    numeric NOT NULL,
    base            numeric NOT NULL,
    eligible_base   numeric NOT NULL,
    basic_bonus     numeric NOT NULL,
    deal_bonus      numeric NOT NULL,
    bonus           numeric NOT NULL,
    payable         numeric NOT NULL
);

CREATE UNLOGGED TABLE :"oracle".reason (
    partner_id      text COLLATE "C" NOT NULL,
    billing_month   date NOT NULL,
    usage_month     date NOT NULL,
    currency        text COLLATE "C" NOT NULL,
    section         text COLLATE "C" NOT NULL,
    account_id      text COLLATE "C" NOT NULL,
    service_id      text COLLATE "C" NOT NULL,
    sku_id          text COLLATE "C" NOT NULL,
    charge_category text COLLATE "C" NOT NULL,
    reason          text COLLATE "C" NOT NULL,
    base            numeric NOT NULL
);

-- The two roundings of each block, in whole units (up = 10^scale of them make 1, unit = 10^-scale).
CREATE UNLOGGED TABLE :"oracle".block (
    block_no     bigint NOT NULL,
    rounding_mode text NOT NULL,
    up           numeric NOT NULL,
    unit         numeric NOT NULL,
    base_units   numeric NOT NULL,
    bonus_units  numeric NOT NULL
);

-- Leaves 1 gross, 2 grant credit, 3 other credit make the base; 4 basic, 5 deal make the bonus. In units;
-- low is the floor, lows the sum of the floors one step further down, to_give the ones that are left over there.
CREATE UNLOGGED TABLE :"oracle".line_leaf (
    block_no   bigint NOT NULL,
    account_no bigint NOT NULL,
    line_no    bigint NOT NULL,
    leaf       int NOT NULL,
    exact      numeric NOT NULL,
    low        numeric NOT NULL
);
CREATE UNLOGGED TABLE :"oracle".account_leaf (
    block_no   bigint NOT NULL,
    account_no bigint NOT NULL,
    leaf       int NOT NULL,
    exact      numeric NOT NULL,
    low        numeric NOT NULL,
    lows       numeric NOT NULL
);
CREATE UNLOGGED TABLE :"oracle".block_share   (block_no bigint NOT NULL, leaf int NOT NULL, to_give bigint NOT NULL);
CREATE UNLOGGED TABLE :"oracle".account_share (account_no bigint NOT NULL, leaf int NOT NULL, to_give bigint NOT NULL);
CREATE UNLOGGED TABLE :"oracle".line_share    (line_no bigint NOT NULL, leaf int NOT NULL, printed numeric NOT NULL);

CREATE UNLOGGED TABLE :"oracle".printed_line (
    partner_id      text COLLATE "C" NOT NULL,
    billing_month   date NOT NULL,
    usage_month     date NOT NULL,
    currency        text COLLATE "C" NOT NULL,
    section         text COLLATE "C" NOT NULL,
    account_id      text COLLATE "C",
    service_id      text COLLATE "C",
    sku_id          text COLLATE "C",
    charge_category text COLLATE "C",
    gross           numeric NOT NULL,
    grant_credit    numeric NOT NULL,
    other_credit    numeric NOT NULL,
    base            numeric NOT NULL,
    basic_bonus     numeric NOT NULL,
    deal_bonus      numeric NOT NULL,
    bonus           numeric NOT NULL,
    payable         numeric NOT NULL
);

-- every_base_is_zero: by DOMAIN.md section 5 such a month gets no documents, only a statement row. Days whose bases cancel out and whose
-- rates differ leave a bonus, which must be billed.
CREATE UNLOGGED TABLE :"oracle".document (
    partner_id         text COLLATE "C" NOT NULL,
    billing_month      date NOT NULL,
    currency           text COLLATE "C" NOT NULL,
    absolute_discount  numeric NOT NULL,
    eligible_base      numeric NOT NULL,
    customers_total    numeric NOT NULL,
    own_total          numeric NOT NULL,
    document_total     numeric NOT NULL,
    every_base_is_zero boolean NOT NULL
);

CREATE PROCEDURE :"oracle".refresh()
LANGUAGE plpgsql
-- The oracle's names come before the ledger's (both have a printed_line). Without nested loops every join
-- below is a hash or merge join on its equalities whatever the statistics say.
SET search_path = :"oracle", :"ledger", pg_temp
SET enable_nestloop = off
SET jit = off
SET work_mem = '64MB'
AS $refresh$
#variable_conflict use_column
DECLARE
    days    bigint;
    decided bigint;
    wrong   bigint;
BEGIN
    TRUNCATE day_amount, day_exclusion, day_ruled, day_volume, month_volume, band, volume, day_decided, line, reason, block,
             line_leaf, account_leaf, block_share, account_share, line_share, printed_line, document RESTART IDENTITY;

    -- What each line consumed on each day, whatever source, resource, cloud or folder it came from.
    INSERT INTO day_amount (partner_id, usage_month, usage_day, currency, account_id, service_id, sku_id, charge_category, cost,
                            grant_credit, other_credit)
    SELECT partner_id, usage_day - (extract(day FROM usage_day)::int - 1), usage_day, currency, account_id, service_id,
           sku_id, charge_category, sum(cost), sum(monetary_grant_credit), sum(credit - monetary_grant_credit)
    FROM usage_row
    WHERE superseded_at = 'infinity' AND charge_category <> 'Tax'
    GROUP BY partner_id, usage_day, currency, account_id, service_id, sku_id, charge_category;
    GET DIAGNOSTICS days = ROW_COUNT;

    INSERT INTO day_exclusion
    SELECT d.day_no,
           CASE WHEN x.account_id IS NULL THEN 4 ELSE 0 END
           + CASE WHEN x.sku_id IS NOT NULL THEN 1 WHEN x.service_id IS NOT NULL THEN 2
                  WHEN x.charge_category IS NOT NULL THEN 3 ELSE 4 END,
           x.effect
    FROM day_amount d
    JOIN partner_program g
      ON g.superseded_at = 'infinity' AND g.partner_id = d.partner_id AND g.validity @> d.usage_day
    JOIN exclusion x
      ON x.superseded_at = 'infinity' AND x.program_id = g.program_id AND x.validity @> d.usage_day
     AND coalesce(x.account_id = d.account_id, true) AND coalesce(x.service_id = d.service_id, true)
     AND coalesce(x.sku_id = d.sku_id, true) AND coalesce(x.charge_category = d.charge_category, true);
    SELECT count(*) INTO wrong FROM (SELECT FROM day_exclusion GROUP BY day_no, rank HAVING count(*) > 1) AS twice;
    IF wrong > 0 THEN
        RAISE EXCEPTION 'oracle: % days have two exclusions of a rank', wrong;
    END IF;

    -- The rules of each of these days. Of every kind at most one can hold.
    INSERT INTO day_ruled
    WITH narrowest AS (
        SELECT DISTINCT ON (day_no) day_no, effect
        FROM day_exclusion
        ORDER BY day_no, rank
    ), found AS (
        SELECT d.*,
               p.billing_account_id IS NOT NULL AS is_own,
               l.link_id IS NOT NULL AS is_linked,
               s.partner_status_id IS NOT NULL AS is_active,
               x.day_no IS NOT NULL AND x.effect = 'exclude' AS is_excluded,
               t.program_terms_id, t.volume_rule, t.base_rate, t.total_cap, t.combination,
               CASE WHEN e.deal_id IS NULL THEN 0 WHEN e.rate > t.deal_cap THEN t.deal_cap ELSE e.rate END AS deal
        FROM day_amount d
        LEFT JOIN partner p
               ON p.superseded_at = 'infinity' AND p.partner_id = d.partner_id AND p.billing_account_id = d.account_id
        LEFT JOIN subaccount_link l
               ON l.superseded_at = 'infinity' AND l.partner_id = d.partner_id AND l.account_id = d.account_id
              AND l.validity @> d.usage_day
        LEFT JOIN deal e
               ON e.superseded_at = 'infinity' AND e.link_id = l.link_id AND e.validity @> d.usage_day
        LEFT JOIN partner_status s
               ON s.superseded_at = 'infinity' AND s.partner_id = d.partner_id AND s.status = 'active'
              AND s.validity @> d.usage_day
        LEFT JOIN partner_program g
               ON g.superseded_at = 'infinity' AND g.partner_id = d.partner_id AND g.validity @> d.usage_day
        LEFT JOIN program_terms t
               ON t.superseded_at = 'infinity' AND t.program_id = g.program_id AND t.currency = d.currency
              AND t.validity @> d.usage_day
        LEFT JOIN narrowest x ON x.day_no = d.day_no
    )
    SELECT day_no, partner_id, usage_month, usage_day, currency, account_id, service_id, sku_id, charge_category, cost,
           grant_credit, other_credit,
           CASE WHEN is_own THEN 'own' ELSE 'customers' END,
           CASE WHEN is_own THEN 'own consumption'
                WHEN NOT is_linked THEN 'not linked'
                WHEN NOT is_active THEN 'partner not active'
                WHEN program_terms_id IS NULL THEN 'no terms'
                WHEN is_excluded THEN 'excluded'
                ELSE 'eligible' END,
           cost + grant_credit + other_credit, program_terms_id, volume_rule, base_rate, total_cap, combination, deal
    FROM found;

    INSERT INTO day_volume
    SELECT partner_id, usage_month, currency, usage_day, sum(base)
    FROM day_ruled
    WHERE reason = 'eligible'
    GROUP BY partner_id, usage_month, currency, usage_day;

    INSERT INTO month_volume
    SELECT partner_id, usage_month, currency, sum(base)
    FROM day_volume
    GROUP BY partner_id, usage_month, currency;

    -- No rate is above the total cap; below the first tier the base rate holds.
    INSERT INTO band
    WITH step AS (
        SELECT program_terms_id, '-Infinity'::numeric AS low,
               CASE WHEN base_rate > total_cap THEN total_cap ELSE base_rate END AS r
        FROM program_terms
        WHERE superseded_at = 'infinity' AND volume_rule IS NOT NULL
        UNION ALL
        SELECT t.program_terms_id, k.from_volume, CASE WHEN k.rate > t.total_cap THEN t.total_cap ELSE k.rate END
        FROM program_terms t
        JOIN program_tier k ON k.superseded_at = 'infinity' AND k.program_terms_id = t.program_terms_id
        WHERE t.superseded_at = 'infinity' AND t.volume_rule IS NOT NULL
    ), risen AS (
        SELECT step.*, r - lag(r) OVER (PARTITION BY program_terms_id ORDER BY low) AS rise
        FROM step
    )
    SELECT program_terms_id, low, lead(low, 1, 'Infinity') OVER (PARTITION BY program_terms_id ORDER BY low), r,
           -- the lowest band rises from nothing
           sum(CASE WHEN rise IS NULL THEN 0 ELSE rise * low END) OVER (PARTITION BY program_terms_id ORDER BY low)
    FROM risen;

    -- The volume fills the bands day after day: these terms begin where the month's earlier days end.
    INSERT INTO volume
    WITH held AS (
        SELECT v.partner_id, v.usage_month, v.currency, g.partner_program_id, t.program_terms_id, v.base AS volume,
               daterange(v.usage_month, (v.usage_month + interval '1 month')::date) * g.validity * t.validity AS days
        FROM month_volume v
        JOIN partner_program g ON g.superseded_at = 'infinity' AND g.partner_id = v.partner_id
        JOIN program_terms t
          ON t.superseded_at = 'infinity' AND t.program_id = g.program_id AND t.currency = v.currency
         AND t.volume_rule = 'graduated'
    ), measured AS (
        SELECT h.partner_id, h.usage_month, h.currency, h.partner_program_id, h.program_terms_id, h.volume,
               sum(CASE WHEN d.usage_day < lower(h.days) THEN d.base ELSE 0 END) AS volume_before,
               sum(CASE WHEN h.days @> d.usage_day THEN d.base ELSE 0 END) AS volume_of_days
        FROM held h
        JOIN day_volume d ON d.partner_id = h.partner_id AND d.usage_month = h.usage_month AND d.currency = h.currency
        WHERE NOT isempty(h.days)
        GROUP BY h.partner_id, h.usage_month, h.currency, h.partner_program_id, h.program_terms_id, h.volume
    )
    SELECT m.partner_id, m.usage_month, m.currency, m.partner_program_id, m.program_terms_id, m.volume, m.volume_before,
           m.volume_of_days, b.r,
           (u.r * (m.volume_before + m.volume_of_days) - u.c) - (f.r * m.volume_before - f.c) - b.r * m.volume_of_days
    FROM measured m
    JOIN band b ON b.program_terms_id = m.program_terms_id AND b.low <= m.volume AND m.volume < b.high
    JOIN band f ON f.program_terms_id = m.program_terms_id AND f.low <= m.volume_before AND m.volume_before < f.high
    JOIN band u ON u.program_terms_id = m.program_terms_id AND u.low <= m.volume_before + m.volume_of_days
               AND m.volume_before + m.volume_of_days < u.high;

    INSERT INTO day_decided
    WITH based AS (
        SELECT r.*, CASE WHEN r.volume_rule IS NOT NULL THEN b.r
                         WHEN r.base_rate > r.total_cap THEN r.total_cap
                         ELSE r.base_rate END AS basic_part
        FROM day_ruled r
        LEFT JOIN month_volume v
               ON r.reason = 'eligible' AND r.volume_rule IS NOT NULL
              AND v.partner_id = r.partner_id AND v.usage_month = r.usage_month AND v.currency = r.currency
        LEFT JOIN band b ON b.program_terms_id = r.program_terms_id AND b.low <= v.base AND v.base < b.high
    ), rated AS (
        SELECT based.*, basic_part + deal - CASE combination WHEN 'compound' THEN basic_part * deal ELSE 0 END AS uncapped
        FROM based
    )
    SELECT day_no, partner_id, usage_month, usage_day, currency, account_id, service_id, sku_id, charge_category, cost,
           grant_credit, other_credit, section, reason, base,
           CASE reason WHEN 'eligible' THEN basic_part ELSE 0 END,
           CASE WHEN reason <> 'eligible' THEN 0 WHEN uncapped > total_cap THEN total_cap - basic_part ELSE uncapped - basic_part END
    FROM rated;
    GET DIAGNOSTICS decided = ROW_COUNT;
    IF decided <> days THEN
        RAISE EXCEPTION 'oracle: % days were decided % times: rules overlap', days, decided;
    END IF;

    INSERT INTO line
    SELECT dense_rank() OVER (ORDER BY partner_id, usage_month, currency, section),
           dense_rank() OVER (ORDER BY partner_id, usage_month, currency, section, account_id),
           row_number() OVER (ORDER BY partner_id, usage_month, currency, section, account_id, service_id, sku_id,
                                       charge_category),
           partner_id, usage_month, usage_month, currency, section, account_id, service_id, sku_id, charge_category,
           cost, grant_credit, other_credit, base, eligible_base, basic_bonus, deal_bonus, basic_bonus + deal_bonus,
           base - basic_bonus - deal_bonus
    FROM (SELECT partner_id, usage_month, currency, section, account_id, service_id, sku_id, charge_category,
                 sum(cost) AS cost, sum(grant_credit) AS grant_credit, sum(other_credit) AS other_credit,
                 sum(base) AS base,
                 sum(CASE reason WHEN 'eligible' THEN base ELSE 0 END) AS eligible_base,
                 sum(base * basic_rate) AS basic_bonus,
                 sum(base * deal_rate) AS deal_bonus
          FROM day_decided
          GROUP BY partner_id, usage_month, currency, section, account_id, service_id, sku_id, charge_category
          UNION ALL
          SELECT partner_id, usage_month, currency, 'customers', NULL, NULL, NULL, NULL, 0, 0, 0, 0, 0, sum(adjustment), 0
          FROM volume
          GROUP BY partner_id, usage_month, currency
          HAVING sum(adjustment) <> 0) AS summed;

    INSERT INTO reason
    SELECT partner_id, usage_month, usage_month, currency, section, account_id, service_id, sku_id, charge_category,
           reason, sum(base)
    FROM day_decided
    WHERE cost <> 0 OR grant_credit <> 0 OR other_credit <> 0
    GROUP BY partner_id, usage_month, currency, section, account_id, service_id, sku_id, charge_category, reason;

    -- Step 1: the two roundings of a block, by the terms of the last day of the month that has terms.
    INSERT INTO block
    WITH exact AS (
        SELECT block_no, partner_id, billing_month, currency, sum(base) AS base, sum(bonus) AS bonus
        FROM line
        GROUP BY block_no, partner_id, billing_month, currency
    ), terms_held AS (
        SELECT block_no, rounding_mode, rounding_scale,
               upper(daterange(billing_month, (billing_month + interval '1 month')::date) * g.validity * t.validity) AS until
        FROM exact
        JOIN partner_program g ON g.superseded_at = 'infinity' AND g.partner_id = exact.partner_id
        JOIN program_terms t
          ON t.superseded_at = 'infinity' AND t.program_id = g.program_id AND t.currency = exact.currency
    ), last_terms AS (
        -- upper() of an empty range is NULL: these terms do not touch the month.
        SELECT DISTINCT ON (block_no) block_no, rounding_mode, rounding_scale
        FROM terms_held
        WHERE until IS NOT NULL
        ORDER BY block_no, until DESC
    ), settled AS (
        SELECT e.block_no, e.base, e.bonus,
               CASE WHEN l.block_no IS NULL THEN 'half away from zero' ELSE l.rounding_mode END AS rounding_mode,
               CASE WHEN l.rounding_scale IS NULL THEN c.minor_units ELSE l.rounding_scale END AS scale
        FROM exact e
        LEFT JOIN last_terms l ON l.block_no = e.block_no
        LEFT JOIN currency c ON c.currency = e.currency
    ), whole AS (
        SELECT block_no, rounding_mode, ('1e' || scale)::numeric AS up, ('1e-' || scale)::numeric AS unit,
               unnest(ARRAY[1, 2]) AS which,
               unnest(ARRAY[base, bonus]) * ('1e' || scale)::numeric AS x
        FROM settled
    ), rounded AS (
        SELECT block_no, rounding_mode, up, unit, which,
               CASE rounding_mode
                   WHEN 'half away from zero' THEN sign(x) * floor(abs(x) + 0.5)
                   WHEN 'half up' THEN floor(x + 0.5)
                   WHEN 'half even' THEN
                       -- of a tie, x + 0.5 is the upper neighbour: take the lower one when the upper is odd
                       floor(x + 0.5)
                       - CASE WHEN x + 0.5 = floor(x + 0.5) AND (x + 0.5) * 0.5 <> floor((x + 0.5) * 0.5) THEN 1 ELSE 0 END
                   WHEN 'down' THEN floor(x)
                   WHEN 'up' THEN -floor(-x)
                   WHEN 'truncate' THEN sign(x) * floor(abs(x))
               END AS units
        FROM whole
    )
    SELECT block_no, rounding_mode, up, unit, max(units) FILTER (WHERE which = 1), max(units) FILTER (WHERE which = 2)
    FROM rounded
    GROUP BY block_no, rounding_mode, up, unit;

    -- A zero leaf stays zero (its floor and fraction are zero), so it need not take part.
    INSERT INTO line_leaf
    SELECT block_no, account_no, line_no, leaf, exact, floor(exact)
    FROM (SELECT l.block_no, l.account_no, l.line_no,
                 unnest(ARRAY[1, 2, 3, 4, 5]) AS leaf,
                 unnest(ARRAY[l.cost * b.up, l.grant_credit * b.up, l.other_credit * b.up, l.basic_bonus * b.up,
                              l.deal_bonus * b.up]) AS exact
          FROM line l
          JOIN block b ON b.block_no = l.block_no) AS leaves
    WHERE exact <> 0;

    INSERT INTO account_leaf
    SELECT block_no, account_no, leaf, exact, floor(exact), lows
    FROM (SELECT block_no, account_no, leaf, sum(exact) AS exact, sum(low) AS lows
          FROM line_leaf
          GROUP BY block_no, account_no, leaf) AS leaves;

    -- Step 2: base over gross, grant, other; bonus over basic, deal. Each gets its floor; what is then missing to
    -- the target goes by ones to the largest fractions. A fraction of zero gets nothing.
    INSERT INTO block_share
    WITH leaves AS (
        SELECT block_no, leaf, leaf <= 3 AS of_base, exact, floor(exact) AS low, lows
        FROM (SELECT block_no, leaf, sum(exact) AS exact, sum(low) AS lows
              FROM account_leaf
              GROUP BY block_no, leaf) AS summed
    ), left_over AS (
        SELECT block_no, of_base, CASE WHEN of_base THEN base_units ELSE bonus_units END - sum(low) AS to_give
        FROM leaves
        JOIN block USING (block_no)
        GROUP BY block_no, of_base, base_units, bonus_units
    ), ranked AS (
        SELECT leaves.*, row_number() OVER (PARTITION BY block_no, of_base ORDER BY exact - low DESC, leaf) AS place
        FROM leaves
    )
    SELECT block_no, leaf, low + CASE WHEN exact > low AND place <= to_give THEN 1 ELSE 0 END - lows
    FROM ranked
    JOIN left_over USING (block_no, of_base);

    -- Step 3: each leaf from the block to its accounts,
    INSERT INTO account_share
    SELECT account_no, leaf, low + CASE WHEN exact > low AND place <= to_give THEN 1 ELSE 0 END - lows
    FROM (SELECT account_leaf.*,
                 row_number() OVER (PARTITION BY block_no, leaf ORDER BY exact - low DESC, account_no) AS place
          FROM account_leaf) AS ranked
    JOIN block_share USING (block_no, leaf);

    -- and from each account to its lines.
    INSERT INTO line_share
    SELECT line_no, leaf, low + CASE WHEN exact > low AND place <= to_give THEN 1 ELSE 0 END
    FROM (SELECT line_leaf.*,
                 row_number() OVER (PARTITION BY account_no, leaf ORDER BY exact - low DESC, line_no) AS place
          FROM line_leaf) AS ranked
    JOIN account_share USING (account_no, leaf);

    -- Step 4: everything else is a sum of printed leaves.
    INSERT INTO printed_line
    WITH leaves AS (
        SELECT line_no,
               coalesce(sum(printed) FILTER (WHERE leaf = 1), 0) AS g, coalesce(sum(printed) FILTER (WHERE leaf = 2), 0) AS c,
               coalesce(sum(printed) FILTER (WHERE leaf = 3), 0) AS o, coalesce(sum(printed) FILTER (WHERE leaf = 4), 0) AS n,
               coalesce(sum(printed) FILTER (WHERE leaf = 5), 0) AS d
        FROM line
        LEFT JOIN line_share USING (line_no)
        GROUP BY line_no
    )
    SELECT partner_id, billing_month, usage_month, currency, section, account_id, service_id, sku_id, charge_category,
           g * unit, c * unit, o * unit, (g + c + o) * unit, n * unit, d * unit, (n + d) * unit, (g + c + o - n - d) * unit
    FROM leaves
    JOIN line USING (line_no)
    JOIN block USING (block_no);

    INSERT INTO document
    SELECT partner_id, billing_month, currency, p.absolute_discount, e.eligible_base, p.customers_total, p.own_total,
           p.customers_total + p.own_total, e.every_base_is_zero
    FROM (SELECT partner_id, billing_month, currency,
                 sum(CASE section WHEN 'customers' THEN bonus ELSE 0 END) AS absolute_discount,
                 sum(CASE section WHEN 'customers' THEN payable ELSE 0 END) AS customers_total,
                 sum(CASE section WHEN 'own' THEN payable ELSE 0 END) AS own_total
          FROM printed_line
          GROUP BY partner_id, billing_month, currency) AS p
    JOIN (SELECT partner_id, billing_month, currency, sum(eligible_base) AS eligible_base,
                 bool_and(base = 0 AND basic_bonus = 0 AND deal_bonus = 0) AS every_base_is_zero
          FROM line
          GROUP BY partner_id, billing_month, currency) AS e
    USING (partner_id, billing_month, currency);

    -- The oracle's own sums: printed lines of a block add up to its two roundings.
    SELECT count(*) INTO wrong
    FROM block
    LEFT JOIN (SELECT block_no, sum(printed) FILTER (WHERE leaf <= 3) AS base, sum(printed) FILTER (WHERE leaf > 3) AS bonus
               FROM line_share
               JOIN line USING (line_no)
               GROUP BY block_no) AS s USING (block_no)
    WHERE coalesce(s.base, 0) <> base_units OR coalesce(s.bonus, 0) <> bonus_units;
    IF wrong > 0 THEN
        RAISE EXCEPTION 'oracle: % blocks do not foot', wrong;
    END IF;
END
$refresh$;
