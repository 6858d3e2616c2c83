"""Partner exports, drawn at random: what a provider might write of a day, and the same once more in other words."""

import datetime
import fractions

Fraction = fractions.Fraction
DAYS = [datetime.date(2026, 9, 29), datetime.date(2026, 9, 30), datetime.date(2026, 10, 1), datetime.date(2026, 10, 2),
        datetime.date(2026, 10, 31), datetime.date(2026, 11, 1)]
HEAD = ['billing_account_id', 'billing_account_name', 'cloud_id', 'cloud_name', 'folder_id', 'folder_name', 'resource_id', 'service_id',
        'service_name', 'sku_id', 'sku_name', 'date', 'currency', 'pricing_quantity', 'pricing_unit', 'cost', 'credit', 'monetary_grant_credit',
        'volume_incentive_credit', 'cud_credit', 'misc_credit', 'reward', 'label.user_labels.env', 'label.user_labels.team', 'locale', 'updated_at',
        'exported_at']
AMOUNTS = ('pricing_quantity', 'cost', 'credit', 'monetary_grant_credit', 'volume_incentive_credit', 'cud_credit', 'misc_credit', 'reward')
NAMES = ('billing_account_name', 'cloud_name', 'folder_name', 'service_name', 'sku_name', 'locale', 'updated_at')
BEGIN = datetime.datetime(2026, 11, 2)


def amount(dice):
    kind = dice.randrange(8)
    if kind == 0:
        return '0'
    if kind == 1:
        return str(dice.randint(-5, 5))
    if kind == 2:
        return '%d.%018d' % (dice.randint(0, 3), dice.randrange(10 ** 18))
    if kind == 3:
        return '0.%018d' % dice.randint(1, 9)
    if kind == 4:
        return '%d.%09d' % (dice.randrange(10 ** 15), dice.randrange(10 ** 9))
    if kind == 5:
        return '-%d.%02d' % (dice.randrange(100), dice.randrange(100))
    return '%d.%02d' % (dice.randrange(1000), dice.randrange(100))


def rewritten(dice, text):
    """The same number in other digits."""
    value = Fraction(text)
    kind = dice.randrange(4)
    if kind == 0:
        shift = dice.randint(1, 6)
        digits = value * 10 ** 18
        return '%dE%s' % (digits, '-18') if shift > 3 else '%s.%sE+0' % (text.split('.')[0], (text + '.').split('.')[1] or '0')
    if kind == 1 and '.' in text and len(text.split('.')[1]) < 15:
        return text + '0' * dice.randint(1, 3)
    if kind == 2 and '.' not in text:
        return text + '.000'
    return text


def record(dice, day, partner, accounts):
    account = dice.choice(accounts)
    service = dice.randint(1, 3)
    row = {
        'billing_account_id': account, 'billing_account_name': 'Name of ' + account, 'date': day.isoformat(),
        'cloud_id': dice.choice(['', 'cloud-1', 'cloud-2']), 'cloud_name': dice.choice(['', 'Cloud']), 'folder_id': dice.choice(['', 'f1']),
        'folder_name': dice.choice(['', 'Folder, "the first"']), 'resource_id': dice.choice(['', 'r1', 'r2', 'a\nresource']),
        'service_id': 's%d' % service, 'service_name': 'Service %d' % service, 'sku_id': 'k%d%d' % (service, dice.randint(1, 2)), 'sku_name': 'Größe',
        'currency': dice.choices(['USD', 'RUB', 'KZT'], [8, 2, 1])[0], 'pricing_quantity': dice.choice(['', amount(dice)]),
        'pricing_unit': dice.choice(['', 'hour']), 'cost': amount(dice),
        'volume_incentive_credit': dice.choice(['', '0', amount(dice)]), 'cud_credit': dice.choice(['', amount(dice)]),
        'misc_credit': dice.choice(['', '0', amount(dice)]), 'reward': dice.choice(['', '0', amount(dice), amount(dice)]),
        'credit': dice.choice(['0', '0', amount(dice)]), 'monetary_grant_credit': dice.choice(['0', '0', amount(dice)]),
        'label.user_labels.env': dice.choice(['', 'prod', 'test']), 'label.user_labels.team': dice.choice(['', '', 'x;y']),
        'locale': 'en', 'updated_at': '2026-11-01T00:00:00Z',
    }
    return row


def broken(dice, row):
    """A record that cannot be taken."""
    row = dict(row)
    column, value = dice.choice([('cost', '1 000'), ('cost', ''), ('credit', '1,5'), ('reward', 'none'), ('currency', 'XTS'), ('date', '2026-02-30'),
                                 ('cost', '0.1234567890123456789'), ('billing_account_id', ''), ('sku_id', ''), ('misc_credit', '1E40')])
    row[column] = value
    return row


def stamp(dice, minutes, style):
    when = BEGIN + datetime.timedelta(minutes=minutes)
    if style == 0:
        return when.strftime('%Y-%m-%dT%H:%M:%SZ')
    if style == 1:
        return when.strftime('%Y-%m-%d %H:%M:%S')
    if style == 2:
        return (when + datetime.timedelta(hours=3)).strftime('%Y-%m-%dT%H:%M:%S+03:00')
    return when.strftime('%Y-%m-%dT%H:%M:%S.250')


class File:
    """Records, and when they were exported: minutes since BEGIN, or None."""

    def __init__(self, records, exported, style=0):
        self.records = records
        self.exported = exported
        self.style = style

    def days(self):
        return sorted({row['date'] for row in self.records})

    def variant(self, dice, exported):
        """The same content: other order, other digits, other names, exported at another time."""
        records = []
        for row in self.records:
            row = dict(row)
            for name in AMOUNTS:
                if row[name] and dice.random() < 0.3:
                    try:
                        row[name] = rewritten(dice, row[name])
                    except ValueError:
                        pass    # a broken one stays
            for name in NAMES:
                if dice.random() < 0.3:
                    row[name] = dice.choice(['', 'renamed', 'ru'])
            records.append(row)
        dice.shuffle(records)
        return File(records, exported, dice.randrange(4))

    def changed(self, dice, exported, partner, accounts):
        """What the provider might make of it an hour later."""
        records = [dict(row) for row in self.records]
        for _ in range(dice.randint(1, 3)):
            what = dice.randrange(5)
            if what == 0 and records:
                records.pop(dice.randrange(len(records)))
            elif what == 1 and records:
                records.append(dict(dice.choice(records)))
            elif what == 2 and records:
                row = dice.choice(records)
                row[dice.choice(['cost', 'credit', 'monetary_grant_credit', 'reward', 'cud_credit'])] = amount(dice)
            elif what == 3 and records:
                row = dice.choice(records)
                name, values = dice.choice([('resource_id', ['', 'r1', 'r9']), ('sku_id', ['k11', 'k12', 'k31']), ('label.user_labels.env', ['', 'prod', 'stage']),
                                            ('billing_account_id', accounts), ('currency', ['USD', 'RUB'])])
                row[name] = dice.choice(values)
            elif records:
                day = dice.choice(records)['date']
                records.append(record(dice, datetime.date(2026, 11, 1) if day == '2026-02-30' else datetime.date.fromisoformat(day), partner, accounts))
        return File(records, exported, dice.randrange(4))

    def text(self, dice, plain=False):
        head = list(HEAD)
        if not plain:
            dice.shuffle(head)
            if dice.random() < 0.2 and not any(row['reward'] for row in self.records):
                head.remove('reward')
            if dice.random() < 0.2 and not any(row['resource_id'] for row in self.records):
                head.remove('resource_id')
        end = '\n' if plain else dice.choice(['\n', '\r\n'])
        lines = [','.join(head)]
        for row in self.records:
            exported = '' if self.exported is None else stamp(dice, self.exported - (dice.randrange(3) if not plain and dice.random() < 0.1 else 0), self.style)
            fields = [exported if name == 'exported_at' else row.get(name, '') for name in head]
            lines.append(','.join('"%s"' % f.replace('"', '""') if any(c in f for c in ',"\n') or (f and not plain and dice.random() < 0.05) else f for f in fields))
        return ('\ufeff' if not plain and dice.random() < 0.1 else '') + end.join(lines) + end


def draw(dice, days, exported, partner, accounts, most=12):
    records = []
    for day in days:
        for _ in range(dice.randint(1, dice.choice([3, most, most]))):
            row = record(dice, day, partner, accounts)
            records.append(broken(dice, row) if dice.random() < 0.03 else row)
            if dice.random() < 0.05:
                records.append(dict(records[-1]))
    dice.shuffle(records)
    return File(records, exported, dice.randrange(4))
