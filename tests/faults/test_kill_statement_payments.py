"""Kill -9 while receipts are posted from statements: nothing lost, nothing doubled."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.faults.kill_statement_payments import prove


@pytest.mark.kill_proof
@pytest.mark.torture
@pytest.mark.parametrize("profile", ["ecc", "s4-mixed"])
def test_each_line_has_one_receipt_however_often_the_posting_was_killed(
    profile: str, tmp_path: Path
) -> None:
    kills = int(os.environ.get("SD_CONNECTOR_KILLS", "5"))
    seed = int(os.environ.get("SD_CONNECTOR_SEED", str(time.time_ns() % 10**6)))

    struck, wrong = prove(tmp_path, profile, kills, seed)

    assert wrong == [], f"seed {seed}"
    assert struck, f"seed {seed}: nothing was killed on its way"
