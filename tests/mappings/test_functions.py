"""The functions of expressions: exact, pure, and clear about what they cannot do."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from connector.mappings.functions import FUNCTIONS

D = Decimal


def call(name: str, *arguments: Any) -> Any:
    return FUNCTIONS[name].call(*arguments)


@pytest.mark.parametrize(
    ("name", "arguments", "result"),
    [
        (
            "entries",
            ({"a1": {"q": 2}, "b2": {"q": 3}},),
            [{"q": 2, "key": "a1"}, {"q": 3, "key": "b2"}],
        ),
        ("entries", ({"a1": 2}, "sku"), [{"value": 2, "sku": "a1"}]),
        ("entries", ([{"q": 2}],), [{"q": 2}]),
        ("entries", (None,), []),
        ("numbered", ([{"q": 2}, {"q": 3}],), [{"q": 2, "position": 1}, {"q": 3, "position": 2}]),
        ("numbered", (None, "place"), []),
        ("from_minor", (1999, "EUR"), Decimal("19.99")),
        ("from_minor", ("-5", "eur"), Decimal("-0.05")),
        ("from_minor", (1999, "JPY"), Decimal(1999)),
        ("from_minor", (1999, "KWD"), Decimal("1.999")),
        ("from_minor", (None, "EUR"), None),
        ("decimal", ("12.50",), D("12.50")),
        ("decimal", (" -0.001 ",), D("-0.001")),
        ("decimal", ("1.234.567,89", ","), D("1234567.89")),
        ("decimal", ("1e2",), D(100)),
        ("decimal", (7,), D(7)),
        ("decimal", ("",), None),
        ("decimal", (None,), None),
        ("text", (D("1E+2"),), "100"),
        ("text", (450789469,), "450789469"),
        ("text", (None,), ""),
        ("text", (True,), "true"),
        ("text", (date(2026, 11, 16),), "2026-11-16"),
        ("trim", ("  a b ",), "a b"),
        ("upper", (" de ",), "DE"),
        ("lower", (" DE ",), "de"),
        ("left", ("Drinking bottle", 9), "Drinking"),
        ("behind", ("gid://shop/Order/987", "/"), "987"),
        ("behind", ("987", "/"), "987"),
        ("behind", ("987", ""), "987"),
        ("concat", ("a", None, 1), "a1"),
        ("joined", (" ", ["Anna", None, "", " Beer "]), "Anna Beer"),
        ("joined", (" ", None), ""),
        ("sum", (["1.10", D("2.20"), None, ""],), D("3.30")),
        ("sum", (None,), D(0)),
        ("add", (D("1.1"), None, "2"), D("3.1")),
        ("subtract", ("10", "1.5", None), D("8.5")),
        ("multiply", ("1.5", 3), D("4.5")),
        ("multiply", (None, 3), None),
        ("negate", (D("2"),), D("-2")),
        ("abs", (D("-2.5"),), D("2.5")),
        ("rounded", ("0.125", "EUR"), D("0.13")),
        ("rounded", ("0.5", "JPY"), D(1)),
        ("rounded", ("0.0005", "KWD"), D("0.001")),
        ("prorated", ("10.00", 1, 3, "EUR"), D("3.33")),
        ("prorated", ("10.005", 3, 3, "EUR"), D("10.005")),
        ("prorated", ("10.00", 1, 0, "EUR"), D(0)),
        ("ceil", ("1.2",), D(2)),
        ("floor", ("1.8",), D(1)),
        ("date", ("16.11.2026", "%d.%m.%Y"), date(2026, 11, 16)),
        ("date", ("2026-11-16",), date(2026, 11, 16)),
        ("date", ("",), None),
        ("instant", ("2026-11-16T09:00:00+01:00",), datetime(2026, 11, 16, 8, tzinfo=UTC)),
        ("instant", ("2026-07-01T09:00:00", "Europe/Berlin"), datetime(2026, 7, 1, 7, tzinfo=UTC)),
        (
            "instant",
            ("20200101", "Europe/Berlin", "%Y%m%d"),
            datetime(2019, 12, 31, 23, tzinfo=UTC),
        ),
        ("day", ("2026-11-16T23:30:00Z", "Europe/Berlin"), date(2026, 11, 17)),
        ("add_days", ("2026-12-30", 3), date(2027, 1, 2)),
        ("at", (["a", "b"], 1), "b"),
        ("at", (["a", "b"], 2), None),
        ("at", (None, 0), None),
        (
            "unique_by",
            ([{"id": 1, "n": 1}, {"id": "1", "n": 2}, {"id": 2}], "id"),
            [{"id": 1, "n": 1}, {"id": 2}],
        ),
        (
            "attach",
            ([{"i": 0}, {"i": 5}], "x", "i", ["a"]),
            [{"i": 0, "x": "a"}, {"i": 5, "x": None}],
        ),
        ("choose", ("a", {"a": "b"}), "b"),
        ("pairs", ([{"name": "k", "value": 1}, {"name": ""}, "x"], "name", "value"), {"k": "1"}),
    ],
)
def test_a_function_gives(name: str, arguments: tuple[Any, ...], result: Any) -> None:
    found = call(name, *arguments)

    assert found == result
    assert type(found) is type(result)


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("decimal", ("ten",), "'ten' is not a decimal number"),
        ("decimal", ("1_000",), "is not a decimal number"),
        ("decimal", ("1,5",), "is not a decimal number"),
        ("decimal", ("NaN",), "is not a decimal number"),
        ("decimal", (True,), "is not a decimal number"),
        ("decimal", ("9e99",), "too large"),
        ("decimal", ("٣",), "is not a decimal number"),
        ("negate", ("",), "a number is missing"),
        ("text", ({},), "dict cannot be written as text"),
        ("date", ("31.02.2026", "%d.%m.%Y"), "is not a date like %d.%m.%Y"),
        ("instant", ("2026-11-16T09:00:00",), "has no time zone"),
        ("instant", ("yesterday",), "is not a point in time"),
        ("instant", ("0001-01-01T00:00:00+14:00",), "outside the calendar"),
        ("day", ("2026-11-16T09:00:00Z", "Mars/Base"), "is not a time zone such as Europe/Berlin"),
        ("entries", ("a1",), "is not a mapping of objects"),
        ("from_minor", (1999, None), "the currency is missing"),
        ("choose", ("c", {"a": "b"}), "'c' is not among a"),
        ("text", (Decimal("1e999999999"),), "too large, or too small"),
        ("text", (Decimal("1e-999999999"),), "too large, or too small"),
        ("date", ("2026-11-16", "%Y-%Y"), "is not a date like %Y-%Y"),
        ("instant", ("2026-11-16", "UTC", "%Y-%Y"), "is not a point in time"),
    ],
)
def test_a_function_refuses_what_it_cannot_mean(
    name: str, arguments: tuple[Any, ...], message: str
) -> None:
    with pytest.raises(ValueError) as caught:
        call(name, *arguments)

    assert message in str(caught.value)


def test_taxes_are_the_same_only_where_every_rate_is() -> None:
    nineteen, seven = [{"rate": D("0.19"), "amount": D(1)}], [{"rate": D("0.07"), "amount": D(1)}]

    assert call("same_taxes", [{"taxes": nineteen}, {"taxes": nineteen}], nineteen)
    assert not call("same_taxes", [{"taxes": nineteen}, {"taxes": seven}], nineteen)
    assert not call("same_taxes", [{"taxes": nineteen}, {"taxes": []}], nineteen)
    assert call("same_taxes", [{"taxes": []}], [])
