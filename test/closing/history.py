"""One history: a world of partners whose months close in order, interleaved, while usage comes late and rules change.

With a ledger every step is played there too and compared; without one the model plays alone (the self test does that).
"""
import shared  # noqa: F401
from collections import Counter, defaultdict
from fractions import Fraction

import amounts
import model
from comparing import compare, exact
from days import day_text, days_of_month
from decimals import minimal
from dice import Dice
from documents import MINOR_UNITS, usage_rows
from exact import BONUS_SCALE, Computation
from ledger import Differs, Ledger, literal
from world import CURRENCIES, PRODUCTS, Change, World

HEAD = ('billing_account_id', 'service_id', 'sku_id', 'date', 'currency', 'cost', 'credit', 'monetary_grant_credit')
STYLES = (amounts.cents,) * 5 + (amounts.fine, amounts.fine, amounts.tiny, amounts.mixed) + amounts.HALVES
SUM_KEY = ('partner_id', 'usage_month', 'currency', 'account_id', 'service_id', 'sku_id', 'charge_category')
ISSUED_SUMS = """SELECT coalesce(jsonb_agg(x), '[]') FROM (
    SELECT d.partner_id, l.usage_month, d.currency, l.account_id, l.service_id, l.sku_id, l.charge_category, sum(l.exact_cost) AS cost,
           sum(l.exact_grant_credit) AS grant_credit, sum(l.exact_other_credit) AS other_credit, sum(l.exact_basic_bonus) AS basic_bonus,
           sum(l.exact_deal_bonus) AS deal_bonus
    FROM document d JOIN document_line l ON l.document_id = d.document_id WHERE d.kind = 'invoice' GROUP BY 1, 2, 3, 4, 5, 6, 7) x"""
# What the SQL oracle reads of usage is the model's, not the ledger's.
ORACLE_SUMS = """SELECT coalesce(jsonb_agg(x), '[]') FROM (
    SELECT partner_id, usage_month, currency, account_id, service_id, sku_id, charge_category, sum(cost) AS cost, sum(grant_credit) AS grant_credit,
           sum(other_credit) AS other_credit, sum(basic_bonus) AS basic_bonus, sum(deal_bonus) AS deal_bonus FROM %s_sql.line GROUP BY 1, 2, 3, 4, 5, 6, 7) x"""
SUMS = ('cost', 'grant_credit', 'other_credit', 'basic_bonus', 'deal_bonus')

WEIGHTS = {'load': 5, 'restate': 4, 'undo': 1, 'adjust': 1.5, 'close': 5, 'change': 1, 'correct': 0.5, 'credit': 1.2}


class History:
    def __init__(self, seed, number, partners=6, months=4, ledger=None, weights=None):
        self.dice = Dice(seed, number)
        self.world = World(self.dice, partners, months)
        self.last_month = self.world.months[-1]
        self.ledger, self.weights = ledger, weights or WEIGHTS
        self.counts, self.log = Counter(), []
        self.style = self.dice.pick(STYLES)
        self.records = {}  # (partner, source, day): records, as last loaded
        self.seen = Counter()  # documents of a partner that were compared
        if ledger:
            ledger.begin(self.world)

    # small matters

    def sql(self, statement, states=('00000',)):
        return self.ledger.expect(statement, states) if self.ledger else None

    def say(self, *words):
        self.log.append(' '.join(map(str, words)))

    def book(self):
        return self.world.books[self.dice.pick(list(self.world.books))]

    def amounts(self, scale):
        cost = self.style(self.dice, scale)
        if self.dice.chance(12):
            cost = -cost
        grant, other = amounts.credits(self.dice, cost, self.style, scale) if self.dice.chance(40) else (0, 0)
        return cost, grant, other

    def record(self, partner, day):
        dice = self.dice
        service, sku = dice.pick(PRODUCTS)
        currency = dice.pick(CURRENCIES)
        cost, grant, other = self.amounts(MINOR_UNITS[currency])
        accounts = self.world.accounts[partner if dice.chance(92) else dice.pick(list(self.world.accounts))]
        account = dice.pick(accounts)
        if account.endswith('-own'):
            account = partner + '-own'
        return (account, service, sku, day_text(day), currency, minimal(cost, 18), minimal(grant + other, 18), minimal(grant, 18))

    def days(self, month, most):
        first, after = days_of_month(month)
        edges = (first, first + 14, after - 1)
        return {self.dice.pick(edges) if self.dice.chance(40) else first + self.dice.below(after - first) for _ in range(1 + self.dice.below(most))}

    # steps

    def load(self, book=None, month=None, restate=False):
        dice = self.dice
        book = book or self.book()
        month = month or dice.pick(self.world.months)
        partner, source = book.partner_id, 'partner-export' if dice.chance(85) else 'second'
        if restate:
            known = [(of, day) for (of_partner, of, day) in self.records if of_partner == partner]
            if not known:
                return
            source, day = dice.pick(known)
            days = {day, *dice.some([day for of, day in known if of == source], 30)}
        else:
            days = self.days(month, 5)
        by_day = {}
        for day in days:
            records = list(self.records.get((partner, source, day), ()))
            if restate and records:
                for _ in range(1 + dice.below(2)):
                    place = dice.below(len(records)) if records else 0
                    if records and dice.chance(40):
                        records.pop(place)
                    elif records and dice.chance(70):
                        records[place] = records[place][:5] + self.record(partner, day)[5:]
                    else:
                        records.append(self.record(partner, day))
            else:
                records += [self.record(partner, day) for _ in range(1 + dice.below(3))]
            by_day[day] = records
        text = ''.join(','.join(row) + '\n' for row in (HEAD, *(row for records in by_day.values() for row in records)))
        covers = [model.datetime.date.fromordinal(day) for day in days] if len(days) == 1 else ()
        self.say('load', partner, source, *sorted(map(day_text, days)))
        batch = self.intake(lambda: book.usage.load(text, source, covers),
                            "SELECT batch_id FROM load_csv(%s, 'partner-export', %s, source => %s%s)" % (
                                literal(partner), literal(text), literal(source), ", covers => '[%s,%s]'" % (covers[0], covers[0]) if covers else ''))
        if batch:
            self.records.update({(partner, source, day): records for day, records in by_day.items() if records or covers})
            self.counts['lines'] += sum(map(len, by_day.values()))
            late = sum(len(records) for day, records in by_day.items() if day < self.open_day(book))
            self.counts['late lines'] += late

    @staticmethod
    def open_day(book):
        return book.usage.month_to_close().toordinal()

    def intake(self, predict, statement):
        try:
            batch, states = predict(), ('00000',)
        except model.Refused as refused:
            batch, states = None, refused.states
        rows = self.sql(statement, states)
        if batch and rows:
            batch.batch_id = int(rows[0])
        return batch

    def restate(self):
        self.load(restate=True)

    def undo(self):
        book = self.book()
        if not book.usage.batches:
            return
        undone = self.dice.pick(book.usage.batches[-4:])
        if self.ledger is None:
            undone.batch_id = 0
        self.say('undo', book.partner_id, undone.source, *undone.days)
        self.intake(lambda: book.usage.undo(undone, 'wrong'), "SELECT batch_id FROM undo_batch(%d, 'wrong')" % undone.batch_id)
        for source, day in list(book.usage.units):
            lines = book.usage.units[source, day][-1].lines
            if source != model.ADJUSTMENT:
                self.records[book.partner_id, source, day.toordinal()] = [
                    tuple(line[name] if line[name] is None or isinstance(line[name], str) else minimal(int(line[name] * amounts.UNIT), 18)
                          if name != 'date' else day.isoformat() for name in ('account_id', 'service_id', 'sku_id')) + (day.isoformat(), line['currency'])
                    + tuple(minimal(int(line[name] * amounts.UNIT), 18) for name in ('cost', 'credit', 'grant_credit')) for line in lines]

    def adjust(self):
        book = self.book()
        day = self.dice.pick(list(self.days(self.dice.pick(self.world.months), 2)))
        account, service, sku, _, currency, cost, credit, grant = self.record(book.partner_id, day)
        category = self.dice.pick(('Adjustment', 'Adjustment', 'Credit', 'Purchase', 'Tax'))
        line = {'account_id': account, 'service_id': service, 'sku_id': sku, 'currency': currency, 'charge_category': category,
                'cost': Fraction(cost), 'credit': Fraction(credit), 'grant_credit': Fraction(grant)}
        self.say('adjust', book.partner_id, day_text(day))
        self.intake(lambda: book.usage.adjust(model.datetime.date.fromordinal(day), line, 'agreed'),
                    'SELECT batch_id FROM adjust_usage(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)' % tuple(
                        map(literal, (book.partner_id, day_text(day), account, service, sku, currency, cost, 'agreed', category, credit, grant))))

    def close(self, book=None):
        dice = self.dice
        open_books = [book for book in self.world.books.values() if not self.finished(book)]
        book = book or dice.pick(open_books)
        month = book.usage.month_to_close().isoformat()
        skip = book.may_skip() and dice.chance(40)
        if not skip and dice.chance(85) and not any(billing_month == month for billing_month, *_ in book.usage.totals()):
            self.load(book, month)
        month = book.usage.month_to_close().isoformat()
        books = [book]
        if not skip and dice.chance(20):  # whoever has come as far
            books = [other for other in open_books if other.usage.month_to_close().isoformat() == month and other is not book] + books
        for each in books:
            month, _ = each.close(skip)
            self.counts['months'] += 1
            self.counts['skipped months'] += bool(skip)
            self.say('close', each.partner_id, month)
        if len(books) > 1 or dice.chance(10):
            self.sql("CALL close_month('%s', ARRAY[%s])" % (month, ', '.join(literal(each.partner_id) for each in books)))
        else:
            self.sql("SELECT close_partner(%s, '%s')" % (literal(book.partner_id), month))
        for each in books:
            self.look(each)

    def look(self, book):
        """New documents of a partner against those of the model."""
        new = book.documents[self.seen[book.partner_id]:]
        if self.ledger:
            found = self.ledger.documents(book.partner_id, self.seen[book.partner_id])
            if len(found) != len(new):
                raise Differs('%s: %d documents, should be %d' % (book.partner_id, len(found), len(new)))
            for document, given in zip(new, found):
                document.document_id = int(given['document_id'])
                compare(book.partner_id, document, given)
        for document in new:
            self.counts['documents'] += 1
            self.counts[document.kind] += 1
            self.counts['document lines'] += len(document.lines)
            for line in document.lines:
                self.counts[line.kind + ' lines'] += 1
        self.seen[book.partner_id] = len(book.documents)

    def change(self):
        """From a day on that is open for everybody."""
        day = max(self.open_day(book) for book in self.world.books.values()) + self.dice.pick((0, 0, 1, 14, self.dice.below(60)))
        change = self.world.change_from(day)
        if change:
            self.say('change', day_text(day), *change.statements('l'))
            self.world.apply(change)
            if self.ledger:
                for statement in ('BEGIN', *change.statements(self.ledger.name), 'COMMIT'):
                    self.sql(statement)

    def closed_months(self):
        return sorted({month.isoformat() for book in self.world.books.values() for month in book.usage.closed})

    def correct(self, change=None, months=None):
        change = change or self.world.change_backwards()
        if not change:
            return
        self.say('correct', *change.statements('l'))
        self.world.apply(change)
        months = months or self.closed_months()
        for month in months:
            for partner in sorted(self.world.books):
                self.world.books[partner].correct(month)
        self.counts['corrections'] += 1
        if self.ledger:
            for statement in ('BEGIN', 'SELECT start_correction()', *change.statements(self.ledger.name),
                              *("SELECT correct_month('%s', 'changed')" % month for month in months), 'COMMIT'):
                self.sql(statement)

    def credit(self):
        book = self.book()
        invoices = [document for document in book.documents if document.kind == 'invoice' and len(document.credited) < len(document.lines)]
        if not invoices:
            return
        begun = [document for document in invoices if document.credited]
        invoice = self.dice.pick(begun if begun and self.dice.chance(50) else invoices)
        left = [n for n in range(1, len(invoice.lines) + 1) if n not in invoice.credited]
        chosen = None if self.dice.chance(40) else (self.dice.some(left, 50) or left[:1])
        self.say('credit', book.partner_id, invoice.month, invoice.currency, chosen)
        book.credit(invoice, chosen)
        if self.ledger:
            self.sql("SELECT credit_note(%d, 'wrong'%s)" % (invoice.document_id, '' if chosen is None else ", '{%s}'" % ','.join(map(str, chosen))))
        self.look(book)

    def finished(self, book):
        return book.usage.last_closed().isoformat() >= self.last_month

    # the whole

    def step(self):
        kinds, weights = zip(*self.weights.items())
        at = self.dice.below(1000 * sum(weights)) / 1000
        for kind, weight in zip(kinds, weights):
            if at < weight:
                break
            at -= weight
        before = self.ledger and (self.ledger.last, self.ledger.issued(self.ledger.last))
        getattr(self, kind)()
        if self.ledger and self.ledger.issued(before[0]) != before[1]:
            raise Differs('issued documents have changed')

    def play(self):
        while any(not self.finished(book) for book in self.world.books.values()):
            self.step()
        self.finish()

    def finish(self):
        """All corrected and closed, documents add up to a full recomputation by today's rules; nothing is broken."""
        if self.ledger:
            self.sound()
        self.correct(Change([]))
        for book in self.world.books.values():
            if self.finished(book):
                self.close(book)
        while True:
            late = [book for book in self.world.books.values()
                    if any(month >= book.usage.month_to_close().isoformat() for month, *_ in book.usage.totals()) or book.pending]
            if not late:
                break
            for book in late:
                self.close(book)
        if self.ledger:
            self.sound()
            self.recomputed()

    def sound(self):
        self.ledger.analyze()
        found = self.ledger.session.must('SELECT invariant, subject, detail FROM verify()')
        if found:
            raise Differs('verify(): %d rows\n%s' % (len(found), '\n'.join(found[:10])))
        for month in self.closed_months():
            found = self.ledger.session.must("SELECT * FROM rerate('%s')" % month)
            if found:
                raise Differs('rerate(%s): %d rows\n%s' % (month, len(found), '\n'.join(found[:10])))

    def recomputed(self):
        """Sums of exact amounts over all documents are a full recomputation: by fractions, and by the SQL oracle."""
        rows = list(usage_rows(self.world.books.values()))
        ours = defaultdict(lambda: (0,) * 5)
        for line in Computation({**self.world.tables, 'usage_row': rows}, self.world.rules).lines.values():
            partner, _, usage_month, currency, _, *of = line.key
            ours[(partner, usage_month, currency, *of)] = (*(Fraction(amount, amounts.UNIT) for amount in (line.cost, line.grant_credit, line.other_credit)),
                                                            *(Fraction(bonus, 10 ** BONUS_SCALE) for bonus in (line.basic_bonus, line.deal_bonus)))
        issued = self.sums(ISSUED_SUMS)
        for book in self.world.books.values():
            for line in book.unprinted:  # a grant paid for all of it: nothing is owed, and nothing lost
                key = (book.partner_id, *line.key[2:4], *line.key[5:])
                issued[key] = tuple(map(sum, zip(issued.get(key, (0,) * 5), (*map(exact, line.exact[:3]), 0, 0))))
        self.equal('documents', issued, ours)
        self.oracle(rows)
        self.equal('the SQL oracle', self.sums(ORACLE_SUMS % self.ledger.name), ours)

    def sums(self, query):
        return {tuple(row[name] for name in SUM_KEY): tuple(row[name] for name in SUMS) for row in self.ledger.session.json(query)}

    @staticmethod
    def equal(what, given, ours):
        for key in {**given, **ours}:
            if given.get(key, (0,) * 5) != ours.get(key, (0,) * 5):
                raise Differs('%s, %s: %s, recomputed %s' % (what, key, [float(v) for v in given.get(key, ())], [float(v) for v in ours.get(key, ())]))

    def oracle(self, rows):
        name, session = self.ledger.name, self.ledger.session
        session.must('CREATE TABLE usage_row (partner_id text COLLATE "C", source text, usage_day date, account_id text COLLATE "C", service_id text COLLATE "C", '
                     'sku_id text COLLATE "C", currency text COLLATE "C", charge_category text COLLATE "C", cost numeric, credit numeric, monetary_grant_credit numeric, '
                     "superseded_at timestamptz DEFAULT 'infinity')")
        if rows:
            session.must('INSERT INTO usage_row VALUES ' + ', '.join('(%s)' % ', '.join(map(literal, row)) for row in rows))
        session.must('\\set ledger %s\n\\set oracle %s_sql\n\\i %s/../oracle/oracle.sql\nSET search_path = %s, bonus, public' % (name, name, shared.HERE, name))
        session.must('CALL %s_sql.refresh()' % name)


def late(seed, lines):
    """Six closed months, and then late and restated lines for them: what was issued stays as it is, byte for byte."""
    ledger = Ledger('closing_late')
    history = History(seed, 0, 8, 6, ledger, {'load': 5, 'adjust': 1, 'close': 4})
    while any(not history.finished(book) for book in history.world.books.values()):
        history.step()
    issued, last = ledger.issued(ledger.last, anew=True), ledger.last
    history.counts.clear()
    history.weights = {'load': 4, 'restate': 5, 'undo': 0.5, 'adjust': 1}
    while history.counts['late lines'] < lines:
        history.step()
    for book in history.world.books.values():
        history.close(book)
    history.finish()
    if ledger.issued(last, anew=True) != issued:
        raise Differs('issued documents have changed')
    ledger.drop()
    print('late usage: %d late and restated lines for six closed months, %d documents unchanged, %d with them, seed=%d: all sums as recomputed' % (
        history.counts['late lines'], last, history.counts['documents'], seed))
    return 0
