# Files of which nothing is right, and files that are larger than anybody expects: refused or taken in bounded memory.
# The large budget has 10,000,000 wrong records (300,000 otherwise) and a file with more than 256 MiB of packs.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Client;
use IPC::Run qw(run start finish);
use JSON::PP qw(decode_json);
use Ledger;
use Test::More;

my $large = ($ENV{PARTNER_BONUS_BUDGET} // 'small') eq 'large';
my $header = 'billing_account_id,service_id,sku_id,date,currency,cost,credit,monetary_grant_credit';
my @partner = ('--ledger', 'bad', '--partner', 'bad');

# pbonus load of what a program in Python writes: the JSON, and the peak of resident memory in MB.
sub load_written {
    my ($program, @options) = @_;
    my ($out, $err);
    run([ 'python3', '-c', 'import resource, subprocess, sys
writer = subprocess.Popen(["python3", "-c", "from sys import stdout\nwrite = stdout.write\n" + sys.argv[1]], stdout=subprocess.PIPE)
loader = subprocess.Popen(sys.argv[2:], stdin=writer.stdout)
writer.stdout.close()
loader.wait()
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024, loader.returncode, file=sys.stderr)
writer.kill()', $program, $pbonus, 'load', @partner, '--json', @options, '-' ], '<', \'', '>', \$out, '2>', \$err) or die $err;
    my ($memory, $exit) = $err =~ /^(\d+) (\d+)$/m;
    return { memory => $memory, exit => $exit, file => decode_json($out)->{files}[0] };
}

sub rejects_kept { return psql("SELECT count(*) FROM bad.rejected_line;") =~ s/\n\z//r }

# Two first ledgers at once, in a database that does not have what both need
{
    psql('CREATE DATABASE first_ledgers;');
    psql('CREATE EXTENSION partner_bonus;', -d => 'first_ledgers');
    my @said = map { '' } 0 .. 2;
    my @started = map {
        start([ qw(psql -X -q -A -t -v ON_ERROR_STOP=1 -d first_ledgers -c), "SET client_min_messages = warning; SELECT bonus.create_ledger('" . (qw(one two one))[$_] . "');" ],
            '<', \'', '>', \$said[$_], '2>&1')
    } 0 .. 2;
    finish $_ for @started;
    my @sorted = sort @said;
    is("@sorted[1, 2]", "one\n two\n", 'two first ledgers at once: both are made');
    like($sorted[0], qr/schema "one" is not empty/, 'two of one name: one is, the other is told why not');
    psql('DROP DATABASE first_ledgers;');
}

psql("SET client_min_messages = warning; SELECT bonus.create_ledger('bad');
    INSERT INTO bad.partner (partner_id, billing_account_id, name) VALUES ('bad', 'bad', 'Bad');");

# Everything is wrong
{
    my $many = $large ? 10_000_000 : 300_000;
    my $wrong = "a,compute,cpu,2026-10-05,USD,1 000,0,0\\n";
    my $write = sub { my ($times) = @_; return "write('$header\\n')\nfor _ in range($times // 1000): write('$wrong' * 1000)" };
    my $done = load_written($write->($many));
    my $grouped = reverse(join ',', unpack '(A3)*', reverse $many);
    is($done->{exit}, 3, "$grouped records, all wrong: exit 3");
    is($done->{file}{error}{detail}, "$grouped of $grouped records; the first is line 2: invalid amount, column cost, value \"1 000\".", '  all are counted, the first is told');
    cmp_ok($done->{memory}, '<', 40, "  $done->{memory} MB of memory");
    $done = load_written($write->(1000));
    is("$done->{exit} $done->{file}{rejected}", '1 1000', 'as many as max_rejects are kept');
    is(rejects_kept(), 1000, '  each of them');

    spew('wrong.csv', "$header\n" . "a,compute,cpu,2026-10-05,USD,1 000,0,0\n" x 300_000);
    chmod 0755, $folder;
    my $answer = psql("SET search_path = bad, bonus, public;
        SELECT (regexp_match(pg_read_file('/proc/self/status'), 'VmHWM:\\s+(\\d+) kB'))[1]::integer AS before \\gset
        \\set ON_ERROR_STOP 0
        SELECT load_csv('bad', 'partner-export', pg_read_file('$folder/wrong.csv'));
        \\echo :LAST_ERROR_SQLSTATE
        SELECT (regexp_match(pg_read_file('/proc/self/status'), 'VmHWM:\\s+(\\d+) kB'))[1]::integer - :before;");
    my ($sqlstate, $memory) = split /\n/, $answer;
    is($sqlstate, '22P04', 'load_csv with 300,000 wrong records: refused');
    cmp_ok($memory, '<', 80_000, "  $memory kB of memory");
    is(rejects_kept(), 1000, '  nothing of it is kept');

    $done = load_written("write('$header\\n')\nfor _ in range(600): write('a,compute,cpu,2026-10-05,USD,' + chr(233) * 250000 + ',0,0\\n')", '--source', 'wide');
    is($done->{exit}, 1, '600 rejected values of 500 kB');
    cmp_ok($done->{memory}, '<', 40, "  $done->{memory} MB of memory");
    my $kept = "SELECT count(*), min(octet_length(value)), max(octet_length(value)) FROM bad.rejected_line r JOIN bad.load_batch USING (batch_id) WHERE source = ";
    is(psql("$kept 'wide';"), "600|1000|1000\n", '  the beginning of each is kept');
    psql("SET search_path = bad, bonus, public; SELECT batch_id FROM load_csv('bad', 'partner-export', format(E'%s\\na,compute,cpu,2026-10-05,USD,%s,0,0\\n', '$header', repeat('é', 250000)), 'other');");
    is(psql("$kept 'other';"), "1|1000|1000\n", '  by load_csv as well');
    my ($batch) = psql("SELECT max(batch_id) FROM bad.load_batch WHERE source = 'wide';") =~ /(\d+)/;
    cmp_ok(length pbonus('show', '--ledger', 'bad', '--batch', $batch)->{out}, '<', 2_000_000, '  and shown');
}

# Cut early, wherever that is
{
    my $content = "$header\n" . join('', map { sprintf "a,compute,cpu,2026-10-%02d,USD,%d.%06d,0,0\n", 1 + $_ % 31, $_, $_ * 7919 % 1000000 } 1 .. 2000);
    my $file = spew('whole.csv', $content);
    for my $case ([ 'gzip', 'gz' ], [ 'zstd -q --check', 'zst' ]) {
        my ($program, $ending) = @$case;
        system("$program -c '$file' > '$file.$ending'") == 0 or die;
        my $packed = slurp("$file.$ending");
        for my $size (5, 12, length($packed) - 9, length($packed) - 4, length($packed) - 1) {
            my $done = pbonus('load', '--dry-run', spew("cut.$ending", substr($packed, 0, $size)));
            is($done->{exit}, 3, "$program, the first $size of " . length($packed) . ' bytes: refused');
            like($done->{err}, qr/compressed file ends early.*Fetch the file again/s, '  in clear words') or diag $done->{err};
        }
        my $done = pbonus('load', '--dry-run', spew("behind.$ending", $packed . 'something else'));
        is($done->{exit}, 3, "$program with something else behind it: refused");
        like($done->{err}, qr/compressed file is damaged/, '  in clear words');
    }
    for my $case ([ 'a NUL byte in the header', $content =~ s/sku_id/sku\0id/r, qr/not UTF-8 text.*line 1/s ],
                  [ 'a NUL byte at the end', "$content\0", qr/not UTF-8 text.*line 2002/s ],
                  [ 'half a character at the end', "${content}a,compute,\xC3", qr/not UTF-8 text.*line 2002/s ],
                  [ 'UTF-16 without a mark', join('', map { "$_\0" } split //, $content), qr/not UTF-8 text.*line 1/s ]) {
        my ($what, $bytes, $says) = @$case;
        my $done = pbonus('load', '--dry-run', '--format', 'partner-export', spew('broken.csv', $bytes));
        is($done->{exit}, 3, "$what: refused");
        like($done->{err}, $says, '  in clear words');
    }
}

# More packs than are sent in one call: of many days, none of which compresses
if ($large) {
    my $program = "import random\nrandom.seed(1)\nwrite('$header,resource_id\\n')\n"
        . "for day in range(60):\n  for line in range(30000): write('a,compute,cpu,2026-%02d-%02d,USD,1,0,0,%x\\n' % (1 + day // 28, 1 + day % 28, random.getrandbits(1000)))";
    my $done = load_written($program);
    is($done->{exit}, 0, 'a file of 60 days with ' . int($done->{file}{pack_bytes} / 2**20) . ' MiB of packs is loaded');
    cmp_ok($done->{file}{pack_bytes}, '>', 2**28, '  which are too many for one call');
    cmp_ok(scalar @{ $done->{file}{batches} }, '>', 1, '  ' . @{ $done->{file}{batches} } . ' batches');
    is_deeply($done->{file}{days}, { loaded => 60 }, '  all days are there');
    is(psql("SELECT count(*), sum(line_count), min(line_count) FROM bad.load_day WHERE outcome = 'loaded';"), "60|1800000|30000\n", '  with all lines');
    cmp_ok($done->{memory}, '<', (100e6 + 80 * 1_800_000 + 2 * 290 * 1_800_000) / 2**20, "  $done->{memory} MB of memory");
    is_deeply(load_written($program)->{file}{days}, { unchanged => 60 }, '  again: nothing is new');
    is(pbonus('verify', '--ledger', 'bad')->{exit}, 0, '  the ledger is sound');
}

psql('SET client_min_messages = warning; DROP SCHEMA bad CASCADE;');
done_testing();
