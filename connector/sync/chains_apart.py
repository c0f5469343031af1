"""Taking a reading of many chains apart into the chains of single flows."""

from __future__ import annotations

from collections.abc import Sequence

from connector.ports.erp import ChainSnapshot


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
        self._items = snapshot.items
        self._links = snapshot.links
        self._items_of: dict[str, list[int]] = {}
        for position, item in enumerate(snapshot.items):
            for number in {
                item.billing_document,
                item.key.accounting_document,
                item.clearing_document or "",
                item.invoice_reference,
            } - {""}:
                self._items_of.setdefault(number, []).append(position)
        self._links_of: dict[str, list[int]] = {}
        for position, link in enumerate(snapshot.links):
            for number in {link.preceding.document, link.subsequent.document}:
                self._links_of.setdefault(number, []).append(position)

    def of(self, numbers: Sequence[str]) -> ChainSnapshot:
        """Return what belongs to the sales documents *numbers*."""
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

    def _chosen_items(self, documents: set[str]) -> list[int]:
        """Return the lines of billing documents, and of the payments that cleared them."""
        own = {
            position
            for number in documents
            for position in self._items_of.get(number, ())
            if self._items[position].billing_document == number
        }
        related = {
            number
            for position in own
            for number in (
                self._items[position].clearing_document,
                self._items[position].key.accounting_document,
            )
            if number
        }
        found = own | {p for number in related for p in self._items_of.get(number, ())}
        return sorted(found)
