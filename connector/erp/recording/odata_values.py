"""Addresses and JSON of OData without the data of people."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote, unquote, urlsplit

from connector.erp.recording.fields import Fields, Protocol, Treatment
from connector.erp.recording.stand_ins import Replacement

#: Host of every address in a recording.
HOST: Final = "https://recorded.invalid"
_LITERAL: Final = re.compile(r"'((?:[^']|'')*)'")
_NAME_BEFORE: Final = re.compile(r"([A-Za-z_][\w/]*)\s*(?:=|\s(?:eq|ne|gt|ge|lt|le)\s|,)\s*\w*$")
#: Query options whose values are names of fields and numbers.
_STRUCTURE: Final = frozenset(
    {"$select", "$expand", "$top", "$skip", "$format", "$inlinecount", "$orderby", "sap-client"}
)
#: Addresses inside bodies.
_LINKS: Final = frozenset({"uri", "id", "__next", "media_src", "edit_media"})
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class ODataSanitiser:
    """Replaces values in addresses, bodies and the header `sap-message`."""

    fields: Fields
    replace: Replacement

    def address(self, address: str) -> str:
        """Return path and query of *address*; literals in it by the field before them."""
        parts = urlsplit(address)
        path = "/".join(
            quote(self._literals(unquote(p)), safe="(),='$;:@!*") for p in parts.path.split("/")
        )
        if not parts.query:
            return path
        options = [self._option(option) for option in parts.query.split("&")]
        return f"{path}?{'&'.join(options)}"

    def body(self, content: Any) -> Any:
        """Return JSON content with its values replaced."""
        return self._value("", content)

    def _option(self, option: str) -> str:
        name, _, value = option.partition("=")
        plain = unquote(value.replace("+", " "))
        if name in _STRUCTURE:
            return option
        shown = plain
        if _LITERAL.search(plain):
            shown = self._literals(plain if name.startswith("$") else f"{name}={plain}")
            shown = shown if name.startswith("$") else shown.partition("=")[2]
        elif not name.startswith("$"):
            shown = self._text(self.fields.treatment(Protocol.ODATA, name, plain), plain)
        return f"{name}={quote(shown, safe='(),:*$/@!' + chr(39))}"

    def _literals(self, text: str) -> str:
        """Replace the literals in an expression or a key."""
        made, at = [], 0
        for literal in _LITERAL.finditer(text):
            before = text[at : literal.start()]
            value = literal[1].replace("''", "'")
            shown = self._text(self._of_literal(text[: literal.start()], value), value)
            made += [before, "'" + shown.replace("'", "''") + "'"]
            at = literal.end()
        return "".join([*made, text[at:]])

    def _of_literal(self, before: str, value: str) -> Treatment:
        named = _NAME_BEFORE.search(before)
        if named is not None:
            name = named[1].rpartition("/")[2]
        elif re.search(r"[A-Za-z_]\w*\(\w*$", before):
            # A key without a name: the number of a document, or of a customer.
            name = "SalesDocument"
        else:
            name = ""
        return self.fields.treatment(Protocol.ODATA, name, value)

    def _value(self, name: str, value: Any) -> Any:
        match value:
            case Mapping():
                return {field: self._value(field, inner) for field, inner in value.items()}
            case list():
                return [self._value(name, inner) for inner in value]
            case str():
                return self._of_string(name, value)
            case bool() | None:
                return value
            case int() | float() | Decimal():
                keeps = self.fields.treatment(Protocol.ODATA, name).keeps
                return value if keeps else 0
            case _:
                return None

    def _of_string(self, name: str, value: str) -> str:
        if name in _LINKS:
            return HOST + self.address(value)
        return self._text(self.fields.treatment(Protocol.ODATA, name, value), value)

    def _text(self, treatment: Treatment, value: str) -> str:
        if treatment.keeps or not value.strip():
            return value
        return self.replace(treatment, value)


def is_number(text: str) -> bool:
    """Tell whether *text* is a plain number, such as a count."""
    return _NUMBER.fullmatch(text.strip()) is not None
