-- International edition of the partner program: 20 % basic bonus, deals add up to 15 points, 35 points in all.
--
--   psql -d DATABASE -c 'SET search_path = billing, bonus, public' -f international.sql
--
-- Run it once in a ledger. It is one statement: all of it is there, or nothing; a second run is refused (23505) and changes
-- nothing.
--
-- To be confirmed against the offer in force:
--   * service ids. The real ones are not public. Ids that begin with "confirm:" are placeholders and match no usage: real ids
--     must replace them, see "Editions" in doc/terms.md.
--   * what is excluded. The international list is not known; these rows are the Russian one.
--   * the total cap: 20 and 15 points together. No cap is documented.
--   * the minimum target of a deal in USD is not documented: deal_target stays NULL.
-- Rows hold for all days, since the first day of the offer is not known; a partner follows them on the days of its
-- partner_program. Only USD has terms: usage in RUB or KZT earns no bonus ("no terms") until a row like it is added.
-- Business days know no holidays until rows of the table holiday name them.
DO $edition$
BEGIN
    IF EXISTS (SELECT FROM program WHERE program_id = 'international' AND superseded_at = 'infinity') THEN
        RAISE EXCEPTION 'the edition is there already' USING ERRCODE = 'unique_violation',
            DETAIL = 'There is a program international. Nothing was changed.',
            HINT = 'Edit its rows, or end them and add others.';
    END IF;

    INSERT INTO program (program_id, name) VALUES ('international', 'International edition');

    INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap, offer_reference) VALUES
        ('international', 'USD', '(,)', 0.20, 0.15, 0.35, 'partner program page, international edition; total cap: confirm');

    INSERT INTO program_period (program_id, validity, notice_days, decision_business_days, activation_days, answer_business_days) VALUES
        ('international', '(,)', 0, 20, 60, 3);

    -- Services of another edition may be there already.
    INSERT INTO service (service_id, name)
    SELECT s.service_id, s.name
    FROM (VALUES ('confirm:marketplace', 'Yandex Cloud Marketplace'),
                 ('confirm:storedoc', 'Yandex StoreDoc (earlier Managed Service for MongoDB)'),
                 ('confirm:interconnect', 'Yandex Cloud Interconnect'),
                 ('confirm:elasticsearch', 'Managed Service for Elasticsearch'),
                 ('confirm:marketplace-microsoft', 'Microsoft resources from Marketplace')) s (service_id, name)
    WHERE NOT EXISTS (SELECT FROM service x WHERE x.service_id = s.service_id AND x.superseded_at = 'infinity');

    INSERT INTO exclusion (program_id, service_id, validity, reason) VALUES
        ('international', 'confirm:marketplace', '(,)', 'Marketplace; from the Russian edition, confirm'),
        ('international', 'confirm:storedoc', '(,)', 'StoreDoc; from the Russian edition, confirm'),
        ('international', 'confirm:interconnect', '(,)', 'Interconnect; from the Russian edition, confirm'),
        ('international', 'confirm:elasticsearch', '(,)', 'Elasticsearch; older list, from the Russian edition, confirm'),
        ('international', 'confirm:marketplace-microsoft', '(,)', 'Microsoft from Marketplace; older list, from the Russian edition, confirm');
END
$edition$;
