"""Watch the calls to the ERP: how much processor time they take, and which they were."""

from __future__ import annotations

import copy
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, cast

from connector.bootstrap.application import Application
from connector.erp.rfc.driver import OnSent, RfcConnection, RfcDriver

#: A unit of work ends with one of these; any other call outside of one stands alone.
ENDS = ("BAPI_TRANSACTION_COMMIT", "BAPI_TRANSACTION_ROLLBACK")
WRITES = (
    "BAPI_SALESORDER_CREATEFROMDAT2",
    "BAPI_ACC_DOCUMENT_POST",
    "BAPI_OUTB_DELIVERY_CREATE_SLS",
    "BAPI_BILLINGDOC_CREATEMULTIPLE",
)

Call = tuple[str, dict[str, Any]]


@dataclass(slots=True)
class Meter:
    """What the calls of all threads came to. ``cpu_s`` is processor time inside of calls."""

    record: bool = False
    cpu_s: float = 0.0
    calls: Counter[str] = field(default_factory=Counter)
    units: list[list[Call]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, function: str, cpu_s: float) -> None:
        """Count one call."""
        with self._lock:
            self.cpu_s += cpu_s
            self.calls[function] += 1

    def add_unit(self, unit: list[Call]) -> None:
        """Keep a finished unit of work for a later replay."""
        with self._lock:
            self.units.append(unit)

    def take_units(self) -> list[list[Call]]:
        """Return the units since the last time."""
        with self._lock:
            taken, self.units = self.units, []
        return taken


class MeteredConnection:
    """A connection whose calls are measured."""

    def __init__(self, connection: RfcConnection, meter: Meter) -> None:
        self._connection, self._meter = connection, meter
        self._unit: list[Call] = []

    def call(self, func_name: str, /, **params: Any) -> dict[str, Any]:
        if self._meter.record:
            self._remember(func_name, params)
        started = time.thread_time()
        try:
            return self._connection.call(func_name, **params)
        finally:
            self._meter.add(func_name, time.thread_time() - started)

    def _remember(self, function: str, params: dict[str, Any]) -> None:
        self._unit.append((function, copy.deepcopy(params)))
        if function in ENDS or self._unit[0][0] not in WRITES:
            self._meter.add_unit(self._unit)
            self._unit = []

    def ping(self) -> None:
        self._connection.ping()

    def get_connection_attributes(self) -> dict[str, Any]:
        return self._connection.get_connection_attributes()

    def close(self) -> None:
        self._connection.close()


class MeteredApplication(Application):
    """The application as it is, with its connections measured."""

    meter: Meter

    def _driver(self) -> RfcDriver:
        driver = super()._driver()

        def connect(on_sent: OnSent) -> RfcConnection:
            return cast(RfcConnection, MeteredConnection(driver.connect(on_sent), self.meter))

        return RfcDriver(connect, driver.error)

    def simulator_driver(self) -> RfcDriver:
        """Return the driver without anything in between."""
        return super()._driver()
