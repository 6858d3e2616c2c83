"""A ledger on the server that plays what the model plays, and what it has issued, in the form of the model."""
import re
import shared  # noqa: F401
from fractions import Fraction

from server import Session, literal
from tables import TABLES
from world import vat_statement

LINE = ('kind', 'section', 'vat_category', 'vat_rate', 'vat_included', 'usage_month', 'account_id', 'service_id', 'sku_id', 'charge_category', 'corrects_month',
        'correction', 'credits_line', 'reasons', 'exact_cost', 'exact_grant_credit', 'exact_other_credit', 'eligible_base', 'exact_basic_bonus', 'exact_deal_bonus',
        'gross', 'grant_credit', 'other_credit', 'basic_bonus', 'deal_bonus', 'taxable')
BLOCK = ('section', 'vat_category', 'vat_rate', 'vat_included', 'base', 'bonus', 'payable', 'taxable', 'vat')
HEAD = ('kind', 'billing_month', 'currency', 'country', 'rounding_mode', 'rounding_scale', 'sequence', 'gross', 'grant_credit', 'other_credit', 'base',
        'eligible_base', 'basic_bonus', 'deal_bonus', 'customers_total', 'own_total', 'document_total', 'taxable_total', 'vat_total', 'invoice_total', 'line_count')


def pairs(columns, alias):
    return 'json_build_object(%s)' % ', '.join("'%s', %s.%s" % (column, alias, column) for column in columns)


DOCUMENTS = """SELECT coalesce(json_agg(%s::jsonb || jsonb_build_object(
    'document_id', d.document_id,
    'credits', (SELECT c.sequence FROM document c WHERE c.document_id = d.credits),
    'numbers', (SELECT coalesce(json_agg(json_build_array(n.kind, n.number, n.label) ORDER BY n.kind), '[]') FROM document_number n WHERE n.document_id = d.document_id),
    'blocks', (SELECT coalesce(json_agg(%s), '[]') FROM document_block b WHERE b.document_id = d.document_id),
    'lines', (SELECT coalesce(json_agg(%s::jsonb || jsonb_build_object('consumption', l.consumption::text, 'basic_schedule', l.basic_schedule::text,
        'deal_schedule', l.deal_schedule::text) ORDER BY l.line_number), '[]') FROM document_line l WHERE l.document_id = d.document_id)) ORDER BY d.sequence), '[]')
FROM document d WHERE d.partner_id = %%s AND d.sequence > %%d""" % (pairs(HEAD, 'd'), pairs(BLOCK, 'b'), pairs(LINE, 'l'))

ISSUED = """SELECT coalesce(md5(string_agg(x.text, ';' ORDER BY x.text COLLATE "C")), '') FROM (
    SELECT 'd' || d::text AS text FROM document d WHERE d.document_id <= %(last)d
    UNION ALL SELECT 'b' || b::text FROM document_block b WHERE b.document_id <= %(last)d
    UNION ALL SELECT 'l' || l::text FROM document_line l WHERE l.document_id <= %(last)d
    UNION ALL SELECT 'n' || n::text FROM document_number n WHERE n.document_id <= %(last)d
    UNION ALL SELECT 's' || s::text FROM document_seal s WHERE s.document_id <= %(last)d
    UNION ALL SELECT 'r' || document_digest(s.document_id)::text FROM document_seal s WHERE %(anew)s AND s.document_id <= %(last)d) x"""


class Differs(Exception):
    pass


class Ledger:
    def __init__(self, name):
        self.name = name
        self.session = Session()
        self.session.must('DROP SCHEMA IF EXISTS %s_sql CASCADE' % name)
        self.session.must('DROP SCHEMA IF EXISTS %s CASCADE' % name)
        self.session.must("SELECT bonus.create_ledger('%s')" % name)
        self.session.must('SET search_path = %s, bonus, public' % name)
        self.session.must('SET jit = off')
        self.last = 0  # the last document that was looked at

    def drop(self):
        self.session.run('ROLLBACK')
        self.session.must('DROP SCHEMA IF EXISTS %s_sql CASCADE' % self.name)
        self.session.must('DROP SCHEMA %s CASCADE' % self.name)
        self.session.close()

    def analyze(self):
        """What autovacuum does on other servers, in its own time: plans that know how little there is."""
        self.session.must('ANALYZE ' + ', '.join(self.session.must(
            "SELECT oid::regclass FROM pg_class WHERE relnamespace = '%s'::regnamespace AND relkind = 'r'" % self.name)))

    def begin(self, world):
        self.session.must("UPDATE setting SET value = 'ignore' WHERE name LIKE 'close\\_%'")
        for table, columns in TABLES.items():
            if world.tables[table] and table != 'usage_row':
                given = 'OVERRIDING SYSTEM VALUE ' if columns[0].endswith('_id') else ''
                self.session.must('INSERT INTO %s (%s) %sVALUES %s' % (table, ', '.join(columns), given, ', '.join(
                    '(%s)' % ', '.join(map(literal, row)) for row in world.tables[table])))
        for row in world.vat_rows:
            self.session.must(vat_statement(row))
        for partner, country in world.countries.items():
            if country:
                self.session.must('UPDATE partner SET country = %s WHERE partner_id = %s' % (literal(country), literal(partner)))

    def expect(self, statement, states=('00000',)):
        rows, state = self.session.run(statement)
        if state not in states:
            raise Differs('expected SQLSTATE %s, found %s\n%s\n%s' % (' or '.join(sorted(states)), state, statement[:1000], self.session.last_errors()))
        return rows

    def documents(self, partner, after):
        found = self.session.json(DOCUMENTS % (literal(partner), after))
        self.last = max([self.last, *(int(document['document_id']) for document in found)])
        return found

    def issued(self, last, anew=False):
        """Digest of all that was issued up to a document, as stored and, if asked, sealed anew."""
        return self.session.must(ISSUED % {'last': last, 'anew': str(anew).lower()})[0]


# operands, read back

def series_of(text):
    """{2026-10-05: 100/-20/-10, ...}"""
    series = {}
    for part in filter(None, text.strip('{}').split(', ')):
        day, amounts = part.split(': ')
        series[day] = tuple(map(Fraction, amounts.split('/')))
    return series


SEGMENT = re.compile(r'[\[(]([0-9-]*),([0-9-]*)\): ([-0-9.]+)')


def discount(series, schedule):
    """The inner product, from the texts of both."""
    segments = [(low or '0000', high or '9999-99', Fraction(rate)) for low, high, rate in SEGMENT.findall(schedule)]
    return sum((sum(amounts) * rate for day, amounts in series.items() for low, high, rate in segments if low <= day < high), Fraction(0))
