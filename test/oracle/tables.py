"""The ledger's tables that a month fills, in the order of their references, and the columns it gives."""

TABLES = {
    'program': ('program_id', 'name'),
    'program_terms': ('program_terms_id', 'program_id', 'currency', 'validity', 'base_rate', 'deal_cap', 'total_cap',
                      'combination', 'rounding_mode', 'rounding_scale'),
    'exclusion': ('exclusion_id', 'program_id', 'service_id', 'sku_id', 'validity'),
    'partner': ('partner_id', 'billing_account_id', 'name'),
    'partner_program': ('partner_program_id', 'partner_id', 'program_id', 'validity'),
    'partner_status': ('partner_status_id', 'partner_id', 'status', 'validity'),
    'subaccount': ('account_id', 'name'),
    'subaccount_link': ('link_id', 'partner_id', 'account_id', 'validity'),
    'deal': ('deal_id', 'link_id', 'rate', 'validity'),
    'usage_line': ('partner_id', 'source', 'usage_day', 'account_id', 'service_id', 'sku_id', 'currency',
                   'charge_category', 'cost', 'credit', 'monetary_grant_credit'),
}


def copy_script(months, ledger):
    """psql input that copies the rows of all months into a ledger. No value holds a tab, a backslash or a line break."""
    parts = []
    for table, columns in TABLES.items():
        parts.append('COPY %s.%s (%s) FROM STDIN;\n' % (ledger, table, ', '.join(columns)))
        for month in months:
            for row in month.tables[table]:
                parts.append('\t'.join(['\\N' if value is None else value for value in row]))
                parts.append('\n')
        parts.append('\\.\n')
    return ''.join(parts)
