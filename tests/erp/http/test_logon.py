"""Logon by password, by OAuth token and by certificate."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from pydantic import SecretStr

from connector.clock import ManualClock
from connector.erp.http.exchange import Answer, Call
from connector.erp.http.logon import basic
from connector.erp.http.options import HttpOptions, OAuthLogon
from connector.erp.http.pool import HttpPool
from connector.errors import ConfigurationError, ErpUnavailableError, LogonRefusedError
from tests.erp.http.wire_server import Received, Reply, WireServer, closed_port, reply

READ = Call("GET", "/orders", "read orders")
WRITE = Call("POST", "/orders", "create order", body=b"{}", writes=True)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 11, 22, 8, tzinfo=UTC))


class Erp:
    """An ERP with a token server beside it; only the newest token opens it."""

    def __init__(self, **token: Any) -> None:
        self.token = {"token_type": "Bearer", "expires_in": 3600} | token
        self.handed_out = 0
        self.valid_from = 1

    def __call__(self, request: Received) -> Reply:
        if request.target == "/token":
            self.handed_out += 1
            return reply(200, {"access_token": f"t{self.handed_out}"} | self.token)
        number = int(request.headers["authorization"].removeprefix("Bearer t"))
        return reply(200 if number >= self.valid_from else 401)


@pytest.fixture
def pool_for(clock: ManualClock) -> Iterator[Callable[[str, str], HttpPool]]:
    pools: list[HttpPool] = []

    def make(url: str, token_url: str) -> HttpPool:
        logon = OAuthLogon(
            token_url=token_url, client_id="conn", client_secret=SecretStr("hush"), scope="A B"
        )
        pools.append(HttpPool(HttpOptions(base_url=url, logon=logon), clock))
        return pools[-1]

    yield make
    for pool in pools:
        pool.close()


def exchange(pool: HttpPool, call: Call) -> Answer:
    with pool.session() as session:
        return session.exchange(call)


def test_user_and_password_are_sent_in_utf8() -> None:
    assert basic("Jürgen", "p:w") == {"Authorization": "Basic SsO8cmdlbjpwOnc="}


def test_a_token_is_asked_for_once_and_serves_until_it_ends(
    pool_for: Callable[[str, str], HttpPool], clock: ManualClock
) -> None:
    erp = Erp()
    with WireServer(erp) as server:
        pool = pool_for(server.url, f"{server.url}/token")
        exchange(pool, READ)
        clock.advance(timedelta(seconds=3500))
        exchange(pool, READ)
        assert erp.handed_out == 1
        clock.advance(timedelta(seconds=60))
        exchange(pool, READ)
        assert erp.handed_out == 2
        asked = server.received[0]
    assert asked.method == "POST"
    assert asked.headers["authorization"] == basic("conn", "hush")["Authorization"]
    assert parse_qs(asked.body.decode()) == {
        "grant_type": ["client_credentials"],
        "scope": ["A B"],
    }


@pytest.mark.parametrize("call", [READ, WRITE])
def test_a_token_that_was_taken_back_is_renewed_once(
    pool_for: Callable[[str, str], HttpPool], call: Call
) -> None:
    """A refused logon has posted nothing, so a write may go again with the new token."""
    erp = Erp()
    with WireServer(erp) as server:
        pool = pool_for(server.url, f"{server.url}/token")
        exchange(pool, READ)
        erp.valid_from = 2
        assert exchange(pool, call).status == 200
        erp.valid_from = 99
        assert exchange(pool, call).status == 401
        assert erp.handed_out == 3


def test_a_token_without_a_term_serves_until_it_is_refused(
    pool_for: Callable[[str, str], HttpPool], clock: ManualClock
) -> None:
    erp = Erp(expires_in=None)
    with WireServer(erp) as server:
        pool = pool_for(server.url, f"{server.url}/token")
        exchange(pool, READ)
        clock.advance(timedelta(days=300))
        exchange(pool, READ)
        assert erp.handed_out == 1


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        (reply(401, {"error": "invalid_client"}), LogonRefusedError),
        (reply(400, {"error": "unauthorized_client"}), LogonRefusedError),
        (reply(400, {"error": "invalid_scope"}), ConfigurationError),
        (reply(200, {"token_type": "bearer"}), ConfigurationError),
        (reply(200, {"access_token": "x", "token_type": "mac"}), ConfigurationError),
        (reply(404, b"<html>nothing here</html>"), ConfigurationError),
        (reply(200, b"[1]"), ConfigurationError),
        (reply(503), ErpUnavailableError),
    ],
)
def test_what_the_token_server_refuses_is_told_and_the_erp_is_not_asked(
    pool_for: Callable[[str, str], HttpPool], answer: Reply, meaning: type[Exception]
) -> None:
    with WireServer([answer]) as tokens, WireServer([reply()]) as server:
        with pytest.raises(meaning) as caught:
            exchange(pool_for(server.url, f"{tokens.url}/token"), WRITE)
        assert server.received == []
    assert "hush" not in str(caught.value)


def test_a_token_server_that_is_down_is_an_erp_that_is_not_there(
    pool_for: Callable[[str, str], HttpPool],
) -> None:
    with closed_port() as port, pytest.raises(ErpUnavailableError):
        exchange(pool_for("http://127.0.0.1:9", f"http://127.0.0.1:{port}/token"), WRITE)


def test_the_secret_goes_to_the_token_server_alone(
    pool_for: Callable[[str, str], HttpPool],
) -> None:
    erp = Erp()
    with WireServer(erp) as tokens, WireServer([reply()]) as server:
        exchange(pool_for(server.url, f"{tokens.url}/token"), READ)
        assert server.received[0].headers["authorization"] == "Bearer t1"
        assert json.dumps(server.received[0].headers).count("conn") <= 1
