-- Older edition of the partner program, whose basic bonus depended on the month's volume. All its figures are example figures:
-- that such an edition was there is documented, its table is not. Two programs, since it is not known either how the table was
-- read: volume_slab gives the whole volume the rate of the tier that it reaches, volume_graduated gives each slice of the volume
-- the rate of its own tier. Let a partner follow one of them.
--
--   psql -d DATABASE -c 'SET search_path = billing, bonus, public' -f volume_tiers.sql
--
-- Run it once in a ledger. It is one statement: all of it is there, or nothing; a second run is refused (23505) and changes
-- nothing.
--
-- To be confirmed, or given:
--   * every rate, cap and volume (example figures).
--   * service ids. The real ones are not public. Ids that begin with "confirm:" are placeholders and match no usage: real ids
--     must replace them, see "Editions" in doc/terms.md.
-- Rows hold for all days; a partner follows them on the days of its partner_program.
DO $edition$
BEGIN
    IF EXISTS (SELECT FROM program WHERE program_id IN ('volume_slab', 'volume_graduated') AND superseded_at = 'infinity') THEN
        RAISE EXCEPTION 'the edition is there already' USING ERRCODE = 'unique_violation',
            DETAIL = 'There is a program volume_slab or volume_graduated. Nothing was changed.',
            HINT = 'Edit its rows, or end them and add others.';
    END IF;

    INSERT INTO program (program_id, name) VALUES
        ('volume_slab', 'Older edition, slab (example figures)'),
        ('volume_graduated', 'Older edition, graduated (example figures)');

    INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap, volume_rule, offer_reference) VALUES
        ('volume_slab', 'RUB', '(,)', 0.10, 0.15, 0.25, 'slab', 'example figures'),
        ('volume_graduated', 'RUB', '(,)', 0.10, 0.15, 0.25, 'graduated', 'example figures');

    -- 10 % below 500,000, 12 % from there, 15 % from 2,000,000: example figures
    INSERT INTO program_tier (program_terms_id, from_volume, rate)
    SELECT t.program_terms_id, v.from_volume, v.rate
    FROM program_terms t
    CROSS JOIN (VALUES (500000, 0.12), (2000000, 0.15)) v (from_volume, rate)
    WHERE t.program_id IN ('volume_slab', 'volume_graduated') AND t.superseded_at = 'infinity'
    ORDER BY t.program_terms_id, v.from_volume;

    INSERT INTO program_period (program_id, validity, notice_days, decision_business_days, activation_days, answer_business_days) VALUES
        ('volume_slab', '(,)', 30, 20, 60, 3),
        ('volume_graduated', '(,)', 30, 20, 60, 3);

    -- Services of another edition may be there already.
    INSERT INTO service (service_id, name)
    SELECT s.service_id, s.name
    FROM (VALUES ('confirm:marketplace', 'Yandex Cloud Marketplace'),
                 ('confirm:storedoc', 'Yandex StoreDoc (earlier Managed Service for MongoDB)'),
                 ('confirm:elasticsearch', 'Managed Service for Elasticsearch'),
                 ('confirm:marketplace-microsoft', 'Microsoft resources from Marketplace')) s (service_id, name)
    WHERE NOT EXISTS (SELECT FROM service x WHERE x.service_id = s.service_id AND x.superseded_at = 'infinity');

    INSERT INTO exclusion (program_id, service_id, validity, reason)
    SELECT p.program_id, s.service_id, '(,)', s.reason
    FROM program p
    CROSS JOIN (VALUES ('confirm:marketplace', 'Marketplace: Russian list, confirm for this edition'),
                       ('confirm:storedoc', 'StoreDoc: Russian list, confirm for this edition'),
                       ('confirm:elasticsearch', 'Elasticsearch: older Russian list, confirm'),
                       ('confirm:marketplace-microsoft', 'Microsoft from Marketplace: older Russian list, confirm')) s (service_id, reason)
    WHERE p.program_id IN ('volume_slab', 'volume_graduated') AND p.superseded_at = 'infinity'
    ORDER BY p.program_id, s.service_id;
END
$edition$;
