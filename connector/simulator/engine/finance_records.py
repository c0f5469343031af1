"""Billing documents and accounting documents as the simulated ERP keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from connector.simulator.engine.sales_records import Condition
from connector.simulator.engine.specs import Partner

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class BillingItem:
    """
    One billed item; `quantity` in `sales_unit`, amounts in the document's currency.

    `reference_*` is what was billed (a delivery's or an order's item, for a cancellation the
    item of the original), `sales_*` the sales document behind it.
    """

    item_number: int
    material: str
    description: str
    quantity: Decimal
    sales_unit: str
    gross_value: Decimal
    net_value: Decimal
    tax_amount: Decimal
    cost: Decimal
    tax_code: str
    item_category: str
    reference_document: str
    reference_item: int
    reference_category: str
    sales_document: str
    sales_item: int
    plant: str = ""
    material_group: str = ""
    conditions: tuple[Condition, ...] = ()
    billing_plan: str = ""
    billing_plan_date: int = 0


@dataclass(frozen=True, slots=True)
class BillingDocument:
    """
    Invoice (category M), its cancellation (N), credit memo (O) and its cancellation (S), debit
    memo (P).

    `transfer_status` is RFBSK: C posted, A blocked, B account determination, D not relevant,
    empty an error in the accounting interface. `combination_criteria` is ZUKRI, what copy control
    splits by beside the header's fields. `cancelled` is set on a cancelled document,
    `cancelled_document` on the one that cancels. `split_reason` names the fields by which this
    document was parted from others of the same run, empty when there was no split.
    """

    number: str
    category: str
    billing_type: str
    sales_organization: str
    distribution_channel: str
    division: str
    company_code: str
    sold_to: str
    payer: str
    bill_to: str
    billing_date: date
    currency: str
    terms_of_payment: str
    items: tuple[BillingItem, ...]
    partners: tuple[Partner, ...]
    created_at: datetime
    changed_at: datetime
    created_by: str
    net_value: Decimal = ZERO
    tax_amount: Decimal = ZERO
    incoterms: str = ""
    incoterms_location: str = ""
    purchase_order_by_customer: str = ""
    assignment: str = ""
    reference: str = ""
    accounting_document: str = ""
    transfer_status: str = ""
    cancelled: bool = False
    cancelled_document: str = ""
    split_reason: str = ""
    combination_criteria: str = ""

    def item(self, item_number: int) -> BillingItem | None:
        """Return the item, or None."""
        for item in self.items:
            if item.item_number == item_number:
                return item
        return None


@dataclass(frozen=True, slots=True)
class AccountingLine:
    """
    One line item. `amount` is positive, `debit` says the side; `local_amount` is in the company's
    currency. `account_type` is D (customer) or S (G/L); for a customer line `account` is the
    reconciliation account.

    `baseline_date` with the days and percentages gives the due dates (`due_dates.py`).
    `clearing_document` is empty while the item is open, `clearing_year` then 0; lines of accounts
    without open items never have one.
    """

    line_item: int
    account_type: str
    account: str
    debit: bool
    amount: Decimal
    local_amount: Decimal
    posting_key: str = ""
    customer: str = ""
    tax_code: str = ""
    tax_base: Decimal = ZERO
    account_key: str = ""
    assignment: str = ""
    text: str = ""
    terms_of_payment: str = ""
    baseline_date: date | None = None
    discount_days_1: int = 0
    discount_percent_1: Decimal = ZERO
    discount_days_2: int = 0
    discount_percent_2: Decimal = ZERO
    net_days: int = 0
    discount_base: Decimal = ZERO
    invoice_reference: str = ""
    invoice_reference_year: int = 0
    invoice_reference_line: int = 0
    reference_key_3: str = ""
    special_gl: str = ""
    billing_document: str = ""
    payment_block: str = ""
    dunning_block: str = ""
    dunning_level: int = 0
    last_dunned: date | None = None
    value_date: date | None = None
    cost_center: str = ""
    profit_center: str = ""
    clearing_document: str = ""
    clearing_date: date | None = None
    clearing_year: int = 0

    @property
    def signed_amount(self) -> Decimal:
        """Amount in document currency, debit positive."""
        return self.amount if self.debit else -self.amount

    @property
    def signed_local_amount(self) -> Decimal:
        """Amount in company currency, debit positive."""
        return self.local_amount if self.debit else -self.local_amount


@dataclass(frozen=True, slots=True)
class AccountingDocument:
    """
    An accounting document; debit equals credit in both currencies.

    `object_type` and `object_key` name what it was made from: VBRK a billing document, MKPF a
    material document with its year, BKPFF a direct posting.
    """

    company_code: str
    number: str
    fiscal_year: int
    document_type: str
    document_date: date
    posting_date: date
    entered_at: datetime
    entered_by: str
    currency: str
    local_currency: str
    lines: tuple[AccountingLine, ...]
    reference: str = ""
    header_text: str = ""
    object_type: str = ""
    object_key: str = ""
    reversal_of: str = ""

    @property
    def key(self) -> tuple[str, str, int]:
        """Company code, number, fiscal year."""
        return (self.company_code, self.number, self.fiscal_year)

    def line(self, line_item: int) -> AccountingLine | None:
        """Return the line, or None."""
        for line in self.lines:
            if line.line_item == line_item:
                return line
        return None


@dataclass(frozen=True, slots=True)
class CustomerItem:
    """
    A customer line with its document's header, as open item lists show it.

    `amount` and `local_amount` are signed, debit positive. `net_due_date` is computed.
    """

    company_code: str
    customer: str
    accounting_document: str
    fiscal_year: int
    line_item: int
    document_type: str
    document_date: date
    posting_date: date
    amount: Decimal
    currency: str
    local_amount: Decimal
    local_currency: str
    reference: str
    net_due_date: date
    line: AccountingLine


@dataclass(frozen=True, slots=True)
class LedgerItem:
    """A line on a G/L account (reconciliation accounts included); amounts signed, debit plus."""

    company_code: str
    account: str
    accounting_document: str
    fiscal_year: int
    line_item: int
    document_type: str
    posting_date: date
    amount: Decimal
    currency: str
    local_amount: Decimal
    local_currency: str
    reference: str
    line: AccountingLine
