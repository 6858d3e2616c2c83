# SIGKILL of client, backend and server while several days are loaded: all of them at the version before, or all at the one
# after; the same load again completes. With pbonus where it is built (PBONUS, build/pbonus), with psql otherwise.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use IPC::Run qw(run);
use Ledger;
use Test::More;

my $rounds = $ENV{PARTNER_BONUS_ROUNDS} || (($ENV{PARTNER_BONUS_BUDGET} // 'small') eq 'large' ? 500 : 25);
my $seed = $ENV{PARTNER_BONUS_SEED} || 1 + int(rand(1_000_000));
my ($pbonus) = grep { -x } $ENV{PBONUS} // (), "$root/build/pbonus";
diag("seed $seed");

for my $client (undef, $pbonus // ()) {
    my $out = '';
    my $sound = run([ 'python3', "$root/test/restatement/kills.py", '--seed', $seed, '--rounds', $rounds, $client ? ('--client', $client) : () ], '>', \$out, '2>&1');
    ok($sound, sprintf '%d loads with %s, killed: the version before or the version after', $rounds, $client ? 'pbonus' : 'psql');
    $sound ? note($out) : diag(substr($out, 0, 8000));
}
done_testing();
