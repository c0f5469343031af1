"""Quantities and money never lose a digit and never mix units."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connector.sd_documents.currency import decimals_of, round_amount
from connector.sd_documents.values import (
    CurrencyMismatchError,
    Money,
    Quantity,
    UnitMismatchError,
    display_number,
    pad_number,
    total,
)


def euros(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="EUR")


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [
        ("99.9", "JPY", "100"),
        ("864.15", "JPY", "864"),
        ("41.10885", "KWD", "41.109"),
        ("5.2668", "EUR", "5.27"),
        ("0.005", "EUR", "0.01"),
        ("-0.005", "EUR", "-0.01"),
    ],
)
def test_amounts_round_half_away_from_zero_to_the_decimals_of_their_currency(
    amount: str, currency: str, rounded: str
) -> None:
    assert str(round_amount(Decimal(amount), currency)) == rounded


def test_money_with_more_decimals_than_its_currency_is_refused_and_not_rounded() -> None:
    with pytest.raises(ValidationError, match="more decimals than JPY has"):
        Money(amount=Decimal("1.5"), currency="JPY")


def test_money_is_shown_with_the_decimals_of_its_currency() -> None:
    assert str(euros("11900")) == "11,900.00 EUR"
    assert str(Money(amount=Decimal(2049), currency="JPY")) == "2,049 JPY"
    assert str(Money(amount=Decimal("8.645"), currency="KWD")) == "8.645 KWD"


def test_money_survives_json_as_text() -> None:
    dumped = euros("0.10").model_dump_json()
    assert dumped == '{"amount":"0.10","currency":"EUR"}'
    assert Money.model_validate_json(dumped) == euros("0.10")


def test_amounts_in_different_currencies_are_not_added() -> None:
    with pytest.raises(CurrencyMismatchError, match="EUR and USD"):
        euros("1") + Money(amount=Decimal(1), currency="USD")


@given(st.lists(st.decimals(min_value=-1000, max_value=1000, places=2), max_size=30))
def test_a_total_is_the_exact_sum_of_its_parts(amounts: list[Decimal]) -> None:
    parts = [Money(amount=amount, currency="EUR") for amount in amounts]
    assert total(parts, "EUR").amount == sum(amounts, Decimal(0))


@given(
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9),
    st.sampled_from(["EUR", "JPY", "KWD"]),
)
def test_rounding_never_moves_an_amount_by_more_than_half_its_smallest_unit(
    amount: Decimal, currency: str
) -> None:
    moved = abs(round_amount(amount, currency) - amount)
    assert moved <= Decimal("0.5").scaleb(-decimals_of(currency))


def test_an_infinite_amount_is_refused() -> None:
    with pytest.raises(ValidationError, match="finite"):
        Money(amount=Decimal("Infinity"), currency="EUR")


def test_an_amount_beyond_exact_arithmetic_is_refused() -> None:
    with pytest.raises(ValidationError, match="28 digits"):
        Money(amount=Decimal(10**30), currency="EUR")


def test_quantities_in_different_units_are_not_added() -> None:
    pieces = Quantity(value=Decimal(3), unit="PC")
    with pytest.raises(UnitMismatchError, match="PC and KG"):
        _ = pieces + Quantity(value=Decimal(1), unit="KG")


def test_a_quantity_is_never_negative() -> None:
    with pytest.raises(ValidationError):
        Quantity(value=Decimal(-1), unit="PC")


def test_numbers_are_padded_inside_and_shown_without_zeros() -> None:
    assert pad_number("4711") == "0000004711"
    assert pad_number("P-701") == "P-701"
    assert display_number("0000004711") == "4711"
    assert display_number("0000000000") == "0000000000"
