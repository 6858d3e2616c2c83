-- Bytes of one series of 31 days: as the aggregate carries it, and as a table stores it. Wants what data.sql made.
CREATE TEMPORARY TABLE stored AS
SELECT consumption_agg(day, cost, grant_credit, other_credit) AS consumption FROM day_of_series;
SELECT 'stored', pg_column_size(consumption) FROM stored;
