import json
import os
import subprocess
import sys
from pathlib import Path
from threading import Event

import pytest

from tests.unit.services.spooling import RUN, Script
from turnout.core.states import RunState
from turnout.local import ingest
from turnout.local.ingest import ingest_spool
from turnout.store import open_reader, open_store

HEAVY = ("msgspec", "jsonschema", "httpx", "pydantic", "starlette", "asyncio", "yaml", "dateutil", "cronsim")


def state(folder: Path) -> RunState | None:
    with open_reader(folder) as store:
        run = store.read(lambda tx: tx.runs.get(RUN))
    return run.state if run else None


def test_a_script_records_itself(tmp_path: Path) -> None:
    script = Script(tmp_path)
    script.start()
    script.end()
    ingest_spool(str(tmp_path))
    assert state(tmp_path) == RunState.COMPLETED
    assert not script.path.exists()


def test_a_server_that_holds_the_store_does_it_instead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Event, "wait", lambda *_: pytest.fail("it waits for a server to go"))
    script = Script(tmp_path)
    script.start()
    script.end()
    (tmp_path / "server.json").write_text(json.dumps({"url": "http://127.0.0.1:1", "pid": os.getpid()}))
    with open_store(tmp_path, threaded=False):
        ingest_spool(str(tmp_path))
    assert script.path.exists()
    assert state(tmp_path) is None


def test_another_script_with_a_question_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script(tmp_path)
    script.start()
    script.end()
    (tmp_path / "server.json").write_text(json.dumps({"url": "http://127.0.0.1:1", "pid": os.getpid() + 1}))  # killed
    other = open_store(tmp_path, threaded=False)
    monkeypatch.setattr(Event, "wait", lambda *_: other.close())
    ingest_spool(str(tmp_path))
    assert state(tmp_path) == RunState.COMPLETED


def test_not_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "LOCKED_SECONDS", 0)
    script = Script(tmp_path)
    script.start()
    script.end()
    with open_store(tmp_path, threaded=False):
        ingest_spool(str(tmp_path))
    assert script.path.exists(), "a server or the next command takes it in"


def test_says_in_one_line_when_it_cannot(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = Script(tmp_path)
    script.start()
    script.end()
    (tmp_path / "turnout.db").write_text("this is no database, and it is long enough to be looked at" * 20)
    ingest_spool(str(tmp_path))
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "kept in" in said
    assert script.path.exists()


def test_loads_nothing_that_one_run_does_not_need(tmp_path: Path) -> None:
    script = Script(tmp_path)
    script.start()
    script.end()
    code = (
        "import sys; from turnout.local.ingest import ingest_spool; ingest_spool(sys.argv[1]); "
        "print(*(name for name in sys.modules))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    ).stdout.split()
    assert state(tmp_path) == RunState.COMPLETED
    assert [name for name in loaded if name in HEAVY] == []
