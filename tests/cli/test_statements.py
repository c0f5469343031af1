"""`statements`: files are read once, looked at, and reconciled with."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from typer.testing import Result

from connector.resources import shipped

Run = Callable[..., Result]

FIXTURES = shipped("fixtures/finance/statements")


def test_a_file_is_read_once_whatever_it_is_called(
    connector: Run, shop: Any, tmp_path: Path
) -> None:
    connector("db", "upgrade")
    copy = tmp_path / "copy.sta"
    copy.write_bytes((FIXTURES / "mt940-november.sta").read_bytes())

    first = connector("statements", "import", FIXTURES / "mt940-november.sta")
    again = connector("statements", "import", copy, "--json")

    assert first.exit_code == again.exit_code == 0, first.output
    assert "mt940-november.sta (mt940): 3 lines added" in first.stdout
    assert json.loads(again.stdout)[0]["replayed"] == 3


def test_a_refused_file_ends_with_1_and_the_others_are_read(
    connector: Run, shop: Any, tmp_path: Path
) -> None:
    connector("db", "upgrade")
    wrong = tmp_path / "wrong.xml"
    wrong.write_bytes(b"<a/>")

    result = connector("statements", "import", wrong, FIXTURES / "stripe-report.csv")

    assert result.exit_code == 1
    assert "Refused: wrong.xml" in result.stderr
    assert "stripe-report.csv (stripe-csv): 3 lines added" in result.stdout


def test_what_was_read_is_listed_and_shown(connector: Run, shop: Any) -> None:
    connector("db", "upgrade")
    for name in ("camt053-november.xml", "stripe-payouts.json", "stripe-report.csv"):
        connector("statements", "import", FIXTURES / name)

    listed = json.loads(connector("statements", "list", "--json").stdout)
    shown = connector("statements", "show", "po_1")
    bank = json.loads(connector("statements", "show", "31", "--json").stdout)
    files = json.loads(connector("statements", "files", "--json").stdout)

    assert [each["lines"] for each in listed["statements"]] == [6]
    assert [each["payout_id"] for each in listed["payouts"]] == ["po_1", "po_2"]
    assert "ch_1" in shown.stdout
    assert bank["bank_lines"][0]["amount"] == {"amount": "100.00", "currency": "EUR"}
    assert [each["added"] for each in files] == [3, 0, 6]
    assert connector("statements", "list").exit_code == 0
    assert connector("statements", "show", "nothing").exit_code == 1


def test_a_contradiction_waits_for_a_decision(connector: Run, shop: Any, tmp_path: Path) -> None:
    connector("db", "upgrade")
    other = tmp_path / "other.sta"
    content = (FIXTURES / "mt940-november.sta").read_bytes()
    other.write_bytes(content.replace(b"CR1190,00", b"CR1290,00"))
    connector("statements", "import", FIXTURES / "mt940-november.sta")

    contradicted = connector("statements", "import", other)
    before = connector("statements", "list")
    decided = connector("statements", "keep", "1", "--reason", "the bank confirmed it")

    assert contradicted.exit_code == 1
    assert "came again as 1,290.00 EUR" in contradicted.stderr
    assert "Contradictions" in before.stdout
    assert decided.exit_code == 0
    assert json.loads(connector("statements", "list", "--json").stdout)["conflicts"] == []
    assert connector("statements", "keep", "1", "--reason", "again").exit_code == 1
