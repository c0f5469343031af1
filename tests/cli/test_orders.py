"""What a person decides about held orders, also while a daemon works."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from connector.store.sql_store import open_store

Run = Callable[..., Result]


def orders(connector: Run) -> list[dict[str, Any]]:
    return [json.loads(line) for line in connector("orders", "list", "--json").stdout.splitlines()]


@pytest.fixture
def held(connector: Run, shop: Any) -> dict[str, Any]:
    """An order that is held because its totals do not add up."""
    shop.drop(shop.order("totals-off-by-a-cent"))
    connector("sync")
    (row,) = orders(connector)
    assert row["stage"] == "held"
    return row


def test_a_released_order_goes_on_as_it_is(connector: Run, held: dict[str, Any]) -> None:
    """Each problem is accepted by itself: that of the message, and the ERP's other total."""
    accepted = []
    for _ in range(2):
        released = connector("orders", "release", held["order"], "--comment", "the shop corrects")
        assert released.exit_code == 0, released.output
        accepted.append(released.stdout)
        synced = connector("sync")

    (row,) = orders(connector)
    assert "accepted: TOTALS_DO_NOT_ADD_UP" in accepted[0]
    assert "accepted: TOTAL_DIFF" in accepted[1]
    assert synced.exit_code == 0, synced.output
    assert len(row["sales_orders"]) == 1
    shown = connector("orders", "show", held["order"], "--json")
    events = [e for e in json.loads(shown.stdout)["events"] if e["kind"] == "retry requested"]
    assert [event["detail"]["comment"] for event in events] == ["the shop corrects"] * 2


def test_a_retried_order_is_held_again_for_the_same_cause(
    connector: Run, held: dict[str, Any]
) -> None:
    retried = connector("orders", "retry", held["external_id"])
    synced = connector("sync")

    (row,) = orders(connector)
    assert retried.exit_code == 0
    assert synced.exit_code == 1
    assert row["stage"] == "held"


def test_a_retried_order_goes_on_when_the_cause_is_gone(
    connector: Run, shop: Any, tmp_path: Path
) -> None:
    shop.drop(shop.order(sku="NEW-SKU"))
    connector("sync")
    rules = tmp_path / "rules.yaml"
    source = json.loads(connector("config", "check", "--json").stdout)["channels"]["shopify"]
    shipped = Path(source["rules"])
    rules.write_text(shipped.read_text("utf-8"), "utf-8")
    tables = tmp_path / "shopify"
    tables.mkdir()
    for table in (shipped.parent / "shopify").iterdir():
        text = table.read_text("utf-8")
        if table.name == "skus.csv":
            lines = text.splitlines()
            first = next(line for line in lines[1:] if not line.startswith("#"))
            text += "NEW-SKU," + first.split(",", 1)[1] + "\n"
        (tables / table.name).write_text(text, "utf-8")
    shop.set(channels={"shopify": {"rules": str(rules)}})

    connector("orders", "retry", "1001")
    synced = connector("sync")

    (row,) = orders(connector)
    assert synced.exit_code == 0, synced.output
    assert len(row["sales_orders"]) == 1


def test_a_cancelled_order_is_followed_no_more(connector: Run, held: dict[str, Any]) -> None:
    declined = connector("orders", "cancel", held["order"], "--comment", "x", input="n\n")
    cancelled = connector("orders", "cancel", held["order"], "--comment", "x", "--yes")
    again = connector("orders", "release", held["order"], "--comment", "x")

    (row,) = orders(connector)
    assert declined.exit_code == 1
    assert cancelled.exit_code == 0
    assert row["stage"] == "cancelled"
    assert again.exit_code == 1
    assert "cancelled" in again.stderr


def test_cancelling_names_what_exists_in_the_erp(connector: Run, shop: Any) -> None:
    shop.drop(shop.order())
    connector("sync")

    result = connector("orders", "cancel", "1001", "--comment", "x", "--yes")

    assert "In the ERP there are still: 1." in result.stdout


def test_decisions_are_taken_while_a_daemon_has_the_store(
    connector: Run, shop: Any, held: dict[str, Any]
) -> None:
    daemon = open_store(f"sqlite:///{shop.folder}/store.sqlite3")
    try:
        result = connector("orders", "release", held["order"], "--comment", "agreed")
        (view,) = daemon.flows.views(daemon.flows.find(held["external_id"]))
    finally:
        daemon.close()

    assert result.exit_code == 0, result.output
    assert view.holds == ()


def test_lists_can_be_narrowed(connector: Run, shop: Any, held: dict[str, Any]) -> None:
    shop.drop(shop.order())
    connector("sync")

    def named(*options: str) -> list[str]:
        lines = connector("orders", "list", "--json", *options).stdout.splitlines()
        return [json.loads(line)["order"] for line in lines]

    assert named() == ["#1001", held["order"]]
    assert named("--held") == [held["order"]]
    assert named("--limit", "1") == ["#1001"]
    assert named("--channel", "portal") == []


def test_a_number_of_several_orders_asks_for_a_better_one(connector: Run, shop: Any) -> None:
    for external_id in (1, 2):
        shop.drop(shop.order(id=external_id), f"{external_id}.json")
    connector("sync")

    result = connector("orders", "show", "#1001")

    assert result.exit_code == 2
    assert "Several orders have the number" in result.stderr


def test_showing_an_order_tells_its_versions_steps_and_events(connector: Run, shop: Any) -> None:
    shop.drop(shop.order())
    connector("sync")

    result = connector("orders", "show", "1001")

    assert result.exit_code == 0
    for expected in ("Sales order 1 ", "order.json", "create sales order", "order received"):
        assert expected in result.stdout
