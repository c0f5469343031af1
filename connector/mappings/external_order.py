"""
The external order: one model for every channel.

Channel profiles fill it, mapping rules read it. It holds what the channel said, in the channel's
own terms and currency; nothing is looked up, rounded or completed here.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from connector.sd_documents.model import Frozen
from connector.sd_documents.values import CurrencyCode

Text255 = Annotated[str, StringConstraints(max_length=255)]
#: What an order or payment is known by ever after: no database keeps a NUL character in it.
Identifier = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\x00]+$")]


class ExternalAddress(Frozen):
    """An address as the channel has it; every part may be empty."""

    name: Text255 = ""
    company: Text255 = ""
    street: Text255 = ""
    street_2: Text255 = ""
    postal_code: Text255 = ""
    city: Text255 = ""
    region: Text255 = ""
    country: Text255 = ""
    telephone: Text255 = ""
    email: Text255 = ""


class ExternalTax(Frozen):
    """One tax of a line or of shipping: ``rate`` as a fraction (0.19), ``amount`` as charged."""

    title: Text255 = ""
    rate: Decimal
    amount: Decimal


class ExternalDiscount(Frozen):
    """
    A discount; exactly one of ``amount`` (positive, order currency) and ``percent`` is filled.
    """

    code: Text255 = ""
    amount: Annotated[Decimal, Field(ge=0)] | None = None
    percent: Annotated[Decimal, Field(ge=0, le=100)] | None = None


class ExternalScheduleLine(Frozen):
    """A part of a line that is wanted on its own day."""

    requested_delivery_date: date
    quantity: Decimal
    material_availability_date: date | None = None
    goods_issue_date: date | None = None


class ExternalLine(Frozen):
    """
    One ordered line.

    ``quantity`` may be zero or negative here: the channel said so, and mapping holds the order.
    ``price`` is per unit before discounts, empty where the ERP has the price. ``sku`` is empty
    where the channel has none. ``discounts`` are those of this line alone; ``allocated_discount``
    is the line's share of the order's discounts, as the channel computed it. ``shipping_address``
    is given where the line goes elsewhere than the order.
    """

    line_id: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    sku: Text255 = ""
    title: str = ""
    quantity: Decimal
    unit: Text255 = ""
    price: Decimal | None = None
    discounts: tuple[ExternalDiscount, ...] = ()
    allocated_discount: Annotated[Decimal, Field(ge=0)] = Decimal(0)
    taxes: tuple[ExternalTax, ...] = ()
    taxable: bool = True
    requires_shipping: bool = True
    is_gift_card: bool = False
    requested_delivery_date: date | None = None
    shipping_address: ExternalAddress | None = None
    schedule_lines: tuple[ExternalScheduleLine, ...] = ()
    attributes: dict[str, str] = Field(default_factory=dict)


class ExternalShipping(Frozen):
    """A shipping charge, before ``discount``, with its taxes."""

    title: Text255 = ""
    code: Text255 = ""
    price: Decimal
    discount: Annotated[Decimal, Field(ge=0)] = Decimal(0)
    taxes: tuple[ExternalTax, ...] = ()


class ExternalCharge(Frozen):
    """
    Money added to the order that is neither goods nor shipping: a tip, a duty, a fee.

    ``kind`` is the channel's word for it; ``amount`` may be negative.
    """

    kind: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    amount: Decimal
    taxes: tuple[ExternalTax, ...] = ()


class ExternalPaymentKind(StrEnum):
    """Whether money came in or went back."""

    RECEIVED = "received"
    REFUNDED = "refunded"


class ExternalPayment(Frozen):
    """
    Money that moved, as the channel reports it: only what succeeded, never an authorisation.

    ``payment_id`` is unique within the channel. ``amount`` is positive in both kinds. ``payer`` is
    who paid where it is not the order's own payer; ``remainder`` says what the channel wants done
    with a difference (``partial``, ``residual`` or ``on account``), empty where the plan decides.
    """

    payment_id: Identifier
    kind: ExternalPaymentKind = ExternalPaymentKind.RECEIVED
    gateway: Text255
    amount: Annotated[Decimal, Field(gt=0)]
    currency: CurrencyCode
    paid_at: AwareDatetime
    payer: Text255 = ""
    remainder: Annotated[str, StringConstraints(pattern=r"^(partial|residual|on account)?$")] = ""


class ExternalReturnKind(StrEnum):
    """What comes back, or is charged on top, after an order."""

    #: The goods come back, and their price with them.
    GOODS = "goods"
    #: Money goes back, the goods stay.
    CREDIT = "credit"
    #: More is charged for what was delivered.
    DEBIT = "debit"


class ExternalReturnLine(Frozen):
    """
    How much of an ordered line comes back, is credited or charged.

    ``price`` is per unit; empty: that of the ordered line, or the ERP's.
    """

    line_id: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    quantity: Annotated[Decimal, Field(gt=0)]
    price: Decimal | None = None


class ExternalReturnPayment(Frozen):
    """A payment of the order, by its ``payment_id``: by it the money of a return went back."""

    payment_id: Identifier


class ExternalReturn(Frozen):
    """
    A return, a credit or a charge that the channel reports for an order.

    ``return_id`` is unique within the order and short: with the order's reference it must fit the
    35 characters of the ERP's. ``reason`` is the channel's own word for why. Where no lines are
    named, ``amount`` goes back (or is charged) for the order as a whole, tax included; beside
    lines it stays empty. Below zero so much was kept of what other returns say: that is for a
    person. ``payments`` are those of the order by which the money went back.
    """

    return_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,20}$")]
    kind: ExternalReturnKind = ExternalReturnKind.GOODS
    returned_at: AwareDatetime
    reason: Text255 = ""
    lines: tuple[ExternalReturnLine, ...] = ()
    amount: Decimal | None = None
    payments: tuple[ExternalReturnPayment, ...] = ()

    @model_validator(mode="after")
    def _is_about_something(self) -> Self:
        if bool(self.lines) == (self.amount is not None):
            raise ValueError("a return has lines or an amount: one of them, not both")
        return self


class ExternalTotals(Frozen):
    """
    What the channel says the order comes to; empty where it does not say.

    ``lines`` is before any discount; ``discount`` is positive and counts everything taken off
    lines; ``shipping`` is after its own discount; ``grand_total`` is what the customer pays.
    """

    lines: Decimal | None = None
    discount: Decimal | None = None
    shipping: Decimal | None = None
    tax: Decimal | None = None
    grand_total: Decimal | None = None


class ExternalCustomer(Frozen):
    """The customer as the channel knows them; all empty for a guest or a missing customer."""

    customer_id: Text255 = ""
    name: Text255 = ""
    email: Text255 = ""
    tax_number: Text255 = ""


class ExternalOrder(Frozen):
    """
    An order from outside.

    ``external_id`` is unique within the channel and never changes; ``order_name`` is the number
    that people use (``#1001``). ``taxes_included`` says that prices contain tax. ``discounts`` are
    those of the whole order; where the channel has shared them among the lines
    (``allocated_discount``), the shares count. ``attributes`` carry further values of the channel,
    by name, for mapping rules.
    """

    channel: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    external_id: Identifier
    order_name: Text255 = ""
    ordered_at: AwareDatetime
    updated_at: AwareDatetime | None = None
    cancelled_at: AwareDatetime | None = None
    is_test: bool = False
    currency: CurrencyCode
    taxes_included: bool = False
    customer: ExternalCustomer = ExternalCustomer()
    customer_reference: Text255 = ""
    requested_delivery_date: date | None = None
    billing_address: ExternalAddress | None = None
    shipping_address: ExternalAddress | None = None
    lines: tuple[ExternalLine, ...]
    discounts: tuple[ExternalDiscount, ...] = ()
    shipping: tuple[ExternalShipping, ...] = ()
    charges: tuple[ExternalCharge, ...] = ()
    totals: ExternalTotals = ExternalTotals()
    payments: tuple[ExternalPayment, ...] = ()
    returns: tuple[ExternalReturn, ...] = ()
    note: str = ""
    attributes: dict[str, str] = Field(default_factory=dict)

    @property
    def latest_change(self) -> datetime:
        """When the channel last touched the order; its date of order where it does not say."""
        return self.updated_at or self.ordered_at
