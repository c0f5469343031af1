"""Places for sessions with the ERP: so many may be open, and those not in use rest for the next."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

from connector.errors import TransientError

S = TypeVar("S")


class Places(Generic[S]):
    """At most *limit* sessions, *called* so in messages; any thread may ask for a place."""

    def __init__(self, limit: int, wait_s: float, called: str = "sessions") -> None:
        self._limit, self._wait_s, self._called = limit, wait_s, called
        self._resting: list[S] = []
        self._taken = 0
        self._closed = False
        self._changed = threading.Condition()

    @property
    def in_use(self) -> int:
        """How many are taken or rest."""
        with self._changed:
            return self._taken + len(self._resting)

    def take(self) -> S | None:
        """
        Take a place, and the session that rested last if there is one.

        Raises:
            TransientError: none became free in time, or no more are given away.
        """
        with self._changed:
            free = self._changed.wait_for(
                lambda: self._closed or self._taken < self._limit, self._wait_s
            )
            if self._closed:
                raise TransientError("the sessions with the ERP are closed: the connector stops")
            if not free:
                raise TransientError(
                    f"all {self._limit} {self._called} with the ERP were busy for "
                    f"{self._wait_s:g} s"
                )
            self._taken += 1
            return self._resting.pop() if self._resting else None

    def rest(self, session: S) -> bool:
        """Give a place back with its *session*; False when nobody will use that any more."""
        with self._changed:
            if not self._closed:
                self._resting.append(session)
            self._release()
            return not self._closed

    def release(self) -> None:
        """Give a place back without a session."""
        with self._changed:
            self._release()

    def _release(self) -> None:
        self._taken -= 1
        self._changed.notify()

    def close(self) -> tuple[S, ...]:
        """Give away no more places; return the sessions that rest. May be repeated."""
        with self._changed:
            self._closed = True
            resting, self._resting = tuple(self._resting), []
            self._changed.notify_all()
        return resting
