"""The composition with a database server: no secret in it, and settings that fit together."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from connector.settings import load_settings
from connector.store.backend import parse_url


@pytest.fixture(scope="module")
def composed(root: Path) -> dict[str, Any]:
    """The file that is laid over compose.yaml."""
    loaded: dict[str, Any] = yaml.safe_load((root / "compose.postgresql.yaml").read_text("utf-8"))
    return loaded


def test_connector_and_server_mean_the_same_database(
    composed: dict[str, Any], root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secret = tmp_path / "store-password"
    secret.write_text("correct horse\n")
    wanted = composed["services"]["connector"]["environment"]
    for name, value in wanted.items():
        monkeypatch.setenv(name, value.replace("/run/secrets", str(tmp_path)))
    store = load_settings(root / "config/connector.yaml").store

    server = composed["services"]["database"]["environment"]
    address = parse_url(store.url)
    assert (address.username, address.database) == (server["POSTGRES_USER"], server["POSTGRES_DB"])
    assert address.host == "database"
    found = store.secret()
    assert found is not None
    assert found.get_secret_value() == "correct horse"


def test_the_password_is_a_file_that_is_not_part_of_the_repository(
    composed: dict[str, Any], root: Path
) -> None:
    [(name, secret)] = composed["secrets"].items()
    for service in composed["services"].values():
        assert service["secrets"] == [name]
        named = [value for key, value in service["environment"].items() if "PASSWORD" in key]
        assert named == [f"/run/secrets/{name}"]
    ignored = subprocess.run(
        ["git", "check-ignore", "--quiet", secret["file"]], cwd=root, check=False
    )
    assert ignored.returncode == 0


def test_the_image_of_the_server_is_pinned_to_a_version_and_to_no_registry(
    composed: dict[str, Any],
) -> None:
    name, _, version = composed["services"]["database"]["image"].partition(":")
    assert (name, version[:2].isdigit()) == ("postgres", True)


def test_the_data_of_the_server_outlive_it(composed: dict[str, Any]) -> None:
    [mount] = composed["services"]["database"]["volumes"]
    volume, _, folder = mount.partition(":")
    assert volume in composed["volumes"]
    assert folder == "/var/lib/postgresql/data"


def test_the_locked_image_has_the_driver(root: Path) -> None:
    locked = (root / "requirements-runtime.lock").read_text("utf-8")
    assert "\npsycopg==" in f"\n{locked}"
    assert "\npsycopg-binary==" in f"\n{locked}"
