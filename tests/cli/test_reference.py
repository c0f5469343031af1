"""The reference pages are what the code says; nothing in it is undocumented."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from connector.cli.app import app
from connector.cli.faults_reference import faults_reference
from connector.cli.reference import cli_reference, undocumented_commands
from connector.cli.settings_reference import setting_entries, settings_reference

PAGES = Path(__file__).parents[2] / "docs" / "reference"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cli.md", cli_reference(app)),
        ("settings.md", settings_reference()),
        ("faults.md", faults_reference()),
    ],
    ids=["cli.md", "settings.md", "faults.md"],
)
def test_a_page_is_in_step_with_the_code(name: str, content: str) -> None:
    page = PAGES / name
    if os.environ.get("SD_CONNECTOR_WRITE_GOLDEN"):
        page.write_text(content, "utf-8")

    assert page.read_text("utf-8") == content, f"{name} is out of date: run `make golden`"


def test_every_command_and_option_is_described_with_an_example() -> None:
    assert undocumented_commands(app) == []


def test_every_setting_is_described() -> None:
    assert [entry.key for entry in setting_entries() if not entry.description] == []


def test_every_section_of_the_example_settings_exists() -> None:
    keys = {entry.key for entry in setting_entries()}

    assert {"store.url", "erp.rfc.ashost", "channels.NAME.profile", "sync.workers"} <= keys
    assert {"erp.transport.sessions", "reconciliation.rules.tolerances"} <= keys


def test_what_a_setting_takes_is_said_in_words_that_can_be_written() -> None:
    """Names of Python classes help nobody who writes YAML."""
    kinds = {entry.key: entry.kind for entry in setting_entries()}

    assert kinds["reconciliation.rules.discount_base"] == "gross, net"
    tolerances = "list of table of code, currency, amount, percent"
    assert kinds["reconciliation.rules.tolerances"] == tolerances
