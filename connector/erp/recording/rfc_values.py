"""
RFC calls as plain JSON without the data of people.

Parameters and structures are walked by field name. RFC_READ_TABLE needs more: its rows are one
text each, cut into columns by the list of fields, and its conditions are text with literals.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from connector.erp.recording.fields import Fields, Protocol, Treatment
from connector.erp.recording.stand_ins import Replacement

_READ_TABLE: Final = "RFC_READ_TABLE"
_FIELD: Final = re.compile(r"\b([A-Z][A-Z0-9_]*)\b(?=\s*(?:=|<>|>=|<=|>|<|IN\b|LIKE\b|$))")
_LITERAL: Final = re.compile(r"'((?:[^']|'')*)'")


@dataclass(frozen=True, slots=True)
class RfcSanitiser:
    """Replaces values in parameters and answers."""

    fields: Fields
    replace: Replacement

    def parameters(self, function: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters of a call as JSON."""
        plain = {name: self._value(name, value) for name, value in values.items()}
        if function == _READ_TABLE and isinstance(values.get("OPTIONS"), list):
            plain["OPTIONS"] = self._conditions(values["OPTIONS"])
        return plain

    def answer(
        self, function: str, values: Mapping[str, Any], asked: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return the answer of a call as JSON; *asked* are its parameters as they were sent."""
        plain = {name: self._value(name, value) for name, value in values.items()}
        if function == _READ_TABLE and isinstance(values.get("DATA"), list):
            columns = values.get("FIELDS") or []
            delimiter = str(asked.get("DELIMITER") or "")
            plain["DATA"] = [
                {"WA": self._row(str(row.get("WA", "")), columns, delimiter)}
                for row in values["DATA"]
            ]
            plain["OPTIONS"] = self._conditions(values.get("OPTIONS") or [])
        return plain

    def failure(self, error: Exception) -> dict[str, str]:
        """Return what makes one exception of the library differ from another."""
        names = ("key", "msg_class", "msg_type", "msg_number", "code")
        plain = {name: str(getattr(error, name, "") or "") for name in names}
        plain["kinds"] = " ".join(kind.__name__ for kind in type(error).__mro__)
        words = str(getattr(error, "message", "") or error)
        marks = ("max no of", "CPIC_MAX_CONV", "connection is closed")
        found = [mark for mark in marks if mark in words]
        plain["message"] = found[0] if found else self._text(Treatment.TEXT, words)
        return plain

    def _value(self, name: str, value: Any) -> Any:
        match value:
            case Mapping():
                return {field: self._value(field, inner) for field, inner in value.items()}
            case list() | tuple():
                return [self._value(name, inner) for inner in value]
            case str():
                return self._text(self.fields.treatment(Protocol.RFC, name, value), value)
            case bool() | None:
                return value
            case _:
                return self._number(name, value)

    def _number(self, name: str, value: Any) -> Any:
        keeps = self.fields.treatment(Protocol.RFC, name).keeps
        match value:
            case Decimal():
                return {"decimal": str(value) if keeps else "0"}
            case bytes():
                return {"bytes": base64.b64encode(value if keeps else b"").decode("ascii")}
            case int():
                return value if keeps else 0
            case float():
                return {"float": repr(value) if keeps else "0.0"}
            case _:
                return {"other": type(value).__name__}

    def _text(self, treatment: Treatment, value: str) -> str:
        if treatment.keeps or not value.strip():
            return value
        return self.replace(treatment, value)

    def _conditions(self, lines: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
        """Sanitise literals by the field that stands before them, perhaps in a line above."""
        field, made = "", []
        for line in lines:
            parts, at = [], 0
            text = line.get("TEXT", "")
            for literal in _LITERAL.finditer(text):
                before = text[at : literal.start()]
                names = _FIELD.findall(before)
                field = names[-1] if names else field
                value = literal[1].replace("''", "'")
                treatment = self.fields.treatment(Protocol.RFC, field, value)
                shown = self._text(treatment, value).replace("'", "''")
                parts += [before, f"'{shown}'"]
                at = literal.end()
            rest = text[at:]
            names = _FIELD.findall(rest)
            field = names[-1] if names else field
            made.append({"TEXT": "".join([*parts, rest])})
        return made

    def _row(self, row: str, columns: Iterable[Mapping[str, Any]], delimiter: str) -> str:
        """Sanitise a row of a table column by column; what no column covers is left out."""
        names = [str(column["FIELDNAME"]) for column in columns]
        if delimiter:
            shown = [
                self._column(name, value).replace(delimiter, " ")
                for name, value in zip(names, row.split(delimiter), strict=False)
            ]
            return delimiter.join(shown)
        made = [" "] * len(row)
        for name, column in zip(names, columns, strict=True):
            start, width = int(column["OFFSET"]), int(column["LENGTH"])
            value = row[start : start + width]
            made[start : start + width] = self._column(name, value)[: len(value)].ljust(len(value))
        return "".join(made)

    def _column(self, name: str, value: str) -> str:
        treatment = self.fields.treatment(Protocol.RFC, name, value.strip())
        return self._text(treatment, value)


def restored(value: Any) -> Any:
    """Return a recorded value as the library gives it."""
    match value:
        case {"decimal": str(number)}:
            return Decimal(number)
        case {"bytes": str(text)}:
            return base64.b64decode(text)
        case {"float": str(number)}:
            return float(number)
        case dict():
            return {name: restored(inner) for name, inner in value.items()}
        case list():
            return [restored(inner) for inner in value]
        case _:
            return value
