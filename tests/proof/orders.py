"""Orders of the portal, as the proof lets them arrive: in versions, paid or not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from connector.mappings.inbound_order import InboundOrder
from connector.mappings.profile import load_profile
from connector.mappings.reading import read_orders
from connector.resources import shipped

#: The proof begins here; orders are placed on that day.
START: Final = datetime(2026, 3, 2, 8, tzinfo=UTC)
CUSTOMER: Final = "1001"
PRICE: Final = Decimal("100.00")
_TAX: Final = Decimal("0.19")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One version of an order: pieces by line id, and whether it is paid."""

    external_id: str
    lines: tuple[tuple[str, int], ...] = (("10", 2),)
    paid: bool = False
    version: int = 1

    def changed(self, lines: Sequence[tuple[str, int]]) -> Wanted:
        """Return the next version, with other lines."""
        return replace(self, lines=tuple(lines), version=self.version + 1)

    @property
    def net(self) -> Decimal:
        return sum((PRICE * quantity for _, quantity in self.lines), Decimal(0))

    @property
    def gross(self) -> Decimal:
        return self.net + (self.net * _TAX).quantize(Decimal("0.01"))

    def message(self) -> InboundOrder:
        """Return the order as the portal's reader gives it."""
        content = json.dumps(self._content()).encode()
        [read] = read_orders(_PROFILE, content, f"{self.external_id}-{self.version}.json")
        assert isinstance(read, InboundOrder), read
        return read

    def _content(self) -> dict[str, Any]:
        content: dict[str, Any] = {
            "id": self.external_id,
            "ordered_at": START.isoformat(),
            "updated_at": (START + timedelta(minutes=self.version)).isoformat(),
            "currency": "EUR",
            "customer": CUSTOMER,
            "requested_delivery_date": "2026-03-02",
            "lines": [
                {
                    "id": line,
                    "product": "M-01",
                    "quantity": str(quantity),
                    "unit": "PC",
                    "price": str(PRICE),
                    "schedule": [{"date": "2026-03-02", "quantity": str(quantity)}],
                }
                for line, quantity in self.lines
            ],
            "totals": {"tax": str(self.gross - self.net), "gross": str(self.gross)},
        }
        if self.paid:
            content["payments"] = [
                {
                    "id": f"B{self.external_id}",
                    "method": "transfer",
                    "amount": str(self.gross),
                    "received_at": (START + timedelta(minutes=30)).isoformat(),
                }
            ]
        return content


_PROFILE: Final = load_profile(shipped("config/channels/portal.yaml"))
