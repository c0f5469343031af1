"""A front with a face that writes down what reached it, and a client without a socket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

import pytest
import requests

from connector.simulator.engine.clock import SimulatedClock
from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.http.front import HttpFront
from connector.simulator.http.local import LOCAL_URL, LocalAdapter
from connector.simulator.http.messages import Headers, HttpRequest, HttpResponse
from connector.simulator.http.settings import HttpSettings

PATH = "/sap/opu/odata/sap/API_SALES_ORDER_SRV"


class Erp:
    """What the front asks of the ERP: the time."""

    def __init__(self) -> None:
        self.clock = SimulatedClock(datetime(2026, 1, 5, 9, tzinfo=UTC))


@dataclass
class Echo:
    """Answers with what it was asked, and keeps it."""

    seen: list[HttpRequest] = field(default_factory=list)

    def answer(self, request: HttpRequest) -> HttpResponse:
        self.seen.append(request)
        if request.path.endswith("/xml"):
            body = b"<order><SalesOrder>1</SalesOrder><Net>5</Net></order>"
            return HttpResponse(200, Headers([("Content-Type", "application/xml")]), body)
        if request.path.endswith("/fails"):
            raise KeyError("a defect")
        content = {
            "d": {
                "SalesOrder": "1",
                "Net": "17.55",
                "user": request.user,
                "method": request.method,
                "query": request.query,
                "body": request.body.decode(),
                "base": request.base_url,
                "certificate": request.certificate,
            }
        }
        headers = Headers([("Content-Type", "application/json;charset=utf-8")])
        return HttpResponse(200, headers, json.dumps(content, separators=(",", ":")).encode())


@pytest.fixture
def erp() -> Erp:
    return Erp()


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
def settings() -> HttpSettings:
    return HttpSettings()


@pytest.fixture
def front(erp: Erp, echo: Echo, settings: HttpSettings) -> Iterator[HttpFront]:
    front = HttpFront(cast(SimulatedErp, erp), settings)
    front.mount("/sap/opu", echo)
    yield front
    front.close()


@pytest.fixture
def session(front: HttpFront) -> Iterator[requests.Session]:
    """A client in the same process."""
    with requests.Session() as session:
        session.auth = ("tester", "secret")
        session.mount(LOCAL_URL, LocalAdapter(front))
        yield session
