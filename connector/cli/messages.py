"""Messages that a command is given by name, as the channel's profile reads them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from connector.bootstrap.application import ChannelSetup
    from connector.errors import MessageError
    from connector.mappings.inbound_order import InboundOrder


def messages_of(paths: list[Path], setup: ChannelSetup) -> Iterator[InboundOrder | MessageError]:
    """
    Yield the messages in *paths*; folders are searched for what the channel's patterns match.

    Raises typer.BadParameter for what is not there.
    """
    from connector.mappings.reading import read_orders

    for path in _files(paths, setup.channel.patterns):
        yield from read_orders(setup.profile, _content(path), str(path))


def _files(paths: list[Path], patterns: tuple[str, ...]) -> Iterator[Path]:
    """Yield files as they are named; of folders what matches the channel's patterns, sorted."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        found = {each for pattern in patterns for each in path.rglob(pattern) if each.is_file()}
        if not found:
            raise typer.BadParameter(
                f"there are no messages in {path} ({', '.join(patterns)})",
                param_hint="FILE_OR_DIR",
            )
        yield from sorted(found)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise typer.BadParameter(f"there is no file {path}", param_hint="FILE_OR_DIR") from None
    except OSError as error:
        raise typer.BadParameter(
            f"{path} cannot be read: {error.strerror}", param_hint="FILE_OR_DIR"
        ) from error
