"""Which cases random months reach, and how often: survey.py [SEED [MONTHS]]. A case never reached is a failure."""
import sys
from collections import Counter

from answers import Expected
from days import UNBOUNDED, validity
from decimals import POWERS, scaled
from exact import AMOUNT_SCALE, ELIGIBLE, REASONS, RULE_SCALE
from generate import MINOR_UNITS, months
from printing import LEAVES, rounded


def rule_cases(month):
    """Cases that show in the rules themselves."""
    begin, after = month.days.begin, month.days.after
    links = {row[0]: row for row in month.tables['subaccount_link']}
    partners_of = {}
    for _, partner, account, days in links.values():
        first, end = validity(days)
        if first < after and end > begin:
            partners_of.setdefault(account, []).append((first, partner))
    for holders in partners_of.values():
        in_order = [partner for _, partner in sorted(holders)]
        if len(set(in_order)) > 1:
            yield 'account moves between partners'
        elif len(in_order) > 1:
            yield 'account linked again'
    for _, link, _, days in month.tables['deal']:
        first, end = validity(days)
        link_first, link_end = validity(links[link][3])
        if first < link_first or end > link_end:
            yield 'deal outlasts its link'
    for table, column in (('program_terms', 3), ('partner_program', 3), ('partner_status', 3), ('exclusion', 4),
                          ('subaccount_link', 3), ('deal', 3)):
        for row in month.tables[table]:
            for bound in validity(row[column]):
                for name, edge in (('the day before', begin - 1), ('the 1st', begin), ('the 2nd', begin + 1),
                                   ('the 15th', begin + 14), ('the last day', after - 1)):
                    if bound == edge:
                        yield '%s changes on %s' % (table, name)
            if validity(row[column])[0] == -UNBOUNDED:
                yield '%s without a beginning' % table
    for _, _, _, _, base_rate, deal_cap, total_cap, combination, mode, scale in month.tables['program_terms']:
        yield 'mode ' + mode
        yield 'scale ' + (scale or 'of the currency')
        if combination == 'compound':
            yield 'compound'
        if scaled(base_rate, RULE_SCALE) > scaled(total_cap, RULE_SCALE):
            yield 'base rate above the total cap'


def line_cases(month, lines):
    usage = month.tables['usage_line']
    if not usage:
        yield 'empty month'
    elif all(row[8] == '0' and row[9] == '0' for row in usage):
        yield 'every line is zero'
    elif not any(line.base for line in lines.values()):
        yield 'grants paid all'
    if len({line.key[1] for line in lines.values()}) > 1:
        yield 'usage of a neighbouring month'
    linked = {row[2] for row in month.tables['subaccount_link']}
    for row in usage:
        cost, grant_credit = scaled(row[8], AMOUNT_SCALE), scaled(row[10], AMOUNT_SCALE)
        if row[0].startswith('r'):
            yield 'unknown partner'
        if row[7] == 'Tax':
            yield 'tax'
        if cost < 0 < grant_credit:
            yield 'refund of what a grant paid'
        if 0 < abs(cost) < 10:
            yield 'units of the 18th decimal'
        if abs(cost) > 9 * POWERS[14 + AMOUNT_SCALE]:
            yield 'about 10^15'
        if row[3] not in {account for account, _ in month.tables['subaccount']} and not row[3].startswith('own-'):
            yield 'unknown account'
        if row[3].startswith('own-') and row[3] in linked:
            yield 'own account linked'
    for line in lines.values():
        yield from line.reasons
        yield 'currency %s' % line.key[3]
        yield 'reasons on a line: %d' % len(line.reasons)
        if line.deal_bonus:
            yield 'deal bonus'
        if line.base * line.cost < 0:
            yield 'base against the sign of the cost'
        if ELIGIBLE in line.reasons and line.bonus < 0:
            yield 'negative bonus'


def printing_cases(documents):
    for document in documents:
        for section, block in document.blocks.items():
            unit = block.unit
            for name, exact in (('base', sum(block.exact[:3])), ('bonus', sum(block.exact[3:]))):
                if 2 * (exact % unit) == unit:
                    yield '%s ties, %s' % (name, document.mode)
            if block.payable != rounded(sum(block.exact[:3]) - sum(block.exact[3:]), unit, document.mode):
                yield 'payable differs from its own rounding'
            for account in block.accounts:
                for leaf in range(len(LEAVES)):
                    shares = {}
                    for line in account.lines:
                        fraction = line.exact[leaf] % unit
                        shares.setdefault(fraction, set()).add(line.leaves[leaf] - line.exact[leaf] // unit)
                    if any(len(given) > 1 for given in shares.values()):
                        yield 'equal fractions, unequal shares among lines'


EVERY_CASE = (
    REASONS + (
        'empty month', 'every line is zero', 'grants paid all', 'usage of a neighbouring month', 'tax', 'unknown account',
        'unknown partner',
        'own account linked', 'refund of what a grant paid', 'units of the 18th decimal', 'about 10^15', 'deal bonus',
        'base against the sign of the cost', 'negative bonus', 'account moves between partners', 'account linked again',
        'deal outlasts its link', 'compound', 'base rate above the total cap', 'payable differs from its own rounding',
        'equal fractions, unequal shares among lines', 'currency JPY', 'reasons on a line: 3')
    + tuple('%s ties, %s' % (name, mode) for name in ('base', 'bonus')
            for mode in ('half away from zero', 'half even', 'half up', 'down', 'up', 'truncate'))
    + tuple('%s changes on %s' % (table, day)
            for table in ('program_terms', 'partner_program', 'partner_status', 'exclusion', 'subaccount_link', 'deal')
            for day in ('the day before', 'the 1st', 'the 2nd', 'the 15th', 'the last day')))


def survey(seed, count):
    """In how many months each case occurs."""
    reached = Counter()
    for month in months(seed, 0, count):
        lines, documents = Expected().add(month.tables, MINOR_UNITS)
        reached.update({*rule_cases(month), *line_cases(month, lines), *printing_cases(documents)})
    return reached


if __name__ == '__main__':
    seed, count = (list(map(int, sys.argv[1:])) + [1, 2000][len(sys.argv) - 1:])[:2]
    reached = survey(seed, count)
    for case in sorted({*reached, *EVERY_CASE}):
        print('%7.2f %%  %s' % (100 * reached[case] / count, case))
    sys.exit(not all(reached[case] for case in EVERY_CASE))
