"""What a handler sees of a request: who asks, decoded input, and the store awaited without holding the loop."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager, suppress
from functools import cache
from typing import Any, TypeVar, cast

from starlette.requests import ClientDisconnect, Request

from turnout.core.errors import NotFound, TooLarge
from turnout.core.ids import is_id
from turnout.core.limits import BODY_BYTES, BODY_SECONDS, POLL_SECONDS
from turnout.core.ports import Tx
from turnout.core.records import Principal
from turnout.server.codec import convert, decode
from turnout.server.context import Context
from turnout.server.hints import Bell, Place
from turnout.server.problems import RequestRefused
from turnout.server.routing import Route

T = TypeVar("T")


class Call:
    """One request to one route, already authorised."""

    def __init__(self, request: Request, route: Route, principal: Principal, context: Context) -> None:
        self.request = request
        self.route = route
        self.principal = principal
        self.context = context

    @property
    def run_id(self) -> str:
        """The run that the path names. Raises NotFound for what cannot be an id, before it meets anything."""
        run_id = self.path("id")
        if not is_id(run_id):
            raise NotFound(f"there is no run '{run_id[:64]}'")
        return run_id

    def path(self, name: str) -> str:
        """A part of the path."""
        return str(self.request.path_params[name])

    def query(self, kind: type[T]) -> T:
        """The query string as a `kind`, a struct that refuses unknown names; a repeated name fills a list."""
        given: dict[str, Any] = {}
        several = _several(cast(Any, kind))
        for name, value in self.request.query_params.multi_items():
            if name in several:
                given.setdefault(name, []).append(value)
            else:
                given[name] = value
        return convert(given, kind, "query")

    async def body(self, kind: type[T]) -> T:
        """The JSON body as a `kind`; an empty body counts as `{}`."""
        declared = self.request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if self.principal.kind == "session" and declared != "application/json":
            # Forms and text/plain are what another site's page can send without being asked about it first.
            raise RequestRefused("a session sends application/json only", 415)
        return decode(await self.raw() or b"{}", kind)

    async def raw(self) -> bytes:
        """The body as it came. Raises TooLarge beyond the route's limit."""
        return b"".join([piece async for piece in self.pieces()])

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body as it arrives. Raises TooLarge as soon as it is known to pass the route's limit."""
        limit = self.route.limit
        declared = self.request.headers.get("content-length", "")
        if declared.isdigit() and int(declared) > limit:
            raise _too_large(limit)
        size = 0
        try:
            async with asyncio.timeout(None if self._is_whole() else BODY_SECONDS * (10 if limit > BODY_BYTES else 1)):
                async for piece in self.request.stream():
                    size += len(piece)
                    if size > limit:
                        raise _too_large(limit)
                    yield piece
        except TimeoutError:
            raise RequestRefused("the request's body did not arrive in time", 408) from None
        except ClientDisconnect:
            raise RequestRefused("the request ended before its body") from None

    async def point(self, fn: Callable[[Tx], T]) -> T:
        """Read a row or two: on the loop, which is quicker than a hop to a thread, unless a network is between."""
        if self.context.remote:
            return await self.read(fn)
        return self.context.store.read(fn)

    async def read(self, fn: Callable[[Tx], T]) -> T:
        """Read whatever takes its time, in a thread."""
        return await asyncio.get_running_loop().run_in_executor(None, self.context.store.read, fn)

    async def write(self, fn: Callable[[Tx], T]) -> T:
        """Write; returns after COMMIT."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[T] = loop.create_future()

        def tell(done: Future[T]) -> None:
            with suppress(RuntimeError):  # the loop is closed, and nobody waits any more
                loop.call_soon_threadsafe(_settle, waiter, done)

        # Half as long as `asyncio.wrap_future`, which also has the write cancelled: it is made in any case.
        self.context.store.submit(fn).add_done_callback(tell)
        return await waiter

    def _is_whole(self) -> bool:
        """Whether uvicorn has the whole body already, so that nothing of it is waited for."""
        return getattr(getattr(self.request.receive, "__self__", None), "more_body", True) is False

    @asynccontextmanager
    async def waiting(self, topic: str) -> AsyncIterator[Bell]:
        """A bell for `topic` that also rings when the client goes away. The body must have been read."""
        with self.context.hints.listen(topic) as bell:
            async with self._watched(bell):
                yield bell

    @asynccontextmanager
    async def standing_in(self, topic: str) -> AsyncIterator[Place]:
        """Like `waiting`, in the line of those of whom a hint rings one."""
        with self.context.hints.stand_in(topic) as place:
            async with self._watched(place.bell):
                yield place

    @asynccontextmanager
    async def _watched(self, bell: Bell) -> AsyncIterator[None]:
        watcher = asyncio.create_task(self._watch(bell))
        try:
            yield
        finally:
            watcher.cancel()

    async def _watch(self, bell: Bell) -> None:
        while (await self.request.receive())["type"] != "http.disconnect":
            pass
        bell.leave()


def _settle(waiter: "asyncio.Future[T]", done: "Future[T]") -> None:
    """Hand the outcome of a write to who waits for it, unless the request was given up. On the event loop."""
    if waiter.cancelled():
        return
    error = done.exception()
    if error is None:
        waiter.set_result(done.result())
    else:
        waiter.set_exception(error)


@cache
def _several(kind: Any) -> frozenset[str]:
    """The fields of a query that may be given several times."""
    annotated = [inspect.get_annotations(base) for base in kind.__mro__]
    return frozenset(name for fields in annotated for name, of in fields.items() if str(of).startswith("tuple"))


def countdown(seconds: float) -> Callable[[], float]:
    """Seconds left, of at most `limits.POLL_SECONDS`."""
    clock = asyncio.get_running_loop().time
    end = clock() + min(seconds, POLL_SECONDS)
    return lambda: end - clock()


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"the request's body is larger than {limit} bytes", fix="`turnout limits` shows every limit")
