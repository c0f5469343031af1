"""`sd-connector db`: the store's tables."""

from __future__ import annotations

import typer

from connector.cli.invocation import invocation_of
from connector.cli.output import say


def add_to(app: typer.Typer) -> None:
    """Add the group to *app*."""
    group = typer.Typer(
        name="db",
        help="Look after the store's tables.",
        no_args_is_help=True,
        epilog="Example: sd-connector db upgrade",
    )
    group.command("upgrade", epilog="Example: sd-connector db upgrade")(upgrade)
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
