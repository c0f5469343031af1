"""All commands put together. Modules of commands import what they need when they run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from connector.cli import (
    breaks,
    config,
    db,
    demo,
    dry_run,
    erp,
    flow,
    health,
    history,
    mapping,
    orders,
    payments,
    reconcile,
    reversals,
    run,
    simulator,
    statements,
    sync,
    version,
)
from connector.cli.failures import Commands
from connector.cli.invocation import Invocation

app = typer.Typer(
    name="sd-connector",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: sd-connector demo",
)


@app.callback()
def start(
    context: typer.Context,
    config: Annotated[
        Path,
        typer.Option(
            "--config",
            "-c",
            envvar="SD_CONNECTOR_CONFIG",
            help="Settings file.",
            show_default=True,
        ),
    ] = Path("config/connector.yaml"),
    debug: Annotated[
        bool, typer.Option("--debug", help="Log everything, and show where an error came from.")
    ] = False,
) -> None:
    """
    Turn orders from outside into linked SAP SD documents, exactly once, and prove that they add up.

    Exit codes: 0 done, 1 something needs a person, 2 wrong usage or settings, 3 the ERP or a
    channel could not be reached.
    """
    context.obj = Invocation(config=config, debug=debug)


for group in (
    demo,
    sync,
    run,
    dry_run,
    mapping,
    orders,
    flow,
    reversals,
    reconcile,
    breaks,
    statements,
    payments,
    history,
    config,
    erp,
    db,
    health,
    simulator,
    version,
):
    group.add_to(app)
