"""
The function dictionary: which parameters and fields a function has, with type and length.

It is read from ``fixtures/sap`` (one JSON file per function and per structure). A parameter is
written ``import CHAR 10 optional``, ``import structure BAPISDHD1`` or ``tables BAPIRET2``; a field
``QUAN 13.3``. The order in the files is the order of the results.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from connector.errors import ConfigurationError
from connector.resources import shipped
from connector.simulator.rfc.exceptions import function_not_found

#: ABAP dictionary type -> type of the RFC library.
RFC_TYPES: Mapping[str, str] = {
    **dict.fromkeys(("CHAR", "UNIT", "CUKY", "LANG", "CLNT"), "CHAR"),
    **dict.fromkeys(("NUMC", "ACCP"), "NUM"),
    **dict.fromkeys(("DEC", "QUAN", "CURR"), "BCD"),
    "DATS": "DATE",
    "TIMS": "TIME",
    "FLTP": "FLOAT",
    "RAW": "BYTE",
    "INT1": "INT1",
    "INT2": "INT2",
    "INT4": "INT",
    "INT8": "INT8",
    "STRG": "STRING",
    "RSTR": "XSTRING",
}

_INITIAL: Mapping[str, Any] = {
    "TIME": "000000",
    "FLOAT": 0.0,
    "XSTRING": b"",
    **dict.fromkeys(("INT", "INT1", "INT2", "INT8"), 0),
}

#: One row or structure as it travels between the parts: only fields that are not initial.
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class FieldType:
    """Type of one field or scalar parameter. ``length`` is in characters, digits or bytes."""

    abap: str
    length: int
    decimals: int = 0

    @property
    def rfc(self) -> str:
        """Name of the RFC library's type, e.g. ``BCD`` for QUAN."""
        return RFC_TYPES[self.abap]

    def initial(self) -> Any:
        """
        The value of a field that nobody filled.

        A date is initial as the empty string: that is how pyrfc shows eight zeros.
        """
        match self.rfc:
            case "NUM":
                value: Any = "0" * self.length
            case "BCD":
                value = Decimal(0).scaleb(-self.decimals)
            case "BYTE":
                value = bytes(self.length)
            case rfc:
                value = _INITIAL.get(rfc, "")
        return value


@dataclass(frozen=True, eq=False)
class Structure:
    """A structure or the row type of a table."""

    name: str
    fields: Mapping[str, FieldType]

    @cached_property
    def initial(self) -> Row:
        """A row with every field initial; copy it before use."""
        return {name: kind.initial() for name, kind in self.fields.items()}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. ``direction`` is import, export, changing or tables."""

    name: str
    direction: str
    type: FieldType | Structure
    optional: bool = False

    @property
    def is_table(self) -> bool:
        """Tables parameters take and give lists of rows."""
        return self.direction == "tables"


@dataclass(frozen=True, eq=False)
class Function:
    """A function module. ``remote`` is False when a call from outside is refused."""

    name: str
    parameters: Mapping[str, Parameter]
    remote: bool = True

    @cached_property
    def results(self) -> tuple[Parameter, ...]:
        """What comes back: everything but the import parameters, in dictionary order."""
        return tuple(p for p in self.parameters.values() if p.direction != "import")


@dataclass
class Dictionary:
    """
    Functions by name, each read when it is first asked for.

    ``aliases`` gives a function a second name, e.g. the customer's own name of the clearing
    wrapper.
    """

    folder: Path
    aliases: dict[str, str] = field(default_factory=dict)
    _functions: dict[str, Function] = field(default_factory=dict)
    _structures: dict[str, Structure] = field(default_factory=dict)

    @classmethod
    def from_fixtures(cls, aliases: Mapping[str, str] | None = None) -> Dictionary:
        """Return the dictionary that is shipped with the connector."""
        return cls(shipped("fixtures/sap"), dict(aliases or {}))

    def names(self) -> tuple[str, ...]:
        """Every function of the dictionary, aliases and added ones included, sorted."""
        files = (path.stem for path in (self.folder / "functions").glob("*.json"))
        return tuple(sorted({*files, *self.aliases, *self._functions}))

    def function(self, name: str) -> Function:
        """
        Return function *name*; upper and lower case differ, as in the real system.

        Raises:
            ABAPApplicationError: there is no such function (key FU_NOT_FOUND).
        """
        known = self._functions.get(name)
        if known is not None:
            return known
        path = self.folder / "functions" / f"{self.aliases.get(name, name)}.json"
        if not name.replace("_", "").isalnum() or not path.is_file():
            raise function_not_found(name)
        return self.add(json.loads(path.read_text("utf-8")), name)

    def structure(self, name: str) -> Structure:
        """Return structure *name*; ConfigurationError when its file is missing."""
        known = self._structures.get(name)
        if known is not None:
            return known
        path = self.folder / "structures" / f"{name.strip('/').replace('/', '_')}.json"
        structure = self._structures[name] = _structure_file(path, name)
        return structure

    def add(self, description: Mapping[str, Any], name: str | None = None) -> Function:
        """Take a function in the form of its file into the dictionary, under *name* if given."""
        function = Function(
            name or description["function"],
            {n: self._parameter(n, text) for n, text in description["parameters"].items()},
            description.get("remote", True),
        )
        self._functions[function.name] = function
        return function

    def add_structure(self, description: Mapping[str, Any]) -> Structure:
        """Take a structure in the form of its file into the dictionary."""
        structure = self._structures[description["structure"]] = _structure(description)
        return structure

    def describe(self, name: str) -> dict[str, Any]:
        """Return function *name* with its structures as plain JSON, for a client elsewhere."""
        function = self.function(name)
        structures = {
            p.type.name: _structure_text(p.type)
            for p in function.parameters.values()
            if isinstance(p.type, Structure)
        }
        parameters = {p.name: _parameter_text(p) for p in function.parameters.values()}
        return {
            "function": {"function": name, "remote": function.remote, "parameters": parameters},
            "structures": list(structures.values()),
        }

    def learn(self, description: Mapping[str, Any]) -> Function:
        """Take over what `describe` of another dictionary returned."""
        for structure in description["structures"]:
            if structure["structure"] not in self._structures:
                self.add_structure(structure)
        return self.add(description["function"])

    def _parameter(self, name: str, text: str) -> Parameter:
        words = text.split()
        optional = words[-1] == "optional"
        if optional:
            words.pop()
        direction = words[0]
        if direction == "tables" or words[1] == "structure":
            return Parameter(name, direction, self.structure(words[-1]), optional)
        return Parameter(name, direction, _field_type(name, name, " ".join(words[1:])), optional)


@cache
def _structure_file(path: Path, name: str) -> Structure:
    """Read a structure once per process: what is compiled from it is kept as long."""
    if not path.is_file():
        raise ConfigurationError(str(path), f"structure {name} is not in the dictionary")
    return _structure(json.loads(path.read_text("utf-8")))


def _structure(description: Mapping[str, Any]) -> Structure:
    name = description["structure"]
    fields = {n: _field_type(name, n, t) for n, t in description["fields"].items()}
    return Structure(name, fields)


def _field_type(owner: str, name: str, text: str) -> FieldType:
    abap, _, size = text.partition(" ")
    length, _, decimals = size.partition(".")
    if abap not in RFC_TYPES or not length.isdigit():
        raise ConfigurationError(
            f"fixtures/sap: {owner}-{name}", f"'{text}' is no type", "Write e.g. QUAN 13.3"
        )
    return FieldType(abap, int(length), int(decimals or 0))


def _type_text(kind: FieldType) -> str:
    dot = f".{kind.decimals}" if kind.rfc == "BCD" else ""
    return f"{kind.abap} {kind.length}{dot}"


def _structure_text(structure: Structure) -> dict[str, Any]:
    fields = {name: _type_text(kind) for name, kind in structure.fields.items()}
    return {"structure": structure.name, "fields": fields}


def _parameter_text(parameter: Parameter) -> str:
    if isinstance(parameter.type, FieldType):
        kind = _type_text(parameter.type)
    else:
        kind = ("" if parameter.is_table else "structure ") + parameter.type.name
    return f"{parameter.direction} {kind}" + (" optional" if parameter.optional else "")
