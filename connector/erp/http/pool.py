"""The pool of sessions with the ERP over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from connector.clock import Clock
from connector.erp.http.errors import refusal_of
from connector.erp.http.exchange import Answer, Call
from connector.erp.http.logon import Logon, logon_of
from connector.erp.http.options import CertificateLogon, HttpOptions
from connector.erp.http.rest import Rest
from connector.erp.http.session import AdapterFactory, HttpSession, requests_session, send
from connector.erp.places import Places
from connector.errors import ConfigurationError


@dataclass(slots=True)
class HttpPool:
    """
    At most ``options.sessions`` sessions; any thread may ask for one.

    Raises:
        ConfigurationError: a file that the options name cannot be read.
    """

    options: HttpOptions
    clock: Clock
    adapter: AdapterFactory | None = None
    _logon: Logon = field(init=False)
    _rest: Rest = field(init=False)
    _places: Places[HttpSession] = field(init=False)

    def __post_init__(self) -> None:
        logon = self.options.logon
        own = logon if isinstance(logon, CertificateLogon) else None
        require_file("ca_file", self.options.ca_file)
        require_file("certificate", own.certificate if own else None)
        require_file("key", own.key if own else None)
        self._logon = logon_of(self.options, self._ask, self.clock)
        self._rest = Rest(self.clock)
        self._places = Places(self.options.sessions, self.options.session_wait_s, "HTTP sessions")

    @contextmanager
    def session(self) -> Iterator[HttpSession]:
        """
        Lease a session for the block; one that failed on the wire is thrown away after it.

        Raises:
            TransientError: none became free in time.
        """
        session = self._take()
        try:
            yield session
        finally:
            self._give_back(session)

    @property
    def open_sessions(self) -> int:
        """Sessions that are leased or rest."""
        return self._places.in_use

    def close(self) -> None:
        """Close resting sessions now and leased ones when they come back; may be repeated."""
        for session in self._places.close():
            session.close()

    def _take(self) -> HttpSession:
        resting = self._places.take()
        if resting is not None:
            return resting
        try:
            return HttpSession(self.options, self._logon, self.clock, self.adapter, self._rest)
        except BaseException:
            # Whatever ends it, an interrupt too: a place that is not given back is lost for good.
            self._places.release()
            raise

    def _give_back(self, session: HttpSession) -> None:
        if session.is_broken:
            session.close()
            self._places.release()
        elif not self._places.rest(session):
            session.close()

    def _ask(self, call: Call) -> Answer:
        """Ask the token server, which is another host and gets no cookie of the ERP's."""
        session = requests_session(self.options, self.adapter)
        try:
            answer = send(session, self.options, self.clock, call)
        finally:
            session.close()
        if answer.status >= 500 or answer.status == 429:
            refusal = refusal_of(answer, call, self.clock.now())
            if refusal is not None:
                raise refusal
        return answer


def require_file(key: str, path: Path | None) -> None:
    """Raise ConfigurationError unless *path* is None or a file that can be read."""
    if path is None:
        return
    try:
        with path.open("rb") as file:
            file.read(1)
    except OSError as error:
        raise ConfigurationError(key, f"{path} cannot be read: {error.strerror}") from error
