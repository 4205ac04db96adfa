"""A TCP proxy between two parts, whose connection can be made bad in every way that a network knows."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Literal

Mode = Literal["pass", "cut", "blackhole", "half-open", "one-way", "slow", "trickle", "reset-answer"]
"""cut: connections are reset and refused. blackhole: nothing passes, nothing is said. half-open: the other side is gone
and this side is not told. one-way: requests pass, answers do not. slow: each piece takes `delay`. trickle: a few bytes
at a time. reset-answer: the request passes, and the connection is reset where its answer should come."""
MODES: tuple[Mode, ...] = ("cut", "blackhole", "half-open", "one-way", "slow", "trickle", "reset-answer")

Upstream = tuple[str, int] | str
"""(host, port), or the path of a socket."""
_Pipe = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Looped:
    """A server on an event loop in a thread of its own, from `start` to `close`."""

    def __init__(self, upstream: Upstream) -> None:
        self.upstream = upstream
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)

    def start(self) -> None:
        """Listen at `port` of loopback, a free one the first time."""
        self._thread.start()
        self._wait(self._listen())

    def close(self) -> None:
        """Drop every connection and stop."""
        self._wait(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def connect(self) -> _Pipe:
        """A connection to the other side."""
        if isinstance(self.upstream, str):
            return await asyncio.open_unix_connection(self.upstream)
        return await asyncio.open_connection(*self.upstream)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        raise NotImplementedError

    def _wait(self, what: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(what, self._loop).result(10)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._served, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _served(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self.serve(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            reset(writer)
        finally:
            with contextlib.suppress(OSError, RuntimeError):
                writer.close()

    async def _stop(self) -> None:
        self._server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self._server.wait_closed()


class TcpProxy(Looped):
    """Passes bytes on, as `mode` says; `mode` may change at any moment, for connections that are there, too."""

    def __init__(self, upstream: Upstream, delay: float = 2.0) -> None:
        super().__init__(upstream)
        self.mode: Mode = "pass"
        self.delay = delay
        self.connections = 0
        self._open: set[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = set()

    def set_mode(self, mode: Mode) -> None:
        """From any thread."""
        self._wait(self._set_mode(mode))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Two directions until one ends."""
        self.connections += 1
        if self.mode == "cut":
            reset(writer)
            return
        if self.mode in ("blackhole", "half-open"):
            await self._healed()
            reset(writer)
            return
        there, back = await self.connect()
        pair = (writer, back)
        self._open.add(pair)
        try:
            await _first_of(self._pump(reader, back, True), self._pump(there, writer, False))
        finally:
            self._open.discard(pair)
            back.close()

    async def _set_mode(self, mode: Mode) -> None:
        before, self.mode = self.mode, mode
        for here, there in list(self._open):
            if mode == "cut" or (mode == "pass" and before in ("blackhole", "half-open", "one-way")):
                # What was swallowed will never come: a healed network shows such connections as broken.
                reset(here)
                reset(there)
            elif mode == "half-open":
                reset(there)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bool) -> None:
        while chunk := await reader.read(65536):
            mode = self.mode
            if mode in ("blackhole", "half-open") or (mode == "one-way" and not request):
                await self._healed()
                return
            if mode == "reset-answer" and not request:
                reset(writer)
                return
            await self._pass(chunk, writer, mode)
        if self.mode == "half-open" and not request:
            await self._healed()

    async def _pass(self, chunk: bytes, writer: asyncio.StreamWriter, mode: Mode) -> None:
        if mode == "slow":
            await asyncio.sleep(self.delay)
        step = 64 if mode == "trickle" else len(chunk)
        for at in range(0, len(chunk), step):
            writer.write(chunk[at : at + step])
            await writer.drain()
            if mode == "trickle" and self.mode == "trickle":
                await asyncio.sleep(0.005)

    async def _healed(self) -> None:
        while self.mode in ("blackhole", "half-open", "one-way"):  # noqa: ASYNC110 (set from other threads, too)
            await asyncio.sleep(0.02)


def reset(writer: asyncio.StreamWriter) -> None:
    """End a connection by RST: the other side is told at once, and unread bytes are lost."""
    with contextlib.suppress(OSError, AttributeError):
        found = writer.get_extra_info("socket")
        found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _first_of(*works: Coroutine[Any, Any, None]) -> None:
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


Fate = Literal["pass", "duplicate", "late-duplicate", "delay", "reset-answer", "lose"]
"""What happens to one request. duplicate: it arrives twice at once; late-duplicate: again up to a second later; delay:
so that later ones overtake it; reset-answer: it arrives, its answer does not; lose: it does not arrive."""


class HttpProxy(Looped):
    """Passes requests on one by one, each with the fate that `choose` gives its first line."""

    def __init__(self, upstream: Upstream, choose: Callable[[str], tuple[Fate, float]]) -> None:
        super().__init__(upstream)
        self._choose = choose
        self._late: set[asyncio.Task[None]] = set()
        self.fates: dict[str, int] = {}
        self.answers: list[tuple[bytes, bytes]] = []
        """The bodies that a request and its duplicate were answered with, where both succeeded."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection's requests, in order."""
        while True:
            try:
                request = await _message(reader)
            except asyncio.IncompleteReadError:
                return
            fate, seconds = self._choose(request.split(b"\r\n", 1)[0].decode())
            self.fates[fate] = self.fates.get(fate, 0) + 1
            if fate == "lose":
                reset(writer)
                return
            if fate == "delay":
                await asyncio.sleep(seconds)
            answer = await self._answered(request, fate, seconds)
            if fate == "reset-answer":
                reset(writer)
                return
            writer.write(answer)
            await writer.drain()

    async def _answered(self, request: bytes, fate: Fate, seconds: float) -> bytes:
        if fate == "duplicate":
            first, second = await asyncio.gather(self._ask(request), self._ask(request))
            self._note(first, second)
            return first
        answer = await self._ask(request)
        if fate == "late-duplicate":
            task = asyncio.ensure_future(self._again(request, answer, seconds))
            self._late.add(task)
            task.add_done_callback(self._late.discard)
        return answer

    async def _again(self, request: bytes, answer: bytes, seconds: float) -> None:
        await asyncio.sleep(seconds)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            self._note(answer, await self._ask(request))

    def _note(self, first: bytes, second: bytes) -> None:
        if b" 20" in first[:12] and b" 20" in second[:12]:
            self.answers.append((first.split(b"\r\n\r\n", 1)[1], second.split(b"\r\n\r\n", 1)[1]))

    async def _ask(self, request: bytes) -> bytes:
        reader, writer = await self.connect()
        try:
            writer.write(request)
            await writer.drain()
            return await _message(reader)
        finally:
            writer.close()


async def _message(reader: asyncio.StreamReader) -> bytes:
    """The head and the body of a request or answer, whose length its head says."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return head + await reader.readexactly(length)
