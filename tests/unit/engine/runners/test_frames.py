import os
import threading

import pytest

from turnout.engine.runners.frames import read_frame, write_frame


@pytest.mark.parametrize("size", [0, 1, 4095, 4096, 70_000, 3_000_000])
def test_a_message_arrives_whole(size: int) -> None:
    reading, writing = os.pipe()
    body = os.urandom(size)
    sender = threading.Thread(target=write_frame, args=(writing, body))
    sender.start()
    assert read_frame(reading) == body
    sender.join()
    os.close(writing)
    assert read_frame(reading) is None
    os.close(reading)


@pytest.mark.parametrize("torn", [b"\0\0\0", (100).to_bytes(8, "big"), (100).to_bytes(8, "big") + b"x" * 99])
def test_a_torn_message_is_none(torn: bytes) -> None:
    reading, writing = os.pipe()
    os.write(writing, torn)
    os.close(writing)
    assert read_frame(reading) is None
    os.close(reading)
