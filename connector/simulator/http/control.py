"""What an operator or a test may do to the HTTP faces from another process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from connector.simulator.http.front import HttpFront


def http_controls(front: HttpFront) -> dict[str, Callable[..., Any]]:
    """Return the controls of *front*, to be added to those of the RFC server."""

    def set_latency(seconds: float) -> None:
        front.settings.latency_s = seconds

    return {
        "inject http": front.inject,
        "waiting http faults": lambda: [list(w) for w in front.faults.waiting()],
        "clear http faults": front.faults.clear,
        "release held http": front.release_held,
        "held http calls": lambda: len(front.held),
        "http calls": front.call_log.counts,
        "clear http calls": front.call_log.clear,
        "set http latency": set_latency,
        "end http sessions": front.sessions.end_all,
    }
