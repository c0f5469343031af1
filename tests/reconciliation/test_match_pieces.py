"""Matches are kept beside a run in pieces, which add up however the matches were divided."""

from __future__ import annotations

import zlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.reconciliation.match_pieces import (
    Matched,
    MatchPiece,
    lines_of,
    matches_in,
    summary_rows,
)
from connector.reconciliation.matching import Match, MatchRule
from connector.sd_documents.values import Money

NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
MATCHES = st.lists(
    st.builds(
        Match,
        identity=st.integers(1, 4),
        rule=st.sampled_from(MatchRule),
        outside=NAMES,
        erp=NAMES,
        amount=st.builds(
            Money.rounded,
            st.decimals(-(10**9), 10**9, places=3),
            st.sampled_from(["EUR", "JPY", "KWD"]),
        ),
    ),
    max_size=10,
)


def match(number: int, amount: str = "10.00") -> Match:
    return Match(
        identity=1,
        rule=MatchRule.LINK_TABLE,
        outside=f"shop/{number}",
        erp=f"sales order {number:010d}",
        amount=Money(amount=Decimal(amount), currency="EUR"),
    )


@given(MATCHES)
def test_matches_of_any_names_and_amounts_come_back(matches: list[Match]) -> None:
    assert list(MatchPiece.of(matches).matches()) == matches


@given(MATCHES, MATCHES, MATCHES)
def test_pieces_put_one_after_the_other_are_a_piece(
    first: list[Match], second: list[Match], third: list[Match]
) -> None:
    parts = [MatchPiece.of(each) for each in (first, second, third)]
    whole = MatchPiece.of([*third, *first, *second])

    assert MatchPiece.sum(parts) == parts[0] + parts[1] + parts[2] == whole
    assert list(MatchPiece.sum(parts).matches()) == [*first, *second, *third]
    assert list(matches_in(b"".join(part.content for part in parts))) == [*first, *second, *third]


@given(MATCHES)
def test_bytes_bring_it_back(matches: list[Match]) -> None:
    piece = MatchPiece.of(matches)
    read = MatchPiece.from_bytes(piece.to_bytes())

    assert read == piece
    assert read.content == piece.content


@given(MATCHES)
def test_the_summary_counts_and_adds_up_by_rule_and_currency(matches: list[Match]) -> None:
    rows = summary_rows(MatchPiece.of(matches).summary)

    assert sum(row.count for row in rows) == len(matches)
    for row in rows:
        amounts = [
            each.amount.amount
            for each in matches
            if (each.identity, each.rule, each.amount.currency)
            == (row.identity, row.rule, row.currency)
        ]
        assert (row.count, row.amount.amount) == (len(amounts), sum(amounts))
        assert row.gross.amount == sum(map(abs, amounts))


def test_many_matches_are_read_back_one_by_one() -> None:
    """More than is uncompressed at a time, so that lines lie across the borders."""
    matches = [match(number) for number in range(5_000)]
    piece = MatchPiece.of(matches)

    assert len(piece.content) < 20 * len(matches)
    assert list(piece.matches()) == matches
    assert piece.summary == {
        (1, "link table", "EUR"): Matched(5_000, Decimal(50_000), Decimal(50_000))
    }


@given(MATCHES)
def test_the_matches_of_one_comparison_can_be_read_alone(matches: list[Match]) -> None:
    content = MatchPiece.of(matches).content

    for number in range(1, 5):
        assert list(matches_in(content, number)) == [m for m in matches if m.identity == number]


def test_nothing_is_a_piece_too() -> None:
    assert not MatchPiece()
    assert list(MatchPiece().matches()) == []
    assert MatchPiece.of([]) == MatchPiece() == MatchPiece.sum([])


def test_what_was_changed_shows_in_the_hash() -> None:
    whole = MatchPiece.of([match(1), match(2)])

    assert MatchPiece.of([match(1), match(2, "10.01")]).hash != whole.hash
    assert MatchPiece.of([match(1)]).hash != whole.hash


def test_damaged_content_is_told() -> None:
    content = MatchPiece.of([match(1), match(2)]).content
    without_end = zlib.compressobj(wbits=-15)
    half = without_end.compress(b'[1,"link') + without_end.flush(zlib.Z_FULL_FLUSH)

    with pytest.raises(ValueError, match="cannot be uncompressed"):
        list(lines_of(b"\xff" + content))
    with pytest.raises(ValueError, match="end in the middle of a line"):
        list(lines_of(content + half))
