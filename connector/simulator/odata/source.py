"""Reads entities through the entity sets of a service, and checks what they hand over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from connector.simulator.odata.entity_set import (
    Context,
    Entity,
    EntitySet,
    Key,
    Narrowing,
    ReadOnlySet,
    ServiceEntities,
    Value,
)
from connector.simulator.odata.errors import bad_request
from connector.simulator.odata.filter_compile import Getter
from connector.simulator.odata.schema import Navigation, Property, Service, Set
from connector.simulator.odata.values import initial

_NOTHING = ReadOnlySet()


class Source:
    """The entities of one service, in one context."""

    def __init__(self, service: Service, entities: ServiceEntities, context: Context) -> None:
        self.service, self.context = service, context
        self._entities = entities

    def of(self, set_: Set) -> EntitySet:
        """Return what is behind *set_*."""
        return self._entities.entity_sets.get(set_.name, _NOTHING)

    def find(self, set_: Set, key: Key) -> Entity | None:
        """Return the entity with *key*, or None."""
        found = self.of(set_).find(key, self.context)
        return None if found is None else _checked(set_, found)

    def rows(self, set_: Set, narrowing: Narrowing) -> Iterator[Entity]:
        """Return the entities of *set_*."""
        return (_checked(set_, each) for each in self.of(set_).rows(narrowing, self.context))

    def follow(self, set_: Set, entity: Entity, navigation: Navigation) -> Iterator[Entity]:
        """Return what *navigation* leads to."""
        target = self.service.target(navigation)
        found: Iterable[Entity]
        if navigation.name in entity.inline:
            found = entity.inline[navigation.name]
        else:
            found = self.of(set_).navigate(entity, navigation.name, self.context)
        return (_checked(target, each) for each in found)

    def property_at(self, set_: Set, path: tuple[str, ...]) -> Property:
        """
        Return the property that *path* leads to, over navigations to single entities.

        Raises ODataError (400).
        """
        type_ = set_.type
        name = path[0]
        if len(path) == 1 and name in type_.properties:
            return type_.properties[name]
        navigation = type_.navigations.get(name)
        if len(path) > 1 and navigation is not None and not navigation.is_collection:
            return self.property_at(self.service.target(navigation), path[1:])
        shown = "/".join(path)
        raise bad_request(
            f"Property '{shown}' not found in type '{self.service.namespace}.{type_.name}'"
        )

    def getter(self, set_: Set, entity: Entity) -> Getter:
        """Return what reads a path of *entity*, as `filter_compile` asks for it."""

        def get(path: tuple[str, ...]) -> Value:
            if len(path) == 1:
                return value_of(set_.type.properties[path[0]], entity)
            navigation = set_.type.navigations[path[0]]
            found = next(self.follow(set_, entity, navigation), None)
            if found is None:
                return None
            return self.getter(self.service.target(navigation), found)(path[1:])

        return get


def value_of(property_: Property, entity: Entity) -> Value:
    """Return the value of a property, the initial one where the entity leaves it out."""
    value = entity.values.get(property_.name, _ABSENT)
    return initial(property_) if value is _ABSENT else value


_ABSENT = "\0absent"


def _checked(set_: Set, entity: Entity) -> Entity:
    unknown = entity.values.keys() - set_.type.properties.keys()
    if unknown:
        raise ValueError(f"{set_.type.name} has no property {', '.join(sorted(unknown))}")
    return entity
