"""Control totals of what was read, so that a short or stale source cannot look like a match."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from connector.sd_documents.model import Frozen
from connector.sd_documents.values import Money


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
    INCOMPLETE. ``sha256`` covers all records and does not depend on their order.
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


@dataclass(frozen=True, slots=True)
class ReadRecord:
    """What counts of one record for the control totals: its day, amount and content."""

    content: str
    day: date | None = None
    amount: Money | None = None


def control(
    name: str,
    system: str,
    records: Sequence[ReadRecord],
    *,
    expected: int | None = None,
    pages: tuple[int, int] = (1, 1),
    as_of: datetime | None = None,
    problems: Iterable[str] = (),
) -> SourceReading:
    """Add up *records*; ``pages`` are those read and those expected."""
    days = [record.day for record in records if record.day is not None]
    found = list(problems)
    if expected is not None and len(records) < expected:
        found.append(f"{len(records)} of {expected} records came back")
    if pages[0] < pages[1]:
        found.append(f"{pages[0]} of {pages[1]} calls were answered")
    return SourceReading(
        name=name,
        system=system,
        records=len(records),
        expected=expected,
        pages=pages[0],
        pages_expected=pages[1],
        totals=_totals(records),
        oldest=min(days, default=None),
        newest=max(days, default=None),
        as_of=as_of,
        sha256=_hash(records),
        problems=tuple(found),
    )


def _totals(records: Sequence[ReadRecord]) -> tuple[SourceTotal, ...]:
    sums: dict[str, tuple[int, Decimal, Decimal]] = {}
    for record in records:
        if record.amount is not None:
            count, debit, credit = sums.get(record.amount.currency, (0, Decimal(0), Decimal(0)))
            value = record.amount.amount
            sums[record.amount.currency] = (
                count + 1,
                debit + max(value, Decimal(0)),
                credit + max(-value, Decimal(0)),
            )
    return tuple(
        SourceTotal(
            currency=currency,
            count=count,
            debit=Money(amount=debit, currency=currency),
            credit=Money(amount=credit, currency=currency),
        )
        for currency, (count, debit, credit) in sorted(sums.items())
    )


def _hash(records: Sequence[ReadRecord]) -> str:
    digest = hashlib.sha256()
    for content in sorted(record.content for record in records):
        digest.update(hashlib.sha256(content.encode()).digest())
    return digest.hexdigest()
