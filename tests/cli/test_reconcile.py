"""An accountant's morning: runs, breaks, who has them, signatures, and that nobody edited it."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from connector.bootstrap import build
from connector.bootstrap.reconciliation_reports import write_run_reports
from connector.cli.app import app
from connector.reconciliation.chain_of_runs import RunHistory
from connector.reconciliation.report import ReconciliationRun
from connector.settings import load_settings

Run = Callable[..., Result]

#: A day on which the orders that are held count as missing.
LATER = "2026-11-22"


def invoke(config: Path, *arguments: object) -> Result:
    return CliRunner().invoke(app, ["--config", str(config), *(str(each) for each in arguments)])


@pytest.fixture(scope="module")
def reconciled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration, reconciled on its day and once more when three orders are missing."""
    folder = tmp_path_factory.mktemp("reconciled") / "workspace"
    made = CliRunner().invoke(app, ["demo", "--workspace", str(folder)])
    assert made.exit_code == 0, made.output
    assert invoke(folder / "connector.yaml", "reconcile", "--key-date", "2026-11-17").exit_code == 0
    found = invoke(folder / "connector.yaml", "reconcile", "run", "--key-date", LATER)
    assert found.exit_code == 1, found.output
    return folder


@pytest.fixture
def workspace(reconciled: Path, tmp_path: Path) -> Path:
    """A copy that the test may change."""
    return Path(shutil.copytree(reconciled, tmp_path / "workspace"))


@pytest.fixture
def connector(workspace: Path) -> Run:
    return lambda *arguments: invoke(workspace / "connector.yaml", *arguments)


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def break_ids(connector: Run, *arguments: object) -> list[str]:
    return [row["id"] for row in lines(connector("breaks", "list", "--json", *arguments))]


def edit(workspace: Path, *statements: str) -> None:
    """Edit the log as somebody with the file would: the triggers go first."""
    with closing(sqlite3.connect(workspace / "connector.sqlite3")) as database:
        for (name,) in database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            database.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            database.execute(statement)
        database.commit()


def test_the_log_lists_runs_the_newest_first(connector: Run) -> None:
    rows = lines(connector("reconcile", "list", "--json"))

    assert [row["key_date"] for row in rows] == [LATER, "2026-11-17", "2026-11-17"]
    assert [row["verdict"] for row in rows] == ["BREAKS", "WITH_PENDING", "WITH_PENDING"]
    assert rows[1]["content_hash"] == rows[2]["content_hash"]
    shown = connector("reconcile", "list", "--limit", "1").stdout
    assert rows[0]["run_id"] in shown
    assert rows[1]["run_id"] not in shown


def test_a_kept_run_is_shown_as_it_was(connector: Run) -> None:
    result = connector("reconcile", "show", "last", "--json")

    content = json.loads(result.stdout)
    state, signatures = content.pop("sign_off_state"), content.pop("sign_off")
    run = ReconciliationRun.model_validate(content)
    assert (result.exit_code, state, signatures) == (0, "", [])
    assert len(run.breaks) == 3
    assert run.roll_forward is not None
    assert run.roll_forward.closes
    assert "Breaks since 2026-11-17" in connector("reconcile", "show", LATER).stdout


def test_a_run_that_is_not_there_is_told_as_that(connector: Run) -> None:
    result = connector("reconcile", "show", "2025-01-01")

    assert result.exit_code == 1
    assert "reconcile list" in result.stderr


def test_two_runs_are_compared_by_figures_and_breaks(connector: Run) -> None:
    result = connector("reconcile", "diff", "2026-11-17", LATER, "--json")

    found = json.loads(result.stdout)
    assert result.exit_code == 1
    assert len(found["new"]) == 3
    assert {"verdict", "key date"} <= {each["name"] for each in found["header"]}
    assert any("not yet billed" in each["name"] for each in found["figures"])
    assert connector("reconcile", "diff", LATER, "last").exit_code == 0
    assert (
        "Breaks: only in the second" in connector("reconcile", "diff", "2026-11-17", LATER).stdout
    )


def test_a_run_can_be_limited_to_a_currency_and_to_nothing_kept(connector: Run) -> None:
    before = lines(connector("reconcile", "list", "--json"))

    result = connector(
        "reconcile", "run", "--key-date", LATER, "--currency", "JPY", "--dry", "--json"
    )

    run = json.loads(result.stdout)
    assert {each["scope"]["currency"] for each in run["identities"]} == {"JPY"}
    assert (run["header"]["mode"], run["header"]["currencies"]) == ("dry", ["JPY"])
    assert lines(connector("reconcile", "list", "--json")) == before


def test_an_unknown_company_code_is_refused_with_those_there_are(connector: Run) -> None:
    result = connector("reconcile", "run", "--company-code", "9999")

    assert result.exit_code == 2
    assert "9999" in result.stderr
    assert "There are 1000" in result.stderr


def test_breaks_are_listed_by_what_is_asked_for(connector: Run) -> None:
    (first, second, third) = break_ids(connector)
    assert connector("breaks", "assign", first, "Ann Lee", "--due", "2026-11-01").exit_code == 0

    assert break_ids(connector, "--owner", "ann lee") == [first]
    assert set(break_ids(connector, "--owner", "nobody")) == {second, third}
    assert break_ids(connector, "--state", "overdue") == [first]
    assert break_ids(connector, "--code", "UNDERPAYMENT") == []
    assert len(break_ids(connector, "--code", "missing_order")) == 3
    assert break_ids(connector, "--min-age", "1") == []
    assert len(break_ids(connector, "--max-age", "0")) == 3
    assert len(break_ids(connector, "--currency", "EUR")) == 2
    assert break_ids(connector, "--company-code", "2000") == []
    assert connector("breaks", "list", "--code", "UNDERPAYMENT").exit_code == 0
    assert connector("breaks", "list").exit_code == 1
    assert "MISSING_ORDER" in connector("breaks", "list", "--code", "MISING_ORDER").stderr


def test_a_break_shows_its_records_calculation_cause_chain_and_history(connector: Run) -> None:
    (break_id,) = (
        row["id"]
        for row in lines(connector("breaks", "list", "--json"))
        if row["about"] == "shopify #1109"
    )
    connector("breaks", "comment", break_id, "told the shop", "--as", "Ann")

    result = connector("breaks", "show", break_id.removeprefix("BRK-")[:8], "--json")

    found = json.loads(result.stdout)
    assert found["cause"]["hold"] == "UNKNOWN_SKU"
    assert found["cause"]["order"].startswith("shopify/")
    assert "ERP - outside: 0.00 EUR - 107.03 EUR = -107.03 EUR" in found["calculation"]
    assert found["evidence"][0]["source"] == "external order"
    assert found["chain"]["stage"] == "held"
    assert [each["kind"] for each in found["history"]] == ["break found", "break commented"]
    shown = connector("breaks", "show", break_id).stdout
    for expected in ("Calculation", "Records as read", "told the shop", "What to do"):
        assert expected in shown


def test_who_works_on_a_break_cannot_accept_it(connector: Run) -> None:
    break_id = break_ids(connector)[0]
    connector("breaks", "assign", break_id, "Ann Lee")

    refused = connector("breaks", "accept", break_id, "--reason", "why not", "--as", "ANN LEE")
    done = connector("breaks", "accept", break_id, "--reason", "a cent", "--as", "Boss")
    again = connector("breaks", "assign", break_id, "Cem")

    assert (refused.exit_code, done.exit_code, again.exit_code) == (1, 0, 1)
    assert "somebody else" in refused.stderr
    assert "accepted by Boss" in again.stderr
    (row,) = lines(connector("breaks", "list", "--state", "accepted", "--json"))
    assert (row["accepted"]["by"], row["accepted"]["reason"]) == ("Boss", "a cent")


def test_an_accepted_break_leaves_the_open_sum_of_the_next_run(connector: Run) -> None:
    break_id = break_ids(connector, "--currency", "JPY")[0]
    connector("breaks", "accept", break_id, "--reason", "written off", "--as", "Boss")

    result = connector("reconcile", "run", "--key-date", LATER, "--json")

    rows = {row["currency"]: row for row in json.loads(result.stdout)["roll_forward"]["breaks"]}
    assert rows["JPY"]["accepted"] == {"count": 1, "amount": "-20800"}
    assert rows["JPY"]["closing"] == {"count": 0, "amount": "0"}
    assert rows["EUR"]["opening"] == rows["EUR"]["closing"] == {"count": 2, "amount": "-195.00"}


def test_a_due_day_can_be_set_and_a_wrong_one_is_refused(connector: Run) -> None:
    break_id = break_ids(connector)[0]

    assert connector("breaks", "due", break_id, "2026-12-24").exit_code == 0
    assert connector("breaks", "due", break_id, "24.12.2026").exit_code == 2
    (row,) = (r for r in lines(connector("breaks", "list", "--json")) if r["id"] == break_id)
    assert row["due_on"] == "2026-12-24"


def test_a_run_is_signed_by_two_people(connector: Run) -> None:
    sign = ("reconcile", "sign-off", LATER)

    early = connector(*sign, "--as", "Bob", "--role", "reviewer")
    prepared = connector(*sign, "--as", "Ann", "--role", "preparer", "--note", "three held orders")
    alone = connector(*sign, "--as", "ann", "--role", "reviewer")
    reviewed = connector(*sign, "--as", "Bob", "--role", "reviewer")

    assert [each.exit_code for each in (early, prepared, alone, reviewed)] == [1, 0, 1, 0]
    assert "somebody else" in alone.stderr
    assert lines(connector("reconcile", "list", "--json"))[0]["sign_off"] == "signed off"
    shown = connector("reconcile", "show", LATER).stdout
    assert "three held orders" in shown


def test_the_log_is_proved_and_its_head_anchored_outside(connector: Run, tmp_path: Path) -> None:
    anchors = tmp_path / "anchors.jsonl"

    assert connector("reconcile", "anchor", anchors).exit_code == 0
    connector("breaks", "comment", break_ids(connector)[0], "after the anchor")
    assert connector("reconcile", "anchor", anchors).exit_code == 0
    result = connector("reconcile", "verify", "--anchor", anchors, "--json")

    found = json.loads(result.stdout)
    assert (result.exit_code, found["damage"], found["anchors"]) == (0, [], 2)
    assert len(anchors.read_text().splitlines()) == 2
    assert connector("reconcile", "verify", "--anchor", tmp_path / "none").exit_code == 2


def test_an_edited_log_is_found_with_the_place(connector: Run, workspace: Path) -> None:
    connector("breaks", "comment", break_ids(connector)[0], "keep this")
    edit(
        workspace,
        "UPDATE reconciliation_log SET body = replace(body, 'keep', 'lose')"
        " WHERE kind = 'break commented'",
        "UPDATE reconciliation_run SET content = replace(content, '107.03', '17.03')"
        f" WHERE key_date = '{LATER}'",
    )

    result = connector("reconcile", "verify")

    assert result.exit_code == 1
    assert "break commented" in result.stdout
    assert "its content was changed after it was sealed" in result.stdout
    refused = connector("reconcile", "sign-off", LATER, "--as", "Ann", "--role", "preparer")
    assert refused.exit_code == 1
    assert "reconcile verify" in refused.stderr


def test_a_log_that_was_cut_off_is_found_by_its_anchor_and_not_anchored_again(
    connector: Run, workspace: Path, tmp_path: Path
) -> None:
    anchors = tmp_path / "anchors.jsonl"
    connector("breaks", "comment", break_ids(connector)[0], "unwelcome")
    connector("reconcile", "anchor", anchors)
    edit(
        workspace,
        "DELETE FROM reconciliation_log WHERE kind IN ('anchored', 'break commented')",
    )

    assert connector("reconcile", "verify").exit_code == 0
    result = connector("reconcile", "verify", "--anchor", anchors)
    refused = connector("reconcile", "anchor", anchors)

    assert result.exit_code == 1
    assert "the log was cut off" in result.stdout
    assert refused.exit_code == 1
    assert "nothing was anchored" in refused.stderr


def test_an_order_is_traced_by_any_number_with_what_is_left_over(connector: Run) -> None:
    by_number = lines(connector("reconcile", "trace", "90000001", "--json"))
    by_amount = lines(connector("reconcile", "trace", "1,206.42", "--json"))

    assert by_number == by_amount
    stages = [step["stage"] for step in by_number[0]["steps"]]
    assert stages == sorted(stages, key=stages.index)
    assert {"external order", "sales documents", "deliveries", "billing", "accounting"} <= set(
        stages
    )
    assert {"receipts", "paid to the channel"} <= set(stages)
    assert {step["residual"] for step in by_number[0]["steps"]} <= {None, "0.00"}


def test_a_trace_says_why_something_is_left_over(connector: Run) -> None:
    (chain,) = lines(connector("reconcile", "trace", "107.03", "--json"))

    (billed,) = (step for step in chain["steps"] if step["text"] == "billed in all")
    assert (billed["amount"], billed["residual"]) == ("0.00", "-107.03")
    assert "MISSING_ORDER" in billed["reason"]
    assert "UNKNOWN_SKU" in billed["reason"]
    assert connector("reconcile", "trace", "99999.99").exit_code == 1


def test_reports_of_the_newest_run_are_written_side_by_side(connector: Run, tmp_path: Path) -> None:
    result = connector(
        "reconcile", "report", "--html", tmp_path / "page.html", "--jsonl", tmp_path / "run.jsonl",
        "--csv", tmp_path / "files", "--pdf", tmp_path / "sheet.pdf",
    )  # fmt: skip

    assert result.exit_code == 0, result.output
    head, *records = (
        json.loads(each) for each in (tmp_path / "run.jsonl").read_text("utf-8").splitlines()
    )
    assert (head["key_date"], head["verdict"]) == (LATER, "BREAKS")
    breaks = [each for each in records if each["type"] == "breaks"]
    assert sorted(each["id"] for each in breaks) == sorted(break_ids(connector))
    assert (tmp_path / "sheet.pdf").read_bytes().startswith(b"%PDF")
    assert "BREAKS" in (tmp_path / "page.html").read_text("utf-8")
    assert f"{tmp_path / 'files'} (" in result.stdout


def test_all_reports_of_a_day_go_into_a_folder_of_its_run(connector: Run, tmp_path: Path) -> None:
    result = connector("reconcile", "report", "2026-11-17", "--folder", tmp_path / "all")

    assert result.exit_code == 0, result.output
    (own,) = (tmp_path / "all").iterdir()
    of_day = lines(connector("reconcile", "list", "--json"))[1]
    assert (own.name, of_day["key_date"]) == (of_day["run_id"], "2026-11-17")
    assert {each.name for each in own.iterdir()} == {
        "csv", "reconciliation.html", "reconciliation.jsonl", "reconciliation.pdf",
        "reconciliation.xlsx",
    }  # fmt: skip


def test_a_report_shows_who_has_a_break_and_who_has_signed(connector: Run, tmp_path: Path) -> None:
    first = break_ids(connector)[0]
    connector("breaks", "assign", first, "Ann", "--due", "2026-12-01")
    connector("reconcile", "sign-off", "last", "--as", "Ann", "--role", "preparer")

    connector("reconcile", "report", "--jsonl", tmp_path / "run.jsonl")

    records = [
        json.loads(each) for each in (tmp_path / "run.jsonl").read_text("utf-8").splitlines()
    ]
    (found,) = (each for each in records if each["type"] == "breaks" and each["id"] == first)
    assert (found["owner"], found["due_on"]) == ("Ann", "2026-12-01")
    assert [each["name"] for each in records if each["type"] == "sign_offs"] == ["Ann"]
    assert records[0]["sign_off"] == "prepared"


def test_a_report_needs_to_know_what_to_write_and_where(connector: Run, tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("")

    nothing = connector("reconcile", "report")
    folder = connector("reconcile", "report", "--pdf", tmp_path)
    file = connector("reconcile", "report", "--csv", tmp_path / "a file")

    assert [each.exit_code for each in (nothing, folder, file)] == [2, 2, 2]
    assert "say what to write" in nothing.output
    assert "--pdf" in folder.output
    assert "--csv" in file.output


def test_the_settings_say_which_reports_are_left_after_a_run(
    workspace: Path, tmp_path: Path
) -> None:
    config = workspace / "connector.yaml"
    wanted = {"folder": str(tmp_path / "reports"), "formats": ["pdf", "jsonl"], "company": "Us"}
    settings = yaml.safe_load(config.read_text("utf-8"))
    settings["reconciliation"] = {**settings.get("reconciliation", {}), "reports": wanted}
    config.write_text(yaml.safe_dump(settings), "utf-8")

    with build(load_settings(config), read_only=True) as application:
        log, runs = application.reconciliation_log, application.reconciliation_runs
        newest = RunHistory.read(log).finished[-1].run_id
        stored = runs.reconciliation_run(newest)
        assert stored is not None
        run = ReconciliationRun.from_json(stored.content)
        written = write_run_reports(application, run)

    own = tmp_path / "reports" / newest
    assert written == (own / "reconciliation.pdf", own / "reconciliation.jsonl")
    assert json.loads(written[1].read_text("utf-8").splitlines()[0])["company"] == "Us"


def test_a_run_leaves_the_reports_that_are_asked_for_and_the_kept_run_gives_the_same(
    connector: Run, workspace: Path
) -> None:
    folder = workspace / "reports"
    wanted = ("--report", folder, "--format", "csv,jsonl")
    made = connector("reconcile", "run", "--key-date", LATER, *wanted)
    assert made.exit_code == 1, made.output

    [of_run] = folder.iterdir()
    assert sorted(path.name for path in of_run.iterdir()) == ["csv", "reconciliation.jsonl"]
    assert "reconciliation.jsonl" in made.stderr
    again = workspace / "again.jsonl"
    connector("reconcile", "report", of_run.name, "--jsonl", again)
    assert again.read_bytes() == (of_run / "reconciliation.jsonl").read_bytes()


def test_a_format_that_there_is_not_is_refused_before_anything_is_read(
    connector: Run, workspace: Path
) -> None:
    refused = connector("reconcile", "run", "--report", workspace / "r", "--format", "xls")

    assert refused.exit_code == 2
    assert "xls" in refused.stderr
    assert not (workspace / "r").exists()
