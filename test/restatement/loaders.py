#!/usr/bin/env python3
"""Eight sessions at once load, restate, undo and adjust the days of few partners while months close. Afterwards every version is
explained by one load of it, months took nothing in after they closed, and all answers are those of the model.

    loaders.py [--loads N] [--seed S]
"""

import argparse
import collections
import csv
import datetime
import io
import random
import sys
import threading

import files
import model
from run import ANSWERS, Differs, answers_of, compare
from server import Session, literal, make_ledger

LEDGER = 'loaders'
PARTNERS = ('p1', 'p2', 'p3')
WORKERS = 8
# refused by rule: an older file; undone already, or billed
BY_RULE = {'55000'}


class Worker(threading.Thread):
    def __init__(self, number, seed, loads, shared, barrier):
        super().__init__()
        self.dice = random.Random('%d %d' % (seed, number))
        self.loads = loads
        self.shared = shared       # partner -> texts that somebody loaded or is about to
        self.barrier = barrier
        self.session = Session(LEDGER)
        self.done = []             # (kind, batch_id, partner, text or line)
        self.states = collections.Counter()
        self.error = None

    def run(self):
        try:
            for number in range(self.loads):
                if number % 5 == 0:
                    self.barrier.wait(120)    # so that they meet
                self.step(number)
        except Exception as error:            # noqa: whatever it is, the test fails with it
            self.error = error
            self.barrier.abort()

    def step(self, number):
        dice = self.dice
        partner = dice.choice(PARTNERS)
        accounts = [partner + '-own', 'a1', 'a2']
        kind = dice.choices(['load', 'same', 'undo', 'adjust'], [5, 4, 2, 2])[0]
        if kind == 'load' or (kind == 'same' and not self.shared[partner]):
            first = dice.randrange(len(files.DAYS) - 2)
            days = files.DAYS[first:first + dice.randint(1, 3)]
            text = files.draw(dice, days, 100 + number * 10 + dice.randint(0, 30), partner, accounts, 30).text(dice)
            self.shared[partner].append(text)
            self.load(partner, text)
        elif kind == 'same':
            self.load(partner, self.shared[partner][-1])
        elif kind == 'undo':
            rows, _ = self.session.run("SELECT batch_id FROM load_batch WHERE partner_id = '%s' ORDER BY batch_id DESC LIMIT 3" % partner)
            if rows:
                self.call('undo', partner, None, "SELECT batch_id FROM undo_batch(%s, 'wrong')" % dice.choice(rows))
        else:
            day = dice.choice(files.DAYS)
            line = {'account_id': 'a1', 'service_id': 's1', 'sku_id': 'k11', 'currency': 'USD', 'charge_category': 'Adjustment'}
            sums = [files.amount(dice) for _ in range(3)]
            line.update(zip(('cost', 'credit', 'grant_credit'), map(model.Fraction, sums)))
            self.call('adjust', partner, (day, line), "SELECT batch_id FROM adjust_usage('%s', '%s', 'a1', 's1', 'k11', 'USD', %s, 'agreed', 'Adjustment', %s, %s)"
                      % (partner, day, *sums))

    def load(self, partner, text):
        self.call('load', partner, text, "SELECT batch_id FROM load_csv('%s', 'partner-export', %s)" % (partner, literal(text)))

    def call(self, kind, partner, what, statement):
        rows, state = self.session.run(statement)
        self.states[kind + ' ' + state] += 1
        if state == '00000':
            self.done.append((int(rows[0]), kind, partner, what))
        elif state not in BY_RULE:
            raise Differs('%s: %s %s' % (kind, state, self.session.last_errors()))


def close_months(session, months, workers):
    """Closes the first months of each partner while the others load; what they reject does not keep a month open."""
    session.must("UPDATE setting SET value = 'ignore' WHERE name LIKE 'close%'")
    for month in months:
        for partner in PARTNERS:
            if not any(worker.is_alive() for worker in workers):
                return
            session.must('SELECT pg_sleep(0.3)')
            session.must("SELECT close_partner('%s', '%s')" % (partner, month))


def lines_by_day(text):
    days = collections.defaultdict(list)
    for record in csv.DictReader(io.StringIO(text.removeprefix('\ufeff'), newline='')):
        try:
            line = model.line_of(record)
            days[line.pop('day')].append(line)
        except model.Reject:
            pass
    return days


def explain(session, partner_id, done):
    """Follows the versions of each unit, says what each must hold, and fills a model with them."""
    partner = model.Partner(partner_id, partner_id + '-own')
    batches = {}
    for batch_id, kind, owner, what in done:
        if owner == partner_id:
            batches[batch_id] = (kind, what, lines_by_day(what) if kind == 'load' else None)
    rows = session.json("SELECT coalesce(jsonb_agg(jsonb_build_array(d.source, d.usage_day, d.batch_id, d.billed_in, d.reversed_in, "
                        "(extract(epoch FROM d.recorded_at) * 1000000)::bigint, CASE WHEN isfinite(d.superseded_at) THEN (extract(epoch FROM d.superseded_at) * 1000000)::bigint END, "
                        "b.undoes) ORDER BY d.recorded_at), '[]') FROM usage_day d JOIN load_batch b USING (batch_id) WHERE d.partner_id = '%s'" % partner_id)
    closed = {row.split('|')[0]: int(row.split('|')[1]) for row in session.must(
        "SELECT month, (extract(epoch FROM closed_at) * 1000000)::bigint FROM billing_period WHERE partner_id = '%s' AND closed_at IS NOT NULL" % partner_id)}
    days_told = {(int(row.split('|')[0]), row.split('|')[1]): row.split('|')[2] for row in session.must(
        "SELECT batch_id, usage_day, outcome FROM load_day WHERE partner_id = '%s'" % partner_id)}
    objects = {}
    written = set()
    for source, day_text, batch_id, billed_in, reversed_in, recorded_at, superseded_at, undoes in rows:
        day = datetime.date.fromisoformat(day_text)
        unit = (source, day)
        where = '%s %s %s batch %d' % (partner_id, source, day, batch_id)
        if batch_id not in batches:
            raise Differs(where + ': a version of a load that nobody was told of')
        kind, what, by_day = batches[batch_id]
        versions = partner.units.setdefault(unit, [])
        if versions and (versions[-1].superseded_at != recorded_at or versions[-1].reversed_in.isoformat() != billed_in):
            raise Differs(where + ': does not follow the version before it')
        if (batch_id, unit) in written:
            raise Differs(where + ': two versions of a day from one load')
        written.add((batch_id, unit))
        if kind == 'load':
            lines = by_day[day]
        elif kind == 'adjust':
            whole = dict.fromkeys(model.TEXTS + model.AMOUNTS)
            whole.update(what[1], attributes=(('reason', 'agreed'),))
            lines = (versions[-1].lines if versions else []) + [whole]
        else:
            if versions[-1].batch.batch_id != undoes:
                raise Differs(where + ': undid a load that was not the latest')
            lines = versions[-2].lines if len(versions) > 1 else []
        if versions and model.contents(versions[-1].lines) == model.contents(lines):
            raise Differs(where + ': a second version of the same content')
        for month, at in closed.items():
            if billed_in == month and recorded_at > at:
                raise Differs(where + ': stamped into %s after it was closed' % month)
            if month >= model.month_of(day).isoformat() and billed_in > month and recorded_at < at:
                raise Differs(where + ': not in %s, which was still open' % month)
        batch = objects.setdefault(batch_id, model.Batch(source, kind))
        batch.batch_id = int(batch_id)
        version = model.Version(lines, batch, datetime.date.fromisoformat(billed_in))
        version.recorded_at, version.superseded_at = int(recorded_at), superseded_at
        version.reversed_in = reversed_in and datetime.date.fromisoformat(reversed_in)
        versions.append(version)
    told = {(batch, day) for (batch, day), outcome in days_told.items() if outcome == 'loaded'}
    if told != {(int(batch), unit[1].isoformat()) for batch, unit in written}:
        raise Differs('%s: load_day and usage_day tell different things' % partner_id)
    known = {int(row) for row in session.must("SELECT batch_id FROM load_batch WHERE partner_id = '%s'" % partner_id) if row}
    if known != set(batches):
        raise Differs('%s: loads lost or made up: %s' % (partner_id, known ^ set(batches)))
    # what a load left unchanged was there
    for batch_id, (kind, _, by_day) in batches.items():
        for day, lines in (by_day or {}).items():
            if days_told.get((batch_id, day.isoformat())) == 'unchanged' and not any(
                    model.contents(v.lines) == model.contents(lines) for v in partner.units['partner-export', day]):
                raise Differs('batch %d, %s: said unchanged, and was never there' % (batch_id, day))
    return partner, len(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0])
    parser.add_argument('--loads', type=int, default=40, help='of each session')
    parser.add_argument('--seed', type=int, default=None)
    options = parser.parse_args()
    seed = options.seed or random.SystemRandom().randint(1, 10 ** 6)
    print('seed %d' % seed)
    make_ledger(LEDGER, PARTNERS)
    shared = {partner: [] for partner in PARTNERS}
    barrier = threading.Barrier(WORKERS)
    workers = [Worker(number, seed, options.loads, shared, barrier) for number in range(WORKERS)]
    session = Session(LEDGER)
    for worker in workers:
        worker.start()
    close_months(session, ('2026-09-01', '2026-10-01'), workers)
    states = collections.Counter()
    done = []
    for worker in workers:
        worker.join()
        worker.session.close()
        states += worker.states
        done += worker.done
    print('%d sessions: %s' % (WORKERS, ', '.join('%s %d' % item for item in sorted(states.items()))))
    # a broken barrier is only what the others saw of it
    wrong = sorted((worker.error for worker in workers if worker.error), key=lambda error: isinstance(error, threading.BrokenBarrierError))
    versions = 0
    try:
        if wrong:
            raise wrong[0]
        for partner_id in PARTNERS:
            partner, number = explain(session, partner_id, done)
            versions += number
            found = answers_of(session.json(ANSWERS % {'partner': literal(partner_id)}))
            for what, expected, answer in zip(('usage', 'consumption_total', 'restatement'), (partner.usage(), partner.totals(), partner.restatements()), found):
                compare('%s: %s' % (partner_id, what), dict(expected), dict(answer))
        sound = [row for row in session.must('SELECT * FROM verify()') if row]
        if sound:
            raise Differs('verify: %s' % sound[:5])
    except (Differs, RuntimeError, ConnectionError) as difference:
        print(difference)
        return 1
    finally:
        session.close()
    print('%d versions of days, each from one load; all answers are the model\'s' % versions)
    return 0


if __name__ == '__main__':
    sys.exit(main())
