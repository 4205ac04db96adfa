"""Messages between the flow process and its worker processes: length, then bytes, on a pipe."""

from __future__ import annotations

import os
from struct import Struct

_LENGTH = Struct("!Q")
_CHUNK = 1 << 20


def write_frame(descriptor: int, body: bytes) -> None:
    """Send `body` whole. Raises OSError when nobody reads."""
    if len(body) < 4096:
        _write(descriptor, _LENGTH.pack(len(body)) + body)
        return
    _write(descriptor, _LENGTH.pack(len(body)))
    _write(descriptor, body)


def read_frame(descriptor: int) -> bytes | bytearray | None:
    """The next message, or None if the other end is gone."""
    start = os.read(descriptor, _CHUNK)
    while len(start) < _LENGTH.size:
        more = os.read(descriptor, _CHUNK)
        if not more:
            return None
        start += more
    length = _LENGTH.unpack_from(start)[0]
    if len(start) == _LENGTH.size + length:
        return start[_LENGTH.size :]
    body = bytearray(length)
    view, filled = memoryview(body), len(start) - _LENGTH.size
    view[:filled] = start[_LENGTH.size :]
    while filled < length:
        read = os.readv(descriptor, [view[filled : filled + _CHUNK]])
        if not read:
            return None
        filled += read
    return body


def _write(descriptor: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]
