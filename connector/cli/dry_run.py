"""`sd-connector dry-run`: what would become of orders, without writing anything anywhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli.failures import ExitCode
from connector.cli.invocation import JsonOption, invocation_of
from connector.cli.messages import messages_of
from connector.cli.output import print_json, progress, say, show, table

if TYPE_CHECKING:
    from connector.sync.dry_run import DryRunResult


def add_to(app: typer.Typer) -> None:
    """Add the command to *app*."""
    app.command(
        "dry-run", epilog="Example: sd-connector dry-run orders/ --channel shopify --simulate"
    )(dry_run)


def dry_run(
    context: typer.Context,
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE_OR_DIR...", help="Messages, or folders with messages."),
    ],
    *,
    channel: Annotated[str, typer.Option("--channel", help="Channel whose mapping is tried.")],
    simulate: Annotated[
        bool, typer.Option("--simulate", help="Let the ERP price each order; it saves nothing.")
    ] = False,
    trace: Annotated[
        bool, typer.Option("--trace", help="With --json: the origin of every field, too.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """
    Show what would become of orders. Nothing is written: not here, not in the ERP.

    With --json each order is one line. Exit code 1 when something needs a decision: an order that
    would be held, or a message that cannot be read.
    """
    from connector.sync.dry_run import run

    with invocation_of(context).application(read_only=True) as application:
        application.load()
        setup = application.channel(channel)
        price = application.erp.sales_documents.simulate if simulate else None
        plan = application.plans[setup.route.plan]
        messages = messages_of(files, setup)
        done = held = 0
        shown = []
        with progress("Trying the mapping", quiet=as_json) as line:
            for result in run(messages, setup.route, plan, price):
                done += 1
                held += not result.would_be_created
                line.at(done)
                if as_json:
                    print_json(_plain(result, trace=trace))
                else:
                    shown.append(_row(result))
    if not as_json:
        columns = ("Source", "Order", "Documents", ">Net", ">Tax", "Result", "What to do")
        show(table("", columns, shown))
        say(f"{done} orders: {done - held} would be created, {held} need a decision.")
    if held:
        raise typer.Exit(ExitCode.NEEDS_PERSON)


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
            [field.model_dump(mode="json") for field in each.trace]
            for each in (mapped.documents if mapped else ())
        ]
    return found
