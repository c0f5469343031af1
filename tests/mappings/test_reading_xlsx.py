"""Workbooks: values as they are shown, damaged cells told, harmful archives refused."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, datetime, time
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from connector.errors import MessageError
from connector.mappings.raw_message import RawMessage
from tests.mappings.tiny_messages import Tiny, tiny_messages, workbook

TINY = Tiny({"format": "xlsx", "columns": ["order", "value"], "group_by": "order"}, b"")


def saved(book: Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def book_of(*rows: list[Any]) -> Workbook:
    return load_workbook(io.BytesIO(workbook([["order", "value"], *rows])))


def first_sheet(book: Workbook) -> Any:
    return book.worksheets[0]


def values(content: bytes, **options: Any) -> list[str]:
    """Return the values of all lines, or what is wrong with their order."""
    found: list[str] = []
    for each in TINY.read(content, **options):
        if isinstance(each, RawMessage):
            found += [line["value"] for line in each.content["lines"]]
        else:
            found.append(str(each))
    return found


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (19.9, "19.9"), (0.1 + 0.2, "0.3"), (10.0, "10"), (1e-7, "0.0000001"),
        (1e21, "1" + "0" * 21), (12345678901234, "12345678901234"), (-5, "-5"), (True, "true"),
        (None, ""), ("0012", "0012"),
        (" x ", " x "), (date(2026, 11, 22), "2026-11-22"),
        (datetime(2026, 11, 22, 10, 30), "2026-11-22T10:30:00"),  # noqa: DTZ001 as in a workbook
        (time(10, 30), "10:30:00"),
    ],
)  # fmt: skip
def test_values_are_as_they_are_shown(value: Any, shown: str) -> None:
    assert values(workbook([["order", "value"], ["1", value]])) == [shown]


def test_numbers_without_an_exact_binary_form_are_the_decimal_that_was_typed() -> None:
    content = workbook([["order", "value"], ["1", 19.95], ["1", 1234.56], ["1", 0.07]])
    # Excel writes seventeen digits.
    stretched = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stretched, "w") as new:
        for name in old.namelist():
            part = old.read(name).replace(b"<v>19.95</v>", b"<v>19.949999999999999</v>")
            new.writestr(name, part)

    assert values(stretched.getvalue()) == ["19.95", "1234.56", "0.07"]


def test_a_formula_counts_with_the_value_that_was_computed_last() -> None:
    book = book_of(["1", "=1+1"])
    content = saved(book)
    computed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(computed, "w") as new:
        for name in old.namelist():
            new.writestr(name, re.sub(rb"<v ?/>|<v></v>", b"<v>2</v>", old.read(name)))

    assert values(computed.getvalue()) == ["2"]
    assert "the formula in the cell B2 has no value" in values(content)[0]


def test_a_cell_with_an_error_spoils_only_its_own_order() -> None:
    book = book_of(["1", "a"], ["2", "#N/A"], ["3", "c"])
    first_sheet(book)["B3"].data_type = "e"

    first, wrong, last = values(saved(book))

    assert (first, last) == ("a", "c")
    assert "sheet Orders, row 3: the cell B3 shows #N/A" in wrong


def test_cells_that_are_merged_over_rows_count_for_each() -> None:
    book = book_of(["1", "a"], [None, "b"], ["2", "c"])
    first_sheet(book).merge_cells("A2:A3")

    found = TINY.read(saved(book))

    assert [len(each.content["lines"]) for each in found if isinstance(each, RawMessage)] == [2, 1]


def test_rows_above_the_header_and_empty_rows_are_left_alone() -> None:
    rows: list[list[Any]] = [
        ["Orders of today"],
        [],
        ["order", "value", "more"],
        [],
        ["1", "a"],
        [None, None],
    ]

    assert values(workbook(rows), first_row=3) == ["a"]


def test_a_hidden_sheet_is_left_out_and_said_unless_it_is_named() -> None:
    book = book_of(["1", "a"])
    hidden = book.create_sheet("Old")
    hidden.append(["order", "value"])
    hidden.append(["9", "z"])
    hidden.sheet_state = "hidden"

    [found] = TINY.read(saved(book))

    assert isinstance(found, RawMessage)
    assert found.notes == ("the hidden sheet 'Old' was left out",)
    assert values(saved(book), sheet="Old") == ["z"]


def test_several_sheets_need_a_name() -> None:
    content = workbook([["order", "value"], ["1", "a"]], [["x"]])

    assert "has 2 sheets (Orders, Lines); expected one, or its name" in values(content)[0]
    assert values(content, sheet="Orders") == ["a"]
    assert "there is no sheet 'Oders'" in values(content, sheet="Oders")[0]


def test_lines_may_lie_in_a_workbook_of_their_own() -> None:
    lines = {"file": {"name": "orders", "by": "lines"}, "columns": ["no", "sku"], "group_by": "no"}
    tiny = Tiny(
        {**TINY.options, "lines_in": lines},
        workbook([["order", "value"], ["1", "a"], ["2", "b"]]),
        others={"lines": workbook([["no", "sku"], [2, "X"], [1, "Y"], [1, "Z"]])},
    )

    found = tiny.read()

    assert [each.content["lines"] for each in found if isinstance(each, RawMessage)] == [
        [{"no": "1", "sku": "Y"}, {"no": "1", "sku": "Z"}],
        [{"no": "2", "sku": "X"}],
    ]


def bomb(size: int) -> bytes:
    """Return a workbook whose sheet unpacks to *size* blanks more."""
    stream = io.BytesIO()
    content = tiny_messages()["xlsx"].content
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name))
        new.writestr("xl/media/image.xml", b" " * size)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (bomb(20_000_000), "times its size; expected at most 200 times"),
        (b"PK\x03\x04" + b"\0" * 50, "the workbook is damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "encrypted, or of Excel 97"),
        (b"order,value\n1,a\n", "this is no XLSX workbook"),
        (b"", "this is no XLSX workbook"),
    ],
)
def test_what_is_no_usual_workbook_is_refused(content: bytes, message: str) -> None:
    [found] = TINY.read(content)

    assert isinstance(found, MessageError)
    assert message in str(found)


def test_a_workbook_that_unpacks_to_more_than_allowed_is_refused() -> None:
    content = workbook([["order", "value"], ["1", "a"]])

    assert "message.max_unpacked" in values(content, max_unpacked=1000)[0]
    assert "message.max_bytes" in values(content, max_bytes=1000)[0]


def test_entities_in_a_part_are_not_expanded() -> None:
    stream = io.BytesIO()
    content = workbook([["order", "value"], ["1", "a"]])
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name.endswith("sheet1.xml"):
                part = b'<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + part.replace(
                    b"</sheetData>", b"<row><c><v>&x;</v></c></row></sheetData>"
                )
            new.writestr(name, part)

    found = TINY.read(stream.getvalue())

    assert any(isinstance(each, MessageError) for each in found)
    assert "root:" not in str(found)
