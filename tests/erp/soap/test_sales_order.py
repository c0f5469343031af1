"""Orders through a function that creates and commits, offered as a web service."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connector.erp.soap.options import ORDER_WRAPPER
from connector.erp.soap.transport import SoapTransport
from connector.erp.soap.wsdl import shipped_wsdl
from connector.errors import (
    ConfigurationError,
    LeaseLostError,
    OutcomeUnknownError,
    RejectedError,
)
from connector.ports.erp import Point
from connector.sd_documents.conditions import Condition
from connector.sd_documents.sales_document import SalesDocumentItem, Text
from connector.sd_documents.sales_document_change import SalesDocumentChange
from connector.sd_documents.values import DocumentCategory as C
from connector.simulator.rfc.dictionary import Dictionary
from connector.simulator.soap import function_wsdl
from connector.simulator.soap.face import soap_faces
from connector.simulator.soap.settings import SoapSettings
from tests.contract.documents import item, sales_document
from tests.contract.observing import Observer
from tests.erp.soap.conftest import System
from tests.erp.soap.scripted import transport_to

PATH = f"/sap/bc/srt/rfc/sap/{ORDER_WRAPPER.lower()}"


def create(transport: SoapTransport, *items: SalesDocumentItem, **more: Any) -> str:
    """Create an order with the reference EXT-1."""
    assert transport.sales_documents is not None
    observer = more.pop("observer", None) or Observer()
    document = sales_document("EXT-1", *(items or (item(10, "M-01", "3"),)), **more)
    return transport.sales_documents.create(document, observer)


def orders(system: System) -> list[str]:
    found = system.engine.sales_documents_by_purchase_order("EXT-1")
    return [each.number for each in found]


def test_an_order_is_created_committed_and_read_back(system: System, observer: Observer) -> None:
    number = create(system.transport(), observer=observer)
    assert orders(system) == [number]
    assert observer.points == [
        Point.CONNECTION_OPEN,
        Point.AFTER_FENCE_CHECK,
        Point.COMMIT_SENT,
        Point.COMMIT_ANSWERED,
    ]


def test_it_is_the_order_that_rfc_creates(system: System) -> None:
    lines = (
        item(10, "M-01", "3", conditions=[Condition(condition_type="RA00", rate=Decimal("-5"))]),
        item(20, "M-02", "2.5"),
    )
    more: dict[str, Any] = {
        "texts": (Text(text_id="TX01", content="First line\n" + "x" * 140),),
        "purchase_order_date": date(2026, 1, 4),
    }
    by_soap = create(system.transport(), *lines, **more)
    by_rfc = system.rfc.sales_documents.create(sales_document("EXT-1", *lines, **more), Observer())
    one, other = (system.engine.sales_document(number) for number in (by_soap, by_rfc))
    assert one is not None
    assert other is not None
    same = {"number": "", "created_at": None, "changed_at": None, "created_by": ""}
    assert _without(one, same) == _without(other, same)


def _without(record: Any, names: dict[str, Any]) -> dict[str, Any]:
    fields = {name: getattr(record, name) for name in record.__slots__}
    return {name: value for name, value in fields.items() if name not in names}


def test_a_lost_lease_sends_nothing(system: System) -> None:
    with pytest.raises(LeaseLostError):
        create(system.transport(), observer=Observer(lost=True))
    assert orders(system) == []


def test_a_refused_order_is_rejected_by_its_messages(system: System) -> None:
    with pytest.raises(RejectedError) as refused:
        create(system.transport(), item(10, "NO-SUCH"))
    assert refused.value.code == "MATERIAL_NOT_SOLD"
    assert refused.value.messages[0].item_number == 10
    assert orders(system) == []


@pytest.mark.parametrize(
    ("fault", "on"),
    [("update terminated after commit", "commit"), ("short dump", "create sales document")],
)
def test_what_may_have_been_posted_leaves_doubt(system: System, fault: str, on: str) -> None:
    system.engine.faults.inject(fault, on=on)
    with pytest.raises(OutcomeUnknownError):
        create(system.transport())
    assert orders(system) == []


def test_a_lost_answer_is_found_by_the_reference(system: System) -> None:
    system.front.inject("connection lost after call", on=f"POST {PATH}")
    transport = system.transport()
    with pytest.raises(OutcomeUnknownError):
        create(transport)
    assert transport.sales_documents is not None
    found = transport.sales_documents.find("EXT-1", C.SALES_ORDER)
    assert list(found) == orders(system)
    assert len(found) == 1


def test_a_separate_commit_would_have_committed_nothing(system: System, tmp_path: Path) -> None:
    """Named as the wrapper, the plain create answers with a number that never exists."""
    plain = "BAPI_SALESORDER_CREATEFROMDAT2"
    wsdl = tmp_path / "plain.wsdl"
    wsdl.write_bytes(function_wsdl.write(Dictionary.from_fixtures().function(plain)))
    wrappers = {"sales_order": {"function": plain, "wsdl": wsdl}}
    with pytest.raises(OutcomeUnknownError, match="is not there"):
        create(system.transport(wrappers=wrappers))
    assert orders(system) == []


def test_a_wsdl_that_asks_for_every_field_gets_them_initial(system: System, tmp_path: Path) -> None:
    system.settings.fields_are_optional = False
    dictionary = Dictionary.from_fixtures({ORDER_WRAPPER: "BAPI_SALESORDER_CREATEFROMDAT2"})
    wsdl = tmp_path / "older.wsdl"
    wsdl.write_bytes(
        function_wsdl.write(dictionary.function(ORDER_WRAPPER), fields_are_optional=False)
    )
    wrappers = {"sales_order": {"function": ORDER_WRAPPER, "wsdl": wsdl}}
    number = create(system.transport(wrappers=wrappers, material_number_length=0))
    assert orders(system) == [number]


def test_a_wsdl_without_a_field_that_is_needed_is_named(system: System, tmp_path: Path) -> None:
    shipped_file = shipped_wsdl(ORDER_WRAPPER).read_text("utf-8")
    wsdl = tmp_path / "poorer.wsdl"
    wsdl.write_text(shipped_file.replace('name="PURCH_NO_C"', 'name="OTHER"'), "utf-8")
    wrappers = {"sales_order": {"function": ORDER_WRAPPER, "wsdl": wsdl}}
    observer = Observer()
    with pytest.raises(ConfigurationError, match=r"poorer\.wsdl: has no BAPISDHD1\.PURCH_NO_C"):
        create(system.transport(wrappers=wrappers), observer=observer)
    assert observer.points == []


def test_another_document_needs_a_wrapper_of_its_own(system: System) -> None:
    transport = system.transport()
    assert transport.sales_documents is not None
    quotation = sales_document("EXT-1", item(), category=C.QUOTATION)
    with pytest.raises(ConfigurationError, match=r"wrappers\.quotation"):
        transport.sales_documents.create(quotation, Observer())
    with pytest.raises(ConfigurationError, match=r"wrappers\.quotation\.wsdl"):
        system.transport(wrappers={"quotation": {"function": "Z_QUOTE"}})


def test_a_quotation_goes_the_same_way_where_its_wrapper_is_named(
    system: System, tmp_path: Path
) -> None:
    wrapped = "BAPI_QUOTATION_CREATEFROMDATA2"
    settings = SoapSettings(wrappers={"Z_QUOTE": wrapped})
    for path, face in soap_faces(system.engine, settings).items():
        system.front.mount(f"{path}/z_quote", face)
    wsdl = tmp_path / "quote.wsdl"
    function = Dictionary.from_fixtures({"Z_QUOTE": wrapped}).function("Z_QUOTE")
    wsdl.write_bytes(function_wsdl.write(function))
    transport = system.transport(wrappers={"quotation": {"function": "Z_QUOTE", "wsdl": wsdl}})
    assert transport.sales_documents is not None
    number = transport.sales_documents.create(
        sales_document("EXT-1", item(), category=C.QUOTATION), Observer()
    )
    assert orders(system) == [number]


def test_everything_else_goes_over_the_other_transport(system: System) -> None:
    transport = system.transport()
    number = create(transport)
    documents = transport.sales_documents
    assert documents is not None
    (read,) = documents.read([number], C.SALES_ORDER)
    assert read.number == number
    assert documents.find("EXT-1", C.SALES_ORDER) == (number,)
    assert documents.simulate(sales_document("EXT-2", item())).net_amount.amount > 0
    change = SalesDocumentChange(
        number=number,
        category=C.SALES_ORDER,
        purchase_order_by_customer="EXT-1",
        requested_delivery_date=date(2026, 2, 2),
    )
    documents.change(change, Observer())
    (changed,) = documents.read([number], C.SALES_ORDER)
    assert changed.requested_delivery_date == date(2026, 2, 2)


def test_without_another_transport_no_orders_are_created() -> None:
    with transport_to("http://127.0.0.1:9") as transport:
        assert transport.sales_documents is None
