"""A session's unit of work: how a write is run, committed and forgotten."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import Concatenate, ParamSpec, Self

from connector.simulator.engine.core import Core
from connector.simulator.engine.faults import ShortDumpError
from connector.simulator.engine.luw import UnitOfWork
from connector.simulator.engine.outcome import Message, Outcome, RefusedError, refused

P = ParamSpec("P")


class UnitOfWorkSession:
    """One user with one unit of work at a time; see `session.py` for what it can write."""

    def __init__(self, core: Core, user: str) -> None:
        self._core = core
        self.user = user
        self._work = UnitOfWork(core, user)

    def commit(self, wait: bool = True) -> Outcome:
        """
        Hand the buffer to the update task.

        With *wait* it has run when this returns, and a failed update is a row S& 101; without,
        the answer is empty whatever will happen. A commit that is refused has lost the buffer.
        """
        core = self._core
        with core.lock:
            core.begin_activity()
            injected = self._injected("commit")
            work, self._work = self._work, UnitOfWork(core, self.user)
            if injected is not None:
                work.abandon()
                return Outcome((injected,))
            message = core.updates.commit(work, wait=wait)
            return Outcome((message,) if message is not None else ())

    def rollback(self) -> None:
        """Forget the buffer and release the locks; numbers already taken stay lost."""
        core = self._core
        with core.lock:
            core.begin_activity()
            self._work.abandon()
            self._work = UnitOfWork(core, self.user)

    def close(self) -> None:
        """End the session as a lost connection would: like `rollback`."""
        self.rollback()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _run(
        self,
        operation: str,
        function: Callable[Concatenate[UnitOfWork, P], Outcome],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Outcome:
        core = self._core
        with core.lock:
            core.begin_activity()
            injected = self._injected(operation)
            if injected is not None:
                return refused([injected])
            self._work.operation = operation
            savepoint = self._work.savepoint()
            try:
                outcome = function(self._work, *args, **kwargs)
            except RefusedError as refusal:
                outcome = refused(refusal.messages)
            if not outcome.accepted:
                self._work.back_to(savepoint)
            elif core.faults.take("warning", operation):
                row = core.messages.row("injected warning", f"Fault injected on {operation}")
                outcome = replace(outcome, messages=(row, *outcome.messages))
            return outcome

    def _injected(self, operation: str) -> Message | None:
        faults, messages = self._core.faults, self._core.messages
        if faults.take("short dump", operation):
            self._work.abandon()
            self._work = UnitOfWork(self._core, self.user)
            raise ShortDumpError("COMPUTE_INT_ZERODIVIDE", f"Runtime error during {operation}")
        if faults.take("deadlock", operation):
            self._work.abandon()
            self._work = UnitOfWork(self._core, self.user)
            raise ShortDumpError("DBIF_RSQL_SQL_ERROR", f"SQL error: deadlock during {operation}")
        if faults.take("return E", operation):
            return messages.row("injected error", f"Fault injected on {operation}")
        if faults.take("return A", operation):
            return messages.row("injected abort", f"Fault injected on {operation}")
        return None
