"""The first logon of a daemon: one for all jobs, because each try counts towards a user's lock."""

from __future__ import annotations

import threading
from collections.abc import Callable

from connector.errors import LogonRefusedError


class FirstLogon:
    """
    Lets the jobs through once *log_on* has succeeded.

    Jobs start at the same moment. One of them logs on while the others wait for its answer; a
    refused logon is not tried again, and an ERP that is away is asked anew by whoever comes next.
    """

    def __init__(self, log_on: Callable[[], object]) -> None:
        self._log_on = log_on
        self._turn = threading.Lock()
        self._accepted = threading.Event()
        self._refused: LogonRefusedError | None = None

    def require(self) -> None:
        """
        Return once somebody has logged on.

        Raises:
            LogonRefusedError: user or password were refused, now or when they were tried.
            ErpUnavailableError: the ERP cannot be reached; the next call asks again.
        """
        if self._accepted.is_set():
            return
        with self._turn:
            if self._refused is not None:
                raise self._refused
            if self._accepted.is_set():
                return
            try:
                self._log_on()
            except LogonRefusedError as error:
                self._refused = error
                raise
            self._accepted.set()
