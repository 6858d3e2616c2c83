"""The answers that are compared: their columns, how a schema is asked for them, and the same rows from exact arithmetic.

A row is text as COPY gives it, with minimal decimals, so equal numbers are equal text.
"""
from decimals import POWERS, minimal, ratio
from exact import AMOUNT_SCALE, BONUS_SCALE, REASONS, Rules, lines_of
from printing import TO_BONUS_SCALE, documents_of

LINE_KEY = ('partner_id', 'billing_month', 'usage_month', 'currency', 'section', 'account_id', 'service_id', 'sku_id',
            'charge_category')
DOCUMENT_KEY = ('partner_id', 'billing_month', 'currency')
RATIO_SCALE = 6
NULL = '\\N'

_EXPLAINED = """(SELECT partner_id, date_trunc('month', usage_day)::date AS billing_month,
        date_trunc('month', usage_day)::date AS usage_month, currency, section, account_id, service_id, sku_id,
        charge_category, reason, count(*)::numeric AS usage_lines, sum(cost) AS cost, sum(base) AS base, sum(bonus) AS bonus
    FROM {schema}.usage_explained
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10) e"""


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
    Answer('line', LINE_KEY,
           ('cost', 'grant_credit', 'other_credit', 'base', 'eligible_base', 'basic_bonus', 'deal_bonus', 'bonus', 'payable'),
           '{schema}.bonus_line', '{schema}.line', ledger_amounts=('relative_discount',), ledger_texts=('reasons',)),
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
)


class Expected:
    """What exact arithmetic answers: rows by answer, as the ledger and as the SQL oracle must give them."""

    def __init__(self):
        self.ledger = {answer.name: [] for answer in ANSWERS}
        self.oracle = {answer.name: [] for answer in ANSWERS if answer.in_oracle}

    def add(self, tables, minor_units):
        rules = Rules(tables)
        lines = lines_of(tables, rules)
        documents = documents_of(lines, rules, minor_units)
        for key, line in lines.items():
            self._add_line('\t'.join(key), line)
        for document in documents:
            self._add_document(document)
        return lines, documents

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
        occurring = [reason for reason in REASONS if reason in line.reasons]
        self._add('line', '\t'.join((
            key, amount(line.cost), amount(line.grant_credit), amount(line.other_credit), amount(base),
            amount(line.eligible_base), bonus(line.basic_bonus), bonus(line.deal_bonus), bonus(line.bonus),
            bonus(base * TO_BONUS_SCALE - line.bonus))),
            ledger='\t%s\t%s' % (relative(line.bonus, base * TO_BONUS_SCALE), ', '.join(occurring)))
        for reason in occurring:
            cost, reason_base = line.reasons[reason]
            self._add('reason', '\t'.join((key, reason, amount(reason_base))),
                      ledger='\t%s\t%d' % (amount(cost), REASONS.index(reason) + 1))
        for reason, (usage_lines, cost, reason_base, reason_bonus) in line.usage_by_reason.items():
            self._add('explained', '\t'.join((key, reason, str(usage_lines), amount(cost), amount(reason_base),
                                              bonus(reason_bonus))))

    def _add_document(self, document):
        scale = document.scale

        def printed(value):
            return minimal(value, scale)

        for line in document.lines:
            gross, grant_credit, other_credit, basic_bonus, deal_bonus = line.leaves
            base, bonus = gross + grant_credit + other_credit, basic_bonus + deal_bonus
            self._add('printed_line', '\t'.join((*line.key, *map(printed, (
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


def relative(part, whole):
    return minimal(ratio(part, whole, RATIO_SCALE), RATIO_SCALE) if whole else NULL
