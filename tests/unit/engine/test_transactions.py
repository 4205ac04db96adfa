import asyncio
from threading import Thread
from typing import Any

import pytest

from turnout import flow, task
from turnout.core.errors import ConfigurationError
from turnout.engine.results.storage import MemoryStorage
from turnout.locking.memory import MemoryLockManager
from turnout.results import ResultStore
from turnout.testing import Harness
from turnout.transactions import (
    CommitMode,
    IsolationLevel,
    TransactionState,
    atransaction,
    get_transaction,
    transaction,
)


def undoable(said: list[str]) -> Any:
    """A task with both hooks, which tell `said`."""

    @task
    def write(name: str) -> str:
        found = get_transaction()
        assert found is not None
        found.set("name", name)
        return name

    @write.on_rollback
    def undo(txn: Any) -> None:
        said.append(f"undo {txn.get('name')}")

    @write.on_commit
    def done(txn: Any) -> None:
        said.append(f"done {txn.get('name')}")

    return write


def test_an_exception_undoes_in_reverse_order(records: Harness) -> None:
    said: list[str] = []
    write = undoable(said)

    @flow
    def main() -> None:
        with transaction():
            write("a")
            write("b")
            raise ValueError("after")

    with pytest.raises(ValueError, match="after"):
        main()
    assert said == ["undo b", "undo a"]
    assert [run.states[-1] for run in records.run.tasks] == [("completed", "RolledBack")] * 2
    assert records.run.tasks[0].facts["result"] == {"unstored": "it was rolled back"}


def test_the_end_of_the_outermost_block_commits(records: Harness) -> None:
    said: list[str] = []
    write = undoable(said)

    @flow
    def main() -> None:
        with transaction() as outer:
            with transaction():
                write("a")
            assert said == []
            write("b")
        assert outer.is_committed()

    main()
    assert said == ["done a", "done b"]
    assert [run.state_name for run in records.run.tasks] == ["Completed"] * 2


def test_alone_a_task_commits_when_it_completes(records: Harness) -> None:
    said: list[str] = []
    write = undoable(said)
    flow(lambda: write("a"), name="alone")()
    assert said == ["done a"]


def test_a_task_that_fails_rolls_the_transaction_back_though_it_is_caught(records: Harness) -> None:
    said: list[str] = []
    write = undoable(said)

    @task
    def fail() -> None:
        raise OSError("no")

    @flow
    def main() -> bool:
        with transaction() as txn:
            write("a")
            fail(return_state=True)
            write("late")
        return txn.is_rolled_back()

    assert main()
    assert said == ["undo a", "undo late"]


def test_a_failed_try_is_no_failure(records: Harness) -> None:
    said: list[str] = []
    write, tries = undoable(said), []

    @task(retries=1)
    def flaky() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise OSError("not yet")

    @flow
    def main() -> None:
        with transaction():
            write("a")
            flaky()

    main()
    assert said == ["done a"]


def test_submitted_tasks_belong_to_it(records: Harness) -> None:
    said: list[str] = []
    write = undoable(said)

    @flow
    def main() -> None:
        with transaction():
            write.map(["a", "b"]).result()
            raise ValueError("after")

    with pytest.raises(ValueError, match="after"):
        main()
    assert sorted(said) == ["undo a", "undo b"]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [(CommitMode.EAGER, ["done a"]), (CommitMode.LAZY, ["undo a"]), (CommitMode.OFF, ["undo a"])],
)
def test_commit_modes(records: Harness, mode: CommitMode, expected: list[str]) -> None:
    said: list[str] = []
    write = undoable(said)

    @flow
    def main() -> None:
        with transaction(), transaction(commit_mode=mode):
            write("a")
        raise ValueError("outside")

    @flow
    def inside() -> None:
        with transaction():
            with transaction(commit_mode=mode):
                write("a")
            raise ValueError("inside")

    with pytest.raises(ValueError, match="inside"):
        inside()
    assert said == expected


def test_off_commits_when_told(records: Harness) -> None:
    said: list[str] = []
    write = undoable(said)

    @flow
    def main(commits: bool) -> None:
        with transaction(commit_mode=CommitMode.OFF) as txn:
            write("a")
            if commits:
                txn.commit()

    main(True)
    assert said == ["done a"]
    main(False)
    assert said == ["done a", "undo a"]


def test_a_commit_hook_that_fails_rolls_its_own_task_back(records: Harness) -> None:
    said: list[str] = []
    write = undoable(said)

    @write.on_commit
    def fail(_txn: Any) -> None:
        raise OSError("no")

    @flow
    def main() -> str:
        with transaction() as txn:
            write("a")
        return txn.state.value

    assert main() == "COMMITTED"
    assert said == ["done a", "undo a"]
    assert records.run.task("write").state_name == "RolledBack"
    assert any("could not be committed" in message for message in records.run.messages)


def test_a_rollback_hook_that_fails_is_logged_and_the_others_run(records: Harness) -> None:
    said: list[str] = []
    first, second = undoable(said), undoable(said)

    @second.on_rollback
    def fail(_txn: Any) -> None:
        raise OSError("no")

    @flow
    def main() -> None:
        with transaction():
            first("a"), second("b")
            raise ValueError("after")

    with pytest.raises(ValueError, match="after"):
        main()
    assert said == ["undo a"]
    assert any("a rollback hook failed" in message for message in records.run.messages)


def test_values_are_copied_and_found_further_out() -> None:
    with transaction() as outer:
        outer.set("list", [1])
        with transaction() as inner:
            inner.get("list").append(2)
            assert inner.get("list") == [1]
            assert inner.get("none", 3) == 3
            with pytest.raises(ValueError, match="no value for 'none'"):
                inner.get("none")
    assert get_transaction() is None


def test_a_key_is_written_once() -> None:
    store = ResultStore(result_storage=MemoryStorage())
    with transaction(key="day/1", store=store) as txn:
        assert not txn.is_committed()
        txn.stage({"rows": 3})
    with transaction(key="day/1", store=store) as again:
        assert again.is_committed()
        assert again.read().result == {"rows": 3}
        again.stage({"rows": 4})
    with transaction(key="day/1", store=store, overwrite=True) as anew:
        anew.stage({"rows": 5})
    with transaction(key="day/2", store=store, write_on_commit=False) as unwritten:
        unwritten.stage(1)
    assert store.read("day/1").result == {"rows": 5}
    assert not store.exists("day/2")


def test_what_cannot_be_stored_rolls_back() -> None:
    store, said = ResultStore(result_storage=MemoryStorage()), []
    with transaction(key="k", store=store) as txn:
        txn.stage(object(), on_rollback_hooks=[lambda _txn: said.append("undone")])
    assert (txn.state, said) == (TransactionState.ROLLED_BACK, ["undone"])


def test_serializable_needs_locks() -> None:
    with (
        pytest.raises(ConfigurationError, match="needs a lock manager"),
        transaction(
            key="k",
            store=ResultStore(result_storage=MemoryStorage()),
            isolation_level=IsolationLevel.SERIALIZABLE,
        ),
    ):
        pass
    assert get_transaction() is None


@pytest.mark.parametrize("is_async", [False, True])
def test_a_serializable_key_is_computed_once(is_async: bool) -> None:
    store = ResultStore(result_storage=MemoryStorage(), lock_manager=MemoryLockManager())
    level, computed = IsolationLevel.SERIALIZABLE, []

    def work() -> None:
        with transaction(key="k", store=store, isolation_level=level) as txn:
            if not txn.is_committed():
                computed.append(1)
                txn.stage(1)

    async def awork() -> None:
        async with atransaction(key="k", store=store, isolation_level=level) as txn:
            if not txn.is_committed():
                computed.append(1)
                await asyncio.sleep(0)
                txn.stage(1)

    async def main() -> None:
        await asyncio.gather(*(awork() for _ in range(4)))

    if is_async:
        asyncio.run(main())
    else:
        threads = [Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert computed == [1]
    assert not store.is_locked("k")


def test_cached_results_wait_for_the_commit(records: Harness) -> None:
    from turnout.cache_policies import INPUTS

    calls: list[int] = []

    @task(cache_policy=INPUTS)
    def load(x: int) -> int:
        calls.append(x)
        return x

    @flow
    def main(fails: bool) -> None:
        with transaction():
            load(1)
            if fails:
                raise ValueError("after")

    with pytest.raises(ValueError, match="after"):
        main(True)
    main(False), main(False)
    assert calls == [1, 1]


def test_in_async_code(records: Harness) -> None:
    said: list[str] = []

    @task
    async def write(name: str) -> None: ...

    @write.on_rollback
    async def undo(_txn: Any) -> None:
        await asyncio.sleep(0)
        said.append("undone")

    @write.on_commit
    async def done(_txn: Any) -> None:
        await asyncio.sleep(0)
        said.append("done")

    @flow
    async def main(fails: bool) -> None:
        async with atransaction() as txn:
            await write("a")
            if fails:
                raise ValueError("after")
        assert txn.is_committed()

    asyncio.run(main(False))
    with pytest.raises(ValueError, match="after"):
        asyncio.run(main(True))
    assert said == ["done", "undone"]


def test_an_async_key_is_written_once() -> None:
    store = ResultStore(result_storage=MemoryStorage())

    async def main() -> Any:
        async with atransaction(key="k", store=store) as txn:
            txn.stage(1)
        async with atransaction(key="k", store=store) as again:
            return again.is_committed(), (await again.read()).result

    assert asyncio.run(main()) == (True, 1)
