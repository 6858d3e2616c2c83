-- load_csv: what becomes of a file.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET datestyle = 'ISO, YMD';
SET timezone = 'UTC';
SELECT bonus.create_ledger('intake');
SET search_path = intake, bonus, public;
INSERT INTO partner (partner_id, billing_account_id, name) VALUES ('p', 'p-account', 'Partner'), ('q', 'q-account', 'Other partner');
\set head 'billing_account_id,service_id,sku_id,date,currency,cost,credit,monetary_grant_credit,reward,label.env'

CREATE VIEW pg_temp.stored AS
SELECT (SELECT count(*) FROM usage) AS usage, (SELECT sum(line_count) FROM usage_day) AS versions, (SELECT count(*) FROM load_batch) AS batches,
       (SELECT count(*) FROM rejected_line) AS rejected;

-- Lines of two days; one line is rejected, the rest is loaded
SELECT :'head' || E'\na,s,k,2026-10-05,USD,100.00,-30.00,-20.00,14.00,prod\nb,s,k,2026-10-05,USD,2.50E+2,0,0,,\n'
               || E'b,s,k,2026-10-06,USD,0.000000000000000001,0,0,,\nb,s,k,2026-10-06,USD,1 000,0,0,,\n' AS first \gset
SELECT partner_id, source, format, file_name, sha256 = sha256(convert_to(:'first', 'UTF8')) AS digest, lines, loaded, rejected, outcome
FROM load_csv('p', 'partner-export', :'first', file_name => '2026-10-06.csv');
SELECT account_id, usage_day, line_number, cost, credit, grant_credit, other_credit, charge_category, reward, attributes FROM usage ORDER BY usage_day, line_number;
SELECT line_number, column_name, value, reason FROM rejected_line;
SELECT * FROM pg_temp.stored;

-- The same content again changes nothing, whatever the file is called
SELECT lines, loaded, rejected, outcome FROM load_csv('p', 'partner-export', :'first', file_name => 'again.csv');
SELECT * FROM pg_temp.stored;

-- A day in a file replaces that day of the same partner and source, and no other; the old lines stay on record
SELECT lines, loaded, rejected, outcome FROM load_csv('p', 'partner-export', :'head' || E'\nc,s,k,2026-10-05,USD,7,0,0,,\n');
SELECT account_id, usage_day, cost FROM usage ORDER BY usage_day, account_id;
SELECT * FROM pg_temp.stored;
SELECT (min(superseded_at) - interval '1 microsecond')::text AS before_it FROM usage_day \gset
SET bonus.known_at = :'before_it';
SELECT account_id, usage_day, cost FROM usage ORDER BY usage_day, account_id;
RESET bonus.known_at;
-- another source and another partner have days of their own
SELECT source, outcome FROM load_csv('p', 'partner-export', :'head' || E'\nd,s,k,2026-10-05,USD,1,0,0,,\n', 'by hand');
SELECT source, outcome FROM load_csv('q', 'partner-export', :'head' || E'\ne,s,k,2026-10-05,USD,1,0,0,,\n');
SELECT partner_id, source, account_id FROM usage WHERE usage_day = '2026-10-05' ORDER BY account_id;
-- the first file once more: not the content that is there now, so it is loaded again
SELECT lines, loaded, rejected, outcome FROM load_csv('p', 'partner-export', :'first');
SELECT account_id, usage_day, cost FROM usage WHERE partner_id = 'p' AND source = 'partner-export' ORDER BY usage_day, account_id;
-- a file with a header and nothing else has no days: nothing is replaced
SELECT lines, loaded, rejected, outcome FROM load_csv('p', 'partner-export', :'head');
-- a day of which every line is rejected keeps its earlier lines
SELECT lines, loaded, rejected, outcome FROM load_csv('p', 'partner-export', :'head' || E'\na,s,k,2026-10-06,USD,none,0,0,,\n');
SELECT count(*) AS still_there FROM usage WHERE partner_id = 'p' AND source = 'partner-export' AND usage_day = '2026-10-06';

-- A currency the ledger does not know; when it does, the same file brings its lines
SELECT :'head' || E'\na,s,k,2026-11-01,XTS,1,0,0,,\na,s,k,2026-11-01,USD,1,0,0,,\n' AS foreign \gset
SELECT lines, loaded, rejected, outcome FROM load_csv('p', 'partner-export', :'foreign');
SELECT line_number, column_name, value, reason FROM rejected_line ORDER BY batch_id DESC LIMIT 1;
SELECT lines, loaded, rejected, outcome FROM load_csv('p', 'partner-export', :'foreign');
INSERT INTO currency VALUES ('XTS', 2);
SELECT lines, loaded, rejected, outcome FROM load_csv('p', 'partner-export', :'foreign');
SELECT lines, loaded, rejected, outcome FROM load_csv('p', 'partner-export', :'foreign');
SELECT currency, cost FROM usage WHERE usage_day = '2026-11-01' ORDER BY currency;

-- Refused: nothing is stored
SELECT * FROM pg_temp.stored \gset before_
SELECT load_csv('nobody', 'partner-export', :'first');
\echo :LAST_ERROR_SQLSTATE
SELECT load_csv(NULL, 'partner-export', :'first');
\echo :LAST_ERROR_SQLSTATE
SELECT load_csv('p', 'telegram', :'first');
\echo :LAST_ERROR_SQLSTATE
SELECT load_csv('p', 'focus', :'first');
\echo :LAST_ERROR_SQLSTATE
SELECT load_csv('p', 'partner-export', '');
\echo :LAST_ERROR_SQLSTATE
SELECT load_csv('p', 'partner-export', replace(:'first', ',cost,', ',price,'));
\echo :LAST_ERROR_SQLSTATE
SELECT load_csv('p', 'partner-export', replace(:'first', ',reward,', ',reward,reward,'));
\echo :LAST_ERROR_SQLSTATE
SELECT load_csv('p', 'partner-export', :'head' || E'\na,s,k,2026-10-07,USD,1,0,0,,\na,"s,k,2026-10-07,USD,1,0,0,,\n');
\echo :LAST_ERROR_SQLSTATE
SELECT load_csv('p', 'partner-export', :'head' || E'\na,s,k,2026-10-07,USD,1,0,0,,\na,s"s",k,2026-10-07,USD,1,0,0,,\n');
\echo :LAST_ERROR_SQLSTATE
SELECT s.usage = :before_usage AND s.versions = :before_versions AND s.batches = :before_batches AND s.rejected = :before_rejected AS nothing_changed
FROM pg_temp.stored s;

-- FOCUS: the same, with charge categories; tax is kept, and is no part of any line
SELECT lines, loaded, rejected FROM load_csv('q', 'focus', E'ChargePeriodStart,BilledCost,BillingCurrency,ChargeCategory,BillingAccountId,SubAccountId,ServiceName,SkuId
2026-12-01T00:00:00Z,10,USD,Usage,q-account,f,Queue,k1
2026-12-31T23:59:59Z,-2.5,USD,Credit,q-account,f,Queue,k1
2026-12-01,1.9,USD,Tax,q-account,NULL,Tax,NULL
2026-12-01,-3,USD,Adjustment,q-account,f,Queue,NULL
2026-12-01,5,USD,Refund,q-account,f,Queue,k1
');
SELECT usage_day, account_id, sku_id, charge_category, cost, credit FROM usage WHERE source = 'focus' ORDER BY usage_day, line_number;
SELECT line_number, column_name, value, reason FROM rejected_line ORDER BY batch_id DESC, line_number LIMIT 1;
SELECT account_id, section, sku_id, charge_category, cost, other_credit, base FROM bonus_line WHERE billing_month = '2026-12-01' ORDER BY account_id, sku_id, charge_category;

-- Lines that deserve a look: nothing is changed for it
SELECT lines, loaded FROM load_csv('q', 'partner-export', 'billing_account_id,service_id,sku_id,date,currency,cost,credit,monetary_grant_credit,volume_incentive_credit,cud_credit,misc_credit
a,s,k,2027-01-01,USD,10,-3,-1,-1,-1,0
a,s,k,2027-01-02,USD,10,-3,-1,-1,0,0
a,s,k,2027-01-03,USD,1,-3,0,0,-3,0
a,s,k,2027-01-04,USD,-1,0.5,0,0.5,0,0
');
SELECT usage_day, line_number, remark, detail FROM usage_remark ORDER BY usage_day, remark;

-- A partner with usage stays
DELETE FROM partner WHERE partner_id = 'q';
\echo :LAST_ERROR_SQLSTATE

-- The currency column of a FOCUS file has another name; what is rejected for it loads once the currency is known.
SELECT lines, loaded, rejected, outcome FROM load_csv('p', 'focus', E'ChargePeriodStart,BilledCost,BillingCurrency,ChargeCategory,BillingAccountId,ServiceName\n2027-01-05,3,SEK,Usage,a,S\n2027-01-05,4,USD,Usage,a,S\n');
SELECT line_number, column_name, value, reason FROM rejected_line WHERE batch_id = (SELECT max(batch_id) FROM load_batch);
INSERT INTO currency VALUES ('SEK', 2);
SELECT lines, loaded, rejected, outcome FROM load_csv('p', 'focus', E'ChargePeriodStart,BilledCost,BillingCurrency,ChargeCategory,BillingAccountId,ServiceName\n2027-01-05,3,SEK,Usage,a,S\n2027-01-05,4,USD,Usage,a,S\n');
SELECT lines, loaded, rejected, outcome FROM load_csv('p', 'focus', E'ChargePeriodStart,BilledCost,BillingCurrency,ChargeCategory,BillingAccountId,ServiceName\n2027-01-05,3,SEK,Usage,a,S\n2027-01-05,4,USD,Usage,a,S\n');

-- An amount may be a number and still no amount of a ledger: a few such lines would leave no room for sums.
SELECT lines, loaded, rejected FROM load_csv('p', 'partner-export', E'billing_account_id,service_id,sku_id,date,currency,cost,credit,monetary_grant_credit\na,s,k,2027-01-06,USD,1000000000000000000,0,0\na,s,k,2027-01-06,USD,0,1000000000000000000.000000000000000001,0\na,s,k,2027-01-06,USD,0,0,-170141183460469231731\n');
SELECT line_number, column_name, value, reason FROM rejected_line WHERE batch_id = (SELECT max(batch_id) FROM load_batch);
-- usage that is written by hand is held to the same
INSERT INTO usage_day (partner_id, source, usage_day, lines) VALUES ('p', 'hand', '2027-01-06', usage_pack());
SELECT line_count, digest = content_digest(lines) AS digest, billed_in, reversed_in, batch_id, recorded_at > '2026-01-01' AS by_the_clock FROM usage_day WHERE source = 'hand';
INSERT INTO usage_day (partner_id, source, usage_day, lines) SELECT 'p', 'hand', '2027-01-07', usage_pack_agg('a', 's', 'k', 'USD', 'Usage', 'NaN', 0, 0);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO usage_day (partner_id, source, usage_day, lines) SELECT 'p', 'hand', '2027-01-07', usage_pack_agg('a', 's', 'k', 'USD', 'Usage', 0, 0.0000000000000000001, 0);
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY sqlstate
INSERT INTO usage_day (partner_id, source, usage_day, lines) SELECT 'p', 'hand', 'infinity', usage_pack_agg('a', 's', 'k', 'USD', 'Usage', 0, 0, 0);
\set VERBOSITY default

-- A load in a transaction with an old snapshot would not see what another has replaced.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT load_csv('p', 'partner-export', :'first');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;

DROP SCHEMA intake CASCADE;
