"""What a ledger must know of usage, in plain dictionaries: written from the texts (design, domain), not from the SQL.

Amounts are fractions. A version of a unit (source, day) is a list of lines, and two months: the one that bills it and the one
that takes it off again, each the earliest month that was open then and is not before the month of the day.
"""

import collections
import csv
import datetime
import fractions
import hashlib
import io
import re

Fraction = fractions.Fraction
NUMBER = re.compile(r'[+-]?\d+(\.\d+)?([eE][+-]?\d+)?')
CURRENCIES = {'USD', 'RUB', 'KZT', 'EUR', 'GBP', 'CHF', 'CAD', 'AUD', 'TRY', 'INR', 'BRL', 'CNY', 'RSD', 'UZS', 'AMD', 'JPY', 'KRW'}
TEXTS = ('account_id', 'account_name', 'cloud_id', 'cloud_name', 'folder_id', 'folder_name', 'resource_id', 'service_id', 'service_name',
         'sku_id', 'sku_name', 'currency', 'charge_category', 'pricing_unit', 'locale', 'updated_at', 'exported_at')
AMOUNTS = ('pricing_quantity', 'cost', 'credit', 'grant_credit', 'volume_incentive_credit', 'cud_credit', 'misc_credit', 'reward')
NO_CONTENT = {'account_name', 'cloud_name', 'folder_name', 'service_name', 'sku_name', 'locale', 'updated_at', 'exported_at'}
COLUMN_OF = {'account_id': 'billing_account_id', 'account_name': 'billing_account_name', 'grant_credit': 'monetary_grant_credit'}
KEY = ('account_id', 'service_id', 'sku_id', 'currency', 'charge_category')
ADJUSTMENT = 'adjustment'


class Refused(Exception):
    """What the ledger must refuse, and the SQLSTATEs it may do so with."""

    def __init__(self, states):
        super().__init__(states)
        self.states = states


class Reject(Exception):
    def __init__(self, column):
        super().__init__(column)
        self.column = column


def month_of(day):
    return day.replace(day=1)


def next_month(month):
    return (month + datetime.timedelta(days=32)).replace(day=1)


def amount(column, text):
    if not NUMBER.fullmatch(text):
        raise Reject(column)
    value = Fraction(text)
    if (value * 10 ** 18).denominator != 1 or abs(value) > 10 ** 18:
        raise Reject(column)
    return value


def moment(text):
    if not text:
        return None
    when = datetime.datetime.fromisoformat(text.replace('Z', '+00:00').replace(' ', 'T'))
    return when if when.tzinfo else when.replace(tzinfo=datetime.timezone.utc)


def line_of(record):
    """A line of usage from a record of a partner export, or Reject."""
    line = {}
    for name in TEXTS:
        line[name] = record.get(COLUMN_OF.get(name, name)) or None
    line['charge_category'] = 'Usage'
    for name in ('account_id', 'service_id', 'sku_id', 'currency'):
        if line[name] is None:
            raise Reject(COLUMN_OF.get(name, name))
    if line['currency'] not in CURRENCIES:
        raise Reject('currency')
    try:
        line['day'] = datetime.date.fromisoformat(record['date'])
    except ValueError:
        raise Reject('date') from None
    for name in AMOUNTS:
        column = COLUMN_OF.get(name, name)
        text = record.get(column)
        if name in ('cost', 'credit', 'grant_credit'):
            line[name] = amount(column, text)
        else:
            line[name] = amount(column, text) if text else None
    line['attributes'] = tuple(sorted((k, v) for k, v in record.items() if k.startswith('label.') and v)) or None
    return line


def content(line):
    return tuple((k, v) for k, v in sorted(line.items()) if k not in NO_CONTENT)


def contents(lines):
    return collections.Counter(content(line) for line in lines)


class Sum:
    """What lines come to: amounts by day, lines, reward; and whether any line told a reward."""

    def __init__(self):
        self.days = collections.defaultdict(lambda: [Fraction(0)] * 3)
        self.lines = 0
        self.reward = Fraction(0)
        self.any_reward = False

    def add(self, line, day, sign):
        grant = line['grant_credit']
        self.days[day] = [a + sign * b for a, b in zip(self.days[day], (line['cost'], grant, line['credit'] - grant))]
        self.lines += sign
        if line['reward'] is not None:
            self.reward += sign * line['reward']
            self.any_reward = True

    def series(self):
        return {day.isoformat(): tuple(sums) for day, sums in self.days.items() if any(sums)}

    def total(self):
        return tuple(sum((sums[i] for sums in self.days.values()), Fraction(0)) for i in range(3))


class Version:
    def __init__(self, lines, batch, billed_in):
        self.lines = lines
        self.batch = batch
        self.billed_in = billed_in
        self.reversed_in = None
        self.recorded_at = None    # told by the ledger: microseconds
        self.superseded_at = None


class Batch:
    def __init__(self, source, fmt):
        self.batch_id = None       # told by the ledger
        self.source = source
        self.format = fmt
        self.lines = self.loaded = self.rejected = 0
        self.totals = {}
        self.outcome = 'unchanged'
        self.undoes = None
        self.reason = None
        self.sha256 = None
        self.days = {}             # day -> (outcome, lines, exported_at, billed_in)
        self.rejects = []


class Partner:
    """The usage of one partner."""

    first_month = datetime.date(2026, 9, 1)

    def __init__(self, partner_id, own_account):
        self.partner_id = partner_id
        self.own_account = own_account
        self.units = {}            # (source, day) -> versions, oldest first
        self.closed = set()
        self.batches = []
        self.sources = {}          # source -> complementary

    # months

    def open_month(self, day):
        month = month_of(day)
        while month in self.closed:
            month = next_month(month)
        return month

    def month_to_close(self):
        return self.open_month(self.first_month)

    # versions

    def current(self, source, day):
        versions = self.units.get((source, day))
        return versions[-1] if versions else None

    def replace(self, source, day, lines, batch):
        """A new version, unless the content is there; the month that bills the change, or None."""
        current = self.current(source, day)
        if current is not None and contents(current.lines) == contents(lines):
            return None
        billed_in = self.open_month(day)
        if current is not None:
            current.reversed_in = billed_in
        self.units.setdefault((source, day), []).append(Version(lines, batch, billed_in))
        return billed_in

    def told_twice(self, source, day, lines):
        if self.sources.get(source):
            return False
        mine = {(line['account_id'], line['currency']) for line in lines}
        return any(mine & {(line['account_id'], line['currency']) for line in versions[-1].lines}
                   for (other, other_day), versions in self.units.items()
                   if other != source and other_day == day and not self.sources[other])

    # what people do

    def standing(self, batch):
        """Whether a batch is not undone; an undone undoing undoes nothing."""
        return not any(other.undoes is batch and self.standing(other) for other in self.batches)

    def load(self, text, source, covers=(), allow_older=False):
        batch = Batch(source, 'partner-export')
        batch.sha256 = hashlib.sha256(text.encode()).hexdigest()
        by_day = {day: [] for day in covers}
        exported = {}
        reader = csv.DictReader(io.StringIO(text.removeprefix('\ufeff'), newline=''))
        at = 2
        for record in reader:
            batch.lines += 1
            try:
                line = line_of(record)
                by_day.setdefault(line.pop('day'), []).append(line)
            except Reject as reject:
                batch.rejects.append((at, reject.column))
            at = reader.line_num + 1
        batch.rejected = len(batch.rejects)
        batch.loaded = batch.lines - batch.rejected
        for day, lines in by_day.items():
            exported[day] = max((moment(line['exported_at']) for line in lines if line['exported_at']), default=None)
        told = [m for m in exported.values() if m]
        for day, lines in by_day.items():
            if not lines:
                exported[day] = max(told, default=None)  # a day without lines is as old as the file
        states = set()
        for day, lines in by_day.items():
            current = self.current(source, day)
            if self.told_twice(source, day, lines):
                states.add('23505')
            if current is None or contents(current.lines) != contents(lines):
                known = [b.days[day][2] for b in self.batches if b.source == source and day in b.days and b.days[day][2] and self.standing(b)]
                if exported[day] and known and exported[day] < max(known) and not allow_older:
                    states.add('55000')
        if states:
            raise Refused(states)
        self.sources.setdefault(source, False)
        for day in sorted(by_day):
            billed_in = self.replace(source, day, by_day[day], batch)
            batch.days[day] = ('loaded' if billed_in else 'unchanged', len(by_day[day]), exported[day], billed_in)
            self.count(batch, by_day[day])
        self.finish(batch)
        return batch

    def count(self, batch, lines):
        for line in lines:
            sums = batch.totals.setdefault(line['currency'], {'cost': Fraction(0), 'grant_credit': Fraction(0), 'other_credit': Fraction(0)})
            sums['cost'] += line['cost']
            sums['grant_credit'] += line['grant_credit']
            sums['other_credit'] += line['credit'] - line['grant_credit']

    def finish(self, batch):
        batch.outcome = 'loaded' if any(day[0] == 'loaded' for day in batch.days.values()) else 'unchanged'
        self.batches.append(batch)

    def undo(self, undone, reason):
        if not all(other.undoes is not undone for other in self.batches):
            raise Refused({'55000'})
        changes = {}
        for day, (outcome, _, _, billed_in) in undone.days.items():
            if outcome != 'loaded':
                continue
            if billed_in in self.closed:
                raise Refused({'55000'})
            versions = self.units[undone.source, day]
            # a version that had to go with prune_versions would be missed here, so it must not go
            changes[day] = (versions[-2].lines if len(versions) > 1 else []) if versions[-1].batch is undone else None
            if changes[day] is not None and self.told_twice(undone.source, day, changes[day]):
                raise Refused({'23505'})
        batch = Batch(undone.source, 'undo')
        batch.undoes = undone
        batch.reason = reason
        batch.sha256 = undone.sha256
        for day, lines in changes.items():
            if lines is None:
                batch.days[day] = ('left', 0, None, None)
            else:
                billed_in = self.replace(undone.source, day, lines, batch)
                batch.days[day] = ('loaded' if billed_in else 'unchanged', len(lines), None, billed_in)
        self.finish(batch)
        return batch

    def adjust(self, day, line, reason):
        batch = Batch(ADJUSTMENT, 'adjustment')
        batch.reason = reason
        whole = dict.fromkeys(TEXTS + AMOUNTS)
        whole.update(line, attributes=(('reason', reason),))
        current = self.current(ADJUSTMENT, day)
        lines = (current.lines if current else []) + [whole]
        self.sources[ADJUSTMENT] = True
        billed_in = self.replace(ADJUSTMENT, day, lines, batch)
        batch.lines = batch.loaded = 1
        batch.days[day] = ('loaded', 1, None, billed_in)
        self.count(batch, [whole])
        self.finish(batch)
        return batch

    def close(self):
        month = self.month_to_close()
        self.closed.add(month)
        return month

    def prune(self, before):
        """Versions superseded before, on the day they were recorded, and never billed; what undo_batch needs stays."""
        pruned = []
        for unit, versions in self.units.items():
            kept = []
            for version, later in zip(versions, versions[1:] + [None]):
                if (later is not None and later is not versions[-1] and version.reversed_in == version.billed_in and version.superseded_at < before
                        and day_of(version.recorded_at) == day_of(later.recorded_at)):
                    pruned.append(version)
                else:
                    kept.append(version)
            self.units[unit] = kept
        return pruned

    # what the ledger is asked

    def usage(self):
        rows = collections.Counter()
        for (source, day), versions in self.units.items():
            for line in versions[-1].lines:
                row = dict(line, source=source, usage_day=day.isoformat(), batch_id=versions[-1].batch.batch_id,
                           other_credit=line['credit'] - line['grant_credit'])
                rows[tuple(sorted(row.items()))] += 1
        return rows

    def totals(self):
        sums = collections.defaultdict(Sum)
        for (_, day), versions in self.units.items():
            for version in versions:
                if version.billed_in == version.reversed_in:
                    continue
                for month, sign in ((version.billed_in, 1), (version.reversed_in, -1)):
                    for line in version.lines if month else ():
                        sums[(month.isoformat(), month_of(day).isoformat()) + tuple(line[k] for k in KEY)].add(line, day, sign)
        rows = {}
        for key, total in sums.items():
            series = total.series()
            reward = total.reward if total.any_reward else None
            if series or total.lines or reward:
                section = 'own' if key[2] == self.own_account else 'customers'
                rows[key] = (section, series, total.lines, reward)
        return rows

    def content_totals(self):
        """The current content alone, whatever billed it."""
        sums = collections.defaultdict(Sum)
        for (_, day), versions in self.units.items():
            for line in versions[-1].lines:
                sums[(month_of(day).isoformat(),) + tuple(line[k] for k in KEY)].add(line, day, 1)
        return {key: (total.series(), total.lines) for key, total in sums.items() if total.series() or total.lines}

    def restatements(self):
        rows = {}
        for (source, day), versions in self.units.items():
            for old, new in zip(versions, versions[1:]):
                sums = collections.defaultdict(Sum)
                for version, sign in ((old, -1), (new, 1)):
                    for line in version.lines:
                        sums[tuple(line[k] for k in KEY)].add(line, day, sign)
                for key, total in sums.items():
                    if any(total.total()) or total.lines:
                        # reporting days are those of UTC+3
                        days_after = (day_of(new.recorded_at + 3 * 3600 * 10 ** 6) - day).days
                        rows[(source, day.isoformat(), new.recorded_at) + key] = (
                            total.total(), total.lines, new.batch.batch_id, new.billed_in.isoformat(), days_after)
        return rows

    def versions(self):
        return {(source, day.isoformat(), place): (v.batch.batch_id, v.billed_in.isoformat(), v.reversed_in and v.reversed_in.isoformat(), len(v.lines))
                for (source, day), versions in self.units.items() for place, v in enumerate(versions)}


def day_of(microseconds):
    return (datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=microseconds)).date()
