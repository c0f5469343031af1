"""What the how-to tells people to write works as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from connector.mappings.inbound_order import InboundOrder
from connector.resources import shipped
from tests.mappings.support import ids, profile_from, read

PAGE = shipped("config").parent / "docs/how-to/map-a-new-channel.md"


def _blocks() -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)


def test_the_shortest_profile_reads_an_order(tmp_path: Path) -> None:
    text = next(block for block in _blocks() if block.startswith("channel: kiosk"))
    line = {"id": 1, "sku": "A", "quantity": 2, "price": "9.99"}
    order = {"id": 7, "at": "2026-11-16T09:00:00", "lines": [line]}

    found = read(profile_from(tmp_path, text), {"orders": [order]})

    assert ids(found) == ["7"]
    assert isinstance(found[0], InboundOrder)
    assert found[0].order.currency == "EUR"


def test_every_example_is_yaml() -> None:
    assert len(_blocks()) > 4
    for block in _blocks():
        assert isinstance(yaml.safe_load(block), dict)


def test_every_link_leads_somewhere() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", PAGE.read_text("utf-8")):
        assert (PAGE.parent / target).is_file(), target


def test_prices_with_tax_cannot_all_be_split_into_net_and_rounded_tax() -> None:
    """The figure that the how-to and the rules give, counted in cents."""
    reachable = {net + (net * 19 + 50) // 100 for net in range(10_001)}

    assert sum(1 for gross in range(1, 10_001) if gross not in reachable) == 1_597
    assert 999 not in reachable
