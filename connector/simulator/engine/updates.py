"""
The update task: units of work become visible here, and nowhere else.

A commit with wait runs its update at once; without, the update waits and runs when the ERP's clock
has moved on. Locks belong to the unit of work until its update is finished.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from connector.simulator.engine.faults import ShortDumpError
from connector.simulator.engine.outcome import Message
from connector.simulator.engine.state import StateNotWrittenError

if TYPE_CHECKING:
    from connector.simulator.engine.core import Core
    from connector.simulator.engine.luw import UnitOfWork


class UpdateTask:
    """Updates that wait, updates that are held, and what terminated ones lost."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._waiting: list[tuple[datetime, UnitOfWork]] = []
        self._held: list[UnitOfWork] = []
        #: Numbers of documents that terminated updates lost, oldest first.
        self.failures: list[str] = []

    def commit(self, work: UnitOfWork, *, wait: bool) -> Message | None:
        """
        Take over *work*.

        Returns the row S& 101 when the update failed and the caller waits for it, else None.
        ShortDumpError: it could not be written; nothing of it was.
        """
        core = self._core
        if not work.changes:
            work.abandon()
            return None
        if core.faults.take("update terminated after commit", "commit"):
            self.failures.extend(work.created_numbers())
            work.abandon()
            return core.messages.row("update terminated") if wait else None
        if core.faults.take("disk full", "commit"):
            self.failures.extend(work.created_numbers())
            work.abandon()
            text = "SQL error: no space left for a unit of work"
            raise ShortDumpError("DBIF_RSQL_SQL_ERROR", text)
        if core.faults.take("commit delayed until released", "commit"):
            self._held.append(work)
        elif wait:
            self._run(work)
        else:
            self._waiting.append((core.clock.now() + core.settings.update_delay, work))
        return None

    def run_due(self, now: datetime) -> int:
        """Run the updates whose time has come, in order of commit; return how many."""
        if not self._waiting:
            return 0
        due = [work for at, work in self._waiting if at <= now]
        self._waiting = [(at, work) for at, work in self._waiting if at > now]
        for work in due:
            self._run(work)
        return len(due)

    def run_all(self) -> int:
        """Run every waiting update; return how many."""
        due = [work for _, work in self._waiting]
        self._waiting = []
        for work in due:
            self._run(work)
        return len(due)

    def release_held(self) -> int:
        """Run the held updates; return how many."""
        held, self._held = self._held, []
        for work in held:
            self._run(work)
        return len(held)

    def _run(self, work: UnitOfWork) -> None:
        core = self._core
        try:
            puts, drops = core.store.apply(work.changes, core.clock.now(), work.user)
            if core.state is not None:
                core.state.write(puts, drops, core.clock.position())
        except StateNotWrittenError:
            core.fall_back()
            core.updates.failures.extend((*self.failures, *work.created_numbers()))
            raise
        finally:
            work.abandon()
