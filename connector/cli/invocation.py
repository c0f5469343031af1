"""What every command starts from: the settings that were asked for, and the application."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from connector.bootstrap.application import Application
    from connector.clock import Clock
    from connector.settings import Settings


@dataclass(frozen=True, slots=True)
class Invocation:
    """The options that stand before the command."""

    config: Path
    debug: bool

    def settings(self) -> Settings:
        """Load the settings and set up logging as they say. Raises ConfigurationError."""
        from connector.cli.logs import configure_logging
        from connector.settings import load_settings

        settings = load_settings(self.config)
        configure_logging(settings.log.format, "debug" if self.debug else settings.log.level)
        return settings

    def application(
        self, *, read_only: bool = False, beside: bool = False, clock: Clock | None = None
    ) -> Application:
        """Put the application together; use it in `with`. Raises ConnectorError."""
        from connector.bootstrap import build

        return build(self.settings(), clock=clock, read_only=read_only, beside=beside)


def invocation_of(context: typer.Context) -> Invocation:
    """Return what stood before the command."""
    invocation = context.find_object(Invocation)
    assert invocation is not None
    return invocation


JsonOption = Annotated[
    bool, typer.Option("--json", help="Print JSON for programs instead of tables.")
]
