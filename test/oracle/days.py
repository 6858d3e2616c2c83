"""Days as ordinals, and validities (daterange) as half-open pairs of them."""
import datetime

UNBOUNDED = 10 ** 9

_ordinals = {}
_texts = {}


def ordinal(text):
    if text not in _ordinals:
        _ordinals[text] = datetime.date.fromisoformat(text).toordinal()
    return _ordinals[text]


def day_text(day):
    if day not in _texts:
        _texts[day] = datetime.date.fromordinal(day).isoformat()
    return _texts[day]


def first_of_month(text):
    return text[:8] + '01'


def days_of_month(first):
    """(first day, day after the last) of the month whose first day is given as text."""
    begin = ordinal(first)
    after = datetime.date.fromordinal(begin + 31).replace(day=1).toordinal()
    return begin, after


def validity(text):
    """'[2026-05-01,2026-06-01)' as (first day, day after the last); no bound is plus or minus UNBOUNDED."""
    low, high = text[1:-1].split(',')
    first = ordinal(low) + (text[0] == '(') if low else -UNBOUNDED
    after = ordinal(high) + (text[-1] == ']') if high else UNBOUNDED
    return first, after
