"""A simulated ERP as the application holds it, wherever it runs, and how it is logged on to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, Protocol

from connector.bootstrap.faults import FaultWish
from connector.erp.http.session import AdapterFactory
from connector.erp.rfc.driver import RfcDriver
from connector.settings import Settings

#: Where the settings name no password: a simulated ERP without users of its own takes any.
_ANYTHING: Final = "x"


class SimulatorHandle(Protocol):
    """What may be done to a simulated ERP besides calling it."""

    @property
    def is_local(self) -> bool:
        """Whether it runs in this process, so that nobody else looks after its jobs."""
        ...

    def tick(self) -> int:
        """Run updates and jobs that fell due; returns how many documents the jobs made."""
        ...

    def run_jobs(self) -> int:
        """Run all background jobs now; returns how many documents they made."""
        ...

    def advance(self, by: timedelta) -> None:
        """Move its clock forward."""
        ...

    def reset(self) -> None:
        """Forget all documents."""
        ...

    def document_counts(self) -> Mapping[str, int]:
        """Return how many documents there are, by kind."""
        ...

    def inject(self, wish: FaultWish) -> str:
        """Let a fault wait; returns the part that it waits in."""
        ...

    def driver(self, settings: Settings) -> RfcDriver:
        """Return what opens connections to it, with the logon of *settings*."""
        ...

    def http(self, settings: Settings) -> tuple[str, AdapterFactory | None]:
        """Return where it answers over HTTP, and what sends requests there (None: the usual)."""
        ...

    def close(self) -> None:
        """Close it; calling it twice is harmless."""
        ...


def logon_of(settings: Settings) -> tuple[dict[str, Any], dict[str, str]]:
    """Return configuration and parameters of a connection."""
    simulator = settings.erp.simulator
    secret = simulator.secret()
    config = {"timeout": max(int(settings.erp.timeout_s), 1)}
    return config, {
        "user": simulator.user,
        "passwd": secret.get_secret_value() if secret is not None else _ANYTHING,
        "lang": "EN",
    }
