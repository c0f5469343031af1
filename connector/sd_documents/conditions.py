"""Pricing conditions that the connector hands over or reads back."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from connector.sd_documents.model import Frozen
from connector.sd_documents.values import CurrencyCode, ItemNumber, Money, Unit

ConditionType = Annotated[str, StringConstraints(min_length=1, max_length=4)]


class Condition(Frozen):
    """
    A manual condition of the header (``item_number`` empty) or of one item.

    ``rate`` is an amount in ``currency`` per ``per`` ``unit`` (price), an amount in ``currency``
    (absolute discount, freight), or percent when ``currency`` is empty. Discounts are negative.
    """

    condition_type: ConditionType
    rate: Annotated[Decimal, Field(max_digits=28, decimal_places=9)]
    currency: CurrencyCode | None = None
    per: Annotated[int, Field(ge=1, le=99999)] = 1
    unit: Unit | None = None
    item_number: ItemNumber | None = None

    @model_validator(mode="after")
    def _unit_only_on_prices(self) -> Self:
        if self.unit is not None and self.currency is None:
            raise ValueError("a rate per unit needs a currency")
        return self


class ConditionValue(Frozen):
    """A condition as the ERP priced it: its share of one item. Tax conditions carry their code."""

    condition_type: ConditionType
    item_number: ItemNumber
    value: Money
    tax_code: str = ""
    statistical: bool = False
