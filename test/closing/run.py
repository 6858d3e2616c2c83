#!/usr/bin/env python3
"""Closes random months in order beside a model that shares no code with the ledger, and compares every document.

    scripts/sandbox test/closing/run.py --months 600 --seed 1          # random histories of partners
    scripts/sandbox test/closing/run.py --late 10000 --seed 1          # late and restated lines over six closed months
    test/closing/run.py --self-test                                    # plausible mistakes are noticed; needs no server
"""
import argparse
import multiprocessing
import os
import sys
import time
import traceback
from collections import Counter

from history import History, late
from ledger import Differs, Ledger

PROGRESS_SECONDS = 60
MOST_FAILED = 5


def play(task):
    """What one history came to: counts, and what went wrong."""
    seed, number, keep = task
    ledger = history = None
    try:
        ledger = Ledger('closing_%d_%d' % (os.getpid(), number))
        # many months to a ledger, since making and verifying it takes seconds
        history = History(seed, number, 10 + number % 12, 3 + number % 4, ledger)
        history.play()
        return number, history.counts, None
    except Exception as error:  # whatever it is, the history and its seed must be told
        log = history.log[-12:] if history else []
        told = str(error) if isinstance(error, Differs) else traceback.format_exc()
        return number, history.counts if history else Counter(), '%s\n%s' % ('\n'.join('    ' + line[:400] for line in log), told[:4000])
    finally:
        if ledger and not keep:
            ledger.drop()


def run(options):
    counts, failed, begun = Counter(), 0, time.monotonic()
    told = begun
    numbers = [options.only] if options.only is not None else range(10 ** 6)
    with multiprocessing.Pool(1 if options.only is not None else options.jobs, maxtasksperchild=20) as pool:
        for number, more, problem in pool.imap_unordered(play, ((options.seed, number, options.keep) for number in numbers)):
            counts += more
            counts['histories'] += 1
            if problem:
                failed += 1
                print('history %d, seed %d (replay: run.py --seed %d --only %d)\n%s' % (number, options.seed, options.seed, number, problem), flush=True)
            if counts['months'] >= options.months or failed == MOST_FAILED:
                pool.terminate()
                break
            if time.monotonic() - told >= PROGRESS_SECONDS:
                told = time.monotonic()
                print('%d of %d months, %d failed' % (counts['months'], options.months, failed), file=sys.stderr, flush=True)
    spent = time.monotonic() - begun
    print('closing: %s' % ', '.join('%s %d' % (name, count) for name, count in sorted(counts.items())))
    print('closing: months=%d seed=%d failed=%d, %.0f ms a month' % (counts['months'], options.seed, failed, 1000 * spent / max(1, counts['months'])), flush=True)
    return 1 if failed else 0


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--seed', type=int, default=1, help='default 1')
    parser.add_argument('--months', type=int, default=600, help='months of a partner to close (default 600)')
    parser.add_argument('--late', type=int, metavar='LINES', help='so many late and restated lines instead')
    parser.add_argument('--jobs', type=int, default=2, help='histories at a time, each with a ledger of its own (default 2)')
    parser.add_argument('--only', type=int, metavar='HISTORY', help='this history alone')
    parser.add_argument('--keep', action='store_true', help='leave the ledgers on the server')
    parser.add_argument('--self-test', action='store_true', help='prove that mistakes are noticed')
    return parser.parse_args()


def main():
    options = arguments()
    if options.self_test:
        import self_test
        return self_test.run(options.seed)
    if options.late:
        return late(options.seed, options.late)
    return run(options)


if __name__ == '__main__':
    sys.exit(main())
