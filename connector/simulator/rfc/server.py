"""
The simulated ERP as a server of its own, so that connector and ERP are two processes.

It finishes what it has received even when the client is killed meanwhile, as an application server
does, and forgets the unit of work of a client that went away without commit. It listens on
loopback unless told otherwise: the protocol is not encrypted.
"""

from __future__ import annotations

import ipaddress
import socket
import socketserver
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from connector.simulator.rfc import wire
from connector.simulator.rfc.context import CallAbandoned, ConnectionDropped, Context
from connector.simulator.rfc.control import Control, controls, run
from connector.simulator.rfc.exceptions import (
    ABAPRuntimeError,
    RFCLibError,
    cancelled,
    to_plain,
)
from connector.simulator.rfc.face import RfcFace

#: How long `RfcServer.close` waits for a thread, in seconds.
_JOIN_S = 10.0


class RfcServer:
    """
    Serves *face* at *host* and *port* (0: any free port, see `address`) until closed.

    *more_controls* adds to what `remote.RemoteControl` may do. Controls are offered on loopback
    only.
    """

    def __init__(
        self,
        face: RfcFace,
        host: str = "127.0.0.1",
        port: int = 0,
        more_controls: Mapping[str, Control] | None = None,
    ) -> None:
        self.face = face
        self._controls = {**controls(face), **(more_controls or {})} if _is_loopback(host) else {}
        self._clients: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._server = _Server((host, port), self._serve_client)
        self._serving = False
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), name="rfc-server", daemon=True
        )

    @property
    def address(self) -> tuple[str, int]:
        """Host and port it listens on."""
        host, port = self._server.server_address[:2]
        return str(host), int(port)

    def start(self) -> RfcServer:
        """Serve in a thread of its own and return."""
        self._serving = True
        self._thread.start()
        return self

    def close(self) -> None:
        """Stop listening, drop all clients without commit, wait for their threads."""
        if self._serving:
            self._server.shutdown()
        self._server.server_close()
        with self._lock:
            clients = list(self._clients)
        self.face.close()
        for client in clients:
            _shut(client)
        if self._thread.is_alive():
            self._thread.join(_JOIN_S)
        self._server.join_clients()

    def __enter__(self) -> RfcServer:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _serve_client(self, sock: socket.socket) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self._clients.add(sock)
        client = _Client(self.face, self._controls)
        try:
            while True:
                answer = client.answer(wire.receive(sock))
                if answer is None:
                    return
                wire.send(sock, answer)
        except (wire.WireClosed, OSError):
            return
        finally:
            client.leave()
            with self._lock:
                self._clients.discard(sock)
            sock.close()


class _Client:
    """One client's session and what it asks for."""

    def __init__(self, face: RfcFace, known: Mapping[str, Control]) -> None:
        self._face, self._controls = face, known
        self._context: Context | None = None

    def answer(self, request: dict[str, Any]) -> dict[str, Any] | None:
        """Return the answer to *request*; None drops the line without one."""
        try:
            return {"value": self._do(request)}
        except RFCLibError as error:
            if isinstance(error, ABAPRuntimeError):
                self._context = None
            return {"error": to_plain(error)}
        except CallAbandoned:
            self._context = None
            return {"error": to_plain(cancelled())}
        except ConnectionDropped:
            self._context = None
            return None
        except ValueError as error:
            return {"refused": str(error)}

    def leave(self) -> None:
        """The client is gone: what it has not committed is lost."""
        context, self._context = self._context, None
        if context is not None:
            self._face.close_context(context)

    def _do(self, request: dict[str, Any]) -> Any:
        match request.get("do"):
            case "call":
                return self._call(request)
            case "open":
                self._context = self._face.open_context(request["params"])
                return self._attributes(self._context)
            case "describe":
                return self._face.dictionary.describe(request["function"])
            case "reset":
                if self._context is not None:
                    self._face.reset_context(self._context)
                return None
            case "control":
                return run(self._controls, request["name"], request["arguments"])
        raise ValueError(f"unknown request {request.get('do')!r}")

    def _call(self, request: dict[str, Any]) -> Any:
        function = self._face.dictionary.function(request["function"])
        if self._context is None:
            raise ConnectionDropped
        imports = wire.revive(function, request["imports"])
        return self._face.invoke(self._context, function, imports)

    def _attributes(self, context: Context) -> dict[str, str]:
        settings = self._face.settings
        return {
            "partnerHost": settings.host,
            "sysId": settings.system_id,
            "client": context.client,
            "user": context.user,
            "isoLanguage": context.language,
            "cpicConvId": f"{context.number:08}",
        }


class _Server(socketserver.TCPServer):
    """A thread per client, all of them joined at the end."""

    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], serve: Any) -> None:
        self._serve = serve
        self._threads: list[threading.Thread] = []
        super().__init__(address, socketserver.BaseRequestHandler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve one client in a thread of its own."""
        del client_address
        self._threads = [t for t in self._threads if t.is_alive()]
        thread = threading.Thread(
            target=self._serve, args=(request,), name="rfc-client", daemon=True
        )
        self._threads.append(thread)
        thread.start()

    def join_clients(self) -> None:
        """Wait until every client's thread has ended."""
        for thread in self._threads:
            thread.join(_JOIN_S)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _shut(sock: socket.socket) -> None:
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
