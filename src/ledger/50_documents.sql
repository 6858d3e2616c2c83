-- Documents: the only place that rounds amounts. Per block (document and section) base and bonus are rounded once; every
-- smaller figure is a largest-remainder share of them, so every row and column foots.

CREATE VIEW printed_line WITH (security_invoker = true) AS
SELECT partner_id, billing_month, usage_month, currency, section, account_id, service_id, sku_id, charge_category,
       gross, grant_credit, other_credit, gross + grant_credit + other_credit AS base,
       basic_bonus, deal_bonus, basic_bonus + deal_bonus AS bonus,
       gross + grant_credit + other_credit - basic_bonus - deal_bonus AS payable, eligible_base
FROM (SELECT partner_id, billing_month, usage_month, currency, section, account_id, service_id, sku_id, charge_category, eligible_base,
             allocate(exact_gross, account_gross, rounding_scale) OVER line AS gross,
             allocate(exact_grant, account_grant, rounding_scale) OVER line AS grant_credit,
             allocate(exact_other, account_other, rounding_scale) OVER line AS other_credit,
             allocate(exact_basic, account_basic, rounding_scale) OVER line AS basic_bonus,
             allocate(exact_deal, account_deal, rounding_scale) OVER line AS deal_bonus
      FROM (SELECT a.*,
                   sum(first_gross) OVER account AS account_gross, sum(first_grant) OVER account AS account_grant,
                   sum(first_other) OVER account AS account_other, sum(first_basic) OVER account AS account_basic,
                   sum(first_deal) OVER account AS account_deal
            FROM (SELECT s.*,
                         -- an account's exact sum stands on its first line, zero on the others: a zero leaf stays zero
                         allocate(CASE WHEN line_number = 1 THEN sum_gross ELSE 0 END, base_leaf[1], rounding_scale) OVER block AS first_gross,
                         allocate(CASE WHEN line_number = 1 THEN sum_grant ELSE 0 END, base_leaf[2], rounding_scale) OVER block AS first_grant,
                         allocate(CASE WHEN line_number = 1 THEN sum_other ELSE 0 END, base_leaf[3], rounding_scale) OVER block AS first_other,
                         allocate(CASE WHEN line_number = 1 THEN sum_basic ELSE 0 END, bonus_leaf[1], rounding_scale) OVER block AS first_basic,
                         allocate(CASE WHEN line_number = 1 THEN sum_deal ELSE 0 END, bonus_leaf[2], rounding_scale) OVER block AS first_deal
                  FROM (SELECT e.*,
                               allocate(ARRAY[block_gross, block_grant, block_other],
                                        round_amount(block_gross + block_grant + block_other, rounding_scale, rounding_mode),
                                        rounding_scale) AS base_leaf,
                               allocate(ARRAY[block_basic, block_deal],
                                        round_amount(block_basic + block_deal, rounding_scale, rounding_mode),
                                        rounding_scale) AS bonus_leaf
                        FROM (SELECT f.*, first_value(terms_scale) OVER first_line AS rounding_scale,
                                     first_value(terms_mode) OVER first_line AS rounding_mode
                              FROM (SELECT x.*, coalesce(t.rounding_scale, c.minor_units)::integer AS terms_scale,
                                           coalesce(t.rounding_mode, 'half away from zero') AS terms_mode
                                    FROM (SELECT b.partner_id, b.billing_month, b.usage_month, b.currency, b.section, b.account_id,
                                                 b.service_id, b.sku_id, b.charge_category, b.eligible_base,
                                                 b.cost AS exact_gross, b.grant_credit AS exact_grant, b.other_credit AS exact_other,
                                                 b.basic_bonus AS exact_basic, b.deal_bonus AS exact_deal,
                                                 row_number() OVER (account ORDER BY b.service_id, b.sku_id, b.charge_category, b.usage_month) AS line_number,
                                                 row_number() OVER (block ORDER BY b.account_id, b.service_id, b.sku_id, b.charge_category, b.usage_month) AS block_line,
                                                 sum(b.cost) OVER account AS sum_gross, sum(b.grant_credit) OVER account AS sum_grant,
                                                 sum(b.other_credit) OVER account AS sum_other, sum(b.basic_bonus) OVER account AS sum_basic,
                                                 sum(b.deal_bonus) OVER account AS sum_deal,
                                                 sum(b.cost) OVER block AS block_gross, sum(b.grant_credit) OVER block AS block_grant,
                                                 sum(b.other_credit) OVER block AS block_other, sum(b.basic_bonus) OVER block AS block_basic,
                                                 sum(b.deal_bonus) OVER block AS block_deal,
                                                 bool_or(b.base <> 0) OVER (PARTITION BY b.partner_id, b.billing_month, b.currency) AS has_document
                                          FROM bonus_line b
                                          WINDOW block AS (PARTITION BY b.partner_id, b.billing_month, b.currency, b.section),
                                                 account AS (PARTITION BY b.partner_id, b.billing_month, b.currency, b.section, b.account_id)) x
                                    JOIN currency c ON c.currency = x.currency
                                    -- how the document is rounded: by the terms of the last day of its month that has any
                                    LEFT JOIN LATERAL (SELECT t.rounding_scale, t.rounding_mode
                                                       FROM partner_program pp
                                                       JOIN program_terms t ON t.program_id = pp.program_id AND is_known(t.recorded_at, t.superseded_at)
                                                       CROSS JOIN LATERAL (SELECT pp.validity * t.validity
                                                                                  * month_days(x.billing_month) AS days) m
                                                       WHERE pp.partner_id = x.partner_id AND is_known(pp.recorded_at, pp.superseded_at)
                                                         AND t.currency = x.currency AND NOT isempty(m.days)
                                                       ORDER BY upper(m.days) DESC
                                                       LIMIT 1) t ON x.block_line = 1
                                    WHERE x.has_document) f
                              WINDOW first_line AS (PARTITION BY partner_id, billing_month, currency, section ORDER BY block_line)) e) s
                  WINDOW block AS (PARTITION BY partner_id, billing_month, currency, section
                                   ORDER BY account_id, line_number)) a
            WINDOW account AS (PARTITION BY partner_id, billing_month, currency, section, account_id)) p
      WINDOW line AS (PARTITION BY partner_id, billing_month, currency, section, account_id
                      ORDER BY line_number)) l;
COMMENT ON VIEW printed_line IS 'Lines as documents print them, rounded by the terms of the last day of the month that has terms (without any: half away from zero to the currency''s minor unit): five leaves (gross, grant credit, other credit, basic bonus, deal bonus), each the floor or ceiling of its exact value, shared out block, then subaccount, then line. A month in which every base is 0 has no document and no lines here.';
COMMENT ON COLUMN printed_line.partner_id IS 'The partner.';
COMMENT ON COLUMN printed_line.billing_month IS 'First day of the document''s month.';
COMMENT ON COLUMN printed_line.usage_month IS 'First day of the month of the usage.';
COMMENT ON COLUMN printed_line.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN printed_line.section IS 'customers or own.';
COMMENT ON COLUMN printed_line.account_id IS 'Billing account.';
COMMENT ON COLUMN printed_line.service_id IS 'Service.';
COMMENT ON COLUMN printed_line.sku_id IS 'SKU.';
COMMENT ON COLUMN printed_line.charge_category IS 'Usage, Purchase, Adjustment or Credit.';
COMMENT ON COLUMN printed_line.gross IS 'Printed cost before credits.';
COMMENT ON COLUMN printed_line.grant_credit IS 'Printed grant credit.';
COMMENT ON COLUMN printed_line.other_credit IS 'Printed other credits.';
COMMENT ON COLUMN printed_line.base IS 'gross + grant_credit + other_credit.';
COMMENT ON COLUMN printed_line.basic_bonus IS 'Printed basic bonus.';
COMMENT ON COLUMN printed_line.deal_bonus IS 'Printed deal bonus.';
COMMENT ON COLUMN printed_line.bonus IS 'basic_bonus + deal_bonus.';
COMMENT ON COLUMN printed_line.payable IS 'base - bonus.';
COMMENT ON COLUMN printed_line.eligible_base IS 'The part of the line''s base that earns bonus; exact, not rounded.';

CREATE VIEW service_report WITH (security_invoker = true) AS
SELECT l.partner_id, l.billing_month, to_char(l.billing_month, 'YYYY-MM') AS month_label, l.currency, 'draft' AS status, l.section,
       l.account_id, coalesce(sa.name, p.name) AS account_name, l.service_id, CASE WHEN l.service_id IS NULL THEN 'Volume tiers' ELSE sv.name END AS service_name, l.sku_id, sk.name AS sku_name,
       l.charge_category, l.usage_month, l.gross, l.grant_credit, l.other_credit, l.base, l.basic_bonus, l.deal_bonus, l.bonus,
       l.payable,
       sum(l.payable * (l.section = 'customers')::integer)
           OVER (PARTITION BY l.partner_id, l.billing_month, l.currency) AS customers_total
FROM printed_line l
LEFT JOIN subaccount sa ON sa.account_id = l.account_id AND is_known(sa.recorded_at, sa.superseded_at)
LEFT JOIN partner p ON p.partner_id = l.partner_id AND l.section = 'own' AND is_known(p.recorded_at, p.superseded_at)
LEFT JOIN service sv ON sv.service_id = l.service_id AND is_known(sv.recorded_at, sv.superseded_at)
LEFT JOIN sku sk ON sk.sku_id = l.sku_id AND is_known(sk.recorded_at, sk.superseded_at);
COMMENT ON VIEW service_report IS 'The act of services rendered: every printed line of a document.';
COMMENT ON COLUMN service_report.partner_id IS 'The partner.';
COMMENT ON COLUMN service_report.billing_month IS 'First day of the document''s month.';
COMMENT ON COLUMN service_report.month_label IS 'The month as text (YYYY-MM), for tools that shift dates between time zones.';
COMMENT ON COLUMN service_report.currency IS 'The document''s currency, ISO 4217.';
COMMENT ON COLUMN service_report.status IS 'draft until the month is closed.';
COMMENT ON COLUMN service_report.section IS 'customers or own.';
COMMENT ON COLUMN service_report.account_id IS 'Billing account.';
COMMENT ON COLUMN service_report.account_name IS 'Its name in the ledger.';
COMMENT ON COLUMN service_report.service_id IS 'Service.';
COMMENT ON COLUMN service_report.service_name IS 'Its name in the catalogue; Volume tiers for the line without an account that graduated tiers make.';
COMMENT ON COLUMN service_report.sku_id IS 'SKU.';
COMMENT ON COLUMN service_report.sku_name IS 'Its name in the catalogue.';
COMMENT ON COLUMN service_report.charge_category IS 'Usage, Purchase, Adjustment or Credit.';
COMMENT ON COLUMN service_report.usage_month IS 'First day of the month of the usage.';
COMMENT ON COLUMN service_report.gross IS 'Printed cost before credits.';
COMMENT ON COLUMN service_report.grant_credit IS 'Printed grant credit.';
COMMENT ON COLUMN service_report.other_credit IS 'Printed other credits.';
COMMENT ON COLUMN service_report.base IS 'gross + grant_credit + other_credit.';
COMMENT ON COLUMN service_report.basic_bonus IS 'Printed basic bonus.';
COMMENT ON COLUMN service_report.deal_bonus IS 'Printed deal bonus.';
COMMENT ON COLUMN service_report.bonus IS 'basic_bonus + deal_bonus.';
COMMENT ON COLUMN service_report.payable IS 'base - bonus.';
COMMENT ON COLUMN service_report.customers_total IS 'What the partner pays for its customers, discount included: the same on all three documents.';

CREATE VIEW payment_invoice WITH (security_invoker = true) AS
SELECT partner_id, billing_month, to_char(billing_month, 'YYYY-MM') AS month_label, currency, 'draft' AS status, gross, grant_credit,
       other_credit, base, eligible_base, basic_bonus, deal_bonus, bonus AS absolute_discount,
       relative_discount(bonus, base) AS relative_discount,
       relative_discount(bonus, eligible_base) AS relative_discount_eligible,
       customers_total, own_total, customers_total + own_total AS document_total
FROM (SELECT partner_id, billing_month, currency,
             sum(gross * (section = 'customers')::integer) AS gross,
             sum(grant_credit * (section = 'customers')::integer) AS grant_credit,
             sum(other_credit * (section = 'customers')::integer) AS other_credit,
             sum(base * (section = 'customers')::integer) AS base,
             sum(basic_bonus) AS basic_bonus, sum(deal_bonus) AS deal_bonus, sum(bonus) AS bonus,
             sum(payable * (section = 'customers')::integer) AS customers_total,
             sum(payable * (section = 'own')::integer) AS own_total,
             sum(eligible_base) AS eligible_base
      FROM printed_line
      GROUP BY partner_id, billing_month, currency) d;
COMMENT ON VIEW payment_invoice IS 'What the partner pays: one row per document (partner, month, currency).';
COMMENT ON COLUMN payment_invoice.partner_id IS 'The partner.';
COMMENT ON COLUMN payment_invoice.billing_month IS 'First day of the document''s month.';
COMMENT ON COLUMN payment_invoice.month_label IS 'The month as text (YYYY-MM), for tools that shift dates between time zones.';
COMMENT ON COLUMN payment_invoice.currency IS 'The document''s currency, ISO 4217.';
COMMENT ON COLUMN payment_invoice.status IS 'draft until the month is closed.';
COMMENT ON COLUMN payment_invoice.gross IS 'Customers: printed cost before credits.';
COMMENT ON COLUMN payment_invoice.grant_credit IS 'Customers: printed grant credit.';
COMMENT ON COLUMN payment_invoice.other_credit IS 'Customers: printed other credits.';
COMMENT ON COLUMN payment_invoice.base IS 'Customers: gross + grant_credit + other_credit.';
COMMENT ON COLUMN payment_invoice.eligible_base IS 'The part of the base that earns bonus; exact, not rounded.';
COMMENT ON COLUMN payment_invoice.basic_bonus IS 'Printed basic bonus.';
COMMENT ON COLUMN payment_invoice.deal_bonus IS 'Printed deal bonus.';
COMMENT ON COLUMN payment_invoice.absolute_discount IS 'Printed bonus: basic_bonus + deal_bonus.';
COMMENT ON COLUMN payment_invoice.relative_discount IS 'absolute_discount / base as a fraction with six decimals (0.2 is 20 %); NULL when the base is 0.';
COMMENT ON COLUMN payment_invoice.relative_discount_eligible IS 'absolute_discount / eligible_base, likewise.';
COMMENT ON COLUMN payment_invoice.customers_total IS 'base - absolute_discount: the customers'' total, the same on all three documents.';
COMMENT ON COLUMN payment_invoice.own_total IS 'What the partner pays for its own consumption.';
COMMENT ON COLUMN payment_invoice.document_total IS 'customers_total + own_total.';

CREATE VIEW regular_invoice WITH (security_invoker = true) AS
SELECT l.partner_id, l.billing_month, to_char(l.billing_month, 'YYYY-MM') AS month_label, l.currency, 'draft' AS status, l.section,
       l.service_id, CASE WHEN l.service_id IS NULL THEN 'Volume tiers' ELSE sv.name END AS service_name, l.gross, l.grant_credit, l.other_credit, l.base, l.bonus, l.payable,
       sum(l.payable * (l.section = 'customers')::integer) OVER document AS customers_total,
       sum(l.payable) OVER document AS document_total
FROM (SELECT partner_id, billing_month, currency, section, service_id, sum(gross) AS gross, sum(grant_credit) AS grant_credit,
             sum(other_credit) AS other_credit, sum(base) AS base, sum(bonus) AS bonus, sum(payable) AS payable
      FROM printed_line
      GROUP BY partner_id, billing_month, currency, section, service_id) l
LEFT JOIN service sv ON sv.service_id = l.service_id AND is_known(sv.recorded_at, sv.superseded_at)
WINDOW document AS (PARTITION BY l.partner_id, l.billing_month, l.currency);
COMMENT ON VIEW regular_invoice IS 'The invoice by service: one row per document, section and service; printed amounts.';
COMMENT ON COLUMN regular_invoice.partner_id IS 'The partner.';
COMMENT ON COLUMN regular_invoice.billing_month IS 'First day of the document''s month.';
COMMENT ON COLUMN regular_invoice.month_label IS 'The month as text (YYYY-MM), for tools that shift dates between time zones.';
COMMENT ON COLUMN regular_invoice.currency IS 'The document''s currency, ISO 4217.';
COMMENT ON COLUMN regular_invoice.status IS 'draft until the month is closed.';
COMMENT ON COLUMN regular_invoice.section IS 'customers or own.';
COMMENT ON COLUMN regular_invoice.service_id IS 'Service.';
COMMENT ON COLUMN regular_invoice.service_name IS 'Its name in the catalogue; Volume tiers for what graduated tiers give less.';
COMMENT ON COLUMN regular_invoice.gross IS 'Printed cost before credits.';
COMMENT ON COLUMN regular_invoice.grant_credit IS 'Printed grant credit.';
COMMENT ON COLUMN regular_invoice.other_credit IS 'Printed other credits.';
COMMENT ON COLUMN regular_invoice.base IS 'gross + grant_credit + other_credit.';
COMMENT ON COLUMN regular_invoice.bonus IS 'Printed bonus.';
COMMENT ON COLUMN regular_invoice.payable IS 'base - bonus.';
COMMENT ON COLUMN regular_invoice.customers_total IS 'The customers'' total of the document, discount included.';
COMMENT ON COLUMN regular_invoice.document_total IS 'The document''s total.';
