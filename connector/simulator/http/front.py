"""
The way of a request into the simulated ERP: logon, session, faults, the face under its path.

The server (`server`) and the adapter for clients in the same process (`local`) both come here.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

from connector.simulator.http.call_log import HttpCallLog
from connector.simulator.http.faults import (
    AFTER,
    AT_LOGON,
    OF_OPERATIONS,
    OF_WRITES,
    HttpFault,
    HttpFaults,
)
from connector.simulator.http.held import Held, HeldRequests
from connector.simulator.http.logon import HttpLogon
from connector.simulator.http.messages import Headers, HttpFace, HttpRequest, HttpResponse
from connector.simulator.http.operations import names_of
from connector.simulator.http.pages import html, login_page
from connector.simulator.http.sessions import Sessions
from connector.simulator.http.settings import HttpSettings
from connector.simulator.http.spoil import spoiled
from connector.simulator.waiting_faults import InjectedFault

if TYPE_CHECKING:
    from connector.simulator.engine.erp import SimulatedErp

PING = "/sap/bc/ping"
TOKEN = "/sap/bc/sec/oauth2/token"  # noqa: S105 - a path
_BEFORE = frozenset(HttpFault) - AFTER - AT_LOGON
logger = logging.getLogger(__name__)


class ConnectionRefused(Exception):
    """The client finds nobody listening."""


class ConnectionLost(Exception):
    """The line drops instead of an answer."""


class AnswerWithheld(Exception):
    """The client waits in vain; ``held`` is its request."""

    def __init__(self, held: Held) -> None:
        self.held = held
        super().__init__("no answer")


class HttpFront:
    """
    The simulated ERP over HTTP. All methods may be called from any thread.

    *faces* answer below their paths, the longest path first. *sleep* waits for the latency.
    """

    def __init__(
        self,
        erp: SimulatedErp,
        settings: HttpSettings | None = None,
        call_log: HttpCallLog | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.erp = erp
        self.settings = settings or HttpSettings()
        self.faults = HttpFaults()
        self.held = HeldRequests()
        self.sessions = Sessions(self.settings, erp.clock.now)
        self.call_log = call_log or HttpCallLog()
        self.logon = HttpLogon(self.settings, erp.clock.now)
        self._faces: list[tuple[str, HttpFace]] = []
        self._sleep = sleep
        self._busy = 0
        self._lock = threading.Lock()

    def mount(self, path: str, face: HttpFace) -> None:
        """Let *face* answer everything below *path*."""
        self._faces.append((path.rstrip("/"), face))
        self._faces.sort(key=lambda each: -len(each[0]))

    def inject(
        self,
        name: str,
        on: str = "*",
        times: int = 1,
        skip: int = 0,
        *,
        seconds: float | None = None,
        field: str = "",
    ) -> None:
        """Let a fault happen (`faults.HttpFault`); "erp restarting" ends all sessions at once."""
        self.faults.inject(name, on, times, skip, seconds=seconds, field=field)
        if name == HttpFault.ERP_RESTARTING:
            self.sessions.end_all()

    def release_held(self) -> int:
        """Do the work of every held request now; return how many there were."""
        return self.held.release()

    def close(self) -> None:
        """Forget held requests and sessions."""
        self.held.close()
        self.sessions.end_all()

    def answer(self, request: HttpRequest) -> HttpResponse:
        """
        Answer *request*.

        Raises ConnectionRefused, ConnectionLost and AnswerWithheld where a fault says so.
        """
        if self.settings.latency_s:
            self._sleep(self.settings.latency_s)
        try:
            with self._lock:
                self._busy += 1
            response = self._answer(request)
        except (ConnectionRefused, ConnectionLost, AnswerWithheld) as error:
            self.call_log.write(request, None, type(error).__name__)
            raise
        except Exception as error:
            # A defect of a face, of whatever kind, must not take the server down: an ERP answers
            # with an error page as well.
            logger.exception("%s %s failed", request.method, request.path)
            response = html(500, "Internal Server Error", "The request could not be processed")
            self.call_log.write(request, response, type(error).__name__)
            return response
        finally:
            with self._lock:
                self._busy -= 1
        self.call_log.write(request, response)
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        names = names_of(request)
        refused = self._at_logon(names)
        if refused is not None:
            return refused
        if self._busy > self.settings.sessions:
            return html(503, "Service Unavailable", "All work processes are occupied")
        if request.path == TOKEN:
            return self.logon.token(request)
        known = self.sessions.of(request.headers)
        request.user = self.logon.user_of(request) or ""
        if not request.user and known is not None and "Authorization" not in request.headers:
            request.user = known.user
        if not request.user or not self.logon.client_is_right(request):
            return self.logon.refused()
        session = known if known is not None and known.user == request.user else None
        opened = session is None
        if session is None:
            session = self.sessions.start(request.user)
        request.session = session.name
        response = self._faulty(request, names)
        if opened:
            secure = request.base_url.startswith("https:")
            for cookie in self.sessions.cookies_for(session, secure=secure):
                response.headers.add("Set-Cookie", cookie)
        return response

    def _routed(self, request: HttpRequest) -> HttpResponse:
        if request.path == PING:
            return html(200, "Server reached successfully", "Server reached successfully")
        for path, face in self._faces:
            if request.path == path or request.path.startswith(f"{path}/"):
                return face.answer(request)
        return html(404, "Not found", "Service cannot be reached")

    # -- faults ----------------------------------------------------------------------------------

    def _at_logon(self, names: tuple[str, ...]) -> HttpResponse | None:
        injected = self.faults.take(AT_LOGON, names)
        match injected and injected.fault:
            case None:
                return None
            case HttpFault.CONNECTION_REFUSED:
                raise ConnectionRefused
            case HttpFault.LOGON_FAILURE:
                return self.logon.refused()
            case HttpFault.PASSWORD_EXPIRED:
                text = "Your password has expired: change it in the system"
                response = html(self.settings.password_expired_status, "Logon failed", text)
                response.headers.add("WWW-Authenticate", 'Basic realm="SAP"')
                return response
            case HttpFault.ERP_RESTARTING:
                return html(503, "Service Unavailable", "The application server is starting")
        return html(503, "Service Unavailable", "All work processes are occupied")

    def _faulty(self, request: HttpRequest, names: tuple[str, ...]) -> HttpResponse:
        among = _BEFORE
        if request.method in ("GET", "HEAD"):
            among = _BEFORE - OF_WRITES
        elif request.path.endswith("/$batch"):
            among = _BEFORE - OF_OPERATIONS
        before = self.faults.take(among, names)
        response = self._routed(request) if before is None else self._struck(before, request)
        after = self.faults.take(AFTER, names)
        if after is None:
            return response
        if after.fault == HttpFault.LOST_AFTER_CALL:
            raise ConnectionLost
        return spoiled(after.fault, after.field, response)

    def _struck(self, injected: InjectedFault[HttpFault], request: HttpRequest) -> HttpResponse:
        fault, seconds = injected.fault, injected.seconds
        match fault:
            case HttpFault.LOST_BEFORE_CALL:
                raise ConnectionLost
            case HttpFault.CLIENT_TIMEOUT:
                raise AnswerWithheld(self.held.later(lambda: self._routed(request), seconds))
            case HttpFault.COMMIT_LATE:
                held = self.held.wait(seconds)
                try:
                    return self._routed(request)
                finally:
                    held.done.set()
            case HttpFault.LOGIN_PAGE:
                return login_page()
            case HttpFault.CSRF_EXPIRED:
                self.sessions.expire_token(request.session)
                return csrf_required()
        if fault in _STATUS_TEXTS:
            return error_response(fault)
        return self._try_later(fault, seconds or 1.0)

    def _try_later(self, fault: HttpFault, seconds: float) -> HttpResponse:
        many = fault in (HttpFault.TOO_MANY_SECONDS, HttpFault.TOO_MANY_DATE)
        if many:
            response = html(429, "Too Many Requests", "Too many requests")
        else:
            response = html(503, "Service Unavailable", "The service is temporarily unavailable")
        if fault in (HttpFault.TOO_MANY_SECONDS, HttpFault.UNAVAILABLE_SECONDS):
            value = str(max(1, round(seconds)))
        else:
            moment = self.erp.clock.now() + timedelta(seconds=seconds)
            value = format_datetime(moment.replace(microsecond=0), usegmt=True)
        response.headers.add("Retry-After", value)
        return response


#: Status, code and text of the faults that answer a single operation.
_STATUS_TEXTS: Mapping[HttpFault, tuple[int, str, str]] = {
    HttpFault.PRECONDITION_FAILED: (412, "/IWBEP/CM_MGW_RT/190", "Precondition failed"),
    HttpFault.PRECONDITION_REQUIRED: (
        428,
        "005056A509B11EE1B9A8FEC11C21578E",
        'The Data Service Request is required to be conditional. Use the "If-Match" header.',
    ),
    HttpFault.REQUEST_ID_OUTDATED: (400, "/IWBEP/CM_COS/005", "RequestID is outdated"),
}


def error_of(fault: HttpFault) -> tuple[int, str, str]:
    """Return status, code and text of a fault in `OF_OPERATIONS`."""
    return _STATUS_TEXTS[fault]


def error_response(fault: HttpFault) -> HttpResponse:
    """Return the answer of a fault in `OF_OPERATIONS`."""
    status, code, text = _STATUS_TEXTS[fault]
    content = {"error": {"code": code, "message": {"lang": "en", "value": text}}}
    headers = Headers([("Content-Type", "application/json;charset=utf-8")])
    return HttpResponse(status, headers, json.dumps(content).encode())


def csrf_required() -> HttpResponse:
    """Return the answer to a write without a valid token."""
    headers = Headers([("Content-Type", "text/plain;charset=utf-8"), ("x-csrf-token", "Required")])
    return HttpResponse(403, headers, b"CSRF token validation failed")
