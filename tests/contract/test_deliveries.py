"""Deliveries: created, split, picked, issued, found issued already."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from connector.errors import LeaseLostError, RejectedError
from connector.sd_documents.delivery import DeliveryRequest, DeliveryRequestItem
from connector.sd_documents.status import Status
from connector.sd_documents.values import DocumentCategory as C
from connector.sd_documents.values import ItemReference
from tests.contract.capable import CapableErp
from tests.contract.documents import item, pieces
from tests.contract.observing import Observer
from tests.contract.walking import SHIP_BY, Walk
from tests.contract.ways import Way


def request_for(order: str, quantity: str, number: int = 10) -> DeliveryRequest:
    preceding = ItemReference(category=C.SALES_ORDER, document=order, item_number=number)
    return DeliveryRequest(
        items=(DeliveryRequestItem(preceding=preceding, quantity=pieces(quantity)),),
        due_date=SHIP_BY,
    )


def test_a_delivery_is_created_with_items_and_status(walk: Walk) -> None:
    order = walk.create("REF-1", item(10, quantity="3"), item(20, "M-02", "2"))
    (delivery,) = walk.deliver(order)
    assert delivery.category is C.DELIVERY
    assert delivery.ship_to_party == "C-100"
    assert delivery.actual_goods_issue_date is None
    assert [(i.delivery_quantity, i.preceding) for i in delivery.items] == [
        (pieces("3"), ItemReference(category=C.SALES_ORDER, document=order.number, item_number=10)),
        (pieces("2"), ItemReference(category=C.SALES_ORDER, document=order.number, item_number=20)),
    ]
    assert delivery.goods_movement_status is Status.NOT_YET
    assert delivery.billing_status is Status.NOT_YET


def test_a_part_is_delivered_and_then_the_rest(walk: Walk) -> None:
    order = walk.create("REF-1", item(10, quantity="10"))
    (first,) = walk.deliver(order, "6")
    (again,) = walk.erp.sales_documents.read([order.number])
    assert again.delivery_status is Status.PARTIALLY
    (second,) = walk.deliver(order, "4")
    (again,) = walk.erp.sales_documents.read([order.number])
    assert again.delivery_status is Status.COMPLETELY
    assert [d.items[0].delivery_quantity for d in (first, second)] == [pieces("6"), pieces("4")]


def test_one_request_may_become_several_deliveries(walk: Walk, observer: Observer) -> None:
    """Two plants have two shipping points: the ERP splits, and every number is named."""
    order = walk.create("REF-1", item(10, "M-01", "3"), item(20, "CO-1000", "2"))
    deliveries = walk.deliver(order)
    assert len(deliveries) == 2
    assert {d.shipping_point for d in deliveries} == {"1000", "1100"}
    assert sorted(d.items[0].preceding.item_number for d in deliveries) == [10, 20]
    del observer


def test_a_goods_issue_picks_and_moves_stock_on_its_date(way: Way, walk: Walk) -> None:
    (delivery,) = walk.deliver(walk.create("REF-1", item(10, quantity="3")))
    before = way.engine.stock("1000", "M-01")
    (issued,) = walk.issue(delivery, on=date(2026, 1, 7))
    after = way.engine.stock("1000", "M-01")
    assert before is not None and after is not None
    assert before.unrestricted - after.unrestricted == 3
    assert issued.actual_goods_issue_date == date(2026, 1, 7)
    assert issued.goods_movement_status is Status.COMPLETELY
    assert issued.picking_status is Status.COMPLETELY
    assert issued.items[0].picked_quantity == pieces("3")


def test_too_little_stock_is_refused_with_its_reason(
    way: Way, walk: Walk, observer: Observer
) -> None:
    """Replenishment was promised for the day of the delivery, and has not come."""
    way.engine.settings.check_stock_at_delivery = False
    order = walk.create("REF-1", item(10, "AC-1000", quantity="500"))
    (delivery,) = walk.deliver(order)
    before = way.engine.stock("1000", "AC-1000")
    with pytest.raises(RejectedError) as caught:
        walk.erp.deliveries.post_goods_issue(delivery, date(2026, 1, 20), observer)
    assert caught.value.code == "STOCK_SHORT"
    assert way.engine.stock("1000", "AC-1000") == before


def test_more_than_is_left_is_refused_with_its_reason(walk: Walk, observer: Observer) -> None:
    order = walk.create("REF-1", item(10, quantity="3"))
    walk.deliver(order)
    with pytest.raises(RejectedError) as caught:
        walk.erp.deliveries.create(request_for(order.number, "3"), observer)
    assert caught.value.code == "OVER_DELIVERY"
    assert observer.was_refused


def test_a_lost_lease_leaves_no_delivery(way: Way, walk: Walk, observer: Observer) -> None:
    order = walk.create("REF-1", item(10, quantity="3"))
    observer.lost = True
    with pytest.raises(LeaseLostError):
        walk.erp.deliveries.create(request_for(order.number, "3"), observer)
    assert way.engine.deliveries_of(order.number) == ()


def test_a_return_comes_back_into_stock(way: Way, walk: Walk) -> None:
    walk.invoiced("REF-1", item(10, quantity="3"))
    returns = walk.create("REF-1", item(10, quantity="2"), category=C.RETURNS_ORDER)
    (delivery,) = walk.deliver(returns)
    before = way.engine.stock("1000", "M-01")
    (received,) = walk.issue(delivery)
    after = way.engine.stock("1000", "M-01")
    assert delivery.category is C.RETURNS_DELIVERY
    assert received.items[0].preceding.category is C.RETURNS_ORDER
    assert before is not None and after is not None
    assert after.unrestricted - before.unrestricted == Decimal(2)


def test_reading_leaves_out_what_does_not_exist(erp: CapableErp, walk: Walk) -> None:
    (delivery,) = walk.deliver(walk.create("REF-1"))
    found = erp.deliveries.read([delivery.number.lstrip("0"), "0089999999"])
    assert [each.number for each in found] == [delivery.number]
    assert erp.deliveries.read([]) == ()
