# Eight sessions at once load, restate, undo and adjust the days of few partners while months close (test/restatement/loaders.py):
# no deadlock, nothing lost, nothing stamped into a month that is closed, and the answers are the model's.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use IPC::Run qw(run);
use Ledger;
use Test::More;

my ($rounds, $loads) = ($ENV{PARTNER_BONUS_BUDGET} // 'small') eq 'large' ? (10, 200) : (3, 30);
my $seed = $ENV{PARTNER_BONUS_SEED} || 1 + int(rand(1_000_000));
diag("seed $seed");

for my $round (1 .. $rounds) {
    my $out = '';
    my $sound = run([ 'python3', "$root/test/restatement/loaders.py", '--seed', $seed + $round - 1, '--loads', $loads ], '>', \$out, '2>&1');
    ok($sound, "8 sessions, $loads steps each, round $round");
    $sound ? note($out) : diag(substr($out, 0, 8000));
}
done_testing();
