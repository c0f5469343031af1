"""
The only place that turns errors into messages and exit codes.

0 done, 1 something needs a person, 2 wrong usage or settings, 3 the ERP or a channel could not be
reached.
"""

from __future__ import annotations

import sys
import traceback
from enum import IntEnum
from typing import Any

import typer
from typer.core import TyperGroup

from connector.errors import ConfigurationError, ConnectorError, TransientError


class ExitCode(IntEnum):
    """What the exit code of a command means."""

    DONE = 0
    NEEDS_PERSON = 1
    WRONG_USAGE = 2
    UNREACHABLE = 3


def exit_code_of(error: ConnectorError) -> ExitCode:
    """Return the code that *error* ends a command with."""
    if isinstance(error, ConfigurationError):
        return ExitCode.WRONG_USAGE
    if isinstance(error, TransientError):
        return ExitCode.UNREACHABLE
    return ExitCode.NEEDS_PERSON


class Commands(TyperGroup):
    """The commands, with expected errors told in one line and everything else left alone."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; an error of the connector becomes its message and exit code."""
        try:
            return super().invoke(ctx)
        except ConnectorError as error:
            if ctx.params.get("debug"):
                traceback.print_exception(error)
            typer.echo(f"Error: {error}", file=sys.stderr)
            raise typer.Exit(exit_code_of(error)) from error
