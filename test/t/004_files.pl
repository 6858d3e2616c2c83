# Files of usage from outside: the real FOCUS sample is accounted for to the last digit; a broken file is refused with an
# error that helps, and changes nothing.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use File::Temp qw(tempdir);
use IPC::Run qw(run);
use Ledger;
use Test::More;

my $folder = tempdir(CLEANUP => 1);
my $setup = "SET search_path = files, bonus, public; SET client_min_messages = warning;\n";
make_ledger('files');

sub ledger { return psql($setup . $_[0]) }

# Loads a text through a file, as psql users do.
sub load_script {
    my ($partner, $format, $content) = @_;
    open my $file, '>:raw', "$folder/file.csv" or die;
    print $file $content;
    close $file;
    # pg_read_file and not \set `cat`: that would take the last line end away
    return "${setup}SELECT load_csv('$partner', '$format', pg_read_file('$folder/file.csv'));";
}

# The server reads the file: it has to get there.
chmod 0755, $folder;

sub slurp {
    my ($name) = @_;
    open my $file, '<:raw', $name or die "$name: $!";
    local $/;
    return scalar <$file>;
}

# The FOCUS sample
{
    my $sample = "$root/test/data/focus_sample_1.0.csv";
    my ($said);
    run([ 'python3', "$FindBin::RealBin/focus_totals.py", $sample ], '>', \$said) or die;
    my ($records, @totals) = split /\n/, $said;
    is($records, 1000, 'the sample has 1,000 records');
    psql(load_script('sunbird', 'focus', slurp($sample)));
    my $batch = "(SELECT max(batch_id) FROM load_batch)";
    is(ledger("SELECT lines, loaded + rejected, loaded = (SELECT count(*) FROM usage WHERE batch_id = $batch), "
            . "rejected = (SELECT count(*) FROM rejected_line WHERE batch_id = $batch) FROM load_batch WHERE batch_id = $batch;"),
        "1000|1000|t|t\n", 'every record is loaded or rejected');
    is(ledger("SELECT count(*) FROM rejected_line WHERE batch_id = $batch AND (line_number IS NULL OR column_name IS NULL OR reason = '');"),
        "0\n", 'every rejection says where and why');
    note(ledger("SELECT column_name, reason, count(*) FROM rejected_line WHERE batch_id = $batch GROUP BY 1, 2;"));

    # cost and credit together are BilledCost; what was rejected is added from the file itself, by its line number
    my $loaded = ledger("SELECT charge_category, trim_scale(sum(cost + credit)) FROM usage WHERE batch_id = $batch "
        . 'GROUP BY 1 ORDER BY 1;');
    is($loaded, join("\n", @totals) . "\n", 'totals by charge category are those of the file, to the last digit');
}

# The same content again
{
    my $before = digest('files');
    psql(load_script('sunbird', 'focus', slurp("$root/test/data/focus_sample_1.0.csv")));
    is(ledger('SELECT outcome FROM load_batch ORDER BY batch_id DESC LIMIT 1;'), "unchanged\n", 'the same file again: unchanged');
    is(digest('files'), $before, 'and nothing is different');
}

my $export = slurp("$root/test/data/generated_partner_export_2026-10.csv");
my ($header, $first) = split /\n/, $export;

# Harmless differences of writing
{
    my $before = digest('files');
    for my $written ([ 'a byte order mark', "\xEF\xBB\xBF$export" ], [ 'Windows line ends', $export =~ s/\n/\r\n/gr ],
                     [ 'no line end at the end', $export =~ s/\n\z//r ],
                     [ 'billing_account_id twice, as the documentation prints it',
                       join("\n", map { s/^(billing_account_id,|[^,]+,)/$1$1/r } split /\n/, $export) . "\n" ]) {
        my ($what, $content) = @$written;
        psql(load_script('generated-partner', 'partner-export', $content));
        is(digest('files'), $before, "$what changes nothing");
    }
}

# Broken files: [what, content, SQLSTATE, what the error has to speak of]
my $before = digest('files');
my $state = 'SELECT (SELECT sum(line_count) FROM usage_day), (SELECT count(*) FROM load_batch), (SELECT count(*) FROM rejected_line);';
my $counts = ledger($state);
my @broken = (
    [ 'an empty file', '', qr/empty|header/i ],
    [ 'a wrong header', "a,b,c\n1,2,3\n", qr/header|column/i ],
    [ 'a column missing', ($header =~ s/,cost,/,/r) . "\n$first\n", qr/cost/ ],
    [ 'a column that the format does not have', ($header =~ s/,cost,/,cost,colour,/r) . "\n$first\n", qr/colour/ ],
    [ 'a column twice', ($header =~ s/,cost,/,cost,cost,/r) . "\n$first\n", qr/cost/ ],
    [ 'an open quote', "$header\n\"$first\n", qr/quote/i ],
    [ 'text after a quote', "$header\n\"a\"b$first\n", qr/quote/i ],
    [ 'bytes that are no UTF-8', "$header\n\xFF$first\n", qr/UTF|encoding/i ],
);
for my $case (@broken) {
    my ($what, $content, $speaks_of) = @$case;
    my $error = psql_error(load_script('generated-partner', 'partner-export', $content));
    isnt($error->{sqlstate}, '00000', "$what: refused");
    like($error->{sqlstate}, qr/^(22|23|42|55)/, "$what: SQLSTATE $error->{sqlstate}");
    like(join(' ', @$error{qw(message detail hint)}), $speaks_of, "$what: says what is wrong");
    note("$what: $error->{sqlstate} $error->{message} DETAIL $error->{detail} HINT $error->{hint}");
}
is(psql_error(load_script('nobody', 'partner-export', $export))->{sqlstate}, '42704', 'an unknown partner');
is(psql_error(load_script('generated-partner', 'telegram', $export))->{sqlstate}, '22023', 'an unknown format');
is(ledger($state), $counts, 'no refused file has left anything');
is(digest('files'), $before, 'and no view has changed');

# Broken lines are rejected and the rest loads: [what, line, column at fault, its value]
my %place = do { my $n = 0; map { $_ => $n++ } split /,/, $header };
my ($plain) = grep { !/"/ } (split /\n/, $export)[ 1 .. 20 ];

sub line_with {
    my ($column, $value) = @_;
    my @values = split /,/, $plain;
    $values[ $place{$column} ] = $value;
    return join ',', @values;
}

my @lines = (
    [ 'a day that does not exist',       line_with('date', '2026-02-30'),     'date',               '2026-02-30' ],
    [ 'an amount that is none',          line_with('cost', '1.2.3'),          'cost',               '1.2.3' ],
    [ 'more than 18 decimals',           line_with('cost', '1E-19'),          'cost',               '1E-19' ],
    [ 'an amount beyond the range',      line_with('cost', '2E20'),           'cost',               '2E20' ],
    [ 'NaN',                             line_with('credit', 'NaN'),          'credit',             'NaN' ],
    [ 'Infinity',                        line_with('reward', 'Infinity'),     'reward',             'Infinity' ],
    [ 'a currency that is not accepted', line_with('currency', 'XXX'),        'currency',           'XXX' ],
    [ 'no account',                      line_with('billing_account_id', ''), 'billing_account_id', '' ],
    [ 'a field too many',                "$plain,more",                       '',                   undef ],
    [ 'a field missing',                 $plain =~ s/,[^,]*$//r,              '',                   undef ],
);
psql("${setup}INSERT INTO partner (partner_id, billing_account_id, name) VALUES ('lines', 'lines', 'Lines');");
for my $case (@lines) {
    my ($what, $line, $column, $value) = @$case;
    psql(load_script('lines', 'partner-export', join("\n", $header, $plain, $line, $plain) . "\n"));
    is(ledger('SELECT lines, loaded, rejected FROM load_batch ORDER BY batch_id DESC LIMIT 1;'), "3|2|1\n",
        "$what: the line is rejected, the others load");
    my ($number, $at, $stood, $reason) = split /\|/,
        ledger('SELECT line_number, column_name, value, reason FROM rejected_line ORDER BY batch_id DESC LIMIT 1;') =~ s/\n//r;
    is("$number|$at", "3|$column", "$what: line and column are named");
    is($stood, $value, "$what: the value is kept as it stood") if defined $value;
    isnt($reason, '', "$what: $reason");
}

psql('SET client_min_messages = warning; DROP SCHEMA files CASCADE;');
done_testing();
