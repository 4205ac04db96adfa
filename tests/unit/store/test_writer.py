"""The writer thread: groups what waits, in order, and outlives what it runs."""

import threading
from pathlib import Path
from typing import Any

import pytest

from tests.contract.factories import insert
from turnout.store import Store, open_store


class Commits:
    """Counts a store's commits."""

    def __init__(self, store: Store) -> None:
        self.count = 0
        store.write(lambda tx: tx._session._connection.set_trace_callback(self._see))

    def _see(self, statement: str) -> None:
        self.count += statement == "COMMIT"


def test_what_waits_together_is_committed_together_in_order(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        commits = Commits(store)
        started, gate = threading.Event(), threading.Event()

        def hold(tx: Any) -> None:
            started.set()
            assert gate.wait(30)

        first = store.submit(hold)
        assert started.wait(30)
        before = commits.count
        futures = [store.submit(insert) for _ in range(50)]
        gate.set()
        runs = [future.result(timeout=30) for future in futures]
        first.result(timeout=30)
        # The holder's commit, and one for all that waited meanwhile.
        assert commits.count - before == 2
        events = store.read(lambda tx: tx.outbox.after(0, 100))
        assert [event["run_id"] for event in events] == [run.id for run in runs]


@pytest.mark.parametrize("error", [LookupError, SystemExit, KeyboardInterrupt])
def test_whatever_a_function_raises_goes_to_its_caller_alone(tmp_path: Path, error: type[BaseException]) -> None:
    def fail(tx: Any) -> None:
        raise error

    with open_store(tmp_path) as store:
        future = store.submit(fail)
        assert isinstance(future.exception(timeout=30), error)
        store.write(insert)


def test_a_future_resolves_after_its_commit(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        seen: list[bool] = []
        future = store.submit(insert)
        future.add_done_callback(
            lambda done: seen.append(store.read(lambda tx: tx.runs.get(done.result().id)) is not None)
        )
        future.result(timeout=30)
        store.write(lambda tx: None)
        assert seen == [True]
