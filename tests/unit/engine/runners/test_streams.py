import json
import threading
from pathlib import Path
from typing import Any

import pytest

from turnout.engine.connect import header_line
from turnout.engine.journal.spool import SpoolJournal
from turnout.engine.runners.streams import CarriedJournal, StreamJournal

RUN = "0" * 32


@pytest.fixture
def flow_spool(tmp_path: Path) -> Any:
    header = header_line(
        run_id=RUN, attempt=1, flow="f", name="n", parameters={"a": 1}, tags=["t"], entrypoint="f.py:f", project=None,
        trigger="script",
    )  # fmt: skip
    journal = SpoolJournal(str(tmp_path / f"{RUN}.1.0"), header)
    yield tmp_path / f"{RUN}.1.0"
    journal.close(None)


def test_a_stream_has_the_flows_header_and_its_own_number(flow_spool: Path) -> None:
    journal = StreamJournal(str(flow_spool), 7)
    assert not flow_spool.with_suffix(".7").exists()
    journal.write("one\n")
    journal.close("end\n")
    header, *lines = flow_spool.with_suffix(".7").read_text().splitlines()
    flow_header = json.loads(flow_spool.read_text())
    assert {**flow_header, "stream": 7} == json.loads(header)
    assert lines == ["one", "end"]


def test_an_empty_stream_leaves_nothing(flow_spool: Path) -> None:
    StreamJournal(str(flow_spool), 7).close("end\n")
    assert not flow_spool.with_suffix(".7").exists()


def test_many_threads_write_first(flow_spool: Path) -> None:
    for stream in range(4, 24):
        journal = StreamJournal(str(flow_spool), stream)
        barrier = threading.Barrier(8)

        def write(journal: StreamJournal = journal, barrier: threading.Barrier = barrier) -> None:
            barrier.wait()
            journal.write("line\n")

        threads = [threading.Thread(target=write) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        journal.close(None)
        assert flow_spool.with_suffix(f".{stream}").read_text().splitlines()[1:] == ["line"] * 8


def test_no_room_for_a_stream_is_said(flow_spool: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flow_spool.with_suffix(".9").touch()
    StreamJournal(str(flow_spool), 9).write("lost\n")
    assert "is not recorded" in capsys.readouterr().err


def test_carried_lines_are_taken_once() -> None:
    journal = CarriedJournal()
    journal.write("one\ntwo\n")
    journal.write("\ud800\n")
    assert journal.take() == ["one\ntwo\n", "\\\\ud800\n"]
    assert journal.take() == []
