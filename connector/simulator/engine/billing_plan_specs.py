"""What a caller says of the dates of a billing plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class BillingPlanDateSpec:
    """
    A date of an item's billing plan: `percent` of its net value is billed then, or `amount`.

    `number` 0 takes the next. A date with a `billing_block` waits until it is lifted.
    """

    billing_date: date
    percent: Decimal = Decimal(0)
    amount: Decimal | None = None
    billing_block: str = ""
    description: str = ""
    number: int = 0


@dataclass(slots=True)
class BillingPlanDateChange:
    """
    A change to one date of a billing plan; `None` leaves a field as it is, an empty block lifts it.

    `new` adds a date instead. Dates that are billed cannot be changed.
    """

    number: int = 0
    billing_date: date | None = None
    percent: Decimal | None = None
    amount: Decimal | None = None
    billing_block: str | None = None
    description: str | None = None
    deleted: bool = False
    new: BillingPlanDateSpec | None = None
