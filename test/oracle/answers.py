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
    """One view: key columns, amounts that every source gives, and what the ledger gives beside them."""

    def __init__(self, name, key, amounts, ledger, oracle=None, ledger_amounts=(), ledger_texts=(), oracle_filter=None):
        self.name, self.key, self.amounts = name, key, amounts
        self.ledger, self.oracle = ledger, oracle
        self.ledger_amounts, self.ledger_texts, self.oracle_filter = ledger_amounts, ledger_texts, oracle_filter

    @property
    def ledger_columns(self):
        return self.key + self.amounts + self.ledger_amounts + self.ledger_texts

    @property
    def oracle_columns(self):
        return self.key + self.amounts

    def ledger_query(self, schema):
        return self._query(self.ledger.format(schema=schema), self.amounts + self.ledger_amounts, self.ledger_texts, None)

    def oracle_query(self, schema):
        return self._query(self.oracle.format(schema=schema), self.amounts, (), self.oracle_filter)

    def _query(self, relation, amounts, texts, condition):
        columns = self.key + tuple('trim_scale(%s)' % amount for amount in amounts) + texts
        return 'SELECT %s FROM %s%s' % (', '.join(columns), relation, ' WHERE ' + condition if condition else '')


ANSWERS = (
    Answer('line', LINE_KEY,
           ('cost', 'grant_credit', 'other_credit', 'base', 'eligible_base', 'basic_bonus', 'deal_bonus', 'bonus', 'payable'),
           '{schema}.bonus_line', '{schema}.line', ledger_amounts=('relative_discount',), ledger_texts=('reasons',)),
    # days whose amounts cancel out leave a row of zeros in the ledger; the SQL oracle need not have it
    Answer('reason', LINE_KEY + ('reason',), ('cost', 'base'), '{schema}.bonus_line_reason', '{schema}.reason',
           ledger_texts=('reason_rank',), oracle_filter='cost <> 0 OR base <> 0'),
    Answer('explained', LINE_KEY + ('reason',), ('usage_lines', 'cost', 'base', 'bonus'), _EXPLAINED),
    Answer('printed_line', LINE_KEY,
           ('gross', 'grant_credit', 'other_credit', 'base', 'basic_bonus', 'deal_bonus', 'bonus', 'payable'),
           '{schema}.printed_line', '{schema}.printed_line'),
    Answer('document', DOCUMENT_KEY,
           ('gross', 'grant_credit', 'other_credit', 'base', 'eligible_base', 'basic_bonus', 'deal_bonus',
            'absolute_discount', 'customers_total', 'own_total', 'document_total'),
           '{schema}.payment_invoice', '{schema}.document',
           ledger_amounts=('relative_discount', 'relative_discount_eligible')),
)


class Expected:
    """What exact arithmetic answers: rows by answer, as the ledger and as the SQL oracle must give them."""

    def __init__(self):
        self.ledger = {answer.name: [] for answer in ANSWERS}
        self.oracle = {answer.name: [] for answer in ANSWERS if answer.oracle}

    def add(self, tables, minor_units):
        rules = Rules(tables)
        lines = lines_of(tables, rules)
        documents = documents_of(lines, rules, minor_units)
        for key, line in lines.items():
            self._add_line('\t'.join(key), line)
        for document in documents:
            self._add_document(document)
        return lines, documents

    def _add(self, name, common, ledger_only=None):
        self.ledger[name].append(common if ledger_only is None else common + '\t' + ledger_only)
        if name in self.oracle:
            self.oracle[name].append(common)

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
            relative(line.bonus, base * TO_BONUS_SCALE) + '\t' + ', '.join(occurring))
        for reason in occurring:
            cost, reason_base = line.reasons[reason]
            row = '\t'.join((key, reason, amount(cost), amount(reason_base)))
            self.ledger['reason'].append('%s\t%d' % (row, REASONS.index(reason) + 1))
            if cost or reason_base:
                self.oracle['reason'].append(row)
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
                gross, grant_credit, other_credit, base, basic_bonus, deal_bonus, bonus, base - bonus)))))
        base, bonus = document.total('customers', 'base'), document.total('customers', 'bonus')
        customers_total, own_total = document.total('customers', 'payable'), document.total('own', 'payable')
        self._add('document', '\t'.join((
            *document.key, *(printed(document.leaf('customers', leaf)) for leaf in range(3)), printed(base),
            minimal(document.eligible_base, AMOUNT_SCALE), *(printed(document.leaf('customers', leaf)) for leaf in (3, 4)),
            printed(bonus), printed(customers_total), printed(own_total), printed(customers_total + own_total))),
            relative(bonus, base) + '\t' + relative(bonus * POWERS[AMOUNT_SCALE], document.eligible_base * POWERS[scale]))


def relative(part, whole):
    return minimal(ratio(part, whole, RATIO_SCALE), RATIO_SCALE) if whole else NULL
