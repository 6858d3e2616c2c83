#!/usr/bin/env python3
"""gives_back.py FORMAT FILE EXPORT: does what pbonus exported have every value of the file it came from?

Reads both with Python's csv and decimal modules and nothing of ours. FORMAT says which field of the export a column of the
file must have gone to; every other column must be there under its own name. Prints the records of the file, then the sum of its
cost column per charge category, exactly; exits with 1 and the first differences if a value is not there.
"""
import csv
import sys
from collections import Counter
from decimal import Decimal, getcontext

getcontext().prec = 60

# Column of the file -> column of the export. Numbers are equal when their values are.
FIELDS = {
    'focus': {'BillingCurrency': 'currency', 'ChargeCategory': 'charge_category', 'SubAccountId': 'billing_account_id',
              'SubAccountName': 'billing_account_name', 'ServiceName': 'service_id', 'SkuId': 'sku_id', 'ResourceId': 'resource_id',
              'PricingQuantity': 'pricing_quantity', 'PricingUnit': 'pricing_unit', 'BilledCost': 'billed'},
    'cur': {'lineItem/CurrencyCode': 'currency', 'lineItem/UsageAccountId': 'billing_account_id', 'lineItem/ProductCode': 'service_id',
            'product/ProductName': 'service_name', 'product/sku': 'sku_id', 'lineItem/ResourceId': 'resource_id',
            'lineItem/UsageAmount': 'pricing_quantity', 'pricing/unit': 'pricing_unit', 'lineItem/UnblendedCost': 'billed'},
    'oracle': {'lineItem/tenantId': 'billing_account_id', 'product/service': 'service_id', 'cost/productSku': 'sku_id',
               'product/Description': 'sku_name', 'product/resourceId': 'resource_id', 'usage/billedQuantity': 'pricing_quantity',
               'cost/skuUnitDescription': 'pricing_unit', 'cost/currencyCode': 'currency', 'cost/myCost': 'billed'},
    'partner-export': {'billing_account_id': 'billing_account_id', 'cost': 'cost'},
}
NUMBERS = {'pricing_quantity', 'billed', 'cost', 'credit', 'monetary_grant_credit', 'volume_incentive_credit', 'cud_credit', 'misc_credit', 'reward'}
CATEGORY = {'focus': 'ChargeCategory', 'cur': 'lineItem/LineItemType'}
COST = {'focus': 'BilledCost', 'cur': 'lineItem/UnblendedCost', 'oracle': 'cost/myCost', 'partner-export': 'cost'}


def values(name, value):
    if name == 'charge_category':
        return value.capitalize()
    return Decimal(value).normalize() + 0 if name in NUMBERS else value


def main():
    form, original, export = sys.argv[1:]
    fields = FIELDS[form]
    with open(original, newline='', encoding='utf-8-sig') as file:
        originals = list(csv.DictReader(file))
    with open(export, newline='', encoding='utf-8') as file:
        exported = list(csv.DictReader(file))
    names = [(column, fields.get(column, column)) for column in originals[0]]

    def of_file(row):
        pairs = ((name, row[column]) for column, name in names)
        return tuple(sorted((name, values(name, value)) for name, value in pairs if value != '' and value != 'NULL'))

    def of_export(row, wanted):
        row = dict(row, billed=str(Decimal(row['cost']) + Decimal(row['credit'])))
        row.setdefault('charge_category', 'Usage')
        return tuple(sorted((name, values(name, row[name])) for name in wanted if row.get(name)))

    have = Counter()
    for row in exported:
        have[of_export(row, [name for _, name in names])] += 1
    # Where a file leaves a column out, the line may have got it from another one.
    missing = 0
    for row in originals:
        wanted = of_file(row)
        if have[wanted] > 0:
            have[wanted] -= 1
            continue
        chosen = dict(wanted)
        found = next((line for line, count in have.items() if count > 0 and chosen.items() <= dict(line).items()), None)
        if found is not None:
            have[found] -= 1
            continue
        missing += 1
        if missing <= 3:
            print('not in the export:', wanted, file=sys.stderr)
    sums = {}
    for row in originals:
        category = row[CATEGORY[form]] if form in CATEGORY else 'Usage'
        category = category.capitalize()
        sums[category] = sums.get(category, Decimal(0)) + Decimal(row[COST[form]])
    print(len(originals))
    for category in sorted(sums):
        print(f'{category}|{sums[category].normalize() + 0:f}')
    sys.exit(1 if missing or len(originals) != len(exported) else 0)


main()
