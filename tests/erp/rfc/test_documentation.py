"""The reference page says what the tables say."""

from __future__ import annotations

import os
from pathlib import Path

from connector.erp.rfc.documentation import messages_page
from connector.erp.rfc.hold_reasons import HoldReason
from connector.erp.rfc.messages import Verdict, shipped_table

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "reference" / "erp-messages.md"


def test_the_page_of_messages_is_up_to_date() -> None:
    made = messages_page(shipped_table())
    if os.environ.get("SD_CONNECTOR_WRITE_GOLDEN"):
        PAGE.write_text(made, "utf-8")
    assert PAGE.read_text("utf-8") == made, "run `make golden` and read the diff"


def test_every_verdict_is_explained() -> None:
    made = messages_page(shipped_table())
    for verdict in Verdict:
        assert f"| {verdict} |" in made


def test_every_hold_reason_that_the_transport_gives_is_on_the_page() -> None:
    made = messages_page(shipped_table())
    for reason in HoldReason:
        assert f"- `{reason}`: " in made
