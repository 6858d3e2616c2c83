"""Exact decimals: integers with a fixed number of decimals, and their text."""

POWERS = [10 ** n for n in range(80)]


def scaled(text, scale):
    """The integer that stands for `text` with `scale` decimals; more decimals are refused, never rounded."""
    whole, _, fraction = text.partition('.')
    if len(fraction) > scale:
        raise ValueError('more than %d decimals: %s' % (scale, text))
    return int(whole + fraction) * POWERS[scale - len(fraction)]


def minimal(value, scale):
    """Text without trailing zeros, as trim_scale() in the server gives it."""
    if value < 0:
        return '-' + minimal(-value, scale)
    whole, fraction = divmod(value, POWERS[scale])
    if not fraction:
        return str(whole)
    return str(whole) + '.' + str(fraction).rjust(scale, '0').rstrip('0')


def ratio(numerator, denominator, scale):
    """numerator / denominator to `scale` decimals, half away from zero, as the server's round(numeric, integer)."""
    negative = (numerator < 0) != (denominator < 0)
    quotient, rest = divmod(abs(numerator) * POWERS[scale], abs(denominator))
    if 2 * rest >= abs(denominator):
        quotient += 1
    return -quotient if negative else quotient
