import json
import logging
import os
from datetime import timedelta

import pytest

from tests.unit.orchestration.world import NOON, World, deployment
from tests.unit.services.spooling import OTHER, RUN, Script
from turnout.core.errors import StoreUnavailable
from turnout.core.journal import PROTOCOL
from turnout.core.ports import Store
from turnout.core.records import Page
from turnout.core.states import RunState
from turnout.orchestration.ingest import SCRIPT_LOST
from turnout.services import spools as module
from turnout.services.spools import Spools


@pytest.fixture
def spools(world: World) -> Spools:
    world.clock.advance(seconds=10)
    return Spools(world.folder)


def tick(world: World, spools: Spools) -> None:
    spools.tick(world.store, world.clock.now())


def messages(world: World, run: str = RUN) -> list[str]:
    return [entry.message for entry in world.read(lambda tx: tx.journal.logs(run, None, None, 100_000))]


def test_without_a_spool_folder_there_is_nothing_to_do(world: World, spools: Spools) -> None:
    tick(world, spools)


def test_a_script_is_followed_while_it_runs_and_its_journal_deleted_at_the_end(world: World, spools: Spools) -> None:
    script = Script(world.folder)
    script.start()
    tick(world, spools)
    assert world.run(RUN).state == RunState.RUNNING
    script.log("one")
    tick(world, spools)
    assert messages(world) == ["one"]
    script.log("two")
    script.end()
    tick(world, spools)
    run = world.run(RUN)
    assert (run.state, run.started_at, run.ended_at) == (RunState.COMPLETED, NOON, NOON + timedelta(seconds=2))
    assert messages(world) == ["one", "two"]
    assert not script.path.exists()


def test_a_writer_that_is_gone_without_end_has_crashed(world: World, spools: Spools) -> None:
    script = Script(world.folder)
    script.start()
    tick(world, spools)
    script.log("last words")
    script.write(("c", 1, 0, "task", "a#0", "a", 1.0, "running", None))
    script.die()
    tick(world, spools)
    assert (world.run(RUN).state, world.run(RUN).reason) == (RunState.CRASHED, SCRIPT_LOST)
    assert messages(world) == ["last words"]
    assert [task.state for task in world.read(lambda tx: tx.journal.tasks(RUN, None, Page()))] == [RunState.CRASHED]
    assert not script.path.exists()


def test_a_script_that_is_stored_days_later_shows_when_it_ran(world: World, spools: Spools) -> None:
    script = Script(world.folder)
    script.start()
    script.end()
    world.clock.advance(seconds=86400)
    tick(world, spools)
    run = world.run(RUN)
    assert (run.started_at, run.ended_at, run.state_at) == (NOON, *[NOON + timedelta(seconds=2)] * 2)
    steps = world.read(lambda tx: tx.runs.history(RUN))
    assert [(step.name, step.at - NOON) for step in steps] == [
        ("Scheduled", timedelta()),
        ("Pending", timedelta()),
        ("Running", timedelta()),
        ("Completed", timedelta(seconds=2)),
    ]


def test_a_script_that_died_unseen_ended_with_its_last_word(world: World, spools: Spools) -> None:
    script = Script(world.folder)
    script.start()
    script.write(("c", 1, 0, "task", "a#0", "a", NOON.timestamp(), "running", None))
    script.die()
    last = NOON + timedelta(seconds=5)
    os.utime(script.path, (last.timestamp(), last.timestamp()))
    world.clock.advance(seconds=86400)
    tick(world, spools)
    (task,) = world.read(lambda tx: tx.journal.tasks(RUN, None, Page()))
    assert (world.run(RUN).state, world.run(RUN).ended_at, task.ended_at) == (RunState.CRASHED, last, last)
    assert world.read(lambda tx: tx.runs.history(RUN))[-1].at == last


def test_a_script_from_the_future_is_not_believed(world: World, spools: Spools) -> None:
    script = Script(world.folder)
    script.write(("s", 0, "running", NOON.timestamp() + 9e5, None))
    script.die()
    tick(world, spools)
    times = [step.at for step in world.read(lambda tx: tx.runs.history(RUN))]
    assert times == sorted(times)
    assert times[-1] == world.clock.now()


def test_one_that_died_before_a_word_is_recorded_all_the_same(world: World, spools: Spools) -> None:
    Script(world.folder).die()
    tick(world, spools)
    assert world.run(RUN).state == RunState.CRASHED


def test_a_torn_last_line_does_not_count(world: World, spools: Spools) -> None:
    script = Script(world.folder)
    script.start()
    script.log("whole")
    script.write_bytes(b'["l", 0, 1.0, 20, "flow", "to')
    tick(world, spools)
    assert messages(world) == ["whole"]
    script.write_bytes(b'rn"]\n')
    tick(world, spools)
    assert messages(world) == ["whole", "torn"]
    script.write_bytes(b'["s", 0, "comple')
    script.die()
    tick(world, spools)
    assert world.run(RUN).state == RunState.CRASHED


def test_a_restart_goes_on_where_the_store_is(world: World, spools: Spools) -> None:
    script = Script(world.folder)
    script.start()
    script.log("one")
    tick(world, spools)
    script.log("two")
    script.end()
    tick(world, Spools(world.folder))
    assert messages(world) == ["one", "two"]
    assert world.states(world.run(RUN)) == ["scheduled", "pending", "running", "completed"]


def test_a_journal_that_was_stored_but_not_deleted_yet_is_deleted(world: World, spools: Spools) -> None:
    script = Script(world.folder)
    script.start()
    script.end()
    content = script.path.read_bytes()
    tick(world, spools)
    script.path.write_bytes(content)
    version = world.run(RUN).version
    tick(world, Spools(world.folder))
    assert world.run(RUN).version == version
    assert not script.path.exists()


def test_several_streams_are_one_run(world: World, spools: Spools) -> None:
    script = Script(world.folder)
    script.start()
    second = Script(world.folder, stream=2)
    second.log("from a process")
    second.write(("e", 1.0))
    second.die()
    tick(world, spools)
    script.end()
    tick(world, spools)
    assert world.run(RUN).state == RunState.COMPLETED
    assert messages(world) == ["from a process"]
    assert list((world.folder / "spool").iterdir()) == []


def test_what_a_worker_writes_is_left_to_it(world: World, spools: Spools) -> None:
    theirs = Script(world.folder, trigger="schedule")
    theirs.die()
    (world.folder / "spool" / f"{OTHER}.1.job").write_text("{}")
    (world.folder / "spool" / f"{OTHER}.1.0.new").write_text("")
    tick(world, spools)
    assert theirs.path.exists()
    assert world.read(lambda tx: tx.runs.get(RUN)) is None


def test_only_finished_ones_when_so_asked(world: World) -> None:
    world.clock.advance(seconds=10)
    finished, running = Script(world.folder), Script(world.folder, run=OTHER)
    finished.start()
    finished.end()
    running.start()
    Spools(world.folder, running=False).drain(world.store)
    assert world.run(RUN).state == RunState.COMPLETED
    assert world.read(lambda tx: tx.runs.get(OTHER)) is None
    assert running.path.exists()
    running.die()


def test_of_a_journal_with_bad_lines_only_those_are_replaced(
    world: World, spools: Spools, caplog: pytest.LogCaptureFixture
) -> None:
    script = Script(world.folder)
    script.start()
    script.log("before")
    script.write_bytes(b"[nonsense\n")
    script.log(*(f"line {number}" for number in range(50)))
    script.write(("s", 0, "no such state", 1.0, None))
    script.log("after")
    script.end()
    with caplog.at_level(logging.ERROR):
        tick(world, spools)
        tick(world, spools)
    said = messages(world)
    assert world.run(RUN).state == RunState.COMPLETED
    assert not script.path.exists()
    assert "9 bytes was refused and is not stored: line 3 of the journal is malformed" in said[1]
    assert "line 54 of the journal is malformed" in said[52]
    assert [said[0], *said[2:52], said[53]] == ["before", *(f"line {number}" for number in range(50)), "after"]
    assert len(caplog.records) == 2


def test_a_bad_line_of_a_running_script_holds_up_nothing(world: World, spools: Spools) -> None:
    script = Script(world.folder)
    script.start()
    script.write_bytes(b"[nonsense\n")
    tick(world, spools)
    assert world.run(RUN).state == RunState.RUNNING
    script.log("after")
    script.end()
    tick(world, spools)
    assert (world.run(RUN).state, messages(world)[-1]) == (RunState.COMPLETED, "after")


def test_a_journal_of_an_unspoken_protocol_is_set_aside_and_stops_no_other(
    world: World, spools: Spools, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = Script(world.folder, protocol=PROTOCOL + 1), Script(world.folder, run=OTHER)
    bad.start()
    bad.end()
    good.start()
    good.end()
    with caplog.at_level(logging.ERROR):
        tick(world, spools)
        tick(world, spools)
    assert world.run(OTHER).state == RunState.COMPLETED
    assert not bad.path.exists()
    assert bad.path.with_name(bad.path.name + ".refused").exists()
    assert len(caplog.records) == 1


HEADERS = [
    b"", b"x", b"[" * 100_000, b"null", b'{"trigger":"script"}', b"9" * 9_000_000,
    json.dumps({"trigger": "script", "run": RUN, "stream": 0, "at": "now"}).encode(),
    json.dumps({"trigger": "script", "run": RUN, "stream": 0, "at": 1, "parameters": "x"}).encode(),
    json.dumps({"trigger": "script", "run": RUN, "stream": 0, "at": 1, "tags": 5}).encode(),
    json.dumps({"trigger": "script", "run": OTHER, "stream": 0, "at": 1}).encode(),
]  # fmt: skip


@pytest.mark.parametrize("header", HEADERS, ids=lambda header: repr(header[:60]))
def test_a_file_that_is_no_scripts_journal_is_left_alone(world: World, spools: Spools, header: bytes) -> None:
    folder = world.folder / "spool"
    folder.mkdir()
    (folder / f"{RUN}.1.0").write_bytes(header + b'\n["s",0,"running",1,null]\n["e",1]\n')
    script = Script(world.folder, run="0190a0000000700080000000000000cc")
    script.start()
    script.end()
    tick(world, spools)
    assert [entry.name for entry in folder.iterdir()] == [f"{RUN}.1.0"]
    assert world.read(lambda tx: (tx.runs.get(RUN), tx.runs.get(OTHER))) == (None, None)


def test_links_pipes_folders_and_odd_names_are_no_journals(world: World, spools: Spools) -> None:
    script = Script(world.folder)
    script.start()
    script.end()
    folder, outside = world.folder / "spool", world.folder / "outside"
    script.path.rename(outside)
    (folder / f"{RUN}.1.0").symlink_to(outside)
    os.mkfifo(folder / f"{RUN}.1.3")
    (folder / f"{RUN}.1.4").mkdir()
    (folder / f"{RUN}.1.\u00b2").write_text("{}")
    tick(world, spools)
    assert world.read(lambda tx: tx.runs.get(RUN)) is None
    assert outside.exists()
    assert len(list(folder.iterdir())) == 4


def test_a_journal_in_the_name_of_a_deployments_run_changes_nothing_of_it(
    world: World, spools: Spools, caplog: pytest.LogCaptureFixture
) -> None:
    world.deploy(deployment("load"))
    run = world.trigger("load")
    forged = Script(world.folder, run=run.id)
    forged.start()
    forged.die()
    with caplog.at_level(logging.ERROR):
        tick(world, spools)
    assert world.states(run) == ["scheduled"]
    assert forged.path.with_name(forged.path.name + ".refused").exists()


def test_a_file_that_cannot_be_read_stops_no_other(
    world: World, spools: Spools, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = Script(world.folder), Script(world.folder, run=OTHER)
    for script in (bad, good):
        script.start()
        script.end()
    whole = module.ScriptSpool.drain

    def drain(spool: module.ScriptSpool, store: Store) -> bool:
        if spool.run_id == RUN:
            raise PermissionError(13, "not yours")
        return whole(spool, store)

    monkeypatch.setattr(module.ScriptSpool, "drain", drain)
    with caplog.at_level(logging.ERROR):
        tick(world, spools)
        tick(world, spools)
    assert world.run(OTHER).state == RunState.COMPLETED
    assert len(caplog.records) == 1


def test_parameters_that_are_no_unicode_are_kept_readable(world: World, spools: Spools) -> None:
    script = Script(world.folder, parameters={"file": "caf\udce9"})
    script.start()
    script.end()
    tick(world, spools)
    assert world.run(RUN).parameters == {"file": "caf\\udce9"}


def test_when_the_store_fails_the_journal_stays(world: World, spools: Spools, monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script(world.folder)
    script.start()
    script.end()
    full = StoreUnavailable("disk full")

    def fail(*_: object, **__: object) -> None:
        raise full

    with monkeypatch.context() as patched:
        patched.setattr(module, "ship_script", fail)
        with pytest.raises(StoreUnavailable):
            tick(world, spools)
    assert script.path.exists()
    tick(world, spools)
    assert world.run(RUN).state == RunState.COMPLETED


def test_a_journal_beyond_one_batch_is_stored_whole(
    world: World, spools: Spools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "JOURNAL_BATCH_BYTES", 1000)
    script = Script(world.folder)
    script.start()
    script.log(*(f"line {number}" for number in range(200)), "x" * 5000)
    script.end()
    tick(world, spools)
    assert len(messages(world)) == 201
    assert world.run(RUN).state == RunState.COMPLETED


def test_the_header_is_kept(world: World, spools: Spools) -> None:
    script = Script(world.folder, parameters={"name": "x"}, tags=["t"], project="field")
    script.start()
    script.end()
    assert json.loads(script.path.read_bytes().split(b"\n")[0])["tags"] == ["t"]
    tick(world, spools)
    assert (world.run(RUN).project, world.run(RUN).tags, dict(world.run(RUN).parameters)) == (
        "field",
        ("t",),
        {"name": "x"},
    )
