"""Faults by name: what the client sees, and what the ERP has done."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

import pytest
import requests
from requests.exceptions import JSONDecodeError, ReadTimeout

from connector.simulator.http.faults import HttpFault
from connector.simulator.http.front import HttpFront
from connector.simulator.http.local import LOCAL_URL
from connector.simulator.http.server import HttpErpServer
from connector.simulator.http.settings import HttpSettings
from tests.simulator.http.conftest import PATH, Echo, Erp

ORDER = f"{PATH}/A_SalesOrder"


@pytest.fixture(params=["in process", "over a socket"])
def url(request: pytest.FixtureRequest, front: HttpFront) -> Iterator[str]:
    """The same front both ways."""
    if request.param == "in process":
        yield LOCAL_URL
        return
    with HttpErpServer(front) as server:
        yield server.url


def test_a_fault_strikes_as_often_as_it_was_injected(
    session: requests.Session, front: HttpFront, url: str
) -> None:
    front.inject("service unavailable, seconds", on="GET A_SalesOrder", times=2, skip=1)
    assert front.faults.waiting() == (("service unavailable, seconds", "GET A_SalesOrder", 2),)

    found = [session.get(url + ORDER).status_code for _ in range(4)]

    assert found == [200, 503, 503, 200]
    assert front.faults.waiting() == ()


@pytest.mark.parametrize(
    ("on", "hit"),
    [
        ("POST A_SalesOrder", True),
        ("A_SalesOrder", True),
        ("API_SALES_ORDER_SRV", True),
        ("*", True),
        ("POST /sap/opu/*/A_SalesOrder", True),
        ("GET A_SalesOrder", False),
        ("A_SalesOrderItem", False),
        ("API_SALES_QUOTATION_SRV", False),
    ],
)
def test_a_fault_strikes_what_it_was_injected_on(
    session: requests.Session, front: HttpFront, on: str, hit: bool
) -> None:
    front.inject("no free session", on=on)

    assert (session.post(LOCAL_URL + ORDER).status_code == 503) is hit


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ("no free session", 503),
        ("logon failure", 401),
        ("password expired", 401),
        ("erp restarting", 503),
        ("precondition failed", 412),
        ("precondition required", 428),
        ("request id outdated", 400),
        ("csrf token expired", 403),
        ("html login page", 200),
    ],
)
def test_a_status_instead_of_the_work(
    session: requests.Session, front: HttpFront, echo: Echo, url: str, fault: str, status: int
) -> None:
    front.inject(fault)

    response = session.post(url + ORDER)

    assert response.status_code == status
    assert echo.seen == []
    assert session.post(url + ORDER).json()["d"]["SalesOrder"] == "1"


def test_what_the_statuses_say(session: requests.Session, front: HttpFront) -> None:
    front.inject("request id outdated")
    assert session.post(LOCAL_URL + ORDER).json()["error"]["code"] == "/IWBEP/CM_COS/005"
    front.inject("csrf token expired")
    assert session.post(LOCAL_URL + ORDER).headers["x-csrf-token"] == "Required"
    front.inject("html login page")
    page = session.get(LOCAL_URL + ORDER)
    assert page.headers["Content-Type"].startswith("text/html")
    assert "sap-password" in page.text


@pytest.mark.parametrize("fault", ["csrf token expired", "precondition failed"])
def test_what_only_a_write_can_meet_waits_for_one(
    session: requests.Session, front: HttpFront, fault: str
) -> None:
    front.inject(fault)

    assert session.get(LOCAL_URL + ORDER).status_code == 200
    assert session.patch(LOCAL_URL + ORDER).status_code in (403, 412)


def test_an_expired_password_may_be_answered_otherwise(
    session: requests.Session, front: HttpFront, settings: HttpSettings
) -> None:
    settings.password_expired_status = 403
    front.inject("password expired")

    assert session.get(LOCAL_URL + ORDER).status_code == 403


@pytest.mark.parametrize(
    ("fault", "status"),
    [("too many requests", 429), ("service unavailable", 503)],
)
def test_when_to_come_back_is_said_in_both_forms(
    session: requests.Session, front: HttpFront, erp: Erp, url: str, fault: str, status: int
) -> None:
    front.inject(f"{fault}, seconds", seconds=7)
    front.inject(f"{fault}, date", seconds=90)

    seconds, moment = session.get(url + ORDER), session.get(url + ORDER)

    assert (seconds.status_code, seconds.headers["Retry-After"]) == (status, "7")
    left = parsedate_to_datetime(moment.headers["Retry-After"]) - erp.clock.now()
    assert (moment.status_code, left.total_seconds()) == (status, 90)


def test_a_restart_ends_the_sessions(session: requests.Session, front: HttpFront) -> None:
    session.get(LOCAL_URL + ORDER)
    front.inject("erp restarting", times=1)
    session.get(LOCAL_URL + ORDER)

    session.auth = None

    assert session.get(LOCAL_URL + ORDER).status_code == 401


@pytest.mark.parametrize(
    ("fault", "done"),
    [
        ("connection refused", 0),
        ("connection lost before call", 0),
        ("connection lost after call", 1),
    ],
)
def test_the_line_drops(
    session: requests.Session, front: HttpFront, echo: Echo, url: str, fault: str, done: int
) -> None:
    front.inject(fault)

    with pytest.raises(requests.ConnectionError):
        session.post(url + ORDER)

    assert len(echo.seen) == done
    assert session.post(url + ORDER).status_code == 200


def test_a_client_that_gave_up_is_not_told_what_was_done_later(
    session: requests.Session, front: HttpFront, echo: Echo, url: str
) -> None:
    front.inject("client timeout with late commit", on="POST A_SalesOrder")

    with pytest.raises(ReadTimeout):
        session.post(url + ORDER, timeout=0.2)

    assert (len(echo.seen), len(front.held)) == (0, 1)
    assert front.release_held() == 1
    assert (len(echo.seen), len(front.held)) == (1, 0)


def test_late_work_is_done_after_its_time(
    session: requests.Session, front: HttpFront, echo: Echo
) -> None:
    front.inject("client timeout with late commit", seconds=0.05)
    with pytest.raises(ReadTimeout):
        session.post(LOCAL_URL + ORDER)
    done = threading.Event()

    for _ in range(200):
        if echo.seen:
            break
        done.wait(0.01)

    assert len(echo.seen) == 1


def test_a_late_answer_arrives_when_somebody_still_waits(
    session: requests.Session, front: HttpFront, echo: Echo, url: str
) -> None:
    front.inject("commit late")
    answers: list[int] = []
    thread = threading.Thread(target=lambda: answers.append(session.post(url + ORDER).status_code))
    thread.start()
    pause = threading.Event()
    while not len(front.held):
        pause.wait(0.01)
    assert echo.seen == []

    front.release_held()
    thread.join(5)

    assert (answers, len(echo.seen)) == ([200], 1)


@pytest.mark.parametrize("fault", ["malformed json", "truncated json"])
def test_json_that_cannot_be_read(
    session: requests.Session, front: HttpFront, echo: Echo, url: str, fault: str
) -> None:
    front.inject(fault)

    response = session.get(url + ORDER)

    assert (response.status_code, len(echo.seen)) == (200, 1)
    with pytest.raises(JSONDecodeError):
        response.json()


@pytest.mark.parametrize("fault", ["malformed xml", "truncated xml"])
def test_xml_that_cannot_be_read(session: requests.Session, front: HttpFront, fault: str) -> None:
    whole = session.get(f"{LOCAL_URL}{PATH}/xml").text
    front.inject(fault)

    found = session.get(f"{LOCAL_URL}{PATH}/xml").text

    assert found.count("</") < whole.count("</")


def test_a_field_is_missing_or_of_another_type(session: requests.Session, front: HttpFront) -> None:
    front.inject("field missing", field="Net")
    assert "Net" not in session.get(LOCAL_URL + ORDER).json()["d"]
    front.inject("field missing")
    assert "SalesOrder" not in session.get(LOCAL_URL + ORDER).json()["d"]
    front.inject("field of another type", field="Net")
    assert session.get(LOCAL_URL + ORDER).json()["d"]["Net"] == []
    front.inject("field missing", field="Net")
    assert "Net" not in session.get(f"{LOCAL_URL}{PATH}/xml").text
    front.inject("field of another type", field="Net")
    assert "<Net>#</Net>" in session.get(f"{LOCAL_URL}{PATH}/xml").text


def test_an_unknown_fault_is_told_what_there_is(front: HttpFront) -> None:
    with pytest.raises(ValueError, match="csrf token expired"):
        front.inject("nonsense")
    with pytest.raises(ValueError, match="times"):
        front.inject("logon failure", times=0)


def test_faults_can_be_forgotten(session: requests.Session, front: HttpFront) -> None:
    front.inject("logon failure")
    front.faults.clear()

    assert session.get(LOCAL_URL + ORDER).status_code == 200


@pytest.mark.parametrize("fault", list(HttpFault))
def test_each_fault_passes(session: requests.Session, front: HttpFront, fault: HttpFault) -> None:
    front.inject(fault, seconds=0.01)
    try:
        session.post(LOCAL_URL + ORDER)
    except (requests.ConnectionError, ReadTimeout):
        assert fault in (
            HttpFault.CONNECTION_REFUSED,
            HttpFault.LOST_BEFORE_CALL,
            HttpFault.LOST_AFTER_CALL,
            HttpFault.CLIENT_TIMEOUT,
        )

    assert session.get(LOCAL_URL + ORDER).json()["d"]["SalesOrder"] == "1"
