-- All lines of a month of the partner 'flat' of ledger.sql, planning included.
SELECT count(*), sum(bonus) FROM bench_ledger.bonus_line WHERE partner_id = 'flat' AND billing_month = '2026-10-01';
