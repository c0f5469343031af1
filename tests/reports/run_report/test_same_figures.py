"""Whatever format somebody opens, it says the same: counts and totals are compared."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from connector.reports.run_report.run_report import RunReport
from connector.reports.run_report.writing import Format, write_reports
from tests.reports.run_report.readers import (
    added_up,
    aged,
    csv_rows,
    html_rows,
    html_totals,
    jsonl_rows,
    number,
    pdf_text,
)
from tests.reports.run_report.spreadsheet import Spreadsheet

CURRENCIES = {"EUR", "JPY", "KWD"}


@pytest.fixture(scope="module")
def folder(report: RunReport, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All formats, side by side."""
    place = tmp_path_factory.mktemp("reports")
    write_reports(report, place, set(Format))
    (own,) = place.iterdir()
    return own


@pytest.fixture(scope="module")
def book(folder: Path) -> Spreadsheet:
    return Spreadsheet(folder / "reconciliation.xlsx")


def test_breaks_come_to_the_same_in_every_format(folder: Path, book: Spreadsheet) -> None:
    expected = added_up(csv_rows(folder / "csv", "breaks"))
    assert {currency for _, currency in expected} == CURRENCIES

    assert added_up(jsonl_rows(folder / "reconciliation.jsonl", "breaks")) == expected
    listed = [
        {"code": r["Code"], "currency": r["Currency"], "difference": r["Difference"]}
        for r in book.records("Breaks")
    ]
    assert added_up(listed) == expected
    on_page = [
        {"code": r["Code"], "currency": r["Currency"], "difference": number(r["Difference"])}
        for r in html_rows(folder / "reconciliation.html", "breaks")
    ]
    assert added_up(on_page) == expected
    text = pdf_text(folder / "reconciliation.pdf")
    for (code, currency), (count, net, gross) in expected.items():
        figures = f"{count} {net:,f} {gross:,f}".replace("-", "−")
        assert f"{code} {currency} {figures}" in text


def test_breaks_by_category_are_the_sum_of_the_breaks(folder: Path, book: Spreadsheet) -> None:
    expected = added_up(csv_rows(folder / "csv", "breaks"))

    for rows in (
        csv_rows(folder / "csv", "breaks_by_code"),
        jsonl_rows(folder / "reconciliation.jsonl", "breaks_by_code"),
    ):
        assert {
            (r["code"], r["currency"]): (int(r["count"]), Decimal(r["net"]), Decimal(r["gross"]))
            for r in rows
        } == expected
    sums: dict[tuple[str, str], tuple[Decimal, ...]] = {}
    for at, row in enumerate(book.records("Breaks by category"), start=2):
        sums[row["Code"], row["Currency"]] = tuple(
            book.calculate("Breaks by category", book.book["Breaks by category"][f"{c}{at}"].value)
            for c in "CDE"
        )
    assert sums == {
        key: tuple(Decimal(str(each)) for each in value) for key, value in expected.items()
    }
    totals = html_totals(folder / "reconciliation.html", "breaks_by_code")
    for currency in CURRENCIES:
        of = [value for (_, c), value in expected.items() if c == currency]
        (line,) = (each for each in totals if each[0] == f"Total {currency}")
        assert [number(cell) for cell in line[1:4]] == [
            sum((value[at] for value in of), Decimal(0)) for at in range(3)
        ]


def test_open_items_come_to_the_same_in_every_format(folder: Path, book: Spreadsheet) -> None:
    expected = aged(csv_rows(folder / "csv", "ageing"))
    assert {currency for _, currency in expected} == CURRENCIES

    assert aged(jsonl_rows(folder / "reconciliation.jsonl", "ageing")) == expected
    sheet = book.book["Ageing"]
    for at, row in enumerate(book.records("Ageing"), start=2):
        total = book.calculate("Ageing", sheet[f"L{at}"].value)
        assert total == expected[row["Account"], row["Currency"]]
    for row in html_rows(folder / "reconciliation.html", "ageing"):
        assert number(row["Total"]) == expected[row["Account"], row["Currency"]]
    text = pdf_text(folder / "reconciliation.pdf")
    for (account, currency), total in expected.items():
        assert f"1000 {account} {currency}" in text
        assert f"{total:,f}".replace("-", "−") in text


def test_money_by_week_is_the_ageing_without_money_on_account(folder: Path) -> None:
    ageing = csv_rows(folder / "csv", "ageing")
    weeks = csv_rows(folder / "csv", "cash_flow")

    for currency in CURRENCIES:
        open_items = sum(
            Decimal(r["total"]) - Decimal(r["unapplied"])
            for r in ageing
            if r["currency"] == currency
        )
        expected = sum(Decimal(r["expected"]) for r in weeks if r["currency"] == currency)
        assert expected == open_items


def test_identities_and_roll_forwards_close_in_files_as_they_do_in_the_run(
    folder: Path, report: RunReport
) -> None:
    for name, label in (("identities", "term"), ("item_roll_forward", "movement")):
        rows = csv_rows(folder / "csv", name)
        assert rows == [
            {key: "" if value is None else str(value) for key, value in row.items()}
            for row in _without_type(jsonl_rows(folder / "reconciliation.jsonl", name))
        ]
        block: list[Decimal] = []
        for row in rows:
            if row[label] != "difference":
                block.append(Decimal(row["amount"]))
                continue
            left, others = (
                (block[0], block[1:]) if name == "identities" else (block[-1], block[:-1])
            )
            assert Decimal(row["amount"]) == left - sum(others)
            block = []
    text = pdf_text(folder / "reconciliation.pdf")
    for identity in report.run.identities:
        for term in (identity.left, *identity.right):
            assert f"{term.label} {term.amount.amount:,f}".replace("-", "−") in text


def _without_type(records: list[dict[str, object]]) -> list[dict[str, object]]:
    return [{k: v for k, v in record.items() if k != "type"} for record in records]


def test_every_table_has_as_many_rows_everywhere(
    folder: Path, book: Spreadsheet, report: RunReport
) -> None:
    for part in report.parts:
        if part.name == "run":
            continue
        rows = len(csv_rows(folder / "csv", part.name))
        assert rows == len(jsonl_rows(folder / "reconciliation.jsonl", part.name))
        assert rows == len(part.rows)
        sheet = book.records(part.title)
        assert rows == (0 if sheet[0].get(next(iter(sheet[0]))) == "nothing" else len(sheet))
        if rows and part.name != "evidence":
            assert rows == len(html_rows(folder / "reconciliation.html", part.name))


def test_every_formula_comes_to_what_stands_beside_it(book: Spreadsheet) -> None:
    formulas = book.formulas()

    assert len(formulas) > 100
    for sheet, cell, formula in formulas:
        assert book.calculate(sheet, formula) == book.shown(sheet, cell), (sheet, cell, formula)


def test_totals_of_the_workbook_are_those_of_the_files(folder: Path, book: Spreadsheet) -> None:
    for sheet, part, title, column in (
        ("Breaks", "breaks", "Difference", "difference"),
        ("Payers", "payers", "Open", "open"),
        ("Pending", "pending", "Difference", "difference"),
    ):
        cells = book.book[sheet]
        at = next(c.column for c in cells[1] if c.value == title)
        totals = {
            str(row[0].value).removeprefix("Total "): book.calculate(sheet, row[at - 1].value)
            for row in cells.iter_rows()
            if str(row[0].value).startswith("Total ")
        }
        rows = csv_rows(folder / "csv", part)
        assert totals == {
            currency: sum(
                (Decimal(r[column]) for r in rows if r["currency"] == currency), Decimal(0)
            )
            for currency in {r["currency"] for r in rows}
        }
