"""An issued document against the model's, field by field."""
import shared  # noqa: F401
from fractions import Fraction

from days import day_text
from exact import AMOUNT_SCALE, BONUS_SCALE
from ledger import Differs, discount, series_of

EXACT = ('exact_cost', 'exact_grant_credit', 'exact_other_credit', 'exact_basic_bonus', 'exact_deal_bonus')
PRINTED = ('gross', 'grant_credit', 'other_credit', 'basic_bonus', 'deal_bonus')


def exact(value):
    return Fraction(value, 10 ** BONUS_SCALE)


def line_of(line, scale):
    category, rate, included = line.vat
    account, service, sku, charge = line.key[5:9]
    row = {'kind': line.kind, 'section': line.section, 'vat_category': category, 'vat_rate': rate, 'vat_included': included, 'usage_month': line.key[2],
           'account_id': account, 'service_id': service, 'sku_id': sku, 'charge_category': charge, 'corrects_month': line.corrects,
           'correction': line.correction, 'credits_line': line.credits_line, 'reasons': line.reasons, 'eligible_base': exact(line.eligible_base),
           'taxable': Fraction(line.taxable, 10 ** scale)}
    row.update(zip(EXACT, map(exact, line.exact)))
    row.update(zip(PRINTED, (Fraction(leaf, 10 ** scale) for leaf in line.leaves)))
    return row


def head_of(document, usage_lines_only=False):
    def printed(value):
        return Fraction(value, 10 ** document.scale)
    leaves = [printed(document.leaf(leaf)) for leaf in range(5)]
    taxable, vat = printed(document.total(3)), printed(document.total(4))
    return {'kind': document.kind, 'billing_month': document.month, 'currency': document.currency, 'country': document.country,
            'rounding_mode': document.mode, 'rounding_scale': document.scale, 'sequence': document.sequence,
            **dict(zip(PRINTED, leaves)), 'base': sum(leaves[:3]),
            'eligible_base': exact(sum(line.eligible_base for line in document.lines if line.section == 'customers')),
            'customers_total': printed(document.total(2, 'customers')), 'own_total': printed(document.total(2, 'own')),
            'document_total': printed(document.total(2)), 'taxable_total': taxable, 'vat_total': vat, 'invoice_total': taxable + vat,
            'line_count': len(document.lines), 'credits': document.credits and document.credits.sequence,
            'numbers': [list(number) for number in document.numbers]}


def blocks_of(document):
    return {(section, *vat): tuple(Fraction(amount, 10 ** document.scale) for amount in amounts) for (section, vat), amounts in document.blocks.items()}


def same(what, ours, theirs):
    for name, value in ours.items():
        if value != theirs[name]:
            raise Differs('%s: %s is %s, should be %s' % (what, name, shown(theirs[name]), shown(value)))


def shown(value):
    if isinstance(value, Fraction):
        return str(float(value)) if value.denominator != 1 else str(value.numerator)
    return repr(value)


def compare(partner, document, found):
    what = '%s %s %s %s' % (partner, document.month, document.currency, document.kind)
    same(what, head_of(document), found)
    blocks = {(b['section'], b['vat_category'], b['vat_rate'], b['vat_included']): tuple(b[name] for name in ('base', 'bonus', 'payable', 'taxable', 'vat'))
              for b in found['blocks']}
    if blocks != blocks_of(document):
        raise Differs('%s: blocks are %s, should be %s' % (what, blocks, blocks_of(document)))
    if document.kind == 'invoice':
        near(what, document)
    if len(found['lines']) != len(document.lines):
        raise Differs('%s: %d lines, should be %d' % (what, len(found['lines']), len(document.lines)))
    for number, (line, row) in enumerate(zip(document.lines, found['lines']), 1):
        same('%s line %d %s' % (what, number, line.key[2:]), line_of(line, document.scale), row)
        recompute('%s line %d' % (what, number), line, row)


def near(what, document):
    """The two sums of a block are half a minor unit from the exact ones; a unit, where a mode rounds up or down."""
    most = Fraction(1, 2 if document.mode.startswith('half') else 1) / 10 ** document.scale
    for (section, *vat), (base, bonus, *_) in blocks_of(document).items():
        lines = [line for line in document.lines if (line.section, line.vat) == (section, tuple(vat))]
        for printed, part in ((base, slice(0, 3)), (bonus, slice(3, 5))):
            if abs(printed - exact(sum(sum(line.exact[part]) for line in lines))) > most:
                raise Differs('%s: a block is far from its exact sum' % what)


def recompute(what, line, row):
    """The line from its own operands."""
    series = series_of(row['consumption'])
    ours = {day_text(day): tuple(Fraction(amount, 10 ** AMOUNT_SCALE) for amount in amounts) for day, amounts in line.series.items()}
    if series != ours:
        raise Differs('%s: consumption is %s, should be %s' % (what, series, ours))
    if line.kind == 'usage' and tuple(sum(amounts[i] for amounts in series.values()) for i in range(3)) != tuple(row[name] for name in EXACT[:3]):
        raise Differs('%s: exact amounts do not follow from %s' % (what, row['consumption']))
    for bonus, schedule in (('exact_basic_bonus', 'basic_schedule'), ('exact_deal_bonus', 'deal_schedule')):
        if line.key[5] is not None and discount(series, row[schedule]) != row[bonus]:
            raise Differs('%s: %s does not follow from %s and %s' % (what, bonus, row['consumption'], row[schedule]))
