"""Wrong computations that random months must tell from the right one.

Each mutant replaces one attribute of the exact computation by something plausible and wrong. One that gives the right
answers for all months means that the months never reach what it breaks.
"""
import contextlib

import exact
import printing
from days import UNBOUNDED, ordinal
from decimals import scaled
from exact import ELIGIBLE, EXCLUDED, NO_TERMS, NOT_ACTIVE, NOT_LINKED, OWN, Computation, Graduation, Line, Rules, Terms, Volume
from generate import Month
from printing import Document
from tables import TABLES


@contextlib.contextmanager
def replaced(owner, name, value):
    original = owner.__dict__[name]
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, original)


def _terms_without(attribute, value):
    """Terms whose attribute is the value, whatever the table says."""
    def construct(self, *columns, original=Terms.__init__):
        original(self, *columns)
        setattr(self, attribute, value)
    return Terms, '__init__', construct


def _volume_rule_as(instead_of, other):
    def construct(self, *columns, original=Terms.__init__):
        original(self, *columns)
        self.volume_rule = other if self.volume_rule == instead_of else self.volume_rule
    return Terms, '__init__', construct


def _validity(first_shift, after_shift, original=exact.validity):
    def validity(text):
        first, after = original(text)
        return first + first_shift, after + after_shift
    return exact, 'validity', validity


def _deal_cut_last(self, deal_rate, volume):
    """The cap takes from the basic part first."""
    deal = min(deal_rate, self.deal_cap, self.total_cap)
    return min(self.basic_rate(volume), self.total_cap - deal) * exact.ONE, deal * exact.ONE


def _deal_on_base_rate(self, deal_rate, volume, original=Terms.rates):
    """The caps cut the deal as if the base rate held, whatever tier the volume is in."""
    return self.basic_rate(volume) * exact.ONE, original(self, deal_rate, -1)[1]


def _deal_of_account(self, tables, original=Rules.__init__):
    """Deals outlive their link: a deal holds for the account whenever it is linked."""
    original(self, tables)
    account_of = {link: account for link, _, account, _ in tables['subaccount_link']}
    for link, account in account_of.items():
        self._deals[link] = [deal for other, deals in list(self._deals.items()) if account_of[other] == account
                             for deal in deals]


def _account_of_any_partner(self, tables, original=Rules.__init__):
    """A link to any partner counts as a link to this one."""
    original(self, tables)
    for partner in self.own_account:
        for _, _, account, _ in tables['subaccount_link']:
            for other in self.own_account:
                if other != partner:
                    self._links[partner, account] = self._links[partner, account] + self._links[other, account]


def _deal_like(days_of):
    """Deals hold on other days: a function gives the validity's text from the columns, or None."""
    def add_deal(self, deal, original=Rules._add_deal):
        days = days_of(deal)
        original(self, deal if days is None else {**deal, 'validity': days})
    return Rules, '_add_deal', add_deal


def _until_ended(deal):
    return deal['validity'] and deal['ended_on'] and '%s,%s)' % (deal['validity'].split(',')[0], deal['ended_on'])


def _since_approved(deal):
    return deal['link_id'] and deal['approved_on'] and '[%s,%s' % (deal['approved_on'], deal['validity'].split(',')[1])


def _applications_count(self, tables, original=Rules.__init__):
    """An application counts for its customer from its approval, or else its submission on."""
    original(self, tables)
    links = {}
    for link, partner, account, _ in tables['subaccount_link']:
        links.setdefault((partner, account), []).append(link)
    for row in tables['deal']:
        deal = dict(zip(TABLES['deal'], row))
        if deal['link_id'] is None:
            for link in links.get((deal['partner_id'], deal['customer']), ()):
                self._deals[link].append((ordinal(deal['approved_on'] or deal['submitted_on']), UNBOUNDED,
                                          scaled(deal['rate'], exact.RULE_SCALE)))


def _targets(change, original=exact.exclusion_targets):
    """Exclusions are tried in another order, or some not at all."""
    def exclusion_targets(*line):
        targets = list(original(*line))
        change(targets)
        return targets
    return exact, 'exclusion_targets', exclusion_targets


def _swapped(rank):
    def swap(targets):
        targets[rank - 1], targets[rank] = targets[rank], targets[rank - 1]
    return _targets(swap)


def _lost(rank):
    def lose(targets):
        del targets[rank - 1]
    return _targets(lose)


def _effects(self, partner, targets, day):
    exclusions = self._exclusions[self._program(partner, day)]
    return [effect for effect in (self._on(day, exclusions.get(target, ())) for target in targets) if effect]


def _any_exclusion(self, partner, targets, day):
    return 'exclude' in _effects(self, partner, targets, day)


def _any_inclusion(self, partner, targets, day):
    effects = _effects(self, partner, targets, day)
    return 'exclude' in effects and 'include' not in effects


def _include_as_exclude(self, partner, targets, day):
    return bool(_effects(self, partner, targets, day))


def _exclusions_of_any_program(self, tables, original=Rules.__init__):
    original(self, tables)
    merged = {}
    for exclusions in self._exclusions.values():
        for target, effects in exclusions.items():
            merged[target] = merged.get(target, []) + effects
    self._exclusions = {program: merged for program in (None, *(row[0] for row in tables['program']))}


def _included_before(reason):
    """What is included is eligible although the reason applies, where there are terms."""
    def ruling(self, partner, account, service, sku, category, currency, day, original=Rules.ruling):
        given = original(self, partner, account, service, sku, category, currency, day)
        if given[0] == reason:
            effects = _effects(self, partner, exact.exclusion_targets(account, service, sku, category), day)
            terms = self.terms(partner, currency, day)
            if terms and effects and effects[0] == 'include':
                return ELIGIBLE, terms, 0
        return given
    return Rules, 'ruling', ruling


def _reordered(*order):
    """Reasons tried in another order."""
    def ruling(self, partner, account, service, sku, category, currency, day, original=Rules.ruling):
        terms = self.terms(partner, currency, day)
        applies = {OWN: account == self.own_account.get(partner),
                   NOT_LINKED: self._on(day, self._links[partner, account]) is None,
                   NOT_ACTIVE: self._on(day, self._statuses[partner]) != 'active',
                   NO_TERMS: terms is None,
                   EXCLUDED: self.excluded(partner, exact.exclusion_targets(account, service, sku, category), day)}
        for reason in order:
            if applies[reason]:
                return reason, None, 0
        return original(self, partner, account, service, sku, category, currency, day)
    return Rules, 'ruling', ruling


def _any_status(self, tables, original=Rules.__init__):
    original(self, tables)
    for statuses in self._statuses.values():
        statuses[:] = [(first, after, 'active') for first, after, _ in statuses]


def _not_revoked(self, tables, original=Rules.__init__):
    """Every status counts as active but those in which the partner has left."""
    original(self, tables)
    for statuses in self._statuses.values():
        statuses[:] = [(first, after, status if status in ('revoked', 'quit') else 'active') for first, after, status in statuses]


def _boundary_below(self, volume, original=Terms.basic_rate):
    """A boundary is in the lower tier."""
    return original(self, volume - 1)


def _tiers_above_cap(self, volume):
    reached = self.base_rate
    for from_volume, rate in self.tiers if self.volume_rule else ():
        if volume >= from_volume:
            reached = rate
    return reached


def _tiers_of_absolute_volume(self, volume, original=Terms.basic_rate):
    """A negative volume has the rate of its absolute value."""
    return original(self, abs(volume))


def _nothing_below_zero(self, start, volume, original=Terms.filled):
    """A negative volume earns nothing, instead of the base rate back."""
    return original(self, max(0, start), max(0, start + volume) - max(0, start))


def _without_refunds(self, day, base, original=Volume.add):
    original(self, day, max(0, base))


def _volume_of_all_lines(self, rules, volume, original=Line.decide):
    """Excluded usage is volume too."""
    original(self, rules, volume)
    for day, (cost, grant_credit, other_credit, _) in self.by_day.items():
        if self.rulings[day][0] == EXCLUDED:
            volume.add(day, cost + grant_credit + other_credit)


def _volume_before_credits(self, rules, volume, original=Line.decide):
    original(self, rules, volume)
    for day, (_, grant_credit, other_credit, _) in self.by_day.items():
        if self.rulings[day][0] == ELIGIBLE:
            volume.add(day, -grant_credit - other_credit)


def _volume_of_the_line(self, volume, original=Line.settle):
    original(self, sum(base for day, (*parts, _) in self.by_day.items() if self.rulings[day][0] == ELIGIBLE for base in parts))


def _volume_of_currencies(self, key):
    for (partner, month, _), volume in self.volumes.items():
        if (partner, month) == (key[0], key[2]):
            return self.volumes.setdefault((partner, month, key[3]), volume)
    return self.volumes[key[0], key[2], key[3]]


def _graduation(before=None, rate=None):
    """Tiers that start elsewhere, or a line rate of another volume."""
    def construct(self, terms, volume, first, after, original=Graduation.__init__):
        original(self, terms, volume, first, after)
        start = self.before if before is None else before(self)
        self.rate = self.rate if rate is None else terms.basic_rate(rate(self))
        self.adjustment = (terms.filled(start, self.of_days) - self.rate * self.of_days) * exact.ONE
    return Graduation, '__init__', construct


def _adjustment_of_terms_alone(self, *key, original=Computation._graduate):
    """Only the last of the month's terms adjusts."""
    original(self, *key)
    amounts = [graduation.adjustment for graduation in self.graduations.values()]
    for line_key in [line_key for line_key in self.lines if line_key[5] is None]:
        self.lines[line_key].basic_bonus = amounts[-1]


def _adjustment_as_deal(self, partner, month, currency, amount, original=exact.VolumeLine.__init__):
    original(self, partner, month, currency, 0)
    self.deal_bonus = amount


def _volume_line_first(line, original=printing._order):
    return [(not has_none, text) for has_none, text in original(line)]


def _old_versions_too(self):
    """Rows that were edited and deleted hold beside what replaced them."""
    rows = {table: list(rows) for table, rows in self.tables.items()}
    for edit in self.edits:
        if edit.before is not None:
            rows[edit.table].insert(0, edit.before)
    return rows


def _replaced_usage_too(self):
    return {**self.tables, 'usage_row': self.tables['usage_row'] + self.replaced_usage}


def _terms_in_any_currency(self, partner, currency, day, original=Rules.terms):
    currencies = [currency] + sorted({key[1] for key in self._terms})
    return next(filter(None, (original(self, partner, other, day) for other in currencies)), None)


def _rounding_of_first_day(self, partner, month, currency):
    begin, after = exact.days_of_month(month)
    for day in range(begin, after):
        terms = self.terms(partner, currency, day)
        if terms is not None:
            return terms.rounding_mode, terms.rounding_scale
    return 'half away from zero', None


def _mode(instead_of, mode, original=printing.rounded):
    def rounded(value, unit, given):
        return original(value, unit, mode if given == instead_of else given)
    return printing, 'rounded', rounded


def _allocate(order):
    def allocate(values, target, unit):
        shares = [value // unit for value in values]
        for index in sorted(range(len(values)), key=lambda index: order(values[index] % unit, index))[:target - sum(shares)]:
            shares[index] += 1
        return shares
    return printing, 'allocate', allocate


def _folded(text):
    """Order of letters without case, as a locale's collation has it."""
    return text.lower().encode()


def _grant_earns(self, day, cost, grant_credit, other_credit, original=Line.add):
    original(self, day, cost - grant_credit, grant_credit, other_credit)


def _fewer_decimals(text, scale, keep=15):
    return scaled(text, scale) // 10 ** max(0, scale - keep) * 10 ** max(0, scale - keep)


def _as_double(text, scale):
    return int(float(text) * 10 ** scale)


def _clamped(self, volume, original=Line.settle):
    original(self, volume)
    self.basic_bonus, self.deal_bonus = max(0, self.basic_bonus), max(0, self.deal_bonus)


MUTANTS = {
    'deal cap ignored': _terms_without('deal_cap', exact.ONE),
    'total cap ignored': _terms_without('total_cap', 2 * exact.ONE),
    'compound as additive': _terms_without('compound', False),
    'additive as compound': _terms_without('compound', True),
    'cap takes from the basic part': (Terms, 'rates', _deal_cut_last),
    'scale of the terms ignored': _terms_without('rounding_scale', None),
    'last day of a validity lost': _validity(0, -1),
    'day after a validity counts': _validity(0, 1),
    'first day of a validity lost': _validity(1, 0),
    'day before a validity counts': _validity(-1, 0),
    'deals outlive their link': (Rules, '__init__', _deal_of_account),
    'links to others count': (Rules, '__init__', _account_of_any_partner),
    'status ignored': (Rules, '__init__', _any_status),
    'suspended partners earn': (Rules, '__init__', _not_revoked),
    'tenders hold for their contract': _deal_like(lambda deal: deal['link_id'] and deal['contract']),
    'deals hold until they are said to have ended': _deal_like(_until_ended),
    'deals hold since their approval': _deal_like(_since_approved),
    'applications count': (Rules, '__init__', _applications_count),
    'edits come too late': (Month, 'current', Month.loaded),
    'old versions count': (Month, 'current', _old_versions_too),
    'replaced usage counts': (Month, 'current', _replaced_usage_too),
    'include ignored': (Rules, 'excluded', _any_exclusion),
    'include decides': (Rules, 'excluded', _any_inclusion),
    'include excludes': (Rules, 'excluded', _include_as_exclude),
    'widest exclusion decides': _targets(list.reverse),
    'exclusions of any program': (Rules, '__init__', _exclusions_of_any_program),
    'included own consumption earns': _included_before(OWN),
    'included usage earns without a link': _included_before(NOT_LINKED),
    'included usage earns though not active': _included_before(NOT_ACTIVE),
    'boundary in the lower tier': (Terms, 'basic_rate', _boundary_below),
    'tiers above the cap': (Terms, 'basic_rate', _tiers_above_cap),
    'tiers of the absolute volume': (Terms, 'basic_rate', _tiers_of_absolute_volume),
    'negative volume earns nothing': (Terms, 'filled', _nothing_below_zero),
    'deal on top of the base rate': (Terms, 'rates', _deal_on_base_rate),
    'slab as flat': _volume_rule_as('slab', None),
    'graduated as flat': _volume_rule_as('graduated', None),
    'slab as graduated': _volume_rule_as('slab', 'graduated'),
    'graduated as slab': _volume_rule_as('graduated', 'slab'),
    'flat with tiers': _volume_rule_as(None, 'slab'),
    'adjustment lost': (Computation, '_graduate', lambda self, *key: None),
    'adjustment of the last terms alone': (Computation, '_graduate', _adjustment_of_terms_alone),
    'adjustment as deal bonus': (exact.VolumeLine, '__init__', _adjustment_as_deal),
    'line of the volume first': (printing, '_order', _volume_line_first),
    'volume without refunds': (Volume, 'add', _without_refunds),
    'volume of excluded usage': (Line, 'decide', _volume_of_all_lines),
    'volume before credits': (Line, 'decide', _volume_before_credits),
    'volume of each line': (Line, 'settle', _volume_of_the_line),
    'volume of all currencies': (Computation, 'volume_of', _volume_of_currencies),
    'tiers begin with the terms': _graduation(before=lambda graduation: 0),
    'tiers begin with the terms, rate too': _graduation(before=lambda graduation: 0, rate=lambda graduation: graduation.of_days),
    'adjusted from the rate of the days': _graduation(rate=lambda graduation: graduation.before + graduation.of_days),
    'not linked before own consumption': _reordered(NOT_LINKED, OWN, NOT_ACTIVE, NO_TERMS, EXCLUDED),
    'not active before not linked': _reordered(OWN, NOT_ACTIVE, NOT_LINKED, NO_TERMS, EXCLUDED),
    'no terms before not active': _reordered(OWN, NOT_LINKED, NO_TERMS, NOT_ACTIVE, EXCLUDED),
    'excluded before no terms': _reordered(OWN, NOT_LINKED, NOT_ACTIVE, EXCLUDED, NO_TERMS),
    'excluded before not active': _reordered(OWN, NOT_LINKED, EXCLUDED, NOT_ACTIVE, NO_TERMS),
    'own consumption earns': _reordered(NOT_LINKED, NOT_ACTIVE, NO_TERMS, EXCLUDED),
    'terms of any currency': (Rules, 'terms', _terms_in_any_currency),
    'rounding of the first day': (Rules, 'rounding', _rounding_of_first_day),
    'grants earn bonus': (Line, 'add', _grant_earns),
    'amounts cut to 15 decimals': (exact, 'scaled', _fewer_decimals),
    'amounts in floating point': (exact, 'scaled', _as_double),
    'negative bonus clamped': (Line, 'settle', _clamped),
    'ties to the last': _allocate(lambda fraction, index: (-fraction, -index)),
    'smallest fractions first': _allocate(lambda fraction, index: (fraction == 0, fraction, index)),
    'first lines first': _allocate(lambda fraction, index: (fraction == 0, index)),
    'zero takes a share': _allocate(lambda fraction, index: index),
    'documents without a base': (Document, 'issued', True),
    'order of a locale': (printing, 'bytewise', _folded),
}
MUTANTS.update(('exclusions of rank %d lost' % rank, _lost(rank)) for rank in range(1, 8))
MUTANTS.update(('ranks %d and %d swapped' % (rank, rank + 1), _swapped(rank)) for rank in range(1, 7))
MUTANTS.update(('%s as %s' % (mode, other), _mode(mode, other)) for mode, other in (
    ('half away from zero', 'half even'), ('half away from zero', 'half up'), ('half even', 'half away from zero'),
    ('half even', 'half up'), ('half up', 'half away from zero'), ('half up', 'half even'), ('down', 'truncate'),
    ('up', 'half up'), ('truncate', 'down'), ('truncate', 'half up')))
