"""What the daemon does on its intervals, and how it went last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class JobRecord:
    """How the last run of a job ended: ``ok``, or what went wrong."""

    outcome: str
    ended_at: datetime
