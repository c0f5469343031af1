"""The lock files: everything pinned by version and hash, nothing that says where it comes from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

DEVELOPMENT = "requirements.lock"
RUNTIME = "requirements-runtime.lock"
BUILD = "requirements-build.lock"

HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})$")


@dataclass(frozen=True, slots=True)
class Pin:
    """One locked package."""

    version: Version
    hashes: frozenset[str]


def _pins(root: Path, lock: str) -> dict[str, Pin]:
    entries = (root / lock).read_text("utf-8").replace("\\\n", " ").splitlines()
    pins: dict[str, Pin] = {}
    for entry in entries:
        requirement, *hashes = re.split(r"\s+(?=--hash)", entry.strip())
        parsed = Requirement(requirement)
        (specifier,) = parsed.specifier
        assert specifier.operator == "==", entry
        found = [HASH.match(value) for value in hashes]
        assert found, f"{parsed.name} has no hash"
        assert all(found), f"{parsed.name} has a hash that is no SHA-256"
        name = canonicalize_name(parsed.name)
        assert name not in pins, f"{name} is locked twice"
        pins[name] = Pin(
            Version(specifier.version), frozenset(match[1] for match in found if match)
        )
    return pins


def _unmet(requirements: list[str], pins: dict[str, Pin]) -> list[str]:
    unmet = []
    for line in requirements:
        requirement = Requirement(line)
        pin = pins.get(canonicalize_name(requirement.name))
        if pin is None or pin.version not in requirement.specifier:
            unmet.append(line)
    return unmet


@pytest.mark.parametrize("lock", [DEVELOPMENT, RUNTIME, BUILD])
def test_every_requirement_is_pinned_with_hashes(root: Path, lock: str) -> None:
    assert _pins(root, lock)


@pytest.mark.parametrize("lock", [DEVELOPMENT, RUNTIME, BUILD])
def test_a_lock_says_nothing_about_where_packages_come_from(root: Path, lock: str) -> None:
    for line in (root / lock).read_text("utf-8").splitlines():
        assert "://" not in line
        assert " @ " not in line
        assert re.match(r"[a-z0-9]|    --hash=sha256:", line), line


def test_runtime_dependencies_are_locked_at_a_version_that_they_allow(
    root: Path, pyproject: dict[str, Any]
) -> None:
    wanted = pyproject["project"]["dependencies"]
    assert _unmet(wanted, _pins(root, RUNTIME)) == []
    assert _unmet(wanted, _pins(root, DEVELOPMENT)) == []


def test_development_tools_are_locked_for_development_only(
    root: Path, pyproject: dict[str, Any]
) -> None:
    wanted = pyproject["project"]["optional-dependencies"]["dev"]
    assert _unmet(wanted, _pins(root, DEVELOPMENT)) == []
    shipped = _pins(root, RUNTIME)
    assert {"pytest", "mypy", "ruff", "hatchling"}.isdisjoint(shipped)


def test_the_build_backend_is_locked_as_pyproject_asks_for_it(
    root: Path, pyproject: dict[str, Any]
) -> None:
    wanted = pyproject["build-system"]["requires"]
    assert pyproject["dependency-groups"]["build"] == wanted
    assert _unmet(wanted, _pins(root, BUILD)) == []
    assert _unmet(wanted, _pins(root, DEVELOPMENT)) == []


@pytest.mark.parametrize("lock", [RUNTIME, BUILD])
def test_what_is_tested_is_what_is_shipped(root: Path, lock: str) -> None:
    """The smaller locks hold the very pins, and the very files, of the one that is tested with."""
    development = _pins(root, DEVELOPMENT)
    different = {
        name: (pin.version, development.get(name))
        for name, pin in _pins(root, lock).items()
        if development.get(name) != pin
    }
    assert different == {}
