"""Runs over what was kept, held against runs that read everything."""

from __future__ import annotations

import pytest

from connector.kept_extract.keeping import KeptRun
from connector.kept_extract.whole import Moment
from connector.reconciliation.report import ReconciliationRun
from connector.reconciliation.run import read_and_run


def assert_equal(found: ReconciliationRun, expected: ReconciliationRun) -> None:
    """All is the same but how it was read; what differs is named one by one."""
    one, other = plain(found), plain(expected)
    for name in type(one).model_fields:
        left, right = getattr(one, name), getattr(other, name)
        if left != right and isinstance(left, tuple):
            assert [each for each in left if each not in right] == [], f"only found: {name}"
            assert [each for each in right if each not in left] == [], f"not found: {name}"
        if name not in ("header", "matches", "content_hash"):
            assert left == right, name
    assert sorted(map(repr, one.matches)) == sorted(map(repr, other.matches))
    assert one.content_hash == other.content_hash


def plain(run: ReconciliationRun) -> ReconciliationRun:
    sources = tuple(
        each.model_copy(update={"kept": 0, "pages": 1, "pages_expected": 1}) for each in run.sources
    )
    header = run.header.model_copy(update={"extract": ""})
    return run.model_copy(update={"sources": sources, "header": header})


def compare_every_reading(patch: pytest.MonkeyPatch) -> None:
    """Let everything be read for every run as well, and come to the same."""
    work = KeptRun.work

    def both(self: KeptRun, moment: Moment) -> ReconciliationRun:
        found = work(self, moment)
        expected = read_and_run(
            self._assignment,
            self._store,
            self._erp,
            moment.now,
            intake_complete_until=moment.intake_complete_until,
            movements=moment.movements,
        )
        assert_equal(found, expected)
        return found

    patch.setattr(KeptRun, "work", both)
