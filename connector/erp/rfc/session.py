"""
Sessions with the ERP: opened when needed, used by one thread at a time, never used after a failure.

A session that saw an exception is closed and thrown away. pyrfc opens a new one silently in its
place, and a commit there would commit nothing and report success.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from connector.clock import Clock
from connector.erp.messages import MessageTable
from connector.erp.places import Places
from connector.erp.rfc.driver import OnSent, RfcConnection, RfcDriver
from connector.erp.rfc.errors import VALUE_ERRORS, describe, translated
from connector.errors import ConfigurationError

_log = structlog.get_logger(__name__)


class SentNotice:
    """Passes on what a connection tells of calls that have left, while somebody listens."""

    listener: OnSent | None = None

    def __call__(self, function: str) -> None:
        if self.listener is not None:
            self.listener(function)


class CallFailed(Exception):
    """
    A call ended with an exception of the library, or with one of Python's over a wrong value.

    What it means depends on how far a write has come: `errors.translated` before the commit may
    have left, `errors.outcome_unknown` after. It never leaves the transport.
    """

    def __init__(self, function: str, error: Exception) -> None:
        self.function, self.error = function, error
        super().__init__(f"{function}: {error}")


@dataclass(slots=True)
class Session:
    """One session for one unit of work."""

    connection: RfcConnection
    error: type[Exception]
    clock: Clock
    notice: SentNotice
    thread: int = 0
    broken: bool = False
    rested_since: datetime | None = None

    def call(self, function: str, /, **parameters: Any) -> dict[str, Any]:
        """Run *function*; raises CallFailed, and the session is then broken for good."""
        if threading.get_ident() != self.thread:
            self.broken = True
            raise RuntimeError("a session was used by a thread that does not own it")
        started = self.clock.now()
        try:
            answer = self.connection.call(function, **parameters)
        except (self.error, *VALUE_ERRORS) as error:
            self._ended(function, started, type(error).__name__)
            raise CallFailed(function, error) from error
        self._ended(function, started, "")
        return answer

    def _ended(self, function: str, started: datetime, failure: str) -> None:
        self.broken = self.broken or bool(failure)
        elapsed = (self.clock.now() - started) / timedelta(milliseconds=1)
        if failure:
            _log.info("rfc call failed", function=function, ms=round(elapsed, 1), error=failure)
        else:
            _log.debug("rfc call", function=function, ms=round(elapsed, 1))

    @property
    def user(self) -> str:
        """Who is logged on."""
        name: str = self.connection.get_connection_attributes().get("user", "")
        return name

    def listen(self, listener: OnSent | None) -> None:
        """Call *listener* with the function's name when a call has left; None ends it."""
        self.notice.listener = listener


@dataclass(slots=True)
class SessionPool:
    """At most ``limit`` sessions; a caller waits for one no longer than ``wait_s``."""

    driver: RfcDriver
    table: MessageTable
    clock: Clock
    limit: int
    wait_s: float
    rested_s: float
    _places: Places[Session] = field(init=False)

    def __post_init__(self) -> None:
        self._places = Places(self.limit, self.wait_s)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """
        Lease a session for the block; any exception in it throws the session away.

        Raises:
            TransientError: no session became free in time, or the ERP has none left.
            ErpUnavailableError, LogonRefusedError: no session could be opened.
        """
        session = self._take()
        try:
            yield session
        except BaseException:
            # An interrupt as well: what the ERP still does in the session must not meet the next
            # caller's unit of work.
            session.broken = True
            raise
        finally:
            self._give_back(session)

    @property
    def open_sessions(self) -> int:
        """Sessions that are leased or rest."""
        return self._places.in_use

    def close(self) -> None:
        """Close resting sessions now and leased ones when they come back; may be repeated."""
        for session in self._places.close():
            self._discard(session)

    def _take(self) -> Session:
        resting = self._places.take()
        try:
            if resting is not None:
                if self._lives(resting):
                    return self._owned(resting)
                self._discard(resting)
            return self._owned(self._open())
        except BaseException:
            # Whatever ends it, an interrupt too: a place that is not given back is lost for good.
            self._places.release()
            raise

    def _open(self) -> Session:
        notice = SentNotice()
        try:
            connection = self.driver.connect(notice)
        except self.driver.error as error:
            raise translated(error, "ERP logon", self.table) from error
        except VALUE_ERRORS as error:
            raise ConfigurationError(
                "erp.rfc", f"the RFC library refused a parameter: {describe(error)}"
            ) from error
        return Session(connection, self.driver.error, self.clock, notice)

    def _lives(self, session: Session) -> bool:
        since = session.rested_since
        if since is not None and self.clock.now() - since <= timedelta(seconds=self.rested_s):
            return True
        try:
            session.connection.ping()
        except self.driver.error as error:
            _log.info("session was gone", error=type(error).__name__)
            return False
        return True

    def _owned(self, session: Session) -> Session:
        session.thread = threading.get_ident()
        return session

    def _give_back(self, session: Session) -> None:
        session.listen(None)
        session.rested_since = self.clock.now()
        if session.broken:
            # Before its place is free: the ERP counts the session until it is closed.
            self._discard(session)
            self._places.release()
        elif not self._places.rest(session):
            self._discard(session)

    def _discard(self, session: Session) -> None:
        try:
            session.connection.close()
        except self.driver.error as error:
            # The session is given up either way; the ERP ends it by itself.
            _log.debug("closing a session failed", error=type(error).__name__)
