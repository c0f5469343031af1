"""The simulated ERP in a process of its own, and a clean look at what it has."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Final, Self, cast

import structlog

from connector.bootstrap.clocks import SimulationClock
from connector.clock import ManualClock
from connector.erp.rfc.driver import OnSent, RfcConnection, RfcDriver
from connector.erp.rfc.erp import RfcErp
from connector.erp.rfc.options import RfcOptions
from connector.resources import shipped
from connector.sd_documents.status import Status
from connector.sd_documents.values import DocumentCategory
from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.master_data import MasterData
from connector.simulator.engine.settings import EngineSettings
from connector.simulator.rfc.exceptions import RFCError
from connector.simulator.rfc.face import RfcFace
from connector.simulator.rfc.remote import RemoteConnection, RemoteControl
from connector.simulator.rfc.server import RfcServer

NOW: Final = datetime(2026, 3, 2, 8, tzinfo=UTC)
CLEARING: Final = "Z_SD_CONNECTOR_POST_CLEAR"

#: Processes start from a server that has imported everything once: in milliseconds.
processes: Final = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(
    ["tests.faults.erp_process", "tests.faults.connector_process", "connector.store.sql_store"]
)


def serve(pipe: Connection) -> None:
    """Serve a fresh ERP whose own jobs are off, until the other side of *pipe* hangs up."""
    clock = SimulationClock(ManualClock(NOW))
    master = MasterData.load(shipped("fixtures/erp"), shipped("fixtures/erp-cases"))
    be_quiet()
    settings = EngineSettings(active_jobs=frozenset())
    with SimulatedErp(master, clock, settings) as erp, RfcServer(RfcFace(erp)) as server:
        pipe.send(server.address)
        with contextlib.suppress(EOFError):
            pipe.recv()


def be_quiet() -> None:
    """Leave out the debug line of each call."""
    quiet = structlog.make_filtering_bound_logger(logging.WARNING)
    structlog.configure(wrapper_class=quiet)


def transport(host: str, port: int, clock: ManualClock) -> RfcErp:
    """Return the RFC transport to the ERP that is served at *host* and *port*."""

    def connect(on_sent: OnSent) -> RfcConnection:
        logon: dict[str, Any] = {"ashost": host, "user": "connector", "passwd": "x", "lang": "EN"}
        line: Any = RemoteConnection(host, port, {"timeout": 60}, on_sent=on_sent, **logon)
        return cast(RfcConnection, line)

    return RfcErp(RfcDriver(connect, RFCError), RfcOptions(clearing_function=CLEARING), clock)


@dataclass(frozen=True, slots=True)
class Found:
    """What the ERP has of one order, by kind."""

    sales_orders: tuple[str, ...]
    deliveries: tuple[str, ...]
    goods_issues: tuple[str, ...]
    invoices: tuple[str, ...]
    payments: tuple[str, ...]

    @property
    def counts(self) -> tuple[int, int, int, int, int]:
        return (
            len(self.sales_orders),
            len(self.deliveries),
            len(self.goods_issues),
            len(self.invoices),
            len(self.payments),
        )


class ErpProcess:
    """A served ERP; use it in `with`."""

    def __init__(self) -> None:
        self._pipe, theirs = processes.Pipe()
        self._process = processes.Process(target=serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        if not self._pipe.poll(60):
            raise RuntimeError("the simulated ERP did not start within a minute")
        self.host, self.port = self._pipe.recv()
        self.control = RemoteControl(self.host, self.port)
        self._looking = transport(self.host, self.port, ManualClock(NOW))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._looking.close()
        self.control.close()
        self._pipe.close()
        self._process.join(20)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._process.close()

    def let_everything_happen(self) -> int:
        """Release what was held back; returns how much that was."""
        return int(self.control("release held")) + int(self.control("release updates"))

    def look(self, reference: str, payment_reference: str) -> Found:
        """Look for all documents of an order, by its reference and that of its payment."""
        orders = self._looking.sales_documents.find(reference, DocumentCategory.SALES_ORDER)
        chain = self._looking.chains.read(orders)
        return Found(
            sales_orders=orders,
            deliveries=tuple(delivery.number for delivery in chain.deliveries),
            goods_issues=tuple(
                delivery.number
                for delivery in chain.deliveries
                if delivery.goods_movement_status is Status.COMPLETELY
            ),
            invoices=tuple(document.number for document in chain.billing_documents),
            payments=tuple(
                str(key)
                for key in self._looking.payments.find(payment_reference, "1000", "0000001001")
            ),
        )
