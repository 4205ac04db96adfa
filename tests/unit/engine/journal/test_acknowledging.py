"""Steps that are acknowledged before the next one begins: on disk, or committed."""

import errno
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from turnout import flow, task
from turnout.core.errors import ConfigurationError, StoreLocked
from turnout.core.records import Page, RunFilter
from turnout.engine.journal.acknowledging import Acknowledger
from turnout.store import Store, open_reader, open_store


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TURNOUT_DATA", str(tmp_path))
    monkeypatch.delenv("TURNOUT_DATABASE", raising=False)
    return tmp_path


@pytest.fixture
def on_disk(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What of the spool had reached the disk at each flush."""
    seen: list[bytes] = []
    real = os.fdatasync

    def spy(descriptor: int) -> None:
        real(descriptor)
        seen.append(Path(f"/proc/self/fd/{descriptor}").read_bytes())

    monkeypatch.setattr(os, "fdatasync", spy)
    return seen


def completed(spool: bytes) -> int:
    return spool.count(b',"completed",')


def test_a_step_is_on_disk_before_the_next_begins(folder: Path, on_disk: list[bytes]) -> None:
    before: list[int] = []

    @task
    def step(number: int) -> int:
        before.append(completed(on_disk[-1]))
        return number

    @flow(acknowledge="local")
    def steps() -> None:
        for number in range(4):
            step(number)

    steps()
    assert before == [0, 1, 2, 3]
    assert b'["e",' in on_disk[-1], "the end, too"


def test_failures_and_submitted_steps_too(folder: Path, on_disk: list[bytes]) -> None:
    after: list[int] = []

    @task
    def broken() -> None:
        raise ValueError("no")

    @task
    async def later() -> int:
        return 1

    @flow(acknowledge="local")
    def steps() -> None:
        with pytest.raises(ValueError, match="no"):
            broken()
        after.append(on_disk[-1].count(b',"failed",'))
        later.submit().result()
        after.append(completed(on_disk[-1]))

    steps()
    assert after == [1, 1]


def test_without_it_nothing_is_flushed(folder: Path, on_disk: list[bytes]) -> None:
    @task
    def step() -> None: ...

    flow(lambda: step(), name="plain")()
    assert not on_disk


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_step_is_committed_before_the_next_begins(
    folder: Path, database: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    target: Any = folder
    if database == "postgresql":
        target = request.getfixturevalue("postgres_url")
        monkeypatch.setenv("TURNOUT_DATABASE", target)
    before: list[int] = []

    def stored(store: Store) -> int:
        runs = store.read(lambda tx: tx.runs.find(RunFilter(), Page(limit=5)))
        found = store.read(lambda tx: tx.journal.tasks(runs[0].id, 1, Page(limit=50))) if runs else []
        return sum(each.state == "completed" for each in found)

    @task
    def step(number: int) -> int:
        reader = open_reader(target)
        try:
            before.append(stored(reader))
        finally:
            reader.close()
        return number

    @flow(acknowledge="server")
    def steps() -> None:
        for number in range(3):
            step(number)
        step.map([3, 4]).result()

    steps()
    assert before[:3] == [0, 1, 2]
    assert set(before[3:]) <= {3, 4}
    assert not list((folder / "spool").iterdir())


def test_a_store_that_somebody_holds_is_said_before_anything_runs(folder: Path) -> None:
    ran = []

    @flow(acknowledge="server")
    def steps() -> None:
        ran.append(1)

    held = open_store(folder)
    try:
        with pytest.raises(StoreLocked) as refused:
            steps()
    finally:
        held.close()
    assert not ran
    assert 'acknowledge="local"' in (refused.value.fix or "")


def test_a_level_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="acknowledge is 'disk'"):
        flow(acknowledge="disk")(lambda: None)


def test_threads_share_flushes() -> None:
    """Ten callers that come while a flush is under way need one more, not ten."""
    began, go = threading.Semaphore(0), threading.Event()
    flushes = []

    def flush() -> None:
        flushes.append(1)
        began.release()
        go.wait(30)

    acknowledge = Acknowledger(flush)
    came = threading.Semaphore(0)

    class Door:
        """The acknowledger's lock, which tells who stands before it."""

        lock = threading.Lock()

        def __enter__(self) -> None:
            came.release()
            self.lock.acquire()

        def __exit__(self, *_: object) -> None:
            self.lock.release()

    acknowledge._one = Door()  # type: ignore[assignment]
    threads = [threading.Thread(target=acknowledge) for _ in range(11)]
    threads[0].start()
    assert began.acquire(timeout=30)
    for thread in threads[1:]:
        thread.start()
    for _ in threads:
        assert came.acquire(timeout=30)
    go.set()
    for thread in threads:
        thread.join(30)
    assert len(flushes) == 2
    acknowledge()
    assert len(flushes) == 3, "who comes later is not served by an earlier flush"


def test_a_record_that_was_given_up_is_no_acknowledgement(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[int] = []

    @task
    def step(number: int) -> int:
        ran.append(number)
        if number == 1:
            monkeypatch.setattr(os, "write", full)
        return number

    real = os.write

    def full(descriptor: int, data: bytes) -> int:
        if descriptor <= 2:
            return real(descriptor, data)
        raise OSError(errno.EIO, "Input/output error")

    @flow(acknowledge="local")
    def steps() -> None:
        for number in range(4):
            step(number)

    with pytest.raises(OSError, match="Input/output error"):
        steps()
    assert ran == [0, 1]
