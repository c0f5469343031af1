"""`sd-connector statements`: bank statements and payout reports, read once and looked at."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli.failures import ExitCode
from connector.cli.invocation import JsonOption, invocation_of
from connector.cli.orders import person
from connector.cli.output import note, say, show, table
from connector.cli.statement_rows import (
    as_json_text,
    bank_line_rows,
    conflict_rows,
    file_rows,
    payout_line_rows,
    payout_rows,
    statement_rows,
)

if TYPE_CHECKING:
    from connector.ports.statements import AddedReading

SinceOption = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="From this day on.")
]
UntilOption = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Until this day, the day included.")
]


def add_to(app: typer.Typer) -> None:
    """Add the group to *app*."""
    group = typer.Typer(
        name="statements",
        help="Read bank statements and payout reports, and look at what was read.",
        no_args_is_help=True,
        epilog="Example: sd-connector statements import bank/2026-03-31.xml",
    )
    group.command(
        "import", epilog="Example: sd-connector statements import bank/*.xml payouts/*.csv"
    )(import_)
    group.command("list", epilog="Example: sd-connector statements list --since 2026-03-01")(list_)
    group.command("show", epilog="Example: sd-connector statements show po_1Pgc79B7WZ01zgk")(show_)
    group.command("files", epilog="Example: sd-connector statements files")(files)
    group.command(
        "keep", epilog='Example: sd-connector statements keep 3 --reason "the bank confirmed it"'
    )(keep)
    group.command(
        "dismiss",
        epilog='Example: sd-connector statements dismiss 7 --reason "a circular, no statement"',
    )(dismiss)
    app.add_typer(group)


def import_(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="Files to read.")],
    *,
    report_format: Annotated[
        str,
        typer.Option(
            "--format", help="What the files are, e.g. camt.053 or mt940; auto finds it out."
        ),
    ] = "auto",
    encoding: Annotated[
        str, typer.Option("--encoding", help="Encoding of text files; auto finds it out.")
    ] = "auto",
    as_json: JsonOption = False,
) -> None:
    """
    Read bank statements and payout reports into the store.

    Whatever was read before adds nothing, in whatever file it comes. Exit code 1 when a file was
    refused, or something in it could not be read or contradicts what was there.
    """
    from connector.bootstrap.statements import import_file
    from connector.errors import MessageError

    results: list[tuple[str, AddedReading | MessageError]] = []
    with invocation_of(context).application(beside=True) as application:
        for path in files:
            results.append((path.name, import_file(application, path, report_format, encoding)))
    if as_json:
        say(as_json_text([_as_json(name, result) for name, result in results]))
    else:
        for name, result in results:
            _say(name, result)
    if any(isinstance(result, MessageError) or _problems(result) for _, result in results):
        raise typer.Exit(ExitCode.NEEDS_PERSON)


def _problems(added: AddedReading) -> tuple[str, ...]:
    return (*added.problems, *added.conflicts)


def _say(name: str, result: AddedReading | Exception) -> None:
    if isinstance(result, Exception):
        note(f"Refused: {result}")
        return
    say(f"{name} ({result.format}): {result.summary}")
    for text in result.notes:
        say(f"  {text}")
    for problem in _problems(result):
        note(f"  {problem}")


def _as_json(name: str, result: AddedReading | Exception) -> dict[str, Any]:
    if isinstance(result, Exception):
        return {"file": name, "refused": str(result)}
    return {
        "file": name,
        "format": result.format,
        "sha256": result.sha256,
        "statements": result.statements,
        "payouts": result.payouts,
        "added": result.added,
        "replayed": result.replayed,
        "conflicts": result.conflicts,
        "problems": result.problems,
        "notes": result.notes,
    }


def list_(
    context: typer.Context,
    *,
    since: SinceOption = None,
    until: UntilOption = None,
    as_json: JsonOption = False,
) -> None:
    """List statements and payouts, and what contradicts itself or is missing between them."""
    from connector.statements.continuity import gaps

    first, last = since.date() if since else None, until.date() if until else None
    with invocation_of(context).application(read_only=True) as application:
        statements = application.statements.bank_statements(until=last, since=first)
        payouts = application.statements.payouts(until=last, since=first)
        conflicts = application.statements.conflicts()
    missing = gaps(statements)
    if as_json:
        say(
            as_json_text(
                {
                    "statements": [
                        {"name": each.name, **each.model_dump(mode="json", exclude={"lines"}),
                         "lines": len(each.lines)}
                        for each in statements
                    ],
                    "payouts": [
                        {"name": each.name, **each.model_dump(mode="json", exclude={"lines"}),
                         "lines": len(each.lines)}
                        for each in payouts
                    ],
                    "missing": missing,
                    "conflicts": [
                        {"id": each.id, "text": each.text, "file": each.source}
                        for each in conflicts
                    ],
                }
            )
        )  # fmt: skip
        return
    if statements:
        show(table("Bank statements", *statement_rows(statements)))
    if payouts:
        show(table("Payouts", *payout_rows(payouts)))
    if conflicts:
        show(table("Contradictions", *conflict_rows(conflicts)))
    for text in missing:
        note(text)
    if not statements and not payouts:
        say("Nothing was read yet. `sd-connector statements import FILE` reads a file.")


def show_(
    context: typer.Context,
    what: Annotated[
        str,
        typer.Argument(help="Bank account, number of a statement, bank reference or payout id."),
    ],
    *,
    since: SinceOption = None,
    until: UntilOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the lines of a statement or payout, or one bank line by its reference."""
    first, last = since.date() if since else None, until.date() if until else None
    wanted = what.strip()
    with invocation_of(context).application(read_only=True) as application:
        statements = application.statements.bank_statements(until=last, since=first)
        payouts = application.statements.payouts(until=last, since=first)
    chosen = [s for s in statements if wanted in (s.bank_account, s.number, s.name, s.reference)]
    lines = [line for each in chosen for line in each.lines] or [
        line for each in statements for line in each.lines if line.bank_reference == wanted
    ]
    of_payouts = [each for each in payouts if wanted in (each.payout_id, each.name)]
    if as_json:
        say(
            as_json_text(
                {
                    "bank_lines": [line.model_dump(mode="json") for line in lines],
                    "payouts": [each.model_dump(mode="json") for each in of_payouts],
                }
            )
        )
    else:
        if lines:
            show(table("Bank lines", *bank_line_rows(lines)))
        for each in of_payouts:
            show(table(f"{each.name}, {each.amount}", *payout_line_rows(each)))
    if not chosen and not lines and not of_payouts:
        note(f"Nothing that was read is called {wanted!r}; `statements list` shows what there is.")
        raise typer.Exit(ExitCode.NEEDS_PERSON)


def files(
    context: typer.Context,
    *,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 50,
    as_json: JsonOption = False,
) -> None:
    """
    List the files that were read, the newest first.

    With what was wrong in them, and which later file or person has put an end to it.
    """
    with invocation_of(context).application(read_only=True) as application:
        found = application.statements.files(limit)
    if as_json:
        say(
            as_json_text(
                [
                    {
                        "id": each.id,
                        "file": each.source,
                        "sha256": each.sha256,
                        "format": each.format,
                        "read_at": each.read_at.isoformat(),
                        "added": each.added,
                        "replayed": each.replayed,
                        "problems": each.problems,
                        "ended_by": each.ended_by,
                    }
                    for each in found
                ]
            )
        )
        return
    show(table("Files", *file_rows(found)))


def keep(
    context: typer.Context,
    conflict: Annotated[int, typer.Argument(help="Number of the contradiction.")],
    *,
    reason: Annotated[str, typer.Option("--reason", help="Why; it is kept.")],
) -> None:
    """Decide that what was read first holds, where a line came again with other content."""
    with invocation_of(context).application(beside=True) as application:
        try:
            decided = application.statements.decide(
                conflict, person(), reason, application.clock.now()
            )
        except ValueError as error:
            note(str(error))
            raise typer.Exit(ExitCode.NEEDS_PERSON) from None
    say(f"{decided.text}: what came first holds.")


def dismiss(
    context: typer.Context,
    file: Annotated[int, typer.Argument(help="Number of the file, as `statements files` has it.")],
    *,
    reason: Annotated[str, typer.Option("--reason", help="Why; it is kept.")],
) -> None:
    """
    Let the problems of a file be that was refused or fell short, where no better one will come.

    Runs of the reconciliation are not INCOMPLETE because of it any more. Who decided so and why is
    kept beside the file.
    """
    with invocation_of(context).application(beside=True) as application:
        try:
            found = application.statements.dismiss(file, person(), reason, application.clock.now())
        except ValueError as error:
            note(str(error))
            raise typer.Exit(ExitCode.NEEDS_PERSON) from None
    say(f"{found.source}: its problems are let be, {found.ended_by}")
