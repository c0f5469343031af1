"""Free goods and sets: sub-items that come with an item and follow it when it changes."""

from __future__ import annotations

from decimal import Decimal

import pytest

from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.specs import SalesDocumentChange, SalesItemChange, SalesItemSpec
from tests.simulator.engine.support import (
    billed,
    delivered,
    done,
    issued,
    item,
    on,
    order,
    refused,
    sold,
)

Rows = list[tuple[int, str, str, str, str]]


def rows(erp: SimulatedErp, number: str) -> Rows:
    document = erp.sales_document(number)
    assert document is not None
    return [
        (
            each.item_number,
            each.material,
            str(each.quantity.normalize() + 0),
            each.item_category,
            str(each.net_value),
        )
        for each in document.items
    ]


def change(erp: SimulatedErp, number: str, **fields: object) -> None:
    wanted = SalesItemChange(10, **fields)  # type: ignore[arg-type]
    done(erp, "change_sales_document", number, SalesDocumentChange(items=[wanted]))


@pytest.mark.parametrize(
    ("ordered", "kept", "free"), [("19", "19", ""), ("20", "18", "2"), ("39", "36", "3")]
)
def test_inclusive_free_goods_are_part_of_what_is_ordered(
    erp: SimulatedErp, ordered: str, kept: str, free: str
) -> None:
    number = sold(erp, order(item(10, "FG-01", ordered)))
    expected: Rows = [(10, "FG-01", kept, "TAN", f"{kept}0.00")]
    if free:
        expected.append((11, "FG-01", free, "TANN", "0"))
    assert rows(erp, number) == expected


@pytest.mark.parametrize(("ordered", "free"), [("4", ""), ("5", "1"), ("12", "2")])
def test_exclusive_free_goods_come_on_top(erp: SimulatedErp, ordered: str, free: str) -> None:
    number = sold(erp, order(item(10, "FG-02", ordered)))
    net = f"{15 * int(ordered)}.00"
    expected: Rows = [(10, "FG-02", ordered, "TAN", net)]
    if free:
        expected.append((11, "FG-03", free, "TANN", "0"))
    assert rows(erp, number) == expected


def test_free_goods_are_delivered_and_never_billed(erp: SimulatedErp) -> None:
    number = sold(erp, order(item(10, "FG-02", 10)))
    delivery = delivered(erp, number)
    issued(erp, delivery)
    stock = erp.stock("1000", "FG-03")
    assert stock is not None and stock.unrestricted == 998
    (invoice,) = billed(erp, delivery)
    document = erp.billing_document(invoice)
    assert document is not None
    assert [each.material for each in document.items] == ["FG-02"]
    assert erp.delivery_status(delivery).billing == "C"
    assert erp.sales_status(number).overall == "C"


def test_a_simulation_shows_them(erp: SimulatedErp) -> None:
    with erp.session("TESTER") as session:
        outcome = session.simulate_sales_document(order(item(10, "FG-02", 5)))
    assert [each.material for each in outcome.documents[0].items] == ["FG-02", "FG-03"]


def test_an_agreement_ends(erp: SimulatedErp) -> None:
    on(erp, "2026-07-01")
    assert len(rows(erp, sold(erp, order(item(10, "FG-02", 10))))) == 1


def test_sub_items_of_the_callers_own_stay_alone(erp: SimulatedErp) -> None:
    gift = SalesItemSpec(
        20, "FG-03", quantity=Decimal(1), higher_level_item=10, item_category="TANN"
    )
    assert len(rows(erp, sold(erp, order(item(10, "FG-02", 10), gift)))) == 2


def test_a_number_that_is_taken_is_passed_over(erp: SimulatedErp) -> None:
    number = sold(erp, order(item(10, "FG-02", 5), item(11, "M-07", 1)))
    assert [row[:2] for row in rows(erp, number)] == [(10, "FG-02"), (12, "FG-03"), (11, "M-07")]


def test_another_quantity_brings_other_free_goods(erp: SimulatedErp) -> None:
    number = sold(erp, order(item(10, "FG-01", 20)))
    change(erp, number, quantity=Decimal(50))
    assert [row[2] for row in rows(erp, number)] == ["45", "5"]
    change(erp, number, quantity=Decimal(10))
    assert [row[2] for row in rows(erp, number)] == ["10"]
    change(erp, number, short_text="no other quantity")
    assert [row[2] for row in rows(erp, number)] == ["10"]


def test_free_goods_that_are_on_their_way_stay(erp: SimulatedErp) -> None:
    number = sold(erp, order(item(10, "FG-02", 10)))
    delivered(erp, number, "2", item_number=11)
    change(erp, number, quantity=Decimal(20))
    assert [row[2] for row in rows(erp, number)] == ["20", "2"]


def test_free_goods_are_rejected_with_their_item(erp: SimulatedErp) -> None:
    number = sold(erp, order(item(10, "FG-02", 10)))
    change(erp, number, rejection_reason="01")
    document = erp.sales_document(number)
    assert document is not None
    assert [each.rejection_reason for each in document.items] == ["01", "01"]
    change(erp, number, rejection_reason="")
    assert erp.sales_status(number).delivery == "A"


def test_the_parts_of_a_set_keep_their_proportion(erp: SimulatedErp) -> None:
    number = sold(erp, order(item(10, "SE-1100", 2), customer="1007"))
    change(erp, number, quantity=Decimal(5))
    assert [row[2] for row in rows(erp, number)] == ["5", "5", "5"]
    delivered(erp, number, "4", item_number=11)
    less = SalesDocumentChange(items=[SalesItemChange(10, quantity=Decimal(3))])
    assert refused(erp, "change_sales_document", number, less) == ["00 398", "V4 219"]


def test_a_deleted_set_takes_its_parts_along(erp: SimulatedErp) -> None:
    number = sold(erp, order(item(10, "SE-1100", 2), item(20, "CO-1000", 1), customer="1007"))
    wanted = SalesDocumentChange(items=[SalesItemChange(10, "D")])
    done(erp, "change_sales_document", number, wanted)
    assert [row[0] for row in rows(erp, number)] == [20]
