"""`sd-connector db`: the store's tables, and the database they lie in."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from connector.cli.failures import ExitCode
from connector.cli.invocation import JsonOption, invocation_of
from connector.cli.output import note, print_json, say

TargetArgument = Annotated[
    str,
    typer.Argument(
        metavar="TARGET",
        help="Address of the new database, as store.url takes it; relative files start from here.",
    ),
]
PasswordFileOption = Annotated[
    Path | None,
    typer.Option("--password-file", help="File whose first line is the target's password."),
]


def add_to(app: typer.Typer) -> None:
    """Add the group to *app*."""
    group = typer.Typer(
        name="db",
        help="Look after the store's tables.",
        no_args_is_help=True,
        epilog="Example: sd-connector db upgrade",
    )
    group.command("upgrade", epilog="Example: sd-connector db upgrade")(upgrade)
    group.command("check", epilog="Example: sd-connector db check --json")(check)
    group.command(
        "copy", epilog="Example: sd-connector db copy postgresql+psycopg://connector@db/connector"
    )(copy)
    app.add_typer(group)


def upgrade(context: typer.Context) -> None:
    """
    Make the store, or bring its tables up to this version.

    Stop the daemon before, and have a backup. A store that is up to date stays as it is.
    """
    from connector.bootstrap import upgrade_store

    settings = invocation_of(context).settings()
    revision = upgrade_store(settings)
    say(f"{settings.store.url} is at revision {revision}.")


def check(context: typer.Context, as_json: JsonOption = False) -> None:
    """
    Look the store over: its version, its tables, what guards its evidence, the database below.

    Nothing is changed, and the daemon may run. Ends with 0 when all is well, with 1 when not.
    """
    from connector.store.checking import check_store

    settings = invocation_of(context).settings()
    found = check_store(settings.store.url, settings.store.secret())
    if as_json:
        print_json(asdict(found))
    else:
        for problem in found.problems:
            say(f"{found.name}: {problem}")
        if not found.problems:
            say(f"{found.name} is at revision {found.revision}, and nothing is wrong with it.")
    if found.problems:
        raise typer.Exit(ExitCode.NEEDS_PERSON)


def copy(
    context: typer.Context, target: TargetArgument, password_file: PasswordFileOption = None
) -> None:
    """
    Copy the store into another database, such as from a file to a server.

    Stop the daemon before. The target is made where there is none, must be empty, and gets
    everything or nothing. Afterwards name it as `store.url`; the old one stays as it is.
    """
    from connector.errors import ConfigurationError
    from connector.settings.fields import secret_of
    from connector.store.copying import copy_store

    settings = invocation_of(context).settings()
    try:
        password = secret_of(None, password_file)
    except ValueError as error:
        raise ConfigurationError(
            "--password-file", str(error), "Name a file that can be read"
        ) from (error)
    rows = copy_store(
        settings.store.url,
        target,
        source_password=settings.store.secret(),
        target_password=password,
        progress=lambda table, count: note(f"{table}: {count}"),
    )
    say(f"{rows} rows are copied. Name {target} as store.url to work on them.")
