"""Queries over TCP: messages behind two bytes of length, as many on one connection as the client likes, answered in order.

A connection that does not bring a whole message, or does not take its replies, within IDLE seconds is closed, and so is
one beyond the limit, at once. A reply is handed to the transport whole, so that none is cut when the server stops.

Sources: RFC 1035 section 4.2.2, RFC 7766 sections 6 and 8, RFC 9210.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from threading import Event, Thread

from vpcsim.dns_server.answers import SILENCE, Answers, Forward

IDLE = 10.0
MOST_CONNECTIONS = 256
BACKLOG = 1024
MOST_UNREAD = 256 << 10
"""Bytes of replies that wait for a client before the next query is read."""
FAREWELL = 1.0
PAUSE = 0.1
"""Seconds to wait after a connection could not be taken."""


class Streams:
    """The TCP side of all views, in a thread with an event loop of its own."""

    def __init__(self, served: list[tuple[socket.socket, Answers]], idle: float = IDLE) -> None:
        self._served, self._idle = served, idle
        self._connections: set[asyncio.Task[None]] = set()
        self._ready = Event()
        self._thread = Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    def start(self) -> None:
        self._thread.start()
        self._ready.wait()

    def stop(self) -> None:
        """Take no more connections, send what is answered already, and close."""
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(5)

    async def _serve(self) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        for bound, _ in self._served:
            bound.listen(BACKLOG)
        acceptors = [self._loop.create_task(self._accept(bound, answers)) for bound, answers in self._served]
        self._ready.set()
        await self._stopping.wait()
        for task in (*acceptors, *self._connections):
            task.cancel()
        for bound, _ in self._served:
            bound.close()
        await asyncio.wait((*acceptors, *self._connections), timeout=2 * FAREWELL)

    async def _accept(self, bound: socket.socket, answers: Answers) -> None:
        """Take connections one by one, so that those beyond the limit never hold more than one file, however many come."""
        while True:
            try:
                connection, _ = await self._loop.sock_accept(bound)
            except OSError:
                await asyncio.sleep(PAUSE)
                continue
            if len(self._connections) >= MOST_CONNECTIONS:
                connection.close()
            else:
                task = self._loop.create_task(self._converse(connection, answers))
                self._connections.add(task)
                task.add_done_callback(self._connections.discard)
            await asyncio.sleep(0)

    async def _converse(self, connection: socket.socket, answers: Answers) -> None:
        try:
            reader, writer = await asyncio.open_connection(sock=connection)
        except (OSError, asyncio.CancelledError):
            connection.close()
            return
        writer.transport.set_write_buffer_limits(MOST_UNREAD)
        try:
            while True:
                async with asyncio.timeout(self._idle):
                    length = int.from_bytes(await reader.readexactly(2))
                    data = await reader.readexactly(length)
                reply = await self._reply(data, answers)
                if reply != SILENCE:
                    writer.write((len(reply) + 2).to_bytes(2) + data[:2] + reply)
                async with asyncio.timeout(self._idle):
                    await writer.drain()
        except (OSError, EOFError, TimeoutError, asyncio.CancelledError):
            await self._close(writer)

    async def _reply(self, data: bytes, answers: Answers) -> bytes:
        known = answers.known.get(data[2:])
        reply = answers.reply(data) if known is None else known
        return await asyncio.to_thread(reply.finish) if isinstance(reply, Forward) else reply

    async def _close(self, writer: asyncio.StreamWriter) -> None:
        """Send what waits, for a moment, then close."""
        writer.close()
        with contextlib.suppress(OSError, TimeoutError, asyncio.CancelledError):
            async with asyncio.timeout(FAREWELL):
                await writer.wait_closed()
                return
        writer.transport.abort()
