"""`sd-connector config schema`: JSON Schemas, so that editors complete and underline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from connector.cli.output import say
from connector.errors import ConfigurationError

_NAMES = "plan, profile, rules, settings, system"


def schema(
    name: Annotated[
        str, typer.Argument(help=f"Which one: {_NAMES}; without it all of them.", show_default="")
    ] = "",
    *,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder to write NAME.schema.json to.")
    ] = None,
) -> None:
    """
    Print or write the JSON Schema of profiles, rules, plans, settings or system profiles.

    Editors use them where a file begins with a line such as
    `# yaml-language-server: $schema=../schemas/rules.schema.json`.
    """
    from connector.bootstrap.json_schemas import SCHEMAS, file_name
    from connector.settings.explain import nearest

    if name and name not in SCHEMAS:
        raise ConfigurationError(f"schema {name}", "is not known", nearest(name, SCHEMAS))
    if output is None:
        if not name:
            raise ConfigurationError(
                "schema", "needs a name, or --output for all of them", f"Names: {_NAMES}"
            )
        say(_text(SCHEMAS[name]()))
        return
    try:
        output.mkdir(parents=True, exist_ok=True)
        for each in [name] if name else sorted(SCHEMAS):
            path = output / file_name(each)
            path.write_text(_text(SCHEMAS[each]()) + "\n", "utf-8")
            say(f"Written: {path}")
    except OSError as error:
        raise ConfigurationError(
            str(output), f"cannot be written: {error.strerror}", "Name a folder you may write to"
        ) from error


def _text(document: object) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False)
