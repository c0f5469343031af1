"""`sd-connector config`: is everything set up rightly?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from connector.cli.config_check import check
from connector.cli.config_schema import schema
from connector.cli.output import say


def add_to(app: typer.Typer) -> None:
    """Add the group to *app*."""
    group = typer.Typer(
        name="config",
        help="Check the settings and all that they name.",
        no_args_is_help=True,
        epilog="Example: sd-connector config check",
    )
    group.command("check", epilog="Example: sd-connector config check --erp")(check)
    group.command(
        "schema", epilog="Example: sd-connector config schema rules --output .vscode/schemas"
    )(schema)
    group.command("init", epilog="Example: sd-connector config init /etc/sd-connector")(init)
    app.add_typer(group)


def init(
    folder: Annotated[Path, typer.Argument(help="Where the settings are to be; made if needed.")],
    *,
    examples: Annotated[
        bool, typer.Option("--examples", help="Copy example orders, too, to FOLDER/examples.")
    ] = False,
) -> None:
    """
    Copy the example settings with their profiles, rules, tables and plans to FOLDER.

    Files that are there already are left alone. With new settings come the drop folders of their
    channels.
    """
    from connector.errors import ConfigurationError
    from connector.resources import shipped
    from connector.settings.loading import settings_from
    from connector.settings.yaml_file import read_yaml_file

    wanted = [(shipped("config"), folder)]
    if examples:
        wanted.append((shipped("fixtures/orders/demo-shopify"), folder / "examples"))
    copied = kept = 0
    settings = folder / "connector.yaml"
    made: list[Path] = []
    try:
        is_new = not settings.exists()
        for source, target in wanted:
            for file in sorted(each for each in source.rglob("*") if each.is_file()):
                copy = target / file.relative_to(source)
                if copy.exists():
                    kept += 1
                    continue
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(file.read_bytes())
                copied += 1
        if is_new:
            written = settings_from(read_yaml_file(settings), environment=False)
            for channel in written.channels.values():
                if not channel.path.exists():
                    channel.path.mkdir(parents=True)
                    made.append(channel.path)
    except OSError as error:
        raise ConfigurationError(
            str(error.filename or folder),
            f"cannot be written: {error.strerror}",
            "Name a folder that this user may write to",
        ) from error
    say(f"{copied} files copied to {folder}, {kept} were there already.")
    for path in made:
        say(f"Drop folder made: {path}")
    say(f"Next: sd-connector --config {settings} config check")
