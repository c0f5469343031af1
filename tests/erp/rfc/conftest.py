"""A scripted RFC library: it answers what a test tells it to, and records what was asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from connector.clock import ManualClock
from connector.erp.messages import shipped_table
from connector.erp.rfc.driver import OnSent, RfcConnection, RfcDriver
from connector.erp.rfc.session import SessionPool
from connector.errors import LeaseLostError
from connector.ports.erp import Point
from connector.simulator.rfc.exceptions import RFCError

Answer = dict[str, Any] | Exception | Callable[[dict[str, Any]], dict[str, Any]]


@dataclass
class ScriptedConnection:
    """Answers each function from its list; an exception in the list is raised."""

    library: ScriptedLibrary
    on_sent: OnSent
    closed: bool = False

    def call(self, func_name: str, /, **params: Any) -> dict[str, Any]:
        self.library.calls.append((func_name, params))
        self.on_sent(func_name)
        answers = self.library.answers.get(func_name, [])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer(params) if callable(answer) else answer

    def ping(self) -> None:
        self.library.pings += 1
        if self.library.dead:
            raise RFCError("gone")

    def get_connection_attributes(self) -> dict[str, Any]:
        return {"user": "TESTER", "client": "100"}

    def close(self) -> None:
        self.closed = True


@dataclass
class ScriptedLibrary:
    """Opens scripted connections; ``refusals`` are raised by the next attempts to connect."""

    answers: dict[str, list[Answer]] = field(default_factory=dict)
    refusals: list[Exception] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    connections: list[ScriptedConnection] = field(default_factory=list)
    pings: int = 0
    dead: bool = False

    def connect(self, on_sent: OnSent) -> RfcConnection:
        if self.refusals:
            raise self.refusals.pop(0)
        connection = ScriptedConnection(self, on_sent)
        self.connections.append(connection)
        return connection

    @property
    def driver(self) -> RfcDriver:
        return RfcDriver(self.connect, RFCError)

    @property
    def functions(self) -> list[str]:
        """Names of the functions that were called, in order."""
        return [name for name, _ in self.calls]


@dataclass
class RecordingObserver:
    """Remembers what a write reported; with ``lost`` its fence has been taken over."""

    lost: bool = False
    points: list[Point] = field(default_factory=list)
    numbers: tuple[str, ...] = ()
    fence_checks: int = 0

    def created_uncommitted(self, numbers: Sequence[str]) -> None:
        self.numbers = tuple(numbers)

    def before_commit(self) -> None:
        self.fence_checks += 1
        if self.lost:
            raise LeaseLostError("another worker has the step")

    def passed(self, point: Point) -> None:
        self.points.append(point)


@pytest.fixture
def library() -> ScriptedLibrary:
    return ScriptedLibrary()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 1, 5, 9, tzinfo=UTC))


@pytest.fixture
def pool(library: ScriptedLibrary, clock: ManualClock) -> SessionPool:
    return SessionPool(library.driver, shipped_table(), clock, limit=2, wait_s=0.05, rested_s=60)


@pytest.fixture
def observer() -> RecordingObserver:
    return RecordingObserver()


def return_row(
    kind: str, message_class: str, number: str, text: str = "", v1: str = "", v2: str = ""
) -> dict[str, Any]:
    """A row of BAPIRET2."""
    return {
        "TYPE": kind,
        "ID": message_class,
        "NUMBER": number,
        "MESSAGE": text or f"{message_class} {number}",
        "MESSAGE_V1": v1,
        "MESSAGE_V2": v2,
        "PARAMETER": "",
        "ROW": 0,
        "FIELD": "",
    }
