"""
Sessions with the ERP over HTTP: cookies, logon and at most one request at a time each.

A session that saw a failure on the wire is thrown away with its cookies and tokens, and a
connection that rested is not used again: a server closes idle connections without saying so, and
a write that meets the closing one is a write of unknown outcome.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urljoin, urlsplit

import requests
import structlog
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from connector.clock import Clock
from connector.erp.http.errors import (
    LIBRARY_ERRORS,
    before_sending,
    too_large,
    translated,
)
from connector.erp.http.exchange import Answer, Call
from connector.erp.http.logon import Logon
from connector.erp.http.options import CertificateLogon, HttpOptions
from connector.erp.http.rest import Rest
from connector.erp.http.wire import Progress, Stage, WatchedAdapter, watched
from connector.errors import ConfigurationError

_log = structlog.get_logger(__name__)

_CHUNK: Final = 64 * 1024
_PORTS: Final = {"http": 80, "https": 443}
#: Names of this machine.
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})

#: Makes what sends the requests of one session; other than the default in tests and simulations.
AdapterFactory = Callable[[], BaseAdapter]


class HttpSession:
    """
    One session for one caller at a time; get one from `HttpPool.session`.

    ``requests`` is the library's session, for libraries that want one. ``tokens`` are anti-forgery
    tokens by service, which hold only together with this session's cookies.
    """

    def __init__(
        self,
        options: HttpOptions,
        logon: Logon,
        clock: Clock,
        adapter: AdapterFactory | None,
        rest: Rest,
    ) -> None:
        self._options, self._logon, self._clock, self._rest = options, logon, clock, rest
        self.requests = requests_session(options, adapter)
        self.tokens: dict[str, str] = {}
        self.is_broken = False
        self._answered_at: datetime | None = None

    @property
    def has_rested(self) -> bool:
        """Whether the ERP may have closed the connection since its last answer, or none is open."""
        rest = timedelta(seconds=self._options.rested_s)
        return self._answered_at is None or self._clock.now() - self._answered_at > rest

    def exchange(
        self,
        call: Call,
        on_sent: Callable[[], None] | None = None,
        on_ready: Callable[[], None] | None = None,
    ) -> Answer:
        """
        Send *call* and return the answer, whatever its status; *on_sent* is told when it is out.

        A logon that has ended (401) is renewed once where it can be: the ERP has done nothing.
        *on_ready* is told, each time, when logon and connection are there and nothing has left:
        the place for the last check before a write. What it raises is raised, and nothing is sent.

        Raises:
            ErpUnavailableError, LogonRefusedError, ConfigurationError: nothing was sent; the first
                also while the ERP wants to be left alone (Retry-After).
            TransientError: a read got no complete answer.
            OutcomeUnknownError: a write got no complete answer.
        """
        used = self._logon.headers()
        answer = self._send(call, {**self._own_headers(), **used}, on_sent, on_ready)
        if answer.status == 401 and self._logon.renewed(used):
            headers = {**self._own_headers(), **self._logon.headers()}
            answer = self._send(call, headers, on_sent, on_ready)
        return answer

    def close(self) -> None:
        """Close the connection and forget the cookies."""
        self.requests.close()

    def _own_headers(self) -> dict[str, str]:
        own = {"sap-client": self._options.client, "sap-language": self._options.language}
        return {name: value for name, value in own.items() if value}

    def _send(
        self,
        call: Call,
        headers: dict[str, str],
        on_sent: Callable[[], None] | None,
        on_ready: Callable[[], None] | None,
    ) -> Answer:
        self._rest.require(call)
        if self.has_rested and self._answered_at is not None:
            self.requests.close()
        self.is_broken = True
        url = same_origin(self._options, call.path)
        answer = send(
            self.requests,
            self._options,
            self._clock,
            replace(call, path=url, headers={**headers, **call.headers}),
            on_sent,
            on_ready=on_ready,
        )
        self.is_broken = False
        self._answered_at = self._clock.now()
        self._rest.note(answer)
        return answer


def requests_session(options: HttpOptions, adapter: AdapterFactory | None) -> requests.Session:
    """Return a session of the library that trusts, proves and times out as *options* say."""
    session = requests.Session()
    # Nothing from the environment: no other proxy, no other trust, no password file.
    session.trust_env = False
    session.verify = str(options.ca_file) if options.ca_file else True
    if options.proxy:
        session.proxies = {"http": options.proxy, "https": options.proxy}
    if isinstance(options.logon, CertificateLogon):
        own, key = options.logon.certificate, options.logon.key
        session.cert = (str(own), str(key)) if key else str(own)
    # One adapter for both, so that closing it closes everything.
    one = adapter() if adapter else WatchedAdapter(trusts_system=options.ca_file is None)
    session.mount("https://", one)
    session.mount("http://", one)
    return session


def send(
    session: requests.Session,
    options: HttpOptions,
    clock: Clock,
    call: Call,
    on_sent: Callable[[], None] | None = None,
    *,
    on_ready: Callable[[], None] | None = None,
) -> Answer:
    """Send *call*, whose path is a whole address, once; read the answer to its end."""
    progress, started = Progress(on_sent, on_ready), clock.now()
    try:
        with watched(progress):
            answer = _answer(session, options, clock, call, progress)
    except LIBRARY_ERRORS as error:
        if not _notes_progress(session) and not before_sending(error):
            progress.reached(Stage.SENT)
        _log.info("http call failed", action=call.action, error=type(error).__name__)
        raise translated(error, call, progress.stage) from error
    elapsed = (clock.now() - started) / timedelta(milliseconds=1)
    _log.debug("http call", action=call.action, status=answer.status, ms=round(elapsed, 1))
    return answer


def _answer(
    session: requests.Session,
    options: HttpOptions,
    clock: Clock,
    call: Call,
    progress: Progress,
) -> Answer:
    if not _notes_progress(session) and progress.on_ready is not None:
        progress.on_ready()
    with session.request(
        call.method,
        call.path,
        headers=dict(call.headers),
        data=call.body,
        timeout=(options.connect_timeout_s, options.read_timeout_s),
        allow_redirects=False,
        stream=True,
    ) as response:
        if not _notes_progress(session):
            progress.reached(Stage.SENT)
        body = _body(response, call, options, clock)
        headers = CaseInsensitiveDict(response.headers)
        return Answer(response.status_code, headers, body, call.action)


def _body(response: requests.Response, call: Call, options: HttpOptions, clock: Clock) -> bytes:
    """Read the body within the limits; a server that drips must not hold a worker for ever."""
    until = clock.now() + timedelta(seconds=options.read_timeout_s)
    body = bytearray()
    for chunk in response.iter_content(_CHUNK):
        body += chunk
        if len(body) > options.max_answer_bytes:
            raise too_large(call, options.max_answer_bytes)
        if clock.now() > until:
            raise requests.exceptions.ReadTimeout("the answer did not end in time")
    return bytes(body)


def _notes_progress(session: requests.Session) -> bool:
    return bool(getattr(session.adapters.get("https://"), "notes_progress", False))


def same_origin(options: HttpOptions, link: str) -> str:
    """
    Return the full address of *link*, which may be one already.

    Raises:
        ConfigurationError: it leads to another scheme, host or port.
    """
    url = urljoin(f"{options.base_url}/", link)
    if _origin(url) == _origin(options.base_url):
        return url
    parts = urlsplit(url)
    if options.links_behind_proxy:
        query = f"?{parts.query}" if parts.query else ""
        return f"{options.base_url}{parts.path}{query}"
    raise ConfigurationError(
        "base_url",
        f"the ERP's answer links to {parts.scheme}://{parts.netloc.rpartition('@')[2]}, "
        f"which is not {options.base_url}",
        "It is not followed. If that is the ERP's name behind a proxy, set links_behind_proxy",
    )


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if host in _LOOPBACK:
        # A server on this machine may call itself by another name than its client does.
        host = "localhost"
    return parts.scheme, host, parts.port or _PORTS.get(parts.scheme)
