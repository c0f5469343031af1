"""
RFC_READ_TABLE: rows of a table as text.

Limits of the function, each met here: a row of the answer has 512 characters, so many fields are
read in several goes and joined by key; a line of the selection has 72 characters and no literal may
be broken; long lists of values are read in several goes. Amounts (CURR) come as they are stored,
shifted by the currency's decimals: see `wire.stored_money`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, TypeVar

from connector.erp.rfc.options import RfcOptions
from connector.erp.rfc.session import CallFailed, Session
from connector.erp.rfc.tables import Table

FUNCTION: Final = "RFC_READ_TABLE"

T = TypeVar("T")

_ROW_WIDTH: Final = 512
_LINE_WIDTH: Final = 72

#: A row by field name; every value is text without trailing blanks.
TableRow = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Condition:
    """
    A condition as words of the selection. ``values`` are those of a list that may be divided.

    Conditions are joined with AND.
    """

    words: tuple[str, ...]
    field: str = ""
    values: tuple[str, ...] = ()

    def spelled(self) -> tuple[str, ...]:
        """Return all words, the list's values included."""
        if not self.field:
            return self.words
        if len(self.values) == 1:
            return (self.field, "=", literal(self.values[0]))
        first, *between, last = (literal(value) for value in self.values)
        return (self.field, "IN", f"({first},", *(f"{each}," for each in between), f"{last})")


def equals(field: str, value: str) -> Condition:
    """The field has the value; texts compare with case."""
    return Condition((field, "=", literal(value)))


def differs(field: str, value: str) -> Condition:
    """The field has another value."""
    return Condition((field, "<>", literal(value)))


def at_least(field: str, value: str) -> Condition:
    """The field is the value or higher."""
    return Condition((field, ">=", literal(value)))


def at_most(field: str, value: str) -> Condition:
    """The field is the value or lower."""
    return Condition((field, "<=", literal(value)))


def above(field: str, value: str) -> Condition:
    """The field is higher than the value."""
    return Condition((field, ">", literal(value)))


def below(field: str, value: str) -> Condition:
    """The field is lower than the value."""
    return Condition((field, "<", literal(value)))


def any_of(field: str, values: Iterable[str]) -> Condition:
    """The field has one of the values; without values no row fits."""
    return Condition((), field, tuple(dict.fromkeys(values)))


def either(*conditions: Condition) -> Condition:
    """
    One of *conditions* is met; those with a list without values never are.

    Its lists are not divided over several calls: keep them short.
    """
    words: list[str] = []
    for condition in conditions:
        if not (condition.field and not condition.values):
            words += ["OR"] if words else []
            words += condition.spelled()
    return Condition(("(", *words, ")")) if words else Condition((), "-", ())


def literal(value: str) -> str:
    """Return *value* in quotes, quotes in it doubled."""
    return "'" + value.replace("'", "''") + "'"


def option_lines(conditions: Iterable[Condition]) -> list[dict[str, str]]:
    """
    Return *conditions* as lines of at most 72 characters that break between words only.

    Raises ValueError for a literal that fits no line.
    """
    words: list[str] = []
    for condition in conditions:
        words += ["AND"] if words else []
        words += condition.spelled()
    lines: list[str] = []
    for word in words:
        if len(word) > _LINE_WIDTH:
            raise ValueError(f"a value of {len(word)} characters cannot be searched for")
        if lines and len(lines[-1]) + 1 + len(word) <= _LINE_WIDTH:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return [{"TEXT": line} for line in lines]


def chunks(values: Sequence[T], size: int) -> list[Sequence[T]]:
    """Return *values* in parts of at most *size*."""
    return [values[start : start + size] for start in range(0, len(values), size)]


def number(text: str) -> Decimal:
    """Read a packed number; the sign stands behind. ValueError when it did not fit its column."""
    if "*" in text:
        raise ValueError("a number was too wide for its column")
    bare = text.strip()
    return -Decimal(bare[:-1].strip()) if bare.endswith("-") else Decimal(bare or 0)


@dataclass(frozen=True, slots=True)
class ReadTable:
    """Reads tables in one session."""

    session: Session
    options: RfcOptions

    def rows(
        self, table: Table, fields: Sequence[str], *conditions: Condition
    ) -> list[dict[str, str]]:
        """
        Return *fields* of all rows of *table* that fit, in no particular order.

        The longest list among *conditions* is divided over several calls; rows that change their
        key between two calls of one read are left out.

        Raises:
            CallFailed: a call failed.
            ValueError: a value cannot be put into a selection.
        """
        if any(condition.field and not condition.values for condition in conditions):
            return []
        found: list[dict[str, str]] = []
        for selection in _divided(conditions, self.options.values_per_selection):
            lines = option_lines(selection)
            goes = list(_goes(table, fields, bool(self.options.delimiter)))
            answers = [self._read(table.name, go, lines) for go in goes]
            found += answers[0] if len(answers) == 1 else _joined(answers, table.key)
        return found

    def look_at(self, table: Table) -> None:
        """
        Ask for nothing but the columns of *table*: the ERP checks that it may be read.

        Raises CallFailed when it may not, or does not exist.
        """
        self._call(table.name, NO_DATA="X", FIELDS=[{"FIELDNAME": name} for name in table.key])

    def _read(
        self, table: str, fields: Sequence[str], lines: list[dict[str, str]]
    ) -> list[dict[str, str]]:
        delimiter = self.options.delimiter
        answer = self._call(
            table,
            DELIMITER=delimiter,
            OPTIONS=lines,
            FIELDS=[{"FIELDNAME": name} for name in fields],
        )
        columns = answer["FIELDS"]
        if delimiter:
            return [_split(row["WA"], columns, delimiter) for row in answer["DATA"]]
        spans = [
            (
                column["FIELDNAME"],
                int(column["OFFSET"]),
                int(column["OFFSET"]) + int(column["LENGTH"]),
            )
            for column in columns
        ]
        return [
            {name: row["WA"][start:end].strip() for name, start, end in spans}
            for row in answer["DATA"]
        ]

    def _call(self, table: str, **parameters: Any) -> dict[str, Any]:
        try:
            return self.session.call(FUNCTION, QUERY_TABLE=table, **parameters)
        except CallFailed as failure:
            # Whoever has to help needs to know which table it was.
            raise CallFailed(f"{FUNCTION} {table}", failure.error) from failure.error


def _split(row: str, columns: Iterable[Mapping[str, Any]], delimiter: str) -> dict[str, str]:
    values = row.split(delimiter)
    names = [column["FIELDNAME"] for column in columns]
    if len(values) != len(names):
        raise ValueError(
            f"a row has {len(values)} columns instead of {len(names)}: the delimiter "
            f"{delimiter!r} occurs in a value"
        )
    return {name: value.strip() for name, value in zip(names, values, strict=True)}


def _divided(conditions: Sequence[Condition], most: int) -> Iterator[Sequence[Condition]]:
    """Yield *conditions* once for every part of their longest list."""
    longest = max(conditions, key=lambda each: len(each.values), default=None)
    if longest is None or len(longest.values) <= most:
        yield conditions
        return
    at = conditions.index(longest)
    for start in range(0, len(longest.values), most):
        part = Condition((), longest.field, longest.values[start : start + most])
        yield [*conditions[:at], part, *conditions[at + 1 :]]


def _goes(table: Table, fields: Sequence[str], delimited: bool) -> Iterator[Sequence[str]]:
    """Yield the fields of each read; where there are several, each has the key."""
    extra = 1 if delimited else 0
    if sum(table.widths[name] + extra for name in fields) <= _ROW_WIDTH:
        yield fields
        return
    key_width = sum(table.widths[name] + extra for name in table.key)
    go, width = list(table.key), key_width
    for name in fields:
        if name in table.key:
            continue
        if width + table.widths[name] + extra > _ROW_WIDTH:
            yield go
            go, width = list(table.key), key_width
        go.append(name)
        width += table.widths[name] + extra
    yield go


def _joined(
    answers: Sequence[list[dict[str, str]]], key: Sequence[str]
) -> Iterator[dict[str, str]]:
    others = [{tuple(row[name] for name in key): row for row in answer} for answer in answers[1:]]
    for row in answers[0]:
        identity = tuple(row[name] for name in key)
        if all(identity in rows for rows in others):
            joined = dict(row)
            for rows in others:
                joined |= rows[identity]
            yield joined
