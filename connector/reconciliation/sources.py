"""
Control totals of what was read, so that a short or stale source cannot look like a match.

Totals add up and are taken from each other: those of a whole are the sum of those of its parts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from connector.reconciliation.set_hash import SIZE, SetHash
from connector.sd_documents.model import Frozen
from connector.sd_documents.values import Money

_NOTHING: Final = Decimal(0)


class SourceTotal(Frozen):
    """Sum of one currency: debit is what raises the receivable, credit what lowers it."""

    currency: str
    count: int
    debit: Money
    credit: Money


class SourceReading(Frozen):
    """
    One source as it was read.

    ``expected`` is how many records (``pages``: calls) should have come, empty where the source
    does not say. ``as_of`` is until when its content is known to be complete, empty where nobody
    keeps track. ``problems`` are reasons why it must not be relied on; any of them makes the run
    INCOMPLETE. ``sha256`` covers all records and does not depend on their order. ``kept`` counts
    those of the records that were not read anew, since nothing had changed them; ``left_out`` those
    that have nothing to do with what is compared.
    """

    name: str
    system: str
    records: int
    expected: int | None = None
    pages: int = 1
    pages_expected: int = 1
    totals: tuple[SourceTotal, ...] = ()
    oldest: date | None = None
    newest: date | None = None
    as_of: datetime | None = None
    sha256: str
    problems: tuple[str, ...] = ()
    kept: int = 0
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class ReadRecord:
    """What counts of one record for the control totals: its day, amount and content."""

    content: str
    day: date | None = None
    amount: Money | None = None


@dataclass(frozen=True, slots=True)
class Sums:
    """Records of one currency, and what raises and lowers the receivable (both positive)."""

    count: int = 0
    debit: Decimal = _NOTHING
    credit: Decimal = _NOTHING


@dataclass(frozen=True, slots=True)
class Control:
    """
    What counts of many records: how many, their sums by currency, how many of each day, their hash.

    A value; days are counted, so that the oldest and the newest are still known when records are
    taken away.
    """

    records: int = 0
    totals: Mapping[str, Sums] = field(default_factory=dict)
    days: Mapping[date, int] = field(default_factory=dict)
    hash: SetHash = field(default_factory=SetHash)

    @classmethod
    def of(cls, records: Iterable[ReadRecord]) -> Control:
        """Add up *records*; they are looked at once, in any order."""
        count = 0
        days: dict[date, int] = {}
        sums: dict[str, list[Decimal]] = {}
        counts: dict[str, int] = {}

        def contents() -> Iterable[str]:
            nonlocal count
            for record in records:
                count += 1
                if record.day is not None:
                    days[record.day] = days.get(record.day, 0) + 1
                if (money := record.amount) is not None:
                    both = sums.setdefault(money.currency, [_NOTHING, _NOTHING])
                    value = money.amount
                    if value < 0:
                        both[1] -= value
                    else:
                        both[0] += value
                    counts[money.currency] = counts.get(money.currency, 0) + 1
                yield record.content

        hashed = SetHash.of(contents())
        totals = {currency: Sums(counts[currency], *both) for currency, both in sums.items()}
        return cls(count, totals, days, hashed)

    @classmethod
    def sum(cls, parts: Iterable[Control]) -> Control:
        """Return the control totals of all *parts* together."""
        count, days, totals = 0, dict[date, int](), dict[str, Sums]()

        def hashes() -> Iterable[SetHash]:
            nonlocal count
            for part in parts:
                count += part.records
                for day, many in part.days.items():
                    days[day] = days.get(day, 0) + many
                for currency, each in part.totals.items():
                    known = totals.get(currency)
                    totals[currency] = each if known is None else _plus(known, each)
                yield part.hash

        hashed = SetHash.sum(hashes())
        return cls(count, totals, days, hashed)

    def __add__(self, other: Control) -> Control:
        return Control.sum((self, other))

    def __sub__(self, other: Control) -> Control:
        """
        Return the control totals without the records of *other*.

        Raises:
            ValueError: more records of a day or currency are taken away than there are.
        """
        days = {day: many for day in self.days if (many := self._left(day, other))}
        totals = dict(self.totals)
        for currency, each in other.totals.items():
            left = _minus(totals.get(currency, Sums()), each)
            if left.count:
                totals[currency] = left
            else:
                totals.pop(currency, None)
        counts = (self.records - other.records, *(each.count for each in totals.values()))
        if min(counts) < 0 or not other.days.keys() <= self.days.keys():
            raise ValueError("more records are taken from control totals than they hold")
        return Control(self.records - other.records, totals, days, self.hash - other.hash)

    def _left(self, day: date, other: Control) -> int:
        left = self.days[day] - other.days.get(day, 0)
        if left < 0:
            raise ValueError(f"more records of {day} are taken from control totals than they hold")
        return left

    def to_bytes(self) -> bytes:
        """Return it in a few hundred bytes: the hash, then JSON with amounts as text."""
        totals = {
            currency: [each.count, str(each.debit), str(each.credit)]
            for currency, each in sorted(self.totals.items())
        }
        days = {day.isoformat(): many for day, many in sorted(self.days.items())}
        text = json.dumps([self.records, totals, days], separators=(",", ":"))
        return self.hash.to_bytes() + text.encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> Control:
        """Read back what :meth:`to_bytes` wrote; raises ValueError for anything else."""
        records, totals, days = json.loads(content[SIZE:])
        return cls(
            records,
            {
                currency: Sums(count, Decimal(debit), Decimal(credit))
                for currency, (count, debit, credit) in totals.items()
            },
            {date.fromisoformat(day): many for day, many in days.items()},
            SetHash.from_bytes(content[:SIZE]),
        )

    def reading(
        self,
        name: str,
        system: str,
        *,
        expected: int | None = None,
        pages: tuple[int, int] = (1, 1),
        as_of: datetime | None = None,
        problems: Iterable[str] = (),
        kept: int = 0,
    ) -> SourceReading:
        """
        Return these totals as those of source *name*, with what is short of them.

        ``pages`` are those read and those expected.
        """
        found = list(problems)
        if expected is not None and self.records < expected:
            found.append(f"{self.records} of {expected} records came back")
        if pages[0] < pages[1]:
            found.append(f"{pages[0]} of {pages[1]} calls were answered")
        return SourceReading(
            name=name,
            system=system,
            records=self.records,
            expected=expected,
            pages=pages[0],
            pages_expected=pages[1],
            totals=tuple(
                SourceTotal(
                    currency=currency,
                    count=each.count,
                    debit=Money(amount=each.debit, currency=currency),
                    credit=Money(amount=each.credit, currency=currency),
                )
                for currency, each in sorted(self.totals.items())
            ),
            oldest=min(self.days, default=None),
            newest=max(self.days, default=None),
            as_of=as_of,
            sha256=self.hash.hexdigest(),
            problems=tuple(found),
            kept=kept,
        )


def _plus(one: Sums, other: Sums) -> Sums:
    return Sums(one.count + other.count, one.debit + other.debit, one.credit + other.credit)


def _minus(one: Sums, other: Sums) -> Sums:
    return Sums(one.count - other.count, one.debit - other.debit, one.credit - other.credit)


def control(
    name: str,
    system: str,
    records: Iterable[ReadRecord],
    *,
    expected: int | None = None,
    pages: tuple[int, int] = (1, 1),
    as_of: datetime | None = None,
    problems: Iterable[str] = (),
) -> SourceReading:
    """Add up *records* of a source that is read as a whole; ``pages`` are those read, expected."""
    return Control.of(records).reading(
        name, system, expected=expected, pages=pages, as_of=as_of, problems=problems
    )
