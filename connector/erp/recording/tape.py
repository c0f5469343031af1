"""
The file of a recording: one JSON object per line.

The first line says what it is. Then come, in the order in which they happened: orders that were
taken in, passes with their time, and calls. Everything in it has been sanitised before it got here.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TextIO

from connector.errors import ConfigurationError

VERSION: Final = 1
_KIND: Final = "recording of sd-connector"

Json = dict[str, Any]


class TapeWriter:
    """Writes a recording; any thread may write. Close it when done."""

    def __init__(self, file: TextIO, about: Mapping[str, Any]) -> None:
        self._file, self._lock, self.calls = file, threading.Lock(), 0
        self._write({"kind": _KIND, "version": VERSION, **about})

    def order(self, source: str, order: Json) -> None:
        """Note an order from outside."""
        self._write({"kind": "order", "source": source, "order": order})

    def unreadable(self, source: str) -> None:
        """Note that a message could not be read; its content stays away."""
        self._write({"kind": "unreadable", "source": source})

    def begin_pass(self, at: str) -> None:
        """Note that a pass begins, and what the clock says."""
        self._write({"kind": "pass", "at": at})

    def call(self, over: str, operation: str, request: Any, answer: Mapping[str, Any]) -> None:
        """Note a call; *answer* has either ``answer`` or ``error``."""
        with self._lock:
            self.calls += 1
            line = {"kind": "call", "n": self.calls, "over": over, "operation": operation}
            self._put({**line, "request": request, **answer})

    def _write(self, content: Mapping[str, Any]) -> None:
        with self._lock:
            self._put(content)

    def _put(self, content: Mapping[str, Any]) -> None:
        json.dump(content, self._file, ensure_ascii=False, separators=(",", ":"))
        self._file.write("\n")
        self._file.flush()


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """One call. ``answer`` is None where it ended with ``error``."""

    number: int
    over: str
    operation: str
    request: Any
    answer: Any
    error: Any


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording as read from its file."""

    about: Mapping[str, Any]
    orders: tuple[tuple[str, Json], ...] = ()
    passes: tuple[str, ...] = ()
    calls: tuple[RecordedCall, ...] = field(default_factory=tuple)


def read_recording(path: Path) -> Recording:
    """
    Read a file.

    Raises:
        ConfigurationError: it cannot be read, is no recording, or one of another version.
    """
    try:
        with path.open(encoding="utf-8") as lines:
            content = list(_objects(path, lines))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(str(path), f"cannot be read: {error}") from error
    about = content[0][1] if content else {}
    if about.get("kind") != _KIND:
        raise ConfigurationError(
            f"{path}, line 1", "is no recording", "Name a file that `erp record` has written"
        )
    if about.get("version") != VERSION:
        raise ConfigurationError(
            f"{path}, line 1",
            f"is a recording of version {about.get('version')}, expected {VERSION}",
            "Replay it with the release that recorded it",
        )
    orders, passes, calls = [], [], []
    for number, line in content[1:]:
        try:
            match line["kind"]:
                case "order":
                    orders.append((str(line["source"]), line["order"]))
                case "pass":
                    passes.append(str(line["at"]))
                case "call":
                    calls.append(_call(line))
        except (KeyError, TypeError) as error:
            raise ConfigurationError(f"{path}, line {number}", f"lacks {error}") from error
    return Recording(about, tuple(orders), tuple(passes), tuple(calls))


def _objects(path: Path, lines: TextIO) -> Iterator[tuple[int, Json]]:
    for number, line in enumerate(lines, 1):
        try:
            content = json.loads(line)
        except ValueError as error:
            raise ConfigurationError(
                f"{path}, line {number}", "is no JSON; the file may be cut off"
            ) from error
        if not isinstance(content, dict):
            raise ConfigurationError(f"{path}, line {number}", "expected an object")
        yield number, content


def _call(line: Json) -> RecordedCall:
    return RecordedCall(
        number=line["n"],
        over=line["over"],
        operation=line["operation"],
        request=line["request"],
        answer=line.get("answer"),
        error=line.get("error"),
    )
