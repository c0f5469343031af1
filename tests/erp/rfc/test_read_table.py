"""RFC_READ_TABLE: selections that fit its lines, rows wider than it can give, numbers as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.clock import ManualClock
from connector.erp.rfc.options import RfcOptions
from connector.erp.rfc.read_table import (
    ReadTable,
    any_of,
    at_least,
    at_most,
    differs,
    equals,
    number,
    option_lines,
)
from connector.erp.rfc.session import SessionPool
from connector.erp.rfc.tables import Table
from connector.simulator.rfc.tables.selection import parse
from tests.erp.rfc.conftest import ScriptedLibrary

NARROW = Table("ZNARROW", ("KEY",), {"KEY": 4, "A": 6, "B": 6})
WIDE = Table("ZWIDE", ("KEY",), {"KEY": 10, **{f"F{n}": 100 for n in range(12)}})


def answering(rows: Sequence[Mapping[str, str]], widths: Mapping[str, int]) -> Any:
    """Answer like the function: the wanted columns side by side, told where they lie."""

    def answer(parameters: dict[str, Any]) -> dict[str, Any]:
        fields, offset = [], 0
        delimiter = parameters["DELIMITER"]
        for position, wanted in enumerate(parameters["FIELDS"]):
            name = wanted["FIELDNAME"]
            offset += 1 if delimiter and position else 0
            fields.append(
                {"FIELDNAME": name, "OFFSET": f"{offset:06}", "LENGTH": f"{widths[name]:06}"}
            )
            offset += widths[name]
        assert offset <= 512
        names = [each["FIELDNAME"] for each in fields]
        lines = [delimiter.join(row[n].ljust(widths[n]) for n in names).rstrip() for row in rows]
        return {"FIELDS": fields, "DATA": [{"WA": line} for line in lines]}

    return answer


def read(
    library: ScriptedLibrary, pool: SessionPool, table: Table, *conditions: Any, **options: Any
) -> list[dict[str, str]]:
    with pool.session() as session:
        tables = ReadTable(session, RfcOptions(**options))
        return tables.rows(table, table.fields, *conditions)


ROWS = [{"KEY": "1", "A": "x", "B": ""}, {"KEY": "22", "A": "", "B": "y z"}]


@pytest.mark.parametrize("delimiter", ["", "|"])
def test_rows_are_cut_into_fields(
    library: ScriptedLibrary, pool: SessionPool, delimiter: str
) -> None:
    library.answers["RFC_READ_TABLE"] = [answering(ROWS, NARROW.widths)]
    assert read(library, pool, NARROW, delimiter=delimiter) == ROWS


def test_a_delimiter_that_occurs_in_a_value_is_refused(
    library: ScriptedLibrary, pool: SessionPool
) -> None:
    library.answers["RFC_READ_TABLE"] = [
        answering([{"KEY": "1", "A": "x|y", "B": ""}], NARROW.widths)
    ]
    with pytest.raises(ValueError, match="delimiter"):
        read(library, pool, NARROW, delimiter="|")


def test_fields_wider_than_a_row_are_read_in_several_goes_and_joined(
    library: ScriptedLibrary, pool: SessionPool
) -> None:
    rows = [{name: f"{name}-{key}" for name in WIDE.widths} | {"KEY": key} for key in "ab"]
    library.answers["RFC_READ_TABLE"] = [answering(rows, WIDE.widths)]
    assert read(library, pool, WIDE) == rows
    assert len(library.calls) == 3
    assert all({"FIELDNAME": "KEY"} in call["FIELDS"] for _, call in library.calls)


def test_a_row_that_one_of_the_goes_misses_is_left_out(
    library: ScriptedLibrary, pool: SessionPool
) -> None:
    rows = [{name: f"{name}-{key}" for name in WIDE.widths} | {"KEY": key} for key in "ab"]
    library.answers["RFC_READ_TABLE"] = [
        answering(rows, WIDE.widths),
        answering(rows[:1], WIDE.widths),
    ]
    assert read(library, pool, WIDE) == rows[:1]


def test_a_long_list_of_values_is_divided_over_several_calls(
    library: ScriptedLibrary, pool: SessionPool
) -> None:
    library.answers["RFC_READ_TABLE"] = [answering([], NARROW.widths)]
    values = [f"{n:010}" for n in range(25)]
    read(library, pool, NARROW, equals("A", "x"), any_of("KEY", values), values_per_selection=10)
    assert len(library.calls) == 3
    sent = " ".join(line["TEXT"] for _, call in library.calls for line in call["OPTIONS"])
    assert all(sent.count(f"'{value}'") == 1 for value in values)
    assert sent.count("A = 'x'") == 3


def test_a_list_without_values_asks_nothing(library: ScriptedLibrary, pool: SessionPool) -> None:
    assert read(library, pool, NARROW, any_of("KEY", [])) == []
    assert library.calls == []


@given(
    st.lists(st.text(min_size=0, max_size=35), min_size=1, max_size=30),
    st.text(min_size=0, max_size=35),
)
def test_selections_fit_their_lines_and_mean_what_they_say(
    values: list[str], reference: str
) -> None:
    """No line is longer than 72 characters, no literal is broken, quotes are doubled."""
    clean = [v.replace("\n", " ").replace("\r", " ") for v in values]
    wanted = reference.replace("\n", " ").replace("\r", " ")
    conditions = (any_of("VBELN", clean), equals("BSTKD", wanted), at_least("ERDAT", "20260101"))
    lines = [line["TEXT"] for line in option_lines(conditions)]
    assert all(len(line) <= 72 for line in lines)
    parsed = parse(lines, {"VBELN", "BSTKD", "ERDAT"}, lambda field, text: text)
    assert parsed.equal["VBELN"] == frozenset(clean)
    assert parsed.equal["BSTKD"] == frozenset([wanted])


def test_conditions_are_joined_with_and() -> None:
    conditions = [equals("A", "1"), at_most("AEDAT", "20260102"), differs("B", "x")]
    (line,) = option_lines([*conditions, any_of("C", ["1"])])
    assert line["TEXT"] == "A = '1' AND AEDAT <= '20260102' AND B <> 'x' AND C = '1'"


def test_a_value_that_no_line_can_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be searched for"):
        option_lines([equals("A", "'" * 40)])


@pytest.mark.parametrize(
    ("text", "value"),
    [("12.50 ", "12.50"), ("12.50-", "-12.50"), (" 3 -", "-3"), ("", "0"), ("  ", "0")],
)
def test_numbers_have_their_sign_behind(text: str, value: str) -> None:
    assert number(text) == Decimal(value)


def test_a_number_that_did_not_fit_its_column_is_no_number() -> None:
    with pytest.raises(ValueError, match="too wide"):
        number("*234.50")


def test_reading_keeps_the_session(
    library: ScriptedLibrary, pool: SessionPool, clock: ManualClock
) -> None:
    library.answers["RFC_READ_TABLE"] = [answering(ROWS, NARROW.widths)]
    for _ in range(3):
        read(library, pool, NARROW)
    assert len(library.connections) == 1
    del clock
