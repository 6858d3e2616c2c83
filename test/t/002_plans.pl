# The same bytes whatever the plan: serial and parallel, hashed and sorted, JIT, partitionwise, spilling to disk.
use strict;
use warnings;
use IPC::Run qw(run);
use Test::More;

sub psql {
    my ($script) = @_;
    my ($out, $err);
    run([qw(psql -X -q -A -t -v ON_ERROR_STOP=1)], '<', \"SET search_path = plans, bonus, public;\n$script", '>', \$out, '2>', \$err)
        or BAIL_OUT("psql: $err");
    return $out;
}

# Large enough for every plan, amounts of every size and sign, some NULL; accounts in partitions and in one heap.
psql(<<'END');
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS plans CASCADE;
CREATE SCHEMA plans;
SELECT setseed(0.1);
CREATE TABLE line (account_id integer, day date, cost numeric, grant_credit numeric, other_credit numeric);
INSERT INTO line
SELECT 1 + floor(random() * 900)::integer, date '2026-10-01' + floor(random() * 31)::integer,
       round(((random() - 0.1) * 10 ^ (floor(random() * 7)::integer))::numeric, floor(random() * 19)::integer),
       CASE WHEN random() < 0.1 THEN -round(random()::numeric, 12) WHEN random() < 0.1 THEN NULL ELSE 0 END,
       CASE WHEN random() < 0.1 THEN -round(random()::numeric, 18) ELSE 0 END
FROM generate_series(1, 120000);
CREATE TABLE parted (LIKE line) PARTITION BY HASH (account_id);
SELECT format('CREATE TABLE parted_%s PARTITION OF parted FOR VALUES WITH (MODULUS 3, REMAINDER %s)', n, n)
FROM generate_series(0, 2) n \gexec
INSERT INTO parted SELECT * FROM line;
CREATE TABLE term (account_id integer, validity daterange, rate numeric);
INSERT INTO term
SELECT 1 + n % 900, daterange(date '2026-09-20' + n % 40, date '2026-09-21' + n % 40 + n % 17), (n % 100) / 1000.0
FROM generate_series(1, 60000) n;
-- series and schedules of their own, to be joined and compared as values
CREATE TABLE series AS
SELECT account_id % 50 AS account_id, consumption_agg(day, cost, grant_credit, other_credit) AS consumption
FROM line GROUP BY account_id, day;
INSERT INTO series SELECT * FROM series;
ALTER TABLE line SET (parallel_workers = 2);
ALTER TABLE term SET (parallel_workers = 2);
ALTER TABLE series SET (parallel_workers = 2);
SELECT format('ALTER TABLE parted_%s SET (parallel_workers = 2)', n) FROM generate_series(0, 2) n \gexec
ANALYZE;
END

my %queries = (
    consumption_agg => q{SELECT account_id AS key, consumption_send(consumption_agg(day, cost, grant_credit, other_credit)) AS bytes
                         FROM %s GROUP BY account_id},
    rollup => q{SELECT account_id AS key, consumption_send(rollup(consumption)) AS bytes FROM series GROUP BY account_id},
    rate_schedule_agg => q{SELECT account_id AS key, rate_schedule_send(rate_schedule_agg(validity, rate)) AS bytes
                           FROM term GROUP BY account_id},
    group_by_value => q{SELECT account_id AS key, int8send(count(*)) || consumption_send(consumption) AS bytes
                        FROM series GROUP BY account_id, consumption},
    distinct => q{SELECT 0 AS key, consumption_send(consumption) AS bytes FROM (SELECT DISTINCT consumption FROM series) s},
    join => q{SELECT a.account_id AS key, consumption_send(a.consumption) AS bytes
              FROM series a JOIN series b ON a.consumption = b.consumption},
);

my $one = 'SET max_parallel_workers_per_gather = 0; ';
my $two = 'SET max_parallel_workers_per_gather = 2; SET min_parallel_table_scan_size = 0; '
    . 'SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; ';
my $hash = 'SET enable_sort = off; SET enable_hashagg = on; SET enable_mergejoin = off; SET enable_nestloop = off; ';
my $sort = 'SET enable_hashagg = off; SET enable_hashjoin = off; SET enable_nestloop = off; ';
my $jit = 'SET jit = on; SET jit_above_cost = 0; SET jit_inline_above_cost = 0; SET jit_optimize_above_cost = 0; ';
my $no_jit = 'SET jit = off; ';
my $small = q{SET work_mem = '64kB'; SET hash_mem_multiplier = 1; };

# name => [settings, what EXPLAIN must show for the aggregates, what it must not show]
my @plans = (
    [ 'serial, hashed',                "$one$no_jit$hash",       qr/HashAggregate/,                  qr/Gather|GroupAggregate|JIT/ ],
    [ 'serial, sorted',                "$one$no_jit$sort",       qr/GroupAggregate/,                 qr/Gather|HashAggregate|JIT/ ],
    [ '2 workers, hashed',             "$two$no_jit$hash",       qr/Workers Launched: 2.*Partial HashAggregate/s, qr/JIT/ ],
    [ '2 workers, sorted',             "$two$no_jit$sort",       qr/Workers Launched: 2.*Partial GroupAggregate/s, qr/JIT/ ],
    [ 'serial, JIT',                   "$one$jit$hash",          qr/JIT:/,                           qr/Gather/ ],
    [ '2 workers, JIT',                "$two$jit$hash",          qr/Workers Launched: 2.*JIT:/s,     undef ],
    [ 'work_mem 64 kB, hashed',        "$one$no_jit$hash$small", qr/Batches: (?!1 )\d+.*Disk Usage/, qr/Gather/ ],
    [ 'work_mem 64 kB, sorted',        "$one$no_jit$sort$small", qr/external (merge|sort)/i,         qr/Gather/ ],
    [ 'work_mem 64 kB, 2 workers',     "$two$no_jit$hash$small", qr/Workers Launched: 2/,            undef ],
);

sub digest {
    my ($settings, $query) = @_;
    return psql("$settings SELECT md5(string_agg(key || ':' || encode(bytes, 'hex'), ',' ORDER BY key, bytes)) || ' ' || count(*) FROM ($query) q;");
}

my %expected;
for my $name (sort keys %queries) {
    my $query = $queries{$name} =~ s/%s/line/r;
    for my $plan (@plans) {
        my ($what, $settings, $shows, $hides) = @$plan;
        my $digest = digest($settings, $query);
        $expected{$name} //= $digest;
        is($digest, $expected{$name}, "$name: $what");
        next unless $name eq 'consumption_agg';
        my $explained = psql("$settings EXPLAIN (ANALYZE, TIMING OFF) $query;");
        like($explained, $shows, "the plan was $what");
        unlike($explained, $hides, "and nothing else ($what)") if $hides;
    }
}

# Over partitions, each aggregated by itself or all together.
for my $partitionwise (qw(on off)) {
    for my $plan (@plans[ 0 .. 3 ]) {
        my ($what, $settings) = @$plan;
        $settings .= "SET enable_partitionwise_aggregate = $partitionwise; ";
        my $query = $queries{consumption_agg} =~ s/%s/parted/r;
        is(digest($settings, $query), $expected{consumption_agg}, "partitionwise $partitionwise: $what");
        my $explained = psql("$settings EXPLAIN (COSTS OFF) $query;");
        my $aggregates = () = $explained =~ /Aggregate/g;
        cmp_ok($aggregates, $partitionwise eq 'on' ? '>=' : '<', 3, "the plan was partitionwise $partitionwise ($what)");
    }
}

# Moving aggregates add and remove rows: what is left is what the rows of the frame give.
is(psql(<<'END'), "0\n", 'a moving frame by inverse equals each frame by itself');
WITH moving AS (
    SELECT account_id, day, row_number() OVER w AS n,
           consumption_agg(day, cost, grant_credit, other_credit) OVER (w ROWS BETWEEN 4 PRECEDING AND CURRENT ROW) AS consumption
    FROM line WHERE account_id <= 20
    WINDOW w AS (PARTITION BY account_id ORDER BY day, cost, grant_credit, other_credit)),
numbered AS (
    SELECT *, row_number() OVER (PARTITION BY account_id ORDER BY day, cost, grant_credit, other_credit) AS n
    FROM line WHERE account_id <= 20)
SELECT count(*)
FROM moving m
WHERE consumption_send(m.consumption) <> (SELECT consumption_send(consumption_agg(l.day, l.cost, l.grant_credit, l.other_credit))
                                          FROM numbered l WHERE l.account_id = m.account_id AND l.n BETWEEN m.n - 4 AND m.n);
END

# Hash partitioning by the values themselves.
is(psql(<<'END'), "0 true\n", 'values can be a hash partition key');
CREATE TABLE by_value (consumption consumption) PARTITION BY HASH (consumption);
CREATE TABLE by_value_0 PARTITION OF by_value FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE by_value_1 PARTITION OF by_value FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO by_value SELECT consumption FROM series;
SELECT (SELECT count(*) FROM (SELECT consumption FROM by_value EXCEPT ALL SELECT consumption FROM series) d)
       || ' ' || (SELECT count(DISTINCT tableoid) = 2 FROM by_value);
END

psql('DROP SCHEMA plans CASCADE;');
done_testing();
