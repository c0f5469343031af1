"""Whatever happens between two runs, one over what changed is one over everything."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.kept_extract.people import STEPS, Runs, people

#: Without these in order most histories would be empty.
CHAIN = ["sell", "sell", "pass", "deliver", "issue", "bill", "pay"]


@pytest.mark.parametrize("profile", ["ecc", "s4-mixed"])
@pytest.mark.parametrize("seed", range(4))
def test_a_run_over_what_changed_is_the_run_over_everything(
    tmp_path: Path, profile: str, seed: int
) -> None:
    chance = random.Random(seed)
    with people(tmp_path, profile, seed) as everybody:
        runs = Runs(everybody, tmp_path / "kept.sqlite3")
        everybody.do([*CHAIN, *CHAIN])
        runs.run()
        for _ in range(6):
            everybody.do(chance.choices(sorted(STEPS), k=chance.randint(1, 6)))
            runs.run()
        assert runs.over_changes >= 3
