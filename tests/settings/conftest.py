"""A folder with everything that a settings file refers to."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

Write = Callable[[str], Path]


@pytest.fixture(autouse=True)
def no_settings_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.upper().startswith("SD_CONNECTOR"):
            monkeypatch.delenv(name)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    config = tmp_path / "config"
    for name in ("plans/standard.yaml", "plans/presales.yaml", "shop.profile", "shop.rules"):
        file = config / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("", "utf-8")
    return config


@pytest.fixture
def write(folder: Path) -> Write:
    """Write the settings file and return its path."""

    def _write(content: str) -> Path:
        file = folder / "connector.yaml"
        file.write_text(content, "utf-8")
        return file

    return _write
