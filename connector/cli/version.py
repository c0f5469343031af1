"""`sd-connector version`."""

from __future__ import annotations

import typer

from connector.cli.output import say


def add_to(app: typer.Typer) -> None:
    """Add the command to *app*."""
    app.command("version", epilog="Example: sd-connector version")(version)


def version() -> None:
    """Print the version of the connector, and of Python."""
    import platform
    from importlib.metadata import version as version_of

    say(f"sd-connector {version_of('sd-connector')}, Python {platform.python_version()}")
