"""One pass does all that can be done now."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from typer.testing import Result

from connector.resources import shipped

Run = Callable[..., Result]


def test_a_pass_receives_creates_and_pulls(connector: Run, shop: Any) -> None:
    shop.drop(shop.order())

    first = connector("sync")
    connector("simulator", "tick")
    second = connector("sync", "--json")
    rows = json.loads(connector("orders", "list", "--json").stdout)

    assert first.exit_code == 0, first.output
    assert "1 new orders" in first.stdout
    assert second.exit_code == 0
    assert json.loads(second.stdout)["work"]["written"] == 1
    assert rows["payments"]
    assert rows["stage"] in ("completed", "paid")


def test_a_store_is_made_where_there_is_none(connector: Run, shop: Any) -> None:
    result = connector("sync", "--channel", "shopify")

    assert result.exit_code == 0
    assert (shop.folder / "store.sqlite3").is_file()


def test_upgrading_an_up_to_date_store_changes_nothing(connector: Run, shop: Any) -> None:
    first = connector("db", "upgrade")
    content = (shop.folder / "store.sqlite3").read_bytes()
    second = connector("db", "upgrade")

    assert first.stdout == second.stdout
    assert (shop.folder / "store.sqlite3").read_bytes() == content


def test_the_settings_are_checked_with_all_that_they_name(connector: Run) -> None:
    plain = connector("config", "check", "--erp")
    found = json.loads(connector("config", "check", "--erp", "--json").stdout)

    assert plain.exit_code == 0, plain.output
    assert "The ERP answers" in plain.stdout
    assert found["channels"]["shopify"]["plan"] == "standard"
    assert found["answered"]["client"] == "100"


def test_the_example_settings_can_be_copied_and_are_right(run: Run, tmp_path: Any) -> None:
    target = tmp_path / "etc"

    copied = run("config", "init", target)
    again = run("config", "init", target)
    checked = run("--config", target / "connector.yaml", "config", "check")

    assert copied.exit_code == 0
    assert str(tmp_path / "var/inbox/shopify") in "".join(copied.stdout.split("\n"))
    assert "Drop folder" not in again.stdout
    assert again.stdout.startswith("0 files copied")
    assert checked.exit_code == 0, checked.output


def test_copying_settings_to_a_place_that_cannot_be_written_says_so(
    run: Run, tmp_path: Any
) -> None:
    (tmp_path / "file").write_text("")

    result = run("config", "init", tmp_path / "file" / "etc")

    assert result.exit_code == 2
    assert "cannot be written" in result.stderr


def test_a_dry_run_writes_nothing_anywhere(connector: Run, shop: Any) -> None:
    file = shop.drop(shop.order())
    before = sorted(path.name for path in shop.folder.rglob("*"))

    priced = connector("dry-run", shop.inbox, "--channel", "shopify", "--simulate")
    found = json.loads(
        connector("dry-run", file, "--channel", "shopify", "--json", "--trace").stdout
    )

    assert priced.exit_code == 0, priced.output
    assert "899.00 EUR" in priced.stdout
    assert "1 orders: 1 would be created, 0 need a decision." in priced.stdout
    assert found["would_be_created"] is True
    assert found["documents"][0]["purchase_order_by_customer"] == "SHOP-6100000001013"
    assert found["trace"][0]
    made = {path.name for path in shop.folder.rglob("*")} - set(before)
    assert made <= {"erp.sqlite3", "erp.sqlite3-wal", "erp.sqlite3-shm"}


def test_a_dry_run_gives_one_line_of_json_per_order(connector: Run, shop: Any) -> None:
    shop.drop(shop.order(), "a.json")
    shop.drop(shop.order("totals-off-by-a-cent"), "b.json")

    result = connector("dry-run", shop.inbox, "--channel", "shopify", "--json")

    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 1
    assert [line["would_be_created"] for line in lines] == [True, False]
    assert lines[1]["problems"][0]["code"] == "TOTALS_DO_NOT_ADD_UP"


def test_a_pass_reads_statements_from_their_folders(connector: Run, shop: Any) -> None:
    folder = shop.folder / "bank"
    folder.mkdir()
    shop.set(statements={"folders": {"bank": {"path": str(folder), "settle_s": 0}}})
    source = shipped("fixtures/finance/statements/mt940-november.sta")
    (folder / "november.sta").write_bytes(source.read_bytes())
    (folder / "wrong.xml").write_text("<a/>", "utf-8")

    result = connector("sync")

    assert result.exit_code == 1
    assert "november.sta: 3 lines added." in result.stdout
    assert "wrong.xml: refused." in result.stdout
    assert sorted(path.name for path in (folder / "done").iterdir()) == ["november.sta"]
