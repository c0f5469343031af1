"""
The simulated ERP: reads of what is committed, sessions for writing, jobs, faults, reset.

Every method may be called from any thread. Reads never show what is only buffered. All look-ups go
through indexes: their cost does not grow with the number of documents.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from types import TracebackType

from connector.simulator.engine import jobs
from connector.simulator.engine.clock import Clock
from connector.simulator.engine.core import Core
from connector.simulator.engine.erp_reads import AccountReads, DocumentReads
from connector.simulator.engine.faults import FaultRegistry
from connector.simulator.engine.master_data import MasterData
from connector.simulator.engine.session import Session
from connector.simulator.engine.settings import EngineSettings
from connector.simulator.engine.state import StateFile


class SimulatedErp(DocumentReads, AccountReads):
    """
    One ERP system with one client.

    With *state_file* every committed unit of work is written through to that SQLite file, and
    loaded from it at start; the clock then continues where it stood. Close the ERP (or use it as
    a context manager) to release the file.

    Raises ConfigurationError when the file cannot be read as the state of a simulated ERP.
    """

    def __init__(
        self,
        master_data: MasterData,
        clock: Clock,
        settings: EngineSettings | None = None,
        state_file: Path | None = None,
    ) -> None:
        state = StateFile(state_file) if state_file is not None else None
        self._core = Core(master_data, clock, settings or EngineSettings(), state)

    # -- life ------------------------------------------------------------------------------------

    @property
    def master_data(self) -> MasterData:
        """The company's master data and customizing."""
        return self._core.master

    @property
    def settings(self) -> EngineSettings:
        """The settings in force; changing one takes effect on the next call."""
        return self._core.settings

    @property
    def clock(self) -> Clock:
        """The clock everything runs on, as wrong as a fault makes it."""
        return self._core.clock if self._core.clock.skew else self._core.clock.right

    @property
    def faults(self) -> FaultRegistry:
        """Faults waiting to happen: `faults.inject(name, on=operation, times=1)`."""
        return self._core.faults

    @property
    def today(self) -> date:
        """The date in the company's time zone."""
        return self._core.today()

    def session(self, user: str) -> Session:
        """Open a session; close it (or use it in `with`) when done."""
        return Session(self._core, user)

    def reset(self) -> None:
        """Forget all documents, numbers, stock movements, locks and faults, in the file too."""
        with self._core.lock:
            self._core.reset()

    def close(self) -> None:
        """Run no more updates, write the exact number levels and close the state file."""
        with self._core.lock:
            self._core.close()

    def __enter__(self) -> SimulatedErp:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # -- time, updates, jobs ---------------------------------------------------------------------

    def advance(self, by: timedelta) -> None:
        """Move the clock forward, then run updates that fell due."""
        with self._core.lock:
            self._core.clock.advance(by)
            self._core.begin_activity()
            self._core.save_clock()

    def run_updates(self) -> int:
        """Run every update that waits for its time, due or not; return how many."""
        with self._core.lock:
            return self._core.updates.run_all()

    def release_updates(self) -> int:
        """Run the updates held by the fault "commit delayed until released"; return how many."""
        with self._core.lock:
            return self._core.updates.release_held()

    def update_failures(self) -> tuple[str, ...]:
        """Return the document numbers that terminated updates lost, oldest first."""
        with self._core.lock:
            return tuple(self._core.updates.failures)

    def lost_number_buffers(self) -> None:
        """Lose what is left in the number buffers, as the restart of an application server does."""
        with self._core.lock:
            self._core.numbers.lose_buffers()

    def run_job(self, name: str) -> jobs.JobRun:
        """Run one background job now, active or not (`settings.JOB_NAMES`)."""
        with self._core.lock:
            self._core.begin_activity()
            return jobs.run(self._core, name)

    def run_background_jobs(self) -> tuple[jobs.JobRun, ...]:
        """Run every active job once, in their usual order."""
        with self._core.lock:
            self._core.begin_activity()
            return jobs.run_active(self._core)

    def tick(self) -> tuple[jobs.JobRun, ...]:
        """Run updates that fell due, and the active jobs when their interval has passed."""
        with self._core.lock:
            self._core.begin_activity()
            return jobs.run_when_due(self._core)
