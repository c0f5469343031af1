"""Where things are: whoever looks for something finds it where the documentation says."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest

APACHE_2_0_SHA256 = "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"

PACKAGES = [
    "channels",
    "cli",
    "daemon",
    "erp",
    "mappings",
    "ports",
    "reconciliation",
    "sd_documents",
    "settings",
    "simulator",
    "store",
    "sync",
]


def test_the_license_is_apache_2_0_word_for_word(root: Path, pyproject: dict[str, Any]) -> None:
    assert hashlib.sha256((root / "LICENSE").read_bytes()).hexdigest() == APACHE_2_0_SHA256
    assert pyproject["project"]["license"] == "Apache-2.0"
    assert pyproject["project"]["license-files"] == ["LICENSE"]


@pytest.mark.parametrize(
    "name",
    [
        ".ci/run",
        ".dockerignore",
        ".pre-commit-config.yaml",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "Dockerfile",
        "Makefile",
        "README.md",
        "SECURITY.md",
        "compose.yaml",
        "connector/py.typed",
        "docs/README.md",
        "docs/decisions/README.md",
        "requirements.lock",
    ],
)
def test_the_furniture_is_there(name: str, tracked: tuple[Path, ...]) -> None:
    assert Path(name) in tracked


@pytest.mark.parametrize("package", PACKAGES)
def test_each_layer_is_a_package_of_its_own(package: str, tracked: tuple[Path, ...]) -> None:
    assert Path("connector", package, "__init__.py") in tracked


@pytest.mark.parametrize("package", PACKAGES)
def test_each_layer_is_explained(package: str, root: Path) -> None:
    assert f"`{package}`" in (root / "docs/explanation/layers.md").read_text("utf-8")


def test_the_import_rules_cover_every_package(root: Path, pyproject: dict[str, Any]) -> None:
    """A package that no layer names could import anything."""
    (layers,) = [
        contract["layers"]
        for contract in pyproject["tool"]["importlinter"]["contracts"]
        if contract["type"] == "layers"
    ]
    named = {name.strip() for layer in layers for name in layer.split("|")}
    there = {
        path.stem
        for path in (root / "connector").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert there - {"__init__"} <= named


def test_the_version_is_the_same_everywhere(root: Path, pyproject: dict[str, Any]) -> None:
    version = pyproject["project"]["version"]
    module = (root / "connector/__init__.py").read_text("utf-8")
    assert f'__version__ = "{version}"' in module
    assert f"## {version}" in (root / "CHANGELOG.md").read_text("utf-8")


def test_every_decision_is_numbered_and_listed(root: Path) -> None:
    folder = root / "docs/decisions"
    records = sorted(path.name for path in folder.glob("[0-9]*.md"))
    assert [int(name[:4]) for name in records] == list(range(1, len(records) + 1))

    index = (folder / "README.md").read_text("utf-8")
    for name in records:
        title = (folder / name).read_text("utf-8").splitlines()[0]
        number, _, words = title.removeprefix("# ").partition(". ")
        assert int(number) == int(name[:4])
        assert f"{number}. [{words}]({name})" in index


def test_every_decision_names_its_nearest_rival(root: Path) -> None:
    for record in (root / "docs/decisions").glob("[0-9]*.md"):
        assert re.search(r"\*\*Nearest rivals?", record.read_text("utf-8")), record.name


def test_every_runtime_library_has_a_decision(root: Path, pyproject: dict[str, Any]) -> None:
    records = "\n".join(
        path.read_text("utf-8").lower() for path in (root / "docs/decisions").glob("[0-9]*.md")
    )
    libraries = [
        re.split(r"[<>=!~\[; ]", line, maxsplit=1)[0].lower()
        for line in pyproject["project"]["dependencies"]
    ]
    assert [name for name in libraries if name not in records] == []


def test_the_index_of_the_documentation_leads_to_every_page(root: Path) -> None:
    index = (root / "docs/README.md").read_text("utf-8")
    pages = [
        path.relative_to(root / "docs").as_posix()
        for folder in ("tutorial", "how-to", "reference", "explanation")
        for path in (root / "docs" / folder).glob("*.md")
    ]
    assert [page for page in pages if f"({page})" not in index] == []
