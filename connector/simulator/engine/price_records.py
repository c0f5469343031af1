"""
Master data of prices: condition records, free goods and tax rules.

As in `master_records.py`, each class is one table.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar

ZERO = Decimal(0)
ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class FreeGoods:
    """
    For every `quantity` of a material `free_quantity` is free, from `minimum_quantity` on.

    Quantities are in the base unit. `kind` inclusive takes it out of what is ordered, exclusive
    adds it (of `free_material`, empty: the same). `calculation` whole counts full steps only, pro
    rata every part. Empty customer or channel match any; the more are filled, the earlier it wins.
    """

    KEY: ClassVar = (
        "sales_organization",
        "distribution_channel",
        "customer",
        "material",
        "valid_from",
    )
    sales_organization: str
    material: str
    quantity: Decimal
    free_quantity: Decimal
    distribution_channel: str = ""
    customer: str = ""
    kind: str = "exclusive"
    free_material: str = ""
    calculation: str = "whole"
    minimum_quantity: Decimal = ZERO
    valid_from: date = date.min
    valid_to: date = date.max


@dataclass(frozen=True, slots=True)
class ConditionRecord:
    """
    A price or percentage. Empty key columns match any; the more are filled, the earlier it wins.

    Order of access: customer and material, material, customer, neither. `amount` is for `per`
    `unit` (empty unit: the sales unit), or a percentage.
    """

    KEY: ClassVar = (
        "condition_type",
        "sales_organization",
        "distribution_channel",
        "customer",
        "material",
        "currency",
        "valid_from",
    )
    condition_type: str
    sales_organization: str
    amount: Decimal
    distribution_channel: str = ""
    customer: str = ""
    material: str = ""
    currency: str = ""
    per: Decimal = ONE
    unit: str = ""
    valid_from: date = date.min
    valid_to: date = date.max


@dataclass(frozen=True, slots=True)
class TaxRule:
    """Output tax by departure, destination and tax classes; an empty destination is any."""

    KEY: ClassVar = (
        "departure_country",
        "destination_country",
        "customer_tax_class",
        "material_tax_class",
        "valid_from",
    )
    departure_country: str
    customer_tax_class: str
    material_tax_class: str
    tax_code: str
    rate: Decimal
    destination_country: str = ""
    valid_from: date = date.min
    valid_to: date = date.max
