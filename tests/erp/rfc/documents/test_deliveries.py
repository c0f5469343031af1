"""Deliveries: created, split, picked, issued, found issued already."""

from __future__ import annotations

from datetime import date

import pytest

from connector.errors import RejectedError
from connector.ports.erp import Point
from connector.sd_documents.delivery import DeliveryRequest, DeliveryRequestItem
from connector.sd_documents.values import DocumentCategory as C
from connector.sd_documents.values import ItemReference
from tests.contract.documents import item, pieces
from tests.contract.observing import Observer
from tests.contract.walking import SHIP_BY, Walk
from tests.erp.rfc.documents.conftest import System


def request_for(order: str, quantity: str, number: int = 10) -> DeliveryRequest:
    preceding = ItemReference(category=C.SALES_ORDER, document=order, item_number=number)
    return DeliveryRequest(
        items=(DeliveryRequestItem(preceding=preceding, quantity=pieces(quantity)),),
        due_date=SHIP_BY,
    )


def test_a_goods_issue_that_is_posted_already_is_found_so(
    system: System, walk: Walk, observer: Observer
) -> None:
    (delivery,) = walk.deliver(walk.create("REF-1", item(10, quantity="3")))
    walk.issue(delivery)
    before = system.engine.stock("1000", "M-01")
    walk.erp.deliveries.post_goods_issue(delivery, date(2026, 1, 8), observer)
    assert system.engine.stock("1000", "M-01") == before
    assert Point.AFTER_FENCE_CHECK not in observer.points


def test_nothing_due_is_refused_with_its_reason(walk: Walk, observer: Observer) -> None:
    order = walk.create("REF-1", item(10, quantity="3"))
    early = request_for(order.number, "3").model_copy(update={"due_date": date(2026, 1, 5)})
    with pytest.raises(RejectedError) as caught:
        walk.erp.deliveries.create(early, observer)
    assert caught.value.code == "NOTHING_DUE"
    assert observer.points[-1] is Point.ROLLBACK_SENT
