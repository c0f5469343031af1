"""
A way to the ERP that is helped where it cannot go: the suite is written once, for all of it.

What a way cannot do by its capabilities, it is asked to do all the same, and has to refuse before
anything has left. Then the reference does it in the same ERP, as its own people and jobs would.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, TypeVar

import pytest

from connector.erp.routes import SALES_OPERATIONS
from connector.errors import ConfigurationError, RejectedError
from connector.ports.capabilities import Access, ErpOperation
from connector.ports.erp import (
    DocumentChains,
    Erp,
    ErpSystem,
    OpenItems,
    OrderPayer,
    Point,
    SalesOrderHead,
    SubmissionObserver,
)
from connector.sd_documents.billing_document import BillingDocument, BillingRequest
from connector.sd_documents.delivery import Delivery, DeliveryRequest
from connector.sd_documents.payment import AccountingDocumentKey, IncomingPayment
from connector.sd_documents.sales_document import PostedSalesDocument, SalesDocument
from connector.sd_documents.sales_document_change import SalesDocumentChange
from connector.sd_documents.values import DocumentCategory as C
from tests.contract.observing import Observer

T = TypeVar("T")
Can = Callable[[ErpOperation, Access], bool]

#: What a transport says of something that it has no service for.
NOT_OFFERED = "NOT_OFFERED_BY_SERVICE"


@dataclass(frozen=True, slots=True)
class CapableErp:
    """*way* where it can, *reference* where *way* has refused."""

    way: Erp
    reference: Erp
    can: Can
    #: Outbound deliveries may have a service where returns deliveries have none.
    returns_deliveries: bool

    @property
    def sales_documents(self) -> CapableSalesDocuments:
        return CapableSalesDocuments(self)

    @property
    def deliveries(self) -> CapableDeliveries:
        return CapableDeliveries(self)

    @property
    def billing_documents(self) -> CapableBillingDocuments:
        return CapableBillingDocuments(self)

    @property
    def payments(self) -> CapablePayments:
        return CapablePayments(self)

    @property
    def open_items(self) -> OpenItems:
        return self.way.open_items

    @property
    def chains(self) -> DocumentChains:
        return self.way.chains

    def ping(self) -> ErpSystem:
        return self.way.ping()

    def close(self) -> None:
        self.way.close()

    def write(
        self,
        able: bool,
        observer: SubmissionObserver,
        do: Callable[[Erp, SubmissionObserver], T],
    ) -> T:
        """Let *way* do it, or make sure that it refuses, and let the reference do it."""
        if able:
            return do(self.way, observer)
        unheard = Observer()
        with pytest.raises((ConfigurationError, RejectedError)) as refused:
            do(self.way, unheard)
        if isinstance(refused.value, RejectedError):
            assert refused.value.code == NOT_OFFERED
        assert unheard.asked == 0
        assert Point.CREATE_SENT not in unheard.points
        return do(self.reference, observer)


@dataclass(frozen=True, slots=True)
class CapableSalesDocuments:
    erp: CapableErp

    def create(self, document: SalesDocument, observer: SubmissionObserver) -> str:
        return self.erp.write(
            self._can(document.category, Access.CREATE),
            observer,
            lambda erp, told: erp.sales_documents.create(document, told),
        )

    def change(self, change: SalesDocumentChange, observer: SubmissionObserver) -> None:
        self.erp.write(
            self._can(change.category, Access.CHANGE),
            observer,
            lambda erp, told: erp.sales_documents.change(change, told),
        )

    def simulate(self, document: SalesDocument) -> PostedSalesDocument:
        return self.erp.way.sales_documents.simulate(document)

    def find(self, purchase_order_by_customer: str, category: C) -> tuple[str, ...]:
        return self._reader(category).sales_documents.find(purchase_order_by_customer, category)

    def orders_created(self, first: date, last: date) -> tuple[SalesOrderHead, ...]:
        return self._reader(C.SALES_ORDER).sales_documents.orders_created(first, last)

    def payers(self, sales_orders: Sequence[str]) -> tuple[OrderPayer, ...]:
        return self._reader(C.SALES_ORDER).sales_documents.payers(sales_orders)

    def read(
        self, numbers: Sequence[str], category: C | None = None
    ) -> tuple[PostedSalesDocument, ...]:
        """Read over the way; what belongs to a category that it does not show comes beside."""
        if category is not None and not self._can(category, Access.READ):
            return self.erp.reference.sales_documents.read(numbers, category)
        found = self.erp.way.sales_documents.read(numbers, category)
        there = {each.number for each in found}
        others = (
            each
            for each in self.erp.reference.sales_documents.read(numbers, category)
            if each.number not in there
        )
        beside = tuple(each for each in others if not self._can(each.category, Access.READ))
        return (*found, *beside)

    def _reader(self, category: C) -> Erp:
        return self.erp.way if self._can(category, Access.READ) else self.erp.reference

    def _can(self, category: C, access: Access) -> bool:
        return self.erp.can(SALES_OPERATIONS[category], access)


@dataclass(frozen=True, slots=True)
class CapableDeliveries:
    erp: CapableErp

    def create(self, request: DeliveryRequest, observer: SubmissionObserver) -> tuple[str, ...]:
        able = self.erp.can(ErpOperation.DELIVERY, Access.CREATE)
        return self.erp.write(
            able and self._shows(request.category),
            observer,
            lambda erp, told: erp.deliveries.create(request, told),
        )

    def post_goods_issue(
        self, delivery: Delivery, actual_date: date, observer: SubmissionObserver
    ) -> None:
        self.erp.write(
            self._moves(delivery),
            observer,
            lambda erp, told: erp.deliveries.post_goods_issue(delivery, actual_date, told),
        )

    def reverse_goods_issue(
        self, delivery: Delivery, posting_date: date, observer: SubmissionObserver
    ) -> None:
        self.erp.write(
            self._moves(delivery),
            observer,
            lambda erp, told: erp.deliveries.reverse_goods_issue(delivery, posting_date, told),
        )

    def read(self, numbers: Sequence[str]) -> tuple[Delivery, ...]:
        found = self.erp.way.deliveries.read(numbers)
        beside = self.erp.reference.deliveries.read(numbers)
        there = {each.number for each in found}
        return (
            *found,
            *(b for b in beside if b.number not in there and not self._shows(b.category)),
        )

    def _shows(self, category: C) -> bool:
        return self.erp.returns_deliveries or category is C.DELIVERY

    def _moves(self, delivery: Delivery) -> bool:
        able = self.erp.can(ErpOperation.GOODS_ISSUE, Access.CHANGE)
        return able and self._shows(delivery.category)


@dataclass(frozen=True, slots=True)
class CapableBillingDocuments:
    erp: CapableErp

    def create(self, request: BillingRequest, observer: SubmissionObserver) -> tuple[str, ...]:
        return self.erp.write(
            self.erp.can(ErpOperation.BILLING, Access.CREATE),
            observer,
            lambda erp, told: erp.billing_documents.create(request, told),
        )

    def cancel(
        self, billing_document: str, billing_date: date, observer: SubmissionObserver
    ) -> str:
        return self.erp.write(
            self.erp.can(ErpOperation.BILLING, Access.CHANGE),
            observer,
            lambda erp, told: erp.billing_documents.cancel(billing_document, billing_date, told),
        )

    def read(self, numbers: Sequence[str]) -> tuple[BillingDocument, ...]:
        return self.erp.way.billing_documents.read(numbers)

    def pdf(self, billing_document: str) -> bytes:
        return self.erp.way.billing_documents.pdf(billing_document)


@dataclass(frozen=True, slots=True)
class CapablePayments:
    erp: CapableErp

    def post(self, payment: IncomingPayment, observer: SubmissionObserver) -> AccountingDocumentKey:
        return self.erp.write(
            self.erp.can(ErpOperation.PAYMENT, Access.CREATE),
            observer,
            lambda erp, told: erp.payments.post(payment, told),
        )

    def find(
        self, payment_reference: str, company_code: str, payer: str
    ) -> tuple[AccountingDocumentKey, ...]:
        return self.erp.way.payments.find(payment_reference, company_code, payer)


if TYPE_CHECKING:

    def _implements_the_port(erp: CapableErp) -> Erp:
        return erp
