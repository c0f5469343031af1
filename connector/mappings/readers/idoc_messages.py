"""
Read SAP IDocs, as XML or as flat files, into the same plain values.

Each segment is a mapping of its fields that are not empty, with a list of segments under the type
of each that belongs to it; segments are always lists. The control record is ``control``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import IO, Any, Final

from lxml import etree

from connector.errors import MessageError
from connector.mappings.message_format import IdocMessage
from connector.mappings.raw_message import RawMessage
from connector.mappings.readers import encodings
from connector.mappings.readers.encodings import Encoding, Line
from connector.mappings.readers.idoc_definition import (
    RECORD,
    RECORD_LENGTH,
    IdocDefinition,
    cut,
    orders05,
    segment_type,
)
from connector.mappings.readers.message_kinds import idoc_kind
from connector.mappings.readers.xml_messages import XmlKind, read_elements
from connector.mappings.readers.xml_structure import (
    NotPlainError,
    XmlElement,
    XmlRules,
    local_name,
)

_CONTROL: Final = "EDI_DC40"


def read_idoc(
    stream: IO[bytes], message: IdocMessage, source: str
) -> Iterator[RawMessage | MessageError]:
    """Yield the IDocs of *stream*; what cannot be read comes as a MessageError in its place."""
    encoding = encodings.encoding_of(stream, message, guess=True)
    start = stream.read(400)[encoding.mark :].decode(encoding.name, "replace").lstrip()
    stream.seek(0)
    if not start:
        yield MessageError(source, "the message is empty", "an IDoc")
        return
    found = (
        _read_xml(stream, message, source)
        if start.startswith("<")
        else _Flat(message, encoding, source).read(stream)
    )
    for each in found:
        if isinstance(each, RawMessage):
            kind = each.content["control"].get("MESTYP", "")
            if kind not in message.message_types:
                yield MessageError(
                    each.source,
                    f"this is {idoc_kind(kind)}",
                    " or ".join(idoc_kind(each) for each in message.message_types)
                    + ("" if kind else ", named in MESTYP of the control record"),
                )
                continue
        yield each


def _read_xml(
    stream: IO[bytes], message: IdocMessage, source: str
) -> Iterator[RawMessage | MessageError]:
    rules = _SegmentRules(max_depth=message.max_depth)
    kind = XmlKind(rules, ("IDOC",), expected="an IDoc with an element IDOC")
    for found in read_elements(stream, message, source, kind):
        if isinstance(found, MessageError):
            yield found
            continue
        content = {name: each for name, each in found.content.items() if name != "envelope"}
        control = content.pop(_CONTROL, None)
        if control is None:
            yield MessageError(found.source, "the IDoc has no control record", _CONTROL)
        else:
            yield replace(found, content={"control": control[0], **content})


class _SegmentRules(XmlRules):
    """Every element with the attribute SEGMENT, or with elements in it, is one of a list."""

    def mapping(self, element: XmlElement, depth: int = 1) -> dict[str, Any]:
        """Return the fields and segments of *element*."""
        if depth > self.max_depth:
            raise NotPlainError(f"more than {self.max_depth} levels", element.sourceline or 0)
        found: dict[str, Any] = {}
        for child in element:
            if child.tag is etree.Entity:
                raise NotPlainError("entities are not expanded", child.sourceline or 0)
            name = local_name(child)
            if len(child) or child.get("SEGMENT") is not None:
                segments = found.setdefault(name, [])
                if isinstance(segments, list):
                    segments.append(self.mapping(child, depth + 1))
            elif child.text and child.text.strip():
                found.setdefault(name, child.text.strip())
        return found


@dataclass(slots=True)
class _Idoc:
    """An IDoc of a flat file as far as it was read; ``problem`` is the first thing wrong."""

    first_line: int
    content: dict[str, Any]
    lines: list[str]
    size: int
    by_number: dict[str, dict[str, Any]] = field(default_factory=dict)
    latest: dict[str, dict[str, Any]] = field(default_factory=dict)
    problem: tuple[int, str, str] | None = None


class _Flat:
    def __init__(self, message: IdocMessage, encoding: Encoding, source: str) -> None:
        known = orders05()
        self._definition = IdocDefinition(
            known.control, {**known.segments, **message.segments}, known.parents
        )
        self._message, self._encoding, self._source = message, encoding, source

    def read(self, stream: IO[bytes]) -> Iterator[RawMessage | MessageError]:
        current: _Idoc | None = None
        stray = False
        try:
            for line in encodings.lines(stream, self._encoding, self._message, self._source):
                text = line.text.rstrip("\r\n")
                if not text.strip():
                    continue
                if text.startswith(_CONTROL):
                    if current is not None:
                        yield self._finished(current)
                    control = cut(text, self._definition.control)
                    current = _Idoc(line.number, {"control": control}, [text], len(text))
                    self._check(current, line)
                elif current is not None:
                    self._add(current, line, text)
                elif not stray:
                    stray = True
                    yield MessageError(
                        f"{self._source}, line {line.number}",
                        f"it starts with {text[:12]!r}",
                        f"the control record {_CONTROL}",
                    )
        except MessageError as error:
            yield error
            return
        if current is not None:
            yield self._finished(current)

    def _check(self, idoc: _Idoc, line: Line) -> None:
        found = encodings.not_text_in(line.text, self._encoding.name)
        if found is not None and idoc.problem is None:
            expected = encodings.text_expected(self._encoding.name)
            idoc.problem = line.number, found[1], expected

    def _add(self, idoc: _Idoc, line: Line, text: str) -> None:
        self._check(idoc, line)
        idoc.size += len(text)
        if idoc.size > self._message.max_bytes:
            idoc.lines.clear()
            expected = encodings.at_most(self._message)
            idoc.problem = idoc.problem or (line.number, "the IDoc is too large", expected)
            return
        idoc.lines.append(text)
        record = cut(text, RECORD)
        kind = segment_type(record.get("SEGNAM", ""))
        if not kind.isidentifier() or len(text) <= RECORD_LENGTH:
            if idoc.problem is None:
                expected = (
                    f"a segment such as E2EDK01005, with fields from position {RECORD_LENGTH}"
                )
                idoc.problem = line.number, f"{text[:30].strip()!r} is no segment", expected
            return
        values = text[RECORD_LENGTH:]
        fields = self._definition.segments.get(kind)
        segment: dict[str, Any] = cut(values, fields) if fields else {"SDATA": values.strip()}
        parent = self._parent(idoc, record.get("PSGNUM", ""), kind)
        parent.setdefault(kind, []).append(segment)
        idoc.latest[kind] = segment
        if number := record.get("SEGNUM", "").lstrip("0"):
            idoc.by_number[number] = segment

    def _parent(self, idoc: _Idoc, number: str, kind: str) -> dict[str, Any]:
        numbered = idoc.by_number.get(number.lstrip("0"))
        if numbered is not None:
            return numbered
        return idoc.latest.get(self._definition.parents.get(kind, ""), idoc.content)

    def _finished(self, idoc: _Idoc) -> RawMessage | MessageError:
        number = idoc.content["control"].get("DOCNUM", "without number")
        if idoc.problem is not None:
            line, problem, expected = idoc.problem
            return MessageError(f"{self._source}, IDoc {number}, line {line}", problem, expected)
        where = f"{self._source}, IDoc {number} (line {idoc.first_line})"
        notes = (self._encoding.note,) if self._encoding.note else ()
        return RawMessage(idoc.content, where, "".join(f"{each}\n" for each in idoc.lines), notes)
