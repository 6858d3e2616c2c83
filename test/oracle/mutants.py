"""Wrong computations that random months must tell from the right one.

Each mutant replaces one attribute of the exact computation by something plausible and wrong. One that gives the right
answers for all months means that the months never reach what it breaks.
"""
import contextlib

import exact
import printing
from decimals import scaled
from exact import EXCLUDED, NO_TERMS, NOT_ACTIVE, NOT_LINKED, OWN, Line, Rules, Terms
from printing import Document


@contextlib.contextmanager
def replaced(owner, name, value):
    original = owner.__dict__[name]
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, original)


def _terms_without(attribute, value):
    def construct(self, *columns, original=Terms.__init__):
        original(self, *columns)
        setattr(self, attribute, value)
    return Terms, '__init__', construct


def _validity(first_shift, after_shift, original=exact.validity):
    def validity(text):
        first, after = original(text)
        return first + first_shift, after + after_shift
    return exact, 'validity', validity


def _deal_cut_last(self, deal_rate):
    """The cap takes from the basic part first."""
    deal = min(deal_rate, self.deal_cap, self.total_cap) * exact.ONE
    return min(self.base_rate * exact.ONE, self.total_cap * exact.ONE - deal), deal


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


def _excluded_by(which, original=Rules.excluded):
    def excluded(self, partner, service, sku, day):
        return original(self, partner, *((service, '') if which == 'service' else ('', sku)), day)
    return Rules, 'excluded', excluded


def _reordered(*order):
    """Reasons tried in another order."""
    def ruling(self, partner, account, service, sku, currency, day, original=Rules.ruling):
        terms = self.terms(partner, currency, day)
        applies = {OWN: account == self.own_account.get(partner),
                   NOT_LINKED: self._on(day, self._links[partner, account]) is None,
                   NOT_ACTIVE: self._on(day, self._statuses[partner]) != 'active',
                   NO_TERMS: terms is None,
                   EXCLUDED: self.excluded(partner, service, sku, day)}
        for reason in order:
            if applies[reason]:
                return reason, 0, 0
        return original(self, partner, account, service, sku, currency, day)
    return Rules, 'ruling', ruling


def _any_status(self, tables, original=Rules.__init__):
    original(self, tables)
    for statuses in self._statuses.values():
        statuses[:] = [(first, after, 'active') for first, after, _ in statuses]


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


def _clamped(self, rules, original=Line.settle):
    original(self, rules)
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
    'exclusions by SKU lost': _excluded_by('service'),
    'exclusions by service lost': _excluded_by('sku'),
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
MUTANTS.update(('%s as %s' % (mode, other), _mode(mode, other)) for mode, other in (
    ('half away from zero', 'half even'), ('half away from zero', 'half up'), ('half even', 'half away from zero'),
    ('half even', 'half up'), ('half up', 'half away from zero'), ('half up', 'half even'), ('down', 'truncate'),
    ('up', 'half up'), ('truncate', 'down'), ('truncate', 'half up')))
