"""Edits of a month's rules after they were loaded: what a rule said before, and rules that are no more.

Each kind of edit starts from the rows that hold now and says what they were; it gives None where the month has no rule for it.
"""
from days import UNBOUNDED, day_text, validity
from decimals import minimal
from histories import PARTNER_TRANSITIONS, SUBACCOUNT_TRANSITIONS, may_follow
from tables import TABLES, Edit

# Of rules with a validity that is alone on its days: what they are rules of.
RULES_OF = {'program_terms': ('program_id', 'currency'), 'partner_program': ('partner_id',), 'partner_status': ('partner_id',),
            'subaccount_status': ('account_id',), 'subaccount_link': ('account_id',), 'deal': ('link_id',),
            'exclusion': ('program_id', 'account_id', 'service_id', 'sku_id', 'charge_category')}
TRANSITIONS = {'partner_status': PARTNER_TRANSITIONS, 'subaccount_status': SUBACCOUNT_TRANSITIONS}
# A rule that others refer to is neither split nor recorded late.
ALONE = ('partner_program', 'partner_status', 'subaccount_status', 'deal', 'exclusion')


def value(table, row, column):
    return row[TABLES[table].index(column)]


def changed(table, row, **values):
    return tuple(values.get(column, old) for column, old in zip(TABLES[table], row))


class Editor:
    """Makes edits one after the other. What one has changed, and the days it may have needed, others leave alone."""

    def __init__(self, month):
        self.month, self.dice, self.tables = month, month.dice, month.tables
        self.touched = set()

    def row(self, *tables):
        """(table, row) of a rule that may be edited, or (None, None)."""
        rules = [(table, row) for table in tables for row in self.tables[table]
                 if (table, row[0]) not in self.touched and self.key(table, row) not in self.touched]
        return self.dice.pick(rules) if rules else (None, None)

    def held(self, *tables):
        """The same of a rule that holds on some days, with its first day and the day after its last."""
        table, row = self.row(*tables)
        days = row and value(table, row, 'validity')
        return (table, row, *validity(days)) if days else (None, None, None, None)

    @staticmethod
    def key(table, row):
        """What it is a rule of."""
        return (table, *(value(table, row, column) for column in RULES_OF[table])) if table in RULES_OF else None

    def history(self, table, row):
        """Rules of the same thing by day, this one among them."""
        return sorted((other for other in self.tables[table]
                       if self.key(table, other) == self.key(table, row) and value(table, other, 'validity')),
                      key=lambda other: validity(value(table, other, 'validity')))

    def following(self, table, row):
        """(first day, row) of the rule after this one; (UNBOUNDED, None) without one."""
        history = self.history(table, row)
        for other in history[history.index(row) + 1:]:
            return validity(value(table, other, 'validity'))[0], other
        return UNBOUNDED, None

    def other_value(self):
        """A rule said something else."""
        table, row = self.row('program_terms', 'program_terms', 'program_tier', 'exclusion', 'exclusion', 'partner_program',
                              'deal', 'partner', 'program', 'subaccount', 'subaccount_link')
        if table is None:
            return []
        column, said = self.said(table, row)
        before = changed(table, row, **{column: said})
        if before == row:
            return []
        self.touched.add((table, row[0]))
        if self.dice.chance(25):
            return [Edit(table, row, before), Edit(table, before, row)]  # and was set right again
        return [Edit(table, before, row)]

    def said(self, table, row):
        """(column, another value) of a rule."""
        month, dice = self.month, self.dice
        if table == 'program_terms':
            return dice.pick((('base_rate', month.base_rate()), ('deal_cap', month.deal_cap()), ('total_cap', month.total_cap()),
                              ('combination', dice.pick(('additive', 'compound'))),
                              ('volume_rule', dice.pick((None, 'slab', 'graduated'))),
                              ('rounding_mode', dice.pick(('half up', 'up', 'down'))), ('rounding_scale', '1')))
        if table == 'program_tier':
            # a volume of its own, since terms have no two tiers from one volume
            return dice.pick((('rate', month.tier_rate()), ('from_volume', minimal(int(row[0]), 18))))
        if table == 'exclusion':
            return 'effect', 'include' if value(table, row, 'effect') == 'exclude' else 'exclude'
        if table == 'partner_program':
            return 'program_id', dice.pick(month.programs)
        if table == 'deal':
            return 'rate', month.deal_rate()
        if table == 'partner':
            return 'billing_account_id', 'once-' + row[0]
        if table == 'subaccount_link':
            # a deal is one of the link's partner
            has_deals = any(value('deal', deal, 'link_id') == row[0] for deal in self.tables['deal'])
            return 'partner_id', row[1] if has_deals else dice.pick(month.partners())
        return 'name', 'once ' + row[0]

    def other_target(self):
        """An exclusion named something else."""
        table, row = self.row('exclusion')
        target = self.month.some_target()
        if table is None or ('exclusion', row[1], *target) in self.touched or self.named(row[1], target):
            return []
        self.touched.update((self.key(table, row), ('exclusion', row[1], *target)))
        self.month.add_to_catalogue(target)
        return [Edit(table, (*row[:2], *target, *row[6:]), row)]

    def other_status(self):
        """A partner had another status on the same days."""
        table, row = self.row('partner_status')
        if table is None:
            return []
        history = self.history(table, row)
        place = history.index(row)
        options = [status for status in PARTNER_TRANSITIONS
                   if all(may_follow(PARTNER_TRANSITIONS, before, after) for before, after in (
                       (value(table, history[place - 1], 'status') if place else status, status),
                       (status, value(table, history[place + 1], 'status') if place + 1 < len(history) else status)))]
        before = changed(table, row, status=self.dice.pick(options))
        if before == row:
            return []
        self.touched.add(self.key(table, row))
        return [Edit(table, before, row)]

    def cut(self):
        """A rule held longer and was ended on its last day; a deal says so."""
        table, row, first, after = self.held(*RULES_OF)
        if table is None:
            return []
        next_first, following = self.following(table, row)
        if table in TRANSITIONS and following and not may_follow(
                TRANSITIONS[table], value(table, row, 'status'), value(table, following, 'status')):
            next_first -= 1
        if table == 'deal' and value(table, row, 'contract'):
            next_first = min(next_first, validity(value(table, row, 'contract'))[1])
        if next_first <= after:
            return []
        self.touched.add(self.key(table, row))
        longer = self.month.validity(first, next_first)
        if table != 'deal':
            return [Edit(table, changed(table, row, validity=longer), row)]
        ended = changed(table, row, ended_on=value(table, row, 'ended_on') or day_text(after))
        self.tables[table][self.tables[table].index(row)] = ended
        return [Edit(table, changed(table, row, validity=longer, ended_on=None), ended)]

    def lengthened(self):
        """A rule was to end earlier."""
        table, row, first, after = self.held(*RULES_OF)
        if table is None:
            return []
        day = self.month.days.edge()
        if not first < day < after:
            return []
        self.touched.add(self.key(table, row))
        return [Edit(table, changed(table, row, validity=self.month.validity(first, day)), row)]

    def split(self):
        """One rule held where now two do: the old one was ended, the new one recorded."""
        table, row, first, after = self.held(*ALONE)
        if table is None:
            return []
        next_first, following = self.following(table, row)
        if next_first != after or not following or (table, following[0]) in self.touched:
            return []
        end = validity(value(table, following, 'validity'))[1]
        if table in TRANSITIONS:
            third_first, third = self.following(table, following)
            if third_first == end and third and not may_follow(
                    TRANSITIONS[table], value(table, row, 'status'), value(table, third, 'status')):
                return []
        if table == 'deal' and (value(table, row, 'contract') or value(table, row, 'ended_on')):
            return []
        self.touched.add(self.key(table, row))
        return [Edit(table, changed(table, row, validity=self.month.validity(first, end)), row), Edit(table, None, following)]

    def activated(self):
        """A deal was an application, and was made active."""
        table, row = self.row('deal')
        if table is None or not value(table, row, 'link_id') or not value(table, row, 'submitted_on'):
            return []
        self.touched.add(self.key(table, row))
        return [Edit(table, changed(table, row, link_id=None, validity=None, ended_on=None), row)]

    def recorded_late(self):
        table, row = self.row('program_tier', *ALONE)
        if table is None:
            return []
        self.touched.add((table, row[0]) if table == 'program_tier' else self.key(table, row))
        return [Edit(table, None, row)]

    def deleted_exclusion(self):
        month = self.month
        program, target = self.dice.pick(month.programs), month.some_target()
        if self.named(program, target):
            return []
        month.add_to_catalogue(target)
        return self._deleted('exclusion', (month.new_id(), program, *target, self.dice.pick(('exclude', 'include')),
                                           month.validity(*month.days.range())))

    def named(self, program, target):
        """Does an exclusion of the program name just this?"""
        return any(row[1:6] == (program, *target) for row in self.tables['exclusion'])

    def deleted_tier(self):
        terms = [row for row in self.tables['program_terms'] if value('program_terms', row, 'volume_rule')]
        if not terms:
            return []
        row = (self.month.new_id(), self.dice.pick(terms)[0], self.dice.pick(('0.000000000000000002', '7', '777')),
               self.month.tier_rate())
        if any(other[1:3] == row[1:3] for other in self.tables['program_tier']) or row[1:3] in self.touched:
            return []
        self.touched.add(row[1:3])
        return [Edit('program_tier', row, None)]

    def deleted_deal(self):
        """On a link that has none now."""
        with_deal = {value('deal', row, 'link_id') for row in self.tables['deal']}
        links = [row for row in self.tables['subaccount_link'] if row[0] not in with_deal]
        if not links:
            return []
        link, partner, account, _ = self.dice.pick(links)
        return self._deleted('deal', self.month.deal(link, partner, account, *self.month.days.range()))

    def deleted_link(self):
        """Of an account that has none now."""
        linked = {value('subaccount_link', row, 'account_id') for row in self.tables['subaccount_link']}
        accounts = [account for account in self.month.known_accounts if account not in linked]
        if not accounts:
            return []
        return self._deleted('subaccount_link', (self.month.new_id(), self.month.partner, self.dice.pick(accounts), '(,)'))

    def deleted_terms(self):
        """In a currency without terms now."""
        month = self.month
        with_terms = {row[1:3] for row in self.tables['program_terms']}
        without = [(program, currency) for program in month.programs for currency in month.currencies
                   if (program, currency) not in with_terms]
        if not without:
            return []
        return self._deleted('program_terms', (month.new_id(), *self.dice.pick(without), '(,)', month.base_rate(), '0.15', '1',
                                               'additive', None, 'up', '0'))

    def deleted_status(self):
        """Active on days that have no status now; a day apart on both sides, so that any status may stand."""
        month, table = self.month, 'partner_status'
        first = -UNBOUNDED
        for low, after in sorted(validity(row[3]) for row in self.tables[table] if row[1] == month.partner):
            if first < low - 2:
                days = month.validity(first if first == -UNBOUNDED else first + 1, low - 1)
                return self._deleted(table, (month.new_id(), month.partner, 'active', days))
            first = after
        return []

    def _deleted(self, table, row):
        key = self.key(table, row)
        if key in self.touched:
            return []
        self.touched.add(key)
        return [Edit(table, row, None)]


KINDS = (Editor.other_value,) * 8 + (Editor.cut,) * 5 + (Editor.other_target, Editor.other_status, Editor.other_status,
         Editor.lengthened, Editor.lengthened, Editor.split, Editor.split, Editor.split, Editor.activated, Editor.recorded_late, Editor.recorded_late, Editor.deleted_exclusion,
         Editor.deleted_exclusion, Editor.deleted_tier, Editor.deleted_deal, Editor.deleted_link, Editor.deleted_link,
         Editor.deleted_terms, Editor.deleted_terms, Editor.deleted_status)


def edits_of(month):
    """The edits of a month, in the order in which they were made. They may change its rows."""
    dice = month.dice
    if not dice.chance(30):
        return []
    editor, edits = Editor(month), []
    for _ in range(dice.pick((1, 1, 2, 3, 5))):
        edits += dice.pick(KINDS)(editor)
    return edits
