"""What a real ERP made of a year of orders, and what the connector makes of them."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from connector.cli.app import app


def test_every_document_of_the_year_is_equal_item_by_item(samples: Path) -> None:
    """Through intake, mapping, the exactly-once steps and the RFC face of the simulated ERP."""
    folder = samples / "history/globalbike"

    result = CliRunner().invoke(
        app, ["history", "--history", str(folder), "--year", "2020", "--json"]
    )

    found = json.loads(result.stdout)
    assert found["differences"] == []
    assert (found["documents"], found["items"], found["equal"]) == (2_612, 24_962, 2_612)
    assert found["same_number"] == 2_612
    assert result.exit_code == 0
