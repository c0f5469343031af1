"""Cases beside the rules tell when a change of the mapping changes an order."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import parse

import pytest
from typer.testing import Result

from tests.cli.mappings import OwnMapping

Run = Callable[..., Result]


@pytest.fixture
def case(own: OwnMapping) -> Path:
    """A case of which nothing is expected yet."""
    return own.case("one-line")


def test_a_case_is_written_once_and_then_expected(connector: Run, case: Path) -> None:
    fresh = connector("mapping", "test")
    written = connector("mapping", "test", "--update")
    after = connector("mapping", "test")

    assert [fresh.exit_code, written.exit_code, after.exit_code] == [1, 0, 0]
    assert "nothing is expected yet" in fresh.stdout
    assert {path.name for path in case.iterdir()} == {
        "order.json", "external_order.json", "mapped_order.json",
    }  # fmt: skip
    assert "1 cases: 1 as expected, 0 not as expected." in after.stdout


def test_a_changed_rule_shows_as_a_difference_of_the_field(
    connector: Run, own: OwnMapping, case: Path
) -> None:
    connector("mapping", "test", "--update")
    own.change_rules("constant: TA,", "constant: ZTA,")

    result = connector("mapping", "test")

    assert result.exit_code == 1
    assert '-     "sales_order_type": "TA",' in result.stdout
    assert '+     "sales_order_type": "ZTA",' in result.stdout


def test_an_update_shows_what_it_changed(connector: Run, own: OwnMapping, case: Path) -> None:
    connector("mapping", "test", "--update")
    own.change_rules("constant: TA,", "constant: ZTA,")

    result = connector("mapping", "test", "--update")

    assert result.exit_code == 0
    assert '+     "sales_order_type": "ZTA",' in result.stdout
    assert connector("mapping", "test").exit_code == 0


def test_holds_and_notices_are_expected_too(connector: Run, own: OwnMapping) -> None:
    case = own.case("unknown-sku")

    connector("mapping", "test", "--update")

    (mapped,) = json.loads((case / "mapped_order.json").read_text("utf-8"))
    assert [hold["code"] for hold in mapped["held"]] == ["UNKNOWN_SKU"]


def test_a_message_that_cannot_be_read_is_an_outcome_as_well(
    connector: Run, own: OwnMapping
) -> None:
    case = own.case("one-line")
    (case / "order.json").write_text("{", "utf-8")

    connector("mapping", "test", "--update")

    (found,) = json.loads((case / "external_order.json").read_text("utf-8"))
    assert "not JSON" in found["unreadable"]
    assert connector("mapping", "test").exit_code == 0


def test_build_servers_get_junit_and_programs_json(
    connector: Run, own: OwnMapping, case: Path, tmp_path: Path
) -> None:
    connector("mapping", "test", "--update")
    own.change_rules("constant: TA,", "constant: ZTA,")
    report = tmp_path / "junit.xml"

    result = connector("mapping", "test", "--junit", report, "--json")

    (line,) = [json.loads(each) for each in result.stdout.splitlines()]
    assert (line["channel"], line["case"], line["as_expected"]) == ("shopify", "one-line", False)
    suite = parse(report).getroot()[0]
    assert suite.attrib == {"name": "shopify", "tests": "1", "failures": "1", "errors": "0"}
    assert "ZTA" in (suite[0][0].text or "")


def test_a_pipeline_that_tests_nothing_is_not_green(connector: Run, own: OwnMapping) -> None:
    assert connector("mapping", "test").exit_code == 2


def test_cases_may_lie_elsewhere(connector: Run, own: OwnMapping, tmp_path: Path) -> None:
    case = own.case("one-line")
    case.parent.rename(tmp_path / "elsewhere")

    result = connector(
        "mapping", "test", "--channel", "shopify", "--cases", tmp_path / "elsewhere", "--update"
    )

    assert result.exit_code == 0
    assert (tmp_path / "elsewhere/one-line/mapped_order.json").is_file()


def test_a_case_without_a_message_is_named(connector: Run, own: OwnMapping, case: Path) -> None:
    (case / "order.json").unlink()

    result = connector("mapping", "test")

    assert result.exit_code == 2
    assert "without a message" in result.stderr


def test_the_junit_report_needs_a_folder(connector: Run, case: Path, tmp_path: Path) -> None:
    result: Any = connector("mapping", "test", "--junit", tmp_path / "no" / "junit.xml")

    assert result.exit_code == 2
