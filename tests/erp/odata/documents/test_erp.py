"""The transport as a whole: who answers, what it can do, how many requests an order takes."""

from __future__ import annotations

from connector.erp.odata.capabilities import CAPABILITIES
from connector.erp.odata.erp import ODataErp
from connector.erp.odata.filters import any_of, both, chunks, compared
from connector.erp.odata.kinds import Kinds
from connector.ports.capabilities import Access, ErpOperation
from connector.sd_documents.values import DocumentCategory as C
from connector.simulator.odata.schema import load_services
from tests.contract.documents import TODAY, item
from tests.contract.walking import Walk
from tests.erp.odata.documents.conftest import System


def test_a_ping_says_who_answers(system: System, erp: ODataErp) -> None:
    answered = erp.ping()
    assert (answered.client, answered.user) == ("100", "CONNECTOR")
    assert answered.host == "simulated-erp.invalid"
    assert answered.release == system.release


def test_an_order_up_to_its_goods_issue_takes_nine_requests(system: System, erp: ODataErp) -> None:
    """Two to create and see it, two for the delivery, five to pick and issue."""
    walk = Walk(erp)
    walk.issue(*walk.deliver(walk.create("REF-1", item(10))), on=TODAY)
    system.requests.clear()
    order = walk.create("REF-2", item(10))
    walk.issue(*walk.deliver(order), on=TODAY)
    read_by_the_test = 3
    assert len(system.requests) - read_by_the_test == 9


def test_every_operation_is_stated_with_the_services_it_takes() -> None:
    assert set(CAPABILITIES) == set(ErpOperation)
    known = {service.path for service in load_services({}).values()}
    for capability in CAPABILITIES.values():
        assert bool(capability.through) == (capability.access is not Access.NONE)
        assert set(capability.through) <= known


def test_what_no_service_creates_is_not_promised() -> None:
    assert CAPABILITIES[ErpOperation.INQUIRY].access is Access.READ
    assert CAPABILITIES[ErpOperation.BILLING].access is Access.CHANGE
    assert CAPABILITIES[ErpOperation.PAYMENT].access is Access.NONE


def test_closing_twice_is_harmless(erp: ODataErp) -> None:
    erp.ping()
    erp.close()
    erp.close()


def test_filters_quote_values_and_leave_out_empty_terms() -> None:
    assert any_of("A", ["O'Brien"]) == "A eq 'O''Brien'"
    assert any_of("A", ["1", "2"]) == "(A eq '1' or A eq '2')"
    assert both("", compared("B", "ge", TODAY), "") == "B ge datetime'2026-01-05T00:00:00'"
    assert list(chunks(["1", "2", "1", "3"], 2)) == [["1", "2"], ["3"]]


def test_kinds_are_forgotten_when_there_are_too_many() -> None:
    kinds = Kinds(most=4)
    kinds.learn(C.QUOTATION, ["1", "2", "3", "4", "5"])
    assert kinds.unknown(["1", "5"]) == ["1"]
    assert kinds.sorted_out(["1", "5"], otherwise=C.SALES_ORDER) == [
        (C.SALES_ORDER, ["1"]),
        (C.QUOTATION, ["5"]),
    ]
