"""HTTP/1.1 as uvicorn speaks it, for clients that are slow or never come to an end before they say who they are."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from turnout.core.limits import HEAD_BYTES, HEAD_SECONDS

_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class GuardedProtocol(HttpToolsProtocol):
    """One connection. Between two pieces of bodies no more than HEAD_BYTES may come (heads, trailers, chunk sizes); a
    head, and what is left of a body that nobody reads, may take HEAD_SECONDS. How long a body may take is its route's
    matter, how long a connection may be idle is uvicorn's."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._overhead = 0
        self._whole = True
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn
        super().connection_made(transport)
        self._lose_patience_later()

    def connection_lost(self, exc: Exception | None) -> None:
        self._be_patient()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._overhead += len(data)
        super().data_received(data)
        if self._overhead > HEAD_BYTES and not self.transport.is_closing():
            self.transport.write(_TOO_LARGE)
            self.transport.close()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._whole = False
        self._lose_patience_later()

    def on_headers_complete(self) -> None:
        self._overhead = 0
        self._be_patient()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._overhead = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._overhead = 0
        self._whole = True
        self._be_patient()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self._whole:
            self._lose_patience_later()

    def _lose_patience_later(self) -> None:
        if self._patience is None:
            self._patience = self.loop.call_later(HEAD_SECONDS, self.transport.abort)

    def _be_patient(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
