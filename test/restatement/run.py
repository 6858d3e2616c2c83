#!/usr/bin/env python3
"""Random sequences of loads, restatements, undoing, adjustments and closed months: after every step the ledger on the server of
the PG* variables and the model (model.py) must agree to the last digit.

    run.py [--sequences N] [--seed S] [--only K] [--self-test] [--idempotence N]

Ends with 0 if they agree. The same seed gives the same sequences.
"""

import argparse
import collections
import datetime
import random
import sys

import files
import model
from server import Session, literal, make_ledger

LEDGER = 'restated'

# Everything the ledger answers about a partner, as one JSON value. It is put together by the server, compared here.
ANSWERS = '''
SELECT jsonb_build_object(
    'usage', (SELECT coalesce(jsonb_agg(to_jsonb(u) - 'partner_id'), '[]') FROM usage u WHERE u.partner_id = %(partner)s),
    'totals', (SELECT coalesce(jsonb_agg(to_jsonb(t) - '{partner_id,consumption}'::text[] || jsonb_build_object('series', (
                   SELECT coalesce(jsonb_object_agg(d.day, jsonb_build_array(d.cost, d.grant_credit, d.other_credit)), '{}') FROM days(t.consumption) d))), '[]')
               FROM consumption_total t WHERE t.partner_id = %(partner)s),
    'restatements', (SELECT coalesce(jsonb_agg(to_jsonb(r) - '{partner_id,changed_at}'::text[]
                                               || jsonb_build_object('changed_at', (extract(epoch FROM r.changed_at) * 1000000)::bigint)), '[]')
                     FROM restatement r WHERE r.partner_id = %(partner)s))'''
STORED = '''
SELECT jsonb_build_object(
    'versions', (SELECT coalesce(jsonb_agg(jsonb_build_array(d.source, d.usage_day, d.batch_id, d.billed_in, d.reversed_in, d.line_count,
                     (extract(epoch FROM d.recorded_at) * 1000000)::bigint,
                     CASE WHEN isfinite(d.superseded_at) THEN (extract(epoch FROM d.superseded_at) * 1000000)::bigint END)
                     ORDER BY d.source, d.usage_day, d.recorded_at), '[]')
                 FROM usage_day d WHERE d.partner_id = %(partner)s),
    'batches', (SELECT coalesce(jsonb_agg(to_jsonb(b) - '{partner_id,sha256,recorded_at,duration}'::text[]
                       || jsonb_build_object('sha256', encode(b.sha256, 'hex')) ORDER BY b.batch_id), '[]') FROM load_batch b WHERE b.partner_id = %(partner)s),
    'days', (SELECT coalesce(jsonb_agg(jsonb_build_array(l.batch_id, l.usage_day, l.outcome, l.line_count, extract(epoch FROM l.exported_at), l.billed_in)), '[]')
             FROM load_day l WHERE l.partner_id = %(partner)s AND l.batch_id >= %(since)d),
    'rejects', (SELECT coalesce(jsonb_agg(jsonb_build_array(r.batch_id, r.line_number, r.column_name)), '[]')
                FROM rejected_line r JOIN load_batch b USING (batch_id) WHERE b.partner_id = %(partner)s AND b.batch_id >= %(since)d))'''


class Differs(Exception):
    pass


def compare(what, expected, found):
    if expected == found:
        return
    if not isinstance(expected, dict):
        raise Differs('%s\n  expected %s\n  found    %s' % (what, expected, found))
    keys = [k for k in list(expected) + [k for k in found if k not in expected] if expected.get(k) != found.get(k)]
    raise Differs('%s: %d of %d differ, the first:\n  at       %s\n  expected %s\n  found    %s' % (
        what, len(keys), len(set(expected) | set(found)), plain(keys[0]), plain(expected.get(keys[0])), plain(found.get(keys[0]))))


def plain(value):
    """Fractions as numbers, for people."""
    if isinstance(value, model.Fraction):
        return str(value.numerator) if value.denominator == 1 else '%d/%d' % (value.numerator, value.denominator)
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, (tuple, list)):
        return tuple(plain(v) for v in value)
    return value


def frozen(row):
    attributes = row['attributes']
    row['attributes'] = tuple(sorted(attributes.items())) if attributes else None
    return tuple(sorted(row.items()))


def answers_of(found):
    """The server's answers in the form of the model's."""
    usage = collections.Counter()
    numbers = collections.defaultdict(list)
    for row in found['usage']:
        numbers[row['source'], row['usage_day']].append(row.pop('line_number'))
        usage[frozen(row)] += 1
    for unit, given in numbers.items():
        if sorted(given) != list(range(1, len(given) + 1)):
            raise Differs('line numbers of %s: %s' % (unit, sorted(given)))
    totals = {}
    for row in found['totals']:
        key = (row['billing_month'], row['usage_month']) + tuple(row[k] for k in model.KEY)
        if key in totals:
            raise Differs('consumption_total has two rows for %s' % (key,))
        reward = row['reward']
        totals[key] = (row['section'], {day: tuple(v) for day, v in row['series'].items()}, row['line_count'], reward)
    restatements = {}
    for row in found['restatements']:
        key = (row['source'], row['usage_day'], row['changed_at']) + tuple(row[k] for k in model.KEY)
        if key in restatements:
            raise Differs('restatement has two rows for %s' % (key,))
        total = (row['cost'], row['grant_credit'], row['other_credit'])
        if any(total) or row['line_count']:
            restatements[key] = (total, row['line_count'], row['batch_id'], row['billed_in'], row['days_after'])
    return usage, totals, restatements


class Sequence:
    """One partner's life in the ledger, step by step beside the model."""

    def __init__(self, session, partner_id, dice, partner_class=model.Partner):
        self.session = session
        self.dice = dice
        self.partner_id = partner_id
        self.partner = partner_class(partner_id, partner_id + '-own')
        self.accounts = [partner_id + '-own', 'a1', 'a2', 'a3']
        self.clock = 100           # minutes since files.BEGIN: when the next file is exported
        self.loaded = []           # files that were tried, and the source
        self.moments = []          # (text of the moment, answers then, units -> versions that were current)
        self.log = []
        self.counts = collections.Counter()
        self.checked_batches = 0

    def quoted(self):
        return literal(self.partner_id)

    # steps

    def load(self, file, source, covers=(), allow_older=False, what='load'):
        text = file.text(self.dice)
        covered = 'NULL'
        if covers:
            covered = "'[%s,%s]'" % (covers[0], covers[-1])
        self.log.append('%s %s source %s covers %s allow_older %s exported %s, %d records' % (
            what, file.days(), source, covered, allow_older, file.exported, len(file.records)))
        statement = "SELECT batch_id FROM load_csv(%s, 'partner-export', %s, source => %s, file_name => %s, covers => %s, allow_older => %s)" % (
            self.quoted(), literal(text), literal(source), literal('%s.csv' % what), covered, literal(allow_older))
        # no file_name is content
        self.expect(statement, lambda: self.partner.load(text, source, covers, allow_older), what)
        self.loaded.append((file, source))

    def expect(self, statement, predict, what):
        try:
            batch = predict()
            states = {'00000'}
        except model.Refused as refused:
            batch = None
            states = refused.states
        rows, state = self.session.run(statement)
        if state not in states:
            raise Differs('%s: expected SQLSTATE %s, found %s %s' % (what, ' or '.join(sorted(states)), state,
                                                                    self.session.last_errors() if state != '00000' else ''))
        self.counts[what if batch else what + ' refused'] += 1
        if batch:
            batch.batch_id = int(rows[0])

    def step(self):
        dice = self.dice
        self.clock += dice.randint(1, 120)
        exported = None if dice.random() < 0.05 else self.clock
        kind = dice.choices(['new', 'changed', 'again', 'older', 'undo', 'adjust', 'close', 'prune', 'night', 'complement'],
                            [6, 6, 3, 3, 4, 2, 1.2, 0.7, 0.7, 0.2])[0]
        if kind in ('changed', 'again', 'older') and not self.loaded:
            kind = 'new'
        if kind == 'undo' and not self.partner.batches:
            kind = 'new'
        if kind == 'new':
            source = dice.choices(['partner-export', 'other'], [9, 1])[0]
            first = dice.randrange(len(files.DAYS))
            days = files.DAYS[first:first + dice.choice([1, 1, 2, 3])]
            covers = ()
            if dice.random() < 0.3:
                covers = [days[0] + datetime.timedelta(n) for n in range((days[-1] - days[0]).days + dice.randint(1, 2))]
                days = [day for day in days if dice.random() < 0.7]
            self.load(files.draw(dice, days, exported, self.partner_id, self.accounts), source, covers, dice.random() < 0.1)
        elif kind in ('changed', 'again', 'older'):
            file, source = dice.choice(self.loaded[-6:])
            if kind == 'changed':
                self.load(file.changed(dice, exported, self.partner_id, self.accounts), source, allow_older=dice.random() < 0.05, what='restate')
            elif kind == 'again':
                self.load(file.variant(dice, exported), source, what='same again')
            else:
                older = file.changed(dice, None if file.exported is None else file.exported - dice.randint(0, 90), self.partner_id, self.accounts)
                self.load(older, source, what='older')
                if dice.random() < 0.5:
                    self.load(older, source, allow_older=True, what='older, allowed')
        elif kind == 'undo':
            undone = dice.choice(self.partner.batches[-4:])
            self.log.append('undo %s (%s)' % (undone.batch_id, undone.format))
            self.expect("SELECT batch_id FROM undo_batch(%d, 'wrong')" % undone.batch_id, lambda: self.partner.undo(undone, 'wrong'), 'undo')
        elif kind == 'adjust':
            day = dice.choice(files.DAYS)
            line = {'account_id': dice.choice(self.accounts), 'service_id': 's1', 'sku_id': 'k11', 'currency': 'USD',
                    'charge_category': dice.choice(['Adjustment', 'Credit', 'Purchase', 'Usage', 'Tax'])}
            sums = [files.amount(dice) for _ in range(3)]
            line.update(zip(('cost', 'credit', 'grant_credit'), map(model.Fraction, sums)))
            self.log.append('adjust %s' % day)
            self.expect("SELECT batch_id FROM adjust_usage(%s, '%s', %s, %s, %s, %s, %s, 'it''s agreed', %s, %s, %s)" % (
                self.quoted(), day, *(literal(line[k]) for k in ('account_id', 'service_id', 'sku_id', 'currency')), sums[0],
                literal(line['charge_category']), sums[1], sums[2]), lambda: self.partner.adjust(day, line, "it's agreed"), 'adjust')
        elif kind == 'close':
            if len(self.partner.closed) == 3:
                return
            month = self.partner.close()
            self.log.append('close %s' % month)
            self.counts['close'] += 1
            self.session.must("INSERT INTO billing_period (partner_id, month, closed_at) VALUES (%s, '%s', now()) "
                              "ON CONFLICT (partner_id, month) DO UPDATE SET closed_at = now()" % (self.quoted(), month))
        elif kind == 'prune':
            self.prune()
        elif kind == 'night':
            self.night()
        elif kind == 'complement':
            if 'other' in self.partner.sources:
                self.partner.sources['other'] = True
                self.session.must("UPDATE usage_source SET complementary = true WHERE partner_id = %s AND source = 'other'" % self.quoted())
                self.log.append('complementary')

    def prune(self):
        self.log.append('prune')
        before, text = self.now()
        pruned = self.partner.prune(before)
        rows = self.session.must('SELECT prune_versions(%s, %s)' % (literal(text), self.quoted()))
        compare('prune_versions', len(pruned), int(rows[0]))
        self.counts['prune'] += 1
        self.counts['pruned versions'] += len(pruned)
        # moments at which one of them was current are no longer answered; restatement tells of changes between what is left
        self.moments = [(at, answers[:2] + (None,) if pruned else answers) for at, answers in self.moments
                        if not any(v.recorded_at <= at < v.superseded_at for v in pruned)]

    def night(self):
        """A day goes by: everything recorded so far was recorded a day earlier."""
        self.log.append('night')
        self.counts['night'] += 1
        self.session.must('SET session_replication_role = replica')
        self.session.must("UPDATE usage_day SET recorded_at = recorded_at - interval '24 hours', superseded_at = superseded_at - interval '24 hours' "
                          "WHERE partner_id = %s" % self.quoted())
        self.session.must('RESET session_replication_role')
        # what was recorded then names moments of the day before
        day = 24 * 3600 * 10 ** 6
        for place, (at, answers) in enumerate(self.moments):
            self.moments[place] = (at - day, (answers[0], answers[1], answers[2] and {
                key[:2] + (key[2] - day,) + key[3:]: row[:4] + (row[4] - 1,) for key, row in answers[2].items()}))

    def now(self):
        rows = self.session.must("SELECT (extract(epoch FROM m) * 1000000)::bigint, m FROM clock_timestamp() m")
        at, text = rows[0].split('|')
        return int(at), text

    # checks

    def check(self):
        values = {'partner': self.quoted(), 'since': self.checked_batches + 1}
        stored = self.session.json(STORED % values)
        self.check_versions(stored['versions'])
        self.check_batches(stored)
        found = answers_of(self.session.json(ANSWERS % values))
        for what, expected, answer in zip(('usage', 'consumption_total', 'restatement'),
                                          (self.partner.usage(), self.partner.totals(), self.partner.restatements()), found):
            compare(what, dict(expected), dict(answer))
        self.check_sum(found[1])
        self.moments.append((self.now()[0], found))
        self.counts['steps'] += 1

    def check_versions(self, rows):
        found = collections.defaultdict(list)
        for source, day, batch_id, billed_in, reversed_in, lines, recorded_at, superseded_at in rows:
            found[source, day].append((batch_id, billed_in, reversed_in, lines, int(recorded_at), superseded_at))
        compare('usage_day', self.partner.versions(), {unit + (place,): row[:4] for unit, versions in found.items() for place, row in enumerate(versions)})
        for (source, day), versions in self.partner.units.items():
            for version, row in zip(versions, found[source, day.isoformat()]):
                version.recorded_at = row[4]
                version.superseded_at = None if row[5] is None else int(row[5])

    def check_batches(self, stored):
        expected = {}
        for batch in self.partner.batches:
            expected[batch.batch_id] = {
                'batch_id': batch.batch_id, 'source': batch.source, 'format': batch.format, 'lines': batch.lines, 'loaded': batch.loaded,
                'rejected': batch.rejected, 'outcome': batch.outcome, 'undoes': batch.undoes and batch.undoes.batch_id, 'reason': batch.reason,
                'sha256': batch.sha256, 'totals': batch.totals}
        found = {}
        for row in stored['batches']:
            row.pop('file_name')
            row['totals'] = {currency: {name: model.Fraction(value) for name, value in sums.items()} for currency, sums in row['totals'].items()}
            found[row['batch_id']] = row
        compare('load_batch', expected, found)
        since = self.checked_batches
        compare('load_day', {(b.batch_id, day.isoformat()): (outcome, lines, exported and exact_epoch(exported), billed_in and billed_in.isoformat())
                             for b in self.partner.batches if b.batch_id > since for day, (outcome, lines, exported, billed_in) in b.days.items()},
                {(row[0], row[1]): tuple(row[2:]) for row in stored['days']})
        compare('rejected_line', {b.batch_id: sorted(b.rejects) for b in self.partner.batches if b.batch_id > since and b.rejects},
                {batch: sorted((r[1], r[2]) for r in stored['rejects'] if r[0] == batch) for batch in {r[0] for r in stored['rejects']}})
        self.checked_batches = max([since] + [int(b.batch_id) for b in self.partner.batches])

    def check_sum(self, totals):
        """Over all billing months, what was billed and taken off comes to what is there."""
        sums = collections.defaultdict(lambda: [collections.defaultdict(lambda: [model.Fraction(0)] * 3), 0])
        for (_, usage_month, *key), (_, series, lines, _) in totals.items():
            total = sums[(usage_month,) + tuple(key)]
            total[1] += lines
            for day, values in series.items():
                total[0][day] = [a + b for a, b in zip(total[0][day], values)]
        found = {}
        for key, (series, lines) in sums.items():
            series = {day: tuple(values) for day, values in series.items() if any(values)}
            if series or lines:
                found[key] = (series, lines)
        compare('sum over billing months', self.partner.content_totals(), found)

    def check_moments(self):
        for place, (at, answers) in enumerate(self.moments):
            text = literal(str(datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=at)) + '+00')
            self.session.must('BEGIN')
            if place % 2:
                self.session.must('SELECT as_of(%s)' % text)
            else:
                self.session.must('SET LOCAL bonus.known_at = %s' % text)
            found = answers_of(self.session.json(ANSWERS % {'partner': self.quoted()}))
            self.session.must('COMMIT')
            for what, expected, answer in zip(('usage', 'consumption_total', 'restatement'), answers, found):
                if expected is None:
                    continue
                compare('%s as of %s, after step %d' % (what, text, place), dict(expected), dict(answer))
            self.counts['moments'] += 1

    def live(self, steps):
        for _ in range(steps):
            self.step()
            self.check()
        if self.dice.random() < 0.3:
            self.prune()
            self.check()
        self.check_moments()


def exact_epoch(when):
    delta = when - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    return model.Fraction(delta // datetime.timedelta(microseconds=1), 10 ** 6)


def run_sequences(seed, numbers, partner_class=model.Partner, quiet=False):
    """Lives of partners; the counts, or the first difference."""
    session = Session(LEDGER)
    counts = collections.Counter()
    try:
        for number in numbers:
            dice = random.Random('%d %d' % (seed, number))
            sequence = Sequence(session, 'p%d' % number, dice, partner_class)
            try:
                sequence.live(dice.randint(6, 18))
            except Differs as difference:
                if not quiet:
                    print('sequence %d (run.py --seed %d --only %d), after:' % (number, seed, number))
                    for line in sequence.log:
                        print('   ', line)
                    print(difference)
                return None
            counts.update(sequence.counts)
            counts['sequences'] += 1
    finally:
        session.close()
    return counts


# Plausible mistakes. Each has to be told from the truth.

class BilledInOwnMonth(model.Partner):
    def open_month(self, day):
        return model.month_of(day)


class NothingTakenOff(model.Partner):
    def totals(self):
        for versions in self.units.values():
            for version in versions:
                version.reversed_in = version.billed_in if version.reversed_in else None
        return super().totals()


class UndoEmpties(model.Partner):
    def undo(self, undone, reason):
        for versions in self.units.values():
            if len(versions) > 1 and versions[-1].batch is undone:
                versions[-2].lines = []
        return super().undo(undone, reason)


class OlderAccepted(model.Partner):
    def load(self, text, source, covers=(), allow_older=False):
        return super().load(text, source, covers, True)


class CoversIgnored(model.Partner):
    def load(self, text, source, covers=(), allow_older=False):
        return super().load(text, source, (), allow_older)


class NamesAreContent(model.Partner):
    def replace(self, source, day, lines, batch):
        current = self.current(source, day)
        if current is not None and model.contents(current.lines) == model.contents(lines) and current.lines != lines:
            current.lines = current.lines + [dict(lines[0], cost=model.Fraction(1, 7))]
        return super().replace(source, day, lines, batch)


MISTAKES = (BilledInOwnMonth, NothingTakenOff, UndoEmpties, OlderAccepted, CoversIgnored, NamesAreContent)


def self_test(seed):
    missed = 0
    for mistake in MISTAKES:
        numbers = range(1, 41)
        make_ledger(LEDGER, ['p%d' % n for n in numbers])
        noticed = run_sequences(seed, numbers, mistake, quiet=True) is None
        print('%s: %s' % (mistake.__name__, 'noticed' if noticed else 'NOT NOTICED in %d sequences' % len(numbers)))
        missed += not noticed
    return missed


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0])
    parser.add_argument('--sequences', type=int, default=60)
    parser.add_argument('--seed', type=int, default=None)
    parser.add_argument('--only', type=int, default=None)
    parser.add_argument('--self-test', action='store_true')
    options = parser.parse_args()
    seed = options.seed or random.SystemRandom().randint(1, 10 ** 6)
    print('seed %d' % seed)
    if options.self_test:
        return 1 if self_test(seed) else 0
    numbers = [options.only] if options.only else range(1, options.sequences + 1)
    make_ledger(LEDGER, ['p%d' % n for n in numbers])
    counts = run_sequences(seed, numbers)
    if counts is None:
        return 1
    print(', '.join('%s %d' % item for item in sorted(counts.items())))
    return 0


if __name__ == '__main__':
    sys.exit(main())
