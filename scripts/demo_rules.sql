-- The rules behind the demo's two partners: plain INSERTs into plain tables. Rows are dated; what is not said does not hold.

INSERT INTO program (program_id, name) VALUES ('international', 'International edition');
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap, offer_reference) VALUES
    ('international', 'USD', '[2024-01-01,)', 0.20, 0.15, 0.35, 'demo: 20 %, deals up to 15 points');
INSERT INTO service (service_id, name) VALUES ('generated-marketplace', 'Cloud Marketplace');
INSERT INTO exclusion (program_id, service_id, validity, reason) VALUES
    ('international', 'generated-marketplace', '[2024-01-01,)', 'Marketplace earns no bonus (from the Russian edition)');

INSERT INTO partner (partner_id, billing_account_id, name) VALUES
    ('generated-partner', 'generated-partner', 'Partner, Inc. (generated)'),
    ('sunbird', '1234567890123', 'SunBird (FOCUS sample)');
INSERT INTO partner_program (partner_id, program_id, validity)
SELECT partner_id, 'international', '[2024-01-01,)' FROM partner;
INSERT INTO partner_status (partner_id, status, validity)
SELECT partner_id, 'active', '[2024-01-01,)' FROM partner;

INSERT INTO subaccount (account_id, name) VALUES
    ('generated-customer-a', 'Customer A (generated)'), ('generated-customer-b', 'Customer B "North" (generated)');
INSERT INTO subaccount_link (partner_id, account_id, validity) VALUES
    ('generated-partner', 'generated-customer-a', '[2026-01-01,)'), ('generated-partner', 'generated-customer-b', '[2026-05-18,)');
INSERT INTO deal (link_id, rate, validity, description)
SELECT link_id, 0.15, '[2026-06-01,2027-06-01)', 'Customer B moves its databases'
FROM subaccount_link
WHERE account_id = 'generated-customer-b';
