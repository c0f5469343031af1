"""Every order of fixtures/orders becomes exactly what lies beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.resources import shipped
from tests.mappings.conftest import profile_of, rules_of
from tests.mappings.golden import compare, outcome

ORDERS = shipped("fixtures/orders")
#: Every channel that has a profile and a folder of orders.
CHANNELS = sorted(
    profile.stem
    for profile in shipped("config/channels").glob("*.yaml")
    if (ORDERS / profile.stem).is_dir()
)
CASES = [
    folder
    for channel in CHANNELS
    for folder in sorted((ORDERS / channel).iterdir())
    if folder.is_dir()
]


def _name(folder: Path) -> str:
    return f"{folder.parent.name}/{folder.name}"


@pytest.mark.parametrize("folder", CASES, ids=_name)
def test_a_message_becomes_what_lies_beside_it(folder: Path) -> None:
    channel = folder.parent.name
    message = next(folder.glob("order.*"))

    orders, mapped = outcome(profile_of(channel), rules_of(channel), message)

    difference = compare(folder / "external_order.json", orders)
    difference += compare(folder / "mapped_order.json", mapped)
    assert not difference, f"run `make golden` if this is meant:\n{difference}"


@pytest.mark.parametrize("channel", ["shopify", "globalbike", "portal"])
def test_every_shipped_channel_has_cases(channel: str) -> None:
    assert [folder for folder in CASES if folder.parent.name == channel]
