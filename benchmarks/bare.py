"""Recorded round trips made again without a connector: the floor that its throughput is held to."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.cookies import get_cookie_header

from benchmarks.metering import HttpCall, RfcCall, Unit
from connector.erp.rfc.driver import RfcConnection, RfcDriver

_ODATA = "/sap/opu/odata/"
_TOKEN = "X-CSRF-Token"


@dataclass(slots=True)
class Caller:
    """One session of each kind, used by one thread; opened when first needed."""

    driver: RfcDriver
    address: str
    refused: int = 0
    _rfc: RfcConnection | None = None
    _http: requests.Session | None = None
    _tokens: dict[str, str] = field(default_factory=dict)

    def work(self, waiting: deque[Unit]) -> None:
        """Make what waits until nothing does."""
        while True:
            try:
                unit = waiting.popleft()
            except IndexError:
                return
            for call in unit:
                if isinstance(call, RfcCall):
                    self._call(call)
                else:
                    self._send(call)

    def close(self) -> None:
        if self._rfc is not None:
            self._rfc.close()
        if self._http is not None:
            self._http.close()

    def _call(self, call: RfcCall) -> None:
        if self._rfc is None:
            self._rfc = self.driver.connect(lambda _: None)
        self._rfc.call(call.function, **call.parameters)

    def _send(self, call: HttpCall) -> None:
        if self._http is None:
            self._http = requests.Session()
            self._http.trust_env = False
        request = call.request.copy()
        parts = urlsplit(request.url or "")
        request.url = urlunsplit(parts._replace(netloc=urlsplit(self.address).netloc))
        for name in ("Cookie", _TOKEN):
            request.headers.pop(name, None)
        if parts.path.startswith(_ODATA) and request.method not in {"GET", "HEAD"}:
            request.headers[_TOKEN] = self._token(parts.path, request)
        cookies = get_cookie_header(self._http.cookies, request)  # type: ignore[no-untyped-call]
        if cookies:
            request.headers["Cookie"] = cookies
        answer = self._http.send(request, allow_redirects=False)
        self.refused += answer.status_code >= 400

    def _token(self, path: str, request: requests.PreparedRequest) -> str:
        """Fetch the token of a service once per session, as every client has to."""
        service = "/".join(path.split("/")[:6])
        if service not in self._tokens:
            assert self._http is not None
            answer = self._http.get(
                f"{self.address}{service}/",
                headers={
                    "Authorization": request.headers.get("Authorization", ""),
                    _TOKEN: "Fetch",
                    "Accept": "application/json",
                },
            )
            self._tokens[service] = answer.headers.get(_TOKEN, "")
        return self._tokens[service]


def make_again(
    callers: Sequence[Caller], phases: Sequence[Sequence[Unit]], between: Callable[[], object]
) -> float:
    """Return the seconds that *phases* take, unit by unit; *between* them the ERP's jobs run."""
    total = 0.0
    with ThreadPoolExecutor(len(callers)) as pool:
        for phase in phases:
            waiting = deque(phase)
            started = time.perf_counter()
            for each in [pool.submit(caller.work, waiting) for caller in callers]:
                each.result()
            total += time.perf_counter() - started
            between()
    return total
