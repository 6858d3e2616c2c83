#!/usr/bin/env python3
"""The same file again, in any order of lines, in other digits and under other names, older versions arriving late: all tables of
the ledger but load_batch, load_day and rejected_line come out as after one clean load of each version.

    idempotence.py [--cases N] [--seed S]
"""

import argparse
import random
import sys

import files
from server import Session, literal, make_ledger

ASIDE = ('load_batch', 'load_day', 'rejected_line')


def digest_query(session, ledger):
    """Every table of the ledger, row by row; but which load it was, and when."""
    tables = session.must("SELECT c.relname FROM pg_class c WHERE c.relnamespace = '%s'::regnamespace AND c.relkind IN ('r', 'p') "
                          "AND c.relname <> ALL ('{%s}') ORDER BY 1" % (ledger, ','.join(ASIDE)))
    assert 'usage_day' in tables and 'billing_period' in tables, tables
    return ' UNION ALL '.join(
        "SELECT '%s', count(*), md5(coalesce(string_agg(r.line, ';' ORDER BY r.line COLLATE \"C\"), '')) FROM (SELECT (to_jsonb(t) - "
        "'{batch_id,recorded_at,superseded_at,changed_at,transaction_id}'::text[])::text || (to_jsonb(t) ->> 'superseded_at' = 'infinity')::text AS line "
        "FROM %s.%s t) r" % (table, ledger, table) for table in tables if table != 'rule_change')


def load(session, partner, text, covers):
    covered = "'[%s,%s]'" % (covers[0], covers[-1]) if covers else 'NULL'
    rows, state = session.run("SELECT outcome FROM load_csv(%s, 'partner-export', %s, covers => %s)" % (literal(partner), literal(text), covered))
    return rows[0] if state == '00000' else state


def case(dice, clean, dirty, partner):
    accounts = [partner + '-own', 'a1', 'a2']
    first = dice.randrange(len(files.DAYS) - 2)
    days = files.DAYS[first:first + dice.randint(1, 3)]
    covers = days if dice.random() < 0.5 else ()
    versions = [files.draw(dice, days, 100, partner, accounts)]
    for n in range(dice.randint(0, 2)):
        versions.append(versions[-1].changed(dice, 200 + 100 * n, partner, accounts))
    for version in versions:
        version.records = [row for row in version.records if row['date'] != '2026-02-30']
        while len(version.records) < 4:    # a file of which nothing can be taken does not tell how old it is
            version.records.append(files.record(dice, days[0], partner, accounts))
    outcomes = []
    for number, version in enumerate(versions):
        load(clean, partner, version.text(dice, plain=True), covers)
        shuffled = files.File(list(version.records), version.exported, version.style)
        dice.shuffle(shuffled.records)
        outcomes.append(load(dirty, partner, shuffled.text(dice, plain=True), covers))
        for _ in range(2):
            outcomes.append(load(dirty, partner, version.variant(dice, version.exported + dice.randint(0, 50)).text(dice), covers))
        for older in versions[:number]:
            outcomes.append(load(dirty, partner, older.variant(dice, older.exported).text(dice), covers))
    return outcomes


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0])
    parser.add_argument('--cases', type=int, default=40)
    parser.add_argument('--seed', type=int, default=None)
    options = parser.parse_args()
    seed = options.seed or random.SystemRandom().randint(1, 10 ** 6)
    print('seed %d' % seed)
    partners = ['p%d' % n for n in range(options.cases)]
    for ledger in ('clean', 'dirty'):
        make_ledger(ledger, partners)
    clean, dirty = Session('clean'), Session('dirty')
    outcomes = []
    for number, partner in enumerate(partners):
        outcomes += case(random.Random('%d %d' % (seed, number)), clean, dirty, partner)
    found = [session.must(digest_query(session, ledger)) for session, ledger in ((clean, 'clean'), (dirty, 'dirty'))]
    count = {outcome: outcomes.count(outcome) for outcome in sorted(set(outcomes))}
    print('%d cases, loads: %s' % (options.cases, count))
    wrong = [(a, b) for a, b in zip(*found) if a != b]
    for a, b in wrong:
        print('clean %s\ndirty %s' % (a, b))
    versions = [row for row in found[0] if row.startswith('usage_day|')][0]
    print('digests of %d tables, %s versions of days' % (len(found[0]), versions.split('|')[1]))
    unexpected = set(count) - {'loaded', 'unchanged', '55000'}
    if unexpected:
        print('unexpected: %s' % unexpected)
    return 1 if wrong or unexpected or len(count) < 3 else 0


if __name__ == '__main__':
    sys.exit(main())
