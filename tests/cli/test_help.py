"""Help is quick, and there is an example with each command."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import typer
from typer.testing import Result

from connector.cli.app import app

Run = Callable[..., Result]

#: What takes long to import; commands import it when they run.
HEAVY = ("pydantic", "sqlalchemy", "structlog", "zeep", "yaml", "apscheduler", "jmespath")


def all_commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    for name, each in getattr(command, "commands", {}).items():
        yield from all_commands(each, (*path, name))


@pytest.mark.parametrize("path", list(all_commands(typer.main.get_command(app))), ids=" ".join)
def test_help_shows_an_example(run: Run, path: tuple[str, ...]) -> None:
    result = run(*path, "--help")

    assert result.exit_code == 0
    assert "Example: sd-connector" in result.stdout


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; import connector.cli.app; "
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stdout.strip() == "[]"


def test_the_version_is_told(run: Run) -> None:
    assert run("version").stdout.startswith("sd-connector 0.")
