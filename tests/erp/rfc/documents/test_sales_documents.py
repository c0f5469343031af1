"""Sales documents: created, found, read; refused ones leave nothing."""

from __future__ import annotations

from connector.erp.rfc.erp import RfcErp
from connector.ports.erp import Point
from connector.sd_documents.values import DocumentCategory as C
from tests.contract.documents import sales_document
from tests.contract.observing import Observer, count_calls
from tests.contract.walking import Walk
from tests.erp.rfc.documents.conftest import System


def test_the_observer_sees_every_point_that_the_line_can_tell(
    system: System, erp: RfcErp, observer: Observer
) -> None:
    erp.sales_documents.create(sales_document("REF-1"), observer)
    sent = {Point.CREATE_SENT, Point.COMMIT_SENT}
    expected = [
        Point.CONNECTION_OPEN,
        Point.CREATE_SENT,
        Point.CREATE_ANSWERED,
        Point.AFTER_FENCE_CHECK,
        Point.COMMIT_SENT,
        Point.COMMIT_ANSWERED,
    ]
    if not system.tells_when_sent:
        expected = [point for point in expected if point not in sent]
    assert observer.points == expected


def test_a_create_takes_three_round_trips(system: System, erp: RfcErp) -> None:
    erp.ping()
    called = count_calls(system.face)
    erp.sales_documents.create(sales_document("REF-1"), Observer())
    assert called == [
        "BAPI_SALESORDER_CREATEFROMDAT2",
        "BAPI_TRANSACTION_COMMIT",
        "BAPISDORDER_GETDETAILEDLIST",
    ]


def test_nothing_is_visible_before_the_commit(
    system: System, erp: RfcErp, observer: Observer
) -> None:
    seen: list[tuple[str, ...]] = []
    observer.at[Point.CREATE_ANSWERED] = lambda: seen.append(
        erp.sales_documents.find("REF-1", C.SALES_ORDER)
    )
    number = erp.sales_documents.create(sales_document("REF-1"), observer)
    assert seen == [()]
    assert erp.sales_documents.find("REF-1", C.SALES_ORDER) == (number,)
    assert system.engine.document_counts()["sales"] == 1


def test_many_documents_are_read_in_few_calls(system: System, walk: Walk) -> None:
    numbers = [walk.create(f"REF-{n}").number for n in range(7)]
    with system.erp(documents_per_call=3) as erp:
        assert [each.number for each in erp.sales_documents.read(numbers)] == numbers
