"""
Build the master data of the company behind a history.

Customers and materials come from their files; what those do not say (prices, taxes, plants, costs,
sales areas) is read off the documents: a price is gross by quantity, a tax rate is tax by net.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from connector.errors import ConfigurationError
from connector.simulator.engine.master_tables import RowsByTable
from connector.simulator.history.files import HistoricItem, History

#: Everything that history sells leaves from stock: enough for all of it, twice.
STOCK_FACTOR = 2
PRICE = "PR00"
TERMS = "Z030"
RECEIVABLES = "140000"
#: The units of a materials file, which names them in words.
UNITS = {"each": "EA"}
ORDER_INTERVAL = "TA"
#: Tables that describe the shipped trading company and not how an ERP works.
OF_THE_COMPANY = frozenset(
    {
        "credit_limits",
        "customer_materials",
        "customer_partners",
        "exchange_rates",
        "free_goods",
        "info_records",
        "material_units",
        "routes",
        "set_components",
        "vendors",
    }
)
TAX_QUANTUM = Decimal("0.1")
CENT = Decimal("0.01")

Row = dict[str, object]
Rows = dict[str, list[Row]]


def company_of(history: History, customizing: RowsByTable) -> Rows:
    """
    Return all master data rows by table: *customizing* with the company of *history* in it.

    Customizing (document types, pricing, accounts, units ..) stays; organisation, customers,
    materials, prices and taxes are those of the history alone.

    Raises ConfigurationError when a document names a customer or material that the files lack.
    """
    _check(history)
    kept: Rows = {
        table: [dict(row) for row in rows]
        for table, rows in customizing.items()
        if table not in OF_THE_COMPANY
    }
    chart = str(next(iter(customizing["company_codes"]))["chart_of_accounts"])
    kept["number_ranges"] = [
        _from_first_document(row, history.items) for row in kept["number_ranges"]
    ]
    return {**kept, **_master_data(history, chart)}


def _check(history: History) -> None:
    known = {
        "customers.csv": {row["Customer"] for row in history.customers},
        "materials.csv": {row["Material"] for row in history.materials},
    }
    for item in history.items:
        for file, key in (("customers.csv", item.sold_to_party), ("materials.csv", item.material)):
            if key not in known[file]:
                raise ConfigurationError(
                    str(history.folder / file),
                    f"has no {key}, which document {item.document} item {item.item_number} names",
                    "Add its row",
                )


def _master_data(history: History, chart: str) -> Rows:
    organizations = _organizations(history.items)
    countries = {row["Customer"]: row["Country"] for row in history.customers}
    return {
        "company_codes": [
            {
                "company_code": organization,
                "name": organization,
                "country": _country(history.items, organization, countries),
                "currency": currency,
                "chart_of_accounts": chart,
            }
            for organization, currency in organizations.items()
        ],
        "sales_areas": list(_sales_areas(history.items, organizations)),
        "plants": list(_plants(history.items, countries)),
        "routes": [
            {"shipping_point": plant, "route": "R00001"} for plant in _plants_of(history.items)
        ],
        "shipping_point_determination": [
            {"plant": plant, "shipping_point": plant} for plant in _plants_of(history.items)
        ],
        "customers": [
            {
                "customer": row["Customer"],
                "name": row["Name"],
                "country": row["Country"],
                "postal_code": row["Postal Code"],
                "city": row["City"],
                "region": row["Region"],
            }
            for row in history.customers
        ],
        "customer_sales_areas": list(_customer_sales_areas(history.items)),
        "customer_companies": [
            {
                "customer": customer,
                "company_code": organization,
                "reconciliation_account": RECEIVABLES,
                "terms_of_payment": TERMS,
            }
            for customer, organization in _pairs(history.items)
        ],
        "materials": list(_materials(history)),
        "material_sales": [
            {"material": material, "sales_organization": organization, "delivering_plant": plant}
            for (material, organization), plant in _usual_plants(history.items).items()
        ],
        "material_plants": list(_material_plants(history.items)),
        "condition_records": list(_prices(history.items)),
        "tax_rules": list(_taxes(history.items, countries)),
    }


def _organizations(items: Iterable[HistoricItem]) -> dict[str, str]:
    return {item.sales_organization: item.currency for item in items}


def _country(items: Iterable[HistoricItem], organization: str, countries: dict[str, str]) -> str:
    found = Counter(
        countries[item.sold_to_party] for item in items if item.sales_organization == organization
    )
    return found.most_common(1)[0][0]


def _sales_areas(items: Iterable[HistoricItem], organizations: dict[str, str]) -> Iterator[Row]:
    # The order's division may be one that only some of its items have.
    areas = {(item.sales_organization, item.distribution_channel, item.division) for item in items}
    for organization, channel, division in sorted(areas):
        yield {
            "sales_organization": organization,
            "distribution_channel": channel,
            "division": division,
            "company_code": organization,
            "currency": organizations[organization],
        }


def _plants_of(items: Iterable[HistoricItem]) -> list[str]:
    return sorted({item.plant for item in items})


def _plants(items: tuple[HistoricItem, ...], countries: dict[str, str]) -> Iterator[Row]:
    for plant in _plants_of(items):
        organization = Counter(
            item.sales_organization for item in items if item.plant == plant
        ).most_common(1)[0][0]
        yield {
            "plant": plant,
            "name": plant,
            "company_code": organization,
            "country": _country(items, organization, countries),
        }


def _pairs(items: Iterable[HistoricItem]) -> list[tuple[str, str]]:
    return sorted({(item.sold_to_party, item.sales_organization) for item in items})


def _customer_sales_areas(items: tuple[HistoricItem, ...]) -> Iterator[Row]:
    plants: dict[str, Counter[str]] = defaultdict(Counter)
    areas = set()
    for item in items:
        plants[item.sold_to_party][item.plant] += 1
        areas.add(
            (
                item.sold_to_party,
                item.sales_organization,
                item.distribution_channel,
                item.division,
                item.currency,
            )
        )
    for customer, organization, channel, division, currency in sorted(areas):
        yield {
            "customer": customer,
            "sales_organization": organization,
            "distribution_channel": channel,
            "division": division,
            "currency": currency,
            "terms_of_payment": TERMS,
            "delivering_plant": plants[customer].most_common(1)[0][0],
        }


def _materials(history: History) -> Iterator[Row]:
    for row in history.materials:
        unit = row["Base Unit of Measure"]
        yield {
            "material": row["Material"],
            "description": row["Name"],
            "base_unit": UNITS.get(unit.lower(), unit),
            "material_type": row["Material type"],
            "net_weight": row["Net weight"] or "0",
            "weight_unit": "G",
        }


def _usual_plants(items: Iterable[HistoricItem]) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for item in items:
        found[item.material, item.sales_organization][item.plant] += 1
    return {key: plants.most_common(1)[0][0] for key, plants in sorted(found.items())}


def _material_plants(items: tuple[HistoricItem, ...]) -> Iterator[Row]:
    # A customer's usual plant may sell what another plant sold then, so every plant of an
    # organization has every material of it.
    plants: dict[str, set[str]] = defaultdict(set)
    ordered: Counter[tuple[str, str]] = Counter()
    costs: dict[tuple[str, str], Decimal] = {}
    for item in items:
        key = (item.material, item.sales_organization)
        plants[item.sales_organization].add(item.plant)
        ordered[key] += int(item.quantity.to_integral_value(ROUND_HALF_UP))
        costs.setdefault(key, (item.cost_amount / item.quantity).quantize(Decimal("0.01")))
    rows: dict[tuple[str, str], Row] = {}
    for (material, organization), quantity in sorted(ordered.items()):
        for plant in sorted(plants[organization]):
            row = rows.setdefault(
                (material, plant),
                {
                    "material": material,
                    "plant": plant,
                    "price": costs[material, organization],
                    "price_control": "S",
                    "opening_quantity": 0,
                },
            )
            row["opening_quantity"] = int(str(row["opening_quantity"])) + STOCK_FACTOR * quantity
    yield from rows.values()


def _prices(items: tuple[HistoricItem, ...]) -> Iterator[Row]:
    """Yield a price per material, organization and currency, with validity where it changed."""
    series: dict[tuple[str, str, str], list[tuple[date, Decimal]]] = defaultdict(list)
    for item in sorted(items, key=lambda each: each.document_date):
        if not item.quantity:
            continue
        price = item.gross_amount / item.quantity
        known = series[item.sales_organization, item.material, item.currency]
        if not known or known[-1][1] != price:
            known.append((item.document_date, price))
    for (organization, material, currency), prices in sorted(series.items()):
        for number, (valid_from, price) in enumerate(prices):
            row: Row = {
                "condition_type": PRICE,
                "sales_organization": organization,
                "material": material,
                "currency": currency,
                "amount": price,
            }
            if number:
                row["valid_from"] = valid_from
            if number + 1 < len(prices):
                row["valid_to"] = prices[number + 1][0] - timedelta(days=1)
            yield row


def _taxes(items: Iterable[HistoricItem], countries: dict[str, str]) -> Iterator[Row]:
    """Yield the rates of each country: tax by net, with validity where the rate changed."""
    days: dict[str, dict[date, list[HistoricItem]]] = defaultdict(lambda: defaultdict(list))
    for item in items:
        days[countries[item.sold_to_party]][item.document_date].append(item)
    for country, by_day in sorted(days.items()):
        rates: list[tuple[date, Decimal]] = []
        for day, sold in sorted(by_day.items()):
            net = sum((item.net_amount for item in sold), Decimal(0))
            tax = sum((item.tax_amount for item in sold), Decimal(0))
            if net and not (rates and _explains(rates[-1][1], net, tax, len(sold))):
                rates.append((day, (tax / net * 100).quantize(TAX_QUANTUM, ROUND_HALF_UP)))
        for number, (valid_from, rate) in enumerate(rates or [(date.min, Decimal(0))]):
            row: Row = {
                "departure_country": country,
                "destination_country": country,
                "customer_tax_class": "1",
                "material_tax_class": "1",
                "tax_code": "A1" if rate else "A0",
                "rate": rate,
            }
            if number:
                row["valid_from"] = valid_from
            if number + 1 < len(rates):
                row["valid_to"] = rates[number + 1][0] - timedelta(days=1)
            yield row


def _explains(rate: Decimal, net: Decimal, tax: Decimal, items: int) -> bool:
    """Tell whether *rate* gives *tax*, but for the rounding of each item."""
    return abs(net * rate / 100 - tax) <= CENT * items


def _from_first_document(row: Row, items: tuple[HistoricItem, ...]) -> Row:
    """Let sales orders begin with the first number of the history."""
    if (row["object"], row["interval"]) != ("sales", ORDER_INTERVAL):
        return row
    return {**row, "from_number": min(int(item.document) for item in items)}
