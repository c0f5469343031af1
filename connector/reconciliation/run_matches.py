"""All matches of a run, which stand beside it in pieces."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from connector.reconciliation.match_pieces import (
    MatchPiece,
    MatchSummary,
    added_up,
    summary_rows,
)
from connector.reconciliation.matching import Match
from connector.reconciliation.set_hash import SetHash

#: So many matches are compressed at a time.
_AT_A_TIME: Final = 20_000
#: Small pieces are put together until there are so many bytes.
_PORTION: Final = 1 << 17


@dataclass(frozen=True, slots=True)
class Matches:
    """
    The matches beside a run, in pieces.

    Nothing is compared here: which matches they are says the hash that the run has of them.
    """

    pieces: tuple[MatchPiece, ...] = field(default=(), compare=False, repr=False)

    @classmethod
    def of(cls, matches: Iterable[Match]) -> Matches:
        """Return *matches* in pieces of some thousand."""
        rest = iter(matches)
        return cls(tuple(iter(lambda: MatchPiece.of(islice(rest, _AT_A_TIME)), MatchPiece())))

    @property
    def hash(self) -> SetHash:
        """The hash of all of them."""
        return SetHash.sum(piece.hash for piece in self.pieces)

    @property
    def summary(self) -> tuple[MatchSummary, ...]:
        """How many and how much, by comparison, rule and currency."""
        return summary_rows(added_up(piece.summary for piece in self.pieces))

    def only(self, currencies: Collection[str]) -> Matches:
        """Return the matches in *currencies*."""
        wanted = frozenset(currencies)
        return Matches(tuple(filter(None, (piece.only(wanted) for piece in self.pieces))))

    def __len__(self) -> int:
        return sum(piece.count for piece in self.pieces)

    def __iter__(self) -> Iterator[Match]:
        """Yield them one by one, piece by piece."""
        return (match for piece in self.pieces for match in piece.matches())


class MatchCollector:
    """
    Takes in pieces one after the other, and puts small ones together.

    A piece weighs more than the few matches in it, and there may be one for each order.
    """

    def __init__(self) -> None:
        self._portions: list[MatchPiece] = []
        self._small: list[MatchPiece] = []
        self._size = 0

    def add(self, piece: MatchPiece) -> None:
        """Add the matches of *piece*."""
        if not piece:
            return
        self._small.append(piece)
        self._size += len(piece.content)
        if self._size >= _PORTION:
            self._put_together()

    def matches(self) -> Matches:
        """Return all that was added."""
        self._put_together()
        return Matches(tuple(self._portions))

    def _put_together(self) -> None:
        if self._small:
            self._portions.append(MatchPiece.sum(self._small))
        self._small, self._size = [], 0


def as_matches(value: object) -> Matches:
    """
    Return *value* as matches: what is some already, or a sequence of matches or their JSON.

    Raises:
        ValueError: it is nothing of that.
    """
    if isinstance(value, Matches):
        return value
    if not isinstance(value, list | tuple):
        raise ValueError("matches are a list")
    return Matches.of(Match.model_validate(each) for each in value)
