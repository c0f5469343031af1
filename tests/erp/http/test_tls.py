"""Encryption: whom the connector trusts, and how it proves itself by certificate."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connector.clock import ManualClock
from connector.erp.http.exchange import Call
from connector.erp.http.options import HttpOptions
from connector.erp.http.session import HttpPool
from connector.errors import ConfigurationError, ConnectorError
from tests.erp.http.wire_server import WireServer, reply

#: Made for these tests alone; they open nothing.
CERTIFICATES = Path(__file__).parent / "certificates"
AUTHORITY = CERTIFICATES / "authority.pem"
CALL = Call("POST", "/", "write", writes=True)


def server_context(*, wants_certificate: bool = False) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / "server.pem")
    if wants_certificate:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(AUTHORITY)
    return context


def pool_for(url: str, ca_file: Path | None, logon: dict[str, object]) -> HttpPool:
    options = {"base_url": url, "logon": logon, "ca_file": ca_file}
    return HttpPool(
        HttpOptions.model_validate(options), ManualClock(datetime(2026, 11, 22, 8, tzinfo=UTC))
    )


PASSWORD: dict[str, object] = {"kind": "basic", "user": "U", "password": "p"}
CERTIFICATE: dict[str, object] = {
    "kind": "certificate",
    "certificate": CERTIFICATES / "client.pem",
}


def status_of(pool: HttpPool) -> int:
    try:
        with pool.session() as session:
            return session.exchange(CALL).status
    finally:
        pool.close()


def test_the_authority_that_is_named_is_trusted() -> None:
    with WireServer([reply(201)], server_context()) as server:
        assert status_of(pool_for(server.url, AUTHORITY, PASSWORD)) == 201


def test_a_certificate_of_an_unknown_authority_is_refused_before_the_password_is_told() -> None:
    with WireServer([reply(201)], server_context()) as server:
        with pytest.raises(ConfigurationError, match="not trusted") as caught:
            status_of(pool_for(server.url, None, PASSWORD))
        assert "ca_file" in str(caught.value)
        assert server.received == []


def test_a_client_certificate_is_shown_and_no_password_is_sent() -> None:
    with WireServer([reply(201)], server_context(wants_certificate=True)) as server:
        assert status_of(pool_for(server.url, AUTHORITY, CERTIFICATE)) == 201
        assert "authorization" not in server.received[0].headers


def test_without_the_certificate_that_the_server_wants_nothing_arrives() -> None:
    with WireServer([reply(201)], server_context(wants_certificate=True)) as server:
        with pytest.raises(ConnectorError):
            status_of(pool_for(server.url, AUTHORITY, PASSWORD))
        assert server.received == []
