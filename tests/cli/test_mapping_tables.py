"""What a dry run finds missing is filled in by a person, loaded back, and then maps."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from typer.testing import Result

from tests.cli.mappings import OwnMapping

Run = Callable[..., Result]
CHANNEL = ("--channel", "shopify")


@pytest.fixture
def missing(connector: Run, shop: Any, own: OwnMapping) -> Path:
    """A workbook of what two orders lack: two SKUs and a gateway."""
    shop.drop(shop.order(sku="NEU-2", price="20.00"), "small.json")
    shop.drop(shop.order(sku="NEU-1"), "large.json")
    unknown = json.dumps(shop.order(sku="=cmd|'/C calc'!A0")).replace("shopify_payments", "pay-x")
    shop.drop(json.loads(unknown), "gateway.json")
    file = shop.folder / "missing.xlsx"
    result = connector("dry-run", shop.inbox, *CHANNEL, "--coverage", file)
    assert result.exit_code == 1, result.output
    return Path(file)


def fill_in(file: Path, sheet: str, key: str, **values: str) -> None:
    book: Any = load_workbook(file)
    header = [cell.value for cell in book[sheet][1]]
    for cells in book[sheet].iter_rows(min_row=2):
        if cells[0].value == key:
            for column, value in values.items():
                cells[header.index(column)].value = value
            break
    else:
        raise AssertionError(f"{sheet} has no row {key}")
    book.save(file)


def test_each_table_has_a_sheet_with_its_key_filled_in_and_what_waits_for_it(
    missing: Path,
) -> None:
    book: Any = load_workbook(missing)
    header, *rows = book["skus"].iter_rows(values_only=True)

    assert book.sheetnames == ["Overview", "skus", "gateways"]
    assert header[:4] == ("sku", "material", "unit", "because")
    assert {row[0] for row in rows} == {"NEU-1", "NEU-2", "=cmd|'/C calc'!A0"}
    assert all(row[1:4] == (None, None, None) for row in rows)
    by_key = {row[0]: dict(zip(header, row, strict=True)) for row in rows}
    assert by_key["NEU-1"]["(orders)"] == 1
    assert by_key["NEU-1"]["(revenue at risk)"] > 0
    assert by_key["NEU-1"]["(currency)"] == "EUR"
    assert by_key["NEU-1"]["(holds orders)"] == "yes"
    assert [cell.data_type for cell in book["skus"]["A"]] == ["s"] * 4
    assert book["skus"].freeze_panes == "B2"
    assert book["skus"].auto_filter.ref.startswith("A1:")


def test_what_is_filled_in_and_loaded_maps(
    connector: Run, shop: Any, own: OwnMapping, missing: Path
) -> None:
    before = (own.folder / "mappings/shopify/skus.csv").read_bytes()
    fill_in(missing, "skus", "NEU-1", material="BI-1000", unit="ST", because="new colour")
    fill_in(missing, "gateways", "pay-x", bank_account="113200")

    shown = connector("mapping", "tables", "load", missing, *CHANNEL)
    assert shown.exit_code == 0, shown.output
    assert "NEU-1" in shown.stdout
    assert "Nothing was written; add --yes to write the rows." in shown.stdout
    assert (own.folder / "mappings/shopify/skus.csv").read_bytes() == before

    written = connector("mapping", "tables", "load", missing, *CHANNEL, "--yes")
    assert written.exit_code == 0, written.output
    assert "2 rows were added." in written.stdout
    after = (own.folder / "mappings/shopify/skus.csv").read_bytes()
    assert after == before + b"NEU-1,BI-1000,ST,new colour\n"

    again = connector("dry-run", shop.inbox / "large.json", *CHANNEL)
    assert again.exit_code == 0, again.output
    twice = connector("mapping", "tables", "load", missing, *CHANNEL, "--yes", "--json")
    assert [json.loads(line)["already_there"] for line in twice.stdout.splitlines()] == [1, 1]
    assert (own.folder / "mappings/shopify/skus.csv").read_bytes() == after


def test_a_row_that_contradicts_the_table_keeps_all_from_being_written(
    connector: Run, own: OwnMapping, missing: Path
) -> None:
    fill_in(missing, "skus", "NEU-1", material="BI-1000", unit="ST")
    fill_in(missing, "skus", "NEU-2", sku="DEICHGRAF-28", material="BI-9", unit="ST")
    before = (own.folder / "mappings/shopify/skus.csv").read_bytes()

    result = connector("mapping", "tables", "load", missing, *CHANNEL, "--yes")

    assert result.exit_code == 2
    assert "missing.xlsx, sheet skus, line " in result.stderr
    assert "DEICHGRAF-28 has material 'BI-9', but " in result.stderr
    assert "skus.csv, line 2 has material 'BI-1000'" in result.stderr
    assert (own.folder / "mappings/shopify/skus.csv").read_bytes() == before


def test_a_key_that_could_run_in_a_spreadsheet_is_not_loaded(
    connector: Run, own: OwnMapping, missing: Path
) -> None:
    fill_in(missing, "skus", "=cmd|'/C calc'!A0", material="BI-1000", unit="ST")

    result = connector("mapping", "tables", "load", missing, *CHANNEL, "--yes")

    assert result.exit_code == 2
    assert "may take for a formula" in result.stderr
    assert "calc" not in (own.folder / "mappings/shopify/skus.csv").read_text("utf-8")


def test_as_csv_each_table_is_a_file_that_can_be_loaded(
    connector: Run, shop: Any, own: OwnMapping
) -> None:
    shop.drop(shop.order(sku="NEU-1"))
    shop.drop(shop.order(sku="-2+3"), "formula.json")
    connector("dry-run", shop.inbox, *CHANNEL, "--coverage", shop.folder / "missing.csv")
    file = shop.folder / "missing.skus.csv"
    header, *rows = csv.reader(file.read_text("utf-8-sig").splitlines())
    assert [row[0] for row in rows] == ["'-2+3", "NEU-1"]
    rows[1][1:3] = ["BI-1000", "ST"]
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([header, *rows])

    result = connector("mapping", "tables", "load", file, *CHANNEL, "--yes")

    assert result.exit_code == 0, result.output
    assert connector("dry-run", shop.inbox / "order.json", *CHANNEL).exit_code == 0


def test_other_names_of_files_and_tables_are_refused(
    connector: Run, shop: Any, missing: Path
) -> None:
    assert connector("dry-run", shop.inbox, *CHANNEL, "--coverage", "a.ods").exit_code == 2
    assert connector("mapping", "tables", "load", missing.with_name("no"), *CHANNEL).exit_code == 2
    load = ("mapping", "tables", "load", missing, *CHANNEL, "--table")
    assert connector(*load, "skuss").exit_code == 2
    assert connector(*load, "gateways").exit_code == 0
