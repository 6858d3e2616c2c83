-- Lines: the rules laid over each other, then joined to the totals. Aggregate first, join rules later. What it comes to is
-- the view bonus_line: discount(consumption, schedule), line by line.
--
-- Rules are joined by their ids alone: ranges that do not meet have an empty intersection, which adds nothing to an
-- aggregate, while the planner takes a condition on ranges for far more selective than it is.

-- What a partner follows, by day: a row per program it follows and terms of that.
CREATE VIEW partner_terms WITH (security_invoker = true) AS
SELECT pp.partner_id, t.currency, pp.partner_program_id, t.program_terms_id, pp.validity * t.validity AS days, t.base_rate, t.deal_cap,
       t.total_cap, t.combination, t.volume_rule, t.rounding_scale, t.rounding_mode
FROM partner_program pp
JOIN program_terms t ON t.program_id = pp.program_id AND is_known(t.recorded_at, t.superseded_at)
WHERE is_known(pp.recorded_at, pp.superseded_at);
COMMENT ON VIEW partner_terms IS 'Terms that hold for partners, and on which days.';
COMMENT ON COLUMN partner_terms.partner_id IS 'The partner.';
COMMENT ON COLUMN partner_terms.currency IS 'Currency of the terms.';
COMMENT ON COLUMN partner_terms.partner_program_id IS 'The rule by which the partner follows the program.';
COMMENT ON COLUMN partner_terms.program_terms_id IS 'The terms.';
COMMENT ON COLUMN partner_terms.days IS 'Days on which the partner follows the program and the terms hold; may be empty.';
COMMENT ON COLUMN partner_terms.base_rate IS 'Base rate; below the first tier where there is a volume rule.';
COMMENT ON COLUMN partner_terms.deal_cap IS 'Most a deal adds.';
COMMENT ON COLUMN partner_terms.total_cap IS 'Most that basic and deal bonus come to.';
COMMENT ON COLUMN partner_terms.combination IS 'additive or compound.';
COMMENT ON COLUMN partner_terms.volume_rule IS 'NULL, slab or graduated.';
COMMENT ON COLUMN partner_terms.rounding_scale IS 'Decimals of printed amounts; NULL takes those of the currency.';
COMMENT ON COLUMN partner_terms.rounding_mode IS 'How sums of a document are rounded.';

-- The deal's part of a rate: least(base + least(deal rate, deal cap), total cap) - basic. The deal part is cut first.
CREATE FUNCTION deal_part(base_rate numeric, deal_rate numeric, deal_cap numeric, total_cap numeric, combination text) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN least(base_rate + least(deal_rate, deal_cap)
             - CASE combination WHEN 'compound' THEN base_rate * least(deal_rate, deal_cap) ELSE 0 END, total_cap)
       - least(base_rate, total_cap);
COMMENT ON FUNCTION deal_part(numeric, numeric, numeric, numeric, text) IS 'What a deal adds to the basic rate after both caps, added up as points or compounded.';

-- What the terms give a partner, before anything about an account is known. Terms with a volume rule give days here and
-- their rate in volume_rate, since that depends on the month.
CREATE VIEW partner_rate WITH (security_invoker = true) AS
SELECT partner_id, currency, range_agg(days) AS terms_days,
       rate_schedule_agg(days, CASE WHEN volume_rule IS NULL THEN least(base_rate, total_cap) ELSE 0 END) AS basic_schedule
FROM partner_terms
GROUP BY partner_id, currency;
COMMENT ON VIEW partner_rate IS 'Per partner and currency: the days with terms, and the basic rate of terms without a volume rule.';
COMMENT ON COLUMN partner_rate.partner_id IS 'The partner.';
COMMENT ON COLUMN partner_rate.currency IS 'Currency of the terms.';
COMMENT ON COLUMN partner_rate.terms_days IS 'Days on which the partner follows a program that has terms in this currency.';
COMMENT ON COLUMN partner_rate.basic_schedule IS 'Base rate of the terms, cut at their total cap; zero where a volume rule holds.';

-- What a partner's programs exclude and include, by what the rules name.
CREATE VIEW partner_exclusion WITH (security_invoker = true) AS
SELECT pp.partner_id, exclusion_rank(x.account_id, x.service_id, x.sku_id, x.charge_category) AS rank,
       x.account_id, x.service_id, x.sku_id, x.charge_category,
       range_agg(CASE x.effect WHEN 'exclude' THEN x.validity * pp.validity ELSE 'empty' END) AS excluded_days,
       range_agg(CASE x.effect WHEN 'include' THEN x.validity * pp.validity ELSE 'empty' END) AS included_days
FROM partner_program pp
JOIN exclusion x ON x.program_id = pp.program_id AND is_known(x.recorded_at, x.superseded_at)
WHERE is_known(pp.recorded_at, pp.superseded_at)
GROUP BY pp.partner_id, x.account_id, x.service_id, x.sku_id, x.charge_category;
COMMENT ON VIEW partner_exclusion IS 'Per partner and thing named: days on which the program it follows excludes or includes it.';
COMMENT ON COLUMN partner_exclusion.partner_id IS 'The partner.';
COMMENT ON COLUMN partner_exclusion.rank IS 'The lowest rank that matches a line decides.';
COMMENT ON COLUMN partner_exclusion.account_id IS 'Account named, or NULL.';
COMMENT ON COLUMN partner_exclusion.service_id IS 'Service named, or NULL.';
COMMENT ON COLUMN partner_exclusion.sku_id IS 'SKU named, or NULL.';
COMMENT ON COLUMN partner_exclusion.charge_category IS 'Charge category named, or NULL.';
COMMENT ON COLUMN partner_exclusion.excluded_days IS 'Days on which it is excluded.';
COMMENT ON COLUMN partner_exclusion.included_days IS 'Days on which it is included.';

-- Few accounts are named by exclusions; those that are have their rules in one row.
CREATE VIEW account_exclusion WITH (security_invoker = true) AS
SELECT partner_id, account_id, array_agg(rank) AS ranks, array_agg(service_id) AS service_ids, array_agg(sku_id) AS sku_ids,
       array_agg(charge_category) AS charge_categories, array_agg(excluded_days) AS excluded_days, array_agg(included_days) AS included_days
FROM partner_exclusion
WHERE rank <= 4
GROUP BY partner_id, account_id;
COMMENT ON VIEW account_exclusion IS 'Exclusions that name an account, as arrays of equal length: one row per partner and account.';
COMMENT ON COLUMN account_exclusion.partner_id IS 'The partner.';
COMMENT ON COLUMN account_exclusion.account_id IS 'The account.';
COMMENT ON COLUMN account_exclusion.ranks IS 'Their ranks.';
COMMENT ON COLUMN account_exclusion.service_ids IS 'The services they name, or NULL.';
COMMENT ON COLUMN account_exclusion.sku_ids IS 'The SKUs they name, or NULL.';
COMMENT ON COLUMN account_exclusion.charge_categories IS 'The charge categories they name, or NULL.';
COMMENT ON COLUMN account_exclusion.excluded_days IS 'Days on which they exclude.';
COMMENT ON COLUMN account_exclusion.included_days IS 'Days on which they include.';

-- Days on which a wider rule excludes, overruled by a narrower one.
CREATE FUNCTION overrule(days datemultirange, excluded_days datemultirange, included_days datemultirange) RETURNS datemultirange
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN days - coalesce(included_days, '{}') + coalesce(excluded_days, '{}');
COMMENT ON FUNCTION overrule(datemultirange, datemultirange, datemultirange) IS 'Excluded days after a narrower rule has had its say.';
CREATE AGGREGATE overrule_agg(excluded_days datemultirange, included_days datemultirange) (SFUNC = overrule, STYPE = datemultirange, INITCOND = '{}');
COMMENT ON AGGREGATE overrule_agg(datemultirange, datemultirange) IS 'Excluded days of rules taken from the widest to the narrowest (ORDER BY rank DESC).';

-- What deals add, per account, under terms without a volume rule.
CREATE VIEW deal_rate WITH (security_invoker = true) AS
SELECT l.partner_id, l.account_id, t.currency,
       rate_schedule_agg(d.validity * l.validity * t.days, deal_part(t.base_rate, d.rate, t.deal_cap, t.total_cap, t.combination)) AS deal_schedule
FROM deal d
JOIN subaccount_link l ON l.link_id = d.link_id AND is_known(l.recorded_at, l.superseded_at)
JOIN partner_terms t ON t.partner_id = l.partner_id AND t.volume_rule IS NULL
WHERE is_known(d.recorded_at, d.superseded_at)
GROUP BY l.partner_id, l.account_id, t.currency;
COMMENT ON VIEW deal_rate IS 'Per partner, account and currency: what registered deals add to the basic rate, after both caps.';
COMMENT ON COLUMN deal_rate.partner_id IS 'The partner.';
COMMENT ON COLUMN deal_rate.account_id IS 'The subaccount.';
COMMENT ON COLUMN deal_rate.currency IS 'Currency of the terms.';
COMMENT ON COLUMN deal_rate.deal_schedule IS 'The deal''s part of the rate, by day; only on days of the deal''s link, and of terms without a volume rule.';

CREATE VIEW account_days WITH (security_invoker = true) AS
SELECT l.partner_id, l.account_id, '{(,)}' - l.linked_days AS not_linked_days,
       l.linked_days - coalesce(s.active_days, '{}') AS inactive_days,
       l.linked_days * coalesce(s.active_days, '{}') AS active_days
FROM (SELECT partner_id, account_id, range_agg(validity) AS linked_days
      FROM subaccount_link
      WHERE is_known(recorded_at, superseded_at)
      GROUP BY partner_id, account_id) l
LEFT JOIN (SELECT partner_id, range_agg(validity) AS active_days
           FROM partner_status
           WHERE status = 'active' AND is_known(recorded_at, superseded_at)
           GROUP BY partner_id) s USING (partner_id);
COMMENT ON VIEW account_days IS 'Per partner and subaccount: every day is in one of three sets.';
COMMENT ON COLUMN account_days.partner_id IS 'The partner.';
COMMENT ON COLUMN account_days.account_id IS 'The subaccount.';
COMMENT ON COLUMN account_days.not_linked_days IS 'Days on which the account is not linked to the partner.';
COMMENT ON COLUMN account_days.inactive_days IS 'Linked days on which the partner is not active.';
COMMENT ON COLUMN account_days.active_days IS 'Linked days on which the partner is active.';

CREATE VIEW account_rate WITH (security_invoker = true) AS
SELECT a.partner_id, a.account_id, r.currency,
       a.active_days - r.terms_days AS no_terms_days,
       a.active_days * r.terms_days AS bonus_days,
       r.basic_schedule * a.active_days AS basic_schedule,
       coalesce(d.deal_schedule * a.active_days, '{}') AS deal_schedule
FROM account_days a
JOIN partner_rate r USING (partner_id)
LEFT JOIN deal_rate d USING (partner_id, account_id, currency);
COMMENT ON VIEW account_rate IS 'Per partner, subaccount and currency: the rates before exclusions.';
COMMENT ON COLUMN account_rate.partner_id IS 'The partner.';
COMMENT ON COLUMN account_rate.account_id IS 'The subaccount.';
COMMENT ON COLUMN account_rate.currency IS 'Currency of the terms.';
COMMENT ON COLUMN account_rate.no_terms_days IS 'Linked, active days without terms in this currency.';
COMMENT ON COLUMN account_rate.bonus_days IS 'Days on which usage earns bonus unless it is excluded.';
COMMENT ON COLUMN account_rate.basic_schedule IS 'Basic rate on bonus_days.';
COMMENT ON COLUMN account_rate.deal_schedule IS 'Deal rate on bonus_days.';

-- One row per line: which of its days count. Own consumption has one reason for all days.
CREATE VIEW line_days WITH (security_invoker = true) AS
SELECT t.partner_id, t.billing_month, t.usage_month, t.currency, t.section, t.account_id, t.service_id, t.sku_id,
       t.charge_category, t.consumption, r.basic_schedule AS account_basic_schedule, r.deal_schedule AS account_deal_schedule,
       d.own_days, d.not_linked_days, d.inactive_days, d.no_terms_days, d.excluded_days, d.eligible_days
FROM consumption_total t
LEFT JOIN account_days a ON a.partner_id = t.partner_id AND a.account_id = t.account_id
LEFT JOIN account_rate r ON r.partner_id = t.partner_id AND r.account_id = t.account_id AND r.currency = t.currency
LEFT JOIN partner_exclusion xc ON xc.partner_id = t.partner_id AND xc.rank = 7 AND xc.charge_category = t.charge_category
LEFT JOIN partner_exclusion xs ON xs.partner_id = t.partner_id AND xs.rank = 6 AND xs.service_id = t.service_id
LEFT JOIN partner_exclusion xk ON xk.partner_id = t.partner_id AND xk.rank = 5 AND xk.sku_id = t.sku_id
LEFT JOIN account_exclusion xa ON xa.partner_id = t.partner_id AND xa.account_id = t.account_id
-- from the widest rule to the narrowest
CROSS JOIN LATERAL (SELECT CASE WHEN xc.partner_id IS NULL AND xs.partner_id IS NULL AND xk.partner_id IS NULL THEN NULL
                                ELSE overrule(overrule(coalesce(xc.excluded_days, '{}'), xs.excluded_days, xs.included_days),
                                              xk.excluded_days, xk.included_days) END AS excluded_days) w
CROSS JOIN LATERAL (SELECT CASE WHEN xa.partner_id IS NULL THEN w.excluded_days
                                ELSE (SELECT overrule_agg(n.excluded_days, n.included_days ORDER BY n.rank DESC)
                                      FROM (SELECT 8 AS rank, NULL AS service_id, NULL AS sku_id, NULL AS charge_category,
                                                   w.excluded_days, '{}'::datemultirange AS included_days
                                            UNION ALL
                                            SELECT *
                                            FROM unnest(xa.ranks, xa.service_ids, xa.sku_ids, xa.charge_categories, xa.excluded_days,
                                                        xa.included_days)) n
                                      WHERE coalesce(n.service_id, t.service_id) = t.service_id
                                        AND coalesce(n.sku_id, t.sku_id) = t.sku_id
                                        AND coalesce(n.charge_category, t.charge_category) = t.charge_category) END AS excluded_days
                    OFFSET 0) x
CROSS JOIN LATERAL (SELECT CASE WHEN t.section = 'own' THEN '{(,)}' ELSE '{}' END::datemultirange AS own_days,
                           CASE WHEN t.section = 'own' THEN '{}' ELSE coalesce(a.not_linked_days, '{(,)}') END AS not_linked_days,
                           CASE WHEN t.section = 'own' THEN '{}' ELSE coalesce(a.inactive_days, '{}') END AS inactive_days,
                           CASE WHEN t.section = 'own' THEN '{}' ELSE coalesce(r.no_terms_days, a.active_days, '{}') END AS no_terms_days,
                           CASE WHEN t.section = 'own' OR x.excluded_days IS NULL THEN '{}'
                                ELSE coalesce(r.bonus_days * x.excluded_days, '{}') END AS excluded_days,
                           CASE WHEN t.section = 'own' OR r.bonus_days IS NULL THEN '{}'
                                WHEN x.excluded_days IS NULL THEN r.bonus_days
                                ELSE r.bonus_days - x.excluded_days END AS eligible_days
                    OFFSET 0) d
WHERE t.charge_category <> 'Tax';
COMMENT ON VIEW line_days IS 'Per line: consumption, the rates of its account before exclusions, and the days of each reason (disjoint; together all days). Tax is no line.';
COMMENT ON COLUMN line_days.partner_id IS 'The partner.';
COMMENT ON COLUMN line_days.billing_month IS 'First day of the month whose documents carry the line.';
COMMENT ON COLUMN line_days.usage_month IS 'First day of the month of the usage.';
COMMENT ON COLUMN line_days.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN line_days.section IS 'customers or own.';
COMMENT ON COLUMN line_days.account_id IS 'Billing account that consumed.';
COMMENT ON COLUMN line_days.service_id IS 'Service.';
COMMENT ON COLUMN line_days.sku_id IS 'SKU.';
COMMENT ON COLUMN line_days.charge_category IS 'Usage, Purchase, Adjustment or Credit.';
COMMENT ON COLUMN line_days.consumption IS 'First operand: the daily series.';
COMMENT ON COLUMN line_days.own_days IS 'Days whose reason is own consumption: all or none.';
COMMENT ON COLUMN line_days.not_linked_days IS 'Days whose reason is not linked.';
COMMENT ON COLUMN line_days.inactive_days IS 'Days whose reason is partner not active.';
COMMENT ON COLUMN line_days.no_terms_days IS 'Days whose reason is no terms.';
COMMENT ON COLUMN line_days.excluded_days IS 'Days whose reason is excluded.';
COMMENT ON COLUMN line_days.eligible_days IS 'Days that earn bonus.';
COMMENT ON COLUMN line_days.account_basic_schedule IS 'Basic rate of the account; NULL without terms.';
COMMENT ON COLUMN line_days.account_deal_schedule IS 'The deal''s part of the account; NULL without terms.';

-- Volume: what earns bonus in a month, day by day, and the rates that follow from it.
CREATE VIEW eligible_volume WITH (security_invoker = true) AS
SELECT partner_id, usage_month, currency, rollup(eligible) AS eligible
FROM (SELECT partner_id, usage_month, currency, consumption * eligible_days AS eligible
      FROM line_days
      UNION ALL
      -- a month that closed keeps its tiers, even when all that is left of its usage is taken off again
      SELECT partner_id, usage_month, currency, '{}'
      FROM frozen_volume
      WHERE is_known(recorded_at, superseded_at)) v
GROUP BY partner_id, usage_month, currency;
COMMENT ON VIEW eligible_volume IS 'Per partner, usage month and currency: the consumption that earns bonus; its base is the volume. A month that closed under volume tiers stays, with an empty series when its usage is gone.';
COMMENT ON COLUMN eligible_volume.partner_id IS 'The partner.';
COMMENT ON COLUMN eligible_volume.usage_month IS 'First day of the month of the usage.';
COMMENT ON COLUMN eligible_volume.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN eligible_volume.eligible IS 'The daily series of all that earns bonus; base(eligible) is the volume.';

-- A function, so that a query that needs no volume does not pay for planning it. what_if() looks behind it.
CREATE FUNCTION volumes_of(partner_id text, currency text) RETURNS TABLE (usage_month date, eligible consumption)
LANGUAGE plpgsql STABLE SET search_path FROM CURRENT
AS $function$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT v.usage_month, v.eligible
    FROM eligible_volume v
    WHERE v.partner_id = volumes_of.partner_id AND v.currency = volumes_of.currency;
END
$function$;
COMMENT ON FUNCTION volumes_of(text, text) IS 'The rows of eligible_volume of one partner and currency.';

CREATE VIEW month_volume WITH (security_invoker = true) AS
SELECT p.partner_id, v.usage_month, p.currency, v.eligible
FROM (SELECT DISTINCT partner_id, currency FROM partner_terms WHERE volume_rule IS NOT NULL) p
CROSS JOIN LATERAL volumes_of(p.partner_id, p.currency) v;
COMMENT ON VIEW month_volume IS 'eligible_volume of partners that have terms with a volume rule.';
COMMENT ON COLUMN month_volume.partner_id IS 'The partner.';
COMMENT ON COLUMN month_volume.usage_month IS 'First day of the month of the usage.';
COMMENT ON COLUMN month_volume.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN month_volume.eligible IS 'The daily series of all that earns bonus.';

CREATE VIEW terms_tiers WITH (security_invoker = true) AS
SELECT t.program_terms_id,
       cap(tiers(array_agg(t.from_volume), array_agg(t.rate)), max(t.total_cap)) AS tiers
FROM (SELECT program_terms_id, 0 AS from_volume, base_rate AS rate, total_cap
      FROM program_terms
      WHERE volume_rule IS NOT NULL AND is_known(recorded_at, superseded_at)
      UNION ALL
      SELECT program_terms_id, from_volume, rate, NULL
      FROM program_tier
      WHERE is_known(recorded_at, superseded_at)) t
GROUP BY t.program_terms_id
HAVING max(t.total_cap) IS NOT NULL;
COMMENT ON VIEW terms_tiers IS 'Tiers of terms with a volume rule.';
COMMENT ON COLUMN terms_tiers.program_terms_id IS 'The terms.';
COMMENT ON COLUMN terms_tiers.tiers IS 'Volume to basic rate, the base rate first; no rate is above the total cap.';

-- The volume fills the tiers day after day. All of a month's lines carry the rate that its whole volume reaches; what the
-- lower tiers give less is one amount per partner and terms: graduated from where its days begin to where they end, less
-- that rate for all of it. With one set of terms for the whole month that is minus the offset of the tier.
CREATE VIEW volume_bonus WITH (security_invoker = true) AS
SELECT v.partner_id, v.usage_month, v.currency, t.partner_program_id, t.program_terms_id, t.volume_rule, d.days,
       coalesce(f.volume, e.volume) AS volume, coalesce(f.volume_before, e.volume_before) AS volume_before,
       coalesce(f.volume_of_days, e.volume_of_days) AS volume_of_days, s.tiers, coalesce(f.rate, r.rate) AS rate, t.deal_cap, t.total_cap, t.combination,
       CASE WHEN f.adjustment IS NOT NULL THEN f.adjustment
            WHEN t.volume_rule = 'graduated' THEN trim_scale(graduated(s.tiers, e.volume_before + e.volume_of_days)
                                                             - graduated(s.tiers, e.volume_before) - r.rate * e.volume_of_days)
            ELSE 0 END AS adjustment
FROM month_volume v
JOIN partner_terms t ON t.partner_id = v.partner_id AND t.currency = v.currency AND t.volume_rule IS NOT NULL
JOIN terms_tiers s ON s.program_terms_id = t.program_terms_id
CROSS JOIN LATERAL (SELECT t.days * month_days(v.usage_month) AS days) d
CROSS JOIN LATERAL (SELECT base(v.eligible) AS volume,
                           base(v.eligible * datemultirange(daterange(NULL, lower(d.days)))) AS volume_before,
                           base(v.eligible * datemultirange(d.days)) AS volume_of_days) e
CROSS JOIN LATERAL (SELECT rate_at(s.tiers, e.volume) AS rate) r
LEFT JOIN frozen_volume f ON f.partner_id = v.partner_id AND f.usage_month = v.usage_month AND f.currency = v.currency
    AND f.partner_program_id = t.partner_program_id AND f.program_terms_id = t.program_terms_id AND is_known(f.recorded_at, f.superseded_at)
WHERE NOT isempty(d.days);
COMMENT ON VIEW volume_bonus IS 'Per partner, usage month, currency and terms with a volume rule: the volume, the rate it reaches, and for graduated tiers the amount by which the bonus differs from that rate times volume. Of a closed month as it was when it closed (frozen_volume).';
COMMENT ON COLUMN volume_bonus.partner_id IS 'The partner.';
COMMENT ON COLUMN volume_bonus.usage_month IS 'First day of the month of the usage.';
COMMENT ON COLUMN volume_bonus.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN volume_bonus.partner_program_id IS 'The rule by which the partner follows the program.';
COMMENT ON COLUMN volume_bonus.program_terms_id IS 'The terms.';
COMMENT ON COLUMN volume_bonus.volume_rule IS 'slab or graduated.';
COMMENT ON COLUMN volume_bonus.days IS 'Days of the month on which the terms hold.';
COMMENT ON COLUMN volume_bonus.volume IS 'The month''s eligible volume, on all its days.';
COMMENT ON COLUMN volume_bonus.volume_before IS 'The part of it before the first of days.';
COMMENT ON COLUMN volume_bonus.volume_of_days IS 'The part of it on days.';
COMMENT ON COLUMN volume_bonus.tiers IS 'Volume to basic rate.';
COMMENT ON COLUMN volume_bonus.rate IS 'Rate of the tier that volume reaches: what the lines carry.';
COMMENT ON COLUMN volume_bonus.deal_cap IS 'Most a deal adds.';
COMMENT ON COLUMN volume_bonus.total_cap IS 'Most that basic and deal bonus come to.';
COMMENT ON COLUMN volume_bonus.combination IS 'additive or compound.';
COMMENT ON COLUMN volume_bonus.adjustment IS 'graduated(tiers, volume_before + volume_of_days) - graduated(tiers, volume_before) - rate * volume_of_days; exact; 0 for slabs.';

CREATE VIEW volume_rate WITH (security_invoker = true) AS
SELECT partner_id, usage_month, currency, rate_schedule_agg(days, rate) AS basic_schedule
FROM volume_bonus
GROUP BY partner_id, usage_month, currency;
COMMENT ON VIEW volume_rate IS 'Basic rates by volume, of one usage month.';
COMMENT ON COLUMN volume_rate.partner_id IS 'The partner.';
COMMENT ON COLUMN volume_rate.usage_month IS 'First day of the month of the usage.';
COMMENT ON COLUMN volume_rate.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN volume_rate.basic_schedule IS 'The rate by day.';

CREATE VIEW volume_deal_rate WITH (security_invoker = true) AS
SELECT v.partner_id, v.usage_month, v.currency, l.account_id,
       rate_schedule_agg(d.validity * l.validity * v.days, deal_part(v.rate, d.rate, v.deal_cap, v.total_cap, v.combination)) AS deal_schedule
FROM volume_bonus v
JOIN subaccount_link l ON l.partner_id = v.partner_id AND is_known(l.recorded_at, l.superseded_at)
JOIN deal d ON d.link_id = l.link_id AND is_known(d.recorded_at, d.superseded_at)
GROUP BY v.partner_id, v.usage_month, v.currency, l.account_id;
COMMENT ON VIEW volume_deal_rate IS 'What deals add to basic rates by volume, of one usage month.';
COMMENT ON COLUMN volume_deal_rate.partner_id IS 'The partner.';
COMMENT ON COLUMN volume_deal_rate.usage_month IS 'First day of the month of the usage.';
COMMENT ON COLUMN volume_deal_rate.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN volume_deal_rate.account_id IS 'The subaccount.';
COMMENT ON COLUMN volume_deal_rate.deal_schedule IS 'The deal''s part of the rate by day.';

-- One row per line: the operands of its bonus.
CREATE VIEW line_operands WITH (security_invoker = true) AS
SELECT d.partner_id, d.billing_month, d.usage_month, d.currency, d.section, d.account_id, d.service_id, d.sku_id, d.charge_category,
       d.consumption, s.basic_schedule, s.deal_schedule, d.own_days, d.not_linked_days, d.inactive_days, d.no_terms_days, d.excluded_days, d.eligible_days
FROM line_days d
LEFT JOIN volume_rate v ON v.partner_id = d.partner_id AND v.usage_month = d.usage_month AND v.currency = d.currency
LEFT JOIN volume_deal_rate w ON w.partner_id = d.partner_id AND w.usage_month = d.usage_month AND w.currency = d.currency
    AND w.account_id = d.account_id
CROSS JOIN LATERAL (SELECT coalesce(d.account_basic_schedule + v.basic_schedule, d.account_basic_schedule, '{}') * d.eligible_days AS basic_schedule,
                           coalesce(d.account_deal_schedule + w.deal_schedule, d.account_deal_schedule, '{}') * d.eligible_days AS deal_schedule
                    OFFSET 0) s;
COMMENT ON VIEW line_operands IS 'Per line: consumption, basic schedule, deal schedule, and the days of each reason (disjoint; together all days). Tax is no line.';
COMMENT ON COLUMN line_operands.partner_id IS 'The partner.';
COMMENT ON COLUMN line_operands.billing_month IS 'First day of the month whose documents carry the line.';
COMMENT ON COLUMN line_operands.usage_month IS 'First day of the month of the usage.';
COMMENT ON COLUMN line_operands.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN line_operands.section IS 'customers or own.';
COMMENT ON COLUMN line_operands.account_id IS 'Billing account that consumed.';
COMMENT ON COLUMN line_operands.service_id IS 'Service.';
COMMENT ON COLUMN line_operands.sku_id IS 'SKU.';
COMMENT ON COLUMN line_operands.charge_category IS 'Usage, Purchase, Adjustment or Credit.';
COMMENT ON COLUMN line_operands.consumption IS 'First operand: the daily series.';
COMMENT ON COLUMN line_operands.basic_schedule IS 'Second operand: the basic rate by day; zero on days without bonus.';
COMMENT ON COLUMN line_operands.deal_schedule IS 'Third operand: the deal''s part of the rate by day; zero on days without bonus.';
COMMENT ON COLUMN line_operands.own_days IS 'Days whose reason is own consumption: all or none.';
COMMENT ON COLUMN line_operands.not_linked_days IS 'Days whose reason is not linked.';
COMMENT ON COLUMN line_operands.inactive_days IS 'Days whose reason is partner not active.';
COMMENT ON COLUMN line_operands.no_terms_days IS 'Days whose reason is no terms.';
COMMENT ON COLUMN line_operands.excluded_days IS 'Days whose reason is excluded.';
COMMENT ON COLUMN line_operands.eligible_days IS 'Days that earn bonus.';

CREATE VIEW effective_rate WITH (security_invoker = true) AS
SELECT DISTINCT partner_id, account_id, service_id, sku_id, charge_category, currency, section, basic_schedule, deal_schedule,
       eligible_days, excluded_days, no_terms_days, inactive_days, not_linked_days, own_days
FROM line_operands;
COMMENT ON VIEW effective_rate IS 'Which rate applies to what is used, by day, and why days are without bonus: one row per partner, account, service, SKU, charge category and currency seen in usage; under a volume rule one per month with its rate.';
COMMENT ON COLUMN effective_rate.partner_id IS 'The partner.';
COMMENT ON COLUMN effective_rate.account_id IS 'Billing account.';
COMMENT ON COLUMN effective_rate.service_id IS 'Service.';
COMMENT ON COLUMN effective_rate.sku_id IS 'SKU.';
COMMENT ON COLUMN effective_rate.charge_category IS 'Charge category.';
COMMENT ON COLUMN effective_rate.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN effective_rate.section IS 'customers or own.';
COMMENT ON COLUMN effective_rate.basic_schedule IS 'The basic rate by day.';
COMMENT ON COLUMN effective_rate.deal_schedule IS 'The deal''s part of the rate by day.';
COMMENT ON COLUMN effective_rate.eligible_days IS 'Days that earn bonus.';
COMMENT ON COLUMN effective_rate.excluded_days IS 'Days without bonus: the service or SKU is excluded.';
COMMENT ON COLUMN effective_rate.no_terms_days IS 'Days without bonus: no terms in this currency.';
COMMENT ON COLUMN effective_rate.inactive_days IS 'Days without bonus: the partner is not active.';
COMMENT ON COLUMN effective_rate.not_linked_days IS 'Days without bonus: the account is not linked to the partner.';
COMMENT ON COLUMN effective_rate.own_days IS 'Days without bonus: own consumption.';

CREATE VIEW bonus_line_reason WITH (security_invoker = true) AS
SELECT o.partner_id, o.billing_month, o.usage_month, o.currency, o.section, o.account_id, o.service_id, o.sku_id,
       o.charge_category, w.reason_rank, w.reason, cost(p.part) AS cost, base(p.part) AS base
FROM line_operands o
CROSS JOIN LATERAL (VALUES (1, 'own consumption', o.own_days), (2, 'not linked', o.not_linked_days),
                           (3, 'partner not active', o.inactive_days), (4, 'no terms', o.no_terms_days),
                           (5, 'excluded', o.excluded_days), (6, 'eligible', o.eligible_days)) w (reason_rank, reason, reason_days)
CROSS JOIN LATERAL (SELECT o.consumption * w.reason_days AS part) p
WHERE p.part <> '{}';
COMMENT ON VIEW bonus_line_reason IS 'One row per line and reason that occurs on its days: how much of its base it covers. Exact; the rows of a line add up to it.';
COMMENT ON COLUMN bonus_line_reason.partner_id IS 'The partner.';
COMMENT ON COLUMN bonus_line_reason.billing_month IS 'First day of the month whose documents carry the line.';
COMMENT ON COLUMN bonus_line_reason.usage_month IS 'First day of the month of the usage.';
COMMENT ON COLUMN bonus_line_reason.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN bonus_line_reason.section IS 'customers or own.';
COMMENT ON COLUMN bonus_line_reason.account_id IS 'Billing account that consumed.';
COMMENT ON COLUMN bonus_line_reason.service_id IS 'Service.';
COMMENT ON COLUMN bonus_line_reason.sku_id IS 'SKU.';
COMMENT ON COLUMN bonus_line_reason.charge_category IS 'Usage, Purchase, Adjustment or Credit.';
COMMENT ON COLUMN bonus_line_reason.reason_rank IS 'Order in which reasons are tried: the first that applies to a day is its reason.';
COMMENT ON COLUMN bonus_line_reason.reason IS 'own consumption, not linked, partner not active, no terms, excluded, or eligible.';
COMMENT ON COLUMN bonus_line_reason.cost IS 'Cost of the days with this reason.';
COMMENT ON COLUMN bonus_line_reason.base IS 'Base of the days with this reason: cost + grant_credit + other_credit.';

CREATE VIEW bonus_line WITH (security_invoker = true) AS
SELECT o.partner_id, o.billing_month, o.usage_month, o.currency, o.section, o.account_id, o.service_id, o.sku_id,
       o.charge_category, m.cost, m.grant_credit, m.other_credit, m.base, m.eligible_base, m.basic_bonus, m.deal_bonus, m.bonus,
       m.base - m.bonus AS payable, relative_discount(m.bonus, m.base) AS relative_discount, m.reasons, o.consumption, o.basic_schedule,
       o.deal_schedule, o.eligible_days, 'usage' AS kind, NULL::date AS corrects_month, NULL::integer AS correction
FROM line_operands o
-- OFFSET 0: each of these is computed once
CROSS JOIN LATERAL (SELECT x.cost, x.grant_credit, x.other_credit, x.cost + x.grant_credit + x.other_credit AS base, x.eligible_base,
                           x.basic_bonus, x.deal_bonus, x.basic_bonus + x.deal_bonus AS bonus, x.reasons
                    FROM (SELECT cost(o.consumption) AS cost, grant_credit(o.consumption) AS grant_credit,
                                 other_credit(o.consumption) AS other_credit, base(o.consumption * o.eligible_days) AS eligible_base,
                                 discount(o.consumption, o.basic_schedule) AS basic_bonus, discount(o.consumption, o.deal_schedule) AS deal_bonus,
                                 concat_ws(', ', CASE WHEN o.consumption && o.own_days THEN 'own consumption' END,
                                                 CASE WHEN o.consumption && o.not_linked_days THEN 'not linked' END,
                                                 CASE WHEN o.consumption && o.inactive_days THEN 'partner not active' END,
                                                 CASE WHEN o.consumption && o.no_terms_days THEN 'no terms' END,
                                                 CASE WHEN o.consumption && o.excluded_days THEN 'excluded' END,
                                                 CASE WHEN o.consumption && o.eligible_days THEN 'eligible' END) AS reasons
                          OFFSET 0) x
                    OFFSET 0) m
UNION ALL
-- what graduated tiers give less than the rate their volume reaches: the partner's, not a customer's
SELECT v.partner_id, v.usage_month, v.usage_month, v.currency, 'customers', NULL, NULL, NULL, NULL, 0, 0, 0, 0, 0, sum(v.adjustment), 0,
       sum(v.adjustment), -sum(v.adjustment), NULL, 'volume tiers', '{}', '{}', '{}', '{}', 'volume tiers', NULL, NULL
FROM volume_bonus v
GROUP BY v.partner_id, v.usage_month, v.currency
HAVING sum(v.adjustment) <> 0
UNION ALL
-- what changed rules come to for usage that was billed already
SELECT c.partner_id, c.billing_month, c.usage_month, c.currency, c.section, c.account_id, c.service_id, c.sku_id, c.charge_category, 0, 0, 0, 0, 0,
       c.basic_bonus, c.deal_bonus, c.basic_bonus + c.deal_bonus, -c.basic_bonus - c.deal_bonus, NULL, 'correction', c.consumption, c.basic_schedule,
       c.deal_schedule, '{}', 'correction', c.corrects_month, c.correction
FROM correction_line c
WHERE c.recorded_at <= known_at();
COMMENT ON VIEW bonus_line IS 'The invoice before rounding: one row per line, live. Amounts are exact, in the line''s currency; only document views round. Under graduated tiers a partner''s month has one more line without an account (reasons: volume tiers): what the lower tiers give less than the rate that the lines carry; its operands are in volume_bonus.';
COMMENT ON COLUMN bonus_line.partner_id IS 'The partner.';
COMMENT ON COLUMN bonus_line.billing_month IS 'First day of the month whose documents carry the line.';
COMMENT ON COLUMN bonus_line.usage_month IS 'First day of the month of the usage.';
COMMENT ON COLUMN bonus_line.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN bonus_line.section IS 'customers or own.';
COMMENT ON COLUMN bonus_line.account_id IS 'Billing account that consumed.';
COMMENT ON COLUMN bonus_line.service_id IS 'Service.';
COMMENT ON COLUMN bonus_line.sku_id IS 'SKU.';
COMMENT ON COLUMN bonus_line.charge_category IS 'Usage, Purchase, Adjustment or Credit.';
COMMENT ON COLUMN bonus_line.cost IS 'Cost before credits.';
COMMENT ON COLUMN bonus_line.grant_credit IS 'What grants paid for; normally negative.';
COMMENT ON COLUMN bonus_line.other_credit IS 'Other credits; normally negative.';
COMMENT ON COLUMN bonus_line.base IS 'cost + grant_credit + other_credit.';
COMMENT ON COLUMN bonus_line.eligible_base IS 'Base of the days that earn bonus.';
COMMENT ON COLUMN bonus_line.basic_bonus IS 'discount(consumption, basic_schedule).';
COMMENT ON COLUMN bonus_line.deal_bonus IS 'discount(consumption, deal_schedule).';
COMMENT ON COLUMN bonus_line.bonus IS 'basic_bonus + deal_bonus.';
COMMENT ON COLUMN bonus_line.payable IS 'base - bonus.';
COMMENT ON COLUMN bonus_line.relative_discount IS 'bonus / base as a fraction with six decimals, rounded half away from zero; NULL when the base is 0.';
COMMENT ON COLUMN bonus_line.reasons IS 'Reasons that occur on the line''s days, in the order they are tried; amounts are in bonus_line_reason.';
COMMENT ON COLUMN bonus_line.consumption IS 'First operand of the line.';
COMMENT ON COLUMN bonus_line.basic_schedule IS 'Second operand of the line.';
COMMENT ON COLUMN bonus_line.deal_schedule IS 'Third operand of the line.';
COMMENT ON COLUMN bonus_line.eligible_days IS 'Days that earn bonus: eligible_base is what the consumption of these comes to.';
COMMENT ON COLUMN bonus_line.kind IS 'usage; volume tiers; correction: only a bonus, for usage that was billed on corrects_month by other rates (operands: its consumption, and what the rates differ by).';
COMMENT ON COLUMN bonus_line.corrects_month IS 'Of a correction: first day of the month whose document it corrects.';
COMMENT ON COLUMN bonus_line.correction IS 'Of a correction: its number, as in the table correction.';

-- The same answer by another road: every usage line joined to the rules of its day, in plain SQL, without the extension's types.
CREATE VIEW usage_reason WITH (security_invoker = true) AS
SELECT u.partner_id, billing_month(u.usage_day) AS usage_month, u.usage_day, u.batch_id, u.line_number, u.account_id, u.service_id,
       u.sku_id, u.charge_category, u.currency,
       CASE WHEN u.account_id = p.billing_account_id THEN 'own' ELSE 'customers' END AS section,
       u.cost, u.grant_credit, u.other_credit, u.cost + u.grant_credit + u.other_credit AS base,
       CASE WHEN u.account_id = p.billing_account_id THEN 'own consumption'
            WHEN l.link_id IS NULL THEN 'not linked'
            WHEN s.partner_status_id IS NULL THEN 'partner not active'
            WHEN t.program_terms_id IS NULL THEN 'no terms'
            WHEN x.effect = 'exclude' THEN 'excluded'
            ELSE 'eligible' END AS reason,
       l.link_id, s.partner_status_id, pp.partner_program_id, t.program_terms_id, x.exclusion_id, d.deal_id,
       t.base_rate, t.deal_cap, t.total_cap, t.combination, t.volume_rule, d.rate AS registered_rate
FROM usage u
LEFT JOIN partner p ON p.partner_id = u.partner_id AND is_known(p.recorded_at, p.superseded_at)
LEFT JOIN subaccount_link l ON l.partner_id = u.partner_id AND l.account_id = u.account_id AND l.validity @> u.usage_day
    AND is_known(l.recorded_at, l.superseded_at)
LEFT JOIN partner_status s ON s.partner_id = u.partner_id AND s.status = 'active' AND s.validity @> u.usage_day
    AND is_known(s.recorded_at, s.superseded_at)
LEFT JOIN partner_program pp ON pp.partner_id = u.partner_id AND pp.validity @> u.usage_day
    AND is_known(pp.recorded_at, pp.superseded_at)
LEFT JOIN program_terms t ON t.program_id = pp.program_id AND t.currency = u.currency AND t.validity @> u.usage_day
    AND is_known(t.recorded_at, t.superseded_at)
LEFT JOIN LATERAL (SELECT e.exclusion_id, e.effect
                   FROM exclusion e
                   WHERE e.program_id = pp.program_id AND e.validity @> u.usage_day AND is_known(e.recorded_at, e.superseded_at)
                     AND (e.account_id = u.account_id OR e.account_id IS NULL) AND (e.service_id = u.service_id OR e.service_id IS NULL)
                     AND (e.sku_id = u.sku_id OR e.sku_id IS NULL) AND (e.charge_category = u.charge_category OR e.charge_category IS NULL)
                   ORDER BY exclusion_rank(e.account_id, e.service_id, e.sku_id, e.charge_category)
                   LIMIT 1) x ON true
LEFT JOIN deal d ON d.link_id = l.link_id AND d.validity @> u.usage_day AND is_known(d.recorded_at, d.superseded_at)
WHERE u.charge_category <> 'Tax';
COMMENT ON VIEW usage_reason IS 'Per usage line: its reason and the rules of its day, before rates.';
COMMENT ON COLUMN usage_reason.usage_month IS 'First day of the month of the usage.';
COMMENT ON COLUMN usage_reason.partner_id IS 'The partner.';
COMMENT ON COLUMN usage_reason.usage_day IS 'Day of the usage.';
COMMENT ON COLUMN usage_reason.batch_id IS 'The load that brought the line.';
COMMENT ON COLUMN usage_reason.line_number IS 'Line of the file.';
COMMENT ON COLUMN usage_reason.account_id IS 'Billing account that consumed.';
COMMENT ON COLUMN usage_reason.service_id IS 'Service.';
COMMENT ON COLUMN usage_reason.sku_id IS 'SKU.';
COMMENT ON COLUMN usage_reason.charge_category IS 'Usage, Purchase, Adjustment or Credit.';
COMMENT ON COLUMN usage_reason.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN usage_reason.section IS 'customers or own.';
COMMENT ON COLUMN usage_reason.cost IS 'Cost before credits.';
COMMENT ON COLUMN usage_reason.grant_credit IS 'What a grant paid for.';
COMMENT ON COLUMN usage_reason.other_credit IS 'Other credits.';
COMMENT ON COLUMN usage_reason.base IS 'cost + grant_credit + other_credit.';
COMMENT ON COLUMN usage_reason.reason IS 'The one reason of the line''s day.';
COMMENT ON COLUMN usage_reason.link_id IS 'The link of the day, or NULL.';
COMMENT ON COLUMN usage_reason.partner_status_id IS 'The active status of the day, or NULL.';
COMMENT ON COLUMN usage_reason.partner_program_id IS 'The partner''s program of the day, or NULL.';
COMMENT ON COLUMN usage_reason.program_terms_id IS 'The terms of the day, or NULL.';
COMMENT ON COLUMN usage_reason.exclusion_id IS 'The exclusion or inclusion that decides, or NULL.';
COMMENT ON COLUMN usage_reason.deal_id IS 'The deal of the day, or NULL.';
COMMENT ON COLUMN usage_reason.base_rate IS 'Base rate of the terms.';
COMMENT ON COLUMN usage_reason.deal_cap IS 'Most a deal adds.';
COMMENT ON COLUMN usage_reason.total_cap IS 'Most that basic and deal bonus come to.';
COMMENT ON COLUMN usage_reason.combination IS 'additive or compound.';
COMMENT ON COLUMN usage_reason.volume_rule IS 'NULL, slab or graduated.';
COMMENT ON COLUMN usage_reason.registered_rate IS 'The rate the deal was registered with.';

-- The tier that a month's volume reaches, and what its slices come to.
CREATE VIEW volume_explained WITH (security_invoker = true) AS
SELECT p.partner_id, v.usage_month, p.currency, p.partner_program_id, p.program_terms_id, coalesce(z.volume, v.volume) AS volume,
       coalesce(z.volume_before, v.volume_before) AS volume_before, coalesce(z.volume_of_days, v.volume_of_days) AS volume_of_days,
       coalesce(z.rate, f.rate) AS rate,
       CASE WHEN z.adjustment IS NOT NULL THEN z.adjustment
            WHEN p.volume_rule = 'graduated' THEN f.reached - f.passed - f.rate * v.volume_of_days ELSE 0 END AS adjustment
FROM partner_terms p
CROSS JOIN LATERAL (SELECT u.usage_month, sum(u.base) AS volume,
                           coalesce(sum(u.base) FILTER (WHERE u.usage_day < lower(p.days)), 0) AS volume_before,
                           coalesce(sum(u.base) FILTER (WHERE u.usage_day <@ p.days), 0) AS volume_of_days
                    FROM (SELECT r.usage_month, r.usage_day, r.base
                          FROM usage_reason r
                          WHERE r.partner_id = p.partner_id AND r.currency = p.currency AND r.reason = 'eligible'
                          UNION ALL
                          -- a closed month stays, even when all its usage is taken off again
                          SELECT f.usage_month, NULL, 0
                          FROM frozen_volume f
                          WHERE f.partner_id = p.partner_id AND f.currency = p.currency AND is_known(f.recorded_at, f.superseded_at)) u
                    GROUP BY u.usage_month
                    OFFSET 0) v
CROSS JOIN LATERAL (SELECT sum(s.rate * CASE WHEN s.from_volume IS NULL THEN least(v.volume_before, s.to_volume)
                                             ELSE greatest(least(v.volume_before, s.to_volume) - s.from_volume, 0) END) AS passed,
                           sum(s.rate * CASE WHEN s.from_volume IS NULL THEN least(v.volume_before + v.volume_of_days, s.to_volume)
                                             ELSE greatest(least(v.volume_before + v.volume_of_days, s.to_volume) - s.from_volume, 0) END) AS reached,
                           (array_agg(s.rate ORDER BY s.from_volume DESC NULLS LAST)
                            FILTER (WHERE s.from_volume <= v.volume OR s.from_volume IS NULL))[1] AS rate
                    FROM (SELECT r.from_volume, lead(r.from_volume) OVER (ORDER BY r.from_volume NULLS FIRST) AS to_volume,
                                 least(r.rate, p.total_cap) AS rate
                          FROM (SELECT NULL::numeric AS from_volume, p.base_rate AS rate
                                UNION ALL
                                SELECT t.from_volume, t.rate
                                FROM program_tier t
                                WHERE t.program_terms_id = p.program_terms_id AND is_known(t.recorded_at, t.superseded_at)) r) s) f
LEFT JOIN frozen_volume z ON z.partner_id = p.partner_id AND z.usage_month = v.usage_month AND z.currency = p.currency
    AND z.partner_program_id = p.partner_program_id AND z.program_terms_id = p.program_terms_id AND is_known(z.recorded_at, z.superseded_at)
WHERE p.volume_rule IS NOT NULL AND p.days && month_days(v.usage_month);
COMMENT ON VIEW volume_explained IS 'What volume_bonus says, computed relationally from usage lines and tiers: the adjustments of both are equal to the last digit.';
COMMENT ON COLUMN volume_explained.partner_id IS 'The partner.';
COMMENT ON COLUMN volume_explained.usage_month IS 'First day of the month of the usage.';
COMMENT ON COLUMN volume_explained.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN volume_explained.partner_program_id IS 'The rule by which the partner follows the program.';
COMMENT ON COLUMN volume_explained.program_terms_id IS 'The terms.';
COMMENT ON COLUMN volume_explained.volume IS 'The month''s eligible base.';
COMMENT ON COLUMN volume_explained.volume_before IS 'The part of it before the first day of the terms.';
COMMENT ON COLUMN volume_explained.volume_of_days IS 'The part of it on days of the terms.';
COMMENT ON COLUMN volume_explained.rate IS 'Rate of the tier that volume is in.';
COMMENT ON COLUMN volume_explained.adjustment IS 'Rate times volume of each slice of volume_of_days, less rate times all of it.';

CREATE VIEW usage_explained WITH (security_invoker = true) AS
SELECT u.partner_id, u.usage_day, u.batch_id, u.line_number, u.account_id, u.service_id, u.sku_id, u.charge_category, u.currency,
       u.section, u.cost, u.grant_credit, u.other_credit, u.base, u.reason,
       u.link_id, u.partner_status_id, u.partner_program_id, u.program_terms_id, u.exclusion_id, u.deal_id,
       r.basic_rate, r.deal_rate, CASE u.reason WHEN 'eligible' THEN c.uncut - r.basic_rate - r.deal_rate ELSE 0 END AS cap_cut,
       u.base * (r.basic_rate + r.deal_rate) AS bonus
FROM usage_reason u
LEFT JOIN volume_explained v ON v.partner_id = u.partner_id AND v.usage_month = u.usage_month AND v.currency = u.currency
    AND v.partner_program_id = u.partner_program_id AND v.program_terms_id = u.program_terms_id
CROSS JOIN LATERAL (SELECT CASE WHEN u.volume_rule IS NULL THEN u.base_rate ELSE v.rate END AS rate) b
CROSS JOIN LATERAL (SELECT least(b.rate, u.total_cap) AS basic,
                           least(b.rate + least(u.registered_rate, u.deal_cap)
                                 - CASE u.combination WHEN 'compound' THEN b.rate * least(u.registered_rate, u.deal_cap) ELSE 0 END,
                                 u.total_cap) AS total,
                           b.rate + coalesce(u.registered_rate, 0)
                           - CASE u.combination WHEN 'compound' THEN b.rate * coalesce(u.registered_rate, 0) ELSE 0 END AS uncut) c
CROSS JOIN LATERAL (SELECT CASE u.reason WHEN 'eligible' THEN c.basic ELSE 0 END AS basic_rate,
                           CASE WHEN u.reason = 'eligible' AND u.deal_id IS NOT NULL THEN c.total - c.basic ELSE 0 END AS deal_rate) r;
COMMENT ON VIEW usage_explained IS 'Per usage line: its reason, the rules that decided it, its rates and its exact bonus, computed relationally. Sums, with the adjustments of volume_explained, equal bonus_line to the last digit.';
COMMENT ON COLUMN usage_explained.partner_id IS 'The partner.';
COMMENT ON COLUMN usage_explained.usage_day IS 'Day of the usage.';
COMMENT ON COLUMN usage_explained.batch_id IS 'The load that brought the line.';
COMMENT ON COLUMN usage_explained.line_number IS 'Line of the file.';
COMMENT ON COLUMN usage_explained.account_id IS 'Billing account that consumed.';
COMMENT ON COLUMN usage_explained.service_id IS 'Service.';
COMMENT ON COLUMN usage_explained.sku_id IS 'SKU.';
COMMENT ON COLUMN usage_explained.charge_category IS 'Usage, Purchase, Adjustment or Credit.';
COMMENT ON COLUMN usage_explained.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN usage_explained.section IS 'customers or own.';
COMMENT ON COLUMN usage_explained.cost IS 'Cost before credits.';
COMMENT ON COLUMN usage_explained.grant_credit IS 'What a grant paid for.';
COMMENT ON COLUMN usage_explained.other_credit IS 'Other credits.';
COMMENT ON COLUMN usage_explained.base IS 'cost + grant_credit + other_credit.';
COMMENT ON COLUMN usage_explained.reason IS 'The one reason of the line''s day.';
COMMENT ON COLUMN usage_explained.link_id IS 'The link of the day, or NULL.';
COMMENT ON COLUMN usage_explained.partner_status_id IS 'The active status of the day, or NULL.';
COMMENT ON COLUMN usage_explained.partner_program_id IS 'The partner''s program of the day, or NULL.';
COMMENT ON COLUMN usage_explained.program_terms_id IS 'The terms of the day, or NULL.';
COMMENT ON COLUMN usage_explained.exclusion_id IS 'The exclusion or inclusion that decides, or NULL.';
COMMENT ON COLUMN usage_explained.deal_id IS 'The deal of the day, or NULL.';
COMMENT ON COLUMN usage_explained.basic_rate IS 'Basic rate that applied, after the cap; 0 without bonus.';
COMMENT ON COLUMN usage_explained.deal_rate IS 'The deal''s part that applied, after the caps; 0 without bonus.';
COMMENT ON COLUMN usage_explained.cap_cut IS 'What the caps cut off the rate: basic and registered rate as agreed, less what applied.';
COMMENT ON COLUMN usage_explained.bonus IS 'base * (basic_rate + deal_rate), exact.';
