# What a ledger tells to whoever LISTENs: each load once, when it is committed, and nothing that was rolled back.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use JSON::PP qw(decode_json);
use Ledger;
use Test::More;

my $head = 'billing_account_id,service_id,sku_id,date,currency,cost,credit,monetary_grant_credit';

# A load of lines "day cost".
sub load {
    my (@lines) = @_;
    my $content = join '\n', $head, map { my ($day, $cost) = split; "a,s,k,$day,USD,$cost,0,0" } @lines;
    return "SELECT outcome FROM load_csv('p', 'partner-export', E'$content\\n');\n";
}

# What a listener is told by these statements, statement by statement: rows and events in the order in which they came.
sub told {
    my ($script) = @_;
    my $out = psql("SET client_min_messages = warning; SET search_path = told, bonus, public;\nLISTEN partner_bonus;\n$script\nSELECT 'end';\n");
    my @told;
    for (split /\n/, $out) {
        if (/^Asynchronous notification "partner_bonus" with payload "(.*)" received/) {
            push @told, decode_json($1);
        } else {
            push @told, $_;
        }
    }
    return \@told;
}

psql(<<'END');
SET client_min_messages = warning;
\o /dev/null
SELECT bonus.create_ledger('told');
SET search_path = told, bonus, public;
INSERT INTO partner (partner_id, billing_account_id, name) VALUES ('p', 'p-own', 'Partner');
INSERT INTO billing_period VALUES ('p', '2026-09-01', now());
END

sub event {
    my ($event, $batch, %figures) = @_;
    return { event => $event, ledger => 'told', partner_id => 'p', batch_id => $batch, %figures };
}

is_deeply(told(load('2026-10-05 1')), [ 'loaded', event('loaded', 1, outcome => 'loaded', lines => 1, loaded => 1, rejected => 0), 'end' ], 'a load is told once');
is_deeply(told(load('2026-10-05 1')), [ 'unchanged', event('loaded', 2, outcome => 'unchanged', lines => 1, loaded => 1, rejected => 0), 'end' ],
    'the same file: that nothing changed');
is_deeply(told(load('2026-10-05 1', '2026-10-06 none', '2026-10-06 2')),
    [ 'loaded', event('loaded', 3, outcome => 'loaded', lines => 3, loaded => 2, rejected => 1), event('rejected', 3, rejected => 1), 'end' ],
    'rejected records are told of');
is_deeply(told(load('2026-09-30 1', '2026-10-05 1', '2026-11-01 1')),
    [ 'loaded', event('loaded', 4, outcome => 'loaded', lines => 3, loaded => 3, rejected => 0), event('late usage', 4, days => 1, billed_in => '2026-10'), 'end' ],
    'late usage, with the month that bills it');
is_deeply(told("BEGIN;\n" . load('2026-10-07 1') . load('2026-10-08 1') . "SELECT 'not yet';\nCOMMIT;"),
    [ 'loaded', 'loaded', 'not yet', (map { event('loaded', $_, outcome => 'loaded', lines => 1, loaded => 1, rejected => 0) } 5, 6), 'end' ],
    'two loads of a transaction: when it is committed');
is_deeply(told("BEGIN;\n" . load('2026-10-07 2') . "ROLLBACK;\n"), [ 'loaded', 'end' ], 'what is rolled back is not told');
is_deeply(told("\\set ON_ERROR_STOP off\nSELECT load_csv('nobody', 'partner-export', 'x');"), ['end'], 'what is refused is not told');
is_deeply(told("SELECT outcome FROM undo_batch(6, 'wrong');"), [ 'loaded', event('undone', 8, undoes => 6), 'end' ], 'an undone load');
is_deeply(told("SELECT outcome FROM adjust_usage('p', '2026-10-05', 'a', 's', 'k', 'USD', 1, 'agreed');"),
    [ 'loaded', event('adjusted', 9, usage_day => '2026-10-05'), 'end' ], 'an adjustment');
psql("INSERT INTO told.settlement_terms (partner_id, currency, validity, mode, threshold) VALUES ('p', 'USD', '[2026-01-01,)', 'postpayment', 5);");
is_deeply(told("SELECT label FROM check_thresholds();\nSELECT label FROM check_thresholds();"),
    [ 'TD-p-1', event('threshold', undef, currency => 'USD', debt => 7, threshold => 5, amount => 7, number => 'TD-p-1'), 'end' ], 'a threshold that is crossed, once');
psql("UPDATE told.setting SET value = 'off' WHERE name = 'notify';");
is_deeply(told(load('2026-10-09 1') . "SELECT outcome FROM undo_batch(10, 'wrong');"), [ 'loaded', 'loaded', 'end' ], 'notify = off: silence');
done_testing();
