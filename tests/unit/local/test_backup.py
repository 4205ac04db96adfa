"""A backup taken while others write is whole; a restore begins a new time, and refuses what it must not use."""

import json
import os
import sqlite3
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.unit.orchestration.world import FIELD, NOON, POOL, Clock, World, deployment, project, token_of
from tests.unit.store.busy_field import BusyField
from turnout.core.errors import ConfigurationError, Fenced, NotFound, SchemaTooNew, StoreError, StoreLocked
from turnout.core.records import FlowRun, Page, RunFilter
from turnout.core.states import ACTIVE
from turnout.local import backup as module
from turnout.local.backup import back_up, restore
from turnout.settings import Settings
from turnout.store import open_store
from turnout.store.archive import MANIFEST, read_manifest


class Installation:
    """A data folder, or a database, with a backup of it."""

    def __init__(self, settings: Settings, world: BusyField, empty: Callable[[], Settings]) -> None:
        self.settings = settings
        self.world = world
        self.empty = empty
        self.file = settings.data_dir.parent / "turnout.backup"

    def restored(self, settings: Settings) -> BusyField:
        """The same world on what a restore leaves."""
        again = BusyField.__new__(BusyField)
        again.__dict__.update(self.world.__dict__)
        target = settings.database_url or settings.data_dir
        again.store = open_store(target, clock=again.clock, hints=again.hints, threaded=False)
        return again


@pytest.fixture(params=["sqlite", "postgresql"])
def here(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    folder = tmp_path / "data"
    if request.param == "sqlite":
        settings = Settings(data_dir=folder)
        world = BusyField(folder)
        yield Installation(settings, world, lambda: Settings(data_dir=tmp_path / "other"))
    else:
        url = request.getfixturevalue("postgres_url")
        settings = Settings(data_dir=folder, database_url=url)
        world = BusyField(url)
        empty = request.getfixturevalue("empty_postgres_url")
        yield Installation(settings, world, lambda: replace(settings, database_url=empty))
    world.store.close()


def everything(world: World) -> list[FlowRun]:
    return world.read(lambda tx: tx.runs.find(RunFilter(), Page(limit=200)))


def test_a_restored_database_is_what_it_was_but_for_the_active_runs(here: Installation) -> None:
    before = everything(here.world)
    back_up(here.settings, str(here.file))
    target = here.empty()
    done = restore(target, str(here.file), clock=here.world.clock)
    world = here.restored(target)
    after = {run.id: run for run in everything(world)}
    assert done.ended == sum(run.state in ACTIVE for run in before) == 1
    for run in before:
        assert after[run.id].state == ("crashed" if run.state in ACTIVE else run.state)
        if run.state not in ACTIVE:
            assert after[run.id] == run
    assert world.findings() == []
    assert world.read(lambda tx: tx.journal.logs(world.with_tasks.id, 1, None, 10))
    assert world.read(lambda tx: tx.bundles.get(tx.projects.releases(FIELD, Page())[0].bundle or "")) == b"the code"
    world.store.close()


def test_a_restored_database_goes_on(here: Installation) -> None:
    back_up(here.settings, str(here.file))
    target = here.empty()
    restore(target, str(here.file), clock=here.world.clock)
    world = here.restored(target)
    world.clock.advance(hours=1)
    world.register()
    assert world.execute("load").state == "completed"
    world.follow_schedules()
    world.clock.advance(seconds=1)
    assert world.findings() == []
    world.store.close()


def test_occurrences_before_the_backup_never_run_again(here: Installation) -> None:
    back_up(here.settings, str(here.file))
    ran = {run.occurrence for run in here.world.runs_of("load") if run.occurrence}
    target = here.empty()
    restore(target, str(here.file), clock=here.world.clock)
    world = here.restored(target)
    world.clock.advance(hours=2)
    fresh = world.follow_schedules()
    assert len(fresh) == 2
    assert not ran & {run.occurrence for run in fresh}
    world.store.close()


def test_executors_of_the_lost_time_are_refused(here: Installation) -> None:
    """An attempt that was opened after the backup, and one that was under way when it was taken."""
    here.world.apply(project(deployment("again", on_crash="resume")), allow_removals=True)
    run = here.world.trigger("again")
    [old] = [job for job in here.world.claim() if job.run.id == run.id]
    here.world.start(old)
    back_up(here.settings, str(here.file))
    here.world.report(old, "lost")
    [lost] = [job for job in here.world.claim() if job.run.id == run.id]
    here.world.start(lost)
    assert lost.run.attempt == 2
    target = here.empty()
    restore(target, str(here.file), clock=here.world.clock)
    world = here.restored(target)
    with pytest.raises(Fenced):
        world.heartbeat(old)
    with pytest.raises(Fenced):
        world.heartbeat(lost)
    with pytest.raises(Fenced):
        world.ship(lost, [world.header(lost)], by=token_of(lost))
    with pytest.raises(Fenced):
        world.ship(lost, [world.header(lost)], by=POOL)
    world.register()
    [new] = [job for job in world.claim() if job.run.id == run.id]
    assert new.run.attempt == 1001
    world.start(new)
    world.complete(new)
    assert world.findings() == []
    world.store.close()


def test_a_second_restore_begins_another_thousand(tmp_path: Path) -> None:
    settings, file = Settings(data_dir=tmp_path / "data"), str(tmp_path / "b")
    BusyField(settings.data_dir).store.close()
    back_up(settings, file)
    assert [restore(settings, file, clock=Clock(NOON + timedelta(hours=n))).epoch for n in range(3)] == [1, 2, 3]


def test_a_backup_under_load_is_consistent(here: Installation) -> None:
    stop = threading.Event()
    target = here.settings.database_url or here.settings.data_dir
    here.world.store.close()
    with open_store(target) as store:
        made: list[str] = []

        def load() -> None:
            here.world.store = store
            while not stop.is_set():
                made.append(here.world.execute("flaky").id)

        thread = threading.Thread(target=load)
        thread.start()
        try:
            for number in range(3):
                _wait_for(lambda n=number: len(made) > 5 * n)  # type: ignore[misc]
                acknowledged = list(made)
                back_up(here.settings, f"{here.file}-{number}")
        finally:
            stop.set()
            thread.join()
    restored = here.empty()
    restore(restored, f"{here.file}-2", clock=here.world.clock)
    world = here.restored(restored)
    assert world.findings(serving=False) == []
    assert {run.id for run in world.runs_of("flaky")} >= set(acknowledged[-100:])
    world.store.close()


class TestTheFile:
    def test_is_private_and_holds_no_secret(self, here: Installation) -> None:
        here.settings.data_dir.mkdir(exist_ok=True)
        (here.settings.data_dir / "secrets.json").write_text('{"van": {"api_key": "hunter2hunter2"}}')
        old = os.umask(0)
        try:
            back_up(here.settings, str(here.file))
        finally:
            os.umask(old)
        assert here.file.stat().st_mode & 0o777 == 0o600
        with zipfile.ZipFile(here.file) as archive:
            assert not any(b"hunter2" in archive.read(name) for name in archive.namelist())
        assert [path.name for path in here.file.parent.glob("turnout.backup*")] == ["turnout.backup"]

    @pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
    def test_that_is_cut_off_is_refused(self, here: Installation, share: float) -> None:
        back_up(here.settings, str(here.file))
        content = here.file.read_bytes()
        here.file.write_bytes(content[: int(len(content) * share)])
        refuses(here, StoreError)

    def test_that_is_damaged_is_refused(self, here: Installation) -> None:
        back_up(here.settings, str(here.file))
        content = bytearray(here.file.read_bytes())
        with zipfile.ZipFile(here.file) as archive:
            biggest = max(archive.infolist(), key=lambda info: info.compress_size)
        middle = biggest.header_offset + len(biggest.filename) + 60 + biggest.compress_size // 2
        content[middle] ^= 0xFF
        here.file.write_bytes(content)
        refuses(here, StoreError)

    @pytest.mark.parametrize("content", [b"", b"PK", b"SQLite format 3\0" * 1000])
    def test_of_another_program_is_refused(self, here: Installation, content: bytes) -> None:
        here.file.write_bytes(content)
        refuses(here, StoreError)

    def test_that_is_another_zip_is_refused(self, here: Installation) -> None:
        with zipfile.ZipFile(here.file, "w") as archive:
            archive.writestr("turnout.db", b"x")
        refuses(here, StoreError)

    @pytest.mark.parametrize(("key", "value"), [("format", 99), ("schema", 99)])
    def test_of_a_newer_turnout_is_refused(self, here: Installation, key: str, value: int) -> None:
        back_up(here.settings, str(here.file))
        rewrite_manifest(here.file, **{key: value})
        refuses(here, SchemaTooNew)

    def test_that_says_something_else_than_it_holds_is_refused(self, here: Installation) -> None:
        back_up(here.settings, str(here.file))
        parts = {name: {**part, "sha256": "0" * 64} for name, part in read_manifest(here.file).parts.items()}
        rewrite_manifest(here.file, parts=parts)
        refuses(here, StoreError)

    def test_of_the_other_database_is_refused(self, here: Installation) -> None:
        back_up(here.settings, str(here.file))
        other = "sqlite" if here.settings.database_url else "postgresql"
        rewrite_manifest(here.file, database=other)
        refuses(here, StoreError)

    def test_that_is_not_there_is_refused(self, here: Installation) -> None:
        refuses(here, StoreError)


def test_a_folder_that_a_server_has_is_refused_and_untouched(tmp_path: Path) -> None:
    settings, file = Settings(data_dir=tmp_path / "data"), str(tmp_path / "b")
    world = BusyField(settings.data_dir)
    back_up(settings, file)
    with pytest.raises(StoreLocked):
        restore(settings, file)
    assert world.findings() == []
    world.store.close()


def test_the_old_database_is_kept_aside(tmp_path: Path) -> None:
    settings, file = Settings(data_dir=tmp_path / "data"), str(tmp_path / "b")
    world = BusyField(settings.data_dir)
    back_up(settings, file)
    later = world.trigger("load")
    world.store.close()
    done = restore(settings, file, clock=Clock())
    assert done.aside
    with sqlite3.connect(Path(done.aside) / "turnout.db") as old:
        assert old.execute("SELECT count(*) FROM flow_run WHERE id = ?", (later.id,)).fetchone() == (1,)
    old.close()
    with open_store(settings.data_dir, threaded=False) as store:
        assert store.read(lambda tx: tx.runs.get(later.id)) is None
    assert sorted(path.name for path in settings.data_dir.iterdir()) == [
        "before-restore-20261103-120000",
        "turnout.db",
        "turnout.lock",
    ]


def test_a_damaged_database_can_be_replaced(tmp_path: Path) -> None:
    settings, file = Settings(data_dir=tmp_path / "data"), str(tmp_path / "b")
    BusyField(settings.data_dir).store.close()
    back_up(settings, file)
    (settings.data_dir / "turnout.db").write_bytes(b"nonsense" * 1000)
    restore(settings, file)
    with open_store(settings.data_dir, threaded=False) as store:
        assert store.read(lambda tx: tx.runs.find(RunFilter(), Page()))


def test_a_database_that_holds_something_is_never_overwritten(tmp_path: Path, postgres_url: str) -> None:
    settings = Settings(data_dir=tmp_path / "data", database_url=postgres_url)
    world = BusyField(postgres_url)  # type: ignore[arg-type]
    back_up(settings, str(tmp_path / "b"))
    with pytest.raises(StoreError, match="not empty"):
        restore(settings, str(tmp_path / "b"))
    assert world.findings() == []
    world.store.close()


def test_without_a_database_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        back_up(Settings(data_dir=tmp_path / "none"), str(tmp_path / "b"))
    assert list(tmp_path.iterdir()) == []


def test_a_target_that_cannot_be_written_is_told(here: Installation) -> None:
    with pytest.raises(StoreError, match="cannot be written"):
        back_up(here.settings, str(here.file.parent / "none" / "b"))


def test_a_restore_that_fails_half_way_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, file = Settings(data_dir=tmp_path / "data"), str(tmp_path / "b")
    world = BusyField(settings.data_dir)
    back_up(settings, file)
    later = world.trigger("load")
    world.store.close()
    with monkeypatch.context() as broken:
        broken.setattr(module, "apply", _fail)
        with pytest.raises(ZeroDivisionError):
            restore(settings, file)
    with open_store(settings.data_dir, threaded=False) as store:
        assert store.read(lambda tx: tx.runs.get(later.id)) is not None
    restore(settings, file)


class TestObjects:
    def test_go_to_a_bucket_and_come_back(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        boto3 = pytest.importorskip("boto3")
        moto = pytest.importorskip("moto")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "testing")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        settings = Settings(data_dir=tmp_path / "data")
        BusyField(settings.data_dir).store.close()
        with moto.mock_aws():
            boto3.client("s3").create_bucket(Bucket="night")
            assert back_up(settings, "s3://night/turnout/one").where == "s3://night/turnout/one"
            assert restore(settings, "s3://night/turnout/one").ended == 1
            with pytest.raises(StoreError, match="could not be fetched"):
                restore(settings, "s3://night/turnout/none")
            with pytest.raises(StoreError, match="could not be sent"):
                back_up(settings, "s3://day/one")

    @pytest.mark.parametrize("place", ["s3://", "s3://bucket", "s3://bucket/", "s3:///key"])
    def test_need_a_name(self, tmp_path: Path, place: str) -> None:
        with pytest.raises(ConfigurationError):
            back_up(Settings(data_dir=tmp_path), place)


def refuses(here: Installation, error: type[Exception]) -> None:
    """The restore is refused with a place and a remedy, and nothing is there afterwards."""
    target = here.empty()
    with pytest.raises(error) as raised:
        restore(target, str(here.file), clock=here.world.clock)
    assert raised.value.where  # type: ignore[attr-defined]
    assert raised.value.fix  # type: ignore[attr-defined]
    if target.database_url is None:
        assert not (target.data_dir / "turnout.db").exists()


def rewrite_manifest(file: Path, **changes: object) -> None:
    with zipfile.ZipFile(file) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(content[MANIFEST]) | changes
    content[MANIFEST] = json.dumps(manifest).encode()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)


def _fail(*_: object) -> None:
    raise ZeroDivisionError


def _wait_for(condition: Callable[[], bool]) -> None:
    tick = threading.Event()
    for _ in range(6000):
        if condition():
            return
        tick.wait(0.01)
    raise AssertionError("it never came")
