-- Proofs: what must always be true, as queries for what is not. An empty answer means sound.

-- Rules, checked as they lie in the tables: constraints and triggers keep them so, this shows that they did.
CREATE VIEW rule_violation WITH (security_invoker = true) AS
WITH dated AS (
    SELECT 'program_terms' AS table_name, concat_ws(' ', program_id, currency) AS key, program_terms_id::text AS id, validity FROM program_terms WHERE superseded_at = 'infinity'
    UNION ALL SELECT 'program_period', program_id, program_period_id::text, validity FROM program_period WHERE superseded_at = 'infinity'
    UNION ALL SELECT 'exclusion', format('%s %s %s %s %s', program_id, account_id, service_id, sku_id, charge_category), exclusion_id::text, validity FROM exclusion WHERE superseded_at = 'infinity'
    UNION ALL SELECT 'partner_program', partner_id, partner_program_id::text, validity FROM partner_program WHERE superseded_at = 'infinity'
    UNION ALL SELECT 'partner_status', partner_id, partner_status_id::text, validity FROM partner_status WHERE superseded_at = 'infinity'
    UNION ALL SELECT 'subaccount_status', account_id, subaccount_status_id::text, validity FROM subaccount_status WHERE superseded_at = 'infinity'
    UNION ALL SELECT 'subaccount_link', account_id, link_id::text, validity FROM subaccount_link WHERE superseded_at = 'infinity'
    UNION ALL SELECT 'deal', link_id::text, deal_id::text, validity FROM deal WHERE superseded_at = 'infinity' AND link_id IS NOT NULL
    UNION ALL SELECT 'vat_rate', concat_ws(' ', country, currency), vat_rate_id::text, validity FROM vat_rate WHERE superseded_at = 'infinity'
    UNION ALL SELECT 'settlement_terms', concat_ws(' ', partner_id, currency), settlement_terms_id::text, validity FROM settlement_terms WHERE superseded_at = 'infinity'
    UNION ALL SELECT 'grant_balance', format('%s %s %s', partner_id, account_id, currency), grant_balance_id::text, validity FROM grant_balance WHERE superseded_at = 'infinity'
    UNION ALL SELECT 'commission_terms', concat_ws(' ', program_id, currency, kind), commission_terms_id::text, validity FROM commission_terms WHERE superseded_at = 'infinity'
    UNION ALL SELECT 'commission_right', concat_ws(' ', partner_id, account_id, kind), commission_right_id::text, validity FROM commission_right WHERE superseded_at = 'infinity'
), sequence AS (
    SELECT d.*, lag(validity) OVER (PARTITION BY table_name, key ORDER BY validity) AS earlier,
           lag(id) OVER (PARTITION BY table_name, key ORDER BY validity) AS earlier_id
    FROM dated d
), version AS (
    SELECT table_name, id, recorded_at, superseded_at
    FROM (SELECT 'program' AS table_name, program_id AS id, recorded_at, superseded_at FROM program
          UNION ALL SELECT 'program_terms', program_terms_id::text, recorded_at, superseded_at FROM program_terms
          UNION ALL SELECT 'program_tier', program_tier_id::text, recorded_at, superseded_at FROM program_tier
          UNION ALL SELECT 'program_period', program_period_id::text, recorded_at, superseded_at FROM program_period
          UNION ALL SELECT 'holiday', concat_ws(' ', program_id, day), recorded_at, superseded_at FROM holiday
          UNION ALL SELECT 'exclusion', exclusion_id::text, recorded_at, superseded_at FROM exclusion
          UNION ALL SELECT 'partner', partner_id, recorded_at, superseded_at FROM partner
          UNION ALL SELECT 'partner_program', partner_program_id::text, recorded_at, superseded_at FROM partner_program
          UNION ALL SELECT 'partner_status', partner_status_id::text, recorded_at, superseded_at FROM partner_status
          UNION ALL SELECT 'subaccount', account_id, recorded_at, superseded_at FROM subaccount
          UNION ALL SELECT 'subaccount_status', subaccount_status_id::text, recorded_at, superseded_at FROM subaccount_status
          UNION ALL SELECT 'subaccount_link', link_id::text, recorded_at, superseded_at FROM subaccount_link
          UNION ALL SELECT 'deal', deal_id::text, recorded_at, superseded_at FROM deal
          UNION ALL SELECT 'presale_request', presale_request_id::text, recorded_at, superseded_at FROM presale_request
          UNION ALL SELECT 'service', service_id, recorded_at, superseded_at FROM service
          UNION ALL SELECT 'vat_rate', vat_rate_id::text, recorded_at, superseded_at FROM vat_rate
          UNION ALL SELECT 'settlement_terms', settlement_terms_id::text, recorded_at, superseded_at FROM settlement_terms
          UNION ALL SELECT 'grant_balance', grant_balance_id::text, recorded_at, superseded_at FROM grant_balance
          UNION ALL SELECT 'commission_terms', commission_terms_id::text, recorded_at, superseded_at FROM commission_terms
          UNION ALL SELECT 'commission_right', commission_right_id::text, recorded_at, superseded_at FROM commission_right
          UNION ALL SELECT 'sku', sku_id, recorded_at, superseded_at FROM sku) v
), reference (table_name, id, parent_table, parent) AS (
    SELECT 'program_terms', program_terms_id::text, 'program', program_id FROM program_terms WHERE superseded_at = 'infinity'
    UNION ALL SELECT 'program_tier', program_tier_id::text, 'program_terms', program_terms_id::text FROM program_tier WHERE superseded_at = 'infinity'
    UNION ALL SELECT 'program_period', program_period_id::text, 'program', program_id FROM program_period WHERE superseded_at = 'infinity'
    UNION ALL SELECT 'holiday', concat_ws(' ', program_id, day), 'program', program_id FROM holiday WHERE superseded_at = 'infinity'
    UNION ALL SELECT 'exclusion', exclusion_id::text, 'program', program_id FROM exclusion WHERE superseded_at = 'infinity'
    UNION ALL SELECT 'exclusion', exclusion_id::text, 'subaccount', account_id FROM exclusion WHERE superseded_at = 'infinity'
    UNION ALL SELECT 'exclusion', exclusion_id::text, 'service', service_id FROM exclusion WHERE superseded_at = 'infinity'
    UNION ALL SELECT 'exclusion', exclusion_id::text, 'sku', sku_id FROM exclusion WHERE superseded_at = 'infinity'
    UNION ALL SELECT 'partner_program', partner_program_id::text, 'partner', partner_id FROM partner_program WHERE superseded_at = 'infinity'
    UNION ALL SELECT 'partner_program', partner_program_id::text, 'program', program_id FROM partner_program WHERE superseded_at = 'infinity'
    UNION ALL SELECT 'partner_status', partner_status_id::text, 'partner', partner_id FROM partner_status WHERE superseded_at = 'infinity'
    UNION ALL SELECT 'subaccount_status', subaccount_status_id::text, 'subaccount', account_id FROM subaccount_status WHERE superseded_at = 'infinity'
    UNION ALL SELECT 'subaccount_link', link_id::text, 'partner', partner_id FROM subaccount_link WHERE superseded_at = 'infinity'
    UNION ALL SELECT 'subaccount_link', link_id::text, 'subaccount', account_id FROM subaccount_link WHERE superseded_at = 'infinity'
    UNION ALL SELECT 'deal', deal_id::text, 'partner', partner_id FROM deal WHERE superseded_at = 'infinity'
    UNION ALL SELECT 'deal', deal_id::text, 'subaccount_link', link_id::text FROM deal WHERE superseded_at = 'infinity'
    UNION ALL SELECT 'presale_request', presale_request_id::text, 'partner', partner_id FROM presale_request WHERE superseded_at = 'infinity'
    UNION ALL SELECT 'sku', sku_id, 'service', service_id FROM sku WHERE superseded_at = 'infinity'
    UNION ALL SELECT 'settlement_terms', settlement_terms_id::text, 'partner', partner_id FROM settlement_terms WHERE superseded_at = 'infinity'
    UNION ALL SELECT 'grant_balance', grant_balance_id::text, 'partner', partner_id FROM grant_balance WHERE superseded_at = 'infinity'
    UNION ALL SELECT 'grant_balance', grant_balance_id::text, 'subaccount', account_id FROM grant_balance WHERE superseded_at = 'infinity'
    UNION ALL SELECT 'commission_terms', commission_terms_id::text, 'program', program_id FROM commission_terms WHERE superseded_at = 'infinity'
    UNION ALL SELECT 'commission_right', commission_right_id::text, 'partner', partner_id FROM commission_right WHERE superseded_at = 'infinity'
    UNION ALL SELECT 'commission_right', commission_right_id::text, 'subaccount', account_id FROM commission_right WHERE superseded_at = 'infinity'
)
SELECT 'overlap' AS invariant, s.table_name || ' ' || s.id AS subject, format('%s: %s overlaps %s of %s', s.key, s.validity, s.earlier, s.earlier_id) AS detail
FROM sequence s WHERE s.validity && s.earlier
UNION ALL
SELECT 'gap', s.table_name || ' ' || s.id, format('%s: nothing holds between %s and %s', s.key, s.earlier, s.validity)
FROM sequence s
WHERE s.table_name IN ('program_terms', 'partner_status', 'subaccount_status') AND s.earlier << s.validity AND NOT s.earlier -|- s.validity
UNION ALL
SELECT 'active partner without terms', 'partner ' || a.partner_id, format('active, but without any terms for %s', a.days)
FROM (SELECT s.partner_id, range_agg(s.validity) - coalesce((SELECT range_agg(t.days) FROM partner_terms t WHERE t.partner_id = s.partner_id), '{}') AS days
      FROM partner_status s
      WHERE s.superseded_at = 'infinity' AND s.status = 'active'
      GROUP BY s.partner_id) a
WHERE a.days <> '{}'
UNION ALL
SELECT 'version chain', v.table_name || ' ' || v.id, format('recorded at %s, superseded at %s', v.recorded_at, v.superseded_at)
FROM version v WHERE v.recorded_at >= v.superseded_at
UNION ALL
SELECT 'version chain', v.table_name || ' ' || v.id, format('two versions from %s to %s', v.recorded_at, v.earlier)
FROM (SELECT v.*, lag(v.superseded_at) OVER (PARTITION BY v.table_name, v.id ORDER BY v.recorded_at, v.superseded_at) AS earlier FROM version v) v
WHERE v.recorded_at < v.earlier
UNION ALL
SELECT 'reference', r.table_name || ' ' || r.id, format('there is no %s %s', r.parent_table, r.parent)
FROM reference r
WHERE r.parent IS NOT NULL
  AND NOT EXISTS (SELECT FROM version v WHERE v.table_name = r.parent_table AND v.id = r.parent AND v.superseded_at = 'infinity')
UNION ALL
SELECT 'audit', v.table_name || ' ' || v.id, format('the version recorded at %s is not in rule_change', v.recorded_at)
FROM version v
WHERE v.superseded_at = 'infinity'
  AND NOT EXISTS (SELECT FROM rule_change c WHERE c.table_name = v.table_name AND c.changed_at = v.recorded_at AND c.new_row IS NOT NULL)
UNION ALL
SELECT 'illegal transition', s.table_name || ' ' || s.id, format('%s follows %s on %s', s.status, s.earlier_status, lower(s.validity))
FROM (SELECT x.*, lag(x.status) OVER (PARTITION BY x.table_name, x.key ORDER BY x.validity) AS earlier_status,
             lag(x.validity) OVER (PARTITION BY x.table_name, x.key ORDER BY x.validity) AS earlier
      FROM (SELECT 'partner_status' AS table_name, partner_id AS key, partner_status_id::text AS id, status, validity FROM partner_status WHERE superseded_at = 'infinity'
            UNION ALL
            SELECT 'subaccount_status', account_id, subaccount_status_id::text, status, validity FROM subaccount_status WHERE superseded_at = 'infinity') x) s
WHERE s.validity -|- s.earlier AND s.status <> s.earlier_status
  AND NOT EXISTS (SELECT FROM status_transition t
                  WHERE t.subject = split_part(s.table_name, '_', 1) AND t.from_status = s.earlier_status AND t.to_status = s.status)
UNION ALL
SELECT 'rate', 'program_terms ' || program_terms_id, format('base rate %s, deal cap %s, total cap %s', base_rate, deal_cap, total_cap)
FROM program_terms
WHERE superseded_at = 'infinity' AND NOT (base_rate BETWEEN 0 AND 1 AND deal_cap BETWEEN 0 AND 1 AND total_cap BETWEEN 0 AND 1)
UNION ALL
SELECT 'rate', 'program_tier ' || program_tier_id, format('rate %s', rate) FROM program_tier WHERE superseded_at = 'infinity' AND NOT rate BETWEEN 0 AND 1
UNION ALL
SELECT 'tiers without a volume rule', 'program_tier ' || t.program_tier_id, format('terms %s have no volume rule', t.program_terms_id)
FROM program_tier t
JOIN program_terms p ON p.program_terms_id = t.program_terms_id AND p.superseded_at = 'infinity' AND p.volume_rule IS NULL
WHERE t.superseded_at = 'infinity'
UNION ALL
SELECT 'deal above cap', 'deal ' || d.deal_id, format('rate %s; terms %s allow %s on %s', d.rate, t.program_terms_id, t.deal_cap, d.validity * l.validity * t.days)
FROM deal d
JOIN subaccount_link l ON l.link_id = d.link_id AND l.superseded_at = 'infinity'
JOIN partner_terms t ON t.partner_id = l.partner_id AND t.deal_cap < d.rate AND NOT isempty(d.validity * l.validity * t.days)
WHERE d.superseded_at = 'infinity'
UNION ALL
SELECT 'deal of another partner', 'deal ' || d.deal_id, format('the deal is one of %s, its link one of %s', d.partner_id, l.partner_id)
FROM deal d
JOIN subaccount_link l ON l.link_id = d.link_id AND l.superseded_at = 'infinity' AND l.partner_id <> d.partner_id
WHERE d.superseded_at = 'infinity'
UNION ALL
SELECT 'deal outside its link', 'deal ' || d.deal_id, format('valid for %s, linked for %s', d.validity, l.validity)
FROM deal d
JOIN subaccount_link l ON l.link_id = d.link_id AND l.superseded_at = 'infinity' AND NOT d.validity && l.validity
WHERE d.superseded_at = 'infinity'
UNION ALL
SELECT 'deal active before its approval', 'deal ' || deal_id, format('approved on %s, valid for %s', approved_on, validity)
FROM deal
WHERE superseded_at = 'infinity' AND (lower(validity) < approved_on OR (validity IS NOT NULL AND submitted_on IS NOT NULL AND approved_on IS NULL))
UNION ALL
SELECT 'own account as subaccount', 'subaccount_link ' || l.link_id, format('%s is the own account of %s', l.account_id, p.partner_id)
FROM subaccount_link l
JOIN partner p ON p.billing_account_id = l.account_id AND p.superseded_at = 'infinity'
WHERE l.superseded_at = 'infinity';
COMMENT ON VIEW rule_violation IS 'Broken invariants of the rule tables; none when all is sound.';
COMMENT ON COLUMN rule_violation.invariant IS 'What should be true.';
COMMENT ON COLUMN rule_violation.subject IS 'Table and id of the row at fault.';
COMMENT ON COLUMN rule_violation.detail IS 'What is wrong with it.';

-- Figures: two roads to the same line, parts that add up, leaves next to their exact values.
CREATE VIEW figure_violation WITH (security_invoker = true) AS
SELECT 'line identity' AS invariant, concat_ws(' ', l.partner_id, l.billing_month, l.account_id, l.service_id, l.sku_id, l.charge_category, l.currency) AS subject,
       format('cost %s is not -grant %s - other %s + reasons %s', l.cost, l.grant_credit, l.other_credit, r.base) AS detail
FROM bonus_line l
LEFT JOIN (SELECT partner_id, billing_month, usage_month, currency, section, account_id, service_id, sku_id, charge_category, sum(base) AS base
           FROM bonus_line_reason
           GROUP BY partner_id, billing_month, usage_month, currency, section, account_id, service_id, sku_id, charge_category) r
    USING (partner_id, billing_month, usage_month, currency, section, account_id, service_id, sku_id, charge_category)
WHERE l.kind = 'usage' AND l.cost <> -l.grant_credit - l.other_credit + coalesce(r.base, 0)
UNION ALL
SELECT 'two paths', concat_ws(' ', partner_id, usage_month, account_id, service_id, sku_id, charge_category, currency),
       format('by series %s, by line %s', b.bonus, x.bonus)
FROM (SELECT partner_id, usage_month, account_id, service_id, sku_id, charge_category, currency, sum(bonus) AS bonus
      FROM bonus_line
      WHERE kind = 'usage'
      GROUP BY partner_id, usage_month, account_id, service_id, sku_id, charge_category, currency) b
FULL JOIN (SELECT partner_id, billing_month(usage_day) AS usage_month, account_id, service_id, sku_id, charge_category, currency, sum(bonus) AS bonus
           FROM usage_explained
           GROUP BY partner_id, billing_month(usage_day), account_id, service_id, sku_id, charge_category, currency) x
    USING (partner_id, usage_month, account_id, service_id, sku_id, charge_category, currency)
WHERE coalesce(b.bonus, 0) <> coalesce(x.bonus, 0)
UNION ALL
SELECT 'two paths', concat_ws(' ', partner_id, usage_month, currency, 'volume tiers'), format('by series %s, by line %s', b.adjustment, x.adjustment)
FROM (SELECT partner_id, usage_month, currency, sum(adjustment) AS adjustment FROM volume_bonus GROUP BY partner_id, usage_month, currency) b
FULL JOIN (SELECT partner_id, usage_month, currency, sum(adjustment) AS adjustment FROM volume_explained GROUP BY partner_id, usage_month, currency) x
    USING (partner_id, usage_month, currency)
WHERE coalesce(b.adjustment, 0) <> coalesce(x.adjustment, 0)
UNION ALL
SELECT 'printed line', concat_ws(' ', partner_id, billing_month, account_id, service_id, sku_id, charge_category, currency),
       format('gross %s, grant %s, other %s, base %s, basic %s, deal %s, bonus %s, payable %s', gross, grant_credit, other_credit, base, basic_bonus,
              deal_bonus, bonus, payable)
FROM printed_line
WHERE gross + grant_credit + other_credit <> base OR basic_bonus + deal_bonus <> bonus OR base - bonus <> payable
UNION ALL
SELECT 'printed document', concat_ws(' ', d.partner_id, d.billing_month, d.currency, d.section, d.vat_category, d.vat_rate),
       format('base %s for exactly %s, bonus %s for exactly %s, scale %s', d.base, e.base, d.bonus, e.bonus, d.scale)
FROM (SELECT partner_id, billing_month, currency, section, vat_category, vat_rate, vat_included, sum(base) AS base, sum(bonus) AS bonus, max(scale(base)) AS scale
      FROM printed_line
      GROUP BY partner_id, billing_month, currency, section, vat_category, vat_rate, vat_included) d
JOIN (SELECT partner_id, billing_month, currency, section, vat_category, vat_rate, vat_included, sum(cost + grant_credit + other_credit) AS base,
             sum(basic_bonus + deal_bonus) AS bonus
      FROM taxed_line
      GROUP BY partner_id, billing_month, currency, section, vat_category, vat_rate, vat_included) e
    USING (partner_id, billing_month, currency, section, vat_category, vat_rate, vat_included)
WHERE greatest(abs(d.base - e.base), abs(d.bonus - e.bonus)) >= 10::numeric ^ -d.scale
UNION ALL
SELECT 'printed totals', concat_ws(' ', i.partner_id, i.billing_month, i.currency), format('lines %s, document %s', l.payable, i.document_total)
FROM payment_invoice i
JOIN (SELECT partner_id, billing_month, currency, sum(payable) AS payable FROM service_report GROUP BY partner_id, billing_month, currency) l
    USING (partner_id, billing_month, currency)
WHERE l.payable <> i.document_total;
COMMENT ON VIEW figure_violation IS 'Broken invariants of lines and documents; none when all is sound.';
COMMENT ON COLUMN figure_violation.invariant IS 'What should be true.';
COMMENT ON COLUMN figure_violation.subject IS 'Partner, month and line at fault.';
COMMENT ON COLUMN figure_violation.detail IS 'The figures.';

-- Usage: packs are what they are said to be, and versions follow each other without gaps.
CREATE VIEW usage_violation WITH (security_invoker = true) AS
SELECT 'usage digest' AS invariant, concat_ws(' ', 'usage_day', partner_id, source, usage_day, part, recorded_at) AS subject,
       format('%s lines, digest %s; said to be %s, %s', line_count(lines), content_digest(lines), line_count, digest) AS detail
FROM usage_day
WHERE line_count <> line_count(lines) OR digest <> content_digest(lines)
UNION ALL
SELECT DISTINCT 'usage of a partner', 'usage_day ' || partner_id, 'there is no such partner'
FROM usage_day d
WHERE NOT EXISTS (SELECT FROM partner p WHERE p.partner_id = d.partner_id AND p.superseded_at = 'infinity')
UNION ALL
SELECT 'directory sums', concat_ws(' ', 'usage_day', d.partner_id, d.source, d.usage_day, d.part, d.recorded_at),
       format('directory %s, lines %s', d.sums, l.sums)
FROM (SELECT u.*, ROW(sum(cost(e.consumption)), sum(grant_credit(e.consumption)), sum(other_credit(e.consumption)), sum(e.reward), sum(e.lines)) AS sums
      FROM usage_day u
      CROSS JOIN LATERAL (SELECT consumption_map_agg(p.lines, p.usage_day, 1) AS map FROM (VALUES (u.lines, u.usage_day)) p (lines, usage_day)) m
      CROSS JOIN LATERAL entries(m.map) e
      GROUP BY u.partner_id, u.source, u.usage_day, u.part, u.recorded_at) d
CROSS JOIN LATERAL (SELECT ROW(sum(k.cost), sum(k.monetary_grant_credit), sum(k.credit - k.monetary_grant_credit), sum(k.reward), count(*)::numeric) AS sums
                    FROM lines(d.lines) k) l
WHERE d.sums IS DISTINCT FROM l.sums
UNION ALL
SELECT 'usage versions', concat_ws(' ', 'usage_day', partner_id, source, usage_day, recorded_at),
       format('superseded at %s, but nothing was recorded then', superseded_at)
FROM usage_day d
WHERE superseded_at <> 'infinity'
  AND NOT EXISTS (SELECT FROM usage_day n
                  WHERE n.partner_id = d.partner_id AND n.source = d.source AND n.usage_day = d.usage_day AND n.recorded_at >= d.superseded_at)
UNION ALL
SELECT 'usage versions', concat_ws(' ', 'usage_day', a.partner_id, a.source, a.usage_day, a.recorded_at),
       format('current beside the version of %s', b.recorded_at)
FROM usage_day a
JOIN usage_day b ON b.partner_id = a.partner_id AND b.source = a.source AND b.usage_day = a.usage_day AND b.recorded_at < a.recorded_at
    AND b.superseded_at > a.recorded_at;
COMMENT ON VIEW usage_violation IS 'Broken invariants of stored usage; none when all is sound. Reads every line of every version.';
COMMENT ON COLUMN usage_violation.invariant IS 'What should be true.';
COMMENT ON COLUMN usage_violation.subject IS 'Table and key of the row at fault.';
COMMENT ON COLUMN usage_violation.detail IS 'What is wrong with it.';

CREATE FUNCTION verify() RETURNS TABLE (invariant text, subject text, detail text)
LANGUAGE sql STABLE SET search_path FROM CURRENT SET jit = off
BEGIN ATOMIC
    SELECT invariant, subject, detail FROM rule_violation
    UNION ALL
    SELECT invariant, subject, detail FROM figure_violation
    UNION ALL
    SELECT invariant, subject, detail FROM usage_violation
    UNION ALL
    SELECT invariant, subject, detail FROM document_violation
    UNION ALL
    SELECT invariant, subject, detail FROM settlement_violation
    UNION ALL
    SELECT invariant, subject, detail FROM rebate_violation
    UNION ALL
    SELECT invariant, subject, detail FROM focus_violation
    ORDER BY 1, 2, 3;
END;
COMMENT ON FUNCTION verify() IS 'All invariants of the ledger: one row per violation, none when it is sound. Reads everything; for one month or partner ask rule_violation, figure_violation and usage_violation with a WHERE.';
