"""The example settings work as they are, wherever they are copied to."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from connector.bootstrap.application import Application
from connector.bootstrap.options import check_options
from connector.clock import SystemClock
from connector.resources import shipped
from connector.settings import load_settings

EXAMPLES = sorted(path.name for path in shipped("config").glob("connector*.yaml"))


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return Path(shutil.copytree(shipped("config"), tmp_path / "config"))


def test_there_is_an_example_for_ecc_and_one_for_s4() -> None:
    assert EXAMPLES == ["connector-s4.yaml", "connector.yaml"]


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_right_as_it_is(config: Path, name: str) -> None:
    settings = load_settings(config / name)
    check_options(settings)

    with Application(settings, SystemClock()) as application:
        assert application.channels
        assert application.erp.router.used()


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_is_commented_out_is_right_too(config: Path, name: str) -> None:
    """The sections of a real ERP become settings when their comment signs go."""
    lines = (config / name).read_text("utf-8").splitlines()
    live = [line.replace("  # ", "  ", 1) if line.startswith("  # ") else line for line in lines]
    (config / "secret").write_text("hush\n")
    content = yaml.safe_load("\n".join(live))["erp"]
    content["driver"] = "sap"
    for section in ("rfc", "odata", "soap"):
        if section in content:
            content[section]["password_file"] = "secret"
    (config / "real.yaml").write_text(yaml.safe_dump({"erp": {**content, "routes": {}}}))

    erp = load_settings(config / "real.yaml").erp

    assert erp.driver == "sap"
    assert erp.profile == ("s4" if "s4" in name else "ecc")
