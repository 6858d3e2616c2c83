# A ledger is ordinary objects of the user: pg_dump takes it whole, and a restored one gives the same documents.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use File::Temp qw(tempdir);
use IPC::Run qw(run);
use Ledger;
use Test::More;

my $folder = tempdir(CLEANUP => 1);
make_ledger('dumped');
psql(<<'END');
SET search_path = dumped, bonus, public;
CREATE TABLE kept AS SELECT consumption, basic_schedule, deal_schedule FROM bonus_line;
CREATE INDEX ON kept (consumption);
UPDATE deal SET rate = 0.10;
UPDATE deal SET rate = 0.15;
END
my $before = digest('dumped');
my $kept = 'SELECT md5(string_agg(k::text, \';\' ORDER BY consumption)) FROM dumped.kept k;';
my $rules = 'SELECT count(*), md5(string_agg(d::text, \';\' ORDER BY recorded_at)) FROM dumped.deal d;';
like(psql('SELECT document_total FROM dumped.payment_invoice;'), qr/^286\.26$/, 'the ledger holds the worked example');

for my $format (qw(plain custom)) {
    my $database = "restored_$format";
    my ($out, $err) = ('', '');
    psql("CREATE DATABASE $database;");
    ok(run([ 'pg_dump', '--format', $format, '--file', "$folder/$format" ], '2>', \$err), "pg_dump ($format)") or diag $err;
    my @restore = $format eq 'plain' ? (qw(psql -X -q -v ON_ERROR_STOP=1 -d), $database, '-f', "$folder/$format")
        : (qw(pg_restore --exit-on-error --jobs 2 -d), $database, "$folder/$format");
    ok(run(\@restore, '>', \$out, '2>', \$err), "restore ($format)") or diag $err;
    is(digest('dumped', '-d', $database), $before, "the same documents, lines and totals ($format)");
    is(psql($kept, '-d', $database), psql($kept), "stored values are the same ($format)");
    is(psql($rules, '-d', $database), psql($rules), "rules with all their versions are the same ($format)");
    is(psql("SELECT * FROM bonus.verify_ledger('dumped');", '-d', $database), '', "verify_ledger finds nothing ($format)");

    # the restored ledger lives: rules can be edited, and the trigger keeps versions
    psql("UPDATE dumped.deal SET rate = 0.05;", '-d', $database);
    is(psql('SELECT count(*) FROM dumped.deal;', '-d', $database), psql('SELECT count(*) + 1 FROM dumped.deal;'),
        "an edit of a restored rule keeps the old version ($format)");
    psql("DROP DATABASE $database;");
}

is(psql_error('DROP EXTENSION partner_bonus;')->{sqlstate}, '2BP01', 'DROP EXTENSION is refused while a ledger needs it');
psql('SET client_min_messages = warning; DROP SCHEMA dumped CASCADE;');
done_testing();
