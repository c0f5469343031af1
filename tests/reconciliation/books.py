"""
A small set of books for the tests: what a shop sold, and what an ERP would have posted for it.

Receivables are kept twice, as customer items and as postings on the G/L account, so that the
balance is a figure of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from connector.mappings.external_order import (
    ExternalLine,
    ExternalOrder,
    ExternalPayment,
    ExternalTax,
    ExternalTotals,
)
from connector.reconciliation.extract import ErpExtract
from connector.reconciliation.mirror import MirroredLine, MirroredOrder, MirroredPayment
from connector.reconciliation.report import ReconciliationRun
from connector.reconciliation.rules import ReconciliationRules
from connector.reconciliation.run import Assignment, run_reconciliation
from connector.sd_documents.billing_document import BillingDocument, BillingDocumentItem
from connector.sd_documents.conditions import ConditionValue
from connector.sd_documents.currency import quantum, round_amount
from connector.sd_documents.delivery import Delivery, DeliveryItem
from connector.sd_documents.document_flow import FlowLink
from connector.sd_documents.payment import AccountBalance, AccountingDocumentKey, CustomerItem
from connector.sd_documents.sales_document import (
    PostedSalesDocument,
    PostedSalesDocumentItem,
    SalesArea,
)
from connector.sd_documents.status import AccountingTransferStatus, Status
from connector.sd_documents.values import (
    DocumentCategory,
    ItemReference,
    Money,
    Quantity,
    pad_number,
)

TAX = {"A1": Decimal("0.19"), "A2": Decimal("0.07"), "A0": Decimal(0)}
NET_30: Mapping[str, Any] = {"net_days": 30}
TWO_PERCENT_IN_14: Mapping[str, Any] = {
    "cash_discount_days_1": 14,
    "cash_discount_percent_1": Decimal(2),
    "net_days": 30,
}


def day(text: str) -> date:
    return date.fromisoformat(text)


def at(on: date) -> datetime:
    return datetime.combine(on, time(12), UTC)


@dataclass(frozen=True)
class Line:
    """One line of an order: quantity, net price per piece, tax code."""

    quantity: Decimal
    price: Decimal
    tax_code: str = "A1"


def line(quantity: int | str, price: str, tax_code: str = "A1") -> Line:
    return Line(Decimal(quantity), Decimal(price), tax_code)


def tax_per_document(
    nets: Mapping[int, Decimal], codes: Mapping[int, str], currency: str
) -> dict[int, Decimal]:
    """Tax per item, forced to the rounded tax of each code; the odd cent goes to the largest."""
    taxes = {
        item: round_amount(net * TAX[codes[item]], currency) for item, net in sorted(nets.items())
    }
    for code in set(codes.values()):
        items = [item for item in sorted(nets) if codes[item] == code]
        if not items:
            continue
        whole = round_amount(sum((nets[i] for i in items), Decimal(0)) * TAX[code], currency)
        odd = whole - sum((taxes[i] for i in items), Decimal(0))
        taxes[max(items, key=lambda i: (nets[i], i))] += odd
    return taxes


class Books:
    """A shop and an ERP, both kept by the test."""

    def __init__(self, company_code: str = "1000", currency: str = "EUR") -> None:
        self.company_code, self.currency = company_code, currency
        self.account, self.channel = "140000", "shop"
        self.mirrored: dict[str, MirroredOrder] = {}
        self.lines: dict[str, tuple[Line, ...]] = {}
        self.sales: dict[str, PostedSalesDocument] = {}
        self.deliveries: list[Delivery] = []
        self.billing: dict[str, BillingDocument] = {}
        self.links: list[FlowLink] = []
        self.items: list[CustomerItem] = []
        self.ledger: list[tuple[str, date, Money]] = []
        self._lines: dict[str, int] = {}
        self._numbers = {"order": 0, "delivery": 80000000, "billing": 90000000, "fi": 1400000000}

    # -- outside ---------------------------------------------------------------------------------

    def sell(
        self,
        external_id: str,
        lines: Iterable[Line],
        on: str,
        *,
        grand_total: str | None = None,
        paid: Iterable[tuple[str, str, str]] = (),
    ) -> str:
        """Sell outside only; taxes are rounded line by line. *paid*: id, amount, day."""
        lines = tuple(lines)
        external = [self._external_line(n, entry) for n, entry in enumerate(lines, start=1)]
        total = sum((entry.price * entry.quantity for entry in lines), Decimal(0)) + sum(
            (tax.amount for entry in external for tax in entry.taxes), Decimal(0)
        )
        payments = tuple(
            ExternalPayment(
                payment_id=payment_id,
                gateway="card",
                amount=Decimal(amount),
                currency=self.currency,
                paid_at=at(day(paid_on)),
            )
            for payment_id, amount, paid_on in paid
        )
        order = ExternalOrder(
            channel=self.channel,
            external_id=external_id,
            ordered_at=at(day(on)),
            currency=self.currency,
            lines=tuple(external),
            payments=payments,
            totals=ExternalTotals(
                grand_total=Decimal(grand_total)
                if grand_total
                else round_amount(total, self.currency)
            ),
        )
        self.lines[external_id] = lines
        self.mirrored[external_id] = MirroredOrder(
            order=order,
            received_on=day(on),
            ordered_on=day(on),
            reference=external_id,
            payments=tuple(
                MirroredPayment(
                    payment_id=payment.payment_id,
                    gateway=payment.gateway,
                    amount=Money(amount=payment.amount, currency=payment.currency),
                    paid_on=payment.paid_at.date(),
                    reference=payment.payment_id,
                    company_code=self.company_code,
                    payer="0000001000",
                )
                for payment in payments
            ),
        )
        return external_id

    def _external_line(self, number: int, entry: Line) -> ExternalLine:
        rate = TAX[entry.tax_code]
        net = round_amount(entry.price * entry.quantity, self.currency)
        taxes = (
            (ExternalTax(rate=rate, amount=round_amount(net * rate, self.currency)),)
            if rate
            else ()
        )
        return ExternalLine(
            line_id=str(number),
            sku=f"SKU-{number}",
            quantity=entry.quantity,
            price=entry.price,
            taxes=taxes,
        )

    # -- ERP: sales and logistics ----------------------------------------------------------------

    def order(
        self,
        external_id: str,
        on: str,
        *,
        lines: Iterable[Line] | None = None,
        linked: bool = True,
        relevant_for_delivery: bool = True,
    ) -> str:
        """Create the sales order of an external order and link both."""
        entries = tuple(lines) if lines is not None else self.lines[external_id]
        number = pad_number(self._next("order"))
        numbered = {10 * n: entry for n, entry in enumerate(entries, start=1)}
        nets = {
            item: round_amount(entry.price * entry.quantity, self.currency)
            for item, entry in numbered.items()
        }
        taxes = tax_per_document(
            nets, {item: entry.tax_code for item, entry in numbered.items()}, self.currency
        )
        status = Status.NOT_YET if relevant_for_delivery else Status.NOT_RELEVANT
        items = tuple(
            PostedSalesDocumentItem(
                item_number=item,
                material=f"M-{item}",
                requested_quantity=Quantity(value=entry.quantity, unit="PC"),
                confirmed_quantity=Quantity(value=entry.quantity, unit="PC"),
                item_category="TAN",
                net_amount=self.money(nets[item]),
                tax_amount=self.money(taxes[item]),
                gross_amount=self.money(nets[item]),
                cost_amount=self.money(Decimal(0)),
                delivery_status=status,
                billing_status=Status.NOT_RELEVANT,
                overall_status=Status.NOT_YET,
            )
            for item, entry in numbered.items()
        )
        self.sales[number] = PostedSalesDocument(
            number=number,
            category=DocumentCategory.SALES_ORDER,
            sales_order_type="OR",
            sales_area=SalesArea(
                sales_organization="1000", distribution_channel="10", division="00"
            ),
            purchase_order_by_customer=external_id,
            document_date=day(on),
            requested_delivery_date=day(on),
            sold_to_party="0000001000",
            currency=self.currency,
            items=items,
            condition_values=tuple(
                ConditionValue(
                    condition_type="MWST",
                    item_number=item,
                    value=self.money(taxes[item]),
                    tax_code=entry.tax_code,
                )
                for item, entry in numbered.items()
            ),
            net_amount=self.money(sum(nets.values(), Decimal(0))),
            tax_amount=self.money(sum(taxes.values(), Decimal(0))),
            delivery_status=status,
            billing_status=Status.NOT_RELEVANT,
            overall_status=Status.NOT_YET,
        )
        mirrored = self.mirrored[external_id]
        if linked:
            sold = self.lines[external_id]
            self.mirrored[external_id] = replace(
                mirrored,
                sales_documents=(*mirrored.sales_documents, number),
                lines=tuple(
                    MirroredLine(str(n), 10 * n, Quantity(value=entry.quantity, unit="PC"))
                    for n, entry in enumerate(sold, start=1)
                ),
            )
        return number

    def deliver(
        self, order: str, on: str, quantities: Mapping[int, int | str] | None = None
    ) -> str:
        """Deliver and issue goods on the same day; all of the order unless told otherwise."""
        document = self.sales[order]
        number = pad_number(self._next("delivery"))
        wanted = quantities or {
            i.item_number: str(i.requested_quantity.value) for i in document.items
        }
        items = tuple(
            DeliveryItem(
                item_number=item,
                material=f"M-{item}",
                delivery_quantity=Quantity(value=Decimal(quantity), unit="PC"),
                picked_quantity=Quantity(value=Decimal(quantity), unit="PC"),
                preceding=self._reference(DocumentCategory.SALES_ORDER, order, item),
                picking_status=Status.COMPLETELY,
                goods_movement_status=Status.COMPLETELY,
                billing_status=Status.NOT_YET,
            )
            for item, quantity in wanted.items()
        )
        self.deliveries.append(
            Delivery(
                number=number,
                category=DocumentCategory.DELIVERY,
                ship_to_party="0000001000",
                shipping_point="1000",
                document_date=day(on),
                actual_goods_issue_date=day(on),
                items=items,
            )
        )
        for entry in items:
            self._link(
                entry.preceding,
                self._reference(DocumentCategory.DELIVERY, number, entry.item_number),
                entry.delivery_quantity,
                on,
            )
        return number

    def bill(
        self,
        order: str,
        on: str,
        quantities: Mapping[int, int | str] | None = None,
        *,
        payer: str = "0000001000",
        terms: Mapping[str, Any] = NET_30,
        posted: bool = True,
        category: DocumentCategory = DocumentCategory.INVOICE,
    ) -> str:
        """Bill an order at its prices, and post it in FI; all of it unless told otherwise."""
        document = self.sales[order]
        number = pad_number(self._next("billing"))
        wanted = quantities or {
            i.item_number: str(i.requested_quantity.value) for i in document.items
        }
        codes = {v.item_number: v.tax_code for v in document.condition_values}
        nets = {
            item: round_amount(
                document.item(item).net_amount.amount
                * Decimal(quantity)
                / document.item(item).requested_quantity.value,
                self.currency,
            )
            for item, quantity in wanted.items()
        }
        taxes = tax_per_document(nets, {item: codes[item] for item in wanted}, self.currency)
        items = tuple(
            BillingDocumentItem(
                item_number=item,
                material=f"M-{item}",
                billing_quantity=Quantity(value=Decimal(quantity), unit="PC"),
                net_amount=self.money(nets[item]),
                tax_amount=self.money(taxes[item]),
                preceding=self._reference(DocumentCategory.SALES_ORDER, order, item),
                sales_document=order,
                sales_document_item=item,
            )
            for item, quantity in wanted.items()
        )
        self.billing[number] = BillingDocument(
            number=number,
            category=category,
            billing_document_type="F2",
            billing_date=day(on),
            company_code=self.company_code,
            payer=payer,
            sold_to_party="0000001000",
            currency=self.currency,
            items=items,
            accounting_transfer_status=AccountingTransferStatus.POSTED
            if posted
            else AccountingTransferStatus.BLOCKED,
            accounting_document=number if posted else None,
        )
        for entry in items:
            self._link(
                entry.preceding,
                self._reference(category, number, entry.item_number),
                entry.billing_quantity,
                on,
            )
        if posted:
            self.post(
                number,
                "RV",
                on,
                self.billing[number].receivable_amount.amount,
                customer=payer,
                billing_document=number,
                **terms,
            )
        return number

    # -- ERP: FI ---------------------------------------------------------------------------------

    def post(
        self,
        document: str,
        document_type: str,
        on: str,
        amount: Decimal | str,
        *,
        currency: str = "",
        **fields: Any,
    ) -> CustomerItem:
        """Post one customer line, and the same amount on the reconciliation account."""
        number = pad_number(document)
        self._lines[number] = line_item = self._lines.get(number, 0) + 1
        values: dict[str, object] = {
            "key": AccountingDocumentKey(
                company_code=self.company_code,
                accounting_document=number,
                fiscal_year=day(on).year,
            ),
            "line_item": line_item,
            "document_type": document_type,
            "customer": "0000001000",
            "amount": Money(amount=Decimal(amount), currency=currency or self.currency),
            "posting_date": day(on),
            "document_date": day(on),
            "entry_date": day(on),
            "baseline_date": day(on),
            "reconciliation_account": self.account,
            **fields,
        }
        item = CustomerItem.model_validate(values)
        self.items.append(item)
        self.ledger.append((item.reconciliation_account, day(on), item.amount))
        return item

    def receive(
        self,
        reference: str,
        amount: Decimal | str,
        on: str,
        *,
        document: str = "",
        **fields: Any,
    ) -> str:
        """Post a receipt of *amount* (what it settles); returns its FI number."""
        number = pad_number(document or self._next("fi"))
        self.post(number, "DZ", on, -Decimal(amount), reference=reference, **fields)
        return number

    def clear(self, documents: Iterable[str], by: str, on: str) -> None:
        """Clear the open lines of FI documents by *by*."""
        numbers = {pad_number(document) for document in documents}
        self.items = [
            item.model_copy(update={"clearing_document": pad_number(by), "cleared_on": day(on)})
            if item.key.accounting_document in numbers and item.clearing_document is None
            else item
            for item in self.items
        ]

    def cancel(self, invoice: str, storno: str, on: str) -> None:
        """Let a cancellation cancel its invoice, in SD and in FI."""
        update = {"cancelled_document": invoice}
        self.billing[storno] = self.billing[storno].model_copy(update=update)
        self.billing[invoice] = self.billing[invoice].model_copy(update={"is_cancelled": True})
        self.clear([invoice, storno], storno, on)

    # -- faults ----------------------------------------------------------------------------------

    def lose_order(self) -> None:
        """The order was never sent: nothing of it is in the ERP, and nobody paid."""
        self._nobody_paid()
        self.sales.clear()
        self.deliveries.clear()
        self.links.clear()
        self._unbill()

    def lose_billing(self) -> None:
        """Delivered, and neither billed nor paid."""
        self._nobody_paid()
        self._unbill()

    def lose_posting(self) -> None:
        """Billed, and not in FI; nobody paid."""
        self._nobody_paid()
        self.items.clear()
        self.ledger.clear()
        (number,) = self.billing
        self.billing[number] = self.billing[number].model_copy(
            update={
                "accounting_document": None,
                "accounting_transfer_status": AccountingTransferStatus.ERROR,
            }
        )

    def change_posting(self, by: Decimal) -> None:
        """The customer line is off, in the subledger and in the ledger alike; nobody paid."""
        self._nobody_paid()
        item = self.items[0]
        self.items[0] = item.model_copy(update={"amount": item.amount + self.money(by)})
        self.ledger[0] = (*self.ledger[0][:2], self.items[0].amount)

    def lose_receipt(self) -> None:
        """The channel has the money, FI does not."""
        self.items = [self._opened(item) for item in self.items if item.document_type != "DZ"]
        del self.ledger[1:]

    def reprice(self, by: Decimal) -> None:
        """The ERP has another price than the shop, from the order to the payment."""
        (external,) = self.mirrored
        (sold,) = self.lines[external]
        self.sales.clear()
        self.deliveries.clear()
        self.links.clear()
        self._unbill()
        self.mirrored[external] = replace(self.mirrored[external], sales_documents=(), payments=())
        dearer = replace(sold, price=sold.price + by)
        order = self.order(external, "2026-01-05", lines=[dearer])
        self.deliver(order, "2026-01-06")
        self.bill(order, "2026-01-07")

    def _nobody_paid(self) -> None:
        self.lose_receipt()
        for name, mirrored in self.mirrored.items():
            self.mirrored[name] = replace(mirrored, payments=())

    def _unbill(self) -> None:
        numbers = set(self.billing)
        self.billing.clear()
        self.items.clear()
        self.ledger.clear()
        self.links = [link for link in self.links if link.subsequent.document not in numbers]

    def _opened(self, item: CustomerItem) -> CustomerItem:
        return item.model_copy(update={"clearing_document": None, "cleared_on": None})

    def gross(self, entry: Line) -> Decimal:
        """What one line costs the customer."""
        net = round_amount(entry.price * entry.quantity, self.currency)
        return net + round_amount(net * TAX[entry.tax_code], self.currency)

    # -- the run ---------------------------------------------------------------------------------

    def balances(self, key_date: date) -> tuple[AccountBalance, ...]:
        sums: dict[tuple[str, str], Decimal] = {}
        for account, posted_on, amount in self.ledger:
            if posted_on <= key_date:
                key = account, amount.currency
                sums[key] = sums.get(key, Decimal(0)) + amount.amount
        return tuple(
            AccountBalance(
                company_code=self.company_code,
                account=account,
                currency=currency,
                key_date=key_date,
                balance=Money(amount=amount, currency=currency),
            )
            for (account, currency), amount in sums.items()
        )

    def extract(self, key_date: date) -> ErpExtract:
        return ErpExtract(
            sales_documents=tuple(self.sales.values()),
            deliveries=tuple(self.deliveries),
            billing_documents=tuple(self.billing.values()),
            links=tuple(self.links),
            items=tuple(self.items),
            open_items=tuple(item for item in self.items if item.is_open_on(key_date)),
            balances=self.balances(key_date),
        )

    def reconcile(
        self, key_date: str, rules: ReconciliationRules | None = None
    ) -> ReconciliationRun:
        return run_reconciliation(
            self.assignment(key_date, rules),
            self.mirrored.values(),
            self.extract(day(key_date)),
            now=at(day(key_date)) + timedelta(days=1),
        )

    def assignment(self, key_date: str, rules: ReconciliationRules | None = None) -> Assignment:
        return Assignment(
            key_date=day(key_date),
            company_codes=(self.company_code,),
            time_zone="Europe/Berlin",
            rules=rules or ReconciliationRules(),
        )

    def money(self, amount: Decimal) -> Money:
        return Money(amount=amount, currency=self.currency)

    @property
    def smallest(self) -> Decimal:
        return quantum(self.currency)

    def _next(self, kind: str) -> str:
        self._numbers[kind] += 1
        return str(self._numbers[kind])

    def _reference(self, category: DocumentCategory, number: str, item: int) -> ItemReference:
        return ItemReference(category=category, document=number, item_number=item)

    def _link(
        self, preceding: ItemReference, subsequent: ItemReference, quantity: Quantity, on: str
    ) -> None:
        self.links.append(
            FlowLink(
                preceding=preceding, subsequent=subsequent, quantity=quantity, created_on=day(on)
            )
        )
