"""An ERP that answers what reconciliation asks, out of a made-up ledger and without keeping it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from benchmarks.ledger import (
    COMPANY_CODE,
    Ledger,
    billing_document,
    customer_items,
    sales_order,
    snapshot,
)
from connector.ports.erp import (
    ChainSnapshot,
    ChangedDocuments,
    ErpSystem,
    OrderPayer,
    SalesOrderHead,
)
from connector.sd_documents.billing_document import BillingDocument
from connector.sd_documents.payment import (
    AccountBalance,
    AccountingDocumentKey,
    CustomerItem,
    ExchangeDifference,
)
from connector.sd_documents.sales_document import PostedSalesDocument
from connector.sd_documents.values import DocumentCategory


class LedgerErp:
    """The part of :class:`connector.ports.erp.Erp` that reconciliation reads."""

    def __init__(self, ledger: Ledger) -> None:
        self.sales_documents: Any = _SalesDocuments(ledger)
        self.billing_documents: Any = _BillingDocuments(ledger)
        self.open_items: Any = _OpenItems(ledger)
        self.chains: Any = _Chains(ledger)

    def ping(self) -> ErpSystem:
        return ErpSystem("BEN", "100", "reader", "localhost", "1", 0.0, datetime.now(UTC))


class _Chains:
    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def changed_since(self, watermark: str) -> ChangedDocuments:
        """The watermark counts the payments that were seen."""
        first = self._ledger.paid + int(watermark or 0) + 1
        last = self._ledger.paid + self._ledger.paid_since
        numbers = (self._ledger.sale(number).sales_order for number in range(first, last + 1))
        return ChangedDocuments(tuple(numbers), str(self._ledger.paid_since))

    def read(self, sales_documents: Sequence[str]) -> ChainSnapshot:
        return snapshot([self._ledger.sale(int(number)) for number in sales_documents])


class _SalesDocuments:
    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def find(self, reference: str, category: DocumentCategory) -> tuple[str, ...]:
        return (self._ledger.sale(int(reference.removeprefix("P-"))).sales_order,)

    def read(self, numbers: Sequence[str]) -> tuple[PostedSalesDocument, ...]:
        return tuple(sales_order(self._ledger.sale(int(number))) for number in numbers)

    def orders_created(self, first: date, last: date) -> tuple[SalesOrderHead, ...]:
        return tuple(
            SalesOrderHead(sale.sales_order, sale.reference, sale.customer, sale.day)
            for sale in self._ledger.all()
            if first <= sale.day <= last
        )

    def payers(self, sales_orders: Sequence[str]) -> tuple[OrderPayer, ...]:
        return tuple(
            OrderPayer(number, 0, self._ledger.sale(int(number)).customer)
            for number in sales_orders
        )


class _BillingDocuments:
    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def read(self, numbers: Sequence[str]) -> tuple[BillingDocument, ...]:
        return tuple(
            billing_document(self._ledger.sale(int(number) - 9_000_000_000)) for number in numbers
        )


class _OpenItems:
    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def customer_items(
        self, company_code: str, customers: Sequence[str], key_date: date
    ) -> tuple[CustomerItem, ...]:
        return tuple(
            item
            for sale in self._ledger.unpaid()
            for item in customer_items(sale)
            if item.is_open_on(key_date)
        )

    def posted_items(
        self,
        company_code: str,
        *,
        posted_until: date,
        posted_after: date | None = None,
        entered_from: date | None = None,
    ) -> tuple[CustomerItem, ...]:
        # An ERP has an index on the day; here no line of other sales is made to be thrown away.
        first = max(posted_after or date.min, entered_from or date.min)
        return tuple(
            item
            for sale in self._ledger.all()
            if max(sale.day, sale.paid_on or sale.day) >= first
            for item in customer_items(sale)
            if item.posting_date <= posted_until
            and (posted_after is None or item.posting_date > posted_after)
            and (entered_from is None or item.entry_date >= entered_from)
        )

    def items_of_billing_documents(self, numbers: Sequence[str]) -> tuple[CustomerItem, ...]:
        sales = (self._ledger.sale(int(number) - 9_000_000_000) for number in numbers)
        return tuple(customer_items(sale)[0] for sale in sales)

    def items_of_receipts(
        self,
        company_codes: Sequence[str],
        references: Sequence[str],
        documents: Sequence[AccountingDocumentKey] = (),
    ) -> tuple[CustomerItem, ...]:
        """Receipts come with the chains that they paid, or were never posted."""
        return ()

    def receivable_balances(self, company_code: str, key_date: date) -> tuple[AccountBalance, ...]:
        assert company_code == COMPANY_CODE
        return (self._ledger.balance(),)

    def exchange_differences(
        self, company_code: str, documents: Sequence[str]
    ) -> tuple[ExchangeDifference, ...]:
        """The books are in one currency."""
        return ()
