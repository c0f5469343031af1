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


def statement_files_of_a_run(connector: Run) -> list[str]:
    run = json.loads(connector("reconcile", "run", "--dry", "--json").stdout)
    return [
        problem
        for source in run["sources"]
        if source["name"] == "statement files"
        for problem in source["problems"]
    ]


def test_a_run_names_what_was_refused_by_hand_until_it_is_read_or_let_be(
    connector: Run, shop: Any, tmp_path: Path
) -> None:
    connector("db", "upgrade")
    for name in ("march.xml", "circular.xml"):
        (tmp_path / name).write_bytes(b"<a/>")
        connector("statements", "import", tmp_path / name)
    named = statement_files_of_a_run(connector)
    assert ["circular.xml" in named[0], "march.xml" in named[1]] == [True, True]
    assert "statements dismiss 2" in named[0]

    (tmp_path / "march.xml").write_bytes((FIXTURES / "camt053-november.xml").read_bytes())
    connector("statements", "import", tmp_path / "march.xml")
    dismissed = connector("statements", "dismiss", 2, "--reason", "a circular, no statement")

    assert dismissed.exit_code == 0, dismissed.output
    assert "a circular, no statement" in dismissed.stdout
    assert statement_files_of_a_run(connector) == []
    assert connector("statements", "dismiss", 2, "--reason", "again").exit_code == 1


def test_a_file_that_is_not_there_is_no_statement_that_is_missing(
    connector: Run, shop: Any, tmp_path: Path
) -> None:
    connector("db", "upgrade")

    assert connector("statements", "import", tmp_path / "none.xml").exit_code == 1
    assert statement_files_of_a_run(connector) == []


def test_a_run_says_in_words_which_list_is_short(connector: Run, shop: Any, tmp_path: Path) -> None:
    connector("db", "upgrade")
    whole = (FIXTURES / "stripe-payouts.json").read_text("utf-8")
    page = tmp_path / "page-1.json"
    page.write_text(whole.replace('"has_more": false', '"has_more": true'), "utf-8")
    connector("statements", "import", page)
    problem, _ = statement_files_of_a_run(connector)
    assert "page-1.json" in problem
    assert "1 of 2 pages" in problem

    connector("statements", "import", FIXTURES / "stripe-payouts.json")

    assert statement_files_of_a_run(connector) == []
