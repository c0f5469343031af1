"""
Statements that are compiled once and handed to the driver as text.

For the few that run at every step of every order: the way from a statement object to the driver
costs several times what SQLite takes to run it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, CursorResult
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler

_Processor = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Text:
    """A compiled statement: its text, its parameters in order, and what is fixed among them."""

    text: str
    parameters: tuple[tuple[str, _Processor | None], ...]
    fixed: Mapping[str, Any]
    by_position: bool

    def values(self, given: Mapping[str, Any]) -> Any:
        """Return *given* as the driver wants it; KeyError for a parameter that is missing."""
        found = [
            (name, _converted(processor, given[name] if name in given else self.fixed[name]))
            for name, processor in self.parameters
        ]
        return tuple(value for _, value in found) if self.by_position else dict(found)


class Prepared:
    """
    A statement for values by the names of its parameters.

    Rows of what it returns hold what the driver gives, unconverted: numbers and texts.
    *columns* are those that an INSERT without values names.
    """

    def __init__(self, statement: ClauseElement, columns: Sequence[str] | None = None) -> None:
        self._statement, self._columns = statement, columns
        self._texts: dict[str, _Text] = {}

    def run(self, connection: Connection, values: Mapping[str, Any]) -> CursorResult[Any]:
        """Run it once."""
        text = self._on(connection)
        return connection.exec_driver_sql(text.text, text.values(values))

    def run_all(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run it for each of *rows*."""
        text = self._on(connection)
        if rows:
            connection.exec_driver_sql(text.text, [text.values(row) for row in rows])

    def _on(self, connection: Connection) -> _Text:
        dialect = connection.dialect
        found = self._texts.get(dialect.name)
        if found is None:
            compiled = self._statement.compile(dialect=dialect, column_keys=self._columns)
            assert isinstance(compiled, SQLCompiler)
            names = list(compiled.positiontup or compiled.binds)
            found = _Text(
                str(compiled),
                tuple((name, _processor(compiled, name)) for name in names),
                {
                    name: bind.value
                    for name, bind in compiled.binds.items()
                    if not bind.required and bind.callable is None
                },
                bool(compiled.positional),
            )
            self._texts[dialect.name] = found
        return found


def _processor(compiled: SQLCompiler, name: str) -> _Processor | None:
    return compiled.binds[name].type.dialect_impl(compiled.dialect).bind_processor(compiled.dialect)


def _converted(processor: _Processor | None, value: Any) -> Any:
    return value if processor is None else processor(value)
