"""
What a caller hands to a session: requests, before the ERP has looked at them.

Empty text, `None` or zero means "not given": the ERP then takes its own default (from master data,
the reference document or the simulated clock).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from connector.simulator.engine.billing_plan_specs import (
    BillingPlanDateChange,
    BillingPlanDateSpec,
)

ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Address:
    """A manual address of a partner, as for one-time customers."""

    name: str = ""
    name_2: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    region: str = ""
    country: str = ""
    language: str = ""
    telephone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Partner:
    """
    A partner of a document. `function` is AG, WE, RE or RG, or its English display SP, SH, BP, PY.

    `item_number` 0 is the header.
    """

    function: str
    customer: str
    item_number: int = 0
    address: Address | None = None


@dataclass(frozen=True, slots=True)
class ManualCondition:
    """
    A condition entered by hand. `item_number` 0 is the header.

    `rate` is an amount in `currency` (for `per` `unit`, where the type counts by quantity), or a
    percentage for a percentage type: 5 means 5 %. Discounts may come with either sign.
    """

    condition_type: str
    rate: Decimal
    item_number: int = 0
    currency: str = ""
    per: Decimal = ONE
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """A text of the header (`item_number` 0) or of an item."""

    text_id: str
    lines: tuple[str, ...]
    item_number: int = 0
    language: str = "EN"


@dataclass(frozen=True, slots=True)
class ScheduleLineSpec:
    """A requested schedule line; `quantity` in the item's sales unit."""

    item_number: int
    quantity: Decimal
    requested_date: date | None = None
    material_availability_date: date | None = None
    goods_issue_date: date | None = None


@dataclass(slots=True)
class SalesItemSpec:
    """
    An item to create. `item_number` 0 takes the next step of ten.

    Without `billing_plan` the item category's own plan is proposed where it has one.
    """

    item_number: int = 0
    material: str = ""
    customer_material: str = ""
    quantity: Decimal | None = None
    sales_unit: str = ""
    item_category: str = ""
    plant: str = ""
    shipping_point: str = ""
    short_text: str = ""
    higher_level_item: int = 0
    requested_delivery_date: date | None = None
    reference_document: str = ""
    reference_item: int = 0
    reference_category: str = ""
    rejection_reason: str = ""
    billing_block: str = ""
    terms_of_payment: str = ""
    incoterms: str = ""
    incoterms_location: str = ""
    purchase_order_item: str = ""
    billing_plan: tuple[BillingPlanDateSpec, ...] = ()


@dataclass(slots=True)
class SalesDocumentSpec:
    """
    A sales document to create or to simulate.

    `document_type` is the internal key (TA) or its external form (OR). `behave_when_error` empty:
    any error refuses the whole; P: faulty items are left out and the rest is saved; R: as P, but
    nothing is saved.
    """

    document_type: str
    sales_organization: str
    distribution_channel: str
    division: str
    partners: list[Partner] = field(default_factory=list)
    items: list[SalesItemSpec] = field(default_factory=list)
    schedule_lines: list[ScheduleLineSpec] = field(default_factory=list)
    conditions: list[ManualCondition] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    purchase_order_by_customer: str = ""
    purchase_order_date: date | None = None
    purchase_order_type: str = ""
    document_date: date | None = None
    requested_delivery_date: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    pricing_date: date | None = None
    billing_date: date | None = None
    currency: str = ""
    terms_of_payment: str = ""
    incoterms: str = ""
    incoterms_location: str = ""
    delivery_block: str = ""
    billing_block: str = ""
    order_reason: str = ""
    shipping_conditions: str = ""
    complete_delivery: bool | None = None
    reference_document: str = ""
    reference_category: str = ""
    assignment: str = ""
    reference: str = ""
    name: str = ""
    behave_when_error: str = ""


@dataclass(slots=True)
class SalesItemChange:
    """
    A change to one item; `None` leaves a field as it is.

    `action` U changes, I adds `new`, D deletes (only while nothing follows the item).
    `schedule_lines` replace all of the item's and give its quantity; a `quantity` alone is one line
    on the item's date.
    """

    item_number: int
    action: str = "U"
    quantity: Decimal | None = None
    schedule_lines: list[ScheduleLineSpec] | None = None
    rejection_reason: str | None = None
    billing_block: str | None = None
    plant: str | None = None
    short_text: str | None = None
    requested_delivery_date: date | None = None
    terms_of_payment: str | None = None
    billing_plan: list[BillingPlanDateChange] = field(default_factory=list)
    new: SalesItemSpec | None = None


@dataclass(slots=True)
class SalesDocumentChange:
    """
    A change to a sales document; `None` leaves a field as it is.

    `conditions` given here replace the manual ones of the same type at the same place. Everything
    is priced again. `partners` replace those of the same function and item, or add them;
    `removed_partners` are (function, item), header partners cannot be removed. `removed_conditions`
    are (type, item), `removed_texts` (id, item, language). `version` is the `version` of the
    document as read, `None` for no check.
    """

    delivery_block: str | None = None
    billing_block: str | None = None
    purchase_order_by_customer: str | None = None
    purchase_order_date: date | None = None
    requested_delivery_date: date | None = None
    terms_of_payment: str | None = None
    incoterms: str | None = None
    incoterms_location: str | None = None
    order_reason: str | None = None
    assignment: str | None = None
    reference: str | None = None
    name: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    purchase_order_type: str | None = None
    document_date: date | None = None
    pricing_date: date | None = None
    billing_date: date | None = None
    shipping_conditions: str | None = None
    complete_delivery: bool | None = None
    currency: str | None = None
    items: list[SalesItemChange] = field(default_factory=list)
    conditions: list[ManualCondition] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    partners: list[Partner] = field(default_factory=list)
    removed_partners: list[tuple[str, int]] = field(default_factory=list)
    removed_conditions: list[tuple[str, int]] = field(default_factory=list)
    removed_texts: list[tuple[str, int, str]] = field(default_factory=list)
    version: int | None = None


@dataclass(slots=True)
class DeliveryRef:
    """An order item to deliver; `item_number` 0 is the whole order, `quantity` None what is due."""

    sales_document: str
    item_number: int = 0
    quantity: Decimal | None = None
    unit: str = ""


@dataclass(slots=True)
class DeliveryHeaderChange:
    """A change to a delivery's header; `None` leaves a field as it is."""

    bill_of_lading: str | None = None
    delivery_block: str | None = None
    delivery_date: date | None = None
    planned_goods_issue_date: date | None = None
    entered_goods_issue_date: date | None = None


@dataclass(slots=True)
class BillingRef:
    """
    A delivery or order to bill; `item_number` 0 is the whole, `quantity` None what is open.

    `billing_plan_date` bills that date of the item's plan alone, due or not.
    """

    document: str
    item_number: int = 0
    quantity: Decimal | None = None
    billing_plan_date: int = 0


@dataclass(frozen=True, slots=True)
class TermsSpec:
    """Terms of payment given by their days and percentages, in place of a key."""

    net_days: int
    discount_days_1: int = 0
    discount_percent_1: Decimal = Decimal(0)
    discount_days_2: int = 0
    discount_percent_2: Decimal = Decimal(0)


@dataclass(slots=True)
class AccountingLineSpec:
    """
    One line of an accounting document to post.

    Exactly one of `customer` and `account` is given. `amount` is signed: debit positive, credit
    negative, in the document's currency. `local_amount`, signed alike, is what the line is in the
    company's currency; None converts. `tax_code` with `tax_base` marks a tax line. `own_terms`
    stand in place of `terms_of_payment` and of the customer's.
    """

    amount: Decimal
    customer: str = ""
    account: str = ""
    tax_code: str = ""
    tax_base: Decimal | None = None
    text: str = ""
    assignment: str = ""
    terms_of_payment: str = ""
    own_terms: TermsSpec | None = None
    baseline_date: date | None = None
    invoice_reference: str = ""
    invoice_reference_year: int = 0
    invoice_reference_line: int = 0
    reference_key_3: str = ""
    special_gl: str = ""
    payment_block: str = ""
    dunning_block: str = ""
    value_date: date | None = None
    cost_center: str = ""
    profit_center: str = ""
    local_amount: Decimal | None = None


@dataclass(slots=True)
class AccountingDocumentSpec:
    """
    A document to post directly into accounting. Lines are numbered in the order given.

    `exchange_rate` is how much of the company's currency one of `currency` is; None takes the
    table's rate of the posting date. The same holds for payments and clearings.
    """

    company_code: str
    document_type: str
    currency: str
    lines: list[AccountingLineSpec] = field(default_factory=list)
    document_date: date | None = None
    posting_date: date | None = None
    reference: str = ""
    header_text: str = ""
    exchange_rate: Decimal | None = None


@dataclass(slots=True)
class OpenItemRef:
    """
    An open customer item to pay or to clear. `line_item` 0 is the document's only open line.

    `cash_discount` None takes what the terms allow on the payment's day, 0 takes none.
    """

    accounting_document: str
    fiscal_year: int = 0
    line_item: int = 0
    cash_discount: Decimal | None = Decimal(0)


@dataclass(slots=True)
class PaymentSpec:
    """
    An incoming payment, as transaction F-28 would post it.

    `amount` is what the bank received. `difference` says what happens when it is not what the
    items and their discounts come to: `refuse`, `residual` (a new open item for the rest), `on
    account` (the surplus stays as an open credit). With `partial` nothing is cleared: the first
    item only becomes the reference of an open credit. Without `items` the payment is on account.
    """

    company_code: str
    customer: str
    amount: Decimal
    currency: str
    items: list[OpenItemRef] = field(default_factory=list)
    partial: bool = False
    difference: str = "refuse"
    bank_account: str = ""
    bank_charges: Decimal = Decimal(0)
    document_type: str = "DZ"
    document_date: date | None = None
    posting_date: date | None = None
    value_date: date | None = None
    reference: str = ""
    assignment: str = ""
    text: str = ""
    special_gl: str = ""
    exchange_rate: Decimal | None = None


@dataclass(slots=True)
class ClearingSpec:
    """
    Items of one customer to clear against each other, as transaction F-32 would.

    They must come to zero, or `residual` must be set: the rest becomes one new open item.
    """

    company_code: str
    customer: str
    items: list[OpenItemRef]
    posting_date: date | None = None
    residual: bool = False
    reference: str = ""
    text: str = ""
    exchange_rate: Decimal | None = None
