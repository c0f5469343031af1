"""Each record comes back from its text as it was, and is no longer than it must be."""

from __future__ import annotations

import pytest

from connector.reconciliation.record_texts import RecordKind, records_of, text_of


def test_nothing_gives_nothing() -> None:
    for kind in RecordKind:
        assert records_of(kind, []) == []


def test_a_search_and_a_number_come_back() -> None:
    for kind, record in ((RecordKind.SEARCH, ("PO-1", ("0000000001",))), (RecordKind.UNKNOWN, "7")):
        text = text_of(kind, record)
        assert "\n" not in text
        assert records_of(kind, [text, text]) == [record, record]


def test_a_text_that_is_no_record_is_refused() -> None:
    with pytest.raises(ValueError, match="validation error"):
        records_of(RecordKind.ITEM, ['{"key": 1}'])
