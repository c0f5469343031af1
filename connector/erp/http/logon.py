"""
What proves to the ERP who calls.

The protocol of OAuth 2.0 (RFC 6749, 4.4) is oauthlib's; the request itself goes the way of all
others, so that its time-outs, its trust and its failures are the same.
"""

from __future__ import annotations

import threading
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final, Protocol

from oauthlib.oauth2 import BackendApplicationClient, OAuth2Error

from connector.clock import Clock
from connector.erp.http.exchange import Answer, Call
from connector.erp.http.options import BasicLogon, CertificateLogon, HttpOptions, OAuthLogon
from connector.errors import ConfigurationError, LogonRefusedError

#: A token is renewed this long before it ends, so that none ends on its way.
_MARGIN: Final = timedelta(seconds=60)
_CLIENT_REFUSED: Final = frozenset({"invalid_client", "unauthorized_client", "access_denied"})


class Logon(Protocol):
    """Headers that log a request on."""

    def headers(self) -> Mapping[str, str]:
        """Return them; may ask a token server and raise as any call does."""
        ...

    def renewed(self, used: Mapping[str, str]) -> bool:
        """After a 401 with the headers *used*: whether others are there to try with now."""
        ...


class FixedHeaders:
    """The same headers for ever: a password's, or none beside a certificate."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self._fields = dict(fields)

    def headers(self) -> Mapping[str, str]:
        return self._fields

    def renewed(self, used: Mapping[str, str]) -> bool:
        return False


class OAuthTokens:
    """One token for all sessions, fetched when it is first needed and when it ends."""

    def __init__(self, options: OAuthLogon, ask: Callable[[Call], Answer], clock: Clock) -> None:
        self._options, self._ask, self._clock = options, ask, clock
        self._client = BackendApplicationClient(options.client_id)
        self._lock = threading.Lock()
        self._token = ""
        self._ends_at: datetime | None = None

    def headers(self) -> Mapping[str, str]:
        with self._lock:
            if not self._token or (self._ends_at and self._clock.now() >= self._ends_at):
                self._fetch()
            return self._header()

    def renewed(self, used: Mapping[str, str]) -> bool:
        with self._lock:
            if self._header() == used:
                # Whoever comes first renews for all.
                self._fetch()
            return True

    def _header(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"}

    def _fetch(self) -> None:
        secret = self._options.client_secret.get_secret_value()
        answer = self._ask(
            Call(
                "POST",
                self._options.token_url,
                "OAuth token",
                {
                    **basic(self._options.client_id, secret),
                    "Content-Type": "application/x-www-form-urlencoded",
                    "Accept": "application/json",
                },
                self._client.prepare_request_body(scope=self._options.scope or None).encode(),
            )
        )
        self._token = ""
        try:
            token = self._client.parse_request_body_response(answer.body.decode("utf-8"))
        except OAuth2Error as error:
            raise self._refused(error, answer) from error
        except (ValueError, TypeError, AttributeError) as error:
            raise self._no_token(answer) from error
        if str(token.get("token_type", "bearer")).lower() != "bearer":
            raise self._no_token(answer)
        self._token = str(token["access_token"])
        lasts = token.get("expires_in")
        self._ends_at = None
        if isinstance(lasts, int | float) and not isinstance(lasts, bool):
            # A token that is shorter than the margin serves half of its life.
            life = timedelta(seconds=min(float(lasts), 365 * 24 * 3600.0))
            self._ends_at = self._clock.now() + max(life - _MARGIN, life / 2)

    def _refused(self, error: OAuth2Error, answer: Answer) -> ConfigurationError:
        problem = f"the token server answered '{error.error}' (HTTP {answer.status})"
        if error.error in _CLIENT_REFUSED:
            return LogonRefusedError("OAuth logon", problem, "Correct client_id and client_secret")
        return ConfigurationError("OAuth logon", problem, "Check token_url and scope")

    def _no_token(self, answer: Answer) -> ConfigurationError:
        return ConfigurationError(
            "OAuth logon",
            f"the token server's answer has no bearer token (HTTP {answer.status})",
            "Check token_url",
        )


def basic(user: str, password: str) -> dict[str, str]:
    """Return the header of basic authentication, in UTF-8 (RFC 7617)."""
    pair = b64encode(f"{user}:{password}".encode()).decode("ascii")
    return {"Authorization": f"Basic {pair}"}


def logon_of(options: HttpOptions, ask: Callable[[Call], Answer], clock: Clock) -> Logon:
    """Return what *options* say; *ask* sends the request for a token."""
    match options.logon:
        case BasicLogon() as logon:
            return FixedHeaders(basic(logon.user, logon.password.get_secret_value()))
        case OAuthLogon() as logon:
            return OAuthTokens(logon, ask, clock)
        case CertificateLogon():
            return FixedHeaders({})
