-- create_ledger and verify_ledger: what they make, find and refuse.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SELECT bonus.create_ledger('billing');
SELECT * FROM bonus.verify_ledger('billing');
SELECT obj_description('billing'::regnamespace, 'pg_namespace') = 'partner_bonus ledger, made by version ' || bonus.version() AS described;

-- Names that cannot be
SELECT bonus.create_ledger('Billing');
\echo :LAST_ERROR_SQLSTATE
SELECT bonus.create_ledger('bill;ing');
\echo :LAST_ERROR_SQLSTATE
SELECT bonus.create_ledger('');
\echo :LAST_ERROR_SQLSTATE
SELECT bonus.create_ledger('pg_billing');
\echo :LAST_ERROR_SQLSTATE
SELECT bonus.create_ledger(NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT bonus.create_ledger('bonus');
\echo :LAST_ERROR_SQLSTATE
SELECT bonus.create_ledger(repeat('x', 64));
\echo :LAST_ERROR_SQLSTATE

-- Schemas that are taken
SELECT bonus.create_ledger('billing');
\echo :LAST_ERROR_SQLSTATE
SELECT bonus.create_ledger();
\echo :LAST_ERROR_SQLSTATE
CREATE SCHEMA another CREATE TABLE anything ();
SELECT bonus.create_ledger('another');
\echo :LAST_ERROR_SQLSTATE
DROP TABLE another.anything;
SELECT bonus.create_ledger('another') AS empty_schema_will_do;

-- Several ledgers live side by side, also one that is called like its own view, or like a word of SQL
SELECT bonus.create_ledger('usage'), bonus.create_ledger('user');
SELECT count(*) AS problems FROM bonus.verify_ledger('usage');
SELECT count(*) AS problems FROM bonus.verify_ledger('user');
INSERT INTO another.partner (partner_id, billing_account_id, name) VALUES ('p', 'p', 'P');
SELECT (SELECT count(*) FROM another.partner) AS another, (SELECT count(*) FROM billing.partner) AS billing;

-- What verify_ledger finds
ALTER TABLE another.deal DROP COLUMN description;
ALTER TABLE another.deal DISABLE TRIGGER keep_versions;
DROP INDEX another.deal_link_id_idx;
ALTER TABLE another.exclusion ALTER COLUMN validity DROP NOT NULL;
ALTER TABLE another.subaccount_link DROP CONSTRAINT subaccount_link_account_id_validity_excl;
CREATE OR REPLACE VIEW another.portal_bonus AS
SELECT partner_id, billing_month, month_label, currency, status, base, eligible_base, 0.00 AS absolute_discount, relative_discount, relative_discount_eligible
FROM another.payment_invoice;
CREATE OR REPLACE FUNCTION another.refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TABLE another.mine (note text);
SELECT object, problem FROM bonus.verify_ledger('another');
SELECT bonus.verify_ledger('nowhere');
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) AS left_behind FROM pg_namespace WHERE nspname LIKE 'ledger_check%';

-- The extension cannot go while ledgers need it
\set VERBOSITY terse
DROP EXTENSION partner_bonus;
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY default

-- Without a right on the database nobody makes a ledger; with it, anybody
CREATE ROLE regress_bookkeeper;
SET ROLE regress_bookkeeper;
SELECT bonus.create_ledger('books');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM billing.payment_invoice;
\echo :LAST_ERROR_SQLSTATE
RESET ROLE;
SELECT format('GRANT CREATE ON DATABASE %I TO regress_bookkeeper', current_database()) \gexec
SET ROLE regress_bookkeeper;
SELECT bonus.create_ledger('books');
SELECT count(*) AS problems FROM bonus.verify_ledger('books');
INSERT INTO books.partner (partner_id, billing_account_id, name) VALUES ('p', 'p', 'P');
UPDATE books.partner SET name = 'Q';
SELECT name, superseded_at = 'infinity' AS current FROM books.partner ORDER BY recorded_at, current;
RESET ROLE;

DROP SCHEMA another, usage, "user", books CASCADE;
DROP OWNED BY regress_bookkeeper;
DROP ROLE regress_bookkeeper;

-- A schema that somebody else owns, or with anything in it, is no place for a ledger: its functions would be found first.
CREATE SCHEMA occupied;
CREATE FUNCTION occupied.format(text, text, text) RETURNS text LANGUAGE sql AS 'SELECT $1';
SELECT bonus.create_ledger('occupied');
\echo :LAST_ERROR_SQLSTATE
DROP SCHEMA occupied CASCADE;
CREATE ROLE ledger_stranger;
CREATE SCHEMA strange AUTHORIZATION ledger_stranger;
SELECT bonus.create_ledger('strange');
\echo :LAST_ERROR_SQLSTATE
DROP SCHEMA strange;
DROP ROLE ledger_stranger;
