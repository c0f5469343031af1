"""
Matches outside a run: compressed in pieces that add up, whatever a run was divided into.

A piece holds one line per match, a JSON list of comparison, rule, both records, amount (text) and
currency. It is compressed as DEFLATE blocks without an end (RFC 1951), so that pieces put one after
the other are a piece again.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Final

from connector.reconciliation.match_rules import MatchRule
from connector.reconciliation.matching import Match
from connector.reconciliation.set_hash import SIZE, SetHash
from connector.sd_documents.model import Frozen
from connector.sd_documents.values import Money

#: So many bytes are uncompressed at a time.
_CHUNK: Final = 1 << 16
#: The length of the summary stands before it in so many bytes.
_LENGTH: Final = 4
#: Window and memory of the compressor for up to so many bytes; small ones are set up sooner.
_SIZES: Final = ((1 << 10, 10, 1), (1 << 14, 13, 5))
_LARGE: Final = (15, 8)

#: What matches are added up by: comparison, rule, currency.
SummaryKey = tuple[int, str, str]


class MatchSummary(Frozen):
    """
    How much one rule has matched in one comparison and currency.

    ``gross`` adds up amounts without their signs.
    """

    identity: int
    rule: str
    currency: str
    count: int
    amount: Money
    gross: Money


@dataclass(frozen=True, slots=True)
class Matched:
    """How many matches, their sum, and their sum without signs."""

    count: int = 0
    amount: Decimal = Decimal(0)
    gross: Decimal = Decimal(0)

    def __add__(self, other: Matched) -> Matched:
        return Matched(
            self.count + other.count, self.amount + other.amount, self.gross + other.gross
        )


@dataclass(frozen=True, slots=True)
class MatchPiece:
    """
    Some of the matches of a run; a value.

    ``hash`` covers the lines, in whatever order and pieces. Pieces are equal when they hold the
    same matches.
    """

    content: bytes = field(default=b"", compare=False, repr=False)
    count: int = 0
    hash: SetHash = field(default_factory=SetHash)
    summary: Mapping[SummaryKey, Matched] = field(default_factory=dict, hash=False)

    @classmethod
    def of(cls, matches: Iterable[Match]) -> MatchPiece:
        """Return the piece with *matches*, in their order."""
        lines: list[bytes] = []
        sums: dict[SummaryKey, list[Decimal]] = {}
        for match in matches:
            money = match.amount
            lines.append(_line(match))
            key = match.identity, match.rule.value, money.currency
            sums.setdefault(key, []).append(money.amount)
        zero = Decimal(0)
        summary = {
            key: Matched(len(each), sum(each, zero), sum(map(abs, each), zero))
            for key, each in sums.items()
        }
        return cls(_compressed(lines), len(lines), SetHash.of_bytes(lines), summary)

    @classmethod
    def sum(cls, pieces: Iterable[MatchPiece]) -> MatchPiece:
        """Return all *pieces* as one, in their order."""
        pieces = tuple(pieces)
        return cls(
            b"".join(piece.content for piece in pieces),
            sum(piece.count for piece in pieces),
            SetHash.sum(piece.hash for piece in pieces),
            added_up(piece.summary for piece in pieces),
        )

    def __add__(self, other: MatchPiece) -> MatchPiece:
        return MatchPiece.sum((self, other))

    def __bool__(self) -> bool:
        return bool(self.count)

    def matches(self) -> Iterator[Match]:
        """Yield the matches one by one; raises ValueError where the content is none."""
        return matches_in(self.content)

    def only(self, currencies: Collection[str]) -> MatchPiece:
        """Return the matches in *currencies*, itself where these are all."""
        if all(currency in currencies for _, _, currency in self.summary):
            return self
        return MatchPiece.of(m for m in self.matches() if m.amount.currency in currencies)

    def to_bytes(self) -> bytes:
        """Return it with its hash and summary, so that it can be added up when it is read back."""
        rows = [
            [*key, each.count, str(each.amount), str(each.gross)]
            for key, each in sorted(self.summary.items())
        ]
        summary = json.dumps([self.count, rows], separators=(",", ":")).encode()
        length = len(summary).to_bytes(_LENGTH, "little")
        return b"".join((self.hash.to_bytes(), length, summary, self.content))

    @classmethod
    def from_bytes(cls, content: bytes) -> MatchPiece:
        """Read back what :meth:`to_bytes` wrote; raises ValueError for anything else."""
        start = SIZE + _LENGTH
        end = start + int.from_bytes(content[SIZE:start], "little")
        count, rows = json.loads(content[start:end])
        summary = {
            (identity, rule, currency): Matched(many, Decimal(amount), Decimal(gross))
            for identity, rule, currency, many, amount, gross in rows
        }
        return cls(content[end:], count, SetHash.from_bytes(content[:SIZE]), summary)


def added_up(
    summaries: Iterable[Mapping[SummaryKey, Matched]],
) -> dict[SummaryKey, Matched]:
    """Return the sum of *summaries*."""
    sums: dict[SummaryKey, Matched] = {}
    for summary in summaries:
        for key, each in summary.items():
            known = sums.get(key)
            sums[key] = each if known is None else known + each
    return sums


def summary_rows(summary: Mapping[SummaryKey, Matched]) -> tuple[MatchSummary, ...]:
    """Return *summary* as a run shows it, by comparison, rule and currency."""
    return tuple(
        MatchSummary(
            identity=identity,
            rule=rule,
            currency=currency,
            count=each.count,
            amount=Money(amount=each.amount, currency=currency),
            gross=Money(amount=each.gross, currency=currency),
        )
        for (identity, rule, currency), each in sorted(summary.items())
    )


def matches_in(content: bytes, comparison: int | None = None) -> Iterator[Match]:
    """
    Yield the matches of the *content* of a piece, only those of one *comparison* where it is given.

    Raises:
        ValueError: *content* is none.
    """
    beginning = b"[" if comparison is None else f"[{comparison},".encode()
    for line in lines_of(content):
        if not line.startswith(beginning):
            continue
        identity, rule, outside, erp, amount, currency = json.loads(line)
        yield Match(
            identity=identity,
            rule=MatchRule(rule),
            outside=outside,
            erp=erp,
            amount=Money(amount=Decimal(amount), currency=currency),
        )


def lines_of(content: bytes) -> Iterator[bytes]:
    """
    Yield the lines of the *content* of a piece, of which only a little is uncompressed at a time.

    Raises:
        ValueError: *content* is damaged, or ends in the middle of a line.
    """
    rest = b""
    for text in _uncompressed(memoryview(content)):
        *lines, rest = (rest + text).split(b"\n")
        yield from lines
    if rest:
        raise ValueError("matches end in the middle of a line")


def _uncompressed(content: memoryview) -> Iterator[bytes]:
    unpack = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for start in range(0, len(content), _CHUNK):
            left: bytes | memoryview = content[start : start + _CHUNK]
            while left:
                yield unpack.decompress(left, _CHUNK)
                left = unpack.unconsumed_tail
    except zlib.error as error:
        raise ValueError(f"matches cannot be uncompressed: {error}") from error


def _line(match: Match) -> bytes:
    """Return the line of *match*; written by hand, since there are millions."""
    money = match.amount
    return (
        f'[{match.identity},"{match.rule.value}",{encode_basestring(match.outside)},'
        f'{encode_basestring(match.erp)},"{money.amount}","{money.currency}"]'
    ).encode()


def _compressed(lines: list[bytes]) -> bytes:
    if not lines:
        return b""
    text = b"\n".join((*lines, b""))
    window, memory = next((size[1:] for size in _SIZES if len(text) <= size[0]), _LARGE)
    pack = zlib.compressobj(wbits=-window, memLevel=memory)
    return pack.compress(text) + pack.flush(zlib.Z_FULL_FLUSH)
