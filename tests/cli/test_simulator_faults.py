"""Faults can be listed, let wait in a served ERP, and taken back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import requests
from typer.testing import Result

from connector.bootstrap.fault_catalogue import fault_catalogue
from connector.simulator.engine.faults import CLOCK_FAULTS, FAULTS
from connector.simulator.http.faults import HttpFault
from connector.simulator.rfc.exceptions import CommunicationError
from connector.simulator.rfc.faults import Fault
from connector.simulator.rfc.remote import RemoteConnection

Run = Callable[..., Result]
Serve = Callable[..., dict[str, Any]]


def call(address: str) -> None:
    host, port = address.split(":")
    logon: dict[str, Any] = {"ashost": host, "client": "100", "user": "A", "passwd": "x"}
    connection = RemoteConnection(host, int(port), None, **logon)
    try:
        connection.call("STFC_CONNECTION", REQUTEXT="hello")
    finally:
        connection.close()


def test_every_fault_of_every_part_is_listed_with_what_it_does(run: Run) -> None:
    told = run("simulator", "faults")
    listed = json.loads(run("simulator", "faults", "--json").stdout)

    assert {each["fault"] for each in listed if each["in"] == "engine"} == {*FAULTS, *CLOCK_FAULTS}
    assert {each["fault"] for each in listed if each["in"] == "rfc"} == set(Fault)
    assert {each["fault"] for each in listed if each["in"] == "http"} == set(HttpFault)
    said = ("moment", "client_sees", "erp_has_done", "on")
    assert all(each[name] for each in listed for name in said)
    assert told.exit_code == 0
    assert "update terminated after commit" in told.stdout


def test_no_part_lists_a_fault_twice() -> None:
    names = [(each.part, each.name) for each in fault_catalogue()]

    assert len(set(names)) == len(names)


def test_an_injected_fault_waits_strikes_once_and_is_gone(run: Run, serve: Serve) -> None:
    served = serve()
    to = ("--address", served["rfc"])

    injected = run(
        "simulator", "inject", "connection lost before call", "--on", "STFC_CONNECTION", *to
    )
    waiting = json.loads(run("simulator", "faults", "--waiting", "--json", *to).stdout)
    with pytest.raises(CommunicationError):
        call(served["rfc"])
    call(served["rfc"])
    after = run("simulator", "faults", "--waiting", *to)

    assert injected.exit_code == 0, injected.output
    assert "waits in rfc, on STFC_CONNECTION, once" in injected.stdout
    name = "connection lost before call"
    assert waiting == [{"in": "rfc", "fault": name, "on": "STFC_CONNECTION", "times": 1}]
    assert after.stdout == "No fault waits.\n"


def test_what_it_is_injected_on_tells_where_it_waits(run: Run, serve: Serve) -> None:
    served = serve()
    to = ("--address", served["rfc"])
    lost = "connection lost after call"

    locked = ("document locked", "--on", "create deliveries", "--by", "MEIER", "--skip", 1)
    run("simulator", "inject", "return E", "--on", "create sales document", *to)
    run("simulator", "inject", *locked, *to)
    run("simulator", "inject", lost, "--on", "BAPI_SALESORDER_SIMULATE", "--times", 2, *to)
    run("simulator", "inject", lost, "--on", "POST A_SalesOrder", "--skip", 1, *to)
    waiting = json.loads(run("simulator", "faults", "--waiting", "--json", *to).stdout)
    cleared = run("simulator", "faults", "--clear", *to)

    assert {(each["in"], each["on"], each["times"]) for each in waiting} == {
        ("engine", "create sales document", 1),
        ("engine", "create deliveries", 1),
        ("rfc", "BAPI_SALESORDER_SIMULATE", 2),
        ("http", "POST A_SalesOrder", 1),
    }
    assert cleared.stdout == "No fault waits.\n"


def test_a_fault_of_http_is_answered_over_http(run: Run, serve: Serve) -> None:
    served = serve()
    address = ("--address", served["rfc"])
    fault = ("service unavailable, seconds", "--on", "A_SalesOrder", "--seconds", 7)
    run("simulator", "inject", *fault, *address)
    url = f"{served['http']}/sap/opu/odata/sap/API_SALES_ORDER_SRV/A_SalesOrder?$format=json"

    with requests.Session() as session:
        session.auth = ("A", "x")
        first, second = session.get(url), session.get(url)

    assert (first.status_code, first.headers["Retry-After"]) == (503, "7")
    assert (second.status_code, second.json()) == (200, {"d": {"results": []}})


def test_what_is_held_back_goes_on_when_it_is_released(run: Run, serve: Serve) -> None:
    served = serve()

    result = run("simulator", "release", "--address", served["rfc"])

    assert result.stdout == "0 held calls go on.\n"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("return F",), "Did you mean 'return E'?"),
        (("short dump",), "engine, rfc have one of this name. Say which with --in"),
        (("short dump", "--in", "http"), "is not in http"),
        (("short dump", "--in", "odata"), "there are: engine, rfc, http"),
        (("return E", "--on", "POST A_SalesOrder"), "cannot be injected on 'POST A_SalesOrder'"),
        (("return E", "--on", "commit", "--seconds", 2), "Leave out --seconds"),
        (("silent reopen", "--by", "MEIER"), "Leave out --by"),
    ],
)
def test_a_fault_that_cannot_be_injected_says_why(
    run: Run, arguments: tuple[object, ...], expected: str
) -> None:
    result = run("simulator", "inject", *arguments, "--address", "127.0.0.1:1")

    assert result.exit_code == 2
    assert expected in result.stderr


def test_a_fault_needs_an_erp_that_runs(connector: Run) -> None:
    result = connector("simulator", "inject", "return E")

    assert result.exit_code == 2
    assert "sd-connector simulator serve" in result.stderr
