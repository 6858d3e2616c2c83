"""Generated partner exports for the benchmark, and the table that COPY puts them into."""
import base64
import csv
import hashlib
import pathlib
import shutil

from measuring import run

# As one would declare it; the last three but three are the labels that are generated.
TYPED = """(billing_account_id text, billing_account_name text, cloud_id text, cloud_name text, folder_id text, folder_name text,
    resource_id text, service_id text, service_name text, sku_id text, sku_name text, date date, currency text, pricing_quantity numeric,
    pricing_unit text, cost numeric, credit numeric, monetary_grant_credit numeric, volume_incentive_credit numeric, cud_credit numeric,
    misc_credit numeric, reward numeric, label_generated text, label_env text, label_team text, locale text, updated_at timestamptz,
    exported_at timestamptz)"""


class Files:
    """Makes folders of daily files once, and knows how many lines they have."""

    def __init__(self, folder, pbonus):
        self.folder, self.pbonus = pathlib.Path(folder), pbonus
        self.folder.mkdir(exist_ok=True)

    def daily(self, name, first, days, lines, seed=1, accounts=50, skus=40):
        folder = Folder(self.folder / name, days * lines)
        if not folder.path.exists():
            run(self.pbonus, 'generate', str(folder.path), '--month', first, '--days', str(days), '--lines', str(lines), '--seed', str(seed),
                '--accounts', str(accounts), '--skus', str(skus), '--partner', 'bench', '--rules')
        return folder

    def kept(self, name, source, keep, lines):
        """A copy of files with some of their lines: those for whose place in the file `keep` gives a record."""
        folder = Folder(self.folder / name, lines)
        if not folder.path.exists():
            unfinished = folder.path.with_suffix('.part')
            unfinished.mkdir()
            for file in source.files:
                with file.open(newline='') as before, (unfinished / file.name).open('w', newline='') as after:
                    reader, writer = csv.reader(before), csv.writer(after, lineterminator='\n')
                    writer.writerow(next(reader))
                    for place, record in enumerate(reader):
                        record = keep(place, record)
                        if record:
                            writer.writerow(record)
            shutil.copy(source.rules, unfinished)
            unfinished.rename(folder.path)
        return folder


class Folder:
    def __init__(self, path, lines):
        self.path, self.lines = path, lines

    @property
    def files(self):
        return sorted(self.path.glob('*.csv'))

    @property
    def rules(self):
        return next(self.path.glob('*.sql'))


def one_line_a_key():
    """Lines of a key become lines of SKUs of their own, with ids like those of others."""
    seen = {}

    def keep(place, record):
        if place == 0:
            seen.clear()
        account, sku = record[0], record[9]
        count = seen[account, sku] = seen.get((account, sku), -1) + 1
        record[9] = 'dn2' + base64.b32hexencode(hashlib.sha256(('%s %d' % (sku, count)).encode()).digest()).decode().lower()[:17]
        record[10] += ', size %d' % count
        return record

    return keep
