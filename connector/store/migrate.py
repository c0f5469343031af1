"""Bring a store's tables to what this version of the connector needs."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from pydantic import SecretStr
from sqlalchemy import Connection, inspect
from sqlalchemy.exc import DBAPIError

from connector.errors import ConfigurationError
from connector.store.backend import Backend, Writer, backend_of


def upgrade(url: str, password: SecretStr | None = None) -> str:
    """
    Create the store or bring it up to date; returns the revision it has then.

    Raises:
        StoreInUseError: a daemon is running on it.
        ConfigurationError: no permission, no folder, the store is of a newer version, or it is
            another program's database.
        TransientError: the server cannot be reached.
    """
    backend = backend_of(url, password)
    backend.prepare()
    writer = backend.writer(alone=True)
    try:
        return upgrade_locked(backend, writer)
    finally:
        writer.close()


def upgrade_locked(backend: Backend, writer: Writer) -> str:
    """As :func:`upgrade`, for whoever has the sole right to write already."""
    try:
        with writer.engine.begin() as connection:
            _refuse_newer(backend.name, connection)
            _refuse_foreign(backend.name, connection)
            build_tables(connection)
            return current_revision(connection)
    except DBAPIError as error:
        raise backend.explained(error) from error


def build_tables(connection: Connection) -> None:
    """Run the migrations that are missing, in the transaction of *connection*."""
    command.upgrade(_config(connection), "head")


def is_unmade(url: str, password: SecretStr | None = None) -> bool:
    """
    Tell whether nothing of a store is there yet: no file, or an empty database.

    The latter is what a process leaves that ended while it made the store.
    """
    backend = backend_of(url, password)
    if not backend.exists():
        return True
    engine = backend.readers(1)
    try:
        with engine.connect() as connection:
            return not inspect(connection).get_table_names()
    except DBAPIError:
        # Whatever it is, it is not nothing: opening it says what is wrong.
        return False
    finally:
        engine.dispose()


def head_revision() -> str:
    """Return the revision that this version of the connector needs."""
    head = ScriptDirectory.from_config(_config(None)).get_current_head()
    return head or ""


def current_revision(connection: Connection) -> str:
    """Return the revision of the store behind *connection*, empty when it has no tables."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def require_current(name: str, connection: Connection) -> None:
    """Raise ConfigurationError, saying what to do, unless the store has the needed revision."""
    current, needed = current_revision(connection), head_revision()
    if current == needed:
        return
    _refuse_newer(name, connection)
    raise ConfigurationError(
        name,
        f"its tables are of revision {current or 'none'}, this version needs {needed}",
        "Run `sd-connector db upgrade`",
    )


def _refuse_newer(name: str, connection: Connection) -> None:
    current = current_revision(connection)
    known = {
        script.revision for script in ScriptDirectory.from_config(_config(None)).walk_revisions()
    }
    if current and current not in known:
        raise ConfigurationError(
            name,
            f"its tables are of revision {current}, which this version does not know",
            "Install the version of the connector that made them, or a newer one",
        )


def _refuse_foreign(name: str, connection: Connection) -> None:
    """Tables without a revision were made by another program; they stay as they are."""
    tables = inspect(connection).get_table_names()
    if tables and not current_revision(connection):
        raise ConfigurationError(
            name,
            f"it is no store of the connector: it holds tables of something else ({tables[0]})",
            "Name another file or database as store.url; its tables were left as they are",
        )


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", "connector.store:migrations")
    config.attributes["connection"] = connection
    return config
