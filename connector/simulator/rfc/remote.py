"""
A connection to a simulated ERP in another process, with the interface of ``pyrfc.Connection``.

Values are checked on this side, as pyrfc does; only what passed the check is sent.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from typing import Any

from connector.simulator.rfc import wire
from connector.simulator.rfc.connection import Connection
from connector.simulator.rfc.dictionary import Dictionary, Function, Row
from connector.simulator.rfc.exceptions import (
    ABAPApplicationError,
    cancelled,
    connection_lost,
    connection_refused,
    from_plain,
)

Notice = Callable[[str], None]

#: How long the ERP may take to accept a connection, in seconds.
_CONNECT_S = 10.0


class RemoteConnection(Connection):
    """
    A connection over a socket to the `server.RfcServer` at *host* and *port*.

    *on_sent* is told the function's name when its request has left and no answer has been read,
    *on_answered* when the answer has been read: there a test kills its process.
    """

    def __init__(
        self,
        host: str,
        port: int,
        config: Mapping[str, Any] | None = None,
        *,
        on_sent: Notice | None = None,
        on_answered: Notice | None = None,
        dictionary: Dictionary | None = None,
        **params: str,
    ) -> None:
        link = RemoteLink(
            (host, port), params, dictionary or Dictionary.from_fixtures(), on_sent, on_answered
        )
        super().__init__(link, config, params)


class RemoteLink:
    """The line: one socket, opened anew for each session."""

    def __init__(
        self,
        address: tuple[str, int],
        params: Mapping[str, str],
        dictionary: Dictionary,
        on_sent: Notice | None,
        on_answered: Notice | None,
    ) -> None:
        self._address, self._params, self._dictionary = address, params, dictionary
        self._on_sent, self._on_answered = on_sent, on_answered
        self._socket: socket.socket | None = None
        self._attributes: dict[str, str] = {}

    def open(self) -> None:
        """Connect and log on; raises LogonError or CommunicationError."""
        self._socket = connect(self._address)
        try:
            self._attributes = self._ask({"do": "open", "params": dict(self._params)})
        except BaseException:
            # Nobody else knows the socket yet, so whatever ends the logon has to close it.
            self.close()
            raise

    def function(self, name: str) -> Function:
        """
        Return the interface of a function.

        What the fixtures do not know the ERP is asked for; ABAPApplicationError when it does not
        know it either.
        """
        try:
            return self._dictionary.function(name)
        except ABAPApplicationError:
            return self._dictionary.learn(self._ask({"do": "describe", "function": name}))

    def invoke(self, function: Function, imports: Row, timeout: int | None) -> Row:
        """Run a function; after *timeout* seconds it is given up, with code RFC_CANCELED."""
        request = {"do": "call", "function": function.name, "imports": imports}
        results: Row = self._ask(request, function.name, timeout)
        return wire.revive(function, results)

    def reset(self) -> None:
        """Forget the unit of work."""
        self._ask({"do": "reset"})

    def close(self) -> None:
        """Hang up; the ERP forgets what was not committed."""
        sock, self._socket = self._socket, None
        if sock is not None:
            sock.close()

    def attributes(self) -> dict[str, str]:
        """Return what the ERP said at logon."""
        return self._attributes

    def _ask(self, request: Mapping[str, Any], call: str = "", timeout: int | None = None) -> Any:
        sock = self._socket
        if sock is None:
            raise connection_lost()
        try:
            sock.settimeout(timeout)
            wire.send(sock, request)
            if call and self._on_sent is not None:
                self._on_sent(call)
            answer = wire.receive(sock)
        except TimeoutError:
            self.close()
            raise cancelled() from None
        except (wire.WireClosed, OSError):
            self.close()
            raise connection_lost() from None
        if call and self._on_answered is not None:
            self._on_answered(call)
        return unpack(answer)


class RemoteControl:
    """
    Faults, time, held commits and jobs of a simulated ERP in another process (`control`).

    Use it in `with`, or close it.
    """

    def __init__(self, host: str, port: int) -> None:
        self._socket = connect((host, port))

    def __call__(self, control: str, /, **arguments: Any) -> Any:
        """
        Run *control*, e.g. ``control("inject", name="commit late")``.

        Raises:
            ValueError: there is no such control, or its arguments are wrong.
            CommunicationError: the ERP is gone.
        """
        try:
            wire.send(self._socket, {"do": "control", "name": control, "arguments": arguments})
            answer = wire.receive(self._socket)
        except (wire.WireClosed, OSError):
            raise connection_lost() from None
        return unpack(answer)

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def __enter__(self) -> RemoteControl:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def connect(address: tuple[str, int]) -> socket.socket:
    """Connect to the ERP; CommunicationError when nobody listens."""
    try:
        sock = socket.create_connection(address, _CONNECT_S)
    except OSError:
        raise connection_refused(f"{address[0]}:{address[1]}") from None
    sock.settimeout(None)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def unpack(answer: Mapping[str, Any]) -> Any:
    """Return the value of an answer, or raise what it says instead."""
    if "error" in answer:
        raise from_plain(answer["error"])
    if "refused" in answer:
        raise ValueError(answer["refused"])
    return answer["value"]
