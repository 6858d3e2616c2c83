"""The answers that are compared: their columns, how a schema is asked for them, and the same rows from exact arithmetic.

A row is text as COPY gives it, with minimal decimals, so equal numbers are equal text. NULL is \\N, in keys too: the line
of a month's graduated tiers has no account, service, SKU and charge category.
"""
from decimals import POWERS, minimal, ratio
from exact import AMOUNT_SCALE, BONUS_SCALE, REASONS, RULE_SCALE, Computation, Rules
from printing import TO_BONUS_SCALE, documents_of

LINE_KEY = ('partner_id', 'billing_month', 'usage_month', 'currency', 'section', 'account_id', 'service_id', 'sku_id',
            'charge_category')
DOCUMENT_KEY = ('partner_id', 'billing_month', 'currency')
LINE_AMOUNTS = ('cost', 'grant_credit', 'other_credit', 'base', 'eligible_base', 'basic_bonus', 'deal_bonus', 'bonus', 'payable')
VOLUME_KEY = ('partner_id', 'usage_month', 'currency', 'partner_program_id', 'program_terms_id')
VOLUMES = ('volume', 'volume_before', 'volume_of_days', 'rate', 'adjustment')
RATIO_SCALE = 6
NULL = '\\N'

# Views that several answers read; each is asked once a batch, into a temporary table of its name.
READ_ONCE = {
    'bonus_line': LINE_KEY + LINE_AMOUNTS + ('relative_discount', 'reasons'),
    'usage_explained': ('partner_id', "date_trunc('month', usage_day)::date AS usage_month", *LINE_KEY[3:], 'reason', 'cost',
                        'base', 'bonus'),
    'volume_explained': VOLUME_KEY + VOLUMES,
}
_EXPLAINED = """(SELECT partner_id, usage_month AS billing_month, usage_month, currency, section, account_id, service_id, sku_id,
        charge_category, reason, count(*)::numeric AS usage_lines, sum(cost) AS cost, sum(base) AS base, sum(bonus) AS bonus
    FROM pg_temp.usage_explained
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10) e"""
# Lines whose bonus is not the sum of what explains it. There must be none.
_UNEXPLAINED = """(SELECT {key}, sum(bonus) AS bonus, sum(explained) AS explained
    FROM (SELECT {key}, bonus, 0 AS explained FROM pg_temp.bonus_line
          UNION ALL
          SELECT partner_id, usage_month, usage_month, currency, section, account_id, service_id, sku_id, charge_category, 0,
                 bonus
          FROM pg_temp.usage_explained
          UNION ALL
          SELECT partner_id, usage_month, usage_month, currency, 'customers', NULL, NULL, NULL, NULL, 0, adjustment
          FROM pg_temp.volume_explained) parts
    GROUP BY {key}
    HAVING sum(bonus) <> sum(explained)) u""".format(key=', '.join(LINE_KEY))
_ADJUSTED = '(SELECT * FROM %s WHERE adjustment <> 0) a'


class Answer:
    """One view: its key, the amounts that every source gives, and what the ledger or the SQL oracle gives beside them."""

    def __init__(self, name, key, amounts, ledger, oracle=None, ledger_amounts=(), ledger_texts=(), oracle_texts=()):
        self.name, self.key = name, key
        self._amounts, self._ledger_amounts, self._ledger, self._oracle = amounts, ledger_amounts, ledger, oracle
        self._ledger_texts, self._oracle_texts = ledger_texts, oracle_texts
        self.in_oracle = oracle is not None
        self.ledger_columns = key + amounts + ledger_amounts + ledger_texts
        self.oracle_columns = key + amounts + oracle_texts

    def ledger_query(self, schema):
        return self._query(self._ledger.format(schema=schema), self._amounts + self._ledger_amounts, self._ledger_texts)

    def oracle_query(self, schema):
        return self._query(self._oracle.format(schema=schema), self._amounts, self._oracle_texts)

    def _query(self, relation, amounts, texts):
        columns = self.key + tuple('trim_scale(%s)' % amount for amount in amounts) + texts
        return 'SELECT %s FROM %s' % (', '.join(columns), relation)


ANSWERS = (
    Answer('line', LINE_KEY, LINE_AMOUNTS, 'pg_temp.bonus_line', '{schema}.line', ledger_amounts=('relative_discount',),
           ledger_texts=('reasons',)),
    Answer('reason', LINE_KEY + ('reason',), ('base',), '{schema}.bonus_line_reason', '{schema}.reason',
           ledger_amounts=('cost',), ledger_texts=('reason_rank',)),
    Answer('explained', LINE_KEY + ('reason',), ('usage_lines', 'cost', 'base', 'bonus'), _EXPLAINED),
    Answer('printed_line', LINE_KEY,
           ('gross', 'grant_credit', 'other_credit', 'base', 'basic_bonus', 'deal_bonus', 'bonus', 'payable'),
           '{schema}.printed_line', '{schema}.printed_line'),
    Answer('document', DOCUMENT_KEY,
           ('absolute_discount', 'eligible_base', 'customers_total', 'own_total', 'document_total'),
           '{schema}.payment_invoice', '{schema}.document',
           ledger_amounts=('gross', 'grant_credit', 'other_credit', 'base', 'basic_bonus', 'deal_bonus', 'relative_discount',
                           'relative_discount_eligible'),
           oracle_texts=('every_base_is_zero',)),
    Answer('volume_bonus', VOLUME_KEY, VOLUMES, _ADJUSTED % '{schema}.volume_bonus', _ADJUSTED % '{schema}.volume'),
    Answer('volume_explained', VOLUME_KEY, VOLUMES, _ADJUSTED % 'pg_temp.volume_explained'),
    Answer('unexplained', LINE_KEY, ('bonus', 'explained'), _UNEXPLAINED),
)


class Expected:
    """What exact arithmetic answers: rows by answer, as the ledger and as the SQL oracle must give them."""

    def __init__(self):
        self.ledger = {answer.name: [] for answer in ANSWERS}
        self.oracle = {answer.name: [] for answer in ANSWERS if answer.in_oracle}

    def add(self, tables, minor_units):
        rules = Rules(tables)
        computation = Computation(tables, rules)
        documents = documents_of(computation.lines, rules, minor_units)
        for key, line in computation.lines.items():
            self._add_line(key_text(key), line)
        for document in documents:
            self._add_document(document)
        for key, graduation in computation.graduations.items():
            self._add_graduation('\t'.join(key), graduation)
        return computation, documents

    def _add(self, name, common, *, ledger='', oracle=''):
        """`ledger` and `oracle` are the texts of the columns that only these give; None: no row there."""
        if ledger is not None:
            self.ledger[name].append(common + ledger)
        if name in self.oracle:
            self.oracle[name].append(common + oracle)

    def _add_line(self, key, line):
        def amount(value):
            return minimal(value, AMOUNT_SCALE)

        def bonus(value):
            return minimal(value, BONUS_SCALE)

        base = line.base
        self._add('line', '\t'.join((
            key, amount(line.cost), amount(line.grant_credit), amount(line.other_credit), amount(base),
            amount(line.eligible_base), bonus(line.basic_bonus), bonus(line.deal_bonus), bonus(line.bonus),
            bonus(base * TO_BONUS_SCALE - line.bonus))),
            ledger='\t%s\t%s' % (relative(line.bonus, base * TO_BONUS_SCALE), ', '.join(line.reason_names)))
        for reason, (cost, reason_base) in line.reasons.items():
            self._add('reason', '\t'.join((key, reason, amount(reason_base))),
                      ledger='\t%s\t%d' % (amount(cost), REASONS.index(reason) + 1))
        for reason, (usage_lines, cost, reason_base, reason_bonus) in line.usage_by_reason.items():
            self._add('explained', '\t'.join((key, reason, str(usage_lines), amount(cost), amount(reason_base),
                                              bonus(reason_bonus))))

    def _add_graduation(self, key, graduation):
        if graduation.adjustment:
            values = [minimal(value, AMOUNT_SCALE) for value in (graduation.volume, graduation.before, graduation.of_days)]
            values += [minimal(graduation.rate, RULE_SCALE), minimal(graduation.adjustment, BONUS_SCALE)]
            self._add('volume_bonus', '\t'.join((key, *values)))
            self._add('volume_explained', '\t'.join((key, *values)))

    def _add_document(self, document):
        scale = document.scale

        def printed(value):
            return minimal(value, scale)

        for line in document.lines:
            gross, grant_credit, other_credit, basic_bonus, deal_bonus = line.leaves
            base, bonus = gross + grant_credit + other_credit, basic_bonus + deal_bonus
            self._add('printed_line', '\t'.join((key_text(line.key), *map(printed, (
                gross, grant_credit, other_credit, base, basic_bonus, deal_bonus, bonus, base - bonus)))),
                ledger='' if document.issued else None)
        base, bonus = document.total('customers', 'base'), document.total('customers', 'bonus')
        customers_total, own_total = document.total('customers', 'payable'), document.total('own', 'payable')
        beside = [printed(document.leaf('customers', leaf)) for leaf in range(5)]
        beside.insert(3, printed(base))
        beside += [relative(bonus, base), relative(bonus * POWERS[AMOUNT_SCALE], document.eligible_base * POWERS[scale])]
        self._add('document', '\t'.join((
            *document.key, printed(bonus), minimal(document.eligible_base, AMOUNT_SCALE), printed(customers_total),
            printed(own_total), printed(customers_total + own_total))),
            ledger='\t' + '\t'.join(beside) if document.issued else None, oracle='\tf' if document.issued else '\tt')


def key_text(key):
    return '\t'.join([NULL if text is None else text for text in key])


def relative(part, whole):
    return minimal(ratio(part, whole, RATIO_SCALE), RATIO_SCALE) if whole else NULL
