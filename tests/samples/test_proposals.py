"""From messages nobody here has written: a proposal that adds up, or a plain refusal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from connector.errors import ConfigurationError
from connector.mappings.checking.check import check_profile
from connector.mappings.proposing.propose import orders_in, propose


def proposed(tmp_path: Path, *samples: Path) -> tuple[Path, dict[str, object], list[str]]:
    """Return profile, fields of the order and questions of what is proposed for *samples*."""
    proposal = propose("kiosk", samples)
    profile = tmp_path / "kiosk.yaml"
    profile.write_text(proposal.files[proposal.profile], "utf-8")
    order = yaml.safe_load(proposal.files[proposal.profile])["order"]
    return profile, order, proposal.questions


def test_every_file_is_proposed_for_or_refused(samples: Path, tmp_path: Path) -> None:
    files = [path for path in sorted((samples / "orders").rglob("*")) if path.is_file()]
    understood = 0
    for path in files:
        try:
            proposal = propose("kiosk", [path])
        except ConfigurationError:
            continue
        understood += 1
        if proposal.like:
            continue
        profile = tmp_path / "kiosk.yaml"
        profile.write_text(proposal.files[proposal.profile], "utf-8")
        assert [f for f in check_profile(profile) if f.level == "error"] == [], path
        orders_in(profile, [path])

    assert understood >= len(files) // 3


def test_an_order_of_shopify_is_read_without_its_profile(samples: Path, tmp_path: Path) -> None:
    (file,) = samples.rglob("order-get-orders-json-status-any.json")

    profile, order, _ = proposed(tmp_path, file)

    orders, unreadable = orders_in(profile, [file])
    (said,) = json.loads(file.read_text("utf-8"))["orders"]
    assert unreadable == []
    assert (order["external_id"], order["ordered_at"]) == ("text(id)", "instant(created_at)")
    assert [str(each.totals.grand_total) for each in orders] == [said["total_price"]]
    assert len(orders[0].lines) == len(said["line_items"])


@pytest.mark.parametrize("name", ["orders--http-request2.json", "orders--http-request3.json"])
def test_an_order_of_woocommerce_is_read_without_its_profile(
    samples: Path, tmp_path: Path, name: str
) -> None:
    (file,) = (samples / "orders/woocommerce").glob(name)

    profile, order, questions = proposed(tmp_path, file)

    orders, unreadable = orders_in(profile, [file])
    assert unreadable == []
    assert all(each.totals.grand_total is not None for each in orders)
    assert order["taxes_included"] == "prices_include_tax"
    assert any("time zone" in each for each in questions)
