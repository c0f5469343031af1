"""`sd-connector config`: is everything set up rightly?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from connector.cli.invocation import JsonOption, invocation_of
from connector.cli.output import print_json, say


def add_to(app: typer.Typer) -> None:
    """Add the group to *app*."""
    group = typer.Typer(
        name="config",
        help="Check the settings and all that they name.",
        no_args_is_help=True,
        epilog="Example: sd-connector config check",
    )
    group.command("check", epilog="Example: sd-connector config check --erp")(check)
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


def check(
    context: typer.Context,
    erp: Annotated[bool, typer.Option("--erp", help="Log on to the ERP as well.")] = False,
    as_json: JsonOption = False,
) -> None:
    """
    Check settings, profiles, rules, plans and folders, without starting anything.

    Ends at the first mistake, naming file, key and what was expected.
    """
    from connector.bootstrap.options import check_options
    from connector.store.database import database_path

    with invocation_of(context).application(read_only=True) as application:
        settings = application.settings
        check_options(settings)
        store = database_path(settings.store.url)
        application.load()
        application.check_channels()
        channels = {
            name: {
                "profile": str(setup.profile.path),
                "rules": str(setup.route.rules.path),
                "plan": setup.route.plan,
            }
            for name, setup in application.channels.items()
        }
        answered = application.erp.ping() if erp else None
    found = {
        "settings": str(settings.file.path),
        "erp": settings.erp.driver,
        "profile": settings.erp.profile,
        "store": str(store),
        "channels": channels,
        "plans": sorted(application.plans),
    }
    if answered is not None:
        found["answered"] = {
            "system": answered.system_id,
            "client": answered.client,
            "user": answered.user,
            "release": answered.release,
        }
    if as_json:
        print_json(found)
        return
    say(f"{found['settings']} is right.")
    say(f"ERP: {found['erp']}, profile {found['profile']}. Store: {found['store']}.")
    say(f"Plans: {', '.join(found['plans'])}.")
    for name, channel in channels.items():
        say(f"Channel {name}: plan {channel['plan']}, profile and rules are right.")
    if answered is not None:
        say(
            f"The ERP answers: system {answered.system_id}, client {answered.client}, "
            f"user {answered.user}, release {answered.release}, {answered.latency_s * 1000:.0f} ms."
        )
