"""`sd-connector breaks`: what does not agree, whose it is, and what was decided about it."""

from __future__ import annotations

import typer

from connector.cli import breaks_decide, breaks_list, breaks_show


def add_to(app: typer.Typer) -> None:
    """Add the group to *app*."""
    group = typer.Typer(
        name="breaks",
        help="List and show breaks; give them an owner and a day, comment on and accept them.",
        no_args_is_help=True,
        epilog="Example: sd-connector breaks list --owner nobody",
    )
    for commands in (breaks_list, breaks_show, breaks_decide):
        commands.add_to(group)
    app.add_typer(group)
