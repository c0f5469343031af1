"""What a channel's messages look like as bytes: part of its profile."""

from __future__ import annotations

import codecs
import fnmatch
from collections.abc import Iterable
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from connector.sd_documents.model import Frozen

Name = Annotated[str, StringConstraints(min_length=1)]
Positive = Annotated[int, Field(ge=1)]

#: Larger messages are refused unless the profile says otherwise: 50 MB.
DEFAULT_MAX_BYTES: Final = 50_000_000

#: The encoding is found out: byte order mark, what the message declares, UTF-8, then a guess.
AUTO: Final = "auto"


class Message(Frozen):
    """
    What every format has.

    ``encoding`` is a Python codec name, or ``auto``: the byte order mark, then what the message
    declares about itself, then UTF-8, then (for text without any declaration) a guess that is
    said with each order. A byte order mark of UTF-8 is always tolerated.

    ``max_bytes`` bounds what one message may weigh: a whole document, or one order where a file
    of many is read piece by piece (lines, lists, delimited text). ``max_messages`` bounds how
    many a file may hold, ``max_depth`` how many levels lie inside one another, ``max_field`` how
    many characters one value has.
    """

    encoding: str = AUTO
    max_bytes: Positive = DEFAULT_MAX_BYTES
    max_messages: Positive = 20_000_000
    max_depth: Positive = 64
    max_field: Positive = 1_000_000

    @field_validator("encoding")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if value == AUTO:
            return value
        try:
            known = codecs.lookup(value)
            "".encode(known.name)
        except LookupError:
            raise ValueError(f"{value!r} is not an encoding; try utf-8 or cp1252") from None
        return known.name


def _paths(keys: tuple[str, ...] | str) -> tuple[tuple[str, ...], ...]:
    listed = (keys,) if isinstance(keys, str) else keys
    return tuple(tuple(key.split(".")) for key in listed if key)


class JsonMessage(Message):
    """
    JSON: one order, a list of orders, either of them under a key, or one order on each line.

    ``one`` and ``many`` are those keys (``{"order": {..}}``, ``{"orders": [..]}``), empty where
    there are none, or lists of them; ``data.orders`` is a key within another. What stands beside
    them is seen as if it stood in each order. ``required`` are keys without which a message is no
    complete order. ``not_orders`` explain other messages of the channel by the key that gives them
    away.
    """

    format: Literal["json"]
    one: tuple[Name, ...] | str = ()
    many: tuple[Name, ...] | str = ()
    required: tuple[Name, ...] = ()
    not_orders: dict[str, str] = Field(default_factory=dict)

    @property
    def orders_at(self) -> tuple[tuple[str, ...], ...]:
        """Where an order may stand, as names from the outermost; empty for the message itself."""
        return _paths(self.one)

    @property
    def lists_at(self) -> tuple[tuple[str, ...], ...]:
        """Where a list of orders may stand."""
        return _paths(self.many)


class Table(Frozen):
    """
    Rows with columns, several rows making one order.

    ``columns`` must be there; with ``header`` the first row names them all, and any more.
    ``group_by`` is the column whose value is that of the order.
    """

    header: bool = True
    columns: Annotated[tuple[Name, ...], Field(min_length=1)]
    group_by: Name

    @model_validator(mode="after")
    def _columns_are_named(self) -> Self:
        if len(set(self.columns)) != len(self.columns):
            raise ValueError("columns must be named differently")
        for name in (self.group_by, *getattr(self, "same_in_all_lines", ())):
            if name not in self.columns:
                raise ValueError(f"{name!r} is not among the columns {', '.join(self.columns)}")
        return self


class OtherFile(Frozen):
    """
    How the file that holds the lines is called: the order file's name with ``name`` replaced.

    ``{name: head, by: lines}``: the lines of ``head-0815.csv`` are in ``lines-0815.csv``, in the
    same folder.
    """

    name: Name
    by: Name

    @field_validator("name", "by")
    @classmethod
    def _stays_in_the_folder(cls, value: str) -> str:
        if "/" in value or "\\" in value or "\0" in value:
            raise ValueError("names a file in the same folder, so it has no slash")
        return value

    @model_validator(mode="after")
    def _differ(self) -> Self:
        if self.name == self.by:
            raise ValueError("`name` and `by` are the same; the lines need a file of their own")
        return self

    def for_orders(self, name: str) -> str:
        """Return the name of the file with the lines of the order file *name*, empty if none."""
        return name.replace(self.name, self.by, 1) if self.name in name else ""

    def is_of_lines(self, name: str) -> bool:
        """Tell whether *name* is that of a file of lines."""
        return self.by in name and self.name not in name


class LinesTable(Table):
    """The rows of lines where they lie apart from those of orders: in ``file``, or a ``sheet``."""

    file: OtherFile | None = None
    sheet: str = ""


class TableMessage(Message, Table):
    """
    Orders as rows. Rows of one order stand together and share ``group_by``.

    ``same_in_all_lines`` are columns of the order as a whole: they are seen beside ``lines`` and
    must not differ within an order. With ``lines_in`` each row is an order and the lines lie
    elsewhere, with the order's value in their own ``group_by``.
    """

    same_in_all_lines: tuple[Name, ...] = ()
    lines_in: LinesTable | None = None

    @model_validator(mode="after")
    def _lines_are_somewhere(self) -> Self:
        if self.lines_in is not None and self.same_in_all_lines:
            raise ValueError("same_in_all_lines has no meaning where the lines lie elsewhere")
        return self


class DelimitedMessage(TableMessage):
    """
    Lines of text with columns: CSV, TSV.

    ``delimiter`` is one character, or ``auto``: the one of ``, ; tab |`` that gives the columns.
    ``quote`` is empty where quotes are plain characters.
    """

    format: Literal["delimited"]
    delimiter: str = AUTO
    quote: Annotated[str, StringConstraints(max_length=1)] = '"'

    @field_validator("delimiter")
    @classmethod
    def _is_one_character(cls, value: str) -> str:
        if value != AUTO and (len(value) != 1 or value in "\r\n"):
            raise ValueError("is one character, or auto")
        return value

    @field_validator("quote")
    @classmethod
    def _is_no_line_end(cls, value: str) -> str:
        if value in ("\r", "\n"):
            raise ValueError("is one character, or empty")
        return value

    @model_validator(mode="after")
    def _lines_have_a_file(self) -> Self:
        if self.lines_in is not None and (self.lines_in.file is None or self.lines_in.sheet):
            raise ValueError("lines_in needs `file`: text has no sheets")
        if self.delimiter == self.quote:
            raise ValueError("delimiter and quote are the same character")
        return self


class WorkbookMessage(TableMessage):
    """
    A sheet of an XLSX workbook.

    ``sheet`` is its name; empty means the only one that is not hidden. ``first_row`` is the
    header's row, or the first row where there is none; what stands above is left alone.
    ``max_unpacked`` bounds the size of the workbook unpacked, in bytes.
    """

    format: Literal["xlsx"]
    sheet: str = ""
    first_row: Positive = 1
    max_unpacked: Positive = 500_000_000

    @model_validator(mode="after")
    def _lines_are_elsewhere(self) -> Self:
        lines = self.lines_in
        if lines is not None and lines.file is None and lines.sheet in ("", self.sheet):
            raise ValueError("lines_in needs `file`, or a `sheet` of its own")
        return self


class XmlMessage(Message):
    """
    XML, as plain values: see `docs/reference/message-formats.md` for the rules.

    ``order`` is the local name of the element that is one order, wherever it stands; empty means
    the root. ``repeated`` are elements that become lists even where there is one; ``Parent/Child``
    names a child of one parent only. ``text_only`` are elements taken as their text. Namespaces
    are left out of names, but for those in ``prefixes``: ``{prefix: namespace}`` makes
    ``prefix_name`` of them. ``required`` are keys without which a message is no complete order.
    """

    format: Literal["xml"]
    order: str = ""
    repeated: tuple[Name, ...] = ()
    text_only: tuple[Name, ...] = ()
    prefixes: dict[Name, Name] = Field(default_factory=dict)
    required: tuple[Name, ...] = ()


class UblMessage(Message):
    """
    UBL 2.x orders, Peppol BIS among them, also in a standard business document header.

    ``documents`` are the kinds that are read: ``Order``, ``OrderChange``, ``OrderCancellation``.
    """

    format: Literal["ubl"]
    documents: Annotated[
        tuple[Literal["Order", "OrderChange", "OrderCancellation"], ...], Field(min_length=1)
    ] = ("Order",)


class CxmlMessage(Message):
    """cXML ``OrderRequest``. The DOCTYPE is tolerated and never fetched."""

    format: Literal["cxml"]


class OpenTransMessage(Message):
    """openTRANS 1.0 and 2.1 ``ORDER``, also several in an ``ORDER_LIST``."""

    format: Literal["opentrans"]


class X12Message(Message):
    """
    ASC X12 interchanges; the separators are those of each ISA.

    ``transactions`` are the transaction sets that are read (850: purchase order, 875: grocery).
    With ``control_counts: ignore`` wrong counts and control numbers in SE, GE and IEA are
    tolerated; otherwise they are taken for what they usually are, a damaged message.
    """

    format: Literal["x12"]
    transactions: Annotated[tuple[Name, ...], Field(min_length=1)] = ("850",)
    control_counts: Literal["check", "ignore"] = "check"


class EdifactMessage(Message):
    """
    UN/EDIFACT interchanges, with or without UNA; the encoding is that of UNB (UNOA to UNOY).

    ``messages`` are the message types that are read. ``control_counts`` as with X12, for UNT and
    UNZ.
    """

    format: Literal["edifact"]
    messages: Annotated[tuple[Name, ...], Field(min_length=1)] = ("ORDERS",)
    control_counts: Literal["check", "ignore"] = "check"


class IdocMessage(Message):
    """
    SAP IDocs as XML or as a flat file, found out from the first character.

    ``message_types`` are those of the control record that are read. ``segments`` gives the fields
    of segments of your own with their lengths, in their order, for flat files:
    ``{Z1FREIGHT: {CARRIER: 10, COST: 15}}``; those of ORDERS05 are known.
    """

    format: Literal["idoc"]
    message_types: Annotated[tuple[Name, ...], Field(min_length=1)] = ("ORDERS",)
    segments: dict[Name, dict[Name, Positive]] = Field(default_factory=dict)


MessageFormat = Annotated[
    JsonMessage
    | DelimitedMessage
    | WorkbookMessage
    | XmlMessage
    | UblMessage
    | CxmlMessage
    | OpenTransMessage
    | X12Message
    | EdifactMessage
    | IdocMessage,
    Field(discriminator="format"),
]

_PATTERNS: Final = {
    "json": ("*.json", "*.jsonl", "*.ndjson"),
    "xlsx": ("*.xlsx",),
    "x12": ("*.x12", "*.edi", "*.txt"),
    "edifact": ("*.edi", "*.edifact", "*.txt"),
    "idoc": ("*.xml", "*.idoc", "*.txt"),
    "delimited": ("*.csv", "*.tsv", "*.txt"),
}


def file_patterns(message: Any) -> tuple[str, ...]:
    """Return the names that files of *message*'s format usually have."""
    return _PATTERNS.get(message.format, ("*.xml",))


def is_named_like(name: str, patterns: Iterable[str]) -> bool:
    """Tell whether a file's *name* matches one of *patterns*; ``ORDERS.XML`` matches ``*.xml``."""
    lower = name.lower()
    return any(fnmatch.fnmatchcase(lower, pattern.lower()) for pattern in patterns)
