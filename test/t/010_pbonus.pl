# pbonus, the client: everything it does, and what it says when something is wrong.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Client;
use IPC::Run qw(run start finish kill_kill);
use JSON::PP qw(decode_json);
use Ledger;
use Test::More;
use Time::HiRes qw(sleep time);

my $data = "$root/test/data";

sub ledger { return psql("SET search_path = client, bonus, public; $_[0]") }
sub line { return ledger($_[0]) =~ s/\n\z//r }

# Everything that loads write but the list of loads itself.
sub state_of {
    my ($schema) = @_;
    return psql("SELECT md5(string_agg(d::text, ';' ORDER BY d::text COLLATE \"C\")) FROM (SELECT partner_id, source, usage_day, part, line_count, digest, "
        . "superseded_at = 'infinity' AS current FROM $schema.usage_day) d;");
}

psql("SET client_min_messages = warning; SELECT bonus.create_ledger('client'); SELECT bonus.create_ledger('second');");

# The command line
{
    my $help = pbonus('--help');
    is($help->{exit}, 0, '--help');
    like($help->{out}, qr/Exit codes: 0/, 'it says what exit codes mean');
    like(pbonus('load', '--help')->{out}, qr/--files-per-transaction/, 'load --help');
    like(pbonus('--version')->{out}, qr/^pbonus \d+\.\d+\.\d+$/, '--version');
    for my $wrong ([], ['fly'], ['load'], [ 'load', 'x.csv' ], [ 'load', '--partner', 'p', "$folder/absent.csv" ], [ 'load', '--partner', 'p', $folder ],
                   [ 'load', '--partner', 'p', '--format', 'telegram', $0 ], [ 'load', '--partner', 'p', '--jobs', '0', $0 ],
                   [ 'load', '--partner', 'p', '--covers', 'soon', $0 ], [ 'load', '--partner', 'p', '--covers', '2026-10-05..2026-10-01', $0 ],
                   [ 'load', '--partner', 'p', '--mapping', "$folder/absent", $0 ], ['show'], [ 'show', '--day', '2026-10-05' ], [ 'show', '--ledger', 'client', '--partner', 'p', '--day', '2026-10' ],
                   [ 'export', '--partner', 'p' ], [ 'export', '--partner', 'p', '--period', '2026' ], [ 'generate', $folder ]) {
        my $done = pbonus(@$wrong);
        is($done->{exit}, 2, "wrong use: @$wrong");
        isnt($done->{err} . $done->{out}, '', '  and it says so');
    }
    for my $mapping ("cost = \n", "price = Price\n", "cost = A\ncost = B\n", "cost = \"1\"\n", "day_form = YY\n", "cost = Cost\n", "\xFF") {
        my $done = pbonus('load', '--dry-run', '--mapping', spew('wrong.mapping', $mapping), $0);
        is($done->{exit}, 2, 'a wrong mapping: ' . ($done->{err} =~ s/\n/ | /gr));
    }
}

# No database
{
    local $ENV{PGHOST} = "$folder/nowhere";
    my $done = pbonus('status');
    is($done->{exit}, 4, 'no server: exit 4');
    like($done->{err}, qr/no connection.*nowhere.*PGHOST/s, 'it says where it looked, and what decides of that');
    is(pbonus('load', '--dry-run', "$data/focus_sample_1.0.csv")->{exit}, 0, 'a dry run needs no database');
}
{
    my $service = spew('service.conf', "[ours]\nhost=$ENV{PGHOST}\nport=$ENV{PGPORT}\nuser=$ENV{PGUSER}\ndbname=$ENV{PGDATABASE}\n");
    local %ENV = (%ENV, PGSERVICEFILE => $service, PGSERVICE => 'ours');
    delete @ENV{qw(PGHOST PGPORT PGUSER PGDATABASE)};
    is(pbonus('status', '--ledger', 'client')->{exit}, 0, 'the service file works');
}
is(pbonus('status', '--ledger', 'nowhere')->{exit}, 4, 'a ledger that is not there');
like(pbonus('status', '--ledger', 'nowhere')->{err}, qr/--ledger.*create_ledger\('nowhere'\)/s, 'it says what to do');

# Generated exports
my @shape = ('--month', '2026-10', '--lines', '400', '--accounts', '8', '--rules');
my $made = "$folder/made";
{
    is(pbonus('generate', $made, @shape)->{exit}, 0, 'generate');
    is(pbonus('generate', "$folder/again", @shape)->{exit}, 0, 'generate again');
    pbonus('generate', "$folder/other", @shape, '--seed', '2');
    my @files = glob "$made/*.csv";
    is(scalar @files, 31, 'a file a day');
    is(scalar(grep { !/generated/ } @files), 0, 'whose names say that they are generated');
    is(scalar(grep { slurp($_) ne slurp($_ =~ s/made/again/r) } @files), 0, 'the same seed, the same bytes');
    is(scalar(grep { slurp($_) eq slurp($_ =~ s/made/other/r) } @files), 0, 'another seed, others');
    my ($header, @lines) = split /\n/, slurp($files[0]);
    is(scalar @lines, 400, 'with as many lines as asked for');
    is(scalar(grep { !/,generated,/ } @lines), 0, 'each line says that it is generated');
    my (%keys, %skus_of, $credits);
    for my $fields (map { [ split /,/, s/"[^"]*"/x/gr ] } @lines) {
        $keys{"@$fields[0, 7, 9, 12]"}++;
        $skus_of{ $fields->[6] }{ $fields->[9] } = 1;
        $credits++ if $fields->[16] ne '0';
    }
    cmp_ok(@lines / keys %keys, '>=', 4, 'several lines a key');
    cmp_ok((grep { keys %$_ > 1 } values %skus_of) / keys %skus_of, '>', 0.9, 'resources come in several SKUs');
    cmp_ok(abs($credits / @lines - 0.1), '<', 0.05, 'a tenth of the lines has credits');
    psql("SET search_path = $_, bonus, public;\n" . slurp("$made/generated_generated-partner_rules.sql")) for qw(client second);
}
my @partner = ('--ledger', 'client', '--partner', 'generated-partner');

# A month of files, one by one, together and by several connections
my $month;
{
    my $done = json('load', @partner, $made);
    is($done->{exit}, 0, 'a folder is loaded') or diag $done->{err};
    is($done->{json}{lines}, 31 * 400, 'all lines are told');
    is($done->{json}{loaded}, 31 * 400, 'and loaded');
    is_deeply($done->{json}{days}, { loaded => 31 }, '31 days are new');
    my $sums;
    run([ 'sh', '-c', "cat '$made'/*.csv | python3 -c 'import csv, sys, decimal
decimal.getcontext().prec = 60
rows = [row for row in csv.DictReader(sys.stdin) if row[\"cost\"] != \"cost\"]
print(*(format(sum(decimal.Decimal(row[name]) for row in rows).normalize(), \"f\") for name in (\"cost\", \"credit\", \"monetary_grant_credit\", \"reward\")), sep=\"|\")'" ],
        '>', \$sums) or die;
    is(ledger('SELECT trim_scale(sum(cost)), trim_scale(sum(credit)), trim_scale(sum(grant_credit)), trim_scale(sum(reward)) FROM usage;'), $sums,
        'totals are those of the files, to the last digit');
    my ($cost, $credit) = split /\|/, $sums;
    is_deeply($done->{json}{totals}, { USD => { cost => $cost, credit => $credit } }, 'the account has them as well');
    $month = state_of('client');
    is(line("SELECT encode(sha256, 'hex') FROM load_batch WHERE file_name LIKE '%2026-10-07.csv';"),
        line("SELECT encode(sha256(pg_read_binary_file('$made/generated_generated-partner_2026-10-07.csv')), 'hex');"), 'the digest of a file is on record')
        if chmod(0755, $folder) && chmod(0755, $made);

    my $again = json('load', @partner, $made);
    is_deeply($again->{json}{days}, { unchanged => 31 }, 'again: 31 days unchanged');
    is(state_of('client'), $month, 'and nothing is different');
    is(pbonus('load', '--ledger', 'second', '--partner', 'generated-partner', '--jobs', '3', '--files-per-transaction', '4', $made)->{exit}, 0,
        'three connections, four files a transaction');
    is(state_of('second'), $month, 'the same days');
    like(pbonus('load', @partner, "$made/*-0[1-3].csv")->{out}, qr/^3 files: 3 unchanged/, 'a pattern that the shell left alone');
}

# Compressed files, standard input
{
    my $one = "$made/generated_generated-partner_2026-10-05.csv";
    system("gzip -c '$one' > '$folder/one.csv.gz'; (head -c 20000 '$one' | gzip; tail -c +20001 '$one' | gzip) > '$folder/two.csv.gz'; zstd -q -c '$one' > '$folder/one.csv.zst'");
    for my $file ("$folder/one.csv.gz", "$folder/two.csv.gz", "$folder/one.csv.zst") {
        is_deeply(json('load', @partner, $file)->{json}{days}, { unchanged => 1 }, "unpacked: $file");
    }
    is_deeply(json(\slurp($one), 'load', @partner, '-')->{json}{days}, { unchanged => 1 }, 'from standard input');
    is_deeply(json(\slurp("$folder/one.csv.gz"), 'load', @partner, '-')->{json}{days}, { unchanged => 1 }, 'compressed, too');
    my ($header, @lines) = split /\n/, slurp($one);
    my $shuffled = spew('shuffled.csv', join("\n", $header, reverse @lines) . "\n");
    is_deeply(json('load', @partner, $shuffled)->{json}{days}, { unchanged => 1 }, 'in another order');
}

# Lines that are rejected, and files with too many of them
my ($header, @lines) = split /\n/, slurp("$made/generated_generated-partner_2026-10-06.csv");
my %place = do { my $n = 0; map { $_ => $n++ } split /,/, $header };

sub altered {
    my ($line, $column, $value) = @_;
    my @quoted;
    $line =~ s/("[^"]*")/push @quoted, $1; "\0"/ge;
    my @fields = split /,/, $line, -1;
    $fields[ $place{$column} ] = $value;
    return join(',', @fields) =~ s/\0/shift @quoted/ger;
}
my $later = sub { altered($_[0], 'exported_at', '2026-12-01T00:00:00Z') };
{
    my @some = map { $later->($_) } @lines;
    $some[0] = altered($some[0], 'cost', '1.2.3');
    $some[1] = altered($some[1], 'currency', 'XXX');
    $some[2] = altered($some[2], 'cost', '2E18');
    $some[3] .= ',more';
    my $done = json('load', @partner, spew('some.csv', join("\n", $header, @some) . "\n"));
    is($done->{exit}, 1, 'some lines rejected: exit 1');
    is($done->{json}{rejected}, 4, 'four of them');
    is_deeply([ map { "$_->{line} " . ($_->{column} // '-') . " $_->{value}: $_->{reason}" } @{ $done->{json}{files}[0]{rejects} } ],
        [ '2 cost 1.2.3: invalid amount', '3 currency XXX: currency is not in the table currency', '4 cost 2E18: amount is beyond +-10^18',
          '5 - 29 fields: record has more or fewer fields than the header' ], 'each with line, column, value and reason');
    my $batch = $done->{json}{files}[0]{batches}[0];
    is(line("SELECT count(*) FROM rejected_line WHERE batch_id = $batch;"), 4, 'they are kept');
    my $shown = json('show', '--ledger', 'client', '--batch', $batch);
    is(scalar @{ $shown->{json}{'rejected lines'} }, 4, 'and shown');
    is($shown->{json}{batch}[0]{rejected}, 4, 'with the batch');
    like(pbonus('load', @partner, "$folder/some.csv")->{out}, qr/line 2: invalid amount, column cost, value "1\.2\.3"/, 'people read it as well');

    my $before = state_of('client');
    my $all_wrong = join("\n", $header, map { altered($_, 'date', 'yesterday') } map { @lines } 1 .. 10) . "\n";
    my $refused = json('load', @partner, spew('wrong.csv', $all_wrong));
    is($refused->{exit}, 3, 'more rejects than max_rejects: the file is refused');
    like($refused->{json}{files}[0]{error}{detail}, qr/4,000 of 4,000 records; the first is line 2: invalid day/, 'all are counted');
    like($refused->{json}{files}[0]{error}{hint}, qr/max_rejects/, 'and it says what decides');
    is(state_of('client'), $before, 'nothing is different');
    pbonus('load', @partner, '--allow-older', "$made/generated_generated-partner_2026-10-06.csv");
}

# Files that cannot be read as a whole, or do not belong here: [what, content, what is said]
{
    my $good = slurp("$made/generated_generated-partner_2026-10-08.csv");
    system("gzip -c '$made/generated_generated-partner_2026-10-08.csv' > '$folder/whole.gz'; zstd -q -c '$made/generated_generated-partner_2026-10-08.csv' > '$folder/whole.zst'");
    my $gzip = slurp("$folder/whole.gz");
    my $zstd = slurp("$folder/whole.zst");
    my $before = state_of('client');
    for my $case ([ 'an empty file', '', qr/file is empty/ ],
                  [ 'an unknown header', "a,b\n1,2\n", qr/format of the file is not known.*mapping/s ],
                  [ 'an unknown column', $good =~ s/,reward,/,reward,colour,/r, qr/unknown column.*"colour"/s ],
                  [ 'a NUL byte', $good =~ s/\n([^\n]*\n[^\n,]*),/\n$1\0,/r, qr/not UTF-8 text.*line 3/s ],
                  [ 'another encoding', $good =~ s/Customer 2/Customer \xE9/r, qr/not UTF-8 text.*iconv/s ],
                  [ 'UTF-16', join('', map { "$_\0" } split //, "\xFF\xFE$header\n"), qr/not UTF-8 text.*line 1/s ],
                  [ 'an open quote', $good . "\"x\n", qr/quoted field does not end.*line 402/s ],
                  [ 'a gzip that ends early', substr($gzip, 0, length($gzip) / 2), qr/compressed file ends early.*cut off after \d+ bytes.*Fetch/s ],
                  [ 'a zstd that ends early', substr($zstd, 0, length($zstd) / 2), qr/compressed file ends early.*cut off after \d+ bytes.*Fetch/s ],
                  [ 'a damaged gzip', substr($gzip, 0, 300) . ('x' x 300) . substr($gzip, 600), qr/compressed file is damaged/ ],
                  [ 'a damaged zstd', substr($zstd, 0, 4) . "\xFF\xFF" . substr($zstd, 6), qr/compressed file is damaged|ends early/ ]) {
        my ($what, $content, $says) = @$case;
        my $done = pbonus('load', @partner, spew('broken.csv', $content));
        is($done->{exit}, 3, "$what: refused");
        like($done->{err}, $says, '  in clear words') or diag $done->{err};
    }
    my $endless = pbonus('load', '--dry-run', '--format', 'partner-export', '/dev/zero');
    is($endless->{exit}, 3, 'a file that never ends');
    my $out = `(printf '%s\n' '$header'; head -c 2000000000 /dev/zero | tr '\\0' x) | '$pbonus' load @partner --json - 2>&1`;
    is(decode_json($out)->{files}[0]{error}{message}, 'record is too long', 'a line of 2 GB');

    is(pbonus('load', '--ledger', 'client', '--partner', 'nobody', $made)->{exit}, 3, 'an unknown partner: exit 3');
    psql("INSERT INTO client.partner (partner_id, billing_account_id, name) VALUES ('other', 'other', 'Other');");
    my $foreign = pbonus('load', '--ledger', 'client', '--partner', 'other', "$made/generated_generated-partner_2026-10-01.csv");
    is($foreign->{exit}, 3, 'a file of another partner');
    like($foreign->{err}, qr/belongs to partner "generated-partner", not to "other".*--allow-foreign-accounts/s, '  says whose it is, and what to do');
    is(state_of('client'), $before, 'after all of this nothing is different');
    is(pbonus('load', '--ledger', 'second', '--partner', 'generated-partner', "$folder/broken.csv", "$made/generated_generated-partner_2026-10-01.csv",
              '--files-per-transaction', '5')->{out} =~ /1 unchanged, 1 refused/, 1, 'a bad file does not keep a good one out');
    is(pbonus('load', @partner, '--unknown-columns', 'keep', spew('keep.csv', $later->("$header") =~ s/,reward,/,reward,colour,/r . "\n"))->{exit}, 0,
        'unknown columns can be kept');
}

# Older files, and days that become empty
{
    my $day = "$made/generated_generated-partner_2026-10-09.csv";
    my ($head, @of_day) = split /\n/, slurp($day);
    my $newer = spew('newer.csv', join("\n", $head, map { $later->($_) } @of_day[ 0 .. 99 ]) . "\n");
    is_deeply(json('load', @partner, $newer)->{json}{days}, { loaded => 1 }, 'a newer file of a day');
    my $older = json('load', @partner, $day);
    is($older->{exit}, 3, 'an older one is refused');
    like($older->{json}{files}[0]{error}{message}, qr/older/, '  and told why');
    is_deeply(json('load', @partner, '--allow-older', $day)->{json}{days}, { loaded => 1 }, 'unless it is wanted');
    my $versions = json('show', @partner, '--day', '2026-10-09');
    is(scalar @{ $versions->{json}{'versions of 2026-10-09'} }, 3, 'all three versions are shown');

    pbonus('load', @partner, spew('export_2026-10-10.csv', "$head\n"));
    is(line("SELECT count(*) FROM usage WHERE usage_day = '2026-10-10';"), 0, 'a file with nothing but a header empties the day of its name');
    my $covers = json('load', @partner, '--allow-older', '--covers', '2026-10-09..2026-10-11', $day);
    is_deeply($covers->{json}{days}, { loaded => 1, unchanged => 2 }, 'covered days without lines become empty');
    is(line("SELECT count(*) FROM usage WHERE usage_day = '2026-10-11';"), 0, 'as the 11th');
    is(pbonus('load', @partner, '--covers', '2026-09', $day)->{exit}, 3, 'a file with days that it does not cover is refused');
    pbonus('load', @partner, '--allow-older', $made);
}

# Real files: every line is there, every value comes back
psql("SET search_path = client, bonus; INSERT INTO partner (partner_id, billing_account_id, name) VALUES ('real', 'real', 'Real');");
for my $case ([ 'focus', 'focus_sample_1.0.csv' ], [ 'cur', 'aws_cur_focus_converters.csv' ],
              [ 'oracle', 'oci_cost_focus_converters.csv', '--mapping', "$data/oracle_cost_report.mapping" ]) {
    my ($format, $file, @options) = @$case;
    my $done = json('load', '--ledger', 'client', '--partner', 'real', '--source', $format, @options, "$data/$file");
    is($done->{exit}, 0, "$file is loaded") or diag $done->{err}, $done->{out};
    my $period = line("SELECT format('[%s,%s)', min(usage_day), max(usage_day) + 1) FROM usage WHERE partner_id = 'real' AND source = '$format';");
    is(pbonus('export', '--ledger', 'client', '--partner', 'real', '--source', $format, '--period', $period, '-o', "$folder/back.csv")->{exit}, 0,
        "$file is exported");
    my ($said, $err);
    ok(run([ 'python3', "$FindBin::RealBin/gives_back.py", $format, "$data/$file", "$folder/back.csv" ], '>', \$said, '2>', \$err),
        '  and every value has come back') or diag $err;
    my ($records, @totals) = split /\n/, $said;
    is($done->{json}{loaded} + $done->{json}{rejected}, $records, '  loaded + rejected = records of the file');
    is(ledger("SELECT charge_category, trim_scale(sum(cost + credit)) FROM usage WHERE partner_id = 'real' AND source = '$format' GROUP BY 1 ORDER BY 1;"),
        join("\n", @totals) . "\n", '  totals are those of the file, to the last digit');
    is_deeply(json('load', '--ledger', 'client', '--partner', 'real', '--source', $format, '--unknown-columns', 'keep', '--format', 'partner-export',
                   "$folder/back.csv")->{json}{files}[0]{outcome}, 'unchanged', '  what was exported can be loaded: it is the same');
}
{
    my ($first, @rest) = split /^/, slurp("$data/aws_cur_focus_converters.csv");
    my @parts = map { spew("part$_.csv", join('', $first, grep { $. = 0; 1 } @rest[ $_ * 600 .. $_ * 600 + 599 ])) } 0, 1;
    my $done = pbonus('load', '--ledger', 'client', '--partner', 'real', '--source', 'parts', @parts);
    is($done->{exit}, 3, 'two part files with the same day, and one source: the second is refused');
    like($done->{err}, qr/another file of this load has the same day.*part0\.csv.*--source/s, '  and it says which, and what to do');
}

# Export of what was generated
{
    is(pbonus('export', @partner, '--period', '2026-10', '-o', "$folder/month.csv")->{exit}, 0, 'export of a month');
    is_deeply(json('load', @partner, "$folder/month.csv")->{json}{days}, { unchanged => 31 }, 'it is what was loaded');
    like(pbonus('export', @partner, '--period', '2026-10-01')->{out}, qr/\Abilling_account_id,billing_account_name,.*,label\.generated,.*\n(?:.*\n){400}\z/,
        'and of a day, to standard output');
    is(pbonus('export', @partner, '--period', '2026-10', '-o', '/dev/full')->{exit}, 4, 'a full disk is told');
}

# Questions
{
    my $status = json('status', '--ledger', 'client');
    my ($row) = grep { $_->{partner_id} eq 'generated-partner' } @{ $status->{json}{partners} };
    is($row->{days}, 31, 'status: days');
    is($row->{missing}, 0, '  none is missing');
    psql("SET search_path = client, bonus; INSERT INTO partner (partner_id, billing_account_id, name) VALUES ('gap', 'gap', 'Gap');");
    pbonus('load', '--ledger', 'client', '--partner', 'gap', '--allow-foreign-accounts', map { "$made/generated_generated-partner_2026-10-0$_.csv" } 1, 4);
    my $gap = json('status', '--ledger', 'client', '--partner', 'gap');
    is($gap->{json}{partners}[0]{missing}, 2, 'two days are missing');
    is_deeply([ map { $_->{usage_day} } @{ $gap->{json}{'missing days'} } ], [ '2026-10-02', '2026-10-03' ], '  these');
    like(pbonus('status', '--ledger', 'client')->{out}, qr/^partner_id .*^generated-partner /ms, 'people read a table');
    is(pbonus('status', '--ledger', 'client', '--partner', 'nobody')->{exit}, 3, 'status of nobody');
    is(pbonus('show', '--ledger', 'client', '--batch', '999999')->{exit}, 3, 'a batch that is not there');
    for my $question ([ 'show', '--day', '2026-10-01' ], [ 'export', '--period', '2026-10' ]) {
        my $nobody = pbonus(@$question, '--ledger', 'client', '--partner', 'nobody');
        is("$nobody->{exit} $nobody->{out}", '3 ', "$question->[0] of nobody");
    }
    my $verify = pbonus('verify', '--ledger', 'client');
    is("$verify->{exit} $verify->{out}", "0 sound: no invariant is broken\n", 'verify') or diag $verify->{out};
}

# What goes wrong at the end of the transaction, behind everything that was said before
{
    psql("SET search_path = client;
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS \$\$ BEGIN RAISE EXCEPTION 'not on this day'; END \$\$;
        CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON load_day DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.usage_day = '2026-10-14') EXECUTE FUNCTION refuse();");
    my $before = state_of('client');
    for my $together (1, 3) {
        my $done = json('load', @partner, '--files-per-transaction', $together, map { "$made/generated_generated-partner_2026-10-$_.csv" } 13 .. 15);
        is(join(' ', map { $_->{outcome} } @{ $done->{json}{files} }), 'unchanged refused unchanged', "commit is refused: $together in a transaction");
        is("$done->{exit} $done->{json}{files}[1]{error}{message}", '3 not on this day', '  exit 3, and the reason');
    }
    is(state_of('client'), $before, '  nothing is different');
    psql('DROP TRIGGER refuse ON client.load_day; DROP FUNCTION client.refuse;');
}

# Interrupted and killed: a day is the version before or the version after
{
    pbonus('generate', "$folder/long", '--month', '2026-11', '--days', '12', '--lines', '40000', '--accounts', '50', '--partner', 'long', '--rules');
    psql("SET search_path = client, bonus;\n" . slurp("$folder/long/generated_long_rules.sql"));
    my @long = ('--ledger', 'client', '--partner', 'long');
    my $whole = "SELECT bool_and(lines = 40000) FROM (SELECT sum(line_count) AS lines FROM client.usage_day WHERE partner_id = 'long' AND superseded_at = 'infinity' GROUP BY usage_day) d;";
    for my $case ([ 'INT', 0.4, 130 ], [ 'TERM', 0.7, 130 ], [ 'KILL', 0.5, undef ]) {
        my ($signal, $after, $exit) = @$case;
        my ($out, $err) = ('', '');
        my $started = start([ $pbonus, 'load', @long, '--jobs', '2', "$folder/long" ], '<', \'', '>', \$out, '2>', \$err);
        sleep $after;
        $started->signal($signal);
        finish $started;
        is($? >> 8, $exit, "SIG$signal: exit $exit") if defined $exit && $? != 0;
        like($out, qr/interrupted: each file is loaded as a whole or not at all/, '  it says how things stand') if defined $exit && $? != 0;
        isnt(psql($whole), "f\n", "SIG$signal: every day is whole");
    }
    is(pbonus('load', @long, '--jobs', '2', "$folder/long")->{exit}, 0, 'run again, it completes');
    is(psql($whole) . psql("SELECT count(DISTINCT usage_day) FROM client.usage_day WHERE partner_id = 'long';"), "t\n12\n", 'all days are there');
}

# Memory: 100 MB and 80 bytes for each line of the largest day
{
    pbonus('generate', "$folder/large", '--month', '2026-12-01', '--lines', '300000', '--accounts', '200');
    my $used;
    run([ 'python3', '-c', 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)', $pbonus, 'load', '--ledger', 'client', '--partner', 'gap', '--allow-foreign-accounts', "$folder/large" ],
        '>', \$used) or die;
    cmp_ok($used, '<=', 100_000_000 + 80 * 300_000, 'resident memory of a day of 300,000 lines: ' . int($used / 1e6) . ' MB');
}

psql('SET client_min_messages = warning; DROP SCHEMA client CASCADE; DROP SCHEMA second CASCADE;');
done_testing();
