"""The bonus in exact arithmetic, day by day and line by line, from the rows of the rule and usage tables.

Written from the domain's rules, not from the ledger's views, and shares no code with them. Amounts are integers with 18
decimals, rates with 12, bonuses with 30: a rule has at most 6 decimals, so a compound rate (base + deal - base * deal) has
12, and an amount times a rate 30. Nothing is divided before printing.

Two passes: each line's days are decided first; what is eligible makes the month's volume, and that the rates of tiers.
"""
from collections import defaultdict
from itertools import accumulate

from days import days_of_month, first_of_month, ordinal, validity
from decimals import POWERS, scaled
from tables import TABLES

AMOUNT_SCALE = 18
RULE_SCALE = 6
RATE_SCALE = 2 * RULE_SCALE
BONUS_SCALE = AMOUNT_SCALE + RATE_SCALE
ONE = 10 ** RULE_SCALE
BEYOND = POWERS[60]  # no volume is as large
DEAL_COLUMNS = TABLES['deal']

OWN, NOT_LINKED, NOT_ACTIVE, NO_TERMS, EXCLUDED, ELIGIBLE = REASONS = (
    'own consumption', 'not linked', 'partner not active', 'no terms', 'excluded', 'eligible')


class Terms:
    """What a program grants in one currency. A rate has RULE_SCALE decimals here; nothing is above the total cap."""

    def __init__(self, base_rate, deal_cap, total_cap, combination, volume_rule, rounding_mode, rounding_scale, tiers=()):
        self.base_rate = scaled(base_rate, RULE_SCALE)
        self.deal_cap = scaled(deal_cap, RULE_SCALE)
        self.total_cap = scaled(total_cap, RULE_SCALE)
        self.compound = combination == 'compound'
        self.volume_rule = volume_rule
        self.rounding_mode = rounding_mode
        self.rounding_scale = None if rounding_scale is None else int(rounding_scale)
        self.tiers = sorted((scaled(from_volume, AMOUNT_SCALE), scaled(rate, RULE_SCALE)) for from_volume, rate in tiers)

    def basic_rate(self, volume):
        """The rate that lines carry in a month of this volume: that of the tier it is in. A boundary is in the upper tier."""
        reached = self.base_rate
        if self.volume_rule:
            for from_volume, rate in self.tiers:
                if volume >= from_volume:
                    reached = rate
        return min(reached, self.total_cap)

    def rates(self, deal_rate, volume):
        """(basic rate, deal's part of the rate): the caps cut the deal first, then the total."""
        basic = self.basic_rate(volume)
        deal_rate = min(deal_rate, self.deal_cap)
        together = (basic + deal_rate) * ONE
        if self.compound:
            together -= basic * deal_rate
        return basic * ONE, min(together, self.total_cap * ONE) - basic * ONE

    def filled(self, start, volume):
        """What so much volume earns on top of `start` when every slice of it has the rate of its own tier."""
        low, high = sorted((start, start + volume))
        bounds = [-BEYOND, *(from_volume for from_volume, _ in self.tiers), BEYOND]
        earned = 0
        for tier, rate in enumerate((self.base_rate, *(rate for _, rate in self.tiers))):
            slice_low, slice_high = max(low, bounds[tier]), min(high, bounds[tier + 1])
            if slice_low < slice_high:
                earned += (slice_high - slice_low) * min(rate, self.total_cap)
        return earned if volume > 0 else -earned


def exclusion_targets(account, service, sku, category):
    """What exclusions can name of a line: the first that an exclusion names decides."""
    return ((account, None, sku, None), (account, service, None, None), (account, None, None, category),
            (account, None, None, None), (None, None, sku, None), (None, service, None, None), (None, None, None, category))


class Rules:
    """The rules of some partners; each question is about one day."""

    def __init__(self, tables):
        self.own_account = {partner: account for partner, account, _ in tables['partner']}
        self._programs, self._statuses, self._links = defaultdict(list), defaultdict(list), defaultdict(list)
        self._deals, self._terms, self._exclusions = defaultdict(list), defaultdict(list), defaultdict(dict)
        tiers = defaultdict(list)
        for _, terms_id, from_volume, rate in tables['program_tier']:
            tiers[terms_id].append((from_volume, rate))
        for terms_id, program, currency, days, *terms in tables['program_terms']:
            self._terms[program, currency].append((*validity(days), (terms_id, Terms(*terms, tiers[terms_id]))))
        for _, program, account, service, sku, category, effect, days in tables['exclusion']:
            self._exclusions[program].setdefault((account, service, sku, category), []).append((*validity(days), effect))
        for follows_id, partner, program, days in tables['partner_program']:
            self._programs[partner].append((*validity(days), (follows_id, program)))
        for _, partner, status, days in tables['partner_status']:
            self._statuses[partner].append((*validity(days), status))
        for link, partner, account, days in tables['subaccount_link']:
            self._links[partner, account].append((*validity(days), link))
        for deal in tables['deal']:
            self._add_deal(dict(zip(DEAL_COLUMNS, deal)))

    def _add_deal(self, deal):
        """Only what is active on a link holds, for the days of its validity; how it came to them does not matter."""
        if deal['link_id'] is not None:
            self._deals[deal['link_id']].append((*validity(deal['validity']), scaled(deal['rate'], RULE_SCALE)))

    @staticmethod
    def _on(day, rules):
        for first, after, value in rules:
            if first <= day < after:
                return value
        return None

    def _program(self, partner, day):
        return (self._on(day, self._programs[partner]) or (None, None))[1]

    def terms(self, partner, currency, day):
        return (self._on(day, self._terms[self._program(partner, day), currency]) or (None, None))[1]

    def terms_of_month(self, partner, currency, begin, after):
        """(ids of both rules, first day, day after the last, terms) of all that hold for the partner in these days."""
        for follows_first, follows_after, (follows_id, program) in self._programs[partner]:
            for first, end, (terms_id, terms) in self._terms[program, currency]:
                first, end = max(begin, follows_first, first), min(after, follows_after, end)
                if first < end:
                    yield (follows_id, terms_id), first, end, terms

    def excluded(self, partner, targets, day):
        """The narrowest exclusion of the day decides, by its effect."""
        exclusions = self._exclusions[self._program(partner, day)]
        for target in targets:
            effect = self._on(day, exclusions.get(target, ()))
            if effect:
                return effect == 'exclude'
        return False

    def ruling(self, partner, account, service, sku, category, currency, day):
        """(reason, terms, deal rate) of a day: the first reason that applies, and terms only when eligible."""
        if account == self.own_account.get(partner):
            return OWN, None, 0
        link = self._on(day, self._links[partner, account])
        if link is None:
            return NOT_LINKED, None, 0
        if self._on(day, self._statuses[partner]) != 'active':
            return NOT_ACTIVE, None, 0
        terms = self.terms(partner, currency, day)
        if terms is None:
            return NO_TERMS, None, 0
        if self.excluded(partner, exclusion_targets(account, service, sku, category), day):
            return EXCLUDED, None, 0
        # no deal adds nothing, just as a deal of zero does
        return ELIGIBLE, terms, self._on(day, self._deals[link]) or 0

    def rounding(self, partner, month, currency):
        """(mode, scale) by the terms of the month's last day that has terms; (mode, None) takes the currency's scale."""
        begin, after = days_of_month(month)
        for day in range(after - 1, begin - 1, -1):
            terms = self.terms(partner, currency, day)
            if terms is not None:
                return terms.rounding_mode, terms.rounding_scale
        return 'half away from zero', None


class Volume:
    """What is eligible of a partner's usage month in one currency, by day."""

    def __init__(self):
        self.by_day = defaultdict(int)
        self.total = 0

    def add(self, day, base):
        self.by_day[day] += base
        self.total += base

    def reached(self):
        """Volumes that the month reaches: in all, and at the end of each day."""
        running = list(accumulate(base for _, base in sorted(self.by_day.items())))
        return [self.total] * len(running) + running

    def between(self, first, after):
        return [base for day, base in sorted(self.by_day.items()) if first <= day < after]


class Graduation:
    """By how much graduated terms give more or less than the rate that their lines carry.

    The volume fills the tiers day after day; what the month held before the first day of these terms lies below them.
    """

    def __init__(self, terms, volume, first, after):
        self.volume, self.rate = volume.total, terms.basic_rate(volume.total)
        self.before = filled = sum(volume.between(-BEYOND, first))
        earned = 0
        for base in volume.between(first, after):
            earned += terms.filled(filled, base)
            filled += base
        self.of_days = filled - self.before
        self.adjustment = (earned - self.rate * self.of_days) * ONE


class Line:
    """Consumption of one key by day, and what it earns."""

    def __init__(self, key):
        self.key = key
        self.by_day = {}
        self.rulings = {}
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

    def decide(self, rules, volume):
        """The ruling of each day; what is eligible adds to the month's volume."""
        partner, _, _, currency, _, account, service, sku, category = self.key
        for day, (cost, grant_credit, other_credit, _) in self.by_day.items():
            ruling = self.rulings[day] = rules.ruling(partner, account, service, sku, category, currency, day)
            if ruling[0] == ELIGIBLE:
                volume.add(day, cost + grant_credit + other_credit)

    def settle(self, volume):
        for day, (cost, grant_credit, other_credit, usage) in self.by_day.items():
            reason, terms, registered_rate = self.rulings[day]
            basic_rate, deal_rate = terms.rates(registered_rate, volume) if terms else (0, 0)
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
    def reason_names(self):
        return [reason for reason in REASONS if reason in self.reasons]

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


class VolumeLine(Line):
    """The partner's own line of a month: what graduated tiers give more or less than the rate that its lines carry."""

    reason_names = ['volume tiers']

    def __init__(self, partner, month, currency, amount):
        super().__init__((partner, month, month, currency, 'customers', None, None, None, None))
        self.basic_bonus = amount


class Computation:
    """Settled lines by key (partner, billing month, usage month, currency, section, account, service, SKU, category), the
    volumes by (partner, usage month, currency), and the graduations by these and the ids of the two rules."""

    def __init__(self, tables, rules):
        self.lines, self.volumes, self.graduations = {}, defaultdict(Volume), {}
        for row in tables['usage_row']:
            self._add_usage(rules, *row)
        for line in self.lines.values():
            line.decide(rules, self.volume_of(line.key))
        for line in self.lines.values():
            line.settle(self.volume_of(line.key).total)
        for key, volume in self.volumes.items():
            self._graduate(rules, key, volume)

    def volume_of(self, key):
        return self.volumes[key[0], key[2], key[3]]

    def _add_usage(self, rules, partner, _, day, account, service, sku, currency, category, cost, credit, grant_credit):
        if category == 'Tax':
            return  # stored, outside base and payable
        month = first_of_month(day)
        section = 'own' if account == rules.own_account.get(partner) else 'customers'
        # every month is open: usage is billed in its own month
        key = (partner, month, month, currency, section, account, service, sku, category)
        if key not in self.lines:
            self.lines[key] = Line(key)
        grant_credit = scaled(grant_credit, AMOUNT_SCALE)
        self.lines[key].add(ordinal(day), scaled(cost, AMOUNT_SCALE), grant_credit, scaled(credit, AMOUNT_SCALE) - grant_credit)

    def _graduate(self, rules, key, volume):
        partner, month, currency = key
        amount = 0
        for ids, first, after, terms in rules.terms_of_month(partner, currency, *days_of_month(month)):
            if terms.volume_rule == 'graduated':
                graduation = self.graduations[(*key, *ids)] = Graduation(terms, volume, first, after)
                amount += graduation.adjustment
        if amount:
            line = VolumeLine(partner, month, currency, amount)
            self.lines[line.key] = line
