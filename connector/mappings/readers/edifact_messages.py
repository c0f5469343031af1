"""
Read UN/EDIFACT interchanges into raw messages, one per message; pydifact splits the segments.

Each segment is a mapping of its fields by name, and ``elements`` with every component as it
stands. Numbers have a point, whatever UNA says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any, Final, NamedTuple

from pydifact.control.characters import Characters
from pydifact.exceptions import EDISyntaxError
from pydifact.parser import Parser
from pydifact.tokenizer import Tokenizer

from connector.errors import MessageError
from connector.mappings.message_format import AUTO, EdifactMessage
from connector.mappings.raw_message import RawMessage
from connector.mappings.readers import encodings
from connector.mappings.readers.edifact_segments import MESSAGE, SINGLE, SUMMARY, named
from connector.mappings.readers.message_kinds import edifact_kind
from connector.mappings.readers.segment_groups import Grouping

Elements = tuple[tuple[str, ...], ...]

#: Syntax identifiers of UNB and what they stand for (ISO 9735).
_SYNTAX: Final = {
    "UNOA": "ascii", "UNOB": "ascii", "UNOC": "iso8859-1", "UNOD": "iso8859-2",
    "UNOE": "iso8859-5", "UNOF": "iso8859-7", "UNOG": "iso8859-3", "UNOH": "iso8859-4",
    "UNOI": "iso8859-6", "UNOJ": "iso8859-8", "UNOK": "iso8859-9", "UNOL": "iso8859-15",
    "UNOW": "utf-8", "UNOX": "iso2022_jp", "UNOY": "utf-8",
}  # fmt: skip

#: UNA where a message has none (ISO 9735, syntax version 3; 4 allows a comma as well).
_DEFAULT: Final = "UNA:+.? '"

_UNB: Final = re.compile(rb"UNB.(UNO[A-Z])")
_START: Final = re.compile(r"UNA.{6}\s*UNB|UNB", re.DOTALL)
#: Where another interchange with separators of its own begins; UNB alone keeps those before it.
_ANEW: Final = re.compile(r"UNA.{6}\s*(?=UNB)", re.DOTALL)
_TAG: Final = re.compile(r"[A-Z]{3}")
#: Where in UNB the recipient's password stands, from 0.
_PASSWORD: Final = 5


class Segment(NamedTuple):
    """A segment: its number in the file from 1, its tag and its elements with their components."""

    number: int
    tag: str
    elements: Elements

    def at(self, element: int, component: int = 0) -> str:
        """Return a component, empty where there is none; both counted from 0."""
        found = self.elements[element] if element < len(self.elements) else ()
        return found[component] if component < len(found) else ""


@dataclass(slots=True)
class _Interchange:
    """Where the reading is: UNB, and the message that is open."""

    unb: Segment | None = None
    messages: int = 0
    groups: int = 0
    segments: list[Segment] = field(default_factory=list)


def read_edifact(
    stream: IO[bytes], message: EdifactMessage, source: str
) -> Iterator[RawMessage | MessageError]:
    """Yield the messages of *stream*; what cannot be read comes as a MessageError in its place."""
    try:
        content = encodings.whole(stream, message, source)
        text, note = _decoded(content, message, source)
    except MessageError as error:
        yield error
        return
    start = _START.search(text)
    if not text.strip():
        yield MessageError(source, "the message is empty", "an EDIFACT interchange")
    elif start is None or text[: start.start()].strip():
        yield MessageError(
            source, f"it starts with {text.strip()[:12]!r}", "UNA or UNB, as EDIFACT does"
        )
    else:
        yield from _Reader(message, source, note).read(text[start.start() :])


def _decoded(content: bytes, message: EdifactMessage, source: str) -> tuple[str, str]:
    """Return the text in the encoding that is told, or that of UNB; anything else is said."""
    found = _UNB.search(content[:2_000])
    identifier = found[1].decode("ascii") if found else ""
    named_encoding = _SYNTAX.get(identifier)
    if message.encoding != AUTO or named_encoding is None:
        return encodings.decoded(content, message, source, guess=True)
    if content.startswith(b"\xef\xbb\xbf"):
        named_encoding = "utf-8-sig"
    try:
        return content.decode(named_encoding), ""
    except UnicodeDecodeError:
        text, note = encodings.decoded(content, message, source, guess=True)
        said = f"UNB says {identifier}, and the text is not"
        return text, f"{said}: {note}" if note else f"{said}; it was read as UTF-8"


class _Reader:
    def __init__(self, message: EdifactMessage, source: str, note: str) -> None:
        self._message, self._source = message, source
        self._notes = (note,) if note else ()
        self._is_strict = message.control_counts == "check"
        self._number = 0
        self._found = 0

    def read(self, text: str) -> Iterator[RawMessage | MessageError]:
        try:
            starts = [0, *(m.start() for m in _ANEW.finditer(text) if m.start())]
            for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
                yield from self._interchanges(text[start:end])
        except MessageError as error:
            yield error
            return
        if not self._found:
            yield MessageError(self._source, "there are no messages", self._expected())

    def _interchanges(self, text: str) -> Iterator[RawMessage | MessageError]:
        characters = self._characters(text)
        body = text[9:] if text.startswith("UNA") else text
        at = _Interchange()
        for segment in self._segments(body.strip(), characters):
            if at.segments and segment.tag in ("UNH", "UNE", "UNZ", "UNB"):
                yield self._broken_off(at)
                at.segments = []
            if at.segments or segment.tag == "UNH":
                at.messages += not at.segments
                at.segments.append(segment)
                if segment.tag == "UNT":
                    yield from self._one(at, characters)
                    at.segments = []
            else:
                yield from self._envelope(at, segment)
        if at.segments:
            yield self._broken_off(at)
        elif at.unb is not None:
            yield MessageError(
                f"{self._source}, segment {self._number}",
                "the interchange breaks off: it has no UNZ",
                "a complete interchange; ask the sender for what may follow",
            )

    def _characters(self, text: str) -> Characters:
        if not text.startswith("UNA"):
            return Characters.from_str(_DEFAULT)
        service = text[3:9]
        # The decimal mark and the reserved character may be anything.
        separating = [service[0], service[1], service[5], *service[3].strip()]
        if len(set(separating)) < len(separating) or any(c.isalnum() for c in separating):
            raise MessageError(
                f"{self._source}, segment {self._number + 1} (UNA)",
                f"UNA says {service!r}",
                'different characters that are no letters or digits, such as ":+.? \'"',
            )
        return Characters.from_str(f"UNA{service}")

    def _segments(self, text: str, characters: Characters) -> Iterator[Segment]:
        tokens = Tokenizer().get_tokens(text, characters)
        try:
            for raw in Parser().convert_tokens_to_raw_segments(tokens):
                self._number += 1
                elements = tuple(
                    tuple(_unwrapped(part) for part in ([each] if isinstance(each, str) else each))
                    for each in raw
                )
                tag = elements[0][0] if elements and elements[0] else ""
                yield Segment(self._number, tag.strip(), elements[1:])
        except EDISyntaxError as error:
            said = str(error).partition(": ")[2] or str(error)
            raise MessageError(
                f"{self._source}, segment {self._number + 1}",
                f"not EDIFACT: {said}; this message and all after it are lost",
                "segments that are ended",
            ) from None

    def _envelope(self, at: _Interchange, segment: Segment) -> Iterator[MessageError]:
        """Follow the segments around messages."""
        where = f"{self._source}, segment {segment.number}"
        if segment.tag == "UNB":
            at.unb, at.messages, at.groups = _without_password(segment), 0, 0
        elif segment.tag == "UNG":
            at.groups += 1
        elif segment.tag == "UNZ":
            at.unb = None
            said, found = segment.at(0).strip(), at.groups or at.messages
            if self._is_strict and said.lstrip("0") != str(found or ""):
                yield MessageError(
                    where,
                    f"UNZ counts {said or 'no'} messages, and there are {found}",
                    "all that was sent; message.control_counts: ignore accepts such files",
                )
        elif segment.tag != "UNE":
            yield MessageError(
                where,
                f"{segment.tag[:20]!r} stands outside of a message",
                "UNH before it",
            )

    def _where(self, at: _Interchange) -> str:
        first = at.segments[0]
        return f"{self._source}, message {first.at(0) or '?'} (segment {first.number})"

    def _expected(self) -> str:
        return " or ".join(edifact_kind(kind) for kind in self._message.messages)

    def _broken_off(self, at: _Interchange) -> MessageError:
        return MessageError(
            self._where(at), "the message breaks off: it has no UNT", "a complete message"
        )

    def _one(self, at: _Interchange, characters: Characters) -> Iterator[RawMessage | MessageError]:
        self._found += 1
        first, last = at.segments[0], at.segments[-1]
        kind = first.at(1).strip()
        if kind not in self._message.messages:
            yield MessageError(self._where(at), f"this is {edifact_kind(kind)}", self._expected())
            return
        if at.unb is None:
            yield MessageError(self._where(at), "the message is in no interchange", "UNB before it")
            return
        wrong = self._wrong(at, first, last)
        if wrong is not None:
            yield MessageError(*wrong)
            return
        yield RawMessage(
            _content(at, characters), self._where(at), _as_text(at, characters), self._notes
        )

    def _wrong(
        self, at: _Interchange, first: Segment, last: Segment
    ) -> tuple[str, str, str] | None:
        for segment in at.segments:
            where = f"{self._source}, segment {segment.number} ({segment.tag[:12]})"
            if not _TAG.fullmatch(segment.tag):
                return where, f"{segment.tag[:20]!r} is no segment", "a tag such as LIN"
            if segment.tag in SINGLE and segment is not first and (
                sum(each.tag == segment.tag for each in at.segments) > 1
            ):  # fmt: skip
                return where, f"{segment.tag} stands there twice", "one in each message"
        if not self._is_strict:
            return None
        expected = "message.control_counts: ignore accepts such messages"
        if first.at(0).strip() != last.at(1).strip():
            said = f"UNH has the reference {first.at(0)!r} and UNT {last.at(1)!r}"
            return self._where(at), said, f"the same; {expected}"
        if last.at(0).strip().lstrip("0") != str(len(at.segments)):
            said = f"UNT counts {last.at(0) or 'no'} segments, and there are {len(at.segments)}"
            return self._where(at), said, f"all that was sent; {expected}"
        return None


def _content(at: _Interchange, characters: Characters) -> dict[str, Any]:
    grouping = Grouping(MESSAGE)
    mark = str(characters.decimal_point)
    if at.unb is not None:
        grouping.content["UNB"] = named(at.unb.tag, at.unb.elements, mark)
    for segment in at.segments:
        fields = named(segment.tag, segment.elements, mark)
        if segment.tag == SUMMARY:
            grouping.close("summary")
        elif segment.tag in SINGLE:
            grouping.content[segment.tag] = fields
        else:
            grouping.add(segment.tag, fields)
    return grouping.content


def _without_password(unb: Segment) -> Segment:
    """Return UNB without the recipient's reference or password (S005)."""
    if len(unb.elements) <= _PASSWORD:
        return unb
    elements = (*unb.elements[:_PASSWORD], ("",), *unb.elements[_PASSWORD + 1 :])
    return unb._replace(elements=elements)


def _unwrapped(value: str) -> str:
    """Some senders wrap lines wherever they are full."""
    return re.sub(r"[\r\n]+", "", value).strip()


def _as_text(at: _Interchange, characters: Characters) -> str:
    """Return the message as an interchange of its own, with the separators it came with."""
    parts = [characters.service_string_advice]
    if at.unb is not None:
        parts.append(_segment_text(at.unb, characters))
    parts += [_segment_text(segment, characters) for segment in at.segments]
    if at.unb is not None:
        reference = (at.unb.at(4),)
        parts.append(_segment_text(Segment(0, "UNZ", (("1",), reference)), characters))
    return "\n".join(parts) + "\n"


def _segment_text(segment: Segment, characters: Characters) -> str:
    release = str(characters.escape_character)
    special = {
        str(characters.component_separator), str(characters.data_separator),
        str(characters.segment_terminator), release,
    }  # fmt: skip

    def escaped(value: str) -> str:
        return "".join(release + c if c in special else c for c in value)

    elements = (
        str(characters.component_separator).join(map(escaped, element))
        for element in segment.elements
    )
    separator = str(characters.data_separator)
    return separator.join((segment.tag, *elements)) + str(characters.segment_terminator)
