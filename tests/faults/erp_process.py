"""The simulated ERP in a process of its own, on all its faces, and a clean look at what it has."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import structlog
import yaml

from connector.bootstrap.clocks import SimulationClock
from connector.bootstrap.simulator import LocalSimulator, local_simulator
from connector.clock import Clock, ManualClock, SystemClock
from connector.resources import shipped
from connector.settings import load_settings
from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.specs import DeliveryRef
from connector.simulator.http.control import http_controls
from connector.simulator.http.server import HttpErpServer
from connector.simulator.rfc.remote import RemoteControl
from connector.simulator.rfc.server import RfcServer

NOW: Final = datetime(2026, 3, 2, 8, tzinfo=UTC)
CLEARING: Final = "Z_SD_CONNECTOR_POST_CLEAR"
REVERSAL: Final = "Z_SD_CONNECTOR_REVERSE_GI"
#: Categories of billing documents and their cancellations.
BILLING: Final = frozenset("MNOPS")
_PATIENCE_S: Final = 120

#: Processes start from a server that has imported everything once: in milliseconds.
processes: Final = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(
    [
        "tests.faults.erp_process",
        "tests.faults.connector_process",
        "connector.bootstrap.http_transports",
        "connector.store.sql_store",
        "connector.erp.soap.transport",
    ]
)


def be_quiet() -> None:
    """Leave out the debug line of each call."""
    quiet = structlog.make_filtering_bound_logger(logging.CRITICAL)
    structlog.configure(wrapper_class=quiet)
    logging.disable(logging.CRITICAL)


def erp_settings(profile: str, **simulator: Any) -> dict[str, Any]:
    """Return the section `erp` of a connector's or a served ERP's settings."""
    return {
        "profile": profile,
        "simulator": simulator,
        "transport": {
            "clearing_function": CLEARING,
            "goods_issue_reversal_function": REVERSAL,
        },
    }


@dataclass(frozen=True, slots=True)
class Served:
    """How an ERP is served: its kind, its state file (None: memory), its ports (0: free ones)."""

    profile: str
    folder: Path
    keeps_state: bool = False
    rfc_port: int = 0
    http_port: int = 0
    #: On the machine's clock, as a daemon is; else the clock stands still at `NOW`.
    is_live: bool = False
    #: Kills the process at a moment of its own; see `tests.faults.kill_moments`.
    moment: Any = None


def serve(pipe: Connection, served: Served) -> None:
    """Serve an ERP until the other side of *pipe* hangs up; the process's main function."""
    be_quiet()
    simulated: dict[str, Any] = {
        "master_data": [str(shipped("fixtures/erp")), str(shipped("fixtures/erp-cases"))],
        "engine": {"active_jobs": []},
    }
    if served.keeps_state:
        simulated["state"] = str(served.folder / "erp.sqlite3")
    file = served.folder / "erp.yaml"
    content = {
        "plans": str(shipped("config/plans")),
        "erp": erp_settings(served.profile, **simulated),
    }
    file.write_text(yaml.safe_dump(content), "utf-8")
    if served.moment is not None:
        served.moment.arm()
    clock: Clock = SystemClock() if served.is_live else ManualClock(NOW)
    simulator = local_simulator(load_settings(file), clock=SimulationClock(clock))
    try:
        rfc = RfcServer(simulator.face, "127.0.0.1", served.rfc_port, _controls(simulator))
        with rfc, HttpErpServer(simulator.front, "127.0.0.1", served.http_port) as http:
            pipe.send((rfc.address, http.address))
            try:
                pipe.recv()
            except EOFError:
                return
    finally:
        simulator.close()


def _controls(simulator: LocalSimulator) -> Mapping[str, Callable[..., Any]]:
    erp, face, front = simulator.erp, simulator.face, simulator.front

    def release_all() -> int:
        return face.release_held() + front.release_held() + erp.release_updates()

    def clear_all() -> None:
        for faults in (erp.faults, face.faults, front.faults):
            faults.clear()

    def receive_goods(number: str) -> None:
        """Somebody in the warehouse takes back what is returned, once."""
        if erp.deliveries_of(number):
            return
        with erp.session("WAREHOUSE") as session:
            delivery = session.create_deliveries([DeliveryRef(number)]).number
            session.commit(wait=True)
            session.confirm_delivery(delivery, post_goods_issue=True)
            session.commit(wait=True)

    return {
        **http_controls(front),
        "receive goods": receive_goods,
        "release all": release_all,
        "clear all": clear_all,
        "held": lambda: face.held_calls + len(front.held),
        "found": lambda reference, payment: found(erp, reference, payment),
    }


def found(erp: SimulatedErp, reference: str, payment: str) -> dict[str, list[str]]:
    """
    Return the numbers of all documents of the order *reference*, by kind.

    Kinds are the letters of the document category; what billing posted in FI is `accounting`, and
    documents of FI with the reference *payment* are `payment`.
    """
    result: dict[str, list[str]] = {}
    seen: set[tuple[str, str]] = set()
    todo: list[tuple[str, str]] = [
        (document.category, document.number)
        for document in erp.sales_documents()
        if document.purchase_order_by_customer.partition("/")[0] == reference
    ]
    while todo:
        key = todo.pop()
        if key in seen:
            continue
        seen.add(key)
        result.setdefault(key[0], []).append(key[1])
        todo += [(row.subsequent_category, row.subsequent) for row in erp.flow_after(key[1])]
    for kind, number in seen:
        if kind in BILLING:
            accounting = erp.accounting_documents_of("VBRK", number)
            result.setdefault("accounting", []).extend(each.number for each in accounting)
    payments = {
        f"{document.company_code}/{document.number}/{document.fiscal_year}"
        for document in erp.accounting_documents_by_reference(payment)
        if document.document_type == "DZ"
    }
    if payment and payments:
        result["payment"] = sorted(payments)
    return {kind: sorted(numbers) for kind, numbers in result.items()}


class ErpProcess:
    """A served ERP; use it in `with`. With a state file it can be killed and started again."""

    def __init__(
        self,
        profile: str,
        folder: Path,
        *,
        keeps_state: bool = False,
        is_live: bool = False,
        moment: Any = None,
    ) -> None:
        self.profile = profile
        self._served = Served(profile, folder, keeps_state, is_live=is_live, moment=moment)
        self._start()

    def _start(self) -> None:
        self._pipe, theirs = processes.Pipe()
        self._process = processes.Process(target=serve, args=(theirs, self._served), daemon=True)
        self._process.start()
        theirs.close()
        if not self._pipe.poll(_PATIENCE_S):
            raise RuntimeError("the simulated ERP did not start")
        (self.host, self.port), (_, self.http_port) = self._pipe.recv()
        self.control = RemoteControl(self.host, self.port)

    @property
    def pid(self) -> int:
        """Its process."""
        assert self._process.pid is not None
        return self._process.pid

    @property
    def addresses(self) -> dict[str, str]:
        """Where it answers, as settings of a connector."""
        return {
            "address": f"{self.host}:{self.port}",
            "http_address": f"http://{self.host}:{self.http_port}",
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.control.close()
        self._pipe.close()
        self._process.join(20)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._process.close()

    def kill(self) -> None:
        """Kill it with SIGKILL, if it lives."""
        if self._process.is_alive():
            os.kill(self.pid, signal.SIGKILL)
        self._process.join(_PATIENCE_S)
        self._process.close()
        self.control.close()
        self._pipe.close()

    def restart(self) -> None:
        """Start it again where it was: the same ports, the state of its file."""
        self._served = replace(
            self._served, rfc_port=self.port, http_port=self.http_port, moment=None
        )
        self._start()

    @property
    def is_alive(self) -> bool:
        """Whether its process runs."""
        return self._process.is_alive()

    def release(self) -> int:
        """Release what was held back; returns how much that was."""
        return int(self.control("release all"))

    def found(self, reference: str, payment: str = "") -> dict[str, list[str]]:
        """Return the numbers of all documents of the order *reference*, by kind."""
        return dict(self.control("found", reference=reference, payment=payment))
