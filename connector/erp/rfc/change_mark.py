"""
The watermark of the changes: up to which moment they were reported, where the ERP keeps its books.

As text it is ``2|20261122101500|20261122|<mark>``: its version, the newest stamp that the ERP gave,
the day until which date stamps were swept, and under which mark this process remembers what it has
reported. Earlier versions were a bare date, which still counts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final, Self

_VERSION: Final = "2"
_FORMAT: Final = "%Y%m%d%H%M%S"
_LENGTH: Final = 14


@dataclass(frozen=True, slots=True)
class ChangeMark:
    """
    A watermark. ``stamp`` is a local moment as 14 digits, empty since ever; ``swept_until`` a day.
    """

    stamp: str = ""
    swept_until: str = ""
    remembered_as: str = ""

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a watermark; one that is none of ours counts as none: everything is reported."""
        if len(text) == 8 and _is_moment(text + "000000"):
            return cls(text + "000000", text)
        version, _, rest = text.partition("|")
        parts = rest.split("|")
        if version != _VERSION or len(parts) != 3 or not _is_moment(parts[0]):
            return cls()
        if not _is_moment(parts[1] + "000000"):
            return cls()
        return cls(*parts)

    def __str__(self) -> str:
        if not self.stamp:
            return ""
        return "|".join((_VERSION, self.stamp, self.swept_until, self.remembered_as))

    def reaching_back(self, overlap: timedelta) -> datetime:
        """Return the local moment from which is asked, without zone."""
        return datetime.strptime(self.stamp, _FORMAT) - overlap  # noqa: DTZ007

    def moved_to(self, newest: str, now: datetime) -> ChangeMark:
        """
        Return the mark at *newest*, but not beyond *now* and never back.

        A clock of the ERP that ran ahead and was set back must hide nothing.
        """
        return replace(self, stamp=max(self.stamp, min(newest, f"{now:{_FORMAT}}")))

    def swept(self, day: str) -> ChangeMark:
        """Return the mark with date stamps swept until *day*, never back."""
        return replace(self, swept_until=max(self.swept_until, day))


def _is_moment(text: str) -> bool:
    if len(text) != _LENGTH or not text.isdigit():
        return False
    try:
        date.fromisoformat(f"{text[:4]}-{text[4:6]}-{text[6:8]}")
    except ValueError:
        return False
    return text[8:10] < "24" and text[10:12] < "60" and text[12:] < "60"
