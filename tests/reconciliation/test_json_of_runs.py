"""A run is written piece by piece, and the text is the one that it would be in one piece."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.reconciliation import report
from connector.reconciliation.matching import Match, MatchRule
from connector.reconciliation.report import ReconciliationRun, hash_content
from connector.sd_documents.values import Money
from tests.reconciliation.books import Books, line
from tests.reconciliation.test_properties import reconciled

#: Left out of the hash, and of its header.
NOT_HASHED = ("content_hash", "roll_forward", "restated")
NOT_HASHED_OF_HEADER = ("run_id", "started_at", "finished_at", "mode", "previous")


@cache
def run_of(orders: int) -> ReconciliationRun:
    if not orders:
        return Books().reconcile("2026-01-31")
    return reconciled([line(2, "10.00")]).reconcile("2026-01-31")


@pytest.mark.parametrize("at_a_time", [1, 2, 3, 2_000])
@pytest.mark.parametrize("orders", [0, 1])
def test_the_text_is_that_of_the_whole(
    orders: int, at_a_time: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "_AT_A_TIME", at_a_time)
    run = run_of(orders)
    assert bool(run.matches) is bool(orders)

    whole = json.dumps(run.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)

    assert run.to_json() == whole
    assert ReconciliationRun.from_json(whole) == run


@given(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.decimals(-(10**15), 10**15, places=3),
    st.sampled_from(["EUR", "JPY", "KWD"]),
    st.sampled_from(MatchRule),
    st.integers(1, 4),
)
def test_matches_of_any_names_and_amounts_are_written_as_json_has_them(
    text: str, amount: Decimal, currency: str, rule: MatchRule, identity: int
) -> None:
    match = Match(
        identity=identity,
        rule=rule,
        outside=text,
        erp=f"{text} ä",
        amount=Money.rounded(amount, currency),
    )
    run = run_of(0).model_copy(update={"matches": (match, match)})
    assert run.to_json() == json.dumps(
        run.model_dump(mode="json"), sort_keys=True, ensure_ascii=False
    )


@pytest.mark.parametrize("at_a_time", [1, 2, 3, 2_000])
@pytest.mark.parametrize("orders", [0, 1])
def test_the_hash_is_that_of_the_whole(
    orders: int, at_a_time: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "_AT_A_TIME", at_a_time)
    run = run_of(orders)
    content = run.model_dump(mode="json")
    for name in NOT_HASHED:
        del content[name]
    for name in NOT_HASHED_OF_HEADER:
        del content["header"][name]
    for source in content["sources"]:
        del source["as_of"], source["kept"]
    whole = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    assert hash_content(run) == run.content_hash == hashlib.sha256(whole.encode()).hexdigest()
