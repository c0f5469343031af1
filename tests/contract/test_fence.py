"""
Every write asks once before anything can be posted, and posts nothing when it is told to stop.

This is what exactly-once stands on, so it is checked for each write of the port.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

import pytest

from connector.errors import LeaseLostError
from connector.ports.erp import Point
from connector.sd_documents.delivery import DeliveryRequest, DeliveryRequestItem
from connector.sd_documents.sales_document_change import SalesDocumentChange
from connector.sd_documents.values import DocumentCategory as C
from connector.sd_documents.values import ItemReference
from connector.simulator.engine.erp import SimulatedErp
from tests.contract.documents import TODAY, pieces, sales_document
from tests.contract.observing import Observer
from tests.contract.walking import SHIP_BY, Walk, payment
from tests.contract.ways import Way

Write = Callable[[Observer], object]


@dataclass(frozen=True, slots=True)
class Deed:
    """A kind of write; ``prepare`` makes what it needs and returns the write itself."""

    name: str
    prepare: Callable[[Walk], Write]

    def __str__(self) -> str:
        return self.name


def _create(category: C) -> Callable[[Walk], Write]:
    document = sales_document("REF-1", category=category)
    return lambda walk: lambda told: walk.erp.sales_documents.create(document, told)


def _change(walk: Walk) -> Write:
    order = walk.create("REF-1")
    blocked = SalesDocumentChange(
        number=order.number, category=order.category, delivery_block_reason="Z1"
    )
    return lambda told: walk.erp.sales_documents.change(blocked, told)


def _deliver(walk: Walk) -> Write:
    order = ItemReference(
        category=C.SALES_ORDER, document=walk.create("REF-1").number, item_number=10
    )
    request = DeliveryRequest(
        items=(DeliveryRequestItem(preceding=order, quantity=pieces("3")),), due_date=SHIP_BY
    )
    return lambda told: walk.erp.deliveries.create(request, told)


def _issue(walk: Walk) -> Write:
    (delivery,) = walk.deliver(walk.create("REF-1"))
    return lambda told: walk.erp.deliveries.post_goods_issue(delivery, TODAY, told)


def _reverse(walk: Walk) -> Write:
    (delivery,) = walk.issue(*walk.deliver(walk.create("REF-1")), on=TODAY)
    return lambda told: walk.erp.deliveries.reverse_goods_issue(delivery, TODAY, told)


def _bill(walk: Walk) -> Write:
    (delivery,) = walk.issue(*walk.deliver(walk.create("REF-1")), on=TODAY)
    return lambda told: walk.erp.billing_documents.create(walk.request(delivery.number), told)


def _cancel(walk: Walk) -> Write:
    invoice = walk.invoiced("REF-1")
    return lambda told: walk.erp.billing_documents.cancel(invoice.number, date(2026, 1, 10), told)


def _pay(walk: Walk) -> Write:
    items = walk.items_of(walk.invoiced("REF-1"))
    return lambda told: walk.erp.payments.post(payment("PAY-1", *items), told)


DEEDS: Final = (
    *(Deed(f"create {category.name.lower()}", _create(category)) for category in C if category in {
        C.INQUIRY, C.QUOTATION, C.SALES_ORDER, C.RETURNS_ORDER, C.CREDIT_MEMO_REQUEST,
        C.DEBIT_MEMO_REQUEST,
    }),
    Deed("change order", _change),
    Deed("create delivery", _deliver),
    Deed("post goods issue", _issue),
    Deed("reverse goods issue", _reverse),
    Deed("bill", _bill),
    Deed("cancel invoice", _cancel),
    Deed("post payment", _pay),
)  # fmt: skip


def posted(engine: SimulatedErp) -> tuple[object, ...]:
    """What there is in the ERP, and when it last changed."""
    return (
        engine.document_counts(),
        tuple(engine.sales_documents()),
        tuple(map(engine.delivery, engine.document_numbers("delivery"))),
        tuple(map(engine.billing_document, engine.document_numbers("billing"))),
        engine.stock("1000", "M-01"),
    )


@pytest.mark.parametrize("deed", DEEDS, ids=str)
def test_it_asks_once_before_anything_can_be_posted(way: Way, walk: Walk, deed: Deed) -> None:
    write = deed.prepare(walk)
    before = posted(way.engine)
    observer = Observer(at_fence=lambda: found.append(posted(way.engine)))
    found: list[tuple[object, ...]] = []
    write(observer)
    assert observer.asked == 1
    assert found == [before], "nothing was posted when the fence was checked"
    assert posted(way.engine) != before
    assert observer.numbers, "the caller knows what was posted"


@pytest.mark.parametrize("deed", DEEDS, ids=str)
def test_points_are_passed_in_their_order(walk: Walk, deed: Deed) -> None:
    observer = Observer()
    deed.prepare(walk)(observer)
    fence = observer.points.index(Point.AFTER_FENCE_CHECK)
    assert observer.points[0] is Point.CONNECTION_OPEN
    assert Point.COMMIT_SENT not in observer.points[:fence]
    assert Point.COMMIT_ANSWERED in observer.points[fence:]
    assert not {Point.ROLLBACK_SENT, Point.COMMIT_REFUSED} & set(observer.points)
    order = list(Point)
    up_to_the_fence = [order.index(point) for point in observer.points[: fence + 1]]
    assert up_to_the_fence == sorted(up_to_the_fence)


@pytest.mark.parametrize("deed", DEEDS, ids=str)
def test_a_lost_lease_posts_nothing(way: Way, walk: Walk, deed: Deed) -> None:
    write = deed.prepare(walk)
    before = posted(way.engine)
    observer = Observer(lost=True)
    with pytest.raises(LeaseLostError):
        write(observer)
    assert observer.asked == 1
    assert Point.COMMIT_SENT not in observer.points
    assert posted(way.engine) == before
    write(Observer())
    assert posted(way.engine) != before, "whoever has the lease now can do it"
