"""One entity or complex value of an answer, read by field with the type that the caller expects."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, TypeVar

from connector.erp.odata import values
from connector.erp.odata.errors import AnswerUnclearError

_T = TypeVar("_T")


class Row:
    """
    Read-only; a field that is missing or of another type raises AnswerUnclearError.

    ``entity`` is the entity type without its namespace, ``etag`` and ``uri`` are empty where the
    answer has none.
    """

    __slots__ = ("_fields", "entity", "etag", "uri")

    def __init__(self, fields: Mapping[str, Any], entity: str = "", etag: str = "") -> None:
        self._fields = fields
        raw = fields.get("__metadata")
        metadata: Mapping[str, Any] = raw if isinstance(raw, dict) else {}
        self.entity = str(metadata.get("type") or entity or "answer").rpartition(".")[2]
        self.etag = str(metadata.get("etag") or etag)
        self.uri = str(metadata.get("uri") or "")

    def __contains__(self, name: object) -> bool:
        return name in self._fields

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def text(self, name: str) -> str:
        """Return a string; null is the empty string, as SAP keeps no null for characters."""
        value = self._field(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise AnswerUnclearError(self.entity, name, "expected text")
        return value

    def text_or(self, name: str, default: str = "") -> str:
        """Return a string, *default* where the release has no such field."""
        return self.text(name) if name in self._fields else default

    def decimal(self, name: str) -> Decimal:
        """Return an Edm.Decimal; null and the empty string are zero, SAP's initial value."""
        return self._read(name, values.read_decimal, Decimal(0))

    def integer(self, name: str) -> int:
        """Return an integer; null is zero."""
        return self._read(name, values.read_integer, 0)

    def boolean(self, name: str) -> bool:
        """Return an Edm.Boolean; null is false."""
        return self._read(name, values.read_boolean, False)

    def date(self, name: str) -> date | None:
        """Return the calendar date of an Edm.DateTime, None for null."""
        return self._read(name, values.read_date, None)

    def time(self, name: str) -> time | None:
        """Return an Edm.Time, None for null."""
        return self._read(name, values.read_time, None)

    def instant(self, name: str) -> datetime | None:
        """Return the aware UTC instant of an Edm.DateTimeOffset, None for null."""
        return self._read(name, values.read_instant, None)

    def binary(self, name: str) -> bytes:
        """Return an Edm.Binary, which is base64 in JSON."""
        try:
            return base64.b64decode(self.text(name), validate=True)
        except binascii.Error as error:
            raise AnswerUnclearError(self.entity, name, "expected base64") from error

    def rows(self, name: str) -> tuple[Row, ...]:
        """Return an expanded collection; AnswerUnclearError when it was not expanded."""
        value = self._field(name)
        if isinstance(value, dict) and isinstance(value.get("results"), list):
            value = value["results"]
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            raise AnswerUnclearError(self.entity, name, "expected an expanded collection")
        return tuple(Row(each, name) for each in value)

    def row(self, name: str) -> Row | None:
        """Return an expanded entity or a complex value, None for null."""
        value = self._field(name)
        if value is None:
            return None
        if not isinstance(value, dict) or "__deferred" in value:
            raise AnswerUnclearError(self.entity, name, "expected an expanded entity")
        return Row(value, name)

    def next_link(self, name: str) -> str:
        """Return where the rest of an expanded collection is, empty when it is complete."""
        value = self._field(name)
        link = value.get("__next") if isinstance(value, dict) else None
        return link if isinstance(link, str) else ""

    def _field(self, name: str) -> Any:
        if name not in self._fields:
            raise AnswerUnclearError(self.entity, name, "the field is missing")
        return self._fields[name]

    def _read(self, name: str, read: Callable[[object], _T], initial: _T) -> _T:
        value = self._field(name)
        if value is None or value == "":
            return initial
        try:
            return read(value)
        except (ValueError, OverflowError) as error:
            raise AnswerUnclearError(self.entity, name, str(error)) from error

    def __repr__(self) -> str:
        return f"Row({self.entity}, fields={len(self._fields)})"
