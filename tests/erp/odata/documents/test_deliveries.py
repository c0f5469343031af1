"""Deliveries over OData: created, picked, issued, taken back, each with its version."""

from __future__ import annotations

from datetime import date

import pytest

from connector.erp.odata.erp import ODataErp
from connector.erp.rfc.erp import RfcErp
from connector.errors import LeaseLostError, OutcomeUnknownError, RejectedError, TransientError
from connector.ports.erp import Point
from connector.sd_documents.delivery import Delivery, DeliveryRequest, DeliveryRequestItem
from connector.sd_documents.sales_document import PostedSalesDocument
from connector.sd_documents.status import Status
from connector.sd_documents.values import DocumentCategory as C
from connector.sd_documents.values import ItemReference
from tests.contract.documents import TODAY, item, pieces
from tests.contract.observing import Observer
from tests.contract.walking import SHIP_BY, Walk
from tests.erp.odata.documents.conftest import System

LATER_ON = date(2026, 1, 8)


@pytest.fixture
def walk(erp: ODataErp) -> Walk:
    return Walk(erp)


@pytest.fixture
def order(walk: Walk) -> PostedSalesDocument:
    return walk.create("REF-1", item(10, quantity="3"), item(20, "M-02", "2"))


def paths(system: System) -> list[str]:
    return [each.split("?")[0].split("/", 1)[1] for each in system.requests.seen]


def test_a_delivery_reads_as_it_does_over_rfc(
    others: RfcErp, walk: Walk, order: PostedSalesDocument
) -> None:
    deliveries = walk.deliver(order)
    assert deliveries == others.deliveries.read([each.number for each in deliveries])
    assert deliveries[0].goods_movement_status is Status.NOT_YET
    issued = walk.issue(*deliveries)
    assert issued == others.deliveries.read([each.number for each in issued])
    assert issued[0].actual_goods_issue_date == LATER_ON
    assert issued[0].picking_status is Status.COMPLETELY


def test_part_of_an_order_is_delivered_and_then_the_rest(
    walk: Walk, order: PostedSalesDocument
) -> None:
    (first,) = walk.deliver(order, "1")
    assert [each.delivery_quantity for each in first.items] == [pieces("1"), pieces("1")]
    second = DeliveryRequest(
        items=(
            DeliveryRequestItem(
                preceding=ItemReference(
                    category=C.SALES_ORDER, document=order.number, item_number=10
                ),
                quantity=pieces("2"),
            ),
        ),
        due_date=SHIP_BY,
    )
    numbers = walk.erp.deliveries.create(second, Observer())
    assert numbers != (first.number,)


def test_a_split_is_found_though_the_answer_names_one_delivery(walk: Walk) -> None:
    """Items from two plants leave from two shipping points; an older delivery is none of them."""
    order = walk.create("REF-1", item(10, "M-01", "3"), item(20, "CO-1000", "2"))
    before = walk.deliver(order, "1")
    (more,) = walk.erp.sales_documents.read([order.number])
    deliveries = walk.deliver(more, "1")
    assert {each.shipping_point for each in deliveries} == {"1000", "1100"}
    assert {part.preceding.item_number for d in deliveries for part in d.items} == {10, 20}
    assert {each.number for each in before}.isdisjoint(each.number for each in deliveries)


def test_more_than_is_left_is_refused_and_leaves_nothing(
    system: System, walk: Walk, order: PostedSalesDocument
) -> None:
    with pytest.raises(RejectedError):
        walk.deliver(order, "4")
    assert system.engine.document_counts()["delivery"] == 0


def test_a_goods_issue_of_today_takes_five_requests(
    system: System, erp: ODataErp, walk: Walk, order: PostedSalesDocument, observer: Observer
) -> None:
    (delivery,) = walk.deliver(order)
    system.requests.clear()
    erp.deliveries.post_goods_issue(delivery, TODAY, observer)
    header = "A_OutbDeliveryHeader('80000001')"
    assert paths(system) == [header, "PickAllItems", header, "PostGoodsIssue", header]
    assert observer.numbers == (delivery.number,)
    assert observer.points.count(Point.AFTER_FENCE_CHECK) == 1


def test_another_day_is_entered_in_the_delivery_first(
    system: System, erp: ODataErp, walk: Walk, order: PostedSalesDocument
) -> None:
    (delivery,) = walk.deliver(order)
    erp.deliveries.post_goods_issue(delivery, LATER_ON, Observer())
    (issued,) = erp.deliveries.read([delivery.number])
    assert issued.actual_goods_issue_date == LATER_ON
    assert any(each.startswith("PATCH") for each in system.requests.seen)


def test_goods_that_moved_already_count_as_done(
    system: System, erp: ODataErp, others: RfcErp, walk: Walk, order: PostedSalesDocument
) -> None:
    (delivery,) = walk.deliver(order)
    others.deliveries.post_goods_issue(delivery, TODAY, Observer())
    system.requests.clear()
    erp.deliveries.post_goods_issue(delivery, TODAY, Observer())
    assert paths(system) == ["A_OutbDeliveryHeader('80000001')"]


def test_a_picked_delivery_is_not_picked_again(
    system: System, erp: ODataErp, walk: Walk, order: PostedSalesDocument
) -> None:
    """A worker died between picking and goods issue: the next one goes on where it stopped."""
    (delivery,) = walk.deliver(order)
    system.front.inject("connection lost before call", on="PostGoodsIssue")
    with pytest.raises((TransientError, OutcomeUnknownError)):
        erp.deliveries.post_goods_issue(delivery, TODAY, Observer())
    system.requests.clear()
    erp.deliveries.post_goods_issue(delivery, TODAY, Observer())
    assert "PickAllItems" not in paths(system)
    assert erp.deliveries.read([delivery.number])[0].goods_movement_status is Status.COMPLETELY


def test_a_goods_issue_is_taken_back_and_posted_anew(
    erp: ODataErp, walk: Walk, order: PostedSalesDocument, observer: Observer
) -> None:
    (issued,) = walk.issue(*walk.deliver(order), on=TODAY)
    erp.deliveries.reverse_goods_issue(issued, TODAY, observer)
    (reversed_,) = erp.deliveries.read([issued.number])
    assert reversed_.goods_movement_status is Status.NOT_YET
    assert reversed_.actual_goods_issue_date is None
    (again,) = walk.issue(reversed_, on=TODAY)
    assert again.goods_movement_status is Status.COMPLETELY


def test_what_never_left_cannot_be_taken_back(
    erp: ODataErp, walk: Walk, order: PostedSalesDocument
) -> None:
    (delivery,) = walk.deliver(order)
    with pytest.raises(RejectedError):
        erp.deliveries.reverse_goods_issue(delivery, TODAY, Observer())


def test_a_lost_lease_moves_nothing(
    erp: ODataErp, walk: Walk, order: PostedSalesDocument, observer: Observer
) -> None:
    (delivery,) = walk.deliver(order)
    observer.lost = True
    with pytest.raises(LeaseLostError):
        erp.deliveries.post_goods_issue(delivery, TODAY, observer)
    assert erp.deliveries.read([delivery.number]) == (delivery,)


def test_returns_deliveries_have_another_service(
    erp: ODataErp, others: RfcErp, walk: Walk, observer: Observer
) -> None:
    returned = walk.create("REF-1", item(10, quantity="2"), category=C.RETURNS_ORDER)
    request = DeliveryRequest(
        items=(
            DeliveryRequestItem(
                preceding=ItemReference(
                    category=C.RETURNS_ORDER, document=returned.number, item_number=10
                ),
                quantity=pieces("2"),
            ),
        ),
        due_date=SHIP_BY,
        category=C.RETURNS_DELIVERY,
    )
    with pytest.raises(RejectedError, match="outbound deliveries only") as caught:
        erp.deliveries.create(request, observer)
    assert caught.value.code == "NOT_OFFERED_BY_SERVICE"
    numbers = others.deliveries.create(request, Observer())
    assert erp.deliveries.read(numbers) == ()
    (order,) = erp.sales_documents.read([returned.number])
    assert order.delivery_status is Status.COMPLETELY


def test_deliveries_that_do_not_exist_are_left_out(
    erp: ODataErp, walk: Walk, order: PostedSalesDocument
) -> None:
    (delivery,) = walk.deliver(order)
    assert erp.deliveries.read(["80004711", delivery.number]) == (delivery,)
    assert erp.deliveries.read([]) == ()
    gone = Delivery.model_validate({**delivery.model_dump(), "number": "0080004711"})
    with pytest.raises(RejectedError, match="does not exist"):
        erp.deliveries.post_goods_issue(gone, TODAY, Observer())
