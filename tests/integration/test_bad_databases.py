"""Databases that are full, read-only, deleted, cut, of a newer schema, or taken: clear words, nothing lost."""

import argparse
import random
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.contract.factories import insert, new_run
from tests.faults import disk
from tests.faults.disk_full.room import Room, small_disk, why_not
from tests.serving import PROJECT, Served, apply, deployment, served, snapshot
from turnout.core.errors import SchemaTooNew, StoreLocked, StoreUnavailable
from turnout.core.records import Page, RunFilter
from turnout.store import open_store
from turnout.store.migrate import LATEST

can_mount = pytest.mark.skipif(why_not() is not None, reason="no file system can be mounted here")


@pytest.fixture
def room() -> Iterator[Room]:
    with small_disk(16) as made:
        yield made


def ask(server: Served) -> httpx.Response:
    """Ask for a run."""
    with server.http(server.token()) as client:
        return client.post("/api/v1/deployments/load/runs", json={}, params={"project": PROJECT.project})


def runs(server: Served) -> list[str]:
    with server.admin() as api:
        return [run.id for run in api.runs(RunFilter(), Page(limit=200))]


def prepare(server: Served) -> None:
    with server.admin() as api:
        apply(api, snapshot(deployment("load")))


@pytest.mark.slow
@can_mount
def test_a_full_disk_is_survived() -> None:
    parser = argparse.ArgumentParser()
    disk.add_arguments(parser)
    [outcome] = disk.run(parser.parse_args(["--cycles", "2", "--megabytes", "6"]))
    assert outcome.faults == ()
    assert outcome.details["refused"] >= 2
    assert outcome.details["acknowledged"] >= 2


@can_mount
def test_a_read_only_database_is_refused_and_opens_once_it_can_be_written(room: Room) -> None:
    data = room.folder / "data"
    with served(data) as server:
        prepare(server)
        first = ask(server).json()["id"]
    subprocess.run(["mount", "-o", "remount,ro", room.folder], check=True)
    with pytest.raises(StoreUnavailable, match="read-only") as refused, served(data):
        pass
    assert refused.value.fix
    subprocess.run(["mount", "-o", "remount,rw", room.folder], check=True)
    with served(data) as server:
        second = ask(server).json()["id"]
        assert runs(server) == [second, first]


def test_a_deleted_database_acknowledges_nothing_and_comes_back_with_its_file(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with served(data) as server:
        prepare(server)
        first = ask(server).json()["id"]
        (data / "turnout.db").rename(tmp_path / "kept.db")
        refused = ask(server)
        assert refused.status_code == 503
        assert "deleted or replaced" in refused.json()["detail"]
        (tmp_path / "kept.db").rename(data / "turnout.db")
        second = ask(server).json()["id"]
        assert runs(server) == [second, first]


def test_a_second_server_on_one_database_is_told_who_has_it(tmp_path: Path) -> None:
    with served(tmp_path / "data") as server:
        prepare(server)
        with pytest.raises(StoreLocked, match="holds the store") as refused, served(tmp_path / "data"):
            pass
        assert refused.value.fix
        assert ask(server).status_code == 201


def test_a_database_of_a_newer_schema_is_left_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    open_store(data, threaded=False).close()
    database = sqlite3.connect(data / "turnout.db")
    database.execute(f"PRAGMA user_version = {LATEST + 7}")
    database.close()
    content = (data / "turnout.db").read_bytes()
    with pytest.raises(SchemaTooNew, match=f"schema {LATEST + 7}") as refused, served(data):
        pass
    assert "newer" in (refused.value.fix or "")
    assert (data / "turnout.db").read_bytes() == content


def test_a_log_cut_anywhere_leaves_the_commits_before_the_cut(tmp_path: Path) -> None:
    with open_store(tmp_path / "data", threaded=False) as store:
        made = [store.write(lambda tx: insert(tx, tags=("t",))).id for _ in range(20)]
        copied = tmp_path / "copied"
        shutil.copytree(tmp_path / "data", copied)
    size = (copied / "turnout.db-wal").stat().st_size
    chance = random.Random(3)
    seen = set()
    for number in range(25):
        cut = tmp_path / f"cut-{number}"
        shutil.copytree(copied, cut)
        with (cut / "turnout.db-wal").open("r+b") as log:
            log.truncate(chance.randrange(size))
        with open_store(cut, threaded=False) as store:
            there = [run.id for run in store.read(lambda tx: tx.runs.find(RunFilter(), Page(limit=200)))][::-1]
            assert there == made[: len(there)]
            store.write(lambda tx: tx.runs.insert(new_run(), "x"))
        database = sqlite3.connect(cut / "turnout.db")
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        database.close()
        seen.add(len(there))
    assert len(seen) > 5


@can_mount
def test_a_full_disk_is_told_at_the_start(room: Room) -> None:
    open_store(room.folder / "data", threaded=False).close()
    room.fill()
    with pytest.raises(StoreUnavailable, match=r"disk is full|no room") as refused, served(room.folder / "data"):
        pass
    assert refused.value.fix
    room.clear()
    with served(room.folder / "data") as server:
        prepare(server)
        assert ask(server).status_code == 201


def test_a_data_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("mine")
    with pytest.raises(StoreUnavailable, match="is no folder"), served(tmp_path / "data"):
        pass
