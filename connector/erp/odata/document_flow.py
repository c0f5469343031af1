"""
The chains of sales documents, read in few requests: the port's `DocumentChains`.

Up to a hundred documents go together: one batch per service. Where a service shows the process
flow (orders of the later release, quotations, credit memo requests), it names all that follows;
where it does not, what follows is found by the references of its items. The links themselves are
made from those references, which carry the quantities that the process flow lacks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from connector.erp.accounting_links import NO_QUANTITY, accounting_links
from connector.erp.chain_parts import each_once, merged
from connector.erp.odata import billing_document, customer_items, delivery_reading
from connector.erp.odata.answers import understood
from connector.erp.odata.billing_document import FoundBilling, read_billing_documents
from connector.erp.odata.changes import Changes
from connector.erp.odata.delivery_reading import read_deliveries
from connector.erp.odata.filters import any_of, chunks
from connector.erp.odata.names import shown_number, stored_number
from connector.erp.odata.options import ODataOptions
from connector.erp.odata.release import Services
from connector.erp.odata.sales_document_reading import Follower, FoundDocument
from connector.erp.odata.sales_documents import LOOKED_FOR, ODataSalesDocuments
from connector.erp.odata.service import ODataService, Query
from connector.ports.erp import ChainSnapshot, ChangedDocuments
from connector.sd_documents.billing_document import BillingDocument
from connector.sd_documents.document_flow import BILLED_BY, DELIVERED_BY, FlowLink
from connector.sd_documents.payment import CustomerItem
from connector.sd_documents.values import DocumentCategory as C
from connector.sd_documents.values import ItemReference, pad_number

SALES: Final = frozenset(LOOKED_FOR)
_BILLING: Final = BILLED_BY | {C.PRO_FORMA_INVOICE}


@dataclass(frozen=True, slots=True)
class ODataDocumentChains:
    """Tells which chains changed, and reads them."""

    services: Services
    documents: ODataSalesDocuments
    options: ODataOptions
    changes: Changes

    def changed_since(self, watermark: str) -> ChangedDocuments:
        """Return the sales documents with a change in their chain since *watermark*."""
        return self.changes.since(watermark)

    def read(self, sales_documents: Sequence[str]) -> ChainSnapshot:
        """Read the chains of *sales_documents*, and what precedes them, in few requests."""
        wanted = (pad_number(each) for each in sales_documents)
        parts = chunks(wanted, self.options.documents_per_call)
        return merged([_Reading(self).snapshot(part) for part in parts])


@dataclass(slots=True)
class _Reading:
    """One read of some chains: what has been found so far."""

    chains: ODataDocumentChains
    sales: dict[str, FoundDocument] = field(default_factory=dict)
    billing: dict[str, FoundBilling] = field(default_factory=dict)
    followers: set[Follower] = field(default_factory=set)
    asked: set[Follower] = field(default_factory=set)
    looked_behind: set[str] = field(default_factory=set)
    referred_to: set[str] = field(default_factory=set)

    def snapshot(self, numbers: Sequence[str]) -> ChainSnapshot:
        """Return the chains of *numbers*."""
        self._read_unknown(numbers)
        while True:
            self._read_related()
            self._read_billing()
            if not self._find_referring():
                break
        deliveries = read_deliveries(
            self._service(delivery_reading.SERVICE, delivery_reading.VERSION),
            self.chains.options,
            self.chains.documents.names,
            self._following(DELIVERED_BY),
            flow=True,
        )
        billed = tuple(self.billing[number].document for number in sorted(self.billing))
        items = self._customer_items(billed)
        return ChainSnapshot(
            sales_documents=tuple(self.sales[number].document for number in sorted(self.sales)),
            deliveries=tuple(each.delivery for each in deliveries),
            billing_documents=billed,
            items=items,
            links=(
                *self._sales_links(),
                *self._unread_requests(),
                *(link for each in deliveries for link in each.links),
                *(link for each in self.billing.values() for link in each.links),
                *billing_document.taken_back(self.billing),
                *accounting_links(billed, items),
            ),
        )

    def _read_unknown(self, numbers: Sequence[str]) -> None:
        """Read documents of which only the number is known, in the service that has them."""
        kinds = self.chains.documents.kinds
        first, *others = LOOKED_FOR
        for category, known in kinds.sorted_out(numbers, otherwise=first):
            self._read(category, known)
        for category in others:
            missing = kinds.unknown(numbers)
            if not missing:
                return
            self._read(category, missing)

    def _read_related(self) -> None:
        """Read what sales documents were made from and made into, until nothing new comes up."""
        while True:
            self._find_behind_sales()
            related = {each for each in self.followers if each.category in SALES}
            related |= {Follower(each.category, each.document) for each in self._references(SALES)}
            waiting: dict[C, list[str]] = defaultdict(list)
            for each in sorted(related - self.asked):
                if each.number not in self.sales:
                    waiting[each.category].append(each.number)
            if not waiting:
                return
            for category, numbers in waiting.items():
                self._read(category, numbers)

    def _read(self, category: C, numbers: Sequence[str]) -> None:
        self.asked |= {Follower(category, number) for number in numbers}
        for each in self.chains.documents.found(category, numbers, flow=True):
            self.sales[each.document.number] = each
            self.followers |= each.followers

    def _find_behind_sales(self) -> None:
        """Look for what follows documents whose service does not show it."""
        behind: dict[C, list[str]] = defaultdict(list)
        for number, each in self.sales.items():
            if not each.shows_followers and number not in self.looked_behind:
                behind[each.document.category].append(number)
                self.looked_behind.add(number)
        for category, numbers in behind.items():
            if category is C.SALES_ORDER:
                service = self._service(delivery_reading.SERVICE, delivery_reading.VERSION)
                place = (delivery_reading.ITEM_SET, "ReferenceSDDocument", "DeliveryDocument")
                self._find(C.DELIVERY, service, place, numbers)
            if category is not C.INQUIRY:
                place = (billing_document.ITEM_SET, "SalesDocument", "BillingDocument")
                service = self._service(billing_document.SERVICE)
                self._find(C.INVOICE, service, place, numbers)
            if category is C.INQUIRY:
                for kind in (C.QUOTATION, C.SALES_ORDER):
                    self._find_sales(kind, numbers)

    def _find_referring(self) -> bool:
        """
        Look for returns and credits made from orders, or from their invoices, that no flow shows.

        Both are asked for together, once the invoices are known. Returns whether there is any.
        """
        orders = {
            number
            for number, each in self.sales.items()
            if each.document.category is C.SALES_ORDER and not each.shows_followers
        }
        invoices = {
            number
            for number, each in self.billing.items()
            if any(item.sales_document in orders for item in each.document.items)
        }
        new = (orders | invoices) - self.referred_to
        self.referred_to |= new
        before = len(self.followers)
        if new:
            self._find_sales(C.RETURNS_ORDER, sorted(new))
            self._find_sales(C.CREDIT_MEMO_REQUEST, sorted(new))
        return len(self.followers) > before

    def _find_sales(self, kind: C, numbers: Sequence[str]) -> None:
        shape = self.chains.documents.shapes.of(kind)
        if shape is not None:
            place = (shape.item_set, "ReferenceSDDocument", shape.document)
            self._find(kind, self._service(shape.service), place, numbers)

    def _find(
        self, kind: C, service: ODataService, place: tuple[str, str, str], numbers: Sequence[str]
    ) -> None:
        """Note the documents whose items name one of *numbers*; *place* is set, field and key."""
        entity_set, reference, document = place
        queries = [
            Query(
                entity_set,
                {"$filter": any_of(reference, map(shown_number, part)), "$select": document},
            )
            for part in chunks(sorted(numbers), self.chains.options.documents_per_query)
        ]
        answers = [service.rows(queries[0])] if len(queries) == 1 else service.batch(queries)
        with understood():
            self.followers |= {
                Follower(kind, stored_number(row.text(document)))
                for rows in answers
                for row in rows
            }

    def _read_billing(self) -> None:
        wanted = {
            *self._following(_BILLING),
            *(each.document for each in self._references(_BILLING)),
        }
        for each in read_billing_documents(
            self._service(billing_document.SERVICE),
            self.chains.options,
            self.chains.documents.names,
            sorted(wanted - self.billing.keys()),
        ):
            self.billing[each.document.number] = each

    def _customer_items(self, billed: Sequence[BillingDocument]) -> tuple[CustomerItem, ...]:
        """Read the lines that *billed* posted, and those of the payments that cleared them."""
        posted = [each.number for each in billed if each.accounting_document]
        service, options = self._service(customer_items.SERVICE), self.chains.options
        items = customer_items.of_billing_documents(service, options, posted)
        return each_once([*items, *customer_items.around(service, options, items)])

    def _sales_links(self) -> Iterator[FlowLink]:
        for each in self.sales.values():
            document = each.document
            yield from each.purchases
            for item in document.items:
                if item.reference is None:
                    continue
                yield FlowLink(
                    preceding=item.reference,
                    subsequent=ItemReference(
                        category=document.category,
                        document=document.number,
                        item_number=item.item_number,
                    ),
                    quantity=item.requested_quantity,
                    net_amount=item.net_amount,
                    created_on=document.document_date,
                )

    def _unread_requests(self) -> Iterator[FlowLink]:
        """Yield what leads to requests for debit memos, which no service reads."""
        for number, each in self.sales.items():
            for follower in sorted(each.followers):
                unread = follower.number not in self.sales
                if follower.category is C.DEBIT_MEMO_REQUEST and unread:
                    first = each.document.items[0].item_number
                    yield FlowLink(
                        preceding=ItemReference(
                            category=each.document.category, document=number, item_number=first
                        ),
                        subsequent=ItemReference(
                            category=follower.category,
                            document=follower.number,
                            item_number=first,
                        ),
                        quantity=NO_QUANTITY,
                        sign=0,
                    )

    def _following(self, categories: Collection[C]) -> list[str]:
        return sorted({each.number for each in self.followers if each.category in categories})

    def _references(self, categories: Collection[C]) -> Iterator[ItemReference]:
        for each in self.sales.values():
            for item in each.document.items:
                if item.reference is not None and item.reference.category in categories:
                    yield item.reference

    def _service(self, name: str, version: str = "") -> ODataService:
        return self.chains.services.service(name, version)
