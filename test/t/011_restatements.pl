# Intake against a model that shares no code with it (test/restatement): random sequences of loads, restatements, undoing,
# adjustments and closed months agree to the last digit after every step; the same file again changes nothing.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use IPC::Run qw(run);
use Ledger;
use Test::More;

my $large = ($ENV{PARTNER_BONUS_BUDGET} // 'small') eq 'large';
my $sequences = $ENV{PARTNER_BONUS_SEQUENCES} || ($large ? 1000 : 60);
my $cases = $large ? 400 : 40;
my $seed = $ENV{PARTNER_BONUS_SEED} || 1 + int(rand(1_000_000));
diag("seed $seed");

sub agrees {
    my ($what, $program, @options) = @_;
    my $out = '';
    my $agreed = run([ 'python3', "$root/test/restatement/$program", '--seed', $seed, @options ], '>', \$out, '2>&1');
    ok($agreed, $what);
    $agreed ? note($out) : diag(substr($out, 0, 8000));
    return;
}

agrees('plausible mistakes are told from the truth', 'run.py', '--self-test');
agrees("$sequences random sequences: the ledger and the model agree after every step", 'run.py', '--sequences', $sequences);
agrees("$cases files three times, in any order and other digits, older ones late: the digest of one clean load", 'idempotence.py', '--cases', $cases);
done_testing();
