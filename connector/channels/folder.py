"""
The folder channel: orders are files that somebody drops into a folder.

A file is read once it has stopped changing, and moves to `done` or `failed` below the folder when
everything in it is durable, never before. Whoever drops files may also write them under a name that
starts with a dot or ends in `.tmp` or `.part`, and rename them when they are complete.

Where the lines of orders are in a file of their own, neither is read before both are there; they
move together.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final, Protocol

import structlog

from connector.channels.drop_folder import DropFolder
from connector.clock import Clock
from connector.errors import MessageError
from connector.mappings.inbound_order import InboundOrder
from connector.mappings.message_format import is_named_like

#: Opens another file of the folder by its name; None where there is none.
OtherFiles = Callable[[str], IO[bytes] | None]


class ReadsFiles(Protocol):
    """Turns files into orders."""

    def read(
        self, stream: IO[bytes], source: str, other_files: OtherFiles
    ) -> Iterator[InboundOrder | MessageError]:
        """Yield what is in *stream*; *source* names it for people."""
        ...

    def is_file_of_lines(self, name: str) -> bool:
        """Tell whether a file of that name holds lines of orders that are in another."""
        ...

    def file_of_lines(self, name: str) -> str:
        """Return the name of the file that belongs to the order file *name*, empty if none."""
        ...


_log = structlog.get_logger(__name__)

_UNFINISHED: Final = (".tmp", ".part", ".partial", ".filepart", ".crdownload", "~")


@dataclass(frozen=True, slots=True)
class _Signature:
    """What changes when a file is written."""

    size: int
    modified_ns: int
    inode: int

    @classmethod
    def of(cls, status: os.stat_result) -> _Signature:
        return cls(status.st_size, status.st_mtime_ns, status.st_ino)


@dataclass(slots=True)
class _Taken:
    """A file that was read: which of its sources are not durable yet, and what was wrong."""

    path: Path
    signature: _Signature
    lines: Path | None = None
    outstanding: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    is_read: bool = False


def _is_unfinished(name: str) -> bool:
    return name.startswith(".") or name.lower().endswith(_UNFINISHED)


class FolderChannel:
    """
    Orders from the files of one folder, in the order of their names.

    Args:
        patterns: which names are orders, e.g. ``*.json``; others are left alone, and said.
        settle_s: a file is read after it stood still for so long; 0 reads at once.
        max_bytes: a larger file is refused.

    Source names of what it yields start with the file's name.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        *,
        reader: ReadsFiles,
        clock: Clock,
        patterns: Sequence[str] = ("*.json",),
        settle_s: float = 2,
        max_bytes: int = 64 * 1024 * 1024,
    ) -> None:
        self._name = name
        self._folder = DropFolder(folder, f"channel {name}")
        self._reader = reader
        self._clock = clock
        self._patterns = tuple(patterns)
        self._settle_s = settle_s
        self._max_bytes = max_bytes
        self._seen: dict[Path, _Signature] = {}
        self._taken: dict[str, _Taken] = {}
        self._waiting: dict[str, str] = {}
        self._left_alone: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The channel's name."""
        return self._name

    @property
    def patterns(self) -> tuple[str, ...]:
        """Which names are orders."""
        return self._patterns

    @property
    def waiting(self) -> Mapping[str, str]:
        """Files that the last :meth:`receive` left waiting, and the name each waits for."""
        return dict(self._waiting)

    def left_alone(self) -> tuple[str, ...]:
        """
        Return the names of files that look complete and match no pattern, sorted.

        Nobody reads them: either they do not belong here, or the patterns are wrong. See
        :meth:`receive` for errors.
        """
        return tuple(sorted(name for name in self._files() if self._is_stray(name)))

    def check(self) -> None:
        """
        Make sure that files can be read and moved.

        Raises:
            ConfigurationError: the folder is missing, no folder, or not writable.
            TransientError: the folder cannot be reached at present.
        """
        self._folder.check()

    def receive(self) -> Iterator[InboundOrder | MessageError]:
        """
        Yield what the files hold that have arrived and stopped changing.

        What an earlier call yielded and nobody acknowledged is yielded again.

        Raises:
            ConfigurationError: the folder is missing, no folder, or not readable.
            TransientError: the folder cannot be reached at present.
        """
        self._taken.clear()
        settled = self._settled()
        self._leave_alone(self.left_alone())
        self._wait_for(self._without_partner(settled))
        for path, signature in settled.items():
            if path.name in self._waiting or self._reader.is_file_of_lines(path.name):
                continue
            name = self._reader.file_of_lines(path.name)
            taken = _Taken(path, signature, path.with_name(name) if name else None)
            for found in self._read_file(path, signature):
                taken.outstanding.add(found.source)
                self._taken[found.source] = self._taken[path.name] = taken
                if isinstance(found, MessageError):
                    taken.problems.append(str(found))
                yield found
            taken.is_read = True
            self._put_away(taken)

    def acknowledge(self, source: str) -> None:
        """
        Note that *source* is durable; the file moves when that holds for all it yielded.

        *source* is that of an order or error, or a file's name for all of them. Unknown sources
        are ignored: they were acknowledged before.

        Raises:
            ConfigurationError: there is no permission to move the file. It stays where it is and
                will be recognised as known when it is read again.
        """
        taken = self._taken.get(source)
        if taken is None:
            return
        if source != taken.path.name:
            del self._taken[source]
        if source == taken.path.name:
            taken.outstanding.clear()
        taken.outstanding.discard(source)
        self._put_away(taken)

    def _put_away(self, taken: _Taken) -> None:
        if not taken.is_read or taken.outstanding:
            return
        if taken.path.exists() and _Signature.of(taken.path.lstat()) != taken.signature:
            return  # written again since: the new content is still to be read
        self._folder.put_away(taken.path, taken.problems)
        self._seen.pop(taken.path, None)
        if taken.lines is not None and self._folder_has(taken.lines):
            self._folder.put_away(taken.lines, taken.problems)
            self._seen.pop(taken.lines, None)
        self._taken = {key: each for key, each in self._taken.items() if each is not taken}

    def _settled(self) -> dict[Path, _Signature]:
        first = self._look()
        if self._settle_s and any(self._seen.get(path) != first[path] for path in first):
            self._clock.sleep(self._settle_s)
            self._seen = self._look()
        else:
            self._seen = first
        return {path: seen for path, seen in first.items() if self._seen.get(path) == seen}

    def _look(self) -> dict[Path, _Signature]:
        return {
            path: _Signature.of(status)
            for path, status in self._folder.entries()
            if not stat.S_ISDIR(status.st_mode)
            and not _is_unfinished(path.name)
            and self._is_order(path.name)
        }

    def _files(self) -> Iterator[str]:
        for path, status in self._folder.entries():
            if not stat.S_ISDIR(status.st_mode):
                yield path.name

    def _is_order(self, name: str) -> bool:
        return self._reader.is_file_of_lines(name) or is_named_like(name, self._patterns)

    def _is_stray(self, name: str) -> bool:
        return not _is_unfinished(name) and not self._is_order(name)

    def _leave_alone(self, names: tuple[str, ...]) -> None:
        """Say once for each file that nobody reads it."""
        for name in names:
            if name not in self._left_alone:
                patterns = ", ".join(self._patterns)
                _log.warning("file left alone", channel=self._name, file=name, patterns=patterns)
        self._left_alone = frozenset(names)

    def _without_partner(self, settled: Mapping[Path, _Signature]) -> dict[str, str]:
        """Return order files whose lines are not there yet, and what they wait for."""
        names = {path.name for path in settled}
        wanted = {name: self._reader.file_of_lines(name) for name in sorted(names)}
        return {name: lines for name, lines in wanted.items() if lines and lines not in names}

    def _wait_for(self, waiting: dict[str, str]) -> None:
        """Say once for each file that it waits."""
        for name, missing in waiting.items():
            if name not in self._waiting:
                _log.warning("file waits", channel=self._name, file=name, missing=missing)
        self._waiting = waiting

    @staticmethod
    def _folder_has(path: Path) -> bool:
        return path.is_file() and not path.is_symlink()

    def _read_file(
        self, path: Path, signature: _Signature
    ) -> Iterator[InboundOrder | MessageError]:
        if signature.size > self._max_bytes:
            yield MessageError(
                path.name,
                f"the file has {signature.size:,} bytes",
                f"at most {self._max_bytes:,} (setting channels.{self._name}.max_bytes)",
            )
            return
        with ExitStack() as opened:

            def other(name: str) -> IO[bytes] | None:
                try:
                    return opened.enter_context(self._folder.open(path.with_name(name)))
                except FileNotFoundError:
                    return None

            try:
                stream = opened.enter_context(self._folder.open(path))
                yield from self._reader.read(stream, path.name, other)
            except FileNotFoundError:
                return  # taken back by whoever dropped it
            except MessageError as error:
                yield error
            except OSError as error:
                raise self._folder.error(error, path) from error
