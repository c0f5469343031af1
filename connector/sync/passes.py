"""One pass over everything: intake, recovery, what changed in the ERP, what is due, until idle."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from connector.errors import TransientError
from connector.ports.channels import Channel
from connector.ports.store_records import FlowView, Received
from connector.sync.context import SyncContext
from connector.sync.crew import Crew, Tally
from connector.sync.intake import receive
from connector.sync.recover import recover
from connector.sync.status import changed_flows, keep_watermark

#: How many due flows are read from the store at a time.
_PAGE = 100


@dataclass(slots=True)
class PassSummary:
    """
    What one pass did, for a line on the terminal and for metrics.

    ``erp_problem`` is empty unless the ERP could not be reached; then nothing was parked and no
    attempt was counted. ``channel_problems`` name channels that could not be read.
    """

    received: Received = field(default_factory=Received)
    recovered: int = 0
    tally: Tally = field(default_factory=Tally)
    erp_problem: str = ""
    channel_problems: list[str] = field(default_factory=list)

    @property
    def is_erp_reachable(self) -> bool:
        return not self.erp_problem

    @property
    def did_something(self) -> bool:
        """Whether anything was received, recovered, written, decided or held."""
        tally = self.tally
        return bool(
            self.received.new_orders
            or self.received.new_versions
            or self.recovered
            or tally.written
            or tally.completed
            or tally.doubts_resolved
        )


#: Called with the name of the phase and how much of it is done.
Progress = Callable[[str, int], None]


def _never() -> bool:
    return False


def _no_progress(phase: str, done: int) -> None:
    """Nobody watches."""


def run_pass(
    context: SyncContext,
    channels: Sequence[Channel] = (),
    *,
    progress: Progress = _no_progress,
    stop: Callable[[], bool] = _never,
) -> PassSummary:
    """
    Do everything that can be done now, for all flows.

    Args:
        context: store, ERP, clock and routes.
        channels: where new orders come from; none for a pass over what is known.
        progress: called from this thread as the pass gets on.
        stop: asked between steps; True lets what runs come to its end, and begins nothing new.

    Raises:
        ConfigurationError: nothing will work until it is fixed (a refused logon, a plan gone).
    """
    summary = PassSummary()
    for channel in channels:
        if stop():
            return summary
        try:
            summary.received += receive(context, channel, lambda done: progress("receive", done))
        except TransientError as error:
            summary.channel_problems.append(f"{channel.name}: {error}")
    summary.recovered = len(recover(context))
    if not stop():
        _work(context, summary, progress, stop)
    return summary


def _work(
    context: SyncContext, summary: PassSummary, progress: Progress, stop: Callable[[], bool]
) -> None:
    try:
        # One logon before many: a wrong password is tried once, not by every thread.
        context.erp.ping()
        changed, watermark, _ = changed_flows(context)
    except TransientError as error:
        # No free session is as much of an outage as no answer: nobody is let in.
        summary.erp_problem = str(error)
        return
    to_read = sorted({*changed, *_unread(context)})
    doubts = context.store.steps.in_doubt(context.clock.now())
    crew = Crew(context, stop, lambda done: progress("advance", done))
    summary.tally = crew.work(due_views(context), to_read, doubts)
    summary.erp_problem = summary.tally.unreachable
    if not (summary.erp_problem or stop()):
        keep_watermark(context, watermark)


def _unread(context: SyncContext) -> Iterator[int]:
    after = 0
    while ids := context.store.mirror.unread(1000, after):
        yield from ids
        after = ids[-1]


def due_views(context: SyncContext) -> Iterator[FlowView]:
    """Yield the flows that are due, page by page, each once."""
    after = 0
    while ids := context.store.flows.due(context.clock.now(), _PAGE, after):
        yield from context.store.flows.views(ids)
        after = ids[-1]
