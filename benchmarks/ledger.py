"""
A company's year, made up: sales that were billed, most of them paid; of any size, always the same.

Everything about a sale follows from its number, so that the connector's records, the tables of the
bare join and the store are the same company, and none of them has to be kept to make the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from typing import Final

from connector.mappings.external_order import (
    ExternalLine,
    ExternalOrder,
    ExternalPayment,
    ExternalTax,
    ExternalTotals,
)
from connector.ports.erp import ChainSnapshot
from connector.sd_documents.billing_document import BillingDocument, BillingDocumentItem
from connector.sd_documents.document_flow import FlowLink
from connector.sd_documents.payment import AccountBalance, AccountingDocumentKey, CustomerItem
from connector.sd_documents.sales_document import (
    PostedSalesDocument,
    PostedSalesDocumentItem,
    SalesArea,
)
from connector.sd_documents.status import AccountingTransferStatus, Status
from connector.sd_documents.values import DocumentCategory, ItemReference, Money, Quantity

COMPANY_CODE: Final = "1000"
ACCOUNT: Final = "140000"
CURRENCY: Final = "EUR"
CHANNEL: Final = "portal"
ZONE: Final = "Europe/Berlin"
KEY_DATE: Final = date(2026, 3, 31)
TAX_RATE: Final = Decimal("0.19")
#: Days for which invoices are open at most: none of them is overdue.
_OPEN_DAYS: Final = 20
_YEAR_DAYS: Final = 330
_CUSTOMERS: Final = 5_000


def _scattered(number: int) -> int:
    """Return a large number that looks like chance and always is the same (SplitMix64)."""
    mixed = (number * 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
    return mixed ^ (mixed >> 31)


@cache
def money(cents: int) -> Money:
    """Return an amount; equal ones are one object."""
    return Money(amount=Decimal(cents).scaleb(-2), currency=CURRENCY)


@dataclass(frozen=True, slots=True)
class Sale:
    """One order of one line, billed on the day it came; amounts are in cents."""

    number: int
    net: int
    day: date
    paid_on: date | None

    @property
    def tax(self) -> int:
        return self.net * 19 // 100

    @property
    def gross(self) -> int:
        return self.net + self.tax

    @property
    def customer(self) -> str:
        return f"{1_000_000 + self.number % _CUSTOMERS:010d}"

    @property
    def sales_order(self) -> str:
        return f"{self.number:010d}"

    @property
    def billing_document(self) -> str:
        return f"{9_000_000_000 + self.number:010d}"

    @property
    def invoice(self) -> str:
        """The FI document of the billing document."""
        return f"{1_800_000_000 + self.number:010d}"

    @property
    def receipt(self) -> str:
        """The FI document of the payment."""
        return f"{1_400_000_000 + self.number:010d}"

    @property
    def reference(self) -> str:
        """The customer purchase order number."""
        return f"P-{self.number}"

    @property
    def payment_reference(self) -> str:
        return f"Z{self.number}"

    @property
    def payment_id(self) -> str:
        return f"pay-{self.number}"


@dataclass(frozen=True, slots=True)
class Ledger:
    """
    The sales of a company with *items* customer lines in FI, *open_items* of them open.

    A paid sale has two lines, an unpaid one a single line. The first *paid_since* of the unpaid
    ones are paid on the day after, which is the key date then.
    """

    items: int
    open_items: int
    paid_since: int = 0

    @property
    def key_date(self) -> date:
        """The day that is reconciled."""
        return KEY_DATE + timedelta(days=1) if self.paid_since else KEY_DATE

    @property
    def paid(self) -> int:
        """How many sales were paid long ago."""
        return (self.items - self.open_items) // 2

    @property
    def sales(self) -> int:
        """How many sales there are; they count from 1."""
        return self.paid + self.open_items

    def sale(self, number: int) -> Sale:
        """Return one sale; the unpaid ones are the last."""
        chance = _scattered(number)
        net = (10 + chance % 900) * 100
        if number <= self.paid:
            day = KEY_DATE - timedelta(days=_OPEN_DAYS + 12 + chance % _YEAR_DAYS)
            return Sale(number, net, day, day + timedelta(days=chance % 11))
        day = KEY_DATE - timedelta(days=chance % _OPEN_DAYS)
        is_paid = number <= self.paid + self.paid_since
        return Sale(number, net, day, self.key_date if is_paid else None)

    def all(self) -> Iterator[Sale]:
        """Yield all sales by number."""
        return map(self.sale, range(1, self.sales + 1))

    def unpaid(self) -> Iterator[Sale]:
        """Yield the sales that are open."""
        return map(self.sale, range(self.paid + self.paid_since + 1, self.sales + 1))

    def balance(self) -> AccountBalance:
        """Return the G/L balance of the receivables."""
        total = sum(sale.gross for sale in self.unpaid())
        return AccountBalance(
            company_code=COMPANY_CODE,
            account=ACCOUNT,
            currency=CURRENCY,
            key_date=self.key_date,
            balance=Money(amount=Decimal(total).scaleb(-2), currency=CURRENCY),
            local_balance=Money(amount=Decimal(total).scaleb(-2), currency=CURRENCY),
        )


def external_order(sale: Sale) -> ExternalOrder:
    """Return the order as the shop has it."""
    moment = datetime.combine(sale.day, time(9), UTC)
    paid: tuple[ExternalPayment, ...] = ()
    if sale.paid_on is not None:
        paid = (
            ExternalPayment(
                payment_id=sale.payment_id,
                gateway="transfer",
                amount=money(sale.gross).amount,
                currency=CURRENCY,
                paid_at=datetime.combine(sale.paid_on, time(9), UTC),
            ),
        )
    tax = ExternalTax(rate=TAX_RATE, amount=money(sale.tax).amount)
    return ExternalOrder(
        channel=CHANNEL,
        external_id=f"EXT-{sale.number}",
        order_name=f"#{sale.number}",
        ordered_at=moment,
        currency=CURRENCY,
        lines=(
            ExternalLine(
                line_id="10",
                sku="M-01",
                quantity=Decimal(1),
                unit="PC",
                price=money(sale.net).amount,
                taxes=(tax,),
            ),
        ),
        totals=ExternalTotals(tax=money(sale.tax).amount, grand_total=money(sale.gross).amount),
        payments=paid,
    )


_AREA: Final = SalesArea(sales_organization="1000", distribution_channel="10", division="00")
_ONE: Final = Quantity(value=Decimal(1), unit="PC")
_NONE: Final = Money(amount=Decimal("0.00"), currency=CURRENCY)


def sales_order(sale: Sale) -> PostedSalesDocument:
    """Return the sales order, of a service, which is billed by the order."""
    return PostedSalesDocument(
        number=sale.sales_order,
        category=DocumentCategory.SALES_ORDER,
        sales_order_type="TA",
        sales_area=_AREA,
        purchase_order_by_customer=sale.reference,
        document_date=sale.day,
        requested_delivery_date=sale.day,
        sold_to_party=sale.customer,
        currency=CURRENCY,
        items=(
            PostedSalesDocumentItem(
                item_number=10,
                material="M-01",
                requested_quantity=_ONE,
                confirmed_quantity=_ONE,
                item_category="TAD",
                net_amount=money(sale.net),
                tax_amount=money(sale.tax),
                gross_amount=money(sale.gross),
                cost_amount=_NONE,
                delivery_status=Status.NOT_RELEVANT,
                billing_status=Status.COMPLETELY,
                overall_status=Status.COMPLETELY,
            ),
        ),
        net_amount=money(sale.net),
        tax_amount=money(sale.tax),
        delivery_status=Status.NOT_RELEVANT,
        billing_status=Status.COMPLETELY,
        overall_status=Status.COMPLETELY,
    )


def _order_item(sale: Sale) -> ItemReference:
    return ItemReference(
        category=DocumentCategory.SALES_ORDER, document=sale.sales_order, item_number=10
    )


def billing_document(sale: Sale) -> BillingDocument:
    """Return the invoice."""
    return BillingDocument(
        number=sale.billing_document,
        category=DocumentCategory.INVOICE,
        billing_document_type="F2",
        billing_date=sale.day,
        company_code=COMPANY_CODE,
        payer=sale.customer,
        sold_to_party=sale.customer,
        currency=CURRENCY,
        items=(
            BillingDocumentItem(
                item_number=10,
                material="M-01",
                billing_quantity=_ONE,
                net_amount=money(sale.net),
                tax_amount=money(sale.tax),
                preceding=_order_item(sale),
                sales_document=sale.sales_order,
                sales_document_item=10,
            ),
        ),
        accounting_transfer_status=AccountingTransferStatus.POSTED,
        accounting_document=sale.invoice,
    )


def flow_link(sale: Sale) -> FlowLink:
    """Return the row of the document flow between order and invoice."""
    return FlowLink(
        preceding=_order_item(sale),
        subsequent=ItemReference(
            category=DocumentCategory.INVOICE, document=sale.billing_document, item_number=10
        ),
        quantity=_ONE,
        net_amount=money(sale.net),
        created_on=sale.day,
    )


def customer_items(sale: Sale) -> tuple[CustomerItem, ...]:
    """Return the lines of the customer account: the invoice and, where it is paid, the receipt."""
    invoice = CustomerItem(
        key=_key(sale.invoice, sale.day),
        line_item=1,
        document_type="RV",
        customer=sale.customer,
        amount=money(sale.gross),
        local_amount=money(sale.gross),
        posting_date=sale.day,
        document_date=sale.day,
        entry_date=sale.day,
        baseline_date=sale.day,
        net_days=30,
        reference=sale.billing_document,
        assignment=sale.sales_order,
        billing_document=sale.billing_document,
        clearing_document=sale.receipt if sale.paid_on else None,
        cleared_on=sale.paid_on,
        reconciliation_account=ACCOUNT,
    )
    if sale.paid_on is None:
        return (invoice,)
    receipt = CustomerItem(
        key=_key(sale.receipt, sale.paid_on),
        line_item=1,
        document_type="DZ",
        customer=sale.customer,
        amount=money(-sale.gross),
        local_amount=money(-sale.gross),
        posting_date=sale.paid_on,
        document_date=sale.paid_on,
        entry_date=sale.paid_on,
        baseline_date=sale.paid_on,
        reference=sale.payment_reference,
        clearing_document=sale.receipt,
        cleared_on=sale.paid_on,
        reconciliation_account=ACCOUNT,
    )
    return invoice, receipt


def _key(document: str, day: date) -> AccountingDocumentKey:
    return AccountingDocumentKey(
        company_code=COMPANY_CODE, accounting_document=document, fiscal_year=day.year
    )


def snapshot(sales: list[Sale]) -> ChainSnapshot:
    """Return the chains of *sales*, as the ERP answers them."""
    return ChainSnapshot(
        sales_documents=tuple(map(sales_order, sales)),
        deliveries=(),
        billing_documents=tuple(map(billing_document, sales)),
        items=tuple(item for sale in sales for item in customer_items(sale)),
        links=tuple(map(flow_link, sales)),
    )
