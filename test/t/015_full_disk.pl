# No space left: under usage_day, under the server's log of changes, under what the client writes. Words and exit code tell, each
# file is there as a whole or not at all, and the same command completes once there is room.
# The small disks are tmpfs that only this test sees. Where it may not mount any, the server gets a limit on the size of files
# instead; its log of changes does not fill up then.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Client;
use File::Temp qw(tempdir);
use IPC::Run qw(run);
use Ledger;
use Test::More;
use Time::HiRes qw(sleep);

if (!$ENV{PARTNER_BONUS_SMALL_DISKS}) {
    local $ENV{PARTNER_BONUS_SMALL_DISKS} = "$folder/disks";
    local $ENV{PBONUS} = $pbonus;
    mkdir "$folder/disks" and chmod 0755, $folder, "$folder/disks" or die;
    my @with_disks = ("$FindBin::RealBin/with_small_disks", "$folder/disks", 'server:250m', 'usage:40m', 'client:1m', '--');
    if (system(@with_disks, 'true') != 0) {
        diag('neither root nor user namespaces: the server has a limit on the size of files instead of a small disk');
        $ENV{PARTNER_BONUS_SMALL_DISKS} = 'none';
        @with_disks = ();
    }
    system(@with_disks, $^X, $0);
    exit($? == 0 ? 0 : 1);
}
my $disks = $ENV{PARTNER_BONUS_SMALL_DISKS} eq 'none' ? undef : $ENV{PARTNER_BONUS_SMALL_DISKS};

# Leaves so many bytes of a disk; all of them without a number.
sub leave_room {
    my ($disk, $bytes) = @_;
    unlink "$disks/$disk/ballast";
    return if !defined $bytes;
    my ($free) = `df --output=avail -B 1 '$disks/$disk'` =~ /(\d+)/;
    system('fallocate', '-l', $free - $bytes, "$disks/$disk/ballast") == 0 or die;
    return;
}

my $server;

# A server whose files lie on the small disk, or are limited to so many bytes.
sub start_server {
    local $ENV{TMPDIR} = "$disks/server" if $disks;
    my @limit = $disks ? () : ('prlimit', '--fsize=17000000:unlimited');
    my $said;
    run([ @limit, "$root/scripts/sandbox", qw(--no-ledger --keep --setting synchronous_commit=on true) ], '>&', \$said) or BAIL_OUT("no server: $said");
    @ENV{qw(PGHOST PGUSER PGDATABASE)} = $said =~ /-h (\S+) -U (\S+) (\S+)/;
    $server = $ENV{PGHOST};
    return;
}

sub pg_ctl {
    my @options = @_;
    my ($owner, $group) = (stat "$ENV{PGHOST}/data")[ 4, 5 ];
    my $programs = ($ENV{PG_CONFIG} // '/usr/lib/postgresql/15/bin/pg_config') =~ s{/[^/]*\z}{}r;
    my @as_owner = $> == 0 ? ('setpriv', "--reuid=$owner", "--regid=$group", '--clear-groups', '--') : ();
    system(@as_owner, "$programs/pg_ctl", '-D', "$ENV{PGHOST}/data", '-l', "$ENV{PGHOST}/log", '-w', '-s', @options) == 0
        or BAIL_OUT("pg_ctl @options: " . slurp("$ENV{PGHOST}/log"));
    return;
}

# A server that gave up; it may still be about to.
sub start_again {
    for (1 .. 300) {
        last if !-e "$ENV{PGHOST}/data/postmaster.pid";
        sleep 0.1;
    }
    leave_room('server');
    pg_ctl('start');
    return;
}

END { system("$root/scripts/sandbox", '--stop', $server) if $server }

my @day = ('--month', '2026-10', '--accounts', '8', '--lines', $disks ? 4000 : 28000);
my @partner = ('--partner', 'generated-partner');
is(pbonus('generate', "$folder/made", @day, '--rules')->{exit}, 0, 'a month of files');
start_server();
psql("SET client_min_messages = warning; SELECT bonus.create_ledger('billing');");
psql("SET search_path = billing, bonus, public;\n" . slurp("$folder/made/generated_generated-partner_rules.sql"));
if ($disks) {
    mkdir "$disks/usage/space" and chmod 0700, "$disks/usage/space" or die;
    chown((stat "$ENV{PGHOST}/data")[ 4, 5 ], "$disks/usage/space") or die;
    psql("CREATE TABLESPACE usage LOCATION '$disks/usage/space'; ALTER TABLE billing.usage_day SET TABLESPACE usage;");
}

my $whole = "SELECT bool_and(lines = $day[-1]) FROM (SELECT sum(line_count) AS lines FROM billing.usage_day WHERE superseded_at = 'infinity' GROUP BY usage_day) d;";

{
    leave_room('usage', 1_500_000) if $disks;
    my $done = json('load', @partner, "$folder/made");
    is($done->{exit}, 4, 'the disk of usage_day is full: exit 4');
    my ($refused) = grep { $_->{outcome} eq 'refused' } @{ $done->{json}{files} };
    like("$refused->{error}{message} $refused->{error}{sqlstate}", $disks ? qr/No space left on device 53100/ : qr/could not extend file .*(?:File too large|wrote only)/, '  the server\'s words');
    is($refused->{loaded}, 0, '  of that file nothing is loaded');
    my $loaded = grep { $_->{outcome} eq 'loaded' } @{ $done->{json}{files} };
    cmp_ok($loaded, '>', 0, "  $loaded files were loaded before");
    is(psql($whole) . psql("SELECT count(DISTINCT usage_day) FROM billing.usage_day;"), "t\n$loaded\n", '  these, and these as a whole');
    is_deeply($done->{json}{days}, { loaded => $loaded }, '  as the account says');
    is(pbonus('verify')->{exit}, 0, '  the ledger is sound');
    my $together = pbonus('load', @partner, '--jobs', '2', '--files-per-transaction', '7', "$folder/made");
    is($together->{exit}, 4, '  seven files a transaction, two connections: the same');
    like($together->{out}, qr/not reached.*^stopped: each file is loaded as a whole or not at all; run the same command again/ms, '  and it says how to go on');
    is(psql($whole), "t\n", '  every day is whole');

    $disks ? leave_room('usage') : pg_ctl('restart');
    $done = json('load', @partner, "$folder/made");
    is($done->{exit}, 0, 'with room again the same command completes') or diag $done->{err};
    is(psql($whole) . psql("SELECT count(DISTINCT usage_day) FROM billing.usage_day;"), "t\n31\n", '  all days are there');
    is(pbonus('verify')->{exit}, 0, '  and the ledger is sound');
}

# The log of changes: the server gives up, and does not come back before there is room
if ($disks) {
    is(pbonus('generate', "$folder/rewritten", @day, '--seed', '2')->{exit}, 0, 'the month rewritten');
    my @versions = ("$folder/made", "$folder/rewritten");
    my $digests = "SELECT string_agg(encode(digest, 'hex'), ' ' ORDER BY usage_day) FROM billing.usage_day WHERE superseded_at = 'infinity';";
    my @before = split ' ', psql($digests);
    # soon it goes on in another file of 16 MiB
    psql("SELECT pg_logical_emit_message(false, 'padding', repeat('x', (15000000 - (pg_current_wal_insert_lsn() - '0/0') % 16777216)::integer))
          WHERE (pg_current_wal_insert_lsn() - '0/0') % 16777216 < 15000000;");
    leave_room('server', 1_000_000);
    my $done = json('load', @partner, "$folder/rewritten");
    is($done->{exit}, 4, 'the disk of the log of changes is full: exit 4');
    my @outcomes = map { $_->{outcome} } @{ $done->{json}{files} };
    is(scalar @outcomes, 31, '  the account is there');
    my ($stopped) = grep { $_->{outcome} eq 'refused' } @{ $done->{json}{files} };
    like($stopped->{error}{message}, qr/No space left on device|connection to the database is lost/, '  it says what happened');
    my $down = json('load', @partner, "$folder/rewritten");
    is($down->{exit}, 4, 'the server is down: exit 4');
    like($down->{json}{error}{message}, qr/no connection to the database/, '  programs are told as well');

    start_again();
    my @after = split ' ', psql($digests);
    my @kept = grep { $outcomes[$_] eq 'loaded' && $after[$_] eq $before[$_] } 0 .. 30;
    is("@kept", '', 'with room the server is back: what was told to be loaded is there');
    my @changed = grep { $outcomes[$_] eq 'not reached' && $after[$_] ne $before[$_] } 0 .. 30;
    is("@changed", '', '  what was not reached is as before');
    is(psql($whole), "t\n", '  every day is whole');
    is(json('load', @partner, "$folder/rewritten")->{exit}, 0, '  the same command completes');
    is(scalar(grep { $before[$_] eq (split ' ', psql($digests))[$_] } 0 .. 30), 0, '  all days are rewritten');
    is(pbonus('verify')->{exit}, 0, '  and the ledger is sound');
}

# What the client writes
sub written { return join ' ', map { s{.*/}{}r } glob "$_[0]/*" }
{
    my $small = $disks ? "$disks/client" : tempdir(CLEANUP => 1);
    my $full = qr/No space left on device|File too large/;
    my @full = $disks ? () : ('prlimit', '--fsize=1000000');
    my $run = sub { my ($out, $err); run([ @full, $pbonus, @_ ], '>', \$out, '2>', \$err); return { exit => $? >> 8, err => $err } };
    my $done = $run->('generate', $small, @day);
    is($done->{exit}, 4, 'generate onto a full disk: exit 4');
    like($done->{err}, qr/2026-10-0\d\.csv: cannot be written.*$full/s, '  it says which file, and why');
    unlike(written($small), qr/\.part/, '  no unfinished file is left');
    unlink glob "$small/*";

    my @month = (@partner, '--period', '2026-10');
    open my $file, '>', "$small/month.csv" or die;
    print $file "earlier\n";
    close $file or die;
    $done = $run->('export', @month, '-o', "$small/month.csv");
    is($done->{exit}, 4, 'export onto a full disk: exit 4');
    like($done->{err}, qr/month\.csv: cannot be written.*$full/s, '  it says which file, and why');
    is(written($small) . ' ' . slurp("$small/month.csv"), "month.csv earlier\n", '  the file is what it was before');
    is(pbonus('export', @month, '-o', "$folder/month.csv")->{exit}, 0, '  with room it is written');
    is(scalar(() = slurp("$folder/month.csv") =~ /\n/g), 31 * $day[-1] + 1, '  all of it');

    for my $command ([ 'export', @month ], ['status'], [ 'status', '--json' ], ['verify'], [ 'load', @partner, "$folder/made/generated_generated-partner_2026-10-01.csv", '--dry-run' ]) {
        my $err;
        run([ $pbonus, @$command ], '>', '/dev/full', '2>', \$err);
        is($? >> 8, 4, "standard output is full: $command->[0]");
        like($err, qr/cannot be written.*No space left/s, '  it says so');
    }
}

done_testing();
