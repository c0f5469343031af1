"""Sessions of clients: the cookie, whose they are, and their CSRF token."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http.cookies import CookieError, SimpleCookie

from connector.simulator.http.messages import Headers
from connector.simulator.http.settings import HttpSettings

_MOST = 10_000


@dataclass(slots=True)
class WebSession:
    """A session; ``csrf_token`` is empty until one was fetched."""

    name: str
    user: str
    used_at: datetime
    csrf_token: str = ""
    csrf_at: datetime | None = None


class Sessions:
    """All sessions; *now* is the ERP's clock."""

    def __init__(self, settings: HttpSettings, now: Callable[[], datetime]) -> None:
        self._settings, self._now = settings, now
        self._open: dict[str, WebSession] = {}
        self._lock = threading.Lock()

    @property
    def cookie(self) -> str:
        """The name of the session cookie."""
        return f"SAP_SESSIONID_{self._settings.system_id}_{self._settings.client}"

    def of(self, headers: Headers) -> WebSession | None:
        """Return the living session that the cookies name, and count this as its use."""
        name = self._named(headers)
        with self._lock:
            found = self._open.get(name)
            if found is None:
                return None
            idle = (self._now() - found.used_at).total_seconds()
            if idle > self._settings.session_lifetime_s:
                del self._open[name]
                return None
            found.used_at = self._now()
            return found

    def start(self, user: str) -> WebSession:
        """Open a session of *user*."""
        session = WebSession(secrets.token_urlsafe(24), user, self._now())
        with self._lock:
            if len(self._open) >= _MOST:
                oldest = min(self._open.values(), key=lambda each: each.used_at)
                del self._open[oldest.name]
            self._open[session.name] = session
        return session

    def cookies_for(self, session: WebSession, *, secure: bool) -> tuple[str, ...]:
        """Return the values of Set-Cookie that give a client its session."""
        flags = "; path=/; HttpOnly" + ("; secure" if secure else "")
        return (
            f"sap-usercontext=sap-client={self._settings.client}; path=/",
            f"{self.cookie}={session.name}{flags}",
        )

    def fetch_token(self, name: str, lifetime_s: float) -> str:
        """Return the CSRF token of session *name*, a new one when the old is used up."""
        with self._lock:
            session = self._open.get(name)
            if session is None:
                return ""
            if not self._holds(session, lifetime_s):
                session.csrf_token = secrets.token_urlsafe(18) + "=="
                session.csrf_at = self._now()
            return session.csrf_token

    def token_holds(self, name: str, token: str, lifetime_s: float) -> bool:
        """Return whether *token* is that of session *name*."""
        with self._lock:
            session = self._open.get(name)
            if session is None or not self._holds(session, lifetime_s):
                return False
            return secrets.compare_digest(session.csrf_token.encode(), token.encode())

    def expire_token(self, name: str) -> None:
        """Make the token of session *name* invalid."""
        with self._lock:
            session = self._open.get(name)
            if session is not None:
                session.csrf_token, session.csrf_at = "", None

    def end_all(self) -> None:
        """Forget all sessions, as a restart does."""
        with self._lock:
            self._open.clear()

    def _holds(self, session: WebSession, lifetime_s: float) -> bool:
        if not session.csrf_token or session.csrf_at is None:
            return False
        return (self._now() - session.csrf_at).total_seconds() <= lifetime_s

    def _named(self, headers: Headers) -> str:
        for line in headers.all("Cookie"):
            try:
                cookies = SimpleCookie(line)
            except CookieError:
                continue
            if self.cookie in cookies:
                return cookies[self.cookie].value
        return ""
