"""A simulated ERP that another process serves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

from connector.bootstrap.faults import (
    CLEARING,
    WAITING,
    FaultWish,
    arguments_of,
    controls_of,
    part_of,
)
from connector.bootstrap.simulator_handle import logon_of
from connector.erp.http.session import AdapterFactory
from connector.erp.rfc.driver import OnSent, RfcConnection, RfcDriver
from connector.errors import ConfigurationError, ErpUnavailableError
from connector.settings import Settings
from connector.simulator.rfc.exceptions import CommunicationError, RFCError
from connector.simulator.rfc.remote import RemoteConnection, RemoteControl


class RemoteSimulator:
    """Its controls: each call opens a line of its own. They are taken on loopback only."""

    def __init__(self, address: str) -> None:
        host, _, port = address.rpartition(":")
        self._host, self._port = host, int(port)

    @property
    def is_local(self) -> bool:
        """It runs elsewhere, and looks after its jobs by itself."""
        return False

    def tick(self) -> int:
        """Run updates and jobs that fell due; returns how many documents the jobs made."""
        return int(self._control("tick"))

    def run_jobs(self) -> int:
        """Run all background jobs now; returns how many documents they made."""
        return int(self._control("run jobs"))

    def advance(self, by: timedelta) -> None:
        """Move its clock forward."""
        self._control("advance", seconds=by.total_seconds())

    def reset(self) -> None:
        """Forget all documents."""
        self._control("reset")

    def document_counts(self) -> Mapping[str, int]:
        """Return how many documents there are, by kind."""
        return dict(self._control("document counts"))

    def inject(self, wish: FaultWish) -> str:
        """
        Let a fault wait there; returns the part that it waits in.

        Raises:
            ConfigurationError: there is no such fault, or it cannot be injected there.
        """
        part = part_of(wish)
        self._control(controls_of(part), **arguments_of(wish, part))
        return part

    def waiting_faults(self) -> tuple[tuple[str, str, str, int], ...]:
        """Return (part, name, call, times left) of every fault that waits."""
        return tuple(
            (part, str(name), str(on), int(times))
            for part, control in WAITING.items()
            for name, on, times in self._control(control)
        )

    def clear_faults(self) -> None:
        """Forget every fault that waits."""
        for control in CLEARING:
            self._control(control)

    def release(self) -> int:
        """Let go on what faults hold back; returns how many calls and updates that were."""
        return int(self._control("release all"))

    def close(self) -> None:
        """Nothing is open between two calls."""

    def driver(self, settings: Settings) -> RfcDriver:
        """Return what opens connections to it."""

        config, parameters = logon_of(settings)
        logon: dict[str, Any] = {"ashost": self._host, **parameters}

        def connect(on_sent: OnSent) -> RfcConnection:
            line: Any = RemoteConnection(self._host, self._port, config, on_sent=on_sent, **logon)
            return cast(RfcConnection, line)

        return RfcDriver(connect, RFCError)

    def http(self, settings: Settings) -> tuple[str, AdapterFactory | None]:
        """Return its address over HTTP; requests go there over a socket."""
        return settings.erp.simulator.http_url, None

    def _control(self, name: str, /, **arguments: Any) -> Any:

        try:
            with RemoteControl(self._host, self._port) as control:
                return control(name, **arguments)
        except CommunicationError as error:
            raise ErpUnavailableError(
                f"no simulated ERP answers at {self._host}:{self._port}; start one with "
                "`sd-connector simulator serve`"
            ) from error
        except ValueError as error:
            raise ConfigurationError(
                f"the simulated ERP at {self._host}:{self._port}",
                str(error),
                "It takes controls only where it listens on loopback",
            ) from error
