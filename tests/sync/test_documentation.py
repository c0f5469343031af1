"""The reference page of hold reasons is what the code says."""

from __future__ import annotations

import os
import re
from pathlib import Path

import connector.sync
from connector.mappings.problems import HOLD_REASONS
from connector.resources import shipped
from connector.sync.hold_reasons import FLOW_HOLD_REASONS, flow_hold_reasons_page

PAGE = shipped("docs/reference") / "flow-hold-reasons.md"


def test_the_page_of_hold_reasons_is_up_to_date() -> None:
    if os.environ.get("SD_CONNECTOR_WRITE_GOLDEN"):
        PAGE.write_text(flow_hold_reasons_page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == flow_hold_reasons_page()


def test_every_reason_that_the_use_cases_give_is_explained() -> None:
    [folder] = connector.sync.__path__
    used = {
        code
        for module in Path(folder).glob("*.py")
        for code in re.findall(r"hold_reasons\.([A-Z_]{4,})", module.read_text(encoding="utf-8"))
    }
    assert used == set(FLOW_HOLD_REASONS)
    assert not used & set(HOLD_REASONS)
