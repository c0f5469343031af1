"""Cancelling, taking back and releasing from the command line, up to the document in the ERP."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import Result

Run = Callable[..., Result]


def row(connector: Run) -> dict[str, Any]:
    """Return the one order there is, as the list has it."""
    found: dict[str, Any] = json.loads(connector("orders", "list", "--json").stdout)
    return found


@pytest.fixture
def invoiced(connector: Run, shop: Any) -> dict[str, Any]:
    """An order that the ERP's own jobs have delivered and billed, and nobody has paid."""
    shop.drop(shop.order("not-paid-yet"))
    connector("sync")
    connector("simulator", "tick", "--days", "14")
    connector("sync")
    found = row(connector)
    assert found["invoices"], found
    return found


def test_an_invoice_is_cancelled_in_the_erp_and_the_order_shows_it(
    connector: Run, invoiced: dict[str, Any]
) -> None:
    [number] = invoiced["invoices"]
    asked = connector("billing", "cancel", number, "--reason", "wrong address", "--yes")
    assert asked.exit_code == 0, asked.output
    assert "on its way" in asked.stdout

    connector("sync")
    shown = json.loads(connector("orders", "show", invoiced["external_id"], "--json").stdout)
    details = [e["detail"] for e in shown["events"] if e["kind"] == "reversal requested"]
    assert [each["comment"] for each in details] == ["wrong address"]
    again = connector("billing", "cancel", number, "--reason", "once more", "--yes")
    assert again.exit_code == 1
    assert "is cancelled already" in again.output


def test_what_cannot_be_taken_back_is_refused_with_what_comes_first(
    connector: Run, invoiced: dict[str, Any]
) -> None:
    [delivery] = invoiced["deliveries"]
    refused = connector("deliveries", "reverse", delivery, "--reason", "not loaded", "--yes")
    assert refused.exit_code == 1
    assert "cancel billing document" in refused.output
    order = invoiced["sales_orders"][0]
    unblocked = connector("billing", "release", order, "--reason", "checked")
    assert unblocked.exit_code == 1
    assert "has no billing block" in unblocked.output


def test_nothing_happens_without_a_yes(connector: Run, invoiced: dict[str, Any]) -> None:
    [number] = invoiced["invoices"]
    asked = connector("billing", "cancel", number, "--reason", "wrong address", input="n\n")
    assert asked.exit_code != 0
    connector("sync")
    assert row(connector)["invoices"] == [number]


def test_an_order_that_does_not_have_the_document_is_named(
    connector: Run, invoiced: dict[str, Any]
) -> None:
    [number] = invoiced["invoices"]
    refused = connector(
        "billing", "cancel", number, "--order", "4711", "--reason", "wrong", "--yes"
    )
    assert refused.exit_code == 1
    assert f"Order 4711 has no document {number}" in refused.output
