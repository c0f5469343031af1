"""`sd-connector erp record` and `erp replay`: hand over a problem without handing over data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.failures import ExitCode
from connector.cli.invocation import JsonOption, invocation_of
from connector.cli.messages import messages_of
from connector.cli.output import note, print_json, say, show, table

if TYPE_CHECKING:
    from connector.bootstrap.recorded_runs import RunOutcome

FieldsOption = Annotated[
    Path | None,
    typer.Option("--fields", help="CSV with fields of your own: protocol,field,treatment."),
]


def add_to(group: typer.Typer) -> None:
    """Add the commands to *group*."""
    group.command(
        "record",
        epilog="Example: sd-connector erp record problem.jsonl order.json --channel shopify",
    )(record)
    group.command("replay", epilog="Example: sd-connector erp replay problem.jsonl")(replay)


def record(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The recording; a new file.")],
    messages: Annotated[
        list[Path],
        typer.Argument(metavar="FILE_OR_DIR...", help="Messages, or folders with messages."),
    ],
    *,
    channel: Annotated[str, typer.Option("--channel", help="Channel whose messages they are.")],
    passes: Annotated[
        int,
        typer.Option(
            "--passes",
            min=0,
            max=50,
            help="Create documents too, in so many passes: on a test system. 0: a dry run.",
        ),
    ] = 0,
    fields: FieldsOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Record the calls of a test run, without the data of people.

    Names, addresses, bank data, telephone numbers, e-mail addresses, users and free texts are
    replaced, the same value always by the same stand-in; document numbers, codes, dates and amounts
    stay. A field that nobody knows is replaced as well. Secrets are never written down.

    The run has a store of its own, so the daily one is not touched. Without --passes nothing is
    written in the ERP: the orders are mapped, and the ERP prices them.
    """
    from connector.bootstrap.recorded_runs import record as record_run

    invocation = invocation_of(context)
    with invocation.application(read_only=True) as application:
        application.load()
        setup = application.channel(channel)
        found = list(messages_of(messages, setup))
        recorded = record_run(
            application.settings, file, channel, found, passes=passes, more_fields=fields
        )
    if as_json:
        print_json(
            {"file": str(file), **_plain(recorded.outcome), "replaced": dict(recorded.replaced)}
        )
        return
    _show(recorded.outcome)
    counts = ", ".join(f"{count} {kind}" for kind, count in recorded.replaced)
    say(f"{recorded.outcome.calls} calls are in {file}. Replaced: {counts or 'nothing'}.")
    note("Look through the file before you hand it over: it is text, one line per call.")


def replay(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A recording.")],
    *,
    fields: FieldsOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Run again what was recorded, with the settings, rules and plans that are here now.

    No ERP is called: the recording answers, and no store is touched. Exit code 0 when the connector
    asked exactly what was recorded, 1 when it did not; the first call that differs is named.
    """
    from connector.bootstrap.recorded_runs import replay as replay_run

    replayed = replay_run(invocation_of(context).settings(), file, fields)
    if as_json:
        print_json(
            {
                "same": replayed.is_the_same,
                **_plain(replayed.outcome),
                "recorded_calls": replayed.recorded_calls,
                "difference": str(replayed.difference) if replayed.difference else "",
                "left": list(replayed.left),
            }
        )
    else:
        _show(replayed.outcome)
        say(
            f"{replayed.outcome.calls} of {replayed.recorded_calls} recorded calls were made again."
        )
        if replayed.difference is not None:
            say(f"The first that differs: {replayed.difference}.")
        elif replayed.left:
            say(f"{len(replayed.left)} were not, first {replayed.left[0]}.")
    if not replayed.is_the_same:
        raise typer.Exit(ExitCode.NEEDS_PERSON)


def _show(outcome: RunOutcome) -> None:
    show(table("", ("Order", "Result"), list(outcome.orders)))
    for problem in outcome.problems:
        note(problem)


def _plain(outcome: RunOutcome) -> dict[str, object]:
    return {
        "orders": dict(outcome.orders),
        "calls": outcome.calls,
        "problems": list(outcome.problems),
    }
