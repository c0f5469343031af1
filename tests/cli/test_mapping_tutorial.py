"""The tutorial for consultants can be typed as it is, and shows what is really printed."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

Run = Callable[..., Result]

PAGE = Path(__file__).parents[2] / "docs" / "tutorial" / "first-mapping.md"
WRITE = "SD_CONNECTOR_WRITE_GOLDEN"
_BLOCK = re.compile(r"```sh\n(?P<script>.*?)```\n(?:```text\n(?P<output>.*?)```\n)?", re.DOTALL)


def test_every_command_prints_what_the_page_shows(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    page = PAGE.read_text("utf-8")
    played = _BLOCK.sub(lambda found: _played(found, run, monkeypatch), page)
    played = played.replace(str(tmp_path), "~")
    if os.environ.get(WRITE):
        PAGE.write_text(played, "utf-8")
        return

    assert masked(played) == masked(page), (
        "the tutorial is out of date: run `make golden` and read it"
    )


def masked(page: str) -> str:
    """Return the page without what moves with each change of the shared rules."""
    return re.sub(r"(?<=\.yaml:)\d+|\d+(?= notes)", "N", page)


def _played(block: re.Match[str], run: Run, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run a block, and return it with what it prints."""
    script = block.group("script")
    if script.startswith("sd-connector "):
        printed = "".join(_command(line, run) for line in script.splitlines())
    else:
        done = subprocess.run(
            ["bash", "-ec", f"{script}\npwd"], capture_output=True, text=True, check=True
        )
        printed, _, where = done.stdout.rstrip("\n").rpartition("\n")
        monkeypatch.chdir(where)
    if block.group("output") is None:
        return block.group(0)
    lines = [line.rstrip() for line in printed.strip("\n").splitlines()]
    return f"```sh\n{script}```\n```text\n" + "\n".join(lines) + "\n```\n"


def _command(line: str, run: Run) -> str:
    code = re.search(r"# exit code (\d)", line)
    result = run(*shlex.split(line.partition("  # ")[0])[1:])
    assert result.exit_code == (int(code.group(1)) if code else 0), f"{line}\n{result.output}"
    return result.stdout
