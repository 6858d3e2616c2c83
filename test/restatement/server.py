"""The server that the PG* variables name: sessions of psql, in which statements go in and rows, one JSON value or an SQLSTATE come
out; killing and starting it."""

import decimal
import fractions
import json
import os
import signal
import subprocess
import tempfile
import time

MARK = '--- the end of '


def exact(text):
    return fractions.Fraction(decimal.Decimal(text))


class Session:
    def __init__(self, ledger=None, database=None):
        self.errors = tempfile.TemporaryFile('w+')
        self.number = 0
        self.process = subprocess.Popen(['psql', '-X', '-q', '-A', '-t', '-v', 'VERBOSITY=verbose', '-v', 'SHOW_CONTEXT=never',
                                         *(['-d', database] if database else [])],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, encoding='utf-8')
        self.must('SET client_min_messages = warning')
        if ledger:
            self.must("SET search_path = %s, bonus, public" % ledger)

    def start(self, statement):
        self.number += 1
        self.process.stdin.write('%s;\n\\echo %s%d :SQLSTATE\n' % (statement, MARK, self.number))
        self.process.stdin.flush()

    def result(self):
        """Rows as lines of text, and the SQLSTATE."""
        rows = []
        end = MARK + str(self.number) + ' '
        for line in self.process.stdout:
            line = line.rstrip('\n')
            if line.startswith(end):
                return rows, line[len(end):]
            rows.append(line)
        raise ConnectionError('psql ended: ' + self.last_errors())

    def run(self, statement):
        self.start(statement)
        return self.result()

    def must(self, statement):
        rows, state = self.run(statement)
        if state != '00000':
            raise RuntimeError('%s\n%s' % (statement[:2000], self.last_errors()))
        return rows

    def json(self, statement):
        return json.loads(self.must(statement)[0], parse_float=exact, parse_int=exact)

    def last_errors(self):
        self.errors.seek(0)
        return self.errors.read()[-2000:]

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
        self.errors.close()


def connect(ledger=None, database=None):
    """A session, as soon as the server lets one in."""
    last = None
    for _ in range(600):
        try:
            return Session(ledger, database)
        except (ConnectionError, BrokenPipeError) as error:
            last = error
            time.sleep(0.05)
    raise last


def wait_for_end(session):
    """Until no backend works for a victim: a client that is killed."""
    for _ in range(1200):
        if session.must("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'victim'") == ['0']:
            return
        time.sleep(0.02)
    raise RuntimeError('the backend of a killed client does not end')


class Server:
    """What can be killed and started again: a server of scripts/sandbox, on this machine."""

    def __init__(self):
        session = Session()
        self.data = session.must('SHOW data_directory')[0]
        session.close()
        stat = os.stat(self.data)
        self.user = {'user': stat.st_uid, 'group': stat.st_gid} if os.geteuid() == 0 else {}

    def pid(self):
        with open(os.path.join(self.data, 'postmaster.pid')) as file:
            return int(file.readline())

    def pg_ctl(self, *arguments):
        return subprocess.run(['pg_ctl', '-D', self.data, '-s', '-w', *arguments], cwd='/', stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **self.user).returncode

    def kill(self):
        """SIGKILL of all its processes."""
        postmaster = self.pid()
        with open('/proc/%d/task/%d/children' % (postmaster, postmaster)) as file:
            children = [int(pid) for pid in file.read().split()]
        for pid in (postmaster, *children):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def start(self):
        # what is left of a killed server lets go of its memory soon
        for _ in range(100):
            if self.pg_ctl('-l', os.path.join(os.path.dirname(self.data), 'log'), 'start') == 0:
                return
            time.sleep(0.1)
        raise RuntimeError('the server does not start again')


def literal(value):
    if value is None:
        return 'NULL'
    if isinstance(value, bool):
        return str(value).lower()
    return "E'%s'" % str(value).replace('\\', '\\\\').replace("'", "\\'").replace('\n', '\\n').replace('\r', '\\r')


def make_ledger(name, partners):
    """An empty ledger with partners, each with an account of its own."""
    session = Session()
    session.must('DROP SCHEMA IF EXISTS %s CASCADE' % name)
    session.must("SELECT bonus.create_ledger('%s')" % name)
    for partner in partners:
        session.must("INSERT INTO %s.partner (partner_id, billing_account_id, name) VALUES (%s, %s, 'Generated')"
                     % (name, literal(partner), literal(partner + '-own')))
    # known long before all usage, however many nights a test lets go by
    session.must('SET session_replication_role = replica')
    session.must("UPDATE %s.partner SET recorded_at = '2026-01-01'" % name)
    session.must("UPDATE %s.rule_change SET changed_at = '2026-01-01' WHERE table_name = 'partner'" % name)
    session.close()
