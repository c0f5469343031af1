"""The store as one object, and how it is opened."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import SecretStr

from connector.errors import ConfigurationError
from connector.ports.order_records import OrderRecord
from connector.ports.store_records import FlowView
from connector.store.backend import Backend, backend_of
from connector.store.database import Database
from connector.store.events import SqlEvents
from connector.store.flows import SqlFlows
from connector.store.holds import SqlHolds
from connector.store.migrate import require_current, upgrade_locked
from connector.store.mirror import SqlMirror
from connector.store.orders import SqlOrders
from connector.store.reconciliation_log import SqlReconciliationLog
from connector.store.reconciliation_runs import SqlReconciliationRuns
from connector.store.statement_payments import SqlStatementPayments
from connector.store.statements import SqlStatements
from connector.store.steps import SqlSteps


class SqlStore:
    """Implements :class:`connector.ports.store.FlowStore`, and keeps the log of reconciliation."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.orders = SqlOrders(database)
        self.flows = SqlFlows(database)
        self.steps = SqlSteps(database)
        self.holds = SqlHolds(database)
        self.mirror = SqlMirror(database)
        self.events = SqlEvents(database)
        self.reconciliation_runs = SqlReconciliationRuns(database)
        self.reconciliation_log = SqlReconciliationLog(database)
        self.statements = SqlStatements(database)
        self.statement_payments = SqlStatementPayments(database)

    @property
    def name(self) -> str:
        """What messages call it: the file, or the address without a password."""
        return self._database.name

    def all_views(self, batch: int = 200) -> Iterator[FlowView]:
        after = 0
        while ids := self.flows.ids(after_id=after, limit=batch):
            yield from self.flows.views(ids)
            after = ids[-1]

    def order_records(self, batch: int = 1000) -> Iterator[OrderRecord]:
        after = 0
        while ids := self.flows.ids(after_id=after, limit=batch):
            yield from self.flows.records(ids)
            after = ids[-1]

    def order_fingerprints(self, batch: int = 5000) -> Iterator[tuple[int, bytes]]:
        after = 0
        while ids := self.flows.ids(after_id=after, limit=batch):
            yield from self.flows.fingerprints(ids)
            after = ids[-1]

    def close(self) -> None:
        self._database.close()


def open_store(
    url: str,
    *,
    upgrade: bool = False,
    readers: int = 16,
    password: SecretStr | None = None,
) -> SqlStore:
    """
    Open the store for writing; there is one such process per store.

    *upgrade* makes the tables or brings them up to date first; *readers* is how many threads may
    read at the same time.

    Raises:
        StoreInUseError: another process writes to it.
        ConfigurationError: no such store, no permission, or its tables are of another version.
        TransientError: the server cannot be reached.
    """
    backend = _existing(url, password, make=upgrade)
    writer = backend.writer(alone=True)
    try:
        if upgrade:
            upgrade_locked(backend, writer)
        return _checked(backend, Database(backend, writer=writer, readers=readers, alone=True))
    except BaseException:
        # The caller gets no store to close, and the right to write must be free again.
        writer.close()
        raise


def open_reader(url: str, *, readers: int = 4, password: SecretStr | None = None) -> SqlStore:
    """
    Open the store for reading alone: works beside a running daemon and needs no lock.

    Raises:
        ConfigurationError: no such store, or its tables are of another version.
        TransientError: the server cannot be reached.
    """
    backend = _existing(url, password)
    return _checked(backend, Database(backend, writer=None, readers=readers))


def open_beside(url: str, *, readers: int = 4, password: SecretStr | None = None) -> SqlStore:
    """
    Open the store for what a person decides, whether or not a daemon works on it.

    Each change is one transaction that checks the state it changes, so that it needs no lock.
    Whoever works on steps needs :func:`open_store`: only the lock's holder knows that leases of
    other processes are those of dead ones.

    Raises:
        ConfigurationError: no such store, no permission, or its tables are of another version.
        TransientError: the server cannot be reached.
    """
    backend = _existing(url, password)
    writer = backend.writer(alone=False)
    return _checked(backend, Database(backend, writer=writer, readers=readers))


def _existing(url: str, password: SecretStr | None, *, make: bool = False) -> Backend:
    backend = backend_of(url, password)
    if make:
        backend.prepare()
    elif not backend.exists():
        raise ConfigurationError(
            backend.name, "there is no store", "Run `sd-connector db upgrade` to make it"
        )
    return backend


def _checked(backend: Backend, database: Database) -> SqlStore:
    try:
        database.read(lambda connection: require_current(backend.name, connection))
    except BaseException:
        # As above: nobody else could close it.
        database.close()
        raise
    return SqlStore(database)
