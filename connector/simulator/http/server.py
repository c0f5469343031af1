"""
The simulated ERP's HTTP server: HTTP/1.1 with connections that stay open, TLS when asked.

It finishes what it has received even when the client is gone, as an application server does. It
listens on loopback unless told otherwise.
"""

from __future__ import annotations

import re
import socket
import ssl
import struct
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from connector.simulator.http.front import (
    AnswerWithheld,
    ConnectionLost,
    ConnectionRefused,
    HttpFront,
)
from connector.simulator.http.messages import Headers, HttpRequest, HttpResponse
from connector.simulator.http.pages import html

#: How long `HttpErpServer.close` waits for a thread, in seconds.
_JOIN_S = 10.0
_HOST = re.compile(r"[\w.\-]+(:\d{1,5})?|\[[0-9a-fA-F:.]+\](:\d{1,5})?", re.ASCII)
_LINE_END = re.compile(r"[\r\n]+")


class HttpErpServer:
    """Serves *front* at *host* and *port* (0: any free port, see `address`) until closed."""

    def __init__(self, front: HttpFront, host: str = "127.0.0.1", port: int = 0) -> None:
        self.front = front
        settings = front.settings
        context = None
        if settings.tls_certificate is not None:
            context = _tls(
                settings.tls_certificate, settings.tls_key, settings.tls_client_authority
            )
        self._server = _Server((host, port), front, context)
        self._serving = False
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), name="http-server", daemon=True
        )

    @property
    def address(self) -> tuple[str, int]:
        """Host and port it listens on."""
        host, port = self._server.server_address[:2]
        return str(host), int(port)

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return self._server.url

    def start(self) -> HttpErpServer:
        """Serve in a thread of its own and return."""
        self._serving = True
        self._thread.start()
        return self

    def close(self) -> None:
        """Stop listening, drop all clients, wait for their threads."""
        if self._serving:
            self._server.shutdown()
        self._server.server_close()
        self.front.close()
        self._server.drop_clients()
        if self._thread.is_alive():
            self._thread.join(_JOIN_S)

    def __enter__(self) -> HttpErpServer:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _tls(certificate: Path, key: Path | None, authority: Path | None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    if authority is not None:
        context.load_verify_locations(authority)
        context.verify_mode = ssl.CERT_OPTIONAL
    return context


class _Server(HTTPServer):
    """A thread per client, all of them joined at the end."""

    request_queue_size = 128

    def __init__(
        self, address: tuple[str, int], front: HttpFront, context: ssl.SSLContext | None
    ) -> None:
        self.front = front
        self._context = context
        self._clients: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._dropped = False
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        super().__init__(address, _Handler)
        host, port = self.server_address[:2]
        shown = f"[{host!s}]" if ":" in str(host) else str(host)
        self.url = f"{'https' if context else 'http'}://{shown}:{port}"

    def server_bind(self) -> None:
        """Bind, without asking the name service who we are; at once again after a crash."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        socket.socket.bind(self.socket, self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve one client in a thread of its own."""
        self._threads = [t for t in self._threads if t.is_alive()]
        thread = threading.Thread(
            target=self._serve, args=(request, client_address), name="http-client", daemon=True
        )
        self._threads.append(thread)
        thread.start()

    def _serve(self, sock: socket.socket, client_address: Any) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.settimeout(self.front.settings.idle_timeout_s)
        with self._lock:
            if self._dropped:
                sock.close()
                return
            self._clients.add(sock)
        served: socket.socket = sock
        try:
            if self._context is not None:
                served = self._context.wrap_socket(sock, server_side=True)
                with self._lock:
                    self._clients.discard(sock)
                    self._clients.add(served)
            self.finish_request(served, client_address)
        except OSError:
            return
        finally:
            with self._lock:
                self._clients.discard(sock)
                self._clients.discard(served)
            _close(served)

    def drop_clients(self) -> None:
        """End all connections and wait until their threads have ended."""
        with self._lock:
            self._dropped = True
            clients = list(self._clients)
        for client in clients:
            try:
                client.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
        for thread in self._threads:
            thread.join(_JOIN_S)


class _Handler(BaseHTTPRequestHandler):
    """Reads requests off one connection."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def serve(self) -> None:
        """Answer one request."""
        body = self._body()
        if body is None:
            return
        path, _, query = self.path.partition("?")
        if not path.startswith("/"):
            target = urlsplit(self.path)
            path, query = target.path or "/", target.query
        request = HttpRequest(
            self.command,
            path,
            query,
            Headers(list(self.headers.items())),
            body,
            self._base_url(),
            certificate=self._certificate(),
        )
        try:
            response = self.server.front.answer(request)
        except ConnectionRefused:
            self._reset()
            return
        except ConnectionLost:
            self._reset()
            return
        except AnswerWithheld as withheld:
            self._wait_in_vain(withheld)
            return
        self._send(response)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_MERGE = do_DELETE = do_OPTIONS = serve

    def log_message(self, format: str, *args: Any) -> None:
        """Write nothing: the front has a log of its own."""

    def _body(self) -> bytes | None:
        """Return the body; None when it was refused and the connection ends."""
        largest = self.server.front.settings.largest_body
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._chunked(largest)
        length = self.headers.get("Content-Length", "0")
        if not re.fullmatch(r"\d{1,15}", length, re.ASCII):
            self._refuse(400, "Bad Request")
            return None
        if int(length) > largest:
            self._refuse(413, "Request Entity Too Large")
            return None
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            self.close_connection = True
            return None
        return body

    def _chunked(self, largest: int) -> bytes | None:
        body = b""
        while True:
            size = self.rfile.readline(80).split(b";")[0].strip()
            if not re.fullmatch(rb"[0-9A-Fa-f]{1,8}", size):
                self._refuse(400, "Bad Request")
                return None
            wanted = int(size, 16)
            if len(body) + wanted > largest:
                self._refuse(413, "Request Entity Too Large")
                return None
            if not wanted:
                break
            chunk = self.rfile.read(wanted)
            if len(chunk) < wanted:
                self.close_connection = True
                return None
            body += chunk
            self.rfile.readline(8)
        while self.rfile.readline(8192).strip():
            continue
        return body

    def _refuse(self, status: int, text: str) -> None:
        self.close_connection = True
        self._send(html(status, text, text))

    def _base_url(self) -> str:
        host = self.headers.get("Host", "")
        if not _HOST.fullmatch(host):
            return self.server.url
        return f"{self.server.url.partition('://')[0]}://{host}"

    def _certificate(self) -> str:
        if not isinstance(self.connection, ssl.SSLSocket):
            return ""
        shown: Any = self.connection.getpeercert() or {}
        for part in shown.get("subject", ()):
            for name, value in part:
                if name == "commonName":
                    return str(value)
        return ""

    def _send(self, response: HttpResponse) -> None:
        try:
            reason = HTTPStatus(response.status).phrase
        except ValueError:
            reason = ""
        now = self.server.front.erp.clock.now().timestamp()
        lines = [
            f"HTTP/1.1 {response.status} {reason}",
            f"Date: {self.date_time_string(int(now))}",
            "Server: SAP NetWeaver Application Server / simulated",
        ]
        lines += [f"{name}: {_LINE_END.sub(' ', v)}" for name, v in response.headers.items()]
        if response.status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
            lines.append(f"Content-Length: {len(response.body)}")
        if self.close_connection:
            lines.append("Connection: close")
        head = "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n"
        self.wfile.write(head if self.command == "HEAD" else head + response.body)

    def _reset(self) -> None:
        """End the connection as a crash would."""
        self.close_connection = True
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)

    def _wait_in_vain(self, withheld: AnswerWithheld) -> None:
        """Keep the connection until the client gives up or the work is done, then end it."""
        self.close_connection = True
        self.connection.settimeout(0.05)
        while not withheld.held.done.is_set():
            try:
                if not self.connection.recv(1):
                    return
            except TimeoutError:
                continue
            except OSError:
                return


def _close(sock: socket.socket) -> None:
    try:
        sock.close()
    except OSError:
        return
