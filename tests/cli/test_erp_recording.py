"""Hand over a problem without handing over data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from connector.resources import shipped
from tests.cli.conftest import Run

ORDER = next(shipped("fixtures/orders/demo-shopify").glob("1101*"))


@pytest.fixture
def recording(connector: Run, tmp_path: Path) -> Path:
    """A recorded dry run of one order."""
    file = tmp_path / "problem.jsonl"
    result = connector("erp", "record", file, ORDER, "--channel", "shopify")
    assert result.exit_code == 0, result.output
    return file


def test_a_recorded_run_says_what_was_replaced(connector: Run, tmp_path: Path) -> None:
    file = tmp_path / "problem.jsonl"
    result = connector("erp", "record", file, ORDER, "--channel", "shopify")
    assert "would be created" in result.stdout
    assert f"calls are in {file}" in result.stdout.replace("\n", "")
    assert "email" in result.stdout
    assert "Look through the file" in result.stderr


def test_a_replay_that_goes_the_same_way_ends_with_0(connector: Run, recording: Path) -> None:
    result = connector("erp", "replay", recording, "--json")
    found = json.loads(result.stdout)
    assert result.exit_code == 0
    assert found["same"] is True
    assert found["calls"] == found["recorded_calls"] > 0
    assert found["orders"] == {"6100000102313": "would be created"}


def test_a_replay_that_goes_another_way_names_the_first_call(
    connector: Run, recording: Path
) -> None:
    text = recording.read_text("utf-8")
    assert '"MATERIAL":"BI-1000"' in text
    recording.write_text(text.replace('"MATERIAL":"BI-1000"', '"MATERIAL":"BI-9999"'), "utf-8")
    result = connector("erp", "replay", recording)
    assert result.exit_code == 1
    shown = " ".join(result.stdout.split())
    assert "The first that differs: BAPI_SALESORDER_SIMULATE" in shown
    assert "MATERIAL is 'BI-1000', recorded was 'BI-9999'" in shown


def test_documents_are_created_only_on_request(connector: Run, tmp_path: Path) -> None:
    file = tmp_path / "problem.jsonl"
    result = connector(
        "erp", "record", file, ORDER, "--channel", "shopify", "--passes", 3, "--json"
    )
    found = json.loads(result.stdout)
    assert found["orders"]["6100000102313"].endswith("sales order 1")
    assert "BAPI_SALESORDER_CREATEFROMDAT2" in file.read_text("utf-8")


def test_an_existing_file_is_never_replaced(connector: Run, recording: Path) -> None:
    result = connector("erp", "record", recording, ORDER, "--channel", "shopify")
    assert result.exit_code == 2
    assert "exists already" in result.stderr


def test_a_file_that_is_no_recording_is_named(connector: Run) -> None:
    result = connector("erp", "replay", ORDER)
    assert result.exit_code == 2
    assert "line 1" in result.stderr
