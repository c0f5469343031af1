"""
An ERP in a few dictionaries, with the real port: for tests of the use cases alone.

Documents exist after the commit. A fault strikes at one point of one operation; a commit that is
held back happens when the test says so, whether or not anybody still waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from threading import RLock

from connector.clock import Clock
from connector.errors import (
    ConnectorError,
    ErpUnavailableError,
    LeaseLostError,
    OutcomeUnknownError,
)
from connector.ports.erp import (
    BillingDocuments,
    ChainSnapshot,
    ChangedDocuments,
    Deliveries,
    DocumentChains,
    Erp,
    ErpSystem,
    OpenItems,
    OrderPayer,
    Payments,
    Point,
    SalesDocuments,
    SalesOrderHead,
    SubmissionObserver,
)
from connector.sd_documents.billing_document import (
    BillingDocument,
    BillingRequest,
)
from connector.sd_documents.delivery import Delivery, DeliveryRequest
from connector.sd_documents.payment import (
    AccountBalance,
    AccountingDocumentKey,
    CustomerItem,
    ExchangeDifference,
    IncomingPayment,
)
from connector.sd_documents.sales_document import (
    PostedSalesDocument,
    SalesDocument,
)
from connector.sd_documents.sales_document_change import SalesDocumentChange
from connector.sd_documents.values import DocumentCategory, ItemReference
from tests.sync.in_memory_books import Books, priced
from tests.sync.in_memory_changes import (
    cancel_billing,
    change_sales,
    posted_with_partners,
    reverse_issue,
)

ZONE = "Europe/Berlin"
C = DocumentCategory


@dataclass
class Fault:
    """Strikes once: raises *error* when *operation* has come to *point*."""

    operation: str
    point: Point
    error: Exception


class InMemoryErp(Erp):
    """The whole port on :class:`Books`."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.books = Books(self.today)
        self.faults: list[Fault] = []
        self.hold_commits = False
        self.held: list[Callable[[], None]] = []
        self.is_down = False
        self.logon_error: Exception | None = None
        self.calls: list[str] = []
        self.lock = RLock()
        self._next = {
            "A": 10000000,
            "B": 20000000,
            "C": 0,
            "J": 80000000,
            "M": 90000000,
            "+": 1400000000,
        }
        self._sales = _Sales(self)
        self._deliveries = _Deliveries(self)
        self._billing = _Billing(self)
        self._payments = _Payments(self)
        self._open_items = _OpenItems(self)
        self._chains = _Chains(self)

    @property
    def sales_documents(self) -> _Sales:
        return self._sales

    @property
    def deliveries(self) -> _Deliveries:
        return self._deliveries

    @property
    def billing_documents(self) -> _Billing:
        return self._billing

    @property
    def payments(self) -> _Payments:
        return self._payments

    @property
    def open_items(self) -> _OpenItems:
        return self._open_items

    @property
    def chains(self) -> _Chains:
        return self._chains

    def ping(self) -> ErpSystem:
        self.answer("ping")
        return ErpSystem("MEM", "100", "x", "memory", "1", 0.0, self.clock.now())

    def close(self) -> None:
        """Nothing is open."""

    def today(self) -> date:
        return self.clock.today(ZONE)

    def clear(self) -> None:
        """The ERP's own clearing run: open items of one assignment that add up to zero."""
        self.books.clear_by_assignment(self.number("+"))

    def number(self, category: str) -> str:
        """Take the next number; it is lost when its document is never committed."""
        with self.lock:
            self._next[category] += 1
            return str(self._next[category]).zfill(10)

    def answer(self, operation: str) -> None:
        """Note a call, and fail it when the ERP is down or refuses the logon."""
        self.calls.append(operation)
        if self.logon_error is not None:
            raise self.logon_error
        if self.is_down:
            raise ErpUnavailableError("the ERP cannot be reached")

    def strike(self, operation: str, point: Point) -> None:
        """Raise the waiting fault of *operation* at *point*, if there is one."""
        for fault in self.faults:
            if (fault.operation, fault.point) == (operation, point):
                self.faults.remove(fault)
                raise fault.error

    def write(
        self,
        operation: str,
        numbers: tuple[str, ...],
        observer: SubmissionObserver,
        commit: Callable[[], None],
    ) -> None:
        """Go through the points of a write, as a transport does."""
        self.answer(operation)
        for point in (Point.CONNECTION_OPEN, Point.CREATE_SENT, Point.CREATE_ANSWERED):
            observer.passed(point)
            self.strike(operation, point)
        observer.created_uncommitted(numbers)
        try:
            observer.before_commit()
        except LeaseLostError:
            observer.passed(Point.ROLLBACK_SENT)
            raise
        observer.passed(Point.AFTER_FENCE_CHECK)
        self.strike(operation, Point.AFTER_FENCE_CHECK)
        if self.hold_commits:
            self.held.append(commit)
            raise OutcomeUnknownError("no answer to the commit")
        observer.passed(Point.COMMIT_SENT)
        self._refuse(operation, observer)
        with self.lock:
            commit()
        self.strike(operation, Point.COMMIT_SENT)
        observer.passed(Point.COMMIT_ANSWERED)

    def _refuse(self, operation: str, observer: SubmissionObserver) -> None:
        """Answer the commit with the waiting refusal, if there is one: nothing is posted."""
        try:
            self.strike(operation, Point.COMMIT_REFUSED)
        except ConnectorError:
            observer.passed(Point.COMMIT_ANSWERED)
            observer.passed(Point.COMMIT_REFUSED)
            raise

    def release_held(self) -> None:
        """Let the commits happen that were held back."""
        held, self.held = self.held, []
        for commit in held:
            with self.lock:
                commit()

    # What the ERP's own jobs do, for plans that observe.

    def deliver(self, order: str) -> tuple[str, ...]:
        """Deliver everything open of *order* in one delivery."""
        document = self.books.sales[order]
        wanted = [
            (ref, rest)
            for item in document.items
            if (rest := self.books.open_of(document, item)).value > 0
            for ref in [
                ItemReference(category=C.SALES_ORDER, document=order, item_number=item.item_number)
            ]
        ]
        number = self.number("J")
        self.books.add_delivery(number, wanted, self.today())
        return (number,)

    def issue(self, number: str) -> None:
        """Post the goods issue of a delivery."""
        self.books.issue_on(number, self.today())

    def bill(self, deliveries: Sequence[str]) -> str:
        """Bill deliveries in one invoice."""
        number = self.number("M")
        self.books.add_billing(number, deliveries, self.today())
        return number


class _Sales(SalesDocuments):
    def __init__(self, erp: InMemoryErp) -> None:
        self.erp = erp

    def create(self, document: SalesDocument, observer: SubmissionObserver) -> str:
        number = self.erp.number(document.category.value)
        posted = priced(document, number, self.erp.today())
        operation = f"create {document.category.name.lower().replace('_', ' ')}"
        self.erp.write(
            operation, (number,), observer, lambda: self.erp.books.add_sales(posted, document)
        )
        return number

    def simulate(self, document: SalesDocument) -> PostedSalesDocument:
        self.erp.answer("simulate")
        return priced(document, "$", self.erp.today())

    def find(self, purchase_order_by_customer: str, category: DocumentCategory) -> tuple[str, ...]:
        self.erp.answer("find")
        return tuple(
            sorted(
                document.number
                for document in self.erp.books.sales.values()
                if document.purchase_order_by_customer == purchase_order_by_customer
                and document.category is category
            )
        )

    def orders_created(self, first: date, last: date) -> tuple[SalesOrderHead, ...]:
        self.erp.answer("list orders")
        return tuple(
            SalesOrderHead(
                document.number,
                document.purchase_order_by_customer,
                document.sold_to_party,
                document.document_date,
            )
            for document in self.erp.books.sales.values()
            if document.category is DocumentCategory.SALES_ORDER
            and first <= document.document_date <= last
        )

    def payers(self, sales_orders: Sequence[str]) -> tuple[OrderPayer, ...]:
        self.erp.answer("read payers")
        return tuple(
            OrderPayer(document.number, 0, document.sold_to_party)
            for document in self.erp.books.sales.values()
            if document.number in sales_orders
        )

    def change(self, change: SalesDocumentChange, observer: SubmissionObserver) -> None:
        self.erp.write(
            f"change {change.category.name.lower().replace('_', ' ')}",
            (change.number,),
            observer,
            lambda: change_sales(self.erp.books, change),
        )

    def read(
        self, numbers: Sequence[str], category: DocumentCategory | None = None
    ) -> tuple[PostedSalesDocument, ...]:
        self.erp.answer("read sales documents")
        books = self.erp.books
        return tuple(posted_with_partners(books, n) for n in numbers if n in books.sales)


class _Deliveries(Deliveries):
    def __init__(self, erp: InMemoryErp) -> None:
        self.erp = erp

    def create(self, request: DeliveryRequest, observer: SubmissionObserver) -> tuple[str, ...]:
        number = self.erp.number("J")
        wanted = [(item.preceding, item.quantity) for item in request.items]
        self.erp.write(
            "create delivery",
            (number,),
            observer,
            lambda: self.erp.books.add_delivery(number, wanted, self.erp.today()),
        )
        return (number,)

    def post_goods_issue(
        self, delivery: Delivery, actual_date: date, observer: SubmissionObserver
    ) -> None:
        self.erp.write(
            "post goods issue",
            (),
            observer,
            lambda: self.erp.books.issue_on(delivery.number, actual_date),
        )

    def reverse_goods_issue(
        self, delivery: Delivery, posting_date: date, observer: SubmissionObserver
    ) -> None:
        self.erp.write(
            "reverse goods issue",
            (),
            observer,
            lambda: reverse_issue(self.erp.books, delivery.number),
        )

    def read(self, numbers: Sequence[str]) -> tuple[Delivery, ...]:
        self.erp.answer("read deliveries")
        return tuple(
            self.erp.books.deliveries[n] for n in numbers if n in self.erp.books.deliveries
        )


class _Billing(BillingDocuments):
    def __init__(self, erp: InMemoryErp) -> None:
        self.erp = erp

    def create(self, request: BillingRequest, observer: SubmissionObserver) -> tuple[str, ...]:
        number = self.erp.number("M")
        self.erp.write(
            "create billing document",
            (number,),
            observer,
            lambda: self.erp.books.add_billing(number, request.preceding, request.billing_date),
        )
        return (number,)

    def cancel(
        self, billing_document: str, billing_date: date, observer: SubmissionObserver
    ) -> str:
        number = self.erp.number("M")
        self.erp.write(
            "cancel billing document",
            (number,),
            observer,
            lambda: cancel_billing(self.erp.books, number, billing_document, billing_date),
        )
        return number

    def read(self, numbers: Sequence[str]) -> tuple[BillingDocument, ...]:
        self.erp.answer("read billing documents")
        return tuple(self.erp.books.billing[n] for n in numbers if n in self.erp.books.billing)

    def pdf(self, billing_document: str) -> bytes:
        raise AssertionError("no use case prints billing documents")


class _Payments(Payments):
    def __init__(self, erp: InMemoryErp) -> None:
        self.erp = erp

    def post(self, payment: IncomingPayment, observer: SubmissionObserver) -> AccountingDocumentKey:
        key = AccountingDocumentKey(
            company_code=payment.company_code,
            accounting_document=self.erp.number("+"),
            fiscal_year=payment.posting_date.year,
        )
        self.erp.write(
            "post payment", (str(key),), observer, lambda: self.erp.books.add_payment(key, payment)
        )
        return key

    def find(
        self, payment_reference: str, company_code: str, payer: str
    ) -> tuple[AccountingDocumentKey, ...]:
        self.erp.answer("find payment")
        return tuple(
            item.key
            for item in self.erp.books.items.values()
            if item.reference == payment_reference and item.customer == payer
        )


class _OpenItems(OpenItems):
    def __init__(self, erp: InMemoryErp) -> None:
        self.erp = erp

    def customer_items(
        self, company_code: str, customers: Sequence[str], key_date: date
    ) -> tuple[CustomerItem, ...]:
        return tuple(item for item in self.erp.books.items.values() if item.is_open_on(key_date))

    def posted_items(
        self,
        company_code: str,
        *,
        posted_until: date,
        posted_after: date | None = None,
        entered_from: date | None = None,
    ) -> tuple[CustomerItem, ...]:
        return tuple(
            item
            for item in self.erp.books.items.values()
            if item.key.company_code == company_code
            and (posted_after or date.min) < item.posting_date <= posted_until
            and item.entry_date >= (entered_from or date.min)
        )

    def items_of_billing_documents(
        self, billing_documents: Sequence[str], *, and_settlements: bool = False
    ) -> tuple[CustomerItem, ...]:
        assert not and_settlements
        return tuple(
            item
            for item in self.erp.books.items.values()
            if item.billing_document in billing_documents
        )

    def items_of_receipts(
        self,
        company_codes: Sequence[str],
        references: Sequence[str],
        documents: Sequence[AccountingDocumentKey] = (),
    ) -> tuple[CustomerItem, ...]:
        raise AssertionError("no use case reads receipts")

    def receivable_balances(self, company_code: str, key_date: date) -> tuple[AccountBalance, ...]:
        raise AssertionError("no use case reads balances")

    def exchange_differences(
        self, company_code: str, documents: Sequence[str]
    ) -> tuple[ExchangeDifference, ...]:
        raise AssertionError("no use case reads exchange differences")


class _Chains(DocumentChains):
    def __init__(self, erp: InMemoryErp) -> None:
        self.erp = erp

    def changed_since(self, watermark: str) -> ChangedDocuments:
        self.erp.answer("changed since")
        return ChangedDocuments(tuple(self.erp.books.sales), self.erp.today().isoformat())

    def read(self, sales_documents: Sequence[str]) -> ChainSnapshot:
        self.erp.answer("read chains")
        books, wanted = self.erp.books, set(sales_documents)
        deliveries = tuple(
            d for d in books.deliveries.values() if {i.preceding.document for i in d.items} & wanted
        )
        billing = tuple(
            b for b in books.billing.values() if {i.sales_document for i in b.items} & wanted
        )
        own = {b.number for b in billing}
        items = [i for i in books.items.values() if i.billing_document in own]
        named = {i.key.accounting_document for i in items}
        items += [i for i in books.items.values() if i.invoice_reference in named]
        clearings = {i.clearing_document for i in items} - {None}
        items += [i for n, i in books.items.items() if n in clearings and i not in items]
        numbers = wanted | {d.number for d in deliveries}
        return ChainSnapshot(
            sales_documents=tuple(books.sales[n] for n in sorted(wanted & books.sales.keys())),
            deliveries=deliveries,
            billing_documents=billing,
            items=tuple(items),
            links=tuple(link for link in books.links if link.preceding.document in numbers),
        )
