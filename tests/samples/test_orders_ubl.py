"""Examples of the UBL standard: three orders, and everything else that UBL knows."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.samples.orders import goods_of, outcome_of

ORDERS = {
    "order__UBL-Order-2.0-Example.xml": ("GT00978567-AEG012345", "GBP", "10000.00"),
    "order__UBL-Order-2.0-Example-International.xml": ("GT00978567-AEG012345", "USD", "1000.00"),
    "order__UBL-Order-2.1-Example.xml": ("7300070011115-34", "SEK", "6225.00"),
}


def test_there_are_the_three_orders(samples: Path) -> None:
    found = {path.name for path in (samples / "orders/ubl").glob("order__*")}

    assert found == set(ORDERS)


@pytest.mark.parametrize("name", ORDERS)
def test_an_order_is_read_whole_and_held_for_its_buyer(name: str, samples: Path) -> None:
    order_id, currency, goods = ORDERS[name]

    found = outcome_of("ubl", samples / "orders/ubl" / name)

    assert found.refused == ()
    assert [(o.external_id, o.currency) for o in found.orders] == [(order_id, currency)]
    assert goods_of(found.orders[0]) == Decimal(goods)
    assert {"UNKNOWN_CUSTOMER", "UNKNOWN_SKU"} <= found.codes


def test_a_line_that_contradicts_its_price_is_said_to(samples: Path) -> None:
    # 100 kg at 100.00 each, with a line amount of 100.00.
    found = outcome_of("ubl", samples / "orders/ubl/order__UBL-Order-2.0-Example.xml")

    assert "TOTALS_DO_NOT_ADD_UP" in found.codes


def test_a_total_without_the_tax_that_is_stated_is_said_to_differ(samples: Path) -> None:
    found = outcome_of("ubl", samples / "orders/ubl/order__UBL-Order-2.1-Example.xml")

    (problem,) = (p for p in found.mapped[0].problems if p.code == "TOTALS_DO_NOT_ADD_UP")
    assert problem.amount is not None
    assert problem.amount.amount == Decimal("-100.00")
    assert found.orders[0].totals.tax == Decimal(100)


def test_a_cancellation_is_one_of_the_order_that_it_names(samples: Path) -> None:
    path = samples / "orders/ubl/ordercancellation__UBL-OrderCancellation-2.1-Example.xml"

    found = outcome_of("ubl", path)

    assert found.orders[0].cancelled_at is not None
    assert {"CANCELLED_ORDER"} <= found.codes
    assert "NO_LINES" not in found.codes


def test_a_change_is_held_as_one_of_the_order_that_it_names(samples: Path) -> None:
    path = samples / "orders/ubl/orderchange__UBL-OrderChange-2.1-Example.xml"

    found = outcome_of("ubl", path)

    assert found.orders[0].external_id == "7300070011115-34"
    assert {"ORDER_CHANGE"} <= found.codes


def test_all_other_documents_are_refused_with_what_they_are(samples: Path) -> None:
    read = ("order__", "orderchange__", "ordercancellation__")
    others = [path for path in (samples / "orders/ubl").iterdir() if not path.name.startswith(read)]
    assert len(others) > 20

    for path in others:
        found = outcome_of("ubl", path)
        assert found.mapped == ()
        assert all("not an order" in said and "the document is a" in said for said in found.refused)
