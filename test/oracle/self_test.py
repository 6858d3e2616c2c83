"""Proves the tools: the comparison reports every alteration, exact arithmetic knows answers worked out by hand, the months
reach every case and tell wrong computations from the right one. Needs no server."""
from answers import ANSWERS, NULL, Expected
from dice import Dice
from exact import Computation, Rules
from generate import MINOR_UNITS, months, number_of_month
from mutants import MUTANTS, replaced
from printing import FootingError, allocate, documents_of, rounded
from run import compare
from survey import EVERY_CASE, survey
from tables import TABLES

COMPARED_MONTHS = 200
MUTANT_MONTHS = 4000
MUTANT_CHUNK = 50
SURVEYED_MONTHS = 4000


class Tally:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, passed, what):
        if passed:
            self.passed += 1
        else:
            self.failed += 1
            print('failed: ' + what)


def expect(seed, count):
    expected = Expected()
    for month in months(seed, 0, count):
        expected.add(month.current(), MINOR_UNITS)
    return expected


def altered_digit(text):
    """The same text with its last digit (or letter) changed."""
    if text[-1].isdigit():
        return text[:-1] + str((int(text[-1]) + 1) % 10)
    return text[:-1] + ('x' if text[-1:] != 'x' else 'y')


def check_comparison(tally, seed):
    """Alters single answers of either source; each alteration must be reported where it was made, and alone."""
    expected = expect(seed, COMPARED_MONTHS)
    dice = Dice(seed, 0)

    def given():
        return tuple({name: list(rows) for name, rows in source.items()} for source in (expected.ledger, expected.oracle))

    tally.check(compare(expected, *given()) == [], 'unaltered answers differ')
    for answer in ANSWERS:
        for source, columns in (('ledger', answer.ledger_columns), ('SQL oracle', answer.oracle_columns)):
            if source == 'SQL oracle' and not answer.in_oracle:
                continue
            which = 0 if source == 'ledger' else 1
            if not given()[which][answer.name]:
                both = given()
                both[which][answer.name].append('\t'.join(['p1'] + ['0'] * (len(columns) - 1)))
                tally.check(len(compare(expected, *both)) == 1, '%s: a row of %s is not reported' % (source, answer.name))
                continue

            def alter(change):
                """Reports of one change to a random row, and that row's values."""
                both = given()
                rows = both[which][answer.name]
                index = dice.below(len(rows))
                values = rows[index].split('\t')
                change(rows, index, values)
                return compare(expected, *both), values

            for position in range(len(answer.key), len(columns)):
                if columns[position] == 'reasons':
                    continue  # may be empty; see the reason below

                def one_digit(rows, index, values):
                    rows[index] = '\t'.join(values[:position] + [altered_digit(values[position])] + values[position + 1:])
                found, values = alter(one_digit)
                tally.check(len(found) == 1 and found[0].column == columns[position] and found[0].source == source
                            and found[0].key == tuple(values[:len(answer.key)])
                            and found[0].month == number_of_month(values[0]),
                            '%s: one digit of %s.%s not reported' % (source, answer.name, columns[position]))

            def missing(rows, index, values):
                del rows[index]

            def twice(rows, index, values):
                rows.append(rows[index])

            def moved(rows, index, values):
                rows[index] = '\t'.join([altered_digit(values[0])] + values[1:])

            def instead(rows, index, values):
                """Another row twice instead of this: the count stays."""
                rows[index] = rows[index - 1]

            for change in (missing, twice, moved, instead):
                found, _ = alter(change)
                tally.check(1 <= len(found) <= 2 and {difference.source for difference in found} == {source},
                            '%s: a row of %s %s is not reported' % (source, answer.name, change.__name__))
            if answer.name == 'reason':
                def other_reason(rows, index, values):
                    position = columns.index('reason')
                    other = 'excluded' if values[position] == 'eligible' else 'eligible'
                    rows[index] = '\t'.join(values[:position] + [other] + values[position + 1:])
                found, _ = alter(other_reason)
                tally.check(1 <= len(found) <= 2, '%s: another reason is not reported' % source)


def rows_of(month_rows):
    """The ledger's rows of an example, by answer, as dictionaries."""
    expected = Expected()
    expected.add({**{table: [] for table in TABLES}, **month_rows}, MINOR_UNITS)
    return {answer.name: [dict(zip(answer.ledger_columns, row.split('\t'))) for row in expected.ledger[answer.name]]
            for answer in ANSWERS}


ALWAYS = '[2026-01-01,)'
PARTNER_OF_EXAMPLE = {
    'program': [('intl', 'intl')], 'partner': [('p1', 'own', 'p')], 'partner_program': [('1', 'p1', 'intl', ALWAYS)],
    'partner_status': [('1', 'p1', 'active', ALWAYS)], 'subaccount': [('A', 'A'), ('B', 'B')],
    'subaccount_link': [('1', 'p1', 'A', ALWAYS), ('2', 'p1', 'B', ALWAYS)],
    'deal': [('1', 'p1', 'B', 'new customer', '0.15', None, None, None, None, None, None, '2', ALWAYS, None)]}


def check_worked_example(tally):
    """20 %, customer B with a deal of 15 points, the marketplace excluded, the last line the partner's own."""
    day = '2026-10-05'
    rows = rows_of({
        **PARTNER_OF_EXAMPLE,
        'program_terms': [('1', 'intl', 'USD', ALWAYS, '0.2', '0.15', '0.35', 'additive', None, 'half away from zero', None)],
        'exclusion': [('1', 'intl', None, 'marketplace', None, None, 'exclude', ALWAYS)],
        'usage_row': [
            ('p1', 's', day, 'A', 'compute', 'vm', 'USD', 'Usage', '100.00', '-30', '-20'),
            ('p1', 's', day, 'B', 'postgresql', 'pg', 'USD', 'Usage', '250.50', '-50.10', '0'),
            ('p1', 's', day, 'A', 'marketplace', 'image', 'USD', 'Usage', '40.00', '0', '0'),
            ('p1', 's', day, 'own', 'compute', 'vm', 'USD', 'Usage', '60', '0', '0')]})
    document, = rows['document']
    for column, value in (('gross', '390.5'), ('base', '310.4'), ('absolute_discount', '84.14'), ('eligible_base', '270.4'),
                          ('relative_discount', '0.27107'), ('relative_discount_eligible', '0.311169'),
                          ('customers_total', '226.26'), ('own_total', '60'), ('document_total', '286.26')):
        tally.check(document[column] == value, 'worked example: %s is %s, not %s' % (column, document[column], value))
    bonus = {row['account_id'] + ' ' + row['service_id']: row['bonus'] for row in rows['line']}
    tally.check(bonus == {'A compute': '14', 'B postgresql': '70.14', 'A marketplace': '0', 'own compute': '0'},
                'worked example: bonuses %s' % bonus)


def check_tiers(tally):
    """10 % below 1000, 12 % from there, 15 % from 2000; 20 % flat before the 10th. Worked out by hand."""
    for rule, usage, bonuses in (
            # 500 x 20 %, 2500 x 15 %; from 500 on the tiers give 50 + 120 + 150, that is 55 less than 375
            ('graduated', (('05', '500'), ('10', '800'), ('20', '1700')), {'A': '475', NULL: '-55'}),
            # 500 and 1000 make 1500: the second is in two tiers
            ('graduated', (('05', '500'), ('10', '1000')), {'A': '220', NULL: '-10'}),
            # the volume is on the boundary, and all of it below: 1000 x 12 % - 20
            ('graduated', (('10', '1000'),), {'A': '120', NULL: '-20'}),
            # 2500 and back to 1500
            ('graduated', (('10', '2500'), ('11', '-1000')), {'A': '180', NULL: '-20'}),
            # from 500 down to -100: 10 % throughout, so there is no line
            ('graduated', (('05', '500'), ('10', '-600')), {'A': '40'}),
            ('slab', (('10', '1000'),), {'A': '120'}),
            ('slab', (('10', '999.999999999999999999'),), {'A': '99.9999999999999999999'}),
            ('slab', (('05', '500'), ('10', '800'), ('20', '1700')), {'A': '475'}),
            ('slab', (('10', '-5000'),), {'A': '-500'})):
        rows = rows_of({
            **PARTNER_OF_EXAMPLE,
            'program_terms': [('1', 'intl', 'USD', '(,2026-10-10)', '0.2', '0.15', '0.35', 'additive', None, 'up', None),
                              ('2', 'intl', 'USD', '[2026-10-10,)', '0.1', '0.15', '0.15', 'additive', rule, 'up', None)],
            'program_tier': [('1', '2', '2000', '0.18'), ('2', '2', '1000', '0.12')],
            'usage_row': [('p1', 's', '2026-10-' + day, 'A', 'compute', 'vm', 'USD', 'Usage', cost, '0', '0')
                           for day, cost in usage]})
        bonus = {row['account_id']: row['basic_bonus'] for row in rows['line']}
        tally.check(bonus == bonuses, '%s %s: %s, not %s' % (rule, usage, bonus, bonuses))


def check_ranks(tally):
    """Of all ranks on one line, alternately out and in, the first that is there decides."""
    targets = (('A', None, 'vm', None), ('A', 'compute', None, None), ('A', None, None, 'Usage'), ('A', None, None, None),
               (None, None, 'vm', None), (None, 'compute', None, None), (None, None, None, 'Usage'))
    for first in range(8):
        rows = rows_of({
            **PARTNER_OF_EXAMPLE,
            'program_terms': [('1', 'intl', 'USD', ALWAYS, '0.2', '0.15', '0.35', 'additive', None, 'up', None)],
            'exclusion': [(str(rank), 'intl', *target, 'include' if rank % 2 else 'exclude', ALWAYS)
                          for rank, target in enumerate(targets) if rank >= first],
            'usage_row': [('p1', 's', '2026-10-05', 'A', 'compute', 'vm', 'USD', 'Usage', '10', '0', '0')]})
        expected = 'eligible' if first % 2 else 'excluded'
        tally.check([row['reason'] for row in rows['reason']] == [expected], 'exclusions from rank %d on: %s' % (first + 1, rows))


def check_rounding(tally):
    """Tenths to wholes, by hand."""
    values = (-25, -24, -16, -15, -5, -1, 0, 1, 5, 15, 16, 24, 25, 30)
    for mode, wholes in (('half away from zero', (-3, -2, -2, -2, -1, 0, 0, 0, 1, 2, 2, 2, 3, 3)),
                         ('half even', (-2, -2, -2, -2, 0, 0, 0, 0, 0, 2, 2, 2, 2, 3)),
                         ('half up', (-2, -2, -2, -1, 0, 0, 0, 0, 1, 2, 2, 2, 3, 3)),
                         ('down', (-3, -3, -2, -2, -1, -1, 0, 0, 0, 1, 1, 2, 2, 3)),
                         ('up', (-2, -2, -1, -1, 0, 0, 0, 1, 1, 2, 2, 3, 3, 3)),
                         ('truncate', (-2, -2, -1, -1, 0, 0, 0, 0, 0, 1, 1, 2, 2, 3))):
        given = tuple(rounded(value, 10, mode) for value in values)
        tally.check(given == wholes, '%s: %s' % (mode, given))
    for exact, target, shares in (((5, 5), 1, [1, 0]), ((5, 0, 5), 1, [1, 0, 0]), ((0, 5, 5), 1, [0, 1, 0]),
                                  ((14, 16, 13), 4, [1, 2, 1]), ((14, 16, 13), 5, [2, 2, 1]),
                                  ((-14, -16, -13), -4, [-1, -2, -1]),
                                  ((-5, 5), 0, [0, 0]), ((-15, 8, 7), 0, [-2, 1, 1]), ((30, -10), 2, [3, -1]), ((), 0, [])):
        given = allocate(exact, target, 10)
        tally.check(given == shares, 'allocate %s to %d: %s' % (exact, target, given))
    try:
        allocate((10, 20), 4, 10)
        tally.check(False, 'allocate gave a share to a zero fraction')
    except FootingError:
        tally.check(True, '')


def check_footing_checks(tally, seed):
    """A printed leaf moved by one unit is noticed by the block itself."""
    for month in months(seed, 0, 40):
        rules = Rules(month.tables)
        for document in documents_of(Computation(month.tables, rules).lines, rules, MINOR_UNITS):
            for block in document.blocks.values():
                line = block.accounts[-1].lines[-1]
                line.leaves[month.number % 5] += 1
                try:
                    block.check()
                    tally.check(False, 'a leaf that does not foot went unnoticed in month %d' % month.number)
                except FootingError:
                    tally.check(True, '')


def first_chunk_that_tells(mutant, chunks):
    """Number of the first chunk of months whose answers the mutant gets wrong, or None."""
    with replaced(*mutant):
        for number, (made, expected) in enumerate(chunks):
            given = Expected()
            try:
                for month in made:
                    given.add(month.current(), MINOR_UNITS)
            except (ArithmeticError, FootingError):
                return number
            if compare(expected, given.ledger, given.oracle):
                return number
    return None


def check_mutants(tally, seed):
    chunks = []
    for first in range(0, MUTANT_MONTHS, MUTANT_CHUNK):
        made, expected = months(seed, first, MUTANT_CHUNK), Expected()
        for month in made:
            expected.add(month.current(), MINOR_UNITS)
        chunks.append((made, expected))
    for name, mutant in MUTANTS.items():
        tally.check(first_chunk_that_tells(mutant, chunks) is not None,
                    'no month of %d tells the mutant "%s" from the truth' % (MUTANT_MONTHS, name))


def check_cases(tally, seed):
    reached = survey(seed, SURVEYED_MONTHS)
    for case in EVERY_CASE:
        tally.check(reached[case], 'no month of %d has: %s' % (SURVEYED_MONTHS, case))


def run(seed):
    tally = Tally()
    check_worked_example(tally)
    check_tiers(tally)
    check_ranks(tally)
    check_rounding(tally)
    check_footing_checks(tally, seed)
    check_comparison(tally, seed)
    check_mutants(tally, seed)
    check_cases(tally, seed)
    print('%d passed, %d failed' % (tally.passed, tally.failed))
    return 1 if tally.failed else 0
