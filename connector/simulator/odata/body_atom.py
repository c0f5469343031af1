"""Reads an Atom entry: properties in ``m:properties``, deep inserts in ``m:inline``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from connector.simulator.odata.errors import bad_request

ATOM = "{http://www.w3.org/2005/Atom}"
DATA = "{http://schemas.microsoft.com/ado/2007/08/dataservices}"
METADATA = "{http://schemas.microsoft.com/ado/2007/08/dataservices/metadata}"


@dataclass(frozen=True, slots=True)
class AtomText:
    """The text of a property element."""

    text: str


def read_atom(content: bytes) -> Mapping[str, Any]:
    """Return the entry that *content* is, as names and values. Raises ODataError (400)."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise bad_request(f"Malformed XML in the request body: {str(error)[:120]}") from None
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise bad_request("A document type is not allowed in the request body")
    if root.tag != f"{ATOM}entry":
        raise bad_request("The request body must be an Atom entry")
    return _entry(root)


def _entry(entry: etree._Element) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for properties in entry.iter(f"{METADATA}properties"):
        if _owner(properties) is entry:
            for element in properties.iterchildren(f"{DATA}*"):
                name = str(element.tag).removeprefix(DATA)
                is_null = element.get(f"{METADATA}null") == "true"
                found[name] = None if is_null else AtomText(element.text or "")
    for link in entry.iterchildren(f"{ATOM}link"):
        inline = link.find(f"{METADATA}inline")
        name = (link.get("title") or (link.get("rel") or "").rpartition("/")[2]).strip()
        if inline is not None and name:
            entries = [_entry(each) for each in inline.iter(f"{ATOM}entry") if _outer(each, inline)]
            found[name] = entries
    return found


def _owner(element: etree._Element) -> etree._Element | None:
    """Return the entry that *element* belongs to."""
    return next(element.iterancestors(f"{ATOM}entry"), None)


def _outer(entry: etree._Element, inline: etree._Element) -> bool:
    """Return whether no other inline stands between the two."""
    return next(entry.iterancestors(f"{METADATA}inline"), None) is inline
