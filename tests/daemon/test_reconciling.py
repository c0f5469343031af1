"""The daemon reconciles each key date once, whatever fails or stops in between."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from connector.clock import ManualClock
from connector.daemon.reconciling import ScheduledReconciliation, rule_of
from connector.errors import ConfigurationError, ErpUnavailableError
from connector.settings.reconciliation_schedule import ReconciliationScheduleSettings
from connector.store.sql_store import SqlStore, open_store
from connector.store.sqlite import sqlite_url


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    found = open_store(sqlite_url(tmp_path / "store.sqlite3"), upgrade=True)
    yield found
    found.close()


class Finance:
    """Notes which key dates were reconciled; the ERP is away as often as it is told."""

    def __init__(self) -> None:
        self.done: list[date] = []
        self.away = 0

    def __call__(self, key_date: date | None = None) -> str:
        if self.away:
            self.away -= 1
            raise ErpUnavailableError("no answer")
        assert key_date is not None
        self.done.append(key_date)
        return "RECONCILED"


def scheduled(
    store: SqlStore, clock: ManualClock, finance: Finance, **more: object
) -> ScheduledReconciliation:
    settings = ReconciliationScheduleSettings.model_validate({"daily_at": time(5), **more})
    return ScheduledReconciliation(
        rule_of(settings, "Europe/Berlin"),
        store.mirror,
        clock,
        finance,
        retry_s=settings.retry_s,
        stop=lambda: False,
    )


def morning(day: int, hour: int = 6) -> datetime:
    return datetime(2026, 4, day, hour, tzinfo=UTC)


def test_a_restart_makes_up_for_what_was_missed_and_repeats_nothing(store: SqlStore) -> None:
    clock, finance = ManualClock(morning(2)), Finance()
    scheduled(store, clock, finance).run()
    scheduled(store, clock, finance).run()
    clock.move_to(morning(5))
    scheduled(store, clock, finance).run()

    assert finance.done == [date(2026, 4, day) for day in (1, 2, 3, 4)]


def test_a_failed_key_date_is_tried_again_after_a_while(store: SqlStore) -> None:
    clock, finance = ManualClock(morning(2)), Finance()
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
    clock, finance = ManualClock(datetime(2026, 3, 31, 6, tzinfo=UTC)), Finance()
    job = scheduled(store, clock, finance, month_end_at=time(12))
    for hour in (4, 6, 11, 12):
        clock.move_to(morning(1, hour))
        job.run()

    assert finance.done.count(date(2026, 3, 31)) == 2


def test_one_run_serves_both_when_the_day_and_the_month_are_due_together(store: SqlStore) -> None:
    clock, finance = ManualClock(morning(1)), Finance()
    job = scheduled(store, clock, finance, month_end_at=time(5))

    job.run()
    job.run()

    assert finance.done == [date(2026, 3, 31)]


def test_a_calendar_that_ends_is_a_mistake_in_the_settings(store: SqlStore, tmp_path: Path) -> None:
    holidays = tmp_path / "holidays.csv"
    holidays.write_text("date\n2026-01-01\n", "utf-8")
    job = scheduled(
        store,
        ManualClock(morning(2)),
        Finance(),
        month_end_at=time(5),
        holidays=holidays,
        holidays_known_until="2026-03-31",
    )

    with pytest.raises(ConfigurationError, match="add the holidays of 2026"):
        job.due()
