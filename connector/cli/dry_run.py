"""`sd-connector dry-run`: what would become of orders, without writing anything anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from connector.cli.failures import ExitCode
from connector.cli.invocation import JsonOption, invocation_of
from connector.cli.messages import messages_of, received_messages
from connector.cli.output import print_json, progress, say, show, table

if TYPE_CHECKING:
    from connector.bootstrap.application import Application, ChannelSetup
    from connector.errors import MessageError
    from connector.mappings.inbound_order import InboundOrder
    from connector.reports.dry_run_html import DryRunPage
    from connector.reports.dry_run_xlsx import DryRunWorkbook
    from connector.sync.context import Route
    from connector.sync.dry_run import DryRunResult, MissingMasterData
    from connector.sync.pricing import Simulate


class Depth(StrEnum):
    """How far the ERP is asked."""

    SCHEMA = "schema"
    MASTER_DATA = "master-data"
    SIMULATE = "simulate"


#: Orders that the table shows at most; those that need a decision come before the others.
MOST_SHOWN: Final = 500
#: In logs, progress is a line for so many orders.
PROGRESS_EVERY: Final = 5000


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
    received_from: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="Instead of files: what the store has received since the start of this day.",
        ),
    ] = None,
    received_to: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="Instead of files: what the store has received up to the end of this day.",
        ),
    ] = None,
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
    as_json: JsonOption = False,
) -> None:
    """
    Show what would become of orders. Nothing is written: not here, not in the ERP.

    With --json each order is one line. Exit code 1 when something needs a decision: an order that
    would be held, or a message that cannot be read.
    """
    from connector.sync.dry_run import run

    _require_one_source(files, received_from or received_to)
    depth = _depth(depth, simulate=simulate)
    with invocation_of(context).application(read_only=True) as application:
        application.load()
        setup = application.channel(channel)
        route, price, missing = _asking(application, setup, depth)
        plan = application.plan(route.plan)
        messages = _messages(application, setup, files, received_from, received_to)
        done = held = 0
        shown = _Shown()
        with ExitStack() as stack:
            reports: list[DryRunPage | DryRunWorkbook] = []
            for begun in _reports(html, xlsx, channel):
                stack.enter_context(begun)
                reports.append(begun)
            line = stack.enter_context(
                progress("Trying the mapping", quiet=as_json, every=PROGRESS_EVERY)
            )
            for result in run(messages, route, plan, price, missing):
                done += 1
                held += not result.would_be_created
                line.at(done)
                for report in reports:
                    report.add(result)
                if as_json:
                    print_json(_plain(result, trace=trace))
                else:
                    shown.add(done, result)
    if not as_json:
        columns = ("Source", "Order", "Documents", ">Net", ">Tax", "Result", "What to do")
        rows = shown.rows()
        show(table("", columns, rows))
        if done > len(rows):
            say(f"{done - len(rows):,} more orders are in --json, --html and --xlsx alone.")
        say(f"{done} orders: {done - held} would be created, {held} need a decision.")
    if held:
        raise typer.Exit(ExitCode.NEEDS_PERSON)


def _depth(depth: Depth | None, *, simulate: bool) -> Depth:
    if simulate and depth not in (None, Depth.SIMULATE):
        raise typer.BadParameter(
            f"--simulate is --depth simulate, but --depth is {depth}: leave out one of them",
            param_hint="--depth",
        )
    return Depth.SIMULATE if simulate else depth or Depth.SCHEMA


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


def _reports(
    html: Path | None, xlsx: Path | None, channel: str
) -> Iterator[DryRunPage | DryRunWorkbook]:
    """Begin the reports that are wanted; raises typer.BadParameter where there is no folder."""
    for path, option in ((html, "--html"), (xlsx, "--xlsx")):
        if path is not None and (path.is_dir() or not path.absolute().parent.is_dir()):
            raise typer.BadParameter(
                f"{path} cannot be written: it must be a file in a folder that exists",
                param_hint=option,
            )
    if html is not None:
        from connector.reports.dry_run_html import DryRunPage

        yield DryRunPage(html, f"Dry run of the channel {channel}")
    if xlsx is not None:
        from connector.reports.dry_run_xlsx import DryRunWorkbook

        yield DryRunWorkbook(xlsx)


def _require_one_source(files: list[Path] | None, period: datetime | None) -> None:
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


def _messages(
    application: Application,
    setup: ChannelSetup,
    files: list[Path] | None,
    received_from: datetime | None,
    received_to: datetime | None,
) -> Iterator[InboundOrder | MessageError]:
    if files:
        return messages_of(files, setup)
    from connector.sync.context import SyncOptions

    start_of = SyncOptions(time_zone=application.settings.time_zone).start_of
    since = start_of(received_from.date()) if received_from else None
    until = start_of(received_to.date() + timedelta(days=1)) if received_to else None
    return received_messages(application.store, setup, since, until)


class _Shown:
    """The rows of the table, of which only so many are kept as people read."""

    def __init__(self) -> None:
        self._held: list[tuple[int, tuple[str, ...]]] = []
        self._fine: list[tuple[int, tuple[str, ...]]] = []

    def add(self, number: int, result: DryRunResult) -> None:
        kept = self._fine if result.would_be_created else self._held
        if len(kept) < MOST_SHOWN:
            kept.append((number, _row(result)))

    def rows(self) -> list[tuple[str, ...]]:
        """Return what is shown, in the order of the messages."""
        room = MOST_SHOWN - len(self._held)
        return [row for _, row in sorted([*self._held, *self._fine[:room]])]


def _row(result: DryRunResult) -> tuple[str, ...]:
    order, priced = result.order, result.priced
    documents = [
        f"{mapped.document.category.name.lower()} ({len(mapped.document.items)} items)"
        for mapped in (result.mapped.documents if result.mapped else ())
    ]
    return (
        result.source,
        (order.order_name or order.external_id) if order else "",
        "\n".join(documents),
        str(priced.net_amount) if priced else "",
        str(priced.tax_amount) if priced else "",
        "would be created" if result.would_be_created else result.problems[0].code,
        "\n".join(problem.message for problem in result.problems),
    )


def _plain(result: DryRunResult, *, trace: bool) -> dict[str, Any]:
    mapped, priced = result.mapped, result.priced
    found: dict[str, Any] = {
        "source": result.source,
        "channel": result.order.channel if result.order else "",
        "external_id": result.order.external_id if result.order else "",
        "order_name": result.order.order_name if result.order else "",
        "would_be_created": result.would_be_created,
        "problems": [problem.model_dump(mode="json") for problem in result.problems],
        "notices": [notice.model_dump(mode="json") for notice in result.notices],
        "documents": [
            each.document.model_dump(mode="json") for each in (mapped.documents if mapped else ())
        ],
        "payments": [
            payment.model_dump(mode="json") for payment in (mapped.payments if mapped else ())
        ],
        "priced": priced.model_dump(mode="json") if priced else None,
    }
    if trace:
        found["trace"] = [
            [field._asdict() for field in each.trace]
            for each in (mapped.documents if mapped else ())
        ]
    return found
