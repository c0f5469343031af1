"""`sd-connector mapping tables`: rows that a dry run found missing, back into the value tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli.failures import ExitCode
from connector.cli.invocation import JsonOption, invocation_of
from connector.cli.output import note, print_json, say, show, table

if TYPE_CHECKING:
    from connector.bootstrap.application import Application
    from connector.bootstrap.channel_setup import ChannelSetup
    from connector.mappings.table_loading import TableChange
    from connector.mappings.value_tables import ValueTable

#: Rows that are shown of each table.
_MOST_SHOWN = 50


def add_to(group: typer.Typer) -> None:
    """Add the group `tables` with its command to *group*."""
    tables = typer.Typer(
        name="tables",
        help="The value tables of a mapping.",
        no_args_is_help=True,
        epilog="Example: sd-connector mapping tables load missing.xlsx --channel shopify",
    )
    tables.command(
        "load",
        epilog="Example: sd-connector mapping tables load missing.xlsx --channel shopify --yes",
    )(load)
    group.add_typer(tables)


def load(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="What `dry-run --coverage` wrote, with values filled in.")
    ],
    *,
    channel: Annotated[str, typer.Option("--channel", help="Channel whose tables are filled.")],
    only: Annotated[
        str, typer.Option("--table", help="Only this table, by its name in the rules.")
    ] = "",
    yes: Annotated[
        bool, typer.Option("--yes", help="Write the rows. Without it they are only shown.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """
    Add filled-in rows to the value tables of a channel; rows that are there stay as they are.

    Rows without values are left out. Nothing is written where a row contradicts the table or
    another row, is incomplete, or holds what a spreadsheet program may take for a formula. Each
    table's file is replaced in one go. Ends with 2 when something speaks against loading.
    """
    from connector.mappings.table_loading import change_of, read_filled
    from connector.mappings.table_writing import add_rows
    from connector.mappings.value_tables import ValueTable

    if not file.is_file():
        raise typer.BadParameter(f"there is no file {file}", param_hint="FILE")
    with invocation_of(context).application(read_only=True) as application:
        setup = application.channel(channel)
        rules = setup.route.rules
        tables = {n: each for n, each in rules.tables.items() if isinstance(each, ValueTable)}
        if only and only not in tables:
            raise typer.BadParameter(
                f"the rules of {channel} have no table {only!r}: there are {', '.join(tables)}",
                param_hint="--table",
            )
        changes = [
            change_of(sheet, tables[sheet.table]) for sheet in read_filled(file, tables, only)
        ]
        others = {each.table.file: _others(application, setup, each.table) for each in changes}
    problems = [problem for change in changes for problem in change.problems]
    write = yes and not problems
    if write:
        for change in changes:
            if change.added:
                add_rows(change.table, list(change.added.values()))
    if as_json:
        for change in changes:
            print_json(_plain(change, written=write))
    else:
        for change in changes:
            _show(change, others[change.table.file])
        _conclude(changes, written=write)
    for problem in problems:
        note(problem)
    if problems:
        raise typer.Exit(ExitCode.WRONG_USAGE)


def _others(application: Application, setup: ChannelSetup, of: ValueTable) -> list[str]:
    """Return the other channels that go by the same file."""
    return [
        name
        for name, each in application.channels.items()
        if name != setup.name and of.file in each.route.rules.files
    ]


def _show(change: TableChange, others: list[str]) -> None:
    rows = list(change.added.items())
    title = f"{change.table.name} ({change.table.file}): {len(rows)} rows to add"
    if rows:
        columns = ("Line", *change.table.columns)
        shown = [(line, *row.values()) for line, row in rows[:_MOST_SHOWN]]
        show(table(title, columns, shown))
        if len(rows) > _MOST_SHOWN:
            say(f"{len(rows) - _MOST_SHOWN} more rows are in --json.")
    else:
        say(title)
    if change.known or change.empty:
        say(f"{change.known} are in the table already, {change.empty} are not filled in.")
    if others:
        say(f"The file is also that of {', '.join(others)}.")


def _conclude(changes: list[TableChange], *, written: bool) -> None:
    many = sum(len(change.added) for change in changes)
    if written:
        say(f"{many} rows were added.")
    elif any(change.problems for change in changes):
        say("Nothing was written:")
    elif many:
        say("Nothing was written; add --yes to write the rows.")
    else:
        say("There is nothing to add.")


def _plain(change: TableChange, *, written: bool) -> dict[str, Any]:
    return {
        "table": change.table.name,
        "file": str(change.table.file),
        "added": [{"line": line, "row": row} for line, row in change.added.items()],
        "already_there": change.known,
        "not_filled_in": change.empty,
        "problems": change.problems,
        "written": written,
    }
