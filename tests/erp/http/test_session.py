"""What becomes of a request that fails on its way, over real sockets."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from pydantic import SecretStr
from requests.adapters import BaseAdapter

from connector.clock import ManualClock
from connector.erp.http.exchange import Answer, Call
from connector.erp.http.options import BasicLogon, HttpOptions
from connector.erp.http.pool import HttpPool
from connector.erp.http.session import same_origin
from connector.errors import (
    ConfigurationError,
    ConnectorError,
    ErpUnavailableError,
    LeaseLostError,
    OutcomeUnknownError,
    RejectedError,
    TransientError,
)
from tests.erp.http.wire_server import Reply, WireServer, closed_port, reply

LOGON = BasicLogon(user="CONNECTOR", password=SecretStr("s3cret"))
READ = Call("GET", "/orders", "read orders")
WRITE = Call("POST", "/orders", "create order", body=b"{}", writes=True)

Pools = Callable[..., HttpPool]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 11, 22, 8, tzinfo=UTC))


@pytest.fixture
def pool_for(clock: ManualClock) -> Iterator[Pools]:
    pools: list[HttpPool] = []

    def make(url: str, **options: object) -> HttpPool:
        made = HttpPool(
            HttpOptions.model_validate({"base_url": url, "logon": LOGON} | options), clock
        )
        pools.append(made)
        return made

    yield make
    for pool in pools:
        pool.close()


def exchange(pool: HttpPool, call: Call, on_sent: Callable[[], None] | None = None) -> Answer:
    with pool.session() as session:
        return session.exchange(call, on_sent)


def test_an_answer_comes_back_whatever_its_status(pool_for: Pools) -> None:
    with WireServer([reply(404, b"gone", X_Note="seen")]) as server:
        answer = exchange(pool_for(server.url), READ)
    assert (answer.status, answer.body, answer.headers["x-note"]) == (404, b"gone", "seen")


def test_client_language_and_logon_go_with_every_request(pool_for: Pools) -> None:
    with WireServer([reply()]) as server:
        exchange(pool_for(server.url, client="100", language="DE"), READ)
        headers = server.received[0].headers
    assert headers["sap-client"] == "100"
    assert headers["sap-language"] == "DE"
    assert headers["authorization"] == "Basic Q09OTkVDVE9SOnMzY3JldA=="


@pytest.mark.parametrize("call", [READ, WRITE])
def test_a_refused_connection_has_sent_nothing(pool_for: Pools, call: Call) -> None:
    with closed_port() as port, pytest.raises(ErpUnavailableError, match="refused"):
        exchange(pool_for(f"http://127.0.0.1:{port}"), call)


def test_a_host_that_nobody_knows_has_been_sent_nothing(
    pool_for: Pools, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    pool = pool_for("http://erp.invalid", allow_plain_http=True)
    with pytest.raises(ErpUnavailableError):
        exchange(pool, WRITE)


@pytest.mark.parametrize(
    "answer",
    [
        Reply(then="reset"),
        Reply(then="close"),
        Reply(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", "close"),
        Reply(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal", "close"),
        Reply(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnone"),
        Reply(b"this is not HTTP\r\n\r\n", "close"),
        Reply(b"HTTP/1.1 20", "close"),
    ],
    ids=["reset", "closed", "cut off", "chunk cut off", "not gzip", "not http", "half a line"],
)
def test_a_lost_answer_is_a_doubt_for_a_write_and_a_retry_for_a_read(
    pool_for: Pools, answer: Reply
) -> None:
    with WireServer([answer]) as server:
        pool = pool_for(server.url)
        with pytest.raises(OutcomeUnknownError):
            exchange(pool, WRITE)
        with pytest.raises(TransientError) as caught:
            exchange(pool, READ)
        assert not isinstance(caught.value, ErpUnavailableError)
        assert len(server.received) == 2, "neither was sent a second time"


def test_an_answer_that_does_not_come_in_time_leaves_a_write_in_doubt(pool_for: Pools) -> None:
    with WireServer([Reply()]) as server, pytest.raises(OutcomeUnknownError, match="in time"):
        exchange(pool_for(server.url, read_timeout_s=0.05), WRITE)


def test_a_connection_that_its_server_closes_while_a_write_arrives_is_not_tried_again(
    pool_for: Pools,
) -> None:
    """The server gives the kept connection up just when the write is on its way."""
    with WireServer([reply(), Reply(then="reset"), reply(201)]) as server:
        pool = pool_for(server.url)
        exchange(pool, READ)
        with pytest.raises(OutcomeUnknownError):
            exchange(pool, WRITE)
        assert [each.connection for each in server.received] == [1, 1]


def test_a_connection_that_rested_is_not_used_for_a_write(
    pool_for: Pools, clock: ManualClock
) -> None:
    with WireServer([reply()]) as server:
        pool = pool_for(server.url, rested_s=10)
        exchange(pool, READ)
        clock.advance(timedelta(seconds=9))
        exchange(pool, READ)
        clock.advance(timedelta(seconds=11))
        exchange(pool, WRITE)
        assert [each.connection for each in server.received] == [1, 1, 2]


def test_a_connection_that_was_closed_quietly_is_opened_anew(pool_for: Pools) -> None:
    with WireServer([reply(200, b"", "close"), reply(201)]) as server:
        pool = pool_for(server.url)
        exchange(pool, READ)
        server_closed = threading.Event()
        server_closed.wait(0.05)
        assert exchange(pool, WRITE).status == 201


def test_the_sent_hook_is_told_when_the_request_is_out_and_no_answer_has_come(
    pool_for: Pools,
) -> None:
    arrived, may_answer = threading.Event(), threading.Event()

    def answer(_: object) -> Reply:
        arrived.set()
        may_answer.wait(5)
        return reply(201)

    told: list[bool] = []

    def on_sent() -> None:
        # The whole request has left: the server has it before it may say a word.
        told.append(arrived.wait(5) and not may_answer.is_set())
        may_answer.set()

    with WireServer(answer) as server:
        assert exchange(pool_for(server.url), WRITE, on_sent).status == 201
    assert told == [True]


def test_the_sent_hook_is_not_told_of_what_never_left(pool_for: Pools) -> None:
    told: list[str] = []
    with closed_port() as port, pytest.raises(ErpUnavailableError):
        exchange(pool_for(f"http://127.0.0.1:{port}"), WRITE, lambda: told.append("sent"))
    assert told == []


def test_a_check_that_refuses_keeps_the_request_from_leaving(pool_for: Pools) -> None:
    def refuse() -> None:
        raise LeaseLostError("another worker has it")

    with WireServer([reply()]) as server:
        pool = pool_for(server.url)
        with pool.session() as session, pytest.raises(LeaseLostError):
            session.exchange(WRITE, on_ready=refuse)
        assert server.received == []
        assert pool.open_sessions == 0, "the half-begun connection is thrown away"


def test_cookies_stay_with_their_session(pool_for: Pools) -> None:
    with WireServer([reply(200, b"", Set_Cookie="sap-XSRF_S4H_100=one; path=/orders")]) as server:
        pool = pool_for(server.url)
        with pool.session() as first:
            first.exchange(READ)
            with pool.session() as second:
                second.exchange(READ)
            first.exchange(READ)
        cookies = [each.headers.get("cookie") for each in server.received]
    assert cookies == [None, None, "sap-XSRF_S4H_100=one"]


def test_a_session_that_failed_is_thrown_away_with_its_cookies(pool_for: Pools) -> None:
    answers = [reply(200, b"", Set_Cookie="a=b; path=/"), Reply(then="reset"), reply()]
    with WireServer(answers) as server:
        pool = pool_for(server.url)
        exchange(pool, READ)
        with pytest.raises(TransientError):
            exchange(pool, READ)
        assert pool.open_sessions == 0
        exchange(pool, READ)
        assert "cookie" not in server.received[2].headers


def test_redirects_are_not_followed(pool_for: Pools) -> None:
    with WireServer([reply()]) as other, WireServer([reply(302, Location=other.url)]) as server:
        assert exchange(pool_for(server.url), READ).status == 302
        assert other.received == []


def test_an_answer_without_end_is_refused_at_the_limit(pool_for: Pools) -> None:
    big = reply(200, b"x" * 5000)
    with WireServer([big]) as server:
        pool = pool_for(server.url, max_answer_bytes=4096)
        with pytest.raises(RejectedError, match=r"larger than 4096 bytes.*max_answer_bytes"):
            exchange(pool, READ)
        with pytest.raises(OutcomeUnknownError, match="larger than 4096 bytes"):
            exchange(pool, WRITE)


def test_a_small_answer_that_unpacks_to_a_huge_one_is_refused(pool_for: Pools) -> None:
    packed = gzip.compress(b"x" * 10_000_000)
    answer = reply(200, packed, Content_Encoding="gzip")
    with WireServer([answer]) as server, pytest.raises(RejectedError, match="larger"):
        exchange(pool_for(server.url, max_answer_bytes=1_000_000), READ)


def test_a_caller_waits_for_a_session_no_longer_than_told(pool_for: Pools) -> None:
    with WireServer([reply()]) as server:
        pool = pool_for(server.url, sessions=1, session_wait_s=0.05)
        with pool.session(), pytest.raises(TransientError, match="all 1 HTTP sessions"):
            exchange(pool, READ)
        assert exchange(pool, READ).status == 200


def test_a_closed_pool_hands_out_nothing(pool_for: Pools) -> None:
    pool = pool_for("http://127.0.0.1:9")
    pool.close()
    with pytest.raises(TransientError, match="stops"), pool.session():
        pass


def test_nothing_from_the_environment_changes_where_a_request_goes(
    pool_for: Pools, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login thief password x\n", "utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with WireServer([reply()]) as server:
        exchange(pool_for(server.url), READ)
        assert server.received[0].headers["authorization"].startswith("Basic Q09O")


def test_a_file_that_cannot_be_read_is_named_before_anything_is_sent(pool_for: Pools) -> None:
    with pytest.raises(ConfigurationError, match=r"ca_file: .*nowhere\.pem cannot be read"):
        pool_for("https://127.0.0.1", ca_file="nowhere.pem")


def test_a_server_that_speaks_no_tls_is_not_reached(pool_for: Pools) -> None:
    with WireServer([Reply(b"HTTP/1.1 400 Bad\r\n\r\n", "close")]) as server:
        pool = pool_for(server.url.replace("http://", "https://"))
        with pytest.raises(ErpUnavailableError):
            exchange(pool, WRITE)


@pytest.mark.parametrize(
    "link",
    [
        "https://erp.example.com/sap/next",
        "https://ERP.example.com:443/sap/next",
        "/sap/next",
    ],
)
def test_links_of_the_same_origin_are_followed(link: str) -> None:
    options = HttpOptions(base_url="https://erp.example.com", logon=LOGON)
    assert same_origin(options, link).endswith("/sap/next")


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example.com/sap/next",
        "http://erp.example.com/sap/next",
        "https://erp.example.com:8443/sap/next",
        "//evil.example.com/sap/next",
        "https://erp.example.com@evil.example.com/sap/next",
        "file:///etc/passwd",
    ],
)
def test_links_that_lead_elsewhere_are_refused(link: str) -> None:
    options = HttpOptions(base_url="https://erp.example.com", logon=LOGON)
    with pytest.raises(ConfigurationError, match="not followed"):
        same_origin(options, link)


def test_links_behind_a_proxy_are_followed_on_the_address_that_is_configured() -> None:
    options = HttpOptions(base_url="https://erp.example.com", logon=LOGON, links_behind_proxy=True)
    link = "http://s4hana-inner:8000/sap/next?$skiptoken=2"
    assert same_origin(options, link) == "https://erp.example.com/sap/next?$skiptoken=2"


class Elsewhere(BaseAdapter):
    """An adapter that cannot say how far a request came."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def send(self, *args: object, **kwargs: object) -> requests.Response:
        raise self.error

    def close(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (requests.ConnectTimeout("slow"), ErpUnavailableError),
        (requests.ConnectionError(ConnectionRefusedError(111, "refused")), ErpUnavailableError),
        (requests.ReadTimeout("slow"), OutcomeUnknownError),
        (requests.ConnectionError("reset"), OutcomeUnknownError),
    ],
)
def test_an_adapter_that_notes_nothing_is_believed_only_when_it_did_not_connect(
    clock: ManualClock, error: Exception, meaning: type[ConnectorError]
) -> None:
    options = HttpOptions(base_url="https://erp.example.com", logon=LOGON)
    pool = HttpPool(options, clock, lambda: Elsewhere(error))
    with pytest.raises(meaning):
        exchange(pool, WRITE)


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]"])
def test_this_machine_may_have_several_names(name: str) -> None:
    options = HttpOptions(
        base_url="http://127.0.0.1:8000",
        logon=LOGON,
        allow_plain_http=True,
    )
    assert same_origin(options, f"http://{name}:8000/sap/next").endswith("/sap/next")
    with pytest.raises(ConfigurationError):
        same_origin(options, f"http://{name}:8001/sap/next")
