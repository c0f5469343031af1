"""The server: connections that stay open, bodies in every form, limits, TLS, a clean end."""

from __future__ import annotations

import io
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import trustme

from connector.simulator.http.call_log import HttpCallLog
from connector.simulator.http.control import http_controls
from connector.simulator.http.front import HttpFront
from connector.simulator.http.server import HttpErpServer
from connector.simulator.http.settings import HttpSettings
from tests.simulator.http.conftest import PATH, Echo, Erp

BASIC = b"Authorization: Basic dGVzdGVyOng=\r\n"


@pytest.fixture
def server(front: HttpFront) -> Iterator[HttpErpServer]:
    with HttpErpServer(front) as server:
        yield server


@pytest.fixture
def client() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.auth = ("tester", "x")
        yield session


def raw(server: HttpErpServer, request: bytes) -> bytes:
    """Send bytes and return all that comes back until the server closes."""
    with socket.create_connection(server.address, timeout=5) as line:
        line.sendall(request)
        line.shutdown(socket.SHUT_WR)
        found = b""
        while part := line.recv(65536):
            found += part
    return found


def test_a_request_arrives_whole(server: HttpErpServer, client: requests.Session) -> None:
    url = f"{server.url}{PATH}/A_SalesOrder?$filter=a%20eq%201"

    found = client.post(url, data="grüß".encode()).json()["d"]

    assert (found["method"], found["query"]) == ("POST", "$filter=a%20eq%201")
    assert (found["body"], found["base"]) == ("grüß", server.url)


def test_a_chunked_body_arrives_whole(server: HttpErpServer, client: requests.Session) -> None:
    found = client.post(server.url + PATH, data=iter([b"one ", b"two ", b"three"])).json()["d"]

    assert found["body"] == "one two three"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "MERGE", "DELETE", "OPTIONS"])
def test_every_method_of_the_protocol_arrives(
    server: HttpErpServer, client: requests.Session, method: str
) -> None:
    assert client.request(method, server.url + PATH).json()["d"]["method"] == method


def test_a_head_has_no_body(server: HttpErpServer, client: requests.Session) -> None:
    response = client.head(server.url + PATH)

    assert (response.content, int(response.headers["Content-Length"]) > 10) == (b"", True)
    assert client.get(server.url + PATH).status_code == 200


def test_a_connection_serves_many_requests(server: HttpErpServer) -> None:
    one = b"GET " + PATH.encode() + b" HTTP/1.1\r\nHost: x\r\n" + BASIC + b"\r\n"

    found = raw(server, one * 3)

    assert found.count(b"HTTP/1.1 200 OK") == 3


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"Content-Length: -1\r\n", b"400"),
        (b"Content-Length: many\r\n", b"400"),
        (b"Content-Length: 999999999\r\n", b"413"),
        (b"Transfer-Encoding: chunked\r\n", b"400"),
    ],
)
def test_a_body_that_is_wrong_or_too_large_is_refused(
    server: HttpErpServer, head: bytes, status: bytes
) -> None:
    found = raw(server, b"POST /x HTTP/1.1\r\nHost: x\r\n" + BASIC + head + b"\r\nzzz\r\n")

    assert found.startswith(b"HTTP/1.1 " + status)


def test_a_body_that_ends_early_is_not_passed_on(server: HttpErpServer, echo: Echo) -> None:
    head = b"POST " + PATH.encode() + b" HTTP/1.1\r\nHost: x\r\n" + BASIC

    assert raw(server, head + b"Content-Length: 50\r\n\r\nshort") == b""
    assert raw(server, head + b"Transfer-Encoding: chunked\r\n\r\n32\r\nshort") == b""
    assert echo.seen == []


def test_a_strange_host_is_not_repeated(server: HttpErpServer) -> None:
    head = b"GET " + PATH.encode() + b' HTTP/1.1\r\nHost: a"><b>\r\n' + BASIC + b"\r\n"

    assert server.url.encode() in raw(server, head)


def test_the_server_says_the_time_of_the_erp(
    server: HttpErpServer, client: requests.Session
) -> None:
    assert client.get(server.url + PATH).headers["Date"] == "Mon, 05 Jan 2026 09:00:00 GMT"


def test_closing_ends_connections_and_threads(front: HttpFront) -> None:
    before = threading.active_count()
    server = HttpErpServer(front).start()
    sessions = [requests.Session() for _ in range(3)]
    for session in sessions:
        session.get(server.url, auth=("a", "b"))

    server.close()

    assert threading.active_count() == before
    with pytest.raises(requests.ConnectionError):
        sessions[0].get(server.url)
    for session in sessions:
        session.close()


def test_closing_lets_held_requests_go(front: HttpFront, echo: Echo) -> None:
    front.inject("client timeout with late commit")
    server = HttpErpServer(front).start()
    with requests.Session() as session, pytest.raises(requests.ReadTimeout):
        session.get(server.url + PATH, auth=("a", "b"), timeout=0.1)

    server.close()

    assert echo.seen == []


def test_too_many_at_once_are_turned_away(front: HttpFront, settings: HttpSettings) -> None:
    settings.sessions = 0
    with HttpErpServer(front) as server, requests.Session() as session:
        assert session.get(server.url + PATH, auth=("a", "b")).status_code == 503


def test_latency_is_waited_for(erp: Erp, echo: Echo) -> None:
    waited: list[float] = []
    front = HttpFront(erp, HttpSettings(latency_s=0.02), sleep=waited.append)  # type: ignore[arg-type]
    front.mount("/sap", echo)
    with HttpErpServer(front) as server, requests.Session() as session:
        session.get(server.url + PATH, auth=("a", "b"))

    assert waited == [0.02]


def test_each_request_is_a_line_in_the_log(erp: Erp, echo: Echo) -> None:
    stream = io.StringIO()
    log = HttpCallLog(stream, erp.clock.now)
    front = HttpFront(erp, call_log=log)  # type: ignore[arg-type]
    front.mount("/sap", echo)
    with HttpErpServer(front) as server, requests.Session() as session:
        session.auth = ("a", "b")
        session.get(f"{server.url}{PATH}/A_SalesOrder('1')?$filter=Name eq 'Miller'")
        front.inject("connection lost before call")
        with pytest.raises(requests.ConnectionError):
            session.get(server.url + PATH)

    first, second = (json.loads(line) for line in stream.getvalue().splitlines())
    assert (first["method"], first["status"], first["query"]) == ("GET", 200, ["$filter"])
    assert first["at"] == "2026-01-05T09:00:00+00:00"
    assert (second["status"], second["error"]) == (0, "ConnectionLost")
    assert "Miller" not in stream.getvalue()


def test_the_controls_reach_everything(
    front: HttpFront, server: HttpErpServer, client: requests.Session
) -> None:
    controls: dict[str, Any] = http_controls(front)
    controls["set http latency"](seconds=0.0)
    controls["inject http"](name="logon failure", on="A_SalesOrder")
    assert controls["waiting http faults"]() == [["logon failure", "A_SalesOrder", 1]]
    controls["clear http faults"]()
    client.get(f"{server.url}{PATH}/A_SalesOrder")
    assert controls["http calls"]() == {"GET A_SalesOrder": 1}
    controls["clear http calls"]()
    assert controls["http calls"]() == {}
    assert (controls["release held http"](), controls["held http calls"]()) == (0, 0)
    controls["end http sessions"]()
    client.auth = None
    assert client.get(server.url + PATH).status_code == 401


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A server's and a client's certificate, each its own authority."""
    folder = tmp_path_factory.mktemp("certificates")
    for name, common in (("server", "localhost"), ("client", "shop.example")):
        authority = trustme.CA()
        made = authority.issue_cert("localhost", "127.0.0.1", common_name=common)
        made.private_key_pem.write_to_path(folder / f"{name}.key")
        for part in made.cert_chain_pems:
            part.write_to_path(folder / f"{name}.crt", append=True)
        authority.cert_pem.write_to_path(folder / f"{name}.pem")
    return folder


def test_tls_with_a_client_certificate(
    front: HttpFront, settings: HttpSettings, certificates: Path
) -> None:
    settings.tls_certificate = certificates / "server.crt"
    settings.tls_key = certificates / "server.key"
    settings.tls_client_authority = certificates / "client.pem"
    settings.certificate_users = {"shop.example": "SHOP"}
    with HttpErpServer(front) as server, requests.Session() as session:
        session.verify, session.trust_env = str(certificates / "server.pem"), False
        assert server.url.startswith("https://")
        assert session.get(server.url + PATH).status_code == 401

        cert = (str(certificates / "client.crt"), str(certificates / "client.key"))
        with requests.Session() as known:
            known.verify, known.trust_env = session.verify, False
            response = known.get(server.url + PATH, cert=cert)

    assert response.json()["d"]["user"] == "SHOP"
    assert "secure" in response.headers["Set-Cookie"].lower()


def test_plain_text_on_a_tls_port_is_dropped(
    front: HttpFront, settings: HttpSettings, certificates: Path
) -> None:
    settings.tls_certificate = certificates / "server.crt"
    settings.tls_key = certificates / "server.key"
    with HttpErpServer(front) as server, requests.Session() as session:
        plain = server.url.replace("https:", "http:")
        with pytest.raises(requests.ConnectionError):
            session.get(plain + PATH)
