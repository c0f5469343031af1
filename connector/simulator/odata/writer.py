"""What the two formats have in common: addresses of entities, the interface of a writer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from connector.simulator.odata.entity_set import Entity, Value
from connector.simulator.odata.schema import Function, Property, Service, Set
from connector.simulator.odata.shape import Shape
from connector.simulator.odata.source import Source
from connector.simulator.odata.uri import entity_path, key_in


@dataclass(frozen=True, slots=True)
class Feed:
    """A page: its entities, the number of all of them (None: not asked for), the next page."""

    entities: Sequence[Entity]
    count: int | None = None
    next: str = ""


class Writer(Protocol):
    """Turns results into the body of an answer."""

    #: Content type of entities and values, of a feed, and of the service document.
    entry_type: str
    feed_type: str
    service_type: str

    def entry(self, entity: Entity, shape: Shape) -> bytes:
        """Write one entity."""
        ...

    def feed(self, feed: Feed, shape: Shape, path: str) -> bytes:
        """Write a collection that was asked for at *path*."""
        ...

    def property(self, property_: Property, value: Value) -> bytes:
        """Write one property."""
        ...

    def links(self, set_: Set, entities: Sequence[Entity], *, many: bool) -> bytes:
        """Write addresses of entities."""
        ...

    def function_result(self, function: Function, results: Sequence[Entity]) -> bytes:
        """Write what a function import returns as complex values."""
        ...

    def service_document(self) -> bytes:
        """Write the list of the entity sets."""
        ...


class Addresses:
    """Addresses below *root*, the service root without a slash at its end."""

    def __init__(self, source: Source, root: str) -> None:
        self.source, self.root = source, root

    @property
    def service(self) -> Service:
        """The service."""
        return self.source.service

    def entity(self, set_: Set, entity: Entity) -> str:
        """Return the canonical address of *entity*."""
        return f"{self.root}/{entity_path(set_, key_in(set_, entity.values))}"

    def type_name(self, name: str) -> str:
        """Return the name of a type with its namespace."""
        return f"{self.service.namespace}.{name}"
