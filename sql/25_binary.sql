-- Binary input of consumption, rate_schedule and tiers: what was sent comes back, and every other string of bytes is refused.
SET search_path = bonus, public;

-- Hands bytes to the receive function of a type, as a field of COPY BINARY; leaves what was taken in the table received.
CREATE TEMP TABLE received (consumption consumption, rate_schedule rate_schedule, tiers tiers);
CREATE FUNCTION pg_temp.receive(type_name text, bytes bytea, OUT outcome text, OUT message text, OUT detail text, OUT hint text)
LANGUAGE plpgsql
AS $function$
DECLARE
    file    bytea := bytea '\x5047434f50590aff0d0a00' || bytea '\x0000000000000000' || bytea '\x0001'
                     || int4send(octet_length(bytes)) || bytes || bytea '\xffff';
    escaped text := (SELECT string_agg(format('\%s%s%s', byte / 64, byte / 8 % 8, byte % 8), '' ORDER BY i)
                     FROM generate_series(0, octet_length(file) - 1) i, get_byte(file, i) byte);
BEGIN
    EXECUTE format('COPY pg_temp.received (%I) FROM PROGRAM %L WITH (FORMAT binary)', type_name, format('printf ''%s''', escaped));
    outcome := 'taken';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS outcome = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
END
$function$;

-- consumption: format 1, scale, number of days; per day its distance in days times 8 plus what follows, and the amounts.
-- Numbers are zigzag varints.
SELECT consumption_send('{}'), consumption_send('{2000-01-02: 1/0/0}'), consumption_send('{2000-01-03: 1.5/-1/0.25}');
SELECT r.outcome, octet_length(consumption_send(c))
FROM (VALUES ('{}'::consumption), ('{2026-10-05: 100/-20/-10, 2026-10-06: 5.5/0/0}'), ('{0001-01-01: 1/0/0, 9999-12-31: 0/0/0.000000000000000001}'),
             ('{2026-10-05: 170141183460469231731.687303715884105727/-170141183460469231731.687303715884105727/0}')) v (c)
CROSS JOIN LATERAL pg_temp.receive('consumption', consumption_send(c)) r;
SELECT consumption FROM received;
TRUNCATE received;
-- every prefix of a value, and the value with one bit of one byte turned: the latter may be another value, but then it is
-- one that sends these bytes
SELECT r.outcome, r.message, count(*), min(n), max(n)
FROM consumption_send('{2026-10-05: 100/-20/-10, 2026-10-06: 5.5/0/0}') bytes
CROSS JOIN LATERAL generate_series(0, octet_length(bytes) - 1) n
CROSS JOIN LATERAL pg_temp.receive('consumption', substring(bytes FOR n)) r
GROUP BY 1, 2;
SELECT r.outcome IN ('taken', '22P03') AS ok, count(*)
FROM consumption_send('{2026-10-05: 100/-20/-10, 2026-10-06: 5.5/0/0}') bytes
CROSS JOIN LATERAL generate_series(0, octet_length(bytes) * 8 - 1) n
CROSS JOIN LATERAL pg_temp.receive('consumption', set_bit(bytes, n, 1 - get_bit(bytes, n))) r
GROUP BY 1;
SELECT bool_and(consumption::text::consumption = consumption AND consumption_send(consumption::text::consumption) = consumption_send(consumption)) AS sound
FROM received;
TRUNCATE received;
SELECT what, r.outcome, r.message
FROM (VALUES (1, 'a byte too many',                  bytea '\x01000000'),
             (2, 'a later format',                   '\x020000'),
             (3, 'the working form of an aggregate', '\x8100000000000000000000000000'),
             (4, 'a scale of 19 decimals',           '\x011300'),
             (5, 'a scale larger than need be',      '\x0101011214'),
             (6, 'a day with nothing on it',         '\x01000110'),
             (7, 'a zero written out',               '\x0100011200'),
             (8, 'a number longer than need be',     '\x010001128200'),
             (9, 'a number longer than any',         '\x01000112ffffffffffffffffffffffffffffffffffffff7f'),
             (10, 'an amount of 2^127 - 1',          '\x01000112feffffffffffffffffffffffffffffffffff03'),
             (11, 'the same units at 18 decimals',   '\x01120112feffffffffffffffffffffffffffffffffff03'),
             (12, '-2^127 units at 18 decimals',     '\x01120112ffffffffffffffffffffffffffffffffffff03'),
             (13, 'a day again',                     '\x01000212020202'),
             (14, 'days that descend',               '\x01000212021102'),
             (15, 'more days than bytes',            '\x0100ffffff7f1202'),
             (16, 'the day before the calendar',     '\x010001fd80c90502'),
             (17, 'the day after the calendar',      '\x010001c2baa51602')) v (n, what, bytes)
CROSS JOIN LATERAL pg_temp.receive('consumption', bytes) r
ORDER BY n;
SELECT consumption FROM received;
TRUNCATE received;

-- rate_schedule: format 1, scale, the rate before all steps, number of steps; per step its distance in days and its rate
SELECT rate_schedule_send('{}'), rate_schedule_send('{(,): 1}'), rate_schedule_send('{[2000-01-02,2000-01-04): 0.25}');
SELECT r.outcome, octet_length(rate_schedule_send(s))
FROM (VALUES ('{}'::rate_schedule), ('{(,): 1}'), ('{[2026-05-01,2026-06-15): 0.2, [2026-06-15,): 0.35}'),
             ('{(,0001-01-02): 1000, [0001-01-02,9999-12-31): -1000, [9999-12-31,): 0.000000000001}')) v (s)
CROSS JOIN LATERAL pg_temp.receive('rate_schedule', rate_schedule_send(s)) r;
SELECT rate_schedule FROM received;
TRUNCATE received;
SELECT r.outcome, r.message, count(*), min(n), max(n)
FROM rate_schedule_send('{[2026-05-01,2026-06-15): 0.2, [2026-06-15,): 0.35}') bytes
CROSS JOIN LATERAL generate_series(0, octet_length(bytes) - 1) n
CROSS JOIN LATERAL pg_temp.receive('rate_schedule', substring(bytes FOR n)) r
GROUP BY 1, 2;
SELECT r.outcome IN ('taken', '22P03') AS ok, count(*)
FROM rate_schedule_send('{[2026-05-01,2026-06-15): 0.2, [2026-06-15,): 0.35}') bytes
CROSS JOIN LATERAL generate_series(0, octet_length(bytes) * 8 - 1) n
CROSS JOIN LATERAL pg_temp.receive('rate_schedule', set_bit(bytes, n, 1 - get_bit(bytes, n))) r
GROUP BY 1;
SELECT bool_and(rate_schedule::text::rate_schedule = rate_schedule
                AND rate_schedule_send(rate_schedule::text::rate_schedule) = rate_schedule_send(rate_schedule)) AS sound
FROM received;
TRUNCATE received;
SELECT what, r.outcome, r.message
FROM (VALUES (1, 'a byte too many',                  bytea '\x0100000000'),
             (2, 'a later format',                   '\x02000000'),
             (3, 'the working form of an aggregate', '\x8200000000000000000000000000'),
             (4, 'a scale of 13 decimals',           '\x010d0000'),
             (5, 'a scale larger than need be',      '\x01011400'),
             (6, 'a step that changes nothing',      '\x010000010200'),
             (7, 'a step twice',                     '\x0100000202020004'),
             (8, 'steps that descend',               '\x0100000204020104'),
             (9, 'more steps than bytes',            '\x010000ffffff7f0202'),
             (10, 'a rate of 1000',                  '\x0100d00f00'),
             (11, 'a rate of 1001',                  '\x0100d20f00'),
             (12, 'a rate beyond 64 bits',           '\x01008280808080808080800400'),
             (13, 'a step on the first day',         '\x010000018d905902'),
             (14, 'a step after the last day',       '\x01000001a8d7e40202')) v (n, what, bytes)
CROSS JOIN LATERAL pg_temp.receive('rate_schedule', bytes) r
ORDER BY n;
SELECT rate_schedule FROM received;
TRUNCATE received;

-- tiers: format 1, scale of the volumes, scale of the rates, the rate from volume 0 on, number of further steps; per step its
-- distance and its rate. Numbers are varints without a sign.
SELECT tiers_send('{}'), tiers_send('{0: 1}'), tiers_send('{0: 0.1, 50000: 0.12, 200000.5: 0.15}');
SELECT r.outcome, octet_length(tiers_send(t))
FROM (VALUES ('{}'::tiers), ('{0: 1}'), ('{0: 0.1, 50000: 0.12, 200000: 0.15}'),
             ('{0: 0, 0.000000000000000001: 0.000000000001, 170141183460469231731.687303715884105727: 1}')) v (t)
CROSS JOIN LATERAL pg_temp.receive('tiers', tiers_send(t)) r;
SELECT tiers FROM received;
TRUNCATE received;
SELECT r.outcome, r.message, count(*), min(n), max(n)
FROM tiers_send('{0: 0.1, 50000: 0.12, 200000: 0.15}') bytes
CROSS JOIN LATERAL generate_series(0, octet_length(bytes) - 1) n
CROSS JOIN LATERAL pg_temp.receive('tiers', substring(bytes FOR n)) r
GROUP BY 1, 2;
SELECT r.outcome IN ('taken', '22P03') AS ok, count(*)
FROM tiers_send('{0: 0.1, 50000: 0.12, 200000: 0.15}') bytes
CROSS JOIN LATERAL generate_series(0, octet_length(bytes) * 8 - 1) n
CROSS JOIN LATERAL pg_temp.receive('tiers', set_bit(bytes, n, 1 - get_bit(bytes, n))) r
GROUP BY 1;
SELECT bool_and(tiers::text::tiers = tiers AND tiers_send(tiers::text::tiers) = tiers_send(tiers)) AS sound FROM received;
TRUNCATE received;
SELECT what, r.outcome, r.message
FROM (VALUES (1, 'a byte too many',                          bytea '\x010000000000'),
             (2, 'a later format',                           '\x0200000000'),
             (3, 'the working form of another type',         '\x8200000000000000000000000000'),
             (4, 'volumes with 19 decimals',                 '\x01130000010101'),
             (5, 'rates with 13 decimals',                   '\x01000d0100'),
             (6, 'a scale of volumes larger than need be',   '\x01010000010a01'),
             (7, 'a scale of rates larger than need be',     '\x0100010a00'),
             (8, 'a step that changes nothing',              '\x01000001010501'),
             (9, 'a volume twice',                           '\x010000000205010000'),
             (10, 'volumes that descend by a wrap',          '\x01120000020501ffffffffffffffffffffffffffffffffffff0300'),
             (11, 'more steps than bytes',                   '\x01000000ffffff7f0501'),
             (12, 'a rate of 1',                             '\x0100000100'),
             (13, 'a rate of 2',                             '\x0100000200'),
             (14, 'a rate beyond 64 bits',                   '\x0100008080808080808080800400'),
             (15, 'a volume beyond 128 bits',                '\x0100000001ffffffffffffffffffffffffffffffffffff0301'),
             (16, 'a number longer than need be',            '\x010000818000')) v (n, what, bytes)
CROSS JOIN LATERAL pg_temp.receive('tiers', bytes) r
ORDER BY n;
SELECT tiers FROM received;
-- 1,024 steps, and one more
SELECT n, r.outcome, r.message
FROM (VALUES (1023, '\xff07'::bytea), (1024, '\x8008')) v (n, number)
CROSS JOIN LATERAL (SELECT '\x01000000'::bytea || number || string_agg(CASE i % 2 WHEN 1 THEN '\x0101'::bytea ELSE '\x0100' END, '') AS bytes FROM generate_series(1, n) i) b
CROSS JOIN LATERAL pg_temp.receive('tiers', bytes) r
ORDER BY n;

-- What a reader is told
\x on
SELECT DISTINCT r.*
FROM (VALUES ('consumption', bytea '\x01'), ('rate_schedule', '\x01'), ('consumption', '\x020000'), ('rate_schedule', '\x020000')) v (type_name, bytes)
CROSS JOIN LATERAL pg_temp.receive(type_name, bytes) r
ORDER BY message;
\x off
