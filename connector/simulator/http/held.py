"""Requests whose work is done late, whether or not the client is still there."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

#: How long `HeldRequests.release` waits for the thread of a held request, in seconds.
_RELEASE_S = 30.0


@dataclass(slots=True, eq=False)
class Held:
    """
    A held request. ``go`` lets it run; ``done`` says that it did.

    With ``run`` nobody waits for it: it runs in the thread that releases it.
    """

    run: Callable[[], object] | None = None
    go: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)


class HeldRequests:
    """All of them, for all threads."""

    def __init__(self) -> None:
        self._held: list[Held] = []
        self._timers: list[threading.Timer] = []
        self._lock = threading.Lock()
        self._closed = False

    def __len__(self) -> int:
        with self._lock:
            return len(self._held)

    def wait(self, seconds: float | None) -> Held:
        """Wait *seconds* (None: until released) and return what to mark as done."""
        held = Held()
        with self._lock:
            if not self._closed:
                self._held.append(held)
        if not self._closed:
            held.go.wait(seconds)
        with self._lock:
            if held in self._held:
                self._held.remove(held)
        return held

    def later(self, run: Callable[[], object], seconds: float | None) -> Held:
        """Run *run* after *seconds* (None: when released), in another thread."""
        held = Held(run)
        with self._lock:
            self._held.append(held)
            if seconds is not None:
                timer = threading.Timer(seconds, self._release, ([held],))
                timer.daemon = True
                self._timers.append(timer)
                timer.start()
        return held

    def release(self) -> int:
        """Let every held request be done now, and return how many there were."""
        with self._lock:
            held = list(self._held)
        self._release(held)
        return len(held)

    def close(self) -> None:
        """Forget those that nobody waits for, let the others go on."""
        with self._lock:
            self._closed = True
            held, self._held = self._held, []
            timers, self._timers = self._timers, []
        for timer in timers:
            timer.cancel()
        for each in held:
            each.go.set()
            if each.run is not None:
                each.done.set()
        for timer in timers:
            if timer is not threading.current_thread():
                timer.join(_RELEASE_S)

    def _release(self, requests: list[Held]) -> None:
        for held in requests:
            with self._lock:
                if held not in self._held:
                    continue
                self._held.remove(held)
            held.go.set()
            if held.run is None:
                held.done.wait(_RELEASE_S)
                continue
            try:
                held.run()
            finally:
                held.done.set()
