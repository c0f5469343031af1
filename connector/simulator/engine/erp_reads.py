"""
What is committed in the simulated ERP, read by every way it is asked for.

Reads never show what is only buffered. All look-ups go through indexes: their cost does not grow
with the number of documents.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from connector.simulator.engine import credit, customer_items, ledger, status
from connector.simulator.engine.change_documents import ChangeDocument
from connector.simulator.engine.core import Core
from connector.simulator.engine.finance_records import (
    AccountingDocument,
    BillingDocument,
    CustomerItem,
    LedgerItem,
)
from connector.simulator.engine.keys import material_key
from connector.simulator.engine.logistics_records import Delivery, MaterialDocument, Stock
from connector.simulator.engine.master_records import Customer, Material
from connector.simulator.engine.purchasing_records import PurchaseOrder, PurchaseRequisition
from connector.simulator.engine.sales_records import FlowRow, SalesDocument


class DocumentReads:
    """Documents, their flow and their status."""

    _core: Core

    def sales_document(self, number: str) -> SalesDocument | None:
        """Return the sales document, or None."""
        with self._core.reading() as store:
            return store.sales.get(self._core.padded(number))

    def sales_documents_by_purchase_order(
        self, purchase_order_by_customer: str, sold_to: str = ""
    ) -> tuple[SalesDocument, ...]:
        """Return the sales documents with this purchase order, oldest first."""
        with self._core.reading() as store:
            found = store.sales_by_purchase_order(purchase_order_by_customer)
            customer = self._core.padded(sold_to) if sold_to else ""
            return tuple(each for each in found if not customer or each.sold_to == customer)

    def sales_documents_of_customer(self, sold_to: str) -> tuple[SalesDocument, ...]:
        """Return the sales documents of a sold-to party, oldest first."""
        with self._core.reading() as store:
            return store.sales_by_customer(self._core.padded(sold_to))

    def document_of_billing_plan(self, plan: str) -> str:
        """Return the number of the sales document with this billing plan (FPLNR), or empty."""
        with self._core.reading() as store:
            return store.document_of_billing_plan(self._core.padded(plan))

    def delivery(self, number: str) -> Delivery | None:
        """Return the delivery, or None."""
        with self._core.reading() as store:
            return store.deliveries.get(self._core.padded(number))

    def deliveries_of(self, sales_document: str) -> tuple[Delivery, ...]:
        """Return the deliveries that follow a sales document, oldest first."""
        with self._core.reading() as store:
            return store.deliveries_following(self._core.padded(sales_document))

    def billing_document(self, number: str) -> BillingDocument | None:
        """Return the billing document, or None."""
        with self._core.reading() as store:
            return store.billing.get(self._core.padded(number))

    def billing_documents_of(self, number: str) -> tuple[BillingDocument, ...]:
        """Return what bills a delivery or an order (or, by its deliveries, an order's items)."""
        with self._core.reading() as store:
            return store.billing_following(self._core.padded(number))

    def purchase_requisition(self, number: str) -> PurchaseRequisition | None:
        """Return the purchase requisition, or None."""
        with self._core.reading() as store:
            return store.requisitions.get(self._core.padded(number))

    def purchase_order(self, number: str) -> PurchaseOrder | None:
        """Return the purchase order, or None."""
        with self._core.reading() as store:
            return store.purchases.get(self._core.padded(number))

    def purchase_orders(self) -> tuple[PurchaseOrder, ...]:
        """Return all purchase orders, oldest first."""
        with self._core.reading() as store:
            return tuple(store.purchases.values())

    def material_document(self, number: str) -> MaterialDocument | None:
        """Return the goods movement, or None."""
        with self._core.reading() as store:
            return store.material_documents.get(self._core.padded(number))

    def accounting_document(
        self, company_code: str, number: str, fiscal_year: int = 0
    ) -> AccountingDocument | None:
        """Return the accounting document; *fiscal_year* 0 takes the youngest of that number."""
        with self._core.reading() as store:
            return store.accounting_document(company_code, self._core.padded(number), fiscal_year)

    def accounting_documents_numbered(
        self, company_code: str, number: str, fiscal_year: int = 0
    ) -> tuple[AccountingDocument, ...]:
        """Return the accounting documents of that number, of all years where *fiscal_year* is 0."""
        with self._core.reading() as store:
            found = store.finance.numbered(company_code, self._core.padded(number))
        return tuple(each for each in found if fiscal_year in (0, each.fiscal_year))

    def accounting_documents_of(
        self, object_type: str, object_key: str
    ) -> tuple[AccountingDocument, ...]:
        """Return what was posted for a source document (AWTYP and AWKEY, e.g. VBRK)."""
        with self._core.reading() as store:
            return store.accounting_by_object(object_type, object_key)

    def accounting_documents_by_reference(self, reference: str) -> tuple[AccountingDocument, ...]:
        """Return the accounting documents with this reference (XBLNR), oldest first."""
        with self._core.reading() as store:
            return store.accounting_by_reference(reference)

    def flow_after(self, number: str) -> tuple[FlowRow, ...]:
        """Return the links to what follows a document, oldest first."""
        with self._core.reading() as store:
            return store.flow.after(self._core.padded(number))

    def flow_before(self, number: str) -> tuple[FlowRow, ...]:
        """Return the links to what a document was made from, oldest first."""
        with self._core.reading() as store:
            return store.flow.before(self._core.padded(number))

    def changed_since(self, kind: str, since: datetime) -> tuple[str, ...]:
        """
        Return the numbers of documents created or changed at or after *since*, each once.

        *kind* is sales, delivery, billing or accounting (then "company/number/year"). A document
        counts as changed, too, when one that follows it changes its status.
        """
        with self._core.reading() as store:
            return store.changes.since(kind, since)

    def last_change(self, kind: str, number: str) -> datetime | None:
        """
        Return when a document last changed, also by one that follows it; None when unknown.

        *kind* is as for `changed_since`. Two changes never have the same time.
        """
        with self._core.reading() as store:
            return store.changes.latest(kind, number)

    def change_documents(self, kind: str, since: datetime) -> tuple[ChangeDocument, ...]:
        """Return who changed documents of a kind (sales, delivery, billing) since a moment."""
        with self._core.reading() as store:
            return store.change_documents.since(kind, since)

    def change_documents_of(self, kind: str, number: str) -> tuple[ChangeDocument, ...]:
        """Return the changes of one document, oldest first."""
        with self._core.reading() as store:
            return store.change_documents.of(kind, self._core.padded(number))

    def document_numbers(self, kind: str, category: str = "") -> tuple[str, ...]:
        """
        Return the numbers of all documents of a kind, oldest first.

        *kind* is sales (then of *category*), delivery, billing or accounting (then
        "company/number/year").
        """
        with self._core.reading() as store:
            match kind:
                case "sales":
                    return store.sales_numbers(category)
                case "delivery":
                    return tuple(store.deliveries)
                case "billing":
                    return tuple(store.billing)
                case _:
                    return store.finance.numbers()

    def billing_documents_of_customer(self, customer: str) -> tuple[BillingDocument, ...]:
        """Return the billing documents of a sold-to party, bill-to party or payer."""
        with self._core.reading() as store:
            return store.billing_by_customer(self._core.padded(customer))

    # -- status ----------------------------------------------------------------------------------

    def sales_status(self, number: str) -> status.SalesStatus:
        """Return the status of a sales document, derived from its flow; KeyError if unknown."""
        with self._core.reading() as store:
            return status.of_sales_document(store, self._core.padded(number))

    def delivery_status(self, number: str) -> status.DeliveryStatus:
        """Return the status of a delivery, derived from its flow; KeyError if unknown."""
        with self._core.reading() as store:
            return status.of_delivery(store, self._core.padded(number))

    def document_counts(self) -> dict[str, int]:
        """Return how many committed documents there are of each kind."""
        with self._core.reading() as store:
            return store.counts()

    def sales_documents(self) -> Iterable[SalesDocument]:
        """Return all sales documents, oldest first (a copy of the list)."""
        with self._core.reading() as store:
            return tuple(store.sales.values())


class AccountReads:
    """Customers, stock, open items and ledgers."""

    _core: Core

    def customer(self, number: str) -> Customer | None:
        """Return the customer's master record, or None."""
        return self._core.master.customers.get(self._core.padded(number))

    def material(self, number: str) -> Material | None:
        """Return the material's master record, or None."""
        return self._core.master.material(number)

    def stock(self, plant: str, material: str) -> Stock | None:
        """Return the stock of a material in a plant, or None where it is not kept."""
        with self._core.reading() as store:
            return store.stock_of(plant, material_key(material))

    def available_quantity(self, plant: str, material: str) -> Decimal:
        """Return unrestricted stock less confirmed requirements, in the base unit."""
        with self._core.reading() as store:
            return store.available_quantity(plant, material_key(material))

    def credit_exposure(self, credit_account: str) -> credit.Exposure:
        """Return limit, open items and open order value of a credit account."""
        with self._core.reading():
            return credit.exposure(self._core, self._core.padded(credit_account))

    def open_items(
        self, company_code: str, customer: str = "", key_date: date | None = None
    ) -> tuple[CustomerItem, ...]:
        """
        Return the items open at *key_date* (None: today), of one customer or of all.

        Open at a key date: posted by then, and not cleared or cleared later.
        """
        with self._core.reading() as store:
            return customer_items.open_at(
                store,
                company_code,
                self._core.padded(customer) if customer else "",
                key_date or self._core.today(),
            )

    def cleared_items(
        self,
        company_code: str,
        customer: str,
        cleared_from: date | None = None,
        cleared_to: date | None = None,
    ) -> tuple[CustomerItem, ...]:
        """Return a customer's items cleared between two dates (inclusive, None: no limit)."""
        with self._core.reading() as store:
            return customer_items.cleared_between(
                store, company_code, self._core.padded(customer), cleared_from, cleared_to
            )

    def items_cleared_by(
        self, company_code: str, clearing_document: str
    ) -> tuple[CustomerItem, ...]:
        """Return the customer items that a clearing document cleared (AUGBL)."""
        with self._core.reading() as store:
            return customer_items.cleared_by(
                store, company_code, self._core.padded(clearing_document)
            )

    def ledger_items(
        self,
        company_code: str,
        account: str,
        posted_from: date | None = None,
        posted_to: date | None = None,
    ) -> tuple[LedgerItem, ...]:
        """Return the line items of a G/L account posted between two dates (inclusive)."""
        with self._core.reading() as store:
            return ledger.items(store, company_code, account, posted_from, posted_to)

    def ledger_balance(
        self, company_code: str, account: str, key_date: date | None = None, currency: str = ""
    ) -> Decimal:
        """
        Return the balance at *key_date* (None: today), debit positive.

        In the company's currency, or of the postings in *currency* when that is given.
        """
        with self._core.reading() as store:
            return ledger.balance(
                store, company_code, account, key_date or self._core.today(), currency
            )
