"""The reference page says what the tables say."""

from __future__ import annotations

import os
import re
from pathlib import Path

from connector.erp.hold_reasons import HoldReason
from connector.erp.messages import Verdict, shipped_table
from connector.erp.rfc import documentation, tables
from connector.erp.rfc.documentation import messages_page

ROOT = Path(__file__).resolve().parents[3]
EXPLANATION = ROOT / "docs" / "explanation" / "rfc-transport.md"
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


def test_the_explanation_names_every_function_and_table_that_is_used() -> None:
    """An administrator takes the authorizations of the connector's user from there."""
    text = EXPLANATION.read_text("utf-8")
    functions = {
        name
        for path in Path(documentation.__file__).parent.glob("*.py")
        for name in re.findall(r'"((?:BAPI[A-Z]*|RFC)_[A-Z0-9_]+)"', path.read_text("utf-8"))
        if not name.startswith("RFC_") or name in ("RFC_READ_TABLE", "RFC_SYSTEM_INFO")
    }
    used = {each.name for each in vars(tables).values() if isinstance(each, tables.Table)}
    assert len(functions) > 10 and len(used) > 10
    missing = {n for n in functions - {"BAPI_TRANSACTION_ROLLBACK"} | used if n not in text}
    assert missing == set()
