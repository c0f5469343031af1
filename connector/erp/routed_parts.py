"""The parts of the port over several transports: each call goes the way of its operation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from connector.erp.chain_parts import merged
from connector.erp.routes import SALES_OPERATIONS, Router, reaches
from connector.errors import RejectedError
from connector.ports.capabilities import Access, ErpOperation, Transport
from connector.ports.erp import (
    BillingDocuments,
    ChainSnapshot,
    ChangedDocuments,
    Deliveries,
    DocumentChains,
    OpenItems,
    OrderPayer,
    Payments,
    SalesDocuments,
    SalesOrderHead,
    SubmissionObserver,
)
from connector.ports.master_data import MasterDataReader, MasterDataRow
from connector.sd_documents.billing_document import BillingDocument, BillingRequest
from connector.sd_documents.delivery import Delivery, DeliveryRequest
from connector.sd_documents.payment import (
    AccountBalance,
    AccountingDocumentKey,
    CustomerItem,
    ExchangeDifference,
    IncomingPayment,
)
from connector.sd_documents.sales_document import PostedSalesDocument, SalesDocument
from connector.sd_documents.sales_document_change import SalesDocumentChange
from connector.sd_documents.values import DocumentCategory, pad_number

#: Between the transport and its watermark. What was stored without it was RFC's.
_OF: Final = "|"
_NAMES: Final = frozenset(each.value for each in Transport)


@dataclass(frozen=True, slots=True)
class RoutedSalesDocuments:
    """Sales documents: the category decides."""

    router: Router

    def create(self, document: SalesDocument, observer: SubmissionObserver) -> str:
        """Post *document* over the route of its category."""
        return self._of(document.category, Access.CREATE).create(document, observer)

    def change(self, change: SalesDocumentChange, observer: SubmissionObserver) -> None:
        """Make *change* over the route of its document's category."""
        self._of(change.category, Access.CHANGE).change(change, observer)

    def simulate(self, document: SalesDocument) -> PostedSalesDocument:
        """Price *document* over the route of simulations, whatever its category."""
        part = self.router.part(ErpOperation.SIMULATION, lambda parts: parts.sales_documents)
        return part.simulate(document)

    def find(self, purchase_order_by_customer: str, category: DocumentCategory) -> tuple[str, ...]:
        """Look for documents over the route of *category*."""
        return self._of(category).find(purchase_order_by_customer, category)

    def read(
        self, numbers: Sequence[str], category: DocumentCategory | None = None
    ) -> tuple[PostedSalesDocument, ...]:
        """Read over the route of *category*; without one, over each route until all are found."""
        if category is not None:
            return self._of(category).read(numbers, category)
        found: list[PostedSalesDocument] = []
        missing = list(dict.fromkeys(pad_number(each) for each in numbers))
        for transport in self.router.sales_transports():
            part = self.router.parts[transport].sales_documents
            if part is None or not missing:
                continue
            found += part.read(missing)
            there = {each.number for each in found}
            missing = [each for each in missing if each not in there]
        return tuple(found)

    def orders_created(self, first: date, last: date) -> tuple[SalesOrderHead, ...]:
        """List sales orders over their route."""
        return self._of(DocumentCategory.SALES_ORDER).orders_created(first, last)

    def payers(self, sales_orders: Sequence[str]) -> tuple[OrderPayer, ...]:
        """Read the payers of sales orders over their route."""
        return self._of(DocumentCategory.SALES_ORDER).payers(sales_orders)

    def _of(self, category: DocumentCategory, needed: Access = Access.READ) -> SalesDocuments:
        operation = SALES_OPERATIONS.get(category)
        if operation is None:
            raise RejectedError(f"{category.name.lower()} is no sales document")
        return self.router.part(operation, lambda parts: parts.sales_documents, needed)


@dataclass(frozen=True, slots=True)
class RoutedDeliveries:
    """Deliveries over their route, goods movements over theirs."""

    router: Router

    def create(self, request: DeliveryRequest, observer: SubmissionObserver) -> tuple[str, ...]:
        """Post deliveries for *request*."""
        return self._of(ErpOperation.DELIVERY, Access.CREATE).create(request, observer)

    def post_goods_issue(
        self, delivery: Delivery, actual_date: date, observer: SubmissionObserver
    ) -> None:
        """Pick *delivery* and post its goods issue."""
        part = self._of(ErpOperation.GOODS_ISSUE, Access.CHANGE)
        part.post_goods_issue(delivery, actual_date, observer)

    def reverse_goods_issue(
        self, delivery: Delivery, posting_date: date, observer: SubmissionObserver
    ) -> None:
        """Take back the goods issue of *delivery*."""
        part = self._of(ErpOperation.GOODS_ISSUE, Access.CHANGE)
        part.reverse_goods_issue(delivery, posting_date, observer)

    def read(self, numbers: Sequence[str]) -> tuple[Delivery, ...]:
        """Read deliveries."""
        return self._of(ErpOperation.DELIVERY).read(numbers)

    def _of(self, operation: ErpOperation, needed: Access = Access.READ) -> Deliveries:
        return self.router.part(operation, lambda parts: parts.deliveries, needed)


@dataclass(frozen=True, slots=True)
class RoutedBillingDocuments:
    """Billing documents over their route, their print over its own."""

    router: Router

    def create(self, request: BillingRequest, observer: SubmissionObserver) -> tuple[str, ...]:
        """Bill *request*."""
        return self._of(ErpOperation.BILLING, Access.CREATE).create(request, observer)

    def cancel(
        self, billing_document: str, billing_date: date, observer: SubmissionObserver
    ) -> str:
        """Cancel *billing_document*."""
        part = self._of(ErpOperation.BILLING, Access.CHANGE)
        return part.cancel(billing_document, billing_date, observer)

    def read(self, numbers: Sequence[str]) -> tuple[BillingDocument, ...]:
        """Read billing documents."""
        return self._of(ErpOperation.BILLING).read(numbers)

    def pdf(self, billing_document: str) -> bytes:
        """Return the printed document."""
        return self._of(ErpOperation.BILLING_PDF).pdf(billing_document)

    def _of(self, operation: ErpOperation, needed: Access = Access.READ) -> BillingDocuments:
        return self.router.part(operation, lambda parts: parts.billing_documents, needed)


@dataclass(frozen=True, slots=True)
class RoutedPayments:
    """Payments over their route."""

    router: Router

    def post(self, payment: IncomingPayment, observer: SubmissionObserver) -> AccountingDocumentKey:
        """Post *payment*."""
        return self._part(Access.CREATE).post(payment, observer)

    def find(
        self, payment_reference: str, company_code: str, payer: str
    ) -> tuple[AccountingDocumentKey, ...]:
        """Return the documents that carry *payment_reference*."""
        return self._part().find(payment_reference, company_code, payer)

    def _part(self, needed: Access = Access.READ) -> Payments:
        return self.router.part(ErpOperation.PAYMENT, lambda parts: parts.payments, needed)


@dataclass(frozen=True, slots=True)
class RoutedOpenItems:
    """Customer items and balances over their route."""

    router: Router

    def customer_items(
        self, company_code: str, customers: Sequence[str], key_date: date
    ) -> tuple[CustomerItem, ...]:
        """Return the items that were open on *key_date*."""
        return self._part().customer_items(company_code, customers, key_date)

    def posted_items(
        self,
        company_code: str,
        *,
        posted_until: date,
        posted_after: date | None = None,
        entered_from: date | None = None,
    ) -> tuple[CustomerItem, ...]:
        """Return the lines of all customers that were posted or entered in a time."""
        return self._part().posted_items(
            company_code,
            posted_until=posted_until,
            posted_after=posted_after,
            entered_from=entered_from,
        )

    def items_of_billing_documents(
        self, billing_documents: Sequence[str], *, and_settlements: bool = False
    ) -> tuple[CustomerItem, ...]:
        """Return the customer lines that *billing_documents* posted."""
        return self._part().items_of_billing_documents(
            billing_documents, and_settlements=and_settlements
        )

    def items_of_receipts(
        self,
        company_codes: Sequence[str],
        references: Sequence[str],
        documents: Sequence[AccountingDocumentKey] = (),
    ) -> tuple[CustomerItem, ...]:
        """Return the lines of receipts, by their references or documents."""
        return self._part().items_of_receipts(company_codes, references, documents)

    def receivable_balances(self, company_code: str, key_date: date) -> tuple[AccountBalance, ...]:
        """Return the G/L balance of each reconciliation account."""
        return self._part().receivable_balances(company_code, key_date)

    def exchange_differences(
        self, company_code: str, documents: Sequence[str]
    ) -> tuple[ExchangeDifference, ...]:
        """Return what documents realised of other exchange rates."""
        return self._part().exchange_differences(company_code, documents)

    def _part(self) -> OpenItems:
        return self.router.part(ErpOperation.OPEN_ITEMS, lambda parts: parts.open_items)


@dataclass(frozen=True, slots=True)
class RoutedMasterData:
    """Master data over its route."""

    router: Router

    def read(self, kind: str, keys: Sequence[Mapping[str, str]]) -> Sequence[MasterDataRow]:
        """Return the rows of *kind* that are as one of *keys* wants them."""
        part: MasterDataReader = self.router.part(
            ErpOperation.MASTER_DATA, lambda parts: parts.master_data
        )
        return part.read(kind, keys)


@dataclass(frozen=True, slots=True)
class RoutedDocumentChains:
    """The document flow over its route; a watermark of another transport's counts as none."""

    router: Router

    def changed_since(self, watermark: str) -> ChangedDocuments:
        """
        Return which sales documents changed since *watermark*.

        A watermark names its transport. After a change of the route everything is read once more,
        since no transport understands the other's.
        """
        transport = self.router.routes.get(ErpOperation.DOCUMENT_FLOW)
        part = self._part()
        assert transport is not None
        changed = part.changed_since(_own(watermark, transport))
        if not changed.watermark:
            return changed
        return ChangedDocuments(changed.numbers, f"{transport.value}{_OF}{changed.watermark}")

    def read(self, sales_documents: Sequence[str]) -> ChainSnapshot:
        """
        Read the chains of *sales_documents*.

        Those of a category that the route does not show are read where that category goes.
        """
        found, others = self._part().read(sales_documents), tuple(self._hidden())
        if not others:
            return found
        there = {each.number for each in found.sales_documents}
        missing = [each for each in sales_documents if pad_number(each) not in there]
        return merged([found, *(part.read(missing) for part in others if missing)])

    def _hidden(self) -> Iterator[DocumentChains]:
        """Yield the chains of transports with a category that the route does not show."""
        shows = self.router.capabilities[self.router.routes[ErpOperation.DOCUMENT_FLOW]]
        elsewhere = {
            transport
            for operation in SALES_OPERATIONS.values()
            if not reaches(shows[operation].access, Access.READ)
            and (transport := self.router.routes.get(operation)) is not None
        }
        for transport in sorted(elsewhere):
            chains = self.router.parts[transport].chains
            if chains is not None:
                yield chains

    def _part(self) -> DocumentChains:
        return self.router.part(ErpOperation.DOCUMENT_FLOW, lambda parts: parts.chains)


def _own(watermark: str, transport: Transport) -> str:
    """Return *watermark* as *transport* gave it; empty when it is another's."""
    name, found, rest = watermark.partition(_OF)
    if not found or name not in _NAMES:
        name, rest = Transport.RFC.value, watermark
    return rest if name == transport.value else ""


if TYPE_CHECKING:
    _Parts = tuple[
        SalesDocuments, Deliveries, BillingDocuments, Payments, OpenItems, DocumentChains
    ]

    def _implement_the_port(router: Router) -> _Parts:
        return (
            RoutedSalesDocuments(router),
            RoutedDeliveries(router),
            RoutedBillingDocuments(router),
            RoutedPayments(router),
            RoutedOpenItems(router),
            RoutedDocumentChains(router),
        )
