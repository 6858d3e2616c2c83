#!/usr/bin/env python3
"""The frozen values of the tests, computed from the descriptions of the formats and from nothing in src/.

Stored forms (src/core/consumption.hpp, rate_schedule.hpp, tiers.hpp, usage_pack.hpp), the numbers in them (wire.hpp), the hash
(hash.hpp) and the checksum (checksum.hpp) are read for ever: what this prints must never change, and the tests hold it as literals.
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


# Usage packs.
KEY = ['account_id', 'service_id', 'sku_id', 'currency', 'charge_category']
CONTENT = ['pricing_unit', 'cloud_id', 'folder_id', 'resource_id', 'attributes']
REMARKS = ['account_name', 'service_name', 'sku_name', 'cloud_name', 'folder_name', 'locale', 'updated_at', 'exported_at']
PARTS_OF_CREDIT = ['monetary_grant_credit', 'volume_incentive_credit', 'cud_credit', 'misc_credit']
NUMBERS = ['pricing_quantity', 'cost', *PARTS_OF_CREDIT, 'credit_rest', 'reward']
ALWAYS_GIVEN = ['cost', 'monetary_grant_credit', 'credit_rest']


def checksum(data):
    whole = len(data) // 32 * 32
    lanes = [hash_words(lane, [int.from_bytes(data[at:at + 8], 'little') for at in range(8 * lane, whole, 32)]) for lane in range(4)]
    return hash_words(len(data), lanes + list(data[whole:]))


def packed_bits(values, bits):
    """Numbers of so many bits each, the lowest bits first."""
    number = sum(value << bits * place for place, value in enumerate(values))
    return number.to_bytes((bits * len(values) + 7) // 8, 'little')


def base36(text):
    number = shift = 0
    for at in range(0, len(text), 5):
        group = text[at:at + 5]
        number |= int(group, 36) << shift
        shift += [0, 6, 11, 16, 21, 26][len(group)]
    return number.to_bytes((shift + 7) // 8, 'little')


def stored_words(words):
    """Ascending; a missing word (None) is the first."""
    out = varint(2 * len(words) + (None in words))
    before = b''
    for word in (word.encode() for word in words if word is not None):
        shared = next((i for i, (a, b) in enumerate(zip(before, word)) if a != b), min(len(before), len(word)))
        rest = word[shared:]
        is_id = rest != b'' and all(c in b'0123456789abcdefghijklmnopqrstuvwxyz' for c in rest)
        out += varint(shared) + varint(2 * len(rest) + is_id) + (base36(rest.decode()) if is_id else rest)
        before = word
    return out


def code_bits(words):
    return (len(words) - 1).bit_length()


def words_of(texts):
    return sorted(set(texts), key=text_order)


def text_order(text):
    return (text is not None, (text or '').encode())


def stored_texts(texts):
    words = words_of(texts)
    out = stored_words(words)
    if len(words) < 2:
        return out
    codes = [words.index(text) for text in texts]
    runs = []
    for code in codes:
        if runs and runs[-1][1] == code:
            runs[-1][0] += 1
        else:
            runs.append([1, code])
    in_runs = b''.join(varint(length) + varint(code) for length, code in runs)
    packed = packed_bits(codes, code_bits(words))
    return out + (b'\1' + in_runs if len(in_runs) < len(packed) else b'\0' + packed)


def scale_of(numbers):
    return smallest_scale([n for n in numbers if n is not None], 18)


def stored_numbers(numbers, always):
    given = [n for n in numbers if n is not None]
    zeros = sum(Decimal(n) == 0 for n in given)
    how = 1 if always else 0 if not given else 1 if len(given) == len(numbers) else 2
    only_zeros = zeros == len(given)
    mark_zeros = not only_zeros and 4 * zeros > len(given)
    out = bytes([how + 4 * mark_zeros + 8 * only_zeros])
    if how == 2:
        out += packed_bits([int(n is not None) for n in numbers], 1)
    if only_zeros:
        return out
    scale = scale_of(numbers)
    out += bytes([scale])
    if mark_zeros:
        out += packed_bits([int(Decimal(n) != 0) for n in given], 1)
        given = [n for n in given if Decimal(n) != 0]
    return out + b''.join(signed(units(n, scale)) for n in given)


def stored_pack(lines):
    """lines: dicts of the fields above, with `credit` for credit_rest, and with attributes as a dict."""
    def number(line, name):
        if name == 'credit_rest':
            return Decimal(line.get('credit', 0)) - sum(Decimal(line.get(part, 0)) for part in PARTS_OF_CREDIT)
        return Decimal(line[name]) if name in line else Decimal(0) if name in ALWAYS_GIVEN else None

    def text(line, name):
        if name != 'attributes':
            return line.get(name)
        pieces = [piece for pair in sorted(line.get(name, {}).items()) for piece in pair]
        return ''.join(f'{len(piece.encode())}:{piece}' for piece in pieces) or None

    def order(line):
        numbers = [number(line, name) for name in NUMBERS]
        return ([text_order(text(line, name)) for name in KEY + CONTENT], [(n is not None, n or 0) for n in numbers],
                [text_order(text(line, name)) for name in REMARKS])

    lines = sorted(lines, key=order)
    texts = {name: [text(line, name) for line in lines] for name in KEY + CONTENT + REMARKS}
    numbers = {name: [number(line, name) for line in lines] for name in NUMBERS}
    directory = b''
    codes = [0] * len(lines)
    for name in KEY:
        words = words_of(texts[name])
        directory += varint(len(stored_words(words))) + stored_words(words)
        codes = [code << code_bits(words) | words.index(word) for code, word in zip(codes, texts[name])]
    measured = [['cost'], ['monetary_grant_credit'], [*PARTS_OF_CREDIT[1:], 'credit_rest'], ['reward']]
    scales = [scale_of([n for name in names for n in numbers[name]]) for names in measured]
    steps = sums = b''
    before = 0
    for key in sorted(set(codes)):
        steps += varint(key - before)
        before = key
        own = [i for i, code in enumerate(codes) if code == key]
        totals = [sum(numbers[name][i] or 0 for name in names for i in own) for names in measured]
        rewarded = any(numbers['reward'][i] is not None for i in own)
        sums += varint(32 * len(own) + 16 * rewarded + sum(1 << i for i, total in enumerate(totals) if total != 0))
        sums += b''.join(signed(units(total, scale)) for total, scale in zip(totals, scales) if total != 0)
    directory += varint(len(set(codes))) + varint(len(steps)) + steps + bytes(scales) + sums
    content = b''.join(stored_texts(texts[name]) for name in CONTENT) + b''.join(stored_numbers(numbers[name], name in ALWAYS_GIVEN) for name in NUMBERS)
    remarks = b''.join(stored_texts(texts[name]) for name in REMARKS)
    body = varint(len(lines)) + b''.join(varint(len(part)) for part in (directory, content, remarks)) + directory + content + remarks
    return b'\1' + checksum(body).to_bytes(8, 'little') + body


USE = {'account_id': 'b1gaccount0', 'service_id': 'compute', 'sku_id': 'dn2k3vqlk9snp1jv351u', 'currency': 'RUB', 'charge_category': 'Usage',
       'cost': '10.5'}
PACKS = {
    'no lines': [],
    'one line': [USE],
    'every field': [
        {**USE, 'account_name': 'Счёт', 'cloud_id': 'b1gcloud', 'cloud_name': '', 'folder_id': 'b1gfolder', 'folder_name': 'Prod 1', 'resource_id': 'fhm-1',
         'service_name': 'Compute Cloud', 'sku_name': 'vCPU', 'pricing_quantity': '0.000000000000000001', 'pricing_unit': 'core*hour', 'credit': '-7.25',
         'monetary_grant_credit': '-3', 'volume_incentive_credit': '-2', 'cud_credit': '0', 'misc_credit': '-2', 'reward': '-1.05',
         'attributes': {'env': 'prod', 'команда': 'web:1'}, 'locale': 'ru', 'updated_at': '2026-10-02T03:04:05Z', 'exported_at': '2026-10-02T04:00:00Z'},
        {**USE, 'resource_id': '', 'reward': '0'},
        {**USE, 'currency': 'USD', 'cost': '-1000000000000000000', 'credit': '1000000000000000000'},
    ],
    'runs and zeros': [{**USE, 'folder_id': f'folder{i // 20}', 'cost': max(i - 30, 0), 'resource_id': f'Res{i * 7 % 5}'} for i in range(40)],
}
CHECKSUMS = [b'', b'a', bytes(range(31)), bytes(range(100))]

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
    for name, lines in PACKS.items():
        print(f'{{"{name}",\n "{stored_pack(lines).hex()}"}},')
    for data in CHECKSUMS:
        print(f'EXPECT_EQ(checksum_of({len(data)}), {checksum(data):#x}U);')
