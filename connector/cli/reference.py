"""
The reference page of the commands, made from the code that it describes.

`docs/reference/cli.md` holds what this returns; a test compares them, and fails for a command
without help or example.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import typer


def cli_reference(app: typer.Typer) -> str:
    """Return the page of all commands as Markdown."""
    command: Any = typer.main.get_command(app)
    lines = ["# Commands", "Made from the code: `make golden` writes it anew.", ""]
    lines += _command("sd-connector", command)
    return "\n".join(lines).rstrip() + "\n"


def undocumented_commands(app: typer.Typer) -> list[str]:
    """Return commands without help or example, and options without help."""
    command: Any = typer.main.get_command(app)
    return list(_gaps("sd-connector", command))


def _command(path: str, command: Any) -> Iterator[str]:
    yield f"## {path}"
    yield inspect.cleandoc(command.help or "")
    yield ""
    if command.epilog:
        yield f"    {command.epilog.removeprefix('Example: ')}"
        yield ""
    parameters = [p for p in command.params if not getattr(p, "hidden", False)]
    if parameters:
        yield "| option | meaning | default |"
        yield "|---|---|---|"
        for parameter in parameters:
            yield _parameter(parameter)
        yield ""
    for name, each in sorted(getattr(command, "commands", {}).items()):
        yield from _command(f"{path} {name}", each)


def _parameter(parameter: Any) -> str:
    is_option = parameter.param_type_name == "option"
    names = ", ".join(f"`{opt}`" for opt in parameter.opts) if is_option else ""
    name = names or f"`{(parameter.metavar or parameter.name).upper()}`"
    help_text = (parameter.help or "").replace("|", "\\|")
    if parameter.envvar:
        help_text += f" Environment: `{parameter.envvar}`."
    default = parameter.default
    shown = "" if default in (None, "", False, ()) or callable(default) else f"`{default}`"
    return f"| {name} | {help_text} | {'required' if parameter.required else shown} |"


def _gaps(path: str, command: Any) -> Iterator[str]:
    if not command.help:
        yield f"{path}: no help"
    if not (command.epilog or "").startswith("Example: sd-connector"):
        yield f"{path}: no example"
    for parameter in command.params:
        if not getattr(parameter, "help", ""):
            yield f"{path} {parameter.name}: no help"
    for name, each in getattr(command, "commands", {}).items():
        yield from _gaps(f"{path} {name}", each)
