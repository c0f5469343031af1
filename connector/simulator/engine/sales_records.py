"""Sales documents as the simulated ERP keeps them. Records are values: replaced, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from connector.simulator.engine.specs import ManualCondition, Partner, Text

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Condition:
    """
    One line of an item's price calculation.

    `kind` is price, discount, freight, tax or cost; `rate` an amount or a percentage; `value` the
    signed result in the document's currency; `difference` the cents that group processing moved
    to this item (KDIFF), already in `value`. `manual` came from the caller; `header` was entered
    for the whole document. A statistical line (cost) does not count into the net value.
    """

    condition_type: str
    kind: str
    calculation: str
    rate: Decimal
    value: Decimal
    base: Decimal = ZERO
    currency: str = ""
    per: Decimal = Decimal(1)
    unit: str = ""
    account_key: str = ""
    tax_code: str = ""
    difference: Decimal = ZERO
    manual: bool = False
    header: bool = False
    statistical: bool = False


@dataclass(frozen=True, slots=True)
class ScheduleLine:
    """
    One schedule line, quantities in the sales unit.

    `covered_by` says what confirmed it: stock, replenishment, unchecked, vendor, or empty
    (nothing). `requisition` is the purchase requisition of a third-party item's line.
    """

    line: int
    requested_date: date
    quantity: Decimal
    confirmed_quantity: Decimal
    delivery_date: date
    goods_issue_date: date
    material_availability_date: date
    covered_by: str = ""
    requisition: str = ""


@dataclass(frozen=True, slots=True)
class BillingPlanDate:
    """
    A date of an item's billing plan (FPLT); `value` is net, in the document's currency.

    `rule` is FAREG: 1 a percentage of the item's value, 2 an amount.
    """

    number: int
    billing_date: date
    rule: str
    percent: Decimal
    value: Decimal
    billing_block: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class SalesItem:
    """
    One item. Amounts are in the document's currency, quantities in `sales_unit`.

    One sales unit is `base_numerator / base_denominator` base units. `gross_value` is the price
    before any discount (SUBTOTAL1); `cost` comes from the material's valuation.
    """

    item_number: int
    material: str
    description: str
    quantity: Decimal
    sales_unit: str
    item_category: str
    plant: str = ""
    base_unit: str = ""
    base_numerator: Decimal = Decimal(1)
    base_denominator: Decimal = Decimal(1)
    shipping_point: str = ""
    route: str = ""
    customer_material: str = ""
    material_group: str = ""
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
    gross_value: Decimal = ZERO
    net_value: Decimal = ZERO
    tax_amount: Decimal = ZERO
    cost: Decimal = ZERO
    net_price: Decimal = ZERO
    net_price_per: Decimal = Decimal(1)
    net_price_unit: str = ""
    tax_code: str = ""
    over_delivery_tolerance: Decimal = ZERO
    under_delivery_tolerance: Decimal = ZERO
    unlimited_over_delivery: bool = False
    partial_delivery: str = ""
    maximum_partial_deliveries: int = 0
    conditions: tuple[Condition, ...] = ()
    schedule_lines: tuple[ScheduleLine, ...] = ()
    billing_plan_number: str = ""
    billing_plan: tuple[BillingPlanDate, ...] = ()

    @property
    def confirmed_quantity(self) -> Decimal:
        """Sum of the schedule lines' confirmed quantities, in the sales unit."""
        return sum((line.confirmed_quantity for line in self.schedule_lines), ZERO)


@dataclass(frozen=True, slots=True)
class SalesDocument:
    """
    An inquiry (category A), quotation (B), order (C), contract (G), returns (H), credit (K) or
    debit memo request (L).

    No status that follows from the document flow is kept here: see `status.py`. `credit_status`
    is CMGST: empty not checked, A approved, B blocked, D released. `incompletion` lists what is
    missing. `version` counts changes from 1. `manual_conditions` are as they were handed in.
    """

    number: str
    category: str
    document_type: str
    sales_organization: str
    distribution_channel: str
    division: str
    company_code: str
    currency: str
    items: tuple[SalesItem, ...]
    partners: tuple[Partner, ...]
    document_date: date
    pricing_date: date
    requested_delivery_date: date
    created_at: datetime
    changed_at: datetime
    created_by: str
    purchase_order_by_customer: str = ""
    purchase_order_date: date | None = None
    purchase_order_type: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    billing_date: date | None = None
    pricing_procedure: str = ""
    terms_of_payment: str = ""
    incoterms: str = ""
    incoterms_location: str = ""
    delivery_block: str = ""
    billing_block: str = ""
    order_reason: str = ""
    shipping_conditions: str = ""
    complete_delivery: bool = False
    credit_status: str = ""
    credit_account: str = ""
    incompletion: tuple[str, ...] = ()
    reference_document: str = ""
    assignment: str = ""
    reference: str = ""
    name: str = ""
    net_value: Decimal = ZERO
    tax_amount: Decimal = ZERO
    manual_conditions: tuple[ManualCondition, ...] = ()
    texts: tuple[Text, ...] = ()
    version: int = 1

    def item(self, item_number: int) -> SalesItem | None:
        """Return the item, or None."""
        for item in self.items:
            if item.item_number == item_number:
                return item
        return None

    def partner(self, function: str, item_number: int = 0) -> Partner | None:
        """Return the partner of an item, the header's where the item has none of its own."""
        header: Partner | None = None
        for partner in self.partners:
            if partner.function == function:
                if partner.item_number == item_number:
                    return partner
                if partner.item_number == 0:
                    header = partner
        return header

    def partner_number(self, function: str, item_number: int = 0) -> str:
        """Return the partner's customer number, or empty."""
        partner = self.partner(function, item_number)
        return partner.customer if partner else ""

    @property
    def sold_to(self) -> str:
        """Customer number of the sold-to party."""
        return self.partner_number("AG")


@dataclass(frozen=True, slots=True)
class FlowRow:
    """
    One link of the document flow, item to item (VBFA).

    `quantity` is in `unit`, `value` in `currency`; `sign` + adds to what follows the preceding
    item, - takes back (reversal of a goods issue, cancellation of an invoice), empty does not count
    (a date of a billing plan bills a share of the value, whatever its quantity). Categories are the
    letters of VBTYP; a material document's item counts 1, 2, 3.
    """

    preceding: str
    preceding_item: int
    preceding_category: str
    subsequent: str
    subsequent_item: int
    subsequent_category: str
    quantity: Decimal
    unit: str
    created_at: datetime
    value: Decimal = ZERO
    currency: str = ""
    sign: str = "+"
    movement_type: str = ""
    material_document_year: int = 0
    material: str = ""
    billing_plan: str = ""
    billing_plan_date: int = 0

    @property
    def signed_quantity(self) -> Decimal:
        """Quantity with the sign applied; zero where it does not count."""
        if not self.sign:
            return ZERO
        return -self.quantity if self.sign == "-" else self.quantity

    @property
    def key(self) -> tuple[str, int, str, int, str]:
        """What makes the row unique."""
        return (
            self.preceding,
            self.preceding_item,
            self.subsequent,
            self.subsequent_item,
            self.subsequent_category,
        )
