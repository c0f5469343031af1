"""Arbitrary expressions and documents, as like real ones as it takes to get far into the code."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from hypothesis import strategies as st

from connector.mappings.expressions import function_names

NAMES: Final = ("a", "b", "price", "lines", "when", "id", "no such name", "\N{SNOWMAN}")

_TELLING: Final = st.sampled_from(
    ["", " ", "0", "-0", "1.00", "1e5", "1e999999999", "NaN", "Infinity", "-", "EUR", "true",
     "null", "2026-11-16", "2026-11-16T09:00:00+01:00", "20261116", "0000-00-00", "9999-12-31",
     "%Y%m%d", "%Y%Y", "%", "%j%j", "Europe/Berlin", "../../etc/passwd", "/etc/passwd", "a" * 5_000,
     "((((", "C62", "KG", "\0", "\ud800", "\N{SNOWMAN}", "x" * 300 + "!",
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"]
)  # fmt: skip

_NUMBERS: Final = st.sampled_from(
    [0, 1, -1, 3, 10**18, -(10**18), 10**400, Decimal("0.1"), Decimal("-0"), Decimal("1e17"),
     Decimal("1e999999"), Decimal("1e-999999"), Decimal("0e99999999"), Decimal("9" * 300)]
)  # fmt: skip

SCALARS: Final[st.SearchStrategy[Any]] = (
    st.none()
    | st.booleans()
    | _NUMBERS
    | st.integers(-100, 100)
    | st.decimals(-1000, 1000, places=2)
    | _TELLING
    | st.text(max_size=6)
    | st.sampled_from([date(2026, 11, 16), datetime(2026, 11, 16, 9, tzinfo=UTC)])
)


def _objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)


#: Plain values, as messages and orders are made of.
DOCUMENTS: Final[st.SearchStrategy[Any]] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | _objects(inner), max_leaves=16
)


def nested(value: Any, levels: int, *, lists: bool) -> Any:
    """Return *value* inside so many levels."""
    for _ in range(levels):
        value = [value] if lists else {"a": value}
    return value


DEEP: Final[st.SearchStrategy[Any]] = st.builds(
    lambda value, levels, lists: nested(value, levels, lists=lists),
    SCALARS,
    st.integers(50, 400),
    st.booleans(),
)

_LITERALS: Final = st.sampled_from(
    ["`0`", "`1`", "`-1`", "`1e300`", "`1e17`", "`null`", "`true`", "`[1, 2]`", "`{\"a\": 1}`",
     "`\"x\"`", "`99999999999999999999999999`", "'EUR'", "'UTC'", "'Europe/Berlin'",
     "'../../etc/passwd'",
     "'%Y%m%d'", "'%Y%Y'", "'a'", "''"]
)  # fmt: skip

_ATOMS: Final = (
    st.sampled_from(["a", "b", "price", "lines", "when", "id", '"no such name"', '"\N{SNOWMAN}"'])
    | st.just("@")
    | _LITERALS
    | _TELLING.map(lambda text: json.dumps(text))
)  # fmt: skip

_AFTER: Final = st.sampled_from(
    ["[0]", "[-1]", "[99999999999]", "[*]", "[]", "[1:3]", "[::0]", "[::-1]", "[?@]", ".*", ".a",
     ".b.a", " | [0]", ".[a, b]", ".{a: b, b: @}", "[?a == b]", "[?a > `1`].b"]
)  # fmt: skip

_BETWEEN: Final = st.sampled_from([" && ", " || ", " == ", " != ", " < ", " >= ", " | ", "."])


def _calls(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    arguments = st.lists(inner | inner.map(lambda each: f"&{each}"), max_size=5)
    names = st.sampled_from(function_names())
    return st.builds(lambda name, given: f"{name}({', '.join(given)})", names, arguments)


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return (
        st.builds(lambda each, after: each + after, inner, _AFTER)
        | st.builds(lambda left, sign, right: left + sign + right, inner, _BETWEEN, inner)
        | _calls(inner)
        | inner.map(lambda each: f"({each})")
        | inner.map(lambda each: f"!({each})")
        | st.builds(lambda one, two: f"[{one}, {two}]", inner, inner)
        | st.builds(lambda one, two: f"{{a: {one}, b: {two}}}", inner, inner)
        | st.builds(lambda each, test: f"{each}[?{test}]", inner, inner)
    )


#: Expressions, most of which compile.
EXPRESSIONS: Final[st.SearchStrategy[str]] = st.recursive(_ATOMS, _larger, max_leaves=10)

#: Texts that look a little like expressions.
NONSENSE: Final[st.SearchStrategy[str]] = st.text(
    st.sampled_from("ab.[]{}()|&!@*`'\"?:, 019-<>=\\\n\0\N{SNOWMAN}"), max_size=40
)

#: The same piece over and over, in which parsers lose themselves.
REPEATED: Final[st.SearchStrategy[str]] = st.builds(
    lambda piece, times, rest: piece * times + rest,
    st.sampled_from(["(", "[", "!", "a.", "a[", "a || ", "a | ", "{a: ", "[?", "text(", "`[", "&"]),
    st.integers(20, 3_000),
    st.sampled_from(["a", "", "]", ")"]),
)
