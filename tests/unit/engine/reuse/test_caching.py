from datetime import timedelta
from pathlib import Path
from threading import Lock, Thread
from typing import Any

import pytest

from turnout import flow, task
from turnout.cache_policies import (
    DEFAULT,
    FLOW_PARAMETERS,
    INPUTS,
    NO_CACHE,
    RUN_ID,
    TASK_SOURCE,
    CachePolicy,
    CompoundCachePolicy,
)
from turnout.core.errors import ConfigurationError, ParameterError
from turnout.engine.results.storage import MemoryStorage
from turnout.locking.filesystem import FileSystemLockManager
from turnout.locking.memory import MemoryLockManager
from turnout.tasks import task_input_hash
from turnout.testing import FakeClock, Harness, harness


def counting(**options: Any) -> tuple[Any, list[Any]]:
    """A cached task and the arguments that it was really called with."""
    calls: list[Any] = []

    @task(**options)
    def load(x: Any, conn: Any = None) -> Any:
        calls.append(x)
        return {"x": x}

    return load, calls


def run_in_flow(*calls: Any) -> list[Any]:
    @flow
    def main(day: int = 1) -> list[Any]:
        return [call() for call in calls]

    made: list[Any] = main()
    return made


def test_a_hit_and_a_miss_say_why(records: Harness) -> None:
    load, calls = counting(cache_policy=INPUTS)
    assert run_in_flow(lambda: load(1), lambda: load(1), lambda: load(2)) == [{"x": 1}, {"x": 1}, {"x": 2}]
    assert calls == [1, 2]
    first, second, third = records.run.tasks
    assert (first.state_name, second.state_name, third.state_name) == ("Completed", "Cached", "Completed")
    assert second.state == "completed"
    assert str(first.reason).startswith("cache miss: nothing is stored under ")
    assert str(second.reason).startswith("cache hit: ")
    assert "(INPUTS)" in str(second.reason)
    assert records.runs[0].header["run"] in str(second.reason)


def test_another_run_hits_what_a_policy_without_the_run_stored(records: Harness) -> None:
    load, calls = counting(cache_policy=INPUTS + TASK_SOURCE)
    per_run, own_calls = counting(cache_policy=DEFAULT)
    for _ in range(2):
        run_in_flow(lambda: load(1), lambda: per_run(1))
    assert (calls, own_calls) == ([1], [1, 1])


def test_the_code_is_part_of_a_key(records: Harness) -> None:
    one, other = task(lambda x: x + 1, cache_policy=TASK_SOURCE), task(lambda x: x + 2, cache_policy=TASK_SOURCE)
    assert run_in_flow(lambda: one(1), lambda: other(1), lambda: one(5)) == [2, 3, 2]


def test_flow_parameters_are_the_key(records: Harness) -> None:
    load, calls = counting(cache_policy=FLOW_PARAMETERS)

    @flow
    def main(day: int) -> None:
        load(1), load(2)

    main(1), main(2), main(1)
    assert calls == [1, 1]


def test_an_argument_left_out_does_not_count(records: Harness) -> None:
    load, calls = counting(cache_policy=DEFAULT - "conn")
    run_in_flow(lambda: load(1, Lock()), lambda: load(1, Lock()))
    assert calls == [1]


def test_an_argument_without_a_hash_is_an_error_that_names_it(records: Harness) -> None:
    load, calls = counting(cache_policy=INPUTS)
    with pytest.raises(ParameterError, match=r"task 'load': argument 'conn', a lock, .*cannot be part of a cache key"):
        run_in_flow(lambda: load(1, Lock()))
    assert (calls, records.run.task("load").state) == ([], "failed")


def test_strictly_it_is_told_and_not_cached(records: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TURNOUT_STRICT", "1")
    load, calls = counting(cache_policy=INPUTS)
    run_in_flow(lambda: load(1, Lock()), lambda: load(1, Lock()))
    assert calls == [1, 1]
    assert any("is not cached: argument 'conn'" in message for message in records.run.messages)


def test_strictly_persisted_results_are_cached_by_default(records: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    load, calls = counting(persist_result=True)
    run_in_flow(lambda: load(1), lambda: load(1))
    assert calls == [1, 1]
    monkeypatch.setenv("TURNOUT_STRICT", "1")
    run_in_flow(lambda: load(1), lambda: load(1))
    assert calls == [1, 1, 1]


def test_a_key_function_is_asked(records: Harness) -> None:
    load, calls = counting(cache_key_fn=lambda context, parameters: f"{context.task.name}/{parameters['x'] % 2}")
    run_in_flow(lambda: load(1), lambda: load(3), lambda: load(2))
    hashed, hashed_calls = counting(cache_key_fn=task_input_hash)
    run_in_flow(lambda: hashed(1), lambda: hashed(1), lambda: hashed(2))
    assert (calls, hashed_calls) == ([1, 2], [1, 2])


def test_a_key_that_leads_out_of_the_store_is_hashed(records: Harness, tmp_path: Path) -> None:
    load, calls = counting(cache_key_fn=lambda *_: "../../etc/passwd", result_storage=tmp_path / "store")
    run_in_flow(lambda: load(1), lambda: load(1))
    assert calls == [1]
    assert [path.name for path in tmp_path.iterdir()] == ["store"]


def test_results_expire() -> None:
    clock = FakeClock()
    with harness(clock=clock) as records:
        load, calls = counting(cache_policy=INPUTS, cache_expiration=timedelta(hours=1))
        run_in_flow(lambda: load(1))
        clock.advance(3599)
        run_in_flow(lambda: load(1))
        assert calls == [1]
        clock.advance(2)
        run_in_flow(lambda: load(1))
        assert calls == [1, 1]
        assert "expired at" in str(records.run.task("load").reason)


def test_refresh_cache_stores_anew(records: Harness) -> None:
    load, calls = counting(cache_policy=INPUTS)
    run_in_flow(lambda: load(1), lambda: load.with_options(refresh_cache=True)(1), lambda: load(1))
    assert calls == [1, 1]
    assert "refresh_cache" in str(records.run.tasks[1].reason)


def test_a_damaged_file_is_a_miss_that_says_so(records: Harness, tmp_path: Path) -> None:
    load, calls = counting(cache_policy=INPUTS, result_storage=tmp_path)
    run_in_flow(lambda: load(1))
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-1] + b"!")
    assert run_in_flow(lambda: load(1)) == [{"x": 1}]
    assert calls == [1, 1]
    assert "its digest is another" in str(records.run.task("load").reason)


def test_a_stored_pickle_is_not_read_unasked(records: Harness, tmp_path: Path) -> None:
    trusting, calls = counting(cache_policy=INPUTS, result_storage=tmp_path, result_serializer="pickle")
    run_in_flow(lambda: trusting(1), lambda: trusting(1))
    assert calls == [1]
    wary, other_calls = counting(cache_policy=INPUTS, result_storage=tmp_path)
    run_in_flow(lambda: wary(1))
    assert other_calls == [1]
    assert "does not ask for pickles" in str(records.run.task("load").reason)


@pytest.mark.parametrize("options", [{"persist_result": False, "cache_policy": INPUTS}, {"cache_policy": NO_CACHE}, {}])
def test_nothing_is_cached_against_ones_will(records: Harness, options: dict[str, Any]) -> None:
    load, calls = counting(**options)
    run_in_flow(lambda: load(1), lambda: load(1))
    assert calls == [1, 1]


def test_failures_are_not_cached(records: Harness) -> None:
    calls: list[int] = []

    @task(cache_policy=INPUTS)
    def flaky(x: int) -> int:
        calls.append(x)
        if len(calls) == 1:
            raise OSError("not yet")
        return x

    @flow
    def main() -> int:
        assert flaky(1, return_state=True).is_failed()
        return int(flaky(1))

    assert main() == 1
    assert calls == [1, 1]


def test_submitted_and_async_tasks_are_cached(records: Harness) -> None:
    calls: list[int] = []

    @task(cache_policy=INPUTS)
    async def load(x: int) -> int:
        calls.append(x)
        return x

    @flow
    async def main() -> list[int]:
        return [await load(1), await load(1), load.submit(1).result()]

    import asyncio

    assert asyncio.run(main()) == [1, 1, 1]
    assert calls == [1]


def test_a_serializable_policy_computes_once_in_threads(records: Harness) -> None:
    store, calls = MemoryStorage(), []
    policy = INPUTS.configure(isolation_level="SERIALIZABLE", lock_manager=MemoryLockManager())

    @task(cache_policy=policy, result_storage=store)
    def slow(x: int) -> int:
        calls.append(x)
        for _ in range(20_000):
            pass
        return x

    @flow
    def main() -> list[int]:
        return [future.result() for future in slow.map([7] * 8)]

    assert main() == [7] * 8
    assert calls == [7]
    assert not MemoryLockManager()._held


def test_serializable_needs_a_lock_manager(records: Harness) -> None:
    load, _ = counting(cache_policy=INPUTS.configure(isolation_level="SERIALIZABLE"))
    with pytest.raises(ConfigurationError, match="'load' is SERIALIZABLE and has no lock manager"):
        run_in_flow(lambda: load(1))


def test_key_storage_is_another_place(records: Harness, tmp_path: Path) -> None:
    load, calls = counting(cache_policy=INPUTS.configure(key_storage=tmp_path))
    run_in_flow(lambda: load(1), lambda: load(1))
    assert calls == [1]
    assert len(list(tmp_path.iterdir())) == 1


def test_the_algebra() -> None:
    assert str(DEFAULT) == "INPUTS + TASK_SOURCE + RUN_ID"
    assert str(DEFAULT - "a") == "INPUTS - 'a' + TASK_SOURCE + RUN_ID"
    assert NO_CACHE + INPUTS == INPUTS == INPUTS + NO_CACHE
    assert RUN_ID - "a" == RUN_ID
    assert isinstance(INPUTS + RUN_ID, CompoundCachePolicy)
    assert isinstance(CachePolicy.from_cache_key_fn(lambda *_: "k") + INPUTS, CompoundCachePolicy)
    with pytest.raises(TypeError):
        INPUTS - 1  # type: ignore[operator]
    with pytest.raises(ConfigurationError, match="key_storage"):
        INPUTS.configure(key_storage="a") + RUN_ID.configure(key_storage="b")
    assert (INPUTS.configure(key_storage="a") + RUN_ID).key_storage == "a"
    assert INPUTS.key_storage is None
    with pytest.raises(ConfigurationError, match="isolation_level"):
        INPUTS.configure(isolation_level="LOOSE")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "options",
    [{"cache_policy": "INPUTS"}, {"cache_policy": INPUTS, "cache_key_fn": task_input_hash}, {"cache_expiration": 5}],
)
def test_options_that_cannot_be_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        counting(**options)


@pytest.mark.parametrize("kind", ["memory", "folder"])
def test_lock_managers(kind: str, tmp_path: Path) -> None:
    locks: Any = MemoryLockManager() if kind == "memory" else FileSystemLockManager(tmp_path / "locks")
    key = f"k-{kind}"
    assert locks.acquire_lock(key, "a")
    assert locks.acquire_lock(key, "a")
    assert not locks.acquire_lock(key, "b", acquire_timeout=0)
    assert (locks.is_locked(key), locks.is_lock_holder(key, "a"), locks.is_lock_holder(key, "b")) == (True, True, False)
    assert not locks.wait_for_lock(key, timeout=0)
    with pytest.raises(ValueError, match="held by b"):
        locks.release_lock(key, "b")
    waiter = Thread(target=lambda: locks.acquire_lock(key, "b"))
    waiter.start()
    locks.release_lock(key, "a")
    waiter.join()
    assert locks.is_lock_holder(key, "b")
    locks.release_lock(key, "b")
    assert locks.acquire_lock(key, "c", hold_timeout=0)
    assert locks.acquire_lock(key, "d", acquire_timeout=0)
    locks.release_lock(key, "d")
    assert locks.wait_for_lock(key)


def test_the_lock_of_a_dead_process_is_free(tmp_path: Path) -> None:
    import json
    import os
    import subprocess

    locks = FileSystemLockManager(tmp_path)
    gone = subprocess.Popen(["true"])
    gone.wait()
    said = {"key": "k", "holder": "x", "expires": None, "host": os.uname().nodename, "pid": gone.pid}
    locks._path("k").write_text(json.dumps(said))
    assert not locks.is_locked("k")
    assert locks.acquire_lock("k", "me", acquire_timeout=0)
