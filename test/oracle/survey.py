"""Which cases random months reach, and how often: survey.py [SEED [MONTHS]]. A case never reached is a failure."""
import sys
from collections import Counter

from answers import Expected
from days import UNBOUNDED, validity
from decimals import POWERS, scaled
from exact import AMOUNT_SCALE, ELIGIBLE, EXCLUDED, REASONS, RULE_SCALE, Rules, exclusion_targets
from generate import MINOR_UNITS, months
from printing import LEAVES, rounded
from tables import TABLES

RULE_TABLES = ('program_terms', 'partner_program', 'partner_status', 'exclusion', 'subaccount_link', 'deal')
EDGES = ('the day before', 'the 1st', 'the 2nd', 'the 15th', 'the last day')
RANKS = ('account and SKU', 'account and service', 'account and category', 'account', 'SKU', 'service', 'category')


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
    for row in month.tables['deal']:
        yield from deal_cases(dict(zip(TABLES['deal'], row)), links, begin, after)
    for table in RULE_TABLES:
        column = TABLES[table].index('validity')
        for row in month.tables[table]:
            if not row[column]:
                continue
            for bound in validity(row[column]):
                for name, edge in zip(EDGES, (begin - 1, begin, begin + 1, begin + 14, after - 1)):
                    if bound == edge:
                        yield '%s changes on %s' % (table, name)
            if validity(row[column])[0] == -UNBOUNDED:
                yield '%s without a beginning' % table
    for row in month.tables['program_terms']:
        terms = dict(zip(TABLES['program_terms'], row))
        yield 'mode ' + terms['rounding_mode']
        yield 'scale ' + (terms['rounding_scale'] or 'of the currency')
        yield 'terms ' + (terms['volume_rule'] or 'flat')
        if terms['combination'] == 'compound':
            yield 'compound'
        if scaled(terms['base_rate'], RULE_SCALE) > scaled(terms['total_cap'], RULE_SCALE):
            yield 'base rate above the total cap'
        for cap in ('deal_cap', 'total_cap'):
            if scaled(terms[cap], RULE_SCALE) in (0, 10 ** RULE_SCALE):
                yield '%s of %s' % (cap, terms[cap])
    for _, _, status, days in month.tables['partner_status']:
        first, end = validity(days)
        if first < after and end > begin:
            yield 'partner ' + status
    for edit in month.edits:
        kind = 'recorded late' if edit.before is None else 'deleted' if edit.after is None else 'edited'
        yield '%s %s' % (edit.table, kind)
    if month.replaced_usage:
        yield 'usage replaced by a later load'


def deal_cases(deal, links, begin, after):
    if deal['link_id'] is None:
        yield 'application ' + ('rejected' if deal['rejected_on'] else 'ended before it began' if deal['ended_on'] else
                                'approved, never active' if deal['approved_on'] else 'submitted')
        return
    first, end = validity(deal['validity'])
    link_first, link_end = validity(links[deal['link_id']][3])
    if first < link_first or end > link_end:
        yield 'deal outlasts its link'
    if first < after and end > begin:
        yield 'deal of a ' + deal['kind']
        if deal['ended_on'] and begin < end < after:
            yield 'deal ended within the month'
        if not deal['submitted_on']:
            yield 'deal taken over'


def line_cases(month, lines):
    usage = month.tables['usage_row']
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


def exclusion_cases(month, lines):
    """Which ranks decide days of lines, and what they overrule."""
    rules = Rules(month.tables)
    for line in lines:
        partner, _, _, _, _, account, service, sku, category = line.key
        targets = exclusion_targets(account, service, sku, category)
        for day, (reason, *_) in line.rulings.items():
            exclusions = rules._exclusions[rules._program(partner, day)]
            effects = [(rank, effect) for rank, effect in ((rank, rules._on(day, exclusions.get(target, ())))
                                                           for rank, target in zip(RANKS, targets)) if effect]
            if effects and reason in (ELIGIBLE, EXCLUDED):
                yield '%s decides: %s' % effects[0]
                for rank, effect in effects[1:]:
                    if effect != effects[0][1]:
                        yield '%s overrules %s' % (effects[0][0], rank)


def volume_cases(computation):
    carried = {line.key[0]: set() for line in computation.lines.values()}
    for line in computation.lines.values():
        for _, terms, _ in line.rulings.values():
            if terms:
                carried[line.key[0]].add(terms)
                if terms.volume_rule:
                    volume = computation.volume_of(line.key).total
                    boundaries = {from_volume for from_volume, _ in terms.tiers}
                    yield terms.volume_rule + ' rate'
                    yield 'tier %d reached' % sum(volume >= boundary for boundary in boundaries)
                    if volume in boundaries:
                        yield 'volume on a boundary, ' + terms.volume_rule
                    if volume + 1 in boundaries:
                        yield 'volume a unit below a boundary'
                    if volume < 0:
                        yield 'volume below zero, ' + terms.volume_rule
                    if line.deal_bonus:
                        yield 'deal under tiers'
    for terms in carried.values():
        if len({held.volume_rule for held in terms}) > 1:
            yield 'volume rules change within the month'
        if sum(held.volume_rule is not None for held in terms) > 1:
            yield 'tiers change within the month'
    for graduation in computation.graduations.values():
        if graduation.adjustment:
            yield 'graduated terms adjust'
            yield 'adjustment ' + ('up' if graduation.adjustment > 0 else 'down')
            if graduation.before:
                yield 'volume before the terms'
            if graduation.before < 0 or graduation.of_days < 0:
                yield 'negative volume in tiers'
    for line in computation.lines.values():
        if line.key[5] is None:
            yield 'line without an account'


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
                line = account.lines[0]
                if line.key[5] is None and line.leaves[3] != line.exact[3] // unit:
                    yield 'share of the line without an account rounded up'
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
        'unknown partner', 'own account linked', 'refund of what a grant paid', 'units of the 18th decimal', 'about 10^15',
        'deal bonus', 'base against the sign of the cost', 'negative bonus', 'account moves between partners',
        'account linked again', 'deal outlasts its link', 'compound', 'base rate above the total cap', 'deal_cap of 0',
        'deal_cap of 1', 'total_cap of 0', 'total_cap of 1', 'payable differs from its own rounding',
        'equal fractions, unequal shares among lines', 'currency JPY', 'reasons on a line: 3', 'deal of a tender',
        'deal of a new customer', 'deal taken over', 'deal ended within the month', 'application submitted',
        'application rejected', 'application approved, never active', 'application ended before it began',
        'terms flat', 'terms slab', 'terms graduated', 'slab rate', 'graduated rate', 'tier 0 reached', 'tier 1 reached',
        'tier 2 reached', 'tier 3 reached', 'volume on a boundary, slab', 'volume on a boundary, graduated',
        'volume a unit below a boundary', 'volume below zero, slab', 'volume below zero, graduated', 'deal under tiers',
        'volume rules change within the month', 'tiers change within the month', 'graduated terms adjust',
        'adjustment up', 'adjustment down', 'volume before the terms', 'negative volume in tiers', 'line without an account',
        'share of the line without an account rounded up', 'usage replaced by a later load')
    + tuple('%s ties, %s' % (name, mode) for name in ('base', 'bonus')
            for mode in ('half away from zero', 'half even', 'half up', 'down', 'up', 'truncate'))
    + tuple('%s changes on %s' % (table, day) for table in RULE_TABLES for day in EDGES)
    + tuple('partner ' + status for status in ('applied', 'active', 'suspended', 'revoked', 'quit'))
    + tuple('%s decides: %s' % (rank, effect) for rank in RANKS for effect in ('exclude', 'include'))
    + tuple('%s overrules %s' % (RANKS[narrow], RANKS[wide]) for narrow in range(7) for wide in range(narrow + 1, 7))
    + tuple('%s %s' % (table, kind) for table in ('exclusion', 'program_tier', 'partner_status', 'deal')
            for kind in ('edited', 'deleted', 'recorded late'))
    + ('program_terms edited', 'program_terms deleted', 'partner_program edited', 'partner_program recorded late',
       'subaccount_link edited', 'subaccount_link deleted', 'partner edited'))


def survey(seed, count):
    """In how many months each case occurs."""
    reached = Counter()
    for month in months(seed, 0, count):
        computation, documents = Expected().add(month.current(), MINOR_UNITS)
        lines = computation.lines
        reached.update({*rule_cases(month), *line_cases(month, lines), *exclusion_cases(month, lines.values()),
                        *volume_cases(computation), *printing_cases(documents)})
    return reached


if __name__ == '__main__':
    seed, count = (list(map(int, sys.argv[1:])) + [1, 2000][len(sys.argv) - 1:])[:2]
    reached = survey(seed, count)
    for case in sorted({*reached, *EVERY_CASE}):
        print('%7.2f %%  %s' % (100 * reached[case] / count, case))
    sys.exit(not all(reached[case] for case in EVERY_CASE))
