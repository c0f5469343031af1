"""A gateway on a real socket for one service, which a test scripts answer by answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr

from connector.clock import ManualClock
from connector.erp.http.options import BasicLogon, HttpOptions
from connector.erp.http.pool import HttpPool
from connector.erp.messages import shipped_table
from connector.erp.odata.protocol import ProtocolOptions
from connector.erp.odata.service import ODataService
from connector.erp.odata.system import ODataSystem
from connector.erp.odata.write import Write
from connector.errors import LeaseLostError
from connector.ports.erp import Point
from tests.erp.http.wire_server import Received, Reply, WireServer, reply

ROOT = "/sap/opu/odata/sap/API_TEST_SRV/"
START = datetime(2026, 11, 22, 8, tzinfo=UTC)


@dataclass
class Watcher:
    """An observer that remembers; *loses* makes the fence check fail."""

    loses: bool = False
    seen: list[str] = field(default_factory=list)

    def created_uncommitted(self, numbers: Sequence[str]) -> None:
        self.seen.append(f"numbers {numbers}")

    def before_commit(self) -> None:
        self.seen.append("fence")
        if self.loses:
            raise LeaseLostError("another worker has the step")

    def passed(self, point: Point) -> None:
        self.seen.append(point.value)


@dataclass
class Gateway:
    """
    Hands out tokens and checks them, as the real one does; everything else a test says.

    ``answer`` gets each request that carried what it needs; the requests are in ``requests``,
    those for tokens in ``fetches``.
    """

    answer: Callable[[Received], Reply]
    wants_token: bool = True
    knows_head: bool = True
    token: str = "token-1"
    cookie: str = "SAP_SESSIONID=1"
    requests: list[Received] = field(default_factory=list)
    fetches: list[Received] = field(default_factory=list)

    def __call__(self, request: Received) -> Reply:
        if request.headers.get("x-csrf-token", "").lower() == "fetch":
            self.fetches.append(request)
            if request.method == "HEAD" and not self.knows_head:
                return reply(405)
            fields = {"X_CSRF_Token": self.token, "Set_Cookie": f"{self.cookie}; path=/"}
            return reply(200, b"", "keep", **(fields if self.wants_token else {}))
        self.requests.append(request)
        if self.wants_token and request.method != "GET" and not self._holds(request):
            return reply(403, b"CSRF token validation failed", X_CSRF_Token="Required")
        return self.answer(request)

    def _holds(self, request: Received) -> bool:
        cookies = request.headers.get("cookie", "")
        return request.headers.get("x-csrf-token") == self.token and self.cookie in cookies


@dataclass
class World:
    """A service of the connector's, in front of a gateway."""

    server: WireServer
    clock: ManualClock
    options: dict[str, Any]
    systems: list[ODataSystem] = field(default_factory=list)

    def service(self, **http: Any) -> ODataService:
        """Return the service as a new process would have it."""
        logon = BasicLogon(user="CONNECTOR", password=SecretStr("pass"))
        pool = HttpPool(
            HttpOptions.model_validate({"base_url": self.server.url, "logon": logon} | http),
            self.clock,
        )
        system = ODataSystem(
            pool, ProtocolOptions.model_validate(self.options), shipped_table(), self.clock
        )
        self.systems.append(system)
        return system.service("API_TEST_SRV")

    def close(self) -> None:
        for system in self.systems:
            system.close()


def write(reference: str = "", *, loses: bool = False) -> tuple[Write, Watcher]:
    """Return a write and who watches it."""
    watcher = Watcher(loses)
    return Write(watcher, reference), watcher


def problem(code: str, text: str, *details: dict[str, str]) -> dict[str, Any]:
    """Return an error body as the gateway writes it."""
    inner = {"transactionid": "ABC", "errordetails": list(details)}
    return {
        "error": {
            "code": code,
            "message": {"lang": "en", "value": text},
            "innererror": inner,
        }
    }
