"""Amounts in cents are read by their currency: not every currency has hundredths."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from connector.mappings.proposing.choosing import Proposed

#: An amount in cents, as it is read at first.
_HUNDREDTH: Final = re.compile(r"multiply\((.+?), '0\.01'\)")


def in_smallest_units(fields: Mapping[str, Proposed]) -> tuple[dict[str, Proposed], str]:
    """
    Return those of *fields* that are amounts in cents, read by the currency among *fields*.

    Where the currency is no plain path it is not reached from the lines: then the question that
    remains is returned instead.
    """
    currency = fields["currency"].expression
    in_cents = [
        found
        for name, found in fields.items()
        if _HUNDREDTH.search(found.expression) and not name.endswith((".rate", ".each"))
    ]
    if in_cents and "(" in currency:
        return {}, "amounts were read as hundredths: which currency has none, or more decimals?"
    read: dict[str, Proposed] = {}
    for found in in_cents:
        own = _seen_from(found.field, currency)
        if found.field == "payments.amount" and "payments.currency" in fields:
            own = fields["payments.currency"].expression
        expression = _HUNDREDTH.sub(rf"from_minor(\1, {own})", found.expression)
        read[found.field] = replace(found, expression=expression)
    return read, ""


def _seen_from(field: str, currency: str) -> str:
    """Return the order's *currency* as it is seen where *field* is read."""
    if currency.startswith("'") or not field.startswith("lines."):
        return currency
    return "parent." * field.count(".") + currency
