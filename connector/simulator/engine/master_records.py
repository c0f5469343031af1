"""
Master data: organisation, customers, materials and vendors.

Each class is one table; its fields are the table's columns, those with a default may be left out.
`KEY` names the columns that make a row unique: a later row with the same key replaces the earlier.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar

ZERO = Decimal(0)
ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency with its decimals: JPY 0, KWD 3."""

    KEY: ClassVar = ("currency",)
    currency: str
    decimals: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class ExchangeRate:
    """One unit of `from_currency` is `rate` of `to_currency`, from `valid_from` on."""

    KEY: ClassVar = ("from_currency", "to_currency", "valid_from")
    from_currency: str
    to_currency: str
    valid_from: date
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of measure: internal key, ISO code, commercial form in English, decimals."""

    KEY: ClassVar = ("unit",)
    unit: str
    iso: str
    commercial: str
    text: str = ""
    decimals: int = 3


@dataclass(frozen=True, slots=True)
class CompanyCode:
    """A company code with its currency and chart of accounts."""

    KEY: ClassVar = ("company_code",)
    company_code: str
    name: str
    country: str
    currency: str
    chart_of_accounts: str
    city: str = ""


@dataclass(frozen=True, slots=True)
class SalesArea:
    """A sales area, the company code it belongs to, and its currency."""

    KEY: ClassVar = ("sales_organization", "distribution_channel", "division")
    sales_organization: str
    distribution_channel: str
    division: str
    company_code: str
    currency: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Plant:
    """A plant; `country` is the departure country of tax."""

    KEY: ClassVar = ("plant",)
    plant: str
    name: str
    company_code: str
    country: str


@dataclass(frozen=True, slots=True)
class ShippingPointDetermination:
    """Where goods leave; empty shipping conditions or loading group match any."""

    KEY: ClassVar = ("plant", "shipping_conditions", "loading_group")
    plant: str
    shipping_point: str
    shipping_conditions: str = ""
    loading_group: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """The route to a country; empty country or shipping conditions match any."""

    KEY: ClassVar = ("shipping_point", "country", "shipping_conditions")
    shipping_point: str
    route: str
    country: str = ""
    shipping_conditions: str = ""
    transit_days: int = 0


@dataclass(frozen=True, slots=True)
class Customer:
    """
    A customer. `one_time` customers take name and address from the document.

    `credit_account` empty is the customer itself; `tax_number` decides nothing here.
    """

    KEY: ClassVar = ("customer",)
    customer: str
    name: str
    country: str
    name_2: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    region: str = ""
    language: str = "EN"
    one_time: bool = False
    credit_account: str = ""
    tax_number: str = ""
    telephone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class CustomerSalesArea:
    """
    What is agreed with a customer in a sales area.

    `partial_delivery` is KZTLF: C only complete, B one delivery, A or empty several, D without
    limit. `maximum_partial_deliveries` limits those of an item, 0 not at all. Tolerances (percent)
    that are not given are the material's.
    """

    KEY: ClassVar = ("customer", "sales_organization", "distribution_channel", "division")
    customer: str
    sales_organization: str
    distribution_channel: str
    division: str
    currency: str
    terms_of_payment: str
    tax_class: str = "1"
    customer_pricing_procedure: str = "1"
    incoterms: str = ""
    incoterms_location: str = ""
    shipping_conditions: str = "01"
    delivering_plant: str = ""
    account_assignment_group: str = "01"
    complete_delivery: bool = False
    partial_delivery: str = ""
    order_combination: bool = True
    delivery_block: str = ""
    billing_block: str = ""
    over_delivery_tolerance: Decimal | None = None
    under_delivery_tolerance: Decimal | None = None
    unlimited_over_delivery: bool = False
    maximum_partial_deliveries: int = 0


@dataclass(frozen=True, slots=True)
class CustomerCompany:
    """The customer in accounting: the account its items stand on."""

    KEY: ClassVar = ("customer", "company_code")
    customer: str
    company_code: str
    reconciliation_account: str
    terms_of_payment: str = ""
    posting_block: bool = False


@dataclass(frozen=True, slots=True)
class CustomerPartner:
    """A partner other than the customer itself: ship-to WE, bill-to RE or payer RG."""

    KEY: ClassVar = (
        "customer",
        "sales_organization",
        "distribution_channel",
        "division",
        "function",
        "partner",
    )
    customer: str
    sales_organization: str
    distribution_channel: str
    division: str
    function: str
    partner: str


@dataclass(frozen=True, slots=True)
class CreditLimit:
    """The limit of a credit account; an account without a row is not checked."""

    KEY: ClassVar = ("credit_account",)
    credit_account: str
    currency: str
    limit: Decimal


@dataclass(frozen=True, slots=True)
class Material:
    """A material; weights are per base unit. ``gtin`` is its EAN in the base unit."""

    KEY: ClassVar = ("material",)
    material: str
    description: str
    base_unit: str
    material_type: str = "HAWA"
    material_group: str = ""
    tax_class: str = "1"
    item_category_group: str = "NORM"
    net_weight: Decimal = ZERO
    gross_weight: Decimal = ZERO
    weight_unit: str = "KG"
    gtin: str = ""
    old_material_number: str = ""


@dataclass(frozen=True, slots=True)
class MaterialSales:
    """
    A material in a sales organization; an empty channel is every channel.

    Empty fields fall back on the material. Tolerances are in percent of the ordered quantity.
    """

    KEY: ClassVar = ("material", "sales_organization", "distribution_channel")
    material: str
    sales_organization: str
    distribution_channel: str = ""
    sales_unit: str = ""
    delivering_plant: str = ""
    item_category_group: str = ""
    account_assignment_group: str = "01"
    sales_status: str = ""
    over_delivery_tolerance: Decimal = ZERO
    under_delivery_tolerance: Decimal = ZERO
    unlimited_over_delivery: bool = False


@dataclass(frozen=True, slots=True)
class MaterialPlant:
    """
    A material in a plant: price control V (moving average) or S (standard), opening stock.

    `price` is per `price_unit` base units, in the company's currency. `replenishment_days` -1:
    nothing more is promised beyond stock. Without `availability_check` everything is confirmed.
    """

    KEY: ClassVar = ("material", "plant")
    material: str
    plant: str
    price: Decimal = ZERO
    price_control: str = "V"
    price_unit: Decimal = ONE
    opening_quantity: Decimal = ZERO
    availability_check: bool = True
    replenishment_days: int = -1
    loading_group: str = ""
    valuation_class: str = "3100"


@dataclass(frozen=True, slots=True)
class MaterialUnit:
    """One `unit` is `numerator / denominator` base units."""

    KEY: ClassVar = ("material", "unit")
    material: str
    unit: str
    numerator: Decimal
    denominator: Decimal = ONE


@dataclass(frozen=True, slots=True)
class CustomerMaterial:
    """
    A customer's own number for a material, and what is agreed on its delivery.

    What is given here goes before what is agreed with the customer in general.
    """

    KEY: ClassVar = (
        "sales_organization",
        "distribution_channel",
        "customer",
        "customer_material",
    )
    sales_organization: str
    distribution_channel: str
    customer: str
    customer_material: str
    material: str
    over_delivery_tolerance: Decimal | None = None
    under_delivery_tolerance: Decimal | None = None
    unlimited_over_delivery: bool = False
    partial_delivery: str = ""


@dataclass(frozen=True, slots=True)
class Vendor:
    """A vendor of third-party items."""

    KEY: ClassVar = ("vendor",)
    vendor: str
    name: str
    country: str
    city: str = ""


@dataclass(frozen=True, slots=True)
class InfoRecord:
    """What a vendor asks for `per` sales units of a material, and how many days it takes."""

    KEY: ClassVar = ("material",)
    material: str
    vendor: str
    price: Decimal
    currency: str
    per: Decimal = ONE
    delivery_days: int = 0


@dataclass(frozen=True, slots=True)
class SetComponent:
    """`quantity` base units of `component` go into one base unit of the set `material`."""

    KEY: ClassVar = ("material", "component")
    material: str
    component: str
    quantity: Decimal
