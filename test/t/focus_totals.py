#!/usr/bin/env python3
"""What a FOCUS file says, read without the project: records, and exact BilledCost per charge category of its records."""
import csv
import sys
from decimal import Decimal

totals, records = {}, 0
with open(sys.argv[1], newline="", encoding="utf-8-sig") as file:
    for row in csv.DictReader(file):
        records += 1
        category = row["ChargeCategory"]
        totals[category] = totals.get(category, Decimal(0)) + Decimal(row["BilledCost"])
print(records)
for category in sorted(totals):
    print(category, format(totals[category].normalize(), "f"), sep="|")
