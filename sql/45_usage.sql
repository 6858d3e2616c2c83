-- read_usage: the records of a CSV file as rows, or what is wrong with them.
SET datestyle = 'ISO, YMD';
SET search_path = bonus, public;
\set head 'billing_account_id,service_id,sku_id,date,currency,cost,credit,monetary_grant_credit'

-- Every column of the partner export, in any order; what is empty is NULL; labels become attributes
\x on
SELECT * FROM read_usage('partner-export',
'billing_account_id,billing_account_name,cloud_id,cloud_name,folder_id,folder_name,resource_id,service_id,service_name,sku_id,sku_name,date,currency,pricing_quantity,pricing_unit,cost,credit,monetary_grant_credit,volume_incentive_credit,cud_credit,misc_credit,reward,label.user_labels.env,label.system,locale,updated_at,exported_at
a,"A, Inc. ""North""",c,C,f,F,r,s,Service,k,SKU,2026-10-05,USD,1.5,core*hour,1.23E-4,-1e-4,-0.00005,0,0,-0.00005,0.000001,prod,,en,2026-10-06T00:00:00Z,2026-10-07T00:00:00Z
');
SELECT * FROM read_usage('partner-export', E'monetary_grant_credit,credit,cost,currency,date,sku_id,service_id,billing_account_id\n0,0,1,USD,2026-10-05,k,s,a\n');
\x off

-- Ways of writing that make no difference: byte order mark, Windows line ends, no line end at the end, quotes, blank lines
CREATE TEMP TABLE plain AS SELECT * FROM read_usage('partner-export', :'head' || E'\na,s,k,2026-10-05,USD,1,0,0\nb,s,k,2026-10-06,USD,2,-1,0\n');
SELECT line_number, account_id, usage_day, cost, credit, problem FROM plain;
SELECT n, count(*), bool_and(to_jsonb(r) - 'line_number' = to_jsonb(p) - 'line_number') AS same
FROM (VALUES (1, E'\uFEFF' || :'head' || E'\na,s,k,2026-10-05,USD,1,0,0\nb,s,k,2026-10-06,USD,2,-1,0\n'),
             (2, :'head' || E'\r\na,s,k,2026-10-05,USD,1,0,0\r\nb,s,k,2026-10-06,USD,2,-1,0\r\n'),
             (3, :'head' || E'\na,s,k,2026-10-05,USD,1,0,0\nb,s,k,2026-10-06,USD,2,-1,0'),
             (4, :'head' || E'\n\n"a","s","k","2026-10-05","USD","1","0","0"\n\r\nb,s,k,2026-10-06,USD,+2.000,-10E-1,0.0\n\n'),
             (5, 'billing_account_id,' || :'head' || E'\na,a,s,k,2026-10-05,USD,1,0,0\nb,,s,k,2026-10-06,USD,2,-1,0\n')) v (n, content)
CROSS JOIN LATERAL read_usage('partner-export', content) r
FULL JOIN plain p USING (account_id)
GROUP BY n ORDER BY n;
SELECT line_number, account_id, service_name, problem FROM read_usage('partner-export', :'head' || E',service_name\n"a\nb",s,k,2026-10-05,USD,1,0,0,"two\r\nlines"\nc,s,k,2026-10-05,USD,1,0,0,\n');

-- Records that cannot be taken: each with its line, column, value and reason; the others are taken
SELECT line_number, problem_column, problem_value, problem, cost
FROM read_usage('partner-export', :'head' || E'\n' || E'a,s,k,2026-10-05,USD,1,0,0
,s,k,2026-10-05,USD,1,0,0
a,,k,2026-10-05,USD,1,0,0
a,s,,2026-10-05,USD,1,0,0
a,s,k,05.10.2026,USD,1,0,0
a,s,k,2026-02-30,USD,1,0,0
a,s,k,2026-10-05T00:00:00Z,USD,1,0,0
a,s,k,10000-01-01,USD,1,0,0
a,s,k,0000-01-01,USD,1,0,0
a,s,k,2026-10-05,usd,1,0,0
a,s,k,2026-10-05,Dollar,1,0,0
a,s,k,2026-10-05,,1,0,0
a,s,k,2026-10-05,USD,,0,0
a,s,k,2026-10-05,USD,1,,0
a,s,k,2026-10-05,USD,1,0,
a,s,k,2026-10-05,USD,"1,5",0,0
a,s,k,2026-10-05,USD, 1,0,0
a,s,k,2026-10-05,USD,NaN,0,0
a,s,k,2026-10-05,USD,1,-Infinity,0
a,s,k,2026-10-05,USD,1,0,1E-19
a,s,k,2026-10-05,USD,0.0000000000000000001,0,0
a,s,k,2026-10-05,USD,170141183460469231731.687303715884105728,0,0
a,s,k,2026-10-05,USD,1,0
a,s,k,2026-10-05,USD,1,0,0,0
only
a,s,k,2026-10-05,USD,170141183460469231731.687303715884105727,-1E-18,0.1000000000000000000000
')
ORDER BY line_number;
SELECT line_number, problem_column, problem_value, problem
FROM read_usage('partner-export', 'billing_account_id,' || :'head' || E',pricing_quantity,reward\na,b,s,k,2026-10-05,USD,1,0,0,,\na,a,s,k,2026-10-05,USD,1,0,0,much,\na,a,s,k,2026-10-05,USD,1,0,0,,none\n');

-- Files that cannot be read as a whole
SELECT * FROM read_usage('partner-export', '');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM read_usage('partner-export', E'\n\n');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM read_usage('partner-export', E'a,b,c\n1,2,3\n');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM read_usage('partner-export', replace(:'head', 'monetary_grant_credit', 'label.x') || E'\n');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM read_usage('partner-export', :'head' || E',price\n');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM read_usage('partner-export', :'head' || E',cost\n');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM read_usage('partner-export', :'head' || E',label.x,label.x\n');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM read_usage('partner-export', replace(:'head', ',', ';') || E'\n');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM read_usage('partner-export', :'head' || E'\na,s,k,2026-10-05,USD,1,0,0\na,"s,k,2026-10-05,USD,1,0,0\na,s,k,2026-10-05,USD,1,0,0\n');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM read_usage('partner-export', :'head' || E'\na,"s"x,k,2026-10-05,USD,1,0,0\n');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM read_usage('partner-export', :'head' || E'\na,5" disk,k,2026-10-05,USD,1,0,0\n');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM read_usage('partner-export', :'head' || E'\n' || repeat('x', 1048577) || E',s,k,2026-10-05,USD,1,0,0\n');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM read_usage('telegram', :'head');
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) AS header_only FROM read_usage('partner-export', :'head');
SELECT count(*) AS null_format FROM read_usage(NULL, :'head');
SELECT count(*) AS null_content FROM read_usage('partner-export', NULL);

-- FOCUS: NULL without quotes is no value; credits go to credit; no SubAccountId means the account itself; the day is that of
-- the start of the charge period in UTC; columns without a field of their own become attributes
\x on
SELECT line_number, usage_day, account_id, account_name, service_id, service_name, sku_id, currency, charge_category, pricing_quantity, pricing_unit,
       cost, credit, monetary_grant_credit, reward, attributes
FROM read_usage('focus', E'ChargePeriodStart,BilledCost,BillingCurrency,ChargeCategory,BillingAccountId,BillingAccountName,SubAccountId,SubAccountName,ServiceName,SkuId,SkuPriceId,PricingQuantity,PricingUnit,Tags\n'
  || E'2024-09-18 23:59:59,0.00000080000,USD,Usage,"123",SunBird,456,Atlas,Queue,SKU1,SKU1.P,2.000,Requests,"{""a"": 1}"\n'
  || E'2024-09-18T23:59:59.999Z,-5,USD,credit,123,SunBird,NULL,NULL,Queue,NULL,P2,NULL,NULL,NULL\n'
  || E'2024-09-18,1,USD,TAX,123,SunBird,"NULL",NULL,Tax,NULL,NULL,NULL,NULL,NULL\n');
\x off
SELECT line_number, problem_column, problem_value, problem
FROM read_usage('focus', E'ChargePeriodStart,BilledCost,BillingCurrency,ChargeCategory,BillingAccountId,ServiceName
2024-09-18T23:00:00+02:00,1,USD,Usage,123,Queue
2024-09-18T25:00:00Z,1,USD,Usage,123,Queue
2024-09-18 noon,1,USD,Usage,123,Queue
2024-09-18,1,USD,Discount,123,Queue
2024-09-18,1,USD,NULL,123,Queue
2024-09-18,NULL,USD,Usage,123,Queue
2024-09-18,1,USD,Usage,NULL,Queue
2024-09-18,1,USD,Usage,123,
2024-09-18T00:00:00+00:00,1,USD,Purchase,123,Queue
')
ORDER BY line_number;
SELECT * FROM read_usage('focus', E'ChargePeriodStart,BilledCost,BillingCurrency,ChargeCategory,BillingAccountId\n');
\echo :LAST_ERROR_SQLSTATE
