"""Random months: one partner's rules and usage each, as rows of the ledger's tables.

A month depends on (seed, number) alone, so any month of a run can be made again by itself; its ids carry its number,
so that many months share a ledger. Where tiers begin is chosen among the volumes that exact arithmetic finds, so that
volumes hit boundaries; nothing else here is computed.
"""
import sys

from amounts import HALVES, STYLES, UNIT, credits, nothing
from days import UNBOUNDED, day_text, days_of_month
from decimals import minimal
from dice import Dice
from edits import edits_of
from exact import AMOUNT_SCALE, Computation, Rules
from histories import PARTNER_TRANSITIONS, SUBACCOUNT_TRANSITIONS, MonthDays, validity_text
from tables import TABLES, load_script

MINOR_UNITS = {'USD': 2, 'RUB': 2, 'KZT': 2, 'EUR': 2, 'JPY': 0, 'KRW': 0}
ROUNDING_MODES = ('half away from zero', 'half even', 'half up', 'down', 'up', 'truncate')
TIERED = (('slab',), ('graduated',), ('graduated',), (None, 'slab', 'graduated'))
CATEGORIES = ('Usage',) * 22 + ('Purchase', 'Adjustment', 'Credit', 'Tax')
EVEN_CATEGORIES = ('Usage', 'Usage', 'Purchase', 'Adjustment', 'Credit')
SCALES = (None,) * 8 + (0, 1, 2, 2, 3, 4, 6, 12, 18)

# Ids whose order depends on comparing bytes: capitals, punctuation and letters outside ASCII.
ACCOUNT_NAMES = ('a', 'B', 'a-b', 'aB', '_', '\u00e9', 'Z', '0', '\u0436', 'AB')
SERVICES = ('compute', 'Storage', 'market-place', 'marketPlace', '\u00e9tage')
# A SKU id is common to two services: an exclusion by SKU holds for both.
SKUS = {'compute': ('vm.small', 'VM.large', 'common'), 'Storage': ('common', 'gb-month'), 'market-place': ('image', 'Image'),
        'marketPlace': ('image-2',), '\u00e9tage': ('\u017cr\u00f3d\u0142o', 'zrodlo')}

OF_VOLUMES = 33
# Chances that a rule does not change within the month: most months see a change or two, some a change of everything.
CALM, CALM_OF_VOLUMES = (97, 92, 85, 70, 30), (97, 95, 90)

YEARS = (2024, 2025, 2026, 2026, 2026, 2027)
RARE_YEARS = (1970, 1999, 2000, 2100)
LARGEST_BOUNDARY = 10 ** 18 * UNIT


class Month:
    """The rows of one random month: its rules as they are now, the edits that made them so, and its usage."""

    def __init__(self, seed, number):
        self.seed, self.number = seed, number
        self.dice = dice = Dice(seed, number)
        self.tables = {table: [] for table in TABLES}
        self.replaced_usage = []
        self._last_id = number * 1000
        year = dice.pick(RARE_YEARS if dice.chance(4) else YEARS)
        self.month = '%04d-%02d-01' % (year, 1 + dice.below(12))
        # in some months it is the volume that matters: usage is eligible, and terms change; in the others tiers are rare
        self.of_volumes = dice.chance(OF_VOLUMES)
        self.days = MonthDays(dice, *days_of_month(self.month), CALM_OF_VOLUMES if self.of_volumes else CALM)
        self.style = nothing if dice.chance(3) else dice.pick(STYLES)
        # multiples of halves at tenths: bonuses tie, and so do the shares of lines
        self.neat = self.style in HALVES and dice.chance(60)
        self.currencies = self._currencies()
        self.scales = {currency: [MINOR_UNITS[currency]] for currency in self.currencies}
        self.partner = 'p%d' % number
        self.rival = 'q%d' % number if dice.chance(22) else None
        self.programs = ['%s%d' % (name, number) for name in ('intl', 'Local', 'old')[:dice.pick((1, 1, 1, 1, 2, 2, 3))]]
        self.products = self._products()
        self.categories = EVEN_CATEGORIES if dice.chance(30) else CATEGORIES
        self._name_accounts()
        for program in self.programs:
            self._program(program)
            self._exclusions(program)
        for partner in self.partners():
            self._partner(partner)
        for account in self.known_accounts:
            self._account(account)
        if dice.chance(3):
            self._own_account_as_subaccount()
        self._usage()
        self._tiers()
        self.edits = edits_of(self)

    def partners(self):
        return [self.partner, self.rival] if self.rival else [self.partner]

    def current(self):
        """The rows that hold now, by table."""
        return self.tables

    def loaded(self):
        """The rows that are loaded, before the edits."""
        rows = {table: list(rows) for table, rows in self.tables.items()}
        for edit in reversed(self.edits):
            rows[edit.table] = edit.undone(rows[edit.table])
        return rows

    def new_id(self):
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

    def _products(self):
        services = [self.dice.pick(SERVICES) for _ in range(self.dice.pick((1, 1, 2, 3)))]
        return [(service, self.dice.pick(SKUS[service])) for service in services]

    def rate(self, usual, neat=('0.1', '0.2', '0.3')):
        dice = self.dice
        if self.neat:
            return dice.pick(neat)
        if dice.chance(85):
            text = dice.pick(usual)
            return text + '00' if dice.chance(10) and '.' in text else text
        return minimal(dice.pick((dice.below(10 ** 6), dice.below(300000), 1)), 6)

    def base_rate(self):
        return self.rate(('0.2', '0.2', '0.2', '0.2', '0.1', '0.1', '0.15', '0.05', '0.5', '0', '1'))

    def tier_rate(self):
        return self.rate(('0.05', '0.1', '0.12', '0.15', '0.2', '0.25', '0.3', '0.35', '0', '1'))

    def deal_cap(self):
        return self.rate(('0.15', '0.15', '0.15', '0.1', '0.1', '0', '1'), neat=('1',))

    def total_cap(self):
        return self.rate(('0.35',) * 8 + ('0.3', '0.3', '0.25', '0.25', '0.1', '0.1', '1', '1', '0'), neat=('1',))

    def deal_rate(self):
        return self.rate(('0.15', '0.15', '0.1', '0.05', '0.25', '0', '1'))

    def validity(self, first, after):
        return validity_text(self.dice, first, after)

    def _name_accounts(self):
        dice = self.dice
        self.accounts = list(dict.fromkeys('%s%d' % (dice.pick(ACCOUNT_NAMES), self.number)
                                           for _ in range(dice.pick((0, 1, 1, 2, 2, 2, 2, 3, 3, 3, 4, 4, 5, 6)))))
        # some are used, but unknown to the ledger
        self.known_accounts = dice.some(self.accounts, 96)

    def _program(self, program):
        dice = self.dice
        self._add('program', program, program)
        volume_rules = dice.pick(TIERED) if dice.chance(85 if self.of_volumes else 6) else (None,)
        for currency in self.currencies:
            if dice.chance(5):
                continue
            restless = 2.5 if self.of_volumes else 1
            for first, after, combination in self.days.history(('additive', 'additive', 'compound'), 5, restless):
                scale = dice.pick(SCALES)
                if scale is not None:
                    self.scales[currency].append(scale)
                self._add('program_terms', self.new_id(), program, currency, self.validity(first, after), self.base_rate(),
                          self.deal_cap(), self.total_cap(), combination, dice.pick(volume_rules), dice.pick(ROUNDING_MODES),
                          None if scale is None else str(scale))
        # how long things take, and on which days nobody works, is nothing to the bonus
        if dice.chance(10):
            for first, after, days in self.days.history(('0', '30', '60')):
                self._add('program_period', self.new_id(), program, self.validity(first, after), days, days)
            self._add('holiday', program, day_text(self.days.edge()))

    def _exclusions(self, program):
        """Exclusions of all ranks, most of them of one and the same line, so that they overrule each other."""
        dice = self.dice
        line = self._some_line()
        targets = [self._target(*line) if dice.chance(65) else self.some_target()
                   for _ in range(dice.pick((0, 0, 1, 2, 3, 5, 7)))]
        for target in dict.fromkeys(targets):
            for first, after, effect in self.days.history(('exclude', 'include'), gap=15):
                self._exclusion(program, target, effect, self.validity(first, after))

    def _exclusion(self, program, target, effect, days):
        self.add_to_catalogue(target)
        self._add('exclusion', self.new_id(), program, *target, effect, days)

    def add_to_catalogue(self, target):
        """Exclusions name what is in the catalogue."""
        _, service, sku, _ = target
        if sku:
            service = next(service for service in SERVICES if sku in SKUS[service])
            self._add('sku', sku, service, sku)
        if service:
            self._add('service', service, service)

    def _some_line(self):
        """An account (or None), service, SKU and category that usage may have."""
        dice = self.dice
        account = dice.pick(self.known_accounts) if self.known_accounts else None
        categories = [category for category in self.categories if category != 'Tax']
        return (account, *dice.pick(self.products), dice.pick(categories))

    def _target(self, account, service, sku, category):
        """What an exclusion of any rank names of such a line."""
        return self.dice.pick(((account, None, sku, None), (account, service, None, None), (account, None, None, category),
                               (account, None, None, None) if account else (None, service, None, None),
                               (None, None, sku, None), (None, service, None, None), (None, None, None, category)))

    def some_target(self):
        return self._target(*self._some_line())

    def _partner(self, partner):
        self._add('partner', partner, 'own-' + partner, partner)
        for first, after, program in self.days.history(self.programs, gap=5, restless=1.6 if self.of_volumes else 1):
            self._add('partner_program', self.new_id(), partner, program, self.validity(first, after))
        for first, after, status in self.days.statuses(PARTNER_TRANSITIONS):
            self._add('partner_status', self.new_id(), partner, status, self.validity(first, after))
        if self.dice.chance(12):
            self._add('deal', *self._application(partner))

    def _account(self, account):
        """A subaccount with its links and deals; it may move between two partners."""
        dice = self.dice
        self._add('subaccount', account, account)
        if dice.chance(30):
            # for people: the bonus asks for the link alone
            for first, after, status in self.days.statuses(SUBACCOUNT_TRANSITIONS):
                self._add('subaccount_status', self.new_id(), account, status, self.validity(first, after))
        if dice.chance(5):
            return  # known, but never linked
        if self.rival and dice.chance(35):
            first = dice.pick(self.partners())
            self._link(account, self.days.change(first, self.partner if first == self.rival else self.rival))
        else:
            self._link(account, self.days.history((self.partner,), gap=8))

    def _own_account_as_subaccount(self):
        """Own consumption comes first, whatever a link and an exclusion say."""
        account = 'own-' + self.partner
        self._add('subaccount', account, account)
        self._link(account, self.days.history((self.partner,)))
        self._exclusion(self.programs[0], (account, None, None, None), 'include', '(,)')

    def _link(self, account, history):
        dice = self.dice
        for first, after, partner in history:
            link = self.new_id()
            self._add('subaccount_link', link, partner, account, self.validity(first, after))
            if dice.chance(60):
                deals = self.days.history((None,), gap=20, restless=1.7) if dice.chance(60) else [(first, after, None)]
                for deal_first, deal_after, _ in deals:
                    self._add('deal', *self.deal(link, partner, account, deal_first, deal_after))
            if dice.chance(8):
                self._add('deal', *self._application(partner, account))

    def deal(self, link, partner, customer, first, after):
        """An active deal: taken over as it stood, or applied for; a tender within its contract; some ended early."""
        dice = self.dice
        kind, contract = 'new customer', None
        if dice.chance(30):
            kind = 'tender'
            contract = self.validity(first if first == -UNBOUNDED else first - dice.pick((0, 1, 5, 30)),
                                     after if after == UNBOUNDED else after + dice.pick((0, 1, 5, 30)))
        submitted, approved, rejected = self._decided(self.days.begin - 400 if first == -UNBOUNDED else first)
        if rejected or dice.chance(40):
            submitted, approved = None, None
        ended = after + dice.pick((0, 1, 5, 60)) if after < UNBOUNDED and dice.chance(60) else None
        return (self.new_id(), partner, customer, kind, self.deal_rate(), *self._deal_target(), contract, submitted, approved,
                None, link, self.validity(first, after), ended and day_text(ended))

    def _application(self, partner, customer='somebody'):
        """One that never became active: submitted, approved and lapsed, rejected, or ended before it began."""
        dice = self.dice
        contract = self.validity(self.days.begin - 45, self.days.after) if dice.chance(40) else None
        submitted, approved, rejected = self._decided(self.days.begin - dice.pick((0, 0, 200)))
        ended = day_text(self.days.edge()) if approved and dice.chance(20) else None
        return (self.new_id(), partner, customer, 'tender' if contract else 'new customer', self.deal_rate(), *self._deal_target(),
                contract, submitted, approved, rejected, None, None, ended)

    def _decided(self, before):
        """Texts of the days an application was submitted on, approved on and rejected on."""
        lead = self.dice.pick((2, 10, 45))
        submitted, decided = day_text(before - lead), day_text(before - self.dice.pick((0, 1, lead)))
        approved, rejected = self.dice.pick(((decided, None), (decided, None), (None, decided), (None, None)))
        return submitted, approved, rejected

    def _deal_target(self):
        """What the customer is to consume, and its currency."""
        return (minimal(self.dice.below(10 ** 6), 2), self.dice.pick(self.currencies)) if self.dice.chance(15) else (None, None)

    def _usage(self):
        dice = self.dice
        if dice.chance(4):
            return  # an empty month
        paid_by_grants = dice.chance(3)
        negative = 70 if dice.chance(6) else 7
        consumers = self.accounts * 5 + ['own-' + self.partner]
        if self.rival:
            consumers.append('own-' + self.rival)
        if dice.chance(5):
            consumers.append('unknown%d' % self.number)
        # amounts tie at one scale that the month's documents may have
        self.tie_scale = {currency: dice.pick(scales) for currency, scales in sorted(self.scales.items())}
        lines = []
        for _ in range(dice.pick((8, 13, 25) if self.of_volumes else (4, 7, 13, 25)) if dice.chance(50) else 1 + dice.below(20)):
            lines.append(self._refund(dice.pick(lines)) if lines and dice.chance(7)
                         else self._line(consumers, negative, paid_by_grants))
        # the same usage in several lines gives equal fractions to share out
        for line in dice.some(lines, 4):
            lines.append(line[:3] + (dice.pick(consumers),) + line[4:])
        for partner, day, product, account, currency, category, cost, grant, other in lines:
            self._add('usage_row', partner, 'oracle', day_text(day), account, *product, currency, category,
                      minimal(cost, 18), minimal(grant + other, 18), minimal(grant, 18))
        if dice.chance(5):
            # what a later load replaced counts no more
            self.replaced_usage = dice.some(self.tables['usage_row'], 50)

    def _line(self, consumers, negative, paid_by_grants):
        dice = self.dice
        account = dice.pick(consumers)
        # mostly of one to which the account is linked on some day
        holders = [] if dice.chance(25) else [row[1] for row in self.tables['subaccount_link'] if row[2] == account]
        partner = dice.pick(holders) if holders else self.rival if self.rival and dice.chance(25) else self.partner
        currency = dice.pick(self.currencies)
        scale = self.tie_scale[currency]
        cost = self.style(dice, scale)
        if paid_by_grants:
            grant, other = -cost, 0
        else:
            if dice.chance(negative):
                cost = -cost
            grant, other = credits(dice, cost, self.style, scale)
        if dice.chance(0.3):
            partner = 'r%d' % self.number  # usage of nobody the ledger knows is not lost
        return (partner, self.days.usage_day(), dice.pick(self.products), account, currency,
                dice.pick(self.categories), cost, grant, other)

    def _refund(self, line):
        """The line taken back, mostly in whole, sometimes on another day."""
        partner, day, product, account, currency, category, cost, grant, other = line
        if self.dice.chance(40):
            day = self.days.usage_day()
        if self.dice.chance(30):
            cost //= 2
        return partner, day, product, account, currency, category, -cost, -grant, -other

    def _tiers(self):
        """Tiers whose boundaries are, now and then, volumes that a partner of the month reaches exactly."""
        dice = self.dice
        # tiers of terms without a volume rule do nothing
        tiered = [row for row in self.tables['program_terms'] if row[8] or dice.chance(8)]
        if not tiered:
            return
        volumes = Computation(self.tables, Rules(self.tables)).volumes
        for terms_id, _, currency, *_ in tiered:
            reached = [volume for (_, _, of), found in volumes.items() if of == currency for volume in found.reached()]
            from_volumes = {boundary(dice, reached) for _ in range(dice.pick((0, 1, 1, 2, 2, 2, 3, 3, 4, 5, 6, 7)))}
            for from_volume in sorted(from_volumes):
                self._add('program_tier', self.new_id(), terms_id, minimal(from_volume, AMOUNT_SCALE), self.tier_rate())


def boundary(dice, reached):
    """Where a tier begins: at a volume that is reached, a unit beside it, at a part of it, or anywhere."""
    volume = dice.pick(reached) if reached else 0
    if dice.chance(12):
        volume += dice.pick((1, -1))
    elif dice.chance(35):
        volume = volume * dice.pick((1, 1, 2, 3)) // dice.pick((2, 3, 4, 10))
    if volume <= 0 or dice.chance(10):
        volume = dice.pick((1, 1000 * UNIT, 50000 * UNIT, 1 + dice.digits(22)))
    return min(volume, LARGEST_BOUNDARY)


def number_of_month(partner_id):
    return int(partner_id[1:])


def months(seed, first, count):
    return [Month(seed, number) for number in range(first, first + count)]


if __name__ == '__main__':
    # generate.py SEED FIRST COUNT LEDGER: the psql input that a run would load
    seed, first, count = map(int, sys.argv[1:4])
    sys.stdout.buffer.write(load_script(months(seed, first, count), sys.argv[4]).encode())
