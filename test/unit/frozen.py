#!/usr/bin/env python3
"""The frozen values of the tests, computed from the descriptions of the formats and from nothing in src/.

Stored forms (src/core/consumption.hpp, rate_schedule.hpp, tiers.hpp), the numbers in them (wire.hpp) and the hash (hash.hpp) are
read for ever: what this prints must never change, and the tests hold it as literals.
"""
from datetime import date
from decimal import Decimal, getcontext

getcontext().prec = 60
MASK = (1 << 64) - 1
UNBOUNDED_BEFORE = -(1 << 31)


def day(text):
    return (date.fromisoformat(text) - date(2000, 1, 1)).days


# Numbers: groups of seven bits, lowest first; signed ones alternate 0, -1, 1, -2, ...
def varint(value):
    groups = []
    while value >= 128:
        groups.append(value % 128 + 128)
        value //= 128
    return bytes(groups + [value])


def signed(value):
    return varint(2 * value if value >= 0 else -2 * value - 1)


def units(number, scale):
    scaled = Decimal(number).scaleb(scale)
    assert scaled == int(scaled)
    return int(scaled)


def smallest_scale(numbers, most):
    return next(scale for scale in range(most + 1) if all(Decimal(n).scaleb(scale) % 1 == 0 for n in numbers))


def stored_consumption(series):
    """series: {day text: (cost, grant credit, other credit)}, nothing all zero."""
    scale = smallest_scale([n for amounts in series.values() for n in amounts], 18)
    out = bytes([1, scale]) + varint(len(series))
    before = 0
    for when in sorted(series):
        amounts = [units(n, scale) for n in series[when]]
        which = sum(1 << i for i, amount in enumerate(amounts) if amount != 0)
        out += signed((day(when) - before) * 8 + which)
        out += b''.join(signed(amount) for amount in amounts if amount != 0)
        before = day(when)
    return out


def stored_schedule(first, steps):
    """The rate before all steps, and {day text: rate from then on}."""
    scale = smallest_scale([first, *steps.values()], 12)
    out = bytes([1, scale]) + signed(units(first, scale)) + varint(len(steps))
    before = 0
    for when in sorted(steps):
        out += signed(day(when) - before) + signed(units(steps[when], scale))
        before = day(when)
    return out


def stored_tiers(first, steps):
    """The rate from volume 0 on, and {volume: rate from there on}, ascending."""
    volume_scale = smallest_scale(steps, 18)
    rate_scale = smallest_scale([first, *steps.values()], 12)
    out = bytes([1, volume_scale, rate_scale]) + varint(units(first, rate_scale)) + varint(len(steps))
    before = 0
    for volume, rate in steps.items():
        out += varint(units(volume, volume_scale) - before) + varint(units(rate, rate_scale))
        before = units(volume, volume_scale)
    return out


# The hash: SplitMix64, each word folded into the state.
def mix(x):
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 & MASK
    x = (x ^ x >> 27) * 0x94D049BB133111EB & MASK
    return x ^ x >> 31


def hash_words(seed, words):
    state = mix(seed + 0x9E3779B97F4A7C15 & MASK)
    for word in words:
        state = mix((state ^ word & MASK) + 0x9E3779B97F4A7C15 & MASK)
    return state


def hash_consumption(series, seed=0):
    words = []
    for when in sorted(series):
        words.append(day(when))
        for number in series[when]:
            words += [units(number, 18), units(number, 18) >> 64]
    return hash_words(seed, words)


def hash_schedule(first, steps, seed=0):
    words = [UNBOUNDED_BEFORE, units(first, 12)]
    for when in sorted(steps):
        words += [day(when), units(steps[when], 12)]
    return hash_words(seed, words)


def hash_tiers(first, steps, seed=0):
    words = []
    for volume, rate in {0: first, **steps}.items() if first or steps else ():
        words += [units(volume, 18), units(volume, 18) >> 64, units(rate, 12)]
    return hash_words(seed, words)


CONSUMPTIONS = {
    '{}': {},
    '{2026-10-05: 100/-20/-10, 2026-10-06: 5.5/0/0}': {'2026-10-05': (100, -20, -10), '2026-10-06': ('5.5', 0, 0)},
    '{0001-01-01: 0/0/0.000000000000000001, 9999-12-31: 170141183460469231731.687303715884105727/0/-1}': {
        '0001-01-01': (0, 0, '0.000000000000000001'),
        '9999-12-31': ('170141183460469231731.687303715884105727', 0, -1),
    },
    '{1999-12-31: 0/-3/0, 2000-01-01: -1e6/0/0.25}': {'1999-12-31': (0, -3, 0), '2000-01-01': ('-1e6', 0, '0.25')},
}
SCHEDULES = {
    '{}': (0, {}),
    '{[2026-05-01,2026-06-15): 0.2, [2026-06-15,): 0.35}': (0, {'2026-05-01': '0.2', '2026-06-15': '0.35'}),
    '{(,): 0.2}': ('0.2', {}),
    '{(,0001-01-02): -1000, [9999-12-31,): 0.000000000001}': (
        -1000, {'0001-01-02': 0, '9999-12-31': '0.000000000001'}),
}
TIERS = {
    '{}': (0, {}),
    '{0: 0.1, 50000: 0.12, 200000: 0.15}': ('0.1', {50000: '0.12', 200000: '0.15'}),
    '{0: 1}': (1, {}),
    '{0: 0, 0.000000000000000001: 0.000000000001, 170141183460469231731.687303715884105727: 1}': (
        0, {'0.000000000000000001': '0.000000000001', '170141183460469231731.687303715884105727': 1}),
}
HASHES = [(0, []), (0, [0]), (1, []), (MASK, [MASK, 1, 2**63])]

if __name__ == '__main__':
    for text, series in CONSUMPTIONS.items():
        print(f'{{"{text}",\n "{stored_consumption(series).hex()}",')
        print(f' {hash_consumption(series):#x}, {hash_consumption(series, 7):#x}}},')
    for text, (first, steps) in SCHEDULES.items():
        print(f'{{"{text}",\n "{stored_schedule(first, steps).hex()}",')
        print(f' {hash_schedule(first, steps):#x}, {hash_schedule(first, steps, 7):#x}}},')
    for text, (first, steps) in TIERS.items():
        print(f'{{"{text}",\n "{stored_tiers(first, steps).hex()}",')
        print(f' {hash_tiers(first, steps):#x}, {hash_tiers(first, steps, 7):#x}}},')
    for seed, words in HASHES:
        listed = ', '.join(f'{word:#x}' for word in words)
        print(f'EXPECT_EQ(hash_of({seed:#x}, {{{listed}}}), {hash_words(seed, words):#x}U);')
