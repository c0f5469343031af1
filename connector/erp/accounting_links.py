"""Where a chain goes on in accounting: from billing item to line, and from line to clearing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Final

from connector.sd_documents.billing_document import BillingDocument
from connector.sd_documents.document_flow import FlowLink
from connector.sd_documents.payment import CustomerItem, FiDocument
from connector.sd_documents.values import DocumentCategory as C
from connector.sd_documents.values import ItemReference, Quantity

#: Accounting has no quantities; a link needs one.
NO_QUANTITY: Final = Quantity(value=Decimal(0), unit="-")


def accounting_links(
    billed: Iterable[BillingDocument], items: Sequence[CustomerItem]
) -> Iterator[FlowLink]:
    """
    Yield where the chain goes on in accounting: billing item to its FI line, FI line to clearing.

    They carry no quantity and do not count (sign 0).
    """
    lines: dict[str, list[CustomerItem]] = {}
    for item in items:
        if item.billing_document:
            lines.setdefault(item.billing_document, []).append(item)
    first_line: dict[FiDocument, int] = {}
    for item in items:
        first_line.setdefault(item.document, item.line_item)
    for document in billed:
        for part in document.items:
            billing = ItemReference(
                category=document.category, document=document.number, item_number=part.item_number
            )
            for line in lines.get(document.number, ()):
                yield _uncounted(billing, _reference(line))
    for item in items:
        cleared_by = item.clearing
        if cleared_by is not None and cleared_by != item.document:
            target = ItemReference(
                category=C.ACCOUNTING_DOCUMENT,
                document=cleared_by[1],
                item_number=first_line.get(cleared_by, 1),
            )
            yield _uncounted(_reference(item), target)


def _reference(item: CustomerItem) -> ItemReference:
    return ItemReference(
        category=C.ACCOUNTING_DOCUMENT,
        document=item.key.accounting_document,
        item_number=item.line_item,
    )


def _uncounted(preceding: ItemReference, subsequent: ItemReference) -> FlowLink:
    return FlowLink(preceding=preceding, subsequent=subsequent, quantity=NO_QUANTITY, sign=0)
