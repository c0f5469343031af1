"""
The committed documents, with an index for every way they are asked for.

Only the update task changes the store; everything else reads it under the ERP's lock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from connector.simulator.engine import derived
from connector.simulator.engine.change_documents import ChangeDocuments
from connector.simulator.engine.changes import Change, ChangeLog, Drop, Put, StockMove
from connector.simulator.engine.documents import DocumentTable
from connector.simulator.engine.finance_index import FinanceIndex
from connector.simulator.engine.finance_records import AccountingDocument, BillingDocument
from connector.simulator.engine.flow import BILLED_BY, DELIVERED_BY, FlowIndex
from connector.simulator.engine.logistics_records import Delivery, MaterialDocument, Stock
from connector.simulator.engine.master_data import MasterData
from connector.simulator.engine.money import rounded
from connector.simulator.engine.purchasing_records import (
    PurchaseOrder,
    PurchaseOrderItem,
    PurchaseRequisition,
)
from connector.simulator.engine.sales_records import SalesDocument
from connector.simulator.engine.stock import opening_stock

ZERO = Decimal(0)

Puts = list[tuple[str, Any, Any]]
Drops = list[tuple[str, Any]]


class Store:
    """All committed records. Dictionaries keep the order in which documents were committed."""

    def __init__(self, master: MasterData, live_documents: int) -> None:
        self.master = master
        self.sales: DocumentTable[str, SalesDocument] = DocumentTable(SalesDocument, live_documents)
        self.deliveries: DocumentTable[str, Delivery] = DocumentTable(Delivery, live_documents)
        self.billing: DocumentTable[str, BillingDocument] = DocumentTable(
            BillingDocument, live_documents
        )
        self.material_documents: DocumentTable[str, MaterialDocument] = DocumentTable(
            MaterialDocument, live_documents
        )
        self.requisitions: DocumentTable[str, PurchaseRequisition] = DocumentTable(
            PurchaseRequisition, live_documents
        )
        self.purchases: DocumentTable[str, PurchaseOrder] = DocumentTable(
            PurchaseOrder, live_documents
        )
        self.flow = FlowIndex()
        self.finance = FinanceIndex(live_documents)
        self.changes = ChangeLog()
        self.change_documents = ChangeDocuments()
        self.stock: dict[tuple[str, str], Stock] = {}
        self.requirements: dict[tuple[str, str], Decimal] = {}
        #: credit account -> currency -> value ordered and not yet billed.
        self.credit_open: dict[str, dict[str, Decimal]] = {}
        self.delivery_due: dict[str, None] = {}
        self.goods_issue_due: dict[str, None] = {}
        self.billing_due: dict[str, None] = {}
        self.unconfirmed: dict[str, None] = {}
        self.credit_blocked: dict[str, None] = {}
        #: Requisitions to be ordered, and purchase orders with something still to come.
        self.to_order: dict[str, None] = {}
        self.purchases_open: dict[str, None] = {}
        self._tables: dict[str, DocumentTable[str, Any]] = {
            "sales": self.sales,
            "delivery": self.deliveries,
            "billing": self.billing,
            "material": self.material_documents,
            "requisition": self.requisitions,
            "purchase": self.purchases,
        }
        self._contributions: dict[str, derived.Contribution] = {}
        self._by_purchase_order: dict[str, list[str]] = {}
        self._by_customer: dict[str, list[str]] = {}
        self._by_billing_plan: dict[str, str] = {}
        self._by_category: dict[str, list[str]] = {}
        self._billing_by_customer: dict[str, list[str]] = {}

    # -- reads -----------------------------------------------------------------------------------

    def sales_by_purchase_order(self, purchase_order: str) -> tuple[SalesDocument, ...]:
        """Return the sales documents with this customer's purchase order, oldest first."""
        numbers = self._by_purchase_order.get(purchase_order.strip(), ())
        return tuple(self.sales[number] for number in numbers)

    def sales_by_customer(self, sold_to: str) -> tuple[SalesDocument, ...]:
        """Return the sales documents of a sold-to party, oldest first."""
        return tuple(self.sales[number] for number in self._by_customer.get(sold_to, ()))

    def sales_numbers(self, category: str) -> tuple[str, ...]:
        """Return the numbers of the sales documents of a category, oldest first."""
        return tuple(self._by_category.get(category, ()))

    def billing_by_customer(self, customer: str) -> tuple[BillingDocument, ...]:
        """Return the billing documents that a customer receives or pays, oldest first."""
        return tuple(self.billing[each] for each in self._billing_by_customer.get(customer, ()))

    def document_of_billing_plan(self, plan: str) -> str:
        """Return the sales document with an item of this billing plan, or empty."""
        return self._by_billing_plan.get(plan, "")

    def deliveries_following(self, number: str) -> tuple[Delivery, ...]:
        """Return the deliveries that follow a sales document, oldest first."""
        numbers = dict.fromkeys(
            row.subsequent
            for row in self.flow.after(number)
            if row.subsequent_category in DELIVERED_BY
        )
        return tuple(self.deliveries[each] for each in numbers if each in self.deliveries)

    def billing_following(self, number: str) -> tuple[BillingDocument, ...]:
        """Return what bills a document, directly or by its deliveries, oldest first."""
        numbers: dict[str, None] = {}
        for row in self.flow.after(number):
            if row.subsequent_category in BILLED_BY:
                numbers[row.subsequent] = None
            elif row.subsequent_category in DELIVERED_BY:
                for later in self.flow.after(row.subsequent):
                    if later.subsequent_category in BILLED_BY:
                        numbers[later.subsequent] = None
        return tuple(self.billing[each] for each in numbers if each in self.billing)

    def accounting_document(
        self, company_code: str, number: str, fiscal_year: int = 0
    ) -> AccountingDocument | None:
        """Return the document; year 0 takes the youngest of that number."""
        return self.finance.document(company_code, number, fiscal_year)

    def accounting_by_object(self, kind: str, key: str) -> tuple[AccountingDocument, ...]:
        """Return what was posted for a source document."""
        return self.finance.by_object(kind, key)

    def accounting_by_reference(self, reference: str) -> tuple[AccountingDocument, ...]:
        """Return the documents with this reference, oldest first."""
        return self.finance.by_reference(reference)

    def stock_of(self, plant: str, material: str) -> Stock | None:
        """Return the stock, as opened by master data until it first moves, or None."""
        return self.stock.get((plant, material)) or opening_stock(self.master, plant, material)

    def available_quantity(self, plant: str, material: str) -> Decimal:
        """Return unrestricted stock less what documents claim of it, in the base unit."""
        stock = self.stock_of(plant, material)
        quantity = stock.unrestricted if stock else ZERO
        return quantity - self.requirements.get((plant, material), ZERO)

    def counts(self) -> dict[str, int]:
        """Return how many records there are of each kind."""
        return {
            "sales": len(self.sales),
            "delivery": len(self.deliveries),
            "billing": len(self.billing),
            "material": len(self.material_documents),
            "accounting": len(self.finance),
            "flow": len(self.flow),
        }

    # -- the update task -------------------------------------------------------------------------

    def apply(self, changes: Iterable[Change], now: datetime, user: str = "") -> tuple[Puts, Drops]:
        """Apply a unit of work of *user*; return what the state file must write."""
        puts: Puts = []
        drops: Drops = []
        for change in changes:
            if isinstance(change, Put):
                self._put(change, now)
                puts.append((change.kind, change.key, change.record))
                if not change.created:
                    self.change_documents.add(change.kind, change.key, now, user)
            elif isinstance(change, Drop):
                self._drop(change.kind, change.key, now)
                self.change_documents.add(change.kind, change.key, now, user, "D")
                drops.append((change.kind, change.key))
            else:
                stock = self._move(change)
                puts.append(("stock", (change.plant, change.material), stock))
        for number in self._touched(changes):
            self._refresh(number, now)
        return puts, drops

    def load(self, kind: str, record: Any) -> None:
        """Take over a record of the state file; call `loaded` at the end."""
        if kind == "stock":
            self.stock[record.plant, record.material] = record
            return
        at = record.entered_at if kind == "accounting" else record.created_at
        key = record.key if kind in ("accounting", "flow") else record.number
        self._put(Put(kind, key, record, created=True), at, note=False)

    def loaded(self) -> None:
        """Rebuild the totals and the change log after the last `load`."""
        for number in (*self.sales, *self.deliveries):
            self._refresh(number, None)
        moments: list[tuple[datetime, str, str]] = []
        own: list[tuple[datetime, str, str]] = []
        kinds: dict[str, DocumentTable[str, Any]] = {
            "sales": self.sales,
            "delivery": self.deliveries,
            "billing": self.billing,
        }
        for kind, documents in kinds.items():
            for each in documents.values():
                latest = max(
                    [each.changed_at, *(row.created_at for row in self.flow.after(each.number))]
                )
                moments.append((latest, kind, each.number))
                if each.changed_at != each.created_at:
                    own.append((each.changed_at, kind, each.number))
        for posted in self.finance.documents():
            moments.append((posted.entered_at, "accounting", "/".join(map(str, posted.key))))
        for moment, kind, number in sorted(moments):
            self.changes.note(kind, number, moment)
        for moment, kind, number in sorted(own):
            self.change_documents.add(kind, number, moment, "")

    def _put(self, change: Put, now: datetime, *, note: bool = True) -> None:
        kind, key, record = change.kind, change.key, change.record
        if kind == "flow":
            if change.created:
                self.flow.add(record)
            else:
                self.flow.put(record)
            return
        if kind == "accounting":
            self.finance.put(record)
            if note:
                self.changes.note(kind, "/".join(map(str, key)), now)
            return
        if kind == "sales":
            self._index_sales(record)
        elif kind == "billing":
            self._index_billing(record)
        self._tables[kind][key] = record
        if kind == "requisition":
            _list(self.to_order, key, not record.deleted and not record.purchase_order)
        elif kind == "purchase":
            _list(self.purchases_open, key, any(_awaits(item) for item in record.items))
        if note:
            self.changes.note(kind, key, now)

    def _index_sales(self, record: SalesDocument) -> None:
        old = self.sales.get(record.number)
        before = old.purchase_order_by_customer if old is not None else ""
        after = record.purchase_order_by_customer
        if before != after:
            if before:
                self._by_purchase_order[before].remove(record.number)
            if after:
                self._by_purchase_order.setdefault(after, []).append(record.number)
        for item in record.items:
            if item.billing_plan_number:
                self._by_billing_plan[item.billing_plan_number] = record.number
        if old is not None and old.sold_to != record.sold_to:
            self._by_customer[old.sold_to].remove(record.number)
        if old is None or old.sold_to != record.sold_to:
            self._by_customer.setdefault(record.sold_to, []).append(record.number)
        if old is None:
            self._by_category.setdefault(record.category, []).append(record.number)

    def _index_billing(self, record: BillingDocument) -> None:
        if record.number not in self.billing:
            for customer in dict.fromkeys((record.sold_to, record.payer, record.bill_to)):
                self._billing_by_customer.setdefault(customer, []).append(record.number)

    def _drop(self, kind: str, key: Any, now: datetime) -> None:
        if kind == "flow":
            self.flow.drop(key)
        elif kind == "delivery":
            self.deliveries.pop(key)
            self.changes.note(kind, key, now)
        elif kind == "sales":
            record = self.sales[key]
            self._by_customer[record.sold_to].remove(key)
            self._by_category[record.category].remove(key)
            if record.purchase_order_by_customer:
                self._by_purchase_order[record.purchase_order_by_customer].remove(key)
            self.sales.pop(key)
            self.changes.note(kind, key, now)
        else:
            raise KeyError(f"{kind} is never removed")

    def _move(self, move: StockMove) -> Stock:
        stock = self.stock_of(move.plant, move.material)
        if stock is None:
            raise KeyError(f"no stock of {move.material} in {move.plant}")
        unrestricted = stock.unrestricted + move.unrestricted
        value = stock.value + move.value
        price = stock.price
        if stock.price_control == "V" and unrestricted > 0 and value > 0:
            decimals = self.master.decimals(stock.currency)
            price = rounded(value * stock.price_unit / unrestricted, decimals)
        moved = replace(
            stock,
            unrestricted=unrestricted,
            blocked=stock.blocked + move.blocked,
            value=value,
            price=price,
        )
        self.stock[move.plant, move.material] = moved
        return moved

    def _touched(self, changes: Iterable[Change]) -> Iterable[str]:
        touched: dict[str, None] = {}
        for change in changes:
            if isinstance(change, StockMove):
                continue
            if change.kind == "flow":
                touched[change.key[0]] = None
                # Billing a delivery concerns the orders behind it, too.
                for row in self.flow.before(change.key[0]):
                    touched[row.preceding] = None
            elif change.kind in ("sales", "delivery"):
                touched[change.key] = None
            elif change.kind == "purchase":
                # What the vendor delivers or invoices concerns the order behind it.
                for row in self.flow.before(change.key):
                    touched[row.preceding] = None
        return touched

    def _refresh(self, number: str, now: datetime | None) -> None:
        kind = ""
        if number in self.sales:
            part = derived.of_sales_document(self.master, self.sales[number], self.flow.after)
            kind = "sales"
        elif number in self.deliveries:
            part = derived.of_delivery(
                self.master, self.deliveries[number], self.flow.after(number)
            )
            kind = "delivery"
        else:
            part = derived.Contribution()
        if now is not None and kind:
            self.changes.note(kind, number, now)
        self._add(self._contributions.pop(number, None), -1)
        self._add(part, 1)
        if part.requirements or part.credit:
            self._contributions[number] = part
        for member, listed in (
            (part.delivery_due, self.delivery_due),
            (part.goods_issue_due, self.goods_issue_due),
            (part.billing_due, self.billing_due),
            (part.unconfirmed, self.unconfirmed),
            (part.credit_blocked, self.credit_blocked),
        ):
            _list(listed, number, member)

    def _add(self, part: derived.Contribution | None, sign: int) -> None:
        if part is None:
            return
        for key, quantity in part.requirements.items():
            self.requirements[key] = self.requirements.get(key, ZERO) + sign * quantity
        for (account, currency), amount in part.credit.items():
            open_values = self.credit_open.setdefault(account, {})
            open_values[currency] = open_values.get(currency, ZERO) + sign * amount


def _list(listed: dict[str, None], number: str, member: bool) -> None:
    """Keep *number* on a list of what is due, or off it."""
    if member:
        listed[number] = None
    else:
        listed.pop(number, None)


def _awaits(item: PurchaseOrderItem) -> bool:
    return any(item.quantity_of(kind) < item.quantity for kind in ("receipt", "invoice"))
