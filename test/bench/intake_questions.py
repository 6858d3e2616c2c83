"""Questions to usage in packs, beside the same questions to rows."""
import pathlib
import statistics
import subprocess

from intake_files import TYPED
from measuring import Row, psql, run, timed

HERE = pathlib.Path(__file__).resolve().parent
SEARCH_PATH = 'SET search_path = %s, bonus, public;\n'
# A rate that changes within the month, so that daily series are needed.
SCHEDULE = "'{[2026-10-01,2026-10-16): 0.20, [2026-10-16,2026-11-01): 0.35}'"
ANSWER = 'SELECT count(*), sum(discount(consumption, %s)) AS discount, sum(line_count) AS line_count, sum(reward) AS reward ' % SCHEDULE
TOTALS = ANSWER + "FROM consumption_total WHERE billing_month = '2026-10-01'"
# The same answer over rows, by our own aggregate and in plain SQL; and one with less in it: sums at the rate of each line's day.
SERIES_OF_ROWS = (ANSWER + 'FROM (SELECT KEY, consumption_agg(date, cost, monetary_grant_credit, credit - monetary_grant_credit) AS consumption,'
                  ' count(*) AS line_count, sum(reward) AS reward FROM bench.USAGE GROUP BY KEY) s')
# In plain SQL, which has no type for them, daily series are arrays.
PLAIN_SERIES_OF_ROWS = ('SELECT count(*), sum(discount) AS discount, sum(line_count) AS line_count, sum(reward) AS reward FROM (SELECT KEY,'
                        ' array_agg(date) AS days, array_agg(cost) AS costs, array_agg(grant_credit) AS grant_credits, array_agg(other_credit) AS'
                        " other_credits, sum((cost + grant_credit + other_credit) * CASE WHEN date < '2026-10-16' THEN 0.20 ELSE 0.35 END) AS discount, sum(line_count) AS line_count, sum(reward) AS reward"
                        ' FROM (SELECT KEY, date, sum(cost) AS cost, sum(monetary_grant_credit) AS grant_credit,'
                        ' sum(credit - monetary_grant_credit) AS other_credit, count(*) AS line_count, sum(reward) AS reward'
                        ' FROM bench.USAGE GROUP BY KEY, date) d GROUP BY KEY) s')
SUMS_OF_ROWS = ("SELECT count(*), sum(discount) AS discount, sum(line_count) AS line_count, sum(reward) AS reward FROM (SELECT KEY,"
                " sum((cost + credit) * CASE WHEN date < '2026-10-16' THEN 0.20 ELSE 0.35 END) AS discount, count(*) AS line_count,"
                ' sum(reward) AS reward FROM bench.USAGE GROUP BY KEY) s')

ROWS = {'series': SERIES_OF_ROWS, 'plain series': PLAIN_SERIES_OF_ROWS, 'sums': SUMS_OF_ROWS}


def over_rows(query, table, partner):
    return query.replace('KEY', partner + 'billing_account_id, service_id, sku_id, currency').replace('USAGE', table)


MONTH = "'[2026-10-01,2026-11-01)'"


def warm_and_fresh(script, query, times=7):
    """Milliseconds of the first query of a session, and the median of those that follow."""
    first, *others = timed(script + '\\o /dev/null\n' + (query + ';\n') * times)[1:]
    return statistics.median(others), first


def month_of_usage(bench):
    """Thirty accounts with forty SKUs each, four lines a key: 4,800 lines a day."""
    days = bench.pick(31, 3)
    whole = bench.files.daily('month_before', '2026-10-01', days, 6000, accounts=30)
    return bench.files.kept('month', whole, lambda place, record: record if place % 200 < 160 else None, days * 4800)


class Month:
    """One month of usage of the partner 'bench', in the ledger 'month' and in the table bench.month."""

    def __init__(self, bench):
        self.folder = month_of_usage(bench)
        self.lines = self.folder.lines
        if psql("SELECT to_regnamespace('month')").strip():
            return
        bench.ledger('month')
        psql(SEARCH_PATH % 'month' + '\\i %s' % self.folder.rules)
        bench.load('month', 'bench', self.folder.path)
        bench.table('month')
        bench.copy('month', self.folder.files)


class Views:
    def __init__(self, bench):
        self.bench = bench
        self.month = Month(bench)
        bench.ledger('many')
        psql('CREATE TABLE bench.many (partner_id text, %s' % TYPED[1:])
        psql(SEARCH_PATH % 'many', '-v', 'partners=%d' % bench.pick(200, 5), '-f', '-', '-f', str(HERE / 'many_partners.sql'))

    def measures(self):
        one = TOTALS + " AND partner_id = 'bench'"
        line = "SELECT count(*), sum(bonus) FROM bonus_line WHERE billing_month = '2026-10-01' AND partner_id = 'bench'"
        return [self.bench.machine.count, self.memory,
                self.question('one partner: totals', 'month', one), self.question('one partner: bonus_line', 'month', line),
                *self.rows_of('one partner', 'month', ''),
                self.question('200 partners: totals', 'many', TOTALS + " AND partner_id LIKE 'partner-%'", 3),
                *self.rows_of('200 partners', 'many', 'partner_id, '),
                self.question('1 line a key and day: totals', 'many', TOTALS + " AND partner_id = 'lines-1'"),
                self.question('50 lines a key and day: totals', 'many', TOTALS + " AND partner_id = 'lines-50'")]

    @staticmethod
    def question(name, ledger, query, times=7):
        def measure():
            warm, fresh = warm_and_fresh(SEARCH_PATH % ledger, query, times)
            return {name + ', ms': warm, name + ', fresh session, ms': fresh}

        return measure

    def rows_of(self, name, table, partner):
        return [self.question('%s: %s over rows' % (name, how), 'bench', over_rows(query, table, partner), 2)
                for how, query in ROWS.items()]

    def differing(self):
        """Of the answers from packs, those that rows do not give."""
        differing = 0
        for ledger, chosen, partner in (('month', '', ''), ('many', " AND partner_id LIKE 'partner-%'", 'partner_id, ')):
            answers = {psql(SEARCH_PATH % ledger + 'SELECT count, trim_scale(discount), line_count, trim_scale(reward) FROM (%s) a' % query)
                       for query in (TOTALS + chosen, *(over_rows(query, ledger, partner) for query in ROWS.values()))}
            differing += len(answers) - 1
        return differing

    def memory(self):
        """What the totals of all partners need beyond what the server has in common: the peak of the process, whose shared
        pages are all there after a first run, less the pages it shares and what it had before that run."""
        with Session(SEARCH_PATH % 'many') as session:
            session.ask(TOTALS + " AND partner_id = 'partner-1'")
            before = session.status('RssAnon')
            session.ask(TOTALS + " AND partner_id LIKE 'partner-%'")
            session.forget_peak()
            session.ask(TOTALS + " AND partner_id LIKE 'partner-%'")
            peak = session.status('VmHWM') - session.status('RssFile') - session.status('RssShmem')
        return {'200 partners: totals, MB': (peak - before) / 1e6}

    def rows(self, figures):
        def time(what, name, bar):
            return self.bench.machine.time_row(figures, what, figures[name + ', ms'], bar, 'ms')

        def times_faster(name, how):
            return figures['%s: %s over rows, ms' % (name, how)] / figures[name + ': totals, ms']

        return [
            Row('answers that differ between packs and rows', self.differing(), 0),
            time('totals with discount, 1,200 keys, 31 days', 'one partner: totals', 6),
            time('the same, fresh session', 'one partner: totals, fresh session', 12),
            time('bonus_line of it', 'one partner: bonus_line', 20),
            time('totals with discount, 200 partners x 200 keys', '200 partners: totals', 130),
            Row('memory of it', figures['200 partners: totals, MB'], 16, unit='MB'),
            Row('50 lines a key and day / 1', figures['50 lines a key and day: totals, ms'] / figures['1 line a key and day: totals, ms'], 1.25),
            *[Row('plain SQL over rows / totals, ' + name, times_faster(name, 'plain series'), 18, True) for name in ('one partner', '200 partners')],
            # the aggregate that a ledger has is no plain SQL, and needs no packs
            *[Row('consumption_agg over rows / totals, ' + name, times_faster(name, 'series')) for name in ('one partner', '200 partners')],
            *[Row('sums over rows / totals, ' + name, times_faster(name, 'sums')) for name in ('one partner', '200 partners')],
        ]


class Session:
    """A session that can be looked at between its queries."""

    def __init__(self, script):
        self.psql = subprocess.Popen(['psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1'], stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE, encoding='utf-8')
        self.psql.stdin.write(script)
        self.process = pathlib.Path('/proc') / self.ask('SELECT pg_backend_pid()')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.psql.stdin.close()
        self.psql.wait()

    def ask(self, query):
        self.psql.stdin.write(query + ';\n\\echo end\n')
        self.psql.stdin.flush()
        answer = list(iter(self.psql.stdout.readline, 'end\n'))
        if not all(answer):
            raise EOFError(query)
        return ''.join(answer).strip()

    def status(self, name):
        for line in (self.process / 'status').read_text().splitlines():
            if line.startswith(name + ':'):
                return int(line.split()[1]) * 1024
        raise KeyError(name)

    def forget_peak(self):
        (self.process / 'clear_refs').write_text('5')


class Lines:
    COLUMNS = 'usage_day, account_id, service_id, sku_id, resource_id, currency, pricing_quantity, cost, credit, reward'.split(', ')

    def __init__(self, bench):
        self.bench = bench
        self.month = Month(bench)
        accounts = psql("SELECT account_id FROM month.consumption_total WHERE partner_id = 'bench' GROUP BY 1 ORDER BY 1").split()
        self.account = accounts[len(accounts) // 2]
        self.packs = bench.files.folder / 'packs'
        self.packs.write_text(psql("SELECT encode(usage_pack_send(lines), 'hex') FROM month.usage_day", '-c', 'SET search_path = bonus, public', '-f', '-'))
        lines = bench.pick(100000, 5000)
        self.days = bench.files.daily('days_of_%d' % lines, '2026-10-01', bench.pick(3, 1), lines)
        other = bench.files.daily('other_day', '2026-10-01', 1, lines, seed=2)
        self.versions = [other.files[0], self.days.files[0]]
        bench.ledger('replaced')
        self.partner = bench.partner('replaced')
        bench.load('replaced', self.partner, self.days.path)
        bench.table('replaced')
        bench.copy('replaced', self.days.files)

    def measures(self):
        return [self.bench.machine.count, self.usage, self.usage_of_rows, self.account_usage, self.validation, self.replace, self.replace_rows, self.supersede]

    def counts(self, names=None):
        return 'SELECT ' + ', '.join('count(%s)' % name for name in names or self.COLUMNS)

    def usage(self):
        warm, _ = warm_and_fresh(SEARCH_PATH % 'month', self.counts() + " FROM usage WHERE partner_id = 'bench'", 4)
        return {'usage, 10 columns, ns a line': warm * 1e6 / self.month.lines}

    def usage_of_rows(self):
        names = ['date', 'billing_account_id'] + self.COLUMNS[2:]
        warm, _ = warm_and_fresh('SET search_path = bench;\n', self.counts(names) + ' FROM month', 4)
        return {'rows, 10 columns, ns a line': warm * 1e6 / self.month.lines}

    def account_usage(self):
        warm, fresh = warm_and_fresh(SEARCH_PATH % 'month', "%s FROM account_usage('bench', '%s', %s)" % (self.counts(), self.account, MONTH))
        return {'account_usage of one account of 30, ms': warm, 'account_usage, fresh session, ms': fresh}

    def validation(self):
        lines, *times = subprocess.run([self.bench.pack_validation, str(self.packs), '3'], stdout=subprocess.PIPE, encoding='utf-8',
                                       check=True).stdout.split()
        if int(lines) != self.month.lines:
            raise ValueError('%s lines in packs, not %d' % (lines, self.month.lines))
        return {'full validation, ns a line': statistics.median(map(float, times))}

    def replace(self):
        self.versions.reverse()
        psql('CHECKPOINT')
        return {'replace a day, ms': self.bench.load('replaced', self.partner, self.versions[1]).ms}

    def replace_rows(self):
        psql('CHECKPOINT')
        cost = self.bench.copy('replaced', self.versions[1:], "BEGIN;\nDELETE FROM bench.replaced WHERE date = '2026-10-01';\n", 'COMMIT;\n')
        psql('VACUUM bench.replaced')
        return {'replace a day: DELETE and COPY, ms': cost.ms}

    def supersede(self):
        """The end of a version is written and taken back, several times in one session."""
        update = ("UPDATE replaced.usage_day SET superseded_at = clock_timestamp(), reversed_in = billed_in"
                  " WHERE partner_id = '%s' AND usage_day = '2026-10-01' AND superseded_at = 'infinity';\n" % self.partner)
        script = 'BEGIN;\n\\timing off\n%s\\timing on\n%s\\timing off\n%sROLLBACK;\n' % (WAL, update, WAL)
        out = psql(script * 5)
        positions = [int(line) for line in out.splitlines() if line.isdigit()]
        times = [float(line.split()[1]) for line in out.splitlines() if line.startswith('Time:')]
        written = [after - before for before, after in zip(positions[::2], positions[1::2])]
        return {'supersede a day, ms': statistics.median(times[1:]), 'supersede a day, bytes of WAL': statistics.median(written[1:])}

    def rows(self, figures):
        def time(what, name, bar, unit):
            return self.bench.machine.time_row(figures, what, figures[name], bar, unit)

        return [
            time('usage, 10 columns', 'usage, 10 columns, ns a line', 500, 'ns a line'),
            time('account_usage of one account of 30', 'account_usage of one account of 30, ms', 10, 'ms'),
            time('full validation', 'full validation, ns a line', 60, 'ns a line'),
            Row('replace a day / DELETE and COPY', figures['replace a day, ms'] / figures['replace a day: DELETE and COPY, ms'], 0.25),
            time('supersede a day', 'supersede a day, ms', 3, 'ms'),
            Row('supersede a day', figures['supersede a day, bytes of WAL'], 4000, unit='bytes of WAL'),
        ]


WAL = "SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn;\n"
