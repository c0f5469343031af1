"""Sales documents over OData: created in one request, found, read; refused ones leave nothing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from connector.erp.odata.erp import ODataErp
from connector.erp.rfc.erp import RfcErp
from connector.errors import LeaseLostError, OutcomeUnknownError, RejectedError
from connector.ports.erp import Point
from connector.sd_documents.conditions import Condition
from connector.sd_documents.partners import Address, Partner, PartnerFunction
from connector.sd_documents.sales_document import Text
from connector.sd_documents.schedule_lines import ScheduleLine
from connector.sd_documents.values import DocumentCategory as C
from connector.sd_documents.values import ItemReference, Money
from tests.contract.documents import KINDS, LATER, eur, item, pieces, sales_document
from tests.contract.observing import Observer
from tests.erp.odata.documents.comparing import shown_over_odata
from tests.erp.odata.documents.conftest import System

CREATED = [C.QUOTATION, C.SALES_ORDER, C.RETURNS_ORDER, C.CREDIT_MEMO_REQUEST]


@pytest.mark.parametrize("category", CREATED)
def test_a_document_reads_as_it_does_over_rfc(
    erp: ODataErp, others: RfcErp, observer: Observer, category: C
) -> None:
    number = erp.sales_documents.create(
        sales_document("REF-1", item(10, "M-01", "3"), item(20, "M-02", "2"), category=category),
        observer,
    )
    (found,) = erp.sales_documents.read([number], category)
    (over_rfc,) = others.sales_documents.read([number])
    assert (found.category, found.sales_order_type) == (category, KINDS[category][0])
    assert (found.net_amount, found.tax_amount) == (eur("350.00"), eur("66.50"))
    assert [(i.net_amount, i.tax_amount, i.gross_amount) for i in found.items] == [
        (i.net_amount, i.tax_amount, i.gross_amount) for i in over_rfc.items
    ]
    assert found.condition_values == over_rfc.condition_values
    assert found.partners == over_rfc.partners
    assert [i.cost_amount for i in found.items] == [i.cost_amount for i in over_rfc.items]
    assert (found.overall_status, found.delivery_status, found.billing_status) == (
        over_rfc.overall_status,
        over_rfc.delivery_status,
        over_rfc.billing_status,
    )


def test_an_order_is_the_same_over_both_transports(
    erp: ODataErp, others: RfcErp, observer: Observer
) -> None:
    number = erp.sales_documents.create(
        sales_document("REF-1", item(10, quantity="3"), delivery_block_reason="Z1"), observer
    )
    (found,) = erp.sales_documents.read([number])
    (over_rfc,) = others.sales_documents.read([number])
    assert found == shown_over_odata(over_rfc)
    assert found.delivery_block_reason == "Z1"


def test_an_inquiry_made_elsewhere_is_read_and_cannot_be_created(
    erp: ODataErp, others: RfcErp, observer: Observer
) -> None:
    inquiry = sales_document("REF-1", item(10, quantity="3"), category=C.INQUIRY)
    number = others.sales_documents.create(inquiry, Observer())
    (found,) = erp.sales_documents.read([number])
    assert (found.category, found.net_amount) == (C.INQUIRY, eur("300.00"))
    with pytest.raises(RejectedError, match="only reads") as caught:
        erp.sales_documents.create(inquiry, observer)
    assert caught.value.code == "NOT_OFFERED_BY_SERVICE"
    assert observer.points == []


def test_a_category_without_a_service_is_refused_before_anything_is_sent(
    system: System, erp: ODataErp, observer: Observer
) -> None:
    with pytest.raises(RejectedError, match="DEBIT_MEMO_REQUEST"):
        erp.sales_documents.create(sales_document("REF-1", category=C.DEBIT_MEMO_REQUEST), observer)
    assert erp.sales_documents.find("REF-1", C.DEBIT_MEMO_REQUEST) == ()
    assert len(system.requests) == 0


def test_a_create_is_one_request_and_one_to_read_it_back(system: System, erp: ODataErp) -> None:
    erp.sales_documents.create(sales_document("REF-1"), Observer())
    system.requests.clear()
    erp.sales_documents.create(sales_document("REF-2"), Observer())
    assert [each.split("?")[0] for each in system.requests.seen] == [
        "POST API_SALES_ORDER_SRV/A_SalesOrder",
        "GET API_SALES_ORDER_SRV/A_SalesOrder('2')",
    ]


def test_the_observer_learns_the_number_and_sees_each_point(
    erp: ODataErp, observer: Observer
) -> None:
    number = erp.sales_documents.create(sales_document("REF-1"), observer)
    assert observer.numbers == (number,)
    assert observer.points == [
        Point.CONNECTION_OPEN,
        Point.AFTER_FENCE_CHECK,
        Point.COMMIT_SENT,
        Point.COMMIT_ANSWERED,
    ]


def test_a_lost_lease_sends_nothing(system: System, erp: ODataErp, observer: Observer) -> None:
    observer.lost = True
    with pytest.raises(LeaseLostError):
        erp.sales_documents.create(sales_document("REF-1"), observer)
    assert system.engine.document_counts()["sales"] == 0


def test_a_refused_document_leaves_nothing(
    system: System, erp: ODataErp, observer: Observer
) -> None:
    with pytest.raises(RejectedError) as caught:
        erp.sales_documents.create(sales_document("REF-1", item(10, "NO-SUCH-1")), observer)
    assert caught.value.code == "MATERIAL_NOT_SOLD"
    assert system.engine.document_counts()["sales"] == 0


def test_a_document_that_cannot_be_read_back_is_an_unknown_outcome(
    system: System, erp: ODataErp
) -> None:
    system.front.inject("field missing", on="GET A_SalesOrder", field="PurchaseOrderByCustomer")
    with pytest.raises(OutcomeUnknownError, match="reported as posted"):
        erp.sales_documents.create(sales_document("REF-1"), Observer())
    assert system.engine.document_counts()["sales"] == 1
    assert erp.sales_documents.find("REF-1", C.SALES_ORDER) == ("0000000001",)


def test_documents_are_found_by_their_reference_and_category_alone(erp: ODataErp) -> None:
    first = erp.sales_documents.create(sales_document("REF'1"), Observer())
    second = erp.sales_documents.create(sales_document("REF'1"), Observer())
    erp.sales_documents.create(sales_document("REF'1", category=C.QUOTATION), Observer())
    erp.sales_documents.create(sales_document("REF'10"), Observer())
    assert erp.sales_documents.find("REF'1", C.SALES_ORDER) == (first, second)
    assert erp.sales_documents.find("REF'2", C.SALES_ORDER) == ()


def test_documents_of_all_categories_are_read_together_by_number_alone(erp: ODataErp) -> None:
    numbers = [
        erp.sales_documents.create(sales_document("REF-1", category=category), Observer())
        for category in CREATED
    ]
    found = erp.sales_documents.read([*reversed(numbers), "4711"])
    assert [each.number for each in found] == list(reversed(numbers))
    assert [each.category for each in found] == list(reversed(CREATED))
    assert erp.sales_documents.read(numbers, C.SALES_ORDER) == (found[2],)


def test_what_a_number_is_has_to_be_asked_once(system: System, erp: ODataErp) -> None:
    with system.erp() as another:
        number = another.sales_documents.create(
            sales_document("REF-1", category=C.CREDIT_MEMO_REQUEST), Observer()
        )
    erp.sales_documents.read([number])
    system.requests.clear()
    erp.sales_documents.read([number])
    assert [each.split("?")[0] for each in system.requests.seen] == [
        "GET API_CREDIT_MEMO_REQUEST_SRV/A_CreditMemoRequest"
    ]


def test_many_documents_are_read_in_one_batch(system: System) -> None:
    with system.erp(documents_per_query=2) as erp:
        numbers = [
            erp.sales_documents.create(sales_document(f"REF-{n}"), Observer()) for n in range(5)
        ]
        system.requests.clear()
        found = erp.sales_documents.read(numbers, C.SALES_ORDER)
    assert [each.number for each in found] == numbers
    assert [each.split("?")[0] for each in system.requests.seen] == [
        "POST API_SALES_ORDER_SRV/$batch"
    ]


def test_manual_prices_and_discounts_are_what_the_document_is_priced_by(
    erp: ODataErp, others: RfcErp
) -> None:
    price = Condition(condition_type="PMP0", rate=Decimal("33.33"), currency="EUR", unit="ST")
    percent = Condition(condition_type="RA00", rate=Decimal("-7.5"))
    freight = Condition(condition_type="HD00", rate=Decimal("4.90"), currency="EUR")
    document = sales_document(
        "REF-1", item(10, quantity="3", conditions=[price, percent]), conditions=(freight,)
    )
    (found,) = erp.sales_documents.read([erp.sales_documents.create(document, Observer())])
    (twin,) = others.sales_documents.read([others.sales_documents.create(document, Observer())])
    assert found.net_amount == twin.net_amount != eur("0.00")
    assert found.condition_values == twin.condition_values


def test_an_order_refers_to_its_quotation_item_by_item(erp: ODataErp, others: RfcErp) -> None:
    quotation = erp.sales_documents.create(
        sales_document("REF-1", item(10, quantity="5"), category=C.QUOTATION), Observer()
    )
    reference = ItemReference(category=C.QUOTATION, document=quotation, item_number=10)
    order = erp.sales_documents.create(
        sales_document(
            "REF-1",
            item(10, quantity="2", reference=reference),
            reference_document=quotation,
            reference_category=C.QUOTATION,
        ),
        Observer(),
    )
    (found,) = erp.sales_documents.read([order], C.SALES_ORDER)
    assert found.items[0].reference == reference
    (offer,) = erp.sales_documents.read([quotation], C.QUOTATION)
    (over_rfc,) = others.sales_documents.read([quotation])
    assert offer.reference_status == over_rfc.reference_status


def test_texts_arrive(system: System, erp: ODataErp) -> None:
    texts = (
        Text(text_id="0001", content="Deliver to gate 4\nRing twice"),
        Text(text_id="0001", content="Fragile", item_number=10),
    )
    erp.sales_documents.create(sales_document("REF-1", texts=texts), Observer())
    (posted,) = system.engine.sales_documents()
    assert {(text.item_number, "\n".join(text.lines)) for text in posted.texts} == {
        (0, "Deliver to gate 4\nRing twice"),
        (10, "Fragile"),
    }


def _own_address() -> Address:
    return Address(
        name="Erika Muster", street="Musterweg 1", postal_code="50667", city="Köln", country="DE"
    )


def test_a_partners_own_address_arrives_where_the_release_takes_it(
    system: System, erp: ODataErp, observer: Observer
) -> None:
    ship_to = Partner(
        function=PartnerFunction.SHIP_TO_PARTY, customer="C-100", address=_own_address()
    )
    sold_to = Partner(function=PartnerFunction.SOLD_TO_PARTY, customer="C-100")
    document = sales_document("REF-1").model_copy(update={"partners": (sold_to, ship_to)})
    if system.release == "2020":
        with pytest.raises(RejectedError, match="an address of a partner"):
            erp.sales_documents.create(document, observer)
        assert system.engine.document_counts()["sales"] == 0
        return
    (found,) = erp.sales_documents.read([erp.sales_documents.create(document, observer)])
    partners = {each.function: each for each in found.partners}
    address = partners[PartnerFunction.SHIP_TO_PARTY].address
    assert address is not None
    assert (address.name, address.city) == ("Erika Muster", "Köln")
    assert partners[PartnerFunction.SOLD_TO_PARTY].address is None


def test_dates_of_items_arrive_where_the_release_takes_them(
    system: System, erp: ODataErp, observer: Observer
) -> None:
    lines = (
        ScheduleLine(requested_delivery_date=LATER, requested_quantity=pieces("2")),
        ScheduleLine(requested_delivery_date=date(2026, 2, 2), requested_quantity=pieces("1")),
    )
    document = sales_document(
        "REF-1", item(10, quantity="3").model_copy(update={"schedule_lines": lines})
    )
    if system.release == "2020":
        with pytest.raises(RejectedError, match="delivery dates of its own") as caught:
            erp.sales_documents.create(document, observer)
        assert caught.value.code == "NOT_OFFERED_BY_SERVICE"
        return
    (found,) = erp.sales_documents.read([erp.sales_documents.create(document, observer)])
    requested = [
        (line.requested_delivery_date, line.requested_quantity)
        for line in found.items[0].schedule_lines
        if line.requested_quantity.value
    ]
    assert requested == [(LATER, pieces("2")), (date(2026, 2, 2), pieces("1"))]


def test_one_date_that_is_the_headers_needs_no_schedule_line(erp: ODataErp) -> None:
    line = ScheduleLine(requested_delivery_date=LATER, requested_quantity=pieces("3"))
    document = sales_document(
        "REF-1", item(10, quantity="3").model_copy(update={"schedule_lines": (line,)})
    )
    (found,) = erp.sales_documents.read([erp.sales_documents.create(document, Observer())])
    assert found.items[0].requested_quantity == pieces("3")


def test_a_currency_keeps_its_own_decimals(erp: ODataErp) -> None:
    price = Condition(condition_type="PMP0", rate=Decimal("1.234"), currency="KWD", unit="ST")
    document = sales_document(
        "REF-1",
        item(10, "KWD-01", "3", conditions=[price]),
        organization="3000",
        customer="KW-400",
        currency="KWD",
    )
    (found,) = erp.sales_documents.read([erp.sales_documents.create(document, Observer())])
    assert found.net_amount == Money(amount=Decimal("3.702"), currency="KWD")


def test_the_release_may_be_stated_so_that_nobody_is_asked(system: System) -> None:
    with system.erp(sales_order_release=system.release) as erp:
        erp.sales_documents.create(sales_document("REF-1"), Observer())
    assert not any("$metadata" in each for each in system.requests.seen)
