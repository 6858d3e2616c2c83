#!/usr/bin/env python3
"""Writes a partner export of one month, in the provider's documented CSV format, with made-up rows.

    generate_partner_export.py            writes generated_partner_export_2026-10.csv beside this file
    generate_partner_export.py --check    says whether the file there is what would be written

No real partner export is public. Every account, cloud and folder name says "generated". The rows of each
account and service add up, to the last digit, to the worked example of the project:

    account   service                cost    grant    other   rate
    A         Compute Cloud         100.00  -20.00   -10.00   20 %
    B         Managed PostgreSQL    250.50    0      -50.10   35 %
    A         Cloud Marketplace      40.00    0        0       0     (excluded)
    partner   Compute Cloud          60.00    0        0       0     (own consumption)
"""

import csv
import datetime
import io
import pathlib
import random
import sys
from decimal import Decimal, getcontext

HERE = pathlib.Path(__file__).resolve().parent
TARGET = HERE / "generated_partner_export_2026-10.csv"
MONTH = [datetime.date(2026, 10, day) for day in range(1, 32)]
HEADER = (
    "billing_account_id,billing_account_name,cloud_id,cloud_name,folder_id,folder_name,resource_id,service_id,service_name,"
    "sku_id,sku_name,date,currency,pricing_quantity,pricing_unit,cost,credit,monetary_grant_credit,volume_incentive_credit,"
    "cud_credit,misc_credit,reward,label.user_labels.env,locale,updated_at,exported_at"
).split(",")

# id, name, place (cloud and folder)
PARTNER = ("generated-partner", "Partner, Inc. (generated)", "partner")
A = ("generated-customer-a", "Customer A (generated)", "customer-a")
B = ("generated-customer-b", 'Customer B "North" (generated)', "customer-b")

COMPUTE = ("generated-compute", "Compute Cloud")
POSTGRES = ("generated-postgresql", "Managed PostgreSQL")
MARKETPLACE = ("generated-marketplace", "Cloud Marketplace")

# SKU id, name, unit, price of the unit
CPU = ("generated-compute-cpu", "Intel Ice Lake, 100 % vCPU", "core*hour", "0.0112")
RAM = ("generated-compute-ram", "Intel Ice Lake, RAM", "gbyte*hour", "0.003")
TRAFFIC = ("generated-compute-traffic", "Outgoing traffic", "gbyte", "0.0125")
PG_CPU = ("generated-postgresql-cpu", "PostgreSQL, 100 % vCPU", "core*hour", "0.0144")
PG_DISK = ("generated-postgresql-disk", "PostgreSQL, fast network storage", "gbyte*hour", "0.000176")
IMAGE = ("generated-marketplace-image", "Firewall image, licence", "hour", "0.054")

DECIMALS = 16  # amounts that earn a reward: times a rate of two decimals that is 18, the most the format holds


def share_out(total, weights, decimals):
    """Parts in proportion to the weights that add up to the total exactly; each has at most its own number of decimals."""
    total, whole = Decimal(total), sum(weights)
    parts = []
    for weight, places in zip(weights[:-1], decimals[:-1]):
        parts.append((total * Decimal(weight) / Decimal(whole)).quantize(Decimal(1).scaleb(-places)))
    parts.append(total - sum(parts))
    return parts


class Month:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.rows = []

    def between(self, low, high):
        return low + int(self.random.random() * (high - low + 1))

    def weight(self, day, busy):
        """Weekends are quieter; busy is the resource's size."""
        quiet = 600 if day.weekday() >= 5 else 1000
        return busy * (quiet + self.between(-150, 150))

    def use(self, account, service, resources, cost, rate, decimals=DECIMALS, refund=None,
            grant="0", volume="0", cud="0", misc="0"):
        """One line per day and resource; the amounts are shared out over them. resources: (resource id, SKU, size, env)."""
        lines = [(day, resource) for day in MONTH for resource in resources]
        weights = [self.weight(day, size) for day, (_, _, size, _) in lines]
        places = [self.between(10, decimals) for _ in lines]
        refunded = Decimal(refund or 0)
        costs = share_out(Decimal(cost) - refunded, weights, places)
        if refund:
            lines.append((MONTH[22], resources[0]))
            costs.append(refunded)
        # The grant pays for the first days until it is used up; other credits come after it.
        early = [index for index, (day, _) in enumerate(lines) if day.day <= 8]
        late = [index for index, (day, _) in enumerate(lines) if Decimal(grant) == 0 or day.day > 8]
        grants = self.credit(grant, costs, early, places)
        others = [self.credit(amount, costs, late, places) for amount in (volume, cud, misc)]
        for index, (day, resource) in enumerate(lines):
            self.line(account, service, resource, day, costs[index], grants[index], [other[index] for other in others], rate)

    def credit(self, total, costs, chosen, places):
        """A credit over the chosen lines, in proportion to their cost: it never turns a line's sign."""
        credits = [Decimal(0)] * len(costs)
        if Decimal(total) != 0:
            parts = share_out(total, [costs[index] for index in chosen], [DECIMALS for _ in chosen])
            for index, part in zip(chosen, parts):
                credits[index] = part
        return credits

    def line(self, account, service, resource, day, cost, grant, others, rate):
        (account_id, account_name, place), (service_id, service_name) = account, service
        resource_id, (sku_id, sku_name, unit, price), _, env = resource
        base = cost + grant + sum(others)
        written = datetime.datetime.combine(day, datetime.time(23, 10)) + datetime.timedelta(minutes=self.between(0, 300))
        self.rows.append([
            account_id, account_name, f"generated-cloud-{place}", f"{place} (generated)", f"generated-folder-{place}",
            f"{place}-{env} (generated)", resource_id, service_id, service_name, sku_id, sku_name, day.isoformat(), "USD",
            number((cost / Decimal(price)).quantize(Decimal("0.000001"))), unit, number(cost), number(grant + sum(others)),
            number(grant), *(number(other) for other in others), number(base * Decimal(rate)), env, "en",
            written.isoformat() + "Z", "2026-11-01T03:00:00Z"])


def number(value):
    """As real exports write them: plain, and very small ones in E notation."""
    value = value.normalize() if value else Decimal(0)
    return str(value) if value.adjusted() < -6 else format(value, "f")


def resource(name, sku, size, env="prod"):
    return (f"generated-{name}", sku, size, env)


def export(seed=20261001):
    getcontext().prec = 60
    month = Month(seed)
    month.use(A, COMPUTE, [resource("a-web-1", CPU, 900), resource("a-web-1", RAM, 420), resource("a-web-2", CPU, 880),
                           resource("a-web-2", RAM, 410), resource("a-test", CPU, 90, "test"),
                           resource("a-net", TRAFFIC, Decimal("0.00002"))],
              cost="100.00", rate="0.20", grant="-20.00", volume="-6.40", cud="-3.10", misc="-0.50")
    month.use(B, POSTGRES, [resource("b-pg-1", PG_CPU, 700), resource("b-pg-1", PG_DISK, 150), resource("b-pg-2", PG_CPU, 690),
                            resource("b-pg-2", PG_DISK, 150), resource("b-pg-test", PG_CPU, 60, "test")],
              cost="250.50", rate="0.35", refund="-3.25", cud="-41.75", misc="-8.35")
    month.use(A, MARKETPLACE, [resource("a-firewall-1", IMAGE, 500), resource("a-firewall-2", IMAGE, 500)],
              cost="40.00", rate="0", decimals=18)
    month.use(PARTNER, COMPUTE, [resource("partner-ci", CPU, 500), resource("partner-ci", RAM, 250)],
              cost="60.00", rate="0", decimals=18)
    month.rows.sort(key=lambda row: (row[11], row[0], row[7], row[6], row[9]))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(month.rows)
    return text.getvalue()


def verify(text):
    """The sums of the worked example, read back from what is about to be written."""
    sums = {}
    for row in csv.DictReader(io.StringIO(text)):
        key = (row["billing_account_id"], row["service_id"])
        cost, grant, credit, reward = (Decimal(row[name]) for name in ("cost", "monetary_grant_credit", "credit", "reward"))
        parts = sum(Decimal(row[name]) for name in
                    ("monetary_grant_credit", "volume_incentive_credit", "cud_credit", "misc_credit"))
        assert parts == credit, row
        old = sums.get(key, (0, 0, 0, 0))
        sums[key] = tuple(a + b for a, b in zip(old, (cost, grant, credit - grant, reward)))
    expected = {(A[0], COMPUTE[0]): ("100", "-20", "-10", "14"), (B[0], POSTGRES[0]): ("250.5", "0", "-50.1", "70.14"),
                (A[0], MARKETPLACE[0]): ("40", "0", "0", "0"), (PARTNER[0], COMPUTE[0]): ("60", "0", "0", "0")}
    assert sums == {key: tuple(map(Decimal, amounts)) for key, amounts in expected.items()}, sums


def main():
    text = export()
    verify(text)
    if sys.argv[1:] == ["--check"]:
        if TARGET.read_bytes() != text.encode():
            sys.exit(f"{TARGET.name} is not what generate_partner_export.py writes")
    elif sys.argv[1:]:
        sys.exit(__doc__)
    else:
        TARGET.write_bytes(text.encode())
    print(f"{TARGET.name}: {text.count(chr(10)) - 1} lines, sums as in the worked example")


if __name__ == "__main__":
    main()
