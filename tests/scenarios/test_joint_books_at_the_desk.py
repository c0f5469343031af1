"""The joint books at the desk: what a finance person reads, decides and signs."""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner, Result

from connector.bootstrap.application import Application
from connector.bootstrap.simulator import LocalSimulator
from connector.cli.app import app
from connector.clock import ManualClock
from connector.settings import load_settings
from connector.simulator.engine.specs import AccountingDocumentSpec, AccountingLineSpec
from tests.quiet_log import quiet_log
from tests.scenarios.joint.cases_of_money import c10, c13, c15
from tests.scenarios.joint.installation import joint_books
from tests.scenarios.joint.plans import plans
from tests.scenarios.joint.story import Story
from tests.scenarios.joint.whole_story import CASES
from tests.simulator.engine.support import done

Run = Callable[..., Result]

MAY, JUNE = "2026-05-11", "2026-06-30"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All cases, reconciled in May and at the end of June."""
    folder = tmp_path_factory.mktemp("desk") / "books"
    folder.mkdir()
    with quiet_log(), joint_books(folder, "ecc", plans("ecc")) as books:
        story = Story(books)
        for case in CASES:
            case(story)
        story.reconciles(MAY, JUNE)
        story.live(JUNE)
    return folder


@pytest.fixture
def books(told: Path, tmp_path: Path) -> Path:
    """A copy that the test may change."""
    return Path(shutil.copytree(told, tmp_path / "books"))


@pytest.fixture
def desk(books: Path) -> Run:
    config = str(books / "connector.yaml")
    return lambda *words: CliRunner().invoke(
        app, ["--config", config, *map(str, words)], env={"COLUMNS": "250"}
    )


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def break_of(desk: Run, code: str) -> str:
    return str(lines(desk("breaks", "list", "--json", "--code", code))[0]["id"])


def test_a_run_of_the_day_is_that_which_was_kept_and_shows_all_of_it(desk: Run) -> None:
    again = desk("reconcile", "run", "--key-date", JUNE, "--dry", "--json")
    kept = desk("reconcile", "show", JUNE, "--json")

    assert again.exit_code == 1, "breaks are for a person"
    assert json.loads(again.stdout)["content_hash"] == json.loads(kept.stdout)["content_hash"]
    full = desk("reconcile", "show", JUNE, "--full").stdout
    aged = next(row for row in full.splitlines() if "2,900.00" in row and "6,085.20" in row)
    words = aged.split()
    assert words[-7:] == ["2,900.00", "900.00", "476.20", "1,487.50", "1,019.00", "-697.50",
                          "6,085.20"]  # fmt: skip
    texts = {each["text"] for each in json.loads(kept.stdout)["breaks"]}
    assert "milestone 2 of 2026-06-20 (40 %): billing block 02" in texts
    assert "billed 104 instead of 100 ST" in texts


#: What is looked for, the order that it leads to, and what is left over there at a stage.
TRACED = (
    ("EXT-1001", "presales EXT-1001", "receipts", "-238.00"),
    ("11662.00", "presales EXT-1001", "receipts", "-238.00"),
    ("3094.00", "warehouse WH-2002", "billing", "119.00"),
    ("WH-2002", "warehouse WH-2002", "still open", "119.00"),
    ("285.60", "returns RT-3003", "billing", "-285.60"),
    ("666.40", "returns RT-3003", "receipts", "0.00"),
    ("2049", "portal PO-4001", "receipts", "0"),
    ("49.754", "portal PO-4002", "still open", "49.754"),
    ("PO-5005", "portal PO-5005", "paid to the channel", "0.00"),
    ("205.10", "portal PO-6006", "receipts", "0.00"),
    ("1487.50", "portal PO-7007", "still open", "1487.50"),
    ("BANKREF-2", "wholesale WS-1011", "bank lines", "-297.50"),
    ("PO-13105", "portal PO-13105", "still open", "500.00"),
    ("2544.00", "services SE-1601", "still open", "2544.00"),
    ("339000", "milestones MI-1602", "billing", "-791000.00"),
)


@pytest.mark.parametrize(("wanted", "order", "stage", "left"), TRACED)
def test_each_case_is_traced_by_number_and_by_amount(
    desk: Run, wanted: str, order: str, stage: str, left: str
) -> None:
    [chain] = lines(desk("reconcile", "trace", wanted, "--json"))

    assert chain["order"] == order
    left_over = [step["residual"] for step in chain["steps"] if step["stage"] == stage]
    assert left in left_over


def test_two_runs_differ_by_what_happened_between_them(desk: Run) -> None:
    found = json.loads(desk("reconcile", "diff", MAY, JUNE, "--json").stdout)

    [(first, second)] = [(each["first"], each["second"]) for each in found["changed"]]
    assert first["id"] == second["id"]
    differences = [each["difference"]["amount"] for each in (first, second)]
    assert differences == ["-1190.00", "-297.50"]
    figures = {each["name"]: each for each in found["figures"]}
    ageing = figures["ageing 1000/140000/EUR: total"]
    assert (ageing["old"], ageing["new"]) == ("2492.70", "6085.20")


def test_every_format_of_the_report_has_the_same_rows_and_totals(desk: Run, tmp_path: Path) -> None:
    made = desk("reconcile", "report", JUNE, "--csv", tmp_path / "csv", "--xlsx",
                tmp_path / "run.xlsx", "--jsonl", tmp_path / "run.jsonl", "--pdf",
                tmp_path / "run.pdf", "--html", tmp_path / "run.html")  # fmt: skip
    assert made.exit_code == 0, made.output

    records = [
        json.loads(line) for line in (tmp_path / "run.jsonl").read_text("utf-8").splitlines()
    ]
    by_type = Counter(record["type"] for record in records)
    for file in sorted((tmp_path / "csv").glob("*.csv")):
        rows = list(csv.DictReader(file.read_text("utf-8-sig").splitlines()))
        assert len(rows) == by_type.get(file.stem, 0) or file.stem == "run", file.stem
        for column in ("amount", "difference", "open", "total"):
            of_json = [r[column] for r in records if r["type"] == file.stem and column in r]
            if rows and column in rows[0] and file.stem != "run":
                assert [row[column] for row in rows] == [str(v or "") for v in of_json], file.stem
    book = load_workbook(tmp_path / "run.xlsx", data_only=False)
    breaks = list(book["Breaks"].iter_rows(values_only=True))
    ids = {row[0] for row in breaks if str(row[0]).startswith("BRK-")}
    assert ids == {r["id"] for r in records if r["type"] == "breaks"}
    formats = {cell.number_format for row in book["Ageing"].iter_rows() for cell in row}
    assert any("0.000" in each for each in formats), "dinars have three decimals"
    page = (tmp_path / "run.html").read_text("utf-8")
    assert "6,085.20" in page and "49.754" in page
    assert (tmp_path / "run.pdf").read_bytes().startswith(b"%PDF")


def test_breaks_are_worked_on_and_accepted_by_somebody_else(desk: Run) -> None:
    doubled, taxed = break_of(desk, "DUPLICATE_PAYMENT"), break_of(desk, "TAX_ROUNDING")
    desk("breaks", "assign", doubled, "Ann Lee", "--due", "2026-07-31")
    desk("breaks", "comment", doubled, "the customer wants it back", "--as", "Ann Lee")
    refused = desk("breaks", "accept", doubled, "--reason", "why not", "--as", "ann lee")
    accepted = desk("breaks", "accept", taxed, "--reason", "a cent", "--as", "B. Boss")

    assert (refused.exit_code, accepted.exit_code) == (1, 0)
    shown = desk("breaks", "show", doubled).stdout
    assert "the customer wants it back" in shown and "Ann Lee" in shown
    assert "1,190.00 EUR" in shown and "-297.50" in shown
    state = {row["id"]: row["state"] for row in lines(desk("breaks", "list", "--json"))}
    assert state[doubled] == "open" and taxed not in state
    run = json.loads(desk("reconcile", "run", "--key-date", JUNE, "--json").stdout)
    (euros,) = [row for row in run["roll_forward"]["breaks"] if row["currency"] == "EUR"]
    counts = [euros[name]["count"] for name in ("opening", "accepted", "closing")]
    assert counts == [7, 1, 6]


def test_a_signature_is_void_when_somebody_posts_into_the_signed_month(
    desk: Run, books: Path, tmp_path: Path
) -> None:
    anchor = tmp_path / "anchor.txt"
    for who, role in (("Ann", "preparer"), ("Bob", "reviewer")):
        signed = desk("reconcile", "sign-off", JUNE, "--as", who, "--role", role)
        assert signed.exit_code == 0, signed.output
    assert desk("reconcile", "anchor", anchor).exit_code == 0
    post_late(books)

    again = json.loads(desk("reconcile", "run", "--key-date", JUNE, "--json").stdout)

    assert [d["amount"]["amount"] for d in again["restated"]["documents"]] == ["33.00"]
    assert desk("reconcile", "verify", "--anchor", anchor).exit_code == 0
    states = {row["sign_off"] for row in lines(desk("reconcile", "list", "--json"))}
    assert "void" in states


def post_late(books: Path) -> None:
    """Let somebody enter a customer line in July that belongs to June."""
    clock = ManualClock(datetime(2026, 7, 3, 8, tzinfo=UTC))
    with quiet_log(), Application(load_settings(books / "connector.yaml"), clock) as application:
        simulator = application.simulator
        assert isinstance(simulator, LocalSimulator)
        receivable = AccountingLineSpec(Decimal("33.00"), customer="C-130")
        revenue = AccountingLineSpec(Decimal("-33.00"), account="800000")
        spec = AccountingDocumentSpec("1000", "DR", "EUR", [receivable, revenue],
                                      posting_date=date(2026, 6, 29))  # fmt: skip
        done(simulator.erp, "post_accounting_document", spec)


@pytest.fixture(scope="module")
def told_on_s4(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Money twice, ageing and the dealer on S/4HANA, where nothing was reconciled yet."""
    folder = tmp_path_factory.mktemp("desk-s4") / "books"
    folder.mkdir()
    with quiet_log(), joint_books(folder, "s4", plans("s4")) as books:
        story = Story(books)
        for case in (c10, c13, c15):
            case(story)
        for day in ("2026-03-11", MAY, JUNE):
            story.closes(day)
        story.live("2026-07-02")
    return folder


@pytest.mark.parametrize(
    ("key_date", "euros", "yuan", "differences"),
    [
        ("2026-03-11", "-290.00", None, {"DUPLICATE_PAYMENT": "-1190.00"}),
        (MAY, "910.00", "-113000.00", {"DUPLICATE_PAYMENT": "-1190.00"}),
        (
            JUNE,
            "4502.50",
            "63000.00",
            {"DUPLICATE_PAYMENT": "-297.50", "UNDERPAYMENT": "500.00", "ORPHAN_FI_ITEM": "-150.00"},
        ),
    ],
)
def test_money_twice_ageing_and_the_dealer_come_out_on_s4hana_by_the_command_line(
    told_on_s4: Path,
    tmp_path: Path,
    key_date: str,
    euros: str,
    yuan: str | None,
    differences: dict[str, str],
) -> None:
    """1,190.00 paid twice beside 900.00 of C13; in June 4,800.00 less 297.50."""
    config = str(shutil.copytree(told_on_s4, tmp_path / "books") / "connector.yaml")
    words = ["--config", config, "reconcile", "run", "--key-date", key_date, "--json"]
    run = json.loads(CliRunner().invoke(app, words).stdout)

    assert run["verdict"] == "BREAKS"
    ties = {
        (each["scope"]["currency"], each["scope"]["special_gl_indicator"]): (
            each["left"]["amount"]["amount"],
            each["right"][0]["amount"]["amount"],
        )
        for each in run["identities"]
        if each["number"] == 4
    }
    assert ties["EUR", ""] == (euros, euros)
    assert ties.get(("CNY", "")) == (None if yuan is None else (yuan, yuan))
    found = {
        each["code"]: each["difference"]["amount"]
        for each in run["breaks"]
        if each["difference"]["currency"] == "EUR"
    }
    assert found == differences
