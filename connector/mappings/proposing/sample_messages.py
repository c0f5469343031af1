"""Sample files read for the first time: which format they have, and where the orders are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter

from connector.errors import ConfigurationError, MessageError
from connector.mappings.message_format import MessageFormat
from connector.mappings.proposing import vocabulary
from connector.mappings.proposing.lines import order_likeness
from connector.mappings.proposing.names import likeness
from connector.mappings.proposing.sample_tables import table_message
from connector.mappings.readers.registry import read_messages

#: So many messages are looked at.
MOST_MESSAGES: Final = 300
#: So much of a file says which format it has.
_HEAD: Final = 4096
#: How deep an envelope may be.
_DEEPEST: Final = 3
_FORMAT: Final[TypeAdapter[MessageFormat]] = TypeAdapter(MessageFormat)

#: What files of the standards begin with, or have soon after.
_STANDARDS: Final = (
    ("x12", re.compile(rb"^\s*ISA.GS|^\s*ISA[^A-Za-z0-9]")),
    ("edifact", re.compile(rb"^\s*(UNA.{6}\s*)?UNB\W", re.DOTALL)),
    ("idoc", re.compile(rb"^\s*EDI_DC40|<EDI_DC40")),
    ("ubl", re.compile(rb"urn:oasis:names:specification:ubl:schema:xsd:Order-2")),
    ("cxml", re.compile(rb"<cXML\b")),
    ("opentrans", re.compile(rb"<(\w+:)?ORDER(_LIST)?\b[^>]*(opentrans|version=)", re.IGNORECASE)),
)


@dataclass(frozen=True, slots=True)
class Samples:
    """
    Messages of sample files: the ``message`` of a profile, and ``orders`` as plain values.

    ``problems`` are messages that could not be read.
    """

    message: dict[str, Any]
    orders: tuple[Mapping[str, Any], ...]
    problems: tuple[str, ...] = ()


def standard_of(path: Path) -> str:
    """Return the name of the standard that the file at *path* follows, empty for none."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    return next((name for name, pattern in _STANDARDS if pattern.search(head)), "")


def read_samples(paths: Sequence[Path]) -> Samples:
    """
    Read the files at *paths*, which are all of one format.

    Raises:
        ConfigurationError: the format is not known, or nothing in them looks like an order.
    """
    kind = _kind(paths[0])
    if kind == "json":
        return _json(paths)
    if kind == "xml":
        return _xml(paths)
    return _read(paths, table_message(paths, kind))


def _kind(path: Path) -> str:
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    if head.startswith(b"PK\x03\x04"):
        return "xlsx"
    text = head.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")
    if text[:1] in (b"{", b"["):
        return "json"
    if text[:1] == b"<":
        return "xml"
    if not text:
        raise ConfigurationError(str(path), "is empty", "Give a file with messages")
    return "delimited"


def _read(paths: Sequence[Path], message: dict[str, Any]) -> Samples:
    """Read *paths* as *message* says."""
    checked = _FORMAT.validate_python(message)
    orders: list[Mapping[str, Any]] = []
    problems: list[str] = []
    for path in paths:
        with path.open("rb") as stream:
            for found in islice(read_messages(checked, stream, path.name), MOST_MESSAGES):
                if isinstance(found, MessageError):
                    problems.append(str(found))
                else:
                    orders.append(found.content)
    if not orders:
        told = f": {problems[0]}" if problems else ""
        raise ConfigurationError(str(paths[0]), f"has no messages{told}", "Give other samples")
    return Samples(message, tuple(orders[:MOST_MESSAGES]), tuple(problems))


def _json(paths: Sequence[Path]) -> Samples:
    whole = _read(paths, {"format": "json"})
    best, envelope = order_likeness(whole.orders[:20]), {}
    for found in _envelopes(whole.orders[0]):
        objects = [each for order in whole.orders[:20] for each in _inside(order, found)]
        score = order_likeness(objects[:20]) if objects else 0.0
        if score > best:
            best, envelope = score, found
    return _read(paths, {"format": "json", **envelope}) if envelope else whole


def _envelopes(content: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[dict[str, str]]:
    """Yield the keys under which one order, or many, may stand."""
    for key, inner in content.items():
        path = (*above, key)
        if "." in key or len(path) > _DEEPEST:
            continue
        if isinstance(inner, Mapping):
            yield {"one": ".".join(path)}
            yield from _envelopes(inner, path)
        elif isinstance(inner, list) and inner and isinstance(inner[0], Mapping):
            yield {"many": ".".join(path)}
            for wrapper in _wrappers(inner[0], ()):
                yield {"many": ".".join(path), "one": wrapper}


def _wrappers(content: Mapping[str, Any], above: tuple[str, ...]) -> Iterator[str]:
    """Yield the keys under which an order of a list may stand."""
    for key, inner in content.items():
        if isinstance(inner, Mapping) and "." not in key and len(above) < _DEEPEST:
            yield ".".join((*above, key))
            yield from _wrappers(inner, (*above, key))


def _inside(content: Mapping[str, Any], envelope: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """Return the objects that *envelope* leads to."""
    found: list[Any] = [content]
    if "many" in envelope:
        listed = _at(content, envelope["many"])
        found = listed if isinstance(listed, list) else []
    if "one" in envelope:
        found = [_at(each, envelope["one"]) for each in found]
    return [each for each in found if isinstance(each, Mapping)]


def _at(content: Any, path: str) -> Any:
    for key in path.split("."):
        content = content.get(key) if isinstance(content, Mapping) else None
    return content


def _xml(paths: Sequence[Path]) -> Samples:
    whole = _read(paths, {"format": "xml"})
    repeated = sorted({name for order in whole.orders for name in _repeated(order, "")})
    message: dict[str, Any] = {"format": "xml", **({"repeated": repeated} if repeated else {})}
    whole = _read(paths, message)
    best = order_likeness(whole.orders[:20])
    for found in _envelopes(whole.orders[0]):
        name = found.get("one", found.get("many", "")).rpartition(".")[2]
        if not name or ("one" in found and "many" in found):
            continue
        objects = [each for order in whole.orders[:20] for each in _inside(order, found)]
        score = order_likeness(objects[:20])
        if score > best:
            others = [each for each in repeated if each != name]
            best, message = score, {"format": "xml", "order": name, "repeated": others}
    return _read(paths, message)


def _repeated(content: Mapping[str, Any], above: str) -> Iterator[str]:
    """Yield elements that repeat, or that may: the only kind of child of a list by its name."""
    for key, inner in content.items():
        if isinstance(inner, list):
            yield key
            for each in inner:
                if isinstance(each, Mapping):
                    yield from _repeated(each, key)
        elif isinstance(inner, Mapping):
            is_only = len([k for k in content if not k.startswith("@")]) == 1
            if above and is_only and likeness((above,), vocabulary.LINES) > 0.8:
                yield key
            yield from _repeated(inner, key)
