"""What a change of the mapping does to orders is seen before anything is written."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from tests.cli.mappings import OwnMapping

Run = Callable[..., Result]


@pytest.fixture
def before(own: OwnMapping, tmp_path: Path) -> OwnMapping:
    """The mapping as it was, beside the one that is changed."""
    return OwnMapping.copy(tmp_path / "before")


@pytest.fixture
def diff(connector: Run, shop: Any, own: OwnMapping, before: OwnMapping) -> Run:
    """Compare the mapping as it was with the shop's own, over what lies in the inbox."""

    def _diff(*options: object) -> Result:
        return connector(
            "mapping", "diff", before.folder, own.folder, "--orders", shop.inbox, *options
        )

    return _diff


def test_an_unchanged_mapping_yields_nothing_and_ends_with_0(diff: Run, shop: Any) -> None:
    shop.drop(shop.order("several-lines"), "a.json")
    shop.drop(shop.order("unknown-sku"), "b.json")

    result = diff()

    assert result.exit_code == 0
    assert "2 orders: 2 alike, 0 differ." in result.stdout
    assert "By field" not in result.stdout


def test_changes_are_grouped_with_orders_as_examples(diff: Run, shop: Any, own: OwnMapping) -> None:
    shop.drop(shop.order("several-lines"), "a.json")
    shop.drop(shop.order("one-line"), "b.json")
    own.change_rules("constant: TA,", "constant: ZTA,")
    own.change_table("skus.csv", "STANDPUMPE,AC-1200", "STANDPUMPE,AC-1201")

    result = diff("--json")

    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert (found["orders"], found["different"]) == (2, 2)
    fields = {each["name"]: each for each in found["by_field"]}
    assert set(fields) == {"sales_order: sales_order_type", "sales_order: items[].material"}
    example = fields["sales_order: items[].material"]["examples"][0]
    assert (example["order"], example["old"], example["new"]) == ("#1002", "AC-1200", "AC-1201")
    rules = [(each["name"], each["place"].rpartition(":")[0]) for each in found["by_rule"]]
    assert rules == [
        ("documents.sales_order.sales_order_type", "shopify.yaml"),
        ("documents.sales_order.items.material [shopify/skus.csv]", "shopify.yaml"),
    ]
    assert [each["name"] for each in found["by_effect"]] == ["comes to the same"]


def test_newly_held_orders_are_counted_with_their_value(
    diff: Run, shop: Any, own: OwnMapping
) -> None:
    shop.drop(shop.order("several-lines"))
    own.change_table("skus.csv", "STANDPUMPE,AC-1200", "PUMPE,AC-1200")

    result = diff("--json")

    found = json.loads(result.stdout)
    assert (found["held_before"], found["held_after"]) == (0, 1)
    (effect,) = found["by_effect"]
    assert (effect["name"], effect["orders"]) == ("held now", 1)
    assert effect["net"] == {"EUR": "624.03"}


def test_the_tables_show_what_the_money_comes_to(diff: Run, shop: Any, own: OwnMapping) -> None:
    shop.drop(shop.order("several-lines"))
    own.change_rules("rate: subtract(entry.price, entry.discount)", "rate: {constant: 7.90}")

    result = diff()

    assert result.exit_code == 1
    assert "+1.00 EUR" in result.stdout
    assert "comes to more" in result.stdout
    assert "1 orders: 0 alike, 1 differ." in result.stdout


def test_a_changed_profile_shows_what_is_read_differently(
    diff: Run, shop: Any, own: OwnMapping
) -> None:
    shop.drop(shop.order())
    own.change(own.profile, "sku: trim(sku)", "sku: lower(sku)")

    found = json.loads(diff("--json").stdout)

    assert "order.lines[].sku" in [each["name"] for each in found["by_field"]]
    assert found["held_after"] == 1


def test_a_profile_that_reads_no_more_is_told_per_message(
    diff: Run, shop: Any, own: OwnMapping
) -> None:
    shop.drop(shop.order())
    own.change(
        own.profile, "quantity: not_null(sold, current_quantity, quantity)", "quantity: title"
    )

    found = json.loads(diff("--json").stdout)

    assert [each["what"] for each in found["by_field"]] == ["no longer readable"]


def test_rules_files_are_compared_as_well(
    connector: Run, shop: Any, own: OwnMapping, before: OwnMapping
) -> None:
    file = shop.drop(shop.order())
    own.change_rules("constant: TA,", "constant: ZTA,")

    result = connector("mapping", "diff", before.rules, own.rules, "--orders", file)

    assert result.exit_code == 1
    assert "TA -> ZTA" in result.stdout


def test_what_the_store_has_received_is_compared_instead_of_files(
    connector: Run, shop: Any, own: OwnMapping, before: OwnMapping
) -> None:
    shop.drop(shop.order())
    connector("sync")
    own.change_rules("constant: TA,", "constant: ZTA,")

    result = connector(
        "mapping", "diff", before.folder, own.folder, "--received-from", "2026-11-17", "--json"
    )

    assert json.loads(result.stdout)["different"] == 1


def test_the_other_version_may_be_a_revision_of_git(
    connector: Run, shop: Any, own: OwnMapping
) -> None:
    file = shop.drop(shop.order())
    for command in (
        ("init", "-q"),
        ("add", "own", "connector.yaml"),
        ("-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "-m", "as it was"),
    ):
        subprocess.run(["git", *command], cwd=shop.folder, check=True)
    own.change_rules("constant: TA,", "constant: ZTA,")

    version = f"git:HEAD:{own.folder}"
    result = connector("mapping", "diff", version, own.folder, "--orders", file)
    unknown = connector("mapping", "diff", "git:no-such", own.folder, "--orders", file)

    assert result.exit_code == 1, result.output
    assert "TA -> ZTA" in result.stdout
    assert unknown.exit_code == 2
    assert "git says" in unknown.stderr


def test_the_differences_are_left_as_a_page(
    diff: Run, shop: Any, own: OwnMapping, tmp_path: Path
) -> None:
    shop.drop(shop.order("unicode-names"))
    own.change_rules("constant: TA,", 'constant: "<b>",')
    page = tmp_path / "diff.html"

    diff("--html", page)

    text = page.read_text("utf-8")
    assert "&lt;b&gt;" in text
    assert "<b>" not in text
    assert "http" not in text.replace("http-equiv", "")


def test_progress_is_a_line_for_so_many_orders_in_logs(
    diff: Run, shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connector.cli.mapping_diff.PROGRESS_EVERY", 2)
    for number in range(4):
        shop.drop(shop.order(), f"{number}.json")

    result = diff()

    assert result.stderr.splitlines() == ["Comparing the mappings: 2", "Comparing the mappings: 4"]


@pytest.mark.parametrize(
    ("old", "options", "told"),
    [
        ("no-such-folder", ("--orders", "."), "no file or folder"),
        (".", ("--orders", "."), "has no mappings/shopify.yaml"),
        (".", (), "say over which orders"),
        (".", ("--orders", ".", "--received-to", "2026-01-01"), "say over which orders"),
        ("git:-x", ("--orders", "."), "no revision"),
    ],
)
def test_what_cannot_be_compared_is_wrong_usage(
    connector: Run, own: OwnMapping, old: str, options: tuple[str, ...], told: str
) -> None:
    result = connector("mapping", "diff", old, own.folder, *options)

    assert result.exit_code == 2
    assert told in " ".join(result.stderr.replace("│", " ").split())
