# pbonus close: partners closed side by side, parked ones, a client killed or cut off in between: the same documents as undisturbed.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use File::Temp qw(tempdir);
use IO::Select;
use IO::Socket::UNIX;
use IPC::Run qw(run start finish kill_kill pump);
use JSON::PP qw(decode_json);
use Ledger;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

my $folder = tempdir(CLEANUP => 1);
my ($pbonus) = grep { -x } $ENV{PBONUS} // (), "$root/build/pbonus";
plan skip_all => 'pbonus is not built' unless $pbonus;

sub pbonus {
    my ($out, $err) = ('', '');
    run([ $pbonus, @_ ], '<', \'', '>', \$out, '2>', \$err);
    return { exit => $? >> 8, out => $out, err => $err };
}

sub json {
    my $done = pbonus(@_, '--json');
    return { %$done, json => eval { decode_json($done->{out}) } };
}

sub line { return psql($_[0]) =~ s/\n\z//r }

# Twelve partners with usage in two currencies; p05 has a line that was rejected.
sub make {
    my ($ledger) = @_;
    my $script = <<"END";
SET client_min_messages = warning;
\\o /dev/null
SELECT bonus.create_ledger('$ledger');
SET search_path = $ledger, bonus, public;
INSERT INTO program (program_id, name) VALUES ('international', 'International edition');
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap)
SELECT 'international', c, '[2026-01-01,)', 0.20, 0.15, 0.35 FROM unnest(ARRAY['USD', 'RUB']) c;
INSERT INTO partner (partner_id, billing_account_id, name) SELECT 'p' || to_char(n, 'FM00'), 'own-' || n, 'Partner ' || n FROM generate_series(1, 12) n;
INSERT INTO partner_program (partner_id, program_id, validity) SELECT partner_id, 'international', '[2026-01-01,)' FROM partner;
INSERT INTO partner_status (partner_id, status, validity) SELECT partner_id, 'active', '[2026-01-01,)' FROM partner;
INSERT INTO subaccount (account_id, name) SELECT 'a' || n, 'Customer ' || n FROM generate_series(1, 12) n;
INSERT INTO subaccount_link (partner_id, account_id, validity) SELECT 'p' || to_char(n, 'FM00'), 'a' || n, '[2026-01-01,)' FROM generate_series(1, 12) n;
END
    for my $n (1 .. 12) {
        my $partner = sprintf 'p%02d', $n;
        my $lines = join '', map { sprintf "a%d,compute,sku-%d,2026-09-%02d,%s,%d.%03d,0,0\n", $n, $_, $_, $_ % 3 ? 'USD' : 'RUB', $n * $_, 7 * $_ } 1 .. 20;
        $lines .= "a5,compute,cpu,2026-09-21,USD,much,0,0\n" if $n == 5;
        $script .= "SELECT load_csv('$partner', 'partner-export', 'billing_account_id,service_id,sku_id,date,currency,cost,credit,monetary_grant_credit\n$lines');\n";
    }
    psql($script);
    return;
}

# What was issued, without anything that differs between ledgers.
sub issued { return line("SELECT encode($_[0].month_digest('2026-09-01'), 'hex') || ' ' || count(*) FROM $_[0].document;") }

sub settled {
    my ($ledger) = @_;
    return (line("SELECT count(*) FROM $ledger.verify();"), issued($ledger),
        line("SELECT string_agg(DISTINCT numbers::text, ' ') FROM (SELECT count(*) AS numbers FROM $ledger.document_number GROUP BY partner_id, kind) n;"));
}

sub waive { psql("\\o /dev/null\nSELECT $_[0].waive_rejects(batch_id, 'not usage') FROM $_[0].load_batch WHERE rejected > 0;"); return }

# Until sessions of the client have ended: their last transaction is there or is not.
sub wait_for_sessions {
    for (1 .. 600) {
        return if line("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pbonus';") == 0;
        sleep 0.05;
    }
    die 'sessions of pbonus stay';
}

make('undisturbed');
waive('undisturbed');
psql("CALL undisturbed.close_month('2026-09-01');");
my @undisturbed = settled('undisturbed');
is($undisturbed[0], 0, 'undisturbed: sound');
like($undisturbed[1], qr/ 24$/, '  with 24 documents');

# Preview, two connections, a parked partner, again
{
    make('calm');
    my $preview = json('close', '2026-09', '--ledger', 'calm', '--preview');
    is($preview->{exit}, 1, 'preview: something stops a partner');
    is(scalar @{ $preview->{json}{documents} }, 24, '  what would be issued');
    is_deeply([ map { "$_->{partner_id} $_->{problem}" } grep { $_->{severity} eq 'stop' } @{ $preview->{json}{problems} } ], ['p05 rejected lines'], '  and who is stopped by what');
    is(line('SELECT count(*) FROM calm.document;') . line('SELECT count(*) FROM calm.close_progress;'), '00', '  nothing is written');
    is(pbonus('close', '2026-09', '--ledger', 'calm', '--preview', '--partner', 'p01')->{exit}, 0, '  of a partner that nothing stops');
    psql("UPDATE calm.partner SET country = 'DE' WHERE partner_id = 'p02'");
    my $untaxed = json('close', '2026-09', '--ledger', 'calm', '--preview', '--partner', 'p02');
    is_deeply([ map { $_->{problem} } grep { $_->{severity} eq 'stop' } @{ $untaxed->{json}{problems} } ], [ ('a VAT rate is missing') x 2 ], '  a rate of VAT is missing, in two currencies');
    psql("UPDATE calm.partner SET country = NULL WHERE partner_id = 'p02'");

    my $done = pbonus('close', '2026-09', '--ledger', 'calm', '--jobs', '2');
    is($done->{exit}, 1, 'two connections: a partner is parked');
    is(scalar(() = $done->{err} =~ /^p\d\d: closed, 2 documents$/mg), 11, '  a line for each partner that is closed');
    like($done->{err}, qr/^p05: parked: rejected lines\n  1 of load \d+\.\n  rejected_line tells/m, '  and for the parked one, with what to do');
    like($done->{out}, qr/^2026-09: 12 partners\n  closed      11\n  parked      1\n  documents   22\n.*^p05: parked: rejected lines/ms, '  a summary');
    is(line('SELECT count(*) FROM calm.month_seal;'), 0, '  no seal of the month yet');

    is(pbonus('close', '2026-09', '--ledger', 'calm')->{exit}, 1, 'again: parked still');
    waive('calm');
    my $again = json('close', '2026-09', '--ledger', 'calm');
    is($again->{exit}, 0, 'the reason gone: closed');
    is_deeply([ @{ $again->{json} }{qw(month closed parked documents)}, $again->{json}{finished} ? 1 : 0 ], [ '2026-09', 12, 0, 24, 1 ], '  as JSON');
    is_deeply($again->{json}{partners}[4], { partner_id => 'p05', state => 'closed', documents => 2 }, '  partner by partner');
    is($again->{err}, '', '  without progress');
    is_deeply([ settled('calm') ], \@undisturbed, '  the same documents as undisturbed');
    is(line('SELECT count(*) FROM calm.month_seal;'), 1, '  and the month is sealed');
    my $third = pbonus('close', '2026-09', '--ledger', 'calm', '--jobs', '3');
    is_deeply([ $third->{exit}, settled('calm') ], [ 0, @undisturbed ], 'a closed month once more: nothing happens');
}

# Some partners only, a terminal, what is refused
{
    make('named');
    is(pbonus('close', '2026-09', '--ledger', 'named', '--partner', 'p02', '--partner', 'p03')->{exit}, 0, 'two partners');
    is(line("SELECT string_agg(partner_id, ' ' ORDER BY partner_id) FROM named.billing_period WHERE closed_at IS NOT NULL;"), 'p02 p03', '  and no other');
    my $screen = '';
    run([ $pbonus, 'close', '2026-09', '--ledger', 'named' ], '>pty>', \$screen);
    like($screen, qr/\[#*\.*\] \d+ %  (?:[\d:]+ left  )?\d+ of 10 partners  \d parked/, 'a terminal has a bar');
    like($screen, qr/p05: parked/, '  and says who is parked');
    unlike($screen, qr/p06: closed/, '  not who is closed');
    for my $case ([ 2, 'close' ], [ 2, 'close', 'soon' ], [ 2, 'close', '2026-09-01' ], [ 2, 'close', '2026-09', '--jobs', '0' ],
                  [ 3, 'close', '2026-09', '--partner', 'nobody', 'unknown partner' ], [ 3, 'close', '2026-09', '--preview', '--partner', 'nobody', 'unknown partner' ],
                  [ 3, 'close', '2099-01', 'the month is not over' ], [ 4, 'close', '2026-09', '--ledger', 'absent', 'no ledger' ]) {
        my ($exit, @arguments) = @$case;
        my $says = @arguments > 1 && $arguments[-1] =~ / / ? pop @arguments : '';
        my $refused = pbonus(@arguments, (grep { $_ eq '--ledger' } @arguments) ? () : ('--ledger', 'named'));
        is($refused->{exit}, $exit, "@arguments: $exit");
        like($refused->{err}, qr/$says/, '  and why');
    }
    is(line("SELECT count(*) FROM named.close_progress WHERE month <> '2026-09-01';"), 0, 'what is refused leaves nothing');
}

# SIGKILL and Ctrl-C in between
for my $signal (qw(KILL INT)) {
    my $ledger = lc "disturbed_$signal";
    make($ledger);
    waive($ledger);
    my ($out, $err) = ('', '');
    my $close = start([ $pbonus, 'close', '2026-09', '--ledger', $ledger, '--jobs', '2' ], '>', \$out, '2>', \$err);
    pump($close) until $err =~ /closed/;
    $close->signal($signal);
    eval { finish($close) };
    is($close->full_result(0) >> 8, 130, 'Ctrl-C: exit code 130') if $signal eq 'INT';
    like($out, qr/run the same command again/, '  and how to go on') if $signal eq 'INT';
    wait_for_sessions();
    is(line("SELECT count(*) FROM $ledger.billing_period p WHERE p.closed_at IS NOT NULL AND (SELECT count(*) FROM $ledger.document_seal JOIN $ledger.document d "
                . "USING (document_id) WHERE d.partner_id = p.partner_id) <> 2 OR p.closed_at IS NULL AND EXISTS (SELECT FROM $ledger.document d WHERE d.partner_id = p.partner_id);"),
        0, "SIG$signal: each partner as a whole or not at all");
    note(line("SELECT count(*) FILTER (WHERE state = 'closed') || ' closed, ' || count(*) FILTER (WHERE state = 'waiting') || ' waiting' FROM $ledger.close_progress;"));
    is(pbonus('close', '2026-09', '--ledger', $ledger)->{exit}, 0, '  again');
    is_deeply([ settled($ledger) ], \@undisturbed, '  the same documents as undisturbed');
}

# The connection is cut when the server has committed and the client has not heard of it: a relay that keeps an answer to itself
sub relay {
    my ($socket, $number) = @_;
    my $listener = IO::Socket::UNIX->new(Local => $socket, Listen => 5) or die "$socket: $!";
    my $pid = fork // die;
    return $pid if $pid;
    local $SIG{CHLD} = 'IGNORE';
    while (my $client = $listener->accept) {
        next if fork;
        my $server = IO::Socket::UNIX->new(Peer => "$ENV{PGHOST}/.s.PGSQL." . ($ENV{PGPORT} // 5432)) or die;
        my $ways = IO::Select->new($client, $server);
        my $asked = 0;
        while (1) {
            for my $from ($ways->can_read) {
                sysread $from, my $data, 65536 or POSIX::_exit(0);
                $asked++ if $from == $client && $data =~ /close_next/;
                # the answer is there, so its transaction is committed
                POSIX::_exit(0) if $from == $server && $asked == $number;
                syswrite($from == $client ? $server : $client, $data);
            }
        }
    }
    exit 0;
}

{
    make('cut');
    waive('cut');
    my $pid = relay("$folder/.s.PGSQL.5432", 4);
    my $cut = do {
        my ($out, $err) = ('', '');
        run([ 'env', "PGHOST=$folder", 'PGPORT=5432', $pbonus, 'close', '2026-09', '--ledger', 'cut' ], '>', \$out, '2>', \$err);
        { exit => $? >> 8, out => $out, err => $err };
    };
    is($cut->{exit}, 4, 'cut off between COMMIT and answer: exit code 4');
    like($cut->{err}, qr/connection to the database is lost.*as a whole or not at all; run the command again/s, '  and what to do');
    wait_for_sessions();
    is(line("SELECT count(*) FROM cut.close_progress WHERE state = 'closed';"), 4, '  the fourth partner is closed, though the client heard of three');
    is(scalar(() = $cut->{err} =~ /: closed/g), 3, '  as its lines say');
    is(pbonus('close', '2026-09', '--ledger', 'cut', '--jobs', '2')->{exit}, 0, '  again');
    is_deeply([ settled('cut') ], \@undisturbed, '  nothing twice: the same documents as undisturbed');
    kill 'TERM', $pid;
    waitpid $pid, 0;
}
done_testing();
