"""What comes from outside stays text, the same report gives the same bytes, bad is never green."""

from __future__ import annotations

import base64
import csv
import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from lxml import html
from openpyxl import load_workbook

from connector.errors import ConfigurationError
from connector.mappings.fill_in_sheets import looks_like_a_formula
from connector.reconciliation.report import ReconciliationRun, Verdict
from connector.reconciliation.rows import summary_rows
from connector.reports.run_report.run_report import RunReport
from connector.reports.run_report.writing import Format, write_report, write_reports
from tests.reports.run_report.company import EVIL
from tests.reports.run_report.readers import csv_rows, jsonl_rows, pdf_text


def page_of(report: RunReport, folder: Path) -> str:
    (path,) = write_report(report, Format.HTML, folder / "page.html")
    return path.read_text("utf-8")


def with_verdict(report: RunReport, verdict: Verdict) -> RunReport:
    return replace(report, run=report.run.model_copy(update={"verdict": verdict}))


def a_failed_run(report: RunReport) -> RunReport:
    """A run that could not read the ERP, as the log keeps it."""
    run = ReconciliationRun(
        header=report.run.header, verdict=Verdict.FAILED, failure="the ERP does not answer"
    )
    return RunReport(run=run, company="Example Trading GmbH")


def test_no_cell_of_a_csv_file_is_a_formula(report: RunReport, tmp_path: Path) -> None:
    files = write_report(report, Format.CSV, tmp_path / "csv")

    texts = []
    for file in files:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            texts += [cell for row in csv.reader(stream) for cell in row]
    assert not [text for text in texts if looks_like_a_formula(text)]
    assert any(EVIL in text for text in texts)
    comments = [row["comments"] for row in csv_rows(tmp_path / "csv", "breaks")]
    assert any("-1+1 asked" in each for each in comments)


def test_texts_of_the_workbook_are_texts(report: RunReport, tmp_path: Path) -> None:
    (path,) = write_report(report, Format.XLSX, tmp_path / "run.xlsx")

    book = load_workbook(path)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [c for c in cells if c.data_type == "f" and "HYPERLINK" in str(c.value)]
    assert [c for c in cells if c.data_type in ("s", "inlineStr") and EVIL in str(c.value)]


def test_breaks_lead_to_their_evidence_and_back(report: RunReport, tmp_path: Path) -> None:
    (path,) = write_report(report, Format.XLSX, tmp_path / "run.xlsx")

    book: Any = load_workbook(path)
    for row in range(2, 2 + len(report.run.breaks)):
        cell = book["Breaks"].cell(row, 1)
        sheet, target = cell.hyperlink.location.split("!")
        found = book[sheet.strip("'")][target]
        assert found.value == cell.value
        assert found.hyperlink.location == f"'Breaks'!A{row}"


def test_sheets_have_filters_frozen_headings_and_their_currencys_decimals(
    report: RunReport, tmp_path: Path
) -> None:
    (path,) = write_report(report, Format.XLSX, tmp_path / "run.xlsx")

    book = load_workbook(path)
    assert {sheet.freeze_panes for sheet in book} == {"B2"}
    assert all(sheet.auto_filter.ref for sheet in book.worksheets[1:])
    sheet = book["Ageing"]
    total = next(cell.column for cell in sheet[1] if cell.value == "Total")
    formats = {sheet.cell(r, 4).value: sheet.cell(r, total).number_format for r in (2, 3, 4)}
    assert [formats[currency].split(";")[0] for currency in ("EUR", "JPY", "KWD")] == [
        "#,##0.00", "#,##0", "#,##0.000",
    ]  # fmt: skip


def test_amounts_have_the_decimals_of_their_currency(report: RunReport, tmp_path: Path) -> None:
    write_report(report, Format.CSV, tmp_path)
    (path,) = write_report(report, Format.JSONL, tmp_path / "run.jsonl")

    decimals = {"EUR": 2, "JPY": 0, "KWD": 3}
    for rows in (csv_rows(tmp_path, "ageing"), jsonl_rows(path, "ageing")):
        for row in rows:
            _, _, fraction = row["total"].partition(".")
            assert len(fraction) == decimals[row["currency"]]
    assert all(isinstance(row["items"], int) for row in jsonl_rows(path, "ageing"))


@pytest.mark.parametrize("each", [Format.XLSX, Format.PDF, Format.HTML, Format.JSONL])
def test_the_same_report_gives_the_same_bytes(
    report: RunReport, tmp_path: Path, each: Format
) -> None:
    again = RunReport(report.run, report.records, report.head, report.sign_off, report.company)

    (one,) = write_report(report, each, tmp_path / "one")
    (other,) = write_report(again, each, tmp_path / "other")

    assert one.read_bytes() == other.read_bytes()


def test_the_page_asks_for_nothing_from_outside(report: RunReport, tmp_path: Path) -> None:
    text = page_of(report, tmp_path)
    page: Any = html.document_fromstring(text)

    assert not page.xpath("//@src | //link | //@href | //iframe | //object | //@style")
    assert not page.xpath("//@onclick | //@onload | //form")
    policy = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    for kind in ("style", "script"):
        (inline,) = re.findall(rf"<{kind}>(.*?)</{kind}>", text, re.S)
        digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy


def test_texts_of_the_page_are_no_markup(report: RunReport, tmp_path: Path) -> None:
    named = replace(report, company="<script>alert(1)</script>")

    page: Any = html.document_fromstring(page_of(named, tmp_path))

    assert len(page.xpath("//script")) == 1
    assert page.xpath("//header/p")[0].text_content() == "<script>alert(1)</script>"


def test_pictures_say_in_words_what_they_show(report: RunReport, tmp_path: Path) -> None:
    page: Any = html.document_fromstring(page_of(report, tmp_path))

    figures = page.xpath("//figure")
    assert len(figures) == 1 + 3 + 3
    ids = page.xpath("//figure//svg//@id")
    assert len(ids) == len(set(ids)) == 2 * len(figures)
    for figure in figures:
        (svg,) = figure.xpath(".//svg")
        title, described = svg.get("aria-labelledby").split()
        assert svg.xpath(f"./title[@id='{title}']")[0].text
        assert ":" in svg.xpath(f"./desc[@id='{described}']")[0].text
        assert figure.xpath(".//table/tbody/tr")


@pytest.mark.parametrize("verdict", list(Verdict))
def test_only_a_reconciled_run_is_green(
    report: RunReport, tmp_path: Path, verdict: Verdict
) -> None:
    judged = with_verdict(report, verdict)

    page: Any = html.document_fromstring(page_of(judged, tmp_path))
    (path,) = write_report(judged, Format.XLSX, tmp_path / "run.xlsx")

    (shown,) = page.xpath("//div[contains(@class, 'verdict')]/@class")
    assert ("good" in shown) is (verdict is Verdict.RECONCILED)
    colour = load_workbook(path).worksheets[0]["B2"].fill.start_color.rgb
    assert (colour == "FFC8E6C9") is (verdict is Verdict.RECONCILED)


def test_a_failed_run_says_so_in_every_format(report: RunReport, tmp_path: Path) -> None:
    failed = a_failed_run(report)

    write_reports(failed, tmp_path, set(Format))

    own = tmp_path / failed.run.header.run_id
    assert {"field": "verdict", "value": "FAILED"} in csv_rows(own / "csv", "run")
    (record,) = jsonl_rows(own / "reconciliation.jsonl", "run")
    assert record["verdict"] == "FAILED"
    assert record["problems"] == ["the ERP does not answer"]
    text = pdf_text(own / "reconciliation.pdf")
    assert "FAILED" in text
    assert "the ERP does not answer" in text
    assert "cannot be signed" in text
    assert "Reviewer" not in text
    assert "There are none" not in text  # nobody knows whether there are
    page = (own / "reconciliation.html").read_text("utf-8")
    assert "No figure of this day is known" in page
    assert "0</b> breaks" not in page
    assert "breaks" not in record
    assert "the ERP does not answer" in (own / "reconciliation.html").read_text("utf-8")
    front = load_workbook(own / "reconciliation.xlsx").worksheets[0]
    assert [row[1].value for row in front.iter_rows(2, 4)] == [
        "FAILED", "Nothing could be compared.", "the ERP does not answer",
    ]  # fmt: skip


def test_an_incomplete_run_names_the_source_that_was_short(
    report: RunReport, tmp_path: Path
) -> None:
    first, *others = report.run.sources
    short = first.model_copy(update={"problems": ("7 of 9 records came back",)})
    run = report.run.model_copy(update={"verdict": Verdict.INCOMPLETE, "sources": (short, *others)})

    (path,) = write_report(replace(report, run=run), Format.PDF, tmp_path / "run.pdf")

    assert "external orders: 7 of 9 records came back" in pdf_text(path)


def test_the_sheet_has_hash_head_and_who_signed(report: RunReport, tmp_path: Path) -> None:
    (path,) = write_report(report, Format.PDF, tmp_path / "run.pdf")

    text = pdf_text(path)
    assert report.run.content_hash in text
    assert f"entry {report.head.sequence}, {report.head.hash}" in text
    assert "Preparer Łukasz Żółć 2026-04-02" in text
    assert "Reviewer B. Boss 2026-04-02" in text


def test_a_void_sign_off_is_void_on_the_sheet(report: RunReport, tmp_path: Path) -> None:
    assert report.sign_off is not None
    void = replace(
        report.sign_off, void_because="another figure", void_at=datetime(2026, 5, 1, tzinfo=UTC)
    )

    (path,) = write_report(replace(report, sign_off=void), Format.PDF, tmp_path / "run.pdf")

    assert "VOID The sign-off is void: another figure" in pdf_text(path)


def test_signs_that_no_font_has_are_named_on_the_sheet(report: RunReport, tmp_path: Path) -> None:
    chinese = replace(report, company="王 Trading")

    (without,) = write_report(chinese, Format.PDF, tmp_path / "without.pdf")
    (with_font,) = write_report(
        chinese, Format.PDF, tmp_path / "with.pdf", font=a_font(tmp_path, "王")
    )

    assert "The font has no sign for U+738B" in pdf_text(without)
    text = pdf_text(with_font)
    assert text.startswith("王 Trading")
    assert "The font has no sign" not in text


def a_font(folder: Path, sign: str) -> Path:
    """Make a font of one sign, a box."""
    pen = TTGlyphPen(None)
    for at, point in enumerate(((50, 0), (50, 700), (900, 700), (900, 0))):
        pen.moveTo(point) if at == 0 else pen.lineTo(point)
    pen.closePath()
    glyph = pen.glyph()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "sign"])
    builder.setupCharacterMap({ord(sign): "sign"})
    builder.setupGlyf({".notdef": glyph, "sign": glyph})
    builder.setupHorizontalMetrics({".notdef": (1000, 0), "sign": (1000, 0)})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "One Sign", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    path = folder / "one.ttf"
    builder.save(path)
    return path


def test_a_place_that_cannot_be_written_is_named(report: RunReport, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(ConfigurationError, match=r"the pdf report cannot be written"):
        write_report(report, Format.PDF, tmp_path / "file" / "run.pdf")


def test_the_terminal_says_how_many_matches_are_proposed(report: RunReport) -> None:
    told = {row[0]: row[1] for row in summary_rows(report.run)}

    assert told["Proposals"] == f"1 for {report.run.proposals[0].lines[0].amount}, 0 of them exact"


def test_a_page_of_many_rows_shows_the_first_and_says_where_all_are(
    report: RunReport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connector.reports.run_report.page.MOST_ROWS", 2)
    left_out = len(report.run.breaks) - 2

    page: Any = html.document_fromstring(page_of(report, tmp_path))

    (section,) = page.xpath("//section[@id='breaks']")
    assert len(section.xpath(".//tbody/tr[not(@class)]")) == 2
    assert f"{left_out} more are in the workbook and in breaks.csv" in section.text_content()


def test_a_sheet_that_is_full_says_where_all_rows_are(
    report: RunReport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("workbook", "formulas"):
        monkeypatch.setattr(f"connector.reports.run_report.{module}.MOST_ROWS", 2)

    (path,) = write_report(report, Format.XLSX, tmp_path / "run.xlsx")

    book: Any = load_workbook(path)
    assert book["Breaks by category"]["C2"].data_type == "n"
    sheet = book["Breaks"]
    assert sheet.max_row == 1 + 2 + 1
    assert sheet["A4"].value == "The file breaks.csv has all rows."
