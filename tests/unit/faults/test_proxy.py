"""The proxy does to a connection what its mode says."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest

from tests.faults.proxy import Fate, HttpProxy, TcpProxy


class Upstream:
    """Answers each request with its number; `requests` holds what arrived."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.requests: list[bytes] = []
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(ConnectionError):
            while chunk := connection.recv(65536):
                with self._lock:
                    self.requests.append(chunk)
                    body = str(len(self.requests)).encode()
                connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body))


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    found = Upstream()
    yield found
    found.listener.close()


@pytest.fixture
def proxy(upstream: Upstream) -> Iterator[TcpProxy]:
    found = TcpProxy(("127.0.0.1", upstream.port))
    found.start()
    yield found
    found.close()


REQUEST = b"POST /x HTTP/1.1\r\ncontent-length: 2\r\n\r\nhi"


def open_to(port: int, seconds: float = 5.0) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), seconds)


def answer(connection: socket.socket) -> bytes:
    connection.sendall(REQUEST)
    return connection.recv(65536)


def test_it_passes(proxy: TcpProxy) -> None:
    with open_to(proxy.port) as connection:
        assert answer(connection).endswith(b"1")


def test_cut_resets_what_is_open_and_refuses_what_is_new(proxy: TcpProxy) -> None:
    with open_to(proxy.port) as connection:
        answer(connection)
        proxy.set_mode("cut")
        with pytest.raises(ConnectionError):
            answer(connection) or answer(connection)
    with pytest.raises(ConnectionError), open_to(proxy.port) as connection:
        answer(connection) or answer(connection)
    proxy.set_mode("pass")
    with open_to(proxy.port) as connection:
        assert answer(connection)


@pytest.mark.parametrize("mode", ["blackhole", "half-open", "one-way"])
def test_silence_says_nothing_until_it_is_healed(proxy: TcpProxy, upstream: Upstream, mode: str) -> None:
    with open_to(proxy.port, 0.3) as connection:
        answer(connection)
        proxy.set_mode(mode)  # type: ignore[arg-type]
        with pytest.raises(TimeoutError):
            answer(connection)
        assert len(upstream.requests) == (2 if mode == "one-way" else 1)
        proxy.set_mode("pass")
        connection.settimeout(5.0)
        with pytest.raises(ConnectionError):
            connection.recv(1) or answer(connection) or answer(connection)


def test_a_reset_answer_leaves_the_outcome_open(proxy: TcpProxy, upstream: Upstream) -> None:
    proxy.set_mode("reset-answer")
    with open_to(proxy.port) as connection, pytest.raises(ConnectionError):
        answer(connection) or answer(connection)
    assert upstream.requests == [REQUEST]


@pytest.mark.parametrize(("fate", "arrived"), [("pass", 1), ("duplicate", 2), ("reset-answer", 1), ("lose", 0)])
def test_requests_have_fates(upstream: Upstream, fate: Fate, arrived: int) -> None:
    proxy = HttpProxy(("127.0.0.1", upstream.port), lambda _: (fate, 0.0))
    proxy.start()
    try:
        with open_to(proxy.port) as connection:
            if fate in ("pass", "duplicate"):
                assert answer(connection)
            else:
                with pytest.raises(ConnectionError):
                    answer(connection) or answer(connection)
        assert len(upstream.requests) == arrived
        assert len(proxy.answers) == (fate == "duplicate")
    finally:
        proxy.close()
