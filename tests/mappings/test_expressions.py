"""Expressions are exact, and wrong ones are found when they are compiled."""

from __future__ import annotations

from decimal import Decimal

import pytest

from connector.mappings.expressions import ExpressionError, compile_expression, function_names


def evaluate(text: str, **values: object) -> object:
    return compile_expression(text).evaluate(values)


def test_numbers_in_literals_are_exact() -> None:
    assert evaluate("rate == `0.19`", rate=Decimal("0.19")) is True
    assert evaluate("`0.1`") == Decimal("0.1")
    assert (
        evaluate("lines[?rate == `0.07`] | [0].id", lines=[{"rate": Decimal("0.07"), "id": 7}]) == 7
    )


def test_the_functions_of_jmespath_take_decimals() -> None:
    values = [{"p": Decimal("2.50")}, {"p": Decimal("10.00")}]

    assert evaluate("max(v[].p)", v=values) == Decimal("10.00")
    assert evaluate("max_by(v, &p).p", v=values) == Decimal("10.00")
    assert evaluate("sort_by(v, &p)[0].p", v=values) == Decimal("2.50")
    assert evaluate("contains(['a', 'b'], x)", x="a") is True


def test_a_sum_of_a_million_cents_is_exact() -> None:
    total = evaluate("sum(v)", v=[Decimal("0.01")] * 100_000)

    assert total == Decimal("1000.00")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("uper(a)", "there is no function uper(). Did you mean 'upper'?"),
        ("left(a)", "left() takes 2 arguments, not 1"),
        ("length(a, b)", "length() takes 1 argument, not 2"),
        ("concat(a) || nosuch(b)", "there is no function nosuch()"),
        ("to_number(a)", "there is no function to_number()"),
        ("a..b", "is not a JMESPath expression"),
        ("", "is not a JMESPath expression"),
        ("!a.b", "`!` takes only the name behind it. Write !(a.b)"),
        ("x && !a[0].b", "`!` takes only the name behind it"),
    ],
)
def test_a_wrong_expression_is_refused_before_it_meets_an_order(text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text)

    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("a.b.c", ("a.b.c",)),
        ("a.b || c[0].d", ("a.b", "c[0].d")),
        ("sum(lines[].price)", ("lines",)),
        ("order.shipping[?price > discount]", ("order.shipping",)),
        ("joined(' ', [a.x, a.y])", ("a.x", "a.y")),
        ("'fixed'", ()),
    ],
)
def test_an_expression_knows_what_it_reads(text: str, paths: tuple[str, ...]) -> None:
    assert compile_expression(text).paths == paths


def test_a_value_that_a_function_cannot_use_is_an_error_with_the_expression() -> None:
    with pytest.raises(ExpressionError, match=r"`decimal\(a\)`: 'ten' is not a decimal number"):
        evaluate("decimal(a)", a="ten")


@pytest.mark.parametrize("text", ["a < b", "sort(a)", "length(a)", "max(a)"])
def test_values_that_do_not_go_together_never_escape_as_another_error(text: str) -> None:
    try:
        result = evaluate(text, a="x", b=Decimal(1))
    except ExpressionError:
        return
    assert result in (None, 1)


@pytest.mark.parametrize(
    ("value", "holds"),
    [("", False), ([], False), ({}, False), (None, False), (False, False), (0, True), ("0", True)],
)
def test_only_what_is_empty_counts_as_false(value: object, holds: bool) -> None:
    assert compile_expression("a").holds({"a": value}) is holds


def test_equal_texts_share_one_compiled_expression() -> None:
    assert compile_expression("order.currency") is compile_expression("order.currency")


def test_functions_that_would_lose_digits_are_not_offered() -> None:
    assert {"avg", "to_number"}.isdisjoint(function_names())
