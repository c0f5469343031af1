"""
The seam: what the transport needs of an RFC library, which is what pyrfc.Connection offers.

The transport never imports a library. It gets a driver: pyrfc's (`pyrfc_driver.py`) where that is
installed, or any other that behaves like it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol


class RfcConnection(Protocol):
    """One connection, for one thread at a time, with the interface of ``pyrfc.Connection``."""

    def call(self, func_name: str, /, **params: Any) -> dict[str, Any]:
        """Run a remote function; raises the library's exceptions, TypeError for a wrong value."""
        ...

    def ping(self) -> None:
        """Ask for a sign of life."""
        ...

    def get_connection_attributes(self) -> dict[str, Any]:
        """Say who is logged on where: user, client, host; empty when the connection is closed."""
        ...

    def close(self) -> None:
        """End the session; what it did not commit is lost."""
        ...


#: Told the function module's name when a call has left and its answer is awaited.
OnSent = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class RfcDriver:
    """
    How to open a connection.

    ``connect`` opens one or raises; a library that can tell when a call has left calls the
    function it is given, others ignore it. ``error`` is the root of the library's exceptions.
    """

    connect: Callable[[OnSent], RfcConnection]
    error: type[Exception]
