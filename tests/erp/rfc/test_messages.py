"""RETURN rows are classified by class and number, never by text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connector.erp.messages import Verdict, read_meanings, shipped_table, table_with
from connector.erp.rfc.messages import return_rows
from connector.errors import (
    ConfigurationError,
    LockedError,
    RejectedError,
    TransientError,
)
from tests.erp.rfc.conftest import return_row

TABLE = shipped_table()


def refusal(*rows: dict[str, Any]) -> Exception | None:
    return TABLE.refusal(return_rows(list(rows)), "create")


def test_success_and_warnings_refuse_nothing() -> None:
    assert refusal(return_row("S", "V1", "311"), return_row("W", "V1", "555")) is None
    assert refusal() is None


def test_an_unknown_error_is_refused_and_keeps_the_erps_words() -> None:
    error = refusal(return_row("E", "ZZ", "123", "Customer is on holiday"))
    assert isinstance(error, RejectedError)
    assert error.code == "ERP_REJECTED"
    assert "Customer is on holiday" in str(error)
    assert [m.message_class for m in error.messages] == ["ZZ"]


def test_the_text_decides_nothing() -> None:
    error = refusal(return_row("E", "ZZ", "123", "is currently being processed by user X"))
    assert isinstance(error, RejectedError)


@pytest.mark.parametrize(("message_class", "number"), [("V4", "219"), ("RW", "609")])
def test_a_header_row_leaves_the_decision_to_the_other_rows(
    message_class: str, number: str
) -> None:
    locked = refusal(
        return_row("E", message_class, number),
        return_row("E", "V1", "042", v1="4711", v2="MEIER"),
    )
    assert isinstance(locked, LockedError)
    assert (locked.object_key, locked.locked_by) == ("4711", "MEIER")


def test_a_header_row_alone_is_refused() -> None:
    assert isinstance(refusal(return_row("E", "V4", "219")), RejectedError)


def test_v4_234_is_no_neighbour_of_the_success_v4_233() -> None:
    assert refusal(return_row("S", "V4", "233")) is None
    assert isinstance(refusal(return_row("E", "V4", "234")), RejectedError)


def test_a_lock_wins_over_errors_that_may_follow_from_it() -> None:
    error = refusal(return_row("E", "ZZ", "001"), return_row("E", "VL", "046", v1="80", v2="LI"))
    assert isinstance(error, LockedError)


def test_a_lock_server_that_does_not_answer_is_tried_again_without_naming_anybody() -> None:
    error = refusal(return_row("E", "V1", "043"))
    assert isinstance(error, TransientError)
    assert not isinstance(error, LockedError)


def test_a_warning_that_customizing_made_an_error_is_refused_with_its_reason() -> None:
    assert refusal(return_row("W", "V4", "115")) is None
    error = refusal(return_row("E", "V4", "115"))
    assert isinstance(error, RejectedError)
    assert error.code == "DUPLICATE_REFERENCE"


def test_every_shape_of_return_is_read_alike() -> None:
    bapiret1 = {"TYPE": "E", "ID": "VP", "NUMBER": "199", "MESSAGE": "no"}
    bapireturn = {"TYPE": "E", "CODE": "VP199", "MESSAGE": "no"}
    for shape in ([return_row("E", "VP", "199")], [bapiret1], bapiret1, bapireturn):
        (row,) = return_rows(shape)
        assert (row.message.message_class, row.message.number) == ("VP", "199")
    assert return_rows({"TYPE": "", "CODE": "", "MESSAGE": ""}) == ()
    assert return_rows(None) == ()


def test_a_row_about_the_second_line_of_the_items_names_the_second_item() -> None:
    row = return_row("E", "V1", "382") | {"PARAMETER": "SALES_ITEM_IN", "ROW": 2}
    (read,) = return_rows([row], item_numbers=[10, 40])
    assert read.message.item_number == 40
    (read,) = return_rows([row | {"PARAMETER": "SALES_HEADER_IN"}], item_numbers=[10, 40])
    assert read.message.item_number is None


def test_each_row_of_the_shipped_table_is_there_once_and_complete() -> None:
    rows = list(TABLE)
    assert len({(r.message_class, r.number) for r in rows}) == len(rows) > 40
    for row in rows:
        assert row.meaning and row.type in "SWIEAX"
        if row.verdict is Verdict.REJECT:
            assert row.code.isupper(), f"{row.message_class} {row.number} has no hold reason"


def test_a_customers_own_table_adds_rows_and_replaces_shipped_ones(tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    own.write_text(
        "message_class,number,type,verdict,code,meaning\n"
        "ZZ,001,E,retry,,Interface is closed at night\n"
        "VL,248,E,retry,,Due tomorrow\n",
        "utf-8",
    )
    table = table_with(own)
    for row in (return_row("E", "ZZ", "001"), return_row("E", "VL", "248")):
        assert isinstance(table.refusal(return_rows([row]), "create"), TransientError)
    assert isinstance(
        table.refusal(return_rows([return_row("E", "VL", "455")]), "create"), RejectedError
    )


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("ZZ,001,E,perhaps,,x", "verdict"),
        ("ZZ,1,E,note,,x", "number"),
        ("ZZ,001,E,note", "expected 6 values"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str, named: str) -> None:
    path = tmp_path / "own.csv"
    path.write_text(f"message_class,number,type,verdict,code,meaning\n{line}\n", "utf-8")
    with pytest.raises(ConfigurationError, match=f"own.csv, line 2.*{named}"):
        read_meanings(path)


def test_a_missing_or_misnamed_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        table_with(tmp_path / "absent.csv")
    path = tmp_path / "own.csv"
    path.write_text("class,number\n", "utf-8")
    with pytest.raises(ConfigurationError, match="the columns must be message_class"):
        table_with(path)
