# Fifty sessions at once withdraw a partner's rebates, and pay: each goes through once or is refused, and the balance is never below 0.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use IPC::Run qw(start finish);
use Ledger;
use Test::More;

psql(<<'END');
SET client_min_messages = warning;
\o /dev/null
SELECT bonus.create_ledger('withdrawals');
SET search_path = withdrawals, bonus, public;
INSERT INTO program (program_id, name) VALUES ('international', 'International edition');
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap) VALUES ('international', 'USD', '[2020-01-01,)', 0.20, 0.15, 0.35);
INSERT INTO commission_terms (program_id, currency, kind, validity, rate) VALUES ('international', 'USD', 'project growth', '[2020-01-01,)', 0.10);
INSERT INTO partner (partner_id, billing_account_id, name) VALUES ('p', 'p-own', 'Partner');
INSERT INTO partner_program (partner_id, program_id, validity) VALUES ('p', 'international', '[2020-01-01,)');
INSERT INTO partner_status (partner_id, status, validity) VALUES ('p', 'active', '[2020-01-01,)');
INSERT INTO subaccount (account_id, name) VALUES ('a', 'Customer A');
INSERT INTO subaccount_link (partner_id, account_id, validity) VALUES ('p', 'a', '[2020-01-01,)');
INSERT INTO commission_right (partner_id, account_id, kind, validity) VALUES ('p', 'a', 'project growth', '[2020-01-01,)');
SELECT load_csv('p', 'partner-export', E'billing_account_id,service_id,sku_id,date,currency,cost,credit,monetary_grant_credit\na,s,k,2025-01-05,USD,1000,0,0\n');
CALL close_month('2025-01-01');
SELECT accrue_rebates('2025-01-01');
END
is(psql('SELECT balance FROM withdrawals.rebate_balance'), "100.00\n", 'a tenth of 1000 has accrued');

# Runs a statement in each of fifty sessions, all of which wait for the partner before any goes on; gives what each printed.
sub at_once {
    my ($statement) = @_;
    my ($in, $blocked) = ("BEGIN; SELECT 'locked' FROM withdrawals.partner FOR UPDATE;\n", '');
    my $holder = start([qw(psql -X -q -A -t)], '<', \$in, '>', \$blocked);
    $holder->pump until $blocked =~ /locked/;
    my @sessions;
    for my $n (1 .. 50) {
        my $session = { out => '' };
        my $script = $statement->($n);
        $session->{run} = start([ qw(psql -X -q -A -t -v VERBOSITY=sqlstate -c), 'SET search_path = withdrawals, bonus, public', '-c', $script ],
            '<', \undef, '>', \$session->{out}, '2>&1');
        push @sessions, $session;
    }
    for (1 .. 600) {
        last if psql("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'") == 50;
        select(undef, undef, undef, 0.1);
    }
    is(psql("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"), "50\n", 'fifty sessions wait');
    $in .= "COMMIT;\n";
    $holder->finish;
    finish($_->{run}) for @sessions;
    return map { s/\s+$//r } map { $_->{out} } @sessions;
}

# 14 x 7 = 98, and one more would be above the balance
my @told = at_once(sub { my ($n) = @_; my $way = $n % 2 ? 'bank account' : 'invoice deduction'; "SELECT 'withdrawn' FROM withdraw_rebate('p', 'USD', 7, '$way', 'w-$n')" });
is(scalar(grep { $_ eq 'withdrawn' } @told), 14, '14 withdrawals of 7 go through');
is(scalar(grep { $_ eq 'ERROR:  55000' } @told), 36, 'the others are refused');
is(psql('SELECT balance FROM withdrawals.rebate_balance'), "2.00\n", 'what is left of 100');

# the same request fifty times
@told = at_once(sub { "SELECT withdrawal_id FROM withdraw_rebate('p', 'USD', 1, 'bank account', 'again')" });
my %ids = map { $_ => 1 } @told;
is(scalar(keys %ids), 1, 'the same withdrawal fifty times is one');
is(psql('SELECT balance FROM withdrawals.rebate_balance'), "1.00\n", 'and is taken off once');
@told = at_once(sub { "SELECT payment_id FROM record_payment('p', 'USD', 10, 'again')" });
%ids = map { $_ => 1 } @told;
is(scalar(keys %ids), 1, 'the same payment fifty times is one');

# reversals and withdrawals want the same last unit
@told = at_once(sub {
    my ($n) = @_;
    $n % 2 ? "SELECT 'taken' FROM withdraw_rebate('p', 'USD', 1, 'bank account', 'last-$n')"
           : "SELECT 'taken' FROM reverse_accrual((SELECT min(accrual_id) FROM rebate_accrual), 'test', 1)" });
is(scalar(grep { $_ eq 'taken' } @told), 1, 'one of them gets it');
is(psql('SELECT balance FROM withdrawals.rebate_balance'), "0.00\n", 'nothing is left');
is(psql('SELECT count(*) FROM withdrawals.verify()'), "0\n", 'the ledger is sound');
psql('SET client_min_messages = warning; DROP SCHEMA withdrawals CASCADE');
done_testing();
