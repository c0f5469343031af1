"""Faults on the line that wait for the call they were injected on, and are then used up."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Generic, TypeVar

F = TypeVar("F", bound=StrEnum)


@dataclass(slots=True)
class InjectedFault(Generic[F]):
    """
    A waiting fault. ``skip`` calls pass before it strikes, then it strikes ``times`` times.

    ``seconds`` is how long late work waits (None: until it is released), or a Retry-After.
    ``field`` is the one of an answer that is missing or of another type; empty: the first.
    """

    fault: F
    on: str
    times: int = 1
    skip: int = 0
    seconds: float | None = None
    field: str = ""


class WaitingFaults(Generic[F]):
    """The faults that wait, for all threads."""

    #: What a fault is called in messages.
    _called: ClassVar[str]

    def __init__(self, names: type[F]) -> None:
        self._names = names
        self._waiting: list[InjectedFault[F]] = []
        self._lock = threading.Lock()

    def waiting(self) -> tuple[tuple[str, str, int], ...]:
        """Return (name, call, times left) of what has not happened yet."""
        with self._lock:
            return tuple((each.fault.value, each.on, each.times) for each in self._waiting)

    def clear(self) -> None:
        """Forget all of them."""
        with self._lock:
            self._waiting.clear()

    def _named(self, name: str) -> F:
        """Return the fault *name*; raises ValueError with those that exist."""
        try:
            return self._names(name)
        except ValueError:
            known = ", ".join(f'"{each}"' for each in self._names)
            raise ValueError(f"unknown {self._called} {name!r}; known are: {known}") from None

    def _add(self, injected: InjectedFault[F]) -> None:
        """Let it wait; raises ValueError for times that are none."""
        if injected.times < 1 or injected.skip < 0:
            raise ValueError("times must be at least 1 and skip at least 0")
        with self._lock:
            self._waiting.append(injected)

    def _take(self, strikes: Callable[[InjectedFault[F]], bool]) -> InjectedFault[F] | None:
        """Return the oldest fault that *strikes* and has let pass what it skips, using one up."""
        with self._lock:
            for waiting in self._waiting:
                if not strikes(waiting):
                    continue
                if waiting.skip:
                    waiting.skip -= 1
                    continue
                waiting.times -= 1
                if not waiting.times:
                    self._waiting.remove(waiting)
                return waiting
        return None
