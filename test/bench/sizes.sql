-- Bytes of one series of 31 days: as a table stores it, and as the aggregate carries it. The latter is seen through an
-- aggregate with the same transition and no final function, whose result is the working state itself.
CREATE OR REPLACE AGGREGATE working_state(day date, cost numeric, grant_credit numeric, other_credit numeric) (
    SFUNC = consumption_agg_add, STYPE = consumption
);
SELECT 'working', pg_column_size(working_state(day, cost, grant_credit, other_credit)) FROM day_of_series;

CREATE TEMPORARY TABLE stored AS
SELECT consumption_agg(day, cost, grant_credit, other_credit) AS consumption FROM day_of_series;
SELECT 'stored', pg_column_size(consumption) FROM stored;
