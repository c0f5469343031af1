"""Every channel that is shipped is whole: profile, rules, messages and a page about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.mappings.references import require_distinct_prefixes
from connector.mappings.rules import load_rules
from connector.resources import shipped
from connector.sd_documents.values import DocumentCategory
from tests.mappings.conftest import profile_of, rules_of

CHANNELS = sorted(path.stem for path in shipped("config/channels").glob("*.yaml"))
ROOT = Path(__file__).parents[2]
#: Shops whose software has several interfaces, with a channel for each.
SHARED_PAGES = ("amazon", "prestashop", "shopify")
#: Channels that the page about mapping a new one explains.
EXPLAINED_ELSEWHERE = {"shopify", "globalbike", "portal"}


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_profile_has_rules_of_its_name(channel: str) -> None:
    rules = rules_of(channel)

    assert profile_of(channel).channel == rules.channel == channel
    assert DocumentCategory.SALES_ORDER in rules.documents


def test_no_two_channels_can_make_the_same_reference() -> None:
    found = [load_rules(path) for path in sorted(shipped("config/mappings").glob("*.yaml"))]

    assert len(found) == len(CHANNELS)
    require_distinct_prefixes((each.path.name, each.reference.prefix) for each in found)


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_channel_has_messages_of_its_own(channel: str) -> None:
    cases = [path for path in (shipped("fixtures/orders") / channel).iterdir() if path.is_dir()]

    assert len(cases) >= 2
    for case in cases:
        assert {path.stem for path in case.iterdir()} == {
            "order",
            "external_order",
            "mapped_order",
        }


@pytest.mark.parametrize("channel", sorted(set(CHANNELS) - EXPLAINED_ELSEWHERE))
def test_a_channel_has_a_page_that_names_its_profile(channel: str) -> None:
    # The interfaces of a shop's software share a page.
    shared = next((name for name in SHARED_PAGES if channel.startswith(name)), channel)
    page = ROOT / f"docs/how-to/channels/{shared}.md"

    assert f"`{channel}`" in page.read_text("utf-8") or f"/{channel}.yaml" in page.read_text(
        "utf-8"
    )
