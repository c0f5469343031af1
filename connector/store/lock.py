"""One writer process per store; of a SQLite file, held by a lock on a file beside it."""

from __future__ import annotations

import fcntl
import os
import socket
from pathlib import Path
from types import TracebackType
from typing import Self

from connector.errors import ConfigurationError


class StoreInUseError(ConfigurationError):
    """
    Another process writes to the store.

    ``holder`` is its process id, 0 when unknown; ``host`` where it runs, empty for this machine.
    """

    def __init__(self, store: Path | str, holder: int, host: str = "") -> None:
        self.holder = holder
        self.host = "" if host == socket.gethostname()[: len(host)] else host
        where = f" on {self.host}" if self.host else ""
        who = f"process {holder}{where}" if holder else "another process"
        stop = f" (kill {holder}{where})" if holder else ""
        super().__init__(
            str(store),
            f"a second daemon on the same store: {who} already writes to it",
            f"Stop it{stop} or give this one a store of its own",
        )


class WriterLock:
    """
    Exclusive right to write to *database*, until it is closed or the process ends.

    The operating system drops the lock of a killed process, so that nothing has to be cleaned up.
    """

    def __init__(self, database: Path) -> None:
        self.path = database.with_name(database.name + ".lock")
        try:
            self._file = self.path.open("a+", encoding="ascii")
        except OSError as error:
            raise ConfigurationError(
                str(self.path),
                f"cannot be written: {error.strerror}",
                "Check that the folder exists and that this user may write to it",
            ) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = self._holder()
            self._file.close()
            raise StoreInUseError(database, holder) from error
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()

    def _holder(self) -> int:
        self._file.seek(0)
        content = self._file.read().strip()
        return int(content) if content.isdigit() else 0

    def close(self) -> None:
        """Give the right back; calling it twice is harmless. The file itself stays."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
