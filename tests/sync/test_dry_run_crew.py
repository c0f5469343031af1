"""A dry run in several processes says what one process says, and names what ended one of them."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connector.errors import MessageError
from connector.mappings.profile import load_profile
from connector.mappings.reading import read_message_file
from connector.mappings.rules import load_rules
from connector.resources import shipped
from connector.sync import dry_run_crew
from connector.sync.context import Route
from connector.sync.dry_run import DryRunResult, run
from connector.sync.dry_run_crew import (
    CHUNK,
    DryRunProcessError,
    Recipe,
    Task,
    message_of,
    run_in_processes,
)
from connector.sync.plan import load_plans

ORDER = "fixtures/orders/demo-shopify/1101-touring-bicycle.json"
PROFILE, RULES = "config/channels/shopify.yaml", "config/mappings/shopify.yaml"


@pytest.fixture(scope="module")
def recipe() -> Recipe:
    plan = load_plans(shipped("config/plans"))["standard"]
    return Recipe(shipped(PROFILE), shipped(RULES), None, plan)


@pytest.fixture(autouse=True)
def _processes_find_this_module(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parents[2])


def everything(result: DryRunResult) -> str:
    documents = result.mapped.documents if result.mapped else ()
    return repr((result, [tuple(each.trace) for each in documents]))


def die_at_line_70(result: DryRunResult) -> str:
    if result.source.endswith("line 70"):
        os.kill(os.getpid(), signal.SIGKILL)
    return result.source


def source(result: DryRunResult) -> str:
    return result.source


def tasks(folder: Path, lines: int) -> Iterator[Task]:
    """Orders of which each seventh has an unknown SKU and each eleventh is no JSON."""
    template = json.loads(shipped(ORDER).read_text(encoding="utf-8"))
    with (folder / "orders.jsonl").open("w", encoding="utf-8") as file:
        for number in range(lines):
            if number % 11 == 10:
                file.write("{broken\n")
                continue
            message: dict[str, Any] = json.loads(json.dumps(template))
            order = message["order"]
            order["id"] += number
            if number % 7 == 6:
                order["line_items"][0]["sku"] = "NO-SUCH-SKU"
            file.write(json.dumps(message) + "\n")
    return read_message_file(load_profile(shipped(PROFILE)), folder / "orders.jsonl")


def test_two_processes_say_in_the_same_order_what_one_says(tmp_path: Path, recipe: Recipe) -> None:
    lines = 3 * CHUNK + 5
    profile, route = load_profile(recipe.profile), Route(load_rules(recipe.rules), "standard")
    messages = (message_of(profile, task) for task in tasks(tmp_path, lines))
    alone = [everything(result) for result in run(messages, route, recipe.plan)]

    many = list(run_in_processes(tasks(tmp_path, lines), recipe, everything, 2))

    assert len(alone) == lines
    assert len({"SalesOrder(" in each for each in alone}) == 2
    assert many == alone
    assert multiprocessing.active_children() == []


def test_the_message_at_which_a_process_was_ended_is_named(tmp_path: Path, recipe: Recipe) -> None:
    with pytest.raises(DryRunProcessError, match=r"signal 9.* at orders.jsonl, line 70;") as raised:
        list(run_in_processes(tasks(tmp_path, 90), recipe, die_at_line_70, 2))

    assert raised.value.source == "orders.jsonl, line 70"
    assert multiprocessing.active_children() == []


def test_only_so_much_is_read_as_the_processes_have_in_hand(
    tmp_path: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Closing what yields the results ends the processes, too."""
    monkeypatch.setattr(dry_run_crew, "CHUNK", 5)
    read = 0

    def counted() -> Iterator[Task]:
        nonlocal read
        for task in tasks(tmp_path, 60):
            read += 1
            yield task

    results = run_in_processes(counted(), recipe, source, 1)
    first = next(results)
    read_by_then = read
    results.close()

    assert first == "orders.jsonl, line 1"
    assert read_by_then == 10
    assert multiprocessing.active_children() == []


def test_a_process_that_cannot_begin_is_no_message_s_fault(
    tmp_path: Path, recipe: Recipe, capfd: pytest.CaptureFixture[str]
) -> None:
    gone = Recipe(recipe.profile, tmp_path / "gone.yaml", None, recipe.plan)

    with pytest.raises(DryRunProcessError, match="before its first message"):
        list(run_in_processes(tasks(tmp_path, 3), gone, source, 1))

    assert "gone.yaml" in capfd.readouterr().err


def test_an_unreadable_message_goes_to_another_process_as_it_is() -> None:
    error = MessageError("a.json", "not JSON", "JSON")

    again = error.__reduce__()[0](*error.__reduce__()[1])

    assert (str(again), again.code) == (str(error), error.code)
