"""An order whose own amounts contradict each other is found, with the cause."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.mappings.check_amounts import check_amounts
from connector.mappings.external_order import (
    ExternalCharge,
    ExternalDiscount,
    ExternalShipping,
    ExternalTax,
    ExternalTotals,
)
from connector.sd_documents.values import Money
from tests.mappings.support import a_line, an_order

D = Decimal


def taxes(amount: str) -> tuple[ExternalTax, ...]:
    return (ExternalTax(rate=D("0.19"), amount=D(amount)),)


def totals(**amounts: str) -> ExternalTotals:
    return ExternalTotals(**{name: D(amount) for name, amount in amounts.items()})


LINE = a_line(
    quantity="3",
    price="10.00",
    discounts=(ExternalDiscount(amount=D(2)),),
    allocated_discount=D(1),
    taxes=taxes("5.13"),
)
COMPLETE: dict[str, Any] = {
    "lines": (LINE,),
    "shipping": (ExternalShipping(price=D(6), discount=D(1), taxes=taxes("0.95")),),
    "charges": (ExternalCharge(kind="tip", amount=D(4)),),
}


def problems(**fields: Any) -> list[tuple[str, str]]:
    lines = fields.pop("lines", ())
    found = check_amounts(an_order(*lines, **fields))
    return [(problem.where, str(problem.amount)) for problem in found]


def test_an_order_that_adds_up_has_no_problem() -> None:
    said = totals(lines="30.00", discount="3.00", shipping="5.00", tax="6.08", grand_total="42.08")

    assert problems(**COMPLETE, totals=said) == []


def test_with_tax_in_the_prices_tax_is_not_added() -> None:
    assert problems(**COMPLETE, taxes_included=True, totals=totals(grand_total="36.00")) == []


@pytest.mark.parametrize(
    ("said", "where", "difference"),
    [
        ({"lines": "30.01"}, "totals.lines", "0.01 EUR"),
        ({"discount": "2.99"}, "totals.discount", "-0.01 EUR"),
        ({"shipping": "6.00"}, "totals.shipping", "1.00 EUR"),
        ({"tax": "6.07"}, "totals.tax", "-0.01 EUR"),
        ({"grand_total": "42.09"}, "totals.grand_total", "0.01 EUR"),
    ],
)
def test_a_cent_too_much_or_too_little_is_found_with_its_place(
    said: dict[str, str], where: str, difference: str
) -> None:
    assert problems(**COMPLETE, totals=totals(**said)) == [(where, difference)]


def test_the_message_says_both_amounts_and_the_cause() -> None:
    found = check_amounts(an_order(totals=totals(grand_total="9.99")))

    assert found[0].code == "TOTALS_DO_NOT_ADD_UP"
    assert found[0].message == (
        "the order says grand_total 9.99 EUR, but lines - discounts + shipping + tax come to "
        "10.00: -0.01; compare with the channel"
    )
    assert found[0].amount == Money(amount=D("-0.01"), currency="EUR")


def test_an_order_without_prices_is_not_checked() -> None:
    assert problems(lines=(a_line(price=None),), totals=totals(grand_total="5.00")) == []


def test_tax_of_the_whole_order_counts_where_no_line_says_its_own() -> None:
    assert problems(totals=totals(tax="1.90", grand_total="11.90")) == []


def test_a_percentage_is_taken_of_all_lines_and_rounded_once() -> None:
    lines = (a_line(price="0.33"), a_line(price="0.33"))
    discounts = (ExternalDiscount(percent=D(10)),)

    assert problems(lines=lines, discounts=discounts, totals=totals(grand_total="0.59")) == []


def test_shares_that_are_not_the_discount_are_found() -> None:
    lines = (a_line(allocated_discount=D(4)), a_line(allocated_discount=D(5)))

    assert problems(lines=lines, discounts=(ExternalDiscount(amount=D(10)),)) == [
        ("discounts", "1.00 EUR")
    ]


def test_amounts_have_the_decimals_of_the_currency() -> None:
    dinar = an_order(a_line(quantity="33.5", price="3.251"), currency="KWD")
    assert check_amounts(dinar.model_copy(update={"totals": totals(grand_total="108.909")})) == ()


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 99), st.decimals("0.01", 999, places=2), st.integers(0, 100)),
        min_size=1,
        max_size=8,
    ),
    st.decimals(0, 20, places=2),
    st.booleans(),
)
def test_whatever_is_shared_out_to_the_cent_adds_up(
    parts: list[tuple[int, Decimal, int]], shipping: Decimal, included: bool
) -> None:
    """Discounts, taxes and shipping as a shop computes them line by line, then summed."""
    lines, total, tax_total = [], shipping, D(0)
    for quantity, price, percent in parts:
        gross = quantity * price
        discount = (gross * percent / 100).quantize(D("0.01"))
        tax = ((gross - discount) * D("0.19")).quantize(D("0.01"))
        lines.append(
            a_line(
                quantity=str(quantity),
                price=str(price),
                allocated_discount=discount,
                taxes=taxes(str(tax)),
            )
        )
        total += gross - discount
        tax_total += tax
    grand_total = total if included else total + tax_total
    order = an_order(
        *lines,
        taxes_included=included,
        shipping=(ExternalShipping(price=shipping),),
        totals=ExternalTotals(tax=tax_total, grand_total=grand_total),
    )

    assert check_amounts(order) == ()
    off = ExternalTotals(tax=tax_total, grand_total=grand_total + D("0.01"))
    assert [p.where for p in check_amounts(order.model_copy(update={"totals": off}))] == [
        "totals.grand_total"
    ]


@pytest.mark.parametrize(("total", "fits"), [("119.00", True), ("100.00", True), ("99.99", False)])
def test_a_total_above_lines_whose_tax_nobody_said_may_be_just_that_tax(
    total: str, fits: bool
) -> None:
    order = an_order(
        a_line(quantity="1", price="100.00"), totals=ExternalTotals(grand_total=D(total))
    )
    assert (check_amounts(order) == ()) is fits


def test_an_order_without_lines_is_not_reckoned_up() -> None:
    order = an_order(totals=totals(grand_total="100.00")).model_copy(update={"lines": ()})

    assert check_amounts(order) == ()
