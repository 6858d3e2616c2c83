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


def multiples(steps):
    """Few multiples of so many half minor units: sums, their bonus (5, 10, 20 steps at usual rates) and shares tie."""
    def style(dice, scale):
        half = 5 * POWERS[17 - scale] if scale < 18 else 1
        return half * steps * dice.pick((1, 1, 1, 2, 3, 5, 1 + dice.below(500)))
    return style


HALVES = tuple(multiples(steps) for steps in (1, 1, 5, 10, 20))


def mixed(dice, scale):
    return dice.pick((cents, fine, tiny, huge, HALVES[0]))(dice, scale)


def nothing(dice, scale):
    return 0


STYLES = (cents,) * 6 + HALVES + HALVES[2:] + (fine,) * 3 + (mixed,) * 2 + (tiny, huge)


def credits(dice, cost, style, scale):
    """(grant credit, other credit) of a cost: normally against its sign, sometimes all of it, sometimes of any sign."""
    grant = other = 0
    parts = (1,) if style in HALVES else (1, 2, 3, 5, 7)  # a third of a half is no multiple of it
    if dice.chance(25):
        grant = dice.pick((-(cost // dice.pick(parts)), -style(dice, scale), style(dice, scale)))
    if dice.chance(30):
        other = dice.pick((-((cost + grant) // dice.pick(parts)), -style(dice, scale), style(dice, scale)))
    return grant, other
