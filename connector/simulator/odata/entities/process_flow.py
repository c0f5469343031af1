"""
The document flow around sales documents: what precedes and what follows, direct and indirect.

A link's UUID is made from what makes it unique, as in the table VBFA that the RFC face shows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from connector.simulator.engine.status import rolled_up
from connector.simulator.odata.entities.records import Row
from connector.simulator.odata.entities.sales_item import items_of

if TYPE_CHECKING:
    from datetime import datetime

    from connector.simulator.engine.sales_records import FlowRow, SalesDocument, SalesItem
    from connector.simulator.odata.entities.forms import Forms

#: More levels than any chain has; guards against a circle in the flow.
_DEEPEST = 12
#: Texts of the status codes.
DESCRIPTIONS = {
    "": "Not relevant",
    "A": "Not yet processed",
    "B": "Partially processed",
    "C": "Completely processed",
}
Place = tuple[str, int]


def link_uuid(link: FlowRow) -> UUID:
    """Return the stable UUID of a link."""
    text = "/".join(map(str, link.key))
    return UUID(bytes=hashlib.sha256(text.encode()).digest()[:16])


@dataclass(frozen=True, slots=True)
class ItemLinkRows:
    """Rows of what follows (*down*) or precedes the items of *document*."""

    document: str
    down: bool

    def __call__(self, forms: Forms, record: SalesDocument, item: int) -> Iterator[Row]:
        """Yield a row per link below or above each item, direct ones (level 0) first."""
        for each in items_of(record, item):
            for link, level in _links(forms, record, each, down=self.down):
                end = _end(link, down=self.down)
                yield {
                    **_key(forms, self.document, record, each.item_number, link),
                    f"{end.name}Document": forms.number(end.number),
                    f"{end.name}DocumentItem": forms.item(end.item),
                    f"{end.name}DocumentCategory": end.category,
                    **(_preceding(forms, link) if self.down else {}),
                    **_about(forms, link, level, end.number, end.item),
                }


@dataclass(frozen=True, slots=True)
class LinkRows:
    """Rows of the documents that follow (*down*) or precede *document*, each once."""

    document: str
    down: bool

    def __call__(self, forms: Forms, record: SalesDocument, item: int) -> Iterator[Row]:
        """Yield a row per document."""
        del item
        seen: set[str] = set()
        for each in record.items:
            for link, level in _links(forms, record, each, down=self.down):
                end = _end(link, down=self.down)
                if end.number not in seen:
                    seen.add(end.number)
                    yield {
                        **_key(forms, self.document, record, 0, link),
                        f"{end.name}Document": forms.number(end.number),
                        f"{end.name}DocumentCategory": end.category,
                        **_about(forms, link, level, end.number, 0),
                    }


class _End(NamedTuple):
    """One end of a link, and how its fields are called."""

    name: str
    number: str
    item: int
    category: str


def _end(link: FlowRow, *, down: bool) -> _End:
    if down:
        return _End("Subsequent", link.subsequent, link.subsequent_item, link.subsequent_category)
    return _End("Preceding", link.preceding, link.preceding_item, link.preceding_category)


def _preceding(forms: Forms, link: FlowRow) -> Row:
    """Return what a subsequent document follows directly, which need not be the item itself."""
    return {
        "SubsqntDocItmPrecdgDocument": forms.number(link.preceding),
        "SubsqntDocItmPrecdgDocItem": forms.item(link.preceding_item),
        "SubsqntDocItmPrecdgDocCategory": link.preceding_category,
    }


def _links(
    forms: Forms, record: SalesDocument, item: SalesItem, *, down: bool
) -> Iterator[tuple[FlowRow, int]]:
    links = forms.erp.flow_after if down else forms.erp.flow_before
    return walk((record.number, item.item_number), links, down=down)


def walk(
    start: Place, links: Callable[[str], Iterable[FlowRow]], *, down: bool
) -> Iterator[tuple[FlowRow, int]]:
    """Yield the links from an item downwards or upwards, level by level, each once."""
    seen: set[object] = set()
    places, level = [start], 0
    while places and level < _DEEPEST:
        further: list[Place] = []
        for number, item in places:
            for link in links(number):
                here = link.preceding_item if down else link.subsequent_item
                if here != item or link.key in seen:
                    continue
                seen.add(link.key)
                yield link, level
                end = _end(link, down=down)
                further.append((end.number, end.item))
        places, level = further, level + 1


def _key(forms: Forms, name: str, record: SalesDocument, item: int, link: FlowRow) -> Row:
    return {
        name: forms.number(record.number),
        f"{name}Item": forms.item(item),
        "DocRelationshipUUID": link_uuid(link),
    }


def _about(forms: Forms, link: FlowRow, level: int, number: str, item: int) -> Row:
    """Return the status of the document at the other end, and the times of the link."""
    status, transfer, changed = _status(forms, number, item)
    return {
        "ProcessFlowLevel": str(level),
        "SDProcessStatus": status,
        "OverallSDProcessStatus": status,
        "OverallBillingStatus": status if transfer is not None else "",
        "AccountingTransferStatus": transfer or "",
        "StatusCode": status,
        "SDDocumentStatusDesc": DESCRIPTIONS.get(status, ""),
        "CreationDate": forms.day(link.created_at),
        "CreationTime": forms.hour(link.created_at),
        "LastChangeDate": forms.day(changed) if changed else None,
    }


def _status(forms: Forms, number: str, item: int) -> tuple[str, str | None, datetime | None]:
    """Return overall status, transfer status (None: no billing document) and last change."""
    erp = forms.erp
    sales = erp.sales_document(number)
    if sales is not None:
        found = erp.sales_status(number)
        own = found.items.get(item)
        return (own.overall if own else found.overall), None, sales.changed_at
    delivery = erp.delivery(number)
    if delivery is not None:
        status = erp.delivery_status(number)
        part = status.items.get(item)
        at = part or status
        return rolled_up((at.picking, at.goods_movement, at.billing)), None, delivery.changed_at
    billing = erp.billing_document(number)
    if billing is not None:
        overall = transfer_progress(billing.transfer_status) or "C"
        return overall, billing.transfer_status, billing.changed_at
    return "", None, None


def transfer_progress(transfer_status: str) -> str:
    """Return the posting status: C when accounting has it, A when not yet, empty when it never."""
    match transfer_status:
        case "C" | "E":
            return "C"
        case "D":
            return ""
    return "A"
