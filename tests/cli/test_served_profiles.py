"""Connector and ERP as two processes, joined by HTTP and by RFC, on each kind of system."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import Result

from connector.resources import shipped

Run = Callable[..., Result]
Serve = Callable[..., dict[str, Any]]

ORDER = shipped("fixtures/orders/demo-shopify/1101-touring-bicycle.json")


@pytest.mark.parametrize("profile", ["s4", "s4-mixed"])
def test_an_order_is_delivered_billed_and_paid_in_an_erp_elsewhere(
    connector: Run, run: Run, shop: Any, serve: Serve, tmp_path: Any, profile: str
) -> None:
    log = tmp_path / "calls.jsonl"
    served = serve("--log-calls", log, "--state", tmp_path / "erp.sqlite3")
    addresses = {"address": served["rfc"], "http_address": served["http"]}
    shop.set(erp={"profile": profile, "simulator": {"state": None, **addresses}})
    shop.drop(ORDER.read_bytes())

    first = connector("sync", "--json")
    for _ in range(2):
        run("simulator", "tick", "--address", served["rfc"])
        connector("sync")
    run("simulator", "tick", "--address", served["rfc"])
    connector("sync")
    [order] = map(json.loads, connector("orders", "list", "--json").stdout.splitlines())
    served["process"].send_signal(signal.SIGTERM)
    served["process"].wait(timeout=20)

    assert first.exit_code == 0, first.output
    assert order["stage"] == "completed", order
    assert order["invoices"]
    calls = [json.loads(line) for line in log.read_text().splitlines()]
    created = [each["path"] for each in calls if each.get("method") == "POST"]
    assert sum(path.endswith("/A_SalesOrder") for path in created) == 1
    assert sum("journalentrycreaterequestconfi" in path for path in created) == 1
    assert not any(each.get("function", "").startswith("BAPI_SALESORDER") for each in calls)
    assert served["process"].returncode == 0
