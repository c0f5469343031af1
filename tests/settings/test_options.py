"""Options of the connector's parts are checked by the part they are meant for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from connector.errors import ConfigurationError
from connector.settings import checked_options, load_settings

Write = Callable[[str], Path]


class Transport(BaseModel):
    model_config = ConfigDict(extra="forbid")
    sessions: int = 4
    user: str = ""


@dataclass(slots=True)
class Engine:
    update_delay: timedelta = timedelta(0)


def test_options_become_the_model_of_their_part(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SD_CONNECTOR__ERP__TRANSPORT__SESSIONS", "9")
    settings = load_settings(write("erp: {simulator: {engine: {update_delay: 2}}}"))

    assert checked_options(settings, "erp.transport", Transport, user="X") == Transport(
        sessions=9, user="X"
    )
    engine = checked_options(settings, "erp.simulator.engine", Engine)
    assert engine.update_delay == timedelta(seconds=2)


@pytest.mark.parametrize(
    ("key", "model", "content", "expected"),
    [
        (
            "erp.transport",
            Transport,
            "erp:\n  transport:\n    session: 2\n",
            r"line 3: erp.transport.session: there is no such setting. Did you mean sessions\?",
        ),
        (
            "erp.simulator.engine",
            Engine,
            "erp:\n  simulator:\n    engine: {update_dely: 2}\n",
            r"erp.simulator.engine.update_dely: there is no such .* mean update_delay\?",
        ),
        (
            "erp.transport",
            Transport,
            "erp: {transport: {sessions: few}}",
            "'few' is not allowed, expected a valid integer",
        ),
        ("erp.transport", Transport, "erp: {transport: {user: B}}", "set elsewhere"),
    ],
)
def test_wrong_options_are_named_like_wrong_settings(
    write: Write, key: str, model: type, content: str, expected: str
) -> None:
    settings = load_settings(write(content))

    with pytest.raises(ConfigurationError, match=expected):
        checked_options(settings, key, model, **({"user": "A"} if model is Transport else {}))
