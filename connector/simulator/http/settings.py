"""Settings of the HTTP server: what differs between systems, each with its usual value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr


@dataclass(slots=True)
class HttpSettings:
    """How the simulated ERP is reached over HTTP."""

    #: SAP system id, as the name of the session cookie shows it.
    system_id: str = "SIM"
    #: The only client that exists.
    client: str = "100"
    #: User -> password. Empty: every user is let in who gives a password.
    users: Mapping[str, SecretStr] = field(default_factory=dict)
    #: After so many wrong passwords in a row the user is locked.
    wrong_passwords_allowed: int = 5
    #: OAuth2 client id -> secret, for tokens by client credentials; each acts as a user of its
    #: own name. Empty: the users and their passwords are the clients.
    oauth_clients: Mapping[str, SecretStr] = field(default_factory=dict)
    #: How long an OAuth2 token is good, in seconds.
    token_lifetime_s: float = 3600.0
    #: Common name of a client certificate -> user. Empty: the common name is the user.
    certificate_users: Mapping[str, str] = field(default_factory=dict)
    #: Header in which a reverse proxy passes the common name of a checked client certificate on.
    #: Empty: none is believed.
    certificate_header: str = ""
    #: Certificate and key of the server, and the authority of the clients' certificates.
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    tls_client_authority: Path | None = None
    #: Requests answered at the same time; one more is answered 503.
    sessions: int = 100
    #: How long a session with its cookie lives without a request, in seconds.
    session_lifetime_s: float = 1800.0
    #: Time that each request takes, in seconds, waited outside of all locks.
    latency_s: float = 0.0
    #: Largest body that is taken, in bytes.
    largest_body: int = 16 * 1024 * 1024
    #: How long a connection may stay silent, in seconds.
    idle_timeout_s: float = 60.0
    #: Status with which an expired password is refused. Systems answer 401 or a page of their own.
    password_expired_status: int = 401
