"""The ledger's tables that a month fills, in the order of their references, and the columns it gives.

The first column of a rule table is the identity of the rule. A month's rules are loaded as they were recorded first, and
then edited, as people edit them, into what they are now.
"""

TABLES = {
    'program': ('program_id', 'name'),
    'program_period': ('program_period_id', 'program_id', 'validity', 'notice_days', 'activation_days'),
    'holiday': ('program_id', 'day'),
    'program_terms': ('program_terms_id', 'program_id', 'currency', 'validity', 'base_rate', 'deal_cap', 'total_cap',
                      'combination', 'volume_rule', 'rounding_mode', 'rounding_scale'),
    'program_tier': ('program_tier_id', 'program_terms_id', 'from_volume', 'rate'),
    'service': ('service_id', 'name'),
    'sku': ('sku_id', 'service_id', 'name'),
    'partner': ('partner_id', 'billing_account_id', 'name'),
    'partner_program': ('partner_program_id', 'partner_id', 'program_id', 'validity'),
    'partner_status': ('partner_status_id', 'partner_id', 'status', 'validity'),
    'subaccount': ('account_id', 'name'),
    'subaccount_status': ('subaccount_status_id', 'account_id', 'status', 'validity'),
    'exclusion': ('exclusion_id', 'program_id', 'account_id', 'service_id', 'sku_id', 'charge_category', 'effect', 'validity'),
    'subaccount_link': ('link_id', 'partner_id', 'account_id', 'validity'),
    'deal': ('deal_id', 'partner_id', 'customer', 'kind', 'rate', 'monthly_target', 'currency', 'contract', 'submitted_on',
             'approved_on', 'rejected_on', 'link_id', 'validity', 'ended_on'),
    'usage_row': ('partner_id', 'source', 'usage_day', 'account_id', 'service_id', 'sku_id', 'currency',
                   'charge_category', 'cost', 'credit', 'monetary_grant_credit'),
}
# The catalogue is one for all months.
SHARED = ('service', 'sku')
# Usage that a later load replaced.
SUPERSEDED = ('recorded_at', 'superseded_at')
REPLACED_BETWEEN = ('2020-01-01 00:00:00+00', '2020-01-02 00:00:00+00')
# The triggers of the rule tables explain errors and keep versions; for all months' rules they would take most of the time.
# Every so many months are loaded through them nevertheless: what they refuse, no month may hold.
MONTHS_PER_TRIGGERED = 50


class Edit:
    """One change of a rule after it was loaded: from the row `before` (None: an insertion) to `after` (None: a deletion)."""

    def __init__(self, table, before, after):
        self.table, self.before, self.after = table, before, after

    def undone(self, rows):
        """The rows before this edit."""
        rows = [self.before if row == self.after else row for row in rows]
        if self.after is None:
            rows.append(self.before)
        return [row for row in rows if row is not None]

    def statement(self, ledger):
        columns = TABLES[self.table]
        if self.before is None:
            return 'INSERT INTO %s.%s (%s) OVERRIDING SYSTEM VALUE VALUES (%s);\n' % (
                ledger, self.table, ', '.join(columns), ', '.join(map(_literal, self.after)))
        this = '%s = %s' % (columns[0], _literal(self.before[0]))
        if self.after is None:
            return 'DELETE FROM %s.%s WHERE %s;\n' % (ledger, self.table, this)
        changes = ['%s = %s' % (column, _literal(value))
                   for column, old, value in zip(columns, self.before, self.after) if old != value]
        return 'UPDATE %s.%s SET %s WHERE %s;\n' % (ledger, self.table, ', '.join(changes), this)


def _literal(value):
    """No value holds a quote or a backslash."""
    return 'NULL' if value is None else "'%s'" % value


def load_script(months, ledger):
    """psql input that loads the rows of all months into a ledger and edits them."""
    loaded = [(month, month.loaded()) for month in months]
    plain = [rows for month, rows in loaded if month.number % MONTHS_PER_TRIGGERED]
    triggered = [rows for month, rows in loaded if not month.number % MONTHS_PER_TRIGGERED]
    replaced = [row + REPLACED_BETWEEN for month in months for row in month.replaced_usage]
    known = {table: set() for table in SHARED}
    return ''.join((
        'SET session_replication_role = replica;\n', *_copies(plain, known, ledger),
        _copy('usage_row', TABLES['usage_row'] + SUPERSEDED, replaced, ledger),
        'RESET session_replication_role;\n', *_copies(triggered, known, ledger),
        'BEGIN;\n', *(edit.statement(ledger) for month in months for edit in month.edits), 'COMMIT;\n'))


def _copies(months_rows, known, ledger):
    for table, columns in TABLES.items():
        rows = [row for of_month in months_rows for row in of_month[table]]
        if table in SHARED:
            rows = [row for row in dict.fromkeys(rows) if row not in known[table]]
            known[table].update(rows)
        yield _copy(table, columns, rows, ledger)


def _copy(table, columns, rows, ledger):
    """No value holds a tab, a backslash or a line break."""
    if not rows:
        return ''
    lines = ['\t'.join(['\\N' if value is None else value for value in row]) for row in rows]
    return 'COPY %s.%s (%s) FROM STDIN;\n%s\n\\.\n' % (ledger, table, ', '.join(columns), '\n'.join(lines))
