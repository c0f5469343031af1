"""The wheel: what an installation without the repository gets."""

from __future__ import annotations

import configparser
import os
import re
import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, freshly built."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=root,
        check=True,
        capture_output=True,
        timeout=120,
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def unpacked(wheel: Path) -> Path:
    """A folder with the wheel's content, as in site-packages."""
    folder = wheel.parent / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def _names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def _run(unpacked: Path, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(unpacked)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_every_module_travels(wheel: Path, tracked: tuple[Path, ...]) -> None:
    modules = {path.as_posix() for path in tracked if path.parts[0] == "connector"}
    assert modules - _names(wheel) == set()


def test_config_and_fixtures_travel(wheel: Path, tracked: tuple[Path, ...]) -> None:
    shipped = {
        f"connector/_shipped/{path.as_posix()}"
        for path in tracked
        if path.parts[0] in {"config", "fixtures"}
    }
    assert shipped
    assert shipped - _names(wheel) == set()


def test_nothing_else_travels(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in _names(wheel)}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"connector"}
    assert [name for name in _names(wheel) if "__pycache__" in name or ".sqlite3" in name] == []


def test_the_wheel_says_what_it_is(unpacked: Path, pyproject: dict[str, Any]) -> None:
    (about,) = unpacked.glob("*.dist-info")
    metadata = Parser().parsestr((about / "METADATA").read_text("utf-8"))
    assert metadata["Version"] == pyproject["project"]["version"]
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Requires-Python"] == ">=3.11"
    assert (about / "licenses/LICENSE").is_file()

    scripts = configparser.ConfigParser()
    scripts.read(about / "entry_points.txt", "utf-8")
    assert scripts["console_scripts"]["sd-connector"] == "connector.__main__:main"


def test_an_installed_wheel_finds_what_it_ships(unpacked: Path, tmp_path: Path) -> None:
    program = (
        "import connector, sys; from connector.resources import shipped; "
        "print(connector.__file__, shipped('config'), shipped('fixtures'), sep='\\n')"
    )
    done = _run(unpacked, tmp_path, "-c", program)
    assert done.stderr == ""
    assert all(line.startswith(str(unpacked)) for line in done.stdout.splitlines())


def test_the_command_runs_away_from_the_repository(unpacked: Path, tmp_path: Path) -> None:
    done = _run(unpacked, tmp_path, "-m", "connector", "--help")
    assert (done.returncode, done.stderr) == (0, "")
    for command in ("demo", "history", "run", "health", "reconcile", "simulator"):
        assert re.search(rf"^\W+{command} ", done.stdout, re.MULTILINE), command
    assert list(tmp_path.iterdir()) == []
