"""Compare what the connector made the ERP create with what the ERP of that time had created."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby, zip_longest

from connector.sd_documents.sales_document import PostedSalesDocument, PostedSalesDocumentItem
from connector.sd_documents.values import display_number
from connector.simulator.history.files import HistoricItem


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs. ``item_number`` is 0 for the header."""

    document: str
    item_number: int
    field: str
    expected: str
    actual: str

    def __str__(self) -> str:
        place = f"{self.document}/{self.item_number}" if self.item_number else self.document
        return f"{place} {self.field}: expected {self.expected}, got {self.actual}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """
    How many documents and items are equal, and every difference of those that are not.

    ``same_number`` counts documents that even got the number they had then.
    """

    documents: int
    items: int
    equal: int
    same_number: int
    differences: tuple[Difference, ...]

    @property
    def different(self) -> int:
        """Documents with at least one difference, missing ones included."""
        return self.documents - self.equal

    @property
    def is_equal(self) -> bool:
        return not self.differences and self.documents > 0


def documents_of(items: Iterable[HistoricItem]) -> Iterator[tuple[str, list[HistoricItem]]]:
    """Yield each document's number and items, in the order of the history."""
    for number, group in groupby(items, key=lambda item: item.document):
        yield number, list(group)


def compare(history: Sequence[HistoricItem], created: Iterable[PostedSalesDocument]) -> Comparison:
    """
    Compare *history* with the documents *created*, item by item, to the cent.

    Documents belong together when date, sold-to party and ordered items agree; what has no
    partner by that is paired in the order of creation, so that each difference is named once.
    Documents without any partner are differences, too.
    """
    waiting: dict[_Key, deque[PostedSalesDocument]] = {}
    for document in created:
        waiting.setdefault(_key_of_created(document), deque()).append(document)
    pairs: list[tuple[str, list[HistoricItem], PostedSalesDocument | None]] = []
    for number, items in documents_of(history):
        same = waiting.get(_key_of_historic(items))
        pairs.append((number, items, same.popleft() if same else None))
    left = deque(sorted((d for rest in waiting.values() for d in rest), key=lambda d: d.number))
    differences: list[Difference] = []
    equal = same_number = 0
    for number, items, partner in pairs:
        existing = partner or (left.popleft() if left else None)
        if existing is None:
            differences.append(Difference(number, 0, "document", "created", "missing"))
            continue
        found = list(_compare_document(number, items, existing))
        differences += found
        equal += not found
        same_number += display_number(existing.number) == display_number(number)
    for surplus in left:
        number = display_number(surplus.number)
        differences.append(Difference(number, 0, "document", "none", "created"))
    return Comparison(len(pairs), len(history), equal, same_number, tuple(differences))


_Key = tuple[date, str, tuple[tuple[int, str, Decimal], ...]]


def _key_of_historic(items: list[HistoricItem]) -> _Key:
    lines = tuple((item.item_number, item.material, item.quantity) for item in items)
    return items[0].document_date, display_number(items[0].sold_to_party), lines


def _key_of_created(document: PostedSalesDocument) -> _Key:
    lines = tuple(
        (item.item_number, item.material, item.requested_quantity.value) for item in document.items
    )
    return document.document_date, display_number(document.sold_to_party), lines


def _compare_document(
    number: str, items: list[HistoricItem], document: PostedSalesDocument
) -> Iterator[Difference]:
    first = items[0]
    header = {
        "sold_to_party": (
            display_number(first.sold_to_party),
            display_number(document.sold_to_party),
        ),
        "sales_organization": (first.sales_organization, document.sales_area.sales_organization),
        "distribution_channel": (
            first.distribution_channel,
            document.sales_area.distribution_channel,
        ),
        "document_date": (first.document_date, document.document_date),
        "currency": (first.currency, document.currency),
        "net_amount": (sum(item.net_amount for item in items), document.net_amount.amount),
        "tax_amount": (sum(item.tax_amount for item in items), document.tax_amount.amount),
    }
    yield from _unequal(number, 0, header)
    for expected, actual in zip_longest(items, document.items):
        if expected is None:
            yield Difference(number, actual.item_number, "item", "none", actual.material)
        elif actual is None:
            yield Difference(number, expected.item_number, "item", expected.material, "missing")
        else:
            yield from _unequal(number, expected.item_number, _item_fields(expected, actual))


def _item_fields(
    expected: HistoricItem, actual: PostedSalesDocumentItem
) -> dict[str, tuple[object, object]]:
    return {
        "item_number": (expected.item_number, actual.item_number),
        "material": (expected.material, actual.material),
        "requested_quantity": (expected.quantity, actual.requested_quantity.value),
        "unit": (expected.unit, actual.requested_quantity.unit),
        "gross_amount": (expected.gross_amount, actual.gross_amount.amount),
        "net_amount": (expected.net_amount, actual.net_amount.amount),
        "tax_amount": (expected.tax_amount, actual.tax_amount.amount),
    }


def _unequal(
    number: str, item_number: int, fields: Mapping[str, tuple[object, object]]
) -> Iterator[Difference]:
    for field, (expected, actual) in fields.items():
        if expected != actual:
            yield Difference(number, item_number, field, str(expected), str(actual))
