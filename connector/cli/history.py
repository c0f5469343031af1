"""`sd-connector history`: are our documents those that a real ERP once made of the same orders?"""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli.failures import ExitCode
from connector.cli.invocation import JsonOption
from connector.cli.output import print_json, progress, say, show, table

if TYPE_CHECKING:
    from connector.bootstrap.history import Comparison

#: How many differences and holds are printed in full.
FIRST = 20


def add_to(app: typer.Typer) -> None:
    """Add the command to *app*."""
    app.command("history", epilog="Example: sd-connector history --history globalbike --year 2020")(
        history
    )


def history(
    *,
    folder: Annotated[
        Path,
        typer.Option(
            "--history",
            help="Folder with orders_YEAR.tsv, documents_YEAR.csv, customers.csv, materials.csv.",
        ),
    ],
    year: Annotated[int, typer.Option("--year", help="Year of the orders and documents.")],
    as_json: JsonOption = False,
) -> None:
    """
    Run a year of orders through the connector, and compare with the documents made of them then.

    The company of the history becomes the simulated ERP's master data, prices read off its
    documents. Orders go through intake, mapping and the exactly-once steps over the RFC face.
    Exit code 0 only when all documents are equal, item by item, to the cent.
    """
    from connector.bootstrap.history import (
        compare_with_history,
        created_documents,
        history_application,
        hold_messages,
        read_history,
    )
    from connector.cli.logs import configure_logging
    from connector.sync.passes import run_pass

    configure_logging("auto", "error")
    past = read_history(folder, year)
    orders = len({item.document for item in past.items})
    with tempfile.TemporaryDirectory(prefix="sd-connector-history-") as workspace:
        application = history_application(past, Path(workspace))
        with application, progress("Creating sales orders", quiet=as_json) as line:
            channels = [setup.channel for setup in application.channels.values()]
            run_pass(
                application.context,
                channels,
                progress=lambda phase, done: line.at(done, orders, phase),
            )
            result = compare_with_history(past, created_documents(application))
            holds = list(itertools.islice(hold_messages(application), FIRST))
    _report(result, holds, as_json)
    if not result.is_equal:
        raise typer.Exit(ExitCode.NEEDS_PERSON)


def _report(result: Comparison, holds: list[str], as_json: bool) -> None:
    if as_json:
        print_json(_as_json(result, holds))
        return
    rows = (
        ("Documents", f"{result.documents:,}"),
        ("Items", f"{result.items:,}"),
        ("Equal", f"{result.equal:,}"),
        ("Different", f"{result.different:,}"),
        ("With the same number as then", f"{result.same_number:,}"),
    )
    say("Compared with the documents of that time")
    show(table("", ("", ">"), rows))
    for difference in result.differences[:FIRST]:
        say(f"  {difference}")
    if len(result.differences) > FIRST:
        say(f"  and {len(result.differences) - FIRST:,} more")
    for hold in holds:
        say(f"  held: {hold}")


def _as_json(result: Comparison, holds: list[str]) -> dict[str, Any]:
    return {
        "documents": result.documents,
        "items": result.items,
        "equal": result.equal,
        "different": result.different,
        "same_number": result.same_number,
        "differences": [
            {
                "document": each.document,
                "item_number": each.item_number,
                "field": each.field,
                "expected": each.expected,
                "actual": each.actual,
            }
            for each in result.differences
        ],
        "holds": holds,
    }
