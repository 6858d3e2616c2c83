#!/usr/bin/env python3
"""Compares three answers on random months: the ledger's, the SQL oracle's, and exact arithmetic's.

    scripts/sandbox test/oracle/run.py --months 20000 --seed 1

Months of a batch share a ledger. Every difference names its month; `--only` runs that month alone. The superuser's rights
are needed. Exact arithmetic is twice as fast under CPython 3.11 as under PyPy 7.3: its integers have 100 to 200 bits.
"""
import argparse
import multiprocessing
import os
import sys
import tempfile
import time

from answers import ANSWERS, Expected
from compare import differences
from generate import MINOR_UNITS, Month, months
from server import Ledger, ServerError
from tables import load_script

SHOWN_DIFFERENCES = 20
PROGRESS_SECONDS = 60  # between two lines of progress where there is no terminal


class Batch:
    """What one batch came to."""

    def __init__(self, first, months_run, lines, found):
        self.first, self.months, self.lines, self.differences = first, months_run, lines, found


def run_batch(ledger, batch):
    expected = Expected()
    for month in batch:
        expected.add(month.current(), MINOR_UNITS)
    given_ledger, given_oracle = ledger.answers(batch)
    found = compare(expected, given_ledger, given_oracle)
    return Batch(batch[0].number, len(batch), len(expected.ledger['line']), found)


def compare(expected, given_ledger, given_oracle):
    found = []
    for answer in ANSWERS:
        found += differences(answer, 'ledger', answer.ledger_columns, expected.ledger[answer.name], given_ledger[answer.name])
        if given_oracle and answer.in_oracle:
            found += differences(answer, 'SQL oracle', answer.oracle_columns, expected.oracle[answer.name],
                                 given_oracle[answer.name])
    return found


_ledger = None


def _take_ledger(ledgers):
    global _ledger
    _ledger = ledgers.get()


def _job(task):
    seed, first, count = task
    return run_batch(_ledger, months(seed, first, count))


def run(options):
    # the folder is ours, not the jobs': an interrupt ends them without a chance to tidy up
    with tempfile.TemporaryDirectory(prefix='oracle-') as folder:
        return run_jobs(options, [Ledger('o_%d_%d' % (os.getpid(), job), folder, not options.without_sql)
                                  for job in range(1, options.jobs + 1)])


def run_jobs(options, ledgers):
    tasks = [(options.seed, first, min(options.batch, options.first + options.months - first))
             for first in range(options.first, options.first + options.months, options.batch)]
    try:
        queue = multiprocessing.Queue()
        for ledger in ledgers:
            queue.put(ledger)
        with multiprocessing.Pool(options.jobs, _take_ledger, (queue,)) as pool:
            return report(options, pool.imap_unordered(_job, tasks))
    finally:
        if not options.keep:
            drop(ledgers)


def drop(ledgers):
    for ledger in ledgers:
        try:
            ledger.drop()
        except ServerError:
            return  # the server is gone; why is told by the error that brought us here


def report(options, batches):
    done = lines = found = 0
    begun = told = time.monotonic()
    for batch in batches:
        done += batch.months
        lines += batch.lines
        for difference in batch.differences[:max(0, SHOWN_DIFFERENCES - found)]:
            print('\nmonth %d, seed %d (replay: run.py --seed %d --only %d)\n    %s' % (
                difference.month, options.seed, options.seed, difference.month, difference))
        found += len(batch.differences)
        now = time.monotonic()
        if sys.stderr.isatty() or now - told >= PROGRESS_SECONDS:
            told = now
            print('%s%d of %d months, %.0f a second, %d differences ' % (
                '\r' if sys.stderr.isatty() else '', done, options.months, done / (now - begun), found),
                end='' if sys.stderr.isatty() else '\n', file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    print('oracle: months=%d lines=%d seed=%d differences=%d' % (done, lines, options.seed, found), flush=True)
    return 1 if found else 0


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--months', type=int, default=2000, help='how many random months (default 2000)')
    parser.add_argument('--seed', type=int, default=1, help='default 1')
    parser.add_argument('--first', type=int, default=0, help='number of the first month (default 0)')
    parser.add_argument('--jobs', type=int, default=2, help='parallel jobs, each with a ledger of its own (default 2)')
    parser.add_argument('--batch', type=int, default=2000, help='months that share a load (default 2000)')
    parser.add_argument('--only', type=int, metavar='MONTH', help='run this month alone and show its rows')
    parser.add_argument('--keep', action='store_true', help='leave the ledger of the last batch of each job on the server')
    parser.add_argument('--without-sql', action='store_true', help='leave the SQL oracle out: two answers, not three')
    parser.add_argument('--self-test', action='store_true', help='prove that altered answers are reported; needs no server')
    options = parser.parse_args()
    if options.only is not None:
        options.first, options.months, options.jobs = options.only, 1, 1
    options.jobs = max(1, min(options.jobs, -(-options.months // options.batch)))
    return options


def main():
    sys.stdout.reconfigure(encoding='utf-8')  # ids are not ASCII, whatever the locale
    options = arguments()
    if options.self_test:
        import self_test
        return self_test.run(options.seed)
    if options.only is not None:
        print(load_script([Month(options.seed, options.only)], 'o'), end='')
    try:
        return run(options)
    except ServerError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == '__main__':
    sys.exit(main())
