"""`sd-connector dry-run`: what would become of orders, without writing anything anywhere."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from connector.cli.dry_run_pieces import Piece, Wanted, piece_of, plain_sum
from connector.cli.dry_run_reports import Report, begun_reports, show_costs
from connector.cli.failures import ExitCode
from connector.cli.invocation import JsonOption, invocation_of
from connector.cli.messages import PROGRESS_EVERY, Extent, raw_messages_in
from connector.cli.output import print_json, progress, say, show, table
from connector.cli.received import (
    Period,
    ReceivedFromOption,
    ReceivedToOption,
    received_messages,
)

if TYPE_CHECKING:
    from connector.bootstrap.application import Application
    from connector.bootstrap.channel_setup import ChannelSetup
    from connector.reports.mistakes import MistakeSums
    from connector.sync.context import Route
    from connector.sync.dry_run import DryRunResult, MissingMasterData
    from connector.sync.dry_run_crew import Task
    from connector.sync.pricing import Simulate


class Depth(StrEnum):
    """How far the ERP is asked."""

    SCHEMA = "schema"
    MASTER_DATA = "master-data"
    SIMULATE = "simulate"


#: Orders that the table shows at most; those that need a decision come before the others.
MOST_SHOWN: Final = 500
#: Bytes from which on starting more processes is worth the second that it takes.
MUCH: Final = 16_000_000


def add_to(app: typer.Typer) -> None:
    """Add the command to *app*."""
    app.command(
        "dry-run", epilog="Example: sd-connector dry-run orders/ --channel shopify --depth simulate"
    )(dry_run)


def dry_run(
    context: typer.Context,
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILE_OR_DIR...", help="Messages, or folders with messages."),
    ] = None,
    *,
    channel: Annotated[str, typer.Option("--channel", help="Channel whose mapping is tried.")],
    received_from: ReceivedFromOption = None,
    received_to: ReceivedToOption = None,
    depth: Annotated[
        Depth | None,
        typer.Option(
            help="How far the ERP is asked: not at all (schema, the default), for its master data, "
            "or to price each order as well. It saves nothing.",
        ),
    ] = None,
    simulate: Annotated[
        bool, typer.Option("--simulate", help="The same as --depth simulate.")
    ] = False,
    trace: Annotated[
        bool, typer.Option("--trace", help="With --json: the origin of every field, too.")
    ] = False,
    html: Annotated[
        Path | None,
        typer.Option("--html", help="Write a page with every field's origin to this file."),
    ] = None,
    xlsx: Annotated[
        Path | None, typer.Option("--xlsx", help="Write a workbook of all orders to this file.")
    ] = None,
    processes: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Processes that map orders; as many as the machine has cores where there is much "
            "to read, else 1. The ERP is asked by one alone.",
        ),
    ] = None,
    coverage: Annotated[
        Path | None,
        typer.Option(
            help="Write the rows that tables lack, to be filled in and loaded with `mapping tables "
            "load`, to this file: .xlsx, or .csv with a file for each table beside it.",
        ),
    ] = None,
    sums: Annotated[
        bool,
        typer.Option("--sums", help="With --json: a last line with what mistakes would cost."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """
    Show what would become of orders. Nothing is written: not here, not in the ERP.

    At the end stands what mistakes would cost: all that does not match, was guessed or taken by
    default, with the amounts it concerns. With --json each order is one line. Exit code 1 when
    something needs a decision: an order that would be held, or a message that cannot be read.
    """
    from connector.reports.mistakes import MistakeSums

    period = Period.of(received_from, received_to)
    _require_one_source(files, period)
    depth = _depth(depth, simulate=simulate)
    with invocation_of(context).application(read_only=True) as application:
        application.load()
        setup = application.channel(channel)
        extent = Extent.of(files or (), setup.channel.patterns)
        processes = _processes(processes, depth, extent)
        tasks = (
            raw_messages_in(files or (), setup.profile, setup.channel.patterns, extent)
            if period is None
            else received_messages(application, setup, period)
        )
        tried = _Tried(MistakeSums())
        with ExitStack() as stack:
            reports: list[Report] = []
            for begun in begun_reports(html, xlsx, coverage, setup):
                stack.enter_context(begun)
                reports.append(begun)
            line = stack.enter_context(
                progress("Trying the mapping", quiet=as_json, every=PROGRESS_EVERY)
            )
            wanted = Wanted(line=as_json, trace=trace, result=bool(reports))
            tell = partial(piece_of, wanted=wanted)
            if processes == 1:
                pieces = _pieces(application, setup, depth, tasks, tell)
            else:
                pieces = _pieces_of_many(application, setup, tasks, tell, processes)
            # Closed at once when interrupted: that ends the processes.
            stack.enter_context(closing(pieces))
            for piece in pieces:
                tried.add(piece)
                line.at(tried.count, extent.messages(tried.count))
                for report in reports:
                    assert piece.result is not None
                    report.add(piece.result)
                if as_json:
                    say(piece.line)
    if not as_json:
        tried.show()
    elif sums:
        print_json({"sums": [plain_sum(each) for each in tried.costs.sums()]})
    if tried.held:
        raise typer.Exit(ExitCode.NEEDS_PERSON)


def _depth(depth: Depth | None, *, simulate: bool) -> Depth:
    if simulate and depth not in (None, Depth.SIMULATE):
        raise typer.BadParameter(
            f"--simulate is --depth simulate, but --depth is {depth}: leave out one of them",
            param_hint="--depth",
        )
    return Depth.SIMULATE if simulate else depth or Depth.SCHEMA


def _processes(processes: int | None, depth: Depth, extent: Extent) -> int:
    """Return how many processes map; raises typer.BadParameter for many that ask the ERP."""
    if processes is None:
        is_much = depth is Depth.SCHEMA and extent.whole >= MUCH
        return os.cpu_count() or 1 if is_much else 1
    if processes > 1 and depth is not Depth.SCHEMA:
        raise typer.BadParameter(
            f"only --depth {Depth.SCHEMA} is for several processes: one alone asks the ERP",
            param_hint="--processes",
        )
    return processes


def _pieces(
    application: Application,
    setup: ChannelSetup,
    depth: Depth,
    tasks: Iterator[Task],
    tell: Callable[[DryRunResult], Piece],
) -> Generator[Piece]:
    from connector.sync.dry_run import run
    from connector.sync.dry_run_crew import message_of

    route, price, missing = _asking(application, setup, depth)
    messages = (message_of(setup.profile, task) for task in tasks)
    for result in run(messages, route, application.plan(route.plan), price, missing):
        yield tell(result)


def _pieces_of_many(
    application: Application,
    setup: ChannelSetup,
    tasks: Iterator[Task],
    tell: Callable[[DryRunResult], Piece],
    processes: int,
) -> Generator[Piece]:
    from connector.sync.dry_run_crew import Recipe, run_in_processes

    recipe = Recipe(
        profile=setup.profile.path,
        rules=setup.route.rules.path,
        tables=application.settings.channels[setup.name].tables,
        plan=application.plan(setup.route.plan),
    )
    return run_in_processes(tasks, recipe, tell, processes)


def _asking(
    application: Application, setup: ChannelSetup, depth: Depth
) -> tuple[Route, Simulate | None, MissingMasterData | None]:
    """Return how to map, price and look for what is missing: all that the ERP is asked for."""
    if depth is Depth.SCHEMA:
        return application.not_asking(setup), None, None
    route, cache = application.asking(setup)
    if depth is Depth.SIMULATE:
        return route, application.erp.sales_documents.simulate, None
    from connector.sync.missing_master_data import MissingInTheErp

    return route, None, MissingInTheErp(cache)


def _require_one_source(files: list[Path] | None, period: Period | None) -> None:
    """Raise typer.BadParameter unless there are either files or a period."""
    if not files and period is None:
        raise typer.BadParameter(
            "Missing argument FILE_OR_DIR; or say --received-from for what the store has received",
            param_hint="FILE_OR_DIR",
        )
    if files and period is not None:
        raise typer.BadParameter(
            "give files, or a period with --received-from and --received-to, not both",
            param_hint="FILE_OR_DIR",
        )


class _Tried:
    """What is counted of all orders, and the rows of those that the table shows."""

    def __init__(self, costs: MistakeSums) -> None:
        self.costs = costs
        self.count = self.held = 0
        self._held: list[tuple[int, tuple[str, ...]]] = []
        self._fine: list[tuple[int, tuple[str, ...]]] = []

    def add(self, piece: Piece) -> None:
        """Count *piece*; only so many rows are kept as people read."""
        self.count += 1
        self.held += not piece.would_be_created
        self.costs.add_all(piece.mistakes, piece.name)
        kept = self._fine if piece.would_be_created else self._held
        if len(kept) < MOST_SHOWN:
            kept.append((self.count, piece.row))

    def show(self) -> None:
        """Print the table, what mistakes would cost, and how many orders there were."""
        columns = ("Source", "Order", "Documents", ">Net", ">Tax", "Result", "What to do")
        rows = self._rows()
        show(table("", columns, rows))
        if self.count > len(rows):
            more = self.count - len(rows)
            say(f"{more:,} more orders are in --json, --html and --xlsx alone.")
        show_costs(self.costs)
        created = self.count - self.held
        say(f"{self.count} orders: {created} would be created, {self.held} need a decision.")

    def _rows(self) -> list[tuple[str, ...]]:
        """Return what is shown, in the order of the messages."""
        room = MOST_SHOWN - len(self._held)
        return [row for _, row in sorted([*self._held, *self._fine[:room]])]
