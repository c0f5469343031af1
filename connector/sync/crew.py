"""
The crew: a bounded number of threads that advance flows and read their chains, until idle.

One flow is in one thread at a time. Chains are read in batches, across flows. When the ERP cannot
be reached nobody starts anything new; what runs comes to its end.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any, Final

from connector.errors import (
    ConfigurationError,
    ConnectorError,
    ErpUnavailableError,
    LeaseLostError,
    TransientError,
)
from connector.ports.store_records import FlowChange, FlowView, NewHold, Step
from connector.sync import hold_reasons
from connector.sync.advance import Advanced, Standing, advance_view, due_doubt
from connector.sync.context import SyncContext
from connector.sync.doubt import resolve
from connector.sync.status import batches, refresh
from connector.sync.submit import Outcome, Submission

_log = logging.getLogger(__name__)

#: One of so many workers reads chains as long as there is anything else to do.
_WORKERS_PER_READING: Final = 8
#: No more chains are read ahead while this many batches are ready to be advanced.
_BATCHES_READY: Final = 4


@dataclass(slots=True)
class Tally:
    """What a crew did: numbers of flows and steps."""

    written: int = 0
    advanced: int = 0
    read: int = 0
    held: int = 0
    completed: int = 0
    doubts_resolved: int = 0
    unreachable: str = ""
    failures: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Task:
    """Something a thread does: what it is about, the flows it occupies, and the call."""

    subject: FlowView | tuple[int, ...] | Step
    flows: tuple[int, ...]
    run: Callable[[], Any]

    @property
    def is_reading(self) -> bool:
        """Whether it reads chains of the ERP."""
        return isinstance(self.subject, tuple)


class Crew:
    """Works through due flows, chains to be read and doubts. Used once, from one thread."""

    def __init__(
        self,
        context: SyncContext,
        stop: Callable[[], bool],
        progress: Callable[[int], None] | None = None,
    ) -> None:
        self._context, self._stop, self._progress = context, stop, progress
        self.tally = Tally()
        self._fatal: ConfigurationError | None = None
        self._doubts: deque[Step] = deque()
        self._ready: deque[FlowView] = deque()
        self._reading: deque[tuple[tuple[int, ...], dict[int, FlowView]]] = deque()
        self._unread: dict[int, FlowView] = {}
        self._answers: SimpleQueue[Future[Any]] = SimpleQueue()
        self._planned: set[int] = set()
        self._due: Iterator[FlowView] = iter(())
        self._running: dict[Future[Any], _Task] = {}
        # Reading many chains is work for the processor, and writing is mostly waiting for the ERP:
        # a few readings at a time keep what can be written coming while sessions are not idle.
        self._most_readings = max(2, context.options.workers // _WORKERS_PER_READING)
        # With nothing else to do more of them fill the sessions.
        self._most_readings_alone = max(2, context.options.workers // 2)

    def work(
        self, due: Iterator[FlowView], to_read: Sequence[int] = (), doubts: Iterable[Step] = ()
    ) -> Tally:
        """
        Resolve *doubts*, read the chains of *to_read*, advance them and what is *due*, until idle.

        Raises:
            ConfigurationError: nothing will work until it is fixed, e.g. a refused logon.
        """
        self._due = due
        self._doubts.extend(doubts)
        self._planned.update(to_read)
        in_doubt = {step.flow_id for step in self._doubts}
        self._planned.update(in_doubt)
        # A flow in doubt is read once it was looked for: read before as well, it would be in hand
        # twice, and what one of the two goes on from would be gone when the other does.
        certain = [flow_id for flow_id in to_read if flow_id not in in_doubt]
        size = self._context.options.read_batch
        self._reading.extend((tuple(ids), {}) for ids in batches(certain, size))
        with ThreadPoolExecutor(self._context.options.workers, "sync") as pool:
            while self._start(pool) or self._running:
                future = self._answers.get()
                self._finish(self._running.pop(future), future)
        if self._fatal is not None:
            raise self._fatal
        return self.tally

    def _start(self, pool: ThreadPoolExecutor) -> bool:
        """Give work to idle threads; returns whether any was started."""
        started = False
        while len(self._running) < self._context.options.workers and not self._is_stopping():
            task = self._next_task()
            if task is None:
                break
            future = pool.submit(task.run)
            self._running[future] = task
            future.add_done_callback(self._answers.put)
            started = True
        return started

    def _is_stopping(self) -> bool:
        return self._fatal is not None or bool(self.tally.unreachable) or self._stop()

    def _next_task(self) -> _Task | None:
        if self._doubts:
            step = self._doubts.popleft()
            return _Task(step, (step.flow_id,), lambda: resolve(self._context, step))
        readings = sum(task.is_reading for task in self._running.values())
        if len(self._unread) >= self._context.options.read_batch:
            self._read_unread()
        if readings < self._most_readings and self._is_worth_reading():
            return self._next_reading()
        view = self._ready.popleft() if self._ready else next(self._due_now(), None)
        if view is not None:
            return _Task(view, (view.flow.id,), lambda: advance_view(self._context, view))
        if self._unread and readings == len(self._running):
            # As long as others write, more will have to be read: all in one go.
            self._read_unread()
        if self._reading and readings < self._most_readings_alone:
            return self._next_reading()
        return None

    def _next_reading(self) -> _Task:
        ids, known = self._reading.popleft()
        return _Task(ids, ids, lambda: refresh(self._context, ids, known))

    def _is_worth_reading(self) -> bool:
        """
        Tell whether the next batch is to be read now.

        Flows in hand take memory: those that come back from writing are read first, and no others
        are fetched while enough are ready.
        """
        if not self._reading:
            return False
        _, known = self._reading[0]
        most_ready = _BATCHES_READY * self._context.options.read_batch
        return bool(known) or len(self._ready) < most_ready

    def _due_now(self) -> Iterator[FlowView]:
        """Yield due flows that nobody has in hand already."""
        return (view for view in self._due if view.flow.id not in self._planned)

    def _read_unread(self) -> None:
        self._reading.appendleft((tuple(self._unread), self._unread))
        self._unread = {}

    def _finish(self, task: _Task, future: Future[Any]) -> None:
        error = future.exception()
        if error is not None:
            self._fail(task, error)
            return
        result = future.result()
        match result:
            case Advanced():
                self._advanced(result)
            case Submission():
                self._looked_up(task, result)
            case _:
                self._read(result)
        if self._progress is not None:
            self._progress(self.tally.advanced)

    def _advanced(self, result: Advanced) -> None:
        flow_id = result.view.flow.id
        self.tally.advanced += 1
        self.tally.written += result.written
        self.tally.held += result.standing is Standing.HELD
        self.tally.completed += result.standing is Standing.COMPLETE
        doubt = due_doubt(result.view, self._context.clock.now())
        if doubt is not None:
            self._planned.add(flow_id)
            self._doubts.append(doubt)
        elif result.standing is Standing.UNREAD:
            self._planned.add(flow_id)
            self._unread[flow_id] = result.view

    def _looked_up(self, task: _Task, result: Submission) -> None:
        self.tally.doubts_resolved += result.outcome is not Outcome.IN_DOUBT
        self.tally.held += result.outcome is Outcome.HELD
        self._reading.append((task.flows, {}))

    def _read(self, views: tuple[FlowView, ...]) -> None:
        self.tally.read += len(views)
        now = self._context.clock.now()
        for view in views:
            due_at = view.flow.due_at
            is_open = view.flow.closed_at is None and not view.holds
            if is_open and due_at is not None and due_at <= now:
                self._ready.append(view)

    def _fail(self, task: _Task, error: BaseException) -> None:
        if isinstance(error, ErpUnavailableError):
            self.tally.unreachable = self.tally.unreachable or str(error)
        elif isinstance(error, ConfigurationError):
            self._fatal = self._fatal or error
        elif isinstance(error, TransientError):
            self.tally.failures.append(str(error))
            self._read_again_next_time(task)
            if isinstance(task.subject, Step):
                self._reading.append((task.flows, {}))
        elif len(task.flows) > 1:
            # One document that cannot be read must not hide the others of its batch.
            middle = len(task.flows) // 2
            self._reading.append((task.flows[:middle], {}))
            self._reading.append((task.flows[middle:], {}))
        elif isinstance(error, LeaseLostError):
            _log.info("flow %s is another worker's now: %s", task.flows[0], error)
        elif isinstance(error, Exception):
            self._read_again_next_time(task)
            self._hold(task.flows[0], error)
        else:
            raise error

    def _read_again_next_time(self, task: _Task) -> None:
        """A chain that could not be read counts as one that was never read."""
        if isinstance(task.subject, tuple):
            for flow_id in task.flows:
                self._context.store.flows.change(
                    flow_id, FlowChange(wrote=True), now=self._context.clock.now()
                )

    def _hold(self, flow_id: int, error: Exception) -> None:
        """A defect stops the flow that it showed itself on, and no other."""
        if not isinstance(error, ConnectorError):
            _log.error("flow %s failed unexpectedly", flow_id, exc_info=error)
        # The first line alone: what follows may quote the order, with names and addresses.
        text = f"{type(error).__name__}: {error}".partition("\n")[0]
        self.tally.failures.append(f"flow {flow_id}: {text}")
        self._context.store.holds.open(
            flow_id,
            NewHold(
                hold_reasons.INTERNAL_ERROR,
                f"unexpected failure: {text}. Retry; if it comes again, report it",
                heals=False,
            ),
            now=self._context.clock.now(),
        )
