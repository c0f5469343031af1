"""The daemon reconciles each key date once, whatever fails or stops in between."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from connector.clock import ManualClock
from connector.daemon.reconciling import ScheduledReconciliation, rule_of
from connector.daemon.repeating import Repetition
from connector.errors import ConfigurationError, ErpUnavailableError
from connector.reconciliation.report import Verdict
from connector.reconciliation.unreliable_days import UnreliableDay
from connector.settings.reconciliation_schedule import ReconciliationScheduleSettings
from connector.store.sql_store import SqlStore, open_store
from connector.store.sqlite import sqlite_url


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    found = open_store(sqlite_url(tmp_path / "store.sqlite3"), upgrade=True)
    yield found
    found.close()


class Finance:
    """
    Notes which key dates were reconciled; the ERP is away as often as it is told.

    Runs for ``short`` key dates are INCOMPLETE, until somebody says that the statement ``came``.
    """

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.done: list[date] = []
        self.away = 0
        self.short: set[date] = set()
        self.came = False
        self.days: dict[date, UnreliableDay] = {}

    def __call__(self, key_date: date | None = None) -> str:
        if self.away:
            self.away -= 1
            raise ErpUnavailableError("no answer")
        assert key_date is not None
        self.done.append(key_date)
        if key_date not in self.short:
            self.days.pop(key_date, None)
            return "RECONCILED"
        before = self.days.get(key_date)
        self.days[key_date] = UnreliableDay(
            key_date=key_date,
            run_id=f"R{len(self.done)}",
            verdict=Verdict.INCOMPLETE,
            read_at=self._clock.now(),
            ended_at=self._clock.now(),
            tries=1 + (before.tries if before else 0),
            short=("bank statements X",),
            why="no statement",
        )
        return "INCOMPLETE"

    def unreliable(self) -> list[UnreliableDay]:
        return [self.days[each] for each in sorted(self.days)]


def scheduled(
    store: SqlStore, clock: ManualClock, finance: Finance, **more: object
) -> ScheduledReconciliation:
    settings = ReconciliationScheduleSettings.model_validate({"daily_at": time(5), **more})
    return ScheduledReconciliation(
        rule_of(settings, "Europe/Berlin"),
        store.mirror,
        clock,
        finance,
        unreliable=finance.unreliable,
        repetition=Repetition(
            timedelta(seconds=settings.repeat_s), settings.repeat_days, lambda day: finance.came
        ),
        retry_s=settings.retry_s,
        stop=lambda: False,
    )


def morning(day: int, hour: int = 6) -> datetime:
    return datetime(2026, 4, day, hour, tzinfo=UTC)


def test_a_restart_makes_up_for_what_was_missed_and_repeats_nothing(store: SqlStore) -> None:
    clock = ManualClock(morning(2))
    finance = Finance(clock)
    scheduled(store, clock, finance).run()
    scheduled(store, clock, finance).run()
    clock.move_to(morning(5))
    scheduled(store, clock, finance).run()

    assert finance.done == [date(2026, 4, day) for day in (1, 2, 3, 4)]


def test_a_failed_key_date_is_tried_again_after_a_while(store: SqlStore) -> None:
    clock = ManualClock(morning(2))
    finance = Finance(clock)
    finance.away = 1
    job = scheduled(store, clock, finance, retry_s=600)

    for minute in (0, 5, 11):
        clock.move_to(morning(2).replace(minute=minute))
        if minute < 10:
            with pytest.raises(ErpUnavailableError):
                job.run()
            assert finance.done == []
        else:
            job.run()

    assert finance.done == [date(2026, 4, 1)]


def test_the_last_day_of_a_month_is_reconciled_at_night_and_once_more_for_the_close(
    store: SqlStore,
) -> None:
    clock = ManualClock(datetime(2026, 3, 31, 6, tzinfo=UTC))
    finance = Finance(clock)
    job = scheduled(store, clock, finance, month_end_at=time(12))
    for hour in (4, 6, 11, 12):
        clock.move_to(morning(1, hour))
        job.run()

    assert finance.done.count(date(2026, 3, 31)) == 2


def test_one_run_serves_both_when_the_day_and_the_month_are_due_together(store: SqlStore) -> None:
    clock = ManualClock(morning(1))
    finance = Finance(clock)
    job = scheduled(store, clock, finance, month_end_at=time(5))

    job.run()
    job.run()

    assert finance.done == [date(2026, 3, 31)]


def test_a_calendar_that_ends_is_a_mistake_in_the_settings(store: SqlStore, tmp_path: Path) -> None:
    holidays = tmp_path / "holidays.csv"
    holidays.write_text("date\n2026-01-01\n", "utf-8")
    clock = ManualClock(morning(2))
    job = scheduled(
        store,
        clock,
        Finance(clock),
        month_end_at=time(5),
        holidays=holidays,
        holidays_known_until="2026-03-31",
    )

    with pytest.raises(ConfigurationError, match="add the holidays of 2026"):
        job.due()


def test_an_incomplete_key_date_is_run_again_at_a_slowing_pace_and_later_ones_do_not_wait(
    store: SqlStore,
) -> None:
    clock = ManualClock(morning(2))
    finance = Finance(clock)
    finance.short = {date(2026, 4, 1)}
    job = scheduled(store, clock, finance)

    for minutes in range(0, 6 * 60 + 1, 10):
        clock.move_to(morning(2) + timedelta(minutes=minutes))
        job.run()
    assert finance.done == [date(2026, 4, 1)] * 4, "at once, after 1, after 2, after 3 hours"

    clock.move_to(morning(3))
    job.run()
    assert finance.done[4:] == [date(2026, 4, 2), date(2026, 4, 1)]


def test_an_incomplete_key_date_is_run_again_at_once_when_what_it_lacked_has_come(
    store: SqlStore,
) -> None:
    clock = ManualClock(morning(2))
    finance = Finance(clock)
    finance.short = {date(2026, 4, 1)}
    job = scheduled(store, clock, finance)
    job.run()

    finance.came, finance.short = True, set()
    for minutes in (0, 2, 4):
        clock.move_to(morning(2) + timedelta(minutes=minutes))
        job.run()

    assert finance.done == [date(2026, 4, 1)] * 2


def test_a_restart_knows_what_is_to_be_run_again(store: SqlStore) -> None:
    clock = ManualClock(morning(2))
    finance = Finance(clock)
    finance.short = {date(2026, 4, 1)}
    scheduled(store, clock, finance).run()
    clock.move_to(morning(2, 8))

    scheduled(store, clock, finance).run()

    assert finance.done == [date(2026, 4, 1)] * 2


def test_days_too_far_back_and_those_that_somebody_ran_by_hand_are_left_alone(
    store: SqlStore,
) -> None:
    clock = ManualClock(morning(2))
    finance = Finance(clock)
    finance.short = {date(2026, 4, 1), date(2026, 4, 20)}
    job = scheduled(store, clock, finance, repeat_days=3)
    job.run()
    finance(date(2026, 4, 20))
    finance.done.clear()

    for day in (3, 4, 5, 6, 7):
        clock.move_to(morning(day))
        job.run()

    assert finance.done.count(date(2026, 4, 1)) == 2, "on the 3rd and the 4th"
    assert date(2026, 4, 20) not in finance.done


def test_an_erp_that_goes_away_while_days_are_run_again_is_left_alone_for_a_while(
    store: SqlStore,
) -> None:
    clock = ManualClock(morning(2))
    finance = Finance(clock)
    finance.short = {date(2026, 4, 1)}
    job = scheduled(store, clock, finance, retry_s=900)
    job.run()
    finance.away = 1

    clock.move_to(morning(2, 7))
    for _ in range(2):
        with pytest.raises(ErpUnavailableError):
            job.run()
    assert finance.away == 0, "asked once"
    clock.move_to(morning(2, 7) + timedelta(minutes=20))
    job.run()

    assert finance.done == [date(2026, 4, 1)] * 2
