"""
What each service consists of, read from ``fixtures/sap/odata``: sets, types, flags, functions.

The names, types, lengths and flags are those of the published services. A set or property that
the real service does not let a client create or change is refused here as well.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from connector.resources import shipped

#: Service -> the releases that its fixtures tell apart, newest first.
RELEASES = {"API_SALES_ORDER_SRV": ("2026", "2020")}


@dataclass(frozen=True, slots=True)
class Property:
    """
    A property. ``type`` is the EDM type without ``Edm.``; ``unit`` names the property that holds
    the currency or unit of this one.
    """

    name: str
    type: str
    length: int = 0
    precision: int | None = None
    scale: int | None = None
    label: str = ""
    unit: str = ""
    is_key: bool = False
    required: bool = False
    creatable: bool = True
    updatable: bool = True
    filterable: bool = True
    is_etag: bool = False


@dataclass(frozen=True, slots=True)
class Navigation:
    """A navigation property to *target* (an entity type); ``multiplicity`` is 1, 0..1 or ``*``."""

    name: str
    target: str
    multiplicity: str

    @property
    def is_collection(self) -> bool:
        """Whether it may lead to more than one entity."""
        return self.multiplicity == "*"


@dataclass(frozen=True, slots=True)
class StructuredType:
    """An entity type, or a complex type when it has no key."""

    name: str
    key: tuple[str, ...]
    properties: Mapping[str, Property]
    navigations: Mapping[str, Navigation]
    etag: Property | None = None

    @property
    def is_entity(self) -> bool:
        """Whether its values have a key."""
        return bool(self.key)


@dataclass(frozen=True, slots=True)
class Set:
    """An entity set. ``addressable``: whether it can be asked for by its own name."""

    name: str
    type: StructuredType
    creatable: bool
    updatable: bool
    deletable: bool
    addressable: bool


@dataclass(frozen=True, slots=True)
class Function:
    """A function import; all parameters are mandatory."""

    name: str
    method: str
    returns: StructuredType
    is_collection: bool
    parameters: Mapping[str, Property]


@dataclass(frozen=True, slots=True)
class Service:
    """One service in one release."""

    name: str
    version: str
    sets: Mapping[str, Set]
    functions: Mapping[str, Function]
    types: Mapping[str, StructuredType]
    set_of_type: Mapping[str, Set] = field(default_factory=dict)

    @property
    def namespace(self) -> str:
        """The namespace of its types."""
        return self.name

    @property
    def path(self) -> str:
        """The last segment of its root: the name, with the version when that is not the first."""
        number = int(self.version)
        return self.name if number == 1 else f"{self.name};v={self.version}"

    def target(self, navigation: Navigation) -> Set:
        """Return the set that *navigation* leads to."""
        return self.set_of_type[navigation.target]


def load_services(releases: Mapping[str, str] | None = None) -> Mapping[str, Service]:
    """
    Return every service by name; *releases* picks the release of those that have several.

    Raises ValueError when a release does not exist.
    """
    chosen = {name: known[0] for name, known in RELEASES.items()} | dict(releases or {})
    for name, release in chosen.items():
        if release not in RELEASES.get(name, ()):
            known = ", ".join(RELEASES.get(name, ())) or "none, it has a single one"
            raise ValueError(f"{name} has no release {release!r}; there are: {known}")
    found: dict[str, Service] = {}
    for path in sorted(shipped("fixtures/sap/odata").glob("*.json")):
        release, service = _load(path)
        if release in ("", chosen.get(service.name)):
            found[service.name] = service
    return found


@lru_cache(maxsize=32)
def _load(path: Path) -> tuple[str, Service]:
    content = json.loads(path.read_text(encoding="utf-8"))
    types = {name: _type(name, facts) for name, facts in content["types"].items()}
    sets = {name: _set(name, facts, types) for name, facts in content["entity_sets"].items()}
    functions = {
        name: _function(name, facts, types) for name, facts in content["function_imports"].items()
    }
    by_type = {each.type.name: each for each in sets.values()}
    service = Service(content["service"], content["version"], sets, functions, types, by_type)
    return content.get("release", ""), service


def _type(name: str, facts: Mapping[str, Any]) -> StructuredType:
    properties = {n: _property(n, *rest) for n, rest in facts["properties"].items()}
    navigations = {n: Navigation(n, *to.split()) for n, to in facts["navigation"].items()}
    etag = next((p for p in properties.values() if p.is_etag), None)
    return StructuredType(name, tuple(facts["key"]), properties, navigations, etag)


def _property(name: str, kind: str, flags: str = "", label: str = "") -> Property:
    type_, _, size = kind.partition(" ")
    first, _, second = size.partition(".")
    given = flags.split()
    unit = next((each[5:] for each in given if each.startswith("unit=")), "")
    return Property(
        name,
        type_,
        length=int(first or 0) if type_ == "String" else 0,
        precision=int(first) if first and type_ != "String" else None,
        scale=int(second) if second else None,
        label=label,
        unit=unit,
        is_key="key" in given,
        required="required" in given,
        creatable="-create" not in given,
        updatable="-update" not in given and "key" not in given,
        filterable="-filter" not in given,
        is_etag="etag" in given,
    )


def _set(name: str, facts: str, types: Mapping[str, StructuredType]) -> Set:
    type_, *allows = facts.split()
    return Set(
        name,
        types[type_],
        creatable="create" in allows,
        updatable="update" in allows,
        deletable="delete" in allows,
        addressable="unaddressable" not in allows,
    )


def _function(name: str, facts: Mapping[str, Any], types: Mapping[str, StructuredType]) -> Function:
    type_, _, many = facts["returns"].partition(" ")
    parameters = {n: _property(n, kind) for n, kind in facts["parameters"].items()}
    return Function(name, facts["method"], types[type_], many == "*", parameters)
