"""What a path leads to: a collection, an entity, one of its properties, links."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from connector.simulator.odata.entity_set import Entity, Key, Narrowing, Value
from connector.simulator.odata.errors import (
    NOT_IMPLEMENTED,
    SYNTAX,
    ODataError,
    bad_request,
    not_found,
)
from connector.simulator.odata.schema import Navigation, Property, Set
from connector.simulator.odata.source import Source
from connector.simulator.odata.uri import Segment, key_in, key_of

_NOT_IMPLEMENTED = 501


@dataclass(slots=True)
class Collection:
    """
    Entities of one set. ``parent`` is the key of the entity they were reached from, by the names
    that those below it carry as well; empty for the set as such.
    """

    set: Set
    rows: Callable[[Narrowing], Iterable[Entity]]
    parent: Mapping[str, Value]


@dataclass(slots=True)
class Single:
    """
    One entity, or None where a navigation leads to none.

    ``pending``: the changeset creates it, so only its key is known.
    """

    set: Set
    key: Key
    entity: Entity | None
    pending: bool = False


@dataclass(frozen=True, slots=True)
class Path:
    """A resource and what is asked of it: a property, ``$count``, ``$value``, ``$links``."""

    resource: Collection | Single
    property: Property | None = None
    count: bool = False
    value: bool = False
    links: bool = False


#: Content-ID -> what the changeset created under it.
References = Mapping[str, tuple[Set, Key]]


class Resolver:
    """Follows paths through the entities of a service."""

    def __init__(self, source: Source, references: References | None = None) -> None:
        self._source, self._references = source, references or {}

    def resolve(self, segments: Sequence[Segment]) -> Path:
        """Return what *segments* lead to. Raises ODataError (400, 404)."""
        resource: Collection | Single = self._first(segments[0])
        rest = list(segments[1:])
        links = False
        while rest:
            segment = rest.pop(0)
            if segment.name == "$count":
                _last(rest)
                return Path(resource, count=True, links=links)
            if segment.name == "$links" and isinstance(resource, Single) and rest and not links:
                links = True
                continue
            if isinstance(resource, Collection):
                raise not_found(segment.name)
            if segment.name in resource.set.type.properties and segment.keys is None:
                return self._property(resource, segment, rest)
            resource = self._follow(resource, segment)
        return Path(resource, links=links)

    def _first(self, segment: Segment) -> Collection | Single:
        if segment.name.startswith("$"):
            return self._reference(segment)
        set_ = self._source.service.sets.get(segment.name)
        if set_ is None:
            raise not_found(segment.name)
        if segment.keys is None or not segment.keys.strip():
            return Collection(set_, lambda narrowing: self._all(set_, narrowing), {})
        key = key_of(set_.type, segment.keys)
        self._check_addressable(set_, "GET_ENTITY")
        entity = self._source.find(set_, key)
        if entity is None:
            raise not_found(set_.type.name)
        return Single(set_, key_in(set_, entity.values), entity)

    def _all(self, set_: Set, narrowing: Narrowing) -> Iterable[Entity]:
        self._check_addressable(set_, "GET_ENTITYSET")
        return self._source.rows(set_, narrowing)

    def _check_addressable(self, set_: Set, what: str) -> None:
        if not set_.addressable:
            text = f"Method '{set_.name.upper()}_{what}' not implemented in data provider class"
            raise ODataError(_NOT_IMPLEMENTED, text, NOT_IMPLEMENTED)

    def _reference(self, segment: Segment) -> Single:
        found = self._references.get(segment.name[1:])
        if found is None or segment.keys is not None:
            raise bad_request(f"'{segment.name[:40]}' refers to nothing in this changeset", SYNTAX)
        set_, key = found
        return Single(set_, key, Entity(key), pending=True)

    def _property(self, resource: Single, segment: Segment, rest: list[Segment]) -> Path:
        if resource.entity is None:
            raise not_found(segment.name)
        value = bool(rest) and rest[0].name == "$value"
        if value:
            rest.pop(0)
        _last(rest)
        return Path(resource, resource.set.type.properties[segment.name], value=value)

    def _follow(self, resource: Single, segment: Segment) -> Collection | Single:
        navigation = resource.set.type.navigations.get(segment.name)
        if navigation is None or resource.entity is None:
            raise not_found(segment.name)
        target = self._source.service.target(navigation)
        entity = resource.entity
        if not navigation.is_collection:
            return self._single(resource, target, navigation, segment)
        parent = {n: v for n, v in resource.key.items() if n in target.type.properties}
        collection = Collection(
            target, lambda _: self._source.follow(resource.set, entity, navigation), parent
        )
        if segment.keys is None or not segment.keys.strip():
            return collection
        key = key_of(target.type, segment.keys)
        found = self._source.find(target, key)
        if found is None:
            raise not_found(target.type.name)
        return Single(target, key_in(target, found.values), found)

    def _single(
        self, resource: Single, target: Set, navigation: Navigation, segment: Segment
    ) -> Single:
        if segment.keys is not None or resource.entity is None:
            raise bad_request(f"Navigation property '{navigation.name}' takes no key", SYNTAX)
        found = next(self._source.follow(resource.set, resource.entity, navigation), None)
        key = {} if found is None else key_in(target, found.values)
        return Single(target, key, found)


def _last(rest: Sequence[Segment]) -> None:
    if rest:
        raise not_found(rest[0].name)
