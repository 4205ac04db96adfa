"""Hints between the servers of one database, by NOTIFY: best effort, after the commit, never part of a transaction.

Invariant: nothing depends on it. What is lost here (a full queue, a lost connection, a pooler) is found by whoever
waits, at its next look; so errors end in a pause and a new connection, and are told to nobody.
"""

import select
import threading
from collections.abc import Callable
from typing import Any

import psycopg

from turnout.core.errors import TurnoutError
from turnout.store.dialects import postgresql
from turnout.store.postgres.watch import sever

CHANNEL = "turnout"
PAYLOAD_BYTES = 7000
"""NOTIFY carries less than 8000."""
QUEUE = 10_000
"""Topics that wait to be sent; more are dropped."""
BREATH_SECONDS = 0.01
"""Between two messages: what a busy server has to tell meanwhile goes together."""
PAUSE_SECONDS = 1.0
"""Between two tries to connect."""
LOOK_SECONDS = 60.0
"""How long one wait for news lasts; only `close` and the network end it sooner."""
_SEND = f"SELECT set_config('synchronous_commit', 'off', true), pg_notify('{CHANNEL}', $1)".encode()
"""No disk is waited for: it would be one that the next COMMIT of a run needs."""
_LISTEN = f"LISTEN {CHANNEL}".encode()


class Beacon:
    """Sends what is notified here to the other servers, and hands what they notify to `deliver`, in its own thread."""

    def __init__(self, url: str, deliver: Callable[[str], None]) -> None:
        self._url = url
        self._deliver = deliver
        self._topics: dict[str, None] = {}
        self._changed = threading.Condition()
        self._closed = threading.Event()
        self._listening = threading.Event()
        self._own = 0
        self._ears: psycopg.Connection[Any] | None = None
        self._threads = [
            threading.Thread(target=target, name=f"turnout-{name}", daemon=True)
            for name, target in (("notify", self._send_always), ("listen", self._listen_always))
        ]
        for thread in self._threads:
            thread.start()

    def notify(self, topic: str) -> None:
        """Have the other servers told of `topic`; those that wait already are sent together."""
        with self._changed:
            if len(self._topics) < QUEUE:
                self._topics[topic] = None
                self._changed.notify()

    def wait_listening(self, timeout: float) -> bool:
        """Whether what others notify arrives here, within `timeout` seconds."""
        return self._listening.wait(timeout)

    def close(self) -> None:
        """End both threads."""
        self._closed.set()
        with self._changed:
            self._changed.notify_all()
        ears = self._ears
        if ears is not None and not ears.closed:
            sever(ears)
        for thread in self._threads:
            thread.join()

    def _send_always(self) -> None:
        voice = None
        while (topics := self._waiting()) is not None:
            try:
                voice = voice or postgresql.connect(self._url)
                self._own = voice.info.backend_pid
                for payload in payloads(topics):
                    voice.execute(_SEND, [payload])
                self._closed.wait(BREATH_SECONDS)
            except (psycopg.Error, TurnoutError):
                if voice is not None:
                    voice.close()
                voice = None
                self._closed.wait(PAUSE_SECONDS)
        if voice is not None:
            voice.close()

    def _waiting(self) -> list[str] | None:
        """What is to be sent, once there is something; None once this is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._topics or self._closed.is_set())
            topics, self._topics = list(self._topics), {}
        return None if self._closed.is_set() else topics

    def _listen_always(self) -> None:
        while not self._closed.is_set():
            try:
                self._ears = ears = postgresql.connect(self._url)
                with ears:
                    self._listen(ears)
            except (psycopg.Error, TurnoutError):
                self._closed.wait(PAUSE_SECONDS)
            finally:
                self._listening.clear()

    def _listen(self, ears: psycopg.Connection[Any]) -> None:
        ears.execute(_LISTEN)
        self._listening.set()
        news = select.poll()
        news.register(ears.fileno(), select.POLLIN)
        while not self._closed.is_set():
            if news.poll(LOOK_SECONDS * 1000):
                ears.pgconn.consume_input()
            else:
                ears.execute(b"SELECT 1")  # a silence may be a lost connection
            # By hand: most of what is heard is this server's own, and a busy one hears a lot.
            while (heard := ears.pgconn.notifies()) is not None:
                if heard.be_pid != self._own:
                    self._hear(heard.extra.decode())

    def _hear(self, payload: str) -> None:
        for topic in payload.split("\n"):
            self._deliver(topic)


def payloads(topics: list[str]) -> list[str]:
    """The topics as messages that are short enough, a topic a line. One that is too long by itself is dropped."""
    messages: list[list[str]] = []
    size = PAYLOAD_BYTES
    for topic in topics:
        length = len(topic.encode()) + 1
        if length > PAYLOAD_BYTES or "\n" in topic:
            continue
        if size + length > PAYLOAD_BYTES:
            messages.append([])
            size = 0
        messages[-1].append(topic)
        size += length
    return ["\n".join(message) for message in messages]
