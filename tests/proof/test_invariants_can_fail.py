"""Each invariant is violated by a connector that is broken in its respect, and by no sound one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proof.breakages import BREAKAGES, Breakage
from tests.proof.company import a_proven_company
from tests.proof.invariants import INVARIANTS, violations


@pytest.mark.parametrize("breakage", BREAKAGES, ids=lambda each: each.name)
def test_a_broken_connector_is_seen(
    breakage: Breakage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with a_proven_company(tmp_path) as proven:
        breakage.break_it(proven, monkeypatch)
        breakage.scenario(proven)
        proven.come_to_rest()
        assert breakage.seen_by.__name__ in violations(proven.evidence())


@pytest.mark.parametrize("breakage", BREAKAGES, ids=lambda each: each.name)
def test_a_sound_connector_passes_the_same_scenario(breakage: Breakage, tmp_path: Path) -> None:
    with a_proven_company(tmp_path) as proven:
        breakage.scenario(proven)
        proven.come_to_rest()
        assert violations(proven.evidence()) == {}


def test_every_invariant_has_a_connector_that_violates_it() -> None:
    assert {breakage.seen_by for breakage in BREAKAGES} == set(INVARIANTS)
