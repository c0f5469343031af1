"""CSRF tokens."""

from __future__ import annotations

from datetime import timedelta

from connector.simulator.http.front import HttpFront
from tests.simulator.odata.protocol.book import BookErp, face_on
from tests.simulator.odata.protocol.conftest import Client, client_of
from tests.simulator.odata.protocol.test_writes import ORDER


def test_a_write_without_a_token_is_refused(client: Client, book: BookErp) -> None:
    response = client.ask("POST", "A_SalesOrder", ORDER)

    assert (response.status_code, response.headers["x-csrf-token"]) == (403, "Required")
    assert response.text == "CSRF token validation failed"
    assert len(book.orders) == 3


def test_a_token_belongs_to_the_session_of_its_cookies(client: Client) -> None:
    client.fetch_token()
    client.session.cookies.clear()

    assert client.write("POST", "A_SalesOrder", ORDER).status_code == 403


def test_a_token_is_good_for_many_writes_until_it_expires(client: Client, book: BookErp) -> None:
    token = client.fetch_token()
    assert client.write("POST", "A_SalesOrder", ORDER).status_code == 201
    assert client.write("POST", "A_SalesOrder", ORDER).status_code == 201
    assert client.fetch_token() == token

    book.clock.advance(timedelta(minutes=20))
    client.get("/")
    book.clock.advance(timedelta(minutes=20))

    assert client.write("POST", "A_SalesOrder", ORDER).status_code == 403
    assert client.fetch_token() != token
    assert client.write("POST", "A_SalesOrder", ORDER).status_code == 201


def test_tokens_are_not_asked_for_where_the_settings_say_so(
    front: HttpFront, book: BookErp
) -> None:
    face_on(front, book, csrf=False)

    assert client_of(front).ask("POST", "A_SalesOrder", ORDER).status_code == 201
