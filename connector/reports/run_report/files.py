"""Files that appear under their name when all of them is written, and not before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """
    Yield a file beside *path* to write; it takes its place at the end, and is gone after an error.

    Raises:
        OSError: it cannot be moved to *path*.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
