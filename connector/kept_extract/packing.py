"""
Pieces in a ninth of their size: nearly all of a piece are the names of its fields.

DEFLATE (RFC 1951) with a dictionary that has these names once for all pieces of a file.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Final

#: Raw DEFLATE with the largest window.
_WINDOW: Final = -15
#: The fastest; what a higher level gains is not worth its time.
_LEVEL: Final = 1
_MEMORY: Final = 8
#: Setting up a dictionary takes time for each piece, by its length.
_LONGEST: Final = 12_000


@dataclass(frozen=True, slots=True, init=False)
class Packing:
    """Packs and unpacks with one *dictionary*."""

    dictionary: bytes

    def __init__(self, sample: bytes) -> None:
        object.__setattr__(self, "dictionary", sample[:_LONGEST])

    def pack(self, content: bytes) -> bytes:
        """Return *content* in less space."""
        packer = zlib.compressobj(
            _LEVEL, zlib.DEFLATED, _WINDOW, _MEMORY, zlib.Z_DEFAULT_STRATEGY, self.dictionary
        )
        return packer.compress(content) + packer.flush()

    def unpack(self, packed: bytes) -> bytes:
        """Return what was packed; raises zlib.error for anything else."""
        unpacker = zlib.decompressobj(_WINDOW, self.dictionary)
        content = unpacker.decompress(packed) + unpacker.flush()
        if not unpacker.eof:
            raise zlib.error("the end is missing")
        return content
