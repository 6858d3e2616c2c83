# A worker of autovacuum that writes statistics is no writer of a ledger: as_of() does not wait for it. What it writes is held up
# by a prepared transaction here, so that it is there for as long as it takes to ask.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use IPC::Run qw(run);
use Ledger;
use Test::More;

my $script = <<'SQL';
SET client_min_messages = warning;
CREATE TABLE held AS SELECT n FROM generate_series(1, 100) n;
ANALYZE held;
BEGIN;
DO $$ BEGIN PERFORM FROM pg_statistic WHERE starelid = 'held'::regclass FOR UPDATE; END $$;
PREPARE TRANSACTION 'holds statistics';
INSERT INTO held SELECT n FROM generate_series(1, 100000) n;
DO $$ BEGIN PERFORM pg_stat_force_next_flush(); END $$;
DO $$
BEGIN
    FOR i IN 1..600 LOOP
        PERFORM pg_stat_clear_snapshot();
        EXIT WHEN EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'autovacuum worker' AND backend_xid IS NOT NULL AND datname = current_database());
        PERFORM pg_sleep(0.1);
    END LOOP;
END
$$;
SELECT (SELECT count(*) > 0 FROM pg_stat_activity WHERE backend_type = 'autovacuum worker' AND backend_xid IS NOT NULL AND datname = current_database()), bonus.oldest_writer();
ROLLBACK PREPARED 'holds statistics';
SQL
my ($out, $err);
run([ "$root/scripts/sandbox", qw(--setting max_prepared_transactions=1 --setting autovacuum_naptime=1s psql -X -q -A -t -v ON_ERROR_STOP=1) ],
    '<', \$script, '>', \$out, '2>', \$err);
is($out, "t|infinity\n", 'a worker of autovacuum is writing, and nobody else') or diag($err);
done_testing();
