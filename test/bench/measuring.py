"""What the benchmarks share: psql, programs that are timed, rounds, and a table of figures and their bars."""
import collections
import contextlib
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

TIME = re.compile(r'^Time: ([0-9.]+) ms', re.MULTILINE)


class Row:
    """One line of the table: a figure and its bar, if it has one. Where the bar is a time of a quiet machine like that of the issue,
    `scaled` is the figure there, and that is what has to hold."""

    def __init__(self, what, value, bar=None, at_least=False, unit='', scaled=None):
        self.what, self.value, self.bar, self.at_least, self.unit, self.scaled = what, value, bar, at_least, unit, scaled

    @property
    def held(self):
        if self.bar is None:
            return True
        value = self.value if self.scaled is None else self.scaled
        return value >= self.bar if self.at_least else value <= self.bar

    def __str__(self):
        return '%-62s %8s  %s %-5s %s' % (self.what, number(self.value), '>=' if self.at_least else '<=', self.bar,
                                          'held' if self.held else 'MISSED')

    def wide(self):
        """The same with the unit, and the figure as it would be on the other machine."""
        bar, verdict_of_it = '', ''
        if self.bar is not None:
            bar, verdict_of_it = '%s %s' % ('>=' if self.at_least else '<=', self.bar), 'held' if self.held else 'MISSED'
        return '%-66s %9s %9s  %-9s %-12s %s' % (self.what, number(self.value), '' if self.scaled is None else number(self.scaled), bar,
                                                 self.unit, verdict_of_it)


def number(value):
    return '%.2f' % value if isinstance(value, float) else str(value)


def verdict(rows, check):
    """The last line, and the exit code."""
    missed = sum(not row.held for row in rows)
    print('\n%d bars held, %d missed' % (sum(row.bar is not None for row in rows) - missed, missed))
    return 1 if check and missed else 0


def fail(what):
    print(what, file=sys.stderr)
    sys.exit(2)  # 1 says that a bar is missed


def psql(script, *options):
    done = subprocess.run(['psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', *options], input=script,
                          encoding='utf-8', stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode:
        fail(done.stderr)
    return done.stdout


def timed(script):
    """Milliseconds of each statement of one session."""
    return [float(text) for text in TIME.findall(psql('\\timing on\n' + script))]


class Machine:
    """How fast this one is, beside that of the bars: there, count(*) takes 26 ns a line."""

    COUNT = 26
    FIGURE = 'count(*), ns a line'
    TABLE = """
        CREATE SCHEMA IF NOT EXISTS bench;
        CREATE TABLE bench.counted (day date, account_id integer, sku_id integer, cost numeric, grant_credit numeric, other_credit numeric);
        INSERT INTO bench.counted
        SELECT '2026-10-01', n % 20000, n % 300, n % 100003 + 0.1234567891, 0, 0 FROM generate_series(1, :lines) n;
        VACUUM ANALYZE bench.counted;
        """

    def __init__(self, lines):
        self.lines = lines
        psql(self.TABLE, '-v', 'lines=%d' % lines)

    def count(self):
        """The measure of the machine at this moment."""
        return {self.FIGURE: statistics.median(timed('SELECT count(*) FROM bench.counted;\n' * 3)) * 1e6 / self.lines}

    def time_row(self, figures, what, value, bar, unit):
        return Row(what, value, bar, unit=unit, scaled=value * self.COUNT / figures[self.FIGURE])


class ServerTime:
    """CPU time of the sessions that have ended: what the postmaster has collected of its children."""

    def __init__(self):
        self.postmaster = pathlib.Path('/proc') / psql("SELECT split_part(pg_read_file('postmaster.pid'), chr(10), 1)").strip()
        time.sleep(1)
        self.others = self.children()  # what runs without any session

    def children(self):
        return len((self.postmaster / 'task' / self.postmaster.name / 'children').read_text().split())

    @contextlib.contextmanager
    def on_one_core(self):
        """What is started meanwhile, by us and by the server, shares one core."""
        processes = [0, int(self.postmaster.name)]
        before = [os.sched_getaffinity(process) for process in processes]
        for process in processes:
            os.sched_setaffinity(process, {min(before[0])})
        try:
            yield
        finally:
            for process, cores in zip(processes, before):
                os.sched_setaffinity(process, cores)

    def ms(self):
        end = time.monotonic() + 5
        while self.children() > self.others and time.monotonic() < end:
            time.sleep(0.005)
        user, system = (self.postmaster / 'stat').read_text().rpartition(')')[2].split()[13:15]
        return (int(user) + int(system)) * 1000 / os.sysconf('SC_CLK_TCK')


Cost = collections.namedtuple('Cost', 'ms cpu_ms peak_bytes')


def run(*command, script=''):
    """Runs a program to its end: what it took, the start of the process included. The peak is never below our own 20 MB,
    which the process has for a moment before it becomes the other program."""
    with tempfile.TemporaryFile() as told, tempfile.TemporaryFile('w+') as given:
        given.write(script)
        given.seek(0)
        start = time.perf_counter()
        process = subprocess.Popen(command, stdin=given, stdout=told, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(process.pid, 0)
        elapsed = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            told.seek(0)
            fail('%s: exit code %d\n%s' % (' '.join(command), process.returncode, told.read().decode()[-3000:]))
    return Cost(elapsed * 1000, (used.ru_utime + used.ru_stime) * 1000, used.ru_maxrss * 1024)


def rounds(measures, runs):
    """Every round takes each measure once, so that what disturbs the machine disturbs all of them; the first only warms
    caches. A measure is a function that gives named figures; the result has the figures of all rounds."""
    figures = collections.defaultdict(list)
    for count in range(runs + 1):
        for measure in measures:
            taken = measure()
            if count:
                for name, value in taken.items():
                    figures[name].append(value)
        print('round %d of %d' % (count, runs) if count else 'warm', file=sys.stderr, flush=True)
    return Figures(figures)


class Figures:
    def __init__(self, values):
        self.values = dict(values)

    def __getitem__(self, name):
        return statistics.median(self.values[name])

    def __str__(self):
        lines = ['%-58s %12s %8s' % ('medians', '', 'spread')]
        for name, values in self.values.items():
            middle = statistics.median(values)
            lines.append('%-58s %12.1f %7.0f%%' % (name, middle, 100 * (max(values) - min(values)) / (middle or 1)))
        return '\n'.join(lines)
