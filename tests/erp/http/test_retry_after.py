"""Retry-After in both its forms."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connector.erp.http.retry_after import LONGEST_S, retry_after_s

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        (" 120 ", 120),
        ("Sun, 22 Nov 2026 08:02:00 GMT", 120),
        ("Sunday, 22-Nov-26 08:02:00 GMT", 120),
        ("Sun Nov 22 08:02:00 2026", 120),
        ("Sun, 22 Nov 2026 07:00:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_S),
        ("99999999999999999999", LONGEST_S),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
    ],
)
def test_seconds_and_dates_are_understood_and_nonsense_says_nothing(
    value: str, seconds: float | None
) -> None:
    assert retry_after_s(value, NOW) == seconds


def test_a_date_is_counted_from_the_clock_that_wrote_it() -> None:
    """The ERP's clock is an hour ahead: the wait is still two minutes."""
    value, answered = "Sun, 22 Nov 2026 09:02:00 GMT", "Sun, 22 Nov 2026 09:00:00 GMT"
    assert retry_after_s(value, NOW, answered) == 120
