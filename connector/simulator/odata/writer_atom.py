"""Writes Atom and XML as OData 2.0 has it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from lxml import etree

from connector.simulator.odata.entity_set import Entity, Value
from connector.simulator.odata.etags import etag_of
from connector.simulator.odata.schema import Function, Property, Set
from connector.simulator.odata.shape import Shape
from connector.simulator.odata.source import value_of
from connector.simulator.odata.values import to_text
from connector.simulator.odata.writer import Addresses, Feed

_ATOM = "http://www.w3.org/2005/Atom"
_APP = "http://www.w3.org/2007/app"
_DATA = "http://schemas.microsoft.com/ado/2007/08/dataservices"
_METADATA = "http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"
_SCHEME = "http://schemas.microsoft.com/ado/2007/08/dataservices/scheme"
_SAP = "http://www.sap.com/Protocols/SAPData"
_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_NOT_IN_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NAMES: Any = {None: _ATOM, "m": _METADATA, "d": _DATA}


class AtomWriter:
    """Writes the answers of one service; *at* is when an entry says it was updated."""

    entry_type = "application/atom+xml;type=entry;charset=utf-8"
    feed_type = "application/atom+xml;type=feed;charset=utf-8"
    service_type = "application/atomsvc+xml;charset=utf-8"

    def __init__(self, addresses: Addresses, at: datetime) -> None:
        self._addresses = addresses
        self._at = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def entry(self, entity: Entity, shape: Shape) -> bytes:
        """Write one entity."""
        element = etree.Element(_atom("entry"), nsmap=_NAMES)
        element.set(_BASE, f"{self._addresses.root}/")
        self._fill(element, entity, shape)
        return _dump(element)

    def feed(self, feed: Feed, shape: Shape, path: str) -> bytes:
        """Write a collection."""
        element = etree.Element(_atom("feed"), nsmap=_NAMES)
        element.set(_BASE, f"{self._addresses.root}/")
        address = f"{self._addresses.root}/{path.strip('/')}"
        self._feed(element, feed, shape, address, path.rpartition("/")[2])
        return _dump(element)

    def property(self, property_: Property, value: Value) -> bytes:
        """Write one property as an element of its name."""
        element = etree.Element(f"{{{_DATA}}}{property_.name}", nsmap={"d": _DATA, "m": _METADATA})
        _value(element, property_, value)
        return _dump(element)

    def links(self, set_: Set, entities: Sequence[Entity], *, many: bool) -> bytes:
        """Write addresses of entities."""
        names: Any = {None: _DATA}
        root = etree.Element(f"{{{_DATA}}}links" if many else f"{{{_DATA}}}uri", nsmap=names)
        for entity in entities:
            element = etree.SubElement(root, f"{{{_DATA}}}uri") if many else root
            element.text = self._addresses.entity(set_, entity)
        return _dump(root)

    def function_result(self, function: Function, results: Sequence[Entity]) -> bytes:
        """Write complex values under the name of the function."""
        root = etree.Element(f"{{{_DATA}}}{function.name}", nsmap={"d": _DATA, "m": _METADATA})
        for each in results:
            many = function.is_collection
            element = etree.SubElement(root, f"{{{_DATA}}}element") if many else root
            element.set(_m("type"), self._addresses.type_name(function.returns.name))
            for property_ in function.returns.properties.values():
                inner = etree.SubElement(element, f"{{{_DATA}}}{property_.name}")
                _value(inner, property_, value_of(property_, each))
        return _dump(root)

    def service_document(self) -> bytes:
        """Write the workspace with a collection per entity set."""
        names: Any = {None: _APP, "atom": _ATOM, "m": _METADATA, "sap": _SAP}
        root = etree.Element(f"{{{_APP}}}service", nsmap=names)
        root.set(_BASE, f"{self._addresses.root}/")
        workspace = etree.SubElement(root, f"{{{_APP}}}workspace")
        etree.SubElement(workspace, _atom("title")).text = "Data"
        for name in self._addresses.service.sets:
            collection = etree.SubElement(workspace, f"{{{_APP}}}collection", {"href": name})
            etree.SubElement(collection, _atom("title")).text = name
        return _dump(root)

    def _feed(
        self, element: etree._Element, feed: Feed, shape: Shape, address: str, name: str
    ) -> None:
        if feed.count is not None:
            etree.SubElement(element, _m("count")).text = str(feed.count)
        etree.SubElement(element, _atom("id")).text = address
        etree.SubElement(element, _atom("title"), {"type": "text"}).text = name
        etree.SubElement(element, _atom("updated")).text = self._at
        _link(element, name, "self", name)
        for entity in feed.entities:
            self._fill(etree.SubElement(element, _atom("entry")), entity, shape)
        if feed.next:
            etree.SubElement(element, _atom("link"), {"rel": "next", "href": feed.next})

    def _fill(self, element: etree._Element, entity: Entity, shape: Shape) -> None:
        set_ = shape.set
        address = self._addresses.entity(set_, entity)
        relative = address.removeprefix(f"{self._addresses.root}/")
        etag = etag_of(set_.type, entity)
        if etag:
            element.set(_m("etag"), etag)
        etree.SubElement(element, _atom("id")).text = address
        etree.SubElement(element, _atom("title"), {"type": "text"}).text = relative
        etree.SubElement(element, _atom("updated")).text = self._at
        term = self._addresses.type_name(set_.type.name)
        etree.SubElement(element, _atom("category"), {"term": term, "scheme": _SCHEME})
        _link(element, relative, "edit" if set_.updatable else "self", set_.type.name)
        for navigation in shape.navigations:
            self._navigation(element, entity, shape, navigation.name, relative)
        content = etree.SubElement(element, _atom("content"), {"type": "application/xml"})
        properties = etree.SubElement(content, _m("properties"))
        for property_ in shape.properties:
            inner = etree.SubElement(properties, f"{{{_DATA}}}{property_.name}")
            _value(inner, property_, value_of(property_, entity))

    def _navigation(
        self, element: etree._Element, entity: Entity, shape: Shape, name: str, relative: str
    ) -> None:
        navigation = shape.set.type.navigations[name]
        many = navigation.is_collection
        link = _link(element, f"{relative}/{name}", f"{_DATA}/related/{name}", name)
        link.set("type", f"application/atom+xml;type={'feed' if many else 'entry'}")
        inner = shape.expanded.get(name)
        if inner is None:
            return
        inline = etree.SubElement(link, _m("inline"))
        found = self._addresses.source.follow(shape.set, entity, navigation)
        if many:
            address = f"{self._addresses.root}/{relative}/{name}"
            self._feed(
                etree.SubElement(inline, _atom("feed")), Feed(list(found)), inner, address, name
            )
            return
        first = next(found, None)
        if first is not None:
            self._fill(etree.SubElement(inline, _atom("entry")), first, inner)


def _link(parent: etree._Element, href: str, rel: str, title: str) -> etree._Element:
    return etree.SubElement(parent, _atom("link"), {"href": href, "rel": rel, "title": title})


def _value(element: etree._Element, property_: Property, value: Value) -> None:
    if property_.type != "String":
        element.set(_m("type"), f"Edm.{property_.type}")
    if value is None:
        element.set(_m("null"), "true")
        return
    element.text = _NOT_IN_XML.sub("", to_text(property_, value))


def _atom(name: str) -> str:
    return f"{{{_ATOM}}}{name}"


def _m(name: str) -> str:
    return f"{{{_METADATA}}}{name}"


def _dump(element: etree._Element) -> bytes:
    return etree.tostring(element, xml_declaration=True, encoding="utf-8")
