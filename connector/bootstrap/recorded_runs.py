"""
A test run that is recorded, and the same run on the recording.

Both use a store of their own that is thrown away, take the same orders, work one after the other,
and have a clock that stands still during a pass: what they ask the ERP is then the same. Before an
order is created for the first time it is looked for, because a fresh store knows nothing of what
the daily one has posted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from pydantic import ValidationError

from connector.bootstrap.application import Application
from connector.clock import ManualClock, SystemClock
from connector.erp.recording.fields import shipped_fields
from connector.erp.recording.orders import order_of, sanitised
from connector.erp.recording.player import Difference, Player
from connector.erp.recording.recorder import Recorder
from connector.erp.recording.stand_ins import StandIns
from connector.erp.recording.tap import PlayingTap, RecordingTap, Tap
from connector.erp.recording.tape import Recording, TapeWriter, read_recording
from connector.errors import ConfigurationError, ConnectorError, MessageError
from connector.mappings.inbound_order import InboundOrder
from connector.ports.store_records import FlowView
from connector.sd_documents.values import display_number
from connector.settings import Settings
from connector.sync.dry_run import run as dry_run
from connector.sync.passes import run_pass

#: Passes lie so far apart on the clock that what waits is due: longer than a first retry.
APART: Final = timedelta(minutes=2)
DRY_RUN: Final = "dry-run"
PASSES: Final = "passes"


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """
    What a run did: ``orders`` by external id with what became of them, in words.

    ``calls`` were made; ``problems`` are what went wrong beside the orders, each once.
    """

    orders: tuple[tuple[str, str], ...]
    calls: int
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recorded run; ``replaced`` counts the values that were replaced, by kind."""

    outcome: RunOutcome
    replaced: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Replayed:
    """A replayed run; it went the same way when ``difference`` is None and no call is left."""

    outcome: RunOutcome
    recorded_calls: int
    left: tuple[str, ...]
    difference: Difference | None

    @property
    def is_the_same(self) -> bool:
        """Whether the connector asked exactly what was recorded."""
        return self.difference is None and not self.left


def record(
    settings: Settings,
    file: Path,
    channel: str,
    messages: Iterable[InboundOrder | MessageError],
    *,
    passes: int,
    more_fields: Path | None = None,
    key: bytes | None = None,
) -> Recorded:
    """
    Run over *messages* and write *file*. Without *passes* it is a dry run that writes nothing.

    Args:
        more_fields: rows for the table of fields.
        key: of the stand-ins, drawn where it is None; it is not kept.

    Raises:
        ConfigurationError: settings are wrong, or *file* exists already or cannot be written.
    """
    fields, stand_ins = shipped_fields().with_rows_of(more_fields), StandIns(key)
    kept = list(messages)
    about = {
        "connector": version("sd-connector"),
        "profile": settings.erp.profile,
        "channel": channel,
        "mode": PASSES if passes else DRY_RUN,
    }
    try:
        opened = file.open("x", encoding="utf-8")
    except FileExistsError:
        raise ConfigurationError(str(file), "exists already", "Name another file") from None
    except OSError as error:
        raise ConfigurationError(str(file), f"cannot be written: {error.strerror}") from error
    with opened:
        tape = TapeWriter(opened, about)
        for message in kept:
            if isinstance(message, MessageError):
                tape.unreadable(Path(message.source).name)
            else:
                tape.order(Path(message.source).name, sanitised(message.order, fields, stand_ins))
        tap = RecordingTap(Recorder(tape, fields, stand_ins))
        start = SystemClock().now().replace(microsecond=0)
        times = [start + number * APART for number in range(max(passes, 1))]
        for at in times:
            tape.begin_pass(at.isoformat())
        orders = [each for each in kept if isinstance(each, InboundOrder)]
        outcome = _run(settings, tap, channel, orders, times, dry=not passes)
        return Recorded(replace(outcome, calls=tape.calls), tuple(sorted(stand_ins.counts.items())))


def replay(settings: Settings, file: Path, more_fields: Path | None = None) -> Replayed:
    """
    Run again what was recorded in *file*, with the rules and plans of *settings*.

    Raises:
        ConfigurationError: *file* is no recording, or settings, rules or plans are wrong.
    """
    recording = read_recording(file)
    fields = shipped_fields().with_rows_of(more_fields)
    player = Player(recording, fields)
    try:
        outcome = _run(
            settings,
            PlayingTap(player),
            str(recording.about.get("channel", "")),
            _orders(recording),
            [datetime.fromisoformat(at).astimezone(UTC) for at in recording.passes],
            dry=recording.about.get("mode") == DRY_RUN,
        )
    except ValidationError as error:
        raise ConfigurationError(
            str(file), f"holds no order: {error.error_count()} errors"
        ) from None
    return Replayed(
        replace(outcome, calls=player.used),
        len(recording.calls),
        tuple(f"call {call.number}: {call.operation}" for call in player.unused),
        player.difference,
    )


def _orders(recording: Recording) -> list[InboundOrder]:
    return [InboundOrder(order_of(content), source, "") for source, content in recording.orders]


def _run(
    settings: Settings,
    tap: Tap,
    channel: str,
    orders: Sequence[InboundOrder],
    times: Sequence[datetime],
    *,
    dry: bool,
) -> RunOutcome:
    clock = ManualClock(times[0] if times else datetime(2000, 1, 1, tzinfo=UTC))
    with _application(settings, clock, tap) as application:
        if dry:
            return _dry(application, channel, orders)
        simulator = None if tap.plays else application.simulator
        jobs = simulator is not None and simulator.is_local
        return _passes(application, clock, channel, orders, times, jobs=jobs)


@contextmanager
def _application(settings: Settings, clock: ManualClock, tap: Tap) -> Iterator[Application]:
    with TemporaryDirectory(prefix="sd-connector-run-") as folder:
        store = settings.store.model_copy(update={"url": f"sqlite:///{folder}/store.db"})
        own = settings.model_copy(update={"store": store})
        with Application(own, clock, tap=tap) as application:
            yield application


def _dry(application: Application, channel: str, orders: Sequence[InboundOrder]) -> RunOutcome:
    setup = application.channel(channel)
    plan = application.plan(setup.route.plan)
    simulate = application.erp.sales_documents.simulate
    found: list[tuple[str, str]] = []
    try:
        for result in dry_run(orders, setup.route, plan, simulate):
            name = result.order.external_id if result.order else result.source
            codes = ", ".join(problem.code for problem in result.problems)
            found.append((name, codes or "would be created"))
    except ConnectorError as error:
        # What the ERP does wrong is what somebody wants to show.
        return RunOutcome(tuple(found), 0, (str(error),))
    return RunOutcome(tuple(found), 0)


def _passes(
    application: Application,
    clock: ManualClock,
    channel: str,
    orders: Sequence[InboundOrder],
    times: Sequence[datetime],
    *,
    jobs: bool,
) -> RunOutcome:
    context = application.context
    options = replace(context.options, workers=1, look_before_create=True)
    context = replace(context, options=options)
    problems: dict[str, None] = {}
    for number, at in enumerate(times):
        if at > clock.now():
            clock.move_to(at)
        channels = [_GivenOrders(channel, orders)] if not number else []
        try:
            summary = run_pass(context, channels)
        except ConnectorError as error:
            problems[str(error)] = None
            break
        problems |= dict.fromkeys((*summary.tally.failures, summary.erp_problem))
        if summary.erp_problem:
            break
        if jobs:
            # A simulated ERP in this process has nobody else to start its jobs.
            simulator = application.simulator
            assert simulator is not None
            simulator.run_jobs()
    orders_found = tuple(_words(view) for view in context.store.all_views())
    return RunOutcome(orders_found, 0, tuple(problem for problem in problems if problem))


def _words(view: FlowView) -> tuple[str, str]:
    documents = [
        f"{document.category.name.lower().replace('_', ' ')} {display_number(document.number)}"
        for document in view.sales_documents
    ]
    documents += [f"delivery {display_number(each.number)}" for each in view.deliveries]
    documents += [f"invoice {display_number(each.number)}" for each in view.billing_documents]
    state = "done" if view.flow.closed_at is not None else "under way"
    if view.holds:
        state = "held: " + ", ".join(hold.reason for hold in view.holds)
    return view.order.external_id, "; ".join((state, *documents))


@dataclass(frozen=True, slots=True)
class _GivenOrders:
    """A channel that delivers what it was given."""

    name: str
    orders: Sequence[InboundOrder]

    def receive(self) -> Iterator[InboundOrder | MessageError]:
        yield from self.orders

    def acknowledge(self, source: str) -> None:
        """Nobody else waits for it."""
