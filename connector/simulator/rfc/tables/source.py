"""What tables are read from: the engine, with the keys that a selection pins down."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from connector.simulator.engine.keys import padded
from connector.simulator.rfc import keys
from connector.simulator.rfc.tables.selection import Condition

if TYPE_CHECKING:
    from connector.simulator.engine.erp import SimulatedErp

_EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Source:
    """The ERP and the selection that is read for. ``s4`` is the release."""

    erp: SimulatedErp
    condition: Condition
    s4: bool

    def pinned(self, column: str) -> tuple[str, ...] | None:
        """Return the values that *column* must have one of, None when it may have any."""
        values = self.condition.equal.get(column)
        return None if values is None else tuple(sorted(v.rstrip() for v in values))

    def numbers(self, column: str) -> tuple[str, ...] | None:
        """Return pinned document or customer numbers, zero-padded as they are kept."""
        values = self.pinned(column)
        return None if values is None else tuple(dict.fromkeys(padded(v) for v in values))

    def changed(
        self, kind: str, *columns: str | tuple[str, str], stamp: str = ""
    ) -> tuple[str, ...]:
        """
        Return the documents of a kind, all of them or those that a date column lets in, by number.

        A document is created, and changed, not before the lowest date that *columns* allow (a date,
        or a date with its time), nor before the time *stamp*: the ERP's change index then gives
        those that can fit.
        """
        since = max([_EARLIEST, *(self.since(column) for column in columns)])
        lowest = self.condition.lowest.get(stamp, "") if stamp else ""
        if lowest:
            since = max(since, moment_of(lowest))
        return tuple(sorted(self.erp.changed_since(kind, since)))

    def since(self, column: str | tuple[str, str]) -> datetime:
        """
        Return the moment before which no row fits by a date column, or by a date and its time.

        The time counts where the date is a single day.
        """
        date_column, time_column = (column, "") if isinstance(column, str) else column
        lowest = self.lowest_date(date_column)
        if lowest is None:
            return _EARLIEST
        earliest = self.condition.lowest.get(time_column, "")
        if len(self.condition.equal.get(date_column, ())) != 1 or not earliest.isdigit():
            return self._start_of(lowest)
        try:
            clock = datetime.strptime(earliest, "%H%M%S").replace(tzinfo=UTC).time()
        except ValueError:
            return self._start_of(lowest)
        zone = ZoneInfo(self.erp.settings.time_zone)
        # Times are kept by the second: what happened within it may be later than what is asked.
        return datetime.combine(lowest, clock, zone).astimezone(UTC) - _SECOND

    def lowest_date(self, column: str) -> date | None:
        """Return the date before which no row fits, None where the selection sets no such limit."""
        try:
            return keys.as_date(self.condition.lowest.get(column, ""))
        except ValueError:
            return None

    def _start_of(self, day: date) -> datetime:
        zone = ZoneInfo(self.erp.settings.time_zone)
        return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)

    def local(self, moment: datetime) -> datetime:
        """Return a moment in the ERP's own time zone."""
        return keys.local(self.erp, moment)

    def stored(self, amount: Decimal, currency: str) -> Decimal:
        """Return an amount as a CURR column keeps it."""
        return keys.to_stored(self.erp.master_data, amount, currency)


class Numbered(Protocol):
    """A document with its number."""

    @property
    def number(self) -> str: ...


D = TypeVar("D", bound=Numbered)


def following_documents(
    source: Source,
    kind: str,
    preceding: tuple[str, ...] | None,
    follows: Callable[[str], Iterable[D]],
    find: Callable[[str], D | None],
) -> Iterator[D]:
    """
    Yield the documents of *kind* that the selection can let in, each once, by the cheapest index.

    They are found by their own numbers (VBELN), else as what *follows* the *preceding* documents,
    else by when they were created or changed.
    """
    numbers = source.numbers("VBELN")
    if numbers is None and preceding is not None:
        found = (document for number in preceding for document in follows(number))
        yield from {document.number: document for document in found}.values()
        return
    if numbers is None:
        numbers = source.changed(kind, ("ERDAT", "ERZET"), "AEDAT")
    for number in numbers:
        document = find(number)
        if document is not None:
            yield document


Column = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Table:
    """How a table's rows are found, and what each column holds."""

    rows: Callable[[Source], Iterable[Any]]
    columns: Mapping[str, Column]


def moment_of(text: str) -> datetime:
    """Return a moment no later than a time stamp means; the earliest when it means none."""
    digits = text.partition(".")[0]
    try:
        return datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC) - _SECOND
    except ValueError:
        return _EARLIEST


def stamp(moment: datetime) -> Decimal:
    """Return a moment as a UTC time stamp YYYYMMDDhhmmss with seven decimals."""
    utc = moment.astimezone(UTC)
    return Decimal(f"{utc:%Y%m%d%H%M%S}.{utc.microsecond:06}0")
