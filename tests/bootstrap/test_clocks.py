"""The connector and a simulated ERP in its process agree on what time it is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from connector.bootstrap.clocks import SimulationClock
from connector.clock import ManualClock

START = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)


class RunningClock:
    """Like the machine's clock: it cannot be moved."""

    def now(self) -> datetime:
        return START

    def today(self, time_zone: str) -> date:
        raise AssertionError("the simulation's own day counts")

    def sleep(self, seconds: float) -> None:
        raise AssertionError(f"nobody waits {seconds} s")


def test_it_runs_ahead_of_a_clock_that_cannot_be_moved() -> None:
    clock = SimulationClock(RunningClock())

    clock.advance(timedelta(days=2))

    assert clock.now() == START + timedelta(days=2)
    assert clock.today("Europe/Berlin") == date(2026, 3, 4)
    assert clock.today("Asia/Tokyo") == date(2026, 3, 5)


def test_it_moves_a_manual_clock_itself() -> None:
    manual = ManualClock(START)

    SimulationClock(manual).advance(timedelta(hours=1))

    assert manual.now() == START + timedelta(hours=1)


def test_a_saved_position_is_taken_up_again_and_never_gone_back_to() -> None:
    ahead = SimulationClock(RunningClock())
    ahead.advance(timedelta(days=3))
    clock = SimulationClock(RunningClock())

    clock.restore(ahead.position())
    clock.restore((START - timedelta(days=1)).isoformat())

    assert clock.now() == START + timedelta(days=3)


def test_it_does_not_go_back() -> None:
    with pytest.raises(ValueError, match="forward"):
        SimulationClock(RunningClock()).advance(timedelta(seconds=-1))
