"""
The dry run of many messages in several processes: Python runs one thread at a time.

One process reads messages and keeps what comes of them, others make orders of them and map those.
Results come in the order of the messages, and no more messages are on their way than each process
has in hand, so that memory does not grow with their number.
"""

from __future__ import annotations

import gc
import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Final, Generic, TypeAlias, TypeVar

from connector.errors import ConnectorError, MessageError
from connector.mappings.inbound_order import InboundOrder
from connector.mappings.profile import ChannelProfile, load_profile
from connector.mappings.raw_message import RawMessage
from connector.mappings.reading import order_of
from connector.mappings.rules import load_rules
from connector.sync.context import Route
from connector.sync.dry_run import DryRunResult, run
from connector.sync.plan import Plan

#: Messages that a process is given at a time.
CHUNK: Final = 32
#: Seconds that a process is given to end.
_PATIENCE_S: Final = 5
_NOT_BEGUN: Final = -1

#: A message that is still to be read, an order that is known, or what could not be read.
Task: TypeAlias = RawMessage | InboundOrder | MessageError
ResultT = TypeVar("ResultT")


class DryRunProcessError(ConnectorError):
    """A process ended without an answer; ``source`` is the message it was at, empty before any."""

    def __init__(self, source: str, exit_code: int | None) -> None:
        self.source, self.exit_code = source, exit_code
        ended = f"ended with {exit_code}"
        if exit_code is not None and exit_code < 0:
            ended = f"was ended by signal {-exit_code}"
            if exit_code == -signal.SIGKILL:
                ended += " (as the system does where memory is short)"
        at = f"at {source}" if source else "before its first message"
        super().__init__(
            f"a process of the dry run {ended} {at}; try that message alone, or all of them with "
            "--processes 1"
        )


@dataclass(frozen=True, slots=True)
class Recipe:
    """The files by which messages become orders and orders documents; *tables* as for rules."""

    profile: Path
    rules: Path
    tables: Path | None
    plan: Plan


def run_in_processes(
    tasks: Iterable[Task],
    recipe: Recipe,
    shown: Callable[[DryRunResult], ResultT],
    processes: int,
) -> Generator[ResultT]:
    """
    Yield what *shown* makes of what would become of each message, in their order.

    The ERP is not asked. Closing the iterator, or an interruption, ends all processes.

    Args:
        tasks: read here, a chunk ahead of what the processes work on.
        recipe: is read anew by each process.
        shown: a function of a module (processes import it) whose results can be pickled.
        processes: how many work beside this one.

    Raises:
        DryRunProcessError: a process ended of itself, or was ended; names the message.
    """
    chunks = _chunks(tasks)
    crew: list[_Member[ResultT]] = []
    try:
        # One message is enough for one process.
        for chunk in islice(chunks, processes):
            crew.append(_Member(recipe, shown))
            crew[-1].give(chunk)
        at_work = deque(crew)
        while at_work:
            ahead = next(chunks, None)
            member = at_work.popleft()
            results = member.results()
            if ahead is not None:
                member.give(ahead)
                at_work.append(member)
            yield from results
    finally:
        for member in crew:
            member.end()


class _Member(Generic[ResultT]):
    """One process, and what it has in hand."""

    def __init__(self, recipe: Recipe, shown: Callable[[DryRunResult], ResultT]) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._place = context.RawValue("i", _NOT_BEGUN)
        self._chunk: list[Task] = []
        self._process: BaseProcess = context.Process(
            target=_work, args=(theirs, self._place, recipe, shown), daemon=True
        )
        self._process.start()
        theirs.close()

    def give(self, chunk: list[Task]) -> None:
        """Have *chunk* tried; what was given before must have been fetched."""
        self._chunk, self._place.value = chunk, _NOT_BEGUN
        try:
            self._pipe.send(chunk)
        except OSError:
            raise self._ended() from None

    def results(self) -> list[ResultT]:
        """Wait for what became of the chunk."""
        try:
            found: list[ResultT] = self._pipe.recv()
        except (EOFError, OSError):
            raise self._ended() from None
        return found

    def end(self) -> None:
        """End the process, whatever it does: it keeps nothing."""
        self._pipe.close()
        self._process.terminate()
        self._process.join(_PATIENCE_S)

    def _ended(self) -> DryRunProcessError:
        self._process.join(_PATIENCE_S)
        place = self._place.value
        source = self._chunk[place].source if place != _NOT_BEGUN else ""
        return DryRunProcessError(source, self._process.exitcode)


def _work(
    pipe: Connection, place: Any, recipe: Recipe, shown: Callable[[DryRunResult], object]
) -> None:
    """Try chunks until there are no more. What goes wrong ends the process and is told there."""
    # Ctrl-C reaches all processes of a terminal; the one that reads messages ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    profile = load_profile(recipe.profile)
    route = Route(load_rules(recipe.rules, recipe.tables), "")
    # What was read stays: it need not be looked at again with each collection.
    gc.freeze()
    while True:
        try:
            chunk: list[Task] = pipe.recv()
        except (EOFError, OSError):
            return
        found = []
        for number, task in enumerate(chunk):
            place.value = number
            message = message_of(profile, task)
            found += [shown(result) for result in run((message,), route, recipe.plan)]
        try:
            pipe.send(found)
        except OSError:
            return


def message_of(profile: ChannelProfile, task: Task) -> InboundOrder | MessageError:
    """Return *task* as the order that it is, or as what keeps it from being one."""
    return order_of(profile, task) if isinstance(task, RawMessage) else task


def _chunks(tasks: Iterable[Task]) -> Iterator[list[Task]]:
    remaining = iter(tasks)
    while chunk := [_bare(task) for task in islice(remaining, CHUNK)]:
        yield chunk


def _bare(task: Task) -> Task:
    """Return *task* without the text of the message, which no dry run looks at."""
    if isinstance(task, RawMessage):
        return RawMessage(task.content, task.source, "", task.notes)
    return task
