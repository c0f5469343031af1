"""
What a document comes to by the conditions that mapping enters, before the ERP adds its own.

Used to weigh a change of the mapping in money where no ERP is asked. Tax that comes on top, and
prices that the ERP finds itself, are not in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from connector.sd_documents.conditions import Condition
from connector.sd_documents.currency import round_amount
from connector.sd_documents.sales_document import SalesDocument, SalesDocumentItem

#: Amounts by currency.
Amounts = Mapping[str, Decimal]


def entered_value(document: SalesDocument) -> Amounts:
    """Return the value of *document* by currency; empty where all prices are the ERP's."""
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    for currency, amount in _parts(document):
        found[currency] += amount
    return found


def item_conditions(item: SalesDocumentItem) -> Iterator[tuple[Condition, str, Decimal]]:
    """Yield each condition of *item* with currency and amount of what it comes to."""
    for condition in item.conditions:
        if condition.currency is not None:
            amount = amount_of(condition, item.requested_quantity.value)
            yield condition, condition.currency, amount
            continue
        # A percentage of the prices of the item, whose currency it has.
        for currency, price in priced(item).items():
            share = round_amount(price * condition.rate / 100, currency)
            yield condition, currency, share


def header_conditions(document: SalesDocument) -> Iterator[tuple[Condition, str, Decimal]]:
    """Yield each condition of the header with currency and amount of what it comes to."""
    for condition in document.conditions:
        if condition.currency is not None:
            yield condition, condition.currency, amount_of(condition, Decimal(1))
            continue
        for currency, price in _added(priced(item) for item in document.items).items():
            yield condition, currency, round_amount(price * condition.rate / 100, currency)


def amount_of(condition: Condition, quantity: Decimal) -> Decimal:
    """Return what a condition with a currency comes to: a price by quantity, or the amount."""
    assert condition.currency is not None
    if condition.unit is None:
        return condition.rate
    return round_amount(condition.rate * quantity / condition.per, condition.currency)


def priced(item: SalesDocumentItem) -> Amounts:
    """Return what the prices of *item* come to, without discounts."""
    return _added(
        {each.currency: amount_of(each, item.requested_quantity.value)}
        for each in item.conditions
        if each.currency is not None and each.unit is not None
    )


def _parts(document: SalesDocument) -> Iterator[tuple[str, Decimal]]:
    for item in document.items:
        for _, currency, amount in item_conditions(item):
            yield currency, amount
    for _, currency, amount in header_conditions(document):
        yield currency, amount


def _added(many: Iterable[Amounts]) -> Amounts:
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    for amounts in many:
        for currency, amount in amounts.items():
            found[currency] += amount
    return found
