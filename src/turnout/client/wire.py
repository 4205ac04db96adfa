"""One connection to a server: sends JSON, decodes answers into `core` records, turns problems back into errors."""

import logging
import ssl
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec

from turnout.core import errors
from turnout.core.errors import ServerUnreachable, TurnoutError
from turnout.core.values import learning

T = TypeVar("T")
Query = Mapping[str, str | int | float | Sequence[str] | None]

TIMEOUT_SECONDS = 30.0
_decoders: dict[Any, Any] = {}
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_LOST = (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)


_asking: ContextVar[bool] = ContextVar("turnout_asking", default=False)


def _of_others(_record: logging.LogRecord) -> bool:
    """A flow's log shows the requests that its code makes, not those that Turnout makes for it."""
    return not _asking.get()


class Wire:
    """Calls with one credential over kept-alive connections. Threads may share it."""

    def __init__(
        self,
        base_url: str,
        token: str | None,
        *,
        ca_file: str | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        logging.getLogger("httpx").addFilter(_of_others)
        verify: ssl.SSLContext | bool = ssl.create_default_context(cafile=ca_file) if ca_file else True
        self._http = httpx.Client(
            base_url=self._base_url,
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=httpx.Timeout(TIMEOUT_SECONDS, connect=10.0),
            verify=verify,
            transport=transport,
            # A proxy of the environment is for the world outside, never for this machine.
            trust_env=urlsplit(base_url).hostname not in _LOOPBACK,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def get(self, path: str, answer: type[T], query: Query | None = None, *, wait: float = 0) -> T:
        """Read; repeated once when a kept-alive connection turns out to be dead."""
        return self._decoded(self.call("GET", path, query=query, wait=wait, repeat=True), answer)

    def post(
        self,
        path: str,
        body: Any,
        answer: type[T],
        query: Query | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        wait: float = 0,
        repeat: bool = False,
    ) -> T:
        """Send `body` as JSON. `repeat`: the server treats the call's repetition as the same call."""
        sent = {"Content-Type": "application/json", **(headers or {})}
        content = msgspec.json.encode(body)
        return self._decoded(
            self.call("POST", path, query=query, content=content, headers=sent, wait=wait, repeat=repeat), answer
        )

    def put(self, path: str, body: Any, answer: type[T], query: Query | None = None, *, repeat: bool = False) -> T:
        """Like `post`."""
        sent, content = {"Content-Type": "application/json"}, msgspec.json.encode(body)
        return self._decoded(self.call("PUT", path, query=query, content=content, headers=sent, repeat=repeat), answer)

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        wait: float = 0,
        repeat: bool = False,
    ) -> bytes:
        """The bytes of the answer. `wait`: how long the server may hold it. Raises `core.errors`."""
        request = self._http.build_request(
            method,
            path,
            params={name: value for name, value in (query or {}).items() if value is not None},
            content=content,
            headers=dict(headers or {}),
            timeout=httpx.Timeout(TIMEOUT_SECONDS + wait, connect=10.0),
        )
        response = self._send(request, repeat=repeat)
        if response.is_success:
            return response.content
        raise self._refusal(response)

    def _send(self, request: httpx.Request, *, repeat: bool) -> httpx.Response:
        token = _asking.set(True)
        try:
            return self._http.send(request)
        except _LOST as error:
            if not repeat:
                raise self._unreachable(error) from error
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error
        finally:
            _asking.reset(token)
        return self._send(request, repeat=False)

    def _refusal(self, response: httpx.Response) -> TurnoutError:
        """What a response of 400 and more means to the caller."""
        return error_of(response)

    def _decoded(self, content: bytes, answer: type[T]) -> T:
        try:
            return _decoder(answer).decode(content)
        except msgspec.DecodeError as error:
            raise ServerUnreachable(
                f"what answered is no Turnout server of this version: {error}",
                where=self._base_url,
                fix="check the address; client and server may be one release apart, not more",
            ) from error

    def _unreachable(self, error: httpx.HTTPError) -> ServerUnreachable:
        if isinstance(error, httpx.TimeoutException):
            said = "the server did not answer in time"
        else:
            said = f"no server answered: {str(error) or type(error).__name__}"
        return ServerUnreachable(
            said,
            where=self._base_url,
            fix="is it running? start it with `turnout server` or `turnout up`, or correct TURNOUT_SERVER",
        )


def _decoder(kind: type[T]) -> "msgspec.json.Decoder[T]":
    found = _decoders.get(kind)
    if found is None:
        with learning:
            found = _decoders[kind] = msgspec.json.Decoder(kind)
    return found


def _tree(kind: type[TurnoutError]) -> dict[str, type[TurnoutError]]:
    found = {kind.code: kind}
    for child in kind.__subclasses__():
        found |= _tree(child)
    return found


_BY_CODE = _tree(errors.TurnoutError)
_BY_STATUS = {401: errors.Unauthorized, 403: errors.Forbidden, 404: errors.NotFound, 503: errors.StoreUnavailable}


class _Problem(msgspec.Struct):
    """The part of a problem document that errors are made of."""

    code: str
    title: str = ""
    detail: str | None = None
    where: str | None = None
    fix: str | None = None


def error_of(response: httpx.Response) -> TurnoutError:
    """The error that a response of 400 and more stands for."""
    try:
        problem = _decoder(_Problem).decode(response.content)
    except msgspec.DecodeError:
        kind = _BY_STATUS.get(response.status_code, TurnoutError)
        return kind(f"the server answered {response.status_code}", where=str(response.url))
    kind = _BY_CODE.get(problem.code, _BY_STATUS.get(response.status_code, TurnoutError))
    return kind(problem.detail or problem.title, where=problem.where, fix=problem.fix)
