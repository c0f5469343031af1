"""What a failure of PostgreSQL means: to be tried again, or to be put right by a person."""

from __future__ import annotations

from typing import Final

from sqlalchemy.exc import DBAPIError

from connector.errors import ConfigurationError, ConnectorError, TransientError

#: By SQLSTATE: the same work may succeed a little later.
_LATER: Final = {
    "55P03": "another program keeps the database locked",
    "40P01": "another program and this one waited for each other",
    "40001": "another program changed what was read",
    "53300": "the server has no free connection",
    "57014": "the server cancelled the statement",
}
#: By SQLSTATE: a person has to do something.
_PUT_RIGHT: Final = {
    "42P01": ("the store has no tables yet", "Run `sd-connector db upgrade`"),
    "42501": (
        "this user may not read or write all of the store",
        "Let it own the database, or grant it what is missing",
    ),
    "25006": (
        "the server takes no changes",
        "Name the primary server as store.url, not one that follows it",
    ),
    "53100": ("the disk is full", "Free some space; nothing was lost or half written"),
}
#: Words of a refused log-on, for which libpq gives no code.
_REFUSED: Final = (
    (
        "password authentication failed",
        "the server refuses user or password",
        "Correct the user in store.url, or the password that was given beside it",
    ),
    (
        "no password supplied",
        "the server wants a password",
        "Set SD_CONNECTOR__STORE__PASSWORD, or name a file with it in store.password_file",
    ),
    (
        "pg_hba.conf",
        "the server does not let this user connect from here",
        "Let whoever looks after the server allow it (pg_hba.conf)",
    ),
    (
        'role "',
        "the server does not know the user",
        "Correct the user in store.url, or make it: CREATE ROLE",
    ),
    (
        'database "',
        "the server has no such database",
        "Correct store.url, or make it: CREATE DATABASE, with ENCODING 'UTF8'",
    ),
)


def explained(error: DBAPIError, name: str) -> ConnectorError:
    """Return what *error* of the store called *name* means; never with values of rows."""
    state = getattr(error.orig, "sqlstate", None) or ""
    words = _first_line(error)
    if state in _LATER:
        return TransientError(f"{name}: {_LATER[state]} ({words})")
    if error.connection_invalidated or state[:2] in {"08", "57"}:
        return TransientError(f"{name}: the connection to the server was lost ({words})")
    if state in _PUT_RIGHT:
        problem, remedy = _PUT_RIGHT[state]
        return ConfigurationError(name, f"{problem} ({words})", remedy)
    if not state:
        for sign, problem, remedy in _REFUSED:
            if sign in words:
                return ConfigurationError(name, f"{problem} ({words})", remedy)
        if _is_from_connecting(error):
            return TransientError(f"{name}: the server cannot be reached ({words})")
    return ConfigurationError(name, f"the database failed: {words}")


def _is_from_connecting(error: DBAPIError) -> bool:
    return error.statement is None and type(error.orig).__name__ in {
        "OperationalError",
        "ConnectionTimeout",
    }


def _first_line(error: DBAPIError) -> str:
    # The lines below hold details: rows with their values.
    diagnosis = getattr(error.orig, "diag", None)
    primary = getattr(diagnosis, "message_primary", None)
    text = str(primary or error.orig or error).strip()
    return text.splitlines()[0].strip() if text else "no reason given"
