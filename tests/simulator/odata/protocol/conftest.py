"""The OData face over a book of orders, and a client without a socket."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
import requests

from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.http.front import HttpFront
from connector.simulator.http.local import LOCAL_URL, LocalAdapter
from tests.simulator.odata.protocol.book import ROOT, BookErp, face_on, filled


@dataclass
class Client:
    """Words for requests that tests make again and again."""

    session: requests.Session
    base: str
    token: str = ""
    accept: str = "application/json"
    path: str = ROOT
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str = "", **headers: str) -> requests.Response:
        """Read below the service root."""
        return self.ask("GET", path, None, **headers)

    def read(self, path: str) -> Any:
        """Return what is inside ``d`` of a successful read."""
        response = self.get(path)
        assert response.status_code == 200, response.text
        return response.json()["d"]

    def fetch_token(self) -> str:
        """Fetch a token and keep it."""
        response = self.get("/", **{"X-CSRF-Token": "Fetch"})
        self.token = response.headers["x-csrf-token"]
        return self.token

    def write(
        self, method: str, path: str, content: Any = None, **headers: str
    ) -> requests.Response:
        """Write with a token."""
        if not self.token:
            self.fetch_token()
        return self.ask(method, path, content, **{"X-CSRF-Token": self.token, **headers})

    def ask(self, method: str, path: str, content: Any, **headers: str) -> requests.Response:
        """Send a request; a dict is sent as JSON, `bytes` as they are."""
        sent = {"Accept": self.accept, **self.headers}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        if not path.startswith("/"):
            path = f"/{path}"
        url = f"{self.base}{self.path}{path}"
        if isinstance(content, bytes):
            return self.session.request(method, url, data=content, headers=sent)
        return self.session.request(method, url, json=content, headers=sent)


@pytest.fixture
def book() -> BookErp:
    """Three orders with two items each."""
    return filled()


@pytest.fixture
def front(book: BookErp) -> Iterator[HttpFront]:
    """The way in."""
    front = HttpFront(cast(SimulatedErp, book))
    yield front
    front.close()


def client_of(front: HttpFront) -> Client:
    """Return a client that is logged on."""
    session = requests.Session()
    session.auth = ("tester", "x")
    session.mount(LOCAL_URL, LocalAdapter(front))
    return Client(session, LOCAL_URL)


@pytest.fixture
def client(front: HttpFront, book: BookErp) -> Iterator[Client]:
    """A client of the face with its usual settings."""
    face_on(front, book)
    client = client_of(front)
    yield client
    client.session.close()
