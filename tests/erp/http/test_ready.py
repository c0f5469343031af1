"""The last check before a request leaves, with the connection there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
import requests
from pydantic import SecretStr
from requests.adapters import BaseAdapter

from connector.clock import ManualClock
from connector.erp.http.exchange import Call
from connector.erp.http.options import BasicLogon, HttpOptions
from connector.erp.http.pool import HttpPool
from connector.erp.http.wire import WatchedAdapter
from connector.errors import ErpUnavailableError, LeaseLostError
from tests.erp.http.wire_server import WireServer, closed_port, reply

WRITE = Call("POST", "/orders", "create order", body=b"{}", writes=True)


class Plain(requests.adapters.HTTPAdapter):
    """An adapter that does not note how far a request has come."""


@contextmanager
def pool(url: str, adapter: type[BaseAdapter] = WatchedAdapter) -> Iterator[HttpPool]:
    logon = BasicLogon(user="CONNECTOR", password=SecretStr("s3cret"))
    clock = ManualClock(datetime(2026, 11, 22, 8, tzinfo=UTC))
    made = HttpPool(HttpOptions(base_url=url, logon=logon), clock, adapter)
    try:
        yield made
    finally:
        made.close()


@pytest.mark.parametrize("adapter", [WatchedAdapter, Plain])
def test_it_is_asked_before_the_request_is_out(adapter: type[BaseAdapter]) -> None:
    said: list[str] = []
    with (
        WireServer([reply()]) as server,
        pool(server.url, adapter) as each,
        each.session() as session,
    ):
        session.exchange(
            WRITE,
            lambda: said.append("sent"),
            lambda: said.append(f"ready after {len(server.received)}"),
        )
    assert said == ["ready after 0", "sent"]


@pytest.mark.parametrize("adapter", [WatchedAdapter, Plain])
def test_what_it_raises_keeps_the_request_from_leaving(adapter: type[BaseAdapter]) -> None:
    def refuse() -> None:
        raise LeaseLostError("another worker has the step")

    with WireServer([reply()]) as server, pool(server.url, adapter) as each:
        with each.session() as session, pytest.raises(LeaseLostError):
            session.exchange(WRITE, on_ready=refuse)
        assert server.received == []
        with each.session() as session:
            assert session.exchange(WRITE).status == 200


def test_it_is_not_asked_where_nobody_listens() -> None:
    asked: list[bool] = []
    with (
        closed_port() as port,
        pool(f"http://127.0.0.1:{port}") as each,
        each.session() as session,
        pytest.raises(ErpUnavailableError),
    ):
        session.exchange(WRITE, on_ready=lambda: asked.append(True))
    assert asked == []
