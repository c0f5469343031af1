"""A test run is recorded without the data of people, and runs again on its recording."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connector.bootstrap.recorded_runs import record, replay
from connector.clock import SystemClock
from connector.errors import ConfigurationError, MessageError
from connector.mappings.inbound_order import InboundOrder
from connector.mappings.profile import load_profile
from connector.mappings.reading import read_orders
from connector.resources import shipped
from connector.settings import Settings, load_settings

ORDERS = shipped("fixtures/orders/demo-shopify")
PROFILES = ("ecc", "s4", "s4-mixed")
#: Fields of the shipped orders that hold data of people.
_PERSONAL = frozenset(
    {
        "first_name", "last_name", "name", "address1", "address2", "phone", "email", "city",
        "contact_email", "company", "note", "zip",
    }
)  # fmt: skip


@pytest.fixture(autouse=True)
def day_after_the_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SystemClock, "now", lambda clock: datetime(2026, 11, 17, 9, tzinfo=UTC))


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the shipped settings."""
    monkeypatch.delenv("SD_CONNECTOR_CONFIG", raising=False)
    return Path(shutil.copytree(shipped("config"), tmp_path / "config"))


def settings_of(config: Path, profile: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("SD_CONNECTOR__ERP__PROFILE", profile)
    return load_settings(config / "connector.yaml")


def messages(settings: Settings, *names: str) -> list[InboundOrder | MessageError]:
    profile = load_profile(settings.channels["shopify"].profile)
    files = [file for name in names for file in sorted(ORDERS.glob(f"{name}*.json"))]
    return [m for file in files for m in read_orders(profile, file.read_bytes(), str(file))]


def personal_data(content: Any, under: str = "") -> Iterator[str]:
    """Yield what an order says of people; the order's own name (#1101) is none."""
    if isinstance(content, dict):
        for name, value in content.items():
            if name != "line_items":
                yield from personal_data(value, name)
    elif isinstance(content, list):
        for each in content:
            yield from personal_data(each, under)
    elif isinstance(content, str) and under in _PERSONAL and not re.match(r"#|.{0,3}$", content):
        yield content


@pytest.mark.parametrize("profile", PROFILES)
def test_a_run_from_order_to_invoice_goes_the_same_way_on_its_recording(
    profile: str, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(config, profile, monkeypatch)
    file = tmp_path / "run.jsonl"
    recorded = record(settings, file, "shopify", messages(settings, "1102", "1109"), passes=5)
    done, held = recorded.outcome.orders
    assert done[1].startswith("done; sales order 1; delivery 80000001")
    assert "invoice 90000001" in done[1]
    assert held[1] == "held: UNKNOWN_SKU"
    replayed = replay(settings, file)
    assert replayed.difference is None
    assert replayed.is_the_same
    assert replayed.outcome.orders == recorded.outcome.orders
    assert replayed.outcome.calls == replayed.recorded_calls > 10


@pytest.mark.parametrize("profile", PROFILES)
def test_no_personal_datum_of_the_orders_is_in_a_recording(
    profile: str, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(config, profile, monkeypatch)
    file = tmp_path / "run.jsonl"
    names = ("1101", "1102", "1106", "1107", "1108")
    record(settings, file, "shopify", messages(settings, *names), passes=4, key=b"k" * 32)
    written = file.read_text("utf-8")
    orders = [json.loads(path.read_text("utf-8")) for n in names for path in ORDERS.glob(f"{n}*")]
    personal = {each for order in orders for each in personal_data(order)}
    assert len(personal) > 25
    assert [each for each in personal if each in written] == []
    for secret in ('"Authorization"', "Basic ", "SESSIONID", "Set-Cookie"):
        assert secret not in written
    assert "6100000102313" in written, "numbers of orders stay"


@pytest.mark.parametrize("profile", PROFILES)
def test_a_dry_run_is_recorded_and_writes_nothing(
    profile: str, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(config, profile, monkeypatch)
    file = tmp_path / "run.jsonl"
    recorded = record(settings, file, "shopify", messages(settings, "1101", "1110"), passes=0)
    priced, wrong = (result for _, result in recorded.outcome.orders)
    assert priced == "would be created"
    assert wrong not in ("", "would be created"), "its total is a cent too much"
    assert "CREATEFROMDAT" not in file.read_text("utf-8")
    assert replay(settings, file).is_the_same


def test_a_changed_mapping_is_found_with_the_field_that_differs(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(config, "s4", monkeypatch)
    file = tmp_path / "run.jsonl"
    record(settings, file, "shopify", messages(settings, "1101"), passes=2)
    skus = config / "mappings" / "shopify" / "skus.csv"
    text = skus.read_text("utf-8")
    assert "\nKOPFNUSS-M," in text
    skus.write_text(text.replace("\nKOPFNUSS-M,", "\nKOPFNUSS-M,X", 1), "utf-8")
    replayed = replay(settings_of(config, "s4", monkeypatch), file)
    assert not replayed.is_the_same
    assert replayed.difference is not None
    assert "A_SalesOrderSimulation" in str(replayed.difference)
    assert "Material is 'X" in str(replayed.difference)
    assert replayed.left, "nobody answers after the first difference"


def test_a_lost_answer_is_lost_again(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The problem that is handed over is most often one on the line."""
    settings = settings_of(config, "s4", monkeypatch)
    file = tmp_path / "run.jsonl"
    record(settings, file, "shopify", messages(settings, "1101"), passes=5)
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    [create] = [x for x in lines if x.get("operation") == "POST API_SALES_ORDER_SRV/A_SalesOrder"]
    create["error"] = "lost"
    del create["answer"]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    replayed = replay(settings, file)
    posts = [call for call in replayed.left if "POST API_SALES_ORDER_SRV/A_SalesOrder" in call]
    assert posts == [], "it was sent once"
    assert replayed.difference is not None
    assert replayed.difference.operation == "GET API_SALES_ORDER_SRV/A_SalesOrder", (
        "it was looked for"
    )


def test_a_recording_never_replaces_a_file(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(config, "ecc", monkeypatch)
    file = tmp_path / "run.jsonl"
    file.write_text("mine\n", "utf-8")
    with pytest.raises(ConfigurationError, match="exists already"):
        record(settings, file, "shopify", [], passes=0)
    assert file.read_text("utf-8") == "mine\n"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "line 1: is no recording"),
        ("order\n", "line 1: is no JSON"),
        ('{"kind": "something"}\n', "line 1: is no recording"),
        ('{"kind": "recording of sd-connector", "version": 9}\n', "of version 9, expected 1"),
        (
            '{"kind": "recording of sd-connector", "version": 1}\n{"kind": "call"}\n',
            "line 2: lacks 'n'",
        ),
        ('{"kind": "recording of sd-connector", "version": 1}\n{"kind": "ca', "may be cut off"),
    ],
)
def test_what_is_no_recording_is_refused_with_its_line(
    content: str, problem: str, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "run.jsonl"
    file.write_text(content, "utf-8")
    with pytest.raises(ConfigurationError, match=problem):
        replay(settings_of(config, "ecc", monkeypatch), file)
