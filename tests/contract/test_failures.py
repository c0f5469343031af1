"""What goes wrong in the ERP and on the line, and what the caller may conclude from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Final

import pytest

from connector.errors import (
    ConnectorError,
    ErpUnavailableError,
    LockedError,
    LogonRefusedError,
    OutcomeUnknownError,
    RejectedError,
    TransientError,
)
from connector.ports.capabilities import Transport
from connector.ports.erp import Point
from connector.sd_documents.values import DocumentCategory as C
from connector.simulator.engine.master_data import MasterData
from tests.contract.capable import CapableErp
from tests.contract.differences import Difference, differs
from tests.contract.documents import item, sales_document
from tests.contract.observing import Observer
from tests.contract.walking import Walk
from tests.contract.ways import WAYS, Way, WayName, open_way

#: The call that commits an order, by transport.
COMMIT: Final[Mapping[Transport, str]] = {
    Transport.RFC: "BAPI_TRANSACTION_COMMIT",
    Transport.ODATA: "POST A_SalesOrder",
}
#: The call that reads it back.
READ_BACK: Final[Mapping[Transport, str]] = {
    Transport.RFC: "BAPISDORDER_GETDETAILEDLIST",
    Transport.ODATA: "GET A_SalesOrder",
}
WITH_A_LINE: Final = tuple(name for name in WAYS if name != WayName())


@pytest.fixture(params=WITH_A_LINE, ids=str)
def line(request: pytest.FixtureRequest, master: MasterData) -> Iterator[Way]:
    """A way with a line that can fail: every one but the engine itself."""
    with ExitStack() as stack:
        yield open_way(request.param, master, stack)


def orders(way: Way) -> int:
    return way.engine.document_counts()["sales"]


def create(way: Way, observer: Observer | None = None, reference: str = "REF-1") -> str:
    return way.erp.sales_documents.create(sales_document(reference), observer or Observer())


def require_settled(way: Way, error: ConnectorError, observer: Observer) -> None:
    """
    After a failure the caller knows where it stands.

    Either nothing was posted for certain: before the fence, or by the ERP's own word; or the error
    says itself that this is not known.
    """
    certain = Point.AFTER_FENCE_CHECK not in observer.points or observer.was_refused
    assert certain or isinstance(error, OutcomeUnknownError)
    if certain:
        assert orders(way) == 0


@pytest.mark.parametrize("fault", ["return E", "return A"])
def test_what_the_erp_refuses_is_rejected_with_its_words(
    way: Way, observer: Observer, fault: str
) -> None:
    way.engine.faults.inject(fault, on="create sales document")
    with pytest.raises(RejectedError) as caught:
        create(way, observer)
    assert caught.value.messages
    assert observer.was_refused
    assert orders(way) == 0
    assert create(way)


@pytest.mark.parametrize("fault", ["short dump", "deadlock"])
def test_a_program_that_ends_has_posted_nothing_or_leaves_doubt(
    way: Way, observer: Observer, fault: str
) -> None:
    way.engine.faults.inject(fault, on="create sales document")
    with pytest.raises((TransientError, OutcomeUnknownError)) as caught:
        create(way, observer)
    require_settled(way, caught.value, observer)
    assert way.erp.sales_documents.find("REF-1", C.SALES_ORDER) == ()
    assert create(way), "the next try has a session of its own"


def test_a_warning_is_no_refusal(way: Way, observer: Observer) -> None:
    way.engine.faults.inject("warning", on="create sales document")
    assert create(way, observer) == observer.numbers[0]
    assert orders(way) == 1


def test_a_lock_names_the_document_and_who_holds_it(way: Way, walk: Walk) -> None:
    order = walk.create("REF-1", item(10))
    way.engine.faults.inject("document locked", on="create deliveries")
    with pytest.raises(LockedError) as caught:
        walk.deliver(order)
    if differs(way, Difference.UNNAMED_LOCK):
        assert order.number.lstrip("0") in str(caught.value.messages[0])
        assert caught.value.locked_by == ""
    else:
        assert caught.value.object_key.lstrip("0") == order.number.lstrip("0")
        assert caught.value.locked_by == "SIMULATED"
    assert walk.deliver(order), "the lock has passed"


def test_an_update_that_terminates_is_in_doubt(way: Way, observer: Observer) -> None:
    way.engine.faults.inject("update terminated after commit", on="commit")
    with pytest.raises(OutcomeUnknownError):
        create(way, observer)
    assert observer.asked == 1
    assert orders(way) == 0
    assert way.erp.sales_documents.find("REF-1", C.SALES_ORDER) == ()


def test_an_update_that_waits_is_not_taken_for_done(way: Way, observer: Observer) -> None:
    way.engine.faults.inject("commit delayed until released", on="commit")
    with pytest.raises(OutcomeUnknownError):
        create(way, observer)
    assert way.erp.sales_documents.find("REF-1", C.SALES_ORDER) == ()
    way.engine.release_updates()
    (found,) = way.erp.sales_documents.find("REF-1", C.SALES_ORDER)
    assert observer.numbers in ((found,), ()), "where the answer came, its number is known"


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("connection refused", TransientError),
        ("no free session", TransientError),
        ("logon failure", LogonRefusedError),
        ("erp restarting", ErpUnavailableError),
    ],
)
def test_an_erp_that_is_not_there_has_posted_nothing(
    line: Way, observer: Observer, fault: str, expected: type[ConnectorError]
) -> None:
    line.inject(fault, times=5)
    with pytest.raises(ConnectorError) as caught:
        create(line, observer)
    line.rfc.faults.clear()
    line.front.faults.clear()
    assert isinstance(caught.value, expected)
    assert observer.asked == 0 or observer.was_refused
    assert orders(line) == 0
    assert create(line)
    assert orders(line) == 1


def test_a_line_that_drops_before_the_commit_is_certain_or_in_doubt(
    line: Way, observer: Observer
) -> None:
    line.inject("connection lost before call", on=COMMIT)
    with pytest.raises(OutcomeUnknownError):
        create(line, observer)
    assert observer.asked == 1
    assert orders(line) == 0
    assert line.erp.sales_documents.find("REF-1", C.SALES_ORDER) == ()


def test_a_lost_answer_is_in_doubt_and_the_order_is_found(line: Way, observer: Observer) -> None:
    line.inject("connection lost after call", on=COMMIT)
    with pytest.raises(OutcomeUnknownError):
        create(line, observer)
    assert orders(line) == 1
    (found,) = line.erp.sales_documents.find("REF-1", C.SALES_ORDER)
    assert observer.numbers in ((), (found,))


def test_a_commit_that_comes_late_is_in_doubt_until_it_is_there(
    line: Way, observer: Observer
) -> None:
    """The client gave up waiting; the ERP commits when nobody listens any more."""
    line.inject("client timeout with late commit", on=COMMIT)
    with pytest.raises(OutcomeUnknownError):
        create(line, observer)
    assert line.erp.sales_documents.find("REF-1", C.SALES_ORDER) == ()
    assert line.rfc.release_held() + line.front.release_held() == 1
    assert len(line.erp.sales_documents.find("REF-1", C.SALES_ORDER)) == 1


def test_a_wrong_password_is_tried_once_and_locks_nobody(line: Way) -> None:
    line.inject("logon failure", times=2)
    with pytest.raises(LogonRefusedError):
        line.erp.sales_documents.find("REF-1", C.SALES_ORDER)
    waiting = (*line.rfc.faults.waiting(), *line.front.faults.waiting())
    assert [(name, times) for name, _, times in waiting] == [("logon failure", 1)]


def test_reading_survives_a_line_that_drops_once(line: Way) -> None:
    number = create(line)
    line.inject("connection lost after call", on=READ_BACK)
    found = line.erp.sales_documents.read([number], C.SALES_ORDER)
    assert [each.number for each in found] == [number]


def test_what_is_no_fault_is_no_error(erp: CapableErp) -> None:
    """Documents that are not there are nothing to complain about."""
    assert erp.sales_documents.find("NEVER", C.SALES_ORDER) == ()
    assert erp.sales_documents.read(["0000099999"]) == ()
    assert erp.deliveries.read(["0089999999"]) == ()
    assert erp.billing_documents.read(["0099999999"]) == ()
    assert erp.payments.find("NEVER", "1000", "C-100") == ()
    assert erp.open_items.items_of_billing_documents(["0099999999"]) == ()
    assert erp.open_items.items_of_billing_documents([]) == ()
