"""Rules over time: days and ranges that like the edges of a month, and statuses that may follow each other."""
from days import UNBOUNDED, day_text

# Which status may hold on the day after another.
PARTNER_TRANSITIONS = {
    'applied': ('active', 'revoked', 'quit'), 'active': ('suspended', 'revoked', 'quit'),
    'suspended': ('active', 'revoked', 'quit'), 'revoked': ('applied',), 'quit': ('applied',)}
SUBACCOUNT_TRANSITIONS = {
    'created': ('acceptance required', 'active', 'inactive'), 'acceptance required': ('active', 'inactive'),
    'active': ('suspended', 'inactive'), 'suspended': ('active', 'inactive'), 'inactive': ('active',)}


def may_follow(transitions, before, after):
    return before == after or after in transitions[before]


def with_statuses(dice, ranges, transitions, usual):
    """The ranges with statuses: any after days without one, else one that may follow that of the day before."""
    history = []
    for first, after, _ in ranges:
        if history and history[-1][1] == first:
            options = tuple(status for status in transitions if may_follow(transitions, history[-1][2], status))
        else:
            options = tuple(transitions)
        history.append((first, after, usual if usual in options and dice.chance(93) else dice.pick(options)))
    return history


def validity_text(dice, first, after):
    low = '' if first == -UNBOUNDED else day_text(first)
    if after == UNBOUNDED:
        return ('[%s,)' if low else '(%s,)') % low
    if dice.chance(5):
        return ('[%s,%s]' if low else '(%s,%s]') % (low, day_text(after - 1))
    return ('[%s,%s)' if low else '(%s,%s)') % (low, day_text(after))


class MonthDays:
    """Draws days and histories around one month [begin, after)."""

    def __init__(self, dice, begin, after, calm):
        self.dice, self.begin, self.after = dice, begin, after
        self.calm = dice.pick(calm)
        # the day before the month starts, the 1st, 2nd and 15th, the last day, the day after it
        self.edges = (begin - 1, begin, begin + 1, begin + 14, after - 1, after)

    def edge(self):
        """A day on which a rule likes to change."""
        if self.dice.chance(65):
            return self.dice.pick(self.edges)
        return self.begin + self.dice.below(self.after - self.begin)

    def usage_day(self):
        if self.dice.chance(35):
            return self.dice.pick(self.edges[1:5])
        if self.dice.chance(2):
            return self.dice.pick((self.begin - 1, self.after))
        return self.begin + self.dice.below(self.after - self.begin)

    def change(self, before, after):
        """A history that changes once, on a day near the month."""
        day = self.edge()
        return [(self.begin - 400, day, before), (day, UNBOUNDED, after)]

    def range(self):
        """One range of days, often open at an end, seldom without a day of the month."""
        dice = self.dice
        first = dice.pick((-UNBOUNDED, self.begin - 400, self.begin - 400, self.begin, self.edge(), self.edge()))
        after = dice.pick((UNBOUNDED, UNBOUNDED, UNBOUNDED, self.after + 200, self.after, self.edge(), self.edge()))
        return (first, after) if first < after else (after, first + 1)

    def history(self, values, gap=10, restless=1):
        """Disjoint ranges in order, each with one of the values. The more restless, the likelier is a change; what is restless
        goes on and on, so that there is something to change between."""
        dice = self.dice
        if dice.chance(self.calm / restless):
            return [(self.begin - dice.pick((0, 1, 45, 400)), dice.pick((self.after, UNBOUNDED)), dice.pick(values))]
        first, after = (self.begin - 400, UNBOUNDED) if restless > 1 and dice.chance(70) else self.range()
        cuts = {first, after}
        for _ in range(dice.pick((0, 1, 1, 2, 3))):
            day = self.edge()
            if first < day < after:
                cuts.add(day)
        cuts = sorted(cuts)
        return [(cuts[i], cuts[i + 1], dice.pick(values)) for i in range(len(cuts) - 1) if not dice.chance(gap)]

    def statuses(self, transitions, usual='active', gap=6):
        return with_statuses(self.dice, self.history((None,), gap), transitions, usual)
