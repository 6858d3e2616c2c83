# What happens to statuses, links and deals when partners and customers come, change and go: each function of participation, once
# and again; every pair of statuses on every way in.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Ledger;
use Test::More;

psql(<<'SQL');
SET client_min_messages = warning;
\o /dev/null
SELECT bonus.create_ledger('transitions');
\o
SET search_path = transitions, bonus, public;
INSERT INTO program (program_id, name) VALUES ('one', 'No notice'), ('two', '30 days of notice');
INSERT INTO program_period (program_id, validity, notice_days) VALUES ('two', '(,)', 30);
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap) VALUES
    ('one', 'USD', '(,)', 0.20, 0.15, 0.35), ('two', 'USD', '(,)', 0.10, 0.15, 0.25);
CREATE SCHEMA transitions_test;

-- Every row of every rule table and of the audit
CREATE FUNCTION transitions_test.rows() RETURNS text LANGUAGE plpgsql AS $function$
DECLARE
    name   text;
    found  text;
    result text := '';
BEGIN
    FOR name IN SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'transitions'::regnamespace AND c.relkind = 'r' ORDER BY c.relname COLLATE "C" LOOP
        EXECUTE format('SELECT md5(coalesce(string_agg(r::text, E''\n'' ORDER BY r::text COLLATE "C"), '''')) FROM transitions.%I r', name) INTO found;
        result := concat_ws(' ', result, name, found);
    END LOOP;
    RETURN result;
END
$function$;

-- What a script comes to: its error, or its last row; nothing of it stays.
CREATE FUNCTION transitions_test.attempt(setup text, script text) RETURNS text LANGUAGE plpgsql AS $function$
DECLARE
    state  text;
    told   text;
    detail text;
    hint   text;
BEGIN
    EXECUTE setup;
    BEGIN
        EXECUTE script;
        RAISE EXCEPTION USING ERRCODE = 'TT000', MESSAGE = 'done';
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, told = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    END;
    RAISE EXCEPTION USING ERRCODE = 'TT001', MESSAGE = CASE state WHEN 'TT000' THEN 'allowed' ELSE concat_ws(' | ', state, told, detail, hint) END;
EXCEPTION WHEN SQLSTATE 'TT001' THEN
    GET STACKED DIAGNOSTICS told = MESSAGE_TEXT;
    RETURN told;
END
$function$;

-- The current rows of a partner, days of 2026 without their year
CREATE FUNCTION transitions_test.short(days text) RETURNS text LANGUAGE sql AS $$SELECT replace(days, '2026-', '')$$;
CREATE FUNCTION transitions_test.statuses(partner text) RETURNS text LANGUAGE sql SET search_path = transitions, transitions_test, bonus, public AS $$
SELECT string_agg(concat_ws(' ', status, short(validity::text), '(' || short(nullif(concat_ws('; ', reason, clause, notice_on), '')) || ')'), ', ' ORDER BY validity)
FROM partner_status WHERE partner_id = partner AND superseded_at = 'infinity'
$$;
CREATE FUNCTION transitions_test.programs(partner text) RETURNS text LANGUAGE sql SET search_path = transitions, transitions_test, bonus, public AS $$
SELECT string_agg(concat_ws(' ', program_id, short(validity::text)), ', ' ORDER BY validity)
FROM partner_program WHERE partner_id = partner AND superseded_at = 'infinity'
$$;
CREATE FUNCTION transitions_test.account_statuses(account text) RETURNS text LANGUAGE sql SET search_path = transitions, transitions_test, bonus, public AS $$
SELECT string_agg(concat_ws(' ', status, short(validity::text)), ', ' ORDER BY validity)
FROM subaccount_status WHERE account_id = account AND superseded_at = 'infinity'
$$;
CREATE FUNCTION transitions_test.links(account text) RETURNS text LANGUAGE sql SET search_path = transitions, transitions_test, bonus, public AS $$
SELECT string_agg(concat_ws(' ', left(partner_id, 1), short(validity::text)), ', ' ORDER BY validity, partner_id)
FROM subaccount_link WHERE account_id = account AND superseded_at = 'infinity'
$$;
CREATE FUNCTION transitions_test.deals(partner text) RETURNS text LANGUAGE sql SET search_path = transitions, transitions_test, bonus, public AS $$
SELECT string_agg(short(concat_ws(', ', customer || ': submitted ' || coalesce(submitted_on::text, 'never'), 'approved ' || approved_on,
                                  'rejected ' || rejected_on, 'linked ' || left(account_id, 1), 'holds ' || d.validity, 'ended ' || ended_on, reason)),
                  E'\n' ORDER BY customer)
FROM deal d LEFT JOIN subaccount_link l ON l.link_id = d.link_id AND l.superseded_at = 'infinity'
WHERE d.partner_id = partner AND d.superseded_at = 'infinity'
$$;
SQL

sub ledger { return psql("SET search_path = transitions, transitions_test, bonus, public;\nSET datestyle = 'ISO, YMD';\n$_[0]") }

# Every pair of statuses

my %allowed = (
    partner => {
        applied   => [qw(active revoked quit)],
        active    => [qw(suspended revoked quit)],
        suspended => [qw(active revoked quit)],
        revoked   => [qw(applied)],
        quit      => [qw(applied)],
    },
    subaccount => {
        'created'             => [ 'acceptance required', 'active', 'inactive' ],
        'acceptance required' => [ 'active', 'inactive' ],
        'active'              => [ 'suspended', 'inactive' ],
        'suspended'           => [ 'active', 'inactive' ],
        'inactive'            => ['active'],
    },
);

# The ways from one status to another on 2026-06-01: what is there before, and what is done. @ is the id.
my %ways = (
    partner => [
        [ 'set_partner_status',
            q{INSERT INTO partner_status (partner_id, status, validity) VALUES ('@', 'FROM', '[2026-01-01,)')},
            q{SELECT set_partner_status('@', 'TO', '2026-06-01')} ],
        [ 'set_partner_status after days that end',
            q{INSERT INTO partner_status (partner_id, status, validity) VALUES ('@', 'FROM', '[2026-01-01,2026-06-01)')},
            q{SELECT set_partner_status('@', 'TO', '2026-06-01')} ],
        [ 'set_partner_status before days that begin',
            q{INSERT INTO partner_status (partner_id, status, validity) VALUES ('@', 'TO', '[2026-06-01,)')},
            q{SELECT set_partner_status('@', 'FROM', '2026-01-01')} ],
        [ 'INSERT of the later',
            q{INSERT INTO partner_status (partner_id, status, validity) VALUES ('@', 'FROM', '[2026-01-01,2026-06-01)')},
            q{INSERT INTO partner_status (partner_id, status, validity) VALUES ('@', 'TO', '[2026-06-01,)')} ],
        [ 'INSERT of the earlier',
            q{INSERT INTO partner_status (partner_id, status, validity) VALUES ('@', 'TO', '[2026-06-01,)')},
            q{INSERT INTO partner_status (partner_id, status, validity) VALUES ('@', 'FROM', '[2026-01-01,2026-06-01)')} ],
        [ 'INSERT of both',
            'SELECT',
            q{INSERT INTO partner_status (partner_id, status, validity) VALUES ('@', 'FROM', '[2026-01-01,2026-06-01)'), ('@', 'TO', '[2026-06-01,)')} ],
        [ 'UPDATE of the status',
            q{INSERT INTO partner_status (partner_id, status, validity) VALUES ('@', 'FROM', '[2026-01-01,2026-06-01)'), ('@', 'FROM', '[2026-06-01,)')},
            q{UPDATE partner_status SET status = 'TO' WHERE partner_id = '@' AND lower(validity) = '2026-06-01'} ],
        [ 'UPDATE of the days',
            q{INSERT INTO partner_status (partner_id, status, validity) VALUES ('@', 'FROM', '[2026-01-01,2026-05-31)'), ('@', 'TO', '[2026-06-01,)')},
            q{UPDATE partner_status SET validity = '[2026-01-01,2026-06-01)' WHERE partner_id = '@' AND upper(validity) = '2026-05-31'} ],
    ],
);
$ways{subaccount} = [ map { [ map { s/partner_status \(partner_id/subaccount_status (account_id/r =~ s/set_partner_status/set_subaccount_status/r
                              =~ s/UPDATE partner_status/UPDATE subaccount_status/r =~ s/partner_id = /account_id = /r } @$_ ] } @{ $ways{partner} } ];
my %named = (applied => 'apply_partner', active => 'activate_partner', suspended => 'suspend_partner', revoked => 'revoke_partner', quit => 'give_notice');

ledger("INSERT INTO partner (partner_id, billing_account_id, name) VALUES ('someone', 'someone', 'Someone');"
    . "INSERT INTO subaccount (account_id, name) VALUES ('someone', 'Someone');");
is(ledger("SELECT subject, from_status, to_status FROM status_transition ORDER BY 1, 2, 3;"),
    join('', sort map { my $subject = $_; map { my $from = $_; map { "$subject|$from|$_\n" } @{ $allowed{$subject}{$from} } } keys %{ $allowed{$subject} } } keys %allowed),
    'status_transition is what is tested here');
my (@attempts, @calls);
for my $subject (sort keys %allowed) {
    for my $from (sort keys %{ $allowed{$subject} }) {
        for my $to (sort keys %{ $allowed{$subject} }) {
            my @next = @{ $allowed{$subject}{$from} };
            my $wanted = $from eq $to || grep({ $_ eq $to } @next) ? 'allowed'
                : "23514 | illegal transition of status | $subject someone is $from on the day before 2026-06-01 and cannot be $to then. "
                . "| From $from: " . join(', ', @next) . '.';
            my @ways = @{ $ways{$subject} };
            push @ways, [ $named{$to}, $ways[0][1], "SELECT $named{$to}('\@', '2026-06-01')" ] if $subject eq 'partner';
            for (@ways) {
                my ($way, @scripts) = @$_;
                s/\@/someone/g, s/\bFROM\b(?=')/$from/g, s/\bTO\b/$to/g for @scripts;
                # revoked and quit, given by a function, end what was to come
                my $ends = $way eq 'set_partner_status before days that begin' && $from =~ /^(revoked|quit)$/;
                push @attempts, [ "$subject, $from to $to, by $way", $ends ? 'allowed' : $wanted ];
                push @calls, 'SELECT attempt(' . join(', ', map { "\$script\$$_\$script\$" } @scripts) . ");\n";
            }
        }
    }
}
{
    my $before = ledger('SELECT rows();');
    my @found = split /\n/, ledger(join '', @calls);
    is($found[$_], $attempts[$_][1], $attempts[$_][0]) for 0 .. $#attempts;
    is(ledger('SELECT rows();'), $before, 'and nothing of all this has stayed');
}

# Each function, once and again. A scenario has a partner @p that follows program one and is active since 2026-01-01, another such
# partner @q, and the customers @a of @p and @b of nobody. %s in a call is the day.

my $scenarios = 0;

sub scenario {
    my ($what, %scenario) = @_;
    my $number = ++$scenarios;
    my $fill = sub { return $_[0] =~ s/\@(\w)/$1$number/gr };
    my $setup = $scenario{bare} ? '' : <<'END';
SELECT follow_program('@p', 'one', '2026-01-01'), follow_program('@q', 'one', '2026-01-01');
SELECT activate_partner('@p', '2026-01-01'), activate_partner('@q', '2026-01-01');
SELECT link_subaccount('@p', '@a', '2026-01-01');
END
    my $call = $fill->($scenario{call});
    my $script = $fill->(<<"END");
\\o /dev/null
INSERT INTO partner (partner_id, billing_account_id, name) SELECT p, p || '-account', p FROM unnest('{\@p,\@q}'::text[]) p;
INSERT INTO subaccount (account_id, name) SELECT a, a FROM unnest('{\@a,\@b}'::text[]) a;
$setup
@{[ $scenario{setup} // '' ]}
SELECT rows() AS before \\gset
$call;
\\o
SELECT rows() = :'before';
SELECT rows() AS once \\gset
\\o /dev/null
@{[ defined $scenario{again} ? $fill->($scenario{again}) : $call ]};
\\o
SELECT rows() = :'once';
END
    my ($unchanged, $idempotent) = split /\n/, ledger($script);
    is($unchanged, $scenario{nothing} ? 't' : 'f', "$what: " . ($scenario{nothing} ? 'nothing to be done' : 'done'));
    is($idempotent, 't', "$what: a second time changes nothing");
    my %state = (statuses => '@p', others_statuses => '@q', programs => '@p', account_statuses => '@a', links => '@a', links_of_b => '@b',
        deals => '@p', others_deals => '@q');
    for my $part (sort keys %state) {
        next if !defined $scenario{$part};
        my $function = $part =~ s/^others_|_of_b$//r;
        chomp(my $wanted = $scenario{$part});
        is(ledger($fill->("SELECT $function('$state{$part}');")), "$wanted\n", "$what: $part");
    }
    is(ledger($fill->($scenario{query})), $scenario{answer}, "$what: $scenario{about}") if $scenario{query};
    return;
}

# A call that is refused changes nothing.
sub refused {
    my ($what, %scenario) = @_;
    my $number = ++$scenarios;
    my $fill = sub { return $_[0] =~ s/\@(\w)/$1$number/gr };
    ledger($fill->(<<"END"));
\\o /dev/null
INSERT INTO partner (partner_id, billing_account_id, name) SELECT p, p || '-account', p FROM unnest('{\@p,\@q}'::text[]) p;
INSERT INTO subaccount (account_id, name) SELECT a, a FROM unnest('{\@a,\@b}'::text[]) a;
SELECT follow_program('\@p', 'one', '2026-01-01'), follow_program('\@q', 'one', '2026-01-01');
SELECT activate_partner('\@p', '2026-01-01'), activate_partner('\@q', '2026-01-01');
SELECT link_subaccount('\@p', '\@a', '2026-01-01');
$scenario{setup}
END
    my $before = ledger('SELECT rows();');
    my $error = psql_error($fill->("SET search_path = transitions, bonus, public; $scenario{call};"));
    is($error->{sqlstate}, $scenario{sqlstate}, "$what: $scenario{sqlstate}");
    is("$error->{message} | $error->{detail} | $error->{hint}", $fill->($scenario{error}), "$what: the error tells what and why") if $scenario{error};
    is(ledger('SELECT rows();'), $before, "$what: nothing has changed");
    return;
}

# Statuses
scenario('apply', bare => 1, call => q{SELECT apply_partner('@p', '2026-03-01', 'by form')},
    statuses => 'applied [03-01,) (by form)');
scenario('apply, again later', bare => 1, call => q{SELECT apply_partner('@p', '2026-03-01')},
    again => q{SELECT apply_partner('@p', '2026-04-01', 'x')}, statuses => 'applied [03-01,)');
scenario('activate after applying', bare => 1, setup => q{SELECT apply_partner('@p', '2026-03-01');},
    call => q{SELECT activate_partner('@p', '2026-04-01')}, statuses => 'applied [03-01,04-01), active [04-01,)');
scenario('activate without applying', bare => 1,
    call => q{SELECT activate_partner('@p', '2026-04-01', 'taken over')}, statuses => 'active [04-01,) (taken over)');
scenario('activate who is active', nothing => 1, call => q{SELECT activate_partner('@p', '2026-06-15')},
    statuses => 'active [01-01,)');
scenario('apply and activate on one day', bare => 1,
    setup => q{SELECT apply_partner('@p', '2026-04-01', 'by form');},
    call => q{SELECT activate_partner('@p', '2026-04-01', 'at once')}, statuses => 'active [04-01,) (at once)');
scenario('suspend',
    setup => q{SELECT activate_deal(deal_id, '@a', '2026-03-01') FROM approve_deal((submit_deal('@p', 'c', 0.15, on_day => '2026-01-10')).deal_id, '2026-02-01');},
    call => q{SELECT suspend_partner('@p', '2026-06-15', 'late payment')},
    statuses => 'active [01-01,06-15), suspended [06-15,) (late payment)', links => 'p [01-01,)',
    deals => 'c: submitted 01-10, approved 02-01, linked a, holds [03-01,)', others_statuses => 'active [01-01,)');
scenario('activate after a suspension', setup => q{SELECT suspend_partner('@p', '2026-06-15');},
    call => q{SELECT activate_partner('@p', '2026-07-01', 'paid')},
    statuses => 'active [01-01,06-15), suspended [06-15,07-01), active [07-01,) (paid)');
scenario('a suspension taken back on its day', setup => q{SELECT suspend_partner('@p', '2026-06-15');},
    call => q{SELECT activate_partner('@p', '2026-06-15', 'in error')},
    statuses => 'active [01-01,06-15), active [06-15,) (in error)');
# what is on record for later stays
scenario('suspend before a later suspension',
    setup => q{SELECT suspend_partner('@p', '2026-08-01', 'planned');},
    call => q{SELECT suspend_partner('@p', '2026-06-15')},
    statuses => 'active [01-01,06-15), suspended [06-15,08-01), suspended [08-01,) (planned)');
scenario('suspend before a later quitting', setup => q{SELECT give_notice('@p', '2026-06-01', '2026-08-01');},
    call => q{SELECT suspend_partner('@p', '2026-06-15')},
    statuses => 'active [01-01,06-15), suspended [06-15,08-01), quit [08-01,) (06-01)');
scenario('activate between',
    setup => q{SELECT suspend_partner('@p', '2026-06-01'); SELECT give_notice('@p', '2026-06-01', '2026-08-01');},
    call => q{SELECT activate_partner('@p', '2026-06-15')},
    statuses => 'active [01-01,06-01), suspended [06-01,06-15), active [06-15,08-01), quit [08-01,) (06-01)');
scenario('activate before the first status on record', bare => 1,
    setup => q{SELECT suspend_partner('@p', '2026-08-01');},
    call => q{SELECT activate_partner('@p', '2026-06-15')}, statuses => 'active [06-15,08-01), suspended [08-01,)');
scenario('activate in a gap',
    setup => q{UPDATE partner_status SET validity = '[2026-01-01,2026-03-01)' WHERE partner_id = '@p'; SELECT suspend_partner('@p', '2026-08-01');},
    call => q{SELECT activate_partner('@p', '2026-06-15')},
    statuses => 'active [01-01,03-01), active [06-15,08-01), suspended [08-01,)');
# All kinds of deals, and what becomes of them when the partner goes on 2026-06-15
my $deals = <<'END';
INSERT INTO subaccount_link (partner_id, account_id, validity) VALUES ('@p', '@b', '[2026-01-01,)');
INSERT INTO deal (partner_id, customer, rate, submitted_on, approved_on, rejected_on, link_id, validity, ended_on, reason)
SELECT '@p', v.customer, 0.15, v.submitted_on::date, v.approved_on::date, v.rejected_on::date, l.link_id, v.validity::daterange, v.ended_on::date, v.reason
FROM (VALUES ('submitted',             '2026-06-01', NULL,         NULL,         NULL, NULL,                      NULL,         NULL),
             ('submitted later',       '2026-07-01', NULL,         NULL,         NULL, NULL,                      NULL,         NULL),
             ('approved',              '2026-05-01', '2026-06-01', NULL,         NULL, NULL,                      NULL,         NULL),
             ('rejected',              '2026-05-01', NULL,         '2026-06-01', NULL, NULL,                      NULL,         'no'),
             ('ended unused',          '2026-05-01', '2026-05-10', NULL,         NULL, NULL,                      '2026-06-01', 'over'),
             ('a1 over',               '2026-01-01', '2026-01-02', NULL,         '@a', '[2026-01-10,2026-03-01)', NULL,         NULL),
             ('a2 ended',              '2026-01-01', '2026-01-02', NULL,         '@a', '[2026-03-01,2026-04-01)', '2026-04-01', 'over'),
             ('a3 active',             '2026-01-01', '2026-05-02', NULL,         '@a', '[2026-04-01,2026-09-01)', NULL,         NULL),
             ('a4 later',              '2026-01-01', '2026-05-02', NULL,         '@a', '[2026-09-01,)',           NULL,         NULL),
             ('b1 taken over',         NULL,         NULL,         NULL,         '@b', '(,2026-06-15)',           NULL,         NULL),
             ('b2 taken over, later',  NULL,         NULL,         NULL,         '@b', '[2026-06-15,)',           NULL,         NULL))
    v (customer, submitted_on, approved_on, rejected_on, account_id, validity, ended_on, reason)
LEFT JOIN subaccount_link l ON l.account_id = v.account_id AND l.superseded_at = 'infinity';
INSERT INTO subaccount (account_id, name) VALUES ('@c', 'c');
INSERT INTO deal (rate, customer, link_id, validity) SELECT 0.15, 'c', link_id, '(,)' FROM link_subaccount('@q', '@c', '2026-01-01');
INSERT INTO deal (partner_id, rate, customer, submitted_on) VALUES ('@q', 0.15, 'd', '2026-06-01');
END

sub deals_end {
    my ($why, $rejected) = @_;
    $rejected //= '06-15';
    return <<"END";
a1 over: submitted 01-01, approved 01-02, linked a, holds [01-10,03-01)
a2 ended: submitted 01-01, approved 01-02, linked a, holds [03-01,04-01), ended 04-01, over
a3 active: submitted 01-01, approved 05-02, linked a, holds [04-01,06-15), ended 06-15, $why
a4 later: submitted 01-01, approved 05-02, ended 06-15, $why
approved: submitted 05-01, approved 06-01, ended 06-15, $why
b1 taken over: submitted never, linked b, holds (,06-15)
b2 taken over, later: submitted 06-15, ended 06-15, $why
ended unused: submitted 05-01, approved 05-10, ended 06-01, over
rejected: submitted 05-01, rejected 06-01, no
submitted: submitted 06-01, rejected $rejected, $why
submitted later: submitted 07-01, rejected 07-01, $why
END
}
my $others_deals = "c: submitted never, linked c, holds (,)\nd: submitted 06-01";
scenario('revoke', setup => $deals, call => q{SELECT revoke_partner('@p', '2026-06-15', 'breach', '7.2')},
    statuses => 'active [01-01,06-15), revoked [06-15,) (breach; 7.2)', links => 'p [01-01,)', links_of_b => 'p [01-01,)',
    deals => deals_end('partner revoked: breach'), others_deals => $others_deals, others_statuses => 'active [01-01,)');
scenario('revoke without a reason, again later', setup => $deals,
    call => q{SELECT revoke_partner('@p', '2026-06-15')}, again => q{SELECT revoke_partner('@p', '2026-08-01', 'x', 'y')},
    statuses => 'active [01-01,06-15), revoked [06-15,)', deals => deals_end('partner revoked'));
scenario('revoke with a deal of all times',
    setup => q{INSERT INTO deal (rate, customer, link_id, validity) SELECT 0.1, 'c', link_id, '(,)' FROM subaccount_link WHERE account_id = '@a';},
    call => q{SELECT revoke_partner('@p', '2026-06-15')},
    deals => 'c: submitted never, linked a, holds (,06-15), ended 06-15, partner revoked');
scenario('revoke who has applied', bare => 1,
    setup => q{SELECT apply_partner('@p', '2026-03-01'); SELECT submit_deal('@p', 'c', 0.1, on_day => '2026-03-02');},
    call => q{SELECT revoke_partner('@p', '2026-06-15')}, statuses => 'applied [03-01,06-15), revoked [06-15,)',
    deals => 'c: submitted 03-02, rejected 06-15, partner revoked');
scenario('revoke a partner without a status', bare => 1, call => q{SELECT revoke_partner('@p', '2026-06-15')},
    statuses => 'revoked [06-15,)');
scenario('apply again after a revocation: nothing comes back',
    setup => "$deals SELECT revoke_partner('\@p', '2026-06-15', 'breach', '7.2');",
    call => q{SELECT apply_partner('@p', '2026-08-01'), activate_partner('@p', '2026-08-10')},
    statuses => 'active [01-01,06-15), revoked [06-15,08-01) (breach; 7.2), applied [08-01,08-10), active [08-10,)',
    deals => deals_end('partner revoked: breach'), again => q{SELECT activate_partner('@p', '2026-08-10')});
scenario('quit without a period', setup => $deals,
    call => q{SELECT give_notice('@p', '2026-06-15', reason => 'other plans')},
    statuses => 'active [01-01,06-15), quit [06-15,) (other plans; 06-15)', links => 'p [01-01,)', links_of_b => 'p [01-01,)',
    deals => deals_end('partner quit: other plans'), others_deals => $others_deals);
# applications are rejected on the day of the notice, those that came later on their own
scenario('quit with a period of 30 days', setup => "SELECT follow_program('\@p', 'two', '2026-05-01'); $deals",
    call => q{SELECT give_notice('@p', '2026-05-16')}, statuses => 'active [01-01,06-15), quit [06-15,) (05-16)',
    deals => deals_end('partner quit', '06-01'));
scenario('quit later than the period asks',
    setup => "SELECT follow_program('\@p', 'two', '2026-05-01'); $deals",
    call => q{SELECT give_notice('@p', '2026-05-01', '2026-06-15')},
    again => q{SELECT give_notice('@p', '2026-05-01', '2026-06-15', 'x')},
    statuses => 'active [01-01,06-15), quit [06-15,) (05-01)', deals => deals_end('partner quit', '06-01'));
scenario('quit by the period of the day of the notice',
    setup => q{SELECT follow_program('@p', 'two', '2026-06-01');},
    call => q{SELECT give_notice('@p', '2026-05-31')}, statuses => 'active [01-01,05-31), quit [05-31,) (05-31)');
scenario('quit while suspended', setup => q{SELECT suspend_partner('@p', '2026-06-01');},
    call => q{SELECT give_notice('@p', '2026-06-15')},
    statuses => 'active [01-01,06-01), suspended [06-01,06-15), quit [06-15,) (06-15)');

# Programs
scenario('follow a program', bare => 1, call => q{SELECT follow_program('@p', 'one', '2026-06-15')}, programs => 'one [06-15,)');
scenario('follow another program', call => q{SELECT follow_program('@p', 'two', '2026-06-15')},
    programs => 'one [01-01,06-15), two [06-15,)', query => q{SELECT programs('@q');}, answer => "one [01-01,)\n",
    about => 'the other partner stays');
scenario('follow the same program', nothing => 1, call => q{SELECT follow_program('@p', 'one', '2026-06-15')},
    programs => 'one [01-01,)');
scenario('follow another program from the same day',
    call => q{SELECT follow_program('@p', 'two', '2026-01-01')}, programs => 'two [01-01,)');
scenario('follow a program before a later one', setup => q{SELECT follow_program('@p', 'two', '2026-08-01');},
    call => q{SELECT follow_program('@p', 'two', '2026-06-15')},
    programs => 'one [01-01,06-15), two [06-15,08-01), two [08-01,)');
scenario('follow a program before the first', call => q{SELECT follow_program('@p', 'two', '2025-06-15')},
    programs => 'two [2025-06-15,01-01), one [01-01,)');

# Customers
my $deal_of_a = q{SELECT activate_deal(deal_id, '@a', '2026-03-01') FROM approve_deal((submit_deal('@p', 'c', 0.15, on_day => '2026-01-10')).deal_id, '2026-02-01');};
my $held = 'c: submitted 01-10, approved 02-01, linked a, holds [03-01,)';
scenario('create a customer', call => q{SELECT create_subaccount('@x', 'Customer', '2026-06-15')},
    again => q{SELECT create_subaccount('@x', 'Another name', '2026-07-01')},
    query => q{SELECT name, account_statuses('@x') FROM subaccount WHERE account_id = '@x';},
    answer => "Customer|created [06-15,)\n", about => 'name and status');
scenario('a customer that is suspended',
    setup => "SELECT set_subaccount_status('\@a', 'active', '2026-01-01'); $deal_of_a",
    call => q{SELECT set_subaccount_status('@a', 'suspended', '2026-06-15', 'late payment')},
    account_statuses => 'active [01-01,06-15), suspended [06-15,)', links => 'p [01-01,)', deals => $held);
scenario('a customer that becomes inactive',
    setup => "SELECT set_subaccount_status('\@a', 'active', '2026-01-01'); $deal_of_a",
    call => q{SELECT set_subaccount_status('@a', 'inactive', '2026-06-15')},
    account_statuses => 'active [01-01,06-15), inactive [06-15,)', links => 'p [01-01,06-15)', deals => $held,
    query => q{SELECT short(days::text), left(account_id, 1) FROM deal_state WHERE partner_id = '@p';},
    answer => "[03-01,06-15)|a\n", about => 'the deal counts as long as the link');
scenario('an inactive customer without a link',
    call => q{SELECT set_subaccount_status('@b', 'inactive', '2026-06-15')}, query => q{SELECT account_statuses('@b');},
    answer => "inactive [06-15,)\n", about => 'statuses');
scenario('an inactive customer that is active again: the link does not come back',
    setup => "SELECT set_subaccount_status('\@a', 'active', '2026-01-01'); $deal_of_a SELECT set_subaccount_status('\@a', 'inactive', '2026-06-15');",
    call => q{SELECT set_subaccount_status('@a', 'active', '2026-08-01')},
    account_statuses => 'active [01-01,06-15), inactive [06-15,08-01), active [08-01,)', links => 'p [01-01,06-15)',
    deals => $held);
scenario('a status before a later one',
    setup => q{SELECT set_subaccount_status('@a', 'active', '2026-01-01'); SELECT set_subaccount_status('@a', 'suspended', '2026-08-01');},
    call => q{SELECT set_subaccount_status('@a', 'suspended', '2026-06-15')},
    account_statuses => 'active [01-01,06-15), suspended [06-15,08-01), suspended [08-01,)');

# Links
scenario('link', call => q{SELECT link_subaccount('@p', '@b', '2026-06-15')},
    again => q{SELECT link_subaccount('@p', '@b', '2026-08-01')}, links_of_b => 'p [06-15,)');
scenario('link who is linked', nothing => 1, call => q{SELECT link_subaccount('@p', '@a', '2026-06-15')}, links => 'p [01-01,)');
scenario('link before a later link', setup => q{SELECT link_subaccount('@q', '@b', '2026-08-01');},
    call => q{SELECT link_subaccount('@p', '@b', '2026-06-15')}, links_of_b => 'p [06-15,08-01), q [08-01,)');
scenario('unlink', setup => $deal_of_a, call => q{SELECT unlink_subaccount('@a', '2026-06-15')},
    again => q{SELECT unlink_subaccount('@a', '2026-06-20')}, links => 'p [01-01,06-15)', deals => $held);
scenario('unlink who is not linked', nothing => 1, call => q{SELECT unlink_subaccount('@b', '2026-06-15')},
    query => q{SELECT link_id IS NULL AND account_id IS NULL FROM unlink_subaccount('@b', '2026-06-15');}, answer => "t\n",
    about => 'gives NULLs');
scenario('unlink on the first day', call => q{SELECT unlink_subaccount('@a', '2026-01-01')},
    query => q{SELECT links('@a') IS NULL;}, answer => "t\n", about => 'no link is left');
scenario('unlink before a later link',
    setup => q{SELECT unlink_subaccount('@a', '2026-07-01'); SELECT link_subaccount('@q', '@a', '2026-08-01');},
    call => q{SELECT unlink_subaccount('@a', '2026-06-15')}, links => 'p [01-01,06-15), q [08-01,)');
scenario('link again: deals of the earlier link stay there',
    setup => "$deal_of_a SELECT unlink_subaccount('\@a', '2026-06-15');",
    call => q{SELECT link_subaccount('@p', '@a', '2026-06-15')}, links => 'p [01-01,06-15), p [06-15,)', deals => $held,
    query => q{SELECT short(days::text) FROM deal_state WHERE partner_id = '@p';}, answer => "[03-01,06-15)\n",
    about => 'the deal counts on the earlier link only');
scenario('move', setup => $deal_of_a, call => q{SELECT move_subaccount('@a', '@q', '2026-06-15')},
    again => q{SELECT move_subaccount('@a', '@q', '2026-06-20')}, links => 'p [01-01,06-15), q [06-15,)', deals => $held,
    query => q{SELECT deals('@q') IS NULL, (SELECT short(days::text) FROM deal_state WHERE partner_id = '@p');},
    answer => "t|[03-01,06-15)\n", about => 'the deal stays behind');
scenario('move to the same partner', nothing => 1, call => q{SELECT move_subaccount('@a', '@p', '2026-06-15')},
    links => 'p [01-01,)');
scenario('move who is not linked', call => q{SELECT move_subaccount('@b', '@q', '2026-06-15')}, links_of_b => 'q [06-15,)');
scenario('move on the first day', call => q{SELECT move_subaccount('@a', '@q', '2026-01-01')}, links => 'q [01-01,)');
scenario('move before a later link',
    setup => q{SELECT move_subaccount('@a', '@q', '2026-08-01'); SELECT unlink_subaccount('@a', '2026-09-01');},
    call => q{SELECT move_subaccount('@a', '@q', '2026-06-15')}, links => 'p [01-01,06-15), q [06-15,08-01), q [08-01,09-01)');
my $taken_over = q{INSERT INTO deal (rate, customer, link_id, validity) SELECT 0.1, 'c', link_id, '(,)' FROM subaccount_link WHERE account_id = '@a';};
scenario('unlink on the first day of a link with a deal', setup => $taken_over, call => q{SELECT unlink_subaccount('@a', '2026-01-01')},
    query => q{SELECT links('@a') IS NULL;}, answer => "t\n", about => 'no link is left', deals => 'c: submitted 01-01, ended 01-01, link closed');
scenario('move on the first day of a link with a deal', setup => $taken_over, call => q{SELECT move_subaccount('@a', '@q', '2026-01-01')},
    links => 'q [01-01,)', deals => 'c: submitted 01-01, ended 01-01, link closed');
scenario('unlink before the first day of a deal', setup => $deal_of_a, call => q{SELECT unlink_subaccount('@a', '2026-02-15')},
    links => 'p [01-01,02-15)', deals => 'c: submitted 01-10, approved 02-01, ended 02-15, link closed');
refused('a customer becomes inactive who cannot',
    setup => q{SELECT set_subaccount_status('@a', 'inactive', '2026-06-15');},
    call => q{SELECT set_subaccount_status('@a', 'suspended', '2026-07-01')}, sqlstate => '23514',
    error => 'illegal transition of status | subaccount @a is inactive on the day before 2026-07-01 and cannot be suspended then. | From inactive: active.');
refused('apply who is active', setup => '', call => q{SELECT apply_partner('@q', '2026-06-15')},
    sqlstate => '23514',
    error => 'illegal transition of status | partner @q is active on the day before 2026-06-15 and cannot be applied then. | From active: suspended, revoked, quit.');

# Who goes takes along what was planned to end later, too, and can be sent away within the period of notice
scenario('revoke with a deal that is to end later',
    setup => "$deal_of_a SELECT end_deal(deal_id, '2026-12-01', 'planned') FROM deal WHERE partner_id = '\@p' AND superseded_at = 'infinity';",
    call => q{SELECT revoke_partner('@p', '2026-06-15')},
    query => q{SELECT short(days::text) FROM deal_state WHERE partner_id = '@p';}, answer => "[03-01,06-15)\n",
    about => 'the deal ends with the partner');
scenario('end a deal earlier than planned',
    setup => "$deal_of_a SELECT end_deal(deal_id, '2026-12-01', 'planned') FROM deal WHERE partner_id = '\@p' AND superseded_at = 'infinity';",
    call => q{SELECT end_deal(deal_id, '2026-06-15') FROM deal WHERE partner_id = '@p' AND superseded_at = 'infinity'},
    query => q{SELECT short(days::text) FROM deal_state WHERE partner_id = '@p';}, answer => "[03-01,06-15)\n",
    about => 'it no longer counts from that day on');
is(ledger(<<'END'), "allowed\n", 'a partner that has given notice can be revoked before it has quit');
SELECT attempt($$INSERT INTO partner_status (partner_id, status, validity) VALUES ('someone', 'active', '[2026-01-01,2026-07-01)'), ('someone', 'quit', '[2026-07-01,)')$$,
               $$SELECT revoke_partner('someone', '2026-06-15')$$);
END
is(ledger(<<'END'), "allowed\n", 'a partner with a suspension to come can be revoked before it');
SELECT attempt($$INSERT INTO partner_status (partner_id, status, validity) VALUES ('someone', 'active', '[2026-01-01,2026-07-01)'), ('someone', 'suspended', '[2026-07-01,)')$$,
               $$SELECT revoke_partner('someone', '2026-06-15')$$);
END

# Notice is taken back on the day it would take effect: on the day before the partner is active, and so it may be on this one.
is(ledger(<<'END'), "allowed\n", 'a notice is taken back on its last day');
SELECT attempt($$INSERT INTO partner_status (partner_id, status, validity) VALUES ('someone', 'active', '[2026-01-01,2026-07-01)'), ('someone', 'quit', '[2026-07-01,)')$$,
               $$SELECT activate_partner('someone', '2026-07-01')$$);
END

psql('SET client_min_messages = warning; DROP SCHEMA transitions, transitions_test CASCADE;');
done_testing();
