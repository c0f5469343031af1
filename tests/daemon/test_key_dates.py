"""Key dates fall due once, after the day has ended where the books are kept."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from connector.daemon.key_dates import KeyDateRule, Occasion

BERLIN = ZoneInfo("Europe/Berlin")
HOLIDAYS = {date(2026, 1, 1), date(2026, 5, 1)}


def rule(
    daily_at: time | None = time(5),
    month_end_at: time | None = None,
    *,
    time_zone: str = "Europe/Berlin",
    working_day: int = 1,
    catch_up_days: int = 31,
) -> KeyDateRule:
    return KeyDateRule(
        time_zone=time_zone,
        daily_at=daily_at,
        month_end_at=month_end_at,
        month_end_working_day=working_day,
        is_working_day=lambda day: day.weekday() < 5 and day not in HOLIDAYS,
        catch_up_days=catch_up_days,
    )


def days(found: tuple[object, ...]) -> list[date]:
    return [each.key_date for each in found]  # type: ignore[attr-defined]


def at(day: int, hour: int, minute: int = 0, month: int = 4) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN)


def test_a_day_is_due_when_it_has_ended_and_the_time_has_come() -> None:
    assert days(rule().due(at(2, 4, 59), date(2026, 3, 31), None)) == []
    assert days(rule().due(at(2, 5), date(2026, 3, 31), None)) == [date(2026, 4, 1)]


def test_the_day_is_that_of_the_companys_time_zone() -> None:
    late_in_utc = datetime(2026, 4, 1, 16, 30, tzinfo=UTC)

    tokyo = rule(daily_at=time(1), time_zone="Asia/Tokyo")

    assert days(tokyo.due(late_in_utc, date(2026, 3, 31), None)) == [date(2026, 4, 1)]
    assert days(rule(daily_at=time(1)).due(late_in_utc, date(2026, 3, 31), None)) == []


def test_missed_days_are_made_up_for_each_once_the_earliest_first() -> None:
    found = rule().due(at(6, 9), date(2026, 4, 2), None)

    assert days(found) == [date(2026, 4, 3), date(2026, 4, 4), date(2026, 4, 5)]
    assert days(rule().due(at(6, 9), date(2026, 4, 5), None)) == []


def test_what_was_before_the_schedule_is_not_made_up_for() -> None:
    assert days(rule().due(at(6, 9), None, None)) == [date(2026, 4, 5)]


def test_no_more_days_are_made_up_for_than_the_settings_say() -> None:
    assert len(rule(catch_up_days=3).due(at(20, 9), date(2026, 3, 1), None)) == 3


def test_a_month_is_closed_on_the_first_working_day_of_the_next() -> None:
    """1 May is a holiday and a Friday: the first working day is Monday, 4 May."""
    month_end = rule(None, time(7))

    assert days(month_end.due(at(4, 6, 59, month=5), None, date(2026, 3, 31))) == []
    found = month_end.due(at(4, 7, month=5), None, date(2026, 3, 31))
    assert days(found) == [date(2026, 4, 30)]
    assert found[0].occasion is Occasion.MONTH_END


def test_a_month_that_was_missed_is_closed_later() -> None:
    found = rule(None, time(7)).due(at(6, 8, month=5), None, date(2026, 2, 28))

    assert days(found) == [date(2026, 3, 31), date(2026, 4, 30)]


def test_a_month_may_be_closed_on_a_later_working_day() -> None:
    third = rule(None, time(7), working_day=3)

    assert days(third.due(at(5, 8, month=5), None, date(2026, 3, 31))) == []
    assert days(third.due(at(6, 8, month=5), None, date(2026, 3, 31))) == [date(2026, 4, 30)]
