"""Amounts of usage lines (18 decimals, as integers) in styles that reach the corners of the arithmetic."""
from decimals import POWERS

UNIT = POWERS[18]


def cents(dice, scale):
    return dice.digits(7) * UNIT // 100


def fine(dice, scale):
    return dice.digits(23)


def tiny(dice, scale):
    """A few units in the 18th decimal."""
    return 1 + dice.below(9)


def huge(dice, scale):
    """About 10^15, with or without decimals."""
    return POWERS[15] * UNIT + dice.pick((0, 1, -1, UNIT // 2, dice.digits(18)))


def halves(dice, scale):
    """Few multiples of half a minor unit, so that sums, their bonus and shares of both tie."""
    half = 5 * POWERS[17 - scale] if scale < 18 else 1
    return half * dice.pick((1, 1, 2, 3, 5, 10, 10, 15, 20, 25, 100, 250, 1 + dice.below(5000)))


def mixed(dice, scale):
    return dice.pick((cents, fine, tiny, huge, halves))(dice, scale)


def nothing(dice, scale):
    return 0


STYLES = (cents,) * 6 + (halves,) * 6 + (fine,) * 3 + (mixed,) * 2 + (tiny, huge)


def credits(dice, cost, style, scale):
    """(grant credit, other credit) of a cost: normally against its sign, sometimes all of it, sometimes of any sign."""
    grant = other = 0
    if dice.chance(25):
        grant = dice.pick((-cost, -(cost // 2), -(cost // 3), -style(dice, scale), style(dice, scale)))
    if dice.chance(30):
        other = dice.pick((-(cost // 5), -(cost // 7), -(cost + grant), -style(dice, scale), style(dice, scale)))
    return grant, other
