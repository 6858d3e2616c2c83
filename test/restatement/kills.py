#!/usr/bin/env python3
"""SIGKILL of the client, of its backend and of the whole server at random moments of a load of several days: afterwards all days
are at the version before, or all at the version after, and the same load again completes.

    kills.py [--rounds N] [--seed S] [--client PBONUS]

The server of the PG* variables is killed and started again; it has to be one of scripts/sandbox, on this machine.
"""

import argparse
import collections
import datetime
import decimal
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

import files
from server import Server, connect, literal, make_ledger, wait_for_end

LEDGER = 'killed'
PARTNER = 'k'
DAYS = [datetime.date(2026, 10, 1) + datetime.timedelta(n) for n in range(6)]
LINES = 400
HEAD = 'billing_account_id,resource_id,service_id,sku_id,date,currency,cost,credit,monetary_grant_credit,exported_at\n'
KINDS = ('client', 'backend', 'server, immediately', 'server, kill -9')


def day_text(version, day):
    dice = random.Random('%d %s' % (version, day))
    moment = files.stamp(dice, version, 0)
    return ''.join('a%d,v%d,s1,k%d,%s,USD,%d.%02d,0,0,%s\n' % (dice.randrange(9), version, dice.randrange(20), day, dice.randrange(1000), dice.randrange(100), moment)
                   for _ in range(LINES))


def expected(version):
    rows = {}
    for day in DAYS:
        costs = [decimal.Decimal(line.split(',')[6]) for line in day_text(version, day).splitlines()]
        rows[day.isoformat()] = ('v%d' % version, len(costs), sum(costs))
    return rows


def found():
    session = connect(LEDGER)
    rows = session.must("SELECT usage_day, resource_id, count(*), sum(cost) FROM usage GROUP BY 1, 2")
    total = session.must("SELECT d.day, sum(d.cost) FROM consumption_total t CROSS JOIN LATERAL days(t.consumption) d GROUP BY d.day")
    session.close()
    result = {}
    for row in rows:
        day, resource, lines, cost = row.split('|')
        if day in result:
            return {'mixed': sorted(rows)}
        result[day] = (resource, int(lines), decimal.Decimal(cost))
    if {day: cost for day, (_, _, cost) in result.items()} != {row.split('|')[0]: decimal.Decimal(row.split('|')[1]) for row in total}:
        return {'totals': total}
    return result


class Load:
    """A client that loads a version of all days: psql, with one file or two in a transaction, or pbonus."""

    def __init__(self, version, two_files, client, folder):
        texts = [HEAD + ''.join(day_text(version, day) for day in days) for days in ((DAYS[:3], DAYS[3:]) if two_files else (DAYS,))]
        environment = dict(os.environ, PGAPPNAME='victim', PGOPTIONS='-c synchronous_commit=on')
        self.log = tempfile.TemporaryFile('w+')
        if client:
            path = os.path.join(folder, 'days.csv')
            with open(path, 'w') as file:
                file.write(HEAD + ''.join(day_text(version, day) for day in DAYS))
            command = [client, 'load', '--ledger', LEDGER, '--partner', PARTNER, '--format', 'partner-export', path]
            self.process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
            return
        path = os.path.join(folder, 'load.sql')
        with open(path, 'w') as file:
            file.write('SET search_path = %s, bonus, public;\nBEGIN;\n' % LEDGER)
            for text in texts:
                file.write("SELECT outcome FROM load_csv('%s', 'partner-export', %s);\n" % (PARTNER, literal(text)))
            file.write('COMMIT;\n')
        self.process = subprocess.Popen(['psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-f', path], env=environment, stdout=self.log, stderr=self.log)

    def finish(self):
        code = self.process.wait(120)
        self.log.seek(0)
        text = self.log.read()
        self.log.close()
        return code, text


def kill(kind, load, server, moment, watcher):
    """Returns whether there was something to kill."""
    time.sleep(max(0.0, moment - time.monotonic()))
    if kind == 'client':
        load.process.kill()
    elif kind == 'backend':
        rows, _ = watcher.run("SELECT pid FROM pg_stat_activity WHERE application_name = 'victim'")
        if not rows:
            return False
        try:
            os.kill(int(rows[0]), signal.SIGKILL)
        except ProcessLookupError:
            return False
    elif kind == 'server, immediately':
        server.pg_ctl('-m', 'immediate', 'stop')
    else:
        os.kill(server.pid(), signal.SIGKILL)
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0])
    parser.add_argument('--rounds', type=int, default=25)
    parser.add_argument('--seed', type=int, default=None)
    parser.add_argument('--client', default=None)
    options = parser.parse_args()
    seed = options.seed or random.SystemRandom().randint(1, 10 ** 6)
    dice = random.Random(seed)
    print('seed %d, client %s' % (seed, options.client or 'psql'))
    server = Server()
    make_ledger(LEDGER, [PARTNER])
    counts = collections.Counter()
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        took = []
        for two_files in (False, True, False):
            began = time.monotonic()
            code, text = Load(len(took) + 1, two_files, options.client, folder).finish()
            took.append(time.monotonic() - began)
            if code != 0:
                print(text[-2000:])
                return 1
        version = len(took)
        for number in range(options.rounds):
            kind = KINDS[number % len(KINDS)]
            two_files = dice.random() < 0.5
            watcher = connect(LEDGER)
            began = time.monotonic()
            load = Load(version + 1, two_files, options.client, folder)
            killed = kill(kind, load, server, began + dice.random() * (0.7 if kind == 'backend' else 1.1) * sorted(took)[1], watcher)
            if not killed:
                counts[kind + ', too late'] += 1
            code, text = load.finish()
            watcher.close()
            if kind.startswith('server'):
                server.start()
            watcher = connect(LEDGER)
            wait_for_end(watcher)
            watcher.close()
            state = found()
            if state == expected(version + 1):
                counts[kind + ': after'] += 1
            elif state == expected(version):
                counts[kind + ': before'] += 1
                if code == 0:
                    print('round %d (%s): the client was told that it is loaded, and it is not' % (number, kind))
                    wrong += 1
            else:
                print('round %d (%s): neither version %d nor %d: %s' % (number, kind, version, version + 1, str(state)[:2000]))
                wrong += 1
            began = time.monotonic()
            code, text = Load(version + 1, two_files, options.client, folder).finish()
            took = took[1:] + [time.monotonic() - began] if 'unchanged' not in text else took
            if code != 0 or found() != expected(version + 1):
                print('round %d (%s): the load after it: %s' % (number, kind, text[-1000:]))
                wrong += 1
            version += 1
        session = connect(LEDGER)
        rows = session.must('SELECT count(*) FROM usage_day')
        sound = [row for row in session.must('SELECT * FROM verify()') if row]
        session.close()
    print('%d rounds: %s' % (options.rounds, ', '.join('%s %d' % item for item in sorted(counts.items()))))
    # a version of each day for each load that counted: a killed one left nothing, the load after it came once
    if rows != [str(version * len(DAYS))]:
        print('%s versions of days, %d expected' % (rows[0], version * len(DAYS)))
        wrong += 1
    for row in sound[:10]:
        print('verify: ' + row)
    return 1 if wrong or sound else 0


if __name__ == '__main__':
    sys.exit(main())
