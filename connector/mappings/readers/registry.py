"""Which reader reads which format."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import IO, Any, Final

from connector.errors import MessageError
from connector.mappings.message_format import (
    CxmlMessage,
    DelimitedMessage,
    EdifactMessage,
    IdocMessage,
    JsonMessage,
    Message,
    MessageFormat,
    OpenTransMessage,
    UblMessage,
    WorkbookMessage,
    X12Message,
    XmlMessage,
)
from connector.mappings.raw_message import RawMessage
from connector.mappings.readers.delimited_messages import read_delimited
from connector.mappings.readers.edifact_messages import read_edifact
from connector.mappings.readers.idoc_messages import read_idoc
from connector.mappings.readers.json_messages import read_json
from connector.mappings.readers.x12_messages import read_x12
from connector.mappings.readers.xml_messages import read_xml
from connector.mappings.readers.xml_standards import read_cxml, read_opentrans, read_ubl

#: Opens another file of the same folder by its name; None where there is none.
OtherFiles = Callable[[str], IO[bytes] | None]

#: Each takes messages of its own format only.
Reader = Callable[[IO[bytes], Any, str], Iterator[RawMessage | MessageError]]

_READERS: Final[dict[type[Message], Reader]] = {
    JsonMessage: read_json,
    XmlMessage: read_xml,
    UblMessage: read_ubl,
    CxmlMessage: read_cxml,
    OpenTransMessage: read_opentrans,
    X12Message: read_x12,
    EdifactMessage: read_edifact,
    IdocMessage: read_idoc,
}


def read_messages(
    message: MessageFormat, stream: IO[bytes], source: str, other_files: OtherFiles | None = None
) -> Iterator[RawMessage | MessageError]:
    """Return the messages of *stream* as plain values, and what cannot be read in its place."""
    if isinstance(message, DelimitedMessage | WorkbookMessage):
        return _table(message, stream, source, other_files)
    read: Reader = _READERS[type(message)]
    return read(stream, message, source)


def _table(
    message: DelimitedMessage | WorkbookMessage,
    stream: IO[bytes],
    source: str,
    other_files: OtherFiles | None,
) -> Iterator[RawMessage | MessageError]:
    lines = None
    file = message.lines_in.file if message.lines_in is not None else None
    if file is not None and other_files is not None:
        name = file.for_orders(source.rpartition("/")[2])
        found = other_files(name) if name else None
        if found is None:
            name = name or f"a file named {file.by!r}"
            return iter(
                [MessageError(source, f"its lines are not there ({name})",
                              f"a file with {file.name!r} in its name, and one with {file.by!r}")]
            )  # fmt: skip
        lines = found, name
    if isinstance(message, DelimitedMessage):
        return read_delimited(stream, message, source, lines)
    # Not before: the library for workbooks is slow to load, and few channels have any.
    from connector.mappings.readers.workbook_messages import read_workbook

    return read_workbook(stream, message, source, lines)
