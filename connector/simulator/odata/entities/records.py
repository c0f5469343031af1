"""
An entity set over the engine: a source finds documents, a row function shows them as entities.

Keys and navigations follow from the schema: a navigation leads to the rows of its target that
agree in the key properties both types share, unless a link says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from connector.simulator.odata.entities.forms import Forms, item_number, same
from connector.simulator.odata.entities.settings import EntitySettings
from connector.simulator.odata.entity_set import (
    Body,
    Context,
    Entity,
    Key,
    Narrowing,
    Value,
    unavailable,
)
from connector.simulator.odata.schema import Service

Row = dict[str, Value]
#: Rows of a record; with an item number other than 0 those of that item suffice.
Rows = Callable[[Forms, Any, int], Iterable[Row]]
Create = Callable[[Body, Context], Key]
Update = Callable[[Key, Mapping[str, Value], Context], None]
Delete = Callable[[Key, Context], None]


class Source(Protocol):
    """Finds the engine's records behind an entity set."""

    def keyed(self, key: Key, forms: Forms) -> Iterable[Any]:
        """Return the records that rows with (at least) these key values come from."""
        ...

    def select(self, narrowing: Narrowing, forms: Forms) -> Iterable[Any]:
        """Return at least the records whose rows satisfy *narrowing*, in a lasting order."""
        ...


@dataclass(frozen=True, slots=True)
class Writers:
    """What may be done to the entities of a set; None is refused."""

    create: Create | None = None
    update: Update | None = None
    delete: Delete | None = None


@dataclass(slots=True)
class RecordSet:
    """
    One entity set of *service*. ``sets`` are its siblings by name, for navigations.

    ``links`` name, per navigation, own property -> property of the target. ``item`` is the
    property that holds the item number, empty where there is none.
    """

    service: Service
    name: str
    source: Source
    rows_of: Rows
    settings: EntitySettings
    sets: Mapping[str, RecordSet]
    item: str = ""
    writers: Writers = field(default_factory=Writers)
    links: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    _properties: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        """Look up what the release at hand knows."""
        self._properties = frozenset(self.service.sets[self.name].type.properties)

    def find(self, key: Key, context: Context) -> Entity | None:
        """Return the entity with *key*; leading zeros of its numbers do not matter."""
        return next(iter(self.matching(key, context)), None)

    def rows(self, narrowing: Narrowing, context: Context) -> Iterator[Entity]:
        """Yield the entities of the records that the source selects."""
        forms = Forms.of(context, self.settings)
        for record in self.source.select(narrowing, forms):
            for row in self.rows_of(forms, record, 0):
                yield self._entity(row)

    def navigate(self, entity: Entity, navigation: str, context: Context) -> Iterable[Entity]:
        """Yield what the navigation leads to."""
        type_ = self.service.sets[self.name].type
        target = self.service.target(type_.navigations[navigation])
        found = self.sets.get(target.name)
        if found is None:
            return ()
        link = self.links.get(navigation) or {
            name: name for name in type_.key if name in target.type.key
        }
        key = {there: entity.values.get(here) for here, there in link.items()}
        return found.matching(key, context)

    def matching(self, key: Key, context: Context) -> Iterator[Entity]:
        """Yield the entities that have these values."""
        forms = Forms.of(context, self.settings)
        only = item_number(key[self.item]) if self.item in key else 0
        for record in self.source.keyed(key, forms):
            for row in self.rows_of(forms, record, only):
                if all(same(row.get(name), value) for name, value in key.items()):
                    yield self._entity(row)

    def create(self, body: Body, context: Context) -> Entity:
        """Create what the set can create and return its key."""
        if self.writers.create is None:
            raise unavailable("CREATE_ENTITY")
        return Entity(self.writers.create(body, context))

    def update(self, key: Key, changes: Mapping[str, Value], context: Context) -> None:
        """Change an entity."""
        if self.writers.update is None:
            raise unavailable("UPDATE_ENTITY")
        self.writers.update(key, changes, context)

    def delete(self, key: Key, context: Context) -> None:
        """Delete an entity."""
        if self.writers.delete is None:
            raise unavailable("DELETE_ENTITY")
        self.writers.delete(key, context)

    def _entity(self, row: Row) -> Entity:
        known = self._properties
        return Entity({name: value for name, value in row.items() if name in known})
