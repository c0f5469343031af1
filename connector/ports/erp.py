"""
The ERP as the use cases see it: one small protocol per kind of document.

Every write goes through an observer (:class:`SubmissionObserver`), because exactly-once needs to
know how far a write has come: a failure before :meth:`~SubmissionObserver.before_commit` has
posted nothing, a failure after it may have posted everything.

All methods may raise the following, besides what they name themselves:

- ErpUnavailableError: the ERP could not be reached, nothing was posted.
- LogonRefusedError: user or password were refused, nothing was posted.
- TransientError, LockedError: nothing was posted, the same call may work later.
- RejectedError: the ERP answered with messages of type E or A and everything was rolled back.
- OutcomeUnknownError (writes only): raised only after ``before_commit`` was passed.

After ``before_commit`` the others are believed only where ``Point.COMMIT_REFUSED`` was passed, as
by transports whose one request creates and commits; without it they are taken for a doubt.

- LeaseLostError (writes only): ``before_commit`` refused; everything was rolled back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from connector.sd_documents.billing_document import BillingDocument, BillingRequest
from connector.sd_documents.delivery import Delivery, DeliveryRequest
from connector.sd_documents.document_flow import FlowLink
from connector.sd_documents.payment import (
    AccountBalance,
    AccountingDocumentKey,
    CustomerItem,
    ExchangeDifference,
    IncomingPayment,
)
from connector.sd_documents.sales_document import PostedSalesDocument, SalesDocument
from connector.sd_documents.sales_document_change import SalesDocumentChange
from connector.sd_documents.values import DocumentCategory


class Point(StrEnum):
    """
    The points of a write at which a process may die, in the order in which they are passed.

    The first three and the last belong to the use case, the others to the transport.
    """

    BEFORE_CLAIM = "before claim"
    AFTER_CLAIM = "after claim"
    AFTER_INTENT = "after intent"
    CONNECTION_OPEN = "connection open"
    CREATE_SENT = "create sent"
    CREATE_ANSWERED = "create answered"
    ROLLBACK_SENT = "rollback sent"
    AFTER_FENCE_CHECK = "after fence check"
    COMMIT_SENT = "commit sent"
    COMMIT_ANSWERED = "commit answered"
    #: In place of a success: the ERP itself answered that it has posted nothing.
    COMMIT_REFUSED = "commit refused"
    READ_BACK = "read-back before local write"


class SubmissionObserver(Protocol):
    """Watches one write from its intent to its commit; the use case makes progress durable."""

    def created_uncommitted(self, numbers: Sequence[str]) -> None:
        """The ERP named *numbers*, which do not exist before the commit."""
        ...

    def before_commit(self) -> None:
        """
        Check the fence and note durably that the commit is about to leave.

        Raises:
            LeaseLostError: another worker has the step; the transport must roll back and stop.
        """
        ...

    def passed(self, point: Point) -> None:
        """Called after *point* was reached; must return quickly and never raise."""
        ...


@dataclass(frozen=True, slots=True)
class SalesOrderHead:
    """What a list of sales orders shows of one; ``created_on`` is a day where the ERP is."""

    number: str
    purchase_order_by_customer: str
    sold_to_party: str
    created_on: date


@dataclass(frozen=True, slots=True)
class OrderPayer:
    """Who pays for a sales order, or for one item of it: ``item_number`` 0 is the order."""

    sales_order: str
    item_number: int
    payer: str


class SalesDocuments(Protocol):
    """Inquiries, quotations, orders, returns orders, credit and debit memo requests."""

    def create(self, document: SalesDocument, observer: SubmissionObserver) -> str:
        """Post *document*, commit it and return its number (zero-padded)."""
        ...

    def change(self, change: SalesDocumentChange, observer: SubmissionObserver) -> None:
        """
        Make *change*, commit it, and read back that it is there.

        Only what *change* states is sent. The observer learns the document's own number.

        Raises also:
            RejectedError: the document is not there, or something that follows it forbids the
                change, such as a quantity below what is delivered.
        """
        ...

    def simulate(self, document: SalesDocument) -> PostedSalesDocument:
        """
        Price *document* and promise its dates without saving anything.

        The result's number is ``$`` since it does not exist.
        """
        ...

    def find(self, purchase_order_by_customer: str, category: DocumentCategory) -> tuple[str, ...]:
        """Return the numbers of all documents with that reference and category, oldest first."""
        ...

    def read(
        self, numbers: Sequence[str], category: DocumentCategory | None = None
    ) -> tuple[PostedSalesDocument, ...]:
        """
        Read documents in few calls; numbers that do not exist are left out.

        *category* saves looking where they cannot be, for transports with a service per category.
        """
        ...

    def orders_created(self, first: date, last: date) -> tuple[SalesOrderHead, ...]:
        """Return all sales orders created between two days, inclusive, whoever created them."""
        ...

    def payers(self, sales_orders: Sequence[str]) -> tuple[OrderPayer, ...]:
        """Return the payers of sales orders, and of their items where an item has its own."""
        ...


class Deliveries(Protocol):
    """Outbound and returns deliveries."""

    def create(self, request: DeliveryRequest, observer: SubmissionObserver) -> tuple[str, ...]:
        """Post deliveries for *request* and return their numbers: more than one after a split."""
        ...

    def post_goods_issue(
        self, delivery: Delivery, actual_date: date, observer: SubmissionObserver
    ) -> None:
        """Pick *delivery* in full, post its goods issue (or receipt), and read back that it is."""
        ...

    def reverse_goods_issue(
        self, delivery: Delivery, posting_date: date, observer: SubmissionObserver
    ) -> None:
        """Take back the goods issue of *delivery* (VL09), and read back that it is open again."""
        ...

    def read(self, numbers: Sequence[str]) -> tuple[Delivery, ...]:
        """Read deliveries; numbers that do not exist are left out."""
        ...


class BillingDocuments(Protocol):
    """Invoices, memos and cancellations."""

    def create(self, request: BillingRequest, observer: SubmissionObserver) -> tuple[str, ...]:
        """Bill *request* and return the numbers: more than one where the ERP splits."""
        ...

    def cancel(
        self, billing_document: str, billing_date: date, observer: SubmissionObserver
    ) -> str:
        """Cancel *billing_document* and return the number of the cancellation."""
        ...

    def read(self, numbers: Sequence[str]) -> tuple[BillingDocument, ...]:
        """Read billing documents; numbers that do not exist are left out."""
        ...

    def pdf(self, billing_document: str) -> bytes:
        """
        Return the printed document.

        Raises also:
            RejectedError: there is no such document, or it was not printed.
            ConfigurationError: the transport cannot do that.
        """
        ...


class Payments(Protocol):
    """Incoming payments in FI."""

    def post(self, payment: IncomingPayment, observer: SubmissionObserver) -> AccountingDocumentKey:
        """
        Post *payment*; it clears its items at once where the route can, else the ERP's own
        clearing run does so later.
        """
        ...

    def find(
        self, payment_reference: str, company_code: str, payer: str
    ) -> tuple[AccountingDocumentKey, ...]:
        """Return the documents that carry *payment_reference* on the payer's account."""
        ...


class OpenItems(Protocol):
    """Customer items and G/L balances, for payments and for reconciliation."""

    def customer_items(
        self, company_code: str, customers: Sequence[str], key_date: date
    ) -> tuple[CustomerItem, ...]:
        """
        Return the items that were open on *key_date*, those cleared later included.

        Items stand on the payer. No customers means all customers of the company code.
        """
        ...

    def posted_items(
        self,
        company_code: str,
        *,
        posted_until: date,
        posted_after: date | None = None,
        entered_from: date | None = None,
    ) -> tuple[CustomerItem, ...]:
        """
        Return the lines of all customers posted until a day, open or cleared.

        Of them, only those posted after *posted_after*, and those entered (CPUDT, a day where the
        ERP keeps its time) on *entered_from* or later.
        """
        ...

    def items_of_billing_documents(
        self, billing_documents: Sequence[str], *, and_settlements: bool = False
    ) -> tuple[CustomerItem, ...]:
        """
        Return the customer lines that *billing_documents* posted, open or cleared.

        With *and_settlements* also what settled them: what names them as its invoice, and the other
        lines of their clearings.
        """
        ...

    def items_of_receipts(
        self,
        company_codes: Sequence[str],
        references: Sequence[str],
        documents: Sequence[AccountingDocumentKey] = (),
    ) -> tuple[CustomerItem, ...]:
        """
        Return the customer lines, open or cleared, that may be a receipt.

        These are the lines of FI documents that carry one of *references* (XBLNR, of any document
        type) or are one of *documents*, and what stands on the same customers' accounts in one
        clearing with them. *documents* of other company codes than *company_codes* are left out.
        """
        ...

    def receivable_balances(self, company_code: str, key_date: date) -> tuple[AccountBalance, ...]:
        """Return the G/L balance of each reconciliation account, by currency, at *key_date*."""
        ...

    def exchange_differences(
        self, company_code: str, documents: Sequence[str]
    ) -> tuple[ExchangeDifference, ...]:
        """
        Return what FI *documents* realised of other exchange rates, by document and account.

        These are their G/L lines without an amount in the document's own currency, those on
        reconciliation accounts left out.
        """
        ...


@dataclass(frozen=True, slots=True)
class ChainSnapshot:
    """
    Everything the ERP knows of the chains of some sales documents, read at one time.

    ``items`` are the customer lines of the billing documents and of the payments that cleared
    them.
    """

    sales_documents: tuple[PostedSalesDocument, ...]
    deliveries: tuple[Delivery, ...]
    billing_documents: tuple[BillingDocument, ...]
    items: tuple[CustomerItem, ...]
    links: tuple[FlowLink, ...]


@dataclass(frozen=True, slots=True)
class ChangedDocuments:
    """
    Sales documents with any change in their chain since a watermark, and the next watermark.

    ``numbers`` may repeat what an earlier answer had: the ERP's change stamps are dates, so the
    watermark's last day is read again.
    """

    numbers: tuple[str, ...]
    watermark: str


class DocumentChains(Protocol):
    """The document flow with the present status of every document in it."""

    def changed_since(self, watermark: str) -> ChangedDocuments:
        """
        Return which sales documents changed since *watermark* (empty: since ever).

        The watermark is the transport's own; it is stored and handed back as it is.
        """
        ...

    def read(self, sales_documents: Sequence[str]) -> ChainSnapshot:
        """Read the chains of *sales_documents* (and what precedes them) in few calls."""
        ...


@dataclass(frozen=True, slots=True)
class ErpSystem:
    """Who answers: for health, `erp check` and logs. ``latency_s`` is one ping's round trip."""

    system_id: str
    client: str
    user: str
    host: str
    release: str
    latency_s: float
    answered_at: datetime


class Erp(Protocol):
    """All of the ERP that the connector uses. Reading properties never calls the ERP."""

    @property
    def sales_documents(self) -> SalesDocuments: ...
    @property
    def deliveries(self) -> Deliveries: ...
    @property
    def billing_documents(self) -> BillingDocuments: ...
    @property
    def payments(self) -> Payments: ...
    @property
    def open_items(self) -> OpenItems: ...
    @property
    def chains(self) -> DocumentChains: ...

    def ping(self) -> ErpSystem:
        """Log on and ask who answers."""
        ...

    def close(self) -> None:
        """Give back every session; calling it twice is harmless."""
        ...
