"""The simulated ERP can be served to others, moved in time and emptied."""

from __future__ import annotations

import json
import signal
import socket
import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from typer.testing import Result

from connector.simulator.rfc.exceptions import LogonError
from connector.simulator.rfc.remote import RemoteConnection

Run = Callable[..., Result]
Serve = Callable[..., dict[str, Any]]


def clock_of(state: Path) -> datetime:
    """Return where the clock in a state file stands."""
    connection = sqlite3.connect(state)
    try:
        (value,) = connection.execute("SELECT value FROM meta WHERE name = 'clock'").fetchone()
    finally:
        connection.close()
    return datetime.fromisoformat(value)


def test_a_served_erp_answers_logs_calls_moves_in_time_and_ends_cleanly(
    serve: Serve, run: Run, tmp_path: Path
) -> None:
    state, log = tmp_path / "erp.sqlite3", tmp_path / "calls.jsonl"
    served = serve("--state", state, "--user", "SHOP", "--password", "right", "--log-calls", log)
    host, port = served["rfc"].split(":")
    logon = {"ashost": host, "client": "100", "user": "SHOP"}

    connection = RemoteConnection(host, int(port), None, **logon, passwd="right")
    answer = connection.call("STFC_CONNECTION", REQUTEXT="hello")
    connection.close()
    with pytest.raises(LogonError):
        RemoteConnection(host, int(port), None, **logon, passwd="wrong")
    moved = run("simulator", "tick", "--days", 2, "--address", served["rfc"], "--json")
    served["process"].send_signal(signal.SIGTERM)
    served["process"].wait(timeout=20)

    assert answer["ECHOTEXT"] == "hello"
    assert json.loads(log.read_text().splitlines()[0])["function"] == "STFC_CONNECTION"
    assert moved.exit_code == 0, moved.output
    assert json.loads(moved.stdout)["days"] == 2
    assert served["process"].returncode == 0


def test_one_erp_is_served_over_rfc_and_http_and_keeps_its_documents(
    serve: Serve, tmp_path: Path
) -> None:
    state, log = tmp_path / "erp.sqlite3", tmp_path / "calls.jsonl"
    served = serve("--state", state, "--user", "SHOP", "--password", "right", "--log-calls", log)
    service = f"{served['http']}/sap/opu/odata/sap/API_SALES_ORDER_SRV"
    soap = f"{served['http']}/sap/bc/srt/scs/sap/journalentrycreaterequestconfi?wsdl"

    with requests.Session() as session:
        refused = session.get(service, auth=("SHOP", "wrong"))
        metadata = session.get(f"{service}/$metadata", auth=("SHOP", "right"))
        wsdl = session.get(soap, auth=("SHOP", "right"))
    served["process"].send_signal(signal.SIGTERM)
    served["process"].wait(timeout=20)

    assert refused.status_code == 401
    assert b"A_SalesOrder" in metadata.content
    assert b"definitions" in wsdl.content
    assert served["process"].returncode == 0
    assert state.exists()
    paths = [json.loads(line)["path"] for line in log.read_text().splitlines()]
    assert paths[1].endswith("/$metadata")
    assert "right" not in log.read_text()


def test_a_certificate_that_is_not_there_is_told_before_anything_is_served(
    run: Run, tmp_path: Path
) -> None:
    missing = f"http.tls_certificate={tmp_path / 'nowhere.pem'}"

    result = run("simulator", "serve", "--option", missing)

    assert result.exit_code == 2
    assert "certificate cannot be used" in result.stderr


def test_a_state_file_is_moved_in_time_and_emptied(run: Run, tmp_path: Path) -> None:
    state = tmp_path / "erp.sqlite3"

    first = run("simulator", "tick", "--state", state, "--json")
    run("simulator", "tick", "--state", state, "--days", 3)
    then = clock_of(state)
    again = run("simulator", "tick", "--state", state, "--days", 1)
    emptied = run("simulator", "reset", "--state", state, "--yes")

    assert json.loads(first.stdout)["made"] == 0
    assert (clock_of(state) - then).days == 1
    assert again.exit_code == 0
    assert emptied.stdout == "Forgot 0 documents.\n"


def test_reset_asks_first(run: Run, tmp_path: Path) -> None:
    result = run("simulator", "reset", "--state", tmp_path / "erp.sqlite3", input="n\n")

    assert result.exit_code == 1
    assert "Forgot" not in result.stdout


def test_an_address_where_nobody_listens_has_code_3(run: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        result = run("simulator", "tick", "--address", address)

    assert result.exit_code == 3
    assert "sd-connector simulator serve" in result.stderr


@pytest.mark.parametrize("face", ["rfc", "http"])
def test_a_port_in_use_says_so(run: Run, face: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = run("simulator", "serve", f"--{face}-port", taken.getsockname()[1])

    assert result.exit_code == 2
    assert "Choose another port" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("serve", "--user", "A"), "belong together"),
        (("serve", "--option", "update_delay=2"), "write engine.NAME=VALUE"),
        (("serve", "--option", "engine.update_dely=2"), "Did you mean update_delay?"),
        (("serve", "--option", "engine.update_delay=soon"), "engine.update_delay"),
        (("serve", "--master-data", "/nowhere"), "there is no folder"),
        (("tick", "--state", "x", "--address", "y:1"), "give one"),
        (("tick", "--address", "nowhere"), "address"),
    ],
)
def test_wrong_usage_says_what_is_right(
    run: Run, arguments: tuple[str, ...], expected: str
) -> None:
    result = run("simulator", *arguments)

    assert result.exit_code == 2
    assert expected in " ".join(result.stderr.replace("│", " ").split())


def test_a_state_that_cannot_be_written_names_the_folder(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    result = run("simulator", "tick", "--state", tmp_path / "file" / "erp.sqlite3")

    assert result.exit_code == 2
    assert "the folder cannot be made" in result.stderr
