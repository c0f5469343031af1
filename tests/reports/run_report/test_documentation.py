"""The reference page of the parts is what the code says."""

from __future__ import annotations

import os
from pathlib import Path

from connector.reports.run_report.documentation import PARTS, reports_reference
from connector.reports.run_report.run_report import RunReport

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "reconciliation-reports.md"


def test_the_page_is_in_step_with_the_code() -> None:
    if os.environ.get("SD_CONNECTOR_WRITE_GOLDEN"):
        PAGE.write_text(reports_reference(), "utf-8")

    assert PAGE.read_text("utf-8") == reports_reference(), "out of date: run `make golden`"


def test_a_report_has_the_parts_that_are_documented(report: RunReport) -> None:
    assert [(part.name, part.columns) for part in report.parts] == [
        (part.name, part.columns) for part in PARTS
    ]


def test_every_column_says_what_it_is() -> None:
    assert not [
        (part.name, column.name)
        for part in PARTS
        for column in part.columns
        if not column.about.endswith(".")
    ]


def test_names_of_parts_and_columns_are_used_once() -> None:
    assert len({part.name for part in PARTS}) == len(PARTS)
    assert len({part.title[:31] for part in PARTS}) == len(PARTS)
    for part in PARTS:
        assert len({column.name for column in part.columns}) == len(part.columns)
        assert set(part.adds_up) <= {column.name for column in part.columns}
