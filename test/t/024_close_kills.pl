# SIGKILL of backends, clients and the whole server while a month of 200 partners is closed, and clients that do not hear of their
# COMMIT: closed again, the ledger holds what it holds after an undisturbed close, without gaps, and nothing twice.
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

my $out = '';
my $sound = run([ 'python3', "$root/test/closing/kills.py", '--seed', $seed, '--rounds', $rounds, $pbonus ? ('--client', $pbonus) : () ], '>', \$out, '2>&1');
$sound ? note($out) : diag(substr($out, 0, 8000));
like($out, qr/^alterations: \d+, failed=0$/m, 'what is altered by hand is reported');
like($out, qr/^unknown: .* failed=0$/m, 'done again because the answer to COMMIT was lost: done once');
like($out, qr/^kills: rounds=$rounds .* failed=0,/m, "$rounds closes, killed and resumed: as undisturbed");
ok($sound, 'to the end');
done_testing();
