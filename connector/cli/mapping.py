"""`sd-connector mapping`: write, test, compare and explain the mapping of a channel."""

from __future__ import annotations

from typing import Final, Protocol

import typer

from connector.cli import (
    mapping_diff,
    mapping_explain,
    mapping_init,
    mapping_tables,
    mapping_test,
)


class Command(Protocol):
    """A module that brings one command of the group."""

    def add_to(self, group: typer.Typer) -> None:
        """Add the command to *group*."""


#: The modules of the commands, in the order in which help lists them.
COMMANDS: Final[tuple[Command, ...]] = (
    mapping_init,
    mapping_tables,
    mapping_test,
    mapping_explain,
    mapping_diff,
)


def add_to(app: typer.Typer) -> None:
    """Add the group to *app*."""
    group = typer.Typer(
        name="mapping",
        help="Write, test, compare and explain the mapping of a channel.",
        no_args_is_help=True,
        epilog="Example: sd-connector mapping test",
    )
    for command in COMMANDS:
        command.add_to(group)
    app.add_typer(group)
