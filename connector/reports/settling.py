"""
Which condition would settle a difference: by the condition types that the rules send and those
that the ERP priced with, not by those that SAP delivers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Set
from decimal import Decimal
from typing import Final

from connector.mappings.mapped_order import Mapped
from connector.sd_documents.conditions import Condition, ConditionValue
from connector.sd_documents.sales_document import (
    PostedSalesDocument,
    PostedSalesDocumentItem,
    SalesDocument,
)

ZERO: Final = Decimal(0)
_ENTERED: Final = "must be one that may be entered by hand in the ERP's pricing procedure"


class Settling:
    """
    What would settle differences between *mapped*, as it was sent, and *priced*.

    Without *mapped* only the ERP's condition types are known, without its conditions only those
    of the rules.
    """

    def __init__(self, mapped: Mapped[SalesDocument] | None, priced: PostedSalesDocument) -> None:
        self._mapped = mapped
        self._priced = priced

    def price(self, item: PostedSalesDocumentItem) -> str:
        """Return what would give *item* the price of the order."""
        number = item.item_number
        sent = {each.condition_type: place for each, place in self._sent(number) if each.unit}
        values = [v for v in self._values(number) if v.value.amount > 0]
        taken = _types(values)
        # What makes up the whole price is the price; freight comes on top of it.
        own = _types(v for v in values if v.value == item.gross_amount) or taken
        if not sent:
            return (
                f"a price condition in the rules (conditions of the items) of the type {_or(own)}"
                if own
                else "a price condition in the rules (conditions of the items)"
            )
        names = _named(sent)
        if not taken:
            return f"{names}, which {_ENTERED}"
        if taken.isdisjoint(sent):
            return (
                f"{names} of the rules, which the ERP has not taken: put it into its pricing "
                f"procedure, or map the price to {_or(own)}, which it took"
            )
        return (
            f"{names} {_ENTERED}; it took a value of its own for it: correct its condition "
            "record, or the procedure"
        )

    def discount(self) -> str:
        """Return what would take off as much as the channel does."""
        return self._surcharge(
            "discount", lambda rate: rate < 0, _types(v for v in self._values() if _amount(v) < 0)
        )

    def freight(self) -> str:
        """Return what would charge as much for shipping as the channel does."""
        prices = {
            v.condition_type
            for item in self._priced.items
            for v in self._values(item.item_number)
            if v.value == item.gross_amount
        }
        added = _types(v for v in self._values() if _amount(v) > 0) - prices
        return self._surcharge("freight", lambda rate: rate > 0, added)

    def tax(self, item_number: int | None = None) -> str:
        """Return what decides the tax, of one item or of all."""
        types = {
            v.condition_type
            for v in self._priced.condition_values
            if v.tax_code and item_number in (None, v.item_number)
        }
        if types:
            return (
                f"the tax condition {_or(types)}: its record by the tax classes of customer and "
                "material and the country"
            )
        if self._priced.condition_values:
            return (
                "a tax condition: the ERP found none; check the tax classes of customer and "
                "material and the country"
            )
        return "the tax condition, by the tax classes of customer and material and the country"

    def rounding(self) -> str:
        """Return what would settle some cents."""
        return (
            "a rounding condition in the ERP's pricing procedure (SAP delivers DIFF), or releasing "
            "the order with the cents"
        )

    def _surcharge(self, what: str, fits: Callable[[Decimal], bool], taken: Set[str]) -> str:
        sent = {
            each.condition_type: place
            for each, place in self._sent(None)
            if each.unit is None and fits(each.rate)
        }
        if not sent:
            more = f"; the ERP has {_or(taken)} of its own" if taken else ""
            return f"a {what} condition in the rules: they send none for this order{more}"
        names = _named(sent)
        if taken and taken.isdisjoint(sent):
            return (
                f"{names} of the rules, which the ERP has not taken (it has {_or(taken)}): put it "
                "into its pricing procedure, or map it to what is there"
            )
        own = set(taken) - set(sent)
        more = f"; {_or(own)} is the ERP's own" if own else ""
        return f"{names}, which {_ENTERED}{more}"

    def _values(self, item_number: int | None = None) -> Iterator[ConditionValue]:
        for value in self._priced.condition_values:
            if value.statistical or value.tax_code:
                continue
            if item_number is None or value.item_number == item_number:
                yield value

    def _sent(self, item_number: int | None) -> Iterator[tuple[Condition, str]]:
        """Yield the conditions of an item, or all of the document, with the line of their rule."""
        if self._mapped is None:
            return
        document = self._mapped.document
        groups = [("", document.conditions)] if item_number is None else []
        groups += [
            (f"items[{position}].", item.conditions)
            for position, item in enumerate(document.items)
            if item_number is None or item.item_number == item_number
        ]
        for prefix, conditions in groups:
            for number, condition in enumerate(conditions):
                yield condition, self._written(f"{prefix}conditions[{number}].condition_type")

    def _written(self, path: str) -> str:
        """Return where the rule is written that filled *path*."""
        assert self._mapped is not None
        return next((each.file for each in self._mapped.trace if each.path == path), "")


def _amount(value: ConditionValue) -> Decimal:
    return value.value.amount


def _types(values: Iterable[ConditionValue]) -> frozenset[str]:
    return frozenset(each.condition_type for each in values)


def _named(sent: dict[str, str]) -> str:
    return " and ".join(f"{name} ({place})" if place else name for name, place in sent.items())


def _or(types: Iterable[str]) -> str:
    return " or ".join(sorted(types))
