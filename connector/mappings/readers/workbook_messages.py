"""
Read XLSX workbooks into raw messages, through the same rules as delimited text.

All values become text: numbers as they are shown without their format (19.9, never
19.899999999999999), dates as ISO dates, formulas as the value that was last computed.
"""

from __future__ import annotations

import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import IO, Any, Final
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from lxml import etree
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook import Workbook

from connector.errors import MessageError
from connector.mappings.message_format import Table, WorkbookMessage
from connector.mappings.raw_message import RawMessage
from connector.mappings.readers.encodings import whole
from connector.mappings.readers.tables import Grid, read_grouped, read_joined, read_kept
from connector.mappings.readers.workbook_sheet import SheetRows, visible_sheets

_ZIP: Final = b"PK\x03\x04"
_ENCRYPTED: Final = b"\xd0\xcf\x11\xe0"
_EXPECTED: Final = "an XLSX workbook"

#: Parts in a workbook; a usual one has a dozen.
_MAX_PARTS: Final = 2_000

#: Text in spreadsheets packs to a twentieth; a thousandth is made to do harm.
_MAX_RATIO: Final = 200

_PACKED: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

#: What openpyxl raises for workbooks that are none, or damaged.
_DAMAGED: Final = (
    AssertionError,
    AttributeError,
    DefusedXmlException,
    EOFError,
    InvalidFileException,
    LookupError,
    OSError,
    OverflowError,
    ParseError,
    RuntimeError,
    TypeError,
    ValueError,
    etree.LxmlError,
    struct.error,
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
)


def read_workbook(
    stream: IO[bytes],
    message: WorkbookMessage,
    source: str,
    lines: tuple[IO[bytes], str] | None = None,
) -> Iterator[RawMessage | MessageError]:
    """
    Yield the orders of a sheet, each a mapping of its common columns and ``lines``.

    *lines* is the workbook with the lines and its name, where the profile has them in a file of
    their own.
    """
    apart = message.lines_in is not None and message.lines_in.file is not None
    start = stream.read(4)
    stream.seek(0)
    if start[:1] == b"{" or (apart and lines is None):
        yield from read_kept(stream.read(message.max_bytes), source)
        return
    try:
        yield from _guarded(_orders(stream, message, source, lines), source)
    except MessageError as error:
        yield error


def _orders(
    stream: IO[bytes],
    message: WorkbookMessage,
    source: str,
    lines: tuple[IO[bytes], str] | None,
) -> Iterator[RawMessage | MessageError]:
    with ExitStack() as opened:
        book = opened.enter_context(closing(_opened(stream, message, source)))
        orders = _grid(book, message, message, message.sheet, source)
        table = message.lines_in
        if table is None:
            yield from read_grouped(orders, message, None)
            return
        if lines is not None:
            source = lines[1]
            book = opened.enter_context(closing(_opened(lines[0], message, source)))
        found = _grid(book, message, table, table.sheet, source)
        yield from read_joined(orders, found, message)


def _guarded(
    found: Iterator[RawMessage | MessageError], source: str
) -> Iterator[RawMessage | MessageError]:
    """Turn what openpyxl raises for a damaged sheet into an error behind what was read of it."""
    while True:
        try:
            each = next(found)
        except StopIteration:
            return
        except _DAMAGED as error:
            yield MessageError(
                source,
                f"the sheet is damaged ({_said(error)}); this order and all after it are lost",
                _EXPECTED,
            )
            return
        yield each


def _opened(stream: IO[bytes], message: WorkbookMessage, source: str) -> Workbook:
    content = whole(stream, message, source)
    stream.seek(0)
    if content.startswith(_ENCRYPTED):
        raise MessageError(
            source, "the workbook is encrypted, or of Excel 97", "an XLSX workbook without password"
        )
    if not content.startswith(_ZIP):
        raise MessageError(source, "this is no XLSX workbook", _EXPECTED)
    try:
        _check_size(stream, message, source)
        stream.seek(0)
        with warnings.catch_warnings():
            # About styles and extensions, of which nothing is read.
            warnings.simplefilter("ignore", UserWarning)
            return load_workbook(stream, read_only=True, data_only=True, keep_links=False)
    except _DAMAGED as error:
        raise MessageError(source, f"the workbook is damaged ({_said(error)})", _EXPECTED) from None


def _check_size(stream: IO[bytes], message: WorkbookMessage, source: str) -> None:
    """Refuse what says to unpack to too much; zipfile reads no more of a part than it says."""
    with zipfile.ZipFile(stream) as archive:
        parts = archive.infolist()
    if any(part.compress_type not in _PACKED for part in parts):
        raise MessageError(source, "the workbook is packed in an unusual way", _EXPECTED)
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if len(parts) > _MAX_PARTS or unpacked > message.max_unpacked:
        raise MessageError(
            source,
            f"the workbook unpacks to {unpacked:,} bytes in {len(parts):,} parts",
            f"at most {message.max_unpacked:,} (message.max_unpacked in the channel profile) in "
            f"{_MAX_PARTS:,}",
        )
    if unpacked > 10_000_000 and unpacked > packed * _MAX_RATIO:
        raise MessageError(
            source,
            f"the workbook unpacks to {unpacked // max(packed, 1):,} times its size",
            f"at most {_MAX_RATIO} times, as real workbooks do",
        )


def _grid(
    book: Workbook,
    message: WorkbookMessage,
    table: Table,
    sheet: str,
    source: str,
) -> Grid:
    visible, hidden = visible_sheets(book)
    known: dict[str, Any] = {each.title: each for each in (*visible, *hidden)}
    if sheet:
        if sheet not in known:
            raise MessageError(
                source, f"there is no sheet {sheet!r}", f"one of {', '.join(known) or 'none'}"
            )
        chosen = known[sheet]
    elif len(visible) == 1:
        chosen = visible[0]
    else:
        names = ", ".join(each.title for each in visible) or "none"
        raise MessageError(
            source,
            f"the workbook has {len(visible)} sheets ({names})",
            "one, or its name as message.sheet in the channel profile",
        )
    notes = tuple(f"the hidden sheet {each.title!r} was left out" for each in hidden)
    rows = SheetRows(
        chosen, f"{source}, sheet {chosen.title}", message.first_row, len(table.columns)
    )
    return Grid(rows.cells(header=table.header), f"{source}, sheet {chosen.title}", "row",
                lambda: notes if not sheet else ())  # fmt: skip


def _said(error: BaseException) -> str:
    return str(error).partition("\n")[0][:80] or type(error).__name__
