"""The image and its composition: not root, nothing writable but the state, everything pinned."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy.engine import make_url

from connector.settings import Settings, load_settings

STATE = "/var/lib/sd-connector"


@pytest.fixture(scope="module")
def stages(root: Path) -> list[list[tuple[str, str]]]:
    """The Dockerfile as stages of instructions, continuation lines joined."""
    text = (root / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    found: list[list[tuple[str, str]]] = []
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        instruction, _, rest = line.partition(" ")
        if instruction == "FROM":
            found.append([])
        if found:
            found[-1].append((instruction, rest.strip()))
    return found


@pytest.fixture(scope="module")
def services(root: Path) -> dict[str, Any]:
    """The services of compose.yaml."""
    loaded = yaml.safe_load((root / "compose.yaml").read_text("utf-8"))
    services: dict[str, Any] = loaded["services"]
    return services


def _values(stage: list[tuple[str, str]], instruction: str) -> list[str]:
    return [rest for name, rest in stage if name == instruction]


def test_the_image_does_not_run_as_root(stages: list[list[tuple[str, str]]]) -> None:
    assert _values(stages[-1], "USER") == ["10001:10001"]
    names = [name for name, _ in stages[-1]]
    assert "RUN" not in names[names.index("USER") :]


def test_the_image_runs_the_daemon_and_can_be_asked_how_it_is(
    stages: list[list[tuple[str, str]]],
) -> None:
    final = stages[-1]
    assert json.loads(_values(final, "ENTRYPOINT")[0]) == ["sd-connector"]
    assert json.loads(_values(final, "CMD")[0]) == ["run"]
    (health,) = _values(final, "HEALTHCHECK")
    assert json.loads(health.partition("CMD ")[2]) == ["sd-connector", "health"]


@pytest.fixture
def in_the_image(
    stages: list[list[tuple[str, str]]],
    root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """A folder that stands for the image's root, with its settings and its environment."""
    for name in [name for name in os.environ if name.startswith("SD_CONNECTOR")]:
        monkeypatch.delenv(name)
    (tmp_path / "etc").mkdir()
    shutil.copytree(root / "config", tmp_path / "etc/sd-connector")
    made = " ".join(_values(stages[-1], "RUN"))
    for folder in re.findall(rf"(?<= ){STATE}\S*(?= )", made.partition("install -d")[2]):
        (tmp_path / folder[1:]).mkdir(parents=True, exist_ok=True)
    (linked, link), *_ = re.findall(r"ln -s (\S+) (\S+)", made)
    (tmp_path / link[1:]).symlink_to(tmp_path / linked[1:])
    return tmp_path


def _settings(image: Path) -> Settings:
    return load_settings(image / "etc/sd-connector/connector.yaml")


def test_all_that_changes_is_in_the_volume(
    stages: list[list[tuple[str, str]]], in_the_image: Path
) -> None:
    """So the root file system can be mounted read-only."""
    assert _values(stages[-1], "VOLUME") == [STATE]
    settings = _settings(in_the_image)
    state = in_the_image / STATE[1:]
    written = [settings.daemon.heartbeat, Path(str(make_url(settings.store.url).database))]
    written += [settings.erp.simulator.state or state]
    written += [channel.path for channel in settings.channels.values()]
    assert [path for path in written if not path.resolve().is_relative_to(state)] == []


def test_the_drop_folders_are_there_from_the_start(in_the_image: Path) -> None:
    channels = _settings(in_the_image).channels
    assert channels
    assert [name for name, channel in channels.items() if not channel.path.is_dir()] == []


def test_the_composed_connector_talks_to_the_composed_erp(
    services: dict[str, Any], in_the_image: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in services["connector"]["environment"].items():
        monkeypatch.setenv(name, value)
    options = (option for option in services["erp"]["command"] if "=" in option)
    served = dict(option.removeprefix("--").split("=") for option in options)

    erp = _settings(in_the_image).erp

    assert erp.simulator.address == f"erp:{served['rfc-port']}"
    assert erp.simulator.http_url == f"http://erp:{served['http-port']}"
    assert erp.profile == "ecc"
    assert served["state"].startswith(f"{STATE}/")


def test_the_image_installs_nothing_that_is_not_pinned(
    stages: list[list[tuple[str, str]]],
) -> None:
    commands = [
        command
        for stage in stages
        for run in _values(stage, "RUN")
        for command in run.split("&&")
        if "pip install" in command
    ]
    assert len(commands) == 3
    for command in commands:
        from_lock = "--require-hashes --only-binary :all: -r requirements-" in command
        own_wheel = "--no-index --no-deps dist/*.whl" in command
        assert from_lock or own_wheel, command


def test_the_final_stage_takes_from_the_builder_only_what_runs(
    stages: list[list[tuple[str, str]]],
) -> None:
    assert _values(stages[-1], "COPY") == [
        "--from=builder /opt/sd-connector /opt/sd-connector",
        "config /etc/sd-connector",
    ]


def test_everything_the_image_copies_is_there_and_let_in(
    stages: list[list[tuple[str, str]]], root: Path
) -> None:
    let_in = {
        line[1:]
        for line in (root / ".dockerignore").read_text("utf-8").splitlines()
        if line.startswith("!")
    }
    copied = {
        source
        for stage in stages
        for rest in _values(stage, "COPY")
        if not rest.startswith("--from")
        for source in rest.split()[:-1]
    }
    assert copied == let_in
    assert [name for name in copied if not (root / name).exists()] == []


def test_the_base_image_has_a_python_that_the_project_supports(
    root: Path, pyproject: dict[str, Any]
) -> None:
    found = re.search(
        r"^ARG PYTHON=(\d+\.\d+)-slim", (root / "Dockerfile").read_text("utf-8"), re.MULTILINE
    )
    assert found
    classifiers = pyproject["project"]["classifiers"]
    assert f"Programming Language :: Python :: {found[1]}" in classifiers


def test_every_service_is_confined(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert "/tmp" in service["tmpfs"], name
        assert "privileged" not in service, name


def test_no_service_is_reachable_from_outside_the_machine(services: dict[str, Any]) -> None:
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert [port for port in ports if not str(port).startswith("127.0.0.1:")] == []


def test_each_service_keeps_its_own_state(services: dict[str, Any], root: Path) -> None:
    """Two services on one SQLite folder would be two writers."""
    loaded = yaml.safe_load((root / "compose.yaml").read_text("utf-8"))
    states = [
        volume.partition(":")[0]
        for service in services.values()
        for volume in service["volumes"]
        if volume.endswith(f":{STATE}")
    ]
    assert len(states) == len(set(states)) == len(services)
    assert set(states) <= set(loaded["volumes"])
