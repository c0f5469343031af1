"""Fixtures about the repository itself: where it is, and which files belong to it."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]

_NOT_OURS = {".git", ".venv", "build", "dist", "var", "__pycache__"}


def _files_of_the_repository() -> tuple[Path, ...]:
    if (ROOT / ".git").exists():
        listed = subprocess.run(
            ["git", "ls-files", "-z"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        names = [Path(name) for name in listed.stdout.split("\0") if name]
        return tuple(name for name in names if (ROOT / name).is_file())
    found = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
    return tuple(sorted(path for path in found if not _NOT_OURS.intersection(path.parts)))


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder that holds the Makefile."""
    return ROOT


@pytest.fixture(scope="session")
def tracked() -> tuple[Path, ...]:
    """Every file of the repository, relative to its root; built files are none of them."""
    return _files_of_the_repository()


@pytest.fixture(scope="session")
def texts(tracked: tuple[Path, ...]) -> dict[Path, str]:
    """The text of every tracked file that is text; orders from outside may be in any encoding."""
    readable = {}
    for path in tracked:
        content = (ROOT / path).read_bytes()
        if b"\0" not in content:
            readable[path] = content.decode("utf-8", errors="replace")
    return readable


@pytest.fixture(scope="session")
def pyproject() -> dict[str, Any]:
    """pyproject.toml, parsed."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
