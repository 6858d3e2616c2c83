#!/usr/bin/env python3
"""Measures the comparisons of scripts/bench on the server that the PG* variables name.

Runs are interleaved: every round measures each query once, so that what disturbs the machine disturbs all of
them. A ratio is one of medians. Each measurement is a session of its own; its time is what psql's \\timing says.
"""
import argparse
import pathlib
import re
import statistics
import sys

from measuring import TIME, Row, psql, verdict

HERE = pathlib.Path(__file__).resolve().parent
SEARCH_PATH = 'SET search_path = bench, bonus, public;\n'
ONE_PROCESS = 'SET max_parallel_workers_per_gather = 0;\n'
# Two workers do the work and the leader puts it together: three processes at work would share the two processors of a
# small machine, and its caches, which says nothing about the extension.
TWO_WORKERS = 'SET max_parallel_workers_per_gather = 2;\nSET parallel_leader_participation = off;\n'

# The planner takes a day to lie in hardly any range and would join row by row: without this naive SQL is far slower still.
HASH_JOINS = 'SET enable_nestloop = off;\n'

DIFFERENCES = """
SELECT count(*)
FROM bonus
FULL JOIN bonus_naive USING (account_id)
WHERE coalesce(bonus.bonus, 0) <> coalesce(bonus_naive.bonus, 0);
"""


class Query:
    def __init__(self, name, sql, settings=ONE_PROCESS, lines=None):
        self.name, self.sql, self.settings, self.lines, self.times = name, sql, settings, lines, []

    def measure(self):
        out = psql(self.settings + SEARCH_PATH + '\\timing on\n' + self.sql)
        # of all statements, so that tables made on the way count too
        self.times.append(sum(map(float, TIME.findall(out))))

    def workers(self):
        """Workers that the last statement, which does the work, is planned with."""
        *before, last = [statement for statement in self.sql.split(';\n') if statement.strip()]
        plan = psql(self.settings + SEARCH_PATH + ''.join(statement + ';\n' for statement in before) + 'EXPLAIN ' + last)
        planned = re.findall(r'Workers Planned: (\d+)', plan)
        return int(planned[0]) if planned else 0

    @property
    def median(self):
        return statistics.median(self.times)


def script(name, *options):
    return psql(SEARCH_PATH, *options, '-f', '-', '-f', str(HERE / name))


def query_of(*names):
    return ''.join((HERE / name).read_text() for name in names)


def measure(queries, runs):
    for number in range(runs + 1):
        for query in queries:
            query.measure()
            if number == 0:
                query.times.clear()  # the first round warms caches
        print('round %d of %d' % (number, runs) if number else 'warm', file=sys.stderr, flush=True)


def sizes():
    return {line.split('|')[0]: int(line.split('|')[1]) for line in script('sizes.sql').splitlines() if '|' in line}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--lines', type=int, required=True)
    parser.add_argument('--accounts', type=int, required=True)
    parser.add_argument('--runs', type=int, required=True)
    parser.add_argument('--check', action='store_true')
    options = parser.parse_args()

    print('generating %d lines of %d accounts' % (options.lines, options.accounts), file=sys.stderr, flush=True)
    script('data.sql', '-v', 'lines=%d' % options.lines, '-v', 'accounts=%d' % options.accounts, '-v', 'seed=0.42')
    sums = Query('three sum(numeric), GROUP BY account', query_of('three_sums.sql'))
    series = Query('consumption_agg, GROUP BY account', query_of('consumption_agg.sql'))
    naive = Query('bonus, naive SQL', query_of('bonus_naive.sql'), ONE_PROCESS + HASH_JOINS)
    bonus = Query('bonus, by series', query_of('bonus_rates.sql', 'bonus_total.sql', 'bonus.sql'))
    sums_parallel = Query('three sum(numeric), 2 workers', sums.sql, TWO_WORKERS)  # what the machine has to give
    series_parallel = Query('consumption_agg, 2 workers', series.sql, TWO_WORKERS)
    bonus_parallel = Query('bonus, by series, 2 workers', query_of('bonus_rates.sql', 'bonus_total_halves.sql', 'bonus.sql'), TWO_WORKERS)
    script('ledger.sql')
    flat = Query('bonus_line, one flat rate', query_of('bonus_line_flat.sql'), lines=100000)
    changing = Query('bonus_line, three changes of rules', query_of('bonus_line_changing.sql'), lines=100000)
    queries = [flat, changing, sums, series, naive, bonus, sums_parallel, series_parallel, bonus_parallel]

    differing = sum(int(psql(HASH_JOINS + SEARCH_PATH + query.sql + naive.sql + DIFFERENCES)) for query in (bonus, bonus_parallel))
    measure(queries, options.runs)

    print('\n%-40s %10s %10s %10s %8s' % ('medians of %d interleaved runs' % options.runs, 'ms', 'ns a line', 'spread', 'workers'))
    for query in queries:
        spread = (max(query.times) - min(query.times)) / query.median
        print('%-40s %10.0f %10.0f %9.0f%% %8d' % (query.name, query.median, query.median * 1e6 / (query.lines or options.lines), 100 * spread,
                                                   query.workers()))
    bytes_of = sizes()
    rows = [
        Row('accounts whose bonus differs from naive SQL', differing, 0, False),
        Row('consumption_agg / three sum(numeric)', series.median / sums.median, 0.55, False),
        Row('naive SQL / bonus by series', naive.median / bonus.median, 2.5, True),
        Row('bonus by series: one process / 2 workers', bonus.median / bonus_parallel.median, 1.6, True),
        Row('consumption_agg: one process / 2 workers', series.median / series_parallel.median, 1.6, True),
        Row('bonus_line: three changes of rules / one flat rate', changing.median / flat.median, 3.0, False),
        Row('bytes of the working state, 31 days', bytes_of['working'], 1024, False),
        Row('bytes stored, 31 days', bytes_of['stored'], 400, False),
    ]
    print()
    for row in rows:
        print(row)
    return verdict(rows, options.check)


if __name__ == '__main__':
    sys.exit(main())
