"""Queries over UDP: one thread, one blocking socket, and a dict for what was answered before.

This is the loop that decides how many queries a second are answered: for a known query it does nothing but receive, look
up and send. Threads of a small pool wait for an upstream.
"""

from __future__ import annotations

import contextlib
import socket
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore, Thread
from typing import Any

from vpcsim.dns_server.answers import SERVFAIL, SILENCE, Answers, Forward, refused

LARGEST = 0xFFFF
BUFFER = 4 << 20
MOST_FORWARDED = 32


class Datagrams:
    """The UDP side of one view, on a socket that is bound already."""

    def __init__(self, bound: socket.socket, answers: Answers) -> None:
        self.socket, self.answers = bound, answers
        self._stopping = False
        self._pool: ThreadPoolExecutor | None = None
        self._places = BoundedSemaphore(MOST_FORWARDED)
        self._thread = Thread(target=self._serve, daemon=True)
        with contextlib.suppress(OSError):
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End after the datagram that is being answered. An empty datagram of our own wakes the loop."""
        self._stopping = True
        with contextlib.suppress(OSError), socket.socket(self.socket.family, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", _reachable(self.socket))
        self._thread.join(5)
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
        self.socket.close()

    def _serve(self) -> None:
        receive, send, known = self.socket.recvfrom, self.socket.sendto, self.answers.known.get
        while True:
            try:
                data, peer = receive(LARGEST)
                reply = known(data[2:])
                if reply is not None:
                    send(data[:2] + reply, peer)
                elif data:
                    self._answer(data, peer)
                elif self._stopping:
                    return
            except OSError:
                if self._stopping:
                    return

    def _answer(self, data: bytes, peer: Any) -> None:
        reply = self.answers.reply(data)
        if isinstance(reply, Forward):
            self._forward(data, peer, reply)
        elif reply != SILENCE:
            self.socket.sendto(data[:2] + reply, peer)

    def _forward(self, data: bytes, peer: Any, forward: Forward) -> None:
        if not self._places.acquire(blocking=False):
            self.socket.sendto(data[:2] + refused(data, SERVFAIL), peer)
            return
        self._pool = self._pool or ThreadPoolExecutor(MOST_FORWARDED)
        self._pool.submit(self._finish, data, peer, forward)

    def _finish(self, data: bytes, peer: Any, forward: Forward) -> None:
        try:
            reply = forward.finish()
            with contextlib.suppress(OSError):
                self.socket.sendto(data[:2] + reply, peer)
        finally:
            self._places.release()


def _reachable(bound: socket.socket) -> Any:
    """The address at which a socket that may listen everywhere is reached from here."""
    address, *rest = bound.getsockname()
    return ({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address), *rest)
