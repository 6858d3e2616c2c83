package Ledger;

# What the tests share: psql on the server of the PG* variables, and a ledger filled with the demo's data.
use strict;
use warnings;
use Cwd qw(abs_path);
use Exporter qw(import);
use File::Basename qw(dirname);
use IPC::Run qw(run);
use Test::More;

our @EXPORT = qw($root psql psql_error make_ledger digest);
our $root = abs_path(dirname(__FILE__) . '/../../..');

# Rows of a script, unaligned; the test ends when it fails. Options are psql's: (-d => 'database').
sub psql {
    my ($script, @options) = @_;
    my ($out, $err);
    run([ qw(psql -X -q -A -t -v ON_ERROR_STOP=1), @options ], '<', \$script, '>', \$out, '2>', \$err) or BAIL_OUT("psql: $err");
    return $out;
}

# The error of a script that has to fail: SQLSTATE, message, DETAIL, HINT.
sub psql_error {
    my ($script, @options) = @_;
    my ($out, $err);
    if (run([ qw(psql -X -q -A -t -v ON_ERROR_STOP=1 -v VERBOSITY=verbose), @options ], '<', \$script, '>', \$out, '2>', \$err)) {
        return { sqlstate => '00000', message => '', detail => '', hint => '' };
    }
    my ($sqlstate, $message) = $err =~ /(?:ERROR|FATAL):\s+(\w{5}): (.*)/;
    my ($detail) = $err =~ /^DETAIL:\s+(.*)/m;
    my ($hint) = $err =~ /^HINT:\s+(.*)/m;
    return { sqlstate => $sqlstate // '', message => $message // $err, detail => $detail // '', hint => $hint // '' };
}

# A ledger with the demo's rules and the generated export, whose documents are the worked example.
sub make_ledger {
    my ($name, @options) = @_;
    psql(<<"END", @options);
SET client_min_messages = warning;
\\o /dev/null
SELECT bonus.create_ledger('$name');
SET search_path = $name, bonus, public;
\\i $root/scripts/demo_rules.sql
\\set content `cat '$root/test/data/generated_partner_export_2026-10.csv'`
SELECT load_csv('generated-partner', 'partner-export', :'content');
END
    return;
}

# Changes when any row of a view of a ledger changes; identities of loads and clocks are in none of these.
sub digest {
    my ($name, @options) = @_;
    my @views = qw(payment_invoice regular_invoice service_report bonus_line bonus_line_reason effective_rate
        consumption_total reconciliation portal_bonus);
    return psql(join(' UNION ALL ',
        map { "SELECT '$_', count(*), md5(coalesce(string_agg(v::text, ';' ORDER BY v::text COLLATE \"C\"), '')) FROM $name.$_ v" } @views) . ';',
        @options);
}

1;
