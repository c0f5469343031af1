"""The search for cycles rests during a run, and goes on after it."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from threading import Event, Thread

import pytest

from connector.reconciliation.collecting import without_cycle_search


@pytest.fixture(autouse=True)
def _searching() -> Iterator[None]:
    gc.enable()
    yield
    gc.enable()


def test_cycles_are_not_searched_for_until_the_block_ends() -> None:
    with without_cycle_search():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_the_search_goes_on_after_an_error() -> None:
    with pytest.raises(ValueError, match="broken"), without_cycle_search():
        raise ValueError("broken")
    assert gc.isenabled()


def test_the_search_rests_until_the_last_of_several_threads_is_done() -> None:
    entered, leave = Event(), Event()

    def work() -> None:
        with without_cycle_search():
            entered.set()
            leave.wait(10)

    thread = Thread(target=work)
    with without_cycle_search():
        thread.start()
        assert entered.wait(10)
    assert not gc.isenabled()
    leave.set()
    thread.join()
    assert gc.isenabled()


def test_a_search_that_was_off_before_stays_off() -> None:
    gc.disable()
    with without_cycle_search():
        assert not gc.isenabled()
    assert not gc.isenabled()
