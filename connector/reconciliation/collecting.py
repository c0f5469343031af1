"""Python's search for cycles, put off while a run makes and keeps millions of records."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_LOCK = threading.Lock()
_waiting = 0


@contextmanager
def without_cycle_search() -> Iterator[None]:
    """
    Put off the search for cycles among objects until the block ends, for the whole process.

    The records of a run are immutable and refer to each other in one direction only, so there is
    nothing to find among them; searching them again and again took two fifths of a run of 30,000
    lines, and more of a larger one. What has no cycles is still freed at once. Blocks may overlap
    in several threads; the last one to end lets the search go on, and a search that somebody else
    has switched off stays off.
    """
    global _waiting  # noqa: PLW0603 - the search is one of the process
    with _LOCK:
        if _waiting or gc.isenabled():
            _waiting += 1
            mine = True
            gc.disable()
        else:
            mine = False
    try:
        yield
    finally:
        if mine:
            with _LOCK:
                _waiting -= 1
                if not _waiting:
                    gc.enable()
