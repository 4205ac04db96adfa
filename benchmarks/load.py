"""Load on an HTTP server over raw keep-alive sockets: the same generator for every server, one thread, little work of
its own, so that what is measured is the server.

Only answers of 2xx count as done; nothing is sent twice. A server that closes a connection is connected to again.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

Request = Callable[[], bytes]
"""The bytes of the next request: head and body."""


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What became of the requests. `took` are the sorted seconds of those that were answered 2xx."""

    clients: int
    seconds: float
    took: tuple[float, ...]
    codes: dict[str, int]

    @property
    def rate(self) -> float:
        """Requests done a second."""
        return len(self.took) / self.seconds

    @property
    def refused(self) -> int:
        """Requests that were answered otherwise, or not at all."""
        return sum(self.codes.values()) - len(self.took)

    def quantile(self, share: float) -> float:
        """Milliseconds; NaN when nothing was done."""
        if not self.took:
            return float("nan")
        return self.took[min(len(self.took) - 1, int(share * len(self.took)))] * 1000

    def row(self) -> dict[str, float | int]:
        """For the table and the file."""
        return {
            "clients": self.clients,
            "done": len(self.took),
            "done_per_second": round(self.rate, 1),
            "refused": self.refused,
            "refused_share": round(self.refused / max(1, sum(self.codes.values())), 4),
            "p50_ms": round(self.quantile(0.5), 3),
            "p99_ms": round(self.quantile(0.99), 3),
        }


def post(host: str, path: str, body: bytes, headers: dict[str, str] | None = None, method: str = "POST") -> bytes:
    """A request as bytes."""
    head = {"Host": host, "Content-Type": "application/json", "Content-Length": str(len(body)), **(headers or {})}
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body


def get(host: str, path: str, headers: dict[str, str] | None = None) -> bytes:
    """A request as bytes."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in {"Host": host, **(headers or {})}.items())
    return f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode()


def press(
    address: tuple[str, int], clients: int, make: Request, *, seconds: float = 1e9, count: int | None = None
) -> Answered:
    """Keep `clients` connections busy, each with one request at a time, for `seconds` or until `count` were sent."""
    began = time.perf_counter()
    with _Press(address, make, began + seconds, count) as at_work:
        for _ in range(clients):
            at_work.open()
        at_work.run()
    took = time.perf_counter() - began
    return Answered(clients=clients, seconds=took, took=tuple(sorted(at_work.took)), codes=dict(at_work.codes))


def ask(address: tuple[str, int], request: bytes, timeout: float = 120.0) -> tuple[int, bytes]:
    """One request on a connection of its own: (status, body)."""
    with socket.create_connection(address, timeout=timeout) as sock:
        sock.sendall(request)
        answer = _Answer()
        while not answer.whole:
            piece = sock.recv(1 << 20)
            if not piece:
                raise ConnectionError("the server closed the connection before it had answered")
            answer.add(piece)
    return answer.status, answer.body


class _Answer:
    """The pieces of one answer as they arrive."""

    def __init__(self) -> None:
        self._pieces = bytearray()
        self._end: int | None = None
        self._head = 0
        self.status = 0

    def add(self, piece: bytes) -> None:
        self._pieces += piece
        if self._end is None:
            self._head = self._pieces.find(b"\r\n\r\n") + 4
            if self._head >= 4:
                head = bytes(self._pieces[: self._head]).lower()
                self.status = int(head[9:12])
                place = head.find(b"content-length:")
                length = int(head[place + 15 : head.index(b"\r\n", place)]) if place >= 0 else 0
                self._end = self._head + length

    @property
    def whole(self) -> bool:
        return self._end is not None and len(self._pieces) >= self._end

    @property
    def body(self) -> bytes:
        return bytes(self._pieces[self._head :])


class _Client:
    """A connection and the request that is under way on it."""

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
        self.sent = 0.0
        self.answer = _Answer()


class _Press:
    """The clients of one measurement."""

    def __init__(self, address: tuple[str, int], make: Request, until: float, count: int | None) -> None:
        self._address = address
        self._make = make
        self._until = until
        self._left = count
        self._selector = selectors.DefaultSelector()
        self._clients: set[_Client] = set()
        self.took: list[float] = []
        self.codes: Counter[str] = Counter()

    def __enter__(self) -> _Press:
        return self

    def __exit__(self, *_: object) -> None:
        for client in list(self._clients):
            self._close(client)
        self._selector.close()

    def open(self) -> None:
        """Connect one more client and send its first request."""
        client = _Client(socket.create_connection(self._address, timeout=120.0))
        client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._clients.add(client)
        self._selector.register(client.socket, selectors.EVENT_READ, client)
        self._next(client)

    def run(self) -> None:
        """Until the last answer is there."""
        while self._clients:
            for key, _ in self._selector.select(timeout=120.0):
                self._heard(key.data)

    def _next(self, client: _Client) -> None:
        if time.perf_counter() >= self._until or self._left == 0:
            self._close(client)
            return
        if self._left is not None:
            self._left -= 1
        request = self._make()
        client.answer = _Answer()
        client.sent = time.perf_counter()
        try:
            client.socket.sendall(request)
        except OSError as error:
            self._lost(client, type(error).__name__)

    def _heard(self, client: _Client) -> None:
        try:
            piece = client.socket.recv(1 << 18)
        except OSError as error:
            self._lost(client, type(error).__name__)
            return
        if not piece:
            self._lost(client, "closed")
            return
        client.answer.add(piece)
        if client.answer.whole:
            now, status = time.perf_counter(), client.answer.status
            self.codes[str(status)] += 1
            if 200 <= status < 300:
                self.took.append(now - client.sent)
            self._next(client)

    def _lost(self, client: _Client, why: str) -> None:
        self.codes[why] += 1
        self._close(client)
        self.open()

    def _close(self, client: _Client) -> None:
        if client in self._clients:
            self._clients.discard(client)
            self._selector.unregister(client.socket)
            client.socket.close()
