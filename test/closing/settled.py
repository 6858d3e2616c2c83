"""What a ledger holds, but for clocks and identities, compared with another one; and what must be true of issued documents, looked
for row by row, whatever indexes say."""
from collections import Counter

MONTH = '2026-03-01'
# Identities that differ between ledgers in which the same was issued, and days of which a clock decides.
ASIDE = ('document_id', 'movement_id', 'payment_id', 'booked_on', 'issued_on', 'due_on', 'duration')
WITHOUT_INDEXES = 'SET enable_indexscan = off; SET enable_indexonlyscan = off; SET enable_bitmapscan = off; SET jit = off'

CHECKS = {
    'a gap in numbers': """
        SELECT partner_id, kind, count(*), min(number), max(number) FROM document_number
        GROUP BY 1, 2 HAVING count(*) <> max(number) OR min(number) <> 1 OR count(DISTINCT number) <> count(*)""",
    'a document without its numbers': """
        SELECT d.partner_id, d.sequence, count(n) FROM document d LEFT JOIN document_number n USING (document_id)
        GROUP BY d.document_id, 1, 2, d.kind HAVING count(n) <> CASE d.kind WHEN 'invoice' THEN 3 WHEN 'credit note' THEN 1 ELSE 0 END""",
    'a gap in the chain': """
        SELECT d.partner_id, count(*), min(d.sequence), max(d.sequence) FROM document d
        GROUP BY 1 HAVING count(*) <> max(d.sequence) OR min(d.sequence) <> 1 OR count(DISTINCT d.sequence) <> count(*)""",
    'a broken chain': """
        SELECT d.partner_id, d.sequence FROM document d LEFT JOIN document_seal s USING (document_id)
        LEFT JOIN document p ON p.partner_id = d.partner_id AND p.sequence = d.sequence - 1 LEFT JOIN document_seal b ON b.document_id = p.document_id
        WHERE s.digest IS NULL OR s.previous_digest <> coalesce(b.digest, '')""",
    'a document twice': """
        SELECT partner_id, billing_month, currency, count(*) FROM document WHERE kind <> 'credit note' GROUP BY 1, 2, 3 HAVING count(*) > 1
        UNION ALL SELECT partner_id, billing_month, currency, count(*) FROM document WHERE credits IS NOT NULL GROUP BY 1, 2, 3, credits HAVING count(*) > 1""",
    'something booked twice, or not': """
        SELECT d.partner_id, d.sequence, count(DISTINCT e.movement_id), count(e), count(DISTINCT e.account), sum(e.amount)
        FROM document d LEFT JOIN account_entry e USING (document_id) WHERE d.kind <> 'statement'
        GROUP BY d.document_id, 1, 2 HAVING count(DISTINCT e.movement_id) <> 1 OR count(e) <> count(DISTINCT e.account) OR sum(e.amount) <> 0
        UNION ALL
        SELECT p.partner_id, NULL, count(DISTINCT e.movement_id), count(e), count(DISTINCT e.account), sum(e.amount)
        FROM payment p LEFT JOIN account_entry e USING (payment_id)
        GROUP BY p.payment_id, 1 HAVING count(DISTINCT e.movement_id) <> 1 OR count(e) <> 2 OR count(DISTINCT e.account) <> 2 OR sum(e.amount) <> 0""",
    'a payment twice': 'SELECT partner_id, external_id, count(*) FROM payment GROUP BY 1, 2 HAVING count(*) > 1',
    # as a whole or not at all: true at any moment, and so between a kill and going on
    'half a partner': """
        SELECT p.partner_id, b.closed_at IS NOT NULL, c.state, d.documents, d.sealed, d.numbers, d.due, d.booked
        FROM partner p
        LEFT JOIN billing_period b ON b.partner_id = p.partner_id AND b.month = '%(month)s'
        LEFT JOIN close_progress c ON c.partner_id = p.partner_id AND c.month = '%(month)s'
        LEFT JOIN (SELECT d.partner_id, count(*) AS documents, count(s) AS sealed, count(t) AS due, sum(n.numbers) AS numbers, count(e.document_id) AS booked
                   FROM document d
                   LEFT JOIN document_seal s USING (document_id)
                   LEFT JOIN document_due t USING (document_id)
                   LEFT JOIN (SELECT document_id, count(*) AS numbers FROM document_number GROUP BY 1) n USING (document_id)
                   LEFT JOIN (SELECT DISTINCT document_id FROM account_entry) e USING (document_id)
                   WHERE d.billing_month = '%(month)s' AND d.kind = 'invoice' GROUP BY 1) d ON d.partner_id = p.partner_id
        WHERE p.superseded_at = 'infinity' AND CASE WHEN b.closed_at IS NULL THEN d.documents > 0 OR c.state = 'closed'
            ELSE (c.state, d.documents, d.sealed, d.due, d.numbers, d.booked) IS DISTINCT FROM ('closed', 2, 2, 2, 6, 2) END""" % {'month': MONTH},
    'a month sealed twice': 'SELECT month, documents, count(*) FROM month_seal GROUP BY 1, 2 HAVING count(*) > 1',
    'a broken seal of a month': 'SELECT month, documents FROM month_seal WHERE digest <> month_digest(month, sealed_at)',
}

COLUMNS = """
    SELECT c.relname, string_agg(a.attname, ' ') FILTER (WHERE a.attname = ANY ('{%s}')), string_agg(a.attname, ' ') FILTER (WHERE a.atttypid = 'timestamptz'::regtype)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
    WHERE c.relnamespace = (SELECT current_schemas(false))[1]::regnamespace AND c.relkind = 'r' GROUP BY 1 ORDER BY 1""" % ','.join(ASIDE)


def lines_of(table, aside, times):
    """A query for the rows of a table as text. What belongs to a document has its partner and sequence instead of the identity; of a
    time, whether there is one is told."""
    texts = ["(to_jsonb(t) - '{%s}'::text[])::text" % ','.join(aside + times), *("coalesce(isfinite(t.%s)::text, 'never')" % time for time in times)]
    if table != 'document' and 'document_id' in aside:
        return "SELECT concat_ws(' ', %s, d.partner_id, d.sequence) AS line FROM %s t LEFT JOIN document d USING (document_id)" % (', '.join(texts), table)
    return "SELECT concat_ws(' ', %s) AS line FROM %s t" % (', '.join(texts), table)


class Settled:
    """What a ledger is to hold: that of a session in which nothing was disturbed."""

    def __init__(self, session, but=()):
        self.tables = {}
        for row in session.must(COLUMNS):
            table, aside, times = row.split('|')
            if table not in but:
                self.tables[table] = lines_of(table, aside.split(), times.split())
        self.digests_query = ' UNION ALL '.join("SELECT '%s', count(*), md5(string_agg(line, ';' ORDER BY line COLLATE \"C\")) FROM (%s) r" % item
                                                for item in self.tables.items())
        self.digests = session.must(self.digests_query)
        self.rows = {table: Counter(session.must(query)) for table, query in self.tables.items()}
        assert self.rows['document'] and self.rows['month_seal'] and self.rows['account_entry']

    def differences(self, session):
        told = []
        for expected, found in zip(self.digests, session.must(self.digests_query)):
            if expected != found:
                table = found.split('|')[0]
                rows = Counter(session.must(self.tables[table]))
                told += ['%s: missing: %s' % (table, row[:400]) for row in list((self.rows[table] - rows).elements())[:3]]
                told += ['%s: too much: %s' % (table, row[:400]) for row in list((rows - self.rows[table]).elements())[:3]]
        return told


def broken(session, names=tuple(CHECKS)):
    return ['%s: %s' % (name, row) for name in names for row in session.must(CHECKS[name])[:3]]
