# Closing by itself: behind pgbouncer in transaction mode, and from pg_cron, as doc/month_end.md has it. With Debian's packages
# pgbouncer and postgresql-15-cron, where they are.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use File::Temp qw(tempdir);
use IPC::Run qw(run);
use Ledger;
use Test::More;

my $folder = tempdir(CLEANUP => 1);
chmod 0777, $folder;
my ($pbonus) = grep { -x } $ENV{PBONUS} // (), "$root/build/pbonus";

# Five partners with usage in September.
sub partners {
    my ($ledger) = @_;
    return <<"END";
SET client_min_messages = warning;
\\o /dev/null
SET search_path = $ledger, bonus, public;
INSERT INTO program (program_id, name) VALUES ('international', 'International edition');
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap) VALUES ('international', 'USD', '[2026-01-01,)', 0.20, 0.15, 0.35);
INSERT INTO partner (partner_id, billing_account_id, name) SELECT 'p' || n, 'own-' || n, 'Partner ' || n FROM generate_series(1, 5) n;
INSERT INTO partner_program (partner_id, program_id, validity) SELECT partner_id, 'international', '[2026-01-01,)' FROM partner;
INSERT INTO partner_status (partner_id, status, validity) SELECT partner_id, 'active', '[2026-01-01,)' FROM partner;
SELECT load_csv(partner_id, 'partner-export', format(E'billing_account_id,service_id,sku_id,date,currency,cost,credit,monetary_grant_credit\\n%s,compute,cpu,%s,USD,9.99,0,0\\n',
    billing_account_id, (date_trunc('month', today()::timestamp) - interval '1 day')::date)) FROM partner;
END
}

SKIP: {
    my $bouncer = (grep { -x } map { "$_/pgbouncer" } split(/:/, $ENV{PATH}), '/usr/sbin')[0];
    skip 'pbonus or pgbouncer is not there', 4 unless $pbonus && $bouncer;
    psql("SET client_min_messages = warning; SELECT bonus.create_ledger('pooled');" . partners('pooled'));
    open my $settings, '>', "$folder/pgbouncer.ini" or die;
    my $database = $ENV{PGDATABASE} // 'sandbox';
    print $settings <<"END";
[databases]
$database = host=$ENV{PGHOST} port=$ENV{PGPORT} user=$ENV{PGUSER}
[pgbouncer]
unix_socket_dir = $folder
listen_port = 6432
auth_type = any
pool_mode = transaction
default_pool_size = 2
logfile = $folder/log
pidfile = $folder/pid
END
    close $settings or die;
    # it will not run as root
    my @start = ($bouncer, '-q', '-d', "$folder/pgbouncer.ini");
    @start = ('setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups', @start) if $> == 0;
    my $said = '';
    run(\@start, '>&', \$said) or diag $said;
    my $month = psql("SELECT to_char(pooled.today() - interval '1 month', 'YYYY-MM');") =~ s/\n//r;
    my @through = ('env', "PGHOST=$folder", 'PGPORT=6432');
    my ($out, $err) = ('', '');
    run([ @through, $pbonus, 'close', $month, '--ledger', 'pooled', '--jobs', '4' ], '>', \$out, '2>', \$err);
    is($? >> 8, 0, 'pgbouncer in transaction mode: four connections on two sessions') or diag $err;
    like($out, qr/closed      5\n  parked      0\n  documents   5\n/, '  all partners are closed');
    run([ @through, qw(psql -X -A -t -c), 'SHOW search_path' ], '>', \(my $path));
    unlike($path, qr/pooled/, '  nothing is left in the sessions of others');
    is(psql('SELECT count(*) FROM pooled.verify();'), "0\n", '  sound');
    open my $file, '<', "$folder/pid" or die;
    kill 'TERM', <$file> + 0;
}

SKIP: {
    my ($destination) = grep { -e "$_/usr/lib/postgresql/15/lib/pg_cron.so" } $ENV{PARTNER_BONUS_INSTALL} // (), '';
    skip 'pg_cron is not there', 2 unless defined $destination;
    open my $page, '<', "$root/doc/month_end.md" or die;
    my ($job) = do { local $/; <$page> } =~ /(SELECT cron\.schedule\(.*?\);)/s;
    $job =~ s/'0 6 5 \* \*'/'* * * * *'/ or die 'the page has another job';
    # it begins with the next minute
    my $wait = <<'END';
DO $do$
BEGIN
    FOR n IN 1 .. 900 LOOP
        EXIT WHEN EXISTS (SELECT FROM cron.job_run_details WHERE end_time IS NOT NULL);
        PERFORM pg_sleep(0.1);
    END LOOP;
END $do$;
END
    open my $script, '>', "$folder/cron.sql" or die;
    print $script partners('billing'), "CREATE EXTENSION pg_cron;\n$job\n$wait\n\\o\n",
        "SELECT status FROM cron.job_run_details ORDER BY start_time LIMIT 1;\nSELECT count(*) FROM billing.document;\n";
    close $script or die;
    run([ "$root/scripts/sandbox", '--setting', 'shared_preload_libraries=pg_cron', '--setting', 'cron.database_name=sandbox', '--setting',
          'cron.use_background_workers=on', qw(psql -X -q -A -t -v ON_ERROR_STOP=1 -f), "$folder/cron.sql" ], '>', \my $out, '2>', \my $err);
    is($err, '', 'pg_cron: the job of doc/month_end.md is taken');
    is($out, "succeeded\n5\n", '  runs, and closes the last month');
}
done_testing();
