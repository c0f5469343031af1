"""Every fault of the catalogue can be injected in both ways, and is named by a test."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from connector.bootstrap.fault_behaviours import BEHAVIOURS, MEANINGS, STANDING, Reaction
from connector.bootstrap.fault_catalogue import (
    ENGINE,
    HTTP,
    PARTS,
    RFC,
    FaultEntry,
    fault_catalogue,
)
from connector.bootstrap.faults import FaultWish
from connector.bootstrap.remote_simulator import RemoteSimulator
from connector.bootstrap.simulator import LocalSimulator, local_simulator, serve
from connector.cli.app import app
from connector.errors import ConfigurationError
from connector.ports.capabilities import Transport
from connector.resources import shipped
from connector.settings import load_settings
from connector.simulator.engine.faults import CLOCK_FAULTS, FAULTS
from connector.simulator.http.faults import HttpFault
from connector.simulator.rfc.faults import Fault

INJECTABLE = [each for each in fault_catalogue() if each.can_be_injected]
#: A named call of each part that every fault of it can be injected on.
CALLS = {ENGINE: "commit", RFC: "BAPI_SALESORDER_CREATEFROMDAT2", HTTP: "POST A_SalesOrder"}


def name_of(entry: FaultEntry) -> str:
    return f"{entry.name} in {entry.part}"


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSimulator]:
    file = tmp_path_factory.mktemp("erp") / "connector.yaml"
    content = {
        "store": {"url": "sqlite:///store.sqlite3"},
        "plans": str(shipped("config/plans")),
        "erp": {"profile": "s4-mixed"},
        "channels": {},
    }
    file.write_text(json.dumps(content), "utf-8")
    found = local_simulator(load_settings(file))
    yield found
    found.close()


@pytest.fixture(scope="module")
def address(simulator: LocalSimulator) -> Iterator[str]:
    server = serve(simulator, "127.0.0.1", 0)
    host, port = server.address
    yield f"{host}:{port}"
    server.close()


def wish_for(entry: FaultEntry) -> FaultWish:
    """Return a wish for *entry* on a named call, three times, far away."""
    if entry.name in CLOCK_FAULTS:
        return FaultWish(entry.name, part=entry.part)
    return FaultWish(entry.name, CALLS[entry.part], times=3, skip=1000, part=entry.part)


def test_the_catalogue_is_complete() -> None:
    listed = {part: {e.name for e in fault_catalogue() if e.part == part} for part in PARTS}

    assert listed == {
        ENGINE: {*FAULTS, *CLOCK_FAULTS},
        RFC: {fault.value for fault in Fault},
        HTTP: {fault.value for fault in HttpFault},
    }
    assert all(each.moment and each.client_sees and each.erp_has_done for each in fault_catalogue())


@pytest.mark.parametrize("entry", INJECTABLE, ids=name_of)
def test_a_fault_is_injected_alike_in_process_and_over_the_wire(
    simulator: LocalSimulator, address: str, entry: FaultEntry
) -> None:
    served = RemoteSimulator(address)
    wish = wish_for(entry)

    def through_the_command_line() -> None:
        arguments = ["simulator", "inject", entry.name, "--in", entry.part, "--address", address]
        if entry.name not in CLOCK_FAULTS:
            arguments += ["--on", wish.on, "--times", "3", "--skip", "1000"]
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == 0, result.output

    ways: tuple[Callable[[], Any], ...] = (
        lambda: simulator.inject(wish),
        lambda: served.inject(wish),
        through_the_command_line,
    )
    seen = []
    for way in ways:
        served.clear_faults()
        before = simulator.clock.now()
        way()
        seen.append((served.waiting_faults(), simulator.clock.now() > before))
    served.clear_faults()

    expected: tuple[Any, ...] = ((entry.part, entry.name, CALLS[entry.part], 3),)
    if entry.name in CLOCK_FAULTS:
        expected = ((ENGINE, entry.name, "*", 1),) if entry.name.startswith("clock") else ()
    assert [waiting for waiting, _ in seen[:2]] == [expected, expected]
    assert seen[2][0] == expected
    moves = entry.name.startswith("daylight")
    assert seen[0][1] or not moves
    assert served.waiting_faults() == ()


@pytest.mark.parametrize(
    "entry", [each for each in fault_catalogue() if not each.can_be_injected], ids=name_of
)
def test_what_happens_beside_the_erp_says_how_to_bring_it_about(entry: FaultEntry) -> None:
    if any(each.name == entry.name for each in INJECTABLE):
        return
    with pytest.raises(ConfigurationError, match="happens beside the ERP") as raised:
        RemoteSimulator("127.0.0.1:1").inject(FaultWish(entry.name))
    assert entry.client_sees in str(raised.value)


def test_every_fault_has_a_behaviour_that_a_test_has_seen() -> None:
    shown = {(each.part, each.fault) for each in BEHAVIOURS}
    told = set(STANDING)
    listed = {(each.part, each.name) for each in fault_catalogue()}

    assert shown | told == listed
    assert not shown & told


def test_every_fault_that_strikes_no_single_call_is_named_by_a_test() -> None:
    sources = " ".join(
        re.sub(r"[\W_]+", " ", file.read_text("utf-8"))
        for file in Path(__file__).parent.glob("test_faults_*.py")
        if file.name != Path(__file__).name
    )

    assert [name for _, name in STANDING if name not in sources] == []


def test_every_fault_over_http_is_shown_wherever_it_can_occur() -> None:
    """What only one of the two protocols has is in its own words."""
    shown = {
        via: {each.fault for each in BEHAVIOURS if (each.part, each.via) == (HTTP, via)}
        for via in (Transport.ODATA, Transport.SOAP)
    }
    odata_alone = {
        *("csrf token expired", "precondition failed", "precondition required"),
        *("request id outdated", "malformed json", "truncated json"),
    }

    assert shown[Transport.ODATA] - shown[Transport.SOAP] == odata_alone
    assert shown[Transport.SOAP] <= shown[Transport.ODATA]


def test_every_reaction_is_explained_and_occurs() -> None:
    assert set(MEANINGS) == set(Reaction) == {each.reaction for each in BEHAVIOURS}
