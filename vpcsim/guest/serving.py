"""The far end of a connection: a thread that speaks TLS if the client does, and HTTP to a WSGI application."""

from __future__ import annotations

import io
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import IO, Any, cast
from wsgiref.simple_server import ServerHandler, WSGIRequestHandler

from vpcsim.guest.certificates import server_context
from vpcsim.guest.context import as_guest, entered
from vpcsim.guest.guest import Guest
from vpcsim.guest.hosts import Server

_HANDSHAKE = b"\x16"
"""The first byte of a TLS record that opens a connection."""


def serve(connection: socket.socket, server: Server, guest: Guest, host: str, peer: tuple[str, int]) -> None:
    """Serve the other end of a connection of the guest, in a thread. Code on an instance of the model runs as a guest there."""
    there = guest.standing_on(server.place)
    with entered(None):
        thread = threading.Thread(target=as_guest(there, _serve), args=(connection, server, host, peer), daemon=True)
        thread.start()


def _serve(connection: socket.socket, server: Server, host: str, peer: tuple[str, int]) -> None:
    with connection, suppress(OSError):
        spoken = _spoken(connection, server, host)
        if spoken is None:
            return
        with spoken:
            if server.handler is not None:
                server.handler(spoken)
            else:
                _Http(spoken, server.app, spoken is not connection, peer)


def _spoken(connection: socket.socket, server: Server, host: str) -> Any:
    first = connection.recv(1, socket.MSG_PEEK)
    if not first:
        return None
    if first != _HANDSHAKE:
        return connection
    return server_context(server.names, host).wrap_socket(connection, server_side=True)


class _Http(WSGIRequestHandler):
    """One request of one connection."""

    protocol_version = "HTTP/1.1"

    def __init__(self, connection: Any, app: Any, secure: bool, peer: tuple[str, int]) -> None:
        self.app, self.secure = app, secure
        super().__init__(connection, peer, _Server())  # type: ignore[arg-type]

    def get_environ(self) -> dict[str, Any]:
        environ = super().get_environ()
        host, _, port = self.headers.get("Host", "localhost").rpartition(":")
        name = host or port
        known = {"SERVER_NAME": name, "SERVER_PORT": port if host else "443" if self.secure else "80"}
        return {**environ, **known, **({"HTTPS": "on"} if self.secure else {})}

    def handle(self) -> None:
        self.raw_requestline = self.rfile.readline(65537)
        if not self.parse_request():
            return
        environ = self.get_environ()
        body: Any = self.rfile
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            body = io.BytesIO(b"".join(self._chunks()))
            environ["CONTENT_LENGTH"] = str(len(body.getvalue()))
        handler = ServerHandler(body, cast(IO[bytes], self.wfile), self.get_stderr(), environ, multithread=True)
        handler.request_handler = self  # type: ignore[attr-defined]
        handler.run(self.app)

    def _chunks(self) -> Iterator[bytes]:
        """Source: RFC 9112 section 7.1."""
        while size := int(self.rfile.readline().partition(b";")[0] or b"0", 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass

    def finish(self) -> None:
        super().finish()
        if self.secure:
            self.request.setblocking(False)
            self.request.unwrap()

    def log_message(self, format: str, *args: Any) -> None:
        """Nobody reads the log of a host elsewhere."""


class _Server:
    """What a request handler asks of its server."""

    base_environ: dict[str, str]

    def __init__(self) -> None:
        self.base_environ = {"GATEWAY_INTERFACE": "CGI/1.1", "REMOTE_HOST": "", "CONTENT_LENGTH": "", "SCRIPT_NAME": ""}
