"""The rounding procedure of documents, in integers: two roundings a block, all else shares of them.

Exact values come with BONUS_SCALE decimals; printed ones are whole numbers of the document's last decimal.
"""
from decimals import POWERS
from exact import AMOUNT_SCALE, BONUS_SCALE

TO_BONUS_SCALE = POWERS[BONUS_SCALE - AMOUNT_SCALE]
BASE_LEAVES = ('gross', 'grant_credit', 'other_credit')
BONUS_LEAVES = ('basic_bonus', 'deal_bonus')
LEAVES = BASE_LEAVES + BONUS_LEAVES


class FootingError(Exception):
    pass


def rounded(exact, unit, mode):
    floor, fraction = divmod(exact, unit)
    if not fraction:
        return floor
    tie = 2 * fraction == unit
    nearer_above = 2 * fraction > unit
    if mode == 'half away from zero':
        above = exact > 0 if tie else nearer_above
    elif mode == 'half even':
        above = floor % 2 == 1 if tie else nearer_above
    elif mode == 'half up':
        above = tie or nearer_above
    elif mode == 'up':
        above = True
    elif mode == 'down':
        above = False
    elif mode == 'truncate':
        above = exact < 0
    else:
        raise ValueError(mode)
    return floor + above


def allocate(exact, target, unit):
    """Floors, and one more for the (target - sum of floors) largest fractions; of equal ones the first."""
    shares = [value // unit for value in exact]
    missing = target - sum(shares)
    if missing:
        fractions = [value % unit for value in exact]
        largest_first = sorted(range(len(exact)), key=lambda index: (-fractions[index], index))
        if not 0 < missing <= len(exact) or not fractions[largest_first[missing - 1]]:
            raise FootingError('%d cannot be shared out over %s' % (target, exact))
        for index in largest_first[:missing]:
            shares[index] += 1
    return shares


def bytewise(text):
    """Bytes, not letters, decide the order of ids."""
    return text.encode()


def _order(line):
    """Account; within it service, SKU, charge category, usage month. What has none comes last."""
    return tuple((text is None, bytewise(text or '')) for text in (*line.key[5:9], line.key[2]))


class PrintedLine:
    def __init__(self, line):
        self.line = line
        self.key = line.key
        self.exact = (line.cost * TO_BONUS_SCALE, line.grant_credit * TO_BONUS_SCALE, line.other_credit * TO_BONUS_SCALE,
                      line.basic_bonus, line.deal_bonus)
        self.leaves = [0] * len(LEAVES)


class Account:
    """A subaccount (or the partner's own account) within a block."""

    def __init__(self, lines):
        self.lines = lines
        self.exact = [sum(line.exact[leaf] for line in lines) for leaf in range(len(LEAVES))]
        self.leaves = [0] * len(LEAVES)


class Block:
    """One section of a document. Its base and its bonus are rounded; all else is shared out from them."""

    def __init__(self, lines, mode, unit):
        by_account = {}
        for line in sorted(lines, key=_order):
            by_account.setdefault(line.key[5], []).append(line)
        self.accounts = [Account(account_lines) for account_lines in by_account.values()]
        self.unit = unit
        self.exact = [sum(account.exact[leaf] for account in self.accounts) for leaf in range(len(LEAVES))]
        self.base = rounded(sum(self.exact[:3]), unit, mode)
        self.bonus = rounded(sum(self.exact[3:]), unit, mode)
        self.leaves = allocate(self.exact[:3], self.base, unit) + allocate(self.exact[3:], self.bonus, unit)
        for leaf in range(len(LEAVES)):
            self._share_out(leaf)
        self.check()

    def _share_out(self, leaf):
        shares = allocate([account.exact[leaf] for account in self.accounts], self.leaves[leaf], self.unit)
        for account, share in zip(self.accounts, shares):
            account.leaves[leaf] = share
            line_shares = allocate([line.exact[leaf] for line in account.lines], share, self.unit)
            for line, line_share in zip(account.lines, line_shares):
                line.leaves[leaf] = line_share

    @property
    def payable(self):
        return self.base - self.bonus

    def check(self):
        """Every row, column and level foots, and every leaf is the floor or the ceiling of its exact value."""
        for part in (self, *self.accounts, *(line for account in self.accounts for line in account.lines)):
            for exact, leaf in zip(part.exact, part.leaves):
                if not exact // self.unit <= leaf <= -(-exact // self.unit):
                    raise FootingError('%d is neither floor nor ceiling of %d / %d' % (leaf, exact, self.unit))
        if sum(self.leaves[:3]) != self.base or sum(self.leaves[3:]) != self.bonus:
            raise FootingError('the leaves of a block do not add up to its base and bonus')
        for leaf in range(len(LEAVES)):
            if sum(account.leaves[leaf] for account in self.accounts) != self.leaves[leaf]:
                raise FootingError('the accounts of a block do not add up to its %s' % LEAVES[leaf])
            for account in self.accounts:
                if sum(line.leaves[leaf] for line in account.lines) != account.leaves[leaf]:
                    raise FootingError('the lines of an account do not add up to its %s' % LEAVES[leaf])


class Document:
    """One partner, month and currency."""

    def __init__(self, key, lines, mode, scale):
        self.key, self.scale, self.mode = key, scale, mode
        unit = POWERS[BONUS_SCALE - scale]
        self.lines = [PrintedLine(line) for line in lines]
        self.blocks = {}
        for section in ('customers', 'own'):
            of_section = [line for line in self.lines if line.key[4] == section]
            if of_section:
                self.blocks[section] = Block(of_section, mode, unit)
        self.eligible_base = sum(line.eligible_base for line in lines)

    @property
    def issued(self):
        """No document if and only if every line's base is 0: of its usage, so that there is no bonus either."""
        return any(line.line.base or line.exact[3] or line.exact[4] for line in self.lines)

    def total(self, section, name):
        block = self.blocks.get(section)
        return getattr(block, name) if block else 0

    def leaf(self, section, leaf):
        block = self.blocks.get(section)
        return block.leaves[leaf] if block else 0


def documents_of(lines, rules, minor_units):
    """Documents of all lines, by (partner, billing month, currency)."""
    by_document = {}
    for line in lines.values():
        partner, billing_month, _, currency = line.key[:4]
        by_document.setdefault((partner, billing_month, currency), []).append(line)
    documents = []
    for (partner, month, currency), document_lines in by_document.items():
        mode, scale = rules.rounding(partner, month, currency)
        documents.append(Document((partner, month, currency), document_lines, mode,
                                  minor_units[currency] if scale is None else scale))
    return documents
