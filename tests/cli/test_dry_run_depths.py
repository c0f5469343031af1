"""Every depth of a dry run reads alone: an ERP in which each write fails does not notice it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import Result

from connector.bootstrap import simulator as bootstrap_simulator
from connector.simulator.engine import sales
from connector.simulator.engine.session_work import UnitOfWorkSession
from tests.cli.mappings import OwnMapping

Run = Callable[..., Result]

#: What only reads, by the names of functions and services.
READ_FUNCTIONS = {"RFC_READ_TABLE", "BAPI_SALESORDER_SIMULATE", "RFCPING", "RFC_SYSTEM_INFO"}
SIMULATION_SERVICE = "/sap/opu/odata/sap/API_SALES_ORDER_SIMULATION_SRV"

ASKS_THE_ERP = (
    "skus: {file: shopify/skus.csv, key: sku}",
    "skus: {master_data: materials, key: material}",
)


class Calls:
    """What the simulated ERP was asked, and what its engine was told to write."""

    def __init__(self) -> None:
        self.log = io.StringIO()
        self.writes: list[str] = []

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.getvalue().splitlines()]

    @property
    def read_alone(self) -> bool:
        return not self.writes and all(_reads(line) for line in self.lines)


def _reads(line: dict[str, Any]) -> bool:
    if "function" in line:
        return line["function"] in READ_FUNCTIONS
    if line["method"] in {"GET", "HEAD"}:
        return True
    return str(line["path"]).startswith(SIMULATION_SERVICE)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """An ERP whose calls are logged and in which every write fails: a commit then has nothing."""
    calls = Calls()
    opened, run = bootstrap_simulator.local_simulator, UnitOfWorkSession._run

    def local_simulator(*arguments: Any, **options: Any) -> Any:
        return opened(*arguments, **{**options, "call_log": calls.log})

    def reading_alone(
        self: UnitOfWorkSession, operation: str, function: Any, *arguments: Any, **options: Any
    ) -> Any:
        if function is not sales.simulate:
            calls.writes.append(operation)
            raise RuntimeError(f"{operation} was tried")
        return run(self, operation, function, *arguments, **options)

    monkeypatch.setattr(bootstrap_simulator, "local_simulator", local_simulator)
    monkeypatch.setattr(UnitOfWorkSession, "_run", reading_alone)
    return calls


def lines_of(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.parametrize("profile", ["ecc", "s4", "s4-mixed"])
@pytest.mark.parametrize("depth", ["schema", "master-data", "simulate"])
def test_no_depth_writes_over_any_transport(
    connector: Run, shop: Any, calls: Calls, profile: str, depth: str
) -> None:
    routes = {"master_data": "rfc"} if profile == "s4" else {}
    shop.set(erp={"profile": profile, "routes": routes, "transport": {"clearing_function": ""}})
    shop.drop(shop.order(), "good.json")
    shop.drop(shop.order(sku="NO-SUCH-SKU"), "bad.json")

    result = connector("dry-run", shop.inbox, "--channel", "shopify", "--depth", depth, "--json")

    assert result.exit_code == 1, result.output
    assert sorted(line["would_be_created"] for line in lines_of(result)) == [False, True]
    assert calls.read_alone, calls.log.getvalue()
    assert bool(calls.lines) is (depth != "schema")


def test_the_same_erp_does_fail_a_real_run(connector: Run, shop: Any, calls: Calls) -> None:
    """The proof above is worth something: whoever writes is noticed."""
    shop.drop(shop.order())

    connector("sync")

    assert not calls.read_alone


def test_at_schema_depth_orders_that_ask_the_erp_are_held_for_that(
    connector: Run, shop: Any, own: OwnMapping, calls: Calls
) -> None:
    own.change_rules(*ASKS_THE_ERP)
    own.change_rules("sku.unit", "sku.base_unit")
    shop.drop(shop.order(sku="BI-1000"))

    result = connector("dry-run", shop.inbox, "--channel", "shopify", "--json")

    [line] = lines_of(result)
    assert [each["code"] for each in line["problems"]] == ["MASTER_DATA_NOT_READ"]
    assert calls.lines == []


@pytest.mark.parametrize("depth", ["master-data", "simulate"])
def test_deeper_they_are_mapped_by_what_the_erp_says(
    connector: Run, shop: Any, own: OwnMapping, calls: Calls, depth: str
) -> None:
    own.change_rules(*ASKS_THE_ERP)
    own.change_rules("sku.unit", "sku.base_unit")
    shop.drop(shop.order(sku="BI-1000"), "1.json")
    shop.drop(shop.order(sku="BI-9999"), "2.json")

    result = connector("dry-run", shop.inbox, "--channel", "shopify", "--depth", depth, "--json")

    found = {line["source"][-6:]: line for line in lines_of(result)}
    assert [item["material"] for item in found["1.json"]["documents"][0]["items"]] == ["BI-1000"]
    assert found["2.json"]["problems"][0]["code"] == "UNKNOWN_SKU"
    assert "'BI-9999' is not in the ERP's materials" in found["2.json"]["problems"][0]["message"]


def test_the_service_maps_by_what_the_erp_says(connector: Run, shop: Any, own: OwnMapping) -> None:
    own.change_rules(*ASKS_THE_ERP)
    own.change_rules("sku.unit", "sku.base_unit")
    shop.drop(shop.order(sku="BI-1000"), "1.json")
    shop.drop(shop.order(sku="BI-9999", id=6000000000077), "2.json")

    connector("sync")

    orders = lines_of(connector("orders", "list", "--json"))
    assert sorted(bool(order["holds"]) for order in orders) == [False, True]


def test_a_material_that_the_erp_does_not_have_is_found_before_it_is_priced(
    connector: Run, shop: Any, own: OwnMapping
) -> None:
    own.change_table("skus.csv", "BI-1000", "BI-1OOO")
    shop.drop(shop.order(sku="DEICHGRAF-28"))

    result = connector(
        "dry-run", shop.inbox, "--channel", "shopify", "--depth", "master-data", "--json"
    )

    [line] = lines_of(result)
    assert [each["code"] for each in line["problems"]] == ["MATERIAL_NOT_IN_ERP"]
    assert "'BI-1OOO'" in line["problems"][0]["message"]


def test_where_no_transport_reads_master_data_it_is_said_what_to_choose(
    connector: Run, shop: Any, own: OwnMapping
) -> None:
    own.change_rules(*ASKS_THE_ERP)
    own.change_rules("sku.unit", "sku.base_unit")
    shop.set(erp={"routes": {"master_data": "none"}})
    shop.drop(shop.order())

    for command in (
        ("dry-run", shop.inbox, "--channel", "shopify", "--depth", "simulate"),
        ("sync",),
    ):
        result = connector(*command)

        assert result.exit_code == 2, result.output
        assert "erp.routes.master_data" in result.stderr
        assert "Choose one of rfc" in " ".join(result.stderr.split())


def test_two_depths_at_once_are_refused(connector: Run, shop: Any) -> None:
    arguments = ("dry-run", shop.inbox, "--channel", "shopify", "--simulate")

    assert connector(*arguments, "--depth", "schema").exit_code == 2
