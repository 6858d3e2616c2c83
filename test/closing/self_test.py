"""Proves the tools without a server: histories played by a model that makes a plausible mistake issue other documents than the true one,
and the comparison reports every altered figure."""
import contextlib
from collections import Counter
from fractions import Fraction

import documents
from comparing import blocks_of, compare, head_of, line_of
from days import day_text, days_of_month
from decimals import minimal
from documents import Books, Line, Usage
from history import WEIGHTS, History
from ledger import Differs

HISTORIES = 320  # most mistakes show in the first few, the rarest not always in the first 32

CASE_HISTORIES = 24


def play(seed, number):
    history = History(seed, number, 5, 4, weights={**WEIGHTS, 'credit': 4})
    history.play()
    return history


def issued(history):
    """Everything that is in documents."""
    found = []
    for partner, book in history.world.books.items():
        for document in book.documents:
            head = head_of(document)
            found.append((partner, tuple(sorted((name, str(value)) for name, value in head.items())), tuple(sorted(map(str, blocks_of(document).items()))),
                          tuple(str(line_of(line, document.scale)) for line in document.lines)))
    return found


@contextlib.contextmanager
def replaced(owner, name, wrong):
    right = getattr(owner, name)
    setattr(owner, name, wrong)
    try:
        yield
    finally:
        setattr(owner, name, right)


# Mistakes: what the ledger might do instead.

def _todays_rate(right=Books.rulings):
    """Late usage at the rates of the month that bills it."""
    def rulings(self, key, series, month):
        billing_month = key[1]
        if billing_month == month:
            return right(self, key, series, month)
        moved = right(self, (*key[:2], billing_month, *key[3:]), {days_of_month(billing_month)[0]: None}, month)
        (_, rates), = moved.values()
        return {day: (reason, rates if any(rate) else rate) for day, (reason, rate) in right(self, key, series, month).items()}
    return rulings


def _moved_tiers(right=Books.draft):
    """Late usage moves the month into another tier."""
    def draft(self, month):
        for closed in sorted(self.frozen):
            if closed < month:
                self.freeze(closed)
        return right(self, month)
    return draft


def _not_frozen_anew(right=Books.freeze):
    def freeze(self, month):
        if month not in self.frozen:
            right(self, month)
    return freeze


def _doubled(right=Books.correct):
    """A correction that forgets what earlier ones have billed."""
    def correct(self, month):
        before = {key: dict(rates) for key, (_, rates) in self.billed.items()}
        right(self, month)
        for key, rates in before.items():
            self.billed[key][1].clear()
            self.billed[key][1].update(rates)
    return correct


def _usage_alone(right=Books.correct):
    """A correction without what tiers give less."""
    def correct(self, month):
        before = len(self.pending)
        right(self, month)
        self.pending = self.pending[:before] + [line for line in self.pending[before:] if not line['adjustment']]
    return correct


def _own_month_only(right=Books.correct):
    """A correction of the lines that the month itself billed, not of late ones."""
    def correct(self, month):
        late = {key: value for key, value in self.billed.items() if key[0] != key[1]}
        for key in late:
            del self.billed[key]
        right(self, month)
        self.billed.update(late)
    return correct


def _vat_by_line(right=documents.Document.print):
    """VAT rounded line by line."""
    def print_(self, lines):
        right(self, lines)
        for (section, vat), (base, bonus, payable, taxable, _) in self.blocks.items():
            tax = sum(documents.vat_amount(line.payable, vat[1], vat[2], self.mode) for line in lines if (line.section, line.vat) == (section, vat))
            self.blocks[section, vat] = (base, bonus, payable, payable - tax if vat[2] else taxable, tax)
    return print_


def _vat_included_as_excluded(payable, rate, included, mode, right=documents.vat_amount):
    return right(payable, rate, False, mode)


def _vat_of_billing_month(right=Books.taxed):
    def taxed(self, kind, key, series, rates, eligible=(), reasons='', **more):
        if key[1] == key[2]:
            return right(self, kind, key, series, rates, eligible, reasons, **more)
        parts = self.world.vat.parts(self.country, key[3], key[1])
        return [Line(kind, key, parts[0][0], {} if more.get('adjustment') else series, rates, eligible, reasons, **more)]
    return taxed


def _vat_of_last_day(right=Books.taxed):
    """A month whose rate of VAT changes is taxed by its last day throughout."""
    def taxed(self, kind, key, series, rates, eligible=(), reasons='', **more):
        last = days_of_month(key[2])[1] - 1
        vat, = [vat for vat, days in self.world.vat.parts(self.country, key[3], key[2]) if last in days]
        return [Line(kind, key, vat, {} if more.get('adjustment') else series, rates, eligible, reasons, **more)]
    return taxed


def _lost_where_vat_changes(right=Books.taxed):
    """The correction of a tiers' line is lost in months with two rates of VAT."""
    def taxed(self, kind, key, *rest, **more):
        split = len(self.world.vat.parts(self.country, key[3], key[2])) > 1
        return [] if kind == 'correction' and more.get('adjustment') and split else right(self, kind, key, *rest, **more)
    return taxed


def _credited_twice(right=Books.credit):
    """What was credited before is credited again with the rest."""
    def credit(self, invoice, numbers):
        if numbers is None:
            invoice.credited.clear()
        return right(self, invoice, numbers)
    return credit


def _gap(right=Books.credit):
    """Credit notes take a number of invoices."""
    def credit(self, invoice, numbers):
        self.last_number['regular invoice'] += 1
        return right(self, invoice, numbers)
    return credit


def _one_reversal(right=Usage.totals):
    """What a late change takes off is forgotten."""
    def totals(self):
        taken = [(version, version.reversed_in) for versions in self.units.values() for version in versions]
        for version, _ in taken:
            if version.reversed_in and version.reversed_in != version.billed_in:
                version.reversed_in = None
        found = right(self)
        for version, reversed_in in taken:
            version.reversed_in = reversed_in
        return found
    return totals


def _summed_rounding(right=documents.Document.print):
    """Every line rounded for itself."""
    def print_(self, lines):
        right(self, lines)
        unit = documents.POWERS[documents.BONUS_SCALE - self.scale]
        for line in lines:
            line.leaves = [documents.rounded(amount, unit, self.mode) for amount in line.exact]
    return print_


MUTANTS = {
    "late usage at today's rate": (Books, 'rulings', _todays_rate()),
    'tiers moved by late usage': (Books, 'draft', _moved_tiers()),
    'volumes not frozen anew by a correction': (Books, 'freeze', _not_frozen_anew()),
    'a correction forgets earlier ones': (Books, 'correct', _doubled()),
    'a correction without tiers': (Books, 'correct', _usage_alone()),
    'a correction without late lines': (Books, 'correct', _own_month_only()),
    'VAT rounded line by line': (documents.Document, 'print', _vat_by_line()),
    'included VAT added': (documents, 'vat_amount', _vat_included_as_excluded),
    'VAT of the month that bills': (Books, 'taxed', _vat_of_billing_month()),
    'VAT of the last day': (Books, 'taxed', _vat_of_last_day()),
    'corrected tiers lost where VAT changes': (Books, 'taxed', _lost_where_vat_changes()),
    'credited lines credited again': (Books, 'credit', _credited_twice()),
    'a gap in numbers': (Books, 'credit', _gap()),
    'what late changes take off forgotten': (Usage, 'totals', _one_reversal()),
    'lines rounded one by one': (documents.Document, 'print', _summed_rounding()),
}
RIGHT = {name: getattr(owner, of) for name, (owner, of, _) in MUTANTS.items()}
# Without these a history shows less than it should.
CASES = ('invoice', 'statement', 'credit note', 'usage lines', 'volume tiers lines', 'correction lines', 'late lines', 'skipped months', 'corrections')


def check_mutants(tally, seed):
    truth = []
    for name, mutant in MUTANTS.items():
        noticed = None
        with replaced(*mutant):
            for number in range(HISTORIES):
                if number == len(truth):
                    with replaced(mutant[0], mutant[1], RIGHT[name]):
                        truth.append(issued(play(seed, number)))
                try:
                    if issued(play(seed, number)) != truth[number]:
                        noticed = number
                except Exception:  # a mistake may well break what comes after it
                    noticed = number
                if noticed is not None:
                    break
        tally.check(noticed is not None, 'no history of %d tells "%s" from the truth' % (HISTORIES, name))


def check_comparison(tally, seed):
    """One figure altered, wherever it is, is reported."""
    history = play(seed, 0)
    for partner, book in history.world.books.items():
        for document in book.documents:
            given = given_of(document)
            tally.check(reports(partner, document, given) is None, 'a document differs from itself: %s' % reports(partner, document, given))
            for name in ('gross', 'basic_bonus', 'own_total', 'vat_total', 'invoice_total', 'eligible_base', 'line_count', 'sequence'):
                altered = {**given, name: given[name] + 1}
                tally.check(reports(partner, document, altered), '%s altered is not reported' % name)
            for place, line in enumerate(given['lines']):
                for name in ('exact_cost', 'exact_basic_bonus', 'exact_deal_bonus', 'gross', 'deal_bonus', 'taxable'):
                    altered = {**line, name: line[name] + Fraction(1, 10 ** 18)}
                    lines = [*given['lines'][:place], altered, *given['lines'][place + 1:]]
                    tally.check(reports(partner, document, {**given, 'lines': lines}), '%s of a line altered is not reported' % name)
                tally.check(reports(partner, document, {**given, 'lines': given['lines'][:place] + given['lines'][place + 1:]}), 'a line less is not reported')
            for place, block in enumerate(given['blocks']):
                blocks = [*given['blocks'][:place], {**block, 'vat': block['vat'] + Fraction(1, 10 ** 4)}, *given['blocks'][place + 1:]]
                tally.check(reports(partner, document, {**given, 'blocks': blocks}), 'VAT of a block altered is not reported')


def given_of(document):
    """A document as a ledger would give it that agrees with the model."""
    lines = []
    for line in document.lines:
        row = line_of(line, document.scale)
        row.update(consumption=series_text(line), basic_schedule=schedule_text(line, 0), deal_schedule=schedule_text(line, 1))
        lines.append(row)
    blocks = [dict(zip(('section', 'vat_category', 'vat_rate', 'vat_included', 'base', 'bonus', 'payable', 'taxable', 'vat'), (*key, *amounts)))
              for key, amounts in blocks_of(document).items()]
    return {**head_of(document), 'lines': lines, 'blocks': blocks}


def series_text(line):
    return '{%s}' % ', '.join('%s: %s' % (day_text(day), '/'.join(minimal(amount, 18) for amount in amounts)) for day, amounts in sorted(line.series.items()))


def schedule_text(line, place):
    return '{%s}' % ', '.join('[%s,%s): %s' % (day_text(day), day_text(day + 1), minimal(line.rates[day][place], 12))
                              for day in sorted(line.series) if line.rates.get(day, (0, 0))[place])


def reports(partner, document, given):
    try:
        compare(partner, document, given)
    except Differs as difference:
        return str(difference)
    return None


def check_cases(tally, seed):
    counts = Counter()
    for number in range(CASE_HISTORIES):
        counts += play(seed, number).counts
    for case in CASES:
        tally.check(counts[case], 'no history of %d has: %s' % (CASE_HISTORIES, case))


class Tally:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, passed, what):
        if passed:
            self.passed += 1
        else:
            self.failed += 1
            print('failed: ' + what)


def run(seed):
    tally = Tally()
    check_comparison(tally, seed)
    check_mutants(tally, seed)
    check_cases(tally, seed)
    print('%d passed, %d failed' % (tally.passed, tally.failed))
    return 1 if tally.failed else 0
