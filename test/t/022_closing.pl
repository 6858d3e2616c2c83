# Closing against a model that shares no code with it (test/closing): random months closed in order, with late usage, undoing,
# corrections and credit notes; what was issued stays, and its exact amounts add up to a full recomputation.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use IPC::Run qw(run);
use Ledger;
use Test::More;

my $large = ($ENV{PARTNER_BONUS_BUDGET} // 'small') eq 'large';
my $months = $ENV{PARTNER_BONUS_MONTHS} || ($large ? 20_000 : 200);
my $lines = $large ? 10_000 : 300;
my $seed = $ENV{PARTNER_BONUS_SEED} || 1 + int(rand(1_000_000));
diag("seed $seed");

sub agrees {
    my ($what, @options) = @_;
    my $out = '';
    my $agreed = run([ 'python3', "$root/test/closing/run.py", '--seed', $seed, @options ], '>', \$out, '2>&1');
    ok($agreed, $what);
    $agreed ? note($out) : diag(substr($out, 0, 8000));
    return;
}

agrees('plausible mistakes are told from the truth', '--self-test');
agrees("$months random months: every document is the model's, and nothing is broken", '--months', $months);
agrees("$lines late and restated lines over six closed months: what was issued stays, all sums are as recomputed", '--late', $lines);
done_testing();
