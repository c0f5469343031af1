"""The daemon's sign of life tells a living daemon from a dead one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connector.daemon.heartbeat import Heartbeat, read_heartbeat, write_heartbeat
from connector.errors import ConfigurationError

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
SIGN = Heartbeat(at=NOW, process=4711, every_s=10, jobs={"intake": "ok", "status": "away"})


def test_what_was_written_is_read(tmp_path: Path) -> None:
    file = tmp_path / "var" / "heartbeat.json"

    write_heartbeat(file, SIGN)

    assert read_heartbeat(file) == SIGN
    assert [each.name for each in file.parent.iterdir()] == ["heartbeat.json"]


def test_it_is_fresh_until_three_signs_are_missing() -> None:
    assert SIGN.is_fresh(NOW + timedelta(seconds=30))
    assert not SIGN.is_fresh(NOW + timedelta(seconds=31))


def test_it_names_the_jobs_that_failed() -> None:
    assert SIGN.failed_jobs == {"status": "away"}


@pytest.mark.parametrize("content", [None, "", "{", "[]", '{"at": "yesterday"}'])
def test_no_file_and_no_readable_file_are_no_sign(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "heartbeat.json"
    if content is not None:
        file.write_text(content)

    assert read_heartbeat(file) is None


def test_a_place_that_cannot_be_written_names_the_setting(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(ConfigurationError, match=r"daemon\.heartbeat"):
        write_heartbeat(tmp_path / "file" / "heartbeat.json", SIGN)
