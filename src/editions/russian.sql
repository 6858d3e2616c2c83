-- Russian edition of the partner program: 10 % basic bonus, deals add up to 15 points, 25 points in all.
--
--   psql -d DATABASE -c 'SET search_path = billing, bonus, public' -f russian.sql
--
-- Run it once in a ledger. It is one statement: all of it is there, or nothing; a second run is refused (23505) and changes
-- nothing.
--
-- To be confirmed against the offer in force:
--   * service ids. The real ones are not public. Ids that begin with "confirm:" are placeholders and match no usage: real ids
--     must replace them, see "Editions" in doc/terms.md.
--   * terms in KZT. Only the minimum target of a deal is documented in KZT; rates and caps are taken from RUB.
-- Rows hold for all days, since the first day of the offer is not known; a partner follows them on the days of its
-- partner_program. Business days know no holidays until rows of the table holiday name them.
DO $edition$
BEGIN
    IF EXISTS (SELECT FROM program WHERE program_id = 'russian' AND superseded_at = 'infinity') THEN
        RAISE EXCEPTION 'the edition is there already' USING ERRCODE = 'unique_violation',
            DETAIL = 'There is a program russian. Nothing was changed.',
            HINT = 'Edit its rows, or end them and add others.';
    END IF;

    INSERT INTO program (program_id, name) VALUES ('russian', 'Russian edition');

    INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap, deal_target, offer_reference) VALUES
        ('russian', 'RUB', '(,)', 0.10, 0.15, 0.25, 30000, 'documentation of the Russian edition'),
        ('russian', 'KZT', '(,)', 0.10, 0.15, 0.25, 150000, 'documentation of the Russian edition; rates in KZT: confirm');

    INSERT INTO program_period (program_id, validity, notice_days, decision_business_days, activation_days, answer_business_days) VALUES
        ('russian', '(,)', 30, 20, 60, 3);

    -- Services of another edition may be there already.
    INSERT INTO service (service_id, name)
    SELECT s.service_id, s.name
    FROM (VALUES ('confirm:marketplace', 'Yandex Cloud Marketplace'),
                 ('confirm:storedoc', 'Yandex StoreDoc (earlier Managed Service for MongoDB)'),
                 ('confirm:interconnect', 'Yandex Cloud Interconnect')) s (service_id, name)
    WHERE NOT EXISTS (SELECT FROM service x WHERE x.service_id = s.service_id AND x.superseded_at = 'infinity');

    INSERT INTO exclusion (program_id, service_id, validity, reason) VALUES
        ('russian', 'confirm:marketplace', '(,)', 'Marketplace: documented list; replace the id'),
        ('russian', 'confirm:storedoc', '(,)', 'StoreDoc: documented list; replace the id'),
        ('russian', 'confirm:interconnect', '(,)', 'Interconnect: documented list; replace the id');
END
$edition$;
