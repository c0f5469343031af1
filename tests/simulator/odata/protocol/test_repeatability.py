"""Requests that may be sent again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connector.simulator.http.front import HttpFront
from tests.simulator.odata.protocol.book import BookErp, face_on
from tests.simulator.odata.protocol.conftest import Client, client_of
from tests.simulator.odata.protocol.test_writes import ORDER

REPEATED = {"RequestID": "A" * 32, "RepeatabilityCreation": "2026-01-05T09:00:00Z"}


@pytest.fixture
def repeating(front: HttpFront, book: BookErp) -> Client:
    """A client of a service that keeps its answers."""
    face_on(front, book, repeatable_services=("API_SALES_ORDER_SRV",), csrf=False)
    return client_of(front)


def test_a_repeated_request_gets_the_first_answer_again(repeating: Client, book: BookErp) -> None:
    first = repeating.ask("POST", "A_SalesOrder", ORDER, **REPEATED)
    again = repeating.ask("POST", "A_SalesOrder", ORDER, **REPEATED)

    assert again.json() == first.json()
    assert again.headers["RepeatabilityResult"] == "accepted"
    assert len(book.orders) == 4
    other = {**REPEATED, "RequestID": "B" * 32}
    assert repeating.ask("POST", "A_SalesOrder", ORDER, **other).json() != first.json()


def test_a_refusal_is_repeated_too(repeating: Client) -> None:
    bad = {**ORDER, "SoldToParty": "BAD"}

    assert repeating.ask("POST", "A_SalesOrder", bad, **REPEATED).status_code == 400
    assert repeating.ask("POST", "A_SalesOrder", ORDER, **REPEATED).status_code == 400


def test_an_answer_is_forgotten_before_its_id(repeating: Client, book: BookErp) -> None:
    repeating.ask("POST", "A_SalesOrder", ORDER, **REPEATED)

    book.clock.advance(timedelta(hours=7))
    outdated = repeating.ask("POST", "A_SalesOrder", ORDER, **REPEATED)
    book.clock.advance(timedelta(hours=7))
    too_old = repeating.ask("POST", "A_SalesOrder", ORDER, **REPEATED)

    assert outdated.json()["error"]["code"] == "/IWBEP/CM_COS/005"
    assert too_old.json()["error"]["code"] == "/IWBEP/CM_COS/005"
    assert len(book.orders) == 4


def test_a_failure_of_the_system_is_not_kept(repeating: Client, book: BookErp) -> None:
    book.commit_fails = True
    assert repeating.ask("POST", "A_SalesOrder", ORDER, **REPEATED).status_code == 500
    book.commit_fails = False

    assert repeating.ask("POST", "A_SalesOrder", ORDER, **REPEATED).status_code == 201


def test_a_service_that_does_not_offer_it_does_the_work_twice(
    client: Client, book: BookErp
) -> None:
    for _ in range(2):
        answer = client.write("POST", "A_SalesOrder", ORDER, **REPEATED)
        assert "RepeatabilityResult" not in answer.headers
    assert len(book.orders) == 5


def test_an_id_of_another_length_is_refused(repeating: Client) -> None:
    headers = {**REPEATED, "RequestID": "short"}
    assert repeating.ask("POST", "A_SalesOrder", ORDER, **headers).status_code == 400
    headers = {**REPEATED, "RepeatabilityCreation": "yesterday"}
    assert repeating.ask("POST", "A_SalesOrder", ORDER, **headers).status_code == 400
