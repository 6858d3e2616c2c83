# pbonus on a terminal: a bar that fits it, that leaves nothing behind, and that Ctrl-C ends.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Client;
use IPC::Run qw(run);
use JSON::PP qw(decode_json);
use Ledger;
use Test::More;

# What stands on a terminal that is wide enough, line by line, after all that was written to it; and every state of the last line
# on the way there. Knows what pbonus uses: line ends, and erasing to the end of the line.
sub screen {
    my ($written) = @_;
    my @lines = ('');
    my ($at, @bars) = (0);
    for my $piece ($written =~ /(\r|\n|\e\[K|[^\r\n\e]+|.)/gs) {
        if ($piece eq "\r") { $at = 0 }
        elsif ($piece eq "\n") { push @lines, '' }
        elsif ($piece eq "\e[K") {
            $lines[-1] = substr($lines[-1], 0, $at);
            push @bars, $lines[-1] if $lines[-1] ne '';
        }
        else {
            substr($lines[-1], $at, length $piece) = $piece;
            $at += length $piece;
        }
    }
    return { lines => \@lines, bars => \@bars };
}

sub on_terminal {
    my ($how, @command) = @_;
    my $answer;
    run([ 'python3', "$FindBin::RealBin/terminal.py", @$how, '--', @command ], '>', \$answer) or die;
    my $told = decode_json($answer);
    return { exit => $told->{exit}, written => $told->{written}, %{ screen($told->{written}) } };
}

psql("SET client_min_messages = warning; SELECT bonus.create_ledger('terminal');");
pbonus('generate', "$folder/made", '--month', '2026-10', '--days', '12', '--lines', '12000', '--accounts', '50', '--rules');
psql("SET search_path = terminal, bonus, public;\n" . slurp("$folder/made/generated_generated-partner_rules.sql"));
my @load = ($pbonus, 'load', '--ledger', 'terminal', '--partner', 'generated-partner');
my $whole = "SELECT bool_and(lines = 12000) FROM (SELECT sum(line_count) AS lines FROM terminal.usage_day WHERE superseded_at = 'infinity' GROUP BY usage_day) d;";

# Interrupted first, while there is much to do
{
    my $done = on_terminal([ 80, '--at', 'file [3-9] of', '--interrupt' ], @load, "$folder/made");
    is($done->{exit}, 130, 'Ctrl-C: exit 130');
    like(join("\n", @{ $done->{lines} }), qr/\A(?:\^C)?12 files: .*not reached.*^interrupted: .* run the same command again to go on\n\z/ms, '  the bar is gone, the account is there')
        or diag explain $done->{lines};
    isnt(psql($whole), "f\n", '  every day is whole');
}
{
    my $done = on_terminal([80], @load, "$folder/made");
    is($done->{exit}, 0, 'on a terminal the same command completes');
    is(psql($whole) . psql('SELECT count(DISTINCT usage_day) FROM terminal.usage_day;'), "t\n12\n", '  all days are there');
    cmp_ok(scalar @{ $done->{bars} }, '>=', 3, '  a bar is drawn again and again');
    my @full = grep { /^\[#+\.*\] \d+ %  \d+:\d\d left  file \d+ of 12  [\d.]+ [kM]?B  [\d,]+ lines\/s$/ } @{ $done->{bars} };
    cmp_ok(scalar @full, '>=', @{ $done->{bars} } - 2, '  with part, time left, file, bytes and lines a second') or diag explain $done->{bars};
    my @parts = map { /(\d+) %/ } @{ $done->{bars} };
    is("@parts", join(' ', sort { $a <=> $b } @parts), '  that only grows');
    like($done->{lines}[0], qr/^12 files: /, '  in the end it is gone');
    unlike($done->{written}, qr/made\/.*: loaded/, '  files that went well are not listed');
}
for my $case ([40], [8], [1], [ 100, '--at', 'file [3-6] of', '--resize', 30 ], [ 30, '--at', 'file [3-6] of', '--resize', 100 ]) {
    my ($columns) = @$case;
    my $done = on_terminal($case, @load, "$folder/made");
    my $then = $case->[-1];
    my $widest = $then > $columns ? $then : $columns;
    is($done->{exit}, 0, "@$case columns");
    is(scalar(grep { length $_ >= $widest } @{ $done->{bars} }), 0, '  the bar is never as wide as the terminal');
    is(scalar(grep { $_ !~ m{^(\[#*\.*\] )?(\d+ %(  \d+:\d\d left)?(  file \d+ of 12)?(  [\d.]+ [kM]?B)?(  [\d,]+ lines/s)?)?$} } @{ $done->{bars} }), 0, '  nothing in it is cut off')
        or diag explain $done->{bars};
    like($done->{lines}[0], qr/^12 files: 12 unchanged/, '  in the end it is gone');
    cmp_ok(length $done->{bars}[-1], $then < 100 ? '<' : '>', 30, '  it follows the terminal that has another width now') if $then != $columns;
}

# What is wrong scrolls by; elsewhere than on a terminal there is no bar
{
    my ($header) = split /\n/, slurp("$folder/made/generated_generated-partner_2026-10-01.csv");
    spew('made/broken.csv', "$header\n\"open\n");
    my $done = on_terminal([80], @load, "$folder/made");
    is($done->{exit}, 3, 'a file that cannot be read');
    like($done->{lines}[0], qr{made/broken\.csv: refused: quoted field does not end$}, '  is told above the bar') or diag explain $done->{lines};
    is(scalar(grep { /%/ } @{ $done->{lines} }), 0, '  nothing of which is left');
    my $plain = pbonus(@load[ 1 .. $#load ], "$folder/made");
    unlike($plain->{err} . $plain->{out}, qr/[\r\e]|\d %/, 'elsewhere there is no bar');
    is(scalar(() = $plain->{err} =~ /: unchanged, 12,000 lines, 1 day$/mg), 12, '  but a line for each file');
    my $json = on_terminal([80], 'sh', '-c', '"$@" --json >/dev/null', 'sh', @load, "$folder/made");
    is($json->{written}, '', 'with --json there is none either');
}

psql('SET client_min_messages = warning; DROP SCHEMA terminal CASCADE;');
done_testing();
