"""Locks on documents: held by a unit of work until its update is finished."""

from __future__ import annotations

LockKey = tuple[str, ...]


class LockTable:
    """Exclusive locks by key, each owned by one unit of work (its id) of a user."""

    def __init__(self) -> None:
        self._owners: dict[LockKey, tuple[int, str]] = {}

    def acquire(self, key: LockKey, owner: int, user: str) -> str | None:
        """Take the lock and return None; held by another unit of work: return its user."""
        holder = self._owners.setdefault(key, (owner, user))
        return None if holder[0] == owner else holder[1]

    def release(self, key: LockKey, owner: int) -> None:
        """Give the lock back, if *owner* holds it."""
        if self._owners.get(key, (None, ""))[0] == owner:
            del self._owners[key]

    def clear(self) -> None:
        """Release everything."""
        self._owners.clear()

    def __len__(self) -> int:
        return len(self._owners)
