"""What must not happen while arbitrary input is read: files or connections opened, or no end."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

_WATCHED: Final = ("open", "socket.connect", "subprocess.Popen", "socket.getaddrinfo", "os.system")
#: Modules, encodings among them, and time zones are read when they are first needed.
_LOADED: Final = (".py", ".pyc", ".so")
_ZONES: Final = ("zoneinfo", "tzdata")

_opened: list[str] = []
_watching = False


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watching or event not in _WATCHED:
        return
    name = str(arguments[0]) if arguments else ""
    if event == "open" and (name.endswith(_LOADED) or any(zone in name for zone in _ZONES)):
        return
    _opened.append(f"{event} {arguments}")


sys.addaudithook(_hook)


@contextmanager
def nothing_opened() -> Iterator[None]:
    """Fail when a file or a connection is opened inside."""
    global _watching
    _opened.clear()
    _watching = True
    try:
        yield
    finally:
        _watching = False
    assert not _opened


class NoEndError(AssertionError):
    """What was started did not come back."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Fail when what is inside takes longer; in the main thread only, as tests are."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise NoEndError(f"no answer within {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
