"""
Group commit: writes of several threads share one transaction and one flush to disk.

Whoever finds the database free commits everything that waits; the others find theirs done. A
caller returns only after its work is durable. A piece of work that fails is taken back and stops
none of its neighbours, which may therefore be run twice: work only reads and writes the database.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Engine

T = TypeVar("T")

#: Most pieces of work in one transaction, so that nobody waits for a long queue behind them.
_LARGEST_GROUP = 64


class _Ticket(Generic[T]):
    __slots__ = ("error", "finished", "result", "work")

    def __init__(self, work: Callable[[Connection], T]) -> None:
        self.work = work
        self.finished = False
        self.error: BaseException | None = None
        self.result: T | None = None

    def run(self, connection: Connection) -> None:
        try:
            self.result = self.work(connection)
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that asked
            self.error = error


class GroupCommit:
    """Runs pieces of work in transactions of *engine*, one transaction at a time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._turn = threading.Lock()
        self._waiting: deque[_Ticket[Any]] = deque()

    def run(self, work: Callable[[Connection], T]) -> T:
        """
        Run *work* and return its result once it is durable.

        *work* must not call the ERP or this method. What it raises is raised here, after
        everything it wrote was taken back; work of other threads in the group is not affected.
        """
        ticket = _Ticket(work)
        self._waiting.append(ticket)
        with self._turn:
            while not ticket.finished:
                self._commit_group()
        if ticket.error is not None:
            raise ticket.error
        return ticket.result  # type: ignore[return-value]

    def _commit_group(self) -> None:
        group = [self._waiting.popleft() for _ in range(min(len(self._waiting), _LARGEST_GROUP))]
        try:
            if not self._commit_together(group):
                for ticket in group:
                    self._commit_together([ticket])
        except BaseException as error:  # noqa: BLE001 - raised again in the threads that asked
            # The transaction itself failed, so that nothing of it was written.
            for ticket in group:
                if not ticket.finished:
                    ticket.error = ticket.error or error
        finally:
            for ticket in group:
                ticket.finished = True

    def _commit_together(self, group: list[_Ticket[Any]]) -> bool:
        """
        Run *group* in one transaction; returns False, with nothing written, when it must be split.

        Failures are rare, so a group goes without savepoints: one that fails is taken back whole,
        and each of its members is run again alone.
        """
        with self._engine.connect() as connection, connection.begin() as transaction:
            for ticket in group:
                ticket.run(connection)
                if ticket.error is not None:
                    transaction.rollback()
                    if len(group) == 1:
                        ticket.finished = True
                        return True
                    for each in group:
                        each.result = each.error = None
                    return False
        for ticket in group:
            ticket.finished = True
        return True
