"""Who asks: basic authentication, a bearer token, a client certificate, or an open session."""

from __future__ import annotations

import base64
import json
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qs, unquote_plus

from pydantic import SecretStr

from connector.simulator.http.messages import Headers, HttpRequest, HttpResponse
from connector.simulator.http.pages import html
from connector.simulator.http.settings import HttpSettings


@dataclass(frozen=True, slots=True)
class _Token:
    user: str
    until: datetime


class HttpLogon:
    """Checks who a request comes from; *now* is the ERP's clock."""

    def __init__(self, settings: HttpSettings, now: Callable[[], datetime]) -> None:
        self._settings, self._now = settings, now
        self._wrong: dict[str, int] = {}
        self._tokens: dict[str, _Token] = {}
        self._lock = threading.Lock()

    def user_of(self, request: HttpRequest) -> str | None:
        """Return the user that the request proves to be, or None."""
        kind, _, rest = request.headers.get("Authorization").partition(" ")
        if kind.lower() == "basic":
            name, password = credentials(rest)
            return name.upper() if self._password_holds(name, password) else None
        if kind.lower() == "bearer":
            return self._bearer(rest.strip())
        return self._certified(request)

    def client_is_right(self, request: HttpRequest) -> bool:
        """Return whether the client asked for, if any, is the one that exists."""
        asked = parse_qs(request.query).get("sap-client", [""])[0]
        asked = asked or request.headers.get("sap-client")
        return asked in ("", self._settings.client)

    def refused(self) -> HttpResponse:
        """Return the answer to somebody unknown."""
        settings = self._settings
        realm = f"SAP NetWeaver Application Server [{settings.system_id}/{settings.client}]"
        response = html(401, "Logon failed", "Anmeldung fehlgeschlagen / Logon failed")
        response.headers.add("WWW-Authenticate", f'Basic realm="{realm}"')
        return response

    def token(self, request: HttpRequest) -> HttpResponse:
        """Answer the token endpoint: grant type client_credentials (RFC 6749, 4.4)."""
        if request.method != "POST":
            return _oauth(405, {"error": "invalid_request"})
        form = parse_qs(request.body.decode("utf-8", "replace"))
        if form.get("grant_type") != ["client_credentials"]:
            return _oauth(400, {"error": "unsupported_grant_type"})
        kind, _, rest = request.headers.get("Authorization").partition(" ")
        if kind.lower() == "basic":
            name, secret = (unquote_plus(part) for part in credentials(rest))
        else:
            name = form.get("client_id", [""])[0]
            secret = form.get("client_secret", [""])[0]
        clients = self._settings.oauth_clients or self._settings.users
        if not _matches(clients, name, secret):
            return _oauth(401, {"error": "invalid_client"})
        lifetime = self._settings.token_lifetime_s
        token = secrets.token_urlsafe(32)
        with self._lock:
            now = self._now()
            self._tokens = {t: each for t, each in self._tokens.items() if each.until > now}
            self._tokens[token] = _Token(name.upper(), now + timedelta(seconds=lifetime))
        content = {"access_token": token, "token_type": "Bearer", "expires_in": int(lifetime)}
        return _oauth(200, content)

    def forget_tokens(self) -> None:
        """Make all bearer tokens invalid."""
        with self._lock:
            self._tokens.clear()

    def _password_holds(self, name: str, password: str) -> bool:
        user = name.upper()
        with self._lock:
            if self._wrong.get(user, 0) >= self._settings.wrong_passwords_allowed:
                return False
            users = {n.upper(): secret for n, secret in self._settings.users.items()}
            if _matches(users, user, password):
                self._wrong.pop(user, None)
                return True
            self._wrong[user] = self._wrong.get(user, 0) + 1
            return False

    def _bearer(self, token: str) -> str | None:
        with self._lock:
            found = self._tokens.get(token)
            return found.user if found is not None and found.until > self._now() else None

    def _certified(self, request: HttpRequest) -> str | None:
        name = request.certificate
        if not name and self._settings.certificate_header:
            name = request.headers.get(self._settings.certificate_header)
        if not name:
            return None
        mapping = self._settings.certificate_users
        return (mapping.get(name) if mapping else name.upper()) or None


def credentials(text: str) -> tuple[str, str]:
    """Return name and password of basic authentication; both empty when it is malformed."""
    try:
        name, colon, password = base64.b64decode(text.strip()).decode().partition(":")
    except ValueError:
        return "", ""
    return (name, password) if colon else ("", "")


def _matches(known: Mapping[str, SecretStr], name: str, secret: str) -> bool:
    if not known:
        return bool(name and secret)
    found = known.get(name)
    return found is not None and secrets.compare_digest(
        found.get_secret_value().encode(), secret.encode(errors="replace")
    )


def _oauth(status: int, content: Mapping[str, object]) -> HttpResponse:
    headers = Headers([("Content-Type", "application/json"), ("Cache-Control", "no-store")])
    return HttpResponse(status, headers, json.dumps(content).encode())
