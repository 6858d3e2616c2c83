#!/usr/bin/env python3
"""SIGKILL of backends, clients and the whole server at random moments while a month of 200 partners is closed, once to three times,
then closing again: the ledger holds what it holds after an undisturbed close, and nothing twice.

    scripts/sandbox test/closing/kills.py --rounds 25 --seed 1 --client build/pbonus     # psql alone without --client

Before that, what altered.py alters is reported, and what unknown.py does again is done once. The server of the PG* variables is killed
and started again; it has to be one of scripts/sandbox, on this machine. Each round has a copy of a database whose month is open.
"""
import argparse
import collections
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import tempfile
import time

import altered
import shared  # noqa: F401
import unknown
from server import Server, connect, wait_for_end
from settled import MONTH, WITHOUT_INDEXES, Settled, broken

LEDGER, PARTNERS = 'killed', 200
TEMPLATE, UNDISTURBED, DISTURBED = 'kills_template', 'kills_undisturbed', 'kills_disturbed'
KINDS = ('backend', 'server, kill -9', 'client', 'backend', 'server, kill -9', 'server, immediately')
VERIFIED = 10  # one round of so many is verified: that takes as long as to close
PROGRESS_SECONDS = 60
MOST_FAILED = 5


class Failed(Exception):
    pass


def session_of(database):
    session = connect(LEDGER, database)
    session.must(WITHOUT_INDEXES)
    return session


def administer(*statements):
    session = connect(database='postgres')
    for statement in statements:
        session.must(statement)
    session.close()


def copy_of_template(database):
    administer('DROP DATABASE IF EXISTS %s WITH (FORCE)' % database, 'CREATE DATABASE %s TEMPLATE %s STRATEGY file_copy' % (database, TEMPLATE))


def make_template():
    # a killed server must find what it has written: pages that are written by halves, too
    administer('ALTER SYSTEM SET full_page_writes = on', 'SELECT pg_reload_conf()')
    for database in (DISTURBED, UNDISTURBED, TEMPLATE):
        administer('DROP DATABASE IF EXISTS ' + database)
    administer('CREATE DATABASE ' + TEMPLATE)
    subprocess.run(['psql', '-X', '-q', '-o', '/dev/null', '-v', 'ON_ERROR_STOP=1', '-d', TEMPLATE, '-c', 'SET client_min_messages = warning',
                    '-c', 'CREATE EXTENSION partner_bonus', '-f', pathlib.Path(__file__).with_suffix('.sql')], check=True)


def remove_databases():
    administer(*('DROP DATABASE IF EXISTS ' + database for database in (DISTURBED, UNDISTURBED, TEMPLATE)),
               'ALTER SYSTEM RESET full_page_writes', 'SELECT pg_reload_conf()')


class Closing:
    """Clients that close the month: one or two sessions of psql that call close_month, or pbonus with two connections."""

    def __init__(self, way, client, database):
        # who is told that something is done relies on it
        environment = dict(os.environ, PGDATABASE=database, PGAPPNAME='victim', PGOPTIONS='-c synchronous_commit=on')
        if way == 'pbonus':
            commands = [[client, 'close', MONTH[:7], '--ledger', LEDGER, '--jobs', '2']]
        else:
            commands = [['psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-c', "CALL %s.close_month('%s')" % (LEDGER, MONTH)]] * (2 if way == 'two calls' else 1)
        self.log = tempfile.TemporaryFile('w+')
        self.begun = time.monotonic()
        self.processes = [subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log) for command in commands]

    def running(self):
        return any(process.poll() is None for process in self.processes)

    def kill(self):
        for process in self.processes:
            process.kill()

    def finish(self):
        """Exit codes, and what was said."""
        codes = [process.wait(300) for process in self.processes]
        self.log.seek(0)
        text = self.log.read()
        self.log.close()
        return codes, text


class Round:
    def __init__(self, number, seed, server, undisturbed, client, pace):
        self.dice = random.Random('%d %d' % (seed, number))
        self.number, self.server, self.undisturbed, self.client = number, server, undisturbed, client
        self.pace = pace      # seconds a partner, per way of closing
        self.killed = collections.Counter()
        self.told = set()     # partners of which a client said that they are closed
        self.steps = []

    def play(self):
        copy_of_template(DISTURBED)
        for attempt in range(self.dice.choice((1, 1, 2, 3))):
            if self.kill_one(KINDS[(self.number + attempt) % len(KINDS)]) == 'sealed':
                break
        self.close_to_the_end()
        self.check()

    def start(self):
        way = self.dice.choice(('call', 'two calls', 'two calls', *['pbonus'] * (3 if self.client else 0)))
        self.steps.append(way)
        return way, Closing(way, self.client, DISTURBED)

    def kill_one(self, kind):
        """Closes, kills, and looks at what is there; whether the month is sealed or open."""
        session = session_of(DISTURBED)
        waiting = PARTNERS - closed(session)
        way, closing = self.start()
        moment = self.dice.choice(('at the beginning', *['in between'] * 6, 'at the end'))
        wait_for_moment(moment, session, closing, waiting * self.pace[way], self.dice)
        if not closing.running():
            kind += ', too late'
        elif kind == 'client':
            closing.kill()
        elif kind == 'backend':
            kind += '' if self.kill_backend(session, closing) else ', too late'
        elif kind == 'server, immediately':
            self.server.pg_ctl('-m', 'immediate', 'stop')
        else:
            self.server.kill()
        if 'too late' not in kind and kind != 'client':
            wait_for_loss(session)
        session.close()
        if kind.startswith('server, ') and 'too late' not in kind:
            self.server.start()
        codes, text = closing.finish()
        self.told.update(re.findall(r'^(p\d+): closed, 2 documents$', text, re.MULTILINE))
        if ('too late' in kind or kind == 'client') and any(code not in (0, -signal.SIGKILL) for code in codes):
            raise Failed('%s, exit codes %s: %s' % (way, codes, text[-1000:]))
        session = session_of(DISTURBED)
        done = closed(session)
        self.steps[-1] += ': killed %s (%s), %d of %d closed' % (moment, kind, done, PARTNERS)
        self.killed[kind] += 1
        wrong = broken(session)
        if wrong:
            raise Failed('between a kill and going on: ' + '\n'.join(wrong))
        missing = self.told - set(session.must("SELECT partner_id FROM billing_period WHERE month = '%s' AND closed_at IS NOT NULL" % MONTH))
        if missing:
            raise Failed('a client was told that they are closed, and they are not: %s' % sorted(missing))
        sealed = session.must("SELECT count(*) FROM month_seal WHERE month = '%s'" % MONTH) != ['0']
        session.close()
        return 'sealed' if sealed else 'open'

    def kill_backend(self, session, closing):
        while closing.running():
            pids = session.must("SELECT pid FROM pg_stat_activity WHERE application_name = 'victim' ORDER BY 1")
            if pids:
                try:
                    os.kill(int(self.dice.choice(pids)), signal.SIGKILL)
                    return True
                except ProcessLookupError:
                    pass
        return False

    def close_to_the_end(self):
        session = session_of(DISTURBED)
        waiting = PARTNERS - closed(session)
        way, closing = self.start()
        codes, text = closing.finish()
        took = time.monotonic() - closing.begun
        if any(codes):
            raise Failed('%s ends with %s: %s' % (way, codes, text[-1000:]))
        if waiting > PARTNERS / 4:
            self.pace[way] = took / waiting
        wait_for_end(session)
        session.close()

    def check(self):
        session = session_of(DISTURBED)
        wrong = broken(session) + self.undisturbed.differences(session)
        if self.number % VERIFIED == 0:
            wrong += verified(session)
        session.close()
        if wrong:
            raise Failed('\n'.join(wrong))


def closed(session):
    return int(session.must("SELECT count(*) FROM close_progress WHERE month = '%s' AND state = 'closed'" % MONTH)[0])


def wait_for_moment(moment, session, closing, duration, dice):
    if moment == 'at the end':
        # the last partners, and the seal of the month
        few = "SELECT count(*) FILTER (WHERE state = 'closed') >= %d FROM close_progress WHERE month = '%s'" % (PARTNERS - 2, MONTH)
        while closing.running() and session.must(few) != ['t']:
            time.sleep(0.002)
        time.sleep(dice.random() * 0.06)
        return
    time.sleep(max(0.0, closing.begun + dice.random() * (0.15 if moment == 'at the beginning' else duration) - time.monotonic()))


def wait_for_loss(session):
    """Until the server has noticed that a process of it was killed: a session that was there before is lost."""
    for _ in range(600):
        try:
            session.run('SELECT 1')
        except (ConnectionError, BrokenPipeError):
            return
        time.sleep(0.02)
    raise Failed('the server lives on without one of its processes')


def close_undisturbed(way, client, database):
    copy_of_template(database)
    closing = Closing(way, client, database)
    codes, text = closing.finish()
    if any(codes):
        raise Failed('undisturbed: %s ends with %s: %s' % (way, codes, text[-1000:]))
    return time.monotonic() - closing.begun


def verified(session):
    return ['verify: ' + row for row in session.must('RESET enable_indexscan; RESET enable_indexonlyscan; RESET enable_bitmapscan; SELECT * FROM verify()') if row]


def undisturbed_ledger():
    session = session_of(UNDISTURBED)
    wrong = broken(session) + verified(session)
    found = Settled(session)
    session.close()
    if wrong:
        raise Failed('undisturbed: ' + '\n'.join(wrong))
    return found


def run_rounds(options, undisturbed, alone):
    server = Server()
    pace = {'call': alone / PARTNERS, 'two calls': 0.6 * alone / PARTNERS, 'pbonus': 0.6 * alone / PARTNERS}
    counts, failed, begun = collections.Counter(), 0, time.monotonic()
    told = begun
    for number in range(options.rounds) if options.only is None else [options.only]:
        one = Round(number, options.seed, server, undisturbed, options.client, pace)
        try:
            one.play()
        except (Failed, RuntimeError, ConnectionError, subprocess.TimeoutExpired) as failure:
            failed += 1
            print('round %d, seed %d: %s\n%s' % (number, options.seed, failure, '\n'.join('    ' + step for step in one.steps)), flush=True)
        counts += one.killed
        if failed == MOST_FAILED:
            break
        if options.verbose:
            print('round %d: %s' % (number, '; '.join(one.steps)), flush=True)
        if time.monotonic() - told >= PROGRESS_SECONDS:
            told = time.monotonic()
            print('%d of %d rounds, %d failed' % (number + 1, options.rounds, failed), file=sys.stderr, flush=True)
    late = sum(count for kind, count in counts.items() if 'too late' in kind)
    print('kills: %s' % ', '.join('%s %d' % item for item in sorted(counts.items())))
    print('kills: rounds=%d kills=%d seed=%d failed=%d, undisturbed %.1f s, %.1f s a round'
          % (options.rounds, sum(counts.values()) - late, options.seed, failed, alone, (time.monotonic() - begun) / max(1, options.rounds)), flush=True)
    return failed


def run_unknown():
    """What was done once, and what was done again because nobody knew."""
    copy_of_template(DISTURBED)
    session = session_of(DISTURBED)
    wrong = unknown.play(session, DISTURBED, LEDGER, None) + broken(session)
    once = Settled(session, but=unknown.HISTORY)
    session.close()
    for arrives in (True, False):
        copy_of_template(DISTURBED)
        session = session_of(DISTURBED)
        wrong += unknown.play(session, DISTURBED, LEDGER, arrives) + broken(session) + once.differences(session) + verified(session)
        session.close()
    print('\n'.join([*wrong, 'unknown: %d steps whose COMMIT was not answered, or did not arrive, and once more: failed=%d' % (2 * len(unknown.STEPS), len(wrong))]),
          flush=True)
    return len(wrong)


def run_self_test(undisturbed):
    session = session_of(UNDISTURBED)
    missed = altered.unreported(session, undisturbed)
    session.close()
    print('\n'.join([*missed, 'alterations: %d, failed=%d' % (len(altered.ALTERATIONS), len(missed))]), flush=True)
    return len(missed)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--rounds', type=int, default=25, help='months to close (default 25)')
    parser.add_argument('--seed', type=int, default=1, help='default 1')
    parser.add_argument('--client', metavar='PBONUS', help='close with pbonus, too')
    parser.add_argument('--only', type=int, metavar='ROUND', help='this round alone')
    parser.add_argument('--verbose', action='store_true', help='tell what was killed, and when')
    return parser.parse_args()


def main():
    options = arguments()
    make_template()
    alone = close_undisturbed('call', None, UNDISTURBED)
    undisturbed = undisturbed_ledger()
    failed = 0
    if options.only is None:
        failed += run_self_test(undisturbed)
        failed += run_unknown()
    failed += run_rounds(options, undisturbed, alone)
    if not failed:
        remove_databases()
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
