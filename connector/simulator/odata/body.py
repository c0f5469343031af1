"""The body of a write, checked: names, types, lengths, and what a client may set at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connector.simulator.odata.body_atom import AtomText, read_atom
from connector.simulator.odata.entity_set import Body, Key, Value
from connector.simulator.odata.errors import ODataError, bad_request
from connector.simulator.odata.schema import Navigation, Property, Service, Set
from connector.simulator.odata.settings import ODataFaceSettings
from connector.simulator.odata.values import from_json, from_text, initial, to_json

#: A body as its format had it: property or navigation -> value, dict or list of dicts. XML texts
#: are marked by `AtomText`.
Raw = Mapping[str, Any]
_IGNORED = ("__metadata", "__deferred")
_UNSUPPORTED = 415
_DEEPEST = 8


class BodyReader:
    """Reads bodies for one service."""

    def __init__(self, service: Service, settings: ODataFaceSettings) -> None:
        self._service, self._settings = service, settings

    def creation(self, set_: Set, content: bytes, kind: str, parent: Key) -> Body:
        """
        Return what is to be created in *set_*; *parent* is the key of the entity above it.

        Raises ODataError (400, 415).
        """
        body = self._creation(set_, self._raw(content, kind), set(parent), _DEEPEST)
        body.values = {**body.values, **parent}
        return body

    def changes(
        self, set_: Set, content: bytes, kind: str, current: Key, *, replace: bool
    ) -> dict[str, Value]:
        """
        Return what is to be changed in an entity with the values *current*.

        With *replace* what was not sent becomes initial. What the client may not set is left out
        where it sends it as it is, or sends the whole entity.

        Raises ODataError (400, 415).
        """
        type_ = set_.type
        found: dict[str, Value] = {}
        for name, raw in self._raw(content, kind).items():
            if name in _IGNORED or name in type_.navigations:
                if name in type_.navigations and not (_is_link(raw) or _is_empty(raw)):
                    raise bad_request(f"Inline component '{name}' is not allowed in a change")
                continue
            property_ = self._property(set_, name)
            value = self._value(property_, raw)
            if property_.is_key:
                if value != current.get(name):
                    raise bad_request(f"Key property '{name}' cannot be changed")
                continue
            unchanged = replace or _same(property_, value, current.get(name))
            if property_.updatable:
                found[name] = value
            elif not unchanged:
                self._refuses(property_, value, "updated")
        if replace:
            rest = {p.name: initial(p) for p in type_.properties.values() if p.updatable}
            found = rest | found
        return found

    def _creation(self, set_: Set, raw: Raw, parent: set[str], left: int) -> Body:
        if not left:
            raise bad_request("The request body nests too deeply")
        type_ = set_.type
        values: dict[str, Value] = {}
        navigations: dict[str, list[Body]] = {}
        for name, content in raw.items():
            if name in _IGNORED:
                continue
            navigation = type_.navigations.get(name)
            if navigation is not None:
                if not _is_link(content):
                    navigations[name] = self._nested(navigation, content, left - 1)
                continue
            property_ = self._property(set_, name)
            value = self._value(property_, content)
            if name in parent:
                continue
            if property_.creatable or not self._refuses(property_, value, "created"):
                values[name] = value
        return Body(values, navigations)

    def _nested(self, navigation: Navigation, content: Any, left: int) -> list[Body]:
        target = self._service.target(navigation)
        if isinstance(content, Mapping) and "results" in content:
            content = content["results"]
        rows = content if isinstance(content, list) else [content]
        if len(rows) > 1 and not navigation.is_collection:
            raise bad_request(f"Navigation property '{navigation.name}' takes one entity")
        for row in rows:
            if not isinstance(row, Mapping):
                raise bad_request(f"Navigation property '{navigation.name}' takes entities")
        return [self._creation(target, row, set(), left) for row in rows]

    def _property(self, set_: Set, name: str) -> Property:
        property_ = set_.type.properties.get(name)
        if property_ is None:
            raise bad_request(
                f"Property '{name[:80]}' is invalid: type "
                f"'{self._service.namespace}.{set_.type.name}' does not have it"
            )
        return property_

    def _value(self, property_: Property, raw: Any) -> Value:
        try:
            if isinstance(raw, AtomText):
                return from_text(property_, raw.text)
            return from_json(property_, raw, numbers=self._settings.decimal_numbers)
        except ValueError as error:
            shown = raw.text if isinstance(raw, AtomText) else raw
            raise bad_request(
                f"Failed to read property '{property_.name}': invalid value "
                f"'{str(shown)[:60]}', {error}"
            ) from None

    def _refuses(self, property_: Property, value: Value, verb: str) -> bool:
        """Return True where what was sent is left out; an initial value asks for nothing."""
        if value == initial(property_) or self._settings.read_only_properties == "ignore":
            return True
        raise bad_request(f"Property '{property_.name}' cannot be {verb} by the client")

    def _raw(self, content: bytes, kind: str) -> Raw:
        media = kind.split(";", maxsplit=1)[0].strip().lower()
        if media == "application/json" or not media:
            return read_json(content)
        if media in ("application/atom+xml", "application/xml", "text/xml"):
            return read_atom(content)
        raise ODataError(_UNSUPPORTED, f"Content type '{media[:60]}' is not supported")


def read_json(content: bytes) -> Raw:
    """Return the JSON object that *content* is, without a ``d`` around it. Raises ODataError."""
    try:
        found = json.loads(
            content.decode("utf-8-sig"), parse_float=Decimal, parse_constant=_no_constant
        )
    except (ValueError, RecursionError) as error:
        raise bad_request(f"Malformed JSON in the request body: {str(error)[:120]}") from None
    if isinstance(found, dict) and set(found) == {"d"}:
        found = found["d"]
    if not isinstance(found, dict):
        raise bad_request("The request body must be one JSON object")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _is_empty(raw: Any) -> bool:
    """Whole entities are sent with empty lists where nothing was expanded."""
    return raw in ([], {}, {"results": []})


def _same(property_: Property, value: Value, current: Value) -> bool:
    """Compare as the client could see it: JSON shows milliseconds, not what is finer."""
    return value == current or to_json(property_, value) == to_json(property_, current)


def _is_link(raw: Any) -> bool:
    """A navigation that comes back as it was read (``__deferred``) asks for nothing."""
    return raw is None or (isinstance(raw, Mapping) and set(raw) == {"__deferred"})
