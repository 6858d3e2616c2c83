-- FOCUS 1.2, the FinOps Foundation's open format of charges: issued documents for tools that read bills of several providers.

CREATE VIEW focus_charge WITH (security_invoker = true) AS
WITH charge AS (
    SELECT d.billing_month, d.issued_at, d.partner_id, d.currency, d.kind AS document_kind, d.credits, l.document_id, l.line_number, l.section, l.usage_month,
           l.account_id, l.service_id, l.sku_id, l.vat_category, l.vat_rate, f.leaf, f.amount,
           CASE WHEN f.leaf = 'usage' THEN l.charge_category ELSE 'Credit' END AS charge_category,
           d.kind = 'credit note' OR l.kind = 'correction' OR l.usage_month < d.billing_month AS corrects
    FROM document d
    JOIN document_line l ON l.document_id = d.document_id
    -- Leaves as they add up, and without VAT. A credit note's are those of its invoice, negated.
    CROSS JOIN LATERAL (SELECT CASE d.kind WHEN 'credit note' THEN -1 ELSE 1 END AS direction) s
    CROSS JOIN LATERAL (SELECT ARRAY[l.gross, l.grant_credit, l.other_credit, -l.basic_bonus, -l.deal_bonus] AS amounts) p
    CROSS JOIN LATERAL (SELECT CASE WHEN l.vat_included
                                    THEN allocate(ARRAY(SELECT s.direction * round(e.amount, 18) / (1 + l.vat_rate)
                                                        FROM unnest(p.amounts) WITH ORDINALITY e (amount, place) ORDER BY e.place),
                                                  s.direction * l.taxable, d.rounding_scale) END AS amounts) w
    CROSS JOIN LATERAL (SELECT e.leaf, coalesce(s.direction * w.amounts[e.place], p.amounts[e.place]) AS amount
                        FROM (VALUES (1, 'usage'), (2, 'grant credit'), (3, 'other credit'), (4, 'basic bonus'), (5, 'deal bonus')) e (place, leaf)) f
    WHERE f.amount <> 0 OR (f.leaf = 'usage' AND l.kind = 'usage' AND l.charge_category <> 'Credit')
    UNION ALL
    SELECT d.billing_month, d.issued_at, d.partner_id, d.currency, d.kind, d.credits, b.document_id, NULL, b.section, d.billing_month,
           NULL, NULL, NULL, b.vat_category, b.vat_rate, 'VAT', b.vat, 'Tax',
           d.kind = 'credit note' OR NOT EXISTS (SELECT FROM document_line l
                                                 WHERE l.document_id = b.document_id AND l.section = b.section AND l.vat_category = b.vat_category
                                                   AND l.vat_rate = b.vat_rate AND l.vat_included = b.vat_included
                                                   AND l.kind <> 'correction' AND l.usage_month = d.billing_month)
    FROM document_block b
    JOIN document d ON d.document_id = b.document_id
    WHERE b.vat <> 0
)
SELECT c.amount AS "BilledCost",
       p.billing_account_id AS "BillingAccountId",
       p.name AS "BillingAccountName",
       c.currency AS "BillingCurrency",
       m.billing_end AS "BillingPeriodEnd",
       m.billing_start AS "BillingPeriodStart",
       c.charge_category AS "ChargeCategory",
       CASE WHEN c.corrects THEN 'Correction' END AS "ChargeClass",
       concat_ws(', ', CASE c.leaf WHEN 'VAT' THEN format('VAT %s %s %%', c.vat_category, trim_scale(100 * c.vat_rate)) ELSE c.leaf END, x.service_name,
                 coalesce(k.name, c.sku_id), 'of ' || to_char(nullif(c.usage_month, c.billing_month), 'YYYY-MM'),
                 'credited: ' || i.label) AS "ChargeDescription",
       CASE c.charge_category WHEN 'Usage' THEN 'Usage-Based' ELSE 'One-Time' END AS "ChargeFrequency",
       m.charge_end AS "ChargePeriodEnd",
       m.charge_start AS "ChargePeriodStart",
       c.amount AS "ContractedCost",
       c.amount AS "EffectiveCost",
       n.label AS "InvoiceId",
       o.provider_name AS "InvoiceIssuerName",
       c.amount AS "ListCost",
       NULL::numeric AS "PricingQuantity",
       NULL::text AS "PricingUnit",
       o.provider_name AS "ProviderName",
       o.provider_name AS "PublisherName",
       'Other' AS "ServiceCategory",
       coalesce(x.service_name, c.leaf) AS "ServiceName",
       'Other (Other)' AS "ServiceSubcategory",
       c.sku_id AS "SkuId",
       a.account_id AS "SubAccountId",
       a.name AS "SubAccountName",
       c.partner_id AS "x_PartnerId",
       c.document_kind AS "x_DocumentKind",
       c.line_number AS "x_LineNumber",
       c.section AS "x_Section",
       c.leaf AS "x_Leaf",
       c.service_id AS "x_ServiceId",
       c.vat_category AS "x_VatCategory",
       c.vat_rate AS "x_VatRate",
       i.label AS "x_CreditedInvoiceId"
FROM charge c
JOIN document_number n ON n.document_id = c.document_id AND n.kind IN ('regular invoice', 'credit note')
LEFT JOIN document_number i ON i.document_id = c.credits AND i.kind = 'regular invoice'
CROSS JOIN LATERAL (SELECT (SELECT s.value FROM setting s WHERE s.name = 'provider_name') AS provider_name) o
CROSS JOIN LATERAL (SELECT lower(month_days(c.billing_month))::timestamp AT TIME ZONE 'UTC' AS billing_start,
                           upper(month_days(c.billing_month))::timestamp AT TIME ZONE 'UTC' AS billing_end,
                           lower(month_days(c.usage_month))::timestamp AT TIME ZONE 'UTC' AS charge_start,
                           upper(month_days(c.usage_month))::timestamp AT TIME ZONE 'UTC' AS charge_end) m
-- names as on the document
LEFT JOIN partner p ON p.partner_id = c.partner_id AND p.recorded_at <= c.issued_at AND p.superseded_at > c.issued_at
LEFT JOIN service v ON v.service_id = c.service_id AND v.recorded_at <= c.issued_at AND v.superseded_at > c.issued_at
LEFT JOIN sku k ON k.sku_id = c.sku_id AND k.recorded_at <= c.issued_at AND k.superseded_at > c.issued_at
LEFT JOIN subaccount u ON u.account_id = c.account_id AND u.recorded_at <= c.issued_at AND u.superseded_at > c.issued_at
CROSS JOIN LATERAL (SELECT CASE WHEN c.section = 'customers' THEN c.account_id END AS account_id, CASE WHEN c.section = 'customers' THEN u.name END AS name) a
CROSS JOIN LATERAL (SELECT CASE WHEN c.service_id IS NOT NULL THEN coalesce(v.name, c.service_id)
                                WHEN c.leaf <> 'VAT' THEN 'Volume tiers' END AS service_name) x
WHERE c.issued_at <= known_at();
COMMENT ON VIEW focus_charge IS 'Issued invoices and credit notes as FOCUS 1.2: per line of a document a row for its cost and one for each credit and bonus that is not 0, per block one for VAT. Amounts are the printed ones, without VAT but for the rows of VAT; those of an InvoiceId add up to what is to be paid for it. Months are the ledger''s, given as UTC.';
COMMENT ON COLUMN focus_charge."BilledCost" IS 'What the row adds to the invoice: printed, without VAT, credits and bonus negative. Where prices include VAT, the leaf''s share of the line''s taxable amount.';
COMMENT ON COLUMN focus_charge."BillingAccountId" IS 'The partner''s own billing account, when the document was issued.';
COMMENT ON COLUMN focus_charge."BillingAccountName" IS 'The partner''s name, likewise.';
COMMENT ON COLUMN focus_charge."BillingCurrency" IS 'ISO 4217 code.';
COMMENT ON COLUMN focus_charge."BillingPeriodEnd" IS 'First moment after the document''s month: its next first day, midnight UTC.';
COMMENT ON COLUMN focus_charge."BillingPeriodStart" IS 'First day of the document''s month, midnight UTC.';
COMMENT ON COLUMN focus_charge."ChargeCategory" IS 'Usage, Purchase or Adjustment for cost (Credit where the usage came as such); Credit for credits and bonus; Tax for VAT.';
COMMENT ON COLUMN focus_charge."ChargeClass" IS 'Correction for what belongs to a month billed before: late usage, corrections of a bonus, credit notes; VAT when all of its block does. NULL otherwise.';
COMMENT ON COLUMN focus_charge."ChargeDescription" IS 'What it is (x_Leaf), service and SKU by their names, the month where it is not the document''s, the invoice that is credited.';
COMMENT ON COLUMN focus_charge."ChargeFrequency" IS 'Usage-Based for usage, One-Time for all else.';
COMMENT ON COLUMN focus_charge."ChargePeriodEnd" IS 'First moment after the month of the usage, UTC.';
COMMENT ON COLUMN focus_charge."ChargePeriodStart" IS 'First day of the month of the usage, midnight UTC; of VAT the document''s month.';
COMMENT ON COLUMN focus_charge."ContractedCost" IS 'BilledCost: the ledger knows no contracted prices.';
COMMENT ON COLUMN focus_charge."EffectiveCost" IS 'BilledCost: nothing is amortized.';
COMMENT ON COLUMN focus_charge."InvoiceId" IS 'Number of the regular invoice, or of the credit note.';
COMMENT ON COLUMN focus_charge."InvoiceIssuerName" IS 'The setting provider_name.';
COMMENT ON COLUMN focus_charge."ListCost" IS 'BilledCost: the ledger knows no list prices.';
COMMENT ON COLUMN focus_charge."PricingQuantity" IS 'NULL: lines of documents have no quantities.';
COMMENT ON COLUMN focus_charge."PricingUnit" IS 'NULL, likewise.';
COMMENT ON COLUMN focus_charge."ProviderName" IS 'The setting provider_name.';
COMMENT ON COLUMN focus_charge."PublisherName" IS 'The setting provider_name: the ledger does not know who else publishes a service.';
COMMENT ON COLUMN focus_charge."ServiceCategory" IS 'Other: the catalogue has no categories.';
COMMENT ON COLUMN focus_charge."ServiceName" IS 'The service''s name when the document was issued, its id when it is in no catalogue; Volume tiers for what graduated tiers give less; VAT.';
COMMENT ON COLUMN focus_charge."ServiceSubcategory" IS 'Other (Other), which goes with the category.';
COMMENT ON COLUMN focus_charge."SkuId" IS 'SKU; NULL for VAT and volume tiers.';
COMMENT ON COLUMN focus_charge."SubAccountId" IS 'The customer''s billing account; NULL for own consumption, volume tiers and VAT.';
COMMENT ON COLUMN focus_charge."SubAccountName" IS 'Its name, when the document was issued.';
COMMENT ON COLUMN focus_charge."x_PartnerId" IS 'The partner.';
COMMENT ON COLUMN focus_charge."x_DocumentKind" IS 'invoice or credit note.';
COMMENT ON COLUMN focus_charge."x_LineNumber" IS 'Line of the document; NULL for VAT.';
COMMENT ON COLUMN focus_charge."x_Section" IS 'customers or own.';
COMMENT ON COLUMN focus_charge."x_Leaf" IS 'usage, grant credit, other credit, basic bonus, deal bonus or VAT.';
COMMENT ON COLUMN focus_charge."x_ServiceId" IS 'The provider''s id of the service.';
COMMENT ON COLUMN focus_charge."x_VatCategory" IS 'EN 16931 code.';
COMMENT ON COLUMN focus_charge."x_VatRate" IS 'A fraction.';
COMMENT ON COLUMN focus_charge."x_CreditedInvoiceId" IS 'Of a credit note: number of the invoice that it takes back, wholly or in part.';

CREATE VIEW focus_violation WITH (security_invoker = true) AS
SELECT 'FOCUS sum' AS invariant, concat_ws(' ', 'document', d.document_id, n.label) AS subject,
       format('charges of %s, to be paid %s', coalesce(f.cost, 0), d.invoice_total) AS detail
FROM document d
LEFT JOIN document_number n ON n.document_id = d.document_id AND n.kind IN ('regular invoice', 'credit note')
LEFT JOIN (SELECT c."InvoiceId", sum(c."BilledCost") AS cost FROM focus_charge c GROUP BY c."InvoiceId") f ON f."InvoiceId" = n.label
WHERE d.issued_at <= known_at() AND coalesce(f.cost, 0) <> d.invoice_total;
COMMENT ON VIEW focus_violation IS 'Documents that their rows in focus_charge do not add up to; none when all is sound.';
COMMENT ON COLUMN focus_violation.invariant IS 'What should be true.';
COMMENT ON COLUMN focus_violation.subject IS 'The document.';
COMMENT ON COLUMN focus_violation.detail IS 'The figures.';
