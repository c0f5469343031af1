"""
A folder that bank statements and payout reports are dropped into.

As with orders, a file is read once it has stopped changing. It moves to `done` when all of it is
durable, and to `failed` with the reasons beside it when something in it could not be read or
contradicts what was there: put right and dropped again, it adds only what was missing.
"""

from __future__ import annotations

import fnmatch
import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from connector.channels.drop_folder import FAILED, DropFolder, names_in
from connector.clock import Clock
from connector.errors import MessageError
from connector.ports.statements import REFUSED, AddedReading
from connector.statements.encodings import AUTO, MAX_BYTES
from connector.statements.model import Reading
from connector.statements.reading import read_statements

_UNFINISHED: Final = (".tmp", ".part", ".partial", ".filepart", ".crdownload", "~")


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A file that was read: what became of it, or why it was refused."""

    name: str
    added: AddedReading | None = None
    refused: MessageError | None = None

    @property
    def problems(self) -> tuple[str, ...]:
        """Why the file moved to `failed`; empty when it did not."""
        if self.added is None:
            return (str(self.refused),)
        return (*self.added.problems, *self.added.conflicts)


class StatementFolder:
    """Statements from the files of one folder, in the order of their names."""

    def __init__(
        self,
        name: str,
        folder: Path,
        *,
        clock: Clock,
        patterns: Sequence[str] = ("*",),
        report_format: str = AUTO,
        encoding: str = AUTO,
        settle_s: float = 2,
    ) -> None:
        self.name = name
        self._folder = DropFolder(folder, f"statements {name}")
        self._clock, self._patterns, self._settle_s = clock, tuple(patterns), settle_s
        self._format, self._encoding = report_format, encoding
        self._seen: dict[Path, tuple[int, int, int]] = {}

    def check(self) -> None:
        """
        Make sure that files can be read and moved.

        Raises:
            ConfigurationError: the folder is missing, no folder, or not writable.
            TransientError: the folder cannot be reached at present.
        """
        self._folder.check()

    def receive(self, add: Callable[[Reading], AddedReading]) -> Iterator[ReceivedFile]:
        """
        Read the files that have arrived, hand each to *add*, and move it.

        A file that is refused is handed over as well, as a reading that holds nothing but why: a
        store that did not know of it would call complete what is not.

        Raises:
            ConfigurationError: the folder is missing, no folder, or not readable.
            TransientError: the folder or the store cannot be reached at present; what was not moved
                is read again, and adds nothing twice.
        """
        for path in sorted(self._settled()):
            content = b""
            try:
                content = self._content(path)
                received = ReceivedFile(path.name, added=add(self._read(path.name, content)))
            except FileNotFoundError:
                continue  # taken back by whoever dropped it
            except MessageError as error:
                add(refused_reading(path.name, content, error))
                received = ReceivedFile(path.name, refused=error)
            except OSError as error:
                raise self._folder.error(error, path) from error
            self._folder.put_away(path, received.problems)
            self._seen.pop(path, None)
            yield received

    def _content(self, path: Path) -> bytes:
        with self._folder.open(path) as stream:
            return stream.read(MAX_BYTES + 1)

    def _read(self, name: str, content: bytes) -> Reading:
        return read_statements(content, name, self._format, self._encoding)

    def _settled(self) -> list[Path]:
        first = self._look()
        if self._settle_s and any(self._seen.get(path) != first[path] for path in first):
            self._clock.sleep(self._settle_s)
            self._seen = self._look()
        else:
            self._seen = first
        return [path for path, seen in first.items() if self._seen.get(path) == seen]

    def _look(self) -> dict[Path, tuple[int, int, int]]:
        return {
            path: _signature(status)
            for path, status in self._folder.entries()
            if not stat.S_ISDIR(status.st_mode) and self._is_report(path.name)
        }

    def _is_report(self, name: str) -> bool:
        if name.startswith(".") or name.lower().endswith(_UNFINISHED):
            return False
        return any(fnmatch.fnmatch(name, pattern) for pattern in self._patterns)


def refused_reading(
    name: str, content: bytes, error: MessageError, as_format: str = REFUSED
) -> Reading:
    """Return the reading of a file that was refused: it holds nothing but why."""
    return Reading(
        source=name,
        sha256=hashlib.sha256(content).hexdigest() if content else "",
        format=as_format,
        pages=0,
        pages_expected=0,
        problems=(str(error),),
    )


def lies_in_failed(folders: Iterable[Path], name: str) -> bool:
    """
    Tell whether a file that came as *name* still lies in `failed` below one of *folders*.

    A folder that cannot be read is taken to have it: nobody can have looked at the file.
    """
    for folder in folders:
        try:
            found = {path.name for path in (folder / FAILED).iterdir()}
        except FileNotFoundError:
            continue
        except OSError:
            return True
        if any(each in found for each in islice(names_in(name), len(found) + 1)):
            return True
    return False


def _signature(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_size, status.st_mtime_ns, status.st_ino
