"""Watch the round trips to the ERP: what they were for, what they cost, and how to repeat them."""

from __future__ import annotations

import copy
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter

from benchmarks.purposes import Purposes
from connector.erp.http.wire import WatchedAdapter
from connector.erp.rfc.driver import OnSent, RfcConnection, RfcDriver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.erp.http.options import HttpOptions
    from connector.erp.http.session import AdapterFactory
    from connector.sync.context import SyncContext

#: A unit of work ends with one of these; any other call outside of one stands alone.
ENDS = ("BAPI_TRANSACTION_COMMIT", "BAPI_TRANSACTION_ROLLBACK")
WRITES = (
    "BAPI_SALESORDER_CREATEFROMDAT2",
    "BAPI_ACC_DOCUMENT_POST",
    "BAPI_OUTB_DELIVERY_CREATE_SLS",
    "BAPI_BILLINGDOC_CREATEMULTIPLE",
    "Z_SD_CONNECTOR_POST_CLEAR",
)


@dataclass(frozen=True, slots=True)
class RfcCall:
    """A function call, to be made again."""

    function: str
    parameters: dict[str, Any]


@dataclass(frozen=True, slots=True)
class HttpCall:
    """A request, to be made again."""

    request: PreparedRequest


Unit = list[RfcCall | HttpCall]


@dataclass(slots=True)
class Meter:
    """
    What the round trips of all threads came to.

    ``cpu_s`` is processor time inside of them. ``by_name`` counts them by function or entity set,
    ``by_purpose`` by what they were made for, once :meth:`watching` tells which writes go on.
    """

    record: bool = False
    cpu_s: float = 0.0
    by_name: Counter[str] = field(default_factory=Counter)
    by_purpose: Counter[str] = field(default_factory=Counter)
    units: list[Unit] = field(default_factory=list)
    purposes: Purposes = field(default_factory=Purposes)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def calls(self) -> int:
        """All round trips."""
        return self.by_name.total()

    @contextmanager
    def call(self, name: str, *, writes: bool) -> Iterator[None]:
        """Count one round trip, which lasts as long as the block."""
        purpose = self.purposes.of(name, writes=writes)
        started = time.thread_time()
        try:
            yield
        finally:
            cpu_s = time.thread_time() - started
            with self._lock:
                self.cpu_s += cpu_s
                self.by_name[name] += 1
                self.by_purpose[purpose] += 1

    def add_unit(self, unit: Unit) -> None:
        """Keep a finished unit of work for a later replay."""
        with self._lock:
            self.units.append(unit)

    def take_units(self) -> list[Unit]:
        """Return the units since the last time."""
        with self._lock:
            taken, self.units = self.units, []
        return taken

    def watching(self, context: SyncContext) -> SyncContext:
        """Return *context* so that the meter learns which thread is at which point of a write."""
        return replace(context, on_point=self.purposes.passed)

    # -- as a tap between the connector and its drivers --------------------------------------------

    @property
    def plays(self) -> bool:
        return False

    def driver(self, own: Callable[[], RfcDriver]) -> RfcDriver:
        inner = own()

        def connect(on_sent: OnSent) -> RfcConnection:
            return cast(RfcConnection, _MeteredConnection(inner.connect(on_sent), self))

        return RfcDriver(connect, inner.error)

    def http(
        self, own: Callable[[], tuple[HttpOptions, AdapterFactory | None]]
    ) -> tuple[HttpOptions, AdapterFactory | None]:
        options, inner = own()

        def make() -> BaseAdapter:
            return _MeteredAdapter(inner() if inner else WatchedAdapter(), self)

        return options, make


class _MeteredConnection:
    def __init__(self, connection: RfcConnection, meter: Meter) -> None:
        self._connection, self._meter = connection, meter
        self._unit: Unit = []

    def call(self, func_name: str, /, **params: Any) -> dict[str, Any]:
        if self._meter.record:
            self._remember(func_name, params)
        with self._meter.call(func_name, writes=func_name in WRITES):
            return self._connection.call(func_name, **params)

    def _remember(self, function: str, params: dict[str, Any]) -> None:
        writes = bool(self._unit) or function in WRITES
        self._unit.append(RfcCall(function, copy.deepcopy(params)))
        if function in ENDS or not writes:
            self._meter.add_unit(self._unit)
            self._unit = []

    def ping(self) -> None:
        self._connection.ping()

    def get_connection_attributes(self) -> dict[str, Any]:
        return self._connection.get_connection_attributes()

    def close(self) -> None:
        self._connection.close()


class _MeteredAdapter(BaseAdapter):
    def __init__(self, inner: BaseAdapter, meter: Meter) -> None:
        super().__init__()
        self._inner, self._meter = inner, meter
        self.notes_progress = getattr(inner, "notes_progress", False)

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        if self._meter.record:
            self._meter.add_unit([HttpCall(request.copy())])
        name = name_of(request)
        with self._meter.call(name, writes=_writes(request, name)):
            return self._inner.send(request, *args, **kwargs)

    def close(self) -> None:
        self._inner.close()


def name_of(request: PreparedRequest) -> str:
    """Return the service and what is asked of it, without keys: ``POST API_X_SRV A_Set``."""
    parts = [part for part in urlsplit(request.url or "").path.split("/") if part]
    ends = [part.partition("(")[0].partition(";")[0] for part in parts[-2:]]
    return f"{request.method} {' '.join(ends)}"


def _writes(request: PreparedRequest, name: str) -> bool:
    """A batch of the connector reads; a simulation posts nothing either."""
    reads = "$batch" in name or "SIMULAT" in name.upper()
    return request.method not in {"GET", "HEAD"} and not reads
