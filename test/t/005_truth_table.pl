# The truth table of the ledger: every combination of what decides a bonus, and the days around every beginning and end.
# What is expected stands in test/data/truth_table.txt; nothing here computes it from the ledger's own views or types.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Ledger;
use Test::More;

# The table: section => rows of fields. Every row counts how often it was used.
my %table;
{
    my $section;
    open my $file, '<', "$root/test/data/truth_table.txt" or die;
    while (my $line = <$file>) {
        next if $line =~ /^(#|\s*$)/;
        if ($line =~ /^\[(.*)\]$/) { $section = $1; next }
        push @{ $table{$section} }, { fields => [ split /\s*\|\s*/, $line =~ s/^\s+|\s+$//gr ], used => 0, line => $. };
    }
}

sub rows { return @{ $table{ $_[0] } } }

# The one row of a section whose first fields match these values.
sub decide {
    my ($section, @values) = @_;
    my @found = grep {
        my $row = $_;
        !grep { $row->{fields}[$_] ne '*' && $row->{fields}[$_] ne $values[$_] } 0 .. $#values
    } rows($section);
    @found == 1 or BAIL_OUT("[$section] has " . @found . " rows for @values");
    $found[0]{used}++;
    return @{ $found[0]{fields} }[ @values .. $#{ $found[0]{fields} } ];
}

sub take {
    my ($row) = @_;
    $row->{used}++;
    return @{ $row->{fields} };
}

# Rows of the ledger's tables, written by COPY in this order; triggers and constraints hold as for INSERT.
my @tables = (
    [ 'program',         'program_id, name' ],
    [ 'program_terms',   'program_id, currency, validity, base_rate, deal_cap, total_cap, combination' ],
    [ 'holiday',         'program_id, day' ],
    [ 'service',         'service_id, name' ],
    [ 'sku',             'sku_id, service_id, name' ],
    [ 'subaccount',      'account_id, name' ],
    [ 'exclusion',       'program_id, account_id, service_id, sku_id, charge_category, effect, validity' ],    # before its followers: each row looks for them
    [ 'partner',         'partner_id, billing_account_id, name' ],
    [ 'partner_program', 'partner_id, program_id, validity' ],
    [ 'partner_status',  'partner_id, status, validity' ],
    [ 'subaccount_link', 'link_id, partner_id, account_id, validity' ],
    [ 'deal',            'partner_id, customer, kind, rate, contract, submitted_on, approved_on, rejected_on, link_id, validity, '
            . 'ended_on' ],
    [ 'usage_row',       'partner_id, source, usage_day, resource_id, account_id, service_id, sku_id, currency, charge_category, '
            . 'cost, credit, monetary_grant_credit' ],
    # what the table says of each line
    [ 'truth_table.expected', 'line_number, ring, what, partner_id, usage_day, currency, account_id, service_id, sku_id, charge_category, '
            . 'cost, grant_credit, other_credit, base, reason, basic_rate, deal_rate, decided_by, remark' ],
);
my %rules;

sub add {
    my ($name, @values) = @_;
    push @{ $rules{$name} }, join("\t", map { $_ // '\N' } @values) . "\n";
    return;
}

my $link_id = 0;

sub add_link {
    my ($partner, $account, $validity) = @_;
    add('subaccount_link', ++$link_id, $partner, $account, $validity);
    return $link_id;
}

# A deal by name of its columns.
sub add_deal {
    my ($partner, %deal) = @_;
    add('deal', $partner, 'customer', $deal{kind} // 'new customer',
        @deal{qw(rate contract submitted approved rejected link validity ended)});
    return;
}

sub add_partner {
    my ($partner, $program, $billing_account) = @_;
    add('partner', $partner, $billing_account // "own-$partner", $partner);
    add('partner_program', $partner, $program, '(,)') if defined $program;
    return;
}

my $line_number = 0;

# A usage line and what is expected of it.
sub add_line {
    my (%line) = @_;
    $line{currency} //= 'USD';
    $line{category} //= 'Usage';
    add('usage_row', $line{partner}, 'by hand', $line{day}, ++$line_number,
        @line{qw(account service sku currency category cost credit grant)});
    add('truth_table.expected', $line_number, @line{qw(ring what partner day currency account service sku category cost grant other base
            reason basic deal decided_by remark)}) if defined $line{reason};
    return;
}

# The full cross product. Links hold from February 2026 or held in 2025; usage is in the middle of May 2026.
my %factor = map { my ($name, @values) = take($_); $name => \@values } rows('factor');

# All combinations of these factors, each a hash of factor => value.
sub combinations {
    my (@names) = @_;
    my @all = {};
    for my $name (@names) {
        @all = map { my $some = $_; map { { %$some, $name => $_ } } @{ $factor{$name} } } @all;
    }
    return @all;
}

# Which usage an exclusion of the table is about: service, SKU and category. The account is excluded as a whole for the last two.
my %exclusion = (
    'none'                 => [ 'plain',      'plain',  'Usage' ],
    'service'              => [ 'x-service',  'plain',  'Usage' ],
    'SKU'                  => [ 'plain',      'x-sku',  'Usage' ],
    'category'             => [ 'plain',      'plain',  'Purchase' ],
    'account+service'      => [ 'ax-service', 'plain',  'Usage' ],
    'account+SKU'          => [ 'plain',      'ax-sku', 'Usage' ],
    'account+category'     => [ 'plain',      'plain',  'Adjustment' ],
    'include over exclude' => [ 'i-service',  'plain',  'Usage' ],
    'exclude over include' => [ 'j-service',  'j-sku',  'Usage' ],
    'account'              => [ 'plain',      'plain',  'Usage', 'whole account' ],
    'account over SKU'     => [ 'plain',      'i-sku',  'Usage', 'whole account' ],
);
my @exclusions_of_a_program = (    # service, SKU, category, effect
    [ 'x-service', undef, undef, 'exclude' ],
    [ undef, 'x-sku', undef, 'exclude' ],
    [ undef, undef, 'Purchase', 'exclude' ],
    [ 'i-service', undef, undef, 'exclude' ],
    [ undef, 'i-sku', undef, 'include' ],
);
my @exclusions_of_an_account = (
    [ 'ax-service', undef, undef, 'exclude' ],
    [ undef, 'ax-sku', undef, 'exclude' ],
    [ undef, undef, 'Adjustment', 'exclude' ],
    [ 'i-service', undef, undef, 'include' ],
    [ 'j-service', undef, undef, 'include' ],
    [ undef, 'j-sku', undef, 'exclude' ],
);
my @exclusions_of_a_whole_account = ([ undef, undef, undef, 'exclude' ]);

# What the table calls a deal, on a link that holds (or, where there is none, on the earlier one, and reaching beyond it).
sub deal_of_the_table {
    my ($name, $earlier, $current) = @_;
    my $link = $current // $earlier;
    my ($submitted, $approved, $from, $over) = map { ($current ? '2026-' : '2025-') . $_ } qw(01-10 02-10 03-01 05-01);
    my @decided = (submitted => $submitted, approved => $approved);
    my @tender = (@decided, kind => 'tender', link => $link);
    my %deal = (
        'none'               => undef,
        'submitted'          => [ submitted => '2026-03-01' ],
        'approved'           => [ submitted => '2026-03-01', approved => '2026-05-01' ],
        'rejected'           => [ submitted => '2026-03-01', rejected => '2026-03-10' ],
        'lapsed'             => [ submitted => '2025-06-01', approved => '2025-06-10' ],
        'active'             => [ @decided, link => $link, validity => "[$from,)" ],
        'ended'              => [ @decided, link => $link, validity => "[$from,$over)", ended => $over ],
        'on an earlier link' => [ submitted => '2025-01-10', approved => '2025-02-10', link => $earlier, validity => '[2025-03-01,)' ],
        'tender over'        => [ @tender, contract => "[$from,$over)", validity => "[$from,$over)" ],
        'tender'             => [ @tender, contract => "[$from,2027-01-01)", validity => "[$from,2027-01-01)" ],
    );
    exists $deal{$name} or BAIL_OUT("[factor] no deal for $name");
    return $deal{$name};
}

# A partner with a status and terms; many small programs, because every line looks through the exclusions of its program.
my %is_there;

sub add_partner_of_the_table {
    my ($partner, $own, $status, $terms, $billing_account) = @_;
    my $program = "terms $terms of $status, own $own";
    if (!$is_there{$program}++) {
        add('program', $program, $program);
        add('exclusion', $program, undef, @$_, '(,)') for @exclusions_of_a_program;
        add('program_terms', $program, $terms eq 'yes' ? 'USD' : 'RUB', '[2025-01-01,)', '0.20', '0.15', '0.35', 'additive')
            if $terms eq 'yes' || $terms eq 'other currency';
    }
    if (!$is_there{$partner}++) {
        add_partner($partner, $terms eq 'not followed' ? undef : $program, $billing_account);
        add('partner_status', $partner, $status, '[2025-01-01,)') if $status ne 'none';
    }
    return $program;
}

add('service', $_, $_) for qw(plain x-service ax-service i-service j-service);
add('sku', $_, 'plain', $_) for qw(plain x-sku ax-sku j-sku i-sku);
add_partner_of_the_table('another', 'no', 'active', 'yes');
my $customers = 0;
for my $combination (combinations(qw(own linked status terms deal))) {
    my ($own, $linked, $status, $terms, $deal) = @$combination{qw(own linked status terms deal)};
    for my $whole_account ('', 'whole account') {
        my $account = 'customer ' . ++$customers;
        my $partner = $own eq 'yes' ? "partner of $account" : "$status, $terms";
        add('subaccount', $account, $account);
        my $program = add_partner_of_the_table($partner, $own, $status, $terms, $own eq 'yes' ? $account : undef);
        add('exclusion', $program, $account, @$_, '(,)') for $whole_account ? @exclusions_of_a_whole_account : @exclusions_of_an_account;

        my $earlier = add_link($partner, $account, '[2025-01-01,2025-12-01)');
        my $current = $linked eq 'yes' ? add_link($partner, $account, '[2026-02-01,)') : undef;
        # with a deal there
        add_deal('another', rate => '0.15', validity => '[2026-02-01,)', link => add_link('another', $account, '[2026-02-01,)'))
            if $linked eq 'to another';
        my $agreed = deal_of_the_table($deal, $earlier, $current);
        add_deal($partner, rate => '0.15', @$agreed) if $agreed;

        for my $exclusion (@{ $factor{exclusion} }) {
            my ($service, $sku, $category, $whole) = @{ $exclusion{$exclusion} // BAIL_OUT("[factor] no usage for $exclusion") };
            next if $whole_account ne ($whole // '');
            my ($reason) = decide('reason', $own, $linked, $status, $terms, $exclusion);
            my ($basic, $rate) = decide('rate', $reason, $deal);
            my $day = 10;
            for (combinations(qw(grant refund))) {
                my ($grant, $refund) = @$_{qw(grant refund)};
                my ($cost, $credit, $granted, $other, $base) = decide('amount', $grant, $refund);
                add_line(ring => 'cross', partner => $partner, account => $account, service => $service, sku => $sku,
                    category => $category, day => '2026-05-' . ++$day, cost => $cost, credit => $credit, grant => $granted,
                    other => $other, base => $base, reason => $reason, basic => $basic, deal => $rate,
                    what => "own $own, linked $linked, status $status, terms $terms, deal $deal, exclusion $exclusion, "
                        . "grant $grant, refund $refund");
            }
        }
    }
}

# An active partner following a program of its own, with a linked customer.
sub prepare {
    my ($ring, $number, $program) = @_;
    my ($partner, $account) = ("$ring $number", "$ring customer $number");
    add_partner($partner, $program // "$ring $number");
    add('partner_status', $partner, 'active', '(,)');
    add('subaccount', $account, $account);
    return ($partner, $account, add_link($partner, $account, '(,)'));
}

sub add_program {
    my ($program, @terms) = @_;
    add('program', $program, $program);
    add('program_terms', $program, 'USD', '(,)', @terms ? @terms : ('0.20', '0.15', '0.35', 'additive'));
    return;
}

# Caps
{
    my $number = 0;
    for my $row (rows('cap')) {
        my ($base_rate, $deal_cap, $total_cap, $combination, $deal_rate, $basic, $deal) = take($row);
        add_program('cap ' . ++$number, $base_rate, $deal_cap, $total_cap, $combination);
        my ($partner, $account, $link) = prepare('cap', $number);
        add_deal($partner, rate => $deal_rate, link => $link, validity => '(,)') if $deal_rate ne '-';
        my $day = 10;
        for (combinations(qw(grant refund))) {
            my ($cost, $credit, $grant, $other, $base) = decide('amount', @$_{qw(grant refund)});
            add_line(ring => 'cap', what => "cap: line $row->{line}, $_->{grant}, $_->{refund}", partner => $partner, account => $account, service => 's',
                sku => 'k', day => '2026-05-' . ++$day, cost => $cost, credit => $credit, grant => $grant, other => $other,
                base => $base, reason => 'eligible', basic => $basic, deal => $deal);
        }
    }
}

# Signs: each line of a customer of its own, and all of them on one day of one customer
{
    add_program('sign');
    my $number = 0;
    my ($all, $all_customer, $all_link) = prepare('sign', 0, 'sign');
    add_deal($all, rate => '0.15', link => $all_link, validity => '(,)');
    for my $row (rows('sign')) {
        my ($what, $cost, $credit, $grant, $base, $remark) = take($row);
        my ($partner, $account, $link) = prepare('sign', ++$number, 'sign');
        add_deal($partner, rate => '0.15', link => $link, validity => '(,)');
        # other_credit = credit - grant_credit, by hand where it is not one of the two
        my %other = ('-15/-15' => 0, '15/5' => 10, '15/15' => 0, '0/-4' => 4);
        my $other = $grant eq '0' ? $credit : $other{"$credit/$grant"} // BAIL_OUT("no other credit for $what");
        add_line(ring => 'sign', what => "$what, $_->[0]", partner => $_->[0], account => $_->[1], service => 's', sku => 'k',
            day => '2026-05-11', cost => $cost, credit => $credit, grant => $grant, other => $other, base => $base,
            reason => 'eligible', basic => '0.20', deal => '0.15', remark => $remark) for [ $partner, $account ], [ $all, $all_customer ];
        # tax is kept, and is no line
        add_line(partner => $partner, account => $account, service => 's', sku => 'k', day => '2026-05-11', cost => $cost,
            credit => $credit, grant => $grant, category => 'Tax');
    }
}

# Order of exclusions: three services, SKUs and categories, and 81 accounts, each with or without a rule of either effect
{
    my %effect = (E => 'exclude', I => 'include');
    my @state = ('-', 'E', 'I');
    my %category = ('-' => 'Usage', E => 'Purchase', I => 'Adjustment');
    add_program('order');
    my ($partner) = prepare('order', 0);
    # prepare() made the program's name from the number; this ring has one program for all
    $rules{partner_program}[-1] =~ s/order 0\torder 0/order 0\torder/;
    for my $state (@state) {
        add('service', "order-$state", $state);
        add('sku', "order-$state", "order-$state", $state);
        next if $state eq '-';
        add('exclusion', 'order', undef, "order-$state", undef, undef, $effect{$state}, '(,)');
        add('exclusion', 'order', undef, undef, "order-$state", undef, $effect{$state}, '(,)');
        add('exclusion', 'order', undef, undef, undef, $category{$state}, $effect{$state}, '(,)');
    }
    for my $number (0 .. 80) {
        my ($account_sku, $account_service, $account_category, $whole) = @state[ map { int($number / $_) % 3 } 27, 9, 3, 1 ];
        my $account = "order $number";
        add('subaccount', $account, $account);
        add_link($partner, $account, '(,)');
        my @mine = ('order', $account);
        add('exclusion', @mine, undef, undef, undef, $effect{$whole}, '(,)') if $whole ne '-';
        for my $state (@state) {
            add('exclusion', @mine, "order-$state", undef, undef, $effect{$account_service}, '(,)') if $account_service ne '-';
            add('exclusion', @mine, undef, "order-$state", undef, $effect{$account_sku}, '(,)') if $account_sku ne '-';
            add('exclusion', @mine, undef, undef, $category{$state}, $effect{$account_category}, '(,)') if $account_category ne '-';
        }
        for my $sku (@state) {
            for my $service (@state) {
                for my $category (@state) {
                    my @rules = ($account_sku, $account_service, $account_category, $whole, $sku, $service, $category);
                    my ($reason, $by) = decide('order', @rules);
                    add_line(ring => 'order', what => "exclusions @rules", partner => $partner, account => $account,
                        service => "order-$service", sku => "order-$sku", category => $category{$category}, day => '2026-05-11',
                        cost => '10', credit => '-3', grant => '-1', other => '-2', base => '7', reason => $reason,
                        basic => $reason eq 'eligible' ? '0.20' : 0, deal => 0, decided_by => $by);
                }
            }
        }
    }
}

# Exclusions that name something else
{
    add('service', $_, $_) for qw(s other);
    add('sku', $_, 's', $_) for qw(k other);
    my $number = 0;
    for my $row (rows('miss')) {
        my ($program, @named) = map { $_ eq '-' ? undef : $_ } take($row);
        add_program('miss ' . ++$number);
        add_program("not followed $number");
        my ($partner, $account) = prepare('miss', $number);
        add('subaccount', "$account, the other", 'other');
        add_link($partner, "$account, the other", '(,)');
        $named[0] = $named[0] eq 'mine' ? $account : "$account, the other" if defined $named[0];
        add('exclusion', $program eq 'followed' ? "miss $number" : "not followed $number", @named, 'exclude', '(,)');
        add_line(ring => 'miss', what => "miss: line $row->{line}", partner => $partner, account => $account, service => 's', sku => 'k',
            day => '2026-05-11', cost => '10', credit => '-3', grant => '-1', other => '-2', base => '7', reason => 'eligible',
            basic => '0.20', deal => 0, decided_by => '-');
    }
}

# Days around beginnings and ends
sub full_day {
    my ($day) = @_;
    return $day =~ /^\d{4}-/ ? $day : "2026-$day";
}

sub days {
    my ($from, $to) = split /\.\./, $_[0], 2;
    return sprintf '[%s,%s)', map { $_ eq '' ? '' : full_day($_) } $from, $to // '';
}

my $boundaries = 0;
{
    my %names = (service => [ 0, 's' ], SKU => [ 1, 'k' ], category => [ 2, 'Usage' ]);
    my $number = 0;
    for my $row (rows('boundary')) {
        my ($what, $rules, $expected) = take($row);
        $number++;
        my ($partner, $other, $account) = ("boundary $number", "boundary $number, the other", "boundary customer $number");
        my %program = (one => "one $number", two => "two $number");
        add('program', $_, $_) for values %program;
        add_partner($_) for $partner, $other;
        add('partner_program', $other, $program{one}, '(,)');
        add('partner_status', $other, 'active', '(,)');
        add('subaccount', $account, $account);
        my (@links, %mentioned);
        my @deals;
        for (split /\s*;\s*/, $rules) {
            if (/^link (\S+)$/) { push @links, add_link($partner, $account, days($1)); $mentioned{link}++ }
            elsif (/^other link (\S+)$/) { add_link($other, $account, days($1)) }
            elsif (/^status (\S+) (\S+)$/) { add('partner_status', $partner, $1, days($2)); $mentioned{status}++ }
            elsif (/^follows (one|two) (\S+)$/) { add('partner_program', $partner, $program{$1}, days($2)); $mentioned{follows}++ }
            elsif (m{^terms (\w+) ([\d.]+)/([\d.]+)/([\d.]+) (\S+)$}) {
                add('program_terms', $program{one}, $1, days($5), $2, $3, $4, 'additive');
                $mentioned{terms}++;
            }
            elsif (/^deal ([\d.]+) (\S+?)(?: on link (\d))?$/) { push @deals, [ $3 // 1, rate => $1, validity => days($2) ] }
            elsif (/^tender ([\d.]+) (\S+) in (\S+)$/) {
                push @deals, [ 1, rate => $1, kind => 'tender', validity => days($2), contract => days($3) ];
            }
            elsif (/^(exclude|include) (\S+) (\S+?)( in two)?$/) {
                my ($effect, $whose, $held, $in_two) = ($1, $2, $3, $4);
                my @named = (undef) x 3;
                my $thing = $whose =~ s/^account\+?//r;
                if ($thing ne '') { my ($at, $value) = @{ $names{$thing} }; $named[$at] = $value }
                add('exclusion', $program{ $in_two ? 'two' : 'one' }, $whose =~ /^account/ ? $account : undef, @named, $effect, days($held));
            }
            else { BAIL_OUT("[boundary] $_") }
        }
        push @links, add_link($partner, $account, '(,)') if !$mentioned{link};
        add('partner_status', $partner, 'active', '(,)') if !$mentioned{status};
        add('partner_program', $partner, $program{one}, '(,)') if !$mentioned{follows};
        add('program_terms', $program{one}, 'USD', '(,)', '0.20', '0.15', '0.35', 'additive') if !$mentioned{terms};
        add('program_terms', $program{two}, 'USD', '(,)', '0.10', '0.05', '0.12', 'additive');
        for (@deals) {
            my ($on, @deal) = @$_;
            add_deal($partner, link => $links[ $on - 1 ], @deal);
        }
        for (split /\s*;\s*/, $expected) {
            my ($there, $day, $reason, $basic, $deal) = /^(other )?([\d-]+) ([a-z ]+?)(?: ([\d.]+) ([\d.]+))?$/ or BAIL_OUT("[boundary] $_");
            ($reason eq 'eligible') == defined $basic or BAIL_OUT("[boundary] $_");
            $boundaries++;
            # usage, and a refund on the same day
            for my $amounts ([ 10, -3, -1, -2, 7 ], [ '-2.5', 0, 0, 0, '-2.5' ]) {
                my ($cost, $credit, $grant, $other_credit, $base) = @$amounts;
                add_line(ring => 'boundary', what => "$what: $_", partner => $there ? $other : $partner, account => $account,
                    service => 's', sku => 'k', day => full_day($day), cost => $cost, credit => $credit, grant => $grant,
                    other => $other_credit, base => $base, reason => $reason, basic => $basic // 0, deal => $deal // 0);
            }
        }
    }
}

# States of deals
my @states;
{
    my $number = 0;
    for my $row (rows('state')) {
        my ($what, $deal, $expected) = take($row);
        add_program('state ' . ++$number);
        my ($partner, $account) = ("state $number", "state customer $number");
        add_partner($partner, "state $number");
        add('partner_status', $partner, 'active', '(,)');
        add('subaccount', $account, $account);
        my $link = add_link($partner, $account, '[2099-04-01,2099-07-01)');
        my %deal = (rate => '0.15');
        for (split /\s*,\s*/, $deal =~ s/(\d\d-\d\d)/2099-$1/gr) {
            if (/^(submitted|approved|rejected|ended) (\S+)$/) { $deal{$1} = $2 }
            elsif (/^holiday (\S+)$/) { add('holiday', "state $number", $1) }
            elsif (/^on link (\S+)$/) { @deal{qw(link validity)} = ($link, days($1)) }
            elsif (/^tender (\S+)$/) { @deal{qw(kind contract)} = ('tender', days($1)) }
            else { BAIL_OUT("[state] $_") }
        }
        add_deal($partner, %deal);
        for (split /\s*;\s*/, $expected) {
            my ($day, $state, $overdue) = /^([\d-]+) ([a-z]+)( overdue)?$/ or BAIL_OUT("[state] $_");
            $day = "2099-$day" if $day !~ /^\d{4}-/;
            push @states, [ $partner, $day, $state . ($overdue // ''), "$what: $_" ];
        }
    }
}

# Into the ledger
psql(<<'END' =~ s/ROOT/$root/r);
SET client_min_messages = warning;
\o /dev/null
SELECT bonus.create_ledger('truth');
SET search_path = truth, bonus, public;
\i ROOT/test/lib/usage_rows.sql
\o
CREATE SCHEMA truth_table;
CREATE TABLE truth_table.expected (line_number bigint, ring text, what text, partner_id text COLLATE "C", usage_day date,
    currency text COLLATE "C", account_id text COLLATE "C", service_id text COLLATE "C", sku_id text COLLATE "C",
    charge_category text COLLATE "C", cost numeric, grant_credit numeric, other_credit numeric, base numeric, reason text,
    basic_rate numeric, deal_rate numeric, decided_by text, remark text);
END
# Row triggers look for other rows: after the first of a table the planner knows enough to find them by index.
for (@tables) {
    my ($name, $columns) = @$_;
    my @rows = @{ $rules{$name} // [] };
    my @script = ('SET search_path = truth, bonus, public;');
    while (my @some = splice @rows, 0, @script == 1 ? 500 : 100_000) {
        push @script, "COPY $name ($columns) FROM stdin;\n" . join('', @some) . "\\.\nANALYZE $name;";
    }
    psql(join "\n", @script, '') if @script > 1;
}

sub ledger { return psql("SET search_path = truth, truth_table, bonus, public;\n$_[0]") }

# A query that finds nothing, or what it found first.
sub finds_nothing {
    my ($query, $what) = @_;
    my @found = split /\n/, ledger($query);
    is(scalar @found, 0, $what) or diag join "\n", grep { defined } @found[ 0 .. 9 ];
    return;
}

# All of the table was used, and every combination is there once.
for my $section (sort keys %table) {
    my @unused = grep { !$_->{used} } rows($section);
    is(scalar @unused, 0, sprintf '[%s]: all %d rows were used', $section, scalar rows($section))
        or diag map { "line $_->{line}\n" } @unused;
}
my $combinations = 1;
$combinations *= @{ $factor{$_} } for keys %factor;
is(ledger("SELECT count(DISTINCT what), count(*) FROM expected WHERE ring = 'cross';"), "$combinations|$combinations\n",
    "the full cross product has $combinations combinations");
is(ledger("SELECT count(DISTINCT what) FROM expected WHERE ring = 'order';"), 3**7 . "\n", 'exclusions have 2187 constellations');
note(ledger("SELECT ring, count(*) FROM expected GROUP BY ring ORDER BY ring;"));

# What the ledger answers
my $lines = $line_number - rows('sign');    # tax is none
my $line_key = 'partner_id, usage_month, currency, account_id, service_id, sku_id, charge_category';
my @sets = qw(own_days not_linked_days inactive_days no_terms_days excluded_days eligible_days);
ledger(<<"END");
CREATE VIEW wanted AS SELECT *, date_trunc('month', usage_day::timestamp)::date AS usage_month FROM expected;
-- a line is known by its resource: the ledger numbers lines day by day
CREATE TABLE known AS SELECT partner_id, usage_day, line_number AS number_of_day, resource_id::bigint AS line_number FROM usage;
CREATE TABLE explained AS SELECT * FROM usage_explained;
UPDATE explained e SET line_number = k.line_number FROM known k WHERE (k.partner_id, k.usage_day, k.number_of_day) = (e.partner_id, e.usage_day, e.line_number);
CREATE TABLE remark AS
SELECT r.partner_id, r.remark, k.line_number
FROM usage_remark r JOIN known k ON (k.partner_id, k.usage_day, k.number_of_day) = (r.partner_id, r.usage_day, r.line_number);
CREATE TABLE operands AS SELECT * FROM line_operands;
CREATE TABLE rates AS SELECT * FROM effective_rate WHERE partner_id ~ '^(boundary|cap|miss|order|sign) ';
CREATE TABLE line AS SELECT * FROM bonus_line;
CREATE TABLE line_reason AS SELECT * FROM bonus_line_reason;
ANALYZE expected, explained, operands, rates, line, line_reason;
END

# Line by line, as answered from rows
is(ledger('SELECT count(*), count(DISTINCT line_number), count(*) FILTER (WHERE line_number IN (SELECT line_number FROM expected)) '
        . 'FROM explained;'),
    "$lines|$lines|$lines\n", "usage_explained has each of the $lines lines once");
for my $column (qw(partner_id usage_day currency account_id service_id sku_id charge_category cost grant_credit other_credit base reason
    basic_rate deal_rate)) {
    finds_nothing("SELECT w.what, f.$column AS found, w.$column AS wanted FROM wanted w JOIN explained f USING (line_number) "
            . "WHERE f.$column IS DISTINCT FROM w.$column;", "usage_explained.$column of all lines");
}
finds_nothing('SELECT w.what, f.bonus, w.base, w.basic_rate, w.deal_rate FROM wanted w JOIN explained f USING (line_number) '
        . 'WHERE f.bonus IS DISTINCT FROM w.base * (w.basic_rate + w.deal_rate);', 'usage_explained.bonus is base times rate, exactly');
finds_nothing('SELECT w.what, f.bonus, f.base FROM wanted w JOIN explained f USING (line_number) '
        . 'WHERE sign(f.bonus) <> sign(w.base) * sign(w.basic_rate + w.deal_rate);', 'usage_explained.bonus has the sign of the base');
finds_nothing(<<'END', 'usage_explained.exclusion_id is the exclusion that decides');
SELECT w.what, w.decided_by, e.*
FROM wanted w
JOIN explained f USING (line_number)
LEFT JOIN exclusion e USING (exclusion_id)
WHERE w.decided_by IS NOT NULL
  AND w.decided_by <> CASE WHEN e.exclusion_id IS NULL THEN '-'
                           ELSE concat_ws('+', CASE WHEN e.account_id IS NOT NULL THEN 'account' END,
                                          CASE WHEN e.sku_id IS NOT NULL THEN 'SKU' END,
                                          CASE WHEN e.service_id IS NOT NULL THEN 'service' END,
                                          CASE WHEN e.charge_category IS NOT NULL THEN 'category' END) END;
END
finds_nothing(<<'END', 'usage_explained.deal_id is there on days of an active deal on the link of the day, and then only');
SELECT w.what, f.deal_id
FROM wanted w
JOIN explained f USING (line_number)
WHERE w.ring = 'cross' AND w.what LIKE 'own no,%'
  AND (f.deal_id IS NOT NULL) <> (w.what LIKE '%, linked yes,%' AND (w.what LIKE '%, deal active,%' OR w.what LIKE '%, deal tender,%'));
END

# Series by series, as answered from series
my $wanted_lines = ledger("SELECT count(*) FROM (SELECT FROM wanted GROUP BY $line_key) l;") =~ s/\n//r;
is(ledger("SELECT (SELECT count(*) FROM line), (SELECT count(*) FROM operands);"), "$wanted_lines|$wanted_lines\n",
    "bonus_line and line_operands have each of the $wanted_lines lines once");
finds_nothing(<<"END", 'bonus_line: all sums, exactly');
SELECT w.*, l.cost, l.base, l.eligible_base, l.basic_bonus, l.deal_bonus
FROM (SELECT $line_key, sum(cost) AS cost, sum(grant_credit) AS grant_credit, sum(other_credit) AS other_credit, sum(base) AS base,
             sum(base) FILTER (WHERE reason = 'eligible') AS eligible_base, sum(base * basic_rate) AS basic_bonus,
             sum(base * deal_rate) AS deal_bonus, CASE WHEN bool_and(reason = 'own consumption') THEN 'own' ELSE 'customers' END AS section
      FROM wanted GROUP BY $line_key) w
FULL JOIN line l USING ($line_key)
WHERE (w.section, w.cost, w.grant_credit, w.other_credit, w.base, coalesce(w.eligible_base, 0), w.basic_bonus, w.deal_bonus,
       w.basic_bonus + w.deal_bonus, w.base - w.basic_bonus - w.deal_bonus, round((w.basic_bonus + w.deal_bonus) / nullif(w.base, 0), 6))
      IS DISTINCT FROM
      (l.section, l.cost, l.grant_credit, l.other_credit, l.base, l.eligible_base, l.basic_bonus, l.deal_bonus, l.bonus, l.payable,
       l.relative_discount);
END
finds_nothing(<<"END", 'bonus_line.reasons are those of its days, in their order');
SELECT w.*, l.reasons
FROM (SELECT $line_key, string_agg(reason, ', ' ORDER BY place) AS reasons
      FROM (SELECT DISTINCT $line_key, w.reason, place
            FROM wanted w
            JOIN unnest('{own consumption,not linked,partner not active,no terms,excluded,eligible}'::text[])
                WITH ORDINALITY r (reason, place) USING (reason)
            -- a day on which everything is 0 is no day of a series
            WHERE (w.cost, w.grant_credit, w.other_credit) <> (0, 0, 0)) d
      GROUP BY $line_key) w
JOIN line l USING ($line_key)
WHERE w.reasons IS DISTINCT FROM l.reasons;
END
finds_nothing(<<"END", 'bonus_line_reason: cost and base of each reason, exactly');
SELECT coalesce(w.reason, l.reason), w.cost, l.cost, w.base, l.base
FROM (SELECT $line_key, reason, sum(cost) AS cost, sum(base) AS base
      FROM wanted WHERE (cost, grant_credit, other_credit) <> (0, 0, 0) GROUP BY $line_key, reason) w
FULL JOIN line_reason l USING ($line_key, reason)
WHERE (w.cost, w.base) IS DISTINCT FROM (l.cost, l.base);
END
finds_nothing(<<"END", 'cost = - grant_credit - other_credit + sum of base over reasons, on every line');
SELECT $line_key, l.cost, l.grant_credit, l.other_credit, r.base
FROM line l
LEFT JOIN (SELECT $line_key, sum(base) AS base FROM line_reason GROUP BY $line_key) r USING ($line_key)
WHERE l.cost IS DISTINCT FROM - l.grant_credit - l.other_credit + coalesce(r.base, 0);
END
is(ledger(<<"END"), "t|t\n", 'and so in total; both answers have the same bonus');
SELECT (SELECT sum(cost) + sum(grant_credit) + sum(other_credit) FROM expected) = (SELECT sum(base) FROM line_reason),
       (SELECT sum(bonus) FROM explained) = (SELECT sum(bonus) FROM line);
END

# The days of each reason: disjoint, together all days, and each day where it belongs
my @pairs = map { my $one = $_; map { "$sets[$one] && $sets[$_]" } $one + 1 .. $#sets } 0 .. $#sets;
for my $view (qw(operands rates)) {
    my $join = $view eq 'rates' ? $line_key =~ s/ usage_month,//r : $line_key;
    finds_nothing("SELECT * FROM $view WHERE " . join(' OR ', @pairs) . ';', "$view: no day has two reasons");
    finds_nothing("SELECT * FROM $view WHERE " . join(' + ', @sets) . " <> '{(,)}' OR num_nulls(" . join(', ', @sets) . ') > 0;',
        "$view: every day has a reason");
    finds_nothing(<<"END", "$view: the day of each line is among the days of its reason");
SELECT w.what, w.reason
FROM wanted w
LEFT JOIN $view l USING ($join)
WHERE @{[ $view eq 'rates' ? "w.ring <> 'cross' AND" : '' ]}
      (CASE w.reason WHEN 'own consumption' THEN own_days WHEN 'not linked' THEN not_linked_days WHEN 'partner not active' THEN inactive_days
                     WHEN 'no terms' THEN no_terms_days WHEN 'excluded' THEN excluded_days WHEN 'eligible' THEN eligible_days END
       \@> w.usage_day) IS NOT TRUE;
END
    finds_nothing(<<"END", "$view: the rates of each line's day are those of the table");
SELECT w.what, rate_at(basic_schedule, w.usage_day), rate_at(deal_schedule, w.usage_day), w.basic_rate, w.deal_rate
FROM wanted w
JOIN $view l USING ($join)
WHERE (rate_at(basic_schedule, w.usage_day), rate_at(deal_schedule, w.usage_day)) IS DISTINCT FROM (w.basic_rate, w.deal_rate);
END
}
finds_nothing("SELECT * FROM operands CROSS JOIN LATERAL segments(basic_schedule + deal_schedule) s "
        . 'WHERE s.rate <> 0 AND NOT s.days <@ eligible_days;', 'no rate on days that earn no bonus');

# Boundaries one by one, so that a failure names its days
my %right = map { split /\|/, $_, 2 } split /\n/, ledger(<<'END');
SELECT w.what, string_agg(CASE WHEN (f.reason, f.basic_rate, f.deal_rate) = (w.reason, w.basic_rate, w.deal_rate) THEN 'right'
                               ELSE concat_ws(' ', f.reason, f.basic_rate, f.deal_rate) END, ', ')
FROM wanted w LEFT JOIN explained f USING (line_number) WHERE w.ring = 'boundary' GROUP BY w.what;
END
is($right{$_}, 'right, right', $_) for sort keys %right;
is(scalar keys %right, $boundaries, "$boundaries days around boundaries");

# What is reported, not clamped; tax is kept beside
is(ledger(<<'END'), "20|20\n", 'lines whose base has the opposite sign of their cost are reported, and no others');
SELECT count(*) FILTER (WHERE w.remark = 'yes' AND r.partner_id IS NOT NULL) + count(*) FILTER (WHERE w.remark = 'no' AND r.partner_id IS NULL),
       count(*)
FROM wanted w
LEFT JOIN remark r ON r.remark = 'base and cost have opposite signs' AND r.line_number = w.line_number
WHERE w.ring = 'sign';
END
is(ledger("SELECT (SELECT count(*) FROM usage WHERE charge_category = 'Tax'), (SELECT count(*) FROM usage_remark WHERE remark ~ 'tax'), "
        . "(SELECT count(*) FROM line WHERE charge_category = 'Tax'), (SELECT count(*) FROM explained WHERE charge_category = 'Tax');"),
    "10|10|0|0\n", 'tax is kept and reported, and is no line');

# Where each deal stands, on days to come
{
    my %days = map { $_->[1] => 1 } @states;
    my %found = map { /^(.*?\|.*?)\|(.*)$/ ? ($1, $2) : () } split /\n/, ledger(join '', map { <<"END" } sort keys %days);
SET bonus.known_at = '$_ 12:00+03';
SELECT partner_id, '$_', state || CASE WHEN overdue THEN ' overdue' ELSE '' END FROM deal_state WHERE partner_id LIKE 'state %';
END
    for (@states) {
        my ($partner, $day, $state, $what) = @$_;
        is($found{"$partner|$day"}, $state, "state of a deal: $what");
    }
}

psql('SET client_min_messages = warning; DROP SCHEMA truth, truth_table CASCADE;');
done_testing();
