"""Rules of a few partners that share programs, and how they change: rows of the rule tables, as oracle/exact.py takes them."""
import shared  # noqa: F401

from days import UNBOUNDED, day_text, days_of_month, first_of_month, ordinal, validity
from documents import Books, DatedRules, Vat
from edits import changed, value
from histories import validity_text
from model import datetime
from tables import TABLES, Edit

CURRENCIES = ('USD', 'USD', 'USD', 'JPY')
MODES = ('half away from zero',) * 5 + ('half even', 'half up', 'down', 'up', 'truncate')
COUNTRIES = (None, None, 'RS', 'RS', 'KZ', 'GE', 'AM', 'ME')
PRODUCTS = (('compute', 'cpu'), ('compute', 'ram'), ('storage', 'gb'), ('marketplace', 'image'))
VAT_COLUMNS = ('vat_rate_id', 'country', 'currency', 'validity', 'category', 'rate', 'included')
# On these all who earn bonus have terms: nothing begins before.
TERMS_DAYS = 800


def next_month(month):
    return day_text(days_of_month(month)[1])


class Change:
    """Edits of rules that belong together; `since` is the first day that they touch."""

    def __init__(self, edits, vat=()):
        self.edits, self.vat = edits, vat

    def statements(self, ledger):
        yield from (edit.statement(ledger).rstrip(';\n') for edit in self.edits)
        for before, after in self.vat:
            if before:
                yield "UPDATE vat_rate SET validity = '%s' WHERE vat_rate_id = %s" % (after[3], after[0])
            else:
                yield vat_statement(after)


def vat_statement(row):
    return 'INSERT INTO vat_rate (%s) OVERRIDING SYSTEM VALUE VALUES (%s)' % (', '.join(VAT_COLUMNS), ', '.join("'%s'" % text for text in row))


class World:
    """Partners, their rules and their books."""

    def __init__(self, dice, partners, months):
        self.dice, self._last_id = dice, 0
        self.tables = {table: [] for table in TABLES}
        self.vat_rows = []
        self.first_month = '%d-%02d-01' % (dice.pick((2023, 2024, 2025)), 1 + dice.below(12))
        self.months = [self.first_month]
        while len(self.months) < months:
            self.months.append(next_month(self.months[-1]))
        self.begin = ordinal(self.first_month)
        self.end = days_of_month(self.months[-1])[1]
        for service, sku in PRODUCTS:
            if ('service', service) not in {('service', row[0]) for row in self.tables['service']}:
                self.add('service', service, service)
            self.add('sku', sku, service, sku)
        self._programs()
        self._vat()
        self.countries, self.accounts = {}, {}
        for number in range(1, partners + 1):
            self._partner('p%d' % number)
        self.refresh()
        self.books = {partner: Books(partner, partner + '-own', self.countries[partner], datetime.date.fromisoformat(dice.pick((*self.months[:1] * 3, self.months[1]))), self)
                      for partner in self.countries}

    def refresh(self):
        self.rules, self.vat = DatedRules(self.tables), Vat(self.vat_rows)

    def new_id(self):
        self._last_id += 1
        return str(self._last_id)

    def add(self, table, *row):
        self.tables[table].append(row)
        return row

    def day(self):
        """A day on which rules change: the edges of months, and any other."""
        month = self.dice.pick(self.months)
        first, after = days_of_month(month)
        return self.dice.pick((first, first + 1, first + 14, after - 1, first + self.dice.below(after - first)))

    def span(self, first, after):
        return validity_text(self.dice, first, after)

    # rules at the start

    def _programs(self):
        dice = self.dice
        for program, volume_rule in (('flat', None), ('slab', 'slab'), ('grad', 'graduated'), ('mixed', 'mixed')):
            self.add('program', program, program)
            for currency in ('USD', 'JPY'):
                cuts = sorted({self.begin - TERMS_DAYS, UNBOUNDED, *(self.day() for _ in range(dice.pick((0, 0, 1))))})
                for first, after in zip(cuts, cuts[1:]):
                    rule = volume_rule if volume_rule != 'mixed' else dice.pick((None, 'slab', 'graduated'))
                    self.terms(program, currency, first, after, rule)
            for _ in range(dice.pick((0, 1, 1, 2))):
                self.exclusion(program, *sorted((self.day(), dice.pick((UNBOUNDED, self.day())))))

    def terms(self, program, currency, first, after, rule):
        dice, scale = self.dice, '100' if currency == 'JPY' else '1'
        # deals have at most 15 points
        row = self.add('program_terms', self.new_id(), program, currency, self.span(first, after), dice.pick(('0.2', '0.1', '0.15', '0.125')),
                       dice.pick(('0.15', '0.2')), dice.pick(('0.35', '0.3', '0.25', '1')), dice.pick(('additive', 'additive', 'compound')), rule,
                       dice.pick(MODES), dice.pick((None, None, None, None, '0', '3')))
        if rule:
            volumes = {dice.pick((50, 100, 200, 500, 1000, 3000)) * int(scale) for _ in range(dice.pick((1, 2, 3)))}
            for volume in sorted(volumes):
                self.add('program_tier', self.new_id(), row[0], str(volume), dice.pick(('0.05', '0.18', '0.22', '0.3', '0.4')))
        return row

    def exclusion(self, program, first, after):
        service, sku = self.dice.pick(PRODUCTS)
        target = self.dice.pick(((None, service, None, None), (None, None, sku, None), (None, None, None, 'Adjustment')))
        if any(row[1:6] == (program, *target) for row in self.tables['exclusion']) or first >= after:
            return None
        return self.add('exclusion', self.new_id(), program, *target, self.dice.pick(('exclude', 'exclude', 'include')), self.span(first, after))

    def _vat(self):
        """Excluded; included; another rate from some day on; the same rate, from some day on included; another category."""
        middle = {country: self.day() for country in COUNTRIES if country}
        for country, parts in (('RS', (('S', '0.2', False),)), ('KZ', (('S', '0.12', True),)), ('GE', (('S', '0.18', True), ('S', '0.2', False))),
                               ('AM', (('S', '0.2', False), ('S', '0.2', True))), ('ME', (('S', '0.21', True), ('Z', '0', False)))):
            for currency in ('USD', 'JPY'):
                cuts = [-UNBOUNDED, middle[country], UNBOUNDED] if len(parts) > 1 else [-UNBOUNDED, UNBOUNDED]
                for (category, rate, included), first, after in zip(parts, cuts, cuts[1:]):
                    self.vat_rows.append((self.new_id(), country, currency, self.span(first, after), category, rate, included))

    def _partner(self, partner):
        dice = self.dice
        self.countries[partner] = dice.pick(COUNTRIES)
        self.add('partner', partner, partner + '-own', partner)
        programs = ('flat', 'slab', 'grad', 'grad', 'mixed')
        cuts = [self.begin - TERMS_DAYS + 10, UNBOUNDED] if dice.chance(80) else [self.begin - TERMS_DAYS + 10, self.day(), UNBOUNDED]
        for first, after in zip(cuts, cuts[1:]):
            self.add('partner_program', self.new_id(), partner, dice.pick(programs), self.span(first, after))
        statuses = [(self.begin - TERMS_DAYS + 20, 'active')]
        if dice.chance(25):
            first = self.day()
            statuses += [(first, 'suspended'), (first + 1 + dice.below(20), 'active')]
        for (first, status), (after, _) in zip(statuses, [*statuses[1:], (UNBOUNDED, None)]):
            self.add('partner_status', self.new_id(), partner, status, self.span(first, after))
        self.accounts[partner] = [partner + '-own', 'stranger']
        linked = []
        for number in range(1, dice.pick((2, 3, 4))):
            account = '%s-%s' % (partner, 'aBc'[number - 1])
            linked.append(account)
            self.add('subaccount', account, account)
            first, after = dice.pick(((self.begin - 100, UNBOUNDED),) * 3 + ((self.day(), UNBOUNDED),))
            link = self.add('subaccount_link', self.new_id(), partner, account, self.span(first, after))
            if dice.chance(50):
                self.deal(link, first, dice.pick((UNBOUNDED, self.day())))
        self.accounts[partner] += linked * 3

    def deal(self, link, first, after):
        if first >= after:
            return None
        return self.add('deal', self.new_id(), link[1], None, 'new customer', self.dice.pick(('0.15', '0.1', '0.05')), None, None, None, None, None, None,
                        link[0], self.span(first, after), None)

    # changes

    def apply(self, change):
        for edit in change.edits:
            rows = self.tables[edit.table]
            if edit.before is None:
                rows.append(edit.after)
            elif edit.after is None:
                rows.remove(edit.before)
            else:
                rows[rows.index(edit.before)] = edit.after
        for before, after in change.vat:
            if before:
                self.vat_rows[self.vat_rows.index(before)] = after
            else:
                self.vat_rows.append(after)
        self.refresh()

    def cut(self, table, row, day):
        """The row up to a day, or None when it does not hold on both sides of it."""
        first, after = validity(value(table, row, 'validity'))
        return changed(table, row, validity=self.span(first, day)) if first < day < after else None

    def made(self, table, make):
        """What `make` would add, not added yet."""
        before = {name: len(rows) for name, rows in self.tables.items()}
        make()
        added = [Edit(name, None, row) for name in ('program_terms', 'program_tier', 'exclusion', 'deal') for row in self.tables[name][before[name]:]]
        for name, count in before.items():
            del self.tables[name][count:]
        return added

    def change_from(self, day):
        """A change of rules from a day on, or None where the dice find none."""
        dice = self.dice
        kind = dice.pick(('terms', 'terms', 'exclusion', 'deal', 'deal', 'status', 'link', 'vat'))
        if kind == 'terms':
            row = dice.pick(self.tables['program_terms'])
            shorter = self.cut('program_terms', row, day)
            after = validity(value('program_terms', row, 'validity'))[1]
            return shorter and Change([Edit('program_terms', row, shorter), *self.made('program_terms', lambda: self.terms(row[1], row[2], day, after, row[8]))])
        if kind == 'exclusion':
            added = self.made('exclusion', lambda: self.exclusion(dice.pick(('flat', 'slab', 'grad', 'mixed')), day, day + 1 + dice.below(60)))
            return added and Change(added)
        if kind == 'deal':
            link = dice.pick(self.tables['subaccount_link'])
            first, after = validity(link[3])
            for row in self.tables['deal']:
                if row[11] == link[0]:
                    shorter = self.cut('deal', row, day)
                    return shorter and Change([Edit('deal', row, changed('deal', shorter, ended_on=day_text(day)))])
            return first <= day < after and Change(self.made('deal', lambda: self.deal(link, day, UNBOUNDED))) or None
        if kind == 'status':
            row = dice.pick(self.tables['partner_status'])
            shorter = self.cut('partner_status', row, day)
            first, after = validity(row[3])
            again = day + 1 + dice.below(12)
            if not shorter or row[2] != 'active' or again >= after:
                return None
            return Change([Edit('partner_status', row, shorter),
                           Edit('partner_status', None, (self.new_id(), row[1], 'suspended', self.span(day, again))),
                           Edit('partner_status', None, (self.new_id(), row[1], 'active', self.span(again, after)))])
        if kind == 'link':
            row = dice.pick(self.tables['subaccount_link'])
            shorter = self.cut('subaccount_link', row, day)
            if not shorter or any(deal[11] == row[0] and validity(deal[12])[0] >= day for deal in self.tables['deal']):
                return None
            partner, after = dice.pick(list(self.countries)), validity(value('subaccount_link', row, 'validity'))[1]
            return Change([Edit('subaccount_link', row, shorter),
                           Edit('subaccount_link', None, (self.new_id(), partner, row[2], self.span(day, after)))])
        row = dice.pick(self.vat_rows)
        first, after = validity(row[3])
        if not first < day < after:
            return None
        shorter = (*row[:3], self.span(first, day), *row[4:])
        later = (self.new_id(), *row[1:3], self.span(day, after), 'S', dice.pick(('0.1', '0.2', '0.25')), dice.pick((True, False)))
        return Change([], [(row, shorter), (None, later)])

    def change_backwards(self):
        """A change of rules that may touch any month, or None."""
        dice = self.dice
        kind = dice.pick(('rate', 'rate', 'tier', 'from', 'from', 'deal'))
        if kind == 'from':
            change = self.change_from(self.day())
            return None if not change or change.vat else change
        if kind == 'rate':
            row = dice.pick(self.tables['program_terms'])
            return self.other('program_terms', row, base_rate=dice.pick(('0.11', '0.21', '0.25')))
        if kind == 'tier':
            if not self.tables['program_tier']:
                return None
            row = dice.pick(self.tables['program_tier'])
            return self.other('program_tier', row, rate=dice.pick(('0.07', '0.19', '0.33')))
        if not self.tables['deal']:
            return None
        row = dice.pick(self.tables['deal'])
        return self.other('deal', row, rate=dice.pick(('0.15', '0.12', '0.01')))

    @staticmethod
    def other(table, row, **values):
        after = changed(table, row, **values)
        return Change([Edit(table, row, after)]) if after != row else None


__all__ = ['World', 'VAT_COLUMNS', 'first_of_month', 'next_month', 'vat_statement']
