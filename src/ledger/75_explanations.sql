-- Explanations: why a line got what it got, and why a month is not like another.

CREATE FUNCTION explain_line(partner_id text, month date, account_id text, service_id text, sku_id text, currency text DEFAULT NULL,
                             charge_category text DEFAULT 'Usage')
RETURNS TABLE (step integer, what text, rule_table text, rule_id text, days datemultirange, amount_in numeric, rate numeric,
               amount_out numeric, note text)
LANGUAGE plpgsql STABLE SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH line AS MATERIALIZED (
        SELECT u.*, daterange(u.usage_day, u.usage_day, '[]') AS day_range
        FROM usage_explained u
        WHERE u.partner_id = explain_line.partner_id AND billing_month(u.usage_day) = billing_month(explain_line.month)
          AND u.account_id = explain_line.account_id AND u.service_id = explain_line.service_id AND u.sku_id = explain_line.sku_id
          AND u.charge_category = explain_line.charge_category
          AND (explain_line.currency IS NULL OR u.currency = explain_line.currency)
    ), part (step, ordinal, what, rule_table, rule_id, days, amount, rate, result, note) AS (
        SELECT 1, 0::bigint, 'cost', NULL, NULL, range_agg(l.day_range), NULL::numeric, NULL::numeric, sum(l.cost),
               format(CASE count(*) WHEN 1 THEN '%s usage line' ELSE '%s usage lines' END, count(*))
        FROM line l HAVING count(*) > 0
        UNION ALL
        SELECT 2, 0, 'grant credit', NULL, NULL, range_agg(l.day_range), NULL, NULL, sum(l.grant_credit),
               'what grants paid for earns no bonus'
        FROM line l WHERE l.grant_credit <> 0 HAVING count(*) > 0
        UNION ALL
        SELECT 3, 0, 'other credits', NULL, NULL, range_agg(l.day_range), NULL, NULL, sum(l.other_credit), NULL
        FROM line l WHERE l.other_credit <> 0 HAVING count(*) > 0
        UNION ALL
        -- what falls out, reason by reason in the order they are tried
        SELECT w.step, row_number() OVER (ORDER BY w.step, l.exclusion_id), l.reason, w.rule_table,
               CASE l.reason WHEN 'own consumption' THEN explain_line.partner_id
                             WHEN 'excluded' THEN l.exclusion_id::text END,
               range_agg(l.day_range), NULL, NULL, -sum(l.base),
               CASE l.reason
                   WHEN 'own consumption' THEN 'the account is the partner''s own'
                   WHEN 'not linked' THEN 'no link to the partner on these days'
                   WHEN 'partner not active' THEN (SELECT string_agg(DISTINCT format('%s %s', s.status, s.validity), ', ')
                                                   FROM partner_status s
                                                   WHERE s.partner_id = explain_line.partner_id AND is_known(s.recorded_at, s.superseded_at)
                                                     AND s.validity && range_merge(range_agg(l.day_range)))
                   WHEN 'no terms' THEN 'no program, or none with terms in this currency'
                   ELSE (SELECT e.reason FROM exclusion e WHERE e.exclusion_id = l.exclusion_id AND is_known(e.recorded_at, e.superseded_at))
               END
        FROM line l
        JOIN (VALUES (4, 'own consumption', 'partner'), (5, 'not linked', 'subaccount_link'), (6, 'partner not active', 'partner_status'),
                     (7, 'no terms', 'program_terms'), (8, 'excluded', 'exclusion')) w (step, reason, rule_table) ON w.reason = l.reason
        GROUP BY w.step, l.reason, w.rule_table, l.exclusion_id
        UNION ALL
        SELECT 9, row_number() OVER (ORDER BY min(l.usage_day)), 'basic bonus', 'program_terms', l.program_terms_id::text,
               range_agg(l.day_range), sum(l.base), l.basic_rate, sum(l.base * l.basic_rate),
               (SELECT concat_ws(', ', t.program_id, t.volume_rule, t.offer_reference)
                FROM program_terms t WHERE t.program_terms_id = l.program_terms_id AND is_known(t.recorded_at, t.superseded_at))
        FROM line l
        WHERE l.reason = 'eligible'
        GROUP BY l.program_terms_id, l.basic_rate
        UNION ALL
        SELECT 10, row_number() OVER (ORDER BY min(l.usage_day)), 'deal bonus', 'deal', l.deal_id::text,
               range_agg(l.day_range), sum(l.base), l.deal_rate, sum(l.base * l.deal_rate),
               (SELECT format('registered with %s%s', trim_scale(d.rate),
                              CASE WHEN l.cap_cut <> 0 THEN format('; caps cut %s off', trim_scale(l.cap_cut)) ELSE '' END)
                FROM deal d WHERE d.deal_id = l.deal_id AND is_known(d.recorded_at, d.superseded_at))
        FROM line l
        WHERE l.reason = 'eligible' AND l.deal_id IS NOT NULL
        GROUP BY l.deal_id, l.deal_rate, l.cap_cut
        UNION ALL
        SELECT 11, 0, 'printed', 'printed_line', NULL, NULL, b.bonus, NULL, sum(p.bonus), 'share of the document''s rounded bonus'
        FROM printed_line p
        CROSS JOIN (SELECT sum(l.bonus) AS bonus FROM line l) b
        WHERE p.partner_id = explain_line.partner_id AND p.usage_month = billing_month(explain_line.month)
          AND p.account_id = explain_line.account_id AND p.service_id = explain_line.service_id AND p.sku_id = explain_line.sku_id
          AND p.charge_category = explain_line.charge_category
          AND (explain_line.currency IS NULL OR p.currency = explain_line.currency)
        GROUP BY b.bonus
        UNION ALL
        -- the line without an account
        SELECT 9, row_number() OVER (ORDER BY v.days), 'volume tiers', 'program_terms', v.program_terms_id::text, datemultirange(v.days),
               v.volume_of_days, v.rate, v.adjustment,
               format('%s; volume %s, %s of it before these days; %s', v.volume_rule, trim_scale(v.volume), trim_scale(v.volume_before), v.tiers)
        FROM volume_bonus v
        WHERE explain_line.account_id IS NULL AND v.partner_id = explain_line.partner_id AND v.usage_month = billing_month(explain_line.month)
          AND (explain_line.currency IS NULL OR v.currency = explain_line.currency)
        UNION ALL
        SELECT 11, 0, 'printed', 'printed_line', NULL, NULL, b.adjustment, NULL, p.bonus, 'share of the document''s rounded bonus'
        FROM printed_line p
        JOIN (SELECT v.partner_id, v.usage_month, v.currency, sum(v.adjustment) AS adjustment
              FROM volume_bonus v GROUP BY v.partner_id, v.usage_month, v.currency) b
            ON b.partner_id = p.partner_id AND b.usage_month = p.usage_month AND b.currency = p.currency
        WHERE explain_line.account_id IS NULL AND p.account_id IS NULL AND p.partner_id = explain_line.partner_id
          AND p.usage_month = billing_month(explain_line.month) AND (explain_line.currency IS NULL OR p.currency = explain_line.currency)
    )
    -- up to step 8 amounts are what is left of the base; from step 9 on they are bonus
    SELECT p.step, p.what, p.rule_table, p.rule_id, p.days,
           CASE WHEN p.step <= 8 THEN coalesce(trim_scale(sum(p.result) OVER (ORDER BY p.step, p.ordinal ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)), 0)
                ELSE trim_scale(p.amount) END,
           trim_scale(p.rate),
           CASE WHEN p.step <= 8 THEN trim_scale(sum(p.result) OVER (ORDER BY p.step, p.ordinal))
                WHEN p.step < 11 THEN trim_scale(p.result)
                ELSE p.result END,
           p.note
    FROM part p
    ORDER BY p.step, p.ordinal;
END
$function$;
COMMENT ON FUNCTION explain_line(text, date, text, text, text, text, text) IS 'The story of one line, in the order the rules were applied. Steps 1 to 8 lead from the cost to the base that earns bonus (amount_in: what was left before, amount_out: after); 9 and 10 multiply it by rates (amount_in: base, amount_out: bonus); 11 is what the document prints of their sum. With NULL for account, service and SKU: the line of volume tiers, with what it comes from. No rows: no such line.';

-- What changed between two months. Day n of a month is compared with day n of the other; a shorter month''s rules of its
-- last day stand for the days it has not.
CREATE FUNCTION explain_change(month_a date, month_b date, for_partner text DEFAULT NULL)
RETURNS TABLE (partner_id text, currency text, step integer, what text, amount numeric)
LANGUAGE sql STABLE SET search_path FROM CURRENT
BEGIN ATOMIC
    WITH side (side, month, last_day) AS (
        VALUES ('a', billing_month(explain_change.month_a), upper(month_days(explain_change.month_a)) - 1),
               ('b', billing_month(explain_change.month_b), upper(month_days(explain_change.month_b)) - 1)
    ), line AS MATERIALIZED (
        SELECT s.side, d.partner_id, d.currency, d.account_id, d.service_id, d.sku_id, d.charge_category, d.consumption,
               d.eligible_days + d.excluded_days AS bonus_days, d.excluded_days
        FROM line_days d
        JOIN side s ON s.month = d.billing_month
        WHERE explain_change.for_partner IS NULL OR d.partner_id = explain_change.for_partner
    ), key AS MATERIALIZED (  -- days do not depend on the side: they are those of the whole calendar
        SELECT DISTINCT ON (l.partner_id, l.currency, l.account_id, l.service_id, l.sku_id, l.charge_category)
               l.partner_id, l.currency, l.account_id, l.service_id, l.sku_id, l.charge_category, l.bonus_days, l.excluded_days
        FROM line l
        ORDER BY l.partner_id, l.currency, l.account_id, l.service_id, l.sku_id, l.charge_category
    ), amount AS MATERIALIZED (
        SELECT l.partner_id, l.currency, l.account_id, l.service_id, l.sku_id, l.charge_category, extract(day FROM c.day)::integer AS n,
               sum(c.cost + c.other_credit) FILTER (WHERE l.side = 'a') AS volume_a, sum(c.grant_credit) FILTER (WHERE l.side = 'a') AS grant_a,
               sum(c.cost + c.other_credit) FILTER (WHERE l.side = 'b') AS volume_b, sum(c.grant_credit) FILTER (WHERE l.side = 'b') AS grant_b
        FROM line l
        CROSS JOIN LATERAL days(l.consumption) c
        GROUP BY l.partner_id, l.currency, l.account_id, l.service_id, l.sku_id, l.charge_category, extract(day FROM c.day)
    ), schedule AS MATERIALIZED (
        SELECT s.side, a.partner_id, a.currency, a.account_id,
               coalesce(r.basic_schedule + v.basic_schedule, r.basic_schedule, '{}') AS basic,
               coalesce(d.deal_schedule + w.deal_schedule, d.deal_schedule, w.deal_schedule, '{}') AS deal
        FROM (SELECT DISTINCT k.partner_id, k.currency, k.account_id FROM key k) a
        CROSS JOIN side s
        LEFT JOIN partner_rate r ON r.partner_id = a.partner_id AND r.currency = a.currency
        LEFT JOIN deal_rate d ON d.partner_id = a.partner_id AND d.currency = a.currency AND d.account_id = a.account_id
        LEFT JOIN volume_rate v ON v.partner_id = a.partner_id AND v.currency = a.currency AND v.usage_month = s.month
        LEFT JOIN volume_deal_rate w ON w.partner_id = a.partner_id AND w.currency = a.currency AND w.usage_month = s.month
            AND w.account_id = a.account_id
    ), factor AS (
        SELECT m.partner_id, m.currency, coalesce(m.volume_a, 0) AS volume_a, coalesce(m.volume_b, 0) AS volume_b,
               coalesce(m.grant_a, 0) AS grant_a, coalesce(m.grant_b, 0) AS grant_b,
               (k.bonus_days @> a.day)::integer AS status_a, (k.bonus_days @> b.day)::integer AS status_b,
               (NOT k.excluded_days @> a.day)::integer AS included_a, (NOT k.excluded_days @> b.day)::integer AS included_b,
               rate_at(sa.basic, a.day) AS basic_a, rate_at(sb.basic, b.day) AS basic_b,
               rate_at(sa.deal, a.day) AS deal_a, rate_at(sb.deal, b.day) AS deal_b
        FROM amount m
        JOIN key k USING (partner_id, currency, account_id, service_id, sku_id, charge_category)
        JOIN schedule sa ON sa.side = 'a' AND sa.partner_id = m.partner_id AND sa.currency = m.currency AND sa.account_id = m.account_id
        JOIN schedule sb ON sb.side = 'b' AND sb.partner_id = m.partner_id AND sb.currency = m.currency AND sb.account_id = m.account_id
        CROSS JOIN LATERAL (SELECT least(s.month + m.n - 1, s.last_day) AS day FROM side s WHERE s.side = 'a') a
        CROSS JOIN LATERAL (SELECT least(s.month + m.n - 1, s.last_day) AS day FROM side s WHERE s.side = 'b') b
    ), bonus AS (  -- one factor after the other turns from a to b
        SELECT f.partner_id, f.currency,
               sum((f.volume_a + f.grant_a) * f.status_a * f.included_a * (f.basic_a + f.deal_a)) AS bonus_0,
               sum((f.volume_b + f.grant_a) * f.status_a * f.included_a * (f.basic_a + f.deal_a)) AS bonus_1,
               sum((f.volume_b + f.grant_a) * f.status_b * f.included_a * (f.basic_a + f.deal_a)) AS bonus_2,
               sum((f.volume_b + f.grant_a) * f.status_b * f.included_b * (f.basic_a + f.deal_a)) AS bonus_3,
               sum((f.volume_b + f.grant_b) * f.status_b * f.included_b * (f.basic_a + f.deal_a)) AS bonus_4,
               sum((f.volume_b + f.grant_b) * f.status_b * f.included_b * (f.basic_b + f.deal_a)) AS bonus_5,
               sum((f.volume_b + f.grant_b) * f.status_b * f.included_b * (f.basic_b + f.deal_b)) AS bonus_6
        FROM factor f
        GROUP BY f.partner_id, f.currency
    ), tier AS (
        SELECT v.partner_id, v.currency, sum(CASE s.side WHEN 'b' THEN v.adjustment ELSE -v.adjustment END) AS amount
        FROM volume_bonus v
        JOIN side s ON s.month = v.usage_month
        WHERE explain_change.for_partner IS NULL OR v.partner_id = explain_change.for_partner
        GROUP BY v.partner_id, v.currency
    ), rounding AS (
        SELECT r.partner_id, r.currency, sum(CASE r.side WHEN 'b' THEN r.amount ELSE -r.amount END) AS amount
        FROM (SELECT s.side, i.partner_id, i.currency, i.absolute_discount AS amount
              FROM payment_invoice i
              JOIN side s ON s.month = i.billing_month
              UNION ALL
              SELECT s.side, l.partner_id, l.currency, -l.bonus
              FROM bonus_line l
              JOIN side s ON s.month = l.billing_month) r
        WHERE explain_change.for_partner IS NULL OR r.partner_id = explain_change.for_partner
        GROUP BY r.partner_id, r.currency
    )
    SELECT b.partner_id, b.currency, p.step, p.what, trim_scale(p.amount)
    FROM bonus b
    LEFT JOIN tier t USING (partner_id, currency)
    LEFT JOIN rounding r USING (partner_id, currency)
    CROSS JOIN LATERAL (VALUES (1, 'volume', b.bonus_1 - b.bonus_0), (2, 'status', b.bonus_2 - b.bonus_1),
                               (3, 'exclusion', b.bonus_3 - b.bonus_2), (4, 'grant', b.bonus_4 - b.bonus_3),
                               (5, 'base rate', b.bonus_5 - b.bonus_4 + coalesce(t.amount, 0)), (6, 'deal', b.bonus_6 - b.bonus_5),
                               (7, 'rounding', coalesce(r.amount, 0)),
                               (8, 'total', b.bonus_6 - b.bonus_0 + coalesce(t.amount, 0) + coalesce(r.amount, 0))) p (step, what, amount)
    ORDER BY b.partner_id, b.currency, p.step;
END;
COMMENT ON FUNCTION explain_change(date, date, text) IS 'Why the printed bonus of month b is not that of month a: volume (cost and other credits), status (link, partner, terms), exclusion, grant, base rate (tiers included), deal, rounding, each put in the place of the other month''s in this order; they add up to total exactly. Day n is compared with day n; the last day''s rules of a shorter month stand for the days it has not.';
