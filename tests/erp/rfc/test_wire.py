"""Dates, amounts and material numbers as they travel."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.erp.rfc.wire import (
    dats,
    day,
    external_material,
    internal_material,
    money,
    required_day,
    stored_money,
)
from connector.sd_documents.currency import decimals_of
from connector.sd_documents.values import Money


def test_a_date_goes_there_and_back() -> None:
    assert dats(date(2026, 1, 5)) == "20260105"
    assert day("20260105") == date(2026, 1, 5)


@pytest.mark.parametrize("initial", ["", "00000000", "        "])
def test_an_initial_date_is_none(initial: str) -> None:
    assert day(initial) is None
    assert dats(None) == ""
    with pytest.raises(ValueError, match="BUDAT is empty"):
        required_day(initial, "BUDAT")


@pytest.mark.parametrize(
    ("stored", "currency", "amount"),
    [("1.00", "JPY", "100"), ("12.34", "KWD", "1.234"), ("12.34", "EUR", "12.34")],
)
def test_stored_amounts_are_shifted_by_the_currencys_decimals(
    stored: str, currency: str, amount: str
) -> None:
    assert stored_money(Decimal(stored), currency) == Money(
        amount=Decimal(amount), currency=currency
    )


@given(st.integers(-(10**12), 10**12), st.sampled_from(["JPY", "EUR", "KWD"]))
def test_every_amount_survives_being_stored(minor: int, currency: str) -> None:
    amount = Decimal(minor).scaleb(-decimals_of(currency))
    stored = amount.scaleb(decimals_of(currency) - 2)
    assert stored_money(stored, currency).amount == amount


def test_the_nine_decimals_of_an_amount_are_no_rounding() -> None:
    assert money(Decimal("1798.000000000"), "EUR").amount == Decimal("1798.00")
    with pytest.raises(ValueError, match="more decimals"):
        money(Decimal("1.005"), "EUR")


def test_numeric_materials_are_padded_inside_only() -> None:
    assert internal_material("4711", 18) == "000000000000004711"
    assert internal_material("4711", 0) == "4711"
    assert internal_material("BI-1000", 18) == "BI-1000"
    assert external_material("000000000000004711") == "4711"
    assert external_material("BI-0010") == "BI-0010"
