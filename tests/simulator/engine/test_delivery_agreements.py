"""What is agreed on deliveries: tolerances, partial deliveries, combined orders."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from connector.resources import shipped
from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.master_data import MasterData
from connector.simulator.engine.master_tables import combined, read_folder
from connector.simulator.engine.specs import DeliveryRef, SalesItemSpec
from tests.simulator.engine.support import (
    delivered,
    done,
    item,
    new_erp,
    order,
    refused,
    sold,
)


def company(customer: dict[str, Any], material: dict[str, Any] | None = None) -> SimulatedErp:
    """The trading company where customer C-100 has agreed on something."""
    area = {
        "customer": "C-100",
        "sales_organization": "1000",
        "distribution_channel": "20",
        "division": "00",
        "currency": "EUR",
        "terms_of_payment": "Z030",
        **customer,
    }
    own = {
        "sales_organization": "1000",
        "distribution_channel": "20",
        "customer": "C-100",
        "customer_material": "THEIRS",
        "material": "M-02",
        **(material or {}),
    }
    layers = [read_folder(shipped(name)) for name in ("fixtures/erp", "fixtures/erp-cases")]
    agreed = {"customer_sales_areas": [area], "customer_materials": [own] if material else []}
    return new_erp(MasterData.from_rows(combined(*layers, agreed)))


@pytest.fixture
def plain() -> Iterator[SimulatedErp]:
    """Nothing is agreed: M-02 itself allows 5 % more."""
    with company({}) as erp:
        yield erp


def limit(erp: SimulatedErp) -> int:
    """Return how much of 100 pieces can be delivered at most."""
    number = sold(erp, order(item(10, "M-02", 100)))
    for quantity in range(100, 140):
        with erp.session("TESTER") as session:
            ref = DeliveryRef(number, 10, Decimal(quantity))
            if not session.create_deliveries([ref]).accepted:
                return quantity - 1
    return 140


@pytest.mark.parametrize(
    ("customer", "material", "expected"),
    [
        ({}, None, 105),
        ({"over_delivery_tolerance": "10"}, None, 110),
        ({"over_delivery_tolerance": "0"}, None, 100),
        ({"over_delivery_tolerance": "10"}, {"over_delivery_tolerance": "20"}, 120),
        ({"unlimited_over_delivery": "X"}, None, 140),
    ],
)
def test_the_customers_material_goes_before_the_customer_and_the_material(
    customer: dict[str, Any], material: dict[str, Any] | None, expected: int
) -> None:
    with company(customer, material) as erp:
        assert limit(erp) == expected


def test_a_little_less_is_complete_within_the_tolerance() -> None:
    with company({"under_delivery_tolerance": "5"}) as erp:
        number = sold(erp, order(item(10, "M-02", 100)))
        delivered(erp, number, "94")
        status = erp.sales_status(number)
        assert (status.delivery, int(status.items[10].open_delivery_quantity)) == ("B", 6)
        delivered(erp, number, "1")
        status = erp.sales_status(number)
        assert (status.delivery, int(status.items[10].open_delivery_quantity)) == ("C", 0)
        assert erp.available_quantity("1000", "M-02") == 205, "the rest is free again"
        assert refused(erp, "create_deliveries", [DeliveryRef(number)]) == ["VL 455"]


def test_without_tolerance_every_piece_counts(plain: SimulatedErp) -> None:
    number = sold(plain, order(item(10, "M-02", 100)))
    delivered(plain, number, "99")
    assert plain.sales_status(number).delivery == "B"


@pytest.mark.parametrize(
    ("agreed", "parts"),
    [
        ({"partial_delivery": ""}, 4),
        ({"partial_delivery": "A"}, 4),
        ({"partial_delivery": "D"}, 4),
        ({"partial_delivery": "B"}, 1),
        ({"partial_delivery": "C"}, 0),
        ({"maximum_partial_deliveries": "2"}, 2),
        ({"partial_delivery": "D", "maximum_partial_deliveries": "2"}, 4),
    ],
)
def test_a_customer_takes_so_many_parts(agreed: dict[str, Any], parts: int) -> None:
    with company(agreed) as erp:
        number = sold(erp, order(item(10, "M-02", 100)))
        made = 0
        for _ in range(4):
            with erp.session("TESTER") as session:
                outcome = session.create_deliveries([DeliveryRef(number, 10, Decimal(10))])
                if outcome.numbers:
                    session.commit(wait=True)
                    made += 1
        assert made == parts


def test_a_part_that_is_not_taken_is_named() -> None:
    with company({"partial_delivery": "C"}) as erp:
        number = sold(erp, order(item(10, "M-02", 100)))
        with erp.session("TESTER") as session:
            outcome = session.create_deliveries([DeliveryRef(number, 10, Decimal(10))])
        texts = [row.text for row in outcome.messages]
        assert "Item 000010 cannot be delivered in part (partial delivery C)" in texts


def test_other_items_are_delivered_beside_one_that_may_not() -> None:
    with company({"partial_delivery": "C"}) as erp:
        number = sold(erp, order(item(10, "M-02", 400), item(20, "M-01", 5)))
        outcome = done(erp, "create_deliveries", [DeliveryRef(number)])
        assert [each.material for each in outcome.documents[0].items] == ["M-01"]
        assert [row.type for row in outcome.messages] == ["W", "S"]


def test_orders_are_combined_only_where_the_customer_agrees() -> None:
    with company({"order_combination": "no"}) as erp:
        numbers = [sold(erp, order(item(10, "M-02", 1))) for _ in range(2)]
        outcome = done(erp, "create_deliveries", [DeliveryRef(each) for each in numbers])
        assert len(outcome.numbers) == 2


def test_an_item_under_its_customers_number_has_what_is_agreed_on_it() -> None:
    with company({}, {"over_delivery_tolerance": "12"}) as erp:
        spec = SalesItemSpec(10, customer_material="THEIRS", quantity=Decimal(10))
        document = erp.sales_document(sold(erp, order(spec)))
        assert document is not None
        (found,) = document.items
        assert (found.material, str(found.over_delivery_tolerance)) == ("M-02", "12")
