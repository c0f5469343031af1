"""
The right to reconcile, which one process has at a time.

It is no lease but a lock that ends with its holder: whoever gets it knows that a run which was
started and not finished was killed.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connector.errors import ConfigurationError
from connector.ports.reconciliation import ReconciliationRunningError
from connector.store.database import Database


@contextmanager
def exclusive_run(database: Database, holder: str) -> Iterator[None]:
    """
    Hold the right to reconcile in *database*; *holder* is shown to whoever is refused.

    Raises:
        ReconciliationRunningError: another process, or another thread of this one, has it.
    """
    with _file_lock(database.path.with_name(database.path.name + ".reconcile.lock"), holder):
        yield


@contextmanager
def _file_lock(path: Path, holder: str) -> Iterator[None]:
    try:
        file = path.open("a+", encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(
            str(path),
            f"cannot be written: {error.strerror}",
            "Check that the folder exists and that this user may write to it",
        ) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            raise ReconciliationRunningError(file.read().strip()) from error
        file.truncate(0)
        file.write(holder)
        file.flush()
        yield
