"""Taking a reading of many chains apart into the chains of single flows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connector.ports.erp import ChainSnapshot
from connector.sd_documents.payment import FiDocument
from connector.sync.plan import CORRECTIONS


class Chains:
    """A snapshot of many chains, to be taken apart into the chains of single flows."""

    def __init__(self, snapshot: ChainSnapshot) -> None:
        self._sales = {document.number: document for document in snapshot.sales_documents}
        self._followers: dict[str, list[str]] = {}
        self._deliveries = {delivery.number: delivery for delivery in snapshot.deliveries}
        self._billing = {document.number: document for document in snapshot.billing_documents}
        for delivery in snapshot.deliveries:
            for number in {item.preceding.document for item in delivery.items}:
                self._followers.setdefault(number, []).append(delivery.number)
        for document in snapshot.billing_documents:
            for number in {item.sales_document for item in document.items}:
                self._followers.setdefault(number, []).append(document.number)
        self._corrections: dict[str, list[str]] = {}
        for number, correction in _corrected(snapshot):
            self._corrections.setdefault(number, []).append(correction)
        self._items = snapshot.items
        self._links = snapshot.links
        self._posted: dict[str, list[int]] = {}
        self._items_of: dict[FiDocument, list[int]] = {}
        for position, item in enumerate(snapshot.items):
            if item.billing_document:
                self._posted.setdefault(item.billing_document, []).append(position)
            for each in {item.document, item.clearing, item.invoice}:
                if each is not None:
                    self._items_of.setdefault(each, []).append(position)
        self._links_of: dict[str, list[int]] = {}
        for position, link in enumerate(snapshot.links):
            for number in {link.preceding.document, link.subsequent.document}:
                self._links_of.setdefault(number, []).append(position)

    def of(self, numbers: Sequence[str]) -> ChainSnapshot:
        """Return what belongs to the sales documents *numbers*."""
        numbers = self._with_corrections(numbers)
        followers = {f for number in numbers for f in self._followers.get(number, ())}
        documents = {*numbers, *followers}
        items = self._chosen_items(documents)
        links = sorted({p for number in documents for p in self._links_of.get(number, ())})
        return ChainSnapshot(
            sales_documents=tuple(self._sales[n] for n in numbers if n in self._sales),
            deliveries=tuple(
                self._deliveries[n] for n in sorted(documents & self._deliveries.keys())
            ),
            billing_documents=tuple(
                self._billing[n] for n in sorted(documents & self._billing.keys())
            ),
            items=tuple(self._items[position] for position in items),
            links=tuple(self._links[position] for position in links),
        )

    def _with_corrections(self, numbers: Sequence[str]) -> list[str]:
        """Add the returns and memo requests that were made of *numbers* or of what billed them."""
        return list(
            dict.fromkeys([*numbers, *(c for n in numbers for c in self._corrections.get(n, ()))])
        )

    def _chosen_items(self, documents: set[str]) -> list[int]:
        """Return the lines of billing documents, and of the payments that cleared them."""
        own = {position for number in documents for position in self._posted.get(number, ())}
        related = {
            document
            for position in own
            for document in (self._items[position].clearing, self._items[position].document)
            if document is not None
        }
        found = own | {p for document in related for p in self._items_of.get(document, ())}
        # What was left of an invoice may have been cleared by a later payment.
        rests = {
            self._items[position].clearing
            for position in found
            if self._items[position].invoice in related
            and not self._items[position].billing_document
        }
        found |= {p for each in rests if each for p in self._items_of.get(each, ())}
        return sorted(found)


def _corrected(snapshot: ChainSnapshot) -> Iterator[tuple[str, str]]:
    """
    Yield the order that a return or memo request corrects, and its number.

    One invoice may bill several orders: the item that is referred to says whose it is.
    """
    billed = {
        (document.number, item.item_number): item.sales_document
        for document in snapshot.billing_documents
        for item in document.items
    }
    for document in snapshot.sales_documents:
        if document.category in CORRECTIONS:
            for item in document.items:
                if item.reference is not None:
                    source = (item.reference.document, item.reference.item_number)
                    yield billed.get(source, item.reference.document), document.number
