"""What a kept run has matched can be listed, though it stands beside the run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from connector.cli import reconcile_matches
from connector.cli.app import app

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def connector(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The demonstration, reconciled."""
    folder = tmp_path_factory.mktemp("matched") / "workspace"
    made = CliRunner().invoke(app, ["demo", "--workspace", str(folder)])
    assert made.exit_code == 0, made.output
    config = str(Path(folder) / "connector.yaml")

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(app, ["--config", config, "reconcile", *arguments])

    assert run("run", "--key-date", "2026-11-17").exit_code == 0
    return run


def listed(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_all_matches_are_listed_and_are_those_that_the_run_has_counted(connector: Run) -> None:
    run = json.loads(connector("show", "last", "--json").stdout)

    found = listed(connector("matches", "last", "--json"))

    assert len(found) == run["match_count"] > 0
    assert "matches" not in run
    for row in run["matched"]:
        of = [
            each
            for each in found
            if (each["identity"], each["rule"], each["amount"]["currency"])
            == (row["identity"], row["rule"], row["currency"])
        ]
        assert len(of) == row["count"]


def test_the_matches_of_one_record_are_found_by_what_it_is_called(connector: Run) -> None:
    wanted = listed(connector("matches", "last", "--json"))[0]["erp"]

    found = listed(connector("matches", "last", "--with", wanted, "--json"))

    assert found
    assert all(wanted in (each["outside"], each["erp"]) for each in found)
    nothing = connector("matches", "last", "--with", "no such record")
    assert nothing.exit_code == 1
    assert "has matched nothing with no such record" in nothing.stderr


def test_a_table_says_how_many_more_there_are(
    connector: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = len(listed(connector("matches", "last", "--json")))
    monkeypatch.setattr(reconcile_matches, "_SHOWN", 2)

    shown = connector("matches", "last")

    assert shown.exit_code == 0
    assert "document flow" in shown.stdout or "link table" in shown.stdout
    assert f"... and {count - 2:,} more; --json prints all" in shown.stderr
