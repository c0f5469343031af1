"""Paths of resources: segments, key predicates, and the way back from an entity to its address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote

from connector.simulator.odata.entity_set import Key, Value
from connector.simulator.odata.errors import SYNTAX, bad_request
from connector.simulator.odata.literals import typed
from connector.simulator.odata.schema import Set, StructuredType
from connector.simulator.odata.values import to_literal

_SEGMENT = re.compile(r"(?P<name>\$?[\w.-]+)(?P<keys>\(.*\))?", re.DOTALL)
_PART = re.compile(r"(?:(?P<name>\w+)\s*=\s*)?(?P<literal>(?:\w*'(?:[^']|'')*'|[^',]+))", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment: its name, and what stands in parentheses after it (None: no parentheses)."""

    name: str
    keys: str | None = None


def segments_of(path: str) -> list[Segment]:
    """
    Return the segments of *path*, percent-encoded and without the service root.

    Raises ODataError (400) for what cannot be a segment.
    """
    found = []
    for part in _split(path.strip("/")):
        text = _decoded(part)
        match = _SEGMENT.fullmatch(text)
        if match is None:
            raise bad_request(f"Malformed URI segment '{text[:80]}'", SYNTAX)
        keys = match["keys"]
        found.append(Segment(match["name"], None if keys is None else keys[1:-1]))
    return found


def key_of(type_: StructuredType, text: str) -> dict[str, Value]:
    """Return the key that *text* (inside the parentheses) gives. Raises ODataError (400)."""
    given = named_literals(text)
    if set(given) == {""} and len(type_.key) == 1:
        given = {type_.key[0]: given[""]}
    if set(given) != set(type_.key):
        raise bad_request(
            f"Invalid key predicate ({text[:80]}) for type '{type_.name}': "
            f"the key properties are {', '.join(type_.key)}",
            SYNTAX,
        )
    key: dict[str, Value] = {}
    for name in type_.key:
        try:
            key[name] = typed(type_.properties[name], given[name])
        except ValueError as error:
            raise bad_request(f"Invalid key value for property '{name}': {error}", SYNTAX) from None
    return key


def named_literals(text: str) -> dict[str, str]:
    """Return ``name=literal, ...`` as a dict; a literal without a name is named "". Raises 400."""
    found: dict[str, str] = {}
    position = 0
    while position < len(text):
        match = _PART.match(text, position)
        if match is None or (match["name"] or "") in found:
            raise bad_request(f"Invalid key predicate ({text[:80]})", SYNTAX)
        found[match["name"] or ""] = match["literal"].strip()
        position = match.end()
        rest = text[position:].lstrip()
        if rest and not rest.startswith(","):
            raise bad_request(f"Invalid key predicate ({text[:80]})", SYNTAX)
        if rest:
            position = text.index(",", position) + 1
            while position < len(text) and text[position] == " ":
                position += 1
            if position == len(text):
                raise bad_request(f"Invalid key predicate ({text[:80]})", SYNTAX)
    return found


def entity_path(set_: Set, key: Key) -> str:
    """Return the canonical path of an entity below its service root, percent-encoded."""
    properties = set_.type.properties
    literals = [(name, to_literal(properties[name], key[name])) for name in set_.type.key]
    if len(literals) == 1:
        inside = quote(literals[0][1], safe="'")
    else:
        inside = ",".join(f"{name}={quote(text, safe=chr(39))}" for name, text in literals)
    return f"{set_.name}({inside})"


def key_in(set_: Set, values: Mapping[str, Value]) -> dict[str, Value]:
    """Return the key properties among *values*."""
    return {name: values.get(name, "") for name in set_.type.key}


def _split(path: str) -> list[str]:
    """Split at slashes outside of quotes (an encoded quote counts as one)."""
    parts, current, quoted = [], "", False
    for piece in re.split(r"('|%27|/)", path):
        if piece in ("'", "%27"):
            quoted = not quoted
        if piece == "/" and not quoted:
            if current:
                parts.append(current)
            current = ""
            continue
        current += piece
    return [*parts, current] if current else parts


def _decoded(text: str) -> str:
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise bad_request("The URI is not encoded in UTF-8", SYNTAX) from None
