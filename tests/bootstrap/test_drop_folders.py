"""What is dropped into a channel's folder is read, or somebody is told."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from connector.bootstrap.application import Application
from connector.bootstrap.drop_folders import left_alone
from connector.clock import SystemClock
from connector.resources import shipped
from connector.settings import load_settings

CHANNELS = sorted(path.stem for path in shipped("config/channels").glob("*.yaml"))


def application_of(folder: Path, channel: str, **options: object) -> Application:
    """Return an application with *channel*, whose drop folder is *folder*."""
    config = shipped("config")
    folder.mkdir()
    settings = {
        "store": {"url": "sqlite:///store.sqlite3"},
        "channels": {
            channel: {
                "path": str(folder),
                "settle_s": 0,
                "profile": str(config / "channels" / f"{channel}.yaml"),
                "rules": str(config / "mappings" / f"{channel}.yaml"),
                **options,
            }
        },
        "plans": str(config / "plans"),
    }
    file = folder.with_name("connector.yaml")
    file.write_text(yaml.safe_dump(settings), "utf-8")
    return Application(load_settings(file), SystemClock(), read_only=True)


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_channel_without_patterns_reads_the_files_of_its_format(
    tmp_path: Path, channel: str
) -> None:
    case = sorted(shipped(f"fixtures/orders/{channel}").iterdir())[0]
    messages = sorted(case.glob("order*.*"))
    with application_of(tmp_path / "inbox", channel) as application:
        for message in messages:
            shutil.copyfile(message, tmp_path / "inbox" / message.name)

        received = list(application.channel(channel).channel.receive())

        assert messages
        assert received
        assert left_alone(application) == []


def test_files_that_match_no_pattern_are_told_with_their_names(tmp_path: Path) -> None:
    with application_of(tmp_path / "inbox", "edifact", patterns=["*.edi"]) as application:
        for number in range(7):
            (tmp_path / "inbox" / f"{number}.txt").touch()

        (found,) = left_alone(application)

    assert found.problem == (
        "7 files are left alone, as no name matches *.edi: "
        "0.txt, 1.txt, 2.txt, 3.txt, 4.txt, and more"
    )
