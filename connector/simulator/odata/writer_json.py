"""Writes JSON as OData 2.0 has it ("verbose"): everything inside ``d``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from connector.simulator.odata.entity_set import Entity, Value
from connector.simulator.odata.etags import etag_of
from connector.simulator.odata.schema import Function, Navigation, Property, Set
from connector.simulator.odata.shape import Shape
from connector.simulator.odata.source import value_of
from connector.simulator.odata.values import to_json
from connector.simulator.odata.writer import Addresses, Feed

CONTENT_TYPE = "application/json;charset=utf-8"


class JsonWriter:
    """Writes the answers of one service."""

    entry_type = feed_type = service_type = CONTENT_TYPE

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses

    def entry(self, entity: Entity, shape: Shape) -> bytes:
        """Write one entity."""
        return _dump(self._entity(entity, shape))

    def feed(self, feed: Feed, shape: Shape, path: str) -> bytes:
        """Write a collection; ``__count`` is a string."""
        del path
        content: dict[str, Any] = {}
        if feed.count is not None:
            content["__count"] = str(feed.count)
        content["results"] = [self._entity(entity, shape) for entity in feed.entities]
        if feed.next:
            content["__next"] = feed.next
        return _dump(content)

    def property(self, property_: Property, value: Value) -> bytes:
        """Write one property under its name."""
        return _dump({property_.name: to_json(property_, value)})

    def links(self, set_: Set, entities: Sequence[Entity], *, many: bool) -> bytes:
        """Write addresses of entities."""
        found = [{"uri": self._addresses.entity(set_, entity)} for entity in entities]
        return _dump({"results": found} if many else found[0])

    def function_result(self, function: Function, results: Sequence[Entity]) -> bytes:
        """Write complex values: several as ``results``, one under the function's name."""
        type_ = function.returns
        name = self._addresses.type_name(type_.name)
        written = [
            {
                "__metadata": {"type": name},
                **{p.name: to_json(p, value_of(p, each)) for p in type_.properties.values()},
            }
            for each in results
        ]
        return _dump(
            {"results": written} if function.is_collection else {function.name: written[0]}
        )

    def service_document(self) -> bytes:
        """Write the names of the entity sets."""
        return _dump({"EntitySets": list(self._addresses.service.sets)})

    def _entity(self, entity: Entity, shape: Shape) -> dict[str, Any]:
        set_ = shape.set
        address = self._addresses.entity(set_, entity)
        metadata = {
            "id": address,
            "uri": address,
            "type": self._addresses.type_name(set_.type.name),
        }
        etag = etag_of(set_.type, entity)
        if etag:
            metadata["etag"] = etag
        content: dict[str, Any] = {"__metadata": metadata}
        for property_ in shape.properties:
            content[property_.name] = to_json(property_, value_of(property_, entity))
        for navigation in shape.navigations:
            inner = shape.expanded.get(navigation.name)
            content[navigation.name] = (
                {"__deferred": {"uri": f"{address}/{navigation.name}"}}
                if inner is None
                else self._expanded(entity, set_, navigation, inner)
            )
        return content

    def _expanded(self, entity: Entity, set_: Set, navigation: Navigation, inner: Shape) -> Any:
        found = self._addresses.source.follow(set_, entity, navigation)
        if navigation.is_collection:
            return {"results": [self._entity(each, inner) for each in found]}
        first = next(found, None)
        return None if first is None else self._entity(first, inner)


def _dump(content: Any) -> bytes:
    text = json.dumps({"d": content}, ensure_ascii=False, separators=(",", ":"))
    return text.encode(errors="replace")
