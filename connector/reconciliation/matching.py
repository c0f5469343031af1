"""
Which ERP documents belong to which external order: first hit wins, and the rule is recorded.

Links come first (the connector's own table, then the document flow), then keys that documents
carry. An amount alone never matches anything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Final

from connector.reconciliation.assignment import AssignmentContent
from connector.reconciliation.extract import ErpExtract
from connector.reconciliation.match_rules import MatchRule
from connector.reconciliation.mirror import ORDER_CATEGORIES, MirroredOrder
from connector.reconciliation.postings import Postings
from connector.sd_documents.billing_document import CREDITS, BillingDocument, BillingDocumentItem
from connector.sd_documents.delivery import Delivery
from connector.sd_documents.model import Frozen
from connector.sd_documents.payment import CustomerItem
from connector.sd_documents.sales_document import PostedSalesDocument
from connector.sd_documents.values import DocumentCategory, ItemReference, Money, pad_number

__all__ = ["BillingLine", "Documents", "Match", "MatchRule", "OrderChain", "match_order"]

_CREDIT_REQUESTS: Final = frozenset(
    {DocumentCategory.RETURNS_ORDER, DocumentCategory.CREDIT_MEMO_REQUEST}
)
#: What is made for an order, or for an invoice of it, when something is to be credited or charged.
REQUESTS: Final = _CREDIT_REQUESTS | {DocumentCategory.DEBIT_MEMO_REQUEST}

#: What the document flow leads to outside of sales: numbers of another range, which may be those of
#: a document of sales or, in another year, of another such document.
NOT_OF_SALES: Final = frozenset(
    {
        DocumentCategory.PURCHASE_ORDER,
        DocumentCategory.GOODS_MOVEMENT,
        DocumentCategory.GOODS_ISSUE_REVERSAL,
        DocumentCategory.GOODS_RECEIPT,
        DocumentCategory.ACCOUNTING_DOCUMENT,
    }
)


class Match(Frozen):
    """Two records that belong together, by which rule, and for how much."""

    identity: int
    rule: MatchRule
    outside: str
    erp: str
    amount: Money


@dataclass(frozen=True, slots=True)
class BillingLine:
    """One billed item with the direction in which it counts: -1 for credits and cancellations."""

    document: BillingDocument
    item: BillingDocumentItem
    sign: int

    @property
    def net(self) -> Decimal:
        return self.sign * self.item.net_amount.amount

    @property
    def tax(self) -> Decimal:
        return self.sign * self.item.tax_amount.amount

    @property
    def gross(self) -> Decimal:
        return self.net + self.tax

    @property
    def quantity(self) -> Decimal:
        return self.sign * self.item.billing_quantity.value


@dataclass(frozen=True, slots=True)
class OrderChain:
    """
    One external order with the ERP documents that existed on the key date.

    ``sales_order`` is empty when there is none, ``further_orders`` are those that carry the same
    reference and should not be. ``candidates`` are those between which nothing decides.
    ``invoiced`` are lines of invoices and their cancellations, ``credited`` those of credit memos,
    ``debited`` those of debit memos. ``deliveries`` existed on the key date, issued or not;
    ``issued`` holds the quantity that left stock, by item, and when it last did.
    """

    mirrored: MirroredOrder
    sales_order: PostedSalesDocument | None
    rule: MatchRule
    further_orders: tuple[PostedSalesDocument, ...] = ()
    candidates: tuple[PostedSalesDocument, ...] = ()
    invoiced: tuple[BillingLine, ...] = ()
    credited: tuple[BillingLine, ...] = ()
    debited: tuple[BillingLine, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    issued: tuple[tuple[int, Decimal, date], ...] = ()

    @property
    def billing_lines(self) -> tuple[BillingLine, ...]:
        return (*self.invoiced, *self.credited, *self.debited)

    @property
    def billing_documents(self) -> tuple[str, ...]:
        return tuple(sorted({line.document.number for line in self.billing_lines}))


class Documents:
    """The ERP's documents as of the key date, by what they are looked up with."""

    def __init__(
        self,
        extract: ErpExtract,
        key_date: date,
        assignment: AssignmentContent | None = None,
    ) -> None:
        """*assignment* is what ZUONR holds, None while nobody knows; see :meth:`learn`."""
        self.extract, self.key_date = extract, key_date
        self._sales = {d.number: d for d in extract.sales_documents if d.document_date <= key_date}
        self._orders_by_reference: dict[str, list[str]] = defaultdict(list)
        for document in self._sales.values():
            if document.category in ORDER_CATEGORIES:
                self._orders_by_reference[document.purchase_order_by_customer].append(
                    document.number
                )
        #: Billing documents that existed on the key date and reach accounting at all.
        self.billing_documents = tuple(
            document
            for document in extract.billing_documents
            if document.billing_date <= key_date
            and document.category is not DocumentCategory.PRO_FORMA_INVOICE
        )
        self._billing = {document.number: document for document in extract.billing_documents}
        self._preceding: dict[str, list[ItemReference]] = defaultdict(list)
        for link in extract.links:
            if link.subsequent.category in REQUESTS:
                self._preceding[link.subsequent.document].append(link.preceding)
        self._lines = self._lines_by_order()
        self._issued = _issued_by_order(extract.deliveries, key_date)
        self._deliveries: dict[str, dict[str, Delivery]] = defaultdict(dict)
        for delivery in extract.deliveries:
            for delivered in delivery.items:
                self._deliveries[delivered.preceding.document][delivery.number] = delivery
        #: Items of documents that some row of the document flow leads to.
        self.reached = frozenset(
            (link.subsequent.document, link.subsequent.item_number)
            for link in extract.links
            if link.subsequent.category not in NOT_OF_SALES
        )
        #: The customers' purchase order numbers by sales order.
        self.references: Mapping[str, str] = {
            number: document.purchase_order_by_customer for number, document in self._sales.items()
        }
        self._postings = Postings(extract.items, key_date, self.references, assignment)
        self._requests: dict[str, list[PostedSalesDocument]] = defaultdict(list)
        for document in extract.sales_documents:
            if document.number in self._sales and document.category in _CREDIT_REQUESTS:
                self._requests[self._origin(document.number)].append(document)

    def learn(self, assignment: AssignmentContent | None) -> None:
        """Take note of what the assignment (ZUONR) of FI lines holds."""
        self._postings.learn(assignment)

    def numbered_lines(self, document: BillingDocument) -> tuple[CustomerItem, ...]:
        """Return the customer lines that carry the number of *document*."""
        return self._postings.numbered(document)

    def lines_by_content(
        self, document: BillingDocument
    ) -> Iterator[tuple[AssignmentContent | None, tuple[CustomerItem, ...]]]:
        """Yield the lines of *document*: found for certain, or if assignments held a content."""
        return self._postings.by_content(document)

    @cached_property
    def net_amounts(self) -> Mapping[str, Decimal]:
        """The net amounts of all billing documents by number."""
        return {each.number: each.net_amount.amount for each in self.billing_documents}

    def fi_lines(self, document: BillingDocument) -> tuple[CustomerItem, ...]:
        """Return the customer lines that *document* itself posted until the key date."""
        return self._postings.of(document)[0]

    def fi_match(self, document: BillingDocument) -> tuple[tuple[CustomerItem, ...], MatchRule]:
        """Return the same, with the rule that found them."""
        return self._postings.of(document)

    def fi_candidates(self, document: BillingDocument) -> tuple[tuple[CustomerItem, ...], ...]:
        """Return the FI documents that may be those of *document*, where nothing decides."""
        return self._postings.candidates(document)

    def credit_requests(self, sales_order: str) -> tuple[PostedSalesDocument, ...]:
        """Return the returns orders and credit memo requests that were made for an order."""
        return tuple(self._requests.get(sales_order, ()))

    def original_of(self, document: BillingDocument) -> BillingDocument | None:
        """Return what a cancellation cancels, None where it is not known or *document* is none."""
        cancelled = document.cancelled_document
        return None if cancelled is None else self._billing.get(cancelled)

    def billing_document(self, number: str) -> BillingDocument | None:
        """Return a billing document by its number, whatever its date."""
        return self._billing.get(number)

    def order(self, number: str) -> PostedSalesDocument | None:
        """Return the sales order *number*, None when it did not exist on the key date."""
        document = self._sales.get(number)
        return document if document and document.category in ORDER_CATEGORIES else None

    def orders_with(self, reference: str) -> tuple[str, ...]:
        """Return the numbers of all sales orders that carry *reference*."""
        found = self.extract.numbers_by_reference.get(reference, ())
        return tuple(sorted({*found, *self._orders_by_reference.get(reference, ())}))

    def lines_of(self, sales_order: str) -> tuple[BillingLine, ...]:
        """Return everything that was billed for *sales_order*, memos included."""
        return tuple(self._lines.get(sales_order, ()))

    def deliveries_of(self, sales_order: str) -> tuple[Delivery, ...]:
        """Return the deliveries that were made from *sales_order*."""
        found = self._deliveries.get(sales_order, {})
        return tuple(found[number] for number in sorted(found))

    def issued(self, sales_order: str) -> tuple[tuple[int, Decimal, date], ...]:
        """Return per item what left stock, and when it last did."""
        return tuple(
            (item, quantity, last)
            for item, (quantity, last) in sorted(self._issued.get(sales_order, {}).items())
        )

    def is_credit(self, document: BillingDocument) -> bool:
        return self._kind(document) is DocumentCategory.CREDIT_MEMO

    def is_debit(self, document: BillingDocument) -> bool:
        return self._kind(document) is DocumentCategory.DEBIT_MEMO

    def _kind(self, document: BillingDocument) -> DocumentCategory:
        """A cancellation is of the kind of what it cancels."""
        if document.category is DocumentCategory.CREDIT_MEMO_CANCELLATION:
            return DocumentCategory.CREDIT_MEMO
        if document.cancelled_document in self._billing:
            return self._billing[document.cancelled_document].category
        return document.category

    def _lines_by_order(self) -> dict[str, list[BillingLine]]:
        lines: dict[str, list[BillingLine]] = defaultdict(list)
        for document in self.billing_documents:
            sign = -1 if document.category in CREDITS else 1
            for item in document.items:
                order = self._origin(item.sales_document)
                lines[order].append(BillingLine(document, item, sign))
        return lines

    def _origin(self, sales_document: str) -> str:
        """Return the order behind a returns order or memo request, else the document itself."""
        seen = {sales_document}
        document = self._sales.get(sales_document)
        # A request that no interface reads is known by the flow alone.
        while document is None or document.category in REQUESTS:
            before = self._before(sales_document, document)
            if before is None or before in seen:
                break
            seen.add(before)
            sales_document, document = before, self._sales.get(before)
        return sales_document

    def _before(self, number: str, document: PostedSalesDocument | None) -> str | None:
        items = document.items if document is not None else ()
        references: list[ItemReference] = [
            item.reference for item in items if item.reference is not None
        ]
        references += self._preceding.get(number, [])
        for reference in references:
            billed = self._billing.get(reference.document)
            if billed is not None and billed.items:
                return billed.items[0].sales_document
            if reference.document in self._sales:
                return reference.document
        return None


def _issued_by_order(
    deliveries: Iterable[Delivery], key_date: date
) -> dict[str, dict[int, tuple[Decimal, date]]]:
    issued: dict[str, dict[int, tuple[Decimal, date]]] = defaultdict(dict)
    for delivery in deliveries:
        day = delivery.actual_goods_issue_date
        if delivery.category is not DocumentCategory.DELIVERY or day is None or day > key_date:
            continue
        for item in delivery.items:
            items = issued[item.preceding.document]
            quantity, last = items.get(item.preceding.item_number, (Decimal(0), day))
            items[item.preceding.item_number] = (
                quantity + item.delivery_quantity.value,
                max(last, day),
            )
    return issued


def match_order(mirrored: MirroredOrder, documents: Documents) -> OrderChain:
    """
    Find the sales order of one external order, and everything that follows from it.

    Without a link, orders of another sold-to party with the same purchase order number are not
    meant; where several of the right one carry it, nothing says which it is.
    """
    linked = [number for number in mirrored.sales_documents if documents.order(number)]
    carrying = documents.orders_with(mirrored.reference) if mirrored.reference else ()
    candidates = [*linked, *(number for number in carrying if number not in linked)]
    orders = [order for number in candidates if (order := documents.order(number)) is not None]
    rule = MatchRule.LINK_TABLE if linked else MatchRule.PURCHASE_ORDER
    sold_to = mirrored.sold_to_party
    if linked:
        sold_to = sold_to or pad_number(orders[0].sold_to_party)
    if sold_to:
        orders = [
            order
            for order in orders
            if order.number in linked or pad_number(order.sold_to_party) == sold_to
        ]
    if not orders:
        return OrderChain(mirrored=mirrored, sales_order=None, rule=rule)
    if not linked and len(orders) > 1:
        return OrderChain(mirrored=mirrored, sales_order=None, rule=rule, candidates=tuple(orders))
    order, further = orders[0], tuple(orders[1:])
    lines = documents.lines_of(order.number)
    return OrderChain(
        mirrored=mirrored,
        sales_order=order,
        rule=rule,
        further_orders=further,
        invoiced=tuple(
            line
            for line in lines
            if not documents.is_credit(line.document) and not documents.is_debit(line.document)
        ),
        credited=tuple(line for line in lines if documents.is_credit(line.document)),
        debited=tuple(line for line in lines if documents.is_debit(line.document)),
        deliveries=tuple(
            delivery
            for delivery in documents.deliveries_of(order.number)
            if delivery.document_date <= documents.key_date
        ),
        issued=documents.issued(order.number),
    )
