"""The bonus in exact arithmetic, day by day and line by line, from the rows of the rule and usage tables.

Written from the domain's rules, not from the ledger's views, and shares no code with them. Amounts are integers with 18
decimals, rates with 12, bonuses with 30: a rule has at most 6 decimals, so a compound rate (base + deal - base * deal) has
12, and an amount times a rate 30. Nothing is divided before printing.
"""
from collections import defaultdict

from days import days_of_month, first_of_month, ordinal, validity
from decimals import scaled

AMOUNT_SCALE = 18
RULE_SCALE = 6
RATE_SCALE = 2 * RULE_SCALE
BONUS_SCALE = AMOUNT_SCALE + RATE_SCALE
ONE = 10 ** RULE_SCALE

OWN, NOT_LINKED, NOT_ACTIVE, NO_TERMS, EXCLUDED, ELIGIBLE = REASONS = (
    'own consumption', 'not linked', 'partner not active', 'no terms', 'excluded', 'eligible')


class Terms:
    """What a program grants in one currency."""

    def __init__(self, base_rate, deal_cap, total_cap, combination, rounding_mode, rounding_scale):
        self.base_rate = scaled(base_rate, RULE_SCALE)
        self.deal_cap = scaled(deal_cap, RULE_SCALE)
        self.total_cap = scaled(total_cap, RULE_SCALE)
        self.compound = combination == 'compound'
        self.rounding_mode = rounding_mode
        self.rounding_scale = None if rounding_scale is None else int(rounding_scale)

    def rates(self, deal_rate):
        """(basic rate, deal's part of the rate): the caps cut the deal first, then the total."""
        basic = min(self.base_rate, self.total_cap) * ONE
        deal_rate = min(deal_rate, self.deal_cap)
        together = (self.base_rate + deal_rate) * ONE
        if self.compound:
            together -= self.base_rate * deal_rate
        return basic, min(together, self.total_cap * ONE) - basic


class Rules:
    """The rules of some partners; each question is about one day."""

    def __init__(self, tables):
        self.own_account = {partner: account for partner, account, _ in tables['partner']}
        self._programs, self._statuses, self._links = defaultdict(list), defaultdict(list), defaultdict(list)
        self._deals, self._terms, self._exclusions = defaultdict(list), defaultdict(list), defaultdict(list)
        for _, program, currency, days, *terms in tables['program_terms']:
            self._terms[program, currency].append((*validity(days), Terms(*terms)))
        for _, program, service, sku, days in tables['exclusion']:
            self._exclusions[program].append((*validity(days), (service, sku)))
        for _, partner, program, days in tables['partner_program']:
            self._programs[partner].append((*validity(days), program))
        for _, partner, status, days in tables['partner_status']:
            self._statuses[partner].append((*validity(days), status))
        for link, partner, account, days in tables['subaccount_link']:
            self._links[partner, account].append((*validity(days), link))
        for _, link, rate, days in tables['deal']:
            self._deals[link].append((*validity(days), scaled(rate, RULE_SCALE)))

    @staticmethod
    def _on(day, rules):
        for first, after, value in rules:
            if first <= day < after:
                return value
        return None

    def terms(self, partner, currency, day):
        program = self._on(day, self._programs[partner])
        return self._on(day, self._terms[program, currency])

    def excluded(self, partner, service, sku, day):
        program = self._on(day, self._programs[partner])
        return any(first <= day < after and target in ((service, None), (None, sku))
                   for first, after, target in self._exclusions[program])

    def ruling(self, partner, account, service, sku, currency, day):
        """(reason, basic rate, deal's part) of a day: the first reason that applies, and rates only when eligible."""
        if account == self.own_account.get(partner):
            return OWN, 0, 0
        link = self._on(day, self._links[partner, account])
        if link is None:
            return NOT_LINKED, 0, 0
        if self._on(day, self._statuses[partner]) != 'active':
            return NOT_ACTIVE, 0, 0
        terms = self.terms(partner, currency, day)
        if terms is None:
            return NO_TERMS, 0, 0
        if self.excluded(partner, service, sku, day):
            return EXCLUDED, 0, 0
        # no deal adds nothing, just as a deal of zero does
        return (ELIGIBLE, *terms.rates(self._on(day, self._deals[link]) or 0))

    def rounding(self, partner, month, currency):
        """(mode, scale) by the terms of the month's last day that has terms; (mode, None) takes the currency's scale."""
        begin, after = days_of_month(month)
        for day in range(after - 1, begin - 1, -1):
            terms = self.terms(partner, currency, day)
            if terms is not None:
                return terms.rounding_mode, terms.rounding_scale
        return 'half away from zero', None


class Line:
    """Consumption of one key by day, and what it earns."""

    def __init__(self, key):
        self.key = key
        self.by_day = {}
        self.usage_by_reason = {}  # reason: [usage lines, cost, base, bonus]
        self.reasons = {}  # reason: [cost, base], reasons of days that hold a consumption
        self.cost = self.grant_credit = self.other_credit = 0
        self.eligible_base = self.basic_bonus = self.deal_bonus = 0

    def add(self, day, cost, grant_credit, other_credit):
        sums = self.by_day.setdefault(day, [0, 0, 0, []])
        sums[0] += cost
        sums[1] += grant_credit
        sums[2] += other_credit
        sums[3].append((cost, cost + grant_credit + other_credit))

    def settle(self, rules):
        partner, _, _, currency, _, account, service, sku, _ = self.key
        for day, (cost, grant_credit, other_credit, usage) in self.by_day.items():
            reason, basic_rate, deal_rate = rules.ruling(partner, account, service, sku, currency, day)
            base = cost + grant_credit + other_credit
            self.cost += cost
            self.grant_credit += grant_credit
            self.other_credit += other_credit
            self.basic_bonus += base * basic_rate
            self.deal_bonus += base * deal_rate
            if reason == ELIGIBLE:
                self.eligible_base += base
            if cost or grant_credit or other_credit:
                sums = self.reasons.setdefault(reason, [0, 0])
                sums[0] += cost
                sums[1] += base
            explained = self.usage_by_reason.setdefault(reason, [0, 0, 0, 0])
            for usage_cost, usage_base in usage:
                explained[0] += 1
                explained[1] += usage_cost
                explained[2] += usage_base
                explained[3] += usage_base * (basic_rate + deal_rate)
        self.check()

    @property
    def base(self):
        return self.cost + self.grant_credit + self.other_credit

    @property
    def bonus(self):
        return self.basic_bonus + self.deal_bonus

    def check(self):
        """cost = -grant_credit - other_credit + sum of base over reasons, and both ways to the bonus agree."""
        explained = self.usage_by_reason.values()
        if (self.cost != -self.grant_credit - self.other_credit + sum(base for _, base in self.reasons.values())
                or self.base != sum(base for _, _, base, _ in explained)
                or self.bonus != sum(bonus for _, _, _, bonus in explained)
                or self.eligible_base != self.reasons.get(ELIGIBLE, (0, 0))[1]):
            raise ArithmeticError('a line does not add up: %s' % (self.key,))


def lines_of(tables, rules):
    """Settled lines by key (partner, billing month, usage month, currency, section, account, service, SKU, category)."""
    lines = {}
    for partner, _, day, account, service, sku, currency, category, cost, credit, grant_credit in tables['usage_line']:
        if category == 'Tax':
            continue  # stored, outside base and payable
        month = first_of_month(day)
        section = 'own' if account == rules.own_account.get(partner) else 'customers'
        # every month is open: usage is billed in its own month
        key = (partner, month, month, currency, section, account, service, sku, category)
        if key not in lines:
            lines[key] = Line(key)
        grant_credit = scaled(grant_credit, AMOUNT_SCALE)
        lines[key].add(ordinal(day), scaled(cost, AMOUNT_SCALE), grant_credit, scaled(credit, AMOUNT_SCALE) - grant_credit)
    for line in lines.values():
        line.settle(rules)
    return lines
