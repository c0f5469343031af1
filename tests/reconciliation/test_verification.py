"""Whoever edits the log is found, with the place: changed, deleted, moved, cut off, rewritten."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import ConfigurationError
from connector.ports.reconciliation import EntryKind, Head, LogEntry, NewEntry, chained
from connector.reconciliation.verification import Anchor, Damage, read_anchors, verify

NOON = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)


def log(entries: int = 6) -> list[LogEntry]:
    new = [
        NewEntry(EntryKind.BREAK_COMMENTED, f"BRK-{n}", {"by": "Ann", "text": f"note {n}"})
        for n in range(1, entries + 1)
    ]
    return list(chained(new, Head(), NOON))


def places(damage: tuple[Damage, ...]) -> list[tuple[int, str]]:
    return [(each.sequence, each.what) for each in damage]


def test_a_log_as_it_was_written_shows_nothing() -> None:
    entries = log()
    head = Anchor(6, entries[-1].hash, NOON, "paper")

    assert verify(entries, {}, [head]) == ()
    assert verify([], {}) == ()


def test_a_changed_entry_is_named() -> None:
    entries = log()
    entries[2] = replace(entries[2], body=entries[2].body.replace("note", "nose"))

    (damage,) = verify(entries, {})

    assert damage.sequence == 3
    assert "entry 3 (break commented BRK-3, 2026-03-31 12:00:00 UTC)" in damage.where
    assert "was changed" in damage.what


def test_a_changed_entry_with_its_hash_made_to_fit_does_not_fit_the_next() -> None:
    entries = log()
    forged = replace(entries[2], body=entries[2].body.replace("note", "nose"))
    entries[2] = replace(forged, hash=forged.computed_hash())

    (damage,) = verify(entries, {})

    assert damage.sequence == 4
    assert "does not follow" in damage.what


def test_a_deleted_entry_is_missed() -> None:
    entries = log()
    del entries[2]

    assert places(verify(entries, {})) == [(3, "entry 3 is missing: deleted")]


def test_several_deleted_entries_are_missed_at_the_beginning_too() -> None:
    assert places(verify(log()[2:], {})) == [(1, "entries 1-2 are missing: deleted")]


def test_a_deleted_entry_is_missed_when_the_others_close_up() -> None:
    entries = log()
    closed = [replace(e, sequence=e.sequence - 1) if e.sequence > 3 else e for e in entries]
    del closed[2]

    found = verify(closed, {})

    assert [each.sequence for each in found] == [3, 3, 4, 5]
    assert "moved here; it was written as entry 4" in found[1].what


def test_entries_that_changed_places_are_named_with_where_they_stood() -> None:
    entries = log()
    entries[1], entries[3] = replace(entries[3], sequence=2), replace(entries[1], sequence=4)

    found = verify(entries, {})

    moved = {each.sequence: each.what for each in found if "moved here" in each.what}
    assert moved == {
        2: "was moved here; it was written as entry 4",
        4: "was moved here; it was written as entry 2",
    }


def test_a_log_that_was_cut_off_is_found_by_the_anchored_head() -> None:
    entries = log()
    head = Anchor(6, entries[-1].hash, NOON, "anchors.jsonl, line 1")

    assert verify(entries[:4], {}) == ()
    (damage,) = verify(entries[:4], {}, [head])

    assert (damage.sequence, damage.what) == (5, "entries 5-6 are missing: the log was cut off")
    assert "anchors.jsonl, line 1" in damage.where


def test_a_log_that_was_written_anew_from_a_place_on_is_found_by_an_anchor() -> None:
    """Somebody who knows the rules makes a whole chain of their own: it is consistent in itself."""
    entries = log()
    head = Anchor(6, entries[-1].hash, NOON, "paper")
    new = [NewEntry(EntryKind.BREAK_COMMENTED, "BRK-9", {"by": "Eve", "text": "?"})] * 3
    forged = [*entries[:3], *chained(new, Head(3, entries[2].hash), NOON)]

    assert verify(forged, {}) == ()
    (damage,) = verify(forged, {}, [head])
    assert "rewritten" in damage.what


def test_the_content_of_a_run_is_part_of_the_proof() -> None:
    body = {"content_sha256": "aa"}
    entries = chained([NewEntry(EntryKind.RUN_FINISHED, "run-1", body)], Head(), NOON)

    assert verify(entries, {"run-1": "aa"}) == ()
    assert "was changed after it was sealed" in verify(entries, {"run-1": "bb"})[0].what
    assert "deleted" in verify(entries, {})[0].what
    assert "without an entry" in verify(entries, {"run-1": "aa", "run-2": "cc"})[0].what


@given(st.data())
def test_no_single_edit_goes_unseen(data: st.DataObject) -> None:
    """Any entry, any field, deleted or exchanged: with the head known outside, it always shows."""
    entries = log()
    head = Anchor(6, entries[-1].hash, NOON, "paper")
    at = data.draw(st.integers(0, 5))
    match data.draw(st.sampled_from(["delete", "body", "subject", "kind", "at", "swap", "cut"])):
        case "delete":
            del entries[at]
        case "body":
            entries[at] = replace(entries[at], body=entries[at].body + " ")
        case "subject":
            entries[at] = replace(entries[at], subject="BRK-x")
        case "kind":
            entries[at] = replace(entries[at], kind="break accepted")
        case "at":
            entries[at] = replace(entries[at], at=NOON.replace(minute=1))
        case "swap":
            other = data.draw(st.integers(0, 5).filter(lambda n: n != at))
            one, two = entries[at], entries[other]
            entries[at] = replace(two, sequence=one.sequence)
            entries[other] = replace(one, sequence=two.sequence)
        case _:
            del entries[at:]

    assert verify(entries, {}, [head]) != ()


def test_anchors_are_read_back_and_other_files_are_refused() -> None:
    anchor = Anchor(3, "ab" * 32, NOON)

    (found,) = read_anchors(anchor.to_line() + "\n\n", "anchors.jsonl")

    assert (found.sequence, found.hash, found.at) == (3, "ab" * 32, NOON)
    with pytest.raises(ConfigurationError, match=r"anchors\.jsonl, line 2"):
        read_anchors(anchor.to_line() + "\n{}", "anchors.jsonl")
