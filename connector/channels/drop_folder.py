"""A folder that files are dropped into, and the folders `done` and `failed` below it."""

from __future__ import annotations

import errno
import itertools
import os
import shlex
import stat
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Final

from connector.errors import ConfigurationError, ConnectorError, MessageError, TransientError

DONE: Final = "done"
FAILED: Final = "failed"

#: What an administrator has to put right; any other failure of the file system may pass.
_SET_UP_WRONGLY: Final = {
    errno.ENOTDIR: ("this is no folder", "Name a folder as the channel's path"),
    errno.EACCES: ("there is no permission", "Give this user the right to read and write it"),
    errno.EPERM: ("there is no permission", "Give this user the right to read and write it"),
    errno.EROFS: ("it can only be read", "Files move to done or failed: make it writable"),
}


def names_in(name: str) -> Iterator[str]:
    """Yield the names, without end, under which files that came as *name* are put away."""
    plain = Path(name)
    yield name
    for count in itertools.count(2):
        yield f"{plain.stem}~{count}{plain.suffix}"


class DropFolder:
    """
    The file operations of a folder channel, with errors that people understand.

    Nothing outside *root* is ever read or written: links are refused.
    """

    def __init__(self, root: Path, owner: str) -> None:
        self._root = root
        self._owner = owner

    def check(self) -> None:
        """Make sure that *root* can be listed and written; see :meth:`entries` for errors."""
        for _ in self.entries():
            break
        for target in (DONE, FAILED):
            folder = self._below(target)
            try:
                with tempfile.TemporaryFile(dir=folder):
                    pass
            except OSError as error:
                raise self.error(error, folder) from error

    def entries(self) -> Iterator[tuple[Path, os.stat_result]]:
        """
        Yield what lies in the folder, by name, with its status (that of a link, not its target).

        Raises:
            ConfigurationError: the folder is missing, no folder, or not readable.
            TransientError: it cannot be reached at present, such as a network folder.
        """
        try:
            paths = sorted(self._root.iterdir())
        except OSError as error:
            raise self.error(error, self._root) from error
        for path in paths:
            try:
                status = path.lstat()
            except FileNotFoundError:
                continue
            except OSError as error:
                raise self.error(error, path) from error
            yield path, status

    def open(self, path: Path) -> IO[bytes]:
        """
        Open *path* for reading; the caller closes it.

        Raises:
            FileNotFoundError: it is gone.
            MessageError: it is a link, no regular file, or there is no permission to read it.
            TransientError: it cannot be reached at present.
        """
        try:
            # A pipe must not block, and a link must not lead out of the folder.
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError:
            raise
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise MessageError(path.name, "it is a link", "the file itself") from error
            if error.errno in (errno.EACCES, errno.EPERM, errno.ENXIO):
                raise MessageError(
                    path.name,
                    f"it cannot be read ({error.strerror})",
                    "a file that this user may read",
                ) from error
            raise self.error(error, path) from error
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise MessageError(path.name, "it is no regular file", "a file with orders")
        return os.fdopen(descriptor, "rb")

    def put_away(self, path: Path, problems: Sequence[str]) -> None:
        """
        Move *path* to `done`, or to `failed` with a note of the *problems* beside it.

        A file of the same name that is there already stays: the new one gets another name. It is
        no error when *path* is gone.

        Raises:
            ConfigurationError: there is no permission; the file stays where it is.
        """
        target = self._free_name(self._below(FAILED if problems else DONE), path.name)
        try:
            if problems:
                note = target.with_name(target.name + ".reason.txt")
                note.write_text("\n".join(problems) + "\n", "utf-8")
            path.rename(target)
        except FileNotFoundError:
            return
        except OSError as error:
            raise self.error(error, target) from error

    def _below(self, name: str) -> Path:
        folder = self._root / name
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise self.error(error, folder) from error
        if folder.is_symlink():
            raise ConfigurationError(
                f"{self._owner}: {folder}",
                "it is a link, and files must not leave the channel's folder",
                "Replace it with a folder",
            )
        return folder

    @staticmethod
    def _free_name(folder: Path, name: str) -> Path:
        return next(folder / each for each in names_in(name) if not os.path.lexists(folder / each))

    def error(self, error: OSError, path: Path) -> ConnectorError:
        """Return what *error* of the file system at *path* means: put it right, or try later."""
        where = f"{self._owner}: {path}"
        if error.errno == errno.ENOENT:
            remedy = (
                f"Create it: `mkdir -p {shlex.quote(str(path))}`, or correct the channel's path"
            )
            return ConfigurationError(where, "there is no such folder", remedy)
        if error.errno in _SET_UP_WRONGLY:
            return ConfigurationError(where, *_SET_UP_WRONGLY[error.errno])
        if error.errno == errno.EEXIST:  # a file stands where the folder should be
            return ConfigurationError(where, *_SET_UP_WRONGLY[errno.ENOTDIR])
        return TransientError(f"{where} cannot be reached: {error.strerror}")
