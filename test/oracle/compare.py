"""Two sets of rows of one answer: what is missing, what is too much, which column differs."""
from generate import number_of_month


class Difference:
    def __init__(self, answer, source, key, column, exact, given):
        self.answer, self.source, self.key, self.column, self.exact, self.given = answer, source, key, column, exact, given

    @property
    def month(self):
        return number_of_month(self.key[0])

    def __str__(self):
        return '%s %s, %s\n      exact %s\n      %s %s' % (
            self.answer, self.column or 'row', ' '.join(self.key), self.exact, self.source, self.given)


def by_key(rows, key_length):
    keyed = {}
    for row in rows:
        values = tuple(row.split('\t'))
        keyed.setdefault(values[:key_length], []).append(values)
    return keyed


def differences(answer, source, columns, exact_rows, given_rows):
    """Differences of one answer; exact rows have distinct keys, so equal sets of equal size are equal rows."""
    if len(exact_rows) == len(given_rows) and set(exact_rows) == set(given_rows):
        return []
    found = []
    key_length = len(answer.key)
    exact, given = by_key(exact_rows, key_length), by_key(given_rows, key_length)
    for key in sorted(exact.keys() | given.keys()):
        ours, theirs = exact.get(key, []), given.get(key, [])
        if len(ours) == 1 and len(theirs) == 1:
            for column, our_value, their_value in zip(columns, ours[0], theirs[0]):
                if our_value != their_value:
                    found.append(Difference(answer.name, source, key, column, our_value, their_value))
        elif ours != theirs:
            found.append(Difference(answer.name, source, key, None, '%d rows' % len(ours),
                                    '%d rows: %s' % (len(theirs), theirs)))
    return found
