"""What goes wrong on the line and in the ERP, and what the caller may conclude from it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from connector.erp.rfc.erp import RfcErp
from connector.errors import (
    ConnectorError,
    ErpUnavailableError,
    LeaseLostError,
    LockedError,
    LogonRefusedError,
    OutcomeUnknownError,
    RejectedError,
    TransientError,
)
from connector.ports.erp import Point
from connector.sd_documents.values import DocumentCategory as C
from tests.contract.documents import item, sales_document
from tests.contract.observing import Observer
from tests.contract.walking import Walk, payment
from tests.erp.rfc.documents.conftest import System

CREATE = "BAPI_SALESORDER_CREATEFROMDAT2"
COMMIT = "BAPI_TRANSACTION_COMMIT"
LIST = "BAPISDORDER_GETDETAILEDLIST"


def orders(system: System) -> int:
    return system.engine.document_counts()["sales"]


def create(erp: RfcErp, observer: Observer | None = None, reference: str = "REF-1") -> str:
    return erp.sales_documents.create(sales_document(reference), observer or Observer())


@pytest.mark.parametrize(
    ("fault", "on", "expected"),
    [
        ("connection refused", "", ErpUnavailableError),
        ("no free session", "", TransientError),
        ("logon failure", "", LogonRefusedError),
        ("connection lost before call", CREATE, ErpUnavailableError),
        ("connection lost after call", CREATE, ErpUnavailableError),
        ("short dump", CREATE, TransientError),
        ("message a", CREATE, RejectedError),
    ],
)
def test_a_failure_before_the_commit_has_posted_nothing(
    system: System,
    erp: RfcErp,
    observer: Observer,
    fault: str,
    on: str,
    expected: type[ConnectorError],
) -> None:
    system.face.inject(fault, on=on)
    with pytest.raises(expected) as caught:
        create(erp, observer)
    assert type(caught.value) is expected
    assert Point.AFTER_FENCE_CHECK not in observer.points
    assert orders(system) == 0
    assert create(erp), "the next try has a session of its own"
    assert orders(system) == 1


@pytest.mark.parametrize(
    ("fault", "on"),
    [
        ("connection lost between create and commit", CREATE),
        ("silent reopen", CREATE),
        ("connection lost before call", COMMIT),
        ("short dump", COMMIT),
    ],
)
def test_a_commit_that_never_happened_is_in_doubt_and_not_taken_for_success(
    system: System, erp: RfcErp, observer: Observer, fault: str, on: str
) -> None:
    system.face.inject(fault, on=on)
    with pytest.raises(OutcomeUnknownError):
        create(erp, observer)
    assert Point.AFTER_FENCE_CHECK in observer.points
    assert orders(system) == 0
    assert erp.sales_documents.find("REF-1", C.SALES_ORDER) == ()


@pytest.mark.parametrize(
    ("fault", "on"),
    [
        ("connection lost after commit", COMMIT),
        ("connection lost after call", LIST),
        ("short dump", LIST),
    ],
)
def test_a_commit_whose_answer_or_read_back_is_lost_is_in_doubt_and_found(
    system: System, erp: RfcErp, observer: Observer, fault: str, on: str
) -> None:
    system.face.inject(fault, on=on)
    with pytest.raises(OutcomeUnknownError):
        create(erp, observer)
    assert orders(system) == 1
    assert erp.sales_documents.find("REF-1", C.SALES_ORDER) == observer.numbers


def test_a_commit_that_comes_late_is_in_doubt_until_it_is_there(
    system: System, erp: RfcErp, observer: Observer
) -> None:
    """The client gave up waiting; the ERP commits when nobody listens any more."""
    system.face.inject("client timeout with late commit")
    with pytest.raises(OutcomeUnknownError):
        create(erp, observer)
    assert erp.sales_documents.find("REF-1", C.SALES_ORDER) == ()
    assert system.face.release_held() == 1
    assert erp.sales_documents.find("REF-1", C.SALES_ORDER) == observer.numbers


def test_an_update_that_terminates_is_in_doubt(
    system: System, erp: RfcErp, observer: Observer
) -> None:
    system.engine.faults.inject("update terminated after commit", on="commit")
    with pytest.raises(OutcomeUnknownError, match="S& 101"):
        create(erp, observer)
    assert orders(system) == 0


def test_an_update_that_waits_is_not_taken_for_done(
    system: System, erp: RfcErp, observer: Observer
) -> None:
    system.engine.faults.inject("commit delayed until released", on="commit")
    with pytest.raises(OutcomeUnknownError, match="cannot be read"):
        create(erp, observer)
    system.engine.release_updates()
    assert erp.sales_documents.find("REF-1", C.SALES_ORDER) == observer.numbers


@pytest.mark.parametrize("fault", ["return E", "return A"])
def test_an_error_row_rolls_back(
    system: System, erp: RfcErp, observer: Observer, fault: str
) -> None:
    system.engine.faults.inject(fault, on="create sales document")
    with pytest.raises(RejectedError) as caught:
        create(erp, observer)
    assert caught.value.messages
    assert observer.points[-1] is Point.ROLLBACK_SENT
    assert orders(system) == 0


def test_a_lost_lease_rolls_back(system: System, erp: RfcErp, observer: Observer) -> None:
    observer.lost = True
    with pytest.raises(LeaseLostError):
        create(erp, observer)
    assert orders(system) == 0
    assert erp.open_sessions == 0
    assert create(erp)
    assert orders(system) == 1


def test_a_lock_names_the_document_and_who_holds_it(system: System, walk: Walk) -> None:
    order = walk.create("REF-1", item(10))
    system.engine.faults.inject("document locked", on="create deliveries")
    with pytest.raises(LockedError) as caught:
        walk.deliver(order)
    assert caught.value.object_key.lstrip("0") == order.number.lstrip("0")
    assert caught.value.locked_by
    assert walk.deliver(order), "the lock has passed"


def test_a_short_dump_in_the_middle_of_the_business_is_tried_again_later(
    system: System, erp: RfcErp, observer: Observer
) -> None:
    system.engine.faults.inject("short dump", on="create sales document")
    with pytest.raises(TransientError):
        create(erp, observer)
    assert orders(system) == 0


def test_reading_survives_a_restart_of_the_erp(system: System, erp: RfcErp) -> None:
    number = create(erp)
    system.face.drop_sessions()
    assert [d.number for d in erp.sales_documents.read([number])] == [number]


def test_a_restart_that_takes_long_is_an_outage(system: System, erp: RfcErp) -> None:
    number = create(erp)
    system.face.inject("erp restarting", times=5)
    with pytest.raises(ErpUnavailableError):
        erp.sales_documents.read([number])
    with pytest.raises(ErpUnavailableError):
        create(erp, reference="REF-2")
    system.face.faults.clear()
    assert [d.number for d in erp.sales_documents.read([number])] == [number]
    assert orders(system) == 1


def test_a_wrong_password_is_tried_once_and_locks_nobody(system: System, erp: RfcErp) -> None:
    system.face.inject("logon failure", times=2)
    with pytest.raises(LogonRefusedError, match="Name or password is incorrect"):
        erp.ping()
    assert system.face.faults.waiting() == (("logon failure", "*", 1),)


def test_a_ping_says_who_answers(system: System, erp: RfcErp) -> None:
    answered = erp.ping()
    assert (answered.system_id, answered.client, answered.user) == ("SIM", "100", "CONNECTOR")
    assert answered.host == "simulated-erp"
    assert answered.release.isdigit()
    assert timedelta(seconds=answered.latency_s) >= timedelta(0)
    del system


def test_sessions_are_shared_out_among_many_threads(system: System) -> None:
    """Forty orders by eight threads through three sessions: each exists once."""
    most = 0
    lock = threading.Lock()

    with system.erp(sessions=3) as erp:

        def one(n: int) -> str:
            nonlocal most
            number = create(erp, reference=f"REF-{n}")
            with lock:
                most = max(most, system.face.open_sessions)
            return number

        with ThreadPoolExecutor(8) as threads:
            numbers = list(threads.map(one, range(40)))
        assert erp.open_sessions <= 3
        assert erp.sales_documents.find("REF-17", C.SALES_ORDER) == (numbers[17],)
    assert len(set(numbers)) == orders(system) == 40
    assert 1 <= most <= 3


def test_closing_gives_every_session_back(system: System, erp: RfcErp) -> None:
    create(erp)
    assert system.face.open_sessions == 1
    erp.close()
    erp.close()
    _wait_until(lambda: system.face.open_sessions == 0)
    with pytest.raises(TransientError, match="closed"):
        erp.ping()


def _wait_until(condition: Callable[[], bool]) -> None:
    """Over a socket the server learns a moment later that a client hung up."""
    tick = threading.Event()
    for _ in range(200):
        if condition():
            return
        tick.wait(0.01)
    raise AssertionError("the condition never came true")


def test_only_what_was_released_for_calls_from_outside_can_be_called(
    system: System, walk: Walk
) -> None:
    """SAP's own clearing interface is not: naming it as the clearing function is a mistake."""
    items = walk.items_of(walk.invoiced("REF-1"))
    with (
        system.erp(clearing_function="POSTING_INTERFACE_CLEARING") as erp,
        pytest.raises(ConnectorError),
    ):
        erp.payments.post(payment("PAY-1", *items), Observer())
    assert walk.erp.payments.find("PAY-1", "1000", "C-100") == ()
