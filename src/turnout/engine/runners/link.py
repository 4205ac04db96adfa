"""How worker processes of a cluster on this machine learn that a run is over: a socket that ends with it.

Nothing is sent. A worker that has a stream of the run connects; when the flow process closes its half, or dies, the
worker closes the stream and then the connection, which is how the flow process knows that the stream is complete.
"""

from __future__ import annotations

import os
import socket
import sys
from contextlib import suppress
from threading import Thread

from turnout.engine.futures.futures import _lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

CLOSING_SECONDS = 5.0
"""How long the end of a run waits for a worker to close its stream; a worker that hangs keeps it from nothing else."""


class Link:
    """The flow process's end. `name`: what a worker connects to."""

    def __init__(self, crew: str) -> None:
        self.name = f"\0turnout-{crew}-{os.getpid()}"
        self._peers: list[socket.socket] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.name)
        self._listener.listen(128)
        self._acceptor = Thread(target=self._accept, name="turnout-link", daemon=True)
        self._acceptor.start()

    def close(self) -> None:
        """Let every worker close its stream, and wait until they have."""
        with suppress(OSError):
            self._listener.setblocking(False)
            while True:  # those that have come since
                peer = self._listener.accept()[0]
                with _lock:
                    self._peers.append(peer)
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._acceptor.join()  # it may hold one that it has not put on the list yet
        self._listener.close()
        peers, self._peers = self._peers, []
        for peer in peers:
            with suppress(OSError):
                peer.shutdown(socket.SHUT_WR)
        for peer in peers:
            with suppress(OSError):
                peer.settimeout(CLOSING_SECONDS)
                peer.recv(1)
            peer.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                peer = self._listener.accept()[0]
                with _lock:
                    self._peers.append(peer)


def can_link() -> bool:
    """Whether this system has sockets without a file."""
    return sys.platform == "linux"


def join(name: str, end: Callable[[], None]) -> bool:
    """Call `end` when the flow process that listens at `name` ends the run or dies; False if it cannot be reached."""
    peer = socket.socket(socket.AF_UNIX)
    try:
        peer.connect(name)
    except OSError:
        peer.close()
        return False

    def wait() -> None:
        with suppress(OSError):
            peer.recv(1)
        try:
            end()
        finally:
            peer.close()

    Thread(target=wait, name="turnout-link", daemon=True).start()
    return True
