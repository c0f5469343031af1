"""
A hash of a set of texts that can be added up: of parts, and of what came and went since.

Each text gives a number of 2048 bits (SHAKE-128), and the hash of many is their sum modulo
2**2048. Order and grouping do not matter, a text that is there twice counts twice, and what is
taken away leaves no trace.

Source: AdHash of Bellare and Micciancio (1997). Finding other texts with the same sum is the
generalised birthday problem of Wagner (2002); sums of 256 bits would fall to it, sums of 2048 bits
leave the work near 2**90.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final, Self

#: Bytes of one number.
SIZE: Final = 256
_MASK: Final = (1 << (8 * SIZE)) - 1


class SetHash:
    """The hash of a multiset of texts; a value, added to and taken from."""

    __slots__ = ("_sum",)

    def __init__(self, total: int = 0) -> None:
        self._sum = total & _MASK

    @classmethod
    def of(cls, texts: Iterable[str]) -> Self:
        """Return the hash of *texts*, in any order."""
        shake, number = hashlib.shake_128, int.from_bytes
        return cls(sum(number(shake(text.encode()).digest(SIZE), "little") for text in texts))

    @classmethod
    def of_bytes(cls, contents: Iterable[bytes]) -> Self:
        """Return the hash of texts that are encoded already (UTF-8)."""
        shake, number = hashlib.shake_128, int.from_bytes
        return cls(sum(number(shake(content).digest(SIZE), "little") for content in contents))

    @classmethod
    def sum(cls, parts: Iterable[SetHash]) -> Self:
        """Return the hash of everything that *parts* are the hashes of."""
        return cls(sum(part._sum for part in parts))

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Read back what :meth:`to_bytes` wrote; raises ValueError for any other length."""
        if len(content) != SIZE:
            raise ValueError(f"{len(content)} bytes are no set hash, expected {SIZE}")
        return cls(int.from_bytes(content, "little"))

    def to_bytes(self) -> bytes:
        """Return the whole number, so that it can be added to later."""
        return self._sum.to_bytes(SIZE, "little")

    def hexdigest(self) -> str:
        """Return the SHA-256 of the number: short, and as hard to meet by another set."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    def __add__(self, other: SetHash) -> SetHash:
        return SetHash(self._sum + other._sum)

    def __sub__(self, other: SetHash) -> SetHash:
        return SetHash(self._sum - other._sum)

    def __bool__(self) -> bool:
        """Whether there is anything in it; nothing else adds up to zero."""
        return bool(self._sum)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SetHash) and self._sum == other._sum

    def __hash__(self) -> int:
        return hash(self._sum)

    def __repr__(self) -> str:
        return f"SetHash({self.hexdigest()[:12]})"
