"""Errors that a user will make: each says what is wrong and what to do, without a traceback."""

from __future__ import annotations

import errno
import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from connector.store.sql_store import open_store

Run = Callable[..., Result]
Serve = Callable[..., dict[str, Any]]


def told(result: Result) -> str:
    """Return all that was said, in one line, without the frames around it."""
    assert "Traceback" not in result.output
    return " ".join(result.output.replace("\u2502", " ").split())


def dry_run_of(connector: Run, file: Path) -> tuple[int, dict[str, Any]]:
    result = connector("dry-run", file, "--channel", "shopify", "--json")
    return result.exit_code, json.loads(result.stdout)


# -- messages that cannot be read ----------------------------------------------------------------


def test_a_missing_file_is_wrong_usage(connector: Run, tmp_path: Path) -> None:
    result = connector("dry-run", tmp_path / "gone.json", "--channel", "shopify")

    assert result.exit_code == 2
    assert "there is no file" in told(result)


def test_an_unreadable_file_says_why(
    connector: Run, shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = shop.drop(shop.order())

    opened = Path.open

    def refused(path: Path, *arguments: Any, **options: Any) -> Any:
        if path == file:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return opened(path, *arguments, **options)

    monkeypatch.setattr(Path, "open", refused)
    result = connector("dry-run", file, "--channel", "shopify")

    assert result.exit_code == 2
    assert "cannot be read: Permission denied" in told(result)


def test_a_folder_without_orders_says_what_was_looked_for(connector: Run, tmp_path: Path) -> None:
    result = connector("dry-run", tmp_path / "shop/inbox", "--channel", "shopify")

    assert result.exit_code == 2
    assert "no messages in" in told(result)
    assert "*.json" in told(result)


def test_a_wrong_encoding_names_the_file(connector: Run, shop: Any) -> None:
    text = json.dumps(shop.order(name="M\u00fcnchen"), ensure_ascii=False)

    code, found = dry_run_of(connector, shop.drop(text.encode("latin-1")))

    assert code == 1
    assert "order.json" in found["problems"][0]["message"]
    assert "utf-8" in found["problems"][0]["message"].lower()


def test_truncated_json_names_file_and_position(connector: Run, shop: Any) -> None:
    file = shop.drop(json.dumps(shop.order(), indent=1)[:400].encode())

    code, found = dry_run_of(connector, file)

    assert code == 1
    assert "order.json" in found["problems"][0]["message"]
    assert "line" in found["problems"][0]["message"]


def test_an_unreadable_message_is_kept_listed_and_stops_no_other(connector: Run, shop: Any) -> None:
    shop.drop(b'{"order": ', "a.json")
    shop.drop(shop.order(), "b.json")

    result = connector("sync", "--json")
    listed = connector("orders", "list", "--unreadable", "--json")

    assert result.exit_code == 1
    received = json.loads(result.stdout)["received"]
    assert (received["new_orders"], received["unreadable"]) == (1, 1)
    assert json.loads(listed.stdout)["source"].startswith("a.json")
    assert (shop.inbox / "failed/a.json").is_file()
    assert "a.json" in (shop.inbox / "failed/a.json.reason.txt").read_text()
    assert (shop.inbox / "done/b.json").is_file()


# -- orders that cannot be created as they are ----------------------------------------------------


@pytest.mark.parametrize(
    ("case", "changes", "code", "words"),
    [
        ("one-line", {"sku": "NO-SUCH-SKU"}, "UNKNOWN_SKU", "not in shopify/skus.csv"),
        ("unknown-country", {}, "UNKNOWN_CUSTOMER", "add a row"),
        ("currency-without-rule", {}, "NO_RULE_FOR_CURRENCY", "is not in shopify/currencies.csv"),
        ("one-line", {"quantity": 0, "current_quantity": 0}, "QUANTITY", "quantity"),
        ("negative-quantity", {}, "QUANTITY", "quantity"),
        ("totals-off-by-a-cent", {}, "TOTALS_DO_NOT_ADD_UP", "+0.01"),
    ],
)
def test_an_order_that_cannot_be_created_is_held_with_what_to_do(
    connector: Run, shop: Any, case: str, changes: dict[str, Any], code: str, words: str
) -> None:
    shop.drop(shop.order(case, **changes))

    result = connector("sync")
    held = json.loads(connector("orders", "list", "--held", "--json").stdout)

    assert result.exit_code == 1
    assert "sd-connector orders list --held" in told(result)
    reasons = [hold for hold in held["holds"] if code in hold["reason"]]
    assert reasons, held["holds"]
    assert any(words in hold["message"] for hold in reasons), reasons
    assert held["sales_orders"] == []


def test_the_same_id_with_other_content_is_held_once_the_order_exists(
    connector: Run, shop: Any
) -> None:
    shop.drop(shop.order())
    first = connector("sync")
    changed = shop.order()
    changed["order"]["line_items"][0]["title"] = "Something else"
    changed["order"]["updated_at"] = "2026-11-20T10:00:00+01:00"
    changed["order"]["note"] = "Please change my order"
    changed["order"]["line_items"][0]["sku"] = "KETTE-11"
    shop.drop(changed)

    second = connector("sync")
    rows = [json.loads(line) for line in connector("orders", "list", "--json").stdout.splitlines()]

    assert first.exit_code == 0, told(first)
    assert second.exit_code == 1
    assert len(rows) == 1
    assert len(rows[0]["sales_orders"]) == 1
    assert rows[0]["version"] == 2
    assert rows[0]["holds"]


def test_the_same_message_again_changes_nothing(connector: Run, shop: Any) -> None:
    shop.drop(shop.order())
    connector("sync")
    shop.drop(shop.order())

    result = connector("sync", "--json")

    assert result.exit_code == 0
    assert json.loads(result.stdout)["received"]["duplicates"] == 1
    assert json.loads(result.stdout)["work"]["written"] == 0


# -- settings and surroundings ---------------------------------------------------------------------


def test_a_typo_in_the_settings_names_the_nearest_right_key(connector: Run, shop: Any) -> None:
    shop.set(sync={"workres": 2})

    result = connector("sync")

    assert result.exit_code == 2
    assert "sync.workres" in told(result)
    assert "Did you mean workers?" in told(result)


def test_missing_settings_say_how_to_name_them(run: Run, tmp_path: Path) -> None:
    result = run("--config", tmp_path / "none.yaml", "sync")

    assert result.exit_code == 2
    assert "--config" in told(result)


def test_an_unknown_channel_names_the_nearest(connector: Run, shop: Any) -> None:
    result = connector("dry-run", shop.drop(shop.order()), "--channel", "shopfy")

    assert result.exit_code == 2
    assert "Did you mean shopify?" in told(result)


def test_settings_for_another_channel_than_the_profiles_are_refused(
    connector: Run, shop: Any
) -> None:
    content = shop.config.read_text("utf-8").replace("shopify:", "shop:")
    shop.config.write_text(content, "utf-8")

    result = connector("config", "check")

    assert result.exit_code == 2
    assert "Rename the channel to shopify" in told(result)


def test_broken_rules_stop_work_but_nobody_from_looking_at_orders(
    connector: Run, shop: Any, tmp_path: Path
) -> None:
    shop.drop(shop.order())
    connector("sync")
    rules = tmp_path / "broken.yaml"
    rules.write_text("channel: [", "utf-8")
    shop.set(channels={"shopify": {"rules": str(rules)}})
    (row,) = json.loads(f"[{connector('orders', 'list', '--json').stdout}]")

    looking = [connector("orders", "list"), connector("orders", "show", row["external_id"])]
    looking += [connector("flow", row["external_id"]), connector("reconcile")]
    working = [connector("sync"), connector("run"), connector("config", "check")]
    working.append(connector("dry-run", shop.drop(shop.order()), "--channel", "shopify"))

    assert [each.exit_code for each in looking] == [0, 0, 0, 0], [told(each) for each in looking]
    assert [each.exit_code for each in working] == [2, 2, 2, 2]
    assert all("broken.yaml" in told(each) for each in working)


def test_a_store_that_cannot_be_written_names_the_place(connector: Run, shop: Any) -> None:
    (shop.folder / "file").write_text("")
    shop.set(store={"url": "sqlite:///file/store.sqlite3"})

    for command in (("sync",), ("db", "upgrade")):
        result = connector(*command)

        assert result.exit_code == 2
        assert str(shop.folder / "file") in told(result)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sqlit:///store.sqlite3", "Expected sqlite:///path/to/file.db"),
        ("postgresql+psycopg://sd:geheim@db/sd", "SD_CONNECTOR__STORE__PASSWORD"),
    ],
)
def test_an_address_that_no_store_can_have_is_found_before_it_is_used(
    connector: Run, shop: Any, url: str, words: str
) -> None:
    shop.set(store={"url": url})

    result = connector("config", "check")

    assert result.exit_code == 2
    assert words in told(result)
    assert "geheim" not in told(result)


def test_a_drop_folder_that_is_missing_says_what_to_do(connector: Run, shop: Any) -> None:
    shop.set(channels={"shopify": {"path": "outbox"}})

    result = connector("sync")

    assert result.exit_code == 2
    assert "there is no such folder" in told(result)
    assert f"mkdir -p {shop.folder / 'outbox'}" in told(result)


def test_a_drop_folder_whose_files_cannot_be_moved_says_so(connector: Run, shop: Any) -> None:
    (shop.inbox / "done").write_text("")

    result = connector("config", "check")

    assert result.exit_code == 2
    assert "this is no folder" in told(result)


def test_a_second_worker_on_the_same_store_is_refused(connector: Run, shop: Any) -> None:
    store = open_store(f"sqlite:///{shop.folder}/store.sqlite3", upgrade=True)
    try:
        for command in ("sync", "run"):
            result = connector(command)

            assert result.exit_code == 2
            assert "a second daemon on the same store" in told(result)
    finally:
        store.close()


def test_reading_without_a_store_says_how_to_make_one(connector: Run) -> None:
    result = connector("orders", "list")

    assert result.exit_code == 2
    assert "sd-connector db upgrade" in told(result)


def test_an_erp_that_cannot_be_reached_has_code_3_and_parks_nothing(
    connector: Run, shop: Any
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        shop.set(erp={"simulator": {"address": address, "state": None}})
        shop.drop(shop.order())
        result = connector("sync")

    (row,) = [
        json.loads(line) for line in connector("orders", "list", "--json").stdout.splitlines()
    ]
    assert result.exit_code == 3
    assert "The ERP could not be reached" in told(result)
    assert row["stage"] == "received"
    assert row["holds"] == []


def test_a_wrong_password_has_code_2_and_is_tried_once(
    connector: Run, shop: Any, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = serve("--user", "SHOP", "--password", "right", "--option", "face.sessions=2")
    shop.set(erp={"simulator": {"address": served["rfc"], "state": None, "user": "SHOP"}})
    shop.drop(shop.order())
    monkeypatch.setenv("SD_CONNECTOR__ERP__SIMULATOR__PASSWORD", "wrong")

    refused = connector("sync")
    monkeypatch.setenv("SD_CONNECTOR__ERP__SIMULATOR__PASSWORD", "right")
    accepted = connector("sync")

    assert refused.exit_code == 2
    assert "password" in told(refused).lower()
    assert "wrong" not in told(refused)
    assert accepted.exit_code == 0, told(accepted)


def test_pyrfc_that_is_not_installed_says_what_to_install(
    connector: Run, shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SD_CONNECTOR__ERP__RFC__PASSWORD", "x")
    logon = {"ashost": "sap.example", "sysnr": "00", "client": "100", "user": "U"}
    shop.set(erp={"driver": "rfc", "rfc": logon})

    result = connector("config", "check", "--erp")

    assert result.exit_code == 2
    assert "sd-connector[rfc]" in told(result)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("snyc",), "No such command"),
        (("dry-run", "--channel", "shopify"), "Missing argument"),
        (("reconcile", "--key-date", "31.3.2026"), "%Y-%m-%d"),
        (("orders", "release", "1001"), "--comment"),
    ],
)
def test_wrong_usage_has_code_2(connector: Run, arguments: tuple[str, ...], expected: str) -> None:
    result = connector(*arguments)

    assert result.exit_code == 2
    assert expected in told(result)
