"""The short form of `make recon-mutations`: a small year, every fault, a few rounds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from connector.reconciliation.breaks import BreakCode
from tests.mutations.mutations import MUTATIONS

#: Orders of the small year: enough victims of every kind.
ORDERS = 250


def plant(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.mutations", "--workers", "1", *arguments],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_code_of_the_catalogue_has_a_mutation() -> None:
    assert {code.value for code in BreakCode} <= {each.code for each in MUTATIONS}


def test_every_mutation_has_a_name_of_its_own() -> None:
    names = [each.name for each in MUTATIONS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("first", [1, 3])
def test_every_fault_is_found_by_its_name_and_nothing_else_is_told(first: int) -> None:
    done = plant("--orders", str(ORDERS), "--rounds", "2", "--first", str(first))

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"2 rounds, {len(MUTATIONS)} faults in each" in done.stdout
