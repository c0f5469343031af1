"""Until when channels were read: the daemon keeps it, and reconciliation judges orders by it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from connector.ports.store import Mirror

_INTAKE: Final = "intake of {}"


def note_intake(marks: Mirror, channel: str, at: datetime) -> None:
    """Keep that everything *channel* had at *at* was read."""
    marks.set_watermark(_INTAKE.format(channel), at.isoformat(), now=at)


def intake_complete_until(marks: Mirror, channels: Iterable[str]) -> datetime | None:
    """
    Return until when all *channels* are known to be read; None where nobody keeps track.

    Only the daemon does, which looks into them all the time: a channel that it has not read yet is
    left out.
    """
    found = [mark for name in channels if (mark := marks.watermark(_INTAKE.format(name)))]
    return min(map(datetime.fromisoformat, found), default=None)
