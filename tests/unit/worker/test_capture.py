import errno
import json
import os
from pathlib import Path

import pytest

from turnout.worker import capture
from turnout.worker.capture import LineSplitter, OutputJournal, OutputPipe


def test_lines_in_any_pieces() -> None:
    splitter = LineSplitter()
    assert [splitter.feed(piece) for piece in (b"a", b"b\nc\r\n", b"\nd")] == [[], ["ab", "c"], [""]]
    assert splitter.flush() == ["d"]
    assert splitter.flush() == []


def test_oversize_line_is_cut_and_costs_no_memory() -> None:
    splitter = LineSplitter(limit=10)
    for _ in range(1000):
        splitter.feed(b"x" * 1000)
    assert len(splitter._kept) == 10
    assert splitter.feed(b"\nnext\n") == ["x" * 10 + " ... [cut by turnout: 1,000,000 bytes in all]", "next"]


def test_bytes_that_are_no_utf8_stay_visible() -> None:
    assert LineSplitter().feed(b"caf\xc3\xa9 \xff\x00\n") == ["café \\xff\x00"]


def test_secrets_are_blotted_out() -> None:
    splitter = LineSplitter(masks=["secret", "secret-longer"])
    assert splitter.feed(b"a secret-longer b secret\n") == ["a ******** b ********"]


def test_no_cut_leaves_a_part_of_a_secret() -> None:
    secret = "Ab3dEf-Öh1jKl"
    for before in range(60):
        splitter = LineSplitter(limit=30, masks=[secret, "xyz"])
        for piece in (b"." * before, secret.encode() * 3, b"xyz" * 9, b"\n"):
            lines = splitter.feed(piece)
        kept = lines[0].partition(" ... [cut")[0].replace("*" * 8, "")
        assert not set(kept) & set(secret + "xyz"), (before, lines)
        assert len(kept.encode()) <= 30


def _entries(path: Path) -> list[object]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_journal_appears_with_the_first_line_and_is_ended(tmp_path: Path) -> None:
    path = tmp_path / "r.1.1"
    journal = OutputJournal(path, {"run": "r"})
    assert not path.exists()
    journal.write("stdout", 20, ["a line"])
    journal.close()
    header, line, end = _entries(path)
    assert isinstance(header, dict)
    assert header["stream"] == 1
    assert isinstance(line, list)
    assert line[3:] == [20, "stdout", "a line"]
    assert isinstance(end, list)
    assert end[0] == "e"


def test_journal_of_a_silent_flow_is_never_made(tmp_path: Path) -> None:
    OutputJournal(tmp_path / "r.1.1", {}).close()
    assert list(tmp_path.iterdir()) == []


class Disk:
    """Makes `os.write` of the journal fail once `left` bytes are written."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, left: int) -> None:
        self.left = left
        self._write = os.write
        monkeypatch.setattr(capture.os, "write", self.write)

    def write(self, descriptor: int, data: bytes) -> int:
        if not self.left:
            raise OSError(errno.ENOSPC, "no space left on device")
        written = self._write(descriptor, bytes(data)[: self.left])
        self.left -= written
        return written


@pytest.mark.parametrize("left", [0, 10, 200])
def test_lines_wait_while_the_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left: int) -> None:
    path = tmp_path / "r.1.1"
    journal = OutputJournal(path, {"run": "r"})
    disk = Disk(monkeypatch, left)
    journal.write("stdout", 20, ["a", "b" * 200])
    assert journal.behind
    journal.write("stdout", 20, ["c"])
    kept = path.read_bytes()
    assert kept.endswith(b"\n") or not kept  # no half line, and no half header
    assert len(_entries(path)) == (2 if left == 200 else 0)
    disk.left = 10_000
    journal.catch_up()
    assert not journal.behind
    assert journal.close() == []
    assert [entry[5] for entry in _entries(path)[1:-1]] == ["a", "b" * 200, "c"]  # type: ignore[index]
    assert path.read_bytes().startswith(kept)  # whoever ships may have read it
    assert _entries(path)[0]["run"] == "r"  # type: ignore[index, call-overload]


def test_lines_that_waited_too_long_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capture, "ROOM_SECONDS", -1.0)
    path = tmp_path / "r.1.1"
    journal = OutputJournal(path, {})
    disk = Disk(monkeypatch, 0)
    journal.write("stdout", 20, ["a", "b"])
    assert not journal.behind  # the flow goes on
    journal.write("stdout", 20, ["c"])
    disk.left = 10_000
    journal.write("stdout", 20, ["d"])
    journal.close()
    assert [entry[5] for entry in _entries(path)[1:-1]] == ["3 lines of output were lost: disk full", "d"]  # type: ignore[index]


def test_what_a_disk_has_no_room_for_to_the_end_is_handed_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "r.1.1"
    journal = OutputJournal(path, {"run": "r"})
    disk = Disk(monkeypatch, 0)
    journal.write("stdout", 20, ["a"])
    header, line = (json.loads(line) for line in journal.close())
    assert (header["run"], line[5]) == ("r", "a")
    rest = [b"header\n", b"line\n"]
    assert not journal.keep(rest)
    disk.left = 10_000
    assert journal.keep(rest)
    assert path.read_bytes() == b"header\nline\n"


def test_the_count_of_lost_lines_is_handed_out_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = OutputJournal(tmp_path / "r.1.1", {"run": "r"})
    journal.write("stdout", 20, ["a"])
    monkeypatch.setattr(capture, "ROOM_SECONDS", -1.0)
    Disk(monkeypatch, 0)
    journal.write("stdout", 20, ["b"])
    [line] = journal.close()
    assert json.loads(line)[5] == "1 lines of output were lost: disk full"


def test_pipe_remembers_its_last_line(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    pipe = OutputPipe(reading, "stderr", 30, OutputJournal(tmp_path / "r.1.1", {}), ["k3y"])
    os.write(writing, b"first\nlast k3y\n\n")
    assert pipe.drain()
    assert pipe.last_line == "last ********"  # it becomes the reason of a run that ends without a word
    os.close(writing)
    assert not pipe.drain()
    pipe.finish()
