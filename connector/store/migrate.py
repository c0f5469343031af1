"""Bring a store's tables to what this version of the connector needs."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect
from sqlalchemy.exc import DBAPIError

from connector.errors import ConfigurationError
from connector.store.database import database_path, explained, open_engine
from connector.store.lock import WriterLock


def upgrade(url: str) -> str:
    """
    Create the store or bring it up to date; returns the revision it has then.

    Raises:
        StoreInUseError: a daemon is running on it.
        ConfigurationError: no permission, no folder, the store is of a newer version, or it is
            another program's database.
    """
    path = database_path(url)
    _make_folder(path.parent)
    with WriterLock(path):
        return upgrade_locked(path)


def upgrade_locked(path: Path) -> str:
    """As :func:`upgrade`, for whoever holds the writer's lock of *path* already."""
    engine = open_engine(path, writes=True, connections=1)
    try:
        with engine.begin() as connection:
            _refuse_newer(path, connection)
            _refuse_foreign(path, connection)
            command.upgrade(_config(connection), "head")
            return current_revision(connection)
    except DBAPIError as error:
        raise explained(error, path) from error
    finally:
        engine.dispose()


def is_unmade(url: str) -> bool:
    """
    Tell whether nothing of a store is there yet: no file, or an empty database.

    The latter is what a process leaves that ended while it made the store.
    """
    path = database_path(url)
    if not path.exists():
        return True
    engine = open_engine(path, writes=False, connections=1)
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


def require_current(path: Path, connection: Connection) -> None:
    """Raise ConfigurationError, saying what to do, unless the store has the needed revision."""
    current, needed = current_revision(connection), head_revision()
    if current == needed:
        return
    _refuse_newer(path, connection)
    raise ConfigurationError(
        str(path),
        f"its tables are of revision {current or 'none'}, this version needs {needed}",
        "Run `sd-connector db upgrade`",
    )


def _refuse_newer(path: Path, connection: Connection) -> None:
    current = current_revision(connection)
    known = {
        script.revision for script in ScriptDirectory.from_config(_config(None)).walk_revisions()
    }
    if current and current not in known:
        raise ConfigurationError(
            str(path),
            f"its tables are of revision {current}, which this version does not know",
            "Install the version of the connector that made them, or a newer one",
        )


def _refuse_foreign(path: Path, connection: Connection) -> None:
    """Tables without a revision were made by another program; they stay as they are."""
    tables = inspect(connection).get_table_names()
    if tables and not current_revision(connection):
        raise ConfigurationError(
            str(path),
            f"it is no store of the connector: it holds tables of something else ({tables[0]})",
            "Name another file as store.url; its tables were left as they are",
        )


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            str(folder),
            f"cannot be made: {error.strerror}",
            "Choose a folder that this user may write to",
        ) from error


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", "connector.store:migrations")
    config.attributes["connection"] = connection
    return config
