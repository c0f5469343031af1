"""A dry run takes files, folders or a period of the store, and writes nothing anywhere."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from typer.testing import Result

from connector.cli.messages import Extent, raw_messages_in
from connector.mappings.profile import load_profile
from connector.resources import shipped

Run = Callable[..., Result]


def told(result: Result) -> str:
    return " ".join((result.stdout + result.stderr).split())


def lines_of(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_all_orders_map_gives_code_0_and_one_that_needs_a_decision_code_1(
    connector: Run, shop: Any
) -> None:
    good = shop.drop(shop.order(), "good.json")
    bad = shop.drop(shop.order(sku="NO-SUCH-SKU"), "bad.json")

    assert connector("dry-run", good, "--channel", "shopify").exit_code == 0
    both = connector("dry-run", good, bad, "--channel", "shopify")

    assert both.exit_code == 1
    assert "2 orders: 1 would be created, 1 need a decision." in both.stdout


def test_a_folder_is_searched_without_its_hidden_files(connector: Run, shop: Any) -> None:
    shop.drop(shop.order(), "seen.json")
    shop.drop(b"no JSON at all", ".hidden.json")
    (shop.inbox / ".git").mkdir()
    (shop.inbox / ".git/order.json").write_bytes(b"no JSON at all")

    result = connector("dry-run", shop.inbox, "--channel", "shopify", "--json")

    assert result.exit_code == 0
    assert [Path(line["source"]).name for line in lines_of(result)] == ["seen.json"]


def test_what_the_store_received_in_a_period_is_mapped_again(connector: Run, shop: Any) -> None:
    shop.drop(shop.order(), "order.json")
    shop.drop(b"no JSON at all", "broken.json")
    connector("sync")
    arguments = ("dry-run", "--channel", "shopify", "--json")

    on_the_day = connector(
        *arguments, "--received-from", "2026-11-17", "--received-to", "2026-11-17"
    )
    earlier = connector(*arguments, "--received-to", "2026-11-16")
    later = connector(*arguments, "--received-from", "2026-11-18")

    assert [bool(line["documents"]) for line in lines_of(on_the_day)] == [True, False]
    assert on_the_day.exit_code == 1
    assert (earlier.stdout, later.stdout) == ("", "")
    assert earlier.exit_code == later.exit_code == 0


def test_files_and_a_period_at_once_are_wrong_usage(connector: Run, shop: Any) -> None:
    file = shop.drop(shop.order())

    result = connector("dry-run", file, "--channel", "shopify", "--received-from", "2026-11-17")

    assert result.exit_code == 2
    assert "not both" in told(result)


def test_many_orders_are_counted_but_only_some_are_listed_decisions_first(
    connector: Run, shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connector.cli.dry_run.MOST_SHOWN", 2)
    for number in range(3):
        shop.drop(shop.order(), f"a{number}.json")
    shop.drop(shop.order(sku="NO-SUCH-SKU"), "z.json")

    result = connector("dry-run", shop.inbox, "--channel", "shopify")

    assert "NO-SUCH-SKU" in result.stdout
    assert "a0.json" in told(result).replace(" ", "")
    assert "a1.json" not in told(result).replace(" ", "")
    assert "2 more orders are in --json" in told(result)


def test_a_log_gets_a_line_of_progress_for_so_many_orders(
    connector: Run, shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connector.cli.dry_run.PROGRESS_EVERY", 2)
    for number in range(5):
        shop.drop(shop.order(), f"{number}.json")

    result = connector("dry-run", shop.inbox, "--channel", "shopify")

    assert result.stderr.splitlines() == [
        "Trying the mapping: 2 of 5",
        "Trying the mapping: 4 of 5",
    ]


def test_page_and_workbook_have_every_order_and_the_money_of_both_sides(
    connector: Run, shop: Any, tmp_path: Path
) -> None:
    shop.drop(shop.order(), "good.json")
    shop.drop(shop.order(sku="NO-SUCH-SKU"), "bad.json")
    page, book = tmp_path / "r.html", tmp_path / "r.xlsx"

    result = connector(
        "dry-run", shop.inbox, "--channel", "shopify", "--simulate", "--html", page, "--xlsx", book
    )
    sheets = load_workbook(book)

    assert result.exit_code == 1
    assert "NO-SUCH-SKU" in page.read_text("utf-8")
    assert [sheets[name].max_row for name in ("Orders", "Coverage")] == [3, 2]
    assert sheets["Coverage"]["B2"].value == "NO-SUCH-SKU"
    money = {row[1]: row[4] for row in sheets["Money"].iter_rows(values_only=True)}
    assert money["total"] == 0


@pytest.mark.parametrize("option", ["--html", "--xlsx"])
def test_a_report_in_a_folder_that_is_not_there_is_wrong_usage(
    connector: Run, shop: Any, tmp_path: Path, option: str
) -> None:
    file = shop.drop(shop.order())

    result = connector("dry-run", file, "--channel", "shopify", option, tmp_path / "no/r.file")

    assert result.exit_code == 2
    assert "a folder that exists" in told(result)


def books_of(erp: Path) -> dict[str, list[Any]]:
    """Return all that the simulated ERP keeps, but for the time on its clock."""
    with closing(sqlite3.connect(erp)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        books = {name: connection.execute(f"SELECT * FROM {name}").fetchall() for (name,) in tables}
    books["meta"] = [row for row in books["meta"] if row[0] != "clock"]
    return books


def test_a_dry_run_leaves_the_simulated_erp_as_it_was_and_makes_no_store(
    connector: Run, shop: Any
) -> None:
    shop.drop(shop.order(), "order.json")
    connector("simulator", "tick")
    (shop.folder / "store.sqlite3").unlink(missing_ok=True)
    before = books_of(shop.folder / "erp.sqlite3")

    result = connector("dry-run", shop.inbox, "--channel", "shopify", "--simulate")

    assert result.exit_code == 0
    assert books_of(shop.folder / "erp.sqlite3") == before
    assert not before["sales"]
    assert not (shop.folder / "store.sqlite3").exists()


def test_several_processes_print_what_one_prints(connector: Run, shop: Any) -> None:
    shop.drop(shop.order(), "a.json")
    shop.drop(shop.order(sku="NO-SUCH-SKU"), "b.json")
    shop.drop(b"no JSON at all", "c.json")
    arguments = ("dry-run", shop.inbox, "--channel", "shopify", "--json", "--trace")

    one = connector(*arguments, "--processes", 1)
    many = connector(*arguments, "--processes", 2)

    assert many.stdout == one.stdout
    assert (many.exit_code, len(lines_of(many))) == (1, 3)


def test_only_one_process_asks_the_erp(connector: Run, shop: Any) -> None:
    order = shop.drop(shop.order(), "order.json")

    result = connector("dry-run", order, "--channel", "shopify", "--simulate", "--processes", 2)

    assert result.exit_code == 2
    assert "only --depth schema is for several processes" in told(result)


def test_what_mistakes_would_cost_is_told_by_order_and_summed(connector: Run, shop: Any) -> None:
    shop.drop(shop.order(sku="NEW-1"), "1.json")
    shop.drop(shop.order(sku="NEW-2"), "2.json")
    arguments = ("dry-run", shop.inbox, "--channel", "shopify")

    for_people = connector(*arguments)
    *orders, last = lines_of(connector(*arguments, "--json", "--sums"))

    [mistake] = orders[0]["mistakes"]
    assert (mistake["kind"], mistake["code"]) == ("not in a table", "UNKNOWN_SKU")
    assert mistake["concerns"]["currency"] == "EUR"
    [found] = last["sums"]
    assert (found["code"], found["orders"], found["times"]) == ("UNKNOWN_SKU", 2, 2)
    assert float(found["amount"]) == 2 * float(mistake["concerns"]["amount"])
    assert "What mistakes would cost" in for_people.stdout
    assert "2 orders: 0 would be created, 2 need a decision." in for_people.stdout


def test_orders_without_mistakes_cost_nothing(connector: Run, shop: Any) -> None:
    shop.drop(shop.order())
    arguments = ("dry-run", shop.inbox, "--channel", "shopify")

    assert "What mistakes would cost" not in connector(*arguments).stdout
    assert lines_of(connector(*arguments, "--json", "--sums"))[-1] == {"sums": []}


def test_how_many_orders_there_will_be_is_judged_by_what_was_read(
    shop: Any,
) -> None:
    for number in range(4):
        shop.drop(shop.order(), f"{number}.json")
    profile = load_profile(shipped("config/channels/shopify.yaml"))
    extent = Extent.of([shop.inbox], ("*.json",))

    judged = [
        extent.messages(done)
        for done, _ in enumerate(raw_messages_in([shop.inbox], profile, ("*.json",), extent), 1)
    ]

    assert judged == [4, 4, 4, 4]
    assert Extent().messages(0) is None
