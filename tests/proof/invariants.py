"""
What must hold once everything has come to rest, checked against the ERP's own books.

Each invariant is a function that yields its violations as sentences. The ERP is looked at through
its engine and not through a transport, so that a transport's mistake cannot hide itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Final

from connector.ports.step_state import FINAL, Operation, StepState
from connector.ports.store import FlowStore
from connector.ports.store_records import FlowView
from connector.sd_documents.document_flow import DELIVERED_BY
from connector.sd_documents.values import DocumentCategory
from connector.simulator.engine.erp import SimulatedErp
from connector.sync.chain import (
    order_of,
    outstanding_amount,
    undelivered,
    valid_invoices,
)
from connector.sync.waiting import waiting_for

_PAYMENT: Final = "DZ"
_DELIVERIES: Final = ("J", "T")


@dataclass
class Evidence:
    """Both sides at rest, and what was seen on the way."""

    store: FlowStore
    erp: SimulatedErp
    accepted: frozenset[str]
    now: datetime
    seen_on_the_way: tuple[str, ...] = ()
    #: What replaying everything changed, filled by whoever replays.
    changed_by_replay: tuple[str, ...] = ()

    @cached_property
    def views(self) -> tuple[FlowView, ...]:
        return self.store.flows.views(self.store.flows.ids(limit=100_000))


def every_order_is_done_or_waits_visibly(e: Evidence) -> Iterator[str]:
    """An accepted order is complete, held with a reason, or waits for money or for a day."""
    known = {view.flow.external_id: view for view in e.views}
    for external_id in sorted(e.accepted):
        view = known.get(external_id)
        if view is None:
            yield f"order {external_id} was accepted and is not known"
            continue
        if view.flow.closed_at is not None or view.holds:
            continue
        if stuck := [step for step in view.steps if step.state not in FINAL]:
            yield f"order {external_id}: {stuck[0].operation} stays {stuck[0].state}"
        if not waiting_for(view, e.now):
            yield f"order {external_id} waits for nobody and nothing"


def one_document_per_reference_and_type(e: Evidence) -> Iterator[str]:
    """The ERP has each sales document and each payment of a reference once."""
    sales = Counter(
        (document.purchase_order_by_customer, document.category)
        for document in e.erp.sales_documents()
    )
    for (reference, category), count in sales.items():
        if reference and count > 1:
            yield f"{count} documents of category {category} carry {reference}"
    for view in e.views:
        for step in view.steps:
            if step.operation is Operation.POST_PAYMENT and step.reference:
                posted = [
                    document
                    for document in e.erp.accounting_documents_by_reference(step.reference)
                    if document.document_type == _PAYMENT
                ]
                if len(posted) > 1:
                    yield f"payment {step.reference} was posted {len(posted)} times"


def every_number_we_hold_exists(e: Evidence) -> Iterator[str]:
    """What a finished step made, and what the mirror shows, is there in the ERP."""
    for view in e.views:
        for step in view.steps:
            if step.state is StepState.DONE:
                for number in step.numbers:
                    if not _exists(e.erp, number):
                        yield f"{step.operation} claims {number}, which the ERP does not have"
        mirrored = (
            *(document.number for document in view.sales_documents),
            *(delivery.number for delivery in view.deliveries),
            *(document.number for document in view.billing_documents),
        )
        for number in mirrored:
            if not _exists(e.erp, number):
                yield f"the mirror shows {number}, which the ERP does not have"


def no_link_without_predecessor_or_above_its_quantity(e: Evidence) -> Iterator[str]:
    """Followers have a predecessor, and together deliver and bill no more than there is."""
    for view in e.views:
        for link in view.links:
            if not _exists(e.erp, link.preceding.document):
                yield f"a link begins at {link.preceding.document}, which does not exist"
    for order in e.erp.sales_documents():
        ordered = {item.item_number: item.quantity for item in order.items}
        delivered: dict[int, Decimal] = {}
        for row in e.erp.flow_after(order.number):
            if row.preceding_item not in ordered and row.preceding_item:
                yield f"a link begins at {order.number}/{row.preceding_item}, no such item"
            if row.subsequent_category in _DELIVERIES and row.preceding == order.number:
                so_far = delivered.get(row.preceding_item, Decimal(0))
                delivered[row.preceding_item] = so_far + row.signed_quantity
        for item_number, quantity in delivered.items():
            if quantity > ordered.get(item_number, Decimal(0)):
                yield f"{order.number}/{item_number}: {quantity} delivered of {ordered}"
        yield from _billed_above(e, order.number)


def _billed_above(e: Evidence, order: str) -> Iterator[str]:
    for delivery in e.erp.deliveries_of(order):
        for item in delivery.items:
            billed = sum(
                row.signed_quantity
                for row in e.erp.flow_after(delivery.number)
                if row.preceding_item == item.item_number and row.subsequent_category in ("M", "N")
            )
            if billed > item.quantity:
                yield f"{delivery.number}/{item.item_number}: {billed} billed of {item.quantity}"


def quantities_and_amounts_add_up(e: Evidence) -> Iterator[str]:
    """Ordered = delivered + open, and invoiced = paid + open, to the piece and to the cent."""
    for view in e.views:
        order = order_of(view)
        if order is None:
            continue
        still_open = {
            item.item_number: quantity.value for item, quantity in undelivered(view, order)
        }
        for item in order.items:
            if item.rejection_reason or item.delivery_status == "":
                continue
            delivered = sum(
                (
                    part.delivery_quantity.value
                    for delivery in view.deliveries
                    for part in delivery.items
                    if delivery.category in DELIVERED_BY
                    and part.preceding.document == order.number
                    and part.preceding.item_number == item.item_number
                ),
                Decimal(0),
            )
            together = delivered + still_open.get(item.item_number, Decimal(0))
            if together != item.requested_quantity.value:
                yield (
                    f"{order.number}/{item.item_number}: {delivered} delivered and the rest make "
                    f"{together}, ordered are {item.requested_quantity.value}"
                )
    yield from _money(e)


def _money(e: Evidence) -> Iterator[str]:
    """Per order: what was billed is what its payments brought and what is still open."""
    for view in e.views:
        billed = sum((doc.receivable_amount.amount for doc in valid_invoices(view)), Decimal(0))
        paid = Decimal(0)
        for step in view.steps:
            if step.operation is Operation.POST_PAYMENT and step.reference:
                for document in e.erp.accounting_documents_by_reference(step.reference):
                    if document.document_type == _PAYMENT:
                        paid += sum(
                            (
                                -line.amount if line.debit else line.amount
                                for line in document.lines
                                if line.customer
                            ),
                            Decimal(0),
                        )
        owed = outstanding_amount(view, "EUR").amount
        if billed and billed - paid != owed:
            yield (
                f"order {view.flow.external_id}: {billed} billed, {paid} paid, "
                f"but {owed} open in the mirror"
            )


def the_mirror_equals_the_erp(e: Evidence) -> Iterator[str]:
    """Documents, quantities, amounts and clearings in the mirror are the ERP's own."""
    for view in e.views:
        for sales in view.sales_documents:
            theirs = e.erp.sales_document(sales.number)
            if theirs is None:
                continue
            ours = {item.item_number: item.requested_quantity.value for item in sales.items}
            real = {item.item_number: item.quantity for item in theirs.items}
            if ours != real or sales.net_amount.amount != theirs.net_value:
                yield f"order {sales.number} is mirrored as {ours}, the ERP has {real}"
            status = e.erp.sales_status(sales.number)
            if sales.overall_status.value != status.overall:
                yield (
                    f"{sales.number} is mirrored with status {sales.overall_status.value!r}, "
                    f"the ERP says {status.overall!r}"
                )
            if sales.category is DocumentCategory.SALES_ORDER:
                yield from _followers(e, view, sales.number)


def _followers(e: Evidence, view: FlowView, order: str) -> Iterator[str]:
    deliveries = {each.number: each for each in view.deliveries}
    real = {each.number: each for each in e.erp.deliveries_of(order)}
    if deliveries.keys() != real.keys():
        yield f"{order}: deliveries {sorted(deliveries)} mirrored, the ERP has {sorted(real)}"
    for number in deliveries.keys() & real.keys():
        if deliveries[number].actual_goods_issue_date != real[number].actual_goods_issue_date:
            yield f"delivery {number}: another goods issue date than the ERP's"
    billing = {each.number: each for each in view.billing_documents}
    billed = {each.number: each for each in e.erp.billing_documents_of(order)}
    if billing.keys() != billed.keys():
        yield f"{order}: invoices {sorted(billing)} mirrored, the ERP has {sorted(billed)}"
    for number in billing.keys() & billed.keys():
        ours, theirs = billing[number], billed[number]
        if ours.total_amount.amount != theirs.net_value + theirs.tax_amount:
            yield f"invoice {number}: {ours.total_amount} mirrored"
    for item in view.items:
        document = e.erp.accounting_document(
            item.key.company_code, item.key.accounting_document, item.key.fiscal_year
        )
        if document is None:
            yield f"item {item.key} is mirrored, the ERP has no such document"
            continue
        line = document.line(item.line_item)
        if line is None or (item.clearing_document or "") != line.clearing_document:
            yield f"item {item.key}: clearing {item.clearing_document} mirrored"


def fences_only_grow_and_steps_never_overlap(e: Evidence) -> Iterator[str]:
    """No older fence commits, and no two steps of a flow are under way at once."""
    yield from e.seen_on_the_way


def replaying_everything_changes_nothing(e: Evidence) -> Iterator[str]:
    """All messages once more, and some passes: neither side has changed."""
    yield from e.changed_by_replay


Invariant = Callable[[Evidence], Iterator[str]]

INVARIANTS: Final[tuple[Invariant, ...]] = (
    every_order_is_done_or_waits_visibly,
    one_document_per_reference_and_type,
    every_number_we_hold_exists,
    no_link_without_predecessor_or_above_its_quantity,
    quantities_and_amounts_add_up,
    the_mirror_equals_the_erp,
    fences_only_grow_and_steps_never_overlap,
    replaying_everything_changes_nothing,
)


def violations(e: Evidence) -> Mapping[str, tuple[str, ...]]:
    """Return what is violated, by the invariant's name; empty when all hold."""
    found = {invariant.__name__: tuple(invariant(e)) for invariant in INVARIANTS}
    return {name: sentences for name, sentences in found.items() if sentences}


def _exists(erp: SimulatedErp, number: str) -> bool:
    if "/" in number:
        company, document, year = number.split("/")
        return erp.accounting_document(company, document, int(year)) is not None
    return any(
        found is not None
        for found in (
            erp.sales_document(number),
            erp.delivery(number),
            erp.billing_document(number),
            erp.material_document(number),
            erp.accounting_document("1000", number),
        )
    )
