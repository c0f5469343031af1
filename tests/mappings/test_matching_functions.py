"""Quotients, and lists that share values, in expressions."""

from __future__ import annotations

from decimal import Decimal

import pytest

from connector.mappings.matching_functions import divided, match


@pytest.mark.parametrize(
    ("amount", "quantity", "price"),
    [("29.97", "3", "9.99"), ("10.00", "3", "3.333333333"), ("1200", "1", "1200"), ("0", "4", "0")],
)
def test_an_amount_over_a_quantity_is_a_price(amount: str, quantity: str, price: str) -> None:
    assert str(divided(amount, quantity)) == price


@pytest.mark.parametrize("quantity", [3, 7, 11, 4_999_999])
def test_quantity_times_the_price_is_the_amount_again(quantity: int) -> None:
    amount = Decimal("99.99")

    price = divided(amount, quantity)

    assert price is not None
    assert round(price * quantity, 2) == amount


def test_nothing_is_divided_by_none_of_it() -> None:
    assert divided("5.00", 0) == 0
    assert divided(None, 3) is None
    assert divided("5.00", "") is None


def test_a_quotient_is_rounded_where_it_is_told() -> None:
    assert divided("9.99", "8.394958", 4) == Decimal("1.19")


def test_elements_find_all_that_share_their_value() -> None:
    rates = [{"id": 75, "rate": "7.5"}, {"id": "75", "rate": "1.0"}, {"id": 8, "rate": "19"}]

    found = match([{"tax": 75}, {"tax": Decimal("8.0")}, {"tax": 9}], "rates", "tax", rates, "id")

    assert [[rate["rate"] for rate in each["rates"]] for each in found] == [
        ["7.5", "1.0"],
        ["19"],
        [],
    ]


def test_what_has_no_value_matches_nothing() -> None:
    assert match([{"a": None}], "b", "a", [{"c": None}, {"c": ""}], "c") == [{"a": None, "b": []}]
    assert match(None, "b", "a", None, "c") == []
