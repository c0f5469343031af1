"""The workbook holds amounts as numbers and foreign texts as texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from connector.mappings.problems import Problem
from connector.reports.dry_run_xlsx import DryRunWorkbook
from tests.reports.conftest import Tried, an_order


def written(path: Path, *orders: Tried) -> Any:
    with DryRunWorkbook(path) as book:
        for each in orders:
            book.add(each)
    return load_workbook(path)


def test_every_sheet_has_a_frozen_header_and_a_filter_over_all_rows(
    tmp_path: Path, tried: Tried
) -> None:
    book = written(tmp_path / "r.xlsx", tried, tried)

    assert book.sheetnames == [
        "Summary", "Orders", "Items", "Rules", "Fields", "Money", "Problems", "Costs", "Coverage",
    ]  # fmt: skip
    assert {sheet.freeze_panes for sheet in book} == {"B2"}
    assert all(sheet.auto_filter.ref for sheet in book.worksheets[1:])
    assert book["Orders"].auto_filter.ref == "A1:I3"
    assert [cell.value for cell in book["Fields"][2]] == [
        "#1", "sales order", "currency", "EUR", "currency", "EUR", "currency = order.currency",
        "as the shop has it", "shop.yaml:3",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("currency", "total", "shown"),
    [("EUR", "1234.50", "#,##0.00"), ("JPY", "1234", "#,##0"), ("KWD", "1.234", "#,##0.000")],
)
def test_amounts_are_numbers_with_the_decimals_of_their_currency(
    tmp_path: Path, currency: str, total: str, shown: str
) -> None:
    book = written(tmp_path / "r.xlsx", Tried(order=an_order("#1", currency, total)))
    cell = book["Orders"]["E2"]

    assert (cell.data_type, cell.number_format) == ("n", shown)
    assert cell.value == float(total)


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "{=1}", "http://x.example", "0012", "\x07\x00", "'"]
)
def test_foreign_texts_are_never_formulas_links_or_numbers(tmp_path: Path, text: str) -> None:
    book = written(tmp_path / "r.xlsx", Tried(source=text, order=an_order(text)))

    for cell in (book["Orders"]["A2"], book["Orders"]["B2"]):
        assert cell.data_type == "s"
        assert cell.hyperlink is None
    assert len(str(book["Orders"]["A2"].value)) >= len(text)


def test_a_full_sheet_goes_on_in_another(
    tmp_path: Path, tried: Tried, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connector.reports.dry_run_xlsx.MOST_ROWS", 2)

    book = written(tmp_path / "r.xlsx", *[tried] * 5)

    sheets = [book["Orders"], book["Orders 2"], book["Orders 3"]]
    assert [sheet.max_row - 1 for sheet in sheets] == [2, 2, 1]
    assert sheets[2].auto_filter.ref == "A1:I2"


def test_after_an_error_no_workbook_is_left(tmp_path: Path, tried: Tried) -> None:
    book = DryRunWorkbook(tmp_path / "r.xlsx")
    with pytest.raises(KeyError), book:
        book.add(tried)
        raise KeyError

    assert list(tmp_path.iterdir()) == []


def test_a_problem_is_listed_with_its_order_and_says_that_it_holds(tmp_path: Path) -> None:
    problem = Problem(code="UNREADABLE_MESSAGE", message="no JSON", where="line 3")

    book = written(tmp_path / "r.xlsx", Tried(problems=(problem,)))

    row = [cell.value for cell in book["Problems"][2]][:7]
    assert row == [
        None, "orders.json", "yes", "other decision", "UNREADABLE_MESSAGE", "no JSON", "line 3",
    ]  # fmt: skip


def test_the_first_sheet_sums_the_orders_by_result_and_currency(tmp_path: Path) -> None:
    held = (Problem(code="NO_LINES", message="empty"),)
    orders = [
        Tried(order=an_order("#1", total="10.00")),
        Tried(order=an_order("#2", total="2.50")),
        Tried(order=an_order("#3", "JPY", "700"), problems=held),
    ]
    formulas = written(tmp_path / "r.xlsx", *orders)["Summary"]
    values = load_workbook(tmp_path / "r.xlsx", data_only=True)["Summary"]

    assert [[cell.value for cell in row] for row in values.iter_rows(min_row=2)] == [
        ["need a decision", 1, 700, "JPY"],
        ["would be created", 2, 12.5, "EUR"],
        ["all", 3, None, None],
    ]
    assert formulas["C3"].value == (
        '=SUMIFS(Orders!E:E,Orders!H:H,"EUR",Orders!C:C,"=would be created")'
    )
    assert formulas["B4"].value == "=SUM(B2:B3)"


def test_rules_are_counted_and_fields_are_cut_where_there_are_too_many(
    tmp_path: Path, tried: Tried, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connector.reports.dry_run_xlsx.MOST_FIELDS", 2)

    book = written(tmp_path / "r.xlsx", *[tried] * 5)

    assert book["Fields"].max_row == 1 + 2 + 1
    assert book["Fields"]["A4"].value.startswith("More fields are in the page")
    assert [cell.value for cell in book["Rules"][2]][:6] == [
        "sales order", "currency", "currency = order.currency", "as the shop has it",
        "shop.yaml:3", 5,
    ]  # fmt: skip


def test_what_mistakes_would_cost_is_summed_in_a_sheet(tmp_path: Path) -> None:
    problem = Problem(code="UNKNOWN_CUSTOMER", message="nobody", where="customer.customer_id")
    book = written(
        tmp_path / "r.xlsx", *[Tried(order=an_order(total="9.00"), problems=(problem,))] * 2
    )

    assert [cell.value for cell in book["Costs"][2]][:8] == [
        "not in a table", "UNKNOWN_CUSTOMER", "yes", 2, 2, 18, "EUR", "#1",
    ]  # fmt: skip
