"""
The right to reconcile, which one process has at a time.

It is no lease but a lock that ends with its holder: whoever gets it knows that a run which was
started and not finished was killed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from connector.ports.reconciliation import ReconciliationRunningError
from connector.store.backend import RightTakenError
from connector.store.database import Database


@contextmanager
def exclusive_run(database: Database, holder: str) -> Iterator[None]:
    """
    Hold the right to reconcile in *database*; *holder* is shown to whoever is refused.

    Raises:
        ReconciliationRunningError: another process, or another thread of this one, has it.
    """
    try:
        with database.exclusively("reconcile", holder):
            yield
    except RightTakenError as error:
        raise ReconciliationRunningError(error.holder) from error
