"""What changes and reversals do to the books of the in-memory ERP."""

from __future__ import annotations

from datetime import date

from connector.errors import RejectedError
from connector.sd_documents.billing_document import BillingDocument
from connector.sd_documents.document_flow import FlowLink
from connector.sd_documents.sales_document import (
    PostedSalesDocument,
    SalesDocument,
    SalesDocumentItem,
)
from connector.sd_documents.sales_document_change import (
    SalesDocumentChange,
    SalesDocumentItemChange,
)
from connector.sd_documents.status import Status
from connector.sd_documents.values import DocumentCategory, ItemReference
from tests.sync.in_memory_books import Books, priced

C = DocumentCategory


def change_sales(books: Books, change: SalesDocumentChange) -> None:
    """Make *change* of a committed sales document; prices and dates are determined anew."""
    before, sent = books.sales[change.number], books.sent[change.number]
    changed = _changed(sent, change)
    after = priced(changed, change.number, before.document_date)
    reasons = {item.item_number: item.rejection_reason for item in before.items}
    reasons |= {
        item.item_number: item.rejection_reason
        for item in change.items
        if item.rejection_reason is not None
    }
    for item in before.items:
        delivered = item.requested_quantity.minus_at_least_zero(books.open_of(before, item))
        if after.item(item.item_number).requested_quantity.value < delivered.value:
            raise RejectedError(f"item {item.item_number}: {delivered} are delivered already")
    books.sent[change.number] = changed
    books.sales[change.number] = after.model_copy(
        update={
            **_blocks(before, change),
            "items": tuple(
                item.model_copy(update={"rejection_reason": reasons.get(item.item_number, "")})
                for item in after.items
            ),
        }
    )
    books.move_order(change.number)


def _blocks(before: PostedSalesDocument, change: SalesDocumentChange) -> dict[str, str]:
    names = ("delivery_block_reason", "billing_block_reason")
    asked = {name: getattr(change, name) for name in names}
    return {name: getattr(before, name) if asked[name] is None else asked[name] for name in names}


def _changed(sent: SalesDocument, change: SalesDocumentChange) -> SalesDocument:
    changes = {item.item_number: item for item in change.items}
    replaced = {(p.function, p.item_number) for p in change.partners}
    kept = [p for p in sent.partners if (p.function, p.item_number) not in replaced]
    date_of = change.requested_delivery_date or sent.requested_delivery_date
    return sent.model_copy(
        update={
            "requested_delivery_date": date_of,
            "partners": (*kept, *change.partners),
            "items": (
                *(_changed_item(item, changes.get(item.item_number)) for item in sent.items),
                *change.added_items,
            ),
        }
    )


def _changed_item(
    item: SalesDocumentItem, change: SalesDocumentItemChange | None
) -> SalesDocumentItem:
    if change is None or change.requested_quantity is None:
        return item
    return item.model_copy(
        update={"requested_quantity": change.requested_quantity, "schedule_lines": ()}
    )


def reverse_issue(books: Books, number: str) -> None:
    """Take back the goods issue of a delivery."""
    delivery = books.deliveries[number]
    items = tuple(
        item.model_copy(update={"goods_movement_status": Status.NOT_YET}) for item in delivery.items
    )
    books.deliveries[number] = delivery.model_copy(
        update={"items": items, "actual_goods_issue_date": None}
    )


def cancel_billing(books: Books, number: str, original: str, day: date) -> None:
    """Cancel a billing document: a mirror image, both cleared, and the deliveries open again."""
    cancelled = books.billing[original]
    mirror = cancelled.model_copy(
        update={
            "number": number,
            "category": C.INVOICE_CANCELLATION,
            "billing_document_type": "S1",
            "billing_date": day,
            "cancelled_document": original,
            "accounting_document": number,
        }
    )
    books.billing[number] = mirror
    books.billing[original] = cancelled.model_copy(update={"is_cancelled": True})
    line = books.items[original]
    cleared = {"clearing_document": number, "cleared_on": day}
    books.items[original] = line.model_copy(update=cleared)
    books.items[number] = line.model_copy(
        update={
            "key": line.key.model_copy(update={"accounting_document": number}),
            "amount": -line.amount,
            "billing_document": number,
            "posting_date": day,
            **cleared,
        }
    )
    _open_again(books, cancelled)
    books.links += [
        FlowLink(
            preceding=item.preceding,
            subsequent=ItemReference(
                category=C.INVOICE_CANCELLATION, document=number, item_number=item.item_number
            ),
            quantity=item.billing_quantity,
            net_amount=item.net_amount,
            sign=-1,
            created_on=day,
        )
        for item in mirror.items
    ]


def _open_again(books: Books, cancelled: BillingDocument) -> None:
    for number in {item.preceding.document for item in cancelled.items}:
        delivery = books.deliveries[number]
        books.deliveries[number] = delivery.model_copy(
            update={
                "items": tuple(
                    item.model_copy(update={"billing_status": Status.NOT_YET})
                    for item in delivery.items
                )
            }
        )


def posted_with_partners(books: Books, number: str) -> PostedSalesDocument:
    """Return a sales document with the partners it has now, as a reading of it alone does."""
    sent = books.sent.get(number)
    return books.sales[number].model_copy(update={"partners": sent.partners if sent else ()})
