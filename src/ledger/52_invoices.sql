-- Documents as people read them: drafts of open months and what was issued for closed ones, with the same columns.

-- Issued lines show the names that were on record when they were issued.
CREATE VIEW invoice_line WITH (security_invoker = true) AS
SELECT l.partner_id, l.billing_month, l.currency, 'draft' AS status, NULL::bigint AS document_id, NULL::integer AS line_number, l.section, l.vat_category, l.vat_rate,
       l.vat_included, l.account_id, coalesce(sa.name, p.name) AS account_name, l.service_id, sv.name AS service_name, l.sku_id, sk.name AS sku_name,
       l.charge_category, l.usage_month, l.kind, l.corrects_month, l.correction, l.reasons, l.gross, l.grant_credit, l.other_credit, l.base, l.basic_bonus,
       l.deal_bonus, l.bonus, l.payable, l.taxable, l.eligible_base, l.consumption, l.basic_schedule, l.deal_schedule, l.rounding_scale, l.rounding_mode
FROM printed_line l
LEFT JOIN subaccount sa ON sa.account_id = l.account_id AND is_known(sa.recorded_at, sa.superseded_at)
LEFT JOIN partner p ON p.partner_id = l.partner_id AND l.section = 'own' AND is_known(p.recorded_at, p.superseded_at)
LEFT JOIN service sv ON sv.service_id = l.service_id AND is_known(sv.recorded_at, sv.superseded_at)
LEFT JOIN sku sk ON sk.sku_id = l.sku_id AND is_known(sk.recorded_at, sk.superseded_at)
WHERE l.billing_month >= first_open_month(l.partner_id)
UNION ALL
SELECT d.partner_id, d.billing_month, d.currency, 'issued', d.document_id, l.line_number, l.section, l.vat_category, l.vat_rate, l.vat_included,
       l.account_id, coalesce(sa.name, p.name), l.service_id, sv.name, l.sku_id, sk.name, l.charge_category, l.usage_month, l.kind, l.corrects_month,
       l.correction, l.reasons, l.gross, l.grant_credit, l.other_credit, l.gross + l.grant_credit + l.other_credit, l.basic_bonus, l.deal_bonus,
       l.basic_bonus + l.deal_bonus, l.gross + l.grant_credit + l.other_credit - l.basic_bonus - l.deal_bonus, l.taxable, l.eligible_base, l.consumption,
       l.basic_schedule, l.deal_schedule, d.rounding_scale, d.rounding_mode
FROM document d
JOIN document_line l ON l.document_id = d.document_id
LEFT JOIN subaccount sa ON sa.account_id = l.account_id AND sa.recorded_at <= d.issued_at AND sa.superseded_at > d.issued_at
LEFT JOIN partner p ON p.partner_id = d.partner_id AND l.section = 'own' AND p.recorded_at <= d.issued_at AND p.superseded_at > d.issued_at
LEFT JOIN service sv ON sv.service_id = l.service_id AND sv.recorded_at <= d.issued_at AND sv.superseded_at > d.issued_at
LEFT JOIN sku sk ON sk.sku_id = l.sku_id AND sk.recorded_at <= d.issued_at AND sk.superseded_at > d.issued_at
WHERE d.kind = 'invoice' AND d.issued_at <= known_at();
COMMENT ON VIEW invoice_line IS 'Lines of drafts and issued documents; the views of documents read these. Credit notes are in document and document_line.';
COMMENT ON COLUMN invoice_line.partner_id IS 'The partner.';
COMMENT ON COLUMN invoice_line.billing_month IS 'First day of the document''s month.';
COMMENT ON COLUMN invoice_line.currency IS 'The document''s currency, ISO 4217.';
COMMENT ON COLUMN invoice_line.status IS 'draft until the month is closed, then issued.';
COMMENT ON COLUMN invoice_line.document_id IS 'The document; NULL for a draft.';
COMMENT ON COLUMN invoice_line.line_number IS 'Its line; NULL for a draft.';
COMMENT ON COLUMN invoice_line.section IS 'customers or own.';
COMMENT ON COLUMN invoice_line.vat_category IS 'EN 16931 code; missing when a draft has no rate for it.';
COMMENT ON COLUMN invoice_line.vat_rate IS 'A fraction.';
COMMENT ON COLUMN invoice_line.vat_included IS 'Whether amounts include VAT.';
COMMENT ON COLUMN invoice_line.account_id IS 'Billing account.';
COMMENT ON COLUMN invoice_line.account_name IS 'Its name, when the document was issued.';
COMMENT ON COLUMN invoice_line.service_id IS 'Service.';
COMMENT ON COLUMN invoice_line.service_name IS 'Its name, likewise.';
COMMENT ON COLUMN invoice_line.sku_id IS 'SKU.';
COMMENT ON COLUMN invoice_line.sku_name IS 'Its name, likewise.';
COMMENT ON COLUMN invoice_line.charge_category IS 'Usage, Purchase, Adjustment or Credit.';
COMMENT ON COLUMN invoice_line.usage_month IS 'First day of the month of the usage.';
COMMENT ON COLUMN invoice_line.kind IS 'usage, volume tiers or correction.';
COMMENT ON COLUMN invoice_line.corrects_month IS 'Of a correction: the month whose document it corrects.';
COMMENT ON COLUMN invoice_line.correction IS 'Of a correction: its number.';
COMMENT ON COLUMN invoice_line.reasons IS 'Reasons that occur on its days.';
COMMENT ON COLUMN invoice_line.gross IS 'Printed cost before credits.';
COMMENT ON COLUMN invoice_line.grant_credit IS 'Printed grant credit.';
COMMENT ON COLUMN invoice_line.other_credit IS 'Printed other credits.';
COMMENT ON COLUMN invoice_line.base IS 'gross + grant_credit + other_credit.';
COMMENT ON COLUMN invoice_line.basic_bonus IS 'Printed basic bonus.';
COMMENT ON COLUMN invoice_line.deal_bonus IS 'Printed deal bonus.';
COMMENT ON COLUMN invoice_line.bonus IS 'basic_bonus + deal_bonus.';
COMMENT ON COLUMN invoice_line.payable IS 'base - bonus.';
COMMENT ON COLUMN invoice_line.taxable IS 'payable without VAT, printed.';
COMMENT ON COLUMN invoice_line.eligible_base IS 'Base of the days that earn bonus; exact.';
COMMENT ON COLUMN invoice_line.consumption IS 'First operand.';
COMMENT ON COLUMN invoice_line.basic_schedule IS 'Second operand.';
COMMENT ON COLUMN invoice_line.deal_schedule IS 'Third operand.';
COMMENT ON COLUMN invoice_line.rounding_scale IS 'Decimals that are printed.';
COMMENT ON COLUMN invoice_line.rounding_mode IS 'How blocks are rounded.';

CREATE VIEW service_report WITH (security_invoker = true) AS
SELECT l.partner_id, l.billing_month, to_char(l.billing_month, 'YYYY-MM') AS month_label, l.currency, l.status, n.label AS number, l.section,
       l.account_id, l.account_name, l.service_id, CASE WHEN l.service_id IS NULL THEN 'Volume tiers' ELSE l.service_name END AS service_name,
       l.sku_id, l.sku_name, l.charge_category, l.usage_month, l.kind, l.corrects_month, l.gross, l.grant_credit, l.other_credit, l.base, l.basic_bonus,
       l.deal_bonus, l.bonus, l.payable, l.vat_category, l.vat_rate, l.taxable, l.reasons,
       sum(l.payable * (l.section = 'customers')::integer)
           OVER (PARTITION BY l.partner_id, l.billing_month, l.currency) AS customers_total
FROM invoice_line l
LEFT JOIN document_number n ON n.document_id = l.document_id AND n.kind = 'service report';
COMMENT ON VIEW service_report IS 'The act of services rendered: every printed line of a document.';
COMMENT ON COLUMN service_report.partner_id IS 'The partner.';
COMMENT ON COLUMN service_report.billing_month IS 'First day of the document''s month.';
COMMENT ON COLUMN service_report.month_label IS 'The month as text (YYYY-MM), for tools that shift dates between time zones.';
COMMENT ON COLUMN service_report.currency IS 'The document''s currency, ISO 4217.';
COMMENT ON COLUMN service_report.status IS 'draft until the month is closed, then issued.';
COMMENT ON COLUMN service_report.section IS 'customers or own.';
COMMENT ON COLUMN service_report.account_id IS 'Billing account.';
COMMENT ON COLUMN service_report.account_name IS 'Its name, when the document was issued.';
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
COMMENT ON COLUMN service_report.number IS 'Number of the document; NULL for a draft.';
COMMENT ON COLUMN service_report.kind IS 'usage; volume tiers; correction of a bonus that was billed before.';
COMMENT ON COLUMN service_report.corrects_month IS 'Of a correction: the month whose document it corrects.';
COMMENT ON COLUMN service_report.vat_category IS 'EN 16931 code of the VAT.';
COMMENT ON COLUMN service_report.vat_rate IS 'A fraction.';
COMMENT ON COLUMN service_report.taxable IS 'payable without VAT.';
COMMENT ON COLUMN service_report.reasons IS 'Reasons that occur on the line''s days: why it has a discount, or none.';

CREATE VIEW draft_block WITH (security_invoker = true) AS
SELECT l.partner_id, l.billing_month, l.currency, l.section, l.vat_category, l.vat_rate, l.vat_included, sum(l.gross) AS gross,
       sum(l.grant_credit) AS grant_credit, sum(l.other_credit) AS other_credit, sum(l.base) AS base, sum(l.eligible_base) AS eligible_base,
       sum(l.basic_bonus) AS basic_bonus, sum(l.deal_bonus) AS deal_bonus, sum(l.payable) AS payable, sum(l.taxable) AS taxable,
       vat_amount(sum(l.payable), l.vat_rate, l.vat_included, max(l.rounding_scale), max(l.rounding_mode)) AS vat,
       vat_amount(sum(l.base), l.vat_rate, l.vat_included, max(l.rounding_scale), max(l.rounding_mode)) AS vat_before_bonus
FROM printed_line l
WHERE l.billing_month >= first_open_month(l.partner_id)
GROUP BY l.partner_id, l.billing_month, l.currency, l.section, l.vat_category, l.vat_rate, l.vat_included;
COMMENT ON VIEW draft_block IS 'Blocks of drafts: what is rounded, and taxed, as one. Those of issued documents are in document_block.';
COMMENT ON COLUMN draft_block.partner_id IS 'The partner.';
COMMENT ON COLUMN draft_block.billing_month IS 'First day of the document''s month.';
COMMENT ON COLUMN draft_block.currency IS 'The document''s currency, ISO 4217.';
COMMENT ON COLUMN draft_block.section IS 'customers or own.';
COMMENT ON COLUMN draft_block.vat_category IS 'EN 16931 code; missing when there is no rate.';
COMMENT ON COLUMN draft_block.vat_rate IS 'A fraction.';
COMMENT ON COLUMN draft_block.vat_included IS 'Whether amounts include VAT.';
COMMENT ON COLUMN draft_block.gross IS 'Printed cost before credits.';
COMMENT ON COLUMN draft_block.grant_credit IS 'Printed grant credit.';
COMMENT ON COLUMN draft_block.other_credit IS 'Printed other credits.';
COMMENT ON COLUMN draft_block.base IS 'Exact base, rounded.';
COMMENT ON COLUMN draft_block.eligible_base IS 'Base that earns bonus; exact.';
COMMENT ON COLUMN draft_block.basic_bonus IS 'Printed basic bonus.';
COMMENT ON COLUMN draft_block.deal_bonus IS 'Printed deal bonus.';
COMMENT ON COLUMN draft_block.payable IS 'base less bonus.';
COMMENT ON COLUMN draft_block.taxable IS 'payable without VAT.';
COMMENT ON COLUMN draft_block.vat IS 'VAT, rounded once.';
COMMENT ON COLUMN draft_block.vat_before_bonus IS 'What VAT would be without the bonus, rounded once.';

CREATE VIEW payment_invoice WITH (security_invoker = true) AS
SELECT d.partner_id, d.billing_month, to_char(d.billing_month, 'YYYY-MM') AS month_label, d.currency, d.status, n.label AS number, d.gross, d.grant_credit,
       d.other_credit, d.base, d.eligible_base, d.basic_bonus, d.deal_bonus, d.basic_bonus + d.deal_bonus AS absolute_discount,
       relative_discount(d.basic_bonus + d.deal_bonus, d.base) AS relative_discount,
       relative_discount(d.basic_bonus + d.deal_bonus, d.eligible_base) AS relative_discount_eligible,
       d.customers_total, d.own_total, d.document_total, d.taxable_total, d.vat_total, d.taxable_total + d.vat_total AS invoice_total
FROM (SELECT b.partner_id, b.billing_month, b.currency, 'draft' AS status, NULL::bigint AS document_id,
             sum(b.gross * (b.section = 'customers')::integer) AS gross, sum(b.grant_credit * (b.section = 'customers')::integer) AS grant_credit,
             sum(b.other_credit * (b.section = 'customers')::integer) AS other_credit, sum(b.base * (b.section = 'customers')::integer) AS base,
             sum(b.eligible_base) AS eligible_base, sum(b.basic_bonus) AS basic_bonus, sum(b.deal_bonus) AS deal_bonus,
             sum(b.payable * (b.section = 'customers')::integer) AS customers_total, sum(b.payable * (b.section = 'own')::integer) AS own_total,
             sum(b.payable) AS document_total, sum(b.taxable) AS taxable_total, sum(b.vat) AS vat_total
      FROM draft_block b
      GROUP BY b.partner_id, b.billing_month, b.currency
      UNION ALL
      SELECT i.partner_id, i.billing_month, i.currency, 'issued', i.document_id, i.gross, i.grant_credit, i.other_credit, i.base, i.eligible_base,
             i.basic_bonus, i.deal_bonus, i.customers_total, i.own_total, i.document_total, i.taxable_total, i.vat_total
      FROM document i
      WHERE i.kind = 'invoice' AND i.issued_at <= known_at()) d
LEFT JOIN document_number n ON n.document_id = d.document_id AND n.kind = 'payment invoice';
COMMENT ON VIEW payment_invoice IS 'What the partner pays: one row per document (partner, month, currency).';
COMMENT ON COLUMN payment_invoice.partner_id IS 'The partner.';
COMMENT ON COLUMN payment_invoice.billing_month IS 'First day of the document''s month.';
COMMENT ON COLUMN payment_invoice.month_label IS 'The month as text (YYYY-MM), for tools that shift dates between time zones.';
COMMENT ON COLUMN payment_invoice.currency IS 'The document''s currency, ISO 4217.';
COMMENT ON COLUMN payment_invoice.status IS 'draft until the month is closed, then issued.';
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
COMMENT ON COLUMN payment_invoice.number IS 'Number of the document; NULL for a draft.';
COMMENT ON COLUMN payment_invoice.taxable_total IS 'document_total without VAT.';
COMMENT ON COLUMN payment_invoice.vat_total IS 'VAT: each block''s rounded once.';
COMMENT ON COLUMN payment_invoice.invoice_total IS 'taxable_total + vat_total: what is to be paid for this document.';

CREATE VIEW regular_invoice WITH (security_invoker = true) AS
SELECT l.partner_id, l.billing_month, to_char(l.billing_month, 'YYYY-MM') AS month_label, l.currency, l.status, n.label AS number, l.section,
       l.service_id, CASE WHEN l.service_id IS NULL THEN 'Volume tiers' ELSE l.service_name END AS service_name, l.vat_category, l.vat_rate,
       l.gross, l.grant_credit, l.other_credit, l.base, l.bonus, l.payable, l.taxable,
       sum(l.payable * (l.section = 'customers')::integer) OVER document AS customers_total,
       sum(l.payable) OVER document AS document_total
FROM (SELECT partner_id, billing_month, currency, status, document_id, section, service_id, service_name, vat_category, vat_rate, sum(gross) AS gross,
             sum(grant_credit) AS grant_credit, sum(other_credit) AS other_credit, sum(base) AS base, sum(bonus) AS bonus, sum(payable) AS payable,
             sum(taxable) AS taxable
      FROM invoice_line
      GROUP BY partner_id, billing_month, currency, status, document_id, section, service_id, service_name, vat_category, vat_rate) l
LEFT JOIN document_number n ON n.document_id = l.document_id AND n.kind = 'regular invoice'
WINDOW document AS (PARTITION BY l.partner_id, l.billing_month, l.currency);
COMMENT ON VIEW regular_invoice IS 'The invoice by service: one row per document, section, service and rate of VAT; printed amounts.';
COMMENT ON COLUMN regular_invoice.partner_id IS 'The partner.';
COMMENT ON COLUMN regular_invoice.billing_month IS 'First day of the document''s month.';
COMMENT ON COLUMN regular_invoice.month_label IS 'The month as text (YYYY-MM), for tools that shift dates between time zones.';
COMMENT ON COLUMN regular_invoice.currency IS 'The document''s currency, ISO 4217.';
COMMENT ON COLUMN regular_invoice.status IS 'draft until the month is closed, then issued.';
COMMENT ON COLUMN regular_invoice.section IS 'customers or own.';
COMMENT ON COLUMN regular_invoice.service_id IS 'Service.';
COMMENT ON COLUMN regular_invoice.service_name IS 'Its name, when the document was issued; Volume tiers for what graduated tiers give less.';
COMMENT ON COLUMN regular_invoice.gross IS 'Printed cost before credits.';
COMMENT ON COLUMN regular_invoice.grant_credit IS 'Printed grant credit.';
COMMENT ON COLUMN regular_invoice.other_credit IS 'Printed other credits.';
COMMENT ON COLUMN regular_invoice.base IS 'gross + grant_credit + other_credit.';
COMMENT ON COLUMN regular_invoice.bonus IS 'Printed bonus.';
COMMENT ON COLUMN regular_invoice.payable IS 'base - bonus.';
COMMENT ON COLUMN regular_invoice.customers_total IS 'The customers'' total of the document, discount included.';
COMMENT ON COLUMN regular_invoice.document_total IS 'The document''s total.';
COMMENT ON COLUMN regular_invoice.number IS 'Number of the document; NULL for a draft.';
COMMENT ON COLUMN regular_invoice.vat_category IS 'EN 16931 code of the VAT.';
COMMENT ON COLUMN regular_invoice.vat_rate IS 'A fraction.';
COMMENT ON COLUMN regular_invoice.taxable IS 'payable without VAT.';

-- What a customer may see: no bonus, and no other customer.
CREATE VIEW invoice_statement WITH (security_invoker = true) AS
SELECT partner_id, billing_month, to_char(billing_month, 'YYYY-MM') AS month_label, currency, status, account_id, account_name, service_id, service_name,
       sku_id, sku_name, charge_category, usage_month, gross, grant_credit, other_credit, base
FROM invoice_line
WHERE section = 'customers' AND kind = 'usage';
COMMENT ON VIEW invoice_statement IS 'A customer''s statement: what its account consumed, before the partner''s bonus, which customers never see. Printed amounts, the same as in the partner''s documents.';
COMMENT ON COLUMN invoice_statement.partner_id IS 'The partner.';
COMMENT ON COLUMN invoice_statement.billing_month IS 'First day of the document''s month.';
COMMENT ON COLUMN invoice_statement.currency IS 'The document''s currency, ISO 4217.';
COMMENT ON COLUMN invoice_statement.status IS 'draft until the month is closed, then issued.';
COMMENT ON COLUMN invoice_statement.account_id IS 'Billing account.';
COMMENT ON COLUMN invoice_statement.account_name IS 'Its name, when the document was issued.';
COMMENT ON COLUMN invoice_statement.service_id IS 'Service.';
COMMENT ON COLUMN invoice_statement.service_name IS 'Its name, likewise.';
COMMENT ON COLUMN invoice_statement.sku_id IS 'SKU.';
COMMENT ON COLUMN invoice_statement.sku_name IS 'Its name, likewise.';
COMMENT ON COLUMN invoice_statement.charge_category IS 'Usage, Purchase, Adjustment or Credit.';
COMMENT ON COLUMN invoice_statement.usage_month IS 'First day of the month of the usage.';
COMMENT ON COLUMN invoice_statement.gross IS 'Printed cost before credits.';
COMMENT ON COLUMN invoice_statement.grant_credit IS 'Printed grant credit.';
COMMENT ON COLUMN invoice_statement.other_credit IS 'Printed other credits.';
COMMENT ON COLUMN invoice_statement.base IS 'gross + grant_credit + other_credit.';
COMMENT ON COLUMN invoice_statement.month_label IS 'The month as text (YYYY-MM), for tools that shift dates between time zones.';
