"""Every order of fixtures/orders becomes exactly what lies beside it."""

from __future__ import annotations

import pytest

from connector.mappings.golden_cases import GoldenCase, cases_in
from connector.resources import shipped
from tests.mappings.conftest import profile_of, rules_of
from tests.mappings.golden import difference

ORDERS = shipped("fixtures/orders")
#: Every channel that has a profile and a folder of orders.
CHANNELS = sorted(
    profile.stem
    for profile in shipped("config/channels").glob("*.yaml")
    if (ORDERS / profile.stem).is_dir()
)
CASES = [
    (channel, case)
    for channel in CHANNELS
    for case in cases_in(ORDERS / channel, profile_of(channel))
]


@pytest.mark.parametrize(
    ("channel", "case"), CASES, ids=[f"{channel}/{case.name}" for channel, case in CASES]
)
def test_a_message_becomes_what_lies_beside_it(channel: str, case: GoldenCase) -> None:
    found = difference(case, profile_of(channel), rules_of(channel))

    assert not found, f"run `make golden` if this is meant:\n{found}"


def test_every_shipped_channel_has_cases() -> None:
    assert {channel for channel, _ in CASES} == {
        profile.stem for profile in shipped("config/channels").glob("*.yaml")
    }
