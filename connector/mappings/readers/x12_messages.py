"""
Read ASC X12 interchanges into raw messages, one per transaction set.

X12 has no release character: the separators, which each ISA brings along, occur in no value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any, Final, NamedTuple

from connector.errors import MessageError
from connector.mappings.message_format import X12Message
from connector.mappings.raw_message import RawMessage
from connector.mappings.readers import encodings
from connector.mappings.readers.message_kinds import x12_kind
from connector.mappings.readers.segment_groups import Grouping
from connector.mappings.readers.x12_groups import MESSAGE, SINGLE, TRAILER, product_ids

_TAG: Final = re.compile(r"[A-Z][A-Z0-9]{1,2}")
_FIELDS_OF_ISA: Final = 16
#: It has 106 characters; some senders make it longer. The next line tells what ends segments.
_LENGTH_OF_ISA: Final = 600


class Separators(NamedTuple):
    """What separates elements, components and repetitions, and ends segments."""

    element: str
    component: str
    repetition: str
    terminator: str


class Segment(NamedTuple):
    """A segment as it stands: its number in the file from 1, its text, tag and elements."""

    number: int
    text: str
    tag: str
    elements: tuple[str, ...]


@dataclass(slots=True)
class _Envelope:
    """Where in an interchange the reading is."""

    separators: Separators
    isa: Segment
    gs: Segment | None = None
    groups: int = 0
    transactions: int = 0
    segments: list[Segment] = field(default_factory=list)
    is_in_transaction: bool = False
    is_complete: bool = False


def read_x12(
    stream: IO[bytes], message: X12Message, source: str
) -> Iterator[RawMessage | MessageError]:
    """Yield the transaction sets of *stream*; what cannot be read comes as a MessageError."""
    try:
        content = encodings.whole(stream, message, source)
        text, note = encodings.decoded(content, message, source, guess=True)
    except MessageError as error:
        yield error
        return
    start = text.find("ISA")
    if not text.strip():
        yield MessageError(source, "the message is empty", "an X12 interchange")
    elif start < 0 or text[:start].strip():
        yield MessageError(source, f"it starts with {text.strip()[:12]!r}", "ISA, as X12 does")
    else:
        yield from _Reader(message, source, note).read(text[start:])


class _Reader:
    def __init__(self, message: X12Message, source: str, note: str) -> None:
        self._message, self._source = message, source
        self._notes = (note,) if note else ()
        self._is_strict = message.control_counts == "check"
        self._number = 0
        self._found = 0
        self._at: _Envelope | None = None

    def read(self, text: str) -> Iterator[RawMessage | MessageError]:
        try:
            start = 0
            while start < len(text):
                separators = self._separators(text[start : start + _LENGTH_OF_ISA])
                end = self._next_interchange(text, start, separators)
                yield from self._interchange(text[start:end], separators)
                start = end
        except MessageError as error:
            yield error
            return
        if not self._found:
            yield MessageError(self._source, "there are no transaction sets", self._expected())

    @staticmethod
    def _next_interchange(text: str, start: int, separators: Separators) -> int:
        """Return where the next ISA begins: its separators may be others."""
        opening = re.compile(re.escape(separators.terminator) + r"\s*(ISA[^A-Za-z0-9\s])")
        following = opening.search(text, start + 3)
        return following.start(1) if following else len(text)

    def _separators(self, text: str) -> Separators:
        element = text[3:4]
        # ISA has fixed lengths, and some senders get one wrong: its elements are counted instead.
        position = 3
        for _ in range(_FIELDS_OF_ISA - 1):
            position = text.find(element, position + 1) if element else -1
            if position < 0 or position > 200:
                raise MessageError(
                    f"{self._source}, segment {self._number + 1}",
                    "ISA is cut off, or its elements are not separated",
                    f"ISA with {_FIELDS_OF_ISA} elements",
                )
        component, terminator = text[position + 1 : position + 2], text[position + 2 : position + 3]
        following = text[position + 3 :].lstrip().partition("\n")[0].rstrip()
        if terminator in "\r\n" and component and following.endswith(component):
            # ISA16 is missing, and what seems to be it ends the segments.
            component, terminator = "\x1f", component
        found = (element, component, terminator)
        if len(set(found)) < 3 or "" in found or any(each.isalnum() for each in found):
            raise MessageError(
                f"{self._source}, segment {self._number + 1}",
                "ISA does not say what separates elements and components and ends segments",
                "three different characters that are no letters or digits",
            )
        standard = text[:position].split(element)[11]
        repetition = standard if len(standard) == 1 and not standard.isalnum() else ""
        return Separators(element, component, repetition, terminator)

    def _interchange(
        self, text: str, separators: Separators
    ) -> Iterator[RawMessage | MessageError]:
        at: _Envelope | None = None
        for segment in self._segments(text, separators):
            if at is None:
                if len(segment.elements) < _FIELDS_OF_ISA - 1:
                    raise MessageError(
                        f"{self._source}, segment {segment.number}",
                        "ISA ends before its last element: what ends segments stands in it",
                        f"ISA with {_FIELDS_OF_ISA} elements",
                    )
                at = _Envelope(separators, _without_passwords(segment, separators))
                continue
            if segment.tag == "ST":
                if at.is_in_transaction:
                    yield self._broken_off(at)
                at.segments, at.is_in_transaction = [segment], True
                at.transactions += 1
            elif at.is_in_transaction:
                if segment.tag in ("GE", "IEA", "GS"):
                    yield self._broken_off(at)
                    at.is_in_transaction = False
                else:
                    at.segments.append(segment)
                    if segment.tag == "SE":
                        at.is_in_transaction = False
                        yield from self._transaction(at)
                    continue
            yield from self._envelope(at, segment)
        if at is not None and at.is_in_transaction:
            yield self._broken_off(at)
        elif at is not None and not at.is_complete:
            yield MessageError(
                f"{self._source}, segment {self._number}",
                "the interchange breaks off: it has no IEA",
                "a complete interchange; ask the sender for what may follow",
            )

    def _envelope(self, at: _Envelope, segment: Segment) -> Iterator[MessageError]:
        """Follow the segments around transaction sets."""
        where = f"{self._source}, segment {segment.number}"
        if segment.tag == "GS":
            at.gs, at.transactions = segment, 0
            at.groups += 1
        elif segment.tag == "GE":
            yield from self._counted(where, segment, at.transactions, "transaction sets")
            at.gs = None
        elif segment.tag == "IEA":
            yield from self._counted(where, segment, at.groups, "functional groups")
            at.is_complete = True
        elif segment.tag not in ("ST", "TA1"):
            yield MessageError(
                where, f"{segment.text[:20]!r} stands outside of a transaction set", "ST before it"
            )

    def _counted(
        self, where: str, segment: Segment, found: int, what: str
    ) -> Iterator[MessageError]:
        said = segment.elements[0] if segment.elements else ""
        if self._is_strict and said.strip().lstrip("0") != str(found or ""):
            yield MessageError(
                where,
                f"{segment.tag} counts {said or 'no'} {what}, and there are {found}",
                "all that was sent; message.control_counts: ignore accepts such files",
            )

    def _segments(self, text: str, separators: Separators) -> Iterator[Segment]:
        for piece in text.split(separators.terminator):
            stripped = piece.strip("\r\n\t \x00\x1a")
            if not stripped:
                continue
            self._number += 1
            tag, *elements = stripped.split(separators.element)
            yield Segment(self._number, stripped, tag.strip(), tuple(elements))

    def _broken_off(self, at: _Envelope) -> MessageError:
        return MessageError(
            self._where(at), "the transaction set breaks off: it has no SE", "a complete one"
        )

    def _where(self, at: _Envelope) -> str:
        first = at.segments[0]
        number = first.elements[1] if len(first.elements) > 1 else "without number"
        return f"{self._source}, transaction {number} (segment {first.number})"

    def _expected(self) -> str:
        return " or ".join(x12_kind(kind) for kind in self._message.transactions)

    def _transaction(self, at: _Envelope) -> Iterator[RawMessage | MessageError]:
        self._found += 1
        first, last = at.segments[0], at.segments[-1]
        kind = first.elements[0].strip() if first.elements else ""
        if kind not in self._message.transactions:
            yield MessageError(self._where(at), f"this is {x12_kind(kind)}", self._expected())
            return
        try:
            self._check(at, first, last)
            content = self._content(at)
        except MessageError as error:
            yield error
            return
        yield RawMessage(content, self._where(at), _as_text(at), self._notes)

    def _check(self, at: _Envelope, first: Segment, last: Segment) -> None:
        for segment in at.segments:
            self._check_segment(segment, at.separators)
        if not self._is_strict:
            return
        numbers = (first.elements[1:2] or ("",))[0], (last.elements[1:2] or ("",))[0]
        if numbers[0].strip() != numbers[1].strip():
            raise MessageError(
                self._where(at),
                f"ST has the control number {numbers[0]!r} and SE {numbers[1]!r}",
                "the same; message.control_counts: ignore accepts such messages",
            )
        said = (last.elements[:1] or ("",))[0].strip()
        if said.lstrip("0") != str(len(at.segments)):
            raise MessageError(
                self._where(at),
                f"SE counts {said or 'no'} segments, and there are {len(at.segments)}",
                "all that was sent; message.control_counts: ignore accepts such messages",
            )

    def _check_segment(self, segment: Segment, separators: Separators) -> None:
        where = f"{self._source}, segment {segment.number} ({segment.tag[:12]})"
        if not _TAG.fullmatch(segment.tag):
            raise MessageError(where, f"{segment.tag[:20]!r} is no segment", "a tag such as PO1")
        for line in re.split(r"[\r\n]+", segment.text)[1:]:
            # A wrapped line goes on with a value, and one without terminator with a segment.
            tag, separator, _ = line.strip().partition(separators.element)
            if separator and _TAG.fullmatch(tag):
                raise MessageError(
                    where,
                    f"the segment goes on into {tag} in the next line",
                    f"{separators.terminator!r} at its end",
                )

    def _content(self, at: _Envelope) -> dict[str, Any]:
        separators = at.separators
        grouping = Grouping(MESSAGE)
        grouping.content["ISA"] = _named(at.isa, separators._replace(component="", repetition=""))
        grouping.content["GS"] = _named(at.gs, separators) if at.gs else {}
        for segment in at.segments:
            named = _named(segment, separators)
            if segment.tag == TRAILER:
                grouping.close("summary")
            if segment.tag in SINGLE:
                if segment.tag in grouping.content:
                    raise MessageError(
                        f"{self._source}, segment {segment.number} ({segment.tag})",
                        f"{segment.tag} stands there twice",
                        "one in each transaction set",
                    )
                grouping.content[segment.tag] = named
                continue
            ids = product_ids(segment.tag, segment.elements)
            if ids:
                named["ids"] = ids
            grouping.add(segment.tag, named)
        return grouping.content


def _without_passwords(isa: Segment, separators: Separators) -> Segment:
    """Return ISA with blanks for authorisation (02) and security information (04)."""
    elements = list(isa.elements)
    for position in (1, 3):
        if position < len(elements):
            elements[position] = " " * len(elements[position])
    text = separators.element.join((isa.text[:3], *elements))
    return isa._replace(text=text, elements=tuple(elements))


def _named(segment: Segment, separators: Separators) -> dict[str, Any]:
    """Return the elements that are not empty by name: PO102, and PO106_1 of a composite."""
    named: dict[str, Any] = {}
    for position, element in enumerate(segment.elements, 1):
        value = re.sub(r"[\r\n]+", "", element).strip()
        if not value:
            continue
        name = f"{segment.tag}{position:02}"
        named[name] = value
        if separators.component and separators.component in value:
            for part, component in enumerate(value.split(separators.component), 1):
                if component.strip():
                    named[f"{name}_{part}"] = component.strip()
        if separators.repetition and separators.repetition in value:
            named[f"{name}_all"] = [each.strip() for each in value.split(separators.repetition)]
    return named


def _as_text(at: _Envelope) -> str:
    """Return the transaction set as an interchange of its own."""
    element, end = at.separators.element, at.separators.terminator
    gs = at.gs.elements if at.gs else ()
    group = gs[5] if len(gs) > 5 else ""
    control = at.isa.elements[12] if len(at.isa.elements) > 12 else ""
    trailer = (f"GE{element}1{element}{group}",) if at.gs else ()
    parts = (
        at.isa.text,
        *((at.gs.text,) if at.gs else ()),
        *(segment.text for segment in at.segments),
        *trailer,
        f"IEA{element}{1 if at.gs else 0}{element}{control}",
    )
    return "".join(f"{part}{end}\n" for part in parts)
