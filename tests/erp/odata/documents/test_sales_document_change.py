"""Changing over OData: only the difference is sent, with the version that it was made for."""

from __future__ import annotations

from datetime import date

import pytest

from connector.erp.odata.erp import ODataErp
from connector.erp.rfc.erp import RfcErp
from connector.errors import LeaseLostError, OutcomeUnknownError, RejectedError, TransientError
from connector.ports.erp import Point
from connector.sd_documents.partners import Address, Partner, PartnerFunction
from connector.sd_documents.sales_document import PostedSalesDocument
from connector.sd_documents.sales_document_change import (
    SalesDocumentChange,
    SalesDocumentItemChange,
)
from connector.sd_documents.values import DocumentCategory as C
from connector.sd_documents.values import pad_number
from tests.contract.documents import LATER, eur, item, pieces, sales_document
from tests.contract.observing import Observer
from tests.contract.walking import Walk
from tests.erp.odata.documents.conftest import System

SOONER = date(2026, 1, 19)


@pytest.fixture
def order(erp: ODataErp) -> PostedSalesDocument:
    """An order over three M-01 and two M-02."""
    return Walk(erp).create("REF-1", item(10, quantity="3"), item(20, "M-02", "2"))


def change_of(order: PostedSalesDocument, **wanted: object) -> SalesDocumentChange:
    return SalesDocumentChange.model_validate(
        {"number": order.number, "category": order.category, **wanted}
    )


def read(erp: ODataErp, order: PostedSalesDocument) -> PostedSalesDocument:
    (found,) = erp.sales_documents.read([order.number], order.category)
    return found


def writes(system: System) -> list[str]:
    return [each for each in system.requests.seen if not each.startswith(("GET", "HEAD"))]


def test_a_quantity_is_changed_and_priced_anew(
    system: System, erp: ODataErp, order: PostedSalesDocument, observer: Observer
) -> None:
    system.requests.clear()
    wanted = SalesDocumentItemChange(item_number=10, requested_quantity=pieces("5"))
    erp.sales_documents.change(change_of(order, items=(wanted,)), observer)
    found = read(erp, order)
    assert found.item(10).requested_quantity == pieces("5")
    assert found.item(10).net_amount == eur("500.00")
    assert found.item(20) == order.item(20)
    assert observer.numbers == (order.number,)
    assert writes(system) == [
        "PATCH API_SALES_ORDER_SRV/A_SalesOrderItem(SalesOrder='1',SalesOrderItem='10')"
    ]


def test_several_changes_are_one_unit_of_work(
    system: System, erp: ODataErp, order: PostedSalesDocument, observer: Observer
) -> None:
    system.requests.clear()
    erp.sales_documents.change(
        change_of(
            order,
            delivery_block_reason="Z1",
            items=(SalesDocumentItemChange(item_number=20, rejection_reason="01"),),
            added_items=(item(30, "M-03", "1"),),
        ),
        observer,
    )
    found = read(erp, order)
    assert found.delivery_block_reason == "Z1"
    assert found.item(20).rejection_reason == "01"
    assert found.item(30).requested_quantity == pieces("1")
    assert writes(system) == ["POST API_SALES_ORDER_SRV/$batch"]


def test_what_is_as_wanted_already_is_not_sent(
    system: System, erp: ODataErp, order: PostedSalesDocument, observer: Observer
) -> None:
    system.requests.clear()
    erp.sales_documents.change(
        change_of(
            order,
            requested_delivery_date=LATER,
            items=(SalesDocumentItemChange(item_number=10, requested_quantity=pieces("3")),),
            partners=(Partner(function=PartnerFunction.SHIP_TO_PARTY, customer="C-100"),),
        ),
        observer,
    )
    assert writes(system) == []
    assert observer.points == []


def test_a_block_and_a_rejection_are_lifted(erp: ODataErp, order: PostedSalesDocument) -> None:
    rejected = SalesDocumentItemChange(item_number=10, rejection_reason="01")
    erp.sales_documents.change(
        change_of(order, delivery_block_reason="Z1", items=(rejected,)), Observer()
    )
    lifted = SalesDocumentItemChange(item_number=10, rejection_reason="")
    erp.sales_documents.change(
        change_of(order, delivery_block_reason="", items=(lifted,)), Observer()
    )
    assert read(erp, order) == order


def test_the_requested_date_of_the_order_moves(erp: ODataErp, order: PostedSalesDocument) -> None:
    erp.sales_documents.change(change_of(order, requested_delivery_date=SOONER), Observer())
    assert read(erp, order).requested_delivery_date == SOONER


def test_the_date_of_one_item_moves_where_the_release_takes_it(
    system: System, erp: ODataErp, order: PostedSalesDocument, observer: Observer
) -> None:
    moved = SalesDocumentItemChange(item_number=10, requested_delivery_date=SOONER)
    if system.release == "2020":
        with pytest.raises(RejectedError, match="the delivery date of item 10") as caught:
            erp.sales_documents.change(change_of(order, items=(moved,)), observer)
        assert caught.value.code == "NOT_OFFERED_BY_SERVICE"
        return
    erp.sales_documents.change(change_of(order, items=(moved,)), observer)
    found = read(erp, order)
    assert found.item(10).schedule_lines[0].requested_delivery_date == SOONER
    assert found.item(20).schedule_lines == order.item(20).schedule_lines


def test_a_ship_to_party_is_replaced(erp: ODataErp, others: RfcErp) -> None:
    order = Walk(erp).create("REF-1", item(10, "CO-1000", "2"), customer="1007")
    other = Partner(function=PartnerFunction.SHIP_TO_PARTY, customer="1008")
    erp.sales_documents.change(change_of(order, partners=(other,)), Observer())
    (over_rfc,) = others.sales_documents.read([order.number])
    ship_to = next(p for p in over_rfc.partners if p.function is PartnerFunction.SHIP_TO_PARTY)
    assert ship_to.customer == pad_number("1008")


def test_an_address_is_changed_where_the_release_takes_it(
    system: System, erp: ODataErp, order: PostedSalesDocument
) -> None:
    address = Address(name="Erika Muster", street="Am Tor 4", city="Bonn", country="DE")
    partner = Partner(function=PartnerFunction.SHIP_TO_PARTY, customer="C-100", address=address)
    change = change_of(order, partners=(partner,))
    if system.release == "2020":
        with pytest.raises(RejectedError, match="the address of partner WE"):
            erp.sales_documents.change(change, Observer())
        return
    erp.sales_documents.change(change, Observer())
    ship_to = next(
        p for p in read(erp, order).partners if p.function is PartnerFunction.SHIP_TO_PARTY
    )
    assert ship_to.address is not None
    assert (ship_to.address.name, ship_to.address.city) == ("Erika Muster", "Bonn")
    system.requests.clear()
    erp.sales_documents.change(change, Observer())
    assert writes(system) == []


def test_never_below_what_is_delivered(
    erp: ODataErp, order: PostedSalesDocument, observer: Observer
) -> None:
    Walk(erp).deliver(order)
    less = SalesDocumentItemChange(item_number=10, requested_quantity=pieces("1"))
    with pytest.raises(RejectedError):
        erp.sales_documents.change(change_of(order, items=(less,)), observer)
    assert read(erp, order).item(10).requested_quantity == pieces("3")


def test_a_refused_part_leaves_the_other_parts_undone(
    erp: ODataErp, order: PostedSalesDocument
) -> None:
    with pytest.raises(RejectedError):
        erp.sales_documents.change(
            change_of(order, delivery_block_reason="Z1", added_items=(item(30, "NO-SUCH-1"),)),
            Observer(),
        )
    assert read(erp, order) == order


def test_what_somebody_else_changed_in_between_is_not_overwritten(
    system: System, erp: ODataErp, others: RfcErp, order: PostedSalesDocument
) -> None:
    """The version that was read is no longer there: nothing is posted, and the next try reads."""

    def somebody_else() -> None:
        theirs = SalesDocumentItemChange(item_number=10, requested_quantity=pieces("7"))
        others.sales_documents.change(change_of(order, items=(theirs,)), Observer())

    ours = change_of(order, delivery_block_reason="Z1")
    observer = Observer(at={Point.CONNECTION_OPEN: somebody_else})
    with pytest.raises(TransientError):
        erp.sales_documents.change(ours, observer)
    found = read(erp, order)
    assert (found.item(10).requested_quantity, found.delivery_block_reason) == (pieces("7"), "")
    erp.sales_documents.change(ours, Observer())
    assert read(erp, order).delivery_block_reason == "Z1"
    del system


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (
            {"items": (SalesDocumentItemChange(item_number=90, rejection_reason="01"),)},
            "no item 90",
        ),
        ({"added_items": (item(10),)}, "an item 10 already"),
    ],
)
def test_items_that_do_not_fit_the_document_are_refused_unsent(
    system: System, erp: ODataErp, order: PostedSalesDocument, wanted: dict[str, object], words: str
) -> None:
    system.requests.clear()
    with pytest.raises(RejectedError, match=words):
        erp.sales_documents.change(change_of(order, **wanted), Observer())
    assert writes(system) == []


def test_a_document_that_is_not_there_cannot_be_changed(erp: ODataErp, observer: Observer) -> None:
    with pytest.raises(RejectedError, match="does not exist"):
        erp.sales_documents.change(
            SalesDocumentChange(
                number="0000004711", category=C.SALES_ORDER, delivery_block_reason="Z1"
            ),
            observer,
        )
    assert observer.points == []


def test_a_lost_lease_changes_nothing(
    erp: ODataErp, order: PostedSalesDocument, observer: Observer
) -> None:
    observer.lost = True
    with pytest.raises(LeaseLostError):
        erp.sales_documents.change(change_of(order, delivery_block_reason="Z1"), observer)
    assert read(erp, order) == order


def test_a_change_that_is_not_there_afterwards_is_an_unknown_outcome(
    erp: ODataErp, others: RfcErp, order: PostedSalesDocument
) -> None:
    """Somebody takes it back at once: the connector says that it has not seen its change."""

    def taken_back() -> None:
        others.sales_documents.change(change_of(order, delivery_block_reason=""), Observer())

    observer = Observer(at={Point.COMMIT_ANSWERED: taken_back})
    with pytest.raises(OutcomeUnknownError):
        erp.sales_documents.change(change_of(order, delivery_block_reason="Z1"), observer)


@pytest.mark.parametrize("category", [C.QUOTATION, C.RETURNS_ORDER, C.CREDIT_MEMO_REQUEST])
def test_other_documents_are_changed_alike(erp: ODataErp, category: C) -> None:
    number = erp.sales_documents.create(
        sales_document("REF-1", item(10, quantity="3"), category=category), Observer()
    )
    (found,) = erp.sales_documents.read([number], category)
    more = SalesDocumentItemChange(item_number=10, requested_quantity=pieces("4"))
    erp.sales_documents.change(change_of(found, items=(more,)), Observer())
    assert read(erp, found).item(10).requested_quantity == pieces("4")


def test_a_credit_memo_request_has_no_delivery_block(erp: ODataErp, observer: Observer) -> None:
    number = erp.sales_documents.create(
        sales_document("REF-1", category=C.CREDIT_MEMO_REQUEST), Observer()
    )
    (found,) = erp.sales_documents.read([number], C.CREDIT_MEMO_REQUEST)
    with pytest.raises(RejectedError, match="DeliveryBlockReason"):
        erp.sales_documents.change(change_of(found, delivery_block_reason="Z1"), observer)
