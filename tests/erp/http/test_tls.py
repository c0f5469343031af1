"""Encryption: whom the connector trusts, and how it proves itself by certificate."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme

from connector.clock import ManualClock
from connector.erp.http.exchange import Call
from connector.erp.http.options import HttpOptions
from connector.erp.http.pool import HttpPool
from connector.errors import ConfigurationError, ConnectorError
from tests.erp.http.wire_server import WireServer, reply

CALL = Call("POST", "/", "write", writes=True)


@dataclass(frozen=True)
class Trust:
    """An authority of these tests alone, and a client's certificate of its own."""

    authority: trustme.CA
    authority_file: Path
    client_file: Path

    def server_context(self, *, wants_certificate: bool = False) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
        if wants_certificate:
            context.verify_mode = ssl.CERT_REQUIRED
            self.authority.configure_trust(context)
        return context

    @property
    def logon(self) -> dict[str, object]:
        return {"kind": "certificate", "certificate": self.client_file}


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Trust:
    folder = tmp_path_factory.mktemp("certificates")
    authority = trustme.CA()
    found = Trust(authority, folder / "authority.pem", folder / "client.pem")
    authority.cert_pem.write_to_path(found.authority_file)
    client = authority.issue_cert("shop.example", common_name="shop.example")
    client.private_key_and_cert_chain_pem.write_to_path(found.client_file)
    return found


def pool_for(url: str, ca_file: Path | None, logon: dict[str, object]) -> HttpPool:
    options = {"base_url": url, "logon": logon, "ca_file": ca_file}
    return HttpPool(
        HttpOptions.model_validate(options), ManualClock(datetime(2026, 11, 22, 8, tzinfo=UTC))
    )


PASSWORD: dict[str, object] = {"kind": "basic", "user": "U", "password": "p"}


def status_of(pool: HttpPool) -> int:
    try:
        with pool.session() as session:
            return session.exchange(CALL).status
    finally:
        pool.close()


def test_the_authority_that_is_named_is_trusted(trust: Trust) -> None:
    with WireServer([reply(201)], trust.server_context()) as server:
        assert status_of(pool_for(server.url, trust.authority_file, PASSWORD)) == 201


def test_a_certificate_of_an_unknown_authority_is_refused_before_the_password_is_told(
    trust: Trust,
) -> None:
    with WireServer([reply(201)], trust.server_context()) as server:
        with pytest.raises(ConfigurationError, match="not trusted") as caught:
            status_of(pool_for(server.url, None, PASSWORD))
        assert "ca_file" in str(caught.value)
        assert server.received == []


def test_a_client_certificate_is_shown_and_no_password_is_sent(trust: Trust) -> None:
    with WireServer([reply(201)], trust.server_context(wants_certificate=True)) as server:
        assert status_of(pool_for(server.url, trust.authority_file, trust.logon)) == 201
        assert "authorization" not in server.received[0].headers


def test_without_the_certificate_that_the_server_wants_nothing_arrives(trust: Trust) -> None:
    with WireServer([reply(201)], trust.server_context(wants_certificate=True)) as server:
        with pytest.raises(ConnectorError):
            status_of(pool_for(server.url, trust.authority_file, PASSWORD))
        assert server.received == []
