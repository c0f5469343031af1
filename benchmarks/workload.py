"""The same order many times, with numbers of its own, through a channel that makes it up."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from connector.errors import MessageError
from connector.mappings.inbound_order import InboundOrder
from connector.mappings.profile import ChannelProfile
from connector.mappings.reading import read_orders
from connector.resources import shipped

CHANNEL = "shopify"
TEMPLATE = "fixtures/orders/demo-shopify/1101-touring-bicycle.json"
#: Numbers in the template that belong to one order alone.
ORDER_ID, ORDER_NAME, TRANSACTION_ID = "6100000102313", "1101", "7700001023131"
#: Twice the sessions: while one order is written to disk, another talks to the ERP.
WORKERS = 24
#: More than any run orders.
STOCK = 100_000_000


class MadeUpChannel:
    """Yields *count* paid orders; nothing is kept of those that were yielded."""

    name = CHANNEL

    def __init__(self, profile: ChannelProfile, first: int, count: int) -> None:
        self._profile = profile
        self._numbers = range(first, first + count)
        self._template = shipped(TEMPLATE).read_text(encoding="utf-8")

    def receive(self) -> Iterator[InboundOrder | MessageError]:
        for number in self._numbers:
            text = (
                self._template.replace(ORDER_ID, str(6_200_000_000_000 + number))
                .replace(TRANSACTION_ID, str(7_800_000_000_000 + number))
                .replace(f'"#{ORDER_NAME}"', f'"#B{number}"')
            )
            yield from read_orders(self._profile, text.encode(), f"made up {number}")

    def acknowledge(self, source: str) -> None:
        """Nothing to move away."""


def settings_values(
    workspace: Path,
    address: str = "",
    http_address: str = "",
    profile: str = "ecc",
    *,
    sessions: int = 8,
    **sync: Any,
) -> dict[str, Any]:
    """Return settings for a run in *workspace*; addresses are those of a served simulated ERP."""
    simulator: dict[str, Any] = {"address": address, "http_address": http_address}
    if not address:
        simulator = {"master_data": [str(shipped("fixtures/erp")), str(plenty_of_stock(workspace))]}
    return {
        "store": {"url": f"sqlite:///{workspace / 'connector.sqlite3'}"},
        "erp": {
            "driver": "simulator",
            "profile": profile,
            "simulator": simulator,
            "transport": {
                "sessions": sessions,
                "clearing_function": "Z_SD_CONNECTOR_POST_CLEAR",
                "release": "ecc" if profile == "ecc" else "s4",
            },
            "odata": {"http": {"sessions": sessions}},
        },
        "plans": str(shipped("config/plans")),
        "channels": {
            CHANNEL: {
                "path": str(workspace),
                "profile": str(shipped(f"config/channels/{CHANNEL}.yaml")),
                "rules": str(shipped(f"config/mappings/{CHANNEL}.yaml")),
            }
        },
        "sync": {"workers": WORKERS, **sync},
        "log": {"level": "error"},
    }


def plenty_of_stock(workspace: Path) -> Path:
    """Write master data that lets no order wait for goods."""
    folder = workspace / "stock"
    folder.mkdir(parents=True, exist_ok=True)
    source = shipped("fixtures/erp") / "material_plants.csv"
    with source.open(encoding="utf-8", newline="") as file:
        rows = [{**row, "opening_quantity": STOCK} for row in csv.DictReader(file)]
    with (folder / source.name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return folder


def write_settings(workspace: Path, values: dict[str, Any]) -> Path:
    """Write *values* as a settings file and return its path."""
    file = workspace / "connector.yaml"
    file.write_text(yaml.safe_dump(values), encoding="utf-8")
    return file
