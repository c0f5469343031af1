"""What all parts of the ERP share: master data, clock, store, numbers, locks, faults, updates."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from connector.simulator.engine import keys
from connector.simulator.engine.changes import KINDS
from connector.simulator.engine.clock import Clock, local_date
from connector.simulator.engine.clock_faults import ErpClock
from connector.simulator.engine.faults import FaultRegistry
from connector.simulator.engine.locks import LockTable
from connector.simulator.engine.master_data import MasterData
from connector.simulator.engine.messages import MessageBook
from connector.simulator.engine.numbers import NumberRanges
from connector.simulator.engine.settings import EngineSettings
from connector.simulator.engine.state import StateFile
from connector.simulator.engine.store import Store
from connector.simulator.engine.updates import UpdateTask


class Core:
    """The inside of one ERP system. Everything here is used under `lock`."""

    def __init__(
        self,
        master: MasterData,
        clock: Clock,
        settings: EngineSettings,
        state: StateFile | None,
    ) -> None:
        self.lock = threading.RLock()
        self.master = master
        self.settings = settings
        self.state = state
        self.zone = ZoneInfo(settings.time_zone)
        self.clock = ErpClock(clock, self.zone)
        self.messages = MessageBook(settings.message_numbers)
        self.faults = FaultRegistry(self.clock)
        self._payers: dict[str, list[str]] = {}
        for customer in master.customers.values():
            account = customer.credit_account or customer.customer
            self._payers.setdefault(account, []).append(customer.customer)
        self._begin_empty()
        if state is not None:
            self._load(state)

    def _begin_empty(self) -> None:
        self.locks = LockTable()
        self.store = Store(self.master, self.settings.live_documents)
        self.numbers = NumberRanges(
            self.master.number_ranges,
            lambda: (self.settings.number_buffer_size, self.settings.number_servers),
            self.state.save_level if self.state is not None else None,
        )
        self.updates = UpdateTask(self)
        #: (plant, material) -> confirmed by units of work that are not finished, base unit.
        self.pending_requirements: dict[tuple[str, str], Decimal] = {}
        #: (plant, material) -> issued by units of work that are not finished, base unit.
        self.pending_issues: dict[tuple[str, str], Decimal] = {}
        self.last_job_run: datetime | None = None

    def _load(self, state: StateFile) -> None:
        for kind in KINDS:
            for record in state.records(kind):
                self.store.load(kind, record)
        self.store.loaded()
        self.numbers.restore(state.levels())
        position = state.clock_position()
        if position is not None:
            self.clock.restore(position)

    def today(self) -> date:
        """Return the date in the company's time zone."""
        return local_date(self.clock.now(), self.zone)

    def padded(self, number: str) -> str:
        """Return a document or customer number as it is kept inside."""
        return keys.padded(number)

    def payers_of(self, credit_account: str) -> tuple[str, ...]:
        """Return the customers whose items count against a credit account."""
        return tuple(self._payers.get(credit_account, ()))

    def begin_activity(self) -> None:
        """Run the updates that fell due: what the update task would have done meanwhile."""
        self.updates.run_due(self.clock.now())

    @contextmanager
    def reading(self) -> Iterator[Store]:
        """Hold the lock over a read of the committed documents."""
        with self.lock:
            self.begin_activity()
            yield self.store

    def save_clock(self) -> None:
        """Write the clock's position to the state file, if there is one."""
        if self.state is not None:
            self.state.save_clock(self.clock.position())

    def fall_back(self) -> None:
        """Go on with what the state file has, as after a restart: what is not in it never was."""
        self._begin_empty()
        if self.state is not None:
            self._load(self.state)

    def reset(self) -> None:
        """Begin with no documents."""
        if self.state is not None:
            self.state.clear()
        self.faults.clear()
        self._begin_empty()

    def close(self) -> None:
        """Write the exact number levels and release the state file."""
        if self.state is not None:
            for key, level in self.numbers.levels().items():
                self.state.save_level(key, level)
            self.save_clock()
            self.state.close()
            self.state = None
