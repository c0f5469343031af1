"""`$filter`: what it says is what Python says, and nothing a client writes breaks the parser."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.simulator.odata.entity_set import Value
from connector.simulator.odata.errors import ODataError
from connector.simulator.odata.filter_compile import compile_condition
from connector.simulator.odata.filter_parser import parse_filter, parse_orderby
from connector.simulator.odata.narrowing import narrowing_of
from connector.simulator.odata.schema import Property

TYPES = {
    "Name": "String",
    "Other": "String",
    "Net": "Decimal",
    "Count": "Int32",
    "Open": "Boolean",
    "On": "DateTime",
    "At": "DateTimeOffset",
    "Id": "Guid",
}
ROW: dict[str, Value] = {
    "Name": "Müller & O'Neill",
    "Other": "  abc  ",
    "Net": Decimal("17.55"),
    "Count": 7,
    "Open": True,
    "On": date(2026, 1, 5),
    "At": datetime(2026, 1, 5, 9, 30, 15, tzinfo=UTC),
    "Id": UUID("01234567-89ab-cdef-0123-456789abcdef"),
}


def resolve(path: tuple[str, ...]) -> Property:
    if len(path) > 1 or path[0] not in TYPES:
        raise ODataError(400, f"{path} not found")
    return Property(path[0], TYPES[path[0]])


def holds(text: str, row: dict[str, Value] | None = None) -> bool:
    values = ROW if row is None else row
    return compile_condition(parse_filter(text), resolve)(lambda path: values[path[0]])


@pytest.mark.parametrize(
    "text",
    [
        "Name eq 'Müller & O''Neill'",
        "'x' ne Name",
        "Net eq 17.55M and Net eq 17.55 and Net lt 18 and Net ge 17.5d",
        "Net add 0.45 eq 18 and Net sub 17 gt 0.5 and Net mul 2 eq 35.1 and Net div 2 lt 9",
        "Count mod 4 eq 3",
        "1 add 2 mul 3 eq 7 and (1 add 2) mul 3 eq 9",
        "-Count lt -6 and -(Count) eq -7",
        "not (Count eq 8) and not startswith(Name, 'X')",
        "not false and Open and Open eq true",
        "true or false and false",
        "substringof('ller', Name) and not substringof('x', Name)",
        "startswith(Name,'Mü') and endswith(Name,'Neill')",
        "length(Name) eq 16 and indexof(Name,'ü') eq 1 and indexof(Name,'x') eq -1",
        "substring(Name, 7) eq '& O''Neill' and substring(Name, 0, 2) eq 'Mü'",
        "tolower(Name) eq 'müller & o''neill' and toupper('a') eq 'A'",
        "trim(Other) eq 'abc' and concat(trim(Other), 'd') eq 'abcd'",
        "replace(trim(Other), 'b', 'x') eq 'axc'",
        "year(On) eq 2026 and month(On) eq 1 and day(On) eq 5 and hour(On) eq 0",
        "hour(At) eq 9 and minute(At) eq 30 and second(At) eq 15",
        "On eq datetime'2026-01-05T00:00:00' and On lt datetime'2026-01-05T12:00'",
        "At ge datetimeoffset'2026-01-05T10:30:15+01:00'",
        "At lt datetimeoffset'2026-01-05T09:30:15.001Z'",
        "Id eq guid'01234567-89AB-CDEF-0123-456789ABCDEF'",
        "round(Net) eq 18 and floor(Net) eq 17 and ceiling(Net) eq 18 and round(0.5) eq 1",
        "Name ne null and not (Name eq null)",
        "Net div 0 eq null",
        "Count eq 7L and Count lt 3000000000",
        "((((Count eq 7))))",
    ],
)
def test_what_holds(text: str) -> None:
    assert holds(text)
    assert not holds(f"not ({text})")


def test_null_is_neither_true_nor_false() -> None:
    row = {**ROW, "On": None}

    assert holds("On eq null", row)
    for text in ("On gt datetime'2020-01-01T00:00:00'", "year(On) eq 2026", "not (year(On) lt 1)"):
        assert not holds(text, row)
    assert holds("year(On) eq 2026 or Open", row)


@pytest.mark.parametrize(
    "text",
    [
        "Name eq 1",
        "Net eq '17.55'",
        "On eq datetimeoffset'2026-01-05T00:00:00Z'",
        "Open gt false",
        "Name and Open",
        "not Name",
        "-Name eq 1",
        "Name add 1 eq 2",
        "length(Net) eq 1",
        "year(Name) eq 1",
        "startswith(Name) eq true",
        "nothing(Name) eq true",
        "Net",
        "Nothing eq 1",
        "Name/More eq 1",
    ],
)
def test_types_that_do_not_go_together_are_refused(text: str) -> None:
    with pytest.raises(ODataError) as caught:
        holds(text)
    assert caught.value.status == 400


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "(", "Name eq", "eq 1", "Name eq 'x", "Name eq 1 2", "Name == 1", "(Name eq 1"),
        *("Name eq 1)", "Name eq 1,2", "length(", "length(Name", "length(Name,", "Name eq 1x"),
        *(
            "Name eq datetime'x'",
            "Id eq guid'1'",
            "not",
            "- ",
            "Name eq 1 and",
            "#",
            "'",
            "Name eq \0",
        ),
        *("On eq datetime'2026-02-30T00:00:00'", "Net eq 1e9999", "Net eq " + "9" * 99),
        *("(" * 500 + "1" + ")" * 500, "not " * 500 + "Open", "1" + " add 1" * 500 + " eq 1"),
        *("Count eq 1.5L", "At eq time'PT25H'", "Id eq binary'0'"),
    ],
)
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(ODataError) as caught:
        holds(text)
    assert caught.value.status == 400


def test_a_long_list_of_alternatives_is_not_deep() -> None:
    names = [f"Name eq '{n}'" for n in range(700)]

    assert not holds(" or ".join(names))
    assert holds(" or ".join([*names, "Open"]))
    (limits,) = (narrowing_of(parse_filter(" or ".join(names))).one_of("Name"),)
    assert limits is not None and len(limits) == 700


@given(st.text(max_size=60))
def test_no_text_breaks_the_parser(text: str) -> None:
    for parse in (parse_filter, parse_orderby):
        try:
            parse(text)
        except ODataError as error:
            assert error.status == 400


_PIECES = ["Name", "Net", "On", "'x'", "1", "2.5M", "eq", "and", "or", "not", "(", ")", ",", "-"]
_PIECES += ["add", "length", "startswith", "null", "true", "datetime'2026-01-01T00:00:00'", "/"]


@given(st.lists(st.sampled_from(_PIECES), max_size=14))
def test_no_order_of_words_breaks_the_evaluation(pieces: list[str]) -> None:
    try:
        holds(" ".join(pieces))
    except ODataError as error:
        assert error.status == 400


# -- the same expression, said in OData and done in Python -----------------------------------------

_NUMBERS = st.integers(-50, 50).map(Decimal) | st.decimals(-99, 99, places=2)
_TEXTS = st.text("ab'% ü", max_size=4)
Said = tuple[str, Callable[[dict[str, Any]], Any]]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _constant(value: Decimal) -> Said:
    return f"{value:f}M", lambda row: value


def _text_constant(value: str) -> Said:
    return _quoted(value), lambda row: value


def _join(word: str, run: Callable[[Any, Any], Any]) -> Callable[[tuple[Said, Said]], Said]:
    def joined(pair: tuple[Said, Said]) -> Said:
        (one, first), (two, second) = pair
        return f"({one} {word} {two})", lambda row: run(first(row), second(row))

    return joined


_number: st.SearchStrategy[Said] = st.recursive(
    st.just(("Net", lambda row: row["Net"])) | _NUMBERS.map(_constant),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(_join("add", operator.add)),
        st.tuples(inner, inner).map(_join("sub", operator.sub)),
        st.tuples(inner, inner).map(_join("mul", operator.mul)),
        inner.map(lambda said: (f"-({said[0]})", lambda row: -said[1](row))),
        inner.map(lambda s: (f"floor({s[0]})", lambda row: Decimal(math.floor(s[1](row))))),
        inner.map(lambda s: (f"ceiling({s[0]})", lambda row: Decimal(math.ceil(s[1](row))))),
    ),
    max_leaves=4,
)
_string: st.SearchStrategy[Said] = st.recursive(
    st.just(("Name", lambda row: row["Name"])) | _TEXTS.map(_text_constant),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(
            lambda p: (f"concat({p[0][0]},{p[1][0]})", lambda row: p[0][1](row) + p[1][1](row))
        ),
        inner.map(lambda s: (f"toupper({s[0]})", lambda row: s[1](row).upper())),
        inner.map(lambda s: (f"trim({s[0]})", lambda row: s[1](row).strip())),
    ),
    max_leaves=3,
)
_WORDS = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}
_comparison: st.SearchStrategy[Said] = st.one_of(
    *[st.tuples(_number, _number).map(_join(w, f)) for w, f in _WORDS.items()],
    *[st.tuples(_string, _string).map(_join(w, f)) for w, f in _WORDS.items()],
    st.tuples(_string, _string).map(
        lambda p: (f"substringof({p[0][0]},{p[1][0]})", lambda row: p[0][1](row) in p[1][1](row))
    ),
)
_condition: st.SearchStrategy[Said] = st.recursive(
    _comparison,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(_join("and", lambda a, b: a and b)),
        st.tuples(inner, inner).map(_join("or", lambda a, b: a or b)),
        inner.map(lambda said: (f"not ({said[0]})", lambda row: not said[1](row))),
    ),
    max_leaves=6,
)


@given(_condition, _NUMBERS, _TEXTS)
def test_a_filter_says_what_python_says(said: Said, net: Decimal, name: str) -> None:
    text, python = said
    row: dict[str, Value] = {**ROW, "Net": net, "Name": name}

    assert holds(text, row) is bool(python(row))


@given(_condition, _NUMBERS, _TEXTS)
def test_what_a_source_may_leave_out_never_satisfies_the_filter(
    said: Said, net: Decimal, name: str
) -> None:
    text, _ = said
    row: dict[str, Value] = {**ROW, "Net": net, "Name": name}
    narrowing = narrowing_of(parse_filter(text))
    if not holds(text, row):
        return

    for property_ in ("Net", "Name"):
        values = narrowing.one_of(property_)
        assert values is None or row[property_] in values
        low: Any = narrowing.at_least(property_)
        high: Any = narrowing.at_most(property_)
        assert low is None or row[property_] >= low
        assert high is None or row[property_] <= high
