"""A run is written as JSON without its matches, and its hash covers them all the same."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

import pytest

from connector.reconciliation.report import ReconciliationRun, hash_content, matched_by
from connector.reconciliation.run_matches import Matches
from tests.reconciliation.books import Books, line
from tests.reconciliation.test_properties import reconciled

#: Left out of the hash, and of its header.
NOT_HASHED = ("content_hash", "roll_forward", "restated")
NOT_HASHED_OF_HEADER = ("run_id", "started_at", "finished_at", "mode", "previous", "extract")
#: Of a source: how it was read, and not what it holds.
NOT_HASHED_OF_SOURCE = ("as_of", "kept", "pages", "pages_expected")
#: Kept when matches were part of the JSON of a run.
OLD = Path(__file__).parent / "fixtures" / "run_with_matches_inside.json"


@cache
def run_of(orders: int) -> ReconciliationRun:
    if not orders:
        return Books().reconcile("2026-01-31")
    return reconciled([line(2, "10.00")]).reconcile("2026-01-31")


@pytest.mark.parametrize("orders", [0, 1])
def test_a_run_comes_back_without_the_matches_and_with_what_they_come_to(orders: int) -> None:
    run = run_of(orders)
    assert bool(run.matches) is bool(orders)

    read = ReconciliationRun.from_json(run.to_json())

    assert read == run
    assert (read.match_count, read.match_hash, read.matched) == (
        len(run.matches),
        run.matches.hash.hexdigest(),
        run.matches.summary,
    )
    assert len(read.matches) == 0
    assert "matches" not in json.loads(run.to_json())


@pytest.mark.parametrize("orders", [0, 1])
def test_the_hash_is_that_of_the_whole(orders: int) -> None:
    run = run_of(orders)
    content = run.model_dump(mode="json")
    for name in NOT_HASHED:
        del content[name]
    for name in NOT_HASHED_OF_HEADER:
        del content["header"][name]
    for source in content["sources"]:
        for name in NOT_HASHED_OF_SOURCE:
            del source[name]
    whole = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    assert hash_content(run) == run.content_hash == hashlib.sha256(whole.encode()).hexdigest()


def test_the_hash_covers_the_matches_in_whatever_order_and_pieces() -> None:
    run = run_of(1)
    matches = list(run.matches)

    def hash_with(found: Matches) -> str:
        return hash_content(run.model_copy(update=matched_by(found)))

    assert len(matches) > 1
    assert hash_with(Matches.of(reversed(matches))) == run.content_hash
    assert hash_with(Matches(tuple(Matches.of([each]).pieces[0] for each in matches))) == (
        run.content_hash
    )
    other = matches[0].model_copy(update={"erp": f"{matches[0].erp}1"})
    assert hash_with(Matches.of([other, *matches[1:]])) != run.content_hash


def test_a_run_with_its_matches_inside_is_still_read() -> None:
    text = OLD.read_text("utf-8")
    old = ReconciliationRun.from_json(text)
    content = json.loads(text)

    assert old.content_hash == content["content_hash"]
    assert [each.model_dump(mode="json") for each in old.matches] == content["matches"]
    assert old.match_count == len(content["matches"])
    assert old.match_hash == Matches.of(old.matches).hash.hexdigest()
    assert [each.model_dump(mode="json", exclude={"gross"}) for each in old.matched] == content[
        "matched"
    ]
    assert ReconciliationRun.from_json(old.to_json()) == old
