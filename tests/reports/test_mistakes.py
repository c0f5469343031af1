"""Whatever does not match, was guessed or taken by default is listed with what it concerns."""

from __future__ import annotations

from decimal import Decimal

import pytest

from connector.mappings.external_order import ExternalDiscount, ExternalLine
from connector.mappings.problems import HOLD_REASONS, NOTICES, Notice, Problem
from connector.reports.mistakes import (
    DECISION,
    DEFAULT,
    DIFFERENCE,
    GUESS,
    KINDS,
    MISSING,
    UNCERTAIN,
    MistakeSums,
    kind_of,
    mistakes_of,
)
from connector.sd_documents.values import Money
from tests.reports.conftest import Tried, an_order


def euro(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="EUR")


def problem(code: str, where: str = "", amount: str = "") -> Problem:
    money = euro(amount) if amount else None
    return Problem(code=code, message="so it is", where=where, amount=money)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("TOTAL_DIFF", DIFFERENCE),
        ("TAX_ROUNDING", DIFFERENCE),
        ("TWO_CANDIDATES", GUESS),
        ("DEFAULT_WITHOUT_ROW", DEFAULT),
        ("UNKNOWN_SKU", MISSING),
        ("UNKNOWN_THING_OF_THE_RULES", MISSING),
        ("MATERIAL_NOT_IN_ERP", MISSING),
        ("TAX_NOT_SAID", UNCERTAIN),
        ("TEST_ORDER", DECISION),
    ],
)
def test_each_code_is_of_a_kind(code: str, kind: str) -> None:
    assert kind_of(code) == kind


def test_every_notice_is_more_than_an_other_decision() -> None:
    assert {kind_of(code) for code in NOTICES} <= {GUESS, DEFAULT, UNCERTAIN}
    assert {kind_of(code) for code in HOLD_REASONS} <= set(KINDS)


def test_what_is_wrong_concerns_its_line_its_difference_or_the_whole_order() -> None:
    line = ExternalLine(
        line_id="1", sku="A", quantity=Decimal(3), price=Decimal("10.00"),
        discounts=(ExternalDiscount(amount=Decimal("5.00")),),
    )  # fmt: skip
    order = an_order(total="119.00").model_copy(update={"lines": (line,)})
    tried = Tried(
        order=order,
        problems=(
            problem("UNKNOWN_SKU", "lines[0].sku"),
            problem("TOTAL_DIFF", "", "-0.01"),
            problem("UNKNOWN_CUSTOMER", "customer.customer_id"),
            problem("UNKNOWN_SKU", "lines[7].sku"),
        ),
    )

    assert [each.amount for each in mistakes_of(tried)] == [
        euro("25.00"), euro("-0.01"), euro("119.00"), euro("119.00"),
    ]  # fmt: skip


def test_sums_add_differences_without_their_sign_and_count_an_order_once() -> None:
    sums = MistakeSums()
    first = (problem("TOTAL_DIFF", "", "-0.01"), problem("UNKNOWN_CUSTOMER", "a"))
    second = (problem("TOTAL_DIFF", "", "0.02"), *(problem("UNKNOWN_CUSTOMER", x) for x in "ab"))
    for name, problems in (("#1", first), ("#2", second)):
        sums.add(Tried(order=an_order(name), problems=problems))

    assert [(s.code, s.times, s.orders, str(s.amount), s.example) for s in sums.sums()] == [
        ("TOTAL_DIFF", 2, 2, "0.03", "#1"),
        ("UNKNOWN_CUSTOMER", 3, 2, "238.00", "#1"),
    ]


def test_what_holds_and_what_does_not_are_summed_apart_and_so_are_currencies() -> None:
    notice = Notice(code="DEFAULT_ROW", message="taken", amount=euro("1.00"))
    sums = MistakeSums()
    sums.add(Tried(order=an_order(), notices=(notice,)))
    sums.add(Tried(order=an_order(), problems=(problem("DEFAULT_ROW", "", "2.00"),)))
    sums.add(Tried(order=an_order(currency="USD"), problems=(problem("NO_LINES"),)))
    sums.add(Tried(problems=(problem("UNREADABLE_MESSAGE"),)))

    assert [(s.code, s.currency, s.holds, str(s.amount)) for s in sums.sums()] == [
        ("DEFAULT_ROW", "EUR", True, "2.00"),
        ("DEFAULT_ROW", "EUR", False, "1.00"),
        ("UNREADABLE_MESSAGE", "", True, "0"),
        ("NO_LINES", "USD", True, "119.00"),
    ]
