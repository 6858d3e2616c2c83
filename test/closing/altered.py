"""Proves the tools: a closed ledger is altered by hand, past triggers and constraints, and each alteration has to be reported."""
from settled import MONTH, broken

ONE = "(SELECT document_id FROM document WHERE partner_id = 'p050' AND billing_month = '%s' AND currency = 'USD')" % MONTH

MISSING = ['DELETE FROM %s WHERE document_id = %s' % (table, ONE)
           for table in ('account_entry', 'document_due', 'document_seal', 'document_number', 'document_line', 'document_block', 'document')]

# How, and the check that must say so; None: only the comparison with an undisturbed ledger can.
ALTERATIONS = {
    'a document missing': ('half a partner', MISSING),
    'a document twice': ('a document twice', [
        'DROP INDEX document_once',
        """INSERT INTO document OVERRIDING SYSTEM VALUE SELECT (d).* FROM (SELECT jsonb_populate_record(d, jsonb_build_object(
            'document_id', 1000000, 'sequence', d.sequence + 10)) AS d FROM document d WHERE document_id = %s) x""" % ONE]),
    'a number left out': ('a gap in numbers', ["UPDATE document_number SET number = number + 1 WHERE document_id = %s AND kind = 'payment invoice'" % ONE]),
    'a document without number': ('a document without its numbers', ["DELETE FROM document_number WHERE document_id = %s AND kind = 'payment invoice'" % ONE]),
    'a number twice': ('a gap in numbers', [
        'ALTER TABLE document_number DROP CONSTRAINT document_number_partner_id_kind_number_key',
        "UPDATE document_number n SET number = (SELECT min(m.number) FROM document_number m WHERE m.partner_id = n.partner_id) WHERE n.document_id = %s" % ONE]),
    'a gap in the chain': ('a gap in the chain', ["UPDATE document SET sequence = sequence + 10 WHERE document_id = %s" % ONE]),
    'a chain that is cut': ('a broken chain', ["UPDATE document_seal SET previous_digest = '\\x00' WHERE document_id = %s" % ONE]),
    'an unsealed document': ('a broken chain', ['DELETE FROM document_seal WHERE document_id = %s' % ONE]),
    'another digest': ('a broken seal of a month', ["UPDATE document_seal SET digest = '\\x00' WHERE document_id = %s" % ONE]),
    'a figure of a line': (None, ['UPDATE document_line SET taxable = taxable + 0.01 WHERE document_id = %s AND line_number = 1' % ONE]),
    'a line twice': (None, [
        """INSERT INTO document_line SELECT (l).* FROM (SELECT jsonb_populate_record(l, '{"line_number": 1000}') AS l
            FROM document_line l WHERE document_id = %s AND line_number = 1) x""" % ONE]),
    'a document booked twice': ('something booked twice, or not', [
        'ALTER TABLE account_entry DROP CONSTRAINT account_entry_document_id_account_key',
        """INSERT INTO account_entry SELECT (e).* FROM (SELECT jsonb_populate_record(e, '{"movement_id": 1000000}') AS e
            FROM account_entry e WHERE document_id = %s) x""" % ONE]),
    'a document not booked': ('something booked twice, or not', ['DELETE FROM account_entry WHERE document_id = %s' % ONE]),
    'a payment twice': ('a payment twice', [
        'ALTER TABLE payment DROP CONSTRAINT payment_partner_id_external_id_key',
        """INSERT INTO payment OVERRIDING SYSTEM VALUE SELECT (p).* FROM (SELECT jsonb_populate_record(p, '{"payment_id": 1000000}') AS p
            FROM payment p WHERE partner_id = 'p050') x"""]),
    'a payment not booked': ('something booked twice, or not', ["DELETE FROM account_entry WHERE payment_id IS NOT NULL AND partner_id = 'p050'"]),
    'a month that is open': ('half a partner', ["UPDATE billing_period SET closed_at = NULL WHERE month = '%s' AND partner_id = 'p050'" % MONTH]),
    'a close that is not told': ('half a partner', ["UPDATE close_progress SET state = 'waiting' WHERE month = '%s' AND partner_id = 'p050'" % MONTH]),
    'a month sealed twice': ('a month sealed twice', [
        'ALTER TABLE month_seal DROP CONSTRAINT month_seal_pkey',
        "INSERT INTO month_seal SELECT month, sealed_at + interval '1 second', documents, digest FROM month_seal WHERE month = '%s'" % MONTH]),
    'a month not sealed': (None, ["DELETE FROM month_seal WHERE month = '%s'" % MONTH]),
    'a frozen volume lost': (None, ["DELETE FROM frozen_volume WHERE partner_id = 'p050' AND usage_month = '%s'" % MONTH]),
}


def unreported(session, undisturbed):
    unnoticed = []
    for name, (check, statements) in ALTERATIONS.items():
        session.must('BEGIN')
        session.must('SET LOCAL session_replication_role = replica')
        for statement in statements:
            session.must(statement)
        if not undisturbed.differences(session):
            unnoticed.append(name + ': the comparison does not report it')
        if check and not any(row.startswith(check + ':') for row in broken(session)):
            unnoticed.append('%s: is not reported as "%s"' % (name, check))
        session.must('ROLLBACK')
    return unnoticed
