"""The reference page about message formats, made from the models and from tiny messages."""

from __future__ import annotations

import inspect
import json
from typing import Any

import yaml
from pydantic.fields import FieldInfo

from connector.mappings.message_format import Message, TableMessage, file_patterns
from connector.mappings.raw_message import RawMessage
from tests.mappings.tiny_messages import Tiny, tiny_messages

_HEAD = """\
# Message formats

The section `message` of a channel profile says how the channel's bytes become plain values: \
mappings, lists, texts and exact numbers. The profile's expressions see these values, as shown \
here for a tiny message in each format.

A reader changes nothing but the form. Texts stay texts, with a comma where the sender writes one; \
dates stay as they are written. What cannot be read is reported with its place, and its neighbours \
are read. What was taken for granted, such as a guessed encoding, is said with each order.

## Options of every format

"""

_SHARED = """\
A file of JSON lines, a JSON list, delimited text, an XML file with `order` and a flat IDoc file \
are read order by order and may have any size; `max_bytes` then bounds one order. Other formats \
are held in memory as a whole.

No document type definition is loaded, no entity expanded, nothing fetched, whatever an XML \
message refers to. A `DOCTYPE` is tolerated; documents that declare entities are refused.
"""

_NOTES = {
    "xml": """\
- An element with child elements is a mapping: its children by name, and its attributes. Text \
between the children is `text`.
- An element without child elements is its text; its attributes stand beside it as \
`name_attribute`: `total_currency`.
- An element named in `repeated`, or that is there more than once, is a list of mappings. One \
without child elements is then `{text: .., attribute: ..}`.
- An attribute that has the name of a child is `@name`.
- Names are local names; `xml:lang` is `lang`, and `xsi:` attributes are left out.
- What stands around an order and before it is `envelope`.
""",
    "ubl": "The rules are those of `xml`; what the standard lets repeat is a list. `document` is "
    "the kind of document.\n",
    "cxml": "The rules are those of `xml`; what the DTD lets repeat is a list. The header and the "
    "attributes of `cXML` are in `envelope`. `Description` and `Comments` are their text.\n",
    "opentrans": "The rules are those of `xml`; what the standard lets repeat is a list.\n",
    "x12": """\
- An element is named as in the standard, `BEG03`; empty ones are left out. A composite has its \
components beside it as `REF04_1`; an element that repeats has `.._all`, a list.
- Every segment is one of a list under its tag; `ISA`, `GS`, `ST`, `BEG`, `CTT` and `SE` occur \
once and are mappings.
- A loop is an element of the list under its first segment's tag, with that segment's elements and \
lists of the other segments in it: `N1`, `N9`, `SAC`, `PO1`, and in lines also `PID`, `CTP`, \
`SCH`, `SLN`. What follows the lines is in `summary`.
- `ids` of a line are its product ids by qualifier: `VN` the seller's, `BP` the buyer's, `UP` and \
`EN` those on the package.
""",
    "edifact": """\
- A segment is a mapping of its fields by name, and of `elements`: each component as it stands, \
`elements[0][0]` the first. Numbers have a point, whatever UNA says; `elements` keeps the mark.
- Every segment is one of a list under its tag; `UNB`, `UNH`, `BGM` and `UNT` are mappings.
- A segment group is an element of a list: `parties` (NAD), `references` (RFF), `taxes` (TAX), \
`currencies` (CUX), `terms` (PAT), `charges` (ALC), `transports` (TDT), `delivery_terms` (TOD), \
`lines` (LIN), and within lines `prices` (PRI), `schedules` (SCC), `destinations` (LOC), \
`packages` (PAC). It has the fields of its first segment and lists of the others in it. What \
follows the lines is in `summary`.
""",
    "idoc": """\
Each segment is a mapping of its fields that are not empty, with lists of the segments that belong \
to it; segments are always lists. XML and flat files give the same. The segments of flat files are \
those of `fixtures/sap/idoc/orders05.yaml`; a segment that is neither there nor in `segments` has \
its text as `SDATA`.
""",
    "xlsx": """\
All values are texts: numbers without the format of their cell, exactly (`19.9`), dates as \
`2026-11-20`, with a time as `2026-11-20T10:30:00`, truth as `true` or `false`. Cells merged over \
several rows have their value in each. A cell with an error, or with a formula that was never \
computed, makes its order unreadable. A hidden sheet is only read when it is named. Encrypted \
workbooks and those that unpack to more than `max_unpacked` are refused.
""",
    "delimited": """\
With `delimiter: auto` a first line decides; what was found is said unless it is the comma. Where \
the lines lie in a file of their own, both have to be in the same folder, and an order file whose \
lines are not there yet says so.
""",
    "json": "Numbers are exact decimals. Of a list that breaks off, the orders before the break "
    "are read.\n",
}  # fmt: skip


def message_formats_page() -> str:
    """Return the page, as Markdown."""
    parts = [_HEAD, _described(Message), _options(Message, ()), "\n", _SHARED]
    shown: set[str] = set()
    for name, tiny in tiny_messages().items():
        kind = type(tiny.message)
        if kind.__name__ not in shown:
            shown.add(kind.__name__)
            parts.append(f"\n## {tiny.options['format']}\n\n{_described(kind)}")
            if issubclass(kind, TableMessage):
                parts.append(f"{_prose(TableMessage)}\n\n")
            patterns = ", ".join(f"`{each}`" for each in file_patterns(tiny.message))
            parts.append(_options(kind, Message.model_fields))
            parts.append(
                f"\nFiles are usually called {patterns}.\n\n{_NOTES[tiny.options['format']]}"
            )
        else:
            parts.append(f"\n### {name}\n")
        parts.append(_example(tiny))
    return "".join(parts)


def _example(tiny: Tiny) -> str:
    options = yaml.safe_dump(tiny.options, sort_keys=False, default_flow_style=None, width=90)
    files = [tiny.shown or tiny.content.decode(), *(t.decode() for t in tiny.others.values())]
    first = next(each for each in tiny.read() if isinstance(each, RawMessage))
    content = json.dumps(first.content, indent=1, ensure_ascii=False, default=float)
    return "".join((
        f"\n```yaml\nmessage:\n{_indented(options)}```\n",
        *(f"```\n{_short(text)}\n```\n" for text in files),
        f"The first order becomes\n```json\n{content}\n```\n",
    ))  # fmt: skip


def _short(text: str) -> str:
    """Leave out the blanks at the ends of lines, of which flat files have many."""
    return "\n".join(line.rstrip() for line in text.rstrip().splitlines())


def _indented(text: str) -> str:
    return "".join(f"  {line}\n" for line in text.splitlines())


def _described(kind: type[Message]) -> str:
    return f"{_prose(kind)}\n\n"


def _prose(kind: type) -> str:
    return inspect.cleandoc(kind.__doc__ or "").replace("``", "`")


def _options(kind: type[Message], without: Any) -> str:
    rows = [
        f"| `{name}` | {_default(described)} |\n"
        for name, described in kind.model_fields.items()
        if name not in without and name != "format"
    ]
    return (
        "| option | default |\n|---|---|\n" + "".join(rows) if rows else "No options of its own.\n"
    )


def _default(described: FieldInfo) -> str:
    if described.is_required():
        return "must be given"
    value = described.get_default(call_default_factory=True)
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    if value in ("", (), {}, None):
        return "none"
    return f"`{json.dumps(value)}`"
