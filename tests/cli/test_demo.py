"""The demonstration: orders become paid invoices, and every number finds its chain."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from connector.cli.app import app
from connector.resources import shipped

Run = Callable[..., Result]


def run_demo(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["demo", *(str(each) for each in arguments)])


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield tmp_path_factory.mktemp("demo") / "workspace"


@pytest.fixture(scope="module")
def first(workspace: Path) -> Result:
    """The first run."""
    return run_demo("--workspace", workspace)


@pytest.fixture
def connector(first: Result, workspace: Path) -> Run:
    """Run a command with the settings of the demonstration."""
    assert first.exit_code == 0, first.output

    def _connector(*arguments: object) -> Result:
        config = ["--config", str(workspace / "connector.yaml")]
        return CliRunner().invoke(app, [*config, *(str(each) for each in arguments)])

    return _connector


def rows_of(connector: Run) -> list[dict[str, Any]]:
    lines = connector("orders", "list", "--json").stdout.splitlines()
    return sorted((json.loads(line) for line in lines), key=lambda row: str(row["order"]))


def test_it_shows_orders_chain_holds_and_reconciliation(first: Result) -> None:
    assert first.exit_code == 0, first.output
    for expected in (
        "completed",
        "Sales order 1 ",
        "Invoice 90000001 ",
        "Payment 1400000001 ",
        "UNKNOWN_SKU",
        "Open items to G/L balance",
        "0.00 EUR",
        "12 new orders, 0 known already",
    ):
        assert expected in first.stdout


def test_every_order_is_paid_or_held_for_the_expected_reason(connector: Run) -> None:
    rows = rows_of(connector)

    stages = [row["stage"] for row in rows]
    assert stages == ["completed"] * 8 + ["held"] * 4
    assert all(row["payments"] for row in rows[:8])
    assert not any(row["sales_orders"] for row in rows[8:])


def test_every_number_of_a_chain_finds_the_same_chain(connector: Run) -> None:
    row = next(row for row in rows_of(connector) if row["order"] == "#1103")
    numbers = [
        row["external_id"],
        row["order"],
        "1103",
        row["reference"],
        *row["sales_orders"],
        *row["deliveries"],
        *row["invoices"],
        *row["payments"],
        row["invoices"][0].zfill(10),
    ]

    chains = {connector("flow", number, "--json").stdout for number in numbers}

    assert len(numbers) >= 9
    assert len(chains) == 1


def test_a_chain_tells_quantities_amounts_dates_and_statuses(connector: Run) -> None:
    result = connector("flow", "1106")
    found = json.loads(connector("flow", "1106", "--json").stdout)

    assert result.exit_code == 0
    assert "goods issue 2026-11-17" in result.stdout
    assert "delivered completely" in result.stdout
    (invoice,) = [d for d in found["documents"] if d.get("billing_date")]
    order = next(d for d in found["documents"] if d.get("sales_order_type"))
    assert found["stage"] == "completed"
    assert invoice["payer"]
    assert order["net_amount"].endswith(" EUR")
    assert {link["subsequent"]["category"] for link in found["links"]} >= {"J", "R", "M", "+"}


def test_no_personal_data_is_in_the_chain(connector: Run) -> None:
    text = connector("flow", "1101", "--json").stdout + connector("orders", "show", "1101").stdout

    message = (shipped("fixtures/orders/demo-shopify") / "1101-touring-bicycle.json").read_text()
    customer = json.loads(message)["order"]["billing_address"]
    assert customer["last_name"] not in text
    assert customer["address1"] not in text


def test_an_unknown_number_has_code_1(connector: Run) -> None:
    result = connector("flow", "4711471147")

    assert result.exit_code == 1
    assert "sd-connector orders list" in result.stderr


def test_reconciliation_closes_at_any_time_afterwards(connector: Run) -> None:
    result = connector("reconcile", "--key-date", "2026-11-17", "--json")

    run = json.loads(result.stdout)
    assert result.exit_code == 0
    assert run["verdict"] == "WITH_PENDING"
    assert {identity["number"] for identity in run["identities"]} == {1, 2, 3, 4}
    assert {identity["difference"]["amount"] for identity in run["identities"]} <= {"0.00", "0"}


def test_reconciliation_shows_every_term_on_request(connector: Run) -> None:
    result = connector("reconcile", "--key-date", "2026-11-17", "--full")

    assert "Ageing" in result.stdout
    assert "difference" in result.stdout


def test_run_again_it_creates_nothing(connector: Run, workspace: Path) -> None:
    before = rows_of(connector)

    again = run_demo("--workspace", workspace)

    assert again.exit_code == 0, again.output
    assert "0 new orders, 12 known already; 0 documents created" in again.stdout
    assert rows_of(connector) == before


def test_a_fresh_one_is_the_same_as_the_first(first: Result, tmp_path: Path) -> None:
    target = tmp_path / "other"
    run_demo("--workspace", target)

    again = run_demo("--workspace", target, "--fresh")

    head = first.stdout.split("Reconciliation")[0]
    assert again.stdout.split("Reconciliation")[0] == head


def test_own_orders_run_the_whole_chain(tmp_path: Path) -> None:
    orders = tmp_path / "orders"
    for case in ("one-line", "line-discount"):
        source = shipped(f"fixtures/orders/shopify/{case}") / "order.json"
        (orders / case).mkdir(parents=True)
        shutil.copy(source, orders / case)

    result = run_demo("--orders", orders, "--channel", "shopify", "--workspace", tmp_path / "w")

    assert result.exit_code == 0, result.output
    assert "2 new orders" in result.stdout
    assert sorted(path.name for path in orders.rglob("*.json")) == ["order.json"] * 2


def test_own_orders_that_are_held_have_code_1(tmp_path: Path) -> None:
    orders = shipped("fixtures/orders/shopify/totals-off-by-a-cent")
    (tmp_path / "orders").mkdir()
    shutil.copy(orders / "order.json", tmp_path / "orders")

    result = run_demo("--orders", tmp_path / "orders", "--workspace", tmp_path / "w")

    assert result.exit_code == 1
    assert "is held: TOTALS_DO_NOT_ADD_UP" in result.stdout


def test_messages_that_cannot_be_read_are_named_and_have_code_1(tmp_path: Path) -> None:
    source = shipped("fixtures/orders/shopify/one-line") / "order.json"
    orders = tmp_path / "orders"
    orders.mkdir()
    shutil.copy(source, orders)
    (orders / "cut.json").write_bytes(source.read_bytes()[:700])

    for _ in range(2):
        result = run_demo("--orders", orders, "--workspace", tmp_path / "w")

        assert result.exit_code == 1
        assert "cut.json, line 26 column 30 could not be read: not JSON" in result.stdout


def test_other_master_data_and_another_plan_run_from_the_inquiry_to_the_payment(
    tmp_path: Path,
) -> None:
    orders = tmp_path / "orders"
    orders.mkdir()
    shutil.copy(shipped("fixtures/orders/portal/presales-c01") / "order.json", orders)

    result = run_demo(
        *("--orders", orders, "--channel", "portal"),
        *("--master-data", shipped("fixtures/erp-cases"), "--plan", "presales"),
        *("--workspace", tmp_path / "w"),
    )

    assert result.exit_code == 0, result.output
    for expected in (
        "Inquiry 10000001",
        "Quotation 20000001",
        "goods issue 2026-01-14",
        "11,900.00 EUR (net 10,000.00 EUR, tax 1,900.00 EUR)",
        "Payment 1400000001 · 2026-01-28",
    ):
        assert expected in result.stdout


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--orders", "/nowhere"), "there is no such folder"),
        (("--channel", "shopfy"), "Shipped are: "),
        (("--channel", "portal"), "with --orders"),
        (("--plan", "presale"), "presale.yaml"),
    ],
)
def test_wrong_usage_says_what_is_right(
    tmp_path: Path, arguments: tuple[str, ...], expected: str
) -> None:
    result = run_demo("--workspace", tmp_path / "w", *arguments)

    assert result.exit_code == 2
    assert expected in result.stderr


def test_a_folder_that_is_no_workspace_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("mine")

    result = run_demo("--workspace", tmp_path, "--fresh")

    assert result.exit_code == 2
    assert "holds something else" in result.stderr
    assert (tmp_path / "precious.txt").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["precious.txt"]


def test_a_workspace_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    result = run_demo("--workspace", tmp_path / "file" / "w")

    assert result.exit_code == 2
    assert "--workspace" in result.stderr


@pytest.mark.parametrize("profile", ["s4", "s4-mixed"])
def test_it_runs_on_each_kind_of_system(tmp_path: Path, profile: str) -> None:
    result = run_demo("--profile", profile, "--workspace", tmp_path / "demo")
    config = tmp_path / "demo" / "connector.yaml"
    checked = CliRunner().invoke(app, ["--config", str(config), "erp", "check", "--json"])

    assert result.exit_code == 0, result.output
    assert "12 new orders, 0 known already" in result.stdout
    assert json.loads(checked.stdout)["profile"] == profile


def test_an_unknown_kind_of_system_names_the_nearest(tmp_path: Path) -> None:
    result = run_demo("--profile", "s4hana", "--workspace", tmp_path / "demo")

    assert result.exit_code == 2
    assert "there is no system profile 's4hana'" in result.stderr
