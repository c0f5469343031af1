"""
Customizing: document types, item categories, copy control, pricing, accounts, number ranges.

As in `master_records.py`, each class is one table.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class PartnerFunction:
    """Internal key (AG) and its English display (SP)."""

    KEY: ClassVar = ("function",)
    function: str
    external: str
    text: str


@dataclass(frozen=True, slots=True)
class OrderType:
    """
    A sales document type: internal key (TA), English display (OR), category (C).

    `credit_check`, `requirements` and `free_goods` say whether the type takes part in them.
    """

    KEY: ClassVar = ("document_type",)
    document_type: str
    external: str
    category: str
    text: str
    number_range: str
    document_procedure: str = "A"
    delivery_type: str = ""
    delivery_billing_type: str = ""
    order_billing_type: str = ""
    delivery_block: str = ""
    billing_block: str = ""
    reference_required: bool = False
    credit_check: bool = False
    requirements: bool = False
    purchase_order_check: bool = False
    free_goods: bool = False


@dataclass(frozen=True, slots=True)
class ItemCategory:
    """
    An item category. `billing_relevance` is FKREL: A by delivery, B by order, I by billing plan
    (proposed by `billing_plan_type`), empty not at all. A `third_party` item is bought from a
    vendor, who delivers it: relevance B bills what is ordered, F what the vendor has invoiced, G
    what the vendor has delivered.

    `completion` is B (when the full quantity is referenced), A (with the first reference) or
    empty (references do not complete it).
    """

    KEY: ClassVar = ("item_category",)
    item_category: str
    text: str
    billing_relevance: str = ""
    priced: bool = True
    delivery_relevant: bool = False
    returns: bool = False
    completion: str = ""
    billing_plan_type: str = ""
    third_party: bool = False


@dataclass(frozen=True, slots=True)
class BillingPlanProposal:
    """
    A date that a plan type proposes: `days` after the document's date, `percent` of the value.

    With `billing_block` it waits until somebody lifts the block in the order.
    """

    KEY: ClassVar = ("plan_type", "number")
    plan_type: str
    number: int
    days: int
    percent: Decimal
    billing_block: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class ItemCategoryDetermination:
    """
    The item category by document type, item category group and that of the higher-level item.

    `alternatives` may be entered instead.
    """

    KEY: ClassVar = ("document_type", "item_category_group", "higher_level_category")
    document_type: str
    item_category_group: str
    item_category: str
    higher_level_category: str = ""
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeliveryType:
    """A delivery type. An empty movement type takes the setting for returns."""

    KEY: ClassVar = ("delivery_type",)
    delivery_type: str
    category: str
    text: str
    number_range: str
    movement_type: str = ""


@dataclass(frozen=True, slots=True)
class BillingType:
    """A billing type; `sign` -1 credits the customer. `posting_block` holds it from accounting."""

    KEY: ClassVar = ("billing_type",)
    billing_type: str
    category: str
    text: str
    number_range: str
    accounting_document_type: str
    cancellation_type: str = ""
    sign: int = 1
    posting_block: bool = False


@dataclass(frozen=True, slots=True)
class CopyControl:
    """
    What may follow what: *target* `sales`, `delivery` or `billing`, from type to type.

    `routine` `single` makes one billing document per source document, `combine` as few as the
    header allows. `pricing` `keep` copies prices, `new` determines them again.
    """

    KEY: ClassVar = ("target", "source_type", "target_type")
    target: str
    source_type: str
    target_type: str
    routine: str = "combine"
    pricing: str = "keep"


@dataclass(frozen=True, slots=True)
class ConditionType:
    """
    A condition type.

    `kind`: price, discount, freight, tax, cost. `calculation`: quantity (an amount per unit),
    percent, amount (fixed). `base` of a percentage: gross (the price) or net (so far). `negative`
    turns the sign of what is entered positively. `records`: looked up in condition records when
    it is not entered by hand.
    """

    KEY: ClassVar = ("condition_type",)
    condition_type: str
    text: str
    kind: str
    calculation: str
    account_key: str = ""
    base: str = "gross"
    negative: bool = False
    records: bool = False
    mandatory: bool = False


@dataclass(frozen=True, slots=True)
class PricingProcedure:
    """Condition types in their order; with `tax_included` prices and discounts contain the tax."""

    KEY: ClassVar = ("procedure",)
    procedure: str
    text: str
    condition_types: tuple[str, ...]
    tax_included: bool = False


@dataclass(frozen=True, slots=True)
class PricingProcedureDetermination:
    """The procedure by sales area, document and customer; empty columns match any."""

    KEY: ClassVar = (
        "sales_organization",
        "distribution_channel",
        "division",
        "document_procedure",
        "customer_procedure",
    )
    procedure: str
    sales_organization: str = ""
    distribution_channel: str = ""
    division: str = ""
    document_procedure: str = ""
    customer_procedure: str = ""


@dataclass(frozen=True, slots=True)
class TermsOfPayment:
    """Days and percentages from the baseline date; `net_days` without discount."""

    KEY: ClassVar = ("terms_of_payment",)
    terms_of_payment: str
    text: str
    net_days: int = 0
    discount_days_1: int = 0
    discount_percent_1: Decimal = ZERO
    discount_days_2: int = 0
    discount_percent_2: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class GlAccount:
    """A G/L account; `reconciliation` D is posted to through customers only."""

    KEY: ClassVar = ("chart_of_accounts", "account")
    chart_of_accounts: str
    account: str
    text: str
    reconciliation: str = ""


@dataclass(frozen=True, slots=True)
class RevenueAccount:
    """Account of an account key (ERL, ERS, ERF); empty columns match any."""

    KEY: ClassVar = (
        "chart_of_accounts",
        "account_key",
        "sales_organization",
        "customer_group",
        "material_group",
    )
    chart_of_accounts: str
    account_key: str
    account: str
    sales_organization: str = ""
    customer_group: str = ""
    material_group: str = ""


@dataclass(frozen=True, slots=True)
class InventoryAccount:
    """Inventory (BSX) and cost (GBB) accounts of a valuation class."""

    KEY: ClassVar = ("chart_of_accounts", "valuation_class")
    chart_of_accounts: str
    valuation_class: str
    inventory_account: str
    cost_account: str
    receipt_account: str


@dataclass(frozen=True, slots=True)
class TaxAccount:
    """Account and rate (percent) of a tax code."""

    KEY: ClassVar = ("chart_of_accounts", "tax_code")
    chart_of_accounts: str
    tax_code: str
    account: str
    rate: Decimal
    text: str = ""


@dataclass(frozen=True, slots=True)
class PostingAccount:
    """
    Account of a purpose: bank, cash discount, bank charges, payment difference, exchange gain,
    exchange loss.
    """

    KEY: ClassVar = ("chart_of_accounts", "purpose")
    chart_of_accounts: str
    purpose: str
    account: str


@dataclass(frozen=True, slots=True)
class SpecialGlAccount:
    """Reconciliation account of a special G/L indicator, e.g. A for down payments."""

    KEY: ClassVar = ("chart_of_accounts", "special_gl")
    chart_of_accounts: str
    special_gl: str
    account: str


@dataclass(frozen=True, slots=True)
class AccountingDocumentType:
    """A document type of accounting with its number range."""

    KEY: ClassVar = ("document_type",)
    document_type: str
    text: str
    number_range: str


@dataclass(frozen=True, slots=True)
class NumberRange:
    """
    An interval, inclusive, of an object: sales, delivery, billing, material, accounting ...

    One of accounting that is `year_dependent` begins again in each fiscal year.
    """

    KEY: ClassVar = ("object", "interval")
    object: str
    interval: str
    from_number: int
    to_number: int
    year_dependent: bool = False


@dataclass(frozen=True, slots=True)
class Code:
    """
    A code a document may carry. `kind`: rejection reason, delivery block, billing block, order
    reason, incoterms, shipping conditions, sales status.
    """

    KEY: ClassVar = ("kind", "code")
    kind: str
    code: str
    text: str
