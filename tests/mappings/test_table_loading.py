"""Rows that a person filled in are checked against the table, and added without touching others."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.worksheet.table import Table

from connector.errors import ConfigurationError
from connector.mappings.fill_in_sheets import guarded, looks_like_a_formula, sheet_names, unguarded
from connector.mappings.table_loading import FilledSheet, TableChange, change_of, read_filled
from connector.mappings.table_writing import add_rows
from connector.mappings.value_tables import ValueTable, read_table

SKUS = "sku,material,unit,because\nA,M-A,ST,\nB,M-B,ST,as agreed\n"


def a_table(folder: Path, text: str = SKUS, name: str = "skus.csv") -> ValueTable:
    (folder / name).write_bytes(text.encode())
    return read_table("skus", folder / name, ("sku",), f"shop/{name}")


def change(
    table: ValueTable, *rows: tuple[str, ...], columns: str = "sku,material,unit"
) -> TableChange:
    names = tuple(columns.split(","))
    records = [(line, dict(zip(names, row, strict=True))) for line, row in enumerate(rows, 2)]
    return change_of(FilledSheet("skus", "missing.xlsx, sheet skus", names, records), table)


def test_filled_rows_are_added_and_empty_ones_left_out(tmp_path: Path) -> None:
    found = change(a_table(tmp_path), ("C", "M-C", "ST"), ("D", "", ""), ("A", "M-A", "ST"))

    assert found.problems == []
    assert found.added == {2: {"sku": "C", "material": "M-C", "unit": "ST", "because": ""}}
    assert (found.empty, found.known) == (1, 1)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("A", "M-X", "ST"), "line 2: A has material 'M-X', but {file}, line 2 has material 'M-A'"),
        (("C", "M-C", ""), "line 2: unit is empty, and no row of shop/skus.csv leaves it empty"),
        (("", "M-C", "ST"), "line 2: the key (sku) is empty"),
        (("C", "=HYPERLINK(1)", "ST"), "material is '=HYPERLINK(1)', which spreadsheet programs"),
        (("@C", "M-C", "ST"), "sku is '@C', which spreadsheet programs may take for a formula"),
        (("C", "M\n-C", "ST"), "material has characters that do not print"),
    ],
)
def test_what_speaks_against_a_row_names_file_and_line(
    tmp_path: Path, row: tuple[str, ...], said: str
) -> None:
    table = a_table(tmp_path)
    found = change(table, row)

    assert found.added == {}
    [problem] = found.problems
    assert problem.startswith("missing.xlsx, sheet skus, line 2: ")
    assert said.format(file=table.file) in problem


def test_one_key_with_two_values_is_refused_and_with_one_taken_once(tmp_path: Path) -> None:
    table = a_table(tmp_path)

    same = change(table, ("C", "M-C", "ST"), ("C", "M-C", "ST"))
    other = change(table, ("C", "M-C", "ST"), ("C", "M-D", "ST"))

    assert (len(same.added), same.problems) == (1, [])
    assert other.problems[0].startswith("missing.xlsx, sheet skus, lines 2 and 3: C is there twice")


def test_columns_that_the_table_does_not_have_are_refused_but_those_for_people_are_not(
    tmp_path: Path,
) -> None:
    table = a_table(tmp_path)

    wrong = change(table, ("C", "M-C"), columns="sku,materiel")
    fine = change(table, ("C", "M-C", "ST", "9"), columns="sku,material,unit,(orders)")
    keyless = change(table, ("M-C", "ST"), columns="material,unit")

    assert "has no column 'materiel'" in wrong.problems[0]
    assert "material" in wrong.problems[0].partition(";")[2]
    assert fine.problems == []
    assert "the key column 'sku' of shop/skus.csv is missing" in keyless.problems[0]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False])
def test_of_a_csv_file_every_byte_stays(tmp_path: Path, end: str, last: bool) -> None:
    text = "\ufeff" + SKUS.replace("\n", end)
    table = a_table(tmp_path, text if last else text.removesuffix(end))
    table.file.chmod(0o640)

    add_rows(table, [{"sku": "C,1", "material": "M-C", "unit": "ST", "because": ""}])

    content = table.file.read_bytes().decode()
    assert content == text + f'"C,1",M-C,ST,{end}'
    assert stat.S_IMODE(table.file.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [table.file]


def test_of_a_workbook_other_sheets_notes_and_formats_stay(tmp_path: Path) -> None:
    file = tmp_path / "tables.xlsx"
    book: Any = Workbook()
    book.active.title = "notes"
    book["notes"]["A1"] = "=1+1"
    sheet = book.create_sheet("skus")
    for row in (("sku", "material", "unit"), ("A", "M-A", "ST")):
        sheet.append(row)
    sheet["B2"].comment = Comment("asked the shop", "K")
    sheet.add_table(Table(displayName="skus", ref="A1:C2"))
    book.save(file)
    table = read_table("skus", file, ("sku",), sheet="skus")

    add_rows(table, [{"sku": "007", "material": "M-C", "unit": ""}])

    after = load_workbook(file)
    assert [cell.value for cell in after["skus"][3]] == ["007", "M-C", None]
    assert after["skus"]["B2"].comment.text == "asked the shop"
    assert after["skus"].tables["skus"].ref == "A1:C3"
    assert after["notes"]["A1"].value == "=1+1"
    assert read_table("skus", file, ("sku",), sheet="skus").rows[("007",)]["material"] == "M-C"


def test_a_table_that_was_changed_in_the_meantime_stays_as_it_is(tmp_path: Path) -> None:
    table = a_table(tmp_path)
    table.file.write_text(SKUS + "Z,M-Z,ST,\n", "utf-8")

    with pytest.raises(ConfigurationError, match="changed in the meantime"):
        add_rows(table, [{"sku": "C", "material": "M-C", "unit": "ST", "because": ""}])

    assert table.file.read_text("utf-8") == SKUS + "Z,M-Z,ST,\n"
    assert list(tmp_path.iterdir()) == [table.file]


def test_a_csv_file_names_its_table_and_gives_back_what_was_guarded(tmp_path: Path) -> None:
    tables = {"skus": a_table(tmp_path)}
    file = tmp_path / "missing.skus.csv"
    file.write_text("sku,material,unit\n'+49-X,M-1,ST\n'quoted,M-2,ST\n", "utf-8")

    [sheet] = read_filled(file, tables)

    assert [record["sku"] for _, record in sheet.records] == ["+49-X", "'quoted"]
    with pytest.raises(ConfigurationError, match="the rules have no table 'other'"):
        read_filled(file.rename(tmp_path / "missing.other.csv"), tables)


def test_a_csv_file_may_be_separated_as_programs_of_other_countries_do(tmp_path: Path) -> None:
    file = tmp_path / "missing.skus.csv"
    file.write_text('sku;material;unit;(orders)\nC;"M;C";ST;1\n', "utf-8-sig")

    [sheet] = read_filled(file, {"skus": a_table(tmp_path)})

    assert list(sheet.records) == [
        (2, {"sku": "C", "material": "M;C", "unit": "ST", "(orders)": "1"})
    ]


def test_a_sheet_that_is_no_table_of_the_rules_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "missing.xlsx"
    book: Any = Workbook()
    book.active.title = "sku"
    book.save(file)

    with pytest.raises(ConfigurationError, match="skus"):
        read_filled(file, {"skus": a_table(tmp_path)})


@pytest.mark.parametrize("text", ["=1", "+A", "-A", "@x", "\tx", "-1+2"])
def test_texts_that_could_run_are_marked_and_come_back_as_they_were(text: str) -> None:
    assert looks_like_a_formula(text)
    assert guarded(text) == "'" + text
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize("text", ["", "-5", "+49", "1,000.00", "a=b", "'x"])
def test_other_texts_are_left_alone(text: str) -> None:
    assert not looks_like_a_formula(text)
    assert guarded(text) == text == unguarded(text)


def test_sheets_have_names_that_a_workbook_takes_and_that_differ() -> None:
    long = "a_table_whose_name_is_longer_than_31"
    names = sheet_names([f"{long}_1", f"{long}_2", "skus", "overview"])

    assert len(set(names.values())) == 4
    assert all(len(name) <= 31 for name in names.values())
    assert names["skus"] == "skus"
    assert names["overview"] != "overview"
