"""The tutorial can be typed as it is."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import Result

Run = Callable[..., Result]

PAGE = Path(__file__).parents[2] / "docs" / "tutorial" / "first-run.md"


def lines() -> Iterator[tuple[str, int]]:
    """Yield the commands of the page with the exit code that each is said to have."""
    for block in re.findall(r"```sh\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL):
        for line in block.splitlines():
            code = re.search(r"# exit code (\d)", line)
            yield line.partition(" # ")[0].strip(), int(code.group(1)) if code else 0


def test_every_line_of_the_tutorial_does_what_it_says(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said: dict[str, list[str]] = {}
    for line, code in lines():
        if line.endswith("cd first-run"):
            monkeypatch.chdir(_made(tmp_path / "first-run"))
        elif line == "sd-connector run":
            continue  # the daemon has tests of its own
        elif line.startswith("sd-connector "):
            result = run(*shlex.split(line)[1:])
            assert result.exit_code == code, f"{line}\n{result.output}"
            said.setdefault(line, []).append(result.stdout)
        else:
            subprocess.run(line, shell=True, check=True)

    assert "1 known already" in said["sd-connector sync"][2]
    assert "Payment 1400000001" in said["sd-connector flow 1103"][0]
    assert "UNKNOWN_SKU" in said["sd-connector orders list --held"][0]
    assert "RECONCILED" in said["sd-connector reconcile"][0]


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
