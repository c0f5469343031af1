"""
Questions of several threads, asked in one round trip.

Whoever finds nobody asking asks for all who wait; the others find theirs answered. A thread that is
alone asks at once and for itself, so nothing waits for company.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")

#: Most questions of one round trip.
_MOST: Final = 25


class _Ticket(Generic[Question, Answer]):
    __slots__ = ("answers", "error", "is_finished", "question")

    def __init__(self, question: Question) -> None:
        self.question = question
        self.answers: list[Answer] = []
        self.error: Exception | None = None
        self.is_finished = False


class Together(Generic[Question, Answer]):
    """
    Asks with *ask*, whose n-th answer is that to the n-th question. Only for reads: a round trip
    that fails is made again by each thread for itself, so that one question spoils no other.
    """

    def __init__(self, ask: Callable[[Sequence[Question]], Sequence[Answer]]) -> None:
        self._ask = ask
        self._turn = threading.Lock()
        self._waiting: deque[_Ticket[Question, Answer]] = deque()

    def answer(self, question: Question) -> Answer:
        """Return the answer to *question*; raises what *ask* raises for it alone."""
        ticket: _Ticket[Question, Answer] = _Ticket(question)
        self._waiting.append(ticket)
        with self._turn:
            while not ticket.is_finished:
                self._ask_for_all()
        if ticket.error is not None:
            raise ticket.error
        return ticket.answers[0] if ticket.answers else self._ask([question])[0]

    def _ask_for_all(self) -> None:
        """Answer who waits; one who is left without an answer asks alone."""
        group = [self._waiting.popleft() for _ in range(min(len(self._waiting), _MOST))]
        try:
            answers = self._ask([ticket.question for ticket in group])
            for ticket, answer in zip(group, answers, strict=True):
                ticket.answers.append(answer)
        except Exception as error:  # noqa: BLE001 - raised again in the thread that asked
            # Whatever it is, a defect too, must not hit the thread that only happens to ask for
            # all: one alone gets its own error, several ask again, each for itself.
            if len(group) == 1:
                group[0].error = error
        finally:
            for ticket in group:
                ticket.is_finished = True
