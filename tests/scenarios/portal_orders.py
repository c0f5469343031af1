"""Orders of the customer portal, for stories that are told in lines and days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Line = Mapping[str, Any]


def line(line_id: str, product: str, quantity: str, **more: Any) -> dict[str, Any]:
    """Return a line of *quantity* pieces."""
    return {"id": line_id, "product": product, "quantity": quantity, "unit": "PC", **more}


def portal_order(
    external_id: str,
    lines: Iterable[Line],
    *,
    ordered_on: str = "2026-11-16",
    at: str = "08:00",
    customer: str = "1001",
    currency: str = "EUR",
    **more: Any,
) -> dict[str, Any]:
    """Return an order, or with a later *at* another version of it."""
    return {
        "id": external_id,
        "ordered_at": f"{ordered_on}T08:00:00+01:00",
        "updated_at": f"{ordered_on}T{at}:00+01:00",
        "currency": currency,
        "customer": customer,
        "lines": list(lines),
        **more,
    }
