import os
from pathlib import Path

import pytest

from turnout.worker.spool_tail import SpoolTail


def _tail(tmp_path: Path, content: bytes = b"", stream: int = 0) -> SpoolTail:
    path = tmp_path / f"r.1.{stream}"
    path.write_bytes(content)
    return SpoolTail(path, stream)


def _append(tail: SpoolTail, content: bytes) -> None:
    with tail.path.open("ab") as file:
        file.write(content)


def test_file_that_is_not_there_has_no_news(tmp_path: Path) -> None:
    tail = SpoolTail(tmp_path / "r.1.0", 0)
    assert not tail.has_news()
    assert tail.read(100) is None


def test_only_whole_lines_are_read(tmp_path: Path) -> None:
    tail = _tail(tmp_path, b"one\ntwo\nthr")
    batch = tail.read(100)
    assert batch == (0, b"one\ntwo\n", 2)
    tail.advance(batch, 1)
    assert tail.read(100) is None
    _append(tail, b"ee\n")
    assert tail.read(100) == (2, b"three\n", 1)


def test_batches_end_at_lines(tmp_path: Path) -> None:
    tail = _tail(tmp_path, b"a\nbb\nccc\n")
    assert tail.read(4) == (0, b"a\n", 1)


def test_line_longer_than_a_batch_goes_alone(tmp_path: Path) -> None:
    tail = _tail(tmp_path, b"x" * 5000 + b"\nnext\n")
    assert tail.read(10) == (0, b"x" * 5000 + b"\n", 1)


def test_torn_long_line_waits(tmp_path: Path) -> None:
    assert _tail(tmp_path, b"x" * 5000).read(10) is None


def test_what_the_server_has_already_is_skipped(tmp_path: Path) -> None:
    tail = _tail(tmp_path, b"a\nb\nc\nd\n")
    batch = tail.read(2)
    assert batch is not None
    tail.advance(batch, 2)
    assert tail.read(100) == (3, b"d\n", 1)


def test_end_and_outcome_are_noted_once_stored(tmp_path: Path) -> None:
    tail = _tail(tmp_path, b'{}\n["s",0,"running",1.0,null]\n["s", 0, "failed",2.0,null]\n["e",2.0]\n')
    batch = tail.read(1000)
    assert batch is not None
    assert (tail.outcome, tail.ended) == (None, False)
    tail.advance(batch, 3)
    assert (tail.outcome, tail.ended) == ("failed", True)


@pytest.mark.parametrize("line", [b'["l",0,1,20,"a","[\\"s\\",0,\\"failed\\""]\n', b'["s",1,"failed",2.0,null]\n'])
def test_what_only_looks_like_an_outcome_is_none(tmp_path: Path, line: bytes) -> None:
    tail = _tail(tmp_path, line)
    batch = tail.read(1000)
    assert batch is not None
    tail.advance(batch, 0)
    assert tail.outcome is None


def test_held_back_state_is_not_read(tmp_path: Path) -> None:
    tail = _tail(tmp_path, b'a\n["s",0,"cancelled",2.0,null]\n["e",2.0]\n')
    batch = tail.read(1000, hold_back=b"cancelled")
    assert batch == (0, b"a\n", 1)
    tail.advance(batch, 0)
    assert tail.read(1000, hold_back=b"cancelled") is None
    assert tail.read(1000) is not None


def test_lines_are_on_disk_before_they_are_handed_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    real = os.fdatasync
    monkeypatch.setattr(
        os, "fdatasync", lambda descriptor: (synced.append(os.fstat(descriptor).st_size), real(descriptor))
    )
    tail = _tail(tmp_path, b"a\n")
    batch = tail.read(100)
    assert batch is not None
    assert synced == [2]
    tail.advance(batch, 0)
    _append(tail, b"b\n")
    tail.read(100)
    assert synced == [2, 4]
