"""How long an ERP asks to be left alone."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

#: A wrong clock or a slip of the pen must not park an order for years.
LONGEST_S: Final = 24 * 3600.0


def retry_after_s(value: str, now: datetime, answered: str = "") -> float | None:
    """
    Return the seconds that a Retry-After header asks for, None where it says nothing usable.

    Args:
        value: the header; seconds, or an HTTP-date.
        now: the connector's clock.
        answered: the answer's Date header. A date is counted from it where it is there, because
            both come from the same clock, which may be an hour off ours.
    """
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(float(value), LONGEST_S)
    until = _http_date(value)
    if until is None:
        return None
    seconds = (until - (_http_date(answered) or now)).total_seconds()
    return min(max(seconds, 0.0), LONGEST_S)


def _http_date(value: str) -> datetime | None:
    try:
        instant = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
