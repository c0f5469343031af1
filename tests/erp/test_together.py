"""Questions of several threads in one round trip."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from connector.erp.together import Together
from connector.errors import TransientError


class Counter:
    """Answers with the double; waits for *gate* in its first round trip, and fails for *bad*."""

    def __init__(self, gate: threading.Event | None = None, bad: int = -1) -> None:
        self.asked: list[list[int]] = []
        self.begun = threading.Event()
        self._gate, self._bad = gate, bad

    def __call__(self, numbers: Sequence[int]) -> list[int]:
        self.asked.append(list(numbers))
        self.begun.set()
        if self._gate is not None and len(self.asked) == 1:
            assert self._gate.wait(10)
        if self._bad in numbers:
            raise TransientError(f"{self._bad} cannot be read")
        return [2 * number for number in numbers]


def ask_at_one_time(
    counter: Counter, gate: threading.Event, numbers: Sequence[int]
) -> list[object]:
    """Ask for 0, and for *numbers* while that is asked; returns answers and errors in order."""
    together: Together[int, int] = Together(counter)
    arrived: list[Future[int]] = []
    with ThreadPoolExecutor(len(numbers) + 1) as pool:
        first = pool.submit(together.answer, 0)
        assert counter.begun.wait(10)
        arrived = [pool.submit(together.answer, number) for number in numbers]
        while len(together._waiting) < len(numbers):
            threading.Event().wait(0.001)
        gate.set()
        return [each.exception(10) or each.result() for each in (first, *arrived)]


def test_who_is_alone_asks_at_once_and_for_itself() -> None:
    counter = Counter()

    assert Together(counter).answer(3) == 6
    assert counter.asked == [[3]]


def test_who_comes_while_others_ask_is_asked_for_in_one_go() -> None:
    gate = threading.Event()
    counter = Counter(gate)

    assert ask_at_one_time(counter, gate, [1, 2, 3]) == [0, 2, 4, 6]
    assert [sorted(group) for group in counter.asked] == [[0], [1, 2, 3]]


def test_a_question_that_fails_spoils_no_other() -> None:
    gate = threading.Event()
    counter = Counter(gate, bad=2)

    first, one, two, three = ask_at_one_time(counter, gate, [1, 2, 3])

    assert (first, one, three) == (0, 2, 6)
    assert isinstance(two, TransientError)


def test_a_lone_question_that_fails_is_not_asked_twice() -> None:
    counter = Counter(bad=1)

    with pytest.raises(TransientError, match="1 cannot be read"):
        Together(counter).answer(1)
    assert counter.asked == [[1]]
