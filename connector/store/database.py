"""Connections: readers and the one writer of a store, whichever database it lies in."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from connector.errors import ConfigurationError
from connector.store.backend import Backend, Writer
from connector.store.group_commit import GroupCommit

T = TypeVar("T")

#: How often work is tried when the connection is lost before anything of it can be durable.
_ATTEMPTS: Final = 2


class Database:
    """
    Readers and the one writer of a store.

    Without *writer* it is open for reading alone, and writing raises ConfigurationError. *alone*
    says that the writer has the sole right to work on orders.
    """

    def __init__(
        self, backend: Backend, *, writer: Writer | None, readers: int, alone: bool = False
    ) -> None:
        self._backend = backend
        self._alone = alone
        self._writer = writer
        self._reading = backend.readers(readers)
        self._commits = GroupCommit(writer.engine) if writer is not None else None

    @property
    def name(self) -> str:
        """What messages call it: the file, or the address without a password."""
        return self._backend.name

    @property
    def is_only_writer(self) -> bool:
        """Whether no other process works on the orders of this store, or still believes it does."""
        return self._alone and self._backend.right_ends_with_process

    def read(self, work: Callable[[Connection], T]) -> T:
        """
        Run *work* in a reading transaction: one consistent state of everything.

        *work* may be run twice, when the connection is lost.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with self._reading.begin() as connection:
                    return work(connection)
            except DBAPIError as error:
                if not error.connection_invalidated or attempt == _ATTEMPTS:
                    raise self._backend.explained(error) from error
        raise AssertionError("the last attempt returns or raises")

    def write(self, work: Callable[[Connection], T]) -> T:
        """
        Run *work* in a writing transaction; what it returns is durable.

        Transactions of all writers follow each other, so that what *work* reads holds until it is
        durable. It may be run twice.

        Raises:
            TransientError: the database cannot be reached, or is kept locked. Where the connection
                was lost at the very commit, what was written may be durable all the same.
        """
        if self._commits is None:
            raise ConfigurationError(
                self.name,
                "is open for reading alone",
                "Open the store for writing to change it",
            )
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return self._commits.run(work)
            except DBAPIError as error:
                # Without a statement it is the commit itself, of which nobody knows the outcome.
                is_safe = error.connection_invalidated and error.statement is not None
                if not is_safe or attempt == _ATTEMPTS:
                    raise self._backend.explained(error) from error
        raise AssertionError("the last attempt returns or raises")

    def exclusively(self, right: str, holder: str) -> AbstractContextManager[None]:
        """
        Hold a *right* that one caller has at a time; *holder* is shown to whoever is refused.

        Raises:
            RightTakenError: another process, or another thread of this one, has it.
        """
        return self._backend.exclusively(right, holder)

    def close(self) -> None:
        """Close all connections and give the writer's right back."""
        self._reading.dispose()
        if self._writer is not None:
            self._writer.close()
