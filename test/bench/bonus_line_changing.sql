-- All lines of a month of the partner 'changing' of ledger.sql, planning included.
SELECT count(*), sum(bonus) FROM bench_ledger.bonus_line WHERE partner_id = 'changing' AND billing_month = '2026-10-01';
