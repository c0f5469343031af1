"""Messages in files that a command is given, as the channel's profile reads them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import typer

if TYPE_CHECKING:
    from connector.bootstrap.channel_setup import ChannelSetup
    from connector.errors import MessageError
    from connector.mappings.inbound_order import InboundOrder
    from connector.mappings.profile import ChannelProfile
    from connector.mappings.raw_message import RawMessage

#: In logs, progress is a line for so many messages.
PROGRESS_EVERY: Final = 5000
_HINT: Final = "FILE_OR_DIR"


@dataclass(slots=True)
class Extent:
    """How many bytes there are to read in all, and how many were read."""

    whole: int = 0
    read: int = 0

    @classmethod
    def of(cls, paths: Sequence[Path], patterns: tuple[str, ...]) -> Self:
        """Return the extent of files, and of what matches *patterns* in folders."""
        return cls(sum(path.stat().st_size for path in _files(paths, patterns) if path.is_file()))

    def from_here(self) -> Callable[[int], None]:
        """Return what is to be told the position in the file that is read next."""
        before = self.read

        def at(position: int) -> None:
            self.read = before + position

        return at

    def messages(self, done: int) -> int | None:
        """Return how many messages there are, judged by the first *done*; None to begin with."""
        return max(done, round(done * self.whole / self.read)) if self.read else None


def messages_of(
    paths: Sequence[Path], setup: ChannelSetup
) -> Iterator[InboundOrder | MessageError]:
    """
    Yield the messages in *paths*, one at a time; folders are searched for the channel's patterns.

    Hidden files and folders are left out of a search. Raises typer.BadParameter for what is not
    there.
    """
    return messages_in(paths, setup.profile, setup.channel.patterns)


def messages_in(
    paths: Sequence[Path], profile: ChannelProfile, patterns: tuple[str, ...]
) -> Iterator[InboundOrder | MessageError]:
    """As :func:`messages_of`, by a profile that no settings need to name."""
    from connector.mappings.reading import order_of

    with closing(raw_messages_in(paths, profile, patterns)) as messages:
        for found in messages:
            yield order_of(profile, found)


def raw_messages_in(
    paths: Sequence[Path],
    profile: ChannelProfile,
    patterns: tuple[str, ...],
    extent: Extent | None = None,
) -> Generator[RawMessage | MessageError]:
    """
    As :func:`messages_in`, but yield the messages of which the profile makes orders.

    *extent* follows what has been read.
    """
    from connector.mappings.reading import read_message_file

    extent = extent or Extent()
    for path in _files(paths, patterns):
        try:
            yield from read_message_file(profile, path, str(path), extent.from_here())
        except FileNotFoundError:
            raise typer.BadParameter(f"there is no file {path}", param_hint=_HINT) from None
        except OSError as error:
            raise typer.BadParameter(
                f"{path} cannot be read: {error.strerror}", param_hint=_HINT
            ) from error


def _files(paths: Sequence[Path], patterns: tuple[str, ...]) -> Iterator[Path]:
    """Yield files as they are named; of folders what matches the channel's patterns, sorted."""
    from connector.mappings.message_format import is_named_like

    for path in paths:
        if not path.is_dir():
            yield path
            continue
        found = {
            each
            for each in path.rglob("*")
            if is_named_like(each.name, patterns)
            and not _is_hidden(each.relative_to(path))
            and each.is_file()
        }
        if not found:
            raise typer.BadParameter(
                f"there are no messages in {path} ({', '.join(patterns)})", param_hint=_HINT
            )
        yield from sorted(found)


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
