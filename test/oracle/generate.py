"""Random months: one partner's rules and usage each, as rows of the ledger's tables.

A month depends on (seed, number) alone, so any month of a run can be made again by itself; its ids carry its number,
so that many months share a ledger.
"""
import sys

from amounts import STYLES, credits, nothing
from days import day_text, days_of_month
from decimals import minimal
from dice import Dice
from histories import MonthDays, validity_text
from tables import TABLES, copy_script

MINOR_UNITS = {'USD': 2, 'RUB': 2, 'KZT': 2, 'EUR': 2, 'JPY': 0, 'KRW': 0}
ROUNDING_MODES = ('half away from zero', 'half even', 'half up', 'down', 'up', 'truncate')
STATUSES = ('active',) * 18 + ('suspended', 'applied', 'revoked', 'quit')
CATEGORIES = ('Usage',) * 22 + ('Purchase', 'Adjustment', 'Credit', 'Tax')
SCALES = (None,) * 8 + (0, 1, 2, 2, 3, 4, 6, 12, 18)

# Ids whose order depends on comparing bytes: capitals, punctuation and letters outside ASCII.
ACCOUNT_NAMES = ('a', 'B', 'a-b', 'aB', '_', '\u00e9', 'Z', '0', '\u0436', 'AB')
SERVICES = ('compute', 'Storage', 'market-place', 'marketPlace', '\u00e9tage')
# A SKU id is common to two services: an exclusion by SKU holds for both.
SKUS = {'compute': ('vm.small', 'VM.large', 'common'), 'Storage': ('common', 'gb-month'), 'market-place': ('image', 'Image'),
        'marketPlace': ('image-2',), '\u00e9tage': ('\u017cr\u00f3d\u0142o', 'zrodlo')}

YEARS = (2024, 2025, 2026, 2026, 2026, 2027)
RARE_YEARS = (1970, 1999, 2000, 2100)


class Month:
    """The rows of one random month."""

    def __init__(self, seed, number):
        self.seed, self.number = seed, number
        self.dice = dice = Dice(seed, number)
        self.tables = {table: [] for table in TABLES}
        self._last_id = number * 1000
        year = dice.pick(RARE_YEARS if dice.chance(4) else YEARS)
        self.month = '%04d-%02d-01' % (year, 1 + dice.below(12))
        self.days = MonthDays(dice, *days_of_month(self.month))
        self.currencies = self._currencies()
        self.scales = {currency: [MINOR_UNITS[currency]] for currency in self.currencies}
        self.partner = 'p%d' % number
        self.rival = 'q%d' % number if dice.chance(22) else None
        programs = ['%s%d' % (name, number) for name in ('intl', 'Local', 'old')[:dice.pick((1, 1, 1, 1, 2, 2, 3))]]
        for program in programs:
            self._program(program)
        for partner in self.partners():
            self._partner(partner, programs)
        self.accounts = self._accounts()
        self._usage()

    def partners(self):
        return [self.partner, self.rival] if self.rival else [self.partner]

    def _id(self):
        self._last_id += 1
        return str(self._last_id)

    def _add(self, table, *row):
        self.tables[table].append(row)

    def _currencies(self):
        all_currencies = tuple(MINOR_UNITS)
        chosen = [self.dice.pick(all_currencies)]
        while len(chosen) < 3 and self.dice.chance(22):
            chosen.append(self.dice.pick(all_currencies))
        return sorted(set(chosen))

    def _rate(self, usual):
        dice = self.dice
        if dice.chance(85):
            text = dice.pick(usual)
            return text + '00' if dice.chance(10) and '.' in text else text
        return minimal(dice.pick((dice.below(10 ** 6), dice.below(300000), 1)), 6)

    def _validity(self, first, after):
        return validity_text(self.dice, first, after)

    def _program(self, program):
        dice = self.dice
        self._add('program', program, program)
        for currency in self.currencies:
            if dice.chance(6):
                continue
            for first, after, combination in self.days.history(('additive', 'additive', 'compound'), gap=8):
                scale = dice.pick(SCALES)
                if scale is not None:
                    self.scales[currency].append(scale)
                self._add('program_terms', self._id(), program, currency, self._validity(first, after),
                          self._rate(('0.2', '0.2', '0.2', '0.2', '0.1', '0.1', '0.15', '0.05', '0.5', '0', '1')),
                          self._rate(('0.15', '0.15', '0.15', '0.1', '0.1', '0', '1')),
                          self._rate(('0.35', '0.35', '0.35', '0.35', '0.3', '0.25', '0.1', '1')), combination,
                          dice.pick(ROUNDING_MODES), None if scale is None else str(scale))
        if dice.chance(70):
            service = dice.pick(SERVICES)
            sku = dice.pick(SKUS[service])
            for target in dice.some(((service, None), (None, sku)), 60):
                for first, after, _ in self.days.history((None,), gap=25):
                    self._add('exclusion', self._id(), program, target[0], target[1], self._validity(first, after))

    def _partner(self, partner, programs):
        self._add('partner', partner, 'own-' + partner, partner)
        for first, after, program in self.days.history(programs, gap=8):
            self._add('partner_program', self._id(), partner, program, self._validity(first, after))
        for first, after, status in self.days.history(STATUSES, gap=8):
            self._add('partner_status', self._id(), partner, status, self._validity(first, after))

    def _accounts(self):
        """Subaccounts with their links and deals; some belong to no partner, some move between two."""
        dice = self.dice
        names = []
        for _ in range(dice.pick((0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 6))):
            name = '%s%d' % (dice.pick(ACCOUNT_NAMES), self.number)
            if name not in names:
                names.append(name)
        for name in names:
            if dice.chance(6):
                continue  # used, but unknown to the ledger
            self._add('subaccount', name, name)
            if dice.chance(8):
                continue  # known, but never linked
            if self.rival and dice.chance(35):
                first = dice.pick(self.partners())
                self._link(name, self.days.change(first, self.partner if first == self.rival else self.rival))
            else:
                self._link(name, self.days.history((self.partner,), gap=15))
        if dice.chance(2):
            # own consumption comes first, whatever a link says
            own_account = 'own-' + self.partner
            self._add('subaccount', own_account, own_account)
            self._link(own_account, self.days.history((self.partner,)))
        return names

    def _link(self, account, history):
        dice = self.dice
        for first, after, partner in history:
            link = self._id()
            self._add('subaccount_link', link, partner, account, self._validity(first, after))
            if dice.chance(60):
                deals = self.days.history((None,), gap=20) if dice.chance(60) else [(first, after, None)]
                for deal_first, deal_after, _ in deals:
                    self._add('deal', self._id(), link, self._rate(('0.15', '0.15', '0.1', '0.05', '0.25', '0', '1')),
                              self._validity(deal_first, deal_after))

    def _usage(self):
        dice = self.dice
        if dice.chance(4):
            return  # an empty month
        style = nothing if dice.chance(3) else dice.pick(STYLES)
        paid_by_grants = dice.chance(3)
        services = [dice.pick(SERVICES) for _ in range(dice.pick((1, 1, 2, 3)))]
        products = [(service, dice.pick(SKUS[service])) for service in services]
        consumers = self.accounts * 5 + ['own-' + self.partner]
        if self.rival:
            consumers.append('own-' + self.rival)
        if dice.chance(5):
            consumers.append('unknown%d' % self.number)
        # amounts tie at one scale that the month's documents may have
        self.tie_scale = {currency: dice.pick(scales) for currency, scales in sorted(self.scales.items())}
        lines = []
        for _ in range(1 + dice.pick((3, 6, 12, 24)) if dice.chance(50) else 1 + dice.below(20)):
            lines.append(self._refund(dice.pick(lines)) if lines and dice.chance(7)
                         else self._line(consumers, products, style, paid_by_grants))
        # the same usage in several lines gives equal fractions to share out
        for line in dice.some(lines, 4):
            lines.append(line[:3] + (dice.pick(consumers),) + line[4:])
        for partner, day, product, account, currency, category, cost, grant, other in lines:
            self._add('usage_line', partner, 'oracle', day_text(day), account, product[0], product[1], currency, category,
                      minimal(cost, 18), minimal(grant + other, 18), minimal(grant, 18))

    def _line(self, consumers, products, style, paid_by_grants):
        dice = self.dice
        partner = self.rival if self.rival and dice.chance(25) else self.partner
        currency = dice.pick(self.currencies)
        scale = self.tie_scale[currency]
        cost = style(dice, scale)
        if paid_by_grants:
            grant, other = -cost, 0
        else:
            if dice.chance(7):
                cost = -cost
            grant, other = credits(dice, cost, style, scale)
        if dice.chance(0.3):
            partner = 'r%d' % self.number  # usage of nobody the ledger knows is not lost
        return (partner, self.days.usage_day(), dice.pick(products), dice.pick(consumers), currency, dice.pick(CATEGORIES),
                cost, grant, other)

    def _refund(self, line):
        """The line taken back, mostly in whole, sometimes on another day."""
        partner, day, product, account, currency, category, cost, grant, other = line
        if self.dice.chance(40):
            day = self.days.usage_day()
        if self.dice.chance(30):
            cost //= 2
        return partner, day, product, account, currency, category, -cost, -grant, -other


def number_of_month(partner_id):
    return int(partner_id[1:])


def months(seed, first, count):
    return [Month(seed, number) for number in range(first, first + count)]


if __name__ == '__main__':
    # generate.py SEED FIRST COUNT LEDGER: the psql input that a run would load
    seed, first, count = map(int, sys.argv[1:4])
    sys.stdout.buffer.write(copy_script(months(seed, first, count), sys.argv[4]).encode())
