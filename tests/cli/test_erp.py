"""Whether the ERP works is told operation by operation, and what a role lacks by its name."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from connector.ports.capabilities import ErpOperation

Run = Callable[..., Result]
Serve = Callable[..., dict[str, Any]]


def found(result: Result) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def outcomes(result: Result) -> dict[str, str]:
    return {each["operation"]: each["outcome"] for each in found(result)["operations"]}


def test_every_routed_operation_of_a_simulated_erp_works(connector: Run) -> None:
    result = connector("erp", "check", "--json")

    assert result.exit_code == 0, result.output
    assert set(outcomes(result)) == {each.value for each in ErpOperation} - {"billing_pdf"}
    assert set(outcomes(result).values()) == {"works"}
    assert all(each["latency_ms"] >= 0 for each in found(result)["operations"])
    [rfc] = found(result)["transports"]
    assert (rfc["transport"], rfc["system"], rfc["client"]) == ("rfc", "SIM", "100")
    assert rfc["user"] == "CONNECTOR"


@pytest.mark.parametrize(
    ("profile", "transports", "not_done"),
    [
        ("s4", ["odata", "soap"], {"debit_memo_request", "master_data"}),
        ("s4-mixed", ["rfc", "odata", "soap"], set()),
    ],
)
@pytest.mark.parametrize("place", ["in process", "served"])
def test_every_profile_works_on_a_simulated_erp_here_and_elsewhere(
    connector: Run,
    shop: Any,
    serve: Serve,
    profile: str,
    transports: list[str],
    not_done: set[str],
    place: str,
) -> None:
    shop.set(erp={"profile": profile})
    if place == "served":
        served = serve()
        addresses = {"address": served["rfc"], "http_address": served["http"]}
        shop.set(erp={"simulator": {"state": None, **addresses}})

    result = connector("erp", "check", "--json")

    assert result.exit_code == 0, result.output
    assert [each["transport"] for each in found(result)["transports"]] == transports
    assert set(outcomes(result)) == {each.value for each in ErpOperation} - not_done
    assert set(outcomes(result).values()) == {"works"}
    assert found(result)["warnings"] == []


def test_people_see_system_user_and_latency(connector: Run) -> None:
    result = connector("erp", "check")

    assert result.exit_code == 0
    for expected in ("SIM", "CONNECTOR", "sales_order", "works"):
        assert expected in result.stdout
    assert "Missing" not in result.stdout


@pytest.mark.parametrize(
    ("denied", "operations", "authorization"),
    [
        (
            "BAPI_SALESORDER_SIMULATE",
            {"simulation"},
            "S_RFC RFC_TYPE=FUNC RFC_NAME=BAPI_SALESORDER_SIMULATE ACTVT=16",
        ),
        ("LIPS", {"delivery", "goods_issue", "document_flow"}, "S_TABU_NAM TABLE=LIPS ACTVT=03"),
        ("FAGLFLEXA", {"open_items"}, "S_TABU_NAM TABLE=FAGLFLEXA ACTVT=03"),
    ],
)
def test_a_missing_authorization_is_named_with_what_does_not_work(
    connector: Run, shop: Any, denied: str, operations: set[str], authorization: str
) -> None:
    shop.set(erp={"simulator": {"face": {"denied": [denied]}}})

    result = connector("erp", "check", "--json")
    told = connector("erp", "check")

    assert result.exit_code == told.exit_code == 1
    refused = {name for name, outcome in outcomes(result).items() if outcome != "works"}
    assert refused == operations
    assert {each["authorization"] for each in found(result)["operations"]} == {"", authorization}
    assert f"- {authorization}" in told.stdout


@pytest.mark.parametrize("profile", ["ecc", "s4"])
def test_a_wrong_password_is_tried_once(
    connector: Run, shop: Any, serve: Serve, tmp_path: Path, profile: str
) -> None:
    served = serve("--user", "SHOP", "--password", "right")
    (tmp_path / "secret").write_text("wrong")
    logon = {"user": "SHOP", "password_file": str(tmp_path / "secret")}
    addresses = {"address": served["rfc"], "http_address": served["http"]}
    simulator = {"state": None, **addresses, **logon}
    shop.set(erp={"profile": profile, "simulator": simulator})

    checks = 4 if profile == "ecc" else 2  # OData and SOAP log on once each
    results = [connector("erp", "check", "--json") for _ in range(checks)]
    (tmp_path / "secret").write_text("right")
    after = connector("erp", "check", "--json")

    assert [each.exit_code for each in results] == [1] * checks
    assert set(outcomes(results[0]).values()) == {"not tried"}
    assert found(results[0])["transports"][0]["outcome"] == "not authorized"
    # Five wrong passwords lock the user: these checks must not have used them up.
    assert after.exit_code == 0, after.output


def test_an_erp_that_is_not_there_has_code_3(connector: Run, shop: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        shop.set(erp={"simulator": {"state": None, "address": address}})
        result = connector("erp", "check", "--json")

    assert result.exit_code == 3
    assert found(result)["transports"][0]["outcome"] == "unreachable"
    assert set(outcomes(result).values()) == {"not tried"}


def test_an_unknown_company_code_is_no_missing_right(connector: Run) -> None:
    result = connector("erp", "check", "--company-code", "XXXX", "--json")

    assert "not authorized" not in outcomes(result).values()


def test_the_matrix_shows_what_each_transport_can_and_which_one_does_it(connector: Run) -> None:
    result = connector("erp", "capabilities", "--json")
    told = connector("erp", "capabilities")

    rows = {each["operation"]: each for each in found(result)["operations"]}
    assert set(rows) == {each.value for each in ErpOperation}
    assert rows["billing"]["route"] == "rfc"
    assert rows["billing"]["access"] == "create"
    assert "BAPI_BILLINGDOC_CANCEL1" in rows["billing"]["transports"]["rfc"]["through"]
    assert rows["billing_pdf"]["route"] is None
    assert "BAPI_SALESORDER_SIMULATE" in told.stdout
    assert "System profile ecc" in told.stdout


def test_the_matrix_of_s4_shows_what_nobody_creates_there(connector: Run, shop: Any) -> None:
    shop.set(erp={"profile": "s4"})

    result = connector("erp", "capabilities", "--json")

    rows = {each["operation"]: each for each in found(result)["operations"]}
    assert (rows["inquiry"]["route"], rows["inquiry"]["access"]) == ("odata", "read")
    assert (rows["billing"]["route"], rows["billing"]["access"]) == ("odata", "change")
    assert (rows["payment"]["route"], rows["payment"]["access"]) == ("soap", "create")
    assert rows["payment"]["transports"]["odata"]["access"] == "none"
    through = rows["payment"]["transports"]["soap"]["through"]
    assert through == ["JournalEntryCreateRequestConfirmation_In"]


def test_a_plan_that_no_route_can_create_stops_the_check_of_the_settings(
    connector: Run, shop: Any
) -> None:
    shop.set(erp={"profile": "s4"}, channels={"shopify": {"plan": "presales"}})

    result = connector("config", "check")

    assert result.exit_code == 2
    assert "presales.yaml: inquiry" in result.stderr
