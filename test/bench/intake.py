#!/usr/bin/env python3
"""Measures what scripts/bench-intake tells of, on the server that the PG* variables name."""
import argparse
import itertools
import pathlib
import statistics
import sys

from intake_files import TYPED, Files, one_line_a_key
from intake_questions import Lines, Views
from measuring import Machine, Row, ServerTime, fail, psql, rounds, run, timed, verdict

HERE = pathlib.Path(__file__).resolve().parent


class Bench:
    """What all parts need: programs, files, ledgers, partners, and how fast this machine is."""

    def __init__(self, options):
        self.pbonus = str(pathlib.Path(options.programs) / 'pbonus')
        self.pack_validation = str(pathlib.Path(options.programs) / 'pack_validation')
        self.quick, self.runs, self.server = options.quick, options.runs, options.server
        self.files = Files(options.files, self.pbonus)
        self.partners = itertools.count(1)
        self.machine = Machine(200000 if self.quick else 3000000)

    def pick(self, usual, quick):
        return quick if self.quick else usual

    def ledger(self, name):
        psql("SELECT bonus.create_ledger('%s');" % name, '-o', '/dev/null')

    def partner(self, ledger):
        name = 'partner-%d' % next(self.partners)
        psql("INSERT INTO %s.partner (partner_id, billing_account_id, name) VALUES ('%s', '%s-account', 'Generated')" % (ledger, name, name))
        return name

    def load(self, ledger, partner, *what):
        return run(self.pbonus, 'load', '--ledger', ledger, '--partner', partner, '--format', 'partner-export', '--json', *map(str, what))

    def table(self, name):
        psql('CREATE TABLE bench.%s %s' % (name, TYPED))

    def copy(self, table, files, before='', after=''):
        copies = ["\\copy bench.%s FROM '%s' WITH (FORMAT csv, HEADER)\n" % (table, file) for file in files]
        return run('psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', script=before + ''.join(copies) + after)


def wal():
    return int(psql("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn"))


class Load:
    """Whole programs, from their start to their end: pbonus load, and psql with a \\copy for each file."""

    def __init__(self, bench):
        self.bench = bench
        self.many = bench.files.daily('days_of_4000', '2026-08-01', bench.pick(75, 5), 4000)
        self.small = bench.files.daily('days_of_200', '2025-03-01', bench.pick(600, 30), 200)
        self.pieces = bench.files.daily('pieces_of_4_MB', '2026-10-01', bench.pick(15, 2), 10000)
        self.large = bench.files.daily('large_day', '2026-10-01', 1, bench.pick(300000, 70000))
        self.server = ServerTime()
        bench.ledger('loads')
        bench.table('loaded')

    def measures(self):
        return [self.bench.machine.count,
                *self.beside('files of 4,000 lines', self.many),
                lambda: self.loaded('files of 4,000 lines, two jobs', self.many, '--jobs', '2'), self.on_one_core,
                *self.beside('files of 200 lines', self.small),
                lambda: self.loaded('files of 200 lines, 50 in a transaction', self.small, '--files-per-transaction', '50'),
                lambda: self.copied('pieces of 4 MB', self.pieces), self.load_csv,
                lambda: self.loaded('a day of %d lines' % self.large.lines, self.large), self.dry_run]

    def beside(self, name, folder):
        return [lambda: self.copied(name, folder), lambda: self.loaded(name, folder)]

    def copied(self, name, folder):
        psql('TRUNCATE bench.loaded; CHECKPOINT;')
        return self.taken(name + ': COPY', lambda: self.bench.copy('loaded', folder.files))

    def taken(self, name, work):
        """What it takes, CPU of client and server together and WAL included."""
        before, server = wal(), self.server.ms()
        cost = work()
        server = self.server.ms() - server
        return {name + ', ms': cost.ms, name + ', CPU ms': cost.cpu_ms + server, name + ', WAL': wal() - before, name + ', MB': cost.peak_bytes / 1e6}

    def loaded(self, name, folder, *options):
        partner = self.bench.partner('loads')
        psql('CHECKPOINT')
        figures = self.taken(name + ': pbonus', lambda: self.bench.load('loads', partner, *options, folder.path))
        self.must_have(partner, folder)
        return figures

    def on_one_core(self):
        """One job uses two cores, since it reads a file while the server stores the one before. This is what they are worth."""
        with self.server.on_one_core():
            return self.loaded('files of 4,000 lines, one core', self.many)

    def load_csv(self):
        partner = self.bench.partner('loads')
        psql('CHECKPOINT')
        figures = self.taken('pieces of 4 MB: load_csv', lambda: run(sys.executable, str(HERE / 'load_csv.py'), 'loads', partner, *map(str, self.pieces.files)))
        self.must_have(partner, self.pieces)
        return figures

    def dry_run(self):
        cost = run(self.bench.pbonus, 'load', '--dry-run', '--json', str(self.many.path))
        return {'parse and pack, CPU ns a line': cost.cpu_ms * 1e6 / self.many.lines}

    def must_have(self, partner, folder):
        lines = int(psql("SELECT coalesce(sum(line_count), 0) FROM loads.usage_day WHERE partner_id = '%s'" % partner))
        if lines != folder.lines:
            fail('%s: %d lines loaded, not %d' % (folder.path, lines, folder.lines))

    def rows(self, figures):
        def ratio(what, of, to, bar=None, at_least=False):
            return Row(what, figures[of] / figures[to], bar, at_least)

        four, two, pieces, big = 'files of 4,000 lines', 'files of 200 lines', 'pieces of 4 MB', 'a day of %d lines' % self.large.lines
        rows = [
            ratio('load / COPY, files of 4,000 lines', four + ': pbonus, ms', four + ': COPY, ms', 0.35),
            ratio('load / COPY, files of 200 lines', two + ': pbonus, ms', two + ': COPY, ms', 0.60),
            ratio('load / COPY, files of 200 lines, 50 in a transaction', two + ', 50 in a transaction: pbonus, ms', two + ': COPY, ms', 0.45),
            ratio('load_csv / COPY, pieces of 4 MB', pieces + ': load_csv, ms', pieces + ': COPY, ms', 0.50),
            ratio('one job / two jobs, files of 4,000 lines', four + ': pbonus, ms', four + ', two jobs: pbonus, ms', 1.6, True),
            ratio('one job on one core / two jobs, files of 4,000 lines', four + ', one core: pbonus, ms', four + ', two jobs: pbonus, ms'),
            self.bench.machine.time_row(figures, 'parse and pack on one core', figures['parse and pack, CPU ns a line'], 900, 'ns a line'),
            Row('resident memory, days of 4,000 lines', figures[four + ': pbonus, MB'], round(100 + 4000 * 80e-6), unit='MB'),
            Row('resident memory, ' + big, figures[big + ': pbonus, MB'], round(100 + self.large.lines * 80e-6), unit='MB'),
        ]
        # On a machine that does other things too, CPU time says more than the time that passes.
        rows += [ratio('CPU of client and server: load / COPY, ' + name, name + ': pbonus, CPU ms', name + ': COPY, CPU ms') for name in (four, two)]
        rows.append(ratio('CPU of client and server: load_csv / COPY, pieces of 4 MB', pieces + ': load_csv, CPU ms', pieces + ': COPY, CPU ms'))
        if psql('SHOW full_page_writes').strip() == 'off':
            rows += [ratio('WAL: load / COPY, ' + name, name + ': pbonus, WAL', name + ': COPY, WAL', 0.25) for name in (four, two)]
        return rows


class Size:
    """Bytes a line of usage_day with all that belongs to it; loaded once, since they do not change."""

    def __init__(self, bench):
        self.bench = bench
        days = bench.pick(31, 3)
        small = bench.files.daily('days_of_200', '2025-03-01', bench.pick(600, 30), 200)
        self.cases = [
            ('5000', '5,000 lines a day', bench.files.daily('days_of_5000', '2026-10-01', days, 5000), 50),
            ('100000', '100,000 lines a day', bench.files.daily('days_of_100000', '2026-10-01', bench.pick(3, 1), 100000), 38),
            ('200', '200 lines a day, 5 a key', small, 85),
            ('one', '200 lines a day, 1 a key', bench.files.kept('one_line_a_key', small, one_line_a_key(), small.lines), 200),
        ]

    def measures(self):
        return []

    def rows(self, _):
        rows = []
        print('%-34s %8s %8s %8s %8s %8s %8s' % ('bytes a line', 'lines', 'all', 'main', 'TOAST', 'indexes', 'typed'))
        for name, what, folder, bar in self.cases:
            ledger = 'size_' + name
            self.bench.ledger(ledger)
            self.bench.load(ledger, self.bench.partner(ledger), folder.path)
            self.bench.table(ledger)
            self.bench.copy(ledger, folder.files)
            everything, main, indexes, typed, lines = map(int, psql(
                "SELECT pg_total_relation_size(d), pg_relation_size(d), pg_indexes_size(d), pg_total_relation_size('bench.{0}'),"
                " (SELECT sum(line_count) FROM {0}.usage_day) FROM (VALUES ('{0}.usage_day'::regclass)) v (d)".format(ledger)).split('|'))
            sizes = [size / lines for size in (everything, main, everything - main - indexes, indexes, typed)]
            print('%-34s %8d %8.1f %8.1f %8.1f %8.1f %8.1f' % (what, lines, *sizes))
            rows.append(Row('size, ' + what, sizes[0], bar, unit='bytes a line'))
        return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parts = {'load': Load, 'size': Size, 'views': Views, 'lines': Lines}
    parser.add_argument('--server', required=True, help='what to call it')
    parser.add_argument('--programs', required=True, help='folder of pbonus and pack_validation')
    parser.add_argument('--files', required=True, help='folder for generated files')
    parser.add_argument('--runs', type=int, required=True)
    parser.add_argument('--quick', action='store_true')
    parser.add_argument('--check', action='store_true')
    parser.add_argument('only', nargs='+', choices=list(parts))
    options = parser.parse_args()

    bench = Bench(options)
    rows = []
    print('Server: ' + options.server)
    for name in options.only:
        print(name, file=sys.stderr, flush=True)
        part = parts[name](bench)
        psql('VACUUM ANALYZE')
        measures = part.measures()
        figures = rounds(measures, options.runs)
        print('\n%s%s' % (name, '\n%s' % figures if measures else ''), flush=True)
        rows += part.rows(figures)
    print('\n%-66s %9s %9s  %s' % ('medians of %d interleaved rounds' % options.runs, 'here', 'scaled', 'bar'))
    for row in rows:
        print(row.wide())
    return verdict(rows, options.check)


if __name__ == '__main__':
    sys.exit(main())
