"""A set of texts that is only asked whether it has seen one, in little memory."""

from __future__ import annotations

import hashlib
from array import array
from typing import Final

_START: Final = 1 << 12


class SeenKeys:
    """
    Remembers texts by 64 bits of their hash, in about 16 bytes each.

    A set of text takes ten times as much, which counts with the millions of orders of a large
    file. Two of ten million texts share a hash with a probability of one in 400,000.
    """

    def __init__(self) -> None:
        self._slots = array("Q", bytes(8 * _START))
        self._count = 0

    def add(self, key: str) -> bool:
        """Remember *key* and tell whether it is new."""
        digest = hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        if not self._put(int.from_bytes(digest, "big") or 1):
            return False
        self._count += 1
        if self._count * 3 > len(self._slots) * 2:
            self._grow()
        return True

    def _put(self, value: int) -> bool:
        slots, mask = self._slots, len(self._slots) - 1
        place = value & mask
        while slots[place]:
            if slots[place] == value:
                return False
            place = (place + 1) & mask
        slots[place] = value
        return True

    def _grow(self) -> None:
        old = self._slots
        self._slots = array("Q", bytes(16 * len(old)))
        for value in old:
            if value:
                self._put(value)
