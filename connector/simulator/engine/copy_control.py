"""
Creating with reference: what may follow what, how much is open, and which prices come along.

A sales document may refer to an earlier sales document, or to a billing document (returns, credit
and debit memo requests).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from connector.simulator.engine import flow
from connector.simulator.engine.customizing_records import OrderType
from connector.simulator.engine.finance_records import BillingDocument, BillingItem
from connector.simulator.engine.keys import padded
from connector.simulator.engine.luw import UnitOfWork
from connector.simulator.engine.outcome import Message, RefusedError
from connector.simulator.engine.sales_records import SalesDocument, SalesItem
from connector.simulator.engine.specs import ManualCondition, SalesDocumentSpec, SalesItemSpec

ZERO = Decimal(0)

SourceDocument = SalesDocument | BillingDocument
SourceItem = SalesItem | BillingItem


@dataclass(frozen=True, slots=True)
class Source:
    """A reference item with its document; `open_quantity` is in its sales unit."""

    document: SourceDocument
    item: SourceItem
    open_quantity: Decimal
    keep_prices: bool

    @property
    def category(self) -> str:
        """Document category of the reference."""
        return self.document.category


def source_document(work: UnitOfWork, number: str) -> SourceDocument | None:
    """Return the sales or billing document with this number, or None."""
    key = padded(number)
    return work.sales_document(key) or work.billing_document(key)


def type_of(document: SourceDocument) -> str:
    """Return the document type as copy control names it."""
    if isinstance(document, SalesDocument):
        return document.document_type
    return document.billing_type


def source_of(
    work: UnitOfWork, order_type: OrderType, number: str, item_number: int, row: int
) -> Source:
    """
    Return the reference of an item.

    RefusedError: it does not exist, may not be followed by *order_type*, has expired or is
    already completely referenced.
    """
    document = source_document(work, number)
    item = document.item(item_number) if document is not None else None
    if document is None or item is None:
        raise RefusedError(_row(work, "reference unknown", row, number, item_number))
    rule = work.core.master.copy_control.get(("sales", type_of(document), order_type.document_type))
    if rule is None:
        raise RefusedError(
            _row(work, "copy not allowed", row, order_type.external, type_of(document))
        )
    if (
        isinstance(document, SalesDocument)
        and document.valid_to is not None
        and document.valid_to < work.today
    ):
        raise RefusedError(_row(work, "reference expired", row, number))
    rows = work.flow_after(document.number)
    done = flow.quantity_after(rows, item_number, flow.REFERENCED_BY)
    open_quantity = item.quantity - done
    cancelled = isinstance(document, BillingDocument) and document.cancelled
    rejected = isinstance(item, SalesItem) and bool(item.rejection_reason)
    if open_quantity <= 0 or cancelled or rejected:
        raise RefusedError(_row(work, "reference completed", row, number, item_number))
    return Source(document, item, open_quantity, rule.pricing == "keep")


def expanded(work: UnitOfWork, spec: SalesDocumentSpec) -> list[SalesItemSpec]:
    """
    Return the items of *spec*, every one with its reference named.

    A header reference without items copies all items that are still open.
    """
    if not spec.reference_document:
        return list(spec.items)
    if spec.items:
        return [
            replace(item, reference_document=spec.reference_document)
            if item.reference_item and not item.reference_document
            else item
            for item in spec.items
        ]
    document = source_document(work, spec.reference_document)
    if document is None:
        raise RefusedError(work.message("reference unknown", spec.reference_document, ""))
    rows = work.flow_after(document.number)
    found = []
    for source in document.items:
        done = flow.quantity_after(rows, source.item_number, flow.REFERENCED_BY)
        rejected = isinstance(source, SalesItem) and bool(source.rejection_reason)
        if source.quantity > done and not rejected:
            found.append(
                SalesItemSpec(
                    item_number=source.item_number,
                    reference_document=document.number,
                    reference_item=source.item_number,
                )
            )
    if not found:
        raise RefusedError(work.message("reference completed", spec.reference_document, ""))
    return found


def copied_conditions(
    source: Source, item_number: int, quantity: Decimal, given: set[tuple[str, str]]
) -> list[ManualCondition]:
    """
    Return the reference's prices as conditions of the new item (or of the header, item 0).

    *given* holds (kind, type) of what the caller entered himself: that wins. Shares of a fixed
    header amount follow the quantity.
    """
    found: list[ManualCondition] = []
    kinds = {kind for kind, _ in given}
    for each in source.item.conditions:
        if each.statistical or each.kind not in ("price", "discount", "freight"):
            continue
        if each.kind == "price" and "price" in kinds:
            continue
        if (each.kind, each.condition_type) in given:
            continue
        rate = each.rate
        place = item_number
        if each.calculation == "amount":
            rate = each.value * quantity / source.item.quantity
        elif each.header:
            place = 0
        found.append(
            ManualCondition(each.condition_type, rate, place, each.currency, each.per, each.unit)
        )
    return found


def _row(work: UnitOfWork, situation: str, row: int, *variables: object) -> Message:
    return work.message(situation, *variables, parameter="SALES_ITEM_IN", row=row)
