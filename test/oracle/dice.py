"""Random choices that are the same under every Python: only random() of the generator is used, which is specified."""
import random


class Dice:
    def __init__(self, seed, number):
        self._next = random.Random(seed * 10 ** 12 + number).random

    def below(self, limit):
        return int(self._next() * limit)

    def chance(self, percent):
        return self._next() * 100 < percent

    def pick(self, options):
        return options[int(self._next() * len(options))]

    def digits(self, count):
        """A number of up to `count` decimal digits, every length about as likely as the next."""
        value = 0
        for _ in range(1 + self.below(count)):
            value = value * 10 + int(self._next() * 10)
        return value

    def some(self, options, percent):
        return [option for option in options if self._next() * 100 < percent]
