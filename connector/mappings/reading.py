"""From bytes to external orders, by a channel's profile."""

from __future__ import annotations

import io
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from pydantic import ValidationError

from connector.errors import MessageError
from connector.mappings.external_order import ExternalOrder
from connector.mappings.inbound_order import InboundOrder
from connector.mappings.message_format import JsonMessage, XmlMessage
from connector.mappings.profile import ChannelProfile
from connector.mappings.raw_message import RawMessage
from connector.mappings.readers.limits import within_limits
from connector.mappings.readers.registry import OtherFiles, read_messages
from connector.mappings.shape import ShapeError

__all__ = [
    "MessageReader",
    "OtherFiles",
    "is_file_of_lines",
    "order_of",
    "read_again",
    "read_message_file",
    "read_order_file",
    "read_order_stream",
    "read_orders",
]


def read_orders(
    profile: ChannelProfile, content: bytes, source: str
) -> Iterator[InboundOrder | MessageError]:
    """
    Yield every order in *content*, in its order, without holding more than one.

    What cannot be read is yielded as MessageError in its place, naming *source* and position;
    nothing is raised for it and its neighbours are read.
    """
    yield from read_order_stream(profile, io.BytesIO(content), source)


def read_order_stream(
    profile: ChannelProfile,
    stream: IO[bytes],
    source: str,
    other_files: OtherFiles | None = None,
) -> Iterator[InboundOrder | MessageError]:
    """
    As :func:`read_orders`, from a stream that can seek, in bounded memory.

    JSON lines, JSON lists, delimited text, XML with many orders and IDoc flat files are read piece
    by piece; other formats are held as a whole, up to ``message.max_bytes``. *other_files* opens
    the file of lines by its name where the profile has them in a file of their own, and returns
    None where there is none; the caller closes what it opened.
    """
    for found in _bounded(
        read_messages(profile.message, stream, source, other_files), profile, source
    ):
        yield order_of(profile, found)


def order_of(
    profile: ChannelProfile, found: RawMessage | MessageError
) -> InboundOrder | MessageError:
    """Return the order of a message; what cannot be read of it is the error that says so."""
    if isinstance(found, MessageError):
        return found
    try:
        order = _external_order(profile, found)
    except MessageError as error:
        return error
    return InboundOrder(order=order, source=found.source, raw=found.raw, notes=found.notes)


def read_order_file(
    profile: ChannelProfile, path: Path, source: str = ""
) -> Iterator[InboundOrder | MessageError]:
    """
    As :func:`read_order_stream`, from the file at *path*, which is named *source* if given.

    The file is closed when the iterator is exhausted or closed. Where the profile has the lines in
    a file of their own, that is taken from the same folder; reading the file of lines itself
    yields nothing, because its orders come with the other.

    Raises:
        OSError: the file cannot be opened or read.
    """
    with closing(read_message_file(profile, path, source)) as messages:
        for found in messages:
            yield order_of(profile, found)


def read_message_file(
    profile: ChannelProfile,
    path: Path,
    source: str = "",
    at: Callable[[int], object] = lambda position: None,
) -> Generator[RawMessage | MessageError]:
    """
    As :func:`read_order_file`, but yield messages of which :func:`order_of` makes orders.

    *at* is told with each message how many bytes of the file have been read.
    """
    source = source or path.name
    if is_file_of_lines(profile, path.name):
        return
    opened: list[IO[bytes]] = []

    def other(name: str) -> IO[bytes] | None:
        beside = path.with_name(name)
        if not beside.is_file():
            return None
        opened.append(beside.open("rb"))
        return opened[-1]

    try:
        with path.open("rb") as stream:
            messages = read_messages(profile.message, stream, source, other)
            for found in _bounded(messages, profile, source):
                at(stream.tell())
                yield found
    finally:
        for each in opened:
            each.close()


def read_again(
    profile: ChannelProfile, raw: str, source: str
) -> Iterator[InboundOrder | MessageError]:
    """Yield the order that was kept as *raw*, whatever encoding its file had."""
    message = profile.message.model_copy(update={"encoding": "utf-8"})
    yield from read_order_stream(
        replace(profile, message=message), io.BytesIO(raw.encode()), source
    )


def is_file_of_lines(profile: ChannelProfile, name: str) -> bool:
    """Tell whether a file of that name holds the lines of orders that are in another file."""
    lines = getattr(profile.message, "lines_in", None)
    return lines is not None and lines.file is not None and lines.file.is_of_lines(name)


@dataclass(frozen=True, slots=True)
class MessageReader:
    """What a channel of files needs to know of a profile."""

    profile: ChannelProfile

    def read(
        self, stream: IO[bytes], source: str, other_files: OtherFiles
    ) -> Iterator[InboundOrder | MessageError]:
        """As :func:`read_order_stream`."""
        return read_order_stream(self.profile, stream, source, other_files)

    def is_file_of_lines(self, name: str) -> bool:
        """As the function of that name."""
        return is_file_of_lines(self.profile, name)

    def file_of_lines(self, name: str) -> str:
        """Return the name of the file with the lines of the orders in *name*, empty if none."""
        lines = getattr(self.profile.message, "lines_in", None)
        return lines.file.for_orders(name) if lines is not None and lines.file is not None else ""


def _bounded(
    messages: Iterator[RawMessage | MessageError], profile: ChannelProfile, source: str
) -> Iterator[RawMessage | MessageError]:
    limit = profile.message.max_messages
    for number, found in enumerate(messages, 1):
        if number > limit:
            yield MessageError(
                source,
                f"the file has more than {limit:,} messages; the rest is lost",
                f"at most {limit:,} (message.max_messages in the channel profile)",
            )
            return
        yield found if isinstance(found, MessageError) else within_limits(found, profile.message)


def _external_order(profile: ChannelProfile, raw: RawMessage) -> ExternalOrder:
    _require_complete(profile, raw)
    try:
        values = profile.filler.fill(raw.content)
    except ShapeError as error:
        raise MessageError(
            raw.source,
            f"{error.field}: {error.problem}",
            f"what `{error.expression}` in {profile.path.name} can read",
        ) from error
    try:
        return ExternalOrder.model_validate(values)
    except ValidationError as error:
        raise _explained(error, profile, raw) from None


def _require_complete(profile: ChannelProfile, raw: RawMessage) -> None:
    message = profile.message
    if not isinstance(message, JsonMessage | XmlMessage):
        return
    missing = [name for name in message.required if name not in raw.content]
    if not missing:
        return
    # An order without its lines is still an order; one without anything of it is something else.
    not_orders = message.not_orders if isinstance(message, JsonMessage) else {}
    for name, meaning in not_orders.items():
        if name in raw.content and len(missing) == len(message.required):
            raise MessageError(
                raw.source,
                f"this is {meaning}, not an order (it has {name!r})",
                f"an order of the channel {profile.channel}",
            )
    raise MessageError(
        raw.source,
        f"the order lacks {', '.join(missing)}",
        "a complete order: ask the channel for all of its fields",
    )


def _explained(error: ValidationError, profile: ChannelProfile, raw: RawMessage) -> MessageError:
    found = error.errors(include_url=False)[0]
    field = "".join(
        f"[{part}]" if isinstance(part, int) else f".{part}" for part in found["loc"]
    ).lstrip(".")
    if found["type"] == "missing":
        names = [part for part in found["loc"] if isinstance(part, str)]
        looked = profile.shape.expression_of(names)
        where = f"`{looked}`" if looked else f"order.{field}"
        return MessageError(
            raw.source,
            f"{field} is missing",
            f"a value where {profile.path.name} looks for it: {where}",
        )
    problem = found["msg"].removeprefix("Value error, ")
    value = "" if isinstance(found["input"], dict | list) else f" {str(found['input'])[:40]!r}"
    return MessageError(raw.source, f"{field}{value}: {problem}", f"a valid {field}")
