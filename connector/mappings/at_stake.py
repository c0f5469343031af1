"""Amounts that what is mapped concerns, for telling what a mistake in it would cost."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connector.mappings.scope import Scope
from connector.sd_documents.values import Money


def amount_at_stake(scope: Scope) -> Money | None:
    """Return the amount that is at stake: the payment's, the line's, or the whole order's."""
    values = scope.values
    order = values["order"]
    payment, line = values.get("payment"), values.get("line")
    amount: Decimal | None
    if payment is not None:
        return Money.rounded(payment["amount"], payment["currency"])
    if line is not None:
        amount = line_value(line)
    else:
        amount = order["totals"]["grand_total"]
        if amount is None and all(each["price"] is not None for each in order["lines"]):
            amount = sum((line_value(each) or Decimal(0) for each in order["lines"]), Decimal(0))
    return None if amount is None else Money.rounded(amount, order["currency"])


def line_value(line: Mapping[str, Any]) -> Decimal | None:
    """Return what a line of a scope comes to less its discounts, None where it has no price."""
    if line["price"] is None:
        return None
    gross: Decimal = line["price"] * line["quantity"]
    for discount in line["discounts"]:
        percent = discount["percent"] or Decimal(0)
        gross -= discount["amount"] if discount["amount"] is not None else gross * percent / 100
    return gross - Decimal(line["allocated_discount"])
