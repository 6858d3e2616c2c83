"""What closing must issue, in integers: written from DOMAIN.md and doc/, not from the SQL.

Usage and its versions are those of restatement/model.py, rulings and volumes those of oracle/exact.py, the two roundings of a
block and its shares those of oracle/printing.py. Here: months that close, volumes that freeze then, VAT, corrections, credit notes.
Exact amounts have BONUS_SCALE decimals, printed ones are whole numbers of the document's last decimal.
"""
import copy
import shared  # noqa: F401
from collections import defaultdict
from fractions import Fraction

import model
from days import day_text, days_of_month, ordinal, validity
from decimals import POWERS, scaled
from exact import AMOUNT_SCALE, BONUS_SCALE, ELIGIBLE, REASONS, Graduation, Rules, Volume
from printing import LEAVES, TO_BONUS_SCALE, Block, allocate, bytewise, rounded

MINOR_UNITS = {'USD': 2, 'JPY': 0}
KINDS = (('payment invoice', 'PI'), ('regular invoice', 'RI'), ('service report', 'SR'))
OUTSIDE = ('O', Fraction(0), False)  # of partners without a country


class DatedRules(Rules):
    """Rules that also say by which two of them terms hold on a day."""

    def ids_of(self, partner, currency, month):
        """By day of the month: the ids of the rules whose terms hold."""
        return {day: ids for ids, first, after, _ in self.terms_of_month(partner, currency, *days_of_month(month)) for day in range(first, after)}


class Vat:
    """Rates of VAT by country and currency: (category, rate, included) and their days."""

    def __init__(self, rows):
        self._days = defaultdict(lambda: defaultdict(list))
        for _, country, currency, days, category, rate, included in rows:
            self._days[country, currency][category, Fraction(rate), included].append(validity(days))

    def parts(self, country, currency, month):
        """((category, rate, included), days of the month) of each rate that the month has, in no order."""
        first, after = days_of_month(month)
        if country is None:
            return [(OUTSIDE, set(range(first, after)))]
        parts = []
        for rate, ranges in self._days[country, currency].items():
            days = {day for low, high in ranges for day in range(max(low, first), min(high, after))}
            if days:
                parts.append((rate, days))
        return parts


class Line:
    """A line of a document: consumption and rates by day, what they come to, and what is printed of it."""

    def __init__(self, kind, key, vat, series, rates, eligible=(), reasons='', corrects=None, correction=None, adjustment=0):
        self.kind, self.key, self.vat, self.reasons = kind, key, vat, reasons
        self.corrects, self.correction, self.credits_line = corrects, correction, None
        self.series = {day: amounts for day, amounts in series.items() if any(amounts)}
        self.rates = rates
        cost, grant, other = (sum(amounts[i] for amounts in self.series.values()) for i in range(3))
        if kind == 'correction':
            cost = grant = other = 0
        basic, deal = (sum(sum(amounts) * rates.get(day, (0, 0))[i] for day, amounts in self.series.items()) for i in range(2))
        self.exact = [cost * TO_BONUS_SCALE, grant * TO_BONUS_SCALE, other * TO_BONUS_SCALE, basic + adjustment, deal]
        self.eligible_base = sum(sum(amounts) for day, amounts in self.series.items() if day in eligible) * TO_BONUS_SCALE
        self.leaves = [0] * len(LEAVES)
        self.taxable = 0

    section = property(lambda self: self.key[4])
    base = property(lambda self: sum(self.exact[:3]))
    printed_base = property(lambda self: sum(self.leaves[:3]))
    printed_bonus = property(lambda self: sum(self.leaves[3:]))
    payable = property(lambda self: self.printed_base - self.printed_bonus)

    def order(self):
        """Within an account, what printing.py does not know of: a line of usage, then corrections."""
        return bytewise(self.kind), (self.corrects is None, self.corrects or ''), (self.correction is None, self.correction or 0)

    def place(self):
        """In the document."""
        return (bytewise(self.section), self.vat, tuple((text is None, bytewise(text or '')) for text in self.key[5:9]), self.key[2], self.order())

    def negated(self, number):
        line = copy.copy(self)
        line.credits_line = number
        line.series = {day: tuple(-amount for amount in amounts) for day, amounts in self.series.items()}
        line.exact, line.leaves = [-amount for amount in self.exact], [-leaf for leaf in self.leaves]
        line.eligible_base, line.taxable = -self.eligible_base, -self.taxable
        return line


def vat_amount(payable, rate, included, mode):
    exact = payable * rate / (1 + rate) if included else payable * rate
    return rounded(exact.numerator, exact.denominator, mode)


class Document:
    def __init__(self, kind, month, currency, country, mode, scale):
        self.kind, self.month, self.currency, self.country, self.mode, self.scale = kind, month, currency, country, mode, scale
        self.sequence, self.numbers, self.credited, self.credits = None, [], set(), None
        self.lines, self.blocks = [], {}  # blocks: (section, VAT) -> (base, bonus, payable, taxable, vat)

    def print(self, lines):
        """Shares out what each block comes to, and its VAT."""
        unit = POWERS[BONUS_SCALE - self.scale]
        by_block = defaultdict(list)
        for line in sorted(lines, key=Line.order):
            by_block[line.section, line.vat].append(line)
        for (section, vat), of_block in by_block.items():
            block = Block(of_block, self.mode, unit)
            _, rate, included = vat
            tax = vat_amount(block.payable, rate, included, self.mode)
            taxable = block.payable - tax if included else block.payable
            ordered = [line for account in block.accounts for line in account.lines]
            shares = [Fraction(line.payable) / (1 + rate) if included else Fraction(line.payable) for line in ordered]
            common = (1 + rate).numerator if included else 1
            for line, share in zip(ordered, allocate([int(share * common) for share in shares], taxable, common)):
                line.taxable = share
            self.blocks[section, vat] = (block.base, block.bonus, block.payable, taxable, tax)
        self.lines = sorted(lines, key=Line.place)

    def total(self, place, section=None):
        return sum(block[place] for (of, _), block in self.blocks.items() if section in (None, of))

    def leaf(self, leaf):
        return sum(line.leaves[leaf] for line in self.lines if line.section == 'customers')


class Usage(model.Partner):
    """Months close in order, so that one without anything closes with a later one. When it has late usage after all, its volumes are
    frozen as they were."""

    def __init__(self, partner_id, own_account):
        super().__init__(partner_id, own_account)
        self.touched = set()  # open months that something was put into, were it nothing

    def last_closed(self):
        return max(self.closed, default=model.datetime.date.min)

    def open_month(self, day):
        month = model.month_of(day)
        return month if month > self.last_closed() else model.next_month(self.last_closed())

    def month_to_close(self):
        if self.closed:
            return model.next_month(self.last_closed())
        return min([self.first_month, *self.touched])

    def replace(self, source, day, lines, batch):
        month = model.month_of(day)
        if month < self.last_closed() and month not in self.closed:
            self.closed.add(month)
            self.freeze(month.isoformat())
        return super().replace(source, day, lines, batch)

    def finish(self, batch):
        self.touched.update(map(self.open_month, batch.days))
        super().finish(batch)

    def close_to(self, month):
        self.closed.add(month)


class Books:
    """One partner: its usage, its closed months and its documents."""

    def __init__(self, partner_id, own_account, country, first_month, world):
        self.partner_id, self.country, self.world = partner_id, country, world
        self.usage = Usage(partner_id, own_account)
        self.usage.first_month = first_month
        self.usage.freeze = self.freeze
        self.frozen = {}        # usage month: {(currency, ids of rules): (rate, adjustment)}
        self.documents = []
        self.billed = {}        # (billing month, usage month, key): consumption and the rates that were billed so far, by day
        self.adjusted = defaultdict(int)  # (usage month, currency): adjustments of tiers billed so far
        self.pending = []       # corrections that wait for a document
        self.corrections = 0
        self.unprinted = []     # lines of months in which nothing is owed, so that there is no document
        self.last_number = defaultdict(int)

    # what rules say

    def rulings(self, key, series, month):
        """By day of consumption: (reason, (basic rate, deal's part))."""
        rules = self.world.rules
        _, _, usage_month, currency, _, account, service, sku, category = key
        ids = rules.ids_of(self.partner_id, currency, usage_month)
        found = {}
        for day in series:
            reason, terms, deal = rules.ruling(self.partner_id, account, service, sku, category, currency, day)
            found[day] = reason, self.rates(terms, deal, usage_month, currency, ids.get(day)) if reason == ELIGIBLE else (0, 0)
        return found

    def rates(self, terms, deal, usage_month, currency, ids):
        if terms.volume_rule:
            terms = copy.copy(terms)
            terms.base_rate, terms.volume_rule = self.frozen_rate(terms, usage_month, currency, ids), None
        return terms.rates(deal, 0)

    def frozen_rate(self, terms, usage_month, currency, ids):
        return self.frozen[usage_month][currency, ids][0]

    def freeze(self, month):
        """Volumes of a month as they are now, and what follows from them."""
        rules, volumes = self.world.rules, defaultdict(Volume)
        for (usage_month, account, service, sku, currency, category), (series, _) in self.usage.content_totals().items():
            if usage_month != month or category == 'Tax' or account == self.usage.own_account:
                continue
            for day, amounts in series.items():
                if rules.ruling(self.partner_id, account, service, sku, category, currency, ordinal(day))[0] == ELIGIBLE:
                    volumes[currency].add(ordinal(day), sum(integers(amounts)))
        self.frozen[month] = {}
        for currency in MINOR_UNITS:
            for ids, first, after, terms in rules.terms_of_month(self.partner_id, currency, *days_of_month(month)):
                if terms.volume_rule:
                    graduation = Graduation(terms, volumes[currency], first, after)
                    self.frozen[month][currency, ids] = graduation.rate, graduation.adjustment if terms.volume_rule == 'graduated' else 0

    def adjustments(self, month):
        amounts = defaultdict(int)
        for (currency, _), (_, adjustment) in self.frozen[month].items():
            amounts[currency] += adjustment
        return amounts

    # closing

    def may_skip(self):
        """Whether nothing is in the next month to close, so that it may close with the one after it."""
        month = self.usage.month_to_close()
        return month not in self.usage.touched and self.usage.closed

    def close(self, skip=False):
        close = self.usage.month_to_close()
        close = model.next_month(close) if skip else close
        month = close.isoformat()
        self.freeze(month)
        lines = self.draft(month)
        by_currency = defaultdict(list)
        for line in lines:
            by_currency[line.key[3]].append(line)
        issued = [self.issue(month, currency, by_currency[currency]) for currency in sorted(by_currency)]
        self.pending = [line for line in self.pending if line['billing_month'] != month]
        self.usage.close_to(close)
        return month, issued

    def draft(self, month):
        lines = []
        for key, (section, series, _, _) in self.usage.totals().items():
            billing_month, usage_month, account, service, sku, currency, category = key
            if billing_month != month or category == 'Tax':
                continue
            key = (self.partner_id, month, usage_month, currency, section, account, service, sku, category)
            series = {ordinal(day): integers(amounts) for day, amounts in series.items()}
            rulings = self.rulings(key, series, usage_month)
            present = {reason for reason, _ in rulings.values()}
            rates = {day: rate for day, (_, rate) in rulings.items()}
            lines += self.taxed('usage', key, series, rates, {day for day, (reason, _) in rulings.items() if reason == ELIGIBLE},
                                ', '.join(reason for reason in REASONS if reason in present))
        for currency, amount in self.adjustments(month).items():
            if amount:
                key = (self.partner_id, month, month, currency, 'customers', None, None, None, None)
                lines += self.taxed('volume tiers', key, {}, {}, reasons='volume tiers', adjustment=amount)
        for pending in self.pending:
            if pending['billing_month'] == month:
                lines += self.taxed('correction', pending['key'], pending['series'], pending['rates'], reasons='correction', corrects=pending['corrects'],
                                    correction=pending['correction'], adjustment=pending['adjustment'])
        return lines

    def taxed(self, kind, key, series, rates, eligible=(), reasons='', **more):
        """A line for each rate of VAT that its days have; what has no days is taxed by the last day of its month."""
        parts = self.world.vat.parts(self.country, key[3], key[2])
        last = days_of_month(key[2])[1] - 1
        if more.get('adjustment'):
            return [Line(kind, key, vat, {}, {}, (), reasons, **more) for vat, days in parts if last in days]
        if len(parts) == 1:
            return [Line(kind, key, parts[0][0], series, rates, eligible, reasons, **more)]
        lines = [Line(kind, key, vat, {day: amounts for day, amounts in series.items() if day in days}, rates, eligible, reasons, **more)
                 for vat, days in parts]
        return [line for line in lines if line.series]

    def issue(self, month, currency, lines):
        mode, scale = self.world.rules.rounding(self.partner_id, month, currency)
        document = Document('invoice', month, currency, self.country, mode, MINOR_UNITS[currency] if scale is None else scale)
        if any(line.base or line.exact[3] or line.exact[4] for line in lines):
            document.print(lines)
            self.number(document, KINDS)
            for line in lines:
                self.remember(line, month)
        else:
            document.kind = 'statement'
            self.unprinted += lines
        self.append(document)
        return document

    def remember(self, line, month):
        usage_month = line.key[2]
        if line.kind == 'volume tiers':
            self.adjusted[usage_month, line.key[3]] += line.exact[3]
        elif line.kind == 'usage':
            series, rates = self.billed.setdefault((month, usage_month, line.key[3:]), ({}, {}))
            series.update(line.series)
            rates.update({day: rate for day, (_, rate) in self.rulings(line.key, line.series, usage_month).items()})

    def append(self, document):
        self.documents.append(document)
        document.sequence = len(self.documents)

    def number(self, document, kinds):
        for kind, label in kinds:
            self.last_number[kind] += 1
            document.numbers.append((kind, self.last_number[kind], '%s-%s-%d' % (label, self.partner_id, self.last_number[kind])))

    # after the close

    def correct(self, month):
        """What the rules come to now, less all lines so far, on the next document."""
        if month not in (closed.isoformat() for closed in self.usage.closed):
            return
        self.freeze(month)
        open_month = self.usage.open_month(model.datetime.date.fromisoformat(month))
        self.usage.touched.add(open_month)
        open_month = open_month.isoformat()
        number, lines = self.corrections + 1, []
        for (billing_month, usage_month, of), (series, rates) in self.billed.items():
            if usage_month != month:
                continue
            key = (self.partner_id, open_month, month, *of)
            change = {day: tuple(new - old for new, old in zip(rate, rates[day]))
                      for day, (_, rate) in self.rulings(key, series, month).items()}
            if any(sum(sum(series[day]) * change[day][i] for day in series) for i in range(2)):
                lines.append({'key': key, 'series': series, 'rates': change, 'corrects': billing_month, 'adjustment': 0})
                rates.update({day: tuple(map(sum, zip(rates[day], change[day]))) for day in series})
        adjustments = self.adjustments(month)
        for currency in MINOR_UNITS:
            amount = adjustments[currency] - self.adjusted[month, currency]
            if amount:
                key = (self.partner_id, open_month, month, currency, 'customers', None, None, None, None)
                lines.append({'key': key, 'series': {}, 'rates': {}, 'corrects': month, 'adjustment': amount})
                self.adjusted[month, currency] += amount
        if lines:
            self.corrections = number
        self.pending += [dict(line, billing_month=open_month, correction=number) for line in lines]

    def credit(self, invoice, numbers):
        """A note that negates printed lines; the last of a block take what is left of its VAT."""
        note = Document('credit note', invoice.month, invoice.currency, invoice.country, invoice.mode, invoice.scale)
        note.credits = invoice
        chosen = [n for n in range(1, len(invoice.lines) + 1) if n not in invoice.credited and (numbers is None or n in numbers)]
        earlier = [document for document in self.documents if document.credits is invoice]
        for block, (_, _, _, _, tax) in invoice.blocks.items():
            of_block = [n for n, line in enumerate(invoice.lines, 1) if (line.section, line.vat) == block]
            lines = [invoice.lines[n - 1] for n in of_block if n in chosen]
            if not lines:
                continue
            base, bonus = sum(line.printed_base for line in lines), sum(line.printed_bonus for line in lines)
            taxable = sum(line.taxable for line in lines)
            if block[1][2]:
                credited = base - bonus - taxable
            elif all(n in chosen or n in invoice.credited for n in of_block):
                credited = tax + sum(document.blocks[block][4] for document in earlier if block in document.blocks)
            else:
                credited = vat_amount(base - bonus, block[1][1], False, invoice.mode)
            note.blocks[block] = (-base, -bonus, bonus - base, -taxable, -credited)
        note.lines = [invoice.lines[n - 1].negated(n) for n in chosen]
        invoice.credited.update(chosen)
        self.number(note, (('credit note', 'CN'),))
        self.append(note)
        return note


def integers(amounts):
    """Fractions with at most 18 decimals."""
    return tuple(int(amount * POWERS[AMOUNT_SCALE]) for amount in amounts)


def usage_rows(books):
    """Current usage as oracle/exact.py takes it."""
    for book in books:
        for (source, day), versions in book.usage.units.items():
            for line in versions[-1].lines:
                yield (book.partner_id, source, day_text(day.toordinal()), *(line[name] for name in ('account_id', 'service_id', 'sku_id', 'currency', 'charge_category')),
                       *(decimal(line[name]) for name in ('cost', 'credit', 'grant_credit')))


def decimal(amount):
    from decimals import minimal
    return minimal(int(amount * POWERS[AMOUNT_SCALE]), AMOUNT_SCALE)


__all__ = ['Books', 'DatedRules', 'Vat', 'scaled', 'usage_rows']
